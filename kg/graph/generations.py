"""A data directory of immutable generations, switched atomically.

Layout::

    CURRENT                 name of the generation in force (replaced by rename, never edited)
    lock                    held by the one writer
    generations/000007/     graph/ (Oxigraph), index/, duplicates/, lexicon.json, manifest.json; never changed once
                            published
    reviews.nt              what people decided on pairs of indicators; outlives every generation
    cache/                  embeddings by model and text, shared by all generations

A writer builds in ``generations/building-…`` and publishes by two renames, so a build killed at any moment
leaves the old generation in force or the new one. Readers hold a shared lock on the generation they opened;
older generations are deleted only when nobody holds one.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from kg.errors import KgError

LEXICON = "lexicon.json"  # the names in the graph, for questions
DUPLICATES = "duplicates"  # scored pairs of indicators
FORMAT = 7  # layout of a generation; another number means: build again


class BusyError(KgError):
    """Another process writes to the data directory."""


@dataclass(slots=True)
class DocumentEntry:
    """What the manifest keeps of a loaded document; ``projects`` and ``indicators`` are those that it states before
    other documents do, so that their sums count each once.
    """

    name: str
    sha256: str
    iri: str
    year: int | None
    given_year: int | None
    projects: int
    indicators: int


@dataclass(slots=True)
class Manifest:
    base: str
    model: str
    fingerprint: str
    documents: list[DocumentEntry] = field(default_factory=list)
    format: int = FORMAT

    def dump(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), "utf-8")

    @classmethod
    def load(cls, path: Path, root: Path) -> Manifest:
        """Raises KgError for one of another format: what was loaded, and how to build it again."""
        data: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if data["format"] != FORMAT:
            names = [str(entry.get("name")) for entry in data.get("documents", ())]
            shown = "、".join(names[:5]) + (f"等 {len(names)} 份" if len(names) > 5 else "")
            raise KgError(
                f"数据目录“{root}”由另一版本的 kg 建立（格式 {data['format']}，现为 {FORMAT}），不能直接使用，须用原文件重建："
                f"kg build 原文件或文件夹 --data {root}（原有 {shown or '（无文件）'}；重建前原数据不变）"
            )
        documents = [DocumentEntry(**entry) for entry in data.pop("documents")]
        return cls(**data, documents=documents)


@dataclass(slots=True)
class Generation:
    """A published generation, kept from deletion while ``hold`` is open."""

    path: Path
    manifest: Manifest
    hold: IO[bytes]

    def close(self) -> None:
        self.hold.close()


class DataDirectory:
    """The directory given as ``--data``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.generations = root / "generations"

    def current(self) -> str | None:
        """Name of the generation in force, None where nothing was built yet."""
        try:
            return (self.root / "CURRENT").read_text("ascii", "replace").strip()
        except FileNotFoundError:
            return None
        except (NotADirectoryError, PermissionError) as error:
            raise KgError(f"数据目录“{self.root}”无法读取：{error}") from None

    def open(self) -> Generation:
        """The generation in force. Raises KgError where there is none or it was built by another version."""
        while True:
            name = self.current()
            if name is None:
                raise KgError(f"数据目录“{self.root}”里还没有图谱：请先运行 kg build")
            path = self.generations / name
            try:
                hold = (path / "manifest.json").open("rb")
                fcntl.flock(hold, fcntl.LOCK_SH)
                manifest = Manifest.load(path / "manifest.json", self.root)
            except FileNotFoundError:
                if self.current() != name:
                    continue  # replaced and deleted between the two reads
                raise KgError(f"数据目录“{self.root}”不完整（缺少 {name}）：请重新运行 kg build") from None
            except (OSError, ValueError, TypeError, KeyError) as error:
                raise KgError(f"数据目录“{self.root}”无法读取：{error}") from None
            return Generation(path, manifest, hold)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Path]:
        """An empty folder for the next generation, held by the only writer; gone again if not published."""
        try:
            self.generations.mkdir(parents=True, exist_ok=True)
            lock = (self.root / "lock").open("w")
        except OSError as error:
            raise KgError(
                f"数据目录“{self.root}”不能写入：{error.strerror}；请换一个目录（--data）或修改权限"
            ) from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyError(f"数据目录“{self.root}”正被另一个 kg 进程写入：请稍后再试") from None
            self._sweep()
            building = self.generations / f"building-{os.getpid()}"
            try:
                building.mkdir()
                yield building
            except OSError as error:
                raise KgError(f"写入数据目录“{self.root}”失败：{error.strerror or error}") from error
            finally:
                shutil.rmtree(building, ignore_errors=True)

    def publish(self, building: Path, manifest: Manifest) -> str:
        """Put what was built in force. Everything is on disk before CURRENT names it."""
        manifest.dump(building / "manifest.json")
        for path in [*building.rglob("*"), building]:
            _sync(path)
        taken = [int(p.name) for p in self.generations.iterdir() if p.name.isdigit()]
        name = f"{max(taken, default=0) + 1:06d}"
        building.rename(self.generations / name)
        _sync(self.generations)
        pointer = self.root / "CURRENT.new"
        pointer.write_text(name + "\n", "ascii")
        _sync(pointer)
        pointer.replace(self.root / "CURRENT")
        _sync(self.root)
        self._sweep()
        return name

    def _sweep(self) -> None:
        """Delete what no reader can need: half-built folders, and generations not in force that nobody holds."""
        current = self.current()
        for path in self.generations.iterdir():
            if path.name == current:
                continue
            with contextlib.suppress(OSError):
                if path.name.isdigit():
                    with (path / "manifest.json").open("rb") as hold:
                        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        # Out of the way first: nobody can open what is being deleted.
                        path = path.rename(path.with_name(f"building-old-{path.name}"))
                        shutil.rmtree(path)
                else:
                    shutil.rmtree(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
