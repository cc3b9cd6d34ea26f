"""Which tables of all loaded files are one project, and which writings one department.

A table is known here by what it says of itself. Tables of one department, year and project name are one project:
its application, approval, monitoring and self-evaluation. Where they disagree, the form of the lowest ``jx:rank``
counts (an approval before an application), and blank forms come last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.graph.departments import Written, parent_name, plain, resolve
from kg.graph.terms import short_hash
from kg.graph.vocabulary import Vocabulary
from kg.tables import DocumentRecord, ProjectRecord
from ontology import FORM

AMOUNTS = (
    "budget",
    "fiscal_funds",
    "other_funds",
    "carried_over",
    "adjusted_budget",
    "executed",
    "interim_executed",
    "midterm_budget",
)
UNKNOWN_RANK = 9


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it names itself; ``rank`` says how much its form counts, ``blank`` that nobody filled it in."""

    document: str
    table: int
    kind: str
    year: int | None
    name: str
    code: str
    department: Written
    implementer: Written
    form: str
    rank: int
    blank: bool

    @property
    def key(self) -> tuple[str, int]:
        return self.document, self.table


@dataclass(frozen=True, slots=True)
class Identity:
    """What a table is about: the local part of its project's IRI, and the tables that state its facts before it."""

    iri: str
    before: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class Identities:
    """Of all tables, by document and number; of every writing of a department its fullest name, and that as printed."""

    tables: dict[tuple[str, int], Identity]
    departments: dict[Written, str]
    labels: dict[str, str]

    def of(self, document: str, numbers: Iterable[int], names: Iterable[Written]) -> str:
        """A mark that changes whenever what is said of one document's tables and departments changes."""
        tables = [(n, found.iri, *found.before) for n in sorted(numbers) if (found := self.tables.get((document, n)))]
        return short_hash(tables, sorted(self.labels[self.departments[name]] for name in names))


def tables(document: DocumentRecord, vocabulary: Vocabulary) -> list[Table]:
    """The tables of a document as they name themselves."""
    return [_table(document, project, vocabulary) for project in document.projects]


def writings(table: Table) -> list[Written]:
    """The names of bodies that a table writes, with those of the bodies whose units they are."""
    names = [w for w in (table.department, table.implementer) if w.name]
    return names + [Written(parent, "", w.context) for w in names if (parent := parent_name(w.name))]


def identify(every: Iterable[Table]) -> Identities:
    """What each table is about, whatever the order of the files."""
    every = sorted(every, key=lambda t: t.key)
    departments = resolve(w for t in every for w in writings(t))
    groups: dict[tuple[str, int | None, str, str], list[Table]] = defaultdict(list)
    for table in every:
        owner = departments.get(table.department, "")
        groups[table.kind, table.year, owner, plain(table.name) or table.name].append(table)
    found: dict[tuple[str, int], Identity] = {}
    for (_, year, owner, name), members in groups.items():  # in the order of their first tables
        clusters = _clusters(members, departments)
        stem = f"{year or 'undated'}-{short_hash(owner, name)}"
        apart = len({_told(c[0], departments) for c in clusters}) > 1  # by who carries them out, or their codes
        taken: dict[str, int] = {}
        for cluster in clusters:
            told = _told(cluster[0], departments) if apart else ("", "")
            iri = f"{stem}-{short_hash(*told)}" if any(told) else stem
            taken[iri] = taken.get(iri, 0) + 1
            iri = iri if taken[iri] == 1 else f"{iri}-{taken[iri]}"
            ranked = sorted(cluster, key=lambda t: (t.blank, t.rank, t.key))
            for at, table in enumerate(ranked):
                found[table.key] = Identity(iri, tuple(t.key for t in ranked[:at]))
    labels = {name: name for name in departments.values()}
    for written in sorted(departments, key=lambda w: w.name, reverse=True):
        if plain(written.name) in labels:
            labels[plain(written.name)] = written.name
    return Identities(found, departments, labels)


def _told(table: Table, departments: Mapping[Written, str]) -> tuple[str, str]:
    """What tells projects of one name apart: the unit that carries them out, where it is not the department, and the
    code.
    """
    unit, owner = departments.get(table.implementer, ""), departments.get(table.department, "")
    return unit if unit != owner else "", table.code


def _clusters(members: list[Table], departments: Mapping[Written, str]) -> list[list[Table]]:
    """Tables of one name, department and year, parted where unit or code differ, or one file has the form twice.

    What says more comes first: a form that names no unit belongs to the only project that it may belong to.
    """
    said = sorted(members, key=lambda t: (-sum(map(bool, _told(t, departments))), t.key))
    clusters: list[list[Table]] = []
    for table in said:
        fits = [c for c in clusters if all(_may_be_one(table, other, departments) for other in c)]
        kinds = {_told(c[0], departments) for c in fits}
        if fits and len(kinds) == 1:
            fits[0].append(table)
        else:
            clusters.append([table])
    return sorted(clusters, key=lambda c: min(t.key for t in c))


def _may_be_one(one: Table, other: Table, departments: Mapping[Written, str]) -> bool:
    if one.document == other.document and one.form == other.form:
        return False
    pairs = zip(_told(one, departments), _told(other, departments), strict=True)
    return all(a == b or not (a and b) for a, b in pairs)


def _table(document: DocumentRecord, project: ProjectRecord, vocabulary: Vocabulary) -> Table:
    context = "\n".join((document.title, project.title, document.name))
    form = form_of(document, project, vocabulary)
    return Table(
        document.name,
        project.table,
        project.kind,
        project.year or document.year,
        project.name,
        project.code,
        Written(project.department, project.department_code, context),
        Written(project.implementer, project.implementer_code, context),
        form,
        vocabulary.ranks.get(form, UNKNOWN_RANK),
        is_blank(project),
    )


def is_blank(project: ProjectRecord) -> bool:
    """Whether a form was printed and not filled in: no indicator, no amount but zero."""
    return not project.indicators and not any(getattr(project, name) for name in AMOUNTS)


def form_of(document: DocumentRecord, project: ProjectRecord, vocabulary: Vocabulary) -> str:
    """The IRI of the form that a table is, by its title, sheet or file name; empty where nothing says it.

    Actual values stand in no application: such a table is a self-evaluation, unless it says that it is another.
    """
    sheets = {q.sheet for q in project.quotes.values() if q.sheet}
    said = [line for line in reversed(project.title.splitlines()) if line.strip()]
    reported = any("actual" in i.others or i.score is not None for i in project.indicators)
    for words in (*said, *sheets, document.title, document.name):
        if found := max(vocabulary.forms.matcher.matches(words), key=lambda m: (len(m.text), m.start), default=None):
            form: str = found.values[0]
            if reported and form == FORM.application:
                break
            return form
    return FORM["self-evaluation"] if reported else ""
