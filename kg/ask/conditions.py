"""What a question says of projects and indicators: the conditions its tokens state."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from index.segment import part_of_speech
from kg.ask.lexicon import Lexicon, words
from kg.ask.phrases import CLEAR, CLEAR_SCORE, INDICATOR_SCORE, LEAD, LEADING_SCORE, Candidate, Expected, Phrases, Word
from kg.ask.query import (
    About,
    DueBy,
    Every,
    HasCount,
    HasIndicator,
    IndicatorCondition,
    Named,
    OfAmount,
    OfConcept,
    OfDepartment,
    OfProject,
    OfTarget,
    OfType,
    OfYear,
    ProjectCondition,
    Query,
    TargetKind,
    TargetText,
)
from kg.ask.reading import Quantity, plain
from kg.ask.tokens import OR, Token, Tokens
from kg.graph.vocabulary import vocabulary
from ontology import TYPE, UNIT

SATISFACTION = (TYPE["satisfaction"], TYPE["service-satisfaction"])
ALL = ("都", "也", "均", "全")
OPERATOR = re.compile(r"[≥≤<>=±]")
PAYS = re.compile("都?[发拨补付兑领]|支付|结算")
TOLERATED = 0.34  # share of a topic's words that the data may not know
ANCHORS = ("money", "percent", "date", "span", "frequency", "rank", "top")
COMPUTED = ("most", "least", "sum", "average", "descending", "ascending")
FOCUSES = {"projects", "indicators", "groups", "funds", "departments", "documents", "goals", "purpose"}
COUNTERS = ("个", "项", "条")
ABOUT_SELF = re.compile(r"^(?:那么?|其中|它们?|这些|那些|该|这个|上述)|其中|它们?的|这些项目|那些项目|该项目")


class Unanswerable(Exception):  # noqa: N818 - a finding, not a fault
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
    keywords: bool = False  # no question at all, but words that the data knows


class Conditions:
    """The tokens of one question, read as conditions."""

    def __init__(
        self,
        lexicon: Lexicon,
        phrases: Phrases,
        tokens: Tokens,
        out: Understanding,
        previous: tuple[str, ...],
    ) -> None:
        self.lexicon, self.phrases = lexicon, phrases
        self.t, self.out, self.previous = tokens, out, previous
        self.text = tokens.text

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
            note = (
                f"数据含{'、'.join(f'{y}年' for y in self.lexicon.years)}，问题没有写明年度，按最新的{years[0]}年回答"
            )
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
            if measured and tokens.has("empty"):
                found.append(OfAmount(self._measure(tokens), "=", None))
                continue
            found.append(OfConcept("fundSource", token.entity.iris, token.entity.label, self._negated(token)))
        found += [
            OfAmount("otherFunds" if "other" in token.roles else "fiscalFunds", "=", None)
            for token in tokens.items
            if not token.entity and {"fiscal", "other"} & set(token.roles) and self._negated(token)
        ]
        return found

    def _measure(self, tokens: Tokens | None = None) -> str:
        said = [t for t in (tokens or self.t).items if {"fiscal", "other"} & set(t.roles)]
        if not said:
            return "budget"
        return "otherFunds" if "other" in said[-1].roles else "fiscalFunds"

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
        """Whether a word of negation stands right before a token (light words may stand between), before the
        like one it is joined to (“不用甲和乙”), or after a fund of which nothing is used (“财政资金都没用”)."""
        before = [t for t in self.t.items if t.end <= token.start]
        for at in range(len(before) - 1, -1, -1):
            other = before[at]
            if "not" in other.roles or "except" in other.roles or other.text == "不":
                return True
            if "join" in other.roles and at == len(before) - 1 and at and _alike(before[at - 1], token):
                return self._negated(before[at - 1])
            if other.kind != "light" and not {"has", "both"} & set(other.roles):
                break
        after = [t for t in self.t.items if t.start >= token.end][:2]
        money = {"fiscal", "other"} & set(token.roles) or (token.entity and token.entity.kind == "fund")
        return bool(money) and len(after) == 2 and after[0].text in ALL and "not" in after[1].roles

    def _targets(self, tokens: Tokens) -> list[IndicatorCondition]:
        """Conditions on one indicator: target numbers, deadlines, periods, frequencies, quoted target words."""
        found: list[IndicatorCondition] = []
        found += [TargetText(text) for text in tokens.quoted if OPERATOR.match(text)]
        if found:
            return found
        for q in tokens.quantities("percent", "amount", "date", "span", "frequency"):
            match q.kind:
                case "percent" if q.operator or tokens.has("value", "satisfied"):
                    assert q.number is not None
                    found.append(OfTarget(q.operator or "=", q.number, UNIT["percent"], shown(q)))
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
        for iri in vocabulary().units.matcher.get(q.unit):
            multiplier, base = vocabulary().multipliers[iri]
            return OfTarget(q.operator, q.number * Decimal(multiplier), base, shown(q))
        return OfTarget(q.operator, q.number, "", shown(q))

    def _done_by(self, tokens: Tokens) -> list[Token]:
        """The content words between a date and the next 的, where the data knows them all."""
        date = next(t for t in self.t.items if t.quantity and t.quantity.kind in ("date", "span"))
        end = next((t.start for t in self.t.items if t.start >= date.end and t.text == "的"), len(self.text))
        done = [t for t in tokens.content() if date.end <= t.start and t.end <= end]
        return done if all(self.phrases.known(t.text) for t in done) else []

    def _kinds(self, tokens: Tokens) -> list[OfType]:
        """The indicator types that are named, as one: “质量指标和时效指标” are the indicators of either type."""
        kinds = [kind for _, kind in self._types(tokens)]
        if len(kinds) < 2:
            return kinds
        return [OfType(tuple(dict.fromkeys(i for k in kinds for i in k.iris)), "、".join(k.label for k in kinds))]

    def _quoted_names(self, tokens: Tokens) -> tuple[list[Named], Tokens]:
        """Indicator names that stand in quotation marks, however short (“成本”), and the tokens without them."""
        if not tokens.has("indicators"):
            return [], tokens
        found: list[Named] = []
        used: set[Token] = set()
        for text in tokens.quoted:
            start = self.text.find(text)
            inside = {t for t in tokens.items if start <= t.start and t.end <= start + len(text)}
            if start >= 0 and inside and not any(t.entity for t in inside) and (label := self.lexicon.named(text)):
                found.append(Named(((label,),)))
                used |= inside
        return found, tokens.without(used)

    def _types(self, tokens: Tokens) -> list[tuple[Token, OfType]]:
        found = [(t, OfType(t.entity.iris, t.entity.label)) for t in tokens.entities("type") if t.entity]
        if (
            not found
            and (token := tokens.first("satisfied"))
            and tokens.has("indicators", "value", "not", "unquantified")
        ):
            found = [(token, OfType(self._satisfaction(), "满意度指标"))]
        return found

    def _loose_types(self, tokens: Tokens) -> list[tuple[Token, OfType]]:
        """Indicator types said without the word 指标: “数量上考核哪几项”."""
        found = re.search(words()["loose_types"]["pattern"], self.text)
        if not found:
            return []
        label = f"{found['type']}指标"
        iris = tuple(iri for iri, (name, _) in self.lexicon.types.items() if name == label)
        covered = [t for t in tokens.items if t.start < found.end() and found.start() < t.end]
        return [(token, OfType(iris, label)) for token in covered] if iris else []

    def _satisfaction(self) -> tuple[str, ...]:
        return tuple(i for i in SATISFACTION if i in self.lexicon.types)

    # -- words that are left over -------------------------------------------------------------------------

    def _words(self, tokens: Tokens, *kinds: str) -> list[Word]:
        """Content words, and with less weight the light ones, as a phrase; ``kinds`` of names are words too."""
        return [
            self.phrases.word(token.text)
            for token in tokens.items
            if token.kind in ("word", "light")
            or (token.entity and token.entity.kind in kinds)
            or ("per_unit" in token.roles and kinds and self.phrases.known(token.text))
        ]

    def _topics(self, tokens: Tokens) -> list[ProjectCondition]:
        """What the content words ask for: adjoining words together, each in any of its forms.

        Raises Unanswerable where the data does not know them, or knows too few.
        """
        runs: list[list[Token]] = []
        either: set[Token] = set()  # “甲或乙”: words that may stand for the one before
        for token in tokens.content():
            between = [t for t in tokens.items if runs and t.start >= runs[-1][-1].end and t.end <= token.start]
            if runs and between and len(runs[-1]) == 1 and all(t.text in OR for t in between):
                either.add(token)
            if runs and all(t.kind == "light" or t.text in OR for t in between):
                runs[-1].append(token)
            else:
                runs.append([token])
        known: list[tuple[tuple[str, ...], ...]] = []
        missing: list[str] = []
        total = lost = 0.0
        anchored = bool(
            tokens.entities()
            or tokens.quantities(*ANCHORS)
            or any(q.operator for q in tokens.quantities("amount"))
            or tokens.has(*COMPUTED)
            or tokens.has("fiscal", "other")
        )
        for run in runs:
            forms: list[tuple[str, ...]] = []
            for token in run:
                word = self.phrases.word(token.text)
                if self.phrases.known(token.text):
                    if token in either and forms:
                        forms[-1] += (word.text, *word.forms)
                    else:
                        forms.append((word.text, *word.forms))
                    total += len(token.text)
                    continue
                missing.append(token.text)
                topical = nominal(token.text)
                if len(token.text) > 1 and (topical or not anchored):
                    said = len(token.text) if topical else len(token.text) / 2
                    total += said
                    lost += said
            if forms:
                known.append(tuple(forms))
        if lost and (anchored or lost > TOLERATED * total):
            raise Unanswerable(f"没有任何表提到“{'”“'.join(missing)}”", missing)
        self.out.unmatched += [word for word in missing if word not in self.out.unmatched]
        return [About(forms) for forms in known]

    def _named_projects(self, tokens: Tokens, *, loose: bool = True) -> tuple[OfProject | None, Tokens]:
        """The project or projects that the tokens name, and the tokens without that name.

        ``loose`` also takes leftover words that a project's name holds.
        """
        named = tokens.entities("project", "programme")
        if named:
            iris = dict.fromkeys(i for t in named if t.entity for i in t.entity.iris)
            if len(named) == 1 and (narrowed := self._said_of(tokens, tuple(iris))):
                chosen, used_words = narrowed
                label = "、".join(self.lexicon.projects[i].label for i in chosen)
                return OfProject(self._in_year(chosen), label), tokens.without({*named, *used_words})
            label = "、".join(dict.fromkeys(t.entity.label for t in named if t.entity))
            return OfProject(self._in_year(tuple(iris)), label), tokens.without(set(named))
        if self.previous_scope():
            return OfProject(self.previous_scope(), "上一个答案"), tokens
        if not loose:
            return None, tokens
        used = [
            t
            for t in tokens.items
            if t.kind in ("word", "light") or (t.entity and t.entity.kind in ("group", "indicator"))
        ]
        if not any(t.kind == "word" or t.entity for t in used):
            return None, tokens
        found = self.phrases.projects([self.phrases.word(t.text) for t in used])
        if not found:
            return None, tokens
        self.out.confidence = min(self.out.confidence, round(0.6 + 0.35 * found[0][1], 2))
        iris = dict.fromkeys(i for i, _ in found)
        label = "".join(t.text for t in used if t.kind != "light")
        return OfProject(self._in_year(tuple(iris)), label), tokens.without(set(used))

    def _said_of(self, tokens: Tokens, projects: tuple[str, ...]) -> tuple[tuple[str, ...], set[Token]] | None:
        """Of a line's projects those whose names alone hold the words left over, and these words."""
        said = [t for t in tokens.content() if len(t.text) > 1]
        if len(projects) < 2 or not said:
            return None
        names = {i: plain(self.lexicon.projects[i].label) for i in projects}
        held = [t for t in said if any(t.text in name for name in names.values())]
        chosen = tuple(i for i, name in names.items() if held and all(t.text in name for t in held))
        return (chosen, set(held)) if chosen and len(chosen) < len(projects) else None

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

    def _expected(self) -> Expected:
        if self.t.has("how_often") or re.search(words()["how_often"]["pattern"], self.text):
            return Expected(frozenset({"frequency"}))
        if self.t.has("when"):
            return Expected(frozenset({"date"}))
        if self.t.has("how_long"):
            return Expected(
                frozenset({"time", "date"} | ({"count"} if "多长" in self.text and "时间" not in self.text else set()))
            )
        if self.t.has("rate", "satisfied", "ratio") or re.search(words()["rate_words"]["pattern"], self.text):
            return Expected(frozenset({"percent"}))
        per = frozenset({"per"} if self.t.has("per_unit") else ())
        each = next((w for t in self.t.items if "per_unit" in t.roles and (w := words()["per_words"].get(t.text))), "")
        counted = re.search(r"(?:几|多少)([个人名家份次场条项位台套幅亩头户吨只])", self.text)
        if self.t.has("money") or (re.search(words()["money_words"]["pattern"], self.text) and not counted):
            return Expected(frozenset({"money"}) | per, each=each)
        if self.t.has("limit_high") and not self.t.has("howmany", "count"):
            return Expected(frozenset({"money"}))
        if self.t.has("howmany", "count"):
            return Expected(frozenset({"count"}), counted[1] if counted else "", soft=not counted)
        return Expected(frozenset())

    def _best(self, tokens: Tokens, projects: tuple[str, ...], expected: Expected) -> list[Candidate]:
        """The indicators that the leftover words of ``tokens`` mean, equal scores together; empty if none does."""
        said = self._words(tokens, "group", "indicator", "type", "programme", "fund")
        found = self.phrases.indicators(said, "".join(t.text for t in tokens.items), projects, expected)
        fitting = [c for c in found if not expected.kinds or expected.fits(c) > 0]
        if not fitting:
            return []
        first = fitting[0].score
        lead = first - fitting[1].score if len(fitting) > 1 else first
        if expected.kinds and expected.fits(fitting[0]) == 1.0:
            needed = (
                LEADING_SCORE if lead > LEAD else CLEAR_SCORE if lead > CLEAR and not expected.soft else INDICATOR_SCORE
            )
        else:
            needed = INDICATOR_SCORE
        if first < needed:
            return []
        return [c for c in fitting if c.score >= fitting[0].score - 0.005]

    def _unit(self) -> str:
        for role, unit in (("unit_yi", "亿元"), ("unit_wan", "万元"), ("unit_yuan", "元")):
            if self.t.has(role):
                return unit
        said = "".join(t.text for t in self.t.items if "money" in t.roles)
        return "亿元" if "亿" in said else "万元" if "万" in said else "元" if "元" in said or "块" in said else "万元"

    def _adjacent(self, role: str, *others: str) -> bool:
        """Whether a word of ``role`` stands within three tokens of a word of one of ``others``."""
        at = [i for i, t in enumerate(self.t.items) if role in t.roles]
        near = [i for i, t in enumerate(self.t.items) if set(t.roles) & set(others)]
        return any(0 < abs(i - j) <= 3 for i in at for j in near)

    def _focus(self) -> str:
        """The kind of thing that “which” stands with: “哪些对象” → groups, “的项目有哪几个” → projects; else empty."""
        items = self.t.items
        for at, token in enumerate(items):
            if "which" not in token.roles:
                continue
            if at + 1 < len(items) and (found := FOCUSES & set(items[at + 1].roles)):
                return min(found)
            before = [t for t in items[:at] if t.kind != "light" and "has" not in t.roles]
            if at + 1 == len(items) and before and (found := FOCUSES & set(before[-1].roles)):
                return min(found)
        return ""

    def _last(self, role: str) -> int:
        return max((t.start for t in self.t.items if role in t.roles), default=-1)

    def _asks_projects(self) -> bool:
        """Whether projects are what is asked for: “哪些项目…”, or a question that ends in them."""
        if focus := self._focus():
            return focus == "projects"
        if self._adjacent("projects", "which"):
            return True
        if self.t.has("howmany", "money", "when", "how_often", "how_long"):
            return False
        idle = {"which", "yesno", "has"}
        rest = [t for t in self.t.items if t.kind != "light" and not (t.roles and set(t.roles) <= idle)]
        return bool(rest) and "projects" in rest[-1].roles

    def _project_conditions(self, tokens: Tokens, *, topics: bool = True) -> tuple[ProjectCondition, ...]:
        """All that a question says of projects."""
        project, rest = self._named_projects(tokens, loose=False)
        if project is None and tokens.content() and tokens.has("budget", "money", "sum") and not self._asks_projects():
            project, rest = self._named_projects(tokens)
        conditions = self._scope(rest)
        if project:
            conditions = [project, *(c for c in conditions if not isinstance(c, OfYear))]
        inner = self._targets(rest)
        if rest.has("unquantified"):
            inner.append(TargetKind("text"))
        types = self._types(rest)
        counted = [q for q in rest.quantities("amount") if q.operator and q.unit in COUNTERS]
        if (types or rest.has("indicators")) and counted and counted[0].number is not None:
            kinds = tuple(kind for _, kind in types[:1])
            conditions.append(HasCount(kinds, counted[0].operator, int(counted[0].number)))
            inner, types = [c for c in inner if not isinstance(c, OfTarget)], types[1:]
        for token, kind in types:
            if self._negated(token):
                conditions.append(HasIndicator((kind,), negated=True))
            else:
                conditions.append(HasIndicator((kind, *inner)))
                inner = []
        names, rest = self._quoted_names(rest)
        conditions += [HasIndicator((name,)) for name in names]
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
        due = [c for c in inner if isinstance(c, DueBy)]
        done = self._done_by(rest) if due else []
        if done:  # “12月底前发放到位的”: what is due
            run = tuple((w.text, *w.forms) for w in map(self.phrases.word, (t.text for t in done)))
            conditions.append(HasIndicator((*due, Named(run, exact=False))))
            inner = [c for c in inner if c not in due]
            rest = rest.without(set(done))
        conditions += [HasIndicator((c,)) for c in inner]
        if topics:
            conditions += self._topics(rest)
        return tuple(conditions)


def _alike(one: Token, other: Token) -> bool:
    return bool(one.entity and other.entity and one.entity.kind == other.entity.kind)


def nominal(word: str) -> bool:
    """Whether a word can name a topic: a noun, or one that no dictionary knows."""
    return part_of_speech(word)[0] in "nxje"


def shown(q: Quantity) -> str:
    """A quantity as the question says it, for the restatement."""
    return q.text if q.operator else f"为{q.text}"
