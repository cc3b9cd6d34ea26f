"""Yes or no."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.meaning import Asked, Pair
from kg.ask.grammar.rules.common import budget, only_money, year_pair
from kg.ask.grammar.rules.years import asked_year_pair, other_amount, other_number
from kg.ask.logic.changes import AlsoIn
from kg.ask.logic.conditions import Is, Not
from kg.ask.logic.plain import OfConcept, OfDepartment, OfProject, OfTarget, OfYear, money_target
from kg.ask.logic.sets import Set
from kg.ask.logic.values import Each, Exists


def truth_rules(g: Grammar) -> None:
    g.rule("S", "YN", "V", lambda s, _: m.truth(s) if m.says(s) else None, 0.05)
    g.rule("YN", "S", "V", lambda _, s: m.truth(s), 0.05)
    g.rule("YN", "SW", "V", lambda _, s: m.listed(s) if m.says(s) else None, 0.05)  # “有没有哪个项目…”
    g.rule("YN", "HAS", "YN", lambda y, _: y, 0.02)  # “是不是有项目…”
    # “甲2024年就有安排吗”, “甲2024年是不是也有”
    g.lift("SYN", "V", lambda s: Exists(s), 0.15)
    # “某局有没有…的项目”
    g.rule("YN", "S", "YNS", lambda _, s: s if not s.bare else None)
    g.rule("C", "YNS", "YNS", lambda c, s: m.attach(c, s), 0.02)
    g.lift("YNS", "V", lambda s: m.truth(s) if any(isinstance(c, OfDepartment) for c in s.where) else None, 0.04)
    # “甲局的预算合计是不是比乙局高”
    g.rule("X", "BIY", "XBY", lambda x, _: x)
    g.rule("XC", "BIY", "XBY", lambda x, _: None if m.named(x.of) else x)
    g.rule("XBY", "C", "PY", other_number)
    g.rule("EBY", "C", "PY", other_amount)
    # “全是财政出的吗”: no money of the other kind
    g.rule("ALL", "A", "CF", lambda _, a: only_money(a.label))
    g.rule("ALL", "C", "CF", lambda _, c: only_money(c[0].label) if len(c) == 1 and _fund(c[0]) else None)
    g.rule("S", "CF", "SCF", lambda s, c: m.attach(c, s) if _one_by_name(s) else None)
    g.rule(
        "E", "CF", "SCF", lambda e, c: m.attach(c, e.of) if e.attributes == (budget(),) and _one_by_name(e.of) else None
    )
    g.rule("SCF", "YN", "V", lambda s, _: m.truth(s))
    g.rule("YN", "CF", "YCF", lambda _, c: c)
    g.rule("S", "YCF", "V", lambda s, c: m.truth(m.attach(c, s) or s) if _one_by_name(s) else None)
    g.rule("E", "YCF", "V", lambda e, c: m.truth(m.attach(c, e.of) or e.of) if _one_by_name(e.of) else None)
    g.rule("YN", "BI", "BIY", lambda _, b: b)
    g.rule("E", "BIY", "EBY", lambda e, _: e)
    g.rule("EBY", "C", "PY", year_pair)
    g.rule("EBY", "E", "PY", lambda a, b: Pair(a, b) if a.attributes == b.attributes else None)
    g.rule(
        "EBY",
        "S",
        "PY",
        lambda e, s: Pair(e, Each(s, e.attributes)) if s.cls == e.of.cls and s != e.of and not m.vague(s) else None,
    )
    g.rule("PY", "MORE", "V", lambda p, d: m.holds(p, ">" if d else "<"))
    g.rule("PY", "CHG", "V", lambda p, o: m.holds(p, o.replace("!=", "≠")))
    for q in ("Q", "QH"):  # “目标是不是比2024年提高了”
        g.rule(q, "BIY", "QBY", lambda q, _: q)
    g.rule("QBY", "C", "PY", asked_year_pair)
    # “预算是否高于2024年”
    g.rule("EYN", "OP", "EOY", lambda e, o: (e, o))
    g.rule("EOY", "C", "V", lambda p, c: m.holds(q, p[1]) if (q := year_pair(p[0], c)) else None)
    g.rule("QO", "C", "HPY", lambda p, c: m.holds(q, p[1]) if (q := asked_year_pair(p[0], c)) else None)
    g.rule("QOY", "C", "V", lambda p, c: m.holds(q, p[1]) if (q := asked_year_pair(p[0], c)) else None)
    # “财政资金和其他资金一样多吗”, “财政资金比其他资金多吗”
    g.rule("E", "SAMEAS", "EAA", lambda e, o: m.hold_two(e.of, o, e.attributes))
    g.rule("EAA", "YN", "V", lambda v, _: v)
    g.rule("EYN", "SAMEAS", "V", lambda e, o: m.hold_two(e.of, o, e.attributes))
    for before, made in (("EBI", "PAA"), ("EBY", "PAAY")):
        g.rule(before, "A", made, lambda e, a: (e.of, (*e.attributes, a)))
    g.rule("PAA", "MORE", "EAA", lambda p, more: m.hold_two(p[0], ">" if more else "<", p[1]))
    g.rule("PAAY", "MORE", "V", lambda p, more: m.hold_two(p[0], ">" if more else "<", p[1]))
    # “甲2024年就有安排吗”, “2025年还有甲吗”
    for there in ("THERE", "HAS", "ALSO"):
        g.rule("S", there, "ST2", lambda s, _: s if _in_a_year(s) else None)
        g.rule("SYN", there, "V", lambda s, _: Exists(s))
        g.rule("C", there, "CHD", lambda c, _: c)
    g.rule("SYN", "PAYS", "V", lambda s, _: Exists(s))
    g.rule("ST2", "YN", "V", lambda s, _: Exists(s))
    g.rule("S", "YN", "SYN", lambda s, _: s if _in_a_year(s) else None)
    g.rule("C", "YN", "CHDY", lambda c, _: c)
    g.rule("CHD", "S", "ST2", lambda c, s: of if (of := m.attach(c, s)) and _in_a_year(of) else None)
    g.rule("CHDY", "S", "V", lambda c, s: Exists(of) if (of := m.attach(c, s)) and _in_a_year(of) else None)
    # “甲是2025年才有的吗”, “甲2025年取消了吗”
    for come in ("ADDED", "DROPPED"):
        g.rule("S", come, "SCG", lambda s, word: _come_or_gone(s, new=word == "added"))
        g.rule("SYN", come, "V", lambda s, word: Exists(of) if (of := _come_or_gone(s, new=word == "added")) else None)
    g.rule("SCG", "YN", "V", lambda s, _: Exists(s))
    g.rule("Q", "YN", "QY", lambda q, _: q)
    g.rule("QY", "C", "V", lambda q, c: m.truth(s) if (s := _targeted(q, c)) else None)
    g.rule("YN", "C", "YC", lambda _, c: c)
    g.rule("YC", "SEP", "YCS", lambda c, _: c)
    g.rule("YCS", "SW", "V", lambda c, s: m.listed(f) if s.bare and (f := m.attach(c, s)) else None, 0.02)
    g.rule("S", "YC", "V", lambda s, c: m.truth(m.attach(c, s) or Set("project")), 0.02)
    g.rule("YN", "HS", "YC", lambda _, s: m.has(s))
    g.rule("S", "S", "SS", lambda a, b: m.same_class(a, b), 0.05)
    g.rule("SS", "YN", "V", lambda s, _: m.truth(s))
    g.rule("S", "YN", "SY", lambda s, _: s if m.named(s) else None)
    g.rule("SY", "S", "V", lambda a, b: m.truth(m.same_class(a, b) or Set("project")), 0.02)
    g.rule("ALL", "C", "AC", lambda _, c: c)
    g.rule("S", "AC", "SA", lambda s, c: (s, c))
    # “每个项目都设了甲指标吗”, “所有项目都有甲指标吗”
    g.rule("B", "AC", "SA", lambda b, c: (Set(b), c) if b == "project" else None)
    g.rule("B", "ALL", "BALL", lambda b, _: Set(b) if b == "project" else None)
    g.rule("BALL", "C", "SA", lambda s, c: (s, c))
    g.rule("B", "ALLHAS", "SAH", lambda b, _: Set(b) if b == "project" else None)
    g.rule("S", "ALLHAS", "SAH", lambda s, _: s if s.cls == "project" and not m.named(s) else None)
    for word in ("ALL", "ALLHAS"):  # “所有项目的预算都超过100万元吗”
        for amount in ("E", "EYN"):
            g.rule(
                amount,
                word,
                amount + "AL",
                lambda e, _: e if len(e.attributes) == 1 and not _one_by_name(e.of) else None,
            )
    for amount, made in (("EAL", "SA"), ("EYNAL", "SAY")):
        g.rule(amount, "MON", made, lambda e, q: (e.of, c) if (c := m.bounds(e.attributes[0], q)) else None)
    g.rule("E", "YN", "EYN", lambda e, _: e)
    # “每个项目是不是都设了甲指标”, “甲和乙是不是都有其他资金”
    g.rule("ALLHAS", "S", "AC", lambda _, of: m.has(of))
    g.rule("ALLHAS", "C", "AC", lambda _, c: c)
    g.rule("ALLHAS", "A", "AC", lambda _, a: m.there(a))
    g.rule("YN", "AC", "YAC", lambda _, c: c)
    for who in ("S", "B"):
        g.rule(
            who, "YAC", "SAY", lambda s, c: (s, c) if isinstance(s, Set) else (Set(s), c) if s == "project" else None
        )
    g.rule("YN", "SA", "SAY", lambda _, p: p)
    for said in ("SA", "SAY"):
        g.rule("C", said, said, lambda c, p: (of, p[1]) if (of := m.attach(c, p[0])) else None, 0.02)
    g.lift("SAY", "V", lambda p: m.every(*p))
    g.rule("SAH", "S", "SA", lambda s, of: (s, has) if (has := m.has(of)) else None)
    g.rule("SA", "YN", "V", lambda p, _: m.every(*p))
    g.rule("ALL", "SA", "SA", lambda _, p: p)
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
    # “工程是要求在9月底前完工吗”: the words stand around the target
    g.rule("Q", "C", "QTC", lambda q, c: (q, c) if q.words and all(map(_of_target, c)) else None, 0.02)
    g.rule("QTC", "W", "QTC", lambda p, w: (replace(p[0], words=(*p[0].words, *w)), p[1]), 0.02)
    # “工程是不是要求9月底前完工”
    g.rule("QY", "C", "QYC", lambda q, c: (q, c) if q.words and all(map(_of_target, c)) else None)
    for said in ("QYC", "QYW"):
        g.rule(said, "W", "QYW", lambda p, w: (replace(p[0], words=(*p[0].words, *w)), p[1]), 0.02)
    g.lift("QYW", "V", lambda p: m.truth(s) if (s := _targeted(*p)) else None, 0.02)
    g.rule("QTC", "YN", "V", lambda p, _: m.truth(s) if (s := _targeted(*p)) else None)


def _one_by_name(of: Set) -> bool:
    """Whether a set is one project by its name, not several named side by side."""
    return of.cls == "project" and m.named(of) and not m.joined(of)


def _come_or_gone(of: Set, *, new: bool) -> Set | None:
    """A project of the year, and not of that before; or of that before, and not of it."""
    if not _in_a_year(of):
        return None
    year = next(c.years[0] for c in of.where if isinstance(c, OfYear))
    here, there = (year, year - 1) if new else (year - 1, year)
    kept = tuple(c for c in of.where if not isinstance(c, OfYear))
    return replace(of, where=(*kept, OfYear((here,)), Not((AlsoIn(there),))))


def _in_a_year(of: Set) -> bool:
    """Whether a set is of projects called by their names, of one year, and nothing else is said of them."""
    years = [c for c in of.where if isinstance(c, OfYear)]
    named = [c for c in of.where if isinstance(c, OfProject | Is) and not c.negated]
    told = len(years) == len(named) == 1 and len(of.where) == 2 and of.mention is None
    return told and of.cls == "project" and of.rank is None and len(years[0].years) == 1 and not m.joined(of)


def _amount_target(operator: str, amount: Any) -> tuple[Any, ...] | None:
    if amount.operator or amount.number is None or amount.upper is not None:
        return None
    return (money_target(operator, amount.number, amount.text),)


def _with_operator(operator: str, conditions: tuple[Any, ...]) -> tuple[Any, ...] | None:
    only = conditions[0]
    if len(conditions) != 1 or not isinstance(only, OfTarget) or only.operator != "=":
        return None
    return (replace(only, operator=operator),)


def _targeted(question: Asked, conditions: tuple[Any, ...]) -> Set | None:
    """“某项目的生活费是每月发吗”: the indicator that the words mean, if its target is such."""
    if not question.words:
        return None
    if not all(map(_of_target, conditions)):
        return None
    kinds = {"DueBy": ("date",), "Every": ("frequency",)}.get(type(conditions[0]).__name__, ())
    wanted = question.wanted if question.wanted.kinds else replace(question.wanted, kinds=kinds)
    return m.attach(conditions, m.mention(question.words, question.of, wanted))


def _of_target(condition: Any) -> bool:
    return type(condition).__name__ in ("OfTarget", "DueBy", "Every", "TargetText")


def _fund(condition: Any) -> bool:
    return isinstance(condition, OfConcept) and condition.relation == "fundSource" and not condition.negated
