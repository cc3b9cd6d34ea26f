"""The graph of one generation: SPARQL on Oxigraph, and rdflib's API over the same store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg.graph.guard import NO_UPDATE, QueryError, check_query, graphs_named, is_update, syntax_message
from kg.graph.manifest import Place
from ontology import GRAPH, PREFIXES, XSD, turtle_files

if TYPE_CHECKING:
    from rdflib import Dataset

PILED = (
    500  # files of the engine, which itself merges small ones while it is open, at which everything is laid out anew
)
FULL_FILE = 4 << 20  # bytes of a file, on average, of what is laid out well

Row = dict[str, Any]
"""A solution: variable → str for IRIs and plain literals, int, Decimal or bool for typed ones, None if unbound."""

Result = ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean


class Store:
    """A store of named graphs, one a document, beside the ontology's; queries see their union.

    This one is embedded; ``kg.graph.remote`` has one that does the same through the SPARQL protocol. The union stands in the default graph, each triple once: Oxigraph's own union would repeat what several
    documents state, and every sum and count with it.
    """

    place: Place | None = None
    """Where it is, if not among the generation's files."""

    def __init__(self, inner: ox.Store, folder: Path | None = None) -> None:
        """``folder``: where the files are of one that is to be written."""
        self.inner, self.folder = inner, folder

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open read-only; any number of processes may."""
        return cls(ox.Store.read_only(str(path)))

    @classmethod
    def create(cls, path: Path, previous: Path | None = None) -> Store:
        """A store to write: empty but for the ontology, or a copy of ``previous`` (hard links, no bytes moved)."""
        if previous is not None:
            ox.Store.read_only(str(previous)).backup(str(path))
            return cls(ox.Store(str(path)), path)
        store = cls(ox.Store(str(path)), path)
        store.take([(GRAPH, ontology_quads())])
        return store

    def take(self, graphs: Iterable[tuple[str, Iterable[ox.Quad]]]) -> None:
        """Put named graphs, each by its name, in place of what the store holds of them.

        Those that are new go in one stream that is sorted and written as files of its own: for one document a third of
        the time of a transaction and half of what that writes, without the log.
        """
        held: list[tuple[str, Iterable[ox.Quad]]] = []

        def fresh() -> Iterator[ox.Quad]:
            for graph, quads in graphs:
                if self._has_graph(graph):
                    held.append((graph, quads))
                else:
                    yield from quads

        self.inner.bulk_extend(_with_union(fresh()))
        for graph, quads in held:
            self.replace(graph, quads)

    def _load(self, quads: Iterable[ox.Quad]) -> None:
        """Put quads of named graphs, and their union, beside what is there."""
        self.inner.extend(_with_union(quads))

    def replace(self, graph: str, quads: Iterable[ox.Quad]) -> None:
        """Put ``quads`` in place of all of a named graph. What it states already is not written again."""
        name, new = ox.NamedNode(graph), dict.fromkeys(quads)
        if not self._has_graph(graph):
            self._load(new)
            return
        old = dict.fromkeys(self.inner.quads_for_pattern(None, None, None, name))
        for quad in old:
            if quad not in new:
                self._take(quad)
        if new:
            self._load(quad for quad in new if quad not in old)
        else:
            self.inner.remove_graph(name)

    def change(
        self, graph: str, taken: Iterable[ox.Quad], given: Iterable[ox.Quad], every: Callable[[], Iterable[ox.Quad]]
    ) -> None:
        """Put ``every`` in place of all of a named graph, which is to take some of its quads out and to give it others."""
        del graph, every
        for quad in taken:
            self._take(quad)
        self._load(given)

    def _take(self, quad: ox.Quad) -> None:
        """Take a quad of a named graph out, and out of the union unless another graph states it too."""
        self.inner.remove(quad)
        said = (quad.subject, quad.predicate, quad.object)
        if all(q.graph_name == ox.DefaultGraph() for q in self.inner.quads_for_pattern(*said, None)):
            self.inner.remove(ox.Quad(*said))

    def remove(self, graph: str) -> None:
        """Take a named graph out, if it is there; what other graphs state too stays in the union."""
        name = ox.NamedNode(graph)
        if not self._has_graph(graph):
            return
        self.inner.update(
            f"""DELETE {{ ?s ?p ?o }} WHERE {{
                  GRAPH {name} {{ ?s ?p ?o }}
                  FILTER NOT EXISTS {{ GRAPH ?other {{ ?s ?p ?o }} FILTER(?other != {name}) }} }}"""
        )
        self.inner.remove_graph(name)

    def graphs(self) -> list[ox.NamedNode]:
        """The named graphs: one a document, the ontology's, and those of measures and reviews."""
        return [name for name in self.inner.named_graphs() if isinstance(name, ox.NamedNode)]

    def named_quads(self) -> Iterator[ox.Quad]:
        """The quads of all named graphs."""
        return (q for q in self.inner if q.graph_name != ox.DefaultGraph())

    def finish(self) -> None:
        """Bring everything to disk, laid out for reading: all of it is written anew."""
        self.inner.optimize()
        self._flush()

    def settle(self) -> None:
        """Bring what was changed to disk, beside the files that hold the rest.

        Where many such small files have piled up, so that reading would suffer, everything is laid out anew.
        """
        self._flush()
        files = self.folder.glob("*.sst") if self.folder else ()
        sizes = [size for file in files if (size := _size(file)) is not None]
        if len(sizes) > PILED + sum(sizes) / FULL_FILE:
            self.finish()

    def _flush(self) -> None:
        self.inner.flush()
        if self.folder is not None:
            inner, self.inner = self.inner, ox.Store()
            del inner  # closed: opened again, it puts away the log of what was flushed, as large as what was changed
            self.inner = ox.Store(str(self.folder))

    def publish(self, previous: Place | None = None) -> None:
        """Called when the generation is in force; ``previous`` is where the one before it was."""

    def discard(self) -> None:
        """Called when the generation will not be published."""

    def query(
        self,
        sparql: str,
        graph: str = "",
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base: str = "",
    ) -> Result:
        """Run a read query over the union of all graphs (or ``graph`` alone, or what FROM names).

        The usual prefixes need not be declared. ``default_graphs`` and ``named_graphs`` are a dataset in place of
        the query's own, as the SPARQL protocol has it. Relative IRIs are resolved against ``base``, where it is given.

        Raises QueryError with line and column for bad syntax, and for updates, SERVICE and graphs that are not loaded.
        """
        check_query(sparql, base)
        clauses = graphs_named(sparql, base) or ((), ())
        for iri in (*default_graphs, *named_graphs, *clauses[0], *clauses[1]):
            if not self._has_graph(iri):
                raise QueryError(f"没有载入图 <{iri}>：FROM、GRAPH 参数只能用本库的图，不会到网上读取")
        try:
            if graph:
                return self._run(sparql, base, [graph], None)
            if default_graphs or named_graphs:
                return self._run(sparql, base, default_graphs, named_graphs)
            return self._run(sparql, base, *clauses) if any(clauses) else self._run(sparql, base)
        except SyntaxError as error:
            raise QueryError(NO_UPDATE if is_update(sparql) else syntax_message(sparql, str(error))) from None
        except (OSError, RuntimeError, ValueError) as error:
            raise QueryError(f"查询无法执行：{error}") from None

    def _run(
        self, sparql: str, base: str, default: Sequence[str] | None = None, named: Sequence[str] | None = None
    ) -> Result:
        """Evaluate a query that may be asked, over a dataset: where both are None, over all there is.

        Raises SyntaxError for what is no query.
        """
        return self.inner.query(
            sparql,
            base_iri=base or None,
            prefixes=PREFIXES,
            default_graph=[ox.NamedNode(iri) for iri in default] if default is not None else None,
            named_graphs=[ox.NamedNode(iri) for iri in named] if named is not None else None,
        )

    def _has_graph(self, iri: str) -> bool:
        try:
            return self.inner.contains_named_graph(ox.NamedNode(iri))
        except ValueError:
            return False

    def select(self, sparql: str, graph: str = "") -> list[Row]:
        """Rows of a SELECT as plain Python values; see query."""
        return python_rows(self.query(sparql, graph))

    def dataset(self) -> Dataset:
        """The same store as an rdflib Dataset whose default graph is the union of all."""
        from oxrdflib import OxigraphStore
        from rdflib import Dataset

        dataset = Dataset(store=OxigraphStore(store=self.inner))
        for prefix, iri in PREFIXES.items():
            dataset.bind(prefix, iri)
        return dataset


