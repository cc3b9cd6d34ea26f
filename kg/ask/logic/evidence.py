"""The cells that prove an answer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from index.search import Passage
from kg.ask.logic.attributes import attribute
from kg.ask.logic.patterns import Patterns
from kg.ask.logic.plain import About, Changed, OfConcept, ProjectCondition
from kg.graph.places import SPOT, STANDS, spot
from kg.graph.store import Row, Store
from kg.graph.terms import literal, values

SHOWN_CELLS = 3  # proving cells cited for one answer


@dataclass(frozen=True, slots=True)
class Evidence:
    """A cell: ``row`` counts indicator rows from 1 and is None in the table's head; ``field`` says which cell.

    ``place`` is where a reader of the file would look, in words; ``sheet``, ``cell``, ``page`` and ``line`` as it has them.
    """

    document: str
    table: int
    row: int | None
    text: str
    field: str = ""
    line: int | None = None
    place: str | None = None
    sheet: str | None = None
    cell: str | None = None
    page: int | None = None


class Evidences:
    """The cells that prove things of one graph."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def by_condition(
        self, projects: Sequence[str], conditions: Sequence[ProjectCondition]
    ) -> dict[str, list[list[Evidence]]]:
        """For each project the cells by which it meets each condition; its name where none says more."""
        found: dict[str, list[list[Evidence]]] = {p: [] for p in projects}
        if not projects:
            return {}
        for condition in conditions:
            match condition:
                case OfConcept(relation, iris, _, False):
                    self._add(found, _by_project(self.links(projects, relation, iris)))
                case Changed(measure, _, _, _):
                    amount = attribute("project", measure)
                    rows = self.store.select(
                        f"SELECT ?p ?earlier WHERE {{ {values('p', projects)} {Patterns().project(condition, '?p')} }}"
                    )
                    for name in [f for f in amount.fields if amount.stands_in(f)] or amount.fields:
                        self._add(found, self.cells(projects, name))
                        before = self.cells([r["earlier"] for r in rows], name)
                        self._add(found, {r["p"]: before.get(r["earlier"], []) for r in rows})
                case About(said):
                    self._add(found, self._mentions(projects, said))
        bare = [p for p in projects if not found[p]]
        self._add(found, self.cells(bare, "project"))
        return found

    @staticmethod
    def _add(found: dict[str, list[list[Evidence]]], cells: dict[str, list[Evidence]]) -> None:
        for project, evidence in cells.items():
            if evidence:
                found[project].append(evidence)

    def links(
        self, projects: Sequence[str], relation: str, iris: Sequence[str] = ()
    ) -> list[tuple[str, str, str, Evidence]]:
        """(project, concept, words, cell) of the links to concepts below ``iris`` (any where empty).

        Links to the very concept come before those to narrower ones, and of these satisfaction indicators
        first: they say in so many words whom a project serves.
        """
        if not projects:
            return []
        # The concepts asked for come before their cells: to read those of all links costs ten times as much.
        only = f"FILTER(?concept IN ({', '.join(f'<{c}>' for c in sorted(self._below(iris)))}))" if iris else ""
        rows = self.store.select(
            f"""SELECT DISTINCT ?p ?concept ?words {SHOWN} WHERE {{
              {values("p", projects)} ?link rdf:subject ?p ; rdf:predicate jx:{relation} ; rdf:object ?concept . {only}
              ?link jx:quote ?words ; prov:wasQuotedFrom ?cell . {CELL}
            }} ORDER BY ?document ?table ?row ?field"""
        )
        asked = set(iris)
        rows.sort(
            key=lambda r: (
                r["concept"] not in asked,
                not ("满意" in r["text"] and r["row"]),
                r["row"] is not None,
            )
        )
        return [(r["p"], r["concept"], r["words"], cited(r)) for r in rows]

    def _below(self, concepts: Sequence[str]) -> set[str]:
        """The concepts and all narrower ones. Joined to the links in SPARQL, each link's path upwards would be walked."""
        rows = self.store.select(f"SELECT DISTINCT ?c WHERE {{ {values('above', concepts)} ?above ^skos:broader* ?c }}")
        return {r["c"] for r in rows}

    def cells(self, projects: Sequence[str], field_name: str) -> dict[str, list[Evidence]]:
        """Cells of a field of the table's head."""
        if not projects:
            return {}
        return self._grouped(
            f"{values('p', projects)} ?p prov:wasQuotedFrom ?cell . ?cell jx:field {literal(field_name)} . {CELL}"
        )

    def of_fields(self, indicators: Sequence[str], fields: Sequence[str]) -> dict[str, list[Evidence]]:
        """For each indicator its cells of these fields, in their order."""
        if not indicators:
            return {}
        wanted = ", ".join(map(literal, fields))
        found = self._grouped(
            f"{values('p', indicators)} ?p prov:wasQuotedFrom ?cell . ?cell jx:field ?field . FILTER(?field IN ({wanted})) {CELL}"
        )
        place = {name: at for at, name in enumerate(fields)}
        return {i: sorted(cells, key=lambda c: place.get(c.field, 9)) for i, cells in found.items()}

    def _mentions(self, projects: Sequence[str], said: tuple[tuple[str, ...], ...]) -> dict[str, list[Evidence]]:
        tests = " && ".join(
            "(" + " || ".join(f"CONTAINS(?text, {literal(form)})" for form in forms) + ")" for forms in said
        )
        return self._grouped(
            f"{values('p', projects)} {{ ?p prov:wasQuotedFrom ?cell }} UNION {{ ?p jx:indicator ?i . ?i prov:wasQuotedFrom ?cell }} "
            f"{CELL} FILTER({tests})"
        )

    def _grouped(self, pattern: str, order: str = "?document ?table ?row ?field") -> dict[str, list[Evidence]]:
        found: dict[str, list[Evidence]] = defaultdict(list)
        for row in self.store.select(f"SELECT DISTINCT ?p {SHOWN} WHERE {{ {pattern} }} ORDER BY {order}"):
            found[row["p"]].append(cited(row))
        return found


def in_turn(lists: Iterable[Sequence[Evidence]], most: int) -> list[Evidence]:
    """Of the cells of several conditions ``most`` in all, and at least one of each: the first ones, then the second."""
    lists = [cells for cells in lists if cells]
    turns = dict.fromkeys(cell for turn in zip_longest(*lists) for cell in turn if cell is not None)
    return list(turns)[: max(most, len(lists))]


def _by_project(links: Iterable[tuple[str, str, str, Evidence]]) -> dict[str, list[Evidence]]:
    found: dict[str, list[Evidence]] = defaultdict(list)
    for project, _, _, cell in links:
        found[project].append(cell)
    return found


CELL = (
    "?cell jx:document ?d ; jx:table ?table ; jx:cellText ?text ; jx:field ?field . ?d rdfs:label ?document . "
    f"OPTIONAL {{ ?cell jx:row ?row }} {STANDS}"
)
SHOWN = f"?document ?table ?row ?text ?field {SPOT}"
"""What ``cited`` takes from a solution of CELL."""


def cited(row: Row) -> Evidence:
    return Evidence(
        row["document"],
        row["table"],
        row.get("row"),
        re.sub(r"\s+", " ", row["text"]),
        row["field"],
        **spot(row),
    )


def shown_by(passage: Passage) -> Evidence:
    """The cell of something that search found."""
    p = passage
    return Evidence(
        p.document, p.table, p.row, p.text, "", p.line, place=p.place, sheet=p.sheet, cell=p.cell, page=p.page
    )
