"""Folders and archives: all that can be read is read, all else is named, and no file harms another."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import offices
import pytest
import tasks
from broken import BROKEN
from command import Run
from layout import HEADER, ROWS
from offices import C, rows

from kg.documents import read_record
from kg.errors import KgError
from kg.readers import Found, Item, Reader, ReadError, Source, sandbox


def project(name: str) -> offices.Page:
    head = [[C("项目名称"), C(name, 1, 4)], [C("绩效目标"), C("1.开展培训。", 1, 4)]]
    return [("2025年项目支出绩效目标表", [*head, *rows(HEADER, *ROWS)])]


def names(found: Found) -> list[str]:
    return ["/".join((item.path.name, *item.members)) for item in found.items]


def find(*paths: Path) -> Found:
    with Reader() as reader:
        return reader.find([*paths])


@pytest.fixture
def page(tmp_path: Path) -> Item:
    file = tmp_path / "a.html"
    file.write_bytes(offices.web(project("甲")))
    return Item(file)


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading process finds ``tasks``."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (tasks.hang, "读取超过 2 秒"),
        (tasks.grow, "过大"),
        (tasks.crash, "中断"),
        (tasks.call_out, "no network"),
        (tasks.write_out, "no writing"),
    ],
)
def test_a_file_whose_reading_goes_wrong_is_named_and_the_next_one_read(
    page: Item, monkeypatch: pytest.MonkeyPatch, task: Callable[[Source], None], words: str
) -> None:
    with Reader() as reader:
        with monkeypatch.context() as short:
            if task is tasks.hang:  # the others end by themselves, however busy the machine is
                short.setattr(sandbox, "SECONDS", 2.0)
            with pytest.raises(ReadError, match=rf"“a\.html”.*{words}"):
                reader.read(page, task)
        assert reader.read(page, tasks.name) == "a.html"


def test_what_a_reading_process_used_is_gone_afterwards(page: Item) -> None:
    with Reader() as reader:
        reader.read(page, tasks.name)
        process, scratch = reader.sandbox.process, reader.sandbox.scratch
        assert process
        assert scratch
    assert process.poll() is not None
    assert not scratch.exists()


def test_a_folder_gives_its_documents_in_order_and_names_what_is_of_another_kind(tmp_path: Path) -> None:
    for name in ("b/2.DOCX", "a.txt", "~$a.docx", ".DS_Store", "b/.hidden/c.xlsx", "notes.py", "scan.png", "Thumbs.db"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = find(tmp_path)
    assert names(found) == ["a.txt", "2.DOCX", "scan.png"]
    assert [Path(p).name for p in found.skipped] == ["notes.py"]


def test_a_path_that_is_missing_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    found = find(tmp_path / "nowhere", tmp_path / "a.txt")
    assert (names(found), len(found.failures)) == (["a.txt"], 1)
    assert "找不到" in found.failures[0]


def test_an_archive_is_read_like_a_folder_one_inside_another(tmp_path: Path) -> None:
    inner = offices.archive({"内/乙.csv": offices.separated(project("乙")), "深.zip": offices.archive({"x.txt": "x"})})
    outer = offices.archive({
        "甲.html": offices.web(project("甲")), "内.zip": inner, "__MACOSX/._甲.html": "x", "../../逃.html": offices.web(project("逃")),
        "扫描.png": BROKEN["scan.png"][0], "说明.py": "x",
    })  # fmt: skip
    (tmp_path / "打包.zip").write_bytes(outer)
    found = find(tmp_path / "打包.zip")
    assert sorted(names(found)) == sorted([
        "打包.zip/../../逃.html", "打包.zip/内.zip/内/乙.csv", "打包.zip/内.zip/深.zip", "打包.zip/扫描.png", "打包.zip/甲.html"
    ])  # fmt: skip
    with Reader() as reader:
        read = {
            item.members[-1]: reader.read(item, tasks.name)
            for item in found.items
            if item.members[-1].endswith(("html", "csv"))
        }
        assert read == {"../../逃.html": "逃.html", "内/乙.csv": "乙.csv", "甲.html": "甲.html"}
        with pytest.raises(ReadError, match=r"“打包\.zip”里的“扫描\.png”是图片"):
            reader.read(next(i for i in found.items if i.members[-1] == "扫描.png"), tasks.name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["打包.zip"]


def test_names_in_an_archive_may_be_in_a_chinese_code_page(tmp_path: Path) -> None:
    data = offices.archive({"XXXX.csv": offices.separated(project("甲"))}).replace(b"XXXX", "绩效".encode("gb18030"))
    (tmp_path / "a.zip").write_bytes(data)
    assert names(find(tmp_path / "a.zip")) == ["a.zip/绩效.csv"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + bytes(40), "已损坏"), (offices.archive({}), "空的压缩包"), (b"", "已损坏"),
        (offices.archive({f"{n}.txt": "" for n in range(20_001)}), "超过 20000 个"),
    ],
    ids=["damaged", "empty", "no bytes", "too many"],
)  # fmt: skip
def test_an_archive_that_cannot_be_opened_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    (failure,) = find(tmp_path / "a.zip").failures
    assert failure.startswith("“a.zip”")
    assert words in failure


def test_of_200_mixed_files_180_are_read_and_20_named(tmp_path: Path) -> None:
    folder = tmp_path / "表"
    folder.mkdir()
    assert len(BROKEN) == 20
    for name, (content, _) in BROKEN.items():
        (folder / name).write_bytes(content)
    formats = offices.MERGING | offices.FLAT
    del formats["md"]  # not looked for in folders
    for number in range(180):
        form = [*formats][number % len(formats)]
        (folder / f"{number:03d}.{form}").write_bytes(formats[form](project(f"项目{number:03d}")))
    read, failures = 0, []
    with Reader() as reader:
        for item in reader.find([folder]).items:
            try:
                record = reader.read(item, partial(read_record, year=None))
            except KgError as error:
                failures.append(str(error))
            else:
                read += [len(p.indicators) for p in record.projects] == [len(ROWS)]
    assert read == 180
    assert [sum(failure.startswith(f"“{name}”") for failure in failures) for name in BROKEN] == [1] * 20
    assert len(failures) == 20


def test_the_command_tells_what_was_not_read_and_fails(kg_run: Run, tmp_path: Path) -> None:
    (tmp_path / "a-2025.docx").write_bytes(offices.docx(project("甲")))
    (tmp_path / "b.pdf").write_bytes(BROKEN["scan.pdf"][0])
    (tmp_path / "c.json").write_text("{}")
    done = kg_run("build", tmp_path, "--data", tmp_path / "data")
    assert done.returncode == 1
    assert done.stdout.endswith("共 1 份文档、1 个项目、5 个指标\n")
    assert "未读入：“b.pdf”第 1 页是图片或扫描件" in done.stderr
    assert "注意：跳过 1 个其他格式的文件" in done.stderr
    assert "Traceback" not in done.stderr
