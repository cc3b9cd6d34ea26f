"""What the pages share: the frame, tables, source tables with a cell marked, downloads, refusals."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from markupsafe import Markup
from nicegui import ui

from kg.captions import FIELDS, SEVERITIES
from kg.service.pages import TITLE
from kg.service.people import Person
from kg.service.problems import Problem
from kg.service.service import Service

TABS = (
    ("/", "提问"), ("/projects", "项目"), ("/indicators", "指标"), ("/pivot", "汇总"), ("/graph", "图谱"), ("/duplicates", "查重"),
    ("/query", "SPARQL"), ("/data", "数据"),
)  # fmt: skip
PAGE = 50  # rows of a list shown at once
PATIENCE = 30.0  # seconds a page may take to be put together
CHECK_SECONDS = 300.0
SAVE = {"feature": {"saveAsImage": {"title": "存为图片", "name": "图", "pixelRatio": 2}}, "right": 6, "top": 0}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ADDRESS_BYTES = 8_000  # of an address; mail programs and proxies cut off longer ones


@contextlib.contextmanager
def frame(current: str, title: str = "") -> Iterator[None]:
    """Header, navigation, and the place for a page's content."""
    ui.page_title(f"{title} · {TITLE}" if title else TITLE)
    links = Markup("").join(
        Markup('<a href="{}"{}>{}</a>').format(path, Markup(' aria-current="page"') if path == current else "", name)
        for path, name in TABS
    )
    with ui.element("header").classes("kg-top"):
        html(
            Markup(
                '<div class="kg-top-inner"><a class="kg-brand" href="/">{}</a><nav class="kg-nav">{}</nav></div>'
            ).format(TITLE, links)
        )
    with ui.element("div").classes("kg-main"):
        yield


def html(content: Markup | str) -> ui.html:
    """HTML made with Markup: what stands in it from data is escaped."""
    return ui.html(str(content), sanitize=False)


def join(parts: Iterable[Markup | str]) -> Markup:
    return Markup("").join(parts)


def tags(names: Sequence[str], most: int = 4) -> Markup:
    shown = join(Markup('<span class="kg-tag">{}</span>').format(n) for n in names[:most])
    rest = Markup('<span class="kg-soft kg-small" title="{}">等 {} 个</span>').format("、".join(names), len(names))
    return shown + rest if len(names) > most else shown


def link(path: str, text: Any, **parameters: Any) -> Markup:
    given = {k: v for k, v in parameters.items() if v not in (None, "")}
    return Markup('<a href="{}">{}</a>').format(f"{path}?{urlencode(given)}" if given else path, text)


def at(path: str, parameters: Mapping[str, Any], *, new: bool = True) -> None:
    """Make this the address of what is shown. ``new``: as a step that the reader can go back from.

    Values that are empty are left out; lists give a parameter each.
    """
    given = {k: v for k, v in parameters.items() if v not in (None, "", [])}
    address = f"{path}?{urlencode(given, doseq=True)}" if given else path
    if len(address) > ADDRESS_BYTES:
        ui.notify("内容太长，网址里放不下：刷新后要重新输入", type="warning", position="top")
        return
    step = "history.pushState" if new else "history.replaceState"
    ui.run_javascript(
        f"const to = {json.dumps(address)}; if (location.pathname + location.search !== to) {step}({{}}, '', to)"
    )


def on_move(handler: Callable[[dict[str, list[str]]], Awaitable[None]]) -> None:
    """Call ``handler`` with the parameters of the address where the reader goes back or forward within the page."""

    async def moved(event: Any) -> None:
        await handler(parse_qs(str(event.args or "").removeprefix("?"), max_num_fields=100))

    ui.on("kg-move", moved)
    ui.run_javascript("window.addEventListener('popstate', () => emitEvent('kg-move', location.search))")


def money(wan: float | None) -> str:
    return "" if wan is None else f"{wan:,.2f}".rstrip("0").rstrip(".")


def size(count: int | None) -> str:
    """Bytes as people read them."""
    if count is None:
        return ""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} KB"


def moment(text: str | None) -> str:
    """An instant (ISO 8601) in this machine's time."""
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")


