"""The same thing in two years."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.meaning import Asked, Pair
from kg.ask.grammar.rules.common import both, budget, pair_asked, scoped, year_change, year_pair
from kg.ask.grammar.rules.pairing import own_sum
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.changes import AlsoIn, Growth, Renamed, Retargeted
from kg.ask.logic.conditions import Not
from kg.ask.logic.exchange import swap
from kg.ask.logic.groups import ByGroup
from kg.ask.logic.holding import Has
from kg.ask.logic.plain import Changed, OfDepartment, OfProject, OfType, OfYear, OnlyIn
from kg.ask.logic.sets import Rank, Set, Statistic
from kg.ask.logic.values import Each


def years_rules(g: Grammar) -> None:
    """The same thing in two years: what has changed, grown, come or gone."""
    # the same of two years, asked with 是不是, 吗, 变了没有
    g.rule("C", "YN", "CYN", lambda c, _: c if len(_years_in(c)) == 1 else None)
    g.rule("CYN", "BI", "CBY", lambda c, _: c)
    g.rule("CBY", "C", "CPY", lambda a, b: (a, b) if len(_years_in(b)) == 1 and a != b else None)
    for q in ("Q", "QH"):
        g.rule(q, "CPY", "PY", pair_asked, 0.03)
        g.lift(q, "P", _split_asked, 0.1)
        g.rule(q, "C", "P", lambda a, c: _split_asked(n) if (n := scoped(c, a, served=False)) else None, 0.1)
    g.rule("E", "CPY", "PY", lambda e, p: both(p, e), 0.02)
    g.rule("E", "SEP", "E", lambda e, _: e, 0.1)
    g.rule("CHG", "NOT", "CHY", lambda o, _: o)
    g.rule("CHG", "YN", "CHY", lambda o, _: o)
    g.rule("P", "CHY", "V", lambda p, o: m.holds(p, o.replace("!=", "≠")), 0.02)
    g.rule("PC", "YN", "V", lambda p, _: m.holds(p[0], p[1].replace("!=", "≠")))
    g.rule("P", "SAMEAS", "PS", lambda p, _: p)
    g.rule("PS", "YN", "V", lambda p, _: m.holds(p, "="))
    g.rule("YN", "SAMEAS", "YS", lambda y, _: y)
    g.rule("P", "YS", "V", lambda p, _: m.holds(p, "="))
    g.rule("E", "OP", "EO", lambda e, o: (e, o))
    g.rule("EO", "C", "HPY", lambda p, c: m.holds(q, p[1]) if (q := year_pair(p[0], c)) else None)
    g.rule("XO", "C", "HPY", lambda p, c: m.holds(q, p[1]) if (q := other_number(_dated(p[0]), c)) else None)
    g.rule("HPY", "YN", "V", lambda v, _: v)
    # “预算是否高于2024年”, “甲局的预算总额是否高于乙局”
    g.rule("YN", "OP", "YOP", lambda _, o: o)
    g.rule("E", "YOP", "EYO", lambda e, o: (e, o))
    g.rule("X", "YOP", "XYO", lambda x, o: (x, o))
    g.rule(
        "EYO",
        "C",
        "V",
        lambda p, c: m.holds(q, p[1]) if (q := year_pair(p[0], c) or other_amount(p[0], c)) else None,
    )
    g.rule("XYO", "C", "V", lambda p, c: m.holds(q, p[1]) if (q := other_number(_dated(p[0]), c)) else None)
    g.rule("EYO", "S", "V", lambda p, s: m.holds(Pair(p[0], Each(s, p[0].attributes)), p[1]) if _called(s) else None)
    g.rule("EYO", "OWN", "V", lambda p, x: m.holds(q, p[1]) if (q := own_sum(p[0], x)) else None)
    g.rule(
        "EYO",
        "E",
        "V",
        lambda p, e: m.holds(Pair(p[0], e), p[1]) if p[0].attributes == e.attributes and _called(e.of) else None,
    )
    g.rule("E", "TIMES", "ET", lambda e, _: e)
    g.rule(
        "E", "ET", "PD", lambda a, b: m.computed("times", Pair(a, b)) if a.attributes == b.attributes else None, 0.08
    )
    # what has grown most, or by more than so many per cent
    g.rule("PC", "SUP", "CR", lambda p, d: grown(p[0], p[1], d))
    g.rule("CHG", "SUP", "CR", lambda o, d: grown_lately((budget(), o), d), 0.15)  # “增加最多的是哪个”
    g.rule("S", "CR", "S", lambda s, r: ranked_by_growth(s, r))
    g.rule("CR", "S", "S", lambda r, s: ranked_by_growth(s, r))
    g.rule("SW", "CR", "SW", lambda s, r: ranked_by_growth(s, r))
    g.rule("CR", "SW", "SW", lambda r, s: ranked_by_growth(s, r))
    g.rule("CR", "WHICH", "SW", lambda r, _: ranked_by_growth(Set("project"), r), 0.1)
    # “增幅（百分比）”
    g.rule("RATE", "RATIO", "RATE", lambda o, _: o, 0.02)
    g.rule("BY", "RATIO", "BYRATIO", lambda _, r: r)
    g.rule("RATE", "BYRATIO", "RATE", lambda o, _: o, 0.02)
    g.rule("CHG", "RATIO", "RATE", lambda o, _: o if o in "<>" else None, 0.02)
    g.rule("P", "RATE", "PRT", lambda p, o: (p, o))
    g.rule("E", "RATE", "PRT", lambda e, o: (p, o) if (p := _since_last_year(e, None)) else None, 0.05)
    g.rule("PRT", "SUP", "CR", lambda p, most: grown(p[0], p[1], most, rate=True))
    # “跟2024年相比，2025年…”: the year that is spoken of comes second
    g.rule("CB", "SEP", "CBA", lambda c, _: c)
    g.rule("AND", "CB", "CBA", lambda _, c: c)
    g.rule("CBA", "SEP", "CBA", lambda c, _: c)
    g.rule("CBA", "C", "CP", lambda a, b: (b, a) if len(_years_in(a)) == 1 and _years_in(b[-1:]) and a != b else None)
    g.rule("E", "CHG", "EC", lambda e, o: (e, o) if len(e.attributes) == 1 else None)
    g.rule("E", "MORE", "EC", lambda e, d: (e, ">" if d else "<") if len(e.attributes) == 1 else None, 0.1)
    g.rule("CB", "EC", "C", _since)
    g.rule("CBA", "EC", "C", _since)
    # “哪个预算增加最多”: since the year before
    g.rule("A", "CHG", "ACH", lambda a, o: (a, o) if a.kind == "money" else None)
    g.rule("ACH", "SUP", "CR", grown_lately, 0.02)
    g.rule("WHICH", "CR", "SW", lambda _, r: ranked_by_growth(Set("project"), r), 0.05)
    g.rule("S", "SEP", "SSEP", lambda s, _: s if s.cls == "project" and not s.bare and s.rank is None else None)
    g.rule("SSEP", "CR", "SW", ranked_by_growth, 0.02)
    for before in ("S", "SSEP"):
        g.rule(before, "WCR", "SW", lambda s, r: ranked_by_growth(s, r))
    g.rule("SSEP", "WAM", "SW", lambda s, r: m.ranked(s, r), 0.02)
    g.rule("WHICH", "CR", "WCR", lambda _, r: r)
    g.rule("EC", "SUP", "ECS", lambda p, d: (*p, d))
    g.rule("CB", "ECS", "CR", lambda c, p: grown(q, p[1], p[2]) if (q := year_pair(p[0], c)) else None)
    g.rule("CBA", "ECS", "CR", lambda c, p: grown(q, p[1], p[2]) if (q := year_pair(p[0], c)) else None)
    g.rule(
        "CBS",
        "ECS",
        "SW",
        lambda q, p: (
            ranked_by_growth(q[1], r) if (pair := year_pair(p[0], q[0])) and (r := grown(pair, p[1], p[2])) else None
        ),
    )
    g.rule("CB", "SW", "CBS", lambda c, s: (c, s) if s.cls == "project" and s.rank is None else None)
    g.rule("CBA", "SW", "CBS", lambda c, s: (c, s) if s.cls == "project" and s.rank is None else None)
    g.rule("CBS", "EC", "SW", lambda q, p: m.attach(c, q[1]) if (c := _since(q[0], p)) else None, 0.02)
    g.rule("CBS", "C", "SW", lambda q, c: _against(q[1], q[0], c), 0.02)
    g.rule("SINCE", "C", "FC", lambda _, c: c if len(_years_in(c)) == 1 else None)
    g.rule("UNTIL", "C", "TC", lambda _, c: c if len(_years_in(c)) == 1 else None)
    g.rule("FC", "TC", "CP", lambda a, b: (b, a) if a != b else None)
    g.rule("X", "BI", "XBI", lambda x, _: x)
    g.rule("XC", "BI", "XBI", lambda x, _: None if m.named(x.of) else x)
    g.rule("XBI", "C", "P", other_number)
    g.rule("EBI", "C", "P", other_amount)
    g.rule("P", "AGG", "P", lambda p, f: p if f == "sum" else None, 0.02)
    g.rule("SAME", "S", "S", lambda _, s: m.attach((AlsoIn(-1),), s) if s.cls == "project" and s.bare else None, 0.1)
    # “执法记录仪两年一共买多少台”: the rest of the words comes after the years
    g.rule("CQ", "AGG", "CQA", lambda p, f: p if f == "sum" and len(_years_in(p[0])) > 1 else None)
    g.rule("CQA", "QH", "X", _sum_of_words, 0.03)
    # “2025年哪些指标比2024年提高了”
    g.rule("BIY", "CHG", "ICH", lambda c, o: Retargeted(o, c[0].years[0]) if isinstance(c, tuple) else None)
    g.rule(
        "BIY",
        "MORE",
        "ICH",
        lambda c, o: Retargeted(">" if o else "<", c[0].years[0]) if isinstance(c, tuple) else None,
    )
    for of in ("S", "SW"):
        g.rule(of, "ICH", of, _changed_since, 0.05)
    # “2024年的指标里，2025年取消了哪个”
    g.rule("S", "CDR", "SDR", lambda s, c: _dropped_of(s, _years_in(c)[0]))
    g.rule("S", "SEP", "ISEP", lambda s, _: s if s.cls == "indicator" and s.mention is None else None)
    g.rule("ISEP", "CDR", "SDR", lambda s, c: _dropped_of(s, _years_in(c)[0]))
    g.rule("SDR", "WHICH", "SW", lambda s, _: s)
    # “是提高了还是降低了”
    g.rule("CHG", "OR", "CHGO", lambda o, _: o)
    g.rule("MORE", "OR", "CHGO", lambda o, _: ">" if o else "<")
    g.rule("CHGO", "CHG", "UPDOWN", lambda a, b: "both" if {a, b} == {"<", ">"} else None)
    g.rule("CHGO", "MORE", "UPDOWN", lambda a, b: "both" if {a, ">" if b else "<"} == {"<", ">"} else None)
    g.rule("P", "UPDOWN", "PD", lambda p, _: m.computed("difference", p))
    # “标准2025年每人比2024年提高了多少元”
    g.rule("QP", "BI", "QB", lambda q, _: q)
    g.rule("CHGHM", "MONEYUNIT", "CHGHM", lambda _, unit: unit)
    # going on from the last question: “减少的呢”
    g.rule("CHG", "NE", "ONWARD", lambda o, _: m.OtherWay(o) if o in "<>" else None)
    g.rule("ADDED", "NE", "ONWARD", lambda *_: m.OtherWay(">"))
    g.rule("DROPPED", "NE", "ONWARD", lambda *_: m.OtherWay("<"))
    # an indicator of one year against the other
    for q in ("Q", "QH"):
        g.rule(q, "BI", "QB", lambda q, _: q)
    g.rule("QB", "C", "P", asked_year_pair)
    for of in ("E", "Q", "QH", "WP"):
        g.rule(of, "YOY", "P", _on_year)
        g.rule(
            of, "CHGHM", "PD", lambda e, h: m.computed("difference", p, h) if (p := _on_year(e, None)) else None, 0.12
        )
    g.rule("CP", "MORE", "CPM", lambda p, _: p)
    g.rule("CPM", "QH", "PD", lambda p, q: m.computed("difference", r) if (r := pair_asked(q, p)) else None, 0.03)
    g.rule("S", "CPM", "SCPM", lambda s, p: (s, p))
    g.rule(
        "SCPM",
        "QH",
        "PD",
        lambda q, a: m.computed("difference", p) if (o := m.ofs(q[0], a)) and (p := pair_asked(o, q[1])) else None,
        0.03,
    )
    # “2024年安排过、2025年不再安排的”
    for cut in ("AND", "SEP"):
        g.rule("CH", cut, "CHJ", lambda c, _: c)
    g.rule("C", "DROPPED", "CDR", lambda c, _: c if len(_years_in(c)) == 1 else None)
    for first in ("CHJ", "CH", "CJ", "C"):
        g.rule(first, "CDR", "C", lambda a, b: _only_in(a, b) if a != b else None)
    g.lift("CNO", "C", lambda c: (Not((AlsoIn(c[0].years[0]),)),), 0.05)
    for share in ("PCT", "BYSO"):  # “增幅超过10%”
        g.rule("PRT", share, "C", lambda p, q: _growth(p[0], p[1], q))
        g.rule("ART", share, "C", lambda p, q: _growth(x, p[1], q) if (x := since_last(p[0])) else None)
    # “比上年增加10%以上的”, “增加超过100万元的”
    g.rule("PC", "BYSO", "C", lambda p, q: _growth(p[0], p[1], q))
    g.rule("ACH", "BYSO", "C", lambda p, q: _growth(x, p[1], q) if (x := since_last(p[0])) else None)
    g.rule("EC", "BYSO", "C", lambda p, q: _growth(x, p[1], q) if (x := _since_last_year(p[0], None)) else None)
    g.rule("AMY", "CHG", "AMC", lambda p, o: (*p, o))
    g.rule("AMC", "BYSO", "C", lambda p, q: _growth(x, p[2], q) if (x := since_last(p[0], p[1])) else None)
    # “2025年取消了2024年的哪个指标”, “今年取消了哪些指标”
    g.rule("CDR", "C", "C", lambda new, old: _only_in(old, new) if len(_years_in(old)) == 1 and old != new else None)
    g.rule("SW", "CDR", "SW", lambda s, c: _dropped(s, _years_in(c)[0]))
    g.rule("CDR", "SW", "SW", lambda c, s: _dropped(s, _years_in(c)[0]))
    g.rule("CDR", "S", "S", lambda c, s: _dropped(s, _years_in(c)[0]), 0.05)
    g.rule("CDR", "XC", "XC", lambda c, x: _dropped_counted(x, _years_in(c)[0]))
    g.rule("DROPPED", "XC", "XC", lambda _, x: _dropped_counted(x, 0), 0.1)
    g.rule("XC", "BI", "XBI", lambda x, _: None if m.named(x.of) else x)  # “项目数比2024年多几个”
    g.rule("SW", "DROPPED", "SW", lambda s, _: _dropped(s, 0), 0.1)
    g.rule("DROPPED", "SW", "SW", lambda _, s: _dropped(s, 0), 0.1)
    g.rule("DROPPED", "S", "S", lambda _, s: _dropped(s, 0), 0.12)  # “取消的项目原来合计多少预算”
    # “甲降了多少”: its budget, since the year before
    g.rule("S", "CHGHM", "PD", lambda s, h: m.computed("difference", p, h) if (p := _since_the_last(s)) else None, 0.1)
    # “今年多了哪些指标”, “比去年少了哪个项目”
    g.rule("ADDEDW", "WHICH", "ADDEDWH", lambda *_: ">")
    g.rule("DROPPEDW", "WHICH", "ADDEDWH", lambda *_: "<")
    g.rule("BI", "C", "BIY", lambda _, c: c if len(_years_in(c)) == 1 else None)
    g.rule("BIY", "ADDEDWH", "WNEW", lambda c, o: _come_or_gone(o, 0, _years_in(c)[0]))
    g.rule("BIY", "ADDED", "C", lambda c, _: _come_or_gone(">", 0, _years_in(c)[0]), 0.05)
    g.rule("BIY", "DROPPED", "C", lambda c, _: _come_or_gone("<", 0, _years_in(c)[0]), 0.05)
    g.rule(
        "C", "ADDEDWH", "WNEW", lambda c, o: _come_or_gone(o, y[0], y[0] - 1) if len(y := _years_in(c)) == 1 else None
    )
    g.rule("CP", "ADDEDWH", "WNEW", lambda p, o: _come_or_gone(o, *y) if len(y := _each_year(p)) == 2 else None)
    g.rule("CP", "DROPPED", "C", lambda p, _: _come_or_gone("<", *y) if len(y := _each_year(p)) == 2 else None)
    g.rule("WNEW", "S", "SW", lambda c, s: m.attach(c, s))
    # “改了名的指标”
    g.lift("RENAMED", "C", lambda _: (Renamed(-1),), 0.05)
    g.rule("C", "RENAMED", "C", _renamed)
    # “延续项目”: in the year before, too
    g.lift("CONTINUED", "C", lambda _: (AlsoIn(-1),))
    g.rule("CONTINUED", "C", "C", lambda _, c: (*c, AlsoIn(-1)) if len(_years_in(c)) == 1 else None, 0.02)
    # targets of two years: “指标值两年没变”, “目标值比上年提高的指标”
    for how in ("SAMEAS", "CHG"):
        g.rule("A", how, "C", lambda a, o: (Retargeted(o, -1),) if a == m.target() else None, 0.05)
        g.rule("C", how, "CYS", lambda c, o: (c, o) if len(_several_years(c)) == 2 else None)
        g.rule("CTG", how, "C", _retargeted)
        g.rule("ACY", how, "C", lambda c, o: (Retargeted(o, _years_in(c)[0]),))
        g.rule("CPT", how, "C", lambda p, o: _retargeted(p, o))
    g.rule("S", "C", "ICY", _such_changed)
    g.rule("SW", "ICY", "SW", _having_changed)
    g.rule("ICY", "S", "S", lambda i, s: _having_changed(s, i) if s.bare else None, 0.02)
    for of in ("S", "SW"):  # “哪些指标两年没变”
        g.rule(of, "CYS", of, lambda s, p: m.attach(_retargeted(*p), s) if s.cls == "indicator" else None, 0.02)
        g.rule("CYS", of, of, lambda p, s: m.attach(_retargeted(*p), s) if s.cls == "indicator" else None, 0.05)
    g.rule("A", "CYS", "C", _changed_in, 0.02)  # “预算两年没有变化的”
    g.rule("ACY", "MORE", "C", lambda c, more: (Retargeted(">" if more else "<", _years_in(c)[0]),))
    g.rule("CPT", "MORE", "C", lambda p, more: _retargeted(p, ">" if more else "<"))
    g.rule("C", "A", "CTG", lambda c, a: c if a == m.target() and len(_several_years(c)) == 2 else None)
    g.rule("A", "C", "CTG", lambda a, c: c if a == m.target() and len(_several_years(c)) == 2 else None)
    g.rule("A", "UNCHANGED", "C", lambda a, o: (Changed(a.name, o, 0, 0),) if a.kind == "money" else None, 0.1)
    # “预算比2024年减少的”
    g.rule("A", "BI", "AMB", lambda a, _: a if a.of == "project" and a.kind == "money" else None)
    g.rule("A", "AND", "AMA", lambda a, _: a if a.of == "project" and a.kind == "money" else None)
    g.rule("AMA", "C", "AMAY", lambda a, c: (a, _years_in(c)[0]) if len(_years_in(c)) == 1 else None)
    g.rule("AMAY", "SAMEAS", "C", lambda p, o: (Changed(p[0].name, o, p[1], 0),), 0.08)  # “预算与2024年持平”
    g.rule("AMB", "C", "AMY", lambda a, c: (a, _years_in(c)[0]) if len(_years_in(c)) == 1 else None)
    for how in ("SAMEAS", "CHG"):
        g.rule("AMY", how, "C", lambda p, o: (Changed(p[0].name, o, p[1], 0),), 0.08)
    g.rule("AMY", "MORE", "C", lambda p, more: (Changed(p[0].name, ">" if more else "<", p[1], 0),), 0.08)
    g.rule("A", "BI", "AYB", lambda a, _: a if a == m.target() else None)
    g.rule("AYB", "C", "ACY", lambda _, c: c if len(_years_in(c)) == 1 else None)
    g.rule("CP", "A", "CPT", lambda p, a: (OfYear(_both_years(p)),) if a == m.target() and _both_years(p) else None)
    g.rule("A", "CP", "CPT", lambda a, p: (OfYear(_both_years(p)),) if a == m.target() and _both_years(p) else None)
    # “甲在2025年叫什么”: what measures the same
    g.rule("C", "CALLED", "CCD", lambda c, _: c if len(_years_in(c)) == 1 else None)
    g.rule("S", "CCD", "V", _called_in)
    g.rule("CP", "ADDED", "C", lambda p, _: _only_in(*sorted(p, key=_years_of_last, reverse=True)))
    g.lift("PD", "V", lambda n: n)
    g.rule("P", "WHICH", "PW", lambda p, _: p)
    g.rule("PW", "MORE", "V", m.which)
    g.rule("PW", "SUP", "V", m.which, 0.02)
    g.rule("PM", "YN", "V", lambda p, _: m.holds(p[0], ">" if p[1] else "<"))
    g.rule("PM", "WHICH", "V", lambda p, _: m.which(*p), 0.3)


def _sum_of_words(said: tuple[Any, Asked], rest: Asked) -> Statistic | None:
    """The targets of the indicator that the words around mean, added up over the years."""
    years, first = said
    if first.of is not None or rest.of is not None or not first.words:
        return None
    whole = Asked((*first.words, *rest.words), rest.wanted.with_(first.wanted))
    of = m.attach(years, Set("project"))
    return Statistic("sum", m.mention(whole.words, of, whole.wanted), m.target()) if of else None


def _changed_since(of: Set, changed: Retargeted) -> Set | None:
    """Indicators whose target is so against another year's than theirs."""
    owner = of.of
    named = {y for c in owner.where if isinstance(c, OfYear) for y in c.years} if owner else set()
    if of.cls != "indicator" or of.mention is not None or of.rank is not None or changed.old in named:
        return None
    return m.attach((changed,), of)


