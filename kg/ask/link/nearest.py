"""What a question means where no rule reads it: the one indicator that all of its words together come nearest to.

Lay words (“没爹没妈的孩子”, “得排几天队”) stand in no list, yet the whole of a question mostly has one indicator that it
can be about: by the words they share (or by what ``lay.toml`` knows lay people call so), by what the value is (a sum for each person, a number of days), by the nearness
of their embeddings and of their project's. A conditional logit (McFadden 1974) over those features ranks the
candidates; a logistic model of the best one's features says how likely it is right. One of them is how the question
talks: who speaks plainly calls things by other names than the tables do; a term of theirs that stands in none is
another thing. The weights stand in ``nearest.toml``; ``python -m benchmarks.nearest`` fits them.

Only a question that asks for one value is read so: whatever else it says (a comparison, a sum, a condition) has to be
read by the rules or not at all.
"""

from __future__ import annotations

import math
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import zip_longest
from typing import Any

from index.matcher import Matcher
from index.segment import part_of_speech
from kg.ask import logistic
from kg.ask.lexicon import Lexicon
from kg.ask.link.edges import Edge
from kg.ask.link.lattice import Lattice
from kg.ask.link.mentions import expected_of, narrowed
from kg.ask.link.near_names import Asked, NearNames
from kg.ask.link.triggers import entries
from kg.ask.logic.attributes import attributes
from kg.ask.logic.conditions import Is
from kg.ask.logic.plain import OfConcept, OfDepartment, OfProject, OfYear
from kg.ask.logic.sets import Set
from kg.ask.logic.values import Each, List
from kg.ask.logic.wanted import Wanted
from kg.ask.phrases import HALF, MANY_NEAR, Candidate, Expected, Phrases, Word, holding, same_unit
from kg.ask.reading import Quantity, plain
from kg.ask.tokens import Token, Tokens

ASKING = ("HM", "PER", "LIM")  # categories of words that say what kind of value is asked for
OTHER = ("A", "AW", "AHM")  # those that ask for something else
SAYS_LITTLE = 0.5  # cost of leaving a word out, up to which the question is still the same
FLOOR = 0.8  # cosine of what is not among the nearest, where nothing is
COUNTING = ("几", "多")  # 几天, 多少小时
UNHELD = 0.5  # the most of a candidate without a number that was said
OF_A_WORD = frozenset({"more", "less", "not"})  # roles of characters that may be part of a word: 大喇叭, 没妈
NOUNS = "nlij"  # parts of speech
FAR, LEAST = 3.0, 1e-4  # a lead that is not told from a longer one; a chance from none
CASUAL = 3  # words of everyday speech, beyond which more say nothing more
ALIKE = 0.35  # of the score: candidates of one name that are this near to the best are meant, too
FEATURES = {
    "indicator": ("own", "around", "fits", "fit", "each", "meaning", "project"),
    "project": ("own", "around", "within", "whole", "meaning", "below"),
}
Featured = tuple[Candidate, dict[str, float]]
LEVELS = frozenset(entries()["fund_levels"]["names"].values())
NAMES = frozenset({"group", "indicator", "fund", "project", "programme", "type"})


@cache
def model() -> dict[str, Any]:
    return tomllib.loads(resources.files("kg.ask.link").joinpath("nearest.toml").read_text("utf-8"))


@cache
def lay() -> Matcher[str]:
    """What lay people say → the ways in which tables may put it."""
    words = tomllib.loads(resources.files("kg.ask.link").joinpath("lay.toml").read_text("utf-8"))["words"]
    return Matcher((plain(said), plain(form)) for said, forms in words.items() for form in forms)


@dataclass(frozen=True, slots=True)
class Gist:
    """What a question comes to without its structure: its telling words, what value it asks for, whose and of when,
    and what had to be left out (in the cost of leaving it out)."""

    question: str
    text: str  # of it, what is compared in meaning
    of: str  # indicator: the value of one; project: which one; budget: that of one
    words: tuple[Word, ...]
    wanted: Wanted
    departments: tuple[str, ...]
    years: tuple[int, ...]
    left: float
    timed: bool  # how many days or hours


