"""The typed rules of the grammar: what two neighbouring spans mean together.

Categories: ``S`` set, ``C`` conditions, ``N`` the name of a class, ``A`` attribute, ``W`` words of content, ``Q`` an
indicator's value asked for, ``E`` attributes of a set, ``X`` number, ``R`` rank, ``K`` how many are wanted, ``B`` by
which class, ``P`` a pair of numbers, ``V`` what is asked. Triggers have names of their own: WH (which), HM (how many),
CNT (count), AGG (sum…), SUP (most, least), MORE (more, less), OP (comparison), BI (than), EACH, ALL, NOT, EXC, OR, AND,
HAS, REL (about), YN (whether), DIFF, RATIO, TIMES, ORD (sorted), UNIT, PER, LIM, MON, PCT, AMT, NUM.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.meaning import Asked, Pair
from kg.ask.logic.attributes import Attribute, attributes
from kg.ask.logic.exchange import swap
from kg.ask.logic.sets import (
    AlsoIn,
    Alternatives,
    Among,
    Compare,
    Found,
    Growth,
    HasValue,
    Is,
    Mention,
    NameHolds,
    Not,
    Rank,
    Set,
    Size,
    Statistic,
    applies,
)
from kg.ask.logic.values import Computed, Each, List, Number, Several, Table
from kg.ask.logic.wanted import Wanted
from kg.ask.query import About, Changed, Named, OfConcept, OfDepartment, OfProject, OfTarget, OfType, OfYear, OnlyIn
from ontology import UNIT


def _budget() -> Attribute:
    return attributes()["project", "budget"]


@cache
def grammar() -> Grammar:
    """All rules."""
    g = Grammar()
    _sets(g)
    _conditions(g)
    _ranks(g)
    _indicators(g)
    _attributes(g)
    _numbers(g)
    _groups(g)
    _comparisons(g)
    _truth(g)
    _several(g)
    return g


def _sets(g: Grammar) -> None:
    g.lift("N", "S", Set)
    g.rule("C", "S", "S", m.direct)
    g.rule("C", "S", "S", m.lifted, 0.12)
    g.rule("S", "C", "S", lambda s, c: m.direct(c, s), 0.06)
    g.rule("S", "C", "S", lambda s, c: m.lifted(c, s), 0.2)
    g.rule("TOPIC", "S", "S", lambda t, s: _topical(t, s), 0.12)
    g.rule("S", "S", "S", lambda a, b: None if _both_bare(a, b) else m.relate(a, b), 0.02)
    g.rule("S", "S", "S", lambda a, b: m.relate(a, b) if _both_bare(a, b) else None, 0.14)
    g.rule("S", "C", "C", _of_dimension)
    g.rule("HAS", "S", "HS", lambda _, s: s)
    g.rule("HS", "S", "S", m.having)
    g.rule("HS", "C", "HS", lambda s, c: m.attach(c, s) if all(applies(x, "indicator") for x in c) else None, 0.02)
    g.rule("S", "HS", "S", lambda s, h: m.relate(s, h) or m.having(h, s), 0.02)
    g.rule("S", "AND", "SJ", lambda s, _: s)
    g.rule("SJ", "S", "S", m.union)
    g.rule("WHICH", "S", "SW", lambda _, s: s)
    g.rule("C", "SW", "SW", m.attach)
    g.rule("S", "SW", "SW", m.relate, 0.02)
    g.rule("SW", "C", "SW", lambda s, c: m.attach(c, s), 0.02)
    g.rule("S", "WHICH", "SW", lambda s, _: s, 0.02)
    g.lift("SW", "V", lambda s: None if _one_named(s) else m.listed(s), 0.02)
    g.lift("S", "V", lambda s: None if s.bare or m.named(s) else m.listed(s), 0.32)
    g.lift("S", "V", lambda s: m.listed(s) if m.named(s) and s.rank is not None else None, 0.32)
    g.lift("S", "V", lambda s: m.listed(s) if m.named(s) and s.rank is None and not m.says(s) else None, 0.46)
    g.rule("R", "SW", "SW", lambda r, s: m.ranked(s, r))
    g.rule("SW", "R", "SW", lambda s, r: m.ranked(s, r))
    g.rule("SW", "HS", "SW", lambda s, h: m.having(h, s) if s.cls == "project" else m.relate(s, h))
    g.rule("SW", "S", "SW", lambda s, t: s if s.cls in m.DIMENSIONS and t.bare and t.cls == "project" else None, 0.02)
    g.rule("S", "S", "S", m.having, 0.1)
    g.rule("SW", "HAS", "SW", lambda s, _: s, 0.02)
    # “产出、效益、满意度指标”
    g.rule("TY", "AND", "TYA", lambda t, _: t)
    g.rule("TYA", "TY", "TY", m.union)
    g.rule("TYA", "S", "S", lambda t, s: m.union(t, s) if _is_type(s) else None)
    g.rule("K", "TY", "TY", lambda k, t: _sized(t, k))
    g.rule("TY", "S", "S", lambda t, s: t if s.bare and s.cls == "indicator" and not _is_type(t) else None, 0.02)
    g.rule("TY", "NT", "S", lambda t, _: t, 0.02)
    g.rule("K", "NT", "NT", lambda _, n: n, 0.02)
    g.rule("EACH", "S", "S", lambda _, s: s if _is_type(s) else None, 0.04)  # “各项成本指标”
    g.rule("S", "NT", "S", lambda s, _: s if s.cls == "indicator" and len(s.where) == 1 else None, 0.05)
    # “哪些人受益”, “谁管”: a word that asks for a class by itself
    g.lift("NW", "SW", Set, 0.0)


def _conditions(g: Grammar) -> None:
    g.rule("C", "C", "C", m.together, 0.02)
    g.rule("C", "AND", "CJ", lambda c, _: c)
    g.rule("CJ", "C", "C", m.both)
    g.rule("C", "OR", "CO", lambda c, _: c)
    g.rule("CO", "C", "C", m.either)
    g.rule("NOT", "C", "C", lambda _, c: m.negate(c))
    g.rule("EXC", "C", "CX", lambda _, c: m.negate(c))
    g.rule("CX", "EXC", "CX", lambda c, _: c)
    g.lift("CX", "C", lambda c: c)
    g.rule("C", "EXC", "C", lambda c, _: m.negate(c), 0.2)
    g.rule("EXC", "S", "CX", lambda _, s: _except(s))
    g.rule("S", "EXC", "C", lambda s, _: _except(s), 0.1)
    g.rule("HS", "NOT", "C", lambda s, _: m.has(s, "=", 0), 0.3)
    g.rule("NOT", "HS", "C", lambda _, s: m.has(s, "=", 0))
    g.rule("NOT", "S", "C", lambda _, s: m.has(s, "=", 0) if s.cls == "indicator" else None, 0.02)
    g.lift("HS", "C", m.has, 0.05)
    # “满意度指标不少于4个”, “至少设了三个时效指标”
    g.rule("S", "NUM", "C", lambda s, n: m.has(s, n.operator, int(n.number)) if n.operator else None)
    g.rule("NUM", "S", "NS", lambda n, s: (n, s) if n.operator and s.cls == "indicator" else None)
    g.lift("NS", "C", lambda p: m.has(p[1], p[0].operator, int(p[0].number)), 0.02)
    g.rule("NUM", "HS", "C", lambda n, s: m.has(s, n.operator, int(n.number)) if n.operator else None)
    g.rule("HAS", "NS", "C", lambda _, p: m.has(p[1], p[0].operator, int(p[0].number)))
    g.rule("HS", "NUM", "C", lambda s, n: m.has(s, n.operator, int(n.number)) if n.operator else None)
    # words that a text or a name holds
    g.rule("REL", "TOPIC", "C", lambda _, t: t)
    g.rule("TOPIC", "REL", "C", lambda t, _: t, 0.02)
    g.rule("REL", "C", "C", lambda _, c: c)
    g.rule("C", "REL", "C", lambda c, _: c, 0.02)
    g.rule("TOPIC", "TOPIC", "TOPIC", _joined)
    g.lift("TOPIC", "C", lambda t: t, 0.3)
    g.rule("TOPIC", "OR", "TO", lambda t, _: t)
    g.rule("TO", "TOPIC", "TOPIC", m.either)
    g.rule("NAMEHAS", "QUOTE", "C", lambda _, q: (NameHolds(q),))
    g.rule("NAMEHAS", "FORMS", "C", lambda _, f: (NameHolds(f),), 0.05)


def _is_type(of: Set) -> bool:
    return of.cls == "indicator" and len(of.where) == 1 and isinstance(of.where[0], OfType)


def _both_bare(first: Set, second: Set) -> bool:
    return first.bare and second.bare and first.cls != second.cls


def _of_dimension(of: Set, conditions: tuple[Any, ...]) -> Any:
    """“服务对象包括甲”, “资金来源是乙”: the condition itself."""
    kinds = {"group": "beneficiary", "fund": "fundSource"}
    if not of.bare or of.cls not in ("group", "fund", "department"):
        return None
    for c in conditions:
        if isinstance(c, OfDepartment) != (of.cls == "department") or (
            isinstance(c, OfConcept) and c.relation != kinds.get(of.cls)
        ):
            return None
        if not isinstance(c, OfDepartment | OfConcept):
            return None
    return conditions


def _joined(first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Adjoining words of one topic: together in one text."""
    one, other = first[0], second[0]
    if len(first) == len(second) == 1 and isinstance(one, About) and isinstance(other, About):
        return (About((*one.words, *other.words)),)
    return None


