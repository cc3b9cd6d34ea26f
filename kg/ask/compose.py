"""A question understood by composition: lattice, derivations, links; the best that leaves nothing telling unexplained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kg.ask.grammar.chart import Derivation, parse
from kg.ask.grammar.rules import grammar
from kg.ask.lexicon import Lexicon
from kg.ask.link.lattice import Lattice, Linker
from kg.ask.link.mentions import Mentions, latest
from kg.ask.logic.run import Result, Runner
from kg.ask.phrases import Phrases
from kg.ask.tokens import Tokens
from kg.graph.store import Store

TRIED = 12  # derivations that are linked
NEAR = 0.08  # two meanings this close are both offered


@dataclass(slots=True)
class Reading:
    """One way to understand a question."""

    value: Any
    cost: float
    derivation: Derivation
    notes: tuple[str, ...] = ()
    mixed: bool = False


@dataclass(slots=True)
class Readings:
    """All ways, best first, and the lattice they come from."""

    lattice: Lattice
    found: list[Reading] = field(default_factory=list)
    unlinked: int = 0


class Composer:
    """Understands questions about one graph."""

    def __init__(self, lexicon: Lexicon, phrases: Phrases, store: Store) -> None:
        self.lexicon, self.phrases, self.store = lexicon, phrases, store
        self.runner = Runner(store)
        self.linker = Linker(lexicon, phrases)
        self.mentions = Mentions(lexicon, phrases, store, self.runner)

    def read(self, tokens: Tokens) -> Readings:
        lattice = self.linker.lattice(tokens)
        out = Readings(lattice)
        derivations = parse(grammar(), lattice.edges, lattice.skips, len(tokens.text), "V")
        seen: dict[Any, None] = {}
        for derivation in derivations[:TRIED]:
            dated, mixed = latest(derivation.meaning, self.lexicon)
            link = self.mentions.link(dated, tokens.text)
            if link is None:
                out.unlinked += 1
                continue
            if link.value in seen:
                continue
            seen[link.value] = None
            out.found.append(Reading(link.value, derivation.cost + link.cost, derivation, link.notes, mixed))
        out.found.sort(key=lambda r: r.cost)
        return out

    def run(self, reading: Reading) -> Result:
        return self.runner.run(reading.value)
