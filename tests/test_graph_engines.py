"""One graph store, two engines: embedded files, and a SPARQL server in a process of its own. Whatever is asked, the
answers are equal; a server that is gone, refuses, or has let a generation go is said, and never taken for no answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from command import TESTS, Run, json_lines, one_error
from engines import Doorkeeper, Oxigraph, free_port, program
from hypothesis import given
from hypothesis import strategies as st
from layout import table, value_row, write
from rdflib import RDFS, URIRef

import kg
import queries
from kg import building, show
from kg.errors import KgError, StorageError
from kg.graph import export, stores
from kg.graph.generations import DataDirectory
from kg.graph.guard import QueryError
from kg.graph.manifest import Place
from kg.graph.plain import plain
from kg.graph.protocol import Addresses, without_secrets
from kg.graph.store import Store
from kg.knowledge import KnowledgeGraph
from ontology import GRAPH

pytestmark = pytest.mark.skipif(program("oxigraph", "oxigraph") is None, reason="没有装 oxigraph（测试组件里有）")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oxigraph]:
    with Oxigraph(tmp_path_factory.mktemp("oxigraph")) as running:
        yield running


# -- the store ---------------------------------------------------------------------------------------------------------

A, B, C = "x:doc/a", "x:doc/b", "x:doc/c"
HOLDING = {
    A: "<x:doc/a> rdfs:label '甲文件' . <x:p> rdfs:label '甲', '共' ; jx:budget 3.5 .",
    B: "<x:doc/b> rdfs:label '乙文件' . <x:p> rdfs:label '共' . <x:q> rdfs:label '乙'@zh ; jx:project <x:p> .",
}


def quads(graph: str, turtle: str) -> list[ox.Quad]:
    from ontology import PREFIXES

    head = "".join(f"@prefix {p}: <{iri}> . " for p, iri in PREFIXES.items())
    name = ox.NamedNode(graph)
    return [
        ox.Quad(t.subject, t.predicate, t.object, name) for t in ox.parse(head + turtle, format=ox.RdfFormat.TURTLE)
    ]


class Keeper:
    """Writes generations of one data directory with an engine, and opens them."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.places: list[Place | None] = []
        self.names: list[Path] = []

    def write(self, change: dict[str, str | None], *, kept: bool = False) -> int:
        """A generation in which the graphs are as ``change`` says, None: gone; returns its number."""
        number = len(self.names)
        folder = self.folder / str(number)
        folder.mkdir()
        before = self.places[-1] if self.places else None
        with stores.writing(folder, self.url, before, self.names[-1] if kept else None) as store:
            for graph, turtle in change.items():
                if turtle is None:
                    store.remove(graph)
                else:
                    store.replace(graph, quads(graph, turtle))
            store.finish()
        store.publish(before)
        self.places.append(store.place)
        self.names.append(folder)
        return number

    def open(self, number: int) -> Store:
        place = self.places[number]
        if place is None:
            return Store.open(self.names[number] / "graph")
        from kg.graph.remote import RemoteStore

        return RemoteStore.at(place, place.url)


@pytest.fixture(params=["embedded", "served"])
def keeper(request: pytest.FixtureRequest, tmp_path: Path, server: Oxigraph) -> Keeper:
    return Keeper(tmp_path, "" if request.param == "embedded" else server.url)


LABELS = "SELECT ?s ?名称 WHERE { ?s rdfs:label ?名称 FILTER(STRSTARTS(STR(?s), 'x:')) } ORDER BY ?s STR(?名称)"


def labels(store: Store) -> list[str]:
    return [row["名称"] for row in store.select(LABELS)]


def test_what_two_graphs_state_is_seen_once_and_stays_while_one_of_them_does(keeper: Keeper) -> None:
    first = keeper.write(HOLDING)
    assert labels(keeper.open(first)) == ["甲文件", "乙文件", "共", "甲", "乙"]
    second = keeper.write({A: None}, kept=True)
    assert labels(keeper.open(second)) == ["乙文件", "共", "乙"]
    third = keeper.write({B: None}, kept=True)
    assert labels(keeper.open(third)) == []
    assert {g.value for g in keeper.open(third).graphs()} == {GRAPH}
    assert labels(keeper.open(second)) == ["乙文件", "共", "乙"]  # the one before is as it was


