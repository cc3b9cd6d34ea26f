"""What kind of thing a question asks for: projects or indicators, money or a date, the top or the bottom, a type."""

from __future__ import annotations

import re

from kg.ask.lexicon import Lexicon, words
from kg.ask.phrases import Expected
from kg.ask.query import OfType
from kg.ask.reading import Quantity
from kg.ask.tokens import Token, Tokens
from ontology import TYPE

FOCUSES = {"projects", "indicators", "groups", "funds", "departments", "documents", "goals", "purpose"}
SATISFACTION = (TYPE["satisfaction"], TYPE["service-satisfaction"])


class Asking:
    """The tokens of one question, and what their words of asking say."""

    def __init__(self, lexicon: Lexicon, tokens: Tokens) -> None:
        self.lexicon, self.t, self.text = lexicon, tokens, tokens.text

    def _asks_projects(self) -> bool:
        """Whether projects are what is asked for: “哪些项目…”, or a question that ends in them."""
        if focus := self._focus():
            return focus == "projects"
        if self._adjacent("projects", "which"):
            return True
        if self.t.has("howmany", "money", "when", "how_often", "how_long"):
            return False
        idle = {"which", "yesno", "has"}
        rest = [t for t in self.t.items if t.kind != "light" and not (t.roles and set(t.roles) <= idle)]
        return bool(rest) and "projects" in rest[-1].roles

    def _focus(self) -> str:
        """The kind of thing that “which” stands with: “哪些对象” → groups, “的项目有哪几个” → projects; else empty."""
        items = self.t.items
        for at, token in enumerate(items):
            if "which" not in token.roles:
                continue
            if at + 1 < len(items) and (found := FOCUSES & set(items[at + 1].roles)):
                return min(found)
            before = [t for t in items[:at] if t.kind != "light" and "has" not in t.roles]
            if at + 1 == len(items) and before and (found := FOCUSES & set(before[-1].roles)):
                return min(found)
        return ""

    def _adjacent(self, role: str, *others: str) -> bool:
        """Whether a word of ``role`` stands within three tokens of a word of one of ``others``."""
        at = [i for i, t in enumerate(self.t.items) if role in t.roles]
        near = [i for i, t in enumerate(self.t.items) if set(t.roles) & set(others)]
        return any(0 < abs(i - j) <= 3 for i in at for j in near)

    def _counted(self) -> str:
        """What the last “how many” stands next to: projects, indicators, or neither."""
        asking = {"count", "howmany", "money"}
        at = max((i for i, t in enumerate(self.t.items) if asking & set(t.roles)), default=None)
        if at is None or "money" in self.t.items[at].roles or "程度" in self.t.items[at].text:
            return ""
        since = [t for t in self.t.items if self._last("projects") < t.start < self.t.items[at].start]
        if "projects" not in {r for t in self.t.items[at:] for r in t.roles} and any(t.kind == "word" for t in since):
            return ""  # “这个项目要对接多少个”
        after = self.t.items[at + 1 : at + 2]
        if after and after[0].kind == "word" and "count" in self.t.items[at].roles:
            return ""  # “那个项目要做几个调研课题”
        of_projects = self.t.has("projects") and not self.t.has("indicators") and not self._kinds(self.t)
        if of_projects and "count" in self.t.items[at].roles:
            return "projects"
        near = self.t.items[max(0, at - 3) : at + 3]
        if any("projects" in t.roles for t in near) and not any(
            {"sum", "budget"} & set(t.roles) for t in near[:-1] if t.start > self._last("projects")
        ):
            return "projects"
        named = any("indicators" in t.roles or (t.entity and t.entity.kind == "type") for t in near)
        return "indicators" if named else ""

    def _last(self, role: str) -> int:
        return max((t.start for t in self.t.items if role in t.roles), default=-1)

    def _ends(self) -> tuple[bool, int | None, int]:
        """Which end of a ranking is asked for: (from the top?, how many, how many are passed over before)."""
        ranks, tops = self.t.quantities("rank"), self.t.quantities("top")
        last = any(q.text[0] in "后倒末" for q in (*ranks, *tops)) or (ranks and self.t.has("bottom", "less"))
        descending = not (self.t.has("least", "ascending") or last)
        limit: int | None = 1
        offset = 0
        if ranks:
            offset = int(ranks[0].number or 1) - 1
            limit = int(ranks[0].upper - offset) if ranks[0].upper else 1
        elif tops:
            limit = int(tops[0].number or 1)
        elif counted := [
            q for q in self.t.quantities("amount", "count") if q.unit in ("个", "项", "名", "家", "") and not q.operator
        ]:
            limit = int(counted[-1].number or 1) if not self.t.has("departments") else 1
        elif self.t.has("descending", "ascending"):
            limit = None
        return descending, limit, offset

    def _expected(self) -> Expected:
        """The kind of value that is asked for."""
        if self.t.has("how_often") or re.search(words()["how_often"]["pattern"], self.text):
            return Expected(frozenset({"frequency"}))
        if self.t.has("when"):
            return Expected(frozenset({"date"}))
        if any("howmany" in t.roles and "程度" in t.text for t in self.t.items):
            return Expected(frozenset({"percent", "text"}))
        if self.t.has("how_long"):
            return Expected(
                frozenset({"time", "date"} | ({"count"} if "多长" in self.text and "时间" not in self.text else set()))
            )
        if self.t.has("rate", "satisfied", "ratio") or re.search(words()["rate_words"]["pattern"], self.text):
            return Expected(frozenset({"percent"}))
        per = frozenset({"per"} if self.t.has("per_unit") else ())
        each = next((w for t in self.t.items if "per_unit" in t.roles and (w := words()["per_words"].get(t.text))), "")
        if re.search(words()["count_words"]["pattern"], self.text):
            return Expected(frozenset({"count"}))
        counted = re.search(
            r"(?:几|多少)([个人名家份次场条项位台套幅亩头户吨只所辆座栋间张起支册本期批部处对眼株棵架门篇])", self.text
        )
        if self.t.has("money") or (re.search(words()["money_words"]["pattern"], self.text) and not counted):
            return Expected(frozenset({"money"}) | per, each=each)
        if self.t.has("limit_high") and not counted and not self.t.has("howmany", "count"):
            return Expected(frozenset({"money"}))
        if each and each not in ("年", "月") and self.t.has("howmany") and not counted:
            return Expected(frozenset({"money", "count", "per"}), each=each, soft=True)
        if re.search(r"(?:几|多少)[次回趟]", self.text):
            return Expected(frozenset({"count", "frequency"}), soft=True)
        if counted or self.t.has("howmany", "count"):
            return Expected(frozenset({"count"}), counted[1] if counted else "", soft=not counted)
        return Expected(frozenset())

    def _measure_of(self, amount: Quantity) -> str:
        """What an amount bounds: the last of 预算, 财政资金, 其他资金 said before it, else as of the question."""
        said = [t for t in self.t.items if t.end <= amount.start and {"budget", "fiscal", "other"} & set(t.roles)]
        if said and "budget" in said[-1].roles and said[-1].text.startswith("预算"):
            return "budget"
        return self._measure()

    def _measure(self, tokens: Tokens | None = None) -> str:
        said = [t for t in (tokens or self.t).items if {"fiscal", "other"} & set(t.roles)]
        if not said:
            return "budget"
        return "otherFunds" if "other" in said[-1].roles else "fiscalFunds"

    def _unit(self) -> str:
        for role, unit in (("unit_yi", "亿元"), ("unit_wan", "万元"), ("unit_yuan", "元")):
            if self.t.has(role):
                return unit
        said = "".join(t.text for t in self.t.items if "money" in t.roles)
        return "亿元" if "亿" in said else "万元" if "万" in said else "元" if "元" in said or "块" in said else "万元"

    def _segments(self, *roles: str) -> list[Tokens]:
        """The tokens split at words of these roles."""
        cuts = [t for t in self.t.items if set(t.roles) & set(roles)]
        edges = [0, *(x for t in cuts for x in (t.start, t.end)), len(self.text)]
        parts = [self.t.between(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
        return [p for p in parts if p.items]

    def _kinds(self, tokens: Tokens) -> list[OfType]:
        """The indicator types that are named, as one: “质量指标和时效指标” are the indicators of either type."""
        kinds = [kind for _, kind in self._types(tokens)]
        if len(kinds) < 2:
            return kinds
        return [OfType(tuple(dict.fromkeys(i for k in kinds for i in k.iris)), "、".join(k.label for k in kinds))]

    def _types(self, tokens: Tokens) -> list[tuple[Token, OfType]]:
        found = [(t, OfType(t.entity.iris, t.entity.label)) for t in tokens.entities("type") if t.entity]
        if (
            not found
            and (token := tokens.first("satisfied"))
            and tokens.has("indicators", "value", "not", "unquantified")
        ):
            found = [(token, OfType(self._satisfaction(), "满意度指标"))]
        return found

    def _loose_types(self, tokens: Tokens) -> list[tuple[Token, OfType]]:
        """Indicator types said without the word 指标: “数量上考核哪几项”."""
        found = re.search(words()["loose_types"]["pattern"], self.text)
        if not found and tokens.has("indicators"):
            bare = re.search(words()["bare_types"]["pattern"], self.text)
            held = bare and any(t.start <= bare.start() and bare.end() <= t.end for t in tokens.entities())
            if bare and not held:
                iris = tuple(i for i, (name, _) in self.lexicon.types.items() if name == f"{bare[0]}指标")
                inside = [t for t in tokens.items if t.start < bare.end() and bare.start() < t.end]
                return [(t, OfType(iris, f"{bare[0]}指标")) for t in inside] if iris else []
        if not found:
            return []
        label = f"{found['type']}指标"
        iris = tuple(iri for iri, (name, _) in self.lexicon.types.items() if name == label)
        covered = [t for t in tokens.items if t.start < found.end() and found.start() < t.end]
        return [(token, OfType(iris, label)) for token in covered] if iris else []

    def _satisfaction(self) -> tuple[str, ...]:
        return tuple(i for i in SATISFACTION if i in self.lexicon.types)
