"""Seven files of thirteen departments of an invented city: what its tables say, asked of the graph in SPARQL."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyoxigraph as ox
import pytest
from command import ROOT
from layout import mappers

from kg.graph.departments import Departments
from kg.graph.store import Store, ontology_store
from kg.readers.document import parse
from kg.tables import read_document
from ontology import GRAPH

FOLDER = ROOT / "tests" / "data" / "bureaus"


def store_of(*files: tuple[str, bytes]) -> Store:
    """Files loaded together, without the index."""
    store = Store(ox.Store())
    graph = ox.NamedNode(GRAPH)
    store.replace(GRAPH, (ox.Quad(q.subject, q.predicate, q.object, graph) for q in ontology_store()))
    for mapper in mappers([read_document(parse(name, data)) for name, data in files]):
        store.replace(mapper.iri, mapper.quads())
    return store


@pytest.fixture(scope="module")
def city() -> Store:
    return store_of(*((path.name, path.read_bytes()) for path in sorted(FOLDER.iterdir())))


def test_thirteen_departments_each_once(city: Store) -> None:
    rows = city.select("SELECT ?label (COUNT(?d) AS ?n) { ?d a jx:Department ; rdfs:label ?label } GROUP BY ?label")
    assert len(rows) == 13
    assert {row["n"] for row in rows} == {1}


SHORT = {
    "自规局": 1, "教体局": 2, "农业局": 1, "城管": 1, "住建": 3, "住建局": 3, "住房和城乡建设局": 3, "医保局": 2, "应急局": 1,
}  # fmt: skip


@pytest.mark.parametrize("name", SHORT)
def test_projects_of_a_department_by_its_short_name(city: Store, name: str) -> None:
    (department,) = Departments.of(city).match(name)
    (row,) = city.select(
        f"SELECT (COUNT(DISTINCT ?p) AS ?n) {{ ?p a jx:Project ; jx:fiscalYear 2025 ; jx:department <{department.iri}> }}"
    )
    assert row["n"] == SHORT[name]


P = "?p a jx:Project ; rdfs:label ?project ; jx:fiscalYear ?year ."
D = "?p jx:department/rdfs:label ?department ."
I = "?i jx:project ?p ; rdfs:label ?indicator ; jx:target ?t . ?t jx:text ?value ."  # noqa: E741
HOUSING = '?p jx:department/rdfs:label "临川市住房和城乡建设局" .'

ASKS: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "林业局有哪些项目？": (
        f'SELECT ?project ?year {{ {P} {D} FILTER(CONTAINS(?department, "林业局")) }} ORDER BY ?project',
        [("松材线虫病防治", 2024), ("生态护林员补助", 2024)],
    ),
    "林业局预算总额是多少？": (
        f'SELECT (SUM(?b) / 10000 AS ?wan) {{ {P} {D} ?p jx:budget ?b FILTER(CONTAINS(?department, "林业局")) }}',
        [(Decimal(630),)],
    ),
    "松材线虫病防治的资金来源有哪些？": (
        (
            f'SELECT ?source ?text {{ {P} FILTER(?project = "松材线虫病防治") ?p jx:funding ?f . ?f rdfs:label ?source ;'
            " prov:wasQuotedFrom/jx:cellText ?text } ORDER BY ?source"
        ),
        [
            ("中央林业改革发展资金", "中央林业改革发展资金300万元，省级林业专项资金120万元"),
            ("省级林业专项资金", "中央林业改革发展资金300万元，省级林业专项资金120万元"),
        ],
    ),
    "2024年哪些项目用中央林业改革发展资金？": (
        (
            f"SELECT DISTINCT ?project {{ {P} FILTER(?year = 2024) ?p jx:fundSource/skos:broader*/skos:prefLabel ?source"
            ' FILTER(STR(?source) = "中央林业改革发展资金") }'
        ),
        [("松材线虫病防治",)],
    ),
    "哪些项目用了一般债券": (
        (
            f"SELECT DISTINCT ?project ?field {{ {P} ?p jx:funding ?f . ?f jx:fundSource/skos:broader* ?fund ;"
            ' prov:wasQuotedFrom/jx:field ?field . ?fund skos:prefLabel ?source FILTER(STR(?source) = "一般债券") } '
        ),
        [("老旧小区改造", "goal")],  # said in the goals, so marked
    ),
    "残疾军人康复器具配置的财政资金是多少": (
        f'SELECT (?f / 10000 AS ?wan) {{ {P} FILTER(?project = "残疾军人康复器具配置") ?p jx:fiscalFunds ?f }}',
        [(Decimal(330),)],
    ),
    "残疾军人康复器具配置中央补助多少": (
        (
            f'SELECT (SUM(?a) / 10000 AS ?wan) {{ {P} FILTER(?project = "残疾军人康复器具配置") ?p jx:funding ?f .'
            " ?f jx:fundSource/skos:broader* jxf:central ; jx:amount ?a }"
        ),
        [(Decimal(200),)],
    ),
    "松材线虫病防治的钱有多少是省级的？": (
        (
            f'SELECT (SUM(?a) / 10000 AS ?wan) {{ {P} FILTER(?project = "松材线虫病防治") ?p jx:funding ?f .'
            " ?f jx:fundSource/skos:broader* jxf:provincial ; jx:amount ?a }"
        ),
        [(Decimal(120),)],
    ),
    "住房和城乡建设局2025年项目预算合计多少": (
        f"SELECT (SUM(?b) / 10000 AS ?wan) (COUNT(?p) AS ?n) {{ {P} {HOUSING} FILTER(?year = 2025) ?p jx:budget ?b }}",
        [(Decimal(2730), 3)],
    ),
    "住房和城乡建设局两年的预算总额分别是多少": (
        f"SELECT ?year (SUM(?b) / 10000 AS ?wan) {{ {P} {HOUSING} ?p jx:budget ?b }} GROUP BY ?year ORDER BY ?year",
        [(2024, Decimal(2790)), (2025, Decimal(2730))],
    ),
    "改造老旧小区个数2025年比2024年多几个": (
        f'SELECT (MAX(?n) - MIN(?n) AS ?more) {{ {P} {HOUSING} {I} ?t qudt:value ?n FILTER(?indicator = "改造老旧小区个数") }}',
        [(Decimal(3),)],
    ),
    "住建局2024年有、2025年没有的项目是哪个": (
        (
            f"SELECT ?project {{ {P} {HOUSING} FILTER(?year = 2024) ?p jx:programme ?line"
            " FILTER NOT EXISTS { ?q jx:programme ?line ; jx:fiscalYear 2025 } }"
        ),
        [("城区内涝整治",)],
    ),
    "住建局2025年新增了哪些项目": (
        (
            f"SELECT ?project {{ {P} {HOUSING} FILTER(?year = 2025) ?p jx:programme ?line"
            " FILTER NOT EXISTS { ?q jx:programme ?line ; jx:fiscalYear 2024 } }"
        ),
        [("农村危房改造",)],
    ),
    "除了城管局，哪些部门的预算超过1000万元": (
        (
            f'SELECT ?department {{ {P} {D} FILTER(?year = 2025 && ?department != "临川市城市管理局") ?p jx:budget ?b }}'
            " GROUP BY ?department HAVING(SUM(?b) > 10000000) ORDER BY ?department"
        ),
        [("临川市住房和城乡建设局",), ("临川市医疗保障局",)],
    ),
    "住建局2025年比2024年预算总额多多少": (
        f"SELECT (SUM(IF(?year = 2025, ?b, -?b)) / 10000 AS ?wan) {{ {P} {HOUSING} ?p jx:budget ?b }}",
        [(Decimal(-60),)],
    ),
    "除了医疗保障局，还有哪些部门的项目预算超过1000万元": (
        (
            f'SELECT DISTINCT ?department {{ {P} {D} FILTER(?department != "临川市医疗保障局") ?p jx:budget ?b'
            " FILTER(?b > 10000000) } ORDER BY ?department"
        ),
        [("临川市住房和城乡建设局",), ("临川市城市管理局",)],
    ),
    "按每人每年多少元定标准的指标有哪些": (
        f"SELECT ?indicator {{ {P} {I} ?t jx:per ?per FILTER(STR(?per) = '人·年') }} ORDER BY ?indicator",
        [("生态护林员管护补助标准",), ("群测群防员补助标准",)],
    ),
    "城里垃圾清运那个项目花多少钱": (
        f'SELECT ?project (?b / 10000 AS ?wan) {{ {P} ?p jx:budget ?b FILTER(CONTAINS(?project, "垃圾清运")) }}',
        [("城区生活垃圾清运", Decimal(1260))],
    ),
    "生态护林员管护补助标准是多少？": (
        f'SELECT ?value {{ {P} {I} FILTER(?indicator = "生态护林员管护补助标准") }}',
        [("10000元/人·年",)],
    ),
    "体育惠民券一张顶多多少钱": (
        f"SELECT ?value {{ {P} {I} ?t jx:per ?per FILTER(STR(?per) = '张') }}",
        [("≤50元/张",)],
    ),
    "拖拉机补一台最多多少": (
        f"SELECT ?value {{ {P} {I} ?t jx:per ?per FILTER(STR(?per) = '台') }}",
        [("≤50000元/台",)],
    ),
    "租不起房的人家一个月补多少钱": (
        f"SELECT ?value {{ {P} {I} FILTER(?year = 2025) ?t jx:per ?per FILTER(STR(?per) = '户·月') }}",
        [("≤245元/户·月",)],
    ),
    "接到火情多少分钟内要响应": (
        f"SELECT ?value {{ {P} {I} ?t jx:writtenUnit '分钟' FILTER(CONTAINS(?indicator, '火情')) }}",
        [("≤5分钟",)],
    ),
    "人工增雨作业2024年实际做了多少次": (
        f'SELECT ?text {{ {P} {I} ?i jx:actual/jx:text ?text FILTER(?indicator = "组织人工增雨作业次数") }}',
        [("19次",)],
    ),
    "2024年气象局哪些指标没有完成目标？": (
        (
            f"SELECT ?indicator ?by ?rate ?why {{ {P} {I} ?i jx:outcome jxo:missed ; jx:difference/jx:text ?by ;"
            " jx:completionRate ?rate ; jx:deviation ?why }"
        ),
        [("组织人工增雨作业次数", "-5次", Decimal("79.17"), "有利天气条件偏少")],
    ),
    "人工影响天气作业的预算执行率是多少": (
        (
            f"SELECT ?rate ?score ?wan ?total {{ {P} ?p jx:executionRate ?rate ; jx:executionScore ?score ;"
            " jx:executedFunds ?e ; jx:totalScore ?total BIND(?e / 10000 AS ?wan) }"
        ),
        [(Decimal(95), Decimal("9.5"), Decimal(171), Decimal("97.4"))],
    ),
    "气象局的满意度指标": (
        f'SELECT ?indicator ?value {{ {P} {D} {I} ?i jx:level1 "满意度指标" FILTER(CONTAINS(?department, "气象局")) }}',
        [("农户满意度", "≥88%")],
    ),
    "以“元/人·年”为单位的指标有哪些": (
        f"SELECT ?indicator {{ {P} {I} ?t jx:writtenUnit '元/人·年' }} ORDER BY ?indicator",
        [("生态护林员管护补助标准",), ("群测群防员补助标准",)],
    ),
    "2025年标准按元/吨计的指标有哪些": (
        f"SELECT ?indicator {{ {P} {I} FILTER(?year = 2025) ?t jx:writtenUnit '元/吨' }} ORDER BY ?indicator",
        [("储备费用标准",), ("垃圾清运单价",)],
    ),
    "每人每年标准最高的是哪个指标": (
        f"SELECT ?indicator ?value {{ {P} {I} ?t jx:writtenUnit '元/人·年' ; qudt:value ?n }} ORDER BY DESC(?n) LIMIT 1",
        [("生态护林员管护补助标准", "10000元/人·年")],
    ),
    "修危房的钱是谁给的": (
        (
            f'SELECT ?name {{ {P} FILTER(CONTAINS(?project, "危房")) ?p jx:funding/jx:fundSource/skos:prefLabel ?name'
            ' FILTER(LANG(?name) = "zh") }'
        ),
        [("财政资金",)],
    ),
    "2024年哪些项目是每月发放补助的": (
        f"SELECT ?project ?value {{ {P} {I} FILTER(?year = 2024) ?t jx:frequency ?f FILTER(STR(?f) = 'P1M') }}",
        [("生态护林员补助", "每月15日前")],
    ),
}


@pytest.mark.parametrize("question", ASKS)
def test_a_question_answered_by_the_graph(city: Store, question: str) -> None:
    query, right = ASKS[question]
    assert [tuple(row.values()) for row in city.select(query)] == right


def test_no_sum_of_funds_is_reported_as_false(city: Store) -> None:
    from kg.graph.checks.findings import check

    assert [f.code for f in check(city, codes=["funds-sum"])] == []
