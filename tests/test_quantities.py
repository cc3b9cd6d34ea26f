"""Quantities as questions write them, and what is read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.ask.reading import Quantity, plain, quantities

YEAR = 2025


def read(text: str) -> list[Quantity]:
    return quantities(plain(text), YEAR)


def only(text: str, kind: str) -> Quantity:
    found = read(text)
    assert [q.kind for q in found] == [kind]
    return found[0]


@pytest.mark.parametrize(
    ("text", "operator", "yuan", "upper"),
    [
        ("预算超过1亿2千万的项目", ">", 120_000_000, None),
        ("预算一百二十万以内", "≤", 1_200_000, None),
        ("不到五十万元", "<", 500_000, None),
        ("预算不超过1,200万元", "≤", 12_000_000, None),
        ("至少0.5亿", "≥", 50_000_000, None),
        ("300万打底", "≥", 3_000_000, None),
        ("没超过三百万", "≤", 3_000_000, None),
        ("上千万的项目", "≥", 10_000_000, None),
        ("过亿的项目", "≥", 100_000_000, None),
        ("三千多万的项目", ">", 30_000_000, 40_000_000),
        ("在100到300万之间", "≥", 1_000_000, 3_000_000),
        ("3000万至1个亿", "≥", 30_000_000, 100_000_000),
        ("从80万元到150万元", "≥", 800_000, 1_500_000),
        ("补贴5块钱", "", 5, None),
        ("每人3020元", "", 3020, None),
    ],
)
def test_money_is_yuan(text: str, operator: str, yuan: int, upper: int | None) -> None:
    found = only(text, "money")
    assert (found.operator, found.number, found.upper) == (operator, yuan, upper)


@pytest.mark.parametrize(
    ("text", "kind", "operator", "number", "unit"),
    [
        ("满意度95%以上", "percent", "≥", 95, ""),
        ("满意度低于百分之九十", "percent", "<", 90, ""),
        ("九成以上", "percent", "≥", 90, ""),
        ("99.5%", "percent", "", Decimal("99.5"), ""),
        ("至少200人", "amount", "≥", 200, "人"),
        ("20个工作日内", "amount", "≤", 20, "个工作日"),
        ("两个以上", "amount", "≥", 2, "个"),
        ("至少设了三个时效指标", "amount", "≥", 3, "个"),
        ("发放人次2025", "year", "", 2025, ""),
        ("2025年的项目", "year", "", 2025, ""),
        ("二〇二四年", "year", "", 2024, ""),
        ("一九九九年", "year", "", 1999, ""),
        ("排名第三的项目", "rank", "", 3, ""),
        ("第十二名", "rank", "", 12, ""),
        ("前五名", "top", "", 5, ""),
        ("倒数三个", "top", "", 3, ""),
        ("几百万的项目", "vague", "", None, ""),
    ],
)
def test_numbers_of_other_kinds(text: str, kind: str, operator: str, number: Any, unit: str) -> None:
    found = only(text, kind)
    assert (found.operator, found.number, found.unit) == (operator, number, unit)


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("9月底前完成", "date", None, date(2025, 9, 30)),
        ("九月底前完成", "date", None, date(2025, 9, 30)),
        ("2024年2月底之前", "date", None, date(2024, 2, 29)),
        ("12月15日前", "date", None, date(2025, 12, 15)),
        ("6月上岗的", "date", date(2025, 6, 1), date(2025, 6, 30)),
        ("3月到9月", "span", date(2025, 3, 1), date(2025, 9, 30)),
        # a month as a whole ends before its 前; what is told by its end does not
        ("10月以前", "date", None, date(2025, 9, 30)),
        ("10月底以前", "date", None, date(2025, 10, 31)),
        ("10月底（含）之前", "date", None, date(2025, 10, 31)),
        ("11月之前（不含11月）", "date", None, date(2025, 10, 31)),
        ("11月之前（含11月）", "date", None, date(2025, 11, 30)),
        ("9月30日及以前", "date", None, date(2025, 9, 30)),
        ("9月30日前（不含当日）", "date", None, date(2025, 9, 29)),
        ("不晚于8月底", "date", None, date(2025, 8, 31)),
        ("三季度末以前", "date", None, date(2025, 9, 30)),
        ("第三季度前", "date", None, date(2025, 6, 30)),
        ("上半年完成", "date", date(2025, 1, 1), date(2025, 6, 30)),
        ("2024年四季度完成", "date", date(2024, 10, 1), date(2024, 12, 31)),
        ("10月中旬前", "date", None, date(2025, 10, 20)),
        ("10月之后", "date", date(2025, 11, 1), None),
        ("10月及以后", "date", date(2025, 10, 1), None),
        ("晚于9月完成", "date", date(2025, 10, 1), None),
        ("8月到10月之间完成", "date", date(2025, 8, 1), date(2025, 10, 31)),
        ("6月和9月之间到期", "date", date(2025, 6, 1), date(2025, 9, 30)),
        ("写的是10月31日前", "date", date(2025, 10, 31), date(2025, 10, 31)),
        ("2025年3月1日至6月30日", "span", date(2025, 3, 1), date(2025, 6, 30)),
    ],
)
def test_dates_are_of_the_year_that_is_meant(text: str, kind: str, first: date | None, last: date | None) -> None:
    found = only(text, kind)
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    ("text", "period"), [("按月发放", "P1M"), ("每季度支付", "P3M"), ("每年一次", "P1Y"), ("逐月拨付", "P1M")]
)
def test_how_often(text: str, period: str) -> None:
    assert only(text, "frequency").period == period


@pytest.mark.parametrize("text", ["哪些项目服务高校毕业生？", "折成亿元是多少", "万无一失", "三支一扶", "一般公共预算"])
def test_words_that_hold_numerals_are_no_quantities(text: str) -> None:
    assert read(text) == []


@given(
    st.lists(st.sampled_from(["预算", "超过", "100", "万", "元", "以内", "三", "亿", "到", "%", "年", "2025", "9月", "前", "个", "的"]), max_size=10)
    .map("".join)
)  # fmt: skip
def test_quantities_stand_in_the_text_from_left_to_right_and_never_overlap(text: str) -> None:
    normal = plain(text)
    at = 0
    for found in quantities(normal, YEAR):
        assert at <= found.start < found.end <= len(normal)
        assert found.upper is None or found.number is None or found.number < found.upper
        at = found.end
