"""Quantities as conditions, numbers and ranks: 超过500万元, 前三名, 2025年底前, 每月一次."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from kg.ask.logic.plain import DueBy, Every, OfTarget, OfYear, TargetText
from kg.ask.phrases import Phrases
from kg.ask.reading import Quantity
from kg.graph.vocabulary import vocabulary
from ontology import UNIT


def meanings(q: Quantity, phrases: Phrases, years: Sequence[int] = ()) -> Iterator[tuple[str, Any, float]]:
    """What a quantity may mean: category, meaning and cost of each; ``years``: those of the graph, latest first."""
    match q.kind:
        case "money":
            yield "MON", q, 0.0
            if q.operator and q.number is not None:
                units = [(UNIT["yuan"], 0.0)]
                if not re.search("[元块钱]", q.text):
                    units.append(("", 0.06))
                for unit, cost in units:
                    bounds: tuple[OfTarget, ...] = (OfTarget(q.operator, q.number, unit, q.text),)
                    if q.upper is not None:
                        bounds += (OfTarget(q.upper_operator, q.upper, unit, "及其上限"),)
                    yield "TM", bounds, cost
        case "percent":
            yield "PCT", q, 0.0
            exact = re.search("[≥≤<>=].*", q.text)
            if exact and (forms := phrases.written(exact[0])):
                yield "C", (TargetText(exact[0], forms),), -0.1
            if q.upper is not None and (forms := phrases.written(q.text)):  # “目标是60%-80%吗”: written just so
                yield "C", (TargetText(q.text, forms),), -0.1
            if q.number is not None:
                cost = 0.0 if q.operator else 0.15
                within: tuple[OfTarget, ...] = (OfTarget(q.operator or "=", q.number, UNIT["percent"], q.text),)
                if q.upper is not None:
                    within += (OfTarget(q.upper_operator, q.upper, UNIT["percent"], "及其上限"),)
                yield "C", within, cost
        case "rank" if q.number is not None and q.number >= 1:
            first = int(q.number)
            last = int(q.upper) if q.upper else first
            yield "TOP", (True, last - first + 1, first - 1), 0.0
        case "top" if q.number is not None and q.number >= 1:
            bottom = q.text[0] in "后倒末"
            yield "TOP", (not bottom, int(q.number), 0), 0.0
            yield "K", int(q.number), 0.1
        case "count" if q.number is not None and q.number >= 1:
            yield "K", int(q.number), 0.05
            yield "NUM", q, 0.1
        case "amount" if q.number is not None:
            if q.operator:
                counted = q.unit in ("个", "项", "条", "家", "次", "名")
                if counted:
                    yield "NUM", q, 0.0
                generic = 0.45 if q.unit in ("个", "项", "条") else 0.25  # of anything
                yield "C", (_amount(q),), generic if counted else 0.05
            elif q.unit in ("个", "项", "名", "条", "家"):
                yield "K", int(q.number), 0.05
            else:
                yield "C", (_amount(q),), 0.25
        case "year" if q.number is not None:
            yield "C", (OfYear((int(q.number),)),), 0.0
        case "date" | "span":
            due = DueBy(q.first, q.last, stated=q.kind == "span", yearless=not q.year)
            other = q.year in years[1:]  # “2024年10月底前”, where 2025 is the latest: of the projects of that year
            yield "C", (due,), 0.1 if other else 0.0
            if q.year in years and len(years) > 1:
                yield "C", (OfYear((q.year,)), due), 0.0 if other else 0.05
        case "frequency":
            yield "C", (Every(q.period, q.text),), 0.02


def _amount(q: Quantity) -> OfTarget:
    assert q.number is not None
    for iri in vocabulary().units.matcher.get(q.unit):
        multiplier, base = vocabulary().multipliers[iri]
        return OfTarget(q.operator or "=", q.number * multiplier, base, q.text)
    return OfTarget(q.operator or "=", q.number, "", q.text)
