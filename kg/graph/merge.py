"""One project, several forms: what a later form says beside those that count before it.

What the forms before state is not stated again, so that every fact, count and sum stands once; where a form says
something else, its words stay with their cell as a flag.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.graph.departments import plain
from ontology import JX, PROV, QUDT, RDF, RDFS

Term = NamedNode | Literal
Facts = dict[str, dict[str, list[Term]]]

MANY = {
    PROV.wasQuotedFrom, JX.document, JX.form, JX.indicator, JX.fundSource, JX.beneficiary,
}  # fmt: skip
"""What each of a project's forms may add to; an indicator's document is the one that states it."""

COMPARED = {
    JX.budget: "budget",
    JX.fiscalFunds: "fiscal_funds",
    JX.otherFunds: "other_funds",
    JX.carriedOverFunds: "carried_over",
    JX.adjustedBudget: "adjusted_budget",
    JX.executedFunds: "executed",
    JX.interimExecutedFunds: "interim_executed",
    JX.midtermBudget: "midterm_budget",
    JX.target: "value",
    JX.actual: "actual",
    JX.interimValue: "interim",
}
"""What forms may disagree on, and the field of the cell that says it."""

VALUES = {JX.Target, JX.ReportedValue, JX.Funding}
SAME = (JX.operator, QUDT.value, QUDT.hasUnit, JX.per)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A later form's own fact that is not stated: of whom, which, its cell, its words and those that count."""

    subject: str
    predicate: str
    cell: str
    said: str
    counts: str


def facts_of(quads: Iterable[Quad]) -> Facts:
    """Subject → predicate → objects."""
    facts: Facts = defaultdict(lambda: defaultdict(list))
    for q in quads:
        facts[_id(q.subject)][q.predicate.value].append(_term(q.object))
    return facts


def beside(own: Sequence[Quad], before: Sequence[Sequence[Quad]]) -> tuple[list[Quad], list[Conflict]]:
    """What ``own``, the quads of one table, state beside those of the tables before it, and where they differ."""
    stated = facts_of(q for quads in before for q in quads)
    own = _renamed(own, stated)
    facts = facts_of(own)
    kinds = {s: {_value(o) for o in p.get(RDF.type, ())} for s, p in facts.items()}
    conflicts = list(_conflicts(facts, stated, kinds))
    refuted = {(c.subject, c.cell) for c in conflicts}
    kept: list[Quad] = []
    dropped: set[str] = set()
    for q in own:
        s, p = _id(q.subject), q.predicate.value
        thing = kinds[s] & {JX.Project, JX.DepartmentPerformance, JX.Indicator}
        many = p in MANY and not (p == JX.document and JX.Indicator in thing)
        if thing and not many and p in stated.get(s, {}):
            if isinstance(q.object, NamedNode):
                dropped.add(q.object.value)
        elif p == PROV.wasQuotedFrom and (s, _value(_term(q.object))) in refuted:
            continue
        else:
            kept.append(q)
    gone = {s for s, k in kinds.items() if k & VALUES and (s in dropped or s in stated)}
    return [q for q in kept if _id(q.subject) not in gone], conflicts


def _renamed(own: Sequence[Quad], stated: Facts) -> list[Quad]:
    """``own`` with the IRIs of the indicators that the tables before have under the same name and another level."""
    here, there = _indicators(facts_of(own)), _indicators(stated)
    names = {
        iris[0]: there[name][0]
        for name, iris in here.items()
        if len(iris) == 1 and len(there.get(name, ())) == 1 and iris[0] != there[name][0]
    }
    if not names:
        return list(own)

    def renamed(term: Term) -> Term:
        if not isinstance(term, NamedNode):
            return term
        stem = next((s for s in names if term.value == s or term.value.startswith(s + "/")), "")
        return NamedNode(names[stem] + term.value[len(stem) :]) if stem else term

    return [Quad(renamed(q.subject), q.predicate, renamed(_term(q.object)), q.graph_name) for q in own]  # type: ignore[arg-type]


def _indicators(facts: Facts) -> dict[str, list[str]]:
    """Plain name → the indicators of that name."""
    found: dict[str, list[str]] = defaultdict(list)
    for subject, said in facts.items():
        if JX.Indicator in map(_value, said.get(RDF.type, ())):
            found[plain(_value(said[RDFS.label][0]))].append(subject)
    return found


def _conflicts(facts: Facts, stated: Facts, kinds: dict[str, set[str]]) -> Iterator[Conflict]:
    for subject, said in facts.items():
        if subject not in stated or not kinds[subject] & {JX.Project, JX.Indicator}:
            continue
        for predicate, field in COMPARED.items():
            mine, theirs = said.get(predicate), stated[subject].get(predicate)
            if not mine or not theirs:
                continue
            one, other = _said(mine[0], facts), _said(theirs[0], stated)
            if one[0] == other[0]:
                continue
            for cell in said.get(PROV.wasQuotedFrom, ()):
                if field in map(_value, facts[_value(cell)].get(JX.field, ())):
                    yield Conflict(subject, predicate, _value(cell), one[1], other[1])


def _said(term: Term, facts: Facts) -> tuple[object, str]:
    """(what is compared, the words) of a fact: an amount, or a value by operator, number and unit, else its words."""
    described = facts.get(_value(term)) if isinstance(term, NamedNode) else None
    if not described:
        return _value(term), _value(term)
    text = _value(described[JX.text][0])
    if QUDT.value in described:
        return tuple(_value(described[p][0]) if p in described else "" for p in SAME), text
    return re.sub(r"[\s\W]+", "", text), text


def _id(term: NamedNode | Literal | Triple | object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


def _term(term: object) -> Term:
    assert isinstance(term, NamedNode | Literal)
    return term


def _value(term: Term) -> str:
    return term.value
