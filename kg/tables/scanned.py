"""Facts that were recognised in a picture: what two readings or the form's own sums do not bear out is held back.

What is held back keeps its words and its cell, and states no number until a person has confirmed the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from kg.readers import Scan
from kg.tables.records import Flag, IndicatorRecord, ProjectRecord, Quote
from kg.tables.values import Target, plain_form

UNSURE, SUM, NOT_READ = "scan-unsure", "scan-sum", "picture-not-read"
AMOUNTS = (
    "budget", "fiscal_funds", "other_funds", "carried_over", "adjusted_budget", "executed", "interim_executed",
    "midterm_budget", "execution_rate", "execution_score", "total_score",
)  # fmt: skip
FULL_SCORES = (Decimal(100), Decimal(90))  # 90 where the form scores the spending of the money itself
MONEY = {
    "元": 1,
    "千元": 1000,
    "万元": 10_000,
    "万": 10_000,
    "百万元": 1_000_000,
    "亿元": 100_000_000,
    "亿": 100_000_000,
}
SIGN = re.compile(r"[≥≤<>](?=[\s\d])")
FIGURE = re.compile(r"[≥≤<>=＞＜]\s*\d|\d[\d.,]*%")
Doubt = tuple[Quote, str]
PART = 20  # a sum of money this many times smaller than the budget is a rate, not a part of it


def hold(project: ProjectRecord) -> Iterator[Flag]:
    """Flags for cells of pictures that are not certain; their numbers are taken out of the record."""
    if not any(quote.scans for quote in _quotes(project)):
        return
    told: set[tuple[Scan, ...]] = set()
    for quote in list(_quotes(project)):
        if doubt := doubt_of(quote):
            _take_out(project, quote)
            if quote.scans not in told:
                yield Flag(UNSURE, doubt, quote)
            told.add(quote.scans)
    for value, message in [*_broken(project), *_strict(project)]:
        if value.scans and value.scans not in told and not any(scan.confirmed for scan in value.scans):
            told.add(value.scans)
            _take_out(project, value)
            yield Flag(UNSURE, f"“{value.text}”是扫描识别，{message}", value)
    for quotes, message in [*_funds(project), *_costs(project), *_scores(project)]:
        for quote in quotes:
            if quote.scans and quote.scans not in told and not any(scan.confirmed for scan in quote.scans):
                told.add(quote.scans)
                _take_out(project, quote)
                yield Flag(SUM, f"“{quote.text}”是扫描识别，{message}", quote)


def _broken(project: ProjectRecord) -> Iterator[Doubt]:
    """Words that are a number with a sign before or behind it that both readings may have taken for another: ``≤8%0``."""
    for i in project.indicators:
        words = i.target.number is None and i.target.kind == "text"
        if words and "value" in i.quotes and FIGURE.match(plain_form(i.target.text)):
            yield i.quotes["value"], "像一个数而读不成数"


def _strict(project: ProjectRecord) -> Iterator[Doubt]:
    """``<`` and ``>`` where the form writes ``≤`` and ``≥``: a bar that the scan has lost is missed by every reading."""
    signed = [(i, found[0]) for i in project.indicators if (found := SIGN.match(plain_form(i.target.text)))]
    strict = [i for i, sign in signed if sign in "<>"]
    if 1 < len(strict) > len(signed) - len(strict):
        return  # it writes these
    for i in strict:
        if quote := i.quotes.get("value"):
            yield quote, "符号下面可能少了一横（“≤”“≥”印得不全）"


def not_read(flags: list[Flag]) -> list[Flag]:
    """One flag that says of a whole document how much of its pictures could not be read for certain."""
    held = [flag for flag in flags if flag.code in (UNSURE, SUM)]
    if not held:
        return []
    first = held[0].quote
    message = f"图片没有全部读准：{len(held)} 个单元格靠识别拿不准，没有入图，先见于“{first.text}”"
    return [Flag(NOT_READ, message, first)]


def doubt_of(quote: Quote) -> str:
    """Why the words of a cell are not certain; empty where they are."""
    for scan in quote.scans:
        if scan.doubtful and scan.other:
            return f"“{quote.text}”是扫描识别，两次读得不一样（另一次为“{scan.other}”）"
        if scan.doubtful:
            return f"“{quote.text}”是扫描识别，所在单元格的框线不全，与邻格分不清"
    return ""


def _quotes(project: ProjectRecord) -> Iterator[Quote]:
    yield from project.quotes.values()
    yield from (funding.quote for funding in project.fundings)
    for indicator in project.indicators:
        yield from indicator.quotes.values()


def _take_out(project: ProjectRecord, quote: Quote) -> None:
    """Leave the words, drop what was made of them."""
    if not quote.row:  # one cell may be the amount of several fields
        for field in AMOUNTS:
            if quote.field == "money_unit":  # no amount can be told without it
                setattr(project, field, None)
            if (held := project.quotes.get(field)) and held.scans == quote.scans:
                setattr(project, field, None)
        if quote.field == "funding" and "fiscal_funds" not in project.quotes:
            project.fiscal_funds = None  # it was their sum
        project.fundings = [replace(f, amount=None) if f.quote.scans == quote.scans else f for f in project.fundings]
        if quote.field == "year":
            project.year = None
        return
    indicator = next(i for i in project.indicators if i.row == quote.row)
    match quote.field:
        case "value":
            indicator.target = Target(indicator.target.text)
            indicator.unit_inferred = ""
        case "weight" | "score":
            setattr(indicator, quote.field, None)
        case role if role in indicator.others:
            indicator.others[role] = Target(indicator.others[role].text)


Failed = tuple[list[Quote], str]


def _funds(project: ProjectRecord) -> Iterator[Failed]:
    """The whole is its parts, where all are given."""
    whole, fiscal, other = project.budget, project.fiscal_funds, project.other_funds
    if whole is None or fiscal is None or "fiscal_funds" not in project.quotes:
        return
    carried = project.carried_over or Decimal(0)
    if whole not in (fiscal + (other or 0), fiscal + (other or 0) + carried):
        quotes = [project.quotes[f] for f in AMOUNTS[:4] if f in project.quotes and getattr(project, f)]
        yield quotes, "资金总额与各项资金之和不符，其中可能有读错的数"


def _costs(project: ProjectRecord) -> Iterator[Failed]:
    """What all costs come to is the budget, where each is a part of it."""
    costs = [i for i in project.indicators if "成本" in i.level1 + i.level2 and "value" in i.quotes]
    amounts = [_amount(i) for i in costs]
    if not project.budget or not amounts or any(a is None or a * PART < (project.budget or 0) for a in amounts):
        return
    total = sum((a for a in amounts if a is not None), Decimal(0))
    if total == project.budget or project.budget in amounts:
        return
    quotes = [i.quotes["value"] for i in costs]
    if project.fiscal_funds is None and "budget" in project.quotes:
        quotes.append(project.quotes["budget"])
    yield quotes, "成本指标合计与预算数不符，其中可能有读错的数"


def _amount(indicator: IndicatorRecord) -> Decimal | None:
    """A target that is a sum of money, in 元."""
    target = indicator.target
    unit = target.unit or indicator.unit_inferred
    if target.number is None or target.per or unit not in MONEY or target.operator not in ("≤", "<", "="):
        return None
    return target.number * MONEY[unit]


def _scores(project: ProjectRecord) -> Iterator[Failed]:
    weights = [i.weight for i in project.indicators]
    if weights and all(w is not None for w in weights):
        total = sum((w for w in weights if w is not None), Decimal(0))
        if total not in FULL_SCORES:
            yield _of(project.indicators, "weight"), "各项分值之和不是 100（或 90），其中可能有读错的数"
    over = [i for i in project.indicators if i.weight is not None and i.score is not None and i.score > i.weight]
    if over:
        yield _of(over, "score"), "得分高于分值"


def _of(indicators: Iterable[IndicatorRecord], field: str) -> list[Quote]:
    return [i.quotes[field] for i in indicators if field in i.quotes]
