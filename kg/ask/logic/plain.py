"""Conditions of one project or one indicator. Each prints as a part of a sentence; kg.ask.logic.patterns has its SPARQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kg.ask.logic.attributes import attribute
from ontology import TYPE, UNIT

COSTS = ("cost", "output-cost", "cost-economic", "cost-social", "cost-ecological")

SIGNS = {"≥": ">=", "≤": "<=", "≠": "!="}
COMPARISONS = {">": "超过", "≥": "不低于", "<": "低于", "≤": "不超过", "=": "等于", "≠": "不等于"}


@dataclass(frozen=True, slots=True)
class OfConcept:
    """Linked to one of these concepts or a narrower one. ``relation``: beneficiary or fundSource."""

    relation: str
    iris: tuple[str, ...]
    label: str
    negated: bool = False

    def __str__(self) -> str:
        what = "服务对象" if self.relation == "beneficiary" else "资金来源"
        return f"{what}{'不' if self.negated else ''}为“{self.label}”"


@dataclass(frozen=True, slots=True)
class OfDepartment:
    iris: tuple[str, ...]
    label: str

    def __str__(self) -> str:
        return f"部门为“{self.label}”"


@dataclass(frozen=True, slots=True)
class OfYear:
    years: tuple[int, ...]

    def __str__(self) -> str:
        return "、".join(f"{year}年" for year in self.years)


@dataclass(frozen=True, slots=True)
class OfProject:
    iris: tuple[str, ...]
    label: str
    negated: bool = False

    def __str__(self) -> str:
        return f"{'除' if self.negated else ''}项目“{self.label}”{'以外' if self.negated else ''}"


@dataclass(frozen=True, slots=True)
class About:
    """Some text of the project holds all of these words together, each in one of its forms.

    ``among``: the projects and indicators whose texts may, where the index has told; they change nothing but how long
    it takes to find them.
    """

    words: tuple[tuple[str, ...], ...]
    among: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return f"涉及“{''.join(forms[0] for forms in self.words)}”"


@dataclass(frozen=True, slots=True)
class OfType:
    iris: tuple[str, ...]
    label: str

    @property
    def of_costs(self) -> bool:
        """Whether all of its types are of costs: their targets are amounts of money."""
        return set(self.iris) <= {TYPE[name] for name in COSTS}

    def __str__(self) -> str:
        return f"类型为{self.label}"


@dataclass(frozen=True, slots=True)
class Named:
    """An indicator of this name, or (``exact`` false) whose name, description or worded target holds these words.

    ``among``: the indicators that may, where the index has told.
    """

    words: tuple[tuple[str, ...], ...]
    exact: bool = True
    among: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return f"名为“{self.words[0][0]}”" if self.exact else f"涉及“{''.join(w[0] for w in self.words)}”"


@dataclass(frozen=True, slots=True)
class OfTarget:
    """Target number compared (in the base unit ``unit``, an IRI, where there is one)."""

    operator: str
    number: Decimal
    unit: str
    said: str

    def __str__(self) -> str:
        return f"目标值{self.said}"


def sign_of(operator: str) -> str:
    """The comparison as SPARQL writes it."""
    return SIGNS.get(operator, operator)


def money_target(operator: str, number: Decimal, said: str) -> OfTarget:
    """A target in money compared with so many 元."""
    return OfTarget(operator, number, UNIT["yuan"], said)


@dataclass(frozen=True, slots=True)
class TargetText:
    """A target whose cell is written in one of these forms."""

    text: str
    forms: tuple[str, ...]

    def __str__(self) -> str:
        return f"指标值写作“{self.text}”"


@dataclass(frozen=True, slots=True)
class DueBy:
    """Due not before ``first`` and not after ``last``; ``stated``: the target itself is this period.

    ``yearless``: the days are of the year of the project, whatever it is.
    """

    first: date | None
    last: date | None
    stated: bool = False
    yearless: bool = False

    def __str__(self) -> str:
        first, last = (self._said(day) for day in (self.first, self.last))
        if self.stated:
            return f"期间为{first}至{last}"
        if first == last:
            return f"期限为{first}"
        if self.first and self.last:
            return f"期限在{first}至{last}之间"
        return f"期限不晚于{last}" if self.last else f"期限不早于{first}"

    def _said(self, day: date | None) -> str:
        if day is None:
            return ""
        return f"{day.month}月{day.day}日" if self.yearless else str(day)


@dataclass(frozen=True, slots=True)
class Every:
    """Done once a period, an ISO 8601 duration."""

    period: str
    said: str

    def __str__(self) -> str:
        return f"频次为{self.said}"


@dataclass(frozen=True, slots=True)
class TargetKind:
    """``kind`` of target: number, date, frequency, range (60%–70%) or text."""

    kind: str

    def __str__(self) -> str:
        return {"text": "没有量化", "number": "有数值", "date": "为日期", "frequency": "为频次", "range": "为区间"}[
            self.kind
        ]


IndicatorCondition = OfType | Named | OfTarget | TargetText | TargetKind | DueBy | Every


@dataclass(frozen=True, slots=True)
class Changed:
    """``measure`` (an amount of a project) in year ``new`` compared (``>``, ``<``, ``=``) with the same project's in year ``old``."""

    measure: str
    operator: str
    old: int
    new: int

    def __str__(self) -> str:
        how = {">": "增加", "<": "减少", "=": "不变", "!=": "有变化"}[self.operator]
        return f"{self.new}年{attribute('project', self.measure)}比{self.old}年{how}"


@dataclass(frozen=True, slots=True)
class OnlyIn:
    """Of ``year``, without a project of the same line in ``other``."""

    year: int
    other: int

    def __str__(self) -> str:
        return f"{self.year}年有而{self.other}年没有"


ProjectCondition = OfConcept | OfDepartment | OfYear | OfProject | About | Changed | OnlyIn


def show_money(number: Decimal) -> str:
    """元 as people write it: ``100000000`` → 1亿元."""
    for size, unit in ((Decimal(10**8), "亿元"), (Decimal(10**4), "万元")):
        if abs(number) >= size:
            return f"{(number / size).normalize():f}{unit}"
    return f"{number.normalize():f}元"
