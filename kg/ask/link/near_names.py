"""Whether an indicator is another thing than the one asked about, though its name is near.

The words of a question and of an indicator may be all but the same and mean two things: 农村低保标准 is no 城市低保标准,
培训人次 no 培训费用. What excludes one another stands in ``words.toml``: coordinate terms (``coordinates``) and
measures (``measures``: how their names end, and what their values are). Where the question names its measure, as
tables do, whoever asks uses the tables' words, and one that the indicator does not hold tells of another thing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise

from index.segment import bigrams, frequency, part_of_speech, tags
from kg.ask.lexicon import Lexicon, words
from kg.ask.logic.wanted import Wanted
from kg.ask.phrases import HALF, Candidate, Phrases, Word, value_kinds
from kg.ask.reading import plain

PHRASE = "l"  # part of speech of words that were not parted
MODIFIER = "b"  # part of speech of words that only tell one from another
EXACT = frozenset({"money", "percent", "date", "frequency", "time"})  # kinds of value that one asks for by name
LATER = 6  # characters at most before a measure that does not follow at once
COMMON = 4  # characters that names have in common which differ in one word
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
    def of(cls, said: Sequence[Word], text: str, wanted: Wanted | None) -> Asked:
        """``wanted``: the value that is asked for. “一个批次多少钱” asks for no number of 批次."""
        measure = measure_of(said, text)
        if not measure:
            return cls(text, tuple(said), "")
        named = _measures()[measure]
        kinds = set(wanted.kinds) if wanted else set()
        each = wanted is None or wanted.each or "per" in kinds  # “一人一年公用经费多少”
        other = kinds & EXACT and not named.kinds & kinds
        return cls(text, tuple(said), "" if other or (named.never and each) else measure)


def measure_of(said: Sequence[Word], text: str) -> str:
    """The measure that is named by the end of the last word, or after it: 护林员培训|人次, 照料|支出, 苗木|成活费用."""
    if not said:
        return ""
    last = said[-1].text
    at = text.rfind(last)
    rest = text[at + len(last) :] if at >= 0 else ""
    after = _after().match(rest)
    if after:
        return after[1]
    ends = next((end for end in _ends() if last.endswith(end)), "")
    later = None if ends else _later().match(rest)
    return later[1] if later else ends


def measures(word: str) -> bool:
    """Whether a word only says what is measured: 标准, 人数."""
    return word in _measures()


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

    def unsaid(self, text: str, candidate: Candidate) -> tuple[str, ...]:
        """The words of a candidate's name that tell it from others and that a question does not say, in any form."""
        label = plain(candidate.label)
        parts = (label[a:b] for a, b in self.phrases.index.segmenter.spans(label))
        return tuple(p for p in parts if self._tells_apart(p) and not self._said(p, text))

    def coordinate(self, text: str, one: Candidate, other: Candidate) -> bool:
        """Whether two names of one project are the same but for a word of which a question says neither: 春季集中免疫,
        秋季集中免疫."""
        a, b = plain(one.label), plain(other.label)
        if a == b or (one.project, one.kind, one.unit, one.per) != (other.project, other.kind, other.unit, other.per):
            return False
        start = _common(a, b)
        end = _common(a[start:][::-1], b[start:][::-1])
        if start + end < COMMON:
            return False
        mine, others = self.unsaid(text, one), self.unsaid(text, other)
        told = [w for w in mine if w not in b], [w for w in others if w not in a]
        return all(len(words) == 1 for words in told)

    def _tells_apart(self, part: str) -> bool:
        if len(part) < 2 or part in self.lexicon.light or part in self.lexicon.roles:
            return False
        return not part.endswith(_ends()) and part not in words()["measured"]["between"]

    def _said(self, part: str, text: str) -> bool:
        word = self.phrases.word(part)
        return any(form in text for form in (part, *word.forms)) or any(pair in text for pair in bigrams(part))

    def apart(self, asked: Asked, candidate: Candidate) -> bool:
        """Whether the candidate is another thing than what is asked about."""
        label = plain(candidate.label)
        if label in asked.text:
            return False
        return (
            _other_measure(asked, candidate, label)
            or _half(asked, candidate)
            or self._lacking(asked, candidate)
            or _excluded(asked, candidate, label, self.lexicon.names[candidate.project])
            or self._exchanged(asked, candidate, label)
        )

    def _lacking(self, asked: Asked, candidate: Candidate) -> bool:
        """Whether it holds not every word of a question that names its measure, or no word that does nothing but to tell
        one from another (大型, 省级)."""
        if asked.words and not any(map(self._tells, asked.words)):  # “消防设施慰问支出”, of what some words say before
            held = f"{candidate.own} {self.lexicon.names[candidate.project]}"
            return any(self._tells(w) and w.found_in(held) < HALF for w in self._before(asked))
        held = f"{candidate.own} {candidate.context}"
        # What lay people call so counts but for words that the tables use themselves.
        said = [replace(w, names=()) if w.names and self.phrases.known(w.text) else w for w in asked.words]
        missing = [w for w in said if self._tells(w) and w.found_in(held) < HALF and not self._short(w, candidate)]
        if any(part_of_speech(w.text)[0] == MODIFIER for w in missing):
            return True
        return bool(asked.measure) and any(
            w.found_in(held) < HALF for w in (*missing, *self._between(asked)) if self._tells(w)
        )

    def _short(self, word: Word, candidate: Candidate) -> bool:
        """Whether a word that no table uses is short for a part of the name, or of the project's: 文旅节, 文化旅游节."""
        if self.phrases.known(word.text):
            return False
        names = f"{plain(candidate.label)} {self.lexicon.names[candidate.project]}"
        return bool(re.search("[^ ]{0,2}".join(map(re.escape, word.text)), names))

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
        for before, word in pairwise((None, *self._before(asked), *asked.words)):
            if word is None or not self._tells(word) or word.found_in(candidate.own) >= HALF:
                continue
            between, measure, _ = asked.text.rpartition(word.text)[2].partition(asked.measure)
            tails = [between.replace("的", "") + end for end in _measures()[asked.measure].ends] if measure else []
            at = max((label.rfind(tail) for tail in tails if len(tail) >= SLOT), default=-1)
            if before is not None and at > 0 and before.found_in(label[:at]) < HALF:
                continue
            spans = self.phrases.index.segmenter.spans(label[:at]) if at > 0 else []
            other = next((label[a:b] for a, b in reversed(spans) if b - a > 1), "")
            if other and not any(other in f or f in other for f in (*forms, word.text)) and _unlike(word.text, other):
                return True
        return False

    def _before(self, asked: Asked) -> tuple[Word, ...]:
        """The noun or verb that stands right before the words, and is no part of them: 护士|招收人数."""
        at = asked.text.find(asked.words[0].text) if asked.words else 0
        before = asked.text[: max(at, 0)].removesuffix("的")
        spans = self.phrases.index.segmenter.spans(before)
        last = before[slice(*spans[-1])] if spans else ""
        return (self.phrases.word(last),) if last and part_of_speech(last)[0] in "nv" else ()

    def _tells(self, word: Word) -> bool:
        """Whether a word tells what is asked: none of asking, no plain verb that no table uses (拆掉, 打完), and no words
        that were not parted (对系统)."""
        if len(word.text) < 2 or word.text in self.lexicon.roles or word.text in self.lexicon.light:
            return False
        if word.text in _ends():
            return False
        if self.phrases.known(word.text):
            return True
        found = tags(word.text)
        if len(found) != 1 or found[0][0] == PHRASE:
            return False
        return found[0][0] != "v" or word.text[-1] not in words()["measured"]["done"]


