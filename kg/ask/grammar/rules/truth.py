"""Yes or no."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.chart import Grammar
from kg.ask.grammar.meaning import Asked, Pair
from kg.ask.grammar.rules.common import budget, only_money, year_pair
from kg.ask.grammar.rules.years import other_amount, other_number
from kg.ask.logic.conditions import Is
from kg.ask.logic.plain import OfConcept, OfDepartment, OfProject, OfTarget, OfYear, money_target
from kg.ask.logic.sets import Set
from kg.ask.logic.values import Each, Exists


def truth_rules(g: Grammar) -> None:
    g.rule("S", "YN", "V", lambda s, _: m.truth(s) if m.says(s) else None, 0.05)
    g.rule("YN", "S", "V", lambda _, s: m.truth(s), 0.05)
    # “甲2024年就有安排吗”, “甲2024年是不是也有”
    g.rule("S", "THERE", "ST2", lambda s, _: s if _in_a_year(s) else None)
    g.rule("ST2", "YN", "V", lambda s, _: Exists(s))
    g.rule("S", "YN", "SYN", lambda s, _: s if _in_a_year(s) else None)
    g.rule("SYN", "THERE", "V", lambda s, _: Exists(s))
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
    g.rule("S", "CF", "SCF", lambda s, c: m.attach(c, s) if s.cls == "project" and m.named(s) else None)
    g.rule("E", "CF", "SCF", lambda e, c: m.attach(c, e.of) if e.attributes == (budget(),) and m.named(e.of) else None)
    g.rule("SCF", "YN", "V", lambda s, _: m.truth(s))
    g.rule("YN", "CF", "YCF", lambda _, c: c)
    g.rule("S", "YCF", "V", lambda s, c: m.truth(m.attach(c, s) or s) if s.cls == "project" and m.named(s) else None)
    g.rule("E", "YCF", "V", lambda e, c: m.truth(m.attach(c, e.of) or e.of) if m.named(e.of) else None)
    g.rule("YN", "BI", "BIY", lambda _, b: b)
    g.rule("E", "BIY", "EBY", lambda e, _: e)
    g.rule("EBY", "C", "PY", year_pair)
    g.rule("EBY", "E", "PY", lambda a, b: Pair(a, b) if a.attributes == b.attributes else None)
    g.rule("EBY", "S", "PY", lambda e, s: Pair(e, Each(s, e.attributes)) if s.cls == e.of.cls and s != e.of else None)
    g.rule("PY", "MORE", "V", lambda p, d: m.holds(p, ">" if d else "<"))
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
    g.rule("B", "ALL", "BALL", lambda b, _: Set(b) if b == "project" else None)
    g.rule("BALL", "C", "SA", lambda s, c: (s, c))
    g.rule("B", "ALLHAS", "SAH", lambda b, _: Set(b) if b == "project" else None)
    g.rule("S", "ALLHAS", "SAH", lambda s, _: s if s.cls == "project" and not m.named(s) else None)
    for word in ("ALL", "ALLHAS"):  # “所有项目的预算都超过100万元吗”
        g.rule("E", word, "EAL", lambda e, _: e if len(e.attributes) == 1 and not m.named(e.of) else None)
    g.rule("EAL", "MON", "SA", lambda e, q: (e.of, c) if (c := m.bounds(e.attributes[0], q)) else None)
    g.rule("SAH", "S", "SA", lambda s, of: (s, has) if (has := m.has(of)) else None)
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
    # “工程是要求在9月底前完工吗”: the words stand around the target
    g.rule("Q", "C", "QTC", lambda q, c: (q, c) if q.words and all(map(_of_target, c)) else None, 0.02)
    g.rule("QTC", "W", "QTC", lambda p, w: (replace(p[0], words=(*p[0].words, *w)), p[1]), 0.02)
    # “工程是不是要求9月底前完工”
    g.rule("QY", "C", "QYC", lambda q, c: (q, c) if q.words and all(map(_of_target, c)) else None)
    for said in ("QYC", "QYW"):
        g.rule(said, "W", "QYW", lambda p, w: (replace(p[0], words=(*p[0].words, *w)), p[1]), 0.02)
    g.lift("QYW", "V", lambda p: m.truth(s) if (s := _targeted(*p)) else None, 0.02)
    g.rule("QTC", "YN", "V", lambda p, _: m.truth(s) if (s := _targeted(*p)) else None)


def _in_a_year(of: Set) -> bool:
    """Whether a set is of projects called by their names, of one year, and nothing else is said of them."""
    years = [c for c in of.where if isinstance(c, OfYear)]
    named = [c for c in of.where if isinstance(c, OfProject | Is) and not c.negated]
    told = len(years) == len(named) == 1 and len(of.where) == 2 and of.mention is None
    return told and of.cls == "project" and of.rank is None and len(years[0].years) == 1


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
