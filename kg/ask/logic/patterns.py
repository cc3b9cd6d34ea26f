"""Conditions of one project or one indicator → SPARQL patterns. Every value is written by ``kg.graph.terms``."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import count

from index.text import YEAR
from kg.ask.logic.plain import (
    About,
    Changed,
    DueBy,
    Every,
    IndicatorCondition,
    Named,
    OfConcept,
    OfDepartment,
    OfProject,
    OfTarget,
    OfType,
    OfYear,
    OnlyIn,
    ProjectCondition,
    TargetKind,
    TargetText,
    sign_of,
)
from kg.graph.terms import decimal, iri, literal, values

RANGE = "[0-9][^，。；、0-9]{0,6}[-–—―~～至到][^，。；、0-9]{0,3}[0-9]"  # 60%–70%, 2万元–3万元/户

INDICATOR = "/indicator/"  # what follows the project in the IRI of an indicator


class Patterns:
    """The patterns of one query; variables made on the way never clash."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def _var(self, name: str) -> str:
        return f"{name}{next(self._numbers)}"

    def project(self, condition: ProjectCondition, p: str = "?project") -> str:
        """Graph pattern that keeps the projects meeting a condition."""
        match condition:
            case OfConcept(relation, iris, _, negated):
                above, link = self._var("above"), self._var("concept")
                pattern = f"{_narrower(above, iris, link)} {p} jx:{relation} ?{link} ."
                return _keep(p, pattern, negated)
            case OfDepartment(iris, _):
                name = self._var("department")
                return f"{values(name, iris)} {p} jx:department ?{name} ."
            case OfYear(years):
                name = self._var("year")
                return f"VALUES ?{name} {{ {' '.join(map(str, years))} }} {p} jx:fiscalYear ?{name} ."
            case OfProject(iris, _, negated):
                if negated:
                    return f"FILTER({p} NOT IN ({', '.join(map(iri, iris))}))"
                return f"VALUES {p} {{ {' '.join(map(iri, iris))} }}"
            case About(said, among):
                return _keep(p, f"{self._texts(p, among)} FILTER({_contains('?text', said)})")
            case Changed(measure, operator, old, new):
                amounts = f"{p} jx:fiscalYear {new} ; jx:{measure} ?now . ?earlier jx:{measure} ?was ."
                return f"{self._same_line(p, old)} {amounts} FILTER(?now {operator} ?was)"
            case OnlyIn(year, other):
                return f"{p} jx:fiscalYear {year} . MINUS {{ {self._same_line(p, other)} }}"

    def indicator(self, condition: IndicatorCondition, i: str = "?indicator") -> str:
        """Graph pattern that keeps the indicators meeting a condition."""
        target, name = self._var("target"), self._var("value")
        match condition:
            case OfType(iris, _):
                above, kind = self._var("above"), self._var("type")
                return f"{_narrower(above, iris, kind)} {i} jx:type ?{kind} ."
            case Named(said, exact, among):
                if exact:
                    names = " ".join(literal(form) for form in said[0])
                    return f"VALUES ?{name} {{ {names} }} {i} rdfs:label|jx:description ?{name} ."
                only = "" if among is None else values(i.removeprefix("?"), among)
                worded = f'{only} {i} jx:target ?{target} . ?{target} jx:valueType ?{name}k ; jx:text ?{name} FILTER(?{name}k != "number")'
                texts = f"{{ {only} {i} rdfs:label|jx:description ?{name} }} UNION {{ {worded} }}"
                return f"{texts} FILTER({_contains('?' + name, said)})"
            case OfTarget(operator, number, unit, _):
                only = f"?{target} qudt:hasUnit {iri(unit)} . " if unit else ""
                return f"{i} jx:target ?{target} . {only}?{target} qudt:value ?{name} . FILTER(?{name} {sign_of(operator)} {decimal(number)})"
            case TargetText(_, forms):
                written = " ".join(map(literal, forms))
                return f"VALUES ?{name} {{ {written} }} {i} jx:target ?{target} . ?{target} jx:text ?{name} ."
            case TargetKind("range"):
                held = f'{i} jx:target ?{target} . ?{target} jx:valueType "text" ; jx:text ?{name} .'
                return f"{held} FILTER(REGEX(?{name}, {literal(RANGE)}))"
            case TargetKind(kind):
                kept = f"{i} jx:target ?{target} . ?{target} jx:valueType {literal(kind)} ."
                if kind != "text":
                    return kept
                return f'{kept} ?{target} jx:text ?{name} . FILTER(!REGEX(?{name}, "[0-9]"))'  # “90%-95%” says how much
            case DueBy():
                return self._due(condition, i, target, name)
            case Every(period):
                return f'{i} jx:target ?{target} . ?{target} jx:frequency "{period}"^^xsd:duration .'

    def _due(self, due: DueBy, i: str, target: str, name: str) -> str:
        """Dates compare as they are written; where none of them names a year, with the project's before it."""
        of, year = (self._var(n) for n in ("of", "year"))

        def day(of: date) -> str:
            if not due.yearless:
                return literal(str(of))
            leap = of.month == 2 and of.day == monthrange(of.year, 2)[1]  # the end of February, whatever the year
            return f'CONCAT(STR(?{year}), "-{"02-29" if leap and of is due.last else f"{of:%m-%d}"}")'

        tests = [f"STR(?{name}) >= {day(due.first)}"] if due.first and not due.stated else []
        tests += [f"STR(?{name}) <= {day(due.last)}"] if due.last and not due.stated else []
        if due.stated and due.first and due.last:
            since = f"?{target} jx:startDate ?{name}s . "
            tests += [f"STR(?{name}s) = {day(due.first)}", f"STR(?{name}) = {day(due.last)}"]
        else:
            before = f"FILTER(STR(?{name}s) < {day(due.first)})" if due.first and due.last else ""
            since = f"FILTER NOT EXISTS {{ ?{target} jx:startDate ?{name}s . {before} }} "
        dated = f"?{of} jx:indicator {i} ; jx:fiscalYear ?{year} . " if due.yearless else ""
        return f"{i} jx:target ?{target} . ?{target} jx:deadline ?{name} . {dated}{since}FILTER({' && '.join(tests)})"

    @staticmethod
    def _same_line(p: str, year: int) -> str:
        """``?earlier`` is the project of ``year`` with the same programme and, but for years in it, name."""
        name = f'REPLACE({{}}, "{YEAR}", "")'
        return (
            f"{p} jx:programme ?line ; rdfs:label ?nameNow . ?earlier jx:programme ?line ; jx:fiscalYear {year} ; "
            f"rdfs:label ?nameThen . FILTER({name.format('?nameNow')} = {name.format('?nameThen')})"
        )

    def _texts(self, p: str, among: tuple[str, ...] | None) -> str:
        """Binds ``?text`` to the texts of a project and its indicators (of those ``among``, where the index has told)."""
        only = held = ""
        if among is not None:
            held = values("holder", (one for one in among if INDICATOR in one))
            only = values(p.removeprefix("?"), (one for one in among if INDICATOR not in one))
        return (
            f"{{ {only} {p} rdfs:label|jx:purpose|jx:goal ?text }} UNION "
            f"{{ {held} {p} jx:indicator ?holder . ?holder rdfs:label|jx:description ?text }} UNION "
            f'{{ {held} {p} jx:indicator ?holder . ?holder jx:target ?t . ?t jx:valueType ?kind ; jx:text ?text FILTER(?kind != "number") }}'
        )


