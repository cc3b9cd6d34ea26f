"""A number against an amount or another number."""

from __future__ import annotations

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.rules.common import budget, over_all
from kg.ask.logic.conditions import Compare
from kg.ask.logic.plain import OfTarget
from kg.ask.logic.sets import Set, Statistic
from kg.ask.logic.values import Each


def comparisons_rules(g: Grammar) -> None:
    # “预算超过100万”
    g.rule("A", "MON", "C", m.bounds)
    # “总预算不到200万的项目”
    g.rule("XA", "MON", "CXA", lambda x, q: m.bounds(x[0], q) if x[1] == "sum" and q.operator else None)
    g.rule("CXA", "S", "S", lambda c, s: m.attach(c, s) if s.cls == "project" else None)
    g.rule("MON", "A", "C", lambda q, a: m.bounds(a, q), 0.1)
    g.lift("MON", "C", lambda q: m.bounds(budget(), q), 0.15)
    g.rule("A", "PCT", "C", m.percent_of)
    g.rule(
        "A", "ZERO", "C", lambda a, _: (Compare(a, "=", None),) if a.kind == "money" and a.name != "budget" else None
    )
    g.rule(
        "NOT",
        "A",
        "C",
        lambda _, a: (Compare(a, "=", None),) if a.kind == "money" and a.name != "budget" else None,
        0.05,
    )
    g.rule("HAS", "A", "C", lambda _, a: m.there(a), 0.1)
    # “这些里面有其他资金的是哪个”: which, not how much
    g.rule("HAS", "A", "HAC", lambda _, a: m.there(a))
    g.rule("S", "HAC", "SHC", lambda s, c: m.attach(c, s) if s.cls == "project" else None)
    g.rule("SHC", "WHICH", "SW", lambda s, _: s)
    g.rule("A", "C", "C", lambda a, c: c if a.name == "target" and all(isinstance(x, OfTarget) for x in c) else None)
    g.rule("AMT", "TM", "C", lambda _, t: t)
    g.rule("LIM", "TM", "C", lambda _, t: t)
    g.rule("A", "LIM", "AMT", lambda a, _: "amount" if a.of == "project" and a.kind == "money" else None, 0.0)
    g.rule("AMT", "LIM", "AMT", lambda a, _: a)
    g.rule("A", "TM", "C", lambda a, t: t if a.name == "target" else None)
    g.lift("TM", "C", lambda t: t, 0.22)
    # “预算居中的项目”
    g.rule(
        "A",
        "MID",
        "C",
        lambda a, _: m.compare(a, "=", Statistic("median", Set(a.of), a)) if a.of == "project" else None,
    )
    g.lift("MID", "C", lambda _: m.compare(budget(), "=", Statistic("median", Set("project"), budget())), 0.3)
    # “高于平均值”, “比…高”
    g.rule("OP", "AGG", "TH", lambda o, f: (o, f) if f in ("average", "median") else None)
    g.rule(
        "A", "TH", "C", lambda a, t: m.compare(a, t[0], Statistic(t[1], Set(a.of), a)) if a.of == "project" else None
    )
    g.lift("TH", "C", lambda t: m.compare(budget(), t[0], Statistic(t[1], Set("project"), budget())), 0.3)
    g.rule("OP", "X", "TX", lambda o, x: (o, x) if isinstance(x, Statistic) else None)
    g.rule("A", "TX", "C", lambda a, t: m.compare(a, t[0], t[1]) if t[1].attribute == a else None)
    g.rule("OP", "E", "TX", lambda o, e: (o, m.total(e)) if m.total(e) else None, 0.05)
    g.rule("OP", "S", "TS", lambda o, s: (o, s) if s.cls == "project" and m.named(s) else None)
    g.rule("A", "TS", "C", lambda a, t: m.compare(a, t[0], Statistic("sum", t[1], a)) if a.of == "project" else None)
    g.rule("A", "OP", "AO", lambda a, o: (a, o))
    g.rule("AO", "A", "C", lambda p, b: m.compare(p[0], p[1], b) if p[0] != b and p[0].of == b.of else None)
    g.rule("BI", "S", "BS", lambda _, s: s)
    g.rule("BS", "A", "BA", lambda s, a: Each(s, (a,)) if a.of == s.cls else None)
    g.rule("BI", "E", "BA", lambda _, e: e)
    g.rule(
        "BA",
        "MORE",
        "C",
        lambda e, d: m.compare(e.attributes[0], ">" if d else "<", m.total(e)) if m.named(e.of) else None,
    )
    g.rule("BI", "AGG", "BG", lambda _, f: f if f in ("average", "median") else None)
    g.rule("BG", "MORE", "TH", lambda f, d: (">" if d else "<", f))
    g.rule("BI", "XA", "BX", lambda _, p: p)
    g.rule("BX", "MORE", "C", lambda p, d: m.compare(p[0], ">" if d else "<", over_all(*p)) if over_all(*p) else None)
