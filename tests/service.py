"""``kg serve`` in a real process, and what the tests ask of it."""

from __future__ import annotations

import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
from command import environment

TOKEN = "testing-token"
AS_WRITER = {"Authorization": f"Bearer {TOKEN}"}
START_SECONDS = 300


class Server:
    """A server of ``data`` on a free port of the loopback; ``get``, ``post``, … speak to it.

    ``program`` is an installed ``kg`` that runs in place of this checkout's; ``descriptors`` is how many the server
    may have open, 0 for what is usual.
    """

    def __init__(self, data: Path, *options: str, log: Path, program: Path | None = None, descriptors: int = 0) -> None:
        self.limit = (descriptors, descriptors) if descriptors else resource.getrlimit(resource.RLIMIT_NOFILE)
        self.data, self.options, self.log = data, options, log
        self.command = [str(program)] if program else [sys.executable, "-m", "kg.cli"]
        self.environment = environment(**({"PYTHONPATH": ""} if program else {}))

    def __enter__(self) -> Server:
        self._out = self.log.open("w+")
        self.process = subprocess.Popen(
            [*self.command, "serve", "--data", str(self.data), "--port", "0", "--token", TOKEN, *self.options],
            env=self.environment, stdout=self._out, stderr=subprocess.STDOUT,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, self.limit),
        )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not (found := re.search(r"服务已启动：(http\S+)/（", self.text())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(self.text())
            time.sleep(0.05)
        self.url = found[1]
        self.client = httpx.Client(base_url=self.url, timeout=180, trust_env=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        self._out.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def text(self) -> str:
        """What it has printed."""
        return self.log.read_text("utf-8", "replace")

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.client.post(path, **options)

    def sparql(self, query: str, accept: str = "application/sparql-results+json") -> httpx.Response:
        return self.get("/sparql", params={"query": query}, headers={"Accept": accept})

    def working(self) -> int:
        """The number of queries that are being run now."""
        told = self.get("/metrics").text
        return int(sum(map(float, re.findall(r'kg_workers{lane="query",state="(?:running|slow)"} (\S+)', told))))

    def session(self) -> str:
        """The cookie of someone who has given the token on the page."""
        entered = httpx.post(f"{self.url}/login", data={"token": TOKEN}, trust_env=False)
        return entered.headers["set-cookie"].partition(";")[0]

    def documents(self) -> dict[str, int]:
        """The loaded files with their numbers of indicators."""
        return {d["name"]: d["indicators"] for d in self.get("/api/documents").json()["documents"]}
