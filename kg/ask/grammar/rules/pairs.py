"""Two numbers side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.meaning import Asked, Pair
from kg.ask.grammar.rules.common import both, budget, of_condition, pair_asked, year_change, year_pair
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.changes import AlsoIn
from kg.ask.logic.conditions import Is, Size, applies, in_money
from kg.ask.logic.exchange import swap
from kg.ask.logic.holding import Sums
from kg.ask.logic.plain import Changed, OfDepartment, OfProject, OfYear, OnlyIn
from kg.ask.logic.sets import Rank, Set, Statistic
from kg.ask.logic.values import Computed, Each
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
    g.rule("EB", "S", "P", lambda e, s: Pair(e, Each(s, e.attributes)) if s.cls == e.of.cls and s != e.of else None)
    g.rule("EJ", "E", "P2", lambda a, b: Pair(a, b) if a.attributes == b.attributes and a != b else None)
    g.lift("P2", "P", lambda p: p, 0.0)
    g.lift("E", "P", split, 0.1)
    g.rule("C", "BI", "CB", lambda c, _: c)
    g.rule(
        "CB",
        "C",
        "CP",
        lambda a, b: (
            (a, _carried(a, b))
            if type(a[-1]) is type(b[-1]) and isinstance(a[-1], OfYear | OfDepartment) and a != b
            else None
        ),
    )
    g.rule("CP", "AS", "P", lambda p, a: _pair_of(p, a))
    g.rule("CP", "E", "P", lambda p, e: both(p, e))
    g.rule("E", "CP", "P", lambda e, p: both(p, e), 0.02)
    g.rule("CP", "XA", "P", lambda p, x: _pair_of(p, (x[0],)) if x[1] == "sum" else None)
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
    g.rule("QCM", "QH", "PD", _of_words, 0.03)
    g.rule("C", "AS", "CA", lambda c, a: (c, a) if isinstance(c[-1], OfYear) and len(a) == 1 else None)
    g.rule("CA", "BI", "CAB", lambda p, _: p)
    g.rule("CAB", "C", "P", lambda p, c: _pair_of((p[0], c), p[1]) if isinstance(c[-1], OfYear) and c != p[0] else None)
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
    g.rule("C", "P", "P", lambda c, p: _pair_within(p, c), 0.05)
    g.rule("S", "P", "P", lambda s, p: pair_set(p, s), 0.05)
    g.rule("P", "DIFF", "PD", lambda p, _: m.computed("difference", p))
    # “甲和乙的预算差多少”
    for asks in ("DIFF", "CHGHM"):
        g.rule("E", asks, "PD", lambda e, d: apart(e, d if isinstance(d, str) and d.endswith("元") else ""), 0.05)
        g.rule("S", asks, "PD", lambda s, _: apart(Each(s, (budget(),))) if s.cls == "project" else None, 0.1)
    g.rule("S", "SEP", "SSE", lambda s, _: s if _several_named(s) else None)
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
    g.rule("E", "SAMEAS", "C", lambda e, o: _changed_of(e, o), 0.05)
    g.rule("A", "CHG", "C", lambda a, o: (Changed(a.name, o, 0, 0),) if a.kind == "money" else None, 0.1)
    g.rule("A", "ALL", "AA", lambda a, _: a)
    g.rule("AA", "MON", "AAM", m.bounds)
    g.rule("C", "AAM", "C", _in_each)
    g.rule("C", "ALL", "CALL", lambda c, _: c if _years_of(c) else None)
    g.rule("CALL", "HAS", "C", lambda c, _: _in_each(c, ()))
    g.rule("CALL", "AAM", "C", _in_each)
    g.rule("C", "ALLHAS", "C", lambda c, _: _in_each(c, ()) if _years_of(c) else None)
    g.lift("CALL", "C", lambda c: _in_each(c, ()), 0.1)
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
    g.rule("X", "CT", "PD", lambda x, c: m.computed("times", p) if (p := _of_other(x, c[0])) else None, 0.05)
    g.rule(
        "E",
        "ST",
        "PD",
        lambda e, s: m.computed("times", Pair(e, Each(s, e.attributes))) if m.named(e.of) else None,
        0.05,
    )
    g.rule("P", "RATE", "PD", lambda p, _: m.computed("rate", p))
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
    g.rule("X", "AND", "XJ", lambda x, _: x)
    g.rule("X", "BI", "XJ", lambda x, _: x)
    g.rule("XJ", "A", "P", _own_pair)
    g.rule("XJ", "E", "P", lambda x, e: _own_pair(x, a) if (a := _of_any(e)) else None)
    for of in ("Q", "WP"):  # “采购费用上限比预算少多少”, “能源费占预算的比重”
        for word in ("BI", "AND"):
            g.rule(of, word, "QXJ", lambda q, _: _amount_asked(q))
        g.rule(of, "RATIO", "QXR", lambda q, _: _amount_asked(q))
    for whole in ("A", "E", "XA"):
        g.rule("QXJ", whole, "P", lambda x, a: _own_pair(x, o) if (o := _of_any(a)) else None, 0.05)
        g.rule("QXR", whole, "PR", lambda x, a: _own_share(x, _of_any(a)), 0.02 if whole == "A" else 0.2)
        g.rule("XR", whole, "PR", lambda x, a: _own_share(x, _of_any(a)), 0.0)
    g.rule("X", "RATIO", "XR", lambda x, _: x if isinstance(x, Statistic) and x.attribute == m.amount() else None)
    # “成本指标合计等于预算的项目”
    g.rule("XO", "A", "C", lambda p, a: _sums(p[0], p[1], a))
    g.rule("XO", "E", "C", lambda p, e: _sums(p[0], p[1], _of_any(e)))
    g.rule("XO", "MON", "C", lambda p, q: _sums(p[0], q.operator or p[1], q))
    g.rule("X", "MON", "C", lambda x, q: _sums(x, q.operator, q) if q.operator else None, 0.02)
    for whole in ("A", "E"):
        g.rule("XJ", whole, "XJA", lambda x, a: (x, o) if (o := _of_any(a)) else None)
    g.rule("XJA", "MORE", "C", lambda p, more: _sums(p[0], ">" if more else "<", p[1]))
    g.rule("XJA", "SAMEAS", "C", lambda p, _: _sums(p[0], "=", p[1]))
    g.rule("X", "YN", "XYN", lambda x, _: x)
    g.rule("XYN", "OP", "XOY", lambda x, o: (x, o))
    g.rule("XOY", "A", "V", lambda p, a: _against(p[0], p[1], a))
    g.rule(
        "XO",
        "A",
        "PM",
        lambda p, a: (q, p[1] in (">", "≥")) if p[1] != "=" and (q := _own_pair(p[0], a)) else None,
        0.02,
    )


def contests_rules(g: Grammar) -> None:
    """Which of two is more; shares."""
    # “甲和乙相比，哪个预算更大”
    g.rule("S", "BI", "S", lambda s, _: s if _several_named(s) else None)
    g.rule("A", "MORE", "AM", lambda a, d: m.rank(a, d))
    g.rule("A", "SUP", "AM", lambda a, d: m.rank(a, d))
    g.rule("WHICH", "AM", "WAM", lambda _, r: r)
    g.rule("AM", "WHICH", "WAM", lambda r, _: r)
    g.rule("S", "WAM", "SW", lambda s, r: m.ranked(s, r) if _several_named(s) else None)
    g.rule("SW", "AM", "SW", lambda s, r: m.ranked(s, r) if _several_named(s) or s.cls in m.DIMENSIONS else None)
    g.rule("WHICH", "MORE", "WM", lambda _, d: d)
    g.rule("WHICH", "SUP", "WM", lambda _, d: d)
    g.rule("S", "SUPW", "SW", lambda s, d: m.ranked(s, Rank(budget(), d)) if s.cls == "project" else None, 0.2)
    g.rule("AMT", "SUPW", "ASW", lambda _, d: d)
    g.rule("S", "ASW", "SW", _by_amount)
    g.rule(
        "E", "WAM", "SW", lambda e, r: m.ranked(e.of, r) if _several_named(e.of) and e.attributes == (r.by,) else None
    )
    g.rule("S", "WM", "SW", lambda s, d: m.ranked(s, Rank(budget(), d)) if _several_named(s) else None, 0.1)
    g.rule(
        "E",
        "WM",
        "SW",
        lambda e, d: (
            m.ranked(e.of, Rank(e.attributes[0], d))
            if _several_named(e.of) and len(e.attributes) == 1 and e.attributes[0].kind in ("money", "number")
            else None
        ),
    )
    g.rule("C", "WHICH", "SW", lambda c, _: of_departments(c), 0.05)
    g.rule("C", "WHICH", "SW", lambda c, _: m.attach(c, Set("project")), 0.3)
    g.rule("C", "WHICH", "SW", lambda c, _: m.attach(c, Set("indicator")) if _only_indicators(c) else None, 0.2)
    g.rule("WHICH", "C", "SW", lambda _, c: m.attach(c, Set("indicator")) if _only_indicators(c) else None, 0.2)
    g.rule("WHICH", "C", "SW", lambda _, c: m.attach(c, Set("project")), 0.35)
    g.rule("X", "OP", "XO", lambda x, o: (x, o))
    g.rule("XO", "A", "HP", lambda p, a: _against(p[0], p[1], a))
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
        g.rule("XCR", whole, "PR", lambda x, w: _share(x, _count_of(w, x.of.cls)))
        g.rule("SCR", whole, "PR", lambda s, w: _share(m.count(s), _count_of(w, "indicator")), 0.02)
    g.rule(
        "SPR", "S", "PR", lambda s, w: _share(m.count(s), m.count(w)) if w.bare and w.cls == "project" else None, 0.02
    )
    g.rule("SPR", "XC", "PR", lambda s, w: _share(m.count(s), _count_of(w, "project")), 0.02)
    # “占其项目总数的百分之几”: of the same department
    for part in ("S", "XC", "E"):
        g.rule(part, "RATIOOWN", "OWR", lambda s, _: s)
    for whole in ("XC", "S", "X", "XA", "E"):
        g.rule("OWR", whole, "PR", _own_part, 0.02)
    g.rule("A", "RATIO", "ER", lambda a, _: Each(Set("project"), (a,)) if _is_part(a) else None, 0.05)
    g.rule("ER", "X", "PR", lambda a, b: _share(a, b))
    g.rule("ER", "E", "PR", lambda a, b: _share(a, m.total(b)), 0.1)
    g.rule(
        "ER", "A", "PR", lambda e, a: _share(e, Statistic("sum", Set("project"), a)) if _of_part(e, a) else None, 0.02
    )
    g.rule("PR", "RATIO", "PR", lambda p, _: p)
    g.rule("PR", "RATIOQ", "PR", lambda p, _: p)
    g.rule("ER", "RATIOQ", "V", lambda e, _: m.number(_share(e, None)), 0.05)
    g.rule("PM", "RATIOQ", "PD", lambda p, _: m.computed("rate", p[0]), 0.05)
    g.rule("E", "RATIOQ", "EH", lambda e, _: (e, Wanted()) if e.attributes[-1].unit == "%" else None)
    g.rule("Q", "RATIOQ", "QH", lambda q, _: replace(q, wanted=Wanted(("percent",)).with_(q.wanted)), 0.02)
    g.rule("LIM", "SUPW", "ASW", lambda _, d: d)
    g.rule("PR", "HM", "PR", lambda p, h: p if set(h.kinds) <= {"percent", "count"} else None)
    g.lift("PR", "V", lambda p: m.number(p))
    g.lift("ER", "V", lambda e: m.number(_share(e, None)), 0.1)
    g.rule("ER", "HM", "V", lambda e, _: m.number(_share(e, None)), 0.05)
    g.rule("ER", "RATIO", "V", lambda e, _: m.number(_share(e, None)), 0.05)


def _of_words(apart: tuple[Asked, tuple[Any, Any]], rest: Asked) -> Any:
    first, years = apart
    if first.of is not None or rest.of is not None:
        return None
    whole = Asked((*first.words, *rest.words), rest.wanted.with_(first.wanted))
    pair = pair_asked(whole, years)
    return m.computed("difference", pair) if pair else None


def _count_of(said: Any, cls: str) -> Statistic | None:
    """How many of a class there are: “全部指标”, “项目总数”."""
    if isinstance(said, Statistic):
        return said if said.function == "count" and said.of.cls == cls else None
    return m.count(said) if said.cls == cls and not m.named(said) else None


def _own_part(part: Any, whole: Any) -> Computed | None:
    """The share of some of a department's projects, or of their money, in all of them."""
    of = part if isinstance(part, Set) else part.of
    if of.cls != "project" or not any(isinstance(c, OfDepartment) for c in of.where):
        return None
    own = Set("project", tuple(c for c in of.where if isinstance(c, OfDepartment | OfYear)))
    if isinstance(whole, Set | Statistic) and (counted := _count_of(whole, "project")) is not None:
        return _share(Statistic("count", of), replace(counted, of=own)) if counted.of.bare else None
    attribute = _of_any(whole) if not isinstance(whole, Set | Statistic) else getattr(whole, "attribute", None)
    if attribute is None or (isinstance(whole, Statistic) and not whole.of.bare):
        return None
    return _share(Statistic("sum", of, attribute), Statistic("sum", own, attribute))


