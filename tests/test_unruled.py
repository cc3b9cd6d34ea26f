"""Pdf tables without ruling lines: read right, or said with the words that are not certain; never misread."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random

import forms
import printing
import pytest
import unruled
from offices import C, rows

from kg.readers import ReadError, read
from kg.readers.document import parse
from kg.tables import DocumentRecord, read_document
from kg.tables.unruled.spans import spans

Fact = tuple[str, str, str]
SEEDS = 48


def facts(document: DocumentRecord) -> list[Fact]:
    return [(i.level2 or "", i.name, i.target.text) for p in document.projects for i in p.indicators]


def test_forms_laid_out_at_random_are_read_right_or_said_never_misread() -> None:
    """Lines, backgrounds, alignments, sizes, wrapped cells, cells over several rows, ends of pages."""
    right = 0
    for seed in range(SEEDS):
        rng = Random(seed)
        form = unruled.form(rng)
        data = unruled.pdf(form, rng, unruled.WAYS[seed % len(unruled.WAYS)])
        try:
            document = read_document(parse("a.pdf", data))
        except ReadError:
            continue
        found = facts(document)
        known = {fact[1:]: fact[0] for fact in form.facts}
        for level, name, value in found:
            assert (name, value) in known, seed
            assert level in ("", known[name, value]), seed
        assert {p.name for p in document.projects} <= {form.name}, seed
        assert {p.budget for p in document.projects} <= {form.budget, None}, seed
        whole = sorted(found) == sorted(form.facts) and [p.budget for p in document.projects] == [form.budget]
        assert whole or any(flag.code in ("glued-value", "row-short", "level-unclear", "money-unit-missing") for flag in document.flags), seed  # fmt: skip
        right += whole
    assert right >= 0.9 * SEEDS


def test_texts_with_columns_kept_by_blanks_are_read_right_or_said_never_misread() -> None:
    right = 0
    for seed in range(SEEDS):
        rng = Random(seed)
        form = unruled.form(rng)
        try:
            document = read_document(parse("a.txt", unruled.text(form, rng).encode()))
        except ReadError:
            continue
        found = facts(document)
        known = {fact[1:]: fact[0] for fact in form.facts}
        for level, name, value in found:
            assert level in ("", known[name, value]), seed
        assert [(p.name, p.budget) for p in document.projects] == [(form.name, form.budget)], seed
        assert sorted(found) == sorted(form.facts) or document.flags, seed
        assert all(flag.quote.line for flag in document.flags), seed
        right += sorted(found) == sorted(form.facts)
    assert (
        right >= 0.7 * SEEDS
    )  # of labels in the middle of an even number of rows nothing says which row they begin at


def test_a_page_of_a_word_processor_without_borders_is_read() -> None:
    """``unruled-2025.pdf`` was printed by LibreOffice from a table whose cells have no borders."""
    document = read_document(read(Path(__file__).parent / "data" / "unruled-2025.pdf"))
    assert facts(document) == [
        ("", "群众安全感甲", "≥84%"),
        ("", "档案数字化加工乙", "≥89.5公里"),
        ("", "养护绿地面积丙", "明显改善"),
        ("", "高标准农田建设面积丁", "≥93.5公里"),
        ("", "农村饮水安全工程建设完成数量及配套管网长度戊", "81"),
        ("", "农村饮水安全工程建设完成数量及配套管网长度己", "100%"),
        ("", "信息系统年度平均无故障运行时间庚", "100%"),
        ("", "设备验收合格率辛", "明显改善"),
    ]
    assert [(p.name, p.budget) for p in document.projects] == [("口袋公园养护经费73号", 7310800)]


BODY = rows(
    [C("产出指标", 3), C("数量指标", 2), "养护绿地面积", "≥18.6万平方米"],
    ["公园数量", "≥36个"],
    ["质量指标", "苗木成活率", "≥95%"],
    ["效益指标", "社会效益指标", "居民休闲环境", "明显改善"],
)
KNOWN = [
    ("数量指标", "养护绿地面积", "≥18.6万平方米"), ("数量指标", "公园数量", "≥36个"), ("质量指标", "苗木成活率", "≥95%"),
    ("社会效益指标", "居民休闲环境", "明显改善"),
]  # fmt: skip
HEAD = rows([C("项目名称"), C("口袋公园", 1, 3)], [C("年度资金总额（万元）"), C("120.50", 1, 3)])
HEADER = rows(["一级指标", "二级指标", "三级指标", "指标值"])


@pytest.mark.parametrize("lines", ["none", "horizontal"])
@pytest.mark.parametrize("layout", [n for n in forms.FORMS if "one cell" not in n and "heading above" not in n])
def test_other_headings_are_known_without_lines_too(layout: str, lines: str) -> None:
    ((_, table),) = forms.FORMS[layout]
    document = read_document(parse("2025.pdf", printing.page(table, lines=lines)))
    assert facts(document) == forms.KNOWN.get(layout, forms.GOLD)


def test_every_row_says_where_it_stands() -> None:
    document = read_document(parse("2025.pdf", printing.page([*HEAD, *HEADER, *BODY], lines="none")))
    assert facts(document) == KNOWN
    quotes = [i.quotes["value"] for p in document.projects for i in p.indicators]
    assert [(q.page, q.source_row, q.column) for q in quotes] == [(1, 4, 4), (1, 5, 4), (1, 6, 4), (1, 7, 4)]


@pytest.mark.parametrize("lines", ["none", "horizontal"])
def test_a_label_that_is_written_downwards_beside_the_table_is_no_column(lines: str) -> None:
    beside = [[C("绩\n效\n指\n标", 1 + len(BODY)), *HEADER[0]], *BODY]
    head = [[C(c.text, 1, 4 if n else 1) for n, c in enumerate(row)] for row in HEAD]
    assert facts(read_document(parse("2025.pdf", printing.page([*head, *beside], lines=lines)))) == KNOWN


@pytest.mark.parametrize(
    ("body", "lost"),
    [
        # a row without its value may be the rest of the name above
        (rows(["产出指标", "数量指标", "养护绿地面积和公园", "≥36个"], ["", "", "道路两侧树木", ""]), "道路两侧树木"),
        # an amount that stands below no heading
        (rows(["产出指标", "数量指标", "公园数量", "≥36个", "有说明的备注"]), "有说明的备注"),
    ],
)
def test_what_is_not_certain_is_said(body: list[list[C]], lost: str) -> None:
    document = read_document(parse("2025.pdf", printing.page([*HEAD, *HEADER, *body], lines="none")))
    assert any(lost in flag.message for flag in document.flags)
    assert {value for _, _, value in facts(document)} <= {"≥36个"}


@pytest.mark.parametrize(
    ("rows_", "labels", "centred", "expected"),
    [
        ([0, 10, 20, 30], [5, 25], True, [(0, 2, 0), (2, 4, 1)]),
        ([0, 10, 20, 30], [0, 20], False, [(0, 2, 0), (2, 4, 1)]),
        ([0, 10, 20, 30], [0, 20], True, [(0, 1, 0), (1, 4, 1)]),
        ([0, 10, 20, 30], [3, 25], False, None),
        ([0, 10, 40, 50], [5, 45], True, [(0, 2, 0), (2, 4, 1)]),
        ([0, 10, 20], [10], True, [(0, 3, 0)]),
    ],
)
def test_labels_reach_over_the_rows_that_they_stand_in_the_middle_of(
    rows_: list[int], labels: list[int], centred: bool, expected: list[tuple[int, int, int]] | None
) -> None:
    heights, places = ([(float(y), float(y)) for y in ys] for ys in (rows_, labels))
    assert spans(heights, places, [(0, len(rows_))], 10.0, centred=centred) == expected


def _body(n: int) -> list[list[C]]:
    return rows(
        [C("产出指标", 2), C("数量指标"), f"公园{n}数量", f"≥{n}个"],
        ["质量指标", f"公园{n}合格率", "≥95%"],
        ["效益指标", "社会效益指标", f"环境{n}", "明显改善"],
    )


def _named(name: str, budget: str) -> list[list[C]]:
    return rows([C("项目名称"), C(name, 1, 3)], [C("年度资金总额（万元）"), C(budget, 1, 3)])


def _pages(*found: bytes) -> bytes:
    import pypdfium2

    out, data = pypdfium2.PdfDocument.new(), io.BytesIO()
    for one in found:
        out.import_pages(pypdfium2.PdfDocument(one))
    out.save(data)
    return data.getvalue()


@pytest.mark.parametrize("lines", ["none", "horizontal"])
def test_several_forms_and_tables_over_pages_are_told_apart(lines: str) -> None:
    one, two = (
        [*_named(name, budget), *HEADER, *_body(n)] for name, budget, n in (("甲", "1.00", 3), ("乙", "2.00", 7))
    )
    together = printing.page([*one, *two], lines=lines)
    after = _pages(printing.page(one, lines=lines), printing.page(two, lines=lines))
    for data in (together, after):
        document = read_document(parse("2025.pdf", data))
        assert [(p.name, p.budget, [i.name for i in p.indicators]) for p in document.projects] == [
            ("甲", 10000, ["公园3数量", "公园3合格率", "环境3"]), ("乙", 20000, ["公园7数量", "公园7合格率", "环境7"]),
        ]  # fmt: skip
    more = _pages(printing.page(one, lines=lines), printing.page([*HEADER, *_body(7)], lines=lines, title="续表"))
    (project,) = read_document(parse("2025.pdf", more)).projects
    assert len(project.indicators) == 6


@pytest.mark.parametrize("lines", ["none", "horizontal"])
def test_a_list_of_projects_without_lines_keeps_whose_rows_are_whose(
    lines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "WIDTH", 88.0)
    table = rows(
        ["项目名称", "预算数（万元）", "一级指标", "二级指标", "三级指标", "指标值"],
        [C("甲", 3), C("1.00", 3), C("产出指标"), C("数量指标"), "公园数量", "≥3个"],
        ["效益指标", C("社会效益指标", 2), "环境", "明显改善"],
        ["效益指标", "绿化", "逐步提高"],
        [C("乙", 2), C("2.00", 2), C("产出指标"), C("数量指标"), "道路长度", "≥7公里"],
        ["满意度指标", "服务对象满意度指标", "居民满意度", "≥90%"],
    )
    document = read_document(parse("2025.pdf", printing.page(table, lines=lines)))
    assert [(p.name, p.budget, [i.name for i in p.indicators]) for p in document.projects] == [
        ("甲", 10000, ["公园数量", "环境", "绿化"]), ("乙", 20000, ["道路长度", "居民满意度"]),
    ]  # fmt: skip
