"""Repeated indicators: names read, guards, scores with reasons, years one to one, clusters, reviews, trends."""

from __future__ import annotations

import io
import json
import shutil
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import SAMPLE, SECOND, STANDING, TESTS, run_kg
from hypothesis import given
from hypothesis import strategies as st
from layout import ROWS, Row, graph_of, table, write

import kg
from benchmarks.duplicates.editions import FARMING, FIELDS, HERE
from benchmarks.duplicates.editions import write as write_editions
from index.duplicates.clusters import complete_link
from index.duplicates.direction import direction
from index.duplicates.names import plain, read_name
from index.duplicates.pairs import FEATURES, GUARDS, Item, features_of, guard, likeness, model, scores, weights, why
from index.duplicates.rest import in_order, near
from index.duplicates.years import assign, standing
from kg import building
from kg.errors import KgError
from kg.graph.generations import DUPLICATES
from kg.graph.review import ACCEPTED, NOTED, REJECTED, Reviews, read_sssom, reviewed, sssom
from kg.repeats.projects import repeated
from kg.repeats.rows import Repeats, pair_name
from kg.repeats.trend import trend
from kg.repeats.workbook import SHEETS, workbook

EDITED = TESTS / "data" / "edited-2024.txt"
EDITED_PAIRS = TESTS / "data" / "edited-2024-pairs.jsonl"
Rows = list[dict[str, Any]]


def item(name: str, **other: Any) -> Item:
    fields: dict[str, Any] = {
        "iri": f"urn:{name}", "name": name, "description": "", "level1": "产出指标", "level2": "数量指标", "type": "t",
        "kind": "number", "operator": "≥", "number": 1.0, "unit": "", "per": "", "dimension": "", "target": "≥1",
        "owner": "o", "line": "l", "project": "p", "label": "项目", "year": 2025, "position": 1, "measured": name,
    }  # fmt: skip
    return Item(**fields | other)


def named(name: str, **other: Any) -> Item:
    return item(name, **{"measured": name} | other)


# -- names and guards -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("政府特殊津贴发放人次", "政府特贴发放人次"),
        ("劳务派遣单位监管覆盖比例", "劳务派遣机构监督管理覆盖率"),
        ("技能培训满意程度", "技能培训满意度"),
        ("2024年技能培训人数", "2025年度技能培训人数"),
        ("档案（流动）数量", "档案流动 数量"),
    ],
)
def test_synonyms_years_and_punctuation_make_no_difference(one: str, two: str) -> None:
    assert read_name(one).canonical == read_name(two).canonical


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        ("世赛集训基地（牵头基地）数量", "世赛集训基地（其他基地）数量", "qualifiers"),
        ("大龄人员社会保险补贴人次", "工伤人员社会保险补贴人次", "qualifiers"),
        ("各类现场招聘活动场次", "各类线上招聘活动场次", "qualifiers"),
        ("第一批资金拨付率", "第二批资金拨付率", "numbers"),
        ("0-3岁婴幼儿体检人数", "0-6岁婴幼儿体检人数", "numbers"),
        ("新增就业岗位数量", "退出就业岗位数量", "opposites"),
        ("项目尾款结算准确率", "债券利息偿还准确率", "object"),
        ("技能培训人数", "技能培训人数", ""),
        ("培训学员满意度", "参训人员满意度", ""),
        ("政府特殊津贴发放金额", "政府特贴经费", ""),
        ("减轻创业企业融资负担", "降低创业企业融资成本", ""),
    ],
)
def test_guards_veto_what_one_word_makes_another_indicator(one: str, two: str, said: str) -> None:
    for a, b in ((one, two), (two, one)):
        assert GUARDS[guard(named(a), named(b), set())[0]] == said


def test_another_dimension_vetoes_even_the_same_words() -> None:
    money, share = named("培训完成", unit="u:元", dimension="money"), named("培训完成", unit="u:%", dimension="ratio")
    assert GUARDS[guard(money, share, set())[0]] == "dimension"
    assert guard(money, named("培训完成", dimension=""), set()) == (0, "")


@given(
    st.text(st.sampled_from("甲乙丙率数量培训"), max_size=8), st.text(st.sampled_from("甲乙丙率数量培训"), max_size=8)
)
def test_likeness_is_symmetric_and_one_only_for_equal_names(one: str, two: str) -> None:
    assert likeness(one, two) == pytest.approx(likeness(two, one))
    assert 0 <= likeness(one, two) <= 1
    if one != two:
        assert likeness(one, two) < 1


