"""What can be said of a thing: conditions on projects and indicators, each with its SPARQL and its words.

``pattern(v, cls, names)`` keeps the ``?v`` of a class for which the condition holds; ``str()`` is how it is said.
Conditions of one project or one indicator that stand in ``kg.ask.logic.plain`` are used as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from index.text import YEAR
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.node import Node, node
from kg.ask.logic.patterns import Patterns
from kg.ask.logic.plain import COMPARISONS, IndicatorCondition, ProjectCondition, show_money, sign_of
from kg.graph.terms import decimal, iri, literal, values
from ontology import UNIT

if TYPE_CHECKING:
    from kg.ask.logic.sets import Set

PREVIOUS = "上一个答案"
STANDARD = "标准|人均|户均|生均|亩均|床均|日均|月均|每人|每户|每亩|单价|单位成本|造价|均成本|总投资|概算|累计|三年|五年"
"""Names of amounts that are no part of a year's costs: as the check of costs leaves them out."""
LABELS = {"group": "skos:prefLabel", "fund": "skos:prefLabel", "type": "skos:prefLabel", "level1": "skos:prefLabel"}
START = {
    "project": "{v} a jx:Project .", "indicator": "{v} a jx:Indicator .", "group": "{v} a jx:BeneficiaryGroup .",
    "fund": "{v} a jx:FundSource .", "department": "{v} a jx:Department .", "type": "{v} a jx:IndicatorType .",
    "document": "{v} a jx:BudgetDocument .", "year": "",
}  # fmt: skip


