"""Tables as different offices lay them out: the same rows come out of every layout, doubts are flagged, not stored."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from itertools import groupby
from typing import Any

import pyoxigraph as ox
import pytest
from command import ROOT
from hypothesis import given
from hypothesis import strategies as st
from layouts import (
    LAYOUTS,
    OFFICE,
    Box,
    Case,
    as_text,
    cases,
    goal_column,
    grid,
    grouped_header,
    ministry,
    prior_year,
    self_evaluation,
    source,
    without_merges,
)  # fmt: skip

from kg.graph import export
from kg.graph.checks import rules
from kg.graph.mapping import Mapper
from kg.graph.store import Store
from kg.graph.vocabulary import vocabulary
from kg.readers import ReadError, Source
from kg.tables import DocumentRecord, ProjectRecord, parse_target, read_document
from kg.tables.facts import read_head
from kg.tables.levels import spread
from kg.tables.lexis import level_text, split_code, split_department, split_goals
from kg.tables.view import View

FORMS: list[Callable[[Source], Source]] = [lambda found: found, without_merges, as_text]
HEADER = ("一级指标", "二级指标", "三级指标", "指标值")
OUTPUT, QUALITY = ("产出指标", "数量指标"), ("产出指标", "质量指标")
TITLE = "项目支出绩效目标表\n（2025年度）"


def plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def known(found: list[Case]) -> list[tuple[Any, ...]]:
    out: list[tuple[Any, ...]] = []
    for case in found:
        for item in case.items:
            target = parse_target(item.value, 2025)
            words = plain(item.value) if target.number is None else ""
            out.append(
                (case.name, plain(item.level2), plain(item.name), target.operator, target.number, target.unit, words,
                 Decimal(str(case.budget)) * 10_000)
            )  # fmt: skip
    return out


def read(document: DocumentRecord) -> list[tuple[Any, ...]]:
    return [
        (p.name, plain(i.level2), plain(i.name), i.target.operator, i.target.number, i.target.unit,
         plain(i.target.text) if i.target.number is None else "", p.budget)
        for p in document.projects
        for i in p.indicators
    ]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=["merged", "merges dropped", "text export"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_every_layout_gives_the_same_rows(
    layout: Callable[[list[Case]], Source], form: Callable[[Source], Source]
) -> None:
    found = cases(1, 4, 6, 15)
    document = read_document(form(layout(found)))
    assert read(document) == known(found)
    assert (document.year, document.flags, document.warnings) == (2025, [], [])


def form(
    *rows: tuple[Box, ...],
    header: tuple[Box, ...] = HEADER,
    head: list[tuple[Box, ...]] | None = None,
    title: str = TITLE,
    **rest: str,
) -> Source:
    """One small table: a head, a header, rows."""
    above = [("项目名称", ("技能培训", 3)), ("年度资金总额（万元）", ("100", 3))] if head is None else head
    return source([grid([*above, header, *rows], title)], **rest)


def only(document: DocumentRecord) -> ProjectRecord:
    (project,) = document.projects
    return project


def values(document: DocumentRecord) -> list[tuple[str, str]]:
    """(words, number with unit) of every target."""
    return [
        (i.target.text, "" if i.target.number is None else f"{i.target.number}{i.target.unit}")
        for i in only(document).indicators
    ]


def flagged(document: DocumentRecord) -> list[tuple[str, str]]:
    """(code, the cell's words); every code is a documented one."""
    assert {f.code for f in document.flags} <= set(rules())
    return [(f.code, f.quote.text) for f in document.flags]


# ---------------------------------------------------------------- what is flagged, not stored


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("88100", "glued-value"),
        ("292%", "glued-value"),
        ("≥90%≥95%", "glued-value"),
        ("≥90%100%", "glued-value"),
        ("0.95", "percent-as-one"),
        ("1", "percent-as-one"),
        ("≥95%", ""),
        ("100%", ""),
        ("≥3016", ""),
        ("120%", ""),
        ("按月做好2项工作", ""),
    ],
)
def test_a_value_beside_a_clear_pattern_is_doubted_or_not(value: str, code: str) -> None:
    rows = [(*OUTPUT, f"培训场次{n}", f"≥{n}场") for n in range(2, 5)]
    document = read_document(form(*rows, (*QUALITY, "合格率", "≥95%"), (*QUALITY, "验收合格率", value)))
    assert flagged(document) == ([(code, value)] if code else [])
    text, number = values(document)[-1]
    assert text == value  # its words stay
    assert not (code and number)


