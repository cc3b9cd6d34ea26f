"""Files with a known mistake, judged by what is read of them:

    python -m benchmarks.fuzz_known COUNT [SEED [PICTURES]]

Cells of a row are swapped, taken out or printed twice, spans are a row too long or too short, prints are doubled; forms
are printed without ruling lines, some with such a mistake; a level's word is gone; columns are kept apart by blanks; a few
forms are pictures, more with a bigger weight PICTURES than 0.05 (1: as many as of any other kind).
A file is right where the rows come out as they were meant, flagged where what is wrong is said, SILENT where a row is
read that the table does not hold, or one is lost without a word.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from kg.readers import Item, Reader, ReadError
from kg.readers.document import parse
from kg.tables import DocumentRecord, read_document

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import offices
import printing
import scanning
import unruled
from offices import C, rows

PICTURES = {"png": "PNG", "jpg": "JPEG", "tif": "TIFF"}
Fact = tuple[str, str, str]
Made = tuple[str, bytes, list[Fact], list[Fact]]
"""A file's name and bytes, the rows that must come out where nothing is said, and one that may."""
LEVELS = {
    "产出指标": ["数量指标", "质量指标", "时效指标"],
    "效益指标": ["社会效益指标", "可持续影响指标"],
    "满意度指标": ["服务对象满意度指标"],
}
NAMES = [
    "培训人员数量",
    "养护绿地面积",
    "设备验收合格率",
    "任务按期完成率",
    "群众安全感",
    "发放补贴标准",
    "活动场次",
    "居民满意度",
]
VALUES = ["≥{n}个", "≥{n}%", "≤{n}万元", "{n}人次", "2025年{m}月底前", "明显改善", "≥{n}平方米"]


def table(rng: random.Random) -> tuple[list[list[C]], list[Fact]]:
    """A form with its level cells merged, and its facts (level 2, name, value)."""
    body: list[list[C]] = []
    facts: list[Fact] = []
    for one, twos in LEVELS.items():
        chosen = [(two, rng.randint(1, 3)) for two in twos]
        height = sum(count for _, count in chosen)
        for a, (two, count) in enumerate(chosen):
            for b in range(count):
                name = f"{rng.choice(NAMES)}{'甲乙丙丁戊己庚辛'[len(facts) % 8]}"
                value = rng.choice(VALUES).format(n=rng.randint(2, 99), m=rng.randint(1, 12))
                row = [C(one, height)] if a == b == 0 else []
                row += [C(two, count)] if b == 0 else []
                body.append([*row, C(name), C(value)])
                facts.append((two, name, value))
    head = rows(
        [C("项目名称"), C("技能培训", 1, 3)],
        [C("年度资金总额（万元）"), C("120.50", 1, 3)],
        ["一级指标", "二级指标", "三级指标", "指标值"],
    )
    return [*head, *body], facts


def web(found: list[list[C]]) -> bytes:
    return offices.web([("2025年度项目支出绩效目标表", found)])


def swapped(rng: random.Random) -> Made:
    """Two cells of a row change places."""
    found, facts = table(rng)
    at = rng.randrange(3, len(found))
    row = found[at]
    a, b = rng.sample(range(len(row)), 2)
    row[a], row[b] = C(row[b].text, row[a].rowspan), C(row[a].text, row[b].rowspan)
    return (
        f"swapped.{(form := rng.choice(['docx', 'html', 'xlsx']))}",
        offices.MERGING[form]([("2025年度项目支出绩效目标表", found)]),
        facts[: at - 3] + facts[at - 2 :],
        facts[at - 3 : at - 2],
    )


def cut(rng: random.Random) -> Made:
    """A cell of a row is not there."""
    found, facts = table(rng)
    at = rng.randrange(3, len(found))
    del found[at][rng.randrange(len(found[at]))]
    return "cut.html", web(found), facts[: at - 3] + facts[at - 2 :], facts[at - 3 : at - 2]


def twice(rng: random.Random) -> Made:
    """A cell of a row is there twice."""
    found, facts = table(rng)
    at = rng.randrange(3, len(found))
    cell = rng.randrange(len(found[at]))
    found[at].insert(cell, found[at][cell])
    return "twice.html", web(found), facts[: at - 3] + facts[at - 2 :], facts[at - 3 : at - 2]


def spanned(rng: random.Random) -> Made:
    """A level's span is a row too long or too short."""
    found, facts = table(rng)
    places = [(r, c) for r in range(3, len(found)) for c, cell in enumerate(found[r]) if cell.rowspan > 1]
    r, c = rng.choice(places)
    found[r][c] = C(found[r][c].text, found[r][c].rowspan + rng.choice((-1, 1)))
    return "spanned.html", web(found), facts, []


def doubled(rng: random.Random) -> Made:
    """Every print is there twice, less than a stroke apart."""
    found, facts = table(rng)
    shadow = rng.uniform(0.02, 1.2), rng.uniform(-0.6, 0.6)
    return "doubled.pdf", printing.page(found, shadow=shadow), facts, []


def invisible(rng: random.Random) -> Made:
    """Characters that show nothing stand in the cells."""
    found, facts = table(rng)
    for row in found[3:]:
        for at, cell in enumerate(row):
            text, place = cell.text, rng.randrange(len(cell.text) + 1)
            row[at] = C(
                text[:place] + rng.choice("\u200b\u200d\u2060\ufeff\u00ad\u200e\u202c") + text[place:], cell.rowspan
            )
    form = rng.choice(["docx", "html", "xlsx", "csv"])
    return (
        f"invisible.{form}",
        (offices.MERGING | offices.FLAT)[form]([("2025年度项目支出绩效目标表", found)]),
        facts,
        [],
    )


