"""Departments by name: one thing under all its writings, and found by the short names that people use.

``resolve`` says at build which names of all loaded files mean one department; ``Departments`` finds those of a
graph in a question's words. What is data (places, endings, names that no rule gives) stands in ``departments.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from itertools import product
from typing import Any

from index.segment import Segmenter, frequency
from index.text import normalise
from kg.graph.store import Store

SHORTEST = 2  # characters of a short name
MOST_WORDS = 6  # words of a name that short names are made of


@cache
def rules() -> dict[str, Any]:
    """The tables of ``departments.toml``."""
    return tomllib.loads(resources.files("kg.graph").joinpath("departments.toml").read_text("utf-8"))


def plain(name: str) -> str:
    """The form names are compared in: half-width, lower case, no blanks, no punctuation."""
    return re.sub(r"[\W_]+", "", normalise(name))


@dataclass(frozen=True, slots=True)
class Parts:
    """A name taken apart: ``临川市住房和城乡建设局`` → 临川市, 住房和城乡建设, 局."""

    place: str
    stem: str
    ending: str

    @property
    def body(self) -> str:
        return self.stem + self.ending


@lru_cache(16384)
def parts(name: str) -> Parts:
    """The parts of a plain name; every one but the stem may be empty."""
    place = ""
    while found := re.match(rules()["place"], rest := name[len(place) :]):
        if len(rest) - found.end() < SHORTEST:
            break
        place += found[0]
    return _ended(name[len(place) :], place)


def _ended(body: str, place: str = "") -> Parts:
    for ending in sorted([*rules()["endings"], *rules()["other_endings"]], key=len, reverse=True):
        if body.endswith(ending) and len(body) > len(ending):
            return Parts(place, body.removesuffix(ending), ending)
    return Parts(place, body, "")


def parent_name(name: str) -> str:
    """The body that a department is a unit of, by its name: ``某局财务处`` → ``某局``; empty where it is none."""
    found = re.match(rules()["unit"], plain(name))
    return found["parent"] if found and len(parts(found["parent"]).stem) >= SHORTEST else ""


# ---------------------------------------------------------------- at build: one thing under all its writings


@dataclass(frozen=True, slots=True)
class Written:
    """A department as a file writes it, with the file's own words (title, name) that may say whose it is."""

    name: str
    code: str = ""
    context: str = ""


def resolve(written: Iterable[Written]) -> dict[Written, str]:
    """For every writing the fullest name of the department it means.

    The code before a name does not matter. A name without its place is the one that its file's title completes,
    else the only one loaded that ends in it; where two places have one, or the codes differ, it stays by itself.
    """
    written = list(dict.fromkeys(written))
    completed = {w: _completed(w) for w in written}
    codes: dict[str, set[str]] = defaultdict(set)
    for w, name in completed.items():
        codes[name].update([w.code] if w.code else [])
    by_end: dict[str, list[str]] = defaultdict(list)
    for name in codes:
        by_end[name[-3:]].append(name)
    found: dict[Written, str] = {}
    whole: dict[str, set[str]] = defaultdict(set)  # name → the fullest names it was found to mean
    for w, name in sorted(completed.items(), key=lambda item: (-len(item[1]), item[1], item[0].code)):
        longer = [
            other
            for other in by_end[name[-3:]]
            if len(other) > len(name)
            and _adds_place(other, name)
            and (not w.code or w.code in codes[other] or not codes[other])
        ]
        meant = {full for other in longer for full in whole[other]}
        found[w] = meant.pop() if len(meant) == 1 else name
        whole[name].add(found[w])
    return found


def _completed(written: Written) -> str:
    """The plain name, with the place that the file's own words put right before it."""
    name = plain(written.name)
    if parts(name).place or len(name) < SHORTEST + 1:
        return name
    for context in map(plain, written.context.splitlines()):
        for found in re.finditer(re.escape(name), context):
            before = re.sub(rules()["before_place"], "", context[: found.start()])
            if place := re.search(rf"(?:{rules()['place']})+$", before):
                return place[0] + name
    return name


