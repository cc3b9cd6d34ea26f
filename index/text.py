"""The forms in which texts are compared, and years in them."""

from __future__ import annotations

import re
import unicodedata

YEAR = "(19|20)[0-9][0-9]年?度?"
"""A year as names write it. Also a pattern of SPARQL."""

_YEAR = re.compile(YEAR)
_DATE = re.compile(rf"(?=[0-9]{{4}}(?:年|[-./]|$)){YEAR}")


def normalise(text: str) -> str:
    """NFKC (half-width), lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def compact(text: str) -> str:
    """``normalise`` without blanks."""
    return re.sub(r"\s+", "", normalise(text))


def without_years(text: str) -> str:
    """A name without the years in it: ``2025年度补助`` → 补助."""
    return _YEAR.sub("", text)


def without_first_year(text: str) -> str:
    """A name without the year that it begins with."""
    return re.sub(f"^{YEAR}", "", text)


def without_dated_years(text: str) -> str:
    """A value without its years: ``2025年底`` → 底; 2000 of ``2000人`` is none."""
    return _DATE.sub("", text)
