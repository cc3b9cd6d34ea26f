"""The findings of a store: shapes, checks of words and flags of reading, each with its cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from index.text import compact
from kg.errors import KgError
from kg.graph.checks import typos, values
from kg.graph.checks.rules import SEVERITIES, Found, Rule, rules
from kg.graph.checks.tables import Place, Tables
from kg.graph.checks.tables import documents as read_documents
from kg.graph.places import SPOT, STANDS, spot
from kg.graph.store import Store

WRITTEN = ("name", "description", "value", "project", "purpose", "goal")  # fields that hold words, the first counts
_FLAGS = f"""SELECT ?iri ?code ?message ?table ?row ?text ?field {SPOT} WHERE {{
  ?iri a jx:Flag ; jx:code ?code ; jx:message ?message .
  OPTIONAL {{ ?iri prov:wasQuotedFrom ?cell . OPTIONAL {{ ?cell jx:table ?table }} OPTIONAL {{ ?cell jx:row ?row }}
              OPTIONAL {{ ?cell jx:cellText ?text }} OPTIONAL {{ ?cell jx:field ?field }} {STANDS} }}
}}"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong and where: ``table`` and ``row`` as in the evidence of answers (row None in the table's head).

    ``severity`` is error, warning or info; ``value`` the cell's words, ``field`` which cell; ``iri`` the project, indicator or flag.
    ``place`` is where a reader of the file would look, in words; ``sheet``, ``cell``, ``page``, ``line`` as it has them.
    """

    code: str
    severity: str
    message: str
    iri: str
    document: str
    table: int | None
    row: int | None
    value: str
    field: str = ""
    place: str | None = None
    sheet: str | None = None
    cell: str | None = None
    page: int | None = None
    line: int | None = None

    def json(self) -> dict[str, Any]:
        """The object that ``kg check --json`` prints."""
        return asdict(self)


def check(
    store: Store,
    *,
    codes: Collection[str] = (),
    severities: Collection[str] = (),
    documents: Collection[str] = (),
) -> list[Finding]:
    """Every finding, or those of the given codes, severities and document names, in order of place.

    Spelling is judged by all documents of the store, whichever are asked for. Raises KgError for what is not known.
    """
    every = list(read_documents(store))
    _known(
        "代码",
        codes,
        [*rules()] + [row["code"] for row in store.select("SELECT DISTINCT ?code { ?f a jx:Flag ; jx:code ?code }")],
    )
    _known("严重程度", severities, SEVERITIES.values())
    _known("文档", documents, [tables.name for tables in every])
    wanted = [tables for tables in every if not documents or tables.name in documents]
    slips = _slips(every, codes)
    found = chain.from_iterable(_document(tables, slips, codes) for tables in wanted)
    chosen = (f for f in found if (not codes or f.code in codes) and (not severities or f.severity in severities))
    return sorted(chosen, key=lambda f: (f.document, f.table or 0, f.row or 0, f.code, f.message))


def subjects(store: Store, codes: Collection[str]) -> tuple[str, ...]:
    """The projects and indicators (the flags, where reading left one) that the findings of these codes are about, by
    document. Where they stand is not read."""
    every = list(read_documents(store))
    slips = _slips(every, codes)
    found: dict[str, None] = {}
    for tables in every:
        found |= dict.fromkeys(f.subject for f in _looked_for(tables, slips, codes) if f.code in codes)
        found |= dict.fromkeys(flag["iri"] for flag in tables.select(_FLAGS) if flag["code"] in codes)
    return tuple(found)


def _known(what: str, asked: Iterable[str], there: Iterable[str]) -> None:
    there = list(dict.fromkeys(there))
    for name in asked:
        if name not in there:
            raise KgError(f"没有{what}“{name}”：可用的有 {'、'.join(there) or '（无）'}")


def _slips(every: Iterable[Tables], codes: Collection[str]) -> dict[str, list[typos.Slip]]:
    if codes and "typo" not in codes:
        return {}
    return typos.slips(compact(text) for tables in every for _, _, text in _written(tables))


def _looked_for(tables: Tables, slips: dict[str, list[typos.Slip]], codes: Collection[str]) -> Iterator[Found]:
    """What is found, at least all that has one of the codes (empty: any)."""
    yield from _shapes(tables, codes)
    if not codes or any(code in rules() and not rules()[code].select for code in codes):
        yield from _words(tables)
    if not codes or {"typo", "punctuation-unpaired"} & set(codes):
        yield from _spelling(tables, slips)


def _document(tables: Tables, slips: dict[str, list[typos.Slip]], codes: Collection[str]) -> Iterator[Finding]:
    known = rules()
    for found in _looked_for(tables, slips, codes):
        if codes and found.code not in codes:
            continue
        rule = known[found.code]
        yield _finding(
            tables, rule, found.subject, rule.say(found.values), tables.place(found.subject, found.field or rule.field)
        )
    for flag in tables.select(_FLAGS):
        rule = known.get(flag["code"]) or Rule(flag["code"], flag["code"], "", "warning", "{?message}")
        place = Place(flag["table"], flag["row"], flag["text"] or "", flag["field"] or "", spot(flag))
        yield _finding(tables, rule, flag["iri"], rule.say({"message": flag["message"]}), place)


def _finding(tables: Tables, rule: Rule, subject: str, message: str, place: Place) -> Finding:
    return Finding(
        rule.code,
        rule.severity,
        message,
        subject,
        tables.name,
        place.table,
        place.row,
        place.text,
        place.field,
        **place.spot,
    )


def _shapes(tables: Tables, codes: Collection[str]) -> Iterator[Found]:
    for rule in rules().values():
        if rule.select and (not codes or rule.code in codes):
            for row in tables.select(rule.select):
                yield Found(rule.code, row["this"], row)


def _words(tables: Tables) -> Iterator[Found]:
    for indicator in tables.indicators:
        yield from values.check(indicator)


def _written(tables: Tables) -> Iterator[tuple[str, str, str]]:
    """(subject, field, text) of every cell that holds words."""
    for subject, cells in tables.cells.items():
        for field in WRITTEN:
            if field in cells:
                yield subject, field, cells[field].text


def _spelling(tables: Tables, slips: dict[str, list[typos.Slip]]) -> Iterator[Found]:
    """A row that repeats its name as its description is told once."""
    told: set[tuple[str, str]] = set()
    for subject, field, text in _written(tables):
        for slip in slips.get(compact(text), ()):
            if (subject, slip.wrong) not in told:
                told.add((subject, slip.wrong))
                yield Found("typo", subject, {"wrong": slip.wrong, "right": slip.right, "why": slip.why}, field)
        if (alone := typos.unpaired(text)) and (subject, "mark") not in told:
            told.add((subject, "mark"))
            yield Found("punctuation-unpaired", subject, {"mark": alone[0], "text": alone[1]}, field)
