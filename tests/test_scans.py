"""Pages without a text layer: what is read of them, what is held back, and how people confirm it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import offices
import printing
import pytest
import scanning
from command import Run, one_error
from offices import C, rows
from PIL import Image
from service import AS_WRITER, Server

import kg
from kg.documents import read_record
from kg.graph.confirm import Confirmations, pending
from kg.readers import Cell, Grid, Item, Reader, ReadError, Scan, Source
from kg.readers.document import parse
from kg.readers.scans import process
from kg.readers.scans.page import ReadCell, ReadLine, ReadPage
from kg.readers.scans.pictures import available
from kg.tables import DocumentRecord, read_document

TABLE = rows(
    [C("项目名称", 1, 2), C("公益性岗位补贴", 1, 3)],
    [C("项目资金\n（万元）", 2, 2), C("年度资金总额：", 1, 2), "97.51"],
    [C("其中：财政拨款", 1, 2), "97.51"],
    [C("绩效指标", 5), "一级指标", "二级指标", "三级指标", "指标值"],
    [C("产出指标", 3), C("数量指标", 2), "享受人员数量", "≥1286人"],
    ["发放次数", "12次"],
    ["成本指标", "补贴资金", "≤97.51万元"],
    ["效益指标", "社会效益指标", "提供就业机会", "不断提升"],
)
WIDTHS = (22, 26, 34, 58, 40)
needs_ocr = pytest.mark.skipif(not available(), reason="没有安装扫描识别组件（jixiao-kg[ocr]）")
needs_font = pytest.mark.skipif(scanning.font() is None, reason="没有中文字体（fonts-noto-cjk）")


def page(dpi: int = 150) -> Image.Image:
    (drawn,) = scanning.pages(["2025年部门预算项目支出绩效目标表"], TABLE, dpi, WIDTHS)
    return drawn.crop((0, 0, drawn.width, drawn.height // 2))


@pytest.fixture(scope="module")
def worn() -> Image.Image:
    return scanning.worn(page(), scanning.Wear(150, 1.0, 0.5, 8, 40), seed=5)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pages that were read are kept: each picture is recognised once in all these tests."""
    return tmp_path_factory.mktemp("scans")


def read(path: Path, kept: Path, told: list[tuple[str, int, int]] | None = None) -> DocumentRecord:
    with Reader(kept, lambda *what: (told if told is not None else []).append(what)) as reader:
        return reader.read(Item(path), partial(read_record, year=None))


def values(record: DocumentRecord) -> list[tuple[str, str, str, Decimal | None]]:
    return [(i.level2, i.name, i.target.text, i.target.number) for p in record.projects for i in p.indicators]


ROWS = [
    ("数量指标", "享受人员数量", "≥1286人", Decimal(1286)),
    ("数量指标", "发放次数", "12次", Decimal(12)),
    ("成本指标", "补贴资金", "≤97.51万元", Decimal("97.51")),
    ("社会效益指标", "提供就业机会", "不断提升", None),
]


@needs_ocr
@needs_font
def test_a_worn_page_is_read_like_a_table_and_every_cell_says_so(tmp_path: Path, kept: Path, worn: Image.Image) -> None:
    file = tmp_path / "扫描-2025.png"
    file.write_bytes(scanning.bytes_of(worn))
    told: list[tuple[str, int, int]] = []
    record = read(file, kept, told)
    assert values(record) == ROWS
    (project,) = record.projects
    assert (project.name, project.budget, project.fiscal_funds) == ("公益性岗位补贴", 975100, 975100)
    assert record.year == 2025
    assert record.flags == []
    quote = project.indicators[0].quotes["value"]
    x0, y0, x1, y1 = quote.scans[0].box
    assert 0 <= x0 < x1 <= worn.width
    assert 0 <= y0 < y1 <= worn.height
    assert told == [("识别扫描页", 0, 1), ("识别扫描页", 1, 1)]


