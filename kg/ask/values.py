"""Questions about what is in a cell: an indicator's target or type, a project's budget."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from kg.ask.compile import Compiler
from kg.ask.conditions import shown
from kg.ask.lexicon import words
from kg.ask.naming import Unanswerable
from kg.ask.phrases import CLEAR, Candidate, Expected, value_kinds
from kg.ask.query import (
    About,
    Allows,
    DueBy,
    Every,
    Named,
    OfProject,
    OfTarget,
    OfYear,
    Query,
)
from kg.ask.tokens import Tokens
from kg.ask.totals import Totals
from ontology import UNIT

PERIODS = ("月", "天", "周", "季度")
ALONE = 0.8  # sure enough: a project's one indicator of the kind asked for
UNIQUE_SCORE = 0.4  # an indicator that alone, of one project, is of the kind asked for


class Values(Totals):
    """Finds the indicator or the amount that is asked for."""

    def _has_value(self) -> Query | None:
        """“协管员的补贴是按季度发的吗”: whether the one indicator that the words mean has the target they say."""
        found = self._targets(self.t)
        money = self.t.quantities("money")
        if self.t.has("per_unit") and len(money) == 1 and money[0].number is not None and not self.t.has("budget"):
            q, number, yuan = money[0], money[0].number, UNIT["yuan"]
            found = [OfTarget(q.operator, number, yuan, shown(q)) if q.operator else Allows(number, yuan, q.text)]
        said = [t for t in self.t.items if t.kind == "word" or (t.entity and t.entity.kind != "fund")]
        if len(found) != 1 or not said:
            return None
        kinds = {Every: "frequency", DueBy: "date", Allows: "money"}
        kind = kinds.get(type(found[0])) or (
            "percent" if self.t.quantities("percent") else "money" if money else "count"
        )
        project, _ = self._named_projects(self.t, loose=False, short=False)
        best = self._best(self.t, project.iris if project else (), Expected(frozenset({kind})))
        if not best:
            return None
        meant = replace(found[0], paid=False) if isinstance(found[0], Every) else found[0]
        return Query("boolean", indicators=(meant,), candidates=tuple(c.iri for c in best), said=best[0].label)

    def _type_of(self) -> Query | None:
        """“再就业率归在哪一类指标下面”: the type of the indicator that is named."""
        if not (asked := re.search(words()["type_asked"]["pattern"], self.text)):
            return None
        best = self._best(self.t.between(0, asked.start()), (), Expected(frozenset()))
        return Query("types", candidates=tuple(c.iri for c in best), said=best[0].label) if best else None

    def _amount(self) -> Query | None:
        explicit = any(
            ("budget" in t.roles and t.text.startswith("预算")) or {"fiscal", "other"} & set(t.roles)
            for t in self.t.items
        )
        valued = self.t.has("budget", "money") or self.t.has("unit_wan", "unit_yuan", "unit_yi")
        if not (explicit or valued) or self._asks_projects():
            return None
        if any(q.operator for q in self.t.quantities("money")) and not self.t.has("howmany", "money"):
            return None
        if not explicit and self.t.has("per_unit", "limit_high", "limit_low"):
            return None
        if not self.t.has("howmany", "money", "which", "unit_wan", "unit_yuan", "unit_yi", "budget"):
            return None
        project, rest = self._named_projects(self.t)
        if project is None:
            self._check_name()
            if explicit and not (self.t.content() or self.t.entities("group", "department", "type", "indicator")):
                return Query(
                    "number",
                    tuple(self._scope(rest)),
                    aggregate="sum",
                    measure=self._measure(),
                    unit=self._unit(),
                )
            if explicit and (self.t.content() or self.t.entities("group", "fund", "department")):
                conditions = self._project_conditions(self.t)
                if self.t.entities("department", "fund") and not self.t.content():
                    return Query("number", conditions, aggregate="sum", measure=self._measure(), unit=self._unit())
                if any(isinstance(c, About) for c in conditions) or self.t.entities("group"):
                    return Query("amount", conditions, measure=self._measure(), unit=self._unit())
            return None
        if not explicit and (rest.content() or rest.entities("group", "indicator")):
            best = self._best(rest, project.iris, self._expected())
            if best or not self._about_project(rest, project.iris):
                return None
        if len(project.iris) > 1 and not self._funds(rest):
            labels = "、".join(self.lexicon.projects[i].label for i in project.iris)
            self.out.notes.append(f"“{project.label}”对应 {len(project.iris)} 个项目（{labels}），分别列出")
        return Query("amount", (project, *self._funds(rest)), measure=self._measure(), unit=self._unit())

    def _check_name(self) -> None:
        """Raises Unanswerable where the question gives the full name of a project that there is none of."""
        heads = [head for head in words()["heads"]["words"] if len(head) > 2]
        for word in self.t.content():
            head = next((h for h in heads if self.text.startswith(h, word.end)), "")
            if head and not self.lexicon.holding(word.text):
                raise Unanswerable(f"没有名为“{word.text}{head}”的项目", [word.text])

    def _with_funds(self, projects: tuple[str, ...]) -> tuple[str, ...]:
        """Of a line's projects those whose fund the question names, if any."""
        funds = self._funds(self.t)
        if not funds or len(projects) < 2:
            return projects
        query = Query("projects", (OfProject(projects, ""), *funds))
        rows = self.phrases.store.select(Compiler().compile(query))
        return tuple(r["project"] for r in rows) or projects

    def _about_project(self, tokens: Tokens, projects: tuple[str, ...]) -> bool:
        """Whether what is left over only describes the project: its words stand in its name, purpose or goals."""
        said = [w for w in self._words(tokens, "group", "indicator") if w.text not in self.lexicon.light]
        return all(self.phrases.describes(word, projects) or not self.phrases.known(word.text) for word in said)

    def _value(self) -> Query | None:
        asks = (
            "howmany",
            "count",
            "when",
            "how_often",
            "how_long",
            "money",
            "limit_high",
            "limit_low",
            "per_unit",
            "rate",
            "satisfied",
            "value",
            "goals",
            "which",
        )
        if not self.t.has(*asks) or self._asks_projects():
            return None
        if any("goals" in t.roles and t.text.startswith(("绩效目标", "总体目标")) for t in self.t.items):
            return None  # the goals of a project, which is not found
        if not self.t.content() and not self.t.entities() and self.t.quantities("money"):
            return None
        only_which = not self.t.has(*asks[:-1])
        if only_which and self.t.entities("group", "fund", "department") and not self.t.content():
            return None
        expected = self._expected()
        project, rest = self._named_projects(self.t, loose=False, short=False)
        if only_which and project is None and self.t.has("projects"):
            return None  # projects are asked for
        years = self._years()
        projects = self._with_funds(project.iris) if project else ()
        if not projects and years:
            wanted = next((c.years for c in years if isinstance(c, OfYear)), ())
            projects = tuple(i for i, p in self.lexicon.projects.items() if p.year in wanted)
        named = self._words(rest, "group", "indicator", "type")
        each = re.search(words()["each_year"]["pattern"], self.text)
        if each and not project and (labels := [t.entity.label for t in self.t.entities("indicator") if t.entity]):
            return Query("indicators", years, (Named((tuple(labels),)),))
        apart = [(p,) for p in projects] if each and project and len(projects) > 1 else [projects]
        best = [c for p in apart for c in self._best(rest if project else self.t, p, expected)] if named else []
        if not best and project:
            best = self._only_one(projects, expected)
        if not best and project:
            year = {self.lexicon.projects[i].year for i in project.iris}
            wider = tuple(i for i, p in self.lexicon.projects.items() if p.year in year)
            best = self._best(self.t, wider, expected)
        if not best and not project and (meant := self._named_projects(self.t)[0]):
            best = self._only_one(meant.iris, expected)
        if not best:
            return None
        best = self._serving(best)
        self._check_rate(best)
        self._check_period(best, expected)
        self._check_parts(best)
        if foreign := [t.text for t in self.t.content() if len(t.text) > 1 and self.phrases.foreign(t.text)]:
            raise Unanswerable(f"没有任何表提到“{'”“'.join(foreign)}”", foreign)
        self.out.confidence = min(self.out.confidence, round(best[0].score, 2))
        names = "、".join(dict.fromkeys(c.label for c in best))
        return Query("indicators", candidates=tuple(c.iri for c in best), said=names)

    def _check_rate(self, found: list[Candidate]) -> None:
        """Raises Unanswerable where a rate is asked for by a word that none of the indicators has: 签约率."""
        for word, after in pairwise([*self.t.items, None]):
            text = word.text if word else ""
            stem = text[:-1] if text.endswith("率") else text if after and after.text == "率" else ""
            if not word or word.kind != "word" or len(stem) < 2:
                continue
            said = self.phrases.word(stem)
            if not any(said.found_in(c.own) for c in found):
                raise Unanswerable(f"没有“{stem}率”这项指标", [f"{stem}率"])

    def _check_period(self, found: list[Candidate], expected: Expected) -> None:
        """Raises Unanswerable where an amount a month is asked for and only one of the year is given."""
        every = next((q.text for q in self.t.quantities("frequency")), "")
        said = every or (f"每{expected.each}" if expected.each in PERIODS else "")
        if said and all("money" in value_kinds(c) and not c.per and "标准" not in c.own for c in found):
            raise Unanswerable(f"表里没有{said}列出“{found[0].label}”", [said])

    def _check_parts(self, found: list[Candidate]) -> None:
        """Raises Unanswerable where a part is asked for of what the table gives as one: 招募、培训、慰问等费用."""
        parts = found[0].label.partition("等")[0].split("、") if "等" in found[0].label else []
        said = [part for part in parts if part and part in self.text]
        if len(parts) > 2 and said and 2 * len(said) <= len(parts) and "等" not in self.text:
            raise Unanswerable(f"表里只有“{found[0].label}”的合计，没有分列{'、'.join(said)}", said)

    def _serving(self, found: list[Candidate]) -> list[Candidate]:
        """Of the candidates those that speak of, or whose project serves, every group that is named.

        Raises Unanswerable where there is none: what holds for other people is no answer.
        """
        for token in self.t.entities("group"):
            assert token.entity
            word = self.phrases.word(token.text)
            projects = tuple({c.project for c in found})
            served = self.phrases.serving(projects, token.entity.iris)
            kept = [c for c in found if word.found_in(f"{c.own} {c.context}") > 0.5 or c.project in served]
            if not kept and token.entity.iris:
                raise Unanswerable(f"没有找到与“{token.text}”有关的这项指标", [token.text])
            found = kept or found
        return found

    def _only_one(self, projects: tuple[str, ...], expected: Expected) -> list[Candidate]:
        """Of these projects the one indicator that is of the expected kind, if it stands out."""
        if not expected.kinds or expected.soft:
            return []
        said = self._words(self.t, "group", "indicator", "type", "programme", "fund")
        names = [self.lexicon.names[i] for i in projects]
        if all(word.text in self.lexicon.light or any(word.text in name for name in names) for word in said):
            alone = [replace(c, score=ALONE) for c in self.phrases.all_of(projects) if expected.fits(c) == 1.0]
            return alone if len(alone) == 1 else []
        found = [c for c in self.phrases.indicators(said, self.text, projects, expected) if expected.fits(c) == 1.0]
        if not found or found[0].score < UNIQUE_SCORE:
            return []
        return found[:1] if len(found) == 1 or found[1].score < found[0].score - CLEAR else []
