"""Files as offices publish them: every row and budget is read right.

Three sets are by people who had not seen the code; ``provinces`` was laid out from memory of other provinces' files.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from command import TESTS, json_lines

from kg.readers import read
from kg.tables import read_document

OFFICES = TESTS / "data" / "offices"
FILES = [
    pytest.param(file, name, id=f"{name}-{file.name}")
    for name in ("first", "second", "third", "provinces")
    for file in sorted((OFFICES / name).iterdir())
]


def plain(text: str) -> str:
    return re.sub(r"[\s“”\"'《》（）()，,、。：:；;]", "", text)


def expected(gold: dict[str, Any]) -> tuple[Any, ...]:
    value = plain(gold["text"]) if gold["text"] else (gold["operator"], float(gold["number"]), plain(gold["unit"]))
    return plain(gold["project"]), plain(gold["level2"]), plain(gold["indicator"]), value, gold["budget_wan"]


@pytest.mark.parametrize(("file", "name"), FILES)
def test_every_row_of_an_offices_file_is_read_right(file: Path, name: str) -> None:
    golds = [g for g in json_lines(OFFICES / f"{name}.jsonl") if g["file"] == file.name]
    document = read_document(read(file))
    rows = []
    for project in document.projects:
        budget = None if project.budget is None else float(project.budget / 10_000)
        for row in project.indicators:
            target = row.target
            value: Any = plain(target.text)
            if target.number is not None:
                value = target.operator, float(target.number), plain(target.unit)
            rows.append((plain(project.name), plain(row.level2), plain(row.name), value, budget))
    assert golds
    assert sorted(rows, key=str) == sorted(map(expected, golds), key=str)
    assert document.year == golds[0].get("year", 2025)
