"""The graph of one generation in an engine elsewhere, through the SPARQL protocol.

Layout, of one data directory (a *set*, named at its first build)::

    <set>                    graph: <set> :current <generation>, the pointer; <set> :holds each generation that may be read
    <generation>             graph, the catalogue: <where a graph stands> :names <what it is called>
    <generation>/union       graph: all triples of the generation, each once; what a query sees by default
    <generation>/<hash>      graph: one document's, or the ontology's. Later generations name it too until it changes

A generation is never changed once it is published. What is swept is first no longer held: a reader asks after each
answer whether its generation is held still, and so never takes what is left of one for the whole.
"""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import StorageError
from kg.graph.guard import check_syntax
from kg.graph.manifest import Place
from kg.graph.plain import NAMES, plain
from kg.graph.protocol import RESULTS, TRIPLES, Addresses, Client, iris
from kg.graph.store import Result, Store, ontology_quads
from ontology import GRAPH

if TYPE_CHECKING:
    from rdflib import Dataset

SPACE = "https://w3id.org/jixiao/store#"
SETS = "https://w3id.org/jixiao/store/"
CURRENT, HOLDS, DROPS = f"{SPACE}current", f"{SPACE}holds", f"{SPACE}drops"


class RemoteStore(Store):
    """The generation at ``place``; see Store. ``writing``: it is being built, by us alone."""

    def __init__(self, place: Place, client: Client, *, writing: bool = False) -> None:
        self.place: Place = place
        self.client, self.writing = client, writing
        self.generation = place.generation
        self.union = f"{place.generation}/union"

    @classmethod
    def at(cls, place: Place, url: str) -> RemoteStore:
        """Open for reading. Raises StorageError where the engine is not reached or no longer has the generation."""
        store = cls(place, Client(Addresses.of(url)))
        store._held()
        return store

    @classmethod
    def new(cls, url: str, previous: Place | None = None, *, kept: bool = False) -> RemoteStore:
        """A generation to write, of the set of ``previous``: all that it has where ``kept``, else the ontology."""
        addresses = Addresses.of(url)
        if previous and kept:
            cls(previous, Client(addresses))._held()
        name = previous.set if previous else f"{SETS}{uuid.uuid4()}"
        store = cls(Place(addresses.query, name, f"{name}/{uuid.uuid4()}"), Client(addresses), writing=True)
        generation, union = store.generation, store.union
        store.client.update(f"INSERT DATA {{ GRAPH <{name}> {{ <{name}> <{HOLDS}> <{generation}> }} }}")
        if previous and kept:
            old = previous.generation
            store.client.update(
                f"INSERT {{ GRAPH <{generation}> {{ ?at <{NAMES}> ?name }} }} WHERE {{ GRAPH <{old}> {{ ?at <{NAMES}> ?name }} }} ;"
                f"ADD <{old}/union> TO <{union}>"
            )
        else:
            store.replace(GRAPH, ontology_quads())
        return store

    @cached_property
    def _places(self) -> dict[str, str]:
        """Where each graph stands, by its name."""
        _, body = self.client.query(f"SELECT ?name ?at WHERE {{ GRAPH <{self.generation}> {{ ?at <{NAMES}> ?name }} }}")
        solutions = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        assert isinstance(solutions, ox.QuerySolutions)
        return {row["name"].value: row["at"].value for row in solutions}

    def take(self, graphs: Iterable[tuple[str, Iterable[ox.Quad]]]) -> None:
        for graph, quads in graphs:
            self.replace(graph, quads)

    def replace(self, graph: str, quads: Iterable[ox.Quad]) -> None:
        if graph in self._places:
            self.remove(graph)
        at = f"{self.generation}/{hashlib.sha256(graph.encode()).hexdigest()[:24]}"
        out = io.BytesIO()
        ox.serialize((ox.Triple(q.subject, q.predicate, q.object) for q in quads), out, format=ox.RdfFormat.N_TRIPLES)
        # Named before it is there, so that nothing is left that no catalogue knows.
        self.client.update(f"INSERT DATA {{ GRAPH <{self.generation}> {{ <{at}> <{NAMES}> <{graph}> }} }}")
        if out.tell():
            self.client.put(at, out.getvalue())
            self.client.update(f"ADD <{at}> TO <{self.union}>")
        self._places[graph] = at

    def change(
        self, graph: str, taken: Iterable[ox.Quad], given: Iterable[ox.Quad], every: Callable[[], Iterable[ox.Quad]]
    ) -> None:
        """As a whole: generations share each graph as it is."""
        del taken, given
        self.replace(graph, every())

    def remove(self, graph: str) -> None:
        at = self._places.pop(graph)
        catalogue = self.generation
        self.client.update(
            f"""DELETE {{ GRAPH <{self.union}> {{ ?s ?p ?o }} }} WHERE {{
                  GRAPH <{at}> {{ ?s ?p ?o }}
                  FILTER NOT EXISTS {{
                    GRAPH ?other {{ ?s ?p ?o }} GRAPH <{catalogue}> {{ ?other <{NAMES}> ?name }} FILTER(?other != <{at}>) }} }} ;
                DELETE DATA {{ GRAPH <{catalogue}> {{ <{at}> <{NAMES}> <{graph}> }} }}"""
        )
        if at.startswith(f"{self.generation}/"):
            self.client.update(f"DROP SILENT GRAPH <{at}>")

    def graphs(self) -> list[ox.NamedNode]:
        return [ox.NamedNode(name) for name in self._places]

    def named_quads(self) -> Iterator[ox.Quad]:
        for name, at in self._places.items():
            graph = ox.NamedNode(name)
            for t in ox.parse(self.client.get(at), format=ox.RdfFormat.N_TRIPLES):
                yield ox.Quad(t.subject, t.predicate, t.object, graph)
        self._held()

    def finish(self) -> None:
        """Nothing: each graph was whole when it was put."""

    def settle(self) -> None:
        """Nothing, as ``finish``."""

    def publish(self, previous: Place | None = None) -> None:
        """Point at this generation. Those of the set that are neither this nor the one before it are swept."""
        name = self.place.set
        keep = {self.generation, *self._objects(CURRENT), *([previous.generation] if previous else [])}
        self.client.update(
            f"DELETE WHERE {{ GRAPH <{name}> {{ <{name}> <{CURRENT}> ?any }} }} ;"
            f"INSERT DATA {{ GRAPH <{name}> {{ <{name}> <{CURRENT}> <{self.generation}> }} }}"
        )
        self.writing = False
        old = [g for g in self._objects(HOLDS) if g not in keep]
        for one in old:
            self.client.update(
                f"DELETE DATA {{ GRAPH <{name}> {{ <{name}> <{HOLDS}> <{one}> }} }} ;"
                f"INSERT DATA {{ GRAPH <{name}> {{ <{name}> <{DROPS}> <{one}> }} }}"
            )
        for one in self._objects(DROPS):
            self._drop(one, keep)

    def discard(self) -> None:
        """Take this generation, which was not published, out again."""
        name = self.place.set
        self.client.update(
            f"DELETE DATA {{ GRAPH <{name}> {{ <{name}> <{HOLDS}> <{self.generation}> }} }} ;"
            f"INSERT DATA {{ GRAPH <{name}> {{ <{name}> <{DROPS}> <{self.generation}> }} }}"
        )
        self._drop(self.generation, set(self._objects(HOLDS)))

    def _drop(self, generation: str, keep: set[str]) -> None:
        """Drop the graphs of a generation that none of ``keep`` has."""
        name = self.place.set
        _, body = self.client.query(
            f"""SELECT DISTINCT ?at WHERE {{ GRAPH <{generation}> {{ ?at <{NAMES}> ?name }}
                  FILTER NOT EXISTS {{ VALUES ?kept {{ {iris(sorted(keep))} }} GRAPH ?kept {{ ?at <{NAMES}> ?other }} }} }}"""
        )
        solutions = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        assert isinstance(solutions, ox.QuerySolutions)
        graphs = [*(row["at"].value for row in solutions), f"{generation}/union", generation]
        self.client.update(
            " ; ".join(f"DROP SILENT GRAPH <{graph}>" for graph in graphs)
            + f"; DELETE DATA {{ GRAPH <{name}> {{ <{name}> <{DROPS}> <{generation}> }} }}"
        )

    def _objects(self, predicate: str) -> list[str]:
        name = self.place.set
        _, body = self.client.query(f"SELECT ?x WHERE {{ GRAPH <{name}> {{ <{name}> <{predicate}> ?x }} }}")
        solutions = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        assert isinstance(solutions, ox.QuerySolutions)
        return [row["x"].value for row in solutions]

    def _held(self) -> None:
        name = self.place.set
        _, body = self.client.query(f"ASK {{ GRAPH <{name}> {{ <{name}> <{HOLDS}> <{self.generation}> }} }}")
        if not ox.parse_query_results(body, ox.QueryResultsFormat.JSON):
            raise StorageError(
                f"图数据库 {self.place.url} 里没有这一代图谱（已被后来的替换，或库被清空）："
                "请更新数据目录后再试，或用 kg build --rebuild 从保存的原件重建"
            )

    def _run(
        self, sparql: str, base: str, default: Sequence[str] | None = None, named: Sequence[str] | None = None
    ) -> Result:
        check_syntax(sparql, base)
        query = plain(sparql, self.generation, base)
        seen = [self.union] if default is None else [self._places[iri] for iri in default]
        within: list[str] = []
        if query.named:
            within = [self.generation, *(self._places.values() if named is None else (self._places[i] for i in named))]
        media_type, body = self.client.query(query.text, seen, within, f"{RESULTS}, {TRIPLES};q=0.9")
        if not self.writing:
            self._held()
        if media_type == RESULTS:
            return ox.parse_query_results(query.results(body), ox.QueryResultsFormat.JSON)
        found = ox.Store()
        found.load(body, ox.RdfFormat.N_TRIPLES)
        result = found.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        assert isinstance(result, ox.QueryTriples)
        return result

    def _has_graph(self, iri: str) -> bool:
        return iri in self._places

    def dataset(self) -> Dataset:
        """A copy of all, in memory, as an rdflib Dataset whose default graph is the union."""
        copy = Store(ox.Store())
        quads = list(self.named_quads())
        copy.inner.extend([*quads, *(ox.Quad(q.subject, q.predicate, q.object) for q in quads)])
        return copy.dataset()
