"""Projects that repeat across departments: the same purpose, overlapping groups and indicators."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from itertools import combinations
from typing import Any

from index.duplicates.names import name_words, read_name
from index.duplicates.pairs import likeness
from kg.graph.places import spots
from kg.graph.store import Store
from kg.repeats.rows import Repeats

PROJECTS = """
SELECT ?project ?label ?year ?owner ?department ?document ?table ?budget (SAMPLE(?p) AS ?purpose)
       (GROUP_CONCAT(DISTINCT ?g; separator="\\n") AS ?groups) WHERE { GRAPH ?d {
  ?d rdfs:label ?document .
  ?project a jx:Project ; rdfs:label ?label ; jx:table ?table ; jx:department ?owner .
  ?owner rdfs:label ?department .
  OPTIONAL { ?project jx:fiscalYear ?year }
  OPTIONAL { ?project jx:budget ?budget }
  OPTIONAL { ?project jx:purpose ?p }
  OPTIONAL { ?project jx:beneficiary ?g }
} } GROUP BY ?project ?label ?year ?owner ?department ?document ?table ?budget ORDER BY ?document ?table"""

SPREAD = 40  # a measure that so many projects share says nothing about any two


def repeated(repeats: Repeats, store: Store, threshold: float | None = None) -> Iterator[dict[str, Any]]:
    """Pairs of projects of one year and two departments, the likest first; ``why`` adds up to ``score``."""
    table = name_words()["projects"]
    least = table["threshold"] if threshold is None else threshold
    projects: dict[str, dict[str, Any]] = {}
    for row in store.select(PROJECTS):
        projects.setdefault(row["project"], row)
    measures = _measures(repeats, projects)
    pairs = _candidates(projects, measures)
    found = []
    for a, b in pairs:
        why = _why(projects[a], projects[b], measures[a], measures[b], table["weights"])
        score = round(sum(part["score"] for part in why), 4)
        if score >= least:
            found.append((score, a, b, why))
    stands = spots(store, "jx:Project", ("project",)) if found else {}
    for score, a, b, why in sorted(found, key=lambda f: (-f[0], f[1], f[2])):
        yield {
            "score": score,
            "members": [_member(projects[p]) | stands.get((projects[p]["document"], p), {}) for p in (a, b)],
            "indicators": sorted({measures[a][m] for m in measures[a].keys() & measures[b].keys()}),
            "why": why,
        }


def _measures(repeats: Repeats, projects: dict[str, dict[str, Any]]) -> dict[str, dict[int, str]]:
    """Of each project its indicators, by the group of like words they belong to."""
    found: dict[str, dict[int, str]] = {project: {} for project in projects}
    for group, numbers in enumerate(repeats.clusters.texts("departments")):
        for n in numbers:
            item = repeats.items[n]
            if item.project in found:
                found[item.project][group] = item.name
    return found


def _candidates(projects: dict[str, dict[str, Any]], measures: dict[str, dict[int, str]]) -> set[tuple[str, str]]:
    """Pairs that share a name, a purpose or a measure that few projects have."""
    blocks: dict[Hashable, list[str]] = defaultdict(list)
    for iri, row in projects.items():
        blocks["name", read_name(row["label"]).canonical].append(iri)
        if row["purpose"]:
            blocks["purpose", read_name(row["purpose"]).canonical].append(iri)
        for group in measures[iri]:
            blocks[group].append(iri)
    found: set[tuple[str, str]] = set()
    for several in blocks.values():
        if len(several) <= SPREAD:
            for a, b in combinations(sorted(several), 2):
                one, two = projects[a], projects[b]
                if one["owner"] != two["owner"] and one["year"] == two["year"]:
                    found.add((a, b))
    return found


def _why(
    one: dict[str, Any], two: dict[str, Any], mine: dict[int, str], theirs: dict[int, str], weights: dict[str, float]
) -> list[dict[str, Any]]:
    groups, others = (set(filter(None, (r["groups"] or "").split("\n"))) for r in (one, two))
    values = {
        "name": likeness(read_name(one["label"]).canonical, read_name(two["label"]).canonical),
        "purpose": likeness(read_name(one["purpose"] or "").canonical, read_name(two["purpose"] or "").canonical)
        if one["purpose"] and two["purpose"] else 0.0,
        "beneficiaries": len(groups & others) / len(groups | others) if groups | others else 0.0,
        "indicators": len(mine.keys() & theirs.keys()) / max(1, min(len(mine), len(theirs))),
    }  # fmt: skip
    return [
        {"feature": name, "score": round(weights[name] * value, 4), "value": round(value, 3), "weight": weights[name]}
        for name, value in values.items()
    ]


def _member(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "iri": row["project"],
        "project": row["label"],
        "department": row["department"],
        "year": row["year"],
        "budget_wan": None if row["budget"] is None else float(row["budget"] / 10_000),
        "document": row["document"],
        "table": row["table"],
    }
