"""More data like the sample: the same tables as other departments would write them in other years.

A department puts its field before most names (教育运维信息化系统数量), all share the rest; a year moves every
year written in a table and changes the amounts. Beyond a hundred copies the districts' departments follow, which put
their district before some names and otherwise write as the city's do; then earlier years. The same number of copies
always gives the same files, and more copies hold those of fewer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg.building import sample
from kg.readers import Grid, read
from kg.tables import read_document

SEED = 2025
OWN_NAMES = 0.7  # share of the names that carry the department's field
DISTRICT_NAMES = 0.1  # share of the names that carry the district
YEARS = range(2016, 2026)
EARLIER = range(2006, 2016)
CITY = "天津市"
DISTRICTS = (
    "和平区", "河东区", "河西区", "南开区", "河北区", "红桥区", "东丽区", "西青区", "津南区", "北辰区", "武清区", "宝坻区", "滨海新区",
    "宁河区", "静海区", "蓟州区",
)  # fmt: skip
Texts = tuple[str, list[list[str]]]  # a table's caption and rows of cells
DEPARTMENTS = {
    "": "353101天津市人力资源和社会保障局财务处",
    "教育": "361101天津市教育委员会财务处",
    "卫生": "362101天津市卫生健康委员会财务处",
    "民政": "363101天津市民政局财务处",
    "农业": "364101天津市农业农村委员会财务处",
    "住建": "365101天津市住房和城乡建设委员会财务处",
    "交通": "366101天津市交通运输委员会财务处",
    "文旅": "367101天津市文化和旅游局财务处",
    "环保": "368101天津市生态环境局财务处",
    "科技": "369101天津市科学技术局财务处",
}


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes a document, and when; without a district it is the city's."""

    field: str
    year: int
    district: str = ""

    @property
    def department(self) -> str:
        """Code and name as the captions have them."""
        plain = DEPARTMENTS[self.field]
        if not self.district:
            return plain
        code = int(plain[:6]) + DISTRICTS.index(self.district) + 1
        return f"{code}{plain[6:].replace(CITY, CITY + self.district)}"


def writers() -> list[Writer]:
    """All there can be, in the order in which they are taken: the city's, the districts', then earlier years."""
    found: list[Writer] = []
    for years, districts in ((YEARS, ("",)), (YEARS, DISTRICTS), (EARLIER, ("", *DISTRICTS))):
        tier = [Writer(field, year, district) for district in districts for year in years for field in DEPARTMENTS]
        tier = [writer for writer in tier if writer != Writer("", YEARS[-1])]  # the sample's own
        random.Random(SEED).shuffle(tier)
        found += tier
    return found


def documents(folder: Path, copies: int) -> list[Path]:
    """The sample and ``copies - 1`` further documents, the latter written into ``folder``."""
    every = writers()
    if not 1 <= copies <= len(every) + 1:
        raise ValueError(f"{copies} copies: 1…{len(every) + 1} can be made")
    folder.mkdir(parents=True, exist_ok=True)
    source = read(sample())
    projects = read_document(source).projects
    levels = {level for p in projects for i in p.indicators for level in (i.level1, i.level2)}
    names = {p.name for p in projects} | {i.name for p in projects for i in p.indicators} - levels
    written = [sample()]
    for writer in every[: copies - 1]:
        path = folder / f"{writer.department[:6]}-{writer.year}.txt"
        path.write_text("".join(_export(_copies(source.grids, names, writer))), "utf-8")
        written.append(path)
    return written


def _copies(grids: Iterable[Grid], names: set[str], writer: Writer) -> Iterator[Texts]:
    """Every table as the department writes it that year."""
    field, year, district = writer.field, writer.year, writer.district
    scale = random.Random(f"{SEED}{field}{year}{district}").uniform(0.7, 1.3)

    @cache
    def own(name: str) -> str:
        said = field + name if random.Random(f"{SEED}{name}").random() < OWN_NAMES else name
        return district + said if random.Random(f"{SEED}{district}{name}").random() < DISTRICT_NAMES else said

    def said(text: str) -> str:
        if re.fullmatch(r"\d+\.\d\d", text):
            return f"{float(text) * scale:.2f}"
        text = text.replace(DEPARTMENTS[""], writer.department)
        return re.sub(r"(?<!\d)20[12]\d(?=年)", lambda found: str(int(found[0]) + year - YEARS[-1]), text)

    for grid in grids:
        rows = []
        for cells in grid:
            row, name = [], ""
            for cell in cells:
                name = cell.text if cell.text in names else name  # a description repeats the name before it
                row.append(said(cell.text.replace(name, own(name)) if name else cell.text))
            rows.append(row)
        yield said(grid.caption), rows


def _export(tables: Iterable[Texts]) -> Iterator[str]:
    """Tables as a word processor's text export."""
    for number, (caption, rows) in enumerate(tables, 1):
        yield f"[bookmark: _Toc_{number}]{caption}\n"
        for row in rows:
            yield "".join(f"\t{text}\n" for text in row) + "\n"
        yield "\n\n"
