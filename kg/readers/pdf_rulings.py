"""Rulings of a table that a page's end has cut: where its vertical ones end and none closes its cells."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from kg.readers.pages import NEAR

Edge = dict[str, Any]
Run = tuple[float, float, float]  # x, top, bottom
MOST = 4000  # edges of a page that may be a table's: a drawing has more


def cut_ends(edges: Iterable[Edge]) -> list[Edge]:
    """Horizontal rulings to be added to a page's: between vertical ones beside each other that begin, or end, at the
    same height, where there is none. Browsers draw none where a cell goes on over the page's end.
    """
    edges = list(edges)
    if len(edges) > MOST:
        return []
    runs = _runs(edge for edge in edges if edge["orientation"] == "v")
    level = [edge for edge in edges if edge["orientation"] == "h"]
    out = []
    for end in (1, 2):
        for y in _heights(runs, end):
            xs = sorted(run[0] for run in runs if abs(run[end] - y) <= NEAR)
            near = [edge for edge in level if abs(edge["top"] - y) <= NEAR]
            for x0, x1 in pairwise(xs):
                between = any(run[1] + NEAR < y < run[2] - NEAR and x0 < run[0] < x1 for run in runs)
                if x1 - x0 > NEAR and not between and not _covered(near, x0, x1):
                    out.append(_ruling(x0, x1, y))
    return out


def is_open(ends: list[Edge], x0: float, x1: float, y: float) -> bool:
    """Whether one of the rulings that ``cut_ends`` adds stands between two places at a height."""
    middle = (x0 + x1) / 2
    return any(end["x0"] < middle < end["x1"] and abs(end["top"] - y) <= NEAR for end in ends)


def _runs(edges: Iterable[Edge]) -> list[Run]:
    """Vertical rulings, those that go on in one another as one."""
    out: list[Run] = []
    for edge in sorted(edges, key=lambda e: (round(float(e["x0"])), float(e["top"]))):
        x, top, bottom = float(edge["x0"]), float(edge["top"]), float(edge["bottom"])
        last = out[-1] if out else None
        if last and abs(last[0] - x) <= 1 and top <= last[2] + NEAR:
            out[-1] = (last[0], last[1], max(last[2], bottom))
        else:
            out.append((x, top, bottom))
    return [run for run in out if run[2] - run[1] > 2 * NEAR]


def _heights(runs: list[Run], end: int) -> list[float]:
    """Where several rulings begin (1) or end (2)."""
    out: list[float] = []
    for y in sorted(run[end] for run in runs):
        if not out or y - out[-1] > NEAR:
            out.append(y)
    return out


def _covered(level: list[Edge], x0: float, x1: float) -> bool:
    """Whether horizontal rulings leave no gap between two places."""
    at = x0
    for edge in sorted(level, key=lambda e: float(e["x0"])):
        if edge["x0"] <= at + NEAR:
            at = max(at, float(edge["x1"]))
    return at >= x1 - NEAR


def _ruling(x0: float, x1: float, y: float) -> Edge:
    place = {"x0": x0, "x1": x1, "top": y, "bottom": y, "width": x1 - x0, "height": 0.0}
    return place | {"orientation": "h", "object_type": "rect_edge"}
