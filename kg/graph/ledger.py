"""What the loaded documents say of themselves, kept beside the graph: so that one that comes or goes can change what
the others' tables are about, without their files being read again.

Layout, in a generation: ``ledger/tables.json``; ``ledger/<hash of the name>.json.gz``, a document's record, and
``….grids.gz``, its tables as they were read. Those of documents that stay are links to the files of the generation
before, so a file is only ever written where there is none.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pyoxigraph import Quad

from index.shelf import link
from kg.graph.departments import Written
from kg.graph.identity import Identities, Table, identify, tables, writings
from kg.graph.mapping import Mapper, TableKey
from kg.graph.terms import short_hash
from kg.graph.vocabulary import vocabulary
from kg.readers import Grid
from kg.tables import DocumentRecord

FOLDER = "ledger"
RECORD, GRIDS = ".json.gz", ".grids.gz"


@dataclass(frozen=True, slots=True)
class Portion:
    """All that the quads of one document depend on: its record, first, those of the documents whose tables count before
    one of its own, and what all of them are about. It can be pickled, and mapped anywhere.
    """

    records: list[DocumentRecord]
    identities: Identities
    base: str

    @property
    def name(self) -> str:
        return self.records[0].name

    def quads(self) -> list[Quad]:
        """The quads of the document's named graph."""
        return self._mapper(self.records[0]).quads()

    def _mapper(self, record: DocumentRecord) -> Mapper:
        return Mapper(record, vocabulary(), self.base, self.identities, self._table)

    def _table(self, key: TableKey) -> Sequence[Quad]:
        return self._mapper(next(r for r in self.records if r.name == key[0])).table(key[1])


class Ledger:
    """The ledger of a generation that is being built; ``previous`` is the one before, whose records are linked."""

    def __init__(self, building: Path, base: str, previous: Path | None = None) -> None:
        self.folder, self.base = building / FOLDER, base
        self.before = previous / FOLDER if previous else None
        self.folder.mkdir()
        said: dict[str, Any] = json.loads((self.before / "tables.json").read_text("utf-8")) if self.before else {}
        self.tables = {name: [_table(t) for t in these] for name, these in said.get("tables", {}).items()}
        self.marks: dict[str, str] = said.get("marks", {})
        self._records: dict[str, DocumentRecord] = {}

    def settle(self, new: Sequence[DocumentRecord], kept: Iterable[str]) -> Iterator[Portion]:
        """Take in ``new`` documents beside those ``kept``; yields what maps each whose quads are new or changed."""
        kept = list(kept)
        for name in kept:
            for ending in (RECORD, GRIDS):
                link(_held(self.before, name, ending), _path(self.folder, name, ending))
        for record in new:
            grids = _adapter(list[Grid]).dump_json(record.grids, exclude_defaults=True)
            _new(_path(self.folder, record.name, GRIDS), gzip.compress(grids, 3))
            record = self._records[record.name] = replace(record, source=None, grids=[])
            said = _adapter(DocumentRecord).dump_json(record, exclude_defaults=True)
            _new(_path(self.folder, record.name, RECORD), gzip.compress(said, 3))
        self.tables = {name: self.tables[name] for name in kept} | {r.name: tables(r, vocabulary()) for r in new}
        identities = identify(t for these in self.tables.values() for t in these)
        marks = {name: self._mark(identities, name) for name in self.tables}
        fresh = {record.name for record in new}
        changed = [
            name
            for name in kept
            if marks[name] != self.marks.get(name) or not fresh.isdisjoint(self._before(name, identities))
        ]
        self.marks = marks
        self._save()
        for name in [*(r.name for r in new), *changed]:
            yield self._portion(name, identities)

    def _mark(self, identities: Identities, name: str) -> str:
        these = self.tables[name]
        return identities.of(name, [t.table for t in these], {w for t in these for w in writings(t)})

    def _before(self, name: str, identities: Identities) -> Iterator[str]:
        """The documents whose tables count before one of this document's."""
        return (key[0] for t in self.tables[name] for key in identities.tables[name, t.table].before)

    def _portion(self, name: str, identities: Identities) -> Portion:
        needed = dict.fromkeys((name, *self._before(name, identities)))
        tables = [table for document in needed for table in self.tables[document]]
        departments = {w: identities.departments[w] for table in tables for w in writings(table)}
        return Portion(
            [self._record(document) for document in needed],
            Identities(
                {table.key: identities.tables[table.key] for table in tables},
                departments,
                {found: identities.labels[found] for found in departments.values()},
            ),
            self.base,
        )

    def _record(self, name: str) -> DocumentRecord:
        if name not in self._records:
            data = gzip.decompress(_path(self.folder, name, RECORD).read_bytes())
            self._records[name] = _adapter(DocumentRecord).validate_json(data)
        return self._records[name]

    def _save(self) -> None:
        said = {"tables": {n: [asdict(t) for t in these] for n, these in self.tables.items()}, "marks": self.marks}
        (self.folder / "tables.json").write_text(json.dumps(said, ensure_ascii=False), "utf-8")


def _table(said: dict[str, Any]) -> Table:
    return Table(**said | {name: Written(**said[name]) for name in ("department", "implementer")})


def grids(generation: Path, name: str) -> list[Grid]:
    """The tables of a document of a generation, as they were read. Raises KeyError for one that is not loaded."""
    try:
        data = gzip.decompress(_held(generation / FOLDER, name, GRIDS).read_bytes())
    except FileNotFoundError:
        raise KeyError(name) from None
    found: list[Grid] = _adapter(list[Grid]).validate_json(data)
    return found


def _path(folder: Path, name: str, ending: str) -> Path:
    return folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}{ending}"


def _held(folder: Path | None, name: str, ending: str) -> Path:
    """The file of a document in a published generation. Earlier programs named it by a hash that case, width and blanks
    did not change, and two documents could share one."""
    assert folder is not None
    path = _path(folder, name, ending)
    return path if path.exists() else folder / f"{short_hash(name)}{ending}"


def _new(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter  # slow to import

    return TypeAdapter(kind)
