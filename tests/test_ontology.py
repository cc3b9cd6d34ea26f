"""The ontology: it parses, says in two languages what the contract names, its schemes are sound, its shapes hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from command import ROOT
from rdflib import RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import OWL

from kg.graph import export
from kg.graph.vocabulary import Scheme, vocabulary
from kg.knowledge import KnowledgeGraph
from ontology import FUND, GROUP, JX, PREFIXES, QUDT, TYPE, UNIT

FILES = sorted((ROOT / "ontology").glob("*.ttl"))
TERMS = Namespace(JX)

CLASSES = [
    "BudgetDocument", "Department", "Project", "Programme", "FundSource", "BeneficiaryGroup", "IndicatorType",
    "Indicator", "Measure", "Target",
]  # fmt: skip
PROPERTIES = [
    "fiscalYear", "department", "budget", "fiscalFunds", "otherFunds", "purpose", "goal", "fundSource",
    "beneficiary", "indicator", "programme", "document", "type", "description", "formula", "target", "measures",
    "operator", "per", "deadline", "startDate", "frequency", "text",
]  # fmt: skip
SUBCLASSES = {
    "BudgetDocument": ["http://www.w3.org/ns/prov#Entity", "http://www.w3.org/ns/dcat#Distribution"],
    "Department": ["http://www.w3.org/ns/org#FormalOrganization"],
    "Project": ["https://schema.org/Project"],
    "FundSource": [str(SKOS.Concept)],
    "BeneficiaryGroup": [str(SKOS.Concept)],
    "IndicatorType": [str(SKOS.Concept)],
    "Target": [f"{QUDT}QuantityValue"],
}


@pytest.fixture(scope="module")
def ontology() -> Graph:
    """Vocabulary and schemes, without the shapes."""
    graph = Graph()
    for file in FILES:
        if not file.name.endswith("shapes.ttl"):
            graph.parse(file)
    return graph


@pytest.fixture(scope="module")
def everything(ontology: Graph, sample: KnowledgeGraph) -> Graph:
    """The ontology with the sample's graph as it is exported."""
    return ontology + Graph().parse(export.render(sample.store, "turtle"), format="turtle")


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_every_file_is_turtle(file: object) -> None:
    assert len(Graph().parse(file)) > 100  # type: ignore[arg-type]


def languages(graph: Graph, subject: URIRef, predicate: URIRef) -> set[str | None]:
    return {o.language for o in graph.objects(subject, predicate) if isinstance(o, Literal) and o.strip()}


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_of_the_contract(ontology: Graph, name: str) -> None:
    assert (TERMS[name], RDF.type, OWL.Class) in ontology
    assert languages(ontology, TERMS[name], RDFS.label) == {"zh", "en"}
    assert languages(ontology, TERMS[name], RDFS.comment) == {"zh", "en"}
    above = {str(o) for o in ontology.objects(TERMS[name], RDFS.subClassOf)}
    assert set(SUBCLASSES.get(name, [])) <= above


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_of_the_contract(ontology: Graph, name: str) -> None:
    kinds = set(ontology.objects(TERMS[name], RDF.type))
    assert kinds & {OWL.ObjectProperty, OWL.DatatypeProperty}
    assert languages(ontology, TERMS[name], RDFS.label) == {"zh", "en"}
    assert languages(ontology, TERMS[name], RDFS.comment) == {"zh", "en"}


def test_every_term_the_graph_uses_is_defined(ontology: Graph, everything: Graph) -> None:
    used = {p for p in everything.predicates() if p.startswith(JX)}
    used |= {o for o in everything.objects(None, RDF.type) if o.startswith(JX)}
    assert len(used) > 25
    assert {str(t) for t in used if not set(ontology.objects(t, RDF.type))} == set()


def test_deprecated_and_forbidden_terms_are_not_used(everything: Graph) -> None:
    assert list(everything.triples((None, URIRef(f"{QUDT}unit"), None))) == []
    assert list(everything.triples((None, OWL.sameAs, None))) == []
    assert list(everything.triples((None, OWL.imports, None))) == []


def test_the_graph_conforms_to_the_shapes(everything: Graph) -> None:
    from pyshacl import validate

    shapes = Graph().parse(ROOT / "ontology" / "shapes.ttl")
    conforms, _, text = validate(everything, shacl_graph=shapes, inference="none")
    assert conforms, text


BROKEN = {
    "a project without a name": "?p a jx:Project ; rdfs:label ?o",
    "an indicator without a target": "?p a jx:Indicator ; jx:target ?o",
    "a document without its hash": "?p a jx:BudgetDocument ; dcterms:identifier ?o",
    "a target without its words": "?p a jx:Target ; jx:text ?o",
}


@pytest.mark.parametrize("what", BROKEN)
def test_the_shapes_find_what_is_broken(ontology: Graph, what: str) -> None:
    from layout import graph_of, table
    from pyshacl import validate

    small = ontology + Graph().parse(export.render(graph_of(table()), "turtle"), format="turtle")
    shapes = Graph().parse(ROOT / "ontology" / "shapes.ttl")
    (row, *_) = small.query(f"SELECT ?p ?o WHERE {{ {BROKEN[what]} }}", initNs=PREFIXES)
    predicate = {"rdfs:label": RDFS.label, "jx:target": TERMS.target, "jx:text": TERMS.text}.get(
        BROKEN[what].split()[-2], URIRef(PREFIXES["dcterms"] + "identifier")
    )
    small.remove((row[0], predicate, row[1]))  # type: ignore[index]
    assert not validate(small, shacl_graph=shapes, inference="none")[0]


SCHEMES = {"groups": 150, "funds": 40, "types": 15, "units": 80}


