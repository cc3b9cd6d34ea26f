"""What a generation says of itself: its documents, how it was made, the checksums of its files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from kg.graph.checksums import Sums

FORMAT = 10  # layout of a generation; what is older than OLDEST must be built again
OLDEST = 8  # what is of this layout or a later one is read, and written anew when documents come or go


@dataclass(slots=True)
class DocumentEntry:
    """What the manifest keeps of a loaded document; ``projects`` and ``indicators`` are those that it states before
    other documents do, so that their sums count each once.
    """

    name: str
    sha256: str
    iri: str
    year: int | None
    given_year: int | None
    projects: int
    indicators: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a generation's graph is that is not among its files: the engine's address, and what it is called there."""

    url: str
    set: str
    generation: str


@dataclass(slots=True)
class Manifest:
    base: str
    model: str
    fingerprint: str
    documents: list[DocumentEntry] = field(default_factory=list)
    files: Sums = field(default_factory=dict)
    format: int = field(default_factory=lambda: FORMAT)
    place: Place | None = None

    def dump(self) -> bytes:
        said = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(said, ensure_ascii=False, indent=1).encode()

    @classmethod
    def parse(cls, text: bytes) -> Manifest:
        """The manifest of this format. Raises ValueError or TypeError where it is none."""
        data: dict[str, Any] = json.loads(text)
        documents = [DocumentEntry(**entry) for entry in data.pop("documents")]
        files = {name: (int(size), str(digest)) for name, (size, digest) in data.pop("files").items()}
        place = _place(data)
        return cls(**data, documents=documents, files=files, place=place)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What it takes to make a graph again from the originals: of each document its name, SHA-256 and given year; and where
    the graph is."""

    base: str
    model: str
    documents: tuple[tuple[str, str, int | None], ...]
    place: Place | None = None

    @classmethod
    def parse(cls, text: bytes) -> Catalogue:
        """From a manifest of any format that kept originals. Raises ValueError, KeyError or TypeError."""
        data = json.loads(text)
        documents = tuple((e["name"], e["sha256"], e.get("given_year")) for e in data["documents"])
        return cls(data["base"], data["model"], documents, _place(data))


def _place(data: dict[str, Any]) -> Place | None:
    """Taken out of what a manifest says."""
    found = data.pop("place", None)
    return Place(**found) if found else None


def format_of(text: bytes) -> int:
    """The format a manifest claims; 0 where it claims none that is a number."""
    try:
        found = json.loads(text)["format"]
    except (ValueError, KeyError, TypeError):
        return 0
    return found if isinstance(found, int) else 0