def _of_any(said: Any) -> Attribute | None:
    """The amount of a project that is meant, said by itself or of the project: “预算”, “项目预算”, “预算总额”."""
    if isinstance(said, Each):
        return said.attributes[0] if said.of == Set("project") and len(said.attributes) == 1 else None
    if isinstance(said, tuple):
        return said[0] if said[1] == "sum" else None
    return said if isinstance(said, Attribute) else None


def _amount_asked(question: Asked) -> Statistic | None:
    """An indicator's target as an amount of money."""
    if not question.words or question.of is None:
        return None
    wanted = Wanted(("money",)).with_(question.wanted)
    return Statistic("sum", m.mention(question.words, question.of, wanted), m.amount())


def _own_share(number: Any, attribute: Attribute | None) -> Computed | None:
    """“能源费占预算的比重”: of the same project's amount."""
    pair = _own_pair(number, attribute) if attribute else None
    return Computed("ratio", pair.first, pair.second) if pair else None


def _sums(number: Any, operator: str, than: Any) -> Any:
    """Projects whose indicators come to so much."""
    if not isinstance(number, Statistic) or number.attribute != m.amount() or number.function != "sum":
        return None
    of = number.of
    if of.mention or of.rank or (of.of is not None and m.named(of.of)) or not operator:
        return None
    if isinstance(than, Attribute):
        if than.of != "project" or than.kind != "money":
            return None
    elif than is None or than.number is None or than.upper is not None:
        return None
    inner = replace(of, of=None, where=tuple(c for c in of.where if not isinstance(c, Size)))
    owner = of.of.where if of.of is not None else ()
    said = Sums(inner, m.amount(), operator, than if isinstance(than, Attribute) else than.number)
    return (*owner, said)


