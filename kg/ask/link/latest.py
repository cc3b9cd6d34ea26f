"""Questions that name no year: each department's own latest, said where years differ."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from kg.ask.lexicon import Lexicon
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.changes import AlsoIn, Growth, NewIn, Renamed, Retargeted
from kg.ask.logic.conditions import Among, Compare, Is, Latest, Not, walk
from kg.ask.logic.exchange import below
from kg.ask.logic.groups import ByGroup
from kg.ask.logic.holding import Has, Sums
from kg.ask.logic.plain import Changed, OfDepartment, OfProject, OfYear, OnlyIn
from kg.ask.logic.sets import Set
from kg.ask.logic.values import Exists, InYears


def latest(value: Any, lexicon: Lexicon) -> tuple[Any, bool]:
    """The value with every set of projects that names no year about each department's latest one; whether years
    differ."""
    years = lexicon.years
    if len(years) < 2:
        return value, False
    newest = lexicon.newest
    mixed = len(set(newest.values())) > 1
    condition: Any = Latest() if mixed else OfYear((years[0],))
    value, _ = _resolved(value, years)
    value = _later(value)
    return _dated(value, condition, lexicon), mixed


def _later(node: Any) -> Any:
    """“两年的目标没变”: of the later year's, where both are named."""
    if isinstance(node, Set) and node.cls == "project":
        old = {n.old for c in node.where for n in walk(c) if isinstance(n, Retargeted)}
        for at, c in enumerate(node.where):
            kept = tuple(y for y in c.years if y not in old) if isinstance(c, OfYear) and old else ()
            if kept and isinstance(c, OfYear) and kept != c.years:
                return replace(node, where=(*node.where[:at], OfYear(kept), *node.where[at + 1 :]))
        return node
    return below(node, lambda n: (new, int(new is not n)) if (new := _later(n)) is not n else (n, 0))[0]


def in_both_years(value: Any, lexicon: Lexicon) -> Any:
    """The value, where one year is to have what another has not, about the departments of which there are tables of both;
    None where there are none."""
    if any(isinstance(n, NewIn) and n.other not in lexicon.years for n in walk(value)):
        return None
    years = {y for n in walk(value) if isinstance(n, OnlyIn) for y in (n.year, n.other)}
    if isinstance(value, Exists):
        return value if _tabled(value.of, lexicon) else None
    if not years:
        return value
    have: dict[str | None, set[int]] = defaultdict(set)
    for project in lexicon.projects.values():
        have[project.department].add(project.year or 0)
    both = {d for d in have if d and years <= have[d]}
    if not both:
        return None
    lacking = {d for d in have if d not in both}
    said = {iri for n in walk(value) if isinstance(n, OfDepartment) for iri in n.iris}
    if said:
        return value if said & both else None
    return _of_those(value, both, lexicon) if lacking else value


def _tabled(of: Set, lexicon: Lexicon) -> bool:
    """Whether there are tables of the years of which a project is said to be, or not to be, by its department."""
    named = [i for c in of.where if isinstance(c, OfProject) and not c.negated for i in c.iris]
    years = {y for c in of.where if isinstance(c, OfYear) for y in c.years}
    years |= {n.year for c in of.where if isinstance(c, Not) for n in c.parts if isinstance(n, AlsoIn)}
    if not named or not years:
        return True
    departments = {lexicon.projects[i].department for i in named}
    have = {(p.department, p.year) for p in lexicon.projects.values()}
    return all((d, y) in have for d in departments for y in years)


def _of_those(node: Any, departments: set[str], lexicon: Lexicon) -> Any:
    if isinstance(node, Set) and any(isinstance(c, OnlyIn) for c in node.where):
        iris = tuple(sorted(departments))
        label = "、".join(lexicon.departments[iri] for iri in iris)
        return replace(node, where=(*node.where, OfDepartment(iris, label)))

    def change(part: Any) -> tuple[Any, int]:
        found = _of_those(part, departments, lexicon)
        return found, int(found is not part)

    return below(node, change)[0]


def _resolved(node: Any, years: list[int]) -> tuple[Any, int]:
    """“同比”, “比去年”: years that are told by the latest one (0, -1), as years."""
    if isinstance(node, InYears):
        return node.which(tuple(years)) or node, 1
    if isinstance(node, OfYear):
        named = tuple(years[0] + y if y <= 0 else y for y in node.years)
        return (OfYear(named), 1) if named != node.years else (node, 0)
    if isinstance(node, Growth | Renamed | Retargeted) and node.old <= 0:
        return replace(node, old=years[0] + node.old), 1
    if isinstance(node, NewIn) and node.other <= 0:
        return replace(node, other=years[0] + node.other), 1
    if isinstance(node, AlsoIn) and node.year <= 0:
        return replace(node, year=years[0] + node.year), 1
    if isinstance(node, OnlyIn) and min(node.year, node.other) <= 0 and (node.year, node.other) != (0, 0):
        year, other = (y if y > 0 else years[0] + y for y in (node.year, node.other))
        return replace(node, year=year, other=other), 1
    return below(node, lambda n: _resolved(n, years))


