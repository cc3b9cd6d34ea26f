"""What holds for every answer, whatever the question: bounds, ties, how sure it is, which words it left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from statistics import median

import pytest
from conftest import FakeEncoder
from layout import table, write

import kg
from kg import show
from kg.knowledge import KnowledgeGraph

BUDGETS = {
    "设备购置": "300.00", "场馆维修": "200.00", "信息运维": "120.00", "宣传活动": "50.00", "技能竞赛": "50.00",
}  # fmt: skip


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """Five projects with the budgets above, in 万元."""
    folder, encoder = tmp_path_factory.mktemp("five"), FakeEncoder()
    tables = (table(name, number=n, budget=budget) for n, (name, budget) in enumerate(BUDGETS.items(), 1))
    document = write(folder / "demo-2025.txt", *tables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.building.load_encoder", lambda _: encoder)
        kg.build(folder / "data", [document])
    with kg.open(folder / "data") as graph:
        graph.index.encoder = encoder
        yield graph


def names(graph: KnowledgeGraph, question: str) -> list[str]:
    return [answer["label"] for answer in graph.ask(question).json()["answers"]]


@pytest.mark.parametrize(
    ("bound", "below", "at", "above"),
    [
        ("120万以内", True, True, False),
        ("120万元以下", True, True, False),
        ("不超过120万元", True, True, False),
        ("不高于120万元", True, True, False),
        ("至多120万元", True, True, False),
        ("低于120万元", True, False, False),
        ("不到120万元", True, False, False),
        ("少于120万元", True, False, False),
        ("120万以上", False, True, True),
        ("不低于120万元", False, True, True),
        ("不少于120万元", False, True, True),
        ("至少120万元", False, True, True),
        ("超过120万元", False, False, True),
        ("高于120万元", False, False, True),
        ("大于1200000元", False, False, True),
        ("在120万到200万之间", False, True, True),
    ],
)
def test_a_bound_holds_itself_or_not_as_its_word_says(
    five: KnowledgeGraph, bound: str, below: bool, at: bool, above: bool
) -> None:
    found = names(five, f"预算{bound}的项目有哪些")
    assert [name in found for name in ("宣传活动", "信息运维", "场馆维修")] == [below, at, above]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("预算最低的项目是哪个", {"宣传活动", "技能竞赛"}),
        ("预算最少的项目", {"宣传活动", "技能竞赛"}),
        ("预算最高的项目是哪个", {"设备购置"}),
        ("预算最高的两个项目", {"设备购置", "场馆维修"}),
    ],
)
def test_a_ranking_names_all_that_stand_at_its_place(five: KnowledgeGraph, question: str, expected: set[str]) -> None:
    assert set(names(five, question)) == expected


def test_the_median_of_each_group_is_that_of_its_own_amounts(sample: KnowledgeGraph) -> None:
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    for row in sample.store.select(
        "SELECT DISTINCT ?p ?amount ?label WHERE { ?p jx:fundSource/skos:prefLabel ?label ; jx:budget ?amount"
        ' FILTER(lang(?label) != "en") }'
    ):
        amounts[row["label"]].append(row["amount"] / 10_000)
    found = {a.label: a.number for a in sample.ask("各资金来源的预算中位数是多少").answers}
    assert found == {label: pytest.approx(float(median(several))) for label, several in amounts.items()}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("2018年的人才专项经费预算是多少", ["2018年"]),
        ("深圳市的求职创业补贴预算是多少", ["深圳"]),
        ("高铁建设项目有哪些", ["高铁"]),
        ("求职创业补贴有没有乒乓球方面的指标", ["乒乓球"]),
        ("人才专项经费预算是多少", []),
    ],
)
def test_words_that_nothing_stands_for_are_told(sample: KnowledgeGraph, question: str, words: list[str]) -> None:
    told = sample.ask(question).json()
    assert told["unmatched"] == words
    assert bool(told["answers"]) is not bool(words)


def test_the_words_that_nothing_stands_for_are_shown(sample: KnowledgeGraph) -> None:
    assert "未能对应：高铁" in show.answer(sample.ask("高铁建设项目有哪些"))


@pytest.mark.parametrize(
    ("surer", "less_sure"),
    [
        ("高校毕业生有什么项目可以享受", "高笑毕业生有什么项目可以享受"),
        ("人才专项经费预算是多少", "人事档案电子化"),
        ("人才专项经费预算是多少", "高铁建设项目有哪些"),
    ],
)
def test_what_was_guessed_at_is_less_sure(sample: KnowledgeGraph, surer: str, less_sure: str) -> None:
    one, other = (sample.ask(question).json()["confidence"] for question in (surer, less_sure))
    assert 1 >= one > other >= 0


def test_each_department_is_told_where_there_is_but_one(sample: KnowledgeGraph) -> None:
    answer = sample.ask("各部门预算分别是多少？")
    assert [(i.value, bool(i.evidence)) for i in answer.answers] == [("70519.24万元", True)]


@pytest.mark.parametrize(
    "question", ["预算前两名之外的项目有哪些", "除预算前两名外，其他项目有哪些", "除了预算最高的两个，还有哪些项目"]
)
def test_what_is_left_out_is_left_out_once(question: str, five: KnowledgeGraph) -> None:
    assert set(names(five, question)) == {"信息运维", "宣传活动", "技能竞赛"}


@pytest.mark.parametrize("question", ["各类指标各有多少个", "每类指标有几条", "各种指标各有几条"])
def test_each_kind_of_indicator_is_counted(question: str, five: KnowledgeGraph) -> None:
    """As the count by type that is asked for in full."""
    found = {a["label"]: a["value"] for a in five.ask(question).json()["answers"]}
    whole = {a["label"]: a["value"] for a in five.ask("各类型指标各有多少个").json()["answers"]}
    assert found == whole and len(found) > 1
