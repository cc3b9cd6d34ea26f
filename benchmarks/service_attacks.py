"""What an attack costs the service: processor time, memory, and what others wait meanwhile.

``python -m benchmarks.service_attacks [--data DIR]`` starts ``kg serve`` on the loopback, sends it each attack once, and
prints a table. The attacks are those of ``tests/security/test_floods.py``, one of each kind.
"""

from __future__ import annotations

import argparse
import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from benchmarks.service_load import Server, serving

MEGABYTE = 1 << 20
SORT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g"
CHUNKED = "POST /sparql HTTP/1.1\r\nHost: {}\r\nContent-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nASK {{}}\r\n0\r\n"


def raw(url: str, data: bytes, seconds: float = 15) -> str:
    """The first line that comes back for bytes sent as they are."""
    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.settimeout(seconds)
        got = b""
        try:
            line.sendall(data)
            while more := line.recv(65536):
                got += more
        except (TimeoutError, ConnectionError):
            pass
    return got.partition(b"\r\n")[0].decode("latin-1") or "closed"


def get(url: str, path: str, **given: str) -> int:
    return httpx.get(url + path, params=given, timeout=60, trust_env=False).status_code


def post(url: str, body: bytes) -> str:
    try:
        answer = httpx.post(
            f"{url}/api/ask", content=body, headers={"Content-Type": "application/json"}, timeout=60, trust_env=False
        )
    except httpx.TransportError as error:
        return type(error).__name__
    return str(answer.status_code)


def together(work: Callable[[], object], times: int) -> str:
    with ThreadPoolExecutor(times) as pool:
        return ", ".join(sorted({str(done) for done in pool.map(lambda _: work(), range(times))}))


def attacks(url: str) -> dict[str, Callable[[], object]]:
    host = url.removeprefix("http://")
    cookie = 'kg_token="' + "\\\\" * 30_000 + '"'
    keys = b'{"question":"x",' + b",".join(b'"%x":1' % n for n in range(4 * MEGABYTE)) + b"}"
    return {
        "a cookie of 60 kB of backslashes": lambda: raw(
            url, f"GET / HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n".encode()
        ),
        "45 MB of unknown JSON keys": lambda: post(url, keys),
        "2 MB of unknown JSON keys": lambda: post(url, keys[:1_900_000].rpartition(b",")[0] + b"}"),
        "a header of 96 MB": lambda: raw(url, b"GET / HTTP/1.1\r\nX: " + b"a" * (96 * MEGABYTE)),
        "36 MB of trailers": lambda: raw(url, CHUNKED.format(host).encode() + b"X: y\r\n" * 6_000_000),
        "100,000 requests behind one another": lambda: raw(
            url, f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() * 100_000
        ),
        "five sorts of a cross product": lambda: together(lambda: get(url, "/sparql", query=SORT), 5),
        "12 questions of 4,000 characters": lambda: together(lambda: get(url, "/api/search", text="的" * 4000), 12),
    }


def processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(server: Server, name: str, attack: Callable[[], object]) -> None:
    """Print what came of an attack; meanwhile another client asks something short, again and again."""
    before, spent, began = server.memory(), processor(server.process.pid), time.monotonic()
    most, waits, over = before, [0.0], threading.Event()

    def look() -> None:
        nonlocal most
        while not over.wait(0.1):
            most = max(most, server.memory())

    def ask() -> None:
        while not over.wait(0.2):
            asked = time.monotonic()
            status = get(server.url, "/api/ask", question="预算最大的三个项目")
            waits.append(time.monotonic() - asked if status == 200 else 99.0)

    threads = [threading.Thread(target=work) for work in (look, ask)]
    for thread in threads:
        thread.start()
    said = attack()
    took = time.monotonic() - began
    over.set()
    for thread in threads:
        thread.join()
    print(
        f"| {name} | {said} | {took:.1f} | {processor(server.process.pid) - spent:.1f} | {most - before} | {max(waits):.1f} |",
        flush=True,
    )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path)
    given = options.parse_args()
    with serving(given.data) as (_, server):
        get(server.url, "/api/ask", question="预算最大的三个项目")
        print(f"load average {os.getloadavg()[0]:.1f}\n")
        print(
            "| attack | answer | s | processor s of the server | MB more of all processes | longest wait of others, s |"
        )
        print("| --- | --- | ---: | ---: | ---: | ---: |")
        for name, attack in attacks(server.url).items():
            measured(server, name, attack)


if __name__ == "__main__":
    main()
