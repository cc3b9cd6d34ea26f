"""The service on a disk that fails under it: answers or says why, and never a plain 500."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from layout import table, write
from service import AS_WRITER, Server

from kg import building
from kg.graph.generations import DataDirectory
from kg.service.problems import MEDIA_TYPE, of_os_error


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    building.build(folder / "data", [write(folder / "one-2025.txt", table("甲项目"))])
    return folder / "data"


@pytest.fixture
def server(built: Path, tmp_path: Path) -> Iterator[Server]:
    with Server(shutil.copytree(built, tmp_path / "data"), log=tmp_path / "log") as running:
        yield running


def upload(server: Server) -> tuple[int, str, str]:
    done = server.post("/api/documents", files={"files": ("two-2024.txt", table("甲项目").encode())}, headers=AS_WRITER)
    body = done.json() if done.headers["content-type"].startswith(MEDIA_TYPE) else {}
    return done.status_code, done.headers["content-type"], body.get("detail", "")


def test_a_directory_that_goes_away_is_served_from_what_is_open(server: Server, tmp_path: Path) -> None:
    asked = {"question": "甲项目的预算是多少"}
    before = server.post("/api/ask", json=asked).json()
    server.data.rename(tmp_path / "elsewhere")
    time.sleep(1.5)
    after = server.post("/api/ask", json=asked)
    assert (after.status_code, after.json()["answers"]) == (200, before["answers"])
    assert server.sparql("ASK { ?p a jx:Project }").json()["boolean"] is True
    for _ in range(2):
        status, kind, detail = upload(server)
        assert (status, kind) == (507, MEDIA_TYPE)
        assert "数据目录" in detail
    for path in ("/api/duplicates", "/api/check", "/api/documents", "/api/export?format=csv", "/api/reviews"):
        assert server.get(path).status_code in (200, 404, 503, 507), path
    (tmp_path / "elsewhere").rename(server.data)
    assert upload(server)[0] == 200


def test_files_damaged_while_serving_are_seen_and_a_rebuild_mends_them(built: Path, tmp_path: Path) -> None:
    data = shutil.copytree(built, tmp_path / "data")
    name = str(DataDirectory(data).current())
    file = max((data / "generations" / name / "graph").glob("*.sst"), key=lambda p: p.stat().st_size)
    status, content = file.stat(), bytearray(file.read_bytes())
    running = Server(data, log=tmp_path / "log")
    running.environment["KG_COMPARE_SECONDS"] = "1"
    with running as server:
        assert server.post("/api/ask", json={"question": "有哪些项目"}).status_code == 200
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
        until = time.monotonic() + 30
        while (done := server.post("/api/ask", json={"question": "有哪些项目"})).status_code != 503:
            assert time.monotonic() < until
            time.sleep(0.2)
        assert file.name in done.json()["detail"]
        assert "kg build --rebuild" in done.json()["detail"]
        building.rebuild(data)
        while (done := server.post("/api/ask", json={"question": "有哪些项目"})).status_code == 503:
            assert time.monotonic() < until + 30
            time.sleep(0.2)
        assert (done.status_code, len(done.json()["answers"])) == (200, 1)


@pytest.mark.parametrize(
    ("number", "status", "words"),
    [
        (errno.ENOSPC, 507, "腾出空间"), (errno.EDQUOT, 507, "腾出空间"), (errno.EFBIG, 507, "腾出空间"),
        (errno.EROFS, 507, "权限"), (errno.EACCES, 507, "权限"), (errno.ENOENT, 507, "不在了"), (errno.EMFILE, 503, "资源"),
    ],
)  # fmt: skip
def test_each_way_a_disk_refuses_has_its_words(number: int, status: int, words: str) -> None:
    problem = of_os_error(OSError(number, os.strerror(number)))
    assert problem.status == status
    assert words in problem.detail
