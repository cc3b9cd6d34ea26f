"""Which engine keeps the graph: embedded files, or the one that an address names.

``KG_STORE`` is the address of a build that names none; with user and password, it also says who asks where the data
directory names the engine already, for these are kept nowhere.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from index.vectors import Table
from kg.errors import KgError
from kg.graph.generations import DataDirectory, Generation
from kg.graph.manifest import Place
from kg.graph.store import Store

VARIABLE = "KG_STORE"


def configured() -> str:
    """The address that the environment names; empty for embedded files."""
    return os.environ.get(VARIABLE, "")


def address(place: Place | None) -> str:
    """Where to reach the graph of a generation: as the environment says, else as was noted when it was built."""
    return (configured() or place.url) if place else ""


def opened(generation: Generation) -> Store:
    """The graph of a generation, to read. Raises StorageError where its engine is not reached or no longer has it."""
    place = generation.manifest.place
    if place is None:
        return Store.open(generation.path / "graph")
    from kg.graph.remote import RemoteStore

    return RemoteStore.at(place, address(place))


@contextlib.contextmanager
def writing(building: Path, url: str, before: Place | None, kept: Path | None = None) -> Iterator[Store]:
    """A graph to write: of embedded files, or at ``url``, where ``before`` is the generation in force.

    It has all of the generation in the folder ``kept``; without one, the ontology. An engine elsewhere forgets it where
    the block fails.
    """
    store = _created(building, url, before, kept)
    try:
        yield store
    except BaseException:
        with contextlib.suppress(KgError):
            store.discard()
        raise


def _created(building: Path, url: str, before: Place | None, kept: Path | None) -> Store:
    if not url:
        return Store.create(building / "graph", kept / "graph" if kept else None)
    from kg.graph.remote import RemoteStore

    return RemoteStore.new(url, before, kept=kept is not None)


def elsewhere(data: Path) -> bool:
    """Whether a data directory takes a connection: its graph or its vectors are elsewhere."""
    directory = DataDirectory(data)
    index = directory.index()
    if index and Table.of(index):
        return True
    try:
        return directory.catalogue().place is not None
    except KgError:
        return False
