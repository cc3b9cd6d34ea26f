"""The words of a target cell → operator, number, unit, per-what, deadline, period, frequency, else text.

What is not understood stays text: a number is read only where the whole cell is one.
"""

from __future__ import annotations

import calendar
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from kg.tables.numerals import CHINESE, numeral

NUMBER = r"(?:\d+(?:,\d{3})*(?:\.\d+)?|\d*\.\d+)(?:[Ee][+-]\d{1,2})?"
# A unit is no phrase: 100余人, 5000人左右 and 2025年完成 stay text.
_WORD = r"(?![余多左右前后底末完到的和及以或不达约近超内含])[\u4e00-\u9fff]"
_KIND = r"(?:\((?![含约余暂预估按每共计不])[\u4e00-\u9fff]{1,3}\))?"  # 台（件）, 人（次）
UNIT = (
    rf"(?:[%‰]|°[CF]|个百分点|[万亿千百]?(?:[A-Za-z]{{1,5}}|[kcm]?m[23]|(?:{_WORD}){{1,5}}?{_KIND}|))"
    r"(?:/[\u4e00-\u9fffA-Za-z%·]{1,6}?){0,3}"
)
YEAR, MONTH, DAY = r"(?P<{0}y>\d{{4}})年", r"(?P<{0}m>\d{{1,2}})月", r"(?P<{0}d>\d{{1,2}})[日号]"


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed target. ``text`` is the cell as displayed; ``number`` and ``unit`` are as it writes them.

    ``kind``: number, date, frequency or text. ``period`` is an ISO 8601 duration, ``times`` how often in it.
    """

    text: str
    kind: str = "text"
    operator: str = ""
    number: Decimal | None = None
    unit: str = ""
    per: str = ""
    start: date | None = None
    deadline: date | None = None
    period: str = ""
    times: int | None = None


def parse_target(text: str, year: int | None = None) -> Target:
    """Read a target cell; ``year`` (the fiscal year) dates deadlines that name no year themselves."""
    shown = text.strip()
    plain = re.sub(r"[.。;,]+$", "", plain_form(shown))  # a sentence's end is no part of the value
    return (
        _frequency(shown, plain) or _period(shown, plain, year) or _deadline(shown, plain, year)
        or _number(shown, plain) or Target(shown)
    )  # fmt: skip


def plain_form(text: str) -> str:
    """Full-width → half-width, without blanks, thousands parted by commas; ≥ and ≤ as they are."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).replace("﹪", "%")
    return re.sub(r"(?<=\d)['’](?=\d{3}(?!\d))", ",", plain)


@cache
def value_words() -> dict[str, Any]:
    """The tables of ``values.toml``."""
    return tomllib.loads(resources.files("kg.tables").joinpath("values.toml").read_text("utf-8"))


def period_words() -> dict[str, str]:
    """What names a period of time → its ISO 8601 duration: ``季度`` → P3M."""
    found: dict[str, str] = value_words()["periods"]
    return found


def deadline_words() -> dict[str, str]:
    """What names a day of any year → that day as MM-DD: ``年底`` → 12-31."""
    found: dict[str, str] = value_words()["deadlines"]
    return found


def approximate_words() -> tuple[str, str]:
    """The words before and behind a number that make it a rough one, each as the alternatives of a pattern."""
    before, after = ("|".join(value_words()["approximate"][place]) for place in ("before", "after"))
    return before, after