class Names:
    """Variables of one query, never twice the same, and the patterns of plain conditions."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.plain = Patterns()

    def new(self, stem: str) -> str:
        return f"{stem}_{next(self._numbers)}"


ONE = "one"  # what a mention of a project expects: that one line of projects alone is called so


@node
class Mention(Node):
    """Words of the question that stand for something of the graph, not yet linked to it.

    ``kind``: indicator, project or topic. ``words``: as said, in normal form; ``start``, ``end`` in the question.
    """

    kind: str
    words: tuple[str, ...]
    expected: Any = None

    def __str__(self) -> str:
        return f"“{''.join(self.words)}”"


@node
class Alternatives(Node):
    """At least one of the alternatives holds, each a conjunction."""

    parts: tuple[tuple[Any, ...], ...]

    def __str__(self) -> str:
        return "或".join("且".join(map(str, part)) for part in self.parts)

    def pattern(self, v: str, cls: str, names: Names) -> str:
        start = START[cls].format(v=f"?{v}")
        union = " UNION ".join(f"{{ {start} {conjunction(part, v, cls, names)} }}" for part in self.parts)
        return f"{{ SELECT DISTINCT ?{v} WHERE {{ {union} }} }}"


@node
class Not(Node):
    """None of what the conditions hold for together."""

    parts: tuple[Any, ...]

    def __str__(self) -> str:
        return f"不符合（{'且'.join(map(str, self.parts))}）"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        start = START[cls].format(v=f"?{v}")
        return f"MINUS {{ {start} {conjunction(self.parts, v, cls, names)} }}"


@node
class Among(Node):
    """In the set (or, ``negated``, not in it)."""

    of: Set
    negated: bool = False

    def __str__(self) -> str:
        return f"{'不' if self.negated else ''}属于（{self.of}）"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        inner = self.of.pattern(v, names)
        return f"MINUS {{ {inner} }}" if self.negated else f"{{ SELECT DISTINCT ?{v} WHERE {{ {inner} }} }}"


@node
class Compare(Node):
    """A number of the thing compared: with a number in the base unit, a statistic of a set, or another of its own."""

    attribute: Attribute
    operator: str
    than: Any  # Decimal | Statistic | Attribute | None (nothing: absent or zero)
    said: str = ""

    def __str__(self) -> str:
        label = self.attribute.label
        if self.than is None:
            return f"{'没有' if self.operator == '=' else '有'}{label}"
        how = COMPARISONS[self.operator]
        if isinstance(self.than, Decimal):
            shown = self.said or (show_money(self.than) if self.attribute.kind == "money" else f"{self.than:f}")
            return f"{label}{how}{shown}"
        return f"{label}{how}{self.than}"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        name = names.new("n")
        mine = number_of(self.attribute, v, name, names)
        if self.than is None:
            held = f"{mine} FILTER(?{name} > 0)"
            return f"MINUS {{ {held} }}" if self.operator == "=" else held
        sign = sign_of(self.operator)
        if isinstance(self.than, Decimal):
            return f"{mine} FILTER(?{name} {sign} {decimal(self.than)})"
        other = names.new("n")
        if isinstance(self.than, Attribute):
            return f"{mine} {number_of(self.than, v, other, names)} FILTER(?{name} {sign} ?{other})"
        return f"{mine} {{ {self.than.select(other, names)} }} FILTER(?{name} {sign} ?{other})"


@node
class NameHolds(Node):
    """The name holds these words, each in one of its forms."""

    words: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return f"名称含“{''.join(forms[0] for forms in self.words)}”"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        label, name = LABELS.get(cls, "rdfs:label"), names.new("name")
        tests = " && ".join(
            f"({' || '.join(f'CONTAINS(LCASE(STR(?{name})), {literal(f)})' for f in forms)})" for forms in self.words
        )
        return f"?{v} {label} ?{name} . FILTER({tests})"


@node
class CalledJust(Node):
    """An indicator whose name is just this, in one of the forms in which tables write it."""

    said: str
    forms: tuple[str, ...]

    def __str__(self) -> str:
        return f"名称就是“{self.said}”"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        name = names.new("name")
        return f"VALUES ?{name} {{ {' '.join(map(literal, self.forms))} }} ?{v} rdfs:label ?{name} ."


@node
class TextHolds(Node):
    """A text of the thing holds these words, each in one of its forms."""

    attribute: Attribute
    words: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return f"{self.attribute}含“{''.join(forms[0] for forms in self.words)}”"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        text = names.new("text")
        tests = " && ".join(
            f"({' || '.join(f'CONTAINS(LCASE(STR(?{text})), {literal(f)})' for f in forms)})" for forms in self.words
        )
        return f"{{ SELECT DISTINCT ?{v} WHERE {{ ?{v} jx:{self.attribute.name} ?{text} . FILTER({tests}) }} }}"


@node
class Is(Node):
    """One of these things."""

    iris: tuple[str, ...]
    label: str
    negated: bool = False

    def __str__(self) -> str:
        return f"{'除' if self.negated else ''}“{self.label}”{'以外' if self.negated else ''}"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        if self.negated:
            return f"FILTER(?{v} NOT IN ({', '.join(map(iri, self.iris))}))"
        return values(v, self.iris)


@node
class AlsoIn(Node):
    """The same project stands in another year too, and meets the conditions there."""

    year: int
    conditions: tuple[Any, ...] = ()

    def __str__(self) -> str:
        said = "、".join(map(str, self.conditions))
        return f"{self.year}年也有" if not said else f"{self.year}年也{said}"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        other = names.new("o")
        met = conjunction(self.conditions, other, cls, names)
        return f"{{ SELECT DISTINCT ?{v} WHERE {{ {_before(v, self.year, other, names)} {met} }} }}"


def _before(v: str, year: int, other: str, names: Names) -> str:
    """Binds ``?other`` to the same project as ``?v`` in another year."""
    line, mine, theirs = (names.new(n) for n in ("line", "mine", "theirs"))
    bare = f'REPLACE({{}}, "{YEAR}", "")'
    return (
        f"?{v} jx:programme ?{line} ; rdfs:label ?{mine} . ?{other} jx:programme ?{line} ; jx:fiscalYear {year} ; "
        f"rdfs:label ?{theirs} . FILTER({bare.format(f'?{mine}')} = {bare.format(f'?{theirs}')})"
    )


@node
class Growth(Node):
    """How an amount has changed since another year: what a set is ranked by or, in per cent, compared by."""

    attribute: Attribute
    old: int
    operator: str = ""
    number: Decimal | None = None
    said: str = ""
    rate: bool = False  # in per cent of what it was

    @property
    def unit(self) -> str:
        return "%" if self.rate else "万元" if self.attribute.kind == "money" else self.attribute.unit

    def __str__(self) -> str:
        since = f"{self.attribute}比{self.old}年的"
        if not self.operator:
            return f"{since}{'增幅' if self.rate else '增加额'}"
        return f"{since}{'增幅' if self.rate else '增加额'}{COMPARISONS[self.operator]}{self.said}"

    def key(self, v: str, name: str, names: Names) -> str:
        other, a, b = (names.new(n) for n in ("o", "a", "b"))
        formula = f"(?{a} - ?{b}) * 100 / ?{b}" if self.rate else f"?{a} - ?{b}"
        return (
            f"{number_of(self.attribute, v, a, names)} {_before(v, self.old, other, names)} "
            f"{number_of(self.attribute, other, b, names)} BIND({formula} AS ?{name})"
        )

    def pattern(self, v: str, cls: str, names: Names) -> str:
        name = names.new("n")
        test = f"?{name} {sign_of(self.operator)} {self.number}"
        return f"{{ SELECT DISTINCT ?{v} WHERE {{ {self.key(v, name, names)} FILTER({test}) }} }}"


@node
class NewIn(Node):
    """An indicator that its project did not have (``kept``: had) in another year, in which the project stood too."""

    other: int
    kept: bool = False

    def __str__(self) -> str:
        return f"{self.other}年{'也有' if self.kept else '没有'}"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        p, q, m, j = (names.new(n) for n in ("p", "q", "m", "j"))
        there = f"?{j} jx:measures ?{m} ; jx:project ?{q} ."
        return (
            f"{{ SELECT DISTINCT ?{v} WHERE {{ ?{p} jx:indicator ?{v} . {_before(p, self.other, q, names)} "
            f"?{v} jx:measures ?{m} . {there if self.kept else f'FILTER NOT EXISTS {{ {there} }}'} }} }}"
        )


@node
class Retargeted(Node):
    """An indicator whose target compares so (``=``, ``!=``, ``>``, ``<``) with that of the same measure of the same
    project in another year. Targets that are no numbers are the same where they are worded the same."""

    operator: str
    old: int

    def __str__(self) -> str:
        how = {">": "提高", "<": "降低", "=": "没有变", "!=": "有变化"}[self.operator]
        return f"目标值比{self.old}年{how}"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        p, q, m, j, t, u, a, b, x, y = (names.new(n) for n in "pqmjtuabxy")
        mine, theirs = names.new("unit"), names.new("unit")
        known = " ".join(
            f"OPTIONAL {{ ?{of} {what} ?{name} }}"
            for of, what, name in (
                (t, "qudt:value", x), (u, "qudt:value", y), (t, "qudt:hasUnit", mine), (u, "qudt:hasUnit", theirs),
            )
        )  # fmt: skip
        alike = f"(COALESCE(STR(?{mine}), {literal('')}) = COALESCE(STR(?{theirs}), {literal('')}))"
        same = f"(STR(?{a}) = STR(?{b}) || ({alike} && BOUND(?{x}) && BOUND(?{y}) && ?{x} = ?{y}))"
        test = {"=": same, "!=": f"!{same}"}.get(self.operator, f"!{same} && {alike} && ?{x} {self.operator} ?{y}")
        return (
            f"{{ SELECT DISTINCT ?{v} WHERE {{ ?{p} jx:indicator ?{v} . {_before(p, self.old, q, names)} "
            f"?{v} jx:measures ?{m} . ?{j} jx:measures ?{m} ; jx:project ?{q} . ?{v} jx:target ?{t} . ?{j} jx:target ?{u} . "
            f"?{t} jx:text ?{a} . ?{u} jx:text ?{b} . {known} FILTER({test}) }} }}"
        )


@node
class Repeated(Node):
    """An indicator whose name stands a second time in the same year: in another ``place`` (``project``, or ``department``),
    or in another ``row`` of its own project.

    ``within``: the projects among which the second one is; ``differs``: its target is another; ``number``: of
    departments that it stands in.
    """

    place: str = "project"
    within: Set | None = None
    differs: bool = False
    number: int = 2

    def __str__(self) -> str:
        said = {"project": "在几个项目里同名", "department": "在几个部门里同名", "row": "在同一个项目里重复"}[
            self.place
        ]
        return f"{said}而目标值不同" if self.differs else said

    def pattern(self, v: str, cls: str, names: Names) -> str:
        p, q, j, label, year = (names.new(n) for n in ("p", "q", "j", "label", "year"))
        mine = f"?{p} jx:indicator ?{v} . ?{v} rdfs:label ?{label} . ?{j} rdfs:label ?{label} ."
        if self.place == "row":
            q = p
            other = f"?{p} jx:indicator ?{j} . FILTER(?{v} != ?{j})"
        else:
            other = f"?{q} jx:indicator ?{j} . FILTER(?{p} != ?{q}) ?{p} jx:fiscalYear ?{year} . ?{q} jx:fiscalYear ?{year} ."
        if self.place == "department":
            d, e = names.new("d"), names.new("e")
            other += f" ?{p} jx:department ?{d} . ?{q} jx:department ?{e} . FILTER(?{d} != ?{e})"
        if self.number > 2:
            every = names.new("e")
            within = self.within.pattern(q, names) if self.within is not None else ""
            return (
                f"{{ SELECT ?{v} WHERE {{ {mine} ?{q} jx:indicator ?{j} ; jx:department ?{every} ; jx:fiscalYear ?{year} . "
                f"?{p} jx:fiscalYear ?{year} . {within} }} GROUP BY ?{v} HAVING(COUNT(DISTINCT ?{every}) >= {self.number}) }}"
            )
        if self.within is not None and self.place != "row":
            other += f" {{ SELECT DISTINCT ?{q} WHERE {{ {self.within.pattern(q, names)} }} }}"
        if self.differs:
            t, u, a, b = (names.new(n) for n in "tuab")
            other += f" ?{v} jx:target ?{t} . ?{j} jx:target ?{u} . ?{t} jx:text ?{a} . ?{u} jx:text ?{b} . FILTER(?{a} != ?{b})"
        return f"{{ SELECT DISTINCT ?{v} WHERE {{ {mine} {other} }} }}"


@node
class Sums(Node):
    """A project's indicators of the set, added up, compare so: with so much (in the base unit) or with an amount of its
    own."""

    of: Set
    attribute: Attribute
    operator: str
    than: Any  # Decimal | Attribute
    said: str = ""

    def __str__(self) -> str:
        shown = self.than if isinstance(self.than, Attribute) else self.said or show_money(self.than)
        return f"{self.of}的{self.attribute}合计{COMPARISONS[self.operator]}{shown}"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        i, a, total, n = (names.new(x) for x in ("i", "a", "total", "n"))
        each = f"{self.of.pattern(i, names)} ?{v} jx:indicator ?{i} . {number_of(self.attribute, i, a, names)}"
        added = (
            f"{{ SELECT ?{v} (SUM(?{a}) AS ?{total}) WHERE {{ {{ SELECT DISTINCT ?{v} ?{i} ?{a} WHERE {{ {each} }} }} }} "
            f"GROUP BY ?{v} }}"
        )
        if isinstance(self.than, Attribute):
            return f"{added} {number_of(self.than, v, n, names)} FILTER(?{total} {sign_of(self.operator)} ?{n})"
        return f"{added} FILTER(?{total} {sign_of(self.operator)} {decimal(self.than)})"


@node
class Size(Node):
    """The set, without this, has just so many members: said in passing, and to be checked."""

    number: int

    def __str__(self) -> str:
        return f"共{self.number}个"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        return ""


@node
class Has(Node):
    """Has so many indicators of the set."""

    of: Set
    operator: str = "≥"
    number: int = 1

    def __str__(self) -> str:
        if (self.operator, self.number) == ("=", 0):
            return f"没有{self.of}"
        if (self.operator, self.number) == ("≥", 1):
            return f"有{self.of}"
        return f"{self.of}{COMPARISONS[self.operator]}{self.number}条"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        one = names.new("i")
        inner = f"{self.of.pattern(one, names)} ?{v} jx:indicator ?{one} ."
        if (self.operator, self.number) == ("=", 0):
            return f"MINUS {{ {inner} }}"
        if (self.operator, self.number) == ("≥", 1):
            return f"{{ SELECT DISTINCT ?{v} WHERE {{ {inner} }} }}"
        sign = sign_of(self.operator)
        return (
            f"{{ SELECT ?{v} WHERE {{ {inner} }} GROUP BY ?{v} HAVING(COUNT(DISTINCT ?{one}) {sign} {self.number}) }}"
        )


@node
class Found(Node):
    """Something that a data-quality check has found; ``subjects`` are what it found."""

    code: str
    title: str
    subjects: tuple[str, ...] = ()
    of: str = ""  # project or indicator: what is found

    def __str__(self) -> str:
        return f"检查发现“{self.title}”"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        return values(v, self.subjects)


@node
class WrittenUnit(Node):
    """The unit of the target as the table writes it: 元/人."""

    unit: str

    def __str__(self) -> str:
        return f"单位为“{self.unit}”"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        t, name = names.new("t"), names.new("u")
        return f"?{v} jx:target ?{t} . ?{t} jx:writtenUnit ?{name} . FILTER(STR(?{name}) = {literal(self.unit)})"


@node
class BaseUnit(Node):
    """The target's number is in this base unit (an IRI), per ``per`` (empty: of nothing)."""

    unit: str
    per: str
    label: str

    def __str__(self) -> str:
        return f"以{self.label}计"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        t, name = names.new("t"), names.new("per")
        per = (
            f"?{t} jx:per ?{name} . FILTER(STR(?{name}) = {literal(self.per)})"
            if self.per
            else f"OPTIONAL {{ ?{t} jx:per ?{name} }} FILTER(!BOUND(?{name}))"
        )
        unit = f"?{t} qudt:hasUnit {iri(self.unit)} ." if self.unit else ""
        return f"?{v} jx:target ?{t} . {unit} {per}"


