"""What is asked of two years side by side: departments as a whole, which year was higher, from how much to how much, what came
and went; and departments by how many projects or how much money they have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import small
from layout import Row, table, write
from regression import printed_answer, shown_answer

from kg.ask.logic.changes import NewIn, Renamed, Retargeted
from kg.ask.logic.conditions import Names
from kg.ask.logic.values import prefixed
from kg.knowledge import KnowledgeGraph

ROADS, WATER = "353101云江市交通运输局财务处", "354101云江市水务局财务处"


def rows(*said: tuple[str, str, str]) -> list[Row]:
    """(二级指标, 三级指标, 指标值) of the rows of one table."""
    return [("产出指标", level2, name, name, value) for level2, name, value in said]


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """Of two departments the tables of two years: the one has grown by 40 (of 100), the other by 60 (of 300) 万元."""
    folder = tmp_path_factory.mktemp("years")
    now = [
        table("农村公路养护", rows(("数量指标", "养护公路里程", "≥150公里"), ("成本指标", "养护费用", "≤80万元"), ("质量指标", "路面完好率", "不断提升"), ("时效指标", "抢修响应时间", "≤2小时")), number=1, department=ROADS, budget="90.00", fiscal="70.00", other="20.00", purpose="用于养护公路"),
        table("渡口安全改造", rows(("数量指标", "改造渡口数量", "≥3个")), number=2, department=ROADS, budget="50.00", purpose="用于改造渡口"),
        table("水库除险加固", rows(("数量指标", "加固水库数量", "≥5座"), ("成本指标", "工程费用", "≤360万元")), number=3, department=WATER, budget="360.00", purpose="用于加固水库"),
    ]  # fmt: skip
    before = [
        table("农村公路养护", rows(("数量指标", "养护公路里程", "≥120公里"), ("成本指标", "养护费用", "≤80万元"), ("社会效益指标", "投诉办结数量", "≥9件")), number=1, department=ROADS, budget="100.00", purpose="用于养护公路"),
        table("水库除险加固", rows(("数量指标", "加固水库数量", "≥4座")), number=2, department=WATER, budget="280.00", purpose="用于加固水库"),
        table("灌区节水改造", rows(("数量指标", "衬砌渠道长度", "≥8公里")), number=3, department=WATER, budget="20.00", purpose="用于灌区改造"),
    ]  # fmt: skip
    documents = [write(folder / "roads-2025.txt", *now), write(folder / "roads-2024.txt", *before)]
    with small(folder / "data", documents) as graph:
        yield graph


ANSWERS = {
    # each department as a whole
    "各部门2025年预算比2024年增加了多少": ["40万元", "60万元"],
    "各局预算同比增长率是多少": ["40%", "20%"],
    "各局项目数量比去年多了几个": ["1个", "-1个"],
    "哪个局的预算增加最多": ["云江市水务局财务处"],
    "2025年预算增幅最大的是哪个部门": ["云江市交通运输局财务处"],
    "哪些部门的预算比上年增长超过30%": ["云江市交通运输局财务处"],
    "哪个局2025年预算比2024年少了": [],
    # each project
    "哪些项目的预算减少了，减了多少": ["农村公路养护"],
    "各项目2025年预算比2024年增加多少": ["农村公路养护", "水库除险加固"],
    "预算比上年增加50万元以上的项目": ["水库除险加固"],
    "预算增加不到20%的项目": [],
    # which year, from how much to how much
    "农村公路养护的预算哪年高": ["100万元"],
    "加固水库数量哪一年的目标更低": ["4座"],
    "两年里哪一年的预算总额更大": ["500万元"],
    "养护公路里程2024年高还是2025年高": ["150公里"],
    "养护公路里程从多少提高到多少": ["≥120公里", "≥150公里"],
    "农村公路养护的预算从多少降到了多少": ["90万元", "100万元"],
    "养护公路里程两年有什么变化": ["≥120公里", "≥150公里"],
    # what came and went
    "2025年取消了哪些项目": ["灌区节水改造"],
    "2025年一共取消了多少个项目": ["1个"],
    "预算增加最多的项目是哪个，增加了多少": ["水库除险加固"],
    "哪些项目的数量指标目标值2025年比2024年提高了": ["农村公路养护", "水库除险加固"],
    "今年多了哪些项目": ["渡口安全改造"],
    "与2024年相比，2025年新增了哪些项目": ["渡口安全改造"],
    "交通运输局2025年的预算比2024年少多少": ["40万元"],
    "养护公路里程的目标是不是2025年比2024年降低了": ["否"],
    "哪些项目是2025年才有的": ["渡口安全改造"],
    "跟去年比，今年少了哪些项目": ["灌区节水改造"],
    "农村公路养护2025年多出来的指标": ["路面完好率", "抢修响应时间"],
    "农村公路养护比去年少了哪个指标": ["投诉办结数量"],
    # departments by what they have
    "有两个项目以上的局是哪些": ["云江市交通运输局财务处"],
    "只有一个项目的部门": ["云江市水务局财务处"],
    "项目不足2个的部门": ["云江市水务局财务处"],
    "预算合计超过200万元的部门有哪些": ["云江市水务局财务处"],
    "指标超过3条的部门": ["云江市交通运输局财务处"],
    # money of another kind, costs against the budget, all of each
    "哪些项目不光花财政的钱": ["农村公路养护"],
    "水库除险加固的成本指标和预算对得上吗": ["是"],
    "哪个项目的成本指标比预算还大": [],
    "农村公路养护的养护费用超过预算了吗": ["否"],
    "每个项目都设了数量指标吗": ["是"],
    "每个项目都设了成本指标吗": ["否"],
    "哪些项目没有量化指标": [],
    "所有项目的预算都超过40万元吗": ["是"],
    "是不是所有项目预算都在100万元以上": ["否"],
    "哪些指标改了名": [],
    "交通运输局有几条指标值是文字描述的": ["1条"],
    # what is left out, or compared with, is of the same year
    "除了预算最高的项目，其余项目预算合计多少": ["140万元"],
    "2024年除了预算最高的项目，其余项目预算合计多少": ["120万元"],
    "除了2024年预算最高的项目，其他项目有几个": ["2个"],
    "除了水务局的项目，还有哪些项目": ["农村公路养护", "渡口安全改造"],
    "预算高于平均值的项目有哪些": ["水库除险加固"],
    "水库除险加固是2024年预算最高的项目吗": ["是"],
    "2024年预算超过农村公路养护的项目有哪些": ["水库除险加固"],
    # all of several
    "农村公路养护和渡口安全改造都有其他资金吗": ["否"],
    "农村公路养护和渡口安全改造是不是都有数量指标": ["是"],
    "农村公路养护和水库除险加固的预算都超过80万元吗": ["是"],
    "交通运输局的项目是不是都设了成本指标": ["否"],
    "交通运输局是不是每个项目都设了数量指标": ["是"],
    "农村公路养护和渡口安全改造两年都有吗": [],
    # whether a year has it, or more of it
    "渡口安全改造2024年就有安排吗": ["否"],
    "灌区节水改造2025年还安排资金吗": ["否"],
    "2024年有灌区节水改造这个项目吗": ["是"],
    "渡口安全改造是2025年才有的吗": ["是"],
    "灌区节水改造2025年取消了吗": ["是"],
    "水库除险加固2025年预算是否高于2024年": ["是"],
    "农村公路养护2025年的预算是不是比2024年增加了": ["否"],
    "加固水库数量的目标是不是比去年提高了": ["是"],
    "2025年养护公路里程的目标是否高于2024年": ["是"],
    "水库除险加固的预算2025年比2024年是多了还是少了": ["80万元"],
    "农村公路养护的财政资金比其他资金多吗": ["是"],
    "农村公路养护的财政资金和其他资金一样多吗": ["否"],
    # by how much, and which of them
    "2025年预算降幅最大的是哪个项目": ["农村公路养护"],
    "2025年预算增幅（按比例）最大的是哪个项目": ["水库除险加固"],
    "农村公路养护2025年哪些指标比2024年提高了": ["养护公路里程"],
    "农村公路养护2024年的指标里，2025年取消了哪个": ["投诉办结数量"],
    "哪些项目两年的成本指标目标没变": ["农村公路养护"],
    "养护公路里程两年一共要养护多少公里": ["270公里"],
    "养护公路里程，2025年相比2024年怎么变的": ["≥120公里", "≥150公里"],
}  # fmt: skip
"""Question → the names of what answers it, or the number; empty where it is not answered."""


@pytest.mark.parametrize("question", ANSWERS)
def test_what_is_asked_of_two_years_is_answered(question: str, two_years: KnowledgeGraph) -> None:
    answer = two_years.ask(question)
    told = answer.kind in ("number", "value")
    found = [a.value if told else a.label for a in answer.answers]
    assert sorted(set(map(str, found))) == sorted(set(ANSWERS[question])), answer.understood
    assert all(a.evidence for a in answer.answers), answer.understood
    if answer.method == "graph" and answer.answers:
        assert printed_answer(two_years, answer) == shown_answer(answer)


CONVERSATIONS = {
    ("预算最高的项目是哪个", "最低的呢"): ["渡口安全改造"],
    ("交通运输局预算最大的是哪个", "水务局预算最大的呢"): ["水库除险加固"],
    ("农村公路养护有哪些指标", "渡口安全改造有哪些指标", "这两个哪个预算更大"): ["农村公路养护"],
    ("农村公路养护有哪些成本指标", "和预算差多少"): ["10万元"],
    ("水库除险加固有哪些成本指标", "跟预算一样吗"): ["是"],
    ("预算超过40万元的项目有哪些", "这些里面有其他资金的是哪个"): ["农村公路养护"],
    ("2024年预算最高的是哪个项目", "它要加固多少个项目"): [],
    ("预算前两名的项目有哪些", "其中最少的是哪个"): ["农村公路养护"],
    ("水库除险加固的预算是多少", "比2024年多多少"): ["80万元"],
    ("2025年新增了哪些项目", "取消的呢"): ["灌区节水改造"],
    ("哪些项目2025年预算比2024年增加了", "减少的呢"): ["农村公路养护"],
}  # fmt: skip
"""Questions one after the other → the names of what answers the last, or the number."""


@pytest.mark.parametrize("asked", CONVERSATIONS, ids="→".join)
def test_a_question_leans_on_those_before(asked: tuple[str, ...], two_years: KnowledgeGraph) -> None:
    answer = None
    for question in asked:
        answer = two_years.ask(question, answer)
    assert answer
    told = answer.kind in ("number", "value")
    assert [str(a.value if told else a.label) for a in answer.answers] == CONVERSATIONS[asked], answer.understood


def test_departments_with_tables_of_one_year_alone_are_said(tmp_path: Path) -> None:
    now = [
        table("农村公路养护", department=ROADS, budget="90.00"),
        table("水库除险加固", department=WATER, number=2, budget="360.00"),
    ]
    documents = [
        write(tmp_path / "now-2025.txt", *now),
        write(tmp_path / "before-2024.txt", table("农村公路养护", department=ROADS, budget="80.00")),
    ]
    with small(tmp_path / "data", documents) as graph:
        each = graph.ask("各部门2025年预算比2024年增加了多少")
        assert [(a.label, a.number) for a in each.answers] == [("云江市交通运输局财务处", 10.0)]
        for answer in (each, graph.ask("2025年预算合计比2024年多多少")):
            assert any("只有一年有表" in note and "水务局" in note for note in answer.notes), answer.notes


def test_a_year_that_was_higher_is_named(two_years: KnowledgeGraph) -> None:
    (found,) = two_years.ask("农村公路养护的预算哪年高").answers
    assert (found.label, found.number, found.unit) == ("2024年", 100.0, "万元")


CHANGES = {
    NewIn(2024): ["工程费用", "抢修响应时间", "路面完好率"],
    NewIn(2024, kept=True): ["养护公路里程", "养护费用", "加固水库数量"],
    NewIn(2025): ["投诉办结数量"],
    Retargeted("=", 2024): ["养护费用"],
    Retargeted("!=", 2024): ["养护公路里程", "加固水库数量"],
    Retargeted(">", 2024): ["养护公路里程", "加固水库数量"],
    Retargeted("<", 2024): [],
    Renamed(2024): [],
}
"""Condition on indicators → those of the two years' graph that meet it, in whichever year."""


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_indicators_are_compared_with_those_of_their_own_project(change: Any, two_years: KnowledgeGraph) -> None:
    own = prefixed(f"SELECT ?l ?y WHERE {{ {change.pattern('x', 'indicator', Names())} "
                   "?x rdfs:label ?l ; jx:project ?p . ?p jx:fiscalYear ?y }")  # fmt: skip
    year = 2024 if change == NewIn(2025) else 2025
    assert sorted(r["l"] for r in two_years.store.select(own) if r["y"] == year) == CHANGES[change]
