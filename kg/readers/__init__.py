"""Files → grids of cells. One module a format; what the words mean is not known here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from kg.readers.grid import Cell, Grid, ReadError, Source
from kg.readers.text import read_text

__all__ = ["SUFFIXES", "Cell", "Grid", "ReadError", "Source", "expand", "read"]

SUFFIXES = frozenset({".txt", ".text"})
ENCODINGS = ("utf-8-sig", "gb18030")
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
    if not data.strip():
        raise ReadError(f"“{path.name}”是空文件：请确认导出是否完整")
    preface, grids = read_text(_decode(path, data))
    if not grids:
        raise ReadError(f"“{path.name}”里没有表格：需要每行一个单元格、以制表符缩进的文本导出")
    return Source(path.name, hashlib.sha256(data).hexdigest(), preface, grids)


def _decode(path: Path, data: bytes) -> str:
    if b"\0" in data[:8192] or data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04")):
        known = "、".join(sorted(SUFFIXES))
        raise ReadError(f"“{path.name}”不是文本文件（图片、扫描件或其他格式）：请提供 {known} 文本导出")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReadError(f"“{path.name}”的文字编码无法识别：请另存为 UTF-8 或 GB18030")