def _adds_place(longer: str, name: str) -> bool:
    """Whether a name is another one with a place before it: ``临川市水务局`` and ``水务局`` or ``市水务局``."""
    if not longer.endswith(name):
        return False
    before = longer.removesuffix(name)
    level = next((mark for mark in rules()["levels"] if name.startswith(mark) and len(name) > len(mark) + 2), "")
    return any(re.fullmatch(rf"(?:{rules()['place']})+", p) for p in (before, before + level))


# ---------------------------------------------------------------- in a graph: found by any name


@dataclass(frozen=True, slots=True)
class Department:
    """A loaded department; ``units`` are the IRIs of the units below it whose projects are its own, too."""

    iri: str
    label: str
    names: tuple[str, ...] = ()  # other writings
    codes: tuple[str, ...] = ()
    parent: str = ""
    units: tuple[str, ...] = field(default=())

    @property
    def iris(self) -> tuple[str, ...]:
        """The department and its units."""
        return (self.iri, *self.units)


_QUERY = """
SELECT ?iri ?label ?p ?v WHERE {
  ?iri a jx:Department ; rdfs:label ?label .
  OPTIONAL { ?iri ?p ?v . FILTER(?p IN (skos:altLabel, org:identifier, org:unitOf)) }
} ORDER BY ?label ?iri ?v"""


class Departments:
    """The departments of a graph by every name they go by."""

    def __init__(self, departments: Iterable[Department]) -> None:
        self.departments = list(departments)

    @classmethod
    def of(cls, store: Store) -> Departments:
        said: dict[str, dict[str, list[str]]] = {}
        labels: dict[str, str] = {}
        units: dict[str, list[str]] = defaultdict(list)
        for row in store.select(_QUERY):
            labels[row["iri"]] = row["label"]
            found = said.setdefault(row["iri"], defaultdict(list))
            if row["p"]:
                found[row["p"].rpartition("#")[2]].append(row["v"])
                if row["p"].endswith("unitOf"):
                    units[row["v"]].append(row["iri"])
        return cls(
            Department(
                iri,
                label,
                tuple(said[iri]["altLabel"]),
                tuple(said[iri]["identifier"]),
                next(iter(said[iri]["unitOf"]), ""),
                tuple(units[iri]),
            )
            for iri, label in labels.items()
        )

    def __iter__(self) -> Iterator[Department]:
        return iter(self.departments)

    def match(self, text: str) -> list[Department]:
        """The departments that a name means: one, several where it fits several, none.

        Tried in order: a full name, writing or code; the name without its place; a short name made of the name's
        words (住建局, 教体局, 城管), or one listed; any ordered part of its characters with the right ending.
        """
        wanted = plain(text)
        if len(wanted) < SHORTEST:
            return []
        for fits in (_is_name, _is_body, _is_short, _is_part):
            if found := [d for d in self.departments if fits(wanted, d)]:
                # 某局 and 某局财务处: the words of the bureau's name are the bureau's
                above = {d.iri for d in found}
                return [d for d in found if d.parent not in above]
        return []

    def forms(self) -> dict[str, tuple[Department, ...]]:
        """Names that can be looked for in a text, without reading them: each with the departments it may mean."""
        found: dict[str, dict[str, Department]] = defaultdict(dict)
        for department in self.departments:
            for name in _names(department):
                for form in (name, *_whole_forms(name), *_listed_forms(name)):
                    if len(form) > SHORTEST or form in _listed_forms(name):
                        found[form][department.iri] = department
        return {form: tuple(these.values()) for form, these in found.items()}


def _names(department: Department) -> Iterator[str]:
    yield plain(department.label)
    for name in department.names:
        yield plain(name)


def _is_name(wanted: str, department: Department) -> bool:
    return wanted in _names(department) or wanted in department.codes


def _is_body(wanted: str, department: Department) -> bool:
    return any(wanted in _whole_forms(name) for name in _names(department))


def _is_short(wanted: str, department: Department) -> bool:
    return any(_asked_for(wanted, name) & _listed_forms(name) for name in _names(department))