@needs_ocr
@needs_font
@pytest.mark.parametrize("form", ["docx", "xlsx", "html", "tif", "bmp"])
def test_a_picture_is_read_in_whatever_holds_it(tmp_path: Path, kept: Path, worn: Image.Image, form: str) -> None:
    """The picture was recognised before: its pixels are the same, so nothing is recognised again."""
    plain = scanning.bytes_of(worn)
    content = {
        "docx": lambda: in_docx(plain),
        "xlsx": lambda: in_xlsx(plain),
        "html": lambda: b'<p><img src="data:image/png;base64,%s"></p>' % base64.b64encode(plain),
        "tif": lambda: scanning.bytes_of(worn, "TIFF"),
        "bmp": lambda: scanning.bytes_of(worn, "BMP"),
    }[form]()
    file = tmp_path / f"图-2025.{form}"
    file.write_bytes(content)
    record = read(file, kept)
    assert values(record) == ROWS
    assert all(q.scans for i in record.projects[0].indicators for q in i.quotes.values())


@needs_ocr
@needs_font
def test_a_page_upside_down_is_read_upright(tmp_path: Path, kept: Path) -> None:
    file = tmp_path / "倒-2025.png"
    turned = page().rotate(180)
    file.write_bytes(scanning.bytes_of(turned))
    record = read(file, kept)
    assert values(record) == ROWS
    x0, y0, x1, _ = record.projects[0].quotes["project"].scans[0].box  # on the page as it came
    assert y0 > turned.height / 2
    assert x0 < x1 < turned.width * 0.8


@needs_ocr
@needs_font
def test_pages_with_and_without_text_are_one_document(tmp_path: Path, kept: Path) -> None:
    """The first page has a text layer, the second is a picture, under a stamp."""
    stamped = scanning.worn(page(), scanning.Wear(150, -0.8, 0.4, 5, 60, True), seed=2)
    file = tmp_path / "混合-2025.pdf"
    file.write_bytes(joined(offices.pdf([("甲项目绩效目标表", named("甲项目"))]), scanning.pdf_of([stamped], 150)))
    record = read(file, kept)
    one, two = record.projects
    assert (one.name, two.name) == ("甲项目", "公益性岗位补贴")
    assert not one.quotes["project"].scans
    assert two.quotes["project"].scans
    held = {f.quote.row for f in record.flags if f.code.startswith("scan-") and f.quote.field == "value"}
    for truth, found in zip(ROWS, two.indicators, strict=True):
        assert found.target.number == (None if found.row in held else truth[3])


def named(name: str) -> offices.Rows:
    return [[C("项目名称", 1, 2), C(name, 1, 3)], *TABLE[1:]]


def joined(*files: bytes) -> bytes:
    import pypdfium2

    out = pypdfium2.PdfDocument.new()
    for file in files:
        out.import_pages(pypdfium2.PdfDocument(file))
    held = io.BytesIO()
    out.save(held)
    return held.getvalue()


def in_docx(picture: bytes) -> bytes:
    import zipfile

    names = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    body = f'<w:p><w:r><w:t>绩效目标表</w:t></w:r></w:p><w:p><w:r><w:drawing><a:blip {names} r:embed="rId9"/></w:drawing></w:r></w:p>'
    held = io.BytesIO(offices.docx_of(body))
    with zipfile.ZipFile(held, "a") as package:
        kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
        package.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" Type="{kinds}" Target="media/image1.png"/></Relationships>',
        )
        package.writestr("word/media/image1.png", picture)
    return held.getvalue()


def in_xlsx(picture: bytes) -> bytes:
    import openpyxl
    from openpyxl.drawing.image import Image as Drawing

    book = openpyxl.Workbook()
    book.active.add_image(Drawing(io.BytesIO(picture)), "B2")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@needs_ocr
def test_a_page_has_limits_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "SECONDS_A_PAGE", 0.01)
    file = tmp_path / "慢.png"
    Image.new("L", (900, 900), 255).save(file)
    with pytest.raises(ReadError, match=r"“慢\.png”.*读取超过 0 秒，已停止"):
        read(file, tmp_path / "kept")


