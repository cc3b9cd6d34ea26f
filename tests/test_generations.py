"""A data directory is always whole: through kills at any moment, readers during builds, second writers."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from command import Run, one_error
from layout import Row, table, value_row, write
from warm import Warm

import kg
from index.duplicates.found import Found
from kg import building
from kg.errors import KgError
from kg.graph import ledger
from kg.graph.checksums import STAMPS
from kg.graph.generations import LEXICON, DataDirectory
from kg.graph.store import Store

KILLS = 20
SEED = 20251231


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with Warm() as server:
        yield server


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two documents with nothing in common but the department."""
    folder = tmp_path_factory.mktemp("documents")
    one = write(folder / "one-2025.txt", table("甲项目", rows=[value_row(f"≥{n}个") for n in range(12)]))
    two = write(folder / "two-2024.txt", table("乙项目"), table("丙项目", number=2))
    return one, two


@pytest.fixture
def data(sample_data: Path, tmp_path: Path, documents: tuple[Path, Path]) -> Path:
    """A data directory where embedding costs nothing: the texts of both documents are cached."""
    data = tmp_path / "data"
    shutil.copytree(sample_data / "cache", data / "cache")
    building.build(data, documents)
    return data


def state(data: Path) -> str:
    """All there is to see: documents, graph, index and names, of the generation in force."""
    generation = DataDirectory(data).open()
    with generation.hold:
        names = (generation.path / LEXICON).read_text("utf-8")
    with kg.open(data) as graph:
        if graph.manifest != generation.manifest:
            return state(data)  # another one came between
        inner = graph.store.inner
        graphs = sorted(g.value for g in inner.named_graphs())
        quads = [sorted_quads(graph.store, d.iri) for d in graph.manifest.documents]
        passages = [graph.index.passage(n) for n in range(graph.index.size)]
        found = graph.index.keyword("项目", 100)
        return repr((graph.manifest.documents, len(inner), graphs, quads, passages, found, names))


def sorted_quads(store: Store, graph: str) -> list[str]:
    return sorted(map(str, store.inner.quads_for_pattern(None, None, None, ox.NamedNode(graph))))


def states(data: Path, documents: tuple[Path, Path]) -> dict[str, str]:
    """What ``state`` is after building the one and the other."""
    found = {}
    for path in documents:
        building.build(data, [path])
        found[state(data)] = path.name
    assert len(found) == 2
    return found


def folders(data: Path) -> list[str]:
    return sorted(p.name for p in (data / "generations").iterdir())


def test_a_build_killed_at_any_moment_leaves_the_old_state_or_the_new(
    warm: Warm, data: Path, documents: tuple[Path, Path]
) -> None:
    valid = states(data, documents)
    began = time.monotonic()
    assert warm.wait(warm.start("build", "--yes", "--data", data, documents[0])) == 0
    duration = time.monotonic() - began
    moments = random.Random(SEED)
    ends: list[int] = []
    before = valid[state(data)]
    while ends.count(-signal.SIGKILL) < KILLS:
        n = len(ends)
        assert n < 5 * KILLS, "hardly any build could be killed before its end"
        delay = moments.uniform(0, duration)
        target = documents[0] if before == documents[1].name else documents[1]
        pid = warm.start("build", "--yes", "--data", data, target)
        time.sleep(delay)
        ends.append(warm.kill(pid))
        after = valid.get(state(data), "mixed")
        assert after in (before, target.name), f"kill {n} after {delay:.3f} s of {duration:.3f} s"
        if ends[-1] == 0:
            assert after == target.name
            duration *= 0.9  # builds are quicker than the one that was measured: they end before they are killed
        before = after
    assert warm.wait(warm.start("build", "--yes", "--data", data, documents[0])) == 0
    assert valid[state(data)] == documents[0].name
    assert len(folders(data)) == 1


