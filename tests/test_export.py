"""``kg export``: the flat table agrees with the gold cell by cell; RDF and workbook can be read back."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from command import SAMPLE, SECOND, TESTS, Run, json_lines, one_error
from layout import graph_of, table, value_row

from kg.errors import KgError
from kg.graph import export
from kg.graph.store import ontology_quads
from kg.knowledge import KnowledgeGraph
from ontology import GRAPH

COLUMNS = (
    "document,table,row,year,department,project,budget_wan,level1,level2,indicator,description,value,"
    "operator,number,unit,per,deadline,"
    "actual,weight,score,deviation,outcome,difference,completion_rate,fiscal_wan,other_wan,adjusted_wan,executed_wan,"
    "execution_rate,whole_period_wan,total_score,implementer,forms,place"
)
DEADLINES = {
    "2025年12月31日前": "2025-12-31",
    "2025年1月1日至2025年12月31日": "2025-12-31",
    "12月底前发放到位": "2025-12-31",
    "9月底前签约上岗": "2025-09-30",
    "年底前完成": "2025-12-31",
}


def squeezed(text: str) -> str:
    return "".join(text.split())


def one_line(text: str) -> str:
    """A cell's words without line breaks and outer blanks."""
    return re.sub(r"\s*\n\s*", "", text.strip())


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def rows(kg_run: Run, sample_data: Path) -> list[dict[str, str]]:
    """The sample as ``kg export --format csv`` prints it."""
    done = kg_run("export", "--format", "csv", "--data", sample_data)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == COLUMNS
    return parsed(done.stdout)


def agrees(row: dict[str, str], gold: dict[str, Any]) -> bool:
    if [squeezed(row[k]) for k in ("project", "level2", "indicator")] != [
        squeezed(gold[k]) for k in ("project", "level2", "indicator")
    ] or float(row["budget_wan"]) != gold["budget_wan"]:
        return False
    if gold["text"]:
        return (row["value"], row["operator"], row["number"], row["unit"]) == (gold["text"], "", "", "")
    return (row["operator"], float(row["number"]), row["unit"]) == (
        gold["operator"], gold["number"], gold["unit"],
    )  # fmt: skip


def test_all_368_rows_of_the_sample_agree_with_the_gold(rows: list[dict[str, str]]) -> None:
    gold = json_lines(TESTS / "data" / "tianjin-hrss-2025-gold.jsonl")
    assert len(rows) == len(gold) == 368
    wrong = [(row, g) for row, g in zip(rows, gold, strict=True) if not agrees(row, g)]
    assert wrong == []


def test_cells_and_places_of_the_sample_are_those_of_the_tables(rows: list[dict[str, str]]) -> None:
    count: Counter[int] = Counter()
    cells = json_lines(TESTS / "data" / "tianjin-hrss-2025-indicators.jsonl")
    for row, cell in zip(rows, cells, strict=True):
        table = cell["no"]
        count[table] += 1
        assert (row["document"], row["table"], row["row"]) == (SAMPLE.name, str(table), str(count[table]))
        written = [cell[k] for k in ("project", "level1", "level2", "name", "description")]
        shown = [row[k] for k in ("project", "level1", "level2", "indicator", "description")]
        assert shown == [one_line(text) for text in written]
        assert squeezed(row["value"]) == squeezed(cell["value"])
        assert (row["year"], row["department"]) == ("2025", "天津市人力资源和社会保障局财务处")
    assert len(count) == 23


def test_per_and_deadline_of_the_sample(rows: list[dict[str, str]]) -> None:
    dated = [row for row in rows if row["value"] in DEADLINES]
    assert {row["value"]: row["deadline"] for row in dated} == DEADLINES
    assert [row["value"] for row in rows if row["deadline"] and row["value"] not in DEADLINES] == []
    assert {row["unit"]: row["per"] for row in rows if "/" in row["unit"]} == {"元/人": "人"}
    assert [row["value"] for row in rows if row["per"] and "/" not in row["unit"]] == []


def test_the_second_corpus_agrees_with_its_gold(kg_run: Run, tmp_path: Path) -> None:
    assert kg_run("build", "--data", tmp_path / "data", SECOND).returncode == 0
    got = parsed(kg_run("export", "--format", "csv", "--data", tmp_path / "data").stdout)
    gold = json_lines(TESTS / "data" / "regression" / "second-gold.jsonl")
    cells = json_lines(TESTS / "data" / "regression" / "second-indicators.jsonl")
    assert [(row, g) for row, g in zip(got, gold, strict=True) if not agrees(row, g)] == []
    for row, cell in zip(got, cells, strict=True):
        assert int(row["table"]) == cell["no"]
        assert (row["level1"], row["description"]) == (cell["level1"], one_line(cell["description"]))


