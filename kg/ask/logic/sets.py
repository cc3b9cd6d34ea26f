"""Sets of projects, indicators, groups, funds, departments, types, documents: filtered, joined, ranked.

``pattern(v, names)`` is the SPARQL pattern that binds or keeps ``?v``; ``str()`` the sentence. Conditions of one
project or one indicator that stand in ``kg.ask.query`` are used as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

from index.text import YEAR
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.node import Node, node
from kg.ask.patterns import Patterns
from kg.ask.query import (
    COMPARISONS,
    HasIndicator,
    IndicatorCondition,
    OfDepartment,
    OfProject,
    OfYear,
    ProjectCondition,
    show_money,
)
from kg.graph.terms import decimal, iri, literal, values
from ontology import UNIT

PREVIOUS = "上一个答案"
NOUNS = {
    "project": "项目", "indicator": "指标", "group": "服务对象", "fund": "资金来源", "department": "部门",
    "type": "指标类型", "level1": "一级指标", "document": "文件", "year": "年度",
}  # fmt: skip
LINKS = {
    "group": "jx:beneficiary", "fund": "jx:fundSource", "department": "jx:department", "document": "jx:document",
    "year": "jx:fiscalYear",
}  # fmt: skip
LABELS = {"group": "skos:prefLabel", "fund": "skos:prefLabel", "type": "skos:prefLabel", "level1": "skos:prefLabel"}


class Names:
    """Variables of one query, never twice the same, and the patterns of plain conditions."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.plain = Patterns()

    def new(self, stem: str) -> str:
        return f"{stem}_{next(self._numbers)}"


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

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002 - the class is the set's
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

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
        name = names.new("n")
        mine = number_of(self.attribute, v, name, names)
        if self.than is None:
            held = f"{mine} FILTER(?{name} > 0)"
            return f"MINUS {{ {held} }}" if self.operator == "=" else held
        sign = {"≥": ">=", "≤": "<=", "≠": "!="}.get(self.operator, self.operator)
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
class Is(Node):
    """One of these things."""

    iris: tuple[str, ...]
    label: str
    negated: bool = False

    def __str__(self) -> str:
        return f"{'除' if self.negated else ''}“{self.label}”{'以外' if self.negated else ''}"

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
        if self.negated:
            return f"FILTER(?{v} NOT IN ({', '.join(map(iri, self.iris))}))"
        return values(v, self.iris)


@node
class Under(Node):
    """A concept: one of these or narrower."""

    iris: tuple[str, ...]
    label: str

    def __str__(self) -> str:
        return f"“{self.label}”及其下级"

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
        above = names.new("above")
        return f"{values(above, self.iris)} ?{above} ^skos:broader* ?{v} ."


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

    def __str__(self) -> str:
        since = f"{self.attribute}比{self.old}年的"
        return f"{since}增幅{COMPARISONS[self.operator]}{self.said}" if self.operator else f"{since}增加额"

    def key(self, v: str, name: str, names: Names) -> str:
        other, a, b = (names.new(n) for n in ("o", "a", "b"))
        return (
            f"{number_of(self.attribute, v, a, names)} {_before(v, self.old, other, names)} "
            f"{number_of(self.attribute, other, b, names)} BIND(?{a} - ?{b} AS ?{name})"
        )

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
        other, a, b = (names.new(n) for n in ("o", "a", "b"))
        sign = {"≥": ">=", "≤": "<=", "≠": "!="}.get(self.operator, self.operator)
        return (
            f"{{ SELECT DISTINCT ?{v} WHERE {{ {number_of(self.attribute, v, a, names)} {_before(v, self.old, other, names)} "
            f"{number_of(self.attribute, other, b, names)} FILTER((?{a} - ?{b}) * 100 / ?{b} {sign} {self.number}) }} }}"
        )


