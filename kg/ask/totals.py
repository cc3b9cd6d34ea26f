"""Counts, totals and rankings of projects and indicators."""

from __future__ import annotations

from decimal import Decimal

from kg.ask.comparisons import MONEY, Comparisons
from kg.ask.query import (
    OfConcept,
    OfProject,
    OfTarget,
    Query,
)
from ontology import UNIT

SURE_SCORE = 0.75  # words that surely mean one indicator, not a topic of projects


class Totals(Comparisons):
    """Finds what is to be counted, added up or put in order."""

    def _programmes(self) -> Query | None:
        funds = self.t.entities("fund")
        if (
            len(funds) < 2
            or not self.t.has("both")
            or self.t.entities("project", "programme")
            or self.t.has("more", "less")
            or self.t.quantities("money")
            or any(self._negated(t) for t in funds)
        ):
            return None
        operands = tuple(
            Query("projects", (OfConcept("fundSource", t.entity.iris, t.entity.label),)) for t in funds if t.entity
        )
        return Query("programmes", self._years(), operands=operands)

    def _count(self) -> Query | None:
        if not self.t.has("count", "howmany") or self.t.has("difference", "average", "most", "least"):
            return None
        counted = self._counted()
        if not counted:
            return None
        if counted == "projects":
            return Query("number", self._project_conditions(self.t), aggregate="count", unit="个")
        project, rest = self._named_projects(self.t, loose=bool(self.t.content()))
        inner = (*self._kinds(rest), *self._targets(rest))
        where = tuple(self._scope(rest, amounts=False))
        return Query(
            "number",
            (*((project,) if project else ()), *where),
            inner,
            aggregate="countIndicators",
            unit="个",
        )

    def _total(self) -> Query | None:
        aggregate = "average" if self.t.has("average") else "sum" if self.t.has("sum") else ""
        if not aggregate or (self.t.has("per_unit") and not self.t.has("budget", "projects")):
            return None
        if self.t.has("how_long", "how_often", "when"):
            return None
        if self.t.has("which") and self.t.has("projects") and not self.t.has("howmany", "money"):
            return None
        if self.t.has("departments") and self.t.has("most", "least"):
            return None
        measure, unit = self._measure(), self._unit()
        if aggregate == "average" and self.t.has("indicators") and not self.t.has("budget", "money"):
            return Query("number", self._project_conditions(self.t), aggregate="averageIndicators", unit="个")
        kinds = tuple(self._kinds(self.t))
        if kinds and not self._asks_projects():
            project, rest = self._named_projects(self.t, loose=False)
            where = (*((project,) if project else ()), *self._scope(rest, amounts=False))
            return Query("number", where, kinds, aggregate=aggregate, unit=unit)
        several = len(self._segments("join")) > 1 and not self.t.entities("fund", "department")
        if several and (joined := self._joined(aggregate)):
            return joined
        if self.t.content() and not self.t.entities("project", "programme", "department"):
            best = self._best(self.t, (), MONEY)
            if best and best[0].score >= SURE_SCORE:
                return Query("indicators", candidates=(best[0].iri,), said=best[0].label)
        if self.t.has("projects") and (self.t.has("most", "least") or self.t.quantities("top")):
            descending, limit, _ = self._ends()
            where = tuple(self._scope(self.t))
            return Query(
                "number", where, aggregate=aggregate, measure=measure, unit=unit, descending=descending, limit=limit
            )
        return Query("number", self._project_conditions(self.t), aggregate=aggregate, measure=measure, unit=unit)

    def _joined(self, aggregate: str) -> Query | None:
        """The total of what stands on either side of 和: projects that are named, indicators, projects in short."""
        parts = self._segments("join")
        short = [p[0] for part in parts if (p := self._short_name(part))]
        if len(short) < len(parts):
            expected = self._expected()
            money = not expected.kinds or "money" in expected.kinds
            found = [self._best(part, (), MONEY if money else expected) for part in parts]
            units = {best[0].unit for best in found if best}
            if all(found) and (money or len(units) == 1):
                chosen = tuple(dict.fromkeys(best[0].iri for best in found))
                measure, unit = ("budget", self._unit()) if money else ("written", units.pop())
                return Query("number", candidates=chosen, aggregate=aggregate, measure=measure, unit=unit)
            short = [line for part in parts if (line := self._line_in(part))]
        if len(short) < len(parts):
            return None
        either = OfProject(tuple(dict.fromkeys(i for p in short for i in p.iris)), "、".join(p.label for p in short))
        return Query("number", (either,), aggregate=aggregate, measure=self._measure(), unit=self._unit())

    def _ranked(self) -> Query | None:
        ranks, tops = self.t.quantities("rank"), self.t.quantities("top")
        if not (self.t.has("most", "least", "descending", "ascending") or ranks or tops):
            return None
        descending, limit, offset = self._ends()
        if self.t.has("departments") and not self.t.has("projects"):
            return Query(
                "departments",
                tuple(self._scope(self.t)),
                descending=descending,
                limit=limit,
                measure=self._measure(),
                unit="万元",
            )
        types = self._types(self.t)
        if types and self.t.has("projects") and not self.t.has("budget", "money", "fiscal", "other"):
            return Query(
                "projects",
                tuple(self._scope(self.t)),
                tuple(self._kinds(self.t)),
                descending=descending,
                limit=limit,
                offset=offset,
                measure="indicators",
            )
        if (
            self.t.has("indicators")
            and self._adjacent("indicators", "most", "least")
            and not types
            and self.t.has("projects", "which")
        ):
            conditions = tuple(c for c in self._scope(self.t))
            return Query(
                "projects",
                conditions,
                descending=descending,
                limit=limit,
                offset=offset,
                measure="indicators",
            )
        if types and not self.t.has("projects"):
            project, rest = self._named_projects(self.t, loose=False)
            where = (*((project,) if project else ()), *self._scope(rest))
            return Query("indicators", tuple(where), tuple(self._kinds(self.t)), descending=descending, limit=limit)
        if self.t.has("per_unit") and not self.t.has("projects", "budget"):
            return None
        of_one = self.t.entities("project", "programme")
        if of_one and not self.t.has("projects", "fiscal", "other") and not self._several_named():
            project, rest = self._named_projects(self.t)
            if project and not rest.content():
                bounded = (OfTarget("≥", Decimal(0), UNIT["yuan"], "为金额"),)
                return Query("indicators", (project,), bounded, descending=descending, limit=limit)
        return Query(
            "projects",
            self._project_conditions(self.t),
            descending=descending,
            limit=limit,
            offset=offset,
            measure=self._measure(),
        )
