"""Print of a pdf that is not to be read: painted over in white, white itself, crossed out; and print on other print."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kg.readers.grid import Cell, Notes, Remark
from kg.readers.pdf_print import Char, luminance
from kg.readers.visible import struck, unseen

WHITE = 0.99  # luminance of a filling that hides what lies below
INK = 160  # of a picture's 255: darker is print
MIDDLE = (0.3, 0.7)  # of a character's height: there a line crosses it out
ON = 0.35  # of a character's width and height: centres less far apart lie on each other


def seen(source: Any, chars: list[Char], render: Callable[[], Any], notes: Notes) -> list[Char]:
    """``chars`` of a page without those that nobody sees or that are crossed out; ``notes`` takes which these are.

    Not seen is what a white filling hides that was painted later, and white print. A filling may be transparent, and
    something dark may lie behind white print: there the picture that ``render`` draws decides.
    """
    pale = [c for c in chars if luminance(c.get("non_stroking_color")) >= WHITE and not c["text"].isspace()]
    gone: set[int] = set()
    if pale and len(pale) < len(chars):
        picture = render().convert("L")
        scale = picture.width / float(source.width)
        gone = {id(c) for c in pale if not _inked(picture, c, scale)}
        if gone:
            notes.append(unseen("".join(c["text"] for c in pale if id(c) in gone)))
    kept = [char for char in _uncovered(source, chars, render, notes) if id(char) not in gone]
    crossed = _crossed(source, kept)
    if crossed:
        notes.append(struck("".join(c["text"] for c in crossed), f"第 {source.page_number} 页"))
        off = set(map(id, crossed))
        kept = [char for char in kept if id(char) not in off]
    return kept


def _crossed(source: Any, chars: list[Char]) -> list[Char]:
    """The characters with a line through their middle that is as long as they are: a longer one is a ruling."""
    lines = [
        edge
        for edge in source.edges
        if edge["orientation"] == "h"
        and edge["x1"] - edge["x0"] > 3
        and edge.get("object_type") in ("line", "rect", "rect_edge")
    ]
    out: list[Char] = []
    if not lines or not chars:
        return out
    import numpy as np

    box = np.array([(c["x0"], c["x1"], c["top"], c["bottom"]) for c in chars])
    x, tall = (box[:, 0] + box[:, 1]) / 2, box[:, 3] - box[:, 2]
    for line in lines:
        depth = (line["top"] - box[:, 2]) / np.maximum(tall, 0.1)
        on = np.flatnonzero((x > line["x0"]) & (x < line["x1"]) & (depth > MIDDLE[0]) & (depth < MIDDLE[1])).tolist()
        found = [chars[i] for i in on if not chars[i]["text"].isspace()]
        if not found:
            continue
        size = float(found[0]["size"])
        ends = min(c["x0"] for c in found) - line["x0"], line["x1"] - max(c["x1"] for c in found)
        if max(ends) < size and (line["x1"] - line["x0"]) < sum(c["x1"] - c["x0"] for c in found) + 2 * size:
            out += [c for c in found if not any(c is o for o in out)]
    return out


def _uncovered(source: Any, chars: list[Char], render: Callable[[], Any], notes: Notes) -> list[Char]:
    """Without what a white filling hides."""
    white = [rect for rect in source.rects if rect.get("fill") and luminance(rect.get("non_stroking_color")) >= WHITE]
    if not white or not chars:
        return chars
    import numpy as np

    middles = np.array([((c["x0"] + c["x1"]) / 2, (c["top"] + c["bottom"]) / 2) for c in chars])
    hidden: set[int] = set()
    picture: Any = None
    for rect, before in zip(source.rects, _painted_before(source.layout), strict=False):
        if not before or not any(rect is other for other in white):
            continue
        inside = np.flatnonzero(
            (middles > (rect["x0"], rect["top"])).all(axis=1) & (middles < (rect["x1"], rect["bottom"])).all(axis=1)
        ).tolist()
        below = [i for i in inside if i < before and not chars[i]["text"].isspace()]
        above = [i for i in inside if i >= before and not chars[i]["text"].isspace()]
        if not below or hidden.issuperset(below):
            continue
        if not above:
            picture = picture or render().convert("L")
            scale = picture.width / float(source.width)
            if any(_inked(picture, chars[i], scale) for i in below):
                continue
        hidden |= {i for i in inside if i < before}
        old, new = ("".join(chars[i]["text"] for i in part).strip() for part in (below, above))
        instead = f"，上面印着“{new}”：读的是上面的" if new else "：没有读"
        message = f"第 {source.page_number} 页“{old}”被白色盖住{instead}"
        notes.append(Remark("note-mark", message, Cell(new or old, 0, 1, page=source.page_number)))
    return [char for i, char in enumerate(chars) if i not in hidden]


def _painted_before(layout: Any) -> Iterator[int]:
    """For each rectangle of a page, in the order of painting: how many characters were painted before it."""
    from pdfminer.layout import LTChar, LTRect

    count = 0
    stack = [iter(layout)]
    while stack:
        for item in stack[-1]:
            if isinstance(item, LTChar):
                count += 1
            elif isinstance(item, LTRect):
                yield count
            elif hasattr(item, "__iter__"):
                stack.append(iter(item))
                break
        else:
            stack.pop()


def _inked(picture: Any, char: Char, scale: float) -> bool:
    box = [round(char[side] * scale) for side in ("x0", "top", "x1", "bottom")]
    return bool(picture.crop((box[0], box[1], max(box[2], box[0] + 1), max(box[3], box[1] + 1))).getextrema()[0] < INK)


def layers(chars: list[Char]) -> list[list[Char]]:
    """Characters of a cell, in the order of printing → those that lie below, and those printed on top of them.

    One layer where no two letters or figures lie on each other.
    """
    known: dict[tuple[int, int], list[Char]] = {}
    below: list[Char] = []
    above: list[Char] = []
    for run in _runs(chars):
        on = any(_lie_on(char, known) for char in run)
        (above if on else below).extend(run)
        for char in run if not on else ():
            known.setdefault((int(char["x0"] // 8), int(char["top"] // 8)), []).append(char)
    return [below, above] if above else [below]


def _lie_on(char: Char, known: dict[tuple[int, int], list[Char]]) -> bool:
    if not char["text"].isalnum():
        return False  # “≥” is “>” over a line in some prints
    x, y = int(char["x0"] // 8), int(char["top"] // 8)
    others = (o for i in (-1, 0, 1) for j in (-1, 0, 1) for o in known.get((x + i, y + j), ()))
    return any(
        other["text"].isalnum()
        and abs(other["x0"] + other["x1"] - char["x0"] - char["x1"]) / 2 < ON * (char["x1"] - char["x0"])
        and abs(other["top"] + other["bottom"] - char["top"] - char["bottom"]) / 2 < ON * float(char["size"])
        for other in others
    )


def _runs(chars: list[Char]) -> Iterator[list[Char]]:
    """Characters that follow each other in printing and stand side by side."""
    run: list[Char] = []
    for char in chars:
        last = run[-1] if run else None
        if last is not None and not (
            abs(last["top"] - char["top"]) < 2 and -1 < char["x0"] - last["x1"] < 2 * float(char["size"])
        ):
            yield run
            run = []
        run.append(char)
    if run:
        yield run
