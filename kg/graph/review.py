"""What people decided on pairs of indicators: prov:Activity statements beside the generations, and SSSOM.

``reviews.nt`` in the data directory holds one jx:Review per decision, never edited, only added to, so it
survives every rebuild and every file that changes: a pair is known by the IRIs of its indicators, which stay
while department, year, project, type and name do. Of one pair the last decision counts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox

from index.duplicates.links import Decisions
from kg.characters import clean
from kg.errors import KgError
from kg.graph import journal
from kg.graph.terms import node, short_hash, typed
from ontology import JX, PROV, RDF, RDFS, XSD

ACCEPTED, REJECTED, NOTED = "accepted", "rejected", "noted"
WITHDRAWN = "withdrawn"  # what was decided on the pair before no longer counts
FILE = "reviews.nt"
MATCHES = {ACCEPTED: ("skos:exactMatch", ""), REJECTED: ("skos:exactMatch", "Not"), NOTED: ("skos:relatedMatch", "")}
CURATION = "semapv:ManualMappingCuration"
COLUMNS = (
    "subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id", "object_label",
    "mapping_justification", "author_label", "mapping_date", "comment",
)  # fmt: skip
CURIES = {"skos": "http://www.w3.org/2004/02/skos/core#", "semapv": "https://w3id.org/semapv/vocab/"}


@dataclass(frozen=True, slots=True)
class Review:
    """A decision on two indicators (IRIs, the smaller first), who took it and when (ISO 8601, UTC)."""

    one: str
    two: str
    decision: str
    note: str = ""
    by: str = ""
    at: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        return self.one, self.two


def reviewed(a: str, b: str, decision: str, note: str = "", by: str = "", at: str = "") -> Review:
    """A review of now, by the user of the system where nobody is named. Raises KgError for one indicator twice."""
    if a == b:
        raise KgError("一对指标须是两个不同的指标：两个 IRI 相同")
    one, two = sorted((a, b))
    note, by = clean(note), clean(by)
    return Review(
        one, two, decision, note, by or journal.user(), at or datetime.now(UTC).isoformat(timespec="microseconds")
    )


def graph_iri(base: str) -> str:
    """The named graph of reviews beside the documents' graphs."""
    return f"{base}reviews"


class Reviews:
    """The decisions kept in a data directory."""

    def __init__(self, root: Path) -> None:
        self.path = root / FILE

    def all(self) -> list[Review]:
        """Every review in the order in which they were kept. Raises KgError where the file cannot be read."""
        rows = journal.read(self.path, "复核记录").select(
            """SELECT ?r ?decision ?note ?by ?at (MIN(STR(?u)) AS ?one) (MAX(STR(?u)) AS ?two) WHERE {
                 ?r a jx:Review ; jx:decision ?decision ; prov:endedAtTime ?at ; prov:used ?u .
                 OPTIONAL { ?r rdfs:comment ?note } OPTIONAL { ?r prov:wasAssociatedWith/rdfs:label ?by }
               } GROUP BY ?r ?decision ?note ?by ?at"""
        )
        place = journal.order(self.path)
        rows.sort(key=lambda row: place.get(row["r"], len(place)))
        names = ("one", "two", "decision", "note", "by", "at")
        found = [Review(*(row[n] or "" for n in names)) for row in rows]
        return [replace(r, at=_moment(r.at, str(self.path))) for r in found]  # one spelling of each instant

    def latest(self) -> dict[tuple[str, str], Review]:
        """The review in force of each pair: the last decision; a note alone where none was taken."""
        found: dict[tuple[str, str], Review] = {}
        for review in self.standing():
            if review.decision != NOTED or found.get(review.pair, review).decision == NOTED:
                found.pop(review.pair, None)  # the order is that of these, too
                found[review.pair] = review
        return found

    def standing(self) -> list[Review]:
        """Every review that was not taken back, in their order."""
        kept: list[Review] = []
        for review in self.all():
            kept = [r for r in kept if r.pair != review.pair] if review.decision == WITHDRAWN else [*kept, review]
        return kept

    def decisions(self) -> Decisions:
        latest = self.latest()
        return Decisions(
            frozenset(pair for pair, r in latest.items() if r.decision == ACCEPTED),
            frozenset(pair for pair, r in latest.items() if r.decision == REJECTED),
        )

    def add(self, reviews: Iterable[Review]) -> int:
        """Keep reviews that are not kept yet; returns how many. On disk before it returns, or not at all."""
        added = 0

        def fresh() -> Iterator[ox.Triple]:
            nonlocal added
            known = set(self.all())
            for review in dict.fromkeys(reviews):
                if review not in known:
                    added += 1
                    yield from _triples(review)

        journal.append(self.path, "复核记录", fresh)
        return added

    def quads(self, base: str) -> Iterator[ox.Quad]:
        """The reviews as statements of their named graph."""
        graph = node(graph_iri(base))
        for review in self.all():
            for t in _triples(review):
                yield ox.Quad(t.subject, t.predicate, t.object, graph)