@dataclass(frozen=True, slots=True)
class _Scope:
    departments: tuple[str, ...]
    years: tuple[int, ...]
    told: set[int]


@dataclass(frozen=True, slots=True)
class Near:
    """The candidates that a question is about, all of one name, how sure that is, and the features it was told by."""

    of: str
    candidates: tuple[Candidate, ...]
    sure: float
    features: dict[str, float]
    years: tuple[int, ...] = ()
    lacking: tuple[str, ...] = ()  # words of the question that they do not hold

    @property
    def enough(self) -> bool:
        """Whether it is sure enough to answer by."""
        return self.of != "budget" and bool(self.sure >= model()["answered" if self.of == "indicator" else "named"])

    @property
    def confidence(self) -> float:
        """How sure to say that an answer by meaning is."""
        return min(float(model()["most"]), self.sure)

    @property
    def iris(self) -> tuple[str, ...]:
        return tuple(c.iri for c in self.candidates)

    @property
    def label(self) -> str:
        return self.candidates[0].label

    @property
    def project(self) -> Set:
        return Set("project", (OfProject(self.iris, self.label),))

    @property
    def value(self) -> Each | List:
        """The value to answer by: the target of an indicator, or the project."""
        if self.of == "project":
            return List(self.project)
        of = Set("project", (OfYear(self.years),)) if len(self.years) > 1 else None
        return Each(Set("indicator", (Is(self.iris, self.label),), of), (attributes()["indicator", "target"],))


