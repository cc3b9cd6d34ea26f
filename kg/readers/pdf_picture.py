"""A page of a pdf as it is printed: a picture to compare with what was read."""

from __future__ import annotations

import io
from pathlib import Path

from kg.readers.grid import ReadError

WIDE = 1100  # pixels of a page's picture


def draw(file: Path, number: int) -> bytes:
    """Page ``number``, counted from 1, as PNG. Raises ReadError where it cannot be drawn."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file.read_bytes())
    except pypdfium2.PdfiumError as error:
        raise ReadError(f"不是可以画出来的 pdf：{error}") from None
    try:
        if not 1 <= number <= len(document):
            raise ReadError(f"没有第 {number} 页：共 {len(document)} 页")
        page = document[number - 1]
        out = io.BytesIO()
        page.render(scale=WIDE / max(page.get_width(), 1)).to_pil().convert("P").save(out, "PNG")
        return out.getvalue()
    finally:
        document.close()
