"""One file that holds all there is of a data directory, checked when it is written and when it is read.

A zip of ``manifest.json``, ``generation/…``, ``originals/…``, what people decided (``reviews.nt``, ``confirmations.nt``), and ``backup.json`` with the checksums of
them all. It is taken of one generation, held from deletion meanwhile: serving, building and adding go on.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kg.errors import KgError
from kg.graph import confirm, journal, review
from kg.graph.checksums import CHUNK, Sums
from kg.graph.generations import MANIFEST, DataDirectory
from kg.graph.manifest import Catalogue

JOURNALS = {review.FILE: "复核记录", confirm.FILE: "核对记录"}
SOURCES = confirm.SOURCES
INDEX = "backup.json"
VERSION = 1
_ORIGINAL = re.compile(r"originals/[0-9a-f]{64}")
_SOURCE = re.compile(rf"{SOURCES}/[0-9a-f]{{64}}\.json")
_DAMAGED = (zipfile.BadZipFile, EOFError, ValueError, KeyError, TypeError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a backup holds."""

    documents: int
    files: int
    size: int


def backup(data: Path, target: Path) -> Taken:
    """Write a backup to ``target``, in place of what is there only when it is whole and was read back.

    Raises KgError where the data is damaged or the file cannot be written.
    """
    directory = DataDirectory(data)
    generation = directory.open()
    new = target.with_name(f"{target.name}.new-{os.getpid()}")
    try:
        for entry in generation.manifest.documents:
            if fault := directory.originals.fault(entry.sha256):
                raise directory.original_damage(entry.name, entry.sha256, fault)
        wanted = {f"generation/{n}": (generation.path / n, d) for n, (_, d) in generation.manifest.files.items()}
        wanted |= {
            f"originals/{e.sha256}": (directory.originals.path(e.sha256), e.sha256)
            for e in generation.manifest.documents
        }
        wanted[MANIFEST] = (generation.path / MANIFEST, "")
        extra = [*JOURNALS, *(f"{SOURCES}/{e.sha256}.json" for e in generation.manifest.documents)]
        wanted |= {name: (data / name, "") for name in extra if (data / name).exists()}
        with new.open("w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                sums: Sums = {}
                for name, (path, digest) in wanted.items():
                    sums[name] = _put(archive, name, path)
                    if digest and sums[name][1] != digest:
                        raise directory.damage(path.relative_to(data).as_posix(), "内容与所记不符")
                archive.writestr(INDEX, json.dumps({"version": VERSION, "files": sums}, ensure_ascii=False))
            file.flush()
            os.fsync(file.fileno())
        with _opened(new, target) as archive:
            for name, expected in sums.items():
                _copy(archive, name, None, expected, target)
        new.replace(target)
    except FileNotFoundError as error:
        if error.filename and Path(error.filename).is_relative_to(data):
            raise directory.damage(Path(error.filename).relative_to(data).as_posix(), "缺失") from None
        raise KgError(f"无法写入备份“{target}”：{error.strerror}") from None
    except OSError as error:
        raise KgError(f"无法写入备份“{target}”：{error.strerror or error}") from None
    finally:
        generation.close()
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
    return Taken(len(generation.manifest.documents), len(sums), sum(size for size, _ in sums.values()))


def restore(data: Path, source: Path) -> Taken:
    """Put what a backup holds in force, in place of the graph there is; decisions of reviewers are joined.

    Everything is compared with its checksum before anything changes. Raises KgError.
    """
    with _opened(source, source) as archive:
        sums = _index(archive, source)
        directory = DataDirectory(data)
        with directory.writing() as building:
            for name, expected in sums.items():
                if name.startswith("generation/"):
                    path = building.joinpath(*name.split("/")[1:])
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("wb") as file:
                        _copy(archive, name, file, expected, source)
                elif name.startswith("originals/"):
                    directory.originals.keep(expected[1], _bytes(archive, name, expected, source))
            manifest = _bytes(archive, MANIFEST, sums[MANIFEST], source)
            try:
                documents = Catalogue.parse(manifest).documents
            except _DAMAGED:
                raise _damaged(source, MANIFEST) from None
            texts = {
                name: _bytes(archive, name, expected, source)
                for name, expected in sums.items()
                if name in JOURNALS or _SOURCE.fullmatch(name)
            }
            for name, text in texts.items():
                if name in JOURNALS:
                    journal.join(data / name, JOURNALS[name], text)
                else:
                    (data / SOURCES).mkdir(exist_ok=True)
                    new = data / f"{name}.new"
                    new.write_bytes(text)
                    new.replace(data / name)
            directory.switch(building, manifest)
    return Taken(len(documents), len(sums), sum(size for size, _ in sums.values()))


def _put(archive: zipfile.ZipFile, name: str, path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file, archive.open(name, "w", force_zip64=True) as member:
        while chunk := file.read(CHUNK):
            member.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


@contextlib.contextmanager
def _opened(path: Path, shown: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise KgError(f"无法读取备份“{shown}”：{error.strerror or error}") from None
    except _DAMAGED:
        raise KgError(f"“{shown}”不是 kg backup 写的文件，或已损坏：请换一份备份") from None
    with archive:
        yield archive


def _index(archive: zipfile.ZipFile, source: Path) -> Sums:
    try:
        index = json.loads(archive.read(INDEX))
        sums = {str(name): (int(size), str(digest)) for name, (size, digest) in index["files"].items()}
        version = int(index["version"])
    except (*_DAMAGED, OSError, AttributeError):
        raise KgError(f"“{source}”不是 kg backup 写的文件，或已损坏：请换一份备份") from None
    if version > VERSION:
        raise KgError(f"备份“{source}”由更新的版本写成：请升级本程序")
    for name, (_, digest) in sums.items():
        parts = name.split("/")
        inside = parts[0] == "generation" and len(parts) > 1 and not {"", ".", ".."} & {*parts} and "\\" not in name
        original = _ORIGINAL.fullmatch(name) and name.endswith(digest)
        if not (inside or original or name in (MANIFEST, *JOURNALS) or _SOURCE.fullmatch(name)):
            raise KgError(f"备份“{source}”里有不该有的“{name}”：请换一份备份")
    if MANIFEST not in sums:
        raise _damaged(source, MANIFEST)
    return sums


def _copy(
    archive: zipfile.ZipFile, name: str, target: IO[bytes] | None, expected: tuple[int, str], source: Path
) -> None:
    digest, size = hashlib.sha256(), 0
    try:
        member = archive.open(name)
    except (*_DAMAGED, OSError):
        raise _damaged(source, name) from None
    with member:
        while True:
            try:
                chunk = member.read(CHUNK)
            except (*_DAMAGED, OSError, zlib.error):
                raise _damaged(source, name) from None
            if not chunk:
                break
            size += len(chunk)
            if size > expected[0]:
                raise _damaged(source, name)
            digest.update(chunk)
            if target is not None:
                target.write(chunk)
    if (size, digest.hexdigest()) != expected:
        raise _damaged(source, name)


def _bytes(archive: zipfile.ZipFile, name: str, expected: tuple[int, str], source: Path) -> bytes:
    out = io.BytesIO()
    _copy(archive, name, out, expected, source)
    return out.getvalue()


def _damaged(source: Path, name: str) -> KgError:
    return KgError(f"备份“{source}”里的 {name} 已损坏：原有数据没有变化，请换一份备份")
