"""Records → RDF quads, to the names of the ontology. The same record gives the same quads, always.

Instance IRIs are hashes of what identifies a thing (department, year, project name, …), so they are the
same for every rebuild and for every file of the same document.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from urllib.parse import quote as percent

from pyoxigraph import Literal, NamedNode, Quad

from index.text import compact
from kg.graph import linking
from kg.graph.linking import Mention
from kg.graph.vocabulary import Scheme, Vocabulary
from kg.tables import DocumentRecord, IndicatorRecord, ProjectRecord, Quote, Target
from kg.tables.lexis import is_generic_name
from kg.tables.records import Flag
from ontology import DATA, DCAT, DCTERMS, JX, ORG, PROV, QUDT, RDF, RDFS, SCHEMA, SKOS, XSD

Value = str | int | bool | Decimal | Literal | NamedNode
FORMULA = re.compile(r"计算公式[:：]\s*(.+?)[。；;]?\s*$", re.DOTALL)

VALUES = {
    "actual": (JX.actual, JX.ReportedValue),
    "prior": (JX.priorValue, JX.ReportedValue),
    "midterm": (JX.midtermTarget, JX.Target),
    "half_year": (JX.halfYearTarget, JX.Target),
}
"""What stands beside an indicator's target: property and class by the record's role."""


@lru_cache(65536)
def node(iri: str) -> NamedNode:
    return NamedNode(iri)


def typed(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=node(datatype))


def plain_decimal(number: Decimal) -> str:
    """Canonical decimal: no exponent, no trailing zeros (``3540.00`` → ``3540``)."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def short_hash(*parts: object) -> str:
    joined = "\x1f".join(compact(str(part)) for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:12]


def document_iri(name: str, base: str = DATA) -> str:
    """The IRI of a document and of its named graph."""
    return f"{base}document/{percent(name, safe='')}"


