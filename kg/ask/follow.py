"""A question that leans on the one before: about what was found, with a part exchanged, or how far two answers differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kg.ask.grammar.meaning import named
from kg.ask.link.edges import Edge, Skip
from kg.ask.link.lattice import Lattice, entries
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.exchange import EXCHANGED, below, swap
from kg.ask.logic.sets import PREVIOUS, Alternatives, Is, Set, Statistic, walk
from kg.ask.logic.values import Computed, Each, List, Number, Several
from kg.ask.query import OfConcept, OfDepartment, OfProject, OfYear
from kg.ask.tokens import Tokens

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


def with_previous(lattice: Lattice, sets: list[tuple[Set, float]]) -> Lattice:
    """The lattice with what was found before it, as if it had been said, and wherever a word points to it."""
    edges = [Edge(e.start + 1, e.end + 1, e.category, e.meaning, e.cost, e.said) for e in lattice.edges]
    skips = [Skip(s.start + 1, s.end + 1, s.cost) for s in lattice.skips]
    pointed = any(word in lattice.text for word in entries()["follow"]["pointers"])
    for of, cost in sets if not pointed else ():
        edges.append(Edge(0, 1, "S", of, 0.08 + cost, PREVIOUS))
    for word in sorted(entries()["follow"]["pointers"], key=len, reverse=True):
        at = lattice.text.find(word)
        while at >= 0:
            for of, cost in sets:
                edges.append(Edge(at + 1, at + 1 + len(word), "S", of, cost, PREVIOUS))
            skips.append(Skip(0, 1, 0.0))
            at = lattice.text.find(word, at + 1)
    out = Lattice("\ue000" + lattice.text, edges, skips)
    out.telling = [(a + 1, b + 1, w) for a, b, w in lattice.telling]
    return out


def exchanged(value: Any, part: Any) -> Any:
    """The value with a part of it exchanged for one of its kind; None where it has no such part."""
    if isinstance(part, Attribute):
        return _with_attribute(value, part)
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
            return replace(node, where=(*part.where, *kept), mention=part.mention), 1
        return below(node, renamed)

    new, count = renamed(value)
    return new if count and new != value else None


def statistics(value: Any, items: list[dict[str, Any]]) -> list[Statistic]:
    """The numbers of an answer, each as a statistic of its own set."""
    if isinstance(value, Number) and isinstance(value.of, Statistic):
        return [value.of]
    if (
        isinstance(value, Each)
        and len(value.attributes) == 1
        and value.attributes[0].kind in ("money", "number", "value")
    ):
        iris = list(dict.fromkeys(i["iri"] for i in items if i["iri"] and i["number"] is not None))
        return [Statistic("sum", Set(value.of.cls, (Is((iri,), str(value.of)),)), value.attributes[0]) for iri in iris]
    if isinstance(value, Several):
        return [s for p in value.parts for s in statistics(p, items)]
    return []


def difference(values: list[Statistic]) -> Any:
    if len(values) != 2 or values[0] == values[1] or values[0].attribute != values[1].attribute:
        return None
    from kg.ask.grammar.meaning import number

    return number(Computed("difference", values[0], values[1]))


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
    """What a question that is only a part may be: conditions, an attribute, a named thing."""
    for goal in ("C", "A", "S"):
        for derivation in parse(grammar, lattice.edges, lattice.skips, len(lattice.text), goal, DEAREST)[:3]:
            yield derivation.meaning, derivation.cost