def _with_union(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Quads of named graphs, each followed by its triple in the default graph."""
    return (both for q in quads for both in (q, ox.Quad(q.subject, q.predicate, q.object)))


def ontology_quads() -> Iterator[ox.Quad]:
    """The ontology as the graph that it has in every store."""
    graph = ox.NamedNode(GRAPH)
    return (ox.Quad(q.subject, q.predicate, q.object, graph) for q in ontology_store())


def ontology_store() -> ox.Store:
    """All Turtle files of the ontology, parsed into a store in memory."""
    store = ox.Store()
    for file in turtle_files():
        store.bulk_load(file.read_bytes(), ox.RdfFormat.TURTLE)
    return store


def python_rows(solutions: ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean) -> list[Row]:
    """The rows of a SELECT as plain Python values. Raises QueryError for the result of another form of query."""
    if not isinstance(solutions, ox.QuerySolutions):
        raise QueryError("这里需要 SELECT 查询")
    names = [v.value for v in solutions.variables]
    return [dict(zip(names, map(python_value, row), strict=True)) for row in solutions]


_CONVERT: dict[str, Callable[[str], Any]] = {
    XSD.integer: int,
    XSD.boolean: lambda v: v in ("true", "1"),
    XSD.decimal: Decimal,
    XSD.double: float,
    XSD.float: float,
}


def python_value(term: Any) -> Any:
    """An Oxigraph term as a Python value (see Row)."""
    if term is None:
        return None
    if type(term) is ox.Literal and (convert := _CONVERT.get(term.datatype.value)):
        return convert(term.value)
    return term.value


def _size(file: Path) -> int | None:
    """The size of a file that the engine may just be putting away."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return None
