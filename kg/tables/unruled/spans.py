"""Which rows a cell reaches over that stands in the middle of them, or at the top, where no rulings say it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

Height = tuple[float, float]
"""The lines, from the top, that the first and the last line of a text stand on."""
OFF = 0.42  # of the distance between rows: further off the middle a label is of other rows
BREAK = 50_000.0  # points: rows of different pages are further apart
CLEARER = 2.0  # times that a reading fits better than the next


def spans(
    rows: Sequence[Height], labels: Sequence[Height], groups: Sequence[tuple[int, int]], pitch: float, *, centred: bool
) -> list[tuple[int, int, int]] | None:
    """(first row, end, label) for labels whose rows follow one another and lie within one of ``groups`` each.

    A label stands in the middle of its rows, or on the first (``centred``). Groups may have no label. None where no
    reading fits, or several do.
    """
    out: list[tuple[int, int, int]] = []
    rest = list(range(len(labels)))
    for start, stop in groups:
        upto = rows[stop][0] if stop < len(rows) else float("inf")
        last = rows[stop - 1][1] if stop else upto
        edge = (last + upto) / 2
        own = []
        while rest and sum(labels[rest[0]]) / 2 < edge:
            own.append(rest.pop(0))
        if not own:
            continue
        sizes = _sizes(rows[start:stop], [labels[k] for k in own], pitch, centred, ends=stop == len(rows))
        if sizes is None:
            return None
        at = start
        for which, size in zip(own, sizes, strict=True):
            out.append((at, at + size, which))
            at += size
    return None if rest else out


def _sizes(
    rows: Sequence[Height], labels: Sequence[Height], pitch: float, centred: bool, *, ends: bool
) -> list[int] | None:
    """How many rows each label has, of all these rows; the one reading that fits, or fits clearly best.

    ``ends``: the last of the rows is the table's.
    """
    best = _readings(rows, labels, pitch * OFF, centred, ends)
    if not best or (len(best) > 1 and best[0][0] * CLEARER + 0.1 * pitch * len(labels) > best[1][0]):
        return None
    return list(best[0][1])


def _readings(
    rows: Sequence[Height], labels: Sequence[Height], off: float, centred: bool, ends: bool
) -> list[tuple[float, tuple[int, ...]]]:
    """The two best ways to give all rows to the labels in their order, with how far these stand off their places."""

    @cache
    def best(start: int, which: int) -> tuple[tuple[float, tuple[int, ...]], ...]:
        if which == len(labels):
            return ((0.0, ()),) if start == len(rows) else ()
        ways = []
        for stop in range(start + 1, len(rows) - (len(labels) - which - 1) + 1):
            first, last = labels[which]
            error = abs((rows[start][0] + rows[stop - 1][1] - first - last) / 2 if centred else rows[start][0] - first)
            if centred and ((ends and stop == len(rows)) or rows[stop - 1][0] - rows[start][0] > BREAK):
                error = min(
                    error, abs(rows[start][0] - first)
                )  # a cell that a page's end cuts has its words at the top
            if error <= off:
                ways += [(error + more, (stop - start, *sizes)) for more, sizes in best(stop, which + 1)]
        return tuple(sorted(ways)[:2])

    return list(best(0, 0))
