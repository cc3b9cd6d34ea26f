"""Different words for the same: one table, ``synonyms.toml``, for finding duplicates and for understanding questions."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files("index").joinpath("synonyms.toml").read_text("utf-8"))


def of_measures() -> list[tuple[str, ...]]:
    """Sets of words that name the same in what an indicator measures; the first of each is the standard form."""
    sets = (
        (*row.get("words", ()), *(row.get("short", ()) if "words" in row else ()), *row.get("duplicates", ()))
        for row in _table()["same"]
    )
    return [words for words in sets if words]


def of_questions() -> list[tuple[str, ...]]:
    """Sets of words that mean the same when people ask."""
    sets = ((*row.get("words", ()), *row.get("questions", ()), *row.get("short", ())) for row in _table()["same"])
    return [words for words in sets if len(words) > 1]


@cache
def abbreviations() -> dict[str, list[str]]:
    """Part of a name → its short forms."""
    return {(row.get("words") or row["questions"])[0]: row["short"] for row in _table()["same"] if "short" in row}


def departments() -> dict[str, list[str]]:
    """Part of a department's name → its short forms."""
    found: dict[str, list[str]] = _table()["departments"]
    return found
