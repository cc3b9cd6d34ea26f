"""What a question asks about that the data does not hold: years, places, departments, kinds of fact."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from index.segment import part_of_speech
from index.synonyms import departments as agencies
from kg.ask.lexicon import Lexicon
from kg.ask.logic.conditions import Is, TextHolds, walk
from kg.ask.logic.plain import About, Named, OfConcept, OfProject
from kg.ask.phrases import Phrases
from kg.ask.reading import plain
from kg.ask.tokens import Tokens
from kg.graph.departments import Departments

KINDS = ("局", "委", "厅")
ENDINGS = (*KINDS, "联", "会")
TOPICS = "nxj"  # nouns, and what no dictionary knows: what a question may be about


@dataclass(frozen=True, slots=True)
class Outside:
    """Why no loaded table can hold what is asked, and the words that say so.

    ``untabled``: a kind of fact that tables of targets do not have.
    """

    reason: str
    unmatched: list[str]
    untabled: bool = False


def outside(tokens: Tokens, lexicon: Lexicon, phrases: Phrases, departments: Departments) -> Outside | None:
    """What keeps a question from being about the loaded tables, if anything."""
    return next(_outside(tokens, lexicon, phrases, departments), None)


def _outside(tokens: Tokens, lexicon: Lexicon, phrases: Phrases, departments: Departments) -> Iterator[Outside]:
    text, years = tokens.text, lexicon.years
    for quantity in tokens.quantities("year"):
        if years and (year := int(quantity.number or 0)) not in years:
            have = "、".join(f"{y}年" for y in years)
            yield Outside(f"数据里没有{year}年的表（现有{have}）", [quantity.text])
    if tokens.has("last_year") and years and years[0] - 1 not in years:
        yield Outside(f"数据里没有{years[0] - 1}年的表", ["上年"])
    covered = [(t.start, t.end) for t in tokens.entities()]
    labels = [plain(label) for label in lexicon.departments.values()]
    joined = re.compile(_words()["places"]["joined"])
    for place in _places():
        at = text.find(place)
        if at < 0 or any(s <= at and at + len(place) <= e for s, e in covered) or joined.search(text[:at]):
            continue
        if not any(place in label for label in labels) and not phrases.known(place):
            yield Outside(f"数据里没有“{place}”的表", [place])
    endings = tuple(_words()["places"]["endings"])
    for token in tokens.content():
        if not token.text.endswith(endings) or part_of_speech(token.text) != "ns" or phrases.known(token.text):
            continue
        if len(token.text) > 1 and not joined.search(text[: token.start]):
            yield Outside(f"数据里没有“{token.text}”的表", [token.text])
    for agency in _agencies():
        at = text.find(agency)
        if at < 0 or any(s < at + len(agency) and at < e for s, e in covered):
            continue
        if not departments.match(agency):  # 文旅局, of a bureau for 文化广电和旅游
            yield Outside(f"数据里没有“{agency}”的表", [agency])
    for token in tokens.entities("department"):
        assert token.entity
        place = _place_before(text[: token.start])
        if place and not any(place in plain(lexicon.departments[iri]) for iri in token.entity.iris):
            yield Outside(f"数据里没有“{place}”的{token.text}", [place])
    untabled = _words()["untabled"]
    said = [f.span() for p in untabled["patterns"] if (f := re.search(p, text))]
    said = [(s, e) for s, e in said if not any(a <= s and e <= b for a, b in covered)]
    said += [(at, at + len(word)) for word in untabled["words"] if (at := text.find(word)) >= 0]
    for start, end in sorted(said):
        part = any(t.start < p < t.end for p in (start, end) for t in tokens.items if t.kind in ("role", "quantity"))
        if not part and not phrases.known(text[start:end]):  # 多少分钟 asks for no 多少分
            yield Outside(f"绩效目标表里没有“{text[start:end]}”这类内容", [text[start:end]], untabled=True)


def unheld(tokens: Tokens, lexicon: Lexicon, phrases: Phrases, unmatched: Collection[str]) -> str:
    """That no table has what a question that no reading explains is about: a project of that name, or any of its words.
    Empty where the tables may hold it under another name."""
    for token, after in pairwise(tokens.items):
        said = re.match(r"\(([^()]{4,})\)", tokens.text[token.end :])
        if token.entity and token.entity.kind in ("project", "programme") and said:  # “甲（支持…建设）” is no 甲
            inside = [t.text for t in tokens.items if token.end < t.start and t.end < token.end + said.end()]
            names = [lexicon.names[i] for i in token.entity.iris]
            if not any(all(text in name for text in inside) for name in names):
                return f"没有名为“{token.text}{said[0]}”的项目"
        head = next((h for h in _words()["heads"]["words"] if tokens.text.startswith(h, token.end)), "")
        if token.kind == "word" and head and after.start == token.end and not lexicon.holding(token.text):
            return f"没有名为“{token.text}{head}”的项目"
    content = [t.text for t in tokens.content()]
    if tokens.entities() or any(phrases.known(text) for text in content):
        return ""
    topics = [t for t in content if len(t) > 1 and t in unmatched and part_of_speech(t)[0] in TOPICS]
    if not topics or phrases.index.search("".join(content), 1):
        return ""  # they stand in no table, but something near in meaning does
    return f"没有任何表提到“{'”“'.join(topics)}”"


def proves_absence(value: Any) -> bool:
    """Whether, where nothing meets it, the tables do not hold it: what is asked names things that the graph has links to.
    That words stand in no text proves nothing (they may be put otherwise), nor does a named project without a group."""
    conditions = list(walk(value))
    if any(isinstance(c, About | TextHolds) or (isinstance(c, Named) and not c.exact) for c in conditions):
        return False
    groups = any(isinstance(c, OfConcept) and c.relation == "beneficiary" for c in conditions)
    return not (groups and any(isinstance(c, Is | OfProject | Named) for c in conditions))


def _place_before(text: str) -> str:
    """The place whose department is named after ``text``; empty where none, or 全市, 我市 and the like."""
    named = re.search(r"([\u4e00-\u9fff]{2,6}(?:市|省|自治区|区|县))$", text)
    if named:
        return "" if re.search(r"[全本我各]市$", named[1]) else named[1]
    return next((p for p in _places() if text.endswith(p)), "")


@cache
def _words() -> dict[str, Any]:
    """The tables of ``scope.toml``."""
    return tomllib.loads(resources.files("kg.ask").joinpath("scope.toml").read_text("utf-8"))


@cache
def _places() -> tuple[str, ...]:
    places = _words()["places"]
    return (*places["provinces"], *places["cities"])


@cache
def _agencies() -> tuple[str, ...]:
    """The common names of government departments, longest first: those listed, and the short forms with their kind."""
    listed = _words()["agencies"]["words"]
    found = dict.fromkeys([*listed, *(word[:-1] + kind for word in listed if word[-1] in KINDS for kind in KINDS)])
    for full, shorts in agencies().items():
        for base in (full, *shorts):
            found |= dict.fromkeys([base] if base[-1] in ENDINGS else [base + kind for kind in KINDS])
    return tuple(sorted(found, key=len, reverse=True))
