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

from index.segment import part_of_speech
from kg.ask.lexicon import Lexicon
from kg.ask.link.lattice import Lattice
from kg.ask.link.mentions import expected_of
from kg.ask.logic.attributes import attributes
from kg.ask.logic.conditions import Is
from kg.ask.logic.plain import OfDepartment, OfYear
from kg.ask.logic.sets import Set
from kg.ask.logic.values import Each
from kg.ask.logic.wanted import Wanted
from kg.ask.phrases import MANY_NEAR, Candidate, Expected, Phrases, Word, same_unit
from kg.ask.tokens import Token, Tokens

ASKING = ("HM", "PER", "LIM")  # categories of words that say what kind of value is asked for
OTHER = ("A", "AW", "AHM", "NW")  # those that ask for something else
SAYS_LITTLE = 0.5  # cost of leaving a word out, up to which the question is still the same
FLOOR = 0.8  # cosine of what is not among the nearest, where nothing is
COUNTING = ("几", "多")  # 几天, 多少小时
HELD = 0.5  # of a word, below which a candidate does not hold it
NOUNS = "nlij"  # parts of speech
FAR, LEAST = 3.0, 1e-4  # a lead that is not told from a longer one; a chance from none
ALIKE = 0.35  # of the score: candidates of one name that are this near to the best are meant, too
FEATURES = ("own", "around", "fits", "fit", "each", "meaning", "project")
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
    timed: bool  # how many days or hours


@dataclass(frozen=True, slots=True)
class Near:
    """The candidates that a question is about, all of one name, how sure that is, and the features it was told by."""

    candidates: tuple[Candidate, ...]
    sure: float
    features: dict[str, float]

    @property
    def value(self) -> Each:
        """The value that it asks for."""
        found = Set("indicator", (Is(tuple(c.iri for c in self.candidates), self.candidates[0].label),))
        return Each(found, (attributes()["indicator", "target"],))


class Nearest:
    """Finds what questions about one graph come nearest to."""

    def __init__(self, lexicon: Lexicon, phrases: Phrases) -> None:
        self.lexicon, self.phrases = lexicon, phrases

    def meant(self, tokens: Tokens, lattice: Lattice) -> Near | None:
        """What a question comes nearest to, where that is sure enough."""
        gist = self.gist(tokens, lattice)
        near = self.find(gist) if gist else None
        return near if near is not None and near.sure >= model()["answered"] else None

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
            if not categories & set(ASKING) and not (
                span <= told or any(span & set(range(t.start, t.end)) for t in said)
            ):
                return None
        wanted = Wanted()
        for edge in sorted(asking, key=lambda e: (e.start - e.end, e.cost)):
            wanted = wanted.with_(edge.meaning)
        if not said or not wanted.kinds:
            return None
        words = tuple(self.phrases.word(t.text) for t in said)
        timed = any("time" in e.meaning.kinds and e.said[:1] in COUNTING for e in asking)
        return Gist(tokens.text, words, wanted, departments, years, left, timed)

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
            if not self._may_answer(c, gist, expected):
                continue
            features = self._features(c, gist, expected, near, floor)
            found.append((replace(c, score=_score(features)), features))
        return sorted(found, key=lambda f: (-f[0].score, f[0].iri))

    def _may_answer(self, c: Candidate, gist: Gist, expected: Expected) -> bool:
        """Whether its value is of the kind asked for, counted in what is asked: 几家 asks for no 场次."""
        if not expected.fits(c) or (gist.timed and c.kind == "frequency"):
            return False
        head = c.unit.partition("/")[0]
        if not expected.unit or not head or {expected.unit, head} & set(model()["generic"]):
            return True
        return same_unit(expected.unit, head)

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
            "fit": float(fits == 1),
            "each": float(bool(c.per) and not expected.each and "per" not in expected.kinds),
            "meaning": near.get(c.iri, floor),
            "project": near.get(c.project, floor),
        }

    def find(self, gist: Gist) -> Near | None:
        """What the gist comes nearest to; None where there is nothing to choose from."""
        ranked = self.ranked(gist)
        return self.judged(gist, ranked) if ranked else None

    def judged(self, gist: Gist, ranked: Sequence[tuple[Candidate, dict[str, float]]]) -> Near:
        """The best of the candidates, and how sure it is."""
        best, features = ranked[0]
        most = best.score
        odds = [math.exp(c.score - most) for c, _ in ranked]
        chance = sum(o for (c, _), o in zip(ranked, odds, strict=True) if c.label == best.label) / sum(odds)
        chance = min(max(chance, LEAST), 1 - LEAST)
        rival = next((c.score for c, _ in ranked if c.label != best.label), most - FAR)
        told = {
            **features,
            **self._missing(gist, best),
            "chance": math.log(chance / (1 - chance)),
            "lead": min(FAR, most - rival),
            "counted": float(bool(gist.wanted.unit)),
            "dated": float(bool({"date", "frequency", "time"} & set(gist.wanted.kinds))),
            "left": gist.left,
            "words": float(len(gist.words)),
        }
        same = tuple(c for c, _ in ranked if c.label == best.label and c.score >= most - ALIKE)
        return Near(same, _sure(told), told)

    def _missing(self, gist: Gist, best: Candidate) -> dict[str, float]:
        """What of the question the candidate does not say, by how telling it is."""
        missing = [w for w in gist.words if w.found_in(f"{best.own} {best.context}") < HELD]
        nouns = [w for w in missing if part_of_speech(w.text)[0] in NOUNS]
        return {
            "missing": max((w.weight for w in missing), default=0.0) / max(w.weight for w in gist.words),
            "lacking": float(len(missing)),
            "nouns": float(sum(self.phrases.known(w.text) for w in nouns)),
            "strange": float(sum(not self.phrases.known(w.text) for w in nouns)),
            "elsewhere": float(sum(w.found_in(best.own) < HELD for w in gist.words)),
            "unknown": float(sum(not self.phrases.known(w.text) for w in gist.words)),
        }


def _score(features: dict[str, float]) -> float:
    weights = model()["rank"]
    return sum(weights[name] * value for name, value in features.items())


def _sure(features: dict[str, float]) -> float:
    weights = model()["sure"]
    total = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features.items())
    return round(min(model()["most"], 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))), 2)
