"""A workbook that an auditor can send on: clusters, year-on-year changes, and the cells that prove them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kg.captions import CHANGES, KINDS, TARGETS, reasons
from kg.repeats.rows import Repeats
from kg.spreadsheet import Column, Sheet, save

SHEETS: dict[str, Sequence[str]] = {
    "重复指标": ("组号", "类别", "得分", "衡量内容", "年度", "部门", "项目", "三级指标", "指标值", "理由"),
    "年度变化": ("年度", "部门", "项目", "变化", "上年指标", "上年指标值", "本年指标", "本年指标值", "难易", "上年项目", "得分"),
    "出处": ("组号", "三级指标", "指标值", "年度", "项目", "文件", "表", "行", "指标 IRI", "位置"),
}  # fmt: skip


def workbook(repeats: Repeats, rows: Iterable[dict[str, Any]]) -> bytes:
    """The clusters of ``rows``, all changes between years, and the evidence of both."""
    found: dict[str, list[list[Any]]] = {name: [] for name in SHEETS}
    evidence: list[list[Any]] = []
    for number, row in enumerate(rows, 1):
        for m in row["members"]:
            line = [number, KINDS[row["kind"]], row["score"], row["label"], m["year"], m["department"], m["project"],
                    m["indicator"], m["value"], reasons(row["why"])]  # fmt: skip
            found["重复指标"].append(line)
            evidence.append(_cell(number, m))
    for change in repeats.moves():
        before, after = change["before"] or {}, change["after"] or {}
        line = [change["year"], change["department"], change["project"], CHANGES[change["change"]], before.get("indicator"),
                before.get("value"), after.get("indicator"), after.get("value"), TARGETS[change["target"]],
                before.get("project"), change["score"]]  # fmt: skip
        found["年度变化"].append(line)
        evidence += [_cell("年度变化", m) for m in (before, after) if m]
    found["出处"] = evidence
    return save(Sheet(name, [Column(head) for head in heads], found[name]) for name, heads in SHEETS.items())


def _cell(number: int | str, m: dict[str, Any]) -> list[Any]:
    return [number, m["indicator"], m["value"], m["year"], m["project"], m["document"], m["table"], m["row"],
            m["iri"], m["place"]]  # fmt: skip
