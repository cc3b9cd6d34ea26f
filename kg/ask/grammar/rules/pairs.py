"""Two numbers side by side."""

from __future__ import annotations

from dataclasses import replace

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.meaning import Pair
from kg.ask.grammar.rules import pairing
from kg.ask.grammar.rules.common import both, budget, of_condition, pair_asked, year_change, year_pair
from kg.ask.logic.plain import Changed, OfDepartment, OfYear, OnlyIn
from kg.ask.logic.sets import Rank, Set, Statistic
from kg.ask.logic.values import Each
from kg.ask.logic.wanted import Wanted


def pairs_rules(g: Grammar) -> None:
    """Two numbers side by side: how they differ."""
    # two numbers
    g.lift("SP", "P", lambda p: Pair(Each(p[0], (budget(),)), Each(p[1], (budget(),))), 0.04)
    g.rule("S", "BI", "SBI", lambda s, _: s)
    g.rule("SBI", "E", "P", lambda s, e: Pair(Each(s, e.attributes), e) if s.cls == e.of.cls and s != e.of else None)
    g.rule(
        "SBI",
        "S",
        "SP",
        lambda a, b: (a, b) if a.cls == b.cls == "project" and m.named(a) and m.named(b) and a != b else None,
    )
    g.rule(
        "SP",
        "AS",
        "P",
        lambda p, a: Pair(Each(p[0], a), Each(p[1], a)) if len(a) == 1 and a[0].of == "project" else None,
    )
    g.rule(
        "AS",
        "SP",
        "P",
        lambda a, p: Pair(Each(p[0], a), Each(p[1], a)) if len(a) == 1 and a[0].of == "project" else None,
        0.1,
    )
    g.rule("E", "BI", "EB", lambda e, _: e)
    g.rule("EB", "E", "P", lambda a, b: Pair(a, b) if a.attributes == b.attributes else None)
    g.rule(
        "EB",
        "S",
        "P",
        lambda e, s: Pair(e, Each(s, e.attributes)) if s.cls == e.of.cls and s != e.of and not m.vague(s) else None,
    )
    g.rule("EJ", "E", "P2", lambda a, b: Pair(a, b) if a.attributes == b.attributes and a != b else None)
    g.lift("P2", "P", lambda p: p, 0.0)
    g.lift("E", "P", pairing.split, 0.1)
    g.rule("C", "BI", "CB", lambda c, _: c)
    g.rule(
        "CB",
        "C",
        "CP",
        lambda a, b: (
            (a, pairing.carried(a, b))
            if type(a[-1]) is type(b[-1]) and isinstance(a[-1], OfYear | OfDepartment) and a != b
            else None
        ),
    )
    g.rule("CP", "AS", "P", lambda p, a: pairing.pair_of(p, a))
    g.rule("CP", "E", "P", lambda p, e: both(p, e))
    g.rule("E", "CP", "P", lambda e, p: both(p, e), 0.02)
    g.rule("CP", "XA", "P", lambda p, x: pairing.pair_of(p, (x[0],)) if x[1] == "sum" else None)
    g.rule("S", "CP", "SCP", lambda s, p: (s, p) if s.cls == "project" else None)
    g.rule("CP", "S", "SCP", lambda p, s: (s, p) if s.cls == "project" else None)
    g.rule("SCP", "AS", "P", lambda q, a: both(q[1], Each(q[0], a)) if a[0].of == "project" else None)
    g.rule(
        "SCP",
        "XA",
        "P",
        lambda q, x: both(q[1], Each(q[0], (x[0],))) if x[0].of == "project" and x[1] == "sum" else None,
    )
    for q in ("Q", "QH", "WP"):
        g.rule(q, "CP", "P", lambda a, p: pair_asked(a, p), 0.03)
        g.rule("CP", q, "P", lambda p, a: pair_asked(a, p), 0.03)
    g.rule(
        "CBQ",
        "C",
        "P",
        lambda p, c: (
            pair_asked(p[1], (p[0], c))
            if isinstance(c[-1], OfYear) and isinstance(p[0][-1], OfYear) and c != p[0]
            else None
        ),
    )
    g.rule("C", "Q", "CQ", lambda c, q: (c, q) if isinstance(c[-1], OfYear) and q.words else None)
    g.rule("Q", "C", "CQ", lambda q, c: (c, q) if isinstance(c[-1], OfYear) and q.words else None)
    g.rule("CQ", "BI", "CBQ", lambda p, _: p)
    # “空气监测站2025年比2024年多运维几座”: the rest of the words comes after the years
    g.rule("CBQ", "C", "QCP", lambda p, c: (p[1], (p[0], c)) if m.years_apart(p[0], c) else None)
    g.rule("QCP", "MORE", "QCM", lambda p, _: p)
    g.rule("QCM", "QH", "PD", pairing.of_words, 0.03)
    g.rule("C", "AS", "CA", lambda c, a: (c, a) if isinstance(c[-1], OfYear) and len(a) == 1 else None)
    g.rule("CA", "BI", "CAB", lambda p, _: p)
    g.rule(
        "CAB",
        "C",
        "P",
        lambda p, c: pairing.pair_of((p[0], c), p[1]) if isinstance(c[-1], OfYear) and c != p[0] else None,
    )
    g.rule("S", "CAB", "SCA", lambda s, p: (s, p))
    g.rule(
        "SCA",
        "C",
        "P",
        lambda q, c: (
            both((q[1][0], c), Each(q[0], q[1][1]))
            if isinstance(c[-1], OfYear) and q[0].cls == q[1][1][0].of and c != q[1][0]
            else None
        ),
    )
    g.rule("E", "BI", "EBI", lambda e, _: e)
    g.rule("EBI", "C", "P", year_pair)
    g.rule("C", "P", "P", lambda c, p: pairing.pair_within(p, c), 0.05)
    g.rule("S", "P", "P", lambda s, p: pairing.pair_set(p, s), 0.05)
    g.rule("P", "DIFF", "PD", lambda p, _: m.computed("difference", p))
    # “甲和乙的预算差多少”
    for asks in ("DIFF", "CHGHM"):
        g.rule(
            "E", asks, "PD", lambda e, d: pairing.apart(e, d if isinstance(d, str) and d.endswith("元") else ""), 0.05
        )
        g.rule("S", asks, "PD", lambda s, _: pairing.apart(Each(s, (budget(),))) if s.cls == "project" else None, 0.1)
    g.rule("S", "SEP", "SSE", lambda s, _: s if pairing.several_named(s) else None)
    g.rule("SSE", "AS", "E", lambda s, a: m.each(s, a), 0.02)
    g.rule("DIFF", "P", "PD", lambda _, p: m.computed("difference", p), 0.1)
    g.rule("P", "MORE", "PM", lambda p, d: (p, d))
    g.rule(
        "PM",
        "HM",
        "PD",
        lambda p, h: m.computed("difference", p[0], h.shown) if h.kinds in ((), ("money",), ("count",)) else None,
        0.02,
    )
    g.rule("PM", "CNT", "PD", lambda p, _: m.computed("difference", p[0]), 0.05)
    g.rule("P", "CHG", "PC", lambda p, d: (p, d))
    g.lift("SCP", "P", lambda q: both(q[1], Each(q[0], (budget(),))), 0.15)
    g.rule("P", "CHG", "C", year_change, 0.02)
    g.rule("P", "MORE", "C", lambda p, d: year_change(p, ">" if d else "<"), 0.04)
    g.rule("P", "SAMEAS", "C", year_change, 0.02)
    g.rule("E", "SAMEAS", "C", lambda e, o: pairing.changed_of(e, o), 0.05)
    g.rule("A", "CHG", "C", lambda a, o: (Changed(a.name, o, 0, 0),) if a.kind == "money" else None, 0.1)
    g.rule("A", "ALL", "AA", lambda a, _: a)
    g.rule("AA", "MON", "AAM", m.bounds)
    g.rule("C", "AAM", "C", pairing.in_each)
    g.rule("C", "ALL", "CALL", lambda c, _: c if pairing.years_of(c) else None)
    g.rule("CALL", "HAS", "C", lambda c, _: pairing.in_each(c, ()))
    g.rule("CALL", "AAM", "C", pairing.in_each)
    g.rule("C", "ALLHAS", "C", lambda c, _: pairing.in_each(c, ()) if pairing.years_of(c) else None)
    g.lift("CALL", "C", lambda c: pairing.in_each(c, ()), 0.1)
    g.rule(
        "C", "HAS", "CH", lambda c, _: c if len(c) == 1 and isinstance(c[0], OfYear) and len(c[0].years) == 1 else None
    )
    g.rule(
        "C", "NOT", "CNO", lambda c, _: c if len(c) == 1 and isinstance(c[0], OfYear) and len(c[0].years) == 1 else None
    )
    g.rule("CH", "CNO", "C", lambda a, b: (OnlyIn(a[0].years[0], b[0].years[0]),) if a != b else None)
    g.rule("CNO", "CH", "C", lambda b, a: (OnlyIn(a[0].years[0], b[0].years[0]),) if a != b else None)
    g.rule(
        "C",
        "ADDED",
        "C",
        lambda c, _: (
            (*c[:-1], OnlyIn(c[-1].years[0], c[-1].years[0] - 1))
            if isinstance(c[-1], OfYear) and len(c[-1].years) == 1
            else None
        ),
    )
    g.lift("ADDED", "C", lambda _: (OnlyIn(0, 0),), 0.1)
    g.rule("PC", "HM", "PD", lambda p, h: m.computed("difference", p[0], h.shown), 0.02)
    g.rule("PC", "DIFF", "PD", lambda p, _: m.computed("difference", p[0]), 0.02)
    g.rule("PC", "RATIO", "PD", lambda p, _: m.computed("decline" if p[1] == "<" else "rate", p[0]), 0.02)
    g.rule("PC", "RATIOQ", "PD", lambda p, _: m.computed("decline" if p[1] == "<" else "rate", p[0]), 0.02)
    g.rule("P", "CHGHM", "PD", lambda p, h: m.computed("difference", p, h))
    g.rule("CHGHM", "P", "PD", lambda h, p: m.computed("difference", p, h), 0.1)
    g.rule("P", "TIMES", "PD", lambda p, _: m.computed("times", p))
    # “甲局的预算是乙局的多少倍”
    g.rule("C", "TIMES", "CT", lambda c, _: c if len(c) == 1 else None)
    g.rule("S", "TIMES", "ST", lambda s, _: s if s.cls == "project" and m.named(s) else None)
    g.rule("X", "CT", "PD", lambda x, c: m.computed("times", p) if (p := pairing.of_other(x, c[0])) else None, 0.05)
    g.rule(
        "E",
        "ST",
        "PD",
        lambda e, s: m.computed("times", Pair(e, Each(s, e.attributes))) if m.named(e.of) else None,
        0.05,
    )
    # “预算最高的项目是预算最低的几倍”
    g.rule("S", "TIMES", "STM", lambda s, _: s if s.cls == "project" and s.rank is not None else None)
    g.rule("R", "TIMES", "STM", lambda r, _: m.ranked(Set("project"), r))
    g.rule("S", "STM", "PD", pairing.ends, 0.02)
    g.rule("P", "RATE", "PD", lambda p, o: m.computed(m.rate(o), p))
    g.rule("PM", "TIMES", "PD", lambda p, _: m.computed("times", p[0]), 0.02)
    g.rule("PM", "RATIO", "PD", lambda p, _: m.computed("rate", p[0]), 0.05)
    g.rule(
        "PD",
        "HM",
        "PD",
        lambda n, h: replace(n, unit=h.shown) if h.shown and n.unit in ("万元", "元", "亿元") else n,
        0.02,
    )
    # a sum of its indicators against the project's own amount: “成本指标合计比预算少多少”
    for costs in ("S", "SM"):  # “成本指标和预算对得上吗”: all of them together
        for word, made in (("AND", "XJ"), ("BI", "XJ"), ("YN", "XYN")):
            g.rule(costs, word, made, lambda s, _: m.added(s, "sum") if pairing.costs(s) else None, 0.05)
        g.rule(costs, "OP", "XO", lambda s, o: (m.added(s, "sum"), o) if pairing.costs(s) else None, 0.05)
    for whole in ("A", "E", "XA"):  # “购置费用上限超预算多少”, “有没有超过预算”
        g.rule("QO", whole, "PM", pairing.own_more, 0.02)
        g.rule("QO", whole, "HP", lambda p, a: m.holds(q, p[1]) if (q := pairing.own_asked(p, a)) else None, 0.02)
        g.rule("QOY", whole, "V", lambda p, a: m.holds(q, p[1]) if (q := pairing.own_asked(p, a)) else None, 0.02)
    g.rule("X", "AND", "XJ", lambda x, _: x)
    g.rule("X", "BI", "XJ", lambda x, _: x)
    g.rule("XJ", "A", "P", pairing.own_pair)
    g.rule("XJ", "E", "P", lambda x, e: pairing.own_pair(x, a) if (a := pairing.of_any(e)) else None)
    for word in ("BI", "AND"):  # “预算比成本指标合计多出多少”
        g.rule("E", word, "EOJ", lambda e, _: e if pairing.owned(e) else None)
    for costs in ("X", "S", "SM"):
        g.rule("EOJ", costs, "P", pairing.less_own, 0.02)
    g.rule("X", "SEP", "XSE", lambda x, _: x)
    g.rule("XSE", "BI", "XJ", lambda x, _: x)
    g.rule("P", "OP", "PM", lambda p, o: (p, o == ">") if o in (">", "<") else None, 0.02)
    for of in ("Q", "WP"):  # “采购费用上限比预算少多少”, “能源费占预算的比重”
        for word in ("BI", "AND"):
            g.rule(of, word, "QXJ", lambda q, _: pairing.amount_asked(q))
        g.rule(of, "RATIO", "QXR", lambda q, _: pairing.amount_asked(q))
    for whole in ("A", "E", "XA"):
        g.rule("QXJ", whole, "P", lambda x, a: pairing.own_pair(x, o) if (o := pairing.of_any(a)) else None, 0.05)
        g.rule("QXR", whole, "PR", lambda x, a: pairing.own_share(x, pairing.of_any(a)), 0.02 if whole == "A" else 0.2)
        g.rule("XR", whole, "PR", lambda x, a: pairing.own_share(x, pairing.of_any(a)), 0.0)
    g.rule("X", "RATIO", "XR", lambda x, _: x if isinstance(x, Statistic) and x.attribute == m.amount() else None)
    # “成本指标合计等于预算的项目”
    g.rule("XO", "A", "C", lambda p, a: pairing.sums(p[0], p[1], a))
    g.rule("XO", "E", "C", lambda p, e: pairing.sums(p[0], p[1], pairing.of_any(e)))
    g.rule("XO", "MON", "C", lambda p, q: pairing.sums(p[0], q.operator or p[1], q))
    g.rule("X", "MON", "C", lambda x, q: pairing.sums(x, q.operator, q) if q.operator else None, 0.02)
    for whole in ("A", "E"):
        g.rule("XJ", whole, "XJA", lambda x, a: (x, o) if (o := pairing.of_any(a)) else None)
    g.rule("XJA", "MORE", "C", lambda p, more: pairing.sums(p[0], ">" if more else "<", p[1]))
    g.rule("XJA", "MORE", "XJM", lambda p, more: (*p, ">" if more else "<"))
    g.rule("XJA", "OP", "XJM", lambda p, o: (*p, o) if o in (">", "<") else None)
    g.rule("XJM", "MON", "C", lambda p, q: pairing.sums(p[0], p[2], p[1], q))
    g.rule("XJA", "SAMEAS", "C", lambda p, _: pairing.sums(p[0], "=", p[1]))
    # the other way round: “预算比成本指标合计高多少”, “预算低于成本指标合计的项目”
    g.rule("A", "BI", "ABI", lambda a, _: a)
    g.lift("X", "OWN", lambda x: x)
    g.lift("S", "OWN", lambda s: m.added(s, "sum") if pairing.costs(s) else None, 0.05)
    for whole in ("EB", "EJ"):
        g.rule(whole, "OWN", "P", pairing.own_sum)
    g.rule("EO", "OWN", "PM", pairing.own_above, 0.02)
    g.rule("AO", "OWN", "C", lambda p, x: pairing.above_sums(p[0], p[1], x))
    g.rule("EO", "OWN", "C", lambda p, x: pairing.above_sums(p[0], p[1], x))
    g.rule("ABI", "OWN", "ABX", lambda a, x: (a, x))
    g.rule("ABX", "MORE", "C", lambda p, more: pairing.above_sums(p[0], ">" if more else "<", p[1]))
    g.rule("X", "YN", "XYN", lambda x, _: x)
    g.rule("XYN", "OP", "XOY", lambda x, o: (x, o))
    g.rule("XOY", "A", "V", lambda p, a: pairing.against(p[0], p[1], a))
    g.rule(
        "XO",
        "A",
        "PM",
        lambda p, a: (q, p[1] in (">", "≥")) if p[1] != "=" and (q := pairing.own_pair(p[0], a)) else None,
        0.02,
    )


