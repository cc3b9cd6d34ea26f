"""Characters that break formats, and cells that spreadsheets would run: harmless whatever wrote them, wherever they go."""

from __future__ import annotations

import csv
import html
import io
import re
import xml.etree.ElementTree as ET
import zipfile
from xml.sax import saxutils

import offices
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layout import HEADER, ROWS, graph_of, table, value_row
from offices import C, rows
from openpyxl import load_workbook

from kg import show, workbook
from kg.characters import clean, csv_results, csv_safe, csv_table, escaped, xml_safe
from kg.graph import export
from kg.graph.mapping import Mapper
from kg.graph.review import ACCEPTED, reviewed
from kg.graph.store import Store
from kg.graph.vocabulary import vocabulary
from kg.readers.document import parse
from kg.service import formats, jobs
from kg.service.formats import Wanted
from kg.spreadsheet import Column, Sheet, save
from kg.tables import read_document

STRAY = [
    "\x00",
    "\x01",
    "\x08",
    "\x0b",
    "\x0c",
    "\x1b",
    "\x1f",
    "\x7f",
    "\x80",
    "\x9f",
    "\ufffe",
    "\uffff",
    "\ufdd0",
    "\u202e",  # under which “90” is seen as “09”
    "\u2067",
    "\U0001fffe",
    "\ud800",
]
XML = ["application/sparql-results+xml", "application/rdf+xml"]


@pytest.mark.parametrize("stray", STRAY[1:-1], ids=[f"{ord(c):04x}" for c in STRAY[1:-1]])
def test_a_cell_with_a_stray_character_is_clean_in_the_graph_and_whole_in_its_evidence(stray: str) -> None:
    name, value = f"技能{stray}培训", f"≥{stray}90%"
    page = [(
        f"1.{name}绩效目标表",
        rows([C("项目名称", 1, 2), C(name, 1, 3)], ["一级指标", "二级指标", "三级指标", "指标描述", "指标值"],
             ["产出指标", "数量指标", f"人数{stray}", "人数", value]),
    )]  # fmt: skip
    (project,) = read_document(parse(f"甲{stray}-2025.csv", offices.separated(page)), 2025).projects
    (indicator,) = project.indicators
    words = (project.name, indicator.name, indicator.target.text)
    assert ["".join(w.split()) for w in words] == ["技能培训", "人数", "≥90%"]
    assert indicator.quotes["value"].text == f"≥{escaped(stray)}90%"


def test_the_cell_keeps_its_own_text_escaped() -> None:
    text = table("技能培训", rows=[("产出指标", "数量指标", "人\x02数", "人数", "≥90\x01%")])
    source = parse("甲-2025.txt", text.encode())
    assert any("2 个单元格含有控制字符（先见于第 1 个表第" in w for w in source.warnings)
    record = read_document(source, None)
    store = Store(ox.Store())
    mapper = Mapper(record, vocabulary())
    store.replace(mapper.iri, mapper.quads())
    (row,) = store.select(
        "SELECT ?name ?value ?cell WHERE { ?i a jx:Indicator ; rdfs:label ?name ; jx:target ?t . ?t jx:text ?value ."
        " ?i prov:wasQuotedFrom ?c . ?c jx:field 'value' ; jx:cellText ?cell }"
    )
    assert row == {"name": "人数", "value": "≥90%", "cell": "≥90\\u0001%"}


def test_the_names_of_documents_sheets_and_captions_are_clean() -> None:
    text = table("技能培训", caption="[bookmark: _T]1.技\x03能培训绩效目标表")
    source = parse("甲\x01乙-2025.txt", text.encode())
    assert source.name == "甲乙-2025.txt"
    assert "\x03" not in source.grids[0].caption


def test_notes_and_names_of_reviewers_are_clean() -> None:
    review = reviewed("a:1", "a:2", ACCEPTED, "同\x01一", "王\ufffe某")
    assert (review.note, review.by) == ("同一", "王某")