def test_csv_keeps_commas_quotes_and_big_numbers() -> None:
    name = '“甲,乙”"丙"项目'
    store = graph_of(table(name, rows=[value_row('按"A,B"执行'), value_row("≤123456789012345678.25元")]))
    first, second = parsed(export.render(store, "csv").decode())
    assert (first["project"], first["value"]) == (name, '按"A,B"执行')
    assert second["number"] == "123456789012345678.25"


def test_empty_cells_are_empty_not_none() -> None:
    store = graph_of(("无年度.txt", table(department="", budget="", rows=[value_row("好")])))
    (row,) = parsed(export.render(store, "csv").decode())
    assert {k for k, v in row.items() if v == ""} == {
        "year", "department", "budget_wan", "operator", "number", "unit", "per", "deadline",
        "actual", "weight", "score", "deviation", "outcome", "difference", "completion_rate",
        "fiscal_wan", "other_wan", "adjusted_wan", "executed_wan", "execution_rate", "whole_period_wan", "total_score",
        "implementer",
    }  # fmt: skip


def test_nquads_hold_one_graph_a_document_beside_measures_and_ontology_and_turtle_the_documents_union(
    kg_run: Run, sample_data: Path
) -> None:
    nquads = kg_run("export", "--format", "nquads", "--data", sample_data).stdout
    turtle = kg_run("export", "--data", sample_data).stdout  # turtle is the default
    quads = list(ox.parse(nquads, ox.RdfFormat.N_QUADS))
    triples = set(ox.parse(turtle, ox.RdfFormat.TURTLE))
    base = "https://w3id.org/jixiao/id/"
    ontology = [q for q in quads if q.graph_name.value == GRAPH]
    said = [q for q in quads if q.graph_name.value != GRAPH]
    assert {q.graph_name.value for q in said} == {f"{base}document/{SAMPLE.name}", f"{base}measures"}
    assert {ox.Triple(q.subject, q.predicate, q.object) for q in said} == {t.triple for t in triples}
    assert len(nquads.splitlines()) == len(set(nquads.splitlines())) == len(triples) + len(ontology)
    assert len(ontology) == sum(1 for _ in ontology_quads())
    assert kg_run("export", "--format", "nquads", "--data", sample_data).stdout == nquads
    assert "@prefix jx:" in turtle


def test_an_output_that_cannot_be_written_is_one_line(kg_run: Run, sample_data: Path, tmp_path: Path) -> None:
    target = tmp_path / "missing" / "out.csv"
    one_error(kg_run("export", "--format", "csv", "-o", target, "--data", sample_data), str(target))


def test_a_year_or_a_department_of_the_table() -> None:
    store = graph_of(
        ("a-2024.txt", table(department="甲市教育局", rows=[value_row("≥1个")])),
        ("b-2025.txt", table(department="甲市农业局", rows=[value_row("≥2个")])),
        ("c-2025.txt", table(department="甲市教育局", rows=[value_row("≥3个")])),
    )

    def values(**chosen: Any) -> list[str]:
        return [r["value"] for r in parsed(export.render(store, "csv", export.choice(store, **chosen)).decode())]

    assert values() == ["≥1个", "≥2个", "≥3个"]
    assert values(years=[2025]) == ["≥2个", "≥3个"]
    assert values(departments=["教育局"]) == ["≥1个", "≥3个"]
    assert values(years=[2025], departments=["甲市教育局"]) == ["≥3个"]
    assert values(years=[2024], departments=["农业局"]) == []
    with pytest.raises(KgError, match="没有2019年的表：现有2024、2025"):
        values(years=[2019])
    with pytest.raises(KgError, match="没有部门“水务局”：现有甲市农业局、甲市教育局"):
        values(departments=["水务局"])
    with pytest.raises(KgError, match="整个图谱"):
        export.render(store, "turtle", export.choice(store, years=[2025]))


def test_amounts_of_the_projects_are_yuan(sample: KnowledgeGraph) -> None:
    (row,) = sample.store.select("SELECT (SUM(?b) AS ?all) (COUNT(*) AS ?n) WHERE { ?p jx:budget ?b }")
    budgets = {g["project"]: Decimal(str(g["budget_wan"])) for g in json_lines(
        TESTS / "data" / "tianjin-hrss-2025-gold.jsonl"
    )}  # fmt: skip
    assert (row["n"], row["all"]) == (23, sum(budgets.values()) * 10_000)
