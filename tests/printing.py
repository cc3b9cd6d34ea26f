"""Pages of pdf drawn cell by cell, so that what printers and word processors do to them can be done on purpose."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import offices

FONT, SIZE, LEFT, TOP, HEIGHT, WIDTH = "STSong-Light", 9, 60.0, 780.0, 24.0, 118.0
Draw = Callable[[Any], None]


def page(
    rows: offices.Rows,
    *,
    title: str = "2025年度项目支出绩效目标表",
    shadow: tuple[float, float] | None = None,
    over: Draw | None = None,
    turned: int = 0,
    lines: str = "all",
    open_right: set[tuple[int, int]] = frozenset(),
) -> bytes:
    """One page with one ruled table.

    ``shadow`` prints every text again that far off, ``over`` draws on top, ``turned`` turns the page's content, ``lines``
    is ``all``, ``horizontal`` or ``none``; cells at ``open_right`` (row, column from 1) lack their right ruling.
    """
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    size = (595.0, 842.0) if turned in (0, 180) else (842.0, 595.0)
    canvas = Canvas(out, pagesize=size)
    if turned:
        x, y = {90: (842.0, 0.0), 180: (595.0, 842.0), 270: (0.0, 595.0)}[turned]
        canvas.translate(x, y)
        canvas.rotate(turned)
    canvas.setFont(FONT, 12)
    canvas.drawString(200, 810, title)
    canvas.setFont(FONT, SIZE)
    for r, c, cell in offices.placed(rows):
        x, y = LEFT + (c - 1) * WIDTH, TOP - (r - 1) * HEIGHT
        width, height = cell.colspan * WIDTH, cell.rowspan * HEIGHT
        edges = [(x, y, x + width, y), (x, y - height, x + width, y - height)] * (lines != "none")
        if lines == "all":
            edges.append((x, y, x, y - height))
            if (r, c) not in open_right:
                edges.append((x + width, y, x + width, y - height))
        for edge in edges:
            canvas.line(*edge)
        texts = cell.text.split("\n")
        for at, text in enumerate(texts):
            place = x + 4, y - height / 2 - 3 + (len(texts) - 1) * 5.5 - at * 11
            canvas.drawString(*place, text)
            if shadow:
                canvas.drawString(place[0] + shadow[0], place[1] + shadow[1], text)
    if over:
        over(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def watermark(text: str, *, angle: float, size: float, gray: float, places: list[tuple[float, float]]) -> Draw:
    def draw(canvas: Any) -> None:
        canvas.setFillGray(gray)
        canvas.setFont(FONT, size)
        for x, y in places:
            canvas.saveState()
            canvas.translate(x, y)
            canvas.rotate(angle)
            canvas.drawString(0, 0, text)
            canvas.restoreState()

    return draw
