"""Reading, mapping and embedding by processes of this machine and by workers of a Dask cluster: the same graph, quad for
quad, and the same index, though a worker is killed in the middle."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from command import Run, one_error
from engines import Dask, free_port
from layout import table, value_row, write

import kg
from kg import building
from kg.errors import KgError
from kg.graph import export
from kg.readers import Reader
from kg.workers import Document, Local

pytestmark = pytest.mark.skipif(not find_spec("distributed"), reason="没有装 distributed（可选组件 dask）")


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dozen documents: years of some projects, two forms of one, an archive, and two that cannot be read."""
    folder = tmp_path_factory.mktemp("documents")
    for number in range(20):
        rows = [value_row(f"≥{number + n}个") for n in range(3)]
        write(folder / f"{number:02d}-{2023 + number % 3}.txt", table(f"项目{number // 4}", rows=rows))
    inside = folder / "inside"
    inside.mkdir()
    write(inside / "压缩包里的-2025.txt", table("包里的项目"))
    shutil.make_archive(str(folder / "包"), "zip", inside)
    shutil.rmtree(inside)
    (folder / "没有表-2025.txt").write_text("这里没有表", "utf-8")
    (folder / "坏-2025.docx").write_bytes(b"PK\x03\x04 broken")
    return folder


@pytest.fixture(scope="module")
def local(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    data = tmp_path_factory.mktemp("local") / "data"
    return data, building.build(data, [documents]).failures


def vectors(data: Path) -> np.ndarray:
    import faiss

    with kg.open(data) as graph:
        file = faiss.read_index(str(graph.index.folder / "vectors.faiss"))
        return np.asarray(file.reconstruct_n(0, file.ntotal))


def equal(one: Path, other: Path) -> None:
    with kg.open(one) as first, kg.open(other) as second:
        for form in ("nquads", "csv"):
            assert export.render(first.store, form) == export.render(second.store, form)
        assert first.manifest.documents == second.manifest.documents
    assert np.allclose(vectors(one), vectors(other), atol=1e-6)


def test_a_worker_killed_in_the_middle_changes_nothing(
    documents: Path, local: tuple[Path, list[str]], tmp_path: Path, kg_run: Run
) -> None:
    data = tmp_path / "data"
    killed: list[int] = []
    steps: set[str] = set()
    with Dask(tmp_path) as cluster:

        def report(stage: str, done: int, total: int) -> None:
            steps.add(stage)
            if stage == "读取" and done >= 4 and not killed:
                assert done < total - 4
                cluster.kill(0)
                killed.append(done)

        outcome = building.build(data, [documents], on=cluster.url, report=report)
        assert killed
        assert steps >= {"读取", "建图", "向量化"}
        equal(data, local[0])
        assert outcome.failures == local[1]
        assert len(outcome.failures) == 2
        more = write(tmp_path / "more-2024.txt", table("项目0", rows=[value_row("≥7个")]))
        done = kg_run("add", more, "--data", data, "--on", cluster.url)
        assert done.returncode == 0, done.stderr
        with kg.open(data) as graph:
            assert len(graph.manifest.documents) == 22
        cluster.kill(1)
        one_error(kg_run("build", documents, "--data", tmp_path / "none", "--on", cluster.url), "没有工作进程")


def test_several_local_readers_give_what_one_gives(documents: Path) -> None:
    with Reader() as reader:
        found = [Document(item, None) for item in reader.find([documents]).items]
        one = list(Local(1).read(found, reader))
        several = list(Local(2).read(found, reader))
    assert len(one) == 23
    assert several == one


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{}", "nonsense"])
def test_a_scheduler_that_is_not_there_is_one_line(address: str, tmp_path: Path) -> None:
    with pytest.raises(KgError, match="连不上"):
        building.build(tmp_path / "data", on=address.format(free_port()))
    assert not (tmp_path / "data").exists()