def in_money() -> BaseUnit:
    """The target is an amount of money, of nothing in particular."""
    return BaseUnit(UNIT["yuan"], "", "元")


@node
class Measured(Node):
    """The target is per each of these; or, where a ``unit`` is said, in that unit."""

    unit: str
    per: tuple[str, ...]
    label: str

    def __str__(self) -> str:
        return f"按{self.label}计"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        t, per, written = names.new("t"), names.new("per"), names.new("u")
        each = " && ".join(f"REGEX(STR(?{per}), {literal(f'(^|·){one}($|·)')})" for one in self.per)
        shared = f"?{v} jx:target ?{t} . ?{t} jx:per ?{per} . FILTER({each})"
        if not self.unit:
            return shared
        forms = ", ".join(map(literal, (self.unit, f"个{self.unit}")))
        own = f"?{v} jx:target ?{t} . ?{t} jx:writtenUnit ?{written} . FILTER(STR(?{written}) IN ({forms}))"
        return f"{{ SELECT DISTINCT ?{v} WHERE {{ {{ {shared} }} UNION {{ {own} }} }} }}"


@node
class HasValue(Node):
    """An attribute of the thing is this concept."""

    name: str
    iri: str
    label: str

    def __str__(self) -> str:
        return self.label

    def pattern(self, v: str, cls: str, names: Names) -> str:
        return f"?{v} jx:{self.name} {iri(self.iri)} ."