@pytest.mark.parametrize(
    ("operator", "value", "unit", "text", "number", "code"),
    [
        ("≥", "95", "%", "≥95%", "95%", ""),
        ("=", "100.00", "%", "=100.00%", "100.00%", ""),
        ("大于等于", "3", "次", "大于等于3次", "3次", ""),
        ("±", "3", "%", "±3%", "3%", ""),
        ("定性", "优良", "", "优良", "", ""),
        ("定量", "16", "个", "16个", "16个", ""),
        ("≥", "≥95", "%", "≥95%", "95%", ""),
        ("≥", "95%", "%", "≥95%", "95%", ""),
        ("≥", "95%", "百分比", "≥95%", "95%", ""),
        ("≥", "1.5万", "人次", "≥1.5万人次", "1.5万人次", ""),
        ("≤", "3000", "元/人·月", "≤3000元/人·月", "3000元/人·月", ""),
        ("≤", "3000元", "元/亩", "≤3000元", "3000元", ""),
        ("", "12月底前", "/", "12月底前", "", ""),
        ("≥", "95%", "人", "≥95%", "", "unit-contradiction"),
        ("≤", "100万元", "元", "≤100万元", "", "unit-contradiction"),
        ("≥", "≤95", "%", "≤95", "", "operator-contradiction"),
        ("≥", "1", "%", "≥1%", "", "percent-as-one"),
    ],
)
def test_operator_value_and_unit_of_three_columns(
    operator: str, value: str, unit: str, text: str, number: str, code: str
) -> None:
    header = ("一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位")
    document = read_document(form((*QUALITY, "合格率", operator, value, unit), header=header))
    assert values(document) == [(text, number)]
    assert [c for c, _ in flagged(document)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("name", "value"), [("指标2", "≥10人"), ("……", ""), ("指标1：", "1个"), ("指标3：质量", "……"), ("……", "……")]
)
def test_template_text_is_no_indicator(name: str, value: str) -> None:
    document = read_document(form((*OUTPUT, "指标1：培训人数", "≥10人"), (*OUTPUT, name, value)))
    assert [i.name for i in only(document).indicators] == ["培训人数"]
    assert [c for c, _ in flagged(document)] == ["template-text"]


def test_template_text_is_no_goal() -> None:
    head: list[tuple[Box, ...]] = [("项目名称", ("甲", 3)), ("年度目标", ("目标1：开展培训。\n目标2：……", 3))]
    document = read_document(form((*OUTPUT, "人数", "≥10人"), head=head))
    assert only(document).goals == ["开展培训。"]
    assert [c for c, _ in flagged(document)] == ["template-text"]


def test_a_table_that_starts_in_the_middle_is_flagged_and_the_others_are_read() -> None:
    rest = grid([["数量指标", "培训人数", "≥10人"], ["质量指标", "合格率", "≥95%"]])
    whole = form((*OUTPUT, "人数", "≥5人")).grids[0]
    document = read_document(source([rest, whole]))
    assert [c for c, _ in flagged(document)] == ["starts-in-middle"]
    assert values(document) == [("≥5人", "5人")]
    with pytest.raises(ReadError, match="从中间开始"):
        read_document(source([rest]))


