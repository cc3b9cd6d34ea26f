"""What a question wants of its sets: a list, attributes, a number, a table, yes or no, several of these."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from kg.ask.logic.attributes import Attribute
from kg.ask.logic.conditions import LABELS, Names, conjunction, number_of
from kg.ask.logic.groups import Changes
from kg.ask.logic.node import Node, node
from kg.ask.logic.plain import COMPARISONS, OfYear, sign_of
from kg.ask.logic.sets import LINKS, NOUNS, Set, Statistic
from kg.graph.terms import literal, values
from ontology import PREFIXES

FACTOR = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
SAID = {"sum": "合计", "average": "平均值", "median": "中位数", "min": "最小值", "max": "最大值", "count": "数目"}


@node
class List(Node):
    """The things of a set, in order; ``shown`` is a number that each is listed with."""

    of: Set
    shown: Attribute | None = None

    def __str__(self) -> str:
        return f"查询{self.of}"


@node
class Each(Node):
    """Attributes of each thing of a set."""

    of: Set
    attributes: tuple[Attribute, ...]
    unit: str = ""

    def __str__(self) -> str:
        return f"查询{self.of}的{'、'.join(map(str, self.attributes))}"


@node
class Computed(Node):
    """Two numbers put together: ``operation`` difference, ratio (in %), times, rate (of growth, in %), sum,
    per (how many to each)."""

    operation: str
    first: Any
    second: Any

    def __str__(self) -> str:
        what = {
            "difference": "之差",
            "ratio": "之比",
            "times": "的倍数",
            "rate": "的增长率",
            "decline": "的下降率",
            "sum": "之和",
            "per": "之比",
        }[self.operation]
        return f"{self.first}与{self.second}{what}"

    def select(self, name: str, names: Names) -> str:
        a, b = names.new("a"), names.new("b")
        formula = {
            "difference": f"ABS(?{a} - ?{b})", "ratio": f"?{a} * 100 / ?{b}", "times": f"?{a} / ?{b}",
            "rate": f"(?{a} - ?{b}) * 100 / ?{b}", "decline": f"(?{b} - ?{a}) * 100 / ?{b}", "sum": f"?{a} + ?{b}",
            "per": f"?{a} / ?{b}",
        }[self.operation]  # fmt: skip
        return (
            f"SELECT ({formula} AS ?{name}) WHERE {{ {{ {self.first.select(a, names)} }} "
            f"{{ {self.second.select(b, names)} }} }}"
        )


@node
class Funded(Node):
    """The share of a project's money that comes from a fund, where the table gives it as an amount of its own."""

    of: Set
    iris: tuple[str, ...]
    label: str
    unit: str = "万元"

    def __str__(self) -> str:
        return f"查询{self.of}的{self.label}金额"


@node
class Number(Node):
    """One number. ``unit``: what it is shown in (万元, 个, %…)."""

    of: Statistic | Computed
    unit: str

    def __str__(self) -> str:
        return f"计算{self.of}"


@node
class Table(Node):
    """A statistic for each group of a set: ``by`` department, fund, group, type, year or project."""

    function: str
    of: Set
    attribute: Attribute | None
    by: str
    unit: str
    within: tuple[Any, ...] = ()
    descending: bool | None = None
    having: tuple[str, Any] | None = None

    def __str__(self) -> str:
        what = f"{self.attribute}{SAID[self.function]}" if self.attribute else "数目"
        if self.attribute is None and self.function == "average":
            what = "平均每个项目的数目"
        kept = f"（{COMPARISONS[self.having[0]]}{self.having[1]}的）" if self.having else ""
        return f"按{NOUNS[self.by]}计算{self.of}的{what}{kept}"


@node
class Exists(Node):
    """Whether the set has a member."""

    of: Set

    def __str__(self) -> str:
        return f"判断：有没有{self.of}"


@node
class Every(Node):
    """Whether all of a set meet the conditions."""

    of: Set
    conditions: tuple[Any, ...]

    def __str__(self) -> str:
        return f"判断：{self.of}是否都{'、'.join(map(str, self.conditions))}"


@node
class Holds(Node):
    """Whether one number compares so with another."""

    first: Statistic | Computed
    operator: str
    second: Any

    def __str__(self) -> str:
        return f"判断：{self.first}是否{COMPARISONS[self.operator]}{self.second}"


