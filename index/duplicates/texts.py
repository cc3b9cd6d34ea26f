"""Rows of any projects: equal ones share a profile, near profiles are found through blocks and FAISS."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from index.duplicates.names import read_name
from index.duplicates.pairs import SIBLINGS, TEXT_FEATURES, Item, Rarity, Scorer, contrasts, guard, siblings
from index.duplicates.years import tables
from index.encode import Vectors
from index.segment import Segmenter
from index.vectors import FLAT_LIMIT

NEIGHBOURS = 10
LEAST_COSINE = 0.88  # farther names were never one measure on the labelled pairs, but for what years settle
BLOCK = 30  # a block of more profiles says nothing

CORE = TEXT_FEATURES.index("core")
BY_ALL = (0, SIBLINGS)  # vetoes that depend on other rows
Known = dict[tuple[str, str], tuple[Item, Item, list[float], int, str]]
"""By the IRIs of two rows, as they were then: their features, the guard that vetoes and its words."""
NEVER: tuple[None, None, list[float], int, str] = (None, None, [], 0, "")


def profiles(items: Sequence[Item]) -> tuple[list[int], npt.NDArray[np.int32]]:
    """(an item of each profile, the profile of each item)."""
    at: dict[tuple[str, str, str, str], int] = {}
    first: list[int] = []
    of = np.zeros(len(items), np.int32)
    for n, item in enumerate(items):
        key = item.profile
        if key not in at:
            at[key] = len(first)
            first.append(n)
        of[n] = at[key]
    return first, of


def near(
    scorer: Scorer, first: Sequence[int], known: Known | None = None
) -> Iterator[tuple[int, int, list[float], int, str]]:
    """(profile, profile, features, veto, its words) of candidates: one type, and near in words or in meaning.

    ``known``: what was found of two rows before. How rare their words are, and which wordings tell rows of one table
    apart, depends on all rows, and is found anew.
    """
    items = [scorer.items[n] for n in first]
    rarity = Rarity({i.measured for i in items})
    apart = set().union(*(contrasts(scorer.items[n] for n in rows) for rows in tables(scorer.items).values()))
    for p, q in sorted(_candidates(scorer, items)):
        a, b = items[p], items[q]
        one, two, features, veto, said = (known or {}).get((a.iri, b.iri)) or NEVER
        if (one, two) != (a, b):
            features = scorer.text_features(a, b, rarity)
            veto, said = guard(a, b, apart)
        else:
            features[CORE] = rarity.likeness(read_name(a.measured).canonical, read_name(b.measured).canonical)
            if veto in BY_ALL:
                veto, said = siblings(a, b, apart)
        yield p, q, features, veto, said


def _candidates(scorer: Scorer, items: Sequence[Item]) -> set[tuple[int, int]]:
    by_type: dict[str, list[int]] = defaultdict(list)
    for p, item in enumerate(items):
        by_type[item.type or item.level1].append(p)
    found: set[tuple[int, int]] = set()
    segmenter = Segmenter()
    for several in by_type.values():
        found |= _same_words(several, items, segmenter)
        texts = sorted({items[p].measured for p in several})
        said: dict[str, list[int]] = defaultdict(list)
        for p in several:
            said[items[p].measured].append(p)
        for text in texts:  # the same words with another unit or description
            found |= set(combinations(said[text][:BLOCK], 2))
        for one, two in _neighbours(scorer.vectors[[scorer.at[t] for t in texts]]):
            for p in said[texts[one]][:BLOCK]:
                found |= {(min(p, q), max(p, q)) for q in said[texts[two]][:BLOCK]}
    return found


def _same_words(numbers: Iterable[int], items: Sequence[Item], segmenter: Segmenter) -> set[tuple[int, int]]:
    """Names of the same words in another order."""
    blocks: dict[frozenset[str], list[int]] = defaultdict(list)
    for p in numbers:
        blocks[frozenset(segmenter.words(read_name(items[p].measured).canonical, guess=False))].append(p)
    return {pair for several in blocks.values() if len(several) <= BLOCK for pair in combinations(sorted(several), 2)}


def _neighbours(vectors: Vectors) -> Iterator[tuple[int, int]]:
    """Pairs of rows that are near each other, each row's nearest only."""
    import faiss

    count, dimension = vectors.shape
    if count < 2:
        return
    if count <= FLAT_LIMIT:
        index: Any = faiss.IndexFlatIP(dimension)
    else:
        index = faiss.index_factory(dimension, f"IVF{int(4 * count**0.5)},Flat", faiss.METRIC_INNER_PRODUCT)
        index.train(vectors)
        index.nprobe = 8
    index.add(vectors)
    cosines, numbers = index.search(vectors, min(NEIGHBOURS + 1, count))
    for one, (near_by, values) in enumerate(zip(numbers, cosines, strict=True)):
        for two, cosine in zip(near_by, values, strict=True):
            if two >= 0 and two != one and cosine >= LEAST_COSINE and (one < two or one not in numbers[two]):
                yield one, int(two)
