"""The graph's indicators as items that duplicate detection compares, and what it finds as jx:Measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
from pyoxigraph import Literal, Quad

from index.duplicates.clusters import Clusters
from index.duplicates.direction import TURNS, direction
from index.duplicates.found import Found, Stated
from index.duplicates.pairs import Item
from index.text import without_dated_years
from kg.graph.places import spots_in
from kg.graph.store import Store
from kg.graph.terms import node, short_hash, typed
from kg.graph.vocabulary import quantity_kinds
from ontology import JX, PROV, RDF, RDFS, XSD

PROJECTS = """
SELECT ?project ?label ?year ?line ?owner ?department ?table ?budget WHERE {
  ?project a jx:Project ; rdfs:label ?label ; jx:table ?table ; jx:programme ?line .
  OPTIONAL { ?project jx:fiscalYear ?year }
  OPTIONAL { ?project jx:budget ?budget }
  OPTIONAL { ?project jx:department ?owner }
  OPTIONAL { ?owner rdfs:label ?department }
} ORDER BY ?table"""

# What another form of a project states before this one is in that form's graph.
HOLDERS = """
SELECT ?d ?document WHERE {
  VALUES ?project { %s } GRAPH ?d { ?project jx:programme ?line } ?d rdfs:label ?document } ORDER BY ?document"""

INDICATORS = """
SELECT ?table ?i ?project ?row ?name ?measured ?description ?level1 ?level2 ?type ?text ?kind ?operator ?number ?unit ?per ?deadline ?times WHERE {
  ?i jx:project ?project ; rdfs:label ?name ; jx:measureName ?measured ; jx:table ?table ; jx:row ?row ; jx:target ?t .
  ?t jx:text ?text ; jx:valueType ?kind .
  OPTIONAL { ?i jx:description ?description }
  OPTIONAL { ?i jx:level1 ?level1 }
  OPTIONAL { ?i jx:level2 ?level2 }
  OPTIONAL { ?i jx:type ?type }
  OPTIONAL { ?t jx:operator ?operator }
  OPTIONAL { ?t qudt:value ?number }
  OPTIONAL { ?t qudt:hasUnit ?unit }
  OPTIONAL { ?t jx:per ?per }
  OPTIONAL { ?t jx:deadline ?deadline }
  OPTIONAL { ?t jx:times ?times }
} ORDER BY ?i ?description"""


def items(store: Store) -> list[Item]:
    """Every indicator once, in order of document, table and row."""
    documents = store.select("SELECT ?d ?name WHERE { ?d a jx:BudgetDocument ; rdfs:label ?name } ORDER BY ?name")
    kinds = quantity_kinds(store)
    return [item for row in documents for item in document_items(store, row["d"], row["name"], kinds)]


def document_items(store: Store, document: str, name: str, kinds: dict[str, str]) -> list[Item]:
    """Every indicator of the document with this IRI and name once, in order of table and row.

    ``kinds``: unit → its quantity kind, see ``vocabulary.quantity_kinds``.
    """
    rows = store.select(INDICATORS, document)
    projects = _projects(store, document, {row["project"] for row in rows})
    stands = spots_in(store, document, "jx:Indicator", ("value", "name"))
    seen: set[str] = set()
    found: list[Item] = []
    for row in rows:
        project = projects.get(row["project"])
        if row["i"] in seen or project is None:
            continue
        seen.add(row["i"])
        unit = row["unit"] or ""
        found.append(
            Item(
                iri=row["i"],
                name=row["name"],
                description=row["description"] or "",
                level1=row["level1"] or "",
                level2=row["level2"] or "",
                type=row["type"] or "",
                kind=row["kind"],
                operator=row["operator"] or "",
                number=_number(row, project["year"]),
                unit=unit,
                per=row["per"] or "",
                dimension=_dimension(row["kind"], kinds.get(unit, unit)),
                target=without_dated_years(row["text"]),
                owner=project["owner"] or "",
                line=project["line"],
                project=row["project"],
                label=project["label"],
                year=project["year"],
                position=row["row"],
                measured=row["measured"],
                cell={
                    "department": project["department"],
                    "value": row["text"],
                    "document": name,
                    "table": row["table"],
                    "row": row["row"],
                    **stands.get(row["i"], {}),
                },
            )
        )
    order = {iri: n for n, iri in enumerate(projects)}
    found.sort(key=lambda i: (order[i.project], i.position, i.iri))
    return found


def _projects(store: Store, document: str, wanted: set[str]) -> dict[str, dict[str, Any]]:
    """What is said of projects, those of the document's own graph first."""
    projects: dict[str, dict[str, Any]] = {}
    for row in store.select(PROJECTS, document):
        projects.setdefault(row["project"], row)
    if others := wanted - projects.keys():
        for holder in store.select(HOLDERS % " ".join(f"<{iri}>" for iri in sorted(others))):
            for row in store.select(PROJECTS, holder["d"]):
                if row["project"] in others:
                    projects.setdefault(row["project"], row)
    return projects


