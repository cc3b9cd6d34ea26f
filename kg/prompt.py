"""Questions a line: from a terminal with line editing and a history, or from a pipe."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from kg.options import note

PROMPT = "问："
LEAVE = frozenset({"退出", "exit", "quit", "q", ":q", "bye"})
KEPT = 500  # lines of history


def questions() -> Iterator[str]:
    """Lines of standard input. At a terminal empty lines are passed over, and a word of LEAVE or Ctrl+D ends them."""
    if not sys.stdin.isatty():
        for line in sys.stdin:
            yield line.rstrip("\n")
        return
    note("一行一个问题，可以接着上一个答案问；输入“退出”或按 Ctrl+D 离开")
    with _history():
        while (line := _line()) is not None and line.casefold() not in LEAVE:
            if line:
                yield line


def _line() -> str | None:
    try:
        if sys.stdout.isatty():
            return input(PROMPT).strip()
        print(PROMPT, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        return line.strip() if line else None
    except (EOFError, KeyboardInterrupt):
        note("")
        return None


@contextlib.contextmanager
def _history() -> Iterator[None]:
    """Arrow keys bring back earlier questions, of earlier sessions too; kept where only their owner reads them."""
    try:
        import readline
    except ImportError:  # Python without it: lines are read all the same
        yield
        return
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    file = Path(state) / "kg" / "history"
    with contextlib.suppress(OSError):
        readline.read_history_file(file)
    readline.set_history_length(KEPT)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            readline.write_history_file(file)
