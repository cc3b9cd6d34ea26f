"""Hybrid search over passages: BM25 on words and character pairs, nearest embeddings, fused by rank.

An index is a folder: ``words/`` (see index.words), its vectors (see index.vectors) and ``owners.npz`` (distinct text → passages),
``passages/`` (a file for each document) with ``documents.json`` and ``offsets.npy``, ``terms.txt`` (the dictionary grown
from the graph), ``model``.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import IO, Any

import numpy as np

from index import words
from index.encode import DEFAULT_MODEL, EmbeddingCache, Encoder, Progress, Vectors, load_encoder
from index.segment import Segmenter, bigrams
from index.shelf import Shelf
from index.text import normalise
from index.vectors import Nearest, opened, write
from index.words import Words

RRF_K = 60  # reciprocal rank fusion, Cormack, Clarke & Büttcher (SIGIR 2009)
EMBEDDED = 256  # characters of a query that are embedded: what they mean is said by then, and the time grows with them
QUERIES = 256  # whose vectors are kept
POOL = 200  # candidates each ranking contributes
# By model: under this cosine a text of which no passage has a word is like none of them. Of the default model over the
# sample: 17 of 20 texts about other things or none stay below, 17 of 18 about its matters in other words above.
UNLIKE = {DEFAULT_MODEL: 0.855}
IRI_FIRST, IRI_BYTES = b'["', 300  # how the line of a passage begins, and as much of it as holds its IRI
PASSAGES, DOCUMENTS = "passages", "documents.json"
FILES = 256  # of documents that stay open for reading
LONGEST = 1000  # characters of a query that count: embedding costs by the character, and more says little


@dataclass(frozen=True, slots=True)
class Passage:
    """Something that can be found: a project or an indicator, shown by ``text``, found by any of ``texts``."""

    iri: str
    kind: str
    label: str
    project: str
    year: int | None
    text: str
    document: str
    table: int
    row: int | None
    texts: tuple[str, ...]
    place: str | None = None  # where its cell stands in the file, in words
    sheet: str | None = None
    cell: str | None = None
    page: int | None = None
    line: int | None = None


_TEXTS = [f.name for f in fields(Passage)].index("texts")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its fused score (0…1; 1 = first in every ranking) and its cosine where vectors found it."""

    passage: Passage
    score: float
    cosine: float | None
    worded: bool = True  # some passage has a word of the text; else all are near in meaning at most


