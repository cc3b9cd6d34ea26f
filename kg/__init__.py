"""Knowledge graph and semantic search for Chinese budget performance tables (项目支出绩效目标表).

>>> import kg
>>> kg.build("kg-data")                          # the shipped sample
>>> with kg.open("kg-data") as graph:
...     print(graph.ask("哪些项目服务高校毕业生？").understood)
"""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import KgError

if TYPE_CHECKING:
    from kg.building import Outcome
    from kg.knowledge import KnowledgeGraph

__all__ = ["KgError", "__version__", "add", "build", "open", "remove"]
__version__ = "0.1.0"


def open(data: str | PathLike[str]) -> KnowledgeGraph:  # noqa: A001 - kg.open, as in gzip.open
    """Open a data directory for reading. Raises KgError where nothing was built there."""
    from kg.knowledge import KnowledgeGraph

    return KnowledgeGraph(Path(data))


def build(data: str | PathLike[str], paths: Iterable[str | PathLike[str]] = ()) -> Outcome:
    """Read files and folders (the sample where there are none) into a new graph and index."""
    from kg import building

    return building.build(Path(data), [Path(p) for p in paths])


def add(data: str | PathLike[str], paths: Iterable[str | PathLike[str]]) -> Outcome:
    """Add documents, or replace those of the same file name."""
    from kg import building

    return building.add(Path(data), [Path(p) for p in paths])


def remove(data: str | PathLike[str], names: Iterable[str]) -> Outcome:
    """Take documents out by file name or IRI."""
    from kg import building

    return building.remove(Path(data), names)
