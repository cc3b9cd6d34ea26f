"""A question that leans on the one before: about what was found, with a part exchanged, or how far two answers differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kg.ask.grammar.meaning import Asked, named, target
from kg.ask.link.edges import Edge, Skip
from kg.ask.link.lattice import Lattice
from kg.ask.link.triggers import entries
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.conditions import PREVIOUS, Alternatives, Is, Mention, walk
from kg.ask.logic.exchange import EXCHANGED, below, swap
from kg.ask.logic.plain import OfConcept, OfDepartment, OfProject, OfYear
from kg.ask.logic.sets import Set, Statistic
from kg.ask.logic.values import Computed, Each, List, Number, Several
from kg.ask.logic.wanted import Wanted
from kg.ask.tokens import Tokens
from kg.tables.numerals import numeral

MONEY = ("亿元", "万元", "元")
POINTED = 0.8  # what it costs to leave out a word that points to the answer before
DEAREST = 0.5  # of a part that stands for a whole question


def leans(text: str) -> bool:
    """Whether a word says that the question goes on from the last."""
    cues = entries()["follow"]
    return (
        any(text.startswith(w) for w in cues["start"])
        or any(text.rstrip("?？").endswith(w) for w in cues["end"])
        or any(w in text for w in cues["within"])
    )


def found(items: list[dict[str, Any]], value: Any) -> list[tuple[Set, float]]:
    """What the answer before was about, as sets, the likeliest first."""
    iris = tuple(dict.fromkeys(i["iri"] for i in items if i["iri"]))
    out: list[tuple[Set, float]] = []
    cls = _class(value)
    if iris and cls in ("project", "indicator"):
        out.append((Set(cls, (Is(iris, PREVIOUS),)), 0.0))
        if cls == "indicator":
            projects = tuple(dict.fromkeys(i["about"] for i in items if i.get("about")))
            if projects:
                out.append((Set("project", (Is(projects, PREVIOUS),)), 0.06))
    elif cls == "department" and iris:
        out.append((Set("project", (OfDepartment(iris, PREVIOUS),)), 0.0))
    else:
        sets = [n for n in walk(value) if isinstance(n, Set) and not n.bare]
        out += [(s, 0.02) for s in sets[:1] if s.cls in ("project", "indicator")]
    return out


def _class(value: Any) -> str:
    if isinstance(value, Several):
        return _class(value.parts[0])
    if isinstance(value, List | Each):
        return value.of.cls
    return ""


def asked(meaning: Any, sets: list[tuple[Set, float]]) -> Asked | None:
    """The words by which an indicator was asked for before, of the same projects: “多久发一次” is of the same thing."""
    words = next((n.words for n in walk(meaning) if isinstance(n, Mention) and n.kind == "indicator"), ())
    projects = next((s for s, _ in sets if s.cls == "project"), None)
    return Asked(words, Wanted(), projects) if words and projects else None


def with_previous(
    lattice: Lattice,
    sets: list[tuple[Set, float]],
    numbers: list[Statistic] | None = None,
    question: Asked | None = None,
) -> Lattice:
    """The lattice with what was found before it, as if it had been said, and wherever a word points to it."""
    edges = [Edge(e.start + 1, e.end + 1, e.category, e.meaning, e.cost, e.said) for e in lattice.edges]
    skips = [Skip(s.start + 1, s.end + 1, s.cost) for s in lattice.skips]
    pointed = any(word in lattice.text for word in entries()["follow"]["pointers"])
    spans = {
        (at + 1, at + 1 + len(word))
        for word in entries()["follow"]["pointers"]
        for at in range(len(lattice.text))
        if lattice.text.startswith(word, at)
    }
    skips = [replace(s, cost=max(s.cost, POINTED)) if (s.start, s.end) in spans else s for s in skips]
    for of, cost in sets if not pointed else ():
        edges.append(Edge(0, 1, "S", of, 0.04 + cost, PREVIOUS))
    for word in sorted(entries()["follow"]["pointers"], key=len, reverse=True):
        at = lattice.text.find(word)
        while at >= 0:
            for of, cost in sets:
                if _as_many(word, of):
                    edges.append(Edge(at + 1, at + 1 + len(word), "S", of, cost, PREVIOUS))
            skips.append(Skip(0, 1, 0.0))
            at = lattice.text.find(word, at + 1)
    if numbers and len(numbers) == 1:
        edges.append(Edge(0, 1, "XBEFORE", numbers[0], 0.1, PREVIOUS))
    if question is not None:
        edges.append(Edge(0, 1, "Q", question, 0.18, PREVIOUS))
    return Lattice("\ue000" + lattice.text, edges, skips)


def _as_many(word: str, of: Set) -> bool:
    """Whether “这两个” points to so many things."""
    said = next((n for c in word if (n := numeral(c)) is not None and n > 1), None)
    first = of.where[0] if of.where else None
    return said is None or not isinstance(first, Is | OfProject) or len(first.iris) == said


def exchanged(value: Any, part: Any) -> Any:
    """The value with a part of it exchanged for one of its kind; None where it has no such part."""
    if isinstance(part, Attribute):
        return _with_attribute(value, part)
    if isinstance(part, Wanted):
        return replace(value, unit=part.shown) if getattr(value, "unit", "") in MONEY else None
    if isinstance(part, Set):
        return _with_set(value, part)
    if isinstance(part, tuple) and len(part) == 1 and isinstance(part[0], EXCHANGED):
        condition = part[0]
        new, count = swap(value, condition)
        if count:
            return new if new != value else None
        if isinstance(condition, OfYear | OfDepartment):
            new, count = _add(value, condition)
            return new if count else None
    return None


def _add(node: Any, condition: Any) -> tuple[Any, int]:
    if isinstance(node, Set) and node.cls == "project":
        return replace(node, where=(*node.where, condition)), 1
    if isinstance(node, Set) and node.of is None and node.cls != "type":
        return replace(node, of=Set("project", (condition,))), 1
    return below(node, lambda n: _add(n, condition))


def _with_attribute(value: Any, attribute: Attribute) -> Any:
    if isinstance(value, Each) and value.of.cls == attribute.of:
        return replace(value, attributes=(attribute,), unit="")
    if isinstance(value, Number) and isinstance(value.of, Statistic) and value.of.of.cls == attribute.of:
        return replace(value, of=replace(value.of, attribute=attribute))
    return None


def _with_set(value: Any, part: Set) -> Any:
    """“那另一个项目呢”: the same of another project."""
    if part.cls != "project" or not named(part) or part.rank:
        return None

    def renamed(node: Any) -> tuple[Any, int]:
        if isinstance(node, Set) and node.cls == "project" and (named(node)):
            kept = tuple(c for c in node.where if not isinstance(c, OfProject | Is))
            before = {i for c in node.where if isinstance(c, OfProject | Is) for i in c.iris}
            return replace(node, where=(*_others(part.where, before), *kept), mention=part.mention), 1
        return below(node, renamed)

    new, count = renamed(value)
    return new if count and new != value else None


def _others(where: tuple[Any, ...], before: set[str]) -> tuple[Any, ...]:
    """Of several projects that a name fits, those that were not asked about before."""
    if not where or not isinstance(where[0], OfProject):
        return where
    others = tuple(i for i in where[0].iris if i not in before)
    return (replace(where[0], iris=others), *where[1:]) if others else where


def statistics(value: Any, items: list[dict[str, Any]]) -> list[Statistic]:
    """The numbers of an answer, each as a statistic of its own set."""
    if isinstance(value, Number) and isinstance(value.of, Statistic):
        return [value.of]
    attribute = value.attributes[0] if isinstance(value, Each) and len(value.attributes) == 1 else None
    if isinstance(value, List) and value.of.cls == "indicator" and len(items) == 1:
        attribute = target()  # “数额最大的是哪一条”
    if attribute is not None and attribute.kind in ("money", "number", "value"):
        years = {i["iri"]: i.get("year") for i in items if i["iri"] and i["number"] is not None}
        return [Statistic("sum", _one(value.of, iri, year), attribute) for iri, year in years.items()]
    if isinstance(value, Several):
        return [s for p in value.parts for s in statistics(p, items)]
    return []


def _one(of: Set, iri: str, year: int | None) -> Set:
    """One thing of a set, of its year."""
    named = Set(of.cls, (Is((iri,), str(of)),))
    if year is None:
        return named
    dated = OfYear((year,))
    return (
        replace(named, where=(*named.where, dated))
        if of.cls == "project"
        else replace(named, of=Set("project", (dated,)))
    )


def difference(values: list[Statistic], operation: str = "difference") -> Any:
    """How far two numbers differ, or by how many per cent the later year's is more."""
    if operation == "rate":
        values = sorted(values, key=_year, reverse=True)
        if len({_year(v) for v in values}) != 2:
            return None
    if len(values) != 2 or values[0] == values[1] or values[0].attribute != values[1].attribute:
        return None
    from kg.ask.grammar.meaning import number

    return number(Computed(operation, values[0], values[1]))


