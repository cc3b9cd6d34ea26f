"""Who pays what the treasury does not: “企业自筹”, “乡镇自己掏了”, as the purpose of a project tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from kg.ask.link.triggers import entries
from kg.ask.logic.attributes import Attribute, attributes
from kg.ask.logic.plain import OfConcept


def payers(text: str) -> Iterator[tuple[int, int, Attribute]]:
    """(start, end, what they pay) for each payer that a question names with a word of paying."""
    asked, who, how = _asked()
    for said in asked.finditer(text):
        payer = next(told for pattern, told in who if re.fullmatch(pattern, said["who"]))
        paying = next(told for pattern, told in how if re.fullmatch(pattern, said["how"]))
        yield said.start(), said.end(), _paid(payer, paying, said["who"] + said["how"])


def in_any_case(paid: Attribute) -> Attribute:
    """The same where they pay together with others, and their own part is not known."""
    rule = entries()["payers"]
    return replace(paid, told=tuple(t.replace(rule["alone"], rule["together"]) for t in paid.told))


def share_of(fund: OfConcept, name: str, called: Iterable[str] = ()) -> Attribute:
    """What comes from a fund, of the money that ``name`` is all of; ``called``: the fund's other names."""
    rule = entries()["payers"]
    names = dict.fromkeys(f for name in (fund.label, *called) for f in (name, name.removesuffix("资金")))
    forms = "|".join(re.escape(f) for f in sorted(names, key=len, reverse=True) if f)
    told = rule["share"].format(fund=forms)
    return replace(attributes()["project", name], label=f"“{fund.label}”金额", sources=fund.iris, told=(told,))


def _paid(payer: str, paying: str, said: str) -> Attribute:
    rule = entries()["payers"]
    told = tuple(rule[form].format(who=payer, how=paying, other=rule["alone"]) for form in ("amount", "all"))
    other = attributes()["project", "otherFunds"]
    return replace(other, label=f"“{said}”的{other.label}", told=told)


@cache
def _asked() -> tuple[re.Pattern[str], list[tuple[str, str]], list[tuple[str, str]]]:
    rule = entries()["payers"]
    who, how = ([(e["asked"], e["told"]) for e in rule[part]] for part in ("who", "how"))
    names = ("|".join(asked for asked, _ in part) for part in (who, how))
    return re.compile(rule["asked"].format(*names)), who, how
