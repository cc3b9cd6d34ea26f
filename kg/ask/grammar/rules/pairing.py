"""What the rules of pairs and contests make of what they are given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kg.ask.grammar import meaning as m
from kg.ask.grammar.meaning import Asked, Pair
from kg.ask.grammar.rules.common import budget, pair_asked
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.changes import AlsoIn
from kg.ask.logic.conditions import Is, Size, applies, in_money
from kg.ask.logic.exchange import swap
from kg.ask.logic.holding import Beside, Sums
from kg.ask.logic.plain import About, Changed, OfDepartment, OfProject, OfYear
from kg.ask.logic.sets import Rank, Set, Statistic
from kg.ask.logic.values import Computed, Each
from kg.ask.logic.wanted import Wanted


def of_words(apart: tuple[Asked, tuple[Any, Any]], rest: Asked) -> Any:
    first, years = apart
    if first.of is not None or rest.of is not None:
        return None
    whole = Asked((*first.words, *rest.words), rest.wanted.with_(first.wanted))
    pair = pair_asked(whole, years)
    return m.computed("difference", pair) if pair else None


def count_of(said: Any, cls: str) -> Statistic | None:
    """How many of a class there are: “全部指标”, “项目总数”."""
    if isinstance(said, Statistic):
        return said if said.function == "count" and said.of.cls == cls else None
    return m.count(said) if said.cls == cls and not m.named(said) else None


def own_part(part: Any, whole: Any) -> Computed | None:
    """The share of some of a department's projects, or of their money, in all of them."""
    of = part if isinstance(part, Set) else part.of
    topical = bool(of.where) and all(isinstance(c, About | OfYear) for c in of.where)
    if of.cls == "project" and of.rank is None and (m.named(of) or topical):
        return _beside(part, of, whole)
    if of.cls != "project" or not any(isinstance(c, OfDepartment) for c in of.where):
        return None
    own = Set("project", tuple(c for c in of.where if isinstance(c, OfDepartment | OfYear)))
    if isinstance(whole, Set | Statistic) and (counted := count_of(whole, "project")) is not None:
        return share(Statistic("count", of), replace(counted, of=own)) if counted.of.bare else None
    attribute = of_any(whole) if not isinstance(whole, Set | Statistic) else getattr(whole, "attribute", None)
    if attribute is None or (isinstance(whole, Statistic) and not whole.of.bare):
        return None
    return share(Statistic("sum", of, attribute), Statistic("sum", own, attribute))


def of_own(part: Any, attribute: Attribute) -> Computed | None:
    """What one project gets from a fund, in all of its budget."""
    if not isinstance(part, Statistic) or part.attribute is None or not part.attribute.sources or attribute != budget():
        return None
    return Computed("ratio", part, replace(part, attribute=attribute)) if m.named(part.of) else None


def _beside(part: Any, of: Set, whole: Any) -> Computed | None:
    """“甲占全局预算多少”: of all projects of its department."""
    bare = isinstance(whole, Statistic) and whole.function == "sum" and whole.of.bare
    attribute = whole.attribute if isinstance(whole, Statistic) and bare else of_any(whole)
    mine = part.attributes if isinstance(part, Each) else (attribute,)
    if attribute is None or attribute.kind != "money" or mine != (attribute,):
        return None
    own = Set("project", (Beside(of),))
    return Computed("ratio", Statistic("sum", of, attribute), Statistic("sum", own, attribute))


def of_any(said: Any) -> Attribute | None:
    """The amount of a project that is meant, said by itself or of the project: “预算”, “项目预算”, “预算总额”."""
    if isinstance(said, Each):
        return said.attributes[0] if said.of == Set("project") and len(said.attributes) == 1 else None
    if isinstance(said, tuple):
        return said[0] if said[1] == "sum" else None
    return said if isinstance(said, Attribute) else None


def amount_asked(question: Asked) -> Statistic | None:
    """An indicator's target as an amount of money."""
    if not question.words or question.of is None:
        return None
    wanted = Wanted(("money",)).with_(question.wanted)
    return Statistic("sum", m.mention(question.words, question.of, wanted), m.amount())


def own_share(number: Any, attribute: Attribute | None) -> Computed | None:
    """“能源费占预算的比重”: of the same project's amount."""
    pair = own_pair(number, attribute) if attribute else None
    return Computed("ratio", pair.first, pair.second) if pair else None


