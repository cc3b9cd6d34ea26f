"""Questions in Chinese → typed query → SPARQL → answers that cite their cells."""

from kg.ask.answer import Answer, Asker, Item
from kg.ask.evidence import Evidence

__all__ = ["Answer", "Asker", "Evidence", "Item"]
