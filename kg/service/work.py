"""A worker process: one graph held open, one job at a time, ended by the kernel when it overruns its time."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import resource
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

import pyoxigraph

from kg.errors import KgError
from kg.graph.store import QueryError, Store
from kg.knowledge import KnowledgeGraph
from kg.service import jobs
from kg.service.formats import NotAcceptableError, TooLargeError
from kg.service.workers import LENGTH

GRACE = 1.0  # seconds after its limit at which a worker ends without being told

# What a worker may need is imported and used once here, before any is forked: rdflib's parser finds syntax errors.
with contextlib.suppress(QueryError):
    Store(pyoxigraph.Store()).query("SELECT")


def main(line: socket.socket, data: str, warm: bool, memory: int) -> None:
    """Open the graph in force, say so, then serve jobs until the line closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    os.environ["OMP_NUM_THREADS"] = "1"
    stream = line.makefile("rwb")
    try:
        graph = KnowledgeGraph(Path(data))
        generation = graph.generation
        if warm:
            jobs.warm(graph)
        else:
            _ = graph.store
    except KgError as error:
        _send(stream, ("failed", str(error)))
        return
    except Exception:  # noqa: BLE001 - whatever it is, the server must hear of it
        _send(stream, ("failed", traceback.format_exc(limit=3)))
        return
    _send(stream, ("ready", generation))
    with contextlib.suppress(EOFError, ConnectionError):  # the server has gone
        while True:
            name, arguments, limit = pickle.load(stream)  # noqa: S301 - from our own server
            # The default action of SIGALRM ends the process even inside a query, and with nobody left to do it.
            signal.setitimer(signal.ITIMER_REAL, limit + GRACE)
            reply = _run(graph, name, arguments)
            signal.setitimer(signal.ITIMER_REAL, 0)
            _send(stream, reply)


def _run(graph: KnowledgeGraph, name: str, arguments: dict[str, Any]) -> tuple[str, Any]:
    try:
        return "done", jobs.JOBS[name](graph, **arguments)
    except NotAcceptableError as error:
        return "refused", (406, str(error))
    except TooLargeError as error:
        return "refused", (413, str(error))
    except jobs.NotFoundError as error:
        return "refused", (404, str(error))
    except (QueryError, KgError) as error:
        return "refused", (400, str(error))
    except MemoryError:
        return "refused", (413, "查询用尽了内存上限：请缩小查询范围")
    except Exception:  # noqa: BLE001 - one bad request must not end the worker
        print(traceback.format_exc(), file=sys.stderr, flush=True)
        return "broken", name


def _send(stream: io.BufferedRWPair, reply: tuple[str, Any]) -> None:
    body = pickle.dumps(reply)
    stream.write(LENGTH.pack(len(body)))
    stream.write(body)
    stream.flush()
