"""One number for each group."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.rules.common import aggregate
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.conditions import Alternatives, HasValue, Is, Size
from kg.ask.logic.plain import OfDepartment, OfType, OfYear
from kg.ask.logic.sets import Rank, Set, Statistic
from kg.ask.logic.values import Each, Table
from kg.ask.logic.wanted import Wanted


def groups_rules(g: Grammar) -> None:
    for each in ("DIST", "EACH"):  # “三个一级指标各有几条”
        g.rule("NT", each, "B", lambda n, _: n, 0.02)
    g.rule("EACH", "N", "B", lambda _, n: n)
    g.rule("EACH", "NW", "B", lambda _, n: n, 0.05)
    g.rule("EACHKIND", "N", "B", lambda _, n: "type" if n == "indicator" else None)
    g.rule("BY", "N", "B", lambda _, n: n)
    g.rule("EACH", "NT", "B", lambda _, n: n)
    g.rule("BY", "NT", "B", lambda _, n: n)
    g.rule("B", "SEP", "B", lambda b, _: b, 0.02)
    g.rule("B", "EACH", "B", lambda b, _: b, 0.05)
    # “产出、效益指标各有多少条”: one by one
    g.rule("S", "DIST", "SD", lambda s, _: s if _listed_types(s) else None)
    g.rule("S", "EACH", "SD", lambda s, _: s if _listed_types(s) else None)
    g.rule("SD", "CNT", "BE", lambda s, _: _by_types(s))
    # “数量指标和成本指标分别是多少”: their targets, not how many there are
    g.rule("SD", "IS", "SDI", lambda s, _: s)
    g.rule("SDI", "HM", "V", lambda s, h: Each(s, (m.target(),)) if set(h.kinds) <= {"count"} and not h.unit else None)
    g.rule("SD", "HM", "BE", lambda s, h: _by_types(s) if set(h.kinds) <= {"count"} else None, 0.02)
    # “三个部门的预算分别多少”: so many groups there must be
    g.lift("S", "BK", lambda s: (s.cls, s.where) if _only_sized(s) else None, 0.02)
    g.rule("BK", "DIST", "BKD", lambda b, _: b)
    g.lift("BKD", "BK", lambda b: b)
    g.rule("BK", "XC", "BE", lambda b, x: _each_counted(b, x), 0.02)
    g.rule("BK", "CNT", "BKC", lambda b, _: b)
    g.rule("BKC", "S", "BE", lambda b, s: _each_counted(b, Statistic("count", s)), 0.02)
    g.rule("BK", "AS", "BE", lambda b, a: _each_of(b, a[0]) if len(a) == 1 else None, 0.05)
    g.rule("BKD", "XA", "BE", lambda b, x: _each_of(b, x[0], x[1]), 0.05)
    g.rule("BK", "XA", "BE", lambda b, x: _each_of(b, x[0], x[1]), 0.3)  # “两个部门的预算合计” is one number
    g.rule("B", "GROUPED", "B", lambda b, _: b)
    g.rule("B", "DIST", "B", lambda b, _: b)
    g.rule("B", "AS", "BE", lambda b, a: _each_group(b, a))
    g.rule("C", "B", "BC", lambda c, b: (b, c))
    g.rule("BC", "AS", "BE", lambda p, a: _each_group(p[0], a, p[1]))
    g.rule("B", "E", "BE", lambda b, e: m.grouped(b, e.of, e.attributes[0]) if len(e.attributes) == 1 else None, 0.02)
    g.rule("B", "XA", "BE", lambda b, p: _grouped(b, Set(p[0].of), *p))
    g.rule("BC", "XA", "BE", lambda q, p: _grouped(q[0], m.attach(q[1], Set(p[0].of)), *p))
    g.rule(
        "B",
        "X",
        "BE",
        lambda b, x: m.grouped(b, x.of, x.attribute, x.function) if isinstance(x, Statistic) and x.attribute else None,
        0.02,
    )
    g.rule(
        "BC",
        "E",
        "BE",
        lambda q, e: _within(m.grouped(q[0], e.of, e.attributes[0]), q[1]) if len(e.attributes) == 1 else None,
        0.02,
    )
    g.rule("S", "BC", "SBC", lambda s, q: (q[0], q[1], s))
    g.rule("SBC", "AS", "BE", lambda q, a: _within(m.grouped(q[0], q[2], a[0]), q[1]) if len(a) == 1 else None)
    g.rule(
        "E",
        "BC",
        "BE",
        lambda e, q: _within(m.grouped(q[0], e.of, e.attributes[0]), q[1]) if len(e.attributes) == 1 else None,
        0.05,
    )
    g.rule("B", "XPER", "BE", lambda b, x: _to_each(b, x), 0.0)
    g.rule("BC", "XPER", "BE", lambda q, x: _to_each(q[0], x, q[1]), 0.0)
    g.rule("BK", "XPER", "BE", lambda b, x: t and replace(t, within=b[1]) if (t := _to_each(b[0], x)) else None, 0.02)
    g.rule("B", "XC", "BE", lambda b, x: m.grouped(b, x.of, None, "count") if b != x.of.cls else None)
    g.rule("BC", "XC", "BE", lambda q, x: m.grouped(q[0], m.attach(q[1], x.of) or x.of, None, "count"))
    g.rule("C", "BE", "BE", lambda c, t: _within(t, c), 0.02)
    g.rule("S", "BE", "BE", lambda s, t: _of_set(t, s), 0.04)
    g.rule("E", "B", "BE", lambda e, b: m.grouped(b, e.of, e.attributes[0]) if len(e.attributes) == 1 else None, 0.1)
    g.rule(
        "X",
        "B",
        "BE",
        lambda x, b: m.grouped(b, x.of, x.attribute, x.function) if isinstance(x, Statistic) and x.attribute else None,
        0.1,
    )
    g.rule("AS", "B", "BE", lambda a, b: _each_group(b, a), 0.15)
    g.rule("S", "B", "SB", lambda s, b: (s, b) if s.cls != b else None, 0.02)
    g.rule("SB", "CNT", "BE", lambda p, _: m.grouped(p[1], p[0], None, "count"))
    g.rule("B", "CNT", "BT", lambda b, _: b)
    g.rule("B", "CNT", "BE", lambda b, _: m.grouped(b, Set("indicator"), None, "count") if b in KINDS else None, 0.02)
    g.rule("BC", "CNT", "BE", lambda p, _: _counted_kinds(*p), 0.02)
    g.rule("S", "BT", "BE", lambda s, b: m.grouped(b, s, None, "count"), 0.02)
    g.rule("BT", "S", "BE", lambda b, s: m.grouped(b, s, None, "count"), 0.02)
    for tail in ("HM", "CNT", "WHICH", "DIST", "AGG", "GROUPED"):
        g.rule("BE", tail, "BE", lambda t, h: _tail(t, h), 0.02)
    g.rule("DIST", "BE", "BE", lambda _, t: t)
    g.rule("X", "DIST", "BE", _by_year)
    g.rule("BE", "ORD", "BE", lambda t, d: replace(t, descending=d) if isinstance(t, Table) else None)
    g.lift("BE", "V", lambda t: t)
    g.rule("C", "EACH", "BC", _each_year)
    g.rule("C", "DIST", "BC", _each_year)
    # “甲和乙的预算分别是多少”: one by one anyway
    g.rule("E", "DIST", "E", lambda e, _: e)
    g.rule("DIST", "AS", "AS", lambda _, a: a)
    g.rule("DIST", "QH", "QH", lambda _, q: q)
    g.rule("DIST", "HM", "HM", lambda _, h: h, 0.06)
    g.rule("DIST", "CNT", "CNT", lambda _, c: c, 0.06)
    g.rule("DIST", "WHICH", "WHICH", lambda _, c: c)
    # a department, fund, group or year by its rank over projects
    # “哪个指标的实际完成值没有达到”
    g.rule("SW", "A", "SWA", lambda s, a: s if s.cls == a.of == "indicator" and a.kind == "value" else None)
    g.rule("SWA", "C", "SW", lambda s, c: m.attach(c, s) if all(isinstance(x, HasValue) for x in c) else None)
    g.rule("SW", "AS", "SR", lambda s, a: (s, a[0]) if len(a) == 1 and s.cls in m.DIMENSIONS else None)
    g.rule("SW", "XA", "SR", lambda s, x: (s, x[0]) if x[1] == "sum" and s.cls in m.DIMENSIONS else None)
    g.rule("S", "XA", "SX", lambda s, x: x[0] if s.bare and s.cls == x[0].of and x[1] == "sum" else None)
    g.rule("SW", "SX", "SR", lambda s, a: (s, a) if s.cls in m.DIMENSIONS else None)
    g.rule("S", "AS", "SA1", lambda s, a: a[0] if s.bare and len(a) == 1 and s.cls == a[0].of else None)
    g.rule("SW", "SA1", "SR", lambda s, a: (s, a) if s.cls in m.DIMENSIONS else None)
    g.rule("SR", "SUP", "SW", lambda p, d: m.ranked(p[0], Rank(p[1], d)))
    g.rule("SR", "MORE", "SW", lambda p, d: m.ranked(p[0], Rank(p[1], d)), 0.2)
    g.rule("S", "AS", "SRS", lambda s, a: (s, a[0]) if len(a) == 1 and s.cls in m.DIMENSIONS else None)
    g.rule("SRS", "SUP", "S", lambda p, d: m.ranked(p[0], Rank(p[1], d)))


KINDS = ("type", "level1")  # that only indicators are of


def _counted_kinds(by: str, within: tuple[Any, ...]) -> Any:
    of = m.attach(within, Set("indicator")) if by in KINDS else None
    return m.grouped(by, of, None, "count") if of else None


def _listed_types(of: Set) -> tuple[OfType, ...]:
    """The types of “数量、质量、时效指标”."""
    found = [c for c in of.where if isinstance(c, Alternatives)]
    if of.cls != "indicator" or len(found) != 1:
        return ()
    types = tuple(c for part in found[0].parts for c in part if isinstance(c, OfType))
    return types if len(types) == len(found[0].parts) else ()


def _by_types(of: Set) -> Table:
    types = _listed_types(of)
    iris = tuple(i for t in types for i in t.iris)
    sizes = tuple(c for c in of.where if isinstance(c, Size))
    inner = replace(of, where=tuple(c for c in of.where if not isinstance(c, Size)))
    return Table("count", inner, None, "type", "条", (Is(iris, "、".join(t.label for t in types)), *sizes))


def _only_sized(of: Set) -> bool:
    return of.cls in m.DIMENSIONS and len(of.where) == 1 and isinstance(of.where[0], Size) and not of.of


def _each_counted(by: tuple[str, tuple[Any, ...]], number: Any) -> Any:
    if not isinstance(number, Statistic) or number.function != "count" or number.of.cls == by[0]:
        return None
    found = m.grouped(by[0], number.of, None, "count")
    return replace(found, within=by[1]) if isinstance(found, Table) else None


def _each_of(by: tuple[str, tuple[Any, ...]], attribute: Attribute, function: str = "sum") -> Any:
    found = m.grouped(by[0], Set(attribute.of), attribute, function)
    return replace(found, within=by[1]) if isinstance(found, Table) else None


def _grouped(by: str, of: Set | None, attribute: Attribute, function: str) -> Any:
    """“各项目的预算合计”: added up over the projects is the whole."""
    if of is None:
        return None
    if by == of.cls:
        found = aggregate(of, attribute, function)
        return m.number(found) if found else None
    return m.grouped(by, of, attribute, function)


def _each_year(conditions: tuple[Any, ...], _: Any) -> Any:
    """“两年分别…”: by year."""
    if any(isinstance(c, OfYear) and len(c.years) > 1 for c in conditions):
        return ("year", conditions)
    several = any(isinstance(c, OfDepartment) and "、" in c.label for c in conditions)
    return ("department", conditions) if several else None


def _each_group(by: str, names: tuple[Attribute, ...], within: tuple[Any, ...] = ()) -> Any:
    if len(names) != 1:
        if by == "project" and all(a.of == "project" for a in names):
            of = m.attach(within, Set("project"))
            return Each(of, names) if of else None
        return None
    attribute = names[0]
    of = m.attach(within, Set(attribute.of))
    if of is None:
        return None
    if by == "project" and attribute.of == "project":
        return Each(of, names, m.unit_of(attribute))
    return m.grouped(by, of, attribute)


def _by_year(number: Any, _: Any) -> Any:
    """“2024年和2025年的预算总额分别…”, “甲局和乙局各…”: each one's."""
    by = _each_year(number.of.where, None) if isinstance(number, Statistic) else None
    return m.grouped(by[0], number.of, number.attribute, number.function) if by else None


