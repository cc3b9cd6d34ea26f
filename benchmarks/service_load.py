"""The service under load: clients that ask, search and query, beside a query every second that would never end.

``python -m benchmarks.service_load [--seconds 60] [--clients 50] [--data DIR] [--oxigraph PROGRAM]`` starts
``kg serve`` on the loopback, compares it with the bare library (and with ``oxigraph serve``), measures once without
and once with the endless queries, and stops it. Bounded in count and time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pyoxigraph as ox

from kg.graph.generations import DataDirectory
from ontology import PREFIXES

ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
QUERIES = [
    "SELECT ?p ?l { ?p a jx:Project ; rdfs:label ?l }",
    "SELECT ?f (SUM(?b) AS ?s) { ?p jx:fundSource ?f ; jx:budget ?b } GROUP BY ?f",
    "SELECT ?i ?v { ?p jx:indicator ?i . ?i jx:target/jx:text ?v } LIMIT 200",
]
QUESTIONS = [
    "哪些项目服务高校毕业生？",
    "中央直达资金项目预算合计？",
    "预算最大的三个项目",
    "三支一扶专项经费的预算是多少？",
]
TEXTS = ["档案数字化", "高校毕业生就业", "职业技能培训"]


class Server:
    def __init__(self, data: Path) -> None:
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - open as long as the server runs
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kg.cli", "serve", "--data", str(data), "--port", "0", "--token", "bench-token"],
            stderr=self.log, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        began = time.perf_counter()
        while not (found := re.search(r"服务已启动：(http\S+)/（", self._text())):
            if self.process.poll() is not None:
                raise SystemExit(self._text())
            time.sleep(0.02)
        self.url, self.start_seconds = found[1], time.perf_counter() - began

    def _text(self) -> str:
        self.log.seek(0)
        return self.log.read(10_000)

    def memory(self) -> int:
        """Resident MB of the server and all its processes, each page counted once (PSS)."""
        pids = [self.process.pid]
        for pid in pids:
            pids += [int(c) for t in Path(f"/proc/{pid}/task").glob("*/children") for c in t.read_text().split()]
        total = 0
        for pid in pids:
            try:
                found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
            except OSError:
                continue
            total += int(found[1]) if found else 0
        return total >> 10

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


async def client(number: int, url: str, until: float, took: dict[str, list[float]], errors: Counter[str]) -> None:
    choose = random.Random(number)
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        while time.perf_counter() < until:
            kind = choose.choice(("ask", "search", "sparql", "sparql"))
            path, given = {
                "ask": ("/api/ask", {"question": choose.choice(QUESTIONS)}),
                "search": ("/api/search", {"text": choose.choice(TEXTS)}),
                "sparql": ("/sparql", {"query": choose.choice(QUERIES)}),
            }[kind]
            began = time.perf_counter()
            try:
                answer = await http.get(path, params=given)
                if answer.status_code != 200:
                    errors[f"{kind} {answer.status_code}"] += 1
            except httpx.HTTPError as error:
                errors[f"{kind} {type(error).__name__}"] += 1
            took[kind].append(time.perf_counter() - began)


async def endless(url: str, until: float, ended: list[tuple[int, float]]) -> None:
    """A query every second that would run for hours."""
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:

        async def one() -> None:
            began = time.perf_counter()
            answer = await http.get("/sparql", params={"query": ENDLESS})
            ended.append((answer.status_code, time.perf_counter() - began))

        tasks = []
        while time.perf_counter() < until:
            tasks.append(asyncio.create_task(one()))
            await asyncio.sleep(1)
        await asyncio.gather(*tasks)


async def load(server: Server, clients: int, seconds: float, hostile: bool) -> dict[str, Any]:
    took: dict[str, list[float]] = defaultdict(list)
    errors: Counter[str] = Counter()
    ended: list[tuple[int, float]] = []
    before, until = server.memory(), time.perf_counter() + seconds
    work = [client(n, server.url, until, took, errors) for n in range(clients)]
    await asyncio.gather(*work, *([endless(server.url, until, ended)] if hostile else []))
    every = sorted(t for times in took.values() for t in times)
    return {
        "requests": len(every),
        "rate": round(len(every) / seconds, 1),
        "p50_ms": round(statistics.median(every) * 1000, 1),
        "p99_ms": round(every[int(len(every) * 0.99)] * 1000, 1),
        "by_kind_p50_ms": {k: round(statistics.median(v) * 1000, 1) for k, v in sorted(took.items())},
        "errors": dict(errors),
        "endless": dict(Counter(status for status, _ in ended)),
        "endless_longest_s": round(max((t for _, t in ended), default=0), 1),
        "memory_mb": (before, server.memory()),
    }


RATIO = {
    "lookup": "SELECT ?l { ?d a jx:Department ; rdfs:label ?l }",
    "368 rows": "SELECT ?p ?i ?v { ?p a jx:Project ; jx:indicator ?i . ?i jx:target/jx:text ?v }",
    "sum": "SELECT ?f (SUM(?b) AS ?s) { ?p jx:fundSource ?f ; jx:budget ?b } GROUP BY ?f",
}


@contextlib.contextmanager
def peer(program: Path, data: Path) -> Iterator[str]:
    """``oxigraph serve-read-only`` (of the PyPI wheel ``oxigraph``) over the same graph: its query address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = DataDirectory(data).open().path / "graph"
    process = subprocess.Popen(
        [program, "serve-read-only", "-l", store, "-b", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/query"
    finally:
        process.kill()
        process.wait()


def ratio(data: Path, url: str, oxigraph: Path | None) -> None:
    """The same work in this process and over HTTP on one connection: medians in ms, taken in turns of 20.

    By the standard library's client: httpx takes 0.4 ms for itself.
    """
    import kg

    prologue = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}> " for prefix in ("jx", "rdfs"))
    accept = {"Accept": "application/sparql-results+json, application/json"}
    connections: dict[str, HTTPConnection] = {}
    with contextlib.ExitStack() as stack:
        graph = stack.enter_context(kg.open(data))
        other = stack.enter_context(peer(oxigraph, data)) if oxigraph else None

        def bare(query: str) -> None:
            found = graph.store.inner.query(query)
            assert not isinstance(found, ox.QueryTriples)
            found.serialize(format=ox.QueryResultsFormat.JSON)

        def get(address: str, **given: str) -> None:
            parts = urlsplit(address)
            http = connections.setdefault(parts.netloc, HTTPConnection(parts.netloc, timeout=60))
            http.request("GET", f"{parts.path}?{urlencode(given)}", headers=accept)
            answer = http.getresponse()
            if answer.read() == b"" or answer.status != 200:
                raise SystemExit(f"{address}: {answer.status}")

        for name, query in RATIO.items():
            asked = prologue + query
            ways = {"pyoxigraph": partial(bare, asked), "kg serve": partial(get, f"{url}/sparql", query=asked)}
            if other:
                ways["oxigraph serve"] = partial(get, other, query=asked)
            _compare(name, ways)
        for question in QUESTIONS[-1:]:
            _compare(
                "ask",
                {"kg.ask": partial(graph.ask, question), "kg serve": partial(get, f"{url}/api/ask", question=question)},
            )
        for text in TEXTS[:1]:
            _compare(
                "search",
                {"kg.search": partial(graph.search, text), "kg serve": partial(get, f"{url}/api/search", text=text)},
            )


def _compare(name: str, ways: dict[str, Callable[[], Any]], rounds: int = 20) -> None:
    took: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, work in ways.items():
            for _ in range(20):
                began = time.perf_counter()
                work()
                took[way].append((time.perf_counter() - began) * 1000)
    medians = {way: statistics.median(times) for way, times in took.items()}
    first, *others = medians
    told = [f"{way} {medians[way]:.2f} ms (+{medians[way] - medians[first]:.2f})" for way in others]
    print(f"{name}: {first} {medians[first]:.2f} ms, {', '.join(told)}", flush=True)


@contextlib.contextmanager
def serving(given: Path | None) -> Iterator[tuple[Path, Server]]:
    """A server of the data given, else of the sample, built for it."""
    with tempfile.TemporaryDirectory() as folder:
        data = given or Path(folder) / "data"
        if given is None:
            build = [sys.executable, "-m", "kg.cli", "build", "--data", str(data)]
            subprocess.run(build, check=True, capture_output=True)
        server = Server(data)
        try:
            yield data, server
        finally:
            server.stop()


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path)
    options.add_argument("--clients", type=int, default=50)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--oxigraph", type=Path, help="the program of the PyPI wheel oxigraph, to compare with")
    given = options.parse_args()
    with serving(given.data) as (data, server):
        print(f"start: {server.start_seconds:.1f} s", flush=True)
        asyncio.run(load(server, min(given.clients, 10), 3, hostile=False))  # warms up
        ratio(data, server.url, given.oxigraph)
        for hostile in (False, True):
            found = asyncio.run(load(server, min(given.clients, 200), min(given.seconds, 120), hostile))
            print("with endless queries:" if hostile else "alone:", found, flush=True)


if __name__ == "__main__":
    main()
