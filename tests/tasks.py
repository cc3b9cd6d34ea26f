"""What a reading process may be asked to do with a document, well and badly behaved."""

from __future__ import annotations

import os
import time
from pathlib import Path

from kg.readers import Source


def name(source: Source) -> str:
    return source.name


def hang(_: Source) -> None:
    time.sleep(60)


def grow(_: Source) -> None:
    bytearray(2 << 30)


def crash(_: Source) -> None:
    os.abort()


def call_out(_: Source) -> None:
    import socket

    socket.create_connection(("127.0.0.1", 9), 1)


def write_out(_: Source) -> None:
    Path("written.txt").write_text("x")
