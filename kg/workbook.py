"""The graph as a workbook for people: every amount stands once, so that the sum of a column is what ``kg ask`` says."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import kg
from kg.captions import KINDS, SEVERITIES, reasons
from kg.graph import export
from kg.graph.checks import rules
from kg.spreadsheet import Column, Sheet, save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.graph.checks import Finding
    from kg.graph.export import Choice
    from kg.graph.store import Store
    from kg.knowledge import KnowledgeGraph

PROJECTS = (
    Column("序号", "whole"), Column("年度", "year"), Column("部门"), Column("实施单位"), Column("项目"), Column("项目主线"),
    Column("预算（万元）", "money"), Column("财政资金（万元）", "money"), Column("其他资金（万元）", "money"),
    Column("调整后预算（万元）", "money"), Column("执行数（万元）", "money"), Column("执行率（%）", "percent"),
    Column("自评总分", "number"), Column("指标数", "whole"), Column("资金来源"), Column("受益群体"), Column("资金用途"),
    Column("绩效目标"), Column("表的种类"), Column("文件"), Column("表", "whole"),
)  # fmt: skip
_HEAD = (Column("项目序号", "whole"), Column("年度", "year"), Column("部门"), Column("项目"))
_ROW = (*_HEAD, Column("一级指标"), Column("二级指标"), Column("三级指标"))
_FROM = (Column("文件"), Column("表", "whole"), Column("行", "whole"), Column("出处"))
INDICATORS = (
    *_ROW, Column("指标描述"), Column("指标值"), Column("符号"), Column("数值", "number"), Column("单位"), Column("每"),
    Column("期限", "date"), Column("分值", "number"), *_FROM,
)  # fmt: skip
OUTCOMES = (
    *_ROW, Column("指标值"), Column("实际完成值"), Column("完成结果"), Column("与指标值之差"), Column("完成率（%）", "percent"),
    Column("分值", "number"), Column("得分", "number"), Column("偏差原因"), *_FROM,
)  # fmt: skip
FUNDINGS = (
    *_HEAD, Column("资金来源"), Column("金额（万元）", "money"), Column("其中（万元）", "money"), Column("表中的写法"),
    Column("文件"), Column("表", "whole"), Column("出处"),
)  # fmt: skip
FINDINGS = (
    Column("程度"), Column("问题"), Column("说明"), Column("单元格"), Column("文件"), Column("表", "whole"),
    Column("行", "whole"), Column("代码"), Column("出处"),
)  # fmt: skip
REPEATS = (
    Column("组号", "whole"), Column("类别"), Column("把握", "number"), Column("衡量内容"), Column("年度", "year"), Column("部门"),
    Column("项目"), Column("三级指标"), Column("指标值"), Column("理由"), Column("文件"), Column("表", "whole"), Column("行", "whole"),
    Column("出处"),
)  # fmt: skip
NOTES = (Column("事项"), Column("内容"))

_SAID = """SELECT ?p ?k ?v WHERE {
  ?p a jx:Project ; ?k ?x .
  VALUES ?k { rdfs:label jx:fiscalYear jx:budget jx:fiscalFunds jx:otherFunds jx:adjustedBudget jx:executedFunds
              jx:executionRate jx:totalScore jx:purpose jx:goal jx:table jx:department jx:implementingUnit
              jx:programme jx:document jx:fundSource jx:beneficiary jx:form }
  OPTIONAL { ?x skos:prefLabel ?concept FILTER(LANG(?concept) = "zh") }
  OPTIONAL { ?x rdfs:label ?label FILTER(LANG(?label) IN ("zh", "")) }
  BIND(COALESCE(?concept, ?label, ?x) AS ?v)
} ORDER BY ?p ?k ?v"""

# A share of a source that another share of the same project holds whole is a part of it: it is not summed again.
_FUNDINGS = """SELECT ?f ?p ?source ?amount ?words ?document ?table ?place
  (BOUND(?s) && EXISTS { ?p jx:funding ?g . ?g jx:amount ?more ; jx:fundSource ?wider . ?s skos:broader+ ?wider } AS ?part)
