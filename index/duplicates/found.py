"""What comparing found, kept in a folder: every scored pair with its features, so thresholds can change later.

``items/`` holds the indicators, a file for each document, ``pairs.npz`` the scored pairs of years (items) and of texts
(profiles), ``vetoes.json`` the words of the guards, ``stated.npz`` and ``measures.json`` what was made of them.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.duplicates import texts
from index.duplicates.pairs import FEATURES, TEXT_FEATURES, Floats, Item, Scorer, scores, why
from index.duplicates.years import candidates, consecutive, same_projects, tables
from index.encode import Vectors
from index.shelf import Shelf

ITEMS = "items"
STATED = ("measure", "added", "dropped", "revises", "moved")
Integers = npt.NDArray[np.int32]
Embed = Callable[[Sequence[str]], Vectors]


@dataclass(slots=True)
class Pairs:
    """Scored pairs of one relation: ends (n, 2), features (n, k), the guard that vetoes (n,) and its words."""

    relation: str
    ends: Integers
    features: Floats
    vetoes: npt.NDArray[np.int8]
    words: dict[int, str]

    @classmethod
    def of(cls, relation: str, rows: Sequence[tuple[int, int, list[float], int, str]]) -> Pairs:
        width = len(FEATURES if relation == "years" else TEXT_FEATURES)
        return cls(
            relation,
            np.array([r[:2] for r in rows], np.int32).reshape(-1, 2),
            np.array([r[2] for r in rows], np.float32).reshape(-1, width),
            np.array([r[3] for r in rows], np.int8),
            {n: r[4] for n, r in enumerate(rows) if r[3]},
        )

    def scores(self) -> Floats:
        """(n,) under the weights in force."""
        return scores(self.features, self.vetoes, self.relation)

    def why(self, n: int) -> list[dict[str, Any]]:
        return why(self.features[n].tolist(), int(self.vetoes[n]), self.words.get(n, ""), self.relation)


@dataclass(slots=True)
class Stated:
    """What is stated of the indicators, in their order: number of what each measures, the year in which it is new and in
    which it is gone (0: neither), number of the row of the year before that it continues (-1: none), number in
    ``direction.TURNS`` of how its target moved since. ``measures``: (name, label) of each thing measured.
    """

    measures: list[tuple[str, str]]
    measure: Integers
    added: Integers
    dropped: Integers
    revises: Integers
    moved: Integers


@dataclass
class Found:
    """The indicators and all their scored pairs; ``profile`` gives each item's, ``text`` pairs profiles.

    ``documents``: how many of the indicators, which are in this order, are of each document.
    """

    items: list[Item]
    profile: Integers
    years: Pairs
    text: Pairs
    documents: dict[str, int] = field(default_factory=dict)
    stated: Stated | None = None

    @classmethod
    def compare(
        cls, items: list[Item], embed: Embed, known: Found | None = None, documents: Mapping[str, int] | None = None
    ) -> Found:
        """Compare the items of all documents: years within projects, texts across them. Never all pairs.

        ``known``: what was found of most of them before. What it says of two tables, and of two rows, that are as they
        were is not worked out again; what is found is the same. ``documents``: see Found.
        """
        names = sorted({item.measured for item in items})
        scorer = Scorer(items, {name: n for n, name in enumerate(names)}, embed(names))
        first, profile = texts.profiles(items)
        before = _Before(known) if known is not None else None
        years: list[tuple[int, int, list[float], int, str]] = []
        for earlier, later in consecutive(items):
            for a, b in same_projects(items, earlier, later):
                had = before.years([items[n] for n in a], [items[n] for n in b]) if before else None
                if had is None:
                    years += ((c.a, c.b, c.features, c.veto, c.words) for c in candidates(scorer, a, b))
                else:
                    years += ((a[i], b[j], features, veto, words) for i, j, features, veto, words in had)
        said = before.texts() if before else {}
        text = Pairs.of("text", list(texts.near(scorer, first, said)))
        return cls(items, profile, Pairs.of("years", years), text, dict(documents or {}))

    def save(self, folder: Path, before: Path | None = None, same: Collection[str] = ()) -> None:
        """``before`` is the folder of what was found before, ``same`` names the documents whose items it has, too."""
        folder.mkdir(parents=True, exist_ok=True)
        shelf = Shelf(folder / ITEMS, before / ITEMS if before else None)
        names = [f.name for f in fields(Item) if f.name != "cell"]  # asdict would copy every value
        for document, items in self.by_document().items():
            if document in same:
                shelf.keep(document)
            else:
                shelf.put(document, ([*(getattr(i, name) for name in names), _own(i.cell)] for i in items))
        arrays: dict[str, Any] = {"profile": self.profile}
        for pairs in (self.years, self.text):
            for name in ("ends", "features", "vetoes"):
                arrays[f"{pairs.relation}_{name}"] = getattr(pairs, name)
        np.savez(folder / "pairs.npz", **arrays)
        words = {pairs.relation: pairs.words for pairs in (self.years, self.text)}
        (folder / "vetoes.json").write_text(json.dumps(words, ensure_ascii=False), "utf-8")
        said = {"documents": self.documents, "measures": self.stated.measures if self.stated else []}
        (folder / "measures.json").write_text(json.dumps(said, ensure_ascii=False), "utf-8")
        if self.stated:
            np.savez(folder / "stated.npz", **{name: getattr(self.stated, name) for name in STATED})

    @classmethod
    def load(cls, folder: Path) -> Found:
        whole = folder / "items.jsonl"  # of the format before: all in one file, by name
        if whole.exists():
            said: dict[str, Any] = {"documents": {}}
            items = [Item(**json.loads(line)) for line in whole.read_text("utf-8").splitlines()]
        else:
            said = json.loads((folder / "measures.json").read_text("utf-8"))
            shelf = Shelf(folder / ITEMS)
            items = [Item(*row) for document in said["documents"] for row in shelf.rows(document)]
        words = json.loads((folder / "vetoes.json").read_text("utf-8"))
        with np.load(folder / "pairs.npz") as arrays:

            def pairs(relation: str) -> Pairs:
                ends, features, vetoes = (arrays[f"{relation}_{name}"] for name in ("ends", "features", "vetoes"))
                return Pairs(relation, ends, features, vetoes, {int(n): said for n, said in words[relation].items()})

            found = cls(items, arrays["profile"], pairs("years"), pairs("text"), said["documents"])
        if whole.exists():
            return found
        with np.load(folder / "stated.npz") as arrays:
            found.state(Stated([(iri, label) for iri, label in said["measures"]], *(arrays[name] for name in STATED)))
        return found

    def state(self, stated: Stated) -> None:
        """Take in what is stated; each item's cell then says what it measures."""
        self.stated = stated
        for item, measure in zip(self.items, stated.measure.tolist(), strict=True):
            item.cell["measure"] = stated.measures[measure][0]

    def by_document(self) -> dict[str, list[Item]]:
        """The items of each document."""
        found, at = {}, 0
        for document, count in self.documents.items():
            found[document] = self.items[at : at + count]
            at += count
        return found

    @cached_property
    def number(self) -> dict[str, int]:
        """Item numbers by IRI."""
        return {item.iri: n for n, item in enumerate(self.items)}

    @cached_property
    def members(self) -> list[list[int]]:
        """Item numbers by profile."""
        found: dict[int, list[int]] = defaultdict(list)
        for n, profile in enumerate(self.profile.tolist()):
            found[profile].append(n)
        return [found[p] for p in range(len(found))]

    @cached_property
    def text_pair(self) -> dict[tuple[int, int], int]:
        """Number of the scored pair of two profiles, the smaller first."""
        return {(min(p, q), max(p, q)): n for n, (p, q) in enumerate(self.text.ends.tolist())}

    @cached_property
    def year_pair(self) -> dict[tuple[int, int], int]:
        return {(a, b): n for n, (a, b) in enumerate(self.years.ends.tolist())}

    @cached_property
    def written(self) -> tuple[Counter[tuple[str, str]], Counter[str]]:
        """How many rows of a type write a target, and how many rows it has."""
        return Counter((i.level2, i.target) for i in self.items), Counter(i.level2 for i in self.items)