def build(
    folder: Path,
    documents: Mapping[str, Sequence[Passage]],
    terms: Iterable[str],
    model: str,
    cache: EmbeddingCache,
    encoder: Callable[[], Encoder],
    progress: Progress | None = None,
    where: str = "",
    before: Path | None = None,
    same: Collection[str] = (),
) -> None:
    """Write an index of the passages of ``documents``, by name, into ``folder``; its vectors into the database at
    ``where``, if one is named.

    ``before`` is the folder of the index that is in force, ``same`` names the documents whose passages it has, too.
    Raises VectorError where the database fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    terms = sorted(set(terms))
    (folder / "terms.txt").write_text("\n".join(terms), "utf-8")
    (folder / "model").write_text(model, "utf-8")
    _write_passages(folder, documents, before, same)
    passages = [passage for several in documents.values() for passage in several]
    distinct = list(dict.fromkeys(text for passage in passages for text in passage.texts))
    vectors = cache.embed(model, distinct, encoder, progress)
    try:
        words.write(folder, documents, _worded, terms, before, same)
        _write_owners(folder, passages, distinct)
        write(folder, vectors, where, before)
    except (RuntimeError, ValueError) as error:  # what tantivy and FAISS raise where the disk is full
        raise OSError(f"索引写不成：{error}") from error


def passages_of(folder: Path, document: str) -> list[Passage]:
    """The passages of a document, by its name, in the index in ``folder``."""
    return [_passage(row) for row in Shelf(folder / PASSAGES).rows(document)]


class Index:
    """An index opened for reading. What a search needs is loaded when it is first needed."""

    def __init__(self, folder: Path, encoder: Encoder | None = None) -> None:
        self.folder = folder
        if encoder is not None:
            self.encoder = encoder  # shadows the cached property

    @cached_property
    def encoder(self) -> Encoder:
        return load_encoder((self.folder / "model").read_text("utf-8"))

    @cached_property
    def segmenter(self) -> Segmenter:
        return Segmenter((self.folder / "terms.txt").read_text("utf-8").splitlines())

    def search(self, text: str, limit: int = 10) -> list[Hit]:
        """The best passages for ``text``, best first.

        Nothing is found for empty text, nor where no passage has a word of it and none is near in meaning.
        """
        text = text.strip()[:LONGEST]
        if limit <= 0 or not text:
            return []
        rankings = [self.keyword(text, POOL), self.nearest(text, POOL)]
        cosines = dict(rankings[1])
        worded = bool(rankings[0])
        if not worded and max(cosines.values(), default=0.0) < UNLIKE.get(self.encoder.name, -1.0):
            return []
        scores: dict[int, float] = {}
        for ranking in rankings:
            for rank, (number, _) in enumerate(ranking, 1):
                scores[number] = scores.get(number, 0.0) + 1 / (RRF_K + rank)
        best = sorted(scores, key=lambda n: (-scores[n], n))[:limit]
        top = len(rankings) / (RRF_K + 1)
        return [Hit(self.passage(n), scores[n] / top, cosines.get(n), worded) for n in best]

    def keyword(self, text: str, limit: int) -> list[tuple[int, float]]:
        """(passage number, BM25 score), best first."""
        from tantivy import Occur, Query

        searcher, schema = self._words.searcher, self._words.schema
        terms = [("words", w) for w in self.segmenter.index_terms(text)] + [("pairs", b) for b in bigrams(text)]
        queries = [(Occur.Should, Query.term_query(schema, f, t)) for f, t in dict.fromkeys(terms[:256])]
        if not queries:
            return []
        hits = searcher.search(Query.boolean_query(queries), limit).hits
        numbers = self._words.numbers([address for _, address in hits])
        found = [(number, float(score)) for number, (score, _) in zip(numbers, hits, strict=True)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    @property
    def size(self) -> int:
        """Number of passages."""
        return len(self._offsets) - 1

    def frequency(self, text: str) -> int:
        """In how many passages every character pair of ``text`` occurs: an upper bound of its own frequency."""
        return self._together(text, 1)[0]

    def occurs(self, text: str) -> bool:
        """Whether some passage holds ``text``."""
        plain = normalise(text)
        count, numbers = self._together(text, 50)
        return count > 0 and any(
            plain in normalise("\n".join((p.project, p.text, *p.texts))) for p in map(self.passage, numbers)
        )

    def _together(self, text: str, limit: int) -> tuple[int, list[int]]:
        from tantivy import Occur, Query

        searcher, schema = self._words.searcher, self._words.schema
        pairs = [("pairs", p) for p in bigrams(text) if len(p) > 1] or [("words", normalise(text))]
        query = Query.boolean_query([(Occur.Must, Query.term_query(schema, f, t)) for f, t in dict.fromkeys(pairs)])
        found = searcher.search(query, limit, count=True)
        return int(found.count), self._words.numbers([address for _, address in found.hits])

    def holders(self, forms: Iterable[str]) -> list[str] | None:
        """The IRIs of all passages that may hold one of ``forms``; None where the index cannot tell.

        Every passage that does hold one is among them, for a text has all the character pairs of what it holds.
        """
        from tantivy import Occur, Query

        searcher, schema = self._words.searcher, self._words.schema
        queries = []
        for form in forms:
            pairs = [p for p in dict.fromkeys(bigrams(form)) if len(p) > 1]
            if not pairs:
                return None
            must = [(Occur.Must, Query.term_query(schema, "pairs", pair)) for pair in pairs]
            queries.append((Occur.Should, Query.boolean_query(must)))
        found = searcher.search(Query.boolean_query(queries), max(1, self.size), count=False)
        return list(map(self.iri, self._words.numbers([address for _, address in found.hits])))

    def iri(self, number: int) -> str:
        """The IRI of a passage, which is the first that its line says."""
        start = self._line(number, IRI_BYTES)
        if start.startswith(IRI_FIRST) and (close := start.find(b'"', len(IRI_FIRST))) > 0:
            return start[len(IRI_FIRST) : close].decode()
        return self.passage(number).iri

    def nearest(self, text: str, limit: int) -> list[tuple[int, float]]:
        """(passage number, cosine of its nearest text), best first."""
        vectors, offsets, owners = self._vectors
        best: dict[int, float] = {}
        found = vectors.search(self._embedded(text[:EMBEDDED]), limit) if len(offsets) > 1 else []
        for at, cosine in found:
            for number in owners[offsets[at] : offsets[at + 1]]:
                best.setdefault(int(number), cosine)
        return list(best.items())[:limit]

    def _embedded(self, text: str) -> Vectors:
        """The vector of a query; those of the last ones are kept, for one question looks for the same text repeatedly."""
        found = self._queries.get(text)
        if found is None:
            if len(self._queries) >= QUERIES:
                self._queries.clear()
            found = self._queries[text] = self.encoder.query(text)
        return found

    @cached_property
    def _queries(self) -> dict[str, Vectors]:
        return {}

    def passage(self, number: int) -> Passage:
        return _passage(json.loads(self._line(number)))

    def _line(self, number: int, most: int | None = None) -> bytes:
        """The line of a passage, or its first bytes."""
        at, end = self._offsets[number : number + 2].tolist()
        starts = self._said["starts"]
        which = bisect_right(starts, at) - 1
        length = end - at if most is None else min(end - at, most)
        return os.pread(self._file(which).fileno(), length, at - starts[which])

    @cached_property
    def _said(self) -> dict[str, Any]:
        """The documents that have passages, where the lines of each begin, the files laid end to end, and the number of each one's first; of an index made before there was one, that all passages are in one file."""
        try:
            found: dict[str, Any] = json.loads((self.folder / DOCUMENTS).read_text("utf-8"))
        except FileNotFoundError:
            return {"names": [], "starts": [0]}
        return found

    @cached_property
    def _file(self) -> Callable[[int], IO[bytes]]:
        """Opens the file of a document, by its number. Each is opened once: what is being read stays readable when the
        data directory goes away; of very many, those last read stay open."""
        shelf = Shelf(self.folder / PASSAGES)
        paths = [shelf.path(name) for name in self._said["names"]] or [self.folder / "passages.jsonl"]
        return lru_cache(FILES)(lambda which: paths[which].open("rb"))

    @cached_property
    def _offsets(self) -> Any:
        return np.load(self.folder / "offsets.npy", mmap_mode="r").view(np.ndarray)  # whose items are read quicker

    @cached_property
    def _words(self) -> Words:
        return Words(self.folder, dict(zip(self._said["names"], self._said.get("first", ()), strict=False)))

    @cached_property
    def _vectors(self) -> tuple[Nearest, Any, Any]:
        with np.load(self.folder / "owners.npz") as owners:
            return opened(self.folder), owners["offsets"], owners["owners"]


