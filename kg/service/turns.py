"""Whose turn it is: each client has its own queue, and short work goes first."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from contextvars import ContextVar
from typing import Any

LONG = 300  # characters of a job's texts from which it counts as long
PATIENCE = 4  # short jobs that go before a long one that waits
CLIENT: ContextVar[str] = ContextVar("client", default="")
"""Who asks, for whatever is done on their behalf."""


class Turn:
    """A wait for a worker. ``worker`` is a future of it."""

    def __init__(self, client: str, long: bool) -> None:
        self.client, self.long = client, long
        self.worker: asyncio.Future[Any] = asyncio.get_running_loop().create_future()


class Turns:
    """At most ``most`` turns. Where they are that many, a client with few takes the last place of the one with most."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._short: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._long: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._before_long = 0

    def __len__(self) -> int:
        return sum(not turn.worker.done() for line in self._lines() for turn in line)

    def add(self, turn: Turn) -> Turn | None:
        """Queue a turn. Returns the turn that has to give way, which may be this one, or None."""
        goes = None
        if len(self) >= self.most:
            fullest = max(self._lines(), key=len)
            mine = sum(len(lines.get(turn.client, ())) for lines in (self._short, self._long))
            if mine + 1 >= len(fullest):
                return turn
            goes = fullest.pop()
        lines = self._long if turn.long else self._short
        lines.setdefault(turn.client, deque()).append(turn)
        return goes

    def next(self, long_too: bool) -> Turn | None:
        """The next turn that still waits, None without any. ``long_too``: whether it may be a long one."""
        long_first = long_too and self._before_long >= PATIENCE
        order = [self._long, self._short] if long_first else [self._short, *([self._long] if long_too else [])]
        for lines in order:
            turn = _first(lines)
            if turn is not None:
                self._before_long = 0 if turn.long else self._before_long + bool(self._long)
                return turn
        return None

    def _lines(self) -> list[deque[Turn]]:
        return [*self._short.values(), *self._long.values()]


def _first(lines: OrderedDict[str, deque[Turn]]) -> Turn | None:
    """The oldest turn of the client whose turn was longest ago."""
    while lines:
        client, line = next(iter(lines.items()))
        while line:
            turn = line.popleft()
            if not turn.worker.done():
                lines.move_to_end(client)
                if not line:
                    del lines[client]
                return turn
        del lines[client]
    return None


def is_long(arguments: dict[str, Any]) -> bool:
    """Whether a job's texts make it long work."""
    return sum(len(value) for value in arguments.values() if isinstance(value, str)) > LONG
