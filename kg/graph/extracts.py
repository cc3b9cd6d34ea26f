"""What index and comparison need of each document, taken out of its graph once and kept while it says the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from index import search
from index.duplicates.found import Found
from index.duplicates.pairs import Item
from index.search import Passage, passages_of
from kg.graph.generations import DUPLICATES, INDEX
from kg.graph.measures import document_items
from kg.graph.passages import passages
from kg.graph.store import Store
from kg.graph.vocabulary import quantity_kinds


@dataclass(frozen=True, slots=True)
class Extract:
    """The passages and the indicators of a document."""

    passages: list[Passage]
    items: list[Item]

    @property
    def projects(self) -> set[str]:
        """The projects that it speaks of."""
        return {p.iri for p in self.passages if p.kind == "project"} | {i.project for i in self.items}


class Extracts:
    """The extracts of all documents of a graph; ``same`` names those that are as the generation before has them."""

    def __init__(
        self, store: Store, documents: Mapping[str, str], changed: Collection[str], before: Path | None
    ) -> None:
        """``documents``: name → IRI; ``changed``: the names of those whose graphs are new or other than in the generation
        in the folder ``before``.
        """
        before = before if before and (before / INDEX / search.DOCUMENTS).exists() else None  # of this format
        self.folder = before
        self.known = Found.load(before / DUPLICATES) if before else None
        had = self.known.by_document() if self.known else {}
        kinds = quantity_kinds(store)

        def old(names: Iterable[str]) -> dict[str, Extract]:
            return {n: Extract(passages_of(before / INDEX, n), had[n]) for n in names if before and n in had}

        def new(names: Iterable[str]) -> dict[str, Extract]:
            return {
                n: Extract(list(passages(store, documents[n], n)), document_items(store, documents[n], n, kinds))
                for n in names
            }

        fresh = new(n for n in documents if n in changed or n not in had)
        kept = old(n for n in documents if n not in fresh)
        gone = old(n for n in had if n not in kept)
        # What forms of one project share stands with one of them: where that one changed, the others are read again.
        touched = {project for extract in (*fresh.values(), *gone.values()) for project in extract.projects}
        again = new([n for n, extract in kept.items() if not touched.isdisjoint(extract.projects)])
        every = kept | fresh | again
        self.of = {n: every[n] for n in sorted(documents)}
        self.same = kept.keys() - again.keys()

    @cached_property
    def passages(self) -> dict[str, list[Passage]]:
        return {name: extract.passages for name, extract in self.of.items()}

    @cached_property
    def items(self) -> dict[str, list[Item]]:
        return {name: extract.items for name, extract in self.of.items()}
