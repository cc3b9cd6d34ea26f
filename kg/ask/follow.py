"""A question that leans on the one before: about what was found, with a part exchanged, or how far two answers differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kg.ask.grammar.meaning import Asked, OtherWay, named, number, of_before, target
from kg.ask.grammar.meaning import asked as m_asked
from kg.ask.grammar.rules.several import against
from kg.ask.link.edges import Edge, Skip
from kg.ask.link.lattice import Lattice
from kg.ask.link.mentions import Spoken
from kg.ask.link.triggers import entries, triggers_of
from kg.ask.logic.attributes import Attribute, attributes
from kg.ask.logic.changes import Growth, Retargeted
from kg.ask.logic.conditions import PREVIOUS, Alternatives, Compare, Is, Mention, walk
from kg.ask.logic.exchange import EXCHANGED, below, swap
from kg.ask.logic.holding import Has
from kg.ask.logic.plain import Changed, OfConcept, OfDepartment, OfProject, OfType, OfYear, OnlyIn
from kg.ask.logic.sets import Rank, Set, Statistic
from kg.ask.logic.values import Computed, Each, List, Number, Several
from kg.ask.logic.wanted import COUNTED, Wanted
from kg.ask.tokens import Tokens
from kg.tables.numerals import numeral

MONEY = ("亿元", "万元", "元")
POINTED = 0.8  # what it costs to leave out a word that points to the answer before
OF_NUMBERS = frozenset(
    {"difference", "ratio", "sum", "average", "most", "least", "than", "more", "less", "not", "except"}
)
"""Roles of words that ask for more than the same of another."""
DEAREST = 0.5  # of a part that stands for a whole question


def leans(text: str) -> bool:
    """Whether a word says that the question goes on from the last."""
    cues = entries()["follow"]
    return (
        any(text.startswith(w) for w in cues["start"])
        or any(text.rstrip("?？").endswith(w) for w in cues["end"])
        or any(w in text for w in cues["within"])
    )


def found(items: list[dict[str, Any]], value: Any) -> list[tuple[Set, float]]:
    """What the answer before was about, as sets, the likeliest first."""
    iris = tuple(dict.fromkeys(i["iri"] for i in items if i["iri"]))
    out: list[tuple[Set, float]] = []
    cls = _class(value)
    if iris and cls in ("project", "indicator"):
        out.append((Set(cls, (Is(iris, PREVIOUS),)), 0.0))
        if cls == "indicator":
            projects = tuple(dict.fromkeys(i["about"] for i in items if i.get("about")))
            if projects:
                out.append((Set("project", (Is(projects, PREVIOUS),)), 0.06))
    elif cls == "department" and iris:
        of = next((n for n in walk(value) if isinstance(n, Set) and n.cls == "project" and named(n)), None)
        if of is not None:  # “甲是哪个部门的项目，预算多少”
            out.append((of, 0.0))
        out.append((Set("project", (OfDepartment(iris, PREVIOUS),)), 0.0 if of is None else 0.2))
    elif not isinstance(value, Number) or not isinstance(value.of, Computed) or value.of.operation != "sum":
        sets = [n for n in walk(value) if isinstance(n, Set) and not n.bare and n.cls in ("project", "indicator")]
        out += [(s, 0.02) for s in sets[:1]]
    return out


def listed(value: Any) -> list[tuple[Set, float]]:
    """The indicators that were listed, by what was said of them: “成本指标”, whose sum is compared with the budget."""
    of = value.of if isinstance(value, List | Each) else None
    if of is None or of.cls != "indicator" or not of.where or any(isinstance(c, Is) for c in of.where):
        return []
    return [(of, 0.05)]


def of_two(text: str, one: Sequence[str], other: Sequence[str]) -> list[tuple[Set, float]]:
    """“这两个哪个预算更大”: the projects of the last two answers, one each."""
    both = tuple(dict.fromkeys((*other, *one)))
    said = any(w in text and _numbered(w) == 2 for w in entries()["follow"]["pointers"])
    return (
        [(Set("project", (Is(both, PREVIOUS),)), 0.0)]
        if said and len(one) == len(other) == 1 and len(both) == 2
        else []
    )


def _class(value: Any) -> str:
    if isinstance(value, Several):
        return _class(value.parts[0])
    if isinstance(value, List | Each):
        return value.of.cls
    return ""


def asked(meaning: Any, sets: list[tuple[Set, float]]) -> Asked | None:
    """The words by which an indicator was asked for before, of the same projects: “多久发一次” is of the same thing."""
    words = next((n.words for n in walk(meaning) if isinstance(n, Mention) and n.kind == "indicator"), ())
    projects = next((s for s, _ in sets if s.cls == "project"), None)
    return Asked(words, Wanted(), projects) if words and projects else None


def spoken(items: list[dict[str, Any]], meaning: Any, kinds: Callable[[list[str]], tuple[str, ...]]) -> Spoken | None:
    """What the answer before is about. ``kinds``: of what kind the values of indicators are."""
    projects = tuple(dict.fromkeys(i.get("about") or i["iri"] for i in items if i.get("about") or i["iri"]))
    said = [n.words for n in walk(meaning) if isinstance(n, Mention) and n.kind == "indicator"]
    indicators = [i["iri"] for i in items if i.get("about") and i["iri"]]
    return Spoken(projects, said[-1] if said else (), kinds(indicators) if indicators else ()) if projects else None


def parallels(meaning: Any, part: Any, before: Spoken) -> Iterator[tuple[Any, float]]:
    """“能源消耗费呢”: what was asked of one indicator, of another of the same projects; the same unit first."""
    said = [n for n in walk(meaning) if isinstance(n, Mention) and n.kind == "indicator"]
    question = part if isinstance(part, Asked) else Asked(tuple(w for words in part for w in words), Wanted())
    if len(said) != 1 or not question.words or question.of is not None or question.words == said[0].words:
        return
    projects = Set("project", (Is(before.projects, PREVIOUS),))
    old = said[0].expected or Wanted()
    if question.wanted.kinds or told(question.words[-1]):
        old = Wanted()  # “扶持标准呢”, “培训时间呢”: another kind of value
    elif old.kinds in ((), ("count",)) and not old.unit:  # “…多少”: what kind of value it is, the answer tells
        old = replace(old, kinds=before.kinds)
    yield m_asked(replace(question, of=projects, wanted=question.wanted.with_(old))), 0.0
    if old.unit or old.each:
        kinds = (*old.kinds, COUNTED) if old.kinds == ("count",) else old.kinds  # a number of things, no other number
        general = replace(old, kinds=kinds, unit="", each="")
        yield m_asked(replace(question, of=projects, wanted=question.wanted.with_(general))), 0.1


def told(word: str) -> bool:
    """Whether a word says by itself what kind of value is meant; those for money also name what the money is for."""
    kinds = entries()["ends"]
    return any(word.endswith(tuple(kinds[k])) for k in ("count", "date", "percent")) or any(
        t.category in ("PER", "LIM") for t in triggers_of(word)
    )


def with_previous(
    lattice: Lattice,
    sets: list[tuple[Set, float]],
    numbers: list[Statistic] | None = None,
    question: Asked | None = None,
    items: Sequence[dict[str, Any]] = (),
) -> Lattice:
    """The lattice with what was found before it, as if it had been said, and wherever a word points to it. ``items``: what
    was found, in its order, of which “前两个” are some."""
    of_departments = [(s, 0.0) for s, _ in sets if any(isinstance(c, OfDepartment) for c in s.where)]
    if of_departments and any(w in lattice.text for w in entries()["follow"]["departments"]):
        sets = of_departments  # “这个部门一共有几个项目”
    edges = [Edge(e.start + 1, e.end + 1, e.category, e.meaning, e.cost, e.said) for e in lattice.edges]
    skips = [Skip(s.start + 1, s.end + 1, s.cost) for s in lattice.skips]
    spans = {
        (at + 1, at + 1 + len(word)): word
        for word in entries()["follow"]["pointers"]
        for at in range(len(lattice.text))
        if lattice.text.startswith(word, at)
    }
    skips = [
        replace(s, cost=max(s.cost, POINTED)) if any(a <= s.start and s.end <= b for a, b in spans) else s
        for s in skips
    ]
    for of, cost in sets:
        if not spans:
            edges.append(Edge(0, 1, "S", of, 0.04 + cost, PREVIOUS))
        edges += [
            Edge(start, end, "S", of, cost, PREVIOUS) for (start, end), word in spans.items() if _as_many(word, of)
        ]
    some = [
        Edge(e.start + 1, e.end + 1, "S", some_of, 0.02, PREVIOUS)
        for e in lattice.edges
        if e.category == "TOP" and (some_of := _some(items, *e.meaning)) is not None
    ]
    edges += some
    if spans or some:
        skips.append(Skip(0, 1, 0.0))
    if numbers and len(numbers) == 1:
        edges += [Edge(start, end, "XBEFORE", numbers[0], 0.1, PREVIOUS) for start, end in ((0, 1), *spans)]
    if question is not None:
        edges.append(Edge(0, 1, "Q", question, 0.18, PREVIOUS))
    return Lattice("\ue000" + lattice.text, edges, skips)


def _some(items: Sequence[dict[str, Any]], first: bool, many: int, offset: int) -> Set | None:
    """“前两个”, “第三个”: of the things that were found, in their order."""
    iris = list(dict.fromkeys(i["iri"] for i in items if i["iri"]))
    if not first:
        iris.reverse()
    if len(iris) < max(2, many + offset) or len({bool(i.get("about")) for i in items}) > 1:
        return None
    cls = "indicator" if items[0].get("about") else "project" if items[0].get("project") else ""
    return Set(cls, (Is(tuple(iris[offset : offset + many]), PREVIOUS),)) if cls else None


def through_years(of: Set, lines: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Set:
    """Projects that were found, as their lines: of whatever year. ``lines``: the projects of the same ones."""
    found = of.where[0] if of.where else None
    if of.cls != "project" or not isinstance(found, Is) or found.negated:
        return of
    return replace(of, where=(OfProject(lines(found.iris), found.label), *of.where[1:]))


def in_any_year(value: Any, lines: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Any:
    """The value with the projects that were found before as their lines."""
    if isinstance(value, Set) and of_before(value):
        return through_years(value, lines)
    return below(value, lambda n: (m, int(m is not n)) if (m := in_any_year(n, lines)) is not n else (n, 0))[0]


def spelt_out(value: Any, found: Any) -> Any:
    """The value with the projects that were found before by what was said of them; ``found``: what that was."""
    of = found.of if isinstance(found, List) else None
    if of is None or of.rank is not None:
        return value
    if isinstance(value, Set) and value.cls == of.cls and of_before(value):
        return replace(value, where=(*of.where, *value.where[1:]), of=of.of)
    return below(value, lambda n: (m, int(m is not n)) if (m := spelt_out(n, found)) is not n else (n, 0))[0]


def _as_many(word: str, of: Set) -> bool:
    """Whether “这两个” points to so many things."""
    said = _numbered(word)
    first = of.where[0] if of.where else None
    if not isinstance(first, Is | OfProject):
        return True
    return len(first.iris) == said if said else len(first.iris) > 1 or "几" not in word


def _numbered(word: str) -> Any:
    """How many things a word points to, where it says so."""
    return next((n for c in word if (n := numeral(c)) is not None and n > 1), None)


def exchanged(value: Any, part: Any, items: Sequence[dict[str, Any]] = ()) -> Any:
    """The value with a part of it exchanged for one of its kind; None where it has no such part. ``items``: what the
    value came to."""
    if isinstance(part, Ranked):
        return _with_rank(value, part)
    if isinstance(part, Against):
        return against(value, part.year, part.unit)
    if isinstance(part, Attribute):
        return _with_attribute(value, part)
    if isinstance(part, OtherWay):
        new, count = _other_way(value, part.operator)
        return new if count == 1 and new != value else None
    if isinstance(part, Wanted):
        return replace(value, unit=part.shown) if getattr(value, "unit", "") in MONEY else None
    if isinstance(part, Set):
        if len(part.where) == 1 and isinstance(part.where[0], OfType) and isinstance(value, Number):
            part = part.where  # “产出指标有几条”, “效益指标呢”
            return exchanged(value, part)
        return _with_set(value, part) or _with_owner(value, part, items)
    if isinstance(part, tuple) and len(part) == 1 and isinstance(part[0], EXCHANGED):
        condition = part[0]
        new, count = swap(value, condition)
        if count:
            return new if new != value else None
        if isinstance(condition, OfYear | OfDepartment):
            new, count = _add(value, condition)
            return new if count else None
    return None


@dataclass(frozen=True, slots=True)
class Ranked:
    """“最低的呢”, “第二大的呢”: the other end (``descending``), or another place (``limit``, ``offset``)."""

    descending: bool | None
    limit: int = 1
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Against:
    """“比2024年多多少”: the same of another year to be compared, told in a unit."""

    year: tuple[Any, ...]
    unit: str


def _with_rank(value: Any, said: Ranked) -> Any:
    """The value with its one rank turned, or moved to another place."""

    def turned(node: Any) -> tuple[Any, int]:
        end = (said.limit, said.offset) == (1, 0)  # of three the least is one of them
        if isinstance(node, Set) and node.rank is not None and (node.rank.limit == 1 or not end):
            down = node.rank.descending if said.descending is None else said.descending
            return replace(node, rank=replace(node.rank, descending=down, limit=said.limit, offset=said.offset)), 1
        return below(node, turned)

    if not isinstance(value, List | Each):
        return None
    new, count = turned(value)
    return new if count == 1 and new != value else None


def _other_way(node: Any, operator: str) -> tuple[Any, int]:
    if isinstance(node, Changed | Retargeted) and node.operator in ("<", ">"):
        return replace(node, operator=operator), 1
    if isinstance(node, OnlyIn):
        new, old = max(node.year, node.other), min(node.year, node.other)
        return (OnlyIn(new, old) if operator == ">" else OnlyIn(old, new)), 1
    return below(node, lambda n: _other_way(n, operator))


def _add(node: Any, condition: Any) -> tuple[Any, int]:
    if isinstance(node, Set) and node.cls == "project":
        return replace(node, where=(*node.where, condition)), 1
    if isinstance(node, Set) and node.of is None and node.cls != "type":
        return replace(node, of=Set("project", (condition,))), 1
    return below(node, lambda n: _add(n, condition))


def other_end(value: Any) -> Any:
    """“另外一个呢”: of two the one that was not the first by a rank."""

    def turned(node: Any) -> tuple[Any, int]:
        if isinstance(node, Set) and node.rank is not None and node.rank.limit == 1 and len(node.where) == 1:
            few = node.where[0]
            if isinstance(few, Is | OfProject) and len(few.iris) == 2 and not few.negated:
                return replace(node, rank=replace(node.rank, descending=not node.rank.descending)), 1
        return below(node, turned)

    new, count = turned(value)
    return new if count == 1 else None


def _with_attribute(value: Any, attribute: Attribute) -> Any:
    if isinstance(value, Each) and value.of.cls == attribute.of:
        return replace(value, attributes=(attribute,), unit="")
    if isinstance(value, Number) and isinstance(value.of, Statistic) and value.of.of.cls == attribute.of:
        return replace(value, of=replace(value.of, attribute=attribute))
    return None


def _with_set(value: Any, part: Set) -> Any:
    """“那另一个项目呢”: the same of another project."""
    if part.cls != "project" or not named(part) or part.rank:
        return None

    def renamed(node: Any) -> tuple[Any, int]:
        if isinstance(node, Set) and node.cls == "project" and (named(node)):
            kept = tuple(c for c in node.where if not isinstance(c, OfProject | Is))
            before = {i for c in node.where if isinstance(c, OfProject | Is) for i in c.iris}
            return replace(node, where=(*_others(part.where, before), *kept), mention=part.mention), 1
        return below(node, renamed)

    new, count = renamed(value)
    return new if count and new != value else None


def _with_owner(value: Any, part: Set, items: Sequence[dict[str, Any]]) -> Any:
    """“应急广播的修复时限是多久”, “无线覆盖那个项目呢”: the indicator by the words that name it, of that project."""
    if part.cls != "project" or not named(part) or part.rank or not isinstance(value, Each):
        return None
    of = value.of
    if of.cls != "indicator" or of.mention is None or (of.of is not None and named(of.of)):
        return None
    labels = "".join(i["label"] for i in items)
    kept = tuple(w for w in of.mention.words if w in labels)
    if not kept:
        return None
    return replace(value, of=replace(of, of=part, mention=replace(of.mention, words=kept)))


def _others(where: tuple[Any, ...], before: set[str]) -> tuple[Any, ...]:
    """Of several projects that a name fits, those that were not asked about before."""
    if not where or not isinstance(where[0], OfProject):
        return where
    others = tuple(i for i in where[0].iris if i not in before)
    return (replace(where[0], iris=others), *where[1:]) if others else where


def only_named(value: Any) -> bool:
    """Whether nothing is asked of the projects that are called by their names."""
    of = value.of if isinstance(value, List) else None
    return of is not None and of.cls == "project" and named(of) and len(of.where) == 1 and of.rank is None


def statistics(value: Any, items: list[dict[str, Any]]) -> list[Statistic]:
    """The numbers of an answer, each as a statistic of its own set."""
    if isinstance(value, Number) and isinstance(value.of, Statistic):
        return [value.of]
    if (
        isinstance(value, Number) and isinstance(value.of, Computed) and value.of.operation == "difference"
    ):  # “增长了百分之几”, after “多了多少”
        return [n for n in (value.of.first, value.of.second) if isinstance(n, Statistic)]
    attribute = value.attributes[0] if isinstance(value, Each) and len(value.attributes) == 1 else None
    if isinstance(value, List) and value.of.cls == "indicator" and len(items) == 1:
        attribute = target()  # “数额最大的是哪一条”
    if isinstance(value, List) and value.of.rank is not None and value.of.cls == "project" and len(items) == 1:
        attribute = value.of.rank.by if isinstance(value.of.rank.by, Attribute) else None  # “预算最高的是哪个”
    if attribute is not None and attribute.kind in ("money", "number", "value"):
        years = {i["iri"]: i.get("year") for i in items if i["iri"] and i["number"] is not None}
        return [Statistic("sum", _one(value.of, iri, year), attribute) for iri, year in years.items()]
    if isinstance(value, Several):
        return [s for p in value.parts for s in statistics(p, items)]
    return []


def _one(of: Set, iri: str, year: int | None) -> Set:
    """One thing of a set, of its year."""
    named = Set(of.cls, (Is((iri,), str(of)),))
    if year is None:
        return named
    dated = OfYear((year,))
    return (
        replace(named, where=(*named.where, dated))
        if of.cls == "project"
        else replace(named, of=Set("project", (dated,)))
    )


def whole(value: Any) -> Any:
    """“最高的是哪一项”, “合计呢”: what all come to of which one was told by its rank; None where none was."""
    of = value.of if isinstance(value, List) else None
    if of is None or of.rank is None or of.rank.limit != 1 or not isinstance(of.rank.by, Attribute):
        return None
    by = of.rank.by
    return number(Statistic("sum", replace(of, rank=None), by)) if by.kind in ("money", "value", "amount") else None


def strays(value: Any, before: Any) -> bool:
    """Whether budgets are told that nothing asked for: “2024年和2025年各是多少”, of an indicator's value."""
    told = isinstance(before, Each) and before.of.cls == "indicator"
    return told and isinstance(value, Each) and value.attributes == (attributes()["project", "budget"],)