@pytest.mark.parametrize("name", ["表.png", "表.pdf"])
def test_without_the_extra_one_line_says_what_to_install(name: str) -> None:
    picture = Image.new("L", (900, 900), 255)
    with pytest.raises(ReadError) as caught:
        parse(name, scanning.pdf_of([picture]) if name.endswith("pdf") else scanning.bytes_of(picture), None)
    assert "pip install 'jixiao-kg[ocr]'" in str(caught.value)
    assert "\n" not in str(caught.value)


# -- what is ruled --------------------------------------------------------------------------------------------


@needs_ocr
@needs_font
@pytest.mark.parametrize("turn", [-3.0, 0.0, 1.0, 6.0])
def test_the_ruling_gives_the_cells_with_their_spans(turn: float) -> None:
    import numpy as np

    from kg.readers.scans import ruling

    picture = np.asarray(scanning.worn(page(), scanning.Wear(150, turn, 0.6, 8, 40), seed=1))
    upright = ruling.turned(picture, ruling.skew(picture, 6))
    (table,) = ruling.lattices(*ruling.masks(upright, 6), 6)
    xs = sorted({c[0] for c in table.cells} | {c[2] for c in table.cells})
    ys = sorted({c[1] for c in table.cells} | {c[3] for c in table.cells})
    found = [
        (ys.index(y0) + 1, xs.index(x0) + 1, ys.index(y1) - ys.index(y0), xs.index(x1) - xs.index(x0))
        for x0, y0, x1, y1 in table.cells
    ]
    assert sorted(found) == sorted((r, c, cell.rowspan, cell.colspan) for r, c, cell in offices.placed(TABLE))
    assert table.unsure == set()


@needs_ocr
@needs_font
def test_a_stamp_leaves_no_ink_and_the_ruling_below_it_stands() -> None:
    import numpy as np

    from kg.readers.scans import ruling

    wear = scanning.Wear(150, 0.0, 0.4, 5, 60, True)
    paper = np.asarray(scanning.worn(Image.new("L", (1240, 877), 255), wear, seed=3))
    with_it = int((ruling.ink(ruling.grey(paper), 6) > 0).sum())
    left = int((ruling.ink(ruling.without_stamps(paper, 6), 6) > 0).sum())
    assert with_it > 5000
    assert left < with_it // 20
    bare = np.asarray(page())
    stamped = ruling.without_stamps(np.asarray(scanning.worn(page(), wear, seed=3)), 6)
    (one,), (two,) = (ruling.lattices(*ruling.masks(p, 6), 6) for p in (bare, stamped))
    assert len(one.cells) == len(two.cells)
    assert all(abs(a - b) <= 2 for x, y in zip(one.cells, two.cells, strict=True) for a, b in zip(x, y, strict=True))


@needs_ocr
def test_ink_of_which_nothing_was_recognised_is_told() -> None:
    import numpy as np

    from kg.readers.scans.recognise import _Reader

    paper = np.full((60, 300), 255, np.uint8)
    paper[20:40, 50:250:8] = 0
    paper[20:40, 51:250:8] = 0
    reader = _Reader(paper, np.dstack([paper] * 3), np.zeros_like(paper), 6)
    reader.line_height = 20.0
    assert reader._unread((0, 0, 300, 60), "", [])
    assert not reader._unread((0, 0, 40, 60), "", [])


@needs_ocr
def test_writing_in_colour_is_no_stamp() -> None:
    import numpy as np

    from kg.readers.scans import ruling

    page = np.full((400, 800, 3), 255, np.uint8)
    page[100:130, 100:500] = (200, 20, 30)
    assert (ruling.without_stamps(page, 6)[100:130, 100:500] < 120).all()


