"""Slips of writing that the corpus itself gives away, and quotation marks and brackets without a partner.

A slip is a word that stands in one context only, where the same context nearly always goes on with another word
that differs by one character of like sound or shape: 协官员 beside a dozen 协管员. No list of names is needed.
A common word that fits where it stands (帮扶|事业 beside 帮扶|失业) is meant, a rare one or one that
leaves its neighbour broken (交通|协|官员) is not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from index.segment import CHINESE, Segmenter, frequency
from index.sounds import sounds
from index.text import compact
from kg.graph.checks.rules import check_words

LONGEST_WORD = 4
REPEATED = re.compile(r"([\u3400-\u9fff]{2,6})\1")
PAIRS = {"“": "”", "(": ")", "《": "》", "【": "】", "「": "」"}
AROUND = 8  # characters shown beside an unpaired mark


@dataclass(frozen=True, slots=True)
class Slip:
    """``wrong`` stands in the text where ``right`` is meant; ``why`` says what shows it."""

    wrong: str
    right: str
    why: str


def unpaired(text: str) -> tuple[str, str] | None:
    """(the mark, the words around it) for the first mark of a pair that stands alone."""
    text = compact(text)
    opened: dict[str, list[int]] = {mark: [] for mark in PAIRS}
    closing = {close: mark for mark, close in PAIRS.items()}
    for at, character in enumerate(text):
        if character in opened:
            if character == "“" and opened["“"]:
                return character, _around(text, at)  # “…“: quotes do not stand inside quotes
            opened[character].append(at)
        elif character in closing:
            if opened[closing[character]]:
                opened[closing[character]].pop()
            elif not (character == ")" and re.search(r"(?:^|\W)[\da-z一二三四五六七八九十]{1,3}$", text[:at])):
                return character, _around(text, at)
    left = [(places[0], mark) for mark, places in opened.items() if places]
    return (min(left)[1], _around(text, min(left)[0])) if left else None


def _around(text: str, at: int) -> str:
    start, end = max(0, at - AROUND), at + AROUND + 1
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def slips(texts: Iterable[str]) -> dict[str, list[Slip]]:
    """Plain text → its slips, judged by all ``texts`` (plain, each once)."""
    corpus = sorted(set(texts))
    cut = [_words(text) for text in corpus]
    found: dict[str, list[Slip]] = defaultdict(list)
    for at, slip in (*_substituted(corpus, cut), *_repeated(corpus, cut)):
        if slip not in found[corpus[at]]:
            found[corpus[at]].append(slip)
    return dict(found)


@cache
def _segmenter() -> Segmenter:
    return Segmenter()


def _words(text: str) -> list[tuple[int, int]]:
    return [
        (a, b) for a, b in _segmenter().spans(text, guess=False) if CHINESE.fullmatch(text[a:b])
    ]  # fmt: skip


def _substituted(corpus: Sequence[str], cut: Sequence[Sequence[tuple[int, int]]]) -> Iterator[tuple[int, Slip]]:
    """One character for another, known by what goes before the word, then by what comes after it."""
    yield from _after(corpus, cut, lambda text: text)
    mirrored = [[(len(t) - b, len(t) - a) for a, b in spans] for t, spans in zip(corpus, cut, strict=True)]
    yield from _after([text[::-1] for text in corpus], mirrored, lambda text: text[::-1])


def _after(
    corpus: Sequence[str], cut: Sequence[Sequence[tuple[int, int]]], turned: Callable[[str], str]
) -> Iterator[tuple[int, Slip]]:
    rules = check_words()["typo"]
    width = rules["context"]
    where: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))  # word → context → texts
    fitting: set[str] = set()  # words that follow a whole word
    for number, (text, spans) in enumerate(zip(corpus, cut, strict=True)):
        whole = {b for a, b in spans if b - a > 1}
        for a, b in spans:
            if b - a <= LONGEST_WORD:
                if a in whole:
                    fitting.add(text[a:b])
                where[text[a:b]][text[max(0, a - width) : a]].add(number)
    suspects: dict[tuple[str, int], dict[str, set[int]]] = defaultdict(dict)
    for word, contexts in where.items():
        context, numbers = next(iter(contexts.items()))
        if len(contexts) == 1 and len(context) == width and CHINESE.fullmatch(context):
            suspects[context, len(word)][word] = numbers
    lengths: dict[str, set[int]] = defaultdict(set)
    for context, length in suspects:
        lengths[context].add(length)
    usual: dict[tuple[str, int], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for number, text in enumerate(corpus):
        for at in range(width, len(text)):
            for length in lengths.get(text[at - width : at], ()):
                usual[text[at - width : at], length][text[at : at + length]].add(number)
    for (context, length), suspected in suspects.items():
        following = usual[context, length]
        every = len(set().union(*following.values()))
        for right, seen in following.items():
            if len(seen) < max(rules["often"], rules["sure"] * every):
                continue
            for wrong, numbers in suspected.items():
                if len(seen) < rules["ratio"] * len(numbers) or not _alike(wrong, right):
                    continue
                if wrong not in fitting or frequency(turned(wrong)) < rules["common"]:
                    for number in numbers:
                        slip = _widened(corpus, number, seen, context, wrong, right)
                        yield (
                            number,
                            Slip(
                                turned(slip[0]),
                                turned(slip[1]),
                                f"同样的上下文有 {len(seen)} 处写作“{turned(slip[1])}”",
                            ),
                        )


def _widened(
    corpus: Sequence[str], number: int, seen: set[int], context: str, wrong: str, right: str
) -> tuple[str, str]:
    """Both words with as much before them as all the usual places share."""
    text = corpus[number]
    at = text.index(context + wrong)
    while at and CHINESE.fullmatch(text[at - 1]) and all(text[at - 1] + context + right in corpus[n] for n in seen):
        at -= 1
        context = text[at] + context
    return context + wrong, context + right


def _alike(wrong: str, right: str) -> bool:
    """Whether the two differ by one character, and that sounds or looks alike."""
    differing = [(a, b) for a, b in zip(wrong, right, strict=False) if a != b]
    if len(wrong) != len(right) or len(differing) != 1:
        return False
    a, b = differing[0]
    return b in _shapes().get(a, "") or bool(sounds(a) & sounds(b))


@cache
def _shapes() -> dict[str, str]:
    alike: dict[str, str] = defaultdict(str)
    for group in check_words()["typo"]["shapes"]:
        for character in group:
            alike[character] += group
    return dict(alike)


def _repeated(corpus: Sequence[str], cut: Sequence[Sequence[tuple[int, int]]]) -> Iterator[tuple[int, Slip]]:
    """Words written twice over: 用品购置购置验收, where others write 用品购置 and nobody 购置验收."""
    for number, (text, spans) in enumerate(zip(corpus, cut, strict=True)):
        for found in REPEATED.finditer(text):
            word, start, middle, end = found[1], found.start(), found.end(1), found.end()
            before, after = text[max(0, start - 4) : start], text[end : end + 2]
            bounds = {a for a, _ in spans} | {b for _, b in spans}
            others = [t for n, t in enumerate(corpus) if n != number and word in t]
            once = re.compile(f"{re.escape(before + word)}(?!{word})")
            attested = sum(1 for t in others if once.search(t))
            begun = any(re.search(f"(?<!{word}){word}{re.escape(after)}", t) for t in others)
            if {start, middle, end} <= bounds and before and attested >= 2 and (not begun or not after):
                yield (
                    number,
                    Slip(before + word * 2, before + word, f"“{word}”重复，别处 {attested} 次写作“{before + word}”"),
                )
