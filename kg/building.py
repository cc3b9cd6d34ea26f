"""Files → a new generation of graph and index."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from pyoxigraph import NamedNode, Quad

from index import search
from index import vectors as where
from index.duplicates.clusters import Clusters
from index.duplicates.found import Found
from index.encode import DEFAULT_MODEL, EmbeddingCache, Encoder, EncoderError, load_encoder
from kg.ask.lexicon import Lexicon
from kg.characters import clean
from kg.documents import read_record
from kg.errors import KgError, StorageError
from kg.fingerprint import fingerprint
from kg.graph import measures, review, stores
from kg.graph.confirm import Confirmations, chosen, confirmation
from kg.graph.extracts import Extracts
from kg.graph.generations import DUPLICATES, INDEX, LEXICON, DataDirectory, Generation
from kg.graph.ledger import Ledger
from kg.graph.manifest import Catalogue, DocumentEntry, Manifest, Place
from kg.graph.mapping import document_iri
from kg.graph.passages import terms
from kg.graph.store import Store
from kg.readers import Item, Reader
from kg.readers.scans.process import FOLDER
from kg.tables import DocumentRecord
from kg.workers import Document, Local, Workers, workers
from ontology import DATA, JX, RDF

Report = Callable[[str, int, int], None]
"""Progress: (what is being done, done, total)."""


@dataclass(slots=True)
class Outcome:
    """What a build, add or remove did. ``changed`` is False where the data was already so."""

    changed: bool
    documents: list[DocumentEntry]
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def sample() -> Path:
    """The shipped sample document."""
    return Path(str(resources.files("kg").joinpath("sample", "tianjin-hrss-2025.txt")))


def build(
    data: Path,
    paths: Iterable[Path] = (),
    *,
    year: int | None = None,
    base: str = DATA,
    model: str = DEFAULT_MODEL,
    report: Report | None = None,
    store: str | None = None,
    vectors: str | None = None,
    on: str = "",
) -> Outcome:
    """Read ``paths`` (the sample where there is none) into a new graph and index in place of what is there.

    ``store``: the address of the engine that keeps the graph; empty for embedded files, None as the environment says.
    ``vectors``: the same of the database that keeps the vectors. ``on``: the scheduler of the Dask cluster whose workers
    read, map and embed; empty for this machine's. Raises KgError where nothing could be read; files that could not are in ``failures``.
    """
    engines = Engines.named(store, vectors)
    with closing(workers(on)) as hands:
        return _Builder(data, base, model, report, engines, hands).build([*paths] or [sample()], year)


def add(
    data: Path,
    paths: Iterable[Path],
    *,
    year: int | None = None,
    model: str | None = None,
    report: Report | None = None,
    on: str = "",
) -> Outcome:
    """Add documents, or replace those of the same file name; nothing happens where all are there already."""
    if DataDirectory(data).current() is None:
        return build(data, paths, year=year, model=model or DEFAULT_MODEL, report=report, on=on)
    with _Opened(data) as manifest, closing(workers(on)) as hands:
        engines = Engines.of(DataDirectory(data), manifest.place)
        return _Builder(data, manifest.base, model or manifest.model, report, engines, hands).add([*paths], year)


def rebuild(
    data: Path,
    paths: Iterable[Path] = (),
    *,
    year: int | None = None,
    base: str | None = None,
    model: str | None = None,
    report: Report | None = None,
    store: str | None = None,
    vectors: str | None = None,
    on: str = "",
) -> Outcome:
    """Make graph and index again from the kept originals, whatever else of the data directory is damaged or old.

    Files of ``paths`` stand in for the originals of the same names. Raises KgError, and changes nothing, where an
    original is missing or damaged, or cannot be read any more. ``store`` and ``vectors`` move these to another engine.
    """
    catalogue = DataDirectory(data).catalogue()
    known = Engines.of(DataDirectory(data), catalogue.place)
    engines = Engines(known.store if store is None else store, known.vectors if vectors is None else vectors)
    with closing(workers(on)) as hands:
        builder = _Builder(data, base or catalogue.base, model or catalogue.model, report, engines, hands)
        return builder.rebuild(catalogue, [*paths], year)


def confirm(data: Path, decisions: Iterable[tuple[str, str]], *, by: str = "", report: Report | None = None) -> Outcome:
    """Say what cells recognised in pictures hold: (id, text; empty where it was read rightly), and read them anew.

    Raises KgError for a cell that does not wait for it.
    """
    with _Opened(data) as manifest:
        engines = Engines.of(DataDirectory(data), manifest.place)
        return _Builder(data, manifest.base, manifest.model, report, engines).confirm(dict(decisions), by)


def remove(data: Path, names: Iterable[str], *, report: Report | None = None) -> Outcome:
    """Take documents out, by file name or IRI. Raises KgError for a name that is not loaded."""
    with _Opened(data) as manifest:
        engines = Engines.of(DataDirectory(data), manifest.place)
        return _Builder(data, manifest.base, manifest.model, report, engines).remove([*names])


@dataclass(frozen=True, slots=True)
class _Read:
    """A document that was read, from where, and the year given for it."""

    item: Item
    year: int | None
    record: DocumentRecord

    @property
    def sha256(self) -> str:
        return self.record.sha256


@dataclass(frozen=True, slots=True)
class Engines:
    """The addresses of what is kept elsewhere; empty for what is kept in the data directory."""

    store: str = ""
    vectors: str = ""

    @classmethod
    def named(cls, store: str | None, vectors: str | None) -> Engines:
        """As given, else as the environment says."""
        return cls(
            stores.configured() if store is None else store,
            os.environ.get(where.VARIABLE, "") if vectors is None else vectors,
        )

    @classmethod
    def of(cls, directory: DataDirectory, place: Place | None) -> Engines:
        """Where the generation in force keeps them."""
        index = directory.index()
        return cls(stores.address(place), where.address(index) if index else "")


class _Opened:
    """The manifest in force; the generation is kept while the block runs."""

    def __init__(self, data: Path) -> None:
        self.generation = DataDirectory(data).open()

    def __enter__(self) -> Manifest:
        return self.generation.manifest

    def __exit__(self, *_: object) -> None:
        self.generation.close()


class _Builder:
    def __init__(
        self,
        data: Path,
        base: str,
        model: str,
        report: Report | None,
        engines: Engines,
        workers: Workers | None = None,
    ) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9+.-]*://[^\s<>\"{}|\\^`]+[/#]", base):
            raise KgError(f"实例 IRI 前缀“{base}”不合格：应形如 https://example.org/id/ ，以 / 或 # 结尾")
        self.directory = DataDirectory(data)
        self.base, self.model, self.engines = base, model, engines
        self.report = report or (lambda *_: None)
        self.workers = workers or Local()
        self.failures: list[str] = []
        self.warnings: list[str] = []

    def build(self, paths: list[Path], year: int | None) -> Outcome:
        return self._write(self._encoder(), self._read(self._find(paths, year)))

    def rebuild(self, catalogue: Catalogue, paths: list[Path], year: int | None) -> Outcome:
        encoder = self._encoder()
        given = self._find(paths, year) if paths else []
        names = {clean(item.file_name) for item, _ in given}
        kept = [document for document in catalogue.documents if document[0] not in names]
        originals = self.directory.originals
        if missing := [f"{name}（{why}）" for name, digest, _ in kept if (why := originals.fault(digest))]:
            raise KgError(
                f"数据目录“{self.directory.root}”的原件不全：{'、'.join(missing)}；"
                "请把这些文件一并给出：kg build --rebuild 文件…，或用 kg restore 从备份恢复"
            )
        items = [(Item(originals.path(digest), name=name), written) for name, digest, written in kept]
        new = self._read([*items, *given])
        if self.failures:
            raise KgError("没有重建，原有数据没有变化：\n" + "\n".join(self.failures))
        return self._write(encoder, new, catalogue=catalogue)

    def add(self, paths: list[Path], year: int | None) -> Outcome:
        encoder = self._encoder()
        found = self._read(self._find(paths, year))
        with _Opened(self.directory.root) as manifest:
            loaded = {entry.name: entry for entry in manifest.documents}
            current = manifest.fingerprint == fingerprint() and manifest.model == self.model
        if manifest.fingerprint != fingerprint():
            self.warnings.append("程序或本体已更新：已有文档仍按旧规则解析，建议用 kg build --rebuild 重建")
        new = {
            name: read
            for name, read in found.items()
            if not (current and (e := loaded.get(name)) and (e.sha256, e.given_year) == (read.sha256, read.year))
        }
        if new:
            return self._write(encoder, new, lambda entry: entry.name not in new)
        if any(self.directory.originals.fault(read.sha256) for read in found.values()):
            with self.directory.writing():
                self._keep(found.values())
        return Outcome(False, manifest.documents, self.failures, self.warnings)

    def remove(self, names: list[str]) -> Outcome:
        with _Opened(self.directory.root) as manifest:
            documents = manifest.documents
        gone = {e.name for e in documents for name in names if name in (e.name, e.iri)}
        for name in names:
            if not any(name in (e.name, e.iri) for e in documents):
                loaded = "、".join(e.name for e in documents[:10])
                raise KgError(f"没有载入过文档“{name}”：现有 {loaded or '（无）'}")
        return self._write(self._encoder(), {}, lambda entry: entry.name not in gone)

    def confirm(self, decisions: dict[str, str], by: str) -> Outcome:
        confirmations = Confirmations(self.directory.root)
        generation = self.directory.open()
        try:
            cells = chosen(stores.opened(generation), decisions)
            entries = {entry.name: entry for entry in generation.manifest.documents}
        finally:
            generation.close()
        confirmations.add(
            confirmation(cell.key, decisions.get(cell.id, decisions.get(cell.key, "")), by) for cell in cells
        )
        texts = confirmations.texts()
        new: dict[str, _Read] = {}
        for name in dict.fromkeys(cell.document for cell in cells):
            entry = entries[name]
            source = confirmations.source(entry.sha256)
            if source is None:
                raise KgError(f"“{name}”的识别结果已不在：请用 kg add 再加一次原文件")
            original = Item(self.directory.originals.path(entry.sha256), name=name)
            new[name] = _Read(original, entry.given_year, read_record(source, entry.given_year, texts))
        return self._write(self._encoder(), new, lambda entry: entry.name not in new)

    def _find(self, paths: list[Path], year: int | None) -> list[tuple[Item, int | None]]:
        """The documents below ``paths``, each with the year given for it."""
        with Reader() as reader:
            found = reader.find(paths)
        self.failures += found.failures
        if found.skipped:
            names = "、".join(found.skipped[:5]) + ("等" if len(found.skipped) > 5 else "")
            self.warnings.append(f"跳过 {len(found.skipped)} 个其他格式的文件：{names}")
        return [(item, year) for item in found.items]

    def _read(self, items: list[tuple[Item, int | None]]) -> dict[str, _Read]:
        """All documents by name; what could not be read is told and does not stop the rest."""
        found: dict[str, _Read] = {}
        confirmations = Confirmations(self.directory.root)
        confirmed = confirmations.texts()
        with Reader(self.directory.root / FOLDER, self.report) as reader:
            documents = (Document(item, year, confirmed) for item, year in items)
            for number, record in enumerate(self.workers.read(documents, reader)):
                item, year = items[number]
                self.report("读取", number, len(items))
                if isinstance(record, str):
                    self.failures.append(record)
                    continue
                if record.source is not None:
                    confirmations.keep(record.source)
                if record.name in found and found[record.name].sha256 != record.sha256:
                    self.failures.append(f"“{item}”与另一份文件同名而内容不同：请先改名")
                    continue
                found[record.name] = _Read(item, year, record)
                self.warnings += record.warnings
        if not found:
            all_failed = f"{len(self.failures)} 份文件都没有读入：\n" if len(self.failures) > 1 else ""
            raise KgError(all_failed + "\n".join(self.failures))
        self.report("读取", len(items), len(items))
        return found

    def _keep(self, found: Collection[_Read]) -> None:
        """Keep the originals of what was read."""
        originals = self.directory.originals
        with Reader() as reader:
            for read in found:
                if originals.fault(read.sha256):
                    content = reader.content(read.item)
                    if hashlib.sha256(content).hexdigest() != read.sha256:
                        raise KgError(f"“{read.item}”在读取时被改动：请再试一次")
                    originals.keep(read.sha256, content)

    def _write(
        self,
        encoder: Callable[[], Encoder],
        new: dict[str, _Read],
        keep: Callable[[DocumentEntry], bool] | None = None,
        catalogue: Catalogue | None = None,
    ) -> Outcome:
        """Publish ``new`` beside the documents in force that ``keep`` holds for (None: nothing of them).

        ``catalogue``: what must still be in force, for ``new`` was made from it.
        """
        with self.directory.writing() as building, _uncollected():
            if catalogue is not None and self.directory.catalogue() != catalogue:
                raise KgError(f"数据目录“{self.directory.root}”刚被另一个 kg 进程改动：请再试一次")
            # What is in force is read under the lock: another may have published since the command began.
            previous = self.directory.open(checked=False) if keep else None  # all of it is, before it goes on
            try:
                return self._publish(building, encoder, new, previous, keep)
            finally:
                if previous:
                    previous.close()

    def _publish(
        self,
        building: Path,
        encoder: Callable[[], Encoder],
        new: dict[str, _Read],
        previous: Generation | None,
        keep: Callable[[DocumentEntry], bool] | None,
    ) -> Outcome:
        kept = [e for e in previous.manifest.documents if keep(e)] if previous and keep else []
        going_on = previous if kept else None
        for fault in self.directory.faults(going_on, in_turn=True) if going_on else ():
            raise fault  # what goes on being used must be whole
        mark = going_on.manifest.fingerprint if going_on else fingerprint()
        ledger = Ledger(building, self.base, going_on.path if going_on else None)
        before = self._place()
        self._keep(new.values())
        with stores.writing(building, self.engines.store, before, going_on.path if going_on else None) as store:
            for entry in going_on.manifest.documents if going_on else ():
                if entry not in kept:
                    store.remove(entry.iri)
            documents = self._fill(building, store, ledger, encoder, new, kept, going_on.path if going_on else None)
        place = store.place
        remote = store if place else None
        del store  # embedded files are whole once they are closed
        self.directory.publish(building, Manifest(self.base, self.model, mark, documents, place=place), going_on)
        if remote:
            try:
                remote.publish(before)
            except KgError as error:
                self.warnings.append(f"新的一代已可查询，但图数据库里的指针没有换成它，下次写入时再换（{error}）")
        return Outcome(True, documents, self.failures, self.warnings)

    def _fill(
        self,
        building: Path,
        store: Store,
        ledger: Ledger,
        encoder: Callable[[], Encoder],
        new: dict[str, _Read],
        kept: list[DocumentEntry],
        before: Path | None,
    ) -> list[DocumentEntry]:
        """Write graph, index, pairs and lexicon; returns the documents. ``before``: the generation before."""
        entries = {e.name: e for e in [*kept, *(_entry(read.record, read.year, self.base) for read in new.values())]}
        portions = list(ledger.settle([read.record for read in new.values()], [entry.name for entry in kept]))

        def graphs() -> Iterator[tuple[str, list[Quad]]]:
            for number, quads in enumerate(self.workers.map(portions)):
                self.report("建图", min(number, len(new)), len(new))
                entry = entries[portions[number].name]
                entry.projects, entry.indicators = counted(quads)
                yield entry.iri, quads

        store.take(graphs())
        self.report("建图", len(new), len(new))
        iris = {name: entry.iri for name, entry in entries.items()}
        extracts = Extracts(store, iris, {portion.name for portion in portions}, before)
        self._index(building / INDEX, store, encoder, extracts)
        self._measures(building / DUPLICATES, store, encoder, extracts)
        indicators = (p for passages in extracts.passages.values() for p in passages if p.kind == "indicator")
        Lexicon.of(store, (text for passage in indicators for text in passage.texts)).save(building / LEXICON)
        if kept:
            store.settle()
        else:
            store.finish()
        return sorted(entries.values(), key=lambda e: e.name)

    def _place(self) -> Place | None:
        """Where the graph in force is, if not among the files; what is damaged names none."""
        try:
            return self.directory.catalogue().place
        except KgError:
            return None

    def _encoder(self) -> Callable[[], Encoder]:
        loaded: list[Encoder] = []

        def load() -> Encoder:
            if not loaded:
                loaded.append(load_encoder(self.model))
            return loaded[0]

        if self.model != DEFAULT_MODEL:
            try:
                load()  # a model that cannot be loaded is said before anything is built
            except EncoderError as error:
                raise KgError(str(error)) from None
        return load

    def _measures(self, folder: Path, store: Store, encoder: Callable[[], Encoder], extracts: Extracts) -> None:
        """What each indicator measures, under the reviewers' decisions, which outlive every generation."""
        self.report("查重", 0, 1)
        cache = EmbeddingCache(self.directory.root / "cache" / "embeddings.sqlite", self.workers.embed)
        known, before = extracts.known, extracts.folder / DUPLICATES if extracts.folder else None
        try:
            items = [item for several in extracts.items.values() for item in several]
            counts = {name: len(several) for name, several in extracts.items.items()}
            found = Found.compare(items, lambda texts: cache.embed(self.model, texts, encoder), known, counts)
        finally:
            cache.close()
        reviews, graph = review.Reviews(self.directory.root), measures.graph_iri(self.base)
        measures.state(Clusters(found, reviews.decisions(), certain=True), self.base)
        if known is None:
            store.take([(graph, measures.quads(found, self.base))])
        else:
            store.change(graph, *measures.changes(known, found, self.base), lambda: measures.quads(found, self.base))
        store.replace(review.graph_iri(self.base), reviews.quads(self.base))
        found.save(folder, before, extracts.same)
        self.report("查重", 1, 1)

    def _index(self, folder: Path, store: Store, encoder: Callable[[], Encoder], extracts: Extracts) -> None:
        cache = EmbeddingCache(self.directory.root / "cache" / "embeddings.sqlite", self.workers.embed)
        try:
            search.build(
                folder,
                extracts.passages,
                terms(store),
                self.model,
                cache,
                encoder,
                lambda done, total: self.report("向量化", done, total),
                self.engines.vectors,
                extracts.folder / INDEX if extracts.folder else self.directory.index(),
                extracts.same,
            )
        except where.VectorError as error:
            raise StorageError(str(error)) from None
        finally:
            cache.close()


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles: records and rows have none, and looking through all of them again and again took
    half of the time that mapping three hundred documents takes.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def counted(quads: Iterable[Quad]) -> tuple[int, int]:
    """How many projects and indicators a document's graph states first: over all documents each counts once."""
    kinds = Counter(q.object.value for q in quads if q.predicate.value == RDF.type and isinstance(q.object, NamedNode))
    return kinds[JX.Project], kinds[JX.Indicator]


def _entry(record: DocumentRecord, given: int | None, base: str) -> DocumentEntry:
    return DocumentEntry(
        record.name,
        record.sha256,
        document_iri(record.name, base),
        record.year,
        given,
        projects=0,
        indicators=0,
    )
