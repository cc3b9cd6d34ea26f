"""Several things asked, the later ones perhaps of what the first has found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.meaning import Asked, Pair
from kg.ask.grammar.rules.common import budget, fits, year_pair
from kg.ask.grammar.rules.pairing import apart, split
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.changes import Growth
from kg.ask.logic.conditions import Compare, HasValue
from kg.ask.logic.exchange import swap
from kg.ask.logic.holding import Has
from kg.ask.logic.plain import OfConcept, OfDepartment, OfYear
from kg.ask.logic.sets import Rank, Set, Statistic
from kg.ask.logic.values import Computed, Each, Exists, Holds, List, Number, Several
from kg.ask.logic.wanted import Wanted


def several_rules(g: Grammar) -> None:
    g.rule("V", "SEP", "VS", lambda v, _: v)
    g.rule("V", "AND", "VS", lambda v, _: v, 0.1)
    g.rule("VS", "V", "V", _two, 0.12)
    g.rule("S", "SEP", "S", lambda s, _: s, 0.1)
    g.rule("VS", "XH", "V", lambda v, x: _then_total(v, x[0], x[1]), 0.1)
    g.rule("VS", "X", "V", lambda v, x: _then_total(v, x, ""), 0.2)
    g.rule("C", "SEP", "C", lambda c, _: c, 0.05)
    # the second part asks of what the first has found
    g.rule("VS", "DIFF", "VD", lambda v, _: _then_difference(v))
    g.rule("VD", "HM", "VD", lambda v, h: v if set(h.kinds) <= {"money", "count"} and not h.unit else None, 0.02)
    g.lift("VD", "V", lambda v: v, 0.05)
    g.rule("VS", "QH", "V", _then, 0.1)
    g.rule("VS", "HM", "V", _then_same, 0.12)
    g.rule("C", "HM", "CHM", lambda c, h: (c, h) if _of_fund(c) and h.kinds == ("money",) and not h.each else None)
    g.rule("VS", "CHM", "V", lambda v, p: _then_fund(v, *p), 0.05)
    g.rule("VS", "EH", "V", lambda v, p: _then_each(v, p[0], p[1]), 0.1)
    g.rule("VS", "AS", "VA", lambda v, a: (v, a))
    g.rule("VA", "DIST", "VA", lambda p, _: p)
    g.rule("SUP", "WHICH", "SUPW", lambda d, _: d)
    g.rule("WHICH", "SUP", "SUPW", lambda _, d: d)
    g.rule("VS", "SW", "V", _then_which, 0.03)
    g.rule("VS", "WHICH", "V", lambda v, _: m.listed(v.of) if isinstance(v, Exists) else None, 0.03)
    g.rule("VS", "SUPW", "V", _then_other_end, 0.05)
    # “…有几个项目，其中预算最大的是哪个”
    g.rule("R", "WHICH", "RW", lambda r, _: r)
    g.rule("WHICH", "R", "RW", lambda _, r: r)
    for rank in ("RW", "WAM"):
        g.rule("VS", rank, "V", _then_ranked, 0.05)
    g.rule("VS", "WM", "V", _then_more, 0.05)
    g.rule("C", "WHICH", "CWH", lambda c, _: c if all(isinstance(x, Compare) for x in c) else None)
    g.rule("WHICH", "C", "CWH", lambda _, c: c if all(isinstance(x, Compare) for x in c) else None, 0.02)
    g.rule("C", "CNT", "CCN", lambda c, _: c if all(isinstance(x, Compare) for x in c) else None)
    g.rule("VS", "CWH", "V", lambda v, c: _then_those(v, c, List), 0.05)
    g.rule("VS", "CCN", "V", lambda v, c: _then_those(v, c, lambda of: m.number(m.count(of))), 0.05)
    # “2024年是多少，2025年比它多多少”
    g.rule("BI", "C", "BIC", lambda _, c: c if isinstance(c[-1], OfYear) else None)
    for asks in ("DIFF", "CHGHM"):
        g.rule("BIC", asks, "THD", lambda c, d: (c, _unit(d)))
        g.rule("CB", asks, "THD", lambda c, d: (c, _unit(d)))
        g.rule("VS", asks, "V", lambda v, d: _then_apart(v, _unit(d)), 0.05)
    # “预算增加最多的项目是哪个，增加了多少”: with the number by which it was found
    for asks in ("DIFF", "CHGHM"):
        g.rule("VS", asks, "V", lambda v, _: v if _by_growth(v) else None)
    g.rule("RATE", "HM", "RATEHM", lambda r, h: r if not h.unit and not h.each else None)
    for asks in ("RATE", "RATEHM"):
        g.rule("VS", asks, "V", lambda v, _: v if _by_growth(v) and v.of.rank.by.rate else None)
    g.rule("BIC", "MORE", "BICM", lambda c, _: c)
    g.rule("BICM", "HM", "THD", lambda c, h: (c, h.shown) if h.kinds in ((), ("money",), ("count",)) else None)
    g.rule("VS", "THD", "V", lambda v, d: _then_against(v, *d), 0.03)
    # “甲的预算和补贴面积”
    for asked in ("Q", "QH", "WP"):
        g.rule("EJ", asked, "EQ", _with_indicator, 0.05)
        g.rule(asked, "AND", "QJ", lambda q, _: q if q.of is not None and m.named(q.of) and q.words else None)
    g.rule("EJ", "S", "EQ", _with_kind, 0.05)
    g.rule("QJ", "AS", "EQ", _with_attributes, 0.05)
    for tail in ("DIST", "WHICH"):
        g.rule("EQ", tail, "EQ", lambda v, _: v)
    g.rule("EQ", "HM", "EQ", lambda v, h: v if h.kinds in ((), ("count",)) and not h.unit else None)
    g.lift("EQ", "V", lambda v: v, 0.1)
    g.rule("VS", "C", "V", _then_exchanged, 0.08)
    g.rule("VS", "FROMWHOM", "V", lambda v, _: _then_from(v), 0.02)
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
    parts = (*parts[:-1], _of_those(first_set, parts[-1]))
    if first_set is not None and isinstance(parts[-1], Each) and parts[-1].of.mention and parts[-1].of.of is None:
        parts = (*parts[:-1], replace(parts[-1], of=replace(parts[-1].of, of=first_set)))
    if first_set is not None and isinstance(parts[-1], Each | List) and _unowned(parts[-1].of):
        parts = (*parts[:-1], replace(parts[-1], of=replace(parts[-1].of, of=first_set)))  # “…，满意度要求多少”
    if first_set is not None and isinstance(parts[-1], Each | List) and (years := _only_dated(parts[-1].of)):
        dated = (*(c for c in first_set.where if not isinstance(c, OfYear)), *years)
        parts = (*parts[:-1], replace(parts[-1], of=replace(parts[-1].of, of=replace(first_set, where=dated))))
    parts = (*parts[:-1], _share_too(first_set, _funded_too(first_set, parts[-1])))
    return Several(parts) if len(parts) <= 4 else None


def _by_growth(value: Any) -> bool:
    rank = value.of.rank if isinstance(value, List) else None
    return rank is not None and isinstance(rank.by, Growth)


def _unit(said: Any) -> str:
    return said if isinstance(said, str) and said.endswith("元") else ""


def _last(value: Any) -> Any:
    return value.parts[-1] if isinstance(value, Several) else value


def _then_difference(first: Any) -> Any:
    """“…对得上吗，差多少”: of the two numbers that were compared."""
    last = first.parts[-1] if isinstance(first, Several) else first
    if not isinstance(last, Holds) or not isinstance(last.second, Statistic | Computed):
        return None
    return _two(first, m.number(Computed("difference", last.first, last.second)))


def _then_which(first: Any, asked: Set) -> Any:
    """“有没有…的指标，是哪个指标”, “…，是哪些项目”: those."""
    if not isinstance(first, Exists) or not asked.bare:
        return None
    found = first.of if first.of.cls == asked.cls else m.having(first.of, asked)
    return m.listed(found) if found else None


def _only_dated(of: Set) -> tuple[OfYear, ...]:
    """The years in which a set of indicators stands, where nothing else is said of which projects they are."""
    if (
        of.cls != "indicator"
        or of.mention is not None
        or of.rank is not None
        or of.of is None
        or of.of.rank is not None
    ):
        return ()
    years = tuple(c for c in of.of.where if isinstance(c, OfYear))
    return years if len(years) == len(of.of.where) else ()


def _unowned(of: Set) -> bool:
    """Whether a set leaves open of which projects: they are those that were spoken of."""
    whose = of.cls == "indicator" or (of.cls in ("fund", "group") and not of.where)
    return whose and of.of is None and of.mention is None and of.rank is None


def _of_those(first: Set | None, last: Any) -> Any:
    """“某局有几个项目，预算最大的项目是哪个”: of the projects that were spoken of, where it says of none."""
    counted = isinstance(last, Number) and isinstance(last.of, Statistic)
    of = last.of.of if counted else last.of if isinstance(last, List | Each) else None
    if first is None or m.named(first) or of is None or of.cls != "project" or of.of or of.mention:
        return last
    if not (of.where or of.rank) or not all(isinstance(c, Compare) for c in of.where):
        return last
    whole = m.attach(of.where, replace(first, rank=None))
    if whole is None or whole.rank == of.rank:
        return last
    whole = replace(whole, rank=of.rank)
    return replace(last, of=replace(last.of, of=whole) if counted else whole)


def _funded_too(first: Set | None, last: Any) -> Any:
    """“甲里，中央资金多少，省级资金多少”, “甲的预算多少，其他资金多少”: of the same project."""
    if first is None or not m.named(first):
        return last
    of = last.of.of if isinstance(last, Number) and isinstance(last.of, Statistic) else None
    if of is None or of.cls != "project" or not of.where or not all(isinstance(c, OfConcept) for c in of.where):
        return last
    kept = tuple(c for c in first.where if not isinstance(c, OfConcept))
    return replace(last, of=replace(last.of, of=replace(first, where=(*kept, *of.where))))


def _share_too(first: Set | None, last: Any) -> Any:
    """“预算多少，其中其他资金占百分之几”: of the same projects."""
    of = last.of if isinstance(last, Number) and isinstance(last.of, Computed) else None
    if first is None or of is None or of.operation != "ratio":
        return last
    parts = (of.first, of.second)
    if not all(isinstance(x, Statistic) and x.of.bare and x.of.cls == "project" for x in parts):
        return last
    one, other = (replace(x, of=first) for x in parts)
    return replace(last, of=replace(of, first=one, second=other))


def _of_fund(conditions: tuple[Any, ...]) -> bool:
    return len(conditions) == 1 and isinstance(conditions[0], OfConcept) and conditions[0].relation == "fundSource"


def _then_fund(first: Any, conditions: tuple[Any, ...], wanted: Wanted) -> Any:
    """“甲里，中央资金多少，省级资金多少”: the other fund's share of the same."""
    of = _subject(_last(first))
    if of is None or not m.named(of):
        return None
    kept = tuple(c for c in of.where if not (isinstance(c, OfConcept) and c.relation == "fundSource"))
    if len(kept) == len(of.where):
        return None
    value = m.answer_each(Each(replace(of, where=(*kept, *conditions)), (budget(),)), wanted.shown)
    return _two(first, value) if value else None