def _own_pair(number: Any, attribute: Attribute) -> Pair | None:
    of = number.of if isinstance(number, Statistic) and number.function == "sum" else None
    if of is None or of.cls != "indicator" or of.of is None or not m.named(of.of):
        return None
    if attribute.of != "project" or attribute.kind != "money":
        return None
    return Pair(number, Statistic("sum", of.of, attribute))


def _against(number: Any, operator: str, attribute: Attribute) -> Any:
    """“成本指标合计等于预算吗”: a sum over a project's indicators against its own amount."""
    of = number.of if isinstance(number, Statistic) else None
    if of is None or of.cls != "indicator" or of.of is None or not m.named(of.of) or attribute.of != "project":
        return None
    return m.hold(number, operator, Statistic("sum", of.of, attribute))


def _several_named(of: Set) -> bool:
    where = [c for c in of.where if not isinstance(c, Size)]
    return len(where) == 1 and isinstance(where[0], OfProject | Is) and len(where[0].iris) > 1 and not where[0].negated


def apart(of: Each, shown: str = "") -> Any:
    """“甲和乙的预算差多少”: of two named projects the greater less the smaller."""
    attribute = of.attributes[0]
    if len(of.attributes) != 1 or attribute.kind not in ("money", "number") or not _several_named(of.of):
        return None
    if of.of.rank is not None or of.of.where[0].label.count("、") != 1:
        return None
    two = of.of if any(isinstance(c, Size) for c in of.of.where) else replace(of.of, where=(*of.of.where, Size(2)))
    most, least = (Statistic(function, two, attribute) for function in ("max", "min"))
    return m.number(Computed("difference", most, least), shown)