@node
class NewIn(Node):
    """An indicator that its project did not have in another year, in which the project stood too."""

    other: int

    def __str__(self) -> str:
        return f"{self.other}年没有"

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
        p, q, m, j = (names.new(n) for n in ("p", "q", "m", "j"))
        return (
            f"{{ SELECT DISTINCT ?{v} WHERE {{ ?{p} jx:indicator ?{v} . {_before(p, self.other, q, names)} "
            f"?{v} jx:measures ?{m} . FILTER NOT EXISTS {{ ?{j} jx:measures ?{m} ; jx:project ?{q} }} }} }}"
        )


@node
class Repeated(Node):
    """An indicator whose name stands in another project of the same year, too."""

    def __str__(self) -> str:
        return "在几个项目里同名"

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
        p, q, j, label, year = (names.new(n) for n in ("p", "q", "j", "label", "year"))
        return (
            f"{{ SELECT DISTINCT ?{v} WHERE {{ ?{p} jx:indicator ?{v} . ?{v} rdfs:label ?{label} . "
            f"?{j} rdfs:label ?{label} . ?{q} jx:indicator ?{j} . FILTER(?{p} != ?{q}) "
            f"?{p} jx:fiscalYear ?{year} . ?{q} jx:fiscalYear ?{year} }} }}"
        )


@node
class Size(Node):
    """The set, without this, has just so many members: said in passing, and to be checked."""

    number: int

    def __str__(self) -> str:
        return f"共{self.number}个"

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
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

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
        one = names.new("i")
        inner = f"{self.of.pattern(one, names)} ?{v} jx:indicator ?{one} ."
        if (self.operator, self.number) == ("=", 0):
            return f"MINUS {{ {inner} }}"
        if (self.operator, self.number) == ("≥", 1):
            return f"{{ SELECT DISTINCT ?{v} WHERE {{ {inner} }} }}"
        sign = {"≥": ">=", "≤": "<=", "≠": "!="}.get(self.operator, self.operator)
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

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
        return values(v, self.subjects)


@node
class PerUnit(Node):
    """The target is written per this: 人, 人·年, 户·月."""

    per: str

    def __str__(self) -> str:
        return f"按每{self.per}计"

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
        t, name = names.new("t"), names.new("per")
        return f"?{v} jx:target ?{t} . ?{t} jx:per ?{name} . FILTER(STR(?{name}) = {literal(self.per)})"


@node
class WrittenUnit(Node):
    """The unit of the target as the table writes it: 元/人."""

    unit: str

    def __str__(self) -> str:
        return f"单位为“{self.unit}”"

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
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

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
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
class HasValue(Node):
    """An attribute of the thing is this concept."""

    name: str
    iri: str
    label: str

    def __str__(self) -> str:
        return self.label

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
        return f"?{v} jx:{self.name} {iri(self.iri)} ."


@node
class Latest(Node):
    """Of its department's latest year."""

    def __str__(self) -> str:
        return "各部门最近一年"

    def pattern(self, v: str, cls: str, names: Names) -> str:  # noqa: ARG002
        d, y, p, z = (names.new(n) for n in ("d", "y", "p", "z"))
        return (
            f"{{ SELECT ?{d} (MAX(?{z}) AS ?{y}) WHERE {{ ?{p} a jx:Project ; jx:department ?{d} ; jx:fiscalYear ?{z} }} "
            f"GROUP BY ?{d} }} ?{v} jx:department ?{d} ; jx:fiscalYear ?{y} ."
        )


@node
class Rank(Node):
    """The first ``limit`` (all, in order, where None) after ``offset`` by a number.

    ``by``: an attribute, a Set (how many of it belong to the thing), or None (how many projects).
    """

    by: Any
    descending: bool = True
    limit: int | None = 1
    offset: int = 0
    aggregate: str = "SUM"

    def __str__(self) -> str:
        what = "项目数" if self.by is None else f"{self.by}数量" if isinstance(self.by, Set) else str(self.by)
        end = "最高" if self.descending else "最低"
        if self.limit is None:
            return f"按{what}{'从高到低' if self.descending else '从低到高'}"
        if self.offset:
            last = f"至第{self.offset + self.limit}" if self.limit > 1 else ""
            return f"{what}{'' if self.descending else '从低到高'}第{self.offset + 1}{last}"
        return f"{what}{end}的{self.limit}个" if self.limit > 1 else f"{what}{end}"


