"""The year's money of a project, however its label is put: read, or said not to have been read; never silently none."""

from __future__ import annotations

import offices
import pytest
from offices import C, rows

from kg.readers.document import parse
from kg.tables import DocumentRecord, read_document


def form(*money: tuple[str, str], title: str = "2025年度项目支出绩效目标表") -> DocumentRecord:
    """A form whose head has these labels of money with their amounts."""
    body = rows(
        [C("项目名称"), C("村道养护补助", 1, 3)],
        *([C(label), C(amount, 1, 3)] for label, amount in money),
        ["一级指标", "二级指标", "三级指标", "指标值"],
        ["产出指标", "数量指标", "养护里程", "≥1733公里"],
    )
    return read_document(parse("表.html", offices.web([(title, body)])))


def budget(document: DocumentRecord) -> int | None:
    (project,) = document.projects
    return None if project.budget is None else int(project.budget)


@pytest.mark.parametrize(
    "label",
    [
        "本年度安排资金", "本年安排资金", "2025年安排资金", "年度投资计划", "本次申请资金", "申请资金总额", "项目申请预算", "申报金额", "预算申请数", "批复金额",
        "年初批复预算", "项目预算总金额", "本年度计划投资", "年度安排总额", "年度经费", "项目经费", "经费预算", "资金额度", "安排金额", "下达资金", "专项资金总额",
        "2025年度预算金额", "拟安排资金", "预算安排资金", "年度预算资金总额", "全年资金总额",
    ],
)  # fmt: skip
def test_labels_of_the_years_money_are_put_together_from_few_words(label: str) -> None:
    assert budget(form((f"{label}（万元）", "850.00"))) == 8_500_000


@pytest.mark.parametrize(
    "whole",
    ["项目总投资（万元）", "三年总预算（万元）", "项目资金总额（万元）", "申报总额（万元）", "项目经费（万元）"],
)
@pytest.mark.parametrize("label", ["本年度安排资金（万元）", "年度经费（万元）", "当年预算（万元）"])
def test_the_years_money_comes_before_the_whole_projects(whole: str, label: str) -> None:
    assert budget(form((whole, "2400.00"), (label, "850.00"))) == 8_500_000
    assert budget(form((label, "850.00"), (whole, "2400.00"))) == 8_500_000


def test_money_of_another_year_is_not_this_years() -> None:
    assert budget(form(("2024年安排资金（万元）", "700.00"), ("2025年安排资金（万元）", "850.00"))) == 8_500_000


@pytest.mark.parametrize("label", ["市级配套投入", "申请财政补助总额", "建设规模投资额"])
def test_money_under_a_label_that_is_not_known_is_said(label: str) -> None:
    document = form((f"{label}（万元）", "850.00"))
    assert budget(document) is None
    (flag,) = (f for f in document.flags if f.code == "amount-unreadable")
    assert label in flag.message
    assert flag.quote.text == "850.00"


def test_money_beside_a_budget_that_is_read_is_not_said() -> None:
    document = form(("年度资金总额（万元）", "850.00"), ("采购合同金额（万元）", "300.00"))
    assert budget(document) == 8_500_000
    assert not document.flags


@pytest.mark.parametrize(("heading", "read"), [("年度安排资金", 8_500_000), ("市级配套投入", None), ("拨付金额", None)])
def test_in_a_sheet_of_many_projects_a_column_of_money_is_read_or_said(heading: str, read: int | None) -> None:
    body = rows(
        ["项目名称", f"{heading}（万元）", "一级指标", "二级指标", "三级指标", "指标值"],
        ["村道养护补助", "850.00", "产出指标", "数量指标", "养护里程", "≥1733公里"],
        ["村道养护补助", "850.00", "产出指标", "质量指标", "优良路率", "≥80%"],
    )
    document = read_document(parse("表.html", offices.web([("2025年度项目支出绩效目标表", body)])))
    assert budget(document) == read
    assert [f.code for f in document.flags] == ([] if read else ["amount-unreadable"])