def _within(table: Any, conditions: tuple[Any, ...]) -> Any:
    if not isinstance(table, Table | Each):
        return None
    of = m.attach(conditions, table.of)
    return replace(table, of=of) if of else None


def _to_each(by: str, number: Statistic, within: tuple[Any, ...] = ()) -> Table | None:
    """“各部门平均每个项目几条指标”."""
    of = m.attach(within, number.of)
    return Table("average", of, None, by, "条") if of and by in ("department", "year") else None


def _of_set(table: Any, of: Set) -> Any:
    if not isinstance(table, Table | Each):
        return None
    if table.of.cls == of.cls:
        return replace(table, of=of) if table.of.bare and not of.bare else None
    joined = m.relate(of, table.of)
    return replace(table, of=joined) if joined else None


def _tail(table: Any, said: Any) -> Any:
    if not isinstance(table, Table | Each):
        return table
    if isinstance(said, Wanted):
        if table.__class__ is Table and table.attribute is None and "money" in said.kinds:
            return None
        return replace(table, unit=said.shown) if said.shown else table
    if isinstance(said, str) and isinstance(table, Each) and said in ("sum", "average", "median"):
        found = m.total(table, said)
        return m.number(found) if found else None
    if isinstance(said, str) and isinstance(table, Table) and said in ("sum", "average", "median"):
        if table.attribute is None:
            return table if said == "sum" else None
        return replace(table, function=said) if table.function in ("sum", said) else None
    return table