def _subject(value: Any) -> Set | None:
    """The projects that a part of a question is about, for the part that follows."""
    if isinstance(value, List | Each) and value.of.cls == "project" and not value.of.bare:
        return value.of
    if isinstance(value, Number) and isinstance(value.of, Statistic):
        of = value.of.of if value.of.of.cls == "project" else value.of.of.of  # “甲有几条质量指标，几条时效指标”
        return of if of is not None and of.cls == "project" and not of.bare else None
    return value.of.of if isinstance(value, Each | List) and value.of.of is not None and not value.of.of.bare else None


def _then_same(first: Any, wanted: Wanted) -> Any:
    """“扶持多少家，每家最多给多少”, “预算多少，多久发一次”: of the same thing, another kind of value."""
    last = _last(first)
    mention = last.of.mention if isinstance(last, Each) and last.of.cls == "indicator" else None
    if mention is not None and wanted.each:
        return _two(first, m.asked(Asked(mention.words, wanted, last.of.of)))
    of = last.of.of if mention is not None else _subject(last)
    if of is None and mention is None:
        return None
    if isinstance(first, Several) and all(isinstance(p, List) and p.of.rank for p in first.parts):
        if wanted.kinds != ("money",) or wanted.each:
            return None
        told = tuple(Each(p.of, (budget(),), m.unit_of(budget(), wanted.shown)) for p in first.parts)
        return _two(first, Several(told))  # “最高和最低的分别是哪个，各多少万元”
    if isinstance(last, List) and of is not None and of.rank is not None and wanted.kinds == ("money",):
        return None if wanted.each else _two(first, Each(of, (budget(),), m.unit_of(budget(), wanted.shown)))
    telling = wanted.unit or wanted.each or wanted.bound or wanted.kinds in (("date",), ("frequency",), ("percent",))
    return _two(first, m.asked(Asked((), wanted, of))) if telling else None


