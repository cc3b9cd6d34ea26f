"""What can be said of a thing: conditions on projects and indicators, each with its SPARQL and its words.

``pattern(v, cls, names)`` keeps the ``?v`` of a class for which the condition holds; ``str()`` is how it is said.
Conditions of one project or one indicator that stand in ``kg.ask.logic.plain`` are used as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from kg.ask.logic.attributes import Attribute
from kg.ask.logic.node import Node, node
from kg.ask.logic.patterns import Patterns
from kg.ask.logic.plain import COMPARISONS, IndicatorCondition, ProjectCondition, show_money, sign_of
from kg.graph.terms import decimal, iri, literal, values
from ontology import UNIT

if TYPE_CHECKING:
    from kg.ask.logic.sets import Set

PREVIOUS = "上一个答案"
STANDARD = "标准([^化补支费经建体制宣实]|$)|人均|户均|生均|亩均|床均|日均|月均|每人|每户|每亩|单价|单位成本|造价|均成本|总投资|概算|累计|三年|五年"
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

    SAID_OF = "indicator"
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
class Unsaid(Node):
    """Nothing is written where the table should say it."""

    attribute: Attribute

    def __str__(self) -> str:
        return f"没有写{self.attribute}"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        return f"MINUS {{ ?{v} jx:{self.attribute.name} ?{names.new('said')} }}"


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
class Size(Node):
    """The set, without this, has just so many members: said in passing, and to be checked."""

    number: int

    def __str__(self) -> str:
        return f"共{self.number}个"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        return ""


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

    SAID_OF = "indicator"
    unit: str

    def __str__(self) -> str:
        return f"单位为“{self.unit}”"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        t, name = names.new("t"), names.new("u")
        return f"?{v} jx:target ?{t} . ?{t} jx:writtenUnit ?{name} . FILTER(STR(?{name}) = {literal(self.unit)})"


@node
class BaseUnit(Node):
    """The target's number is in this base unit (an IRI), per ``per`` (empty: of nothing)."""

    SAID_OF = "indicator"
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

    SAID_OF = "indicator"
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

    SAID_OF = "indicator"
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

    SAID_OF = "project"

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
    if attribute.kind == "deadline":
        held = names.new("t")
        return f"?{v} jx:{attribute.name} ?{held} . ?{held} jx:deadline ?{name} ."
    if attribute.sources and attribute.unit == "%":
        money, whole = names.new("money"), names.new("b")
        share = _from(replace(attribute, kind="money", unit="元"), v, money, names)
        return f"{share} ?{v} jx:budget ?{whole} . FILTER(?{whole} > 0) BIND(?{money} * 100 / ?{whole} AS ?{name})"
    if attribute.sources:
        return _from(attribute, v, name, names)
    if attribute.told:
        return _paid(attribute, v, name, names)
    return f"?{v} jx:{attribute.name} ?{name} ."


def _from(attribute: Attribute, v: str, name: str, names: Names) -> str:
    """Binds ``?name`` to what comes from funds: the shares that the table gives; else, where the project has money of
    both kinds, all of the kind that they are of (``attribute.name``; of the budget it is not known); else the budget."""
    above, c, f, one, share, part, rest, whole = (
        names.new(n) for n in ("a", "c", "f", "m", "share", "part", "rest", "b")
    )
    kind = "1/0" if attribute.name == "budget" else f"?{part}"
    text = names.new("text")
    (amount,) = attribute.told
    said = f'xsd:decimal(REPLACE(STR(?{text}), {literal(f"^.*?{amount}.*$")}, "$1", "s")) * 10000'
    prose = f"IF(REGEX(STR(?{text}), {literal(amount)}), {said}, 1/0)"
    of = names.new("c")
    return (
        f"{{ SELECT DISTINCT ?{v} WHERE {{ {values(above, attribute.sources)} ?{above} ^skos:broader* ?{of} . "
        f"?{v} jx:fundSource ?{of} }} }} "
        f"?{v} jx:budget ?{whole} . OPTIONAL {{ ?{v} jx:{attribute.name} ?{part} }} OPTIONAL {{ ?{v} jx:otherFunds ?{rest} }} "
        f"OPTIONAL {{ ?{v} jx:purpose ?{text} }} "
        f"OPTIONAL {{ {{ SELECT ?{v} (SUM(?{one}) AS ?{share}) WHERE {{ {{ SELECT DISTINCT ?{v} ?{f} ?{one} WHERE {{ "
        f"{values(above, attribute.sources)} ?{above} ^skos:broader* ?{c} . ?{f} jx:fundSource ?{c} ; jx:amount ?{one} . "
        f"?{v} jx:funding ?{f} }} }} }} GROUP BY ?{v} }} }} "
        f"BIND(COALESCE(?{share}, {prose}, IF(BOUND(?{rest}) && ?{rest} > 0, {kind}, ?{whole})) AS ?{name})"
    )


def _paid(attribute: Attribute, v: str, name: str, names: Names) -> str:
    """Binds ``?name`` to what others pay, as the purpose tells it: their amount, or that all of the money is theirs."""
    text, whole = names.new("text"), names.new("all")
    amount, all_of_it = attribute.told
    said = f'xsd:decimal(REPLACE(STR(?{text}), {literal(f"^.*?{amount}.*$")}, "$1", "s")) * 10000'
    return (
        f"?{v} jx:{attribute.name} ?{whole} ; jx:purpose ?{text} . "
        f"FILTER(?{whole} > 0 && REGEX(STR(?{text}), {literal(f'{amount}|{all_of_it}')})) "
        f"BIND(IF(REGEX(STR(?{text}), {literal(amount)}), {said}, ?{whole}) AS ?{name})"
    )


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
    if said_of := getattr(condition, "SAID_OF", ""):
        return bool(said_of == cls)
    if isinstance(condition, Compare | TextHolds | Unsaid):
        return condition.attribute.of == cls
    if isinstance(condition, Found):
        return condition.of in (cls, "")
    if isinstance(condition, Alternatives):
        return all(applies(c, cls) for part in condition.parts for c in part)
    if isinstance(condition, Not):
        return all(applies(c, cls) for c in condition.parts)
    if isinstance(condition, Among):
        return condition.of.cls == cls
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
