"""Documents in the graph: rebuilt the same, added, replaced, removed; the union states everything once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from command import SAMPLE, SECOND
from layout import ROWS, graph_of, record, table, value_row, write
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic

import kg
from kg import building
from kg.building import Outcome
from kg.errors import KgError
from kg.graph import export
from kg.graph.generations import DataDirectory
from kg.graph.mapping import Mapper
from kg.graph.vocabulary import vocabulary
from kg.readers import Item, Reader
from ontology import GRAPH

pytestmark = pytest.mark.usefixtures("fake_encoder")


def nquads(data: Path) -> list[str]:
    """The lines of all graphs but the ontology's."""
    with kg.open(data) as graph:
        lines = export.render(graph.store, "nquads").decode().splitlines()
    return [line for line in lines if not line.endswith(f" <{GRAPH}> .")]


def turtle(data: Path) -> bytes:
    with kg.open(data) as graph:
        return export.render(graph.store, "turtle")


def generation(data: Path) -> str | None:
    return DataDirectory(data).current()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return write(tmp_path / "first-2025.txt", table("甲项目"), table("乙项目", number=2))


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return write(tmp_path / "second-2024.txt", table("丙项目", budget="50.00"))


def test_rebuilding_gives_the_same_graph(data: Path) -> None:
    building.build(data)
    before, graph = sorted(nquads(data)), turtle(data)
    building.build(data)
    assert len(before) > 20_000
    assert sorted(nquads(data)) == before
    assert turtle(data) == graph


def test_a_rebuilt_graph_is_isomorphic(data: Path, first: Path, second: Path) -> None:
    building.build(data, [first, second])
    once = Graph().parse(turtle(data), format="turtle")
    building.build(data, [second, first])
    again = Graph().parse(turtle(data), format="turtle")
    assert len(once) > 500
    assert isomorphic(once, again)


def test_documents_added_one_by_one_are_the_same_graph(data: Path, first: Path, second: Path) -> None:
    building.build(data, [first, second])
    together = nquads(data)
    building.build(data, [second])
    building.add(data, [first])
    assert nquads(data) == together


def test_adding_to_nothing_builds(data: Path, first: Path) -> None:
    assert building.add(data, [first]).changed
    added = nquads(data)
    building.build(data, [first])
    assert nquads(data) == added


def test_adding_the_same_file_again_changes_nothing(data: Path, first: Path, second: Path, tmp_path: Path) -> None:
    building.build(data, [first, second])
    before, quads = generation(data), nquads(data)
    (tmp_path / "elsewhere").mkdir()
    copy = shutil.copy(first, tmp_path / "elsewhere")
    for path in (first, second, Path(copy)):
        assert not building.add(data, [path]).changed
    assert generation(data) == before
    assert nquads(data) == quads


def test_adding_an_edited_file_replaces_it(data: Path, first: Path, second: Path) -> None:
    building.build(data, [first, second])
    write(first, table("甲项目", rows=[value_row("≥7个")]))
    assert building.add(data, [first]).changed
    edited = nquads(data)
    building.build(data, [first, second])
    assert nquads(data) == edited
    assert any("≥7个" in quad for quad in edited)
    assert not any("乙项目" in quad for quad in edited)


def test_adding_with_another_year_replaces_it(data: Path, first: Path) -> None:
    building.build(data, [first])
    assert building.add(data, [first], year=2023).changed
    with kg.open(data) as graph:
        years = graph.store.select("SELECT DISTINCT ?y WHERE { ?p a jx:Project ; jx:fiscalYear ?y }")
    assert years == [{"y": 2023}]
    assert not building.add(data, [first], year=2023).changed


@pytest.mark.parametrize("by", ["name", "iri"])
def test_removing_takes_a_document_out_and_leaves_the_rest(data: Path, first: Path, second: Path, by: str) -> None:
    building.build(data, [second])
    alone = nquads(data)
    building.add(data, [first])
    with kg.open(data) as graph:
        name = {"name": first.name, "iri": graph.manifest.documents[0].iri}[by]
    outcome = building.remove(data, [name])
    assert [d.name for d in outcome.documents] == [second.name]
    assert nquads(data) == alone


