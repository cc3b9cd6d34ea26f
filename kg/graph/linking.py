"""Which funds, programme and beneficiary groups a record speaks of, each with the cell that proves it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from index.segment import Segmenter
from index.text import YEAR, normalise, without_first_year
from kg.graph.vocabulary import Scheme, Vocabulary
from kg.tables import IndicatorRecord, ProjectRecord, Quote


@dataclass(frozen=True, slots=True)
class Mention:
    """``words`` in the cell ``quote`` name a concept: a known one by ``iri``, else a candidate labelled so.

    ``said`` is what the cell itself says, where the words are its label's. ``indicator`` is the row of the indicator it stands in, 0 for the head of the table.
    """

    iri: str | None
    words: str
    quote: Quote
    indicator: int = 0
    said: str = ""


@cache
def rules() -> dict[str, Any]:
    """The tables of ``linking.toml``."""
    text = resources.files("kg.graph").joinpath("linking.toml").read_text("utf-8")
    return tomllib.loads(text.replace("{year}", YEAR))


def programme(name: str) -> str:
    """The project's line through years and funds: its name without year and fund label."""
    rest = name
    for pattern in rules()["name"]["not_programme"]:
        rest = re.sub(pattern, "", rest).strip(" -－—") or rest
    return rest


def funds(project: ProjectRecord, vocabulary: Vocabulary) -> Iterator[Mention]:
    """Fund sources from the project's name (labels of the scheme, or the forms that name a fund) and budget cells."""
    scheme = vocabulary.funds
    name = project.quotes["project"]
    places = [f["fund"] for p in rules()["name"]["funds"] for f in re.finditer(p, project.name)]
    for place in places:
        found = list(fund_matches(place, scheme))
        for words, iri in found:
            yield Mention(iri, words, name)
        if not any(words == without_first_year(place) for words, _ in found):
            yield Mention(None, place, name)  # 农业相关转移支付资金 is more than 转移支付资金: a fund of its own
    if not places:
        for words, iri in fund_matches(project.name, scheme, in_place=False):
            yield Mention(iri, words, name)
    for _, _, quote, mention in fundings(project, vocabulary):
        if quote.field not in ("fiscal_funds", "other_funds"):  # they follow
            yield mention
    for field, label in (("fiscal_funds", "财政资金"), ("other_funds", "其他资金")):
        if getattr(project, field) and field in project.quotes:
            for iri in scheme.matcher.get(label):
                yield Mention(iri, project.quotes[field].text, project.quotes[field])


def fundings(project: ProjectRecord, vocabulary: Vocabulary) -> Iterator[tuple[str, Decimal | None, Quote, Mention]]:
    """Each source's share: its words, its amount, its cell, and the source meant.

    A source that only purpose or goals name is one, too, with the cell it is said in and no amount.
    """
    scheme = vocabulary.funds
    seen: set[str] = set()
    for funding in project.fundings:
        known = scheme.matcher.get(funding.source)
        said = "" if funding.source in re.sub(r"\s+", "", funding.quote.text) else funding.quote.text
        mention = Mention(next(iter(known), None), funding.source, funding.quote, said=said)
        yield funding.source, funding.amount, funding.quote, mention
        seen.update(known)
    for mention in said_funds(project, scheme):
        if mention.iri not in seen:
            seen.add(mention.iri or "")
            yield mention.words, None, mention.quote, mention


def said_funds(project: ProjectRecord, scheme: Scheme) -> Iterator[Mention]:
    """Funds that purpose and goals name as where the money comes from (``资金为…一般债券``, ``由…列支``)."""
    rule = rules()["said"]
    for field in ("purpose", "goal"):
        if (quote := project.quotes.get(field)) is None:
            continue
        text = re.sub(r"\s+", "", normalise(quote.text))
        for match in scheme.matcher.matches(text):
            if re.search(rule["before"], text[: match.start]) or re.search(rule["after"], text[match.end :]):
                for iri in match.values:
                    yield Mention(iri, match.text, quote)


def fund_matches(text: str, scheme: Scheme, *, in_place: bool = True) -> Iterator[tuple[str, str]]:
    """(words, fund) for the funds that a text names; ``in_place``: it stands where a name states its fund."""
    rule = rules()["name"]
    central = any(word in text for word in rule["central"])
    local = any(word in text for word in rule["local"])
    for match in scheme.matcher.matches(text):
        for iri in match.values:
            transfer = rule["transfers"] in scheme.ancestors(iri)
            if not transfer or central or (in_place and not local):
                yield match.text, iri


def groups(project: ProjectRecord, vocabulary: Vocabulary) -> Iterator[Mention]:
    """Beneficiary groups named anywhere in a table: name, purpose, goals, indicators and worded targets."""
    scheme = vocabulary.groups
    for field in ("project", "purpose", "goal"):
        if field in project.quotes:
            yield from _named(scheme, project.quotes[field])
    for indicator in project.indicators:
        yield from indicator_groups(indicator, scheme)


def indicator_groups(indicator: IndicatorRecord, scheme: Scheme) -> Iterator[Mention]:
    found = False
    seen: set[str | None] = set()
    for field in ("name", "description", "value"):
        quote = indicator.quotes.get(field)
        if quote is None or (field == "value" and indicator.target.kind != "text"):
            continue
        for mention in _named(scheme, quote, indicator.row):
            found = True
            if mention.iri not in seen:
                seen.add(mention.iri)
                yield mention
    if not found and "满意" in indicator.level1 + indicator.level2:
        for field, text in (("name", indicator.name), ("description", indicator.description)):
            if phrase := satisfied(text):
                yield Mention(None, phrase, indicator.quotes[field], indicator.row)
                return


def satisfied(text: str) -> str:
    """Who is satisfied: ``项目尾款结算相对方满意度`` → ``项目尾款结算相对方``; empty where it names nobody."""
    rule = rules()["satisfaction"]
    phrase, cut = text.strip(), 0
    for pattern in rule["suffix"]:
        phrase, cut = re.subn(pattern, "", phrase)
    for pattern in rule["prefix"]:
        shorter = re.sub(pattern, "", phrase)
        # “享受…政策人员” names people only by what they receive: the words before stay
        phrase = shorter if not re.search(r"(?:政策|服务|补贴|培训)人员$", shorter) else phrase
    ends = tuple(rule["ends"])
    return phrase if cut and phrase.endswith(ends) and phrase not in rule["vague"] and len(phrase) > 2 else ""


def _named(scheme: Scheme, quote: Quote, row: int = 0) -> Iterator[Mention]:
    text = re.sub(r"\s+", "", quote.text)
    matches = list(scheme.matcher.matches(text))
    cuts = segmenter().spans(text, guess=False) if matches else []  # a guessed word (“为小”) proves nothing
    for match in matches:
        # “提高校园”: a label that begins in one word and ends in the next is no mention of it
        if not any(crosses(match.start, match.end, *cut) for cut in cuts):
            for iri in match.values:
                yield Mention(iri, match.text, quote, row)


def crosses(start: int, end: int, word_start: int, word_end: int) -> bool:
    """Whether two spans overlap without one holding the other."""
    return word_start < start < word_end < end or start < word_start < end < word_end


@cache
def segmenter() -> Segmenter:
    return Segmenter()
