"""Tokens → typed query. Kinds of question are tried from the most to the least specific; none guesses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from kg.ask.lexicon import Lexicon, words
from kg.ask.phrases import CLEAR, CLEAR_SCORE, INDICATOR_SCORE, Candidate, Expected, Phrases, Word
from kg.ask.query import (
    About, DueBy, Every, HasIndicator, IndicatorCondition, Named, OfAmount, OfConcept, OfDepartment, OfProject,
    OfTarget, OfType, OfYear, ProjectCondition, Query, Shares, TargetText,
)  # fmt: skip
from kg.ask.reading import Quantity, plain
from kg.ask.tokens import Token, Tokens
from kg.graph.vocabulary import Vocabulary
from ontology import TYPE, UNIT

SATISFACTION = (TYPE["satisfaction"], TYPE["service-satisfaction"])
PAYS = re.compile("都?[发拨补付兑领]|支付|结算")
UNIQUE_SCORE = 0.4  # an indicator that alone, of one project, is of the kind asked for
TOLERATED = 0.34  # share of a topic's words that the data may not know
ABOUT_SELF = re.compile(r"^(?:那么?|其中|它们?|这些|那些|该|这个|上述)|其中|它们?的|这些项目|那些项目|该项目")


class Unanswerable(Exception):  # noqa: N818
    """What is asked is not in the data; the message says what is missing."""

    def __init__(self, reason: str, unmatched: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.unmatched = list(unmatched)


@dataclass(slots=True)
class Understanding:
    """How a question was understood; ``query`` is None where it cannot be answered, ``reason`` says why."""

    tokens: Tokens
    query: Query | None = None
    reason: str = ""
    unmatched: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    confidence: float = 0.95


class Understander:
    """Understands questions about one graph."""

    def __init__(self, lexicon: Lexicon, phrases: Phrases, vocabulary: Vocabulary) -> None:
        self.lexicon, self.phrases, self.vocabulary = lexicon, phrases, vocabulary

    def understand(self, tokens: Tokens, previous: Sequence[str] = ()) -> Understanding:
        """``previous``: the projects of the answer before, for a question that leans on it."""
        out = Understanding(tokens, notes=list(tokens.notes))
        out.confidence -= 0.1 * len(tokens.notes)
        reading = _Reading(self, tokens, out, tuple(previous))
        try:
            out.query = reading.interpret()
            if out.query is None:
                out.reason = "没有看懂要查什么"
        except Unanswerable as error:
            out.query, out.reason = None, str(error)
            out.unmatched += error.unmatched
        if out.unmatched:
            out.confidence *= 0.8
        return out


class _Reading:
    """The interpretation of one question."""

    def __init__(self, owner: Understander, tokens: Tokens, out: Understanding, previous: tuple[str, ...]) -> None:
        self.lexicon, self.phrases, self.vocabulary = owner.lexicon, owner.phrases, owner.vocabulary
        self.t, self.out, self.previous = tokens, out, previous
        self.text = tokens.text

    def interpret(self) -> Query | None:
        if not self.t.items:
            raise Unanswerable("问题是空的或没有可识别的文字")
        self._check_scope()
        wh = self.t.has("which", "howmany", "when", "how_often", "how_long", "count", "money", "ratio")
        if self.t.has("yesno", "not") and not wh and self._asks_yes_no():
            return self._boolean()
        for step in (
            self._changes, self._ratio, self._compare, self._programmes, self._count, self._total, self._ranked,
            self._shared, self._attribute, self._indicator_list, self._amount, self._value, self._project_list,
        ):  # fmt: skip
            query = step()
            if query is not None:
                return query
        return None

    # -- what the data does not hold ----------------------------------------------------------------------

    def _check_scope(self) -> None:
        for quantity in self.t.quantities("year"):
            if self.lexicon.years and int(quantity.number or 0) not in self.lexicon.years:
                have = "、".join(f"{y}年" for y in self.lexicon.years)
                raise Unanswerable(f"数据里没有{int(quantity.number or 0)}年的表（现有{have}）", [quantity.text])
        if self.t.has("last_year") and self.lexicon.years and self.lexicon.years[0] - 1 not in self.lexicon.years:
            raise Unanswerable(f"数据里没有{self.lexicon.years[0] - 1}年的表", ["上年"])
        covered = [(t.start, t.end) for t in self.t.entities()]
        departments = [plain(label) for label in self.lexicon.departments.values()]
        places = words()["places"]
        for place in [*places["provinces"], *places["cities"]]:
            at = self.text.find(place)
            if at < 0 or any(s <= at and at + len(place) <= e for s, e in covered):
                continue
            if not any(place in label for label in departments) and not self.phrases.known(place):
                raise Unanswerable(f"数据里没有“{place}”的表", [place])
        for agency in words()["agencies"]["words"]:
            at = self.text.find(agency)
            if at >= 0 and not any(s < at + len(agency) and at < e for s, e in covered):
                raise Unanswerable(f"数据里没有“{agency}”的表", [agency])
        for token in self.t.entities("department"):
            before = re.search(r"([\u4e00-\u9fff]{2,3}?)(?:市|省|自治区|区|县)?$", self.text[: token.start])
            named = re.search(r"([\u4e00-\u9fff]{2,6}(?:市|省|自治区|区|县))$", self.text[: token.start])
            place = named[1] if named else before[1] if before and before[1] in places["cities"] + places["provinces"] else ""
            if place and not re.search(r"[全本我各]市$", place) and not any(place in plain(self.lexicon.departments[i]) for i in token.entity.iris):  # type: ignore[union-attr]
                raise Unanswerable(f"数据里没有“{place}”的{token.text}", [place])
        for word in words()["untabled"]["words"]:
            if word in self.text and not self.phrases.known(word):
                raise Unanswerable(f"绩效目标表里没有“{word}”这类内容", [word])

    # -- conditions ---------------------------------------------------------------------------------------

    def _years(self) -> tuple[ProjectCondition, ...]:
        years = [int(q.number or 0) for q in self.t.quantities("year")]
        years = [y for y in years if y in self.lexicon.years]
        if not years and self.t.has("last_year"):
            years = [self.lexicon.years[0] - 1]
        if not years and self.t.has("this_year"):
            years = self.lexicon.years[:1]
        if not years and len(self.lexicon.years) > 1 and not self.previous_scope():
            years = self.lexicon.years[:1]
            note = f"数据含{'、'.join(f'{y}年' for y in self.lexicon.years)}，问题没有写明年度，按最新的{years[0]}年回答"
            if note not in self.out.notes:
                self.out.notes.append(note)
        if len(self.lexicon.years) == 1:
            return ()
        return (OfYear(tuple(dict.fromkeys(years))),) if years else ()

    def previous_scope(self) -> tuple[str, ...]:
        """The projects of the answer before, where the question leans on it."""
        return self.previous if self.previous and ABOUT_SELF.search(self.text) else ()

    def _scope(self, tokens: Tokens, skip: frozenset[str] = frozenset()) -> list[ProjectCondition]:
        """Department, fund, group, year and amount conditions that the tokens state."""
        found: list[ProjectCondition] = [*self._years()]
        if self.previous_scope():
            found.append(OfProject(self.previous_scope(), "上一个答案"))
        for token in tokens.entities("department"):
            assert token.entity
            found.append(OfDepartment(token.entity.iris, token.entity.label))
        if "fund" not in skip:
            found += self._funds(tokens)
        if "group" not in skip:
            for token in tokens.entities("group"):
                assert token.entity
                found.append(OfConcept("beneficiary", token.entity.iris, token.entity.label, self._negated(token)))
        if "amount" not in skip:
            found += self._money(tokens)
        return found

    def _funds(self, tokens: Tokens) -> list[ProjectCondition]:
        found: list[ProjectCondition] = []
        for token in tokens.entities("fund"):
            assert token.entity
            measured = "fiscal" in token.roles or "other" in token.roles
            if measured and (tokens.has("sum", "howmany", "money") or tokens.quantities("money")):
                continue
            found.append(OfConcept("fundSource", token.entity.iris, token.entity.label, self._negated(token)))
        return found

    def _measure(self, tokens: Tokens | None = None) -> str:
        tokens = tokens or self.t
        if tokens.has("other"):
            return "otherFunds"
        return "fiscalFunds" if tokens.has("fiscal") else "budget"

    def _money(self, tokens: Tokens) -> list[ProjectCondition]:
        found: list[ProjectCondition] = []
        for q in tokens.quantities("money"):
            if q.number is None or not (q.operator or q.upper):
                continue
            found.append(OfAmount(self._measure(tokens), q.operator or "≥", q.number))
            if q.upper is not None:
                found.append(OfAmount(self._measure(tokens), q.upper_operator, q.upper))
        return found

    def _negated(self, token: Token) -> bool:
        """Whether a word of negation stands right before a token (light words may stand between)."""
        for other in reversed([t for t in self.t.items if t.end <= token.start]):
            if "not" in other.roles or "except" in other.roles:
                return True
            if other.kind != "light" and "has" not in other.roles:
                return False
        return False

    def _targets(self, tokens: Tokens) -> list[IndicatorCondition]:
        """Conditions on one indicator: target numbers, deadlines, periods, frequencies, quoted target words."""
        found: list[IndicatorCondition] = []
        for q in tokens.quantities("percent", "amount", "date", "span", "frequency"):
            match q.kind:
                case "percent" if q.operator or tokens.has("value", "satisfied"):
                    assert q.number is not None
                    found.append(OfTarget(q.operator or "=", q.number, UNIT["percent"], _shown(q)))
                case "amount" if q.operator:
                    found.append(self._amount_target(q))
                case "date" if q.last:
                    found.append(DueBy(q.operator, q.last))
                case "span" if q.last:
                    found.append(DueBy("=", q.last, q.first))
                case "frequency":
                    found.append(Every(q.period, q.text, bool(PAYS.match(self.text, q.end))))
        return found

    def _amount_target(self, q: Quantity) -> IndicatorCondition:
        assert q.number is not None
        for iri in self.vocabulary.units.matcher.get(q.unit):
            multiplier, base = self.vocabulary.multipliers[iri]
            return OfTarget(q.operator, q.number * Decimal(multiplier), base, _shown(q))
        return OfTarget(q.operator, q.number, "", _shown(q))

    def _types(self, tokens: Tokens) -> list[tuple[Token, OfType]]:
        found = [(t, OfType(t.entity.iris, t.entity.label)) for t in tokens.entities("type") if t.entity]
        if not found and (token := tokens.first("satisfied")) and tokens.has("indicators", "value", "not"):
            found = [(token, OfType(self._satisfaction(), "满意度指标"))]
        return found

    def _satisfaction(self) -> tuple[str, ...]:
        return tuple(i for i in SATISFACTION if i in self.lexicon.types)

    # -- words that are left over -------------------------------------------------------------------------

    def _words(self, tokens: Tokens, *kinds: str) -> list[Word]:
        """Content words, and with less weight the light ones, as a phrase; ``kinds`` of names are words too."""
        out = []
        for token in tokens.items:
            if token.kind in ("word", "light") or (token.entity and token.entity.kind in kinds):
                out.append(self.phrases.word(token.text))
        return out

    def _topics(self, tokens: Tokens) -> list[ProjectCondition]:
        """What the content words ask for: adjoining words together, each in any of its forms.

        Raises Unanswerable where the data does not know them, or knows too few.
        """
        runs: list[list[Token]] = []
        for token in tokens.content():
            if runs and not any(t.start >= runs[-1][-1].end and t.end <= token.start and t.kind != "light" for t in tokens.items):
                runs[-1].append(token)
            else:
                runs.append([token])
        known: list[tuple[tuple[str, ...], ...]] = []
        missing: list[str] = []
        total = lost = 0
        for run in runs:
            forms = []
            for token in run:
                total += len(token.text)
                word = self.phrases.word(token.text)
                if self.phrases.known(token.text):
                    forms.append((word.text, *word.forms))
                else:
                    missing.append(token.text)
                    lost += len(token.text)
            if forms:
                known.append(tuple(forms))
        if missing and lost > TOLERATED * total:
            raise Unanswerable(f"没有任何表提到“{'”“'.join(missing)}”", missing)
        self.out.unmatched += missing
        return [About(forms) for forms in known]

    def _named_projects(self, tokens: Tokens, *, loose: bool = True) -> tuple[OfProject | None, Tokens]:
        """The project or projects that the tokens name, and the tokens without that name.

        ``loose`` also takes leftover words that a project's name holds.
        """
        named = tokens.entities("project", "programme")
        if named:
            iris = dict.fromkeys(i for t in named if t.entity for i in t.entity.iris)
            label = "、".join(dict.fromkeys(t.entity.label for t in named if t.entity))
            return OfProject(self._in_year(tuple(iris)), label), tokens.without(set(named))
        if not loose:
            return None, tokens
        used = [t for t in tokens.items if t.kind in ("word", "light") or (t.entity and t.entity.kind in ("group", "indicator"))]
        if not any(t.kind == "word" or t.entity for t in used):
            return None, tokens
        found = self.phrases.projects([self.phrases.word(t.text) for t in used])
        if not found:
            return None, tokens
        self.out.confidence = min(self.out.confidence, round(0.6 + 0.35 * found[0][1], 2))
        iris = dict.fromkeys(i for i, _ in found)
        label = "".join(t.text for t in used if t.kind != "light")
        return OfProject(self._in_year(tuple(iris)), label), tokens.without(set(used))

    def _in_year(self, iris: tuple[str, ...]) -> tuple[str, ...]:
        """Only those of the years asked about, if any are; else all."""
        years = next((c.years for c in self._years() if isinstance(c, OfYear)), None)
        if years is None:
            return iris
        within = tuple(i for i in iris if self.lexicon.projects[i].year in years)
        if not within:
            asked = bool(self.t.quantities("year")) or self.t.has("this_year", "last_year")
            if asked:
                shown = "、".join(f"{y}年" for y in years)
                raise Unanswerable(f"{shown}没有这个项目的表", [shown])
            self.out.notes = [n for n in self.out.notes if "按最新的" not in n]
        return within or iris

    def _segments(self, *roles: str) -> list[Tokens]:
        """The tokens split at words of these roles."""
        cuts = [t for t in self.t.items if set(t.roles) & set(roles)]
        edges = [0, *(x for t in cuts for x in (t.start, t.end)), len(self.text)]
        parts = [self.t.between(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
        return [p for p in parts if p.items]

    # -- kinds of question --------------------------------------------------------------------------------

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
        at = max((i for i, t in enumerate(self.t.items) if {"count", "howmany"} & set(t.roles)), default=None)
        if at is None:
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
        if asked[0] in ("groups", "departments", "funds") and not self.t.has("which", *_WHOM) and self.t.has("projects") and self.t.entities("group"):
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
                conditions.append(OfTarget(q.operator, q.number, UNIT["yuan"], _shown(q)))
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
        funds = [c for c in self._funds(rest)]
        return Query("amount", (project, *funds), measure=self._measure(), unit=self._unit())

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

    def _changes(self) -> Query | None:
        return None


_WHOM = ("groups",)


def _shown(q: Quantity) -> str:
    return q.text if q.operator else f"为{q.text}"
