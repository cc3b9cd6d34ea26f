"""A question answered: read by composition, run on the graph, proved by cells; else a no that says why and what helps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, replace
from functools import cached_property
from itertools import combinations
from typing import Any

from index.search import Index
from index.segment import part_of_speech
from kg.ask import follow
from kg.ask.answer import Answer, Item
from kg.ask.compose import Composer, Reading
from kg.ask.confidence import GAP, confidence, features, leaning, model
from kg.ask.grammar.chart import described, parse
from kg.ask.grammar.meaning import Asked, named
from kg.ask.grammar.rules import grammar
from kg.ask.helpful import bare_keywords, passages, suggestions
from kg.ask.lexicon import Lexicon, words
from kg.ask.link.lattice import Lattice
from kg.ask.link.nearest import Near, lists_or_counts
from kg.ask.link.slots import slots
from kg.ask.link.triggers import entries
from kg.ask.logic.attributes import Attribute
from kg.ask.logic.changes import NewIn, Renamed, Retargeted
from kg.ask.logic.conditions import PREVIOUS, Is, Mention, walk
from kg.ask.logic.evidence import Evidence
from kg.ask.logic.holding import Sums
from kg.ask.logic.plain import OfConcept, OfDepartment, OfProject, OfYear
from kg.ask.logic.run import Result
from kg.ask.logic.sets import Set
from kg.ask.logic.values import Exists, List, Number, Several
from kg.ask.logic.wanted import Wanted
from kg.ask.parts import asks_by_itself, clauses, flat
from kg.ask.phrases import Phrases
from kg.ask.reading import plain
from kg.ask.scope import outside, proves_absence, unheld
from kg.ask.tokens import Tokens, tokenise
from kg.ask.typos import Typos
from kg.ask.vetoes import Case, veto, wrong_end
from kg.graph.departments import Departments
from kg.graph.store import Store

ABSENT = 0.9  # confidence in a reading from which on nothing found means that the tables do not hold it
SURE = 0.5  # of a reading's cost: enough to go against what seems to be no fact of the tables
MENDED = 0.03  # for each thing that was mended or left out in reading the question
WEAK, BETTER = (
    0.5,
    0.2,
)  # what a whole question costs for its asking part to be read alone, and how much less that has to
TRIED = 4  # readings that are run
RIVALS = 2  # other readings that are compared with the best
EMPTY = 0.25  # a reading that finds nothing gives way to one that does and costs no more than this above it
BY_ITSELF = 0.85  # how sure a clause has to be that does not say of what it is, to stand beside others
LEAN = 0.5  # of the cost of a question that leans on the one before
ALIKE = 0.2  # what it is worth that a question asks the same of other words as the one before
FARTHER = 0.65  # what linking the words of a question that leans may cost
CHAIN = 4  # questions of a conversation that are kept
PAIRED = 0.85  # how sure an answer is at most that rests on which indicators of two years are the same
OFFERED, SURELY = 2048, 0.3  # questions kept that may be offered; what reading one costs at most
FOUND = 0.3  # how sure what is found for keywords is
ASKED_OF = (
    "projects",
    "indicators",
    "departments",
    "budget",
    "value",
    "sum",
    "purpose",
)  # roles whose words are mended
NOT_IN_DATA, NOT_UNDERSTOOD, AMBIGUOUS = "not_in_data", "not_understood", "ambiguous"
_ITEM = {f.name for f in fields(Item)}


class Asker:
    """Answers questions about one store and its index."""

    def __init__(self, store: Store, index: Index, lexicon: Lexicon | None = None) -> None:
        """``lexicon``: the names in the store, where they are at hand."""
        self.store, self.index = store, index
        self.lexicon = lexicon or Lexicon.of(store)
        self._resumed: dict[tuple[str, ...], Answer] = {}
        self._answerable: dict[str, bool] = {}

    @cached_property
    def phrases(self) -> Phrases:
        return Phrases(self.lexicon, self.index, self.store)

    @cached_property
    def typos(self) -> Typos:
        return Typos(
            self.lexicon.entities.labels,
            self._known,
            frozenset(words()["particles"]["words"]),
            lambda: self.lexicon.compounds(self.index.segmenter),
            frozenset(w for role in ASKED_OF for w in map(plain, words()["roles"][role]) if len(w) == 2),
        )

    def _known(self, word: str) -> bool:
        return word in self.lexicon.roles or self.phrases.known(word)

    @cached_property
    def composer(self) -> Composer:
        return Composer(self.lexicon, self.phrases, self.store, Departments.of(self.store))

    def answerable(self, question: str) -> bool:
        """Whether a question is surely read and has an answer. Kept: what is offered is mostly the same."""
        if question not in self._answerable:
            if len(self._answerable) >= OFFERED:
                self._answerable.clear()
            readings = self.composer.read(self.tokens(question))
            sure = bool(readings and readings[0].cost < SURELY)
            self._answerable[question] = sure and bool(self.composer.run(readings[0]).items)
        return self._answerable[question]

    def tokens(self, question: str) -> Tokens:
        return tokenise(question, self.lexicon, self.index.segmenter, self.typos, self.phrases.known)

    def resume(self, context: Sequence[str]) -> Answer | None:
        """The answer to the last of the questions that were asked one after the other."""
        answer: Answer | None = None
        asked: tuple[str, ...] = ()
        for question in context[-CHAIN:]:
            asked = (*asked, question)
            if asked not in self._resumed:
                if len(self._resumed) > 64:
                    self._resumed.clear()
                self._resumed[asked] = self.ask(question, answer)
            if self._resumed[asked].answers:
                answer = self._resumed[asked]
        return answer

    def ask(self, question: str, previous: Answer | None = None) -> Answer:
        """Answer a question; ``previous`` is the answer it may lean on (“那其中预算最高的呢？”)."""
        tokens = self.tokens(question)
        answer = Answer(question, "", "none", method="none", notes=list(tokens.notes), tokens=tokens)
        answer.context = [*(previous.context if previous else []), question][-CHAIN:]
        if not tokens.items:
            answer.understood, answer.reason = "问题是空的或没有可识别的文字", NOT_UNDERSTOOD
            return answer
        lattice = self.composer.lattice(tokens)
        if previous is not None and previous.value is not None and self._leaning(tokens, lattice, previous, answer):
            return answer
        readings = self.composer.read(tokens, lattice)
        whole = tokens, lattice
        if previous is None and (not readings or readings[0].cost > WEAK):
            for part in self._asking_parts(tokens):
                tokens_, lattice_ = (t := self.tokens(part)), self.composer.lattice(t)
                found = self.composer.read(tokens_, lattice_)
                if found and (not readings or found[0].cost + BETTER < readings[0].cost):
                    tokens, lattice, readings = tokens_, lattice_, found  # “领导要一份清单：…”
                    answer.notes.append(f"只按“{part}”回答")
                    break
        beyond = outside(tokens, self.lexicon, self.phrases, self.composer.linker.departments)
        if beyond is not None and not (
            readings and readings[0].cost < SURE and self.composer.knows(readings[0], beyond, tokens)
        ):
            answer.understood, answer.unmatched, answer.reason = beyond.reason, beyond.unmatched, NOT_IN_DATA
            answer.suggestions = suggestions(self, tokens)
            return answer
        near: Near | None = None
        if lattice.by_itself and self._in_parts(answer, lattice, previous):
            return answer
        if not self._composed(answer, readings, lattice):
            if tokens is not whole[0]:  # what a question means is told by all of it
                (tokens, lattice), readings = whole, []
                answer.notes.pop()
            if self._in_parts(answer, lattice, previous):
                return answer
            near = self._nearest(answer, tokens, lattice)
            if (
                not (near and self._meant(answer, near, tokens, lattice))
                and not answer.reason
                and not self._called(answer, tokens, lattice)
            ):
                self._unread(answer, readings, tokens)
        if answer.kind == "none":
            answer.suggestions = suggestions(self, tokens, near)
        return answer

    # —— by composition ——

    def _composed(self, answer: Answer, readings: list[Reading], lattice: Lattice) -> bool:
        """Answers by the best reading, if that is sure enough; whether it is. Else says which two it may be."""
        chosen = self.chosen(readings, lattice)
        if chosen is None:
            return False
        reading, result, gap, rival = chosen
        if not result.items:
            for year, before in self.composer.earlier(reading):
                if (found := self.composer.run(before)).items:
                    note = f"{self.lexicon.years[0]}年的表里没有，按{year}年回答"
                    reading, result = replace(before, undated=False, notes=(note, *before.notes)), found
                    break
        answer.features = self.features(answer, reading, lattice, gap)
        stray = answer.before is not None and not follow.anchored(reading.value)
        sure = confidence(answer.features, stray=stray)
        if sure < model()["answered"]:
            alone = confidence(answer.features | {"gap": GAP}, stray=stray)
            if rival is not None and alone >= model()["answered"]:
                answer.understood = f"有两种读法：① {result.understood}；② {rival.understood}"
                answer.reason = AMBIGUOUS
            return False
        if answer.features.get("skip YN") and isinstance(reading.value, List) and not result.items:
            reading = replace(reading, value=Exists(reading.value.of))  # “有没有…的”, and there is none
            result = self.composer.run(reading)
        case = Case(
            answer, reading, result, lattice, sure, self.composer, lambda: self._otherwise(answer, result, lattice)
        )
        if veto(case):
            return False
        if result.boolean is not None and (unused := self._unused(reading)):
            answer.understood, answer.reason = f"没有任何表提到“{unused}”", NOT_IN_DATA
            return True
        if result.items:
            if (apart := self.composer.side_by_side(reading)) is not None and (told := self.composer.run(apart)).items:
                reading, result = apart, told
            answer.unmatched = self.composer.left_out(reading, result, answer.tokens) if answer.tokens else []
            self._tell(answer, reading, result, sure)
            return True
        answer.sparql = result.sparql
        if sure < ABSENT or not proves_absence(reading.value):
            answer.understood, answer.reason = f"没有看懂：{result.understood}，没有查到", NOT_UNDERSTOOD
            return False
        answer.understood, answer.reason = f"{result.understood}：数据里没有符合条件的内容", NOT_IN_DATA
        answer.meaning, answer.value = reading.derivation.meaning, reading.value
        return True

    def _nearest(self, answer: Answer, tokens: Tokens, lattice: Lattice) -> Near | None:
        """What a question that no rule reads comes nearest to, unless it leans on the one before."""
        if answer.before is not None and follow.leans(tokens.text):
            return None
        return self.composer.nearest.near(tokens, lattice)

    def _otherwise(self, answer: Answer, result: Result, lattice: Lattice) -> bool:
        """Whether words that were linked with some doubt, together with all the rest of the question, come surely nearer
        to the value of something else."""
        assert answer.tokens
        if lattice.text != answer.tokens.text:
            return False  # a part of the question was read
        near = self._nearest(answer, answer.tokens, lattice)
        if near is None or near.of != "indicator" or not near.enough:
            return False
        return not set(near.iris) & {str(i["iri"]) for i in result.items}

    def _meant(self, answer: Answer, near: Near, tokens: Tokens, lattice: Lattice) -> bool:
        """Answers by what the question comes nearest to, where that is sure; whether it is."""
        if not near.enough or (near.of == "indicator" and lists_or_counts(lattice)):
            return False
        reading = self.composer.nearest_to(near, tokens.text)
        if reading is None or not (result := self.composer.run(reading)).items:
            return False
        said = {role for t in tokens.items for role in t.roles}
        many = len(result.items) > 1 or len(near.years) > 1
        if {"sum", "join"} <= said or (many and any(e.category == "AGG" for e in lattice.edges)):
            return False  # “两年加起来要买多少台”, “修缮和迁移总共多少钱”: one by itself is no answer
        if wrong_end(lattice, result):
            return False
        answer.reason = ""
        answer.unmatched = list(near.lacking)
        self._tell(answer, reading, result, near.confidence)
        kind = "指标" if near.of == "indicator" else "项目"
        answer.notes.append(f"没有逐字读懂，按意思理解为{kind}“{near.label}”")
        return True

    def _called(self, answer: Answer, tokens: Tokens, lattice: Lattice) -> bool:
        """Answers a question that the rules read but for a project's name in other words; whether it is one."""
        if answer.before is not None and follow.leans(tokens.text):
            return False
        for slot in slots(self.composer.nearest, tokens, lattice):
            readings = [
                r
                for r in self.composer.read(tokens, slot.lattice)
                if any((a, b, c) == (slot.start, slot.end, "S") for a, b, c in r.derivation.used())
            ]
            chosen = self.chosen(readings, slot.lattice)
            if chosen is None or not chosen[1].items:
                continue
            reading, result, gap, _ = chosen
            found = self.features(answer, reading, slot.lattice, gap)
            if (sure := confidence(found)) >= model()["answered"]:
                answer.features = found
                self._tell(answer, reading, result, min(sure, slot.near.confidence))
                answer.notes.append(f"把“{slot.said}”按意思理解为项目“{slot.near.label}”")
                return True
        return False

    def chosen(self, readings: list[Reading], lattice: Lattice) -> tuple[Reading, Result, float, Result | None] | None:
        """The reading to answer by, its result, how much dearer the next is that comes to something else, and what
        that one comes to, if it is anything and this is too."""
        ran: dict[int, Result] = {}

        def run(reading: Reading) -> Result:
            return ran.get(id(reading)) or ran.setdefault(id(reading), self.composer.run(reading))

        first: Reading | None = None
        for reading in readings[:TRIED]:
            if first is not None and (run(first).items or reading.cost > first.cost + EMPTY):
                break
            result = run(reading)
            if (
                len(result.items) + result.absent == 1
                and result.boolean is None
                and self.composer.apart(reading, lattice)
            ):
                apart = self.composer.one_by_one(reading)
                if apart is None:
                    continue  # “甲和乙分别…”: half of it
                reading, result = apart, run(apart)
            elif (apart := self.composer.parts_apart(reading, lattice)) is not None:
                reading, result = apart, run(apart)
            if result.items or first is None:
                first = reading
        if first is None:
            return None
        mine = _key(run(first))
        rivals = [r for r in readings if r is not first][:RIVALS]
        others = [(abs(r.cost - first.cost), run(r)) for r in rivals if _key(run(r)) != mine]
        gap, rival = min(others, key=lambda o: o[0], default=(GAP, None))
        both = rival is not None and rival.items and run(first).items and rival.understood != run(first).understood
        return first, run(first), gap, rival if both else None

    def features(self, answer: Answer, reading: Reading, lattice: Lattice, gap: float) -> dict[str, float]:
        assert answer.tokens
        notes = len(answer.notes) + bool(reading.notes)
        return features(answer.tokens, lattice, reading.derivation, reading.link, reading.passed, gap, notes)

    def _tell(self, answer: Answer, reading: Reading, result: Result, sure: float) -> None:
        answer.kind, answer.boolean, answer.sparql, answer.method = result.kind, result.boolean, result.sparql, "graph"
        answer.understood = result.understood
        result.prove()
        answer.answers = [_item(i) for i in result.items]
        answer.projects = list(dict.fromkeys(p for i in result.items for p in _about(i)))
        answer.value, answer.meaning = reading.value, reading.derivation.meaning
        answer.confidence = round(max(0.02, sure - MENDED * len(answer.notes)), 2)
        answer.notes += [*reading.notes, *result.notes, *self._named_alike(reading), *self._years_said(reading, result)]
        if any(isinstance(n, NewIn | Renamed | Retargeted) for n in walk(reading.value)):
            answer.notes.append("两年的指标按名称和查重的配对对应；改了名、没有认出是同一个的，算作一个新增、一个取消")
            answer.confidence = min(answer.confidence, PAIRED)
        if any(isinstance(n, Sums) and n.attribute.kind == "amount" for n in walk(reading.value)):
            answer.notes.append("合计只加写明金额的成本指标；人均、单价等标准不计，有一项没写单位又推不出的不比")
        if absent := self._years_without(reading, result):
            answer.notes.append(f"{'、'.join(f'{y}年' for y in absent)}没有找到")
            answer.confidence = round(max(0.05, answer.confidence - 0.3), 2)
        answer.derivation = described(reading.derivation)
        answer.items_found = result.items
        for part in result.parts:
            answer.parts.append(
                {
                    "understood": part.understood,
                    "kind": part.kind,
                    "boolean": part.boolean,
                    "answers": [asdict(_item(i)) for i in part.items],
                    "sparql": part.sparql,
                }
            )

    def _years_without(self, reading: Reading, result: Result) -> list[int]:
        """Of several years that the question names those that nothing in a list of values is of."""
        asked = {y for n in walk(reading.value) if isinstance(n, OfYear) and len(n.years) > 1 for y in n.years}
        found = {i["year"] for i in result.items if i.get("year")}
        return sorted(asked - found) if asked and found and result.kind == "value" else []

    def _unused(self, reading: Reading) -> str:
        """A group or fund that the reading asks about and nothing in the graph is linked to."""
        for node in walk(reading.value):
            if isinstance(node, OfConcept) and not set(node.iris) & self.lexicon.used:
                return node.label
        return ""

    def _named_alike(self, reading: Reading) -> list[str]:
        """Of a name that several projects go by, which they are."""
        out = []
        for node in walk(reading.value):
            if isinstance(node, OfProject) and not node.negated and len(node.iris) > 1 and "、" not in node.label:
                labels = "、".join(
                    dict.fromkeys(self.lexicon.projects[i].label for i in node.iris if i in self.lexicon.projects)
                )
                if "、" in labels:
                    out.append(f"“{node.label}”对应 {len(node.iris)} 个项目（{labels}）")
        return list(dict.fromkeys(out))

    def _years_said(self, reading: Reading, result: Result) -> list[str]:
        """That no year was named, and which the answer is about."""
        if len(self.lexicon.years) < 2 or not reading.undated:
            return []
        years = sorted({i["year"] for i in result.items if i.get("year")}, reverse=True)
        if len(years) > 1 or reading.mixed:
            shown = "、".join(f"{y}年" for y in years)
            return [f"问题没有写明年度，按各部门最近一年回答{f'（含{shown}）' if shown else ''}"]
        have = "、".join(f"{y}年" for y in self.lexicon.years)
        return [f"数据含{have}，问题没有写明年度，按最新的{(years or self.lexicon.years)[0]}年回答"]

    # —— several things asked one after the other ——

    def _in_parts(self, answer: Answer, lattice: Lattice, previous: Answer | None) -> bool:
        """Answers a question whose clauses each ask for something, one after the other as in a conversation."""
        found: list[Answer] = []
        measures = lattice.measures
        for text in measures or clauses(
            answer.question, lambda said: asks_by_itself(self.composer.lattice(self.tokens(said)))
        ):
            part = self._part(text, found) if found and not measures else self.ask(text, previous)
            if measures and found and part is not None and not set(part.projects) & set(found[0].projects):
                return False  # of one and the same thing
            if measures and part is not None and isinstance(part.value, Number):
                return False  # “消防站的数量” is no number of projects
            if part is None or not part.answers or part.method != "graph":
                return False
            if len(part.answers) < 2 and re.search(entries()["measures"]["told_each"], text):
                return False
            found.append(part)
        told = [{i["iri"] for i in part.items_found if i["iri"]} for part in found]
        held = [part for part, one, other in zip(found, told, told[1:], strict=False) if one and one < other]
        kept = [part for part in found if part not in held]  # “…家数，2024年和2025年各是多少”
        values = flat([part.value for part in kept])
        if len(found) < 2 or len(set(values)) < len(values):
            return False
        apart = [{(i.iri, i.value) for i in part.answers} for part in kept if part.kind == "value"]
        if any(one & other for one, other in combinations(apart, 2)):
            return False  # “围网要建多长，什么时候建完”, and one indicator found for both
        asked = Several(values) if len(values) > 1 else values[0]
        reading = self.composer.meant(asked, 0.0, answer.question)
        result = self.composer.run(reading) if reading else None
        if reading is None or result is None or not result.items:
            return False
        answer.reason = ""
        self._tell(answer, reading, result, min(part.confidence for part in found))
        meanings = flat([part.meaning for part in kept])
        answer.meaning = Several(meanings) if len(meanings) > 1 else meanings[0]
        answer.notes += [note for part in found for note in part.notes if note not in answer.notes]
        return True

    def _part(self, text: str, found: list[Answer]) -> Answer | None:
        """The answer to a clause that goes on from those before it; None where it does not say of what it is."""
        tokens = self.tokens(text)
        part = Answer(text, "", "none", method="none", notes=list(tokens.notes), tokens=tokens)
        if self._leaning(tokens, self.composer.lattice(tokens), found[-1], part):
            before = {project for one in found for project in one.projects}
            other = part.kind == "value" and before and not set(part.projects) <= before
            if part.boolean is not None:
                return None  # of what it is true is easily mistaken
            if other and not follow.anchored(part.meaning):
                return self._of_the_same(text, tokens, found)  # what is found elsewhere is not of the same
            part.value = follow.of_the_listed(part.value, found[-1].value)
            return part
        if (same := self._of_the_same(text, tokens, found)) is not None:
            return same
        alone = self.ask(text)
        if alone.meaning is None:
            return None
        everything = not any(follow.anchored(before.meaning) or before.kind == "value" for before in found)
        of_all = isinstance(alone.value, Number)  # the sum of all is no answer about what was spoken of
        telling = alone.confidence >= BY_ITSELF and len(tokens.content()) > 1 and not of_all  # not “什么时候完成”
        if (of_all or len(alone.projects) > 1) and self._spoken_of(found) and not self._names_other(tokens):
            return None  # “养老企业投入多少”: no sum of all that serve them
        return alone if everything or follow.anchored(alone.meaning) or telling else None

    def _of_the_same(self, text: str, tokens: Tokens, found: list[Answer]) -> Answer | None:
        """The answer to a clause that names no project, of the one project that was spoken of before it."""
        spoken = self._spoken_of(found)
        paid = any(level in text for level in entries()["fund_levels"]["names"])  # “市级配套出多少”
        if spoken is None or paid or self._names_other(tokens):
            return None
        year = "" if tokens.quantities("year") else f"{spoken.year}年"
        part = self.ask(f"{year}{spoken.label}{text}")
        if part.meaning is None or set(part.projects) != {spoken.iri} or len(part.answers) > 1:
            return None
        wanted = [e.meaning for e in self.composer.lattice(tokens).edges if isinstance(e.meaning, Wanted)]
        each = any(w.each or "per" in w.kinds for w in wanted)
        for_each = all("/" in f"{i.unit}{i.value}" for i in part.answers)
        return part if for_each or not each else None  # “每度电补多少” asks for no sum

    def _spoken_of(self, found: list[Answer]) -> Any:
        """The one project that all clauses so far are about; None where they are about several."""
        projects = {project for one in found for project in one.projects}
        return self.lexicon.projects.get(projects.pop()) if len(projects) == 1 else None

    def _names_other(self, tokens: Tokens) -> bool:
        """Whether a clause says of which projects it is."""
        named = tokens.entities("project", "programme", "department")
        return bool(named) or tokens.has("projects", "departments")

    # —— leaning on the answer before ——

    def _leaning(self, tokens: Tokens, lattice: Lattice, previous: Answer, answer: Answer) -> bool:
        """Answers a question that goes on from the last; whether it is one."""
        answer.before = previous
        cue = follow.leans(tokens.text)
        bare = re.sub(r"[?？。!！,，呢吗的 ]", "", tokens.text)
        asked = re.sub("^(?:那|它们|一共|总共|两者|两年)*", "", bare)
        numbers = follow.statistics(previous.value, previous.items_found)
        of_two = follow.several(asked)[0]
        for operation, said in (("difference", "differences"), ("rate", "rates")):
            if of_two in map(plain, entries()["follow"][said]):
                two = list(numbers)
                if len(two) == 1 and previous.before is not None and previous.before.value is not None:
                    two += follow.statistics(previous.before.value, previous.before.items_found)
                if (value := follow.difference(two, operation)) is not None:
                    return self._lean(answer, value, 0.1, previous)
        if of_two in map(plain, entries()["follow"]["differences"]) and follow.by_growth(previous.value):
            return self._lean(answer, previous.meaning, 0.1, previous)  # “增加最多的是哪个”, “增加了多少”
        if asked in map(plain, entries()["follow"]["others"]) and (value := follow.other_end(previous.meaning)):
            return self._lean(answer, value, 0.1, previous)
        for most in (True, False):
            if of_two in entries()["follow"]["greater" if most else "smaller"] and previous.before is not None:
                values, found = (
                    [previous.value, previous.before.value],
                    previous.items_found + previous.before.items_found,
                )
                if (value := follow.greater(values, found, most)) is not None:
                    return self._lean(answer, value, 0.1, previous)
        of_number = isinstance(previous.value, Number) and len(numbers) == 2  # “差多少”, “加起来呢”
        if asked in entries()["follow"]["sums"] and (value := follow.whole(previous.value)) is not None:
            return self._lean(answer, value, 0.1, previous)
        if (many := follow.added(bare.removeprefix("那"))) and (len(numbers) == 1 or of_number):
            chain, at = [[n] for n in numbers], previous.before
            while at is not None and at.value is not None:
                chain.append(follow.statistics(at.value, at.items_found))
                at = at.before
            value = follow.total(chain, many)
            return value is not None and self._lean(answer, value, 0.1, previous)
        options: list[tuple[float, Any, Any]] = []
        pointed = any(w in tokens.text for w in entries()["follow"]["pointers"])
        before = follow.spoken(previous.items_found, previous.meaning, self.phrases.kinds)
        for part, cost in follow.fragments(lattice, parse, grammar()):
            if cost > SURE or (pointed and isinstance(part, follow.Ranked)):
                continue  # “其中最少的”: of those that were told
            if isinstance(part, Asked) or (isinstance(part, tuple) and isinstance(part[0], tuple)):
                for value, more in follow.parallels(previous.meaning, part, before) if before and cue else ():
                    if (reading := self.composer.meant(value, cost + more, tokens.text, before)) is not None:
                        options.append((max(0.0, reading.cost - ALIKE), None, reading))
            elif (value := follow.exchanged(self._spelt_out(previous, part), part, previous.items_found)) is not None:
                options.append((cost + (0.02 if cue else 0.2), value, None))
        again = follow.reworded(tokens, self.tokens(previous.question)) if cue or len(tokens.items) < 4 else None
        if again is not None:
            options += [(r.cost + 0.1, None, r) for r in self.composer.read(self.tokens(again))[:1]]
        sets = follow.found(previous.items_found, previous.value) + follow.listed(previous.value)
        if previous.before is not None:
            last = self._projects(previous), self._projects(previous.before)
            sets = follow.of_two(tokens.text, *last) or sets
            if any(isinstance(n, Is) and n.label == PREVIOUS for n in walk(previous.value)):
                sets = [*sets, *follow.listed(previous.before.value)]
        if any(e.category == "THERE" for e in lattice.edges):  # “2024年也有吗”: whatever year they were found in
            sets = [(follow.through_years(of, self.lexicon.lines), cost) for of, cost in sets]
        if sets:
            more = 0.0 if cue else 0.06
            onward = self.composer.read(
                tokens,
                follow.with_previous(
                    lattice, sets, numbers, follow.asked(previous.meaning, sets), previous.items_found
                ),
                before,
            )[:4]
            if not any(isinstance(e.meaning, Attribute) and e.meaning.kind == "money" for e in lattice.edges):
                onward = [replace(r, value=follow.of_the_listed(r.value, previous.value)) for r in onward]
                onward = [r for r in onward if not follow.strays(r.value, previous.value)]
            onward = [r for r in onward if r.value != previous.value]  # nothing is asked twice
            options += [(r.cost + more, None, r) for r in onward]
        options = [o for o in options if o[2] is None or o[2].value != previous.value]
        alone = [] if pointed and sets else self.composer.read(tokens, lattice)
        options.sort(key=lambda o: o[0])
        name = not lattice.asks and any(e.category == "NE" for e in lattice.edges)  # “乙呢”
        best = alone[0].cost if alone else 9.0
        if not (alone and follow.anchored(alone[0].derivation.meaning, cue)):
            best += 0.5
        elif not cue:
            best -= 0.12
        for cost, value, reading in options[:4]:
            if cost > LEAN or cost > best:
                break
            if reading is not None:
                result = self.composer.run(reading)
                other = not name or not (_same(result.items, previous.items_found) or self._lost(reading, tokens))
                few = len(result.items) < 2 and self.composer.apart(reading, lattice)  # “财政资金和自筹各多少”
                if result.items and other and not few and not self._vetoed(answer, reading, result, lattice):
                    self._tell(answer, reading, result, leaning(reading.cost))
                    return True
            elif self._lean(answer, value, cost, previous):
                return True
        return False

    def _projects(self, answer: Answer) -> list[str]:
        """The projects that an answer is about; of a list of funds or groups those that the question named."""
        of = next((n for n in walk(answer.value) if isinstance(n, Set) and n.cls == "project" and named(n)), None)
        return answer.projects or (self.composer.runner.members(of) if of is not None else [])

    def _spelt_out(self, previous: Answer, part: Any) -> Any:
        """What was asked before, what it pointed to put as it may be of another year or department: the same projects'
        lines, or what they were found by."""
        condition = part[0] if isinstance(part, tuple) and len(part) == 1 else None
        if isinstance(condition, OfYear):
            return follow.in_any_year(previous.meaning, self.lexicon.lines)
        if isinstance(condition, OfDepartment) and previous.before is not None:
            return follow.spelt_out(previous.meaning, previous.before.value)
        return previous.meaning

    def _vetoed(self, answer: Answer, reading: Reading, result: Result, lattice: Lattice) -> str:
        """What keeps a reading of a question that goes on from the last from being its answer."""
        return veto(Case(answer, reading, result, lattice, 1.0, self.composer, lambda: False))

    def _lost(self, reading: Reading, tokens: Tokens) -> bool:
        """Whether the words by which an indicator is asked for leave one out: “发放时间” is not any 时间."""
        said = [w for n in walk(reading.derivation.meaning) if isinstance(n, Mention) for w in n.words]
        light = [t.text for t in tokens.items if t.kind == "light" and len(t.text) > 1 and self.phrases.known(t.text)]
        return bool(said) and any(w not in said and part_of_speech(w)[0] in "vn" for w in light)

    def _lean(self, answer: Answer, value: Any, cost: float, previous: Answer) -> bool:
        reading = self.composer.meant(value, cost, previous.question)
        if reading is None or reading.cost > cost + FARTHER:
            return False
        result = self.composer.run(reading)
        if not result.items or _same(result.items, previous.items_found):
            return False
        self._tell(answer, reading, result, leaning(reading.cost))
        answer.meaning = value
        return True

    def _asking_parts(self, tokens: Tokens) -> Iterator[str]:
        """The question without what goes before it (“领导要一份清单：”) or comes after it and asks nothing (“？这样写不规范”, but
        not “？达标率呢”)."""
        text = tokens.text
        after = _after_preamble(text)
        if (
            after
            and (said := self.tokens(text[: -len(after)]))
            and (said.entities() or said.quantities("money", "percent", "year"))
        ):
            after = ""  # what names something is no preamble
        for asked in filter(None, (after, text)):
            head, mark, rest = asked.rstrip("?。!").partition("?")
            if mark and head and not follow.leans(rest) and _idle(self.tokens(rest)):
                yield f"{head}?"
        if after:
            yield after

    # —— not at all ——

    def _unread(self, answer: Answer, readings: list[Reading], tokens: Tokens) -> None:
        """What is found for plain keywords; else why there is no answer."""
        if answer.before is None and bare_keywords(tokens, self.phrases):
            answer.answers = passages(self.index, tokens.question)
        if answer.answers:
            answer.kind, answer.method, answer.confidence = "passages", "search", FOUND
            answer.understood = f"没有看出问题，按关键词检索“{answer.question.strip()}”"
            return
        answer.unmatched = self.composer.unmatched(tokens, readings)
        foreign = [
            w for w in answer.unmatched if len(w) > 1 and w not in self.lexicon.roles and self.phrases.foreign(w)
        ]
        answer.reason = NOT_UNDERSTOOD
        if foreign:
            answer.understood = f"没有看懂：表里没有“{'”“'.join(foreign)}”这样的说法"
        elif missing := unheld(tokens, self.lexicon, self.phrases, answer.unmatched):
            answer.understood, answer.reason = missing, NOT_IN_DATA
        else:
            left = f"：“{'”“'.join(answer.unmatched)}”" if answer.unmatched else ""
            answer.understood = f"没有看懂要查什么{left}"