def by_growth(value: Any) -> bool:
    """Whether what was found was ranked by how much more it is than in another year."""
    return isinstance(value, List) and value.of.rank is not None and isinstance(value.of.rank.by, Growth)


def of_the_listed(value: Any, before: Any) -> Any:
    """“哪些项目有其他资金，合计（分别）多少”: the amounts by which they were listed, not their budgets."""
    told = before.attributes if isinstance(before, Each) and len(before.attributes) == 1 else ()
    listed = before.of if isinstance(before, List) or told else None
    if listed is None or listed.cls != "project":
        return value
    said = [c.label for c in listed.where if isinstance(c, OfConcept) and c.relation == "fundSource" and not c.negated]
    of = [c.attribute for c in listed.where if isinstance(c, Compare) and c.than is None and c.operator != "="]
    of += [a for a in attributes().values() if a.of == "project" and a.kind == "money" and set(a.names) & set(said)]
    of = [*(a for a in told if a.kind == "money"), *of]  # “分别是多少”, “合计多少”
    budget = attributes()["project", "budget"]
    held = [c for c in listed.where if isinstance(c, Has) and (c.operator, c.number) == ("≥", 1)]
    if len(held) == 1 and not of and isinstance(value, Each) and value.attributes == (budget,):
        return Each(replace(held[0].of, of=value.of), (target(),))  # “…在哪些项目里出现”, “分别是多少”
    if not of:
        return value
    if isinstance(value, Each):
        return replace(value, attributes=tuple(of[0] if a == budget else a for a in value.attributes))
    number = value.of if isinstance(value, Number) else None
    if isinstance(number, Statistic) and number.function == "sum" and number.attribute == budget:
        return replace(value, of=replace(number, attribute=of[0]))
    return value


