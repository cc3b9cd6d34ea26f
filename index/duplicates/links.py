"""Rows of one year linked to the next year's, one to one, under thresholds and decisions that may change.

First by what the rows say, as the assignment of the greatest sum; a reviewer's word goes above any score; then
rows that moved to another project; and what is left over, by its place among its neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

import numpy as np

from index.duplicates.found import Found
from index.duplicates.names import plain, read_name
from index.duplicates.pairs import guard, model, weights, why
from index.duplicates.rest import Pair, in_order, leftovers
from index.duplicates.years import assign, tables

FORCED = 2.0  # above any score: a reviewer's word
SPECIFIC = 4  # characters of an object that tell where a moved indicator came from


@dataclass(frozen=True, slots=True)
class Decisions:
    """Reviewers' words on pairs of indicator IRIs (the smaller first)."""

    accepted: frozenset[tuple[str, str]] = frozenset()
    rejected: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Link:
    """Items ``a`` and ``b`` are one measure; ``score`` as compared, whatever a reviewer said of it.

    ``reasons`` works out why when it is asked; ``moved``: from another project; ``placed``: by place and amount, not by
    words.
    """

    a: int
    b: int
    score: float
    reasons: Callable[[], Sequence[dict[str, Any]]] = field(default=tuple, compare=False, repr=False)
    moved: bool = False
    placed: bool = False
    reviewed: bool = False

    @property
    def why(self) -> tuple[dict[str, Any], ...]:
        """What each feature adds to the score."""
        return tuple(self.reasons())


