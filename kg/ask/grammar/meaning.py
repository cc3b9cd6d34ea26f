"""How meanings are put together: conditions said of sets, sets of sets, ranks, numbers. ``None``: they do not fit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

from kg.ask.logic.attributes import Attribute, attributes
from kg.ask.logic.changes import AlsoIn, Growth, NewIn, Retargeted
from kg.ask.logic.conditions import (
    ONE,
    PREVIOUS,
    Alternatives,
    Among,
    BaseUnit,
    Compare,
    Found,
    Is,
    Measured,
    Mention,
    Not,
    Size,
    TextHolds,
    Unsaid,
    WrittenUnit,
    applies,
)
from kg.ask.logic.groups import ByGroup, Changes
from kg.ask.logic.holding import Has, Sums
from kg.ask.logic.node import Node, node
from kg.ask.logic.plain import (
    About,
    Changed,
    DueBy,
    Named,
    OfConcept,
    OfDepartment,
    OfProject,
    OfTarget,
    OfType,
    OfYear,
    OnlyIn,
    TargetKind,
    TargetText,
)
from kg.ask.logic.plain import Every as Often
from kg.ask.logic.sets import Rank, Set, Statistic
from kg.ask.logic.values import Computed, Each, Every, Exists, Holds, List, Number, Several, Table, Which
from kg.ask.logic.wanted import Wanted

DIMENSIONS = ("group", "fund", "department", "document", "year")
GROUPS = ("group", "fund", "department")  # that numbers are told of


@node
class Asked(Node):
    """An indicator's value asked for: its words, whose it is, what is expected."""

    words: tuple[str, ...]
    wanted: Wanted
    of: Set | None = None


@node
class Pair(Node):
    """Two numbers side by side, each an attribute of a set or a statistic."""

    first: Any
    second: Any


@node
class OtherWay(Node):
    """“减少的呢”: what has changed the other way."""

    operator: str


# —— conditions and sets ——


def attach(conditions: tuple[Any, ...], of: Set) -> Set | None:
    """The set narrowed by conditions, each said of the things themselves or of what they belong to."""
    for condition in conditions:
        found = _attach(condition, of)
        if found is None:
            return None
        of = found
    return of


