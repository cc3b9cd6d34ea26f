"""``kg confirm``: cells that were recognised in pictures and wait to be compared with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

import kg
from kg.errors import KgError
from kg.help import ChineseCommand, ChineseGroup
from kg.options import DATA, Data, Json, note, progress, write

app = typer.Typer(
    cls=ChineseGroup,
    help="核对扫描识别的单元格：没有把握的数不计入合计，确认或改正后才入图。",
    rich_markup_mode=None,
    no_args_is_help=True,
)
Id = Annotated[str, typer.Argument(metavar="编号", help="kg confirm list 给的编号")]
By = Annotated[str, typer.Option("--by", metavar="姓名", help="核对的人；不给则为系统用户")]


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="confirm")


def command(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return app.command(name, cls=ChineseCommand)


@command("list")
def listed(
    data: Data = DATA,
    as_json: Json = False,
    document: Annotated[str | None, typer.Option("--document", metavar="文档", help="只要这份文档（文件名）")] = None,
) -> None:
    """列出待核对的单元格。"""
    from kg.graph.confirm import pending

    with kg.open(data) as graph:
        found = [one for one in pending(graph.store) if document in (None, one.document)]
    for one in found:
        place = f"表{one.table}" + (f" 第{one.row}行" if one.row else "") if one.table else ""
        print(
            json.dumps(one.json(), ensure_ascii=False)
            if as_json
            else f"{one.id}  {one.document} {place}：{one.message}"
        )
    if not as_json:
        note(f"待核对 {len(found)} 个单元格" + ("；kg confirm picture 编号 -o 图.png 看原图" if found else ""))


@command("accept")
def accept(ids: Annotated[list[str], typer.Argument(metavar="编号…")], data: Data = DATA, by: By = "") -> None:
    """确认识别正确：照现在的文字入图。"""
    _decide(data, [(one, "") for one in ids], by)


@command("correct")
def correct(
    cell: Id, text: Annotated[str, typer.Argument(metavar="文字", help="原图上的文字")], data: Data = DATA, by: By = ""
) -> None:
    """改正识别的文字。"""
    if not text.strip():
        raise KgError("请给出原图上的文字：kg confirm correct 编号 文字")
    _decide(data, [(cell, text)], by)


@command("picture")
def picture(
    cell: Id,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="文件", help="写到这个 png 文件")],
    data: Data = DATA,
) -> None:
    """取出单元格在原图上的样子。"""
    from kg.graph.confirm import chosen, cut_out

    with kg.open(data) as graph:
        (one,) = chosen(graph.store, [cell])
    write(cut_out(data, one.picture, one.box), output, binary=True)


def _decide(data: Path, decisions: list[tuple[str, str]], by: str) -> None:
    from kg import building
    from kg.graph.confirm import pending

    with progress() as report:
        building.confirm(data, decisions, by=by, report=report)
    with kg.open(data) as graph:
        left = len(pending(graph.store))
    print(f"已核对 {len(dict(decisions))} 个单元格，还有 {left} 个")
