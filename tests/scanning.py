"""Tables drawn as pictures and worn as scans are: for the tests and measures of reading without a text layer."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from offices import C, Rows, placed, size
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from kg.tables import ProjectRecord

FONTS = (
    Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
)
WIDTHS = (18, 24, 18, 27, 23, 17, 18, 35)  # mm; the sample's form on A4
A4 = (210, 297)
SIDE = 15  # mm
TOP = 32  # mm; what stands above is taken for a running head


def font() -> Path | None:
    return next((path for path in FONTS if path.exists()), None)


@cache
def _sized(pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font()), pixels, index=2)  # the simplified Chinese face


@dataclass(frozen=True, slots=True)
class Wear:
    """What a page went through: resolution, turn in degrees, blur in pixels, noise, JPEG quality, a red stamp."""

    dpi: int = 200
    skew: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    quality: int = 0
    stamp: bool = False


def form(project: ProjectRecord, department: str, year: int) -> tuple[list[str], Rows]:
    """A project as the sample prints it: the lines above, and the table, its levels merged over their rows."""
    quotes = project.quotes

    def text(field: str) -> str:
        return quotes[field].text if field in quotes else ""

    goals = "\n".join(project.goals)
    rows: list[list[C]] = [
        [C("项目名称", 1, 2), C(project.name, 1, 6)],
        [C("预算规模及资金用途", 2, 2), C("预算数"), C(text("budget")), C("其中：财政资金"), C(text("fiscal_funds")),
         C("其他资金"), C(text("other_funds"))],
        [C(project.purpose, 1, 6)],
        [C("绩效目标", 1, 2), C(goals, 1, 6)],
        [C("一级指标"), C("二级指标"), C("三级指标", 1, 2), C("绩效指标描述", 1, 3), C("指标值")],
    ]  # fmt: skip
    for one, group in groupby(project.indicators, key=lambda i: i.level1):
        inner = list(group)
        for a, (two, part) in enumerate(groupby(inner, key=lambda i: i.level2)):
            members = list(part)
            for b, item in enumerate(members):
                row = [C(one, len(inner))] if a == b == 0 else []
                row += [C(two, len(members))] if b == 0 else []
                value = item.quotes["value"].text
                rows.append([*row, C(item.name, 1, 2), C(item.description, 1, 3), C(value)])
    return [f"{year}年部门预算项目支出绩效目标表", f"{department}　　　　单位：万元"], rows


def pages(
    lines: Sequence[str], rows: Rows, dpi: int, widths: Sequence[int] = WIDTHS, points: float = 9
) -> list[Image.Image]:
    """The table drawn on A4 pages, cut between rows where a page is full."""
    scale = dpi / 25.4
    face = _sized(round(points * dpi / 72))
    step = round(points * 1.25 * dpi / 72)
    pad = round(1.2 * scale)
    edges = [round(SIDE * scale)]
    for width in widths:
        edges.append(edges[-1] + round(width * scale))
    cells = placed(rows)
    height, _ = size(rows)
    tall = [step + 2 * pad] * (height + 1)
    wrapped = {}
    for r, c, cell in cells:
        across = edges[c + cell.colspan - 1] - edges[c - 1] - 2 * pad
        wrapped[r, c] = _wrapped(cell.text, face, across)
        need = len(wrapped[r, c]) * step + 2 * pad
        have = sum(tall[r : r + cell.rowspan])
        if need > have:
            tall[r + cell.rowspan - 1] += need - have
    paper = (round(A4[0] * scale), round(A4[1] * scale))
    out: list[Image.Image] = []
    first = 1
    while first <= height:
        page = Image.new("L", paper, 255)
        draw = ImageDraw.Draw(page)
        y = round(TOP * scale)
        if first == 1:
            for line in lines:
                draw.text((edges[0], y), line, font=face, fill=0)
                y += round(step * 1.4)
        tops = {first: y}
        last = first
        while last <= height and tops[last] + tall[last] < paper[1] - round(SIDE * scale):
            tops[last + 1] = tops[last] + tall[last]
            last += 1
        _draw(draw, cells, wrapped, tops, (first, last), edges, face, step, pad, max(1, round(0.25 * scale)))
        out.append(page)
        first = last
    return out


def _draw(
    draw: Any, cells: Any, wrapped: Any, tops: Any, span: Any, edges: Any, face: Any, step: int, pad: int, pen: int
) -> None:
    first, last = span
    for r, c, cell in cells:
        top, bottom = max(r, first), min(r + cell.rowspan, last)
        if top >= bottom:
            continue
        box = (edges[c - 1], tops[top], edges[c + cell.colspan - 1], tops[bottom])
        draw.rectangle(box, outline=0, width=pen)
        if top != r:
            continue
        lines = wrapped[r, c]
        y = box[1] + (box[3] - box[1] - len(lines) * step) // 2
        for line in lines:
            x = box[0] + pad if len(lines) > 1 else box[0] + (box[2] - box[0] - face.getlength(line)) // 2
            draw.text((x, y), line, font=face, fill=0)
            y += step


def _wrapped(text: str, face: Any, width: int) -> list[str]:
    lines = []
    for part in text.split("\n"):
        line = ""
        for char in part:
            if line and face.getlength(line + char) > width and char not in "，。、；：）%":
                lines.append(line)
                line = ""
            line += char
        lines.append(line)
    return [line for line in lines if line]


def worn(page: Image.Image, wear: Wear, seed: int = 0) -> Image.Image:
    """The page after the copier, the scanner and the stamp."""
    random = np.random.default_rng(seed)
    out = page.convert("RGB") if wear.stamp else page
    if wear.stamp:
        out = _stamped(out, wear.dpi, random)
    if wear.skew:
        white = (255, 255, 255) if wear.stamp else 255
        out = out.rotate(wear.skew, Image.Resampling.BICUBIC, fillcolor=white)
    if wear.blur:
        out = out.filter(ImageFilter.GaussianBlur(wear.blur))
    if wear.noise:
        pixels = np.asarray(out, np.float32)
        out = Image.fromarray(np.clip(pixels + random.normal(0, wear.noise, pixels.shape), 0, 255).astype(np.uint8))
    if wear.quality:
        held = io.BytesIO()
        out.save(held, "JPEG", quality=wear.quality)
        out = Image.open(io.BytesIO(held.getvalue()))
    return out


def _stamped(page: Image.Image, dpi: int, random: Any) -> Image.Image:
    """A round red stamp of 42 mm over the figures."""
    width = round(42 * dpi / 25.4)
    stamp = Image.new("RGBA", (width, width), (0, 0, 0, 0))
    draw = ImageDraw.Draw(stamp)
    red = (210, 30, 40, 190)
    draw.ellipse((3, 3, width - 3, width - 3), outline=red, width=max(2, width // 30))
    draw.text((width * 0.32, width * 0.3), "★", font=_sized(round(width * 0.35)), fill=red)
    draw.text((width * 0.15, width * 0.68), "财务专用章", font=_sized(round(width * 0.13)), fill=red)
    out = page.copy()
    x = int(page.width * (0.62 + 0.12 * random.random()))
    y = int(page.height * (0.15 + 0.3 * random.random()))
    out.paste(stamp, (x, y), stamp)
    return out


def bytes_of(page: Image.Image, form: str = "PNG", dpi: int = 200) -> bytes:
    out = io.BytesIO()
    page.save(out, form, dpi=(dpi, dpi))
    return out.getvalue()


def pdf_of(found: Sequence[Image.Image], dpi: int = 200) -> bytes:
    """Pages that are pictures only."""
    out = io.BytesIO()
    found[0].save(out, "PDF", resolution=dpi, save_all=True, append_images=list(found[1:]), quality=75)
    return out.getvalue()