class Nearest:
    """Finds what questions about one graph come nearest to."""

    def __init__(self, lexicon: Lexicon, phrases: Phrases) -> None:
        self.lexicon, self.phrases = lexicon, phrases
        self.near_names = NearNames(lexicon, phrases)

    def near(self, tokens: Tokens, lattice: Lattice) -> Near | None:
        """What a question comes nearest to; None where it asks for more than one thing, or there is nothing."""
        gist = self.gist(tokens, lattice)
        return self.find(gist) if gist else None

    def gist(self, tokens: Tokens, lattice: Lattice) -> Gist | None:
        """None where the question says something that is neither a word of content nor of asking for one thing."""
        scope = self._scope(lattice)
        if any(e.category == "C" and level(e.meaning) for e in lattice.edges):
            return None  # “中央出了多少钱” asks for a share of what a project is given
        if any(e.category == "A" and e.meaning.told for e in lattice.edges):
            return None  # nor “企业自己掏了多少” for an indicator
        if len(lattice.asks) > max(1, len(scope.years)) or any(
            e.category == "DIST" and e.end - e.start > 1 for e in lattice.edges
        ):
            return None  # it asks for several things, or for one of each: 分别
        asking = [e for e in lattice.edges if e.category in ASKING and isinstance(e.meaning, Wanted)]
        asking = [e for e in asking if not any(_inside(e, other) for other in asking)]
        which = [e for e in lattice.edges if e.category in ("N", "NW") and e.meaning == "project"]
        of = "indicator"
        money = [e for e in asking if e.category == "HM" and e.meaning.kinds == ("money",)]
        if money and which and all(e in money for e in asking):
            asking, of = [*money, *which], "budget"  # “修城墙那个项目一共多少钱”
        elif not any(e.meaning.kinds or e.meaning.bound for e in asking):
            which += [e for e in lattice.edges if e.category == "WHICH"]
            if not any(e.category == "WHICH" or e.category == "NW" for e in which):
                return None
            asking, of = which, "project"
            if not any(e.meaning == "project" for e in which) or _of_others(lattice, tokens):
                return None
            if any(said in tokens.text for said in model()["several"]) or tokens.entities("project", "programme"):
                return None  # “哪些项目”: one would be a guess; “甲是为哪个项目付利息的”: not for itself
        asked = {p for e in asking for p in range(e.start, e.end)}
        if len(scope.years) > 1 and (
            of != "indicator" or len({e.meaning.kinds for e in asking if e.category == "HM"}) > 1
        ):
            return None  # “24年要办几次，25年又是几次” asks for one thing twice
        said, left = self._said(tokens, lattice, asked | scope.told)
        if not said:
            return None
        for start, end, categories in lattice.strong:
            span = set(range(start, end))
            free = span <= scope.told or any(span & set(range(t.start, t.end)) for t in said)
            if not categories & {e.category for e in asking} and not free:
                return None
        wanted = Wanted()
        for edge in sorted(asking if of == "indicator" else (), key=lambda e: (e.start - e.end, e.cost)):
            wanted = wanted.with_(edge.meaning)
        for token in said and tokens.items:
            if of == "indicator" and token.quantity is not None and token.quantity.kind == "amount":
                wanted = wanted.with_(Wanted(each=token.quantity.unit))  # “一天补几块钱”
        if wanted.each in model()["generic"]:
            wanted = replace(wanted, each="")  # “每个学生”: of whom is said by another word
        if of == "indicator" and not wanted.kinds:
            wanted = replace(wanted, kinds=("count",))  # “额度上限”: any number
        words = tuple(self.phrases.word(t.text, lay().get(t.text)) for t in said)
        timed = any("time" in e.meaning.kinds and e.said[:1] in COUNTING for e in asking if of == "indicator")
        return Gist(tokens.text, tokens.text, of, words, wanted, scope.departments, scope.years, left, timed)

    def called(self, tokens: Tokens, lattice: Lattice, start: int, end: int) -> Near | None:
        """The project that a part of a question calls so: “治松树虫病的那个项目一共给了多少钱”."""
        scope = self._scope(lattice)
        rest = set(range(len(tokens.text))) - set(range(start, end))
        if any(e.category in (*ASKING, "WHICH", "NW") and not _apart(e, start, end) for e in lattice.edges):
            return None
        said, left = self._said(tokens, lattice, rest | scope.told)
        if not said:
            return None
        words = tuple(self.phrases.word(t.text, lay().get(t.text)) for t in said)
        gist = Gist(
            tokens.text,
            tokens.text[start:end],
            "project",
            words,
            Wanted(),
            scope.departments,
            scope.years,
            left,
            timed=False,
        )
        return self.find(gist)

    @staticmethod
    def _scope(lattice: Lattice) -> _Scope:
        """The departments and years that are named, and where."""
        departments: dict[str, None] = {}
        years: dict[int, None] = {}
        told: set[int] = set()
        for edge in lattice.edges:
            for condition in edge.meaning if edge.category == "C" else ():
                if isinstance(condition, OfDepartment):
                    departments.update(dict.fromkeys(condition.iris))
                elif isinstance(condition, OfYear):
                    years.update(dict.fromkeys(condition.years))
                else:
                    continue
                told.update(range(edge.start, edge.end))
        return _Scope(tuple(departments), tuple(years), told)

    @staticmethod
    def _said(tokens: Tokens, lattice: Lattice, told: set[int]) -> tuple[list[Token], float]:
        """The words of content, and what leaving the others out costs; no words where they may not be left out."""
        said: list[Token] = []
        left = 0.0
        costs = {(s.start, s.end): s.cost for s in lattice.skips}
        types = {(start, end) for start, end, categories in lattice.strong if categories == {"S"}}  # 满意度
        for token in _joined(_lay(tokens, told)):
            if token.kind == "light" or set(range(token.start, token.end)) <= told:
                continue
            name = token.entity is not None and token.entity.kind in NAMES
            if token.kind == "word" and len(token.text) > 3 and _another(token, lattice):
                return [], 0.0  # 计算公式
            if token.kind == "word" or name or (token.start, token.end) in types:
                said.append(token)
                continue
            cost = costs.get((token.start, token.end), 1.0)
            if _another(token, lattice):
                return [], 0.0  # it asks for another attribute: 预算, 原因
            if token.quantity is not None and _each(token.quantity):
                cost = 0.0
            if cost > SAYS_LITTLE:
                return [], 0.0
            left += cost
        return said, left

    def _current(self, project: str, gist: Gist) -> bool:
        """Whether a project is of the departments and the years that the question is about."""
        found = self.lexicon.projects[project]
        if gist.departments and found.department not in gist.departments:
            return False
        if not found.year:
            return True
        return found.year in gist.years if gist.years else found.year == self.lexicon.newest.get(found.department)

    def ranked(self, gist: Gist) -> list[tuple[Candidate, dict[str, float]]]:
        """The candidates with their features, best first by ``score``."""
        near = self.phrases.near(gist.text, MANY_NEAR)
        around = [c for c in self.phrases.around(gist.text, gist.words) if self._current(c.project, gist)]
        made = list((self._indicators if gist.of == "indicator" else self._projects)(gist, around, near))
        if numbers := [w for w in gist.words if w.number]:
            made = [m for m in made if holding(numbers, m[0].own)] or made
        weights = model()["rank" if gist.of == "indicator" else "rank project"]
        found = [(replace(c, score=sum(weights[n] * v for n, v in f.items())), f) for c, f in made]
        return sorted(found, key=lambda f: (-f[0].score, f[0].iri))

    def _indicators(self, gist: Gist, around: list[Candidate], near: dict[str, float]) -> Iterator[Featured]:
        expected = expected_of(gist.wanted)
        floor = min(near.values(), default=FLOOR)
        return (
            (c, self._features(c, gist, expected, near, floor)) for c in around if self._may_answer(c, gist, expected)
        )

    def _projects(self, gist: Gist, around: list[Candidate], near: dict[str, float]) -> Iterator[Featured]:
        """Projects, as candidates whose name is ``own`` and all of whose indicators are ``context``."""
        floor = min(near.values(), default=FLOOR)
        below: dict[str, list[Candidate]] = defaultdict(list)
        for c in around:
            below[c.project].append(c)
        for iri in near:
            if iri in self.phrases.project_texts and self._current(iri, gist):
                below.setdefault(iri, [])
        for iri, indicators in below.items():
            name, rest = self.phrases.project_texts[iri]
            texts = [c.own for c in indicators]
            whole = f"{name} {rest} {' '.join(texts)}"
            label = self.lexicon.projects[iri].label
            yield (
                Candidate(iri, label, name, whole, iri, "project", "", "", ""),
                {
                    "own": _share(gist.words, name),
                    "around": _share(gist.words, f"{name} {rest}"),
                    "within": max((_share(gist.words, text) for text in texts), default=0.0),
                    "whole": _share(gist.words, whole),
                    "meaning": near.get(iri, floor),
                    "below": max((near.get(c.iri, floor) for c in indicators), default=floor),
                },
            )

    def _may_answer(self, c: Candidate, gist: Gist, expected: Expected) -> bool:
        """Whether its value is of the kind asked for, counted in what is asked: 几家 asks for no 场次."""
        if not expected.fits(c) or (gist.timed and c.kind == "frequency"):
            return False
        head = c.unit.partition("/")[0]
        if not expected.unit or not head or {expected.unit, head} & set(model()["generic"]):
            return True
        return same_unit(expected.unit, head)

    def _features(
        self, c: Candidate, gist: Gist, expected: Expected, near: dict[str, float], floor: float
    ) -> dict[str, float]:
        fits = expected.fits(c)
        return {
            "own": _share(gist.words, c.own),
            "around": _share(gist.words, c.own, c.context),
            "fits": fits,
            "fit": float(fits == 1),
            "each": float(bool(c.per) and not expected.each and "per" not in expected.kinds),
            "meaning": near.get(c.iri, floor),
            "project": near.get(c.project, floor),
        }

    def find(self, gist: Gist) -> Near | None:
        """What the gist comes nearest to; None where there is nothing to choose from."""
        ranked = self.ranked(gist)
        return self.judged(gist, ranked) if ranked else None

    def judged(self, gist: Gist, ranked: Sequence[tuple[Candidate, dict[str, float]]]) -> Near:
        """The best of the candidates, and how sure it is."""
        best, features = ranked[0]
        most = best.score
        odds = [math.exp(c.score - most) for c, _ in ranked]
        chance = sum(o for (c, _), o in zip(ranked, odds, strict=True) if c.label == best.label) / sum(odds)
        chance = min(max(chance, LEAST), 1 - LEAST)
        rival = next((c.score for c, _ in ranked if c.label != best.label), most - FAR)
        missing = self._missing(gist, best)
        casual = float(min(CASUAL, sum(said in gist.question for said in model()["casual"])))
        told = {
            **features,
            **missing,
            "chance": math.log(chance / (1 - chance)),
            "lead": min(FAR, most - rival),
            "counted": float(bool(gist.wanted.unit)),
            "dated": float(bool({"date", "frequency", "time"} & set(gist.wanted.kinds))),
            "left": gist.left,
            "words": float(len(gist.words)),
            "casual": casual,
            "formal": missing["strange"] * (casual == 0),
        }
        weights = model()["sure" if gist.of == "indicator" else "sure project"]
        sure = round(logistic.chance(weights, told), 2)
        lacking = [w for w in gist.words if not _holds(best, w)]
        if any(w.number for w in lacking) or narrowed(gist.text, plain(best.label), lacking):
            sure = min(sure, UNHELD)  # “夜间接警响应时间”: beside its whole name, what is said narrows it
        head = next((w for w in reversed(gist.words) if len(w.text) > 1), None)
        if gist.of == "indicator" and gist.wanted.unit and head is not None and self.phrases.known(head.text):
            held = f"{best.own} {self.lexicon.names[best.project]}"
            if head.found_in(held) < HALF:
                sure = min(sure, UNHELD)  # “防火宣传多少次”: no 批次 of what else its project buys
        if gist.of == "indicator" and self.near_names.apart(Asked.of(gist.words, gist.text, gist.wanted), best):
            sure = min(sure, UNHELD)
        same = tuple(c for c, _ in ranked if c.label == best.label and c.score >= most - ALIKE)
        return Near(gist.of, same, sure, told, gist.years, tuple(w.text for w in lacking if len(w.text) > 1))

    def _missing(self, gist: Gist, best: Candidate) -> dict[str, float]:
        """What of the question the candidate does not say, by how telling it is."""
        missing = [w for w in gist.words if not _holds(best, w)]
        nouns = [w for w in missing if part_of_speech(w.text)[0] in NOUNS]
        return {
            "missing": max((w.weight for w in missing), default=0.0) / max(w.weight for w in gist.words),
            "lacking": float(len(missing)),
            "nouns": float(sum(self.phrases.known(w.text) for w in nouns)),
            "strange": float(sum(not self.phrases.known(w.text) for w in nouns)),
            "elsewhere": float(sum(w.found_in(best.own) < HALF for w in gist.words)),
            "unknown": float(sum(not self.phrases.known(w.text) for w in gist.words)),
        }


