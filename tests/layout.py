"""Small documents as a word processor exports them, and their graph in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyoxigraph as ox

from index.duplicates.clusters import Clusters
from index.duplicates.found import Embed, Found
from index.encode import Vectors
from kg.graph import measures
from kg.graph.identity import identify, tables
from kg.graph.mapping import Mapper
from kg.graph.store import Store, ontology_store
from kg.graph.vocabulary import vocabulary
from kg.readers import Source
from kg.readers.text import read_text
from kg.tables import DocumentRecord, read_document
from ontology import DATA, GRAPH

Row = tuple[str, str, str, str, str]
"""一级指标, 二级指标, 三级指标, 绩效指标描述, 指标值."""

HEADER = ("一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值")
ROWS: list[Row] = [
    ("产出指标", "数量指标", "培训人数", "参加培训的人数", "≥200人"),
    ("", "时效指标", "培训完成时间", "培训完成时间", "年底前完成"),
    ("", "成本指标", "培训经费", "培训经费", "≤100万元"),
    ("效益指标", "社会效益指标", "就业能力", "就业能力", "不断提升"),
    ("满意度指标", "服务对象满意度指标", "参训人员满意度", "参训人员满意度", "≥90%"),
]


def cells(*texts: str) -> str:
    """One row: a cell a line, indented by a tab; a line break inside a cell is not indented."""
    return "".join(f"\t{text}\n" for text in texts) + "\n"


def table(
    name: str = "技能培训",
    rows: Iterable[Row] = ROWS,
    *,
    number: int = 1,
    department: str = "353101天津市人力资源和社会保障局财务处",
    unit: str = "单位：万元",
    budget: str = "100.00",
    fiscal: str | None = None,
    other: str = "",
    purpose: str = "用于技能培训",
    goal: str = "1.开展培训。",
    header: Iterable[str] = HEADER,
    caption: str | None = None,
) -> str:
    """The text of one table, laid out as in the sample."""
    caption = f"[bookmark: _Toc_{number}]{number}.{name}绩效目标表" if caption is None else caption
    return (
        f"{caption}\n"
        + (f"\t{department}\n" if department else "")
        + (f"\t{unit}\n\n" if unit else "\n")
        + cells("项目名称", name)
        + cells(
            "预算规模及资金用途", "预算数", budget, "其中：财政    资金",
            budget if fiscal is None else fiscal, "其他资金", other,
        )
        + cells("", purpose)
        + cells("绩效目标", goal)
        + "\n\n"
        + cells(*header)
        + "".join(cells(*row) for row in rows)
        + "\n\n\n"
    )  # fmt: skip


def value_row(value: str, level2: str = "数量指标") -> Row:
    """A row of which only the target matters."""
    return ("产出指标", level2, "某项指标", "某项指标", value)


def source(text: str, name: str = "demo-2025.txt") -> Source:
    return Source(name, hashlib.sha256(text.encode()).hexdigest(), *read_text(text))


def record(text: str, name: str = "demo-2025.txt", year: int | None = None) -> DocumentRecord:
    return read_document(source(text, name), year)


def characters(texts: Sequence[str]) -> Vectors:
    """Unit vectors that are nearer the more characters two texts share: an encoder that costs nothing."""
    vectors = np.full((len(texts), 512), 0.3, np.float32)
    for row, text in zip(vectors, texts, strict=True):
        for character in text:
            row[ord(character) % 512] += 1
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def graph_of(*documents: str | tuple[str, str], base: str = DATA, embed: Embed = characters) -> Store:
    """A store in memory with the ontology and these documents: texts, or (file name, text)."""
    store = Store(ox.Store())
    graph = ox.NamedNode(GRAPH)
    store.replace(GRAPH, (ox.Quad(q.subject, q.predicate, q.object, graph) for q in ontology_store()))
    named = [(f"demo{n}-2025.txt", d) if isinstance(d, str) else d for n, d in enumerate(documents, 1)]
    for mapper in mappers([record(text, name) for name, text in named], base):
        store.replace(mapper.iri, mapper.quads())
    found = Found.compare(measures.items(store), embed)
    measures.state(Clusters(found), base)
    store.replace(measures.graph_iri(base), measures.quads(found, base))
    return store


def mappers(records: Sequence[DocumentRecord], base: str = DATA) -> Iterable[Mapper]:
    """The mappers of documents that are loaded together."""
    identities = identify(t for r in records for t in tables(r, vocabulary()))
    made: dict[str, Mapper] = {}
    for one in records:
        made[one.name] = Mapper(one, vocabulary(), base, identities, lambda key: made[key[0]].table(key[1]))
    return made.values()


def write(path: Path, *tables: str) -> Path:
    path.write_text("".join(tables), "utf-8")
    return path
