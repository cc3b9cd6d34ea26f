"""Conditions that hold together, of what kind targets are, what is not written, sums against the budget; parts of what was
found before."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from conftest import small
from layout import Row, table, write
from regression import printed_answer, shown_answer

from benchmarks.insertions import asked, outcome
from kg.ask import Answer
from kg.knowledge import KnowledgeGraph

WORKS, SCHOOLS = "355101云江市城市管理局财务处", "356101云江市教育局财务处"


def rows(*said: tuple[str, str, str]) -> list[Row]:
    """(二级指标, 三级指标, 指标值) of the rows of one table, under the level to which the type belongs."""
    above = {"服务对象满意度指标": "满意度指标", "社会效益指标": "效益指标", "生态效益指标": "效益指标"}
    return [(above.get(level2, "产出指标"), level2, name, name, value) for level2, name, value in said]


PARKS = rows(
    ("数量指标", "养护绿地面积", "≥40万平方米"), ("质量指标", "养护合格率", "100%"), ("时效指标", "巡查频次", "1次/周"), ("成本指标", "绿化补植费", "≤130万元"),
    ("成本指标", "设施维修费", "≤90万元"), ("生态效益指标", "绿地完好率", "≥96%"), ("社会效益指标", "市民知晓率", "60%–70%"), ("服务对象满意度指标", "游客满意度", "≥95%"),
)  # fmt: skip
LIGHTS = rows(
    ("数量指标", "更换路灯盏数", "≥300盏"), ("质量指标", "亮灯率", "≥98%"), ("时效指标", "更换完工时间", "2025年6月底前"), ("时效指标", "派单及时率", "100%"),
    ("成本指标", "路灯材料费", "≤45万元"), ("社会效益指标", "夜间出行便利程度", "明显提升"), ("服务对象满意度指标", "居民满意度", "≥90%"),
)  # fmt: skip
MEALS = rows(
    ("数量指标", "补助学生人数", "≥900人"), ("数量指标", "检查食堂次数", "≥12次"), ("成本指标", "营养餐补助标准", "≤1000元/人"), ("服务对象满意度指标", "家长满意度", "≥96%"),
)  # fmt: skip


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """Two departments; of one of them also the year before, with one project that is no more."""
    folder = tmp_path_factory.mktemp("city")
    now = [
        table("公园绿地养护", PARKS, number=1, department=WORKS, budget="250.00", fiscal="220.00", other="30.00", purpose="用于公园养护"),
        table("路灯更新改造", LIGHTS, number=2, department=WORKS, budget="50.00", purpose="用于更换路灯", goal=""),
        table("学生营养餐补助", MEALS, number=3, department=SCHOOLS, budget="90.00", fiscal="80.00", other="10.00", purpose=""),
    ]  # fmt: skip
    before = [
        table("公园绿地养护", PARKS, number=1, department=WORKS, budget="200.00", purpose="用于公园养护"),
        table("广场喷泉维修", rows(("数量指标", "维修喷泉座数", "≥4座"), ("成本指标", "喷泉维修费", "≤20万元")), number=2, department=WORKS, budget="20.00"),
    ]  # fmt: skip
    documents = [write(folder / "city-2025.txt", *now), write(folder / "city-2024.txt", *before)]
    with small(folder / "data", documents) as graph:
        yield graph


ANSWERS = {
    # two conditions, both of them
    "满意度不低于95%而且预算低于100万元的项目是哪些": ["学生营养餐补助"],
    "预算低于100万元，而且满意度不低于95%的项目": ["学生营养餐补助"],
    "哪些指标的目标值是100%，而且属于时效指标": ["派单及时率"],
    "既有生态效益指标又有社会效益指标的项目": ["公园绿地养护"],
    "质量指标里有100%而且满意度不低于95%的项目有哪些": ["公园绿地养护"],
    "除了教育局的项目，还有哪些项目有其他资金": ["公园绿地养护"],  # the year is that of those left, too
    "哪些项目设了社会效益指标，目标值分别是多少": ["公园绿地养护", "夜间出行便利程度", "市民知晓率", "路灯更新改造"],
    "哪些项目两年的满意度目标没变": ["公园绿地养护"],
    # of what kind targets are, and just so many
    "目标值是区间的指标有哪些": ["市民知晓率"],
    "哪些项目有写成区间的指标值": ["公园绿地养护"],
    "时效指标规定了频次的项目": ["公园绿地养护"],
    "只有一个成本指标的项目有哪些": ["路灯更新改造", "学生营养餐补助"],
    "时效指标只有一个的项目": ["公园绿地养护"],
    "公园绿地养护的三个一级指标各有几条": ["5条", "2条", "1条"],
    "哪些项目都用了养护合格率这个指标": ["公园绿地养护"],
    "成本指标只给了标准没有总额的项目有哪些": ["学生营养餐补助"],
    "哪些指标是用金额表示的": ["设施维修费", "绿化补植费", "路灯材料费"],
    # what is not written
    "哪些项目没写资金用途": ["学生营养餐补助"],
    "没写目标的项目有哪些": ["路灯更新改造"],
    "绩效目标空着的项目有几个": ["1个"],
    # sums of costs and the budget, both ways; of two that are named
    "公园绿地养护的预算比成本指标合计高多少": ["30万元"],
    "路灯更新改造预算与成本指标合计差多少": ["5万元"],
    "预算超过成本指标合计的项目": ["公园绿地养护", "路灯更新改造"],
    "设施维修费和绿化补植费总共多少钱": ["220万元"],
    "营养餐补助平均每人多少钱": ["≤1000元/人"],
    "路灯更新改造占全局预算的百分之几": ["16.666667%"],
    # due by, done
    "6月底前要完工的项目有哪些": ["路灯更新改造"],
    # of an earlier year only: told, and said so
    "喷泉维修费是多少": ["≤20万元"],
    "2025年喷泉维修费是多少": [],
    "延续项目里增幅最大的是哪个": ["公园绿地养护"],
    "城管局2025年编制了多少个项目": ["2个"],
    "城管局其他资金占预算的比例，保留两位小数": ["10%"],
}  # fmt: skip
"""Question → the names of what answers it, or the value; empty where it is not answered."""


@pytest.mark.parametrize("question", ANSWERS)
def test_what_is_asked_of_sets(question: str, city: KnowledgeGraph) -> None:
    answer = city.ask(question)
    found = [a.value if answer.kind in ("number", "value") else a.label for a in answer.answers]
    assert sorted(set(map(str, found))) == sorted(ANSWERS[question]), answer.understood
    if answer.method == "graph" and answer.answers:
        assert printed_answer(city, answer) == shown_answer(answer)


@pytest.mark.parametrize(
    ("question", "truth"),
    [
        ("公园绿地养护2025年的预算是否高于2024年", True),
        ("城管局2025年预算总额是否低于2024年", False),
        ("公园绿地养护的预算是否高于路灯更新改造", True),
        ("公园绿地养护2024年就有安排吗", True),
        ("路灯更新改造去年也有吗", False),
        ("学生营养餐补助2024年就有安排吗", None),  # nothing is known of that year
    ],
)
def test_whether_it_is_so(question: str, truth: bool | None, city: KnowledgeGraph) -> None:
    assert city.ask(question).boolean is truth


@pytest.mark.parametrize(
    ("questions", "found"),
    [
        (["2025年有哪些项目", "这些里面有其他资金的"], ["公园绿地养护", "学生营养餐补助"]),
        (["2025年有哪些项目", "其中预算超过60万元的呢"], ["公园绿地养护", "学生营养餐补助"]),
        (["2025年有哪些项目", "这些里面预算最少的"], ["路灯更新改造"]),
        (["2025年预算前三的项目", "前两个加起来多少"], ["340万元"]),
        (["2025年预算最高的项目", "第二高的呢"], ["学生营养餐补助"]),
        (["2025年预算最高的项目", "最低的呢"], ["路灯更新改造"]),
        (["哪些项目有其他资金", "分别是多少"], ["30万元", "10万元"]),
        (["哪些项目有其他资金", "一共多少其他资金"], ["40万元"]),
        (["路灯更新改造的预算是多少", "它占全局预算多少"], ["16.666667%"]),
        (["公园绿地养护2025年预算是多少", "比2024年多多少"], ["50万元"]),
        (["城管局有其他资金的项目有哪些", "其他资金一共多少", "教育局的呢"], ["10万元"]),
        (["公园绿地养护有哪些指标", "其中时效指标的呢", "成本指标呢"], ["绿化补植费", "设施维修费"]),
    ],
)
def test_parts_of_what_was_found(city: KnowledgeGraph, questions: list[str], found: list[str]) -> None:
    answer: Answer | None = None
    for question in questions:
        answer = city.ask(question, answer)
    assert answer is not None
    said = [a.value if answer.kind in ("number", "value") else a.label for a in answer.answers]
    assert sorted(map(str, said)) == sorted(found), answer.understood


def test_a_word_put_into_a_question_is_not_left_out_in_silence(city: KnowledgeGraph) -> None:
    chance = random.Random(7)
    done = [asked(city.asker, question, chance, clauses=at % 2 == 1) for at, question in enumerate(ANSWERS)]
    found = [one for one in done if one is not None]
    assert len(found) > 15
    assert [one[0].question for one in found if one[2] == "silent"] == []


def test_what_became_of_an_answer(city: KnowledgeGraph) -> None:
    answer, other = city.ask("路灯更新改造的预算是多少"), city.ask("公园绿地养护的预算是多少")
    assert outcome(answer, answer, "民营") == "silent"
    assert outcome(answer, answer, "路灯") == "said"  # what is answered holds it
    assert outcome(answer, other, "民营") == "changed"
    assert outcome(answer, city.ask("外星人的预算是多少"), "外星") == "refused"