@node
class Which(Node):
    """Which of several numbers is the greatest (or least): each the statistic of its own set."""

    of: tuple[Any, ...]
    descending: bool
    labels: tuple[str, ...] = ()  # what each goes by, where not by its own

    def __str__(self) -> str:
        return f"比较{'、'.join(map(str, self.of))}，取{'大' if self.descending else '小'}者"


@node
class InYears(Node):
    """In which year a number is the greatest (or least). ``years``: those compared, all that there are where none is
    named; a Which as soon as they are known."""

    of: Number  # of a Statistic
    descending: bool
    years: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"比较各年{self.of}，取{'大' if self.descending else '小'}者"

    @property
    def owner(self) -> Set:
        """The projects that it is of."""
        of = self._statistic.of
        return of if of.cls == "project" else of.of or Set("project")

    @property
    def _statistic(self) -> Statistic:
        assert isinstance(self.of.of, Statistic)
        return self.of.of

    def owned(self, owner: Set) -> InYears:
        """The same of other projects."""
        of = self._statistic.of
        whole = owner if of.cls == "project" else replace(of, of=owner)
        return replace(self, of=replace(self.of, of=replace(self._statistic, of=whole)))

    def which(self, years: tuple[int, ...]) -> Which | None:
        """The number of each of the years, compared; None where it is of one year already."""
        owner = self.owner
        named = next((c.years for c in owner.where if isinstance(c, OfYear)), ())
        if len(named) == 1 or owner.rank is not None:
            return None
        years = self.years or named or years
        kept = tuple(c for c in owner.where if not isinstance(c, OfYear))
        parts = (self.owned(replace(owner, where=(*kept, OfYear((year,))))).of for year in years)
        return Which(tuple(parts), self.descending, tuple(f"{year}年" for year in years))


@node
class Several(Node):
    """Several things asked, answered in order."""

    parts: tuple[Any, ...]

    def __str__(self) -> str:
        return "；".join(map(str, self.parts))


def prefixed(body: str) -> str:
    """A query with the prefixes it uses, so that it runs as it stands."""
    used = set(_PREFIXED.findall(body))
    return "".join(f"PREFIX {p}: <{iri}>\n" for p, iri in PREFIXES.items() if p in used) + body


_PREFIXED = re.compile(rf"(?<![\w<])({'|'.join(PREFIXES)}):")


def united(queries: list[tuple[str, str]], tail: str = " ORDER BY ?part") -> str:
    """One query for the answers of several, one after the other. ``queries``: each with what its number is called."""
    parts = []
    for at, (query, called) in enumerate(queries, 1):
        body = re.sub(r"(?m)^PREFIX .*\n", "", query)
        if body.startswith("ASK"):
            body = f'SELECT (IF(EXISTS {body.removeprefix("ASK")}, "是", "否") AS ?label) WHERE {{ }}'
        if body.startswith("SELECT (?x /"):
            body = body.replace("SELECT (", f"SELECT ({literal(called)} AS ?label) (", 1)
        written = "BIND(?written AS ?number) " if "?written" in body.partition("WHERE")[0] else ""
        if written and " ?amount" not in body:
            tail = tail.replace("?part", "?part DESC(?year) ?table ?row ?indicator")
        parts.append(f"{{ {{ {body} }} {written}BIND({at} AS ?part) }}")
    return prefixed(f"SELECT ?label ?number WHERE {{\n{' UNION '.join(parts)}\n}}{tail}")


