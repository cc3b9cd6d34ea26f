"""A question as a lattice: every name, quantity, word of asking and word of content that stands in it, overlapping
where they do, each with its category, meaning and cost; and what it costs to leave each out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib import resources
from itertools import pairwise
from typing import Any

from index.matcher import Matcher
from index.segment import part_of_speech
from kg.ask.dates import words as dates
from kg.ask.lexicon import Entity, Lexicon, words
from kg.ask.link.amounts import meanings
from kg.ask.link.asks import SEVERAL, asked_elsewhere, asks, lists, measures, one_by_one
from kg.ask.link.edges import STOPS, Edge, Skip
from kg.ask.link.payers import in_any_case, payers
from kg.ask.link.shares import granted, of_fund, shares
from kg.ask.link.triggers import STRONG, entries, findings, matches, triggers, triggers_of
from kg.ask.logic.attributes import deadline
from kg.ask.logic.conditions import CalledJust, Compare, Found, HasValue, Measured, Not, WrittenUnit, in_money
from kg.ask.logic.holding import Has, Repeated, costs_and_budget
from kg.ask.logic.plain import (
    About,
    Named,
    OfConcept,
    OfDepartment,
    OfProject,
    OfType,
    OfYear,
    TargetKind,
    TargetText,
)
from kg.ask.logic.sets import Rank, Set
from kg.ask.logic.wanted import COUNTED, Wanted
from kg.ask.phrases import Phrases
from kg.ask.reading import Quantity, plain, quantities
from kg.ask.tokens import Token, Tokens
from kg.graph.departments import Department, Departments
from kg.graph.vocabulary import vocabulary
from kg.tables.numerals import numeral
from ontology import OUTCOME, UNIT

SIGNS = "≥≤<>=±"  # of comparison
TELLING, NEVER = 1.2, 3.0  # of a word of asking: what turns the answer round (没有, 超过, 最多) is not passed over
LONGEST_PARTED = 20  # characters before the 的 in a name
LONGEST_SHORT = 10  # characters of a department's short name
PART = 4  # characters at least of a part of a project's name
WRITTEN_UNIT = r"(?:以|按)?(?P<unit>(?:元|万元)/[\u4e00-\u9fff·/]{1,6}?)(?:为单位|作单位|计算|来算|来定|计|算|定)"
PAUSE = 0.12  # of a mark that parts nothing
MONEY = frozenset({"万元", "亿元", "块钱"})  # units that no name is meant by
FAR = 16  # characters at most between what a finding is about and the finding
YEARED = re.compile(r"(?P<year>20\d\d)年?$")
FARTHER = 0.5  # what it costs to take for what something comes to by how much it has changed
CONCEPTS = ("group", "fund")
OF_AMOUNTS = ("HM", "AHM", "SUP", "AGG", "RATIO")  # words that ask for an amount
CODE = re.compile(r"(?<!\d)\d{2,6}$")  # before a name
ADDED = frozenset({"ADDED"})


@dataclass(slots=True)
class Lattice:
    """The edges and skips of one question."""

    text: str
    edges: list[Edge] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    asks: list[tuple[int, int]] = field(default_factory=list)  # words that ask, each for a thing of its own
    lists: bool = False  # before them it asks which things
    measures: list[str] = field(default_factory=list)  # what is asked of one thing, where that is several
    named: int = 0  # how many things are named of which each is asked for
    by_itself: bool = False  # one of them has no words of its own
    strong: list[tuple[int, int, frozenset[str]]] = field(default_factory=list)  # (span, categories): must be used


class Linker:
    """Makes lattices of questions about one graph."""

    def __init__(self, lexicon: Lexicon, phrases: Phrases, departments: Departments) -> None:
        self.lexicon, self.phrases, self.departments = lexicon, phrases, departments
        self._forms = Matcher((form, found) for form, found in departments.forms().items())
        self._endings = frozenset(c for d in departments for c in d.label[-3:])
        self._labels = Matcher((plain(label), label) for label in lexicon.indicators)
        self._funds = Matcher(
            (form.removesuffix(word), OfConcept("fundSource", e.iris, e.label))
            for form, e in lexicon.fund_names()
            for word in entries()["fund_ends"]["words"]
            if form.endswith(word) and len(form) > len(word) + 1
        )
        named: dict[str, list[str]] = {}
        for iri, (label, _) in lexicon.types.items():
            named.setdefault(label, []).append(iri)
        self._types = Matcher(
            (plain(label).removesuffix("指标"), Set("indicator", (OfType(tuple(iris), label),)))
            for label, iris in named.items()
        )

    def lattice(self, tokens: Tokens) -> Lattice:
        text = tokens.text
        out = Lattice(text)
        year = self.lexicon.years[0] if self.lexicon.years else None
        numbers = quantities(text, year)
        for q in numbers:
            quoted = 0.25 if q.text in tokens.quoted else 0.0
            of_departments = re.match(entries()["departments"]["head"], text[q.end :])
            for category, meaning, cost in meanings(q, self.phrases, self.lexicon.years):
                if of_departments and category in ("K", "NUM"):
                    continue
                out.edges.append(Edge(q.start, q.end, category, meaning, cost + quoted, q.text))
                told = re.search(f"(?:{dates()['deadline']['name']})$", text[: q.start]) if q.kind == "date" else None
                if told:  # “完成时间在10月之后的”
                    out.edges.append(Edge(told.start(), q.end, category, meaning, cost + quoted, q.text))
                done = re.match(dates()["deadline"]["done"], text[q.end :]) if q.kind == "date" else None
                if done and not any(q.text in said for said in tokens.quoted):  # “11月底前完工的”
                    out.edges.append(Edge(q.start, q.end + done.end(), category, meaning, cost + quoted, q.text))
        for order, pattern in dates()["order"].items():
            for said in re.finditer(pattern, text):
                out.edges.append(Edge(*said.span(), "R", Rank(deadline(), order == "last"), 0.0, said[0]))
        self._departments(text, out)
        self._every_department(text, out)
        self._names(text, tokens.quoted, out)
        self._triggers(text, tokens, out)
        these = {(e.start, e.end) for e in out.edges if e.category == "THIS"}
        out.edges = [  # “…这个指标”: no indicators are asked for
            replace(e, cost=e.cost + FARTHER)
            if e.category == "N" and any(a < e.start and e.end == b for a, b in these)
            else e
            for e in out.edges
        ]
        self._by_so_much(numbers, out)
        self._short_types(text, out)
        self._short_funds(text, out)
        self._levels(text, out)
        self._payers(text, out)
        self._money(text, out)
        self._words(tokens, out)
        self._quotes(tokens, out)
        self._findings(text, tokens.quoted, out)
        self._parts(tokens, out)
        self._written(tokens, out)
        self._numbers_named(tokens, out)
        self._passed(tokens, out)
        out.asks = asks(tokens, [e for e in out.edges if e.category in ("HM", "FROMTO")])
        out.lists = lists(tokens, out.asks)
        out.measures, out.by_itself = measures(tokens.question, tokens)
        out.named = one_by_one(tokens)
        return out

    # —— names ——

    def _names(self, text: str, quoted: list[str], out: Lattice) -> None:
        for at in range(len(text)):
            longest = 0
            for end, values in matches(self.lexicon.entities, text, at):
                longest = longest or end
                for entity in values:
                    inside = 0.45 if entity.kind in ("project", "programme") else 0.12  # part of a longer name
                    short = 0.0 if end == longest else inside
                    for category, meaning, cost in self._entity(entity):
                        out.edges.append(Edge(at, end, category, meaning, cost + short, entity.label))
                        code = CODE.search(text[:at]) if entity.kind == "fund" else None
                        if code:  # “01中央直达资金”: the code is of the name
                            out.edges.append(Edge(code.start(), end, category, meaning, cost + short, entity.label))
                        dated = YEARED.search(text[:at]) if entity.kind == "fund" else None
                        if dated and text[dated.start() : end] in quoted:  # “2025年中央就业补助资金”, in quotes
                            out.edges.append(Edge(dated.start(), end, category, meaning, cost + short, entity.label))
                    if entity.kind in ("group", "indicator", "fund", "programme", "project", "type") and end == longest:
                        cost = {"group": 0.04, "indicator": 0.0, "type": 0.3, "fund": 0.3}.get(entity.kind, 0.5)
                        out.edges.append(Edge(at, end, "W", (text[at:end],), cost, entity.label))

        self._parted(text, out)

    def _parted(self, text: str, out: Lattice) -> None:
        """Names of indicators with a 的 inside: “独生子女伤残家庭的扶助标准”."""
        for particle in (i for i, c in enumerate(text) if c == "的"):
            joined = text[:particle] + text[particle + 1 :]
            for at in range(max(0, particle - LONGEST_PARTED), particle - 1):
                for end, values in matches(self.lexicon.entities, joined, at):
                    for entity in values if end > particle + 1 else ():
                        if entity.kind == "indicator":
                            for category, meaning, cost in self._entity(entity):
                                out.edges.append(Edge(at, end + 1, category, meaning, cost + 0.02, entity.label))

    def _departments(self, text: str, out: Lattice) -> None:
        """Departments by any name that fits one of them; where several fit, all of them."""
        found: dict[tuple[int, int], tuple[Department, ...]] = {}
        for at in range(len(text)):
            for end, values in matches(self._forms, text, at):
                found[at, end] = tuple(dict.fromkeys(d for these in values for d in these))
        for end in (i + 1 for i, c in enumerate(text) if c in self._endings):
            for size in range(min(LONGEST_SHORT, end), 2, -1):
                if any(b == end and end - a >= size for a, b in found):
                    break
                if these := self.departments.match(text[end - size : end]):
                    found[end - size, end] = tuple(these)
                    break
        for (start, end), named in found.items():
            inside = any(a <= start and end <= b and (a, b) != (start, end) for a, b in found)
            iris = tuple(dict.fromkeys(i for d in named for i in d.iris))
            label = "、".join(d.label for d in named)
            cost = (0.15 if inside else 0.0) + (0.1 if len(named) > 1 else 0.0)
            out.edges.append(Edge(start, end, "C", (OfDepartment(iris, label),), cost, label))
            out.skips.append(Skip(start, end, entries()["skip"]["entity"]))

    def _every_department(self, text: str, out: Lattice) -> None:
        """“两个局”, “三家单位”, “全局”: all departments, where there are so many."""
        known = {
            d.iris: d.label for d in self.departments if not any(set(d.iris) < set(e.iris) for e in self.departments)
        }
        said = entries()["departments"]
        found = [(f.span(), f["number"]) for f in re.finditer(said["counted"], text)]
        found += [(f.span(), "1") for f in re.finditer(said["own"], text)]
        for (start, end), number in found:
            if numeral(number) == len(known):
                every = OfDepartment(tuple(i for iris in known for i in iris), "、".join(known.values()))
                out.edges.append(Edge(start, end, "C", (every,), 0.0, text[start:end]))

    def _entity(self, entity: Entity) -> Iterator[tuple[str, Any, float]]:
        match entity.kind:
            case "group":
                of = OfConcept("beneficiary", entity.iris, entity.label)
                forms = kinds().get(entity.label) or ((entity.label,) if entity.label in self.lexicon.kinds else ())
                forms = tuple(form for form in forms if self.phrases.index.occurs(form))
                if forms:
                    yield "C", (of, About((forms,))), 0.0  # not all that serves its group serves it
                else:
                    yield "C", (of,), 0.0
            case "fund":
                yield "C", (OfConcept("fundSource", entity.iris, entity.label),), 0.02
            case "type":
                yield "S", Set("indicator", (OfType(entity.iris, entity.label),)), 0.0
            case "project" | "programme":
                iris = self._latest(entity.iris)
                cost = 0.0 if entity.kind == "project" else 0.03
                yield "S", Set("project", (OfProject(iris, entity.label),)), cost
            case "indicator":
                yield "S", Set("indicator", (Named(((entity.label,),)),)), 0.06

    def _latest(self, iris: tuple[str, ...]) -> tuple[str, ...]:
        return iris

    def _short_types(self, text: str, out: Lattice) -> None:
        """Types without the word that they end with: “产出、效益、满意度指标”. Only beside other types."""
        for at in range(len(text)):
            for end, values in matches(self._types, text, at):
                out.edges += [Edge(at, end, "TY", of, 0.02, text[at:end]) for of in values if end - at > 1]
                break

    def _short_funds(self, text: str, out: Lattice) -> None:
        """Funds without the word that they end with, beside one that has it: “中央或省级资金”."""
        ends = entries()["fund_ends"]
        fund = next((e.end for e in out.edges if of_fund(e) and text[: e.end].endswith(tuple(ends["words"]))), 0)
        if not fund:
            return
        for at in range(len(text)):
            for end, values in matches(self._funds, text, at):
                if re.match(ends["joined"], text[end:]) and not any(
                    e.start <= at and end < e.end and of_fund(e) for e in out.edges
                ):
                    out.edges += [Edge(at, end, "C", (c,), -0.03, text[at:end]) for c in values]
                break

    def _levels(self, text: str, out: Lattice) -> None:
        """“中央的有多少，省级的又有多少”: the funds of a level of government, by its name alone."""
        levels = entries()["fund_levels"]
        for level, name in levels["names"].items():
            fund = next((e for e in self.lexicon.entities.get(name) if e.kind == "fund"), None)
            spent = f"{levels['before']}{level}{levels['money']}"
            for said in re.finditer(f"{level}(?={levels['ends']})|{spent}", text) if fund else ():
                longer = (e for e in out.edges if e.start <= said.start() and said.end() < e.end and e.category in "CS")
                if fund and not any(longer):
                    concept = (OfConcept("fundSource", fund.iris, fund.label),)
                    out.edges.append(Edge(said.start(), said.end(), "C", concept, 0.06, said[0]))

    def _payers(self, text: str, out: Lattice) -> None:
        """“企业自筹”, “乡镇自己掏的钱”: what others than the treasury pay, by the words of the purpose."""
        which = {p for e in out.edges if e.category in ("WHICH", "NW") for p in range(e.start, e.end)}
        amount = any(e.category in OF_AMOUNTS and e.start not in which for e in out.edges)
        for start, end, paid in payers(text):
            said = text[start:end]
            if any(e.start <= start and end <= e.end and e.end - e.start > end - start for e in out.edges):
                continue  # part of a name
            out.edges.append(Edge(start, end, "A", paid, -0.02 if amount else 0.3, said))
            if not amount:  # “哪些项目企业也要自己掏钱”
                out.edges.append(Edge(start, end, "C", (Compare(in_any_case(paid), ">", None),), -0.05, said))
            if not any(said in plain(label) for label in self.lexicon.indicators):
                out.strong.append((start, end, frozenset({"A", "C"})))

    def _money(self, text: str, out: Lattice) -> None:
        """Shares of funds, and what was granted."""
        for edge in [*shares(text, out.edges, self.lexicon), *granted(text, out.edges)]:
            out.edges.append(edge.edge)
            if edge.strong:
                out.strong.append(edge.strong)

    def _parts(self, tokens: Tokens, out: Lattice) -> None:
        """Parts of the names of projects: the longest from each place that some name holds."""
        text = tokens.text
        starts = sorted({t.start for t in tokens.items})
        ends = sorted({t.end for t in tokens.items})
        reached = 0
        for at in starts:
            for end in reversed([e for e in ends if e - at >= PART and e > reached]):
                part = text[at:end]
                held = self.lexicon.holding(part)
                if not held or all(t.quantity for t in tokens.items if at <= t.start and t.end <= end):
                    continue
                lines = {self.lexicon.projects[i].programme for i in held}
                out.edges.append(
                    Edge(at, end, "S", Set("project", (OfProject(held, part),)), 0.1 if len(lines) == 1 else 0.3, part)
                )
                reached = end
                break

    # —— words of asking ——

    def _triggers(self, text: str, tokens: Tokens, out: Lattice) -> None:
        starts = {t.start for t in tokens.items}
        ends = {t.end for t in tokens.items}
        inside = {p for t in tokens.items if t.kind == "word" and t.end - t.start == 2 for p in (t.start, t.start + 1)}
        base = [(t.start, t.end) for t in tokens.items if t.roles or t.entity]
        cut = {e.end for e in out.edges if e.category == "C" and isinstance(e.meaning[0], OfDepartment)}  # 住建|有
        some = 0  # up to where it is told of which few: “那几个” asks for no number
        for at in range(len(text)):
            longest = 0
            for end, values in matches(triggers(), text, at):
                longest = longest or end
                if end == at + 1 and at in inside and at not in cut and not (at in starts and end in ends):
                    continue  # one character of a word is none
                short = 0.0 if end == longest else 0.16
                if any(a <= at and end <= b and (a, b) != (at, end) for a, b in base):
                    short += 0.2  # a part of a longer word of asking
                if end == at + 1 and values[0].category == "NOT" and self.phrases.known(text[at : end + 1]):
                    short += 0.5  # 非遗, 无障碍: a part of a word
                if any(t.category == "SOME" for t in values) and end > at + 2:
                    some = max(some, end)
                for t in values:
                    if t.category in ("CNT", "HM") and end <= some and at > 0:
                        continue
                    if t.category == "AHM" and self._counts(text, end):
                        continue  # “安排多少人”
                    if (
                        t.category == "HM"
                        and t.meaning.kinds == ("money",)
                        and not t.meaning.shown
                        and self._counts(text, end)
                    ):
                        continue  # “补多少台” asks for no money
                    if t.category == "OUTCOME":
                        reached = HasValue(
                            "outcome", f"{OUTCOME}{t.meaning}", "完成" if t.meaning == "met" else "未完成"
                        )
                        out.edges.append(Edge(at, end, "C", (reached,), t.cost + short, t.said))
                        continue
                    if t.category == "ALLMET":
                        met = (HasValue("outcome", f"{OUTCOME}met", "完成"),)
                        out.edges.append(Edge(at, end, "ALLMET", met, t.cost + short, t.said))
                        continue
                    if t.category == "REPEATED":
                        out.edges.append(Edge(at, end, "C", (Repeated(),), t.cost + short, t.said))
                        continue
                    if t.category == "YEAR":
                        years = self._years(t.meaning)
                        if years:
                            out.edges.append(Edge(at, end, "C", (OfYear(years),), t.cost + short, t.said))
                        continue
                    out.edges.append(Edge(at, end, t.category, t.meaning, t.cost + short, t.said))
                    if t.category == "NOT" and t.said in entries()["closing"] and not text[end:].strip(STOPS):
                        out.edges.append(Edge(at, end, "YN", "yesno", 0.02, t.said))
                    if t.category in ("DIFF", "CHGHM") and (unit := self._counted(text, end)):
                        out.edges.append(
                            Edge(at, unit, t.category, t.meaning, t.cost + short, t.said)
                        )  # “多了多少人次”
                strong = frozenset(t.category for t in values if t.skip >= STRONG)
                if strong == ADDED and any(text[at:end] in label for label in self.lexicon.indicators):
                    strong = frozenset()  # “新增助餐点多少个”: a part of a name, too
                if strong and end == longest and short < 0.2:
                    out.strong.append((at, end, strong))
                which = values[0].category == "N" and any(e.category == "WHICH" and e.end == at for e in out.edges)
                if end - at >= 2 and not which and self.phrases.known(text[at:end]):  # 哪个项目: no word of a name
                    out.edges.append(Edge(at, end, "W", (text[at:end],), 0.14, text[at:end]))

    def _by_so_much(self, numbers: list[Quantity], out: Lattice) -> None:
        """“增加超过10%”, “减少了50万元以上”: by how much something has changed, and hardly what it comes to."""
        for q in numbers:
            changed = any(e.category == "CHG" and out.text[e.end : q.start].strip("了幅度的") == "" for e in out.edges)
            counted = any(e.category == "N" and e.meaning in CONCEPTS and e.end == q.start for e in out.edges)
            if q.kind == "amount" and counted:  # “服务对象超过3类的”: how many of them, and no target
                out.edges = [
                    replace(e, cost=e.cost + FARTHER) if (e.start, e.end) == (q.start, q.end) else e for e in out.edges
                ]
            if q.kind in ("percent", "money") and changed and q.number is not None:
                out.edges = [
                    replace(e, cost=e.cost + FARTHER) if (e.start, e.end) == (q.start, q.end) else e for e in out.edges
                ]
                out.edges.append(Edge(q.start, q.end, "BYSO", q, 0.0, q.text))

    def _counts(self, text: str, at: int) -> bool:
        """Whether a unit that counts things follows."""
        return bool(self._counted(text, at))

    def _counted(self, text: str, at: int) -> int:
        """Where the unit that counts things and starts here ends; 0 where none does."""
        for size in (3, 2, 1):
            for iri in vocabulary().units.matcher.get(text[at : at + size]) if at + size <= len(text) else ():
                if vocabulary().multipliers[iri][1] != UNIT["yuan"]:
                    return at + size
        return 0

    def _years(self, which: str) -> tuple[int, ...]:
        years = self.lexicon.years
        if not years:
            return ()
        if which == "this":
            return (years[0],)
        if which == "last":
            return (years[0] - 1,)
        return tuple(years) if len(years) > 1 else ()

    # —— words of content ——

    def _words(self, tokens: Tokens, out: Lattice) -> None:
        spans = {(t.start, t.end) for t in tokens.items}
        for start, end in self.phrases.index.segmenter.spans(tokens.text, guess=False):
            said = tokens.text[start:end]
            if end - start >= 2 and (start, end) not in spans and said not in MONEY and self.phrases.known(said):
                out.edges.append(Edge(start, end, "W", (said,), 0.06, said))
        for number in re.finditer(f"[{''.join(entries()['counted'])}]数(?!量)", tokens.text):  # 户数, 场数
            out.edges.append(Edge(number.start(), number.end(), "W", (number[0],), 0.05, number[0]))
        nouns = {t.end for t in tokens.items if t.kind in ("word", "light", "entity") and t.end - t.start > 1}
        for e in [e for e in out.edges if e.category == "PER"]:  # 危房|户均
            for t in tokens.items:
                if t.start < e.start < t.end < e.end and self.phrases.known(rest := tokens.text[t.start : e.start]):
                    out.edges.append(Edge(t.start, e.start, "W", (rest,), 0.02, rest))
        for t in tokens.items:
            if t.roles == ("rate",):
                out.edges.append(Edge(t.start, t.end, "W", (t.text,), 0.03, t.text))  # 服药率, 办结率
            if t.kind == "word":
                out.edges.append(Edge(t.start, t.end, "W", (t.text,), 0.0, t.text))
            if t.text in words()["tails"]["words"] and t.kind == "light" and t.start in nouns:
                out.edges.append(Edge(t.start, t.end, "W", (t.text,), 0.02, t.text))  # 服务|费: money is meant
            if t.kind == "light" and t.end - t.start > 1 and self.phrases.known(t.text):
                out.edges.append(Edge(t.start, t.end, "W", (t.text,), 0.04, t.text))  # 时间, 数量: of many names
            if t.kind == "word" or (t.entity and t.entity.kind in ("group", "indicator", "fund")):
                word = self.phrases.word(t.text)
                forms = (word.text, *word.forms)
                if self.phrases.known(t.text):
                    cost = 0.0 if t.kind == "word" else 0.1
                    out.edges.append(Edge(t.start, t.end, "TOPIC", (About((forms,)),), cost, t.text))
                out.edges.append(Edge(t.start, t.end, "FORMS", (forms,), 0.0, t.text))

    def _numbers_named(self, tokens: Tokens, out: Lattice) -> None:
        """In keywords what says that a number of things is meant: “慰问人数”, “贴息 企业数”, “改造长度 公里”."""
        if any(c in tokens.text for c in entries()["interrogative"]) or any(e.category == "YN" for e in out.edges):
            return
        for number in re.finditer(f"[{''.join(entries()['counted'])}]数(?!量)", tokens.text):
            unit = Wanted(("count",), number[0][:1])
            out.edges.append(Edge(number.start(), number.end(), "HM", unit, 0.06, number[0]))
        for before, t in pairwise(tokens.items):
            named = before.kind == "word" or (before.entity is not None and before.entity.kind == "group")
            if t.text in words()["counting_tails"]["alone"] and named:
                out.edges.append(Edge(t.start, t.end, "HM", Wanted(("count", COUNTED)), 0.08, t.text))
        last = tokens.items[-1] if tokens.items else None
        if last is not None and last.kind == "word" and f" {last.text}" in tokens.question:
            units = vocabulary().units.matcher.get(last.text)
            if units and vocabulary().multipliers[units[0]][1] != UNIT["yuan"]:
                out.edges.append(Edge(last.start, last.end, "HM", Wanted(("count",), last.text), 0.4, last.text))

    def _quotes(self, tokens: Tokens, out: Lattice) -> None:
        for said in tokens.quoted:
            at = tokens.text.find(said)
            if at < 0:
                continue
            end = at + len(said)
            out.edges.append(Edge(at, end, "QUOTE", ((said,),), 0.0, said))
            out.edges.append(Edge(at, end, "W", (said,), 0.02, said))
            if forms := self.phrases.written(said):
                out.edges.append(Edge(at, end, "C", (TargetText(said, forms),), 0.0, said))
            if self.phrases.known(said):
                out.edges.append(Edge(at, end, "TOPIC", (About(((said,),)),), 0.02, said))
            if "/" in said and vocabulary().units.matcher.get(said.partition("/")[0]):
                out.edges.append(Edge(at, end, "C", (WrittenUnit(said),), 0.0, said))

    def _findings(self, text: str, quoted: list[str], out: Lattice) -> None:
        """What a check finds, however it is put: “漏写单位”, “成本…与预算对不上”."""
        for finding, patterns in findings():
            found = max((s for p in patterns if (s := p.search(text))), key=lambda s: s.end() - s.start(), default=None)
            if found is None:
                continue
            at, end = found.span()
            if any(e.category in ("DIFF", "CHGHM") and e.start < end < e.end for e in out.edges):
                continue  # “比预算少多少”: by how much is asked
            places = [text.rfind(n, 0, end) for n in finding.get("needs", ())]
            if not any(p < 0 or at - p > FAR for p in places):
                sums = finding.get("sums")
                said: Any = costs_and_budget(sums) if sums else Found(finding["code"], found[0], of=finding["of"])
                out.edges.append(Edge(min((*places, at)), end, "C", (said,), 0.0, found[0]))
        for entry in entries()["repeated"]:
            for said in re.finditer(entry["pattern"], text):
                if SEVERAL in said[0] and not asked_elsewhere(text, said.span()):
                    continue  # “出现在几个项目里”: how many is asked
                again = Repeated(entry.get("place", "project"), differs=entry.get("differs", False))
                meaning: Any = Set("indicator", (again,)) if entry["category"] in ("S", "SBOTH") else (again,)
                out.edges.append(
                    Edge(said.start(), said.end(), entry["category"], meaning, entry.get("cost", -0.02), said[0])
                )
        self._called(text, quoted, out)
        self._from_to(text, out)
        for entry in entries()["target_kind"]:
            for said in re.finditer(entry["pattern"], text):
                kind = in_money() if entry["kind"] == "money" else TargetKind(entry["kind"])
                out.edges.append(Edge(said.start(), said.end(), "C", (kind,), 0.0, said[0]))
        for said in re.finditer(entries()["no_total"]["pattern"], text):
            costs = costs_and_budget("<").of
            total = replace(costs, where=(*costs.where, in_money()))
            out.edges.append(Edge(said.start(), said.end(), "C", (Has(costs), Has(total, "=", 0)), -0.02, said[0]))
        for said in re.finditer(entries()["unquantified"]["pattern"], text):
            out.edges.append(Edge(said.start(), said.end(), "C", (TargetKind("text"),), 0.0, said[0]))
        for said in re.finditer(entries()["none_quantified"]["pattern"], text):
            none = Has(Set("indicator", (Not((TargetKind("text"),)),)), "=", 0)
            if any(
                e.category == "N" and e.meaning == "project" for e in out.edges
            ):  # of projects, no indicator is meant
                out.edges = [
                    replace(e, cost=e.cost + FARTHER) if _worded(e) and said.start() <= e.start < said.end() else e
                    for e in out.edges
                ]
            out.edges.append(Edge(said.start(), said.end(), "C", (Has(Set("indicator")), none), -0.02, said[0]))
        for said in re.finditer(entries()["quantified"]["pattern"], text):
            out.edges.append(Edge(said.start(), said.end(), "C", (Not((TargetKind("text"),)),), 0.0, said[0]))

    def _from_to(self, text: str, out: Lattice) -> None:
        """“从多少涨到多少”: asks for the values of two years, the year before and the latest where none is named."""
        words_ = entries()["from_to"]
        for category, pattern in (("FROMTO", words_["pattern"]), ("CHANGED", words_["changed"])):
            for said in re.finditer(pattern, text):
                groups = said.groupdict()
                years = (groups["old"] or groups.get("older"), groups["new"] or groups.get("newer"))
                named = [re.match(r"(20\d\d)年$", year or "") for year in years]
                old, new = (int(year[1]) if year else at for year, at in zip(named, (-1, 0), strict=True))
                money = re.match(words_["money"], text[said.end() :])
                end = said.end() + (money.end() if money else 0)
                counted = self._counted(text, said.end()) if category == "FROMTO" and not money else 0
                wanted = Wanted(("count",), text[said.end() : counted]) if counted else Wanted()
                meaning = ((old, new), Wanted(("money",)) if money and category == "FROMTO" else wanted)
                out.edges.append(Edge(said.start(), counted or end, category, meaning, -0.02, said[0]))

    def _called(self, text: str, quoted: list[str], out: Lattice) -> None:
        """“三级指标名称只填了其他两个字”: indicators called just so."""
        words_ = entries()["called"]
        for said in re.finditer(words_["head"], text):
            ends = (said.end(), said.end() - 1)
            named = (f for end in ends for f in matches(self._labels, text, end))
            none = ((end + len(q), (q,)) for end in ends for q in quoted if text.startswith(q, end))  # no table has it
            found = next(named, None) or next(none, None)
            if found is None:
                continue
            end, forms = found
            tail = re.match(words_["tail"], text[end:])
            if not said["name"] and not tail:
                continue
            meaning = (CalledJust(forms[0], tuple(forms)),)
            last = end + (tail.end() if tail else 0)
            out.edges.append(Edge(said.start(), last, "C", meaning, -0.02, said[0]))
            if said["name"]:  # “哪些指标的名称只写了…”
                out.edges.append(Edge(said.start("name"), last, "C", meaning, 0.0, said[0]))

    def _written(self, tokens: Tokens, out: Lattice) -> None:
        """“以元/吨为单位”, “目标值写作≥90%”, “多久发放一次”: forms that stand around other words."""
        said = re.search(words()["written_value"]["pattern"], tokens.text)
        if said and (forms := self.phrases.written(said["value"])):
            meaning = (TargetText(said["value"], forms),)
            out.edges.append(Edge(said.start(), said.end(), "C", meaning, 0.0, said[0]))
        few = {p for e in out.edges if e.category == "SOME" for p in range(e.start + 1, e.end)}
        for asked in re.finditer(r"(?:多少|几)(?P<unit>[\u4e00-\u9fff]{1,3})", tokens.text):
            if asked.start() in few:
                continue  # “那几个” asks for no number
            for size in range(len(asked["unit"]), 0, -1):
                unit = asked["unit"][:size]
                unit = entries()["units"].get(unit, unit)
                found = vocabulary().units.matcher.get(unit)
                if found and vocabulary().multipliers[found[0]][1] != UNIT["yuan"]:
                    end = asked.start("unit") + size
                    if any(e.start == asked.start() and e.end > end and _of_money(e) for e in out.edges):
                        break  # 几块钱
                    time = unit in words()["time_units"]["words"]
                    kinds = ("time", "date") if time else ("count", "frequency") if unit == "次" else ("count",)
                    # 多少 alone, and 亩 as a word, say less than 多少亩
                    _dearer(out, asked.start(), 0.12, partial(_ends_before, end))
                    span = (asked.start("unit"), end) if size == 1 else (end, end)  # 多少亩: 亩 is no word of a name
                    out.edges = [e for e in out.edges if e.category not in ("W", "TOPIC") or (e.start, e.end) != span]
                    out.edges.append(Edge(asked.start(), end, "HM", Wanted(kinds, "" if time else unit), 0.0, asked[0]))
                    for t in tokens.items:  # “多少台老旧农机”: 台老旧 is no word
                        rest = tokens.text[end : t.end]
                        if t.kind == "word" and t.start < end < t.end - 1 and self.phrases.known(rest):
                            out.edges.append(Edge(end, t.end, "W", (rest,), 0.0, rest))
                    break
        for t in tokens.items:  # “培训多少林农”: how many, and no share or standard
            things = t.entity is not None and t.entity.kind == "group"
            for at, e in enumerate(out.edges) if things else ():
                if e.category == "HM" and e.end == t.start and e.meaning == Wanted(("count",)):
                    out.edges[at] = replace(e, meaning=Wanted(("count", COUNTED)))
        for paid in re.finditer(rf"(?<=[{entries()['paying']}])(?:多少|几)", tokens.text):
            if not self._counted(tokens.text, paid.end()):  # “能补多少”: 补 is not passed over
                _dearer(out, paid.start(), 0.15, lambda e: e.meaning.kinds != ("money",))
        for within in re.finditer(words()["times_within"]["pattern"], tokens.text):  # “一个月发几次”
            _dearer(out, within.start("times"), 0.3, lambda _: True)
            often_in = Wanted(("frequency",), "次", within["period"])
            out.edges.append(Edge(within.start("times"), within.end("times"), "HM", often_in, -0.05, within[0]))
        often = re.search(words()["how_often"]["pattern"], tokens.text)
        if often:
            out.edges.append(Edge(often.start(), often.end(), "HM", Wanted(("frequency",)), 0.0, often[0]))
        for shown in re.finditer(entries()["shown"]["pattern"], tokens.text):
            unit = shown["unit"] or shown["only"] or ""
            out.edges.append(Edge(shown.start(), shown.end(), "SHOWN", unit, 0.0, shown[0]))
            if unit in ("", "万元"):  # as it is shown anyway
                out.skips.append(Skip(shown.start(), shown.end(), PAUSE))
        for measured in re.finditer(WRITTEN_UNIT, tokens.text):
            condition = (WrittenUnit(measured["unit"]),)
            out.edges.append(Edge(measured.start(), measured.end(), "C", condition, -0.02, measured["unit"]))
            told = re.search(entries()["by_unit"]["before"], tokens.text[: measured.start()])
            if told:  # “标准按元/吨计的”
                out.edges.append(Edge(told.start(), measured.end(), "C", condition, -0.02, measured["unit"]))
        for counted in re.finditer(entries()["by_unit"]["pattern"], tokens.text):
            units = counted["units"] + counted["more"]
            each = tuple(p for p in re.split("每个?|单", units.removesuffix("均")) if p)
            money = any(p in MONEY or p == "元" for p in each) and "单位" not in counted[0]
            if not money and all(map(_countable, each)):
                unit = each[0] if units == each[0] or units == f"个{each[0]}" else ""
                measured_in = Measured(unit, each, units)
                out.edges.append(Edge(counted.start(), counted.end(), "C", (measured_in,), -0.02, counted[0]))
        for named in re.finditer(entries()["by_unit"]["units_of"], tokens.text):
            unit, start = named["unit"] or named["noun"], named.start()
            if named["noun"] and not vocabulary().units.matcher.get(unit):  # “发放人次指标”
                unit, start = unit[-2:], named.end("noun") - 2
            if vocabulary().units.matcher.get(unit):
                out.edges.append(Edge(start, named.end(), "C", (Measured(unit, (unit,), unit),), -0.02, unit))
        for standard in re.finditer(entries()["by_unit"]["standard"], tokens.text):
            each = tuple(p for p in re.split("每个?", standard["each"]) if p)
            if all(map(_countable, each)):
                per = Set("indicator", (Measured("", each, standard["each"]),))
                out.edges.append(Edge(standard.start(), standard.end(), "PERS", per, -0.02, standard[0]))
        for written in re.finditer(r"(?:元|万元)/([\u4e00-\u9fff·]{1,6}?)(?=为单位|计|的|$|算|定|作单位)", tokens.text):
            unit = written[0]
            out.edges.append(Edge(written.start(), written.end(), "C", (WrittenUnit(unit),), 0.0, unit))

    # —— what may be left out ——

    def _passed(self, tokens: Tokens, out: Lattice) -> None:
        costs = entries()["skip"]
        skips = entries()["skips"]
        names = {t.start for t in tokens.items if t.entity}
        at = 0
        for t in tokens.items:
            self._gap(tokens.text, at, t.start, out)
            cost = self._skip(t, costs, skips, tokens.quantities_said())
            if t.end in names and t.kind == "word" and not triggers_of(t.text):
                cost = max(cost, costs["narrowing"])
            out.skips.append(Skip(t.start, t.end, cost))
            at = t.end
            if t.entity:
                places = (p for p in range(t.start, t.end) if tokens.text[p] == "的")
                out.skips += [Skip(p, p + 1, 2 * costs["light"]) for p in places]
            if t.roles == ("budget",):
                for a in range(t.start, t.end):
                    for b in range(a + 1, t.end + (a > t.start)):
                        if tokens.text[a:b] in self.lexicon.light:
                            out.skips.append(Skip(a, b, 2 * costs["light"]))
        self._gap(tokens.text, at, len(tokens.text), out)
        spans = {(t.start, t.end) for t in tokens.items}
        for t in tokens.items:  # “是从|哪天到哪天”
            for e in [e for e in out.edges if e.category in ("HM", "NW") and t.start < e.start < t.end < e.end]:
                if (t.kind == "word" or e.category == "NW") and tokens.text[t.start : e.start] in self.lexicon.light:
                    out.edges.append(replace(e, start=t.start, cost=e.cost + 2 * costs["light"]))
        for edge in list(out.edges):
            # words of asking that stand across the tokens
            if (edge.start, edge.end) not in spans and edge.category in (
                "REL",
                "DIST",
                "EACH",
                "GROUPED",
                "ALL",
                "SEP",
                "AND",
                "SKIPPED",
            ):
                cost = next((t.skip for t in triggers_of(tokens.text[edge.start : edge.end])), 1.0)
                if not tokens.text[edge.start :].strip(STOPS):
                    cost = min(cost, PAUSE)  # it ends the question
                out.skips.append(Skip(edge.start, edge.end, cost))

    def _gap(self, text: str, start: int, end: int, out: Lattice) -> None:
        for at in range(start, end):
            if text[at] in SIGNS:
                out.skips.append(Skip(at, at + 1, NEVER))
                continue
            pause = [t.skip for t in triggers_of(text[at])] if text[at:].strip(STOPS) else []
            out.skips.append(Skip(at, at + 1, max(pause, default=entries()["skip"]["punctuation"])))

    def _skip(self, t: Token, costs: dict[str, float], skips: dict[str, float], numbers: list[Quantity]) -> float:
        listed = [x.skip for x in triggers_of(t.text)]
        if t.quantity is not None:
            again = any(
                q.number == t.quantity.number and q.start < t.start for q in numbers if q.kind == t.quantity.kind
            )
            return float(costs["light"] if again else costs["quantity"])  # “92%以上（含92%）”
        if t.entity is not None:
            return float(costs["entity"])
        if listed:
            cost = max(listed) if t.kind != "light" or max(listed) >= 0.5 else min(listed)
            return NEVER if cost >= TELLING else cost
        if self._types.get(t.text):
            return float(costs["type"])
        if t.kind == "light":
            return float(costs["light"])
        if t.kind == "word":
            if len(t.text) == 1:
                return float(costs["character"])
            if part_of_speech(t.text)[0] in "vdazup":
                return float(costs["verb"] if self.phrases.known(t.text) else costs["unknown_verb"])
            return float(costs["word"])
        return max((skips.get(role, 1.0) for role in t.roles), default=1.0)


@cache
def kinds() -> dict[str, tuple[str, ...]]:
    """Names of but some of a group, in normal form, each with all names of those, itself first."""
    rows = tomllib.loads(resources.files("kg.ask.link").joinpath("kinds.toml").read_text("utf-8"))["kinds"]
    alike = [tuple(dict.fromkeys(map(plain, row))) for row in rows]
    return {name: tuple(dict.fromkeys((name, *row))) for row in alike for name in row}


def _countable(noun: str) -> bool:
    """Whether something may be said of each of these: 人, 亩, 床."""
    return bool(vocabulary().units.matcher.get(noun)) or noun in entries()["counted"]


def _worded(edge: Edge) -> bool:
    return edge.category == "C" and edge.meaning == (TargetKind("text"),)


def _of_money(edge: Edge) -> bool:
    return edge.category == "HM" and edge.meaning.kinds == ("money",)


def _ends_before(end: int, edge: Edge) -> bool:
    return edge.end < end


def _dearer(out: Lattice, start: int, more: float, which: Callable[[Edge], bool]) -> None:
    """Words of asking that start here cost more."""
    for at, edge in enumerate(out.edges):
        if edge.category == "HM" and edge.start == start and which(edge):
            out.edges[at] = replace(edge, cost=edge.cost + more)
