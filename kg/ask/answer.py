"""The answer to a question, in the shape that the contract gives it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from kg.ask.logic.evidence import Evidence

if TYPE_CHECKING:
    from kg.ask.tokens import Tokens


@dataclass(slots=True)
class Item:
    """One answer. ``value`` is as the table writes it; ``number`` with ``unit`` the same or what was computed."""

    iri: str | None
    label: str
    project: str | None = None
    value: str | None = None
    number: float | None = None
    unit: str | None = None
    year: int | None = None
    evidence: list[Evidence] = field(default_factory=list)


@dataclass(slots=True)
class Answer:
    """The answer to a question, in the shape of ``kg ask --json``."""

    question: str
    understood: str
    kind: str
    boolean: bool | None = None
    answers: list[Item] = field(default_factory=list)
    sparql: str = ""
    method: str = "graph"
    confidence: float = 0.0
    unmatched: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tokens: Tokens | None = None
    projects: list[str] = field(default_factory=list)  # that it is about
    parts: list[dict[str, Any]] = field(default_factory=list)  # of a question that asks several things
    reason: str = ""  # why there is no answer: not_in_data, not_understood, ambiguous
    suggestions: dict[str, list[Any]] = field(default_factory=dict)  # questions and cells, where there is no answer
    derivation: list[str] = field(default_factory=list)  # how it was read, rule by rule
    context: list[str] = field(default_factory=list)  # the questions that led here, this one last
    value: Any = None  # as it was run
    meaning: Any = None  # as it was read, before links and years
    items_found: list[dict[str, Any]] = field(default_factory=list)  # as running it gave them
    before: Answer | None = None  # the answer before, in a conversation
    features: dict[str, float] = field(default_factory=dict)  # of the reading, that its confidence comes from

    def json(self) -> dict[str, Any]:
        """The contract's object."""
        return {
            "question": self.question,
            "understood": self.understood,
            "kind": self.kind,
            "boolean": self.boolean,
            "answers": [asdict(item) for item in self.answers],
            "sparql": self.sparql,
            "method": self.method,
            "confidence": self.confidence,
            "unmatched": self.unmatched,
            "notes": self.notes,
            "parts": self.parts,
            "reason": self.reason or None,
            "suggestions": self.suggestions or None,
        }
