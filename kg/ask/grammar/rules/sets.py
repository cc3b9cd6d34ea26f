"""Sets and the conditions said of them; ranks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.rules.common import budget, only_money
from kg.ask.logic.attributes import Attribute, attributes
from kg.ask.logic.changes import Retargeted
from kg.ask.logic.conditions import (
    Alternatives,
    Among,
    Compare,
    Is,
    Measured,
    NameHolds,
    Not,
    Size,
    TextHolds,
    Unsaid,
    applies,
)
from kg.ask.logic.holding import Has, Repeated
from kg.ask.logic.plain import About, Named, OfConcept, OfDepartment, OfProject, OfTarget, OfType, OfYear, TargetText
from kg.ask.logic.sets import Rank, Set, Statistic
from kg.ask.logic.values import Each, Several

TOO = "too"  # of a word that joins conditions, and no things: 而且, 又


def sets_rules(g: Grammar) -> None:
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
    g.rule("S", "AND", "SJ", lambda s, a: None if a == TOO else s)
    g.rule("SJ", "S", "S", m.union)
    g.rule("S", "OR", "SJ", lambda s, _: s if s.cls == "indicator" else None)  # “设了甲指标或乙指标的”
    g.rule("S", "USED", "XC", lambda s, _: m.count(s) if s.cls == "indicator" and m.called(s) else None)
    g.rule("S", "THIS", "S", lambda s, cls: s if s.cls == cls and m.called(s) else None)  # “资金拨付及时率这个指标”
    g.rule("S", "THIS", "STH", lambda s, cls: s if s.cls == cls == "indicator" and m.called(s) else None)
    g.rule("REL", "STH", "HS", lambda _, s: s)  # “都用了资金拨付及时率这个指标的”
    g.rule("WHICH", "S", "SW", lambda _, s: s)
    g.rule("C", "SW", "SW", lambda c, s: None if _ranks_such(c, s) else m.attach(c, s))
    g.rule("C", "SW", "SW", lambda c, s: m.attach(c, s) if _ranks_such(c, s) else None, 0.15)
    g.rule("S", "SW", "SW", m.relate, 0.02)
    g.rule("SW", "C", "SW", lambda s, c: m.attach(c, s), 0.02)
    g.rule("S", "WHICH", "SW", lambda s, _: s, 0.02)
    # “只要预算超过1000万的”, of those that were found
    g.rule("ONLY", "C", "OC", lambda _, c: c)
    g.rule("S", "OC", "SW", lambda s, c: m.attach(c, s) if m.named(s) else None, 0.02)
    g.lift("SW", "V", lambda s: None if _one_named(s) or _one_having(s) else m.listed(s), 0.02)
    g.lift("SW", "V", lambda s: m.listed(s) if _one_having(s) and not _one_named(s) else None, 0.25)
    g.lift("S", "V", lambda s: None if s.bare or m.named(s) else m.listed(s), 0.32)
    g.lift("S", "V", lambda s: m.listed(s) if m.named(s) and s.rank is not None else None, 0.32)
    g.lift("S", "V", lambda s: m.listed(s) if m.named(s) and s.rank is None and not m.says(s) else None, 0.46)
    # “这些里面有其他资金的”, “其中预算最少的呢”: of what was found before
    g.lift("S", "V", lambda s: m.listed(s) if m.some_before(s) and (m.says(s) or s.rank) else None, 0.1)
    g.lift("S", "V", lambda s: m.listed(s) if s.of and m.of_before(s.of) and not s.mention else None, 0.14)
    g.rule("R", "SW", "SW", lambda r, s: m.ranked(s, r))
    g.rule("SW", "R", "SW", lambda s, r: m.ranked(s, r))
    g.rule("SW", "HS", "SW", lambda s, h: m.having(h, s) if s.cls == "project" else m.relate(s, h))
    g.rule("SW", "S", "SW", lambda s, t: s if s.cls in m.DIMENSIONS and t.bare and t.cls == "project" else None, 0.02)
    g.rule("S", "S", "S", m.having, 0.1)
    g.rule("S", "SW", "SW", m.having, 0.03)
    g.rule("WHICH", "A", "SW", lambda _, a: Set("indicator") if a.name == "target" else None, 0.05)
    g.rule("SW", "HAS", "SW", lambda s, said: s if said == "has" or not _of_several(s) else None, 0.02)
    for asks in ("WHICH", "NE"):  # “社会效益是什么”, “社会效益呢”
        g.rule("TY", asks, "SW", lambda t, _: t, 0.15)
    # “产出、效益、满意度指标”
    g.rule("TY", "AND", "TYA", lambda t, _: t)
    g.rule("TYA", "TY", "TY", m.union)
    g.rule("TYA", "S", "S", lambda t, s: m.union(t, s) if _is_type(s) else None)
    g.rule("K", "TY", "TY", lambda k, t: _sized(t, k))
    g.rule("K", "COSTN", "TY", lambda k, t: _sized(t, k), 0.05)
    g.rule("TY", "S", "S", lambda t, s: t if s.bare and s.cls == "indicator" and not _is_type(t) else None, 0.02)
    g.rule("TY", "NT", "S", lambda t, _: t, 0.02)
    g.rule("TY", "KIND", "S", lambda t, _: t, 0.02)  # “社会效益这一档”
    g.rule("S", "KIND", "S", lambda s, _: s if s.cls == "project" and m.named(s) else None, 0.02)  # “运维费这一项”
    g.rule("K", "NT", "NT", lambda _, n: n, 0.02)
    # indicators that stand twice, and where
    g.rule("AMONG", "S", "S", lambda _, s: s if _repeated(s) else None)
    g.rule("AMONG", "SW", "SW", lambda _, s: s if _repeated(s) else None)
    g.rule("AMONG", "YN", "YN", lambda _, y: y, 0.02)
    g.rule("S", "AMONG", "SAM", lambda s, _: s if s.cls == "indicator" and m.called(s) else None)
    g.lift("SAM", "S", lambda s: s, 0.02)
    g.rule("SAM", "AS", "SAM", lambda s, a: s if a == (m.target(),) else None)
    for alike in ("SAME", "SAMEAS"):  # “在不同项目里目标值一样吗”
        g.rule("SAM", alike, "SAS", lambda s, _: s)
        g.rule("SAM", "YN", "SAMY", lambda s, _: s)
        g.rule("SAMY", alike, "V", lambda s, _: _alike(s))
    g.rule("SAS", "YN", "V", lambda s, _: _alike(s))
    g.rule("C", "AMONG", "C", lambda c, _: c if any(isinstance(n, Repeated) for n in c) else None)
    g.rule("C", "K", "C", lambda c, k: c if _several_departments(c) == k else None, 0.02)  # “甲局和乙局两家”
    g.rule("C", "SBOTH", "S", _of_both)  # “甲局和乙局2025年都用了同一个名称的指标”
    g.lift("SBOTH", "S", lambda s: s, 0.1)
    g.rule("C", "BETWEEN", "CBT", lambda c, _: c if _several_departments(c) else None)
    g.rule("C", "ALLHAS", "CBT", lambda c, _: c if _several_departments(c) else None, 0.05)
    for of in ("S", "SW"):
        g.rule("CBT", of, of, _between)
        g.rule(of, "CBT", of, lambda s, c: _between(c, s))
        g.rule("HAS", of, "HAS" + of, lambda _, s: s if _repeated(s) else None)
        g.rule("CBT", "HAS" + of, of, _between)
    g.rule("YN", "S", "YNS", lambda _, s: s if _repeated(s) else None)
    for word in ("AND", "BI"):  # “和甲有相同指标的项目”
        g.rule(word, "S", "WITHS", lambda _, s: s if s.cls == "project" and m.named(s) and not s.rank else None)
    g.rule("WITHS", "HASS", "C", _sharing)
    g.rule("CBT", "SEP", "CBT", lambda c, _: c)
    g.rule("CBT", "YNS", "V", lambda c, s: m.truth(b) if (b := _between(c, s)) else None)
    g.rule("S", "HM", "EH", lambda s, h: (e, h) if _differing(s) and (e := m.each(s, (m.target(),))) else None, 0.05)
    g.rule("EACH", "S", "S", lambda _, s: s if _is_type(s) else None, 0.04)  # “各项成本指标”
    g.rule("S", "NT", "S", lambda s, _: s if s.cls == "indicator" and len(s.where) == 1 else None, 0.05)
    # “哪些人受益”, “谁管”: a word that asks for a class by itself
    g.lift("NW", "SW", Set, 0.0)


def conditions_rules(g: Grammar) -> None:
    g.rule("C", "C", "C", m.together, 0.02)
    g.rule("C", "AND", "CJ", lambda c, _: c)
    g.rule("AND", "AND", "AND", lambda a, b: b if b == TOO else a, 0.02)  # “、并且”
    g.rule("SEP", "AND", "AND", lambda _, a: a, 0.02)
    g.rule("CJ", "C", "C", m.both)
    # “满意度不低于90%并且预算不到1000万元的”: it has such an indicator
    g.rule("S", "AND", "CJ", lambda s, _: m.has(s) if _stated(s) else None, 0.05)
    g.rule("CJ", "S", "C", lambda c, s: m.both(c, has) if _stated(s) and (has := m.has(s)) else None, 0.05)
    g.rule("BOTH", "C", "C", lambda _, c: c if len(c) > 1 and not any(isinstance(x, Alternatives) for x in c) else None)
    g.rule("BOTH", "C", "C", lambda _, c: c if all(isinstance(x, OfTarget) and x.operator == "≠" for x in c) else None)
    g.rule("S", "LIM", "S", lambda s, _: s if _typed(s) else None, 0.05)  # “各项成本指标的上限”
    g.rule("S", "ALL", "SALL", lambda s, _: s if s.cls == "indicator" and s.of is None and s.rank is None else None)
    g.rule("A", "ALL", "SALL", lambda a, _: Set("indicator") if a.name == "target" else None)  # “目标值都是文字的”
    g.rule("SALL", "C", "C", _all_of)
    g.rule("S", "ALLMET", "C", lambda s, met: _all_of(s, met) if s.cls == "indicator" and s.of is None else None)
    g.lift("HASA", "C", lambda a: (Compare(a, ">", None),))
    # “没写用途的项目”, “用途空着的”
    g.rule("UNSAID", "A", "C", lambda _, a: _unsaid(a))
    g.rule("A", "UNSAID", "C", lambda a, _: _unsaid(a))
    g.rule("NOT", "A", "C", lambda _, a: _unsaid(a) if a.kind == "text" else None)
    g.rule("UNSAID", "A", "C", lambda _, a: _no_goal(a), 0.02)
    g.rule("A", "UNSAID", "C", lambda a, _: _no_goal(a), 0.02)
    g.rule("BOTH", "HS", "C", _each_of)
    g.rule("BOTH", "S", "C", _each_of, 0.02)  # “既有甲指标、乙指标又…的”
    # “质量指标里有100%的”
    g.rule("S", "HAS", "SHV", lambda s, _: s if _is_type(s) else None)
    g.rule("SHV", "C", "C", lambda s, c: m.has(such) if _of_values(c) and (such := m.attach(c, s)) else None, 0.02)
    g.rule("C", "TOGETHER", "C", lambda c, _: c if isinstance(c[-1], OfDepartment) else None)
    g.rule("C", "SOME", "C", lambda c, _: c, 0.06)  # “中央资金的几个项目合计”
    g.rule("SOME", "S", "S", lambda _, s: s if not s.bare and not m.named(s) else None, 0.04)
    g.rule("C", "OR", "CO", lambda c, _: c)
    g.rule("CO", "C", "C", lambda a, b: m.either(a, b) if len(a) == len(b) == 1 else None)
    g.rule("CO", "C", "C", lambda a, b: m.either(a, b) if len(a) + len(b) > 2 else None, 0.12)
    g.rule("NOT", "C", "C", lambda _, c: m.negate(c))
    g.rule("EXC", "C", "CX", lambda _, c: m.negate(c))
    # “不光花财政的钱”: money of the other kind too
    g.rule("PAYER", "FUNDED", "A", lambda a, _: a, 0.02)
    g.rule("NOTONLY", "A", "C", lambda _, a: _other_money(a.label))
    g.rule(
        "NOTONLY",
        "C",
        "C",
        lambda _, c: _other_money(c[0].label) if len(c) == 1 and isinstance(c[0], OfConcept) else None,
    )
    g.rule("ALSO", "A", "ALSOA", lambda _, a: _other_money(a.label, of=False))
    g.rule("C", "SEP", "CSEP", lambda c, _: c, 0.02)
    for before in ("C", "CSEP"):
        g.rule(before, "ALSOA", "C", m.together)
    # “除了财政资金还有其他资金的”, “不仅有甲还有乙”: both
    for word in ("C", "HS", "S"):
        g.rule("NOTONLY", word, "BES", lambda _, c: m.has(c) if isinstance(c, Set) else c if len(c) == 1 else None)
    g.rule("EXC", "C", "BES", lambda _, c: c if len(c) == 1 else None)
    g.rule("EXC", "HS", "BES", lambda _, s: m.has(s))
    g.rule("EXC", "S", "BES", lambda _, s: m.has(s))
    for word in ("EXS", "SEP"):
        g.rule("BES", word, "BES", lambda c, _: c)
    g.rule("BES", "ALSO", "BESA", lambda c, _: c)
    g.rule("BESA", "C", "C", m.together)
    g.rule("BESA", "S", "C", lambda c, s: m.together(c, h) if (h := m.has(s)) else None)
    g.rule("CX", "EXS", "CX", lambda c, _: c)
    g.lift("CX", "C", lambda c: c)
    g.rule("C", "EXS", "C", lambda c, _: m.negate(c), 0.2)
    g.rule("EXC", "S", "CX", lambda _, s: _except(s))
    g.rule("S", "EXS", "C", lambda s, _: _except(s), 0.1)
    g.rule("R", "EXS", "C", lambda r, _: _except(of) if (of := m.ranked(Set("project"), r)) else None, 0.05)
    g.rule("EXC", "R", "CX", lambda _, r: _except(of) if (of := m.ranked(Set("project"), r)) else None, 0.05)
    g.rule("HS", "NOT", "C", lambda s, _: m.has(s, "=", 0), 0.3)
    g.rule("NOT", "HS", "C", lambda _, s: m.has(s, "=", 0))
    g.rule("NOT", "S", "C", lambda _, s: m.has(s, "=", 0) if s.cls == "indicator" else None, 0.02)
    g.rule("NOT", "S", "C", lambda _, s: _except(s) if _by_name(s) else None, 0.02)  # “不是社会保险补贴的”
    g.lift("HS", "C", m.has, 0.05)
    # “满意度指标不少于4个”, “至少设了三个时效指标”
    g.rule("S", "NUM", "C", lambda s, n: m.has(s, n.operator, int(n.number)) if n.operator else None)
    g.rule("NUM", "S", "NS", lambda n, s: (n, s) if n.operator and s.cls == "indicator" else None)
    g.lift("NS", "C", lambda p: m.has(p[1], p[0].operator, int(p[0].number)), 0.02)
    g.rule(
        "NCNT",
        "NUM",
        "C",
        lambda cls, n: m.has(Set(cls), n.operator, int(n.number)) if cls == "indicator" and n.operator else None,
    )
    g.rule("NUM", "HS", "C", lambda n, s: m.has(s, n.operator, int(n.number)) if n.operator else None)
    g.rule("HAS", "NS", "C", lambda _, p: m.has(p[1], p[0].operator, int(p[0].number)))
    g.rule("HS", "NUM", "C", lambda s, n: m.has(s, n.operator, int(n.number)) if n.operator else None)
    # “只有一个成本指标的”, “成本指标只有一个的”
    g.rule("ONLY", "K", "ONLYK", lambda _, k: k)
    g.rule("ONLYK", "S", "C", _just)
    g.rule("S", "ONLYK", "C", lambda s, k: _just(k, s))
    # words that a text or a name holds
    g.rule("REL", "TOPIC", "C", lambda rel, t: None if rel == "with" else t)
    # “和培训有关的”; “财政资金和自筹” are two
    for about in ("TOPIC", "C"):
        g.rule("REL", about, "WITH", lambda rel, t: t if rel == "with" else None)
    g.rule("WITH", "REL", "C", lambda t, rel: None if rel == "with" else t)
    g.lift("WITH", "C", lambda t: t, 0.3)
    g.rule("TOPIC", "REL", "C", lambda t, rel: None if rel == "with" else t, 0.02)  # “送戏和…” speaks of none
    g.rule("REL", "C", "C", lambda rel, c: None if rel == "with" else c)
    g.rule("ALL", "C", "C", _only_from)
    g.rule("ALL", "A", "C", lambda _, a: only_money(a.label))
    g.rule("FUNDED", "C", "C", lambda _, c: c if _of_funds(c) else None, 0.02)  # “资金来自…”, “经费由…安排”
    g.rule("FUNDED", "TOPIC", "C", lambda _, t: t, 0.05)
    g.rule("REL", "TOPIC", "RT", lambda _, t: t)
    g.rule("FUNDED", "RT", "C", lambda _, t: t, 0.05)  # “经费由市级财政安排”, as the tables put it
    g.rule("TOPIC", "AND", "TJ", lambda t, _: t)
    g.rule("TJ", "TOPIC", "TT", lambda a, b: (a, b))
    g.rule("EXC", "TT", "CX", lambda _, t: (Not(t[0]), Not(t[1])), -0.1)  # “除了甲和乙”: neither
    g.rule("EXC", "TOPIC", "CX", lambda _, t: m.negate(t), 0.05)
    g.rule("C", "REL", "C", lambda c, rel: None if rel == "with" else c, 0.02)
    g.rule("TOPIC", "TOPIC", "TOPIC", _joined)
    g.lift("TOPIC", "C", lambda t: t, 0.3)
    g.rule("TOPIC", "OR", "TO", lambda t, _: t)
    g.rule("TO", "TOPIC", "TOPIC", m.either)
    for holding in ("HAS", "REL"):  # “资金用途里有培训的”
        g.rule("A", holding, "AH", lambda a, _: a if a.kind == "text" and a.of == "project" else None)
    g.rule("AH", "QUOTE", "C", lambda a, q: (TextHolds(a, q),))
    g.rule("AH", "FORMS", "C", lambda a, f: (TextHolds(a, f),), 0.02)
    for words in ("QUOTE", "FORMS"):
        g.rule(words, "LETTERS", words, lambda w, _: w)  # “有中央二字”
    g.rule("NAMEHAS", "QUOTE", "C", lambda _, q: (NameHolds(q),))
    g.rule("NAMEHAS", "FORMS", "NAMED", lambda _, f: _letters(f), 0.05)
    g.rule("NAMELACKS", "QUOTE", "C", lambda _, q: (Not((NameHolds(q),)),))
    g.rule("NAMED", "OR", "NAMEDOR", lambda c, _: c)
    g.rule("NAMEDOR", "FORMS", "NAMED", lambda c, f: m.either(c, _letters(f)))  # “名称里带甲或乙的”
    g.lift("NAMED", "C", lambda c: c)


def _other_money(label: str, *, of: bool = True) -> tuple[Any, ...] | None:
    """Money of the other kind than this (``of`` false: of just this kind) is there."""
    none = only_money(label)
    if none is None:
        return None
    other = none[0].attribute
    kinds = [a for a in attributes().values() if a.of == "project" and label in (a.label, *a.names)]
    return (Compare(other if of else kinds[0], ">", None),) if kinds else None


def _each_of(_: Any, of: Set) -> tuple[Any, ...] | None:
    """“同时设了甲指标和乙指标的”: one of each."""
    if len(of.where) != 1 or not isinstance(of.where[0], Alternatives) or of.rank is not None:
        return None
    return tuple(Has(replace(of, where=part)) for part in of.where[0].parts)


def _all_of(of: Set, conditions: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """“指标全部没有量化的”: some, and none that is not so."""
    if not conditions or not all(applies(c, "indicator") for c in conditions):
        return None
    return (Has(of), Has(replace(of, where=(*of.where, Not(conditions))), "=", 0))


def _only_from(_: Any, conditions: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """“全部由财政资金安排”: no money of the other kind."""
    said = conditions[0]
    if len(conditions) != 1 or not isinstance(said, OfConcept) or said.negated:
        return None
    return only_money(said.label)


def _repeated(of: Set) -> bool:
    return of.cls == "indicator" and any(isinstance(c, Repeated) for c in of.where)


def _differing(of: Set) -> bool:
    return of.cls == "indicator" and any(isinstance(c, Repeated) and c.differs for c in of.where)


def _several_departments(conditions: tuple[Any, ...]) -> int:
    """How many departments are named, where they are several."""
    last = next((c for c in reversed(conditions) if not isinstance(c, OfYear)), None)
    named = last.label.split("、") if isinstance(last, OfDepartment) else ()
    return len(named) if len(named) > 1 else 0


def _between(conditions: tuple[Any, ...], of: Set) -> Set | None:
    """“甲局和乙局之间重复的指标”: in the one and in the other."""
    if of.cls != "indicator" or of.rank is not None or of.mention is not None:
        return None
    number = _several_departments(conditions)
    kept = tuple(c for c in of.where if not isinstance(c, Repeated))
    if len(kept) == len(of.where) and not of.bare:
        return None
    return m.attach(conditions, replace(of, where=(*kept, Repeated("department", number=number))))


def _sharing(other: Set, of: Set) -> tuple[Any, ...]:
    """Projects with indicators that another project has, too."""
    shared = (replace(c, place="project", within=other) if isinstance(c, Repeated) else c for c in of.where)
    return (Has(replace(of, where=tuple(shared))),)


def _alike(of: Set) -> Any:
    """Whether an indicator has the same target wherever it stands."""
    return m.every(of, (Not((Repeated(differs=True),)),))


def _of_both(conditions: tuple[Any, ...], of: Set) -> Set | None:
    named = [c for c in conditions if isinstance(c, OfDepartment)]
    rest = tuple(c for c in conditions if not isinstance(c, OfDepartment))
    return _between((*rest, *named), of) if len(named) == 1 and _several_departments(tuple(named)) else None


def _of_several(of: Set) -> bool:
    """Whether a set is of indicators of several departments, which may all have them or not."""
    owner = of.of.where if of.cls == "indicator" and of.of is not None else ()
    return any(isinstance(c, OfDepartment) and "、" in c.label for c in owner)


def _letters(forms: tuple[tuple[str, ...], ...]) -> tuple[Any, ...]:
    """A name is asked for by its letters: what means the same is not in it."""
    return (NameHolds(tuple(these[:1] for these in forms)),)


def _just(k: int, of: Set) -> tuple[Any, ...] | None:
    """So many indicators of a kind, and no more."""
    return m.has(of, "=", k) if of.cls == "indicator" and not of.mention else None


def _unsaid(attribute: Attribute) -> tuple[Any, ...] | None:
    """What the table should say and does not."""
    return (Compare(attribute, "=", None) if attribute.kind == "money" else Unsaid(attribute),)


def _no_goal(attribute: Attribute) -> tuple[Any, ...] | None:
    """“没写目标的项目”: a project's goal, which is also called so."""
    return (Unsaid(attributes()["project", "goal"]),) if attribute == m.target() else None