def _write_passages(
    folder: Path, documents: Mapping[str, Sequence[Passage]], before: Path | None, same: Collection[str]
) -> None:
    names = [f.name for f in fields(Passage)]  # asdict would copy every value
    shelf = Shelf(folder / PASSAGES, before / PASSAGES if before else None)
    starts, lengths, at = [], [np.zeros(1, np.int64)], 0
    for document, passages in documents.items():
        if document in same:
            shelf.keep(document)
        else:
            shelf.put(document, ([getattr(passage, name) for name in names] for passage in passages))
        lines = np.fromiter(map(len, shelf.path(document).read_bytes().splitlines(keepends=True)), np.int64)
        starts.append(at)
        lengths.append(lines)
        at += int(lines.sum())
    np.save(folder / "offsets.npy", np.cumsum(np.concatenate(lengths)))  # of each line, and of the end
    filled = [n for n, passages in enumerate(documents.values()) if passages]
    names = list(documents)
    first = np.cumsum([0, *map(len, documents.values())]).tolist()
    said = {
        "names": [names[n] for n in filled],
        "starts": [starts[n] for n in filled],
        "first": [first[n] for n in filled],
    }
    (folder / DOCUMENTS).write_text(json.dumps(said, ensure_ascii=False), "utf-8")


def _passage(row: Any) -> Passage:
    """A passage of its row: a list in the order of the fields, by name in an index of the format before."""
    row = list(row.values()) if isinstance(row, dict) else row
    row[_TEXTS] = tuple(row[_TEXTS])
    return Passage(*row)


def _worded(passage: Passage) -> str:
    """What a passage is found by in the keyword index."""
    return "\n".join(dict.fromkeys((passage.project, *passage.texts, passage.text)))


def _write_owners(folder: Path, passages: Sequence[Passage], distinct: Sequence[str]) -> None:
    """Which passages have each distinct text, whose vector has its number."""
    at = {text: i for i, text in enumerate(distinct)}
    owned: list[list[int]] = [[] for _ in distinct]
    for number, passage in enumerate(passages):
        for text in passage.texts:
            owned[at[text]].append(number)
    offsets = np.cumsum([0, *map(len, owned)], dtype=np.int64)
    owners = np.fromiter((n for numbers in owned for n in numbers), np.int64, count=int(offsets[-1]))
    np.savez(folder / "owners.npz", offsets=offsets, owners=owners)