class Mapper:
    """Maps one document into quads of its named graph."""

    def __init__(self, document: DocumentRecord, vocabulary: Vocabulary, base: str = DATA) -> None:
        self.document, self.vocabulary, self.base = document, vocabulary, base
        self.iri = document_iri(document.name, base)
        self.graph = node(self.iri)
        self._quads: list[Quad] = []
        self._cells: set[str] = set()
        self._projects: dict[str, int] = {}

    def quads(self) -> list[Quad]:
        """All quads of the document, without repetition, in a stable order."""
        self._document()
        for project in self.document.projects:
            if project.kind == "department":
                self._department_wide(project)
            else:
                self._project(project)
        for flag in self.document.flags:
            self._flag(flag)
        return list(dict.fromkeys(self._quads))

    def _add(self, subject: str, *pairs: tuple[str, Value | None]) -> None:
        for predicate, value in pairs:
            if value is None or value == "":
                continue
            if isinstance(value, bool):
                value = typed(str(value).lower(), XSD.boolean)
            elif isinstance(value, int):
                value = typed(str(value), XSD.integer)
            elif isinstance(value, Decimal):
                value = typed(plain_decimal(value), XSD.decimal)
            elif isinstance(value, str):
                value = Literal(value)
            self._quads.append(Quad(node(subject), node(predicate), value, self.graph))

    def _document(self) -> None:
        document = self.document
        self._add(
            self.iri,
            *_types(JX.BudgetDocument, PROV.Entity, DCAT.Distribution),
            (DCTERMS["title"], document.title),
            (RDFS.label, document.name),
            (DCTERMS.identifier, document.sha256),
            (JX.fiscalYear, document.year),
        )

    def _department(self, name: str, code: str) -> NamedNode | None:
        if not name:
            return None
        iri = f"{self.base}department/{code or short_hash(name)}"
        self._add(
            iri,
            *_types(JX.Department, ORG.FormalOrganization),
            (RDFS.label, name),
            (ORG.identifier, code),
        )
        return node(iri)

    def _department_wide(self, record: ProjectRecord) -> None:
        """A table of a whole department's spending: no project, so neither its funds nor its groups are linked."""
        department = self._department(record.department, record.department_code)
        iri = self._instance("department-performance", record, department)
        self._add(
            iri,
            *_types(JX.DepartmentPerformance),
            *self._common(record, department),
            (JX.departmentBudget, record.budget),
        )
        rows: list[str] = []
        for indicator in record.indicators:
            rows.append(self._indicator(iri, indicator, rows))

    def _common(self, record: ProjectRecord, department: NamedNode | None) -> Iterator[tuple[str, Value | None]]:
        yield RDFS.label, record.name
        yield JX.document, self.graph
        yield JX.table, record.table
        yield JX.fiscalYear, record.year or self.document.year
        yield JX.department, department
        for goal in record.goals:
            yield JX.goal, goal
        for quote in record.quotes.values():
            yield PROV.wasQuotedFrom, node(self._cell(quote))

    def _project(self, project: ProjectRecord) -> None:
        department = self._department(project.department, project.department_code)
        iri = self._instance("project", project, department)
        line = linking.programme(project.name)
        programme = f"{self.base}programme/{short_hash(department.value if department else '', line)}"
        self._add(programme, *_types(JX.Programme), (RDFS.label, line))
        self._add(
            iri,
            *_types(JX.Project, SCHEMA.Project),
            *self._common(project, department),
            (DCTERMS.identifier, project.code),
            (JX.implementingUnit, self._department(project.implementer, project.implementer_code)),
            (JX.programme, node(programme)),
            (JX.budget, project.budget),
            (JX.fiscalFunds, project.fiscal_funds),
            (JX.otherFunds, project.other_funds),
            (JX.carriedOverFunds, project.carried_over),
            (JX.adjustedBudget, project.adjusted_budget),
            (JX.executedFunds, project.executed),
            (JX.midtermBudget, project.midterm_budget),
            (JX.purpose, project.purpose),
            *((JX.midtermGoal, goal) for goal in project.midterm_goals),
        )
        self._links(iri, JX.fundSource, self.vocabulary.funds, linking.funds(project, self.vocabulary))
        rows: dict[int, str] = {}
        for indicator in project.indicators:
            rows[indicator.row] = self._indicator(iri, indicator, rows.values())
        mentions = list(linking.groups(project, self.vocabulary))
        self._links(iri, JX.beneficiary, self.vocabulary.groups, mentions)
        for mention in mentions:
            if mention.indicator:
                concept = self._concept(mention, JX.beneficiary)
                self._add(rows[mention.indicator], (JX.beneficiary, node(concept)))

    def _instance(self, path: str, record: ProjectRecord, department: NamedNode | None) -> str:
        """The IRI of a record: of its year, department and name; a second one of the same gets a number."""
        identity = short_hash(department.value if department else "", record.name)
        iri = f"{self.base}{path}/{record.year or self.document.year or 'undated'}-{identity}"
        seen = self._projects[iri] = self._projects.get(iri, 0) + 1
        return iri if seen == 1 else f"{iri}-{seen}"

    def _indicator(self, project: str, indicator: IndicatorRecord, taken: Iterable[str]) -> str:
        kind = self._type(indicator)
        iri = stem = f"{project}/indicator/{short_hash(indicator.level2, indicator.name)}"
        again = 1
        taken = set(taken)
        while iri in taken:
            again += 1
            iri = f"{stem}-{again}"
        formula = FORMULA.search(indicator.description)
        self._add(project, (JX.indicator, node(iri)))
        self._add(
            iri,
            *_types(JX.Indicator),
            (RDFS.label, indicator.name),
            (JX.measureName, self._measure_name(indicator)),
            (JX.project, node(project)),
            (JX.row, indicator.row),
            (JX.type, node(kind) if kind else None),
            (JX.level1, indicator.level1),
            (JX.level2, indicator.level2),
            (JX.description, indicator.description),
            (JX.formula, formula[1] if formula else None),
            (JX.target, node(f"{iri}/target")),
            *((VALUES[role][0], node(f"{iri}/{role}")) for role in indicator.others),
            (JX.weight, indicator.weight),
            (JX.score, indicator.score),
            (JX.deviation, indicator.deviation),
            (JX.underGoal, indicator.goal),
            *((PROV.wasQuotedFrom, node(self._cell(quote))) for quote in indicator.quotes.values()),
        )
        self._value(f"{iri}/target", JX.Target, indicator.target, indicator)
        for role, value in indicator.others.items():
            self._value(f"{iri}/{role}", VALUES[role][1], value, indicator)
        return iri

    def _measure_name(self, indicator: IndicatorRecord) -> str:
        """The indicator's name, or its description where the name is only a type word (``其他``, ``成本``)."""
        name = indicator.name
        generic = self.vocabulary.types.matcher.get(name) or is_generic_name(name)
        return indicator.description if generic and indicator.description else name

    def _type(self, indicator: IndicatorRecord) -> str | None:
        """The level-2 concept for the row's words, else the level-1 one, else a candidate of that name."""
        types = self.vocabulary.types
        above = {
            i for i in types.matcher.get(_squeeze(indicator.level1)) if types[i].notation == "1"
        } if indicator.level1 else set()  # fmt: skip
        label = _squeeze(indicator.level2)
        found = [i for i in types.matcher.get(label) if types[i].notation != "1"] if label else []
        for iri in found:
            if not above or above & set(types[iri].broader):
                return iri
        if found:
            return found[0]
        if not label:
            return min(above, default=None)
        iri = f"{self.base}indicator-type/{short_hash(label)}"
        self._candidate(iri, JX.IndicatorType, label)
        for parent in above:
            self._add(iri, (SKOS.broader, node(parent)))
        return iri

    def _value(self, iri: str, kind: str, target: Target, indicator: IndicatorRecord) -> None:
        """A target, or a value written like one; an inferred unit is the year's target's alone."""
        inferred = indicator.unit_inferred if target is indicator.target else ""
        self._add(iri, *_types(kind, QUDT.QuantityValue), (JX.text, target.text), (JX.valueType, target.kind))
        for predicate, day in ((JX.startDate, target.start), (JX.deadline, target.deadline)):
            if day:
                self._add(iri, (predicate, typed(day.isoformat(), XSD.date)))
        if target.period:
            self._add(iri, (JX.frequency, typed(target.period, XSD.duration)), (JX.times, target.times))
        if target.number is not None:
            unit = target.unit or inferred
            factor, base_unit = self._unit(unit, money="成本" in indicator.level1 + indicator.level2)
            self._add(
                iri,
                (JX.operator, target.operator),
                (QUDT.value, target.number * factor),
                (QUDT.hasUnit, node(base_unit) if base_unit else None),
                (JX.writtenNumber, target.number),
                (JX.writtenUnit, target.unit),
                (JX.unitInferred, True if inferred else None),
                (JX.per, target.per),
            )

    def _unit(self, written: str, *, money: bool) -> tuple[Decimal, str | None]:
        """Factor to the base unit, and its IRI: ``万份`` → (10000, 份); ``万`` in a cost row is 万元."""
        units, head = self.vocabulary.units, written.partition("/")[0]
        if not head:
            return Decimal(1), None
        if money and head in ("万", "亿"):
            head += "元"
        for iri in units.matcher.get(head):
            multiplier, base = self.vocabulary.multipliers[iri]
            return multiplier, base
        scale = {"万": 10_000, "亿": 100_000_000}.get(head[0])
        if scale:
            inner, base_unit = self._unit(head[1:], money=False) if head[1:] else (Decimal(1), None)
            return scale * inner, base_unit
        iri = f"{self.base}unit/{short_hash(head)}"
        self._add(iri, (RDF.type, node(QUDT.Unit)), (RDFS.label, head), (JX.candidate, True))
        return Decimal(1), iri

    def _links(self, subject: str, predicate: str, scheme: Scheme, mentions: Iterable[Mention]) -> None:
        """State the most specific concepts, and for every mention a jx:Link with the cell that proves it."""
        mentions = list(mentions)
        specific = scheme.most_specific({m.iri for m in mentions if m.iri})
        for mention in mentions:
            concept = self._concept(mention, predicate)
            if mention.iri is None or mention.iri in specific:
                self._add(subject, (predicate, node(concept)))
            cell = self._cell(mention.quote)
            link = f"{self.base}link/{short_hash(subject, predicate, concept, cell)}"
            self._add(
                link,
                *_types(JX.Link),
                (RDF.subject, node(subject)),
                (RDF.predicate, node(predicate)),
                (RDF.object, node(concept)),
                (PROV.wasQuotedFrom, node(cell)),
                (JX.quote, mention.words),
            )

    def _concept(self, mention: Mention, predicate: str) -> str:
        if mention.iri:
            return mention.iri
        kind, path = (JX.FundSource, "fund") if predicate == JX.fundSource else (JX.BeneficiaryGroup, "group")
        iri = f"{self.base}{path}/{short_hash(mention.words)}"
        self._candidate(iri, kind, mention.words)
        if predicate == JX.fundSource:
            above = {i for _, i in linking.fund_matches(mention.words, self.vocabulary.funds)}
            above |= {i for word, i in linking.rules()["name"]["levels"].items() if word in mention.words}
        else:
            matches = self.vocabulary.groups.matcher.matches(mention.words)
            above = {i for m in matches if m.end == len(mention.words) for i in m.values}
        for broader in sorted(above):
            self._add(iri, (SKOS.broader, node(broader)))
        return iri

    def _candidate(self, iri: str, kind: str, label: str) -> None:
        self._add(
            iri,
            *_types(kind, SKOS.Concept),
            (SKOS.prefLabel, Literal(label, language="zh")),
            (JX.candidate, True),
        )

    def _flag(self, flag: Flag) -> None:
        """What reading left unsure, with a cell of its own: it states nothing but its words."""
        quote = flag.quote
        place = (quote.table, quote.row, quote.column, quote.line, quote.sheet, quote.ref, quote.field, quote.text)
        iri = f"{self.iri}/flag/{short_hash(flag.code, *place)}"
        self._add(
            iri,
            *_types(JX.Flag),
            (JX.document, self.graph),
            (JX.code, flag.code),
            (JX.message, flag.message),
            (PROV.wasQuotedFrom, node(self._cell(quote, f"{iri}/cell"))),
        )

    def _cell(self, quote: Quote, iri: str = "") -> str:
        row = f"/row/{quote.row}" if quote.row else ""
        iri = iri or f"{self.iri}/table/{quote.table}{row}/{quote.field}"
        if iri not in self._cells:
            self._cells.add(iri)
            self._add(
                iri,
                *_types(JX.Cell),
                (JX.document, self.graph),
                (JX.table, quote.table or None),
                (JX.row, quote.row or None),
                (JX.column, quote.column),
                (JX.line, quote.line or None),
                (JX.field, quote.field),
                (JX.cellText, quote.text),
                *_scanned(quote),
            )
        return iri


def _scanned(quote: Quote) -> Iterator[tuple[str, Value | None]]:
    """That a cell was recognised in a picture: which, where in it, and what is not certain of it."""
    if not quote.scans:
        return
    doubtful = [scan for scan in quote.scans if scan.doubtful]
    scan = (doubtful or quote.scans)[0]
    yield JX.scanned, True
    yield JX.picture, scan.picture
    yield JX.box, " ".join(map(str, scan.box))
    yield JX.secondReading, "" if scan.confirmed else scan.other
    yield JX.confirmed, True if scan.confirmed else None


def _types(*classes: str) -> Iterator[tuple[str, NamedNode]]:
    return ((RDF.type, node(c)) for c in classes)


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
