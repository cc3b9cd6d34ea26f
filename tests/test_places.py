"""Where a cell stands, as one finds it when the file is opened: sheet and cell, page, table and row, line."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import offices
import openpyxl
import pdfplumber
import pytest
from command import ROOT
from conftest import FakeEncoder
from lxml import etree
from lxml import html as markup
from offices import C
from PIL import Image
from rdflib import Graph
from test_bureaus import store_of

import kg
from kg import show
from kg.captions import FIELDS
from kg.graph.store import Store
from kg.knowledge import KnowledgeGraph
from kg.repeats import show as repeats
from kg.service.sheets import grid, original
from ontology import PREFIXES

HEAD = [
    [C("项目名称"), C("人工影响天气", colspan=3)],
    [C("主管部门"), C("临川市气象局"), C("实施单位"), C("临川市气象局")],
    [C("年度资金总额（万元）"), C("180.00", colspan=3)],
]
LIST = [
    [C("一级指标"), C("二级指标"), C("三级指标"), C("指标值")],
    [C("产出指标", rowspan=2), C("数量指标"), C("增雨作业次数"), C("≥24次")],
    [C("质量指标"), C("作业有效率"), C("≥90%")],
]
PAGE = [("2024年度项目支出绩效目标表", [*HEAD, *LIST])]


def sheet() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "第2页"
    page.append(["2024年度项目支出绩效目标表"])
    page.append([])
    page.append(["项目名称", "人工影响天气"])
    page.append(["主管部门", "临川市气象局"])
    page.append(["年度资金总额（万元）", 180])
    page.append(["一级指标", "二级指标", "三级指标", "指标值"])
    page.append(["产出指标", "数量指标", "增雨作业次数", "≥24次"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


LINES = "项目名称\t人工影响天气\n主管部门\t临川市气象局\n年度资金总额（万元）\t180.00\n一级指标\t二级指标\t三级指标\t指标值\n产出指标\t数量指标\t增雨作业次数\t≥24次\n"
ROWS = "年度,部门,项目名称,预算数(万元),一级指标,二级指标,三级指标,指标值\n2024,临川市气象局,人工影响天气,180.00,产出指标,数量指标,增雨作业次数,≥24次\n"
FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "docx": ("表.docx", lambda: offices.docx(PAGE), "第1个表 第5行"),
    "html": ("表.html", lambda: offices.web(PAGE), "第1个表 第5行"),
    "xlsx": ("表.xlsx", sheet, "工作表“第2页” D7"),
    "txt": ("表.txt", LINES.encode, "第5行文字"),
    "csv": ("表.csv", ROWS.encode, "第2行文字"),
}


def place_of(store: Store, text: str) -> str:
    (row,) = store.select(f'SELECT DISTINCT ?place {{ ?c jx:cellText "{text}" ; jx:place ?place }}')
    return str(row["place"])


@pytest.mark.parametrize("kind", FILES)
def test_the_place_of_a_value(kind: str) -> None:
    name, made, place = FILES[kind]
    assert place_of(store_of((name, made())), "≥24次") == place


def test_the_place_in_a_sheet_holds_the_value_when_the_file_is_opened() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet()))
    _, name, _, cell = (
        place_of(store_of(("表.xlsx", sheet())), "≥24次")
        .replace("“", "|")
        .replace("”", "|")
        .replace(" ", "|")
        .split("|")
    )
    assert book[name][cell].value == "≥24次"


def test_the_line_holds_the_value_when_the_file_is_opened() -> None:
    path = ROOT / "tests" / "data" / "bureaus" / "林业局2024年绩效目标.txt"
    store = store_of((path.name, path.read_bytes()))
    lines = path.read_text("utf-8").splitlines()
    rows = store.select("SELECT ?text ?line { ?c jx:field 'value' ; jx:cellText ?text ; jx:line ?line }")
    assert len(rows) == 12
    assert all(row["text"] in lines[row["line"] - 1] for row in rows)


def test_a_page_of_a_pdf_with_its_table_and_row() -> None:
    store = store_of(("表.pdf", offices.pdf([*PAGE, ("", [[C("别的")], [C("表")]])])))
    assert place_of(store, "≥24次") == "第1页 第1个表 第5行"


def test_the_source_table_has_its_own_headings_and_numbers_and_the_file_is_the_original(tmp_path: Path) -> None:
    data = sheet()
    (tmp_path / "表.xlsx").write_bytes(data)
    kg.build(tmp_path / "data", [tmp_path / "表.xlsx"])
    with kg.open(tmp_path / "data") as graph:
        (part,) = grid(graph, "表.xlsx", 1)
        assert original(graph, "表.xlsx") == data
    assert part["sheet"] == "第2页"
    assert part["columns"] == ["A", "B", "C", "D"]
    assert [row["number"] for row in part["rows"]] == ["1", "2", "3", "4", "5", "6", "7"]
    assert [cell["text"] for cell in part["rows"][5]["cells"]] == ["一级指标", "二级指标", "三级指标", "指标值"]
    assert part["rows"][6]["cells"][3] == {"text": "≥24次", "colspan": 1, "rowspan": 1, "row": 1, "field": "value"}


def test_the_source_table_is_drawn_as_it_stands_and_the_cited_cell_is_marked() -> None:
    from kg.service.pages.components import grid_html

    cell = {"text": "≥24次", "colspan": 1, "rowspan": 2, "row": 1, "field": "value"}
    part = {"caption": "", "sheet": "第2页", "columns": ["A"], "rows": [{"number": "7", "cells": [cell]}]}
    drawn = str(grid_html([part], {"row": 1, "field": "value"}))
    assert "<th>A</th>" in drawn
    assert '<th>7</th><td rowspan="2" class="hit">≥24次</td>' in drawn
    assert 'class="hit"' not in str(grid_html([part], {"row": 1, "field": "name"}))


# —— of every format one file; what is printed of a cell is looked up in it by another library ——

MADE: dict[str, tuple[str, str]] = {
    "docx": ("增雨作业次数", "≥24次"),
    "xlsx": ("防雹作业点数量", "≥31个"),
    "pdf": ("雷达巡检次数", "≥52次"),
    "html": ("预警信息发布条数", "≥160条"),
    "csv": ("自动观测站数量", "≥47个"),
    "txt": ("科普活动场次", "≥8场"),
}
"""Format → an indicator's name and value."""


