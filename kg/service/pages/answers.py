"""An answer on the page: a number, a table that can be sorted and filtered, the parts of a question, or why there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from nicegui import ui

from kg.service.pages import components
from kg.service.pages.components import html, join
from kg.service.service import Service

Item = dict[str, Any]
FILTERED = 8  # rows from which a table has a box to filter them
BARS = 40  # numbers drawn as bars
CITED = 12  # cells shown with one answer, the rest said to be there
SUMMED = frozenset({"元", "万元", "亿元", "个", "条"})  # units whose numbers may be added up
OTHERWISE = re.compile(r"\b(AVG|MIN|MAX)\(")  # what makes numbers that are not to be added up
REASONS = {
    "not_in_data": ("表里没有", "已载入的表里没有问到的内容。"),
    "not_understood": ("没有看懂", "不猜测：换个说法，或从下面选一个问题。"),
    "ambiguous": ("有几种读法", "请说得更明确，或从下面选一个问题。"),
}


def number_of(value: float) -> str:
    """A number without exponent or needless zeros."""
    return f"{Decimal(str(value)).normalize():f}"


def evidence(cells: Sequence[Item], named: bool) -> Markup:
    """Buttons of the proving cells, each once. ``named``: with their files' names."""
    seen: dict[tuple[str, str], Item] = {}
    for cell in cells:
        seen.setdefault((cell["document"], components.where(cell)), cell)
    buttons = [components.cell_button(cell, named=named) for cell in seen.values()]
    more = Markup('<span class="kg-soft kg-small">等 {} 处</span>').format(len(buttons)) if len(buttons) > CITED else ""
    return join(buttons[:CITED]) + more


def documents(items: Sequence[Item]) -> set[str]:
    return {cell["document"] for item in items for cell in item["evidence"]}


def no_answer(service: Service, found: Item, ask: Callable[[list[str]], None]) -> None:
    """Why there is no answer, what was not matched, questions that have one, and the nearest cells.

    ``ask`` puts questions that can be chosen.
    """
    title, hint = REASONS.get(found.get("reason") or "", ("没有答案", ""))
    html(Markup('<div class="kg-verdict">{}</div><p style="margin:4px 0">{}</p>').format(
        f"没有答案：{title}" if hint else title, found["understood"]
    ))  # fmt: skip
    html(Markup('<div class="kg-soft kg-small">{}</div>').format(hint))
    notes(found)
    suggested = found.get("suggestions") or {}
    if suggested.get("questions"):
        html('<div class="kg-soft kg-small" style="margin-top:10px">这些问题有答案：</div>')
        ask(suggested["questions"])
    if suggested.get("cells"):
        cells = suggested["cells"]
        named = len({c["document"] for c in cells}) > 1
        lines = join(Markup("<li>{} {}</li>").format(c["text"][:200], evidence([c], named)) for c in cells)
        html('<div class="kg-soft kg-small" style="margin-top:10px">表里最接近的内容（不是答案）：</div>')
        components.cells(service, Markup('<ul class="kg-nearest">{}</ul>').format(lines))


def notes(found: Item) -> None:
    html(join(Markup('<div class="kg-note mild">说明：{}</div>').format(n) for n in found["notes"]))
    if found["unmatched"]:
        html(Markup('<div class="kg-note">未能对应：{}</div>').format("、".join(found["unmatched"])))


def answer(service: Service, found: Item) -> list[Table]:
    """The answer, part by part where several things were asked; its tables."""
    departments = found.get("departments") or {}
    if not found.get("parts"):
        table = _one(service, found, departments)
        return [table] if table else []
    tables = []
    for part in found["parts"]:
        with ui.element("section").classes("kg-part").props("data-part"):
            html(Markup("<h2>{}</h2>").format(part["understood"]))
            table = _one(service, part, departments)
            tables += [table] if table else []
    return tables


