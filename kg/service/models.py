"""The shapes of the JSON API."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, FailFast, Field, model_validator
from pydantic_core import PydanticCustomError

from kg.service.problems import TITLES


class Problem(BaseModel):
    """RFC 9457"""

    type: str = "about:blank"
    title: str = Field(examples=[TITLES[400]])
    status: int
    detail: str
    instance: str | None = None


class Standing(BaseModel):
    """单元格在原文件里的位置；没有的项为空。"""

    place: str | None = Field(description="在原文件里怎么找到它：工作表和单元格、页和表、行")
    sheet: str | None
    cell: str | None
    page: int | None
    line: int | None


class Evidence(Standing):
    """一个单元格：row 从 1 数指标行，表头的单元格没有 row。"""

    document: str
    table: int
    row: int | None
    text: str
    field: str


class Item(BaseModel):
    iri: str | None
    label: str
    project: str | None
    value: str | None = Field(description="表里的写法")
    number: float | None
    unit: str | None
    year: int | None
    evidence: list[Evidence]


class Word(BaseModel):
    text: str
    kind: str
    why: str
    label: str | None


class Part(BaseModel):
    """一个问题问了几件事时的一件。"""

    understood: str
    kind: str
    boolean: bool | None
    answers: list[Item]
    sparql: str


class Suggestions(BaseModel):
    questions: list[str] = Field(description="有答案的问题")
    cells: list[Evidence] = Field(description="最接近的单元格，不是答案")


class Answer(BaseModel):
    question: str
    understood: str
    kind: str
    boolean: bool | None
    answers: list[Item]
    sparql: str
    method: Literal["graph", "search", "none"]
    confidence: float
    unmatched: list[str]
    notes: list[str]
    parts: list[Part]
    reason: Literal["not_in_data", "not_understood", "ambiguous"] | None = Field(description="没有答案的原因")
    suggestions: Suggestions | None
    context: list[str] = Field(description="追问时原样放进 context")
    words: list[Word]
    follow: list[str]


NAMED = 5  # keys named as unknown, however many there are


class Strict(BaseModel):
    """A request's body: no keys but these. That is looked at before pydantic would build an error for every one."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    @model_validator(mode="before")
    @classmethod
    def _only_known(cls, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = list(islice((str(key)[:40] for key in data if key not in cls.model_fields), NAMED))
            if unknown:
                raise PydanticCustomError("unknown_keys", "没有这个参数：{names}", {"names": "、".join(unknown)})
        return data


Text = Annotated[str, Field(max_length=4000)]
Iri = Annotated[str, Field(max_length=2000)]


class Question(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "additionalProperties": False,
            "examples": [
                {"question": "哪些项目服务高校毕业生？"},
                {"question": "那其中预算最高的呢？", "context": ["哪些项目服务高校毕业生？"]},
            ],
        },
    )
    question: Text
    context: Annotated[list[Iri], FailFast()] = Field(default=[], max_length=5000, description="上一个答案的 context")


class Hit(Standing):
    iri: str
    kind: str
    label: str
    project: str
    year: int | None
    text: str
    score: float
    document: str
    table: int
    row: int | None


class Page(BaseModel):
    total: int
    offset: int
    limit: int


class Project(BaseModel):
    iri: str
    label: str
    year: int | None
    department: str | None
    budget_wan: float | None
    fiscal_wan: float | None
    other_wan: float | None
    funds: list[str]
    groups: list[str]
    indicators: int
    document: str
    table: int
    programme: str | None


class Projects(Page):
    items: list[Project]


class Proof(Standing):
    """项目与资金来源（fundSource）或服务对象（beneficiary）的联系，及证明它的单元格。"""

    relation: str
    iri: str
    label: str
    quote: str
    document: str
    table: int
    row: int | None
    field: str


class TableAt(BaseModel):
    document: str
    table: int


class Reached(Standing):
    """一个指标的完成情况，及写明它的单元格。"""

    iri: str
    label: str
    value: str = Field(description="指标值")
    actual: str | None = Field(description="实际完成值")
    outcome: str | None
    difference: str | None
    completion_rate: float | None = Field(description="%")
    weight: float | None
    score: float | None
    deviation: str | None = Field(description="偏差原因")
    document: str
    table: int
    row: int
    field: str


class ProjectRecord(Project):
    purpose: str | None
    goals: list[str]
    links: list[Proof]
    outcomes: list[Reached]
    executed_wan: float | None
    execution_rate: float | None = Field(description="%")
    total_score: float | None
    history: list[Project] = Field(description="同一项目主线的各年项目")
    tables: list[TableAt]


class Facet(BaseModel):
    """iri 即筛选参数的值（年度为数字）。"""

    iri: str | int
    label: str
    count: int


class Facets(BaseModel):
    years: list[Facet]
    departments: list[Facet]
    funds: list[Facet]
    groups: list[Facet]
    types: list[Facet]


Dimension = Literal["department", "year", "fund", "group", "type"]


class Head(BaseModel):
    iri: str | None = Field(description="筛选参数的值；表里没有写明的为空")
    label: str


class PivotRow(Head):
    cells: list[float | None] = Field(description="与 heads 同序")
    total: float


class PivotTotal(BaseModel):
    cells: list[float]
    total: float


