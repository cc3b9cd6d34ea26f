"""The wire between the server and a process of its own, both ends of it: what starts such a process, and how the two speak.

Requests go out as pickles one after another. Messages come back as (kind, value), each a length and as many bytes
of pickle, so that the event loop can tell where one ends.
"""

from __future__ import annotations

import asyncio
import pickle
import socket
import struct
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from multiprocessing.forkserver import ensure_running
from typing import Any

Message = tuple[str, Any]
LENGTH = struct.Struct("!Q")

_processes = get_context("forkserver")
_processes.set_forkserver_preload(["kg.service.worker"])


def prepare() -> None:
    """Start the process that others are forked from; it imports what they need while this one goes on."""
    # Processes need nothing of the main script; with these each would import it again.
    main = sys.modules["__main__"]
    main.__spec__ = None
    main.__dict__.pop("__file__", None)
    ensure_running()


class Near(asyncio.Protocol):
    """The server's end, with the process at the other: ``received`` is called for each message, ``lost`` once at the end."""

    def __init__(self, main: Callable[..., None], *arguments: Any) -> None:
        """Start a process that runs ``main`` with its end of the wire and these arguments. Blocks until it runs."""
        self.socket, theirs = socket.socketpair()
        self.process: ForkServerProcess = _processes.Process(target=main, args=(theirs, *arguments), daemon=True)
        self.process.start()
        theirs.close()
        self._transport: asyncio.Transport | None = None
        self._arrived = bytearray()

    async def connect(self) -> None:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_unix_connection(lambda: self, sock=self.socket)

    def send(self, request: Any) -> None:
        assert self._transport
        self._transport.write(pickle.dumps(request))

    def received(self, message: Message) -> None:
        raise NotImplementedError

    def lost(self) -> None:
        raise NotImplementedError

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        while len(self._arrived) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack_from(self._arrived)[0]
            if len(self._arrived) < end:
                return
            with memoryview(self._arrived) as arrived:
                message = pickle.loads(arrived[LENGTH.size : end])  # noqa: S301 - of our own process
            del self._arrived[:end]
            self.received(message)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.lost()

    def close(self) -> None:
        """Kill the process; nothing it holds can be harmed."""
        self.process.kill()
        if self._transport is None:
            self.socket.close()
        else:
            self._transport.abort()


class Far:
    """The process's end."""

    def __init__(self, line: socket.socket) -> None:
        self._stream = line.makefile("rwb")

    def send(self, kind: str, value: Any) -> None:
        body = pickle.dumps((kind, value))
        self._stream.write(LENGTH.pack(len(body)))
        self._stream.write(body)
        self._stream.flush()

    def receive(self) -> Any:
        """The next request. Raises EOFError or ConnectionError where the server has gone."""
        return pickle.load(self._stream)  # noqa: S301 - from our own server