WHERE {
  ?p a jx:Project ; jx:funding ?f . ?f rdfs:label ?words .
  OPTIONAL { ?f jx:fundSource ?s } OPTIONAL { ?s skos:prefLabel ?source FILTER(LANG(?source) = "zh") }
  OPTIONAL { ?f jx:amount ?amount }
  OPTIONAL { ?f prov:wasQuotedFrom ?cell . ?cell jx:document/rdfs:label ?document ; jx:table ?table }
  OPTIONAL { ?f prov:wasQuotedFrom/jx:place ?place }
} ORDER BY ?f"""

_COUNTS = """SELECT ?p (COUNT(?i) AS ?n) WHERE { ?p a jx:Project ; jx:indicator ?i } GROUP BY ?p"""

Row = dict[str, Any]


def workbook(graph: KnowledgeGraph, chosen: Choice = export.ALL) -> bytes:
    """Sheets 项目, 指标, 资金, 完成情况, 问题, 重复 and 说明, of all projects or of those chosen.

    A project stands once with its budget; the other sheets name it by its number and repeat no amount of it.
    """
    return save(sheets(graph, chosen))


def sheets(graph: KnowledgeGraph, chosen: Choice = export.ALL) -> list[Sheet]:
    """The sheets of ``workbook``."""
    projects = _projects(graph.store, chosen)
    numbers = {p["iri"]: n for n, p in enumerate(projects, 1)}
    facts = list(export.facts(graph.store, chosen))
    reached = [f for f in facts if any(f[k] is not None for k in ("actual", "score", "outcome", "deviation"))]
    made = [
        Sheet("项目", PROJECTS, [_project(n, p) for n, p in enumerate(projects, 1)]),
        Sheet("指标", INDICATORS, [_indicator(numbers.get(f["p"]), f) for f in facts]),
        Sheet("资金", FUNDINGS, list(_fundings(graph.store, projects))),
        Sheet("完成情况", OUTCOMES, [_outcome(numbers.get(f["p"]), f) for f in reached]),
        Sheet("问题", FINDINGS, [_finding(f) for f in _found(graph, projects, facts, chosen)]),
        Sheet("重复", REPEATS, list(_repeats(graph, chosen))),
    ]
    return [*made, Sheet("说明", NOTES, list(_notes(graph, chosen, projects, made)))]


def _projects(store: Store, chosen: Choice) -> list[Row]:
    """What each project says, by names of properties; several values are joined. In order of document and table."""
    found: dict[str, Row] = {}
    for row in store.select(_SAID):
        said = found.setdefault(row["p"], {"iri": row["p"]})
        said.setdefault(row["k"].rpartition("#")[2], []).append(row["v"])
    counts = {row["p"]: row["n"] for row in store.select(_COUNTS)}
    stated = export.projects(store)
    for iri, said in found.items():
        said["year"], said["department"] = stated[iri].get("fiscalYear"), stated[iri]["department"]
        said["indicators"] = counts.get(iri, 0)
        said["place"] = (min(said.get("document", [""])), min(said.get("table", [0])))
    return sorted((p for p in found.values() if p in chosen), key=lambda p: (p["place"], p["iri"]))


def _joined(said: Row, key: str, mark: str = "、") -> str:
    return mark.join(dict.fromkeys(map(str, said.get(key, ()))))


def _one(said: Row, key: str) -> Any:
    return said.get(key, [None])[0]


def _wan(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount / 10_000


def _project(number: int, said: Row) -> list[Any]:
    amounts = (_wan(_one(said, k)) for k in ("budget", "fiscalFunds", "otherFunds", "adjustedBudget", "executedFunds"))
    return [
        number, said["year"], said["department"], _joined(said, "implementingUnit"), _one(said, "label"),
        _joined(said, "programme"), *amounts, _one(said, "executionRate"), _one(said, "totalScore"), said["indicators"],
        _joined(said, "fundSource"), _joined(said, "beneficiary"), _joined(said, "purpose", "；"), _joined(said, "goal", "；"),
        _joined(said, "form"), _joined(said, "document"), said["place"][1] or None,
    ]  # fmt: skip


def _heads(number: int | None, fact: Row) -> list[Any]:
    keys = ("year", "department", "project", "level1", "level2", "indicator")
    return [number, *(fact[key] for key in keys)]


def _place(fact: Row) -> list[Any]:
    return [fact[key] for key in ("document", "table", "row", "place")]


def _indicator(number: int | None, fact: Row) -> list[Any]:
    keys = ("description", "value", "operator", "number", "unit", "per", "deadline", "weight")
    return [*_heads(number, fact), *(fact[key] for key in keys), *_place(fact)]


def _outcome(number: int | None, fact: Row) -> list[Any]:
    keys = ("value", "actual", "outcome", "difference", "completion_rate", "weight", "score", "deviation")
    return [*_heads(number, fact), *(fact[key] for key in keys), *_place(fact)]


def _fundings(store: Store, projects: Sequence[Row]) -> Iterator[list[Any]]:
    shares: dict[str, dict[str, Row]] = {}
    for row in store.select(_FUNDINGS):
        shares.setdefault(row["p"], {}).setdefault(row["f"], row)  # a share said in two cells is one share
    for number, said in enumerate(projects, 1):
        for share in shares.get(said["iri"], {}).values():
            amount, part = _wan(share["amount"]), bool(share["part"])
            yield [
                number, said["year"], said["department"], _one(said, "label"), share["source"] or share["words"],
                None if part else amount, amount if part else None, share["words"],
                share["document"], share["table"], share["place"],
            ]  # fmt: skip


def _found(graph: KnowledgeGraph, projects: Sequence[Row], facts: Sequence[Row], chosen: Choice) -> list[Finding]:
    every = graph.check()
    if not chosen:
        return every
    tables = {(f["document"], f["table"]) for f in facts}
    tables |= {(name, n) for p in projects for name in p.get("document", ()) for n in p.get("table", ())}
    return [f for f in every if (f.document, f.table) in tables]


def _finding(f: Finding) -> list[Any]:
    rule = rules().get(f.code)
    return [
        SEVERITIES[f.severity],
        rule.title if rule else f.code,
        f.message,
        f.value,
        f.document,
        f.table,
        f.row,
        f.code,
        f.place,
    ]


def _repeats(graph: KnowledgeGraph, chosen: Choice) -> Iterator[list[Any]]:
    """The clusters of which a member is chosen, whole: what it repeats may be of another department or year."""
    clusters = (c for c in graph.repeats().across("all") if any(m in chosen for m in c["members"]))
    for number, c in enumerate(clusters, 1):
        for m in c["members"]:
            yield [number, KINDS[c["kind"]], c["score"], c["label"], m["year"], m["department"], m["project"],
                   m["indicator"], m["value"], reasons(c["why"]), m["document"], m["table"], m["row"], m["place"]]  # fmt: skip


def _notes(
    graph: KnowledgeGraph, chosen: Choice, projects: Sequence[Row], made: Sequence[Sheet]
) -> Iterator[tuple[str, Any]]:
    yield "导出时间", datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    yield "程序", f"jixiao-kg {kg.__version__}，第 {graph.generation} 代数据"
    yield "年度", "、".join(map(str, sorted(chosen.years))) or "全部"
    yield "部门", "、".join(sorted(chosen.departments)) or "全部"
    for sheet in made:
        yield f"“{sheet.title}”的行数", len(list(sheet.rows))
    for year in sorted({p["year"] for p in projects}, key=lambda y: (y is None, y)):
        budgets = [b for p in projects if p["year"] == year and (b := _wan(_one(p, "budget"))) is not None]
        yield f"{f'{year}年' if year else '没有写明年度的'}预算合计（万元）", format(sum(budgets, Decimal(0)), "f")
    yield "项目", "一个项目一行，预算只出现一次：对“预算（万元）”求和就是预算合计；部门整体支出的表不是项目，不在此列"
    yield "资金", "“金额”可以求和；已包含在同一项目另一来源里的金额放在“其中”，不再计入"
    yield "指标、完成情况", "不重复项目的金额；按“项目序号”可与“项目”对应"
    yield "数据透视", "每张表都有名字（表_项目、表_指标、表_资金……），插入数据透视表时直接填写"
    for entry in graph.manifest.documents:
        yield f"文件：{entry.name}", f"{entry.projects} 个项目、{entry.indicators} 个指标；SHA-256 {entry.sha256}"
