"""In which year a number was greater, and from how much to how much it went."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.meaning import Asked
from kg.ask.grammar.rules.common import budget
from kg.ask.logic.plain import OfYear
from kg.ask.logic.sets import Set, Statistic
from kg.ask.logic.values import Each, InYears
from kg.ask.logic.wanted import Wanted


def which_year_rules(g: Grammar) -> None:
    # “哪年高”, “2024年高还是2025年高”
    g.rule("WYEAR", "A", "WYEAR", lambda w, a: w if a == m.target() else None)  # “哪年的目标更高”
    for order in ("MORE", "SUP"):
        g.rule("WYEAR", order, "WYM", lambda _, most: (most, ()))
        g.rule("WYO", order, "YCON", lambda of, most: InYears(of, most))
        g.rule("C", order, "CYM", lambda c, most: (most, y) if len(y := _years(c)) == 1 else None)
    g.rule("CYM", "OR", "CYO", lambda p, _: p)
    for first in ("CYO", "CYM"):
        g.rule(first, "CYM", "WYM", lambda a, b: (a[0], a[1] + b[1]) if a[0] == b[0] and a[1] != b[1] else None)
    for of in ("E", "X", "XC", "XA", "Q", "QH", "WP", "S"):
        more = 0.12 if of == "S" else 0.0
        g.rule(of, "WYM", "YCON", lambda o, w: InYears(n, *w) if (n := m.number(_number(o))) else None, more)
        g.rule("WYEAR", of, "WYO", lambda _, o: m.number(_number(o, counted=True)), more)
    g.rule("C", "YCON", "YCON", _narrowed, 0.02)
    g.rule("S", "YCON", "YCON", _owned, 0.04)
    g.rule("YCON", "YN", "YCON", lambda c, _: c, 0.05)
    g.lift("YCON", "V", lambda c: c)
    # “从多少涨到多少”
    for of in ("E", "X", "XC", "XA", "Q", "WP", "S"):
        g.rule(of, "FROMTO", "V", _from_to, 0.15 if of == "S" else 0.02)
        if of != "S":
            g.rule(of, "CHANGED", "V", _from_to, 0.05)


def _years(conditions: tuple[Any, ...]) -> tuple[int, ...]:
    return conditions[0].years if len(conditions) == 1 and isinstance(conditions[0], OfYear) else ()


def _number(said: Any, *, counted: bool = False) -> Statistic | None:
    """What is asked of as one number; ``counted``: a set that nothing else is said of is counted."""
    if isinstance(said, Statistic):
        return said
    if isinstance(said, Asked):
        if not said.words:
            return None
        return Statistic("sum", m.mention(said.words, said.of, said.wanted), m.target())
    if isinstance(said, tuple):
        attribute, function = said
        return Statistic(function, Set(attribute.of), attribute) if attribute.of == "project" else None
    if isinstance(said, Set):
        if said.cls == "project" and m.named(said):
            return Statistic("sum", said, budget()) if said.rank is None else None
        return m.count(said) if counted and said.cls in ("project", "indicator") else None
    return m.total(said) if isinstance(said, Each) else None


def _narrowed(conditions: tuple[Any, ...], contest: InYears) -> InYears | None:
    """“两年里哪年…”, “甲局哪年…”."""
    if years := _years(conditions):
        return replace(contest, years=years) if len(years) > 1 and not contest.years else None
    owner = m.attach(conditions, contest.owner)
    return contest.owned(owner) if owner else None


def _owned(of: Set, contest: InYears) -> InYears | None:
    """“甲项目，哪年的预算高”."""
    if of.cls != "project" or of.rank is not None:
        return None
    return contest.owned(of) if contest.owner.bare else None


def _from_to(said: Any, asked: tuple[tuple[int, int], Wanted]) -> Any:
    """The values of both years."""
    years, wanted = asked
    both = (OfYear(years),)
    if isinstance(said, Asked):
        of = m.attach(both, said.of or Set("project"))
        return m.asked(replace(said, of=of, wanted=said.wanted.with_(wanted))) if of and said.words else None
    number = _number(said)
    if number is None or any(isinstance(c, OfYear) for c in number.of.where):
        return None
    of = m.attach(both, number.of)
    if of is None:
        return None
    if number.attribute is not None and m.named(of):
        return Each(of, (number.attribute,), m.unit_of(number.attribute))
    return m.grouped("year", of, number.attribute, number.function)
