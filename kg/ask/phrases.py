"""Words of a question linked to what the graph says in other words: projects, indicators, topics.

A phrase is scored against a text by the share of its words, weighted by how rare they are in the graph,
that the text holds in the same form or a synonym's. Where words alone decide nothing, embeddings do.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import Any

from index.search import Index
from index.segment import bigrams, part_of_speech, tags
from index.synonyms import of_questions
from kg.ask.lexicon import Lexicon, words
from kg.ask.reading import plain
from kg.graph.store import Store
from kg.graph.terms import values
from kg.graph.vocabulary import vocabulary
from kg.tables.numerals import CHINESE, numeral

NEAR, MANY_NEAR = 60, 300  # passages taken for near in meaning; for what no rule reads
UNRELATED, TELLING, MEANING = 0.85, 0.05, 4.0  # cosines of unrelated texts reach .85; what one above it is worth
NEAR_PROJECTS = 8  # projects near in meaning whose indicators are looked at
KEPT = 100_000  # indicators that are kept in memory once they were read
POOL = 120  # indicators looked at for a phrase
NAMED_IN_FULL = 0.2  # what it is worth that the phrase holds an indicator's whole name
HALF = 0.5  # of a word, below which a text does not hold it
LIGHT = 0.15  # of a content word's weight: a word that may be ignored
UNKNOWN_VERB = 0.3  # a verb or adverb that no table uses says little of what is meant
WORDED = 16  # characters at most of a date in words
TIMES = ("年", "月", "季", "天", "日")
NUMERIC = {"money", "percent", "time", "count"}
PROJECT_COVER = 0.72


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a phrase, its synonyms, its weight, and how tables may put what lay people call so."""

    text: str
    forms: tuple[str, ...]
    weight: float
    names: tuple[str, ...] = ()
    number: bool = False  # 八十, or a part of a year: what has another is something else

    def found_in(self, text: str) -> float:
        """1 for the word itself, 0.95 for a synonym, 0.8 for what lay people call so, the share of its character pairs
        for long compounds."""
        if self.text in text and stands_in(self.text, text):
            return 1.0
        if any(form in text for form in self.forms):
            return 0.95
        if any(name in text for name in self.names):
            return 0.8
        if len(self.text) == 3 and self.text[-1] in words()["counting_tails"]["characters"] and self.text[:-1] in text:
            return 0.85  # 储备量: 储备
        if len(self.text) >= 4:
            pairs = bigrams(self.text)
            return 0.8 * sum(pair in text for pair in pairs) / max(1, len(pairs))
        return 0.0


def stands_in(word: str, text: str) -> bool:
    """Whether a text holds a word other than denied: 非煤矿山 holds no 煤矿."""
    denying = words()["denying"]["characters"]
    at = text.find(word)
    while at >= 0:
        if not at or text[at - 1] not in denying:
            return True
        at = text.find(word, at + 1)
    return False


@dataclass(frozen=True, slots=True)
class Candidate:
    """An indicator the phrase may mean."""

    iri: str
    label: str
    own: str
    context: str
    project: str
    kind: str
    unit: str
    per: str
    value: str
    score: float = 0.0

    def scored(self, score: float) -> Candidate:
        """The same with a score: some five times as quick as ``dataclasses.replace``, of which there would be thousands."""
        return Candidate(
            self.iri,
            self.label,
            self.own,
            self.context,
            self.project,
            self.kind,
            self.unit,
            self.per,
            self.value,
            score,
        )


