"""A page's picture → upright, without stamps, and the cells that its ruling lines make.

Lines are what is left of the ink after opening it with long flat and long upright bars. Where lines cross they make a
lattice; neighbours in it that no line parts are one merged cell. Lengths are in pixels, angles in degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from kg.readers.grid import Rectangle

Image = np.ndarray[Any, np.dtype[np.uint8]]


COLOURED = 40  # between a pixel's brightest and darkest channel
STAMP = 12  # millimetres: a patch of colour at least as wide and as high as this is no writing
BELOW = 0.92  # of a stamp's brightness: what is darker lies below it
STEEPEST = 8.0  # degrees that a page may be turned in the scanner
BRIDGE = 3.5  # millimetres of a line that may be missing
WALL = 0.6  # of a side that must be ruled to part two cells
SLIT = 0.25  # a side ruled less than WALL and more than this leaves its cells uncertain


@dataclass(slots=True)
class Lattice:
    """A ruled table: its cells, which are rectangles, and those among them whose sides are not certain."""

    frame: Rectangle
    cells: list[Rectangle]
    unsure: set[Rectangle]
    columns: list[int]

    def inside(self, cell: Rectangle) -> list[int]:
        """The column lines of the table that a cell reaches over."""
        return [x for x in self.columns if cell[0] < x < cell[2]]


def grey(picture: Image) -> Image:
    """Grey as the eye sees it."""
    return picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def without_stamps(picture: Image, unit: int) -> Image:
    """Grey of a picture in which ink of a colour that covers much more than words do is white.

    What is much darker than the stamp around it is black ink below it. That is told by brightness, not by a colour's own
    channel: JPEG keeps colours at half the resolution, and a stamp would leave its outline.
    """
    plain = grey(picture)
    if picture.ndim == 2:
        return plain
    coloured = (picture.max(axis=2).astype(np.int16) - picture.min(axis=2) > COLOURED).astype(np.uint8)
    joined = cv2.morphologyEx(coloured, cv2.MORPH_CLOSE, np.ones((2 * unit, 2 * unit), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    big = np.array([n > 0 and min(stats[n][2], stats[n][3]) >= STAMP * unit for n in range(count)])
    if not big.any():
        return plain
    for n in range(1, count):  # a star and words amid a ring are of the stamp
        x, y = stats[n][0] + stats[n][2] / 2, stats[n][1] + stats[n][3] / 2
        big[n] |= any(a <= x <= a + w and b <= y <= b + h for a, b, w, h, _ in stats[1:][big[1:]].tolist())
    stamp = (coloured > 0) & big[labels]
    weight = cv2.boxFilter(stamp.astype(np.float32), -1, (4 * unit, 4 * unit), normalize=False)
    level = cv2.boxFilter(np.where(stamp, plain, 0).astype(np.float32), -1, (4 * unit, 4 * unit), normalize=False)
    level = level / np.maximum(weight, 1)
    near = cv2.dilate(stamp.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    bare = np.clip(plain.astype(np.float32) * 255 / np.maximum(level * BELOW, 40), 0, 255).astype(np.uint8)
    return np.where(near, bare, plain)


def ink(page: Image, unit: int) -> Image:
    """255 where a grey page is written on, by the paper around it; ``unit`` is about a millimetre in pixels."""
    block = max(15, 4 * unit) | 1
    smooth = cv2.GaussianBlur(page, (3, 3), 0)
    return np.asarray(
        cv2.adaptiveThreshold(smooth, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 14), np.uint8
    )


def skew(page: Image, unit: int) -> float:
    """How far the page's long lines are turned, anticlockwise positive; 0.0 where it has none."""
    dark = cv2.dilate(ink(page, unit), np.ones((5, 1), np.uint8))  # a steep line's steps stay joined
    long = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, 5 * unit), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(long, np.uint8), connectivity=8)
    found: list[tuple[float, int]] = []
    for number in range(1, count):
        x, y, width, height, _ = stats[number].tolist()
        if width < page.shape[1] // 8 or height > width * np.tan(np.radians(STEEPEST)) + 2 * unit:
            continue
        rows, columns = np.nonzero(labels[y : y + height, x : x + width] == number)
        slope = np.polyfit(columns, rows, 1)[0]
        found.append((float(np.degrees(np.arctan(slope))), width))
    if not found:
        return 0.0
    found.sort()
    half, seen = sum(width for _, width in found) / 2, 0
    for angle, width in found:
        seen += width
        if seen >= half:
            return -angle
    return 0.0


