"""Words of a question linked to the indicators and projects that they mean, each link with what it costs.

A phrase is scored against an indicator by the words they share, weighted by rarity, in the same form, a synonym's or
another name's (kg.ask.phrases); by whether the value is of the kind asked for; and by the nearness of their
embeddings. What the words say and no candidate holds makes the link dear; candidates that are as good as the best are
taken together where they are one measure, and told apart where they are not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from kg.ask.lexicon import Lexicon
from kg.ask.link.fund_shares import FundShares
from kg.ask.link.near_names import Asked, NearNames, measures
from kg.ask.link.triggers import entries
from kg.ask.logic.attributes import Attribute, attributes
from kg.ask.logic.changes import AlsoIn, NewIn, Renamed, Retargeted
from kg.ask.logic.conditions import (
    ONE,
    PREVIOUS,
    BaseUnit,
    Found,
    Is,
    Latest,
    Mention,
    Names,
    Size,
    walk,
)
from kg.ask.logic.holding import Repeated
from kg.ask.logic.plain import Named, OfConcept, OfProject, OfYear, OnlyIn
from kg.ask.logic.run import Runner
from kg.ask.logic.sets import Set
from kg.ask.logic.values import InYears, Several, Table, prefixed
from kg.ask.logic.wanted import Wanted
from kg.ask.phrases import HALF, TIMES, Candidate, Expected, Phrases, Word, holding, same_unit, value_kinds
from kg.ask.reading import plain
from kg.graph.store import Store
from kg.graph.terms import values
from ontology import UNIT

CLEAR = 0.98  # of a link's score by words alone: nothing that is near in meaning comes before it, nor makes it cheaper
GOOD, FAIR = 0.80, 0.62  # of a link's score: sure by itself, enough where it stands out
LEAD = 0.06
APART = 0.2  # the same, of those whose names differ in one word
TIED = 0.1  # of a link's score: candidates that are this near may be told apart by what their names say beside
TOLD = 0.05  # for a word that tells candidates apart
HEAD = 1.0  # weight from which the last word of a phrase is its head
MISSING = 0.45  # of the words, by weight, that the best candidate may lack
BESIDE = 0.35  # of a link in the project that was spoken of, up to which it is looked for nowhere else
OF_ANOTHER = 0.4  # what it costs that what is told for each holds no word of what was spoken of
ALL_ALIKE = 0.1  # what it costs that a name is meant beside another that differs in a word which is not said
BESIDE_IT = 0.1  # what it costs that an indicator is told by what was spoken of before
NOUNS = frozenset(
    {"projects", "indicators", "groups", "funds", "departments", "documents"}
)  # roles of names of classes
SHARES = ("率", "度", "比", "比例", "比重")  # of words for what is told in percent
SAME = 0.012  # candidates this near to the best are as good


@dataclass(frozen=True, slots=True)
class Link:
    """A tree with everything linked, what that cost, and what was said of it."""

    value: Any
    cost: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A question, and the part of it in which the words stand that are linked."""

    whole: str
    beside: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """The projects that were spoken of before, the words by which an indicator of theirs was asked for, and what kind
    of value it has."""

    projects: tuple[str, ...]
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass
class Mentions:
    lexicon: Lexicon
    phrases: Phrases
    store: Store
    runner: Runner
    paying: str = ""  # characters that speak of paying
    ends: dict[str, tuple[str, ...]] = field(default_factory=dict)  # kind of value → how its names end
    _cache: dict[Any, Any] = field(default_factory=dict)
    _subjects: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def link(self, value: Any, text: str, spoken: Spoken | None = None) -> Link | None:
        """The value with its mentions replaced by what they mean; None where one means nothing. ``spoken``: what the
        question goes on from."""
        out = _Linking(self, text, spoken)
        linked = out.node(value)
        if linked is None:
            return None
        if any(not self.funds.known(n, linked) for n in walk(linked) if isinstance(n, Attribute) and n.sources):
            return None
        linked, more = self.funds.funded(linked, text)
        if linked is None:
            return None
        out.cost += more
        return Link(linked, out.cost, tuple(dict.fromkeys(out.notes)))

    # —— indicators ——

    def indicators(
        self, words: tuple[str, ...], projects: tuple[str, ...] | None, wanted: Wanted | None, text: Said
    ) -> tuple[tuple[Candidate, ...], float]:
        """The candidates that the words mean, and what the link costs; none where it would be a guess."""
        key = (words, projects, wanted, text)
        if key not in self._cache:
            if len(self._cache) > 512:
                self._cache.clear()
            found = self._indicators(words, projects, wanted, text, meant=False) if self._names(words) else ((), 0.0)
            if not (found[0] and found[0][0].score >= CLEAR and plain(found[0][0].label) in "".join(words)):
                found = self._indicators(words, projects, wanted, text)
            self._cache[key] = found
        kept: tuple[tuple[Candidate, ...], float] = self._cache[key]
        return kept

    def subjects(self, codes: str) -> tuple[str, ...]:
        """What the checks with these codes find. Kept: a check goes through all of the data."""
        if codes not in self._subjects:
            from kg.graph.checks import subjects

            self._subjects[codes] = subjects(self.store, codes.split())
        return self._subjects[codes]

    def _names(self, words: tuple[str, ...]) -> bool:
        """Whether the words hold an indicator's whole name, so that what they mean in other words need not be asked."""
        said = "".join(words)
        ends = range(len(said) + 1)
        return any(said[start:end] in self._labels for end in ends for start in range(end))

    @cached_property
    def funds(self) -> FundShares:
        return FundShares(self.lexicon, self.store, self.runner)

    @cached_property
    def near_names(self) -> NearNames:
        return NearNames(self.lexicon, self.phrases)

    @cached_property
    def _labels(self) -> frozenset[str]:
        return frozenset(map(plain, self.lexicon.indicators))

    def _indicators(
        self,
        words: tuple[str, ...],
        projects: tuple[str, ...] | None,
        wanted: Wanted | None,
        text: Said,
        *,
        meant: bool = True,
    ) -> tuple[tuple[Candidate, ...], float]:
        if projects is not None and not projects:
            return (), 0.0
        if not words:
            return self._only(projects or (), wanted, text)
        if all(set(self.lexicon.roles.get(w)) & NOUNS for w in words):
            return (), 0.0  # “项目” by itself names no indicator
        said = [self.phrases.word(w) for w in words]
        expected = expected_of(wanted)
        expected = self._by_name(words, expected)
        if self._unheld(said):
            return (), 0.0
        found = self._expected(said, "".join(words) or text.whole, projects or (), expected, meant)
        if not found and expected.kinds == {"date"}:  # “每月什么时候发”: a date in words
            expected = replace(expected, kinds=frozenset({"date", "text", "frequency"}))
            found = self._expected(said, "".join(words), projects or (), expected, meant)
            timely = entries()["timely"]["pattern"]
            found = [c for c in found if c.kind != "text" or re.search(timely, c.label)]
        if not found and expected.kinds == {"frequency"} and expected.unit:  # “一年组织几次”: ≥2次
            expected = replace(expected, kinds=frozenset({"count"}), each="")
            found = self._expected(said, "".join(words), projects or (), expected, meant)
            found = [c for c in found if c.unit == expected.unit]
        if not found:
            return (), 0.0
        if expected.kinds == {"number"} and self._counted(words, text.beside):
            found = [c for c in found if "percent" not in value_kinds(c)]
            if not found:
                return (), 0.0
        if expected.each and any(expected.fits(c) == 1.0 for c in found):
            found = [c for c in found if expected.fits(c) == 1.0]  # “每户多少”: another amount is none for each
        asked = Asked.of(said, text.beside, wanted)
        found = self.near_names.left(asked, self._serving(words, found))
        if not found:
            return (), 0.0
        if numbers := [w for w in said if w.number]:  # 八十岁: 百岁 is another age
            found = [c for c in found if holding(numbers, c.own)] or found
        other = 0.0
        found = self._told_apart(found, text)
        if expected.unit:
            matching = [c for c in found if same_unit(expected.unit, c.unit)]
            if not matching and self._counts_others(expected, found):
                return (), 0.0  # “多少人次” asks for no 场
            found = [c for c in found if not self._counts_others(expected, [c])] or found
            found, other = (matching, 0.0) if matching else (found, 0.35)
        if expected.kinds or expected.each:  # keywords ask for none of them
            found = self._least_unsaid(said, found, expected, text)
        best = found[0]
        held = [w for w in said if not self._lacks(w, best)]  # “国家级公益林补偿标准”: of one project alone
        same = [c for c in found if c.score >= best.score - SAME and not any(self._lacks(w, c) for w in held)]
        same += [c for c in self._coordinate(said, found, expected, text) if c not in same]
        rest = next((c for c in found if c not in same), None)
        lead = best.score - rest.score if rest else best.score
        fits = expected.fits(best) if expected.kinds else 0.5
        if "number" in expected.kinds and fits < 0.5 and any(expected.fits(c) > 0.5 for c in self._behind(found)):
            return (), 0.0  # “准备培训多少林农”: no 长期, where figures come as near
        missing = [w for w in said if self._lacks(w, best)]
        telling = _share(missing, said)
        if best.score < FAIR or (best.score < GOOD and lead < LEAD and fits < 1.0):
            return (), 0.0
        if telling > MISSING:
            return (), 0.0
        if narrowed(text.whole, plain(best.label), missing):
            return (), 0.0  # “夜间火情接警响应时间”: beside its whole name, what is said narrows it
        if not expected.kinds and lead < LEAD and plain(best.label) not in text.whole and wanted in (None, Wanted()):
            return (), 0.0  # keywords that fit several: none is asked for
        cost = max(0.0, 0.98 - min(best.score, 0.98)) * 1.2 + 1.2 * telling
        if fits < 0.5:
            cost += 0.3
        head = self._head(said)
        if head in missing or any(w.number for w in missing):
            return (), 0.0  # 床位的入住率: what is asked for is the last word
        around = f"{best.own} {self.lexicon.names[best.project]}"
        if head is not None and len(head.text) > 1 and expected.unit and head.found_in(around) < HALF:
            return (), 0.0  # “防火宣传多少次”: no 批次 of what else is bought, though its project tells of 宣传
        cost += other
        return tuple(same), cost

    @staticmethod
    def _counted(words: tuple[str, ...], text: str) -> bool:
        """“补贴多少家庭”: how many of them, and no share of them."""
        return any(f"{asked}{w}" in text for asked in entries()["how_many"] for w in words if not w.endswith(SHARES))

    @staticmethod
    def _counts_others(expected: Expected, found: list[Candidate]) -> bool:
        """Whether the best of the candidates counts what is not asked for."""
        head = found[0].unit.partition("/")[0]
        return bool(head) and not {expected.unit, head} & set(entries()["of_anything"])

    def _by_name(self, words: tuple[str, ...], expected: Expected) -> Expected:
        """“保障费最多多少”, “配置数量”: the name says what kind of value it is."""
        if words and (not expected.kinds or expected.kinds == {"number"}):
            for kind, ends in self.ends.items():
                if words[-1].endswith(ends):
                    return replace(expected, kinds=frozenset({kind}), soft=True)
        return expected

    def _head(self, said: list[Word]) -> Word | None:
        return next((w for w in reversed(said) if w.weight > HEAD and w.text not in self.lexicon.roles), None)

    def _unheld(self, said: list[Word]) -> bool:
        """Whether no candidate can be meant, whichever it is: no text holds what is asked for, or enough of the rest.
        Embedding the words, the dear part of a link, would not help."""
        missing = [w for w in said if not self.phrases.held(w)]
        return _share(missing, said) > MISSING or self._head(said) in missing

    def _expected(
        self, said: list[Word], text: str, projects: tuple[str, ...], expected: Expected, meant: bool
    ) -> list[Candidate]:
        """The candidates, best first, whose value may be of the kind asked for; those near in meaning, too, if ``meant``."""
        found = self.phrases.indicators(said, text, projects, expected, meant=meant)
        return [c for c in found if not expected.kinds or expected.fits(c) > 0]

    def _told_apart(self, found: list[Candidate], text: Said) -> list[Candidate]:
        """Words that usually say nothing (牵头, 其他) tell candidates apart whose names hold them: those beside the
        words of a part of the question before those that stand elsewhere in it."""
        telling = any(w in text.beside and self._tells(w, found) for w in self._light)
        light = [w for w in self._light if w in (text.beside if telling else text.whole)]
        if not light:
            return found
        names = {label: plain(label) for label in {c.label for c in found}}
        told = [c.scored(c.score + TOLD * sum(w in names[c.label] for w in light)) for c in found]
        return sorted(told, key=lambda c: (-c.score, c.iri))

    def _least_unsaid(
        self, said: list[Word], found: list[Candidate], expected: Expected, text: Said
    ) -> list[Candidate]:
        """Of the candidates that hold as much of what is asked as the best, those first whose names say nothing beside:
        of all that are recruited, not of those for one profession."""

        best = found[0]
        if expected.each in TIMES:  # “一个月能拿多少”: so much each month rather than so much in all
            alike = self._as_good(said, found, expected, APART)
            timed = [c.scored(best.score) for c in alike if _each_time(c, expected.each)]
            if timed:
                found = [*timed, *(c for c in found if c not in alike)]
                best = found[0]
        near = self._as_good(said, found, expected, TIED)
        if len({c.label for c in near}) < 2:
            return found
        unsaid = {c.label: len(self.near_names.unsaid(text.whole, c)) for c in near}
        least = min(unsaid.values())
        if unsaid[best.label] == least:
            return found
        first = [c.scored(best.score) for c in near if unsaid[c.label] == least]
        rest = [c for c in found if c.iri not in {f.iri for f in first} and c not in near]
        return [*first, *rest]

    @staticmethod
    def _behind(found: list[Candidate]) -> list[Candidate]:
        return [c for c in found if c.score >= found[0].score - LEAD]

    @staticmethod
    def _as_good(said: list[Word], found: list[Candidate], expected: Expected, lead: float) -> list[Candidate]:
        """The candidates of the best one's project that hold each word which it holds, and fit as well."""

        def holds(c: Candidate) -> tuple[float, ...]:
            return (expected.fits(c), *(w.found_in(c.own) >= HALF for w in said if len(w.text) > 1))

        best = found[0]
        near = [c for c in found if c.score >= best.score - lead and c.project == best.project]
        return [c for c in near if all(a >= b for a, b in zip(holds(c), holds(best), strict=True))]

    def _coordinate(self, said: list[Word], found: list[Candidate], expected: Expected, text: Said) -> list[Candidate]:
        """The candidates that are meant as well as the best: named as it is, but for a word that is not said of either."""
        if any(self._lacks(w, found[0]) for w in said):
            return []  # a word that the table puts otherwise may tell which
        near = self._as_good(said, found, expected, APART)
        return [c for c in near if self.near_names.coordinate(text.whole, found[0], c)]

    @cached_property
    def _light(self) -> list[str]:
        return [*(w for w in self.lexicon.light if len(w) > 1), *self.paying]

    @staticmethod
    def _tells(word: str, found: list[Candidate]) -> bool:
        """Whether some of the best candidates' names hold the word and others do not."""
        best = [c for c in found if c.score >= found[0].score - TOLD]
        return 0 < sum(word in plain(c.label) for c in best) < len(best)

    def _serving(self, words: tuple[str, ...], found: list[Candidate]) -> list[Candidate]:
        """Of the candidates those that speak of, or whose project serves, every group that is named: what holds for
        other people is no answer."""
        for said in words:
            groups = [e for e in self.lexicon.entities.get(said) if e.kind == "group"]
            if not groups or not found:
                continue
            word = self.phrases.word(said)
            served = self.phrases.serving(tuple({c.project for c in found}), groups[0].iris)
            found = [c for c in found if word.found_in(f"{c.own} {c.context}") >= 0.5 or c.project in served]
        return found

    def for_groups(self, scope: Set | None, found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Of the candidates those that speak of no other people than the scope: of what a project that serves both does
        for the one, nothing is told by what it does for the other."""
        groups = [
            c.iris for c in (scope.where if scope else ()) if isinstance(c, OfConcept) and c.relation == "beneficiary"
        ]
        if not groups or not found:
            return found
        those = values("i", tuple(c.iri for c in found))
        told = {r["i"] for r in self.store.select(f"SELECT DISTINCT ?i WHERE {{ {those} ?i jx:beneficiary ?c }}")}
        for iris in groups:
            asked = values("a", iris)
            rows = self.store.select(
                f"SELECT DISTINCT ?i WHERE {{ {those} ?i jx:beneficiary ?c . {asked} "
                "{ ?c skos:broader* ?a } UNION { ?a skos:broader* ?c } }"
            )
            alike = {r["i"] for r in rows}
            found = tuple(c for c in found if c.iri not in told or c.iri in alike)
        return found

    def alongside(
        self, mention: Mention, near: tuple[str, ...], before: tuple[str, ...], text: Said
    ) -> tuple[tuple[Candidate, ...], float]:
        """What the words mean in these projects, where another indicator of theirs was spoken of by ``before``: of
        those that hold the words, the one that holds most of these too (“甲岗位的标准是多少，发放多少人次”)."""
        found, cost = self.indicators(mention.words, near, mention.expected, text)
        said = [self.phrases.word(w) for w in mention.words]
        earlier = [self.phrases.word(w) for w in before if w not in mention.words]
        expected = self._by_name(mention.words, expected_of(mention.expected))
        if not earlier or not (said or expected.kinds or expected.each):
            return found, cost
        held: dict[float, list[Candidate]] = {}
        for c in self.phrases.all_of(near):
            fits = expected.fits(c) == 1.0 if expected.kinds or expected.each else True
            if not fits or (expected.unit and c.unit and not same_unit(expected.unit, c.unit)):
                continue
            if all(w.found_in(c.own) >= 0.5 for w in said if len(w.text) > 1):
                held.setdefault(round(sum(w.weight * w.found_in(c.own) for w in earlier), 3), []).append(c)
        most = max(held, default=0.0)
        best = held.get(most, []) if most > 0 else []
        if not best or len({c.label for c in best}) > 1 or {c.label for c in best} == {c.label for c in found}:
            return found, cost
        return tuple(best), BESIDE_IT

    def _only(
        self, projects: tuple[str, ...], wanted: Wanted | None, text: Said
    ) -> tuple[tuple[Candidate, ...], float]:
        """The one indicator of these projects whose value is just of the kind asked for."""
        expected = expected_of(wanted)
        if not expected.kinds and not expected.each:
            return (), 0.0
        found = [c for c in self.phrases.all_of(projects) if expected.fits(c) == 1.0]
        if expected.unit:
            found = [c for c in found if same_unit(expected.unit, c.unit)]
        if (
            not found
            or len({c.label for c in found}) != 1
            or self.near_names.apart(Asked.of((), text.beside, wanted), found[0])
        ):
            return (), 0.0
        return tuple(found), 0.1

    def _lacks(self, word: Word, candidate: Candidate) -> bool:
        return max(word.found_in(candidate.own), word.found_in(candidate.context)) < 0.5 and len(word.text) > 1

    def measured(self, indicators: tuple[str, ...]) -> tuple[str, ...]:
        """The indicators and those that measure the same, of the same project, in other years."""
        line = "jx:project ?p . ?p jx:programme ?line OPTIONAL { ?p jx:fiscalYear ?y }"
        of = self.store.select(f"SELECT ?m ?y ?line WHERE {{ {values('i', indicators)} ?i jx:measures ?m ; {line} }}")
        years: dict[tuple[str, str], set[int | None]] = defaultdict(set)  # measure, line: in these it is known
        for r in of:
            years[r["m"], r["line"]].add(r["y"])
        # Joined in SPARQL, each would be met with all that measure the same.
        measures = values("m", sorted({m for m, _ in years}))
        rows = (
            self.store.select(f"SELECT ?m ?i ?y ?line WHERE {{ {measures} ?i jx:measures ?m ; {line} }}") if of else []
        )
        # one of the same year is of another project of that name: 公益林补偿 from two funds
        others = sorted(r["i"] for r in rows if r["y"] not in years.get((r["m"], r["line"]), {r["y"]}))
        return tuple(dict.fromkeys((*indicators, *others)))

    def projects(self, words: tuple[str, ...]) -> tuple[tuple[str, ...], float]:
        """The projects whose names hold the words."""
        said = [self.phrases.word(w) for w in words]
        found = self.phrases.projects(said)
        if not found:
            return (), 0.0
        name = self.lexicon.names[found[0][0]]
        other = sum(w.found_in(name) < 0.5 for w in said if len(w.text) > 1)  # told of it, but not in its name
        return tuple(i for i, _ in found), max(0.0, 1.0 - found[0][1]) * 1.2 + 0.25 * other


class _Linking:
    """One tree being linked."""

    def __init__(self, mentions: Mentions, text: str, spoken: Spoken | None = None) -> None:
        self.m, self.text = mentions, text
        self.cost = 0.0
        self.notes: list[str] = []
        self.several = False  # several things are asked
        self.spoken = spoken.projects if spoken else ()  # projects of the indicators that were found last
        self.before = spoken.words if spoken else ()  # the words by which they were
        self.onward = spoken is not None
        self.told = 0  # up to where the text has been gone through, of a question for several things

    def node(self, node: Any) -> Any:
        """The node with everything below it linked; None where something means nothing."""
        if isinstance(node, tuple):
            parts = tuple(self.node(p) for p in node)
            return None if any(p is None for p in parts) else parts
        if isinstance(node, Attribute):
            return self.m.funds.of_its_kind(node)
        if not hasattr(node, "__dataclass_fields__"):
            return node
        if isinstance(node, Found):
            return self._found(node)
        if isinstance(node, OnlyIn) and min(node.year, node.other) <= 0:
            return None
        if isinstance(node, InYears) or (isinstance(node, OfYear) and min(node.years) <= 0):
            return None  # of several years, where there is but one
        if isinstance(node, Renamed | Retargeted | AlsoIn | NewIn) and _year_of(node) <= 0:
            return None
        self.several = self.several or isinstance(node, Several)
        if isinstance(node, Wanted) or node.__class__.__module__.endswith("ask.query"):
            return node
        changes = {}
        for name in node.__dataclass_fields__:
            value = getattr(node, name)
            if name == "mention" or value is None:
                continue
            if isinstance(value, tuple) or hasattr(value, "__dataclass_fields__"):
                linked = self.node(value)
                if linked is None:
                    return None
                if linked is not value:
                    changes[name] = linked
        node = replace(node, **changes) if changes else node
        if isinstance(node, Table) and any(isinstance(c, Size) for c in node.within):
            rows = len(self.m.runner.run(node).items)
            return node if all(c.number == rows for c in node.within if isinstance(c, Size)) else None
        if isinstance(node, Set) and node.mention is not None:
            found = self._mentioned(node)
            sizes = [c.number for c in node.where if isinstance(c, Size)]
            return None if found is None or any(len(self.m.runner.members(found)) != n for n in sizes) else found
        if isinstance(node, Set):
            spoken = self._of_spoken(node)
            if spoken is None:
                return None
            node = _among(self._named(self._across(spoken)))
            for c in node.where:
                if isinstance(c, Size) and not self._as_many(node, c.number):
                    return None
            return self._comparable(node)
        return node

    def _as_many(self, of: Set, number: int) -> bool:
        """Whether there are so many of them; “12个项目里预算最小的三个”: or of those that they are ranked among."""
        sets = (of, replace(of, rank=None)) if of.rank else (of,)
        return any(len(self.m.runner.members(one)) == number for one in sets)

    def _comparable(self, of: Set) -> Set | None:
        """Indicators that are ranked by their targets: in one unit, or in money; None where they are not."""
        target = attributes()["indicator", "target"]
        if (
            of.cls != "indicator"
            or of.rank is None
            or of.rank.by != target
            or any(isinstance(c, BaseUnit) for c in of.where)
        ):
            return of
        names = Names()
        rows = self.m.store.select(
            prefixed(
                f"SELECT DISTINCT ?u ?per WHERE {{ {replace(of, rank=None).pattern('x', names)} ?x jx:target ?t . "
                "?t qudt:value ?n . OPTIONAL { ?t qudt:hasUnit ?u } OPTIONAL { ?t jx:per ?per } }"
            )
        )
        units = {(r["u"], r["per"]) for r in rows}
        if len(units) < 2:
            return of
        if units == {(None, None), (UNIT["yuan"], None)}:
            return replace(of, rank=replace(of.rank, by=replace(target, label="金额", kind="amount")))
        return None

    def _mentioned(self, of: Set) -> Set | None:
        mention = of.mention
        assert mention
        if mention.kind == "project":
            iris, cost = self.m.projects(mention.words)
            if not iris or (mention.expected == ONE and len({self.m.lexicon.projects[i].programme for i in iris}) > 1):
                return None
            self.cost += cost
            label = "".join(mention.words)
            return replace(of, mention=None, where=(OfProject(iris, label), *of.where))
        projects = None
        across = of.of is not None and any(isinstance(c, OfYear) for c in of.of.where) and len(self.m.lexicon.years) > 1
        scope = of.of
        if across and of.of is not None:
            scope = replace(of.of, where=tuple(c for c in of.of.where if not isinstance(c, OfYear)), rank=None)
        if scope is not None and not scope.bare:
            projects = tuple(self.m.runner.members(scope))
        text = Said(self.text, self._part(mention.words) if self.several else self.text)
        found, cost = self._beside(mention, projects, text)
        if not found:
            found, cost = self.m.indicators(mention.words, projects, mention.expected, text)
        found = self.m.for_groups(scope, found)
        if not found:
            return None
        earlier = [self.m.phrases.word(w) for w in self.before] if self.several or self.onward else []
        each = mention.expected is not None and bool(mention.expected.each) and not mention.words
        if each and earlier and max(w.found_in(c.own) for w in earlier for c in found) < HALF:
            cost += OF_ANOTHER  # so much for each of something else
        own = [w for w in mention.words if len(w) > 1 and not measures(w)]
        anywhere = of.of is None or all(isinstance(c, OfYear | Latest) for c in of.of.where)
        alone = self.several and anywhere and len(own) < 2
        if alone and self.spoken and not {c.project for c in found} & set(self.spoken):
            return None  # “抽检多少批次，合格率多少”, and there is none such of the same project
        self.before = mention.words or self.before
        self.spoken = tuple(dict.fromkeys(c.project for c in found))
        labels = list(dict.fromkeys(c.label for c in found))
        if len(labels) > 4:
            return None
        said = "".join(mention.words)
        if len(labels) > 1:
            alike = all(self.m.near_names.coordinate(self.text, found[0], c) for c in found if c.label != labels[0])
            self.cost += (ALL_ALIKE if alike else 0.4) * (len(labels) - 1)
        if not any(said in label or label in said for label in labels):
            self.notes.append(f"把“{said}”理解为“{'”“'.join(labels)}”")
        self.cost += cost
        iris = tuple(c.iri for c in found)
        if across:
            iris = self.m.measured(iris)
        where = (Is(iris, "、".join(labels)), *of.where)
        return replace(of, mention=None, where=where)

    def _part(self, said: tuple[str, ...]) -> str:
        """The part of the question in which the words stand: what tells two indicators apart (牵头, 其他) is said of
        one of them."""
        at = self.text.find(said[0], self.told) if said else -1
        if at < 0:
            return self.text
        cuts = [0, *(p for cut in entries()["cuts"] for p in places(self.text, cut)), len(self.text)]
        start, end = max(c for c in cuts if c <= at), min(c for c in cuts if c > at)
        self.told = end
        return self.text[start:end]

    def _beside(
        self, mention: Mention, scope: tuple[str, ...] | None, text: Said
    ) -> tuple[tuple[Candidate, ...], float]:
        """“要新建几处公墓，建设费用上限是多少”: of the project that the part before is of, where it has such a one."""
        near = self.spoken if scope is None else tuple(p for p in self.spoken if p in scope)
        if not (self.several or self.onward) or not near:
            return (), 0.0
        found, cost = self.m.alongside(mention, near, self.before, text)
        return (found, cost) if cost <= BESIDE else ((), 0.0)

    def _of_spoken(self, of: Set) -> Set | None:
        """“甲办多少件，群众满意度多少”: of a name that several projects have, the one of the project spoken of; None
        where it has none such."""
        name = any(isinstance(c, Named) and c.exact for c in of.where)
        dated = of.of is None or all(isinstance(c, OfYear | Latest) for c in of.of.where)
        if of.cls != "indicator" or not name or not dated or of.rank is not None:
            return of
        if (self.several or self.onward) and self.spoken:
            own = replace(of, of=Set("project", (Is(self.spoken, PREVIOUS), *(of.of.where if of.of else ()))))
            if self.m.runner.members(own):
                of = own
            elif len(self.m.phrases.projects_of(self.m.runner.members(of))) > 1:
                return None
        self.spoken = self.m.phrases.projects_of(self.m.runner.members(of)) or self.spoken
        return of

    def _across(self, of: Set) -> Set:
        """What was found before, in the years asked about now."""
        if of.cls != "project" or not any(isinstance(c, OfYear) for c in of.where):
            return of
        known = self.m.lexicon.projects
        for at, c in enumerate(of.where):
            if isinstance(c, Is) and not c.negated and all(i in known for i in c.iris):
                lines = {known[i].programme for i in c.iris}
                iris = tuple(i for i, p in known.items() if p.programme in lines)
                return replace(of, where=(*of.where[:at], replace(c, iris=iris), *of.where[at + 1 :]))
        return of

    def _named(self, of: Set) -> Set:
        """Indicators called by a name of one year, in the years asked about."""
        years = of.cls == "indicator" and of.of is not None and any(isinstance(c, OfYear) for c in of.of.where)
        if not years or len(self.m.lexicon.years) < 2:
            return of
        for at, c in enumerate(of.where):
            if isinstance(c, Named) and c.exact:
                members = self.m.runner.members(Set("indicator", (c,)))
                if members:
                    named = Is(self.m.measured(tuple(members)), c.words[0][0])
                    return replace(of, where=(*of.where[:at], named, *of.where[at + 1 :]))
        return of

    def _found(self, node: Found) -> Found:
        return replace(node, subjects=self.m.subjects(node.code))


def _each_time(candidate: Candidate, time: str) -> bool:
    """Whether a value is so much each month, each year."""
    return time in candidate.per or any(f"每{each}{time}" in candidate.own for each in ("", "人每"))


def narrowed(text: str, name: str, missing: list[Word]) -> bool:
    """Whether words that are not told of what is called so stand before its name in the question."""
    at = text.find(name)
    return at > 0 and any(0 <= text.find(w.text) < at for w in missing)


def _share(some: list[Word], of: list[Word]) -> float:
    return sum(w.weight for w in some) / (sum(w.weight for w in of) or 1)


def places(text: str, said: str) -> list[int]:
    """Where each occurrence of ``said`` ends."""
    return [at + len(said) for at in range(len(text)) if text.startswith(said, at)]


def _among(of: Set) -> Set:
    """Of indicators of some projects those that stand twice among these; of one project, twice in it."""
    owner = of.of
    if of.cls != "indicator" or owner is None or all(isinstance(c, OfYear | Latest) for c in owner.where):
        return of

    def within(c: Any) -> Any:
        if not isinstance(c, Repeated) or c.within is not None or c.place == "row":
            return c
        single = any(isinstance(o, OfProject) and not o.negated and "、" not in o.label for o in owner.where)
        return replace(c, place="row") if single else replace(c, within=owner)

    return replace(of, where=tuple(map(within, of.where)))


def _year_of(node: Any) -> int:
    year: int = (
        node.old if isinstance(node, Renamed | Retargeted) else node.other if isinstance(node, NewIn) else node.year
    )
    return year


def expected_of(wanted: Wanted | None) -> Expected:
    if wanted is None:
        return Expected(frozenset())
    kinds = set(wanted.kinds)
    if "date" in kinds:
        kinds.discard("per")  # “高标准农田什么时候建完” asks for no standard
    if kinds == {"count"} and not wanted.unit:
        return Expected(frozenset({"number"}), "", wanted.each, soft=True)  # “多少” by itself: any number
    if "time" in kinds:
        kinds |= {"frequency", "date"}  # “发放周期是多久”
    return Expected(frozenset(kinds), wanted.unit, wanted.each)
