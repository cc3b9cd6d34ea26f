"""Reads pictures of pages in a process of its own, each within its own time and memory, and keeps what it read.

Beside what was read lies the picture itself, from which the cut-out of a cell is shown.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from kg.readers.grid import ReadError
from kg.readers.scans.page import ReadPage
from kg.readers.scans.pictures import Known, Wanted

SECONDS_A_PAGE = 180.0  # of the clock; 6 to 8 of the processor where nothing else runs
MEMORY = 3 << 30  # address space; what it uses is below 1 GB
GROWN = 2 << 30
FOLDER = Path("cache") / "scans"  # below the data directory
QUALITY = 85  # of the kept picture

Report = Callable[[str, int, int], None]


@cache
def mark() -> str:
    """Changes whenever a page would be read otherwise: the engine's version and this code."""
    here = Path(__file__).parent
    code = b"".join((here / name).read_bytes() for name in ("page.py", "readings.py", "recognise.py", "ruling.py"))
    return hashlib.sha256(version("rapidocr").encode() + code).hexdigest()[:12]


class Confined(Protocol):
    """A process with limits: ``kg.readers.sandbox.Sandbox``."""

    def call(self, path: Path, request: tuple[Any, ...], limit: float) -> Any: ...

    def close(self) -> None: ...


class PageReader:
    """Reads pictures in what ``start`` makes, or finds what was read of them before in ``folder`` (None: nothing is kept)."""

    def __init__(
        self, start: Callable[[int, int], Confined], folder: Path | None = None, report: Report | None = None
    ) -> None:
        self.start = start
        self.folder = folder
        self.report = report or (lambda *_: None)
        self.sandbox: Confined | None = None

    def close(self) -> None:
        if self.sandbox is not None:
            self.sandbox.close()

    def read(self, wanted: Sequence[Wanted], done: int = 0) -> dict[str, Known]:
        """What the pictures hold, by place; ``done`` pages of the document were read before."""
        out: dict[str, Known] = {}
        for number, one in enumerate(wanted):
            self.report("识别扫描页", done + number, done + len(wanted))
            out[one.place] = self._read(one)
            one.file.unlink(missing_ok=True)
        self.report("识别扫描页", done + len(wanted), done + len(wanted))
        return out

    def _read(self, wanted: Wanted) -> Known:
        kept = self.folder / f"{wanted.picture}-{mark()}.json" if self.folder else None
        try:
            if kept is not None and kept.exists() and picture_file(kept.parent, wanted.picture).exists():
                return Known(wanted.picture, ReadPage.of(json.loads(kept.read_text("utf-8"))))
        except (OSError, ValueError, KeyError, TypeError):
            pass  # what is damaged is read again
        self.sandbox = self.sandbox or self.start(MEMORY, GROWN)
        try:
            page, picture = self.sandbox.call(wanted.file, (read_file, wanted.file), SECONDS_A_PAGE)
        except ReadError as error:
            return Known(wanted.picture, None, str(error).removeprefix(f"“{wanted.file.name}”"))
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            _write(picture_file(kept.parent, wanted.picture), picture)
            _write(kept, json.dumps(page.json(), ensure_ascii=False).encode())
        return Known(wanted.picture, page)


def picture_file(folder: Path, picture: str) -> Path:
    """The kept picture of a page."""
    return folder / f"{picture}.jpg"


def _write(path: Path, data: bytes) -> None:
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_bytes(data)
    new.replace(path)


def read_file(path: Path) -> tuple[ReadPage, bytes]:
    """A page and its picture as JPEG. Runs in the process of pictures."""
    import io

    import numpy as np
    from PIL import Image

    from kg.readers.scans.recognise import read_page

    with Image.open(path) as opened:
        picture = opened.copy()
    page = read_page(np.asarray(picture))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return page, out.getvalue()
