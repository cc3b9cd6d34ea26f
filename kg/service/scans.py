"""Cells recognised in pictures that wait to be compared with them."""

from __future__ import annotations

from typing import Any

from kg.graph.confirm import cut_out, pending
from kg.knowledge import KnowledgeGraph
from kg.service.registry import NotFoundError, job

AROUND = 30  # pixels of the page that are shown around a cell


@job
def scans(graph: KnowledgeGraph, document: str | None = None, offset: int = 0, limit: int = 50) -> dict[str, Any]:
    """One page of the cells that wait, as ``kg confirm list --json`` prints them."""
    found = [one.json() for one in pending(graph.store) if document in (None, one.document)]
    return {"total": len(found), "offset": offset, "limit": limit, "items": found[offset : offset + limit]}


@job
def scan_picture(graph: KnowledgeGraph, cell: str) -> bytes:
    """The cut-out of a cell that waits, as PNG. Raises NotFoundError."""
    one = next((p for p in pending(graph.store) if cell in (p.id, p.key)), None)
    if one is None:
        raise NotFoundError(f"没有待核对的单元格“{cell[:60]}”")
    return cut_out(graph.root, one.picture, one.box, AROUND)