def _topical(topic: tuple[Any, ...], of: Set) -> Set | None:
    """“招聘的指标”: indicators whose name, description or worded target holds the words."""
    if of.cls != "indicator" or of.mention is not None or len(topic) != 1 or not isinstance(topic[0], About):
        return None
    if any(isinstance(c, Named) for c in of.where):
        return None
    return m.attach((Named(topic[0].words, exact=False),), of)


def _except(of: Set) -> tuple[Any, ...] | None:
    if of.bare or of.cls != "project":
        return None
    if len(of.where) == 1 and isinstance(of.where[0], OfProject | Is) and not of.rank:
        return m.negate(of.where)
    return (Among(of, True),)


def _ranks(g: Grammar) -> None:
    """Rank: (by, descending), how many, from where."""
    g.rule("A", "SUP", "R", lambda a, d: m.rank(a, d))
    g.rule("A", "ORD", "R", lambda a, d: m.rank(a, d, None))
    g.rule("ORD", "A", "R", lambda d, a: m.rank(a, d, None), 0.05)
    g.rule("A", "TOP", "R", lambda a, k: m.rank(a, k[0], k[1], k[2]))
    g.rule("A", "MORE", "R", lambda a, d: m.rank(a, d), 0.45)
    g.lift("SUP", "R", lambda d: m.rank(_budget(), d), 0.4)
    g.lift("TOP", "R", lambda k: m.rank(_budget(), k[0], k[1], k[2]), 0.4)
    g.rule("TOP", "MORE", "TOP", lambda k, d: (d, k[1], k[2]) if k[0] else None)
    g.rule("TOP", "SUP", "TOP", lambda k, d: (d, k[1], k[2]) if k[0] else None)
    g.rule("R", "K", "R", lambda r, k: replace(r, limit=k) if r.limit == 1 else None)
    g.rule("R", "TOP", "R", lambda r, k: replace(r, limit=k[1], offset=k[2], descending=r.descending == k[0]), 0.02)
    g.rule("TOP", "R", "R", lambda k, r: replace(r, limit=k[1], offset=k[2], descending=r.descending == k[0]), 0.05)
    g.rule("S", "SUP", "R", lambda s, d: m.rank(s, d) if s.cls == "indicator" and s.mention is None else None, 0.02)
    g.rule("HS", "SUP", "R", lambda s, d: m.rank(s, d) if s.cls == "indicator" and s.mention is None else None)
    g.rule(
        "S",
        "TOP",
        "R",
        lambda s, k: m.rank(s, k[0], k[1], k[2]) if s.cls == "indicator" and s.mention is None else None,
        0.2,
    )
    g.rule("S", "CNT", "SC", lambda s, _: s if s.cls == "project" and s.rank is None else None)
    g.rule("SC", "SUP", "RN", lambda s, d: Rank(None, d) if s.bare else None)
    g.rule("SC", "SUP", "RNS", lambda s, d: (Rank(None, d), s) if not s.bare else None)
    g.rule(
        "RNS",
        "SW",
        "SW",
        lambda p, s: m.ranked(replace(s, of=p[1]), p[0]) if s.cls in m.DIMENSIONS and s.bare else None,
    )
    g.rule("C", "RN", "RNS", lambda c, r: (r, s) if (s := m.attach(c, Set("project"))) else None)
    g.rule("S", "SUP", "RN", lambda s, d: Rank(None, d) if s.cls == "project" and s.bare else None)
    g.rule("R", "S", "S", lambda r, s: m.ranked(s, r))
    g.rule("S", "R", "S", lambda s, r: m.ranked(s, r))
    g.rule("RN", "S", "S", lambda r, s: m.ranked(s, r))
    g.rule("S", "RN", "S", lambda s, r: m.ranked(s, r))
    g.rule("RN", "SW", "SW", lambda r, s: m.ranked(s, r))
    g.rule("SW", "RN", "SW", lambda s, r: m.ranked(s, r))
    g.rule("S", "K", "S", lambda s, k: _limited(s, k), 0.02)
    g.rule("K", "R", "R", lambda k, r: replace(r, limit=k) if r.limit == 1 else None, 0.02)
    g.rule("K", "S", "S", lambda k, s: _sized(s, k), 0.05)
    g.rule("SW", "K", "SW", lambda s, k: _limited(s, k), 0.02)
    # “哪个部门预算最多”: each department's sum
    g.rule("SW", "E", "SWE", lambda s, e: (s, e) if e.of.bare else None)


def _sized(of: Set, k: int) -> Set | None:
    """“两个社会保险补贴项目”: so many there must be."""
    if of.rank is not None or any(isinstance(c, Size) for c in of.where) or (of.bare and of.cls == "indicator"):
        return None
    return replace(of, where=(*of.where, Size(k)))


def _limited(of: Set, k: int) -> Set | None:
    if of.rank is None or of.rank.limit != 1 or of.rank.offset:
        return None
    return replace(of, rank=replace(of.rank, limit=k))


