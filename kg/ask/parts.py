"""A question that asks several things, each in a clause of its own: where the clauses are cut."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kg.ask.link.lattice import Lattice
from kg.ask.link.triggers import entries
from kg.ask.logic.values import Several

ASKING = frozenset(
    ("HM", "CNT", "AHM", "AW", "NW", "WHICH", "YN", "NE", "DIFF", "FROMWHOM", "RATIOQ", "CHGHM", "TIMES", "CALLED")
)  # categories of words that ask
BRACKETS = r"[(（][^()（）]*[)）]|[“「『《\"][^“”「」『』《》\"]*[”」』》\"]"
MOST = 4  # things asked at once


def asks_by_itself(lattice: Lattice) -> bool:
    """Whether a clause asks for something by itself."""
    return any(e.category in ASKING for e in lattice.edges)


def clauses(question: str, asking: Callable[[str], bool]) -> list[str]:
    """The clauses of a question that each ask for something, what goes before an asking one with it; none where there
    is but one, or one asks for nothing. A name in brackets at the end is said of the first."""
    cut = f"{BRACKETS}|(?P<cut>{entries()['clauses']['cut']})"
    at, said = 0, []
    for found in re.finditer(cut, question):
        if found["cut"]:
            said.append((question[at : found.start()], found[0]))
            at = found.end()
    said.append((question[at:], ""))
    out: list[str] = []
    begun = ""
    for text, mark in said:
        if text.strip() and asking(re.sub(entries()["clauses"]["some"], "", text)):
            out.append(begun + text)
            begun = ""
        elif text.strip():
            begun += text + mark
    if begun and out and re.fullmatch(BRACKETS, begun.strip(" ?？。")):
        out[0] += begun.strip(" ?？。")
        begun = ""
    return out if not begun and 1 < len(out) <= MOST else []


def flat(values: list[Any]) -> tuple[Any, ...]:
    """The values, those of one that is several put in its place."""
    return tuple(part for value in values for part in (value.parts if isinstance(value, Several) else (value,)))
