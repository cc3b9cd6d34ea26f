"""What a question names, in full or by words that only it holds: years, projects, an indicator."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from kg.ask.asking import Asking
from kg.ask.lexicon import Entity, Lexicon, words
from kg.ask.phrases import CLEAR, CLEAR_SCORE, INDICATOR_SCORE, LEAD, LEADING_SCORE, Candidate, Expected, Phrases, Word
from kg.ask.query import OfProject, OfYear, ProjectCondition, Query
from kg.ask.reading import plain
from kg.ask.tokens import Token, Tokens

SHORT_NAME = 4  # characters at least of a name cut short
ABOUT_SELF = re.compile(r"^(?:那么?|其中|它们?|这些|那些|该|这个|上述)|其中|它们?的|这些项目|那些项目|该项目")


class Unanswerable(Exception):  # noqa: N818 - a finding, not a fault
    """What is asked is not in the data; the message says what is missing."""

    def __init__(self, reason: str, unmatched: Sequence[str] = (), *, untabled: bool = False) -> None:
        """``untabled``: a kind of fact that tables of targets do not have."""
        super().__init__(reason)
        self.unmatched, self.untabled = list(unmatched), untabled


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


class Naming(Asking):
    """The tokens of one question, and what they name."""

    def __init__(
        self,
        lexicon: Lexicon,
        phrases: Phrases,
        tokens: Tokens,
        out: Understanding,
        previous: tuple[str, ...],
    ) -> None:
        super().__init__(lexicon, tokens)
        self.phrases, self.out, self.previous = phrases, out, previous
        self.latest_year = ""  # the note that no year was named

    def previous_scope(self) -> tuple[str, ...]:
        """The projects of the answer before, where the question leans on it."""
        return self.previous if self.previous and ABOUT_SELF.search(self.text) else ()

    def _years(self) -> tuple[ProjectCondition, ...]:
        years = [int(q.number or 0) for q in self.t.quantities("year")]
        years = [y for y in years if y in self.lexicon.years]
        if not years and self.t.has("last_year"):
            years = [self.lexicon.years[0] - 1]
        if not years and self.t.has("this_year"):
            years = self.lexicon.years[:1]
        if not years and self.t.has("across_years"):
            years = self.lexicon.years
        if not years and len(self.lexicon.years) > 1 and not self.previous_scope():
            years = self.lexicon.years[:1]
            note = (
                f"数据含{'、'.join(f'{y}年' for y in self.lexicon.years)}，问题没有写明年度，按最新的{years[0]}年回答"
            )
            self.latest_year = note
            if note not in self.out.notes:
                self.out.notes.append(note)
        if len(self.lexicon.years) == 1:
            return ()
        return (OfYear(tuple(dict.fromkeys(years))),) if years else ()

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
            self.out.notes = [n for n in self.out.notes if n != self.latest_year]
        return within or iris

    def _named_projects(
        self, tokens: Tokens, *, loose: bool = True, short: bool = True
    ) -> tuple[OfProject | None, Tokens]:
        """The project or projects that the tokens name, and the tokens without that name.

        ``short`` also takes a part of a name, ``loose`` leftover words that a project's name holds.
        """
        named = [t for t in tokens.entities("project", "programme") if not self._left_out(t)]
        if named:
            for token in named:
                self._check_brackets(token)
            iris = dict.fromkeys(i for t in named if t.entity for i in t.entity.iris)
            if len(named) == 1 and (one := self._of_fund(tokens, named[0])):
                return one
            if len(named) == 1 and (narrowed := self._said_of(tokens, tuple(iris))):
                chosen, used_words = narrowed
                label = "、".join(self.lexicon.projects[i].label for i in chosen)
                return OfProject(self._in_year(chosen), label), tokens.without({*named, *used_words})
            label = "、".join(dict.fromkeys(t.entity.label for t in named if t.entity))
            return OfProject(self._in_year(tuple(iris)), label), tokens.without(set(named))
        if self.previous_scope():
            return OfProject(self.previous_scope(), "上一个答案"), tokens
        if short and (named_in_part := self._short_name(tokens)):
            return named_in_part
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
        if not found or self._names_another(tokens, [i for i, _ in found]):
            return None, tokens
        self.out.confidence = min(self.out.confidence, round(0.6 + 0.35 * found[0][1], 2))
        iris = dict.fromkeys(i for i, _ in found)
        label = "".join(t.text for t in used if t.kind != "light")
        return OfProject(self._in_year(tuple(iris)), label), tokens.without(set(used))

    def _short_name(self, tokens: Tokens) -> tuple[OfProject, Tokens] | None:
        """The one line of projects in whose name alone adjoining words stand, where no list of projects is asked
        for: those would be its topic."""
        if self._asks_projects():
            return None
        runs: list[list[Token]] = []
        for token in tokens.items:
            part = token.kind in ("word", "light") or (
                token.entity and token.entity.kind in ("group", "indicator", "fund")
            )
            if part and runs and runs[-1] and runs[-1][-1].end == token.start:
                runs[-1].append(token)
            elif part:
                runs.append([token])
        spans = [run[a:b] for run in runs for a in range(len(run)) for b in range(a + 1, len(run) + 1)]
        for span in sorted(spans, key=lambda r: r[-1].end - r[0].start, reverse=True):
            text = self.text[span[0].start : span[-1].end]
            telling = [t for t in span if t.kind != "light"]
            if not telling or len(text) < (SHORT_NAME if len(telling) > 1 else SHORT_NAME + 1) or len(span) < 2:
                continue
            held = tuple(i for i in self._holding(text) if self._of_asked_year(i))
            if not held or self._names_another(tokens, held):
                continue
            left = [t for t in tokens.content() if t not in span]
            if not all(self.phrases.known(t.text) for t in left):
                return None  # something else is asked about that no table mentions
            also = {t for t in left if all(t.text in self.lexicon.names[i] for i in held)}
            return OfProject(self._in_year(held), text), tokens.without({*span, *also})
        return None

    def _of_asked_year(self, project: str) -> bool:
        asked = {int(q.number or 0) for q in self.t.quantities("year")}
        return not asked or self.lexicon.projects[project].year in asked

    def _holding(self, text: str) -> tuple[str, ...]:
        """The projects whose names hold this, where they are of one line."""
        held = self.lexicon.holding(text)
        return held if len({self.lexicon.projects[i].programme for i in held}) == 1 else ()

    def _with_exceptions(self) -> Tokens:
        """The tokens with a project that is named in part behind 除了 as one name."""
        items = self.t.items
        for at, token in enumerate(items):
            if "except" not in token.roles:
                continue
            for end in range(len(items), at + 1, -1):
                said = items[at + 1 : end]
                text = self.text[said[0].start : said[-1].end]
                if len(said) > 1 and len(text) >= SHORT_NAME and (held := self._holding(text)):
                    entity = Entity("programme", text, held)
                    name = Token(said[0].start, said[-1].end, text, "entity", "项目名称的一部分", entity)
                    return replace(self.t, items=[*items[: at + 1], name, *items[end:]])
        return self.t

    def _line_in(self, tokens: Tokens) -> OfProject | None:
        """The projects of the one line that these tokens name, in full or by words that only it holds."""
        project, _ = self._named_projects(tokens)
        one = project and len({self.lexicon.projects[i].programme for i in project.iris}) == 1
        return project if one else None

    def _check_brackets(self, name: Token) -> None:
        """What stands in brackets right behind a project's name belongs to it.

        Raises Unanswerable where no such project has it in its name: “人才专项（支持…建设）” is another project.
        """
        said = re.match(r"\(([^()]{4,})\)", self.text[name.end :])
        if not said or not name.entity:
            return
        end = name.end + said.end()
        telling = self.t.content() + self.t.entities("group", "indicator")
        inside = [t for t in telling if name.end < t.start and t.end < end]
        labels = [self.lexicon.names[i] for i in name.entity.iris]
        if inside and not any(all(t.text in label for t in inside) for label in labels):
            raise Unanswerable(f"没有名为“{name.text}{said[0]}”的项目", [said[1]])

    def _names_another(self, tokens: Tokens, projects: Sequence[str]) -> bool:
        """Whether the words before 费 or 经费 are in none of the names: “系统建设费” is no “系统运维费”."""
        items = tokens.items
        for word, head in pairwise(items):
            if word.kind == "word" and head.text in words()["heads"]["words"] and word.end == head.start:
                said = self.phrases.word(word.text)
                if not any(said.found_in(self.lexicon.names[i]) for i in projects):
                    return True
        return False

    def _left_out(self, token: Token) -> bool:
        """Whether a named project is one to be left out: “除了甲以外”, “甲不算”, “但不是甲”."""
        at = self.t.items.index(token)
        before = self.t.items[max(0, at - 1) : at]
        beside = [*before, *self.t.items[at + 1 : at + 2]]
        return any("except" in t.roles for t in beside) or any("not" in t.roles and t.text[0] == "不" for t in before)

    def _of_fund(self, tokens: Tokens, line: Token) -> tuple[OfProject, Tokens] | None:
        """A line of projects with a fund right behind it, as in “社会保险补贴（中央直达资金）”: the one so funded."""
        after = [t for t in tokens.items if t.start >= line.end]
        years = [t for t in after[:1] if t.quantity and t.quantity.kind == "year"]
        fund = after[len(years)] if len(after) > len(years) else None
        if not fund or not fund.entity or fund.entity.kind != "fund" or not line.entity:
            return None
        if not re.fullmatch(r"[(（\-—]*", self.text[line.end : (years or [fund])[0].start]):
            return None
        chosen = self.phrases.funded(self._in_year(line.entity.iris), fund.entity.iris)
        if not chosen or len(chosen) == len(line.entity.iris):
            return None
        label = "、".join(self.lexicon.projects[i].label for i in chosen)
        return OfProject(chosen, label), tokens.without({line, fund, *years})

    def _said_of(self, tokens: Tokens, projects: tuple[str, ...]) -> tuple[tuple[str, ...], set[Token]] | None:
        """Of a line's projects those whose names alone hold the words left over, and these words."""
        said = [t for t in tokens.content() if len(t.text) > 1]
        if len(projects) < 2 or not said:
            return None
        names = {i: self.lexicon.names[i] for i in projects}
        held = [t for t in said if any(t.text in name for name in names.values())]
        chosen = tuple(i for i, name in names.items() if held and all(t.text in name for t in held))
        return (chosen, set(held)) if chosen and len(chosen) < len(projects) else None

    def _words(self, tokens: Tokens, *kinds: str) -> list[Word]:
        """Content words, and with less weight the light ones, as a phrase; ``kinds`` of names are words too."""
        return [
            self.phrases.word(token.text, self._other_names(token))
            for token in tokens.items
            if token.kind in ("word", "light")
            or (token.entity and token.entity.kind in kinds)
            or ("per_unit" in token.roles and kinds and self.phrases.known(token.text))
        ]

    def _other_names(self, token: Token) -> tuple[str, ...]:
        """What else the scheme calls the group that a token names, where the data never calls it so."""
        if not token.entity or token.entity.kind != "group" or self.phrases.known(token.text):
            return ()
        return tuple(plain(label) for _, iri, label in self.lexicon.labels if iri in token.entity.iris)

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
