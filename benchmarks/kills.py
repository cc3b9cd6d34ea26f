"""Writers killed at any moment, two at once, on full and on read-only disks: nothing is lost, and what is said is one line.

``python -m benchmarks.kills [--times 100]``: real processes, killed by SIGKILL at a random moment of their work; two
writers at a time; disks that are tmpfs of little room, and one mounted read-only (these need root, else they are left
out and said). ``benchmarks.service_kills`` does the same to uploads. Ends with exit code 1 at the first thing lost.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from layout import table, value_row, write
from warm import Warm

import kg
from kg import building
from kg.graph.generations import DataDirectory
from kg.graph.review import Reviews
from kg.keeping.backup import backup
from kg.keeping.verify import verify

SEED = 11
COMMANDS = ("build", "add", "remove", "rebuild", "review", "restore", "backup")
ROOM = (0, 16, 64, 256, 512, 1024, 2048, 4096, 8192, 16384)  # KB that are free on a disk that will be full
BUSY = ("正被另一个 kg 进程写入", "刚被另一个 kg 进程改动")


class Work:
    """A small data directory, documents to change it with, and a backup of another state of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.one = write(folder / "one-2025.txt", table("甲项目", rows=[value_row(f"≥{n}个") for n in range(12)]))
        self.two = write(folder / "two-2024.txt", table("乙项目"), table("丙项目", number=2))
        self.built, both = folder / "built", folder / "both"
        building.build(both, [self.one, self.two])
        shutil.copytree(both / "cache", self.built / "cache")
        building.build(self.built, [self.one])
        self.archive = folder / "b.zip"
        backup(both, self.archive)
        with kg.open(self.built) as graph:
            rows = graph.store.select("SELECT ?i WHERE { ?i a jx:Indicator } ORDER BY ?i LIMIT 2")
        self.pair = [str(row["i"]) for row in rows]

    def arguments(self, command: str, data: Path) -> tuple[object, ...]:
        given: dict[str, tuple[object, ...]] = {
            "build": ("build", "--yes", self.two),
            "add": ("add", self.two),
            "remove": ("remove", self.one.name),
            "rebuild": ("build", "--rebuild", self.two),
            "review": ("review", "accept", *self.pair, "--note", "同一件事"),
            "restore": ("restore", self.archive),
            "backup": ("backup", data.with_name("new.zip")),
        }
        return (*given[command], "--data", data)


def state(data: Path) -> str:
    """What is in force. Ends the run where it is not whole."""
    if faults := verify(data).faults:
        raise SystemExit(f"damaged: {faults}")
    with kg.open(data) as graph:
        quads = sorted(map(str, graph.store.named_quads()))
        for entry in graph.manifest.documents:
            graph.original(entry.name)
        passages = [graph.index.passage(n).text for n in range(graph.index.size)]
        reviews = [(r.one, r.two, r.decision, r.note) for r in Reviews(data).all()]
        return repr((graph.manifest.documents, quads, passages, reviews))


def same(found: str, *expected: str, what: str) -> int:
    """Which of the expected states it is. Ends the run where it is another."""
    if found not in expected:
        raise SystemExit(f"lost: after {what} the data is neither as before nor as it should be")
    return expected.index(found)


