"""What a question says that projects and indicators must meet: the conditions its tokens state."""

from __future__ import annotations

import re
from decimal import Decimal

from index.segment import part_of_speech
from kg.ask.lexicon import words
from kg.ask.naming import Naming, Unanswerable
from kg.ask.phrases import Word
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
    OfYear,
    ProjectCondition,
    TargetKind,
    TargetText,
)
from kg.ask.reading import Quantity
from kg.ask.tokens import OR, Token, Tokens
from kg.graph.vocabulary import vocabulary
from ontology import UNIT

ALL = ("都", "也", "均", "全")
OPERATOR = re.compile(r"[≥≤<>=±]")
PAYS = re.compile("都?[发拨补付兑领]|支付|结算")
TOLERATED = 0.34  # share of a topic's words that the data may not know
ANCHORS = ("money", "percent", "date", "span", "frequency", "rank", "top")
COMPUTED = ("most", "least", "sum", "average", "descending", "ascending")
COUNTERS = ("个", "项", "条")


class Conditions(Naming):
    """The tokens of one question, read as conditions."""

    def _project_conditions(self, tokens: Tokens) -> tuple[ProjectCondition, ...]:
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
            of_it = [c for c in inner if isinstance(c, OfTarget | TargetText)]
            inner = [c for c in inner if c not in of_it]
            conditions.append(HasIndicator((label, *of_it), self._negated(token)))
        bounded = [c for c in inner if isinstance(c, OfTarget)]
        if bounded and content:  # “两小时以内响应”: the words say which indicator is bounded
            run = _telling([w for w in self._words(rest) if w.text not in self.lexicon.light])
            if all(self.phrases.known(forms[0]) for forms in run):
                conditions.append(HasIndicator((*bounded, Named(run, exact=False))))
                inner = [c for c in inner if c not in bounded]
                rest = rest.without(set(content))
        due = [c for c in inner if isinstance(c, DueBy)]
        done = self._done_by(rest) if due else []
        if done:  # “12月底前发放到位的”: what is due
            run = _telling([self.phrases.word(t.text) for t in done])
            conditions.append(HasIndicator((*due, Named(run, exact=False))))
            inner = [c for c in inner if c not in due]
            rest = rest.without(set(done))
        none = next((t for t in rest.items if "indicators" in t.roles and self._negated(t)), None)
        conditions += [HasIndicator((c,), negated=none is not None) for c in inner]
        return (*conditions, *self._topics(rest))

    def _scope(self, tokens: Tokens, *, amounts: bool = True) -> list[ProjectCondition]:
        """Department, fund, group, year and amount conditions that the tokens state."""
        found: list[ProjectCondition] = [*self._years()]
        found += [
            OfProject(self._in_year(token.entity.iris), token.entity.label, negated=True)
            for token in tokens.entities("project", "programme")
            if token.entity and self._left_out(token)
        ]
        for token in tokens.entities("department"):
            assert token.entity
            found.append(OfDepartment(token.entity.iris, token.entity.label))
        found += self._funds(tokens)
        for token in tokens.entities("group"):
            assert token.entity
            found.append(OfConcept("beneficiary", token.entity.iris, token.entity.label, self._negated(token)))
        if amounts:
            found += self._money(tokens)
        return found

    def _funds(self, tokens: Tokens) -> list[ProjectCondition]:
        found: list[ProjectCondition] = []
        for token in tokens.entities("fund"):
            assert token.entity
            measured = "fiscal" in token.roles or "other" in token.roles
            bounding = any(self._measure_of(q) != "budget" for q in tokens.quantities("money"))
            if measured and (tokens.has("sum", "howmany", "money") or bounding):
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

    def _money(self, tokens: Tokens) -> list[ProjectCondition]:
        found: list[ProjectCondition] = []
        for q in tokens.quantities("money"):
            if q.number is None or not (q.operator or q.upper):
                continue
            measure = self._measure_of(q)
            found.append(OfAmount(measure, q.operator or "≥", q.number))
            if q.upper is not None:
                found.append(OfAmount(measure, q.upper_operator, q.upper))
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
            passed = {"has", "both"} & set(other.roles) or (other.quantity and other.quantity.kind == "year")
            if other.kind != "light" and not passed:
                break
        after = [t for t in self.t.items if t.start >= token.end][:2]
        money = {"fiscal", "other"} & set(token.roles) or (token.entity and token.entity.kind == "fund")
        return bool(money) and len(after) == 2 and after[0].text in ALL and "not" in after[1].roles

    def _targets(self, tokens: Tokens) -> list[IndicatorCondition]:
        """Conditions on one indicator: target numbers, deadlines, periods, frequencies, quoted target words."""
        found: list[IndicatorCondition] = []
        said = re.search(words()["written_value"]["pattern"], self.text)
        for text in (*tokens.quoted, *((said["value"],) if said else ())):
            if forms := self.phrases.written(text):
                found.append(TargetText(text, forms))
            elif OPERATOR.match(text) and text in tokens.quoted:
                found.append(TargetText(text))
        if found:
            return list(dict.fromkeys(found))
        if tokens.has("value") and tokens.has("empty"):  # “目标值为0”
            found.append(OfTarget("=", Decimal(0), "", "为0"))
        for q in tokens.quantities("percent", "amount", "date", "span", "frequency"):
            match q.kind:
                case "percent" if q.operator or tokens.has("value", "satisfied"):
                    assert q.number is not None
                    found.append(OfTarget(q.operator or "=", q.number, UNIT["percent"], shown(q)))
                case "amount" if q.operator:
                    found.append(self._amount_target(q))
                case "date" if q.last:
                    found.append(DueBy(q.operator, q.last, earliest=q.first))
                case "span" if q.last:
                    found.append(DueBy("=", q.last, q.first))
                case "frequency":
                    found.append(Every(q.period, q.text, bool(PAYS.match(self.text, q.end))))
        return found

    def _amount_target(self, q: Quantity) -> IndicatorCondition:
        assert q.number is not None
        for iri in vocabulary().units.matcher.get(q.unit):
            multiplier, base = vocabulary().multipliers[iri]
            return OfTarget(q.operator, q.number * multiplier, base, shown(q))
        return OfTarget(q.operator, q.number, "", shown(q))

    def _done_by(self, tokens: Tokens) -> list[Token]:
        """The content words between a date and the next 的, where the data knows them all."""
        date = next(t for t in self.t.items if t.quantity and t.quantity.kind in ("date", "span"))
        end = next((t.start for t in self.t.items if t.start >= date.end and t.text == "的"), len(self.text))
        done = [t for t in tokens.content() if date.end <= t.start and t.end <= end]
        return done if all(self.phrases.known(t.text) for t in done) else []

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


def _alike(one: Token, other: Token) -> bool:
    return bool(one.entity and other.entity and one.entity.kind == other.entity.kind)


def _telling(said: list[Word]) -> tuple[tuple[str, ...], ...]:
    """The forms of the words without which a phrase would say something else: 上岗 of 人员上岗."""
    heaviest = max((w.weight for w in said), default=0.0)
    return tuple((w.text, *w.forms) for w in said if w.weight > heaviest / 3)


def nominal(word: str) -> bool:
    """Whether a word can name a topic: a noun, or one that no dictionary knows."""
    return part_of_speech(word)[0] in "nxje"


def shown(q: Quantity) -> str:
    """A quantity as the question says it, for the restatement."""
    return q.text if q.operator else f"为{q.text}"
