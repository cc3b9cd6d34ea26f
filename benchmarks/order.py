"""Whether the order in which the rules of the grammar stand decides any answer.

    python -m benchmarks.order [--seeds N] [--every N] [--data DIR]

The rules are shuffled (seeded) among those that combine the same categories, and so are the words of a question in the
chart. A question whose derivations and costs stay as they were has the same answer; the others are asked again, and
those whose answer changes are printed with the meanings that cost just the same. Questions are those of the tests'
sets, of conversations the first turns.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from kg.ask import Asker, compose
from kg.ask.grammar import chart
from kg.ask.grammar.rules import grammar
from kg.ask.link.edges import Edge, Skip

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

SAME = 1e-6  # costs that differ by less are the same
Derived = list[tuple[Any, float, tuple[tuple[int, int, str], ...]]]
"""(meaning, cost, words used) of the derivations that may be linked, the cheapest first."""


def questions(every: int) -> list[tuple[str, str]]:
    """(corpus, question), one in ``every`` of all sets."""
    import blind
    import regression

    found: dict[tuple[str, str], None] = {}
    for name, corpus in regression.SUITES.items():
        found |= {(corpus, gold["q"]): None for gold in regression.golds(name)}
    for name in blind.NAMES:
        for gold in blind.json_lines(blind.SETS / f"{name}.jsonl"):
            found[blind.SAME.get(gold["corpus"], gold["corpus"]), gold.get("turns", [gold])[0]["q"]] = None
    return list(found)[::every]


@contextmanager
def shuffled(seed: int) -> Iterator[None]:
    """Another order of the rules and of the words in the chart."""
    chance = random.Random(seed)
    tables: tuple[dict[Any, Any], ...] = (*grammar().binary.values(), grammar().unary)
    kept = [{key: list(rules) for key, rules in table.items()} for table in tables]
    for rules in (rules for table in tables for rules in table.values()):
        chance.shuffle(rules)

    def parse(g: chart.Grammar, edges: Iterable[Edge], skips: Iterable[Skip], *rest: Any) -> list[chart.Derivation]:
        words = list(edges)
        random.Random(seed).shuffle(words)
        return chart.parse(g, words, skips, *rest)

    try:
        with patch.object(compose, "parse", parse):
            yield
    finally:
        for table, old in zip(tables, kept, strict=True):
            table.update(old)


def derived(asker: Asker, question: str) -> Derived:
    """How a question is derived."""
    lattice = asker.composer.lattice(asker.tokens(question))
    out: Derived = []
    for depth in compose.DEPTHS:
        found = compose.parse(grammar(), lattice.edges, lattice.skips, len(lattice.text), "V", depth)
        out += [(d.meaning, d.cost, tuple(sorted(d.used()))) for d in found[: compose.TRIED]]
        if found and found[0].cost + compose.FARTHEST <= depth:
            break
    return out


def moved(one: Derived, other: Derived) -> bool:
    """Whether two derivations of a question differ in anything that an answer may come from."""
    return len(one) != len(other) or any(
        a[0] != b[0] or a[2] != b[2] or abs(a[1] - b[1]) > SAME for a, b in zip(one, other, strict=True)
    )


def answered(asker: Asker, question: str) -> tuple[Any, str]:
    """What an answer is, however sure it is, and how the question was said to be understood."""
    answer = asker.ask(question)
    items = tuple((a.iri, a.label, a.value, a.number, a.unit, a.year) for a in answer.answers if a.iri or a.number)
    return (answer.kind, answer.boolean, items), answer.understood


def main() -> int:
    import regression

    parser = argparse.ArgumentParser(description="规则的次序是否左右答案：打乱次序再问")
    parser.add_argument("--seeds", type=int, default=3, help="打乱几次（默认 3）")
    parser.add_argument("--every", type=int, default=1, help="每几题问一题（默认全问）")
    parser.add_argument("--data", type=Path, help="已建好各套表的目录（没有则临时建）")
    told = parser.parse_args()
    asked = questions(told.every)
    with tempfile.TemporaryDirectory() as folder:
        corpora = regression.Corpora(told.data or Path(folder))
        askers = {corpus: corpora[corpus].asker for corpus in dict.fromkeys(corpus for corpus, _ in asked)}
        before = {one: derived(askers[one[0]], one[1]) for one in asked}
        other: dict[tuple[str, str], list[tuple[Derived, tuple[Any, str]]]] = defaultdict(list)
        for seed in range(told.seeds):
            with shuffled(seed):
                for one in asked:
                    found = derived(askers[one[0]], one[1])
                    if moved(before[one], found):
                        other[one].append((found, answered(askers[one[0]], one[1])))
        changed: Counter[str] = Counter()
        for (corpus, question), runs in other.items():
            answer, said = answered(askers[corpus], question)
            different = [run for run in runs if run[1][0] != answer] or [run for run in runs if run[1][1] != said]
            if not different:
                continue
            found, (now, understood) = different[0]
            what = "答案" if now != answer else "说法"
            changed[what] += 1
            print(f"{what}有变：{corpus} {question}\n  原：{said}\n  后：{understood}")
            first = before[corpus, question]
            same = dict.fromkeys(str(m) for m, cost, _ in (*first, *found) if cost <= first[0][1] + SAME)
            print(f"  {_why(first, found)}：{'；'.join(list(same)[:4])}")
        corpora.close()
    print(
        f"{len(asked)} 题，打乱 {told.seeds} 次：推导有变 {len(other)} 题，"
        f"答案有变 {changed['答案']} 题，只是理解的说法有变 {changed['说法']} 题"
    )
    return 0


def _why(one: Derived, other: Derived) -> str:
    """What the change comes from."""
    if {m for m, _, _ in one} != {m for m, _, _ in other}:
        return "格子里放不下的含义不同"
    if [m for m, _, _ in one] != [m for m, _, _ in other]:
        return "代价相同的含义换了先后"
    return "同一含义由代价相同的另一组词得出"


if __name__ == "__main__":
    sys.exit(main())
