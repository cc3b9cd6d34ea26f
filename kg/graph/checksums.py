"""Checksums of a generation's files: taken when it is published, compared when it is opened and whenever asked."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from kg.errors import StorageError

Sums = dict[str, tuple[int, str]]
"""Size and SHA-256 of files by their path within a folder."""

STAMPS = "stamps.json"  # a hint, not checked: which files have not been touched since they were compared
LITTER = ("graph/LOG", "graph/LOG.old.*", "index/words/.tantivy-*.lock")  # of the engines, read by nobody
LARGEST = 512 << 20  # bytes of a file that is read as a whole
AT_ONCE = 32 << 20  # bytes that are compared on every opening, the smallest files first: a tenth of a second
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


def faults(folder: Path, expected: Mapping[str, tuple[int, str]], *, all_files: bool) -> Iterator[tuple[str, str]]:
    """(file, what is wrong with it) for each file that is not as expected.

    Of all files the size is compared. Unless ``all_files``, a file beyond the first AT_ONCE bytes that nobody has
    touched since its content was last compared is taken for what it was.
    """
    stamps, budget = _stamps(folder), AT_ONCE
    for name, (size, digest) in sorted(expected.items(), key=lambda item: item[1]):
        path = folder / name
        try:
            status = path.stat()
            if status.st_size != size:
                yield name, f"大小不符（应为 {size} 字节，现为 {status.st_size} 字节）"
                continue
            budget -= size
            untouched = stamps.get(name) == [status.st_ino, status.st_mtime_ns]
            if (all_files or budget >= 0 or not untouched) and sha256(path) != digest:
                yield name, "内容与建库时不符"
        except FileNotFoundError:
            yield name, "缺失"
        except OSError as error:
            yield name, f"读不了（{error.strerror}）"


def write_stamps(folder: Path, names: Mapping[str, object]) -> None:
    """Note that the files are as they should be now. Where nothing can be written, nothing is noted."""
    with contextlib.suppress(OSError):
        stamps = {name: [s.st_ino, s.st_mtime_ns] for name in names for s in ((folder / name).stat(),)}
        new = folder / f"{STAMPS}.{os.getpid()}"
        new.write_text(json.dumps(stamps), "ascii")
        new.replace(folder / STAMPS)


def _stamps(folder: Path) -> dict[str, list[int]]:
    try:
        found = json.loads((folder / STAMPS).read_text("ascii"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
