"""Segmentation, dictionary matching, and hybrid search over the sample."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from command import SAMPLE, SECOND, environment
from hypothesis import given, settings
from hypothesis import strategies as st
from layout import table, value_row, write
from tantivy import Query

import kg
from index import search, vectors
from index import words as keywords
from index.matcher import Matcher
from index.search import Index
from index.segment import Segmenter, bigrams
from index.text import normalise
from kg import building
from kg.ask.logic.conditions import Among, Latest, Not
from kg.ask.logic.patterns import INDICATOR
from kg.ask.logic.plain import About, Named, OfProject, OfYear
from kg.ask.logic.sets import Set
from kg.ask.logic.values import List, sparql
from kg.graph.passages import passages, terms
from kg.knowledge import KnowledgeGraph
from kg.readers import read

SEGMENTER = Segmenter()
QUIRKS = ["对0-6岁儿童", "A_B-C档", "3.5%以上", "100％", "GB/T 1234-2020", "e-mail", "第１２条", "𠀀字"]


@pytest.mark.parametrize("dictionary", ["none", "grown from the graph"])
def test_rjieba_and_jieba_cut_alike(sample: KnowledgeGraph, dictionary: str) -> None:
    pytest.importorskip("rjieba")
    words = [] if dictionary == "none" else sorted(set(terms(sample.store)))
    assert dictionary == "none" or len(words) > 500
    fast, plain = Segmenter(words), Segmenter(words, engine="jieba")
    cells = {c.text for file in (SAMPLE, SECOND) for grid in read(file).grids for row in grid for c in row}
    assert len(cells) > 700
    for text in sorted(cells) + QUIRKS:
        assert fast.words(text) == plain.words(text)
        assert fast.words(text, guess=False) == plain.words(text, guess=False)
        if text in cells:  # in search mode the two part Latin compounds (e-mail) differently, Chinese alike
            assert fast.index_terms(text) == plain.index_terms(text)


def test_the_variable_chooses_jieba(sample_data: Path) -> None:
    script = """
