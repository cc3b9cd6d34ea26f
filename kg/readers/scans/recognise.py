"""The picture of a page → its tables and lines, by rapidocr's models, without a network.

Texts with figures, signs or few characters are read twice by different means: as the detector finds and cuts them on
the page, and cut by the white between lines out of their ruled cell, without the ruling, in black and white and at
another size. Ink that has become no character counts as another reading. The recogniser's own score proves nothing. Its direction classifier is off: it reads 99 as 66.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from statistics import median
from typing import Any

import cv2
import numpy as np

from kg.readers.grid import Rectangle
from kg.readers.scans import ruling
from kg.readers.scans.page import ReadCell, ReadLine, ReadPage
from kg.readers.scans.readings import EMPTY, same, settled, twice
from kg.readers.scans.ruling import Image

LONG = 1754  # pixels of a page's longer side, at least; smaller pictures are enlarged
MILLIMETRES = 297  # a page's longer side
REACH, NARROW = 0.8, 0.65  # of a line's height from a character's middle to the end of its ink, at most
UNREAD, COVERED = "（有笔画没有认出）", "（紧挨着印章，可能有字被盖住）"
JUDGES, CLEAR = 6, 0.85  # lines that tell how a page lies, and their score on one that lies upright
INKED = 60  # between the brightest and darkest channel of a stamp by itself
MARGIN = 2  # pixels of paper around a line


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    return RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.log_level": "error",
            "Global.text_score": 0.0,
            "Global.max_side_len": 2000,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _recognised(crop: Image) -> tuple[str, list[float], float]:
    """The text of a line's picture, where its characters stand, as shares of the width, and the recogniser's score."""
    if crop.shape[0] < 3 or crop.shape[1] < 3:
        return "", [], 0.0
    found = _engine()(crop, use_det=False, use_cls=False, use_rec=True, return_word_box=True)
    text = str((getattr(found, "txts", None) or ("",))[0])
    places: list[float] = []
    for info in getattr(found, "word_results", None) or ():
        if info is not None and info.line_txt_len:
            places += [(column + 0.5) / info.line_txt_len for word in info.word_cols for column in word]
    return text.strip(), places, float((getattr(found, "scores", None) or (0.0,))[0] or 0.0)


def read_page(picture: Image) -> ReadPage:
    """Read a page: grey, or RGB; rows of pixels from the top. A page without ruled tables has lines only.

    A page that lies on its side or upside down is read upright; the places of its cells are those on the page as given.
    """
    out, quarters = _read(picture, asked=True)
    if not quarters:
        return out
    turned, _ = _read(np.ascontiguousarray(np.rot90(picture, quarters)), asked=False)
    height, width = picture.shape[:2]
    for table in turned.tables:
        table[:] = [replace(cell, place=_turned_back(cell.place, quarters, width, height)) for cell in table]
    return turned


def _turned_back(box: Rectangle, quarters: int, width: int, height: int) -> Rectangle:
    """Where a rectangle of a page turned anticlockwise by quarters lies on the page of ``width`` and ``height``."""
    x0, y0, x1, y1 = box
    if quarters == 1:
        return width - y1, x0, width - y0, x1
    if quarters == 2:
        return width - x1, height - y1, width - x0, height - y0
    return y0, height - x1, y1, height - x0


def _read(picture: Image, *, asked: bool) -> tuple[ReadPage, int]:
    """A page as it lies; with ``asked`` nothing but the quarters by which to turn it, where it does not lie upright."""
    height, width = picture.shape[:2]
    scale = max(1.0, LONG / max(height, width))
    page = picture if scale == 1.0 else np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)  # fmt: skip
    unit = max(4, round(max(page.shape[:2]) / MILLIMETRES))
    plain = ruling.without_stamps(page, unit)
    angle = ruling.skew(plain, unit)
    plain, page = ruling.turned(plain, angle), ruling.turned(page, angle)
    flat, upright = ruling.masks(plain, unit)
    tables = ruling.lattices(flat, upright, unit)
    reader = _Reader(plain, page, flat | upright, unit)
    found = reader.detected()
    if asked and (quarters := reader.lies(found)):
        return ReadPage(width, height), quarters
    cells = [list(table.cells) for table in tables]
    owned, outside = _shared_out(found, [cell for table in cells for cell in table])
    reader.line_height = median([b[3] - b[1] for b in found]) if found else 4.0 * unit
    out = ReadPage(width, height)

    def placed(box: Rectangle) -> Rectangle:
        x0, y0, x1, y1 = ruling.back(box, angle, page.shape[1], page.shape[0])
        return (int(x0 / scale), int(y0 / scale), int(np.ceil(x1 / scale)), int(np.ceil(y1 / scale)))

    for table, lattice in zip(cells, tables, strict=True):
        out.tables.append(
            [
                reader.cell(
                    cell,
                    placed(cell),
                    owned.get(cell),
                    sure=cell not in lattice.unsure and not _parted(cell, owned.get(cell), lattice),
                )
                for cell in table
            ]
        )
    out.lines = [line for box in outside if (line := reader.outside(box)) is not None]
    return out, 0


def _shared_out(
    boxes: list[Rectangle], cells: list[Rectangle]
) -> tuple[dict[Rectangle, list[Rectangle] | None], list[Rectangle]]:
    """Detected lines by the cell that holds them, and those in none; a cell with a line that runs on into another has None."""
    owned: dict[Rectangle, list[Rectangle] | None] = {}
    outside = []
    for box in boxes:
        area = max(1, (box[2] - box[0]) * (box[3] - box[1]))
        shares = [(cell, _overlap(box, cell) / area) for cell in cells]
        holders = [cell for cell, share in shares if share > 0.12]
        if not holders:
            outside.append(box)
        elif len(holders) > 1:
            owned |= dict.fromkeys(holders, None)
        else:
            held = owned.setdefault(holders[0], [])
            if held is not None:
                held.append(box)
    return owned, outside


def _parted(cell: Rectangle, found: list[Rectangle] | None, lattice: ruling.Lattice) -> bool:
    """Whether words beside each other in a cell lie on either side of a column line that does not part it.

    Then it may be two cells whose line was not found.
    """
    return any(
        left[2] <= x <= right[0] and min(left[3], right[3]) - max(left[1], right[1]) > 0.3 * (left[3] - left[1])
        for x in lattice.inside(cell)
        for left in found or ()
        for right in found or ()
    )


def _overlap(a: Rectangle, b: Rectangle) -> int:
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))


class _Reader:
    def __init__(self, plain: Image, page: Image, lines: Image, unit: int) -> None:
        """``plain`` is the ``page`` in grey without its stamps."""
        self.coloured = page if page.ndim == 3 else None
        self.stamped = cv2.absdiff(plain, ruling.grey(page)) > 20 if page.ndim == 3 else None
        self.stamp_level = 255.0  # of the stamp in the brightest channel
        if self.coloured is not None and self.stamped is not None:
            bright = self.coloured.max(axis=2)
            inked = self.stamped & (bright.astype(np.int16) - self.coloured.min(axis=2) > INKED)
            self.stamp_level = 0.97 * float(np.percentile(bright[inked], 30)) if inked.any() else 255.0
        self.page = np.asarray(cv2.cvtColor(plain, cv2.COLOR_GRAY2BGR), np.uint8)
        self.unit = unit
        thick = np.asarray(cv2.dilate(lines, np.ones((3, 3), np.uint8)), np.uint8)
        self.bare = np.where(thick > 0, np.uint8(255), plain)  # no ruling
        self.ink = _without_specks(np.where(thick > 0, np.uint8(0), ruling.ink(plain, unit)), unit)
        self.line_height = 4.0 * unit

    def detected(self) -> list[Rectangle]:
        """Boxes of lines of text anywhere on the page."""
        found = _engine()(self.page, use_det=True, use_cls=False, use_rec=False)
        if found is None or getattr(found, "boxes", None) is None:
            return []
        height, width = self.page.shape[:2]
        out = []
        for quad in np.asarray(found.boxes):
            low, high = np.floor(quad.min(axis=0)), np.ceil(quad.max(axis=0))
            out.append((max(0, int(low[0])), max(0, int(low[1])), min(width, int(high[0])), min(height, int(high[1]))))
        return out

    def lies(self, found: list[Rectangle]) -> int:
        """By how many quarters, anticlockwise, the page is to be turned: the way its longest lines are read best."""
        tall = sum(b[3] - b[1] > 1.5 * (b[2] - b[0]) for b in found)
        wide = sum(b[2] - b[0] > 1.5 * (b[3] - b[1]) for b in found)
        longest = sorted(found, key=lambda b: (b[2] - b[0]) * (b[3] - b[1]), reverse=True)[:JUDGES]
        if not longest:
            return 0

        def clear(quarters: int) -> float:
            crops = [np.ascontiguousarray(np.rot90(self._crop(box), quarters)) for box in longest]
            return sum(_recognised(crop)[2] for crop in crops) / len(crops)

        if tall > wide:
            return max((1, 3), key=clear)
        return 0 if clear(0) > CLEAR else max((0, 2), key=clear)

    def cell(self, box: Rectangle, place: Rectangle, found: list[Rectangle] | None, *, sure: bool) -> ReadCell:
        """Read a cell; ``found`` are the lines detected in it, None where they run over its edges."""
        inner = _shrunk(box, max(1, self.unit // 4))
        cut = self._cut(inner)
        boxes = [self._whole(row, cut) for row in _in_order(found)] if found else cut
        if not boxes:
            return ReadCell(box, place, sure=sure)
        first = [self._line(b, self._crop(b) if found else self._bare(b)) for b in boxes]
        text = "".join(line.text for line in first)
        lines = tuple(line for line in first if line.text)
        if not twice(text) and not self._is_stamped(inner):
            return ReadCell(box, place, lines, sure=sure)
        second = "".join(_recognised(self._sharp(b))[0] for b in cut)
        other = next((line.other for line in first if line.other), "")
        below, covered = self._below_stamp(boxes, inner)
        if not below:
            return ReadCell(box, place, lines, other if same(text, second) else second or EMPTY, sure)
        read, differs = settled([*below, [line.text for line in first], [second]])
        if len(read) == len(first):
            lines = tuple(replace(line, text=words, other="") for line, words in zip(first, read, strict=True) if words)
        elif len(lines) == 1:
            lines = (replace(lines[0], text="".join(read), other=""),)
        hidden = covered and re.search(r"\d", "".join(read)) is not None
        return ReadCell(box, place, lines, differs or other or (COVERED if hidden else ""), sure)

    def _whole(self, line: Rectangle, cut: list[Rectangle]) -> Rectangle:
        """A detected line with the ink beside it that the detector has missed."""
        middle = (line[1] + line[3]) / 2
        beside = next((b for b in cut if b[1] <= middle <= b[3] and b[3] - b[1] < 1.6 * self.line_height), None)
        slack = 0.4 * self.line_height
        if beside is None or (beside[0] > line[0] - slack and beside[2] < line[2] + slack):
            return line
        return min(line[0], beside[0]), line[1], max(line[2], beside[2]), line[3]

    def outside(self, box: Rectangle) -> ReadLine | None:
        """Read a line that stands in no table."""
        line = self._line(box, self._crop(box))
        if not line.text:
            return None
        if twice(line.text):
            second, _, _ = _recognised(self._sharp(_grown(box, self.unit // 2, self.page.shape)))
            width = self.page.shape[1]
            below, covered = self._below_stamp([box], (0, box[1], width, box[3]))
            if not below:
                return line if same(line.text, second) else replace(line, other=second or EMPTY)
            (words,), differs = settled([*below, [line.text], [second]])
            hidden = covered and re.search(r"\d", words) is not None
            return replace(line, text=words, other=differs or line.other or (COVERED if hidden else ""))
        return line

    def _below_stamp(self, boxes: list[Rectangle], cell: Rectangle) -> tuple[list[list[str]], bool]:
        """More readings of lines where a stamp covers them or what stands beside them, and whether it may hide a sign.

        They are of the page with the stamp: in its brightest channel, where the stamp is made as white as paper, at two
        sizes, and in colour. Taking the stamp away may take a sign with it, and no reading of what is left would
        miss it. No readings where there is no stamp.
        """
        if self.coloured is None or self.stamped is None:
            return [], False
        beside = int(1.2 * self.line_height)
        wide = [(max(cell[0], b[0] - beside), b[1], min(cell[2], b[2] + beside), b[3]) for b in boxes]
        if not any(self.stamped[y0:y1, x0:x1].any() for x0, y0, x1, y1 in wide):
            return [], False
        sides = [(x, b) for w, b in zip(wide, boxes, strict=True) for x in ((w[0], b[0]), (b[2], w[2]))]
        covered = any(self.stamped[b[1] : b[3], x0:x1].any() for (x0, x1), b in sides)
        paper = self.coloured.max(axis=2)
        bright = [paper[y0:y1, x0:x1] for x0, y0, x1, y1 in (_grown(b, MARGIN, paper.shape) for b in boxes)]
        colour = [np.ascontiguousarray(self.coloured[y0:y1, x0:x1, ::-1]) for x0, y0, x1, y1 in wide]
        ways = [[_levelled(crop, self.stamp_level, scale) for crop in bright] for scale in (2, 1)] + [colour]
        return [[_recognised(crop)[0] for crop in crops] for crops in ways], covered

    def _is_stamped(self, box: Rectangle) -> bool:
        x0, y0, x1, y1 = box
        return self.stamped is not None and bool(self.stamped[y0:y1, x0:x1].any())

    def _line(self, box: Rectangle, crop: Image) -> ReadLine:
        """Read a crop of ``box``; where ink in it has become no character, that is the other reading."""
        text, places, _ = _recognised(crop)
        x0, y0, x1, y1 = box
        other = UNREAD if twice(text) and self._unread(box, text, places) else ""
        return ReadLine(text, x0, x1, y0, y1 - y0, other)

    def _unread(self, box: Rectangle, text: str, places: list[float]) -> bool:
        """Whether there is ink too far from every recognised character, whose ``places`` are shares of the width."""
        x0, y0, x1, y1 = box
        em = min(self.line_height, y1 - y0)
        columns = np.flatnonzero((self.ink[y0:y1, x0:x1] > 0).sum(axis=0) >= 2)
        if not columns.size:
            return False
        middles = np.array(places) * (x1 - x0) if places else np.array([-10 * em])
        reach = [NARROW if char.isascii() else REACH for char in text] if places and len(text) == len(places) else REACH
        far = (np.abs(columns[:, None] - middles[None, :]) - np.array(reach) * em).min(axis=1) > 0
        return int(far.sum()) > 0.12 * em

    def _crop(self, box: Rectangle) -> Image:
        x0, y0, x1, y1 = box
        return np.ascontiguousarray(self.page[y0:y1, x0:x1])

    def _bare(self, box: Rectangle) -> Image:
        x0, y0, x1, y1 = box
        return np.asarray(cv2.cvtColor(self.bare[y0:y1, x0:x1], cv2.COLOR_GRAY2BGR), np.uint8)

    def _sharp(self, box: Rectangle) -> Image:
        """A line in black and white at 64 pixels high, with some paper around it."""
        x0, y0, x1, y1 = box
        part = self.bare[y0:y1, x0:x1]
        factor = 64 / max(1, part.shape[0])
        large = cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        large = cv2.GaussianBlur(large, (3, 3), 0)
        _, black = cv2.threshold(large, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        soft = cv2.GaussianBlur(black, (3, 3), 0)
        return np.asarray(cv2.cvtColor(soft, cv2.COLOR_GRAY2BGR), np.uint8)

    def _cut(self, box: Rectangle) -> list[Rectangle]:
        """Lines of ink in a box, from the top, parted by rows of white."""
        x0, y0, x1, y1 = box
        part = self.ink[y0:y1, x0:x1]
        runs = _runs((part > 0).any(axis=1))
        lines: list[tuple[int, int]] = []
        for start, end in runs:
            if lines and end - lines[-1][0] <= 1.25 * self.line_height:
                lines[-1] = (lines[-1][0], end)
            else:
                lines.append((start, end))
        pad = max(2, self.unit // 3)
        out = []
        for start, end in lines:
            across = np.flatnonzero((part[start:end] > 0).any(axis=0))
            if not across.size or (end - start < self.unit and across[-1] - across[0] < self.unit):
                continue
            out.append(
                (
                    max(x0, x0 + int(across[0]) - pad), max(y0, y0 + start - pad),
                    min(x1, x0 + int(across[-1]) + 1 + pad), min(y1, y0 + end + pad),
                )
            )  # fmt: skip
        return out


def _levelled(crop: Image, white: float, scale: int) -> Image:
    """A grey picture ``scale`` times as large, from black ink to what is as bright as ``white``."""
    large = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    low, high = float(large.min()), min(float(np.percentile(large, 90)), white)
    grey = np.clip((large - low) * 255 / max(1.0, high - low), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


def _without_specks(ink: Image, unit: int) -> Image:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    kept = np.zeros(count, np.uint8)
    kept[1:] = np.where(stats[1:, cv2.CC_STAT_AREA] >= max(4, unit * unit // 12), 255, 0)
    return np.asarray(kept[labels], np.uint8)


def _runs(marks: Any) -> Iterable[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marks.astype(np.int8), [0]))))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _shrunk(box: Rectangle, by: int) -> Rectangle:
    return box[0] + by, box[1] + by, box[2] - by, box[3] - by


def _grown(box: Rectangle, by: int, shape: tuple[int, ...]) -> Rectangle:
    return max(0, box[0] - by), max(0, box[1] - by), min(shape[1], box[2] + by), min(shape[0], box[3] + by)


def _in_order(boxes: list[Rectangle]) -> list[Rectangle]:
    """The lines that detected boxes make, from the top: those beside each other are one."""
    out: list[list[Rectangle]] = []
    for box in sorted(boxes, key=lambda b: (b[1] + b[3]) / 2):
        middle = (box[1] + box[3]) / 2
        if out and middle < out[-1][0][3] - 0.3 * (out[-1][0][3] - out[-1][0][1]):
            out[-1].append(box)
        else:
            out.append([box])
    return [_around(line) for line in out]


def _around(boxes: list[Rectangle]) -> Rectangle:
    return (
        min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)
    )  # fmt: skip
