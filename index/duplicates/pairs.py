"""Two indicators side by side: features from 0 to 1, the guards that veto, and the score they add up to."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from index.duplicates.names import Name, plain, read_name
from index.encode import Vectors

Floats = npt.NDArray[np.float32]

FEATURES = (
    "name",
    "core",
    "meaning",
    "description",
    "type",
    "unit",
    "target",
    "aspect",
    "position",
    "programme",
    "choice",
)
REST_FEATURES = ("object", "choice", "nearest", "near", "scarce", "place")
TEXT_FEATURES = ("name", "core", "meaning", "description", "type", "unit", "aspect")
ALIKE = 0.9  # descriptions that are one text but for a word or two
GUARDS = ("", "numbers", "qualifiers", "opposites", "object", "dimension", "siblings")
SIBLINGS = GUARDS.index("siblings")


@dataclass(frozen=True, slots=True)
class Item:
    """An indicator as far as comparing needs it; names are as the table writes them.

    ``number`` is in the base unit ``unit`` of the quantity kind ``dimension`` (``""`` where the cell writes no
    unit), for a deadline its day in the fiscal year; ``target`` is the cell with its years taken out, for the same words; ``position`` counts rows from 1.
    ``owner`` is the department, ``line`` the project's line through years, ``project`` one table of one year.
    """

    iri: str
    name: str
    description: str
    level1: str
    level2: str
    type: str
    kind: str
    operator: str
    number: float | None
    unit: str
    per: str
    dimension: str
    target: str
    owner: str
    line: str
    project: str
    label: str
    year: int | None
    position: int
    measured: str = ""
    cell: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)

    @property
    def asks(self) -> tuple[object, ...]:
        """What the target asks for, however it is written: operator, number, unit and per what; else its words."""
        if self.kind == "number" and self.number is not None:
            return self.operator or "=", self.number, self.unit, self.per
        return plain(self.target), self.operator

    @property
    def profile(self) -> tuple[str, str, str, str]:
        """What must be equal for two rows to be the same in words: type, name, what it measures, dimension."""
        return self.type or self.level1, read_name(self.name).plain, read_name(self.measured).plain, self.dimension


@cache
def model() -> dict[str, Any]:
    """The tables of ``model.toml``: weights and thresholds, fitted by ``benchmarks.duplicates.fit``."""
    return tomllib.loads(resources.files("index.duplicates").joinpath("model.toml").read_text("utf-8"))


def dice(a: Sequence[Any], b: Sequence[Any]) -> float:
    shared = sum((Counter(a) & Counter(b)).values())
    return 2 * shared / max(1, len(a) + len(b))


@lru_cache(262144)
def pieces(text: str) -> tuple[str, ...]:
    """Characters and character pairs."""
    return (*text, *(text[i : i + 2] for i in range(len(text) - 1)))


@lru_cache(262144)
def likeness(a: str, b: str) -> float:
    """0…1 by characters and character pairs; a name that stands whole in the other counts half as equal."""
    if a == b:
        return 1.0
    short, long = sorted((a, b), key=len)
    if not short:
        return 0.0
    counts, others = Counter(pieces(short)), Counter(pieces(long))
    shared = sum((counts & others).values())
    inside = shared / counts.total()
    return 0.7 * 2 * shared / (counts.total() + others.total()) + 0.3 * inside


class Rarity:
    """Weights of characters and pairs by how few of the names around hold them: what sets siblings apart."""

    def __init__(self, names: Iterable[str]) -> None:
        forms = [frozenset(pieces(read_name(n).canonical)) for n in names]
        seen = Counter(piece for form in forms for piece in form)
        self._weight = {piece: math.log((len(forms) + 1) / (times + 0.5)) + 0.1 for piece, times in seen.items()}
        self._known: dict[str, tuple[frozenset[str], float]] = {}

    def _read(self, name: str) -> tuple[frozenset[str], float]:
        if name not in self._known:
            form = frozenset(pieces(name))
            self._known[name] = form, sum(map(self._weight.__getitem__, form))
        return self._known[name]

    def likeness(self, a: str, b: str) -> float:
        """0…1: the weight of what two canonical names, of those around, share over the weight of all they hold."""
        (one, mine), (two, theirs) = self._read(a), self._read(b)
        return 2 * sum(map(self._weight.__getitem__, one & two)) / (mine + theirs) if one or two else 1.0


def contrasts(siblings: Iterable[Item]) -> set[frozenset[str]]:
    """The pairs of wordings that alone tell two rows of one type in one table apart (``大龄``/``工伤``).

    No table lists a row twice, so what differs there makes another indicator.
    """
    by_type: dict[str, dict[str, None]] = {}
    for item in siblings:
        by_type.setdefault(item.type, {})[read_name(item.measured).canonical] = None
    return {slot for forms in by_type.values() for slot in _slots(tuple(forms)[:200])}


@lru_cache(16384)
def _slots(forms: tuple[str, ...]) -> frozenset[frozenset[str]]:
    """Where each two of some names differ, of those that differ in one place (cached: years repeat their tables)."""
    return frozenset(
        frozenset(slot)
        for a, b in combinations(forms, 2)
        if (slot := difference(a, b)) and all(slot) and dice(*slot) < 0.5
    )


@lru_cache(262144)
def difference(a: str, b: str) -> tuple[str, str] | None:
    """What differs between two names that are alike at both ends, None where they share less than half."""
    short = min(len(a), len(b))
    head = next((n for n in range(short) if a[n] != b[n]), short)
    tail = next((n for n in range(short - head) if a[-1 - n] != b[-1 - n]), short - head)
    if head + tail < max(len(a), len(b)) / 2:
        return None
    return a[head : len(a) - tail], b[head : len(b) - tail]


def guard(a: Item, b: Item, apart: set[frozenset[str]]) -> tuple[int, str]:
    """The guard that vetoes the pair, as an index into GUARDS, and its words; (0, "") where none does."""
    one, two = read_name(a.measured), read_name(b.measured)
    if one.canonical == two.canonical and (a.dimension == b.dimension or not (a.dimension and b.dimension)):
        return 0, ""
    if one.numbers and two.numbers and one.numbers != two.numbers:
        return 1, _against("、".join(sorted(one.numbers)), "、".join(sorted(two.numbers)))
    for kind in sorted(one.qualifiers.keys() & two.qualifiers.keys()):
        mine, other = one.qualifiers[kind], two.qualifiers[kind]
        if not mine.keys() & other.keys():
            return 2, _against("、".join(mine.values()), "、".join(other.values()))
    for said, other_side in one.opposites:
        if (other_side, said) in two.opposites:
            return 3, _against(said, other_side)
    if a.dimension and b.dimension and a.dimension != b.dimension:
        return 5, _against(a.unit or a.dimension, b.unit or b.dimension)
    strange = one.object and two.object and not set(one.object) & set(two.object)
    if strange and not (_own(a) and _own(b) and likeness(plain(a.description), plain(b.description)) > ALIKE):
        return 4, _against(one.object, two.object)
    return siblings(a, b, apart)


def siblings(a: Item, b: Item, apart: set[frozenset[str]]) -> tuple[int, str]:
    """The last guard, which alone depends on other rows: what differs tells two rows of one table apart."""
    slot = difference(read_name(a.measured).canonical, read_name(b.measured).canonical)
    if slot and all(slot) and frozenset(slot) in apart:
        return SIBLINGS, _against(*slot)
    return 0, ""


def _own(item: Item) -> bool:
    """Whether the description says more than the name."""
    return plain(item.description) not in ("", plain(item.name), plain(item.measured))


def _against(a: str, b: str) -> str:
    return f"{a}／{b}"


@dataclass(slots=True)
class Scorer:
    """Features of pairs of ``items``; ``vectors`` are unit vectors of ``names`` in order."""

    items: Sequence[Item]
    at: dict[str, int]
    vectors: Vectors

    def meaning(self, a: str, b: str) -> float:
        """The cosine of two names, stretched: e5's lies between .8 and 1."""
        if a == b:
            return 1.0
        cosine = float(self.vectors[self.at[a]] @ self.vectors[self.at[b]])
        return min(1.0, max(0.0, (cosine - 0.8) / 0.2))

    def features(self, a: Item, b: Item, rarity: Rarity, position: float, choice: float) -> list[float]:
        """In the order of FEATURES."""
        *said, aspect = self.text_features(a, b, rarity)
        return [
            *said,
            _target(a, b),
            aspect,
            position,
            1.0 if a.line == b.line else likeness(read_name(a.label).canonical, read_name(b.label).canonical),
            choice,
        ]

    def text_features(self, a: Item, b: Item, rarity: Rarity) -> list[float]:
        """In the order of TEXT_FEATURES: what two rows of any projects say, apart from place and amount."""
        one, two = read_name(a.measured), read_name(b.measured)
        return [
            likeness(one.canonical, two.canonical),
            rarity.likeness(one.canonical, two.canonical),
            self.meaning(a.measured, b.measured),
            _description(a, b, one, two),
            1.0 if a.type == b.type else 0.5 if a.level1 == b.level1 else 0.0,
            _unit(a, b),
            _aspect(one, two),
        ]


