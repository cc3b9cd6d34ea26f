"""Files are read in a process of its own: what hangs is stopped, what grows is cut off, what crashes harms nothing else.

The process keeps going from file to file. It may not open a connection, nor write a file outside its scratch folder.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from kg.errors import KgError
from kg.offline import go_offline
from kg.readers.archive import Archive
from kg.readers.document import parse
from kg.readers.file_types import CONVERTED, suffix_of
from kg.readers.grid import ReadError, Source
from kg.readers.scans.pictures import Known, Missing, Pictures, Wanted, available
from kg.readers.scans.process import PageReader

T = TypeVar("T")
Members = tuple[str, ...]
"""Names that lead into an archive: of a member, or of an archive in it and its member."""

MEMORY = 900 << 20  # bytes of address space
GROWN = 400 << 20  # a process that has become this big is not used again
SECONDS = 9.0  # for a file of up to SMALL bytes
SMALL = 256 << 10
SECONDS_A_MB = 10.0  # for what is above
SECONDS_TO_CONVERT = 30.0  # more where LibreOffice has to be started
MAX_BYTES = 200 << 20
ROOT = str(Path(__file__).parents[2])
START = f"import sys; sys.path.insert(0, {ROOT!r}); from kg.readers.sandbox import serve; serve()"


class Sandbox:
    """Reads files in a process that is started when first needed, and anew after it had to be stopped.

    ``memory`` is what it may take, in bytes of address space; having taken ``grown`` it is not used again.
    """

    def __init__(self, memory: int = MEMORY, grown: int = GROWN) -> None:
        self.memory, self.grown = memory, grown
        self.process: subprocess.Popen[bytes] | None = None
        self.scratch: Path | None = None
        self.late = False

    def close(self) -> None:
        self._stop()
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch = None

    def read(
        self,
        path: Path,
        members: Members,
        then: Callable[[Source], T],
        pages: PageReader | None = None,
        name: str = "",
    ) -> T:
        """What ``then``, a function that can be pickled, makes of a document's Source.

        Pictures of pages in it are read by ``pages``, and the document again with what they hold. ``name`` is what the
        document is called, where that is not the file's name. Raises ReadError that names it.
        """
        known: dict[str, Known] = {}
        while True:
            request = (_read, path, members, then, known if pages else None, name)
            reply = self._call(path, members, request, name=name)
            if not isinstance(reply, _Waiting):
                return cast("T", reply)
            assert pages
            known |= pages.read(reply.wanted, len(known))

    def call(self, path: Path, request: tuple[Any, ...], limit: float) -> Any:
        """What the first of ``request``, a function, makes of the rest, within ``limit`` seconds. Raises ReadError."""
        return self._call(path, (), (_plainly, path, (), *request), limit)

    def content(self, path: Path, members: Members) -> bytes:
        """The bytes of a member of an archive. Raises ReadError."""
        return cast("bytes", self._call(path, members, (_content, path, members, None)))

    def members(self, path: Path) -> list[Members]:
        """The files inside an archive. Raises ReadError where it cannot be opened."""
        return cast("list[Members]", self._call(path, (), (_members, path)))

    def _call(self, path: Path, members: Members, request: tuple[Any, ...], limit: float = 0.0, name: str = "") -> Any:
        try:
            size = path.stat().st_size
        except OSError as error:
            raise ReadError(f"无法读取“{path}”：{error.strerror}") from None
        shown = Path(name) if name else path
        process = self._running()
        assert process.stdin
        assert process.stdout
        limit = limit or SECONDS + SECONDS_A_MB * max(0, size - SMALL) / (1 << 20)
        if suffix_of((shown.name, *members)[-1]) in CONVERTED:
            limit += SECONDS_TO_CONVERT
        self.late = False
        timer = threading.Timer(limit, self._kill)
        timer.start()
        try:
            pickle.dump((limit, request), process.stdin)
            process.stdin.flush()
            done, value, leaving = pickle.load(process.stdout)  # noqa: S301 - our own process wrote it
        except (OSError, EOFError, pickle.UnpicklingError):
            self._stop()
            reason = f"读取超过 {limit:.0f} 秒，已停止" if self.late else "使读取程序中断（内容异常或过大）"
            raise ReadError(f"{_shown(shown, members)}{reason}：请重新导出或拆分") from None
        finally:
            timer.cancel()
            timer.join()
        if leaving or self.late:
            self._stop()
        if not done:
            raise ReadError(value)
        return value

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self.scratch = self.scratch or Path(tempfile.mkdtemp(prefix="kg-"))
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", START, str(self.scratch), str(self.memory), str(self.grown)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self.process

    def _kill(self) -> None:
        """Stop the process and what it has started; the pipes close, and whoever waits for a reply goes on."""
        self.late = True
        if self.process is not None:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _stop(self) -> None:
        if self.process is None:
            return
        late = self.late
        self._kill()
        self.late = late
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                assert pipe
                pipe.close()
        self.process = None


def serve() -> None:
    """Answer requests on standard input until it ends. The process's main function."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the replies
    scratch = Path(sys.argv[1])
    tempfile.tempdir = str(scratch)
    memory, grown = map(int, sys.argv[2:4])
    _confine(scratch, memory)
    requests = sys.stdin.buffer
    while True:
        try:
            limit, (function, *arguments) = pickle.load(requests)  # noqa: S301 - our own parent wrote it
        except EOFError:
            return
        # Should the parent be gone, nobody stops a reader that hangs.
        faulthandler.dump_traceback_later(limit + 5, exit=True)
        reply = _answer(function, *arguments)
        faulthandler.cancel_dump_traceback_later()
        leaving = _grown(grown)
        pickle.dump((*reply, leaving), replies)
        replies.flush()