def turned(page: Image, angle: float) -> Image:
    """The page turned back by ``angle`` about its middle, on white."""
    if abs(angle) < 0.05:
        return page
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    return np.asarray(
        cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255)), np.uint8
    )


def back(box: Rectangle, angle: float, width: int, height: int) -> Rectangle:
    """Where a rectangle of the upright page lies in the page as it was."""
    if abs(angle) < 0.05:
        return box
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    x0, y0, x1, y1 = box
    corners = np.array([(x0, y0, 1), (x1, y0, 1), (x0, y1, 1), (x1, y1, 1)], float) @ matrix.T
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    return (
        max(0, int(low[0])), max(0, int(low[1])), min(width, int(high[0])), min(height, int(high[1]))
    )  # fmt: skip


def masks(page: Image, unit: int) -> tuple[Image, Image]:
    """Flat lines and upright lines of an upright page, each 255 where there is one."""
    dark = ink(page, unit)
    gap = max(3, unit // 2)
    flat = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    flat = cv2.morphologyEx(flat, cv2.MORPH_OPEN, np.ones((1, 6 * unit), np.uint8))
    upright = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((gap, 1), np.uint8))
    upright = cv2.morphologyEx(upright, cv2.MORPH_OPEN, np.ones((int(4.5 * unit), 1), np.uint8))
    bridge = int(BRIDGE * unit)  # over what a stamp has covered
    flat = cv2.morphologyEx(flat, cv2.MORPH_CLOSE, np.ones((1, bridge), np.uint8))
    upright = cv2.morphologyEx(upright, cv2.MORPH_CLOSE, np.ones((bridge, 1), np.uint8))
    upright = _anchored(np.asarray(upright, np.uint8), np.asarray(flat, np.uint8), 0, unit)
    flat = _anchored(np.asarray(flat, np.uint8), upright, 1, unit)
    return flat, upright


