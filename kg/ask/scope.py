"""What a question asks about that the data does not hold: years, places, departments, kinds of fact."""

from __future__ import annotations

import re
from functools import cache

from index.segment import part_of_speech
from index.synonyms import departments
from kg.ask.conditions import Conditions
from kg.ask.lexicon import words
from kg.ask.naming import Unanswerable
from kg.ask.reading import plain

KINDS = ("局", "委", "厅")
ENDINGS = (*KINDS, "联", "会")


class Scope(Conditions):
    """Refuses what lies outside the loaded tables."""

    def outside(self) -> Unanswerable | None:
        """What keeps the question from being about the loaded tables, if anything."""
        try:
            self._check_scope()
        except Unanswerable as error:
            return error
        return None

    def _check_scope(self) -> None:
        for quantity in self.t.quantities("year"):
            if self.lexicon.years and int(quantity.number or 0) not in self.lexicon.years:
                have = "、".join(f"{y}年" for y in self.lexicon.years)
                raise Unanswerable(f"数据里没有{int(quantity.number or 0)}年的表（现有{have}）", [quantity.text])
        if self.t.has("last_year") and self.lexicon.years and self.lexicon.years[0] - 1 not in self.lexicon.years:
            raise Unanswerable(f"数据里没有{self.lexicon.years[0] - 1}年的表", ["上年"])
        covered = [(t.start, t.end) for t in self.t.entities()]
        departments = [plain(label) for label in self.lexicon.departments.values()]
        places = words()["places"]
        for place in [*places["provinces"], *places["cities"]]:
            at = self.text.find(place)
            if at < 0 or any(s <= at and at + len(place) <= e for s, e in covered):
                continue
            if not any(place in label for label in departments) and not self.phrases.known(place):
                raise Unanswerable(f"数据里没有“{place}”的表", [place])
        for token in self.t.content():
            if part_of_speech(token.text) == "ns" and not self.phrases.known(token.text):
                raise Unanswerable(f"数据里没有“{token.text}”的表", [token.text])
        for agency in agencies():
            at = self.text.find(agency)
            if at >= 0 and not any(s < at + len(agency) and at < e for s, e in covered):
                raise Unanswerable(f"数据里没有“{agency}”的表", [agency])
        for token in self.t.entities("department"):
            assert token.entity
            place = self._place_before(token.start)
            labels = [plain(self.lexicon.departments[iri]) for iri in token.entity.iris]
            if place and not any(place in label for label in labels):
                raise Unanswerable(f"数据里没有“{place}”的{token.text}", [place])
        untabled = words()["untabled"]
        patterns = (found for pattern in untabled["patterns"] if (found := re.search(pattern, self.text)))
        said = [f[0] for f in patterns if not any(s <= f.start() and f.end() <= e for s, e in covered)]
        for word in (*said, *(word for word in untabled["words"] if word in self.text)):
            if not self.phrases.known(word):
                raise Unanswerable(f"绩效目标表里没有“{word}”这类内容", [word], untabled=True)

    def _place_before(self, at: int) -> str:
        """The place whose department is named at ``at``; empty where none, or 全市, 我市 and the like."""
        named = re.search(r"([\u4e00-\u9fff]{2,6}(?:市|省|自治区|区|县))$", self.text[:at])
        if named:
            return "" if re.search(r"[全本我各]市$", named[1]) else named[1]
        known = words()["places"]
        return next((p for p in known["provinces"] + known["cities"] if self.text[:at].endswith(p)), "")


@cache
def agencies() -> tuple[str, ...]:
    """The common names of government departments, longest first: those listed, and the short forms with their kind."""
    found = dict.fromkeys(words()["agencies"]["words"])
    for full, shorts in departments().items():
        for base in (full, *shorts):
            found |= dict.fromkeys([base] if base[-1] in ENDINGS else [base + kind for kind in KINDS])
    return tuple(sorted(found, key=len, reverse=True))
