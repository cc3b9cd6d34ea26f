"""Words of asking that stand apart: for how many things a question asks."""

from __future__ import annotations

import re
from itertools import zip_longest

from kg.ask.link.edges import Edge
from kg.ask.link.triggers import entries, triggers_of
from kg.ask.reading import plain
from kg.ask.tokens import Token, Tokens

SEVERAL = "几"
POINTING = ("那", "这")
OF_THESE = ("的", "年")  # before “几个”: of how many is not asked
COUNTING = ("几", "多")  # 几辆, 多少户
CLASSES = frozenset({"projects", "indicators"})
FIRST = frozenset({"WHICH", "NW"})
LATER = frozenset({"NE", "YN", *FIRST})  # what asks for something else than the value asked for before it
POLITE = ("吗", "么", "吧", "对吗", "对不对", "没有")  # at the end of what was asked already
PARTING = "[,;。?]"  # between two clauses
VALUES = frozenset({"howmany", "money", "when", "how_often", "how_long", "count"})
OTHERS = frozenset({"HM", "AGG", "AHM", "SUP", "WHICH", "YN", "RATIO", "DIFF"})  # what else a clause may ask


def asked_elsewhere(text: str, span: tuple[int, int]) -> bool:
    """Whether something is asked outside of a span, so that “几个” in it asks nothing."""
    rest = text[: span[0]] + text[span[1] :]
    return any(c in rest for c in entries()["interrogative"]) or "有没有" in rest


def asks(tokens: Tokens, asking: list[Edge]) -> list[tuple[int, int]]:
    """Words of asking that stand apart: those for a value, and what asks in a clause of its own after one of them
    (“…多少，乙呢”, “有几个，分别是哪些”), or names a measure behind it (“多少人次以及培训标准”)."""
    found = _values(tokens, asking)
    aside = re.search(entries()["measures"]["aside"], tokens.text)
    for token in tokens.items if found and not aside else ():
        if token.text not in POLITE and any(t.category in LATER for t in triggers_of(token.text)):
            between = tokens.text[found[-1][1] : token.start]
            if token.start > found[-1][1] and re.search(PARTING, between):
                found.append((token.start, token.end))
    if found:
        one = entries()["measures"]["pattern"]
        for at in _joins(tokens, f"{entries()['measures']['join']}|,"):
            if at >= found[-1][1] and re.match(f".[^,。?、]{{0,10}}?{one}(?:呢)?[。?]?$", tokens.text[at:]):
                found.append((at, len(tokens.text)))
                break
    return found


def lists(tokens: Tokens, found: list[tuple[int, int]]) -> bool:
    """Whether a clause before the first word of asking for a value asks which things: “哪些项目有…，合计多少”."""
    for token in tokens.items if found else ():
        if token.end <= found[0][0] and any(t.category in FIRST for t in triggers_of(token.text)):
            return bool(re.search(PARTING, tokens.text[token.end : found[0][0]]))
    return False


def one_by_one(tokens: Tokens) -> int:
    """How many things are named one after the other of which each is asked for: “甲、乙和丙分别是多少”; 0 where none are."""
    each = re.search(f"(?:{entries()['measures']['each']})[^,。?]*(?:多少|几|什么|哪)[^,。?]*[。?]?$", tokens.text)
    if each is None:
        return 0
    begin = max((m.end() for m in re.finditer("[,。?;:]", tokens.text[: each.start()])), default=0)
    joins = [at for at in _joins(tokens, entries()["measures"]["join"]) if begin < at < each.start()]
    return len(joins) + 1 if joins else 0


def measures(question: str, tokens: Tokens) -> tuple[list[str], bool]:
    """What is asked of one thing, each with that thing before it, where measures of it are told one after the other
    (“适老化改造 户数 补助标准”, “护林员的人数和补助标准是多少”; fewer than two: none), and whether one of them stands by itself,
    without words of its own (“救助人数和标准”)."""
    chunks = question.split()
    said = entries()["measures"]
    named = [c for c in chunks[1:] if re.search(f"{said['pattern']}$", plain(c))]
    if len(named) > 1 and not any(c in question for c in entries()["interrogative"]):
        rest = " ".join(c for c in chunks if c not in named)
        return [f"{rest} {c}" for c in named], False
    text = tokens.text
    apart = _joins(tokens, said["join"])
    one, joins = said["pattern"], said["join"]
    for joined in re.finditer(f"{one}(?P<rest>(?:{joins}[^,。?、]{{0,10}}?{one})+)(?P<end>{said['ending']})", text):
        ands = [
            a
            for a in re.finditer(joins, joined["rest"])
            if re.search(f"{one}$", joined["rest"][: a.start()] or text[: joined.start("rest")])
        ]
        cuts = [joined.start("rest") + a.start() for a in ands]
        if not apart.issuperset(cuts):
            continue  # of one name
        first = re.search(f"{one}$", text[: cuts[0]])
        bare = first.start() if first else cuts[0]
        heads = [t.end for t in tokens.entities() if t.end <= bare] + [text.rfind("的", 0, bare) + 1]
        own = max((h for h in heads if h), default=bare)
        starts = [joined.start("rest") + a.end() for a in ands]
        parts = [text[a:b] for a, b in zip(starts, [*cuts[1:], joined.end("rest")], strict=True)]
        # what stands by itself (标准) is of what the first is of, what has words of its own of the thing alone
        alone = [re.fullmatch(one, p) is not None for p in parts]
        told = [f"{text[: bare if by_itself else own]}{p}" for p, by_itself in zip(parts, alone, strict=True)]
        end = re.sub(said["each"], "", joined["end"])
        return [f"{part}{end}" for part in (text[: cuts[0]], *told)], any(alone)
    return [], False


def _joins(tokens: Tokens, join: str) -> set[int]:
    """Where words that join stand by themselves: no 及 of 及时率."""
    signs = {
        at
        for at, c in enumerate(tokens.text)
        if re.fullmatch(join, c) and not any(t.start <= at < t.end for t in tokens.items)
    }
    return signs | {t.start for t in tokens.items if re.fullmatch(join, t.text)}


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