def _answer(function: Callable[..., Any], path: Path, members: Members = (), *more: Any) -> tuple[bool, Any]:
    """(True, what the function returns) or (False, what went wrong)."""
    try:
        return True, function(path, *([members, *more] if more else ()))
    except KgError as error:
        return False, str(error)
    except (MemoryError, RecursionError):
        return False, f"{_shown(path, members)}的内容过大或嵌套过深：请拆分或重新导出"
    except Exception as error:  # noqa: BLE001 - one document must not end the run, whatever its cells did
        return False, f"{_shown(path, members)}处理时出错（{type(error).__name__}: {error}）：请报告此问题"


def _shown(path: Path, members: Members) -> str:
    """How a message names a document."""
    return f"“{path.name}”里的“{members[-1].rpartition('/')[2]}”" if members else f"“{path.name}”"


def _confine(scratch: Path, memory: int) -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
    sys.dont_write_bytecode = True
    inside = str(scratch) + os.sep

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _mode, flags = arguments
            writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writing and isinstance(path, str) and path != os.devnull and not path.startswith(inside):
                raise PermissionError("no writing")

    sys.addaudithook(refuse)
    go_offline(local=True)  # LibreOffice speaks to itself


def _grown(limit: int) -> bool:
    """Whether this process has ever held more than ``limit`` bytes."""
    with contextlib.suppress(OSError):
        # ru_maxrss begins with what the parent held when it started this process; VmHWM is this process's own
        peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text("ascii"))
        if peak:
            return int(peak[1]) << 10 > limit
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit > limit


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A document's reply: first these pictures, then the document again."""

    wanted: list[Wanted]


def _content(path: Path, members: Members, _: None) -> bytes:
    *outer, last = members
    return _archive(path, tuple(outer), _stamp(path)).read(last)


def _read(
    path: Path, members: Members, then: Callable[[Source], Any], known: dict[str, Known] | None, name: str = ""
) -> Any:
    pictures = Pictures(known) if known is not None and available() else None
    try:
        if not members:
            source = parse(name or path.name, load(path), pictures)
        else:
            *outer, last = members
            data = _archive(path, tuple(outer), _stamp(path)).read(last)
            source = parse(last.rpartition("/")[2], data, pictures)
    except Missing:
        source = None
    except ReadError as error:
        if not (pictures and pictures.wanted):
            raise _told(path, members, error) from None
        source = None
    if pictures and pictures.wanted:
        return _Waiting(pictures.wanted)
    assert source
    try:
        return then(source)
    except ReadError as error:
        raise _told(path, members, error) from None


def _told(path: Path, members: Members, error: ReadError) -> ReadError:
    return ReadError(f"“{path.name}”里的{error}") if members else error


def _plainly(path: Path, members: Members, function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ARG001 - as every request
    return function(*arguments)


def load(path: Path) -> bytes:
    """The bytes of a file. Raises ReadError where it is too big or cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ReadError(f"“{path.name}”超过 {MAX_BYTES >> 20} MB：请先拆分")
        return path.read_bytes()
    except OSError as error:
        raise ReadError(f"无法读取“{path}”：{error.strerror}") from None


def _members(path: Path) -> list[Members]:
    archive = _archive(path, (), _stamp(path))
    out: list[Members] = []
    for name in archive.documents():
        if not name.lower().endswith(".zip"):
            out.append((name,))
            continue
        try:
            out += [(name, inner) for inner in _archive(path, (name,), _stamp(path)).documents()]
        except ReadError:
            out.append((name,))  # told when it is read
    return out


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise ReadError(f"无法读取“{path}”：{error.strerror}") from None
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=2)
def _archive(path: Path, outer: Members, stamp: tuple[int, int]) -> Archive:
    """An archive, or one inside it; the last two are kept, for their members are read one after the other."""
    data = _archive(path, (), stamp).read(outer[0]) if outer else load(path)
    try:
        return Archive(data)
    except ReadError as error:
        raise ReadError(f"“{outer[0] if outer else path.name}”{error}") from None
