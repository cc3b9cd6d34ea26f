"""The numbers that a word processor puts before the paragraphs of a list: they are shown, but not among the words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

DIGITS = "零一二三四五六七八九"
CHINESE = frozenset(
    {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographDigital", "taiwaneseCountingThousand"}
)


@dataclass(frozen=True, slots=True)
class Level:
    form: str = "decimal"
    pattern: str = ""
    start: int = 1


@dataclass(slots=True)
class Numbering:
    """Lists of a document by their number, and how far each has counted."""

    lists: dict[str, tuple[str, dict[int, Level]]] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Any) -> Numbering:
        """Read the part ``numbering.xml``."""
        abstract: dict[str, dict[int, Level]] = {}
        out = cls()
        for node in root:
            if _tag(node) == "abstractNum":
                abstract[_attribute(node, "abstractNumId")] = _levels(node)
        for node in root:
            if _tag(node) == "num":
                base = next((_attribute(child, "val") for child in node if _tag(child) == "abstractNumId"), "")
                number = _attribute(node, "numId")
                own = any(_tag(child) == "lvlOverride" for child in node)  # counts for itself
                out.lists[number] = (f"num {number}" if own else base, abstract.get(base, {}))
        return out

    def next(self, number: str, level: int) -> str:
        """What stands before the next paragraph of a list: ``1.``, ``（二）``; empty for bullets and no list."""
        key, levels = self.lists.get(number, ("", {}))
        if level not in levels:
            return ""
        counts = self.counts.setdefault(key, {})
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        if levels[level].form in ("bullet", "none"):
            return ""

        def shown(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            form = levels[at].form if at in levels else "decimal"
            return figure(counts.get(at, levels[at].start if at in levels else 1), form)

        return re.sub(r"%(\d)", shown, levels[level].pattern)


def figure(number: int, form: str) -> str:
    """A list's number as its format writes it."""
    if form in CHINESE and 0 < number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens < 2 else DIGITS[tens]) + ("十" if tens else "") + (DIGITS[ones] if ones else "")
    if form == "decimalEnclosedCircle" and 0 < number <= 20:
        return chr(0x245F + number)
    if form in ("lowerLetter", "upperLetter") and 0 < number <= 26:
        return chr((96 if form == "lowerLetter" else 64) + number)
    return str(number)


def _levels(node: Any) -> dict[int, Level]:
    out: dict[int, Level] = {}
    for child in node:
        at = _attribute(child, "ilvl")
        if _tag(child) == "lvl" and at.isdecimal():
            values = {_tag(part): _attribute(part, "val") for part in child}
            start = values.get("start", "")
            out[int(at)] = Level(
                values.get("numFmt", "decimal"), values.get("lvlText", ""), int(start) if start.isdecimal() else 1
            )
    return out


def _tag(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _attribute(node: Any, name: str) -> str:
    return next((str(v) for k, v in node.attrib.items() if k.rpartition("}")[2] == name), "")
