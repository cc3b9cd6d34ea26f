"""How a number of each department, fund or group has changed, and which of them have so many or so much."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.meaning import Pair
from kg.ask.grammar.rules.common import budget, year_change, year_pair
from kg.ask.grammar.rules.pairing import departments, pair_set
from kg.ask.grammar.rules.years import grown_lately, ranked_by_growth
from kg.ask.logic.attributes import attributes
from kg.ask.logic.changes import AlsoIn, Growth
from kg.ask.logic.conditions import Size
from kg.ask.logic.exchange import swap
from kg.ask.logic.groups import ByGroup, Changes
from kg.ask.logic.plain import Changed, OfYear
from kg.ask.logic.sets import Rank, Set, Statistic
from kg.ask.logic.values import Each, Table


def growth_rules(g: Grammar) -> None:
    """“各部门预算比上年增加多少”, “哪个局增幅最大”."""
    g.rule("B", "P", "P", _pair_of_each)
    g.rule("C", "P", "P", lambda c, p: _pair_within(p, c), 0.05)
    g.rule("BE", "BI", "BEB", lambda t, _: t)
    g.rule("BEB", "C", "P", _other_year)
    for first, second in (("CP", "BE"), ("BE", "CP")):
        g.rule(first, second, "P", lambda a, b: _of_years(*((b, a) if isinstance(b, Table) else (a, b))), 0.02)
    g.rule("BE", "YOY", "P", lambda t, _: _since_last(t))
    g.rule("BE", "RATE", "PD", lambda t, o: p and m.computed(m.rate(o), p) if (p := _since_last(t)) else None, 0.05)
    g.rule("BE", "CHGHM", "PD", lambda t, h: m.computed("difference", p, h) if (p := _since_last(t)) else None, 0.12)
    g.rule("BE", "CHG", "PD", lambda t, _: p and m.computed("difference", p) if (p := _since_last(t)) else None, 0.1)
    g.lift("PC", "PD", lambda p: m.computed("difference", p[0]) if isinstance(p[0].first, ByGroup) else None, 0.02)
    g.rule("PD", "ORD", "PD", lambda c, d: replace(c, descending=d) if isinstance(c, Changes) else None)
    for tail in ("WHICH", "DIST", "GROUPED"):
        g.rule("PD", tail, "PD", lambda c, _: c if isinstance(c, Changes) else None, 0.02)
    # “各项目比上年增加多少”, “增加的项目各增加多少”, “哪些减少了，减了多少”
    g.rule("B", "P", "PPR", lambda b, p: p if b == "project" else None)
    g.rule("P", "DIST", "PPR", lambda p, _: p)
    g.rule("BEB", "C", "PPR", lambda e, c: year_pair(e, c) if isinstance(e, Each) else None)
    g.rule("S", "PPR", "PPR", lambda s, p: pair_set(p, s), 0.05)
    for said in ("CHGHM", "DIFF"):
        g.rule("PPR", said, "V", lambda p, _: _each_project(p), 0.02)
        g.rule("SDC", said, "V", lambda s, _: _each_changed(s), 0.02)
        g.rule("SW", said, "V", lambda s, _: _each_changed(s), 0.02)
    g.rule("PPR", "PC1", "V", lambda p, _: _each_project(p), 0.02)
    g.rule("CHG", "HM", "PC1", lambda o, h: o if set(h.kinds) <= {"money", "count"} and not h.unit else None)
    g.rule("S", "DIST", "SDC", lambda s, _: s if s.cls == "project" and not s.bare else None)
    g.rule("SW", "SEP", "SW", lambda s, _: s if _change_in(s) else None)
    # which of them has grown most
    g.rule("A", "RATE", "ART", lambda a, o: (a, o) if a.of == "project" and a.kind == "money" else None)
    g.lift("RATE", "ART", lambda o: (budget(), o), 0.1)  # “延续项目里增幅最大的”
    g.rule("ART", "SUP", "CR", lambda p, most: grown_lately(p, most, rate=True), 0.02)
    g.rule("A", "FASTEST", "CR", lambda a, o: grown_lately((a, o), True, rate=True) if a.kind == "money" else None)
    g.rule("C", "WCR", "SW", lambda c, r: ranked_by_growth(s, r) if (s := departments(c, "")) else None)


def having_so_many_rules(g: Grammar) -> None:
    """“项目超过3个的部门”, “有两个项目以上的局”, “预算合计超过1000万元的部门”."""
    g.rule("S", "NUM", "GC", lambda s, n: _so_many(s, n.operator, n.number, n.text))
    g.rule("NUM", "S", "GC", lambda n, s: _so_many(s, n.operator, n.number, n.text) if s.cls == "project" else None)
    g.rule("XC", "NUM", "GC", lambda x, n: _compared(x, n.operator, n.number, n.text))
    g.rule("S", "ABOVE", "GC", lambda s, o: _sized(s, o))  # “有两个项目以上的”
    g.rule("ONLY", "S", "GC", lambda _, s: _sized(s, "="))  # “只有一个项目的”
    g.rule("HAS", "S", "GC", lambda _, s: _sized(s, "="), 0.05)
    g.rule("XA", "MON", "GC", _so_much)
    g.rule("X", "MON", "GC", lambda x, q: _compared(x, q.operator, q.number, q.text) if q.upper is None else None)
    g.rule("HAS", "GC", "GC", lambda _, c: c)
    g.rule(
        "C",
        "GC",
        "GC",
        lambda c, gc: replace(gc, number=replace(gc.number, of=of)) if (of := m.attach(c, gc.number.of)) else None,
        0.02,
    )
    for of in ("S", "SW"):
        g.rule("GC", of, of, _of_such)
        g.rule(of, "GC", of, lambda s, c: _of_such(c, s))


def _compared(number: Any, operator: str, than: Any, said: str) -> ByGroup | None:
    """A number of each group of a class to be told, that compares so."""
    if not isinstance(number, Statistic) or not operator or than is None or m.named(number.of) or number.of.rank:
        return None
    if number.of.cls not in ("project", "indicator") or number.function not in ("sum", "count", "average"):
        return None
    if number.attribute is not None and (number.attribute.of != "project" or number.attribute.kind != "money"):
        return None
    return ByGroup("", number, operator, than, said)


def _so_many(of: Set, operator: str, number: Any, said: str = "") -> ByGroup | None:
    return _compared(Statistic("count", of), operator, number, said)


def _sized(of: Set, operator: str) -> ByGroup | None:
    """Of a set that was said to have so many members."""
    sizes = [c.number for c in of.where if isinstance(c, Size)]
    kept = replace(of, where=tuple(c for c in of.where if not isinstance(c, Size)))
    return _so_many(kept, operator, Decimal(sizes[0])) if len(sizes) == 1 and of.cls == "project" else None


def _so_much(amount: tuple[Any, str], money: Any) -> ByGroup | None:
    attribute, function = amount
    return _compared(Statistic(function, Set(attribute.of), attribute), money.operator, money.number, money.text)


def _of_such(number: ByGroup, of: Set) -> Set | None:
    """The groups of which the number compares so."""
    if of.cls not in m.GROUPS or of.rank is not None:
        return None
    owner = number.number.of if number.number.of.cls == "project" else number.number.of.of or Set("project")
    if of.of is not None and not of.of.bare:  # “2025年项目超过5个的部门”
        within = m.attach(of.of.where, owner) if of.of.rank is None and not of.of.mention else None
        if within is None:
            return None
        whole = within if number.number.of.cls == "project" else replace(number.number.of, of=within)
        number = replace(number, number=replace(number.number, of=whole))
    return replace(of, where=(*of.where, replace(number, by=of.cls)))


def _change_in(of: Set) -> Changed | None:
    """That an amount has changed, where that is said of a set of projects."""
    found = [c for c in of.where if isinstance(c, Changed)]
    return found[0] if of.cls == "project" and of.rank is None and len(found) == 1 else None


def _each_changed(of: Set) -> Any:
    """Projects whose amount has changed, each with how much."""
    said = _change_in(of)
    if said is None:
        return None
    growth = Growth(attributes()["project", said.measure], said.old or said.new - 1, less=said.operator == "<")
    return m.listed(replace(of, rank=Rank(growth, True, None)))


def _each_project(pair: Pair) -> Any:
    """How much each project has more or less than in the other year."""
    said = year_change(pair, "!=")
    if not said:
        return None
    *rest, changed = said
    rest = [c for c in rest if not isinstance(c, AlsoIn)]  # it has to be in both anyway
    of = m.attach((*rest, OfYear((changed.new,))), Set("project"))
    growth = Growth(attributes()["project", changed.measure], changed.old or changed.new - 1)
    return m.listed(replace(of, rank=Rank(growth, True, None))) if of else None


def _project_year(of: Set) -> tuple[int, ...]:
    owner = of if of.cls == "project" else of.of
    found = [c.years for c in owner.where if isinstance(c, OfYear)] if owner else []
    return found[0] if len(found) == 1 else ()


def _in_year(number: Statistic, year: int) -> Statistic | None:
    """The statistic of one year; None where it is of another one."""
    said = OfYear((year,))
    if _project_year(number.of):
        changed, count = swap(number, said)
        return changed if count == 1 else None
    of = m.attach((said,), number.of)
    return replace(number, of=of) if of else None


def _pair_of_each(by: str, pair: Pair) -> Pair | None:
    """“各部门” of a pair of numbers of two years."""
    found = m.pair_numbers(pair) if by in m.GROUPS else None
    if found is None or any(s.function not in ("sum", "count") or m.named(s.of) for s in found):
        return None
    years = [_project_year(s.of) for s in found]
    if any(len(y) != 1 for y in years) or _in_year(found[0], years[1][0]) != found[1]:
        return None
    return Pair(ByGroup(by, found[0]), ByGroup(by, found[1]))


def _pair_of_table(table: Any, new: int, old: int) -> Pair | None:
    if not isinstance(table, Table) or table.by not in m.GROUPS or table.within or table.having:
        return None
    if table.function not in ("sum", "count"):
        return None
    numbers = [_in_year(Statistic(table.function, table.of, table.attribute), year) for year in (new, old)]
    if not all(numbers) or numbers[0] == numbers[1]:
        return None
    return Pair(*(ByGroup(table.by, n) for n in numbers))


def _other_year(table: Any, conditions: tuple[Any, ...]) -> Pair | None:
    """“各部门2025年预算比2024年”."""
    only = conditions[0]
    if len(conditions) != 1 or not isinstance(only, OfYear) or len(only.years) != 1 or not isinstance(table, Table):
        return None
    years = _project_year(table.of) or (0,)
    return _pair_of_table(table, years[0], only.years[0]) if len(years) == 1 else None


def _of_years(table: Any, pair: tuple[Any, Any]) -> Pair | None:
    """“2025年比2024年各部门预算”."""
    years = [c[-1].years for c in pair if len(c) == 1 and isinstance(c[-1], OfYear) and len(c[-1].years) == 1]
    if len(years) != 2 or not isinstance(table, Table) or _project_year(table.of):
        return None
    return _pair_of_table(table, years[0][0], years[1][0])


def _since_last(table: Any) -> Pair | None:
    """“各部门预算同比”: the latest year, or the one named, against the one before."""
    if not isinstance(table, Table):
        return None
    years = _project_year(table.of) or (0,)
    return _pair_of_table(table, years[0], years[0] - 1) if len(years) == 1 else None


def _pair_within(pair: Pair, conditions: tuple[Any, ...]) -> Pair | None:
    """“2025年，各部门…比2024年”: other conditions than years narrow both."""
    if not isinstance(pair.first, ByGroup) or any(isinstance(c, OfYear) for c in conditions):
        return None
    sets = [m.attach(conditions, p.number.of) for p in (pair.first, pair.second)]
    if not all(sets):
        return None
    return Pair(
        *(replace(p, number=replace(p.number, of=s)) for p, s in zip((pair.first, pair.second), sets, strict=True))
    )
