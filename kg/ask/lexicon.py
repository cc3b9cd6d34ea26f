"""What a graph can be asked about: every name in it, with the forms people say it in."""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field
from functools import cache, cached_property
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

from index.matcher import Matcher
from index.segment import Segmenter
from index.synonyms import abbreviations, departments
from index.text import without_first_year
from kg.ask.reading import plain
from kg.graph.linking import programme
from kg.graph.store import Store

LONGEST_LABEL = 30  # longer descriptions are prose, nobody asks by them
GENERIC_LABEL = 4  # shorter indicator names (成本, 其他) are words, not names


@cache
def words() -> dict[str, Any]:
    """The tables of ``words.toml``, with the further ways of asking of ``fillers.toml``."""
    folder = resources.files("kg.ask")
    data = tomllib.loads(folder.joinpath("words.toml").read_text("utf-8"))
    more = tomllib.loads(folder.joinpath("fillers.toml").read_text("utf-8"))
    for role, said in more["roles"].items():
        data["roles"][role] = [*data["roles"].get(role, ()), *said]
    data["light"]["words"] += [word for said in more["fillers"].values() for word in said]
    return data


_SAVED = ("departments", "groups", "funds", "types", "labels", "indicators")


@dataclass(frozen=True, slots=True)
class Entity:
    """Something named in a question. ``iris`` are several where the words name several things."""

    kind: str  # project, programme, indicator, group, fund, department, type
    label: str
    iris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Project:
    iri: str
    label: str
    year: int | None
    department: str | None
    programme: str


