"""What the codes in records are called in Chinese, for every door: terminal, workbook and page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}
FIELDS = {
    "project": "项目名称", "purpose": "资金用途", "goal": "绩效目标", "budget": "预算数", "fiscal_funds": "财政资金",
    "other_funds": "其他资金", "department": "部门", "name": "三级指标", "description": "指标描述", "value": "指标值",
    "level1": "一级指标", "level2": "二级指标", "title": "标题", "money_unit": "金额单位", "operator": "指标性质",
    "unit": "度量单位", "midterm": "中期指标值", "half_year": "上半年指标值", "prior": "上年值", "actual": "实际完成值",
    "interim": "监控时完成值", "weight": "分值", "score": "得分", "deviation": "偏差原因", "funding": "资金", "carried_over": "上年结转",
    "adjusted_budget": "全年预算数", "executed": "全年执行数", "interim_executed": "监控时执行数", "midterm_budget": "中期资金总额",
    "midterm_goal": "中期目标", "execution_rate": "预算执行率", "execution_score": "执行率得分", "total_score": "自评总分",
    "implementer": "实施单位", "code": "项目编码", "year": "年度",
}  # fmt: skip
KINDS = {"exact": "完全相同", "reworded": "换了说法", "retargeted": "改了指标值", "similar": "相近"}
CHANGES = {"same": "沿用", "renamed": "改名", "moved": "移入", "new": "新增", "dropped": "取消"}
TARGETS = {"easier": "⚠ 变容易", "harder": "变难", "changed": "变了", "": ""}
FEATURES = {
    "name": "名称", "core": "关键字", "meaning": "语义", "description": "描述", "type": "类型", "unit": "单位",
    "target": "指标值", "aspect": "量的方面", "position": "位置", "programme": "项目", "words": "用词相同",
    "object": "对象", "choice": "语义最近", "nearest": "无更近者", "near": "数值相近", "scarce": "数值独特", "place": "前后相邻",
    "veto": "否决", "review": "复核", "purpose": "用途", "beneficiaries": "受益群体", "indicators": "指标",
}  # fmt: skip
COMPARED = frozenset(
    {
        "name",
        "core",
        "meaning",
        "description",
        "type",
        "unit",
        "target",
        "aspect",
        "position",
        "programme",
        "purpose",
        "beneficiaries",
        "indicators",
    }
)  # features whose value is a likeness
GUARDS = {
    "numbers": "数字不同", "qualifiers": "限定词不同", "opposites": "反义", "object": "对象不同",
    "dimension": "量纲不同", "siblings": "同表并列的两个指标",
}  # fmt: skip


ALIKE = ((0.995, "相同"), (0.85, "很相近"), (0.65, "相近"), (0.0, "不大相同"))  # from which likeness on


def in_words(why: Iterable[dict[str, Any]]) -> str:
    """How alike two indicators are in what was compared, without figures: the most alike first."""
    said: dict[str, list[str]] = {}
    for part in why:
        name = FEATURES.get(part["feature"], part["feature"])
        if part["feature"] == "veto":
            said.setdefault("", []).append(f"但{GUARDS[part['guard']]}：{part['words']}")
        elif part["feature"] in COMPARED:
            said.setdefault(next(word for least, word in ALIKE if part["value"] >= least), []).append(name)
        else:  # a reason that says all by itself
            said.setdefault("", []).append(name)
    parts = ["、".join(said[word]) + word for _, word in ALIKE if word in said]
    return "；".join([*parts, *said.get("", ())])


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
