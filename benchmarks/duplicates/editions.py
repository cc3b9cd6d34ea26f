"""Further editions of known tables, written by hand as edits of them: one ``.tsv`` each.

A section begins with ``# project of the base year<TAB>its name a year before``. Its lines are
``row<TAB>name[<TAB>value[<TAB>description]]``, ``row<TAB>-`` (the row was not there yet) and
``+<TAB>level 2<TAB>name<TAB>value`` (a row since dropped, which stood last of its type, or after row 3 as ``+3``).
Rows that are not listed stay as they are, but for the years in dates.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.generate import _export
from benchmarks.measure import ROOT
from kg.building import sample
from kg.readers import read
from kg.tables import ProjectRecord, read_document

HERE = Path(__file__).parent
FIELDS = ROOT / "tests" / "data" / "regression"
SECOND, HEALTH, FARMING = (FIELDS / f"{field}-2025.txt" for field in ("second", "health", "farming"))
YEAR = 2025
Texts = tuple[str, list[list[str]]]


@dataclass(slots=True)
class Edition:
    """One table a year before: its rows as (level 1, level 2, name, description, value), and the labelled pairs."""

    base: ProjectRecord
    name: str
    rows: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    pairs: list[tuple[str, str, str]] = field(default_factory=list)
    """(name a year before, name in the base year, same | paraphrase)."""


def bases() -> dict[str, ProjectRecord]:
    """The tables of the sample and of the other fields, by project."""
    return {p.name: p for path in (sample(), SECOND, HEALTH, FARMING) for p in read_document(read(path)).projects}


def editions(part: str) -> list[Edition]:
    """The editions of ``fit``, ``heldout``, ``health`` or ``farming``."""
    known = bases()
    found: list[Edition] = []
    for section in re.split(r"^# ", (HERE / f"{part}.tsv").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        head, *lines = section.splitlines()
        project, name = head.split("\t")
        found.append(_edition(known[project], name, [line.split("\t") for line in lines if line]))
    return found


def _edition(base: ProjectRecord, name: str, lines: list[list[str]]) -> Edition:
    edited = {int(line[0]): line[1:] for line in lines if line[0][0] != "+"}
    done = Edition(base, name)
    levels = {i.level2: i.level1 for i in base.indicators}
    placed: list[tuple[int, tuple[str, str, str, str, str]]] = []
    for row in base.indicators:
        new, *other = edited.get(row.row, [row.name])
        if new == "-":
            continue
        said = row.description.replace(row.name, new) if row.description else ""
        target = other[0] if other else _year_before(row.target.text)
        placed.append((row.row, (row.level1, row.level2, new, other[1] if len(other) > 1 else said, target)))
        done.pairs.append((new, row.name, "same" if new == row.name else "paraphrase"))
    for place, level2, new, target in (line for line in lines if line[0][0] == "+"):
        placed.append((int(place[1:] or len(base.indicators)), (levels[level2], level2, new, new, target)))
    # as a table has them: by type, in the order in which the base has the types
    order = list(dict.fromkeys(i.level2 for i in base.indicators))
    done.rows = [row for _, row in sorted(placed, key=lambda p: (order.index(p[1][1]), p[0]))]
    return done


def _year_before(text: str) -> str:
    return text.replace(str(YEAR), str(YEAR - 1))


def write(folder: Path, part: str) -> list[Path]:
    """The editions of ``part`` as documents, one a department, and the labels as ``pairs.jsonl``."""
    folder.mkdir(parents=True, exist_ok=True)
    by_department: dict[str, list[Edition]] = {}
    labels = []
    for edition in editions(part):
        base = edition.base
        by_department.setdefault(f"{base.department_code}{base.department}", []).append(edition)
        labels += [
            {"project_2024": edition.name, "indicator_2024": a, "project_2025": base.name, "indicator_2025": b, "kind": k}
            for a, b, k in edition.pairs
        ]  # fmt: skip
    (folder / "pairs.jsonl").write_text("".join(json.dumps(p, ensure_ascii=False) + "\n" for p in labels), "utf-8")
    written = []
    for number, (department, several) in enumerate(by_department.items(), 1):
        path = folder / f"{part}-{number}-{YEAR - 1}.txt"
        path.write_text("".join(_export(_table(e, department) for e in several)), "utf-8")
        written.append(path)
    return written


def _table(edition: Edition, department: str) -> Texts:
    base = edition.base
    goals = [_year_before(g) for g in base.goals]
    rows: list[list[str]] = [
        [department, "单位：万元"],
        ["项目名称", edition.name],
        ["预算规模及资金用途", "预算数", _wan(base.budget), "其中：财政    资金", _wan(base.fiscal_funds), "其他资金", _wan(base.other_funds)],
        ["", _year_before(base.purpose)],
        ["绩效目标", "\n".join(f"{n}.{g}" for n, g in enumerate(goals, 1))],
        ["一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值"],
        *_indicators(edition),
    ]  # fmt: skip
    return f"{edition.name}绩效目标表", rows


def _indicators(edition: Edition) -> Iterator[list[str]]:
    last = ""
    for level1, *rest in edition.rows:
        yield [level1 if level1 != last else "", *rest]
        last = level1


def _wan(amount: object) -> str:
    return "" if amount is None else f"{float(str(amount)) / 10_000:.2f}"
