"""Questions in Chinese, understood by composition and answered from the graph with the cells that prove it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.ask.answer import Answer, Item
    from kg.ask.asker import Asker
    from kg.ask.logic.evidence import Evidence

__all__ = ["Answer", "Asker", "Evidence", "Item"]

_HOMES = {"Answer": "answer", "Asker": "asker", "Evidence": "logic.evidence", "Item": "answer"}


def __getattr__(name: str) -> Any:
    """Imported when first asked for: a build needs the lexicon alone."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