@needs_ocr
@pytest.mark.parametrize(
    ("one", "two", "alike"),
    [
        ("≥90%", "≥90%", True),
        ("单位：万元", "单位:万元", True),
        ("≥90%", "＞90%", False),
        ("≥20", "≥20个", False),
        ("3540.00", "3540,00", False),
        ("1,200", "1200", True),
        ("100%", "1００％", True),
        ("", "1", False),
        ("开展培训，确保本单位各信息系统正常运行，全年不少于12次培训。", "开展培训，确保木单位各信息系统正常运行，全年不少于12次培训。", True),
        ("开展培训，确保本单位各信息系统正常运行，全年不少于12次培训。", "开展培训，确保本单位各信息系统正常运行，全年不少于72次培训。", False),
    ],
)  # fmt: skip
def test_two_readings_are_one_where_figures_signs_and_units_agree(one: str, two: str, alike: bool) -> None:
    from kg.readers.scans.readings import same

    assert same(one, two) is alike


# -- what is held back ----------------------------------------------------------------------------------------


def source(changes: dict[str, Scan] | None = None, texts: dict[str, str] | None = None, table: Any = TABLE) -> Source:
    """The table as recognised: each cell at a place of its own, some with doubts."""
    grid = Grid("2025年项目支出绩效目标表")
    held: dict[int, list[Cell]] = {}
    for number, (r, c, cell) in enumerate(offices.placed(table)):
        scan = (changes or {}).get(cell.text) or Scan("a" * 64, (number, 0, number + 1, 1))
        text = (texts or {}).get(cell.text, cell.text)
        held.setdefault(r, []).append(
            Cell(text, r, c, rowspan=cell.rowspan, colspan=cell.colspan, page=1, scans=(scan,))
        )
    grid.rows = list(held.values())
    return Source("扫描-2025.pdf", "0" * 64, "", [grid])


def doubt(other: str = "另一个", sure: bool = True) -> Scan:
    return Scan("b" * 64, (1, 2, 3, 4), other, sure)


@pytest.mark.parametrize(
    ("cell", "row", "field"),
    [("≥1286人", 1, "value"), ("≤97.51万元", 3, "value"), ("享受人员数量", 1, "name")],
)
def test_a_doubtful_cell_keeps_its_words_and_states_no_number(cell: str, row: int, field: str) -> None:
    record = read_record(source({cell: doubt()}), None)
    (flag,) = [f for f in record.flags if f.code == "scan-unsure"]
    assert (flag.quote.row, flag.quote.field, flag.quote.text) == (row, field, cell)
    assert "另一次为“另一个”" in flag.message
    target = record.projects[0].indicators[row - 1].target
    assert (target.number is None) is (field == "value")
    assert target.text in cell or field == "name"


@pytest.mark.parametrize(("read_as", "said"), [("≤12%0", True), ("12%次%", True), ("≥1Z次", True), ("每月1次", False)])
def test_a_number_with_a_sign_that_is_none_is_doubtful(read_as: str, said: bool) -> None:
    """Both readings may take one sign for another: per mille for percent and a nought."""
    record = read_record(source(texts={"12次": read_as}), None)
    target = record.projects[0].indicators[1].target
    assert (target.text, target.number) == (read_as, None)
    assert ([f.quote.text for f in record.flags if f.code == "scan-unsure"] == [read_as]) is said


@pytest.mark.parametrize(
    ("texts", "held"),
    [
        ({"≤97.51万元": "<97.51万元"}, ["<97.51万元"]),
        ({"≥1286人": ">1286人"}, [">1286人"]),
        ({"≥1286人": ">1286人", "≤97.51万元": "＜97.51万元"}, []),  # this form writes them
    ],
)
def test_a_sign_that_may_have_lost_its_bar_is_doubtful(texts: dict[str, str], held: list[str]) -> None:
    """A scan without the bar of ≤ is read as < by every reading; in a text layer < is what is written."""
    record = read_record(source(texts=texts), None)
    assert [f.quote.text for f in record.flags if f.code == "scan-unsure"] == held
    numbers = {i.target.text: i.target.number for i in record.projects[0].indicators}
    assert all((numbers[text] is None) is (text in held) for text in texts.values())
    plain = source(texts=texts)
    plain.grids[0].rows = [[replace(cell, scans=()) for cell in row] for row in plain.grids[0].rows]
    assert read_record(plain, None).flags == []