def level(conditions: Any) -> bool:
    """Whether a condition is a level of government that pays, by its name alone."""
    return any(isinstance(c, OfConcept) and c.relation == "fundSource" and c.label in LEVELS for c in conditions)


def _lay(tokens: Tokens, told: set[int]) -> list[Token]:
    """The tokens, those together that are one saying of lay people: 看|大门."""
    ends = {t.end: n for n, t in enumerate(tokens.items)}
    out: list[Token] = []
    reached = 0
    for n, token in enumerate(tokens.items):
        if token.start < reached:
            continue
        for end, _ in lay().all_at(tokens.text, token.start):
            over = tokens.items[n : ends[end] + 1] if end in ends else []
            if len(over) > 1 and not any(t.entity for t in over) and not told & set(range(token.start, end)):
                token = Token(token.start, end, tokens.text[token.start : end], "word", "")
                break
        out.append(token)
        reached = token.end
    return out


def _holds(candidate: Candidate, word: Word) -> bool:
    return word.found_in(f"{candidate.own} {candidate.context}") >= HALF


def _apart(edge: Edge, start: int, end: int) -> bool:
    return edge.end <= start or end <= edge.start


def _inside(edge: Edge, other: Edge) -> bool:
    return other.start <= edge.start and edge.end <= other.end and (edge.start, edge.end) != (other.start, other.end)


