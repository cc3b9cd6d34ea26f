"""One project, several forms: counted once, each fact once and with its form; what forms disagree on is told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import offices
import pytest
from command import ROOT
from offices import C
from rdflib import Graph
from test_bureaus import store_of

import kg
from kg.graph import export
from kg.graph.checks.findings import check
from kg.graph.store import Store

HEAD = "<html><head><meta charset=utf-8></head><body><p>{title}</p><table border=1>"
TARGET = (
    HEAD + "<tr><td>项目名称</td><td colspan=3>{name}</td></tr>"
    "<tr><td>主管部门</td><td>{department}</td><td>实施单位</td><td>{unit}</td></tr>"
    "<tr><td rowspan=2>项目资金（万元）</td><td>年度资金总额</td><td colspan=2>{budget}</td></tr>"
    "<tr><td>其中：财政拨款</td><td colspan=2>{budget}</td></tr>"
    "<tr><td>年度绩效目标</td><td colspan=3>开展人工增雨。</td></tr>"
    "<tr><td>一级指标</td><td>二级指标</td><td>三级指标</td><td>指标值</td></tr>"
    "<tr><td>产出指标</td><td>数量指标</td><td>增雨作业次数</td><td>{times}</td></tr>"
    "<tr><td>产出指标</td><td>数量指标</td><td>新购作业车</td><td>大于等于4辆</td></tr></table></body></html>"
)
REVIEW = (
    HEAD + "<tr><td colspan=2>项目名称</td><td colspan=7>{name}</td></tr>"
    "<tr><td colspan=2>主管部门</td><td colspan=7>{department}</td></tr>"
    "<tr><td colspan=2 rowspan=2>项目资金（万元）</td><td></td><td>年初预算数</td><td>全年预算数</td><td>全年执行数</td><td>分值</td><td>执行率</td><td>得分</td></tr>"
    "<tr><td>年度资金总额</td><td>{budget}</td><td>{budget}</td><td>171.00</td><td>10</td><td></td><td>9.5</td></tr>"
    "<tr><td>一级指标</td><td>二级指标</td><td>三级指标</td><td>年度指标值</td><td>实际完成值</td><td>分值</td><td>得分</td><td colspan=2>偏差原因分析及改进措施</td></tr>"
    "<tr><td>产出指标</td><td>数量指标</td><td>增雨作业次数</td><td>≥24次</td><td>19次</td><td>50</td><td>40</td><td colspan=2>天气不利</td></tr>"
    "<tr><td>产出指标</td><td>数量指标</td><td>新购作业车</td><td>≥4辆</td><td>4辆</td><td>40</td><td>40</td><td colspan=2></td></tr></table></body></html>"
)


def target(name: str = "人工影响天气", budget: str = "180.00", times: str = "≥24次", unit: str = "临川市气象局",
           department: str = "301-临川市气象局", title: str = "2024年度项目支出绩效目标表") -> bytes:  # fmt: skip
    return TARGET.format(**locals()).encode()


def review(name: str = "人工影响天气", budget: str = "180.00", department: str = "气象局",
           title: str = "临川市气象局2024年度项目支出绩效自评表") -> bytes:  # fmt: skip
    return REVIEW.format(**locals()).encode()


COUNTS = """SELECT (COUNT(DISTINCT ?p) AS ?projects) (SUM(?b) AS ?budget) (COUNT(?b) AS ?amounts) {
  ?p a jx:Project OPTIONAL { ?p jx:budget ?b } }"""


def counts(store: Store) -> tuple[int, int, int]:
    (row,) = store.select(COUNTS)
    (indicators,) = store.select("SELECT (COUNT(DISTINCT ?i) AS ?n) { ?i a jx:Indicator }")
    return row["projects"], int(row["budget"] / 10_000), indicators["n"]


FILES = {"目标表.html": target(), "自评表.html": review()}


def test_a_self_evaluation_beside_its_targets_adds_no_project_no_money_and_no_indicator() -> None:
    alone = store_of(("目标表.html", target()))
    both = store_of(*FILES.items())
    assert counts(alone) == counts(both) == (1, 180, 2)
    assert len(list(export.rows(both))) == len(list(export.rows(alone))) == 2
    assert [r["executed_wan"] for r in export.rows(both)] == ["171", "171"]
    assert [r["forms"] for r in export.rows(both)] == ["绩效目标表、自评表"] * 2


def test_what_was_reached_stands_beside_the_target() -> None:
    rows = {r["indicator"]: r for r in export.rows(store_of(*FILES.items()))}
    shown = ("value", "actual", "weight", "score", "deviation", "outcome", "difference", "completion_rate")
    assert [rows["增雨作业次数"][c] for c in shown] == [
        "≥24次", "19次", "50", "40", "天气不利", "未完成目标", "-5次", "79.17",
    ]  # fmt: skip
    assert [rows["新购作业车"][c] for c in shown] == ["大于等于4辆", "4辆", "40", "40", "", "完成目标", "0辆", "100"]
    assert {r["execution_rate"] for r in rows.values()} == {"95"}
    assert {r["total_score"] for r in rows.values()} == {"89.5"}


def test_every_cell_says_its_form() -> None:
    rows = store_of(*FILES.items()).select(
        """SELECT DISTINCT ?document ?form { ?p a jx:Project ; prov:wasQuotedFrom ?c . ?c jx:document/rdfs:label ?document ;
             jx:form/skos:prefLabel ?form FILTER(LANG(?form) = "zh") } ORDER BY ?document"""
    )
    assert [tuple(r.values()) for r in rows] == [("目标表.html", "绩效目标表"), ("自评表.html", "自评表")]


def test_the_same_target_otherwise_written_is_no_difference() -> None:
    assert not _flagged(FILES)


def _flagged(files: dict[str, bytes]) -> list[str]:
    rows = store_of(*files.items()).select("SELECT ?message { ?f jx:code 'forms-differ' ; jx:message ?message }")
    return [r["message"] for r in rows]


DIFFERENT = {
    "the budget": ({"budget": "200.00"}, "200"),
    "a target": ({"times": "≥30次"}, "≥30次"),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_what_two_forms_disagree_on_is_told_and_the_targets_count(what: str) -> None:
    changed, words = DIFFERENT[what]
    files = {"目标表.html": target(**changed), "自评表.html": review()}
    (message,) = _flagged(files) if what == "a target" else _flagged(files)[:1]
    assert "以后者为准" in message
    store = store_of(*files.items())
    said = store.select(
        "SELECT ?b ?t { ?p jx:budget ?b ; jx:indicator ?i . ?i rdfs:label '增雨作业次数' ; jx:target/jx:text ?t }"
    )
    assert len(said) == 1
    assert words in (str(said[0]["b"] / 10_000).split(".")[0], said[0]["t"])


def test_two_units_of_one_department_keep_their_projects_of_one_name() -> None:
    two = store_of(("甲.html", target(unit="临川市一中")), ("乙.html", target(unit="临川市二中", budget="20.00")))
    assert counts(two) == (2, 200, 4)


def test_a_blank_form_is_told_and_is_no_project() -> None:
    blank = target(budget="0").decode().replace("≥24次", "").replace("大于等于4辆", "").encode()
    store = store_of(("空表.html", blank), ("别的.html", target(name="别的项目")))
    assert counts(store) == (1, 180, 2)
    assert [f.code for f in check(store, codes=["blank-form"])] == ["blank-form"]


def test_documents_that_come_and_go_leave_what_is_said_once(tmp_path: Path) -> None:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    data = tmp_path / "data"

    def now() -> tuple[tuple[int, int, int], Decimal | None, int, int]:
        with kg.open(data) as graph:
            rate = graph.store.select("SELECT ?r { ?p jx:executionRate ?r }")
            entries = graph.manifest.documents
            return (
                counts(graph.store),
                rate[0]["r"] if rate else None,
                sum(e.projects for e in entries),
                sum(e.indicators for e in entries),
            )

    kg.build(data, [tmp_path / "自评表.html"])
    assert now() == ((1, 180, 2), Decimal(95), 1, 2)
    kg.add(data, [tmp_path / "目标表.html"])
    assert now() == ((1, 180, 2), Decimal(95), 1, 2)
    with kg.open(data) as graph:
        (department,) = graph.store.select("SELECT ?l { ?d a jx:Department ; rdfs:label ?l }")
        assert department["l"] == "临川市气象局"
    kg.remove(data, ["自评表.html"])
    assert now() == ((1, 180, 2), None, 1, 2)


MONITORED = [
    [C("项目名称"), C("村道维护", colspan=5)],
    [C("主管部门"), C("临川市交通运输局", colspan=2), C("实施单位"), C("公路中心", colspan=2)],
    [C("项目资金（万元）", rowspan=2), C(""), *map(C, ("年初预算数", "1-7月执行数", "1-7月执行率", "全年预计执行数"))],
    [C("年度资金总额"), C("300.00"), C("160.00"), C("53.33%"), C("300.00")],
    [*map(C, ("一级指标", "二级指标", "三级指标", "年度指标值", "1-7月执行情况", "全年预计完成情况"))],
    [*map(C, ("产出指标", "数量指标", "维护村道里程", "≥120公里", "64公里", "120公里"))],
]
MONITORING = offices.docx([("2025年度项目支出绩效目标执行监控表", MONITORED)])


def test_forms_fundings_and_what_was_reached_conform_to_the_shapes() -> None:
    from pyshacl import validate

    files = {p.name: p.read_bytes() for p in sorted((ROOT / "tests" / "data" / "bureaus").iterdir())} | FILES
    files["监控.docx"] = MONITORING
    graph = Graph().parse(export.render(store_of(*files.items()), "turtle"), format="turtle")
    for file in sorted((ROOT / "ontology").glob("*.ttl")):
        if not file.name.endswith("shapes.ttl"):
            graph.parse(file)
    shapes = Graph().parse(ROOT / "ontology" / "shapes.ttl")
    conforms, _, text = validate(graph, shacl_graph=shapes, inference="none")
    assert conforms, text


def test_what_a_monitoring_form_says_was_reached_so_far_decides_nothing_about_the_year() -> None:
    store = store_of(("监控.docx", MONITORING))
    rows = store.select(
        """SELECT ?form ?spent ?reached ?field ?place WHERE {
             ?p a jx:Project ; jx:form/skos:prefLabel ?form ; jx:interimExecutedFunds ?spent ; jx:indicator ?i .
             ?i jx:interimValue/jx:text ?reached ; prov:wasQuotedFrom ?c . ?c jx:cellText ?reached ; jx:field ?field ; jx:place ?place
             FILTER(LANG(?form) = "zh") }"""
    )
    assert [tuple(r.values()) for r in rows] == [("监控表", 1_600_000, "64公里", "interim", "第1个表 第6行")]
    asked = "SELECT ?x { { ?x jx:outcome|jx:actual|jx:completionRate ?o } UNION { ?x jx:executedFunds|jx:executionRate ?o } }"
    assert store.select(asked) == []


def test_an_indicator_that_two_forms_of_one_file_quote_is_one_row_with_the_cell_of_its_table() -> None:
    both = target().replace(b"</body></html>", b"") + review().partition(b"<body>")[2]
    rows = list(export.rows(store_of(("表.html", both))))
    assert [(r["indicator"], r["value"], r["actual"]) for r in rows] == [
        ("增雨作业次数", "≥24次", "19次"), ("新购作业车", "大于等于4辆", "4辆"),
    ]  # fmt: skip
    assert [r["forms"] for r in rows] == ["绩效目标表、自评表"] * 2
    assert [r["place"] for r in rows] == ["第1个表 第7行", "第1个表 第8行"]


def test_words_of_another_tables_title_are_no_place_of_a_department() -> None:
    both = target().replace(b"</body></html>", b"") + review().partition(b"<body>")[2]
    assert {r["department"] for r in export.rows(store_of(("表.html", both)))} == {"临川市气象局"}
