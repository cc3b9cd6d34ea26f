"""Text exports → grids of cells, each with its place; the quirks of real exports."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import SAMPLE, SECOND, TESTS, json_lines
from layout import ROWS, cells, record, table

from kg.readers import read
from kg.readers.text import read_text
from kg.tables import DocumentRecord, read_document


def grid(text: str) -> list[list[str]]:
    """The words of the only table in a text."""
    _, (only,) = read_text(text)
    return [[cell.text for cell in row] for row in only]


@pytest.mark.parametrize("file", [SAMPLE, SECOND], ids=lambda f: f.name)
def test_the_line_of_every_cell_can_be_read_back_from_the_file(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    seen = 0
    for number, found in enumerate(read(file).grids):
        for at, row in enumerate(found, 1):
            for column, cell in enumerate(row, 1):
                assert lines[cell.line - 1].startswith("\t"), (number, cell)
                assert lines[cell.line - 1].strip() == cell.text.split("\n")[0].strip()
                assert (cell.row, cell.column) == (at, column)
                seen += 1
    assert seen > 700


@pytest.mark.parametrize("file", [SAMPLE, SECOND], ids=lambda f: f.name)
def test_the_place_of_every_quote_is_that_of_its_words(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    columns = {"level1": 1, "level2": 2, "name": 3, "description": 4, "value": 5}
    document = read_document(read(file))
    for table_number, project in enumerate(document.projects, 1):
        for quote in project.quotes.values():
            assert (quote.table, quote.row) == (table_number, 0)
            assert quote.text.split("\n")[0].strip() in lines[quote.line - 1]
        for row, indicator in enumerate(project.indicators, 1):
            for field, quote in indicator.quotes.items():
                assert (quote.field, quote.table, quote.row) == (field, table_number, row)
                assert quote.column == columns[field]
                assert quote.text.split("\n")[0].strip() == lines[quote.line - 1].strip()
            assert indicator.quotes["value"].text == indicator.target.text


def test_the_second_corpus_is_read_cell_by_cell() -> None:
    expected = json_lines(TESTS / "data" / "regression" / "second-indicators.jsonl")
    read_rows = [
        {
            "no": project.table, "project": project.name, "level1": i.level1, "level2": i.level2,
            "name": i.name, "description": i.description, "value": i.target.text,
        }
        for project in read_document(read(SECOND)).projects
        for i in project.indicators
    ]  # fmt: skip
    assert [{k: "".join(str(v).split()) for k, v in row.items()} for row in read_rows] == [
        {k: "".join(str(v).split()) for k, v in row.items()} for row in expected
    ]


def test_a_paragraph_with_a_bookmark_is_the_caption_of_the_table_below() -> None:
    _, grids = read_text("[bookmark: _Toc_1]1.甲绩效目标表\n\t一\n\t二\n\n\n[bookmark: _Toc_2] 2.乙绩效目标表\n\t三\n")
    assert [g.caption for g in grids] == ["1.甲绩效目标表", "2.乙绩效目标表"]
    assert [[c.text for row in g for c in row] for g in grids] == [["一", "二"], ["三"]]


def test_a_caption_without_a_bookmark_starts_a_table_after_blank_lines() -> None:
    text = table("甲项目", caption="1.甲绩效目标表") + table("乙项目", caption="2.乙绩效目标表")
    assert [p.name for p in record(text).projects] == ["甲项目", "乙项目"]
    assert [p.title for p in record(text).projects] == ["1.甲绩效目标表", "2.乙绩效目标表"]


def test_words_before_the_first_table_are_the_preface() -> None:
    preface, grids = read_text("天津市2024年项目支出绩效目标表\n说明\n\n\n" + table())
    assert preface.splitlines() == ["天津市2024年项目支出绩效目标表", "说明"]
    assert len(grids) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\t一\n\t二\n\n\t三\n\t四\n", [["一", "二"], ["三", "四"]]),
        ("\t一\n续一\n\t二\n\n\t三\n\t四\n", [["一\n续一", "二"], ["三", "四"]]),
        ("\t一\n\n续一\n\t二\n\n\t三\n\t四\n", [["一\n\n续一", "二"], ["三", "四"]]),
        ("\t\n\t二\n\n\t三\n\t\n", [["", "二"], ["三", ""]]),
        ("\t一\n\t二\n\n\n\n\t三\n\t四\n", [["一", "二"], ["三", "四"]]),
    ],
    ids=["plain", "line break", "blank line inside", "empty cells", "many blank lines between"],
)
def test_cells_of_a_row(text: str, expected: list[list[str]]) -> None:
    assert grid(text) == expected


def test_a_row_that_a_blank_line_has_broken_is_put_together() -> None:
    broken = "\t产出指标\n\t数量指标\n\t培训\n\n\t培训人数\n\t≥200人\n\n"
    whole = cells("产出指标", "质量指标", "合格率", "合格率", "≥90%")
    assert grid(cells(*"一二三四五") + whole + broken + whole)[2:] == [
        ["产出指标", "数量指标", "培训", "培训人数", "≥200人"],
        ["产出指标", "质量指标", "合格率", "合格率", "≥90%"],
    ]


def test_line_breaks_inside_cells_do_not_change_what_is_read() -> None:
    rows = [("产出指标", "数量指标", "培训\n人数", "参加培训\n\n的人数", "≥200\n人"), *ROWS[1:]]
    (project,) = record(table(rows=rows)).projects
    first = project.indicators[0]
    assert (first.name, first.description) == ("培训人数", "参加培训的人数")
    assert (first.target.operator, first.target.number, first.target.unit) == ("≥", 200, "人")
    assert len(project.indicators) == len(ROWS)


def test_an_empty_level_1_cell_continues_the_one_above() -> None:
    rows = [
        ("产出指标", "数量指标", "甲", "甲", "1个"),
        ("", "", "乙", "乙", "1个"),
        ("", "质量指标", "丙", "丙", "1个"),
        ("效益指标", "", "丁", "丁", "1个"),
        ("", "社会效益指标", "戊", "戊", "1个"),
    ]
    (project,) = record(table(rows=rows)).projects
    assert [(i.level1, i.level2) for i in project.indicators] == [
        ("产出指标", "数量指标"),
        ("产出指标", "数量指标"),
        ("产出指标", "质量指标"),
        ("效益指标", ""),
        ("效益指标", "社会效益指标"),
    ]


@pytest.mark.parametrize("name", ["其他", "服务对象满意度指标", "数量指标", "成本", "指标值", "一级指标"])
def test_an_indicator_named_like_a_type_or_a_heading_is_an_indicator(name: str) -> None:
    rows = [("满意度指标", "服务对象满意度指标", name, "说明", "≥90%"), *ROWS]
    (project,) = record(table(rows=rows)).projects
    assert project.name == "技能培训"
    assert [i.name for i in project.indicators] == [name, *(row[2] for row in ROWS)]


ENCODED = {
    "plain": lambda text: text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "GB18030": lambda text: text.encode("gb18030"),
    "CRLF GB18030": lambda text: text.replace("\n", "\r\n").encode("gb18030"),
    "no newline at the end": lambda text: text.rstrip("\n").encode(),
}


@pytest.mark.parametrize("form", ENCODED)
def test_line_ends_and_encodings_do_not_change_what_is_read(form: str, tmp_path: Path) -> None:
    text = SAMPLE.read_text("utf-8")

    def content(document: DocumentRecord) -> list[object]:
        return [document.year, document.title, document.projects]

    file = tmp_path / SAMPLE.name
    file.write_bytes(ENCODED[form](text))
    assert content(read_document(read(file))) == content(read_document(read(SAMPLE)))
