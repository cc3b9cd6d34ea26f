"""Of the characters on a pdf's page those that are its text: each once, upright, none of a watermark."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

Char = dict[str, Any]

SLANT = 5.0  # degrees from the direction of the page's text
STROKE = 0.25  # of a character's size: two prints of it less far apart are one, made to look bold or shaded
LIGHT = 0.45  # luminance of ink from which it may be a watermark's
REPEATED = 3  # times that a watermark stands on a page
LYING_OVER = 0.2  # of a watermark's characters, at least, lie over others or over rulings
LARGE = 1.4  # times the size of the text


def turned(chars: list[Char]) -> int:
    """By how much most characters are turned, in degrees against the clock: 0, 90, 180 or 270."""
    counts = Counter(round(_angle(char) / 90) % 4 for char in chars if not char["text"].isspace())
    return counts.most_common(1)[0][0] * 90 if counts else 0


def upright(data: bytes, turns: dict[int, int]) -> bytes:
    """The file with pages turned so that their text runs from left to right: page index → degrees as of ``turned``."""
    import io

    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        for index, degrees in turns.items():
            document[index].set_rotation((document[index].get_rotation() + degrees) % 360)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()
    finally:
        document.close()


def printed(chars: list[Char], edges: Iterable[Char]) -> tuple[list[Char], str]:
    """The characters of the page's text, and the words of a watermark that stands upright in it (empty for none)."""
    straight = [char for char in chars if abs((_angle(char) + 45) % 90 - 45) <= SLANT]
    return _without_watermark(_distinct(straight), list(edges))


def _angle(char: Char) -> float:
    a, b = (char.get("matrix") or (1, 0))[:2]
    return math.degrees(math.atan2(b, a)) % 360


def _distinct(chars: list[Char]) -> list[Char]:
    """Without the second print of a character at almost the same place."""
    known: dict[tuple[str, int, int], list[Char]] = {}
    out = []
    for char in chars:
        size = float(char["size"])
        near = min(STROKE * size, 0.8 * (char["x1"] - char["x0"]) or size)
        place = int(char["x0"] // 8), int(char["top"] // 8)
        around = [
            other
            for x in (-1, 0, 1)
            for y in (-1, 0, 1)
            for other in known.get((char["text"], place[0] + x, place[1] + y), ())
        ]
        if any(
            abs(other["x0"] - char["x0"]) < near
            and abs(other["top"] - char["top"]) < STROKE * size
            and abs(float(other["size"]) - size) < 0.2 * size
            for other in around
        ):
            continue
        known.setdefault((char["text"], *place), []).append(char)
        out.append(char)
    return out


def _without_watermark(chars: list[Char], edges: list[Char]) -> tuple[list[Char], str]:
    """Leave out a print in light or large letters that lies over the text or the rulings, or repeats over the page."""
    groups: dict[tuple[int, str], list[Char]] = {}
    for char in chars:
        if not char["text"].isspace():
            groups.setdefault((round(float(char["size"])), str(char.get("non_stroking_color"))), []).append(char)
    if len(groups) < 2:
        return chars, ""
    dark = [look for look, found in groups.items() if luminance(found[0].get("non_stroking_color")) < LIGHT]
    body = max(dark or groups, key=lambda look: len(groups[look]))
    size = float(groups[body][0]["size"])
    marks: list[Char] = []
    for look, found in groups.items():
        light = luminance(found[0].get("non_stroking_color")) >= LIGHT
        large = float(found[0]["size"]) > LARGE * size
        if look == body or not (light or large):
            continue
        over = sum(_lies_over(char, groups[body], edges) for char in found) / len(found)
        rows = Counter(row for row in _rows(found))
        if over >= LYING_OVER or (light and max(rows.values()) >= REPEATED):
            marks += found
    if not marks:
        return chars, ""
    gone = set(map(id, marks))
    return [char for char in chars if id(char) not in gone], Counter(_rows(marks)).most_common(1)[0][0]


def _rows(chars: list[Char]) -> list[str]:
    """The words of characters that stand side by side, in the order of printing."""
    out: list[str] = []
    last: Char | None = None
    for char in chars:
        near = last is not None and abs(last["top"] - char["top"]) < 2 and -1 < char["x0"] - last["x1"] < char["size"]
        if near:
            out[-1] += char["text"]
        else:
            out.append(char["text"])
        last = char
    return out


def _lies_over(char: Char, others: list[Char], edges: list[Char]) -> bool:
    x0, x1, top, bottom = _core(char)
    for other in others:
        a0, a1, b0, b1 = _core(other)
        if x0 < a1 and a0 < x1 and top < b1 and b0 < bottom:
            return True
    return any(x0 < e["x1"] and e["x0"] < x1 and top < e["bottom"] and e["top"] < bottom for e in edges)


def _core(char: Char) -> tuple[float, float, float, float]:
    """The middle of a character's box: boxes touch that do not lie over each other."""
    dx, dy = 0.15 * (char["x1"] - char["x0"]), 0.2 * (char["bottom"] - char["top"])
    return char["x0"] + dx, char["x1"] - dx, char["top"] + dy, char["bottom"] - dy


def luminance(color: Any) -> float:
    """Of a colour in gray, RGB or CMYK, 0 black to 1 white."""
    parts = (
        [float(part) for part in color or () if isinstance(part, int | float)]
        if isinstance(color, tuple | list)
        else []
    )
    if isinstance(color, int | float):
        parts = [float(color)]
    if len(parts) == 4:
        parts = [(1 - part) * (1 - parts[3]) for part in parts[:3]]
    return sum(parts) / len(parts) if parts else 0.0