def _year(of: Statistic) -> int:
    return max((y for n in walk(of) if isinstance(n, OfYear) for y in n.years), default=0)


def anchored(meaning: Any) -> bool:
    """Whether what was read says by itself what it is about."""
    return any(isinstance(n, OfProject | OfConcept | OfDepartment | Alternatives) for n in walk(meaning))


def reworded(tokens: Tokens, previous: Tokens) -> str | None:
    """The question before with the one name in it exchanged for the name of its kind that is said now."""
    said = [t for t in tokens.items if t.entity or (t.quantity and t.quantity.kind == "year")]
    rest = [t for t in tokens.items if t not in said and t.kind == "word"]
    if not said or rest:
        return None
    text, name = tokens.text, said[0]
    between = [t for t in tokens.items if said[0].end <= t.start < said[-1].start and t not in said]
    if any(t.kind != "role" or "join" not in t.roles for t in between):
        return None
    kind = name.entity.kind if name.entity else "year"
    same = {"project", "programme"} if kind in ("project", "programme") else {kind}
    old = [
        t
        for t in previous.items
        if (t.entity.kind if t.entity else "year" if t.quantity and t.quantity.kind == "year" else "") in same
    ]
    if len(old) != 1:
        return None
    return previous.text[: old[0].start] + text[said[0].start : said[-1].end] + previous.text[old[0].end :]


def fragments(lattice: Lattice, parse: Any, grammar: Any) -> Iterator[tuple[Any, float]]:
    """What a question that is only a part may be: conditions, an attribute, a named thing, another unit."""
    for goal in ("C", "A", "S", "INUNIT"):
        for derivation in parse(grammar, lattice.edges, lattice.skips, len(lattice.text), goal, DEAREST)[:3]:
            yield derivation.meaning, derivation.cost
