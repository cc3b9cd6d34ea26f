"""The index of an opened data directory, whose faults are said as the project's own."""

from __future__ import annotations

from functools import cached_property

from index.encode import Encoder, EncoderError
from index.search import Index
from index.vectors import VectorError
from kg.errors import KgError, StorageError


class PassageIndex(Index):
    """An index whose model may be missing here: the data may have been built with the extra ``models``."""

    @cached_property
    def encoder(self) -> Encoder:
        try:
            return super().encoder
        except EncoderError as error:
            raise KgError(str(error)) from None

    def nearest(self, text: str, limit: int) -> list[tuple[int, float]]:
        try:
            return super().nearest(text, limit)
        except VectorError as error:
            raise StorageError(str(error)) from None