def _dimension(kind: str, quantity: str) -> str:
    """What can be compared at all: the kind of quantity (people and things are both counted), or a date."""
    if kind != "number":
        return "date" if kind == "date" else ""
    return "count" if quantity.startswith("kind-count") else quantity.removeprefix("kind-")


def _number(row: dict[str, Any], year: int | None) -> float | None:
    """The target on one scale: its amount, how often in a period, or the day of its deadline in the fiscal year."""
    if row["number"] is not None:
        return float(row["number"])
    if row["deadline"] is not None and year is not None:
        day = date.fromisoformat(row["deadline"])
        return float((day.year - year) * 372 + day.month * 31 + day.day)  # the same day of any year is equal
    return float(row["times"]) if row["times"] is not None else None


def graph_iri(base: str) -> str:
    """The named graph of measures beside the documents' graphs."""
    return f"{base}measures"


def state(clusters: Clusters, base: str) -> None:
    """Say of what was found what every indicator measures, and which indicator of the year before it continues.

    A measure is named after the words and type of its earliest rows, so later years do not change its IRI.
    """
    items, links = clusters.items, clusters.links
    none = np.zeros(len(items), np.int32)
    stated = Stated([], none, none.copy(), none.copy(), none - 1, none.copy())
    taken: set[str] = set()
    groups = sorted(clusters.measures(), key=lambda g: (-len(g), min(items[n].iri for n in g)))
    for group in groups:
        first = min((items[n] for n in group), key=lambda i: (i.year or 9999, i.measured, i.iri))
        stem = f"{base}measure/{short_hash(first.type or first.level2, first.measured)}"
        iri = stem if stem not in taken else f"{stem}-{short_hash(first.iri)}"
        taken.add(iri)
        stated.measure[group] = len(stated.measures)
        stated.measures.append((iri, label(clusters, group)))
    for turned, years in zip(clusters.turnover(links), (stated.added, stated.dropped), strict=True):
        for n, year in turned.items():
            years[n] = year
    for link in links:
        stated.revises[link.b] = link.a
        stated.moved[link.b] = TURNS.index(direction(items[link.a], items[link.b]))
    clusters.found.state(stated)


def quads(found: Found, base: str) -> Iterator[Quad]:
    """What is stated of all indicators, as the graph of measures has it."""
    for iri, name in _measures(found):
        yield from _measure(iri, name, base)
    for iri, said in _rows(found).items():
        yield from _row(iri, said, base)


def changes(before: Found, found: Found, base: str) -> tuple[list[Quad], list[Quad]]:
    """The quads that the graph of measures had ``before`` and has no more, and those that it did not have."""
    one, two = _measures(before), _measures(found)
    old, new = _rows(before), _rows(found)
    gone = {q for said in one - two for q in _measure(*said, base)}
    come = {q for said in two - one for q in _measure(*said, base)}
    for iri in old.keys() | new.keys():
        if old.get(iri) != new.get(iri):
            gone |= set(_row(iri, old[iri], base)) if iri in old else set()
            come |= set(_row(iri, new[iri], base)) if iri in new else set()
    return [q for q in gone if q not in come], [q for q in come if q not in gone]


_Row = tuple[str, int, int, str, int]


def _measures(found: Found) -> set[tuple[str, str]]:
    assert found.stated
    return set(found.stated.measures)


def _rows(found: Found) -> dict[str, _Row]:
    """What is stated of each indicator: its measure, the years in which it is new and gone, what it continues, its turn."""
    stated = found.stated
    assert stated
    names = [iri for iri, _ in stated.measures]
    iris = [*(item.iri for item in found.items), ""]
    arrays = (stated.measure, stated.added, stated.dropped, stated.revises, stated.moved)
    return {
        iri: (names[measure], added, dropped, iris[revises], moved)
        for iri, measure, added, dropped, revises, moved in zip(iris, *(a.tolist() for a in arrays), strict=False)
    }


def _measure(iri: str, name: str, base: str) -> Iterator[Quad]:
    graph = node(graph_iri(base))
    yield Quad(node(iri), node(RDF.type), node(JX.Measure), graph)
    yield Quad(node(iri), node(RDFS.label), Literal(name), graph)


def _row(iri: str, said: _Row, base: str) -> Iterator[Quad]:
    graph, this = node(graph_iri(base)), node(iri)
    measure, added, dropped, revises, moved = said
    yield Quad(this, node(JX.measures), node(measure), graph)
    for predicate, year in ((JX.addedIn, added), (JX.droppedIn, dropped)):
        if year:
            yield Quad(this, node(predicate), typed(str(year), XSD.integer), graph)
    if revises:
        yield Quad(this, node(PROV.wasRevisionOf), node(revises), graph)
    if moved:
        yield Quad(this, node(JX.targetMoved), Literal(TURNS[moved]), graph)


def label(clusters: Clusters, group: Sequence[int]) -> str:
    """What most rows of the last year call it."""
    rows = [clusters.items[n] for n in group]
    last = max((i.year or 0) for i in rows)
    counted = Counter(i.measured for i in rows if (i.year or 0) == last)
    return min(counted, key=lambda name: (-counted[name], len(name), name))