def _is_part(wanted: str, department: Department) -> bool:
    """Whether the characters stand in the name in this order, the ending is a department's, and a word begins so."""
    for name in _names(department):
        whole = parts(name)
        begins = {word[0] for word in _words(whole.stem)}
        for short in _asked_for(wanted, name):
            asked = _ended(short)
            if not asked.ending or not _same_kind(asked.ending, whole.ending):
                continue
            if len(asked.stem) == 1 and asked.ending != whole.ending:
                continue
            if asked.stem[0] in begins and _ordered(asked.stem, whole.stem):
                return True
    return False


def _asked_for(wanted: str, name: str) -> set[str]:
    """What was asked for, also without the place of the name it is compared with: ``临川住建局``, ``市住建局`` → 住建局."""
    heads = _place_forms(parts(name).place)
    return {wanted} | {wanted.removeprefix(h) for h in heads if wanted.startswith(h) and len(wanted) > len(h) + 1}


@lru_cache(4096)
def _place_forms(place: str) -> tuple[str, ...]:
    """What a place may be called: ``江南省临川市`` → itself, 临川市, 临川, 市."""
    steps = re.findall(rules()["place"], place)
    forms = [place, *steps, *(re.sub(r"(?:省|自治区|市|州|盟|县|区|旗)$", "", s) for s in steps)]
    forms += [level for level in rules()["levels"] if place.endswith(level)]
    return tuple(dict.fromkeys(f for f in forms if f))


@lru_cache(4096)
def _whole_forms(name: str) -> tuple[str, ...]:
    """A name with its place said otherwise, or left out; of a unit the unit's own name with its parent's."""
    whole = parts(name)
    if not whole.place:
        return ()
    return (*(f"{place}{whole.body}" for place in _place_forms(whole.place)), whole.body)


@lru_cache(4096)
def _listed_forms(name: str) -> frozenset[str]:
    """Short names made of a name's words, each whole, by its first character or left out, and those listed.

    With an ending (住建局, 规自局), or without one where the first word begins it and nothing else is said (住建).
    """
    whole = parts(name)
    parent = parent_name(name)
    if parent:  # 人社局财务处
        unit = name.removeprefix(parent)
        return frozenset(f"{form}{unit}" for form in _listed_forms(parent)) | {f"{parts(parent).body}{unit}"}
    words = _words(whole.stem)[:MOST_WORDS]
    stems = {"".join(taken) for taken in product(*((w, w[0], "") for w in words))}
    # 住建, 水务; but 教育 and 城市 alone are what a question is about, not who files it
    bare = {s for s in stems if s == whole.stem or (words and s[:1] == words[0][0] and not words[0].startswith(s))}
    bare -= {words[0]} if len(words) > 1 else set()
    for said, others in rules()["irregular"].items():
        if said in whole.stem:
            stems.update(others)
    stems = {s for s in stems if s}
    own = {whole.ending, rules()["short_endings"].get(whole.ending, whole.ending)}
    endings = own | set(rules()["endings"]) if whole.ending in rules()["endings"] else own
    forms = {s + e for s in stems for e in endings if len(s) >= SHORTEST or e in own}
    return frozenset(f for f in forms | bare if len(f) >= SHORTEST)


@lru_cache(4096)
def _words(stem: str) -> tuple[str, ...]:
    """The words that a name is made of, without those that only join them."""
    words = (w for w in _segmenter().words(stem) if w not in rules()["joining"])
    return tuple(part for word in words for part in _halves(word))


def _halves(word: str) -> tuple[str, ...]:
    """A word of four characters as the two words it is made of: 城乡建设 → 城乡, 建设."""
    halves = (word[:2], word[2:])
    return halves if len(word) == 4 and all(map(frequency, halves)) else (word,)


@cache
def _segmenter() -> Segmenter:
    return Segmenter()


def _same_kind(asked: str, ending: str) -> bool:
    offices = rules()["endings"]
    return asked == ending or (asked in offices and ending in offices)


def _ordered(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(character in rest for character in part)
