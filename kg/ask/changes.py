"""Questions across years: amounts that moved, projects and indicators that are new or gone, targets raised."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from index.text import without_years
from kg.ask.lexicon import words
from kg.ask.naming import Unanswerable
from kg.ask.phrases import Candidate, Expected, value_kinds
from kg.ask.query import Changed, InBoth, OfProject, OfYear, OnlyIn, ProjectCondition, Query
from kg.ask.reading import plain
from kg.ask.scope import Scope
from kg.ask.tokens import Tokens
from kg.graph.store import Row
from kg.graph.terms import values

MOVED = {"increased": ">", "decreased": "<", "unchanged": "="}
CHANGED = "!="
ASKED_OF_YEARS = (
    "than", "difference", "increased", "decreased", "unchanged", "added", "dropped", "last_year", "across_years", "not",
    "moved",
)  # fmt: skip


class Changes(Scope):
    """Compares two years of the data, or says what holds in each."""

    def _change(self) -> Query | None:
        years = self._two_years()
        if years is None:
            return None
        old, new = years
        apart = self.t.has("than", "difference", "increased", "decreased", "unchanged", "moved")
        each = re.search(words()["each_year"]["pattern"], self.text) and not apart
        if self.t.has("sum", "average") and not apart:
            return self._each_year(years) if each else None  # both years together, like any total
        project, rest = self._projects_of(old, new)
        if self.t.has("indicators") or self.t.entities("type"):
            return self._indicator_change(project, rest, old, new)
        one_target = rest.has("per_unit") or rest.entities("indicator") or (rest.content() and rest.has("howmany"))
        if self.t.has("projects") and not project and not one_target:
            if each and self._counted() == "projects":
                return self._each_year(years)
            return self._project_change(old, new, self._moved())
        budget = self.t.has("budget", "fiscal", "other")
        if not budget and (rest.content() or rest.entities("indicator") or rest.has("per_unit", "satisfied", "rate")):
            return self._value_change(project, rest, old, new)
        if (project or budget) and each:
            where = (OfProject(project, self._label(project)),) if project else (*self._of_years(rest, years),)
            return Query("amount", where, measure=self._measure(), unit=self._unit())
        if project or budget or self.t.has("money"):
            return self._amount_change(project, rest, old, new)
        return None

    def _label(self, projects: tuple[str, ...]) -> str:
        return "、".join(dict.fromkeys(self.lexicon.projects[i].label for i in projects))

    def _moved(self) -> str:
        """How it is to have moved: > < =, != for either way, empty where no way is said."""
        said = {MOVED[role] for role in MOVED if self.t.has(role)}
        if not said and self.t.has("than"):
            said = {sign for role, sign in (("more", ">"), ("less", "<")) if self.t.has(role)}
        if len(said) > 1 or (not said and self.t.has("moved", "difference")):
            return CHANGED
        return next(iter(said), "")

    def _of_years(self, tokens: Tokens, years: tuple[int, ...]) -> list[ProjectCondition]:
        """The conditions that the tokens state, of some years."""
        notes = list(self.out.notes)
        conditions = [c for c in self._scope(tokens) if not isinstance(c, OfYear)]
        self.out.notes = notes  # nothing was said of the latest year
        return [*conditions, OfYear(years), *self._topics(tokens)]

    def _each_year(self, years: tuple[int, int]) -> Query:
        """A total or a count for each of the years."""
        project, rest = self._projects_of(*years)
        where = self._of_years(rest, years)
        if project:
            where = [OfProject(project, self._label(project)), *(c for c in where if not isinstance(c, OfYear))]
        aggregate = "average" if self.t.has("average") else "sum" if self.t.has("sum", "budget") else "count"
        unit = "个" if aggregate == "count" else self._unit()
        return Query("number", tuple(where), aggregate=aggregate, measure=self._measure(), unit=unit, by_year=True)

    def _changed_at_all(self) -> Query | None:
        """Yes/no: is there any such project or indicator?"""
        years = self._two_years()
        if years and (pair := self._pair_asked(*years)):
            asked = self._moved() or CHANGED
            return Query("boolean", pairs=(pair[0],), change=asked, said=pair[1])
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
        compared = self.t.has(*ASKED_OF_YEARS)
        if len(said) == 2:
            return (said[0], said[1]) if compared or self.t.has("join") else None
        if not compared or not (
            said
            or self.t.has(
                "last_year", "across_years", "increased", "decreased", "added", "dropped", "unchanged", "moved"
            )
        ):
            return None
        if self.t.has("last_year"):
            new = said[0] if said else have[0]
            return (new - 1, new) if new - 1 in have else None
        if said and self.t.has("than", "this_year") and said[0] != have[0]:
            return said[0], have[0]
        new = said[0] if said else have[0]
        older = [year for year in have if year < new]
        moved = self.t.has("increased", "decreased", "added", "dropped", "unchanged", "across_years", "than", "moved")
        return (older[0], new) if older and moved else None

    def _projects_of(self, old: int, new: int) -> tuple[tuple[str, ...], Tokens]:
        """All projects of both years that the question names."""
        named = self.t.entities("project", "programme")
        if named:
            iris = [i for t in named if t.entity for i in t.entity.iris]
            rest = self.t.without(set(named))
        elif any(t.kind == "word" for t in self.t.items):
            found = self.phrases.projects(
                [self.phrases.word(t.text) for t in self.t.items if t.kind in ("word", "light")]
            )
            iris, rest = [i for i, _ in found], self.t
        else:
            iris, rest = [], self.t
        return self._in_years(iris, old, new), rest

    def _in_years(self, iris: Iterable[str], old: int, new: int) -> tuple[str, ...]:
        """The tables of these projects in both years."""
        names = {unyeared(self.lexicon.names[i]) for i in iris}
        if not names:
            return ()
        of_years = (i for i, p in self.lexicon.projects.items() if p.year in (old, new))
        return tuple(i for i in of_years if unyeared(self.lexicon.names[i]) in names)

    def _amount_change(self, projects: tuple[str, ...], rest: Tokens, old: int, new: int) -> Query:
        sides = []
        for year in (new, old):
            if projects:
                of_year = tuple(i for i in projects if self.lexicon.projects[i].year == year)
                if not of_year:
                    raise Unanswerable(f"{year}年没有这个项目的表", [f"{year}年"])
                conditions: list[ProjectCondition] = [OfProject(of_year, f"{self._label(of_year)}（{year}年）")]
            else:
                conditions = self._of_years(rest, (year,))
            sides.append(Query("amount", tuple(conditions), measure=self._measure()))
        return Query("number", aggregate="difference", operands=tuple(sides), unit=self._unit())

    def _value_change(self, projects: tuple[str, ...], rest: Tokens, old: int, new: int) -> Query | None:
        """An indicator's target in both years, or by how much it moved."""
        found = self._pair_of(projects, rest, old, new)
        if found is None:
            return None
        (before, after), meant = found
        if not self.t.has("than", "difference", "increased", "decreased"):
            return Query("indicators", candidates=(after, before), said=meant.label)
        sides = tuple(
            Query("amount", candidates=(i,), said=f"{meant.label}（{y}年）") for i, y in ((after, new), (before, old))
        )
        if "money" in value_kinds(meant):
            unit = self._unit() if self.t.has("money", "unit_yuan", "unit_wan") else "元"
            return Query("number", aggregate="difference", operands=sides, unit=unit)
        sides = tuple(replace(s, measure="written") for s in sides)
        return Query("number", aggregate="difference", operands=sides, unit=meant.unit)

    def _pair_asked(self, old: int, new: int) -> tuple[tuple[str, str], str] | None:
        """The one indicator of two years that a yes/no question is about, if it is about one."""
        project, rest = self._projects_of(old, new)
        about_one = rest.content() or rest.entities("indicator") or rest.has("per_unit", "satisfied", "rate")
        if self.t.has("indicators", "projects", "budget", "fiscal", "other") or not about_one:
            return None
        found = self._pair_of(project, rest, old, new)
        return (found[0], found[1].label) if found else None

    def _pair_of(
        self, projects: tuple[str, ...], rest: Tokens, old: int, new: int
    ) -> tuple[tuple[str, str], Candidate] | None:
        """((before, after), the one of them that the words mean), of these projects where given."""
        # words of asking that stand in names too: “人均标准”
        rest = replace(rest, items=[replace(t, kind="light") if "per_unit" in t.roles else t for t in rest.items])
        of_year = {y: tuple(i for i, p in self.lexicon.projects.items() if p.year == y) for y in (new, old)}
        numbers = Expected(frozenset({"money", "count", "percent", "time"}))
        for year, side in ((new, 1), (old, 0)):
            within = tuple(i for i in of_year[year] if i in projects) if projects else of_year[year]
            best = (self._best(rest, within, self._expected()) or self._best(rest, within, numbers)) if within else []
            if not best:
                continue
            pairs, _, _ = self._aligned(self._in_years([best[0].project], old, new), old, new)
            pair = next((p for p in pairs if p[side] == best[0].iri), None)
            if pair is None:
                raise Unanswerable(f"{old if year == new else new}年没有“{best[0].label}”这项指标", [best[0].label])
            return pair, best[0]
        return None

    def _project_change(self, old: int, new: int, moved: str) -> Query | None:
        if not moved and self.t.has("both") and len(self.t.quantities("year")) == 2 and not self.t.has("not"):
            return Query("projects", (InBoth(new, old),))
        if self.t.has("added", "dropped", "not") and not (moved and self.t.has("budget", "difference")):
            gone = self.t.has("dropped") if self.t.has("added", "dropped") else self._missing_in() == new
            return Query("projects", (OnlyIn(old, new) if gone else OnlyIn(new, old),))
        if not moved:
            return None
        change = Changed(self._measure(), moved, old, new)
        if self.t.has("most", "least", "descending", "ascending") or self.t.quantities("top", "rank"):
            descending, limit, offset = self._ends()
            measure = "changeRate" if self.t.has("change_rate") else "change"
            return Query("projects", (change,), measure=measure, descending=descending, limit=limit, offset=offset)
        return Query("projects", (change,), measure="change")

    def _missing_in(self) -> int | None:
        """The year said to be without: “2024年有、2025年没有”."""
        year = None
        for token in self.t.items:
            if token.quantity and token.quantity.kind == "year":
                year = int(token.quantity.number or 0)
            elif "this_year" in token.roles:
                year = self.lexicon.years[0]
            elif "last_year" in token.roles:
                year = self.lexicon.years[0] - 1
            if "not" in token.roles and year:
                return year
        return None

    def _indicator_change(self, projects: tuple[str, ...], rest: Tokens, old: int, new: int) -> Query | None:
        moved, kinds = self._moved(), tuple(self._kinds(rest))
        pairs, only_old, only_new = self._aligned(projects, old, new)
        where: tuple[ProjectCondition, ...] = ()
        if projects:
            label = self.lexicon.projects[projects[0]].label
            where = (OfProject(projects, label),)
        if self.t.has("added") and self.t.has("dropped"):
            both = (*only_new, *only_old)
            return Query(
                "indicators", where, candidates=both or (NOTHING,), said=f"{new}年新增或{old}年有而{new}年没有"
            )
        if self.t.has("added"):
            return Query("indicators", where, kinds, candidates=only_new or (NOTHING,), said=f"{new}年新增")
        if self.t.has("dropped"):
            return Query("indicators", where, kinds, candidates=only_old or (NOTHING,), said=f"{old}年有而{new}年没有")
        if moved:
            return Query("indicators", where, kinds, pairs=pairs or ((NOTHING, NOTHING),), change=moved)
        return None

    def _aligned(
        self, projects: tuple[str, ...], old: int, new: int
    ) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...], tuple[str, ...]]:
        """(pairs, only in ``old``, only in ``new``) of the indicators of the same projects in two years.

        Two indicators are a pair where the graph says that they measure the same: as ``kg duplicates`` found,
        and as reviewers have corrected it.
        """
        chosen = values("p", projects) if projects else ""
        rows = self.phrases.store.select(
            f"""SELECT ?line ?name ?year ?i ?measure WHERE {{ {chosen}
              ?p jx:programme ?line ; rdfs:label ?name ; jx:fiscalYear ?year ; jx:indicator ?i .
              FILTER(?year IN ({old}, {new})) ?i jx:measures ?measure ; jx:row ?row .
            }} ORDER BY ?line ?name ?row"""
        )
        by_line: dict[str, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            by_line[f"{row['line']} {unyeared(plain(row['name']))}"][row["year"]].append(row)
        pairs: list[tuple[str, str]] = []
        gone: list[str] = []
        fresh: list[str] = []
        for sides in by_line.values():
            if not sides[old] or not sides[new]:
                continue
            before: dict[str, list[str]] = defaultdict(list)  # of one measure in the order of the table
            for row in sides[old]:
                before[row["measure"]].append(row["i"])
            for row in sides[new]:
                if before[row["measure"]]:
                    pairs.append((before[row["measure"]].pop(0), row["i"]))
                else:
                    fresh.append(row["i"])
            gone += [i for left in before.values() for i in left]
        return tuple(pairs), tuple(gone), tuple(fresh)


NOTHING = "urn:none"  # stands for “no indicator” in a query that must still run


def unyeared(name: str) -> str:
    """A project's name in normal form without the years in it, by which its tables of several years are one."""
    return without_years(name)