def test_a_doubtful_budget_is_no_budget() -> None:
    record = read_record(source({"97.51": doubt()}), None)
    project = record.projects[0]
    assert (project.budget, project.fiscal_funds) == (None, None)
    assert project.quotes["budget"].text == "97.51"
    assert [f.amount for f in project.fundings if f.quote.scans] in ([], [None])


def test_amounts_below_a_doubtful_unit_are_none() -> None:
    project = read_record(source({"项目资金\n（万元）": doubt("项目资金（元）")}), None).projects[0]
    assert project.budget is None


def test_a_cell_with_uncertain_sides_is_doubtful() -> None:
    record = read_record(source({"12次": doubt("", sure=False)}), None)
    assert [f.code for f in record.flags] == ["scan-unsure", "picture-not-read"]
    assert record.projects[0].indicators[1].target.number is None


@pytest.mark.parametrize(
    ("texts", "held"),
    [
        ({}, set()),
        ({"≤97.51万元": "≤91.51万元"}, {"value"}),  # costs against the budget, which its funds bear out
        ({"≤97.51万元": "≤0.51万元"}, set()),  # a rate, not a part of the budget
    ],
)
def test_figures_must_pass_the_sums_that_the_form_gives(texts: dict[str, str], held: set[str]) -> None:
    record = read_record(source(texts=texts), None)
    assert {f.quote.field for f in record.flags if f.code == "scan-sum"} == held


def test_funds_that_do_not_add_up_are_held_back() -> None:
    table = rows(*TABLE[:2], [C("其中：财政拨款", 1, 2), "91.51"], *TABLE[3:])
    record = read_record(source(table=table), None)
    project = record.projects[0]
    assert (project.budget, project.fiscal_funds) == (None, None)
    assert {f.quote.text for f in record.flags if f.code == "scan-sum"} >= {"97.51", "91.51"}


def test_what_a_person_has_confirmed_is_held_back_no_more() -> None:
    scan = doubt()
    read_rightly = read_record(source({"≥1286人": scan}), None, {scan.key: ""})
    assert read_rightly.projects[0].indicators[0].target.number == 1286
    corrected = read_record(source({"≥1286人": scan}), None, {scan.key: "≥1288人"})
    assert corrected.projects[0].indicators[0].target.number == 1288
    assert [f.code for f in [*read_rightly.flags, *corrected.flags]] == []


def test_tables_with_text_are_not_held_to_the_sums() -> None:
    plain = source(texts={"≤97.51万元": "≤91.51万元"})
    for grid in plain.grids:
        grid.rows = [[Cell(c.text, c.row, c.column, rowspan=c.rowspan, colspan=c.colspan) for c in r] for r in grid]
    record = read_record(plain, None)
    assert record.projects[0].indicators[2].target.number == Decimal("91.51")
    assert record.source is None


# -- how people confirm it ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built_doubtful(tmp_path_factory: pytest.TempPathFactory, kg_run: Run) -> Path:
    """A folder with a picture and a data directory built of it, from what was read of it before: one value in two ways."""
    tmp_path = tmp_path_factory.mktemp("doubtful")
    picture = Image.new("L", (1000, 600), 255)
    for x in range(0, 1000, 7):
        picture.putpixel((x, x % 600), 0)
    name = hashlib.sha256(repr((picture.mode, picture.size)).encode() + picture.tobytes()).hexdigest()
    cells = []
    for r, c, cell in offices.placed(TABLE):
        box = ((c - 1) * 200, (r - 1) * 70, (c - 1 + cell.colspan) * 200, (r - 1 + cell.rowspan) * 70)
        lines = tuple(
            ReadLine(text, box[0] + 5, box[0] + 5 + 20 * len(text), box[1] + 5 + 30 * n, 22)
            for n, text in enumerate(cell.text.split("\n"))
        )
        cells.append(ReadCell(box, box, lines, "≥1236人" if cell.text == "≥1286人" else ""))
    read = ReadPage(1000, 600, [cells], [ReadLine("2025年绩效目标表", 5, 300, 0, 20)])
    folder = tmp_path / "data" / process.FOLDER
    folder.mkdir(parents=True)
    (folder / f"{name}-{process.mark()}.json").write_text(json.dumps(read.json(), ensure_ascii=False), "utf-8")
    picture.convert("RGB").save(process.picture_file(folder, name))
    file = tmp_path / "扫描-2025.png"
    picture.save(file)
    assert kg_run("build", file, "--data", tmp_path / "data").returncode == 0
    return tmp_path


