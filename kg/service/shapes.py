"""The shapes of what is loaded, as the JSON API gives it: projects, indicators, tables, pivots, documents."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Standing(BaseModel):
    """单元格在原文件里的位置；没有的项为空。"""

    place: str | None = Field(description="在原文件里怎么找到它：工作表和单元格、页和表、行")
    sheet: str | None
    cell: str | None
    page: int | None
    line: int | None


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
