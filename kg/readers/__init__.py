"""Files → grids of cells. One module a format; what the words mean is not known here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from kg.readers.archive import is_litter
from kg.readers.document import parse
from kg.readers.file_types import READABLE, REFUSED, suffix_of
from kg.readers.grid import Cell, Grid, ReadError, Remark, Scan, Source
from kg.readers.sandbox import Members, Sandbox, load
from kg.readers.scans.process import PageReader, Report

__all__ = ["READABLE", "Cell", "Found", "Grid", "Item", "ReadError", "Reader", "Remark", "Scan", "Source", "read"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Item:
    """A document to be read: a file, or a member of an archive (of an archive in it).

    ``name`` is what the document is called where that is not the file's name.
    """

    path: Path
    members: Members = ()
    name: str = ""

    @property
    def file_name(self) -> str:
        """What the document's own file is called."""
        return self.name or (self.members or (self.path.name,))[-1].rpartition("/")[2]

    def __str__(self) -> str:
        return self.name or "/".join((str(self.path), *self.members))


@dataclass(slots=True)
class Found:
    """What was found below some paths: documents, paths that hold none and why, files of other kinds."""

    items: list[Item] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


class Reader:
    """Finds and reads documents within bounds of time and memory: see ``Sandbox``. Close it after use."""

    def __init__(self, scans: Path | None = None, report: Report | None = None) -> None:
        """``scans``: the folder that keeps what was read of pictures; ``report`` hears of each page of them."""
        self.sandbox = Sandbox()
        self.scans, self.report = scans, report
        self.pages = PageReader(Sandbox, scans, report)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.sandbox.close()
        self.pages.close()

    def another(self) -> Reader:
        """A reader in processes of its own, which keeps what it reads of pictures in the same folder."""
        return Reader(self.scans, self.report)

    def find(self, paths: list[Path]) -> Found:
        """The documents below ``paths``: files as they are, of folders and archives what they hold, by name."""
        found = Found()
        for path in paths:
            try:
                for item in self._below(path):
                    self._sort(item, found, named=item.path == path and not item.members)
            except ReadError as error:
                found.failures.append(str(error))
        return found

    def read(self, item: Item, then: Callable[[Source], T]) -> T:
        """What ``then``, a function that can be pickled, makes of the document. Raises ReadError that names it."""
        return self.sandbox.read(item.path, item.members, then, self.pages, item.name)

    def content(self, item: Item) -> bytes:
        """The bytes of the document. Raises ReadError that names it."""
        return self.sandbox.content(item.path, item.members) if item.members else load(item.path)

    def _below(self, path: Path) -> Iterator[Item]:
        known = "、".join(sorted(READABLE))
        if path.is_dir():
            files = [p for p in sorted(path.rglob("*")) if p.is_file() and not _litter(p, path)]
            if not any(suffix_of(p.name) in READABLE for p in files):
                raise ReadError(f"文件夹“{path}”里没有可读的文件（可读格式：{known}）")
            for file in files:
                yield Item(file)
        elif path.is_file():
            yield Item(path)
        elif path.exists():
            raise ReadError(f"“{path}”不是普通文件（设备、管道等）：请给出文件或文件夹")
        else:
            raise ReadError(f"找不到“{path}”：请检查路径是否写对")

    def _sort(self, item: Item, found: Found, *, named: bool) -> None:
        """Put a file where it belongs; one that the user has named is read whatever it is called."""
        suffix = suffix_of((item.members or (item.path.name,))[-1])
        if suffix == ".zip" and not item.members:
            try:
                members = self.sandbox.members(item.path)
            except ReadError as error:
                found.failures.append(str(error))
                return
            if not members:
                found.failures.append(f"“{item.path.name}”是空的压缩包：请确认打包是否完整")
            for inside in members:
                self._sort(Item(item.path, inside), found, named=False)
        elif named or suffix in READABLE | REFUSED:
            found.items.append(item)
        else:
            found.skipped.append(str(item))


def _litter(file: Path, folder: Path) -> bool:
    return any(is_litter(part) for part in file.relative_to(folder).parts)


def read(path: Path) -> Source:
    """Read one file in this process, without bounds of time and memory: for files that are known.

    Raises ReadError where it is empty, of an unknown format, or holds no table.
    """
    return parse(path.name, load(path))
