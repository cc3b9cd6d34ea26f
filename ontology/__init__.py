"""The ontology: Turtle files an analyst can edit, and the Python names of their IRIs."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

__all__ = [
    "DATA",
    "DCAT",
    "DCTERMS",
    "FORM",
    "FUND",
    "GRAPH",
    "GROUP",
    "JX",
    "ORG",
    "OUTCOME",
    "OWL",
    "PREFIXES",
    "PROV",
    "QUDT",
    "RDF",
    "RDFS",
    "SCHEMA",
    "SKOS",
    "TYPE",
    "UNIT",
    "XSD",
    "Namespace",
    "turtle_files",
]


class Namespace(str):
    """An IRI prefix: ``JX.Project`` and ``JX["Project"]`` are full IRIs (rdflib's, without its import time).

    Names that are also methods of str (``title``, ``format``) need the brackets.
    """

    def __getattr__(self, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        iri = self.__dict__[name] = self + name  # made once: the next time it is found without asking here
        return iri

    def __getitem__(self, name: str) -> str:  # type: ignore[override]
        return self + name


JX = Namespace("https://w3id.org/jixiao/ontology#")
GROUP = Namespace("https://w3id.org/jixiao/group/")
FUND = Namespace("https://w3id.org/jixiao/fund/")
TYPE = Namespace("https://w3id.org/jixiao/indicator-type/")
FORM = Namespace("https://w3id.org/jixiao/form/")
OUTCOME = Namespace("https://w3id.org/jixiao/outcome/")
UNIT = Namespace("https://w3id.org/jixiao/unit/")
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
PROV = Namespace("http://www.w3.org/ns/prov#")
ORG = Namespace("http://www.w3.org/ns/org#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
QUDT = Namespace("http://qudt.org/schema/qudt/")
SCHEMA = Namespace("https://schema.org/")

GRAPH = "https://w3id.org/jixiao/ontology"
"""The named graph that holds the ontology and its schemes beside the documents' graphs."""

DATA = "https://w3id.org/jixiao/id/"
"""Base of instance IRIs where no other is configured."""

PREFIXES: dict[str, str] = {
    "jx": JX,
    "jxg": GROUP,
    "jxf": FUND,
    "jxt": TYPE,
    "jxu": UNIT,
    "jxform": FORM,
    "jxo": OUTCOME,
    "rdf": RDF,
    "rdfs": RDFS,
    "xsd": XSD,
    "skos": SKOS,
    "prov": PROV,
    "org": ORG,
    "dcterms": DCTERMS,
    "dcat": DCAT,
    "qudt": QUDT,
    "schema": SCHEMA,
}


def turtle_files() -> list[Traversable]:
    """The Turtle files of vocabulary and schemes (not SHACL shapes), in order of name."""
    files = (f for f in resources.files("ontology").iterdir() if f.name.endswith(".ttl"))
    return sorted((f for f in files if not f.name.endswith("shapes.ttl")), key=lambda f: f.name)
