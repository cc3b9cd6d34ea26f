"""What worker processes do: functions of an opened graph and plain arguments, by name. Results are plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pyoxigraph as ox

from kg.errors import KgError
from kg.graph.store import check_query
from kg.knowledge import KnowledgeGraph
from kg.service import formats
from kg.service.dataset import graphs_named, known_graphs
from kg.service.formats import Wanted

JOBS: dict[str, Callable[..., Any]] = {}


class NotFoundError(KgError):
    """There is no such thing in the graph."""


def job(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function a job under its name. Its first argument is the graph."""
    JOBS[function.__name__] = function
    return function


@job
def sparql(
    graph: KnowledgeGraph,
    query: str,
    wanted: Wanted,
    rows: int,
    size: int,
    default_graphs: tuple[str, ...] = (),
    named_graphs: tuple[str, ...] = (),
) -> tuple[str, bytes]:
    """Run a query; (content type, result).

    ``default_graphs`` and ``named_graphs`` are the protocol's dataset, in place of FROM and FROM NAMED.
    """
    check_query(query)
    known = known_graphs(graph)
    for iri in (*default_graphs, *named_graphs, *graphs_named(query)):
        if iri not in known:
            raise KgError(f"没有载入图 <{iri}>：FROM、GRAPH 参数只能用本库的图，不会到网上读取")
    dataset = (
        {"default_graph": [ox.NamedNode(g) for g in default_graphs], "named_graphs": [ox.NamedNode(g) for g in named_graphs]}
        if default_graphs or named_graphs
        else {}
    )
    return formats.write(graph.store.query(query, **dataset), wanted, rows, size)


@job
def search(graph: KnowledgeGraph, text: str, limit: int) -> list[dict[str, Any]]:
    found = []
    for hit in graph.search(text, limit):
        passage = asdict(hit.passage)
        del passage["texts"]
        found.append({**passage, "score": round(hit.score, 4)})
    return found


@job
def export(graph: KnowledgeGraph, form: str) -> tuple[str, bytes]:
    from kg.graph import export as out

    return form, out.render(graph.store, form)


@job
def documents(graph: KnowledgeGraph) -> dict[str, Any]:
    """What is loaded, and which generation of it."""
    manifest = graph.manifest
    return {
        "generation": graph.generation,
        "base": manifest.base,
        "documents": [
            {k: v for k, v in asdict(entry).items() if k != "given_year"} for entry in manifest.documents
        ],
    }


def warm(graph: KnowledgeGraph) -> None:
    """Load what questions need, so that the first one is as quick as the next."""
    from kg.service.asking import examples

    graph.search("预算", 1)
    examples(graph)


def _register() -> None:
    from kg.service import asking, describe, pictures, views  # noqa: F401 - they register their jobs


_register()