def added(asked: str) -> int:
    """Of how many answers the sum is asked for: “这两个加起来一共多少”; 0 where none is."""
    said, many = several(asked)
    return many if said in entries()["follow"]["sums"] else 0


def several(asked: str) -> tuple[str, int]:
    """What is asked of the last answers, and of how many: of two where it is not said."""
    for said, many in entries()["several"].items():
        if asked.startswith(said):
            return asked.removeprefix(said).removeprefix("的"), int(many)
    return asked, 2


def greater(values: list[Any], items: list[dict[str, Any]], most: bool) -> Any:
    """“哪个多”: of the two projects whose amounts were asked for one after the other."""
    told = [v for v in values if isinstance(v, Each) and v.of.cls == "project" and len(v.attributes) == 1]
    iris = tuple(dict.fromkeys(i["iri"] for i in items if i["iri"]))
    if len(told) != 2 or len(iris) != 2 or told[0].attributes != told[1].attributes:
        return None
    if told[0].attributes[0].kind not in ("money", "number"):
        return None
    return List(Set("project", (Is(iris, PREVIOUS),), rank=Rank(told[0].attributes[0], most)))


def total(numbers: list[list[Statistic]], many: int) -> Any:
    """What several answers that are one number each come to, of the same amount."""
    last = [n[0] for n in numbers[:many] if len(n) == 1]
    if len(last) < many or len(set(last)) < many or len({n.attribute for n in last}) > 1:
        return None
    whole: Any = last[-1]
    for one in reversed(last[:-1]):
        whole = Computed("sum", whole, one)
    return number(whole)


