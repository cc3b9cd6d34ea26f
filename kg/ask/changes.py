"""Questions across years: amounts that moved, projects and indicators that are new or gone, targets raised."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from index.align import align
from kg.ask.naming import Unanswerable
from kg.ask.phrases import Expected
from kg.ask.query import Changed, OfProject, OfYear, OnlyIn, ProjectCondition, Query
from kg.ask.scope import Scope
from kg.ask.tokens import Tokens
from kg.graph.store import Row
from kg.graph.terms import values

MOVED = {"increased": ">", "decreased": "<", "unchanged": "="}


class Changes(Scope):
    """Compares two years of the data."""

    def _change(self) -> Query | None:
        years = self._two_years()
        if years is None:
            return None
        old, new = years
        project, rest = self._projects_of(old, new)
        moved = next((MOVED[role] for role in MOVED if self.t.has(role)), "")
        if self.t.has("indicators"):
            return self._indicator_change(project, old, new, moved)
        if self.t.has("projects") and not project:
            return self._project_change(old, new, moved)
        if project and (rest.content() or rest.has("per_unit")) and not self.t.has("budget"):
            return self._value_change(project, rest, old, new)
        if project or self.t.has("budget", "money", "difference"):
            return self._amount_change(project, old, new)
        return None

    def _changed_at_all(self) -> Query | None:
        """Yes/no: is there any such project or indicator?"""
        query = self._change()
        if query is None or query.select not in ("projects", "indicators"):
            return None
        return Query("boolean", query.projects, candidates=query.candidates, pairs=query.pairs, change=query.change)

    def _two_years(self) -> tuple[int, int] | None:
        """(earlier, later), where the question compares two years that are loaded."""
        have = self.lexicon.years
        if len(have) < 2:
            return None
        said = sorted({int(q.number or 0) for q in self.t.quantities("year")})
        compared = self.t.has(
            "than",
            "difference",
            "increased",
            "decreased",
            "unchanged",
            "added",
            "dropped",
            "last_year",
            "across_years",
            "not",
        )
        if len(said) == 2:
            return (said[0], said[1]) if compared or self.t.has("join") else None
        if not compared or not (
            said or self.t.has("last_year", "across_years", "increased", "decreased", "added", "dropped", "unchanged")
        ):
            return None
        if self.t.has("last_year"):
            new = said[0] if said else have[0]
            return (new - 1, new) if new - 1 in have else None
        if said and self.t.has("than", "this_year") and said[0] != have[0]:
            return said[0], have[0]
        new = said[0] if said else have[0]
        older = [year for year in have if year < new]
        moved = self.t.has("increased", "decreased", "added", "dropped", "unchanged", "across_years", "than")
        return (older[0], new) if older and moved else None

    def _projects_of(self, old: int, new: int) -> tuple[tuple[str, ...], Tokens]:
        """All projects of both years that the question names."""
        named = self.t.entities("project", "programme")
        if named:
            iris = tuple(dict.fromkeys(i for t in named if t.entity for i in t.entity.iris))
            rest = self.t.without(set(named))
        elif any(t.kind == "word" for t in self.t.items):
            found = self.phrases.projects(
                [self.phrases.word(t.text) for t in self.t.items if t.kind in ("word", "light")]
            )
            iris, rest = tuple(i for i, _ in found), self.t
        else:
            iris, rest = (), self.t
        return tuple(i for i in iris if self.lexicon.projects[i].year in (old, new)), rest

    def _amount_change(self, projects: tuple[str, ...], old: int, new: int) -> Query:
        sides = []
        for year in (new, old):
            conditions: list[ProjectCondition] = []
            if projects:
                of_year = tuple(i for i in projects if self.lexicon.projects[i].year == year)
                if not of_year:
                    raise Unanswerable(f"{year}年没有这个项目的表", [f"{year}年"])
                conditions.append(OfProject(of_year, f"{self.lexicon.projects[of_year[0]].label}（{year}年）"))
            else:
                conditions.append(OfYear((year,)))
            sides.append(Query("amount", tuple(conditions), measure=self._measure()))
        return Query("number", aggregate="difference", operands=tuple(sides), unit=self._unit())

    def _value_change(self, projects: tuple[str, ...], rest: Tokens, old: int, new: int) -> Query | None:
        # words of asking that stand in names too: “人均标准”
        rest = replace(rest, items=[replace(t, kind="light") if "per_unit" in t.roles else t for t in rest.items])
        sides = []
        for year in (new, old):
            of_year = tuple(i for i in projects if self.lexicon.projects[i].year == year)
            best = (
                self._best(rest, of_year, Expected(frozenset({"money", "count", "percent", "time"}))) if of_year else []
            )
            if not best:
                return None
            sides.append(Query("amount", candidates=(best[0].iri,), said=f"{best[0].label}（{year}年）"))
        unit = self._unit() if self.t.has("money", "unit_yuan", "unit_wan") else ""
        return Query("number", aggregate="difference", operands=tuple(sides), unit=unit or "元")

    def _project_change(self, old: int, new: int, moved: str) -> Query | None:
        if self.t.has("added") or (self.t.has("not") and not self.t.has("dropped")):
            return Query("projects", (OnlyIn(new, old),))
        if self.t.has("dropped"):
            return Query("projects", (OnlyIn(old, new),))
        return Query("projects", (Changed(self._measure(), moved, old, new),)) if moved else None

    def _indicator_change(self, projects: tuple[str, ...], old: int, new: int, moved: str) -> Query | None:
        pairs, only_old, only_new = self._aligned(projects, old, new)
        where: tuple[ProjectCondition, ...] = ()
        if projects:
            label = self.lexicon.projects[projects[0]].label
            where = (OfProject(projects, label),)
        if self.t.has("added"):
            return Query("indicators", where, candidates=only_new or (NOTHING,), said=f"{new}年新增")
        if self.t.has("dropped"):
            return Query("indicators", where, candidates=only_old or (NOTHING,), said=f"{old}年有而{new}年没有")
        if moved:
            return Query("indicators", where, pairs=pairs or ((NOTHING, NOTHING),), change=moved)
        return None

    def _aligned(
        self, projects: tuple[str, ...], old: int, new: int
    ) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...], tuple[str, ...]]:
        """(pairs, only in ``old``, only in ``new``) of the indicators of the same projects in two years."""
        chosen = values("p", projects) if projects else ""
        rows = self.phrases.store.select(
            f"""SELECT ?line ?name ?year ?i ?label ?type WHERE {{ {chosen}
              ?p jx:programme ?line ; rdfs:label ?name ; jx:fiscalYear ?year ; jx:indicator ?i .
              FILTER(?year IN ({old}, {new})) ?i rdfs:label ?label ; jx:row ?row . OPTIONAL {{ ?i jx:type ?type }}
            }} ORDER BY ?line ?name ?row"""
        )
        by_line: dict[str, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            name = row["name"].replace(str(row["year"]), "")
            by_line[f"{row['line']} {name}"][row["year"]].append(row)
        pairs: list[tuple[str, str]] = []
        gone: list[str] = []
        fresh: list[str] = []
        for sides in by_line.values():
            before, after = sides[old], sides[new]
            if not before or not after:
                continue
            found = align([(r["type"], r["label"]) for r in before], [(r["type"], r["label"]) for r in after])
            pairs += [(before[i]["i"], after[j]["i"]) for i, j in found]
            gone += [r["i"] for i, r in enumerate(before) if i not in {a for a, _ in found}]
            fresh += [r["i"] for j, r in enumerate(after) if j not in {b for _, b in found}]
        return tuple(pairs), tuple(gone), tuple(fresh)


NOTHING = "urn:none"  # stands for “no indicator” in a query that must still run
