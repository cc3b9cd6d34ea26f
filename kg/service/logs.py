"""Log lines: one JSON object a line, so that nothing a client sends can pass for a line of its own."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

# What a terminal or a reader of lines may take for an end of line, a command or a change of direction
_HIDDEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
LONGEST = 20_000  # characters of one value


def line(**fields: Any) -> str:
    """The fields after the time, as one line that ends in a line feed."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    short = {k: v[:LONGEST] if isinstance(v, str) else v for k, v in fields.items()}
    said = json.dumps({"time": now, **short}, ensure_ascii=False, default=str)
    return _HIDDEN.sub(lambda c: f"\\u{ord(c[0]):04x}", said) + "\n"


class Lines(logging.Formatter):
    """Records of any library in the same form."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {"level": record.levelname, "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            fields["trace"] = self.formatException(record.exc_info)
        return line(**fields).rstrip("\n")


def set_up() -> None:
    """Send warnings and worse to standard error in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
