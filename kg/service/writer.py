"""Changing the data: each build, upload or removal in a process of its own.

Generations are published whole, so killing such a process (or this server) at any moment harms nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from kg.errors import KgError
from kg.service.problems import Problem
from kg.service.workers import processes

Progress = Callable[[str, int, int], None]
INCOMING = "incoming-"


def _main(pipe: Connection, data: str, action: str, arguments: list[str], year: int | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    from kg import building

    def report(stage: str, done: int, total: int) -> None:
        pipe.send(("progress", (stage, done, total)))

    try:
        if action == "add":
            outcome = building.add(Path(data), [Path(a) for a in arguments], year=year, report=report)
        else:
            outcome = building.remove(Path(data), arguments, report=report)
        pipe.send(("done", asdict(outcome)))
    except KgError as error:
        pipe.send(("refused", str(error)))
    except (OSError, MemoryError) as error:
        pipe.send(("refused", f"写入失败：{error}"))


class Writer:
    """Runs one change at a time on a data directory."""

    def __init__(self, data: Path, seconds: float) -> None:
        self.data, self.seconds = data, seconds
        self.lock = asyncio.Lock()
        for left in data.glob(f"{INCOMING}*"):  # of a server that was killed
            shutil.rmtree(left, ignore_errors=True)

    @contextlib.contextmanager
    def incoming(self) -> Any:
        """A folder for uploaded files, gone afterwards."""
        with tempfile.TemporaryDirectory(prefix=INCOMING, dir=self.data) as folder:
            yield Path(folder)

    async def add(
        self, files: Sequence[Path], year: int | None = None, progress: Progress | None = None
    ) -> dict[str, Any]:
        return await self._run("add", [str(f) for f in files], year, progress)

    async def remove(self, names: Sequence[str], progress: Progress | None = None) -> dict[str, Any]:
        return await self._run("remove", list(names), None, progress)

    async def _run(
        self, action: str, arguments: list[str], year: int | None, progress: Progress | None
    ) -> dict[str, Any]:
        async with self.lock:
            pipe, theirs = processes.Pipe()
            process = processes.Process(target=_main, args=(theirs, str(self.data), action, arguments, year))
            await asyncio.to_thread(process.start)
            theirs.close()
            try:
                async with asyncio.timeout(self.seconds):
                    return await self._follow(pipe, progress)
            except TimeoutError:
                raise Problem(504, f"超过 {self.seconds:g} 秒仍未写完，已停止，原有数据没有变化") from None
            finally:
                process.kill()
                await asyncio.to_thread(process.join)
                pipe.close()

    async def _follow(self, pipe: Connection, progress: Progress | None) -> dict[str, Any]:
        while True:
            try:
                kind, value = await asyncio.to_thread(_receive, pipe)
            except (EOFError, OSError):
                raise Problem(500, "写入进程意外结束，原有数据没有变化") from None
            if kind == "done":
                result: dict[str, Any] = value
                return result
            if kind == "refused":
                raise Problem(409 if "正被另一个 kg 进程写入" in value else 422, value)
            if progress:
                progress(*value)


def _receive(pipe: Connection) -> Any:
    return pipe.recv()
