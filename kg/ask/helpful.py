"""What helps where there is no answer: the nearest cells, and questions about what was named that do have one."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kg.ask import evidence
from kg.ask.link.triggers import entries
from kg.ask.tokens import Tokens

if TYPE_CHECKING:
    from kg.ask.asker import Asker

QUESTIONS, CELLS = 3, 5


def suggestions(asker: Asker, tokens: Tokens) -> dict[str, list[Any]]:
    """``questions``: up to three that would be answered; ``cells``: up to five nearest, in the shape of evidence."""
    hits = asker.index.search(tokens.question, CELLS)
    cells = [asdict(evidence.shown_by(hit.passage)) for hit in hits]
    names: dict[str, list[str]] = {}
    for token in tokens.entities():
        assert token.entity
        names.setdefault(token.entity.kind, []).append(token.entity.label)
    for hit in hits:
        kind = "indicator" if hit.passage.kind == "indicator" else "project"
        names.setdefault(kind, []).append(hit.passage.label)
    found: dict[str, None] = {}
    patterns = entries()["suggest"]
    for kind in ("project", "programme", "department", "group", "fund", "indicator"):
        for name in dict.fromkeys(names.get(kind, ())[:2]):
            for pattern in patterns.get(kind, ()):
                question = pattern.format(name=name)
                if len(found) < QUESTIONS and question not in found and _answered(asker, question):
                    found[question] = None
    return {"questions": list(found), "cells": cells}


def _answered(asker: Asker, question: str) -> bool:
    readings = asker.composer.read(asker.tokens(question))
    return bool(readings and readings[0].cost < 0.3 and asker.composer.run(readings[0]).items)
