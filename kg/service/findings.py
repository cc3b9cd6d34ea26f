"""Repeated indicators, their review, changes between years, and findings on data quality."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from kg.graph.review import Reviews
from kg.knowledge import KnowledgeGraph
from kg.service.registry import job

if TYPE_CHECKING:
    from kg.repeats.rows import Repeats

Json = dict[str, Any]


_KEPT: WeakKeyDictionary[KnowledgeGraph, tuple[int, Repeats]] = WeakKeyDictionary()


def _repeats(graph: KnowledgeGraph) -> Repeats:
    """The comparisons, made again when somebody has reviewed a pair."""
    reviews = Reviews(graph.root).path
    mark = reviews.stat().st_mtime_ns if reviews.exists() else 0
    kept = _KEPT.get(graph)
    if kept is None or kept[0] != mark:
        kept = _KEPT[graph] = mark, graph.repeats()
    return kept[1]


def _page(found: list[Json], offset: int, limit: int) -> Json:
    return {"total": len(found), "offset": offset, "limit": limit, "items": found[offset : offset + limit]}


@job
def duplicates(
    graph: KnowledgeGraph, across: str, similar: bool = False, kind: str | None = None, offset: int = 0, limit: int = 50
) -> Json:
    """One page of the clusters as ``kg duplicates --json`` prints them."""
    rows = _repeats(graph).across(across, similar=similar or kind == "similar")
    return _page([row for row in rows if not kind or row["kind"] == kind], offset, limit)


@job
def duplicates_workbook(graph: KnowledgeGraph, across: str) -> tuple[str, bytes]:
    from kg.repeats.workbook import workbook

    repeats = _repeats(graph)
    return "xlsx", workbook(repeats, repeats.across(across))


@job
def queue(graph: KnowledgeGraph, limit: int) -> list[Json]:
    """Pairs to be reviewed, the least certain first."""
    repeats = _repeats(graph)
    return [repeats.pair(link) for link in islice(repeats.clusters.uncertain(), limit)]


@job
def queue_left(graph: KnowledgeGraph) -> int:
    """How many pairs wait to be reviewed."""
    return sum(1 for _ in _repeats(graph).clusters.uncertain())


@job
def changes(
    graph: KnowledgeGraph, change: str | None = None, target: str | None = None, offset: int = 0, limit: int = 50
) -> Json:
    """What became of each indicator from year to year; what stayed as it was is left out unless asked for."""
    found = [
        move
        for move in _repeats(graph).moves()
        if (move["change"] == change if change else move["change"] != "same" or move["target"])
        and (not target or move["target"] == target)
    ]
    return _page(sorted(found, key=lambda m: -(m["year"] or 0)), offset, limit)


@job
def trend(graph: KnowledgeGraph, name: str) -> Json:
    from kg.repeats.trend import trend as compute

    return compute(_repeats(graph), graph.store, name)


@job
def review(graph: KnowledgeGraph, indicators: list[str], decision: str, note: str = "", by: str = "") -> Json:
    """Keep a decision on two indicators. Raises KgError for an indicator that was never compared."""
    from kg.errors import KgError
    from kg.graph.review import reviewed

    repeats = _repeats(graph)
    for iri in indicators:
        if iri not in repeats.found.number:
            raise KgError(f"没有指标“{iri[:200]}”：它可能已随文档移除")
    kept = reviewed(indicators[0], indicators[1], decision, note, by or "网页")
    repeats.reviews.add([kept])
    return _review(repeats, kept)


@job
def reviews(graph: KnowledgeGraph) -> list[Json]:
    """The decisions in force, newest first."""
    repeats = _repeats(graph)
    return [_review(repeats, r) for r in reversed(repeats.reviews.latest().values())]


def _review(repeats: Any, kept: Any) -> Json:
    from kg.repeats.rows import pair_name

    return {
        "pair": pair_name(*kept.pair),
        "indicators": list(kept.pair),
        "labels": [repeats.label(iri) for iri in kept.pair],
        "decision": kept.decision,
        "note": kept.note,
        "by": kept.by,
        "at": kept.at,
    }


@job
def check(graph: KnowledgeGraph) -> list[Json]:
    """Every finding, with the title of its rule."""
    from kg.graph.checks import rules

    titles = rules()
    return [
        {**finding.json(), "title": rule.title if (rule := titles.get(finding.code)) else finding.code}
        for finding in graph.check()
    ]
