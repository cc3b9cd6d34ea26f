"""Tables without ruling lines, laid out again: see ``layout``."""

from kg.tables.unruled.layout import laid_out

__all__ = ["laid_out"]