def _of_values(conditions: tuple[Any, ...]) -> bool:
    return all(isinstance(c, OfTarget | TargetText) for c in conditions)


def _stated(of: Set) -> bool:
    """Whether a set is indicators of a kind with a target that is compared: “满意度不低于90%”."""
    return of.cls == "indicator" and len(of.where) > 1 and any(isinstance(c, OfTarget) for c in of.where)


def _is_type(of: Set) -> bool:
    return of.cls == "indicator" and len(of.where) == 1 and isinstance(of.where[0], OfType)


def _typed(of: Set) -> bool:
    return of.cls == "indicator" and of.rank is None and any(isinstance(c, OfType) for c in of.where)


def _of_funds(conditions: tuple[Any, ...]) -> bool:
    """Whether conditions say from which funds, and nothing else."""
    said = [
        c
        for part in conditions
        for c in ([x for p in part.parts for x in p] if isinstance(part, Alternatives) else [part])
    ]
    return all(
        (isinstance(c, OfConcept) and c.relation == "fundSource") or (isinstance(c, Compare) and c.than is None)
        for c in said
    )


def _by_name(of: Set) -> bool:
    return of.cls == "project" and of.rank is None and len(of.where) == 1 and isinstance(of.where[0], OfProject)


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
    if of.cls == "indicator" and of.where and all(isinstance(c, OfType) for c in of.where):
        return (Not(of.where),) if of.of is None and of.rank is None and of.mention is None else None
    if of.bare or of.cls != "project":
        return None
    if len(of.where) == 1 and isinstance(of.where[0], OfProject | Is) and not of.rank:
        return m.negate(of.where)
    return (Among(of, True),)


