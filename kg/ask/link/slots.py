"""A question whose frame the rules read, but for a project that is called by words of one's own.

“治松树虫病的那个项目一共给了多少钱”: the words before 那个项目 are looked up by meaning (kg.ask.link.nearest), and what they
come nearest to stands in the lattice as a name would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kg.ask.link.edges import Edge
from kg.ask.link.lattice import Lattice
from kg.ask.link.nearest import Near, Nearest, model
from kg.ask.link.triggers import entries
from kg.ask.logic.attributes import Attribute
from kg.ask.tokens import Tokens

COST = 0.15  # of a name that is none


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of a question, the project that it is taken for, and the lattice with that name in it."""

    start: int
    end: int
    said: str
    near: Near
    lattice: Lattice


def slots(nearest: Nearest, tokens: Tokens, lattice: Lattice) -> Iterator[Slot]:
    """The parts of a question that call a project by words of their own, surely enough."""
    text = tokens.text
    if any(said in text for said in model()["several"]):
        return
    first = next((t.start for t in tokens.items if t.kind == "word" or t.entity), len(text))
    named = [t.start for t in tokens.entities("project", "programme")]
    for words, end in _ends(tokens, lattice):
        own = any(t.kind == "word" and first <= t.start < words for t in tokens.items)
        if not own or any(first <= start < end for start in named) or "," in text[first:words]:
            continue
        near = nearest.called(tokens, lattice, first, words)
        if near is not None and near.enough:
            name = Edge(first, end, "S", near.project, COST, near.label)
            yield Slot(first, end, text[first:words], near, replace(lattice, edges=[*lattice.edges, name]))


def _ends(tokens: Tokens, lattice: Lattice) -> Iterator[tuple[int, int]]:
    """Where the words end, and where the name that they stand for does."""
    text = tokens.text
    found: dict[tuple[int, int], None] = {}
    for head in model()["heads"]:
        at = text.find(head)
        if at > 0:
            found[at, at + len(head)] = None
    for edge in lattice.edges:
        attribute = edge.meaning if isinstance(edge.meaning, Attribute) and edge.meaning.of == "project" else None
        if attribute is None or edge.category not in ("A", "AW", "AHM") or text[edge.start - 1 : edge.start] != "的":
            continue
        if (
            attribute.name != "budget" or edge.category == "AHM" or edge.said in entries()["own_names"]
        ):  # 的钱: any money
            found[edge.start - 1, edge.start] = None
    yield from found
