"""Numerals as people write them: read right, or not read at all."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.ask.reading import plain, quantities
from kg.tables.numerals import NUMERAL, bounds, numeral

WAN, YI = 10_000, 100_000_000
ONES = "零一二三四五六七八九"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("1,200", 1200),
        ("1,234,567.50", "1234567.5"),
        ("3千", 3000),
        ("12百", 1200),
        ("1.23456万", "12345.6"),
        ("0.5亿", YI // 2),
        ("3万亿", 30_000 * YI),
        ("十", 10),
        ("十二", 12),
        ("一百一十", 110),
        ("一百零五", 105),
        ("二百五", 250),
        ("三千五", 3500),
        ("一万二", 12_000),
        ("十五万六", 156_000),
        ("两千", 2000),
        ("一百二十万", 120 * WAN),
        ("一千零五十万", 1050 * WAN),
        ("一亿两千万", 12_000 * WAN),
        ("三亿零五百万", 30_500 * WAN),
        ("一亿零三", YI + 3),
        ("两万亿", 20_000 * YI),
        ("三亿二", 32_000 * WAN),
        ("一亿十万", 10_010 * WAN),
        ("十万零一千", 101_000),
        ("百万", 100 * WAN),
        ("1亿2千万", 12_000 * WAN),
        ("1亿2000万", 12_000 * WAN),
        ("1亿零500万", 10_500 * WAN),
        ("1亿两千万", 12_000 * WAN),
        ("1万5千", 15_000),
        ("1个亿", YI),
        ("两个亿", 2 * YI),
        ("三点五亿", 35_000 * WAN),
        ("二〇二五", 2025),
        ("二零二五", 2025),
        ("贰拾万", 20 * WAN),
    ],
)
def test_a_numeral_is_read(text: str, value: int | str) -> None:
    assert numeral(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "几百万",
        "数千万",
        "三千多万",
        "100余万",
        "十几万",
        "十来万",
        "二三十",
        "两三千万",
        "三五百万",
        "三五",
        "万千",
        "一二百",
    ],
)
def test_what_names_no_one_number_is_not_read(text: str) -> None:
    assert numeral(text) is None


@pytest.mark.parametrize(
    ("text", "between"),
    [
        ("三千多万", (3000 * WAN, 4000 * WAN)),
        ("3500多万", (3500 * WAN, 3600 * WAN)),
        ("100余万", (100 * WAN, 200 * WAN)),
        ("十几万", (10 * WAN, 20 * WAN)),
        ("二十几万", (20 * WAN, 30 * WAN)),
        ("一亿两千多万", (12_000 * WAN, 13_000 * WAN)),
        ("1亿2000多万", (12_000 * WAN, 13_000 * WAN)),
        ("1.2亿多", (12_000 * WAN, 13_000 * WAN)),
        ("一个多亿", (YI, 2 * YI)),
        ("几百万", None),
        ("十来万", None),
        ("二三十万", None),
        ("3多", None),
    ],
)
def test_so_much_and_more_has_bounds(text: str, between: tuple[int, int] | None) -> None:
    assert bounds(text) == between


def section(number: int) -> str:
    """1…9999 in Chinese, with 零 for a gap inside."""
    out = ""
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            out += ONES[digit] + unit
        elif out and number % place and not out.endswith("零"):
            out += "零"
    return out


def spoken(number: int) -> str:
    """Any whole number below 10¹² in Chinese, as it is taught in school."""
    if not number:
        return "零"
    out = ""
    for size, unit in ((YI, "亿"), (WAN, "万"), (1, "")):
        part = number // size % WAN
        if part:
            gap = out and (part < 1000 or out.endswith("零"))
            out = out.removesuffix("零") + ("零" if gap else "") + section(part) + unit
        elif out and number % size and not out.endswith("零"):
            out += "零"
    return out


whole = (
    st.integers(0, 10**12 - 1)
    | st.integers(0, WAN)
    | st.builds(lambda n, z: n * 10**z, st.integers(1, 99), st.integers(0, 10))
)


@given(whole)
def test_every_whole_number_is_read_as_it_is_spoken(number: int) -> None:
    text = spoken(number)
    assert numeral(text) == number
    if number >= 20 or number < 10:
        assert re.fullmatch(NUMERAL, text)
    if text.startswith("一十"):
        assert numeral(text[1:]) == number
    assert (
        numeral(text.replace("二百", "两百").replace("二千", "两千").replace("二万", "两万").replace("二亿", "两亿"))
        == number
    )


@given(st.integers(1, 9999), st.integers(1, 9999), st.integers(0, 9999))
def test_digits_and_scales_together_are_added_up(high: int, middle: int, low: int) -> None:
    gap = "零" if middle < 1000 else ""
    assert numeral(f"{high}亿{gap}{middle}万") == high * YI + middle * WAN
    assert numeral(f"{high},000" if high < 1000 else f"{high}千") == high * 1000
    assert numeral(f"{low}") == low
    assert numeral(f"{low}.{middle}万") == Decimal(f"{low}.{middle}") * WAN


@given(st.text(alphabet="零一二两三九十百千万亿几多余0123456789.,个点", max_size=10))
def test_any_mixture_of_such_characters_is_read_or_refused(text: str) -> None:
    value, between = numeral(text), bounds(text)
    assert value is None or value >= 0
    assert between is None or between[0] < between[1]


@pytest.mark.parametrize(
    ("question", "amount"),
    [
        ("预算3000万至1个亿的项目", ("≥", 3000 * WAN, "≤", YI)),
        ("预算100到300万的项目", ("≥", 100 * WAN, "≤", 300 * WAN)),
        ("预算在1亿和5000万之间的项目", ("≥", 5000 * WAN, "≤", YI)),
        ("预算三千多万的项目", (">", 3000 * WAN, "<", 4000 * WAN)),
        ("预算十几万元的项目", (">", 10 * WAN, "<", 20 * WAN)),
        ("预算超过一亿两千万的项目", (">", 12_000 * WAN, "", None)),
        ("预算1亿2千万以上的项目", ("≥", 12_000 * WAN, "", None)),
        ("预算不到三亿零五百万的项目", ("<", 30_500 * WAN, "", None)),
        ("预算超过1亿一共有几个", (">", YI, "", None)),
        ("预算超过三亿一共有几个", (">", 3 * YI, "", None)),
        ("预算几百万的项目", None),
        ("预算超过几百万的项目", None),
        ("预算五千至1亿的项目", None),
        ("预算约3000万的项目", None),
        ("预算3000万元左右的项目", None),
        ("预算三千多万以上的项目", None),
    ],
)
def test_an_amount_in_a_question_is_read_or_said_to_be_vague(
    question: str, amount: tuple[str, int, str, int | None] | None
) -> None:
    found = [q for q in quantities(plain(question), 2025) if q.kind in ("money", "vague")]
    said = [(q.operator, q.number, q.upper_operator, q.upper) if q.kind == "money" else None for q in found]
    assert said == [amount]


@pytest.mark.parametrize("question", ["综合经费给了几亿元", "多几万份", "有几个项目", "近三年的预算", "2025年几项指标"])
def test_how_many_is_no_rough_amount(question: str) -> None:
    assert not [q for q in quantities(plain(question), 2025) if q.kind in ("money", "vague")]