def _greatest(of: Set, most: bool) -> Set | None:
    """“最大的人次指标”: of indicators that are measured alike, by their targets."""
    alike = of.cls == "indicator" and of.mention is None and any(isinstance(c, Measured) for c in of.where)
    return m.ranked(of, Rank(m.target(), most)) if alike else None


def _own_targets(of: Set, most: bool) -> Any:
    found = m.ranked(of, Rank(m.target(), most)) if of.cls == "indicator" and of.mention is None else None
    return Each(found, (m.target(),)) if found else None


def ranks_rules(g: Grammar) -> None:
    """Rank: (by, descending), how many, from where."""
    g.rule("A", "SUP", "R", lambda a, d: m.rank(a, d))
    # “预算最高和最低的项目分别是哪个”
    g.rule("R", "AND", "RJ", lambda r, _: r if r.limit == 1 else None)
    g.rule("RJ", "SUP", "RR", lambda r, d: (r, replace(r, descending=d)) if r.descending != d else None)
    g.rule("RJ", "R", "RR", lambda a, b: (a, b) if a != b and b.limit == 1 else None)
    g.rule("RR", "S", "SRR", lambda rr, s: (rr, s) if s.rank is None else None)
    g.rule("S", "RR", "SRR", lambda s, rr: (rr, s) if s.rank is None else None)
    g.rule("C", "SRR", "SRR", lambda c, q: (q[0], s) if (s := m.attach(c, q[1])) else None, 0.02)
    for tail in ("DIST", "WHICH"):
        g.rule("SRR", tail, "SRR", lambda q, _: q)
    g.lift("SRR", "V", _both_ends, 0.05)
    g.rule("SRR", "DIFF", "PD", lambda q, _: _ends_apart(*q))  # “预算最大和最小的项目相差多少”
    # “预算最多的项目比最少的多多少”
    g.rule("S", "BI", "SBI", lambda s, _: s if s.rank is not None and s.rank.limit == 1 else None)
    g.rule("SBI", "SUP", "SBE", lambda s, d: (s.rank, replace(s, rank=None)) if s.rank.descending != d else None)
    g.rule("SBE", "N", "SBE", lambda q, n: q if q[1].cls == n else None)
    for asks in ("DIFF", "CHGHM"):
        g.rule("SBE", asks, "PD", lambda q, _: _ends_apart((q[0], replace(q[0], descending=not q[0].descending)), q[1]))
    for more in ("AM", "R"):  # “预算多的那个”
        g.rule(more, "THATONE", "RTH", lambda r, _: r if r.limit == 1 else None)
    g.rule("S", "RTH", "S", lambda s, r: m.ranked(s, r), 0.02)
    g.rule("A", "ORD", "R", lambda a, d: m.rank(a, d, None))
    g.rule("ORD", "A", "R", lambda d, a: m.rank(a, d, None), 0.05)
    g.rule("BY", "R", "R", lambda _, r: r)  # “按预算从高到低”
    g.rule("A", "TOP", "R", lambda a, k: m.rank(a, k[0], k[1], k[2]))
    g.rule("A", "MORE", "R", lambda a, d: m.rank(a, d), 0.45)
    g.lift("SUP", "R", lambda d: m.rank(budget(), d), 0.4)
    g.lift("TOP", "R", lambda k: m.rank(budget(), k[0], k[1], k[2]), 0.4)
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
    for order in ("SUP", "MORE"):
        g.rule("NCNT", order, "RNC", lambda cls, d: (cls, d))
    g.lift("RNC", "R", lambda p: m.rank(Set("indicator"), p[1]) if p[0] == "indicator" else None)
    g.lift("RNC", "RN", lambda p: Rank(None, p[1]) if p[0] == "project" else None)
    g.rule("S", "SUP", "RN", lambda s, d: Rank(None, d) if s.cls == "project" and s.bare else None)
    g.rule("R", "S", "S", lambda r, s: m.ranked(s, r))
    g.rule("S", "R", "S", lambda s, r: m.ranked(s, r))
    g.rule("PERS", "SUP", "S", lambda s, d: m.ranked(s, Rank(m.target(), d)))
    g.rule("MAGN", "SUP", "MSUP", lambda _, d: d)
    g.rule("MSUP", "S", "S", lambda d, s: _greatest(s, d), 0.02)
    g.rule("SUP", "S", "S", lambda d, s: _greatest(s, d), 0.1)
    g.rule("SUP", "HM", "SUPHM", lambda d, h: d if h.kinds in ((), ("count",)) and not h.unit else None)
    g.rule("S", "SUPHM", "V", lambda s, d: _own_targets(s, d))  # “满意度指标里最低的是多少”
    g.rule("RN", "S", "S", lambda r, s: m.ranked(s, r))
    g.rule("S", "RN", "S", lambda s, r: m.ranked(s, r))
    g.rule("RN", "SW", "SW", lambda r, s: m.ranked(s, r))
    g.rule("SW", "RN", "SW", lambda s, r: m.ranked(s, r))
    g.rule("S", "K", "S", lambda s, k: _limited(s, k), 0.02)
    g.rule("K", "R", "R", lambda k, r: replace(r, limit=k) if r.limit == 1 else None, 0.02)
    g.rule("K", "S", "S", lambda k, s: _sized(s, k), 0.05)
    # “哪些项目的成本指标按人计”: the projects
    g.rule("S", "C", "IC", lambda s, c: _such(s, c))
    g.rule("SW", "IC", "SW", lambda s, i: m.having(i, s) if s.cls == "project" and not m.named(s) else None)
    g.rule("SW", "K", "SW", lambda s, k: _limited(s, k), 0.02)


