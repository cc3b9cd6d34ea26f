"""Words the data does not know, taken as slips for a name that it does.

One wrong character is mended: in a name of five characters or more, or in a shorter one where the wrong
character sounds like the right one (most slips in Chinese are homophones of an input method). A word of two
characters is a slip only where no dictionary holds it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from index.segment import frequency
from index.sounds import near_sounds
from kg.ask.lexicon import words

SHORTEST, SHORT, SURE = 2, 3, 5
LONGEST = 30


class Typos:
    """Looks up near misses by halves: a name with one wrong character has one half right."""

    def __init__(
        self,
        names: Callable[[], Iterable[str]],
        known: Callable[[str], bool],
        fillers: frozenset[str] = frozenset(),
        compounds: Callable[[], Iterable[str]] = tuple,
        asking: frozenset[str] = frozenset(),
    ) -> None:
        """``fillers`` are characters that stand for themselves (的, 和): never a slip for another.

        ``compounds`` are parts of names; a slip for one of them is mended by sound only. ``asking``: words of asking of
        two characters, of which a slip may be left as one (予 of 予算).
        """
        self._names, self._known, self._fillers, self._compounds = names, known, fillers, compounds
        self._asking = asking

    def mend(
        self, text: str, spans: Sequence[tuple[int, int]], names: Sequence[tuple[int, int]] = ()
    ) -> tuple[str, str, str] | None:
        """(what was said, what is meant, the text with it mended) for the first slip at one of ``spans``.

        ``names``: where names stand already. What holds one of them is mended by sound only: 纯财政资金 is not
        非财政资金.
        """
        for start, end in spans:
            if self._known(text[start:end]):
                continue
            best = max(self._candidates(text, start, end, names), default=None)
            if best is None and end - start <= SHORTEST:
                best = next((found for at in range(start, end) for found in self._asked(text, at)), None)
            if best:
                _, at, name = best
                return text[at : at + len(name)], name, text[:at] + name + text[at + len(name) :]
        return None

    def _asked(self, text: str, at: int) -> Iterator[tuple[tuple[int, int], int, str]]:
        """Words of asking that the character at ``at``, with the one beside it, sounds like."""
        for start in (at, at - 1):
            window = text[start : start + 2] if start >= 0 else ""
            if len(window) < 2 or frequency(window):
                continue
            for word in self._asking:
                wrong = [(a, b) for a, b in zip(window, word, strict=True) if a != b]
                if wrong == [(text[at], word[at - start])] and near_sounds(wrong[0][0]) & near_sounds(wrong[0][1]):
                    yield (1, 2), start, word

    @cached_property
    def _halves(self) -> dict[tuple[int, bool, str], list[tuple[str, bool]]]:
        index: dict[tuple[int, bool, str], list[tuple[str, bool]]] = defaultdict(list)
        whole = set(self._names())
        for name in whole | set(self._compounds()):
            if SHORTEST <= len(name) <= LONGEST:
                middle = len(name) // 2
                index[len(name), True, name[:middle]].append((name, name in whole))
                index[len(name), False, name[middle:]].append((name, name in whole))
        return index

    def _candidates(
        self, text: str, start: int, end: int, known: Sequence[tuple[int, int]]
    ) -> Iterable[tuple[tuple[int, int], int, str]]:
        """((sounds alike, length), offset, name) for names that a window over [start, end) misses by a character."""
        whole_word = end - start == SHORTEST and not frequency(text[start:end])
        for length in range(SHORTEST if whole_word else SHORT, min(LONGEST, len(text)) + 1):
            middle = length // 2
            for at in range(max(0, end - length), min(start, len(text) - length) + 1):
                window = text[at : at + length]
                names = self._halves.get((length, True, window[:middle]), [])
                names = names + self._halves.get((length, False, window[middle:]), [])
                for name, whole in names:
                    wrong = [(a, b) for a, b in zip(window, name, strict=True) if a != b]
                    if len(wrong) == 1 and wrong[0][0] not in self._fillers:
                        alike = near_sounds(wrong[0][0]) & near_sounds(wrong[0][1])
                        holds = any(at <= a and b <= at + length for a, b in known)
                        if any(a in group and b in group for a, b in wrong for group in words()["contrasts"]["groups"]):
                            continue
                        if alike or (whole and length >= SURE and not holds and not _other_word(window, name)):
                            yield (int(bool(alike)), length), at, name


def _other_word(said: str, name: str) -> bool:
    """Whether the character that differs makes one word of a dictionary another, as no slip does (改建, 新建), or is the
    last, which says what a name is of (合格率, 合格数)."""
    at = next(n for n, (a, b) in enumerate(zip(said, name, strict=True)) if a != b)
    if at == len(name) - 1:
        return True
    places = [start for start in (at - 1, at) if start >= 0 and start + 2 <= len(said)]
    return any(frequency(said[start : start + 2]) and frequency(name[start : start + 2]) for start in places)