def _dropped_of(of: Set, year: int) -> Set | None:
    """Of the indicators of a year those that another one has no more."""
    if of.cls != "indicator" or of.mention is not None or of.rank is not None:
        return None
    named = {y for c in of.of.where if isinstance(c, OfYear) for y in c.years} if of.of else set()
    if len(named) > 1 or year in named:
        return None
    old = named.pop() if named else year - 1
    return m.attach((OnlyIn(old, year),), of)


def _dropped(of: Set, year: int) -> Set | None:
    """“今年取消了哪些指标”, “2025年取消的项目”: of the year before, and not of this one."""
    if of.cls not in ("indicator", "project") or of.rank is not None or (of.cls == "project" and m.named(of)):
        return None
    return m.attach((OnlyIn(year - 1, year),), of)


def _dropped_counted(number: Any, year: int) -> Statistic | None:
    of = _dropped(number.of, year) if isinstance(number, Statistic) and number.function == "count" else None
    return replace(number, of=of) if of else None


def _such_changed(of: Set, conditions: tuple[Any, ...]) -> tuple[Set, tuple[Any, ...]] | None:
    """Indicators of a type whose target has changed, and the year in which."""
    changed = tuple(c for c in conditions if isinstance(c, Retargeted))
    years = tuple(c for c in conditions if isinstance(c, OfYear))
    if len(changed) != 1 or len(changed) + len(years) < len(conditions):
        return None
    typed = of.cls == "indicator" and of.where and all(isinstance(c, OfType) for c in of.where)
    if not typed or of.of is not None or of.rank is not None or of.mention is not None:
        return None
    found = m.attach(changed, of)
    return (found, years) if found else None