@given(
    st.sampled_from(["years", "rest", "text"]),
    st.lists(st.floats(0, 1), min_size=len(FEATURES), max_size=len(FEATURES)),
    st.integers(0, len(GUARDS) - 1),
)
def test_reasons_add_up_to_the_score_and_a_veto_takes_it_all(relation: str, values: list[float], veto: int) -> None:
    values = values[: len(features_of(relation))]
    parts = why(values, veto, "甲／乙", relation)
    whole = 0.0 if veto else float(np.dot(values, weights(relation)))
    (scored,) = scores(np.array([values], np.float32), np.array([veto], np.int8), relation)
    assert scored == pytest.approx(whole, abs=6e-5)
    assert sum(p["score"] for p in parts) == pytest.approx(whole, abs=6e-5)
    assert [p["guard"] for p in parts if p["feature"] == "veto"] == ([GUARDS[veto]] if veto else [])


# -- assignment and clusters ------------------------------------------------------------------------------


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=5))
def test_years_are_assigned_one_to_one_and_nothing_below_the_threshold(scores: list[list[float]]) -> None:
    pairs = assign(scores, 0.5)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(scores[i][j] >= 0.5 for i, j in pairs)


def test_the_assignment_is_the_best_of_all_together_not_the_best_pair_first() -> None:
    assert sorted(assign([[0.9, 0.88], [0.89, 0.1]], 0.5)) == [(0, 1), (1, 0)]


PLACES = st.dictionaries(st.tuples(st.integers(0, 4), st.integers(5, 9)), st.floats(0, 1), max_size=25)


@given(PLACES)
def test_what_is_left_over_is_matched_in_order_one_to_one_and_not_below_the_threshold(
    scores: dict[tuple[int, int], float],
) -> None:
    items = [named(str(n), position=n % 5) for n in range(10)]
    pairs = sorted(in_order(items, scores, 0.5))
    assert all(scores[pair] >= 0.5 for pair in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))


def test_the_order_is_kept_where_the_best_two_pairs_cross() -> None:
    items = [named(str(n), position=n % 2) for n in range(4)]
    assert in_order(items, {(0, 3): 0.9, (1, 2): 0.9, (0, 2): 0.8, (1, 3): 0.8}, 0.5) == [(1, 3), (0, 2)]
    of_two_types = [named(str(n), position=n % 2, type=str(n in (1, 2))) for n in range(4)]
    assert in_order(of_two_types, {(0, 3): 0.9, (1, 2): 0.9}, 0.5) == [(0, 3), (1, 2)]


def test_how_a_pair_stands_among_all_others_of_its_two_rows() -> None:
    found = standing(np.array([[0.9, 0.2, 0.1], [0.3, 0.3, 0.3]], np.float32))
    assert found[0].tolist() == pytest.approx([1.0, 0.25, 0.0])
    assert found[1].tolist() == pytest.approx([0.0, 0.5, 0.5])


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        ({"number": 47.0}, {"number": 52.0}, 47 / 52),
        ({"number": 47.0}, {"number": 52.0, "operator": "="}, 47 / 52 - 0.1),
        ({"dimension": "count"}, {"dimension": "money"}, 0.0),
        ({"kind": "text", "target": "逐年缩小"}, {"kind": "text", "target": "大幅提高"}, 0.6),
        ({"kind": "text"}, {}, 0.0),
        ({"kind": "date", "number": 372.0}, {"kind": "date", "number": 372.0}, 1.0),
    ],
)
def test_how_near_two_amounts_are(one: dict[str, Any], two: dict[str, Any], said: float) -> None:
    assert near(named("甲", **one), named("乙", **two)) == near(named("乙", **two), named("甲", **one))
    assert near(named("甲", **one), named("乙", **two)) == pytest.approx(said, abs=0.01)


EDGES = st.dictionaries(
    st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda e: e[0] < e[1]), st.floats(0.5, 1.0), max_size=21
)


@given(EDGES, st.sets(st.frozensets(st.integers(0, 6), min_size=2, max_size=2), max_size=4))
def test_every_two_of_a_group_have_a_link_and_none_are_kept_apart(
    edges: dict[tuple[int, int], float], apart: set[frozenset[int]]
) -> None:
    groups = complete_link(7, edges, apart)
    assert sorted(n for g in groups for n in g) == list(range(7))
    for group in groups:
        for pair in combinations(group, 2):
            assert pair in edges
            assert frozenset(pair) not in apart


