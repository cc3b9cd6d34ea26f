"""Our keyword search beside that of bm25s, on the same passages, words and questions, in one run:

    python -m benchmarks.peers DATA [COUNT]

bm25s is no dependency of the project (``pip install bm25s``). Both are given what our segmenter makes of a text: its
words and its pairs of characters. Printed is the median of COUNT questions, each a passage's own text, in turn by the one
and by the other; how many of our ten best bm25s has among its ten; and how long its index takes to make.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import kg
from index.segment import bigrams

BEST = 10


def timed(find: Callable[[str], Sequence[int]], text: str) -> tuple[float, set[int]]:
    start = time.perf_counter()
    found = find(text)
    return time.perf_counter() - start, set(found)


def main(data: str, count: int = 300) -> int:
    try:
        import bm25s
    except ImportError:
        print("没有装 bm25s：pip install bm25s", file=sys.stderr)
        return 1
    with kg.open(data) as graph:
        index = graph.index

        def terms(text: str) -> list[str]:
            return [f"w{w}" for w in index.segmenter.index_terms(text)] + [f"p{b}" for b in bigrams(text)]

        texts = [index.passage(number).text for number in range(index.size)]
        start = time.process_time()
        peer = bm25s.BM25()
        peer.index([terms(text) for text in texts], show_progress=False)
        made = time.process_time() - start

        def ours(text: str) -> list[int]:
            return [number for number, _ in index.keyword(text, BEST)]

        def theirs(text: str) -> list[int]:
            found, _ = peer.retrieve([terms(text)], k=min(BEST, len(texts)), show_progress=False)
            return [int(number) for number in found[0]]

        asked = random.Random(0).sample(texts, min(count, len(texts)))
        for text in asked[:20]:  # warm
            ours(text), theirs(text)
        mine, other, shared = [], [], []
        for text in asked:
            a, first = timed(ours, text)
            b, second = timed(theirs, text)
            mine.append(a), other.append(b), shared.append(len(first & second) / max(1, len(first)))
        a, b = statistics.median(mine), statistics.median(other)
        print(
            f"{len(texts)} 段，{len(asked)} 问：我们 {a * 1000:.2f} ms，bm25s {b * 1000:.2f} ms，我们÷bm25s {a / b:.2f}"
        )
        print(f"前 {BEST} 个里共有 {statistics.mean(shared):.0%}；bm25s 建索引（含切词）{made:.1f} 秒处理器时间")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:3])))
