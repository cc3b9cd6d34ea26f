"""What can be asked of a project or an indicator: read from the ontology, where a property is marked askable."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache
from importlib import resources

import pyoxigraph as ox

from kg.ask.logic.node import Node, node
from ontology import JX, PREFIXES

NUMBERS = ("decimal", "integer", "double")


@node
class Attribute(Node):
    """``name``: the property's local name. ``of``: project or indicator. ``kind``: money, number, text, value (written
    as targets are), concept or date. ``fields``: the cells that prove it. ``names``: the ways people name it.

    Of an amount of money a part alone: ``sources``, what comes from these funds; ``told``, what the purpose says that
    others pay (a pattern with the amount, and one by which all of it is theirs).
    """

    name: str
    label: str
    of: str
    kind: str
    unit: str
    fields: tuple[str, ...]
    names: tuple[str, ...]
    sources: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.label

    def stands_in(self, field: str) -> bool:
        """Whether a field's cell states it in so many words: ``fiscal_funds`` for ``fiscalFunds``."""
        first, *rest = field.split("_")
        return self.name.startswith(first + "".join(map(str.capitalize, rest)))


CLASSES = {"Project": "project", "Indicator": "indicator"}

_READ = """SELECT ?p ?of ?range ?unit ?label ?name ?field WHERE {
  ?p jx:askable true ; rdfs:label ?label . FILTER(lang(?label) = "zh")
  { ?p rdfs:domain ?of } UNION { ?p schema:domainIncludes ?of }
  OPTIONAL { ?p rdfs:range ?range } OPTIONAL { ?p jx:unit ?unit }
  OPTIONAL { ?p skos:altLabel ?name FILTER(lang(?name) = "zh") } OPTIONAL { ?p jx:provenBy ?field }
} ORDER BY ?p ?of ?name ?field"""


@cache
def attributes() -> dict[tuple[str, str], Attribute]:
    """(class, local name) → the attribute."""
    store = ox.Store()
    store.bulk_load(resources.files("ontology").joinpath("jixiao.ttl").read_bytes(), ox.RdfFormat.TURTLE)
    rows = store.query(_READ, prefixes=PREFIXES)
    assert isinstance(rows, ox.QuerySolutions)
    found: dict[tuple[str, str], dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        of = CLASSES.get(_local(row["of"]))
        if of is None:
            continue
        entry = found[of, _local(row["p"])]
        for key in ("range", "unit", "label", "name", "field"):
            if row[key] is not None:
                entry[key][row[key].value] = None
    return {
        (of, name): Attribute(
            name,
            next(iter(entry["label"])),
            of,
            _kind(next(iter(entry["range"]), ""), next(iter(entry["unit"]), "")),
            next(iter(entry["unit"]), ""),
            tuple(entry["field"]),
            (*entry["label"], *entry["name"]),
        )
        for (of, name), entry in found.items()
    }


def attribute(of: str, name: str) -> Attribute:
    return attributes()[of, name]


def deadline() -> Attribute:
    """When an indicator's target is due, to rank by."""
    return replace(attribute("indicator", "target"), label="期限", kind="deadline")


def _kind(range_: str, unit: str) -> str:
    local = range_.rpartition("#")[2]
    if range_ in (JX.Target, JX.ReportedValue):
        return "value"
    if local in NUMBERS:
        return "money" if unit == "元" else "number"
    if local in ("string", "langString"):
        return "text"
    if local == "date":
        return "date"
    if local == "boolean":
        return "boolean"
    return "concept"


def _local(term: object) -> str:
    value: str = getattr(term, "value", str(term))
    return value.rpartition("#")[2] if "#" in value else value.rpartition("/")[2]
