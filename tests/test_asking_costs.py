"""What a question costs, counted in queries and in pairs looked at: figures that no busy machine changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pyoxigraph as ox
import pytest

from kg.ask.logic.conditions import Names
from kg.ask.logic.holding import Repeated
from kg.ask.logic.values import prefixed
from kg.ask.phrases import Phrases
from kg.graph.checks import check, subjects
from kg.graph.checks.rules import rules
from kg.graph.store import Store
from kg.knowledge import KnowledgeGraph
from ontology import PREFIXES

JX, LABEL = PREFIXES["jx"], PREFIXES["rdfs"] + "label"


@pytest.fixture
def queries(sample: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries that are run on the sample from now on."""
    seen: list[str] = []
    run = Store._run

    def noted(self: Store, sparql: str, *rest: Any) -> Any:
        seen.append(sparql)
        return run(self, sparql, *rest)

    monkeypatch.setattr(Store, "_run", noted)
    return seen


def test_what_a_check_finds_is_looked_for_once(sample: KnowledgeGraph, queries: list[str]) -> None:
    sample.asker.composer.mentions._subjects.clear()
    shapes = {rule.select for rule in rules().values() if rule.select}
    sample.ask("哪些指标漏写了单位")
    assert [q for q in queries if q in shapes] == [
        rules()["unit-missing"].select
    ]  # of one document, and no other shape
    queries.clear()
    sample.ask("漏写单位的指标有几个")
    assert not [q for q in queries if q in shapes]


@pytest.mark.parametrize("codes", [["unit-missing"], ["value-vague", "unit-mismatch"], ["typo"], ["name-generic"]])
def test_what_findings_are_about_is_what_the_check_says(sample: KnowledgeGraph, codes: Sequence[str]) -> None:
    found = subjects(sample.store, codes)
    assert set(found) == {finding.iri for finding in check(sample.store, codes=codes)}


@pytest.mark.parametrize(
    ("repeated", "rows", "found"),
    [
        (Repeated(), [(2025, "p", "a", "x", "1"), (2025, "q", "a", "x", "1"), (2024, "r", "a", "x", "1")], "01"),
        (Repeated(), [(2025, "p", "a", "x", "1"), (2025, "p", "a", "x", "2")], ""),
        (Repeated("row"), [(2025, "p", "a", "x", "1"), (2025, "p", "a", "x", "2"), (2025, "q", "a", "x", "1")], "01"),
        (Repeated("department"), [(2025, "p", "a", "x", "1"), (2025, "q", "a", "x", "1"), (2025, "r", "b", "y", "1")], ""),
        (Repeated("department"), [(2025, "p", "a", "x", "1"), (2025, "q", "b", "x", "1"), (2025, "r", "b", "y", "1")], "01"),
        (Repeated(differs=True), [(2025, "p", "a", "x", "1"), (2025, "q", "a", "x", "1")], ""),
        (Repeated(differs=True), [(2025, "p", "a", "x", "1"), (2025, "p", "a", "x", "2")], ""),
        (
            Repeated(differs=True),
            [(2025, "p", "a", "x", "1"), (2025, "q", "a", "x", "2"), (2025, "r", "a", "x", "1")],
            "012",
        ),
        (
            Repeated("department", number=3),
            [(2025, "p", "a", "x", "1"), (2025, "q", "b", "x", "1"), (2025, "r", "c", "x", "1"), (2024, "s", "d", "x", "1")],
            "012",
        ),
    ],
)  # fmt: skip
def test_names_that_stand_again(repeated: Repeated, rows: Sequence[tuple[int, str, str, str, str]], found: str) -> None:
    """``rows``: (year, project, department, name, target) of each indicator; ``found``: the numbers of those found."""
    assert _found(repeated, rows) == list(found)


@pytest.mark.parametrize(
    "repeated", [Repeated(), Repeated("row"), Repeated("department", differs=True, number=2)], ids=str
)
def test_a_name_is_met_with_all_of_its_kind_at_once(repeated: Repeated) -> None:
    """Not with each of them: two thousand projects that share a name are four million pairs, and two minutes."""
    pattern = repeated.pattern("v", "indicator", Names())
    grouped = re.search(r"\{ SELECT \?label_.* GROUP BY [^}]*\}", pattern)
    assert grouped
    assert pattern.replace(grouped[0], "").count("jx:indicator") == grouped[0].count("jx:indicator") == 1


def _found(repeated: Repeated, rows: Sequence[tuple[int, str, str, str, str]]) -> list[str]:
    inner = ox.Store()
    for n, (year, project, department, label, text) in enumerate(rows):
        p, i, t = (ox.NamedNode(f"http://x/{kind}{of}") for kind, of in (("p", project), ("i", n), ("t", n)))
        said = [
            (p, f"{JX}indicator", i),
            (p, f"{JX}fiscalYear", ox.Literal(year)),
            (p, f"{JX}department", ox.NamedNode(f"http://x/d{department}")),
            (i, LABEL, ox.Literal(label)),
            (i, f"{JX}target", t),
            (t, f"{JX}text", ox.Literal(text)),
        ]
        inner.extend(ox.Quad(s, ox.NamedNode(predicate), o) for s, predicate, o in said)
    query = f"SELECT DISTINCT ?v WHERE {{ {repeated.pattern('v', 'indicator', Names())} }} ORDER BY ?v"
    return [row["v"].removeprefix("http://x/i") for row in Store(inner).select(prefixed(query))]


def test_the_indicators_of_a_project_are_read_once(sample: KnowledgeGraph, queries: list[str]) -> None:
    phrases = Phrases(sample.asker.lexicon, sample.index, sample.store)
    project = min(sample.asker.lexicon.projects)
    found = phrases.all_of([project])
    read = len(queries)
    assert found
    assert phrases.projects_of([c.iri for c in found]) == (project,)
    assert phrases.all_of([project]) == found
    assert len(queries) == read
