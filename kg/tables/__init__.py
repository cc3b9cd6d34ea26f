"""Grids of cells → project records; what the words mean is known here, RDF is not."""

from kg.tables.recognise import read_document
from kg.tables.records import DocumentRecord, Flag, IndicatorRecord, ProjectRecord, Quote
from kg.tables.values import Target, parse_target

__all__ = [
    "DocumentRecord",
    "Flag",
    "IndicatorRecord",
    "ProjectRecord",
    "Quote",
    "Target",
    "parse_target",
    "read_document",
]