def test_an_amount_without_a_unit_is_flagged_not_stored() -> None:
    document = read_document(
        form((*OUTPUT, "人数", "≥5人"), head=[("项目名称", ("甲", 3)), ("年度资金总额", ("100", 3))])
    )
    assert only(document).budget is None
    assert flagged(document) == [("money-unit-missing", "100")]


def test_a_midterm_row_without_its_year_is_flagged() -> None:
    header = ("一级指标", "二级指标", "三级指标", "中期指标值", "年度指标值")
    document = read_document(form((*OUTPUT, "人数", "≥30人", "≥10人"), (*OUTPUT, "场次", "≥3场", ""), header=header))
    (indicator,) = only(document).indicators
    assert (indicator.target.text, indicator.others["midterm"].text) == ("≥10人", "≥30人")
    assert [c for c, _ in flagged(document)] == ["midterm-only"]


def test_a_row_that_lost_its_level_cells_is_put_back_or_flagged() -> None:
    rows = [
        ["项目名称", "甲"],
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", "人数", "≥10人"],
        ["场次", "≥3场"],
        ["质量指标", "合格率", "≥90%"],
        ["某列", "其他", "1个"],
    ]
    document = read_document(source([grid(rows)]))  # type: ignore[arg-type]
    assert [(i.level1, i.level2, i.name, i.target.text) for i in only(document).indicators] == [
        ("产出指标", "数量指标", "人数", "≥10人"),
        ("产出指标", "数量指标", "场次", "≥3场"),
        ("产出指标", "质量指标", "合格率", "≥90%"),
    ]
    assert flagged(document) == [("row-short", "某列")]


# ---------------------------------------------------------------- heads


@pytest.mark.parametrize(
    ("rows", "facts"),
    [
        ([["预算数（元）", "1,000.00", "其中：财政拨款（万元）", "80"]], {"budget": "1,000.00元", "fiscal_funds": "80万元"}),
        ([["项目资金（万元）", "年度资金总额：", "100"], ["", "其中：财政拨款", "80"], ["", "其他资金", ""]],
         {"budget": "100万元", "fiscal_funds": "80万元"}),
        ([[("资金（万元）", 1, 2), "资金总额", "财政拨款", "其他资金"], ["100", "80", "20"]],
         {"budget": "100万元", "fiscal_funds": "80万元", "other_funds": "20万元"}),
        ([["", "年初预算数", "全年预算数", "全年执行数", "执行率"], ["年度资金总额", "100", "120", "90", "75%"]],
         {"initial_budget": "100", "adjusted_budget": "120", "executed": "90", "execution_rate": "75%"}),
        ([["中期资金总额：", "300", "年度资金总额：", "100"], ["其中：财政拨款", "300", "其中：财政拨款", "80"]],
         {"midterm_budget": "300", "budget": "100", "fiscal_funds": "80"}),
        ([["资金总额：100万元；财政拨款：80万元；其他资金：20万元"]],
         {"budget": "100万元", "fiscal_funds": "80万元", "other_funds": "20万元"}),
        ([["总体目标", "年度目标"], ["", "甲。"]], {"goal": "甲。"}),
        ([[("总体目标", 1, 2), "中期目标", "年度目标"], ["三年。", "一年。"]], {"midterm_goal": "三年。", "goal": "一年。"}),
        ([[("年度总体目标", 1, 2), "预期目标", "实际完成情况"], ["一年。", "已完成。"]], {"goal": "一年。", "actual_goal": "已完成。"}),
        ([["项目名称", "甲", "项目属性", "新增"]], {"project": "甲"}),
        ([["序号", "项目名称", "预算数"], ["1", "甲", "10"], ["2", "乙", "20"]], {}),
    ],
)  # fmt: skip
def test_a_head_is_read_by_its_labels(rows: list[list[Box]], facts: dict[str, str]) -> None:
    table = grid(rows)
    found = {f.field: f.text + ("" if f.text.endswith("元") else f.unit) for f in read_head(View(table), 1, len(rows))}
    assert found == facts


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("820001-某局", "820001", "某局"),
        ("[610001]某项目", "610001", "某项目"),
        ("51000021R000000012345-公用经费", "51000021R000000012345", "公用经费"),
        ("公益性岗位补贴-01中央直达资金-就业补助资金", "", "公益性岗位补贴-01中央直达资金-就业补助资金"),
        ("2025年三支一扶经费", "", "2025年三支一扶经费"),
        ("（2025）年度补助", "", "（2025）年度补助"),
        ("12345热线运行", "", "12345热线运行"),
    ],
)
def test_codes_are_split_from_names(text: str, code: str, name: str) -> None:
    assert split_code(text) == (code, name)


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("353101天津市财政局", "353101", "天津市财政局"),
        ("天津市财政局[353]", "353", "天津市财政局"),
        ("天津市财政局", "", "天津市财政局"),
    ],
)
def test_codes_are_split_from_departments(text: str, code: str, name: str) -> None:
    assert split_department(text) == (code, name)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("成本指标（20分）", "成本指标"),
        ("经济效益\n指标", "经济效益指标"),
        ("绩 效 指 标", "绩效指标"),
        ("（一）产出指标", "产出指标"),
        ("数量指标(权重20%)", "数量指标"),
        ("满意度指标 10分", "满意度指标"),
        ("社会公众或服务对象满意度指标", "社会公众或服务对象满意度指标"),
    ],
)
def test_a_level_is_its_own_word(text: str, word: str) -> None:
    assert level_text(text) == word


