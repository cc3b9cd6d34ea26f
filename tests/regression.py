"""The question sets of the regression suite, their corpora, and the list of the questions known to be wrong.

``python tests/regression.py [SET…]`` (``make known-wrong``) asks them all, prints the scores and takes off the list
what has become right; with ``--force`` it also puts on it what has become wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyoxigraph as ox
from command import SAMPLE, SECOND, TESTS, json_lines
from scoring import norm, score

import kg
from kg.ask import Answer
from kg.knowledge import KnowledgeGraph

SETS = TESTS / "data" / "regression"
KNOWN = SETS / "known-wrong.json"

# set of questions → its corpus. “fresh” is deliberately colloquial; no set was written by looking at the code.
SUITES = {
    "dev": "sample",
    "paraphrases": "sample",
    "heldout": "sample",
    "heldout2": "sample",
    "fresh": "sample",
    "analyst": "sample",
    "auditor": "sample",
    "committee": "sample",
    "colleague": "sample",
    "reviewer": "sample",
    "deputy": "sample",
    "examiner": "sample",
    "inspector": "sample",
    "planner": "sample",
    "skeptic": "sample",
    "beyond": "sample",
    "outsider": "sample",
    "second-questions": "second",
    "farming-questions": "farming",
    "health-questions": "health",
    "education-questions": "education",
    "three-offices-questions": "three-offices",
    "cross-year": "both",
    "skeptic-years": "both",
    "education-years": "education-years",
}

# corpus → its documents: the sample, another city's education, health and farming tables, a province's farming,
# a city's health, a city's education in two years, three offices of one city, three others in two years, the sample with an edition of the
# year before
CORPORA = {
    "sample": [SAMPLE],
    "second": [SECOND],
    "farming": [SETS / "farming-2025.txt"],
    "health": [SETS / "health-2025.txt"],
    "education": [SETS / "education-2025.txt"],
    "education-years": [SETS / "education-2025.txt", SETS / "education-2024.txt"],
    "three-offices": [SETS / "three-offices-2025.txt"],
    "transport-years": [SETS / "transport-2025.txt", SETS / "transport-2024.txt"],
    "ecology-years": [SETS / "ecology-2025.txt", SETS / "ecology-2024.txt"],
    "culture-civil": [SETS / "culture-2025.txt", SETS / "civil-2025.txt"],
    "water-emergency": [SETS / "water-2025.txt", SETS / "emergency-2025.txt"],
    "disabled-years": [SETS / "disabled-2025.txt", SETS / "disabled-2024.txt"],
    "justice": [SETS / "justice-2025.txt"],
    "office": [SETS / "office-2025.txt"],
    "commerce-market": [SETS / f"{name}.txt" for name in ("commerce-2025", "commerce-2024", "market-2025")],
    "housing-veterans": [SETS / f"{name}.txt" for name in ("housing-2025", "housing-2024", "veterans-2025")],
    "forestry-science": [SETS / f"{name}.txt" for name in ("forestry-2025", "science-2025", "science-2024")],
    "grain-years": [SETS / "grain-2025.txt", SETS / "grain-2024.txt"],
    "land-women": [SETS / f"{name}.txt" for name in ("land-2025", "land-2024", "women-2025")],
    "bureaus": sorted((TESTS / "data" / "bureaus").iterdir()),
    "both": [SAMPLE, TESTS / "data" / "edited-2024.txt"],
}

Wrong = Literal["unanswered", "wrong"]
"""How a question fails. ``unanswered``: nothing is answered where the tables hold it; ``wrong``: something else is,
which is worse."""
WORSE: tuple[Wrong, ...] = ("unanswered", "wrong")
Known = dict[str, dict[Wrong, list[str]]]
"""Set → how → the ids of its questions."""


class Corpora:
    """The graph of each corpus, built in ``folder`` when first asked for and shared by the workers of a run.

    They share their embeddings: the corpora have documents in common.
    """

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        self.folder = folder
        self.opened: dict[str, KnowledgeGraph] = {}
        self._cache = cache

    def __getitem__(self, name: str) -> KnowledgeGraph:
        if name not in self.opened:
            data = self.folder / f"{name}-data"
            with (self.folder / f"{name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not (data / "CURRENT").exists():
                    data.mkdir(exist_ok=True)
                    with contextlib.suppress(FileExistsError):  # of a worker that was killed while it built
                        (data / "cache").symlink_to(self._embeddings())
                    kg.build(data, CORPORA[name])
            self.opened[name] = kg.open(data)
        return self.opened[name]

    def _embeddings(self) -> Path:
        shared = self.folder / "embeddings"
        with (self.folder / "embeddings.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not shared.exists():
                if self._cache:
                    shutil.copytree(self._cache, shared)
                else:
                    shared.mkdir()
        return shared

    def close(self) -> None:
        for graph in self.opened.values():
            graph.close()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a set with its gold, the answer given and its score (0…1)."""

    gold: dict[str, Any]
    answer: Answer
    score: float

    @property
    def wrong(self) -> Wrong | None:
        if self.score == 1:
            return None
        return "wrong" if self.answer.answers or self.answer.boolean is not None else "unanswered"

    def __str__(self) -> str:
        return f"{self.gold['id']} {self.gold['q']} → {self.answer.understood}"