def difference(values: list[Statistic], operation: str = "difference") -> Any:
    """How far two numbers differ, or by how many per cent the later year's is more."""
    if operation == "rate":
        values = sorted(values, key=_year, reverse=True)
        if len({_year(v) for v in values}) != 2:
            return None
    if len(values) != 2 or values[0] == values[1] or values[0].attribute != values[1].attribute:
        return None
    return number(Computed(operation, values[0], values[1]))


def _year(of: Statistic) -> int:
    return max((y for n in walk(of) if isinstance(n, OfYear) for y in n.years), default=0)


def anchored(meaning: Any, cue: bool = False) -> bool:
    """Whether what was read says by itself what it is about; with a ``cue`` that it goes on from the last, the people
    that it names are those of the projects that were spoken of."""
    people = isinstance(meaning, Each) and meaning.of.cls == "indicator" and cue
    return any(
        isinstance(n, OfProject | OfConcept | OfDepartment | Alternatives)
        and not (people and isinstance(n, OfConcept) and n.relation == "beneficiary")
        for n in walk(meaning)
    )


def reworded(tokens: Tokens, previous: Tokens) -> str | None:
    """The question before with the one name in it exchanged for the name of its kind that is said now."""
    said = [t for t in tokens.items if t.entity or (t.quantity and t.quantity.kind == "year")]
    rest = [t for t in tokens.items if t not in said and t.kind == "word"]
    if not said or rest:
        return None
    text, name = tokens.text, said[0]
    if any(set(t.roles) & OF_NUMBERS for t in tokens.items):
        return None  # “比2024年多多少”: no more is asked than the other year
    between = [t for t in tokens.items if said[0].end <= t.start < said[-1].start and t not in said]
    if any(t.kind != "role" or "join" not in t.roles for t in between):
        return None
    kind = name.entity.kind if name.entity else "year"
    same = {"project", "programme"} if kind in ("project", "programme") else {kind}
    old = [
        t
        for t in previous.items
        if (t.entity.kind if t.entity else "year" if t.quantity and t.quantity.kind == "year" else "") in same
    ]
    if len(old) != 1:
        return None
    return previous.text[: old[0].start] + text[said[0].start : said[-1].end] + previous.text[old[0].end :]


def fragments(lattice: Lattice, parse: Any, grammar: Any) -> Iterator[tuple[Any, float]]:
    """What a question that is only a part may be: conditions, an attribute, a named thing, words of an indicator,
    another unit."""
    for goal in ("C", "A", "S", "Q", "WP", "WW", "INUNIT", "ONWARD"):
        for derivation in parse(grammar, lattice.edges, lattice.skips, len(lattice.text), goal, DEAREST)[:3]:
            yield derivation.meaning, derivation.cost
    for derivation in parse(grammar, lattice.edges, lattice.skips, len(lattice.text), "THD", DEAREST)[:1]:
        yield Against(*derivation.meaning), derivation.cost  # “比2024年多多少”
    for goal in ("SUP", "TOP"):  # “最低的呢”, “第二大的呢”
        for derivation in parse(grammar, lattice.edges, lattice.skips, len(lattice.text), goal, DEAREST)[:1]:
            said = derivation.meaning
            rank = Ranked(said) if goal == "SUP" else Ranked(None if said[0] else False, said[1], said[2])
            yield rank, derivation.cost
