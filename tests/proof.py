"""Whether what an answer claims stands in the cells that it cites, or follows from them.

Looked at are the answer as it is printed, its value (what was asked of the graph), and of which thing each cell is:
a cell must be of the thing it proves, words must stand in a cell, a number must be a cell's (in another unit, too) or
be made of the cells' numbers as the value says, and a condition must be met by a cell.
"""

from __future__ import annotations

import math
import re
import statistics
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from kg.ask.logic.conditions import Compare, Names, walk
from kg.ask.logic.plain import OfConcept
from kg.ask.logic.proofs import MOST, SOME
from kg.ask.logic.sets import Set, Statistic
from kg.ask.logic.values import Computed, Every, Exists, Holds, Number, Several, Table, Which, prefixed
from kg.graph.store import Store
from kg.graph.terms import values

Key = tuple[str, int, int | None, str]
"""A cell: document, table, row, field."""

MONEY = (1.0, 1e4, 1e-4, 1e8, 1e-8)
"""元, 万元 and 亿元 in one another."""
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
MAKE = {"sum": sum, "average": statistics.fmean, "median": statistics.median, "min": min, "max": max, "count": len}
COMPARE = {
    "≥": lambda a, b: a >= b, "≤": lambda a, b: a <= b, ">": lambda a, b: a > b, "<": lambda a, b: a < b,
    "=": math.isclose, "≠": lambda a, b: not math.isclose(a, b),
}  # fmt: skip
PUT = {
    "difference": lambda a, b: abs(a - b), "ratio": lambda a, b: a * 100 / b, "times": lambda a, b: a / b, "per": lambda a, b: a / b,
    "rate": lambda a, b: (a - b) * 100 / b, "decline": lambda a, b: (b - a) * 100 / b, "sum": lambda a, b: a + b,
}  # fmt: skip


