"""Work of native code in a child process: offline, ended by Ctrl-C, and no crash of it takes this process along."""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable

from kg.errors import KgError
from kg.offline import go_offline

STACK = 64 << 20  # bytes; an engine that descends into a query needs more than the usual 8 MB


def more_stack() -> None:
    """Let the main thread's stack grow further than usual, as far as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_STACK, (STACK if hard < 0 else min(STACK, hard), hard))


def apart(work: Callable[[], bytes], *, offline: bool = True) -> bytes:
    """What ``work`` returns; ``offline`` unless it asks an engine elsewhere. Raises its KgError, and KgError where the process dies of it."""
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(work, writing, offline)
    os.close(writing)
    try:
        with open(reading, "rb") as pipe:  # noqa: PTH123 - a descriptor
            said = pipe.read()
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) or not said:
        raise KgError("查询嵌套太深或用尽了内存，已停止：请缩小查询范围，或改写得浅一些")
    done, value = pickle.loads(said)  # noqa: S301 - our own child wrote it
    if not done:
        raise value
    return bytes(value)


def _child(work: Callable[[], bytes], writing: int, offline: bool) -> None:
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        more_stack()
        if offline:
            go_offline()
        reply: tuple[bool, bytes | KgError]
        try:
            reply = True, work()
        except KgError as error:
            reply = False, error
        with open(writing, "wb") as pipe:
            pickle.dump(reply, pipe)
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)