def _indicators(g: Grammar) -> None:
    """Indicators named by words, and their values asked for."""
    g.rule("W", "W", "W", lambda a, b: (*a, *b), 0.0)
    g.lift("W", "Q", lambda w: Asked(w, Wanted()), 0.1)
    g.lift("W", "S", lambda w: m.mention(w), 0.2)
    g.lift("W", "S", lambda w: Set("project", mention=Mention("project", w)), 0.3)
    g.rule("W", "HM", "QH", lambda w, h: Asked(w, h))
    g.rule("HM", "W", "QH", lambda h, w: Asked(w, h), 0.03)
    g.rule("QH", "W", "QH", lambda q, w: replace(q, words=(*q.words, *w)), 0.03)
    g.rule("W", "QH", "QH", lambda w, q: replace(q, words=(*w, *q.words)) if q.of is None else None, 0.02)
    for category in ("PER", "LIM"):
        g.rule(category, "QH", "QH", lambda p, q: replace(q, wanted=q.wanted.with_(p)))
        g.rule("QH", category, "QH", lambda q, p: replace(q, wanted=q.wanted.with_(p)), 0.02)
        g.rule("W", category, "WP", lambda w, p: Asked(w, p))
        g.rule(category, "W", "WP", lambda p, w: Asked(w, p))
        g.rule("WP", category, "WP", lambda q, p: replace(q, wanted=q.wanted.with_(p)))
        g.rule(category, "WP", "WP", lambda p, q: replace(q, wanted=q.wanted.with_(p)))
        g.rule("S", category, "QS", lambda s, p: Asked((), p, s) if s.cls == "project" and m.named(s) else None, 0.3)
    g.rule("WP", "HM", "QH", lambda q, h: replace(q, wanted=h.with_(q.wanted)))
    g.rule("WP", "W", "WP", lambda q, w: replace(q, words=(*q.words, *w)))
    g.rule("W", "WP", "WP", lambda w, q: replace(q, words=(*w, *q.words)))
    g.rule("QS", "HM", "QH", lambda q, h: replace(q, wanted=h.with_(q.wanted)))
    g.rule(
        "S",
        "HM",
        "QH",
        lambda s, h: Asked((), h, s) if s.cls == "project" and m.named(s) and _telling_kind(h) else None,
        0.2,
    )
    g.rule("PER", "HM", "HM", lambda p, h: h.with_(p))
    g.rule("LIM", "HM", "HM", lambda p, h: h.with_(p))
    g.rule("HM", "LIM", "HM", lambda h, p: h.with_(p))
    g.lift("WP", "Q", lambda q: q, 0.1)
    g.lift("QH", "Q", lambda q: q)
    g.rule("S", "Q", "Q", m.ofs, 0.02)
    g.rule("S", "QH", "QH", m.ofs, 0.02)
    g.rule("Q", "S", "Q", lambda q, s: m.ofs(s, q), 0.15)
    for q in ("Q", "QH"):
        g.rule("C", q, q, lambda c, a: _scoped(c, a, served=False), 0.05)
        g.rule("C", q, q, lambda c, a: _scoped(c, a, served=True), 0.2)
    g.rule("Q", "C", "Q", lambda q, c: _scoped(c, q, served=False), 0.15)
    g.rule("Q", "WHICH", "QH", lambda q, _: q, 0.05)
    g.rule("Q", "SEP", "Q", lambda q, _: q, 0.06)
    g.rule("Q", "AW", "EW", lambda q, a: _of_mention(q, a))
    g.rule("Q", "HM", "QH", lambda q, h: replace(q, wanted=h.with_(q.wanted)), 0.03)
    g.rule("Q", "A", "QH", lambda q, a: q if a.name == "target" else None, 0.0)
    g.rule("QH", "A", "QH", lambda q, a: q if a.name == "target" else None, 0.02)
    g.rule("QH", "WHICH", "QH", lambda q, _: q, 0.03)
    g.lift("QH", "V", lambda q: m.asked(q) if q.words or q.of is not None else None, 0.05)
    g.lift("Q", "V", lambda q: m.asked(q) if q.words else None, 0.3)
    # another attribute of the indicator than its target: 实际完成值, 得分
    g.rule(
        "Q",
        "A",
        "E",
        lambda q, a: (
            Each(m.mention(q.words, q.of, q.wanted), (a,))
            if a.of == "indicator" and a.name != "target" and q.words
            else None
        ),
    )
    g.rule(
        "A",
        "QH",
        "E",
        lambda a, q: (
            Each(m.mention(q.words, q.of, q.wanted), (a,))
            if a.of == "indicator" and a.name != "target" and q.words
            else None
        ),
        0.05,
    )


def _of_mention(question: Asked, attribute: Attribute) -> Each | None:
    """“…的原因是什么”, “…怎么计算”: another attribute of the indicator that the words mean."""
    if attribute.of != "indicator" or not question.words:
        return None
    return Each(m.mention(question.words, question.of, question.wanted), (attribute,))


def _telling_kind(wanted: Wanted) -> bool:
    """Whether a word of asking says by itself which indicator is meant: 几场, 什么时候, 多久一次."""
    return bool(wanted.unit or wanted.each) or wanted.kinds in (("date",), ("frequency",), ("percent",))


def _scoped(conditions: tuple[Any, ...], question: Asked, *, served: bool) -> Asked | None:
    if not all(isinstance(c, OfYear | OfDepartment | OfConcept | OfProject) for c in conditions):
        return None
    if served != any(isinstance(c, OfConcept) for c in conditions):
        return None
    of = m.attach(conditions, question.of or Set("project"))
    return replace(question, of=of) if of else None


def _attributes(g: Grammar) -> None:
    g.lift("A", "AS", lambda a: (a,))
    g.rule("AS", "AND", "AJ", lambda a, _: a)
    g.rule("AJ", "AS", "AS", lambda a, b: (*a, *b) if not set(a) & set(b) else None)
    g.rule("S", "AS", "E", m.each)
    g.rule("AS", "S", "E", lambda a, s: m.each(s, a), 0.25)
    g.rule("C", "AS", "E", lambda c, a: _of_condition(c, a), 0.05)
    g.rule("AS", "C", "E", lambda a, c: _of_condition(c, a), 0.25)
    g.rule("C", "E", "E", lambda c, e: _narrowed(e, c), 0.05)
    g.rule("E", "C", "E", lambda e, c: _narrowed(e, c), 0.1)
    g.rule("E", "WHICH", "EW", lambda e, _: e)
    g.rule("WHICH", "E", "EW", lambda _, e: e, 0.1)
    g.rule("E", "HM", "EH", lambda e, h: (e, h) if _fits(e, h) else None)
    g.rule("HM", "E", "EH", lambda h, e: (e, h) if _fits(e, h) else None, 0.1)
    for asking, made in (("AW", "EW"), ("AHM", "EA")):
        g.rule("S", asking, made, lambda s, a: m.each(s, (a,)))
        g.rule("C", asking, made, lambda c, a: _of_condition(c, (a,)), 0.05)
        g.rule(asking, "S", made, lambda a, s: m.each(s, (a,)), 0.1)
    g.lift("EA", "EH", lambda e: (e, Wanted()))
    g.lift("EH", "V", lambda p: m.answer_each(p[0], p[1].shown))
    g.lift("EW", "V", lambda e: m.answer_each(e))
    g.lift("E", "V", m.answer_each, 0.22)
    g.rule("EH", "UNIT", "EH", lambda p, u: (p[0], replace(p[1], shown=u)), 0.02)
    g.rule(
        "S",
        "HM",
        "EH",
        lambda s, h: (
            (Each(s, (_budget(),)), h)
            if s.cls == "project" and not s.bare and "money" in h.kinds and not h.each
            else None
        ),
        0.12,
    )
    g.rule("E", "AND", "EJ", lambda e, _: e)
    g.rule("EJ", "AS", "E", m.more_of)
    g.rule(
        "SW",
        "AS",
        "EW",
        lambda s, a: m.each(s, a) if all(x.kind in ("text", "concept") or True for x in a) else None,
        0.3,
    )


def _fits(of: Each, wanted: Wanted) -> bool:
    kind = of.attributes[-1].kind
    if not wanted.kinds:
        return True
    if kind == "money":
        return "money" in wanted.kinds or (wanted.kinds == ("count",) and not wanted.unit)
    if kind == "number":
        return of.attributes[-1].unit != "%" or "money" not in wanted.kinds
    return kind == "value"


def _of_condition(conditions: tuple[Any, ...], names: tuple[Attribute, ...]) -> Each | None:
    of = names[0].of
    if of != "project":
        return None
    found = m.attach(conditions, Set("project"))
    return m.each(found, names) if found else None


def _narrowed(of: Each, conditions: tuple[Any, ...]) -> Each | None:
    if m.named(of.of) and any(isinstance(c, About | Found) for c in conditions):
        return None
    found = m.attach(conditions, of.of)
    return replace(of, of=found) if found else None


