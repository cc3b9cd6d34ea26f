"""``kg duplicates``, ``kg trend`` and ``kg review``: thin doors on kg.repeats and kg.graph.review."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import kg
from kg.errors import KgError
from kg.help import ChineseCommand, ChineseGroup
from kg.options import DATA, Data, Json, Output, note, read, write

if TYPE_CHECKING:
    from kg.graph.review import Review

Threshold = Annotated[
    float | None,
    typer.Option("--threshold", min=0, max=1, metavar="0…1", help="得分门槛；不给则用拟合的门槛，改它不必重建"),
]
Pair = Annotated[list[str], typer.Argument(metavar="编号 | IRI IRI", help="kg review queue 给的编号，或两个指标的 IRI")]
Note = Annotated[str, typer.Option("--note", metavar="说明", help="附上的说明")]
By = Annotated[str, typer.Option("--by", metavar="姓名", help="判断的人；不给则为系统用户")]


class Across(StrEnum):
    years = "years"
    projects = "projects"
    departments = "departments"
    all = "all"


class Form(StrEnum):
    table = "table"
    jsonl = "jsonl"
    xlsx = "xlsx"


review_app = typer.Typer(
    cls=ChineseGroup,
    help="复核重复指标的判断：接受、否定、批注、导入导出。",
    rich_markup_mode=None,
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Put the three commands under ``kg``."""
    app.command("duplicates", cls=ChineseCommand)(duplicates)
    app.command("trend", cls=ChineseCommand)(trend)
    app.add_typer(review_app, name="review")


def review_command(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return review_app.command(name, cls=ChineseCommand)


def duplicates(
    data: Data = DATA,
    across: Annotated[
        Across,
        typer.Option("--across", metavar="范围", help="years 跨年度、projects 跨项目、departments 跨部门、all 全部"),
    ] = Across.all,
    similar: Annotated[bool, typer.Option("--similar", help="也列出相近但不是同一内容的指标")] = False,
    projects: Annotated[bool, typer.Option("--projects", help="改为找跨部门重复的项目")] = False,
    threshold: Threshold = None,
    as_json: Json = False,
    form: Annotated[Form, typer.Option("--format", metavar="格式", help="table、jsonl、xlsx")] = Form.table,
    output: Output = None,
) -> None:
    """找出重复的指标：完全相同、换了说法、改了指标值，各附理由和出处。"""
    from kg.repeats import show
    from kg.repeats.projects import repeated
    from kg.repeats.workbook import workbook

    form = Form.jsonl if as_json else form
    with kg.open(data) as graph:
        repeats = graph.repeats(threshold)
        if projects:
            if form is Form.xlsx:
                raise KgError("重复的项目没有 xlsx：请用 --format table 或 jsonl")
            found = list(repeated(repeats, graph.store, threshold))
            text = _lines(found) if form is Form.jsonl else show.projects(found)
        else:
            rows = repeats.across(across.value, similar=similar)
            if form is Form.xlsx:
                write(workbook(repeats, rows), output, binary=True)
                return
            text = _lines(rows) if form is Form.jsonl else show.clusters(rows)
    write(text.encode() + (b"\n" if text else b""), output)


def trend(
    name: Annotated[str, typer.Argument(metavar="项目或指标", help="名称、名称的一部分或 IRI")],
    data: Data = DATA,
    as_json: Json = False,
) -> None:
    """一个项目或指标历年的指标值：变容易的标出，新增、取消、改名、移动的列出，并与预算对照。"""
    from kg.repeats import show
    from kg.repeats.trend import trend as compute

    with kg.open(data) as graph:
        found = compute(graph.repeats(), graph.store, name)
    print(json.dumps(found, ensure_ascii=False) if as_json else show.trend(found))


@review_command("accept")
def accept(pair: Pair, data: Data = DATA, note: Note = "", by: By = "") -> None:
    """判定一对指标衡量同一内容：今后总在一组。"""
    decide(pair, data, "accepted", note, by)


@review_command("reject")
def reject(pair: Pair, data: Data = DATA, note: Note = "", by: By = "") -> None:
    """判定一对指标不是同一内容：今后总不在一组。"""
    decide(pair, data, "rejected", note, by)


@review_command("note")
def remark(pair: Pair, note: Note, data: Data = DATA, by: By = "") -> None:
    """给一对指标加批注，不作判断。"""
    decide(pair, data, "noted", note, by)


@review_command("withdraw")
def withdraw(pair: Pair, data: Data = DATA, note: Note = "", by: By = "") -> None:
    """撤销对一对指标先前的判断和批注：重新待复核；记录里两条都在。"""
    decide(pair, data, "withdrawn", note, by)


@review_command("list")
def listed(data: Data = DATA, as_json: Json = False) -> None:
    """列出已有的判断，每对以最后一次为准。"""
    from kg.repeats.rows import pair_name
    from kg.show import table

    words = {"accepted": "同一", "rejected": "不同", "noted": "批注"}
    with kg.open(data) as graph:
        repeats = graph.repeats()
        for review in (rows := list(repeats.reviews.latest().values())):
            if as_json:
                row: dict[str, Any] = {
                    "pair": pair_name(*review.pair), "decision": review.decision, "indicators": list(review.pair),
                    "labels": [repeats.label(i) for i in review.pair], "note": review.note, "by": review.by, "at": review.at,
                }  # fmt: skip
                print(json.dumps(row, ensure_ascii=False))
        if not as_json:
            shown = [
                [pair_name(*r.pair), words[r.decision], *((repeats.label(i) or f"{i}（已不在）") for i in r.pair), r.note, r.by, r.at[:10]]
                for r in rows
            ]  # fmt: skip
            print(
                table(["编号", "判断", "指标", "指标", "说明", "判断人", "日期"], shown) if shown else "还没有复核记录"
            )


@review_command("queue")
def queue(
    data: Data = DATA,
    as_json: Json = False,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="条数", help="最多几对")] = 20,
) -> None:
    """待复核的配对，最没有把握的在前。"""
    from kg.repeats import show

    with kg.open(data) as graph:
        repeats = graph.repeats()
        rows = [repeats.pair(link) for link in islice(repeats.clusters.uncertain(), limit)]
    print(_lines(rows) if as_json else show.queue(rows))


