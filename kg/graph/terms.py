"""Terms: as the graph holds them, and as SPARQL writes them, so that nothing a person or a file says becomes part of
a query's code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

import pyoxigraph as ox

from index.text import compact
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


@lru_cache(65536)
def node(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


def typed(value: str, datatype: str) -> ox.Literal:
    return ox.Literal(value, datatype=node(datatype))


def plain_decimal(number: Decimal) -> str:
    """Canonical decimal: no exponent, no trailing zeros (``3540.00`` → ``3540``)."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def short_hash(*parts: object) -> str:
    """A mark of 12 hexadecimal digits; blanks, width and case of the parts do not matter."""
    joined = "\x1f".join(compact(str(part)) for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:12]