@dataclass
class Phrases:
    lexicon: Lexicon
    index: Index
    store: Store
    _weights: dict[str, float] = field(default_factory=dict)
    _meanings: dict[tuple[str, int], dict[str, float]] = field(default_factory=dict)
    _holders: dict[tuple[str, ...], frozenset[str] | None] = field(default_factory=dict)
    _known: dict[tuple[str, str], list[Candidate]] = field(default_factory=dict)
    _kept: int = 0  # candidates in it
    _occurring: dict[str, bool] = field(default_factory=dict)
    _inside: dict[Word, dict[str, float]] = field(default_factory=dict)

    def word(self, text: str, names: tuple[str, ...] = ()) -> Word:
        said = re.match(f"{CHINESE}{{2,}}", text)  # 八十, 九十岁
        number = numeral(said[0]) if said else None
        forms = tuple(form for form in synonyms().get(text, ()) if form != text)
        forms += (str(number),) if number is not None else ()
        weight = self._weight(text) * (LIGHT if text in self.lexicon.light else 1.0)
        if not self.known(text) and part_of_speech(text)[0] not in "nxj":
            weight *= UNKNOWN_VERB
        telling = number is not None or text in words()["periods"]["words"]
        return Word(text, forms, weight, names, telling)

    def known(self, text: str) -> bool:
        """Whether any text of the graph holds these characters (or a synonym)."""
        if text not in self._occurring:
            if len(self._occurring) > 10_000:
                self._occurring.clear()
            forms = (text, *synonyms().get(text, ()))
            self._occurring[text] = any(self.index.occurs(form) and not self._denied(form) for form in forms)
        return self._occurring[text]

    def _denied(self, form: str) -> bool:
        """Whether the texts hold a word only denied: 煤矿 where there is 非煤矿山 alone."""
        for denied in (c + form for c in words()["denying"]["characters"]):
            if len(form) > 1 and self.index.occurs(denied):
                return set(self.index.holders((form,)) or "?") == set(self.index.holders((denied,)) or ())
        return False

    def held(self, word: Word) -> bool:
        """Whether some text of the graph may hold a word to a half (see Word.found_in)."""
        text = word.text
        if len(text) < 2 or self.known(text) or any(map(self.known, word.names)):
            return True
        if len(text) == 3:
            return text[-1] in words()["counting_tails"]["characters"] and self.known(text[:-1])
        pairs = bigrams(text)
        return len(text) >= 4 and 0.8 * sum(map(self.known, pairs)) >= HALF * len(pairs)

    def foreign(self, text: str) -> bool:
        """Whether a noun, and every telling pair of its characters, is unknown to the data: 公积金, 住房补贴."""
        if self.known(text) or [tag[0] for tag in tags(text)] != ["n"]:
            return False
        return not any(self.known(pair) for pair in bigrams(text) if pair not in self.lexicon.light)

    def _weight(self, text: str) -> float:
        if text not in self._weights:
            total = max(1, self.index.size)
            seen = self.index.frequency(text)
            self._weights[text] = math.log(1 + total / (1 + seen)) * len(text) ** 0.5
        return self._weights[text]

    def projects(self, said: Sequence[Word]) -> list[tuple[str, float]]:
        """(project, cover) of the projects that a phrase means, best first; empty where none covers it enough.

        A word found in the name counts in full, one found in purpose or goals almost.
        """
        total = sum(word.weight for word in said)
        if not said or total == 0:
            return []
        known = [(w, self._remembered(w)) for w in said]

        def found_in(text: str) -> list[float]:
            return [k[text] if text in k else k.setdefault(text, w.found_in(text)) for w, k in known]

        scored = []
        for iri, (name, rest) in self.project_texts.items():
            inside = found_in(name)
            cover = (
                sum(w.weight * max(f, 0.85 * g) for w, f, g in zip(said, inside, found_in(rest), strict=True)) / total
            )
            named = sum(w.weight * f for w, f in zip(said, inside, strict=True)) / total
            if cover >= PROJECT_COVER and named > 0.3:
                scored.append((iri, cover, named))
        if not scored:
            return []
        best = max((round(cover, 2), round(named, 2)) for _, cover, named in scored)
        return [(i, c) for i, c, n in scored if (round(c, 2), round(n, 2)) >= (best[0] - 0.05, best[1] - 0.05)]

    def written(self, text: str) -> tuple[str, ...]:
        """The ways in which target cells write just this, blanks and full-width forms aside; empty where none does."""
        return tuple(self._targets.get(text, ()))

    @cached_property
    def _targets(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for row in self.store.select("SELECT DISTINCT ?text WHERE { ?t a jx:Target ; jx:text ?text } ORDER BY ?text"):
            found[plain(row["text"])].append(row["text"])
        return found

    def holders(self, said: tuple[tuple[str, ...], ...]) -> set[str] | None:
        """The projects and indicators of which some text may hold all these words, each in one of its forms; None where
        only reading them tells."""
        found: set[str] | None = None
        for forms in said:
            if forms not in self._holders:
                if len(self._holders) > 64:
                    self._holders.clear()
                held = self.index.holders(forms)
                self._holders[forms] = None if held is None else frozenset(held)
            if (those := self._holders[forms]) is not None:
                found = set(those) if found is None else found & those
        return found

    def serving(self, projects: Sequence[str], groups: Sequence[str]) -> set[str]:
        """Those of the projects that serve one of the groups or a narrower one."""
        rows = self.store.select(
            f"SELECT DISTINCT ?p WHERE {{ {values('above', groups)} ?above ^skos:broader* ?c . "
            f"{values('p', projects)} ?p jx:beneficiary ?c }}"
        )
        return {r["p"] for r in rows}

    @cached_property
    def project_texts(self) -> dict[str, tuple[str, str]]:
        """Project → (its name, its purpose and goals), in normal form."""
        rows = self.store.select(
            "SELECT ?p ?purpose (GROUP_CONCAT(?g) AS ?goals) WHERE { ?p a jx:Project ."
            " OPTIONAL { ?p jx:purpose ?purpose } OPTIONAL { ?p jx:goal ?g } } GROUP BY ?p ?purpose"
        )
        name = self.lexicon.names
        return {r["p"]: (name[r["p"]], plain(f"{r['purpose'] or ''} {r['goals'] or ''}")) for r in rows}

    def indicators(
        self,
        said: Sequence[Word],
        text: str,
        projects: Iterable[str] = (),
        expected: Expected | None = None,
        *,
        meant: bool = True,
    ) -> list[Candidate]:
        """Indicators that a phrase may mean, best first, of ``projects`` where given; by its words alone, unless what is
        near in meaning (``meant``) counts, too."""
        total = sum(w.weight for w in said)
        if not said or total == 0:
            return []
        near = self.near(text) if meant else {}
        pairs = set(bigrams("".join(w.text + "".join(w.forms) for w in said)))
        scored = []
        # Of texts and names there are fewer than indicators: each is looked at once.
        known = [(w, self._remembered(w)) for w in said]
        found: dict[str, list[float]] = {}
        sums: dict[tuple[str, str], tuple[float, float]] = {}
        named: dict[str, tuple[float, float]] = {}

        def found_in(text: str) -> list[float]:
            if text not in found:
                found[text] = [k[text] if text in k else k.setdefault(text, w.found_in(text)) for w, k in known]
            return found[text]

        def covered(own: str, context: str) -> tuple[float, float]:
            inside = found_in(own)
            here = sum(w.weight * f for w, f in zip(said, inside, strict=True))
            pairs = zip(said, inside, found_in(context), strict=True)
            return here, sum(w.weight * max(f, 0.8 * g) for w, f, g in pairs)

        def name(label: str) -> tuple[float, float]:
            name, mine = _name(label)
            return sum(p in pairs for p in mine) / max(1, len(mine)), NAMED_IN_FULL * (name in text)

        for c in self._candidates(list(projects), said, text, near):
            key = c.own, c.context
            own, around = sums.get(key) or sums.setdefault(key, covered(*key))
            alike = max(0.0, near.get(c.iri, 0.0) - UNRELATED)
            if own == 0 and alike < TELLING:
                continue
            tight, whole = named.get(c.label) or named.setdefault(c.label, name(c.label))
            fits = expected.fits(c) if expected else 0.5
            score = (0.2 * own + 0.55 * around) / total + 0.1 * tight + 0.15 * fits + MEANING * alike + whole
            scored.append(c.scored(round(score, 4)))
        return sorted(scored, key=lambda c: (-c.score, c.iri))

    def _remembered(self, word: Word) -> dict[str, float]:
        """What ``word.found_in`` said of texts: a question looks for its words in the same ones again and again."""
        if word not in self._inside:
            if len(self._inside) > 64:
                self._inside.clear()
            self._inside[word] = {}
        return self._inside[word]

    def all_of(self, projects: Sequence[str]) -> list[Candidate]:
        """Every indicator of some projects, unscored."""
        return self._candidates(list(projects), (), "", ()) if projects else []

    def around(self, text: str, said: Sequence[Word]) -> list[Candidate]:
        """The indicators that a text may be about, unscored: those that have its words, or are near in meaning, and
        those of the projects that are."""
        near = self.near(text, MANY_NEAR)
        projects = [i for i in near if i in self.project_texts][:NEAR_PROJECTS]
        found = self._candidates([], said, text, near)
        return list({c.iri: c for c in (*found, *self.all_of(projects))}.values())

    def kinds(self, iris: Sequence[str]) -> tuple[str, ...]:
        """What kind of value the indicators have, where it is of one kind."""
        found = [value_kinds(c) for c in self._read("i", iris)]
        return tuple(sorted(found[0])) if found and all(f == found[0] for f in found) else ()

    def projects_of(self, iris: Sequence[str]) -> tuple[str, ...]:
        """The projects that indicators belong to."""
        return tuple(dict.fromkeys(c.project for c in self._read("i", iris)))

    def near(self, text: str, most: int = NEAR) -> dict[str, float]:
        """Passage IRI → cosine, for the passages nearest in meaning."""
        if (text, most) not in self._meanings:
            if len(self._meanings) > 256:
                self._meanings.clear()
            near = self.index.nearest(text, most)
            self._meanings[text, most] = {self.index.iri(number): cosine for number, cosine in near}
        return self._meanings[text, most]

    def _candidates(self, projects: list[str], said: Sequence[Word], text: str, near: Iterable[str]) -> list[Candidate]:
        if projects:
            return self._read("p", projects)
        query = text + " " + " ".join(" ".join((w.text, *w.forms, *w.names)) for w in said)
        found = (self.index.iri(number) for number, _ in self.index.keyword(query, POOL))
        return self._read("i", dict.fromkeys((*found, *near)))

    def _read(self, by: str, iris: Iterable[str]) -> list[Candidate]:
        """The indicators of these projects (``by`` p), or those of these IRIs (i); each is read from the graph once."""
        iris = list(dict.fromkeys(iris))
        new = [iri for iri in iris if (by, iri) not in self._known]
        if not new:
            return [candidate for iri in iris for candidate in self._known[by, iri]]
        if self._kept + len(new) > KEPT:
            self._known.clear()
            self._kept, new = 0, iris
        self._known |= {(by, iri): [] for iri in new}
        rows = self.store.select(
            f"""SELECT ?i ?label ?description ?p ?kind ?unit ?per ?value ?level2 WHERE {{ {values(by, new)}
              ?p jx:indicator ?i . ?i rdfs:label ?label ; jx:target ?t . ?t jx:valueType ?kind ; jx:text ?value .
              OPTIONAL {{ ?i jx:description ?description }} OPTIONAL {{ ?t jx:writtenUnit ?unit }}
              OPTIONAL {{ ?t jx:per ?per }} OPTIONAL {{ ?i jx:level2 ?level2 }} }}"""
        )
        told: dict[str, list[Candidate]] = defaultdict(list)
        for row in rows:
            candidate = self._candidate(row)
            self._known[by, row[by]].append(candidate)
            told[candidate.iri].append(candidate)
        if by == "p":  # whoever asks for these by themselves finds them
            for iri, found in told.items():
                self._known.setdefault(("i", iri), found)
        self._kept += len(rows)
        return [candidate for iri in iris for candidate in self._known[by, iri]]

    def _candidate(self, row: dict[str, Any]) -> Candidate:
        told = worded_date(row["value"]) if row["kind"] in ("text", "date") else ""
        own = plain(f"{row['label']} {row['description'] or ''} {row['level2'] or ''} {told}")
        name, rest = self.project_texts[row["p"]]
        return Candidate(
            row["i"],
            row["label"],
            own,
            f"{name} {rest}",
            row["p"],
            row["kind"],
            row["unit"] or "",
            row["per"] or "",
            row["value"],
        )


@dataclass(frozen=True, slots=True)
class Expected:
    """The kind of value a question asks for: money, count, percent, date, frequency, time, per (per unit); number: any
    of those with a figure."""

    kinds: frozenset[str]
    unit: str = ""
    each: str = ""  # per what, as in 元/人
    soft: bool = False  # other kinds may answer too

    def _told(self, candidate: Candidate, kinds: set[str]) -> bool:
        """Whether the value is per what is asked."""
        if any(each in candidate.per or f"每{each}" in candidate.value for each in counted_alike(self.each)):
            return True
        return self.each == "人" and not candidate.per and "money" in kinds  # 人均标准 ≤3000元

    def _may_be_each(self, candidate: Candidate, kinds: set[str]) -> bool:
        """Whether the value may be per what is asked, though it does not say so."""
        if "count" not in kinds:
            return True  # “办一次等几分钟”; “办一场招聘会最多补多少”, where the cell says no more than so much
        each = "per" in kinds or any(w in candidate.own for w in (f"每{self.each}", f"{self.each}均"))
        return self._told(candidate, kinds) or (each and not candidate.per)

    def fits(self, candidate: Candidate) -> float:
        """1 where the candidate's value is of an expected kind, with the expected unit; 0 where it is not."""
        if not self.kinds:
            return 0.5
        found = value_kinds(candidate)
        if "text" in found and "percent" in self.kinds and re.search("[率度比]", candidate.label):
            return 0.6  # a rate whose target is put in words
        if self.each and self.each not in TIMES and not self._may_be_each(candidate, found):
            return 0.0  # “每度电补多少” asks for no number of households
        if "number" in self.kinds:
            return 0.7 if found & NUMERIC else 0.3
        if not self.kinds & found:
            return 0.3 if self.soft else 0.0
        if self.each and not candidate.per and self.each not in TIMES and same_unit(self.each, candidate.unit):
            return 0.0  # “一个人补多少” asks for no number of people
        if "per" in self.kinds and "per" not in found:
            return 0.3 if self.each and self.each not in TIMES and not self._told(candidate, found) else 0.6
        if self.each and not self._told(candidate, found):
            return 0.0 if candidate.per and self.each not in TIMES else 0.3
        if self.unit and candidate.unit and not same_unit(self.unit, candidate.unit):
            return 0.8
        return 1.0


def holding(said: Iterable[Word], text: str) -> bool:
    """Whether a text holds each of the words, at least to a half."""
    return all(word.found_in(text) >= HALF for word in said)


@cache
def counted_alike(word: str) -> tuple[str, ...]:
    """The counted words for the same kind of things, this one first: 台, 辆."""
    others = (w for alike in words()["counted_alike"]["words"] if word in alike for w in alike)
    return tuple(dict.fromkeys((word, *others)))


def worded_date(value: str) -> str:
    """What a date says beside when it is: “12月底前发放到位”; empty where it says no more, or is no date."""
    if len(value) > WORDED or not re.search(words()["worded_dates"]["pattern"], value):
        return ""
    rest = re.sub(words()["worded_dates"]["when"], "", value)
    return plain(value) if len(rest) > 1 else ""


def same_unit(said: str, written: str) -> bool:
    """Whether a counted word, or a dimension (长度), fits a written unit: 人 and 万人, 名 and 人; not 亩 and 元/亩."""
    head = written.partition("/")[0]
    if said in words()["dimensions"]:
        return head.lstrip("万亿") in words()["dimensions"][said]
    if said in head:
        return True
    units = vocabulary().units.matcher
    return bool(set(units.get(said)) & set(units.get(head)))


def value_kinds(candidate: Candidate) -> set[str]:
    """What a candidate's value is, in the words of Expected."""
    if candidate.kind == "date":
        return {"date"}
    if candidate.kind == "frequency":
        return {"frequency", "date"} if re.search(r"\d[日号]", candidate.value) else {"frequency"}  # 每月10日前
    if candidate.kind == "text":
        return {"text", "date"} if re.search(words()["worded_dates"]["pattern"], candidate.value) else {"text"}
    head = candidate.unit.partition("/")[0]
    kinds = set()
    if head.endswith("元") or head in ("万", "亿") or (not head and "成本" in candidate.own):
        kinds.add("money")
    elif head in ("%", "‰"):
        kinds.add("percent")
    elif head in words()["time_units"]["words"]:
        kinds.add("time")
    else:
        kinds.add("count")
    if candidate.per or "标准" in candidate.own or "人均" in candidate.own:
        kinds.add("per")
    return kinds


@lru_cache(65536)
def _name(label: str) -> tuple[str, list[str]]:
    """A name in normal form, and its character pairs."""
    name = plain(label)
    return name, bigrams(name)


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """Word → all words of the sets it stands in."""
    table: dict[str, dict[str, None]] = defaultdict(dict)
    for said in of_questions():
        for word in said:
            table[plain(word)].update(dict.fromkeys(map(plain, said)))
    return {word: tuple(forms) for word, forms in table.items()}
