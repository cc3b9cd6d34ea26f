"""Several things asked, the later ones perhaps of what the first has found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.meaning import Asked
from kg.ask.grammar.rules.common import fits
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.conditions import HasValue
from kg.ask.logic.exchange import swap
from kg.ask.logic.plain import OfConcept, OfDepartment, OfYear
from kg.ask.logic.sets import Set, Statistic
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
    g.rule("VS", "EH", "V", lambda v, p: _then_each(v, p[0], p[1]), 0.1)
    g.rule("VS", "AS", "VA", lambda v, a: (v, a))
    g.rule("SUP", "WHICH", "SUPW", lambda d, _: d)
    g.rule("WHICH", "SUP", "SUPW", lambda _, d: d)
    g.rule("VS", "SW", "V", _then_which, 0.03)
    g.rule("VS", "WHICH", "V", lambda v, _: m.listed(v.of) if isinstance(v, Exists) else None, 0.03)
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
    if first_set is not None and isinstance(parts[-1], Each | List) and _unowned(parts[-1].of):
        parts = (*parts[:-1], replace(parts[-1], of=replace(parts[-1].of, of=first_set)))  # “…，满意度要求多少”
    if first_set is not None and isinstance(parts[-1], Each | List) and (years := _only_dated(parts[-1].of)):
        dated = (*(c for c in first_set.where if not isinstance(c, OfYear)), *years)
        parts = (*parts[:-1], replace(parts[-1], of=replace(parts[-1].of, of=replace(first_set, where=dated))))
    parts = (*parts[:-1], _funded_too(first_set, parts[-1]))
    return Several(parts) if len(parts) <= 4 else None


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


def _funded_too(first: Set | None, last: Any) -> Any:
    """“甲里，中央资金多少，省级资金多少”: of the same project."""
    if first is None or not m.named(first) or not any(isinstance(c, OfConcept) for c in first.where):
        return last
    of = last.of.of if isinstance(last, Number) and isinstance(last.of, Statistic) else None
    if of is None or of.cls != "project" or not of.where or not all(isinstance(c, OfConcept) for c in of.where):
        return last
    kept = tuple(c for c in first.where if not isinstance(c, OfConcept))
    return replace(last, of=replace(last.of, of=replace(first, where=(*kept, *of.where))))


def _subject(value: Any) -> Set | None:
    """The projects that a part of a question is about, for the part that follows."""
    if isinstance(value, List | Each) and value.of.cls == "project" and not value.of.bare:
        return value.of
    if isinstance(value, Number) and isinstance(value.of, Statistic):
        of = value.of.of
        return of if of.cls == "project" and not of.bare else None
    return value.of.of if isinstance(value, Each | List) and value.of.of is not None and not value.of.of.bare else None


def _then_same(first: Any, wanted: Wanted) -> Any:
    """“扶持多少家，每家最多给多少”: of the same thing, another kind of value."""
    last = first.parts[-1] if isinstance(first, Several) else first
    mention = last.of.mention if isinstance(last, Each) and last.of.cls == "indicator" else None
    if mention is None or not wanted.each:
        return None
    return _two(first, m.asked(Asked(mention.words, wanted, last.of.of)))


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
    if isinstance(wanted, Wanted) and not fits(found, wanted):
        return None
    value = m.answer_each(found, wanted.shown if isinstance(wanted, Wanted) else "")
    return _two(first, value) if value else None