def test_removing_an_unknown_document_is_an_error_that_names_what_is_there(data: Path, first: Path) -> None:
    building.build(data, [first])
    before = generation(data)
    with pytest.raises(KgError, match=r"“nothing\.txt”.*first-2025\.txt"):
        building.remove(data, ["nothing.txt"])
    with pytest.raises(KgError, match=r"“nothing\.txt”"):
        building.remove(data, [first.name, "nothing.txt"])
    assert generation(data) == before


def test_all_documents_can_be_removed_and_others_added(data: Path, first: Path, second: Path) -> None:
    building.build(data, [first])
    building.remove(data, [first.name])
    assert nquads(data) == []
    with kg.open(data) as graph:
        assert graph.search("培训") == []
        assert graph.ask("哪些项目服务高校毕业生？").answers == []
    building.add(data, [second])
    added = nquads(data)
    building.build(data, [second])
    assert nquads(data) == added


def test_a_bad_file_among_good_ones_is_reported(data: Path, first: Path, tmp_path: Path) -> None:
    bad = write(tmp_path / "bad.txt", "没有表格")
    outcome: Outcome = building.build(data, [bad, first])
    assert [d.name for d in outcome.documents] == [first.name]
    assert len(outcome.failures) == 1
    assert "bad.txt" in outcome.failures[0]


