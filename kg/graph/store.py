"""The graph of one generation: SPARQL on Oxigraph, and rdflib's API over the same store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg.errors import KgError
from ontology import GRAPH, PREFIXES, turtle_files

if TYPE_CHECKING:
    from rdflib import Dataset

Row = dict[str, Any]
"""A solution: variable → str for IRIs and plain literals, int, Decimal or bool for typed ones, None if unbound."""


class QueryError(KgError):
    """A query that is not valid SPARQL, or not one that is allowed here."""


class Store:
    """A store of named graphs, one a document, beside the ontology's; queries see their union.

    The union stands in the default graph, each triple once: Oxigraph's own union would repeat what several
    documents state, and every sum and count with it.
    """

    def __init__(self, inner: ox.Store) -> None:
        self.inner = inner

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open read-only; any number of processes may."""
        return cls(ox.Store.read_only(str(path)))

    @classmethod
    def create(cls, path: Path, previous: Path | None = None) -> Store:
        """A store to write: empty but for the ontology, or a copy of ``previous`` (hard links, no bytes moved)."""
        if previous is not None:
            ox.Store.read_only(str(previous)).backup(str(path))
            return cls(ox.Store(str(path)))
        store = cls(ox.Store(str(path)))
        graph = ox.NamedNode(GRAPH)
        store.replace(GRAPH, (ox.Quad(q.subject, q.predicate, q.object, graph) for q in ontology_store()))
        return store

    def replace(self, graph: str, quads: Iterable[ox.Quad]) -> None:
        """Put ``quads`` in place of all of a named graph."""
        self.remove(graph)
        quads = list(quads)
        union = (ox.Quad(q.subject, q.predicate, q.object) for q in quads)
        self.inner.bulk_extend(chain(quads, union))

    def remove(self, graph: str) -> None:
        """Take a named graph out; what other graphs state too stays in the union."""
        name = ox.NamedNode(graph)
        self.inner.update(
            f"""DELETE {{ ?s ?p ?o }} WHERE {{
                  GRAPH {name} {{ ?s ?p ?o }}
                  FILTER NOT EXISTS {{ GRAPH ?other {{ ?s ?p ?o }} FILTER(?other != {name}) }} }}"""
        )
        self.inner.remove_graph(name)

    def named_quads(self) -> Iterator[ox.Quad]:
        """The quads of all named graphs."""
        return (q for q in self.inner if q.graph_name != ox.DefaultGraph())

    def finish(self) -> None:
        """Bring everything to disk, laid out for reading."""
        self.inner.optimize()
        self.inner.flush()

    def query(
        self, sparql: str, graph: str = "", *, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean:
        """Run a read query over the union of all graphs (or ``graph`` alone, or what FROM names).

        The usual prefixes need not be declared. ``default_graphs`` and ``named_graphs`` are a dataset in place of
        the query's own, as the SPARQL protocol has it.

        Raises QueryError with line and column for bad syntax, and for updates and SERVICE.
        """
        check_query(sparql)
        # Without a dataset nothing is said of it: a default graph that is named would silence FROM.
        default = [graph] if graph else default_graphs
        given = bool(default or named_graphs)
        try:
            return self.inner.query(
                sparql,
                prefixes=PREFIXES,
                default_graph=[ox.NamedNode(iri) for iri in default] if given else None,
                named_graphs=[ox.NamedNode(iri) for iri in named_graphs] if given and not graph else None,
            )
        except SyntaxError as error:
            raise QueryError(_syntax_message(sparql, str(error))) from None
        except (OSError, RuntimeError, ValueError) as error:
            raise QueryError(f"查询无法执行：{error}") from None

    def select(self, sparql: str, graph: str = "") -> list[Row]:
        """Rows of a SELECT as plain Python values; see query."""
        solutions = self.query(sparql, graph)
        if not isinstance(solutions, ox.QuerySolutions):
            raise QueryError("这里需要 SELECT 查询")
        names = [v.value for v in solutions.variables]
        return [{name: python_value(row[name]) for name in names} for row in solutions]

    def dataset(self) -> Dataset:
        """The same store as an rdflib Dataset whose default graph is the union of all."""
        from oxrdflib import OxigraphStore
        from rdflib import Dataset

        dataset = Dataset(store=OxigraphStore(store=self.inner))
        for prefix, iri in PREFIXES.items():
            dataset.bind(prefix, iri)
        return dataset


def ontology_store() -> ox.Store:
    """All Turtle files of the ontology, parsed into a store in memory."""
    store = ox.Store()
    for file in turtle_files():
        store.bulk_load(file.read_bytes(), ox.RdfFormat.TURTLE)
    return store


_CONVERT: dict[str, Any] = {
    "integer": int,
    "boolean": lambda v: v in ("true", "1"),
}


def python_value(term: Any) -> Any:
    """An Oxigraph term as a Python value (see Row)."""
    if isinstance(term, ox.Literal):
        kind = term.datatype.value.rpartition("#")[2]
        if kind == "decimal":
            from decimal import Decimal

            return Decimal(term.value)
        if kind in ("double", "float"):
            return float(term.value)
        return _CONVERT.get(kind, str)(term.value)
    return term.value if term is not None else None


_TOKEN = re.compile(
    r"""
      (?P<skip> \s+ | \#[^\n\r]*                                        # blanks and comments
        | \"{3}(?:\\.|(?!\"{3}).)*\"{3} | '{3}(?:\\.|(?!'{3}).)*'{3}    # strings
        | "(?:\\.|[^"\\\n\r])*" | '(?:\\.|[^'\\\n\r])*'
        | <[^<>"{}|^`\\\x00-\x20]*>                                     # IRIs
        | [?$][\w·]+ | @[a-zA-Z-]+ )                                    # variables and language tags
    | (?P<name> (?:[^\W\d]|_)?[\w·.-]*:(?:[\w·.:-]|%[0-9A-Fa-f]{2}|\\.)* )   # prefixed names
    | (?P<word> [A-Za-z]+ )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_UPDATES = frozenset({"INSERT", "DELETE", "WITH", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"})


def check_query(sparql: str) -> None:
    """Refuse what is no read query on this data: updates, and SERVICE, which would call out.

    Words count outside strings, IRIs, comments and variables only.
    """
    tokens = [m for m in _TOKEN.finditer(sparql) if m.lastgroup != "skip" or m[0][0] in "<\"'?$"]
    words = [m[0].upper() for m in tokens if m.lastgroup == "word"]
    if next((w for w in words if w in _FORMS | _UPDATES), "") in _UPDATES:
        raise QueryError(
            "这里只能查询：SPARQL 更新（INSERT、DELETE 等）被拒绝，数据没有变化；改数据请用 kg add / kg remove"
        )
    # Oxigraph reads “SERVICE:x {” as SERVICE and the name :x
    glued = any(
        "SERVICE" in m[0].partition(":")[0].upper() and after[0] == "{"
        for m, after in pairwise(tokens)
        if m.lastgroup == "name"
    )
    if glued or any("SERVICE" in w for w in words):
        raise QueryError("SERVICE 会访问外部网络，被拒绝：请只查询本库数据")


_REASONS = {
    "contains a variable that is unbound": "（SELECT 的变量没有出现，或没有列入 GROUP BY）",
    "IRI parsing failed": "（尖括号里须是完整的 IRI）",
}


def _syntax_message(sparql: str, message: str) -> str:
    """Where a query stops being SPARQL. Oxigraph tells how far it looked ahead, so rdflib tells the place."""
    line, column, why = _undeclared(sparql) or _stopped(sparql) or _looked_at(message)
    lines = sparql.splitlines() or [""]
    near = lines[line - 1][column - 1 :][:20].strip() if line <= len(lines) else ""
    return f"SPARQL 语法错误：第 {line} 行第 {column} 列，{f'“{near}”附近' if near else '结尾处'}{why}"


def _undeclared(sparql: str) -> tuple[int, int, str] | None:
    tokens = list(_TOKEN.finditer(sparql))
    solid = [t for t in tokens if t.lastgroup != "skip"]
    declared = {after[0].partition(":")[0] for word, after in pairwise(solid) if word[0].upper() == "PREFIX"}
    for token in solid:
        prefix = token[0].partition(":")[0]
        if token.lastgroup == "name" and prefix not in declared | PREFIXES.keys() | {"_"}:
            before = sparql[: token.start()]
            return before.count("\n") + 1, len(before) - before.rfind("\n"), f"（前缀 {prefix}: 没有声明）"
    return None


def _stopped(sparql: str) -> tuple[int, int, str] | None:
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        parseQuery(sparql.replace("\t", " "))
    except ParseBaseException as error:
        return error.lineno, error.col, ""
    except (RecursionError, ValueError, TypeError):
        return None
    return None


def _looked_at(message: str) -> tuple[int, int, str]:
    found = re.search(r"error at (\d+):(\d+)", message)
    why = next((said for words, said in _REASONS.items() if words in message), "")
    return (int(found[1]), int(found[2]), why) if found else (1, 1, why)
