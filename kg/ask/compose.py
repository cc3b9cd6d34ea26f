"""A question understood by composition: lattice, derivations, links; the best that leaves nothing telling unexplained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from index.segment import part_of_speech
from kg.ask.grammar.chart import Derivation, parse
from kg.ask.grammar.meaning import called as m_called
from kg.ask.grammar.meaning import grouped, target
from kg.ask.grammar.rules import grammar
from kg.ask.lexicon import Lexicon
from kg.ask.link.edges import STOPS
from kg.ask.link.latest import in_both_years, latest
from kg.ask.link.lattice import Lattice, Linker
from kg.ask.link.mentions import Mentions, Spoken
from kg.ask.link.nearest import Near, Nearest
from kg.ask.link.triggers import entries
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.conditions import Alternatives, HasValue, Is, walk
from kg.ask.logic.exchange import swap
from kg.ask.logic.plain import About, OfDepartment, OfProject, OfYear
from kg.ask.logic.run import Result, Runner
from kg.ask.logic.sets import Set, Statistic
from kg.ask.logic.values import Computed, Each, Holds, InYears, List, Number, Several, Table, Which
from kg.ask.phrases import Phrases
from kg.ask.reading import plain
from kg.ask.scope import Outside
from kg.ask.tokens import Tokens
from kg.graph.departments import Departments
from kg.graph.store import Store

TRIED = 10  # derivations that are linked
FARTHEST = 0.25  # behind the best, in cost
NEARER = 0.05  # how much cheaper another way to the same is that takes the place of the first
# How dear derivations may be: no dearer ones are built where cheap ones will do. Of 2,900 questions answered one took more
# than 1.4, and to build those up to 2 took half the time of a question that is refused.
DEPTHS = (0.45, 0.9, 1.45)


@dataclass(slots=True)
class Reading:
    """One way to understand a question. ``undated``: it names no year; ``mixed``: the latest years differ."""

    value: Any
    cost: float
    derivation: Derivation
    link: float = 0.0
    passed: float = 0.0
    notes: tuple[str, ...] = ()
    mixed: bool = False
    undated: bool = False
    halved: bool = False  # less is asked than the question asks


class Composer:
    """Understands questions about one graph."""

    def __init__(self, lexicon: Lexicon, phrases: Phrases, store: Store, departments: Departments) -> None:
        self.lexicon, self.phrases, self.store = lexicon, phrases, store
        self.runner = Runner(store, phrases.holders)
        self.linker = Linker(lexicon, phrases, departments)
        self.nearest = Nearest(lexicon, phrases)
        self.mentions = Mentions(
            lexicon,
            phrases,
            store,
            self.runner,
            entries()["paying"],
            {kind: tuple(ends) for kind, ends in entries()["ends"].items()},
        )

    def lattice(self, tokens: Tokens) -> Lattice:
        return self.linker.lattice(tokens)

    def read(self, tokens: Tokens, lattice: Lattice | None = None, spoken: Spoken | None = None) -> list[Reading]:
        """All ways to understand a question, the cheapest first. ``spoken``: what it goes on from."""
        lattice = lattice or self.lattice(tokens)
        found: dict[Any, Reading] = {}
        tried: set[Any] = set()
        for depth in DEPTHS:
            derivations = parse(grammar(), lattice.edges, lattice.skips, len(lattice.text), "V", depth)
            for derivation in derivations[:TRIED]:
                if found and derivation.cost > min(r.cost for r in found.values()) + FARTHEST:
                    break  # too far behind to be asked for; linking words by meaning is the dear part
                if derivation.meaning in tried:
                    continue
                tried.add(derivation.meaning)
                halved = _halved(derivation, lattice)
                reading = self._linked(derivation, tokens.text, _passed(derivation, lattice), spoken, halved=halved)
                if reading is not None:
                    found[reading.value] = min(found.get(reading.value, reading), reading, key=_trust)
            if found and min(r.cost for r in found.values()) + FARTHEST <= depth:
                break
        return sorted(found.values(), key=lambda r: r.cost)

    def _linked(
        self,
        derivation: Derivation,
        text: str,
        more: float = 0.0,
        spoken: Spoken | None = None,
        *,
        halved: bool = False,
    ) -> Reading | None:
        dated, mixed = latest(derivation.meaning, self.lexicon)
        if (dated := in_both_years(dated, self.lexicon)) is None:
            return None  # “2024年取消的项目”, where nothing is known of the year before
        link = self.mentions.link(dated, text, spoken)
        if link is None:
            return None
        if isinstance(link.value, Several) and len(set(link.value.parts)) < len(link.value.parts):
            return None  # two things asked, and one found for both
        link = replace(link, value=self._of_one(link.value))
        undated = not any(isinstance(n, OfYear | InYears) for n in walk(derivation.meaning))
        return Reading(
            link.value,
            derivation.cost + link.cost + more,
            derivation,
            link.cost,
            more,
            link.notes,
            mixed and undated,
            undated,
            halved,
        )

    def _of_one(self, value: Any) -> Any:
        """“一共要发多少人次”, of one indicator: its target, as it is written."""
        of = value.of if isinstance(value, Number) else None
        if not isinstance(of, Statistic) or of.function != "sum" or of.of.cls != "indicator" or of.of.rank:
            return value
        named = any(isinstance(c, Is) and not c.negated for c in of.of.where)
        if not named or len(self.runner.members(of.of)) != 1:
            return value
        return Each(of.of, (target(),))

    def nearest_to(self, near: Near, text: str) -> Reading | None:
        """What a question comes nearest to, linked; asked of several years, with what measures the same in each."""
        value = near.value
        if len(near.years) > 1:
            named = replace(value.of.where[0], iris=self.mentions.measured(near.iris))
            value = replace(value, of=replace(value.of, where=(named,)))
        return self.meant(value, 0.0, text)

    def meant(self, value: Any, cost: float, text: str, spoken: Spoken | None = None) -> Reading | None:
        """A value that was put together from another, linked."""
        return self._linked(Derivation(value, cost, ("word", 0, 0, "V", str(value))), text, 0.0, spoken)

    def apart(self, reading: Reading, lattice: Lattice) -> bool:
        """Whether a word that the reading uses or leaves out asks for several things one by one."""
        if isinstance(reading.value, Table):
            return False  # one by one already, though of one department
        if isinstance(reading.value, Number) and getattr(reading.value.of, "function", "") in OF_ALL:
            return False  # “各项目预算的中位数”
        each = isinstance(reading.value, Each) and reading.value.of.cls == "indicator"
        said = ("DIST", "EACH") if each else ("DIST",)  # “甲和乙各服务多少人”
        number = reading.value.of if isinstance(reading.value, Number) else None
        if isinstance(number, Statistic) and number.function == "sum":  # “各项目预算总额”: of all of them
            nouns = {e.start for e in lattice.edges if e.category == "N" and e.meaning == number.of.cls}
        else:
            nouns = set()
        spans = {(a, b) for a, b, c in reading.derivation.used() if c in said} | set(reading.derivation.skipped())
        spans = {(a, b) for a, b in spans if b not in nouns}
        return any(e.category == "DIST" and (e.start, e.end) in spans for e in lattice.edges)

    def one_by_one(self, reading: Reading) -> Reading | None:
        """“甲局和乙局各合计多少”, “两年各有几条”: what was read as one number for all, for each; None where it is none."""
        if (value := _for_each(reading.value)) is not None:
            return replace(reading, value=value)
        value = _of_all(reading.value)
        return replace(reading, value=value) if value is not None else None

    def side_by_side(self, reading: Reading) -> Reading | None:
        """“甲和乙的预算各是多少”: a value of several named things as one for each, in turn; None where it is none."""
        value = reading.value
        if not isinstance(value, Each) or len(value.attributes) != 1 or value.of.rank is not None:
            return None
        for at, c in enumerate(value.of.where):
            if isinstance(c, Alternatives) and value.of.cls == "indicator":
                wheres = c.parts
            elif isinstance(c, OfProject) and not c.negated and "、" in c.label:
                wheres = self._each_named(c)
            else:
                continue
            rest = value.of.where[:at], value.of.where[at + 1 :]
            parts = tuple(replace(value, of=replace(value.of, where=(*rest[0], *w, *rest[1]))) for w in wheres)
            return replace(reading, value=Several(parts)) if 1 < len(parts) <= MOST_PARTS else None
        return None

    def _each_named(self, several: OfProject) -> tuple[tuple[OfProject], ...]:
        """The projects called by each of several names; none where one is called by two."""
        found = []
        for name in several.label.split("、"):
            iris = tuple(i for i in several.iris if plain(name) in self.lexicon.names[i])
            found.append((replace(several, iris=iris, label=name),))
        named = [i for (c,) in found for i in c.iris]
        return tuple(found) if sorted(named) == sorted(several.iris) and all(c.iris for (c,) in found) else ()

    def parts_apart(self, reading: Reading, lattice: Lattice) -> Reading | None:
        """“两年的预算各是多少，差多少”: the parts that are one number for all, for each; None where there is none."""
        if not isinstance(reading.value, Several) or not self.apart(reading, lattice):
            return None
        told = _amounts_of_one(reading.value) and not any(c == "N" for _, _, c in reading.derivation.used())
        each = [_for_each(part) or (None if told else _of_all(part)) for part in reading.value.parts]
        if not any(each):
            return None
        parts = tuple(one or part for one, part in zip(each, reading.value.parts, strict=True))
        return replace(reading, value=Several(parts))

    def together(self, reading: Reading) -> bool:
        """Whether words that a reading takes for one topic stand together in some text of some project."""
        topics = [n for n in walk(reading.value) if isinstance(n, About) and len(n.words) > 1]
        return all(self.runner.run(List(Set("project", (topic,)))).items for topic in topics)

    def earlier(self, reading: Reading) -> Iterator[tuple[int, Reading]]:
        """Where no year was named, an indicator called by its name as of the years before the latest, the last first."""
        value = reading.value
        named = isinstance(value, Each) and value.of.cls == "indicator" and m_called(value.of)
        if not named or not reading.undated or reading.mixed:
            return
        for year in self.lexicon.years[1:]:
            dated, count = swap(value, OfYear((year,)))
            if count == 1:
                yield year, replace(reading, value=dated)

    def run(self, reading: Reading) -> Result:
        return self.runner.run(reading.value)

    def knows(self, reading: Reading, outside: Outside, tokens: Tokens) -> bool:
        """Whether what seemed to be no fact of the tables is one of their attributes, and the reading asks for it."""
        used = reading.derivation.used()
        text = tokens.text
        years = {q.text for q in tokens.quantities("year")}
        said = [w for w in outside.unmatched if not any(y in w or w in y for y in years)]
        spans = [(at, at + len(w)) for w in said if (at := text.find(w)) >= 0]
        if spans and all(any(a <= i and j <= b and c != "W" for a, b, c in used) for i, j in spans):
            return True  # “多少分钟” holds “多少分”
        if not outside.untabled:
            return False
        asked: list[Any] = [n for n in walk(reading.value) if isinstance(n, HasValue)]
        asked += [a for n in walk(reading.value) for a in _attributes(n) if a.name not in PLAIN]
        return bool(asked)

    def left_out(self, reading: Reading, result: Result, tokens: Tokens) -> list[str]:
        """Words of content that the reading passes over, and nouns that it uses and nothing that is answered holds."""
        spans = reading.derivation.skipped()
        words = [(a, b) for a, b, c in reading.derivation.used() if c in ("W", "HM")]  # 多久|校外上门走访|一次
        items = [i for r in result.parts or [result] for i in r.items]
        held = plain("".join(f"{i['label']}{i['project']}{i['value']}" for i in items) + result.understood)
        out = []
        for t in tokens.content():
            passed = any(a <= t.start and t.end <= b for a, b in spans)
            used = any(a <= t.start and t.end <= b for a, b in words)
            lost = used and part_of_speech(t.text)[0] in NAMING and not self._held(t.text, held)
            if len(t.text) > 1 and (passed or lost):
                out.append(t.text)
        periods = [tokens.text[a:b] for a, b, c in reading.derivation.used() if c == "PER"]
        return out + [
            p for p in periods if p[-1] in SHORT and p[-1] not in held
        ]  # “平均到每个月”, of what is so a year

    def _held(self, word: str, text: str) -> bool:
        found = self.phrases.word(word)
        return any(form in text for form in (word, found.text, *found.forms))

    def unmatched(self, tokens: Tokens, readings: list[Reading]) -> list[str]:
        """The telling words that the best reading leaves out; without one, all that no table knows."""
        if readings:
            spans = readings[0].derivation.skipped()
            return [
                tokens.text[a:b]
                for a, b in spans
                if any(a <= t.start and t.end <= b and t.kind != "light" for t in tokens.items)
            ]
        content = tokens.content()
        return [t.text for t in content if not self.phrases.known(t.text)] or [t.text for t in content]


def _trust(reading: Reading) -> float:
    """Of two ways to the same value the better one: a link says less than the rules of how sure it is."""
    return reading.derivation.cost + LINKED * reading.link + reading.passed


LINKED = 0.5  # of what a link costs, beside what rules do
PLAIN = frozenset({"target", "budget", "goal", "purpose", "type"})  # what every table has
OF_ALL = ("median", "average", "max", "min")  # of numbers that are each taken by themselves
FULL_STOPS = ("?", "。")  # what two questions are parted by
NAMING = ("n", "s", "f", "b")  # parts of speech of words that name or narrow
SHORT = "月季周日天"  # periods shorter than the year of which targets are
MOST_PARTS = 4  # of one answer
PASSED = 0.8  # what it costs to use no part of a word that has to be used


def _passed(derivation: Derivation, lattice: Lattice) -> float:
    """What it costs that words which have to be used are not, be it that only their parts were passed over."""
    used = derivation.used()
    left = []
    for start, end, categories in lattice.strong:
        over = [(a, b, c) for a, b, c in used if a < end and start < b]
        parts = {p for a, b, c in over if c != "W" for p in range(a, b)}
        if not parts.issuperset(range(start, end)) and not any(
            c in categories or (a <= start and end <= b and (c != "W" or b - a > end - start)) for a, b, c in over
        ):
            left.append((start, end))
    parted = any(lattice.text[a:b] in FULL_STOPS and lattice.text[b:].strip(STOPS) for a, b in derivation.skipped())
    return PASSED * (len(left) + _halved(derivation, lattice) + parted)


def _halved(derivation: Derivation, lattice: Lattice) -> bool:
    """Whether fewer things are read than are asked."""
    meaning = derivation.meaning
    if isinstance(meaning, Which | Holds):
        return False
    if any(isinstance(n, Computed) for n in walk(meaning)):
        return lattice.lists and not isinstance(meaning, Several)
    parts = meaning.parts if isinstance(meaning, Several) else (meaning,)
    told = sum(len(p.attributes) if isinstance(p, Each) else 1 for p in parts)
    return told + (lattice.lists and any(map(numbered, parts))) < len(lattice.asks) + lattice.lists


def numbered(value: Any) -> bool:
    """Whether things are listed with a number of each: which they are and how much."""
    if isinstance(value, Each):
        return value.of.mention is None
    return isinstance(value, Table) or (isinstance(value, List) and value.of.rank is not None)


def _for_each(value: Any) -> Any:
    """One number of several departments or years as one for each of them; None where it is none such."""
    number = value.of if isinstance(value, Number) else None
    if not isinstance(number, Statistic):
        return None
    owner = number.of if number.of.cls == "project" else number.of.of
    for c in owner.where if owner else ():
        several = isinstance(c, OfDepartment) and "、" in c.label
        if several or (isinstance(c, OfYear) and len(c.years) > 1):
            return grouped("department" if several else "year", number.of, number.attribute, number.function)
    return None


def _amounts_of_one(value: Several) -> bool:
    """“某局的财政资金和其他资金各是多少”: several sums over one set, which are told one by one as they are."""
    numbers = [part.of for part in value.parts if isinstance(part, Number) and isinstance(part.of, Statistic)]
    apart = {number.attribute for number in numbers}
    return len(numbers) == len(apart) == len(value.parts) and len({number.of for number in numbers}) == 1


def _of_all(value: Any) -> Each | None:
    """A sum over projects as the amounts of each; None where it is none such."""
    number = value.of if isinstance(value, Number) else None
    if not isinstance(number, Statistic) or number.function != "sum" or number.of.cls != "project":
        return None
    return Each(number.of, (number.attribute,), value.unit) if number.attribute and not number.of.bare else None


def _attributes(node: Any) -> tuple[Attribute, ...]:
    found = getattr(node, "attributes", None) or (getattr(node, "attribute", None),)
    return tuple(a for a in found if isinstance(a, Attribute))
