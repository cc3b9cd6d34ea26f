"""Questions in Chinese, understood by composition and answered from the graph with the cells that prove it."""

from kg.ask.answer import Answer, Item
from kg.ask.asker import Asker
from kg.ask.logic.evidence import Evidence

__all__ = ["Answer", "Asker", "Evidence", "Item"]
