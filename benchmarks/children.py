"""What runs in processes of its own: peers, parts of a build, and SPARQL engines that can be killed."""

from __future__ import annotations

import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyoxigraph

if TYPE_CHECKING:
    from index.encode import Encoder
    from kg.graph.store import Store
    from kg.knowledge import KnowledgeGraph

ENOUGH = 2.0  # seconds of repeated runs of one query
LIMIT = 10.0  # seconds a query may take

Opener = Callable[[Path], Callable[[str], int]]
"""Opens data and gives the function that runs a query over it and counts its rows."""


# -- parts of a build -------------------------------------------------------------------------------------


def graph(folder: str, *paths: str) -> float:
    """Seconds to turn files into a store on disk, without its index."""
    from kg.building import sample
    from kg.graph.mapping import Mapper
    from kg.graph.store import Store
    from kg.graph.vocabulary import vocabulary
    from kg.readers import read
    from kg.tables import read_document
    from ontology import DATA

    start = time.perf_counter()
    store = Store.create(Path(folder))
    for path in map(Path, paths or (str(sample()),)):
        mapper = Mapper(read_document(read(path)), vocabulary(), DATA)
        store.replace(mapper.iri, mapper.quads())
    store.finish()
    return time.perf_counter() - start


def parse(triples: str) -> float:
    """Seconds of plain rdflib to parse N-Triples into memory."""
    start = time.perf_counter()
    parsed(Path(triples))
    return time.perf_counter() - start


def parsed(triples: Path) -> Any:
    """N-Triples in plain rdflib memory: one Graph, the union of all documents."""
    import rdflib

    return rdflib.Graph().parse(triples, format="nt")


def embed(texts: str) -> float:
    """Seconds of the encoder alone for a JSON list of texts, like lengths together."""
    from index.encode import DEFAULT_MODEL, load_encoder

    start = time.perf_counter()
    load_encoder(DEFAULT_MODEL).passages(sorted(json.loads(Path(texts).read_text("utf-8")), key=len))
    return time.perf_counter() - start


# -- peers of questions and search ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vectors:
    """Plain vector search: the cosine of a text with every text there is."""

    texts: list[str]
    matrix: Any
    encoder: Encoder

    @classmethod
    def of(cls, data: KnowledgeGraph, cache: Path) -> Vectors:
        """All distinct texts of indicators and projects, with the vectors the build made of them."""
        from index.encode import DEFAULT_MODEL, EmbeddingCache
        from kg.graph.passages import passages

        texts = list(dict.fromkeys(text for passage in passages(data.store) for text in passage.texts))
        known = EmbeddingCache(cache)
        try:
            matrix = known.embed(DEFAULT_MODEL, texts, lambda: data.index.encoder)
        finally:
            known.close()
        return cls(texts, matrix, data.index.encoder)

    def nearest(self, text: str, limit: int = 10) -> list[str]:
        cosines = self.matrix @ self.encoder.query(text)
        best = np.argpartition(-cosines, min(limit, len(cosines)) - 1)[:limit]
        return [self.texts[at] for at in best[np.argsort(-cosines[best])]]

    def save(self, folder: Path) -> None:
        np.save(folder / "matrix.npy", self.matrix)
        (folder / "texts.json").write_text(json.dumps(self.texts), "utf-8")


def nearest(folder: str, text: str) -> list[str]:
    """Plain vector search from a cold start."""
    from index.encode import DEFAULT_MODEL, load_encoder

    texts = json.loads((Path(folder) / "texts.json").read_text("utf-8"))
    return Vectors(texts, np.load(Path(folder) / "matrix.npy"), load_encoder(DEFAULT_MODEL)).nearest(text)


def keyword(data: str, text: str) -> list[str]:
    """Plain BM25 from a cold start."""
    import kg

    with kg.open(data) as opened:
        return [opened.index.passage(number).text for number, _ in opened.index.keyword(text, 10)]


# -- SPARQL under a limit of time -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """A query's warm median seconds and number of rows; None where it failed, and why."""

    seconds: float | None = None
    rows: int | None = None
    failure: str = ""


class Engine:
    """A SPARQL engine in a process that is killed, and started anew, where a query passes the limit."""

    def __init__(self, open_: Opener, source: Path, limit: float = LIMIT) -> None:
        self.open, self.source, self.limit = open_, source, limit
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(self.open, self.source, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.pipe.recv()

    def run(self, sparql: str) -> Run:
        """A first, cold run that must keep the limit; then some more that are measured."""
        self.pipe.send(sparql)
        if not self.pipe.poll(self.limit):
            self.close()
            self._start()
            return Run(failure=f"> {self.limit * 1000:,.0f}")
        first: Run | None = self.pipe.recv()
        measured: Run = first or self.pipe.recv()
        return measured

    def close(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def rows(store: Store, sparql: str) -> int:
    """Run a query to its end and count its rows."""
    found = store.query(sparql)
    return 1 if isinstance(found, pyoxigraph.QueryBoolean) else sum(1 for _ in found)


def oxigraph(data: Path) -> Callable[[str], int]:
    """A built data directory, read-only on disk."""
    import kg

    opened = kg.open(data)
    return lambda sparql: rows(opened.store, sparql)


def rdflib(triples: Path) -> Callable[[str], int]:
    """N-Triples in plain rdflib memory."""
    from ontology import PREFIXES

    union = parsed(triples)
    return lambda sparql: len(list(union.query(sparql, initNs=PREFIXES)))


def _serve(open_: Opener, source: Path, pipe: Connection) -> None:
    run = open_(source)
    pipe.send(True)
    while True:
        sparql = pipe.recv()
        try:
            start = time.perf_counter()
            found = run(sparql)
            first = time.perf_counter() - start
            pipe.send(None)  # within the limit
            times = []
            for _ in range(min(25, max(2, int(ENOUGH / first)))):
                start = time.perf_counter()
                run(sparql)
                times.append(time.perf_counter() - start)
            pipe.send(Run(statistics.median(times), found))
        except Exception as error:  # noqa: BLE001 - told to the other side, whatever it is
            pipe.send(Run(failure=f"出错 {type(error).__name__}"))


if __name__ == "__main__":
    chosen: Any = {f.__name__: f for f in (graph, parse, embed, nearest, keyword)}[sys.argv[1]]
    print(json.dumps(chosen(*sys.argv[2:])))