def sparql(value: Any) -> str:
    """The query whose rows are the answers in order."""
    names = Names()
    match value:
        case List(of, shown):
            return prefixed(_list(of, shown, names))
        case Each(of, attributes, unit):
            return prefixed(_each(of, attributes[0], unit, names))
        case Funded(of, iris, _, unit):
            return prefixed(
                f"SELECT ?project ?label ?year ?table (SUM(?amount) / {FACTOR.get(unit, 1)} AS ?number) WHERE {{\n"
                f"  {of.pattern('project', names)}\n  ?project rdfs:label ?label ; jx:table ?table .\n  {YEAR}\n"
                f"  {{ SELECT DISTINCT ?project ?f ?amount WHERE {{ {values('above', iris)} ?above ^skos:broader* ?c . "
                "?project jx:funding ?f . ?f jx:fundSource ?c ; jx:amount ?amount } }\n"
                "} GROUP BY ?project ?label ?year ?table ORDER BY DESC(?year) ?table ?label ?project"
            )
        case Number(of, unit):
            inner = of.select("x", names)
            return prefixed(f"SELECT (?x / {FACTOR.get(unit, 1)} AS ?number) WHERE {{\n  {{ {inner} }}\n}}")
        case Table():
            return prefixed(_table(value, names))
        case Changes():
            return prefixed(_changes(value, names))
        case Exists(of):
            return prefixed(f"ASK {{\n  {of.pattern('x', names)}\n}}")
        case Every(of, conditions):
            met = conjunction(conditions, "x", of.cls, names)
            inner = of.pattern("x", names)
            return prefixed(
                f"ASK {{\n  {{ SELECT (COUNT(DISTINCT ?x) AS ?all) WHERE {{ {inner} }} }}\n"
                f"  {{ SELECT (COUNT(DISTINCT ?x) AS ?met) WHERE {{ {inner} {met} }} }}\n"
                "  FILTER(?all > 0 && ?all = ?met)\n}"
            )
        case Holds(first, operator, second):
            sign = sign_of(operator)
            other = f"{{ {second.select('b', names)} }}" if hasattr(second, "select") else ""
            right = "?b" if other else f"{second:f}"
            return prefixed(f"ASK {{\n  {{ {first.select('a', names)} }}\n  {other}\n  FILTER(?a {sign} {right})\n}}")
    raise TypeError(type(value))


YEAR = "OPTIONAL { ?project jx:fiscalYear ?year }"
INDICATOR = (
    "?project jx:indicator ?indicator ; rdfs:label ?projectLabel ; jx:table ?table .\n"
    "  ?indicator rdfs:label ?label ; jx:row ?row ; jx:target ?t .\n  ?t jx:text ?value .\n"
    "  OPTIONAL { ?t jx:writtenNumber ?written }\n  OPTIONAL { ?t jx:writtenUnit ?unit }"
)


def _list(of: Set, shown: Attribute | None, names: Names) -> str:
    rank = of.rank
    if of.cls == "project":
        key = of.key("project", "amount", names) if rank else _shown(shown, names)
        first = f"{'DESC' if rank.descending else 'ASC'}(?amount) " if rank else ""
        return (
            f"SELECT DISTINCT ?project ?label ?year ?table ?amount WHERE {{\n  {of.pattern('project', names)}\n"
            f"  ?project rdfs:label ?label ; jx:table ?table .\n  {YEAR}\n  {key}\n"
            f"}} ORDER BY {first}DESC(?year) ?table ?label ?project"
        )
    if of.cls == "indicator":
        key = of.key("indicator", "amount", names) if rank else ""
        first = f"{'DESC' if rank.descending else 'ASC'}(?amount) " if rank else ""
        return (
            f"SELECT DISTINCT ?indicator ?label ?value ?written ?unit ?project ?projectLabel ?year ?table ?row WHERE {{\n"
            f"  {of.pattern('indicator', names)}\n  {INDICATOR}\n  {YEAR}\n  {key}\n}} ORDER BY {first}DESC(?year) ?table ?row ?indicator"
        )
    if of.cls == "document":
        return (
            f"SELECT DISTINCT ?document ?label ?table WHERE {{\n  {(of.of or Set('project')).pattern('project', names)}\n"
            f"  ?project jx:document ?document ; jx:table ?table .\n  ?document rdfs:label ?label .\n}} ORDER BY ?label ?table"
        )
    if of.cls == "year":
        inner = (of.of or Set("project")).pattern("project", names)
        return f"SELECT DISTINCT ?year (STR(?year) AS ?label) WHERE {{\n  {inner}\n  {YEAR}\n}} ORDER BY ?year"
    label = LABELS.get(of.cls, "rdfs:label")
    spoken = 'FILTER(lang(?l) != "en")' if of.cls in LABELS else ""
    key, order = "", "?label"
    if rank:
        key, order = of.key("thing", "amount", names), f"{'DESC' if rank.descending else 'ASC'}(?amount) ?label"
    factor = " / 10000" if rank and rank.unit == "万元" else ""
    amount = f" (SAMPLE(?amount){factor} AS ?number)" if rank else ""
    return (
        f"SELECT ?thing (SAMPLE(?l) AS ?label){amount} WHERE {{\n  {of.pattern('thing', names)}\n  {key}\n"
        f"  ?thing {label} ?l . {spoken}\n}} GROUP BY ?thing ORDER BY {order.replace('?amount', '?number')}"
    )