def page_of(kind: str) -> offices.Page:
    name, value = MADE[kind]
    head = [[C("项目名称"), C(f"{name}工程", colspan=3)], *HEAD[1:]]
    last = [C("效益指标"), C("社会效益指标"), C("防灾减灾能力"), C("进一步提升")]
    rows = [LIST[0], [*LIST[1][:2], C(name), C(value)], LIST[2], last]
    other = ("说明", [[C("填报人"), C("办公室")], [C("日期"), C("三月")]])
    return [other, ("2024年度项目支出绩效目标表", [*head, *rows])]


def made(kind: str) -> bytes:
    page, (name, value) = page_of(kind), MADE[kind]
    match kind:
        case "docx":
            return offices.docx(page)
        case "xlsx":
            return offices.xlsx(page)
        case "pdf":
            return offices.pdf(page, break_pages=True)
        case "html":
            return offices.web(page)
        case "txt":
            return offices.cell_a_line(page)
        case _:
            rows = ROWS.replace("增雨作业次数,≥24次", f"{name},{value}").replace("人工影响天气", f"{name}工程")
            first = (
                rows.splitlines()[1].replace(name + ",", "作业有效率,").replace(value, "≥90%").replace("数量", "质量")
            )
            return f"{rows}{first}\n".replace("作业有效率工程", f"{name}工程").encode()


