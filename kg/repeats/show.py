"""Clusters, trends and reviews as people read them at a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kg.repeats.rows import values
from kg.show import table

KINDS = {"exact": "完全相同", "reworded": "换了说法", "retargeted": "改了指标值", "similar": "相近"}
CHANGES = {"same": "沿用", "renamed": "改名", "moved": "移入", "new": "新增", "dropped": "取消"}
TARGETS = {"easier": "⚠ 变容易", "harder": "变难", "changed": "变了", "": ""}
FEATURES = {
    "name": "名称", "core": "关键字", "meaning": "语义", "description": "描述", "type": "类型", "unit": "单位",
    "target": "指标值", "aspect": "量的方面", "position": "位置", "programme": "项目", "words": "用词相同",
    "object": "对象", "choice": "语义最近", "nearest": "无更近者", "near": "数值相近", "scarce": "数值独特", "place": "前后相邻",
    "veto": "否决", "review": "复核", "purpose": "用途", "beneficiaries": "受益群体", "indicators": "指标",
}  # fmt: skip
GUARDS = {
    "numbers": "数字不同", "qualifiers": "限定词不同", "opposites": "反义", "object": "对象不同",
    "dimension": "量纲不同", "siblings": "同表并列的两个指标",
}  # fmt: skip


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
    return f"{year}{member['project']}（{member['document']} 表{member['table']} 行{member['row']}）"


def reasons(why: Iterable[dict[str, Any]]) -> str:
    """The parts of a score in words, the greatest first; a veto by its guard and what it compared."""
    said = []
    for part in why:
        name = FEATURES.get(part["feature"], part["feature"])
        if part["feature"] == "veto":
            said.append(f"否决（{GUARDS[part['guard']]}：{part['words']}）")
        else:
            said.append(f"{name} {part['score']:.2f}")
    return "、".join(said)


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
        both = [f"{m['department']}：{m['project']}" for m in (a, b)]
        shown.append([f"{row['score']:.2f}", *both, "、".join(row["indicators"][:5])])
    return table(["得分", "项目", "与之重复的项目", "共同的指标"], shown) if shown else "没有跨部门重复的项目"


def queue(rows: Iterable[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        lines.append(f"{row['pair']}  {row['score']:.2f}")
        lines += [f"     {m['indicator']}  {m['value']}  {place(m)}" for m in row["members"]]
        lines.append(f"     因为 {reasons(row['why'])}")
    return "\n".join([*lines, "判断：kg review accept|reject 编号 [--note 说明]"]) if lines else "没有待复核的配对"