@given(st.text(st.characters(codec=None, exclude_categories=()) | st.sampled_from(STRAY)))
def test_what_is_clean_can_be_written_as_xml_and_stays_so(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert escaped(once) == once
    element = ET.fromstring(f"<a>{saxutils.escape(once)}</a>")
    assert (element.text or "").replace("\r\n", "\n").replace("\r", "\n") == once.replace("\r\n", "\n").replace(
        "\r", "\n"
    )


@pytest.mark.parametrize("stray", [c for c in STRAY if c != "\ud800"], ids=[f"{ord(c):04x}" for c in STRAY[:-1]])
@pytest.mark.parametrize("media_type", XML)
def test_xml_is_well_formed_whatever_a_query_makes_up(media_type: str, stray: str) -> None:
    literal = f'"a\\U{ord(stray):08X}\\r\\nb"'
    query = (
        f"SELECT ({literal} AS ?x) {{}}"
        if "sparql" in media_type
        else f"CONSTRUCT {{ <a:b> <a:c#d> {literal} }} WHERE {{}}"
    )
    _, data = formats.write(Store(ox.Store()).query(query), Wanted.by(media_type), 10, 1 << 20)
    text = next(e.text for e in ET.fromstring(data).iter() if e.text and "b" in e.text)
    assert text.startswith("a")
    assert text.endswith("\r\nb")
    if "sparql" in media_type:
        assert show.results(Store(ox.Store()).query(query), "xml").rstrip(b"\n") == data


FORMULAS = [
    "=1+1", "=cmd|'/c calc'!A1", "+1+cmd|' /c x'!A0", "-2+3+cmd|' /c x'!A0", "@SUM(1+1)", "\t=1+1", "\r=1+1", " =1+1", "\n=1",
    "＝1+1", "＋1+A1", "－A1", "＠SUM(1)", "\ufeff=1", "\u200b=1", "=HYPERLINK(\"http://x\",\"y\")", "-A1", "+A1", "--A1",
    "﹦1+1", "﹢A1", "﹣A1", "﹫SUM(1)", "\u3000=1", "\xa0＝1", "\xad=1", "\x00=1", "\x1f@A1", "\x85-A1", "\u2028=1", "\u202e=1", "\u2066+A1",
    "\u3164=1", "\ufe0f=1", "\U000e0041=1", "\u200b \t\ufeff=1", "=-A1", "+-+1+A1", "-5%+A1", "=100%*A1", "@@A1", "-1e5&A1", "=12个/人&A1",
]  # fmt: skip
NUMBERS = [
    "-5",
    "+5",
    "-5.25",
    "-1,234.5",
    "-5%",
    "+3‰",
    "-",
    "--",
    "5-6",
    "1+1",
    "a=b",
    "甲@乙",
    "",
    "-1e5",
    "-.5",
    "≥=90",
    "=",
    "=100%",
    "＝12个/人",
    "-5%以内",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_csv_cell_is_never_a_formula(text: str) -> None:
    assert csv_safe(text) == f"'{text}"
    literal = '"' + "".join(f"\\U{ord(c):08X}" for c in text) + '"'
    store = Store(ox.Store())
    query = f"SELECT ({literal} AS ?x) (-5 AS ?n) (?none AS ?u) {{}}"
    expected = csv_table([["x", "n", "u"], [text, "-5", ""]]).encode()
    assert list(csv.reader(io.StringIO(expected.decode(), newline="")))[1] == [f"'{text}", "-5", ""]
    assert formats.write(store.query(query), Wanted.by("text/csv"), 10, 1 << 20)[1] == expected
    assert show.results(store.query(query), "csv") == expected
    assert jobs.sheet(None, ["x"], [[text]], "csv", "")[1].decode("utf-8-sig") == csv_table([["x"], [text]])  # type: ignore[arg-type]


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_and_words_are_left_alone(text: str) -> None:
    assert csv_safe(text) == text


def test_results_without_formulas_are_byte_for_byte_the_engine_s() -> None:
    found = b'x,y\r\n"a ""b"",\r\nc",-5\r\n,\r\n'
    assert csv_results(found) is found


def indicator_sheet(store: Store) -> bytes:
    """The sheet 指标 of the workbook, written as ``kg export`` writes it."""
    rows = [workbook._indicator(None, fact) for fact in export.facts(store, export.ALL)]
    return save([Sheet("指标", workbook.INDICATORS, rows)])


def test_the_indicator_table_is_safe_as_csv_and_as_a_workbook() -> None:
    store = graph_of(table("=1+1项目", rows=[*ROWS, value_row("@SUM(A1)"), value_row("-5%")], header=HEADER))
    lines = list(csv.DictReader(io.StringIO(export.render(store, "csv").decode())))
    assert {line["project"] for line in lines} == {"'=1+1项目"}
    assert [line["value"] for line in lines][-2:] == ["'@SUM(A1)", "-5%"]
    sheet = load_workbook(io.BytesIO(indicator_sheet(store))).active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize(
    "text", ["≥_x0039_0%", "_x005F_x0041_", "_x000D_", "a_x202E_b_x0001_", "_x_", "_x12_", "__x0041__"]
)
def test_what_looks_like_the_code_of_a_character_is_shown_as_it_is(text: str) -> None:
    data = save([Sheet("表", [Column("甲")], [[text]])])
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        written = re.findall(r"<(?:\w+:)?t(?: [^>]*)?>([^<]*)</", book.read("xl/worksheets/sheet1.xml").decode())
        if "xl/sharedStrings.xml" in book.namelist():
            written += re.findall(r"<t(?: [^>]*)?>([^<]*)</t>", book.read("xl/sharedStrings.xml").decode())
    shown = [
        re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), html.unescape(each)) for each in written
    ]  # as Excel does
    assert text in shown


def test_text_of_an_older_graph_is_written_safely_too() -> None:
    store = graph_of(table("技能\x01培训", rows=[value_row("≥9\x02个")]))
    assert export.render(store, "csv")
    assert load_workbook(io.BytesIO(indicator_sheet(store)))
    _, data = jobs.sheet(None, ["甲\x01"], [["乙\ufffe"]], "xlsx", "丙\x07")  # type: ignore[arg-type]
    assert load_workbook(io.BytesIO(data))


def test_xml_safe_keeps_everything_else() -> None:
    text = "<a>中文 😀 \t\n &amp; ﷐</a>".encode()
    assert xml_safe(text) == text
