"""Content types as data, content negotiation, and results written within their bounds."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyoxigraph as ox

from kg.characters import csv_results, xml_safe
from kg.errors import KgError
from ontology import PREFIXES

# The first of each is what */* gets; aliases name the type that is sent for them.
RESULTS: dict[str, ox.QueryResultsFormat] = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
GRAPHS: dict[str, ox.RdfFormat] = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
ALIASES = {
    "application/json": "application/sparql-results+json",
    "application/xml": "application/sparql-results+xml",
    "text/xml": "application/sparql-results+xml",
    "application/x-turtle": "text/turtle",
    "text/n3": "text/turtle",
    "text/plain": "application/n-triples",
}


def charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def negotiate(accept: str, offered: Iterable[str]) -> str | None:
    """The type of ``offered`` (best first) that an Accept header likes best, None where it takes none of them.

    As RFC 9110, 12.5.1: the most specific range that matches a type gives its quality.
    """
    ranges = list(_ranges(accept)) or [("*", "*", 1.0)]
    best, quality = None, 0.0
    for media_type in offered:
        asked = next((q for kind, sub, q in ranges if ALIASES.get(f"{kind}/{sub}") == media_type), 0.0)
        found = max(_quality(media_type, ranges), asked)
        if found > quality:
            best, quality = media_type, found
    return best


def _ranges(accept: str) -> Iterator[tuple[str, str, float]]:
    for part in accept.split(","):
        name, *parameters = (p.strip() for p in part.split(";"))
        kind, slash, sub = name.lower().partition("/")
        if not slash:
            continue
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                try:
                    quality = min(max(float(value), 0.0), 1.0)
                except ValueError:
                    quality = 0.0
        yield kind, sub, quality


def _quality(name: str, ranges: Sequence[tuple[str, str, float]]) -> float:
    kind, _, sub = name.partition("/")
    best = (-1, 0.0)
    for wanted, inner, quality in ranges:
        if (wanted, inner) == (kind, sub):
            best = max(best, (2, quality))
        elif (wanted, inner) == (kind, "*"):
            best = max(best, (1, quality))
        elif (wanted, inner) == ("*", "*"):
            best = max(best, (0, quality))
    return best[1]


class TooLargeError(KgError):
    """A result beyond the bounds."""


class NotAcceptableError(KgError):
    """The result has no form that was asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The forms asked for: for tables and booleans, and for graphs; None where none of them will do."""

    results: str | None
    graph: str | None

    @staticmethod
    @lru_cache(64)  # clients send the same header again and again
    def by(accept: str) -> Wanted:
        return Wanted(negotiate(accept, RESULTS), negotiate(accept, GRAPHS))


class _Bounded(io.BytesIO):
    """Takes bytes up to a size, and counts the marks that end a row."""

    def __init__(self, size: int, mark: bytes, marks: int) -> None:
        super().__init__()
        self.size, self.mark, self.marks = size, mark, marks

    def write(self, data: Any) -> int:
        data = bytes(data)
        self.marks -= data.count(self.mark) if self.mark else 0
        if self.tell() + len(data) > self.size or self.marks < 0:
            raise TooLargeError("结果超过上限")
        return super().write(data)


# What stands once a row. A cell that holds such a thing counts too: never too many rows pass.
_MARKS = {"application/sparql-results+json": b"}},{", "application/sparql-results+xml": b"<result>", "text/csv": b"\n",
          "text/tab-separated-values": b"\n"}  # fmt: skip


def write(found: Any, wanted: Wanted, rows: int, size: int) -> tuple[str, bytes]:
    """The result of a query as (content type, bytes). Raises NotAcceptableError, TooLargeError."""
    try:
        if isinstance(found, ox.QueryTriples):
            return _graph(found, wanted, rows, size)
        if wanted.results is None:
            raise NotAcceptableError(f"SELECT 和 ASK 的结果可以是 {'、'.join(RESULTS)}")
        form = RESULTS[wanted.results]
        if isinstance(found, ox.QueryBoolean) and form in (ox.QueryResultsFormat.CSV, ox.QueryResultsFormat.TSV):
            return charset(wanted.results), f"{'true' if found else 'false'}\n".encode()
        out = _Bounded(size, _MARKS[wanted.results], rows + 1)
        found.serialize(out, form)
        return charset(wanted.results), _safe(wanted.results, out.getvalue())
    except TooLargeError:
        raise TooLargeError(f"结果超过 {rows} 行或 {size >> 20} MB：请加 LIMIT，或缩小查询范围") from None


def _graph(found: Iterable[ox.Triple], wanted: Wanted, rows: int, size: int) -> tuple[str, bytes]:
    if wanted.graph is None:
        raise NotAcceptableError(f"CONSTRUCT 和 DESCRIBE 的结果可以是 {'、'.join(GRAPHS)}")
    triples: list[ox.Triple] = []
    for triple in found:
        if len(triples) >= rows:
            raise TooLargeError("结果超过上限")
        triples.append(triple)
    return charset(wanted.graph), serialise(triples, wanted.graph, size)


def serialise(triples: Iterable[ox.Triple], media_type: str, size: int = 1 << 30) -> bytes:
    out = _Bounded(size, b"", 0)
    ox.serialize(triples, out, format=GRAPHS[media_type], prefixes=PREFIXES)
    return _safe(media_type, out.getvalue())


def _safe(media_type: str, data: bytes) -> bytes:
    """What any program may open: XML that is well-formed whatever a text holds, CSV without formulas."""
    if media_type.endswith("+xml"):
        return xml_safe(data)
    return csv_results(data) if media_type == "text/csv" else data
