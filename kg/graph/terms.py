"""Terms as SPARQL writes them, so that nothing a person or a file says becomes part of a query's code."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pyoxigraph as ox

from kg.errors import KgError


class IriError(KgError, ValueError):
    """What was given as an IRI is none."""


def literal(text: str) -> str:
    """A string literal."""
    return str(ox.Literal(text))


def iri(value: str) -> str:
    """``<…>``. Raises IriError for what is no absolute IRI."""
    try:
        return str(ox.NamedNode(value))
    except ValueError:
        raise IriError(f"“{value[:80]}”不是 IRI") from None


def decimal(number: Decimal) -> str:
    return f'"{number:f}"^^xsd:decimal'


def values(name: str, iris: Iterable[str]) -> str:
    """A VALUES block that binds ``?name`` to each IRI."""
    return f"VALUES ?{name} {{ {' '.join(map(iri, iris))} }}"