def of_departments(conditions: tuple[Any, ...]) -> Set | None:
    """“农业局和教育局哪个…”: those departments."""
    found = [c for c in conditions if isinstance(c, OfDepartment)]
    if len(found) != 1 or "、" not in found[0].label:
        return None
    rest = tuple(c for c in conditions if c is not found[0])
    return m.attach(rest, Set("department", (Is(found[0].iris, found[0].label),)))


def split(of: Each) -> Pair | None:
    """“甲和乙的预算”, “2024年和2025年的预算”: two numbers."""
    if len(of.attributes) != 1 or of.attributes[0].kind not in ("money", "number"):
        return None
    for at, condition in enumerate(of.of.where):
        parts: list[Any] = []
        if (
            isinstance(condition, OfProject)
            and not condition.negated
            and "、" in condition.label
            and condition.label.count("、") == 1
        ):
            return None  # the iris of each cannot be told apart here; see the pair rules
        if isinstance(condition, OfYear) and len(condition.years) == 2:
            parts = [OfYear((y,)) for y in sorted(condition.years, reverse=True)]
        elif isinstance(condition, OfDepartment) and len(condition.iris) == 2 == len(condition.label.split("、")):
            labels = condition.label.split("、")
            parts = [OfDepartment((i,), label) for i, label in zip(condition.iris, labels, strict=False)]
        if len(parts) == 2:
            rest = (*of.of.where[:at], *of.of.where[at + 1 :])
            first, second = (replace(of, of=replace(of.of, where=(*rest, p))) for p in parts)
            return Pair(first, second)
    return None


