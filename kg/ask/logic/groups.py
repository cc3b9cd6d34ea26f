"""A number of each department, fund or group, made of what belongs to it: told, compared, ranked by, and how it has changed.

The number is a statistic of the group's own projects or indicators, or two such put together (those of two years).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from kg.ask.logic.attributes import Attribute
from kg.ask.logic.conditions import Names, number_of
from kg.ask.logic.node import Node, node
from kg.ask.logic.plain import COMPARISONS, sign_of
from kg.ask.logic.sets import LINKS, NOUNS, Statistic
from kg.graph.terms import decimal

FUNCTIONS = {"count": "COUNT(DISTINCT ?{})", "sum": "SUM(?{})", "average": "AVG(?{})"}
CHANGES = {
    "difference": "?{a} - ?{b}",
    "rate": "(?{a} - ?{b}) * 100 / ?{b}",
    "decline": "(?{b} - ?{a}) * 100 / ?{b}",
}
FEWER = {"<": "≥", "≤": ">", "=": "≥"}  # what those have that do not have so few (or, of 0, none)


@node
class ByGroup(Node):
    """A number of each group of the class ``by``. ``operator``, ``than``: those groups alone of which it compares so.

    ``number``: a Statistic, or a Computed (difference, rate or decline) of two of them; a difference has its sign.
    """

    by: str
    number: Any
    operator: str = ""
    than: Decimal | None = None
    said: str = ""

    def __str__(self) -> str:
        if not self.operator:
            return str(self.number)
        how = {">": "增加", "<": "减少", "!=": "变化", "=": "不变"}.get(self.operator) if self.changes else None
        if how and not self.than:
            return f"{self.number.first}比{self.number.second}{how}"
        exact = self.operator == "=" or not self.said
        return f"{self.number}{COMPARISONS[self.operator] if exact else ''}{self.said or f'{self.than}{self.unit}'}"

    @property
    def changes(self) -> bool:
        """Whether it is how a number has changed."""
        return not isinstance(self.number, Statistic)

    @property
    def statistics(self) -> tuple[Statistic, ...]:
        return (self.number.first, self.number.second) if self.changes else (self.number,)

    @property
    def attribute(self) -> Attribute | None:
        return self.statistics[0].attribute

    @property
    def unit(self) -> str:
        """What it is shown in."""
        if self.changes and self.number.operation != "difference":
            return "%"
        if self.attribute is None:
            return "条" if self.statistics[0].of.cls == "indicator" else "个"
        return "万元" if self.attribute.kind == "money" else self.attribute.unit

    @property
    def SAID_OF(self) -> str:  # type: ignore[override]  # noqa: N802
        """The class of things that it can be said of."""
        return self.by

    def key(self, v: str, name: str, names: Names) -> str:
        """Binds ``?name`` to the number of each ``?v``, in its base unit."""
        if not self.changes:
            return _number(self.by, self.number, v, name, names)
        a, b = names.new("a"), names.new("b")
        new, old = self.statistics
        formula = CHANGES[self.number.operation].format(a=a, b=b)
        numbers = f"{_number(self.by, new, v, a, names)} {_number(self.by, old, v, b, names)}"
        return f"{numbers} BIND({formula} AS ?{name})"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        name = names.new("n")
        if not self.operator:
            return self.key(v, name, names)
        than = self.than or Decimal(0)
        few = self.operator in ("<", "≤") or (self.operator == "=" and not than)
        if not self.changes and few:  # of those that have none nothing is counted
            operator, than = (FEWER[self.operator], than or Decimal(1))
            more = replace(self, operator=operator, than=than)
            return f"MINUS {{ {more.pattern(v, cls, names)} }}"
        sign = sign_of(self.operator)
        return f"{{ SELECT ?{v} WHERE {{ {self.key(v, name, names)} FILTER(?{name} {sign} {decimal(than)}) }} }}"


@node
class Changes(Node):
    """The number of each group, told one by one."""

    of: ByGroup
    unit: str
    descending: bool | None = None

    def __str__(self) -> str:
        return f"按{NOUNS[self.of.by]}计算{self.of.number}"


def _number(by: str, statistic: Statistic, v: str, name: str, names: Names) -> str:
    """Binds ``?name`` to the statistic of what belongs to each ``?v``."""
    one, amount = names.new("x"), names.new("a")
    owner = names.new("p") if statistic.of.cls == "indicator" else one
    link = f"?{owner} {LINKS[by]} ?{v} ."
    if statistic.of.cls == "indicator":
        link = f"?{owner} jx:indicator ?{one} . {link}"
    number = number_of(statistic.attribute, one, amount, names) if statistic.attribute else ""
    what = one if statistic.attribute is None else amount
    total = FUNCTIONS[statistic.function].format(what)
    inner = f"{statistic.of.pattern(one, names)} {link} {number}"
    rows = f"SELECT DISTINCT ?{v} ?{one} {f'?{amount}' if number else ''} WHERE {{ {inner} }}"
    return f"{{ SELECT ?{v} ({total} AS ?{name}) WHERE {{ {{ {rows} }} }} GROUP BY ?{v} }}"