@dataclass
class Lexicon:
    """Names of one graph, and the vocabulary of questions."""

    projects: dict[str, Project]
    departments: dict[str, str]
    groups: dict[str, str]
    funds: dict[str, str]
    types: dict[str, tuple[str, str]]
    used: set[str]  # concepts that something in the graph is linked to, with all that is broader
    labels: list[tuple[str, str, str]] = field(default_factory=list)  # (concept kind, iri, label)
    indicators: list[str] = field(default_factory=list)

    @cached_property
    def entities(self) -> Matcher[Entity]:
        return Matcher((form, entity) for surface, entity in self._surfaces() for form in abbreviated(surface))

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Names of groups that say more than their group, in normal form: 外贸企业, where the group is 企业."""
        named: dict[str, set[str]] = defaultdict(set)
        for kind, iri, label in self.labels:
            if kind == "BeneficiaryGroup":
                named[iri].add(plain(label))
        return frozenset(
            label
            for iri, labels in named.items()
            for label in labels - {plain(self.groups.get(iri, ""))}
            if any(label[at:] in labels for at in range(1, len(label) - 1))
        )

    @cached_property
    def newest(self) -> dict[str | None, int]:
        """Department → the latest year of its projects, where one is known."""
        found: dict[str | None, int] = {}
        for project in self.projects.values():
            if project.year:
                found[project.department] = max(found.get(project.department, 0), project.year)
        return found

    @cached_property
    def roles(self) -> Matcher[str]:
        return Matcher((plain(w), role) for role, said in words()["roles"].items() for w in said)

    @cached_property
    def light(self) -> frozenset[str]:
        return frozenset(plain(w) for w in words()["light"]["words"])

    @classmethod
    def of(cls, store: Store, indicators: Iterable[str] | None = None) -> Lexicon:
        """``indicators``: what names and describes the indicators, where that need not be asked of the graph."""
        projects = {
            r["p"]: Project(r["p"], r["label"], r["year"], r["dep"], programme(r["label"]))
            for r in store.select(
                "SELECT ?p ?label ?year ?dep WHERE { ?p a jx:Project ; rdfs:label ?label ."
                " OPTIONAL { ?p jx:fiscalYear ?year } OPTIONAL { ?p jx:department ?dep } } ORDER BY ?year ?label ?p"
            )
        }
        departments = {
            r["d"]: r["label"]
            for r in store.select("SELECT ?d ?label WHERE { ?d a jx:Department ; rdfs:label ?label } ORDER BY ?label")
        }
        labels: list[tuple[str, str, str]] = []
        preferred: dict[str, dict[str, str]] = {"BeneficiaryGroup": {}, "FundSource": {}}
        for r in store.select(
            """SELECT DISTINCT ?kind ?c ?p ?label WHERE {
                 VALUES ?kind { jx:BeneficiaryGroup jx:FundSource } ?c a ?kind .
                 { ?c skos:prefLabel ?label . BIND(skos:prefLabel AS ?p) }
                 UNION { ?c skos:altLabel ?label . BIND(skos:altLabel AS ?p) }
                 FILTER(lang(?label) != "en") } ORDER BY ?c ?p ?label"""
        ):
            kind = r["kind"].rpartition("#")[2]
            labels.append((kind, r["c"], r["label"]))
            if r["p"].endswith("prefLabel"):
                preferred[kind].setdefault(r["c"], r["label"])
        types: dict[str, tuple[str, str]] = {}
        for r in store.select(
            """SELECT DISTINCT ?c ?p ?label ?level WHERE {
                 VALUES ?p { skos:prefLabel skos:altLabel } ?c a jx:IndicatorType ; ?p ?label .
                 OPTIONAL { ?c skos:notation ?level } FILTER(lang(?label) != "en") } ORDER BY ?c DESC(?p) ?label"""
        ):
            labels.append(("IndicatorType", r["c"], r["label"]))
            if r["p"].endswith("prefLabel"):
                types[r["c"]] = (r["label"], r["level"] or "")
        used = {
            r["c"]
            for r in store.select(
                """SELECT DISTINCT ?c WHERE {
                     { SELECT DISTINCT ?x WHERE {
                         VALUES ?kind { jx:BeneficiaryGroup jx:FundSource jx:IndicatorType } ?x a ?kind .
                         FILTER(EXISTS { ?s jx:beneficiary ?x } || EXISTS { ?s jx:fundSource ?x } || EXISTS { ?s jx:type ?x })
                       } } ?x skos:broader* ?c }"""
            )
        }
        if indicators is None:
            said = "SELECT DISTINCT ?label WHERE { ?i a jx:Indicator ; rdfs:label|jx:description ?label }"
            indicators = (r["label"] for r in store.select(said))
        return cls(
            projects,
            departments,
            preferred["BeneficiaryGroup"],
            preferred["FundSource"],
            types,
            used,
            labels,
            sorted({label for label in indicators if len(label) <= LONGEST_LABEL}),
        )

    def save(self, path: Path) -> None:
        """Write the names to a file: reading them back is much quicker than asking the graph for them."""
        data = {name: getattr(self, name) for name in _SAVED}
        data["projects"] = [astuple(p) for p in self.projects.values()]
        data["used"] = sorted(self.used)
        path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, path: Path) -> Lexicon:
        data: dict[str, Any] = json.loads(path.read_text("utf-8"))
        projects = [Project(*row) for row in data.pop("projects")]
        types = {iri: (label, level) for iri, (label, level) in data.pop("types").items()}
        return cls(projects={p.iri: p for p in projects}, types=types, used=set(data.pop("used")), **data)

    @cached_property
    def years(self) -> list[int]:
        """The fiscal years in the data, latest first."""
        return sorted({p.year for p in self.projects.values() if p.year}, reverse=True)

    def compounds(self, segmenter: Segmenter) -> set[str]:
        """The words of the names of projects and indicators, and each two that adjoin: 招聘, 招聘场次."""
        labels = {plain(label) for label in (*(p.label for p in self.projects.values()), *self.indicators)}
        cut = [segmenter.words(label) for label in labels]
        return {word for said in cut for word in said} | {a + b for said in cut for a, b in pairwise(said)}

    def holding(self, text: str) -> tuple[str, ...]:
        """The projects whose names, in normal form, hold this text."""
        return tuple(i for i, name in self.names.items() if text in name) if text in self._every_name else ()

    @cached_property
    def names(self) -> dict[str, str]:
        """Project → its name in normal form."""
        return {i: plain(p.label) for i, p in self.projects.items()}

    def lines(self, iris: Iterable[str]) -> tuple[str, ...]:
        """The projects, of whatever year, of the same lines and departments as these."""
        said = {(self.projects[i].programme, self.projects[i].department) for i in iris if i in self.projects}
        return tuple(i for i, p in self.projects.items() if (p.programme, p.department) in said)

    def fund_names(self) -> Iterator[tuple[str, Entity]]:
        """Each name of a fund, in normal form, and the fund."""
        yield from (
            (plain(label), Entity("fund", label, (iri,))) for kind, iri, label in self.labels if kind == "FundSource"
        )

    def called(self, iris: Iterable[str]) -> tuple[str, ...]:
        """All names of these concepts."""
        return tuple(dict.fromkeys(label for iri in iris for label in self._labels_of.get(iri, ())))

    @cached_property
    def _labels_of(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for _, iri, label in self.labels:
            found[iri].append(label)
        return found

    @cached_property
    def _every_name(self) -> str:
        return "\n".join(self.names.values())

    def _surfaces(self) -> Iterator[tuple[str, Entity]]:
        """The names in normal form, each with what it names."""
        yield from _project_surfaces(self.projects.values())
        by_label: dict[tuple[str, str], list[str]] = defaultdict(list)
        for kind, iri, label in self.labels:
            by_label[kind, plain(label)].append(iri)
        short = {"BeneficiaryGroup": "group", "FundSource": "fund", "IndicatorType": "type"}
        for (kind, label), iris in by_label.items():
            if kind == "IndicatorType":
                if not label.endswith("指标"):
                    continue  # 成本, 数量 are words of everyday questions; 成本指标 is a type
                # 项目成本指标 stands for all that 成本指标 does: forms have it at another level
                iris = [i for iri in iris for i in by_label[kind, plain(self.types[iri][0])]]
            yield label, Entity(short[kind], label, tuple(dict.fromkeys(iris)))
        for label in self.indicators:
            if len(form := plain(label)) >= GENERIC_LABEL:
                yield form, Entity("indicator", label, ())
        for iri, label in self.departments.items():
            for form in department_forms(label):
                yield form, Entity("department", label, (iri,))


def _project_surfaces(projects: Iterable[Project]) -> Iterator[tuple[str, Entity]]:
    """Full names name a project in its years; what is left without year, fund, brackets or 专项经费 names a line of them."""
    full: dict[str, dict[str, None]] = defaultdict(dict)
    lines: dict[str, dict[str, None]] = defaultdict(dict)
    labels: dict[str, str] = {}
    for project in projects:
        name = plain(project.label)
        labels[name] = project.label
        full[name][project.iri] = None
        for form in {name, plain(project.programme), *_shortened(plain(project.programme))} - {""}:
            lines[form][project.iri] = None
    for name, iris in full.items():
        yield name, Entity("project", labels[name], tuple(iris))
    for form, iris in lines.items():
        yield form, Entity("programme", form, tuple(iris))


def _shortened(name: str) -> Iterator[str]:
    without = re.sub(r"\([^()]*\)$", "", name)
    forms = [without, without_first_year(name)]
    forms += [without.removesuffix(suffix) for suffix in words()["projects"]["suffixes"]]
    return (form for form in forms if len(form) >= GENERIC_LABEL and form != name)


def abbreviated(name: str) -> Iterator[str]:
    """A name, and the name with the short forms that people use for parts of it."""
    yield name
    for full, shorts in abbreviations().items():
        if full in name:
            yield from (name.replace(full, short) for short in shorts)


def department_forms(label: str) -> list[str]:
    """The names a department goes by: ``某市人力资源和社会保障局财务处`` → 某市人社局, 市人社局, 人社局 …"""
    name = plain(label)
    bureau = re.match(r"(.*(?:局|委员会|委|厅|办公室|部|院|(?<!社)会))(?=[^局委厅]{1,8}(?:处|科|室|股|中心)$)", name)
    bases = [name] + ([bureau[0]] if bureau else [])
    forms: dict[str, None] = {}
    for base in list(bases):
        for full, shorts in departments().items():
            if plain(full) in base:
                bases += [base.replace(plain(full), plain(short)) for short in shorts]
    for base in dict.fromkeys(bases):
        place = re.match(r"(.{2,6}?(?:市|省|自治区|区|县|自治州))(?=.{2})", base)
        forms[base] = None
        if place:
            bare = base[place.end() :]
            forms[bare] = forms[f"{place[1][-1]}{bare}"] = forms[f"{place[1][:-1]}{bare}"] = None
    return [form for form in forms if len(form) >= 3 or form in ("教委", "农委", "残联", "妇联", "工会")]
