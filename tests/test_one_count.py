"""Projects and indicators are counted the same way wherever a number of them is told."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import offices
import pytest
from conftest import FakeEncoder
from offices import C
from test_forms import REVIEW, TARGET

import kg
from kg.graph import export
from kg.knowledge import KnowledgeGraph
from kg.service.jobs import documents
from kg.service.views import facets, indicators, projects

WHOLE = [
    [C("部门名称"), C("临川市气象局", colspan=3)],
    [C("年度部门预算（万元）"), C("1200.00", colspan=3)],
    [C("一级指标"), C("二级指标"), C("三级指标"), C("指标值")],
    [C("产出指标"), C("数量指标"), C("办结提案"), C("≥120件")],
]
SAID: dict[str, Any] = {
    "name": "人工影响天气", "department": "临川市气象局", "unit": "临川市气象局", "budget": "180.00", "times": "≥24次",
}  # fmt: skip


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """A project's targets and its self-evaluation, and the table of its whole department."""
    folder = tmp_path_factory.mktemp("counted")
    pages = {"目标表.html": "2024年度项目支出绩效目标表", "自评表.html": "2024年度项目支出绩效自评表"}
    for (name, title), form in zip(pages.items(), (TARGET, REVIEW), strict=True):
        (folder / name).write_text(form.format(title=title, **SAID), "utf-8")
    (folder / "整体.docx").write_bytes(offices.docx([("2024年度部门整体支出绩效目标表", WHOLE)]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.building.load_encoder", lambda _: FakeEncoder())
        patch.setattr("index.search.load_encoder", lambda _: FakeEncoder())
        kg.build(folder / "data", [Path(folder / name) for name in (*pages, "整体.docx")])
        with kg.open(folder / "data") as graph:
            yield graph


def test_projects_are_counted_once_everywhere(counted: KnowledgeGraph) -> None:
    told = {
        "front page": sum(d["projects"] for d in documents(counted)["documents"]),
        "list": projects(counted)["total"],
        "filters": sum(f["count"] for f in facets(counted)["years"]),
        "answer": counted.ask("一共有多少个项目？").answers[0].number,
        "listed answer": len(counted.ask("有哪些项目？").answers),
    }
    assert told == dict.fromkeys(told, 1)


def test_indicators_are_counted_once_everywhere(counted: KnowledgeGraph) -> None:
    rows = list(csv.DictReader(io.StringIO(export.render(counted.store, "csv").decode("utf-8-sig"))))
    told = {
        "front page": sum(d["indicators"] for d in documents(counted)["documents"]),
        "list": indicators(counted)["total"],
        "export": len(rows),
        "answer": counted.ask("一共有多少个指标？").answers[0].number,
    }
    assert len(set(told.values())) == 1, told
