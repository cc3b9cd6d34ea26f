"""How work grows with the data: add one document, take it out, ask warm; processor time, so that a busy machine tells
the same.

``python -m benchmarks.growth FOLDER [COPIES…]`` builds ``FOLDER/data-N`` where it is not there yet, from N copies of the
sample (see generate), and prints a table. The peer is Oxigraph in memory: the same queries, the same triples.
"""

from __future__ import annotations

import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyoxigraph as ox

import kg
from benchmarks.generate import documents
from benchmarks.measure import Table, figure, machine, ms, percentile
from benchmarks.parts import questions
from kg.knowledge import KnowledgeGraph
from ontology import PREFIXES

COPIES = (1, 10, 100)
EVERY = 3  # of the questions one in so many is asked
SHORT = 50  # answers of a short list
IN_MEMORY = 10  # copies up to which the peer is asked


@dataclass(slots=True)
class Grown:
    """What was measured of so many copies; seconds of processor time, bytes."""

    indicators: int
    removed: float
    added: float
    written: int
    graph: int
    asked: list[float]
    short: list[float]
    searched: list[float]
    peer: float | None  # of the answers' own queries: on disk over in memory


def spent(*arguments: str | Path) -> float:
    """Seconds of processor time of a command of ``kg``. Raises CalledProcessError."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "kg.cli", *map(str, arguments)], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def files(data: Path) -> dict[int, int]:
    """The sizes of the files of the generation in force, by inode."""
    generation = data / "generations" / (data / "CURRENT").read_text("ascii").split()[0]
    return {s.st_ino: s.st_size for p in generation.rglob("*") if p.is_file() for s in (p.stat(),)}


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(folder: Path, copies: int) -> Grown:
    paths, data = documents(folder / f"documents-{copies}", max(2, copies)), folder / f"data-{copies}"
    if not (data / "CURRENT").exists():
        spent("build", "--yes", "--data", data, *paths[:copies])
    changed = folder / f"changed-{copies}"
    shutil.rmtree(changed, ignore_errors=True)
    shutil.copytree(data, changed, copy_function=os.link, ignore=shutil.ignore_patterns("cache"))
    shutil.copytree(data / "cache", changed / "cache")
    if copies == 1:
        spent("add", "--data", changed, paths[1])
    removed = spent("remove", "--data", changed, paths[1].name)
    before = files(changed)
    added = spent("add", "--data", changed, paths[1])
    after = files(changed)
    shutil.rmtree(changed)
    with kg.open(data) as graph:
        asked, short, written = [], [], []
        graph.ask(questions()[0])
        for question in questions()[::EVERY]:
            graph.ask(question)
            start = time.process_time()
            answer = graph.ask(question)
            asked.append(time.process_time() - start)
            short += asked[-1:] if len(answer.answers) <= SHORT else []
            written += [answer.sparql] if answer.sparql else []
        searched = [timed(partial(graph.search, q, 10)) for q in questions()[::EVERY]]
        return Grown(
            sum(d.indicators for d in graph.manifest.documents),
            removed,
            added,
            sum(size for inode, size in after.items() if inode not in before),
            sum(before.values()),
            asked,
            short,
            searched,
            beside(graph, written) if copies <= IN_MEMORY else None,
        )


def beside(graph: KnowledgeGraph, queries: Sequence[str]) -> float:
    """The median of the queries' times on disk over those in memory."""
    memory = ox.Store()
    memory.bulk_extend(graph.store.inner)

    def run(store: ox.Store, sparql: str) -> float:
        def whole() -> None:
            found = store.query(sparql, prefixes=PREFIXES)
            if not isinstance(found, ox.QueryBoolean):
                for _ in found:
                    pass

        whole()
        return timed(whole)

    return statistics.median(run(graph.store.inner, q) / max(1e-6, run(memory, q)) for q in queries)


def table(copies: Sequence[int], grown: Sequence[Grown]) -> Table:
    def exponent(values: Sequence[float]) -> str:
        """Of the growth from the first to the last: 1 is as much again as the data."""
        span = grown[-1].indicators / grown[0].indicators
        return f"{math.log(values[-1] / values[0]) / math.log(span):.2f}" if span > 1 and values[0] > 0 else "–"

    def row(said: str, value: Callable[[Grown], float], shown: Callable[[float], str] = figure) -> list[str]:
        values = [value(g) for g in grown]
        return [said, *map(shown, values), exponent(values)]

    return Table(
        "增长：加入、去掉一份文档，热提问（处理器时间）",
        ("量", *(f"{n}×" for n in copies), "指数"),
        (
            row("指标", lambda g: g.indicators),
            row("加入一份文档（23 个项目、368 个指标），秒", lambda g: g.added),
            row("去掉一份文档，秒", lambda g: g.removed),
            row("加入时写入 MB", lambda g: g.written / 1e6),
            row("　一代数据共 MB", lambda g: g.graph / 1e6),
            row("提问，热，中位 ms", lambda g: percentile(g.asked, 0.5), ms),
            row("提问，热，p95 ms", lambda g: percentile(g.asked, 0.95), ms),
            row("提问，热，p99 ms", lambda g: percentile(g.asked, 0.99), ms),
            row("提问，热，最慢 ms", lambda g: max(g.asked), ms),
            row(f"　答案不超过 {SHORT} 条的，中位 ms", lambda g: percentile(g.short, 0.5), ms),
            row(f"　答案不超过 {SHORT} 条的，最慢 ms", lambda g: max(g.short), ms),
            row("混合检索，热，中位 ms", lambda g: percentile(g.searched, 0.5), ms),
            ["答案的 SPARQL：磁盘÷内存中的 Oxigraph", *(figure(g.peer) if g.peer else "–" for g in grown), "–"],
        ),
        f"{len(grown[0].asked)} 个问题取自 tests/data/regression/paraphrases.jsonl，每问先问一遍再计时；指数 1 表示与数据成正比，0 表示不随数据增长。",
    )


if __name__ == "__main__":
    root, chosen = Path(sys.argv[1]), [int(n) for n in sys.argv[2:]] or list(COPIES)
    root.mkdir(parents=True, exist_ok=True)
    print(machine())
    print(f"\n{table(chosen, [measure(root, n) for n in chosen])}")
