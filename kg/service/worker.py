"""A worker process: one graph held open, one job at a time, ended by the kernel when it overruns its time."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

import pyoxigraph

from kg.apart import more_stack
from kg.errors import KgError, StorageError
from kg.graph.guard import QueryError
from kg.graph.store import Store
from kg.knowledge import KnowledgeGraph
from kg.offline import go_offline
from kg.service import charts, describe, findings, jobs, pivots, questions, scans, sheets, views  # noqa: F401 - they register their jobs
from kg.service.formats import NotAcceptableError, TooLargeError
from kg.service.logs import line
from kg.service.registry import JOBS, NotFoundError
from kg.service.wire import Far, Message

GRACE = 1.0  # seconds after its limit at which a worker ends without being told

# What a worker may need is imported and used once here, before any is forked: rdflib's parser finds syntax errors.
with contextlib.suppress(QueryError):
    Store(pyoxigraph.Store()).query("SELECT")


def main(ours: socket.socket, data: str, warm: bool, memory: int) -> None:
    """Open the graph in force, say so, then serve jobs until the line closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    more_stack()
    os.environ["OMP_NUM_THREADS"] = "1"
    wire = Far(ours)
    try:
        graph = KnowledgeGraph(Path(data))
        if not graph.elsewhere:
            go_offline()
        generation = graph.generation
        if warm:
            jobs.warm(graph)
        else:
            _ = graph.store
    except KgError as error:
        wire.send("failed", str(error))
        return
    except Exception:  # noqa: BLE001 - whatever it is, the server must hear of it
        wire.send("failed", traceback.format_exc(limit=3))
        return
    _cap(memory)
    wire.send("ready", generation)
    with contextlib.suppress(EOFError, ConnectionError):  # the server has gone
        while True:
            name, arguments, limit = wire.receive()
            # The default action of SIGALRM ends the process even inside a query, and with nobody left to do it.
            signal.setitimer(signal.ITIMER_REAL, limit + GRACE)
            reply = _run(graph, name, arguments)
            signal.setitimer(signal.ITIMER_REAL, 0)
            wire.send(*reply)


def _cap(memory: int) -> None:
    """Let this process take so many bytes more than it has now. What it has depends on the data, jobs do not."""
    have = 0
    with contextlib.suppress(OSError):
        found = re.search(r"VmData:\s*(\d+) kB", Path("/proc/self/status").read_text("ascii"))
        have = int(found[1]) << 10 if found else 0
    resource.setrlimit(resource.RLIMIT_DATA, (have + memory, have + memory))


def _run(graph: KnowledgeGraph, name: str, arguments: dict[str, Any]) -> Message:
    try:
        return "done", JOBS[name](graph, **arguments)
    except NotAcceptableError as error:
        return "refused", (406, str(error))
    except TooLargeError as error:
        return "refused", (413, str(error))
    except NotFoundError as error:
        return "refused", (404, str(error))
    except StorageError as error:
        return "refused", (503, str(error))
    except (QueryError, KgError) as error:
        return "refused", (400, str(error))
    except OSError as error:
        return "refused", (503, f"数据读不了（{error.strerror or error}）：请检查数据目录和磁盘")
    except MemoryError:
        return "refused", (413, "查询用尽了内存上限：请缩小查询范围")
    except Exception:  # noqa: BLE001 - one bad request must not end the worker
        sys.stderr.write(line(level="ERROR", logger="kg.worker", message=name, trace=traceback.format_exc()))
        sys.stderr.flush()
        return "broken", name
