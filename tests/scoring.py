"""Scores of answers against gold, as the shared scorer of questions computes them.

``kind`` says what is compared: projects (F1 of table numbers that must and may be there), number with unit,
values as the table writes them, labels, bool, none (nothing may be answered).
"""

from __future__ import annotations

import re
from typing import Any

UNITS = {"元": 1, "万元": 1e4, "亿元": 1e8, "万": 1e4}


def norm(text: object) -> str:
    return re.sub(r"[\s“”\"'《》（）()，,、。：:]", "", str(text or ""))


def f1(must: list[Any], may: list[Any], got: set[Any]) -> float:
    if not must:
        return float(not got)
    right = len(got & set(must))
    wrong = len(got - set(must) - set(may))
    precision = right / (right + wrong) if right + wrong else 0.0
    recall = right / len(must)
    return 2 * precision * recall / (precision + recall) if right else 0.0


def score(gold: dict[str, Any], answer: dict[str, Any], tables: dict[str, int]) -> float:
    """0…1 for one answer (``kg ask --json``); ``tables``: normalised project name → its table number."""
    answers: list[dict[str, Any]] = answer["answers"]
    match gold["kind"]:
        case "none":
            return float(not answers)
        case "projects":
            got = {tables.get(norm(a["label"]), tables.get(norm(a["project"]), norm(a["label"]))) for a in answers}
            return f1(gold["must"], gold["may"], got)
        case "number":
            return float(bool(answers) and _same_number(gold, answers[0]))
        case "bool":
            return float(answer["boolean"] is gold["bool"])
        case "values":
            return _values(gold, {norm(a["value"]) for a in answers})
        case "labels":
            return _labels(gold, answers, tables)
    raise ValueError(gold["kind"])


def _same_number(gold: dict[str, Any], first: dict[str, Any]) -> bool:
    number, unit = first["number"], first["unit"] or ""
    if number is None:
        return False
    if gold["unit"] in UNITS:
        said = next((u for u in ("亿元", "万元", "元", "万") if u in unit), gold["unit"])
        number = number * UNITS[said] / UNITS[gold["unit"]]
    near = max(1e-6, abs(gold["number"]) * 2e-6)
    if gold["unit"] == "万元":
        near += 0.006
    if gold["unit"] == "亿元":
        near += abs(gold["number"]) * 1e-3
    return bool(abs(number - gold["number"]) <= near)


def _values(gold: dict[str, Any], got: set[str]) -> float:
    want = [norm(v) for v in gold["values"]]
    hit = sum(w in got for w in want)
    extra = max(0, len(got) - hit - gold.get("extra_ok", 0))
    precision = hit / (hit + extra) if hit + extra else 0.0
    recall = hit / len(want)
    return 2 * precision * recall / (precision + recall) if hit else 0.0


def _labels(gold: dict[str, Any], answers: list[dict[str, Any]], tables: dict[str, int]) -> float:
    got = [
        f"{norm(a['label'])}|{norm(a['value'])}"
        for a in answers
        if not (gold["type"] == "reverse" and norm(a["label"]) in norm(gold["q"]) and norm(a["label"]) in tables)
    ]
    used = set()
    hit = 0
    for want in gold["labels"]:
        found = next((i for i, text in enumerate(got) if norm(want) in text), None)
        if found is not None:
            hit += 1
            used.add(found)
    allowed = [norm(x) for x in gold["may"] + gold["labels"]]
    extra = [t for i, t in enumerate(got) if i not in used and not any(a in t for a in allowed)]
    precision = hit / (hit + len(extra)) if hit + len(extra) else 0.0
    recall = hit / len(gold["labels"])
    return 2 * precision * recall / (precision + recall) if hit else 0.0
