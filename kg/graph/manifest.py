"""What a generation says of itself: its documents, how it was made, the checksums of its files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from kg.graph.checksums import Sums

FORMAT = 8  # layout of a generation; another number means: build again


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


@dataclass(slots=True)
class Manifest:
    base: str
    model: str
    fingerprint: str
    documents: list[DocumentEntry] = field(default_factory=list)
    files: Sums = field(default_factory=dict)
    format: int = field(default_factory=lambda: FORMAT)

    def dump(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @classmethod
    def parse(cls, text: bytes) -> Manifest:
        """The manifest of this format. Raises ValueError or TypeError where it is none."""
        data: dict[str, Any] = json.loads(text)
        documents = [DocumentEntry(**entry) for entry in data.pop("documents")]
        files = {name: (int(size), str(digest)) for name, (size, digest) in data.pop("files").items()}
        return cls(**data, documents=documents, files=files)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What it takes to make a graph again from the originals: of each document its name, SHA-256 and given year."""

    base: str
    model: str
    documents: tuple[tuple[str, str, int | None], ...]

    @classmethod
    def parse(cls, text: bytes) -> Catalogue:
        """From a manifest of any format that kept originals. Raises ValueError, KeyError or TypeError."""
        data = json.loads(text)
        documents = tuple((e["name"], e["sha256"], e.get("given_year")) for e in data["documents"])
        return cls(data["base"], data["model"], documents)


def format_of(text: bytes) -> int:
    """The format a manifest claims; 0 where it claims none that is a number."""
    try:
        found = json.loads(text)["format"]
    except (ValueError, KeyError, TypeError):
        return 0
    return found if isinstance(found, int) else 0