import sys
from index.segment import Segmenter
print(*Segmenter().words("高校毕业生就业"))
print("jieba" in sys.modules)
"""
    for engine, loaded in (("jieba", "True"), ("", "False")):
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment(KG_SEGMENTER=engine), capture_output=True,
            encoding="utf-8", timeout=300, check=True,
        )  # fmt: skip
        assert done.stdout.splitlines() == ["高校 毕业生 就业", loaded]


def test_dictionary_terms_are_kept_whole() -> None:
    text = "发放公益性岗位补贴资金"
    assert "公益性岗位补贴" not in Segmenter().words(text)
    assert "公益性岗位补贴" in Segmenter(["公益性岗位补贴"]).words(text)


@given(st.text(max_size=60))
def test_spans_cover_the_text(text: str) -> None:
    spans = SEGMENTER.spans(text)
    assert "".join(normalise(text)[start:end] for start, end in spans) == normalise(text)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("高校毕业生", ["高校", "校毕", "毕业", "业生"]),
        ("就业ABC补贴", ["就业", "补贴"]),
        ("人", ["人"]),
        ("abc 1", []),
        ("", []),
    ],
)
def test_character_pairs(text: str, pairs: list[str]) -> None:
    assert bigrams(text) == pairs


def found(matcher: Matcher[int], text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(m.text, m.values) for m in matcher.matches(text)]


def test_the_longest_label_matches_from_the_left_and_never_overlaps() -> None:
    matcher = Matcher(
        [("毕业生", 1), ("高校毕业生", 2), ("生就业", 3), ("就业", 4), ("大学生", 5), ("大学生", 6), ("高校毕业", 7)]
    )
    assert found(matcher, "高校毕业生就业") == [("高校毕业生", (2,)), ("就业", (4,))]
    assert found(matcher, "毕业生") == [("毕业生", (1,))]
    assert found(matcher, "大学生") == [("大学生", (5, 6))]
    assert found(matcher, "ＡＢ大学生") == [("大学生", (5, 6))]
    assert found(matcher, "无关") == []
    assert "高校毕业生" in matcher
    assert "高校" not in matcher


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=4), max_size=8))
def test_matches_are_labels_in_their_places(text: str, labels: list[str]) -> None:
    matcher = Matcher((label, n) for n, label in enumerate(labels))
    plain, end = normalise(text), 0
    for match in matcher.matches(text):
        assert match.start >= end
        assert plain[match.start : match.end] == match.text
        assert match.text in {normalise(label) for label in labels}
        end = match.end


@pytest.mark.parametrize(
    ("text", "label", "top"),
    [
        ("信息化系统运行服务经费", "信息化系统运行服务经费", 1),
        ("三支一扶专项经费", "三支一扶专项经费", 1),
        ("流动人员档案", "管理流动人员档案数量", 3),
        ("帮助大学生找工作", "求职创业补贴-01中央直达资金-就业补助资金", 20),
        ("职业年金", "2025年市级记账管理职业年金做实资金", 5),
    ],
)
def test_search_finds_what_is_meant(sample: KnowledgeGraph, text: str, label: str, top: int) -> None:
    labels = [hit.passage.label for hit in sample.search(text, top)]
    assert label in labels
    assert len(labels) == top


def test_hits_are_ranked_limited_and_each_passage_comes_once(sample: KnowledgeGraph) -> None:
    hits = sample.search("就业补贴发放", 50)
    assert len(hits) == 50
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert len({(h.passage.iri, h.passage.table, h.passage.row) for h in hits}) == 50
    assert [h.passage.iri for h in sample.search("就业补贴发放", 7)] == [h.passage.iri for h in hits[:7]]


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "！？", "q" * 5000, "𠀀", "AND OR NOT (", '"', "*:*"])
def test_any_text_can_be_searched(sample: KnowledgeGraph, text: str) -> None:
    hits = sample.search(text, 3)
    assert len(hits) <= 3
    assert text.strip() or hits == []


def test_passages_are_the_projects_and_indicators_with_their_places(sample: KnowledgeGraph) -> None:
    entry = sample.manifest.documents[0]
    every = list(passages(sample.store, entry.iri, entry.name))
    assert [p.kind for p in every].count("project") == 23
    assert [p.kind for p in every].count("indicator") == 368
    assert sample.index.size == len(every)
    assert [sample.index.passage(n) for n in range(len(every))] == every
    assert {(p.document, p.year) for p in every} == {(SAMPLE.name, 2025)}
    assert all((p.row is None) == (p.kind == "project") for p in every)
    assert len({p.iri for p in every}) == len(every)


def test_an_index_of_the_format_before_is_read_as_it_is(sample: KnowledgeGraph, tmp_path: Path) -> None:
    before = shutil.copytree(sample.index.folder, tmp_path / "index")
    passages = [sample.index.passage(n) for n in range(sample.index.size)]
    lines = [json.dumps(asdict(p), ensure_ascii=False).encode() + b"\n" for p in passages]
    (before / "passages.jsonl").write_bytes(b"".join(lines))
    np.save(before / "offsets.npy", np.cumsum([0, *map(len, lines)]))
    (before / "documents.json").unlink()
    shutil.rmtree(before / "passages")
    shutil.rmtree(before / "words")
    (before / "words.json").unlink()
    keywords._write(before / "words", 0, enumerate(map(search._worded, passages)), sample.index.segmenter, {})
    index = Index(before, sample.index.encoder)
    assert [index.passage(n) for n in range(index.size)] == passages
    assert index.iri(7) == passages[7].iri
    assert index.search("就业补贴发放", 7) == sample.search("就业补贴发放", 7)


def test_parts_of_the_keyword_index_are_shared_and_find_the_same_however_they_came_about(tmp_path: Path) -> None:
    def texts(n: int) -> list[str]:
        return [f"补贴发放人数{row % 3}" for row in range(n % 5 + 1)] + [f"第{n}项培训完成率"]

    def opened(folder: Path) -> keywords.Words:
        first = np.cumsum([0, *(len(texts(n)) for n in range(60))])
        return keywords.Words(folder, {f"{n:02d}.txt": int(first[n]) for n in range(60)})

    def found(index: keywords.Words, word: str, limit: int) -> list[tuple[int, float]]:
        hits = index.searcher.search(Query.term_query(index.schema, "pairs", word), limit).hits
        return list(zip(index.numbers([at for _, at in hits]), [score for score, _ in hits], strict=True))

    documents = {f"{n:02d}.txt": texts(n) for n in range(60)}
    for folder in ("whole", "one", "two", "other"):
        (tmp_path / folder).mkdir()
    keywords.write(tmp_path / "whole", documents, str, ["补贴"])
    less = {name: said for name, said in documents.items() if name != "07.txt"}
    keywords.write(tmp_path / "one", {**less, "08.txt": ["从前的文字"]}, str, ["补贴"])
    keywords.write(tmp_path / "two", documents, str, ["补贴"], tmp_path / "one", less.keys() - {"08.txt"})
    keywords.write(tmp_path / "other", documents, str, ["发放"], tmp_path / "one", less.keys() - {"08.txt"})
    whole, two = opened(tmp_path / "whole"), opened(tmp_path / "two")
    for word, limit in (("补贴", 5), ("补贴", 1000), ("人数", 40), ("培训", 30), ("从前", 10)):
        assert found(two, word, limit) == found(whole, word, limit)
    assert found(whole, "培训", 1000) and not found(two, "从前", 10)

    def files(folder: str) -> dict[str, set[int]]:
        return {p.name: {f.stat().st_ino for f in p.iterdir()} for p in (tmp_path / folder / "words").iterdir()}

    one, changed = files("one"), {f"{keywords.shard(name):02d}" for name in ("07.txt", "08.txt")}
    assert {name for name, inodes in files("two").items() if inodes != one.get(name)} == changed
    assert not any(inodes == one.get(name) for name, inodes in files("other").items()), "cut by another dictionary"


def test_a_label_in_many_passages_and_a_text_that_occurs_nowhere(sample: KnowledgeGraph) -> None:
    assert sample.index.occurs("补贴资金发放")
    assert not sample.index.occurs("航天员训练")
    assert sample.index.frequency("满意度") > 20
    assert sample.index.frequency("航天员") == 0


def test_a_big_index_is_searched_by_cells_and_still_finds_the_nearest(
    fake_encoder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "FLAT_LIMIT", 500)
    rows = [value_row(f"≥{n}个") for n in range(1500)]
    rows = [(a, b, f"第{n}项工作完成数量", f"第{n}项工作完成数量", v) for n, (a, b, _, _, v) in enumerate(rows)]
    building.build(tmp_path / "data", [write(tmp_path / "big-2025.txt", table(rows=rows))])
    with kg.open(tmp_path / "data") as graph:
        file = faiss.read_index(str(graph.index.folder / vectors.FILE))
        assert hasattr(file, "nprobe"), "an inverted file, not a flat index"
        assert file.ntotal > 1500
        wanted = [f"第{n}项工作完成数量" for n in range(0, 1500, 50)]
        nearest = [graph.index.passage(graph.index.nearest(text, 1)[0][0]).label for text in wanted]
        assert np.mean([a == b for a, b in zip(nearest, wanted, strict=True)]) >= 0.9
        assert graph.search("第777项工作完成数量", 1)[0].passage.label == "第777项工作完成数量"


TEXTS = """SELECT DISTINCT ?thing ?text WHERE {
  { ?thing a jx:Project ; rdfs:label|jx:purpose|jx:goal ?text } UNION
  { ?thing a jx:Indicator ; rdfs:label|jx:description ?text } UNION
  { ?thing a jx:Indicator ; jx:target/jx:text ?text } } ORDER BY ?thing ?text"""


@settings(max_examples=60)
@given(data=st.data())
def test_all_that_hold_a_word_are_among_its_holders(sample: KnowledgeGraph, data: st.DataObject) -> None:
    texts = sample.store.select(TEXTS)
    text = data.draw(st.sampled_from(texts))["text"]
    start = data.draw(st.integers(0, len(text) - 1))
    word = text[start : start + data.draw(st.integers(2, 8))]
    holders = sample.index.holders([word])
    assert holders is None or {row["thing"] for row in texts if word in row["text"]} <= set(holders)


def test_conditions_on_texts_come_to_the_same_where_the_index_tells_where_to_look(sample: KnowledgeGraph) -> None:
    said = [("培训",), ("创业", "就业"), ("公益性岗位",), ("没有这样的词",), ("人", "社保")]
    runner = sample.asker.composer.runner
    others = tuple(row["p"] for row in sample.store.select("SELECT ?p WHERE { ?p a jx:Project } ORDER BY ?p LIMIT 2"))
    for words in (*((forms,) for forms in said), (("培训",), ("技能", "就业"))):
        for value in (
            List(Set("project", (About(words),))),
            List(Set("project", (Not((About(words),)),))),
            List(Set("project", (Latest(), About(words)))),
            List(Set("project", (OfYear((2025,)), Not((About(words),))))),
            List(Set("project", (OfProject(others, "", negated=True), About(words)))),
            List(Set("indicator", (Named(words, exact=False),))),
            List(Set("indicator", (Named(words, exact=False),), of=Set("project", (Latest(), About(words))))),
            List(Set("indicator", (), of=Set("project", (Among(Set("project", (About(words), OfYear((2024,))))),)))),
        ):
            quick = runner.quick(value)
            assert sample.store.select(sparql(quick)) == sample.store.select(sparql(value))
    assert runner.quick(List(Set("project", (About((("公益性岗位",),)),)))).of.where[0].among


def test_an_indicator_is_named_below_its_project(sample: KnowledgeGraph) -> None:
    pairs = sample.store.select("SELECT ?p ?i WHERE { ?p jx:indicator ?i }")
    assert len(pairs) > 300
    assert all(row["i"].startswith(f"{row['p']}{INDICATOR}") for row in pairs)
