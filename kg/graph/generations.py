"""A data directory of immutable generations, switched atomically.

Layout::

    CURRENT                 name of the generation in force and SHA-256 of its manifest (replaced by rename, never edited)
    lock                    held by the one writer
    generations/000007/     graph/ (Oxigraph), index/, duplicates/, lexicon.json, manifest.json with the checksums of
                            them all; never changed once published
    originals/              the files that were read, named by their SHA-256, and a copy of each manifest
    reviews.nt              what people decided on pairs of indicators; outlives every generation
    cache/                  embeddings by model and text, shared by all generations; lost, it is made again

A writer builds in ``generations/building-…`` and publishes by two renames, so a build killed at any moment
leaves the old generation in force or the new one. Readers hold a shared lock on the generation they opened;
older generations are deleted only when nobody holds one. CURRENT vouches for the manifest, the manifest for every
file: what is damaged is said when it is opened, and never read.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kg.errors import KgError, StorageError
from kg.graph import checksums
from kg.graph.checksums import STAMPS, DamageError, faults, opened, sums, write_stamps
from kg.graph.manifest import FORMAT, OLDEST, Catalogue, Manifest, format_of
from kg.graph.originals import Originals

LEXICON = "lexicon.json"  # the names in the graph, for questions
INDEX = "index"  # passages by words and by meaning
DUPLICATES = "duplicates"  # scored pairs of indicators
MANIFEST = "manifest.json"
REMEDY = "请运行 kg build --rebuild 从保存的原件重建，或用 kg restore 从备份恢复"
POINTER_BYTES = 4096
NO_FILE = (errno.EINVAL, errno.EISDIR, errno.ELOOP)  # a folder, a pipe, a link to itself where a file should be
_POINTER = re.compile(r"(\d{6,})(?: ([0-9a-f]{64}))?\n?")  # without the hash before format 7
_COPY = re.compile(r"(\d{6,})\.([0-9a-f]{64})\.json")


class BusyError(KgError):
    """Another process writes to the data directory."""


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
        self.originals = Originals(root / "originals")

    def current(self) -> str | None:
        """Name of the generation in force, None where nothing was built yet."""
        pointer = self._pointer()
        return pointer.partition(" ")[0].strip() if pointer is not None else None

    def index(self) -> Path | None:
        """The folder of the index in force, None where nothing was built yet."""
        name = self.current()
        return self.generations / name / INDEX if name else None

    def _pointer(self) -> str | None:
        try:
            with opened(self.root / "CURRENT", POINTER_BYTES) as file:
                return file.read().decode("ascii", "replace")
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in NO_FILE:
                return ""  # which names nothing
            raise KgError(f"数据目录“{self.root}”无法读取：{error.strerror}") from None

    def open(self, *, checked: bool = True) -> Generation:
        """The generation in force. ``checked``: its files are compared with their sums, see ``checksums.faults``.

        Raises KgError where there is none or it was built by another version, DamageError where it is damaged.
        """
        while True:
            pointer = self._pointer()
            if pointer is None:
                raise StorageError(f"数据目录“{self.root}”里还没有图谱：请先运行 kg build")
            found = _POINTER.fullmatch(pointer)
            if not found:
                raise self.damage("CURRENT", "内容不是一代数据的名称")
            name, digest = found[1], found[2] or ""
            path = self.generations / name
            try:
                hold = opened(path / MANIFEST)
            except FileNotFoundError:
                if self._pointer() != pointer:
                    continue  # replaced and deleted between the two reads
                raise self.damage(f"generations/{name}/{MANIFEST}", "缺失") from None
            except OSError as error:
                if error.errno in NO_FILE:
                    raise self.damage(f"generations/{name}/{MANIFEST}", str(error.strerror)) from None
                raise KgError(f"数据目录“{self.root}”无法读取：{error.strerror}") from None
            try:
                fcntl.flock(hold, fcntl.LOCK_SH)
                manifest = self._manifest(hold.read(), name, digest)
                if checked:
                    for file, reason in faults(path, manifest.files, most=checksums.AT_ONCE):
                        raise self.damage(f"generations/{name}/{file}", reason)
            except OSError as error:
                hold.close()
                raise KgError(f"数据目录“{self.root}”无法读取：{error.strerror}") from None
            except KgError:
                hold.close()
                if self._pointer() != pointer:
                    continue  # it was being deleted
                raise
            return Generation(path, manifest, hold)

    def _manifest(self, text: bytes, name: str, digest: str) -> Manifest:
        known = format_of(text)
        if known and known < OLDEST and (not digest or hashlib.sha256(text).hexdigest() == digest):
            kept = self.originals.folder.is_dir()
            how = (
                "kg build --rebuild（从保存的原件重建）" if kept else "kg build 原来的文件或文件夹（旧版没有保存原件）"
            )
            raise KgError(f"数据目录“{self.root}”由旧版本建立（格式 {known}，现为 {FORMAT}）：请运行 {how}")
        if hashlib.sha256(text).hexdigest() != digest:
            raise self.damage(f"generations/{name}/{MANIFEST}", "内容与 CURRENT 所记不符")
        if known > FORMAT:
            raise KgError(f"数据目录“{self.root}”由更新的版本建立（格式 {known}，现为 {FORMAT}）：请升级本程序")
        return Manifest.parse(text)

    def damage(self, file: str, reason: str) -> DamageError:
        """One line that names the file, what is wrong with it, and what mends it."""
        return DamageError(f"数据目录“{self.root}”的 {file} 已损坏（{reason}）：{REMEDY}")

    def original_damage(self, name: str, digest: str, reason: str) -> DamageError:
        """The same for the original of a document."""
        return DamageError(
            f"数据目录“{self.root}”的 originals/{digest}（“{name}”的原件）已损坏（{reason}）："
            "请用 kg add 再次加入这份文件，或用 kg restore 从备份恢复"
        )

    def faults(self, generation: Generation, *, in_turn: bool = False) -> Iterator[DamageError]:
        """Every file of a generation that is not as it was published. Notes that those that are, are.

        All are read; ``in_turn``, so that the time does not grow with the data, those that were touched since they were
        last read, and some of the others each time.
        """
        files, compared = generation.manifest.files, set[str]()
        most = checksums.IN_TURN if in_turn else None
        whole = True
        for file, reason in faults(generation.path, files, most=most, longest_ago=in_turn, compared=compared):
            whole = False
            yield self.damage(f"generations/{generation.path.name}/{file}", reason)
        if whole:
            write_stamps(generation.path, files, compared)

    def copy_fault(self, path: Path) -> bool:
        """Whether a kept copy of a manifest is not what its name says."""
        found = _COPY.fullmatch(path.name)
        try:
            return not found or hashlib.sha256(path.read_bytes()).hexdigest() != found[2]
        except OSError:
            return True

    def catalogue(self) -> Catalogue:
        """The documents of the generation in force, or of the newest manifest that is whole, for a build from originals.

        Raises KgError where nothing says which documents there were.
        """
        pointer = _POINTER.fullmatch(self._pointer() or "")
        copies = [
            (bool(pointer and pointer[2] == found[2]), int(found[1]), path, found[2])
            for path in self.originals.folder.glob("*.json")
            if (found := _COPY.fullmatch(path.name))
        ]
        if pointer and pointer[2]:
            copies.append((True, int(pointer[1]), self.generations / pointer[1] / MANIFEST, pointer[2]))
        for _, _, path, digest in sorted(copies, reverse=True):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                text = path.read_bytes()
                if hashlib.sha256(text).hexdigest() == digest:
                    return Catalogue.parse(text)
        raise KgError(f"数据目录“{self.root}”里没有保存的原件：请运行 kg build 原来的文件或文件夹")

    @contextlib.contextmanager
    def writing(self) -> Iterator[Path]:
        """An empty folder for the next generation, held by the only writer; gone again if not published."""
        try:
            self.generations.mkdir(parents=True, exist_ok=True)
            lock = (self.root / "lock").open("w")
        except OSError as error:
            raise StorageError(
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
                raise StorageError(
                    f"写入数据目录“{self.root}”失败（{error.strerror or error}）：原有数据没有变化；请腾出空间或检查权限后再试"
                ) from error
            finally:
                shutil.rmtree(building, ignore_errors=True)

    def publish(self, building: Path, manifest: Manifest, before: Generation | None = None) -> str:
        """Put what was built in force, with its sums. Everything is on disk before CURRENT names it.

        ``before``: the generation, found whole and still held, that unchanged files are links to.
        """
        (building / STAMPS).unlink(missing_ok=True)
        (building / MANIFEST).unlink(missing_ok=True)
        manifest.files = sums(building, before.path, before.manifest.files) if before else sums(building)
        return self.switch(building, manifest.dump(), before)

    def switch(self, building: Path, text: bytes, before: Generation | None = None) -> str:
        """Put a folder in force whose files are those of the manifest ``text``; see publish."""
        digest = hashlib.sha256(text).hexdigest()
        (building / MANIFEST).write_bytes(text)
        with contextlib.suppress(ValueError, KeyError, TypeError):
            # What was just written is so; what are links was compared when the generation before was.
            write_stamps(
                building, Manifest.parse(text).files, None if before is None else (), before.path if before else None
            )
        for path in [*building.rglob("*"), building]:
            _sync(path)
        taken = [int(p.name) for p in self.generations.iterdir() if p.name.isdigit()]
        name = f"{max(taken, default=0) + 1:06d}"
        self.originals.keep(f"{name}.{digest}.json", text)
        _sync(self.originals.folder)
        building.rename(self.generations / name)
        _sync(self.generations)
        pointer = self.root / "CURRENT.new"
        pointer.write_text(f"{name} {digest}\n", "ascii")
        _sync(pointer)
        if (self.root / "CURRENT").is_dir():
            (self.root / "CURRENT").rename(self.generations / "building-CURRENT")  # a damaged one, swept below
        pointer.replace(self.root / "CURRENT")
        _sync(self.root)
        self._sweep()
        self._sweep_originals()
        return name

    def _sweep(self) -> None:
        """Delete what no reader can need: half-built folders, and generations not in force that nobody holds."""
        current = self.current()
        known = current is not None and (self.generations / current / MANIFEST).exists()
        for path in self.generations.iterdir():
            if path.name == current or (path.name.isdigit() and not known):
                continue  # where CURRENT is damaged, any may be the one that it named
            with contextlib.suppress(OSError):
                if path.name.isdigit() and (path / MANIFEST).exists():
                    with (path / MANIFEST).open("rb") as hold:
                        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        # Out of the way first: nobody can open what is being deleted.
                        path = path.rename(path.with_name(f"building-old-{path.name}"))
                        shutil.rmtree(path)
                else:
                    shutil.rmtree(path)

    def _sweep_originals(self) -> None:
        """Delete the originals of documents that no generation has."""
        wanted: set[str] = set()
        for path in self.generations.iterdir():
            try:
                text = (path / MANIFEST).read_bytes()
                wanted |= {digest for _, digest, _ in Catalogue.parse(text).documents}
            except (OSError, ValueError, KeyError, TypeError):
                return  # whose documents nobody knows
            wanted.add(f"{path.name}.{hashlib.sha256(text).hexdigest()}.json")
        self.originals.sweep(wanted)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
