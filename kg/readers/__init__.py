"""Files → grids of cells. One module a format; what the words mean is not known here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.readers.document import parse
from kg.readers.grid import Cell, Grid, ReadError, Source
from kg.readers.kinds import READABLE

__all__ = ["SUFFIXES", "Cell", "Grid", "ReadError", "Source", "expand", "read"]

SUFFIXES = READABLE
MAX_BYTES = 200 * 1024 * 1024


def expand(paths: list[Path]) -> Iterator[Path]:
    """The files below ``paths``: a file as it is, a folder's readable files in order of name.

    Raises ReadError for a path that does not exist or a folder that holds no file of a known format.
    """
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES)
            if not found:
                known = "、".join(sorted(SUFFIXES))
                raise ReadError(f"文件夹“{path}”里没有可读的文件（可读格式：{known}）")
            yield from found
        elif path.is_file():
            yield path
        elif path.exists():
            raise ReadError(f"“{path}”不是普通文件（设备、管道等）：请给出文件或文件夹")
        else:
            raise ReadError(f"找不到“{path}”：请检查路径是否写对")


def read(path: Path) -> Source:
    """Read one file. Raises ReadError where it is empty, of an unknown format, or holds no table."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ReadError(f"“{path.name}”超过 {MAX_BYTES >> 20} MB：请先拆分")
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(f"无法读取“{path}”：{error.strerror}") from None
    return parse(path.name, data)