def rows_html(
    heads: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    numbers: Iterable[int] = (),
    cards: bool = True,
    sorts: Sequence[str] = (),
    total: Sequence[Any] | None = None,
) -> Markup:
    """A table that turns into cards on a narrow screen. ``numbers``: places of the columns set to the right.

    ``sorts``: for each column its ``aria-sort``, empty where it cannot be sorted; ``total``: the last row, set apart.
    """
    right = set(numbers)

    def heading(i: int, text: str) -> Markup:
        look = Markup(' class="num"') if i in right else ""
        if not text:  # of a column of buttons
            return Markup("<td></td>")
        if i >= len(sorts) or not sorts[i]:
            return Markup('<th scope="col"{}>{}</th>').format(look, text)
        return Markup(
            '<th scope="col"{} aria-sort="{}"><button type="button" class="kg-sort" data-sort="{}">{}</button></th>'
        ).format(look, sorts[i], i, text)

    def row_html(row: Sequence[Any]) -> Markup:
        return Markup("<tr>{}</tr>").format(
            join(
                Markup('<td data-label="{}"{}>{}</td>').format(
                    heads[i], Markup(' class="num"') if i in right else "", "" if cell is None else cell
                )
                for i, cell in enumerate(row)
            )
        )

    head = join(heading(i, text) for i, text in enumerate(heads))
    foot = Markup("<tfoot>{}</tfoot>").format(row_html(total)) if total else ""
    return Markup(
        '<div class="kg-scroll"><table class="kg{}"><thead><tr>{}</tr></thead><tbody>{}</tbody>{}</table></div>'
    ).format(" cards" if cards else "", head, join(map(row_html, rows)), foot)


def pairs(found: Iterable[tuple[str, Any]]) -> Markup:
    rows = join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(name, value)
        for name, value in found
        if value not in (None, "", Markup(""))
    )
    return Markup('<dl class="kg-pairs" style="margin:0">{}</dl>').format(rows)


def cell_button(cell: dict[str, Any], text: str = "", *, named: bool = False) -> Markup:
    """A button that shows a cell in its source table; see ``cells``. ``named``: with the name of the file."""
    data = json.dumps({k: cell.get(k) for k in ("document", "table", "row", "field")}, ensure_ascii=False)
    shown = text or f"{cell['document']} " * named + where(cell)
    return Markup('<button type="button" class="kg-cell" data-cell="{}" title="{}">{}</button>').format(
        data, f"{cell['document']}：{(cell.get('text') or '')[:80]}", shown
    )


def where(cell: dict[str, Any]) -> str:
    """The place of a cell as a reader of its file looks for it, else its table and row."""
    if cell.get("place"):
        return str(cell["place"])
    row = f"第{cell['row']}行" if cell.get("row") else FIELDS.get(cell.get("field") or "", "")
    return f"表{cell['table']} {row}".strip()


def cells(service: Service, content: Markup) -> ui.html:
    """HTML whose cell buttons open the source table."""
    element = html(content)

    async def opened(event: Any) -> None:
        if isinstance(event.args, str):
            await show_cell(service, json.loads(event.args))

    element.on(
        "click", opened, js_handler="(e) => { const b = e.target.closest('[data-cell]'); if (b) emit(b.dataset.cell); }"
    )
    return element


async def show_cell(service: Service, cell: dict[str, Any]) -> None:
    """A dialog with the source table, the cell marked and in view."""
    document, number = str(cell["document"]), int(cell["table"])
    found = await attempt(service.run("grid", document=document, number=number))
    if not found:
        return
    with ui.dialog() as dialog, ui.element("div").classes("kg-dialog"):
        with ui.element("div").classes("kg-head"):
            html(Markup("<h2>{} · 表{}</h2>{}").format(document, number, original_link(document)))
            ui.button(icon="close", on_click=dialog.close).props('flat round dense aria-label="关闭"')
        html(grid_html(found, cell))
    dialog.on("hide", dialog.delete)
    dialog.open()
    ui.run_javascript(
        "setTimeout(() => document.querySelector('.kg-dialog td.hit')?.scrollIntoView({block: 'center'}), 250)"
    )


