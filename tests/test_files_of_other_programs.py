"""Small files that other programs have written (Word's and Excel's libraries, LibreOffice, a browser), each hard in one
way: every row, target and budget comes out as the gold has it, and nothing else.
"""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kg.readers import read
from kg.tables import read_document

FOLDER = Path(__file__).parent / "data" / "producers"
GOLD: dict[str, list[dict[str, Any]]] = defaultdict(list)
for _line in (FOLDER / "gold.jsonl").read_text("utf-8").splitlines():
    _row = json.loads(_line)
    GOLD[_row["file"]].append(_row)


def plain(number: float | Decimal | None) -> Decimal | None:
    return None if number is None else Decimal(str(number)).quantize(Decimal("0.000001"))


@pytest.mark.parametrize("name", sorted(GOLD))
def test_every_row_is_read_as_it_is_shown(name: str) -> None:
    document = read_document(read(FOLDER / name))
    found = [
        (p.name, i.level2, i.name, i.target.operator if i.target.number is not None else "", plain(i.target.number),
         i.target.unit if i.target.number is not None else i.target.text.replace("\n", ""), plain(p.budget and p.budget / 10_000))
        for p in document.projects
        for i in p.indicators
    ]  # fmt: skip
    meant = [
        (g["project"], g["level2"], g["indicator"], g["operator"], plain(g["number"]), g["unit"] or g["text"], plain(g["budget_wan"]))
        for g in GOLD[name]
    ]  # fmt: skip
    assert sorted(found, key=str) == sorted(meant, key=str)


def test_every_file_has_gold() -> None:
    assert {f.name for f in FOLDER.iterdir()} - {"gold.jsonl"} == set(GOLD)
