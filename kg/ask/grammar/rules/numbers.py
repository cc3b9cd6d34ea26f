"""One number over a set: sums, averages, counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.rules import pairing
from kg.ask.grammar.rules.common import aggregate, budget, over_all
from kg.ask.logic.attributes import Attribute, attributes
from kg.ask.logic.conditions import Compare, Is, Mention, in_money
from kg.ask.logic.plain import About, Named, OfConcept, OfProject, OnlyIn
from kg.ask.logic.sets import Set, Statistic
from kg.ask.logic.values import Computed
from kg.ask.logic.wanted import Wanted


def numbers_rules(g: Grammar) -> None:
    g.rule("AGG", "AGG", "AGG", lambda a, b: a if a == b else None, 0.02)  # “加起来一共”
    g.rule("E", "AGG", "X", lambda e, f: m.total(e, f))
    g.rule("AGG", "E", "X", lambda f, e: m.total(e, f), 0.02)
    g.rule("A", "AGG", "XA", lambda a, f: (a, f))
    g.rule("AGG", "HM", "AGGHM", lambda f, h: f if h.kinds in (("money",), ("count",)) and not h.unit else None)
    g.rule("AGGHM", "A", "XA", lambda f, a: (a, f) if a.kind == "money" else None, 0.02)  # “一共多少其他资金”
    g.rule("AGG", "A", "XA", lambda f, a: (a, f), 0.02)
    g.lift("XA", "X", lambda p: over_all(*p), 0.06)
    g.rule("S", "XA", "X", lambda s, p: aggregate(s, *p))
    g.rule("C", "XA", "X", lambda c, p: _aggregate_of(c, *p), 0.04)
    g.rule("XA", "S", "X", lambda p, s: aggregate(s, *p), 0.2)
    g.rule("S", "AGG", "X", lambda s, f: aggregate(s, _money_of(s), f) if s.cls == "project" else None, 0.18)
    g.rule("C", "AGG", "X", lambda c, f: _aggregate_of(c, budget(), f), 0.3)
    g.rule("AGG", "S", "X", lambda f, s: aggregate(s, budget(), f) if s.cls == "project" else None, 0.25)
    # costs and other indicators in money: their targets added up
    g.rule("S", "AGG", "X", lambda s, f: m.added(s, f) if s.cls == "indicator" and not s.rank else None, 0.05)
    g.rule(
        "AGG",
        "S",
        "X",
        lambda f, s: m.added(s, f) if f == "sum" and s.cls == "indicator" and not s.rank and not s.bare else None,
        0.15,
    )
    g.rule("CONVERT", "MONEYUNIT", "INUNIT", lambda _, u: Wanted(("money",), shown=u))
    g.rule("INUNIT", "HM", "INUNIT", lambda u, h: u if not h.unit and not h.shown else None)
    g.lift("INUNIT", "HM", lambda u: u)
    g.rule("CONVERT", "HM", "HM", lambda _, h: h if h.shown else None)
    for said in ("LIM", "AMT"):  # “成本指标上限之和”, “成本指标金额合计”
        g.rule("S", said, "SM", lambda s, _: s if pairing.costs(s) else None)
    g.rule("S", "A", "SM", lambda s, a: s if pairing.costs(s) and a == budget() else None, 0.05)
    g.rule("SM", "AGG", "X", m.added)
    g.rule("X", "HM", "XH", lambda x, h: (_as_asked(x, h), h.shown) if _asks(h, x) or _counts(x, h) else None)
    g.rule("HM", "X", "XH", lambda h, x: (x, h.shown) if _asks(h, x) else None, 0.1)
    # “财政资金合计多少，不含其他资金”: what the attribute says already
    for word in ("NOT", "EXC"):  # not what follows a name
        g.rule(word, "A", "EXA", lambda _, a: a if a.kind == "money" else None)
    g.rule("XH", "SEP", "XHS", lambda x, _: x)
    g.rule("XHS", "EXA", "XH", lambda x, a: x if _apart(x[0], a) else None, 0.02)
    g.rule("XH", "AGG", "XH", lambda x, f: x if isinstance(x[0], Statistic) and x[0].function == f else None, 0.02)
    g.rule("AGG", "EH", "XH", lambda f, p: (m.total(p[0], f), p[1].shown) if m.total(p[0], f) else None, 0.02)
    g.rule("EH", "AGG", "XH", lambda p, f: (m.total(p[0], f), p[1].shown) if m.total(p[0], f) else None, 0.02)
    g.rule("X", "WHICH", "XH", lambda x, _: (x, ""), 0.02)
    g.lift("XH", "V", lambda x: m.number(x[0], x[1]))
    g.lift("X", "V", lambda x: m.number(x), 0.12)
    g.rule("S", "X", "X", lambda s, x: _restricted(s, x), 0.04)
    g.rule("C", "X", "X", lambda c, x: _conditioned(c, x), 0.06)
    g.rule("X", "C", "X", lambda x, c: _conditioned(c, x), 0.2)
    g.rule("AGG", "B", "AB", lambda f, b: b if f == "average" else None)
    g.rule("AGG", "K", "AK", lambda f, k: f if f == "average" and k == 1 else None)
    g.rule("AK", "N", "AB", lambda _, n: n)
    g.rule("AB", "A", "XA", lambda b, a: (a, "average") if b == a.of else None)
    # “平均每个项目几条指标”, “项目平均有几条指标”: how many to each
    g.rule("AB", "XC", "XPER", lambda b, x: x if b == "project" and _of_indicators(x) else None)
    g.rule("AGG", "XC", "XAV", lambda f, x: x if f == "average" and _of_indicators(x) else None)
    g.rule("AGG", "S", "X", lambda f, s: m.added(s, f) if f != "sum" and _typed(s) else None, 0.2)
    g.lift("XAV", "XPER", lambda x: x if x.of.of is None or not m.named(x.of.of) else None, 0.06)
    g.rule("S", "XAV", "XPER", lambda s, x: _owned(x, s), 0.02)
    g.rule("N", "XPER", "XPER", lambda n, x: x if n == "project" else None, 0.02)
    # “满意度指标平均每个项目几条”
    g.rule("S", "AB", "SPER", lambda s, b: s if b == "project" and s.cls == "indicator" else None)
    g.rule("SPER", "CNT", "XPER", lambda s, _: _counted(s))
    g.rule("SPER", "HM", "XPER", lambda s, h: _counted(s) if h.kinds == ("count",) else None, 0.02)
    for category in ("HAS", "WHICH"):
        g.rule("XPER", category, "XPER", lambda x, _: x, 0.02)
    g.rule("C", "XPER", "XPER", lambda c, x: _conditioned(c, x), 0.02)
    g.rule("S", "XPER", "XPER", lambda s, x: _owned(x, s), 0.04)
    g.lift("XPER", "XH", lambda x: (_per(x), ""))
    g.rule("S", "AB", "SAB", lambda s, b: s if s.cls == b else None)
    g.rule("C", "AB", "SAB", lambda c, b: m.attach(c, Set(b)))
    g.rule("SAB", "A", "X", lambda s, a: aggregate(s, a, "average"))
    g.rule(
        "AB",
        "HM",
        "XH",
        lambda b, h: (
            (Statistic("average", Set("project"), budget()), h.shown) if b == "project" and "money" in h.kinds else None
        ),
        0.05,
    )
    g.rule(
        "SAB",
        "HM",
        "XH",
        lambda s, h: (
            (Statistic("average", s, budget()), h.shown) if s.cls == "project" and "money" in h.kinds else None
        ),
        0.05,
    )
    g.rule("ALL", "A", "XA", lambda _, a: (a, "sum") if a.kind == "money" else None, 0.02)
    g.rule("TY", "AGG", "X", lambda t, f: m.added(t, f), 0.08)  # “两项成本之和”
    # counting
    g.rule("S", "CNT", "XC", lambda s, _: _counted(s))
    g.rule("HM", "S", "XC", lambda h, s: _counted(s) if h.kinds == ("count",) and not h.unit else None, 0.08)
    g.rule("CNT", "S", "XC", lambda _, s: _counted(s), 0.02)
    # “有几条指标值是文字”
    g.rule("CNT", "A", "CNTV", lambda _, a: a if a == m.target() else None)
    g.rule("CNTV", "C", "XC", lambda _, c: _counted(m.attach(c, Set("indicator"))))
    g.rule("HS", "CNT", "XC", lambda s, _: _counted(s))
    g.rule("CNT", "HS", "XC", lambda _, s: _counted(s), 0.05)
    g.rule("N", "HOWMANY", "S", lambda n, _: Set(n), 0.02)  # “指标条数最多的”: they are counted
    g.rule("HOWMANY", "DIST", "HOWMANY", lambda h, _: h)
    g.rule("HOWMANY", "HM", "CNT", lambda h, w: h if w.kinds == ("count",) and not w.unit else None)
    g.rule("S", "HOWMANY", "XC", lambda s, _: _counted(s), 0.05)
    g.rule("HAS", "XC", "XC", lambda _, x: x)
    g.rule("S", "XC", "XC", lambda s, x: _restricted(s, x), 0.04)
    g.rule("S", "XC", "V", _most_of)
    g.rule("C", "XC", "XC", lambda c, x: _conditioned(c, x), 0.02)
    g.rule("XC", "C", "XC", lambda x, c: _conditioned(c, x), 0.15)
    g.rule("XC", "AGG", "XC", lambda x, f: x if f == "sum" else None, 0.02)
    g.rule("XC", "HS", "XC", lambda x, s: _conditioned(c, x) if (c := m.has(s)) else None, 0.02)
    # “游客满意度出现在几个项目里”
    g.rule("S", "HAS", "SH", lambda s, _: s if s.cls == "indicator" and m.called(s) else None)
    g.rule(
        "SH", "XC", "XC", lambda s, x: replace(x, of=h) if x.of == Set("project") and (h := m.having(s, x.of)) else None
    )
    g.lift("NCNT", "XC", lambda cls: Statistic("count", Set(cls)))  # “项目数”
    g.rule("AGG", "XC", "XC", lambda f, x: x if f == "sum" else None, 0.02)
    g.rule("AGG", "CNT", "CNT", lambda f, c: c if f == "sum" else None, 0.02)  # “一共几个”
    g.rule("AGG", "HAS", "AGG", lambda f, _: f if f == "sum" else None, 0.02)  # “共有”
    g.lift("XC", "V", lambda x: m.number(x))
    g.rule(
        "C",
        "CNT",
        "XC",
        lambda c, _: None if _new(c) or all(map(_topic, c)) else _counted(m.attach(c, Set("project"))),
        0.25,
    )
    g.rule("RT", "CNT", "XC", lambda t, _: _counted(m.attach(t, Set("project"))), 0.25)  # “涉及消防的有几个”


def _money_of(of: Set) -> Attribute:
    """The money of projects that is meant where it is not said which: of those that have 其他资金, that."""
    other = attributes()["project", "otherFunds"]
    said = any(
        (isinstance(c, OfConcept) and not c.negated and c.label in (other.label, *other.names))
        or (isinstance(c, Compare) and c.attribute == other and c.operator != "=")
        for c in of.where
    )
    return other if said else budget()


def _asks(wanted: Wanted, number: Any = None) -> bool:
    """Whether a word of asking can ask for a number: not “几个” for a sum of money, nor “每户多少” for one of projects."""
    if wanted.each and isinstance(number, Statistic) and number.of.cls == "project":
        return False
    if "date" in wanted.kinds or "frequency" in wanted.kinds:
        return False
    return not wanted.unit


def _as_asked(number: Any, wanted: Wanted) -> Any:
    """“总共花多少钱”, of indicators: those in money; of those that words name, the one whose value is of the kind."""
    if isinstance(number, Statistic) and number.of.mention is not None and number.of.mention.expected is None:
        mention = replace(number.of.mention, expected=wanted)
        return replace(number, of=replace(number.of, mention=mention))
    if "money" in wanted.kinds and isinstance(number, Statistic) and number.attribute == m.target():
        return replace(number, of=replace(number.of, where=(*number.of.where, in_money())))
    return number


def _counts(number: Any, wanted: Wanted) -> bool:
    """“长度加起来一共多少公里”: the unit in which targets that are added up are counted."""
    target = isinstance(number, Statistic) and number.attribute == m.target()
    return (
        target and number.of.mention is not None and bool(wanted.unit) and set(wanted.kinds) <= {"count", "frequency"}
    )


def _apart(number: Any, attribute: Attribute) -> bool:
    """Whether a number is of one kind of money, and the attribute is the other."""
    kinds = ("fiscalFunds", "otherFunds")
    mine = number.attribute.name if isinstance(number, Statistic) and number.attribute else ""
    return mine in kinds and attribute.name in kinds and attribute.name != mine


def _typed(of: Set) -> bool:
    """Indicators of a type, of which nothing is said beside: their targets may be averaged."""
    return of.cls == "indicator" and not of.bare and of.rank is None and of.of is None


def _of_indicators(number: Any) -> bool:
    return isinstance(number, Statistic) and number.function == "count" and number.of.cls == "indicator"


def _owned(number: Statistic, of: Set) -> Statistic | None:
    """Of the indicators of these projects."""
    if of.cls != "project" or (number.of.of is not None and not number.of.of.bare):
        return None
    return replace(number, of=replace(number.of, of=None if of.bare else of))


def _per(number: Statistic) -> Computed:
    return Computed("per", number, Statistic("count", number.of.of or Set("project")))


def _counted(of: Set | None) -> Statistic | None:
    if of is None or of.mention is not None:
        return None
    if of.cls == "indicator" and any(
        (isinstance(c, Named) and c.exact) or (isinstance(c, Is) and len(c.iris) == 1) for c in of.where
    ):
        return None  # one thing, called by its name, is not counted
    if _of_the_most(of):
        return None
    if of.cls == "project" and any(
        isinstance(c, OfProject | Is) and not c.negated and len(c.iris) == 1 for c in of.where
    ):
        return None  # “公益公证要办多少件” asks for no number of projects
    return Statistic("count", of) if of.rank is None else None


def _most_of(of: Set, number: Any) -> Any:
    """“指标最多的项目有几条指标”: which they are, with how many each has."""
    counted = number.of if isinstance(number, Statistic) and number.function == "count" else None
    ranked = of.cls == "project" and of.rank is not None and of.rank.limit == 1
    return m.listed(of) if ranked and counted is not None and of.rank and of.rank.by == counted else None


def _of_the_most(of: Set) -> bool:
    """“指标最多的项目有几条指标”: not how many all have that have as many."""
    return of.cls == "indicator" and of.of is not None and of.of.rank is not None and isinstance(of.of.rank.by, Set)


def _aggregate_of(conditions: tuple[Any, ...], attribute: Attribute, function: str) -> Statistic | None:
    of = m.attach(conditions, Set(attribute.of))
    return aggregate(of, attribute, function) if of else None


def _restricted(of: Set, number: Any) -> Any:
    if isinstance(number, Statistic):
        inner = number.of
        if inner.cls == of.cls:
            return replace(number, of=of) if inner.bare and not of.bare else None
        joined = m.relate(of, inner)
        return replace(number, of=joined) if joined and not _of_the_most(joined) else None
    return None


def _conditioned(conditions: tuple[Any, ...], number: Any) -> Any:
    if isinstance(number, Statistic):
        if _new(conditions) and number.of.where and all(map(_topic, number.of.where)):
            return None  # “新增助餐点多少个” asks for no number of projects
        of = m.attach(conditions, number.of)
        return replace(number, of=of) if of else None
    return None


def _topic(condition: Any) -> bool:
    return isinstance(condition, About | Mention)


def _new(conditions: tuple[Any, ...]) -> bool:
    return any(isinstance(c, OnlyIn) for c in conditions)