def test_goals_counted_on_in_one_line_are_several() -> None:
    assert split_goals("1.完成A。2.完成1.5万人次培训；3.提高水平。") == ["完成A。", "完成1.5万人次培训；", "提高水平。"]


# ---------------------------------------------------------------- levels without merges

FULL = [
    (level1, level2)
    for level1, parts in {
        "产出指标": ["数量指标", "质量指标", "时效指标", "成本指标"],
        "效益指标": ["经济效益指标", "社会效益指标"],
        "满意度指标": ["服务对象满意度指标"],
    }.items()
    for level2 in parts
]


@given(st.lists(st.integers(1, 4), min_size=len(FULL), max_size=len(FULL)), st.sampled_from([0, 1]), st.booleans())
def test_labels_on_middle_rows_are_given_their_rows_or_none(sizes: list[int], middle: int, both: bool) -> None:
    rows = [pair for pair, size in zip(FULL, sizes, strict=True) for _ in range(size)]

    def printed(labels: list[str]) -> list[str]:
        out: list[str] = []
        for label, run in groupby(labels):
            size = len(list(run))
            at = size // 2 if middle else (size - 1) // 2
            out += [label if k == at else "" for k in range(size)]
        return out

    ones, twos = [a for a, _ in rows], [b for _, b in rows]
    first, second = spread(printed(ones), printed(twos) if both else twos)
    if not both:
        assert (first, second) == (ones, twos)
    assert all(got in (None, want) for got, want in zip(first, ones, strict=True))
    assert all(got in (None, want) for got, want in zip(second, twos, strict=True))


# ---------------------------------------------------------------- years


@pytest.mark.parametrize(
    ("title", "preface", "name", "value", "year"),
    [
        ("项目支出绩效目标表\n（2024年度）", "2025年部门预算", "x-2023.docx", "≥1个", 2024),
        ("绩效目标表", "2025年部门预算公开\n一、2023年预算执行情况：2022年以来完成10项。", "x.docx", "≥1个", 2025),
        ("2023年甲绩效目标表", "", "2024年.docx", "≥1个", 2024),
        ("2024年度部门预算公开\n2025年项目支出绩效目标表", "", "x.docx", "≥1个", 2025),
        ("2025年项目支出绩效目标表\n2024年各项预算完成较好。", "", "x.docx", "≥1个", 2025),
        ("2023年项目支出绩效自评表\n（2024年度）", "", "x.docx", "≥1个", 2024),
        ("绩效目标表", "2023年，我局预算完成10项；2022年完成9项。", "x.docx", "2024年12月31日前", 2024),
        ("绩效目标表", "", "x.docx", "≥1个", None),
    ],
)
def test_the_year_is_of_titles_then_the_name_then_the_values(
    title: str, preface: str, name: str, value: str, year: int | None
) -> None:
    head: list[tuple[Box, ...]] = [("项目名称", ("2023年甲", 3))]
    document = read_document(form((*OUTPUT, "人数", value), head=head, title=title, preface=preface, name=name))
    assert document.year == year
    assert bool(document.warnings) == (year is None)
    assert read_document(form((*OUTPUT, "人数", value), title=title, preface=preface, name=name), 2020).year == 2020


