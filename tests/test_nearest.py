"""Questions for one thing that no rule reads: answered by what all of their words come nearest to, or offered it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import small
from layout import table, write

from kg.ask.phrases import Candidate, Expected
from kg.knowledge import KnowledgeGraph

BY_MEANING = "按意思理解为"


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("家里困难的毕业生找工作那笔补助，一个人最多能拿多少", "≤3000元"),
        ("机关电脑系统出毛病了，运维的人多久得有反应", "≤60分钟"),
        ("国企退了休的老同志，档案一共得管多少份？", "≥134万份"),
        ("看大门巡逻的那拨人最少得请几位", "≥10名"),
        ("海归回来开公司，局里打算资助多少家？", "≥10个"),  # a rule reads another indicator, with some doubt
    ],
)
def test_lay_words_are_read_by_meaning_and_it_is_said(sample: KnowledgeGraph, question: str, value: str) -> None:
    answer = sample.ask(question)
    assert [i.value for i in answer.answers] == [value]
    assert any(BY_MEANING in note for note in answer.notes)
    assert 0.8 <= answer.confidence < 0.9  # never as sure as what is read word by word
    assert all(i.evidence for i in answer.answers) and answer.sparql


@pytest.mark.parametrize(
    "question",
    [
        "家里困难的毕业生找工作那笔补助和来实习的大学生娃的补助，一个人差多少",  # a difference
        "来实习的大学生娃一人补4000元的有多少家企业",  # a condition
        "交通协管员和丧劳人员的岗位补贴分别多久发一次",  # each of two
        "要邀请多少家投资机构",  # counted in what no candidate is counted in
        "丧葬抚恤金一个人给多少钱",  # not in the tables
    ],
)
def test_what_says_more_than_one_value_is_not_read_by_meaning(sample: KnowledgeGraph, question: str) -> None:
    answer = sample.ask(question)
    assert not any(BY_MEANING in note for note in answer.notes)


def test_of_two_values_each_is_answered(sample: KnowledgeGraph) -> None:
    answer = sample.ask("家里困难的毕业生一个人最多能拿多少，什么时候发")
    assert [[i["value"] for i in part["answers"]] for part in answer.parts] == [["≤3000元"], ["12月底前发放到位"]]


def test_what_is_not_sure_enough_is_offered_first(sample: KnowledgeGraph) -> None:
    answer = sample.ask("买打印纸、笔这些办公用的东西，钱不能超过多少")
    assert not answer.answers
    offered = answer.suggestions["questions"][0]
    assert sample.ask(offered).answers, offered


def test_which_project_lay_words_mean_is_answered_and_it_is_said(sample: KnowledgeGraph) -> None:
    answer = sample.ask("给困难毕业生发一笔钱找工作，是哪个项目管的")
    assert [i.label for i in answer.answers] == ["求职创业补贴-01中央直达资金-就业补助资金"]
    assert any(BY_MEANING in note for note in answer.notes)


@pytest.mark.parametrize(
    "question",
    [
        "给困难毕业生发一笔钱找工作，是哪些项目管的",  # one of several would be a guess
        "2025年一般债券利息是为哪个项目支付的？",  # not for itself
    ],
)
def test_which_project_is_not_guessed(sample: KnowledgeGraph, question: str) -> None:
    assert not any(BY_MEANING in note for note in sample.ask(question).notes)


@pytest.mark.parametrize(
    "question",
    [
        "交通协管员的岗位补贴是按月发还是按季发呀",
        "交通协管员岗位补贴按月还是按季度发放",
        "交通协管员岗位补贴的发放周期是多久？",  # what is asked for is named, and asked once
    ],
)
def test_how_often_may_be_asked_as_a_choice(sample: KnowledgeGraph, question: str) -> None:
    assert [i.value for i in sample.ask(question).answers] == ["1次/月"]


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """Two projects, one of which says whose its other money is."""
    folder = tmp_path_factory.mktemp("offices")
    rows = [
        ("成本指标", "经济成本指标", "百岁老人津贴标准", "", "500元/人·月"),
        ("成本指标", "经济成本指标", "80至89周岁老人津贴标准", "", "50元/人·月"),
        ("成本指标", "经济成本指标", "货车更新补贴标准", "", "≤3万元/辆"),
        ("产出指标", "数量指标", "发放人数", "", "≥300人"),
    ]
    tables = (
        table("老年人津贴", rows, number=1, other="40.00", fiscal="60.00", purpose="用于津贴，其他资金由企业捐赠。"),
        table("场馆维修", rows[3:], number=2, other="20.00", fiscal="80.00", purpose="用于场馆维修。"),
    )
    document = write(folder / "demo-2025.txt", *tables)
    with small(folder / "data", [document]) as graph:
        yield graph


@pytest.mark.parametrize(
    "question", ["老年人津贴的其他资金来自哪里", "老年人津贴里的其他资金由谁出？", "老年人津贴的其他资金来源是什么"]
)
def test_whose_other_money_it_is_stands_in_the_purpose(offices: KnowledgeGraph, question: str) -> None:
    (found,) = offices.ask(question).answers
    assert found.value == "用于津贴，其他资金由企业捐赠。"
    assert found.evidence


def test_whose_other_money_it_is_is_not_told_by_a_purpose_that_does_not_say(offices: KnowledgeGraph) -> None:
    assert not offices.ask("场馆维修的其他资金由谁出").answers


def test_a_number_in_words_is_that_of_the_name(offices: KnowledgeGraph) -> None:
    assert [i.value for i in offices.ask("八十岁的老人津贴标准是多少").answers] == ["50元/人·月"]


@pytest.mark.parametrize(
    ("each", "unit", "per", "value", "fits"),
    [
        ("台", "万元", "辆", "≤3万元/辆", True),  # two words for counting the same
        ("亩", "万元", "辆", "≤3万元/辆", False),
        ("人", "人", "", "≥6200人", False),  # “一个人补多少” asks for no number of people
        ("人", "元", "人·月", "500元/人·月", True),
    ],
)
def test_for_each_of_what_a_value_is(each: str, unit: str, per: str, value: str, fits: bool) -> None:
    candidate = Candidate("i", "补贴", "补贴", "", "p", "number", unit, per, value)
    assert (Expected(frozenset({"money", "per", "count"}), each=each).fits(candidate) == 1.0) == fits
