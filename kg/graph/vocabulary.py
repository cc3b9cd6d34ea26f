"""The SKOS schemes as the linker and the questions need them: concepts by label, and what is broader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import pyoxigraph as ox

from index.matcher import Matcher
from ontology import JX, PREFIXES, turtle_files


@dataclass(slots=True)
class Concept:
    """A SKOS concept: its IRI, Chinese preferred label, other labels, broader IRIs, notation."""

    iri: str
    label: str
    alts: list[str] = field(default_factory=list)
    broader: list[str] = field(default_factory=list)
    notation: str = ""

    @property
    def labels(self) -> list[str]:
        return [self.label, *self.alts]


class Scheme:
    """The concepts of one class, found by IRI or by the labels that occur in a text."""

    def __init__(self, concepts: dict[str, Concept]) -> None:
        self.concepts = concepts
        self.matcher = Matcher((label, c.iri) for c in concepts.values() for label in c.labels)

    def __iter__(self) -> Iterator[Concept]:
        return iter(self.concepts.values())

    def __getitem__(self, iri: str) -> Concept:
        return self.concepts[iri]

    def ancestors(self, iri: str) -> set[str]:
        """Every concept broader than ``iri``, at any distance."""
        found: set[str] = set()
        todo = list(self.concepts[iri].broader) if iri in self.concepts else []
        while todo:
            parent = todo.pop()
            if parent not in found:
                found.add(parent)
                todo += self.concepts[parent].broader if parent in self.concepts else []
        return found

    def most_specific(self, iris: set[str]) -> set[str]:
        """``iris`` without those that are broader than another of them."""
        return iris - {above for iri in iris for above in self.ancestors(iri)}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    groups: Scheme
    funds: Scheme
    types: Scheme
    units: Scheme
    multipliers: dict[str, tuple[str, str]]  # unit IRI → (decimal multiplier, base unit IRI)


def ontology_store() -> ox.Store:
    """All Turtle files of the ontology, parsed into a store in memory."""
    store = ox.Store()
    for file in turtle_files():
        store.bulk_load(file.read_bytes(), ox.RdfFormat.TURTLE)
    return store


@cache
def vocabulary() -> Vocabulary:
    """The shipped schemes (about 20 ms, once a process)."""
    store = ontology_store()
    rows = store.query(
        """SELECT ?unit (SAMPLE(?m) AS ?multiplier) (SAMPLE(?b) AS ?base) WHERE {
             ?unit a qudt:Unit . OPTIONAL { ?unit qudt:conversionMultiplier ?m } OPTIONAL { ?unit qudt:scalingOf ?b }
           } GROUP BY ?unit""",
        prefixes=PREFIXES,
    )
    multipliers = {
        row["unit"].value: (
            row["multiplier"].value if row["multiplier"] else "1",
            row["base"].value if row["base"] else row["unit"].value,
        )
        for row in rows  # type: ignore[union-attr]
    }
    return Vocabulary(
        groups=_scheme(store, f"<{JX.BeneficiaryGroup}>"),
        funds=_scheme(store, f"<{JX.FundSource}>"),
        types=_scheme(store, f"<{JX.IndicatorType}>"),
        units=_scheme(store, "qudt:Unit"),
        multipliers=multipliers,
    )


def _scheme(store: ox.Store, kind: str) -> Scheme:
    concepts: dict[str, Concept] = {}
    rows = store.query(
        f"""SELECT ?c ?p ?v WHERE {{
              ?c a {kind} ; ?p ?v . FILTER(?p IN (skos:prefLabel, skos:altLabel, skos:broader, skos:notation))
              FILTER(!isLiteral(?v) || lang(?v) != "en")
            }} ORDER BY ?c ?p ?v""",
        prefixes=PREFIXES,
    )
    for row in rows:  # type: ignore[union-attr]
        concept = concepts.setdefault(row["c"].value, Concept(row["c"].value, ""))
        value = row["v"].value
        match row["p"].value.rpartition("#")[2]:
            case "prefLabel":
                concept.label = value
            case "altLabel":
                concept.alts.append(value)
            case "broader":
                concept.broader.append(value)
            case _:
                concept.notation = value
    return Scheme(concepts)