def _attach(condition: Any, of: Set) -> Set | None:
    if isinstance(condition, OnlyIn) and of.cls == "indicator":  # of the indicators, not of their projects
        owner = _attach(OfYear((condition.year,)), of.of or Set("project")) if condition.year else None
        return replace(of, where=(*of.where, NewIn(condition.other)), of=owner) if owner else None
    if of.cls == "indicator" and isinstance(condition, Not) and isinstance(condition.parts[0], AlsoIn):
        year = condition.parts[0].year  # “2025年没有的指标”: of the year before
        return _attach(OnlyIn(year - 1, year), of)
    if of.cls == "indicator" and isinstance(condition, AlsoIn) and not condition.conditions:
        return replace(of, where=(*of.where, NewIn(condition.year, kept=True)))  # “两年都设的指标”
    if isinstance(condition, Changed | Growth) and of.cls == "indicator":
        return None  # an amount of the project's: no indicator has changed with it
    if isinstance(condition, Has) and of.cls in GROUPS and condition.number > 1 and of.rank is None:
        whole = replace(condition.of, of=of.of) if condition.of.of is None else condition.of  # “指标超过50条的部门”
        number = Decimal(condition.number)
        return replace(of, where=(*of.where, ByGroup(of.cls, Statistic("count", whole), condition.operator, number)))
    if isinstance(condition, Changed | Growth) and of.cls in GROUPS:
        return changed_groups(condition, of)  # “预算减少的部门”: of each as a whole
    if isinstance(condition, OfProject) and of.cls == "project" and not of.bare and condition in of.where:
        return None
    if isinstance(condition, OnlyIn) and of.cls == "project" and (named(of) or _of_another(condition, of.where)):
        return None
    if isinstance(condition, OfYear) and any(_of_another(c, (condition,)) for c in of.where if isinstance(c, OnlyIn)):
        return None
    if isinstance(condition, Unsaid) and condition.attribute.of != of.cls:
        return None  # “没写目标的项目”: no project whose indicator has none
    if isinstance(condition, Not) and of.cls == "project" and all(isinstance(c, OfType) for c in condition.parts):
        return None  # every project has indicators of other types
    if isinstance(condition, OfConcept) and of.cls == "project" and joined(of):
        return None  # “甲和乙（中央资金）”: it may be said of 乙 alone
    if isinstance(condition, Among) and condition.negated and of.cls == "project" and named(of):
        return None  # “甲除了物业费，还有哪些指标”: of what is called by its name no other projects are left out
    if isinstance(condition, Has) and of.cls == "project":
        for at, held in enumerate(of.where):
            merged = _one_indicator(held, condition) if isinstance(held, Has) else None
            if merged is not None:
                return replace(of, where=(*of.where[:at], merged, *of.where[at + 1 :]))
    if applies(condition, of.cls):
        if condition in of.where:
            return of
        if any(_same_thing(condition, c) for c in of.where):
            return None
        return replace(of, where=(*of.where, condition))
    if of.cls == "indicator" or of.cls in DIMENSIONS:
        if applies(condition, "project"):
            owner = _attach(condition, of.of or Set("project"))
            return replace(of, of=owner) if owner else None
        if of.cls in DIMENSIONS and applies(condition, "indicator"):
            owner = _attach(condition, of.of or Set("project"))
            return replace(of, of=owner) if owner else None
        return None
    if of.cls == "type":
        owner = _attach(condition, of.of or Set("indicator"))
        return replace(of, of=owner) if owner else None
    if of.cls == "project" and applies(condition, "indicator"):
        last = of.where[-1] if of.where else None
        if isinstance(last, Has) and (last.operator, last.number) == ("≥", 1) and not last.of.rank:
            inner = _attach(condition, last.of)  # “有满意度指标低于90%的”: of one and the same indicator
            return replace(of, where=(*of.where[:-1], replace(last, of=inner))) if inner else None
        return replace(of, where=(*of.where, Has(Set("indicator", (condition,)))))
    return None


def _of_another(only: OnlyIn, conditions: tuple[Any, ...]) -> bool:
    """Whether a year is said that is not the one of which what is only there is: “2025年取消的” is of 2024."""
    years = {y for c in conditions if isinstance(c, OfYear) for y in c.years}
    return bool(years) and only.year != 0 and only.year not in years


def changed_groups(condition: Any, of: Set) -> Set | None:
    """The groups of which the amount as a whole has changed so."""
    attribute = condition.attribute if isinstance(condition, Growth) else attributes()["project", condition.measure]
    new = condition.new if isinstance(condition, Changed) else 0
    owner = of.of or Set("project")
    years = [c.years for c in owner.where if isinstance(c, OfYear)]
    if owner.rank is not None or any(len(y) != 1 for y in years):
        return None
    new = years[0][0] if years else new
    owner = replace(owner, where=tuple(c for c in owner.where if not isinstance(c, OfYear)))
    if isinstance(condition, Changed):
        by = ByGroup(of.cls, change_of(owner, attribute, condition.old or new - 1, new), condition.operator)
    else:
        how = "decline" if condition.less else "rate"
        change = change_of(owner, attribute, condition.old or new - 1, new, how if condition.rate else "difference")
        if condition.less and not condition.rate:
            change = replace(change, first=change.second, second=change.first)
        by = ByGroup(of.cls, change, condition.operator, condition.number, condition.said)
    return replace(of, where=(*of.where, by))


def change_of(of: Set, attribute: Attribute | None, old: int, new: int, operation: str = "difference") -> Computed:
    """How a sum (or how many there are) has changed from one year to another."""
    function = "sum" if attribute else "count"
    later, earlier = (
        Statistic(function, replace(of, where=(*of.where, OfYear((year,)))), attribute) for year in (new, old)
    )
    return Computed(operation, later, earlier)


def joined(of: Set) -> bool:
    """Whether a set is of projects that were named side by side."""
    return any(isinstance(c, OfProject) and not c.negated and "、" in c.label for c in of.where)


