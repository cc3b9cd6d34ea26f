"""Who reads, maps and embeds: processes of this machine, or the workers of a Dask cluster.

Each of the three is a function of one task and of nothing else (a document, its record, a batch of texts), so a task may
be done again: what a lost worker had is given to another, and a result is taken once, in the order of the tasks.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pyoxigraph as ox

from index.encode import Encoder, Vectors, load_encoder, one_by_one
from kg.documents import read_record
from kg.errors import KgError
from kg.fingerprint import fingerprint
from kg.graph.ledger import Portion
from kg.readers import Item, Reader
from kg.tables import DocumentRecord

T = TypeVar("T")
R = TypeVar("R")

CONNECTING = 10.0  # seconds for the scheduler to answer
DESERTED = 60.0  # seconds without any worker after which nothing is waited for
AHEAD = 4  # tasks a worker has at hand, so that it never waits and no more than these are in memory
AGAIN = 3  # times a task is given to another worker


@dataclass(frozen=True, slots=True)
class Document:
    """A document to be read; ``content`` goes along to where its file cannot be seen."""

    item: Item
    year: int | None
    confirmed: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None


class Workers(Protocol):
    """Does tasks, some at a time."""

    def read(self, documents: Iterable[Document], reader: Reader) -> Iterator[DocumentRecord | str]:
        """Of each document its record, or the line that says why there is none; ``reader`` is this process's own."""
        ...

    def map(self, portions: Iterable[Portion]) -> Iterator[list[ox.Quad]]:
        """The quads of each document."""
        ...

    def embed(self, batches: Iterable[list[str]], model: str, encoder: Callable[[], Encoder]) -> Iterator[Vectors]:
        """The vectors of each batch of texts; ``encoder`` is this process's own."""
        ...

    def close(self) -> None: ...


def workers(address: str = "") -> Workers:
    """Those of the cluster whose scheduler is at ``address``, or of this machine. Raises KgError where it is not reached."""
    return Cluster(address) if address else Local()


def read_document(document: Document, reader: Reader) -> DocumentRecord | str:
    """See Workers.read."""
    try:
        return reader.read(document.item, partial(read_record, year=document.year, confirmed=document.confirmed))
    except KgError as error:
        return str(error)


