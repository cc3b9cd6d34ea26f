"""Whether a target became easier or harder to reach: for ≤ a higher number is easier, for ≥ a lower one."""

from __future__ import annotations

from index.duplicates.names import name_words, plain
from index.duplicates.pairs import Item

TURNS = ("", "easier", "harder", "changed")
_, EASIER, HARDER, CHANGED = TURNS


def direction(old: Item, new: Item) -> str:
    """``easier``, ``harder``, ``changed`` where neither can be said, ``""`` where the target stayed."""
    if old.asks == new.asks or (plain(old.target) == plain(new.target) and old.operator == new.operator):
        return ""
    if old.kind != new.kind or old.number is None or new.number is None:
        return CHANGED
    if old.unit != new.unit or old.per != new.per:
        return CHANGED
    if old.number == new.number:
        return _operators(old.operator, new.operator)
    up = new.number > old.number
    wanted = _lower_is_harder(old, new)
    if wanted is None:
        return CHANGED
    return HARDER if up != wanted else EASIER


def _lower_is_harder(old: Item, new: Item) -> bool | None:
    """Whether a lower number asks more; None where a target is a fixed amount of neither good nor bad."""
    if new.kind == "date":
        return True
    if new.kind == "frequency":
        return False
    sides = {"≤": True, "<": True, "≥": False, ">": False}
    said = {sides[o] for o in (old.operator, new.operator) if o in sides}
    if len(said) == 1:
        return said.pop()
    if said or new.dimension == "money" or new.per:
        return None
    return any(word in plain(new.measured) for word in name_words()["direction"]["lower"])


def _operators(old: str, new: str) -> str:
    """An equal number that is no longer demanded outright is easier: =100% → ≥100% stays, ≥ → ≤ cannot be said."""
    if {old, new} == {"=", "≥"} or {old, new} == {"=", "≤"} or old == new:
        return ""
    return HARDER if new in "><" and old in "≥≤" else EASIER if old in "><" and new in "≥≤" else CHANGED
