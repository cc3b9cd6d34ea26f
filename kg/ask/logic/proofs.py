"""The cells that prove what a value was found to be: of which things they are, and what of them they show."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from kg.ask.logic.attributes import Attribute, attributes
from kg.ask.logic.conditions import Alternatives, Compare, Found, NameHolds, Names, TextHolds, conjunction, number_of
from kg.ask.logic.evidence import CELL, SHOWN, SHOWN_CELLS, Evidence, Evidences, cited, in_turn
from kg.ask.logic.holding import Has, Sums
from kg.ask.logic.narrow import Holders, narrowed
from kg.ask.logic.plain import ProjectCondition
from kg.ask.logic.sets import Set, Statistic
from kg.ask.logic.values import prefixed
from kg.graph.store import Store
from kg.graph.terms import literal, values
from kg.tables.fundings import told_other

T = TypeVar("T")

MOST = 1000  # answers whose cells are looked up; a longer list says how many there are
KEPT = 16  # sets of projects that are kept in memory
SOME = 60  # things of which a number is made that are cited
SHARE = "funding"  # the field of cells that state one source's share


class Proofs:
    """Of sets of a graph the members, and the cells that prove them."""

    def __init__(self, store: Store, holders: Holders | None = None) -> None:
        """``holders``: see kg.ask.logic.narrow."""
        self.store, self.holders = store, holders
        self._owners: dict[tuple[Any, ...], frozenset[str]] = {}
        self._members: dict[Set, tuple[str, ...]] = {}

    def quick(self, value: T) -> T:
        """The value, whose conditions on texts are asked only where they may hold."""
        return narrowed(value, self.holders, self._owned)

    def _owned(self, conditions: tuple[Any, ...]) -> frozenset[str]:
        if conditions not in self._owners:
            if len(self._owners) > KEPT:
                self._owners.clear()
            pattern = conjunction(conditions, "x", "project", Names())
            rows = self.store.select(prefixed(f"SELECT DISTINCT ?x WHERE {{ {pattern} }}"))
            self._owners[conditions] = frozenset(r["x"] for r in rows)
        return self._owners[conditions]

    def members(self, of: Set) -> list[str]:
        """The IRIs of a set. Those of the last ones are kept: the readings of a question ask for the same again."""
        if of not in self._members:
            if len(self._members) > KEPT:
                self._members.clear()
            self._members[of] = tuple(self._found(of))
        return list(self._members[of])

    def _found(self, of: Set) -> list[str]:
        of = self.quick(of)
        names = Names()
        key, order = ("", "") if of.rank is None else (of.key("x", "k", names), "")
        if of.rank is not None:
            order = f" ORDER BY {'DESC' if of.rank.descending else 'ASC'}(?k)"
        text = f"SELECT DISTINCT ?x{' ?k' if key else ''} WHERE {{ {of.pattern('x', names)} {key} }}{order}"
        return [r["x"] for r in self.store.select(prefixed(text))]

    def summed(self, statistic: Statistic, members: Sequence[str]) -> list[Evidence]:
        """The cells of what a statistic is over: of those members that have a number where it is of one."""
        of, attribute = statistic.of, statistic.attribute
        if attribute is not None:
            names = Names()
            pattern = f"{of.pattern('x', names)} {number_of(attribute, 'x', 'n', names)}"
            having = {r["x"] for r in self.store.select(prefixed(f"SELECT DISTINCT ?x WHERE {{ {pattern} }}"))}
            members = [m for m in members if m in having]
        return self.cells(of, members[:SOME], attribute)

    def cells(self, of: Set, members: Sequence[str], attribute: Attribute | None) -> list[Evidence]:
        found = self.cells_by(of, members, attribute)
        return [cell for m in members for cell in found.get(m, [])[: None if attribute else 1]]

    def cells_by(
        self, of: Set, members: Sequence[str], attribute: Attribute | None, *, numeric: bool = False
    ) -> dict[str, list[Evidence]]:
        """Of each member the cells that show its attribute (``numeric``: where that is a number), else that it is one."""
        if of.cls == "indicator":
            if attribute is None or not attribute.fields:
                return self.cells_of_indicators(members, ("value", "name"))
            found = self.cells_of_indicators(members, (*attribute.fields, "name"))
            found = self._follows(found, attribute)
            if attribute.kind == "value" and numeric:
                some = Names()
                rows = self.store.select(
                    prefixed(f"SELECT ?x WHERE {{ {values('x', found)} {number_of(attribute, 'x', 'n', some)} }}")
                )
                found = {r["x"]: found[r["x"]] for r in rows}
            return found
        if of.cls == "project":
            if attribute and attribute.fields:
                return self.stated(members, attribute)
            return self.proof_of_projects(members, of)
        return {k: [cell for _, cell in v] for k, v in self.proof_of_concepts(of, members).items()}

    def cells_of(self, projects: Sequence[str], fields: Iterable[str]) -> dict[str, list[Evidence]]:
        evident = Evidences(self.store)
        out: dict[str, list[Evidence]] = defaultdict(list)
        for name in fields:
            for project, cells in evident.cells(projects[:MOST], name).items():
                out[project] += cells
        return out

    def stated(self, projects: Sequence[str], attribute: Attribute) -> dict[str, list[Evidence]]:
        """For each project the cell that states a number of it; where none does, those that it is made of."""
        if attribute.sources:
            return self._from(projects, attribute)
        if attribute.told:
            own = self.stated(projects, replace(attribute, told=()))
            told = self.cells_of(projects, ("purpose",))
            return {p: [*cells, *told.get(p, [])] for p, cells in own.items()}
        out = self._follows(self.cells_of(projects, attribute.fields), attribute)
        if SHARE in attribute.fields:
            summed = [p for p, cells in out.items() if not any(attribute.stands_in(c.field) for c in cells)]
            called = " ".join(f"{literal(name)}@zh" for name in attribute.names)
            shares = self._shares(
                summed, f"VALUES ?called {{ {called} }} ?source skos:broader*/skos:prefLabel ?called ."
            )
            any_kind = self._shares([p for p in summed if p not in shares])
            out |= {p: shares.get(p) or any_kind.get(p, []) for p in summed}
        return out

    def _from(self, projects: Sequence[str], attribute: Attribute) -> dict[str, list[Evidence]]:
        """The shares from funds; where there are none, the amount that all comes from them."""
        above = f"{values('above', attribute.sources)} ?source skos:broader* ?above ."
        shares = self._shares(projects, above)
        without = [p for p in projects if p not in shares]
        rows = self.store.select(f"SELECT ?t WHERE {{ {values('t', without)} ?t jx:otherFunds ?any FILTER(?any > 0) }}")
        mixed = {r["t"] for r in rows}
        part = replace(attribute, sources=())
        whole = attributes()["project", "budget"]
        found = shares | self.stated([p for p in without if p in mixed], part)
        found |= self.stated([p for p in without if p not in mixed], whole)
        for p, cells in self.cells_of(without, ("purpose",)).items():
            said = [c for c in cells if c not in found.get(p, ()) and re.search("|".join(attribute.told), c.text)]
            found[p] = [*said, *found.get(p, [])]
        if attribute.unit == "%":
            whole_of = self.stated(projects, whole)
            found = {p: list(dict.fromkeys((*cells, *whole_of.get(p, ())))) for p, cells in found.items()}
        return found

    def _follows(self, found: dict[str, list[Evidence]], attribute: Attribute) -> dict[str, list[Evidence]]:
        """Of each thing's cells those that show an attribute; things that have none of it show nothing."""
        out = {t: [c for c in cells if attribute.stands_in(c.field)][:1] for t, cells in found.items()}
        without = [t for t, cells in out.items() if not cells]
        rows = self.store.select(f"SELECT DISTINCT ?t WHERE {{ {values('t', without)} ?t jx:{attribute.name} ?any }}")
        for r in rows:
            first: dict[str, Evidence] = {}  # of each field that it follows from
            for cell in found[r["t"]]:
                if cell.field in attribute.fields:
                    first.setdefault(cell.field, cell)
            out[r["t"]] = list(first.values())
        return {t: cells for t, cells in out.items() if cells}

    def _shares(self, projects: Sequence[str], kind: str = "") -> dict[str, list[Evidence]]:
        """The cells of the shares of each project's money, of sources of a ``kind``."""
        out: dict[str, list[Evidence]] = defaultdict(list)
        for r in self.store.select(
            f"SELECT DISTINCT ?p ?cell {SHOWN} WHERE {{ {values('p', projects)} ?p jx:funding ?f . "
            f"?f jx:amount ?amount ; jx:fundSource ?source ; prov:wasQuotedFrom ?cell . {kind} {CELL} }} ORDER BY ?cell"
        ):
            out[r["p"]].append(cited(r))
        return out

    def cells_of_indicators(self, indicators: Sequence[str], fields: Sequence[str]) -> dict[str, list[Evidence]]:
        return Evidences(self.store).of_fields(indicators[:MOST], fields)

    def proof_of_projects(self, projects: Sequence[str], of: Set) -> dict[str, list[Evidence]]:
        """The cells by which each project is of the set; its name where none says more."""
        projects = list(projects[:MOST])
        conditions = [c for part in of.where for c in flat(part)]
        plain = tuple(c for c in conditions if isinstance(c, ProjectCondition))
        evident = Evidences(self.store)
        lists: dict[str, list[list[Evidence]]] = {p: [] for p in projects}
        counted: dict[str, list[Evidence]] = defaultdict(list)  # a number of cells is told only by them all
        for condition in conditions:
            found: dict[str, list[Evidence]] = {}
            if isinstance(condition, Compare):
                found = self.stated(projects, condition.attribute)
                if isinstance(condition.than, Attribute):
                    other = self.stated(projects, condition.than)
                    found = {p: [*found.get(p, []), *other.get(p, [])] for p in projects}
            elif isinstance(condition, Has) and condition.operator != "=" and projects:
                found = self._having(projects, condition)
            elif isinstance(condition, Sums) and projects:
                found = self._having(projects, Has(condition.of))
                if isinstance(condition.than, Attribute):
                    own = self.stated(projects, condition.than)
                    found = {p: [*own.get(p, []), *cells] for p, cells in found.items()}
            elif isinstance(condition, TextHolds):
                found = self.cells_of(projects, condition.attribute.fields)
            elif isinstance(condition, NameHolds):
                found = evident.cells(projects, "project")
            elif isinstance(condition, Found):
                found = self.cells_of(projects, ("budget",))
            for project, cells in found.items():
                if project in lists:
                    whole = isinstance(condition, Sums) or (
                        isinstance(condition, Has) and (condition.operator, condition.number) != ("≥", 1)
                    )
                    (counted[project].extend if whole else lists[project].append)(cells)
        if of.rank is not None and isinstance(of.rank.by, Attribute):
            for project, cells in self.stated(projects, of.rank.by).items():
                lists[project].append(cells)
        elif of.rank is not None and isinstance(of.rank.by, Set):
            for project, cells in self._having(projects, Has(of.rank.by)).items():
                counted[project] += cells
        bare = [p for p in projects if not (lists[p] or counted[p])]
        for project, some in evident.by_condition(projects if plain else bare, plain).items():
            lists[project] += some
        return {p: list(dict.fromkeys([*in_turn(lists[p], 2 * SHOWN_CELLS), *counted[p][:SOME]])) for p in projects}

    def _having(self, projects: Sequence[str], condition: Has) -> dict[str, list[Evidence]]:
        names = Names()
        inner = condition.of.pattern("i", names)
        rows = self.store.select(
            prefixed(f"SELECT DISTINCT ?p ?i WHERE {{ {values('p', projects)} {inner} ?p jx:indicator ?i . }}")
        )
        cells = self.cells_of_indicators([r["i"] for r in rows], ("value", "name"))
        out: dict[str, list[Evidence]] = defaultdict(list)
        for r in rows:
            out[r["p"]] += cells.get(r["i"], [])[:1]
        return out

    def proof_of_concepts(self, of: Set, things: Sequence[str]) -> dict[str, list[tuple[str, Evidence]]]:
        """For groups, funds: (words, cell) of the links; for departments the cell that names them."""
        out: dict[str, list[tuple[str, Evidence]]] = defaultdict(list)
        evident = Evidences(self.store)
        if of.cls in ("group", "fund"):
            projects = self.members(of.of or Set("project"))[:MOST]
            relation = "beneficiary" if of.cls == "group" else "fundSource"
            for _, concept, quote, cell in evident.links(projects, relation):
                out[concept].append((quote, cell))
            if of.cls == "fund" and len(projects) == 1:
                self._told_other(projects, things, out)
        elif of.cls == "department":
            for thing in things[:MOST]:
                rows = self.store.select(f"SELECT ?p WHERE {{ ?p jx:department <{thing}> }} ORDER BY ?p LIMIT 1")
                for named in evident.cells([r["p"] for r in rows], "department").values():
                    out[thing] += [("", cell) for cell in named[:1]]
        elif of.cls == "type":
            names = Names()
            one = "i"
            inner = (of.of or Set("indicator")).pattern(one, names)
            rows = self.store.select(
                prefixed(f"SELECT ?t (SAMPLE(?i) AS ?one) WHERE {{ {inner} ?i jx:type ?t }} GROUP BY ?t")
            )
            cells = self.cells_of_indicators([r["one"] for r in rows if r["one"]], ("level2", "name"))
            for r in rows:
                if r["t"]:
                    out[r["t"]] = [("", c) for c in cells.get(r["one"], [])[:1]]
        return out

    def _told_other(
        self, projects: Sequence[str], things: Sequence[str], out: dict[str, list[tuple[str, Evidence]]]
    ) -> None:
        """Of a project's other money, what the purpose says that it is: 乡镇自筹资金."""
        names = " ".join(f"{literal(name)}@zh" for name in attributes()["project", "otherFunds"].names)
        rows = self.store.select(
            f"SELECT DISTINCT ?c WHERE {{ {values('c', things)} VALUES ?n {{ {names} }} ?c skos:prefLabel ?n }}"
        )
        for cell in self.cells_of(projects, ("purpose",)).get(projects[0], []) if rows else ():
            if source := told_other(cell.text):
                same = [c for c, said in out.items() if any(words in source for words, at in said if at == cell)]
                for concept in (rows[0]["c"], *same):  # 县区配套资金 is 配套资金, too
                    out[concept].append((source, cell))


def looked_at(of: Set) -> Iterator[str]:
    """The fields of the cells that the conditions and the order of a set of indicators look at."""
    known = attributes()
    for condition in (c for part in of.where for c in flat(part)):
        found = getattr(condition, "attribute", None) or known.get((of.cls, getattr(condition, "name", "")))
        if isinstance(found, Attribute):
            yield from found.fields
    if of.rank is not None and isinstance(of.rank.by, Attribute):
        yield from of.rank.by.fields


def flat(condition: Any) -> list[Any]:
    if isinstance(condition, Alternatives):
        return [c for part in condition.parts for p in part for c in flat(p)]
    return [condition]
