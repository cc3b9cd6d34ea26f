"""How sure a reading is: a logistic model of what it costs and of what it leaves out, fitted to questions with answers.

The features and their weights stand in ``confidence.toml``; ``python -m benchmarks.confidence`` fits them anew. A
log-linear model over derivations, as in SEMPRE (Berant et al. 2013), here over the best one only: it says whether that
one is right, so that of answers given at .9 nine in ten are.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from importlib import resources
from typing import Any

from index.segment import part_of_speech
from kg.ask.grammar.chart import Derivation
from kg.ask.link.lattice import Lattice
from kg.ask.link.triggers import triggers
from kg.ask.logic.conditions import Is, walk
from kg.ask.logic.values import Computed, Number, Several
from kg.ask.logistic import chance
from kg.ask.tokens import Tokens

MUCH, MANY = 0.75, 0.5  # of costs, from which on a reading is seldom right
GAP = 0.5  # a next reading so much dearer is no rival
FAR = 1.4  # what is left out costs more: the question asks for something else
UNUSED = 0.25  # of a reading that leaves a word out that has to be used
PASSED = 0.2  # of a reading that leaves a word of content out
STRAY = 0.35  # of a follow-up that is read by itself


@cache
def model() -> dict[str, Any]:
    return tomllib.loads(resources.files("kg.ask").joinpath("confidence.toml").read_text("utf-8"))


def confidence(features: dict[str, float], *, stray: bool = False) -> float:
    """0…0.98: how likely a reading with these features is right; 0 for one that leaves so much out that the question
    asks for something else. ``stray``: it goes on from an answer and does not say of what it is."""
    if features["left"] > FAR:
        return 0.0
    sure = round(min(0.98, max(0.02, chance(model()["weights"], features))), 2)
    sure -= STRAY * stray
    sure -= UNUSED * (features["passed"] > 0)  # a word that has to be used is not, or half of what is asked
    sure -= PASSED * any(name.startswith("skip word") for name in features)  # a word of content is left out
    return round(max(0.02, sure), 2)


def leaning(cost: float) -> float:
    """The same for a question that goes on from the one before, by what its reading costs."""
    weights: dict[str, float] = model()["leaning"]
    return round(min(0.98, max(0.02, weights["bias"] + weights["cost"] * cost)), 2)


def features(
    tokens: Tokens, lattice: Lattice, derivation: Derivation, link: float, passed: float, gap: float, notes: int
) -> dict[str, float]:
    """What tells a right reading from a wrong one.

    ``link``: what it cost to link words; ``passed``: what words that have to be used and are not cost; ``gap``: how
    much dearer the next reading is that comes to something else.
    """
    skipped = derivation.skipped()
    costs = {(s.start, s.end): s.cost for s in lattice.skips}
    left = sum(costs.get(span, 0.0) for span in skipped)
    kinds = Counter(_kind(tokens, lattice, span) for span in skipped)
    meaning = derivation.meaning
    used = {p for a, b, _ in derivation.used() for p in range(a, b)}
    found = {
        "rules": derivation.cost - left,
        "left": left,
        "much left": float(left >= MUCH),
        "many rules": float(derivation.cost - left >= MANY),
        "link": link,
        "passed": passed,
        "gap": min(gap, GAP),
        "reworded": float(notes),
        "covered": len(used) / max(1, len(lattice.text)),
        "words": sum(c == "W" for _, _, c in derivation.used()),
        "several": len(meaning.parts) - 1.0 if isinstance(meaning, Several) else 0.0,
        "computed": float(isinstance(meaning, Number) and isinstance(meaning.of, Computed)),
        "named": float(any(isinstance(n, Is) for n in walk(meaning))),
        f"kind {type(meaning).__name__}": 1.0,
    }
    found |= {f"skip {kind}": float(count) for kind, count in kinds.items()}
    return found


def _kind(tokens: Tokens, lattice: Lattice, span: tuple[int, int]) -> str:
    """What kind of word is left out."""
    text = lattice.text[span[0] : span[1]]
    token = next((t for t in tokens.items if (t.start, t.end) == span), None)
    if token is not None and (token.quantity or token.entity):
        return "quantity" if token.quantity else "entity"
    if token is not None and token.kind == "light":
        return "light"
    known = triggers().get(text)
    if known:
        return known[0].category
    if token is None:
        return "mark"
    return f"word {part_of_speech(text)[0]}"
