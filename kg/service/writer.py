"""Changing the data: each build, upload or removal in a process of its own.

Generations are published whole, so killing such a process (or this server) at any moment harms nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kg.errors import KgError, StorageError
from kg.graph.generations import BusyError
from kg.graph.stores import elsewhere
from kg.offline import go_offline
from kg.service.problems import Problem
from kg.service.wire import Far, Message, Near

Progress = Callable[[str, int, int], None]
INCOMING = "incoming-"


def _main(line: socket.socket, data: str, action: str, arguments: list[str], year: int | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if not elsewhere(Path(data)):
        go_offline(local=True)  # LibreOffice speaks to itself
    from kg import building

    wire = Far(line)

    def report(stage: str, done: int, total: int) -> None:
        wire.send("progress", (stage, done, total))

    try:
        if action == "add":
            outcome = building.add(Path(data), [Path(a) for a in arguments], year=year, report=report)
        elif action == "confirm":
            by, *pairs = arguments
            decisions = list(zip(pairs[::2], pairs[1::2], strict=True))
            outcome = building.confirm(Path(data), decisions, by=by, report=report)
        else:
            outcome = building.remove(Path(data), arguments, report=report)
        wire.send("done", asdict(outcome))
    except BusyError as error:
        wire.send("refused", (409, str(error)))
    except StorageError as error:
        wire.send("refused", (507, str(error)))
    except KgError as error:
        wire.send("refused", (422, str(error)))
    except MemoryError:
        wire.send("refused", (507, "内存不够，没有写入，原有数据没有变化：请分批上传"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the uploader is told
        wire.send("refused", (507, f"没有写入，原有数据没有变化（{type(error).__name__}：{error}）"))


class _Change(Near):
    """A change under way: its messages in their order, None at the end."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(_main, *arguments)
        self.messages: asyncio.Queue[Message | None] = asyncio.Queue()

    def received(self, message: Message) -> None:
        self.messages.put_nowait(message)

    def lost(self) -> None:
        self.messages.put_nowait(None)


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

    async def confirm(self, decisions: Sequence[tuple[str, str]], by: str) -> dict[str, Any]:
        """Say what cells recognised in pictures hold: (id, text; empty where it was read rightly)."""
        return await self._run("confirm", [by, *(part for pair in decisions for part in pair)], None, None)

    async def _run(
        self, action: str, arguments: list[str], year: int | None, progress: Progress | None
    ) -> dict[str, Any]:
        async with self.lock:
            change = await asyncio.to_thread(_Change, str(self.data), action, arguments, year)
            try:
                async with asyncio.timeout(self.seconds):
                    await change.connect()
                    return await self._follow(change, progress)
            except TimeoutError:
                raise Problem(504, f"超过 {self.seconds:g} 秒仍未写完，已停止，原有数据没有变化") from None
            finally:
                change.close()
                await asyncio.to_thread(change.process.join)

    async def _follow(self, change: _Change, progress: Progress | None) -> dict[str, Any]:
        while message := await change.messages.get():
            kind, value = message
            if kind == "done":
                result: dict[str, Any] = value
                return result
            if kind == "refused":
                raise Problem(*value)
            if progress:
                progress(*value)
        raise Problem(500, "写入进程意外结束，原有数据没有变化")
