"""Jobs on the graph as a whole: queries, search, exports, what is loaded."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import islice
from typing import Any

import pyoxigraph as ox

from kg.characters import csv_table
from kg.graph.generations import DataDirectory
from kg.knowledge import KnowledgeGraph
from kg.service import formats
from kg.service.formats import Wanted
from kg.service.registry import job
from ontology import JX

NUMERIC = frozenset({"integer", "decimal", "double", "float", "int", "long"})


@job
def sparql(
    graph: KnowledgeGraph,
    query: str,
    wanted: Wanted,
    rows: int,
    size: int,
    default_graphs: tuple[str, ...] = (),
    named_graphs: tuple[str, ...] = (),
    base: str = "",
) -> tuple[str, bytes]:
    """Run a query; (content type, result).

    ``default_graphs`` and ``named_graphs`` are the protocol's dataset, in place of FROM and FROM NAMED. ``base`` is
    what relative IRIs are resolved against.
    """
    found = graph.store.query(query, default_graphs=default_graphs, named_graphs=named_graphs, base=base)
    return formats.write(found, wanted, rows, size)


@job
def search(graph: KnowledgeGraph, text: str, limit: int) -> list[dict[str, Any]]:
    found = []
    for hit in graph.search(text, limit):
        passage = asdict(hit.passage)
        del passage["texts"]
        found.append({**passage, "score": round(hit.score, 4)})
    return found


@job
def export(
    graph: KnowledgeGraph, form: str, years: tuple[int, ...] = (), departments: tuple[str, ...] = ()
) -> tuple[str, bytes]:
    from kg.graph import export as out

    chosen = out.choice(graph.store, years, departments)
    if form == "xlsx":
        from kg.workbook import workbook

        return form, workbook(graph, chosen)
    return form, out.render(graph.store, form, chosen)


@job
def documents(graph: KnowledgeGraph) -> dict[str, Any]:
    """What is loaded, and which generation of it."""
    manifest = graph.manifest
    forms = graph.store.select(
        """SELECT DISTINCT ?name ?form WHERE { ?d a jx:BudgetDocument ; rdfs:label ?name ; jx:form ?f .
             ?f skos:prefLabel ?form FILTER(LANG(?form) = "zh") } ORDER BY ?form"""
    )
    return {
        "generation": graph.generation,
        "base": manifest.base,
        "documents": [
            {
                **{k: v for k, v in asdict(entry).items() if k != "given_year"},
                **_kept(graph, entry.sha256),
                "forms": [r["form"] for r in forms if r["name"] == entry.name],
            }
            for entry in manifest.documents
        ],
    }


def _kept(graph: KnowledgeGraph, digest: str) -> dict[str, Any]:
    """Size of a document's original, and when it was first kept."""
    try:
        found = DataDirectory(graph.root).originals.path(digest).stat()
    except OSError:
        return {"bytes": None, "at": None}
    return {"bytes": found.st_size, "at": datetime.fromtimestamp(found.st_mtime, UTC).isoformat(timespec="seconds")}


@job
def twins(graph: KnowledgeGraph) -> list[list[dict[str, Any]]]:
    """Projects that come twice, it seems: the same name, year and budget, yet not one project."""
    rows = graph.store.select(
        """SELECT ?p ?label ?year ?budget (SAMPLE(?d) AS ?department) (SAMPLE(?n) AS ?document) (MIN(?t) AS ?table) WHERE {
             { SELECT ?label ?year ?budget WHERE { ?x a jx:Project ; rdfs:label ?label ; jx:fiscalYear ?year ; jx:budget ?budget
                 FILTER(?budget > 0) } GROUP BY ?label ?year ?budget HAVING(COUNT(DISTINCT ?x) > 1) }
             ?p a jx:Project ; rdfs:label ?label ; jx:fiscalYear ?year ; jx:budget ?budget ; jx:table ?t ; jx:document ?doc .
             ?doc rdfs:label ?n OPTIONAL { ?p jx:department ?org . ?org rdfs:label ?d } }
           GROUP BY ?p ?label ?year ?budget ORDER BY ?label ?year ?budget ?p LIMIT 200"""
    )
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        shown = {"iri": row["p"], **{k: row[k] for k in ("label", "year", "department", "document", "table")}}
        found.setdefault((row["label"], row["year"], row["budget"]), []).append(
            {**shown, "budget_wan": float(row["budget"] / 10_000)}
        )
    return list(found.values())


@job
def sparql_view(graph: KnowledgeGraph, query: str, rows: int) -> dict[str, Any]:
    """A result to look at: ``kind`` boolean, table (``heads``, ``rows`` of terms) or graph (``triples``), cut at ``rows``.

    ``unknown``: the terms of the ontology's namespace that it does not have, each with the one that is meant perhaps.
    """
    found = graph.store.query(query)
    unknown = _unknown_terms(graph, query)
    if isinstance(found, ox.QueryBoolean):
        return {"kind": "boolean", "value": bool(found), "unknown": unknown}
    shown = [[_term(term) for term in row] for row in islice(found, rows + 1)]
    rest = {"rows": shown[:rows], "more": len(shown) > rows, "unknown": unknown}
    if isinstance(found, ox.QueryTriples):
        return {"kind": "graph", "heads": ["主语", "谓语", "宾语"], **rest}
    return {"kind": "table", "heads": [v.value for v in found.variables], **rest}


# A string or a comment, in which nothing is a term; else the namespace bound to jx, an IRI, a prefixed name.
_TOKEN = re.compile(
    r"""\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|(?i:prefix)\s+jx:\s*<(?P<bound>[^>]*)>"""
    r"""|<(?P<iri>[^<>\s]*)>|\#[^\n]*|(?<![\w?$:-])jx:(?P<name>\w[\w-]*)""",
    re.DOTALL,
)


def _unknown_terms(graph: KnowledgeGraph, query: str) -> list[dict[str, str | None]]:
    namespace, used = str(JX), []
    for token in _TOKEN.finditer(query):
        if token["bound"] is not None:
            namespace = token["bound"]
        elif token["name"] and namespace == JX:
            used.append(token["name"])
        elif token["iri"] and token["iri"].startswith(JX):
            used.append(token["iri"].removeprefix(JX))
    rows = graph.store.select(f'SELECT DISTINCT ?t WHERE {{ ?t a ?c FILTER(STRSTARTS(STR(?t), "{JX}")) }}')
    known = [r["t"].removeprefix(JX) for r in rows]
    return [
        {"name": f"jx:{name}", "near": f"jx:{near[0]}" if (near := get_close_matches(name, known, 1)) else None}
        for name in dict.fromkeys(used)
        if name and name not in known
    ]


def _term(term: Any) -> dict[str, Any] | None:
    if term is None:
        return None
    if isinstance(term, ox.Literal):
        return {"text": term.value, "number": term.datatype.value.rpartition("#")[2] in NUMERIC}
    return {"text": term.value if isinstance(term, ox.NamedNode) else str(term), "iri": isinstance(term, ox.NamedNode)}


@job
def sheet(graph: KnowledgeGraph, heads: list[str], rows: list[list[Any]], form: str, title: str) -> tuple[str, bytes]:
    """A table as CSV or a workbook; text is never a formula."""
    del graph
    if form == "csv":
        return form, csv_table([heads, *rows]).encode("utf-8-sig")
    from kg.spreadsheet import Column, Sheet, save

    return form, save([Sheet(title, [Column(head) for head in heads], rows)])


def warm(graph: KnowledgeGraph) -> None:
    """Load what questions need, so that the first one is as quick as the next."""
    graph.search("预算", 1)
    graph.ask("预算最大的项目")
