"""Wrong input: exit 1, one line in Chinese that names file, place and remedy, and earlier data whole."""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command import Run, one_error
from layout import HEADER, ROWS, table, write

import kg
from kg import building
from kg.graph.generations import DataDirectory
from kg.graph.guard import QueryError, check_query
from kg.knowledge import KnowledgeGraph

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
WITHOUT_VALUES = [row[:4] for row in ROWS]

FILES: dict[str, tuple[bytes, list[str]]] = {
    "empty.txt": (b"", ["empty.txt", "空文件", "请确认导出"]),
    "blank.txt": (b" \n\t\n\r\n", ["blank.txt", "空文件"]),
    "picture.png": (PNG, ["picture.png", "图片或扫描件", "请提供"]),
    "picture.txt": (PNG, ["picture.txt", "图片或扫描件"]),
    "letter.txt": ("各位同事：\n附件请查收。\n".encode(), ["letter.txt", "没有表格", "制表符"]),
    "other.txt": (b"\tone\n\ttwo\n\n\tthree\n\tfour\n", ["other.txt", "没有绩效目标表", "项目名称"]),
    "noise.txt": (bytes(range(1, 256)), ["noise.txt"]),
    "encoding.txt": (b"\t\xff\xfe\xfa\x81\x20\n", ["encoding.txt", "编码", "UTF-8"]),
    "no-values.txt": (
        table("甲项目", rows=WITHOUT_VALUES, header=HEADER[:4]).encode(),  # type: ignore[arg-type]
        ["no-values.txt", "1.甲项目绩效目标表", "甲项目", "指标值", "请补上"],
    ),
    "no-project.txt": (
        table().replace("\t项目名称\n", "\t名目\n").encode(),
        ["no-project.txt", "1.技能培训绩效目标表", "项目名称", "请补上"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with one small document, put together once."""
    folder = tmp_path_factory.mktemp("good")
    building.build(folder / "data", [write(folder / "good-2025.txt", table())])
    return folder / "data"


@pytest.fixture
def data(good: Path, tmp_path: Path) -> Path:
    return shutil.copytree(good, tmp_path / "data")


def untouched(data: Path, before: str | None) -> bool:
    with kg.open(data) as graph:
        whole = graph.store.select("SELECT (COUNT(*) AS ?n) WHERE { ?i a jx:Indicator }") == [{"n": len(ROWS)}]
    return whole and DataDirectory(data).current() == before


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", [("build", "--yes"), ("add",)], ids=" ".join)
def test_a_file_that_cannot_be_read(
    kg_run: Run, data: Path, tmp_path: Path, command: tuple[str, ...], name: str
) -> None:
    content, words = FILES[name]
    (tmp_path / name).write_bytes(content)
    before = DataDirectory(data).current()
    one_error(kg_run(*command, tmp_path / name, "--data", data), *words)
    assert untouched(data, before)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nowhere/missing.txt", ["missing.txt", "找不到", "请检查路径"]),
        ("folder", ["folder", "没有可读的文件", ".txt"]),
        ("/dev/zero", ["/dev/zero", "不是普通文件"]),
    ],
)
def test_a_path_that_holds_nothing_to_read(
    kg_run: Run, data: Path, tmp_path: Path, path: str, words: list[str]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "paper.ofd").write_bytes(PNG)
    before = DataDirectory(data).current()
    for command in (("build", "--yes"), ("add",)):
        one_error(kg_run(*command, tmp_path / path, "--data", data), *words)
    assert untouched(data, before)


def test_a_bad_file_beside_a_good_one_is_told_and_the_good_one_read(kg_run: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(PNG)
    second = write(tmp_path / "second-2024.txt", table("乙项目"))
    done = kg_run("add", tmp_path / "picture.png", second, "--data", data)
    assert done.returncode == 1
    assert re.search(r"未读入：“picture\.png”是图片或扫描件", done.stderr)
    assert done.stdout == f"已加入 {data}：共 2 份文档、2 个项目、10 个指标\n"


def test_an_unknown_document_cannot_be_removed(kg_run: Run, data: Path) -> None:
    before = DataDirectory(data).current()
    one_error(kg_run("remove", "nothing.txt", "--data", data), "nothing.txt", "good-2025.txt")
    assert untouched(data, before)


def below_a_file(tmp_path: Path) -> Path:
    return write(tmp_path / "file", "x") / "data"


def is_a_file(tmp_path: Path) -> Path:
    return write(tmp_path / "file", "x")


def read_only(tmp_path: Path) -> Path:
    (tmp_path / "locked").mkdir(mode=0o500)
    return tmp_path / "locked" / "data"


@pytest.mark.parametrize(
    "place",
    [
        below_a_file,
        is_a_file,
        pytest.param(read_only, marks=pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")),
    ],
)
def test_a_data_directory_that_cannot_be_written(kg_run: Run, tmp_path: Path, place: Callable[[Path], Path]) -> None:
    target = place(tmp_path)
    document = write(tmp_path / "good-2025.txt", table())
    one_error(kg_run("build", document, "--data", target), str(target), "不能写入", "--data")
    one_error(kg_run("add", document, "--data", target), str(target))
    one_error(kg_run("ask", "有哪些项目", "--data", target), str(target))


def test_a_model_that_cannot_be_loaded_is_told_before_anything_is_built(
    kg_run: Run, data: Path, tmp_path: Path
) -> None:
    before = DataDirectory(data).current()
    document = write(tmp_path / "second-2024.txt", table("乙项目"))
    env = {"HF_HUB_OFFLINE": "1"}
    done = kg_run("build", "--yes", document, "--model", tmp_path / "no-model", "--data", data, env=env)
    one_error(done, "no-model", "模型名或模型文件夹")
    assert untouched(data, before)


@pytest.mark.parametrize(
    ("query", "place", "near"),
    [
        ("SELECT * WHERE { ?s ?p }", "第 1 行第 18 列", "“?s ?p }”附近"),
        ("SELECT ?x\nWHERE {\n  ?x a jx:Project ;; ; }\nNONSENSE", "第 4 行第 1 列", "“NONSENSE”附近"),
        ("SELECT ?x WHERE {\n\t?x nope:y ?z }", "第 2 行第 5 列", "“nope:y ?z }”附近（前缀 nope: 没有声明）"),
        ("SELECT ?x WHERE {\n\t?x a ?z FILTER(?x = ) }\nLIMIT 1", "第 2 行第 10 列", "“FILTER(?x = ) }”附近"),
        ("SELECT ?x WHERE {\n ?x ?y ?z\n\n", "第 4 行第 1 列", "结尾处"),
        ("SELECT ?x (COUNT(?y) AS ?n) { ?x a ?y }", "第 1 行", "GROUP BY"),
        ("SELEKT *", "第 1 行第 1 列", "“SELEKT *”附近"),
        ("ASK {" + "{" * 300, "第 1 行第 306 列", "结尾处"),
        ("", "第 1 行第 1 列", "结尾处"),
        ("# 只有注释\n", "第 2 行第 1 列", "结尾处"),
    ],
)
def test_a_syntax_error_names_line_and_column(sample: KnowledgeGraph, query: str, place: str, near: str) -> None:
    with pytest.raises(QueryError) as caught:
        sample.store.query(query)
    message = str(caught.value)
    assert message.startswith("SPARQL 语法错误：")
    assert place in message
    assert near in message
    assert "\n" not in message


def test_a_syntax_error_on_the_command_line(kg_run: Run, sample_data: Path) -> None:
    done = kg_run("sparql", "SELECT ?x\nWHERE { ?x }", "--data", sample_data)
    one_error(done, "SPARQL 语法错误", "第 2 行第 9 列", "“?x }”附近")


UPDATES = [
    "INSERT DATA { <a:b> <a:c> <a:d> }",
    "insert { ?s ?p 1 } where { ?s ?p ?o }",
    "INSERT{?s ?p 1}WHERE{?s ?p ?o}",
    "DELETE WHERE { ?s ?p ?o }",
    "DELETE DATA { <a:b> <a:c> <a:d> }",
    "DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
    "WITH <a:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "LOAD <http://127.0.0.1/>",
    "LOAD SILENT <http://127.0.0.1/> INTO GRAPH <a:g>",
    "CLEAR ALL",
    "CLEAR GRAPH <a:g>",
    "DROP ALL",
    "DROP SILENT DEFAULT",
    "CREATE GRAPH <a:g>",
    "ADD <a:g> TO <a:h>",
    "MOVE GRAPH <a:g> TO <a:h>",
    "COPY DEFAULT TO <a:h>",
    "PREFIX select: <http://select/> INSERT DATA { <a:b> <a:c> <a:d> }",
    "BASE <http://ask/>\nPREFIX x: <x:>\n\n  DrOp ALL",
    "# SELECT * WHERE { ?s ?p ?o }\nCLEAR ALL",
    "#\n# DELETE\n#\ndelete where { ?s ?p ?o }",
    "insert#\ndata { <a:b> <a:c> <a:d> }",
    "INSERT DATA { <a:b> <a:c> <a:d> } ; DROP ALL",
]


@pytest.mark.parametrize("update", UPDATES)
def test_updates_are_refused(sample: KnowledgeGraph, update: str) -> None:
    with pytest.raises(QueryError, match=r"只能查询.*数据没有变化"):
        sample.store.query(update)


@pytest.mark.parametrize("update", ["ASK {} ; DROP ALL", "SELECT * WHERE { ?s ?p ?o } INSERT DATA { <a:b> <a:c> 1 }"])
def test_an_update_behind_a_query_does_not_run_either(sample: KnowledgeGraph, update: str) -> None:
    with pytest.raises(QueryError):
        sample.store.query(update)


def test_updates_are_refused_on_the_command_line_and_change_nothing(kg_run: Run, data: Path) -> None:
    before = DataDirectory(data).current()
    for update in ("DROP ALL", "PREFIX x: <x:> DELETE WHERE { ?s ?p ?o }"):
        one_error(kg_run("sparql", update, "--data", data), "只能查询", "kg add")
    assert untouched(data, before)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[tuple[str, list[int]]]:
    """An address that notes every call."""
    calls: list[int] = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            calls.append(1)
            connection.close()

    threading.Thread(target=listen, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/", calls
    server.close()


SERVICES = [
    "SELECT * WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "ASK { service silent <URL> { ?s ?p ?o } }",
    "ASK{{}UNION{SERVICE<URL>{}}}",
    "ASK { FILTER NOT EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "ASK { VALUES ?u { <URL> } SERVICE ?u { ?s ?p ?o } }",
    "ASK { VALUES ?u { <URL> } FILTER(1<2)SERVICE?u{}FILTER(3>2) }",
    "PREFIX : <URL> ASK { SERVICE:x{} }",
    "PREFIX : <URL> ASK { SERVICE:x# {\n{} }",
    "PREFIX : <URL> PREFIX service: <x:> ASK { service:x {} }",
    "PREFIX : <URL> ASK { ?b ?c trueSERVICE:x{} }",
    "PREFIX x: <URL> ASK { SERVICE SILENT x:y {} }",
    "ASK { # '''\n SERVICE <URL> { ?s ?p ?o }\n # '''\n}",
    'ASK { # """\n SERVICE <URL> { ?s ?p ?o }\n # """\n}',
    "ASK { # it's\n SERVICE <URL> { ?s ?p ?o } # '\n}",
    "PREFIX x: <a:> ASK { x:a\\'b ?p ?o . SERVICE <URL> {} # '\n}",
    "ASK { ?s ?p 'it\\'s' . SERVICE <URL> {} # '\n}",
    "ASK { # <\n SERVICE <URL> {} # >\n}",
    "ASK { ?s ?p 1SERVICE<URL>{} }",
    "ASK { # comment\rSERVICE <URL> {} }",
]


@pytest.mark.parametrize("query", SERVICES)
def test_service_is_refused_however_it_is_written(
    sample: KnowledgeGraph, endpoint: tuple[str, list[int]], query: str
) -> None:
    url, calls = endpoint
    with pytest.raises(QueryError, match=r"SERVICE.*被拒绝"):
        sample.store.query(query.replace("URL", url))
    assert calls == []


HARMLESS = [
    'SELECT * WHERE { ?s rdfs:label "INSERT DATA, DROP ALL; SERVICE <x> {}" }',
    "SELECT * WHERE { ?s rdfs:label '''DELETE\nWHERE { SERVICE }''' }",
    "SELECT * WHERE { ?s rdfs:label 'it\\'s SERVICE' }",
    "SELECT * WHERE { ?s a <http://example.org/SERVICE/INSERT#DROP> }",
    "# SERVICE <x> {} INSERT DATA\nSELECT * WHERE { ?s a jx:Nothing } # DROP ALL",
    "SELECT ?insert ?SERVICE $delete WHERE { ?insert ?SERVICE $delete . ?insert a jx:Nothing }",
    "PREFIX insert: <http://insert/> SELECT * WHERE { ?s a insert:service }",
    "PREFIX service: <http://service/> ASK { service:drop service:clear service:load }",
    "PREFIX x: <http://x/> CONSTRUCT { ?s x:INSERT ?o } WHERE { ?s x:DELETE ?o }",
    "BASE <http://load/> ASK { <create> <service> <drop> }",
    'ASK { ?s rdfs:label "SERVICE"@en }',
    "ASK { ?s rdfs:label ?l FILTER(?l < 'SERVICE' && ?l > 'A') FILTER(1<2&&3>2) }",
    "DESCRIBE <http://example.org/INSERT>",
]


@pytest.mark.parametrize("query", HARMLESS)
def test_a_query_that_merely_contains_such_words_runs(sample: KnowledgeGraph, query: str) -> None:
    sample.store.query(query)


@pytest.mark.parametrize(
    "text", ["", "\\", "'", '"""', "<", "?", "@", ":", "\x00", "a:b:c.d\\", "😀" * 1000, "(" * 300]
)
def test_checking_a_query_never_fails_on_what_is_none(text: str) -> None:
    check_query(text)


def test_checking_a_long_query_is_quick() -> None:
    check_query("ASK { " + "?s ?p '" + "x" * 200_000 + " }" + "a:" * 50_000 + "<" * 50_000)


def test_a_query_that_fails_while_running_is_one_line(kg_run: Run, sample_data: Path) -> None:
    done = kg_run("sparql", "SELECT ?x FROM <http://127.0.0.1:1/x> WHERE { ?x a jx:Project }", "--data", sample_data)
    one_error(done, "没有载入图 <http://127.0.0.1:1/x>", "不会到网上读取")


def test_questions_in_any_bytes_do_not_fail(kg_run: Run, sample_data: Path) -> None:
    done = kg_run("ask", "--json", "--data", sample_data, stdin="\x00\n" + "？" * 3000 + "\n'\";DROP\n")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3
    assert done.stderr == ""