def _numbers(g: Grammar) -> None:
    g.rule("E", "AGG", "X", lambda e, f: m.total(e, f))
    g.rule("AGG", "E", "X", lambda f, e: m.total(e, f), 0.02)
    g.rule("A", "AGG", "XA", lambda a, f: (a, f))
    g.rule("AGG", "A", "XA", lambda f, a: (a, f), 0.02)
    g.lift("XA", "X", lambda p: _over_all(*p), 0.06)
    g.rule("S", "XA", "X", lambda s, p: _aggregate(s, *p))
    g.rule("C", "XA", "X", lambda c, p: _aggregate_of(c, *p), 0.04)
    g.rule("XA", "S", "X", lambda p, s: _aggregate(s, *p), 0.2)
    g.rule("S", "AGG", "X", lambda s, f: _aggregate(s, _budget(), f) if s.cls == "project" else None, 0.18)
    g.rule("C", "AGG", "X", lambda c, f: _aggregate_of(c, _budget(), f), 0.3)
    g.rule("AGG", "S", "X", lambda f, s: _aggregate(s, _budget(), f) if s.cls == "project" else None, 0.25)
    # costs and other indicators in money: their targets added up
    g.rule(
        "S", "AGG", "X", lambda s, f: Statistic(f, s, m.target()) if s.cls == "indicator" and not s.rank else None, 0.05
    )
    g.rule(
        "AGG",
        "S",
        "X",
        lambda f, s: Statistic(f, s, m.target()) if s.cls == "indicator" and not s.rank and not s.bare else None,
        0.15,
    )
    g.rule("X", "HM", "XH", lambda x, h: (x, h.shown) if _asks(h) else None)
    g.rule("HM", "X", "XH", lambda h, x: (x, h.shown) if _asks(h) else None, 0.1)
    g.rule("XH", "AGG", "XH", lambda x, f: x if isinstance(x[0], Statistic) and x[0].function == f else None, 0.02)
    g.rule("AGG", "EH", "XH", lambda f, p: (m.total(p[0], f), p[1].shown) if m.total(p[0], f) else None, 0.02)
    g.rule("EH", "AGG", "XH", lambda p, f: (m.total(p[0], f), p[1].shown) if m.total(p[0], f) else None, 0.02)
    g.rule("X", "WHICH", "XH", lambda x, _: (x, ""), 0.02)
    g.rule("XH", "UNIT", "XH", lambda x, u: (x[0], u), 0.02)
    g.lift("XH", "V", lambda x: m.number(x[0], x[1]))
    g.lift("X", "V", lambda x: m.number(x), 0.12)
    g.rule("S", "X", "X", lambda s, x: _restricted(s, x), 0.04)
    g.rule("C", "X", "X", lambda c, x: _conditioned(c, x), 0.06)
    g.rule("X", "C", "X", lambda x, c: _conditioned(c, x), 0.2)
    g.rule("AGG", "B", "AB", lambda f, b: b if f == "average" else None)
    g.rule("AGG", "K", "AK", lambda f, k: f if f == "average" and k == 1 else None)
    g.rule("AK", "N", "AB", lambda _, n: n)
    g.rule("AB", "A", "XA", lambda b, a: (a, "average") if b == a.of else None)
    g.rule("AB", "XC", "XH", lambda b, x: (_per(x, b), "") if _per(x, b) else None)
    g.rule("S", "AB", "SAB", lambda s, b: s if s.cls == b else None)
    g.rule("C", "AB", "SAB", lambda c, b: m.attach(c, Set(b)))
    g.rule("SAB", "A", "X", lambda s, a: _aggregate(s, a, "average"))
    g.rule(
        "AB",
        "HM",
        "XH",
        lambda b, h: (
            (Statistic("average", Set("project"), _budget()), h.shown)
            if b == "project" and "money" in h.kinds
            else None
        ),
        0.05,
    )
    g.rule(
        "SAB",
        "HM",
        "XH",
        lambda s, h: (
            (Statistic("average", s, _budget()), h.shown) if s.cls == "project" and "money" in h.kinds else None
        ),
        0.05,
    )
    g.rule("ALL", "A", "XA", lambda _, a: (a, "sum") if a.kind == "money" else None, 0.02)
    g.rule("TY", "AGG", "X", lambda t, f: Statistic(f, t, m.target()), 0.08)  # “两项成本之和”
    # counting
    g.rule("S", "CNT", "XC", lambda s, _: _counted(s))
    g.rule("CNT", "S", "XC", lambda _, s: _counted(s), 0.02)
    g.rule("HS", "CNT", "XC", lambda s, _: _counted(s))
    g.rule("CNT", "HS", "XC", lambda _, s: _counted(s), 0.05)
    g.rule("HAS", "XC", "XC", lambda _, x: x)
    g.rule("S", "XC", "XC", lambda s, x: _restricted(s, x), 0.04)
    g.rule("C", "XC", "XC", lambda c, x: _conditioned(c, x), 0.02)
    g.rule("XC", "C", "XC", lambda x, c: _conditioned(c, x), 0.15)
    g.rule("XC", "AGG", "XC", lambda x, f: x if f == "sum" else None, 0.02)
    g.rule("AGG", "XC", "XC", lambda f, x: x if f == "sum" else None, 0.02)
    g.lift("XC", "V", lambda x: m.number(x))
    g.rule("C", "CNT", "XC", lambda c, _: _counted(m.attach(c, Set("project"))), 0.25)


def _asks(wanted: Wanted) -> bool:
    """Whether a word of asking can ask for a number: not “几个” for a sum of money."""
    if "date" in wanted.kinds or "frequency" in wanted.kinds:
        return False
    return not wanted.unit


def _per(number: Any, by: str) -> Computed | None:
    """“平均每个项目几条指标”: how many to each."""
    if not isinstance(number, Statistic) or number.of.cls != "indicator" or by != "project":
        return None
    return Computed("times", number, Statistic("count", number.of.of or Set("project")))


def _counted(of: Set | None) -> Statistic | None:
    if of is None or of.mention is not None:
        return None
    return Statistic("count", of) if of.rank is None else None


def _over_all(attribute: Attribute, function: str) -> Statistic | None:
    if attribute.of != "project" or attribute.kind not in ("money", "number"):
        return None
    return Statistic(function, Set("project"), attribute)


def _aggregate(of: Set, attribute: Attribute, function: str) -> Statistic | None:
    if attribute.of != of.cls or attribute.kind not in ("money", "number", "value"):
        return None
    return Statistic(function, of, attribute)


def _aggregate_of(conditions: tuple[Any, ...], attribute: Attribute, function: str) -> Statistic | None:
    of = m.attach(conditions, Set(attribute.of))
    return _aggregate(of, attribute, function) if of else None


def _restricted(of: Set, number: Any) -> Any:
    if isinstance(number, Statistic):
        inner = number.of
        if inner.cls == of.cls:
            return replace(number, of=of) if inner.bare and not of.bare else None
        joined = m.relate(of, inner)
        return replace(number, of=joined) if joined else None
    return None


def _conditioned(conditions: tuple[Any, ...], number: Any) -> Any:
    if isinstance(number, Statistic):
        of = m.attach(conditions, number.of)
        return replace(number, of=of) if of else None
    return None


def _groups(g: Grammar) -> None:
    g.rule("EACH", "N", "B", lambda _, n: n)
    g.rule("EACH", "NW", "B", lambda _, n: n, 0.05)
    g.rule("BY", "N", "B", lambda _, n: n)
    g.rule("EACH", "NT", "B", lambda _, n: n)
    g.rule("BY", "NT", "B", lambda _, n: n)
    g.rule("B", "SEP", "B", lambda b, _: b, 0.02)
    g.rule("B", "EACH", "B", lambda b, _: b, 0.05)
    # “产出、效益指标各有多少条”: one by one
    g.rule("S", "DIST", "SD", lambda s, _: s if _listed_types(s) else None)
    g.rule("S", "EACH", "SD", lambda s, _: s if _listed_types(s) else None)
    g.rule("SD", "CNT", "BE", lambda s, _: _by_types(s))
    g.rule("SD", "HM", "BE", lambda s, h: _by_types(s) if set(h.kinds) <= {"count"} else None, 0.02)
    # “三个部门的预算分别多少”: so many groups there must be
    g.lift("S", "BK", lambda s: (s.cls, s.where) if _only_sized(s) else None, 0.02)
    g.rule("BK", "AS", "BE", lambda b, a: _each_of(b, a[0]) if len(a) == 1 else None, 0.05)
    g.rule("BK", "XA", "BE", lambda b, x: _each_of(b, x[0], x[1]), 0.05)
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


def _each_of(by: tuple[str, tuple[Any, ...]], attribute: Attribute, function: str = "sum") -> Any:
    found = m.grouped(by[0], Set(attribute.of), attribute, function)
    return replace(found, within=by[1]) if isinstance(found, Table) else None


