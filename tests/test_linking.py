"""Funds, programmes and beneficiary groups: recognised in words, each with the cell that proves it."""

from __future__ import annotations

import pytest
from command import SAMPLE
from layout import ROWS, graph_of, table, value_row

from kg.graph.linking import crosses, programme, satisfied
from kg.graph.store import Store
from kg.knowledge import KnowledgeGraph

FUNDS = """SELECT ?project ?fund WHERE {
  ?p a jx:Project ; rdfs:label ?project ; jx:fundSource/skos:prefLabel ?fund FILTER(lang(?fund) != "en") }"""
GROUPS = """SELECT ?project ?group ?candidate WHERE {
  ?p a jx:Project ; rdfs:label ?project ; jx:beneficiary ?g . ?g skos:prefLabel ?group
  FILTER(lang(?group) != "en") OPTIONAL { ?g jx:candidate ?candidate } }"""
PROOFS = """SELECT ?concept ?quote ?text ?field ?row ?line WHERE {
  ?link a jx:Link ; rdf:subject ?p ; rdf:predicate PREDICATE ; rdf:object/skos:prefLabel ?concept ;
        jx:quote ?quote ; prov:wasQuotedFrom ?cell .
  ?p a jx:Project . ?cell jx:cellText ?text ; jx:field ?field ; jx:line ?line
  FILTER(lang(?concept) != "en") OPTIONAL { ?cell jx:row ?row } }"""


def funds(store: Store) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in store.select(FUNDS):
        found.setdefault(row["project"], set()).add(row["fund"])
    return found


def groups(store: Store) -> set[str]:
    return {row["group"] for row in store.select(GROUPS)}


@pytest.mark.parametrize(
    ("name", "line", "sources"),
    [
        ("公益性岗位补贴-01中央直达资金-就业补助资金", "公益性岗位补贴", {"中央直达资金", "就业补助资金"}),
        ("公益性岗位补贴（2025年中央就业补助资金）", "公益性岗位补贴", {"中央就业补助资金"}),
        ("就业创业服务补助(2025年中央就业补助资金)", "就业创业服务补助", {"中央就业补助资金"}),
        ("公益性岗位补贴（2024年中央就业补助资金）", "公益性岗位补贴", {"中央就业补助资金"}),
        ("2025年一般债券利息", "一般债券利息", {"一般债券"}),
        ("市人社局机关非财政拨款", "市人社局机关非财政拨款", {"其他资金"}),
        ("人才专项经费", "人才专项经费", {"财政资金"}),
        ("“海河英才”创业交流展示活动", "“海河英才”创业交流展示活动", {"财政资金"}),
        ("人才专项（支持世界技能大赛中国集训基地建设）", "人才专项（支持世界技能大赛中国集训基地建设）", {"财政资金"}),
    ],
)
def test_the_programme_and_the_funds_of_a_project_name(name: str, line: str, sources: set[str]) -> None:
    other = "非财政" in name
    store = graph_of(table(name, fiscal="" if other else None, other="100.00" if other else ""))
    assert programme(name) == line
    assert funds(store) == {name: sources}
    (row,) = store.select("SELECT ?l WHERE { ?p jx:programme/rdfs:label ?l }")
    assert row["l"] == line


def test_one_programme_under_two_funds(sample: KnowledgeGraph) -> None:
    rows = sample.store.select(
        """SELECT ?line (COUNT(DISTINCT ?p) AS ?n) WHERE { ?p jx:programme ?g . ?g rdfs:label ?line }
           GROUP BY ?g ?line HAVING (COUNT(DISTINCT ?p) > 1) ORDER BY ?line"""
    )
    assert {row["line"]: row["n"] for row in rows} == {
        "公益性岗位补贴": 2,
        "就业创业服务补助": 2,
        "其他就业补助": 2,
        "社会保险补贴": 2,
    }


def test_a_programme_goes_on_through_the_years() -> None:
    store = graph_of(("a-2024.txt", table("2024年技能培训")), ("b-2025.txt", table("2025年技能培训")))
    rows = store.select("SELECT DISTINCT ?g ?l WHERE { ?p jx:programme ?g . ?g rdfs:label ?l }")
    assert [row["l"] for row in rows] == ["技能培训"]


def test_projects_of_two_departments_are_two_programmes() -> None:
    store = graph_of(table(), ("b-2025.txt", table(department="201天津市教育委员会")))
    assert len(store.select("SELECT DISTINCT ?g WHERE { ?p jx:programme ?g }")) == 2


def test_a_fund_the_scheme_does_not_know_becomes_a_marked_candidate() -> None:
    store = graph_of(table("技能培训（海洋经济振兴资金）", fiscal=""))
    (row,) = store.select(
        "SELECT ?l ?c ?type WHERE { ?p jx:fundSource ?f . ?f skos:prefLabel ?l ; jx:candidate ?c ; a ?type }"
        " ORDER BY ?type LIMIT 1"
    )
    assert (row["l"], row["c"]) == ("海洋经济振兴资金", True)
    assert row["type"].endswith("FundSource") or row["type"].endswith("Concept")