def squeezed(text: str) -> str:
    """Without spaces and as plain characters: how words are compared."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def numbers(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in NUMBER.findall(squeezed(text))]


def same(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=0.006)


@dataclass
class Proof:
    """Of one graph: which things each cell is of."""

    store: Store

    def __post_init__(self) -> None:
        self.subjects: dict[Key, set[str]] = {}
        self.about: dict[str, str] = {}  # project, indicator or funding → project
        rows = self.store.select(
            """SELECT ?s ?document ?table ?row ?field WHERE { ?s prov:wasQuotedFrom ?c .
                 ?c jx:document/rdfs:label ?document ; jx:table ?table ; jx:field ?field . OPTIONAL { ?c jx:row ?row } }"""
        )
        for r in rows:
            self.subjects.setdefault((r["document"], r["table"], r["row"], r["field"]), set()).add(r["s"])
        for r in self.store.select("SELECT ?p ?i WHERE { ?p a jx:Project ; jx:indicator|jx:funding ?i }"):
            self.about[r["i"]] = r["p"]
        for r in self.store.select("SELECT ?p ?l WHERE { ?l rdf:subject ?p }"):
            self.about[r["l"]] = r["p"]
        for r in self.store.select("SELECT ?p WHERE { ?p a jx:Project }"):
            self.about[r["p"]] = r["p"]
        self.links: dict[tuple[str, str], set[Key]] = {}  # (project, concept) → cells
        for r in self.store.select(
            """SELECT ?p ?o ?document ?table ?row ?field WHERE { ?l rdf:subject ?p ; rdf:object ?o ; prov:wasQuotedFrom ?c .
                 ?c jx:document/rdfs:label ?document ; jx:table ?table ; jx:field ?field . OPTIONAL { ?c jx:row ?row } }"""
        ):
            key = (r["document"], r["table"], r["row"], r["field"])
            self.links.setdefault((r["p"], r["o"]), set()).add(key)

    # —— an answer ——

    def gaps(self, found: dict[str, Any], value: Any) -> Iterator[str]:
        """What an answer (``kg ask --json``, and the value that was run) claims and its cells do not show."""
        if found["method"] != "graph":
            return
        wholes = list(value.parts) if isinstance(value, Several) else [value]
        parts = found["parts"] or [found]
        if len(parts) != len(wholes):
            parts, wholes = [found], [value]
        for part, value in zip(parts, wholes, strict=True):
            if isinstance(value, Which):
                value = None
            if part.get("boolean") is not None or part["kind"] == "boolean":
                yield from self._boolean(part, value)
            elif len(part["answers"]) <= MOST:
                for item in part["answers"]:
                    yield from self._item(item, part["kind"], value)

    def _item(self, item: dict[str, Any], kind: str, value: Any) -> Iterator[str]:
        cells = item["evidence"]
        named = f"{item['label']}：{item['value']}"
        if not cells:
            if not (item["number"] == 0 or (item["iri"] is None and item["year"])):
                yield f"{named} 没有依据"
            return
        keys = [(c["document"], c["table"], c["row"], c["field"]) for c in cells]
        if item["iri"] and "/project/" in item["iri"]:
            yield from self._own(item, keys)
        if item["iri"] is None and item["number"] is not None and isinstance(value, Number):
            yield from self._made(item["number"], item["unit"], cells, value.of, named)
        elif item["number"] is not None:
            yield from self._number(item, cells, named, value)
        elif item["value"] is not None:
            words = item["value"].split("、") if kind in ("groups", "funds") else [item["value"]]
            text = [squeezed(c["text"]) for c in cells]
            for said in words:
                if not any(squeezed(said) in t for t in text) and not self._numeric(item, cells):
                    yield f"{named} 的“{said}”不在依据里"
        if kind == "projects" and item["iri"]:
            of = getattr(value, "of", None)
            if isinstance(of, Set):
                for condition in of.where:
                    yield from self._condition(condition, item["iri"], cells, keys, named)

    def _own(self, item: dict[str, Any], keys: Sequence[Key]) -> Iterator[str]:
        """At least one cell is of the thing itself; an indicator's cells are all of its row or table."""
        mine = item["iri"]
        subjects = [self.subjects.get(key, set()) for key in keys]
        if "/indicator/" in mine:
            if not any(mine in s for s in subjects):
                yield f"{item['label']} 的依据没有一格是它自己的"
        elif not any(mine == self.about.get(s) for ss in subjects for s in ss):
            yield f"{item['label']} 的依据没有一格是它的表里的"

    def _numeric(self, item: dict[str, Any], cells: Sequence[dict[str, Any]]) -> bool:
        """Whether a number of the value stands in a cell."""
        found = numbers(item["value"] or "")
        return bool(found) and all(any(same(n, m) for c in cells for m in numbers(c["text"])) for n in found)

    def _number(self, item: dict[str, Any], cells: Sequence[dict[str, Any]], named: str, value: Any) -> Iterator[str]:
        there = [n for c in cells for n in numbers(c["text"])]
        factors = MONEY if (item["unit"] or "").endswith("元") else (1.0,)
        number = abs(item["number"])
        if any(same(n * f, number) for n in there for f in factors):
            return
        if any(squeezed(item["value"] or "?") in squeezed(c["text"]) for c in cells):
            return
        heads = [numbers(c["text"])[0] for c in cells if numbers(c["text"])]
        rows = {(c["document"], c["table"], c["row"]) for c in cells if c["row"]}
        made = [len(cells), len({(c["document"], c["table"]) for c in cells}), len(rows)]
        if isinstance(value, Table) and value.function == "average" and value.attribute is None:
            made = [len(rows) / made[1]]  # so many rows to a table
        if heads:
            made += [sum(heads), statistics.fmean(heads), max(heads), min(heads), statistics.median(heads)]
        if len(heads) == 2:
            made.append(abs(heads[0] - heads[1]))
            if item["unit"] == "%":  # by how much the one is more than the other
                made += [abs(heads[0] - heads[1]) / head * 100 for head in heads if head]
        if len(cells) < SOME and not any(same(m * f, number) for m in made for f in factors):
            yield f"{named} 的数不是依据里的，也不是由它们算出的：{[c['text'] for c in cells][:6]}"

    # —— computed numbers ——

    def _made(
        self, number: float, unit: str | None, cells: Sequence[dict[str, Any]], of: Any, named: str
    ) -> Iterator[str]:
        if len(cells) >= SOME:
            return
        factors = MONEY if unit and unit.endswith("元") else (1.0,)
        if not any(same(m * f, number) for m in made(of, cells) for f in factors):
            yield f"{named} 不能由依据算出：{[c['text'] for c in cells][:6]}"

    # —— conditions ——

    def _condition(
        self, condition: Any, project: str, cells: Sequence[dict[str, Any]], keys: Sequence[Key], named: str
    ) -> Iterator[str]:
        match condition:
            case Compare(attribute, operator, Decimal() as than) if attribute.kind == "money":
                there = [
                    n * f
                    for c in cells
                    if c["field"] in attribute.fields
                    for n in numbers(c["text"])
                    for f in (1.0, 1e4)
                ]
                if not any(COMPARE[operator](n, float(than)) for n in there):
                    yield f"{named} 没有一格表明{condition}"
            case OfConcept(_, iris, _, False):
                below = self._below(iris)
                proving = {key for concept in below for key in self.links.get((project, concept), ())}
                if proving and not proving & set(keys):
                    yield f"{named} 没有一格表明{condition}"

    def _below(self, iris: Iterable[str]) -> list[str]:
        rows = self.store.select(f"SELECT DISTINCT ?c WHERE {{ {values('above', iris)} ?c skos:broader* ?above }}")
        return [r["c"] for r in rows]

    def _boolean(self, part: dict[str, Any], value: Any) -> Iterator[str]:
        (item,) = part["answers"]
        cells = item["evidence"]
        truth = part["boolean"] if part.get("boolean") is not None else item["label"] == "是"
        named = f"{part['understood']} → {item['label']}"
        if isinstance(value, Exists):
            if truth and not self._of(cells, value.of.cls) & self._members(value.of):
                yield f"{named} 没有举出一个"
        elif isinstance(value, Every):
            met = replace(value.of, where=(*value.of.where, *value.conditions))
            wanted = self._members(met) if truth else self._members(value.of) - self._members(met)
            if not self._of(cells, value.of.cls) & wanted:
                yield f"{named} 没有举出{'一个' if truth else '反例'}"
        elif isinstance(value, Holds):
            if not cells:
                if any(s.function != "count" for s in walk(value) if isinstance(s, Statistic)):
                    yield f"{named} 没有依据"
            elif len(cells) < SOME:
                than = value.second
                if isinstance(than, Decimal):
                    pairs = [(m * f, float(than)) for m in made(value.first, cells) for f in (1.0, 1e4)]
                else:
                    pairs = [
                        (a, b)
                        for first, second in splits(cells)
                        for a in made(value.first, first)
                        for b in made(value.second, second)
                    ]
                if not any(COMPARE[value.operator](a, b) == truth for a, b in pairs):
                    yield f"{named} 与依据不符"
        elif value is not None and not cells:
            yield f"{named} 没有依据"

    def _of(self, cells: Iterable[dict[str, Any]], cls: str) -> set[str]:
        """The projects or indicators that cells are of."""
        keys = [(c["document"], c["table"], c["row"], c["field"]) for c in cells]
        things = {s for key in keys for s in self.subjects.get(key, ())}
        return things if cls == "indicator" else {self.about[t] for t in things if t in self.about}

    def _members(self, of: Set) -> set[str]:
        query = prefixed(f"SELECT DISTINCT ?x WHERE {{ {of.pattern('x', Names())} }}")
        return {r["x"] for r in self.store.select(query)}


def made(of: Any, cells: Sequence[dict[str, Any]]) -> Iterator[float]:
    """What a statistic or a computation may be over cells: which of them each part is of, is tried."""
    match of:
        case Statistic("count"):
            yield from {
                float(n)
                for n in (
                    len(cells),
                    len({(c["document"], c["table"]) for c in cells}),
                    len({(c["document"], c["table"], c["row"]) for c in cells}),
                )
            }
        case Statistic(function):
            heads = [max(numbers(c["text"])) for c in cells if numbers(c["text"])]
            if heads:
                yield MAKE[function](heads)
            firsts = [numbers(c["text"])[0] for c in cells if numbers(c["text"])]
            if firsts and firsts != heads:
                yield MAKE[function](firsts)
        case Computed(operation, first, second):
            for one, two in splits(cells):
                for a in made(first, one):
                    for b in made(second, two):
                        try:
                            yield PUT[operation](a, b)
                        except ZeroDivisionError:
                            continue


def splits(cells: Sequence[dict[str, Any]]) -> Iterator[tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]]:
    """The first cells and the rest; or, where the two share cells, the first and all."""
    for at in range(len(cells) + 1):
        yield cells[:at], cells[at:]
        yield cells[:at], cells
        yield cells, cells[at:]