def _having_changed(of: Set, said: tuple[Set, tuple[Any, ...]]) -> Set | None:
    """“哪些项目的满意度目标2025年比2024年提高了”: the projects."""
    if of.cls != "project" or m.named(of) or of.rank is not None:
        return None
    having = m.having(said[0], of)
    if having and (all_ := _unchanged(said[0])):
        having = m.attach((Has(all_, "=", 0),), having)  # “两年没变”: none of them has
    return m.attach(said[1], having) if having else None


def _unchanged(of: Set) -> Set | None:
    """Of indicators whose target is the same, those whose is not."""
    at = next((i for i, c in enumerate(of.where) if isinstance(c, Retargeted) and c.operator == "="), None)
    if at is None:
        return None
    return replace(of, where=(*of.where[:at], replace(of.where[at], operator="!="), *of.where[at + 1 :]))


def _come_or_gone(operator: str, new: int, old: int) -> tuple[Any, ...]:
    """What a year has that the other has not, or the other way round."""
    return (OnlyIn(new, old) if operator == ">" else OnlyIn(old, new),)


def _each_year(pair: tuple[Any, Any]) -> tuple[int, ...]:
    """The one year of either condition."""
    return tuple(y for c in pair for y in _years_in(c))


def _renamed(conditions: tuple[Any, ...], _: Any) -> Any:
    """Of the later of the years that are named, what went by another name in the earlier one."""
    years = _years_in(conditions)
    if not years or len(years) > 2:
        return None
    new, old = (max(years), min(years)) if len(years) == 2 else (years[0], years[0] - 1)
    return (OfYear((new,)), Renamed(old))


