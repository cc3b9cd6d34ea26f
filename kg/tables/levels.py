"""Which rows a level's label rules, where the export has dropped the merge that said so.

A label stands on the first row of its group, or, in exports that keep the printed place, on the middle one. Borders
that more than one reading fits are not guessed: such rows get None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from kg.tables.lexis import key, level_text, pattern, table_words

READINGS = 512  # of one table; more are not told apart
LONGEST = 400  # rows; no office prints a longer table with its labels in the middle


@lru_cache(4096)
def families(text: str, level: str) -> frozenset[str]:
    """The kinds of indicator (output, benefit …) that a level's word may belong to; empty where it says none."""
    word = key(text)
    found = {name for name, rule in table_words()["families"].items() if word and re.search(rule[level], word)}
    if level == "level2" and "cost" in found:
        found &= {"cost", "output"}  # 社会成本指标 is no benefit
    if "satisfaction" in found:
        found = {"satisfaction"}
    return frozenset(found)


def level_word(text: str) -> str:
    """Which level a cell's words are the label of, by themselves: level1, level2, either; empty for no label."""
    word = level_text(text)
    one, two = families(word, "level1"), families(word, "level2")
    if not (one or two) or not (word.endswith("指标") or len(word) <= 7):
        return ""
    if not one or pattern("second_level").search(word):
        return "level2"
    return "either" if two & {"cost", "satisfaction"} else "level1"


def led_by_levels(text: str) -> tuple[list[str], str]:
    """The levels that an indicator's words begin with, and the rest: ``【产出指标】【数量指标】机柜``, ``产出指标-数量指标-机柜``."""
    found = pattern("written_levels").match(text)
    said = re.split(r"[-—–－/／>→、·\s]+", found["levels"]) if found else []
    said = [word for word in said if word and level_word(word)]
    rest = text[found.end() :] if found and said else text
    while (more := pattern("written_levels").match(rest)) and rest[: more.start("levels")].strip():
        if not level_word(more["levels"]):
            break
        said, rest = [*said, more["levels"]], rest[more.end() :]
    return said, rest


def is_level_label(text: str) -> bool:
    """Whether a text is the label of a level and nothing else, as no name is written: ``数量指标``."""
    word = level_text(text)
    return word.endswith("指标") and len(word) <= 10 and bool(families(word, "level1") or families(word, "level2"))


def agree(level1: str, level2: str) -> bool:
    """Whether a level-2 word may stand under a level-1 word; unknown words may."""
    above, below = families(level1, "level1"), families(level2, "level2")
    return not above or not below or bool(above & below)


MIDDLES = frozenset((0, 1))
"""Which of two middle rows carries the label: 0 the upper, 1 the lower. A document keeps to one."""


def spread(
    first: Sequence[str],
    second: Sequence[str],
    middles: frozenset[int] = MIDDLES,
    rows: Sequence[str] = (),
) -> tuple[list[str | None], list[str | None]]:
    """Give every row its level-1 and level-2 label; empty strings are rows on which none is printed.

    ``rows`` are the names and values of the indicators: of several readings of the layout those stand under whose
    labels most of them speak for themselves. None stands where these still differ. Columns that are empty throughout
    stay empty.
    """
    top = _from_above(first, second)
    if top is not None and _certain(first, top):
        return list(top[0]), list(top[1])
    readings = [r for middle in middles for r in islice(_centred(first, second, middle), READINGS)]
    if rows and len(readings) > 1:
        spoken = [_speaks(text) for text in rows]
        scores = [_agreement(reading[1], spoken) for reading in readings]
        readings = [r for r, score in zip(readings, scores, strict=True) if score == max(scores)]
    if 0 < len(readings) < READINGS:
        return _common([r[0] for r in readings]), _common([r[1] for r in readings])
    if top is not None:
        return list(top[0]), list(top[1])
    return _printed(first), _printed(second)