def _grouped(by: str, of: Set | None, attribute: Attribute, function: str) -> Any:
    """“各项目的预算合计”: added up over the projects is the whole."""
    if of is None:
        return None
    if by == of.cls:
        found = _aggregate(of, attribute, function)
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


def _comparisons(g: Grammar) -> None:
    # “预算超过100万”
    g.rule("A", "MON", "C", m.bounds)
    g.rule("MON", "A", "C", lambda q, a: m.bounds(a, q), 0.1)
    g.lift("MON", "C", lambda q: m.bounds(_budget(), q), 0.15)
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
    g.rule(
        "HAS",
        "A",
        "C",
        lambda _, a: (Compare(a, ">", None),) if a.kind == "money" and a.name != "budget" else None,
        0.1,
    )
    g.rule("A", "C", "C", lambda a, c: c if a.name == "target" and all(isinstance(x, OfTarget) for x in c) else None)
    g.rule("AMT", "TM", "C", lambda _, t: t)
    g.rule("LIM", "TM", "C", lambda _, t: t)
    g.rule("A", "TM", "C", lambda a, t: t if a.name == "target" else None)
    g.lift("TM", "C", lambda t: t, 0.22)
    # “高于平均值”, “比…高”
    g.rule("OP", "AGG", "TH", lambda o, f: (o, f) if f in ("average", "median") else None)
    g.rule(
        "A", "TH", "C", lambda a, t: m.compare(a, t[0], Statistic(t[1], Set(a.of), a)) if a.of == "project" else None
    )
    g.lift("TH", "C", lambda t: m.compare(_budget(), t[0], Statistic(t[1], Set("project"), _budget())), 0.3)
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
    g.rule("BX", "MORE", "C", lambda p, d: m.compare(p[0], ">" if d else "<", _over_all(*p)) if _over_all(*p) else None)
    # two numbers
    g.lift("SP", "P", lambda p: Pair(Each(p[0], (_budget(),)), Each(p[1], (_budget(),))), 0.04)
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
    g.rule("E", "SEP", "ES", lambda e, _: e)
    g.lift("P2", "P", lambda p: p, 0.0)
    g.lift("E", "P", _split, 0.1)
    g.rule("C", "BI", "CB", lambda c, _: c)
    g.rule(
        "CB",
        "C",
        "CP",
        lambda a, b: (
            (a, b) if type(a[-1]) is type(b[-1]) and isinstance(a[-1], OfYear | OfDepartment) and a != b else None
        ),
    )
    g.rule("CP", "AS", "P", lambda p, a: _pair_of(p, a))
    g.rule("CP", "E", "P", lambda p, e: _both(p, e))
    g.rule("E", "CP", "P", lambda e, p: _both(p, e), 0.02)
    g.rule("CP", "XA", "P", lambda p, x: _pair_of(p, (x[0],)) if x[1] == "sum" else None)
    g.rule("S", "CP", "SCP", lambda s, p: (s, p) if s.cls == "project" else None)
    g.rule("CP", "S", "SCP", lambda p, s: (s, p) if s.cls == "project" else None)
    g.rule("SCP", "AS", "P", lambda q, a: _both(q[1], Each(q[0], a)) if a[0].of == "project" else None)
    g.rule(
        "SCP",
        "XA",
        "P",
        lambda q, x: _both(q[1], Each(q[0], (x[0],))) if x[0].of == "project" and x[1] == "sum" else None,
    )
    for q in ("Q", "QH", "WP"):
        g.rule(q, "CP", "P", lambda a, p: _pair_asked(a, p), 0.03)
        g.rule("CP", q, "P", lambda p, a: _pair_asked(a, p), 0.03)
    g.rule(
        "CBQ",
        "C",
        "P",
        lambda p, c: (
            _pair_asked(p[1], (p[0], c))
            if isinstance(c[-1], OfYear) and isinstance(p[0][-1], OfYear) and c != p[0]
            else None
        ),
    )
    g.rule("C", "Q", "CQ", lambda c, q: (c, q) if isinstance(c[-1], OfYear) and q.words else None)
    g.rule("Q", "C", "CQ", lambda q, c: (c, q) if isinstance(c[-1], OfYear) and q.words else None)
    g.rule("CQ", "BI", "CBQ", lambda p, _: p)
    g.rule("C", "AS", "CA", lambda c, a: (c, a) if isinstance(c[-1], OfYear) and len(a) == 1 else None)
    g.rule("CA", "BI", "CAB", lambda p, _: p)
    g.rule("CAB", "C", "P", lambda p, c: _pair_of((p[0], c), p[1]) if isinstance(c[-1], OfYear) and c != p[0] else None)
    g.rule("S", "CAB", "SCA", lambda s, p: (s, p))
    g.rule(
        "SCA",
        "C",
        "P",
        lambda q, c: (
            _both((q[1][0], c), Each(q[0], q[1][1]))
            if isinstance(c[-1], OfYear) and q[0].cls == q[1][1][0].of and c != q[1][0]
            else None
        ),
    )
    g.rule("E", "BI", "EBI", lambda e, _: e)
    g.rule("EBI", "C", "P", _year_pair)
    g.rule("EBI", "YB", "P", _year_pair)
    g.rule("C", "P", "P", lambda c, p: _pair_within(p, c), 0.05)
    g.rule("S", "P", "P", lambda s, p: _pair_set(p, s), 0.05)
    g.rule("P", "DIFF", "PD", lambda p, _: m.computed("difference", p))
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
    g.lift("SCP", "P", lambda q: _both(q[1], Each(q[0], (_budget(),))), 0.15)
    g.rule("P", "CHG", "C", _changed, 0.02)
    g.rule("P", "MORE", "C", lambda p, d: _changed(p, ">" if d else "<"), 0.04)
    g.rule("P", "SAMEAS", "C", _changed, 0.02)
    g.rule("E", "SAMEAS", "C", lambda e, o: _changed_of(e, o), 0.05)
    g.rule("A", "CHG", "C", lambda a, o: (Changed(a.name, o, 0, 0),) if a.kind == "money" else None, 0.1)
    g.rule("A", "ALL", "AA", lambda a, _: a)
    g.rule("AA", "MON", "AAM", m.bounds)
    g.rule("C", "AAM", "C", _in_each)
    g.rule("C", "ALL", "CALL", lambda c, _: c if _years_of(c) else None)
    g.rule("CALL", "HAS", "C", lambda c, _: _in_each(c, ()))
    g.rule("CALL", "AAM", "C", _in_each)
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
    g.rule("P", "CHGHM", "PD", lambda p, h: m.computed("difference", p, h))
    g.rule("CHGHM", "P", "PD", lambda h, p: m.computed("difference", p, h), 0.1)
    g.rule("P", "TIMES", "PD", lambda p, _: m.computed("times", p))
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
    # the same of two years, asked with 是不是, 吗, 变了没有
    g.rule("C", "YN", "CYN", lambda c, _: c if len(_years_in(c)) == 1 else None)
    g.rule("CYN", "BI", "CBY", lambda c, _: c)
    g.rule("CBY", "C", "CPY", lambda a, b: (a, b) if len(_years_in(b)) == 1 and a != b else None)
    for q in ("Q", "QH"):
        g.rule(q, "CPY", "PY", _pair_asked, 0.03)
        g.lift(q, "P", _split_asked, 0.1)
        g.rule(q, "C", "P", lambda a, c: _split_asked(n) if (n := _scoped(c, a, served=False)) else None, 0.1)
    g.rule("E", "CPY", "PY", lambda e, p: _both(p, e), 0.02)
    g.rule("E", "SEP", "E", lambda e, _: e, 0.1)
    g.rule("CHG", "NOT", "CHY", lambda _, n: n)
    g.rule("CHG", "YN", "CHY", lambda _, n: n)
    g.rule("P", "CHY", "V", lambda p, _: m.holds(p, "≠"), 0.02)
    g.rule("PC", "YN", "V", lambda p, _: m.holds(p[0], p[1].replace("!=", "≠")))
    g.rule("P", "SAMEAS", "PS", lambda p, _: p)
    g.rule("PS", "YN", "V", lambda p, _: m.holds(p, "="))
    g.rule("YN", "SAMEAS", "YS", lambda y, _: y)
    g.rule("P", "YS", "V", lambda p, _: m.holds(p, "="))
    g.rule("E", "TIMES", "ET", lambda e, _: e)
    g.rule(
        "E", "ET", "PD", lambda a, b: m.computed("times", Pair(a, b)) if a.attributes == b.attributes else None, 0.08
    )
    # what has grown most, or by more than so many per cent
    g.rule("PC", "SUP", "CR", lambda p, d: _grown(p[0], p[1], d))
    g.rule("S", "CR", "S", lambda s, r: _ranked_by_growth(s, r))
    g.rule("CR", "S", "S", lambda r, s: _ranked_by_growth(s, r))
    g.rule("SW", "CR", "SW", lambda s, r: _ranked_by_growth(s, r))
    g.rule("CR", "SW", "SW", lambda r, s: _ranked_by_growth(s, r))
    g.rule("CR", "WHICH", "SW", lambda r, _: _ranked_by_growth(Set("project"), r), 0.1)
    g.rule("S", "WHICH", "SW", lambda s, _: s, 0.02)
    g.rule("P", "RATE", "PRT", lambda p, _: p)
    g.rule("E", "RATE", "PRT", _since_last_year, 0.05)
    g.rule("CB", "SEP", "CB", lambda c, _: c)
    g.rule("AND", "CB", "CB", lambda _, c: c)  # “跟2024年相比”
    g.rule("E", "CHG", "EC", lambda e, o: (e, o) if len(e.attributes) == 1 else None)
    g.rule("E", "MORE", "EC", lambda e, d: (e, ">" if d else "<") if len(e.attributes) == 1 else None, 0.1)
    g.rule("CB", "EC", "C", _since)
    g.rule("CB", "SW", "CBS", lambda c, s: (c, s) if s.cls == "project" and s.rank is None else None)
    g.rule("CBS", "EC", "SW", lambda q, p: m.attach(c, q[1]) if (c := _since(q[0], p)) else None, 0.02)
    g.rule("FROM", "C", "FC", lambda _, c: c if len(_years_in(c)) == 1 else None)
    g.rule("TO", "C", "TC", lambda _, c: c if len(_years_in(c)) == 1 else None)
    g.rule("FC", "TC", "CP", lambda a, b: (b, a) if a != b else None)
    g.rule("X", "BI", "XBI", lambda x, _: x)
    g.rule("XBI", "C", "P", _number_pair)
    g.rule("P", "AGG", "P", lambda p, f: p if f == "sum" else None, 0.02)
    g.rule("SAME", "S", "S", lambda _, s: s if s.cls == "project" and s.bare else None, 0.1)
    # an indicator of one year against the other
    for q in ("Q", "QH"):
        g.rule(q, "BI", "QB", lambda q, _: q)
    g.rule("QB", "C", "P", _asked_year_pair)
    g.rule("QB", "YB", "P", _asked_year_pair)
    g.rule("CP", "MORE", "CPM", lambda p, _: p)
    g.rule("CPM", "QH", "PD", lambda p, q: m.computed("difference", r) if (r := _pair_asked(q, p)) else None, 0.03)
    g.rule("S", "CPM", "SCPM", lambda s, p: (s, p))
    g.rule(
        "SCPM",
        "QH",
        "PD",
        lambda q, a: m.computed("difference", p) if (o := m.ofs(q[0], a)) and (p := _pair_asked(o, q[1])) else None,
        0.03,
    )
    # “2024年安排过、2025年不再安排的”
    for cut in ("AND", "SEP"):
        g.rule("CH", cut, "CHJ", lambda c, _: c)
    g.rule("C", "DROPPED", "CDR", lambda c, _: c if len(_years_in(c)) == 1 else None)
    for first in ("CHJ", "CH", "CJ", "C"):
        g.rule(first, "CDR", "C", lambda a, b: _only_in(a, b) if a != b else None)
    g.lift("CNO", "C", lambda c: (Not((AlsoIn(c[0].years[0]),)),), 0.05)
    g.rule("PRT", "PCT", "C", _growth)
    g.rule("CP", "ADDED", "C", lambda p, _: _only_in(*p))
    g.rule("PD", "UNIT", "PD", lambda n, u: replace(n, unit=u) if n.unit in ("万元", "元", "亿元") else None, 0.02)
    g.lift("PD", "V", lambda n: n)
    g.rule("P", "WHICH", "PW", lambda p, _: p)
    g.rule("PW", "MORE", "V", m.which)
    g.rule("PW", "SUP", "V", m.which, 0.02)
    g.rule("PM", "YN", "V", lambda p, _: m.holds(p[0], ">" if p[1] else "<"))
    g.rule("PM", "WHICH", "V", lambda p, _: m.which(*p), 0.3)
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
    g.rule("S", "WM", "SW", lambda s, d: m.ranked(s, Rank(_budget(), d)) if _several_named(s) else None, 0.1)
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
    g.rule("C", "WHICH", "SW", _departments, 0.05)
    g.rule("C", "WHICH", "SW", lambda c, _: m.attach(c, Set("project")), 0.3)
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
    g.rule("S", "RATIO", "ER", lambda s, _: Each(s, (_budget(),)) if s.cls == "project" and not s.bare else None, 0.15)
    g.rule("C", "RATIO", "ER", lambda c, _: _of_condition(c, (_budget(),)), 0.25)
    g.rule("ER", "X", "PR", lambda a, b: _share(a, b))
    g.rule("ER", "E", "PR", lambda a, b: _share(a, m.total(b)), 0.1)
    g.rule("PR", "RATIO", "PR", lambda p, _: p)
    g.rule("PR", "HM", "PR", lambda p, h: p if set(h.kinds) <= {"percent", "count"} else None)
    g.lift("PR", "V", lambda p: m.number(p))
    g.lift("ER", "V", lambda e: m.number(_share(e, None)), 0.1)
    g.rule("ER", "HM", "V", lambda e, _: m.number(_share(e, None)), 0.05)
    g.rule("ER", "RATIO", "V", lambda e, _: m.number(_share(e, None)), 0.05)