def test_a_graph_put_again_is_replaced_whole_and_the_generation_before_does_not_change(keeper: Keeper) -> None:
    first = keeper.write(HOLDING)
    reader = keeper.open(first)
    second = keeper.write({A: "<x:p> rdfs:label '新' ."}, kept=True)
    assert labels(keeper.open(second)) == ["乙文件", "共", "新", "乙"]
    assert labels(reader) == ["甲文件", "乙文件", "共", "甲", "乙"]
    assert reader.select("SELECT ?x { GRAPH <x:doc/a> { <x:p> rdfs:label ?x } } ORDER BY ?x") == [
        {"x": "共"},
        {"x": "甲"},
    ]
    third = keeper.write({C: "<x:r> rdfs:label '只此' ."})  # nothing of the one before
    assert labels(keeper.open(third)) == ["只此"]


def test_the_ontology_is_there_and_all_quads_come_out_again(keeper: Keeper) -> None:
    store = keeper.open(keeper.write(HOLDING))
    assert store.select("SELECT ?l { jx:Project rdfs:label ?l FILTER(LANG(?l) = 'zh') }", GRAPH) == [{"l": "项目"}]
    out = [q for q in store.named_quads() if q.graph_name.value != GRAPH]
    assert sorted(map(str, out)) == sorted(str(q) for graph, turtle in HOLDING.items() for q in quads(graph, turtle))
    dataset = store.dataset()
    assert len(list(dataset.quads((None, None, None, URIRef(A))))) == 4
    assert {str(o) for o in dataset.objects(None, RDFS.label)} >= {"甲", "乙", "共"}


FORMS = [
    LABELS,
    "SELECT * { GRAPH ?图 { ?s rdfs:label ?l } FILTER(STRSTARTS(STR(?图), 'x:')) } ORDER BY ?图 ?s STR(?l)",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { <x:p> rdfs:label ?l } }",
    "SELECT (COUNT(DISTINCT *) AS ?n) { GRAPH ?g { <x:p> rdfs:label '共' } }",
    "SELECT ?g { GRAPH ?g {} FILTER(STRSTARTS(STR(?g), 'x:')) } ORDER BY ?g",
    "PREFIX 甲: <x:doc/> SELECT ?l { GRAPH 甲:a { ?s rdfs:label ?l } } ORDER BY ?l",
    "PREFIX jxg: <x:> prefix 丙: <x:doc/> SELECT ?甲 { GRAPH 丙:b { ?甲 rdfs:label '共' } FILTER(?甲 = jxg:p || ?甲 = jxg:甲\\,乙) }",
    "SELECT ?l { graph<x:doc/b>{ ?s rdfs:label ?l } FILTER NOT EXISTS { GRAPH <x:doc/a> { ?s rdfs:label ?l } } } ORDER BY STR(?l)",
    "SELECT ?g ?h { GRAPH ?g { ?s rdfs:label ?l } OPTIONAL { GRAPH ?h { ?s rdfs:label ?l } FILTER(?g != ?h) } FILTER(STRSTARTS(STR(?g), 'x:')) } ORDER BY ?g ?h",
    "SELECT ?l { ?s rdfs:label ?l MINUS { GRAPH <x:doc/b> { ?s rdfs:label ?l } } FILTER(STRSTARTS(STR(?s), 'x:')) } ORDER BY ?l",
    "SELECT ?l FROM <x:doc/a> { ?s rdfs:label ?l } ORDER BY ?l",
    "SELECT ?g ?l FROM <x:doc/a> FROM NAMED <x:doc/b> { ?s rdfs:label ?l GRAPH ?g { ?s rdfs:label ?l } } ORDER BY ?l",
    "SELECT ?v1 ?名 { VALUES (?v1 ?名) { (1 '“引号”') (2 '\\u7532') } } ORDER BY ?v1",
    "SELECT ?b { <x:p> jx:budget ?b }",
    "SELECT ?s ?l { { SELECT ?s (SAMPLE(?x) AS ?l) { ?s jx:budget ?x } GROUP BY ?s } } # GRAPH 注释",
    "ASK { GRAPH ?g { <x:q> rdfs:label '乙'@zh } }",
    "ASK { <x:q> rdfs:label '没有' }",
    "CONSTRUCT { ?s jx:name ?l } WHERE { GRAPH <x:doc/b> { ?s rdfs:label ?l } }",
    "CONSTRUCT WHERE { <x:q> ?p ?o }",
    "DESCRIBE <x:q>",
    "SELECT ?graph { ?graph rdfs:label 'GRAPH 甲' }",
]