def _joined(items: Sequence[Token]) -> list[Token]:
    """The tokens, a single character that compares or denies joined to the word of content that it stands at: 大|喇叭,
    没|妈, 岁数|大. By itself it would turn the question round."""
    out: list[Token] = []
    joins = False  # whether the next one belongs to the last
    for token, after in zip_longest(items, items[1:]):
        last = out[-1] if out and out[-1].kind == "word" and out[-1].end == token.start else None
        if last and joins:
            out[-1] = replace(last, end=token.end, text=last.text + token.text)
            joins = False
        elif token.kind == "role" and len(token.text) == 1 and set(token.roles) <= OF_A_WORD:
            joins = bool(after and after.kind == "word" and after.start == token.end)
            if joins:
                out.append(replace(token, kind="word", roles=()))
            elif last and "not" not in token.roles:
                out[-1] = replace(last, end=token.end, text=last.text + token.text)
            else:
                out.append(token)
        else:
            out.append(token)
    return out


def _another(token: Token, lattice: Lattice) -> bool:
    """Whether a word asks for another attribute than a target: 预算, 原因; not one that may stand for any money: 钱."""
    for edge in lattice.edges:
        if edge.category in OTHER and (edge.start, edge.end) == (token.start, token.end):
            attribute = edge.meaning
            money = attribute.name == "budget" and not any(n in token.text for n in entries()["own_names"])
            if attribute.name != "target" and not money:
                return True
    return False