def test_columns_headed_by_years_are_prior_years_and_the_target() -> None:
    header = ("一级指标", "二级指标", "三级指标", "2023年指标值", "2024年指标值", "2025年指标值")
    document = read_document(form((*OUTPUT, "人数", "≥8人", "≥10人", "≥12人"), header=header, title=""))
    (indicator,) = only(document).indicators
    assert (document.year, indicator.target.text, indicator.others["prior"].text) == (2025, "≥12人", "≥10人")


def test_rows_of_several_years_are_projects_of_their_years() -> None:
    rows = [["年度", "项目名称", "二级指标", "三级指标", "指标值"]]
    rows += [[year, "甲", "数量指标", "人数", value] for year, value in (("2024", "≥1人"), ("2025", "≥2人"))]
    document = read_document(source([grid(rows)], "", "明细.csv"))  # type: ignore[arg-type]
    assert [(p.name, p.year or document.year, len(p.indicators)) for p in document.projects] == [
        ("甲", 2024, 1),
        ("甲", 2025, 1),
    ]


# ---------------------------------------------------------------- the graph


def graph(found: Source) -> Store:
    store = Store(ox.Store())
    mapper = Mapper(read_document(found), vocabulary())
    store.replace(mapper.iri, mapper.quads())
    return store


def test_a_self_evaluation_keeps_target_actual_score_and_deviation_apart() -> None:
    header = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施")
    store = graph(form((*QUALITY, "合格率", "≥95%", "90%", "10", "9.5", "人手不足"), header=header))
    (row,) = store.select(
        """SELECT * { ?i jx:target/jx:text ?target ; jx:target/qudt:value ?number ; jx:actual ?a ; jx:weight ?weight ;
             jx:score ?score ; jx:deviation ?why . ?a jx:text ?actual ; qudt:value ?reached }"""
    )
    assert {k: row[k] for k in ("target", "number", "actual", "reached", "weight", "score", "why")} == {
        "target": "≥95%", "number": 95, "actual": "90%", "reached": 90, "weight": 10, "score": Decimal("9.5"),
        "why": "人手不足",
    }  # fmt: skip
    assert store.select("SELECT ?t { ?t a jx:Target ; jx:text '90%' }") == []


def test_code_implementing_unit_and_goals_stand_in_the_graph() -> None:
    head: list[tuple[Box, ...]] = [
        ("项目名称", ("[610001]技能培训", 3)),
        ("主管部门", OFFICE, "实施单位", "机关服务中心"),
    ]
    header = ("年度目标", "二级指标", "三级指标", "指标值")
    rows = [("开展培训。", "数量指标", "人数", "≥5人"), ("提高水平。", "质量指标", "合格率", "≥90%")]
    store = graph(form(*rows, head=head, header=header))
    assert store.select(
        """SELECT ?label ?code ?department ?unit { ?p a jx:Project ; rdfs:label ?label ; dcterms:identifier ?code ;
             jx:department/rdfs:label ?department ; jx:implementingUnit/rdfs:label ?unit }"""
    ) == [{"label": "技能培训", "code": "610001", "department": OFFICE, "unit": "机关服务中心"}]
    found = store.select(
        "SELECT ?name ?goal { ?p jx:goal ?goal . ?i rdfs:label ?name ; jx:underGoal ?goal } ORDER BY ?name"
    )
    assert [(r["name"], r["goal"]) for r in found] == [("人数", "开展培训。"), ("合格率", "提高水平。")]


