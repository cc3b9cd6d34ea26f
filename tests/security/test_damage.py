"""Every file of a data directory, damaged in every way: said in one line, never read, mended from the originals."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from command import Run, one_error
from layout import table, value_row, write
from warm import Warm

import kg
from index.encode import EmbeddingCache
from kg import building
from kg.errors import KgError
from kg.graph import checksums
from kg.graph.checksums import STAMPS, DamageError
from kg.graph.generations import DataDirectory
from kg.graph.manifest import FORMAT
from kg.keeping.verify import verify

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
SEED = 20251126


def flip(data: bytes) -> bytes:
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] if data else b""


WAYS: dict[str, Callable[[bytes], bytes | None]] = {
    "a bit flipped": flip,
    "cut in half": lambda data: data[: len(data) // 2],
    "emptied": lambda _: b"",
    "noise": lambda data: random.Random(SEED).randbytes(len(data)),
    "gone": lambda _: None,
}


def damaged(path: Path, way: str) -> bool:
    """Damage a file; False where that changes nothing (an empty one that is emptied)."""
    before = path.read_bytes()
    after = WAYS[way](before)
    path.unlink()
    if after is not None:
        path.write_bytes(after)
    return after != before


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with Warm() as server:
        yield server


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data directory. Not to be changed."""
    folder = tmp_path_factory.mktemp("built")
    one = write(folder / "one-2025.txt", table("甲项目", rows=[value_row(f"≥{n}个") for n in range(12)]))
    two = write(folder / "two-2024.txt", table("乙项目"), table("丙项目", number=2))
    building.build(folder / "data", [one, two])
    return folder / "data"


@pytest.fixture
def data(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "data")


def generation(data: Path) -> Path:
    return data / "generations" / str(DataDirectory(data).current())


def checked_files(data: Path) -> list[str]:
    """All that is vouched for, by path within the data directory."""
    folder = generation(data)
    found = [p.relative_to(data).as_posix() for p in sorted(folder.rglob("*")) if p.is_file() and p.name != STAMPS]
    return [*found, "CURRENT"]


