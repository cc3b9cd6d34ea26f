"""Sets of projects, indicators, groups, funds, departments, types, documents: filtered, joined, ranked.

``pattern(v, names)`` is the SPARQL pattern that binds ``?v`` to each; ``str()`` the sentence.
"""

from __future__ import annotations

from typing import Any

from kg.ask.logic.attributes import Attribute
from kg.ask.logic.conditions import PREVIOUS, Is, Latest, Mention, Names, conjunction, number_of
from kg.ask.logic.node import Node, node
from kg.ask.logic.patterns import served
from kg.ask.logic.plain import (
    OfDepartment,
    OfProject,
    OfYear,
)

NOUNS = {
    "project": "项目", "indicator": "指标", "group": "服务对象", "fund": "资金来源", "department": "部门",
    "type": "指标类型", "level1": "一级指标", "document": "文件", "year": "年度",
}  # fmt: skip
LINKS = {
    "group": "jx:beneficiary", "fund": "jx:fundSource", "department": "jx:department", "document": "jx:document",
    "year": "jx:fiscalYear",
}  # fmt: skip


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

    @property
    def unit(self) -> str:
        """What the number is shown in."""
        if self.by is None or isinstance(self.by, Set):
            return "条" if self.by else "个"
        return "万元" if getattr(self.by, "kind", "") == "money" else str(self.by.unit)

    def __str__(self) -> str:
        what = "项目数" if self.by is None else f"{self.by}数量" if isinstance(self.by, Set) else str(self.by)
        ends = ("最晚", "最早") if getattr(self.by, "kind", "") == "deadline" else ("最高", "最低")
        end = ends[not self.descending]
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
                    if own and not own.startswith("MINUS")  # from nothing nothing is taken
                    else f"{within} ?{project} jx:indicator ?{v} . {own}"
                )
            return f"{within} ?{project} jx:indicator ?{v} . {own}"
        if self.cls == "type":
            one = names.new("i")
            inner = (of or Set("indicator")).pattern(one, names)
            return f"{inner} ?{one} jx:type ?{v} . {own}"
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
        if self.cls == "group" and of is not None:
            named = next((c.iris for c in of.where if isinstance(c, OfProject) and not c.negated), None)
            if named is not None:
                link = f"{{ {link} }} UNION {{ {served(project, v, named, names.new)} }}"
        return f"{inner} {link} {own}" if own.startswith("MINUS") else f"{own} {inner} {link}"

    def owners(self, v: str, names: Names) -> str:
        """Of a set of projects what their indicators are looked for in: where only year and department are said, tables
        of whole departments too, whose indicators are counted and listed as any."""
        plain = all(isinstance(c, OfYear | OfDepartment | Latest) for c in self.where)
        return conjunction(self.where, v, self.cls, names) if plain and not self.rank else self.pattern(v, names)

    def key(self, v: str, name: str, names: Names) -> str:
        """Binds ``?name`` to the number by which the set is ranked, for each ``?v``."""
        assert self.rank
        by = self.rank.by
        if hasattr(by, "key") and not isinstance(by, Set):
            told: str = by.key(v, name, names)  # a growth, a number of each group
            return told
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
                # In a group of its own, else engines look for the bound once for each thing.
                f"{{ OPTIONAL {{ {{ SELECT (?{k} AS ?{edge}{at}) WHERE {{ {{ SELECT DISTINCT ?{w} ?{k} WHERE {{ "
                f"{self._plain(w, names)} {self.key(w, k, names)} }} }} }} ORDER BY {order}(?{k}) OFFSET {at} LIMIT 1 }} }} }}"
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
