"""An opened data directory: the one object behind the command line, the service and the Python API."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from index.search import Hit, Index
from kg.ask import Answer, Asker
from kg.graph.generations import DataDirectory, Manifest
from kg.graph.store import Store

if TYPE_CHECKING:
    from rdflib import Dataset


class KnowledgeGraph:
    """Graph and index of the generation in force when it was opened; later builds don't touch it.

    >>> kg = KnowledgeGraph(Path("kg-data"))
    >>> kg.ask("哪些项目服务高校毕业生？").answers
    """

    def __init__(self, data: Path) -> None:
        self._generation = DataDirectory(data).open()

    def __enter__(self) -> KnowledgeGraph:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._generation.close()

    @property
    def manifest(self) -> Manifest:
        return self._generation.manifest

    @cached_property
    def store(self) -> Store:
        return Store.open(self._generation.path / "graph")

    @cached_property
    def index(self) -> Index:
        return Index(self._generation.path / "index")

    @cached_property
    def asker(self) -> Asker:
        return Asker(self.store, self.index)

    @property
    def dataset(self) -> Dataset:
        """The graph as an rdflib Dataset."""
        return self.store.dataset()

    def ask(self, question: str) -> Answer:
        """Answer a question in Chinese; see kg.ask."""
        return self.asker.ask(question)

    def search(self, text: str, limit: int = 10) -> list[Hit]:
        """Hybrid search; see index.search."""
        return self.index.search(text, limit)
