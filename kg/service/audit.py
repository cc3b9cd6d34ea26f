"""Who changed what and when: ``audit.jsonl`` in the data directory, one JSON object a line, only ever added to."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from kg.service.logs import line
from kg.service.people import Person
from kg.service.turns import CLIENT

FILE = "audit.jsonl"
READ_BYTES = 4 << 20  # of the end of the file, when its last lines are asked for
DEEDS = {
    "upload": "上传",
    "remove": "移除",
    "review": "复核",
    "confirm": "核对",
    "login": "登录",
    "refused": "登录被拒绝",
}
log = logging.getLogger("kg.service")


class Audit:
    def __init__(self, data: Path) -> None:
        self.path = data / FILE

    def add(self, who: Person | None, did: str, what: Any, result: str = "") -> None:
        """Add a line. What was done is done: where it cannot be written down, that is logged."""
        said = line(
            by=who.name if who else "",
            role=who.role if who else "",
            client=CLIENT.get(),
            did=did,
            what=what,
            result=result,
        )
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(said)
        except OSError as error:
            log.error("audit line not written (%s): %s", error, said.rstrip())

    def last(self, most: int, did: str = "") -> list[dict[str, Any]]:
        """The newest lines, newest first."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - READ_BYTES))
                lines = file.read().split(b"\n")[1 if size > READ_BYTES else 0 :]
        except OSError:
            return []
        found: list[dict[str, Any]] = []
        for text in reversed(lines):
            if len(found) == most:
                break
            try:
                entry = json.loads(text)
            except ValueError:
                continue  # of a write that was cut off
            if not did or entry.get("did") == did:
                found.append(entry)
        return found