@node
class Latest(Node):
    """Of its department's latest year."""

    def __str__(self) -> str:
        return "各部门最近一年"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        d, y, p, z = (names.new(n) for n in ("d", "y", "p", "z"))
        return (
            f"{{ SELECT ?{d} (MAX(?{z}) AS ?{y}) WHERE {{ ?{p} a jx:Project ; jx:department ?{d} ; jx:fiscalYear ?{z} }} "
            f"GROUP BY ?{d} }} ?{v} jx:department ?{d} ; jx:fiscalYear ?{y} ."
        )


def number_of(attribute: Attribute, v: str, name: str, names: Names) -> str:
    """Binds ``?name`` to the attribute's number of ``?v``, in its base unit."""
    if attribute.kind == "amount":
        return _amount_of(attribute, v, name, names)
    if attribute.kind == "value":
        held = names.new("t")
        return f"?{v} jx:{attribute.name} ?{held} . ?{held} qudt:value ?{name} ."
    return f"?{v} jx:{attribute.name} ?{name} ."


def _amount_of(attribute: Attribute, v: str, name: str, names: Names) -> str:
    """Binds ``?name`` to what an indicator's target comes to in 元, of nothing in particular.

    A number without a unit is in 万元 where the table's head says so and it is then no more than the budget (as the check
    of costs has it); else what it comes to is not known, and neither is a sum with it.
    """
    p, t, per, unit, raw, budget, cell, measured = (
        names.new(n) for n in ("p", "t", "per", "u", "raw", "b", "cell", "m")
    )
    stated = f'?{p} prov:wasQuotedFrom ?{cell} . ?{cell} jx:field "money_unit" ; jx:cellText "万元"'
    return (
        f"?{v} jx:{attribute.name} ?{t} ; jx:measureName ?{measured} . ?{t} qudt:value ?{raw} . "
        f"OPTIONAL {{ ?{t} jx:per ?{per} }} OPTIONAL {{ ?{t} qudt:hasUnit ?{unit} }} "
        f"FILTER(!BOUND(?{per}) && (!BOUND(?{unit}) || ?{unit} = {iri(UNIT['yuan'])})) "
        f"FILTER(!REGEX(?{measured}, {literal(STANDARD)})) "
        f"?{p} jx:indicator ?{v} . OPTIONAL {{ ?{p} jx:budget ?{budget} }} "
        f"BIND(IF(BOUND(?{unit}), ?{raw}, IF(EXISTS {{ {stated} }} && ?{raw} * 10000 <= ?{budget}, ?{raw} * 10000, 1/0)) AS ?{name})"
    )


