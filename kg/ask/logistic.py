"""A logistic model's chance, for the fitted weights of ``confidence.toml`` and ``link/nearest.toml``."""

from __future__ import annotations

import math
from collections.abc import Mapping

FARTHEST = 30.0  # of the log-odds, beyond which nothing is told apart


def chance(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """0…1: the chance under ``weights``, of which ``bias`` is always there; a feature without a weight says nothing."""
    odds = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(-max(-FARTHEST, min(FARTHEST, odds))))