def _anchored(mask: Image, across: Image, axis: int, unit: int) -> Image:
    """The lines that end at lines ``across`` them, or are long: strokes of letters in a row are neither."""
    near = max(3, unit // 2)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    kept = np.zeros(count, np.uint8)
    for number in range(1, count):
        x, y, width, height, _ = stats[number].tolist()
        length, thick = (width, height) if axis == 1 else (height, width)
        if thick > 3 * unit and thick > length // 10:
            continue
        if length >= 25 * unit:
            kept[number] = 255
            continue
        ends = (
            (
                (x - near, y - near, near * 2, height + near * 2),
                (x + width - near, y - near, near * 2, height + near * 2),
            )
            if axis == 1
            else (
                (x - near, y - near, width + near * 2, near * 2),
                (x - near, y + height - near, width + near * 2, near * 2),
            )
        )
        anchors = sum(bool(across[max(0, b) : b + d, max(0, a) : a + c].any()) for a, b, c, d in ends)
        if anchors == 2 or (anchors == 1 and length >= (12 if axis == 1 else 8) * unit):
            kept[number] = 255
    return np.asarray(kept[labels], np.uint8)


def lattices(flat: Image, upright: Image, unit: int) -> list[Lattice]:
    """The ruled tables of a page, from the top."""
    near = max(3, unit // 2)
    joined = cv2.dilate(flat | upright, np.ones((near, near), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    out = []
    for x, y, width, height, _ in stats[1:count].tolist():
        if width < 15 * unit or height < 5 * unit:
            continue
        found = _lattice(flat, upright, (x, y, x + width, y + height), unit)
        if found is not None and len(found.cells) > 1:
            out.append(found)
    out.sort(key=lambda lattice: lattice.frame[1])
    return [a for a in out if not any(a is not b and _inside(a.frame, b.frame) for b in out)]


def _inside(a: Rectangle, b: Rectangle) -> bool:
    return a[0] >= b[0] and a[1] >= b[1] and a[2] <= b[2] and a[3] <= b[3]


def _lattice(flat: Image, upright: Image, frame: Rectangle, unit: int) -> Lattice | None:
    x0, y0, x1, y1 = frame
    rows = _levels(flat[y0:y1, x0:x1], axis=1, unit=unit)
    columns = _levels(upright[y0:y1, x0:x1], axis=0, unit=unit)
    if len(rows) < 2 or len(columns) < 2:
        return None
    ys, xs = [y0 + y for y in rows], [x0 + x for x in columns]
    reach = max(2, unit // 2)
    # share of each lattice side that is ruled: above row r at column c, left of column c at row r
    above = np.array([
        [_ruled(flat[max(0, y - reach) : y + reach + 1, a + reach : b - reach], 0) for a, b in pairwise(xs)]
        for y in ys
    ])  # fmt: skip
    beside = np.array([
        [_ruled(upright[a + reach : b - reach, max(0, x - reach) : x + reach + 1], 1) for x in xs]
        for a, b in pairwise(ys)
    ])  # fmt: skip
    return _merged(ys, xs, above, beside, frame)


def _levels(mask: Image, axis: int, unit: int) -> list[int]:
    """Where lines run: middles of the pieces of lines, those close together as one. ``axis`` 1 for flat lines."""
    count, _, stats, centroids = cv2.connectedComponentsWithStats(mask, connectivity=8)
    along, thick = (2, 3) if axis == 1 else (3, 2)
    pieces = [
        (float(centroids[i][axis]), int(stats[i][along]))
        for i in range(1, count)
        if stats[i][thick] <= 3 * unit
    ]  # fmt: skip
    pieces.sort()
    out: list[list[tuple[float, int]]] = []
    for place, length in pieces:
        if out and place - out[-1][-1][0] <= max(3, 0.9 * unit):
            out[-1].append((place, length))
        else:
            out.append([(place, length)])
    return [round(sum(p * n for p, n in run) / sum(n for _, n in run)) for run in out]


def _ruled(band: Image, axis: int) -> float:
    return float((band.max(axis=axis) > 0).mean()) if band.size else 1.0


def _merged(ys: list[int], xs: list[int], above: Any, beside: Any, frame: Rectangle) -> Lattice:
    """Join the lattice's places that no wall parts; a group that is no rectangle stays apart, uncertain."""
    height, width = len(ys) - 1, len(xs) - 1
    parent = list(range(height * width))

    def find(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    slits: set[int] = set()
    for r in range(height):
        for c in range(width):
            here = r * width + c
            if c and beside[r, c] < WALL:
                parent[find(here)] = find(here - 1)
                slits |= {here} if beside[r, c] > SLIT else set()
            if r and above[r, c] < WALL:
                parent[find(here)] = find(here - width)
                slits |= {here} if above[r, c] > SLIT else set()
    groups: dict[int, list[int]] = {}
    for at in range(height * width):
        groups.setdefault(find(at), []).append(at)
    cells: list[Rectangle] = []
    unsure: set[Rectangle] = set()
    for members in groups.values():
        rows, columns = {m // width for m in members}, {m % width for m in members}
        whole = len(members) == (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)
        parts = [members] if whole else [[m] for m in members]
        for part in parts:
            top, left = min(m // width for m in part), min(m % width for m in part)
            bottom, right = max(m // width for m in part) + 1, max(m % width for m in part) + 1
            cell = (xs[left], ys[top], xs[right], ys[bottom])
            cells.append(cell)
            if not whole or slits & set(part):
                unsure.add(cell)
    cells.sort(key=lambda c: (c[1], c[0]))
    return Lattice(frame, cells, unsure, xs)
