"""HTTP connections within bounds: the parser in use (httptools) has none of its own.

A head may have so many bytes and take so long, a body must keep coming, a client must keep reading, and of all
connections those that do nothing give way to new ones.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_BYTES = 160 << 10  # of the request line, which may hold a query, and the headers
SLICE = 16 << 10
HEAD_SECONDS = 10.0
BODY_SECONDS = 15.0  # in which at least BODY_BYTES must come
BODY_BYTES = 16 << 10
READ_SECONDS = 30.0  # after which a client that takes nothing of its answer is given up
TICK = 1.0
CONNECTIONS = 2000
KEPT_BACK = 160  # descriptors for workers, files and pipes
MOST_DESCRIPTORS = 65536


class Connection(HttpToolsProtocol):
    """uvicorn's protocol with bounds."""

    most: ClassVar[int] = CONNECTIONS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.in_head = True  # of the first or the next request, from its first byte
        self.requests = 0
        self.head_bytes = 0
        self.received = 0  # since the last look at the body
        self.looked = self.since = time.monotonic()
        self.stuck_since: float | None = None
        self.upgraded = False
        self.timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= self.most and not self._make_room():
            transport.abort()
            return
        super().connection_made(transport)
        self.timer = self.loop.call_later(TICK, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_looking()
        if self.transport is not None:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        place = 0
        while place < len(data) and not self.transport.is_closing() and not self.upgraded:
            if not self.in_head:
                # The rest may hold further requests; their heads are counted from the next data on.
                super().data_received(data[place:])
                return
            if self.head_bytes == 0:
                self.since = time.monotonic() if self.cycle is not None else self.since
            part = data[place : place + SLICE]
            place += SLICE
            requests = self.requests
            super().data_received(part)
            if self.in_head and self.requests == requests and not self.upgraded:
                self.head_bytes += len(part)
                if self.head_bytes > HEAD_BYTES:
                    self._refuse(431, "请求头太大")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.in_head, self.head_bytes = True, 0

    def on_headers_complete(self) -> None:
        self.in_head, self.head_bytes = False, 0
        self.received, self.looked = 0, time.monotonic()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.in_head, self.requests = True, self.requests + 1

    def handle_websocket_upgrade(self) -> None:
        if sum(not isinstance(c, Connection) for c in self.connections) >= self.most // 2:
            self._refuse(503, "网页连接太多")
            return
        self.upgraded = True
        self._stop_looking()
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.stuck_since = time.monotonic()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.stuck_since = None

    @property
    def idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> bool:
        idle = [c for c in self.connections if isinstance(c, Connection) and c.idle]
        if not idle:
            return False
        oldest = min(idle, key=lambda c: c.since)
        self.connections.discard(oldest)
        oldest.transport.abort()
        return True

    def _look(self) -> None:
        """Once in a while: is the other side keeping its time?"""
        self.timer = self.loop.call_later(TICK, self._look)
        now = time.monotonic()
        if self.stuck_since is not None and now - self.stuck_since > READ_SECONDS:
            self.transport.abort()
        elif self.transport.is_closing():
            if self.stuck_since is None and now - self.since > READ_SECONDS * 20:
                self.transport.abort()
        elif self.in_head and self.idle and (self.cycle is None or self.head_bytes) and now - self.since > HEAD_SECONDS:
            self._refuse(408, "请求没有发完")
        elif not self.in_head and now - self.looked > BODY_SECONDS:
            if self.received < BODY_BYTES and not self.flow.read_paused:
                self._refuse(408, "请求没有发完")
            self.received, self.looked = 0, now

    def _refuse(self, status: int, said: str) -> None:
        """Answer at once where nothing has been answered yet, and close."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = said.encode()
            self.transport.write(
                STATUS_LINE[status]
                + b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
                % len(body)
                + body
            )
        self.transport.close()

    def _stop_looking(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


def bounded() -> type[Connection]:
    """The protocol, for as many connections as the system's descriptors are enough for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard < 0 else min(hard, MOST_DESCRIPTORS)
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    Connection.most = max(32, min(CONNECTIONS, soft - KEPT_BACK))
    return Connection
