"""Dates in a question as intervals: 10月底前, 9月30日及以前, 上半年, 8月到10月之间, 不晚于三季度末.

A date that is told by its end (a day, 月底) is itself before its “前”; a month, a quarter told as a whole is not: what
is due “10月以前” is due by 30 September, “10月底以前” by 31 October. The words stand in ``dates.toml``.
"""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from kg.tables.values import deadline_words


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a date stands in the text, and between which days. ``stated``: a period that is written as one;
    ``said_year``: the year that it names, 0 where it is of the year of whatever it is said of."""

    start: int
    end: int
    first: date | None
    last: date | None
    stated: bool = False
    said_year: int = 0


@cache
def words() -> dict[str, Any]:
    return tomllib.loads(files("kg.ask").joinpath("dates.toml").read_text("utf-8"))


def _day(prefix: str = "") -> str:
    """The pattern of one date, its parts named with ``prefix``; of the first (``a``) of two 月 need not be said: 1-10月."""
    periods = "|".join(words()["periods"])
    parts, ends = "|".join(words()["parts"]), "|".join(words()["ends"]["words"])
    p = prefix
    said = "?" if p == "a" else ""
    month = rf"(?P<{p}m>1[0-2]|0?[1-9])月{said}(?:份(?!数))?(?:(?P<{p}d>\d{{1,2}})[日号]|(?P<{p}part>{parts})|(?P<{p}me>{ends}))?"
    period = rf"第?(?P<{p}p>{periods})(?P<{p}pe>{ends})?"
    return rf"(?:(?P<{p}y>20\d\d)年度?的?)?(?:(?<!\d){month}|{period})"


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    def bounds(table: str) -> str:
        return "|".join(f"(?P<{table}_{name}>{'|'.join(forms)})" for name, forms in words()[table].items())

    between = words()["between"]
    named = "|".join(sorted(deadline_words(), key=len, reverse=True))
    return {
        "span": re.compile(
            rf"(?:从|自|在|介于)?{_day('a')}(?:{between['join']}|{between['pair']}){_day('b')}(?P<ending>(?={between['ending']})(?:之间|这段时间|期间)?)?"
        ),
        "date": re.compile(
            rf"(?:(?:{bounds('ahead')})(?:在)?|(?P<just>{words()['just']['ahead']}))?{_day()}(?P<closed>{words()['ends_said']['pattern']})?"
            rf"(?:{bounds('after')}|(?P<bare>(?={words()['bare']['follow']}|(?:的|要)?[^,，。的]{{0,2}}到期)))?"
            rf"(?P<closed2>{words()['ends_said']['pattern'].replace('<not>', '<not2>')})?"
        ),
        "named": re.compile(
            rf"(?P<just>{words()['just']['ahead']})?(?:(?P<y>20\d\d)年?的?)?(?P<n>{named}){words()['named']['before']}"
        ),
    }


def intervals(text: str, year: int) -> Iterator[Interval]:
    """The dates of a question in the normal form (see ``reading.plain``), each place once; ``year`` dates those that name
    none."""
    at = 0
    while at < len(text):
        if one := _span(text, at, year) or _date(text, at, year) or _named(text, at, year):
            yield one
        at = one.end if one else at + 1


def _span(text: str, at: int, year: int) -> Interval | None:
    found = _patterns()["span"].match(text, at)
    if not found:
        return None
    said = int(found["ay"] or found["by"] or 0)
    whole, other = _ends(found, "a", said or year), _ends(found, "b", int(found["ay"] or year))
    if whole is None or other is None or whole[0] > other[1]:
        return None
    return Interval(at, found.end(), whole[0], other[1], found["ending"] is None, said)


def _date(text: str, at: int, year: int) -> Interval | None:
    found = _patterns()["date"].match(text, at)
    if not found or (at and text[at].isdigit() and text[at - 1].isdigit()):
        return None
    bound = next(
        (n.partition("_")[2] for n, v in found.groupdict().items() if v and n.startswith(("ahead_", "after_"))), ""
    )
    days = _ends(found, "", year)
    if days is None or not (bound or found["just"] or found["bare"] is not None):
        return None
    first, last, point = days
    including = _including(found)
    said = int(found["y"] or 0)
    if found["just"]:
        if not _whole(text, found.end()):
            return None
        return Interval(at, found.end(), last if point else first, last, said_year=said)
    match bound:
        case "until" | "before":
            within = point or bound == "until" if including is None else including
            return Interval(at, found.end(), None, last if within else first - timedelta(1), said_year=said)
        case "since" | "later":
            within = bound == "since" if including is None else including
            return Interval(at, found.end(), first if within else last + timedelta(1), None, said_year=said)
        case _:
            return Interval(at, found.end(), first, last, said_year=said)


def _whole(text: str, end: int) -> bool:
    """Whether what is written is the date alone: “写的是年底前完成” says more."""
    return re.match(words()["just"]["behind"], text[end:]) is not None


def _including(found: re.Match[str]) -> bool | None:
    """Whether “（含…）” or “（不含…）” is said; None where neither is."""
    if not (found["closed"] or found["closed2"]):
        return None
    return not (found["not"] or found["not2"])


def _named(text: str, at: int, year: int) -> Interval | None:
    """“年底前”, where words of asking may be spoken of otherwise (“年底”)."""
    found = _patterns()["named"].match(text, at)
    if not found or (found["just"] and not _whole(text, found.end())):
        return None
    said = int(found["y"] or 0)
    month, day = map(int, deadline_words()[found["n"]].split("-"))
    last = date(said or year, month, day)
    return Interval(at, found.end(), last if found["just"] else None, last, said_year=said)


def _ends(found: re.Match[str], prefix: str, year: int) -> tuple[date, date, bool] | None:
    """The first and the last day of what is said, and whether it is told by its end."""
    y = int(found[f"{prefix}y"] or year)
    if period := found[f"{prefix}p"]:
        form = next(f for f in words()["periods"] if re.fullmatch(f, period))
        first, last = (date(y, *map(int, d.split("-"))) for d in words()["periods"][form])
        return (last, last, True) if found[f"{prefix}pe"] else (first, last, False)
    month = int(found[f"{prefix}m"])
    end = calendar.monthrange(y, month)[1]
    if day := found[f"{prefix}d"]:
        return (date(y, month, int(day)),) * 2 + (True,) if 1 <= int(day) <= end else None
    if part := found[f"{prefix}part"]:
        a, b = words()["parts"][part]
        return date(y, month, a), date(y, month, min(b, end)), True
    last = date(y, month, end)
    return (last, last, True) if found[f"{prefix}me"] else (date(y, month, 1), last, False)
