"""Repeated indicators of an opened data directory, with reviewers' decisions as they stand now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from index.duplicates.clusters import Cluster, Clusters
from index.duplicates.direction import direction
from index.duplicates.found import Found
from index.duplicates.links import Link
from index.duplicates.names import plain
from index.duplicates.pairs import Item
from kg.graph.generations import DUPLICATES
from kg.graph.measures import label
from kg.graph.review import Reviews
from kg.graph.terms import short_hash

if TYPE_CHECKING:
    from pathlib import Path

SIMILAR = 500  # pairs of like wording shown at most


class Repeats:
    """What was compared when the generation was built, under the thresholds and decisions of now."""

    def __init__(self, root: Path, generation: Path, threshold: float | None = None) -> None:
        self.reviews = Reviews(root)
        self.found = Found.load(generation / DUPLICATES)
        self.clusters = Clusters(self.found, self.reviews.decisions(), threshold)
        self.items = self.found.items

    def across(self, relation: str, *, similar: bool = False) -> Iterator[dict[str, Any]]:
        """Clusters as ``kg duplicates --json`` prints them, one dictionary each."""
        taken: set[str] = set()
        for cluster in self.clusters.across(relation):
            yield self.row(cluster, taken)
        if similar:
            for cluster in islice(self.clusters.similar(relation), SIMILAR):
                yield self.row(cluster, None)

    def row(self, cluster: Cluster, taken: set[str] | None) -> dict[str, Any]:
        first = self.items[cluster.members[0]]
        concept = str(first.cell["measure"])
        if taken is not None:
            concept = concept if concept not in taken else f"{concept}-{short_hash(first.iri)}"
            taken.add(concept)
        return {
            "concept": concept,
            "label": label(self.clusters, cluster.members),
            "kind": cluster.kind,
            "score": round(cluster.score, 4),
            "members": [self.member(self.items[n]) for n in cluster.members],
            "why": cluster.why,
            "changes": self.clusters.changes(cluster.members),
        }

    @staticmethod
    def member(item: Item) -> dict[str, Any]:
        cell = item.cell
        return {
            "iri": item.iri,
            "project": item.label,
            "indicator": item.name,
            "department": cell["department"],
            "year": item.year,
            "value": cell["value"],
            "document": cell["document"],
            "table": cell["table"],
            "row": cell["row"],
            **{name: cell.get(name) for name in ("place", "sheet", "cell", "page", "line")},
        }

    # -- review ----------------------------------------------------------------------------------------------

    def pair(self, link: Link) -> dict[str, Any]:
        """A pair for the reviewer, with the short name under which it is accepted or rejected."""
        a, b = self.items[link.a], self.items[link.b]
        return {
            "pair": pair_name(a.iri, b.iri),
            "score": round(link.score, 4),
            "members": [{**self.member(item), "description": _described(item) and item.description} for item in (a, b)],
            "why": list(link.why),
        }

    def named(self, name: str) -> tuple[str, str] | None:
        """The indicators of a pair's short name, among all pairs that were ever compared or reviewed."""
        first = [several[0] for several in self.found.members]
        text = ((first[p], first[q]) for p, q in self.found.text.ends.tolist())
        for a, b in (*self.found.years.ends.tolist(), *text):
            if pair_name(self.items[a].iri, self.items[b].iri) == name:
                return self.items[a].iri, self.items[b].iri
        return next((r.pair for r in self.reviews.all() if pair_name(*r.pair) == name), None)

    def label(self, iri: str) -> str:
        """How an indicator reads in a list; empty where its row is no longer there."""
        n = self.found.number.get(iri)
        if n is None:
            return ""
        item = self.items[n]
        return f"{item.name}〔{item.label}{f'，{item.year}年' if item.year else ''}〕"

    # -- years -----------------------------------------------------------------------------------------------

    def moves(self) -> Iterator[dict[str, Any]]:
        """What became of every indicator from one year of its department to the next, in order of project.

        ``change``: same, renamed, moved, new or dropped; ``target``: easier, harder, changed or empty.
        """
        links = self.clusters.links
        before = {link.b: link for link in links}
        added, dropped = self.clusters.turnover(links)
        for n, item in enumerate(self.items):
            if n in before:
                old = self.items[before[n].a]
                yield self._move(_change(before[n], old, item), old, item, before[n].score)
            if n in added:
                yield self._move("new", None, item)
            if n in dropped:
                yield self._move("dropped", item, None, year=dropped[n])

    def _move(
        self, change: str, old: Item | None, new: Item | None, score: float | None = None, year: int | None = None
    ) -> dict[str, Any]:
        shown = new or old
        assert shown is not None
        return {
            "year": new.year if new else year,
            "department": shown.cell["department"],
            "project": shown.label,
            "line": shown.line,
            "concept": shown.cell["measure"],
            "change": change,
            "target": direction(old, new) if old and new else "",
            "redescribed": bool(old and new and _described(old) != _described(new)),
            "before": self.member(old) if old else None,
            "after": self.member(new) if new else None,
            "score": None if score is None else round(score, 4),
        }


def _described(item: Item) -> str:
    """The description where it says more than the name."""
    said = plain(item.description)
    return said if said != plain(item.name) else ""


def _change(link: Link, old: Item, new: Item) -> str:
    return "moved" if link.moved else "same" if plain(old.name) == plain(new.name) else "renamed"


def pair_name(a: str, b: str) -> str:
    """Eight hexadecimal digits that name a pair, whichever comes first."""
    return short_hash(*sorted((a, b)))[:8]


def values(members: Sequence[dict[str, Any]]) -> str:
    """The members' targets in order, each once."""
    return " → ".join(dict.fromkeys(m["value"] for m in members))