def grid_html(parts: list[dict[str, Any]], marked: dict[str, Any] | None = None) -> Markup:
    """A source table as it stands in its file, with its own headings and row numbers; one cell may be marked."""

    def cell_html(cell: dict[str, Any]) -> Markup:
        hit = marked and cell["field"] and (cell["row"], cell["field"]) == (marked.get("row"), marked.get("field"))
        spans = [(n, cell[n]) for n in ("rowspan", "colspan") if cell[n] > 1]
        marks = join(Markup(' {}="{}"').format(*span) for span in spans) + (Markup(' class="hit"') if hit else "")
        return Markup("<td{}>{}</td>").format(marks, cell["text"])

    out = []
    for part in parts:
        said = (
            Markup("<p class='kg-soft'>{}</p>").format(part["caption"] or f"工作表“{part['sheet']}”")
            if part["caption"] or part["sheet"]
            else ""
        )
        heads = join(Markup("<th>{}</th>").format(c) for c in part["columns"])
        head = Markup("<thead><tr><th></th>{}</tr></thead>").format(heads) if part["columns"] else ""
        rows = join(
            Markup("<tr><th>{}</th>{}</tr>").format(row["number"], join(map(cell_html, row["cells"])))
            for row in part["rows"]
        )
        out.append(
            Markup('{}<div class="kg-scroll"><table class="source">{}<tbody>{}</tbody></table></div>').format(
                said, head, rows
            )
        )
    return join(out)


def original_link(document: str) -> Markup:
    """The file a document was read from, to be opened where it is."""
    return Markup('<a href="/api/documents/{}/original" download>下载原件</a>').format(quote(document, safe=""))


def findings_html(found: Sequence[dict[str, Any]]) -> Markup:
    """Findings on data quality, the gravest first."""
    order = list(SEVERITIES)
    rows = (
        (
            f["message"], Markup('<span class="kg-tag {}">{}</span>').format(f["severity"], SEVERITIES[f["severity"]]), f["title"], f["value"],
            cell_button({**f, "text": f["value"]}) if f["table"] else f["document"],
        )
        for f in sorted(found, key=lambda f: order.index(f["severity"]))
    )  # fmt: skip
    return rows_html(["问题", "程度", "类别", "单元格", "位置"], rows)


def findings_card(
    service: Service,
    choose: Callable[[list[dict[str, Any]]], list[dict[str, Any]]],
    draw: Callable[[list[dict[str, Any]]], Markup],
) -> None:
    """A card of findings that fills itself when they are there: checking takes its time."""
    with ui.element("section").classes("kg-card") as card:
        html('<h2>数据质量</h2><div class="kg-soft">正在检查…</div>')

    async def fill() -> None:
        every = await attempt(service.kept("check", seconds=CHECK_SECONDS))
        if card.is_deleted:
            return
        card.clear()
        with card:
            found = choose(every or [])
            html(
                Markup("<h2>数据质量：{}</h2>").format(
                    "没有检查完" if every is None else f"{len(found)} 处可疑" if found else "没有发现问题"
                )
            )
            if found:
                cells(service, draw(found))

    ui.timer(0.05, fill, once=True)


async def attempt(work: Any) -> Any:
    """The result of a job, or None after its refusal was shown."""
    try:
        return await work
    except Problem as problem:
        ui.notify(problem.detail, type="negative", position="top", multi_line=True, timeout=8000)
        return None


def busy() -> Markup:
    return Markup('<div class="kg-busy">正在查找…</div>')


def empty(text: str, hint: str = "") -> Markup:
    return Markup(
        '<div class="kg-card kg-none"><div class="kg-verdict">{}</div><div class="kg-soft">{}</div></div>'
    ).format(text, hint)


def pager(total: int, offset: int, move: Callable[[int], Any]) -> None:
    """Where one is in a long list, and the way on."""
    if total <= PAGE:
        return
    with ui.element("div").classes("kg-row"):
        last = (total + PAGE - 1) // PAGE
        ui.pagination(
            1, last, direction_links=True, value=offset // PAGE + 1, on_change=lambda e: move((int(e.value) - 1) * PAGE)
        ).props("max-pages=6 boundary-numbers")


def person() -> Person | None:
    """Who opened this page, where that is known."""
    found: Person | None = ui.context.client.request.scope.get("kg_person")
    return found


def may(role: str) -> bool:
    """Whether who opened this page may do what a role may."""
    who = person()
    return who is not None and who.may(role)


def download(content: bytes, name: str, media_type: str) -> None:
    ui.download.content(content, name, media_type)
