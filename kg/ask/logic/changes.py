"""What has changed since another year: conditions on projects and indicators, each with its SPARQL and its words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from index.text import YEAR
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.conditions import Names, conjunction, number_of
from kg.ask.logic.node import Node, node
from kg.ask.logic.plain import COMPARISONS, sign_of
from kg.graph.terms import literal


@node
class AlsoIn(Node):
    """The same project stands in another year too, and meets the conditions there."""

    SAID_OF = "project"
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


def _measured(v: str, year: int, names: Names) -> tuple[str, str, str, str]:
    """Patterns of the indicators ``?v`` with what they measure, for each project that is theirs in another year, and of
    that project's own indicators with what they measure; and its name and that of its indicators. The two are joined on
    project and measure together: indicator by indicator, each would be met with all that measure the same anywhere (at
    a hundred times the data 8 to 40 s instead of .6)."""
    p, q, m, j = (names.new(n) for n in "pqmj")
    lines = f"{{ SELECT DISTINCT ?{p} ?{q} WHERE {{ {_before(p, year, q, names)} }} }}"
    mine = f"{{ SELECT DISTINCT ?{v} ?{q} ?{m} WHERE {{ {lines} ?{p} jx:indicator ?{v} . ?{v} jx:measures ?{m} }} }}"
    held = f"?{q} jx:fiscalYear {year} ; jx:indicator ?{j} . ?{j} jx:measures ?{m}"
    theirs = f"{{ SELECT DISTINCT ?{j} ?{q} ?{m} WHERE {{ {held} }} }}"
    return mine, theirs, q, j


@node
class Growth(Node):
    """How an amount has changed since another year: what a set is ranked by or, in per cent, compared by."""

    SAID_OF = "project"
    attribute: Attribute
    old: int
    operator: str = ""
    number: Decimal | None = None
    said: str = ""
    rate: bool = False  # in per cent of what it was
    less: bool = False  # by how much less it is

    @property
    def unit(self) -> str:
        """What it is shown in."""
        return "%" if self.rate else "万元" if self.attribute.kind == "money" else self.attribute.unit

    def __str__(self) -> str:
        what = f"{self.attribute}比{self.old}年的{'减' if self.less else '增'}{'幅' if self.rate else '少额' if self.less else '加额'}"
        how = "" if self.operator != "=" else COMPARISONS["="]  # else the words say how
        return f"{what}{how}{self.said}" if self.operator else what

    def key(self, v: str, name: str, names: Names) -> str:
        other, a, b = (names.new(n) for n in ("o", "a", "b"))
        change = f"(?{b} - ?{a})" if self.less else f"(?{a} - ?{b})"
        formula = f"{change} * 100 / ?{b}" if self.rate else change
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

    SAID_OF = "indicator"
    other: int
    kept: bool = False

    def __str__(self) -> str:
        return f"{self.other}年{'也有' if self.kept else '没有'}"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        mine, theirs, _, _ = _measured(v, self.other, names)
        there = theirs if self.kept else f"MINUS {theirs}"
        return f"{{ SELECT DISTINCT ?{v} WHERE {{ {mine} {there} }} }}"


MEASURED = ("qudt:value", "qudt:hasUnit", "jx:times", "jx:frequency")  # what tells a target's number and unit


@node
class Retargeted(Node):
    """An indicator whose target compares so (``=``, ``!=``, ``>``, ``<``) with that of the same measure of the same
    project in another year. Targets that are no numbers are the same where they are worded the same."""

    SAID_OF = "indicator"
    operator: str
    old: int

    def __str__(self) -> str:
        how = {">": "提高", "<": "降低", "=": "没有变", "!=": "有变化"}[self.operator]
        return f"目标值比{self.old}年{how}"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        measured, others, _, j = _measured(v, self.old, names)
        t, u, a, b = (names.new(n) for n in "tuab")
        known, values, units = "", [], []
        for of in (t, u):  # so many, or so many times in so long
            found = {what: names.new(what.partition(":")[2]) for what in MEASURED}
            known += "".join(f"OPTIONAL {{ ?{of} {what} ?{name} }} " for what, name in found.items())
            number, unit, times, often = found.values()
            values.append(f"COALESCE(?{number}, ?{times})")
            units.append(f"COALESCE(STR(?{unit}), STR(?{often}), {literal('')})")
        alike = f"({units[0]} = {units[1]})"
        same = f"(STR(?{a}) = STR(?{b}) || ({alike} && COALESCE({values[0]} = {values[1]}, false)))"
        test = {"=": same, "!=": f"!{same}"}.get(
            self.operator, f"!{same} && {alike} && {values[0]} {self.operator} {values[1]}"
        )
        return (
            f"{{ SELECT DISTINCT ?{v} WHERE {{ {measured} {others} ?{v} jx:target ?{t} . ?{j} jx:target ?{u} . "
            f"?{t} jx:text ?{a} . ?{u} jx:text ?{b} . {known} FILTER({test}) }} }}"
        )


@node
class Renamed(Node):
    """An indicator that measures what its project's of another year does, which went by another name there."""

    SAID_OF = "indicator"
    old: int

    def __str__(self) -> str:
        return f"{self.old}年另有名称"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        mine, theirs, q, j = _measured(v, self.old, names)
        a, b, k = (names.new(n) for n in "abk")
        namesake = f"?{q} jx:fiscalYear {self.old} ; jx:indicator ?{k} . ?{k} rdfs:label ?{a}"
        return (
            f"{{ SELECT DISTINCT ?{v} WHERE {{ {mine} {theirs} ?{v} rdfs:label ?{a} . ?{j} rdfs:label ?{b} . "
            f"FILTER(STR(?{a}) != STR(?{b})) MINUS {{ {namesake} }} }} }}"
        )
