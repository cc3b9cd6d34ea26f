"""The graph as passages for the index, and the terms its dictionary grows by."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.search import Passage
from kg.graph.linking import programme
from kg.graph.places import spots_in
from kg.graph.store import Store

PROJECTS = """
SELECT ?iri ?label ?year ?purpose ?table (GROUP_CONCAT(?g; separator="\\n") AS ?goals) WHERE {
  ?iri a jx:Project ; rdfs:label ?label ; jx:table ?table .
  OPTIONAL { ?iri jx:fiscalYear ?year }
  OPTIONAL { ?iri jx:purpose ?purpose }
  OPTIONAL { ?iri jx:goal ?g }
} GROUP BY ?iri ?label ?year ?purpose ?table ORDER BY ?table"""

INDICATORS = """
SELECT ?iri ?label ?p ?description ?target ?table ?row WHERE {
    ?iri a jx:Indicator ; rdfs:label ?label ; jx:project ?p ; jx:table ?table ; jx:row ?row ; jx:target ?t .
    ?t jx:text ?target .
    OPTIONAL { ?iri jx:description ?description }
} ORDER BY ?table ?row ?description"""

# A project's name may stand in another document's graph than its indicators.
NAMES = """
SELECT ?p ?label ?year WHERE {
  VALUES ?p { %s } ?p rdfs:label ?label . OPTIONAL { ?p jx:fiscalYear ?year } }"""

LABELS = """
SELECT DISTINCT ?label WHERE {
  VALUES ?kind { jx:BeneficiaryGroup jx:FundSource jx:IndicatorType }
  ?c a ?kind . { ?c skos:prefLabel ?label } UNION { ?c skos:altLabel ?label }
  FILTER(lang(?label) != "en")
}"""

TERM = re.compile(r"[\u4e00-\u9fff]{2,12}")


def passages(store: Store, document: str, name: str) -> Iterator[Passage]:
    """Projects, then indicators, of the document with this IRI and name.

    Texts are what is distinct: the project's context is joined in the graph.
    """
    stands = spots_in(store, document, "jx:Project", ("project",))
    for row in store.select(PROJECTS, document):
        texts = [row["label"], row["purpose"], *(row["goals"] or "").split("\n")]
        yield Passage(
            row["iri"],
            "project",
            row["label"],
            row["label"],
            row["year"],
            "；".join(filter(None, dict.fromkeys(texts[1:]))) or row["label"],
            name,
            row["table"],
            None,
            tuple(filter(None, dict.fromkeys(texts))),
            **stands.get(row["iri"], {}),
        )
    stands = spots_in(store, document, "jx:Indicator", ("name",))
    rows = store.select(INDICATORS, document)
    projects = {
        row["p"]: row for row in store.select(NAMES % " ".join(f"<{p}>" for p in sorted({row["p"] for row in rows})))
    }
    for row in rows:
        described = row["description"] if row["description"] != row["label"] else None
        yield Passage(
            row["iri"],
            "indicator",
            row["label"],
            projects[row["p"]]["label"],
            projects[row["p"]]["year"],
            "｜".join(filter(None, (row["label"], described, row["target"]))),
            name,
            row["table"],
            row["row"],
            tuple(filter(None, (row["label"], described))),
            **stands.get(row["iri"], {}),
        )


def terms(store: Store) -> Iterator[str]:
    """Words that segmentation keeps whole: labels of concepts and the programmes' names."""
    for row in store.select(LABELS):
        if TERM.fullmatch(row["label"]):
            yield row["label"]
    for row in store.select("SELECT DISTINCT ?label WHERE { ?p a jx:Project ; rdfs:label ?label }"):
        if TERM.fullmatch(line := programme(row["label"])):
            yield line
