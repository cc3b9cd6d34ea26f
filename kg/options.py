"""What the commands share: the data directory and other options, files that are read and written, notes on stderr."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from kg.errors import KgError

Data = Annotated[Path, typer.Option("--data", envvar="KG_DATA", metavar="目录", help="数据目录")]
DATA = Path("kg-data")
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，一行一个对象")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="文件", help="写入文件；不给则写到标准输出")]


def note(text: str) -> None:
    print(text, file=sys.stderr)


def read(file: Path) -> str:
    """The text of a file. Raises KgError, one line, where it cannot be read or is not UTF-8."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KgError(f"无法读取“{file}”：{getattr(error, 'strerror', None) or '不是 UTF-8 文本'}") from None


def write(content: bytes, output: Path | None, *, binary: bool = False) -> None:
    """Write to the file, or to stdout where none is given.

    Raises KgError where the file cannot be written, and for ``binary`` content that would go to a terminal.
    """
    if output is None:
        if binary and sys.stdout.isatty():
            raise KgError("xlsx 是二进制：请用 -o 指定文件")
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise KgError(f"无法写入“{output}”：{error.strerror}") from None
    note(f"已写入 {output}")


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Progress of long work on stderr: a line that renews itself at a terminal, now and then a line elsewhere."""
    interactive = sys.stderr.isatty()
    last, shown = "", 0.0

    def report(stage: str, done: int, total: int) -> None:
        nonlocal last, shown
        if interactive:
            end = "\n" if done >= total else ""
            print(f"\r{stage} {done}/{total}", end=end, file=sys.stderr, flush=True)
        elif stage != last or done >= total or time.monotonic() - shown > 5:
            print(f"{stage} {done}/{total}", file=sys.stderr, flush=True)
            shown = time.monotonic()
        last = stage

    yield report