def _years_in(conditions: tuple[Any, ...]) -> tuple[int, ...]:
    """The years, where the conditions say nothing else."""
    return conditions[0].years if len(conditions) == 1 and isinstance(conditions[0], OfYear) else ()


def _own_pair(number: Any, attribute: Attribute) -> Pair | None:
    of = number.of if isinstance(number, Statistic) and number.function == "sum" else None
    if of is None or of.cls != "indicator" or of.of is None or not m.named(of.of):
        return None
    if attribute.of != "project" or attribute.kind != "money":
        return None
    return Pair(number, Statistic("sum", of.of, attribute))


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
    changed = _changed(pair, ">")
    if not changed or not isinstance(changed[-1], Changed):
        return None
    return changed[:-1], pair.first.attributes[0], changed[-1].old, changed[-1].new


def _grown(pair: Pair, operator: str, most: bool) -> Any:
    """“2025年预算比2024年增加最多”: the conditions and the rank."""
    found = _pair_years(pair)
    condition = _changed(pair, operator) if found else None
    if found is None or condition is None or operator == "!=":
        return None
    _, attribute, old, _ = found
    return condition, Rank(Growth(attribute, old), most == (operator == ">"))


def _ranked_by_growth(of: Set, by: tuple[tuple[Any, ...], Rank]) -> Set | None:
    if of.cls != "project" or of.rank is not None:
        return None
    found = m.attach(by[0], of)
    new = by[0][-1].new
    found = (
        m.attach((OfYear((new,)),), found) if found and not any(isinstance(c, OfYear) for c in found.where) else found
    )
    return replace(found, rank=by[1]) if found else None


def _since(conditions: tuple[Any, ...], said: tuple[Each, str]) -> Any:
    """“跟2024年比，2025年的预算减少了”."""
    pair = _year_pair(said[0], conditions)
    return _changed(pair, said[1]) if pair else None


