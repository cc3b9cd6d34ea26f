"""The files that were read, kept by the hash of their content: the graph can always be made again from them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
from pathlib import Path

from kg.graph.checksums import sha256


class Originals:
    """A folder with one file a document's content, named by its SHA-256; each is written once and never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        return self.folder / digest

    def fault(self, digest: str) -> str:
        """What is wrong with an original; empty where it is whole."""
        try:
            return "" if sha256(self.path(digest)) == digest else "内容与读入时不符"
        except FileNotFoundError:
            return "缺失"
        except OSError as error:
            return f"读不了（{error.strerror}）"

    def keep(self, digest: str, content: bytes) -> None:
        """Keep the content of that hash; it is on disk when this returns. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self.folder / f"{digest}.new"
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path(digest))

    def sweep(self, wanted: Collection[str]) -> None:
        """Delete all but the wanted files."""
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                if path.name not in wanted:
                    path.unlink(missing_ok=True)