def _then(first: Any, question: Asked) -> Any:
    of = _subject(_last(first))
    if of is None or question.of is not None or not question.words:
        return None
    return _two(first, m.asked(replace(question, of=of)))


def _then_other_end(first: Any, most: bool) -> Any:
    """“预算最多的是哪个？最少的呢？”"""
    last = _last(first)
    if not isinstance(last, List) or last.of.rank is None or last.of.rank.descending == most:
        return None
    return _two(first, replace(last, of=replace(last.of, rank=replace(last.of.rank, descending=most))))


def _of_indicators(value: Any) -> bool:
    of = value.of.of if isinstance(value, Number) and isinstance(value.of, Statistic) else getattr(value, "of", None)
    return isinstance(of, Set) and of.cls == "indicator"


def _then_ranked(first: Any, rank: Rank) -> Any:
    last = _last(first)
    of = None if _of_indicators(last) else _subject(last)
    if of is None or of.cls != "project" or not isinstance(rank.by, Attribute):
        return None
    found = m.ranked(replace(of, rank=None), rank)
    return _two(first, List(found)) if found and found != of else None


def _then_those(first: Any, conditions: tuple[Any, ...], asked: Callable[[Set], Any]) -> Any:
    """“有几个项目，其中预算超过500万元的有哪些”."""
    of = _subject(_last(first))
    if of is None or of.cls != "project" or of.rank is not None or m.named(of):
        return None
    found = m.attach(conditions, of)
    return _two(first, asked(found)) if found else None


