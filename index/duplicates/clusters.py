"""Scored pairs → clusters, under thresholds and decisions that may change without comparing anew.

Rows linked through the years are one unit; units are joined by complete link: two groups become one only where
every two of their wordings are near enough and no guard or reviewer keeps any of them apart, so nothing chains
through a weak link.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations, pairwise, product
from typing import Any

import numpy as np

from index.duplicates.links import Link, Links
from index.duplicates.names import plain
from index.duplicates.pairs import Item, model, weights


@dataclass(slots=True)
class Cluster:
    """Item numbers of one measure, by year; ``score`` and ``why`` are its weakest link's."""

    members: list[int]
    kind: str
    score: float
    why: list[dict[str, Any]] = field(default_factory=list)


class Clusters(Links):
    """The clusters of what was found."""

    def across(self, relation: str) -> list[Cluster]:
        """Clusters of at least two rows that repeat across ``years``, ``projects``, ``departments`` or at all."""
        groups = (
            self._years() if relation == "years" else self.measures() if relation == "all" else self.texts(relation)
        )
        clusters = [self._cluster(group) for group in groups if self._repeats(group, relation)]
        return sorted(clusters, key=lambda c: (-len(c.members), -c.score, c.members))

    def measures(self) -> list[list[int]]:
        """All rows in groups of one measure each: lines through the years, joined by what they say."""
        lines = self._years()
        inside = {n for line in lines for n in line}
        lines += [[n] for n in range(len(self.items)) if n not in inside]
        units: dict[Hashable, list[int]] = defaultdict(list)
        for line in lines:
            own = any(n in self._reviewed for n in line)
            units[("row", line[0]) if own else frozenset(self.found.profile[line].tolist())] += line
        return self._joined(units)

    def texts(self, relation: str) -> list[list[int]]:
        """All rows in groups of like words, of each department (``projects``) or of all (``departments``)."""
        units: dict[Hashable, list[int]] = defaultdict(list)
        for n, item in enumerate(self.items):
            owner = item.owner if relation == "projects" else ""
            units[(owner, "row", n) if n in self._reviewed else (owner, int(self.found.profile[n]))].append(n)
        return self._joined(units, by_owner=relation == "projects")

    def _joined(self, units: Mapping[Hashable, list[int]], *, by_owner: bool = False) -> list[list[int]]:
        """Groups of units (rows that belong together whatever else) by complete link."""
        rows = list(units.values())
        holding: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        said = []
        for u, numbers in enumerate(rows):
            said.append(frozenset(self.found.profile[numbers].tolist()))
            for profile in said[u]:
                holding[profile][self.items[numbers[0]].owner if by_owner else ""].append(u)
        edges: dict[tuple[int, int], float] = {}

        def consider(u: int, v: int) -> None:
            pair = (min(u, v), max(u, v))
            if u == v or pair in edges:
                return
            score = self._least(said[u], said[v])
            if score >= self.least_text:
                edges[pair] = score

        for owned in holding.values():
            for several in owned.values():
                for u, v in combinations(several, 2):
                    consider(u, v)
        for n, (p, q) in enumerate(self.found.text.ends.tolist()):
            if self._text_scores[n] >= self.least_text:
                for owner, several in holding[p].items():
                    for u, v in product(several, holding[q].get(owner, ())):
                        consider(u, v)
        unit = {n: u for u, numbers in enumerate(rows) for n in numbers}
        accepted = {(unit[a], unit[b]) for a, b in self._accepted if unit[a] != unit[b]}
        apart = {frozenset(unit[n] for n in pair) for pair in self._rejected}
        groups = complete_link(len(rows), edges, apart, accepted)
        return [sorted(n for u in group for n in rows[u]) for group in groups]

    def _least(self, one: Iterable[int], two: Iterable[int]) -> float:
        """The least score of the wordings of two units: equal ones 1, those never compared 0."""
        least = 1.0
        for p in one:
            for q in two:
                if p != q:
                    n = self.found.text_pair.get((min(p, q), max(p, q)))
                    least = min(least, float(self._text_scores[n]) if n is not None else 0.0)
        return least

    # -- what is shown ---------------------------------------------------------------------------------------

    def similar(self, relation: str) -> Iterator[Cluster]:
        """The likest first: pairs of wordings that are close but not one measure: below the threshold, or kept apart by a guard."""
        floor = float(model()["text"]["similar"])
        raw = self.found.text.features @ weights("text")
        together = {n: g for g, group in enumerate(self.measures()) for n in group}
        for n in np.argsort(-raw, kind="stable").tolist():
            if raw[n] < floor:
                break
            p, q = self.found.text.ends[n].tolist()
            a, b = self.found.members[p][0], self.found.members[q][0]
            if together[a] != together[b] and (relation == "all" or self._apart([a, b], relation)):
                yield Cluster([a, b], "similar", round(float(self._text_scores[n]), 4), self.found.text.why(n))

    def uncertain(self) -> Iterator[Link]:
        """Pairs that nobody reviewed, the least certain first: those nearest their threshold."""
        linked = [link for link in self.links if not link.reviewed]
        known = {frozenset((link.a, link.b)) for link in linked}
        taken = {n for link in linked if link.score >= 0.95 for n in (link.a, link.b)}
        doubtful = [
            (abs(link.score - (self.least_rest if link.placed else self.least_year)), link)
            for link in linked
            if not self._words_equal(link.a, link.b)
        ]
        for n, (a, b) in enumerate(self.found.years.ends.tolist()):
            score = float(self._year_scores[n])
            if frozenset((a, b)) not in known and not {a, b} & taken and score >= self.least_year - 0.15:
                doubtful.append((abs(score - self.least_year), Link(a, b, score, partial(self.found.years.why, n))))
        for n, (p, q) in enumerate(self.found.text.ends.tolist()):
            score = float(self._text_scores[n])
            a, b = self.found.members[p][0], self.found.members[q][0]
            if abs(score - self.least_text) <= 0.1 and frozenset((a, b)) not in known:
                doubtful.append((abs(score - self.least_text), Link(a, b, score, partial(self.found.text.why, n))))
        seen = set()
        for _, link in sorted(doubtful, key=lambda d: (d[0], d[1].a, d[1].b)):
            pair = frozenset((link.a, link.b))
            if pair not in seen and self._said(link.a, link.b) == 0:
                seen.add(pair)
                yield link

    def _cluster(self, group: Sequence[int]) -> Cluster:
        members = sorted(group, key=lambda n: (self.items[n].year or 0, n))
        weakest: tuple[float, list[dict[str, Any]]] | None = None
        for a, b in self._spanning(members):
            score, why = self._compared(a, b)
            if weakest is None or score < weakest[0]:
                weakest = score, why
        score, why = weakest or (1.0, [])
        return Cluster(members, self.kind(members), score, why)

    def _spanning(self, members: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Pairs that stand for all: one row of each wording, in order, and each with the next."""
        first = {int(self.found.profile[n]): n for n in reversed(members)}
        wordings = sorted(first.values(), key=members.index)
        if len(wordings) == 1:
            yield members[0], members[1]
        yield from pairwise(wordings)

    def kind(self, members: Sequence[int]) -> str:
        """``exact``, ``reworded`` (other words, whatever the target) or ``retargeted`` (the same words)."""
        changed = self.changes(members)
        return "reworded" if "words" in changed else "retargeted" if changed else "exact"

    def changes(self, members: Sequence[int]) -> list[str]:
        """In what the members differ: ``words``, ``target``, both or neither."""
        targets = {self.items[n].asks for n in members}
        worded = all(self._words_equal(members[0], n) for n in members)
        return [*([] if worded else ["words"]), *(["target"] if len(targets) > 1 else [])]

    def _words_equal(self, a: int, b: int) -> bool:
        return _wording(self.items[a]) == _wording(self.items[b])

    def _repeats(self, group: Sequence[int], relation: str) -> bool:
        if len(group) < 2:
            return False
        if relation in ("years", "all"):
            return True
        return self._apart(group, relation)

    def _apart(self, group: Sequence[int], relation: str) -> bool:
        """Whether rows stand in two years, in two departments, or in two projects of one year."""
        items = [self.items[n] for n in group]
        if relation == "years":
            return len({i.year for i in items}) > 1 and len({i.owner for i in items}) == 1
        if relation == "departments":
            return len({i.owner for i in items}) > 1
        if relation == "projects":
            projects: dict[int | None, set[str]] = defaultdict(set)
            for item in items:
                projects[item.year].add(item.project)
            return any(len(several) > 1 for several in projects.values())
        return True


def _wording(item: Item) -> tuple[str, str]:
    return plain(item.name), plain(item.measured)


def complete_link(
    count: int,
    edges: Mapping[tuple[int, int], float],
    apart: Iterable[frozenset[int]] = (),
    accepted: Iterable[tuple[int, int]] = (),
) -> list[list[int]]:
    """Groups of ``count`` nodes, joined from the heaviest edge down.

    Two groups are joined only where every two of their nodes have an edge and none are ``apart``. Nodes that
    are ``accepted`` as one count as one node, and come first; what is apart stays apart even so.
    """
    kept = {pair for pair in apart if len(pair) == 2}
    group = list(range(count))
    nodes: dict[int, list[int]] = {n: [n] for n in range(count)}

    def join(g: int, h: int) -> None:
        if any(frozenset(pair) in kept for pair in product(nodes[g], nodes[h])):
            return
        small, large = sorted((g, h), key=lambda k: (len(nodes[k]), -k))
        for n in nodes.pop(small):
            group[n] = large
            nodes[large].append(n)

    for u, v in sorted(accepted):
        if group[u] != group[v]:
            join(group[u], group[v])
    one = list(group)  # the accepted node each stands in
    linked = {(one[u], one[v]) for u, v in edges} | {(one[v], one[u]) for u, v in edges}
    for (u, v), _ in sorted(edges.items(), key=lambda e: (-e[1], e[0])):
        g, h = group[u], group[v]
        if g != h and all((one[x], one[y]) in linked for x, y in product(nodes[g], nodes[h])):
            join(g, h)
    return [sorted(members) for _, members in sorted(nodes.items(), key=lambda e: min(e[1]))]
