"""The sample printed, worn and read as scans: rows found, numbers that entered unflagged, time and memory a page.

    python -m benchmarks.scans [--dpi 200] [--pages 40] [--seed 1] [--plain]

Every second page bears a red stamp over figures; all are turned by 1°, blurred, noisy and JPEG of quality 40.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import sys
import tempfile
import time
import unicodedata
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import scanning  # noqa: E402

from kg.building import sample  # noqa: E402
from kg.documents import read_record  # noqa: E402
from kg.readers import Item, Reader, read  # noqa: E402
from kg.tables import DocumentRecord, ProjectRecord, read_document  # noqa: E402

DEPARTMENT = "天津市人力资源和社会保障局"
AMOUNTS = ("budget", "fiscal_funds", "other_funds")


def plain(text: str) -> str:
    return re.sub(r"[\s，,、。．.：:；;（）()“”\"'《》]", "", unicodedata.normalize("NFKC", text))


def rows(project: ProjectRecord) -> list[tuple[str, ...]]:
    return [(plain(project.name), plain(i.level2), plain(i.name), plain(i.quotes["value"].text)) for i in project.indicators]  # fmt: skip


def numbers(project: ProjectRecord) -> list[tuple[Any, ...]]:
    """Every number that states a fact, with what it is of."""
    out: list[tuple[Any, ...]] = [
        (plain(project.name), a, value) for a in AMOUNTS if (value := getattr(project, a)) is not None
    ]
    for i in project.indicators:
        t = i.target
        if t.number is not None:
            out.append((plain(project.name), plain(i.level2), plain(i.name), t.operator, t.number, plain(t.unit)))
        if t.deadline is not None:
            out.append((plain(project.name), plain(i.level2), plain(i.name), t.start, t.deadline))
    return out


def shared(one: list[Any], two: list[Any]) -> int:
    left = list(two)
    found = 0
    for item in one:
        if item in left:
            left.remove(item)
            found += 1
    return found


def printed(document: DocumentRecord, wear: scanning.Wear, limit: int, seed: int) -> tuple[bytes, int, int]:
    """The sample's projects as a pdf of pictures, as many as fit into ``limit`` pages: (pdf, pages, projects)."""
    pages: list[Any] = []
    projects = 0
    for project in document.projects:
        found = scanning.pages(*scanning.form(project, DEPARTMENT, 2025), wear.dpi)
        if len(pages) + len(found) > limit:
            continue
        projects += 1
        for page in found:
            stamp = wear.stamp and len(pages) % 2 == 0
            pages.append(scanning.worn(page, scanning.Wear(wear.dpi, wear.skew, wear.blur, wear.noise, wear.quality, stamp), seed + len(pages)))  # fmt: skip
    return scanning.pdf_of(pages, wear.dpi), len(pages), projects


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--dpi", type=int, default=200)
    arguments.add_argument("--pages", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--plain", action="store_true", help="pages as printed, without wear")
    given = arguments.parse_args()
    wear = (
        scanning.Wear(given.dpi) if given.plain else scanning.Wear(given.dpi, 1.0, 0.8 * given.dpi / 200, 10, 40, True)
    )
    gold = read_document(read(sample()))
    pdf, count, _ = printed(gold, wear, given.pages, given.seed)
    began = time.time()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "扫描-2025.pdf"
        path.write_bytes(pdf)
        with Reader(Path(folder) / "cache", lambda *told: print(*told, file=sys.stderr, flush=True)) as reader:
            document = reader.read(Item(path), partial(read_record, year=None))
    wall = time.time() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    names = {plain(p.name) for p in document.projects}
    wanted = [p for p in gold.projects if plain(p.name) in names]
    truth = [r for p in wanted for r in rows(p)]
    found = [r for p in document.projects for r in rows(p)]
    both = shared(found, truth)
    stated, facts = [n for p in document.projects for n in numbers(p)], [n for p in gold.projects for n in numbers(p)]
    right = shared(stated, facts)
    wrong = [n for n in stated if n not in facts]
    result = {
        "dpi": given.dpi, "worn": not given.plain, "pages": count, "projects": len(document.projects),
        "rows": len(truth), "f1": round(2 * both / (len(found) + len(truth)), 4),
        "numbers": len([n for p in wanted for n in numbers(p)]), "unflagged": len(stated), "unflagged right": right,
        "flags": len([f for f in document.flags if f.code.startswith("scan-")]), "other flags": sorted({f.code for f in document.flags if not f.code.startswith("scan-")}),
        "processor seconds a page": round((used.ru_utime + used.ru_stime) / count, 1),
        "wall seconds a page": round(wall / count, 1), "peak MB": used.ru_maxrss // 1024,
    }  # fmt: skip
    print(json.dumps(result, ensure_ascii=False))
    for one in wrong:
        print("WRONG", *map(str, one))
    for one in [r for r in found if r not in truth]:
        print("ROW", *one)
    for flag in document.flags:
        print("FLAG", flag.code, flag.message)
    for line in document.warnings:
        print("WARNING", line)


if __name__ == "__main__":
    main()