def _dated(node: Any, condition: Any, lexicon: Lexicon, *, said: bool = False) -> Any:
    """``said``: the condition is a year that is said of what the node is compared with or left out of."""
    if isinstance(node, Changed) and not node.new:
        return replace(node, old=node.old if node.old > 0 else lexicon.years[1], new=lexicon.years[0])
    if isinstance(node, Has | Sums):
        return node  # of the thing's own indicators, whatever year it is of
    if isinstance(node, OnlyIn) and not node.year:
        return replace(node, year=lexicon.years[0], other=lexicon.years[1])
    if isinstance(node, tuple):
        return tuple(_dated(p, condition, lexicon, said=said) for p in node)
    if (
        isinstance(node, Attribute)
        or not hasattr(node, "__dataclass_fields__")
        or node.__class__.__module__.endswith("ask.query")
    ):
        return node
    within = _said_years(node) if isinstance(node, Set) else ()
    changes = {}
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, tuple) or hasattr(value, "__dataclass_fields__"):
            # what is left out of a set, or compared with its things, is of the year that the set is of
            own = bool(within) and name == "where"
            dated = _dated(value, within[0] if own else condition, lexicon, said=said or own)
            if dated is not value:
                changes[name] = dated
    node = replace(node, **changes) if changes else node
    if isinstance(node, Set):
        node = _compared(node)
        if any(isinstance(c, Is) and not c.negated for c in node.where):
            return node
        if node.cls == "project" and not has_year(node):
            if said or (other := _year_of_others(node)):
                return replace(node, where=(*node.where, condition if said else other))
            return _of_latest(node, condition, lexicon)
        if isinstance(node.rank and node.rank.by, ByGroup) or any(isinstance(c, ByGroup) for c in node.where):
            return node  # of the years that the number says
        if node.cls not in ("project", "type", "year") and node.of is None:
            return replace(node, of=Set("project", (condition,)))
        if node.cls == "type" and node.of is None:
            return replace(node, of=Set("indicator", of=Set("project", (condition,))))
    return node


def _compared(of: Set) -> Set:
    """“两年的目标没变”: of the later year, against the earlier one, and not of both."""
    old = {n.old for n in walk(of.where) if isinstance(n, Retargeted)}
    of_both = [c for c in of.where if isinstance(c, OfYear) and len(c.years) > 1 and old & set(c.years)]
    if not of_both:
        return of
    later = OfYear(tuple(y for y in of_both[0].years if y not in old))
    return replace(of, where=tuple(later if c is of_both[0] else c for c in of.where))


def has_year(of: Set) -> bool:
    """Whether the set says which year it is about."""
    missing = any(isinstance(c, Not) and any(isinstance(n, AlsoIn) for n in c.parts) for c in of.where)
    said = tuple(c for c in of.where if not isinstance(c, Among | Compare))  # those are of other sets
    return missing or any(
        isinstance(n, OfYear | Latest) or type(n).__name__ in ("Changed", "OnlyIn", "Beside") for n in walk(said)
    )


def _said_years(of: Set) -> tuple[OfYear, ...]:
    """The years that a set is said to be of, or the projects whose it is."""
    owner = of.of if of.cls != "project" and of.of is not None else of
    return tuple(c for c in owner.where if isinstance(c, OfYear))


def _year_of_others(of: Set) -> OfYear | None:
    """“是2024年预算最高的项目吗”, “除了2024年预算最高的项目，其余的”: the year of those among which it is or is not; of what is
    left out only where more is said of it than its year."""
    others = [c for c in of.where if isinstance(c, Among) and c.of.cls == "project"]
    said = {y[0] for c in others if (y := _said_years(c.of)) and (not c.negated or len(c.of.where) > 1 or c.of.rank)}
    return said.pop() if len(said) == 1 else None


def _of_latest(of: Set, condition: Any, lexicon: Lexicon) -> Set:
    """Named projects of their line's latest year; others of the department's."""
    for at, c in enumerate(of.where):
        if isinstance(c, OfProject) and not c.negated:
            newest: dict[str, int] = {}
            for iri in c.iris:
                p = lexicon.projects[iri]
                newest[p.programme] = max(newest.get(p.programme, 0), p.year or 0)
            kept = tuple(i for i in c.iris if (lexicon.projects[i].year or 0) == newest[lexicon.projects[i].programme])
            return replace(of, where=(*of.where[:at], replace(c, iris=kept), *of.where[at + 1 :]))
    return replace(of, where=(*of.where, condition))
