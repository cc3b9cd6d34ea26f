"""The kinds of question, tried from the most to the least specific; none guesses."""

from __future__ import annotations

import re
from dataclasses import replace

from kg.ask.conditions import nominal, shown
from kg.ask.lexicon import words
from kg.ask.naming import Unanswerable
from kg.ask.query import (
    About,
    HasIndicator,
    IndicatorCondition,
    Named,
    OfAmount,
    OfConcept,
    OfProject,
    OfTarget,
    OfType,
    OfYear,
    ProjectCondition,
    Query,
    Shares,
    TargetKind,
    TargetText,
)
from kg.ask.tokens import Token
from kg.ask.values import Values
from ontology import UNIT

KEYWORDS_SCORE = 1.0  # words without a question that mean one indicator
MOSTLY = 0.6  # of a topic's weight: verbs that carry more of it cannot be left out together


class Kinds(Values):
    """Finds the kind of a question and its typed query."""

    def interpret(self) -> Query | None:
        if not self.t.items:
            raise Unanswerable("问题是空的或没有可识别的文字")
        self._check_scope()
        self.t = self._with_exceptions()
        wh = self.t.has("which", "howmany", "when", "how_often", "how_long", "count", "money", "ratio")
        if not wh and self._asks_yes_no():
            return self._changed_at_all() or self._boolean()
        for step in (
            self._type_of, self._change, self._ratio, self._times, self._exceeding, self._compare, self._programmes, self._count, self._total, self._ranked,
            self._shared, self._attribute, self._indicator_list, self._amount, self._value, self._project_list,
        ):  # fmt: skip
            query = step()
            if query is not None:
                return query
        return None if wh else self._keywords()

    def _keywords(self) -> Query | None:
        """“招聘会 补贴标准”: no question, but words that surely mean one indicator whose kind of value they name."""
        expected = self._expected()
        best = self._best(self.t, (), expected) if expected.kinds and len(self.t.content()) > 1 else []
        if not best or best[0].score < KEYWORDS_SCORE:
            return None
        self.out.confidence = min(self.out.confidence, 0.8)
        return Query("indicators", candidates=tuple(c.iri for c in best), said=best[0].label)

    def _asks_yes_no(self) -> bool:
        if self.t.has("yesno") or self.text.rstrip("?？。!！")[-1:] == "不":
            return True
        last = next((t for t in reversed(self.t.items)), None)
        return last is not None and "not" in last.roles

    def _boolean(self) -> Query | None:
        if self.t.has("than", "more", "less") and (pair := self._operands()):
            more = not self.t.has("less")
            return Query("boolean", operands=self._pair(pair), descending=more)
        if self.t.has("unchanged", "same") and len(pair := self._operands()) == 2:
            return Query("boolean", operands=self._pair(pair), change="=")
        if everywhere := self._of_all():
            return everywhere
        if foremost := self._is_foremost():
            return foremost
        if valued := self._has_value():
            return valued
        project, rest = self._named_projects(self.t)
        conditions = self._scope(rest)
        if project:
            conditions.insert(0, project)
        for q in rest.quantities("money"):
            if not q.operator and q.upper is None and q.number is not None:
                conditions.append(OfAmount(self._measure(), "≥", q.number))
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

    def _is_foremost(self) -> Query | None:
        """“甲是预算最高的项目吗”: whether a project is the first (or last) of a ranking."""
        if not self.t.has("most", "least") or not self.t.has("budget", "fiscal", "other", "money"):
            return None
        project, rest = self._named_projects(self.t)
        if project is None or rest.content():
            return None
        among = tuple(self._scope(rest))
        first = Query(
            "projects", among, measure=self._measure(), descending=not self.t.has("least", "ascending"), limit=1
        )
        return Query("boolean", (project,), operands=(first,))

    def _of_all(self) -> Query | None:
        """“所有的满意度指标都要求95%以上吗”: whether all indicators of a type have the target."""
        kinds, found = self._kinds(self.t), self._targets(self.t)
        if not kinds or not found or not re.search(words()["universal"]["pattern"], self.text):
            return None
        project, rest = self._named_projects(self.t, loose=False)
        where = (*((project,) if project else ()), *self._scope(rest, amounts=False))
        return Query("boolean", where, (*kinds, *found), every=True)

    def _shared(self) -> Query | None:
        if (
            self.t.has("groups")
            and (self.t.has("more_than_one", "both") and self.t.has("which", "projects"))
            and not self.t.entities("project", "programme")
        ):
            return Query("groups", tuple(self._scope(self.t)), least=2)
        project, rest = self._named_projects(self.t, loose=self.t.has("same"))
        if project is None or not self.t.has("projects", "which") or not self.t.has("same", "except"):
            return None
        if named := [Named(((t.entity.label,),)) for t in rest.entities("indicator") if t.entity]:
            conditions = [*self._years(), HasIndicator(tuple(named)), OfProject(project.iris, project.label, True)]
            return Query("projects", tuple(conditions))
        groups = rest.entities("group")
        if groups or self.t.has("except"):
            conditions = [c for c in self._scope(rest) if not isinstance(c, OfYear)]
            conditions = [replace(c, negated=False) if isinstance(c, OfConcept) else c for c in conditions]
            return Query("projects", (*conditions, *self._topics(rest), OfProject(project.iris, project.label, True)))
        funded = self.t.has("funds") or any(t.text in words()["money_names"]["words"] for t in self.t.items)
        what = (
            "goal"
            if self.t.has("goals")
            else "indicator"
            if self.t.has("indicators")
            else "fund"
            if funded and not self.t.has("groups")
            else "group"
        )
        return Query("projects", (Shares(what, project.iris, project.label), *self._years()))

    def _attribute(self) -> Query | None:
        if self._focus() == "projects" and not self.t.has("goals", "purpose", "documents"):
            return None
        asked = [
            name for name in ("goals", "purpose", "documents", "funds", "groups", "departments") if self.t.has(name)
        ]
        if not asked:
            return None
        if asked[0] == "documents" and re.search("依据|根据|按照", self.text):
            raise Unanswerable("绩效目标表没有单列政策依据一栏：可以查看项目的绩效目标和资金用途原文", ["依据"])
        if (
            asked[0] in ("groups", "departments", "funds")
            and not self.t.has("which", "groups")
            and self.t.has("projects")
            and self.t.entities("group")
        ):
            return None
        project, rest = self._named_projects(self.t)
        if project is None:
            if asked == ["groups"] and self.t.has("more_than_one"):
                return Query("groups", tuple(self._scope(self.t)), least=2)
            if asked[0] in ("groups", "funds", "departments") and self.t.has("which") and not self.t.has("projects"):
                return Query(asked[0], self._project_conditions(self.t))
            return None
        if self._asks_projects() and asked[0] in ("groups", "departments"):
            return None
        select = asked[0]
        if select == "goals" and self.t.has("indicators") and not self.t.has("goals"):
            return None
        return Query(select, (project, *self._funds(rest)) if select != "funds" else (project,))

    def _indicator_list(self) -> Query | None:
        types = self._types(self.t)
        named = bool(self.t.entities("project", "programme"))
        asked = self.t
        if not types and self.t.has("which", "howmany") and (loose := self._loose_types(self.t)):
            rest = self.t.without({token for token, _ in loose})
            if named or self.t.has("indicators") or self._line_in(rest):
                types, asked = loose[:1], rest
        satisfied = self.t.first("satisfied")
        if not types and named and satisfied and self.t.has("which") and not self.t.has("howmany", "rate"):
            types = [(satisfied, OfType(self._satisfaction(), "满意度指标"))]
        if not self.t.has("indicators") and not types:
            return None
        if (
            self.t.has("projects")
            and not self._of_that_project()
            and (self._adjacent("projects", "which") or not self._adjacent("indicators", "which"))
        ):
            return None
        if self.t.has("when", "how_often", "how_long", "howmany") and not self.t.has("which"):
            return None
        project, rest = self._named_projects(asked, loose=not types or bool(asked.content()))
        joined = self._kinds(self.t)
        conditions: list[IndicatorCondition] = [*joined] if len(types) > 1 and joined else [c for _, c in types]
        conditions += self._targets(rest)
        if self.t.has("unquantified"):
            conditions.append(TargetKind("text"))
        for q in rest.quantities("money"):
            if q.operator and q.number is not None:
                # “人次在一万以上”: a bare number of something that is counted is no money
                bare = q.text.strip("及以上下内")[-1:] not in ("元", "块", "钱")
                counted = bare and rest.content() and not re.search(words()["money_words"]["pattern"], self.text)
                unit = "" if counted else UNIT["yuan"]
                conditions.append(OfTarget(q.operator, q.number, unit, shown(q)))
                if q.upper is not None:
                    conditions.append(OfTarget(q.upper_operator, q.upper, unit, "及其上限"))
                if rest.has("per_unit") and not rest.content():
                    conditions.append(Named((tuple(words()["standards"]["words"]),), exact=False))
        quoted = [s for s in self.t.quoted if not any(s in t.text for t in self.t.entities())]
        said = [s for s in quoted if not any(isinstance(c, TargetText) and c.text == s for c in conditions)]
        used: set[Token] = set()
        for text in said:
            conditions.append(TargetText(text))
            at = self.text.find(text)
            used |= {t for t in rest.items if at <= t.start and t.end <= at + len(text)}
        rest = rest.without(used)
        where: list[ProjectCondition] = [project] if project else []
        where += [c for c in self._scope(rest, amounts=False) if not (project and isinstance(c, OfYear))]
        content = rest.content()
        if content and not project:
            run = tuple(
                (w.text, *w.forms)
                for w in self._words(rest)
                if w.text not in self.lexicon.light and self.phrases.known(w.text)
            )
            if len(run) < len(content):
                self._topics(rest)  # says what is unknown, or refuses
            if run:
                conditions.append(Named(run, exact=False))
        if not where and not conditions:
            return None
        return Query("indicators", tuple(where), tuple(conditions))

    def _of_that_project(self) -> bool:
        """“甲那个项目的成本指标有哪些”: the word project stands before the indicators, and no “which” before it."""
        project = self.t.first("projects")
        kinds = [t for t in self.t.items if "indicators" in t.roles or (t.entity and t.entity.kind == "type")]
        which = self.t.first("which")
        if project is None or not kinds or project.start > kinds[0].start or self.t.has("not"):
            return False
        asked_first = which is not None and which.start < project.start
        return not asked_first and self._focus() != "projects" and "哪" not in project.text

    def _project_list(self) -> Query | None:
        if self.t.has("howmany", "money", "when", "how_often", "how_long") and not self.t.has("projects"):
            return None

        if not self.t.has("projects", "which", "budget") and not self.t.entities():
            return None
        if not self.t.has("projects", "which", "budget") and {t.entity.kind for t in self.t.entities() if t.entity} == {
            "indicator"
        }:
            names = tuple(t.entity.label for t in self.t.entities() if t.entity)
            return Query("indicators", self._years(), (Named((names,)),))
        conditions = self._project_conditions(self.t)
        informative = [c for c in conditions if not isinstance(c, OfYear)]
        if not informative and self.t.content():
            return None
        if not informative and not (self.t.has("projects") and (self.t.has("which") or self.t.quantities("year"))):
            return None
        return self._widening(Query("projects", conditions))

    def _widening(self, query: Query) -> Query:
        """The query, and what to read it as where it finds nothing: the words of a topic apart, then without a
        verb, then its nouns alone where they carry most of it; of two groups either."""
        chain = [query]
        apart = tuple(part for c in query.projects for part in _apart(c))
        topic = {c: self.phrases.word(c.words[0][0]).weight for c in apart if isinstance(c, About)}
        verbs = sorted((c for c in topic if not nominal(c.words[0][0])), key=topic.__getitem__)
        nouns = tuple(c for c in apart if c not in verbs)
        wider = [apart, *(tuple(c for c in apart if c != verb) for verb in verbs)]
        anchored = any(not isinstance(c, About | OfYear) for c in apart)
        if anchored or sum(topic[c] for c in verbs) <= MOSTLY * sum(topic.values()):
            wider.append(nouns)
        for conditions in wider:
            if conditions != chain[-1].projects and len(conditions) > 0:
                chain.append(replace(query, projects=conditions))
        if (either := self._wider(nouns)) is not None:
            chain.append(either)
        for at in range(len(chain) - 2, -1, -1):
            chain[at] = replace(chain[at], otherwise=chain[at + 1])
        return chain[0]

    def _wider(self, conditions: tuple[ProjectCondition, ...]) -> Query | None:
        """“农民和脱贫户的项目” where none serves both: those that serve either."""
        groups = [c for c in conditions if isinstance(c, OfConcept) and c.relation == "beneficiary" and not c.negated]
        if len(groups) < 2 or self.t.has("both"):
            return None
        either = OfConcept("beneficiary", tuple(i for g in groups for i in g.iris), "或".join(g.label for g in groups))
        return Query("projects", (*(c for c in conditions if c not in groups), either))


def _apart(condition: ProjectCondition) -> list[ProjectCondition]:
    """A topic's words as topics of their own."""
    return [About((forms,)) for forms in condition.words] if isinstance(condition, About) else [condition]
