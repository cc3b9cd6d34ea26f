"""What people decided on cells that were recognised in pictures, and the cells that wait for a decision.

``confirmations.nt`` in the data directory holds one jx:Confirmation per decision, never edited, only added to. A cell is
known by the picture of its page and its place in it, so a decision outlives every rebuild. The last one counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.characters import clean
from kg.errors import KgError
from kg.graph import journal
from kg.graph.store import Store
from kg.graph.terms import node, short_hash, typed
from kg.readers import Source
from kg.readers.scans.process import FOLDER, picture_file
from ontology import JX, PROV, RDF, RDFS, XSD

FILE = "confirmations.nt"
SOURCES = "scans"  # folder of the cells of documents that were read from pictures, as JSON, by the file's hash
CELL = "urn:jixiao:scan:"
CODES = ("scan-unsure", "scan-sum")
MARGIN = 6  # pixels around a cell's cut-out
_PENDING = """SELECT ?code ?message ?document ?table ?row ?field ?text ?picture ?box ?other WHERE {
  ?flag a jx:Flag ; jx:code ?code ; jx:message ?message ; prov:wasQuotedFrom ?cell .
  ?cell jx:picture ?picture ; jx:box ?box ; jx:cellText ?text ; jx:field ?field ; jx:document ?d . ?d rdfs:label ?document .
  OPTIONAL { ?cell jx:table ?table } OPTIONAL { ?cell jx:row ?row } OPTIONAL { ?cell jx:secondReading ?other }
} ORDER BY ?document ?table ?row ?field ?code"""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A decision on a cell (its key): ``text`` is what it says, empty where it was read rightly; who, and when."""

    cell: str
    text: str = ""
    by: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A cell that waits to be confirmed: ``id`` names it to people; ``message`` says what is not certain."""

    id: str
    key: str
    message: str
    document: str
    table: int | None
    row: int | None
    field: str
    text: str
    other: str
    picture: str
    box: tuple[int, int, int, int]

    def json(self) -> dict[str, Any]:
        return asdict(self)


def confirmation(cell: str, text: str = "", by: str = "") -> Confirmation:
    """A decision of now, by the user of the system where nobody is named."""
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    return Confirmation(cell, clean(text).strip(), clean(by) or journal.user(), now)


def pending(store: Store) -> list[Pending]:
    """The cells that wait, each once, in order of document, table and row."""
    found: dict[str, Pending] = {}
    for row in store.select(_PENDING):
        if row["code"] not in CODES:
            continue
        x0, y0, x1, y1 = map(int, row["box"].split())
        box = x0, y0, x1, y1
        key = f"{row['picture'][:16]}-{'-'.join(map(str, box))}"
        if key not in found:
            found[key] = Pending(
                short_hash(key)[:8], key, row["message"], row["document"], row["table"], row["row"], row["field"],
                row["text"], row["other"] or "", row["picture"], box,
            )  # fmt: skip
    return list(found.values())


def chosen(store: Store, ids: Iterable[str]) -> list[Pending]:
    """The cells of some ids, or keys. Raises KgError for one that does not wait."""
    known = {name: one for one in pending(store) for name in (one.id, one.key)}
    out = []
    for name in ids:
        if name not in known:
            raise KgError(f"没有待核对的单元格“{name[:60]}”：kg confirm list 列出全部")
        out.append(known[name])
    return out


def cut_out(root: Path, picture: str, box: tuple[int, int, int, int], margin: int = MARGIN) -> bytes:
    """The part of a page's picture that shows a cell, as PNG. Raises KgError where the picture is gone."""
    import io

    from PIL import Image

    path = picture_file(root / FOLDER, picture)
    try:
        with Image.open(path) as page:
            x0, y0, x1, y1 = box
            part = page.crop((max(0, x0 - margin), max(0, y0 - margin), min(page.width, x1 + margin), min(page.height, y1 + margin)))  # fmt: skip
            out = io.BytesIO()
            part.save(out, "PNG")
            return out.getvalue()
    except (OSError, ValueError):
        raise KgError("这一页的图片已不在：请用 kg add 再加一次原文件") from None


class Confirmations:
    """The decisions kept in a data directory."""

    def __init__(self, root: Path) -> None:
        self.root, self.path = root, root / FILE

    def all(self) -> list[Confirmation]:
        """Every decision in the order in which they were kept. Raises KgError where the file cannot be read."""
        rows = journal.read(self.path, "核对记录").select(
            """SELECT ?c ?cell ?text ?by ?at WHERE { ?c a jx:Confirmation ; prov:used ?cell ; prov:endedAtTime ?at .
                 OPTIONAL { ?c jx:cellText ?text } OPTIONAL { ?c prov:wasAssociatedWith/rdfs:label ?by }
               }"""
        )
        place = journal.order(self.path)
        rows.sort(key=lambda row: place.get(row["c"], len(place)))
        return [Confirmation(r["cell"].removeprefix(CELL), r["text"] or "", r["by"] or "", str(r["at"])) for r in rows]

    def texts(self) -> dict[str, str]:
        """The decision in force of each cell: its text, empty where it was read rightly."""
        return {c.cell: c.text for c in self.all()}

    def add(self, decisions: Iterable[Confirmation]) -> None:
        """Keep decisions. On disk before it returns, or not at all."""
        journal.append(self.path, "核对记录", lambda: [t for one in decisions for t in _triples(one)])

    # ------------------------------------------------------------ the cells of documents read from pictures

    def keep(self, source: Source) -> None:
        """Keep a document's cells, from which it is read again under later decisions."""
        folder = self.root / SOURCES
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / f"{source.sha256}.new"
        new.write_text(json.dumps(source.json(), ensure_ascii=False), "utf-8")
        new.replace(folder / f"{source.sha256}.json")

    def source(self, sha256: str) -> Source | None:
        """A document's cells, None where it was not read from pictures."""
        try:
            return Source.of(json.loads((self.root / SOURCES / f"{sha256}.json").read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            raise KgError("扫描件的识别结果已损坏：请用 kg build 重建") from None


def _triples(one: Confirmation) -> Iterator[ox.Triple]:
    activity = node(f"urn:jixiao:confirmation:{short_hash(one.cell, one.text, one.by, one.at)}")
    said: Mapping[str, ox.NamedNode | ox.Literal | None] = {
        PROV.used: node(f"{CELL}{one.cell}"),
        PROV.endedAtTime: typed(one.at, XSD.dateTime),
        JX.cellText: ox.Literal(one.text) if one.text else None,
    }
    yield ox.Triple(activity, node(RDF.type), node(JX.Confirmation))
    yield ox.Triple(activity, node(RDF.type), node(PROV.Activity))
    for predicate, value in said.items():
        if value is not None:
            yield ox.Triple(activity, node(predicate), value)
    if one.by:
        agent = node(f"urn:jixiao:agent:{short_hash(one.by)}")
        yield ox.Triple(activity, node(PROV.wasAssociatedWith), agent)
        yield ox.Triple(agent, node(RDF.type), node(PROV.Agent))
        yield ox.Triple(agent, node(RDFS.label), ox.Literal(one.by))
