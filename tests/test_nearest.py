"""Questions for one thing that no rule reads: answered by what all of their words come nearest to, or offered it."""

from __future__ import annotations

import pytest

from kg.knowledge import KnowledgeGraph

BY_MEANING = "按意思理解为"


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("家里困难的毕业生找工作那笔补助，一个人最多能拿多少", "≤3000元"),
        ("机关电脑系统出毛病了，运维的人多久得有反应", "≤60分钟"),
        ("国企退了休的老同志，档案一共得管多少份？", "≥134万份"),
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
        "家里困难的毕业生一个人最多能拿多少，什么时候发",  # two things
        "来实习的大学生娃一人补4000元的有多少家企业",  # a condition
        "交通协管员和丧劳人员的岗位补贴分别多久发一次",  # each of two
        "要邀请多少家投资机构",  # counted in what no candidate is counted in
        "丧葬抚恤金一个人给多少钱",  # not in the tables
    ],
)
def test_what_says_more_than_one_value_is_not_read_by_meaning(sample: KnowledgeGraph, question: str) -> None:
    answer = sample.ask(question)
    assert not any(BY_MEANING in note for note in answer.notes)


def test_what_is_not_sure_enough_is_offered_first(sample: KnowledgeGraph) -> None:
    answer = sample.ask("看大门巡逻的那拨人最少得请几位")
    assert not answer.answers
    offered = answer.suggestions["questions"][0]
    assert sample.ask(offered).answers, offered


def test_which_project_lay_words_mean_is_offered_and_not_answered(sample: KnowledgeGraph) -> None:
    answer = sample.ask("给困难毕业生发一笔钱找工作，是哪个项目管的")
    assert not any(BY_MEANING in note for note in answer.notes)