def test_a_department_wide_table_is_no_project() -> None:
    head: list[tuple[Box, ...]] = [("部门名称", (OFFICE, 3)), ("年度部门预算（万元）", ("12345.6", 3))]
    wide = form((*OUTPUT, "人数", "≥5人"), head=head, title="部门整体支出绩效目标表\n（2025年度）").grids
    store = graph(source([*wide, *form((*OUTPUT, "场次", "≥5场")).grids]))
    assert store.select("SELECT ?label { ?p a jx:Project ; rdfs:label ?label }") == [{"label": "技能培训"}]
    assert store.select("SELECT (SUM(?b) AS ?all) { ?p jx:budget ?b }") == [{"all": 1_000_000}]
    assert store.select("SELECT ?b ?l { ?p a jx:DepartmentPerformance ; jx:departmentBudget ?b ; rdfs:label ?l }") == [
        {"b": 123_456_000, "l": f"{OFFICE}部门整体支出"}
    ]
    assert [(r["project"], r["budget_wan"], r["indicator"]) for r in export.rows(store)] == [
        (f"{OFFICE}部门整体支出", "", "人数"),
        ("技能培训", "100", "场次"),
    ]


def test_the_budget_of_a_department_is_the_total_of_its_tasks() -> None:
    rows: list[list[Box]] = [
        [("部门（单位）名称", 2), (OFFICE, 4)],
        [("年度主要任务", 1, 5), ("任务名称", 1, 2), ("主要内容", 1, 2), ("预算金额（万元）", 3)],
        ["总额", "财政拨款", "其他资金"],
        ["任务1", "监管", "9000", "9000", "0"],
        ["任务2", "防治", "820.6", "800", "20.6"],
        [("金额合计", 2), "9820.6", "9800", "20.6"],
        [("年度绩效指标", 1, 2), "一级指标", "二级指标", "指标内容", ("指标值", 2)],
        ["产出指标", "数量指标", "指标1：办结提案", ("≥120件", 2)],
    ]
    (project,) = read_document(source([grid(rows, "部门整体支出绩效目标表\n（2025年度）")])).projects
    assert (project.kind, project.budget) == ("department", Decimal(98_206_000))
    assert [(i.level2, i.name, i.target.text) for i in project.indicators] == [("数量指标", "办结提案", "≥120件")]


def test_what_the_layouts_add_conforms_to_the_shapes() -> None:
    from pyshacl import validate
    from rdflib import Graph

    store = Store(ox.Store())
    for number, layout in enumerate((ministry, self_evaluation, prior_year, goal_column, grouped_header), 1):
        found = layout(cases(number))
        named = Source(f"{layout.__name__}.docx", "0" * 64, found.preface, found.grids)
        mapper = Mapper(read_document(named), vocabulary())
        store.replace(mapper.iri, mapper.quads())
    head: list[tuple[Box, ...]] = [("部门名称", (OFFICE, 3)), ("年度部门预算（万元）", ("12345.6", 3))]
    wide = form((*OUTPUT, "人数", "≥5人"), head=head, title="部门整体支出绩效目标表\n（2025年度）", name="整体.docx")
    mapper = Mapper(read_document(wide), vocabulary())
    store.replace(mapper.iri, mapper.quads())
    everything = Graph().parse(export.render(store, "turtle"), format="turtle")
    folder = ROOT / "ontology"
    for file in folder.glob("*.ttl"):
        if "shapes" not in file.name:
            everything.parse(file)
    conforms, _, text = validate(everything, shacl_graph=Graph().parse(folder / "shapes.ttl"), inference="none")
    assert conforms, text