def standing(kind: str, data: bytes, cell: dict[str, Any]) -> str:
    """What stands in a file where ``place`` says that a cell stands."""
    place = str(cell["place"])
    count = [int("".join(filter(str.isdigit, part))) for part in place.split() if any(map(str.isdigit, part))]
    match kind:
        case "docx":
            names = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
            body = etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))
            row = body.findall(".//w:tbl", names)[count[0] - 1].findall("w:tr", names)[count[1] - 1]
            return "\n".join("".join(c.itertext()) for c in row.findall("w:tc", names))
        case "html":
            rows = markup.fromstring(data).xpath("//table")[count[0] - 1].xpath(".//tr")
            return "\n".join(c.text_content() for c in rows[count[1] - 1].xpath("./td"))
        case "xlsx":
            assert place == f"工作表“{cell['sheet']}” {cell['cell']}"
            return str(openpyxl.load_workbook(io.BytesIO(data))[cell["sheet"]][cell["cell"]].value)
        case "pdf":
            page, table, at = count
            assert page == cell["page"]
            with pdfplumber.open(io.BytesIO(data)) as book:
                return "\n".join(filter(None, book.pages[page - 1].extract_tables()[table - 1][at - 1]))
        case "csv":
            assert count == [cell["line"]]
            return "\n".join(list(csv.reader(io.StringIO(data.decode())))[count[0] - 1])
        case _:
            assert count == [cell["line"]]
            return data.decode().splitlines()[count[0] - 1]


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    folder = tmp_path_factory.mktemp("weather")
    for kind in MADE:
        (folder / f"表.{kind}").write_bytes(made(kind))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.building.load_encoder", lambda _: FakeEncoder())
        patch.setattr("index.search.load_encoder", lambda _: FakeEncoder())
        kg.build(folder / "data", [folder / f"表.{kind}" for kind in MADE])
        with kg.open(folder / "data") as graph:
            yield graph


def holds(cell: dict[str, Any], text: str) -> bool:
    """Whether a document of ``weather`` has a text where a cell of it is said to stand."""
    kind = cell["document"].rpartition(".")[2]
    return text in standing(kind, made(kind), cell).split("\n") or (
        kind == "txt" and text in standing(kind, made(kind), cell)
    )


@pytest.mark.parametrize("kind", MADE)
def test_an_answer_and_what_search_finds_stand_where_is_printed(kind: str, weather: KnowledgeGraph) -> None:
    name, value = MADE[kind]
    answer = weather.ask(f"{name}是多少？")
    (item,) = answer.json()["answers"]
    (proof, *_) = item["evidence"]
    assert (item["value"], proof["text"], proof["document"]) == (value, value, f"表.{kind}")
    assert f"（{proof['place']}）：{value}" in show.answer(answer)
    assert holds(proof, value)
    hit = next(h for h in weather.search(name) if h.passage.label == name)
    assert f"（{hit.passage.place}）" in show.hits([hit])
    found = {"document": hit.passage.document, "place": hit.passage.place, "sheet": hit.passage.sheet}
    assert holds(found | {"cell": hit.passage.cell, "page": hit.passage.page, "line": hit.passage.line}, name)


def test_findings_and_repeated_indicators_stand_where_is_printed(weather: KnowledgeGraph) -> None:
    findings = weather.check()
    assert {f.document for f in findings if f.value == "进一步提升"} == {f"表.{k}" for k in MADE if k != "csv"}
    for finding in findings:
        assert holds(finding.json(), finding.value), finding
        assert f"（{finding.place}）" in show.findings([finding])
    clusters = list(weather.repeats().across("projects"))
    repeated = next(c for c in clusters if c["label"] == "作业有效率")
    assert {m["document"] for m in repeated["members"]} == {f"表.{kind}" for kind in MADE}
    for member in repeated["members"]:
        assert holds(member, "≥90%"), member
        assert member["place"] in repeats.clusters([repeated])