class Local:
    """Readers of this machine: the first is this process's own, the others start when there is enough to do."""

    def __init__(self, processes: int | None = None) -> None:
        self.processes = processes or max(1, min(4, (os.cpu_count() or 1) // 2))

    def read(self, documents: Iterable[Document], reader: Reader) -> Iterator[DocumentRecord | str]:
        documents = list(documents)
        if self.processes == 1 or len(documents) < 2 * self.processes:
            yield from (read_document(document, reader) for document in documents)
            return
        own = threading.local()
        readers: list[Reader] = []

        def read(document: Document) -> DocumentRecord | str:
            if not hasattr(own, "reader"):
                own.reader = reader.another()
                readers.append(own.reader)
            return read_document(document, own.reader)

        pool = ThreadPoolExecutor(self.processes)
        try:
            yield from _in_order(
                (partial(pool.submit, read, d) for d in documents), AHEAD * self.processes, Future.result
            )
        finally:
            pool.shutdown(cancel_futures=True)
            for one in readers:
                one.close()

    def map(self, portions: Iterable[Portion]) -> Iterator[list[ox.Quad]]:
        return (portion.quads() for portion in portions)

    def embed(self, batches: Iterable[list[str]], model: str, encoder: Callable[[], Encoder]) -> Iterator[Vectors]:
        return one_by_one(batches, model, encoder)

    def close(self) -> None:
        pass


class Cluster:
    """Workers of a Dask cluster, which have this program in the same version."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise KgError('--on 要用 Dask，基本安装里没有：请先安装 pip install "jixiao-kg[dask]"') from None
        self.address = address
        try:
            self.client = Client(address, timeout=CONNECTING, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            why = next(iter(str(error).splitlines()), type(error).__name__)
            raise KgError(
                f"Dask 调度器 {address} 连不上（{why}）：请确认它在运行、地址写对；原有数据没有变化"
            ) from None
        if not self._count():
            self.close()
            raise KgError(f"Dask 调度器 {address} 没有工作进程：请先运行 dask worker {address}；原有数据没有变化")

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.client.close(timeout=CONNECTING)

    def read(self, documents: Iterable[Document], reader: Reader) -> Iterator[DocumentRecord | str]:
        return self._each(_read, (_packed(document, reader) for document in documents))

    def map(self, portions: Iterable[Portion]) -> Iterator[list[ox.Quad]]:
        return (list(ox.parse(said, format=ox.RdfFormat.N_QUADS)) for said in self._each(_map, portions))

    def embed(self, batches: Iterable[list[str]], model: str, encoder: Callable[[], Encoder]) -> Iterator[Vectors]:
        del encoder
        return self._each(_embed, ((model, batch) for batch in batches))

    def _each(self, work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        mark = fingerprint()
        # The task goes with all it needs to the scheduler, which keeps it: no worker is the only one to have it.
        given = (partial(self.client.submit, _same, mark, work, task, pure=False, retries=AGAIN) for task in tasks)
        return _in_order(given, AHEAD * max(1, self._count()), self._result)

    def _result(self, future: Any) -> Any:
        from distributed import KilledWorker

        deserted = 0.0
        while True:
            try:
                return future.result(timeout=1)
            except KilledWorker:
                raise KgError("Dask 的几个工作进程先后在同一个任务上中断：请看它们的日志；原有数据没有变化") from None
            except TimeoutError:
                deserted = 0.0 if self._count() else deserted or time.monotonic()
                if deserted and time.monotonic() - deserted > DESERTED:
                    raise KgError(f"Dask 调度器 {self.address} 的工作进程都已不在：原有数据没有变化") from None
            except OSError as error:
                raise KgError(f"Dask 调度器 {self.address} 断开了（{error}）：原有数据没有变化") from None

    def _count(self) -> int:
        return len(self.client.scheduler_info(n_workers=-1)["workers"])


def _in_order(given: Iterable[Callable[[], T]], ahead: int, result: Callable[[T], R]) -> Iterator[R]:
    """The results of what is started, in that order, with ``ahead`` under way."""
    under_way: deque[T] = deque()
    for start in given:
        under_way.append(start())
        if len(under_way) >= ahead:
            yield result(under_way.popleft())
    while under_way:
        yield result(under_way.popleft())


# -- what a worker runs ------------------------------------------------------------------------------------------------

_here = threading.local()
_embedding = threading.Lock()


def _same(mark: str, work: Callable[[T], R], task: T) -> R:
    if mark != fingerprint():
        raise KgError("Dask 的工作进程装的是另一个版本的程序：请在各台机器上装同一版本")
    return work(task)


def _packed(document: Document, reader: Reader) -> Document | str:
    try:
        return replace(document, content=reader.content(document.item))
    except KgError as error:
        return str(error)


def _read(document: Document | str) -> DocumentRecord | str:
    if isinstance(document, str):
        return document
    if not hasattr(_here, "reader"):
        _here.reader = Reader()
    with tempfile.TemporaryDirectory(prefix="kg-") as folder:
        path = Path(folder, document.item.file_name)
        path.write_bytes(document.content or b"")
        return read_document(replace(document, item=Item(path, name=document.item.name), content=None), _here.reader)


def _map(portion: Portion) -> bytes:
    """N-Quads: twenty times quicker to send than quads as objects."""
    out = io.BytesIO()
    ox.serialize(portion.quads(), out, format=ox.RdfFormat.N_QUADS)
    return out.getvalue()


def _embed(task: tuple[str, list[str]]) -> Vectors:
    model, texts = task
    with _embedding:
        return _encoder(model).passages(texts)


@cache
def _encoder(model: str) -> Encoder:
    return load_encoder(model)
