"""Where the vectors of an index are kept and searched: in its folder by FAISS, or in PostgreSQL by pgvector.

Both do the same: rows are numbered from 0 in the order in which they were given, and the nearest come first, each with
its cosine. pgvector takes an HNSW index (Malkov & Yashunin, 2018); FAISS is exact up to ``FLAT_LIMIT`` texts, then an
inverted file.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from psycopg import Connection

    from index.encode import Vectors

VARIABLE = "KG_VECTORS"
FILE, TABLE = "vectors.faiss", "vectors.json"
FLAT_LIMIT = 50_000  # above this many distinct texts an inverted-file index replaces the exact one
PROBES, BREADTH = 16, 400  # lists of the inverted file, and candidates of HNSW, that a search looks at
PREFIX = "kg_vectors_"


class VectorError(Exception):
    """A vector database that is not reached, refuses, or no longer has the vectors; the message is for the user."""


class Nearest(Protocol):
    """The vectors of an index, opened for reading."""

    def search(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """(number, cosine) of the nearest to a vector of length 1, best first."""
        ...


def write(folder: Path, vectors: Vectors, url: str = "", before: Path | None = None) -> None:
    """Keep ``vectors`` for the index in ``folder``: in it, or in the database at ``url``.

    ``before`` is the folder of the index in force: its table stays, those of the same data before it are dropped.
    """
    if url:
        _write_table(folder, vectors, url, before)
        return
    import faiss

    if len(vectors) <= FLAT_LIMIT:
        index: Any = faiss.IndexFlatIP(vectors.shape[1])
    else:
        lists = int(4 * len(vectors) ** 0.5)
        index = faiss.index_factory(vectors.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
        index.train(vectors)
    index.add(vectors)
    faiss.write_index(index, str(folder / FILE))


def opened(folder: Path) -> Nearest:
    """The vectors of the index in ``folder``."""
    table = Table.of(folder)
    return PgVector(table) if table else Faiss(folder / FILE)


def address(folder: Path) -> str:
    """Where to reach the vectors of an index: as the environment says, else as was noted; empty where FAISS has them."""
    table = Table.of(folder)
    return (os.environ.get(VARIABLE) or table.url) if table else ""


class Faiss:
    """Vectors in a file."""

    def __init__(self, path: Path) -> None:
        import faiss

        self._index = faiss.read_index(str(path))
        if hasattr(self._index, "nprobe"):
            self._index.nprobe = PROBES

    def search(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        if self._index.ntotal == 0:
            return []
        cosines, found = self._index.search(vector.reshape(1, -1), min(limit, self._index.ntotal))
        return [(int(n), float(cosine)) for n, cosine in zip(found[0], cosines[0], strict=True) if n >= 0]


@dataclass(frozen=True, slots=True)
class Table:
    """What an index's folder says of vectors that are elsewhere. ``set``: the tables of one data directory."""

    url: str
    set: str
    name: str

    @classmethod
    def of(cls, folder: Path) -> Table | None:
        try:
            return cls(**json.loads((folder / TABLE).read_text("utf-8")))
        except FileNotFoundError:
            return None


class PgVector:
    """Vectors in a table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    @cached_property
    def _connection(self) -> Connection[Any]:
        connection = _connected(os.environ.get(VARIABLE) or self.table.url)
        connection.execute(f"SET hnsw.ef_search = {BREADTH}")
        return connection

    def search(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        import psycopg

        text = f"[{','.join(map(str, vector.tolist()))}]"
        query = f"SELECT n, -(v <#> $1::vector) FROM {self.table.name} ORDER BY v <#> $1::vector LIMIT $2"  # noqa: S608 - our own name
        for last in (False, True):
            try:
                with psycopg.RawCursor(self._connection) as cursor:
                    rows = cursor.execute(query, (text, limit), prepare=True).fetchall()
                return sorted(((int(n), float(c)) for n, c in rows), key=lambda row: (-row[1], row[0]))
            except psycopg.errors.UndefinedTable:
                raise VectorError(
                    f"向量库 {self.table.url} 里没有这一代的向量（已被后来的替换，或库被清空）："
                    "请更新数据目录后再试，或用 kg build --rebuild 从保存的原件重建"
                ) from None
            except psycopg.Error as error:
                self.__dict__.pop("_connection", None)
                if last or not isinstance(error, psycopg.OperationalError):
                    raise _said(self.table.url, error) from None
        raise AssertionError


def _write_table(folder: Path, vectors: Vectors, url: str, before: Path | None) -> None:
    import psycopg

    old = Table.of(before) if before else None
    owner = old.set if old else uuid.uuid4().hex[:12]
    table = Table(without_secrets(url), owner, f"{PREFIX}{owner}_{uuid.uuid4().hex[:12]}")
    count, dimension = vectors.shape
    connection = _connected(url)
    try:
        with connection, connection.transaction():
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            connection.execute(f"CREATE TABLE {table.name} (n integer, v vector({dimension}))")
            with connection.cursor().copy(f"COPY {table.name} FROM STDIN WITH (FORMAT BINARY)") as copy:
                for chunk in _binary(vectors):
                    copy.write(chunk)
            if count > FLAT_LIMIT:
                connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
                connection.execute(f"CREATE INDEX ON {table.name} USING hnsw (v vector_ip_ops)")
            rows = connection.execute(
                "SELECT tablename FROM pg_tables WHERE tablename LIKE %s", (f"{PREFIX}{owner}_%",)
            )
            for (name,) in rows.fetchall():
                if name not in (table.name, old.name if old else ""):
                    connection.execute(f"DROP TABLE {name}")
    except psycopg.Error as error:
        raise _said(table.url, error) from None
    (folder / TABLE).write_text(json.dumps(asdict(table)), "utf-8")


def _binary(vectors: Vectors) -> Iterator[bytes]:
    """(n, vector) as PostgreSQL's binary copy has them."""
    count, dimension = vectors.shape
    yield b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
    big = vectors.astype(">f4")
    for n in range(count):
        yield struct.pack(">hiiihh", 2, 4, n, 4 + 4 * dimension, dimension, 0) + big[n].tobytes()
    yield struct.pack(">h", -1)


def _connected(url: str) -> Connection[Any]:
    try:
        import psycopg
    except ImportError:
        raise VectorError('向量库要用 psycopg，基本安装里没有：请先安装 pip install "jixiao-kg[pgvector]"') from None
    if not url.startswith(("postgresql://", "postgres://")):
        raise VectorError(f"向量库的地址“{without_secrets(url)}”不合格：应形如 postgresql://用户@主机/库")
    try:
        return psycopg.connect(url, connect_timeout=10, autocommit=True)
    except (psycopg.Error, ValueError) as error:
        raise _said(without_secrets(url), error) from None


def _said(url: str, error: Exception) -> VectorError:
    first = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return VectorError(
        f"向量库 {url} 没有做成（{first}）：请确认它在运行、装有 pgvector、地址和口令写对；原有数据没有变化"
    )


def without_secrets(url: str) -> str:
    """An address that can be shown and kept: without password, which libpq also takes from PGPASSWORD or its own file."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        user, at, host = parts.netloc.rpartition("@")
        return urlunsplit((parts.scheme, user.partition(":")[0] + at + host, parts.path, parts.query, ""))
    return ""
