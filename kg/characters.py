"""Characters that no text carries on purpose: taken out where a file is read, and harmless wherever text is written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

# Unicode category Cc without tab, line feed and carriage return; embeddings and overrides of direction, under which
# “90” is seen as “09”; lone surrogates; noncharacters.
_STRAY = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane | 0xFFFE)}{chr(plane | 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
_BREAKS = "\x0b\x0c\x1c\x1d\x1e\x85"  # they part lines, so the words on their sides stay apart

# What XML 1.0 has no way to write (its production Char), as UTF-8: no other character holds these bytes.
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")
_CODE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
REPLACEMENT = "\ufffd"

# https://owasp.org/www-community/attacks/CSV_Injection, with the full-width and small forms that Chinese Excel takes
# too, behind whatever is not seen
_FORMULA = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]*[=+\\-@＝＋－＠﹦﹢﹣﹫]"
)
# Nothing to compute: a sign alone, dashes, a number with its sign, comparison and unit (``-5%``, ``=100个/人``).
_HARMLESS = re.compile(
    r"[=+@＝＋－＠]|-+"
    r"|[=＝]?[+\-＋－]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][+\-]?\d+)?[%％‰]?[\u3400-\u9fff]*(?:/[\u3400-\u9fff]+)?"
)


def clean(text: str) -> str:
    """``text`` without stray characters; those that part lines become line breaks."""
    return _STRAY.sub(lambda found: "\n" if found[0] in _BREAKS else "", text)


def escaped(text: str) -> str:
    r"""``text`` with each stray character as ``\u0001``, so that it can be kept and shown."""
    return _STRAY.sub(lambda found: _code(ord(found[0])), text)


def _code(number: int) -> str:
    return f"\\u{number:04X}" if number <= 0xFFFF else f"\\U{number:08X}"


def xml_safe(data: bytes) -> bytes:
    """An XML document in UTF-8 that any parser takes: what XML cannot write becomes U+FFFD, returns are kept."""
    return _NOT_XML.sub(REPLACEMENT.encode(), data).replace(b"\r", b"&#13;")


def cell_safe(value: Any) -> Any:
    """A value for a workbook's cell: text without what XML cannot write, and none that a program takes for the code of
    a character (ECMA-376, 22.9.2.19: ``_x0039_`` is shown as 9)."""
    return _CODE.sub("_x005F_", clean(value)) if isinstance(value, str) else "" if value is None else value


def csv_safe(value: Any) -> Any:
    """A value for a CSV cell: text that a spreadsheet would run as a formula is preceded by ``'``.

    What computes nothing is left as it is displayed: numbers with their signs and units, a sign alone.
    """
    if isinstance(value, str) and _FORMULA.match(value) and not _HARMLESS.fullmatch(value):
        return "'" + value
    return value


def csv_table(rows: Iterable[Iterable[Any]], *, end: str = "\r\n") -> str:
    """Rows as CSV (RFC 4180) in which no cell is a formula."""
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows([csv_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def csv_results(data: bytes) -> bytes:
    """SPARQL results as CSV, written anew where a cell would be a formula."""
    csv.field_size_limit(max(len(data), 1 << 17))
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    if all(csv_safe(cell) is cell for row in rows for cell in row):
        return data
    return csv_table(rows).encode()