def contests_rules(g: Grammar) -> None:
    """Which of two is more; shares."""
    # “甲和乙相比，哪个预算更大”
    g.rule("S", "BI", "S", lambda s, _: s if pairing.several_named(s) else None)
    g.rule("A", "MORE", "AM", lambda a, d: m.rank(a, d))
    g.rule("A", "SUP", "AM", lambda a, d: m.rank(a, d))
    g.rule("WHICH", "AM", "WAM", lambda _, r: r)
    g.rule("AM", "WHICH", "WAM", lambda r, _: r)
    g.rule("S", "WAM", "SW", lambda s, r: m.ranked(s, r) if pairing.several_named(s) else None)
    g.rule("C", "WAM", "SW", pairing.most_of, 0.05)  # “甲局预算最大的是哪个”
    # “预算最大的呢”
    g.rule("AM", "NE", "SW", lambda r, _: m.ranked(Set("project"), r), 0.1)
    g.rule("SW", "AM", "SW", lambda s, r: m.ranked(s, r) if pairing.several_named(s) or s.cls in m.DIMENSIONS else None)
    g.rule("WHICH", "MORE", "WM", lambda _, d: d)
    g.rule("WHICH", "SUP", "WM", lambda _, d: d)
    g.rule("S", "SUPW", "SW", lambda s, d: m.ranked(s, Rank(budget(), d)) if s.cls == "project" else None, 0.2)
    g.rule("S", "SUPW", "SW", lambda s, d: m.ranked(s, Rank(m.target(), d)) if _by_target(s) else None, 0.1)
    g.rule("AMT", "SUP", "R", lambda _, d: Rank(m.target(), d), 0.05)
    g.rule("AMT", "SUPW", "ASW", lambda _, d: d)
    g.rule("S", "ASW", "SW", pairing.by_amount)
    g.rule(
        "E",
        "WAM",
        "SW",
        lambda e, r: m.ranked(e.of, r) if pairing.several_named(e.of) and e.attributes == (r.by,) else None,
    )
    g.rule("S", "WM", "SW", lambda s, d: m.ranked(s, Rank(budget(), d)) if pairing.several_named(s) else None, 0.1)
    g.rule(
        "E",
        "WM",
        "SW",
        lambda e, d: (
            m.ranked(e.of, Rank(e.attributes[0], d))
            if pairing.several_named(e.of) and len(e.attributes) == 1 and e.attributes[0].kind in ("money", "number")
            else None
        ),
    )
    g.rule("C", "WHICH", "SW", pairing.departments, 0.05)
    g.rule("C", "WHICH", "SW", lambda c, _: m.attach(c, Set("project")), 0.3)
    g.rule("C", "WHICH", "SW", lambda c, _: m.attach(c, Set("indicator")) if pairing.only_indicators(c) else None, 0.2)
    g.rule("WHICH", "C", "SW", lambda _, c: m.attach(c, Set("indicator")) if pairing.only_indicators(c) else None, 0.2)
    g.rule("WHICH", "C", "SW", lambda _, c: m.attach(c, Set("project")), 0.35)
    g.rule("X", "OP", "XO", lambda x, o: (x, o))
    g.rule("XO", "A", "HP", lambda p, a: pairing.against(p[0], p[1], a))
    g.rule("XO", "X", "HP", lambda p, x: m.hold(p[0], p[1], x))
    g.rule(
        "XO",
        "MON",
        "HP",
        lambda p, q: (
            m.hold(p[0], q.operator or p[1], q.number) if p[0].attribute and p[0].attribute.kind == "money" else None
        ),
    )
    g.rule(
        "X",
        "MON",
        "HP",
        lambda x, q: (
            m.hold(x, q.operator, q.number)
            if q.operator and isinstance(x, Statistic) and x.attribute and x.attribute.kind == "money"
            else None
        ),
    )
    g.rule("HP", "YN", "V", lambda v, _: v)
    g.rule("YN", "HP", "V", lambda _, v: v)
    # shares
    g.rule("E", "RATIO", "ER", lambda e, _: e)
    g.rule("X", "RATIO", "ER", lambda x, _: x)
    g.rule("XBEFORE", "RATIO", "ER", lambda x, _: x)
    g.rule("S", "RATIO", "ER", lambda s, _: Each(s, (budget(),)) if s.cls == "project" and not s.bare else None, 0.15)
    g.rule("C", "RATIO", "ER", lambda c, _: of_condition(c, (budget(),)), 0.25)
    # so many of so many
    g.rule("XC", "RATIO", "XCR", lambda x, _: x)
    g.rule("S", "RATIO", "SCR", lambda s, _: s if s.cls == "indicator" and not s.bare and not m.called(s) else None)
    g.rule("S", "RATIO", "SPR", lambda s, _: s if s.cls == "project" and not s.bare and not m.named(s) else None)
    for whole in ("XC", "S"):
        g.rule("XCR", whole, "PR", lambda x, w: pairing.share(x, pairing.count_of(w, x.of.cls)))
        g.rule("SCR", whole, "PR", lambda s, w: pairing.share(m.count(s), pairing.count_of(w, "indicator")), 0.02)
    g.rule(
        "SPR",
        "S",
        "PR",
        lambda s, w: pairing.share(m.count(s), m.count(w)) if w.bare and w.cls == "project" else None,
        0.02,
    )
    g.rule("SPR", "XC", "PR", lambda s, w: pairing.share(m.count(s), pairing.count_of(w, "project")), 0.02)
    # “占其项目总数的百分之几”: of the same department
    for part in ("S", "XC", "E"):
        g.rule(part, "RATIOOWN", "OWR", lambda s, _: s)
    g.rule("C", "RATIOOWN", "OWR", lambda c, _: m.attach(c, Set("project")), 0.1)
    for whole in ("XC", "S", "X", "XA", "E", "A"):
        g.rule("OWR", whole, "PR", pairing.own_part, 0.02)
    g.rule("OWR", "AHM", "PR", pairing.own_part, 0.02)
    g.rule("OWR", "RATIOQ", "PR", lambda s, _: pairing.own_part(s, budget()), 0.1)
    g.rule("OWR", "HM", "PR", lambda s, h: pairing.own_part(s, budget()) if not h.unit else None, 0.1)
    g.rule("OWR", "RATIO", "PR", lambda s, _: pairing.own_part(s, budget()), 0.1)
    g.rule("A", "RATIO", "ER", lambda a, _: Each(Set("project"), (a,)) if pairing.is_part(a) else None, 0.05)
    g.rule("ER", "X", "PR", lambda a, b: pairing.share(a, b))
    g.rule("ER", "E", "PR", lambda a, b: pairing.share(a, m.total(b)), 0.1)
    g.rule(
        "ER",
        "A",
        "PR",
        lambda e, a: pairing.share(e, Statistic("sum", Set("project"), a)) if pairing.of_part(e, a) else None,
        0.02,
    )
    g.rule("ER", "A", "PR", pairing.of_own, 0.02)  # “占预算多大比例”, after its share from one fund
    g.rule("PR", "RATIO", "PR", lambda p, _: p)
    g.rule("PR", "RATIOQ", "PR", lambda p, _: p)
    g.rule("ER", "RATIOQ", "V", lambda e, _: m.number(pairing.share(e, None)), 0.05)
    g.rule("PM", "RATIOQ", "PD", lambda p, _: m.computed("rate", p[0]), 0.05)
    g.rule("E", "RATIOQ", "EH", lambda e, _: (e, Wanted()) if e.attributes[-1].unit == "%" else None)
    g.rule("Q", "RATIOQ", "QH", lambda q, _: replace(q, wanted=Wanted(("percent",)).with_(q.wanted)), 0.02)
    g.rule("LIM", "SUPW", "ASW", lambda _, d: d)
    g.rule("PR", "HM", "PR", lambda p, h: p if set(h.kinds) <= {"percent", "count"} else None)
    g.lift("PR", "V", lambda p: m.number(p))
    g.lift("ER", "V", lambda e: m.number(pairing.share(e, None)), 0.1)
    g.rule("ER", "HM", "V", lambda e, _: m.number(pairing.share(e, None)), 0.05)
    g.rule("ER", "RATIO", "V", lambda e, _: m.number(pairing.share(e, None)), 0.05)


def _by_target(of: Set) -> bool:
    return of.cls == "indicator" and of.rank is None and of.mention is None and not of.bare