def test_nothing_chains_through_a_weak_link() -> None:
    assert complete_link(3, {(0, 1): 0.95, (1, 2): 0.9}) == [[0, 1], [2]]


def test_an_accepted_pair_is_together_though_nothing_else_says_so() -> None:
    assert complete_link(4, {(0, 1): 0.9, (2, 3): 0.9}, accepted=[(1, 2)]) == [[0, 1, 2], [3]]
    assert complete_link(3, {(0, 1): 0.9}, accepted=[(1, 2)]) == [[0, 1, 2]]
    assert complete_link(3, {}, [frozenset((0, 2))], [(0, 1), (1, 2)]) == [[0, 1], [2]]


# -- direction --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "old", "new", "said"),
    [
        ("≥", 90, 85, "easier"),
        ("≥", 85, 90, "harder"),
        ("≤", 90, 85, "harder"),
        ("≤", 60, 90, "easier"),
        ("≥", 90, 90, ""),
        ("=", 100, 95, "easier"),
    ],
)
def test_a_target_became_easier_or_harder(operator: str, old: float, new: float, said: str) -> None:
    before, after = (
        named("合格率", number=float(n), operator=operator, target=f"{operator}{n}%", unit="%", dimension="ratio")
        for n in (old, new)
    )
    assert direction(before, after) == said


@pytest.mark.parametrize(
    ("name", "kind", "old", "new", "said"),
    [
        ("投诉发生率", "number", 3, 5, "easier"),  # lower is better though the cell only says =
        ("完成时间", "date", 300, 372, "easier"),
        ("发放频次", "frequency", 12, 4, "easier"),
    ],
)
def test_what_is_better_depends_on_what_is_measured(name: str, kind: str, old: float, new: float, said: str) -> None:
    before, after = (
        named(name, kind=kind, number=float(n), operator="=" if kind == "number" else "", target=str(n))
        for n in (old, new)
    )
    assert direction(before, after) == said


def test_the_same_deadline_of_another_year_is_no_change(tmp_path: Path) -> None:
    store = graph_of(*[(f"demo-{y}.txt", deadline(y)) for y in (2024, 2025)])
    rows = store.select("SELECT ?moved WHERE { ?i prov:wasRevisionOf ?o OPTIONAL { ?i jx:targetMoved ?moved } }")
    assert [r["moved"] for r in rows] == [None]


def deadline(year: int) -> str:
    return table(rows=[("产出指标", "时效指标", "培训完成时间", "培训完成时间", f"{year}年12月31日前")])


# -- the graph --------------------------------------------------------------------------------------------

NEXT_YEAR: list[Row] = [
    ("产出指标", "数量指标", "参加培训人数", "参加培训人数", "≥150人"),
    ("", "时效指标", "培训完成时间", "培训完成时间", "年底前完成"),
    ("", "成本指标", "培训工作经费", "培训工作经费", "≤120万元"),
    ("", "数量指标", "印制教材册数", "印制教材册数", "≥9册"),
    ("满意度指标", "服务对象满意度指标", "学员满意度", "学员满意度", "≥90%"),
]


def test_measures_year_links_and_easier_targets_stand_in_the_graph() -> None:
    store = graph_of(("demo-2024.txt", table()), ("demo-2025.txt", table(rows=NEXT_YEAR)))
    rows = store.select(
        """SELECT ?was ?is ?moved WHERE { ?i prov:wasRevisionOf ?o ; rdfs:label ?is . ?o rdfs:label ?was .
             ?i jx:measures ?m . ?o jx:measures ?m . OPTIONAL { ?i jx:targetMoved ?moved } } ORDER BY ?is"""
    )
    assert {(r["was"], r["is"]): r["moved"] for r in rows} == {
        ("培训人数", "参加培训人数"): "easier",
        ("培训完成时间", "培训完成时间"): None,
        ("培训经费", "培训工作经费"): "easier",
        ("参训人员满意度", "学员满意度"): None,
    }
    new = store.select(
        "SELECT ?l WHERE { ?i jx:project/jx:fiscalYear 2025 ; rdfs:label ?l FILTER NOT EXISTS { ?i prov:wasRevisionOf ?o } }"
    )
    assert [r["l"] for r in new] == ["印制教材册数"]


