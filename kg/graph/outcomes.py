"""What was reached against what was to be reached: whether an indicator was met, and by how much."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from kg.tables import IndicatorRecord, ProjectRecord, Target

HUNDRED = Decimal(100)
CENT = Decimal("0.01")


@cache
def rules() -> dict[str, Any]:
    """The tables of ``outcomes.toml``."""
    return tomllib.loads(resources.files("kg.graph").joinpath("outcomes.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in its base unit, with that unit's IRI and what it is counted per."""

    number: Decimal
    unit: str | None
    per: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """``met`` None: the two cannot be compared. ``rate`` is percent of the target, where more is better."""

    met: bool | None = None
    difference: Decimal | None = None  # actual minus target, in the base unit
    rate: Decimal | None = None


def outcome(indicator: IndicatorRecord, target: Amount | None, actual: Amount | None) -> Outcome:
    """Compare what a row says was reached with its target; both are given in base units where they are numbers."""
    planned, reached = indicator.target, indicator.others.get("actual")
    if reached is None:
        return Outcome()
    if target is not None and actual is not None:
        return _numbers(indicator, target, actual) if reached.operator == "=" else Outcome()
    if planned.deadline and reached.deadline:
        return Outcome(reached.deadline <= planned.deadline)
    if planned.kind == "text":
        return Outcome(_words(planned, reached))
    return Outcome()


def _numbers(indicator: IndicatorRecord, target: Amount, actual: Amount) -> Outcome:
    bare = actual.unit is None and not actual.per
    if not bare and (actual.unit, actual.per) != (target.unit, target.per):
        return Outcome()
    if bare and indicator.target.unit in rules()["percent"] and actual.number <= 1 < target.number:
        return Outcome()  # 0.95 may be 95%
    difference = actual.number - target.number
    met: bool | None
    match indicator.target.operator:
        case "≥":
            met = difference >= 0
        case ">":
            met = difference > 0
        case "≤":
            return Outcome(difference <= 0, difference)
        case "<":
            return Outcome(difference < 0, difference)
        case "=" if not difference:
            met = True
        case "=" if not re.search(rules()["less_is_better"], indicator.level1 + indicator.level2):
            met = difference > 0  # counts and shares: more than was planned is done, too
        case _:
            return Outcome(None, difference)
    rate = (actual.number / target.number * HUNDRED).quantize(CENT) if target.number > 0 else None
    return Outcome(met, difference, rate)


def _words(planned: Target, reached: Target) -> bool | None:
    said = re.sub(r"[\s\W]+", "", reached.text)
    if said == re.sub(r"[\s\W]+", "", planned.text) or said in rules()["met"]:
        return True
    return False if said in rules()["missed"] else None


def execution_rate(project: ProjectRecord) -> Decimal | None:
    """Percent of the year's budget that was spent: as the table writes it, else computed to two decimals."""
    if project.execution_rate is not None:
        return project.execution_rate
    whole = project.adjusted_budget if project.adjusted_budget is not None else project.budget
    if project.executed is None or not whole:
        return None
    return (project.executed / whole * HUNDRED).quantize(CENT)


def total_score(project: ProjectRecord) -> Decimal | None:
    """The total of a self-evaluation: as the table writes it, else the sum of its points, where all are there."""
    if project.total_score is not None:
        return project.total_score
    points = [(i.weight, i.score) for i in project.indicators]
    if not points or any(weight is None or score is None for weight, score in points):
        return None
    full = sum((weight or Decimal(0) for weight, _ in points), Decimal(0))
    given = sum((score or Decimal(0) for _, score in points), Decimal(0))
    if full == HUNDRED:
        return given
    executed = project.execution_score
    return given + executed if executed is not None and full == HUNDRED - rules()["execution_points"] else None
