"""One project or one measure through the years: targets, their direction, and the budget beside them."""

from __future__ import annotations

import itertools
from collections import defaultdict
from decimal import Decimal
from typing import Any

from index.duplicates.names import plain
from kg.errors import KgError
from kg.graph.store import Store
from kg.repeats.rows import Repeats

BUDGETS = """
SELECT ?line ?year ?project ?label ?budget WHERE {
  ?project a jx:Project ; jx:programme ?line ; jx:fiscalYear ?year ; rdfs:label ?label .
  OPTIONAL { ?project jx:budget ?budget }
} ORDER BY ?line ?year ?label"""


def trend(repeats: Repeats, store: Store, name: str) -> dict[str, Any]:
    """What ``kg trend`` prints: budgets by year, and every indicator's way through the years.

    ``name`` is a project or a measure by IRI, by name, or by a part of its name that no other has.
    Raises KgError where nothing, or more than one project line, is called so.
    """
    lines, concepts = _named(repeats, name)
    moves = [m for m in repeats.moves() if m["line"] in lines or m["concept"] in concepts]
    budgets = _budgets(store, lines) if lines else []
    found = {
        "name": name,
        "kind": "project" if lines else "measure",
        "budgets": budgets,
        "indicators": _ways(repeats, lines, concepts),
    }
    found["changes"] = [
        {k: v for k, v in m.items() if k not in ("line", "concept")}
        for m in moves
        if m["change"] != "same" or m["target"]
    ]
    found["warnings"] = _against(budgets, moves) if lines else []
    return found


def _named(repeats: Repeats, name: str) -> tuple[set[str], set[str]]:
    """(programmes, measures) of that name: exactly one of the two is not empty."""
    wanted = plain(name)
    items = repeats.items
    exact = {i.line for i in items if name in (i.project, i.line) or (wanted and plain(i.label) == wanted)}
    if exact:
        return exact, set()
    measures = {
        str(i.cell["measure"]) for i in items if name in (i.cell["measure"], i.iri) or plain(i.measured) == wanted
    }
    if measures:
        return set(), measures
    if not wanted:
        raise KgError("请给出项目或指标的名称：kg trend 名称")
    partly = {i.line: i.label for i in items if wanted in plain(i.label)}
    if len(partly) == 1:
        return set(partly), set()
    named = {i.measured: str(i.cell["measure"]) for i in items if wanted in plain(i.measured)}
    several = dict.fromkeys([*partly.values(), *named])
    if not partly and len(set(named.values())) == 1:
        return set(), set(named.values())
    if several:
        raise KgError(f"“{name}”不止一个：{'、'.join(list(several)[:8])}{' 等' if len(several) > 8 else ''}，请写全名")
    raise KgError(f"没有名为“{name}”的项目或指标：kg search 可查找名称")


def _budgets(store: Store, lines: set[str]) -> list[dict[str, Any]]:
    """Budget in 万元 by year of each project of the lines."""
    rows = (row for row in store.select(BUDGETS) if row["line"] in lines)
    return [
        {"year": r["year"], "project": r["label"], "budget_wan": None if r["budget"] is None else float(r["budget"] / Decimal(10_000))}
        for r in sorted(rows, key=lambda r: (r["year"], r["label"]))
    ]  # fmt: skip


def _ways(repeats: Repeats, lines: set[str], concepts: set[str]) -> list[dict[str, Any]]:
    """Each indicator of the projects, or of the measure, with its row of every year."""
    links = {link.b: link for link in repeats.clusters.links}
    follows = {link.a: link.b for link in links.values()}
    ways = []
    for n, item in enumerate(repeats.items):
        if n in links or not (item.line in lines or item.cell["measure"] in concepts):
            continue
        way = [n]
        while (after := follows.get(way[-1])) is not None:
            way.append(after)
        ways.append([repeats.member(repeats.items[m]) for m in way])
    return [{"indicator": way[-1]["indicator"], "years": way} for way in ways]


def _against(budgets: list[dict[str, Any]], moves: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Years in which the projects' budget rose while targets became easier, with those targets."""
    by_year: dict[int, float] = defaultdict(float)
    for row in budgets:
        by_year[row["year"]] += row["budget_wan"] or 0.0
    found = []
    years = sorted(by_year)
    for old, new in itertools.pairwise(years):
        easier = [m["after"] for m in moves if m["year"] == new and m["target"] == "easier"]
        if by_year[new] > by_year[old] and easier:
            found.append(
                {"year": new, "budget_before_wan": by_year[old], "budget_wan": by_year[new], "easier": easier}
            )  # fmt: skip
    return found