@pytest.fixture
def doubtful(built_doubtful: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the picture and of the data directory, to work on."""
    shutil.copytree(built_doubtful, tmp_path / "copy")
    return tmp_path / "copy" / "扫描-2025.png", tmp_path / "copy" / "data"


@needs_ocr
def test_a_doubtful_value_waits_until_somebody_confirms_it(kg_run: Run, doubtful: tuple[Path, Path]) -> None:
    file, data = doubtful
    (line,) = kg_run("confirm", "list", "--data", data, "--json").stdout.splitlines()
    waits = json.loads(line)
    assert (waits["row"], waits["text"], waits["other"]) == (1, "≥1286人", "≥1236人")
    assert "核对" in kg_run("check", "--data", data, "--code", "scan-unsure").stdout
    shown = data.parent / "cell.png"
    assert kg_run("confirm", "picture", waits["id"], "-o", shown, "--data", data).returncode == 0
    with Image.open(shown) as cut:
        assert cut.size[0] >= 200
        assert cut.size[1] >= 70
    export = kg_run("export", "--format", "csv", "--data", data).stdout
    assert ",享受人员数量," in export
    assert ",≥1286人,,,," in export
    one_error(kg_run("confirm", "accept", "nothing", "--data", data), "nothing", "kg confirm list")
    done = kg_run("confirm", "correct", waits["id"], "≥1236人", "--data", data, "--by", "甲")
    assert done.stdout == "已核对 1 个单元格，还有 0 个\n"
    assert ",≥1236人,≥,1236,人," in kg_run("export", "--format", "csv", "--data", data).stdout
    # the decision outlives a rebuild from the file
    assert kg_run("build", "--yes", file, "--data", data).returncode == 0
    with kg.open(data) as graph:
        assert pending(graph.store) == []
        assert graph.store.select("SELECT ?t { ?c jx:confirmed true ; jx:scanned true ; jx:cellText ?t }") == [
            {"t": "≥1236人"}
        ]
        cell = graph.ask("公益性岗位补贴的预算是多少？").answers[0].evidence[0]
        assert (cell.text, cell.place) == ("97.51", "第1页 第1个表 第2行 扫描识别")
    assert [(c.text, c.by) for c in Confirmations(data).all()] == [("≥1236人", "甲")]


@needs_ocr
def test_the_service_shows_the_picture_of_a_cell_and_takes_the_decision(doubtful: tuple[Path, Path]) -> None:
    _, data = doubtful
    with Server(data, log=data.parent / "log") as server:
        found = server.get("/api/scans").json()
        assert found["total"] == 1
        (one,) = found["items"]
        picture = server.get(f"/api/scans/{one['id']}/picture")
        assert picture.headers["content-type"] == "image/png"
        with Image.open(io.BytesIO(picture.content)) as cut:
            assert cut.format == "PNG"
        assert server.get("/api/scans/nothing/picture").status_code == 404
        body = {"cells": [{"id": one["id"]}]}
        assert server.post("/api/scans", json=body).status_code in (401, 403)
        assert server.post("/api/scans", json=body, headers=AS_WRITER).status_code == 200
        assert server.get("/api/scans").json()["total"] == 0
        refused = server.post("/api/scans", json=body, headers=AS_WRITER)
        assert refused.status_code == 422
        items = server.get("/api/indicators", params={"q": "享受人员数量"}).json()["items"]
        assert items[0]["value"] == "≥1286人"


# ---------------------------------------------------------------- stamps and layers of recognised words


def test_readings_vote_and_one_that_differs_is_told() -> None:
    from kg.readers.scans.readings import settled

    assert settled([["≥90%"], ["≥90%"], ["≥90"], ["≥90"], ["90"]]) == (["≥90%"], "≥90")
    assert settled([["12次"], ["≥12次"], ["≥12次"]]) == (["≥12次"], "12次")
    assert settled([["按时", "完成"], ["按时完成"]]) == (["按时", "完成"], "")
    assert settled([["≥5人"], [""]]) == (["≥5人"], "（空白）")


@pytest.mark.parametrize(
    ("odd", "other"),
    [
        ("71≥90%%", "≥90%"), ("章≥90%", "≥90%"), ("カ100%", "100%"), ("2025年2月31日前", "2025年12月31日前"),
        ("2025年32月31日前", "2025年12月31日前"), ("≥90%0", "≥90%"), ("6月31日", "6月30日"), ("1月41日", "1月31日"),
    ],
)  # fmt: skip
def test_a_reading_that_no_cell_can_say_loses_whatever_its_votes(odd: str, other: str) -> None:
    from kg.readers.scans.readings import settled

    assert settled([[odd], [odd], [odd], [other]]) == ([other], odd)


@pytest.mark.parametrize(
    "said", ["满意度≥90%", "12月31日", "2月29日前", "0.8‰", "≥10月", "3月至11月30日", "10月", "培训2次"]
)
def test_a_reading_that_a_cell_can_say_keeps_its_votes(said: str) -> None:
    from kg.readers.scans.readings import settled

    assert settled([[said], [said], ["一"]]) == ([said], "一")


def test_a_star_and_words_amid_a_ring_are_of_the_stamp() -> None:
    import cv2
    import numpy as np

    from kg.readers.scans.ruling import without_stamps

    page = np.full((600, 600, 3), 255, np.uint8)
    cv2.circle(page, (300, 300), 160, (210, 40, 40), 8)
    cv2.rectangle(page, (260, 280), (340, 320), (210, 40, 40), -1)
    cv2.rectangle(page, (20, 20), (60, 40), (210, 40, 40), -1)  # a word in red, outside
    bare = without_stamps(page, 8)
    assert bare[300, 300] > 230
    assert bare[300, 140] > 230
    assert bare[30, 40] < 130


def test_words_below_a_picture_that_shows_no_ink_are_told_where_nothing_is_recognised() -> None:
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    seen = printing.page(form_rows("≥36个"))
    assert not [f for f in read_document(parse("表.pdf", seen)).flags if f.code == "picture-not-read"]
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 595, 842)
    canvas.setFont(printing.FONT, 9)
    canvas._code.append("3 Tr")
    for r, c, cell in offices.placed(form_rows("≥86个")):
        canvas.drawString(64 + (c - 1) * 118, 760 - (r - 1) * 24, cell.text)
    for c in range(5):
        canvas.line(60 + c * 118, 770, 60 + c * 118, 674)
    for r in range(5):
        canvas.line(60, 770 - r * 24, 532, 770 - r * 24)
    canvas.showPage()
    canvas.save()
    document = read_document(parse("2025年表.pdf", out.getvalue()))
    assert [i.target.text for i in document.projects[0].indicators] == ["≥86个"]
    (flag,) = (f for f in document.flags if f.code == "picture-not-read")
    assert "第 1 页" in flag.message


def form_rows(value: str) -> offices.Rows:
    return offices.rows(
        ["项目名称", "口袋公园", "", ""],
        ["年度资金总额（万元）", "120.50", "", ""],
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", "公园数量", value],
    )
