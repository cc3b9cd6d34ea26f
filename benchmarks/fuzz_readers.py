"""Damaged and hostile files for the readers: ``python -m benchmarks.fuzz_readers COUNT [SEED]``.

Each file is read as ``kg build`` reads it. Counted are those read, refused, and stopped for their time; findings are
those that crashed the reading process, took longer than 10 seconds all the same, failed in a way that no reader
foresaw, or wrote where they may not.
"""

from __future__ import annotations

import io
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from kg.documents import read_record
from kg.readers import Item, Reader, ReadError

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import offices
import scanning
import unruled
from offices import C, rows

LIMIT = 10.0
A_PAGE = 30.0  # seconds for a picture on a machine that others use, the start of the recognition among them
PAGE = [
    (
        "2025年度项目支出绩效目标表",
        rows(
            [C("项目名称", 1, 2), C("公益性岗位补贴", 1, 3)],
            [C("绩效目标", 1, 2), C("1.开展培训。\n2.发放补贴。", 1, 3)],
            [C("绩效指标", 4), "一级指标", "二级指标", "三级指标", "指标值"],
            [C("产出指标", 2), C("数量指标", 2), "享受人员数量", "≥20人"],
            ["发放次数", "12次"],
            ["效益指标", "社会效益指标", "提供就业机会", "不断提升"],
        ),
    )
]
Mutate = Callable[[random.Random, bytes], bytes]
Make = Callable[[random.Random], tuple[str, bytes]]


def truncated(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def flipped(rng: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 3, 10, 100))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def overwritten(rng: random.Random, data: bytes) -> bytes:
    at, size = rng.randrange(len(data)), rng.choice((1, 2, 4, 64, 600))
    filler = rng.choice((b"\0", b"\xff", b"\x7f", rng.randbytes(1))) * size
    return data[:at] + filler + data[at + size :]


def doubled(rng: random.Random, data: bytes) -> bytes:
    a, b = sorted(rng.randrange(len(data)) for _ in range(2))
    return data[:b] + data[a:]


def cut_out(rng: random.Random, data: bytes) -> bytes:
    a, b = sorted(rng.randrange(len(data)) for _ in range(2))
    return data[:a] + data[b:]


def big_number(rng: random.Random, data: bytes) -> bytes:
    """A figure of the file becomes a very big or negative one: sizes, spans, offsets, counts."""
    places = [at for at in range(len(data)) if 48 <= data[at] <= 57]
    at = rng.choice(places) if places else 0
    return data[:at] + rng.choice((b"999999999", b"-1", b"0", b"4294967296", b"1e309")) + data[at + 1 :]


MUTATIONS: list[Mutate] = [truncated, flipped, overwritten, doubled, cut_out, big_number]