def shown(store: Store, query: str) -> list[str]:
    found = store.query(query)
    if isinstance(found, ox.QueryBoolean):
        return [str(bool(found))]
    if isinstance(found, ox.QueryTriples):
        return sorted(map(str, found))
    names = [v.value for v in found.variables]
    return [str(sorted(names)), *(str([(n, str(row[n])) for n in sorted(names)]) for row in found)]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, server: Oxigraph) -> tuple[Store, Store]:
    """The same graphs in both engines."""
    made = [Keeper(tmp_path_factory.mktemp("both"), url) for url in ("", server.url)]
    return tuple(keeper.open(keeper.write(HOLDING)) for keeper in made)  # type: ignore[return-value]


@pytest.mark.parametrize("query", FORMS)
def test_a_query_has_the_same_answer(both: tuple[Store, Store], query: str) -> None:
    embedded, served = both
    assert shown(served, query) == shown(embedded, query)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT ?x { ?x ", "语法错误"),
        ("SELECT ?x { SERVICE <http://127.0.0.1:9/> { ?x ?y ?z } }", "SERVICE"),
        ("INSERT DATA { <x:a> <x:b> <x:c> }", "更新"),
        ("SELECT ?x FROM <x:doc/none> { ?x ?y ?z }", "没有载入图"),
    ],
)
def test_what_may_not_be_asked_is_refused_alike(both: tuple[Store, Store], query: str, said: str) -> None:
    for store in both:
        with pytest.raises(QueryError, match=said):
            store.query(query)


@given(st.text(alphabet="甲乙𠀀?$GRAPHgraph<x:>{}'\"\\#. \n", max_size=30))
def test_whatever_is_sent_is_ascii(text: str) -> None:
    try:
        sent = plain(f"SELECT ?甲 {{ ?甲 rdfs:label '''{text}''' }}", "x:generation")
    except QueryError:
        return
    assert sent.text.isascii()


# -- addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "query", "update", "graphs"),
    [
        ("http://h:7878", "http://h:7878/query", "http://h:7878/update", "http://h:7878/store"),
        ("https://h/kg/sparql", "https://h/kg/sparql", "https://h/kg/update", "https://h/kg/store"),
        ("http://h/repositories/kg", "http://h/repositories/kg", "http://h/repositories/kg/statements", "http://h/repositories/kg/rdf-graphs/service"),
        ("http://h:3030/kg/sparql", "http://h:3030/kg/sparql", "http://h:3030/kg/update", "http://h:3030/kg/data"),
        ("http://[::1]:7878/query", "http://[::1]:7878/query", "http://[::1]:7878/update", "http://[::1]:7878/store"),
    ],
)  # fmt: skip
def test_the_three_addresses_follow_from_one(url: str, query: str, update: str, graphs: str) -> None:
    assert Addresses.of(url) == Addresses(query, update, graphs)


@pytest.mark.parametrize(
    "url", ["", "h:7878", "ftp://h/sparql", "http:///sparql", "http://h:port/sparql", "http://h/sparql?x=1"]
)
def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(KgError, match="不合格"):
        Addresses.of(url)


def test_secrets_of_an_address_are_not_shown() -> None:
    assert without_secrets("https://user:pass@h:1/sparql") == "https://h:1/sparql"


