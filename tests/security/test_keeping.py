"""Backups, kills, two writers and full disks: nothing is lost, and what is said is one line."""

from __future__ import annotations

import random
import shutil
import signal
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from layout import table, value_row, write
from warm import Warm

import kg
from kg import building
from kg.errors import KgError
from kg.graph.generations import DataDirectory
from kg.graph.review import ACCEPTED, REJECTED, Reviews, reviewed
from kg.keeping.backup import INDEX, backup, restore
from kg.keeping.verify import verify

SEED = 20251126


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with Warm() as server:
        yield server


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("documents")
    one = write(folder / "one-2025.txt", table("甲项目", rows=[value_row(f"≥{n}个") for n in range(12)]))
    two = write(folder / "two-2024.txt", table("乙项目"), table("丙项目", number=2))
    return one, two


@pytest.fixture(scope="module")
def built(documents: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first document; the embeddings of both are at hand. Not to be changed."""
    data = tmp_path_factory.mktemp("built") / "data"
    building.build(data, documents)
    building.build(data, documents[:1])
    return data


@pytest.fixture
def data(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "data")


def state(data: Path) -> str:
    """What is in force, and that it is whole."""
    assert verify(data).faults == []
    with kg.open(data) as graph:
        quads = sorted(map(str, graph.store.named_quads()))
        for entry in graph.manifest.documents:
            graph.original(entry.name)
        passages = [graph.index.passage(n).text for n in range(graph.index.size)]
        return repr((graph.manifest.documents, quads, passages))


# -- backup and restore -----------------------------------------------------------------------------------


def test_a_backup_restores_everything_elsewhere_and_over_something_else(
    data: Path, documents: tuple[Path, Path], tmp_path: Path
) -> None:
    Reviews(data).add([reviewed("a:1", "a:2", ACCEPTED, at="2025-01-01")])
    before = state(data)
    backup(data, tmp_path / "b.zip")
    restore(tmp_path / "elsewhere", tmp_path / "b.zip")
    assert state(tmp_path / "elsewhere") == before
    assert [r.decision for r in Reviews(tmp_path / "elsewhere").all()] == [ACCEPTED]
    building.add(data, documents)
    Reviews(data).add([reviewed("a:1", "a:3", REJECTED, at="2025-02-01")])
    assert state(data) != before
    with kg.open(data) as held:
        restore(data, tmp_path / "b.zip")
        assert len(held.manifest.documents) == 2  # who reads goes on reading
        assert held.store.select("SELECT (COUNT(*) AS ?n) WHERE { ?p a jx:Project }") == [{"n": 3}]
    assert state(data) == before
    assert {r.two for r in Reviews(data).all()} == {"a:2", "a:3"}  # decisions are kept, whenever they were taken
    assert [d.name for d in building.rebuild(data).documents] == [documents[0].name]


def test_a_damaged_backup_is_refused_and_changes_nothing(data: Path, tmp_path: Path) -> None:
    backup(data, tmp_path / "b.zip")
    whole = (tmp_path / "b.zip").read_bytes()
    before, chance = state(data), random.Random(SEED)
    bad = tmp_path / "bad.zip"
    for n in range(24):
        content = bytearray(whole)
        if n % 4:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        else:
            del content[chance.randrange(len(content)) :]
        bad.write_bytes(content)
        try:
            restore(data, bad)
        except KgError as error:
            assert "bad.zip" in str(error)
            assert "\n" not in str(error)
            continue
        assert state(data) == before, n  # a bit that nothing reads (a date in the zip's directory)
    assert state(data) == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("generation/../../evil", b"x"),
        ("originals/../x", b"x"),
        ("/etc/evil", b"x"),
        ("generation/a\\b", b"x"),
        ("other.txt", b"x"),
    ],
)
def test_a_backup_cannot_write_elsewhere(data: Path, tmp_path: Path, name: str, content: bytes) -> None:
    import hashlib
    import json

    backup(data, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as old, zipfile.ZipFile(tmp_path / "evil.zip", "w") as new:
        index = json.loads(old.read(INDEX))
        for member in old.namelist():
            if member != INDEX:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
        index["files"][name] = [len(content), hashlib.sha256(content).hexdigest()]
        new.writestr(INDEX, json.dumps(index))
    before = DataDirectory(data).current()
    with pytest.raises(KgError, match="不该有的"):
        restore(data, tmp_path / "evil.zip")
    assert DataDirectory(data).current() == before


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_backup_is_refused(data: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(KgError, match=r"b\.zip"):
        restore(data, tmp_path / "b.zip")
    with pytest.raises(KgError, match=r"missing\.zip"):
        restore(data, tmp_path / "missing.zip")
    with pytest.raises(KgError, match="无法写入备份"):
        backup(data, tmp_path / "missing" / "b.zip")


# -- kills ------------------------------------------------------------------------------------------------


def changes(documents: tuple[Path, Path], archive: Path, data: Path) -> dict[str, tuple[object, ...]]:
    """Commands that change ``data``, but for the backup, each with its arguments."""
    return {
        "add": ("add", documents[1], "--data", data),
        "remove": ("remove", documents[0].name, "--data", data),
        "rebuild": ("build", "--rebuild", documents[1], "--data", data),
        "restore": ("restore", archive, "--data", data),
        "backup": ("backup", archive.with_name("new.zip"), "--data", data),
    }


@pytest.fixture(scope="module")
def archive(built: Path, documents: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of both documents."""
    folder = tmp_path_factory.mktemp("archive")
    data = shutil.copytree(built, folder / "data")
    building.add(data, documents)
    backup(data, folder / "b.zip")
    return folder / "b.zip"


@pytest.mark.parametrize("command", ["add", "remove", "rebuild", "restore", "backup"])
def test_a_command_killed_at_any_moment_leaves_the_old_state_or_the_new(
    warm: Warm, built: Path, documents: tuple[Path, Path], archive: Path, tmp_path: Path, command: str
) -> None:
    old = state(built)
    copy = shutil.copytree(built, tmp_path / "whole")
    began = time.monotonic()
    assert warm.wait(warm.start(*changes(documents, archive, copy)[command])) == 0
    duration, new = time.monotonic() - began, state(copy)
    assert (new == old) == (command == "backup")
    chance = random.Random(f"{SEED}{command}")
    for n in range(2):
        data = shutil.copytree(built, tmp_path / f"kill{n}")
        pid = warm.start(*changes(documents, archive, data)[command])
        time.sleep(chance.uniform(0.2, 1) * duration)
        ended = warm.kill(pid)
        assert ended in (0, -signal.SIGKILL)
        assert state(data) in ((new,) if ended == 0 else (old, new))
        if n == 0:
            assert warm.wait(warm.start(*changes(documents, archive, data)[command])) in (0, 1)  # 1: removed already
            assert state(data) == new
        shutil.rmtree(data)


def test_of_two_writers_one_is_refused_and_both_states_are_whole(
    warm: Warm, data: Path, documents: tuple[Path, Path], archive: Path, tmp_path: Path
) -> None:
    for first, second in (("add", "restore"), ("restore", "rebuild"), ("rebuild", "add")):
        outputs = [tmp_path / "first", tmp_path / "second"]
        commands = [changes(documents, archive, data)[name] for name in (first, second)]
        pids = [warm.start(*args, output=out) for args, out in zip(commands, outputs, strict=True)]
        ends = [warm.wait(pid) for pid in pids]
        for code, out in zip(ends, outputs, strict=True):
            assert code in (0, 1)
            said = out.read_text("utf-8").splitlines()
            assert code == 0 or any(w in said[-1] for w in ("正被另一个 kg 进程写入", "刚被另一个 kg 进程改动")), said
        assert 0 in ends
        state(data)


# -- full disks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["build", "add", "remove", "rebuild", "restore", "backup"])
def test_a_full_disk_at_any_step_is_one_line_and_nothing_is_lost(
    warm: Warm, built: Path, documents: tuple[Path, Path], archive: Path, tmp_path: Path, command: str
) -> None:
    data = shutil.copytree(built, tmp_path / "data")
    old = state(data)
    args = {**changes(documents, archive, data), "build": ("build", "--yes", documents[1], "--data", data)}[command]
    for size in (1000, 200_000):  # what is printed goes to a file, too
        out = tmp_path / "out"
        pid = warm.start(*args, output=tmp_path / "out", file_size=size)
        code, said = warm.wait(pid), out.read_text("utf-8", "replace")
        assert code == 1, (size, said)
        assert said.splitlines()[-1].startswith("错误："), (size, said)
        assert "Traceback" not in said
        assert state(data) == old
    assert warm.run(*args, output=tmp_path / "out")[0] == 0


def test_a_read_only_directory_is_searched(data: Path, documents: tuple[Path, Path], tmp_path: Path) -> None:
    """Links into a folder nobody may write: what root would be let to do, the links' count of files shows."""
    before = sorted((p.as_posix(), p.stat().st_mtime_ns) for p in data.rglob("*"))
    with kg.open(data) as graph:
        assert graph.search("甲项目", 3)
        assert graph.ask("有哪些项目").answers
        assert graph.store.select("SELECT (COUNT(*) AS ?n) WHERE { ?p a jx:Project }") == [{"n": 1}]
    assert sorted((p.as_posix(), p.stat().st_mtime_ns) for p in data.rglob("*")) == before


def test_a_graph_that_is_open_outlives_its_directory(data: Path) -> None:
    with kg.open(data) as graph:
        asked = graph.ask("甲项目的预算是多少").json()
        first = graph.search("甲项目", 3)
        shutil.rmtree(data)
        assert graph.search("甲项目", 3) == first
        assert graph.ask("甲项目的预算是多少").json() == asked
    with pytest.raises(KgError, match="还没有图谱"):
        kg.open(data)