@node
class Set(Node):
    """Things of one class that meet all conditions.

    ``of``: the projects (of types: the indicators) they belong to. ``mention``: words that name them, until linked.
    """

    cls: str
    where: tuple[Any, ...] = ()
    of: Set | None = None
    rank: Rank | None = None
    mention: Mention | None = None

    def __str__(self) -> str:
        named = next((c for c in self.where if isinstance(c, Is | OfProject) and not c.negated), None)
        parts = [str(self.of) if self.of is not None and not self.of.bare else ""]
        parts += ["、".join(str(c) for c in self.where if c is not named)]
        if self.mention:
            parts.append(str(self.mention))
        if self.rank:
            parts.append(str(self.rank))
        said = "的".join(p for p in parts if p)
        noun = NOUNS[self.cls]
        if named is not None:
            own = named.label if named.label == PREVIOUS else f"{noun}“{named.label}”"
            return f"{said}的{own}" if said and not self.rank else f"{own}里{said}的{noun}" if said else own
        if not said:
            return f"全部{noun}"
        return f"{said}{noun}" if said.endswith("个") else f"{said}的{noun}"

    @property
    def bare(self) -> bool:
        """Whether nothing is said of it."""
        return not (self.where or self.of or self.rank or self.mention)

    def pattern(self, v: str, names: Names) -> str:
        """Binds ``?v`` to each thing of the set."""
        plain = self._plain(v, names)
        if self.rank is None or self.rank.limit is None:
            return plain
        return f"{plain} {self._chosen(v, names)}"

    def _plain(self, v: str, names: Names) -> str:
        own = conjunction(self.where, v, self.cls, names)
        if self.cls == "project":
            return f"?{v} a jx:Project . {own}"
        of = self.of
        if self.cls == "indicator":
            project = names.new("p")
            within = of.owners(project, names) if of is not None else ""
            if of is None or not (of.where or of.rank):
                return (
                    f"{own} ?{project} jx:indicator ?{v} . {within}"
                    if own
                    else f"{within} ?{project} jx:indicator ?{v} ."
                )
            return f"{within} ?{project} jx:indicator ?{v} . {own}"
        if self.cls == "type":
            one = names.new("i")
            inner = (of or Set("indicator")).pattern(one, names)
            return f"{own} {inner} ?{one} jx:type ?{v} ."
        project = names.new("p")
        inner = (of or Set("project")).pattern(project, names)
        link = f"?{project} {LINKS[self.cls]} ?{v} ."
        if (
            self.cls == "fund"
            and of is not None
            and any(isinstance(c, OfProject | Is) and not c.negated for c in of.where)
        ):
            other = names.new("narrower")
            link += f" FILTER NOT EXISTS {{ ?{project} {LINKS[self.cls]} ?{other} . ?{other} skos:broader+ ?{v} }}"
        if self.cls == "group" and of is not None and any(isinstance(c, OfProject) and not c.negated for c in of.where):
            link = f"{{ {link} }} UNION {{ {_served(project, v, names)} }}"
        return f"{own} {inner} {link}"

    def owners(self, v: str, names: Names) -> str:
        """Of a set of projects what their indicators are looked for in: where only year and department are said, tables
        of whole departments too, whose indicators are counted and listed as any."""
        plain = all(isinstance(c, OfYear | OfDepartment | Latest) for c in self.where)
        return conjunction(self.where, v, self.cls, names) if plain and not self.rank else self.pattern(v, names)

    def key(self, v: str, name: str, names: Names) -> str:
        """Binds ``?name`` to the number by which the set is ranked, for each ``?v``."""
        assert self.rank
        by = self.rank.by
        if isinstance(by, Growth):
            return by.key(v, name, names)
        if isinstance(by, Set):
            one = names.new("i")
            return (
                f"{{ SELECT ?{v} (COUNT(DISTINCT ?{one}) AS ?{name}) WHERE {{ {by.pattern(one, names)} "
                f"?{v} jx:indicator ?{one} }} GROUP BY ?{v} }}"
            )
        if self.cls in LINKS:
            project, amount = names.new("p"), names.new("a")
            inner = (self.of or Set("project")).pattern(project, names)
            link = f"?{project} {LINKS[self.cls]} ?{v} ."
            if by is None:
                total, number = f"COUNT(DISTINCT ?{project})", ""
            else:
                total, number = f"{self.rank.aggregate}(?{amount})", number_of(by, project, amount, names)
            return f"{{ SELECT ?{v} ({total} AS ?{name}) WHERE {{ {inner} {link} {number} }} GROUP BY ?{v} }}"
        if self.cls == "type":
            one = names.new("i")
            inner = (self.of or Set("indicator")).pattern(one, names)
            return f"{{ SELECT ?{v} (COUNT(DISTINCT ?{one}) AS ?{name}) WHERE {{ {inner} ?{one} jx:type ?{v} }} GROUP BY ?{v} }}"
        return number_of(by, v, name, names)

    def _chosen(self, v: str, names: Names) -> str:
        """Keeps those within the limit, ties with the last of them included."""
        rank = self.rank
        assert rank
        assert rank.limit
        key, edge = names.new("key"), names.new("edge")
        order = "DESC" if rank.descending else "ASC"

        def bound(at: int) -> str:
            w, k = names.new("w"), names.new("k")
            return (
                f"OPTIONAL {{ {{ SELECT (?{k} AS ?{edge}{at}) WHERE {{ {{ SELECT DISTINCT ?{w} ?{k} WHERE {{ "
                f"{self._plain(w, names)} {self.key(w, k, names)} }} }} }} ORDER BY {order}(?{k}) OFFSET {at} LIMIT 1 }} }}"
            )

        last = rank.offset + rank.limit - 1
        sign = ">=" if rank.descending else "<="
        tests = [f"(!BOUND(?{edge}{last}) || ?{key} {sign} ?{edge}{last})"]
        bounds = bound(last)
        if rank.offset:
            bounds += f" {bound(rank.offset)}" if last != rank.offset else ""
            back = "<=" if rank.descending else ">="
            tests.append(f"(BOUND(?{edge}{rank.offset}) && ?{key} {back} ?{edge}{rank.offset})")
        return f"{self.key(v, key, names)} {bounds} FILTER({' && '.join(tests)})"


