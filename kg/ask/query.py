"""The typed query a question is understood as. It prints as a sentence and compiles to SPARQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ontology import UNIT

MEASURES = {
    "budget": "预算", "fiscalFunds": "财政资金", "otherFunds": "其他资金", "change": "变动金额", "changeRate": "变动幅度",
}  # fmt: skip
SHARED = {"group": "服务对象", "fund": "资金来源", "indicator": "指标", "goal": "绩效目标"}
MOVES = {">": "提高", "<": "降低", "=": "不变", "!=": "有变化"}
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
class OfAmount:
    """Amount of ``measure`` in 元 compared with ``number``; ``None`` stands for nothing (absent or zero)."""

    measure: str
    operator: str
    number: Decimal | None

    def __str__(self) -> str:
        if self.number is None:
            return f"{'没有' if self.operator == '=' else '有'}{MEASURES[self.measure]}"
        return f"{MEASURES[self.measure]}{COMPARISONS[self.operator]}{show_money(self.number)}"


@dataclass(frozen=True, slots=True)
class Exceeds:
    """Amount of ``measure`` above (``>``) or below (``<``) that of all these projects."""

    measure: str
    operator: str
    iris: tuple[str, ...]
    label: str

    def __str__(self) -> str:
        return f"{MEASURES[self.measure]}{'高' if self.operator == '>' else '低'}于项目“{self.label}”"


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
    """A target whose cell holds ``text``, or (with ``forms``) is written in one of these forms."""

    text: str
    forms: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"指标值写作“{self.text}”"


@dataclass(frozen=True, slots=True)
class DueBy:
    operator: str
    day: date
    start: date | None = None  # of a period that the target states
    earliest: date | None = None  # due not before this day

    def __str__(self) -> str:
        if self.start:
            return f"期间为{self.start}至{self.day}"
        if self.earliest:
            return f"期限在{self.earliest}至{self.day}之间"
        return f"期限{'不晚于' if self.operator == '≤' else '为'}{self.day}"


@dataclass(frozen=True, slots=True)
class Every:
    """Done or (``paid``) paid out once a period, an ISO 8601 duration."""

    period: str
    said: str
    paid: bool = False

    def __str__(self) -> str:
        return f"{'发放' if self.paid else ''}频次为{self.said}"


@dataclass(frozen=True, slots=True)
class TargetKind:
    """``kind`` of target: number, date, frequency or text."""

    kind: str

    def __str__(self) -> str:
        return {"text": "没有量化", "number": "有数值", "date": "为日期", "frequency": "为频次"}[self.kind]


@dataclass(frozen=True, slots=True)
class Allows:
    """A target that a number meets: not above a ≤, not below a ≥, else just it."""

    number: Decimal
    unit: str
    said: str

    def __str__(self) -> str:
        return f"目标值允许{self.said}"


IndicatorCondition = Allows | OfType | Named | OfTarget | TargetText | TargetKind | DueBy | Every


@dataclass(frozen=True, slots=True)
class HasIndicator:
    """The project has (or, negated, has not) an indicator that meets all conditions at once."""

    conditions: tuple[IndicatorCondition, ...]
    negated: bool = False

    def __str__(self) -> str:
        return f"{'没有' if self.negated else '有'}{'、'.join(map(str, self.conditions))}的指标"


@dataclass(frozen=True, slots=True)
class HasCount:
    """Has so many indicators that meet all conditions."""

    conditions: tuple[IndicatorCondition, ...]
    operator: str
    number: int

    def __str__(self) -> str:
        kinds = "、".join(map(str, self.conditions))
        return f"{kinds + '的' if kinds else ''}指标数{COMPARISONS[self.operator]}{self.number}个"


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares with another project. ``what``: group, fund, goal (in the same words), or indicator (one of the same
    measure)."""

    what: str
    iris: tuple[str, ...]
    label: str

    def __str__(self) -> str:
        return f"与“{self.label}”有相同的{SHARED[self.what]}"


@dataclass(frozen=True, slots=True)
class Changed:
    """``measure`` in year ``new`` compared (``>``, ``<``, ``=``) with the same project's in year ``old``."""

    measure: str
    operator: str
    old: int
    new: int

    def __str__(self) -> str:
        how = {">": "增加", "<": "减少", "=": "不变", "!=": "有变化"}[self.operator]
        return f"{self.new}年{MEASURES[self.measure]}比{self.old}年{how}"


@dataclass(frozen=True, slots=True)
class OnlyIn:
    """Of ``year``, without a project of the same line in ``other``."""

    year: int
    other: int

    def __str__(self) -> str:
        return f"{self.year}年有而{self.other}年没有"


@dataclass(frozen=True, slots=True)
class InBoth:
    """Of ``year``, with a project of the same line in ``other``."""

    year: int
    other: int

    def __str__(self) -> str:
        return f"{self.other}年和{self.year}年都有"


