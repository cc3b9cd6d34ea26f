"""What the service tells about itself: one structured log line a request, and Prometheus metrics."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import TextIO

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.service.logs import line
from kg.service.service import Service

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
NAMED = frozenset({"sparql", "mcp", "healthz", "readyz", "metrics", "login", "logout"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REFUSED = (401, 403, 421, 429)


class Metrics:
    def __init__(self, service: Service) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("kg_requests", "请求数", ["route", "method", "status"], registry=self.registry)
        self.seconds = Histogram(
            "kg_request_seconds", "请求用时（秒）", ["route"], buckets=BUCKETS, registry=self.registry
        )
        self.open = Gauge("kg_requests_open", "正在处理的请求", registry=self.registry)
        self.registry.register(_Lanes(service))

    def text(self) -> bytes:
        return generate_latest(self.registry)


class _Lanes(Collector):
    def __init__(self, service: Service) -> None:
        self.service = service

    def collect(self) -> Iterable[Metric]:
        workers = GaugeMetricFamily("kg_workers", "工作进程", labels=["lane", "state"])
        for name, lane in self.service.lanes.items():
            workers.add_metric([name, "idle"], len(lane.idle))
            workers.add_metric([name, "running"], lane.running)
            workers.add_metric([name, "slow"], lane.slow)
            workers.add_metric([name, "waiting"], len(lane.waiting))
        yield workers
        generation = self.service.generation
        yield GaugeMetricFamily("kg_generation", "在用的数据代", value=int(generation) if generation.isdigit() else 0)


def route(path: str, kinds: frozenset[str]) -> str:
    """What a path is counted under: few names, whatever is asked for. ``kinds``: the first names under /api."""
    first, _, rest = path.strip("/").partition("/")
    if first == "api":
        kind = rest.partition("/")[0]
        return f"/api/{kind}" if kind in kinds else "/api"
    return f"/{first}" if first in NAMED else "static" if first.startswith("_nicegui") else "page"


class Observed:
    """ASGI middleware that logs and counts, what is refused too. Query strings and questions stay out of the log: they may be private."""

    def __init__(self, app: ASGIApp, metrics: Metrics, kinds: frozenset[str], out: TextIO | None = None) -> None:
        self.app, self.metrics, self.kinds, self.out = app, metrics, kinds, out or sys.stderr

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, size = time.perf_counter(), 499, 0

        async def watched(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        self.metrics.open.inc()
        try:
            await self.app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - began
            self.metrics.open.dec()
            name = route(scope["path"], self.kinds)
            method = scope["method"] if scope["method"] in METHODS else "other"
            self.metrics.requests.labels(name if status != 404 else "none", method, status).inc()
            self.metrics.seconds.labels(name).observe(seconds)
            if name != "static" or status in REFUSED:
                self._log(scope, status, size, seconds)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A web socket is told of where it is not let in."""
        accepted = False

        async def watched(message: Message) -> None:
            nonlocal accepted
            if message["type"] == "websocket.accept":
                accepted = True
            elif message["type"] == "websocket.close" and not accepted:
                self.metrics.requests.labels("socket", "GET", 403).inc()
                self._log({**scope, "method": "GET"}, 403, 0, 0.0)
            await send(message)

        await self.app(scope, receive, watched)

    def _log(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        client = scope.get("client")
        self.out.write(  # in one piece, so that lines never mix
            line(
                method=scope["method"],
                path=scope["path"],
                status=status,
                bytes=size,
                ms=round(seconds * 1000, 2),
                client=client[0] if client else None,
            )
        )
        self.out.flush()