def _one(service: Service, part: Item, departments: dict[str, str]) -> Table | None:
    """A number or a yes/no stands large, several answers stand in a table; each with its cells."""
    items = part["answers"]
    if part["boolean"] is not None:
        html(Markup('<div class="kg-number">{}</div>').format("是" if part["boolean"] else "否"))
    if len(items) == 1 and (items[0]["iri"] is None or part["kind"] in ("number", "value")):
        item = items[0]
        number = item["value"] if item["value"] is not None else item["number"]
        if part["boolean"] is None and number is not None and len(str(number)) <= 24:
            number = number_of(number) if isinstance(number, float) else str(number)
            unit = item["unit"] if item["unit"] and item["unit"] not in number else ""
            html(Markup('<div class="kg-number">{}<small>{}</small></div>').format(number, unit))
            if item["label"] not in (item["value"], part["understood"]):
                html(Markup("<div>{}</div>").format(_said(item, departments)))
        if part["boolean"] is not None or (number is not None and len(str(number)) <= 24):
            components.cells(service, Markup('<div style="margin-top:8px"><span class="kg-soft kg-small">依据：</span>{}</div>').format(
                evidence(item["evidence"], len(documents(items)) > 1)
            ))  # fmt: skip
            return None
    if not items:
        return None
    table = Table(service, items, departments, part["sparql"])
    table.build()
    if drawn := bars(items):
        ui.echart(drawn).classes("kg-chart").style(f"height:{90 + 30 * min(len(items), BARS)}px")
    return table


def bars(items: Sequence[Item]) -> dict[str, Any]:
    """Several numbers of one unit as bars from zero; empty where they are not that, or too many."""
    units = {item["unit"] for item in items}
    if not 1 < len(items) <= BARS or len(units) > 1 or any(item["number"] is None for item in items):
        return {}
    unit = next(iter(units)) or ""
    years = {item["year"] for item in items}
    names = [f"{i['label']}（{i['year']}）" if len(years) > 1 and i["year"] else i["label"] for i in reversed(items)]
    return {
        "aria": {"enabled": True}, "toolbox": components.SAVE, "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "grid": {"left": 10, "right": 80, "top": 36, "bottom": 30, "containLabel": True},
        "xAxis": {"type": "value", "name": unit, "axisLabel": {"hideOverlap": True}},  # which begins at zero
        "yAxis": {"type": "category", "data": names, "axisLabel": {"width": 150, "overflow": "truncate"}},
        "series": [{"type": "bar", "name": unit or "数值", "data": [i["number"] for i in reversed(items)], "barMaxWidth": 20,
                    "label": {"show": True, "position": "right", "fontSize": 11}, "itemStyle": {"color": "#3d8fbf"}}],
    }  # fmt: skip


def _said(item: Item, departments: dict[str, str]) -> Markup:
    """What one number is of, with its year and department."""
    around = [f"{item['year']}年" if item["year"] else "", departments.get(item["iri"] or "", "")]
    soft = Markup('<span class="kg-soft kg-small">{}</span>').format(" · ".join(filter(None, around)))
    return _name(item) + Markup(" ") + soft


def _name(item: Item) -> Markup:
    return (
        components.link("/project", item["label"], iri=item["iri"])
        if _is_project(item)
        else Markup.escape(item["label"])
    )


def _is_project(item: Item) -> bool:
    return bool(item["iri"]) and "/project/" in item["iri"] and "/indicator/" not in item["iri"]


@dataclass(frozen=True, slots=True)
class Column:
    """``plain``: what is sorted, filtered and exported; ``shown``: what stands in the table."""

    head: str
    plain: Callable[[Item], Any]
    shown: Callable[[Item], Any]
    number: bool = False


def total(items: Sequence[Item], sparql: str) -> str:
    """The sum of the numbers, as text with its unit; empty where they are not to be added up.

    Only money and counts are, in one unit, and only of things that cannot overlap: projects, departments, years.
    """
    units = {item["unit"] for item in items}
    iris = [item["iri"] for item in items]
    apart = len(set(iris)) == len(iris) and all(
        _is_project(item) or "/department/" in (item["iri"] or "") for item in items
    )
    years = [item["year"] for item in items]
    apart = apart or (set(iris) == {None} and None not in years and len(set(years)) == len(years))
    added = len(units) == 1 and units <= SUMMED and all(item["number"] is not None for item in items)
    if len(items) < 2 or not added or not apart or OTHERWISE.search(sparql):
        return ""
    return number_of(float(sum(Decimal(str(item["number"])) for item in items)))


