"""What holds for every answer, whatever the question: bounds, ties, how sure it is, which words it left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median

import pytest
from conftest import small
from layout import table, write

from kg import show
from kg.knowledge import KnowledgeGraph

BUDGETS = {
    "设备购置": "300.00", "场馆维修": "200.00", "信息运维": "120.00", "宣传活动": "50.00", "技能竞赛": "50.00",
}  # fmt: skip


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """Five projects with the budgets above, in 万元."""
    folder = tmp_path_factory.mktemp("five")
    tables = (table(name, number=n, budget=budget) for n, (name, budget) in enumerate(BUDGETS.items(), 1))
    document = write(folder / "demo-2025.txt", *tables)
    with small(folder / "data", [document]) as graph:
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


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("数量最大的人次指标是哪个", ["托管中心工伤、丧劳人员社会保险费补贴发放人次"]),
        ("单位是“人次”的指标中哪个最大", ["托管中心工伤、丧劳人员社会保险费补贴发放人次"]),
        ("最早要完成的指标是哪个", ["完成上岗工作时间"]),
        ("时效指标里最早的是哪个", ["完成上岗工作时间"]),
        ("预算居中的是哪个项目", ["综合管理赋能经费"]),
    ],
)
def test_the_most_is_by_what_is_said(sample: KnowledgeGraph, question: str, expected: list[str]) -> None:
    assert names(sample, question) == expected


def test_the_lowest_target_is_that_of_its_kind(sample: KnowledgeGraph) -> None:
    found = sample.ask("满意度指标里最低的是多少")
    assert {i.number for i in found.answers} == {90}
    assert len(found.answers) > 1


def test_one_end_is_so_many_times_the_other(five: KnowledgeGraph) -> None:
    (one,) = five.ask("预算最高的项目是预算最低的几倍").answers
    assert (one.number, one.unit) == (6, "倍")


@pytest.mark.parametrize("question", ["社会效益指标里最好的是哪个", "哪个项目最先完成", "时效指标中最宽松的是哪个"])
def test_the_most_of_what_has_no_order_is_not_answered_with_all(sample: KnowledgeGraph, question: str) -> None:
    assert not sample.ask(question).answers


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("设备购置的预算比场馆维修多多少", "前者300万元，后者200万元，前者多"),
        ("宣传活动的预算比场馆维修多多少", "前者50万元，后者200万元，前者少"),
        ("宣传活动的预算比技能竞赛多多少", "前者50万元，后者50万元，两者相等"),
    ],
)
def test_both_sides_of_a_difference_are_told(five: KnowledgeGraph, question: str, said: str) -> None:
    assert said in five.ask(question).notes


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
    ("question", "narrower"),
    [
        ("求职创业补贴人均标准是多少", "未成年求职创业补贴人均标准是多少"),
        ("完成上岗工作时间是什么时候", "夜间完成上岗工作时间是什么时候"),
        ("综合管理赋能经费的预算数是多少", "虚拟综合管理赋能经费的预算数是多少"),
        ("交通协管员社会保险费补贴标准是每人多少元", "境外交通协管员社会保险费补贴标准是每人多少元"),
    ],
)
def test_what_narrows_a_name_is_not_passed_over(sample: KnowledgeGraph, question: str, narrower: str) -> None:
    assert sample.ask(question).answers
    assert not sample.ask(narrower).answers


def test_an_answer_by_meaning_says_which_words_it_does_without(sample: KnowledgeGraph) -> None:
    answer = sample.ask("档案扫描进电脑要弄多少份")
    assert answer.answers
    assert "扫描" in answer.unmatched


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


def number(graph: KnowledgeGraph, question: str) -> float:
    (item,) = graph.ask(question).answers
    assert item.number is not None
    return float(item.number)


def test_a_share_of_fiscal_funds_is_one_of_their_amount(sample: KnowledgeGraph) -> None:
    """Not of the budgets of the projects that have some."""
    fiscal, whole = number(sample, "全部项目财政资金合计"), number(sample, "全部项目预算合计")
    assert fiscal != whole
    for question in ("财政资金占预算总额的比重是多少", "财政资金占全部项目预算的百分之几"):
        assert number(sample, question) == pytest.approx(100 * fiscal / whole)
    assert number(sample, "综合管理赋能经费的财政资金占预算的百分之几") == 100


def test_two_named_departments_come_to_one_sum(sample: KnowledgeGraph) -> None:
    assert number(sample, "人才专项经费和综合管理赋能经费的预算合计") == 4340 + 900


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("名称里含竞赛或者维修的项目", {"技能竞赛", "场馆维修"}),
        ("预算不到100万元的项目有没有超过80万元的", {"否"}),
    ],
)
def test_either_word_of_a_name_and_a_no(question: str, expected: set[str], five: KnowledgeGraph) -> None:
    assert set(names(five, question)) == expected


def test_a_count_that_is_said_is_exact(sample: KnowledgeGraph) -> None:
    """“设了5条时效指标的”: as many, not one or more."""
    counted = {a["label"]: a["value"] for a in sample.ask("各项目的时效指标各有多少条").json()["answers"]}
    for size in (3, 5):
        expected = {label for label, value in counted.items() if value == f"{size}条"}
        assert expected and set(names(sample, f"哪些项目设置了{size}条时效指标")) == expected


def test_an_amount_is_given_in_another_unit_when_asked_again(sample: KnowledgeGraph) -> None:
    first = sample.ask("人才专项经费的预算是多少")
    again = sample.ask("折成亿元是多少", first)
    assert [a["value"] for a in again.json()["answers"]] == ["0.434亿元"]


def test_a_word_that_points_is_used(sample: KnowledgeGraph) -> None:
    """“它”: what was found before, not all that has such an indicator."""
    before = sample.ask("预算最高的项目是哪个")
    answer = sample.ask("它的时效指标有哪些", before)
    assert {a["project"] for a in answer.json()["answers"]} == {before.answers[0].label}


def test_two_readings_that_lie_close_are_both_shown(sample: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    from kg.ask import asker
    from kg.ask.confidence import GAP, confidence

    def doubting(features: dict[str, float], *, stray: bool = False) -> float:
        return confidence(features, stray=stray) if features["gap"] >= GAP else 0.3

    monkeypatch.setattr(asker, "confidence", doubting)
    monkeypatch.setattr(type(sample.asker.composer.nearest), "near", lambda *_: None)
    found = sample.ask("公益性岗位补贴按资金来源分成了哪几个项目")
    assert (found.reason, found.answers) == ("ambiguous", [])
    assert "①" in found.understood and "②" in found.understood


@pytest.mark.parametrize("question", ["除了维修和竞赛，还有哪些项目", "维修不要，竞赛也不要，列出其余的项目"])
def test_neither_of_two_is_left(question: str, five: KnowledgeGraph) -> None:
    found = five.ask(question)
    assert {a.label for a in found.answers} <= {"设备购置", "信息运维", "宣传活动"}


def test_a_character_that_tells_things_apart_is_no_slip(tmp_path: Path) -> None:
    tables = (
        table("澄北灌区节水改造工程", number=1, budget="420.00"),
        table("非煤矿山安全检查专项", number=2, budget="95.00"),
    )
    with small(tmp_path / "data", [write(tmp_path / "demo-2025.txt", *tables)]) as graph:
        assert number(graph, "澄北灌区节水改造工成的预算是多少") == 420  # a slip
        assert not graph.ask("澄南灌区节水改造工程的预算是多少").answers
        assert not graph.ask("煤矿安全检查项目的预算是多少").answers
