"""Questions that ask two things, that go on from the answer before, that ask whether: what was spoken of is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import small
from layout import Row, table, write

from kg.ask import Answer
from kg.knowledge import KnowledgeGraph

FIRE: list[Row] = [
    ("产出指标", "数量指标", "护林员配备人数", "配备人数", "≥320人"),
    ("", "", "巡护员配备人数", "配备人数", "≥45人"),
    ("", "时效指标", "护林员补助发放周期", "发放周期", "1次/月"),
    ("", "", "防火通道完工时间", "完工时间", "2025年10月底前"),
    ("", "成本指标", "护林员补助标准", "补助标准", "1200元/人"),
    ("", "", "巡护员补助标准", "补助标准", "900元/人"),
    ("", "", "防火通道维护费", "维护费", "≤398万元"),
    ("", "", "防火物资购置费", "购置费", "≤102万元"),
    ("满意度指标", "服务对象满意度指标", "林区群众满意度", "满意度", "≥90%"),
]
WATER: list[Row] = [
    ("产出指标", "数量指标", "监测断面数量", "断面数量", "48个"),
    ("", "时效指标", "监测站完工时间", "完工时间", "2025年11月底前"),
    ("", "成本指标", "监测设备购置费", "购置费", "≤175万元"),
    ("满意度指标", "服务对象满意度指标", "用户单位满意度", "满意度", "≥92%"),
]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """Three projects of two departments."""
    folder = tmp_path_factory.mktemp("two")
    forest, water = "410101澄江市林业局", "410102澄江市水务局"
    document = write(
        folder / "demo-2025.txt",
        table("森林防火", FIRE, number=1, department=forest, budget="860.00", fiscal="800.00", other="60.00"),
        table("林木良种培育", number=2, department=forest, budget="120.00"),
        table("水质监测", WATER, number=3, department=water, budget="265.00"),
    )
    with small(folder / "data", [document]) as graph:
        yield graph


def told(answer: Answer) -> list[str | None]:
    """What the answers say: values, else names."""
    return [item.value or item.label for item in answer.answers]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("林业局一共有几个项目？其中预算最大的是哪个？", [["2个"], ["860万元"]]),
        ("林业局有几个项目，预算最少的项目叫什么", [["2个"], ["120万元"]]),
        ("林业局预算最少的项目是哪个，它有多少万元？", [["120万元"], ["120万元"]]),
        ("森林防火的预算和满意度目标分别是多少", [["860万元"], ["≥90%"]]),
        ("森林防火的预算数和护林员配备人数", [["860万元"], ["≥320人"]]),
        ("森林防火预算多少？护林员补助多久发一次？", [["860万元"], ["1次/月"]]),
        ("巡护员补助标准是多少，要配备多少人", [["900元/人"], ["≥45人"]]),
        ("护林员、巡护员分别要配备多少人", [["≥320人"], ["≥45人"]]),
        ("护林员补助标准是多少？林区群众满意度呢？", [["1200元/人"], ["≥90%"]]),
        ("森林防火和水质监测哪个预算大，大多少", [["860万元"], ["595万元"]]),
    ],
)
def test_each_part_is_of_what_was_spoken_of(two: KnowledgeGraph, question: str, parts: list[list[str]]) -> None:
    answer = two.ask(question)
    assert [[item["value"] for item in part["answers"]] for part in answer.parts] == parts


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("森林防火和水质监测，哪个预算高", ["860万元"]),
        ("森林防火与水质监测哪个预算少", ["265万元"]),
        ("森林防火和水质监测的预算差多少", ["595万元"]),
        ("森林防火和水质监测，预算相差多少万元", ["595万元"]),
        ("林业局的预算合计比水务局多多少", ["715万元"]),
    ],
)
def test_two_names_are_two_things(two: KnowledgeGraph, question: str, found: list[str]) -> None:
    assert told(two.ask(question)) == found


@pytest.mark.parametrize(
    ("questions", "found"),
    [
        (["防火通道维护费最多多少", "物资购置费呢"], ["≤102万元"]),
        (["护林员要配备多少人", "巡护员呢"], ["≥45人"]),
        (["护林员补助标准是多少", "那巡护员的呢"], ["900元/人"]),
        (["森林防火的预算是多少", "护林员补助标准呢", "多久发一次"], ["1次/月"]),
        (["森林防火的预算是多少", "其中防火物资购置费上限呢"], ["≤102万元"]),
        (["森林防火什么时候完工", "水质监测那个项目呢"], ["2025年11月底前"]),
        (["森林防火的预算是多少", "水质监测呢", "这两个加起来多少"], ["1125万元"]),
        (["森林防火的预算是多少", "水质监测呢", "哪个多"], ["860万元"]),
        (["林业局的预算总额是多少", "水务局呢", "两个差多少"], ["715万元"]),
    ],
)
def test_the_same_is_asked_of_another(two: KnowledgeGraph, questions: list[str], found: list[str]) -> None:
    answer: Answer | None = None
    for question in questions:
        answer = two.ask(question, answer)
    assert answer is not None and told(answer) == found


@pytest.mark.parametrize(
    "questions",
    [["护林员要配备多少人", "水质监测呢"], ["护林员要配备多少人", "无人机呢"], ["护林员补助标准是多少", "发放时间呢"]],
)
def test_what_the_other_has_not_is_no_answer(two: KnowledgeGraph, questions: list[str]) -> None:
    assert not two.ask(questions[1], two.ask(questions[0])).answers


@pytest.mark.parametrize(
    ("question", "truth"),
    [
        ("森林防火的钱全是财政出的吗", False),
        ("水质监测全部都是财政拨款吗", True),
        ("森林防火用了其他资金没有", True),
        ("林业局的预算总额是不是比水务局高", True),
        ("水务局的预算比林业局多吗", False),
        ("林业局有没有预算超过800万元的项目", True),
        ("护林员补助是每月发一次吗", True),
        ("防火通道要求在2025年9月底前完工吗", False),
        ("护林员补助标准超过1000元没有", True),
    ],
)
def test_whether_it_is_so(two: KnowledgeGraph, question: str, truth: bool) -> None:
    assert two.ask(question).boolean is truth