def _several_years(conditions: tuple[Any, ...]) -> tuple[int, ...]:
    years = _years_in(conditions)
    return years if len(years) > 1 else ()


def _both_years(pair: tuple[Any, Any]) -> tuple[int, ...]:
    years = tuple(y for c in pair for y in _years_in(c))
    return years if len(years) == 2 else ()


def _retargeted(years: tuple[Any, ...], operator: str) -> Any:
    """Of the later year, the target so against the earlier one's."""
    named = _several_years(years)
    return (OfYear((max(named),)), Retargeted(operator, min(named))) if len(named) == 2 else None


def _changed_in(attribute: Attribute, said: tuple[tuple[Any, ...], str]) -> Any:
    years = _several_years(said[0])
    if attribute.of != "project" or attribute.kind != "money":
        return None
    return (Changed(attribute.name, said[1], min(years), max(years)),)


def _called_in(of: Set, year: tuple[Any, ...]) -> Any:
    if of.cls != "indicator" or not m.called(of) or of.rank is not None:
        return None
    other, count = swap(of, year[0])
    found = other if count else m.attach(year, of)
    return m.listed(found) if found is not None and found != of else None


def _years_in(conditions: tuple[Any, ...]) -> tuple[int, ...]:
    """The years, where the conditions say nothing else."""
    return conditions[0].years if len(conditions) == 1 and isinstance(conditions[0], OfYear) else ()