def scheme(name: str) -> Scheme:
    found: Scheme = getattr(vocabulary(), name)
    return found


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_is_rich_enough(name: str) -> None:
    assert len(list(scheme(name))) >= SCHEMES[name]


def concepts(graph: Graph, kind: str) -> Iterator[URIRef]:
    for subject in graph.subjects(RDF.type, TERMS[kind]):
        assert isinstance(subject, URIRef)
        yield subject


@pytest.mark.parametrize("kind", ["BeneficiaryGroup", "FundSource", "IndicatorType"])
def test_every_concept_has_one_chinese_and_one_english_name_and_a_scheme(ontology: Graph, kind: str) -> None:
    for concept in concepts(ontology, kind):
        names = [o.language for o in ontology.objects(concept, SKOS.prefLabel) if isinstance(o, Literal)]
        assert sorted(map(str, names)) == ["en", "zh"], concept
        assert (concept, RDF.type, SKOS.Concept) in ontology
        assert list(ontology.objects(concept, SKOS.inScheme)), concept
        assert all((o, RDF.type, TERMS[kind]) in ontology for o in ontology.objects(concept, SKOS.broader))


@pytest.mark.parametrize("name", ["groups", "funds", "units"])
def test_no_label_is_on_two_concepts(name: str) -> None:
    labels = Counter(label for c in scheme(name) for label in dict.fromkeys(c.labels))
    assert [label for label, n in labels.items() if n > 1] == []
    assert [c.iri for c in scheme(name) if not c.label] == []


def test_no_indicator_type_label_is_twice_on_one_level() -> None:
    labels = Counter((c.notation, label) for c in scheme("types") for label in dict.fromkeys(c.labels))
    assert [label for label, n in labels.items() if n > 1] == []
    for concept in scheme("types"):
        assert concept.notation in ("1", "2")
        assert [scheme("types")[iri].notation for iri in concept.broader] == (["1"] if concept.notation == "2" else [])


@pytest.mark.parametrize("name", ["groups", "funds", "types"])
def test_broader_has_no_cycles(name: str) -> None:
    every = scheme(name)
    assert [c.iri for c in every if c.iri in every.ancestors(c.iri)] == []


def concept_of(name: str, label: str) -> str:
    (iri,) = scheme(name).matcher.get(label)
    return iri


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("丧劳人员", "丧失劳动能力人员"),
        ("高校毕业生", "应届毕业生"),
        ("信息系统使用人员", "信息化系统使用人员"),
        ("中小微企业", "中小企业"),
    ],
)
def test_two_names_of_one_group(one: str, other: str) -> None:
    assert concept_of("groups", one) == concept_of("groups", other)


@pytest.mark.parametrize(
    ("name", "narrow", "wide"),
    [
        ("groups", "困难毕业生", "高校毕业生"),
        ("groups", "离校未就业高校毕业生", "高校毕业生"),
        ("groups", "小微企业", "企业"),
        ("groups", "技工院校学生", "学生"),
        ("groups", "国企退休人员", "退休人员"),
        ("funds", "中央就业补助资金", "财政资金"),
        ("funds", "就业补助资金", "财政资金"),
        ("funds", "一般债券", "财政资金"),
    ],
)
def test_what_is_narrower_than_what(name: str, narrow: str, wide: str) -> None:
    assert concept_of(name, wide) in scheme(name).ancestors(concept_of(name, narrow))
    assert concept_of(name, narrow) not in scheme(name).ancestors(concept_of(name, wide))


def test_the_most_specific_concepts_leave_out_what_is_wider() -> None:
    groups = scheme("groups")
    narrow, wide, other = (concept_of("groups", x) for x in ("困难毕业生", "高校毕业生", "农民工"))
    assert groups.most_specific({narrow, wide, other}) == {narrow, other}


@pytest.mark.parametrize(
    ("label", "multiplier", "base"),
    [("万元", 10_000, "元"), ("亿元", 100_000_000, "元"), ("元", 1, "元"), ("小时", 60, "分钟"), ("公顷", 15, "亩")],
)
def test_units_convert_to_their_base(label: str, multiplier: int, base: str) -> None:
    factor, iri = vocabulary().multipliers[concept_of("units", label)]
    base_factor, base_iri = vocabulary().multipliers[concept_of("units", base)]
    assert iri == base_iri
    assert float(factor) == pytest.approx(multiplier * float(base_factor))


@pytest.mark.parametrize("pair", [("人", "人次"), ("天", "工作日"), ("家", "家次"), ("场", "人")])
def test_units_that_do_not_convert_have_different_bases(pair: tuple[str, str]) -> None:
    one, other = (vocabulary().multipliers[concept_of("units", label)][1] for label in pair)
    assert one != other


def test_the_sample_has_a_unit_for_everything_it_writes(sample: KnowledgeGraph) -> None:
    rows = sample.store.select(
        "SELECT DISTINCT ?u WHERE { ?t jx:writtenUnit ?u FILTER NOT EXISTS { ?t qudt:hasUnit ?x } }"
    )
    assert rows == []
    assert sample.store.select("SELECT ?u WHERE { ?u a qudt:Unit ; jx:candidate true }") == []


def test_the_names_of_concepts_stand_below_their_namespaces(ontology: Graph) -> None:
    for kind, space in (("BeneficiaryGroup", GROUP), ("FundSource", FUND), ("IndicatorType", TYPE)):
        assert [c for c in concepts(ontology, kind) if not c.startswith(space)] == []
    units = ontology.subjects(RDF.type, URIRef(f"{QUDT}Unit"))
    assert [str(u) for u in units if not str(u).startswith(UNIT)] == []
