"""Lanes of worker processes, from the side of the event loop.

A lane keeps ``size`` workers for quick jobs. A job that runs longer than a moment goes on at the lowest
priority in a worker that no longer counts, a fresh one takes its place, so slow queries slow nobody; at the
time limit the worker is killed. Who waits is served by turns (see turns), and one worker is always left to short
work. What jobs take of memory is bounded for each (see worker) and for all (see memory).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from typing import Any

from kg.service import memory
from kg.service.access import network
from kg.service.problems import Problem
from kg.service.settings import Limits
from kg.service.turns import CLIENT, Turn, Turns, is_long
from kg.service.wire import Message, Near

LOWEST = 19  # nice value of jobs that turned out slow
START_SECONDS = 60.0
SWOLLEN = 256 << 20  # a worker that keeps this much after a job is not used again
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
        self.base = 0  # bytes it has to itself when it is ready
        self.overdrawn = False
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
        self.base = memory.private(self.pid)

    @property
    def pid(self) -> int:
        return self.process.pid or 0

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
            os.setpriority(os.PRIO_PROCESS, self.pid, LOWEST)

    def kill(self) -> None:
        """End it in the middle of its job, which hears of it."""
        self.process.kill()

    async def why_gone(self) -> Problem:
        """What became of it, for whom its job was done."""
        await asyncio.to_thread(self.process.join, 2.0)
        if self.overdrawn:
            return Problem(
                503, "正在运行的查询合起来用尽了内存，这个用得最多，已停止：请缩小查询范围", {"Retry-After": "5"}
            )
        if self.process.exitcode in (-signal.SIGSEGV, -signal.SIGBUS):
            return Problem(400, "查询嵌套太深：请改写得浅一些")
        return Problem(503, "处理这个请求的进程意外结束（多半是内存超过上限）：请缩小查询范围")

    def close(self) -> None:
        if self._transport is not None:
            self._reply.cancel()
        super().close()


class Lane:
    """Workers of one kind and one generation."""

    def __init__(self, name: str, data: str, limits: Limits, *, size: int, patience: float, warm: bool = False) -> None:
        """``patience``: seconds until a job counts as slow."""
        self.name, self.data, self.limits, self.patience = name, data, limits, patience
        self.size, self.warm = size, warm
        self.idle: list[Worker] = []  # the last used is used next: its caches are warm
        self.busy: set[Worker] = set()
        self.waiting = Turns(limits.queue)
        self.slow = 0
        self.long = 0  # long jobs that keep a worker from others
        self.draining = False
        self.generation = ""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> int:
        return len(self.busy)

    async def start(self) -> None:
        """Start the workers. Raises GoneError or OSError where the graph or the process cannot be opened."""
        started = await asyncio.gather(*(self._worker() for _ in range(self.size)), return_exceptions=True)
        self.idle.extend(worker for worker in started if isinstance(worker, Worker))
        for fault in started:
            if isinstance(fault, BaseException):
                raise fault
        self.generation = self.idle[0].generation

    async def run(self, name: str, arguments: dict[str, Any], seconds: float) -> Any:
        """Run a job in a worker. Raises Problem where it is refused, breaks, or takes longer than ``seconds``."""
        turn = Turn(network(CLIENT.get()), is_long(arguments))
        worker = await self._take(turn)
        self.busy.add(worker)
        demoted = False
        reusable = False
        try:
            there = worker.begin(name, arguments, seconds)
            done, _ = await asyncio.wait({there}, timeout=min(self.patience, seconds))
            if not done and seconds > self.patience:
                demoted = True
                self.long -= turn.long
                self._demote(worker)
                done, _ = await asyncio.wait({there}, timeout=seconds - self.patience)
            if not done:
                raise Problem(504, f"超过 {seconds:g} 秒时限，已停止：请缩小查询范围或加 LIMIT")
            kind, value = there.result()
            reusable = not demoted and memory.taken(worker) < SWOLLEN
        except GoneError:
            raise await worker.why_gone() from None
        finally:
            self.busy.discard(worker)
            if demoted:
                self.slow -= 1
                worker.close()
            else:
                self.long -= turn.long
                self._give_back(worker, reusable)
        if kind == "done":
            return value
        if kind == "refused":
            raise Problem(*value)
        raise Problem(500, "服务内部出错，已记入日志")

    def _demote(self, worker: Worker) -> None:
        self.slow += 1  # taken back by the caller, with the worker
        self._replace()
        if self.slow > self.limits.slow_queries:
            raise Problem(503, "同时运行的长查询太多：请稍后再试", {"Retry-After": "5"})
        worker.demote()

    async def _take(self, turn: Turn) -> Worker:
        goes = self.waiting.add(turn)
        if goes is not None:
            if goes is turn:
                raise Problem(503, "请求太多：请稍后再试", {"Retry-After": "2"})
            goes.worker.set_exception(Problem(503, "请求太多：请稍后再试", {"Retry-After": "2"}))
        self._serve()
        try:
            async with asyncio.timeout(self.limits.queue_seconds):
                worker: Worker = await asyncio.shield(turn.worker)
                return worker
        except (TimeoutError, asyncio.CancelledError) as error:
            if turn.worker.done() and not turn.worker.cancelled() and turn.worker.exception() is None:
                self.long -= turn.long
                self._give_back(turn.worker.result(), True)
            turn.worker.cancel()
            if isinstance(error, TimeoutError):
                raise Problem(503, "等候太久：请稍后再试", {"Retry-After": "5"}) from None
            raise

    def _serve(self) -> None:
        """Give idle workers to those whose turn it is."""
        while self.idle:
            if self.idle[-1].gone:
                self.idle.pop().close()
                self._replace()
                continue
            turn = self.waiting.next(long_too=self.long < max(1, self.size - 1))
            if turn is None:
                return
            self.long += turn.long
            turn.worker.set_result(self.idle.pop())

    def _give_back(self, worker: Worker, reusable: bool) -> None:
        if reusable:
            self.idle.append(worker)
        else:
            worker.close()
            self._replace()
        self._serve()

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
            except (GoneError, OSError) as error:  # OSError: no descriptor or process is left just now
                log.warning("worker of lane %s did not start: %s", self.name, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10)

    async def _worker(self) -> Worker:
        worker = await asyncio.to_thread(Worker, self.data, self.warm, self.limits.worker_bytes)
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
                while self.busy or self.waiting:
                    await asyncio.sleep(0.05)
        self.end()

    def end(self) -> None:
        self.draining = True
        for task in self._tasks:
            task.cancel()
        while self.idle:
            self.idle.pop().close()