def _split_asked(question: Asked) -> Pair | None:
    """“…这两年…”: the indicator in each of the two years."""
    of = question.of
    year = next((c for c in of.where if isinstance(c, OfYear)), None) if of is not None else None
    if of is None or year is None or len(year.years) != 2 or not question.words:
        return None
    rest = tuple(c for c in of.where if c is not year)
    new, old = (
        Each(m.mention(question.words, replace(of, where=(*rest, OfYear((y,)))), question.wanted), (m.target(),))
        for y in sorted(year.years, reverse=True)
    )
    return Pair(new, old)


def _pair_years(pair: Pair) -> tuple[tuple[Any, ...], Attribute, int, int] | None:
    """What both numbers of a pair are of beside their years, the amount, the earlier and the later year."""
    changed = year_change(pair, ">")
    if not changed or not isinstance(changed[-1], Changed):
        return None
    return changed[:-1], pair.first.attributes[0], changed[-1].old, changed[-1].new


def grown(pair: Pair, operator: str, most: bool, *, rate: bool = False) -> Any:
    """“2025年预算比2024年增加最多”: the conditions and the rank."""
    found = _pair_years(pair)
    condition = year_change(pair, operator) if found else None
    if found is None or condition is None or operator == "!=":
        return None
    _, attribute, old, _ = found
    return condition, Rank(Growth(attribute, old, rate=rate), most == (operator == ">"))


