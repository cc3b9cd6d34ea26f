"""What a question means where no rule reads it: the one indicator that all of its words together come nearest to.

Lay words (“没爹没妈的孩子”, “得排几天队”) stand in no list, yet the whole of a question mostly has one indicator that it
can be about: by the words they share, by what the value is (a sum for each person, a number of days), by the nearness
of their embeddings and of their project's. A conditional logit (McFadden 1974) over those features ranks the
candidates; a logistic model of the best one's features says how likely it is right. The weights stand in
``nearest.toml``; ``python -m benchmarks.nearest`` fits them.

Only a question that asks for one value is read so: whatever else it says (a comparison, a sum, a condition) has to be
read by the rules or not at all.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from kg.ask.lexicon import Lexicon
from kg.ask.link.lattice import Lattice
from kg.ask.link.mentions import expected_of
from kg.ask.logic.wanted import Wanted
from kg.ask.phrases import MANY_NEAR, Candidate, Expected, Phrases, Word, same_unit
from kg.ask.query import OfDepartment, OfYear
from kg.ask.tokens import Token, Tokens

ASKING = ("HM", "PER", "LIM")  # categories of words that say what kind of value is asked for
OTHER = ("A", "AW", "AHM", "NW")  # those that ask for something else
SAYS_LITTLE = 0.5  # cost of leaving a word out, up to which the question is still the same
FLOOR = 0.8  # cosine of what is not among the nearest, where nothing is
MISSING = 0.5  # of a word, below which a candidate does not hold it
ALIKE = 0.35  # of the score: candidates of one name that are this near to the best are meant, too
NAMES = frozenset({"group", "indicator", "fund", "project", "programme", "type"})


@cache
def model() -> dict[str, Any]:
    return tomllib.loads(resources.files("kg.ask.link").joinpath("nearest.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Gist:
    """What a question comes to without its structure: its telling words, what value it asks for, whose and of when,
    and what had to be left out (in the cost of leaving it out)."""

    text: str
    words: tuple[Word, ...]
    wanted: Wanted
    departments: tuple[str, ...]
    years: tuple[int, ...]
    left: float


@dataclass(frozen=True, slots=True)
class Near:
    """The candidates that a question is about, all of one name, how sure that is, and the features it was told by."""

    candidates: tuple[Candidate, ...]
    sure: float
    features: dict[str, float]


class Nearest:
    """Finds what questions about one graph come nearest to."""

    def __init__(self, lexicon: Lexicon, phrases: Phrases) -> None:
        self.lexicon, self.phrases = lexicon, phrases

    def gist(self, tokens: Tokens, lattice: Lattice) -> Gist | None:
        """None where the question says something that is neither a word of content nor of asking for one value."""
        if len(lattice.asks) > 1:
            return None
        asking = [e for e in lattice.edges if e.category in ASKING and isinstance(e.meaning, Wanted)]
        if not any(e.category == "HM" for e in asking):
            return None
        asked = {p for e in asking for p in range(e.start, e.end)}
        said: list[Token] = []
        departments: tuple[str, ...] = ()
        years: tuple[int, ...] = ()
        scope = [(e, c) for e in lattice.edges if e.category == "C" for c in e.meaning]
        told: set[int] = set()
        for edge, condition in scope:
            if isinstance(condition, OfDepartment):
                departments = tuple(dict.fromkeys((*departments, *condition.iris)))
            elif isinstance(condition, OfYear):
                years = tuple(dict.fromkeys((*years, *condition.years)))
            else:
                continue
            told.update(range(edge.start, edge.end))
        if len(years) > 1:
            return None
        left = 0.0
        costs = {(s.start, s.end): s.cost for s in lattice.skips}
        for token in tokens.items:
            span = set(range(token.start, token.end))
            if span <= told or span <= asked or token.kind == "light":
                continue
            if token.kind == "word" or (token.entity and token.entity.kind in NAMES):
                said.append(token)
                continue
            cost = costs.get((token.start, token.end), 1.0)
            if any(e.category in OTHER and e.start == token.start and e.end == token.end for e in lattice.edges):
                return None  # it asks for another attribute: 预算, 原因
            if token.quantity is not None or cost > SAYS_LITTLE:
                return None
            left += cost
        for start, end, categories in lattice.strong:
            span = set(range(start, end))
            if not categories & set(ASKING) and not (span <= told or any(span & set(range(t.start, t.end)) for t in said)):
                return None
        wanted = Wanted()
        for edge in sorted(asking, key=lambda e: (e.start - e.end, e.cost)):
            wanted = wanted.with_(edge.meaning)
        if not said or not wanted.kinds:
            return None
        words = tuple(self.phrases.word(t.text) for t in said)
        return Gist(tokens.text, words, wanted, departments, years, left)

    def ranked(self, gist: Gist) -> list[tuple[Candidate, dict[str, float]]]:
        """The candidates with their features, best first by ``score``."""
        expected = expected_of(gist.wanted)
        near = self.phrases.near(gist.text, MANY_NEAR)
        floor = min(near.values(), default=FLOOR)
        newest = self.lexicon.years[:1]
        found = []
        for c in self.phrases.around(gist.text, gist.words):
            project = self.lexicon.projects[c.project]
            if gist.departments and project.department not in gist.departments:
                continue
            if project.year and project.year not in (gist.years or newest):
                continue
            features = self._features(c, gist, expected, near, floor)
            found.append((replace(c, score=_score(features)), features))
        return sorted(found, key=lambda f: (-f[0].score, f[0].iri))

    def _features(
        self, c: Candidate, gist: Gist, expected: Expected, near: dict[str, float], floor: float
    ) -> dict[str, float]:
        total = sum(w.weight for w in gist.words) or 1.0
        own = sum(w.weight * w.found_in(c.own) for w in gist.words) / total
        around = sum(w.weight * max(w.found_in(c.own), w.found_in(c.context)) for w in gist.words) / total
        fits = expected.fits(c)
        return {
            "own": own,
            "around": around,
            "fits": fits,
            "unfit": float(fits == 0),
            "fit": float(fits == 1),
            "each": float(bool(c.per) and not expected.each and "per" not in expected.kinds),
            "meaning": near.get(c.iri, floor),
            "project": near.get(c.project, floor),
        }

    def find(self, gist: Gist) -> Near | None:
        expected = expected_of(gist.wanted)
        ranked = self.ranked(gist)
        if not ranked:
            return None
        best, features = ranked[0]
        chances = _chances([c for c, _ in ranked])
        alike = [c for c, _ in ranked if c.label == best.label]
        chance = sum(p for (c, _), p in zip(ranked, chances, strict=True) if c.label == best.label)
        rival = next((c.score for c, _ in ranked if c.label != best.label), best.score - 5)
        weights = [w.weight for w in gist.words]
        missing = [w.weight for w in gist.words if w.found_in(f"{best.own} {best.context}") < MISSING]
        told = {
            **features,
            "missing": max(missing, default=0.0) / max(weights),
            "lacking": float(len(missing)),
            "counted": float(bool(expected.unit)),
            "unit": float(bool(expected.unit) and same_unit(expected.unit, best.unit)),
            "dated": float(bool(expected.kinds & {"date", "frequency", "time"})),
            "chance": math.log(max(chance, 1e-4) / max(1 - chance, 1e-4)),
            "lead": min(3.0, best.score - rival),
            "left": gist.left,
            "words": float(len(gist.words)),
            "unknown": float(sum(not self.phrases.known(w.text) for w in gist.words)),
        }
        same = tuple(c for c in alike if c.score >= best.score - ALIKE)
        return Near(same, _sure(told), told)


def _score(features: dict[str, float]) -> float:
    weights = model()["rank"]
    return sum(weights[name] * value for name, value in features.items())


def _chances(candidates: Sequence[Candidate]) -> list[float]:
    most = max(c.score for c in candidates)
    odds = [math.exp(c.score - most) for c in candidates]
    return [o / sum(odds) for o in odds]


def _sure(features: dict[str, float]) -> float:
    weights = model()["sure"]
    total = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
