"""Names that are near and mean another thing: what is asked is answered by its own indicator or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import small
from layout import table, write

from kg.ask.link.near_names import measure_of
from kg.ask.phrases import Word
from kg.knowledge import KnowledgeGraph


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    folder = tmp_path_factory.mktemp("near-names")
    money, count, quality, when = (
        ("成本指标", "经济成本指标"),
        ("产出指标", "数量指标"),
        ("产出指标", "质量指标"),
        ("产出指标", "时效指标"),
    )
    welfare = [
        (*money, "城市低保标准", "", "1010元/人·月"),
        (*money, "残疾人生活补贴标准", "", "150元/人·月"),
        (*money, "残疾人护理补贴支出", "", "≤90万元"),
        (*count, "慰问百岁老人人数", "", "≥80人"),
        (*count, "护林员配备人数", "", "≥320人"),
    ]
    works = [
        (*count, "新建消防站数量", "", "2座"),
        (*count, "除险加固小型水库数量", "", "12座"),
        (*count, "组织应急演练场次", "", "≥8场"),
        (*quality, "工程验收合格率", "", "100%"),
        (*when, "消防站完工时间", "", "2025年10月底前"),
    ]
    tables = table("困难群众生活保障", welfare, number=1), table("应急设施建设", works, number=2)
    with small(folder / "data", [write(folder / "demo-2025.txt", *tables)]) as graph:
        yield graph


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("城市低保标准是多少？", "1010元/人·月"),
        ("城里的低保标准是多少", "1010元/人·月"),  # another word for the same
        ("残疾人护理补贴支出是多少", "≤90万元"),
        ("护林员人数是多少", "≥320人"),
        ("新建消防站多少座？", "2座"),
        ("除险加固小型水库多少座？", "12座"),
        ("应急演练场次是多少", "≥8场"),
        ("消防站什么时候完工？", "2025年10月底前"),
    ],
)
def test_what_is_asked_is_answered(office: KnowledgeGraph, question: str, value: str) -> None:
    assert [i.value for i in office.ask(question).answers] == [value]


@pytest.mark.parametrize(
    "question",
    [
        "农村低保标准是多少？",  # a coordinate term
        "除险加固大型水库多少座？",
        "改建消防站数量是多少？",  # no slip of 新建
        "新建水库的数量是多少",  # nor is it asked how many projects speak of it
        "消防站开工时间是什么时候？",
        "慰问百岁老人支出是多少？",  # another measure
        "护林员补贴标准是多少",
        "工程验收合格数量是多少",
        "地震应急演练场次是多少？",  # a word that no such indicator holds
        "护林员培训人次是多少？",
        "残疾人护理补贴标准是多少？",  # another word in its place
        "护林员 人数 护理补贴支出",  # of one of two measures would be half of it
    ],
)
def test_a_near_name_is_not_answered(office: KnowledgeGraph, question: str) -> None:
    answer = office.ask(question)
    assert not answer.answers, [(i.label, i.value) for i in answer.answers]


@pytest.mark.parametrize(
    ("words", "text", "measure"),
    [
        (("护林员", "培训", "人次"), "护林员培训人次是多少?", "人次"),
        (("照料", "护理"), "照料护理支出是多少?", "支出"),
        (("纠纷",), "一般纠纷补贴标准是多少?", "标准"),
        (("苗木",), "苗木成活率要多少?", "率"),
        (("居民", "公卫"), "居民公卫经费标准", "标准"),  # the last says what it is
        (("苗木",), "苗木什么时候种?", ""),
        (("苗木",), "苗木、成活率各是多少?", ""),  # of something else
    ],
)
def test_a_question_may_name_its_measure(words: tuple[str, ...], text: str, measure: str) -> None:
    assert measure_of([Word(w, (), 1.0) for w in words], text) == measure


@pytest.fixture(scope="module")
def farms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    folder = tmp_path_factory.mktemp("siblings")
    rows = [
        ("产出指标", "时效指标", "春季集中免疫完成时间", "", "2025年5月底前"),
        ("产出指标", "时效指标", "秋季集中免疫完成时间", "", "2025年11月底前"),
        ("产出指标", "数量指标", "兽医规范化培训招收人数", "", "≥320人"),
        ("产出指标", "数量指标", "水产专业招收人数", "", "≥64人"),
        ("成本指标", "经济成本指标", "防疫员补助标准", "防疫员每人每月补助标准", "1200元/人"),
        ("成本指标", "经济成本指标", "防疫员补助经费", "", "≤46万元"),
    ]
    with small(folder / "data", [write(folder / "demo-2025.txt", table("兽医规范化培训", rows, number=1))]) as graph:
        yield graph


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("集中免疫什么时候完成？", ["2025年5月底前", "2025年11月底前"]),  # neither season is said
        ("秋季集中免疫什么时候完成？", ["2025年11月底前"]),
        ("兽医规范化培训招多少人？", ["≥320人"]),  # its name says nothing beside
        ("防疫员一个月能拿多少补助？", ["1200元/人"]),  # so much each month, and no total
    ],
)
def test_of_several_that_fit_those_are_answered_that_say_nothing_else(
    farms: KnowledgeGraph, question: str, values: list[str]
) -> None:
    assert [i.value for i in farms.ask(question).answers] == values


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """Two projects of one name from two funds, and one for other farmers."""
    folder = tmp_path_factory.mktemp("forest")
    standard = ("成本指标", "经济成本指标", "补偿标准", "")
    happy = ("满意度指标", "服务对象满意度指标", "林农满意度", "", "≥90%")
    count = ("产出指标", "数量指标")
    training = [
        (*count, "培训农户人次", "", "≥800人次"),
        ("满意度指标", "服务对象满意度指标", "培训农户满意度", "", "≥92%"),
        (*count, "修建围栏长度", "", "≥12公里"),
        (*count, "围栏保护面积", "", "≥1500亩"),
        (*count, "物资购置批次", "", "≥3批次"),
    ]
    name = "公益林补偿"
    for year in (2024, 2025):
        tables = (
            table(
                f"{name}（{year}年中央林业资金）",
                [(*standard, "16元/亩"), happy],
                number=1,
                purpose="用于国家级公益林补偿。",
            ),
            table(
                f"{name}（{year}年市级林业资金）",
                [(*standard, "15元/亩"), happy],
                number=2,
                purpose="用于市级公益林补偿。",
            ),
            table("农技推广", training, number=3, purpose="用于农技推广和巡查。", goal="1.培训农户。"),
        )
        write(folder / f"demo-{year}.txt", *tables)
    with small(folder / "data", sorted(folder.glob("demo-*.txt"))) as graph:
        yield graph


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("国家级公益林补偿标准是多少", ["16元/亩"]),
        ("市级公益林补偿标准是多少", ["15元/亩"]),
        ("培训多少农户", ["≥800人次"]),  # how many, and no share
        ("围栏修多长", ["≥12公里"]),  # no area
        ("林农有哪些项目", [None, None]),  # not all farmers are
        ("农民有哪些项目", [None, None, None]),
    ],
)
def test_a_name_stands_for_no_more_than_it_says(
    forest: KnowledgeGraph, question: str, values: list[str | None]
) -> None:
    assert [i.value for i in forest.ask(question).answers] == values


def test_what_its_project_tells_of_is_not_what_an_indicator_counts(forest: KnowledgeGraph) -> None:
    assert not forest.ask("农技巡查多少次").answers
