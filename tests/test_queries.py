"""The named queries: each parses, is described, answers on the sample; parameters are typed and inert."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest
from command import ROOT, SAMPLE, Run, one_error
from layout import graph_of, table

import queries
from index.duplicates.found import Embed
from index.encode import DEFAULT_MODEL, EmbeddingCache, load_encoder
from kg.graph.store import Store
from kg.knowledge import KnowledgeGraph
from queries import NamedQuery, Parameter, ParameterError

ALL = queries.load_all()
EVERY = pytest.mark.parametrize("query", ALL, ids=lambda q: q.name)
YEARLY = [q for q in ALL if any(p.name == "year" for p in q.parameters)]
STRINGS = [(q, p) for q in ALL for p in q.parameters if p.type == "string"]


def rows(store: Store, query: NamedQuery, **values: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in store.select(query.sparql(values))]


@pytest.fixture(scope="module")
def embed(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Embed:
    """The sample's embeddings, so that its measures are the sample's."""
    folder = Path(shutil.copytree(sample_data / "cache", tmp_path_factory.mktemp("embeddings") / "cache"))
    cache = EmbeddingCache(folder / "embeddings.sqlite")
    return lambda texts: cache.embed(DEFAULT_MODEL, texts, lambda: load_encoder(DEFAULT_MODEL))


@pytest.fixture(scope="module")
def small(embed: Embed) -> Store:
    """The sample's text as it is, beside a table that has neither department nor year."""
    bare = table("无主项目", department="", unit="单位：万元")
    return graph_of((SAMPLE.name, SAMPLE.read_text("utf-8")), ("无年度.txt", bare), embed=embed)


def test_there_are_named_queries_and_all_files_are_loaded() -> None:
    assert [q.name for q in ALL] == sorted(p.stem for p in (ROOT / "queries").glob("*.rq"))
    assert len(ALL) >= 15


@EVERY
def test_a_query_is_described_in_chinese(query: NamedQuery) -> None:
    for text in (query.title, query.description, *(p.description for p in query.parameters)):
        assert re.search(r"[\u4e00-\u9fff]{2}", text), text
    assert len(query.title) <= 30
    assert ("#params" in query.text) == bool(query.parameters)
    assert queries.load(query.name) == query


@EVERY
def test_a_query_answers_on_the_sample(sample: KnowledgeGraph, query: NamedQuery) -> None:
    solutions = sample.store.query(query.sparql())
    assert isinstance(solutions, ox.QuerySolutions)
    names = [v.value for v in solutions.variables]
    assert all(re.search(r"[\u4e00-\u9fff]", name) for name in names), names
    found = list(solutions)
    assert found
    for name in names:
        filled = any(row[name] is not None for row in found)
        assert filled or "上年" in name or "变化" in name, f"{name} is empty in every row"


@EVERY
def test_a_query_gives_every_row_once_in_one_order(sample: KnowledgeGraph, query: NamedQuery) -> None:
    found = rows(sample.store, query)
    assert rows(sample.store, query) == found
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("query", YEARLY, ids=lambda q: q.name)
def test_a_query_of_the_only_year_is_that_of_all(sample: KnowledgeGraph, query: NamedQuery) -> None:
    assert rows(sample.store, query, year="2025") == rows(sample.store, query)
    assert rows(sample.store, query, year="1999") == []


@EVERY
def test_a_table_without_department_and_year_neither_fails_nor_multiplies(
    sample: KnowledgeGraph, small: Store, query: NamedQuery
) -> None:
    before, after = rows(sample.store, query), rows(small, query)
    assert len(before) <= len(after) <= len(before) + 12
    if query in YEARLY:
        assert rows(small, query, year="2025") == before


@EVERY
def test_the_same_file_under_another_name_changes_no_sum(
    sample: KnowledgeGraph, embed: Embed, query: NamedQuery
) -> None:
    """What two files state is stated once: only columns that name the file may differ."""
    text = SAMPLE.read_text("utf-8")
    twice = graph_of((SAMPLE.name, text), ("copy-2025.txt", text), embed=embed)

    def figures(found: list[dict[str, object]]) -> set[tuple[tuple[str, object], ...]]:
        files = ("文件", "出处数")
        return {tuple((k, v) for k, v in row.items() if k not in files) for row in found}

    alone = figures(sample.store.select(query.sparql()))
    assert figures(twice.select(query.sparql())) == alone


def test_budgets_by_fund_add_up(sample: KnowledgeGraph) -> None:
    found = rows(sample.store, queries.load("budget-by-department-year"))
    assert len(found) == 1
    assert "天津市人力资源和社会保障局财务处" in found[0]
    assert 23 in found[0]
    assert any(str(value).startswith("70519.24") for value in found[0])