class Pivot(BaseModel):
    """每格是 /api/projects（/api/indicators）同样两个条件下的合计；含下级。overlaps 的一侧会重复计，不能自行相加，合计见 total。"""

    rows: Dimension
    columns: Dimension
    measure: str
    unit: str
    overlaps: list[Dimension]
    more: int = Field(description="太多而没有列出的行或列")
    heads: list[Head]
    items: list[PivotRow]
    total: PivotTotal


class TableCell(BaseModel):
    """row、field：读作第几个指标的哪一栏；没有读入的为空。"""

    model_config = ConfigDict(extra="allow")
    text: str
    rowspan: int
    colspan: int
    row: int | None
    field: str | None


class TableRow(BaseModel):
    number: str
    cells: list[TableCell]


class TablePart(BaseModel):
    caption: str | None
    sheet: str | None
    pages: list[int] = Field(description="在原文件的哪几页；不分页的为空")
    columns: list[str]
    rows: list[TableRow]


class Indicator(BaseModel):
    iri: str
    label: str
    project: str
    project_iri: str
    year: int | None
    level1: str | None
    level2: str | None
    description: str | None
    value: str
    operator: str | None
    number: float | None
    unit: str | None
    document: str
    table: int
    row: int


class Indicators(Page):
    items: list[Indicator]


class Document(BaseModel):
    name: str
    iri: str
    sha256: str
    year: int | None
    projects: int
    indicators: int


class Loaded(Document):
    bytes: int | None = Field(description="原件的字节数")
    at: str | None = Field(description="原件第一次读入的时间（UTC）")
    forms: list[str] = Field(description="其中的表：申报、批复、监控、自评")


class Documents(BaseModel):
    generation: str
    base: str
    documents: list[Loaded]


class Outcome(BaseModel):
    """changed：数据有没有变；failures：没有读入的文件；warnings：读入了但要注意的。"""

    changed: bool
    documents: list[Document]
    failures: list[str]
    warnings: list[str]


class Deed(BaseModel):
    time: str
    by: str = Field(description="人员文件里的姓名；用共用口令的为空")
    role: str
    client: str
    did: str
    what: Any
    result: str


class Query(BaseModel):
    dataset: str
    question: str
    query: str


class Member(Standing):
    iri: str
    project: str
    indicator: str
    department: str | None
    year: int | None
    value: str
    document: str
    table: int
    row: int


class Cluster(BaseModel):
    concept: str
    label: str
    kind: Literal["exact", "reworded", "retargeted", "similar"]
    score: float
    members: list[Member]
    why: list[dict[str, Any]]
    changes: Any = None


class Clusters(Page):
    items: list[Cluster]


class Described(Member):
    description: str = Field(description="指标描述；与名称一样的为空")


class Pair(BaseModel):
    pair: str
    score: float
    members: list[Described]
    why: list[dict[str, Any]]


class Change(BaseModel):
    """change：same 沿用、renamed 改名、moved 移入、new 新增、dropped 取消；target：easier 变容易、harder 变难、changed 变了。"""

    year: int | None
    department: str | None
    project: str
    change: str
    target: str
    redescribed: bool
    before: Member | None
    after: Member | None
    score: float | None


class Changes(Page):
    items: list[Change]


class Decision(Strict):
    """对一对指标的判断；只追加，以最后一次为准。"""

    model_config = ConfigDict(
        json_schema_extra={
            "additionalProperties": False,
            "examples": [{"indicators": ["指标的 IRI", "另一个"], "decision": "accepted", "note": "为什么"}],
        }
    )
    indicators: Annotated[list[Iri], FailFast()] = Field(min_length=2, max_length=2, description="两个指标的 IRI")
    decision: Literal["accepted", "rejected", "noted", "withdrawn"]
    note: Annotated[str, Field(max_length=2000)] = ""
    by: Annotated[str, Field(max_length=100)] = ""


class ScannedCell(BaseModel):
    """扫描识别的一个没有把握的单元格：核对以前它的数不计入合计。"""

    id: str
    key: str
    message: str
    document: str
    table: int | None
    row: int | None
    field: str
    text: str = Field(description="识别的文字")
    other: str = Field(description="另一次识别的文字；两次一致时为空")
    picture: str
    box: tuple[int, int, int, int] = Field(description="在页面图片里的左、上、右、下，像素")


class ScannedCells(BaseModel):
    total: int
    offset: int
    limit: int
    items: list[ScannedCell]


class Confirmed(Strict):
    """核对一个单元格；text 为空表示识别正确。"""

    id: Annotated[str, Field(min_length=1, max_length=100)]
    text: Annotated[str, Field(max_length=5000)] = ""


class Confirmations(Strict):
    model_config = ConfigDict(
        json_schema_extra={"additionalProperties": False, "examples": [{"cells": [{"id": "编号", "text": "1,300.00"}]}]}
    )
    cells: Annotated[list[Confirmed], FailFast()] = Field(min_length=1, max_length=500)
    by: Annotated[str, Field(max_length=100)] = ""


class Review(BaseModel):
    pair: str
    indicators: list[str]
    labels: list[str]
    decision: str
    note: str
    by: str
    at: str


class Finding(Standing):
    code: str
    title: str
    severity: Literal["error", "warning", "info"]
    message: str
    iri: str
    document: str
    table: int | None
    row: int | None
    value: str
    field: str


class Findings(Page):
    items: list[Finding]


PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {
        "description": TITLES[code],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for code in (400, 401, 403, 404, 405, 409, 413, 415, 421, 422, 429, 431, 500, 503, 504)
}
