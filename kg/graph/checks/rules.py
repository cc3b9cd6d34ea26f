"""The codes of ``kg check`` as data: SHACL-SPARQL shapes and checks of words, from ``quality-shapes.ttl``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import pyoxigraph as ox

from kg.graph.store import Store
from kg.graph.terms import plain_decimal

SEVERITIES = {"Violation": "error", "Warning": "warning", "Info": "info"}
SHAPES = "quality-shapes.ttl"
_READ = """PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX jxsh: <https://w3id.org/jixiao/shapes#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?code ?title ?asks ?severity ?message ?field ?select WHERE {
  ?check dcterms:identifier ?code ; rdfs:label ?title ; rdfs:comment ?asks ; sh:severity ?severity .
  OPTIONAL { ?check sh:sparql ?constraint }
  BIND(COALESCE(?constraint, ?check) AS ?says)
  ?says sh:message ?message .
  OPTIONAL { ?says jxsh:field ?field }
  OPTIONAL { ?says sh:select ?select }
}"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A code: what it is called, what the official rules ask, how its message is written, where it points.

    ``select`` is the shape's query ($this is the project or indicator), empty where a program looks.
    """

    code: str
    title: str
    asks: str
    severity: str
    message: str
    field: str = ""
    select: str = ""

    def say(self, values: Mapping[str, Any]) -> str:
        """The message with its placeholders filled, and what the rules ask."""
        said = re.sub(r"\{[?$](\w+)\}", lambda found: _shown(values.get(found[1])), self.message)
        return f"{said}。要求：{self.asks}" if self.asks else said


@dataclass(frozen=True, slots=True)
class Found:
    """Something found: its code, the project or indicator, the values of its message, the field it stands in."""

    code: str
    subject: str
    values: Mapping[str, Any]
    field: str = ""


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain_decimal(round(value, 4))
    return "" if value is None else str(value)


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its code, in the order of severity and code."""
    store = ox.Store()
    store.load(resources.files("ontology").joinpath(SHAPES).read_bytes(), ox.RdfFormat.TURTLE)
    found = [
        Rule(
            row["code"],
            row["title"],
            row["asks"],
            SEVERITIES[row["severity"].rpartition("#")[2]],
            row["message"],
            row["field"] or "",
            row["select"] or "",
        )
        for row in Store(store).select(_READ)
    ]
    order = list(SEVERITIES.values())
    return {rule.code: rule for rule in sorted(found, key=lambda rule: (order.index(rule.severity), rule.code))}


@cache
def check_words() -> dict[str, Any]:
    """The tables of ``words.toml``."""
    return tomllib.loads(resources.files("kg.graph.checks").joinpath("words.toml").read_text("utf-8"))