IDLE = frozenset({"departments", "unit_wan", "unit_yuan", "unit_yi", "has", "not"})  # roles of words that ask nothing


def _idle(tokens: Tokens) -> bool:
    """Whether a sentence names, counts and asks nothing: no part of the question, and no condition."""
    said = any(t.entity or t.quantity or set(t.roles) - IDLE for t in tokens.items)
    return not said and not any(c in tokens.text for c in entries()["interrogative"])


def _same(found: list[dict[str, Any]], before: list[dict[str, Any]]) -> bool:
    """Whether the same indicators were found as before: “乙呢” asks of another."""
    iris = {i["iri"] for i in found if i.get("about")}
    return bool(iris) and iris == {i["iri"] for i in before}


def _after_preamble(text: str) -> str:
    """What stands after a colon, or after what only says that something is to be told, where it is most of the question."""
    before, colon, after = text.partition(":")
    if colon and len(after) > len(before):
        return after
    said = re.match(entries()["preamble"]["pattern"], text)
    return text[said.end() :] if said and len(text) - said.end() > said.end() / 2 else ""


def _item(found: dict[str, Any]) -> Item:
    return Item(**{k: v for k, v in found.items() if k in _ITEM})


def _about(found: dict[str, Any]) -> list[str]:
    if found.get("of"):
        return list(found["of"])
    if found.get("about"):
        return [found["about"]]
    return [found["iri"]] if found["iri"] and found["project"] else []


def _key(result: Result) -> Any:
    """What two ways to the same answer have in common."""
    if result.boolean is not None:
        return result.boolean
    return tuple(sorted({str(i["iri"] or i["number"]) for i in result.items}))


__all__ = ["Asker", "Evidence"]
