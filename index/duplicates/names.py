"""How an indicator's name is read: synonyms, the side of a thing it measures, its object, its qualifiers.

All words stand in ``words.toml`` and ``synonyms.toml``; nothing here knows a project or a department.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from index.synonyms import of_measures
from index.text import normalise, without_years

_NOISE = re.compile(r"[^0-9a-z%\u3400-\u9fff]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?%?|第[一二三四五六七八九十]+|[一二三四五六七八九十]+(?=[期级类批轮档])")


@cache
def name_words() -> dict[str, Any]:
    """The tables of ``words.toml``."""
    return tomllib.loads(resources.files("index.duplicates").joinpath("words.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared.

    ``plain``: without punctuation, blanks and years; ``canonical``: synonyms replaced by their first form;
    ``object``: what is left without generic words; ``aspects``: the sides of a thing it measures;
    ``numbers``: those written inside; ``qualifiers``: class → choice → the word that says so; ``opposites``:
    (word, its opposite) of the words it holds without their opposites.
    """

    plain: str
    canonical: str
    object: str
    aspects: frozenset[str]
    numbers: frozenset[str]
    qualifiers: dict[str, dict[int, str]]
    opposites: frozenset[tuple[str, str]]


def plain(text: str) -> str:
    """Half-width, lower case, without punctuation, blanks and years."""
    return _NOISE.sub("", without_years(normalise(text)))


@lru_cache(262144)
def read_name(text: str) -> Name:
    """The name as it is compared (cached: names repeat)."""
    bare = plain(text)
    canonical = _replace(bare, _synonyms())
    aspects = frozenset(a for a, tails in name_words()["aspects"].items() if any(t in canonical for t in tails))
    qualifiers: dict[str, dict[int, str]] = {}
    for kind, choice, word, first in _qualifiers():
        if word in bare or first in canonical:
            qualifiers.setdefault(kind, {}).setdefault(choice, word)
    opposites = frozenset((x, y) for x, y in _sides() if x in canonical and y not in canonical.replace(x, ""))
    kept = _replace(canonical, _generic())
    return Name(bare, canonical, kept, aspects, frozenset(_NUMBER.findall(bare)), qualifiers, opposites)


@cache
def _synonyms() -> tuple[re.Pattern[str], dict[str, str]]:
    table = {plain(other): plain(first) for first, *others in of_measures() for other in (first, *others)}
    return _longest_first(table), table


@cache
def _generic() -> tuple[re.Pattern[str], dict[str, str]]:
    table = dict.fromkeys(name_words()["generic"]["words"], "")
    return _longest_first(table), table


@cache
def _qualifiers() -> list[tuple[str, int, str, str]]:
    """Class, choice, word, and the word with synonyms replaced."""
    return [
        (kind, choice, word, _replace(word, _synonyms()))
        for kind, choices in name_words()["qualifiers"].items()
        for choice, several in enumerate(choices)
        for word in several
    ]


@cache
def _sides() -> list[tuple[str, str]]:
    """Each word that has an opposite, with it."""
    return [side for left, right in name_words()["opposites"]["pairs"] for side in ((left, right), (right, left))]


def _longest_first(table: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(table, key=len, reverse=True))))


def _replace(text: str, rule: tuple[re.Pattern[str], dict[str, str]]) -> str:
    pattern, table = rule
    return pattern.sub(lambda found: table[found[0]], text)
