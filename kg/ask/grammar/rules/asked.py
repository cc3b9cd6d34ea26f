"""Indicators named by words, and attributes asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.meaning import Asked
from kg.ask.grammar.rules.common import budget, fits, of_condition, scoped
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.conditions import ONE, Found, Mention
from kg.ask.logic.holding import Sums
from kg.ask.logic.plain import About, OfConcept, OfYear
from kg.ask.logic.sets import Set, Statistic
from kg.ask.logic.values import Computed, Each, Several
from kg.ask.logic.wanted import Wanted


def indicators_rules(g: Grammar) -> None:
    """Indicators named by words, and their values asked for."""
    g.rule("W", "W", "W", lambda a, b: (*a, *b), 0.0)
    g.rule("W", "A", "WA", lambda w, a: w if a.name == "target" else None, 0.03)  # “新建管网的目标长度”
    g.rule("WA", "W", "W", lambda a, b: (*a, *b), 0.03)
    g.lift("W", "Q", lambda w: Asked(w, Wanted()), 0.1)
    g.lift("W", "S", lambda w: m.mention(w), 0.2)
    g.lift("W", "S", lambda w: Set("project", mention=Mention("project", w)), 0.3)
    g.rule(
        "W",
        "N",
        "S",
        lambda w, n: Set("project", mention=Mention("project", w, ONE)) if n == "project" else None,
        0.05,
    )
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
        g.rule("S", category, "QS", lambda s, p: Asked((), p, s) if s.cls == "project" and m.named(s) else None, 0.2)
    g.rule("WP", "HM", "QH", lambda q, h: replace(q, wanted=h.with_(q.wanted)))
    g.rule("WP", "W", "WP", lambda q, w: replace(q, words=(*q.words, *w)))
    g.rule("W", "WP", "WP", lambda w, q: replace(q, words=(*w, *q.words)))
    g.rule("QS", "HM", "QH", lambda q, h: replace(q, wanted=h.with_(q.wanted)))
    g.rule("QS", "PER", "QS", lambda q, p: replace(q, wanted=q.wanted.with_(p)))
    g.lift("QS", "V", m.asked, 0.05)
    g.rule("Q", "PER", "QP", lambda q, p: replace(q, wanted=p.with_(q.wanted)) if q.of is not None else None, 0.03)
    g.rule("QP", "PER", "QP", lambda q, p: replace(q, wanted=q.wanted.with_(p)))
    g.lift("QP", "V", m.asked, 0.1)
    g.rule(
        "S",
        "HM",
        "QH",
        lambda s, h: Asked((), h, s) if s.cls == "project" and m.named(s) and _telling_kind(h) else None,
        0.1,
    )
    g.rule("PER", "HM", "HM", lambda p, h: h.with_(p))
    g.rule("AGG", "PER", "PER", lambda f, p: p if f == "average" and p.kinds == ("per",) else None)  # “平均一户”: 户均
    g.rule("LIM", "HM", "HM", lambda p, h: h.with_(p))
    g.rule("HM", "LIM", "HM", lambda h, p: h.with_(p))
    g.lift("WP", "Q", lambda q: q, 0.1)
    g.lift("QH", "Q", lambda q: q)
    g.rule("TY", "A", "E", lambda t, a: Each(t, (a,)) if a.name == "target" else None, 0.05)
    g.rule("S", "Q", "Q", m.ofs, 0.02)
    g.rule("S", "QH", "QH", m.ofs, 0.02)
    g.rule("Q", "S", "Q", lambda q, s: m.ofs(s, q), 0.15)
    for q in ("Q", "QH"):
        g.rule("C", q, q, lambda c, a: scoped(c, a, served=False), 0.05)
        g.rule("C", q, q, lambda c, a: scoped(c, a, served=True), 0.2)
    g.rule("Q", "C", "Q", lambda q, c: scoped(c, q, served=False), 0.15)
    g.rule("Q", "WHICH", "QH", lambda q, _: q, 0.05)
    for said in ("Q", "WP", "QS", "QH"):
        g.rule(said, "NE", "QH", lambda q, _: q, 0.03)  # “能源消耗费上限呢”
    g.rule("Q", "SEP", "Q", lambda q, _: q, 0.06)
    # “甲和乙分别办几场”
    g.rule("W", "AND", "WJ", lambda w, _: w)
    g.rule("WJ", "W", "WW", lambda a, b: (a, b) if a != b else None)
    g.rule("WW", "DIST", "WWD", lambda w, _: w if _with_tail(*w) is None else None)
    g.rule("WW", "DIST", "WWD", lambda w, _: w if _with_tail(*w) else None, 0.02)
    g.rule("WW", "DIST", "WWD", lambda w, _: _with_tail(*w))
    g.rule("WW", "LIM", "WW", lambda w, _: w, 0.05)
    g.rule("WW", "W", "WW", lambda w, c: (w[0], (*w[1], *c)))
    g.rule("WWD", "HM", "QQ", lambda w, h: (Asked(w[0], h), Asked(w[1], h)))
    g.rule("WWD", "QH", "QQ", _each_asked, 0.02)
    g.rule("WW", "C", "WWC", lambda w, c: (w, c) if all(isinstance(x, OfYear) for x in c) else None)
    g.rule("WWC", "DIST", "WWCD", lambda p, _: p)
    for said in ("QH", "HM"):
        g.rule("WWCD", said, "QQ", _each_in_year, 0.02)
    g.rule("WWD", "WHICH", "QQ", lambda w, _: (Asked(w[0], Wanted()), Asked(w[1], Wanted())), 0.05)
    g.rule("WWD", "A", "WWD", lambda w, a: w if a.name == "target" else None)
    g.rule("WWD", "LIM", "WWD", lambda w, _: w, 0.05)
    g.rule("S", "QQ", "QQ", lambda s, q: p if all(p := tuple(m.ofs(s, one) for one in q)) else None, 0.02)
    g.rule(
        "C", "QQ", "QQ", lambda c, q: p if all(p := tuple(scoped(c, one, served=False) for one in q)) else None, 0.05
    )
    g.lift("QQ", "V", lambda q: Several(tuple(m.asked(one) for one in q)), 0.06)
    # “排查和鉴定总共多少钱”: of both
    g.rule("WW", "AGG", "WWA", lambda w, f: w if f == "sum" else None)
    g.rule("WWA", "HM", "QSUM", lambda w, h: tuple(Asked(words, h) for words in w) if not h.each else None)
    g.lift("WWA", "QSUM", lambda w: tuple(Asked(words, Wanted()) for words in w), 0.1)
    g.rule("S", "QSUM", "QSUM", lambda s, q: p if all(p := tuple(m.ofs(s, one) for one in q)) else None, 0.02)
    g.rule(
        "C",
        "QSUM",
        "QSUM",
        lambda c, q: p if all(p := tuple(scoped(c, one, served=False) for one in q)) else None,
        0.05,
    )
    g.lift("QSUM", "V", _sum_of_both, 0.03)
    g.rule("Q", "BC", "Q", lambda q, b: scoped(b[1], q, served=False) if b[0] == "year" else None, 0.03)
    g.rule("Q", "AW", "EW", lambda q, a: _of_mention(q, a))
    g.rule("Q", "HM", "QH", lambda q, h: _also(q, h), 0.03)
    g.rule("Q", "A", "QH", lambda q, a: q if a.name == "target" else None, 0.0)
    g.rule("QH", "A", "QH", lambda q, a: q if a.name == "target" else None, 0.02)
    g.rule("QH", "WHICH", "QH", lambda q, _: q, 0.03)
    g.lift("QH", "V", lambda q: m.asked(q) if q.words or q.of is not None else None, 0.05)
    g.lift("Q", "V", lambda q: m.asked(q) if q.words else None, 0.3)
    # another attribute of the indicator than its target: 实际完成值, 得分
    g.rule("Q", "A", "E", lambda q, a: _of_mention(q, a))
    g.rule("A", "QH", "E", lambda a, q: _of_mention(q, a), 0.05)


def _also(question: Asked, wanted: Wanted) -> Asked | None:
    """What is asked, told twice; not two things."""
    kinds = question.wanted.kinds
    return replace(question, wanted=wanted.with_(question.wanted)) if not kinds or kinds == wanted.kinds else None


def _with_tail(first: tuple[str, ...], second: tuple[str, ...]) -> Any:
    """“新建和改造提升农田的标准”: what stands at the end belongs to both."""
    return ((*first, *second[1:]), second) if len(second) > 1 and len(first) < len(second) else None


def _each_asked(both: tuple[tuple[str, ...], tuple[str, ...]], question: Asked) -> Any:
    """“保洁、保安分别要聘多少人”: what is asked of both."""
    if question.of is not None:
        return None
    return tuple(replace(question, words=(*words, *question.words)) for words in both)


def _sum_of_both(both: tuple[Asked, Asked]) -> Any:
    """What two indicators come to that words name one after the other."""
    one, other = (
        Statistic("sum", m.mention(q.words, q.of, q.wanted), m.target() if q.wanted.unit else m.amount()) for q in both
    )
    return m.number(Computed("sum", one, other), both[0].wanted.shown)


def _each_in_year(said: tuple[Any, tuple[Any, ...]], asked: Any) -> Any:
    """“甲和乙今年各服务多少人”."""
    found = _each_asked(said[0], asked if isinstance(asked, Asked) else Asked((), asked))
    both = tuple(scoped(said[1], one, served=False) for one in found) if found else ()
    return both if all(both) else None


def _of_mention(question: Asked, attribute: Attribute) -> Each | None:
    """“…的原因是什么”, “…怎么计算”: another attribute of the indicator that the words mean."""
    if attribute.of != "indicator" or attribute.name == "target" or not question.words:
        return None
    return Each(m.mention(question.words, question.of, question.wanted), (attribute,))


def _telling_kind(wanted: Wanted) -> bool:
    """Whether a word of asking says by itself which indicator is meant: 几场, 什么时候, 多久一次."""
    return bool(wanted.unit or wanted.each) or wanted.kinds in (("date",), ("frequency",), ("percent",))


def attributes_rules(g: Grammar) -> None:
    g.lift("A", "AS", lambda a: (a,))
    # “资金主要用于什么”
    g.rule("A", "AW", "AW", lambda a, w: w if w.name == "purpose" and a.kind == "money" else None, 0.02)
    g.rule("PAYER", "PAYS", "A", lambda a, _: a)
    g.lift("PAYER", "A", lambda a: a, 0.1)
    g.rule("AS", "AND", "AJ", lambda a, _: a)
    # “财政资金总额和其他资金总额”
    g.rule("XA", "AND", "XAJ", lambda x, _: x if x[1] == "sum" and x[0].kind == "money" else None)
    g.rule("XAJ", "XA", "AS", lambda a, b: (a[0], b[0]) if b[1] == "sum" and b[0] != a[0] else None, 0.02)
    g.rule("AJ", "AS", "AS", lambda a, b: (*a, *b) if not set(a) & set(b) else None)
    g.rule("S", "AS", "E", m.each)
    g.rule("AS", "S", "E", lambda a, s: m.each(s, a), 0.25)
    g.rule("C", "AS", "E", lambda c, a: of_condition(c, a), 0.05)
    g.rule("AS", "C", "E", lambda a, c: of_condition(c, a), 0.25)
    g.rule("C", "E", "E", lambda c, e: _narrowed(e, c), 0.05)
    g.rule("E", "C", "E", lambda e, c: _narrowed(e, c), 0.1)
    g.rule("E", "WHICH", "EW", lambda e, _: e)
    g.rule("WHICH", "E", "EW", lambda _, e: e, 0.1)
    g.rule("E", "FROMWHOM", "V", lambda e, _: m.told_of(e))
    g.rule("E", "HM", "EH", lambda e, h: (e, h) if fits(e, h) else None)
    g.rule("HM", "E", "EH", lambda h, e: (e, h) if fits(e, h) else None, 0.1)
    for asking, made in (("AW", "EW"), ("AHM", "EA")):
        g.rule("S", asking, made, lambda s, a: m.each(s, (a,)))
        g.rule("C", asking, made, lambda c, a: of_condition(c, (a,)), 0.05)
        g.rule(asking, "S", made, lambda a, s: m.each(s, (a,)), 0.1)
    g.lift("EA", "EH", lambda e: (e, Wanted()))
    g.lift("EH", "V", lambda p: m.answer_each(p[0], p[1].shown))
    g.lift("EW", "V", lambda e: m.answer_each(e))
    g.lift("E", "V", m.answer_each, 0.22)
    g.rule(
        "S",
        "HM",
        "EH",
        lambda s, h: (
            (e, h) if s.cls == "project" and not s.bare and _whole(h) and (e := m.each(s, (budget(),))) else None
        ),
        0.12,
    )
    # “财政资金和其他资金总共各多少”: of all projects
    g.lift(
        "AS", "E", lambda a: Each(Set("project"), a) if len(a) > 1 and all(x.kind == "money" for x in a) else None, 0.05
    )
    g.rule("AS", "AGG", "AS", lambda a, f: a if f == "sum" and len(a) > 1 else None, 0.02)
    # “甲，中央和省里各出多少”
    g.rule("S", "C", "SFF", lambda s, c: (s, c) if _of_project(s) and len(c) == 2 and all(map(_is_fund, c)) else None)
    for word in ("DIST", "EACH"):
        g.rule("SFF", word, "SFF", lambda p, _: p)
    g.rule("SFF", "HM", "V", lambda p, h: _from_each(p[0], p[1], h), 0.05)
    # “甲的省级资金多少”, “甲 省级资金”: the share of that fund
    g.rule(
        "S",
        "HM",
        "EH",
        lambda s, h: (Each(s, (budget(),)), h) if _of_fund(s) and h == Wanted(("count",)) else None,
        0.1,
    )
    g.lift("S", "E", lambda s: Each(s, (budget(),)) if _of_fund(s) else None, 0.1)
    # “甲的钱是谁给的”
    g.rule(
        "S",
        "FROMWHOM",
        "V",
        lambda s, _: m.listed(Set("fund", of=s)) if _of_project(s) and not _of_fund(s) else None,
        0.12,
    )
    # “分别是多少”, “它们的满意度指标分别是多少”, of what was found before
    g.rule("S", "DIST", "TOLD", lambda s, _: _told_of_each(s))
    g.rule("TOLD", "HM", "EH", lambda e, h: (e, h) if h.kinds in (("money",), ("count",)) and not h.unit else None)
    g.rule("E", "AND", "EJ", lambda e, _: e)
    g.rule("EJ", "AS", "E", m.more_of)
    g.rule(
        "SW",
        "AS",
        "EW",
        lambda s, a: m.each(s, a) if all(x.kind in ("text", "concept") or True for x in a) else None,
        0.3,
    )


def _told_of_each(of: Set) -> Each | None:
    """Of projects found before their budgets, of their indicators the targets."""
    if of.cls == "project" and m.of_before(of) and not m.says(of):
        return Each(of, (budget(),))
    mine = of.cls == "indicator" and of.of is not None and m.of_before(of.of) and not of.mention and of.rank is None
    return Each(of, (m.target(),)) if mine else None


def _of_project(of: Set) -> bool:
    return of.cls == "project" and m.named(of) and of.rank is None


def _of_fund(of: Set) -> bool:
    """Whether a set is of projects called by their names, as far as one fund pays for them."""
    funds = [c for c in of.where if isinstance(c, OfConcept) and c.relation == "fundSource"]
    return _of_project(of) and len(funds) == 1 and not funds[0].negated


def _is_fund(condition: Any) -> bool:
    return isinstance(condition, OfConcept) and condition.relation == "fundSource" and not condition.negated


def _from_each(of: Set, funds: tuple[Any, ...], wanted: Wanted) -> Several | None:
    """So much from each of two funds."""
    sets = [m.attach((fund,), of) for fund in funds]
    if not all(sets) or wanted.each or wanted.unit or not set(wanted.kinds) <= {"money", "count"}:
        return None
    unit = m.unit_of(budget(), wanted.shown)
    return Several(tuple(Each(s, (budget(),), unit) for s in sets if s))


def _whole(wanted: Wanted) -> bool:
    """Whether money is asked for, and not so much for each."""
    return "money" in wanted.kinds and "per" not in wanted.kinds and not wanted.each


def _narrowed(of: Each, conditions: tuple[Any, ...]) -> Each | None:
    if m.named(of.of) and any(isinstance(c, About | Found | Sums) for c in conditions):
        return None
    found = m.attach(conditions, of.of)
    return replace(of, of=found) if found else None
