"""Several things asked in one question, each in a clause of its own; and what is asked of one, but not of another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import small
from layout import Row, table, write

from kg.knowledge import KnowledgeGraph

REPAIRS: list[Row] = [
    ("产出指标", "数量指标", "维修场馆数量", "维修的场馆", "≥12座"),
    ("", "数量指标", "巡检人次", "巡检的人次", "≥300人次"),
    ("", "时效指标", "巡检频次", "巡检频次", "1次/月"),
    ("", "时效指标", "维修完成时间", "维修完成时间", "2025年10月底前"),
    ("", "成本指标", "场馆维修费用", "场馆维修费用", "≤180万元"),
    ("", "成本指标", "设备更换费用", "设备更换费用", "≤20万元"),
    ("满意度指标", "服务对象满意度指标", "观众满意度", "观众满意度", "≥90%"),
]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    folder = tmp_path_factory.mktemp("two")
    first = table("场馆维修", REPAIRS, number=1, budget="200.00", fiscal="150.00", other="50.00")
    document = write(folder / "demo-2025.txt", first, table("技能培训", number=2, budget="100.00"))
    with small(folder / "data", [document]) as graph:
        yield graph


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("场馆维修预算多少，什么时候完成？", [["200万元"], ["2025年10月底前"]]),
        ("场馆维修有几条成本指标？最高的是哪一条？", [["2条"], ["≤180万元"]]),
        ("场馆维修的财政资金和其他资金各是多少", [["150万元"], ["50万元"]]),
        ("财政资金和其他资金总共各多少万元", [["250万元"], ["50万元"]]),
        ("场馆维修和技能培训的预算分别是多少", [["200万元"], ["100万元"]]),
        ("有几个项目安排了其他资金，合计多少万元？", [["1个"], ["50万元"]]),
        ("场馆维修有几条数量指标？几条时效指标？", [["2条"], ["2条"]]),
        ("场馆维修 巡检人次 完成时间", [["≥300人次"], ["2025年10月底前"]]),  # measures one after the other
        ("维修场馆多少座以及维修完成时间", [["≥12座"], ["2025年10月底前"]]),
        ("场馆维修的巡检人次和完成时间分别是多少", [["≥300人次"], ["2025年10月底前"]]),
        ("哪些项目有其他资金，合计多少万元？", [[None], ["50万元"]]),  # by what they were listed, not their budgets
        ("场馆维修预算多少，财政和其他资金各多少", [["200万元"], ["150万元"], ["50万元"]]),
        ("场馆维修要维修几座场馆、观众满意度要达到多少？", [["≥12座"], ["≥90%"]]),
        ("场馆维修的场馆要修多少座，什么时候修完？", [["≥12座"], ["2025年10月底前"]]),  # of the one spoken of
        ("场馆维修的时效指标和成本指标分别是多少", [["1次/月", "2025年10月底前"], ["≤180万元", "≤20万元"]]),
    ],
)
def test_each_thing_asked_is_a_part(two: KnowledgeGraph, question: str, parts: list[list[str]]) -> None:
    answer = two.ask(question).json()
    assert [[item["value"] for item in part["answers"]] for part in answer["parts"]] == parts
    assert [item["value"] for item in answer["answers"]] == [value for part in parts for value in part]


@pytest.mark.parametrize(
    "question",
    [
        "场馆维修 巡检人次 参赛人数",
        "维修场馆多少座以及参赛人数",
        "场馆维修预算多少，开了几次新闻发布会？",  # half an answer would look like the whole
        "维修场馆多少座，每度电补多少？",  # a number of halls is no amount for each kilowatt-hour
        "场馆巡检多少公里",  # 人次 are no kilometres
    ],
)
def test_what_is_not_all_answered_is_not_answered(two: KnowledgeGraph, question: str) -> None:
    assert not two.ask(question).json()["answers"]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("场馆维修一个月巡检几次", "1次/月"),
        ("场馆维修一共要巡检多少人次", "≥300人次"),
        ("场馆维修 巡检人次数", "≥300人次"),
    ],
)
def test_the_word_that_counts_tells_which_is_meant(two: KnowledgeGraph, question: str, value: str) -> None:
    assert [item["value"] for item in two.ask(question).json()["answers"]] == [value]


def test_the_highest_of_those_listed_and_what_all_come_to(two: KnowledgeGraph) -> None:
    listed = two.ask("场馆维修有哪些成本指标")
    highest = two.ask("最高的是哪一项", listed)
    total = two.ask("合计呢", highest)
    assert [item.value for item in highest.answers] == ["≤180万元"]
    assert [item.number for item in total.answers] == [200]
    counts = two.ask("场馆维修有哪些数量指标")
    assert not two.ask("最高的是哪一项", counts).answers  # 座 and 人次 have no order


def test_only_some_of_those_that_were_found(two: KnowledgeGraph) -> None:
    found = two.ask("有哪些项目")
    assert [item.label for item in two.ask("只要预算超过150万元的", found).answers] == ["场馆维修"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("10月底以前要完成的时效指标有哪些", ["维修完成时间"]),
        ("10月以前要完成的时效指标有哪些", []),  # October is not before itself
        ("四季度完成的指标有哪些", ["培训完成时间", "维修完成时间"]),
        ("时效指标里期限最早的是哪个", ["维修完成时间"]),
        ("场馆维修除了成本指标，还有哪些指标", ["维修场馆数量", "巡检人次", "巡检频次", "维修完成时间", "观众满意度"]),
    ],
)
def test_which_are_due_and_which_are_left_out(two: KnowledgeGraph, question: str, found: list[str]) -> None:
    assert sorted({item.label for item in two.ask(question).answers}) == sorted(found)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("预算最大和最小的项目相差多少万元", "100万元"),
        ("预算最多的项目比最少的多多少万元", "100万元"),
        ("平均一个项目多少预算，按万元算", "150万元"),
        ("所有项目的预算合计是多少，按亿元算", "0.03亿元"),
        ("项目预算的平均数是多少（保留两位小数）", "150万元"),
        ("“巡检人次”这个指标一共用了几次", "1条"),
    ],
)
def test_ends_apart_how_often_used_and_the_unit_said_behind(two: KnowledgeGraph, question: str, value: str) -> None:
    assert [item["value"] for item in two.ask(question).json()["answers"]] == [value]