def _one_indicator(first: Has, second: Has) -> Has | None:
    """“目标值低于90%”, “满意度指标”: of one and the same indicator, where one says which and the other what it is like."""
    if {(h.operator, h.number) for h in (first, second)} != {("≥", 1)} or first.of.rank or second.of.rank:
        return None
    typed = [h for h in (first, second) if h.of.mention or any(isinstance(c, OfType | Named) for c in h.of.where)]
    if len(typed) != 1:
        return None
    other = second if typed[0] is first else first
    if other.of.of is not None or not all(_of_value(c) for c in other.of.where):
        return None
    merged = attach(other.of.where, typed[0].of)
    return replace(typed[0], of=merged) if merged else None


def _of_value(condition: Any) -> bool:
    """Whether a condition is about an indicator's value, and so about that of the indicator named beside it."""
    if isinstance(condition, Not):
        return all(_of_value(c) for c in condition.parts)
    if isinstance(condition, Found):
        return condition.of == "indicator"
    return isinstance(condition, OF_VALUES)


OF_VALUES = (OfTarget, TargetKind, TargetText, DueBy, Often, WrittenUnit, Measured, BaseUnit, Retargeted)


def direct(conditions: tuple[Any, ...], of: Set) -> Set | None:
    """The set narrowed by conditions that its things themselves meet, or that say whose they are."""
    return None if _lifted(conditions, of) else attach(conditions, of)


def lifted(conditions: tuple[Any, ...], of: Set) -> Set | None:
    """The set narrowed by a number or a date of something else: a project's budget, where its indicators are meant."""
    return attach(conditions, of) if _lifted(conditions, of) else None


def _lifted(conditions: tuple[Any, ...], of: Set) -> bool:
    for c in conditions:
        if isinstance(c, Compare) and (c.attribute.of != of.cls or (of.cls == "project" and named(of))):
            return True
        if of.cls == "project" and not applies(c, "project"):
            return True
    return False


def relate(first: Set, second: Set) -> Set | None:
    """“first 的 second”: the second that belong to the first."""
    if first.cls == second.cls:
        if _within(first, second):
            return first  # “它里面公益性岗位补贴…”
        if first.cls == "project" and first.mention and second.mention:
            return None
        if second.bare:
            return first
        if first.bare:
            return second
        if first.cls == "indicator" and second.mention is None and first.mention is None and not first.rank:
            merged = attach(first.where, second)
            return replace(merged, of=first.of or second.of) if merged else None
        return None
    if first.cls == "project" and first.bare and second.mention is not None:
        return None  # “哪些项目要办…” asks for projects
    if first.cls == "project" and second.cls in ("indicator", *DIMENSIONS):
        if second.of is None or second.of.bare:
            return replace(second, of=first)
        if first.bare:
            return second
        if second.of.rank is None and all(isinstance(c, OfYear) for c in second.of.where) and not second.of.mention:
            owner = attach(second.of.where, first)  # “甲2025年有而2024年没有的指标”
            return replace(second, of=owner) if owner else None
        return None
    if first.cls == "project" and second.cls == "type":
        return replace(second, of=Set("indicator", of=first)) if second.of is None else None
    if first.cls == "indicator" and second.cls == "type" and second.bare:
        return replace(second, of=first)
    if first.cls in DIMENSIONS and second.cls == "project" and not first.where and not first.rank and first.of:
        return attach(first.of.where, second)
    return None


def _within(first: Set, second: Set) -> bool:
    """Whether the first are things that were found before, and the second a name that all of them go by."""
    if len(first.where) != 1 or len(second.where) != 1 or first.rank or second.rank or second.mention:
        return False
    found, name = first.where[0], second.where[0]
    return (
        isinstance(found, Is) and isinstance(name, OfProject) and not name.negated and set(found.iris) <= set(name.iris)
    )


def having(of: Set, owner: Set) -> Set | None:
    """“有 of 的 owner”: the projects that have one of the indicators."""
    if of.cls == "indicator" and owner.cls == "project":
        return attach((Has(of),), owner)
    return None


