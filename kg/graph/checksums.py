"""Checksums of a generation's files: taken when it is published, compared when it is opened and whenever asked."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import stat
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from kg.errors import StorageError

Sums = dict[str, tuple[int, str]]
"""Size and SHA-256 of files by their path within a folder."""

STAMPS = "stamps.json"  # a hint, not checked: which files have not been touched since they were compared
LITTER = ("graph/LOG", "graph/LOG.old.*", "index/words/**/.tantivy-*.lock")  # of the engines, read by nobody
LARGEST = 512 << 20  # bytes of a file that is read as a whole
AT_ONCE = 32 << 20  # bytes that are compared on every opening, the smallest files first: a tenth of a second
IN_TURN = 256 << 20  # bytes that are compared before every writing, those first that were compared longest ago
CHUNK = 1 << 20


class DamageError(StorageError):
    """A file that is not as it was published; the message names it and what mends it."""


def opened(path: Path, most: int = LARGEST) -> BinaryIO:
    """A file to be read as a whole. Raises OSError for what has no end or would be waited for: pipes, devices, and what
    is larger than ``most`` bytes."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size > most:
        os.close(descriptor)
        raise OSError(errno.EINVAL, f"不是普通文件，或大于 {most >> 10} KB", str(path))
    return os.fdopen(descriptor, "rb")


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sums(folder: Path, before: Path | None = None, known: Mapping[str, tuple[int, str]] | None = None) -> Sums:
    """The sums of all files below ``folder``, without what the engines leave behind, which is deleted.

    Of files that are links to those of ``before`` the ``known`` sums stand: they were compared and are never written to.
    """
    for pattern in LITTER:
        for path in folder.glob(pattern):
            path.unlink()
    linked: dict[int, tuple[int, str]] = {}
    for name, entry in (known or {}).items():
        with contextlib.suppress(OSError):
            if before is not None and (status := (before / name).stat()).st_size == entry[0]:
                linked[status.st_ino] = entry
    found: Sums = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        status = path.stat()
        had = linked.get(status.st_ino)
        found[path.relative_to(folder).as_posix()] = had or (status.st_size, sha256(path))
    return found


def faults(
    folder: Path,
    expected: Mapping[str, tuple[int, str]],
    *,
    most: int | None = None,
    longest_ago: bool = False,
    compared: set[str] | None = None,
) -> Iterator[tuple[str, str]]:
    """(file, what is wrong with it) for each file that is not as expected; the names of those read go to ``compared``.

    Of all files the size is compared, and the content of those that were touched since it was last compared. Of the
    others only ``most`` bytes (None: all) are read: of the smallest files, or of those that were read ``longest_ago``.
    """
    stamps, budget = _stamps(folder), most

    def turn(item: tuple[str, tuple[int, str]]) -> tuple[float, tuple[int, str]]:
        return (stamps[item[0]][2] if longest_ago and item[0] in stamps else 0.0), item[1]

    for name, (size, digest) in sorted(expected.items(), key=turn):
        path = folder / name
        try:
            status = path.stat()
            if status.st_size != size:
                yield name, f"大小不符（应为 {size} 字节，现为 {status.st_size} 字节）"
                continue
            untouched = stamps.get(name, [])[:2] == [status.st_ino, status.st_mtime_ns]
            if budget is not None:
                budget -= size
            if untouched and budget is not None and budget < 0:
                continue
            if sha256(path) != digest:
                yield name, "内容与建库时不符"
            elif compared is not None:
                compared.add(name)
        except FileNotFoundError:
            yield name, "缺失"
        except OSError as error:
            yield name, f"读不了（{error.strerror}）"


def write_stamps(
    folder: Path, names: Iterable[str], compared: Collection[str] | None = None, before: Path | None = None
) -> None:
    """Note that the files are as they should be, and when those were ``compared`` (None: all, now).

    Files that are links to those of the folder ``before`` were compared when that one notes it. Where nothing can be
    written, nothing is noted.
    """
    noted = {
        (ino, touched): at
        for at_folder in (folder, before)
        if at_folder
        for ino, touched, at in _stamps(at_folder).values()
    }
    now = round(time.time(), 3)
    with contextlib.suppress(OSError):
        stamps: dict[str, tuple[int, int, float]] = {}
        for name in names:
            status = (folder / name).stat()
            at = noted.get((status.st_ino, status.st_mtime_ns), now)
            stamps[name] = status.st_ino, status.st_mtime_ns, now if compared is None or name in compared else at
        new = folder / f"{STAMPS}.{os.getpid()}"
        new.write_text(json.dumps(stamps), "ascii")
        new.replace(folder / STAMPS)


def _stamps(folder: Path) -> dict[str, list[Any]]:
    """Of each file its inode, when it was last changed (ns) and when it was last compared (s, 0 where nobody noted it)."""
    try:
        found = json.loads((folder / STAMPS).read_text("ascii"))
        return {name: [*said, 0.0][:3] for name, said in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
