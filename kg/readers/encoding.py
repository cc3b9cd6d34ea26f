"""Bytes → text: by byte order mark, by what the bytes themselves show, by what they declare."""

from __future__ import annotations

import codecs
import re

from kg.readers.grid import ReadError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,30})""", re.IGNORECASE)
CHINESE = frozenset({"gb2312", "gbk", "cp936", "gb_2312-80", "x-gbk", "hz"})


def decode(name: str, data: bytes, *, declared: bool = False) -> str:
    """The text of ``data``; ``declared`` looks for a charset declaration near its beginning, as in HTML.

    Text that is valid UTF-8 is UTF-8 whatever it declares: pages that are saved anew keep old declarations.
    Raises ReadError where nothing fits.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    candidates = ["utf-8"]
    if data[:200].count(0) > len(data[:200]) // 4:
        candidates = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    elif declared and (found := DECLARED.search(data[:4096])):
        encoding = found[1].decode("ascii").lower()
        candidates.append("gb18030" if encoding in CHINESE else encoding)
    candidates.append("gb18030")
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
        if "\0" not in text:
            return text
    raise ReadError(f"“{name}”的文字编码无法识别：请另存为 UTF-8 或 GB18030")
