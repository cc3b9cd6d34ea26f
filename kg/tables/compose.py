"""A target that stands in several columns (operator, value, unit) → the words of one cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from kg.tables.lexis import key, table_words
from kg.tables.values import parse_target, plain_form, value_words

BARE = re.compile(r"-?[\d,]*\.?\d+(?:[十百千万亿]*)")


@dataclass(frozen=True, slots=True)
class Composed:
    """The words as displayed, and what speaks against reading them: a flag's code with its message."""

    text: str
    code: str = ""
    message: str = ""


def compose(operator: str, value: str, unit: str) -> Composed:
    """``≥``, ``95``, ``%`` → ``≥95%``; words, dates and 定性 rows stay as the value cell has them."""
    value = value.strip()
    sign, unit = operator_of(operator), _said(unit)
    if not value and key(operator) in table_words()["operators"]["qualitative"]:
        return Composed("" if key(unit) in table_words()["operators"]["qualitative"] else unit)  # 单位（文字描述）
    if not value:
        return Composed("")
    if key(operator) in table_words()["operators"]["qualitative"] and not BARE.fullmatch(plain_form(value)):
        return Composed(value)
    plain = plain_form(value)
    read = parse_target(value)
    if read.number is None:
        if sign and unit and (parsed := parse_target(sign + value + unit)).number is not None:
            return Composed(parsed.text)
        return Composed(value)
    own = re.match(_operators(), plain)
    if own and sign and value_words()["operators"][own[0]] != value_words()["operators"].get(sign, sign):
        return Composed(value, "operator-contradiction", f"符号列写“{operator.strip()}”，指标值写“{value}”")
    whole = "" if own else sign
    if not unit:
        return Composed(whole + value)
    if not read.unit or set(read.unit) <= set("十百千万亿"):
        tail = parse_target(value).operator != "=" and not own and not BARE.fullmatch(plain)
        return Composed(whole + value) if tail else Composed(f"{whole}{value}{unit}")
    if same_unit(read.unit, unit):
        return Composed(whole + value)
    return Composed(whole + value, "unit-contradiction", f"指标值“{value}”的单位是“{read.unit}”，单位列却写“{unit}”")


def operator_of(text: str) -> str:
    """The operator that a column of signs or natures writes; empty for 定性, 定量 and blanks."""
    plain = plain_form(text)
    found = re.match(_operators(), plain)
    return plain if found and found[0] == plain else ""


def is_sign(text: str) -> bool:
    """Whether a cell is of a column of signs or natures: ``≥``, ``定性``."""
    nature = table_words()["operators"]
    return bool(operator_of(text)) or key(text) in (*nature["qualitative"], *nature["quantitative"])


def same_unit(one: str, other: str) -> bool:
    """Whether two cells mean one unit: the same but for writing, or one says per what and the other does not."""
    same = table_words()["same_unit"]
    a, b = (same.get(u, u) for u in (plain_form(one).strip("()"), plain_form(other).strip("()")))
    return bool(a == b) or a.partition("/")[0] == b or b.partition("/")[0] == a


@cache
def _operators() -> str:
    return "|".join(re.escape(w) for w in sorted(value_words()["operators"], key=len, reverse=True))


def _said(unit: str) -> str:
    unit = re.sub(r"\s+", "", unit)
    unit = table_words()["same_unit"].get(unit, unit)
    return "" if unit in table_words()["operators"]["empty"] else unit
