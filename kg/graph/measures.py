"""The graph's indicators as items that duplicate detection compares, and what it finds as jx:Measure."""

from __future__ import annotations

import re
from typing import Any

from index.duplicates.pairs import Item
from kg.graph.store import Store
from kg.graph.vocabulary import vocabulary
from kg.tables.recognise import words

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
SELECT ?d ?i ?project ?row ?name ?description ?level1 ?type ?text ?kind ?operator ?number ?unit ?per ?deadline ?times WHERE {
GRAPH ?d {
  ?i jx:project ?project ; rdfs:label ?name ; jx:row ?row ; jx:target ?t .
  ?t jx:text ?text ; jx:valueType ?kind .
  OPTIONAL { ?i jx:description ?description }
  OPTIONAL { ?i jx:level1 ?level1 }
  OPTIONAL { ?i jx:type ?type }
  OPTIONAL { ?t jx:operator ?operator }
  OPTIONAL { ?t qudt:value ?number }
  OPTIONAL { ?t qudt:hasUnit ?unit }
  OPTIONAL { ?t jx:per ?per }
  OPTIONAL { ?t jx:deadline ?deadline }
  OPTIONAL { ?t jx:times ?times }
} } ORDER BY ?d ?i ?description"""

KINDS = "SELECT ?unit ?kind WHERE { ?unit qudt:hasQuantityKind ?kind }"

YEAR = re.compile(r"(?:19|20)\d\d(?=年|[-./]|$)年?度?")


def items(store: Store) -> list[Item]:
    """Every indicator once, in order of document, table and row."""
    kinds = {row["unit"]: row["kind"].rpartition("/")[2] for row in store.select(KINDS)}
    projects: dict[str, dict[str, Any]] = {}
    for row in store.select(PROJECTS):
        projects.setdefault(row["project"], row)
    seen: set[str] = set()
    found: list[Item] = []
    for row in store.select(INDICATORS):
        project = projects.get(row["project"])
        if row["i"] in seen or project is None:
            continue
        seen.add(row["i"])
        unit = row["unit"] or ""
        name = row["name"]
        found.append(
            Item(
                iri=row["i"],
                name=name,
                description=row["description"] or "",
                level1=row["level1"] or "",
                type=row["type"] or "",
                kind=row["kind"],
                operator=row["operator"] or "",
                number=_number(row),
                unit=unit,
                per=row["per"] or "",
                dimension=_dimension(row["kind"], kinds.get(unit, unit)),
                target=YEAR.sub("", row["text"]),
                owner=project["owner"] or "",
                line=project["line"],
                project=row["project"],
                label=project["label"],
                year=project["year"],
                position=row["row"],
                measured=measured(name, row["description"] or ""),
                cell={
                    "department": project["department"],
                    "value": row["text"],
                    "document": project["document"],
                    "table": project["table"],
                    "row": row["row"],
                },
            )
        )
    order = {iri: n for n, iri in enumerate(projects)}
    found.sort(key=lambda i: (order[i.project], i.position, i.iri))
    return found


def measured(name: str, description: str) -> str:
    """The indicator's name, or its description where the name is only a type word (``其他``, ``成本``)."""
    generic = vocabulary().types.matcher.get(name) or name in words()["generic_names"]
    return description if generic and description else name


def _dimension(kind: str, quantity: str) -> str:
    """What can be compared at all: the kind of quantity (people and things are both counted), or a date."""
    if kind != "number":
        return "date" if kind == "date" else ""
    return "count" if quantity.startswith("kind-count") else quantity.removeprefix("kind-")


def _number(row: dict[str, Any]) -> float | None:
    """The target on one scale: its amount, times a period, or the day of the year of its deadline."""
    if row["number"] is not None:
        return float(row["number"])
    return float(row["times"]) if row["times"] is not None else None