def kills(work: Work, warm: Warm, times: int) -> None:
    chance = random.Random(SEED)
    old = state(work.built)
    for number, command in enumerate(COMMANDS):
        copy = work.folder / "whole"
        shutil.copytree(work.built, copy)
        began = time.monotonic()
        code = warm.wait(warm.start(*work.arguments(command, copy)))
        duration, new = time.monotonic() - began, state(copy)
        if code != 0 or (new == old) != (command == "backup"):
            raise SystemExit(f"{command} did not do its work")
        shutil.rmtree(copy)
        outcomes: Counter[str] = Counter()
        for _ in range(times // len(COMMANDS) + (number < times % len(COMMANDS))):
            data = work.folder / "data"
            shutil.copytree(work.built, data)
            pid = warm.start(*work.arguments(command, data))
            time.sleep(chance.uniform(0.01, 1) * duration)
            ended = warm.kill(pid)
            states = (old, new) if ended == -signal.SIGKILL else (new,)
            which = same(state(data), *states, what=f"a killed {command}")
            outcomes["was done" if ended == 0 else ("old", "new")[which]] += 1
            code = warm.wait(warm.start(*work.arguments(command, data)))
            if code not in (0, 1):  # 1: what is to be removed has gone
                raise SystemExit(f"{command} after a kill: exit code {code}")
            if command != "review":  # a second one is a second decision
                same(state(data), new, what=f"a killed {command} and another")
            left = [p.name for p in data.glob("generations/building-*")]
            if left:
                raise SystemExit(f"left behind: {left}")
            shutil.rmtree(data)
        print(f"kill -9 during {command}: {sum(outcomes.values())} times, {dict(outcomes)}", flush=True)


def two_writers(work: Work, warm: Warm) -> None:
    outcomes: Counter[str] = Counter()
    writers = ("add", "remove", "rebuild", "restore", "review")
    for first in writers:
        for second in writers:
            data = work.folder / "data"
            shutil.copytree(work.built, data)
            outputs = [work.folder / "first", work.folder / "second"]
            pids = [
                warm.start(*work.arguments(c, data), output=out)
                for c, out in zip((first, second), outputs, strict=True)
            ]
            codes = [warm.wait(pid) for pid in pids]
            for code, out in zip(codes, outputs, strict=True):
                lines = out.read_text("utf-8").splitlines()
                if code not in (0, 1) or "Traceback" in "\n".join(lines):
                    raise SystemExit(f"{first} and {second}: {code} {lines}")
                refused = code == 1
                if refused and not any(word in lines[-1] for word in (*BUSY, "没有")):
                    raise SystemExit(f"{first} and {second}: {lines}")
                outcomes["refused" if refused else "done"] += 1
            if 0 not in codes:
                raise SystemExit(f"{first} and {second}: neither was done")
            state(data)
            shutil.rmtree(data)
    print(f"two writers at once, {len(writers) ** 2} pairs: {dict(outcomes)}", flush=True)


@contextlib.contextmanager
def mounted(folder: Path, kilobytes: int) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


def used(folder: Path) -> int:
    """KB that a copy of a folder takes on a tmpfs, a page for each folder and at least one for each file."""
    sizes = (p.stat().st_size if p.is_file() else 1 for p in folder.rglob("*"))
    return sum(-(-size // 4096) * 4 for size in sizes) + 4


def full_disks(work: Work, warm: Warm) -> None:
    old = state(work.built)
    for command in COMMANDS:
        outcomes: Counter[str] = Counter()
        for room in ROOM:
            with mounted(work.folder / "disk", used(work.built) + room) as disk:
                data = shutil.copytree(work.built, disk / "data")
                code, said = warm.run(*work.arguments(command, data), output=work.folder / "out")
                lines = said.splitlines()
                if code == 0:
                    state(data)
                    outcomes["had room"] += 1
                    continue
                if code != 1 or not lines[-1].startswith("错误：") or "Traceback" in said:
                    raise SystemExit(f"{command} with {room} KB: {code} {said}")
                same(state(data), old, what=f"{command} on a full disk")
                outcomes[lines[-1][3:40]] += 1
                left = used(data) - used(work.built)
                if left > 64:
                    raise SystemExit(f"{command} with {room} KB: {left} KB left behind")
        print(f"full disk during {command}: {dict(outcomes)}", flush=True)


READING = [("ask", "甲项目的预算是多少"), ("search", "培训"), ("sparql", "ASK {}"), ("check", "--json"), ("verify",), ("duplicates", "--json"),
           ("export", "--format", "csv"), ("query", "indicators-by-type"), ("review", "list")]  # fmt: skip


def read_only(work: Work, warm: Warm) -> None:
    with mounted(work.folder / "disk", used(work.built) + 4096) as disk:
        data = shutil.copytree(work.built, disk / "data")
        before = state(data)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        for command in READING:
            code, said = warm.run(*command, "--data", data, output=work.folder / "out")
            if code != 0:
                raise SystemExit(f"read-only: {command}: {said}")
        for name in COMMANDS:
            code, said = warm.run(*work.arguments(name, data), output=work.folder / "out")
            lines = said.splitlines()
            if code != 1 or not lines[-1].startswith("错误：") or "Traceback" in said:
                raise SystemExit(f"read-only: {name}: {code} {said}")
            print(f"  read-only, {name}: {lines[-1][:90]}")
        same(state(data), before, what="writing to a read-only disk")
    print(f"read-only disk: {len(READING)} readers answer, {len(COMMANDS)} writers say so", flush=True)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--times", type=int, default=100)
    given = options.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as name, Warm() as warm:
        work = Work(Path(name))
        print("generation", DataDirectory(work.built).current())
        kills(work, warm, min(given.times, 1000))
        two_writers(work, warm)
        try:
            with mounted(work.folder / "disk", 64):
                pass
        except (OSError, subprocess.CalledProcessError):
            print("no disk can be mounted here: full and read-only disks are left out")
            return
        full_disks(work, warm)
        read_only(work, warm)


if __name__ == "__main__":
    main()
