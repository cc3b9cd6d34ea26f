"""Questions in Chinese → typed query → SPARQL → answers that cite their cells."""

from kg.ask.answer import Answer, Asker, Evidence, Item

__all__ = ["Answer", "Asker", "Evidence", "Item"]
