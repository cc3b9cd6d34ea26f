"""Fits the weights of ``kg/ask/link/nearest.toml`` to the question sets of the tests, and says how well they do.

    python -m benchmarks.nearest [--data DIR] [--keep]

``[rank]``: a conditional logit over the candidates of every question for one value. ``[sure]``: a logistic regression
of whether the best candidate is right, over those questions and all others that would be read so; one that must not be
answered counts for more. Both are judged by leaving out one set after the other. ``--keep``: write the weights.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from benchmarks.fitting import RIDGE, logistic, sets
from kg.ask.link.nearest import FEATURES

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

NEVER = 3.0  # weight of a question that no table answers
UNREAD = 3.0  # of one that no rule reads: only those are answered so


@dataclass
class Case:
    """A question that may be read by meaning: its gist's candidates with their features, best first."""

    set: str
    corpus: str
    question: str
    kind: str  # of the gold
    refused: bool  # no rule reads it
    gist: Any
    candidates: list[Any]
    features: np.ndarray
    right: np.ndarray


def _shown(candidate: Any, gold: dict[str, Any], tables: dict[str, int]) -> Any:
    """What a gold says of a candidate: an indicator's value, a project's name or its number."""
    from scoring import norm

    if gold["kind"] == "values":
        return re.sub(r"\s", "", candidate.value)
    if tables:
        return tables.get(norm(candidate.label))
    name = gold["must"][0].partition("@")[0] if gold.get("must") else ""
    return gold["must"][0] if norm(candidate.label) == norm(name) else None


Judge = Callable[[Case, Any], Any]


def cases_of(job: tuple[str, str]) -> list[Case]:
    import blind
    import regression

    from kg.ask.scope import outside

    name, folder = job
    corpora = regression.Corpora(Path(folder))
    golds = [
        (blind.SAME.get(g["corpus"], g["corpus"]), g["q"], g["gold"])
        for g in (blind.json_lines(blind.SETS / f"{name[6:]}.jsonl") if name.startswith("blind ") else ())
        if "turns" not in g
    ] or [(regression.SUITES[name], g["q"], g) for g in regression.golds(name)]
    tables = {} if name.startswith("blind ") else regression._table_numbers(regression.SUITES[name])
    found = []
    for corpus, question, gold in golds:
        values = gold.get("values", []) if gold["kind"] == "values" else gold.get("must", [])
        one = gold["kind"] in ("values", "projects") and len(values) == 1
        asker = corpora[corpus].asker
        tokens = asker.tokens(question)
        lattice = asker.composer.lattice(tokens)
        nearest = asker.composer.nearest
        gist = nearest.gist(tokens, lattice)
        if gist is None or outside(tokens, asker.lexicon, asker.phrases, asker.composer.linker.departments):
            continue
        answer = asker.ask(question)
        refused = not answer.answers or any("按意思理解为" in note for note in answer.notes)
        if not one and gold["kind"] != "none" and not refused:
            continue
        ranked = nearest.ranked(gist)
        if not ranked:
            continue
        fits = {*values, *gold.get("may", ())} if one else set()
        right = np.array([_shown(c, gold, tables) in fits for c, _ in ranked])
        rows = np.array([list(f.values()) for _, f in ranked])
        if gist.of == "budget" or (one and (gold["kind"] == "values") != (gist.of == "indicator")):
            continue
        case = Case(name, corpus, question, gold["kind"], refused, gist, [c for c, _ in ranked], rows, right)
        found.append(case)
    return found


def rank(cases: list[Case]) -> np.ndarray:
    """The weights under which what is right is likeliest among its candidates."""
    fitted = [c for c in cases if c.right.any()]
    scale = np.concatenate([c.features for c in fitted]).std(0) + 1e-6

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = RIDGE * (weights @ weights) / 2, RIDGE * weights
        for c in fitted:
            z = c.features / scale
            score = z @ weights
            p = np.exp(score - score.max())
            p /= p.sum()
            good = p * c.right
            total -= np.log(good.sum() + 1e-12)
            slope = slope - (good / (good.sum() + 1e-12)) @ z + p @ z
        return total, slope

    found: np.ndarray = minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B").x / scale
    return found


