"""Budgets, projects and indicators counted two ways at once: department, year, fund, group, type in rows and columns.

What belongs to a narrower fund, group or type counts under the wider ones too, as it does where lists are filtered:
each figure is of what ``/api/projects`` or ``/api/indicators`` with the same two filters hold. So rows may overlap,
and totals are asked for by themselves, never added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kg.knowledge import KnowledgeGraph
from kg.service.registry import job
from kg.service.views import Json, project_conditions, type_condition, wan

MOST = 500  # rows, and columns
Place = tuple[Any, ...]  # (iri, label) of each dimension


@dataclass(frozen=True, slots=True)
class Dimension:
    """``path`` leads from a project ?p or its indicator ?i to ?v#, ``label`` from there to ?label#; # numbers it."""

    title: str
    subject: str
    path: str
    label: str
    overlaps: bool = False  # whether one project may stand under several


_BROADER = "/skos:broader*"
_PREFERRED = '?v# skos:prefLabel ?label# FILTER(LANG(?label#) = "zh")'
DIMENSIONS = {
    "department": Dimension("部门", "?p", "jx:department", "?v# rdfs:label ?label#"),
    "year": Dimension("年度", "?p", "jx:fiscalYear", "BIND(STR(?v#) AS ?label#)"),
    "fund": Dimension("资金来源", "?p", "jx:fundSource" + _BROADER, _PREFERRED, overlaps=True),
    "group": Dimension("服务对象", "?p", "jx:beneficiary" + _BROADER, _PREFERRED, overlaps=True),
    "type": Dimension("指标类型", "?i", "jx:type" + _BROADER, _PREFERRED, overlaps=True),
}
MEASURES = {"budget": ("预算", "万元"), "projects": ("项目", "个"), "indicators": ("指标", "个")}
_STARTS = {"?p": "?p a jx:Project .", "?i": "?p jx:indicator ?i ."}
# The part of a project's money that is of a fund: as its table says for that source, else its fiscal or other part.
_SHARE = """OPTIONAL { ?p jx:fiscalFunds ?fiscal } OPTIONAL { ?p jx:otherFunds ?other } OPTIONAL { ?p jx:budget ?whole }
  OPTIONAL { { SELECT ?p ?v# (SUM(?a) AS ?said) WHERE { ?p jx:funding ?m . ?m jx:amount ?a ; jx:fundSource/skos:broader* ?v# } GROUP BY ?p ?v# } }
  BIND(IF(?v# = jxf:fiscal || ?v# = jxf:other || !BOUND(?said), ?none, ?said) AS ?own)
  BIND(IF(BOUND(?v#) && EXISTS { ?v# skos:broader* jxf:fiscal }, ?fiscal,
       IF(BOUND(?v#) && EXISTS { ?v# skos:broader* jxf:other }, ?other, ?whole)) AS ?part)
  BIND(COALESCE(?own, ?part, ?whole) AS ?amount)"""


@job
def pivot(graph: KnowledgeGraph, rows: str, columns: str, measure: str = "budget", **filters: Any) -> Json:
    """A measure by two dimensions. Each row has ``cells`` in the order of ``heads``, None where there is nothing.

    ``iri`` of a head or row is the value of the filter of its dimension, None for what the tables do not say.
    """
    cells = _counted(graph, measure, filters, rows, columns)
    by_row = _counted(graph, measure, filters, rows)
    by_column = _counted(graph, measure, filters, columns)
    heads, sides = _ordered(by_column, columns), _ordered(by_row, rows)
    return {
        "rows": rows, "columns": columns, "measure": measure, "unit": MEASURES[measure][1],
        "overlaps": [name for name in dict.fromkeys((rows, columns)) if DIMENSIONS[name].overlaps],
        "more": max(len(by_row) - len(sides), len(by_column) - len(heads)),
        "heads": [_named(head) for head in heads],
        "items": [
            {**_named(side), "cells": [cells.get(side + head) for head in heads], "total": by_row[side]} for side in sides
        ],
        "total": {"cells": [by_column[head] for head in heads], "total": _counted(graph, measure, filters).get((), 0.0)},
    }  # fmt: skip


def _named(place: Place) -> Json:
    return {"iri": None if place[0] is None else str(place[0]), "label": place[1]}


def _ordered(found: dict[Place, float], dimension: str) -> list[Place]:
    """Years in their order, everything else the greatest first; what the tables do not say comes last."""
    if dimension == "year":
        return sorted(found, key=lambda place: (place[0] is None, place[1]))[:MOST]
    return sorted(found, key=lambda place: (place[0] is None, -found[place], place[1]))[:MOST]


def _counted(graph: KnowledgeGraph, measure: str, filters: Json, *dimensions: str) -> dict[Place, float]:
    """The measure by place. Each project or indicator counts once in each place."""
    names = list(dict.fromkeys(dimensions))
    what = "?i" if measure == "indicators" else "?p"
    where = ["?p a jx:Project .", project_conditions(graph, filters)]
    if measure == "indicators" or filters.get("type") or any(DIMENSIONS[name].subject == "?i" for name in names):
        where.append(_STARTS["?i"])
    if filters.get("type"):
        where.append(type_condition(graph, filters["type"]))
    where += [_lead(name, str(number)) for number, name in enumerate(names)]
    shown = " ".join(f"?v{n} ?label{n}" for n in range(len(names)))
    kept, value = f"{what} {shown}", "COUNT(*)"
    if measure == "budget":
        by_fund = "fund" in names
        where.append(_SHARE.replace("#", str(names.index("fund"))) if by_fund else "OPTIONAL { ?p jx:budget ?amount }")
        kept, value = f"{kept} ?amount", "SUM(COALESCE(?amount, 0))"
    rows = graph.store.select(
        f"""PREFIX jxf: <https://w3id.org/jixiao/fund/>
            SELECT {shown} ({value} AS ?n) WHERE {{ {{ SELECT DISTINCT {kept} WHERE {{ {" ".join(where)} }} }} }}"""
        + (f" GROUP BY {shown}" if names else "")
    )
    found: dict[Place, float] = {}
    for row in rows:
        place = tuple(row[f"{part}{names.index(name)}"] for name in dimensions for part in ("v", "label"))
        found[place] = (wan(row["n"]) or 0.0) if measure == "budget" else float(row["n"])
    return found


def _lead(name: str, number: str) -> str:
    """To the values of a dimension; what has none stands under “not said”."""
    dimension = DIMENSIONS[name]
    there = f"{_STARTS[dimension.subject]} {dimension.subject} {dimension.path} ?v# . {dimension.label}"
    direct = dimension.path.removesuffix(_BROADER)
    none = f"FILTER NOT EXISTS {{ {dimension.subject} {direct} ?any# }} BIND('（未写明）' AS ?label#)"
    return f"{{ {{ {there} }} UNION {{ {_STARTS[dimension.subject]} {none} }} }}".replace("#", number)
