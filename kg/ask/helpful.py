"""What helps where there is no answer: what is found for keywords, the nearest cells, questions that do have one."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from index.search import Index
from kg.ask.answer import Item
from kg.ask.link.triggers import entries
from kg.ask.logic import evidence
from kg.ask.phrases import Phrases
from kg.ask.tokens import Tokens

if TYPE_CHECKING:
    from kg.ask.asker import Asker
    from kg.ask.link.nearest import Near

QUESTIONS, CELLS, HITS = 3, 5, 10
OFFERED = 0.02  # from which on what a question comes nearest to is offered


def bare_keywords(tokens: Tokens, phrases: Phrases) -> bool:
    """Whether a text asks for nothing and names nothing, but has words that the data knows: 人事档案电子化."""
    content = tokens.content()
    plain = not (tokens.roles() or tokens.entities() or tokens.quantities("vague"))
    return plain and bool(content) and all(phrases.known(t.text) for t in content)


def passages(index: Index, text: str) -> list[Item]:
    """What a search finds for a text, each with its cell."""
    found = [hit.passage for hit in index.search(text, HITS)]
    return [Item(p.iri, p.label, p.project, p.text, year=p.year, evidence=[evidence.shown_by(p)]) for p in found]


def suggestions(asker: Asker, tokens: Tokens, near: Near | None = None) -> dict[str, list[Any]]:
    """``questions``: up to three that would be answered; ``cells``: up to five nearest, in the shape of evidence."""
    hits = asker.index.search(tokens.text, CELLS)
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
    if near is not None and near.sure >= OFFERED:  # it is asked about first
        question = patterns["indicator" if near.of == "indicator" else "project"][0].format(
            name=near.candidates[0].label
        )
        found |= {question: None} if asker.answerable(question) else {}
    for kind in ("project", "programme", "department", "group", "fund", "indicator"):
        for name in dict.fromkeys(names.get(kind, ())[:2]):
            for pattern in patterns.get(kind, ()):
                question = pattern.format(name=name)
                if len(found) < QUESTIONS and question not in found and asker.answerable(question):
                    found[question] = None
    return {"questions": list(found), "cells": cells}
