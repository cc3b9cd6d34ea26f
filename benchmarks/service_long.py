"""The service under load for long: clients of different addresses, queries without end, and the data built anew all the while.

``python -m benchmarks.service_long [--clients 50] [--minutes 10] [--think 0] [--data DIR]`` starts ``kg serve`` on the
loopback over a copy of DIR (else of the shipped sample). Bounded in count and time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import httpx

from benchmarks.service_load import QUERIES, QUESTIONS, TEXTS, Server, endless

PAUSE = 10.0  # seconds between two builds
LOOK = 5.0  # seconds between two looks at the memory


async def client(
    number: int, url: str, until: float, think: float, took: dict[str, list[float]], errors: Counter[str]
) -> None:
    """Ask, search and query without a pause but ``think`` seconds, from an address of its own."""
    choose = random.Random(number)
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.1.{1 + number % 250}")
    async with httpx.AsyncClient(base_url=url, timeout=60, transport=transport, trust_env=False) as http:
        while time.perf_counter() < until:
            kind, path, given = choose.choice((
                ("ask", "/api/ask", {"question": choose.choice(QUESTIONS)}),
                ("search", "/api/search", {"text": choose.choice(TEXTS)}),
                ("sparql", "/sparql", {"query": choose.choice(QUERIES)}),
                ("page", "/healthz", {}),
            ))  # fmt: skip
            began = time.perf_counter()
            try:
                answer = await http.get(path, params=given)
                if answer.status_code != 200:
                    errors[f"{kind} {answer.status_code}"] += 1
                elif kind == "ask" and not answer.json()["answers"]:
                    errors["ask without its answer"] += 1
            except httpx.HTTPError as error:
                errors[f"{kind} {type(error).__name__}"] += 1
            took[kind].append(time.perf_counter() - began)
            if think:
                await asyncio.sleep(choose.uniform(0, 2 * think))


async def building(data: Path, until: float, ended: Counter[int]) -> None:
    """Build the sample into the data that is being served, again and again."""
    while time.perf_counter() < until:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "kg.cli", "build", "--yes", "--data", str(data),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        ended[await process.wait()] += 1
        await asyncio.sleep(PAUSE)


async def watching(server: Server, until: float, sizes: list[int], loads: list[float]) -> None:
    while time.perf_counter() < until:
        sizes.append(await asyncio.to_thread(server.memory))
        loads.append(os.getloadavg()[0])
        await asyncio.sleep(LOOK)


def told(times: list[float]) -> str:
    """Median, 99th percentile and maximum in ms."""
    ordered = sorted(times)
    at = [ordered[int(len(ordered) * q)] if ordered else 0.0 for q in (0.5, 0.99)]
    return f"p50 {at[0] * 1000:.0f} ms, p99 {at[1] * 1000:.0f} ms, max {max(ordered, default=0) * 1000:.0f} ms"


async def run(server: Server, data: Path, clients: int, seconds: float, think: float) -> None:
    took: dict[str, list[float]] = defaultdict(list)
    errors: Counter[str] = Counter()
    ended: list[tuple[int, float]] = []
    built: Counter[int] = Counter()
    sizes: list[int] = []
    loads: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(
        *(client(n, server.url, until, think, took, errors) for n in range(clients)),
        endless(server.url, until, ended),
        building(data, until, built),
        watching(server, until, sizes, loads),
    )
    every = [t for times in took.values() for t in times]
    print(f"{clients} clients, {seconds:.0f} s: {len(every)} requests, {len(every) / seconds:.0f}/s, {told(every)}")
    for kind, times in sorted(took.items()):
        print(f"  {kind}: {len(times)}, {told(times)}")
    print(f"  errors: {sum(errors.values())} {dict(errors)}")
    statuses = dict(Counter(status for status, _ in ended))
    print(
        f"  endless queries: {statuses}, longest {max((t for _, t in ended), default=0):.1f} s; builds by exit code: {dict(built)}"
    )
    await asyncio.sleep(20)  # what was beyond its time has ended
    last = await asyncio.to_thread(server.memory)
    print(
        f"  memory (PSS): first {sizes[0]} MB, median {sorted(sizes)[len(sizes) // 2]} MB, most {max(sizes)} MB, 20 s after {last} MB"
    )
    print(f"  load average: first {loads[0]:.1f}, most {max(loads):.1f}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path)
    options.add_argument("--clients", type=int, default=50)
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--think", type=float, default=0, help="seconds that a client waits between two requests")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        if given.data:
            shutil.copytree(given.data, data)
        build = [sys.executable, "-m", "kg.cli", "build", "--yes", "--data", str(data)]
        subprocess.run(build, check=True, capture_output=True)
        server = Server(data)
        try:
            asyncio.run(run(server, data, min(given.clients, 250), min(given.minutes, 30) * 60, given.think))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
