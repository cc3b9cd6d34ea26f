"""Fits the weights of ``kg/ask/confidence.toml`` to the question sets of the tests, and says how well they do.

    python -m benchmarks.confidence [--keep]

Every question is asked without a bar, what its best reading looks like is written down with whether it was right, and a
logistic regression (iteratively reweighted least squares, with a ridge) is fitted. Its quality is told by leaving out
one set after the other, so that no author's questions are both fitted to and judged by. ``--keep``: write the weights.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks.fitting import logistic, sets

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

RARE = 12  # features that fewer readings have are not fitted
Row = tuple[str, str, dict[str, float], bool, bool]
"""Set, question, features, whether the reading was right, whether it found something."""


def rows_of(job: tuple[str, str]) -> list[Row]:
    """What the best readings of a set look like."""
    import blind
    import regression
    from scoring import score

    from kg.ask import confidence

    name, folder = job
    confidence.model()["answered"] = 0.0
    corpora = regression.Corpora(Path(folder))
    found: list[Row] = []
    if name.startswith("blind "):
        for gold in blind.json_lines(blind.SETS / f"{name[6:]}.jsonl"):
            turn = gold.get("turns", [gold])[0]
            answer = corpora[blind.SAME.get(gold["corpus"], gold["corpus"])].ask(turn["q"])
            right = blind.right(turn["gold"], answer.json())
            if answer.features:
                found.append((name, turn["q"], answer.features, right, bool(answer.answers)))
        return found
    tables = regression._table_numbers(regression.SUITES[name])
    for gold in regression.golds(name):
        answer = corpora[regression.SUITES[name]].ask(gold["q"])
        if answer.features:
            right = score(gold, answer.json(), tables) == 1
            found.append((name, gold["q"], answer.features, right, bool(answer.answers)))
    return found


def fit(rows: list[Row]) -> dict[str, float]:
    """The weights of a logistic regression of “right” on the features."""
    seen = Counter(name for _, _, features, _, _ in rows for name in features)
    names = ["bias", *sorted(n for n, count in seen.items() if count >= RARE)]
    x = np.array([[1.0, *(features.get(n, 0.0) for n in names[1:])] for _, _, features, _, _ in rows])
    y = np.array([float(right) for *_, right, _ in rows])
    return dict(zip(names, logistic(x, y).round(3).tolist(), strict=True))


def judge(rows: list[Row], weights: dict[str, float]) -> np.ndarray:
    said = [
        weights["bias"] + sum(weights.get(n, 0.0) * v for n, v in features.items()) for _, _, features, _, _ in rows
    ]
    judged: np.ndarray = 1 / (1 + np.exp(-np.array(said)))
    return judged


def report(rows: list[Row], chances: np.ndarray) -> None:
    right = np.array([r for *_, r, _ in rows])
    for bar in (0.4, 0.5, 0.6, 0.7, 0.8):
        given = (chances >= bar) & np.array([shown for *_, shown in rows])
        print(f"把握 ≥ {bar}：答 {given.sum()}，对 {(given & right).sum()}，错 {(given & ~right).sum()}")
    for low in np.arange(0, 1, 0.1):
        here = (chances >= low) & (chances < low + 0.1 + 1e-9)
        if here.any():
            print(f"  {low:.1f}–{low + 0.1:.1f}：{here.sum()} 题，对 {right[here].mean():.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description="用带答案的问题拟合把握的权重")
    parser.add_argument("--keep", action="store_true", help="把权重写进 kg/ask/confidence.toml")
    parser.add_argument("--data", type=Path, help="已建好各套表的目录（没有则临时建）")
    told = parser.parse_args()
    names = sets()
    with tempfile.TemporaryDirectory() as folder, get_context("spawn").Pool(2) as pool:
        jobs = [(name, str(told.data or folder)) for name in names]
        rows: list[Row] = [row for found in pool.imap_unordered(rows_of, jobs) for row in found]
    print(f"{len(rows)} 题有理解")
    chances = np.zeros(len(rows))
    for name in names:
        rest = [r for r in rows if r[0] != name]
        held = [i for i, r in enumerate(rows) if r[0] == name]
        if held:
            chances[held] = judge([rows[i] for i in held], fit(rest))
    report(rows, chances)
    if told.keep:
        path = ROOT / "kg" / "ask" / "confidence.toml"
        head = re.sub(r"(?s)\[weights\].*", "[weights]\n", path.read_text("utf-8"))
        path.write_text(head + "".join(f'"{n}" = {w}\n' for n, w in fit(rows).items()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