def test_every_indicator_measures_one_thing_and_a_later_year_leaves_its_name() -> None:
    first = graph_of(("demo-2024.txt", table()))
    both = graph_of(("demo-2024.txt", table()), ("demo-2025.txt", table(rows=NEXT_YEAR)))
    ask = "SELECT ?i (SAMPLE(?m) AS ?of) (COUNT(DISTINCT ?m) AS ?n) WHERE { ?i a jx:Indicator OPTIONAL { ?i jx:measures ?m } } GROUP BY ?i"
    alone = {r["i"]: r["of"] for r in first.select(ask)}
    together = {r["i"]: r["of"] for r in both.select(ask) if r["n"] == 1}
    assert len(together) == len(ROWS) + len(NEXT_YEAR)
    assert {i: together[i] for i in alone} == alone


# -- on labelled data -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def editions(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Data directories of the edited year before, and of the held-out editions of two fields."""
    folder = tmp_path_factory.mktemp("editions")
    documents = {
        "edited": [SAMPLE, EDITED],
        "heldout": [SAMPLE, SECOND, *write_editions(folder / "heldout-documents", "heldout")],
        "farming": [FARMING, *write_editions(folder / "farming-documents", "farming")],
        "edu": [FIELDS / "education-2025.txt", FIELDS / "education-2024.txt"],
    }
    found = {}
    for name, paths in documents.items():
        found[name] = folder / name
        shutil.copytree(sample_data / "cache", found[name] / "cache")
        building.build(found[name], paths)
    return found


@pytest.fixture(scope="module")
def edited(editions: dict[str, Path]) -> Path:
    return editions["edited"]


@pytest.fixture
def own(edited: Path, tmp_path: Path) -> Path:
    """A copy of the edited data that a test may change."""
    return Path(shutil.copytree(edited, tmp_path / "own"))


def repeats(data: Path, threshold: float | None = None) -> Repeats:
    with kg.open(data) as graph:
        return graph.repeats(threshold)


def rows_of(data: Path, relation: str, **options: Any) -> Rows:
    return list(repeats(data).across(relation, **options))


def score(rows: Rows, labels: Path) -> tuple[float, float]:
    """(F1, recall of the reworded) of year pairs; another project's row of the same name counts as neither."""
    gold = {}
    for line in labels.read_text("utf-8").splitlines():
        p = json.loads(line)
        key = tuple(plain(p[f"{w}_{y}"]) for y in (2024, 2025) for w in ("project", "indicator"))
        gold[key] = p["kind"]
    predicted = {
        (plain(a["project"]), plain(a["indicator"]), plain(b["project"]), plain(b["indicator"]))
        for row in rows
        for a in row["members"]
        for b in row["members"]
        if (a["year"], b["year"]) == (2024, 2025)
    }
    right = predicted & gold.keys()
    wrong = {p for p in predicted - gold.keys() if p[1] != p[3]}
    reworded = [g for g, kind in gold.items() if kind == "paraphrase"]
    return 2 * len(right) / (len(right) + len(wrong) + len(gold)), sum(g in predicted for g in reworded) / len(reworded)


@pytest.mark.parametrize(
    ("name", "f1", "recall"),
    [("edited", 0.98, 0.95), ("heldout", 0.97, 0.95), ("edu", 0.97, 0.9), ("farming", 0.94, 0.9)],
)
def test_the_same_indicator_is_found_a_year_later(
    editions: dict[str, Path], name: str, f1: float, recall: float
) -> None:
    given = {"edited": EDITED_PAIRS, "edu": HERE / "edu-2024-pairs.jsonl"}
    labels = given.get(name) or editions[name].parent / f"{name}-documents" / "pairs.jsonl"
    found = score(rows_of(editions[name], "years"), labels)
    assert found[0] >= f1
    assert found[1] >= recall


