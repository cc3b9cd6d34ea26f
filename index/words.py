"""The keyword index: which text holds which words and character pairs, found by BM25.

``words/`` holds ``SHARDS`` parts at most, each an index of tantivy's of the documents that fall to it, so that generations
share the parts of which no document changed; ``words.json`` names the documents of each. All parts are read as the
segments of one index: how rare a word is counts over all of them, and what is found is the same however they came about.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from index import segment, text
from index.segment import Segmenter, bigrams
from index.shelf import link

T = TypeVar("T")
SHARDS = 32
FOLDER, NAMES = "words", "words.json"
ROW, RANK = 20, 20  # bits of a text's number in its document, and of its document's in the part
META = "meta.json"  # what tantivy says of an index


def write(
    folder: Path,
    documents: Mapping[str, Sequence[T]],
    said: Callable[[T], str],
    terms: Sequence[str],
    before: Path | None = None,
    same: Collection[str] = (),
) -> None:
    """Write the index of the texts (``said``) of ``documents``, by name, into ``folder``.

    ``before`` is the folder of the index in force, ``same`` names the documents that say the same there.
    """
    shards: dict[int, list[str]] = defaultdict(list)
    for name, texts in documents.items():
        if texts:
            shards[shard(name)].append(name)
    if not shards:
        shards[0] = []
    # Where nothing stays the same, what was there is not looked at: it may be damaged, and be built anew for that.
    mark, had = _mark(terms, said), _said(before) if before and same else {}
    known = had.get("shards", {}) if had.get("mark") == mark else {}
    (folder / FOLDER).mkdir()
    segmenter: list[Segmenter] = []
    cut: dict[str, tuple[str, str]] = {}  # years and departments repeat one another
    for number, names in sorted(shards.items()):
        part = folder / FOLDER / f"{number:02d}"
        if before and names and known.get(str(number)) == names and all(name in same for name in names):
            part.mkdir()
            for path in (before / FOLDER / part.name).iterdir():
                link(path, part / path.name)
            continue
        if not segmenter:
            segmenter.append(Segmenter(terms))
        wholes = (
            (rank << ROW | row, said(one)) for rank, name in enumerate(names) for row, one in enumerate(documents[name])
        )
        _write(part, number << RANK + ROW, wholes, segmenter[0], cut)
    found = {"mark": mark, "shards": {str(number): names for number, names in sorted(shards.items())}}
    (folder / NAMES).write_text(json.dumps(found, ensure_ascii=False), "utf-8")


def shard(document: str) -> int:
    """The part that a document falls to."""
    return int(hashlib.sha256(document.encode()).hexdigest()[:8], 16) % SHARDS


def _mark(terms: Sequence[str], said: Callable[[T], str]) -> str:
    """Whatever a part depends on beside its texts: the dictionary, the segmenter, tantivy, and the programs that use them."""
    import tantivy

    programs = (
        str(segment.__file__),
        str(text.__file__),
        __file__,
        *([inspect.getfile(said)] if inspect.isfunction(said) else []),
    )
    sources = [Path(program).read_bytes() for program in programs]
    names = "\n".join((segment.engine(), tantivy.__version__, *terms)).encode()
    return hashlib.sha256(b"\0".join((*sources, names))).hexdigest()


def _said(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / NAMES).read_text("utf-8"))
    except FileNotFoundError:
        return {}  # of the format before, which was one part
    return found


def _write(
    part: Path,
    first: int,
    texts: Iterable[tuple[int, str]],
    segmenter: Segmenter,
    cut: dict[str, tuple[str, str]],
) -> None:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("n", fast=True)  # read by the column, without the documents
    for field in ("words", "pairs"):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    part.mkdir()
    index = tantivy.Index(builder.build(), path=str(part))
    writer = index.writer(heap_size=64_000_000, num_threads=1)
    for number, whole in texts:
        if whole not in cut:
            cut[whole] = " ".join(segmenter.index_terms(whole)), " ".join(bigrams(whole))
        words, pairs = cut[whole]
        writer.add_document(tantivy.Document(n=first | number, words=words, pairs=pairs))
    writer.commit()
    writer.wait_merging_threads()


class Words:
    """The keyword index in a folder, opened for reading. ``first``: the number of each document's first text."""

    def __init__(self, folder: Path, first: Mapping[str, int]) -> None:
        import tantivy

        shards = _said(folder).get("shards")
        self._first = {int(n): [first[name] for name in names] for n, names in shards.items()} if shards else None
        parts = [folder / FOLDER / f"{n:02d}" for n in self._first] if self._first is not None else [folder / FOLDER]
        # tantivy takes a lock beside the files even to read them. It gets one elsewhere, beside links to the files:
        # the folder may be read-only, and nothing is ever written into what was published. Its first reader looks at
        # the files from a thread of its own and may take that lock while the links are being removed.
        with tempfile.TemporaryDirectory(prefix="kg-words-", ignore_cleanup_errors=True) as links:
            metas = []
            for part in parts:
                for path in part.resolve().iterdir():
                    if path.name == META:
                        metas.append(json.loads(path.read_text("utf-8")))
                    elif not path.name.startswith("."):
                        Path(links, path.name).symlink_to(path)
            whole = metas[0] | {"segments": [one for meta in metas for one in meta["segments"]]}
            Path(links, META).write_text(json.dumps(whole), "utf-8")
            index = tantivy.Index.open(links)
            index.config_reader("Manual")
            self.searcher, self.schema = index.searcher(), index.schema

    def numbers(self, addresses: list[Any]) -> list[int]:
        """The numbers of the texts at these places of the index."""
        try:
            found: list[int] = self.searcher.fast_field_values("n", addresses)
        except ValueError:  # made in the format before the last: only with the documents
            return [int(self.searcher.doc(address)["n"][0]) for address in addresses]
        if self._first is None:
            return found
        rows, ranks = (1 << ROW) - 1, (1 << RANK) - 1
        return [self._first[n >> RANK + ROW][n >> ROW & ranks] + (n & rows) for n in found]