def _narrower(above: str, iris: Sequence[str], name: str) -> str:
    """Binds ``?name`` to each of the concepts and of all narrower ones, found first: joined later, each path would be
    walked for each thing."""
    return f"{{ SELECT DISTINCT ?{name} WHERE {{ {values(above, iris)} ?{above} ^skos:broader* ?{name} }} }}"


def _keep(p: str, pattern: str, negated: bool = False) -> str:
    """Keep the projects that a pattern holds for (or not), each once.

    A subselect and MINUS are evaluated once; FILTER EXISTS would be evaluated for every row.
    """
    return f"MINUS {{ {pattern} }}" if negated else f"{{ SELECT DISTINCT {p} WHERE {{ {pattern} }} }}"


def served(project: str, v: str, iris: Sequence[str], new: Callable[[str], str]) -> str:
    """Binds ``?v`` to whom the heads of the tables of projects among ``iris`` name they serve, be they wider than others
    that the rows name.

    A word that only repeats the end of a longer name (患者 after 慢性病患者) names nobody else. The words of these
    projects alone are paired before anything is asked of them: a FILTER NOT EXISTS in its place pairs those of all.
    """
    link, cell, head, said, longer, shorter, more, narrower = map(
        new, ("link", "cell", "head", "said", "longer", "shorter", "more", "narrower")
    )
    only = values(project, iris)

    def linked(link: str, group: str, words: str) -> str:
        return (
            f"?{link} rdf:subject ?{project} ; rdf:predicate jx:beneficiary ; rdf:object ?{group} ; jx:quote ?{words} ."
        )

    return (
        f"{only} {linked(link, v, said)} ?{link} prov:wasQuotedFrom ?{cell} . "
        f'?{cell} jx:field ?{head} . FILTER(?{head} IN ("project", "purpose", "goal")) '
        f"MINUS {{ {{ SELECT DISTINCT ?{project} ?{v} ?{said} WHERE {{ {only} {linked(shorter, v, said)} }} }} "
        f"{{ SELECT DISTINCT ?{project} ?{narrower} ?{more} WHERE {{ {only} {linked(longer, narrower, more)} }} }} "
        f"FILTER(STRENDS(?{more}, ?{said})) ?{narrower} skos:broader+ ?{v} . }}"
    )


def _contains(text: str, said: tuple[tuple[str, ...], ...]) -> str:
    def one(forms: tuple[str, ...]) -> Iterator[str]:
        return (f"CONTAINS({text}, {literal(form)})" for form in forms)

    return " && ".join(f"({' || '.join(one(forms))})" for forms in said)