def test_every_file_damaged_in_every_way_is_named_when_the_data_is_opened(built: Path, tmp_path: Path) -> None:
    data = shutil.copytree(built, tmp_path / "data")
    files = checked_files(data)
    assert len(files) > 35
    trials = 0
    for file in files:
        path = data / file
        whole, status = path.read_bytes(), path.stat()
        for way in WAYS:
            if damaged(path, way):
                trials += 1
                if file == "CURRENT" and way == "gone":
                    expected = "kg build"  # there is nothing then
                elif file == "CURRENT":
                    expected = "已损坏"
                else:
                    expected = file
                with pytest.raises(KgError) as caught:
                    kg.open(data)
                message = str(caught.value)
                assert expected in message, (file, way, message)
                assert "kg build" in message
                assert "\n" not in message
            path.write_bytes(whole)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert trials > 150
    kg.open(data).close()
    assert verify(data).faults == []


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def without_end(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(20 << 30)


NO_FILES: dict[str, Callable[[Path], object]] = {
    "a pipe": a_pipe,
    "20 GB of nothing": without_end,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("file", ["CURRENT", "reviews.nt", "confirmations.nt", "manifest.json", "offsets.npy"])
def test_what_is_no_file_is_neither_waited_for_nor_read(data: Path, fake_encoder: object, file: str) -> None:
    path = data / file if file in ("CURRENT", "reviews.nt", "confirmations.nt") else next(generation(data).rglob(file))
    for how, make in NO_FILES.items():
        if path.is_dir():
            path.rmdir()
        path.unlink(missing_ok=True)
        make(path)
        verdict = verify(data)
        assert [path.name in fault for fault in verdict.faults] == [True], (how, verdict.faults)
        if path.parent != data or file == "CURRENT":
            with pytest.raises(KgError, match=path.name):
                kg.open(data)
    if file == "CURRENT":
        building.rebuild(data)
        assert verify(data).faults == []


COMMANDS = [
    ("ask", "甲项目的预算是多少"),
    ("sparql", COUNT),
    ("search", "培训"),
    ("export", "--format", "csv"),
    ("check", "--json"),
    ("duplicates", "--json"),
    ("verify",),
    ("backup", "b.zip"),
    ("remove", "one-2025.txt"),
]


def test_commands_on_damaged_data_say_so_in_one_line_and_end(warm: Warm, built: Path, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    for number, (command, *rest) in enumerate(COMMANDS * 2):
        data = shutil.copytree(built, tmp_path / f"data{number}")
        file = chance.choice([f for f in checked_files(data) if f != "CURRENT" and (data / f).stat().st_size])
        way = chance.choice([*WAYS])
        assert damaged(data / file, way) or way == "emptied"
        rest = [str(tmp_path / part) if part.endswith(".zip") else part for part in rest]
        code, said = warm.run(command, *rest, "--data", data, output=tmp_path / "said")
        assert code == 1, (command, file, way, said)
        assert Path(file).name in said
        assert "kg build --rebuild" in said
        assert len(said.splitlines()) == 1, said
        if number % 2:
            continue
        code, said = warm.run("build", "--rebuild", "--data", data, output=tmp_path / "said")
        assert (code, said.splitlines()[-1]) == (0, f"已重建 {data}：共 2 份文档、3 个项目、22 个指标"), said
        assert verify(data).faults == []


def test_hints_may_be_damaged_without_harm(data: Path) -> None:
    for way in WAYS:
        damaged(generation(data) / STAMPS, way)
        kg.open(data).close()
        verify(data)
        assert (generation(data) / STAMPS).exists()


def test_of_a_big_file_a_touched_one_is_compared_at_once_and_any_by_verify(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksums, "AT_ONCE", 0)  # as if every file were beyond what is compared on each opening
    assert verify(data).faults == []  # a copy is another file than the one that was stamped: stamped again here
    path = max((generation(data) / "graph").glob("*.sst"), key=lambda p: p.stat().st_size)
    status = path.stat()
    whole = path.read_bytes()
    path.write_bytes(flip(whole))
    with pytest.raises(DamageError, match=path.name):
        kg.open(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # what a failing disk does
    kg.open(data).close()
    assert [path.name in fault for fault in verify(data).faults] == [True]


def test_what_is_damaged_is_not_added_to(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "AT_ONCE", 0)
    assert verify(data).faults == []
    path = max((generation(data) / "graph").glob("*.sst"), key=lambda p: p.stat().st_size)
    status = path.stat()
    path.write_bytes(flip(path.read_bytes()))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    before = DataDirectory(data).current()
    with pytest.raises(DamageError, match=path.name):
        building.add(data, [write(tmp_path / "more-2023.txt", table("丁项目"))])
    assert DataDirectory(data).current() == before


def test_files_that_nobody_touches_take_turns_to_be_compared_before_writing(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verify(data).faults == []
    folder, directory = generation(data), DataDirectory(data)
    files = sorted(folder.glob("graph/*.sst"), key=lambda p: p.stat().st_size)
    status = files[0].stat()
    files[0].write_bytes(flip(files[0].read_bytes()))
    os.utime(files[0], ns=(status.st_atime_ns, status.st_mtime_ns))
    size = sum(p.stat().st_size for p in folder.rglob("*"))
    monkeypatch.setattr(checksums, "IN_TURN", size // 3)
    found = 0
    for _ in range(6):
        with contextlib.closing(directory.open(checked=False)) as opened:
            found += [files[0].name in str(fault) for fault in directory.faults(opened, in_turn=True)] == [True]
    assert found >= 1, "all files come to their turn"
    with contextlib.closing(directory.open(checked=False)) as opened:
        assert next(directory.faults(opened)), "and all are read where that is asked"


@pytest.mark.parametrize("gone", ["CURRENT", "generations", "both copies but one"])
def test_a_rebuild_needs_nothing_but_the_originals(data: Path, gone: str) -> None:
    with kg.open(data) as graph:
        before = sorted(map(str, graph.store.named_quads()))
    if gone == "CURRENT":
        (data / "CURRENT").write_bytes(b"\xff\xfe")
    elif gone == "generations":
        shutil.rmtree(data / "generations")
    else:
        (generation(data) / "manifest.json").unlink()
    building.rebuild(data)
    with kg.open(data) as graph:
        assert sorted(map(str, graph.store.named_quads())) == before
    assert verify(data).faults == []


def test_the_original_of_a_document_is_the_file_that_was_read(data: Path, tmp_path: Path) -> None:
    with kg.open(data) as graph:
        entry = graph.manifest.documents[0]
        for known in (entry.name, entry.iri):
            assert "甲项目" in graph.original(known).read_text("utf-8")
        with pytest.raises(KgError, match="没有载入过"):
            graph.original("nothing.txt")
        graph.original(entry.name).write_text("other", "utf-8")
        with pytest.raises(DamageError, match=r"one-2025\.txt"):
            graph.original(entry.name)
    assert [entry.sha256 in fault for fault in verify(data).faults] == [True]
    with pytest.raises(KgError, match=r"原件不全.*one-2025\.txt"):
        building.rebuild(data)
    kg.open(data).close()  # nothing has changed
    again = write(tmp_path / "one-2025.txt", table("甲项目", rows=[value_row(f"≥{n}个") for n in range(12)]))
    assert not building.add(data, [again]).changed  # which puts the original back
    assert verify(data).faults == []
    building.rebuild(data)


def test_originals_come_from_inside_archives_and_go_with_their_documents(fake_encoder: object, tmp_path: Path) -> None:
    import zipfile

    name = "二〇二五年" + "绩效目标表" * 30 + "-2025.txt"  # longer than a file system takes
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(f"folder/{name}", table("甲项目"))
    data = tmp_path / "data"
    building.build(data, [tmp_path / "a.zip"])
    (tmp_path / "a.zip").unlink()
    with kg.open(data) as graph:
        assert graph.original(name).read_text("utf-8") == table("甲项目")
    assert [d.name for d in building.rebuild(data).documents] == [name]
    building.build(data, [write(tmp_path / "b-2025.txt", table("乙项目"))])
    assert len([p for p in (data / "originals").iterdir() if p.suffix != ".json"]) == 1


def test_data_of_an_older_format_is_rebuilt_from_its_originals(
    kg_run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("manifest", "generations"):
        monkeypatch.setattr(f"kg.graph.{module}.FORMAT", FORMAT + 1)
        monkeypatch.setattr(f"kg.graph.{module}.OLDEST", FORMAT + 1)
    with pytest.raises(KgError, match=r"旧版本建立.*kg build --rebuild"):
        kg.open(data)
    building.rebuild(data)
    kg.open(data).close()
    monkeypatch.undo()
    one_error(kg_run("ask", "有哪些项目", "--data", data), "更新的版本", "请升级")


def test_data_from_before_originals_were_kept_asks_for_the_files(data: Path) -> None:
    name = generation(data).name
    (data / "CURRENT").write_text(f"{name}\n", "ascii")
    (generation(data) / "manifest.json").write_text('{"format": 6, "documents": []}', "utf-8")
    shutil.rmtree(data / "originals")
    with pytest.raises(KgError, match=r"格式 6.*kg build 原来的文件"):
        kg.open(data)
    with pytest.raises(KgError, match=r"没有保存的原件.*kg build 原来的文件"):
        building.rebuild(data)


# -- caches -----------------------------------------------------------------------------------------------


class Counting:
    """An encoder of unit vectors that counts what it is asked."""

    name, dimension = "counting", 4

    def __init__(self, dimension: int = 4) -> None:
        self.dimension, self.seen = dimension, 0

    def passages(self, texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
        self.seen += len(texts)
        return np.eye(self.dimension, dtype=np.float32)[[len(t) % self.dimension for t in texts]]

    query = passages


TEXTS = ["一", "一二", "一二三", "一二三四五"]


def embedded(path: Path, encoder: Counting) -> np.ndarray:  # type: ignore[type-arg]
    cache = EmbeddingCache(path)
    try:
        return cache.embed("m", TEXTS, lambda: encoder)  # type: ignore[arg-type, return-value]
    finally:
        cache.close()


def wrong_table(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 2")
        db.execute("CREATE TABLE vectors (other TEXT)")


def flipped_vector(path: Path) -> None:
    with sqlite3.connect(path) as db:
        key, vector = db.execute("SELECT key, vector FROM vectors").fetchone()
        db.execute("UPDATE vectors SET vector = ? WHERE key = ?", (flip(vector), key))


def text_in_it(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("UPDATE vectors SET vector = 'text'")


CACHES: dict[str, Callable[[Path], object]] = {
    **{way: lambda path, way=way: damaged(path, way) for way in WAYS},  # type: ignore[misc]
    "noise after the head": lambda path: path.write_bytes(path.read_bytes()[:100] + os.urandom(4000)),
    "wrong table": wrong_table,
    "a vector flipped": flipped_vector,
    "text for vectors": text_in_it,
    "older version": lambda path: sqlite3.connect(path, isolation_level=None).execute("PRAGMA user_version = 1"),
}


@pytest.mark.parametrize("how", CACHES)
def test_a_damaged_cache_is_made_again(tmp_path: Path, how: str) -> None:
    path = tmp_path / "cache" / "embeddings.sqlite"
    expected = embedded(path, Counting())
    CACHES[how](path)
    assert np.array_equal(embedded(path, Counting()), expected)
    again = Counting()
    assert np.array_equal(embedded(path, again), expected)
    assert again.seen == 0  # kept once more


def test_a_cache_that_cannot_be_kept_is_done_without(tmp_path: Path) -> None:
    write(tmp_path / "file", "x")
    assert len(embedded(tmp_path / "file" / "cache.sqlite", Counting())) == 4
    (tmp_path / "folder.sqlite").mkdir()
    assert len(embedded(tmp_path / "folder.sqlite", Counting())) == 4


def test_a_model_that_has_changed_under_its_name_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "embeddings.sqlite"
    cache = EmbeddingCache(path)
    cache.embed("m", TEXTS[:2], lambda: Counting(4))  # type: ignore[arg-type, return-value]
    cache.close()
    assert embedded(path, Counting(6)).shape == (4, 6)