def has(of: Set, operator: str = "≥", number: int = 1) -> tuple[Any, ...] | None:
    if of.cls != "indicator" or of.rank:
        return None
    sizes = [c for c in of.where if isinstance(c, Size)]
    if sizes and (operator, number) == ("≥", 1):  # “设了两个满意度指标的”: so many in each project
        of, operator, number = replace(of, where=tuple(c for c in of.where if c not in sizes)), "=", sizes[0].number
    return (Has(of, operator, number),)


def negate(conditions: tuple[Any, ...]) -> tuple[Any, ...] | None:
    if len(conditions) != 1:
        return None
    condition = conditions[0]
    if isinstance(condition, OfConcept):
        return (replace(condition, negated=not condition.negated),)
    if isinstance(condition, OfProject | Is):
        return (replace(condition, negated=not condition.negated),)
    if isinstance(condition, Has) and (condition.operator, condition.number) == ("≥", 1):
        return (replace(condition, operator="=", number=0),)
    if isinstance(condition, Compare) and condition.than is None:
        return (replace(condition, operator=">" if condition.operator == "=" else "="),)
    if isinstance(condition, OfYear) or (isinstance(condition, Among) and condition.negated):
        return None  # “除前三名外”: left out once
    return (Not(conditions),)


def either(first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Conditions joined by 或."""
    alternatives: list[tuple[Any, ...]] = []
    for part in (first, second):
        alternatives += part[0].parts if len(part) == 1 and isinstance(part[0], Alternatives) else [part]
    return (Alternatives(tuple(dict.fromkeys(alternatives))),)


EXCLUSIVE = (OfDepartment, OfYear, OfProject)


def both(first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Conditions joined by 和: of what can be only one (a department, a year, a project) either, else both."""
    if second and all(c in first for c in second) and not any(isinstance(c, EXCLUSIVE) for c in second):
        return first
    one: Any = first[-1]
    other: Any = second[0]
    rest, more = first[:-1], second[1:]
    if type(one) is type(other) and type(one) in EXCLUSIVE:
        if hasattr(one, "years"):
            return (*rest, OfYear(tuple(dict.fromkeys((*one.years, *other.years)))), *more)
        iris = tuple(dict.fromkeys((*one.iris, *other.iris)))
        return (*rest, replace(one, iris=iris, label=f"{one.label}、{other.label}"), *more)
    if getattr(one, "negated", False) and type(one) is type(other) is OfConcept and not other.negated:
        return (*first, replace(other, negated=True), *more)
    if isinstance(one, Not) and len(one.parts) == 1 and type(one.parts[0]) is type(other):
        return (*first, Not((other,)), *more)  # “除了甲和乙”
    if any(_same_thing(a, b) for a in first for b in second):
        return None
    return (*first, *second)


def together(first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Conditions one after the other."""
    if (
        len(second) == 1
        and isinstance(second[0], OfYear)
        and any(isinstance(c, OfYear) and set(c.years) == set(second[0].years) for c in first)
    ):
        return first  # “2024、2025两年”
    if second and all(c in first or _said(c, first) for c in second):
        return first  # “全部是定性描述、没有量化”: said twice
    if len(first) == len(second) == 1 and isinstance(first[0], OfYear) and isinstance(second[0], OfYear):
        return both(first, second)  # “发放人次 2024 2025”
    if any(_same_thing(a, b) for a in first for b in second):
        return None
    return (*first, *second)


def _said(condition: Any, first: tuple[Any, ...]) -> bool:
    """Whether of narrower indicators the same was said: “效益指标全部是定性的、一个量化的都没有”."""
    return isinstance(condition, Has) and any(
        isinstance(c, Has)
        and (c.operator, c.number) == (condition.operator, condition.number)
        and set(condition.of.where) <= set(c.of.where)
        for c in first
    )


def _same_thing(one: Any, other: Any) -> bool:
    return one == other or (
        isinstance(one, EXCLUSIVE)
        and type(one) is type(other)
        and not getattr(one, "negated", False)
        and not getattr(other, "negated", False)
    )


def union(first: Set, second: Set) -> Set | None:
    """Named projects (or types of indicators) side by side."""
    if first.cls != second.cls or first.rank or second.rank or first.mention or second.mention:
        return None
    if first.cls == "project" and len(first.where) == len(second.where) == 1:
        one, other = first.where[0], second.where[0]
        if isinstance(one, OfProject) and isinstance(other, OfProject) and not one.negated and not other.negated:
            if set(one.iris) & set(other.iris):
                return None
            joined = both((one,), (other,))
            return Set("project", joined) if joined else None
    if first.cls == "indicator" and first.where and second.where and second.of is None:
        parts = [p for where in (first.where, second.where) for p in _alternatives(where)]
        return Set("indicator", (Alternatives(tuple(dict.fromkeys(parts))),), first.of)
    return None


def _alternatives(where: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    return where[0].parts if len(where) == 1 and isinstance(where[0], Alternatives) else (where,)


def years_apart(first: tuple[Any, ...], second: tuple[Any, ...]) -> bool:
    """Whether conditions end with two different years."""
    return isinstance(first[-1], OfYear) and isinstance(second[-1], OfYear) and first[-1] != second[-1]


# —— comparisons ——


def compare(attribute: Attribute, operator: str, than: Any, said: str = "") -> tuple[Any, ...] | None:
    if attribute.kind not in ("money", "number", "value"):
        return None
    if isinstance(than, Decimal) and attribute.kind == "value":
        return None
    return (Compare(attribute, operator, than, said),)


def bounds(attribute: Attribute, quantity: Any) -> tuple[Any, ...] | None:
    """“预算 100 万到 300 万”: the conditions an amount of money states."""
    if attribute.kind != "money" or quantity.kind != "money" or quantity.number is None:
        return None
    if not (quantity.operator or quantity.upper is not None):
        return None
    found = [Compare(attribute, quantity.operator or "≥", quantity.number)]
    if quantity.upper is not None:
        found.append(Compare(attribute, quantity.upper_operator or "≤", quantity.upper))
    return tuple(found)


def percent_of(attribute: Attribute, quantity: Any) -> tuple[Any, ...] | None:
    if attribute.unit != "%" or quantity.kind != "percent" or not quantity.operator:
        return None
    return (Compare(attribute, quantity.operator, quantity.number, f"{quantity.number.normalize():f}%"),)


def rank(by: Any, descending: bool, limit: int | None = 1, offset: int = 0) -> Rank | None:
    if isinstance(by, Attribute) and by.kind not in ("money", "number", "value"):
        return None
    return Rank(by, descending, limit, offset)


def ranked(of: Set, by: Rank) -> Set | None:
    """The set with a rank said of it."""
    if of.rank is not None:
        return None
    if of.cls == "project" and any(
        isinstance(c, OfProject | Is) and not c.negated and len(c.iris) == 1 for c in of.where
    ):
        return None  # one project is the highest of nothing: “甲的数量指标里最高的”
    if isinstance(by.by, Attribute):
        if of.cls in DIMENSIONS and of.of is not None and any(isinstance(c, Changed) for c in of.of.where):
            return None  # “哪个局的预算增加最多”: by how much, of each department as a whole
        if by.by.of == of.cls or (of.cls in DIMENSIONS and by.by.of == "project"):
            return replace(of, rank=by)
        return None
    if isinstance(by.by, Set):
        return replace(of, rank=by) if of.cls == "project" and by.by.cls == "indicator" else None
    return replace(of, rank=by) if of.cls in (*DIMENSIONS, "type") else None


# —— values ——


def each(of: Set, names: tuple[Attribute, ...]) -> Each | None:
    """The attributes of a set's things; of a named indicator its target."""
    if of.cls == "project" and named(of) and any(isinstance(c, About | Found | Sums) for c in of.where):
        return None  # what is said of one project's money restricts it: a topic would be dropped
    if of.cls == "project" and named(of) and any(a.name == "fiscalFunds" for a in names) and _of_one_fund(of):
        return None  # “甲的中央财政出多少”: not all that the treasury gives
    if all(a.of == of.cls for a in names):
        return Each(of, names)
    return None


def _of_one_fund(of: Set) -> bool:
    """Whether one of the funds is named by which a project is paid for."""
    return any(isinstance(c, OfConcept) and c.relation == "fundSource" and not c.negated for c in of.where)


def more_of(first: Each, names: tuple[Attribute, ...]) -> Each | None:
    if all(a.of == first.of.cls for a in names) and not set(names) & set(first.attributes):
        return replace(first, attributes=(*first.attributes, *names))
    return None


def named(of: Set) -> bool:
    """Whether the set is of things called by their names, which are then told one by one."""
    return any(isinstance(c, OfProject | Is) and not c.negated for c in of.where) or of.mention is not None


def vague(of: Set) -> bool:
    """Whether a set is of what one short word means: “比企业掏的多” compares with no project."""
    return of.mention is not None and len("".join(of.mention.words)) < SHORT


SHORT = 3  # characters of a word that may mean anything


def of_before(of: Set) -> bool:
    """Whether the set is of things that were found by the question before."""
    return any(isinstance(c, Is) and c.label == PREVIOUS for c in of.where)


def some_before(of: Set) -> bool:
    """Whether the set is of several such things, among which some may be chosen."""
    return any(isinstance(c, Is) and c.label == PREVIOUS and len(c.iris) > 1 for c in of.where)


def told_of(of: Each) -> Each | None:
    """“甲的其他资金来自哪里”: the purpose, where it speaks of that money; no other cell says."""
    (attribute,), purpose = of.attributes[:1], attributes()["project", "purpose"]
    if len(of.attributes) > 1 or attribute.name != "otherFunds" or not named(of.of):
        return None
    told = attach((TextHolds(purpose, (tuple(sorted(attribute.names, key=len)),)),), of.of)
    return Each(told, (purpose,)) if told else None


def called(of: Set) -> bool:
    """Whether the set is of things called by one name, be it that several have it."""
    return named(of) or any(isinstance(c, Named) and c.exact for c in of.where)


def total(of: Each, function: str = "sum") -> Statistic | None:
    attribute = of.attributes[0]
    if len(of.attributes) != 1 or attribute.kind not in ("money", "number", "value"):
        return None
    return Statistic(function, of.of, attribute)


def unit_of(attribute: Attribute | None, shown: str = "") -> str:
    if attribute is None:
        return "个"
    if attribute.kind in ("money", "amount"):
        return shown or "万元"
    return attribute.unit


def number(of: Statistic | Computed | None, shown: str = "") -> Number | None:
    if of is None:
        return None
    if isinstance(of, Computed):
        if of.operation in ("ratio", "rate", "decline"):
            return Number(of, "%")
        if of.operation == "times":
            return Number(of, "倍")
        if of.operation == "per":
            return Number(of, "条")
        inner = number(of.first, shown)
        return Number(of, inner.unit if inner else "")
    if of.function == "count":
        return Number(of, "条" if of.of.cls == "indicator" else "个")
    return Number(of, unit_of(of.attribute, shown))


def count(of: Set) -> Statistic | None:
    return Statistic("count", of) if not (of.rank and of.rank.limit == 1) else None


def answer_each(of: Each, shown: str = "") -> Any:
    """What an attribute of a set asks for: of named things one by one, of all others together where it is money."""
    attribute = of.attributes[0]
    if attribute.kind == "concept":
        cls = {"fundSource": "fund", "beneficiary": "group", "department": "department", "type": "type"}.get(
            attribute.name
        )
        if cls is None or (cls == "type" and of.of.cls != "indicator"):
            return None
        if cls == "type":
            return of
        return List(Set(cls, of=of.of)) if of.of.cls == "project" else None
    if len(of.attributes) == 1 and attribute.kind in ("money", "number") and of.of.cls == "project":
        if not named(of.of) and of.of.rank is None:
            return number(Statistic("sum" if attribute.kind == "money" else "average", of.of, attribute), shown)
        return replace(of, unit=unit_of(attribute, shown))
    if len(of.attributes) > 1:
        parts = [answer_each(replace(of, attributes=(a,)), shown) for a in of.attributes]
        return Several(tuple(parts)) if all(parts) else None
    return replace(of, unit=unit_of(attribute, shown))


def listed(of: Set) -> Any:
    """“哪些…”: the things of a set; of a set of indicators with their targets."""
    if of.mention is not None and of.mention.expected == ONE:
        return None  # “哪些培训项目” asks for all of them
    if of.bare and of.cls not in ("project", "department", "fund", "group", "document", "year"):
        return None
    if of.cls == "project" and named(of) and any(isinstance(c, About) for c in of.where):
        return None  # “甲是为哪个项目付利息的”: not for itself
    shown = next((c.attribute for c in of.where if isinstance(c, Compare) and c.attribute.of == "project"), None)
    return List(of, shown)


def grouped(by: str, of: Set, attribute: Attribute | None, function: str = "sum", shown: str = "") -> Any:
    """“各部门预算”, “每个项目有几条指标”: one number for each group."""
    if attribute is not None and attribute.of != of.cls:
        return None
    if attribute is not None and attribute.kind not in ("money", "number"):
        return None
    if by == of.cls == "project":
        if attribute is None:
            return None
        return Each(of, (attribute,), unit_of(attribute, shown)) if function == "sum" else None
    if by in ("type", "level1") and of.cls != "indicator":
        return None
    if by == "indicator":
        return None
    unit = ("条" if of.cls == "indicator" else "个") if attribute is None else unit_of(attribute, shown)
    return Table("count" if attribute is None else function, of, attribute, by, unit)


def truth(of: Set) -> Any:
    """“…吗”, “有没有…”."""
    return Exists(of) if not (of.bare or (of.mention is not None and of.mention.expected == ONE)) else None


def same_class(first: Set, second: Set) -> Set | None:
    """“甲是…的项目吗”: the first, if it is among the second."""
    if first.cls != second.cls or first.rank or (first.mention and second.mention) or second.bare or not named(first):
        return None
    return replace(first, where=(*first.where, Among(second)))


def pair_numbers(pair: Pair) -> tuple[Statistic, Statistic] | None:
    if isinstance(pair.first, ByGroup):
        return None
    a, b = (p if isinstance(p, Statistic) else _of_one(total(p)) for p in (pair.first, pair.second))
    if a and b:
        a, b = _in_both(a, b), _in_both(_carrying(b, a), a)
    if isinstance(pair.first, Statistic) and a and b:
        return a, b
    return (a, b) if a and b and a.attribute == b.attribute and a != b else None


def _of_one(number: Statistic | None) -> Statistic | None:
    """“最低的项目”的预算: the amount of one of them, also where several are the lowest."""
    rank = number.of.rank if number else None
    if number is None or rank is None or rank.limit != 1 or rank.by != number.attribute or number.function != "sum":
        return number
    return replace(number, function="max")


def _carrying(one: Statistic, first: Statistic) -> Statistic:
    """“中央直达资金里，甲的预算比乙”: what the first of two named things says of fund and year holds for the other; of
    “住建局2025年的预算比2024年” all that it says but the year."""
    if _years_alone(one.of) and first.of.cls == "project" and first.of.rank is None and _year_of(first.of) is not None:
        kept = tuple(c for c in first.of.where if not isinstance(c, OfYear))
        return replace(one, of=replace(one.of, where=(*kept, *one.of.where)))
    if one.of.cls != "project" or not (named(one.of) and named(first.of)) or first.of.cls != "project":
        return one
    if any(isinstance(c, OfConcept | OfYear) for c in one.of.where):
        return one
    of = attach(tuple(c for c in first.of.where if isinstance(c, OfConcept | OfYear)), one.of)
    return replace(one, of=of) if of else one


def _years_alone(of: Set) -> bool:
    return of.cls == "project" and of.rank is None and _year_of(of) is not None and len(of.where) == 1


def _year_of(of: Set) -> int | None:
    years = next((c.years for c in of.where if isinstance(c, OfYear)), ())
    return years[0] if len(years) == 1 else None


def _in_both(one: Statistic, other: Statistic) -> Statistic:
    """“两年都有的项目，2025年比2024年”: of either year those that the other has, too."""
    mine, theirs = (next((c.years for c in s.of.where if isinstance(c, OfYear)), ()) for s in (one, other))
    if len(mine) != 1 or len(theirs) != 1:
        return one
    where = tuple(
        replace(c, year=theirs[0]) if isinstance(c, AlsoIn) and c.year in (*mine, -1) else c for c in one.of.where
    )
    return replace(one, of=replace(one.of, where=where)) if where != one.of.where else one


def computed(operation: str, pair: Pair, shown: str = "") -> Number | Changes | None:
    if isinstance(pair.first, ByGroup):
        return of_groups(operation, pair, shown)
    found = pair_numbers(pair)
    if found is None or found[0] == found[1]:
        return None
    return number(Computed(operation, *found), shown)


def rate(operator: str) -> str:
    """“增幅”, “降幅”: by how many per cent it is more, or less."""
    return "decline" if operator == "<" else "rate"


def of_groups(operation: str, pair: Pair, shown: str = "") -> Changes | None:
    """“各部门预算2025年比2024年”: how the number of each group has changed."""
    if operation not in ("difference", "rate", "decline"):
        return None
    by = ByGroup(pair.first.by, Computed(operation, pair.first.number, pair.second.number))
    return Changes(by, shown if shown and by.unit == "万元" else by.unit)


def which(pair: Pair, descending: bool) -> Any:
    if isinstance(pair.first, Statistic | ByGroup):
        return None
    a, b = (answer_each(p) for p in (pair.first, pair.second))
    return Which((a, b), descending) if a and b else None


def hold(first: Any, operator: str, second: Any) -> Any:
    return Holds(first, operator, second) if second is not None and operator else None


def hold_two(of: Set, operator: str, amounts: tuple[Attribute, ...]) -> Holds | None:
    """Whether one amount of a set compares so with another of its own."""
    if len(set(amounts)) != 2 or len(amounts) != 2 or of.cls != "project" or of.rank is not None or of.bare:
        return None
    if any(a.kind != "money" or a.of != "project" for a in amounts):
        return None
    first, second = (Statistic("sum", of, a) for a in amounts)
    return Holds(first, operator.replace("!=", "≠"), second)


def says(of: Set) -> bool:
    """Whether something is said of the set that may be true or not, beside what names it."""
    named_by = (OfProject, Is, OfYear)
    return any(not isinstance(c, named_by) for c in of.where) or (
        of.cls != "project" and of.of is not None and not of.of.bare
    )


def holds(pair: Pair, operator: str) -> Any:
    found = pair_numbers(pair)
    return Holds(found[0], operator, found[1]) if found else None


def every(of: Set, conditions: tuple[Any, ...]) -> Every | None:
    if of.bare and of.cls != "project":
        return None
    of_funds = any(isinstance(c, OfConcept) and c.relation == "fundSource" for c in conditions)
    if named(of) and of_funds and not joined(of):
        return None  # “甲全部是财政拨款吗” asks about all of its money
    return Every(of, conditions) if all(applies(c, of.cls) or of.cls == "project" for c in conditions) else None


def mention(words: tuple[str, ...], of: Set | None = None, wanted: Wanted | None = None) -> Set:
    return Set("indicator", of=of, mention=Mention("indicator", words, wanted))


def there(attribute: Attribute) -> tuple[Any, ...] | None:
    """“有其他资金的”: some of that money."""
    of_money = attribute.kind == "money" and attribute.name != "budget"
    return (Compare(attribute, ">", None),) if of_money else None


def target() -> Attribute:
    return attributes()["indicator", "target"]


@cache
def amount() -> Attribute:
    """What targets come to as amounts of money, standards for one of something left out."""
    return replace(target(), label="金额", kind="amount")


def added(of: Set, function: str) -> Statistic:
    """Targets of indicators added up (or averaged): of costs as amounts of money."""
    money = function != "count" and any(isinstance(c, OfType) and c.of_costs for c in of.where)
    return Statistic(function, of, amount() if money else target())


def asked(question: Asked) -> Each:
    return Each(mention(question.words, question.of, question.wanted), (target(),))


def ofs(of: Set, question: Asked) -> Asked | None:
    """An indicator's value asked for, of these projects."""
    if of.cls != "project" or question.of is not None or (of.bare):
        return None
    return replace(question, of=of)