def test_projects_of_a_group_include_those_of_narrower_groups(sample: KnowledgeGraph) -> None:
    query = queries.load("projects-of-group")
    found = sample.store.select(query.sparql({"group": "高校毕业生"}))
    assert "求职创业补贴-01中央直达资金-就业补助资金" in {row["项目"] for row in found}  # 困难毕业生
    assert {row["服务对象"] for row in found} == {"高校毕业生"}
    assert found == sample.store.select(query.sparql({"group": "应届毕业生"}))  # another name of the same


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("integer", "2025", "2025"),
        ("integer", " 7 ", "7"),
        ("integer", "-3", "-3"),
        ("decimal", "1.50", '"1.50"^^xsd:decimal'),
        ("date", "2025-12-31", '"2025-12-31"^^xsd:date'),
        ("string", "高校毕业生", '"高校毕业生"'),
        ("string", 'a"b\\c\nd', '"a\\"b\\\\c\\nd"'),
        ("string", "", '""'),
    ],
)
def test_a_value_becomes_a_literal_of_its_type(kind: str, value: str, term: str) -> None:
    assert Parameter("x", kind, "说明").term(value) == term


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "今年"),
        ("integer", "2025.5"),
        ("integer", ""),
        ("integer", "2025 } DROP ALL"),
        ("integer", "9" * 5000),
        ("decimal", "1e"),
        ("decimal", "NaN"),
        ("decimal", "Infinity"),
        ("date", "2025-12"),
        ("date", "2025-13-41"),
        ("date", '2025-12-31"'),
    ],
)
def test_a_value_of_another_type_is_told(kind: str, value: str) -> None:
    with pytest.raises(ParameterError, match=f"参数 x 应为 {kind}"):
        Parameter("x", kind, "说明").term(value)


ATTACKS = [
    '高校毕业生" } UNION { ?s ?p ?o } #',
    '" } INSERT DATA { <a:b> <a:c> <a:d> } #',
    '\\" } SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } #',
    "高校毕业生\n} SELECT * { ?s ?p ?o",
    "#params",
    "?year",
    "<https://w3id.org/jixiao/group/students>",
    "\\u0022 }",
    "'''",
]


@pytest.mark.parametrize("value", ATTACKS)
@pytest.mark.parametrize(("query", "parameter"), STRINGS, ids=lambda x: getattr(x, "name", ""))
def test_a_value_is_never_read_as_sparql(
    sample: KnowledgeGraph, query: NamedQuery, parameter: Parameter, value: str
) -> None:
    assert rows(sample.store, query, **{parameter.name: value}) == []


def test_string_parameters_are_tested() -> None:
    assert STRINGS


def test_an_unknown_parameter_is_told_with_those_there_are() -> None:
    with pytest.raises(ParameterError, match=r"没有参数 nope：可用 .*year"):
        queries.load("budget-by-fund-year").sparql({"nope": "1"})


@pytest.mark.parametrize("name", ["nothing", "../pyproject", "", "budget-by-fund-year.rq", "a/b", "\x00"])
def test_an_unknown_query_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        queries.load(name)


def test_defaults_hold_until_a_value_is_given() -> None:
    limit = Parameter("least", "integer", "至少", "2")
    query = NamedQuery("x", "t", "d", (limit,), "SELECT * WHERE { #params\n }")
    assert query.sparql() == "SELECT * WHERE { VALUES ?least { 2 }\n }"
    assert query.sparql({"least": "5"}) == "SELECT * WHERE { VALUES ?least { 5 }\n }"


def test_the_command_lists_every_query_with_its_parameters(kg_run: Run) -> None:
    done = kg_run("query", "--list")
    assert done.returncode == 0
    for query in ALL:
        assert f"{query.name}  {query.title}" in done.stdout
        assert query.description in done.stdout
    assert done.stdout.count("--set ") == sum(len(q.parameters) for q in ALL)
    assert kg_run("query").stdout == done.stdout


def test_the_command_runs_a_query(kg_run: Run, sample_data: Path, sample: KnowledgeGraph) -> None:
    args = ("query", "projects-of-group", "--set", "group=高校毕业生", "--set", "year=2025")
    done = kg_run(*args, "--format", "csv", "--data", sample_data)
    assert (done.returncode, done.stderr) == (0, "")
    expected = sample.store.select(queries.load("projects-of-group").sparql({"group": "高校毕业生"}))
    assert [r["项目"] for r in csv.DictReader(io.StringIO(done.stdout))] == [r["项目"] for r in expected]
    assert f"共 {len(expected)} 行" in kg_run(*args, "--data", sample_data).stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nothing"], ["nothing", "kg query --list"]),
        (["budget-by-fund-year", "--set", "year=今年"], ["year", "integer", "今年"]),
        (["budget-by-fund-year", "--set", "nope=1"], ["nope", "year"]),
        (["budget-by-fund-year", "--set", "year"], ["year", "integer"]),
    ],
)
def test_a_wrong_name_or_value_is_one_line(kg_run: Run, sample_data: Path, args: list[str], words: list[str]) -> None:
    one_error(kg_run("query", *args, "--data", sample_data), *words)