def _such(of: Set, conditions: tuple[Any, ...]) -> Set | None:
    """Indicators of a type, with what is said of them alone."""
    if (
        not (_is_type(of) or m.called(of))
        or of.mention
        or of.of is not None
        or not all(applies(c, "indicator") for c in conditions)
    ):
        return None
    if any(applies(c, "project") or isinstance(c, Retargeted) for c in conditions):  # see ``_having_changed``
        return None
    return m.attach(conditions, of)


def _both_ends(said: tuple[Any, Set]) -> Any:
    """The first and the last, as two parts."""
    found = [s for rank in said[0] if (s := m.ranked(said[1], rank))]
    return Several(tuple(m.listed(s) for s in found)) if len(found) == 2 else None


def _ends_apart(ranks: tuple[Any, Any], of: Set) -> Any:
    """By how much the first is more than the last, in what they are ranked by."""
    by = ranks[0].by
    found = [s for rank in ranks if (s := m.ranked(of, rank))]
    if len(found) < 2 or not isinstance(by, Attribute) or ranks[1].by != by:
        return None
    return m.computed("difference", m.Pair(*(Statistic("max", s, by) for s in found)))


def _ranks_such(conditions: tuple[Any, ...], of: Set) -> bool:
    """“定性指标最多的项目”: what is said just before the indicators by whose number projects are ranked is of them."""
    ranked = of.rank is not None and isinstance(of.rank.by, Set) and of.rank.by.bare
    return ranked and all(applies(c, "indicator") and not applies(c, "project") for c in conditions)


def _sized(of: Set, k: int) -> Set | None:
    """“两个社会保险补贴项目”: so many there must be."""
    if of.rank is not None or any(isinstance(c, Size) for c in of.where) or (of.bare and of.cls == "indicator"):
        return None
    return replace(of, where=(*of.where, Size(k)))


def _limited(of: Set, k: int) -> Set | None:
    if of.rank is None or of.rank.limit != 1 or of.rank.offset:
        return None
    return replace(of, rank=replace(of.rank, limit=k))


def _one_having(of: Set) -> bool:
    """Whether a set is of projects called by a name that have some indicator: it is rather the indicator that is asked."""
    return of.cls == "project" and m.named(of) and any(isinstance(c, Has) for c in of.where)


def _one_named(of: Set) -> bool:
    """Whether a set is one project by its name: to tell it is no answer."""
    named = [c for c in of.where if isinstance(c, OfProject | Is) and not c.negated]
    return of.cls == "project" and len(of.where) == 1 and bool(named) and len(named[0].iris) == 1 and of.rank is None
