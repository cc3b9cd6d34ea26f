"""A decision that is taken back no longer counts, anywhere; the reasons of a pair are said in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.captions import in_words
from kg.graph.review import Reviews, reviewed, sssom

A, B, C = (f"https://example.org/{n}" for n in "abc")


def decided(folder: Path, *decisions: tuple[str, str, str]) -> Reviews:
    reviews = Reviews(folder)
    for n, (one, two, decision) in enumerate(decisions):
        reviews.add([reviewed(one, two, decision, "看过", "甲", f"2026-01-01T00:00:0{n}+00:00")])
    return reviews


@pytest.mark.parametrize(
    ("decisions", "accepted", "rejected"),
    [
        ([(A, B, "accepted"), (B, A, "withdrawn")], set(), set()),
        ([(A, B, "accepted"), (A, B, "withdrawn"), (A, B, "rejected")], set(), {(A, B)}),
        ([(A, B, "accepted"), (A, C, "rejected"), (A, C, "withdrawn")], {(A, B)}, set()),
        ([(A, B, "rejected"), (A, B, "accepted"), (A, B, "withdrawn"), (A, B, "noted")], set(), set()),
        ([(A, B, "withdrawn")], set(), set()),
    ],
)
def test_what_is_taken_back_does_not_count(
    tmp_path: Path,
    decisions: list[tuple[str, str, str]],
    accepted: set[tuple[str, str]],
    rejected: set[tuple[str, str]],
) -> None:
    reviews = decided(tmp_path, *decisions)
    assert (set(reviews.decisions().accepted), set(reviews.decisions().rejected)) == (accepted, rejected)
    assert len(reviews.all()) == len(decisions)  # nothing is ever lost
    exported = sssom(reviews.standing(), lambda iri: iri)
    assert exported.count("ManualMappingCuration") == len(reviews.standing())
    assert all(review.decision != "withdrawn" for review in reviews.latest().values())


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (
            [("unit", 1.0), ("name", 0.9), ("core", 0.7), ("type", 0.1)],
            "单位相同；名称很相近；关键字相近；类型不大相同",
        ),
        ([("words", 1.0)], "用词相同"),
        ([("review", 1.0)], "复核"),
        ([("unit", 1.0), ("type", 1.0)], "单位、类型相同"),
    ],
)
def test_reasons_are_words(why: list[tuple[str, float]], said: str) -> None:
    assert in_words([{"feature": feature, "value": value, "score": 0.2} for feature, value in why]) == said


def test_a_veto_is_said_with_what_it_compared() -> None:
    veto = {"feature": "veto", "guard": "numbers", "words": "2024／2025", "value": 0.0, "score": -1.0}
    assert in_words([{"feature": "name", "value": 1.0, "score": 0.1}, veto]) == "名称相同；但数字不同：2024／2025"