def _pair_of(conditions: tuple[Any, Any], names: tuple[Attribute, ...]) -> Pair | None:
    if len(names) != 1 or names[0].of != "project":
        return None
    first, second = (m.attach(c, Set("project")) for c in conditions)
    return Pair(Each(first, names), Each(second, names)) if first and second else None


def _years_of(conditions: tuple[Any, ...]) -> tuple[int, ...]:
    """The years, where the conditions name several and nothing else does."""
    found = [c.years for c in conditions if isinstance(c, OfYear)]
    return found[0] if len(found) == 1 and len(found[0]) == 2 else ()


def _in_each(conditions: tuple[Any, ...], met: tuple[Any, ...]) -> Any:
    """“两年预算都超过…”: of the later year, and the same project of the other year meets it too."""
    years = _years_of(conditions)
    if not years:
        return None
    rest = tuple(c for c in conditions if not isinstance(c, OfYear))
    return (*rest, OfYear((max(years),)), *met, AlsoIn(min(years), met))


def _changed_of(of: Each, operator: str) -> Any:
    years = _years_of(of.of.where)
    if not years or of.of.cls != "project" or m.named(of.of) or of.attributes[0].kind != "money":
        return None
    rest = tuple(c for c in of.of.where if not isinstance(c, OfYear))
    return (*rest, Changed(of.attributes[0].name, operator, min(years), max(years)))


