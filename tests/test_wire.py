"""The wire to worker processes: messages come out whole and in order, however the bytes arrive."""

from __future__ import annotations

import io
import itertools
import socket
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kg.service.wire import Far, Message, Near


class Kept(Near):
    """The server's end without a process at the other."""

    def __init__(self) -> None:
        self._arrived = bytearray()
        self.messages: list[Message] = []

    def received(self, message: Message) -> None:
        self.messages.append(message)


def sent(messages: list[tuple[str, Any]]) -> bytes:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        far = Far(theirs)
        stream = far._stream = io.BytesIO()  # type: ignore[assignment]
        for kind, value in messages:
            far.send(kind, value)
        return stream.getvalue()


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=20) | st.binary(max_size=300), st.lists, max_leaves=5
)


@given(st.lists(st.tuples(st.text(max_size=8), values), max_size=5), st.lists(st.integers(0, 2000), max_size=12))
def test_messages_arrive_whole_and_in_order(messages: list[tuple[str, Any]], cuts: list[int]) -> None:
    data = sent(messages)
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    near = Kept()
    for start, end in itertools.pairwise(places):
        near.data_received(data[start:end])
    assert near.messages == messages
