"""Checks of the words of a target: vague, an activity in place of a level, approximate, of another unit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from index.text import compact, normalise
from kg.graph.checks.rules import Found, check_words
from kg.graph.checks.tables import Indicator
from kg.tables.values import approximate_words

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
    text = compact(indicator.text)
    before, after = approximate_words()
    if re.search(rf"\d[\d.,]*\D{{0,4}}({after})|\d+余|^({before})\d", text):
        return "value-approximate"
    if re.search(r"\d", text) or re.search(check_words()["vague"]["measurable"], text):
        return ""
    if is_vague(text, normalise(indicator.name + "\n" + indicator.description)):
        return "value-vague"
    means = check_words()["means"]
    if len(text) >= means["shortest"] and text.startswith(tuple(means["starts"])) and re.search(means["acts"], text):
        return "value-is-means"
    return ""


def is_vague(text: str, names: str) -> bool:
    """Whether ``text`` says only how much or which way, beside what stands in ``names`` already."""
    says, besides = _vague_words()
    longest = max(map(len, says | besides))
    reached: dict[int, bool] = {0: False}  # offset up to which the text is explained → whether it says how much
    for at in range(len(text)):
        if at not in reached:
            continue
        for length in range(1, len(text) - at + 1):
            piece = text[at : at + length]
            copied = length > 1 and piece in names
            if not copied and length > longest:
                break
            if copied or piece in says or piece in besides:
                degree = reached[at] or piece in says or (copied and any(word in piece for word in says))
                reached[at + length] = reached.get(at + length, False) or degree
    return reached.get(len(text), False)


@cache
def _vague_words() -> tuple[frozenset[str], frozenset[str]]:
    vague = check_words()["vague"]
    return frozenset(map(normalise, vague["says"])), frozenset(map(normalise, vague["besides"]))


@cache
def _units() -> list[tuple[re.Pattern[str], frozenset[str], frozenset[str]]]:
    return [
        (re.compile(f"({unit['name']})$"), frozenset(unit.get("units", ())), frozenset(unit.get("kinds", ())))
        for unit in check_words()["unit"]
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