def _pair_within(pair: Pair, conditions: tuple[Any, ...]) -> Pair | None:
    if not isinstance(pair.first, Each | Statistic):
        return None
    first, second = (m.attach(conditions, p.of) for p in (pair.first, pair.second))
    if first is None or second is None:
        return None
    return Pair(replace(pair.first, of=first), replace(pair.second, of=second))


def pair_set(pair: Pair, of: Set) -> Pair | None:
    if not isinstance(pair.first, Each | Statistic):
        return None
    out = []
    for part in (pair.first, pair.second):
        if part.of.cls == "indicator" and of.cls == "project" and not of.bare:
            owner = m.attach(part.of.of.where, of) if part.of.of is not None and part.of.of.rank is None else None
            if owner is None:
                return None
            out.append(replace(part, of=replace(part.of, of=owner)))
            continue
        if part.of.cls != "project" or of.cls != "project" or m.named(part.of):
            return None
        joined = m.attach(part.of.where, of)
        if joined is None:
            return None
        out.append(replace(part, of=joined))
    return Pair(*out) if out[0] != out[1] else None


def _by_amount(of: Set, most: bool) -> Set | None:
    """“数额最大的是哪一条”: of the indicators in money, by their targets."""
    if of.cls != "indicator" or of.rank is not None or of.mention is not None:
        return None
    return replace(of, where=(*of.where, in_money()), rank=Rank(m.target(), most))


def _carried(first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...]:
    """“住建局2025年比2024年”: what the first says beside its year holds for the second."""
    kept = tuple(c for c in first[:-1] if not any(type(c) is type(x) for x in second))
    return (*kept, *second)


def _only_indicators(conditions: tuple[Any, ...]) -> bool:
    return any(applies(c, "indicator") and not applies(c, "project") for c in conditions)


def _alike(part: Attribute | None, whole: Attribute | None) -> bool:
    """Whether one may be a share of the other: a target in money is one of a budget, and so are the funds in it."""
    if part is None or whole is None or part == whole:
        return part == whole
    return (part.kind in ("value", "amount") and whole.kind == "money") or (_is_part(part) and whole == budget())


def _is_part(attribute: Attribute) -> bool:
    """Whether an attribute is money in a budget: 财政资金, 其他资金."""
    return attribute.of == "project" and attribute.kind == "money" and attribute != budget()


def _of_part(part: Any, whole: Attribute) -> bool:
    return whole == budget() and isinstance(part, Each) and len(part.attributes) == 1 and _is_part(part.attributes[0])


def _of_other(number: Any, condition: Any) -> Pair | None:
    """A number and the same of another department, fund, group or year."""
    other, count = swap(number, condition)
    return Pair(number, other) if count == 1 and other != number else None


def _share(part: Any, whole: Any) -> Computed | None:
    first = part if isinstance(part, Statistic) else m.total(part)
    if first is None or not isinstance(first, Statistic) or (first.function != "sum" and first.function != "count"):
        return None
    if whole is None and first.function == "count":
        return None
    if whole is None:
        years = tuple(c for c in first.of.where if isinstance(c, OfYear))
        if first.of.cls != "project":
            return None
        whole = Statistic(first.function, Set("project", years), first.attribute)
        if first.attribute is not None and _is_part(first.attribute):
            whole = Statistic(first.function, first.of, budget())
    elif isinstance(whole, Statistic) and whole.of.bare and first.attribute and _is_part(first.attribute):
        whole = replace(whole, of=first.of) if whole.attribute == budget() and first.of.cls == "project" else whole
    years = tuple(c for c in first.of.where if isinstance(c, OfYear))
    if isinstance(whole, Statistic) and years and whole.of.cls == "project" and not m.named(whole.of):
        of = m.attach(years, whole.of) if not any(isinstance(c, OfYear) for c in whole.of.where) else whole.of
        whole = replace(whole, of=of) if of else whole
    if not isinstance(whole, Statistic) or whole == first or not _alike(first.attribute, whole.attribute):
        return None
    return Computed("ratio", first, whole)
