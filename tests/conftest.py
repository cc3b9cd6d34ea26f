"""What all tests share: the command in a process, the sample built once, an encoder that costs nothing."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import SECOND, Run, run_kg
from hypothesis import settings
from service import Server

import kg
from kg.knowledge import KnowledgeGraph


@pytest.fixture(scope="session")
def kg_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """``kg_run(*args, cwd, env, stdin)``: the command in a real process, in an empty directory."""
    empty = tmp_path_factory.mktemp("cwd")

    def run(*args: str | Path, cwd: Path = empty, **options: Any) -> subprocess.CompletedProcess[Any]:
        return run_kg(*args, cwd=cwd, **options)

    return run


# No deadline: the first example pays for what is cached. One set of examples, always the same, so that a run says
# whether the change is good and not whether luck found an old defect; `make fuzz` looks for those.
settings.register_profile("kg", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("KG_HYPOTHESIS", "kg"))


def shared(factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of one run see."""
    base = factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped sample, built by ``kg build`` once for all workers. Not to be changed."""
    folder = shared(tmp_path_factory) / "sample-data"
    with (folder.parent / "sample-data.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "CURRENT").exists():
            done = run_kg("build", "--data", folder)
            assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def sample(sample_data: Path) -> Iterator[KnowledgeGraph]:
    """The sample's graph and index, opened."""
    with kg.open(sample_data) as graph:
        yield graph


@pytest.fixture
def warm_data(sample_data: Path, tmp_path: Path) -> Path:
    """An empty data directory that has the sample's embeddings at hand, so building it takes a second."""
    data = tmp_path / "data"
    shutil.copytree(sample_data / "cache", data / "cache")
    return data


class FakeEncoder:
    """Unit vectors from hashes. Counts what it is asked to embed."""

    dimension = 16

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.seen: list[str] = []

    def passages(self, texts: Sequence[str]) -> Any:
        self.seen += texts
        return np.stack([self._vector(text) for text in texts])

    def query(self, text: str) -> Any:
        return self._vector(text)

    def _vector(self, text: str) -> Any:
        seed = int.from_bytes(hashlib.sha256(f"{self.name}\0{text}".encode()).digest()[:8])
        vector = np.random.default_rng(seed).standard_normal(self.dimension).astype(np.float32)
        return vector / np.linalg.norm(vector)


@contextmanager
def small(data: Path, documents: Sequence[Path]) -> Iterator[KnowledgeGraph]:
    """The graph of a few small documents, built and asked with an encoder that costs nothing."""
    encoder = FakeEncoder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.building.load_encoder", lambda _: encoder)
        kg.build(data, documents)
    with kg.open(data) as graph:
        graph.index.encoder = encoder
        yield graph


@pytest.fixture
def fake_encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    """Builds and searches of this process embed by hashes."""
    encoder = FakeEncoder()
    monkeypatch.setattr("kg.building.load_encoder", lambda _: encoder)
    monkeypatch.setattr("index.search.load_encoder", lambda _: encoder)
    return encoder


@pytest.fixture(scope="session")
def server(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """``kg serve`` over the shipped sample. Its data is not to be changed."""
    with Server(sample_data, log=tmp_path_factory.mktemp("server") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def sample_and_more(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample that has the embeddings of a second document at hand, so adding it takes a moment."""
    folder = shared(tmp_path_factory) / "sample-and-more"
    with (folder.parent / "sample-and-more.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.copytree(sample_data, folder.with_name("making"))
            for command in ("add", "remove"):
                done = run_kg(
                    command, SECOND if command == "add" else SECOND.name, "--data", folder.with_name("making")
                )
                assert done.returncode == 0, done.stderr
            folder.with_name("making").rename(folder)
    return folder


@pytest.fixture
def own_server(sample_and_more: Path, tmp_path: Path) -> Iterator[Server]:
    """``kg serve`` over a copy of the sample, to be changed."""
    data = tmp_path / "data"
    shutil.copytree(sample_and_more, data)
    with Server(data, log=tmp_path / "log") as running:
        yield running


@pytest.fixture(scope="session")
def own_server_kept(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """``kg serve`` over a copy of the sample, for what is to be refused."""
    folder = tmp_path_factory.mktemp("kept")
    shutil.copytree(sample_data, folder / "data")
    with Server(folder / "data", log=folder / "log") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A running Chromium."""
    from browsing import CHROMIUM
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def visit(browser: Any, server: Server, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A browser's visit, in a window of the size that is the fixture's parameter."""
    from browsing import Visit

    visiting = Visit(browser, server, request.param)
    yield visiting
    visiting.close()
