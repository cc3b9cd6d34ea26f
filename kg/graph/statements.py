"""Statements of a document's graph: subjects with their terms, cells, values in base units, links to concepts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from pyoxigraph import Literal, NamedNode, Quad

from kg.graph import linking
from kg.graph.linking import Mention
from kg.graph.terms import node, plain_decimal, short_hash, typed
from kg.graph.vocabulary import Scheme, Vocabulary
from kg.tables import IndicatorRecord, Quote, Target
from ontology import DATA, JX, PROV, QUDT, RDF, RDFS, SKOS, XSD

Value = str | int | bool | Decimal | Literal | NamedNode


class Statements:
    """What is stated in one named graph: ``iri`` is its name and its document's."""

    def __init__(self, iri: str, vocabulary: Vocabulary, base: str = DATA) -> None:
        self.iri, self.vocabulary, self.base = iri, vocabulary, base
        self.graph = node(iri)
        self._quads: list[Quad] = []
        self._cells: dict[str, Quote] = {}
        self._form = ""  # that of the table being mapped

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
        self._add(iri, *types(kind, QUDT.QuantityValue), (JX.text, target.text), (JX.valueType, target.kind))
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
                *types(JX.Link),
                (RDF.subject, node(subject)),
                (RDF.predicate, node(predicate)),
                (RDF.object, node(concept)),
                (PROV.wasQuotedFrom, node(cell)),
                (JX.quote, mention.said or mention.words),
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
            *types(kind, SKOS.Concept),
            (SKOS.prefLabel, Literal(label, language="zh")),
            (JX.candidate, True),
        )

    def _cell(self, quote: Quote, iri: str = "") -> str:
        if not iri:
            row = f"/row/{quote.row}" if quote.row else ""
            stem = iri = f"{self.iri}/table/{quote.table}{row}/{quote.field}"
            again = 1
            while iri in self._cells and self._cells[iri] != quote:
                again += 1
                iri = f"{stem}-{again}"
            if iri in self._cells:
                return iri
            self._cells[iri] = quote
        self._add(
            iri,
            *types(JX.Cell),
            (JX.document, self.graph),
            (JX.table, quote.table or None),
            (JX.row, quote.row or None),
            (JX.column, quote.column),
            (JX.line, quote.line or None),
            (JX.field, quote.field),
            (JX.cellText, quote.text),
            (JX.place, quote.place),
            (JX.sheet, quote.sheet),
            (JX.cell, quote.ref),
            (JX.page, quote.page or None),
            (JX.gridTable, quote.source_table or None),
            (JX.gridRow, quote.source_row or None),
            (JX.form, node(self._form) if self._form else None),
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


def types(*classes: str) -> Iterator[tuple[str, NamedNode]]:
    return ((RDF.type, node(c)) for c in classes)


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