def _number_pair(number: Any, conditions: tuple[Any, ...]) -> Pair | None:
    """“2025年的预算合计比2024年”."""
    if not isinstance(number, Statistic) or len(_years_in(conditions)) != 1:
        return None
    other, count = swap(number, conditions[0])
    return Pair(number, other) if count == 1 and other != number else None


def _since_last_year(of: Each, _: Any) -> Pair | None:
    """“2025年预算增幅”: against the year before."""
    year = next((c.years for c in of.of.where if isinstance(c, OfYear)), ())
    return _year_pair(of, (OfYear((year[0] - 1,)),)) if len(year) == 1 else None


def _asked_year_pair(question: Asked, conditions: tuple[Any, ...]) -> Pair | None:
    """“甲2025年的目标比2024年”: the same indicator of the other year."""
    other, of = _years_in(conditions), question.of
    if of is None or len(other) != 1 or not question.words:
        return None
    changed, count = swap(of, conditions[0])
    if count != 1 or changed == of:
        return None
    first, second = (Each(m.mention(question.words, s, question.wanted), (m.target(),)) for s in (of, changed))
    return Pair(first, second)


def _growth(pair: Pair, share: Any) -> Any:
    found = _pair_years(pair)
    if found is None or share.number is None:
        return None
    rest, attribute, old, new = found
    return (*rest, OfYear((new,)), Growth(attribute, old, share.operator or "=", share.number, share.text))


def _only_in(first: tuple[Any, ...], second: tuple[Any, ...]) -> Any:
    new, old = _years_in(first[-1:]), _years_in(second)
    return (*first[:-1], OnlyIn(new[0], old[0])) if len(new) == len(old) == 1 else None


def _against(number: Any, operator: str, attribute: Attribute) -> Any:
    """“成本指标合计等于预算吗”: a sum over a project's indicators against its own amount."""
    of = number.of if isinstance(number, Statistic) else None
    if of is None or of.cls != "indicator" or of.of is None or not m.named(of.of) or attribute.of != "project":
        return None
    return m.hold(number, operator, Statistic("sum", of.of, attribute))


def _one_named(of: Set) -> bool:
    """Whether a set is one project by its name: to tell it is no answer."""
    named = [c for c in of.where if isinstance(c, OfProject | Is) and not c.negated]
    return of.cls == "project" and len(of.where) == 1 and bool(named) and len(named[0].iris) == 1 and of.rank is None


def _several_named(of: Set) -> bool:
    where = [c for c in of.where if not isinstance(c, Size)]
    return len(where) == 1 and isinstance(where[0], OfProject | Is) and len(where[0].iris) > 1 and not where[0].negated


def _departments(conditions: tuple[Any, ...], _: Any) -> Set | None:
    """“农业局和教育局哪个…”: those departments."""
    found = [c for c in conditions if isinstance(c, OfDepartment)]
    if len(found) != 1 or "、" not in found[0].label:
        return None
    rest = tuple(c for c in conditions if c is not found[0])
    return m.attach(rest, Set("department", (Is(found[0].iris, found[0].label),)))


def _split(of: Each) -> Pair | None:
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


def _both(conditions: tuple[Any, Any], of: Each) -> Pair | None:
    if len(of.attributes) != 1:
        return None
    first, second = (m.attach(c, of.of) for c in conditions)
    return Pair(replace(of, of=first), replace(of, of=second)) if first and second else None


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


def _changed(pair: Pair, operator: str) -> Any:
    """“2025年预算比2024年少的”: projects whose amount is so against the same project's of the other year."""
    first, second = pair.first.of, pair.second.of
    if not isinstance(pair.first, Each):
        return None
    attribute = pair.first.attributes[0]
    if first.cls != "project" or attribute.kind != "money" or m.named(first) or first.rank:
        return None
    years = [next((c.years for c in s.where if isinstance(c, OfYear)), ()) for s in (first, second)]
    rest = [tuple(c for c in s.where if not isinstance(c, OfYear)) for s in (first, second)]
    if rest[0] != rest[1] or any(len(y) != 1 for y in years):
        return None
    new, old = years[0][0], years[1][0]
    if new < old:
        new, old, operator = old, new, {">": "<", "<": ">"}.get(operator, operator)
    return (*rest[0], Changed(attribute.name, operator, old, new))


def _changed_of(of: Each, operator: str) -> Any:
    years = _years_of(of.of.where)
    if not years or of.of.cls != "project" or m.named(of.of) or of.attributes[0].kind != "money":
        return None
    rest = tuple(c for c in of.of.where if not isinstance(c, OfYear))
    return (*rest, Changed(of.attributes[0].name, operator, min(years), max(years)))


def _pair_asked(question: Asked, conditions: tuple[Any, Any]) -> Pair | None:
    """One indicator in two years (or of two departments)."""
    if not question.words:
        return None
    sets = [m.attach(c, m.mention(question.words, question.of, question.wanted)) for c in conditions]
    if sets[0] is None or sets[1] is None or sets[0] == sets[1]:
        return None
    return Pair(Each(sets[0], (m.target(),)), Each(sets[1], (m.target(),)))


def _year_pair(first: Each, conditions: tuple[Any, ...]) -> Pair | None:
    """“甲2025年的预算比2024年”: the same of the other year."""
    last = conditions[-1]
    years = [c for c in first.of.where if isinstance(c, OfYear)]
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


def _pair_within(pair: Pair, conditions: tuple[Any, ...]) -> Pair | None:
    if not isinstance(pair.first, Each):
        return None
    first, second = (m.attach(conditions, p.of) for p in (pair.first, pair.second))
    if first is None or second is None:
        return None
    return Pair(replace(pair.first, of=first), replace(pair.second, of=second))


def _pair_set(pair: Pair, of: Set) -> Pair | None:
    if not isinstance(pair.first, Each):
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


def _share(part: Any, whole: Any) -> Computed | None:
    first = part if isinstance(part, Statistic) else m.total(part)
    if first is None or not isinstance(first, Statistic) or (first.function != "sum" and first.function != "count"):
        return None
    if whole is None:
        years = tuple(c for c in first.of.where if isinstance(c, OfYear))
        if first.of.cls != "project":
            return None
        whole = Statistic(first.function, Set("project", years), first.attribute)
    if not isinstance(whole, Statistic) or whole == first or whole.attribute != first.attribute:
        return None
    return Computed("ratio", first, whole)


def _truth(g: Grammar) -> None:
    g.rule("S", "YN", "V", lambda s, _: m.truth(s) if m.says(s) else None, 0.05)
    g.rule("YN", "S", "V", lambda _, s: m.truth(s), 0.05)
    g.rule("YN", "BI", "BIY", lambda _, b: b)
    g.rule("E", "BIY", "EBY", lambda e, _: e)
    g.rule("EBY", "C", "PY", _year_pair)
    g.rule("EBY", "E", "PY", lambda a, b: Pair(a, b) if a.attributes == b.attributes else None)
    g.rule("EBY", "S", "PY", lambda e, s: Pair(e, Each(s, e.attributes)) if s.cls == e.of.cls and s != e.of else None)
    g.rule("PY", "MORE", "V", lambda p, d: m.holds(p, ">" if d else "<"))
    g.rule("Q", "YN", "QY", lambda q, _: q)
    g.rule("QY", "C", "V", lambda q, c: m.truth(s) if (s := _targeted(q, c)) else None)
    g.rule("YN", "C", "YC", lambda _, c: c)
    g.rule("S", "YC", "V", lambda s, c: m.truth(m.attach(c, s) or Set("project")), 0.02)
    g.rule("YN", "HS", "YC", lambda _, s: m.has(s))
    g.rule("S", "YC2", "V", lambda s, c: m.truth(m.attach(c, s) or Set("project")))
    g.rule("S", "S", "SS", lambda a, b: m.same_class(a, b), 0.05)
    g.rule("SS", "YN", "V", lambda s, _: m.truth(s))
    g.rule("S", "YN", "SY", lambda s, _: s if m.named(s) else None)
    g.rule("SY", "S", "V", lambda a, b: m.truth(m.same_class(a, b) or Set("project")), 0.02)
    g.rule("ALL", "C", "AC", lambda _, c: c)
    g.rule("S", "AC", "SA", lambda s, c: (s, c))
    g.rule("SA", "YN", "V", lambda p, _: m.every(*p))
    g.rule("ALL", "SA", "SA", lambda _, p: p)
    g.rule("YN", "SA", "V", lambda _, p: m.every(*p))
    g.rule("ALL", "S", "S", lambda _, s: s, 0.1)
    # “标准超过每处20万元吗”, “等于…吗”
    g.rule("OP", "PER", "OPP", lambda o, p: (o, p))
    g.rule("Q", "OPP", "QO", lambda q, p: (replace(q, wanted=q.wanted.with_(p[1])), p[0]))
    g.rule("Q", "OP", "QO", lambda q, o: (q, o))
    g.rule("QY", "OP", "QOY", lambda q, o: (q, o))
    for q, made in (("QO", "QC"), ("QOY", "QCY")):
        g.rule(q, "MON", made, lambda p, a: _targeted(p[0], t) if (t := _amount_target(p[1], a)) else None)
        g.rule(q, "C", made, lambda p, c: _targeted(p[0], t) if (t := _with_operator(p[1], c)) else None)
    g.lift("QCY", "V", lambda s: m.truth(s))
    g.rule("Q", "C", "QC", lambda q, c: _targeted(q, c), 0.02)
    g.rule("QC", "YN", "V", lambda s, _: m.truth(s))


