"""The graph's indicators as items that duplicate detection compares, and what it finds as jx:Measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from pyoxigraph import Literal, Quad

from index.duplicates.clusters import Clusters
from index.duplicates.direction import direction
from index.duplicates.pairs import Item
from index.text import without_dated_years
from kg.graph.places import spots
from kg.graph.store import Store
from kg.graph.terms import node, short_hash, typed
from kg.graph.vocabulary import quantity_kinds
from ontology import JX, PROV, RDF, RDFS, XSD

PROJECTS = """
SELECT ?project ?label ?year ?line ?owner ?department ?document ?table ?budget WHERE { GRAPH ?d {
  ?d rdfs:label ?document .
  ?project a jx:Project ; rdfs:label ?label ; jx:table ?table ; jx:programme ?line .
  OPTIONAL { ?project jx:fiscalYear ?year }
  OPTIONAL { ?project jx:budget ?budget }
  OPTIONAL { ?project jx:department ?owner }
  OPTIONAL { ?owner rdfs:label ?department }
} } ORDER BY ?document ?table"""

INDICATORS = """
SELECT ?d ?document ?table ?i ?project ?row ?name ?measured ?description ?level1 ?level2 ?type ?text ?kind ?operator ?number ?unit ?per ?deadline ?times WHERE {
GRAPH ?d {
  ?d rdfs:label ?document .
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
} } ORDER BY ?d ?i ?description"""


def items(store: Store) -> list[Item]:
    """Every indicator once, in order of document, table and row."""
    kinds = quantity_kinds(store)
    projects: dict[str, dict[str, Any]] = {}
    for row in store.select(PROJECTS):
        projects.setdefault(row["project"], row)
    stands = spots(store, "jx:Indicator", ("value", "name"))
    seen: set[str] = set()
    found: list[Item] = []
    for row in store.select(INDICATORS):
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
                    "document": row["document"],
                    "table": row["table"],
                    "row": row["row"],
                    **stands.get((row["document"], row["i"]), {}),
                },
            )
        )
    order = {iri: n for n, iri in enumerate(projects)}
    found.sort(key=lambda i: (order[i.project], i.position, i.iri))
    return found


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


def quads(clusters: Clusters, base: str) -> Iterator[Quad]:
    """What every indicator measures, and which indicator of the year before it continues.

    A measure is named after the words and type of its earliest rows, so later years do not change its IRI.
    """
    graph, items = node(graph_iri(base)), clusters.items
    taken: set[str] = set()
    groups = sorted(clusters.measures(), key=lambda g: (-len(g), min(items[n].iri for n in g)))
    for group in groups:
        first = min((items[n] for n in group), key=lambda i: (i.year or 9999, i.measured, i.iri))
        stem = f"{base}measure/{short_hash(first.type or first.level2, first.measured)}"
        iri = stem if stem not in taken else f"{stem}-{short_hash(first.iri)}"
        taken.add(iri)
        yield Quad(node(iri), node(RDF.type), node(JX.Measure), graph)
        yield Quad(node(iri), node(RDFS.label), Literal(label(clusters, group)), graph)
        for n in group:
            items[n].cell["measure"] = iri  # kept with the scored pairs: showing them needs no graph
            yield Quad(node(items[n].iri), node(JX.measures), node(iri), graph)
    links = clusters.links
    for turned, predicate in zip(clusters.turnover(links), (JX.addedIn, JX.droppedIn), strict=True):
        for n, year in turned.items():
            yield Quad(node(items[n].iri), node(predicate), typed(str(year), XSD.integer), graph)
    for link in links:
        old, new = items[link.a], items[link.b]
        yield Quad(node(new.iri), node(PROV.wasRevisionOf), node(old.iri), graph)
        if turn := direction(old, new):
            yield Quad(node(new.iri), node(JX.targetMoved), Literal(turn), graph)


def label(clusters: Clusters, group: Sequence[int]) -> str:
    """What most rows of the last year call it."""
    rows = [clusters.items[n] for n in group]
    last = max((i.year or 0) for i in rows)
    counted = Counter(i.measured for i in rows if (i.year or 0) == last)
    return min(counted, key=lambda name: (-counted[name], len(name), name))