def test_of_the_renames_that_the_graph_states_one_in_a_hundred_is_wrong(editions: dict[str, Path]) -> None:
    """What scores less is listed for people: a wrong rename is worse than a row that is new and one that is gone."""
    right = wrong = reworded = 0
    for name in ("heldout", "farming", "edu"):
        folder = editions[name].parent / f"{name}-documents"
        labels = HERE / "edu-2024-pairs.jsonl" if name == "edu" else folder / "pairs.jsonl"
        gold = [json.loads(line) for line in labels.read_text("utf-8").splitlines()]
        keys = [f"{field}_{year}" for year in (2024, 2025) for field in ("project", "indicator")]
        pairs = {tuple(plain(pair[key]) for key in keys) for pair in gold}
        reworded += sum(pair[1] != pair[3] for pair in pairs)
        with kg.open(editions[name]) as graph:
            stated = graph.store.select(
                """SELECT ?p ?old ?q ?new { ?i prov:wasRevisionOf ?j . ?j rdfs:label ?old ; jx:project/rdfs:label ?p .
                     ?i rdfs:label ?new ; jx:project/rdfs:label ?q }"""
            )
        renamed = {pair for row in stated if (pair := tuple(map(plain, row.values())))[1] != pair[3]}
        right += len(renamed & pairs)
        wrong += len(renamed - pairs)
    assert wrong <= 0.01 * (right + wrong)
    assert right >= 0.65 * reworded


def test_a_row_in_quite_other_words_is_found_by_its_place_and_scores_less(editions: dict[str, Path]) -> None:
    found = repeats(editions["edu"])
    placed = [link for link in found.clusters.links if link.placed]
    said = {(found.items[link.a].name, found.items[link.b].name) for link in placed}
    assert ("优秀教师赴农村学校示范授课场次", "名师送教下乡") in said
    least, most = (float(model()["rest"][name]) for name in ("threshold", "most"))
    for link in placed:
        assert least <= link.score <= most
        assert sum(part["score"] for part in link.why) == pytest.approx(link.score, abs=6e-5)
    shown = [(link.a, link.b) for link in found.clusters.uncertain()]
    first = shown[: 2 * len(placed)]
    assert len([link for link in placed if (link.a, link.b) in first]) > len(placed) / 2


def test_a_rejected_row_of_other_words_stays_apart_and_a_high_threshold_leaves_them_all(
    editions: dict[str, Path], tmp_path: Path
) -> None:
    data = Path(shutil.copytree(editions["edu"], tmp_path / "own"))
    link = next(link for link in repeats(data).clusters.links if link.placed)
    pair = [repeats(data).items[n].iri for n in (link.a, link.b)]
    assert together(data, *pair)
    Reviews(data).add([reviewed(*pair, REJECTED)])
    assert not together(data, *pair)
    assert not any(link.placed for link in repeats(data, 0.8).clusters.links)


def test_a_cluster_has_the_shape_of_the_contract(edited: Path) -> None:
    run = run_kg("duplicates", "--data", edited, "--across", "years", "--json")
    assert run.returncode == 0, run.stderr
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    assert {"exact", "reworded"} <= {row["kind"] for row in rows} <= {"exact", "reworded", "retargeted"}
    for row in rows:
        assert row["concept"].startswith("https://") and row["label"]
        assert sum(part["score"] for part in row["why"]) == pytest.approx(row["score"], abs=1e-9)
        for member in row["members"]:
            assert list(member) == [
                "iri", "project", "indicator", "department", "year", "value", "document", "table", "row", *STANDING,
            ]  # fmt: skip
    assert len({row["concept"] for row in rows}) == len(rows)


@pytest.mark.parametrize("relation", ["years", "all"])
def test_one_row_a_year_of_a_project_stands_in_a_cluster(edited: Path, relation: str) -> None:
    for row in rows_of(edited, relation):
        places = [(m["project"], m["year"]) for m in row["members"]]
        assert len(places) == len(set(places))


def test_similar_is_printed_only_when_asked_and_names_its_veto(edited: Path) -> None:
    plainly, more = rows_of(edited, "all"), rows_of(edited, "all", similar=True)
    assert more[: len(plainly)] == plainly
    similar = more[len(plainly) :]
    assert {row["kind"] for row in similar} == {"similar"}
    vetoes = [part for row in similar for part in row["why"] if part["feature"] == "veto"]
    assert {v["guard"] for v in vetoes} <= set(GUARDS[1:])
    assert any("牵头" in v["words"] and "其他" in v["words"] for v in vetoes)
    for row in similar:
        assert sum(part["score"] for part in row["why"]) == pytest.approx(row["score"], abs=1e-9)


def test_a_threshold_changes_afterwards_what_is_one_measure(edited: Path) -> None:
    sizes = [len(list(repeats(edited, t).clusters.across("years"))) for t in (0.66, 0.8, 0.95, 1.0)]
    assert all(a > b for a, b in pairwise(sizes))