def _alternatives(table: str) -> str:
    return "|".join(re.escape(word) for word in sorted(value_words()[table], key=len, reverse=True))


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    operators, suffix, periods = (_alternatives(t) for t in ("operators", "suffix", "periods"))
    count = rf"(?P<n>\d{{1,9}}|{CHINESE}+)"

    def day(prefix: str) -> str:
        return f"(?:{YEAR.format(prefix)})?{MONTH.format(prefix)}(?:{DAY.format(prefix)})?(?P<{prefix}end>[底末])?"

    return {
        name: re.compile(pattern)
        for name, pattern in {
            "number": rf"(?P<op>{operators})?(?P<n>{NUMBER})\(?(?P<unit>{UNIT})\)?(?P<tail>{suffix})?",
            "times": rf"(?:{operators})?{count}次/(?:每)?(?P<p>{periods})",
            "each": rf"[每按](?P<p>{periods})(?:(?:{operators})?{count}次|(?:\d{{1,2}}[日号])?[\u4e00-\u9fff]{{0,6}})",
            "span": rf"{day('a')}(?:起)?(?:至|到|[-—~～]+){day('b')}(?:[前内止])?",
            "date": rf"(?:于|在|截至|截止)?{day('a')}(?P<rest>(?:之前|以前|前|内)?[^\d，。；,;]{{0,12}})",
            "plain": r"(?P<ay>\d{4})(?:年度?|[-./](?P<am>\d{1,2})(?:[-./](?P<ad>\d{1,2}))?)(?P<rest>之前|以前|前|内)?",
            "named": rf"(?:(?P<y>(?:19|20)\d\d)(?:年度?)?|本年)?(?P<w>{_alternatives('deadlines')})(?P<rest>(?:之前|以前|前|内)?[^\d，。；,;]{{0,8}})",
        }.items()
    }


def _frequency(shown: str, plain: str) -> Target | None:
    for name in ("times", "each"):
        if found := _patterns()[name].fullmatch(plain):
            n = found["n"]
            times = numeral(n) if n else None
            if n and times is None:
                return None
            return Target(
                shown, "frequency", period=period_words()[found["p"]], times=None if times is None else int(times)
            )
    return None


def _date(found: re.Match[str], prefix: str, year: int | None) -> date | None:
    y = int(found[f"{prefix}y"]) if found[f"{prefix}y"] else year
    month, day = int(found[f"{prefix}m"] or 12), found[f"{prefix}d"]
    if y is None or not 1900 <= y <= 2100 or not 1 <= month <= 12:
        return None
    last = calendar.monthrange(y, month)[1]
    if day is None:
        return date(y, month, last if prefix != "a" or found.re is not _patterns()["span"] else 1)
    return date(y, month, int(day)) if 1 <= int(day) <= last else None


def _period(shown: str, plain: str, year: int | None) -> Target | None:
    found = _patterns()["span"].fullmatch(plain)
    if not found:
        return None
    start = _date(found, "a", year)
    end = _date(found, "b", start.year if start and not found["by"] else year)
    return Target(shown, "date", start=start, deadline=end) if start and end and start <= end else None


def _deadline(shown: str, plain: str, year: int | None) -> Target | None:
    for name in ("date", "plain"):
        if (found := _patterns()[name].fullmatch(plain)) and (deadline := _date(found, "a", year)):
            return Target(shown, "date", deadline=deadline)
    if found := _patterns()["named"].fullmatch(plain):
        y = int(found["y"]) if found["y"] else year
        if y is not None:
            return Target(shown, "date", deadline=date.fromisoformat(f"{y}-{value_words()['deadlines'][found['w']]}"))
    return None


def _number(shown: str, plain: str) -> Target | None:
    found = _patterns()["number"].fullmatch(plain)
    if not found:
        return None
    operator = value_words()["operators"].get(found["op"] or "", "=")
    if found["tail"] and operator == "=":
        operator = value_words()["suffix"][found["tail"]]
    unit = _as_written(found["unit"], shown)
    per = unit.partition("/")[2]
    return Target(shown, "number", operator, Decimal(found["n"].replace(",", "")), unit, per)


def _as_written(unit: str, shown: str) -> str:
    """The unit with the cell's own characters where the half-width form writes one as several: ``m2`` → ``㎡``."""
    for char in set(shown):
        plain = unicodedata.normalize("NFKC", char)
        kept = len(plain) > 1 or char in "（）" or unicodedata.decomposition(char).startswith("<super>")
        if plain in unit and kept:
            unit = unit.replace(plain, char)
    return unit