def test_the_funds_of_the_sample(sample: KnowledgeGraph) -> None:
    found = funds(sample.store)
    assert len(found) == 23
    assert found["求职创业补贴-01中央直达资金-就业补助资金"] == {"中央直达资金", "就业补助资金"}
    assert found["2025年一般债券利息"] == {"一般债券"}
    assert found["市人社局机关非财政拨款"] == {"其他资金"}
    assert sum(found[p] == {"财政资金"} for p in found) == 12


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("用于困难毕业生就业创业帮扶", {"困难毕业生"}),
        ("促进高校毕业生和农民工等重点群体就业", {"高校毕业生", "农民工"}),
        ("向高校毕业生中的困难毕业生发放补贴", {"困难毕业生"}),
        ("丧失劳动能力人员基本生活费", {"丧劳人员"}),
        ("丧劳人员基本生活费", {"丧劳人员"}),
        ("为小微企业贴息", {"小微企业"}),
        ("提高校园安全水平", set()),
        ("用于机房改造", set()),
    ],
)
def test_groups_are_read_from_the_purpose_only_the_most_specific(words: str, expected: set[str]) -> None:
    store = graph_of(table("某项工作", purpose=words, goal="1.完成。", rows=[value_row("1个")]))
    assert groups(store) == expected


@pytest.mark.parametrize(
    ("start", "end", "word", "cross"),
    [(1, 3, (0, 2), True), (1, 3, (2, 4), True), (1, 3, (0, 4), False), (1, 3, (1, 2), False), (1, 3, (1, 3), False)],
)
def test_a_label_that_crosses_a_word(start: int, end: int, word: tuple[int, int], cross: bool) -> None:
    assert crosses(start, end, *word) is cross


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("项目尾款结算相对方满意度", "项目尾款结算相对方"),
        ("参训人员满意度", "参训人员"),
        ("享受安全技能补贴政策人员满意度", "享受安全技能补贴政策人员"),
        ("参加论坛人员的满意度", "论坛人员"),
        ("服务对象满意度", ""),
        ("服务对象满意度指标", ""),
        ("综合满意度", ""),
        ("满意度", ""),
        ("满意", ""),
        ("培训合格率", ""),
    ],
)
def test_who_is_satisfied(text: str, who: str) -> None:
    assert satisfied(text) == who


def test_a_group_the_scheme_does_not_know_becomes_a_marked_candidate(sample: KnowledgeGraph) -> None:
    candidates = {row["group"] for row in sample.store.select(GROUPS) if row["candidate"]}
    assert "项目尾款结算相对方" in candidates
    assert "高校毕业生" not in candidates
    marked = sample.store.select("SELECT ?c WHERE { ?c jx:candidate true . ?c a jx:BeneficiaryGroup }")
    assert {row["c"].rpartition("/")[0] for row in marked} == {"https://w3id.org/jixiao/id/group"}
    assert len(marked) == len(candidates)


def test_a_candidate_that_ends_in_a_known_group_stands_below_it() -> None:
    rows = [("满意度指标", "服务对象满意度指标", "享受技能补贴企业满意度", "", "≥90%")]
    store = graph_of(table("某项工作", purpose="用于补贴", goal="1.完成。", rows=rows))
    found = {row["group"] for row in store.select(GROUPS)}
    above = {r["l"] for r in store.select(
        "SELECT ?l WHERE { ?p jx:beneficiary/skos:broader* ?g . ?g skos:prefLabel ?l FILTER(lang(?l) != 'en') }"
    )}  # fmt: skip
    assert "企业" in found | above


@pytest.mark.parametrize("predicate", ["jx:fundSource", "jx:beneficiary"])
def test_every_link_of_the_sample_is_proved_by_a_cell_that_says_so(sample: KnowledgeGraph, predicate: str) -> None:
    lines = SAMPLE.read_text("utf-8").splitlines()
    rows = sample.store.select(PROOFS.replace("PREDICATE", predicate))
    assert len(rows) > 20
    for row in rows:
        text = "".join(row["text"].split())
        assert "".join(row["quote"].split()) in text, row
        assert row["text"].split("\n")[0].strip() in lines[row["line"] - 1], row


def test_every_beneficiary_and_fund_has_a_link(sample: KnowledgeGraph) -> None:
    unproved = sample.store.select(
        """SELECT ?p ?o WHERE { VALUES ?r { jx:fundSource jx:beneficiary } ?p a jx:Project ; ?r ?o
             FILTER NOT EXISTS { ?l rdf:subject ?p ; rdf:predicate ?r ; rdf:object ?o ; prov:wasQuotedFrom ?c } }"""
    )
    assert unproved == []


def test_beneficiaries_of_an_indicator_stand_in_its_row() -> None:
    rows = [*ROWS, ("产出指标", "数量指标", "服务农民工人数", "服务农民工人数", "≥10人")]
    store = graph_of(table(rows=rows))
    found = store.select(
        """SELECT ?label ?row WHERE { ?i a jx:Indicator ; rdfs:label ?label ; jx:row ?row ; jx:beneficiary ?g .
             ?g skos:prefLabel "农民工"@zh }"""
    )
    assert found == [{"label": "服务农民工人数", "row": 6}]