def _description(a: Item, b: Item, one: Name, two: Name) -> float:
    """Likeness of the descriptions, of the names where they only repeat the name."""
    said, other = read_name(a.description), read_name(b.description)
    mine = said.canonical if said.plain not in ("", one.plain) else ""
    theirs = other.canonical if other.plain not in ("", two.plain) else ""
    return likeness(mine or one.canonical, theirs or two.canonical)


def _unit(a: Item, b: Item) -> float:
    if a.kind != b.kind:
        return 0.2
    if a.unit == b.unit:
        return 1.0 if a.per == b.per else 0.7
    return 0.7 if not (a.unit and b.unit) else 0.5 if a.dimension == b.dimension else 0.0


def _target(a: Item, b: Item) -> float:
    """How near two targets of one form are: equal 1, a number by its ratio, words by their characters."""
    if a.kind != b.kind:
        return 0.0
    if a.asks == b.asks:
        return 1.0
    if a.kind != "date" and a.number is not None and b.number is not None:
        low, high = sorted((abs(a.number), abs(b.number)))
        near = low / high if high else 1.0
        return 0.8 * near if a.operator == b.operator else 0.6 * near
    return likeness(a.target, b.target) if a.kind == "text" else 0.7


def _aspect(one: Name, two: Name) -> float:
    if not one.aspects or not two.aspects:
        return 1.0 if one.aspects == two.aspects else 0.5
    return len(one.aspects & two.aspects) / len(one.aspects | two.aspects)


