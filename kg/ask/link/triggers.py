"""Words of asking, read from the lexicon: phrase → category, meaning, cost, and what it costs to pass over it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from index.matcher import Matcher
from kg.ask.lexicon import words
from kg.ask.logic.attributes import Attribute, attributes
from kg.ask.logic.plain import OfType, TargetKind
from kg.ask.logic.sets import Set
from kg.ask.logic.wanted import Wanted
from kg.ask.reading import plain
from kg.graph.vocabulary import vocabulary
from ontology import TYPE, UNIT

ASKING = frozenset({"HM", "AW", "AHM", "NW"})  # what asks for something is not passed over
STRONG = 1.5  # a word of asking whose passing over costs so much has to be used


@cache
def entries() -> dict[str, Any]:
    """The tables of ``grammar/lexicon.toml``."""
    text = resources.files("kg.ask.grammar").joinpath("lexicon.toml").read_text("utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A word of asking: category, meaning and cost; ``skip`` what it costs to pass over it."""

    category: str
    meaning: Any
    cost: float
    skip: float
    said: str


@cache
def triggers() -> Matcher[Trigger]:
    """All words of asking."""
    data = entries()
    asking = data["interrogative"]
    found: list[tuple[str, Trigger]] = []
    listed = {plain(p): e for e in data["entry"] for p in e["phrases"]}
    for entry in data["entry"]:
        for phrase in entry["phrases"]:
            meaning = entry.get("meaning", entry["category"].lower())
            if entry["category"] in ("HM", "LIM"):
                meaning = Wanted(tuple(entry.get("kinds", ())), entry.get("unit", ""), bound=entry.get("bound", ""))
            if entry["category"] in ("S", "COSTN"):
                meaning = Set("indicator", (OfType(tuple(TYPE[n] for n in meaning.split()), entry["label"]),))
            if entry["category"] in ("A", "AW", "PAYER", "HASA"):
                meaning = _attribute(meaning)
            if entry["category"] == "AS":
                meaning = tuple(map(_attribute, meaning.split()))
            if entry["category"] == "MONEYUNIT":
                meaning = phrase.removesuffix("元") + "元"
            if entry["category"] == "XA":
                name, function = meaning.split()
                meaning = (_attribute(name), function)
            found.append(
                (
                    plain(phrase),
                    Trigger(
                        entry["category"],
                        meaning,
                        entry.get("cost", 0.0),
                        entry.get("skip", 1.0),
                        phrase,
                    ),
                )
            )
    for role, phrases in words()["roles"].items():
        for rule in data["roles"].get(role, ()):
            for phrase in phrases:
                form = plain(phrase)
                if form in listed and not listed[form].get("also"):  # “also”: beside what its role says
                    continue
                interrogative = any(c in asking for c in phrase)
                category = rule["asks"] if interrogative and "asks" in rule else rule["category"]
                meaning = _meaning(rule, category, form)
                if meaning is None:
                    continue
                found.append(
                    (
                        form,
                        Trigger(
                            category,
                            meaning,
                            rule.get("cost", 0.0),
                            max(data["skips"].get(role, 1.0), 0.9 if category in ASKING else 0.0),
                            role,
                        ),
                    )
                )
    for attribute in attributes().values():
        for name in attribute.names:  # 经费, 资金: words of many names, too
            general = (
                0.35 if len(name) == 2 and name != attribute.label and name not in ("预算", "用途", "得分") else 0.0
            )
            skip = data["skips"]["value"] if attribute.name == "target" else STRONG if len(name) > 3 else 1.0
            found.append((plain(name), Trigger("A", attribute, general, skip, attribute.label)))
    counted = [u for u in vocabulary().units.matcher.labels() if len(u) == 1 and u in data["counted"]]
    for unit in counted:
        each = Trigger("PER", Wanted(("per",), each=unit), 0.0, 0.9, f"每{unit}")
        one = Trigger("PER", Wanted(("per",), each=unit), 0.08, 0.9, f"一{unit}")
        found += [(f"一{unit}", one)] if f"一{unit}" not in words()["per_words"] and unit in data["single"] else []
        found += [(f"单{unit}", each)] if f"单{unit}" not in words()["per_words"] else []
        found += [(f"{unit}均", each)] if f"{unit}均" not in words()["per_words"] else []
    for unit, iris in ((u, vocabulary().units.matcher.get(u)) for u in vocabulary().units.matcher.labels()):
        money = any(vocabulary().multipliers[i][1] == UNIT["yuan"] for i in iris)
        if not money and len(unit) < 4 and f"每{unit}" not in words()["per_words"]:
            kinds = () if unit.removeprefix("个") in words()["time_units"]["words"] else ("per",)
            found.append((f"每{unit}", Trigger("PER", Wanted(kinds, each=unit), 0.0, 0.9, f"每{unit}")))
    found += [
        (plain(phrase), Trigger("C", (TargetKind("text"),), 0.0, 2.0, "没有量化"))
        for phrase in data["unquantified"]["phrases"]
    ]
    return Matcher(found)


