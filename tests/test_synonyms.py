"""One table of words for the same, read by the search for duplicates and by the understanding of questions."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib import resources
from typing import Any

import pytest

from index.duplicates.names import plain, read_name
from index.synonyms import abbreviations, departments, of_measures, of_questions
from kg.ask.phrases import synonyms


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(resources.files("index").joinpath("synonyms.toml").read_text("utf-8"))[
        "same"
    ]
    return found


def test_every_row_says_what_it_is_for_and_each_word_once() -> None:
    for row in rows():
        assert row.keys() <= {"words", "short", "duplicates", "questions"}, row
        words = [word for said in row.values() for word in said]
        assert len(words) > 1, row
        assert max(Counter(words).values()) == 1, row
        assert row.keys() & {"words", "questions"} or "short" not in row, row


def test_a_word_has_one_standard_form_where_indicators_are_compared() -> None:
    standard: dict[str, set[str]] = {}
    for first, *others in of_measures():
        for word in (first, *others):
            standard.setdefault(plain(word), set()).add(plain(first))
    assert {word: forms for word, forms in standard.items() if len(forms) > 1} == {}


@pytest.mark.parametrize(
    ("word", "standard", "compared", "asked"),
    [
        ("村医", "乡村医生", True, True),  # words
        ("社保", "社会保险", True, True),  # a short form
        ("监督检查", "监督管理", True, False),  # duplicates only
        ("清洁工", "保洁员", False, True),  # questions only
    ],
)
def test_a_row_counts_where_it_says(word: str, standard: str, compared: bool, asked: bool) -> None:
    assert (read_name(f"{word}人数").canonical == read_name(f"{standard}人数").canonical) is compared
    assert (standard in synonyms().get(word, ())) is asked
    assert any({word, standard} <= {*said} for said in of_measures()) is compared
    assert any({word, standard} <= {*said} for said in of_questions()) is asked


def test_short_forms_are_shorter_than_what_they_stand_for_or_at_least_other() -> None:
    for table in (abbreviations(), departments()):
        for full, shorts in table.items():
            assert shorts, full
            assert full not in shorts