def _own(cell: dict[str, Any]) -> dict[str, Any]:
    """What a cell says without what is stated of it."""
    return {name: value for name, value in cell.items() if name != "measure"}


class _Before:
    """What was found before, by what it was found of."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._tables = {project: [found.items[n] for n in rows] for project, rows in tables(found.items).items()}
        self._at = {n: i for rows in tables(found.items).values() for i, n in enumerate(rows)}
        self._blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
        for n, (a, b) in enumerate(found.years.ends.tolist()):
            self._blocks[found.items[a].project, found.items[b].project].append(n)

    def years(self, a: list[Item], b: list[Item]) -> Iterator[tuple[int, int, list[float], int, str]] | None:
        """The pairs of two tables, by place in them; None where they were others then, or never compared."""
        block = self._blocks.get((a[0].project, b[0].project))
        if not block or self._tables[a[0].project] != a or self._tables[b[0].project] != b:
            return None
        pairs = self._found.years
        return (
            (self._at[i], self._at[j], pairs.features[n].tolist(), int(pairs.vetoes[n]), pairs.words.get(n, ""))
            for n in block
            for i, j in (pairs.ends[n].tolist(),)
        )

    def texts(self) -> texts.Known:
        """The features, veto and its words of two rows."""
        pairs = self._found.text
        first = [self._found.items[members[0]] for members in self._found.members]
        return {
            (first[p].iri, first[q].iri): (first[p], first[q], features, veto, pairs.words.get(n, ""))
            for n, ((p, q), features, veto) in enumerate(
                zip(pairs.ends.tolist(), pairs.features.tolist(), pairs.vetoes.tolist(), strict=True)
            )
        }