def _then_more(first: Any, most: bool) -> Any:
    """“甲和乙的预算分别是多少，哪个多”."""
    last = _last(first)
    if not isinstance(last, Each) or len(last.attributes) != 1 or not m.named(last.of) or last.of.rank:
        return None
    found = m.ranked(last.of, Rank(last.attributes[0], most)) if last.attributes[0].kind == "money" else None
    return _two(first, List(found)) if found else None


def _amount(value: Any) -> Each | None:
    """The one attribute of a set that a value tells, be it added up."""
    if isinstance(value, Number) and isinstance(value.of, Statistic) and value.of.function == "sum":
        return Each(value.of.of, (value.of.attribute,)) if value.of.attribute else None
    return value if isinstance(value, Each) and len(value.attributes) == 1 else None


def against(last: Any, conditions: tuple[Any, ...], shown: str) -> Any:
    """“…2024年是多少，2025年比它多多少”, “比2024年多多少”: the same of the other year."""
    of = _amount(last)
    if of is None:
        return None
    if of.of.cls == "project":
        pair = year_pair(of, conditions)
    else:
        other, count = swap(of, conditions[0]) if len(conditions) == 1 else (of, 0)
        pair = Pair(of, other) if count == 1 and other != of else None
    return m.computed("difference", pair, shown) if pair else None


def _then_against(first: Any, conditions: tuple[Any, ...], shown: str) -> Any:
    value = against(_last(first), conditions, shown)
    return _two(first, value) if value else None


