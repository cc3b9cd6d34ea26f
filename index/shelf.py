"""Rows of each document in a file of its own: generations share it for as long as the document says the same."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any


class Shelf:
    """A folder of such files, of JSON rows, one a line. ``before`` is the folder of the generation before."""

    def __init__(self, folder: Path, before: Path | None = None) -> None:
        self.folder, self.before = folder, before

    def path(self, document: str) -> Path:
        """The file of a document, by its name."""
        return self.folder / f"{hashlib.sha256(document.encode()).hexdigest()[:24]}.jsonl"

    def put(self, document: str, rows: Iterable[Sequence[Any]]) -> None:
        """Write the rows of a document."""
        self.folder.mkdir(exist_ok=True)
        with self.path(document).open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)

    def keep(self, document: str) -> None:
        """Have the rows that the generation before has of a document."""
        assert self.before is not None
        self.folder.mkdir(exist_ok=True)
        os.link(Shelf(self.before).path(document), self.path(document))

    def rows(self, document: str) -> Iterator[list[Any]]:
        """The rows of a document in order."""
        with self.path(document).open(encoding="utf-8") as file:
            yield from map(json.loads, file)