def _amount_target(operator: str, amount: Any) -> tuple[Any, ...] | None:
    if amount.operator or amount.number is None or amount.upper is not None:
        return None
    return (OfTarget(operator, amount.number, UNIT["yuan"], amount.text),)


def _with_operator(operator: str, conditions: tuple[Any, ...]) -> tuple[Any, ...] | None:
    only = conditions[0]
    if len(conditions) != 1 or not isinstance(only, OfTarget) or only.operator != "=":
        return None
    return (replace(only, operator=operator),)


def _targeted(question: Asked, conditions: tuple[Any, ...]) -> Set | None:
    """“某项目的生活费是每月发吗”: the indicator that the words mean, if its target is such."""
    if not question.words:
        return None
    return (
        m.attach(conditions, m.mention(question.words, question.of, question.wanted))
        if all(type(c).__name__ in ("OfTarget", "DueBy", "Every", "TargetText", "Allows") for c in conditions)
        else None
    )


def _several(g: Grammar) -> None:
    g.rule("V", "SEP", "VS", lambda v, _: v)
    g.rule("V", "AND", "VS", lambda v, _: v, 0.1)
    g.rule("VS", "V", "V", _two, 0.12)
    g.rule("S", "SEP", "S", lambda s, _: s, 0.1)
    g.rule("VS", "XH", "V", lambda v, x: _then_total(v, x[0], x[1]), 0.1)
    g.rule("VS", "X", "V", lambda v, x: _then_total(v, x, ""), 0.2)
    g.rule("C", "SEP", "C", lambda c, _: c, 0.05)
    # the second part asks of what the first has found
    g.rule("VS", "E", "VE", lambda v, e: (v, e), 0.1)
    g.rule("VS", "QH", "V", _then, 0.1)
    g.rule("VS", "EH", "V", lambda v, p: _then_each(v, p[0], p[1]), 0.1)
    g.rule("VS", "AS", "VA", lambda v, a: (v, a))
    g.rule("SUP", "WHICH", "SUPW", lambda d, _: d)
    g.rule("WHICH", "SUP", "SUPW", lambda _, d: d)
    g.rule("VS", "SUPW", "V", _then_other_end, 0.05)
    g.rule("VS", "C", "V", _then_exchanged, 0.08)
    g.rule("VS", "AW", "V", lambda v, a: _then_attributes(v, (a,), None), 0.02)
    g.rule("AW", "WHICH", "AW", lambda a, _: a)
    g.rule("C", "AW", "CAW", lambda c, a: a if all(isinstance(x, HasValue) for x in c) else None, 0.02)
    g.rule("VS", "CAW", "V", lambda v, a: _then_attributes(v, (a,), None), 0.02)
    g.rule("VS", "AHM", "V", lambda v, a: _then_attributes(v, (a,), None), 0.02)
    for tail in ("HM", "WHICH"):
        g.rule("VA", tail, "V", lambda p, h: _then_attributes(p[0], p[1], h), 0.05)
    g.lift("VA", "V", lambda p: _then_attributes(p[0], p[1], None), 0.2)


def _two(first: Any, second: Any) -> Any:
    if first == second:
        return None
    parts = (*first.parts, second) if isinstance(first, Several) else (first, second)
    if isinstance(second, Several):
        parts = (*parts[:-1], *second.parts)
    first_set = _subject(parts[0])
    last = parts[-1]
    if first_set is not None and isinstance(last, Number) and isinstance(last.of, Statistic):
        inner = last.of.of
        if inner.cls == "indicator" and inner.of is None:  # “…，设了几个满意度指标”
            parts = (*parts[:-1], replace(last, of=replace(last.of, of=replace(inner, of=first_set))))
    if first_set is not None and isinstance(parts[-1], Each) and parts[-1].of.mention and parts[-1].of.of is None:
        parts = (*parts[:-1], replace(parts[-1], of=replace(parts[-1].of, of=first_set)))
    return Several(parts) if len(parts) <= 4 else None


def _subject(value: Any) -> Set | None:
    """The projects that a part of a question is about, for the part that follows."""
    if isinstance(value, List | Each) and value.of.cls == "project" and not value.of.bare:
        return value.of
    if isinstance(value, Number) and isinstance(value.of, Statistic):
        of = value.of.of
        return of if of.cls == "project" and not of.bare else None
    return value.of.of if isinstance(value, Each) and value.of.of is not None and not value.of.of.bare else None


def _then(first: Any, question: Asked) -> Any:
    of = _subject(first.parts[-1] if isinstance(first, Several) else first)
    if of is None or question.of is not None or not question.words:
        return None
    return _two(first, m.asked(replace(question, of=of)))


def _then_other_end(first: Any, most: bool) -> Any:
    """“预算最多的是哪个？最少的呢？”"""
    last = first.parts[-1] if isinstance(first, Several) else first
    if not isinstance(last, List) or last.of.rank is None or last.of.rank.descending == most:
        return None
    return _two(first, replace(last, of=replace(last.of, rank=replace(last.of.rank, descending=most))))


def _then_exchanged(first: Any, conditions: tuple[Any, ...]) -> Any:
    """“2024年要多少，2025年呢？”"""
    last = first.parts[-1] if isinstance(first, Several) else first
    if len(conditions) != 1 or not isinstance(conditions[0], OfYear | OfDepartment):
        return None
    other, count = swap(last, conditions[0])
    return _two(first, other) if count == 1 and other != last else None


def _then_total(first: Any, number: Any, shown: str) -> Any:
    """“有哪些项目，预算加起来多少”: the total of those."""
    of = _subject(first.parts[-1] if isinstance(first, Several) else first)
    if of is None or not isinstance(number, Statistic) or not number.of.bare or number.of.cls != of.cls:
        return None
    return _two(first, m.number(replace(number, of=of), shown))


def _then_each(first: Any, second: Each, wanted: Wanted) -> Any:
    of = _subject(first.parts[-1] if isinstance(first, Several) else first)
    if of is None or not second.of.bare:
        return None
    value = m.answer_each(replace(second, of=of), wanted.shown)
    return _two(first, value) if value else None


def _then_attributes(first: Any, names: tuple[Attribute, ...], wanted: Any) -> Any:
    last = first.parts[-1] if isinstance(first, Several) else first
    of = _subject(last)
    if isinstance(last, Each) and all(a.of == last.of.cls for a in names):
        of = last.of  # “…做了几次，没完成的原因是什么”
    if of is None or any(a.of != of.cls for a in names):
        return None
    found = Each(of, names)
    if isinstance(wanted, Wanted) and not _fits(found, wanted):
        return None
    value = m.answer_each(found, wanted.shown if isinstance(wanted, Wanted) else "")
    return _two(first, value) if value else None
