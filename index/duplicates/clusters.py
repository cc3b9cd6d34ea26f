"""Scored pairs → clusters, under thresholds and decisions that may change without comparing anew.

Years are linked one to one, project by project, and each link joins two rows only; all else is joined by
complete link: two groups become one only where every two of their wordings are near enough and no guard or
reviewer keeps any of them apart, so nothing chains through a weak link.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product
from typing import Any

import numpy as np

from index.duplicates.found import Found
from index.duplicates.names import plain, read_name
from index.duplicates.pairs import Item, guard, model, weights
from index.duplicates.years import assign

ACROSS = ("years", "projects", "departments", "all")
KINDS = ("exact", "reworded", "retargeted", "similar")
FORCED = 2.0  # above any score: a reviewer's word
SPECIFIC = 4  # characters of an object that tell where a moved indicator came from


@dataclass(frozen=True, slots=True)
class Decisions:
    """Reviewers' words on pairs of indicator IRIs (the smaller first)."""

    accepted: frozenset[tuple[str, str]] = frozenset()
    rejected: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Link:
    """Items ``a`` and ``b`` are one measure; ``score`` as compared, whatever a reviewer said of it."""

    a: int
    b: int
    score: float
    why: tuple[dict[str, Any], ...] = ()
    moved: bool = False
    reviewed: bool = False


@dataclass(slots=True)
class Cluster:
    """Item numbers of one measure, by year; ``score`` and ``why`` are its weakest link's."""

    members: list[int]
    kind: str
    score: float
    why: list[dict[str, Any]] = field(default_factory=list)


