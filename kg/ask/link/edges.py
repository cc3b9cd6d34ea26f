"""What a lattice is made of: spans with their category and meaning, and spans that may be left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

STOPS = "?.!，,。;:~ "  # what may end a question


@dataclass(frozen=True, slots=True)
class Edge:
    """``text[start:end]`` as a category with a meaning. ``said``: what it was known as."""

    start: int
    end: int
    category: str
    meaning: Any
    cost: float
    said: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """``text[start:end]`` may be left out at this cost."""

    start: int
    end: int
    cost: float