def one_reading(first: Sequence[str], second: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The levels of rows with labels on the first or the middle row of each group, where only one way to read them fits."""
    top = _from_above(first, second)
    ways = {(tuple(top[0]), tuple(top[1]))} if top is not None and _certain(first, top) else set()
    for middle in MIDDLES:
        ways |= {(tuple(a), tuple(b)) for a, b in islice(_centred(first, second, middle), READINGS)}
    return ways.pop() if len(ways) == 1 else None


def _speaks(text: str) -> frozenset[str]:
    """The kinds of level-2 indicator that an indicator's own name and value speak for."""
    found = frozenset(kind for kind, rule in table_words()["speaks"].items() if re.search(rule, text))
    return found & {"satisfaction"} or found


def _agreement(labels: Sequence[str], spoken: Sequence[frozenset[str]]) -> int:
    """How many rows speak for the label they are given, less those that speak for others only."""
    score = 0
    for label, kinds in zip(labels, spoken, strict=True):
        told = _told(label)
        if told == {"satisfaction"} and not kinds & {"satisfaction", "regard"}:
            score -= 1  # who measures satisfaction says so
        elif told and kinds:
            score += 1 if told & kinds else 0 if told == {"benefit"} and "satisfaction" not in kinds else -1
    return score


@lru_cache(4096)
def _told(label: str) -> frozenset[str]:
    return frozenset(kind for kind, rule in table_words()["spoken"].items() if re.search(rule, key(label)))


def middles(first: Sequence[str], second: Sequence[str]) -> frozenset[int]:
    """The conventions of MIDDLES that a table allows; all, where its labels do not stand on middle rows."""
    top = _from_above(first, second)
    if top is not None and _certain(first, top):
        return MIDDLES
    return frozenset(m for m in MIDDLES if next(_centred(first, second, m), None) is not None) or MIDDLES


def _certain(first: Sequence[str], top: tuple[list[str], list[str], bool]) -> bool:
    return top[2] and (all(first) or not any(first) or _fits(top[0], top[1]))


def _from_above(first: Sequence[str], second: Sequence[str]) -> tuple[list[str], list[str], bool] | None:
    """Labels on the first row of their group, and whether every group has its level-2 label there.

    None where the first row has no level-1 label.
    """
    out1: list[str] = []
    for one in first:
        out1.append(one or (out1[-1] if out1 else ""))
    if any(first) and not out1[0]:
        return None
    out2: list[str] = []
    strict = True
    for row, two in enumerate(second):
        begins = row == 0 or out1[row] != out1[row - 1]
        out2.append(two or ("" if begins else out2[-1]))
        end = next((r for r in range(row, len(out1)) if out1[r] != out1[row]), len(out1))
        strict = strict and not (begins and not two and any(second[row:end]))
    return out1, out2, strict


def _common(readings: list[list[str]]) -> list[str | None]:
    """Row by row what all readings say, None where they differ."""
    return [values.pop() if len(values := set(column)) == 1 else None for column in zip(*readings, strict=True)]


def _fits(first: Sequence[str], second: Sequence[str]) -> bool:
    return all(agree(a, b) for a, b in zip(first, second, strict=True))


def _groups(labels: Sequence[str], start: int, end: int, middle: int) -> Iterator[list[tuple[int, int, str]]]:
    """The ways to cut rows start..end into groups with one label each, on the group's middle row.

    ``middle`` 0: of two middle rows the upper one carries the label; 1: the lower one.
    """
    steps: dict[int, list[tuple[int, int]]] = {}  # where a group may begin → (its end, its label's row), if rest fits
    at = after = end  # the first label at or below a row, and the one after it
    for begin in range(end - 1, start - 1, -1):
        if labels[begin]:
            at, after = begin, at
        if at == end:
            continue
        stops = {2 * at - begin + 1, 2 * at - begin + (2 if middle == 0 else 0)}
        fits = [
            (s, at) for s in sorted(stops) if at < s <= after and (after < end or s == end) and (s == end or s in steps)
        ]
        if fits:
            steps[begin] = fits

    def ways(begin: int) -> Iterator[list[tuple[int, int, str]]]:
        for stop, label in steps.get(begin, []):
            group = (begin, stop, labels[label])
            if stop == end:
                yield [group]
            else:
                for rest in ways(stop):
                    yield [group, *rest]

    return ways(start)


def _centred(first: Sequence[str], second: Sequence[str], middle: int) -> Iterator[tuple[list[str], list[str]]]:
    """Readings of both levels with labels on middle rows: level-2 groups lie within level-1 groups and agree."""
    if len(first) > LONGEST:
        return
    whole = range(len(first))
    cuts = (
        [[(row, row + 1, first[row]) for row in whole]] if all(first) or not any(first)
        else islice(_groups(first, 0, len(first), middle), READINGS)
    )  # fmt: skip
    for cut in cuts:
        options = [list(_second(second, start, stop, label, middle)) for start, stop, label in _joined(cut)]
        if all(options):
            level1 = [label for start, stop, label in cut for _ in range(start, stop)]
            for reading in islice(_products(options), READINGS):
                yield level1, reading


def _joined(cut: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Neighbouring groups of one label as one."""
    out: list[tuple[int, int, str]] = []
    for start, stop, label in cut:
        if out and out[-1][2] == label:
            out[-1] = (out[-1][0], stop, label)
        else:
            out.append((start, stop, label))
    return out


def _second(second: Sequence[str], start: int, stop: int, label: str, middle: int) -> Iterator[list[str]]:
    part = list(second[start:stop])
    if all(part) or not any(part):
        if all(agree(label, two) for two in part if two):
            yield part
        return
    for cut in islice(_groups(second, start, stop, middle), READINGS):
        if all(agree(label, two) for _, _, two in cut):
            yield [two for a, b, two in cut for _ in range(a, b)]


def _products(options: list[list[list[str]]]) -> Iterator[list[str]]:
    if not options:
        yield []
        return
    for head in options[0]:
        for rest in _products(options[1:]):
            yield head + rest


def _printed(labels: Sequence[str]) -> list[str | None]:
    """Where nothing fits: only the rows that print a label have one."""
    return [text or None if any(labels) else "" for text in labels]