class Links:
    """The links between the years of what was found. Thresholds default to ``model.toml``'s.

    ``certain``: only those that are stated as fact (``certain`` in ``model.toml``); the others are for people to judge.
    """

    def __init__(
        self,
        found: Found,
        decisions: Decisions | None = None,
        threshold: float | None = None,
        *,
        certain: bool = False,
    ) -> None:
        self.found, self.items = found, found.items
        self.decisions = decisions or Decisions()
        self.least_year, self.least_rest, self.least_text = (
            threshold if threshold is not None else float(model()[relation]["threshold"])
            for relation in ("years", "rest", "text")
        )
        self.certain = certain
        number = found.number
        self._accepted = {(number[a], number[b]) for a, b in self.decisions.accepted if a in number and b in number}
        self._rejected = {
            frozenset((number[a], number[b])) for a, b in self.decisions.rejected if a in number and b in number
        }
        self._text_scores = found.text.scores()
        self._year_scores = found.years.scores()
        self._reviewed = {n for pair in (*self._accepted, *self._rejected) for n in pair}
        self._placed: dict[Pair, Link] = {}

    @cached_property
    def links(self) -> list[Link]:
        """The same indicator in two consecutive years: at most one before and one after each row."""
        links = self.settled()
        placed = list(self._leftovers(links))
        self._placed = {(link.a, link.b): link for link in placed}
        return [link for link in links + placed if not self.certain or self._fact(link)]

    def _fact(self, link: Link) -> bool:
        """Whether a link may be stated: its rows are of one name, or its score leaves next to no doubt."""
        one, two = self.items[link.a], self.items[link.b]
        least = float(model()["rest" if link.placed else "years"]["certain"])
        return link.reviewed or link.moved or plain(one.name) == plain(two.name) or link.score >= least

    def settled(self) -> list[Link]:
        """The links that words, or a reviewer's word, settle."""
        links = [link for block in self._blocks.values() for link in self._assigned(block)]
        forced = list(self._forced({(link.a, link.b) for link in links}))
        before, after = {link.a for link in forced}, {link.b for link in forced}
        links = [link for link in links if link.a not in before and link.b not in after] + forced
        return links + self._moved(links)

    @cached_property
    def _blocks(self) -> dict[tuple[str, str], list[int]]:
        """Numbers of the compared pairs of each two tables."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for n, (a, b) in enumerate(self.found.years.ends.tolist()):
            found[self.items[a].project, self.items[b].project].append(n)
        return found

    def _assigned(self, block: Sequence[int]) -> Iterator[Link]:
        pairs = [(n, *self.found.years.ends[n].tolist()) for n in block]
        rows = {a: i for i, a in enumerate(dict.fromkeys(a for _, a, _ in pairs))}
        columns = {b: j for j, b in enumerate(dict.fromkeys(b for _, _, b in pairs))}
        values = np.zeros((len(rows), len(columns)))
        at = {}
        for n, a, b in pairs:
            said = self._said(a, b)
            values[rows[a], columns[b]] = FORCED if said == 1 else 0.0 if said == -1 else self._year_scores[n]
            at[rows[a], columns[b]] = n
        for i, j in assign(values.tolist(), max(self.least_year, 1e-6)):
            if (i, j) in at:
                n = at[i, j]
                a, b = self.found.years.ends[n].tolist()
                reviewed = values[i, j] == FORCED
                yield Link(a, b, float(self._year_scores[n]), partial(self.found.years.why, n), reviewed=reviewed)

    def _forced(self, linked: set[tuple[int, int]]) -> Iterator[Link]:
        """What a reviewer accepted across two years and no table settles."""
        for a, b in sorted(self._accepted):
            one, two = self.items[a], self.items[b]
            if (a, b) in linked or (b, a) in linked or one.year is None or two.year is None or one.year == two.year:
                continue
            a, b = (a, b) if one.year < two.year else (b, a)
            score, reasons = self._compared(a, b)
            yield Link(a, b, score, partial(tuple, reasons), one.line != two.line, reviewed=True)

    def _moved(self, links: Sequence[Link]) -> list[Link]:
        """Rows left over in one year whose words stand, once, in another project of the owner's next year."""
        before, after = {link.a for link in links}, {link.b for link in links}
        following = self._following()
        fresh: dict[tuple[str, int | None, int], list[int]] = defaultdict(list)
        gone: dict[tuple[str, int | None, int], list[int]] = defaultdict(list)
        for n, item in enumerate(self.items):
            if len(read_name(item.measured).object) < SPECIFIC or item.year is None:
                continue
            profile = int(self.found.profile[n])
            if n not in after:
                fresh[item.owner, item.year, profile].append(n)
            if n not in before and (item.owner, item.year) in following:
                gone[item.owner, following[item.owner, item.year], profile].append(n)
        found = []
        for key, several in gone.items():
            others = fresh.get(key, [])
            if len(several) == len(others) == 1 and self._said(several[0], others[0]) != -1:
                score, reasons = self._compared(several[0], others[0])
                found.append(Link(several[0], others[0], score, partial(tuple, reasons), moved=True))
        return found

    def unsettled(self, links: Sequence[Link]) -> Iterator[dict[Pair, list[float]]]:
        """For each two tables the pairs that ``links`` leave over, with REST_FEATURES of each."""
        known = tables(self.items)
        inside: dict[tuple[str, str], list[Pair]] = defaultdict(list)
        for link in links:
            inside[self.items[link.a].project, self.items[link.b].project].append((link.a, link.b))
        taken = {n for link in links for n in (link.a, link.b)}
        for ends, block in self._blocks.items():
            free = [n for n in block if taken.isdisjoint(self.found.years.ends[n].tolist())]
            if free:
                yield {
                    pair: features
                    for pair, features in leftovers(self.found, (known[ends[0]], known[ends[1]]), free, inside[ends])
                    if self._said(*pair) != -1
                }

    def _leftovers(self, links: Sequence[Link]) -> Iterator[Link]:
        """Rows that no words settle and that keep their place among those that are."""
        weight = weights("rest")
        for features in self.unsettled(links):
            scores = {pair: float(np.asarray(said, np.float32) @ weight) for pair, said in features.items()}
            for pair in in_order(self.items, scores, self.least_rest):
                yield Link(*pair, scores[pair], partial(why, features[pair], 0, "", "rest"), placed=True)

    def turnover(self, links: Sequence[Link]) -> tuple[dict[int, int], dict[int, int]]:
        """(row → the year in which it is new, row → the year in which it is gone), where its project has both years."""
        before, after = {link.a for link in links}, {link.b for link in links}
        following = self._following()
        preceding = {(owner, b): a for (owner, a), b in following.items()}
        lines = {(item.owner, item.line, item.year) for item in self.items}
        earlier, later = ({ends[side] for ends in self._blocks} for side in (0, 1))
        added, dropped = {}, {}
        for n, item in enumerate(self.items):
            if item.year is None:
                continue
            here = item.owner, item.year
            last, next_ = preceding.get(here), following.get(here)
            stood = item.project in later or (item.owner, item.line, last) in lines
            stands = item.project in earlier or (item.owner, item.line, next_) in lines
            if n not in after and last is not None and stood:
                added[n] = item.year
            if n not in before and next_ is not None and stands:
                dropped[n] = next_
        return added, dropped

    def _following(self) -> dict[tuple[str, int], int]:
        """(owner, year) → the owner's next year."""
        years: dict[str, set[int]] = defaultdict(set)
        for item in self.items:
            if item.year is not None:
                years[item.owner].add(item.year)
        return {(owner, a): b for owner, several in years.items() for a, b in pairwise(sorted(several))}

    def _years(self) -> list[list[int]]:
        """Rows linked year by year; a link is cut where a guard keeps an earlier row of the chain apart.

        What keeps the words of the row before it says nothing new about the rows before that.
        """
        after = {link.a: link for link in self.links}
        starts = set(after) - {link.b for link in after.values()}
        groups = []
        for start in sorted(starts):
            group, at = [start], start
            while (link := after.get(at)) is not None:
                kept = self.found.profile[link.a] == self.found.profile[link.b]
                apart = any(
                    self._said(n, link.b) == -1 or (not kept and guard(self.items[n], self.items[link.b], set())[0])
                    for n in group[:-1]
                )
                if apart and not link.reviewed:
                    groups.append(group)
                    group = []
                group.append(link.b)
                at = link.b
            groups.append(group)
        return groups

    def _compared(self, a: int, b: int) -> tuple[float, list[dict[str, Any]]]:
        """Score and reasons of two rows: as years of a project, else as texts; a reviewer's word is added."""
        said = self._said(a, b)
        n = self.found.year_pair.get((a, b), self.found.year_pair.get((b, a)))
        placed = self._placed.get((a, b)) or self._placed.get((b, a))
        if placed is not None:
            score, reasons = placed.score, list(placed.why)
        elif n is not None:
            score, reasons = float(self._year_scores[n]), self.found.years.why(n)
        else:
            p, q = int(self.found.profile[a]), int(self.found.profile[b])
            m = self.found.text_pair.get((min(p, q), max(p, q)))
            if p == q:
                score, reasons = 1.0, [{"feature": "words", "score": 1.0, "value": 1.0, "weight": 1.0}]
            elif m is not None:
                score, reasons = float(self._text_scores[m]), self.found.text.why(m)
            else:
                score, reasons = 0.0, []
        score = round(sum(part["score"] for part in reasons), 4) + 0.0
        if said == 1:
            reasons = [*reasons, {"feature": "review", "score": round(1.0 - score, 4)}]
            score = 1.0
        return score, reasons

    def _said(self, a: int, b: int) -> int:
        """1 where a reviewer accepted the pair, -1 where one rejected it, else 0."""
        if frozenset((a, b)) in self._rejected:
            return -1
        return 1 if (a, b) in self._accepted or (b, a) in self._accepted else 0
