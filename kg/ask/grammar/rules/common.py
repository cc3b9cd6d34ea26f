"""What the rules of several kinds share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.meaning import Asked, Pair
from kg.ask.logic.attributes import Attribute, attributes
from kg.ask.logic.changes import Growth
from kg.ask.logic.conditions import Compare, applies
from kg.ask.logic.plain import Changed, OfConcept, OfDepartment, OfProject, OfYear
from kg.ask.logic.sets import Set, Statistic
from kg.ask.logic.values import Each
from kg.ask.logic.wanted import Wanted


def budget() -> Attribute:
    return attributes()["project", "budget"]


def only_money(label: str) -> tuple[Any, ...] | None:
    """“全部由财政资金安排”: no money of the other kind."""
    kinds = [a for a in attributes().values() if a.of == "project" and a.name in ("fiscalFunds", "otherFunds")]
    others = [a for a in kinds if label not in (a.label, *a.names)]
    return (Compare(others[0], "=", None),) if len(others) == 1 else None


def scoped(conditions: tuple[Any, ...], question: Asked, *, served: bool) -> Asked | None:
    if not all(isinstance(c, OfYear | OfDepartment | OfConcept | OfProject) for c in conditions):
        return None
    if served != any(isinstance(c, OfConcept) for c in conditions):
        return None
    of = m.attach(conditions, question.of or Set("project"))
    return replace(question, of=of) if of else None


def fits(of: Each, wanted: Wanted) -> bool:
    kind = of.attributes[-1].kind
    if not wanted.kinds:
        return True
    if kind == "money":
        return "money" in wanted.kinds or (wanted.kinds == ("count",) and not wanted.unit)
    if kind == "number":
        return of.attributes[-1].unit != "%" or "money" not in wanted.kinds
    return kind == "value"


def of_condition(conditions: tuple[Any, ...], names: tuple[Attribute, ...]) -> Each | None:
    of = names[0].of
    if of != "project" or any(applies(c, "indicator") and not applies(c, "project") for c in conditions):
        return None
    if names[0].kind == "concept" and any(isinstance(c, Changed | Growth) for c in conditions):
        return None  # “预算增加的部门”: of each as a whole
    found = m.attach(conditions, Set("project"))
    return m.each(found, names) if found else None


def over_all(attribute: Attribute, function: str) -> Statistic | None:
    if attribute.of != "project" or attribute.kind not in ("money", "number"):
        return None
    return Statistic(function, Set("project"), attribute)


def aggregate(of: Set, attribute: Attribute, function: str) -> Statistic | None:
    if attribute.of != of.cls or attribute.kind not in ("money", "number", "value"):
        return None
    return Statistic(function, of, attribute)


def both(conditions: tuple[Any, Any], of: Each) -> Pair | None:
    if len(of.attributes) != 1:
        return None
    first, second = (m.attach(c, of.of) for c in conditions)
    return Pair(replace(of, of=first), replace(of, of=second)) if first and second else None


def year_change(pair: Pair, operator: str) -> Any:
    """“2025年预算比2024年少的”: projects whose amount is so against the same project's of the other year."""
    if not isinstance(pair.first, Each):
        return None
    first, second = pair.first.of, pair.second.of
    attribute = pair.first.attributes[0]
    if first.cls != "project" or attribute.kind != "money" or m.named(first) or first.rank:
        return None
    years = [next((c.years for c in s.where if isinstance(c, OfYear)), ()) for s in (first, second)]
    rest = [tuple(c for c in s.where if not isinstance(c, OfYear)) for s in (first, second)]
    if rest[0] != rest[1] or any(len(y) != 1 for y in years):
        return None
    new, old = years[0][0], years[1][0]
    if _latest_last(new) < _latest_last(old):
        new, old, operator = old, new, {">": "<", "<": ">"}.get(operator, operator)
    return (*rest[0], Changed(attribute.name, operator, old, new))


def _latest_last(year: int) -> int:
    """For comparing years, of which 0 is the latest one and -1 that before it."""
    return year if year > 0 else 9999 + year


def pair_asked(question: Asked, conditions: tuple[Any, Any]) -> Pair | None:
    """One indicator in two years (or of two departments)."""
    if not question.words:
        return None
    sets = [m.attach(c, m.mention(question.words, question.of, question.wanted)) for c in conditions]
    if sets[0] is None or sets[1] is None or sets[0] == sets[1]:
        return None
    return Pair(Each(sets[0], (m.target(),)), Each(sets[1], (m.target(),)))


def year_pair(first: Each, conditions: tuple[Any, ...]) -> Pair | None:
    """“甲2025年的预算比2024年”: the same of the other year."""
    last = conditions[-1]
    years = [c for c in first.of.where if isinstance(c, OfYear)]
    if not years and isinstance(last, OfYear) and first.of.cls == "project" and not first.of.rank:
        years = [OfYear((0,))]  # “预算比去年”: the latest year's
        first = replace(first, of=replace(first.of, where=(*first.of.where, years[0])))
    if (
        len(first.attributes) != 1
        or not isinstance(last, OfYear)
        or len(years) != 1
        or years[0] == last
        or len(conditions) != 1
    ):
        return None
    other = replace(first.of, where=tuple(last if c is years[0] else c for c in first.of.where))
    return Pair(first, replace(first, of=other))
