"""Lanes of worker processes, from the side of the event loop.

A lane keeps ``size`` workers for quick jobs. A job that runs longer than a moment goes on at the lowest
priority in a worker that no longer counts, a fresh one takes its place, so slow queries slow nobody; at the
time limit the worker is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections import deque
from typing import Any

from kg.service.problems import Problem
from kg.service.settings import Limits
from kg.service.wire import Message, Near

LOWEST = 19  # nice value of jobs that turned out slow
START_SECONDS = 60.0
log = logging.getLogger("kg.service")


def _main(*arguments: Any) -> None:
    from kg.service import worker

    worker.main(*arguments)


class GoneError(Exception):
    """The worker process ended in the middle of a job."""


class Worker(Near):
    """A worker process from the server's side: one job at a time, and its reply."""

    def __init__(self, data: str, warm: bool, memory: int) -> None:
        super().__init__(_main, data, warm, memory)
        self.generation = ""
        self.gone = False
        self._reply: asyncio.Future[Message]

    async def started(self) -> None:
        """Wait until it has opened its graph. Raises GoneError where it cannot."""
        self._reply = asyncio.get_running_loop().create_future()
        await self.connect()
        try:
            async with asyncio.timeout(START_SECONDS):
                kind, value = await self._reply
        except TimeoutError:
            raise GoneError("工作进程没有启动") from None
        if kind != "ready":
            raise GoneError(value)
        self.generation = value

    def begin(self, name: str, arguments: dict[str, Any], limit: float) -> asyncio.Future[Message]:
        """Give it a job; the future is its reply, or GoneError."""
        if self.gone:
            raise GoneError
        self._reply = asyncio.get_running_loop().create_future()
        self.send((name, arguments, limit))
        return self._reply

    def received(self, message: Message) -> None:
        if not self._reply.done():
            self._reply.set_result(message)

    def lost(self) -> None:
        self.gone = True
        if not self._reply.done():
            self._reply.set_exception(GoneError())

    def demote(self) -> None:
        """Let everyone else go first."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.process.pid or 0, LOWEST)

    def close(self) -> None:
        if self._transport is not None:
            self._reply.cancel()
        super().close()


class Lane:
    """Workers of one kind and one generation."""

    def __init__(
        self, name: str, data: str, limits: Limits, *, size: int, patience: float, warm: bool = False, memory: int = 0
    ) -> None:
        """``patience``: seconds until a job counts as slow; ``memory``: bytes a worker may use, 0 for any."""
        self.name, self.data, self.limits, self.patience = name, data, limits, patience
        self.size, self.warm, self.memory = size, warm, memory
        self.idle: list[Worker] = []  # the last used is used next: its caches are warm
        self.waiting: deque[asyncio.Future[Worker]] = deque()
        self.slow = 0
        self.running = 0
        self.draining = False
        self.generation = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the workers. Raises GoneError where the graph cannot be opened."""
        workers = await asyncio.gather(*(self._worker() for _ in range(self.size)))
        self.generation = workers[0].generation
        self.idle.extend(workers)

    async def run(self, name: str, arguments: dict[str, Any], seconds: float) -> Any:
        """Run a job in a worker. Raises Problem where it is refused, breaks, or takes longer than ``seconds``."""
        worker = await self._take()
        self.running += 1
        demoted = False
        reusable = False
        try:
            there = worker.begin(name, arguments, seconds)
            done, _ = await asyncio.wait({there}, timeout=min(self.patience, seconds))
            if not done and seconds > self.patience:
                demoted = True
                self._demote(worker)
                done, _ = await asyncio.wait({there}, timeout=seconds - self.patience)
            if not done:
                raise Problem(504, f"超过 {seconds:g} 秒时限，已停止：请缩小查询范围或加 LIMIT")
            kind, value = there.result()
            reusable = not demoted
        except GoneError:
            raise Problem(503, "处理这个请求的进程意外结束（多半是内存超过上限）：请缩小查询范围") from None
        finally:
            self.running -= 1
            if demoted:
                self.slow -= 1
                worker.close()
            else:
                self._give_back(worker, reusable)
        if kind == "done":
            return value
        if kind == "refused":
            raise Problem(*value)
        raise Problem(500, "服务内部出错，已记入日志")

    def _demote(self, worker: Worker) -> None:
        if self.slow >= self.limits.slow_queries:
            self.slow += 1  # taken back by the caller, with the worker
            self._replace()
            raise Problem(503, "同时运行的长查询太多：请稍后再试", {"Retry-After": "5"})
        self.slow += 1
        worker.demote()
        self._replace()

    async def _take(self) -> Worker:
        while self.idle:
            worker = self.idle.pop()
            if not worker.gone:
                return worker
            worker.close()
            self._replace()
        if len(self.waiting) >= self.limits.queue:
            raise Problem(503, "请求太多：请稍后再试", {"Retry-After": "2"})
        turn: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        try:
            async with asyncio.timeout(self.limits.queue_seconds):
                return await asyncio.shield(turn)
        except (TimeoutError, asyncio.CancelledError) as error:
            if turn.done() and not turn.cancelled():
                self._give_back(turn.result(), True)
            turn.cancel()
            if isinstance(error, TimeoutError):
                raise Problem(503, "等候太久：请稍后再试", {"Retry-After": "5"}) from None
            raise

    def _give_back(self, worker: Worker, reusable: bool) -> None:
        if not reusable:
            worker.close()
            self._replace()
            return
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(worker)
                return
        self.idle.append(worker)

    def _replace(self) -> None:
        """Another worker for one that is gone or slow."""
        task = asyncio.create_task(self._add())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _add(self) -> None:
        pause = 0.5
        while not self.draining or self.waiting:
            try:
                self._give_back(await self._worker(), True)
                return
            except GoneError as error:
                log.warning("worker of lane %s did not start: %s", self.name, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10)

    async def _worker(self) -> Worker:
        worker = await asyncio.to_thread(Worker, self.data, self.warm, self.memory)
        try:
            await worker.started()
        except BaseException:
            worker.close()
            raise
        return worker

    async def drain(self, seconds: float) -> None:
        """Wait for what runs, then end every worker."""
        self.draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.running or self.waiting:
                    await asyncio.sleep(0.05)
        self.end()

    def end(self) -> None:
        self.draining = True
        for task in self._tasks:
            task.cancel()
        while self.idle:
            self.idle.pop().close()
