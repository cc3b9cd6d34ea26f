"""What a project holds, or an indicator shares with others: counts, sums and repeated names, each with its SPARQL and its words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from kg.ask.logic.attributes import Attribute, attribute
from kg.ask.logic.conditions import Names, number_of
from kg.ask.logic.node import Node, node
from kg.ask.logic.plain import COMPARISONS, COSTS, OfType, show_money, sign_of
from kg.ask.logic.sets import Set
from kg.graph.terms import decimal
from ontology import TYPE


@node
class Repeated(Node):
    """An indicator whose name stands a second time in the same year: in another ``place`` (``project``, or ``department``),
    or in another ``row`` of its own project.

    ``within``: the projects among which the second one is; ``differs``: its target is another; ``number``: of
    departments that it stands in.
    """

    SAID_OF = "indicator"
    place: str = "project"
    within: Set | None = None
    differs: bool = False
    number: int = 2

    def __str__(self) -> str:
        said = {"project": "在几个项目里同名", "department": "在几个部门里同名", "row": "在同一个项目里重复"}[
            self.place
        ]
        if self.within is not None and self.within.where and self.number == 2:
            said = f"与{self.within}{said}"
        return f"{said}而目标值不同" if self.differs else said

    def pattern(self, v: str, cls: str, names: Names) -> str:
        """Others of the name are told by the first and the last of them, one of which is another than this one: to meet
        each with each takes two minutes for a name that two thousand projects have."""
        p, q, j, label, year, first, last = (names.new(n) for n in ("p", "q", "j", "label", "year", "first", "last"))
        mine = f"?{p} jx:indicator ?{v} . ?{v} rdfs:label ?{label} ."
        row = self.place == "row"
        owner = p if row else q
        keys, other = [label], f"?{owner} jx:indicator ?{j} . ?{j} rdfs:label ?{label} ."
        if row:
            keys.append(p)
        else:
            mine += f" ?{p} jx:fiscalYear ?{year} ."
            keys.append(year)
            other += f" ?{q} jx:fiscalYear ?{year} ."
            if self.within is not None:
                other += f" {{ SELECT DISTINCT ?{q} WHERE {{ {self.within.pattern(q, names)} }} }}"
        if self.number > 2:
            every = names.new("e")
            return (
                f"{{ SELECT DISTINCT ?{v} WHERE {{ {mine} {{ SELECT ?{label} ?{year} WHERE {{ {other} ?{q} jx:department ?{every} }} "
                f"GROUP BY ?{label} ?{year} HAVING(COUNT(DISTINCT ?{every}) >= {self.number}) }} }} }}"
            )
        apart = ""
        if self.place == "department":
            d, e = names.new("d"), names.new("e")
            mine += f" ?{p} jx:department ?{d} ."
            other += f" ?{q} jx:department ?{e} ."
            keys.append(e)
            apart += f" FILTER(?{d} != ?{e})"
        if self.differs:
            t, u, a, b = (names.new(n) for n in "tuab")
            mine += f" ?{v} jx:target ?{t} . ?{t} jx:text ?{a} ."
            other += f" ?{j} jx:target ?{u} . ?{u} jx:text ?{b} ."
            keys.append(b)
            apart += f" FILTER(?{a} != ?{b})"
        by = " ".join(f"?{key}" for key in keys)
        this, those = (v, j) if row else (p, q)
        return (
            f"{{ SELECT DISTINCT ?{v} WHERE {{ {mine} {{ SELECT {by} (MIN(STR(?{those})) AS ?{first}) "
            f"(MAX(STR(?{those})) AS ?{last}) WHERE {{ {other} }} GROUP BY {by} }}{apart} "
            f"FILTER(?{first} != STR(?{this}) || ?{last} != STR(?{this})) }} }}"
        )


@node
class Sums(Node):
    """A project's indicators of the set, added up, compare so: with so much (in the base unit) or with an amount of its
    own. ``apart``: by how much more or less, in 元."""

    SAID_OF = "project"
    of: Set
    attribute: Attribute
    operator: str
    than: Any  # Decimal | Attribute
    said: str = ""
    apart: tuple[str, Decimal] | None = None

    def __str__(self) -> str:
        if self.apart is not None:
            sign, by = self.apart
            more = "多" if self.operator == ">" else "少"
            return f"{self.of}的{self.attribute}合计比{self.than}{more}{'' if sign == '=' else COMPARISONS[sign]}{show_money(by)}"
        shown = self.than if isinstance(self.than, Attribute) else self.said or show_money(self.than)
        return f"{self.of}的{self.attribute}合计{COMPARISONS[self.operator]}{shown}"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        i, a, total, n = (names.new(x) for x in ("i", "a", "total", "n"))
        each = f"{self.of.pattern(i, names)} ?{v} jx:indicator ?{i} . {number_of(self.attribute, i, a, names)}"
        added = (
            f"{{ SELECT ?{v} (SUM(?{a}) AS ?{total}) WHERE {{ {{ SELECT DISTINCT ?{v} ?{i} ?{a} WHERE {{ {each} }} }} }} "
            f"GROUP BY ?{v} }}"
        )
        if self.apart is not None:
            sign, by = self.apart
            more = f"?{total} - ?{n}" if self.operator == ">" else f"?{n} - ?{total}"
            own = number_of(self.than, v, n, names)
            return f"{added} {own} FILTER({more} {sign_of(sign)} {decimal(by)})"
        if isinstance(self.than, Attribute):
            return f"{added} {number_of(self.than, v, n, names)} FILTER(?{total} {sign_of(self.operator)} ?{n})"
        return f"{added} FILTER(?{total} {sign_of(self.operator)} {decimal(self.than)})"


def costs_and_budget(operator: str) -> Sums:
    """The amounts of a project's indicators of costs (standards for one of something left out), added up, and its budget."""
    costs = Set("indicator", (OfType(tuple(TYPE[name] for name in COSTS), "成本指标"),))
    amount = replace(attribute("indicator", "target"), label="金额", kind="amount")
    return Sums(costs, amount, operator, attribute("project", "budget"))


@node
class Beside(Node):
    """A project of the same department and year as those of the set, these too."""

    SAID_OF = "project"
    of: Set

    def __str__(self) -> str:
        return f"同{self.of}在一个部门"

    def pattern(self, v: str, cls: str, names: Names) -> str:
        p, d, y = (names.new(n) for n in ("p", "d", "y"))
        held = f"{self.of.pattern(p, names)} ?{p} jx:department ?{d} ; jx:fiscalYear ?{y} ."
        return f"{{ SELECT DISTINCT ?{d} ?{y} WHERE {{ {held} }} }} ?{v} jx:department ?{d} ; jx:fiscalYear ?{y} ."


@node
class Has(Node):
    """Has so many indicators of the set."""

    SAID_OF = "project"
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