def golds(name: str) -> list[dict[str, Any]]:
    return json_lines(SETS / f"{name}.jsonl")


def ask(name: str, graph: KnowledgeGraph) -> list[Asked]:
    """The questions of a set, each asked once."""
    tables = _table_numbers(SUITES[name])
    answers = [(gold, graph.ask(gold["q"])) for gold in golds(name)]
    return [Asked(gold, answer, score(gold, answer.json(), tables)) for gold, answer in answers]


def _table_numbers(corpus: str) -> dict[str, int]:
    own = SETS / f"{corpus}-indicators.jsonl"
    name = own if own.exists() else "tianjin-hrss-2025-indicators.jsonl"
    return {norm(row["project"]): row["no"] for row in json_lines(TESTS / "data" / name)}


def known(name: str) -> dict[str, Wrong]:
    """The questions of a set that are known to be wrong, and how."""
    return {question: how for how, ids in listed().get(name, {}).items() for question in ids}


def listed() -> Known:
    found: Known = json.loads(KNOWN.read_text("utf-8")) if KNOWN.exists() else {}
    return found


def compare(name: str, asked: list[Asked]) -> tuple[list[str], list[str]]:
    """What is worse than the list says, and what is better, one line each."""
    before = known(name)
    worse, better = [], []
    for one in asked:
        was, now = (WORSE.index(how) + 1 if how else 0 for how in (before.get(one.gold["id"]), one.wrong))
        if now > was:
            worse.append(f"{'答错' if one.wrong == 'wrong' else '未答'}：{one}")
        elif now < was:
            better.append(str(one))
    return worse, better


def printed_answer(graph: KnowledgeGraph, answer: Answer) -> list[Any]:
    """What the printed query yields, run by itself without any prefix declared for it."""
    result = graph.store.inner.query(answer.sparql, use_default_graph_as_union=False)
    if isinstance(result, ox.QueryBoolean):
        return [bool(result)]
    assert isinstance(result, ox.QuerySolutions)
    names = [v.value for v in result.variables]
    rows = []
    for row in result:
        label = row["label"].value if "label" in names and row["label"] is not None else None
        number = row["number"].value if "number" in names and row["number"] is not None else None
        rows.append((label, None if number is None else round(float(number), 6)))
    return rows


def shown_answer(answer: Answer) -> list[Any]:
    if answer.boolean is not None:
        return [answer.boolean]
    numbered = "?number" in answer.sparql.partition("WHERE")[0]
    labelled = "?label" in answer.sparql.partition("WHERE")[0]
    return [(a.label if labelled else None, a.number if numbered else None) for a in answer.answers]


def summary(name: str, asked: list[Asked]) -> str:
    count = {how: sum(one.wrong == how for one in asked) for how in (None, *WORSE)}
    mean = sum(one.score for one in asked) / len(asked)
    return f"{name}：{mean:.4f}，全对 {count[None]}/{len(asked)}，未答 {count['unanswered']}，答错 {count['wrong']}"


def tell(name: str, asked: list[Asked]) -> None:
    worse, better = compare(name, asked)
    lines = [summary(name, asked), *(f"  变差 {line}" for line in worse), *(f"  变好 {line}" for line in better)]
    print(*lines, sep="\n", flush=True)


def rewrite(results: dict[str, list[Asked]], force: bool) -> int:
    """Write the list anew; without ``force`` nothing comes on it. Returns how many are worse than it says."""
    anew = listed()
    left = 0
    for name, asked in results.items():
        before, kept = known(name), dict[str, Wrong]()
        left += 0 if force else len(compare(name, asked)[0])
        for one in asked:
            at, now = one.gold["id"], one.wrong
            was = before.get(at)
            if now and not force:
                now = min(was, now, key=WORSE.index) if was else None
            if now:
                kept[at] = now
        anew[name] = {how: sorted(at for at in kept if kept[at] == how) for how in WORSE}
    ordered = {name: anew[name] for name in SUITES if any(anew.get(name, {}).values())}
    KNOWN.write_text(json.dumps(ordered, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return left


@contextlib.contextmanager
def _corpora() -> Iterator[Corpora]:
    with tempfile.TemporaryDirectory() as folder:
        found = Corpora(Path(folder))
        yield found
        found.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="重问回归集，打印得分，把已经答对的从“已知答错”的清单里去掉")
    parser.add_argument("sets", nargs="*", metavar="题集", help="、".join(SUITES))
    parser.add_argument("--force", action="store_true", help="变差的也写进清单")
    told = parser.parse_args()
    if unknown := set(told.sets) - set(SUITES):
        parser.error(f"没有题集 {'、'.join(sorted(unknown))}")
    with _corpora() as corpora:
        results = {}
        for name in told.sets or SUITES:
            results[name] = ask(name, corpora[SUITES[name]])
            tell(name, results[name])
    left = rewrite(results, told.force)
    if left:
        print(f"{left} 个问题比清单上差：没有写进清单（确要写入请加 --force）", file=sys.stderr)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
