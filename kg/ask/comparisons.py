"""Questions that compare two things: shares, multiples, differences, which is the more."""

from __future__ import annotations

import re
from dataclasses import replace

from kg.ask.changes import Changes
from kg.ask.lexicon import words
from kg.ask.naming import Unanswerable
from kg.ask.phrases import Expected, value_kinds
from kg.ask.query import (
    Exceeds,
    OfConcept,
    OfDepartment,
    OfProject,
    OfYear,
    ProjectCondition,
    Query,
)
from kg.ask.tokens import Token, Tokens

MONEY = Expected(frozenset({"money"}))


class Comparisons(Changes):
    """Finds what is to be compared."""

    def _operands(self) -> list[list[ProjectCondition]]:
        """The two things that are compared: projects, departments, or one programme's two funds."""
        departments = self.t.entities("department")
        if len(departments) == 2:
            return [[OfDepartment(t.entity.iris, t.entity.label)] for t in departments if t.entity]
        named = self.t.entities("project", "programme")
        funds = self.t.entities("fund")
        if len(named) == 2:
            return [[self._one_line(t)] for t in named]
        if len(named) <= 1 and len(funds) == 2:
            project, _ = self._named_projects(self.t)
            if project:
                return [[project, OfConcept("fundSource", t.entity.iris, t.entity.label)] for t in funds if t.entity]
        if len(named) <= 1:
            found = [p for part in self._segments("than", "join") if (p := self._named_projects(part)[0])]
            if len(found) == 2 and set(found[0].iris) != set(found[1].iris):
                return [[p] for p in found]
        return [[OfProject((i,), self.lexicon.projects[i].label)] for i in self._several_named()]

    def _one_line(self, token: Token) -> OfProject:
        """A named project, or of a named line the one whose fund stands right behind it."""
        assert token.entity
        if narrowed := self._of_fund(self.t, token):
            return narrowed[0]
        return OfProject(self._in_year(token.entity.iris), token.entity.label)

    def _several_named(self) -> tuple[str, ...]:
        """The projects of the one line that is named, if they are several: “两个补贴项目哪个预算高”."""
        lines = [t.entity.iris for t in self.t.entities("project", "programme") if t.entity]
        iris = self._in_year(lines[0]) if len(lines) == 1 else ()
        return iris if len(iris) > 1 else ()

    def _pair(self, operands: list[list[ProjectCondition]]) -> tuple[Query, ...]:
        years = self._years() if not any(isinstance(c, OfProject) for o in operands for c in o) else ()
        return tuple(Query("amount", (*years, *o), measure=self._measure(), unit=self._unit()) for o in operands)

    def _ratio(self) -> Query | None:
        share = next((t for t in self.t.items if t.text == "占"), None)
        if share is None or not any("ratio" in t.roles and t is not share for t in self.t.items):
            return None
        left, right = self.t.between(0, share.start), self.t.between(share.end, len(self.text))
        whole, _ = self._named_projects(right)
        if whole is None and re.search(words()["everything"]["pattern"], self.text[share.end :]):
            return self._share_of_all(left)
        if whole is None:
            whole, left = self._named_projects(left, loose=False)
        if whole is None and (self._kinds(self.t) or self.t.has("indicators")):
            whole, _ = self._named_projects(self.t, loose=False)
        if whole is None:
            raise Unanswerable("没有找到占比的分母是哪个项目", [right.text[share.end :]])
        part, _ = self._named_projects(left, loose=False)
        top: Query | None
        kinds = tuple(self._kinds(self.t))
        if kinds and not part and not self._best(left.without(set(left.entities("type"))), whole.iris, MONEY):
            said = Query("number", (whole,), kinds, aggregate="countIndicators")
            operands = (said, Query("number", (whole,), aggregate="countIndicators"))
            return Query("number", aggregate="ratio", operands=operands, unit="%")
        if part:
            top = Query("amount", (part,), measure=self._measure(left))
        else:
            best = self._best(left, whole.iris, MONEY)
            top = Query("amount", candidates=(best[0].iri,), said=best[0].label) if best else None
        if top is None:
            raise Unanswerable("没有找到占比的分子", [left.text[: share.start]])
        return Query("number", aggregate="ratio", operands=(top, Query("amount", (whole,))), unit="%")

    def _share_of_all(self, left: Tokens) -> Query:
        """“甲项目占全部预算的百分之多少”, “其他资金占预算总额的比例”."""
        part, rest = self._named_projects(left)
        measure = self._measure(left)
        where = (part,) if part else tuple(self._scope(left))
        if not part and all(isinstance(c, OfYear) for c in where) and measure == "budget":
            raise Unanswerable("没有找到占比的分子", [left.text])
        if not part and rest.content():
            where = (*where, *self._topics(rest))
        operands = (Query("amount", where, measure=measure), Query("amount", self._years()))
        return Query("number", aggregate="ratio", operands=operands, unit="%")

    def _times(self) -> Query | None:
        """“甲是乙的几倍”: of two indicators or the budgets of two projects."""
        if not re.search(words()["times"]["pattern"], self.text):
            return None
        sides = self._sides("是", "为", "相当于")
        if len(sides) == 2:
            found = [self._best(side, self._within(), self._expected()) for side in sides]
            if all(found) and found[0][0].unit == found[1][0].unit:
                chosen = tuple(Query("amount", candidates=(f[0].iri,), said=f[0].label) for f in found)
                return Query("number", aggregate="times", operands=chosen, unit="倍")
            lines = [p for side in sides if (p := self._line_in(side))]
            if len(lines) == 2:
                of = tuple(Query("amount", (p,), measure=self._measure()) for p in lines)
                return Query("number", aggregate="times", operands=of, unit="倍")
        raise Unanswerable("没有看懂是哪两项相比的倍数", [self.text])

    def _sides(self, *texts: str) -> list[Tokens]:
        """What stands on either side of the first of these words."""
        cut = next((t for t in self.t.items if t.text in texts), None)
        return [self.t.between(0, cut.start), self.t.between(cut.end, len(self.text))] if cut else []

    def _within(self) -> tuple[str, ...]:
        """The projects whose full name the question gives, or its fund: what it compares stands in them."""
        named = [i for t in self.t.entities("project") if t.entity for i in t.entity.iris]
        return self._in_year(tuple(named)) if named else ()

    def _exceeding(self) -> Query | None:
        """“预算比甲项目高的项目”: the projects above or below one that stands after 比."""
        than = self.t.first("than")
        if than is None or not self.t.has("projects", "which") or self.t.has("difference", "howmany", "money"):
            return None
        left, right = self.t.between(0, than.start), self.t.between(than.end, len(self.text))
        moved = next((t for t in (than, *right.items) if {"more", "less"} & set(t.roles)), None)
        if moved is None or left.entities("project", "programme") or left.content():
            return None
        # “比甲高的”, or “高于甲的”
        end = (
            moved.start if moved is not than else next((t.start for t in right.items if t.text == "的"), len(self.text))
        )
        other, _ = self._named_projects(self.t.between(than.end, end))
        if other is None:
            return None
        rest = self.t.without(set(right.items))
        after = self.t.between(max(end, moved.end), len(self.text))
        conditions = [*self._scope(rest), *(c for c in self._scope(after) if not isinstance(c, OfYear))]
        years = tuple(c for c in conditions if isinstance(c, OfYear))
        if not years and (year := self.lexicon.projects[other.iris[0]].year) and len(self.lexicon.years) > 1:
            conditions.insert(0, OfYear((year,)))
        above = Exceeds(self._measure(), ">" if "more" in moved.roles else "<", other.iris, other.label)
        return Query("projects", (*conditions, above))

    def _extremes(self) -> Query | None:
        """“最大和最小的相差多少”: the difference of the two ends of a ranking, or of the two kinds of funds."""
        if self.t.has("difference") and self.t.has("fiscal") and self.t.has("other"):
            project, _ = self._named_projects(self.t, loose=False)
            of = ((project,) if project else ()) + tuple(c for c in self._years() if not project)
            funds = tuple(Query("amount", of, measure=measure) for measure in ("fiscalFunds", "otherFunds"))
            return Query("number", aggregate="difference", operands=funds, unit=self._unit())
        if not (self.t.has("difference") and self.t.has("most") and self.t.has("least")):
            return None
        where = tuple(self._scope(self.t))
        ends = (Query("projects", where, measure=self._measure(), descending=d, limit=1) for d in (True, False))
        return Query("number", aggregate="difference", operands=tuple(ends), unit=self._unit())

    def _compare(self) -> Query | None:
        if (extremes := self._extremes()) is not None:
            return extremes
        difference = self.t.has("difference")
        chosen = self.t.has("which") and self.t.has("more", "less", "most", "least")
        if not (
            difference
            or (chosen and self.t.has("than", "join", "both"))
            or (chosen and len(self.t.entities("fund")) == 2)
            or (chosen and self._several_named())
        ):
            return None
        of_targets = self._expected().kinds & {"count", "time", "percent", "per"}
        if difference and of_targets and not self.t.has("budget"):
            if found := self._difference_of_indicators():
                return found
            raise Unanswerable("没有看懂是哪两项指标相比", [])
        operands = self._operands()
        if not operands:
            return self._difference_of_indicators() if difference else None
        if (
            difference
            and len(operands) == 2
            and not (self.t.has("which") and not self.t.has("howmany", "money", "difference"))
        ):
            return Query("number", aggregate="difference", operands=self._pair(operands), unit=self._unit())
        more = not self.t.has("less", "least")
        if by_indicator := self._compared_by(operands, more):
            return by_indicator
        if isinstance(operands[0][0], OfDepartment):
            iris = tuple(i for o in operands for c in o if isinstance(c, OfDepartment) for i in c.iris)
            either: ProjectCondition = OfDepartment(
                iris, "、".join(str(o[0].label) for o in operands if isinstance(o[0], OfDepartment))
            )
            return Query(
                "departments",
                (*self._years(), either),
                descending=more,
                limit=1,
                measure=self._measure(),
                unit=self._unit(),
            )
        first = operands[0][0]
        assert isinstance(first, OfProject)
        if len(operands[0]) > 1:  # one programme, two funds
            concepts = [c for o in operands for c in o if isinstance(c, OfConcept)]
            both = OfConcept(
                "fundSource", tuple(i for c in concepts for i in c.iris), "、".join(c.label for c in concepts)
            )
            return Query("projects", (first, both), descending=more, limit=1, measure=self._measure())
        projects = [c for o in operands for c in o if isinstance(c, OfProject)]
        either = OfProject(tuple(i for p in projects for i in p.iris), "、".join(p.label for p in projects))
        return Query("projects", (either,), descending=more, limit=1, measure=self._measure())

    def _compared_by(self, operands: list[list[ProjectCondition]], more: bool) -> Query | None:
        """“两个补贴项目哪一个的场次更多”: the indicator of each that the words left over mean, the greatest first.

        Raises Unanswerable where these words mean no indicator: amounts are no answer to them.
        """
        if self.t.has("budget", "money", "fiscal", "other") or not all(isinstance(o[0], OfProject) for o in operands):
            return None
        _, rest = self._named_projects(self.t)
        said = [t for t in rest.content() if self.phrases.known(t.text)]
        if not said:
            return None
        found = [self._best(rest, o[0].iris, self._expected()) for o in operands if isinstance(o[0], OfProject)]
        if not all(found) or len({best[0].unit for best in found}) > 1:
            two = any(q.number == len(operands) for q in self.t.quantities("amount", "count"))
            if not two and not self.t.has("join", "than"):
                return None
            raise Unanswerable("没有看懂按什么比较", [t.text for t in said])
        chosen = tuple(best[0].iri for best in found)
        return Query("indicators", candidates=chosen, said=found[0][0].label, descending=more, limit=1)

    def _difference_of_indicators(self) -> Query | None:
        """“甲费用比乙费用多多少”: where the two sides surely mean an indicator each, of one kind of value."""
        sides = self._segments("than")
        sides = sides if len(sides) == 2 else self._segments("than", "join")[:2]
        found = [self._best(side, self._within(), self._expected()) for side in sides]
        if len(found) == 2 and found[0] and not found[1]:  # “甲的份数比乙的多几份”: what the second side leaves out
            shared = [t for t in sides[0].content() if t not in sides[1].items]
            found[1] = self._best(replace(sides[1], items=[*shared, *sides[1].items]), self._within(), self._expected())
        if len(found) != 2 or not all(found):
            return None
        first, second = (f[0] for f in found)
        money = all("money" in value_kinds(c) for c in (first, second))
        if first.iri == second.iri or not (money or first.unit == second.unit):
            return None
        measure = "budget" if money else "written"
        operands = tuple(Query("amount", candidates=(c.iri,), said=c.label, measure=measure) for c in (first, second))
        return Query("number", aggregate="difference", operands=operands, unit=self._unit() if money else first.unit)
