"""The SKOS schemes as the linker and the questions need them: concepts by label, and what is broader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from index.matcher import Matcher
from kg.graph.store import Store, ontology_store
from ontology import GRAPH, JX


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
    multipliers: dict[str, tuple[Decimal, str]]  # unit IRI → (multiplier, base unit IRI)
    forms: Scheme
    ranks: dict[str, int]  # form IRI → how much it counts beside others, 1 the most


@cache
def vocabulary() -> Vocabulary:
    """The shipped schemes (about 20 ms, once a process)."""
    store = Store(ontology_store())
    rows = store.select(
        """SELECT ?unit (SAMPLE(?m) AS ?multiplier) (SAMPLE(?b) AS ?base) WHERE {
             ?unit a qudt:Unit . OPTIONAL { ?unit qudt:conversionMultiplier ?m } OPTIONAL { ?unit qudt:scalingOf ?b }
           } GROUP BY ?unit"""
    )
    return Vocabulary(
        groups=_scheme(store, f"<{JX.BeneficiaryGroup}>"),
        funds=_scheme(store, f"<{JX.FundSource}>"),
        types=_scheme(store, f"<{JX.IndicatorType}>"),
        units=_scheme(store, "qudt:Unit"),
        multipliers={row["unit"]: (Decimal(row["multiplier"] or 1), row["base"] or row["unit"]) for row in rows},
        forms=_scheme(store, f"<{JX.Form}>"),
        ranks={row["form"]: row["rank"] for row in store.select("SELECT ?form ?rank { ?form jx:rank ?rank }")},
    )


def quantity_kinds(store: Store) -> dict[str, str]:
    """Unit IRI → local name of what it is a unit of: kind-money, kind-ratio, kind-count-person …"""
    rows = store.select("SELECT ?unit ?kind WHERE { ?unit qudt:hasQuantityKind ?kind }", GRAPH)
    return {row["unit"]: row["kind"].rpartition("/")[2] for row in rows}


def _scheme(store: Store, kind: str) -> Scheme:
    concepts: dict[str, Concept] = {}
    rows = store.select(
        f"""SELECT ?c ?p ?v WHERE {{
              ?c a {kind} ; ?p ?v . FILTER(?p IN (skos:prefLabel, skos:altLabel, skos:broader, skos:notation))
              FILTER(!isLiteral(?v) || lang(?v) != "en")
            }} ORDER BY ?c ?p ?v"""
    )
    for row in rows:
        concept = concepts.setdefault(row["c"], Concept(row["c"], ""))
        value = row["v"]
        match row["p"].rpartition("#")[2]:
            case "prefLabel":
                concept.label = value
            case "altLabel":
                concept.alts.append(value)
            case "broader":
                concept.broader.append(value)
            case _:
                concept.notation = value
    return Scheme(concepts)
