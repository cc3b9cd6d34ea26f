"""Words of asking that stand apart: for how many things a question asks."""

from __future__ import annotations

import re
from itertools import zip_longest

from kg.ask.link.edges import Edge
from kg.ask.link.triggers import entries, triggers_of
from kg.ask.tokens import Token, Tokens

SEVERAL = "几"
POINTING = ("那", "这")
OF_THESE = ("的", "年")  # before “几个”: of how many is not asked
COUNTING = ("几", "多")  # 几辆, 多少户
CLASSES = frozenset({"projects", "indicators"})
LATER = frozenset({"NE", "WHICH", "NW"})  # what asks for something else than the value asked for before it
PARTING = "[,;。?]"  # between two clauses
VALUES = frozenset({"howmany", "money", "when", "how_often", "how_long", "count"})
OTHERS = frozenset({"HM", "AGG", "AHM", "SUP", "WHICH", "YN", "RATIO", "DIFF"})  # what else a clause may ask


def asked_elsewhere(text: str, span: tuple[int, int]) -> bool:
    """Whether something is asked outside of a span, so that “几个” in it asks nothing."""
    rest = text[: span[0]] + text[span[1] :]
    return any(c in rest for c in entries()["interrogative"]) or "有没有" in rest


def asks(tokens: Tokens, asking: list[Edge]) -> list[tuple[int, int]]:
    """Words of asking that stand apart: those for a value, and what asks in a clause of its own after one of them
    (“…多少，乙呢”, “有几个，分别是哪些”)."""
    found = _values(tokens, asking)
    for token in tokens.items if found else ():
        if any(t.category in LATER for t in triggers_of(token.text)):
            between = tokens.text[found[-1][1] : token.start]
            if token.start > found[-1][1] and re.search(PARTING, between):
                found.append((token.start, token.end))
    return found


def _values(tokens: Tokens, asking: list[Edge]) -> list[tuple[int, int]]:
    """Words of asking for a value that stand apart, each with something between it and the next and not both in one
    of the words ``asking``: “从哪天到哪天” asks once."""
    counted = {e.start for e in asking if e.category == "HM" and e.meaning.unit and e.said[:1] in COUNTING}  # 几辆
    found: list[tuple[int, int]] = []
    counting = 0
    naming = False  # whether the last one only says what is asked for: 发放周期是多久
    for token, after in zip_longest(tokens.items, tokens.items[1:]):
        said = triggers_of(token.text)
        open_ = any(w in token.text for w in entries()["how_many"])  # 控制在多少; 最多能 asks for no thing of its own
        categories = {
            t.category for t in said if t.category != "HM" or (t.meaning.kinds and not t.meaning.bound) or open_
        }
        if after is not None and "SOME" in categories and _of_some(tokens, token, after):
            continue  # “几项成本指标合计”, “中央资金的几个项目合计多少”: of how many is not asked
        if not (categories & {"HM", "CNT", "AHM"} or VALUES & set(token.roles) or token.start in counted):
            naming &= token.kind == "light"
            continue
        if found and any(e.start <= found[-1][0] and token.end <= e.end for e in asking):
            continue
        if found and (naming or token.start == found[-1][1] or counting == found[-1][1]):
            found.pop()  # “条数各有多少” asks once
            found.append((token.start, token.end))
            counting, naming = 0, False
            continue
        found.append((token.start, token.end))
        counting = token.end if "HOWMANY" in categories else counting
        naming = not any(c in entries()["interrogative"] for c in token.text)
    return found


def _of_some(tokens: Tokens, token: Token, after: Token) -> bool:
    """Whether “几个” stands before a noun, after what says of which, and something else is asked in the same clause."""
    if tokens.text[: token.start].endswith(POINTING):
        return True  # “那几个，谁的预算最低”
    if not after.entity and not (tokens.text[: token.start].endswith(OF_THESE) and CLASSES & set(after.roles)):
        return False
    clause = re.split("[,，;；。?？]", tokens.text[after.end :])[0]
    end = after.end + len(clause)
    said = (c for t in tokens.items if after.end <= t.start and t.end <= end for c in triggers_of(t.text))
    return any(c.category in OTHERS for c in said)
