"""An opened data directory: the one object behind the command line, the service and the Python API.

What only some commands need is imported where they need it: questions alone take half a second.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from index.vectors import Table
from kg.errors import KgError
from kg.graph import stores
from kg.graph.generations import INDEX, LEXICON, DataDirectory
from kg.graph.manifest import Manifest
from kg.graph.store import Store

if TYPE_CHECKING:
    from collections.abc import Collection

    from rdflib import Dataset

    from index.search import Hit, Index
    from kg.ask import Answer, Asker
    from kg.graph.checks import Finding
    from kg.readers import Grid
    from kg.repeats.rows import Repeats


class KnowledgeGraph:
    """Graph and index of the generation in force when it was opened; later builds don't touch it.

    >>> kg = KnowledgeGraph(Path("kg-data"))
    >>> kg.ask("哪些项目服务高校毕业生？").answers
    """

    def __init__(self, data: Path) -> None:
        self.root = data
        self._generation = DataDirectory(data).open()

    def __enter__(self) -> KnowledgeGraph:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._generation.close()

    @property
    def manifest(self) -> Manifest:
        """What was built: the documents, the base of the IRIs, the model of the vectors."""
        return self._generation.manifest

    @property
    def generation(self) -> str:
        """Name of the generation that is open."""
        return self._generation.path.name

    @property
    def elsewhere(self) -> bool:
        """Whether an engine elsewhere is asked, and a connection needed."""
        return self.manifest.place is not None or Table.of(self._generation.path / INDEX) is not None

    @cached_property
    def store(self) -> Store:
        return stores.opened(self._generation)

    @cached_property
    def index(self) -> Index:
        from kg.searching import PassageIndex

        return PassageIndex(self._generation.path / INDEX)

    @cached_property
    def asker(self) -> Asker:
        from kg.ask import Asker
        from kg.ask.lexicon import Lexicon

        return Asker(self.store, self.index, Lexicon.load(self._generation.path / LEXICON))

    @property
    def dataset(self) -> Dataset:
        """The graph as an rdflib Dataset: one named graph a document, and one of the ontology. Read only."""
        return self.store.dataset()

    def ask(self, question: str, previous: Answer | None = None) -> Answer:
        """Answer a question in Chinese; ``previous`` is the answer it may lean on (“那其中预算最高的呢？”).

        Never raises for what is asked: what cannot be answered has ``method`` ``none``, and ``understood`` says why.
        """
        return self.asker.ask(question, previous)

    def text2sparql(self, question: str, dataset: str = "") -> dict[str, str]:
        """The question in the form of the TEXT2SPARQL challenge: ``{"dataset", "question", "query"}``.

        ``query`` is empty where the question cannot be answered from the data.
        """
        return {"dataset": dataset, "question": question, "query": self.ask(question).sparql}

    def original(self, document: str) -> Path:
        """The file a document was read from, as it was then; ``document`` is its name or IRI.

        Raises KgError for a document that is not loaded, DamageError where the original is missing or damaged.
        """
        directory = DataDirectory(self.root)
        for entry in self.manifest.documents:
            if document in (entry.name, entry.iri):
                if fault := directory.originals.fault(entry.sha256):
                    raise directory.original_damage(entry.name, entry.sha256, fault)
                return directory.originals.path(entry.sha256)
        raise KgError(f"没有载入过文档“{document}”：kg export 的第一列列出文档")

    def grids(self, document: str) -> list[Grid]:
        """The tables of a document as they were read, cell by cell. Raises KgError for one that is not loaded."""
        from kg.graph.ledger import grids

        try:
            return grids(self._generation.path, document)
        except KeyError:
            raise KgError(f"没有载入过文档“{document}”：kg export 的第一列列出文档") from None

    def repeats(self, threshold: float | None = None) -> Repeats:
        """Repeated indicators, under the reviewers' decisions as they stand now; see kg.repeats."""
        from kg.repeats.rows import Repeats

        return Repeats(self.root, self._generation.path, threshold)

    def search(self, text: str, limit: int = 10) -> list[Hit]:
        """The best passages (projects and indicators) for a text, best first; keywords and vectors, fused by rank.

        Reciprocal rank fusion (Cormack and others, 2009) of BM25 and cosine. Raises KgError where the model that the
        data was built with is not installed.
        """
        return self.index.search(text, limit)

    def check(
        self, *, codes: Collection[str] = (), severities: Collection[str] = (), documents: Collection[str] = ()
    ) -> list[Finding]:
        """Data-quality findings by place; see kg.graph.checks. Empty collections stand for all.

        Raises KgError for a code, severity or document that is not known.
        """
        from kg.graph.checks import check

        return check(self.store, codes=codes, severities=severities, documents=documents)