def _triples(review: Review) -> Iterator[ox.Triple]:
    activity = node(f"urn:jixiao:review:{short_hash(*review.pair, review.decision, review.note, review.by, review.at)}")
    said: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        (RDF.type, node(JX.Review)),
        (RDF.type, node(PROV.Activity)),
        (PROV.used, node(review.one)),
        (PROV.used, node(review.two)),
        (JX.decision, ox.Literal(review.decision)),
        (PROV.endedAtTime, typed(review.at, XSD.dateTime)),
    ]
    if review.note:
        said.append((RDFS.comment, ox.Literal(review.note)))
    if review.by:
        agent = node(f"urn:jixiao:agent:{short_hash(review.by)}")
        said.append((PROV.wasAssociatedWith, agent))
        yield ox.Triple(agent, node(RDF.type), node(PROV.Agent))
        yield ox.Triple(agent, node(RDFS.label), ox.Literal(review.by))
    for predicate, value in said:
        yield ox.Triple(activity, node(predicate), value)


# -- SSSOM ------------------------------------------------------------------------------------------------


def sssom(reviews: Iterable[Review], label: Callable[[str], str]) -> str:
    """The reviews as an SSSOM table (TSV with its metadata in the head)."""
    out = io.StringIO()
    out.write(
        "#mapping_set_id: https://w3id.org/jixiao/reviews\n#license: https://creativecommons.org/licenses/by/4.0/\n"
    )
    out.write("#curie_map:\n" + "".join(f"#  {prefix}: {iri}\n" for prefix, iri in CURIES.items()))
    writer = csv.writer(out, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(COLUMNS)
    for r in reviews:
        predicate, modifier = MATCHES[r.decision]
        writer.writerow(
            (r.one, label(r.one), predicate, modifier, r.two, label(r.two), CURATION, r.by, r.at, r.note)
        )  # fmt: skip
    return out.getvalue()


def read_sssom(text: str, name: str) -> list[Review]:
    """Reviews from an SSSOM table. Raises KgError with the line that is wrong; nothing is half read."""
    lines = [(n, line) for n, line in enumerate(text.lstrip("\ufeff").splitlines(), 1) if not line.startswith("#")]
    if not lines:
        raise KgError(f"“{name}”是空表：需要 SSSOM TSV")
    rows = csv.DictReader((line for _, line in lines), delimiter="\t")
    needed = ("subject_id", "predicate_id", "object_id")
    if missing := [c for c in needed if c not in (rows.fieldnames or ())]:
        raise KgError(f"“{name}”第 {lines[0][0]} 行缺少列 {'、'.join(missing)}：需要 SSSOM TSV（制表符分隔）")
    found = []
    for row, (number, _) in zip(rows, lines[1:], strict=False):
        predicate = (row["predicate_id"] or "").replace(CURIES["skos"], "skos:")
        key = predicate, (row.get("predicate_modifier") or "").strip()
        decision = next((d for d, match in MATCHES.items() if match == key), None)
        if decision is None:
            allowed = "skos:exactMatch（可带 Not）、skos:relatedMatch"
            raise KgError(f"“{name}”第 {number} 行：不认识的关系“{' '.join(filter(None, key))}”，可用 {allowed}")
        ends = [(row[c] or "").strip() for c in ("subject_id", "object_id")]
        if not all("://" in end or end.startswith("urn:") for end in ends) or any(
            c in e for e in ends for c in ' <>"{}|^`\\'
        ):
            raise KgError(f"“{name}”第 {number} 行：subject_id 和 object_id 须是指标的 IRI")
        at = _moment((row.get("mapping_date") or "").strip(), f"“{name}”第 {number} 行")
        found.append(reviewed(ends[0], ends[1], decision, row.get("comment") or "", row.get("author_label") or "", at))
    return found


def _moment(text: str, place: str) -> str:
    """An instant as written, a date as its first instant."""
    if not text:
        return ""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise KgError(f"{place}：mapping_date“{text}”不是日期（应形如 2025-06-30）") from None
    return (read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)).isoformat(timespec="microseconds")