def owned(amount: Each) -> bool:
    """Whether it is an amount of money of named projects."""
    attribute = amount.attributes[0]
    return len(amount.attributes) == 1 and attribute.kind == "money" and m.named(amount.of) and not amount.of.rank


def less_own(whole: Each, part: Any) -> Pair | None:
    """A project's own amount beside the sum of its indicators: “预算比成本指标合计多出多少”."""
    number = m.added(part, "sum") if isinstance(part, Set) and costs(part) else part
    of = number.of if isinstance(number, Statistic) and number.function == "sum" else None
    if of is None or of.cls != "indicator" or number.attribute != m.amount() or of.mention or of.rank:
        return None
    if of.of is not None and of.of != whole.of and not of.of.bare:
        return None
    sum_ = replace(number, of=replace(of, of=whole.of))
    return Pair(Statistic("sum", whole.of, whole.attributes[0]), sum_)


def sums(number: Any, operator: str, than: Any, by: Any = None) -> Any:
    """Projects whose indicators come to so much; ``by``: how much more or less than that, at least."""
    if not isinstance(number, Statistic) or number.attribute != m.amount() or number.function != "sum":
        return None
    of = number.of
    if of.mention or of.rank or (of.of is not None and m.named(of.of)) or not operator:
        return None
    if isinstance(than, Attribute):
        if than.of != "project" or than.kind != "money":
            return None
    elif than is None or than.number is None or than.upper is not None:
        return None
    inner = replace(of, of=None, where=tuple(c for c in of.where if not isinstance(c, Size)))
    owner = of.of.where if of.of is not None else ()
    if by is not None and (by.operator not in ("", "≥", ">") or by.number is None or by.upper is not None):
        return None
    apart = (by.operator or "=", by.number) if by is not None else None
    said = Sums(inner, m.amount(), operator, than if isinstance(than, Attribute) else than.number, apart=apart)
    return (*owner, said)


def own_pair(number: Any, attribute: Attribute) -> Pair | None:
    of = number.of if isinstance(number, Statistic) and number.function == "sum" else None
    if of is None or of.cls != "indicator" or of.of is None or not m.named(of.of):
        return None
    if attribute.of != "project" or attribute.kind != "money":
        return None
    return Pair(number, Statistic("sum", of.of, attribute))


TURNED = {">": "<", "<": ">", "≥": "≤", "≤": "≥"}


def own_sum(of: Each, number: Any) -> Pair | None:
    """“预算比成本指标合计”: a project's amount and what its own indicators come to."""
    if not isinstance(number, Statistic) or len(of.attributes) != 1 or not m.named(of.of):
        return None
    mine = replace(number, of=replace(number.of, of=of.of)) if number.of.of is None else number
    pair = own_pair(mine, of.attributes[0])
    return Pair(pair.second, pair.first) if pair and mine.of.of == of.of else None


def own_above(said: tuple[Each, str], number: Any) -> Any:
    """“预算低于成本指标合计多少”: that pair, and whether more was said."""
    pair = own_sum(said[0], number)
    return (pair, said[1] in (">", "≥")) if pair and said[1] in TURNED else None


def above_sums(attribute: Any, operator: str, number: Any) -> Any:
    """“预算低于成本指标合计的项目”."""
    whole = of_any(attribute)
    return sums(number, TURNED[operator], whole) if whole is not None and operator in TURNED else None


def against(number: Any, operator: str, attribute: Attribute) -> Any:
    """“成本指标合计等于预算吗”: a sum over a project's indicators against its own amount."""
    of = number.of if isinstance(number, Statistic) else None
    if of is None or of.cls != "indicator" or of.of is None or not m.named(of.of) or attribute.of != "project":
        return None
    return m.hold(number, operator, Statistic("sum", of.of, attribute))


def several_named(of: Set) -> bool:
    where = [c for c in of.where if not isinstance(c, Size)]
    return len(where) == 1 and isinstance(where[0], OfProject | Is) and len(where[0].iris) > 1 and not where[0].negated


def apart(of: Each, shown: str = "") -> Any:
    """“甲和乙的预算差多少”: of two named projects the greater less the smaller."""
    attribute = of.attributes[0]
    if len(of.attributes) != 1 or attribute.kind not in ("money", "number") or not several_named(of.of):
        return None
    if of.of.rank is not None or of.of.where[0].label.count("、") != 1:
        return None
    two = of.of if any(isinstance(c, Size) for c in of.of.where) else replace(of.of, where=(*of.of.where, Size(2)))
    most, least = (Statistic(function, two, attribute) for function in ("max", "min"))
    return m.number(Computed("difference", most, least), shown)


