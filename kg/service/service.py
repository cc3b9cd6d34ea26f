"""The service behind its three doors: lanes of workers over the generation in force, and the writer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Awaitable, Iterable, Sequence
from pathlib import Path
from typing import Any

from kg.errors import KgError
from kg.graph.checksums import DamageError
from kg.graph.generations import DataDirectory
from kg.service import memory
from kg.service.audit import Audit
from kg.service.lanes import Lane, Worker
from kg.service.people import WRITER, Person
from kg.service.problems import Problem
from kg.service.settings import Settings
from kg.service.writer import Progress, Writer

ASKING = frozenset(
    {"ask", "search", "suggest", "examples", "text2sparql", "duplicates", "queue", "queue_left", "changes", "trend", "review", "reviews", "check",
     "duplicates_workbook"}
)  # fmt: skip # jobs of what is loaded beside the store, or that take their time
KEPT = 500  # results remembered
LOOK_SECONDS = 1.0  # how often a new generation is looked for
COMPARE_SECONDS = float(os.environ.get("KG_COMPARE_SECONDS", "600"))  # how often all files are compared with their sums
log = logging.getLogger("kg.service")


class Service:
    """Jobs of readers and of the writer. A new generation is taken into service when its workers are ready."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.limits = settings, settings.limits
        self.directory = DataDirectory(settings.data)
        self.writer = Writer(settings.data, self.limits.build_seconds)
        self.audit = Audit(settings.data)
        self.generation = ""
        self.base = ""
        self.lanes: dict[str, Lane] = {}
        self.leaving: set[Lane] = set()  # of generations before, until their jobs are done
        self.draining = False
        self.damage = ""  # what is wrong with the files of the generation in service
        self._switching = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._kept: dict[tuple[Any, ...], asyncio.Future[Any]] = {}

    async def start(self) -> None:
        await self.renew()
        self._background(self._watch())
        self._background(self._compare())
        self._background(memory.watch(self.limits.memory_bytes, self._working))

    async def stop(self) -> None:
        """End all work; what runs has had its time when the server stopped listening."""
        self.draining = True
        for task in self._tasks:
            task.cancel()
        for lane in self.lanes.values():
            await lane.drain(1.0)

    def _working(self) -> Iterable[Worker]:
        return (worker for lane in (*self.lanes.values(), *self.leaving) for worker in lane.busy)

    async def run(self, job: str, seconds: float | None = None, **arguments: Any) -> Any:
        """Run a job in a worker. Raises Problem."""
        if self.damage:
            raise Problem(503, self.damage)
        lane = self.lanes.get("asking" if job in ASKING else "query")
        if lane is None:
            raise Problem(503, "数据还没有就绪：请稍后再试", {"Retry-After": "2"})
        limit = self.limits.ask_seconds if job in ASKING else self.limits.query_seconds
        return await lane.run(job, arguments, seconds or limit)

    async def kept(self, job: str, seconds: float | None = None, **arguments: Any) -> Any:
        """The same, done once and remembered for the life of the generation: for what every visitor asks."""
        key = (self.generation, job, *sorted(arguments.items()))
        if key not in self._kept:
            if len(self._kept) > KEPT:
                self._kept.clear()
            self._kept[key] = asyncio.ensure_future(self.run(job, seconds, **arguments))
        try:
            return await asyncio.shield(self._kept[key])
        except Problem:
            self._kept.pop(key, None)
            raise

    async def add(
        self, files: Sequence[Path], year: int | None = None, progress: Progress | None = None, who: Person = WRITER
    ) -> dict[str, Any]:
        """Add documents; when this returns, every reader sees them."""
        what = [{"name": file.name, "bytes": file.stat().st_size} for file in files]
        return await self._written("upload", what, who, self.writer.add(files, year, progress))

    async def remove(
        self, names: Sequence[str], progress: Progress | None = None, who: Person = WRITER
    ) -> dict[str, Any]:
        what = [{"name": name} for name in names]
        return await self._written("remove", what, who, self.writer.remove(names, progress))

    async def confirm(self, decisions: Sequence[tuple[str, str]], by: str, who: Person = WRITER) -> dict[str, Any]:
        what = [{"cell": cell, "text": text} for cell, text in decisions]
        return await self._written("confirm", what, who, self.writer.confirm(decisions, who.name or by))

    async def review(self, indicators: list[str], decision: str, note: str, by: str, who: Person = WRITER) -> Any:
        """Keep a decision on two indicators, in the name of who is known."""
        found = await self.run("review", indicators=indicators, decision=decision, note=note, by=who.name or by)
        self.audit.add(who, "review", indicators, decision)
        return found

    async def _written(
        self, did: str, what: list[dict[str, Any]], who: Person, work: Awaitable[dict[str, Any]]
    ) -> dict[str, Any]:
        try:
            outcome = await work
        except Problem as problem:
            self.audit.add(who, did, what, f"没有写入：{problem.detail}")
            raise
        await self.renew()
        read = {d["name"]: d for d in outcome["documents"]}
        for each in what:
            if did == "upload" and each["name"] in read:
                each |= {key: read[each["name"]][key] for key in ("sha256", "projects", "indicators")}
        said = "写入" if outcome["changed"] else "没有变化"
        self.audit.add(who, did, what, "；".join([said, *outcome["failures"]])[:2000])
        return outcome

    async def renew(self) -> None:
        """Take the generation in force into service, if it is another. Raises GoneError where it cannot be opened."""
        async with self._switching:
            name = self.directory.current()
            if name is None or name == self.generation:
                return
            began = time.monotonic()
            data, limits = str(self.settings.data), self.limits
            lanes = {
                "query": Lane("query", data, limits, size=3, patience=limits.slow_seconds),
                "asking": Lane("asking", data, limits, size=2, patience=limits.ask_seconds / 4, warm=True),
            }
            try:
                await asyncio.gather(*(lane.start() for lane in lanes.values()))
            except BaseException:
                for lane in lanes.values():
                    lane.end()
                raise
            old, self.lanes = self.lanes, lanes
            self.generation = lanes["query"].generation
            self._kept.clear()
            self.damage = ""
            self.base = (await self.run("documents"))["base"]
            log.info("generation %s in service after %.1f s", self.generation, time.monotonic() - began)
            for lane in old.values():
                self._background(self._leave(lane))

    async def _leave(self, lane: Lane) -> None:
        self.leaving.add(lane)
        await lane.drain(self.limits.query_seconds + self.limits.ask_seconds)
        self.leaving.discard(lane)

    async def _watch(self) -> None:
        refused = ""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.renew()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may find it gone
                if str(error) != refused:
                    log.warning("new generation not taken into service: %s", error)
                refused = str(error)

    async def _compare(self) -> None:
        """Compare all files with their checksums, now and again; what is damaged is said in place of answers."""
        compared, at = "", 0.0
        while True:
            if self.generation != compared or time.monotonic() - at > COMPARE_SECONDS:
                compared, at = self.generation, time.monotonic()
                fault = await asyncio.to_thread(_fault, self.directory, compared)
                if fault and compared == self.generation:
                    log.error("%s", fault)
                    self.damage, self._kept = fault, {}
            await asyncio.sleep(LOOK_SECONDS)

    def _background(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        with contextlib.suppress(asyncio.CancelledError):
            if error := task.exception():
                log.error("background task failed", exc_info=error)

    @property
    def ready(self) -> bool:
        return bool(self.lanes) and not self.draining


def _fault(directory: DataDirectory, name: str) -> str:
    """The first fault of a generation, if it is still in force; empty where there is none."""
    try:
        generation = directory.open(checked=False)
    except DamageError as error:
        return str(error)
    except (KgError, OSError):
        return ""  # gone for now; what is open goes on being read
    try:
        if generation.path.name != name:
            return ""
        return next((str(fault) for fault in directory.faults(generation)), "")
    except OSError:
        return ""
    finally:
        generation.close()