def told(cases: list[Case], weights: np.ndarray, judge: Judge) -> tuple[list[dict[str, float]], np.ndarray]:
    """What the best candidates under these weights look like, and whether they are right."""
    looks, right = [], []
    for c in cases:
        score = c.features @ weights
        order = np.lexsort(([x.iri for x in c.candidates], -score))
        ranked = [
            (
                replace(c.candidates[i], score=float(score[i])),
                dict(zip(FEATURES[c.gist.of], c.features[i].tolist(), strict=True)),
            )
            for i in order
        ]
        near = judge(c, ranked)
        at = {x.iri: good for x, good in zip(c.candidates, c.right, strict=True)}
        looks.append(near.features)
        right.append(all(at[x.iri] for x in near.candidates))
    return looks, np.array(right)


def main() -> int:
    import regression

    parser = argparse.ArgumentParser(description="用带答案的问题拟合按意思理解的权重")
    parser.add_argument("--keep", action="store_true", help="把权重写进 kg/ask/link/nearest.toml")
    parser.add_argument("--data", type=Path, help="已建好各套表的目录（没有则临时建）")
    given = parser.parse_args()
    names = sets()
    with tempfile.TemporaryDirectory() as folder, get_context("spawn").Pool(2) as pool:
        data = given.data or Path(folder)
        jobs = [(name, str(data)) for name in names]
        cases = [case for found in pool.imap_unordered(cases_of, jobs) for case in found]
        corpora = regression.Corpora(data)
        lines = []
        for of in FEATURES:
            mine = [c for c in cases if c.gist.of == of]
            lines += fit(mine, names, of, lambda c, r: corpora[c.corpus].asker.composer.nearest.judged(c.gist, r))
    if given.keep:
        path = ROOT / "kg" / "ask" / "link" / "nearest.toml"
        head = path.read_text("utf-8").partition("[rank]")[0]
        path.write_text(head + "\n".join(lines) + "\n", "utf-8")
    return 0


def fit(cases: list[Case], names: list[str], of: str, judge: Judge) -> list[str]:
    """The weights as lines of TOML; how good they are is printed."""
    sure = np.zeros(len(cases))
    good = np.zeros(len(cases), bool)
    for name in [*names, ""]:  # at last over all, for the weights to keep
        weights = rank([c for c in cases if c.set != name]).round(2)
        looks, right = told(cases, weights, judge)
        columns = sorted(looks[0])
        x = np.array([[1.0, *(look[n] for n in columns)] for look in looks])
        rest = np.array([c.set != name for c in cases])
        heavy = np.array([(NEVER if c.kind == "none" else 1.0) * (UNREAD if c.refused else 1.0) for c in cases])
        found = logistic(x[rest], right[rest].astype(float), heavy[rest])
        sure[~rest], good[~rest] = 1 / (1 + np.exp(-x[~rest] @ found)), right[~rest]
    report(of, cases, sure, good)
    tail = "" if of == "indicator" else f" {of}"
    lines = [f'["rank{tail}"]' if tail else "[rank]"]
    lines += [f'"{n}" = {w}' for n, w in zip(FEATURES[of], weights, strict=True)]
    lines += ["", f'["sure{tail}"]' if tail else "[sure]"]
    return [*lines, *(f'"{n}" = {w:.3f}' for n, w in zip(["bias", *columns], found, strict=True)), ""]


def report(of: str, cases: list[Case], sure: np.ndarray, good: np.ndarray) -> None:
    of_value = [i for i, c in enumerate(cases) if c.right.any()]
    print(f"{of}：{len(cases)} 题；问一个的 {len(of_value)} 题，排在第一的对 {good[of_value].sum()}")
    refused = np.array([c.refused for c in cases])
    for bar in (0.6, 0.65, 0.7, 0.75, 0.8, 0.85):
        here = refused & (sure >= bar)
        never = sum(cases[i].kind == "none" for i in np.flatnonzero(here))
        print(f"规则没有读懂、把握 ≥ {bar}：答 {here.sum()}，对 {(here & good).sum()}，其中不该答的 {never}")
    for i in np.argsort(-sure):
        if refused[i] and sure[i] >= 0.7 and not good[i]:
            print(f"  {sure[i]:.2f} {cases[i].kind} {cases[i].question} → {cases[i].candidates[0].label}")


if __name__ == "__main__":
    sys.exit(main())