def test_projects_of_the_sample_that_say_the_same(sample_data: Path) -> None:
    rows = rows_of(sample_data, "projects")
    funds = next(row for row in rows if row["label"] == "资金到位及时率")
    assert len({m["project"] for m in funds["members"]}) == 5
    for relation in ("projects", "all"):
        for row in rows_of(sample_data, relation):
            said = " ".join(m["indicator"] for m in row["members"])
            assert not ("牵头基地" in said and "其他基地" in said)


def test_repeats_between_projects_are_those_judged_by_hand(sample_data: Path) -> None:
    lines = (TESTS / "data" / "repeats.tsv").read_text("utf-8").splitlines()[1:]
    judged = {pair for line in lines for pair in combinations(sorted(line.split("\t")), 2)}
    found = {
        pair
        for row in rows_of(sample_data, "projects")
        for pair in combinations(sorted(f"{m['table']}.{m['row']}" for m in row["members"]), 2)
    }
    assert len(found & judged) / len(found) >= 0.95
    assert len(found & judged) / len(judged) >= 0.9


# -- review -----------------------------------------------------------------------------------------------


def together(data: Path, one: str, two: str) -> bool:
    return any({one, two} <= {m["iri"] for m in row["members"]} for row in rows_of(data, "all"))


def ends(data: Path, relation: str = "years", kind: str = "reworded") -> tuple[str, str]:
    row = next(r for r in rows_of(data, relation) if r["kind"] == kind)
    return row["members"][0]["iri"], row["members"][1]["iri"]


def test_a_rejected_pair_stays_apart_and_an_accepted_one_together_through_a_changed_file(
    own: Path, tmp_path: Path
) -> None:
    apart = ends(own)
    items = repeats(own).items
    base = [i for i in items if "基地）数量" in i.name and i.year == 2025]
    joined = (base[0].iri, base[1].iri)
    assert together(own, *apart)
    assert not together(own, *joined)
    for decision, pair in (("reject", apart), ("accept", joined)):
        done = run_kg("review", decision, *pair, "--data", own, "--note", "核对过", "--by", "审计员")
        assert done.returncode == 0, done.stderr
    changed = write(tmp_path / EDITED.name, EDITED.read_text("utf-8").replace("≥380班次", "≥300班次"))
    for step in (None, [SAMPLE, EDITED], [SAMPLE, changed]):
        if step:
            building.build(own, step)
        assert not together(own, *apart)
        assert together(own, *joined)
    with kg.open(own) as graph:
        ask = "ASK {{ <{}> jx:measures ?m . <{}> jx:measures ?m }}"
        assert [bool(graph.store.query(ask.format(*p))) for p in (apart, joined)] == [False, True]
        told = graph.store.select(
            "SELECT ?d ?n ?by WHERE { ?r a prov:Activity ; jx:decision ?d ; rdfs:comment ?n ; prov:wasAssociatedWith/rdfs:label ?by } ORDER BY ?d"
        )
    assert told == [{"d": d, "n": "核对过", "by": "审计员"} for d in ("accepted", "rejected")]


def test_a_cluster_that_a_reviewer_made_says_so(own: Path) -> None:
    items = [i for i in repeats(own).items if "基地）数量" in i.name and i.year == 2025]
    Reviews(own).add([reviewed(items[0].iri, items[1].iri, ACCEPTED)])
    row = next(r for r in rows_of(own, "all") if items[0].iri in {m["iri"] for m in r["members"]})
    assert "review" in {part["feature"] for part in row["why"]} or len(row["members"]) > 2
    assert sum(part["score"] for part in row["why"]) == pytest.approx(row["score"], abs=1e-9)


def test_the_last_decision_of_a_pair_counts_and_a_note_takes_none_back(tmp_path: Path) -> None:
    reviews = Reviews(tmp_path)
    reviews.add([reviewed("urn:a", "urn:b", ACCEPTED), reviewed("urn:b", "urn:a", REJECTED)])
    reviews.add([reviewed("urn:a", "urn:b", NOTED, "再看")])
    assert reviews.decisions().rejected == {("urn:a", "urn:b")}
    assert not reviews.decisions().accepted


TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)


@given(st.lists(st.tuples(st.sampled_from([ACCEPTED, REJECTED, NOTED]), TEXT, TEXT), max_size=5))
def test_reviews_travel_as_sssom_and_come_back(said: list[tuple[str, str, str]]) -> None:
    reviews = [reviewed(f"urn:x:{n}", "urn:y", d, note, by or "某人") for n, (d, note, by) in enumerate(said)]
    text = sssom(reviews, lambda iri: iri)
    assert read_sssom(text, "x.tsv") == reviews


