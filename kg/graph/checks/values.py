"""Checks of the words of a target: vague, an activity in place of a level, approximate, of another unit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from index.segment import normalise
from kg.graph.checks.rules import Found, words
from kg.graph.checks.tables import Indicator

_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")


def check(indicator: Indicator) -> Iterator[Found]:
    """The findings of one indicator's value."""
    said = {"name": indicator.measured, "text": indicator.text}
    if indicator.type == "text" and (code := _unmeasured(indicator)):
        yield Found(code, indicator.iri, said)
    if indicator.type == "number" and (expected := _expected(indicator)):
        yield Found("unit-mismatch", indicator.iri, {**said, "word": expected, "unit": indicator.unit})


def _unmeasured(indicator: Indicator) -> str:
    """The code for a value of words that sets no level, empty where it sets one."""
    text = re.sub(r"\s", "", normalise(indicator.text))
    if re.search(words()["approximate"]["pattern"], text):
        return "value-approximate"
    if re.search(r"\d", text) or re.search(words()["vague"]["measurable"], text):
        return ""
    if is_vague(text, normalise(indicator.name + "\n" + indicator.description)):
        return "value-vague"
    means = words()["means"]
    if len(text) >= means["shortest"] and text.startswith(tuple(means["starts"])) and re.search(means["acts"], text):
        return "value-is-means"
    return ""


def is_vague(text: str, names: str) -> bool:
    """Whether ``text`` says nothing but words of degree and direction and what stands in ``names`` already."""
    known = _vague_words()
    longest = max(map(len, known))
    reached = {0}  # offsets up to which the text is explained
    for at in range(len(text)):
        if at not in reached:
            continue
        reached |= {at + n for n in range(1, longest + 1) if text[at : at + n] in known}
        n = 2
        while at + n <= len(text) and text[at : at + n] in names:
            reached.add(at + n)
            n += 1
    return len(text) in reached


@cache
def _vague_words() -> frozenset[str]:
    return frozenset(normalise(word) for word in words()["vague"]["words"])


@cache
def _units() -> list[tuple[re.Pattern[str], frozenset[str], frozenset[str]]]:
    return [
        (re.compile(f"({unit['name']})$"), frozenset(unit.get("units", ())), frozenset(unit.get("kinds", ())))
        for unit in words()["unit"]
    ]


def _expected(indicator: Indicator) -> str:
    """What the indicator's name says is measured, where the value's unit is not of it; else empty."""
    unit = indicator.unit.partition("/")[0].lstrip("百千万亿")
    if not unit:
        return ""
    name = re.sub(r"\s", "", _BRACKETS.sub("", indicator.measured))
    for pattern, units, kinds in _units():
        if found := pattern.search(name):
            return "" if unit in units or indicator.kind in kinds else found[0]
    return ""
