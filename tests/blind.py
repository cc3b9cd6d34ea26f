"""Question sets with richer gold than the regression suite: conversations, tables, several parts, alternatives.

Their authors had not seen the code. ``python tests/blind.py [--force]`` (``make known-blind``) asks them all, prints
the scores by class and rewrites ``tests/data/blind/known.json``, the list of turns that are not right.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from command import TESTS, json_lines
from regression import CORPORA, Corpora
from scoring import norm

from kg.ask import Answer
from kg.knowledge import KnowledgeGraph

SETS = TESTS / "data" / "blind"
KNOWN = SETS / "known.json"
NAMES = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "twenty-one",
    "twenty-two", "twenty-three", "twenty-four",
)  # fmt: skip
SAME = {"two-years": "both"}  # corpus of these sets → corpus of the regression suite
UNITS = {"元": 1.0, "万元": 1e4, "亿元": 1e8}
Outcome = Literal["right", "unanswered", "wrong"]


def same_number(got: float | None, unit: str | None, want: float, in_unit: str) -> bool:
    """Whether two numbers are the same, in the unit of the gold, to a thousandth."""
    if got is None:
        return False
    if in_unit in UNITS and unit in UNITS:
        got = got * UNITS[unit] / UNITS[in_unit]
    return abs(got - want) <= max(1e-6, abs(want) * 1e-3) + (0.006 if in_unit in ("万元", "%") else 0.0)


def _exact(want: list[Any], may: list[Any], got: list[Any], fits: Any) -> bool:
    used: set[int] = set()
    for one in dict.fromkeys(want):
        at = next((i for i, x in enumerate(got) if i not in used and fits(one, x)), None)
        if at is None:
            return False
        used.add(at)
    return all(i in used or any(fits(w, x) for w in (*may, *want)) for i, x in enumerate(got))


def right(gold: dict[str, Any], answer: dict[str, Any]) -> bool:
    """Whether an answer (``kg ask --json``) is what the gold, or one of its alternatives, says."""
    if any(right(other, answer) for other in gold.get("or", ())):
        return True
    items: list[dict[str, Any]] = answer["answers"]
    match gold["kind"]:
        case "none":
            return not items
        case "bool":
            return bool(answer["boolean"] is gold["bool"])
        case "number":
            return len(items) == 1 and same_number(
                items[0]["number"], items[0]["unit"], gold["number"], gold.get("unit", "")
            )
        case "values":
            got = list(dict.fromkeys(norm(i["value"]) for i in items))
            return _exact(
                [norm(v) for v in gold["values"]], [norm(v) for v in gold.get("may", ())], got, lambda a, b: a == b
            )
        case "labels":
            got = list(dict.fromkeys(f"{norm(i['label'])}|{norm(i['value'])}" for i in items))
            return _exact(
                [norm(v) for v in gold["labels"]], [norm(v) for v in gold.get("may", ())], got, lambda a, b: a in b
            )
        case "projects":
            seen = {(norm(i["project"] or i["label"]), i["year"]): i for i in items}
            return _exact(gold["must"], gold.get("may", []), list(seen.values()), _is_project)
        case "table":
            return _exact(
                [(r["label"], r["number"], r.get("unit", "")) for r in gold["rows"]], [],
                [(f"{norm(i['label'])}{norm(i['project'])}{i['year'] or ''}", i["number"], i["unit"]) for i in items],
                _is_row,
            )  # fmt: skip
        case "parts":
            parts = answer.get("parts") or []
            if len(parts) == len(gold["parts"]):
                return all(right(g, p) for g, p in zip(gold["parts"], parts, strict=True))
            return False
    raise ValueError(gold["kind"])


def _is_project(want: str, item: dict[str, Any]) -> bool:
    name, _, year = want.partition("@")
    return norm(name) in (norm(item["label"]), norm(item["project"])) and (not year or str(item["year"]) == year)


def _is_row(want: tuple[str, float, str], got: tuple[str, float | None, str | None]) -> bool:
    label = norm(want[0]).rstrip("年")
    return (label in got[0] or (bool(got[0]) and got[0] in label)) and same_number(got[1], got[2], want[1], want[2])


Seen = Callable[[str, str, Answer], None]
"""What looks at each answer: (corpus, question, answer)."""


def ask(
    name: str, graphs: dict[str, KnowledgeGraph] | Corpora, seen: Seen = lambda *_: None
) -> dict[str, tuple[str, Outcome]]:
    """Turn (``b054/2``) → its class and how it was answered, each conversation as one."""
    found: dict[str, tuple[str, Outcome]] = {}
    for gold in json_lines(SETS / f"{name}.jsonl"):
        corpus = SAME.get(gold["corpus"], gold["corpus"])
        graph = graphs[corpus]
        previous = None
        for number, turn in enumerate(gold.get("turns", [gold]), 1):
            answer = graph.ask(turn["q"], previous)
            shown = answer.json()
            outcome: Outcome = "right" if right(turn["gold"], shown) else "wrong" if shown["answers"] else "unanswered"
            if outcome != "wrong":  # what is known to be wrong may be so in its number, too
                seen(corpus, turn["q"], answer)
            found[f"{gold['id']}/{number}"] = (gold["class"], outcome)
            previous = answer if answer.answers else previous
    return found


def known() -> dict[str, Outcome]:
    """Turn → how it is known to fail."""
    listed: dict[str, Outcome] = json.loads(KNOWN.read_text("utf-8"))
    return listed


def main() -> int:
    classes: dict[str, Counter[str]] = defaultdict(Counter)
    listed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        corpora = Corpora(Path(folder))
        for name in NAMES:
            asked = ask(name, corpora)
            counts = Counter(outcome for _, outcome in asked.values())
            print(name, dict(counts))
            for turn, (kind, outcome) in asked.items():
                classes[kind][outcome] += 1
                if outcome != "right":
                    listed[turn] = outcome
        corpora.close()
    for kind, counts in sorted(classes.items()):
        print(" ", kind, dict(counts))
    if "--force" in sys.argv:
        KNOWN.write_text(json.dumps(dict(sorted(listed.items())), indent=0) + "\n", "utf-8")
    assert "bureaus" in CORPORA
    return 0


if __name__ == "__main__":
    sys.exit(main())
