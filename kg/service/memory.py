"""The memory of all workers together: where it is too much, the job that has taken most of it is ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

LOOK_SECONDS = 0.1
PAGE = os.sysconf("SC_PAGE_SIZE")


class Measured(Protocol):
    base: int
    overdrawn: bool

    @property
    def pid(self) -> int: ...

    def kill(self) -> None: ...


def private(pid: int) -> int:
    """Bytes of memory that a process has to itself, 0 where the system does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text("ascii").split()
        return (int(resident) - int(shared)) * PAGE
    return 0


def budget() -> int:
    """Bytes that all jobs may take together: a quarter of the machine's memory, from 1 to 4 GB."""
    with contextlib.suppress(OSError, ValueError):
        return min(max(os.sysconf("SC_PHYS_PAGES") * PAGE // 4, 1 << 30), 4 << 30)
    return 1 << 30


def taken(worker: Measured) -> int:
    """Bytes that a worker has taken since it was ready."""
    return max(0, private(worker.pid) - worker.base)


async def watch(most: int, workers: Callable[[], Iterable[Measured]]) -> None:
    """Look at the workers that run something, for ever, and end the greediest while they take more than ``most``."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        sizes = [(taken(worker), worker) for worker in workers() if not worker.overdrawn]
        total = sum(size for size, _ in sizes)
        for size, worker in sorted(sizes, key=lambda pair: -pair[0]):
            if total <= most:
                break
            worker.overdrawn = True
            worker.kill()
            total -= size