@cache
def features_of(relation: str) -> tuple[str, ...]:
    """What pairs of ``years``, of ``rest`` or of ``text`` are compared by."""
    return {"years": FEATURES, "rest": REST_FEATURES, "text": TEXT_FEATURES}[relation]


@cache
def weights(relation: str) -> Floats:
    """The weights of a relation's features: they add up to 1, or to the most that its score may say."""
    table = model()[relation]["weights"]
    values = np.array([table.get(name, 0.0) for name in features_of(relation)], np.float32)
    found: Floats = values / values.sum() * model()[relation].get("most", 1.0)
    return found


def scores(features: Floats, vetoes: npt.NDArray[np.int8], relation: str) -> Floats:
    """Scores (n,) of features (n, k): their weighted mean, 0 where a guard vetoes."""
    found: Floats = np.where(vetoes > 0, np.float32(0), features @ weights(relation))
    return found


def why(features: Sequence[float], veto: int, said: str, relation: str) -> list[dict[str, Any]]:
    """What each feature adds to the score, the greatest first; a veto takes all of it away and names its words."""
    known = zip(features_of(relation), features, weights(relation), strict=True)
    parts = sorted((part for part in known if part[2]), key=lambda p: -p[1] * p[2])
    found: list[dict[str, Any]] = [
        {"feature": name, "score": round(float(value * weight), 4), "value": round(float(value), 3),
         "weight": round(float(weight), 4)}
        for name, value, weight in parts
    ]  # fmt: skip
    whole = round(float(sum(value * weight for _, value, weight in parts)), 4)
    found[0]["score"] = round(whole - sum(part["score"] for part in found[1:]), 4)  # rounded parts add up too
    if veto:
        taken = whole
        found.insert(0, {"feature": "veto", "score": -taken, "guard": GUARDS[veto], "words": said})
    return found
