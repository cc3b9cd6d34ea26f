"""How sure an answer is: calibrated on question–answer pairs, so that of answers given at .9 nine in ten are right."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def _model() -> dict[str, Any]:
    return tomllib.loads(resources.files("kg.ask").joinpath("confidence.toml").read_text("utf-8"))


def confidence(cost: float, agrees: bool, reworded: bool) -> float:
    """0.05…0.98 for a reading of this cost. ``agrees``: another way came to the same answer; ``reworded``: words were
    taken for others. A step function of the cost, fitted by isotonic regression (see confidence.toml)."""
    model = _model()["agreed" if agrees else "alone"]
    found: float = next(
        (c for bound, c in zip(model["cost"], model["right"], strict=True) if cost <= bound), model["right"][-1]
    )
    return round(max(0.05, found - (_model()["reworded"] if reworded else 0.0)), 2)
