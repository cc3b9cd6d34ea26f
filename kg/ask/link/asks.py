"""Words of asking that stand apart: for how many things a question asks."""

from __future__ import annotations

import re
from itertools import zip_longest

from kg.ask.link.triggers import entries, triggers_of
from kg.ask.tokens import Token, Tokens

SEVERAL = "几"


def asked_elsewhere(text: str, span: tuple[int, int]) -> bool:
    """Whether something is asked outside of a span, so that “几个” in it asks nothing."""
    rest = text[: span[0]] + text[span[1] :]
    return any(c in rest for c in entries()["interrogative"]) or "有没有" in rest


def asks(tokens: Tokens, asking: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Words of asking for a value that stand apart, each with something between it and the next and not both in one
    of the spans ``asking``: “从哪天到哪天” asks once."""
    found: list[tuple[int, int]] = []
    counting = 0
    naming = False  # whether the last one only says what is asked for: 发放周期是多久
    for token, after in zip_longest(tokens.items, tokens.items[1:]):
        said = triggers_of(token.text)
        categories = {t.category for t in said if t.category != "HM" or t.meaning.kinds}  # 最多能: no thing of its own
        if after is not None and "SOME" in categories and (after.entity or _of_some(tokens, token, after)):
            continue  # “几项成本指标合计”, “中央资金的几个项目合计多少”: of how many is not asked
        if not (categories & {"HM", "CNT", "AHM"} or VALUES & set(token.roles)):
            naming &= token.kind == "light"
            continue
        if found and any(a <= found[-1][0] and token.end <= b for a, b in asking):
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
    if not tokens.text[: token.start].endswith("的") or not CLASSES & set(after.roles):
        return False
    clause = re.split("[,，;；。?？]", tokens.text[after.end :])[0]
    end = after.end + len(clause)
    said = (c for t in tokens.items if after.end <= t.start and t.end <= end for c in triggers_of(t.text))
    return any(c.category in ("HM", "AGG", "AHM") for c in said)


CLASSES = frozenset({"projects", "indicators"})


VALUES = frozenset({"howmany", "money", "when", "how_often", "how_long", "count"})
