"""Questions in worker processes: the answer with its words marked, suggestions, examples that have answers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any
from weakref import WeakKeyDictionary

from kg.ask import Answer
from kg.ask.reading import plain
from kg.graph.terms import values
from kg.knowledge import KnowledgeGraph
from kg.service.registry import job

SUGGESTED = 8
SHOWN_EXAMPLES = 8
KINDS = ("group", "fund", "project", "department", "programme", "indicator", "type")


@cache
def _said() -> dict[str, Any]:
    return tomllib.loads(resources.files("kg.service").joinpath("examples.toml").read_text("utf-8"))


@job
def ask(graph: KnowledgeGraph, question: str, context: list[str] | None = None, follow: bool = False) -> dict[str, Any]:
    """The contract's object, with ``context`` for the next question, the words as recognised, and (``follow``) what to ask next
    and whose each answer is."""
    previous = graph.asker.resume(context) if context else None
    found = graph.ask(question, previous)
    tokens = graph.asker.tokens(question)
    return {
        **found.json(),
        "context": found.context,
        "words": [
            {
                "text": token.text,
                "kind": token.entity.kind if token.entity else token.kind,
                "why": token.why,
                "label": token.entity.label if token.entity and token.entity.label != token.text else None,
            }
            for token in tokens.items
        ],
        "follow": list(_follow(graph, found)) if follow else [],
        "departments": _departments(graph, found) if follow else {},
    }


def _departments(graph: KnowledgeGraph, found: Answer) -> dict[str, str]:
    """Of each project or indicator of the answer, by IRI, its department."""
    iris = [item.iri for item in found.answers if item.iri and "/project/" in item.iri]
    rows = graph.store.select(
        f"""SELECT DISTINCT ?x ?label WHERE {{ {values("x", iris)}
              {{ ?x jx:department ?d }} UNION {{ ?x jx:project ?p . ?p jx:department ?d }} ?d rdfs:label ?label }}"""
    )
    return {row["x"]: row["label"] for row in rows}


def _follow(graph: KnowledgeGraph, found: Answer) -> Iterator[str]:
    """Questions that lean on this answer and have an answer themselves."""
    if found.method != "graph" or not found.answers:
        return
    for question in _said()["follow"].get(found.kind, ()):
        if graph.ask(question, found).method == "graph":
            yield question


@job
def text2sparql(graph: KnowledgeGraph, question: str, dataset: str) -> dict[str, str]:
    return graph.text2sparql(question, dataset)


@job
def suggest(graph: KnowledgeGraph, text: str) -> list[str]:
    """Questions about names of the data that go on from what has been typed."""
    typed = plain(text)
    if not typed:
        return []
    found: dict[str, None] = {}
    for kind, name in _names(graph, typed):
        for question in _said()["questions"][kind]:
            said = question.format(name=name)
            if typed in plain(said) and said != text:
                found[said] = None
        if len(found) >= SUGGESTED * 3:
            break
    return sorted(found, key=lambda q: (not plain(q).startswith(typed), len(q)))[:SUGGESTED]


def _names(graph: KnowledgeGraph, typed: str) -> Iterator[tuple[str, str]]:
    """Names that hold the end of what was typed, the longest such end first."""
    named = _all_names(graph)
    for start in range(len(typed) - 1 if len(typed) > 1 else 1):
        end = typed[start:]
        hits = [(kind, name) for kind, name, form in named if end in form]
        if hits:
            yield from sorted(hits, key=lambda hit: (KINDS.index(hit[0]), len(hit[1])))[:20]
            return
    yield from (
        (kind, name)
        for kind, name, form in named
        if any(plain(q.format(name=name)).startswith(typed) for q in _said()["questions"][kind])
    )


_NAMES: WeakKeyDictionary[KnowledgeGraph, list[tuple[str, str, str]]] = WeakKeyDictionary()


def _all_names(graph: KnowledgeGraph) -> list[tuple[str, str, str]]:
    if graph not in _NAMES:
        _NAMES[graph] = list(dict.fromkeys((kind, name, plain(name)) for kind, name in _entities(graph)))
    return _NAMES[graph]


def _entities(graph: KnowledgeGraph) -> Iterator[tuple[str, str]]:
    lexicon = graph.asker.lexicon
    yield from (("group", label) for iri, label in lexicon.groups.items() if iri in lexicon.used)
    yield from (("fund", label) for iri, label in lexicon.funds.items() if iri in lexicon.used)
    yield from (("project", p.label) for p in lexicon.projects.values())
    yield from (("department", label) for label in lexicon.departments.values())
    yield from (
        ("type", label) for iri, (label, _) in lexicon.types.items() if iri in lexicon.used and label.endswith("指标")
    )
    yield from (("indicator", label) for label in lexicon.indicators)


@job
def examples(graph: KnowledgeGraph) -> list[str]:
    """Questions that fit the loaded data: each was tried and has an answer."""
    said = _said()
    years = {p.year for p in graph.asker.lexicon.projects.values()}
    common = {
        kind: graph.store.select(
            f"""SELECT ?name (COUNT(DISTINCT ?p) AS ?n) WHERE {{ ?p a jx:Project ; jx:{relation} ?c . ?c {label} ?name
                  FILTER(LANG(?name) != "en") FILTER NOT EXISTS {{ ?c jx:candidate true }} }} GROUP BY ?name ORDER BY DESC(?n) ?name LIMIT 3"""
        )
        for kind, relation, label in (
            ("group", "beneficiary", "skos:prefLabel"), ("fund", "fundSource", "skos:prefLabel"),
            ("project", "programme", "rdfs:label"), ("department", "department", "rdfs:label"),
        )
    }  # fmt: skip
    candidates = [
        question.format(name=rows[place]["name"])
        for place in range(2)
        for kind, rows in common.items()
        if len(rows) > place
        for question in said["questions"][kind][place : place + 1]
    ]
    return list(
        _answered(graph, [*candidates, *(said["plain"]["years"] if len(years) > 1 else ()), *said["plain"]["always"]])
    )


def _answered(graph: KnowledgeGraph, questions: Iterable[str]) -> Iterator[str]:
    shown = 0
    for question in dict.fromkeys(questions):
        if shown == SHOWN_EXAMPLES:
            return
        if graph.ask(question).method == "graph":
            shown += 1
            yield question