def _then_apart(first: Any, shown: str) -> Any:
    """“2024年和2025年各多少，差多少”: between the two that were asked for."""
    if isinstance(first, List) and first.of.rank and isinstance(first.of.rank.by, Attribute):
        value = apart(Each(replace(first.of, rank=None), (first.of.rank.by,)), shown)  # “哪个预算大，大多少”
        return _two(first, value) if value else None
    parts = [_amount(p) for p in (first.parts if isinstance(first, Several) else (first,))]
    if len(parts) == 2 and parts[0] and parts[1]:
        pair = Pair(parts[0], parts[1]) if parts[0].attributes == parts[1].attributes else None
    else:
        pair = split(parts[0]) if len(parts) == 1 and parts[0] else None
    value = m.computed("difference", pair, shown) if pair else None
    value = value or (apart(parts[0], shown) if len(parts) == 1 and parts[0] else None)
    return _two(first, value) if value else None


def _with_indicator(of: Each, question: Asked) -> Any:
    """“甲的预算和补贴面积”: an attribute and an indicator of the same projects."""
    if not question.words or question.of is not None or of.of.cls != "project" or of.of.bare:
        return None
    told = m.answer_each(of)
    return _two(told, m.asked(replace(question, of=of.of))) if told else None


def _with_kind(of: Each, kind: Set) -> Any:
    """“甲的预算和满意度指标”."""
    if kind.cls != "indicator" or not _unowned(kind) or kind.bare or of.of.cls != "project" or of.of.bare:
        return None
    told = m.answer_each(of)
    return _two(told, Each(replace(kind, of=of.of), (m.target(),))) if told else None


def _with_attributes(question: Asked, names: tuple[Attribute, ...]) -> Any:
    if question.of is None or any(a.of != "project" for a in names):
        return None
    told = m.answer_each(Each(question.of, names))
    return _two(m.asked(question), told) if told else None


def _then_from(first: Any) -> Any:
    """“甲的其他资金多少，从哪来的”."""
    last = _last(first)
    told = m.told_of(last) if isinstance(last, Each) else None
    return _two(first, told) if told else None


def _then_exchanged(first: Any, conditions: tuple[Any, ...]) -> Any:
    """“2024年要多少，2025年呢？”"""
    last = _last(first)
    if len(conditions) != 1 or not isinstance(conditions[0], OfYear | OfDepartment):
        return None
    other, count = swap(last, conditions[0])
    return _two(first, other) if count == 1 and other != last else None


def _then_total(first: Any, number: Any, shown: str) -> Any:
    """“有哪些项目，预算加起来多少”: the total of those."""
    of = _subject(_last(first))
    if of is None or not isinstance(number, Statistic) or not number.of.bare or number.of.cls != of.cls:
        return None
    return _two(first, m.number(replace(number, of=of), shown))


def _then_each(first: Any, second: Each, wanted: Wanted) -> Any:
    of = _subject(_last(first))
    if of is None or not second.of.bare:
        return None
    value = m.answer_each(replace(second, of=of), wanted.shown)
    return _two(first, value) if value else None


def _indicators_of(of: Set) -> Set | None:
    """The indicators by which projects were found."""
    held = [c for c in of.where if isinstance(c, Has) and (c.operator, c.number) == ("≥", 1)]
    if len(held) != 1 or held[0].of.of is not None:
        return None
    return replace(held[0].of, of=replace(of, where=tuple(c for c in of.where if c is not held[0])))


def _then_attributes(first: Any, names: tuple[Attribute, ...], wanted: Any) -> Any:
    last = _last(first)
    of = _subject(last)
    if isinstance(last, Each) and all(a.of == last.of.cls for a in names):
        of = last.of  # “…做了几次，没完成的原因是什么”
    if isinstance(last, List) and of is not None and names == (m.target(),):
        of = _indicators_of(of)  # “哪些项目设了甲指标，目标值分别是多少”
    if of is None or any(a.of != of.cls for a in names):
        return None
    found = Each(of, names)
    if isinstance(wanted, Wanted) and not fits(found, wanted):
        return None
    value = m.answer_each(found, wanted.shown if isinstance(wanted, Wanted) else "")
    return _two(first, value) if value else None
