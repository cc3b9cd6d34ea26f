"""Tokens → typed query, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence

from kg.ask.kinds import Kinds
from kg.ask.lexicon import Lexicon
from kg.ask.naming import Unanswerable, Understanding
from kg.ask.phrases import Phrases
from kg.ask.tokens import Tokens

__all__ = ["Unanswerable", "Understander", "Understanding"]


class Understander:
    """Understands questions about one graph."""

    def __init__(self, lexicon: Lexicon, phrases: Phrases) -> None:
        self.lexicon, self.phrases = lexicon, phrases

    def understand(self, tokens: Tokens, previous: Sequence[str] = ()) -> Understanding:
        """``previous``: the projects of the answer before, for a question that leans on it."""
        out = Understanding(tokens, notes=list(tokens.notes))
        out.confidence -= 0.1 * len(tokens.notes)
        reading = Kinds(self.lexicon, self.phrases, tokens, out, tuple(previous))
        try:
            if rough := [q.text for q in tokens.quantities("vague")]:
                raise Unanswerable(f"“{rough[0]}”没有说准是多少：请写明数额，或从多少到多少", rough)
            out.query = reading.interpret()
            if out.query is None:
                out.reason = "没有看懂要查什么"
                out.keywords = not tokens.roles() and all(self.phrases.known(t.text) for t in tokens.content())
        except Unanswerable as error:
            out.query, out.reason = None, str(error)
            out.unmatched += error.unmatched
        if out.unmatched:
            out.confidence *= 0.8
        return out
