"""Rows of each document in a file of its own: generations share it for as long as the document says the same."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

# none on this disk, too many, of somebody else's file, to another disk
NO_LINK = (errno.EPERM, errno.EMLINK, errno.EACCES, errno.ENOTSUP, errno.EXDEV)


def link(source: Path, target: Path) -> None:
    """Have a published file, which is never written to, under another name; copied where the disk knows no such links.

    Raises FileExistsError where there is one.
    """
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in NO_LINK:
            raise
        with target.open("xb") as new, source.open("rb") as old:
            shutil.copyfileobj(old, new)


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
        link(Shelf(self.before).path(document), self.path(document))

    def rows(self, document: str) -> Iterator[list[Any]]:
        """The rows of a document in order."""
        with self.path(document).open(encoding="utf-8") as file:
            yield from map(json.loads, file)