def _attribute(name: str) -> Attribute:
    of, _, local = name.partition(".")
    return attributes()[of, local]


def _meaning(rule: dict[str, Any], category: str, form: str) -> Any:
    if category in ("HM", "LIM", "PER"):
        kinds = tuple(rule.get("kinds", ()))
        if category in ("HM", "LIM") and not kinds and any(c in entries()["paying"] for c in form):
            kinds = ("money",)  # “最多能花多少”
        shown = unit = each = ""
        if "money" in kinds:
            shown = "亿元" if "亿" in form else "万元" if "万" in form else "元" if form.endswith("元") else ""
        elif kinds == ("count",) and rule.get("counted"):
            unit = re.sub("^(?:有|共)?(?:多少|几)(?:来|多)?", "", form) or "个"
            unit = unit if form not in unit else ""  # 数量是多少, 总数: in whatever unit
        elif kinds == ("count",):
            unit = re.sub("^(?:有|共)?(?:多少|几)(?:来|多)?", "", form) if form[:1] in "多几有共" else ""
            unit = entries()["units"].get(unit, unit)
            if unit and not vocabulary().units.matcher.get(unit):
                unit = ""
                kinds = kinds if form[:2] == "多少" or form[:1] == "几" else ()
        elif category == "PER":
            each = _each(form)
            kinds = () if each in words()["time_units"]["words"] or each.startswith("季") else kinds
        return Wanted(kinds, unit, each, shown, rule.get("bound", ""))
    meaning = rule["meaning"]
    if category == "S":
        return Set("indicator", (OfType(tuple(TYPE[name] for name in meaning.split()), rule["label"]),))
    if category in ("A", "AW", "AHM"):
        return _attribute(meaning)
    return meaning


def _each(form: str) -> str:
    """Per what a word says: 每人, 每人每年 → 人; empty where it says none."""
    said = [unit for word, unit in words()["per_words"].items() if word in form]
    return next((u for u in said if u not in words()["time_units"]["words"]), said[0] if said else "")


def matches(matcher: Matcher[Any], text: str, at: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """(end, values) of every label that starts at ``at``, longest first."""
    return matcher.all_at(text, at)


def triggers_of(text: str) -> tuple[Trigger, ...]:
    """The words of asking that read just so."""
    return triggers().get(text)


@cache
def findings() -> tuple[tuple[dict[str, Any], tuple[re.Pattern[str], ...]], ...]:
    """What a check finds, each with the patterns by which it is asked for: 了 may stand between any two characters."""
    return tuple(
        (
            finding,
            (
                *(re.compile("了?".join(map(re.escape, plain(phrase)))) for phrase in finding["phrases"]),
                *(re.compile(finding[key]) for key in ("pattern",) if key in finding),
            ),
        )
        for finding in entries()["finding"]
    )
