"""A page of a pdf as it is printed: a picture to compare with what was read."""

from __future__ import annotations

import io
from pathlib import Path

from kg.readers.grid import Area, ReadError

WIDE = 1100  # pixels of a page's picture
MARK = (255, 200, 0, 60)  # of a cell: the colour that is laid over it, and of its outline
OUTLINE = (200, 110, 0, 255)


def draw(file: Path, number: int, marks: tuple[Area, ...] = ()) -> bytes:
    """Page ``number``, counted from 1, as PNG, with cells marked. Raises ReadError where it cannot be drawn."""
    import pypdfium2
    from PIL import Image, ImageDraw

    try:
        document = pypdfium2.PdfDocument(file.read_bytes())
    except pypdfium2.PdfiumError as error:
        raise ReadError(f"不是可以画出来的 pdf：{error}") from None
    try:
        if not 1 <= number <= len(document):
            raise ReadError(f"没有第 {number} 页：共 {len(document)} 页")
        page = document[number - 1]
        out = io.BytesIO()
        scale = WIDE / max(page.get_width(), 1)
        picture = page.render(scale=scale).to_pil().convert("RGBA")
        laid = Image.new("RGBA", picture.size, (0, 0, 0, 0))
        for area in marks:
            x0, y0, x1, y1 = (round(place * scale) for place in area)
            ImageDraw.Draw(laid).rectangle((x0, y0, max(x0, x1), max(y0, y1)), MARK, OUTLINE, 2)
        Image.alpha_composite(picture, laid).convert("RGB").convert("P").save(out, "PNG")
        return out.getvalue()
    finally:
        document.close()
