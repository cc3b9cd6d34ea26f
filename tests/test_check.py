"""kg check: every finding of the sample and no other, each code by its smallest table, SHACL tools find the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import pytest
from command import ROOT, SECOND, STANDING, TESTS, Run, json_lines, one_error
from hypothesis import given
from hypothesis import strategies as st
from layout import Row, graph_of, record
from layout import table as any_table
from rdflib import SH, Graph, URIRef

from kg.errors import KgError
from kg.graph import export
from kg.graph.checks import Finding, check, rules
from kg.graph.checks.docs import page
from kg.graph.checks.typos import slips, unpaired
from kg.graph.checks.values import is_vague
from kg.graph.mapping import Mapper
from kg.graph.store import Store
from kg.graph.vocabulary import vocabulary
from kg.knowledge import KnowledgeGraph
from kg.tables.records import Flag, Quote

GOLD = json_lines(TESTS / "data" / "findings.jsonl")
MISSED = {("typo", 23, 19)}  # 设备运[维]保护: a character left out cannot be told from an abbreviation

CLEAN: list[Row] = [
    ("产出指标", "数量指标", "培训人数", "参加培训的人数", "≥200人"),
    ("", "质量指标", "培训合格率", "培训合格率", "≥95%"),
    ("", "时效指标", "培训完成时间", "培训完成时间", "2025年11月30日前"),
    ("", "成本指标", "培训经费", "培训经费", "≤100万元"),
    ("效益指标", "社会效益指标", "参训人员就业率", "参训人员就业率", "≥60%"),
    ("满意度指标", "服务对象满意度指标", "参训人员满意度", "参训人员满意度", "≥90%"),
]


table = partial(any_table, purpose="用于授课和考核。", rows=CLEAN)


def row(level2: str, name: str, value: str, description: str = "") -> Row:
    level1 = {"社": "效益指标", "服": "满意度指标"}.get(level2[0], "产出指标")
    return level1, level2, name, description or name, value


def with_rows(*rows: Row) -> str:
    """The clean table with these rows more; a cost row takes the place of the clean one."""
    clean = [r for r in CLEAN if not (r[1] == "成本指标" and any(new[1] == "成本指标" for new in rows))]
    return table(rows=[*clean, *rows])


def without(*level2: str) -> str:
    return table(rows=[("产出指标", *r[1:]) if not r[0] else r for r in CLEAN if r[1] not in level2])


def found(*documents: str) -> list[Finding]:
    return check(graph_of(*documents))


def codes(*documents: str) -> list[str]:
    return [f.code for f in found(*documents)]


def places(findings: Iterable[Finding]) -> set[tuple[str, int | None, int | None]]:
    return {(f.code, f.table, f.row) for f in findings}


# ---------------------------------------------------------------- the sample


def test_the_sample_has_the_findings_of_the_hand_written_list_and_no_other(sample: KnowledgeGraph) -> None:
    gold = {(g["code"], g["table"], g["row"]) for g in GOLD}
    got = sample.check()
    assert places(got) == gold - MISSED
    assert len(got) == len(gold - MISSED)


@pytest.mark.parametrize(
    ("code", "where", "words"),
    [
        ("cost-below-budget", (16, None), ["4320 万元", "4340 万元", "20 万元"]),
        ("unit-mismatch", (16, 28), ["人次", "≥1000场次"]),
        ("typo", (16, 16), ["海河英寸", "海河英才"]),
        ("typo", (8, 12), ["交通协官员", "交通协管员"]),
        ("typo", (23, 10), ["购置购置"]),
        ("unit-missing", (6, 29), ["≤2900", "万元"]),
        ("bound-impossible", (13, 12), ["≥100%"]),
        ("cost-lower-bound", (7, 4), ["≥3012元"]),
        ("value-vague", (7, 6), ["不断提升"]),
        ("name-is-type", (10, 6), ["社会效益指标"]),
    ],
)
def test_a_message_of_the_sample_names_the_values(
    sample: KnowledgeGraph, code: str, where: tuple[int, int | None], words: list[str]
) -> None:
    (message,) = [f.message for f in sample.check(codes=[code]) if (f.table, f.row) == where]
    assert [word for word in words if word not in message] == []
    assert "。要求：" in message


def test_another_department_has_its_own_findings() -> None:
    text = SECOND.read_text("utf-8")
    expected = {("kind-missing", 5, None)} | {
        ("value-vague", t, r)
        for t, r in [(3, 11), (4, 9), (5, 8), (6, 11), (7, 8), (8, 10), (9, 6), (10, 9), (11, 7), (11, 8)]
    }
    assert places(found(text)) == expected


def test_an_edited_year_is_over_its_budget() -> None:
    text = (TESTS / "data" / "edited-2024.txt").read_text("utf-8")
    over = {
        (f.table, f.value): f.message for f in check(graph_of(("a-2024.txt", text))) if f.code == "cost-above-budget"
    }
    assert set(over) == {(1, "3100.00"), (5, "5600.00")}
    assert "3250 万元" in over[1, "3100.00"]
    assert "未写单位" in over[1, "3100.00"]
    assert "5753 万元" in over[5, "5600.00"]


# ---------------------------------------------------------------- code by code

SMALLEST: dict[str, tuple[str, int | None]] = {
    "funds-sum": (table(fiscal="60.00", other="30.00"), None),
    "cost-above-budget": (
        with_rows(row("成本指标", "授课费用", "≤80万元"), row("成本指标", "场地费用", "≤30万元")),
        None,
    ),
    "cost-below-budget": (
        with_rows(row("成本指标", "授课费用", "≤70万元"), row("成本指标", "场地费用", "≤20万元")),
        None,
    ),
    "cost-lower-bound": (with_rows(row("成本指标", "补贴标准", "≥3000元/人")), 6),
    "unit-missing": (with_rows(row("数量指标", "检查次数", "≥12")), 7),
    "unit-abbreviated": (with_rows(row("成本指标", "授课费用", "≤100万")), 6),
    "unit-mismatch": (with_rows(row("数量指标", "推介人次", "≥1000场次")), 7),
    "bound-impossible": (with_rows(row("服务对象满意度指标", "学员满意度", "≥100%")), 7),
    "percent-above-100": (with_rows(row("质量指标", "补贴发放准确率", "≥120%")), 7),
    "bound-vacuous": (with_rows(row("数量指标", "检查次数", "≥0次")), 7),
    "deadline-outside-year": (with_rows(row("时效指标", "结业时间", "2026年3月31日前")), 7),
    "quantity-is-ratio": (with_rows(row("数量指标", "参训比例", "≥80%")), 7),
    "kind-missing": (without("质量指标", "服务对象满意度指标"), None),
    "name-is-type": (with_rows(row("社会效益指标", "社会效益", "≥3项")), 7),
    "name-generic": (with_rows(row("数量指标", "其他", "≥3场", "招聘会场次")), 7),
    "duplicate-row": (with_rows(row("数量指标", "检查次数", "≥12次"), row("数量指标", "检查次数", "≥12次")), 8),
    "conflicting-row": (with_rows(row("数量指标", "检查次数", "≥12次"), row("数量指标", "检查次数", "≥10次")), 8),
    "purpose-repeats-name": (table("2025年技能培训", purpose="用于技能培训。"), None),
    "value-vague": (with_rows(row("社会效益指标", "就业能力", "不断提升")), 7),
    "value-is-means": (with_rows(row("社会效益指标", "政策知晓程度", "通过制作各类宣传短视频并面向社会投放等形式")), 7),
    "value-approximate": (with_rows(row("数量指标", "走访企业数量", "约50家左右")), 7),
    "punctuation-unpaired": (with_rows(row("数量指标", "举办“双创“大赛场次", "≥1场次")), 7),
}


@pytest.mark.parametrize("code", SMALLEST)
def test_the_smallest_table_with(code: str) -> None:
    document, at = SMALLEST[code]
    (finding,) = found(document)
    assert (finding.code, finding.row) == (code, at)
    assert finding.severity == rules()[code].severity
    assert finding.table == 1
    assert finding.document == "demo1-2025.txt"
    assert "{" not in finding.message


def test_the_clean_table_has_no_findings() -> None:
    assert codes(table()) == []


FINE = {
    "a budget split in two": table(fiscal="60.00", other="40.00"),
    "cost items that add up": with_rows(row("成本指标", "授课费用", "≤70万元"), row("成本指标", "场地费用", "≤30万元")),
    "a total and what it is made of": with_rows(
        row("成本指标", "总成本", "≤100万元"), row("成本指标", "其中授课费用", "≤70万元")
    ),
    "standards beside amounts": with_rows(
        row("成本指标", "场地费用", "≤30万元"), row("成本指标", "授课补贴标准", "3500元/人")
    ),
    "a unit price written in 元": with_rows(row("成本指标", "培训费用", "≤550元")),
    "costs rounded up": table(
        rows=[r if r[1] != "成本指标" else row("成本指标", "培训经费", "≤98万元") for r in CLEAN], budget="97.51"
    ),
    "costs in 元": with_rows(row("成本指标", "培训经费", "≤1000000元")),
    "savings of at least": with_rows(row("成本指标", "培训经费", "≤100万元"), row("成本指标", "资金节约率", "≥5%")),
    "a unit in the name": with_rows(row("数量指标", "检查次数（次）", "≥12")),
    "an index": with_rows(row("社会效益指标", "物价指数", "≤103")),
    "growth above 100%": with_rows(row("社会效益指标", "产值增长率", "≥150%")),
    "completion of at least 100%": with_rows(row("质量指标", "招聘计划完成率", "≥100%")),
    "a rate of exactly 100%": with_rows(row("质量指标", "验收合格率", "100%")),
    "a share of the quantity due": with_rows(row("数量指标", "工资足额保障率", "100%")),
    "no accidents": with_rows(row("社会效益指标", "安全事故", "不发生安全事故")),
    "less than last year": with_rows(row("社会效益指标", "化肥使用量", "较上年下降")),
    "a grade": with_rows(row("质量指标", "培训评价", "良好")),
    "a deliverable that is its name": with_rows(row("质量指标", "编制年度报告", "编制年度报告")),
    "meeting a standard": with_rows(row("质量指标", "工程质量", "符合国家工程质量验收标准要求")),
    "people counted in 名": with_rows(row("数量指标", "聘用保安人员人数", "≥10名")),
    "events counted in 期": with_rows(row("数量指标", "培训班次", "≥10期")),
    "satisfaction in points": with_rows(row("服务对象满意度指标", "学员满意度", "≥90分")),
    "rows of one name about two things": with_rows(
        row("数量指标", "活动数量", "≥2场", "招聘会场次"), row("数量指标", "活动数量", "≥3场", "宣讲会场次")
    ),
    "numbered words": table(goal="1）开展培训；2）组织考核。（一）保障就业。"),
    "a period within the year": with_rows(row("时效指标", "运维周期", "2025年1月1日至2025年12月31日")),
    "levels of 2024 tables": with_rows(("效益指标", "可持续影响指标", "设备使用年限", "设备使用年限", "≥10年")),
    "unknown types": table(rows=[*CLEAN[:4], ("效果", "特色指标", "参训人员就业率", "参训人员就业率", "≥60%")]),
}


@pytest.mark.parametrize("what", FINE)
def test_no_finding_for(what: str) -> None:
    assert codes(FINE[what]) == []


def test_several_kinds_that_are_missing_are_one_finding() -> None:
    (finding,) = found(without("质量指标", "服务对象满意度指标"))
    assert finding.message.startswith("没有质量指标、满意度指标。")


def test_amounts_of_one_project_in_two_documents_are_not_added_up_but_told_to_differ() -> None:
    other = table(budget="60.00", fiscal="60.00")
    assert [(f.document, f.code) for f in found(table(), other)] == [("demo2-2025.txt", "forms-differ")] * 2


# ---------------------------------------------------------------- words

VAGUE = [
    ("有效保障考试公平公正", "维护考试公平公正"),
    ("困难毕业生就业创业率得到提高", "促进困难毕业生就业创业"),
    ("完成年度任务", "失业人员再就业率"),
    ("非常满意", "服务对象满意度"),
    ("持续向好", "维护社会和谐稳定"),
]
DEFINITE = [
    ("完成系统验收", "完成系统验收"),
    ("建成投用", "产业园"),
    ("不发生规模性返贫", "防止规模性返贫"),
    ("提升至全国前三", "城市排名"),
    ("一季度前印发", "印发方案"),
]


@pytest.mark.parametrize(("text", "name"), VAGUE)
def test_vague(text: str, name: str) -> None:
    assert is_vague(text, name)


@pytest.mark.parametrize(("text", "name"), DEFINITE)
def test_not_vague(text: str, name: str) -> None:
    assert not is_vague(text, name)


USUAL = ["举办海河英才创业大赛", "海河英才招聘会场次", "海河英才计划经费", "支持海河英才引进"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([*USUAL, "举办海河英寸博士后大赛"], {"举办海河英寸博士后大赛": ("海河英寸", "海河英才")}),
        (
            ["交通协管员补贴", "享受政策交通协管员满意度", "交通协管员周期", "交通协官员人数"],
            {"交通协官员人数": ("交通协官员", "交通协管员")},
        ),
        (
            ["日常用品购置经费", "办公日常用品购置工作", "日常用品购置购置验收"],
            {"日常用品购置购置验收": ("日常用品购置购置", "日常用品购置")},
        ),
        ([*USUAL, "海河英模评选"], {}),  # neither sounds nor looks alike
        ([*USUAL[:2], "海河英寸大赛"], {}),  # two places prove nothing
        ([*USUAL, "海河英寸大赛", "英寸电视数量"], {}),  # a word that stands elsewhere too
        (["失业人员补贴", "失业人员培训", "失业人员就业率", "事业人员工资"], {}),  # both are common words
        (["帮扶失业人员", "帮扶失业青年", "帮扶失业家庭", "帮扶事业单位"], {}),
        (["开展培训经费", "开展培训工作", "职业技能培训培训师人数"], {}),
    ],
)
def test_slips_that_the_corpus_gives_away(texts: list[str], expected: dict[str, tuple[str, str]]) -> None:
    assert {text: (s.wrong, s.right) for text, (s,) in slips(texts).items()} == expected


@given(st.lists(st.text("海河英才寸大赛购置", max_size=12), max_size=12))
def test_a_slip_stands_in_its_text_and_what_is_meant_in_another(texts: list[str]) -> None:
    for text, found_here in slips(texts).items():
        for slip in found_here:
            assert slip.wrong in text
            assert any(slip.right in other for other in texts if other != text)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("“海河英才”大赛", None),
        ("“海河英才“大赛", "“"),
        ("双一流”高校", "”"),
        ("基地（牵头", "("),
        ("《办法》（试行）", None),
        ("1）做好服务；2)加强管理", None),
        ("（一）保障", None),
        ("", None),
    ],
)
def test_marks_without_a_partner(text: str, mark: str | None) -> None:
    alone = unpaired(text)
    assert (alone and alone[0]) == mark


# ---------------------------------------------------------------- flags of reading


def flagged() -> Store:
    document = record(table())
    cell = Quote("value", "292%", 1, 2, 5, sheet="Sheet1", ref="E7")
    document.flags += [
        Flag("glued-value", "指标值“292%”疑似粘连", cell),
        Flag("glued-value", "指标值“88100”疑似粘连", replace(cell, text="88100", row=3)),
        Flag("new-doubt", "整份文件存疑", Quote("title", "目录", 0, 0, 1)),
    ]
    store = graph_of()
    mapper = Mapper(document, vocabulary())
    store.replace(mapper.iri, mapper.quads())
    return store


def test_flags_are_kept_with_their_cells_and_printed() -> None:
    first, *rest = check(flagged())
    assert (first.code, first.severity, first.table, first.row, first.value) == (
        "new-doubt",
        "warning",
        None,
        None,
        "目录",
    )
    assert [(f.code, f.row, f.value) for f in rest] == [("glued-value", 2, "292%"), ("glued-value", 3, "88100")]
    assert rest[0].message.startswith("指标值“292%”疑似粘连。要求：请对照原表")


def test_flags_conform_to_the_shapes_and_state_no_fact() -> None:
    from pyshacl import validate

    plain, doubtful = graph_of(table()), flagged()
    graph = Graph().parse(export.render(doubtful, "turtle"), format="turtle")
    for file in ("jixiao", "indicator-types", "units"):
        graph.parse(ROOT / "ontology" / f"{file}.ttl")
    shapes = Graph().parse(ROOT / "ontology" / "shapes.ttl")
    flags = [row["f"] for row in doubtful.select("SELECT ?f { ?f a jx:Flag }")]
    conforms, _, text = validate(graph, shacl_graph=shapes, focus_nodes=[URIRef(flag) for flag in flags])
    assert conforms, text
    count = "SELECT (COUNT(?t) AS ?n) { ?t a jx:Target }"
    assert doubtful.select(count) == plain.select(count)


# ---------------------------------------------------------------- SHACL, documentation, command


def test_pyshacl_finds_the_same(sample: KnowledgeGraph) -> None:
    from pyshacl import validate

    mine = {(f.code, f.iri, f.severity) for f in sample.check() if rules()[f.code].select}
    by_code = {code: sorted(iri for c, iri, _ in mine if c == code)[:1] for code, _, _ in mine}
    clean = (
        sample.store.select("SELECT ?iri { ?iri jx:row 2 }")[:4]
        + sample.store.select("SELECT ?iri { ?iri a jx:Project }")[:2]
    )
    nodes = {iri for iris in by_code.values() for iri in iris} | {row["iri"] for row in clean}
    _, report, _ = validate(
        Graph().parse(export.render(sample.store, "turtle"), format="turtle"),
        shacl_graph=Graph().parse(ROOT / "ontology" / "quality-shapes.ttl"),
        focus_nodes=[URIRef(node) for node in nodes],
    )
    severity = {SH.Violation: "error", SH.Warning: "warning", SH.Info: "info"}
    theirs = {
        (
            str(report.value(result, SH.sourceShape)).rpartition("#")[2],
            str(report.value(result, SH.focusNode)),
            severity[report.value(result, SH.resultSeverity)],
        )
        for result in report.subjects(SH.resultSeverity)
    }
    assert theirs == {m for m in mine if m[1] in nodes}
    assert len({code for code, _, _ in theirs}) >= 9


def test_every_code_is_documented() -> None:
    assert (ROOT / "docs" / "checks.md").read_text("utf-8") == page()


def test_every_check_is_sound() -> None:
    for code, rule in rules().items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
        assert rule.title
        assert rule.asks
        assert rule.message
        if rule.select:
            assert not re.search(r"\b(VALUES|MINUS|SERVICE)\b", rule.select), "SHACL forbids them"
            assert set(re.findall(r"\{\?(\w+)\}", rule.message)) <= set(re.findall(r"\?(\w+)", rule.select))


def test_the_command_prints_one_object_a_line(kg_run: Run, sample: KnowledgeGraph, sample_data: object) -> None:
    done = kg_run("check", "--data", sample_data, "--json")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [list(row) for row in rows] == [
        ["code", "severity", "message", "iri", "document", "table", "row", "value", "field", *STANDING]
    ] * len(rows)
    assert rows == [f.json() for f in sample.check()]


def test_the_command_groups_by_severity_and_code(kg_run: Run, sample_data: object) -> None:
    done = kg_run(
        "check",
        "--data",
        sample_data,
        "--severity",
        "error",
        "--severity",
        "info",
        "--document",
        "tianjin-hrss-2025.txt",
    )
    assert done.returncode == 0, done.stderr
    assert "下限为 100% 的比率（bound-impossible） 2 条" in done.stdout
    assert "tianjin-hrss-2025.txt 表13 第12行（第1235行文字）" in done.stdout
    assert done.stdout.index("【错误】") < done.stdout.index("【提示】")
    assert "【警告】" not in done.stdout


@pytest.mark.parametrize(
    ("option", "value"), [("--code", "typos"), ("--severity", "bad"), ("--document", "nothing.txt")]
)
def test_what_is_not_known_is_an_error_that_names_what_is(
    kg_run: Run, sample_data: object, option: str, value: str
) -> None:
    one_error(kg_run("check", "--data", sample_data, option, value), value, "可用的有")


def test_filters_of_the_function(sample: KnowledgeGraph) -> None:
    everything = sample.check()
    assert sample.check(codes=["typo"]) == [f for f in everything if f.code == "typo"]
    assert sample.check(severities=["error"]) == [f for f in everything if f.severity == "error"]
    assert sample.check(documents=["tianjin-hrss-2025.txt"]) == everything
    with pytest.raises(KgError, match="没有代码“x”"):
        sample.check(codes=["x"])
