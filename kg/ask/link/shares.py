"""What comes from a fund, where the fund itself is measured: “中央资金超过100万元”, “省级资金占比最高”, “只用市级资金”; and
what was granted, which is a budget."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from kg.ask.lexicon import Lexicon
from kg.ask.link.edges import STOPS, Edge
from kg.ask.link.payers import share_of
from kg.ask.link.triggers import entries
from kg.ask.logic.attributes import attributes
from kg.ask.logic.conditions import Compare
from kg.ask.logic.plain import Named, OfConcept

MEASURING = frozenset({"SUP", "ORD", "TOP", "RATIO", "TH"})  # what a fund's share is ranked or compared by
EACH_OF = frozenset({"EACH", "GROUPED"})
ASKED_OF_EACH = frozenset({"DIST", "HM", "AGG"})  # “各部门的中央资金分别是多少”
OF_FUND = 0.01  # what it costs that a fund stands for what comes from it


@dataclass(frozen=True, slots=True)
class Meant:
    """An edge, and the span that has to be used by one of the categories."""

    edge: Edge
    strong: tuple[int, int, frozenset[str]] | None = None


def shares(text: str, edges: Sequence[Edge], lexicon: Lexicon) -> Iterator[Meant]:
    """What comes from each fund of a question that is compared, ranked or told for each."""
    said = entries()["fund_shares"]
    kinds = {n for name in ("fiscalFunds", "otherFunds") for n in attributes()["project", name].names}
    for fund in [e for e in edges if of_fund(e) and not e.meaning[0].negated and e.meaning[0].label not in kinds]:

        def edge(category: str, meaning: Any, end: int, start: int = fund.start, cost: float = fund.cost) -> Edge:
            return Edge(start, end, category, meaning, cost, text[start:end])

        share = share_of(fund.meaning[0], "budget", lexicon.called(fund.meaning[0].iris))
        percent = replace(share, label=f"{share.label}占预算的比重", kind="number", unit="%")
        end = _past(said["amount"], text, fund.end)
        if _measured(text, end, edges):
            yield Meant(edge("A", share, end, cost=fund.cost + OF_FUND))
        if only := re.search(said["only"], text[: fund.start]):  # “只用中央资金的”
            whole = (Compare(percent, "=", Decimal(100), "100%"),)
            used = edge("C", whole, _past(said["paid"], text, fund.end), only.start())
            yield Meant(used, (only.start(), fund.start, frozenset({"C"})))
        end = _past(said["part"], text, fund.end)
        if end > fund.end and _measured(text, end, edges):
            yield Meant(edge("A", percent, end, cost=fund.cost + OF_FUND))
        half = re.match(said["half"], text[end:])
        operator = said["than"].get((half["before"] or "") + (half["after"] or ""), "") if half else ""
        if half and operator:  # “中央资金占一半以上的”
            number = round(Decimal(100) / said["of"][half["of"]], 6)
            yield Meant(
                edge("C", (Compare(percent, operator, number, f"{round(number, 2).normalize():f}%"),), end + half.end())
            )


def granted(text: str, edges: Sequence[Edge]) -> Iterator[Meant]:
    """“防火批了多少钱”: what was granted is a budget, unless an indicator is named, or so much for each is asked."""
    rule = entries()["granted"]
    if re.search(rule["each"], text) or any(e.category == "PER" or _named_indicator(e) for e in edges):
        return
    for said in re.finditer(rule["pattern"], text):
        edge = Edge(*said.span(), "AHM", attributes()["project", "budget"], 0.0, said[0])
        yield Meant(edge, (*said.span(), frozenset({"A", "AHM", "AW"})))


def of_fund(edge: Edge) -> bool:
    """Whether an edge is a fund and nothing else."""
    only = edge.meaning[0] if edge.category == "C" and len(edge.meaning) == 1 else None
    return isinstance(only, OfConcept) and only.relation == "fundSource"


def _past(pattern: str, text: str, at: int) -> int:
    found = re.match(pattern, text[at:])
    return at + (found.end() if found else 0)


def _measured(text: str, at: int, edges: Sequence[Edge]) -> bool:
    """Whether what stands before is compared or ranked: “…超过100万元”, “…最多的”."""
    each = any(e.category in EACH_OF and e.end <= at for e in edges)
    if each and not text[at:].strip(STOPS):
        return True  # “按部门统计省级资金”
    asking = ASKED_OF_EACH if each else {"DIST"}
    starts = range(at, _past(entries()["fund_shares"]["before"], text, at) + 1)
    things = {e.start for e in edges if e.category in ("N", "NW")}  # 中央资金|各|项目的预算
    return any(
        e.start in starts
        and (
            e.category in MEASURING
            or (e.category in asking and e.end not in things)
            or (e.category in ("MON", "PCT") and (e.meaning.operator or e.meaning.upper))
        )
        for e in edges
    )


def _named_indicator(edge: Edge) -> bool:
    indicator = edge.category == "S" and edge.meaning.cls == "indicator"
    return indicator and any(isinstance(c, Named) for c in edge.meaning.where)