def _shown(attribute: Attribute | None, names: Names) -> str:
    return f"OPTIONAL {{ {number_of(attribute, 'project', 'amount', names)} }}" if attribute else ""


def _each(of: Set, attribute: Attribute, unit: str, names: Names) -> str:
    rank = of.rank
    order = ""
    key = ""
    if rank:
        key = of.key(of.cls, "key", names)
        order = f"{'DESC' if rank.descending else 'ASC'}(?key) "
    if of.cls == "project":
        head = f"{of.pattern('project', names)}\n  ?project rdfs:label ?projectLabel ; jx:table ?table .\n  {YEAR}\n  {key}"
        if attribute.kind in ("money", "number"):
            factor = FACTOR.get(unit, 1) if attribute.kind == "money" else 1
            known = " FILTER(BOUND(?amount))" if attribute.sources else ""
            return (
                f"SELECT DISTINCT ?project (?projectLabel AS ?label) ?year ?table (?amount / {factor} AS ?number) WHERE {{\n"
                f"  {head}\n  {number_of(attribute, 'project', 'amount', names)}{known}\n"
                f"}} ORDER BY {order}DESC(?year) ?table ?label ?project"
            )
        return (
            f"SELECT DISTINCT ?project ?projectLabel ?year ?table ?label WHERE {{\n  {head}\n"
            f"  ?project jx:{attribute.name} ?label .\n}} ORDER BY {order}DESC(?year) ?table ?label ?project"
        )
    if attribute.name == "target":
        return (
            f"SELECT DISTINCT ?indicator ?label ?value ?written ?unit ?project ?projectLabel ?year ?table ?row WHERE {{\n"
            f"  {of.pattern('indicator', names)}\n  {INDICATOR}\n  {YEAR}\n  {key}\n}} ORDER BY {order}DESC(?year) ?table ?row ?indicator"
        )
    if attribute.name == "type":
        return (
            f"SELECT DISTINCT ?indicator ?label ?project ?projectLabel ?year ?value WHERE {{\n  {of.pattern('indicator', names)}\n"
            f"  ?project jx:indicator ?indicator ; rdfs:label ?projectLabel .\n  ?indicator jx:type ?kind ; rdfs:label ?value .\n"
            f'  ?kind skos:prefLabel ?label . FILTER(lang(?label) != "en")\n  {YEAR}\n}} ORDER BY DESC(?year) ?label'
        )
    held = (
        f"?indicator jx:{attribute.name} ?t . ?t jx:text ?value .\n  OPTIONAL {{ ?t jx:writtenNumber ?written }}\n"
        "  OPTIONAL { ?t jx:writtenUnit ?unit }"
        if attribute.kind == "value"
        else f"?indicator jx:{attribute.name} ?value ."
    )
    return (
        f"SELECT DISTINCT ?indicator ?label ?value ?written ?unit ?project ?projectLabel ?year ?table ?row WHERE {{\n"
        f"  {of.pattern('indicator', names)}\n"
        "  ?project jx:indicator ?indicator ; rdfs:label ?projectLabel ; jx:table ?table .\n"
        f"  ?indicator rdfs:label ?label ; jx:row ?row .\n  {held}\n  {YEAR}\n  {key}\n}} ORDER BY {order}DESC(?year) ?table ?row ?indicator"
    )


def group_link(table: Table, v: str, group: str, names: Names) -> str:
    """Binds ``?group`` to what each ``?v`` of the table's set is grouped by."""
    of, by = table.of, table.by
    if by == "type":
        return f"?{v} jx:type{'/skos:broader*' if table.within else ''} ?{group} ."
    if by == "level1":
        above = names.new("above")
        return f"?{v} jx:type/skos:broader* ?{group} . FILTER NOT EXISTS {{ ?{group} skos:broader ?{above} }}"
    if by == "project":
        return f"?{group} jx:indicator ?{v} ." if of.cls == "indicator" else f"BIND(?{v} AS ?{group})"
    if of.cls != "indicator":
        return f"?{v} {LINKS[by]} ?{group} ."
    owner = names.new("p")
    return f"?{owner} jx:indicator ?{v} . ?{owner} {LINKS[by]} ?{group} ."


