"""Records → RDF quads, to the names of the ontology. The same record gives the same quads, always.

Instance IRIs are hashes of what identifies a thing (department, year, project name, …), so they are the
same for every rebuild and for every file of the same document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from urllib.parse import quote as percent

from pyoxigraph import NamedNode, Quad

from kg.graph import identity, linking, outcomes
from kg.graph.departments import Written, parent_name, plain
from kg.graph.identity import Identities, Identity
from kg.graph.merge import Conflict, beside
from kg.graph.outcomes import Amount
from kg.graph.statements import Statements, Value, types
from kg.graph.terms import node, plain_decimal, short_hash
from kg.graph.vocabulary import Vocabulary
from kg.tables import DocumentRecord, IndicatorRecord, ProjectRecord, Quote, Target
from kg.tables.lexis import is_generic_name
from kg.tables.records import Flag
from ontology import DATA, DCAT, DCTERMS, JX, ORG, OUTCOME, PROV, QUDT, RDFS, SCHEMA, SKOS

FORMULA = re.compile(r"计算公式[:：]\s*(.+?)[。；;]?\s*$", re.DOTALL)
TableKey = tuple[str, int]
"""A table by the name of its document and its number there."""

VALUES = {
    "actual": (JX.actual, JX.ReportedValue),
    "interim": (JX.interimValue, JX.ReportedValue),
    "prior": (JX.priorValue, JX.ReportedValue),
    "midterm": (JX.midtermTarget, JX.Target),
    "half_year": (JX.halfYearTarget, JX.Target),
}
"""What stands beside an indicator's target: property and class by the record's role."""


def document_iri(name: str, base: str = DATA) -> str:
    """The IRI of a document and of its named graph."""
    return f"{base}document/{percent(name, safe='')}"


class Mapper(Statements):
    """Maps one document into quads of its named graph.

    ``identities`` say which project each table is about, among all documents loaded; without them the document is
    taken by itself. ``others`` gives the quads of another document's table, where that counts before one of this.
    """

    def __init__(
        self,
        document: DocumentRecord,
        vocabulary: Vocabulary,
        base: str = DATA,
        identities: Identities | None = None,
        others: Callable[[TableKey], Sequence[Quad]] | None = None,
    ) -> None:
        super().__init__(document_iri(document.name, base), vocabulary, base)
        self.document = document
        self.tables = {t.table: t for t in identity.tables(document, vocabulary)}
        self.identities = identities or identity.identify(self.tables.values())
        self.others = others

    def quads(self) -> list[Quad]:
        """All quads of the document, without repetition, in a stable order."""
        self._quads = []
        self._document()
        quads = self._quads
        for project in self.document.projects:
            quads += self._beside(project, self.table(project.table))
        self._quads = []
        for flag in self.document.flags:
            self._flag(flag)
        return list(dict.fromkeys(quads + self._quads))

    def table(self, number: int) -> list[Quad]:
        """What a table of the document says, as if no other were loaded."""
        project = next(p for p in self.document.projects if p.table == number)
        identity, form = self.identities.tables[self.document.name, number], self.tables[number]
        self._quads, self._cells, self._form = [], {}, form.form
        if form.blank and not identity.before:
            self._blank(project)
        elif project.kind == "department":
            self._department_wide(project, identity)
        else:
            self._project(project, identity, blank=form.blank)
        return self._quads

    def _beside(self, project: ProjectRecord, quads: list[Quad]) -> list[Quad]:
        """A table's quads without what the tables before it state; where it differs from them, a flag says so."""
        before = self.identities.tables[self.document.name, project.table].before
        if not before:
            return quads
        own, cells = quads, self._cells
        earlier = [self._of(key) for key in before]
        kept, conflicts = beside(own, earlier)
        self._quads = kept
        for conflict in conflicts:
            self._conflict(conflict, cells[conflict.cell], before[0])
        return self._quads

    def _of(self, key: TableKey) -> Sequence[Quad]:
        if key[0] == self.document.name:
            return self.table(key[1])
        assert self.others is not None
        return self.others(key)

    def _document(self) -> None:
        document = self.document
        self._add(
            self.iri,
            *types(JX.BudgetDocument, PROV.Entity, DCAT.Distribution),
            (DCTERMS["title"], document.title),
            (RDFS.label, document.name),
            (DCTERMS.identifier, document.sha256),
            (JX.fiscalYear, document.year),
            *((JX.form, node(form)) for form in sorted({t.form for t in self.tables.values() if t.form})),
        )

    def _department(self, written: Written) -> NamedNode | None:
        """A department under its fullest name; other writings and codes are kept beside it, and whose unit it is."""
        if not written.name:
            return None
        name = self.identities.departments[written]
        iri = node(f"{self.base}department/{short_hash(name)}")
        label = self.identities.labels[name]
        said = written.name if plain(written.name) != plain(label) else None
        self._add(
            iri.value,
            *types(JX.Department, ORG.FormalOrganization),
            (RDFS.label, label),
            (SKOS.altLabel, said),
            (ORG.identifier, written.code),
        )
        if parent := parent_name(written.name):
            self._add(iri.value, (ORG.unitOf, self._department(Written(parent, "", written.context))))
        return iri

    def _department_wide(self, record: ProjectRecord, identity: Identity) -> None:
        """A table of a whole department's spending: no project, so neither its funds nor its groups are linked."""
        department = self._department(self.tables[record.table].department)
        iri = f"{self.base}department-performance/{identity.iri}"
        self._add(
            iri,
            *types(JX.DepartmentPerformance),
            *self._common(record, department),
            (JX.departmentBudget, record.budget),
        )
        rows: list[str] = []
        for indicator in record.indicators:
            rows.append(self._indicator(iri, record.table, indicator, rows))

    def _blank(self, record: ProjectRecord) -> None:
        """A form that nobody filled in is no project: it is told, with its cell."""
        quote = record.quotes.get("project") or next(iter(record.quotes.values()), None)
        if quote is not None:
            message = f"“{record.name or record.title}”的表没有填写：没有指标，也没有金额"
            self._flag(Flag("blank-form", message, quote))

    def _common(self, record: ProjectRecord, department: NamedNode | None) -> Iterator[tuple[str, Value | None]]:
        yield RDFS.label, record.name
        yield JX.document, self.graph
        yield JX.table, record.table
        yield JX.fiscalYear, record.year or self.document.year
        yield JX.department, department
        yield JX.form, node(self._form) if self._form else None
        for goal in record.goals:
            yield JX.goal, goal
        for quote in record.quotes.values():
            yield PROV.wasQuotedFrom, node(self._cell(quote))

    def _project(self, project: ProjectRecord, identity: Identity, *, blank: bool) -> None:
        table = self.tables[project.table]
        department = self._department(table.department)
        iri = f"{self.base}project/{identity.iri}"
        line = linking.programme(project.name)
        programme = f"{self.base}programme/{short_hash(department.value if department else '', line)}"
        self._add(programme, *types(JX.Programme), (RDFS.label, line))
        self._add(
            iri,
            *types(JX.Project, SCHEMA.Project),
            *self._common(project, department),
            (DCTERMS.identifier, project.code),
            (JX.implementingUnit, self._department(table.implementer)),
            (JX.programme, node(programme)),
            (JX.purpose, project.purpose),
            *((JX.midtermGoal, goal) for goal in project.midterm_goals),
        )
        if not blank:
            self._money(iri, project)
        self._links(iri, JX.fundSource, self.vocabulary.funds, linking.funds(project, self.vocabulary))
        rows: dict[int, str] = {}
        for indicator in project.indicators:
            rows[indicator.row] = self._indicator(iri, project.table, indicator, rows.values())
        mentions = list(linking.groups(project, self.vocabulary))
        self._links(iri, JX.beneficiary, self.vocabulary.groups, mentions)
        for mention in mentions:
            if mention.indicator:
                concept = self._concept(mention, JX.beneficiary)
                self._add(rows[mention.indicator], (JX.beneficiary, node(concept)))

    def _money(self, iri: str, project: ProjectRecord) -> None:
        """Amounts, and each source's share with its cell."""
        self._add(
            iri,
            (JX.budget, project.budget),
            (JX.fiscalFunds, project.fiscal_funds),
            (JX.otherFunds, project.other_funds),
            (JX.carriedOverFunds, project.carried_over),
            (JX.adjustedBudget, project.adjusted_budget),
            (JX.executedFunds, project.executed),
            (JX.interimExecutedFunds, project.interim_executed),
            (JX.midtermBudget, project.midterm_budget),
            (JX.executionRate, outcomes.execution_rate(project)),
            (JX.executionScore, project.execution_score),
            (JX.totalScore, outcomes.total_score(project)),
        )
        for source, amount, quote, mention in linking.fundings(project, self.vocabulary):
            concept = node(self._concept(mention, JX.fundSource))
            cell = node(self._cell(quote))
            share = f"{iri}/funding/{short_hash(source, concept.value, quote.row, quote.column, quote.source_row)}"
            self._add(iri, (JX.funding, node(share)), (PROV.wasQuotedFrom, cell))
            self._add(
                share,
                *types(JX.Funding, PROV.Entity),
                (RDFS.label, source),
                (JX.fundSource, concept),
                (JX.amount, amount),
                (PROV.wasQuotedFrom, cell),
            )

    def _indicator(self, project: str, table: int, indicator: IndicatorRecord, taken: Iterable[str]) -> str:
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
            *types(JX.Indicator),
            (RDFS.label, indicator.name),
            (JX.measureName, self._measure_name(indicator)),
            (JX.project, node(project)),
            (JX.document, self.graph),
            (JX.table, table),
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
            *self._reached(iri, indicator),
            (JX.underGoal, indicator.goal),
            *((PROV.wasQuotedFrom, node(self._cell(quote))) for quote in indicator.quotes.values()),
        )
        self._value(f"{iri}/target", JX.Target, indicator.target, indicator)
        for role, value in indicator.others.items():
            self._value(f"{iri}/{role}", VALUES[role][1], value, indicator)
        return iri

    def _reached(self, iri: str, indicator: IndicatorRecord) -> Iterator[tuple[str, Value | None]]:
        """What was reached against the target: met or missed, by how much, at which share, for which points."""
        if indicator.weight is not None and indicator.score is not None:
            yield JX.pointsLost, indicator.weight - indicator.score
        reached = indicator.others.get("actual")
        found = outcomes.outcome(
            indicator, self._amount(indicator.target, indicator), self._amount(reached, indicator) if reached else None
        )
        if found.met is not None:
            yield JX.outcome, node(OUTCOME.met if found.met else OUTCOME.missed)
        yield JX.completionRate, found.rate
        if found.difference is not None and reached is not None:
            yield JX.difference, node(f"{iri}/difference")
            self._difference(f"{iri}/difference", found.difference, indicator)

    def _amount(self, target: Target, indicator: IndicatorRecord) -> Amount | None:
        if target.number is None:
            return None
        unit = target.unit or (indicator.unit_inferred if target is indicator.target else "")
        factor, base = self._unit(unit, money="成本" in indicator.level1 + indicator.level2)
        return Amount(target.number * factor, base, target.per)

    def _difference(self, iri: str, number: Decimal, indicator: IndicatorRecord) -> None:
        """A difference as it would be written beside the target: ``-5次``, ``+2个百分点``."""
        target = indicator.target
        factor, base = self._unit(
            target.unit or indicator.unit_inferred, money="成本" in indicator.level1 + indicator.level2
        )
        written = number / factor
        unit = "个百分点" if target.unit == "%" else target.unit
        sign = "+" if written > 0 else ""
        self._add(
            iri,
            *types(JX.ReportedValue, QUDT.QuantityValue),
            (JX.text, f"{sign}{plain_decimal(written)}{unit}"),
            (JX.valueType, "number"),
            (JX.operator, "="),
            (QUDT.value, number),
            (QUDT.hasUnit, node(base) if base else None),
            (JX.writtenNumber, written),
            (JX.writtenUnit, unit),
            (JX.per, target.per),
        )

    def _measure_name(self, indicator: IndicatorRecord) -> str:
        """The indicator's name, or its description where the name is only a type word (``其他``, ``成本``)."""
        name = indicator.name
        generic = self.vocabulary.types.matcher.get(name) or is_generic_name(name)
        return indicator.description if generic and indicator.description else name

    def _flag(self, flag: Flag) -> None:
        """What reading left unsure, with a cell of its own: it states nothing but its words."""
        quote = flag.quote
        place = (quote.table, quote.row, quote.column, quote.line, quote.sheet, quote.ref, quote.field, quote.text)
        iri = f"{self.iri}/flag/{short_hash(flag.code, *place)}"
        table = self.tables.get(quote.table)
        self._form = table.form if table else ""
        self._add(
            iri,
            *types(JX.Flag),
            (JX.document, self.graph),
            (JX.code, flag.code),
            (JX.message, flag.message),
            (PROV.wasQuotedFrom, node(self._cell(quote, f"{iri}/cell"))),
        )

    def _conflict(self, conflict: Conflict, quote: Quote, counts: TableKey) -> None:
        """Two forms of one project disagree: the words that do not count stay as a flag."""
        where = "同一文件" if counts[0] == self.document.name else f"“{counts[0]}”"
        message = (
            f"“{conflict.said}”与{where}第 {counts[1]} 个表的“{conflict.counts}”不一致：同一项目的两份表，以后者为准"
        )
        self._flag(Flag("forms-differ", message, quote))
