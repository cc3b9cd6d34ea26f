"""Whether an indicator is another thing than the one asked about, though its name is near.

The words of a question and of an indicator may be all but the same and mean two things: 农村低保标准 is no 城市低保标准,
培训人次 no 培训费用. What excludes one another stands in ``words.toml``: coordinate terms (``coordinates``) and
measures (``measures``: how their names end, and what their values are). Where the question names its measure, as
tables do, whoever asks uses the tables' words, and one that the indicator does not hold tells of another thing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache

from index.segment import frequency, part_of_speech
from kg.ask.lexicon import Lexicon, words
from kg.ask.phrases import HALF, Candidate, Phrases, Word, value_kinds
from kg.ask.reading import plain

MODIFIER = "b"  # part of speech of words that only tell one from another
EXACT = frozenset({"money", "percent", "date", "frequency", "time"})  # kinds of value that one asks for by name
SLOT = 2  # characters at least after two words that stand in the same place


@dataclass(frozen=True, slots=True)
class Measure:
    """What a name says is measured: how such names end, the kinds and units of value that they may have, and the kinds
    that they may not (a total is not so much for each)."""

    ends: tuple[str, ...]
    kinds: frozenset[str]
    never: frozenset[str]
    units: str

    def fits(self, candidate: Candidate) -> bool:
        """Whether a candidate's value may be of this measure."""
        found = value_kinds(candidate)
        if not self.kinds & found or self.never & found:
            return False
        return not (self.units and candidate.unit) or bool(re.search(self.units, candidate.unit))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a part of a question asks about. ``measure``: the word that says what is measured; empty where none does."""

    text: str
    words: tuple[Word, ...]
    measure: str

    @classmethod
    def of(cls, said: Sequence[Word], text: str, kinds: Collection[str] = ()) -> Asked:
        """``kinds``: of value that are asked for. “一个批次多少钱” asks for no number of 批次."""
        measure = measure_of(said, text)
        other = measure and set(kinds) & EXACT and not _measures()[measure].kinds & set(kinds)
        return cls(text, tuple(said), "" if other else measure)


def measure_of(said: Sequence[Word], text: str) -> str:
    """The measure that is named by the end of the last word, or right after it: 护林员培训|人次, 照料|支出."""
    if not said:
        return ""
    last = said[-1].text
    at = text.rfind(last)
    after = _after().match(text, at + len(last)) if at >= 0 else None
    return after[1] if after else next((end for end in _ends() if last.endswith(end)), "")


class NearNames:
    """Tells indicators of one graph from what is asked."""

    def __init__(self, lexicon: Lexicon, phrases: Phrases) -> None:
        self.lexicon, self.phrases = lexicon, phrases

    def left(self, asked: Asked, found: list[Candidate]) -> list[Candidate]:
        """The candidates, best first, without those that are another thing; where the best is, only those that hold
        every word that tells what is asked: what comes nearest but for them is mostly no better."""
        if not found or not self.apart(asked, found[0]):
            return [c for c in found if not self.apart(asked, c)]
        telling = [w for w in asked.words if self._tells(w)]
        return [c for c in found if all(w.found_in(c.own) >= HALF for w in telling) and not self.apart(asked, c)]

    def apart(self, asked: Asked, candidate: Candidate) -> bool:
        """Whether the candidate is another thing than what is asked about."""
        label = plain(candidate.label)
        if label in asked.text:
            return False
        return (
            _other_measure(asked, candidate, label)
            or self._lacking(asked, candidate)
            or _excluded(asked, candidate, label)
            or self._exchanged(asked, candidate, label)
        )

    def _lacking(self, asked: Asked, candidate: Candidate) -> bool:
        """Whether it holds not every word of a question that names its measure, or no word that does nothing but to tell
        one from another (大型, 省级)."""
        held = f"{candidate.own} {candidate.context}"
        # What lay people call so counts but for words that the tables use themselves.
        said = [replace(w, names=()) if w.names and self.phrases.known(w.text) else w for w in asked.words]
        missing = [w for w in said if self._tells(w) and w.found_in(held) < HALF]
        if any(part_of_speech(w.text)[0] == MODIFIER for w in missing):
            return True
        return bool(asked.measure) and any(
            w.found_in(held) < HALF for w in (*missing, *self._between(asked)) if self._tells(w)
        )

    def _between(self, asked: Asked) -> list[Word]:
        """The words that stand between those and the measure, and were left out."""
        first = asked.text.find(asked.words[0].text) if asked.words else -1
        rest = asked.text[first : asked.text.rfind(asked.measure)] if first >= 0 else ""
        for word in asked.words:
            rest = rest.replace(word.text, " ")
        return [self.phrases.word(part) for part in self.phrases.index.segmenter.words(rest) if frequency(part)]

    def _exchanged(self, asked: Asked, candidate: Candidate, label: str) -> bool:
        """Whether its name has another word in the place of one that is asked: 生活|补贴标准, 护理|补贴标准."""
        if not asked.measure:
            return False
        forms = [form for w in asked.words for form in (w.text, *w.forms, *w.names)]
        for word in (*self._before(asked), *asked.words):
            if not self._tells(word) or word.found_in(candidate.own) >= HALF:
                continue
            between, measure, _ = asked.text.rpartition(word.text)[2].partition(asked.measure)
            tail = between + measure
            at = label.rfind(tail) if measure and len(tail) >= SLOT else -1
            spans = self.phrases.index.segmenter.spans(label[:at]) if at > 0 else []
            other = next((label[a:b] for a, b in reversed(spans) if b - a > 1), "")
            if other and not any(other in f or f in other for f in (*forms, word.text)) and _unlike(word.text, other):
                return True
        return False

    def _before(self, asked: Asked) -> tuple[Word, ...]:
        """The noun that stands right before the words, and is no part of them: 护士|招收人数."""
        at = asked.text.find(asked.words[0].text) if asked.words else 0
        before = asked.text[: max(at, 0)].removesuffix("的")
        spans = self.phrases.index.segmenter.spans(before)
        last = before[slice(*spans[-1])] if spans else ""
        return (self.phrases.word(last),) if last and part_of_speech(last)[0] == "n" else ()

    def _tells(self, word: Word) -> bool:
        """Whether a word tells what is asked: none of asking, and no verb that no dictionary holds (打完)."""
        if len(word.text) < 2 or word.text in self.lexicon.roles or word.text in self.lexicon.light:
            return False
        return bool(frequency(word.text)) or part_of_speech(word.text)[0] != "v" or self.phrases.known(word.text)


def _other_measure(asked: Asked, candidate: Candidate, label: str) -> bool:
    if not asked.measure:
        return False
    measure = _measures()[asked.measure]
    if candidate.kind == "text" and asked.measure in f"{candidate.own} {candidate.value}":
        return False  # a target in words: 做好经费保障
    return not any(end in label for end in measure.ends) and not measure.fits(candidate)


def _unlike(word: str, other: str) -> bool:
    """Whether two words in the same place mean two things: they share no character, or but the last (全科, 儿科)."""
    if {word, other} <= set(words()["measured"]["between"]):
        return False
    return set(word) & set(other) <= {word[-1]} & {other[-1]}


def _excluded(asked: Asked, candidate: Candidate, label: str) -> bool:
    """Whether it holds a word that excludes one of the question; not one by which its project is called."""
    said = "".join(w.text for w in asked.words)
    for group, found in _coordinates(asked.text):
        own = {n for n, _ in _members(group, candidate.own)}
        mine = {n for n, word in found if word in said or word not in candidate.context}
        if own and mine and not own & mine and {n for n, _ in _members(group, label)}:
            return True
    return False


def _coordinates(text: str) -> list[tuple[tuple[tuple[str, ...], ...], list[tuple[int, str]]]]:
    """The groups of coordinate terms of which a text holds one, with those that it holds."""
    groups = ((group, _members(group, text)) for group in _groups())
    return [(group, found) for group, found in groups if found]


def _members(group: tuple[tuple[str, ...], ...], text: str) -> list[tuple[int, str]]:
    """Which terms of a group stand in a text, each with the word; not one inside a longer one (诉讼 in 非诉讼)."""
    spans = [
        (m.start(), m.end(), n, word)
        for n, alike in enumerate(group)
        for word in alike
        for m in re.finditer(re.escape(word), text)
    ]
    return [
        (n, word)
        for start, end, n, word in spans
        if not any(a <= start and end <= b and b - a > end - start for a, b, _, _ in spans)
    ]


@cache
def _groups() -> tuple[tuple[tuple[str, ...], ...], ...]:
    groups = words()["coordinates"]["groups"]
    return tuple(tuple(tuple(term.split("|")) for term in group) for group in groups)


@cache
def _measures() -> dict[str, Measure]:
    """How a name may end → what it measures."""
    found: dict[str, Measure] = {}
    for row in words()["measures"].values():
        kinds, never = frozenset(row["kinds"]), frozenset(row.get("never", ()))
        measure = Measure(tuple(row["ends"]), kinds, never, row.get("units", ""))
        found |= dict.fromkeys(measure.ends, measure)
    return found


@cache
def _ends() -> tuple[str, ...]:
    return tuple(sorted(_measures(), key=len, reverse=True))


@cache
def _after() -> re.Pattern[str]:
    """A measure that follows a word at once, but for words of paying (补贴|标准)."""
    between = "|".join(words()["measured"]["between"])
    return re.compile(f"(?:{between})*({'|'.join(_ends())})")
