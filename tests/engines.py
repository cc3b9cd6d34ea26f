"""Engines that keep a graph elsewhere, as real server processes."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from types import TracebackType

import httpx
from command import environment


def program(package: str, name: str) -> Path | None:
    """A program that a package brings along, None where it is not installed."""
    try:
        return next((Path(str(f.locate())).resolve() for f in files(package) or () if f.name == name), None)
    except PackageNotFoundError:
        return None


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Oxigraph:
    """``oxigraph serve`` on a free port; ``url`` takes queries. Killed, it is started again over the same files."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.options, self.port = folder, options, free_port()
        self.url = f"http://127.0.0.1:{self.port}/sparql"

    def __enter__(self) -> Oxigraph:
        oxigraph = program("oxigraph", "oxigraph")
        assert oxigraph
        self.process = subprocess.Popen(
            [oxigraph, "serve", "-l", self.folder, "-b", f"127.0.0.1:{self.port}", *self.options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + 60
        while True:
            try:
                self.ask("ASK {}")
                return self
            except httpx.TransportError:
                assert self.process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.02)

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """As by ``kill -9``."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, query: str) -> list[dict[str, str]]:
        """The rows of a SELECT, its values as text."""
        answer = httpx.post(
            self.url, data={"query": query}, headers={"Accept": "application/sparql-results+json"}, trust_env=False
        )
        answer.raise_for_status()
        rows = answer.json().get("results", {}).get("bindings", [])
        return [{name: term["value"] for name, term in row.items()} for row in rows]

    def load(self, nquads: bytes) -> None:
        url = f"http://127.0.0.1:{self.port}/store"
        httpx.post(
            url, content=nquads, headers={"Content-Type": "application/n-quads"}, trust_env=False, timeout=60
        ).raise_for_status()


class Dask:
    """A scheduler and workers without nannies, each a process of its own; ``url`` is the scheduler's."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self.folder, self.url = folder, f"tcp://127.0.0.1:{free_port()}"
        self.count = workers
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Dask:
        port = self.url.rpartition(":")[2]
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        self.workers = [
            self._start("worker", self.url, "--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", str(self.folder))
            for _ in range(self.count)
        ]  # fmt: skip
        from distributed import Client

        with Client(self.url, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(self.count, timeout=60)
        return self

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{arguments[0]}-{time.monotonic_ns()}.log").open("wb")
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments], env=environment(), cwd=self.folder, stdout=log, stderr=log
        )

    def kill(self, number: int) -> None:
        """A worker, as by ``kill -9``."""
        self.workers[number].kill()
        self.workers[number].wait()

    def __exit__(self, *_: object) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


class Doorkeeper:
    """Before an engine: lets through what has the header ``authorization``; ``seen`` are the queries and updates.

    ``dies_after``: after so many requests it lets none through and breaks the connection.
    """

    def __init__(self, engine: Oxigraph, authorization: str = "") -> None:
        self.seen: list[bytes] = []
        self.dies_after: int | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if outer.dies_after is not None and len(outer.seen) >= outer.dies_after:
                    self.close_connection = True
                    self.connection.close()
                    return
                outer.seen.append(body)
                if self.headers.get("Authorization", "") != authorization:
                    self._say(401, "text/plain", b"who are you")
                    return
                keep = {k: v for k in ("Content-Type", "Accept") if (v := self.headers.get(k))}
                url = f"http://127.0.0.1:{engine.port}{self.path}"
                answer = httpx.request(self.command, url, content=body, headers=keep, trust_env=False, timeout=60)
                self._say(answer.status_code, answer.headers.get("content-type", ""), answer.content)

            do_GET = do_PUT = do_POST  # noqa: N815 - http.server's names

            def _say(self, status: int, media_type: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Doorkeeper:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