# -- a data directory whose graph is elsewhere -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served_data(sample_data: Path, tmp_path_factory: pytest.TempPathFactory, server: Oxigraph) -> Path:
    data = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(sample_data / "cache", data / "cache")
    building.build(data, store=server.url)
    return data


def test_the_sample_answers_alike(sample: KnowledgeGraph, served_data: Path) -> None:
    asked = json_lines(TESTS / "data" / "regression" / "dev.jsonl")[::12]
    with kg.open(served_data) as served:
        assert not (served_data / "generations" / served.generation / "graph").exists()
        for query in queries.load_all():
            text = query.sparql({})
            assert show.results(served.store.query(text), "json") == show.results(sample.store.query(text), "json"), (
                query.name
            )
        for question in [line["q"] for line in asked]:
            assert served.ask(question).json() == sample.ask(question).json(), question
        assert [f.json() for f in served.check()] == [f.json() for f in sample.check()]
        for form in ("csv", "nquads"):
            assert export.render(served.store, form) == export.render(sample.store, form)


def test_the_pointer_names_the_generation_in_force_and_old_ones_go(
    served_data: Path, server: Oxigraph, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(served_data / "cache", data / "cache")
    one = write(tmp_path / "one-2025.txt", table("甲项目", rows=[value_row("≥1个")]))
    two = write(tmp_path / "two-2025.txt", table("乙项目", rows=[value_row("≥2个")]))
    building.build(data, [one, two], store=server.url)
    readers = [kg.open(data)]
    _ = readers[0].store
    for change in range(2):
        if change % 2:
            building.add(data, [two])
        else:
            building.remove(data, ["two-2025.txt"])
        readers.append(kg.open(data))
        _ = readers[-1].store
        place = readers[-1].manifest.place
        assert place
        rows = server.ask(f"SELECT ?g {{ GRAPH <{place.set}> {{ ?s <https://w3id.org/jixiao/store#current> ?g }} }}")
        assert rows == [{"g": place.generation}]
    names = "SELECT ?l { ?p a jx:Project ; rdfs:label ?l } ORDER BY ?l"
    assert [r["l"] for r in readers[-1].store.select(names)] == ["乙项目", "甲项目"]
    assert [r["l"] for r in readers[-2].store.select(names)] == ["甲项目"]
    with pytest.raises(StorageError, match="没有这一代"):
        readers[0].store.select(names)
    left = server.ask(f"SELECT ?g {{ GRAPH ?g {{}} FILTER(STRSTARTS(STR(?g), '{place.set}')) }}")
    of = {p.generation for r in readers if (p := r.manifest.place)}
    assert {row["g"].rpartition("/")[0] for row in left if row["g"] in of} == {place.set}
    assert sum(row["g"] in of for row in left) == 2
    embedded = tmp_path / "embedded"
    shutil.copytree(served_data / "cache", embedded / "cache")
    building.build(embedded, [one, two], store="")
    with kg.open(embedded) as graph:
        assert export.render(graph.store, "nquads") == export.render(readers[-1].store, "nquads")
    for reader in readers:
        reader.close()


def test_exported_quads_are_enough_for_an_engine_elsewhere(sample: KnowledgeGraph, tmp_path: Path) -> None:
    with Oxigraph(tmp_path / "store", "--union-default-graph") as bare:
        bare.load(export.render(sample.store, "nquads"))
        for name in ("budget-by-fund-year", "groups-by-project-count", "indicators-by-type"):
            text = plain(queries.load(name).sparql({}), "x:none")
            there = [{text.heads.get(n, n): v for n, v in row.items()} for row in bare.ask(text.text)]
            here = [
                {k: str(v) for k, v in row.items() if v is not None}
                for row in sample.store.select(queries.load(name).sparql({}))
            ]
            assert there == here


def test_who_asks_is_said_and_secrets_are_kept_nowhere(
    sample_data: Path, server: Oxigraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_data / "cache", data / "cache")
    one = write(tmp_path / "one-2025.txt", table("甲项目", rows=[value_row("≥1个")]))
    ask = "SELECT ?项目 { ?p a jx:Project ; rdfs:label ?项目 }"
    with Doorkeeper(server, "Basic dXNlcjpwYXNz") as door:
        building.build(data, [one], store=f"http://user:pass@{door.host}/sparql")
        for file in data.rglob("*.json"):
            assert "pass@" not in file.read_text("utf-8")
        monkeypatch.setenv("KG_STORE", f"http://user:pass@{door.host}/sparql")
        with kg.open(data) as graph:
            assert graph.store.select(ask) == [{"项目": "甲项目"}]
        assert all(body.isascii() for body in door.seen if not body.startswith(b"<"))
        monkeypatch.setenv("KG_STORE", f"http://user:wrong@{door.host}/sparql")
        with kg.open(data) as graph, pytest.raises(StorageError, match="不接受口令"):
            _ = graph.store
    with Doorkeeper(server, "Bearer a-token") as door:
        monkeypatch.setenv("KG_STORE", f"http://{door.host}/sparql")
        monkeypatch.setenv("KG_STORE_TOKEN", "a-token")
        with kg.open(data) as graph:
            assert graph.store.select(ask) == [{"项目": "甲项目"}]


def test_a_dead_engine_is_one_line(kg_run: Run, served_data: Path, tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{free_port()}/sparql"
    one_error(kg_run("ask", "预算最大的项目", "--data", served_data, env={"KG_STORE": gone}), gone, "没有应答")
    one_error(kg_run("build", "--data", tmp_path / "new", "--store", gone), gone, "没有应答")
    checked = kg_run("verify", "--data", served_data, env={"KG_STORE": gone})
    assert (checked.returncode, "没有应答" in checked.stdout + checked.stderr) == (1, True)
    assert not list((tmp_path / "new" / "generations").iterdir())
    done = kg_run("sparql", "ASK {}", "--data", served_data)
    assert (done.returncode, done.stdout.strip()) == (0, "是"), done.stderr


def test_an_engine_lost_in_the_middle_leaves_what_was_there(sample_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_data / "cache", data / "cache")
    one = write(tmp_path / "one-2025.txt", table("甲项目", rows=[value_row("≥1个")]))
    two = write(tmp_path / "two-2025.txt", table("乙项目", rows=[value_row("≥2个")]))
    engine = Oxigraph(tmp_path / "store")
    with Doorkeeper(engine) as door:
        with engine:
            url = f"http://{door.host}/sparql"
            building.build(data, [one], store=url)
            before = DataDirectory(data).current()
            for steps, whole in ((3, False), (9, False), (3, True), (9, True)):
                door.dies_after = len(door.seen) + steps
                with pytest.raises(KgError, match="没有应答"):
                    building.build(data, [one, two], store=url) if whole else building.add(data, [two])
                door.dies_after = None
                assert DataDirectory(data).current() == before
                with kg.open(data) as graph:
                    assert [p.label for p in graph.ask("有哪些项目").answers] == ["甲项目"]
            with kg.open(data) as graph:
                _ = graph.asker
                engine.kill()
                with pytest.raises(StorageError, match="没有应答"):
                    graph.ask("有哪些项目")
        with engine:
            assert building.add(data, [two]).changed
            with kg.open(data) as graph:
                assert {p.label for p in graph.ask("有哪些项目").answers} == {"甲项目", "乙项目"}
            sets = "SELECT DISTINCT ?g { GRAPH ?s { ?s <https://w3id.org/jixiao/store#holds> ?g } }"
            assert len(engine.ask(sets)) == 2  # what the broken writes left is gone


def test_the_service_asks_the_engine(served_data: Path, sample: KnowledgeGraph, tmp_path: Path) -> None:
    from service import Server

    with Server(served_data, log=tmp_path / "log") as running:
        answer = running.client.get("/api/ask", params={"question": "预算最大的项目"})
        assert answer.status_code == 200, answer.text
        assert json.loads(answer.text)["answers"] == sample.ask("预算最大的项目").json()["answers"]
