"""Whether a word that is put into a question is ever left out without a word about it.

    python -m benchmarks.insertions [--seed N] [--number N] [--data DIR] [--all]

A question that is answered right is asked again with a word of content put in before one of its own (an adjective, a
place, a group of people), or with a clause that changes what is asked (another year, a department that has no tables,
“平均到每个月”). It is then another question: the answer may be another, or none, or the same if it says that the word was
left out. The same answer without that is wrong. Where what is answered holds the word itself, it was used.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kg.ask import Answer, Asker

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

WORDS = (
    "女性", "农村", "县级", "境外", "免费", "首批", "民营", "校外", "夜间", "二期", "少数民族", "退役", "流动", "未成年", "海洋", "跨省",
    "紧急", "外语", "虚拟", "再生",
)  # fmt: skip
"""Words of content that narrow what they stand before."""

CLAUSES = (
    ("2019年", "{}", "2019"), ("水利厅的", "{}", "水利"), ("上半年", "{}", "上半年"), ("除了信息化项目以外，", "{}", "信息化"),
    ("不含新增的", "{}，", "年有而"), ("按季度算呢", "{}，", "季度"), ("只看超过一亿的", "{}，", "亿"), ("平均到每个月", "{}，", "每个月"),
    ("三月份", "{}", "3月"), ("乡镇一级的", "{}", "乡镇"), ("外包的那部分", "{}，", "外包"),
)  # fmt: skip
"""(clause, how the question stands before it: with a comma at its end, the clause comes after; else it goes before; the
word of it that has to be told)."""

Outcome = Literal["refused", "changed", "said", "silent"]


@dataclass(frozen=True, slots=True)
class Inserted:
    """A question, and what was put into it."""

    question: str
    word: str


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a question with something put in."""

    corpus: str
    inserted: Inserted
    answer: Answer
    outcome: Outcome


def with_word(answer: Answer, chance: random.Random) -> Inserted | None:
    """The question with a word put in before one of its words of content; None where it has none, or holds the word."""
    tokens = answer.tokens
    before = [t for t in tokens.items if t.kind == "word" or t.entity] if tokens else []
    word = chance.choice(WORDS)
    if tokens is None or not before or word in tokens.text:
        return None
    at = chance.choice(before).start
    return Inserted(f"{tokens.text[:at]}{word}{tokens.text[at:]}", word)


def with_clause(question: str, chance: random.Random) -> Inserted:
    """The question with a clause before or after it."""
    clause, place, key = chance.choice(CLAUSES)
    if place.endswith("，"):
        return Inserted(place.format(question.rstrip("？?。")) + clause, key)
    return Inserted(clause + question, key)


def outcome(before: Answer, after: Answer, word: str) -> Outcome:
    """What became of an answer when ``word`` was put into its question."""
    if not after.answers:
        return "refused"
    if _items(before) != _items(after) or before.boolean != after.boolean:
        return "changed"
    held = all(
        word in f"{i.label}{i.project}{i.value}{''.join(cell.text for cell in i.evidence)}" for i in after.answers
    )
    said = (after.understood, *after.notes, *after.unmatched)
    told = any(word in text for text in said)
    return "said" if held or told else "silent"


def _items(answer: Answer) -> list[tuple[Any, ...]]:
    return [(i.label, i.value, i.number, i.year) for i in answer.answers]


def asked(
    asker: Asker, question: str, chance: random.Random, *, clauses: bool
) -> tuple[Inserted, Answer, Outcome] | None:
    """A question asked as it is and with something put in; None where it has no answer or nothing can be put in."""
    before = asker.ask(question)
    if before.method != "graph" or not before.answers:
        return None
    inserted = with_clause(question, chance) if clauses else with_word(before, chance)
    if inserted is None:
        return None
    after = asker.ask(inserted.question)
    return inserted, after, outcome(before, after, inserted.word)


def right_ones(corpora: Any, chance: random.Random) -> Iterator[tuple[str, str]]:
    """(corpus, question) of the blind sets that are answered right, in an order of chance."""
    import blind

    golds = [
        gold
        for name in blind.NAMES
        for gold in blind.json_lines(blind.SETS / f"{name}.jsonl")
        if "turns" not in gold and gold["gold"]["kind"] != "none"
    ]
    chance.shuffle(golds)
    for gold in golds:
        corpus = blind.SAME.get(gold["corpus"], gold["corpus"])
        if blind.right(gold["gold"], corpora[corpus].ask(gold["q"]).json()):
            yield corpus, gold["q"]


def insertions(corpora: Any, questions: Iterable[tuple[str, str]], chance: random.Random, number: int) -> list[Found]:
    """What becomes of the first ``number`` questions, words and clauses by turns."""
    found: list[Found] = []
    for corpus, question in questions:
        if len(found) >= number:
            break
        done = asked(corpora[corpus].asker, question, chance, clauses=len(found) % 2 == 1)
        if done is not None:
            found.append(Found(corpus, *done))
    return found


def main() -> int:
    import regression

    parser = argparse.ArgumentParser(description="往答对的问题里插进一个词或一个分句：答案不变而没有说明的，就是漏读")
    parser.add_argument("--seed", type=int, default=1, help="随机种子（默认 1）")
    parser.add_argument("--number", type=int, default=400, help="问几题（默认 400）")
    parser.add_argument("--data", type=Path, help="已建好各套表的目录（没有则临时建）")
    parser.add_argument("--all", action="store_true", help="答案变了的也列出来")
    told = parser.parse_args()
    chance = random.Random(told.seed)
    with tempfile.TemporaryDirectory() as folder:
        corpora = regression.Corpora(told.data or Path(folder))
        found = insertions(corpora, right_ones(corpora, chance), chance, told.number)
        corpora.close()
    for one in sorted(found, key=lambda f: -f.answer.confidence):
        if one.outcome == "silent" or (told.all and one.outcome == "changed"):
            shown = [(i.label, i.value) for i in one.answer.answers[:3]]
            print(f"{one.outcome} {one.answer.confidence} {one.corpus} {one.inserted.question}")
            print(f"  {one.answer.understood}；{'；'.join(one.answer.notes)} {shown}")
    counts = Counter(one.outcome for one in found)
    print(
        f"{len(found)} 题：不答 {counts['refused']}，答案变了 {counts['changed']}，"
        f"说明了略过 {counts['said']}，没有说明 {counts['silent']}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