@node
class Statistic(Node):
    """One number over a set: ``function`` sum, average, median, min, max or count. ``attribute`` None: counted."""

    function: str
    of: Set
    attribute: Attribute | None = None

    def __str__(self) -> str:
        said = {
            "sum": "合计",
            "average": "平均值",
            "median": "中位数",
            "min": "最小值",
            "max": "最大值",
            "count": "数目",
        }
        return f"{self.of}的{self.attribute or ''}{said[self.function]}"

    def select(self, name: str, names: Names) -> str:
        """A SELECT of one row that binds ``?name``."""
        v, a = names.new("v"), names.new("a")
        inner = self.of.pattern(v, names)
        if self.function == "count":
            return f"SELECT (COUNT(DISTINCT ?{v}) AS ?{name}) WHERE {{ {inner} }}"
        assert self.attribute
        each = f"{{ SELECT DISTINCT ?{v} ?{a} WHERE {{ {inner} {number_of(self.attribute, v, a, names)} }} }}"
        if self.function == "median":
            return median(each, v, a, name, names)
        function = {"sum": "SUM", "average": "AVG", "min": "MIN", "max": "MAX"}[self.function]
        return f"SELECT ({function}(?{a}) AS ?{name}) WHERE {{ {each} }}"


def median(each: str, v: str, a: str, name: str, names: Names) -> str:
    """The median of ``?a`` over the rows of ``each``: the mean of the values that as many lie below as above.

    A value is in the middle where at most half of all lie on either side of it.
    """
    w, b = names.new("w"), names.new("b")
    other = each.replace(f"?{v} ", f"?{w} ").replace(f"?{a} ", f"?{b} ").replace(f"?{v}.", f"?{w}.")
    below, above, total = names.new("lt"), names.new("gt"), names.new("total")
    middle = (
        f"{{ SELECT ?{v} ?{a} (SUM(IF(?{b} < ?{a}, 1, 0)) AS ?{below}) (SUM(IF(?{b} > ?{a}, 1, 0)) AS ?{above}) "
        f"(COUNT(?{b}) AS ?{total}) WHERE {{ {each} {other} }} GROUP BY ?{v} ?{a} }}"
    )
    return (
        f"SELECT (AVG(?{a}) AS ?{name}) WHERE {{ {{ SELECT DISTINCT ?{a} WHERE {{ {middle} "
        f"FILTER(2 * ?{below} <= ?{total} && 2 * ?{above} <= ?{total}) }} }} }}"
    )