def _to_each(table: Table, within: str, names: Names) -> str:
    """How many of the indicators there are to each project of a group."""
    by = table.by
    owners = replace(table, of=table.of.of or Set("project"), attribute=None)
    label = LABELS.get(by, "rdfs:label")
    named = 'BIND(CONCAT(STR(?group), "年") AS ?l)' if by == "year" else f"?group {label} ?l ."
    named += ' FILTER(lang(?l) != "en")' if by in LABELS else ""
    order = "?label" if table.descending is None else f"{'DESC' if table.descending else 'ASC'}(?number) ?label"

    def counted(part: Table, v: str, number: str) -> str:
        inner = f"{part.of.pattern(v, names)} {group_link(part, v, 'group', names)}"
        return f"{{ SELECT ?group (COUNT(DISTINCT ?{v}) AS ?{number}) WHERE {{ {inner} {within} }} GROUP BY ?group }}"

    return (
        f"SELECT ?group (SAMPLE(?l) AS ?label) (SAMPLE(?each) AS ?number) WHERE {{\n"
        f"  {counted(owners, 'owner', 'owners')} {counted(table, 'v', 'all')} {named} BIND(?all / ?owners AS ?each)\n"
        f"}} GROUP BY ?group ORDER BY {order}"
    )


def _changes(changes: Changes, names: Names) -> str:
    """The number of each group, of which some are not in both years."""
    by = changes.of.by
    label = LABELS.get(by, "rdfs:label")
    named = 'BIND(CONCAT(STR(?group), "年") AS ?l)' if by == "year" else f"?group {label} ?l ."
    named += ' FILTER(lang(?l) != "en")' if by in LABELS else ""
    order = "?label" if changes.descending is None else f"{'DESC' if changes.descending else 'ASC'}(?number) ?label"
    return (
        f"SELECT ?group (SAMPLE(?l) AS ?label) (SAMPLE(?n) / {FACTOR.get(changes.unit, 1)} AS ?number) WHERE {{\n"
        f"  {changes.of.key('group', 'n', names)} {named}\n}} GROUP BY ?group ORDER BY {order}"
    )


AGGREGATES = {"sum": "SUM", "average": "AVG", "median": "AVG", "min": "MIN", "max": "MAX", "count": "COUNT"}


def _middle(rows: str, pattern: str) -> str:
    """Of the amounts of each group those in the middle: at most half of the group's are smaller, at most half greater."""
    others = f"{{ SELECT DISTINCT ?group (?v AS ?w) (?amount AS ?other) WHERE {{ {pattern} }} }}"
    counted = (
        "SELECT ?group ?l ?v ?amount (SUM(IF(?other < ?amount, 1, 0)) AS ?below) "
        "(SUM(IF(?other > ?amount, 1, 0)) AS ?above) (COUNT(?other) AS ?all)"
    )
    return (
        f"{{ SELECT DISTINCT ?group ?l ?amount WHERE {{ {{ {counted} WHERE {{ {rows} {others} }} "
        "GROUP BY ?group ?l ?v ?amount } FILTER(2 * ?below <= ?all && 2 * ?above <= ?all) } }"
    )


def _table(table: Table, names: Names) -> str:
    of, by = table.of, table.by
    v = "v"
    inner = of.pattern(v, names)
    if table.attribute is None:
        number, total = "", f"COUNT(DISTINCT ?{v})"
    else:
        number = number_of(table.attribute, v, "amount", names)
        total = f"{AGGREGATES[table.function]}(?amount)"
    within = conjunction(table.within, "group", by, names)
    if table.attribute is None and table.function == "average":
        return _to_each(table, within, names)
    link = group_link(table, v, "group", names)
    label = LABELS.get(by, "rdfs:label")
    named = (
        'BIND(CONCAT(STR(?group), "年") AS ?l)'
        if by == "year"
        else f"?group {label} ?l ." + (' FILTER(lang(?l) != "en")' if by in LABELS else "")
    )
    factor = FACTOR.get(table.unit, 1)
    order = "?label" if table.descending is None else f"{'DESC' if table.descending else 'ASC'}(?number) ?label"
    kept = ""
    if table.having:
        sign = sign_of(table.having[0])
        kept = f"\nHAVING({total} {sign} {table.having[1]})"
    body = f"{{ SELECT DISTINCT ?group ?l ?{v} {'?amount' if table.attribute else ''} WHERE {{ {inner} {link} {within} {number} {named} }} }}"
    if table.function == "median":
        body = _middle(body, f"{inner} {link} {within} {number}")
    return (
        f"SELECT ?group (SAMPLE(?l) AS ?label) ({total} / {factor} AS ?number) WHERE {{\n  {body}\n"
        f"}} GROUP BY ?group{kept} ORDER BY {order}"
    )
