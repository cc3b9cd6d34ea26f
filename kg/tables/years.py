"""The fiscal year of a document: from headings, then the file's name, then dates in the values that agree.

Dates in prose mislead (last year's results, a plan of five years), so only lines that are titles count.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from kg.readers import Source
from kg.tables.lexis import pattern
from kg.tables.records import ProjectRecord
from kg.tables.values import plain_form

LONGEST_TITLE = 60


def fiscal_year(source: Source, projects: list[ProjectRecord], headed: Iterable[int] = ()) -> int | None:
    """The one year that the surest source with any year agrees on; None where nothing certain says it.

    ``headed`` are years that tables state themselves: a 年度 cell, ``2025年指标值`` as a heading.
    """
    names = [p.name for p in projects]
    for years in (
        set(headed),
        {y for title in {p.title for p in projects} if (y := title_year(title, names))},
        {y for y in [title_year(source.preface, names)] if y},
        {y for y in [name_year(source.name)] if y},
    ):
        if len(years) == 1:
            return years.pop()
    dates = Counter(
        year
        for project in projects
        for indicator in project.indicators
        for year in re.findall(r"(?<!\d)(20\d\d)\s*年", indicator.target.text)
    )
    return int(next(iter(dates))) if len(dates) == 1 else None


def name_year(name: str) -> int | None:
    """The year that a file's name speaks of; None where it speaks of none or several."""
    years = {int(year) for year in re.findall(r"(?<!\d)(20\d\d)(?!\d)", name)}
    return years.pop() if len(years) == 1 else None


def title_year(text: str, names: Iterable[str] = ()) -> int | None:
    """The year of the last title line that speaks of one; None where it speaks of several, or none does.

    Names of projects are set aside: ``2024年…补助`` is a name, not the year of the table.
    """
    for line in reversed(text.splitlines()):
        plain = plain_form(line)
        for name in names:
            plain = plain.replace(plain_form(name), "")
        if len(plain) > LONGEST_TITLE or re.search(r"[。；;]|,.*,", plain) or not pattern("title").search(plain):
            continue
        years = {int(m["year"]) for m in pattern("title_year").finditer(plain)}
        if years:
            return years.pop() if len(years) == 1 else None
    return None