def since_last(attribute: Attribute, year: int = -1) -> Pair | None:
    """The amount of every project in the latest year, and in the one before (or another)."""
    return year_pair(Each(Set("project"), (attribute,)), (OfYear((year,)),))


def grown_lately(said: tuple[Attribute, str], most: bool, *, rate: bool = False) -> Any:
    """“预算增加最多”: since the year before."""
    pair = since_last(said[0])
    return grown(pair, said[1], most, rate=rate) if pair else None


def ranked_by_growth(of: Set, by: tuple[tuple[Any, ...], Rank]) -> Set | None:
    """The set ranked by how much more or less it is than in another year; ``by``: see ``grown``."""
    if of.rank is not None:
        return None
    if of.cls in m.GROUPS:
        *rest, changed = by[0]
        growth = by[1].by
        within = m.attach(tuple(rest), of.of or Set("project"))
        if within is None or any(isinstance(c, OfYear) for c in within.where):
            return None
        change = m.change_of(
            within,
            growth.attribute,
            growth.old or changed.new - 1,
            changed.new,
            "rate" if growth.rate else "difference",
        )
        return replace(of, rank=replace(by[1], by=ByGroup(of.cls, change)))
    if of.cls != "project":
        return None
    found = m.attach(by[0], of)
    new = by[0][-1].new
    found = (
        m.attach((OfYear((new,)),), found) if found and not any(isinstance(c, OfYear) for c in found.where) else found
    )
    return replace(found, rank=by[1]) if found else None