def inside(rng: random.Random, data: bytes) -> bytes:
    """Change a part of a package and pack it again, so that the change reaches the parser."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        parts: dict[str, str | bytes] = {name: file.read(name) for name in file.namelist()}
    name = rng.choice([n for n in parts if len(parts[n]) > 10])
    part = parts[name]
    assert isinstance(part, bytes)
    parts[name] = rng.choice(MUTATIONS)(rng, part)
    return offices.archive(parts)


def seeds() -> dict[str, bytes]:
    formats = offices.MERGING | offices.FLAT
    files = {form: write(PAGE) for form, write in formats.items()}
    files["doc"] = (Path(__file__).parents[1] / "tests" / "data" / "declaration.doc").read_bytes()
    form = unruled.form(random.Random(1))
    files["unruled.pdf"] = unruled.pdf(form, random.Random(1))
    (page,) = scanning.pages(["2025年度项目支出绩效目标表"], PAGE[0][1], 150)
    files["png"], files["scan.pdf"] = scanning.bytes_of(page), scanning.pdf_of([page])
    files["zip"] = offices.archive({f"a.{form}": files[form] for form in ("docx", "xls", "csv")})
    return files


def word(xml: str) -> bytes:
    return offices.docx_of(xml)


def sheet(xml: str, **parts: str | bytes) -> bytes:
    members: dict[str, str | bytes] = {}
    with zipfile.ZipFile(io.BytesIO(offices.xlsx(PAGE))) as file:
        members |= {name: file.read(name) for name in file.namelist()}
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    members["xl/worksheets/sheet1.xml"] = f"<worksheet {space}>{xml}</worksheet>"
    return offices.archive(members | parts)


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]><x>&i;</x>'


def hostile(rng: random.Random) -> tuple[str, bytes]:
    """One of the files that are built to hurt, of some size."""
    n = rng.choices((100, 1_000, 10_000, 50_000), (4, 4, 2, 1))[0]
    cell = "<w:tc><w:p><w:r><w:t>一</w:t></w:r></w:p></w:tc>"
    made: list[tuple[str, Callable[[], bytes]]] = [
        ("bomb.docx", lambda: offices.archive({"[Content_Types].xml": "", "word/document.xml": bytes(n * 1000)})),
        ("bomb.zip", lambda: offices.archive({f"{i}.txt": bytes(n * 100) for i in range(9)})),
        ("nested.zip", lambda: nested(n // 100)),
        ("many.zip", lambda: offices.archive({f"{i}.txt": "" for i in range(n)})),
        ("escape.zip", lambda: offices.archive({"../../../../tmp/kg-escape/a.csv": "a,b", "/etc/kg-escape.csv": "a,b"})),
        ("deep.html", lambda: b"<div>" * n + b"<table><tr><td>a<td>b</table>"),
        ("tables.html", lambda: b"<table><tr><td>" * n),
        ("spans.html", lambda: f"<table>{'<tr><td rowspan=65534 colspan=1000>一<td>二' * min(n, 5000)}</table>".encode()),
        ("wide.html", lambda: f"<table><tr>{'<td>一' * n}</table>".encode()),
        ("long.html", lambda: f"<table>{'<tr><td>一级指标<td>指标<td>指标值' * n}</table>".encode()),
        ("entities.html", lambda: (ENTITIES + "]><table><tr><td>&i;<td>b</table>").encode()),
        ("entities.docx", lambda: word(ENTITIES + "]>")),
        ("entities2.docx", lambda: offices.archive({"[Content_Types].xml": "", "word/document.xml": ENTITIES + "]><x>&i;</x>"})),
        ("outside.docx", lambda: offices.archive({"[Content_Types].xml": "", "word/document.xml": OUTSIDE})),
        ("outside.xlsx", lambda: sheet("", **{"xl/sharedStrings.xml": OUTSIDE, "xl/workbook.xml": OUTSIDE})),
        ("entities.xlsx", lambda: sheet("", **{"xl/sharedStrings.xml": ENTITIES + "]><x>&i;</x>"})),
        ("deep.docx", lambda: word("<w:tbl><w:tr><w:tc>" * (n // 10) + "</w:tc></w:tr></w:tbl>" * (n // 10))),
        ("controls.docx", lambda: word("<w:sdt>" * 200 + "<w:p/>" + "</w:sdt>" * 200)),
        ("wide.docx", lambda: word(f"<w:tbl><w:tr>{cell * n}</w:tr></w:tbl>")),
        ("long.docx", lambda: word(f"<w:tbl>{('<w:tr>' + cell * 5 + '</w:tr>') * (n // 5)}</w:tbl>")),
        ("text.docx", lambda: word(f"<w:p><w:r><w:t>{'一' * n * 20}</w:t></w:r></w:p>")),
        ("corner.xlsx", lambda: sheet('<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')),
        ("wide.xlsx", lambda: sheet(f'<sheetData><row r="1">{"<c><v>1</v></c>" * min(n, 16384)}</row></sheetData>')),
        ("long.xlsx", lambda: sheet(f"<sheetData>{'<row><c><v>1</v></c><c><v>2</v></c></row>' * n}</sheetData>")),
        ("merge.xlsx", lambda: sheet('<sheetData><row><c><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
        ("formula.xlsx", lambda: sheet(f"<sheetData><row><c><f>{'SUM(' * min(n, 9000)}1</f></c><c><f>WEBSERVICE(\"http://127.0.0.1:9\")</f></c></row></sheetData>")),
        ("macro.xlsm", lambda: sheet("<sheetData/>", **{"xl/vbaProject.bin": rng.randbytes(5000)})),
        ("quotes.csv", lambda: b'"' * n * 10 + b",a\n"),
        ("commas.csv", lambda: b"," * n * 20),
        ("lines.csv", lambda: b"a,b\n" * n * 5),
        ("cell.csv", lambda: b"a," + b"b" * n * 100),
        ("tabs.txt", lambda: b"\t" * n * 20),
        ("cells.txt", lambda: b"\ta\n" * n * 5),
        ("blank.txt", lambda: b"\ta\n" + b"\n" * n * 20 + b"\tb\n"),
        ("pipes.txt", lambda: b"|" * n * 20 + b"\n" + b"| a | b |\n" * 5),
        ("long.txt", lambda: ("\t" + "1、" * n * 5 + "\n\t≥" + "9" * n + "万元\n").encode()),
        ("loop.pdf", lambda: b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 9>>endobj\ntrailer<</Root 1 0 R>>"),
        ("pages.pdf", lambda: b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[" + b"3 0 R " * n + b"]/Count 9>>endobj\n3 0 obj<</Type/Page/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>"),
        ("lines.pdf", lambda: rulings(min(n, 5000))),
    ]  # fmt: skip
    name, make = rng.choice(made)
    return name, make()


def nested(depth: int) -> bytes:
    data = b"a,b\n"
    for level in range(min(depth, 100)):
        data = offices.archive({f"{level}.{'csv' if not level else 'zip'}": data})
    return data


def rulings(count: int) -> bytes:
    """A page that is all lines."""
    stream = b"".join(b"0 %d m 600 %d l S %d 0 m %d 800 l S\n" % (i, i, i, i) for i in range(count))
    return (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\ntrailer<</Root 1 0 R>>" % (len(stream), stream)
    )


def files(rng: random.Random, count: int) -> list[Make]:
    """What to make, one after the other: a quarter hostile, the rest damaged; a few are slow."""
    originals = seeds()
    slow = ["doc", "png", "scan.pdf"]  # LibreOffice's start, and the recognition of a page
    common = [form for form in originals if form not in slow]

    def damaged(rng: random.Random) -> tuple[str, bytes]:
        form = rng.choice(common) if rng.random() > 0.03 else rng.choice(slow)
        data = originals[form]
        mutate = inside if form in ("docx", "xlsx", "zip") and rng.random() < 0.7 else rng.choice(MUTATIONS)
        return f"{mutate.__name__}.{form}", mutate(rng, data)

    return [hostile if rng.random() < 0.25 else damaged for _ in range(count)]


def main(count: int, seed: int = 0) -> int:
    rng = random.Random(seed)
    outcomes: Counter[str] = Counter()
    findings: list[str] = []
    slowest: tuple[float, str] = (0.0, "")
    pages: list[int] = []  # told of each picture that is recognised
    with tempfile.TemporaryDirectory() as folder, Reader(report=lambda *_: pages.append(1)) as reader:
        for number, make in enumerate(files(rng, count)):
            name, data = make(rng)
            path = Path(folder) / name
            path.write_bytes(data)
            start, before = time.monotonic(), len(pages)
            found = reader.find([path])
            told = list(found.failures)
            for item in found.items[:20]:
                told += one(reader, item, outcomes)
            took = time.monotonic() - start
            slowest = max(slowest, (took, name))
            stopped = sum("已停止" in line for line in told)
            outcomes["stopped"] += stopped
            outcomes["refused"] += len(told) - stopped
            bad = [line for line in told if "处理时出错" in line or "中断" in line or "\n" in line]
            if bad or (took > LIMIT + (len(pages) - before) * A_PAGE and len(found.items) < 2):
                findings.append(f"{number} {name} {took:.1f}s {bad}")
                print(findings[-1], flush=True)
                (Path(tempfile.gettempdir()) / f"finding-{seed}-{number}-{name}").write_bytes(data[:1_000_000])
            path.unlink()
        left = [p.name for p in Path(folder).iterdir()] + [
            p for p in ("/tmp/kg-escape", "/etc/kg-escape.csv") if Path(p).exists()
        ]
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(f"{count} files, seed {seed}: {dict(outcomes)}, {len(findings)} findings, files left {left}")
    print(f"slowest {slowest[0]:.1f} s ({slowest[1]}), reading processes at most {memory} MB")
    return 1 if findings or left else 0


def one(reader: Reader, item: Item, outcomes: Counter[str]) -> list[str]:
    try:
        reader.read(item, partial(read_record, year=None))
    except ReadError as error:
        return [str(error)]
    outcomes["read"] += 1
    return []


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
