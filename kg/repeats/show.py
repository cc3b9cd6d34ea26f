"""Clusters, trends and reviews as people read them at a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kg.captions import CHANGES, KINDS, TARGETS, reasons
from kg.repeats.rows import values
from kg.show import table


def clusters(rows: Iterable[dict[str, Any]]) -> str:
    """One block a cluster: kind, score, label, then its rows with their cells."""
    lines = []
    for number, row in enumerate(rows, 1):
        lines.append(f"{number:>3}. {KINDS[row['kind']]} {row['score']:.2f}  {row['label']}")
        for m in row["members"]:
            name = f"  {m['indicator']}" if m["indicator"] != row["label"] else ""
            lines.append(f"     {place(m)}  {m['value']}{name}")
        if row["kind"] in ("reworded", "similar"):
            lines.append(f"     因为 {reasons(row['why'])}")
    return (
        "\n".join([*lines, f"共 {len([x for x in lines if x[:5].strip().rstrip('.').isdigit()])} 组"])
        if lines
        else "没有重复的指标"
    )


def place(member: dict[str, Any]) -> str:
    year = f"{member['year']}年 " if member["year"] else ""
    row = f" 第{member['row']}行" if member.get("row") else ""
    stands = f"，{member['place']}" if member.get("place") else ""
    return f"{year}{member['project']}（{member['document']} 表{member['table']}{row}{stands}）"


def trend(found: dict[str, Any]) -> str:
    """Budgets, the indicators' targets by year, changes, warnings."""
    lines = []
    if found["budgets"]:
        rows = [
            [str(b["year"]), b["project"], "" if b["budget_wan"] is None else f"{b['budget_wan']:g}"]
            for b in found["budgets"]
        ]
        lines += [table(["年度", "项目", "预算（万元）"], rows), ""]
    years = sorted({m["year"] for way in found["indicators"] for m in way["years"] if m["year"]})
    heads = ["指标", "项目", *(f"{y}年" for y in years)]
    rows = []
    for way in found["indicators"]:
        said = {m["year"]: m for m in way["years"]}
        rows.append(
            [way["indicator"], way["years"][-1]["project"], *(said[y]["value"] if y in said else "—" for y in years)]
        )
    lines += [table(heads, rows), ""]
    for change in found["changes"]:
        lines.append(f"{change['year']}年 {_changed(change)}")
    for w in found["warnings"]:
        names = "、".join(m["indicator"] for m in w["easier"])
        lines.append(
            f"⚠ {w['year']}年预算由 {w['budget_before_wan']:g} 升至 {w['budget_wan']:g} 万元，而指标值变容易：{names}"
        )
    return "\n".join(lines).rstrip()


def _changed(change: dict[str, Any]) -> str:
    before, after = change["before"], change["after"]
    if before and after:
        name = after["indicator"] if change["change"] == "same" else f"{before['indicator']} → {after['indicator']}"
        project = f"（由“{before['project']}”移来）" if change["change"] == "moved" else ""
        said = f"：{values([before, after])} {TARGETS[change['target']]}" if change["target"] else ""
        return f"{CHANGES[change['change']]} {name}{project}{said}"
    shown = after or before
    return f"{CHANGES[change['change']]} {shown['indicator']}：{shown['value']}"


def projects(rows: Iterable[dict[str, Any]]) -> str:
    shown = []
    for row in rows:
        a, b = row["members"]
        both = [f"{m['department']}：{place({**m, 'year': None})}" for m in (a, b)]
        shown.append([f"{row['score']:.2f}", *both, "、".join(row["indicators"][:5])])
    return table(["得分", "项目", "与之重复的项目", "共同的指标"], shown) if shown else "没有跨部门重复的项目"


def queue(rows: Iterable[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        lines.append(f"{row['pair']}  {row['score']:.2f}")
        lines += [f"     {m['indicator']}  {m['value']}  {place(m)}" for m in row["members"]]
        lines.append(f"     因为 {reasons(row['why'])}")
    return "\n".join([*lines, "判断：kg review accept|reject 编号 [--note 说明]"]) if lines else "没有待复核的配对"