def _other_measure(asked: Asked, candidate: Candidate, label: str) -> bool:
    if not asked.measure:
        return False
    measure = _measures()[asked.measure]
    if candidate.kind == "text" and asked.measure in f"{candidate.own} {candidate.value}":
        return False  # a target in words: 做好经费保障
    return not label.endswith(measure.ends) and not measure.fits(candidate)


def _half(asked: Asked, candidate: Candidate) -> bool:
    """Whether it is of one of two measures that are named: 适老化改造 户数 补助标准."""
    named = [w.text for w in asked.words if w.text in _measures()]
    mine = _measures().get(asked.measure)
    return any(mine is not None and _measures()[w] is not mine and w not in candidate.own for w in named)


def _unlike(word: str, other: str) -> bool:
    """Whether two words in the same place mean two things: they share no character, or but the last (全科, 儿科)."""
    if {word, other} <= set(words()["measured"]["between"]):
        return False
    return set(word) & set(other) <= {word[-1]} & {other[-1]}


def _excluded(asked: Asked, candidate: Candidate, label: str, project: str) -> bool:
    """Whether it holds a word that excludes one of the question; not one by which its project is called."""
    said = "".join(w.text for w in asked.words)
    for group, found in _coordinates(asked.text):
        own = {n for n, _ in _members(group, candidate.own)}
        mine = {n for n, word in found if word in said or word not in project}
        if own and mine and not own & mine and {n for n, _ in _members(group, label)}:
            return True
    return False


@lru_cache(64)  # it is asked of the same question for every candidate
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
    ends = "|".join(_ends())
    return re.compile(f"(?:{'|'.join(words()['measured']['between'])}|{ends})*({ends})")


@cache
def _later() -> re.Pattern[str]:
    """A measure a few characters on, after which the question asks or ends."""
    return re.compile(f"[^,、。;:和与]{{1,{LATER}}}?({'|'.join(_ends())})(?={words()['measured']['then']}|$)")


def _common(one: str, other: str) -> int:
    """How many characters two texts begin alike with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