ProjectCondition = (
    InBoth
    | OfConcept
    | OfDepartment
    | OfYear
    | OfProject
    | OfAmount
    | Exceeds
    | About
    | HasIndicator
    | HasCount
    | Shares
    | Changed
    | OnlyIn
)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for.

    ``select``: projects, indicators, types (of the candidates), groups, funds, departments, documents, programmes, goals, purpose,
    amount (an amount per project), number (one computed number), boolean.
    ``aggregate`` of a number: sum, average, count, countIndicators, difference, ratio (in %), times.
    ``measure``: budget, fiscalFunds, otherFunds, indicators (their count), change or changeRate (of an amount
    between two years), or written (a candidate's number as its table writes it).
    """

    select: str
    projects: tuple[ProjectCondition, ...] = ()
    indicators: tuple[IndicatorCondition, ...] = ()
    candidates: tuple[str, ...] = ()  # indicators that the question's words were linked to
    pairs: tuple[tuple[str, str], ...] = ()  # indicators of two years: (before, after)
    change: str = ""  # how the target of each pair moved: > < =
    aggregate: str = ""
    measure: str = "budget"
    descending: bool | None = None
    limit: int | None = None
    offset: int = 0
    every: bool = False  # of a yes/no question: all indicators of the type, not some
    by_year: bool = False  # a number for each year
    unit: str = "万元"
    operands: tuple[Query, ...] = ()
    least: int = 0  # for groups, programmes: linked to at least so many
    said: str = ""  # the candidates' names
    otherwise: Query | None = None  # the wider reading to try where this one finds nothing

    def __str__(self) -> str:
        return describe(self)


def show_money(number: Decimal) -> str:
    """元 as people write it: ``100000000`` → 1亿元."""
    for size, unit in ((Decimal(10**8), "亿元"), (Decimal(10**4), "万元")):
        if abs(number) >= size:
            return f"{(number / size).normalize():f}{unit}"
    return f"{number.normalize():f}元"


def describe(query: Query) -> str:
    """The query as one Chinese sentence."""
    where = "、".join(str(c) for c in query.projects)
    of = f"{where}的" if where else ""
    if query.operands and query.aggregate in ("difference", "ratio", "times"):
        first, second = (describe(q).removeprefix("查询").removeprefix("计算") for q in query.operands[:2])
        return f"计算{first}与{second}之{'差' if query.aggregate == 'difference' else '比'}"
    if query.select == "programmes":
        return f"查询同时有{'和'.join(str(c) for q in query.operands for c in q.projects)}的项目主线"
    if len(query.operands) == 1:
        return f"判断：{where}是否为{describe(query.operands[0]).removeprefix('查询')}"
    if query.operands:
        return "比较" + "与".join(describe(q).removeprefix("查询") for q in query.operands)
    order = ""
    if query.descending is not None and query.select in ("projects", "departments", "indicators"):
        what = f"{conditions_of(query)}指标数" if query.measure == "indicators" else MEASURES[query.measure]
        what = "目标值" if query.select == "indicators" else what
        rank = (
            f"第{query.offset + 1}" if query.offset else f"{query.limit}个" if query.limit and query.limit > 1 else ""
        )
        order = (
            f"{what}{'最高' if query.descending else '最低'}的{rank}"
            if query.limit
            else f"按{what}{'从高到低' if query.descending else '从低到高'}排列的"
        )
    conditions = "、".join(str(c) for c in query.indicators)
    match query.select:
        case "projects":
            return f"查询{of}{order}项目"
        case "types":
            return f"查询指标“{query.said}”的类型"
        case "indicators" if query.pairs:
            return f"查询{of}目标值{MOVES[query.change]}的指标"
        case "indicators" if query.candidates:
            return f"查询指标“{query.said}”的指标值"
        case "indicators":
            return f"查询{of}{order}{conditions + '的' if conditions else ''}指标"
        case "number":
            what = {
                "sum": "合计",
                "average": "平均值",
                "count": "项目数",
                "countIndicators": "指标数",
                "averageIndicators": "平均指标数",
            }[query.aggregate]
            if query.aggregate == "countIndicators":
                return f"计算{of}{conditions + '的' if conditions else ''}指标数"
            if query.candidates:
                return f"计算{of}相关指标值的{what}"
            if query.indicators and query.aggregate in ("sum", "average"):
                return f"计算{of}{conditions}的金额指标值{what}"
            return (
                f"计算{of}{what}"
                if query.aggregate == "count"
                else f"计算{of}{MEASURES[query.measure]}{'最高' if query.descending else '最低'}的{query.limit}个项目{MEASURES[query.measure]}{what}"
                if query.descending is not None
                else f"计算{of or '全部项目'}{MEASURES[query.measure]}{what}"
            )
        case "amount" if query.candidates:
            return f"查询“{query.said}”"
        case "amount" if query.descending is not None:
            return f"查询{of}{'最高' if query.descending else '最低'}的项目{MEASURES[query.measure]}"
        case "amount":
            return f"查询{of}{MEASURES[query.measure]}"
        case "boolean" if query.every:
            return f"判断：{of}全部指标{conditions}"
        case "boolean" if query.said:
            return f"判断：指标“{query.said}”的{conditions}"
        case "boolean":
            return f"判断：{where}"
    names = {
        "groups": "服务对象", "funds": "资金来源", "departments": "部门", "documents": "文件",
        "programmes": "项目主线", "goals": "绩效目标", "purpose": "资金用途",
    }  # fmt: skip
    return f"查询{of}{order}{names[query.select]}"


def conditions_of(query: Query) -> str:
    """The labels of the indicator types that are counted."""
    return "、".join(c.label for c in query.indicators if isinstance(c, OfType))
