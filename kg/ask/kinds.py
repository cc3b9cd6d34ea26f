"""The kinds of question, tried from the most to the least specific; none guesses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from kg.ask.changes import Changes
from kg.ask.conditions import Unanswerable, shown
from kg.ask.lexicon import words
from kg.ask.phrases import CLEAR, CLEAR_SCORE, INDICATOR_SCORE, Candidate, Expected
from kg.ask.query import (
    About, DueBy, Every, HasIndicator, IndicatorCondition, Named, OfAmount, OfConcept, OfDepartment, OfProject,
    OfTarget, OfType, OfYear, ProjectCondition, Query, Shares, TargetText,
)  # fmt: skip
from kg.ask.tokens import Token, Tokens
from ontology import UNIT

UNIQUE_SCORE = 0.4  # an indicator that alone, of one project, is of the kind asked for


class Kinds(Changes):
    """Finds the kind of a question and its typed query."""

    def interpret(self) -> Query | None:
        if not self.t.items:
            raise Unanswerable("问题是空的或没有可识别的文字")
        self._check_scope()
        wh = self.t.has("which", "howmany", "when", "how_often", "how_long", "count", "money", "ratio")
        if self.t.has("yesno", "not") and not wh and self._asks_yes_no():
            return self._changed_at_all() or self._boolean()
        for step in (
            self._change, self._ratio, self._compare, self._programmes, self._count, self._total, self._ranked,
            self._shared, self._attribute, self._indicator_list, self._amount, self._value, self._project_list,
        ):  # fmt: skip
            query = step()
            if query is not None:
                return query
        return None

    def _asks_yes_no(self) -> bool:
        if self.t.has("yesno"):
            return True
        last = next((t for t in reversed(self.t.items)), None)
        return last is not None and "not" in last.roles

    def _boolean(self) -> Query | None:
        if self.t.has("than", "more", "less") and (pair := self._operands()):
            more = not self.t.has("less")
            return Query("boolean", self._shared_conditions(pair), operands=self._pair(pair), descending=more)
        project, rest = self._named_projects(self.t)
        conditions = self._scope(rest)
        if project:
            conditions.insert(0, project)
        if self.t.has("only"):
            other = "otherFunds" if self.t.has("fiscal") else "fiscalFunds"
            conditions = [c for c in conditions if not isinstance(c, OfConcept) or c.relation != "fundSource"]
            conditions.append(OfAmount(other, "=", None))
        inner: list[IndicatorCondition] = [c for _, c in self._types(rest)] + self._targets(rest)
        inner += [Named(((t.entity.label,),)) for t in rest.entities("indicator") if t.entity]
        if inner:
            conditions.append(HasIndicator(tuple(inner)))
        if rest.content():
            conditions += self._topics(rest)
        if len(conditions) < 1 + bool(project):
            return None
        return Query("boolean", tuple(conditions))

    def _operands(self) -> list[list[ProjectCondition]]:
        """The two things that are compared: projects, departments, or one programme's two funds."""
        departments = self.t.entities("department")
        if len(departments) == 2:
            return [[OfDepartment(t.entity.iris, t.entity.label)] for t in departments if t.entity]
        named = self.t.entities("project", "programme")
        funds = self.t.entities("fund")
        if len(named) == 2:
            return [[OfProject(self._in_year(t.entity.iris), t.entity.label)] for t in named if t.entity]
        if len(named) <= 1 and len(funds) == 2:
            project, _ = self._named_projects(self.t)
            if project:
                return [
                    [project, OfConcept("fundSource", t.entity.iris, t.entity.label)] for t in funds if t.entity
                ]
        if len(named) <= 1:
            found = [p for part in self._segments("than", "join") if (p := self._named_projects(part)[0])]
            if len(found) == 2 and set(found[0].iris) != set(found[1].iris):
                return [[p] for p in found]
        if len(named) == 1 and named[0].entity and len(iris := self._in_year(named[0].entity.iris)) == 2:
            return [[OfProject((i,), self.lexicon.projects[i].label)] for i in iris]
        return []

    def _pair(self, operands: list[list[ProjectCondition]]) -> tuple[Query, ...]:
        years = self._years() if not any(isinstance(c, OfProject) for o in operands for c in o) else ()
        return tuple(Query("amount", (*years, *o), measure=self._measure(), unit=self._unit()) for o in operands)

    def _shared_conditions(self, _: list[list[ProjectCondition]]) -> tuple[ProjectCondition, ...]:
        return ()

    def _ratio(self) -> Query | None:
        share = next((t for t in self.t.items if t.text == "占"), None)
        if share is None or not self.t.has("ratio"):
            return None
        left, right = self.t.between(0, share.start), self.t.between(share.end, len(self.text))
        whole, _ = self._named_projects(right)
        if whole is None:
            raise Unanswerable("没有找到占比的分母是哪个项目", [right.text[share.end :]])
        part, _ = self._named_projects(left, loose=False)
        if part:
            top = Query("amount", (part,), measure=self._measure(left))
        else:
            best = self._best(left, whole.iris, Expected(frozenset({"money"})))
            top = Query("amount", candidates=(best[0].iri,)) if best else None
        if top is None:
            raise Unanswerable("没有找到占比的分子", [left.text[: share.start]])
        return Query("number", aggregate="ratio", operands=(top, Query("amount", (whole,))), unit="%")

    def _compare(self) -> Query | None:
        difference = self.t.has("difference")
        chosen = self.t.has("which") and self.t.has("more", "less", "most", "least")
        if not (difference or (chosen and self.t.has("than", "join", "both")) or (chosen and len(self.t.entities("fund")) == 2)):
            return None
        operands = self._operands()
        if not operands:
            return None
        if difference and not (self.t.has("which") and not self.t.has("howmany", "money", "difference")):
            return Query("number", aggregate="difference", operands=self._pair(operands), unit=self._unit())
        more = not self.t.has("less", "least")
        if isinstance(operands[0][0], OfDepartment):
            iris = tuple(i for o in operands for c in o if isinstance(c, OfDepartment) for i in c.iris)
            either: ProjectCondition = OfDepartment(iris, "、".join(str(o[0].label) for o in operands if isinstance(o[0], OfDepartment)))
            return Query("departments", (*self._years(), either), descending=more, limit=1, measure=self._measure(), unit=self._unit())
        first = operands[0][0]
        assert isinstance(first, OfProject)
        if len(operands[0]) > 1:  # one programme, two funds
            concepts = [c for o in operands for c in o if isinstance(c, OfConcept)]
            both = OfConcept("fundSource", tuple(i for c in concepts for i in c.iris), "、".join(c.label for c in concepts))
            return Query("projects", (first, both), descending=more, limit=1, measure=self._measure())
        projects = [c for o in operands for c in o if isinstance(c, OfProject)]
        either = OfProject(tuple(i for p in projects for i in p.iris), "、".join(p.label for p in projects))
        return Query("projects", (either,), descending=more, limit=1, measure=self._measure())

    def _unit(self) -> str:
        for role, unit in (("unit_yi", "亿元"), ("unit_wan", "万元"), ("unit_yuan", "元")):
            if self.t.has(role):
                return unit
        said = "".join(t.text for t in self.t.items if "money" in t.roles)
        return "亿元" if "亿" in said else "万元" if "万" in said else "元" if "元" in said or "块" in said else "万元"

    def _programmes(self) -> Query | None:
        funds = self.t.entities("fund")
        if len(funds) < 2 or not self.t.has("both") or self.t.entities("project", "programme") or self.t.has("more", "less"):
            return None
        operands = tuple(Query("projects", (OfConcept("fundSource", t.entity.iris, t.entity.label),)) for t in funds if t.entity)
        return Query("programmes", self._years(), operands=operands)

    def _adjacent(self, role: str, *others: str) -> bool:
        """Whether a word of ``role`` stands within three tokens of a word of one of ``others``."""
        at = [i for i, t in enumerate(self.t.items) if role in t.roles]
        near = [i for i, t in enumerate(self.t.items) if set(t.roles) & set(others)]
        return any(0 < abs(i - j) <= 3 for i in at for j in near)

    def _counted(self) -> str:
        """What the last “how many” stands next to: projects, indicators, or neither."""
        asking = {"count", "howmany", "money"}
        at = max((i for i, t in enumerate(self.t.items) if asking & set(t.roles)), default=None)
        if at is None or "money" in self.t.items[at].roles:
            return ""
        near = self.t.items[max(0, at - 3) : at + 3]
        if any("projects" in t.roles for t in near) and not any({"sum", "budget"} & set(t.roles) for t in near[:-1] if t.start > self._last("projects")):
            return "projects"
        named = any("indicators" in t.roles or (t.entity and t.entity.kind == "type") for t in near)
        return "indicators" if named else ""

    def _last(self, role: str) -> int:
        return max((t.start for t in self.t.items if role in t.roles), default=-1)

    def _asks_projects(self) -> bool:
        """Whether projects are what is asked for: “哪些项目…”, or a question that ends in them."""
        if self._adjacent("projects", "which"):
            return True
        if self.t.has("howmany", "money", "when", "how_often", "how_long"):
            return False
        idle = {"which", "yesno", "has"}
        rest = [t for t in self.t.items if t.kind != "light" and not (t.roles and set(t.roles) <= idle)]
        return bool(rest) and "projects" in rest[-1].roles

    def _count(self) -> Query | None:
        if not self.t.has("count", "howmany") or self.t.has("difference", "average", "most", "least"):
            return None
        counted = self._counted()
        if not counted:
            return None
        if counted == "projects":
            return Query("number", self._project_conditions(self.t), aggregate="count", unit="个")
        project, rest = self._named_projects(self.t, loose=bool(self.t.content()))
        inner = tuple(c for _, c in self._types(rest)) + tuple(self._targets(rest))
        where = tuple(self._scope(rest, frozenset({"amount"})))
        return Query("number", (*((project,) if project else ()), *where), inner, aggregate="countIndicators", unit="个")

    def _total(self) -> Query | None:
        aggregate = "average" if self.t.has("average") else "sum" if self.t.has("sum") else ""
        if not aggregate or (self.t.has("per_unit") and not self.t.has("budget", "projects")):
            return None
        if self.t.has("which") and self.t.has("projects") and not self.t.has("howmany", "money"):
            return None
        measure, unit = self._measure(), self._unit()
        if len(self._segments("join")) > 1 and not self.t.entities("project", "programme", "fund", "department"):
            parts = [self._best(part, (), Expected(frozenset({"money"}))) for part in self._segments("join")]
            if len(parts) > 1 and all(parts):
                chosen = tuple(dict.fromkeys(best[0].iri for best in parts))
                return Query("number", candidates=chosen, aggregate=aggregate, unit=unit)
        return Query("number", self._project_conditions(self.t), aggregate=aggregate, measure=measure, unit=unit)

    def _project_conditions(self, tokens: Tokens, *, topics: bool = True) -> tuple[ProjectCondition, ...]:
        """All that a question says of projects."""
        project, rest = self._named_projects(tokens, loose=False)
        if project is None and tokens.content() and tokens.has("budget", "money", "sum"):
            project, rest = self._named_projects(tokens)
        conditions = self._scope(rest)
        if project:
            conditions = [project, *(c for c in conditions if not isinstance(c, OfYear))]
        inner = self._targets(rest)
        types = self._types(rest)
        for token, kind in types:
            if self._negated(token):
                conditions.append(HasIndicator((kind,), negated=True))
            else:
                conditions.append(HasIndicator((kind, *inner)))
                inner = []
        content = rest.content()
        for token in rest.entities("indicator"):
            assert token.entity
            label = Named(((token.entity.label,),))
            percent = [c for c in inner if isinstance(c, OfTarget)]
            inner = [c for c in inner if c not in percent]
            conditions.append(HasIndicator((label, *percent), self._negated(token)))
        bounded = [c for c in inner if isinstance(c, OfTarget)]
        if bounded and content:  # “两小时以内响应”: the words say which indicator is bounded
            run = tuple((w.text, *w.forms) for w in self._words(rest) if w.text not in self.lexicon.light)
            if all(self.phrases.known(forms[0]) for forms in run):
                conditions.append(HasIndicator((*bounded, Named(run, exact=False))))
                inner = [c for c in inner if c not in bounded]
                rest = rest.without(set(content))
        conditions += [HasIndicator((c,)) for c in inner]
        if topics:
            conditions += self._topics(rest)
        return tuple(conditions)

    def _ranked(self) -> Query | None:
        ranks, tops = self.t.quantities("rank"), self.t.quantities("top")
        if not (self.t.has("most", "least", "descending", "ascending") or ranks or tops):
            return None
        descending = not (self.t.has("least", "ascending") or any(q.text[0] in "后倒末" for q in tops))
        limit: int | None = 1
        offset = 0
        if ranks:
            offset = int(ranks[0].number or 1) - 1
        elif tops:
            limit = int(tops[0].number or 1)
        elif counted := [q for q in self.t.quantities("amount", "count") if q.unit in ("个", "项", "名", "家", "") and not q.operator]:
            limit = int(counted[-1].number or 1) if not self.t.has("departments") else 1
        elif self.t.has("descending", "ascending"):
            limit = None
        if self.t.has("departments") and not self.t.has("projects"):
            return Query("departments", tuple(self._scope(self.t)), descending=descending, limit=limit, measure=self._measure(), unit="万元")
        types = self._types(self.t)
        if self.t.has("indicators") and self._adjacent("indicators", "most", "least") and not types and self.t.has("projects", "which"):
            conditions = tuple(c for c in self._scope(self.t))
            return Query("projects", conditions, descending=descending, limit=limit, offset=offset, measure="indicators")
        if types and not self.t.has("projects"):
            project, rest = self._named_projects(self.t, loose=False)
            where = (*((project,) if project else ()), *self._scope(rest))
            return Query("indicators", tuple(where), tuple(c for _, c in types), descending=descending, limit=limit)
        if self.t.has("per_unit") and not self.t.has("projects", "budget"):
            return None
        return Query("projects", self._project_conditions(self.t), descending=descending, limit=limit, offset=offset, measure=self._measure())

    def _shared(self) -> Query | None:
        if self.t.has("groups") and (self.t.has("more_than_one", "both") and self.t.has("which", "projects")) and not self.t.entities("project", "programme"):
            return Query("groups", tuple(self._scope(self.t)), least=2)
        project, rest = self._named_projects(self.t, loose=self.t.has("same"))
        if project is None or not self.t.has("projects", "which") or not self.t.has("same", "except"):
            return None
        groups = rest.entities("group")
        if groups or self.t.has("except"):
            conditions = [c for c in self._scope(rest) if not isinstance(c, OfYear)]
            conditions = [replace(c, negated=False) if isinstance(c, OfConcept) else c for c in conditions]
            return Query("projects", (*conditions, *self._topics(rest), OfProject(project.iris, project.label, True)))
        what = "indicator" if self.t.has("indicators") else "group"
        return Query("projects", (Shares(what, project.iris, project.label), *self._years()))

    def _attribute(self) -> Query | None:
        asked = [
            name
            for name in ("goals", "purpose", "documents", "funds", "groups", "departments")
            if self.t.has(name)
        ]
        if not asked:
            return None
        if asked[0] in ("groups", "departments", "funds") and not self.t.has("which", "groups") and self.t.has("projects") and self.t.entities("group"):
            return None
        project, rest = self._named_projects(self.t)
        if project is None:
            if asked == ["groups"] and self.t.has("more_than_one"):
                return Query("groups", tuple(self._scope(self.t)), least=2)
            if asked[0] in ("groups", "funds", "departments") and self.t.has("which") and not self.t.has("projects"):
                return Query(asked[0], self._project_conditions(self.t))
            return None
        if self.t.has("projects") and self._adjacent("projects", "which") and asked[0] in ("groups", "departments"):
            return None
        select = asked[0]
        if select == "goals" and self.t.has("indicators") and not self.t.has("goals"):
            return None
        return Query(select, (project, *self._funds(rest)) if select not in ("funds",) else (project,))

    def _indicator_list(self) -> Query | None:
        types = self._types(self.t)
        if not self.t.has("indicators") and not types:
            return None
        if self.t.has("projects") and (self._adjacent("projects", "which") or not self._adjacent("indicators", "which")):
            return None
        if self.t.has("when", "how_often", "how_long", "howmany") and not self.t.has("which"):
            return None
        project, rest = self._named_projects(self.t, loose=not types or bool(self.t.content()))
        conditions: list[IndicatorCondition] = [c for _, c in types]
        conditions += self._targets(rest)
        for q in rest.quantities("money"):
            if q.operator and q.number is not None:
                conditions.append(OfTarget(q.operator, q.number, UNIT["yuan"], shown(q)))
        said = [s for s in self.t.quoted if not any(s in t.text for t in self.t.entities())]
        used: set[Token] = set()
        for text in said:
            conditions.append(TargetText(text))
            at = self.text.find(text)
            used |= {t for t in rest.items if at <= t.start and t.end <= at + len(text)}
        rest = rest.without(used)
        where: list[ProjectCondition] = [project] if project else []
        where += [c for c in self._scope(rest, frozenset({"amount"})) if not (project and isinstance(c, OfYear))]
        content = rest.content()
        if content and not project:
            run = tuple((w.text, *w.forms) for w in self._words(rest) if w.text not in self.lexicon.light)
            if all(self.phrases.known(forms[0]) for forms in run):
                conditions.append(Named(run, exact=False))
            else:
                self._topics(rest)
        if not where and not conditions:
            return None
        return Query("indicators", tuple(where), tuple(conditions))

    def _amount(self) -> Query | None:
        explicit = any("budget" in t.roles and t.text.startswith("预算") or {"fiscal", "other"} & set(t.roles) for t in self.t.items)
        if not (explicit or self.t.has("budget", "money")):
            return None
        if self._asks_projects():
            return None
        if not explicit and self.t.has("per_unit", "limit_high", "limit_low"):
            return None
        if not self.t.has("howmany", "money", "which", "unit_wan", "unit_yuan", "unit_yi", "budget"):
            return None
        project, rest = self._named_projects(self.t)
        if project is None:
            if explicit and (self.t.content() or self.t.entities("group", "fund", "department")):
                conditions = self._project_conditions(self.t)
                if self.t.entities("department", "fund") and not self.t.content():
                    return Query("number", conditions, aggregate="sum", measure=self._measure(), unit=self._unit())
                if any(isinstance(c, About) for c in conditions) or self.t.entities("group"):
                    return Query("amount", conditions, measure=self._measure(), unit=self._unit())
            return None
        if not explicit and (rest.content() or rest.entities("group", "indicator")):
            return None
        if len(project.iris) > 1 and not self._funds(rest):
            labels = "、".join(self.lexicon.projects[i].label for i in project.iris)
            self.out.notes.append(f"“{project.label}”对应 {len(project.iris)} 个项目（{labels}），分别列出")
        return Query("amount", (project, *self._funds(rest)), measure=self._measure(), unit=self._unit())

    def _expected(self) -> Expected:
        if self.t.has("how_often"):
            return Expected(frozenset({"frequency"}))
        if self.t.has("when"):
            return Expected(frozenset({"date"}))
        if self.t.has("how_long"):
            return Expected(frozenset({"time", "date"} | ({"count"} if "多长" in self.text and "时间" not in self.text else set())))
        if self.t.has("rate", "satisfied", "ratio") or re.search(words()["rate_words"]["pattern"], self.text):
            return Expected(frozenset({"percent"}))
        per = frozenset({"per"} if self.t.has("per_unit") else ())
        each = next((w for t in self.t.items if "per_unit" in t.roles and (w := words()["per_words"].get(t.text))), "")
        counted = re.search(r"(?:几|多少)([个人名家份次场条项位台套幅亩头户吨只])", self.text)
        if self.t.has("money") or re.search(words()["money_words"]["pattern"], self.text) and not counted:
            return Expected(frozenset({"money"}) | per, each=each)
        if self.t.has("limit_high") and not self.t.has("howmany", "count"):
            return Expected(frozenset({"money"}))
        if self.t.has("howmany", "count"):
            return Expected(frozenset({"count"}), counted[1] if counted else "", soft=not counted)
        return Expected(frozenset())

    def _best(self, tokens: Tokens, projects: tuple[str, ...], expected: Expected) -> list[Candidate]:
        """The indicators that the leftover words of ``tokens`` mean, equal scores together; empty if none does."""
        said = self._words(tokens, "group", "indicator", "type", "programme", "fund")
        found = self.phrases.indicators(said, tokens.text, projects, expected)
        fitting = [c for c in found if not expected.kinds or expected.fits(c) > 0]
        if not fitting:
            return []
        sure = expected.kinds and not expected.soft and expected.fits(fitting[0]) == 1.0
        alone = len(fitting) == 1 or fitting[1].score < fitting[0].score - CLEAR
        if fitting[0].score < (CLEAR_SCORE if sure and alone else INDICATOR_SCORE):
            return []
        return [c for c in fitting if c.score >= fitting[0].score - 0.005]

    def _value(self) -> Query | None:
        asks = ("howmany", "count", "when", "how_often", "how_long", "money", "limit_high", "limit_low", "per_unit", "rate", "satisfied", "value", "which")
        if not self.t.has(*asks) or self._asks_projects():
            return None
        if not self.t.content() and not self.t.entities() and self.t.quantities("money"):
            return None
        expected = self._expected()
        project, rest = self._named_projects(self.t, loose=False)
        years = self._years()
        projects = project.iris if project else ()
        if not projects and years:
            wanted = next((c.years for c in years if isinstance(c, OfYear)), ())
            projects = tuple(i for i, p in self.lexicon.projects.items() if p.year in wanted)
        best = self._best(rest if project else self.t, projects, expected) if self._words(rest, "group", "indicator", "type") else []
        if not best and project:
            wider = tuple(i for i, p in self.lexicon.projects.items() if p.year in {self.lexicon.projects[j].year for j in project.iris})
            best = self._best(self.t, wider, expected)
        if not best:
            best = self._of_project(expected)
        if not best:
            return None
        self.out.confidence = min(self.out.confidence, round(best[0].score, 2))
        names = "、".join(dict.fromkeys(c.label for c in best))
        return Query("indicators", candidates=tuple(c.iri for c in best), said=names)

    def _of_project(self, expected: Expected) -> list[Candidate]:
        """Where the words mean a project rather than an indicator: its one indicator of the expected kind."""
        project, _ = self._named_projects(self.t)
        if project is None or not expected.kinds or expected.soft:
            return []
        said = self._words(self.t, "group", "indicator", "type", "programme", "fund")
        found = [c for c in self.phrases.indicators(said, self.text, project.iris, expected) if expected.fits(c) == 1.0]
        clear = found and found[0].score >= UNIQUE_SCORE and (len(found) == 1 or found[1].score < found[0].score - CLEAR)
        return found[:1] if clear else []

    def _project_list(self) -> Query | None:
        if self.t.has("howmany", "money", "when", "how_often", "how_long") and not self.t.has("projects"):
            return None

        if not self.t.has("projects", "which", "budget") and not self.t.entities():
            return None
        conditions = self._project_conditions(self.t)
        informative = [c for c in conditions if not isinstance(c, OfYear)]
        if not informative and not (self.t.has("projects") and (self.t.has("which") or self.t.quantities("year"))):
            return None
        return Query("projects", conditions, otherwise=self._wider(conditions))

    def _wider(self, conditions: tuple[ProjectCondition, ...]) -> Query | None:
        """“农民和脱贫户的项目” where none serves both: those that serve either."""
        groups = [c for c in conditions if isinstance(c, OfConcept) and c.relation == "beneficiary" and not c.negated]
        if len(groups) < 2 or self.t.has("both"):
            return None
        either = OfConcept("beneficiary", tuple(i for g in groups for i in g.iris), "或".join(g.label for g in groups))
        return Query("projects", (*(c for c in conditions if c not in groups), either))
