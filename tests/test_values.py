"""Target cells: operator, number, unit, per-what, dates and frequency; what is not understood stays text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from command import TESTS, json_lines
from hypothesis import given
from hypothesis import strategies as st
from layout import graph_of, table, value_row

from kg.graph.store import Store
from kg.tables import parse_target

GOLD = json_lines(TESTS / "data" / "tianjin-hrss-2025-gold.jsonl")
CELLS = json_lines(TESTS / "data" / "tianjin-hrss-2025-indicators.jsonl")
FORMS = {cell["value"]: gold for cell, gold in zip(CELLS, GOLD, strict=True)}


def test_the_forms_of_the_sample_are_all_here() -> None:
    assert len(FORMS) > 150


@pytest.mark.parametrize("text", FORMS)
def test_every_form_of_the_sample_is_read_as_the_gold_says(text: str) -> None:
    gold = FORMS[text]
    target = parse_target(text, 2025)
    if gold["text"]:
        assert (target.text, target.number, target.operator, target.unit) == (gold["text"], None, "", "")
    else:
        expected = (gold["operator"], gold["number"], gold["unit"])
        assert (target.operator, float(target.number or "nan"), target.unit) == expected


@pytest.mark.parametrize(
    ("text", "operator", "number", "unit", "per"),
    [
        ("≥10套", "≥", "10", "套", ""),
        ("≥62万台（件）", "≥", "62", "万台（件）", ""),
        ("20个（处）", "=", "20", "个（处）", ""),
        ("≥3人(次)/年", "≥", "3", "人(次)/年", "年"),
        ("5（含）以上", "≥", "5", "", ""),
        ("5人（含）以上", "≥", "5", "人", ""),
        (">=90%", "≥", "90", "%", ""),
        ("=>90%", "≥", "90", "%", ""),
        ("≧90％", "≥", "90", "%", ""),
        ("≥１００％", "≥", "100", "%", ""),
        ("大于等于3次", "≥", "3", "次", ""),
        ("不低于90％", "≥", "90", "%", ""),
        ("不少于5家", "≥", "5", "家", ""),
        ("至少5家", "≥", "5", "家", ""),
        ("95%及以上", "≥", "95", "%", ""),
        ("90%以上", "≥", "90", "%", ""),
        ("≥90％以上", "≥", "90", "%", ""),
        ("≦3000元", "≤", "3000", "元", ""),
        ("<=3000元", "≤", "3000", "元", ""),
        ("≤ 5 %", "≤", "5", "%", ""),
        ("不超过100万元", "≤", "100", "万元", ""),
        ("不高于5%", "≤", "5", "%", ""),
        ("5%以下", "≤", "5", "%", ""),
        ("30日以内", "≤", "30", "日", ""),
        ("3个月内", "≤", "3", "个月", ""),
        ("> 5 %", ">", "5", "%", ""),
        ("大于5个", ">", "5", "个", ""),
        ("<3起", "<", "3", "起", ""),
        ("=100.00(%)", "=", "100.00", "%", ""),
        ("100（%）", "=", "100", "%", ""),
        ("等于100%", "=", "100", "%", ""),
        ("达到100%", "=", "100", "%", ""),
        ("100%", "=", "100", "%", ""),
        ("±3%", "±", "3", "%", ""),
        ("±3%以内", "±", "3", "%", ""),
        ("≥155万份", "≥", "155", "万份", ""),
        ("500万", "=", "500", "万", ""),
        ("≤2900", "≤", "2900", "", ""),
        ("3,540.00万元", "=", "3540.00", "万元", ""),
        ("1,234,567元", "=", "1234567", "元", ""),
        ("≥12'345个", "≥", "12345", "个", ""),
        ("≥.5%", "≥", "0.5", "%", ""),
        ("3020元/人", "=", "3020", "元/人", "人"),
        ("≤500元/亩", "≤", "500", "元/亩", "亩"),
        ("≥2000元/月/人", "≥", "2000", "元/月/人", "月/人"),
        ("≥5个百分点", "≥", "5", "个百分点", ""),
        ("≤1工作日", "≤", "1", "工作日", ""),
        ("≥3‰", "≥", "3", "‰", ""),
        ("26℃", "=", "26", "℃", ""),
        ("≥100㎡", "≥", "100", "㎡", ""),
        ("≥100m²", "≥", "100", "m²", ""),
        ("95%（含）以上", "≥", "95", "%", ""),
        ("≥3个。", "≥", "3", "个", ""),
        ("=100.00(%)", "=", "100.00", "%", ""),
        ("±3%以内", "±", "3", "%", ""),
        ("30日以内", "≤", "30", "日", ""),
        ("10万m³", "=", "10", "万m³", ""),
        ("100Mbps", "=", "100", "Mbps", ""),
        ("\n≥5000\n人 ", "≥", "5000", "人", ""),
        ("2025", "=", "2025", "", ""),
        ("3年", "=", "3", "年", ""),
    ],
)
def test_a_cell_that_is_a_number(text: str, operator: str, number: str, unit: str, per: str) -> None:
    target = parse_target(text, 2025)
    assert (target.kind, target.operator, target.number, target.unit, target.per) == (
        "number", operator, Decimal(number), unit, per,
    )  # fmt: skip
    assert target.text == text.strip()
    assert target.deadline is None
    assert not target.period


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("2025年12月31日前", "2025-12-31"),
        ("2025年12月31日之前", "2025-12-31"),
        ("2025年6月30号", "2025-06-30"),
        ("截至2025年6月30日", "2025-06-30"),
        ("于2024年3月前", "2024-03-31"),
        ("2025年6月30日前完成全部支付", "2025-06-30"),
        ("2025.12.31", "2025-12-31"),
        ("2025/6/30前", "2025-06-30"),
        ("2025-02", "2025-02-28"),
        ("2024年2月", "2024-02-29"),
        ("2025年", "2025-12-31"),
        ("2025年度", "2025-12-31"),
        ("9月底前签约上岗", "2025-09-30"),
        ("12月底前发放到位", "2025-12-31"),
        ("5月末前", "2025-05-31"),
        ("12月31日", "2025-12-31"),
        ("年底前完成", "2025-12-31"),
        ("年内", "2025-12-31"),
        ("当年完成", "2025-12-31"),
        ("本年年底", "2025-12-31"),
        ("2024年底", "2024-12-31"),
        ("2024年年底前完成", "2024-12-31"),
        ("2026年内", "2026-12-31"),
        ("上半年", "2025-06-30"),
        ("第三季度", "2025-09-30"),
        ("2024年第四季度前", "2024-12-31"),
    ],
)
def test_a_cell_that_is_a_deadline(text: str, deadline: str) -> None:
    target = parse_target(text, 2025)
    assert (target.kind, target.deadline, target.start) == ("date", date.fromisoformat(deadline), None)
    assert (target.operator, target.number, target.unit) == ("", None, "")


@pytest.mark.parametrize(
    ("text", "start", "deadline"),
    [
        ("2025年1月1日至2025年12月31日", "2025-01-01", "2025-12-31"),
        ("2025年1月至12月", "2025-01-01", "2025-12-31"),
        ("2024年9月1日到2025年6月30日前", "2024-09-01", "2025-06-30"),
        ("1月-6月", "2025-01-01", "2025-06-30"),
        ("2025年2月—2025年2月", "2025-02-01", "2025-02-28"),
    ],
)
def test_a_cell_that_is_a_period(text: str, start: str, deadline: str) -> None:
    target = parse_target(text, 2025)
    assert (target.kind, target.start, target.deadline) == (
        "date", date.fromisoformat(start), date.fromisoformat(deadline),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "period", "times"),
    [
        ("1次/季度", "P3M", 1),
        ("1次/月", "P1M", 1),
        ("≥2次/年", "P1Y", 2),
        ("不少于3次/年", "P1Y", 3),
        ("十二次/年", "P1Y", 12),
        ("每月一次", "P1M", 1),
        ("每周两次", "P7D", 2),
        ("每半年1次", "P6M", 1),
        ("按月发放", "P1M", None),
        ("每季度", "P3M", None),
    ],
)
def test_a_cell_that_is_a_frequency(text: str, period: str, times: int | None) -> None:
    target = parse_target(text, 2025)
    assert (target.kind, target.period, target.times) == ("frequency", period, times)
    assert (target.operator, target.number, target.unit) == ("", None, "")


@pytest.mark.parametrize(
    "text",
    [
        "不断提升",
        "非常满意",
        "完成1项",
        "第3季度完成20%",
        "每人每月500元",
        "90-95%",
        "50%~60%",
        "1/3",
        "7×24小时",
        "100余人",
        "100多人",
        "约100人",
        "5000人左右",
        "提前1天",
        "2024-2025学年",
        "2025年完成",
        "2025年2月30日前",
        "2025年13月",
        "0000年底",
        "1,00人",
        "1.2.3",
        "-5",
        "A级",
        "100%100%",
        "按月做好业务经费保障，为政策实施工作平稳实施提供支撑",
        "为创业、就业大学生给予一定奖励资助",
        "建成3个基地、5个站点",
        "",
    ],
)
def test_a_cell_that_is_not_wholly_understood_stays_text(text: str) -> None:
    target = parse_target(text, 2025)
    assert (target.kind, target.text) == ("text", text)
    assert (target.operator, target.number, target.unit, target.deadline, target.period) == (
        "",
        None,
        "",
        None,
        "",
    )


def test_a_deadline_without_a_year_needs_the_fiscal_year() -> None:
    assert parse_target("年底前完成").kind == "text"
    assert parse_target("9月底前").kind == "text"
    assert parse_target("2025年9月底前").deadline == date(2025, 9, 30)


PIECES = st.text(
    "≥≤><=±%‰0123456789.,年月日底前内每次/季度周至-~（）()万亿元人十百千一二三 \n\t０９²㎡℃",
    max_size=14,
)


@given(st.one_of(st.text(), PIECES), st.sampled_from([None, 2025]))
def test_any_text_is_read_without_failing_and_kept(text: str, year: int | None) -> None:
    target = parse_target(text, year)
    assert target.text == text.strip()
    assert parse_target(target.text, year) == target


@pytest.mark.parametrize(
    "text", ["每月" + "1" * 5000 + "次", "2" * 5000 + "次/月", "每" + "一" * 5000 + "次", "9" * 5000]
)
def test_absurdly_long_numbers_do_not_fail(text: str) -> None:
    assert parse_target(text, 2025).text == text


def targets(*rows: tuple[str, str]) -> Store:
    return graph_of(table(rows=[value_row(value, level2) for value, level2 in rows]))


@pytest.mark.parametrize(
    ("value", "level2", "amount", "unit"),
    [
        ("0.12万元", "成本指标", "1200", "yuan"),
        ("≤69.5万", "成本指标", "695000", "yuan"),
        ("500万", "成本指标", "5000000", "yuan"),
        ("≤2216.61万元", "成本指标", "22166100", "yuan"),
        ("≤1.5亿元", "成本指标", "150000000", "yuan"),
        ("≥1604.16元", "数量指标", "1604.16", "yuan"),
        ("1245.4元/人", "数量指标", "1245.4", "yuan"),
        ("≥155万份", "数量指标", "1550000", "copy"),
        ("≥3.6万人", "数量指标", "36000", "person"),
        ("500万", "数量指标", "5000000", None),
    ],
)
def test_amounts_in_the_graph_are_exact(value: str, level2: str, amount: str, unit: str | None) -> None:
    (row,) = targets((value, level2)).select(
        """SELECT ?n ?u ?written WHERE { ?t qudt:value ?n ; jx:text ?written
           OPTIONAL { ?t qudt:hasUnit ?u } }"""
    )
    assert row["n"] == Decimal(amount)
    assert row["written"] == value
    assert (row["u"] or "").rpartition("/")[2] == (unit or "")