def test_the_nearest_cells_of_what_has_no_answer_stand_where_is_printed(weather: KnowledgeGraph) -> None:
    cells = weather.ask("雷达站站长是谁？").json()["suggestions"]["cells"]
    assert cells
    assert all(holds(cell, cell["text"].split("｜")[0]) for cell in cells)


def test_a_project_shows_what_was_reached_beside_its_targets() -> None:
    from types import SimpleNamespace

    from kg.service.pages.projects import outcomes_html
    from kg.service.views import project

    path = ROOT / "tests" / "data" / "bureaus" / "气象局2024年度自评表.html"
    graph: Any = SimpleNamespace(store=store_of((path.name, path.read_bytes())))
    (row,) = graph.store.select("SELECT ?p { ?p a jx:Project }")
    found = project(graph, row["p"])
    assert (found["executed_wan"], found["execution_rate"], found["total_score"]) == (171, 95, Decimal("97.4"))
    missed = found["outcomes"][0]
    shown = [missed[key] for key in ("value", "actual", "outcome", "difference", "score", "deviation", "place")]
    assert shown == ["≥24次", "19次", "未完成目标", "-5次", Decimal("7.9"), "有利天气条件偏少", "第1个表 第7行"]
    rows = markup.fromstring(path.read_bytes()).xpath("//table")[0].xpath(".//tr")
    assert "19次" in rows[6].text_content()
    drawn = str(outcomes_html(found["outcomes"]))
    assert drawn.index("指标值") < drawn.index("实际完成值")
    assert '<td data-label="指标值">≥24次</td><td data-label="实际完成值">19次</td>' in drawn
    assert 'data-label="得分" class="num">7.9' in drawn


def test_a_page_is_drawn_beside_the_table_that_was_read_from_it(weather: KnowledgeGraph) -> None:
    from kg.service.pages.projects import page_html
    from kg.service.registry import NotFoundError
    from kg.service.sheets import page_picture

    (part,) = grid(weather, "表.pdf", 1)
    assert part["pages"] == [2]
    picture = page_picture(weather, "表.pdf", 2)
    with pdfplumber.open(io.BytesIO(made("pdf"))) as book:
        wide, high = float(book.pages[1].width), float(book.pages[1].height)
    drawn = Image.open(io.BytesIO(picture))
    assert drawn.width / drawn.height == pytest.approx(wide / high, abs=0.01)
    dark = sum(count for count, colour in drawn.convert("L").getcolors() or () if colour < 128)
    assert dark > 1000  # there is print on it
    assert 'src="data:image/png;base64,iVBOR' in str(page_html(2, picture))
    marked = Image.open(io.BytesIO(page_picture(weather, "表.pdf", 2, 1))).convert("RGB")
    (value,) = (c for each in weather.grids("表.pdf") for row in each for c in row if c.text == "≥52次")
    assert value.area is not None
    x, y = ((value.area[n] + value.area[n + 2]) / 2 * marked.width / wide for n in (0, 1))
    red, _, blue = marked.getpixel((int(x), int(value.area[1] * marked.width / wide) + 4))
    assert red > blue + 20, "the cell is marked"
    assert Image.open(io.BytesIO(picture)).convert("RGB").getpixel((int(x), int(y) - 8)) == (255, 255, 255)
    for document, page in (("表.pdf", 9), ("表.docx", 1)):
        with pytest.raises(NotFoundError, match=f"第{page}页没有图片"):
            page_picture(weather, document, page)
    assert grid(weather, "表.xlsx", 1)[0]["pages"] == []


def test_every_field_that_a_cell_may_have_is_named_in_chinese() -> None:
    shapes = Graph().parse(ROOT / "ontology" / "shapes.ttl")
    rows = shapes.query(
        "SELECT ?field { ?s sh:path jx:field ; sh:in/rdf:rest*/rdf:first ?field }",
        initNs=PREFIXES | {"sh": "http://www.w3.org/ns/shacl#"},
    )
    assert {str(row[0]) for row in rows} == FIELDS.keys()  # type: ignore[index]
