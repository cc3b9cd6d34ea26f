"""Questions with known answers: the regression suite, and what an answer says beside its cells."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import blind
import pytest
import regression
from conftest import shared
from proof import Proof
from regression import CORPORA, SUITES, Corpora, printed_answer, shown_answer

from kg.ask import Answer
from kg.ask.logic.attributes import attributes
from kg.knowledge import KnowledgeGraph

WORST = ("right", "unanswered", "wrong")
PROVEN = ("projects", "indicators", "value", "groups", "funds")
"""The kinds of answers of which each item cites a cell."""


@pytest.fixture(scope="session")
def corpora(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpora]:
    folder = shared(tmp_path_factory) / "corpora"
    folder.mkdir(exist_ok=True)
    found = Corpora(folder, sample_data / "cache")
    yield found
    found.close()


@pytest.fixture(scope="session")
def proven(corpora: Corpora) -> Callable[[str, str, Answer], list[str]]:
    """(corpus, question, answer) → what the answer claims and its cells do not show."""
    proofs: dict[str, Proof] = {}

    def gaps(corpus: str, question: str, answer: Answer) -> list[str]:
        if corpus not in proofs:
            proofs[corpus] = Proof(corpora[corpus].store)
        return [f"{question} → {gap}" for gap in proofs[corpus].gaps(answer.json(), answer.value)]

    return gaps


@cache
def text_of(document: Path) -> str:
    return "".join(document.read_text("utf-8").split())


USUAL = [
    "dev", "fresh", "inspector", "skeptic", "beyond", "second-questions", "farming-questions",
    "health-questions", "education-questions", "three-offices-questions", "cross-year", "skeptic-years",
    "education-years",
]  # fmt: skip
"""Sets that are asked every time: each corpus, each kind of author, all that tempt. ``KG_ALL_QUESTIONS=1`` asks all."""


@pytest.mark.parametrize("name", SUITES if os.environ.get("KG_ALL_QUESTIONS") else USUAL)
def test_questions_are_answered_as_the_gold_says_and_prove_it(
    name: str, corpora: Corpora, proven: Callable[[str, str, Answer], list[str]]
) -> None:
    """Each question is asked once: its score, its printed query and its cells are looked at together."""
    graph = corpora[SUITES[name]]
    asked = regression.ask(name, graph)
    warnings.warn(f"问答得分 {regression.summary(name, asked)}", stacklevel=1)
    assert [str(a) for a in asked if a.gold["kind"] == "none" and a.answer.answers] == [], "答了不能回答的问题"
    worse, better = regression.compare(name, asked)
    assert worse == [], "比清单 known-wrong.json 差"
    assert better == [], "比清单好了：请运行 make known-wrong，把它们从清单里去掉"
    sure = [one.score == 1 for one in asked if one.answer.answers and one.answer.confidence >= 0.9]
    assert sum(sure) >= 0.9 * len(sure), "十个有把握的答案里错了不止一个"
    for one in asked:
        if one.answer.method == "graph":
            assert printed_answer(graph, one.answer) == shown_answer(one.answer), one.gold["q"]
    rest = [one for one in asked if one.wrong != "wrong"]  # what is known to be wrong may be so in its number, too
    gaps = [gap for one in rest for gap in proven(SUITES[name], one.gold["q"], one.answer)]
    assert gaps == [], "依据的单元格不能证明"
    texts = {document.name: text_of(document) for document in CORPORA[SUITES[name]]}
    for one in asked:
        if one.answer.kind in PROVEN:
            for item in one.answer.answers:
                assert item.evidence, (one.gold["q"], item.label)
                for cell in item.evidence:
                    if cell.text == f"第{cell.table}个表":
                        continue  # the table itself proves in which document it is
                    assert "".join(cell.text.split()) in texts[cell.document], (one.gold["q"], cell.text)


BLIND = ("two", "nine", "ten")
"""Of the blind sets those that are asked every time."""


@pytest.mark.parametrize("name", blind.NAMES if os.environ.get("KG_ALL_QUESTIONS") else BLIND)
def test_no_turn_of_a_blind_set_turns_worse(
    name: str, corpora: Corpora, proven: Callable[[str, str, Answer], list[str]]
) -> None:
    """Conversations, tables, parts; those listed are known to fail, and how. What is claimed follows from the cells."""
    listed = blind.known()
    worse, better = [], []
    gaps: list[str] = []
    asked = blind.ask(name, corpora, lambda *one: gaps.extend(proven(*one)))
    assert gaps == [], "依据的单元格不能证明"
    for turn, (_, outcome) in asked.items():
        before = listed.get(turn, "right")
        if WORST.index(outcome) > WORST.index(before):
            worse.append((turn, before, outcome))
        elif WORST.index(outcome) < WORST.index(before):
            better.append((turn, before, outcome))
    assert worse == []
    assert better == [], "比清单好了：请运行 make known-blind"


CLAIMS = {
    "哪些项目服务高校毕业生？": False, "人才专项经费的预算是多少": True, "财政资金一共多少万元": True, "预算超过1000万元的项目": True,
    "质量指标最多的项目是哪个": False, "所有的满意度指标都要求90%以上吗？": False, "人才专项经费惠及哪些人群？": True,
    "三支一扶专项经费的满意度指标": True, "求职创业补贴的预算比三支一扶专项经费多多少万元": True,
}  # fmt: skip
"""Question → whether its answer claims words or an amount, beside which things are meant."""


@pytest.mark.parametrize("question", CLAIMS)
def test_an_answer_whose_cells_are_exchanged_proves_nothing(question: str, sample: KnowledgeGraph) -> None:
    """What looks at answers finds what is wrong with them: no cells, cells of another table, other words in them."""
    answer = sample.ask(question)
    other = sample.ask("一般债券利息的预算是多少").answers[0].evidence[0]
    proof = Proof(sample.store)
    assert list(proof.gaps(answer.json(), answer.value)) == []

    def exchanged(change: Callable[[list[Any]], list[Any]]) -> dict[str, Any]:
        found = answer.json()
        for item in found["answers"]:
            item["evidence"] = change(item["evidence"])
        return found

    assert list(proof.gaps(exchanged(lambda _: []), answer.value))
    assert list(proof.gaps(exchanged(lambda _: [asdict(other)]), answer.value))
    if CLAIMS[question]:
        assert list(proof.gaps(exchanged(lambda cells: [c | {"text": "？"} for c in cells]), answer.value))


def test_the_list_of_known_wrong_names_questions_that_are_there() -> None:
    listed = regression.listed()
    assert listed.keys() <= SUITES.keys()
    for name, how in listed.items():
        ids = [at for found in how.values() for at in found]
        assert len(ids) == len(set(ids))
        assert set(ids) <= {gold["id"] for gold in regression.golds(name)}


@pytest.mark.parametrize(
    ("listed", "now", "worse", "better", "kept"),
    [
        ({}, None, False, False, {}),
        ({}, "unanswered", True, False, {}),
        ({}, "wrong", True, False, {}),
        ({"unanswered": ["q"]}, "unanswered", False, False, {"unanswered": ["q"], "wrong": []}),
        ({"unanswered": ["q"]}, "wrong", True, False, {"unanswered": ["q"], "wrong": []}),
        ({"wrong": ["q"]}, "unanswered", False, True, {"unanswered": ["q"], "wrong": []}),
        ({"wrong": ["q"]}, None, False, True, {}),
    ],
)
def test_the_list_of_known_wrong_only_shrinks(
    listed: Any, now: Any, worse: bool, better: bool, kept: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regression, "KNOWN", tmp_path / "known-wrong.json")
    regression.KNOWN.write_text(json.dumps({"dev": listed}), "utf-8")
    given: Any = SimpleNamespace(understood="", boolean=None, answers=["甲"] if now == "wrong" else [])
    asked = [regression.Asked({"id": "q", "q": "？"}, given, 0.5 if now else 1)]
    found = regression.compare("dev", asked)
    assert tuple(map(bool, found)) == (worse, better)
    assert regression.rewrite({"dev": asked}, force=False) == worse
    assert regression.listed() == ({"dev": kept} if kept else {})
    assert regression.rewrite({"dev": asked}, force=True) == 0
    assert regression.compare("dev", asked) == ([], [])


def test_a_group_question_names_the_link_that_proves_each_project(sample: KnowledgeGraph) -> None:
    answer = sample.ask("哪些项目服务高校毕业生？")
    cells = {(e.table, e.row, e.text) for a in answer.answers for e in a.evidence}
    assert (18, 7, "促进高校毕业生就业") in cells
    assert (14, 5, "促进困难毕业生就业创业") in cells  # a narrower group proves it too


def test_a_question_may_lean_on_the_one_before(sample: KnowledgeGraph) -> None:
    first = sample.ask("哪些项目服务高校毕业生？")
    highest = sample.ask("那其中预算最高的呢？", first)
    assert [a.label for a in highest.answers] == ["求职创业补贴-01中央直达资金-就业补助资金"]
    costs = sample.ask("它的成本指标有哪些？", highest)
    assert [(a.label, a.value) for a in costs.answers] == [("求职创业补贴人均标准", "≤3000元")]
    total = sample.ask("这些项目预算合计多少？", first)
    assert total.answers[0].number == 10474.59


def test_a_session_of_the_command_keeps_the_thread(kg_run: Any, sample_data: Path) -> None:
    done = kg_run("ask", "--data", sample_data, stdin="哪些项目服务高校毕业生？\n那其中预算最高的呢？\n")
    assert "求职创业补贴" in done.stdout.split("理解：")[2]


def test_both_readings_of_an_ambiguous_name_are_shown(sample: KnowledgeGraph) -> None:
    answer = sample.ask("人才专项的预算是多少")
    assert {(a.label, a.number) for a in answer.answers} == {
        ("人才专项经费", 4340.0),
        ("人才专项（支持世界技能大赛中国集训基地建设）", 1200.0),
    }
    assert any("2 个项目" in note for note in answer.notes)


def test_a_typo_is_mended_and_said(sample: KnowledgeGraph) -> None:
    answer = sample.ask("高笑毕业生有什么项目可以享受")
    assert len(answer.answers) == 4
    assert answer.notes == ["“高笑毕业生”按“高校毕业生”理解"]


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("2018年的人才专项经费预算是多少", "2018年"),
        ("深圳市的求职创业补贴预算是多少", "深圳"),
        ("天津市教育局今年有哪些项目", "教育局"),
        ("高铁建设项目有哪些", "高铁"),
        ("人才专项经费的负责人电话是多少", "负责人"),
        ("哪些项目服务退役军人", "退役军人"),
    ],
)
def test_what_the_data_does_not_hold_is_said_to_be_missing(question: str, missing: str, sample: KnowledgeGraph) -> None:
    answer = sample.ask(question).json()
    assert (answer["method"], answer["kind"], answer["answers"], answer["sparql"] and "") == (
        "none",
        "none",
        [],
        "",
    )
    assert missing in answer["understood"]


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("哪些项目服务退役军人", "not_in_data"),  # a group that nothing is linked to
        ("2018年的人才专项经费预算是多少", "not_in_data"),
        ("哪些项目涉及海洋牧场补贴", "not_understood"),  # words that stand in no text may be put otherwise
        ("人才专项经费服务退役军人的指标有哪些", "not_understood"),  # a project that is there
        ("打电话咨询的人多久有答复", "not_understood"),  # no phone number is asked for
    ],
)
def test_only_what_is_surely_not_there_is_said_to_be_missing(
    question: str, reason: str, sample: KnowledgeGraph
) -> None:
    answer = sample.ask(question)
    assert (answer.answers, answer.reason) == ([], reason), answer.understood


def test_a_year_that_is_not_named_is_the_latest_and_said_so(corpora: Corpora) -> None:
    answer = corpora["both"].ask("求职创业补贴的预算是多少")
    assert (answer.answers[0].number, answer.answers[0].year) == (5747.2, 2025)
    assert any("最新的2025年" in note for note in answer.notes)


@pytest.mark.parametrize("amount", [a.label for a in attributes().values() if a.of == "project" and a.kind == "money"])
def test_any_amount_is_compared_with_the_year_before(amount: str, corpora: Corpora) -> None:
    answer = corpora["both"].ask(f"2025年{amount}比2024年少的项目有哪些")
    assert "比2024年减少的项目" in answer.understood
    assert [a.year for a in answer.answers] == [2025] * len(answer.answers)


def test_text2sparql_returns_a_query_that_runs(sample: KnowledgeGraph) -> None:
    asked = sample.text2sparql("人才专项经费预算多少钱", "sample")
    assert asked["dataset"] == "sample"
    assert asked["question"] == "人才专项经费预算多少钱"
    assert [r["number"] for r in sample.store.select(asked["query"])] == [4340]
    assert sample.text2sparql("谁是局长", "sample")["query"] == ""


def test_keywords_that_are_no_question_are_searched_and_said_so(sample: KnowledgeGraph) -> None:
    answer = sample.ask("人事档案电子化")
    assert (answer.kind, answer.method) == ("passages", "search")
    assert "电子化" in answer.answers[0].label