class Clusters:
    """The clusters of what was found. Thresholds default to ``model.toml``'s."""

    def __init__(self, found: Found, decisions: Decisions | None = None, threshold: float | None = None) -> None:
        self.found, self.items = found, found.items
        self.decisions = decisions or Decisions()
        self.least_year = threshold if threshold is not None else float(model()["years"]["threshold"])
        self.least_text = threshold if threshold is not None else float(model()["text"]["threshold"])
        number = found.number
        self._accepted = {(number[a], number[b]) for a, b in self.decisions.accepted if a in number and b in number}
        self._rejected = {
            frozenset((number[a], number[b])) for a, b in self.decisions.rejected if a in number and b in number
        }
        self._text_scores = found.text.scores()
        self._year_scores = found.years.scores()

    def across(self, relation: str) -> list[Cluster]:
        """Clusters of at least two rows that repeat across ``years``, ``projects``, ``departments`` or at all."""
        groups = (
            self._years() if relation == "years" else self.measures() if relation == "all" else self.texts(relation)
        )
        clusters = [self._cluster(group) for group in groups if self._repeats(group, relation)]
        return sorted(clusters, key=lambda c: (-len(c.members), -c.score, c.members))

    # -- years ----------------------------------------------------------------------------------------------

    def links(self) -> list[Link]:
        """The same indicator in two consecutive years: at most one before and one after each row."""
        blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
        for n, (a, b) in enumerate(self.found.years.ends.tolist()):
            blocks[self.items[a].project, self.items[b].project].append(n)
        links = [link for block in blocks.values() for link in self._assigned(block)]
        forced = list(self._forced({(link.a, link.b) for link in links}))
        before, after = {link.a for link in forced}, {link.b for link in forced}
        links = [link for link in links if link.a not in before and link.b not in after] + forced
        return links + self._moved(links)

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
                yield Link(a, b, float(self._year_scores[n]), tuple(self.found.years.why(n)), reviewed=reviewed)

    def _forced(self, linked: set[tuple[int, int]]) -> Iterator[Link]:
        """What a reviewer accepted across two years and no table settles."""
        for a, b in sorted(self._accepted):
            one, two = self.items[a], self.items[b]
            if (a, b) in linked or (b, a) in linked or one.year is None or two.year is None or one.year == two.year:
                continue
            a, b = (a, b) if one.year < two.year else (b, a)
            score, why = self._compared(a, b)
            yield Link(a, b, score, tuple(why), one.line != two.line, reviewed=True)

    def _moved(self, links: Sequence[Link]) -> list[Link]:
        """Rows left over in one year whose words stand, once, in another project of the owner's next year."""
        before, after = {link.a for link in links}, {link.b for link in links}
        years: dict[str, list[int]] = defaultdict(list)
        for item in self.items:
            if item.year is not None and item.year not in years[item.owner]:
                years[item.owner].append(item.year)
        following = {
            (owner, a): b for owner, several in years.items() for a, b in zip(sorted(several), sorted(several)[1:], strict=False)
        }  # fmt: skip
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
                score, why = self._compared(several[0], others[0])
                found.append(Link(several[0], others[0], score, tuple(why), moved=True))
        return found

    def turnover(self, links: Sequence[Link]) -> tuple[dict[int, int], dict[int, int]]:
        """(row → the year in which it is new, row → the year in which it is gone), where the owner has both years."""
        before, after = {link.a for link in links}, {link.b for link in links}
        years: dict[str, set[int]] = defaultdict(set)
        for item in self.items:
            if item.year is not None:
                years[item.owner].add(item.year)
        following = {(o, a): b for o, several in years.items() for a, b in pairwise(sorted(several))}
        known = {(owner, b) for (owner, _), b in following.items()}
        dated = [(n, i.owner, i.year) for n, i in enumerate(self.items) if i.year is not None]
        added = {n: year for n, owner, year in dated if n not in after and (owner, year) in known}
        dropped = {
            n: following[owner, year] for n, owner, year in dated if n not in before and (owner, year) in following
        }
        return added, dropped

    def _years(self) -> list[list[int]]:
        """Rows linked year by year; a link is cut where a guard keeps an earlier row of the chain apart."""
        after = {link.a: link for link in self.links()}
        starts = set(after) - {link.b for link in after.values()}
        groups = []
        for start in sorted(starts):
            group, at = [start], start
            while (link := after.get(at)) is not None:
                apart = any(
                    self._said(n, link.b) == -1 or guard(self.items[n], self.items[link.b], set())[0]
                    for n in group[:-1]
                )
                if apart and not link.reviewed:
                    groups.append(group)
                    group = []
                group.append(link.b)
                at = link.b
            groups.append(group)
        return groups

    # -- projects, departments, all --------------------------------------------------------------------------

    def measures(self) -> list[list[int]]:
        """All rows in groups of one measure each: lines through the years, joined by what they say."""
        lines = self._years()
        inside = {n for line in lines for n in line}
        lines += [[n] for n in range(len(self.items)) if n not in inside]
        units: dict[Hashable, list[int]] = defaultdict(list)
        reviewed = {n for pair in self._rejected for n in pair} | {n for pair in self._accepted for n in pair}
        for line in lines:
            own = any(n in reviewed for n in line)
            units[("row", line[0]) if own else frozenset(self.found.profile[line].tolist())] += line
        return self._joined(units)

    def texts(self, relation: str) -> list[list[int]]:
        """All rows in groups of like words, of each department (``projects``) or of all (``departments``)."""
        units: dict[Hashable, list[int]] = defaultdict(list)
        reviewed = {n for pair in self._rejected for n in pair} | {n for pair in self._accepted for n in pair}
        for n, item in enumerate(self.items):
            owner = item.owner if relation == "projects" else ""
            units[(owner, "row", n) if n in reviewed else (owner, int(self.found.profile[n]))].append(n)
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
        linked = [link for link in self.links() if not link.reviewed]
        known = {frozenset((link.a, link.b)) for link in linked}
        taken = {n for link in linked if link.score >= 0.95 for n in (link.a, link.b)}
        doubtful = [
            (abs(link.score - self.least_year), link) for link in linked if not self._words_equal(link.a, link.b)
        ]
        for n, (a, b) in enumerate(self.found.years.ends.tolist()):
            score = float(self._year_scores[n])
            if frozenset((a, b)) not in known and not {a, b} & taken and score >= self.least_year - 0.15:
                doubtful.append((abs(score - self.least_year), Link(a, b, score, tuple(self.found.years.why(n)))))
        for n, (p, q) in enumerate(self.found.text.ends.tolist()):
            score = float(self._text_scores[n])
            a, b = self.found.members[p][0], self.found.members[q][0]
            if abs(score - self.least_text) <= 0.1 and frozenset((a, b)) not in known:
                doubtful.append((abs(score - self.least_text), Link(a, b, score, tuple(self.found.text.why(n)))))
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
        targets = {(plain(i.target), i.operator) for i in (self.items[n] for n in members)}
        worded = all(self._words_equal(members[0], n) for n in members)
        return [*([] if worded else ["words"]), *(["target"] if len(targets) > 1 else [])]

    def _words_equal(self, a: int, b: int) -> bool:
        return _wording(self.items[a]) == _wording(self.items[b])

    def _compared(self, a: int, b: int) -> tuple[float, list[dict[str, Any]]]:
        """Score and reasons of two rows: as years of a project, else as texts; a reviewer's word is added."""
        said = self._said(a, b)
        n = self.found.year_pair.get((a, b), self.found.year_pair.get((b, a)))
        if n is not None:
            score, why = float(self._year_scores[n]), self.found.years.why(n)
        else:
            p, q = int(self.found.profile[a]), int(self.found.profile[b])
            m = self.found.text_pair.get((min(p, q), max(p, q)))
            if p == q:
                score, why = 1.0, [{"feature": "words", "score": 1.0, "value": 1.0, "weight": 1.0}]
            elif m is not None:
                score, why = float(self._text_scores[m]), self.found.text.why(m)
            else:
                score, why = 0.0, []
        score = round(sum(part["score"] for part in why), 4) + 0.0
        if said == 1:
            why = [*why, {"feature": "review", "score": round(1.0 - score, 4)}]
            score = 1.0
        return score, why

    def _said(self, a: int, b: int) -> int:
        """1 where a reviewer accepted the pair, -1 where one rejected it, else 0."""
        if frozenset((a, b)) in self._rejected:
            return -1
        return 1 if (a, b) in self._accepted or (b, a) in self._accepted else 0

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