def _since(conditions: tuple[Any, ...], said: tuple[Each, str]) -> Any:
    """“跟2024年比，2025年的预算减少了”."""
    pair = year_pair(said[0], conditions)
    return year_change(pair, said[1]) if pair else None


def _against(of: Set, year: tuple[Any, ...], change: tuple[Any, ...]) -> Set | None:
    """“跟2024年比，哪些项目的预算涨了”: a change that names no year, against the one spoken of."""
    years = _years_in(year)
    if len(years) != 1 or len(change) != 1 or not isinstance(change[0], Changed) or change[0].new or change[0].old:
        return None
    return m.attach((replace(change[0], old=years[0]),), of)


def other_number(number: Any, conditions: tuple[Any, ...]) -> Pair | None:
    """“2025年的预算合计比2024年”, “甲局的预算总额比乙局”."""
    if (
        not isinstance(number, Statistic)
        or len(conditions) != 1
        or not isinstance(conditions[0], OfYear | OfDepartment)
    ):
        return None
    if isinstance(conditions[0], OfYear) and len(conditions[0].years) != 1:
        return None
    other, count = swap(number, conditions[0])
    return Pair(number, other) if count == 1 and other != number else None


def _called(of: Set) -> bool:
    """Whether a set is of projects called by their names as the tables have them."""
    return of.cls == "project" and m.named(of) and of.mention is None


