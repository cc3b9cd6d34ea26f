"""Files of decisions beside the generations: N-Triples that are only ever added to, whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.errors import KgError
from kg.graph.checksums import opened
from kg.graph.store import Store


def read(path: Path, what: str) -> Store:
    """The statements of a file, none where there is no file. Raises KgError that calls the file ``what``."""
    store = ox.Store()
    try:
        store.load(_bytes(path), ox.RdfFormat.N_TRIPLES)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise KgError(f"无法读取{what}“{path}”：{error.strerror}") from None
    except SyntaxError as error:
        raise KgError(f"{what}“{path}”不是 N-Triples（{error}）：请从备份恢复，或删去坏行") from None
    return Store(store)


def order(path: Path) -> dict[str, int]:
    """The subjects of a file by the order in which they were first added: clocks may be wrong, or set back."""
    with contextlib.suppress(OSError, SyntaxError):
        triples = ox.parse(_bytes(path), format=ox.RdfFormat.N_TRIPLES)
        return {name: number for number, name in enumerate(dict.fromkeys(_name(t.subject) for t in triples))}
    return {}


def _name(subject: object) -> str:
    return subject.value if isinstance(subject, ox.NamedNode) else str(subject)


def append(path: Path, what: str, fresh: Callable[[], Iterable[ox.Triple]]) -> None:
    """Add the statements that ``fresh``, called under the file's lock, returns. On disk before this returns."""
    if not path.parent.is_dir():
        raise KgError(f"数据目录“{path.parent}”里还没有图谱：请先运行 kg build")
    with _locked(path, what):
        triples = list(fresh())
        if triples:
            _put(path, _bytes(path) + b"".join(f"{t} .\n".encode() for t in triples))


def join(path: Path, what: str, earlier: bytes) -> None:
    """Put the statements of another such file before those here that it does not hold."""
    with _locked(path, what):
        here = _bytes(path)
        there = set(earlier.splitlines())
        if there - set(here.splitlines()):
            _put(path, earlier + b"".join(line + b"\n" for line in here.splitlines() if line not in there))


@contextlib.contextmanager
def _locked(path: Path, what: str) -> Iterator[None]:
    try:
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise KgError(f"无法写入{what}“{path}”：{error.strerror}") from None


def _bytes(path: Path) -> bytes:
    """All of a file, nothing where there is none. Raises OSError."""
    try:
        with opened(path) as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _put(path: Path, content: bytes) -> None:
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def user() -> str:
    """The user of the system, empty where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