@pytest.mark.parametrize("command", ["build", "add"])
def test_a_command_killed_before_any_step_leaves_the_old_state_or_the_new(
    warm: Warm, data: Path, documents: tuple[Path, Path], command: str, tmp_path: Path
) -> None:
    one, two = documents
    args: dict[str, tuple[object, ...]] = {
        "build": ("build", "--yes", two), "add": ("add", two),
    }  # fmt: skip
    building.build(data, [one])
    old = state(data)
    seen = []
    for step in range(1, 40):
        copy = shutil.copytree(data, tmp_path / f"step{step}")
        ended = warm.wait(warm.start(*args[command], "--data", copy, die_at=step))
        seen.append(state(copy))
        shutil.rmtree(copy)
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    assert ended == 0, "the command has more steps than this test expects"
    assert len(seen) > 5
    new = seen[-1]
    assert new != old
    assert seen == sorted(seen, key=[old, new].index), "the old state until the switch, then the new"


def test_readers_during_builds_see_one_state_or_the_other(warm: Warm, data: Path, documents: tuple[Path, Path]) -> None:
    valid = states(data, documents)
    seen: list[str | None] = []
    for n in range(40):  # builds, until enough was seen during them
        pid = warm.start("build", "--yes", "--data", data, documents[n % 2])
        while not warm.ended(pid):
            seen.append(valid.get(state(data)))
        assert warm.wait(pid) == 0
        if n >= 3 and len(seen) >= 8:
            break
    assert set(seen) == {path.name for path in documents}
    assert len(seen) >= 8


def test_a_reader_keeps_the_generation_it_opened_and_the_next_build_collects_it(
    data: Path, documents: tuple[Path, Path]
) -> None:
    building.build(data, [documents[0]])
    (held,) = folders(data)
    with kg.open(data) as graph:
        before = sorted(map(str, graph.store.named_quads()))
    with kg.open(data) as graph:
        for path in (documents[1], documents[0], documents[1]):
            building.build(data, [path])
            assert held in folders(data)
            assert len(folders(data)) == 2
        assert sorted(map(str, graph.store.named_quads())) == before
        assert graph.index.keyword("甲项目", 10)
        assert [d.name for d in graph.manifest.documents] == [documents[0].name]
    building.build(data, [documents[0]])
    assert len(folders(data)) == 1
    assert held not in folders(data)


def test_a_reader_in_another_process_keeps_its_generation(data: Path, documents: tuple[Path, Path]) -> None:
    building.build(data, [documents[0]])
    (held,) = folders(data)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        generation = DataDirectory(data).open()
        os.write(write_end, b"x")
        signal.pause()
        generation.close()
        os._exit(0)
    try:
        assert os.read(read_end, 1) == b"x"
        building.build(data, [documents[1]])
        assert held in folders(data)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(read_end)
        os.close(write_end)
    building.build(data, [documents[1]])  # the lock went with the process
    assert held not in folders(data)


def test_a_second_writer_is_refused(kg_run: Run, data: Path, documents: tuple[Path, Path]) -> None:
    building.build(data, [documents[0]])
    before = state(data)
    with DataDirectory(data).writing():
        for args in (("build", "--yes", documents[1]), ("add", documents[1]), ("remove", documents[0].name)):
            one_error(kg_run(*args, "--data", data), "正被另一个 kg 进程写入", str(data), "稍后再试")
        assert state(data) == before  # reading goes on
    assert kg_run("add", documents[1], "--data", data).returncode == 0


