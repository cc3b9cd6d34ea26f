"""HTTP connections within bounds: the parser in use (httptools) has none of its own.

A head may have so many bytes and take so long, a body must keep coming with little beside it, so many requests may
wait behind one another, a client must keep reading, and of all connections those that do nothing give way to new ones.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

HEAD_BYTES = 160 << 10  # of the request line, which may hold a query, and the headers
SLICE = 16 << 10
HEAD_SECONDS = 10.0
BODY_SECONDS = 15.0  # in which at least BODY_BYTES must come
BODY_BYTES = 16 << 10
PIPELINED = 100  # requests that may wait for the answer to one before them
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
        self.answering: RequestResponseCycle | None = None  # which is not the last one read where requests wait
        self.head_bytes = 0
        self.received = 0  # bytes of the body since the last look at it
        self.beside_bytes = 0  # sizes and extensions of chunks, or trailers, since its last byte
        self.looked = self.since = self.due = time.monotonic()
        self.stuck_since: float | None = None
        self.upgraded = False
        self.timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= self.most and not self._make_room():
            transport.abort()
            return
        super().connection_made(transport)
        self.timer, self.due = self.loop.call_later(TICK, self._look), time.monotonic() + TICK

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_looking()
        if self.transport is not None:
            super().connection_lost(exc)
        if self.answering is not None:
            self.answering.disconnected = True
            self.answering.message_event.set()

    def data_received(self, data: bytes) -> None:
        for place in range(0, len(data), SLICE):
            if self.transport.is_closing() or self.upgraded:
                return
            self._slice(data[place : place + SLICE])

    def _slice(self, part: bytes) -> None:
        """A piece so small that what it is of can be told by what has been read before and after it."""
        if self.in_head and self.head_bytes == 0:
            self.since = time.monotonic() if self.cycle is not None else self.since
        requests, received = self.requests, self.received
        super().data_received(part)
        if self.upgraded or self.transport.is_closing():
            return
        if len(self.pipeline) > PIPELINED:
            self.transport.abort()
        elif self.requests == requests and self.in_head:
            self.head_bytes += len(part)
            if self.head_bytes > HEAD_BYTES:
                self._refuse(431, "请求头太大")
        elif self.requests == requests:
            self.beside_bytes = 0 if self.received != received else self.beside_bytes + len(part)
            if self.beside_bytes > HEAD_BYTES:
                self._refuse(400, "正文的分块不对")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.in_head, self.head_bytes = True, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.in_head:  # not behind the body: nobody needs trailers, and nobody has looked at them
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.in_head, self.head_bytes = False, 0
        self.received, self.beside_bytes, self.looked = 0, 0, time.monotonic()
        first = self.idle
        super().on_headers_complete()
        if first:
            self.answering = self.cycle

    def on_body(self, body: bytes) -> None:
        self.received += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.in_head, self.requests = True, self.requests + 1

    def on_response_complete(self) -> None:
        self.answering = self.pipeline[-1][0] if self.pipeline else None
        super().on_response_complete()

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
        if now - self.due > TICK:  # this side had no time to read: that does not count
            self.since += now - self.due
            self.looked += now - self.due
        self.due = now + TICK
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
