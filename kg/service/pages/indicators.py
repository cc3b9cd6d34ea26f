"""指标: the list with its filters."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from nicegui import ui

from kg.service.pages import components
from kg.service.pages.components import link
from kg.service.pages.projects import FilteredList
from kg.service.service import Service


def pages(service: Service) -> None:
    @ui.page("/indicators", response_timeout=components.PATIENCE)
    async def listed(
        year: str = "", department: str = "", fund: str = "", group: str = "", type: str = "", q: str = "",  # noqa: A002
        project: str = "", document: str = "",
    ) -> None:  # fmt: skip
        with components.frame("/indicators", "指标"):
            given = {"year": year, "department": department, "fund": fund, "group": group, "type": type, "q": q,
                     "project": project, "document": document}  # fmt: skip
            await FilteredList(service, "indicators", "/indicators", "指标", _rows, given).build()


def _rows(items: list[dict[str, Any]]) -> Markup:
    named = len({i["document"] for i in items}) > 1  # which file, where there are several
    return components.rows_html(
        ["指标", "指标值", "类型", "项目", "年度", "依据"],
        (
            (
                _name(i), i["value"], " › ".join(filter(None, (i["level1"], i["level2"]))),
                link("/project", i["project"], iri=i["project_iri"]), i["year"],
                components.cell_button({**i, "field": "value", "text": i["value"]}, named=named),
            )
            for i in items
        ),
        numbers=(4,),
    )  # fmt: skip


def _name(indicator: dict[str, Any]) -> Markup:
    about = indicator["description"]
    if not about or about == indicator["label"]:
        return Markup("{}").format(indicator["label"])
    return Markup('{}<div class="kg-soft kg-small" style="font-weight:400">{}</div>').format(indicator["label"], about)