def test_a_build_that_fails_leaves_everything_as_it_was(
    data: Path, documents: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    building.build(data, [documents[0]])
    before, there = state(data), folders(data)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("index.words._write", fail)
    with pytest.raises(KgError, match="No space left"):
        building.build(data, [documents[1]])
    assert state(data) == before
    assert folders(data) == there


def test_what_a_killed_build_left_behind_is_swept_away(data: Path, documents: tuple[Path, Path]) -> None:
    building.build(data, [documents[0]])
    for name in ("building-99999", "building-old-000001", "000777"):
        (data / "generations" / name / "graph").mkdir(parents=True)
    (data / "generations" / "000777" / "manifest.json").write_text("{", "utf-8")
    building.build(data, [documents[1]])
    assert len(folders(data)) == 1
    assert folders(data)[0].isdigit()


@pytest.mark.parametrize("damage", ["generation gone", "manifest cut", "pointer to nothing", "pointer is a picture"])
def test_a_damaged_directory_is_one_clear_error_and_a_build_mends_it(
    data: Path, documents: tuple[Path, Path], damage: str
) -> None:
    building.build(data, [documents[0]])
    (name,) = folders(data)
    match damage:
        case "generation gone":
            shutil.rmtree(data / "generations" / name)
        case "manifest cut":
            (data / "generations" / name / "manifest.json").write_text('{"base"', "utf-8")
        case "pointer to nothing":
            (data / "CURRENT").write_text("", "ascii")
        case _:
            (data / "CURRENT").write_bytes(b"\x89PNG\xff")
    with pytest.raises(KgError, match="数据目录"):
        kg.open(data)
    building.build(data, [documents[1]])
    with kg.open(data) as graph:
        assert [d.name for d in graph.manifest.documents] == [documents[1].name]


def test_nothing_is_written_outside_the_data_directory(
    kg_run: Run, sample_data: Path, documents: tuple[Path, Path], tmp_path: Path
) -> None:
    places = {name: tmp_path / name for name in ("home", "tmp", "cwd", "xdg")}
    for place in places.values():
        place.mkdir()
    env = {
        "HOME": str(places["home"]), "TMPDIR": str(places["tmp"]), "XDG_CACHE_HOME": str(places["xdg"]),
        "XDG_CONFIG_HOME": str(places["xdg"]), "XDG_DATA_HOME": str(places["xdg"]),
    }  # fmt: skip
    data = tmp_path / "data"
    shutil.copytree(sample_data / "cache", data / "cache")
    for args in (
        ("build", *documents),
        ("ask", "有哪些项目"),
        ("search", "培训"),
        ("export", "--format", "xlsx"),
        ("query", "--list"),
        ("sparql", "ASK {}"),
        ("remove", documents[0].name),
    ):
        done = kg_run(*args, *(() if "--list" in args else ("--data", data)), cwd=places["cwd"], env=env, binary=True)
        assert done.returncode == 0, done.stderr
    assert {name: list(place.rglob("*")) for name, place in places.items()} == {name: [] for name in places}
    assert sorted(p.name for p in data.iterdir()) == ["CURRENT", "cache", "generations", "lock", "originals"]


def rows_of(year: int, field: str) -> list[Row]:
    """Rows that a later year says partly in other words and with other targets."""
    said = "参训" if year < 2025 else "参加培训"
    return [
        ("产出指标", "数量指标", f"{field}{said}人数", f"{said}的人数", f"≥{year - 1800}人"),
        ("", "数量指标", f"{field}班次", "培训班次", f"≥{year % 10}期"),
        ("", "时效指标", "培训完成时间", "培训完成时间", f"{year}年底前完成"),
        ("", "成本指标", "培训经费", f"{field}经费", "≤100万元"),
        ("满意度指标", "服务对象满意度指标", f"{said}人员满意度", "满意度", "≥90%"),
    ]


def everything(data: Path) -> dict[str, object]:
    """All that a generation says, but for the numbers of its files."""
    with kg.open(data) as graph:
        folder = data / "generations" / graph.generation
        found = Found.load(folder / "duplicates")
        arrays = [(p.ends.tolist(), p.features.tolist(), p.vetoes.tolist(), p.words) for p in (found.years, found.text)]
        return {
            "documents": graph.manifest.documents,
            "quads": sorted(map(str, graph.store.inner)),
            "passages": [graph.index.passage(n) for n in range(graph.index.size)],
            "found": (found.items, [item.cell for item in found.items], found.profile.tolist(), arrays),
            "names": (folder / "lexicon.json").read_text("utf-8"),
            "keywords": graph.index.keyword("培训", 100),
        }


@pytest.mark.usefixtures("fake_encoder")
def test_documents_that_come_and_go_leave_just_what_a_build_makes(tmp_path: Path) -> None:
    def document(year: int, field: str, budget: str = "100.00") -> Path:
        owner = f"36{len(field)}101天津市{field}局财务处"
        tables = (
            table(f"{field}{name}", rows_of(year, field), number=n, department=owner, budget=budget)
            for n, name in enumerate(("技能培训", "师资培训"), 1)
        )
        folder = tmp_path / budget
        folder.mkdir(exist_ok=True)
        return write(folder / f"{field}-{year}.txt", *tables)

    education = [document(year, "教育") for year in (2023, 2024, 2025)]
    health, changed = document(2025, "卫生"), document(2024, "教育", "80.00")
    building.build(tmp_path / "grown", [education[0], education[1]])
    building.add(tmp_path / "grown", [education[2], health])
    building.remove(tmp_path / "grown", [education[0].name])
    building.add(tmp_path / "grown", [changed])
    building.build(tmp_path / "built", [changed, education[2], health])
    assert everything(tmp_path / "grown") == everything(tmp_path / "built")


@pytest.mark.usefixtures("fake_encoder")
def test_a_document_added_writes_little_beside_what_stays(tmp_path: Path) -> None:
    files = [write(tmp_path / f"培训-{year}.txt", table(rows=rows_of(year, "培训"))) for year in (2024, 2025)]
    building.build(tmp_path / "data", files[:1])
    kept = DataDirectory(tmp_path / "data").open()
    building.add(tmp_path / "data", files[1:])
    new = DataDirectory(tmp_path / "data").open()
    graphs = [list((generation.path / "graph").glob("*.sst")) for generation in (kept, new)]
    before, after = ({file.stat().st_ino: file.stat().st_size for file in files} for files in graphs)
    linked = sum(before[inode] for inode in after.keys() & before.keys())
    assert linked > 0.5 * sum(before.values()), (before, after)
    kept.close()
    new.close()


@pytest.mark.usefixtures("fake_encoder")
@pytest.mark.parametrize("links", [True, False])
def test_what_was_published_is_never_written_to_again(
    tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names alike but for case and blanks are of different documents; on a disk without hard links files are copied."""
    if not links:
        monkeypatch.setattr("index.shelf.os.link", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "none")))
    names = ("A-2024.txt", "a-2024.txt", "a -2024.txt")
    files = [write(tmp_path / name, table(rows=rows_of(2024, f"培训{n}"))) for n, name in enumerate(names)]
    data = tmp_path / "data"
    building.build(data, files[:1])
    kept = DataDirectory(data).open()
    published = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in kept.path.rglob("*") if p.is_file()}
    del published[kept.path / STAMPS]  # a hint, put anew when the others were compared
    building.add(data, files[1:])
    building.remove(data, [files[0].name])
    building.add(data, files[:1])
    building.build(tmp_path / "built", files)
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in published} == published
    kept.close()
    assert everything(data) == everything(tmp_path / "built")
    for n, name in enumerate(names):
        assert f"培训{n}" in str(ledger.grids(DataDirectory(data).open().path, name)), name


@pytest.mark.usefixtures("fake_encoder")
@pytest.mark.parametrize("file", ["index/words.json", "index/documents.json", "duplicates", "ledger/tables.json"])
def test_a_rebuild_does_not_look_at_what_is_damaged(tmp_path: Path, file: str) -> None:
    data = tmp_path / "data"
    building.build(data, [write(tmp_path / "培训-2025.txt", table(rows=rows_of(2025, "培训")))])
    whole = everything(data)
    path = DataDirectory(data).open().path / file
    for damaged in path.rglob("*.json") if path.is_dir() else [path]:
        damaged.write_bytes(b"{\xff")
    building.rebuild(data)
    assert everything(data) == whole