def test_two_different_files_of_one_name_are_not_mixed(data: Path, first: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    clash = write(tmp_path / "other" / first.name, table("丁项目"))
    outcome = building.build(data, [first, clash])
    assert len(outcome.failures) == 1
    assert "同名" in outcome.failures[0]
    assert not any("丁项目" in quad for quad in nquads(data))


def test_what_another_process_added_meanwhile_is_kept(
    data: Path, first: Path, second: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = write(tmp_path / "third-2025.txt", table("丁项目"))
    building.build(data, [first])
    read, raced = Reader.read, []

    def slow_read(reader: Reader, item: Item, then: Any) -> Any:
        if item.path == third and not raced:
            raced.append(True)
            building.add(data, [second])  # another command comes first
        return read(reader, item, then)

    monkeypatch.setattr(Reader, "read", slow_read)
    building.add(data, [third])
    with kg.open(data) as graph:
        assert [d.name for d in graph.manifest.documents] == [first.name, second.name, third.name]
    interleaved = nquads(data)
    building.build(data, [first, second, third])
    assert nquads(data) == interleaved


COUNT = """SELECT (COUNT(*) AS ?rows) (SUM(?b) AS ?budget) WHERE {
  ?p a jx:Project ; jx:department/rdfs:label ?department ; jx:budget ?b }"""


def test_what_several_documents_state_counts_once() -> None:
    store = graph_of(table("甲", budget="100"), table("乙", budget="50"), table("丙", budget="1"))
    assert store.select(COUNT) == [{"rows": 3, "budget": 1_510_000}]
    rows = [(r["document"], r["table"], r["row"]) for r in export.rows(store)]
    assert rows == [(f"demo{d}-2025.txt", 1, r) for d in (1, 2, 3) for r in range(1, len(ROWS) + 1)]


def test_the_union_is_every_named_graph_and_nothing_else_after_any_change() -> None:
    one, two, edited = table("甲"), table("乙"), table("甲", rows=[value_row("1个")])
    store = graph_of(("a-2025.txt", one), ("b-2025.txt", two), ("c-2025.txt", one))

    def union() -> tuple[set[str], set[str]]:
        named = {f"{q.subject} {q.predicate} {q.object}" for q in store.named_quads()}
        every = store.query("CONSTRUCT WHERE { ?s ?p ?o }")
        return named, {f"{t.subject} {t.predicate} {t.object}" for t in every}  # type: ignore[union-attr]

    for name, text in (
        ("a-2025.txt", edited),
        ("c-2025.txt", None),
        ("b-2025.txt", None),
        ("b-2025.txt", two),
    ):
        mapper = Mapper(record(text or one, name), vocabulary())
        if text is None:
            store.remove(mapper.iri)
        else:
            store.replace(mapper.iri, mapper.quads())
        named, merged = union()
        assert merged == named


def test_one_table_in_two_files_counts_once_and_each_file_proves_it_by_its_own_cells() -> None:
    both, alone = table("甲", number=1) + table("乙", number=2), table("乙", rows=[value_row("≥7个"), *ROWS])
    store = graph_of(("a-2025.txt", both), ("b-2025.txt", alone))
    found = [(r["document"], r["table"], r["row"], r["project"], r["value"]) for r in export.rows(store)]
    values = [row[4] for row in ROWS]
    assert found == [
        *(("a-2025.txt", 1, n, "甲", v) for n, v in enumerate(values, 1)),
        *(("a-2025.txt", 2, n, "乙", v) for n, v in enumerate(values, 1)),
        ("b-2025.txt", 1, 1, "乙", "≥7个"),
    ]
    proofs = store.select(
        """SELECT DISTINCT ?document ?row { ?i rdfs:label "培训人数" ; jx:project/rdfs:label "乙" ; prov:wasQuotedFrom ?c .
             ?c jx:field "value" ; jx:row ?row ; jx:document/rdfs:label ?document } ORDER BY ?document"""
    )
    assert [tuple(p.values()) for p in proofs] == [("a-2025.txt", 1), ("b-2025.txt", 2)]


PROJECTS = "SELECT ?p ?i WHERE { ?p a jx:Project ; jx:indicator ?i } ORDER BY ?p ?i"


def test_iris_are_those_of_the_thing_not_of_the_file() -> None:
    here = graph_of(("a-2025.txt", table("甲")))
    there = graph_of(("b-2025.txt", table("乙") + table("甲", number=2, rows=reversed(ROWS[:1]))))
    mine = {(r["p"], r["i"]) for r in here.select(PROJECTS)}
    assert mine & {(r["p"], r["i"]) for r in there.select(PROJECTS)}
    next_year = graph_of(("a-2026.txt", table("甲")))
    assert not mine & {(r["p"], r["i"]) for r in next_year.select(PROJECTS)}


def test_rows_of_one_name_and_type_are_two_indicators() -> None:
    store = graph_of(table(rows=[value_row("1个"), value_row("2个")]))
    found = store.select("SELECT ?i ?v WHERE { ?i a jx:Indicator ; jx:target/jx:text ?v } ORDER BY ?v")
    assert [r["v"] for r in found] == ["1个", "2个"]
    assert len({r["i"] for r in found}) == 2


def test_instance_iris_stand_below_the_base_given(data: Path, first: Path) -> None:
    building.build(data, [first], base="https://example.org/kg/")
    with kg.open(data) as graph:
        subjects = {r["s"] for r in graph.store.select("SELECT DISTINCT ?s WHERE { GRAPH ?g { ?s a jx:Project } }")}
    assert len(subjects) == 2
    assert all(s.startswith("https://example.org/kg/project/2025-") for s in subjects)


@pytest.mark.parametrize("base", ["example.org/", "https://example.org", "https://exa mple.org/", "https://x/<a>/", ""])
def test_a_base_that_makes_no_iris_is_refused(data: Path, first: Path, base: str) -> None:
    with pytest.raises(KgError, match="前缀"):
        building.build(data, [first], base=base)
    assert not data.exists()


def test_data_built_by_another_version_asks_for_a_build(data: Path, first: Path) -> None:
    building.build(data, [first])
    manifest = data / "generations" / str(generation(data)) / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"format": ', '"format": 99'), "utf-8")
    with pytest.raises(KgError, match="kg build"):
        kg.open(data)
    building.build(data, [first])
    assert len(nquads(data)) > 100


def test_the_graph_is_an_rdflib_dataset_too(data: Path, first: Path, second: Path) -> None:
    building.build(data, [first, second])
    with kg.open(data) as graph:
        dataset: Dataset = graph.dataset
        (row,) = dataset.query(COUNT)
        assert [term.toPython() for term in row] == [3, 2_500_000]  # type: ignore[union-attr]
        assert len(list(dataset.triples((None, None, None)))) == len(set(dataset.triples((None, None, None))))


def test_the_python_functions_do_what_the_command_does(data: Path, first: Path, second: Path) -> None:
    assert [d.name for d in kg.build(str(data), [str(first)]).documents] == [first.name]
    assert len(kg.add(data, [second]).documents) == 2
    assert [d.name for d in kg.remove(str(data), [first.name]).documents] == [second.name]


def test_two_corpora_side_by_side_keep_their_rows(data: Path) -> None:
    building.build(data, [SAMPLE, SECOND])
    with kg.open(data) as graph:
        rows = list(export.rows(graph.store))
    assert {d: sum(r["document"] == d for r in rows) for d in (SAMPLE.name, SECOND.name)} == {
        SAMPLE.name: 368,
        SECOND.name: 148,
    }