def ends(first: Set, second: Set) -> Any:
    """“预算最高的是最低的几倍”: how many times the number of the one at one end that of the other end is."""
    a, b = first.rank, second.rank
    if first.cls != "project" or a is None or b is None or not isinstance(a.by, Attribute):
        return None
    if a.by != b.by or a.descending == b.descending or (a.limit, a.offset) != (1, 0) or (b.limit, b.offset) != (1, 0):
        return None
    other = replace(first, rank=b) if second == Set("project", rank=b) else second
    return m.computed("times", Pair(Each(first, (a.by,)), Each(other, (a.by,))))


def departments(conditions: tuple[Any, ...], _: Any) -> Set | None:
    """“农业局和教育局哪个…”: those departments."""
    found = [c for c in conditions if isinstance(c, OfDepartment)]
    if len(found) != 1 or "、" not in found[0].label:
        return None
    rest = tuple(c for c in conditions if c is not found[0])
    return m.attach(rest, Set("department", (Is(found[0].iris, found[0].label),)))


def most_of(conditions: tuple[Any, ...], by: Rank) -> Set | None:
    """“甲局预算最大的是哪个”: of its projects; of several departments it is one of them."""
    if departments(conditions, None) is not None:
        return None
    of = m.attach(conditions, Set("project"))
    return (
        m.ranked(of, by) if of and not m.named(of) and isinstance(by.by, Attribute) and by.by.of == "project" else None
    )


def split(of: Each) -> Pair | None:
    """“甲和乙的预算”, “2024年和2025年的预算”: two numbers."""
    if len(of.attributes) != 1 or of.attributes[0].kind not in ("money", "number"):
        return None
    for at, condition in enumerate(of.of.where):
        parts: list[Any] = []
        if (
            isinstance(condition, OfProject)
            and not condition.negated
            and "、" in condition.label
            and condition.label.count("、") == 1
        ):
            return None  # the iris of each cannot be told apart here; see the pair rules
        if isinstance(condition, OfYear) and len(condition.years) == 2:
            parts = [OfYear((y,)) for y in sorted(condition.years, reverse=True)]
        elif isinstance(condition, OfDepartment) and len(condition.iris) == 2 == len(condition.label.split("、")):
            labels = condition.label.split("、")
            parts = [OfDepartment((i,), label) for i, label in zip(condition.iris, labels, strict=False)]
        if len(parts) == 2:
            rest = (*of.of.where[:at], *of.of.where[at + 1 :])
            first, second = (replace(of, of=replace(of.of, where=(*rest, p))) for p in parts)
            return Pair(first, second)
    return None


def pair_of(conditions: tuple[Any, Any], names: tuple[Attribute, ...]) -> Pair | None:
    if len(names) != 1 or names[0].of != "project":
        return None
    first, second = (m.attach(c, Set("project")) for c in conditions)
    return Pair(Each(first, names), Each(second, names)) if first and second else None


def years_of(conditions: tuple[Any, ...]) -> tuple[int, ...]:
    """The years, where the conditions name several and nothing else does."""
    found = [c.years for c in conditions if isinstance(c, OfYear)]
    return found[0] if len(found) == 1 and len(found[0]) == 2 else ()


def in_each(conditions: tuple[Any, ...], met: tuple[Any, ...]) -> Any:
    """“两年预算都超过…”: of the later year, and the same project of the other year meets it too."""
    years = years_of(conditions)
    if not years:
        return None
    rest = tuple(c for c in conditions if not isinstance(c, OfYear))
    return (*rest, OfYear((max(years),)), *met, AlsoIn(min(years), met))


def changed_of(of: Each, operator: str) -> Any:
    years = years_of(of.of.where)
    if not years or of.of.cls != "project" or m.named(of.of) or of.attributes[0].kind != "money":
        return None
    rest = tuple(c for c in of.of.where if not isinstance(c, OfYear))
    return (*rest, Changed(of.attributes[0].name, operator, min(years), max(years)))


def pair_within(pair: Pair, conditions: tuple[Any, ...]) -> Pair | None:
    if not isinstance(pair.first, Each | Statistic):
        return None
    first, second = (m.attach(conditions, p.of) for p in (pair.first, pair.second))
    if first is None or second is None:
        return None
    return Pair(replace(pair.first, of=first), replace(pair.second, of=second))