def _each(quantity: Quantity) -> bool:
    """一天, 每月, 一人: for each of which something is asked."""
    return quantity.kind == "frequency" or (not quantity.operator and quantity.upper is None and quantity.number == 1)


def lists_or_counts(lattice: Lattice) -> bool:
    """Whether it is projects that are asked for, by what is said of them (“只设了…的项目有几个”; not a limit of them), or
    how many indicators there are."""
    counted = any(e.category == "CNT" for e in lattice.edges)
    if counted and any(e.category == "N" and e.meaning == "indicator" for e in lattice.edges):
        return True
    ends = {e.end for e in lattice.edges if e.category == "WHICH"}
    asking = [e for e in lattice.edges if e.category in ("WHICH", "CNT", "HM", "HAS")]
    lists = {e.start for e in asking if not getattr(e.meaning, "bound", "")} | {len(lattice.text)}
    projects = [e for e in lattice.edges if e.category == "N" and e.meaning == "project"]
    return any(e.start not in ends and e.end in lists and lattice.text[e.start - 1 : e.start] == "的" for e in projects)


def _of_others(lattice: Lattice, tokens: Tokens) -> bool:
    """Whether something else than projects is asked about, too: indicators, a type of them."""
    others = any(e.category in ("N", "NW", "NT") and e.meaning != "project" for e in lattice.edges)
    return others or bool(tokens.entities("type"))


def _share(words: Sequence[Word], *texts: str) -> float:
    """The share of the words, by weight, that one of the texts holds."""
    held = sum(w.weight * max(w.found_in(text) for text in texts) for w in words)
    return held / (sum(w.weight for w in words) or 1.0)
