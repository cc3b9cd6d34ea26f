"""What docs/questions.md shows of adding a kind of question is all it takes: without the lines no answer, with them the right one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import ROOT, environment
from layout import table

PAGE = (ROOT / "docs" / "questions.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"(?ms)^## (.*?)\n(.*?)(?=^## |\Z)", PAGE))
MEDIAN, EACH, MANAGER = "一个新的统计：中位数", "每…平均：按组汇总", "一个新的属性：负责人"
Hunk = tuple[str, str, str]
"""(file, text without the change, text with it)."""


def hunks(section: str) -> list[Hunk]:
    """The changes that the diffs of a section show. What is no whole line of a file is a part of one."""
    found: list[Hunk] = []
    for diff in re.findall(r"(?s)```diff\n(.*?)```", SECTIONS[section]):
        for name, body in re.findall(r"(?ms)^\+\+\+ b/(\S+)\n(.*?)(?=^--- |\Z)", diff):
            for hunk in body.split("@@\n")[1:]:
                lines = hunk.splitlines()
                end = "\n" if not any(line.startswith("-") for line in lines) else ""
                before, after = (
                    "\n".join(line[1:] for line in lines if line[:1] in (" ", sign)) for sign in ("-", "+")
                )
                found.append((name, before + end if before else "", after + end))
    return found


def changed(folder: Path, section: str, *, apply: bool) -> Path:
    """A copy of the code with the changes of a section made, or taken back."""
    for name in ("kg", "index", "ontology", "queries"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name, before, after in hunks(section):
        file = folder / name
        text = file.read_text("utf-8")
        old, new = (before, after) if apply else (after, before)
        assert text.count(old) == 1, f"docs/questions.md 与 {name} 不符：\n{old}"
        file.write_text(text.replace(old, new), "utf-8")
    return folder


def kg(code: Path, *arguments: str | Path, stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "kg.cli", *map(str, arguments)], cwd=code, env=environment(PYTHONPATH=str(code)),
        input=stdin, capture_output=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0 or "ask" in arguments, done.stderr
    return done.stdout


def answers(code: Path, data: Path, *questions: str) -> list[list[str | None]]:
    """The values that each question is answered with."""
    said = kg(code, "ask", "--data", data, "--json", stdin="\n".join(questions)).splitlines()
    return [[a["value"] for a in json.loads(line)["answers"]] for line in said]


@pytest.mark.parametrize(
    ("section", "question", "expected"),
    [(MEDIAN, "全部项目预算的中位数是多少", "900万元"), (EACH, "每个部门的平均预算是多少", "3066.053913万元")],
)
def test_the_lines_shown_are_what_a_kind_of_question_needs(
    section: str, question: str, expected: str, sample_data: Path, tmp_path: Path
) -> None:
    assert answers(ROOT, sample_data, question) == [[expected]]
    assert answers(changed(tmp_path, section, apply=False), sample_data, question) == [[]]


def test_an_attribute_that_the_ontology_marks_askable_is_asked_for_without_more_code(tmp_path: Path) -> None:
    assert not [name for name, _, _ in hunks(MANAGER) if name.startswith("kg/ask/")]
    code = changed(tmp_path / "code", MANAGER, apply=True)
    names = {"技能培训": ("100.00", "王小明"), "设备购置": ("300.00", "李四")}
    tables = [
        table(name, number=at, budget=budget).replace("\t项目名称\n", f"\t项目负责人\n\t{who}\n\n\t项目名称\n", 1)
        for at, (name, (budget, who)) in enumerate(names.items(), 1)
    ]
    document = tmp_path / "demo-2025.txt"
    document.write_text("".join(tables), "utf-8")
    kg(code, "build", "--data", tmp_path / "data", document)
    questions = ("技能培训的负责人是谁", "每个项目的负责人是谁", "预算超过200万元的项目负责人是谁")
    assert answers(code, tmp_path / "data", *questions) == [["王小明"], ["王小明", "李四"], ["李四"]]