def test_sssom_is_exported_and_imported_by_the_command(own: Path, tmp_path: Path) -> None:
    pair = ends(own)
    Reviews(own).add([reviewed(*pair, REJECTED, "不同")])
    out = tmp_path / "reviews.sssom.tsv"
    assert run_kg("review", "export", "--data", own, "-o", out).returncode == 0
    body = [line.split("\t") for line in out.read_text("utf-8").splitlines() if not line.startswith("#")]
    row = dict(zip(*body, strict=True))
    assert (row["predicate_id"], row["predicate_modifier"]) == ("skos:exactMatch", "Not")
    assert row["mapping_justification"] == "semapv:ManualMappingCuration"
    (own / "reviews.nt").unlink()
    assert together(own, *pair)
    for said in ("已记录 1 条", "没有变化"):
        assert said in run_kg("review", "import", out, "--data", own).stdout
    assert not together(own, *pair)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "空表"),
        ("subject_id\tobject_id\nurn:a\turn:b\n", "第 1 行缺少列 predicate_id"),
        ("#x\nsubject_id\tpredicate_id\tobject_id\nurn:a\towl:sameAs\turn:b\n", "第 3 行：不认识的关系“owl:sameAs”"),
        ("subject_id\tpredicate_id\tobject_id\n甲\tskos:exactMatch\turn:b\n", "第 2 行：subject_id 和 object_id 须是"),
        ("subject_id\tpredicate_id\tobject_id\tmapping_date\nurn:a\tskos:exactMatch\turn:b\t去年\n", "第 2 行：mapping_date“去年”"),
        ("subject_id\tpredicate_id\tobject_id\nurn:a\tskos:exactMatch\turn:a\n", "两个不同的指标"),
    ],
)  # fmt: skip
def test_a_bad_sssom_line_is_named_and_nothing_is_imported(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(KgError, match=said.replace("：", ".")):
        Reviews(tmp_path).add(read_sssom(text, "坏表.tsv"))
    assert not (tmp_path / "reviews.nt").exists()


def test_the_queue_shows_the_least_certain_first_and_nothing_twice(own: Path) -> None:
    found = repeats(own)
    rows = [found.pair(link) for link in found.clusters.uncertain()]
    assert len({row["pair"] for row in rows}) == len(rows) > 10
    first = rows[0]
    pair = first["members"][0]["iri"], first["members"][1]["iri"]
    assert first["pair"] == pair_name(*pair)
    assert set(found.named(first["pair"]) or ()) == set(pair)
    Reviews(own).add([reviewed(*pair, REJECTED)])
    again = repeats(own)
    assert first["pair"] not in {again.pair(link)["pair"] for link in again.clusters.uncertain()}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("review", "accept", "00000000"), "没有编号为“00000000”的配对"),
        (("review", "accept", "urn:a", "urn:b"), "没有指标“urn:a”"),
        (("review", "accept", "a", "b", "c"), "一个编号，或两个指标"),
        (("review", "import", "没有.tsv"), "无法读取“没有.tsv”"),
        (("trend", "没有这个"), "没有名为“没有这个”的项目或指标"),
        (("trend", "补贴"), "不止一个"),
        (("duplicates", "--projects", "--format", "xlsx"), "没有 xlsx"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(edited: Path, args: tuple[str, ...], said: str) -> None:
    run = run_kg(*args, "--data", edited)
    assert run.returncode == 1
    assert said in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_a_review_file_that_is_no_rdf_is_named(own: Path) -> None:
    (own / "reviews.nt").write_text("这不是 RDF\n", "utf-8")
    run = run_kg("duplicates", "--data", own)
    assert run.returncode == 1
    assert "reviews.nt" in run.stderr
    assert (own / "reviews.nt").read_text("utf-8") == "这不是 RDF\n"


# -- trend, workbook, projects ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory, sample_data: Path) -> Path:
    """Two years of one department, the second with easier targets, more money, and a row moved away."""
    folder = tmp_path_factory.mktemp("moved")
    data = folder / "data"
    shutil.copytree(sample_data / "cache", data / "cache")
    gone = ("产出指标", "数量指标", "乡村电商实训基地数量", "乡村电商实训基地数量", "≥3个")
    before = [table(rows=[*ROWS, gone]), table("电商培育", ROWS[1:3], number=2)]
    after = [table(rows=NEXT_YEAR, budget="180.00"), table("电商培育", [*ROWS[1:3], gone], number=2)]
    building.build(data, [write(folder / "a-2024.txt", *before), write(folder / "a-2025.txt", *after)])
    return data


def test_a_trend_lists_what_became_easier_new_dropped_renamed_and_moved(moved: Path) -> None:
    with kg.open(moved) as graph:
        found = trend(graph.repeats(), graph.store, "技能培训")
        other = trend(graph.repeats(), graph.store, "电商培育")
    said = {(c["change"], (c["after"] or c["before"])["indicator"]): c["target"] for c in found["changes"]}
    assert said == {
        ("renamed", "参加培训人数"): "easier",
        ("renamed", "培训工作经费"): "easier",
        ("renamed", "学员满意度"): "",
        ("new", "印制教材册数"): "",
        ("dropped", "就业能力"): "",
    }
    assert [b["budget_wan"] for b in found["budgets"]] == [100.0, 180.0]
    assert [[m["indicator"] for m in w["easier"]] for w in found["warnings"]] == [["参加培训人数", "培训工作经费"]]
    (move,) = [c for c in other["changes"] if c["change"] == "moved"]
    assert (move["before"]["project"], move["after"]["project"]) == ("技能培训", "电商培育")


def test_a_trend_of_a_measure_crosses_its_names(moved: Path) -> None:
    run = run_kg("trend", "参加培训人数", "--data", moved)
    assert run.returncode == 0, run.stderr
    assert "≥200人" in run.stdout
    assert "培训人数 → 参加培训人数：≥200人 → ≥150人 ⚠ 变容易" in run.stdout


def test_the_workbook_has_clusters_changes_and_the_cells_that_prove_them(moved: Path) -> None:
    from openpyxl import load_workbook

    found = repeats(moved)
    book = load_workbook(io.BytesIO(workbook(found, found.across("all"))))
    assert book.sheetnames == list(SHEETS)
    for name, heads in SHEETS.items():
        assert [c.value for c in book[name][1]] == list(heads)
    changes = [[c.value for c in row] for row in book["年度变化"].iter_rows(min_row=2)]
    assert ["参加培训人数", "≥150人", "⚠ 变容易"] in [row[6:9] for row in changes]
    evidence = {row[3] for row in book["出处"].iter_rows(min_row=2, min_col=5, values_only=True)} | {
        row[1] for row in book["出处"].iter_rows(min_row=2, min_col=5, values_only=True)
    }
    assert {"a-2024.txt", "a-2025.txt"} <= evidence


@pytest.mark.parametrize("form", ["table", "jsonl", "xlsx"])
def test_duplicates_are_written_in_each_format(moved: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"out.{form}"
    run = run_kg("duplicates", "--data", moved, "--format", form, "-o", out)
    assert run.returncode == 0, run.stderr
    assert out.stat().st_size > 100
    if form == "jsonl":
        assert all(json.loads(line)["members"] for line in out.read_text("utf-8").splitlines())


def test_projects_that_repeat_across_departments(tmp_path: Path, sample_data: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_data / "cache", data / "cache")
    other = "361101天津市教育委员会财务处"
    text = [
        table(),
        table("技能培训补助", department=other, number=2),
        table("校舍维修", [("产出指标", "数量指标", "维修校舍面积", "维修校舍面积", "≥9平方米")], department=other, number=3,
              purpose="用于校舍维修改造"),
    ]  # fmt: skip
    building.build(data, [write(tmp_path / "a-2025.txt", *text)])
    with kg.open(data) as graph:
        (row,) = repeated(graph.repeats(), graph.store)
    assert {m["project"] for m in row["members"]} == {"技能培训", "技能培训补助"}
    assert sum(part["score"] for part in row["why"]) == pytest.approx(row["score"], abs=1e-9)
    assert len(row["indicators"]) == len(ROWS)
    departments = rows_of(data, "departments")
    assert len(departments) == len(ROWS)
    assert {row["kind"] for row in departments} == {"exact"}


def test_nothing_is_compared_anew_when_clusters_are_asked_for(edited: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.encode.load_encoder", lambda _: pytest.fail("embedded again"))
    with kg.open(edited) as graph:
        assert (graph._generation.path / DUPLICATES / "pairs.npz").exists()
        assert list(graph.repeats(0.7).across("all"))
