"""A value run on the graph: its answers, each with the cells that prove it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pyoxigraph as ox

from kg.ask.logic.attributes import Attribute, attributes
from kg.ask.logic.conditions import Compare, Is, Names, Not, walk
from kg.ask.logic.evidence import CELL, SHOWN, SHOWN_CELLS, Evidence, cited, in_turn
from kg.ask.logic.groups import ByGroup, Changes
from kg.ask.logic.plain import OfProject, OfYear
from kg.ask.logic.proofs import MOST, SOME, Proofs, looked_at
from kg.ask.logic.sets import Rank, Set, Statistic
from kg.ask.logic.values import (
    FACTOR,
    Computed,
    Each,
    Every,
    Exists,
    Funded,
    Holds,
    List,
    Number,
    Several,
    Table,
    Which,
    group_link,
    prefixed,
    sparql,
    united,
)
from kg.graph.store import Row, python_rows
from kg.graph.terms import values

KINDS = {
    "project": "projects", "indicator": "indicators", "group": "groups", "fund": "funds", "department": "departments",
    "document": "value", "type": "value", "year": "value",
}  # fmt: skip


@dataclass(slots=True)
class Result:
    """What running a value gave. ``items``: dicts in the shape of an answer's items; they have all their cells once it
    is proved. ``proofs``: what finds those that are not there yet, which costs as much as the items: readings that are
    only compared need none."""

    kind: str
    items: list[dict[str, Any]] = field(default_factory=list)
    sparql: str = ""
    boolean: bool | None = None
    parts: list[Result] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    absent: int = 0  # of what was asked, how much is said not to be there
    understood: str = ""
    proofs: list[Callable[[], None]] = field(default_factory=list)

    def prove(self) -> Result:
        while self.proofs:
            self.proofs.pop()()
        return self

    def cite(
        self, keys: Sequence[Any], cells: Callable[[], Mapping[Any, list[Evidence]]], most: int | None = None
    ) -> None:
        """Each item is proved by the cells of its key, ``most`` of them, which are found when it is to be."""

        def prove() -> None:
            found = cells()
            for key, item in zip(keys, items, strict=True):
                item["evidence"] = found.get(key, [])[:most]

        items = list(self.items)
        self.proofs.append(prove)


class Runner(Proofs):
    def run(self, value: Any) -> Result:
        """Answers to a value; no items where the graph has none."""
        if isinstance(value, Several):
            parts = [self.run(part) for part in value.parts]
            absent = (
                [v.attributes[0].label for v, p in zip(value.parts, parts, strict=True) if not p.items]
                if _kinds_of_money(value)
                else []
            )
            if 0 < len(absent) < len(parts):  # all of its money is of the other kind
                told = self.run(Several(tuple(v for v, p in zip(value.parts, parts, strict=True) if p.items)))
                told.notes.append(f"表里没有{'、'.join(absent)}")
                told.absent = len(absent)
                return told
            if not all(p.items for p in parts):
                missing = "；".join(str(v) for v, p in zip(value.parts, parts, strict=True) if not p.items)
                return Result("none", understood=missing)  # half an answer would look like the whole
            query = united([(p.sparql, p.items[0]["label"]) for p in parts])
            whole = Result(parts[0].kind, [i for p in parts for i in p.items], query, parts=parts)
            whole.proofs = [proof for p in parts for proof in p.proofs]
            whole.understood = str(value)
            return whole
        if isinstance(value, Which):
            return self._which(value)
        if isinstance(value, Each) and len(value.attributes) > 1:
            return self.run(Several(tuple(replace(value, attributes=(a,)) for a in value.attributes)))
        text = sparql(value)
        result = Result("none", sparql=text, understood=str(value))
        value = self.quick(value)
        answer = self.store.query(sparql(value))
        if isinstance(answer, ox.QueryBoolean):
            self._boolean(value, bool(answer), result)
            return result
        rows = python_rows(answer)
        match value:
            case List(of, shown):
                self._list(of, shown, rows, result)
            case Each(of, attributes_, unit):
                self._each(of, attributes_[0], unit, rows, result)
            case Funded(of, iris, _, unit):
                self._funded(iris, unit, rows, result)
            case Number(of, unit):
                self._number(of, unit, rows, result)
            case Table():
                self._table(value, rows, result)
            case Changes():
                self._groups(rows, value.unit, lambda: self._cells_of_numbers(value.of), result)
                if alone := self._in_one_alone(value.of):
                    result.notes.append(f"只有一年有表，没有算：{'、'.join(alone)}")
        two = isinstance(value, Number) and bool(result.items) and _two_years(value.of)
        if two and (alone := self._in_one_alone(ByGroup("department", value.of))):
            result.notes.append(f"只有一年有表：{'、'.join(alone)}")
        return result

    # —— lists ——

    def _list(self, of: Set, shown: Attribute | None, rows: list[Row], out: Result) -> None:
        out.kind = KINDS[of.cls]
        if of.cls == "project":
            for r in rows:
                item = _item(r["project"], r["label"], r["label"], year=r["year"])
                if r.get("amount") is not None:
                    self._amount(item, of, shown, r["amount"])
                out.items.append(item)
            projects = [r["project"] for r in rows]
            out.cite(projects, lambda: self.proof_of_projects(projects, of))
        elif of.cls == "indicator":
            self._indicator_rows(rows, out, tuple(dict.fromkeys(("value", *looked_at(of), "name"))))
        elif of.cls == "document":
            for r in rows:
                text = f"第{r['table']}个表"
                item = _item(r["document"], r["label"], value=text)
                item["evidence"] = [Evidence(r["label"], r["table"], None, text)]
                out.items.append(item)
        elif of.cls == "year":
            out.items += [_item(None, r["label"], year=int(r["year"])) for r in rows if r["year"] is not None]
        else:
            proof = self.proof_of_concepts(of, [r["thing"] for r in rows])
            made: dict[Any, list[Evidence]] = {}
            numbers = [n for n in (of.rank and of.rank.by, *of.where) if isinstance(n, ByGroup)]
            for number in numbers[:1]:
                made = self._cells_of_numbers(number)
            if (
                not numbers
                and of.rank
                and of.cls in ("group", "fund", "department")
                and not isinstance(of.rank.by, Set)
            ):
                made = self._cells_of_groups(Table("sum", of.of or Set("project"), of.rank.by, of.cls, ""))
            for r in rows:
                item = _item(r["thing"], r["label"])
                found = proof.get(r["thing"], [])
                item["evidence"] = [cell for _, cell in found][:SHOWN_CELLS]
                if of.cls in ("group", "fund"):
                    said: dict[str, list[Evidence]] = {}
                    for words, cell in found:
                        said.setdefault(words, []).append(cell)
                    item["value"] = "、".join(filter(None, said)) or None
                    item["evidence"] = in_turn(said.values(), SHOWN_CELLS)
                if r.get("number") is not None and of.rank:
                    item["number"] = round(float(r["number"]), 6)
                    item["unit"] = of.rank.unit
                    item["value"] = f"{show(item['number'])}{item['unit']}"
                counted = made.get(r["thing"], [])[:SOME]
                # the words it is known by are shown beside what is counted, and proved as well
                known = item["evidence"] if item["number"] is None or not counted else []
                item["evidence"] = list(dict.fromkeys([*known, *counted]))
                out.items.append(item)
        if not out.items:
            out.kind = "none"

    def _amount(self, item: dict[str, Any], of: Set, shown: Attribute | None, amount: Any) -> None:
        unit = of.rank.unit if of.rank else Rank(shown).unit
        unit = "条" if of.cls == "type" and unit == "个" else unit
        item["number"], item["unit"] = round(float(amount) / FACTOR.get(unit, 1), 6), unit
        item["value"] = f"{show(item['number'])}{item['unit']}"

    def _indicator_rows(self, rows: list[Row], out: Result, fields: Sequence[str]) -> None:
        for r in rows:
            item = _item(r["indicator"], r["label"], r["projectLabel"], r.get("value"), r["year"])
            if item["value"] is not None and not isinstance(item["value"], str):
                item["number"] = round(float(item["value"]), 6)
                item["value"] = show(item["number"])
            if r.get("written") is not None:
                item["number"], item["unit"] = round(float(r["written"]), 6), r["unit"]
            item["about"] = r["project"]
            out.items.append(item)
        indicators = [r["indicator"] for r in rows]
        out.cite(indicators, lambda: self.cells_of_indicators(indicators, fields))

    # —— attributes ——

    def _each(self, of: Set, attribute: Attribute, unit: str, rows: list[Row], out: Result) -> None:
        if of.cls == "indicator":
            out.kind = "value"
            proving = attribute.fields or ("value",)
            self._indicator_rows(rows, out, (*proving, "name"))
        else:
            numeric = attribute.kind in ("money", "number")
            out.kind = "number" if numeric else "goals" if attribute.name == "goal" else "value"
            for r in rows:
                item = _item(r["project"], r["label"], r.get("projectLabel") or r["label"], year=r["year"])
                if numeric:
                    item["number"], item["unit"] = round(float(r["number"]), 6), unit or attribute.unit
                    item["value"] = f"{show(item['number'])}{item['unit'] or ''}"
                else:
                    item["value"] = r["label"]
                out.items.append(item)
            projects = [r["project"] for r in rows]
            cells = (
                (lambda: self.stated(projects, attribute))
                if numeric
                else (lambda: self.cells_of(projects, attribute.fields))
            )
            out.cite(projects, cells)
        if not out.items:
            out.kind = "none"

    # —— numbers ——

    def _number(self, of: Any, unit: str, rows: list[Row], out: Result) -> None:
        number = rows[0]["number"] if rows else None
        if number is None:
            return
        unit, factor = self._own_unit(of, unit)
        if factor != 1.0:
            number = float(number) / factor
            out.sparql = out.sparql.replace("(?x / 1 AS ?number)", f"(?x / {factor:.12g} AS ?number)")
        item = _item(None, str(of))
        item["number"], item["unit"] = round(float(number), 6), unit
        item["value"] = f"{show(item['number'])}{unit}"
        statistics = [node for node in walk(of) if isinstance(node, Statistic)]
        seen: list[Evidence] = []
        empty = True
        for statistic in statistics:
            members = self.members(statistic.of)
            empty = empty and not members
            cells = self.summed(statistic, members)
            if statistic.function != "count" and not cells:
                return  # nothing was added up: its sum is no answer
            seen += cells
            if statistic.of.cls == "project":
                item.setdefault("of", []).extend(members)
            elif statistic.function != "count" and not members:
                return
        if empty and any(s.function != "count" for s in statistics):
            return
        item["evidence"] = list(dict.fromkeys(seen))
        out.kind = "number"
        out.items.append(item)
        if isinstance(of, Computed) and of.operation == "difference":
            out.proofs.append(lambda: out.notes.extend(self._sides(of, unit)))

    def _sides(self, of: Computed, unit: str) -> list[str]:
        """Both numbers of a difference, and which is the greater: “多多少” may be asked where it is less."""
        found = [self.run(Number(part, unit)).items for part in (of.first, of.second)]
        if not all(found):
            return []
        (first, *_), (second, *_) = found
        sign = (first["number"] > second["number"]) - (first["number"] < second["number"])
        if first["unit"] != second["unit"]:
            return []
        said = {1: "前者多", 0: "两者相等", -1: "前者少"}[sign]
        return [f"前者{first['value']}，后者{second['value']}，{said}"]

    def _funded(self, iris: Sequence[str], unit: str, rows: list[Row], out: Result) -> None:
        for r in rows:
            item = _item(r["project"], r["label"], r["label"], year=r["year"])
            item["number"], item["unit"] = round(float(r["number"]), 6), unit
            item["value"] = f"{show(item['number'])}{unit}"
            found = self.store.select(
                f"SELECT DISTINCT {SHOWN} WHERE {{ {values('above', iris)} ?above ^skos:broader* ?c . "
                f"<{r['project']}> jx:funding ?f . ?f jx:fundSource ?c ; prov:wasQuotedFrom ?cell . {CELL} }}"
            )
            item["evidence"] = [cited(c) for c in found][:SHOWN_CELLS]
            out.items.append(item)
        out.kind = "number" if out.items else "none"

    def _own_unit(self, of: Any, unit: str) -> tuple[str, float]:
        """The unit of a number made of targets: the one they are written in, or the base unit; and its size in that."""
        attribute = next((n.attribute for n in walk(of) if isinstance(n, Statistic)), None)
        if unit or attribute is None or attribute.kind != "value":
            return unit, 1.0
        written: dict[tuple[str, float], None] = {}
        for statistic in (n for n in walk(of) if isinstance(n, Statistic)):
            names = Names()
            rows = self.store.select(
                prefixed(
                    f"SELECT DISTINCT ?u ?w ?b WHERE {{ {statistic.of.pattern('v', names)} ?v jx:{attribute.name} ?t . "
                    "?t qudt:value ?b ; jx:writtenNumber ?w . OPTIONAL { ?t jx:writtenUnit ?u } }"
                )
            )
            for r in rows:
                factor = round(float(r["b"]) / float(r["w"]), 9) if r["w"] else 1.0
                written[r["u"] or "", factor] = None
        if len(written) == 1:
            (name, factor), *_ = written
            return name, factor
        return "", 1.0

    def _table(self, table: Table, rows: list[Row], out: Result) -> None:
        self._groups(rows, table.unit, lambda: self._cells_of_groups(table), out)

    def _groups(
        self, rows: list[Row], unit: str, cells: Callable[[], Mapping[Any, list[Evidence]]], out: Result
    ) -> None:
        for r in rows:
            group = r["group"]
            item = _item(group if isinstance(group, str) else None, r["label"])
            if isinstance(group, int):
                item["year"] = group
            item["number"], item["unit"] = round(float(r["number"]), 6), unit
            item["value"] = f"{show(item['number'])}{unit}"
            out.items.append(item)
        out.cite([r["group"] for r in rows], cells, SOME)
        out.kind = "number" if out.items else "none"

    def _in_one_alone(self, number: ByGroup) -> list[str]:
        """The groups that only one of two numbers is known of."""
        found = [
            {
                r["group"]: str(r["label"])
                for r in self.store.select(sparql(Table(s.function, s.of, s.attribute, number.by, "")))
            }
            for s in number.statistics
        ]
        return sorted(
            label for one, other in (found, found[::-1]) for group, label in one.items() if group not in other
        )

    def _cells_of_numbers(self, number: ByGroup) -> dict[Any, list[Evidence]]:
        """Of each group the cells that its number is made of, those of either year by turns."""
        found = [self._cells_of_groups(Table(s.function, s.of, s.attribute, number.by, "")) for s in number.statistics]
        groups = dict.fromkeys(g for cells in found for g in cells)
        return {g: in_turn([cells.get(g, []) for cells in found], SOME) for g in groups}

    def _cells_of_groups(self, table: Table) -> dict[Any, list[Evidence]]:
        names = Names()
        v = "v"
        inner = table.of.pattern(v, names)
        link = group_link(table, v, "g", names)
        rows = self.store.select(prefixed(f"SELECT DISTINCT ?g ?{v} WHERE {{ {inner} {link} }} LIMIT {MOST}"))
        found = self.cells_by(table.of, [r[v] for r in rows], table.attribute, numeric=True)
        out: dict[Any, list[Evidence]] = defaultdict(list)
        if table.attribute is None and table.function == "average":  # how many to each: of which these are
            owners = replace(table, function="count", of=table.of.of or Set("project"))
            for group, cells in self._cells_of_groups(owners).items():
                out[group] += cells
        for r in rows:
            out[r["g"]] += found.get(r[v], [])[: None if table.attribute else 1]
        return out

    # —— yes or no ——

    def _boolean(self, value: Any, truth: bool, out: Result) -> None:
        out.boolean, out.kind = truth, "boolean"
        item = _item(None, "是" if truth else "否", value="是" if truth else "否")
        cells: list[Evidence] = []
        match value:
            case Exists(of):
                base = of if truth else replace(of, where=tuple(c for c in of.where if _naming(c)), rank=None)
                members = self.members(base)[:SHOWN_CELLS] if truth or base.where or base.of else []
                if not members and of.cls == "project":  # “2024年有甲吗”: its tables of other years
                    base = replace(base, where=tuple(c for c in base.where if not isinstance(c, OfYear)))
                    members = self.members(base)[:SHOWN_CELLS] if base.where else []
                wanted = next((c.attribute for c in of.where if isinstance(c, Compare)), None)
                if truth and of.cls == "project":
                    proof = self.proof_of_projects(members, of)
                    cells = [cell for m in members for cell in proof[m]]
                else:
                    cells = self.cells(of if truth else base, members, wanted)
                item["of"] = members if of.cls == "project" else []
            case Every(of, conditions):
                met = (*of.where, *conditions) if truth else (*of.where, Not(conditions))
                members = self.members(replace(of, where=met))[: SOME if truth else SHOWN_CELLS]
                wanted = next((c.attribute for c in conditions if isinstance(c, Compare)), None)
                cells = self.cells(replace(of, where=met) if truth else of, members, wanted)
                cells = cells or self.cells(of, members, None)  # one of them has no such amount
            case Holds(first, _, second):
                for statistic in (n for part in (first, second) for n in walk(part) if isinstance(n, Statistic)):
                    cells += self.summed(statistic, self.members(statistic.of))
        item["evidence"] = list(dict.fromkeys(cells))
        out.items = [item]

    def _which(self, value: Which) -> Result:
        parts = [(part, self.run(part)) for part in value.of]
        out = Result("none", sparql=parts[0][1].sparql, understood=str(value), parts=[])
        for label, (_, result) in zip(value.labels, parts, strict=False):
            for item in result.items:
                item["label"] = label
        numbers = [r.items[0]["number"] for _, r in parts if r.items and r.items[0]["number"] is not None]
        if len(numbers) < len(parts):
            return out
        best = (max if value.descending else min)(numbers)
        for _, result in parts:
            if result.items[0]["number"] == best:
                out.items += result.items
                out.proofs += result.proofs
                out.kind = result.kind
        order = "DESC" if value.descending else "ASC"
        out.sparql = united(
            [(r.sparql, r.items[0]["label"]) for _, r in parts], f" ORDER BY {order}(?number) LIMIT {len(out.items)}"
        )
        return out


def _kinds_of_money(value: Several) -> bool:
    """Whether the parts are kinds of money of the same projects, called by their names."""
    kinds = {"budget", "fiscalFunds", "otherFunds"}
    each = [p for p in value.parts if isinstance(p, Each) and len(p.attributes) == 1]
    plain = all(p.attributes[0].name in kinds and not (p.attributes[0].told or p.attributes[0].sources) for p in each)
    return (
        plain
        and len(each) == len(value.parts) == len({p.attributes[0].name for p in each})
        and len({p.of for p in each}) == 1
    )


def _two_years(of: Any) -> bool:
    """Whether a number is made of all projects of two years, called by no name."""
    if not isinstance(of, Computed) or of.operation not in ("difference", "rate", "decline", "times"):
        return False
    parts = (of.first, of.second)
    if not all(isinstance(p, Statistic) and p.of.cls == "project" and p.of.rank is None for p in parts):
        return False
    years = [[c.years for c in p.of.where if isinstance(c, OfYear)] for p in parts]
    named = any(isinstance(c, OfProject | Is) for p in parts for c in p.of.where)
    return all(years) and years[0] != years[1] and not named and of.first.function in ("sum", "count")


def _naming(condition: Any) -> bool:
    """Whether a condition says which things are meant rather than what is asked of them."""
    return type(condition).__name__ in ("Is", "OfProject", "OfYear", "OfDepartment", "Named")


def _item(
    iri: str | None, label: str, project: str | None = None, value: str | None = None, year: int | None = None
) -> dict[str, Any]:
    return {
        "iri": iri, "label": label, "project": project, "value": value, "number": None, "unit": None, "year": year, "evidence": [],
    }  # fmt: skip


def show(number: float) -> str:
    """Without exponent or needless zeros."""
    return f"{Decimal(str(number)).normalize():f}"


__all__ = ["Computed", "Result", "Runner", "attributes"]
