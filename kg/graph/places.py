"""Where a cell stands, in the words of the reader who opens that file, and as fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kg.graph.store import Row, Store

STANDS = (
    "OPTIONAL { ?cell jx:place ?place } OPTIONAL { ?cell jx:sheet ?sheet } OPTIONAL { ?cell jx:cell ?ref } "
    "OPTIONAL { ?cell jx:page ?page } OPTIONAL { ?cell jx:line ?line }"
)
"""What the graph says of where ``?cell`` stands."""
SPOT = "?place ?sheet ?ref ?page ?line"
"""The variables of STANDS."""
Spot = dict[str, Any]
"""``place`` in words; ``sheet``, ``cell``, ``page``, ``line`` as the format has them, else None."""


def spot(row: Row) -> Spot:
    """Where a cell stands, of a solution with the variables of SPOT."""
    return {
        "place": row["place"],
        "sheet": row["sheet"],
        "cell": row["ref"],
        "page": row["page"],
        "line": row["line"],
    }


def spots(store: Store, kind: str, fields: Sequence[str]) -> dict[tuple[str, str], Spot]:
    """Of each thing of class ``kind`` in each document, by (document's name, IRI), its cell of the first of ``fields``."""
    found: dict[tuple[str, str], Spot] = {}
    for field in fields:
        for row in store.select(
            f"""SELECT ?document ?thing {SPOT} WHERE {{ GRAPH ?d {{
              ?d rdfs:label ?document . ?thing a {kind} ; prov:wasQuotedFrom ?cell . ?cell jx:field "{field}" . {STANDS}
            }} }} ORDER BY ?cell"""
        ):
            found.setdefault((row["document"], row["thing"]), spot(row))
    return found


def spots_in(store: Store, document: str, kind: str, fields: Sequence[str]) -> dict[str, Spot]:
    """The same of one document, by IRI; ``document`` is its IRI."""
    found: dict[str, Spot] = {}
    for field in fields:
        rows = store.select(
            f"""SELECT ?thing {SPOT} WHERE {{
              ?thing a {kind} ; prov:wasQuotedFrom ?cell . ?cell jx:field "{field}" . {STANDS} }} ORDER BY ?cell""",
            document,
        )
        for row in rows:
            found.setdefault(row["thing"], spot(row))
    return found
