"""Values that were read but are not certain: they are flagged with their cell, and only their words are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from kg.tables.lexis import table_words
from kg.tables.records import IndicatorRecord, ProjectRecord
from kg.tables.values import Target, parse_target, plain_form

LEAST = ("=", "≥", ">")
FIGURE = re.compile(r"[≥≤<>=＞＜±]\d")  # what only a number begins with


def value_doubts(project: ProjectRecord) -> Iterator[tuple[str, str, IndicatorRecord]]:
    """(code, message, row) for the values of a project that cannot be read with certainty."""
    numbers = [i for i in project.indicators if i.target.number is not None]
    clear = [i for i in numbers if i.target.unit or re.match(r"\D", plain_form(i.target.text))]
    pattern_is_clear = len(clear) >= 3 and len(clear) * 3 >= len(numbers) * 2
    for indicator in project.indicators:
        target, shown = indicator.target, indicator.target.text
        if _glued(target, pattern_is_clear, numbers):
            yield "glued-value", f"指标值“{shown}”疑似几个单元格粘连或识别有误", indicator
        elif target.kind == "text" and FIGURE.match(plain_form(shown)):
            yield "glued-value", f"指标值“{shown}”以符号和数字开头，却读不成一个数：只留了原话", indicator
        elif _one_for_hundred(indicator, numbers):
            yield "percent-as-one", f"“{indicator.name}”的指标值“{shown}”疑似百分数存成了小数", indicator


def _glued(target: Target, pattern_is_clear: bool, numbers: list[IndicatorRecord]) -> bool:
    plain = plain_form(target.text)
    if target.number is None:
        return _two_values(plain) or _apart(target.text)
    if re.match(r"\D", plain):  # an operator is written: its number is not run into another cell
        return target.unit == "%" and target.number >= 10_000
    if not target.unit:
        if re.fullmatch(r"\d{2}100", plain):  # 88 and 100 of two columns
            return True
        return pattern_is_clear and bool(re.fullmatch(r"\d{5,}", plain))
    if target.unit == "%" and target.number > 100:
        # ≥92% read as 292%: the sign has become a digit
        signed = sum(1 for i in numbers if i.target.unit == "%" and i.target.operator != "=")
        without = plain_form(target.text)[1:].rstrip("%")
        return bool(signed and plain[0] in "2Z3>7" and re.fullmatch(r"(?:[1-9]\d(?:\.\d+)?|100)", without)) or (
            target.number >= 10_000
        )
    return False


def _two_values(plain: str) -> bool:
    """Whether a cell is two number values run together, as ``≥95%≥90%`` or ``≥95%100%``."""
    for cut in range(2, len(plain) - 1):
        if plain[cut - 1] not in "%人个次元家场项" or not re.match(r"[≥≤<>=＞＜]|\d", plain[cut]):
            continue
        if all(parse_target(part).number is not None for part in (plain[:cut], plain[cut:])):
            return True
    return False


def _apart(text: str) -> bool:
    """Whether a cell is two numbers with their units, and a blank between: ``12座 15座``."""
    parts = text.split()
    return len(parts) == 2 and all((found := parse_target(p)).number is not None and found.unit for p in parts)


def _one_for_hundred(indicator: IndicatorRecord, numbers: list[IndicatorRecord]) -> bool:
    """Whether a value is a fraction where its unit, its column or its name speak of percents.

    Of percents of 1 and less in one table all are fractions; one alone is, where it has two decimals from .50 up. A
    limit (``≤0.02%``) may be meant, unless one of the others is such a one.
    """
    target = indicator.target
    if target.number is None or target.unit not in ("", "%") or not 0 < target.number <= 1:
        return False
    if _is_fraction(indicator):
        return True
    column = [i for i in numbers if i.target.unit == "%" and i.target.number is not None]
    if target.unit != "%" or len(column) < 2 or max(i.target.number or 0 for i in column) > 1:
        return False
    return target.operator in LEAST or any(map(_is_fraction, column))


def _is_fraction(indicator: IndicatorRecord) -> bool:
    """Whether a value by itself is a fraction of percents."""
    target = indicator.target
    if target.operator not in LEAST or target.number is None or target.number > 1:
        return False
    return bool(re.search(table_words()["shares"]["name"], indicator.name)) or (
        target.number >= Decimal("0.5") and target.number.as_tuple().exponent == -2
    )