def _served(project: str, v: str, names: Names) -> str:
    """Whom the head of a project's table names it serves, be they wider than others that its rows name.

    A word that only repeats the end of a longer name (患者 after 慢性病患者) names nobody else.
    """
    link, cell, head, said, longer, more, narrower = (
        names.new(n) for n in ("link", "cell", "head", "said", "longer", "more", "narrower")
    )
    return (
        f"?{link} rdf:subject ?{project} ; rdf:predicate jx:beneficiary ; rdf:object ?{v} ; jx:quote ?{said} ; "
        f'prov:wasQuotedFrom ?{cell} . ?{cell} jx:field ?{head} . FILTER(?{head} IN ("project", "purpose", "goal")) '
        f"FILTER NOT EXISTS {{ ?{longer} rdf:subject ?{project} ; rdf:predicate jx:beneficiary ; rdf:object ?{narrower} ; "
        f"jx:quote ?{more} . ?{narrower} skos:broader+ ?{v} . FILTER(STRENDS(?{more}, ?{said})) }}"
    )


START = {
    "project": "{v} a jx:Project .", "indicator": "{v} a jx:Indicator .", "group": "{v} a jx:BeneficiaryGroup .",
    "fund": "{v} a jx:FundSource .", "department": "{v} a jx:Department .", "type": "{v} a jx:IndicatorType .",
    "document": "{v} a jx:BudgetDocument .", "year": "",
}  # fmt: skip


def number_of(attribute: Attribute, v: str, name: str, names: Names) -> str:
    """Binds ``?name`` to the attribute's number of ``?v``, in its base unit."""
    if attribute.kind == "value":
        held = names.new("t")
        return f"?{v} jx:{attribute.name} ?{held} . ?{held} qudt:value ?{name} ."
    return f"?{v} jx:{attribute.name} ?{name} ."


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
    if isinstance(condition, HasIndicator | Has | Latest | AlsoIn | Growth):
        return cls == "project"
    if isinstance(condition, Compare):
        return condition.attribute.of == cls
    if isinstance(condition, Found):
        return condition.of in (cls, "")
    if isinstance(condition, Alternatives):
        return all(applies(c, cls) for part in condition.parts for c in part)
    if isinstance(condition, Not):
        return all(applies(c, cls) for c in condition.parts)
    if isinstance(condition, Among):
        return condition.of.cls == cls
    if isinstance(condition, PerUnit | WrittenUnit | BaseUnit | HasValue | NewIn | Repeated):
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


__all__ = [name for name in dir() if name[0].isupper()] + ["applies", "conjunction", "number_of", "walk"]
