"""Dictionary matching: which known labels occur in a text, longest first, never overlapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from index.text import normalise

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """``text[start:end]`` is a label of ``values`` (several where a label is ambiguous)."""

    start: int
    end: int
    text: str
    values: tuple[T, ...]


class Matcher(Generic[T]):
    """Finds labels in normalised text by leftmost-longest match.

    Labels are looked up by length from the longest, so a text of n characters costs O(n · lengths).
    """

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._entries: dict[str, list[T]] = {}
        self._lengths: dict[str, list[int]] = {}  # first two characters → label lengths, longest first
        for label, value in entries:
            known = self._entries.setdefault(normalise(label), [])
            if value not in known:
                known.append(value)
        for label in self._entries:
            lengths = self._lengths.setdefault(label[:2], [])
            if len(label) not in lengths:
                lengths.append(len(label))
        for lengths in self._lengths.values():
            lengths.sort(reverse=True)

    def __contains__(self, label: str) -> bool:
        return normalise(label) in self._entries

    def labels(self) -> Iterable[str]:
        return self._entries

    def get(self, label: str) -> tuple[T, ...]:
        return tuple(self._entries.get(normalise(label), ()))

    def matches(self, text: str) -> Iterator[Match[T]]:
        """Matches from left to right. Offsets are into ``normalise(text)``."""
        plain = normalise(text)
        at = 0
        while at < len(plain):
            found = self.longest(plain, at)
            if found:
                yield found
                at = found.end
            else:
                at += 1

    def longest(self, plain: str, at: int) -> Match[T] | None:
        """The longest label that starts at ``at`` in text already normalised."""
        for length in self._lengths.get(plain[at : at + 2], ()):
            values = self._entries.get(plain[at : at + length])
            if values and at + length <= len(plain):
                return Match(at, at + length, plain[at : at + length], tuple(values))
        return None

    def all_at(self, plain: str, at: int) -> Iterator[tuple[int, tuple[T, ...]]]:
        """(end, values) of every label that starts at ``at`` in text already normalised, longest first."""
        for length in self._lengths.get(plain[at : at + 2], ()):
            if at + length <= len(plain) and (values := self._entries.get(plain[at : at + length])):
                yield at + length, tuple(values)
        if single := self._entries.get(plain[at : at + 1]):
            yield at + 1, tuple(single)
