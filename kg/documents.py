"""From a document's cells to its record: what the reading process does with each file. Imports nothing heavy."""

from __future__ import annotations

from kg.errors import KgError
from kg.readers import Source
from kg.tables import DocumentRecord, read_document


def read_record(source: Source, year: int | None) -> DocumentRecord:
    """A document's record, with what its reader left unread. Raises KgError where it holds no table of targets."""
    try:
        record = read_document(source, year)
    except KgError as error:
        raise KgError("；".join([str(error), *source.warnings])) from None
    record.warnings = [*dict.fromkeys([*source.warnings, *record.warnings])]
    return record