class Table:
    """Answers in rows. What is the same in all of them is no column; a click on a heading sorts."""

    def __init__(self, service: Service, items: list[Item], departments: dict[str, str], sparql: str) -> None:
        self.service, self.items, self.sparql = service, items, sparql
        self.departments = departments
        self.order: tuple[int, bool] | None = None  # column, descending
        self.words = ""
        self.columns = list(self._columns())

    def _columns(self) -> list[Column]:
        items = self.items

        def differ(get: Callable[[Item], Any]) -> bool:
            return len({get(item) for item in items}) > 1

        def column(head: str, get: Callable[[Item], Any], number: bool = False) -> Column:
            return Column(head, get, get, number)

        units = {item["unit"] for item in items if item["number"] is not None}
        measured = len(units) == 1 and all(item["number"] is not None for item in items)

        def value(item: Item) -> str:
            """The value, where it says more than the number and its unit."""
            given = item["value"] or ""
            bare = measured and given == f"{number_of(item['number'])}{item['unit'] or ''}"
            return "" if bare or given == item["label"] else given

        def department(item: Item) -> str:
            return self.departments.get(item["iri"] or "", "")

        found = [Column("名称", lambda i: i["label"], _name)]
        if any(item["year"] for item in items):
            found.append(column("年度", lambda i: i["year"], number=True))
        if differ(department):
            found.append(column("部门", department))
        if any(i["project"] and i["project"] != i["label"] for i in items):
            found.append(column("项目", lambda i: i["project"] if i["project"] != i["label"] else ""))
        if any(map(value, items)):
            found.append(column("值", value))
        elif measured:
            unit = next(iter(units))
            head = f"数值（{unit}）" if unit else "数值"
            found.append(Column(head, lambda i: i["number"], lambda i: number_of(i["number"]), number=True))
        named = len(documents(items)) > 1

        def cells(item: Item) -> str:
            return "；".join(f"{c['document']} {components.where(c)}：{c['text']}" for c in item["evidence"])

        return [*found, Column("依据", cells, lambda i: evidence(i["evidence"], named))]

    def build(self) -> None:
        if len(self.items) >= FILTERED:
            box = ui.input(placeholder="在这些答案里筛选", on_change=lambda e: self.on_filter(e.value or ""))
            box.props('outlined dense clearable debounce=200 aria-label="筛选答案"').style("max-width:320px")
        self.place = components.cells(self.service, self._drawn())
        self.place.on(
            "click", self.on_sort,
            js_handler="(e) => { const b = e.target.closest('[data-sort]'); if (b) emit(Number(b.dataset.sort)); }",
        )  # fmt: skip

    def shown(self) -> list[Item]:
        """The items in the order and the choice of the reader."""
        words = self.words.split()
        kept = [i for i in self.items if all(any(w in str(c.plain(i) or "") for c in self.columns) for w in words)]
        if self.order is None:
            return kept
        column, descending = self.columns[self.order[0]], self.order[1]
        missing = [i for i in kept if column.plain(i) in (None, "")]
        have = [i for i in kept if column.plain(i) not in (None, "")]
        return sorted(have, key=column.plain, reverse=descending) + missing

    def on_filter(self, words: str) -> None:
        self.words = words
        self.place.set_content(str(self._drawn()))

    def on_sort(self, event: Any) -> None:
        if not isinstance(event.args, int) or not 0 <= event.args < len(self.columns):
            return
        again = self.order is not None and self.order[0] == event.args
        number = self.columns[event.args].number  # the greatest first, words from the first
        self.order = (event.args, not self.order[1] if again and self.order else number)
        self.place.set_content(str(self._drawn()))

    def _drawn(self) -> Markup:
        items = self.shown()
        count = (
            f"共 {len(self.items)} 条" if len(items) == len(self.items) else f"{len(items)} 条，共 {len(self.items)} 条"
        )
        said = Markup('<div class="kg-soft kg-small" style="margin:6px 0" role="status">{}</div>').format(count)
        rows = [[column.shown(item) for column in self.columns] for item in items]
        heads: list[Any] = [column.head for column in self.columns]
        sorts = [""] * len(heads)
        if len(self.items) > 1:
            for at in range(len(heads) - 1):
                ordered = self.order is not None and self.order[0] == at
                sorts[at] = ("descending" if self.order and self.order[1] else "ascending") if ordered else "none"
        last = None
        if summed := total(items, self.sparql):
            place = next((n for n, c in enumerate(self.columns) if c.head.startswith("数值")), None)
            if place is not None:
                last = ["以上合计", *[summed if n == place else "" for n in range(1, len(heads))]]
        numbers = [n for n, column in enumerate(self.columns) if column.number]
        shown = components.rows_html(heads, rows, numbers=numbers, sorts=sorts, total=last)
        return (said if len(self.items) > 1 else Markup("")) + shown
