"""The shapes of the JSON API: questions, repeats, reviews, findings; what is loaded is in ``shapes``."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, FailFast, Field, model_validator
from pydantic_core import PydanticCustomError

from kg.service.problems import TITLES
from kg.service.shapes import Page, Standing


class Problem(BaseModel):
    """RFC 9457"""

    type: str = "about:blank"
    title: str = Field(examples=[TITLES[400]])
    status: int
    detail: str
    instance: str | None = None


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
