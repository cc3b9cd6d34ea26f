"""How characters sound: most slips in Chinese are homophones of an input method."""

from __future__ import annotations

from functools import cache

from index.segment import CHINESE

_NEAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))
"""Sounds that many speakers do not tell apart."""


@cache
def sounds(character: str) -> frozenset[str]:
    """Every reading of a character, without tone; none of what is no Chinese character."""
    if not CHINESE.fullmatch(character):
        return frozenset()
    from pypinyin import Style, pinyin

    return frozenset(pinyin(character, style=Style.NORMAL, heteronym=True)[0])


@cache
def near_sounds(character: str) -> frozenset[str]:
    """The readings with those made one that are easily taken for each other: zh and z, ing and in."""
    found = set()
    for sound in sounds(character):
        for a, b in _NEAR:
            sound = sound.replace(a, b)
        found.add(sound)
    return frozenset(found)
