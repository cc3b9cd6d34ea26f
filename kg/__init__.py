"""Knowledge graph and semantic search for Chinese budget performance tables (项目支出绩效目标表).

>>> import kg
>>> kg.build("kg-data")                          # the shipped sample
>>> with kg.open("kg-data") as graph:
...     print(graph.ask("哪些项目服务高校毕业生？").understood)
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import KgError

if TYPE_CHECKING:
    from index.search import Hit
    from kg.ask import Answer, Evidence, Item
    from kg.building import Outcome
    from kg.graph.checks import Finding
    from kg.knowledge import KnowledgeGraph

__all__ = [
    "Answer",
    "Evidence",
    "Finding",
    "Hit",
    "Item",
    "KgError",
    "KnowledgeGraph",
    "Outcome",
    "__version__",
    "add",
    "build",
    "open",
    "remove",
]
__version__ = "0.1.0"

_WHERE = {
    "Answer": "kg.ask",
    "Evidence": "kg.ask",
    "Finding": "kg.graph.checks",
    "Hit": "index.search",
    "Item": "kg.ask",
    "KnowledgeGraph": "kg.knowledge",
    "Outcome": "kg.building",
}


def __getattr__(name: str) -> Any:
    """The public classes, imported when first named: ``import kg`` costs next to nothing."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def open(data: str | PathLike[str]) -> KnowledgeGraph:  # noqa: A001 - kg.open, as in gzip.open
    """Open a data directory for reading; close it, or use it in a ``with`` block.

    What is opened stays as it is, whatever is built meanwhile. Raises KgError where nothing was built there, or by
    another version.
    """
    from kg.knowledge import KnowledgeGraph

    return KnowledgeGraph(Path(data))


def build(data: str | PathLike[str], paths: Iterable[str | PathLike[str]] = ()) -> Outcome:
    """Read files, folders and archives (the sample where there are none) into a new graph and index.

    They take the place of what was there, at once and whole. Files that could not be read are in ``failures``, one
    line each; raises KgError where none could be, or where another process is writing: the old data then stays.
    """
    from kg import building

    return building.build(Path(data), [Path(p) for p in paths])


def add(data: str | PathLike[str], paths: Iterable[str | PathLike[str]]) -> Outcome:
    """Add documents, or replace those of the same file name; as ``build`` where nothing was built yet.

    ``changed`` is False where all of them were there already. Raises KgError as ``build``.
    """
    from kg import building

    return building.add(Path(data), [Path(p) for p in paths])


def remove(data: str | PathLike[str], names: Iterable[str]) -> Outcome:
    """Take documents out by file name or IRI. Raises KgError for a name that is not loaded; nothing then changes."""
    from kg import building

    return building.remove(Path(data), names)
