"""Answers, hits and query results as people read them at a terminal."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg.captions import FIELDS, SEVERITIES
from kg.characters import csv_results, xml_safe
from kg.graph.guard import QueryError
from kg.graph.store import python_value
from ontology import PREFIXES

if TYPE_CHECKING:
    from index.search import Hit, Passage
    from kg.ask import Answer, Evidence, Item
    from kg.graph.checks import Finding
    from queries import NamedQuery

WIDEST = 160
CLIPPED = 60


REASONS = {"not_in_data": "：表里没有", "not_understood": "：没有看懂", "ambiguous": "：有几种理解"}


CELLS = 5  # that are shown of those that prove one answer


def answer(found: Answer, *, explain: bool = False, limit: int | None = None, brief: bool = False) -> str:
    """An answer with how the question was understood, and the first cells that prove it.

    ``limit``: of the answers, that many; ``brief``: without the cells. What is left out is counted.
    """
    lines = [f"理解：{found.understood}"]
    lines += [f"说明：{note}" for note in found.notes]
    if found.unmatched:
        lines.append(f"未能对应：{'、'.join(found.unmatched)}")
    if found.method == "none":
        lines.append(f"没有答案{REASONS.get(found.reason, '')}")
        lines += [f"可以改问：{question}" for question in found.suggestions.get("questions", ())]
    elif found.method == "search":
        lines.append("图谱查询不能回答，以下是检索到的相近内容：")
    for number, item in enumerate(found.answers[:limit], 1):
        lines += _item(number, item, found, 0 if brief else CELLS)
    hidden = len(found.answers[limit:]) if limit is not None else 0
    if found.method == "graph" and len(found.answers) > 1:
        lines.append(f"共 {len(found.answers)} 条" + (f"，还有 {hidden} 条没有列出" if hidden else ""))
    if explain:
        lines += ["", *_explained(found)]
    return "\n".join(lines)


def _item(number: int, item: Item, found: Answer, cells: int) -> list[str]:
    year = f"（{item.year}年）" if item.year else ""
    value = f"：{item.value}" if item.value and item.value != item.label else ""
    inside = f"  〔{item.project}〕" if item.project and item.project != item.label else ""
    if found.kind == "boolean":
        head = item.label
    elif item.iri is None:
        head = f"{item.year}年：{item.value}" if item.year else item.value or item.label
    else:
        head = f"{item.label}{year}{value}{inside}"
    shown = [f"{number:>3}. {head}", *(f"     依据：{cell(e)}" for e in item.evidence[:cells])]
    if cells and len(item.evidence) > cells:
        shown.append(f"     依据：还有 {len(item.evidence) - cells} 格（--json 全部列出）")
    return shown


def cell(evidence: Evidence) -> str:
    """Where a cell stands, as one finds it in the file, and what it says."""
    field = f" {FIELDS[evidence.field]}" if evidence.field in FIELDS else ""
    return f"{source(evidence, field)}：{_clip(evidence.text)}"


def source(found: Evidence | Passage | Finding, field: str = "") -> str:
    """Document, table and row, and where in the file that is."""
    row = f" 第{found.row}行" if found.row else ""
    place = f"（{found.place}）" if found.place else ""
    return f"{found.document} 表{found.table or '—'}{row}{field}{place}"


def _explained(found: Answer) -> list[str]:
    lines = ["逐词："]
    for token in found.tokens.items if found.tokens else ():
        label = f" → {token.entity.label}" if token.entity and token.entity.label != token.text else ""
        lines.append(f"  {token.text}{label}：{token.why}")
    if found.derivation:
        lines += ["推导：", *(f"  {line}" for line in found.derivation)]
    return [*lines, f"把握：{found.confidence}", "SPARQL：", found.sparql or "（无）"]


def hits(found: Sequence[Hit]) -> str:
    """Search hits as a table."""
    if not found:
        return "没有相符的内容：没有一处写有这些字词，意思也都不相近"
    rows = [[f"{h.score:.3f}", h.passage.project, _clip(h.passage.text, 40), source(h.passage)] for h in found]
    shown = table(["得分", "项目", "内容", "出处"], rows)
    return shown if found[0].worded else f"{shown}\n没有一处写有这些字词，以上只是意思相近，请核对"


def findings(found: Sequence[Finding]) -> str:
    """Findings by severity and code, each group with its count, its rule and its cells."""
    from kg.graph.checks import rules

    if not found:
        return "没有发现问题"
    counts = Counter(f.severity for f in found)
    parts = [f"共 {len(found)} 条：" + "、".join(f"{SEVERITIES[s]} {counts[s]}" for s in SEVERITIES if counts[s])]
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(found, key=lambda f: [*SEVERITIES].index(f.severity)):
        groups.setdefault((finding.severity, finding.code), []).append(finding)
    for (severity, code), members in groups.items():
        rule = rules().get(code)
        parts += ["", f"【{SEVERITIES[severity]}】{rule.title if rule else code}（{code}） {len(members)} 条"]
        if rule and rule.asks:
            parts.append(f"要求：{rule.asks}")
        rows = [
            [source(f), _clip(f.value, 30), f.message.removesuffix(f"。要求：{rule.asks}") if rule else f.message]
            for f in members
        ]
        parts.append(table(["出处", "单元格", "问题"], rows))
    return "\n".join(parts)


def queries(named: Iterable[NamedQuery]) -> str:
    """The named queries with titles and parameters."""
    lines = []
    for query in named:
        lines.append(f"{query.name}  {query.title}")
        lines.append(f"    {query.description}")
        for p in query.parameters:
            default = f"，默认 {p.default}" if p.default is not None else ""
            lines.append(f"    --set {p.name}=…  {p.description}（{p.type}{default}）")
    return "\n".join(lines)


def results(found: ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean, form: str) -> bytes:
    """Results of a query in a format of ``kg sparql``. Raises QueryError where the two don't go together."""
    if isinstance(found, ox.QueryTriples):
        if form not in ("table", "turtle"):
            raise QueryError("CONSTRUCT 和 DESCRIBE 的结果是图：请用 --format turtle")
        out = io.BytesIO()
        ox.serialize(found, out, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)
        return out.getvalue()
    if form == "turtle":
        raise QueryError("SELECT 和 ASK 的结果不是图：请用 --format table、json、csv、tsv 或 xml")
    if form != "table":
        kind = {"json": ox.QueryResultsFormat.JSON, "csv": ox.QueryResultsFormat.CSV, "tsv": ox.QueryResultsFormat.TSV,
                "xml": ox.QueryResultsFormat.XML}[form]  # fmt: skip
        if isinstance(found, ox.QueryBoolean) and form in ("csv", "tsv"):
            return (str(bool(found)).lower() + "\n").encode()
        data = found.serialize(format=kind) or b""
        data = xml_safe(data) if form == "xml" else csv_results(data) if form == "csv" else data
        return data.rstrip(b"\n") + b"\n"
    if isinstance(found, ox.QueryBoolean):
        return ("是\n" if found else "否\n").encode()
    names = [v.value for v in found.variables]
    rows = [[_term(row[name]) for name in names] for row in found]
    return (table(names, rows) + f"\n共 {len(rows)} 行\n").encode()


def _term(term: Any) -> str:
    if isinstance(term, ox.NamedNode):
        for prefix, iri in PREFIXES.items():
            if term.value.startswith(iri) and re.fullmatch(r"[\w-]+", term.value[len(iri) :]):
                return f"{prefix}:{term.value[len(iri) :]}"
        return term.value
    value = python_value(term)
    return "" if value is None else f"{value:f}" if hasattr(value, "quantize") else str(value)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that fits the terminal: cells wrap, Chinese counts two columns a character."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    out = io.StringIO()
    console = Console(file=out, color_system=None, highlight=False)
    if not _at_terminal():
        console.width = WIDEST
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in heads:
        grid.add_column(Text(head), overflow="fold")
    for row in rows:
        grid.add_row(*(Text(value) for value in row))
    console.print(grid)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _at_terminal() -> bool:
    import sys

    return sys.stdout.isatty()


def _clip(text: str, width: int = CLIPPED) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= width else text[: width - 1] + "…"