def conjunction(conditions: tuple[Any, ...], v: str, cls: str, names: Names) -> str:
    """The patterns of conditions that hold together; what only takes away comes last."""
    parts = [one(c, v, cls, names) for c in conditions]
    takes = ("MINUS", "FILTER")
    return " ".join(sorted(parts, key=lambda p: p.startswith(takes)))


def one(condition: Any, v: str, cls: str, names: Names) -> str:
    """The pattern of one condition on ``?v``."""
    if hasattr(condition, "pattern"):
        found: str = condition.pattern(v, cls, names)
        return found
    if isinstance(condition, ProjectCondition):
        return names.plain.project(condition, f"?{v}")
    assert isinstance(condition, IndicatorCondition)
    return names.plain.indicator(condition, f"?{v}")


def applies(condition: Any, cls: str) -> bool:
    """Whether a condition can be said of a thing of this class itself."""
    if hasattr(condition, "fits"):
        found: bool = condition.fits(cls)
        return found
    if isinstance(condition, Has | Latest | AlsoIn | Growth | Sums):
        return cls == "project"
    if isinstance(condition, Compare | TextHolds):
        return condition.attribute.of == cls
    if isinstance(condition, Found):
        return condition.of in (cls, "")
    if isinstance(condition, Alternatives):
        return all(applies(c, cls) for part in condition.parts for c in part)
    if isinstance(condition, Not):
        return all(applies(c, cls) for c in condition.parts)
    if isinstance(condition, Among):
        return condition.of.cls == cls
    if isinstance(condition, WrittenUnit | BaseUnit | Measured | HasValue | NewIn | Repeated | Retargeted | CalledJust):
        return cls == "indicator"
    if isinstance(condition, IndicatorCondition):
        return cls == "indicator"
    if isinstance(condition, ProjectCondition):
        return cls == "project"
    return True


def walk(node: Any) -> Iterator[Any]:
    """Every set, condition and value in a tree, itself first."""
    yield node
    if isinstance(node, tuple):
        for part in node:
            yield from walk(part)
    elif hasattr(node, "__dataclass_fields__") and not isinstance(node, Attribute):
        for name in node.__dataclass_fields__:
            value = getattr(node, name)
            if isinstance(value, tuple) or hasattr(value, "__dataclass_fields__"):
                yield from walk(value)
