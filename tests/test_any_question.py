"""Any text at all as a question: an answer or none, never a crash, never a query that the text has written."""

from __future__ import annotations

import pytest
from command import TESTS, json_lines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.graph.terms import iri, literal
from kg.knowledge import KnowledgeGraph

QUESTIONS = [q["q"] for q in json_lines(TESTS / "data" / "regression" / "dev.jsonl")]
PIECES = [
    *{piece for q in QUESTIONS for piece in (q[:4], q[4:8], q[-4:])},
    "？",
    " ",
    "“",
    "”",
    "<b>",
    "}",
    "\x00",
    "😀",
]
RUN = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])

HOSTILE = [
    "::",
    "",
    " \t\n",
    "？",
    "😀" * 50,
    "\x00\x01\x1b[31m",
    "a" * 100_000,
    "预算" * 50_000,
    "的" * 100_000,
    "<script>alert(1)</script>",
    '" } INSERT DATA { <urn:a> <urn:b> "c" } #',
    "人才专项经费”} ; DROP ALL ; SELECT * WHERE {“预算",
    '哪些项目涉及“\\"）) } UNION { ?s ?p ?o } #”',
    "SELECT * WHERE { ?s ?p ?o }",
    "%s%n{0}{{}}${jndi:ldap://x}",
    "١٢٣ 预算超过٩٩万的项目",
    "预算超过" + "9" * 5000 + "万元的项目",
    "预算超过一亿亿亿亿亿亿亿亿亿亿元的项目",
    "第零名是哪个项目",
    "前零个项目",
    "2025年13月45日前完成的项目",
    "0月0日前完成的项目",
    "预算在500万到100万之间的项目",
    "ﷺ𝕳𝖊𝖑𝖑𝖔 預算",
]


def check(graph: KnowledgeGraph, question: str) -> None:
    before = len(graph.store.inner)
    answer = graph.ask(question)
    assert answer.method in ("graph", "search", "none")
    assert bool(answer.answers) == (answer.method != "none")
    assert answer.json()["question"] == question
    assert len(graph.store.inner) == before


@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_survived(question: str, sample: KnowledgeGraph) -> None:
    check(sample, question)


@RUN
@given(st.text(max_size=60))
def test_any_text_is_survived(sample: KnowledgeGraph, question: str) -> None:
    check(sample, question)


@RUN
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_any_mixture_of_question_pieces_is_survived(sample: KnowledgeGraph, question: str) -> None:
    check(sample, question)


@given(st.text())
def test_a_literal_can_not_be_left(text: str) -> None:
    """No quote, backslash or line end of the text stands bare in the SPARQL literal."""
    inner = literal(text)[1:-1]
    at = 0
    while at < len(inner):
        assert inner[at] not in '"\n\r'
        at += 2 if inner[at] == "\\" else 1


@pytest.mark.parametrize("bad", ["a b", "a>b", "a<b", 'a"b', "a{b", "a\nb", "a\\b"])
def test_an_iri_with_characters_that_would_end_it_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match=r"a"):
        iri(bad)