def _dated(number: Any) -> Any:
    """A number over projects of no year in particular, as that of the latest one: “总预算是否高于2024年”."""
    if not isinstance(number, Statistic) or number.of.cls != "project" or number.of.rank is not None:
        return number
    if any(isinstance(c, OfYear) for c in number.of.where):
        return number
    return replace(number, of=replace(number.of, where=(*number.of.where, OfYear((0,)))))


def other_amount(of: Each, conditions: tuple[Any, ...]) -> Pair | None:
    """“甲局的预算比乙局”."""
    if len(conditions) != 1 or not isinstance(conditions[0], OfDepartment) or len(of.attributes) != 1:
        return None
    other, count = swap(of, conditions[0])
    return Pair(of, other) if count == 1 and other != of else None


def _since_last_year(of: Each, _: Any) -> Pair | None:
    """“2025年预算增幅”: against the year before."""
    year = next((c.years for c in of.of.where if isinstance(c, OfYear)), ())
    return year_pair(of, (OfYear((year[0] - 1,)),)) if len(year) == 1 else None


def _since_the_last(of: Set) -> Pair | None:
    """The budget of one project called by its name, in the latest year and in the one before."""
    named = [c for c in of.where if isinstance(c, OfProject) and not c.negated]
    if of.cls != "project" or of.rank is not None or len(of.where) != 1 or not named or "、" in named[0].label:
        return None
    return year_pair(Each(of, (budget(),)), (OfYear((-1,)),))


def asked_year_pair(question: Asked, conditions: tuple[Any, ...]) -> Pair | None:
    """“甲2025年的目标比2024年”: the same indicator of the other year."""
    other, of = _years_in(conditions), question.of
    if len(other) != 1 or not question.words:
        return None
    if of is None or not any(isinstance(c, OfYear) for c in of.where):
        latest = m.attach((OfYear((0,)),), of or Set("project"))
        if latest is None:
            return None
        of = latest  # “目标比去年”: the latest year's
    changed, count = swap(of, conditions[0])
    if count != 1 or changed == of:
        return None
    first, second = (Each(m.mention(question.words, s, question.wanted), (m.target(),)) for s in (of, changed))
    return Pair(first, second)


def _on_year(of: Any, _: Any) -> Pair | None:
    """“预算同比”: the latest year, or the one named, against the one before."""
    named = of.of.where if of.of is not None else ()
    year = next((c.years[0] for c in named if isinstance(c, OfYear)), 0)
    before = (OfYear((year - 1,)),)
    return year_pair(of, before) if isinstance(of, Each) else asked_year_pair(of, before)


def _growth(pair: Pair, operator: str, by: Any) -> Any:
    """“增加10%以上”, “减少不到100万元”: by so much, more or less than it was."""
    found = _pair_years(pair)
    if found is None or by.number is None or by.upper is not None or operator not in (">", "<"):
        return None
    rest, attribute, old, new = found
    how, number = by.operator or "=", by.number
    changed = Changed(attribute.name, operator, old, new)  # “减少不到10%”: it has
    growth = Growth(attribute, old, how, number, by.text, by.kind == "percent", operator == "<")
    return (*rest, changed, OfYear((new,)), growth)


def _years_of_last(conditions: tuple[Any, ...]) -> tuple[int, ...]:
    return _years_in(conditions[-1:])


def _only_in(first: tuple[Any, ...], second: tuple[Any, ...]) -> Any:
    new, old = _years_in(first[-1:]), _years_in(second)
    return (*first[:-1], OnlyIn(new[0], old[0])) if len(new) == len(old) == 1 else None
