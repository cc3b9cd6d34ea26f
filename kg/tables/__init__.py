"""Grids of cells → project records; what the words mean is known here, RDF is not."""

from kg.tables.recognise import fiscal_year, read_document
from kg.tables.records import DocumentRecord, IndicatorRecord, ProjectRecord, Quote
from kg.tables.values import Target, parse_target

__all__ = [
    "DocumentRecord",
    "IndicatorRecord",
    "ProjectRecord",
    "Quote",
    "Target",
    "fiscal_year",
    "parse_target",
    "read_document",
]