def bare(rng: random.Random) -> Made:
    """A form that is printed without the ruling lines between its columns."""
    form = unruled.form(rng)
    return "bare.pdf", unruled.pdf(form, rng), form.facts, []


def bare_mistaken(rng: random.Random) -> Made:
    """Such a form with two cells of a row swapped, one gone or one there twice."""
    found, facts = table(rng)
    at = rng.randrange(3, len(found))
    row = found[at]
    a, b = rng.sample(range(len(row)), 2)
    match rng.randrange(3):
        case 0:
            row[a], row[b] = C(row[b].text, row[a].rowspan), C(row[a].text, row[b].rowspan)
        case 1:
            row[a] = C("", row[a].rowspan)
        case _:
            row.insert(a, row[a])
    data = printing.page(found, lines=rng.choice(["none", "horizontal"]))
    return "bare_mistaken.pdf", data, facts[: at - 3] + facts[at - 2 :], facts[at - 3 : at - 2]


def blank(rng: random.Random) -> Made:
    """A level's word is gone; its cell is there."""
    found, facts = table(rng)
    words = {*LEVELS, *(two for twos in LEVELS.values() for two in twos)}
    r, c = rng.choice([(r, c) for r in range(3, len(found)) for c, cell in enumerate(found[r]) if cell.text in words])
    found[r][c] = C("", found[r][c].rowspan)
    form = rng.choice(["docx", "html", "xlsx", "all", "none", "horizontal"])
    if form in offices.MERGING:
        return f"blank.{form}", offices.MERGING[form]([("2025年度项目支出绩效目标表", found)]), facts, []
    return "blank.pdf", printing.page(found, lines=form), facts, []


def spaced(rng: random.Random) -> Made:
    """A text whose columns are kept apart by blanks."""
    form = unruled.form(rng)
    return "spaced.txt", unruled.text(form, rng).encode(), form.facts, []


def pictured(rng: random.Random) -> Made:
    """A form as a picture, worn, some under a stamp; half of them with two cells of a row swapped, or one gone."""
    found, facts = table(rng)
    meant, may = facts, facts[:0]
    if rng.random() < 0.5:
        at = rng.randrange(3, len(found))
        row = found[at]
        a, b = rng.sample(range(len(row)), 2)
        texts = (row[b].text, row[a].text) if rng.random() < 0.5 else ("", row[b].text)
        row[a], row[b] = C(texts[0], row[a].rowspan), C(texts[1], row[b].rowspan)
        meant, may = facts[: at - 3] + facts[at - 2 :], facts[at - 3 : at - 2]
    dpi, stamp, form = rng.choice((150, 200, 200, 250)), rng.random() < 0.25, rng.choice(("png", "jpg", "tif", "pdf"))
    wear = scanning.Wear(dpi, rng.uniform(-1, 1), 0.4 * dpi / 200, rng.uniform(0, 8), 70, stamp)
    (page,) = scanning.pages(["2025年度项目支出绩效目标表"], found, dpi, (40, 45, 50, 45))
    worn = scanning.worn(page, wear, rng.randrange(1000))
    data = scanning.pdf_of([worn], dpi) if form == "pdf" else scanning.bytes_of(worn, PICTURES[form])
    return f"pictured.{form}", data, meant, may


MISTAKES: dict[Callable[[random.Random], Made], float] = {
    swapped: 1, cut: 1, twice: 1, spanned: 1, doubled: 1, invisible: 1, bare: 1, bare_mistaken: 1, blank: 1, spaced: 1,
    pictured: 0.05,
}  # fmt: skip
"""Each with how often it is made: a picture takes some hundred times as long to read."""


def read(name: str, data: bytes) -> DocumentRecord:
    if not name.startswith("pictured"):
        return read_document(parse(name, data))
    with tempfile.TemporaryDirectory() as folder, Reader() as reader:
        (path := Path(folder) / name).write_bytes(data)
        return reader.read(Item(path), read_document)


def judged(name: str, data: bytes, meant: list[Fact], may: list[Fact]) -> tuple[str, str]:
    """(right, flagged or SILENT, what is wrong). ``meant`` are the rows that must come out where nothing is said."""
    try:
        document = read(name, data)
    except ReadError as error:
        return "flagged", str(error)
    found = [(i.level2, i.name, i.target.text) for p in document.projects for i in p.indicators]
    lost, others = [f for f in meant if f not in found], [f for f in found if f not in meant + may]
    if not lost and not others:
        return "right", ""
    said = bool(document.flags)
    return ("flagged" if said else "SILENT"), f"lost {lost[:2]}, others {others[:2]}"


def main(count: int, seed: int = 0, pictures: float = MISTAKES[pictured]) -> int:
    rng = random.Random(seed)
    often = MISTAKES | {pictured: pictures}
    tally: Counter[tuple[str, str]] = Counter()
    for number in range(count):
        (make,) = rng.choices(list(often), list(often.values()))
        name, data, meant, may = make(rng)
        verdict, why = judged(name, data, meant, may)
        tally[name.partition(".")[0], verdict] += 1
        if verdict == "SILENT":
            print(name, why, flush=True)
            (Path(tempfile.gettempdir()) / f"silent-{seed}-{number}-{name}").write_bytes(data)
    for (kind, verdict), number in sorted(tally.items()):
        print(f"{kind:10s} {verdict:8s} {number}")
    return 1 if any(verdict == "SILENT" for _, verdict in tally) else 0


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(int(given[0]), *map(int, given[1:2]), *map(float, given[2:3])))
