"""Where a project's money comes from: the names of sources, and cells that list several with their amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from kg.tables.lexis import key, money, table_words

KINDS = ("fiscal_funds", "other_funds", "carried_over")


def funding_kind(text: str) -> str:
    """What kind of money a row's label names as one source's (``其中：中央补助`` → fiscal_funds); empty for others."""
    word = key(text)
    if not word or len(word) > 20:
        return ""
    word = key(source_name(word))
    return next((kind for kind in KINDS if re.search(table_words()["fundings"][kind], word)), "")


def source_name(text: str) -> str:
    """A source without what a label says beside it: ``其中：中央补助（万元）`` → ``中央补助``."""
    name = re.sub(r"[(（][^()（）]*[)）]|\s+", "", text).strip(":：")
    return re.sub(table_words()["fundings"]["beside"], "", name) or name


def said_kind(source: str) -> str:
    """The kind of money of a source's name in running words; empty where they do not say."""
    rule = table_words()["fundings"]
    if kind := funding_kind(source):
        return kind
    if re.search(rule["other_words"], source):
        return "other_funds"
    return "fiscal_funds" if re.search(rule["fiscal_words"], source) else ""


def told_other(text: str) -> str:
    """What running words say that the other money is (``…，其他资金由客运企业自筹``); empty where they do not."""
    found = (re.search(form, text) for form in table_words()["fundings"]["other_told"])
    return next((said["source"] for said in found if said), "")


def said_sources(text: str, unit: str) -> Iterator[tuple[str, Decimal | None]]:
    """(source, amount in 元) for each that a cell lists: ``中央某资金300万元，省级某资金120万元``.

    What names no money (``详见附件``) is passed over. ``unit`` rules amounts that write none.
    """
    rule = table_words()["fundings"]
    for piece in re.split(rule["between"], text):
        found = re.match(rule["piece"], re.sub(r"\s+", "", piece))
        if found and re.search(rule["names"], found["source"]):
            amount = money(found["amount"], unit) if found["amount"] else None
            yield found["source"].strip("：:为是"), amount
