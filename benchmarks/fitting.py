"""What the benchmarks that fit weights to the question sets have in common."""

from __future__ import annotations

import numpy as np

RIDGE = 1.0
STEPS = 50


def sets() -> list[str]:
    """All question sets: the blind ones (``blind …``), then the regression suite."""
    import blind
    import regression

    return [f"blind {name}" for name in blind.NAMES] + list(regression.SUITES)


def logistic(x: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """The weights of a logistic regression of ``y`` (0 or 1) on the columns of ``x``, of which the first is the bias:
    iteratively reweighted least squares, with a ridge. ``weight``: how much each row counts."""
    weight = np.ones(len(y)) if weight is None else weight
    ridge = np.diag([0.0, *[RIDGE] * (x.shape[1] - 1)])
    found = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-x @ found))
        slope = x.T @ (weight * (y - p)) - ridge @ found
        step = np.linalg.solve(x.T @ (x * (weight * p * (1 - p))[:, None]) + ridge, slope)
        found += step
        if np.abs(step).max() < 1e-6:
            break
    return found