def pair_set(pair: Pair, of: Set) -> Pair | None:
    if not isinstance(pair.first, Each | Statistic):
        return None
    out = []
    for part in (pair.first, pair.second):
        if part.of.cls == "indicator" and of.cls == "project" and not of.bare:
            owner = m.attach(part.of.of.where, of) if part.of.of is not None and part.of.of.rank is None else None
            if owner is None:
                return None
            out.append(replace(part, of=replace(part.of, of=owner)))
            continue
        if part.of.cls != "project" or of.cls != "project" or m.named(part.of):
            return None
        joined = m.attach(part.of.where, of)
        if joined is None:
            return None
        out.append(replace(part, of=joined))
    return Pair(*out) if out[0] != out[1] else None


def by_amount(of: Set, most: bool) -> Set | None:
    """“数额最大的是哪一条”: of the indicators in money, by their targets."""
    if of.cls != "indicator" or of.rank is not None or of.mention is not None:
        return None
    return replace(of, where=(*of.where, in_money()), rank=Rank(m.target(), most))


def carried(first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...]:
    """“住建局2025年比2024年”: what the first says beside its year holds for the second."""
    kept = tuple(c for c in first[:-1] if not any(type(c) is type(x) for x in second))
    return (*kept, *second)


def only_indicators(conditions: tuple[Any, ...]) -> bool:
    return any(applies(c, "indicator") and not applies(c, "project") for c in conditions)


def _alike(part: Attribute | None, whole: Attribute | None) -> bool:
    """Whether one may be a share of the other: a target in money is one of a budget, and so are the funds in it."""
    if part is None or whole is None or part == whole:
        return part == whole
    return (part.kind in ("value", "amount") and whole.kind == "money") or (is_part(part) and whole == budget())


def is_part(attribute: Attribute) -> bool:
    """Whether an attribute is money in a budget: 财政资金, 其他资金."""
    return attribute.of == "project" and attribute.kind == "money" and attribute != budget()


def of_part(part: Any, whole: Attribute) -> bool:
    return whole == budget() and isinstance(part, Each) and len(part.attributes) == 1 and is_part(part.attributes[0])


def of_other(number: Any, condition: Any) -> Pair | None:
    """A number and the same of another department, fund, group or year."""
    other, count = swap(number, condition)
    return Pair(number, other) if count == 1 and other != number else None


def share(part: Any, whole: Any) -> Computed | None:
    first = part if isinstance(part, Statistic) else m.total(part)
    if first is None or not isinstance(first, Statistic) or (first.function != "sum" and first.function != "count"):
        return None
    if whole is None and first.function == "count":
        return None
    if first.of.cls == "project" and m.named(first.of) and any(isinstance(c, About) for c in first.of.where):
        return None  # “甲项目里学校自筹占预算”: part of the money of one project, and no table has it
    if whole is None:
        years = tuple(c for c in first.of.where if isinstance(c, OfYear))
        if first.of.cls != "project":
            return None
        whole = Statistic(first.function, Set("project", years), first.attribute)
        if first.attribute is not None and is_part(first.attribute):
            whole = Statistic(first.function, first.of, budget())
    elif isinstance(whole, Statistic) and whole.of.bare and first.attribute and is_part(first.attribute):
        whole = replace(whole, of=first.of) if whole.attribute == budget() and first.of.cls == "project" else whole
    years = tuple(c for c in first.of.where if isinstance(c, OfYear))
    if isinstance(whole, Statistic) and years and whole.of.cls == "project" and not m.named(whole.of):
        of = m.attach(years, whole.of) if not any(isinstance(c, OfYear) for c in whole.of.where) else whole.of
        whole = replace(whole, of=of) if of else whole
    if not isinstance(whole, Statistic) or whole == first or not _alike(first.attribute, whole.attribute):
        return None
    return Computed("ratio", first, whole)


def costs(of: Set) -> bool:
    """Whether a set is of indicators in money that may be added up."""
    return of.cls == "indicator" and of.rank is None and m.added(of, "sum").attribute == m.amount()


def own_asked(said: tuple[Asked, str], whole: Any) -> Pair | None:
    """An indicator's amount and its own project's."""
    number, attribute = amount_asked(said[0]), of_any(whole)
    return own_pair(number, attribute) if number and attribute else None


def own_more(said: tuple[Asked, str], whole: Any) -> Any:
    """“采购费用上限超预算”: that pair, and whether more was said."""
    pair = own_asked(said, whole)
    return (pair, said[1] in (">", "≥")) if pair and said[1] != "=" else None