@review_command("export")
def exported(data: Data = DATA, output: Output = None) -> None:
    """把判断导出为 SSSOM TSV。"""
    from kg.graph.review import sssom

    with kg.open(data) as graph:
        repeats = graph.repeats()
        write(sssom(repeats.reviews.standing(), repeats.label).encode(), output)


@review_command("import")
def imported(file: Annotated[Path, typer.Argument(metavar="文件", help="SSSOM TSV")], data: Data = DATA) -> None:
    """从 SSSOM TSV 导入判断；有一行不合格就一行也不导入。"""
    from kg.graph.review import read_sssom

    keep(data, read_sssom(read(file), file.name))


def decide(pair: list[str], data: Path, decision: str, note: str, by: str) -> None:
    from kg.graph.review import reviewed

    with kg.open(data) as graph:
        repeats = graph.repeats()
        if len(pair) == 1:
            ends = repeats.named(pair[0])
            if ends is None:
                raise KgError(f"没有编号为“{pair[0]}”的配对：kg review queue 列出编号，或给出两个指标的 IRI")
        elif len(pair) == 2:
            for iri in pair:
                if iri not in repeats.found.number:
                    raise KgError(f"没有指标“{iri}”：IRI 见 kg duplicates --json")
            ends = pair[0], pair[1]
        else:
            raise KgError("请给出一个编号，或两个指标的 IRI")
    keep(data, [reviewed(*ends, decision, note, by)])


def keep(data: Path, reviews: list[Review]) -> None:
    from kg.graph.review import Reviews

    added = Reviews(data).add(reviews)
    print(f"已记录 {added} 条判断" if added else "没有变化：这些判断都已记录")
    if added:
        note("kg duplicates 立即照此分组；图谱在下次 kg build 或 kg add 时更新")


def _lines(rows: Any) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
