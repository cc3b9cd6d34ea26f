"""Pictures of pages that a document holds: what is known of them is handed out as pages, the others are asked for."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.readers.grid import Grid, ReadError, Scan
from kg.readers.pages import NEAR, Box, Line, Page, Piece, in_flow
from kg.readers.scans.page import ReadCell, ReadLine, ReadPage

if TYPE_CHECKING:
    from PIL.Image import Image

LONG = 3508  # pixels of a picture's longer side, at most: A4 at 300 dpi
POINTS = 842.0  # of a page's longer side: A4
SMALLEST = 250  # pixels of the shorter side: a smaller picture is an ornament
SECONDS = 4.0  # of making pictures before those made are handed over to be read
PAGES = 300  # pictures of a document
AS_WIDE = 0.03  # of a table's width that two pages of it may differ


def available() -> bool:
    """Whether pictures can be read here: the extra ``ocr`` is installed."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2"))


@dataclass(frozen=True, slots=True)
class Known:
    """A page that was looked at: its picture's hash, and what was read, or why not."""

    picture: str
    page: ReadPage | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture to be read: where it stands in its document, its hash, the file that holds it (PNG)."""

    place: str
    picture: str
    file: Path


class Missing(BaseException):
    """Some pictures have been made and wait to be read; the document is read again when they are."""


@dataclass(slots=True)
class Pictures:
    """The pictures of one document. ``known`` by place; ``wanted`` and ``warnings`` fill while it is read."""

    known: dict[str, Known] = field(default_factory=dict)
    wanted: list[Wanted] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    spent: float = 0.0
    last: Page | None = None

    def page(self, place: str, number: int, picture: Callable[[], Image | None]) -> Page | None:
        """A page of lines and tables; None where it is not known yet or was not read.

        ``picture`` is called only where nothing is known. Raises Missing when enough pages wait to be read.
        """
        if place in self.known:
            return self._known(place, number)
        if len(self.known) + len(self.wanted) >= PAGES:
            raise ReadError(f"要识别的图片超过 {PAGES} 页：请拆分")
        began = time.monotonic()
        found = picture()
        if found is None or min(found.size) < SMALLEST:
            return None
        found = _plain(found)
        name = hashlib.sha256(repr((found.mode, found.size)).encode() + found.tobytes()).hexdigest()
        file = Path(tempfile.gettempdir()) / f"{name}.png"
        found.save(file, compress_level=1)
        self.wanted.append(Wanted(place, name, file))
        self.spent += time.monotonic() - began
        if self.spent > SECONDS:
            raise Missing
        return None

    def _known(self, place: str, number: int) -> Page | None:
        known = self.known[place]
        if known.page is None:
            if known.problem:
                self.warnings.append(f"{place}{known.problem}")
            return None
        page = as_page(known.page, known.picture, number)
        for line in known.page.lines:
            if line.other:
                self.warnings.append(
                    f"{place}表外文字“{line.text}”两次识别不一致（另一次为“{line.other}”）：未采用，请核对"
                )
        if self.last is not None:
            _align(page, self.last)
        self.last = page
        return page


def _tables(page: Page) -> bool:
    return any(isinstance(block, Piece) for block in page.blocks)


def inserted(data: bytes, place: str, number: int, pictures: Pictures | None) -> Page | None:
    """The page that a picture inside a document is, where it holds a table; None for any other picture."""
    if pictures is None:
        return None
    try:
        page = pictures.page(place, number, lambda: pictures_of(data)[0])
    except ReadError:
        return None
    return page if page is not None and _tables(page) else None


def in_place(pages: list[Page]) -> list[Grid]:
    """The tables of pictures that follow one another in a document that has no pages itself."""
    _, grids = in_flow(pages)
    for grid in grids:
        grid.rows = [[replace(cell, page=0) for cell in row] for row in grid.rows]
    return grids


def _plain(picture: Image) -> Image:
    """Upright as the camera says, grey where it has no colour, no bigger than LONG."""
    from PIL import Image as Images
    from PIL import ImageOps

    picture = ImageOps.exif_transpose(picture)
    if picture.mode in ("RGBA", "LA", "PA", "P"):
        picture = picture.convert("RGBA")
        paper = Images.new("RGBA", picture.size, (255, 255, 255, 255))
        paper.alpha_composite(picture)
        picture = paper.convert("RGB")
    elif picture.mode != "L":
        picture = picture.convert("L" if picture.mode in ("1", "I", "I;16", "F") else "RGB")
    if max(picture.size) > LONG:
        picture.thumbnail((LONG, LONG))
    if picture.mode == "RGB":
        hue = picture.resize((max(1, picture.width // 4), max(1, picture.height // 4))).convert("HSV").getchannel("S")
        if sum(hue.histogram()[60:]) < hue.width * hue.height // 5000:
            picture = picture.convert("L")
    return picture


def pictures_of(data: bytes) -> list[Image]:
    """The pictures of an image file: one, or the pages of a tif. Raises ReadError where it cannot be opened."""
    import io
    import warnings

    from PIL import Image as Images
    from PIL import ImageSequence

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Images.DecompressionBombWarning)
            with Images.open(io.BytesIO(data)) as opened:
                if opened.format in ("GIF", "WEBP", "PNG"):
                    return [opened.copy()]
                return [frame.copy() for frame in ImageSequence.Iterator(opened)]
    except (Images.DecompressionBombError, Images.DecompressionBombWarning):
        raise ReadError("是图片或扫描件，像素过多：请缩小或拆分") from None
    except (OSError, ValueError, SyntaxError):
        raise ReadError("是图片或扫描件，打不开（已损坏）：请提供原来的 Word、Excel，或重新扫描") from None


def as_page(found: ReadPage, picture: str, number: int) -> Page:
    """What was read of a picture as a page in points, top down, its tables in pieces as of a pdf."""
    scale = POINTS / max(found.height, found.width)
    page = Page(number, found.height * scale)
    blocks: list[tuple[float, Line | Piece]] = [
        (line.top * scale, _line(line, scale)) for line in found.lines if not line.other
    ]
    for table in found.tables:
        boxes = [_box(cell, picture, scale) for cell in table]
        blocks.append((min(box.top for box in boxes), Piece(number, boxes)))
    page.blocks = [block for _, block in sorted(blocks, key=lambda b: b[0])]
    return page


def _line(line: ReadLine, scale: float) -> Line:
    return Line(line.text, line.x0 * scale, line.x1 * scale, line.top * scale, 0.85 * line.size * scale)


def _box(cell: ReadCell, picture: str, scale: float) -> Box:
    x0, top, x1, bottom = (value * scale for value in cell.box)
    scan = Scan(picture, cell.place, cell.other, cell.sure)
    return Box(x0, top, x1, bottom, [_line(line, scale) for line in cell.lines], (scan,))


def _align(page: Page, before: Page) -> None:
    """Move a page's first table to where the last one of the page before stands, where the two are as wide.

    No two pages lie in a scanner alike; whether a table goes on is told by its place.
    """
    above = next((b for b in reversed(before.blocks) if isinstance(b, Piece)), None)
    below = next((b for b in page.blocks if isinstance(b, Piece)), None)
    if above is None or below is None:
        return
    old, new = sorted(set(above.edges())), below.edges()
    wide, narrow = old[-1] - old[0], max(new) - min(new)
    if abs(wide - narrow) > AS_WIDE * wide:
        return
    first, factor = min(new), wide / narrow

    def moved(x: float) -> float:
        place = old[0] + (x - first) * factor
        near = min(old, key=lambda edge: abs(edge - place))
        return near if abs(near - place) < 2 * NEAR else place

    for box in below.boxes:
        shift = moved(box.x0) - box.x0
        box.x0, box.x1 = moved(box.x0), moved(box.x1)
        box.lines = [replace(line, x0=line.x0 + shift, x1=line.x1 + shift) for line in box.lines]


def read_pictures(data: bytes, pictures: Pictures) -> list[Page]:
    """The pages of an image file that are known."""
    found = pictures_of(data)
    pages: list[Page | None] = []
    for number, picture in enumerate(found, 1):

        def this(picture: Any = picture) -> Image:
            return picture  # type: ignore[no-any-return]

        pages.append(pictures.page(f"第 {number} 页" if len(found) > 1 else "", number, this))
    return [page for page in pages if page is not None]
