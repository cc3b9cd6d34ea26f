"""Who pays what: shares of funds, and what others than the treasury pay, as the purpose tells it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import small
from layout import table, write

from kg.knowledge import KnowledgeGraph

PURPOSES = {
    "灯塔修缮": "由市级财政资金安排150万元、乡镇自筹资金安排50万元，用于修缮灯塔。",
    "码头清淤（2025年中央水利发展资金）": "用于码头清淤，其他资金由港口企业自筹。",
    "渔网更新": "由中央水利发展资金安排30万元、区级配套和企业自筹20万元，用于更新渔网。",
}


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    folder = tmp_path_factory.mktemp("harbour")
    amounts = [("200.00", "150.00", "50.00"), ("100.00", "80.00", "20.00"), ("50.00", "30.00", "20.00")]
    tables = [
        table(name, number=n, budget=budget, fiscal=fiscal, other=other, purpose=purpose)
        for n, ((name, purpose), (budget, fiscal, other)) in enumerate(zip(PURPOSES.items(), amounts, strict=True), 1)
    ]
    tables.append(table("航标维护", number=4, budget="70.00"))
    document = write(folder / "demo-2025.txt", *tables)
    with small(folder / "data", [document]) as graph:
        yield graph


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("灯塔修缮乡镇自己掏了多少钱", ["50万元"]),
        ("灯塔修缮乡镇自筹占预算的百分之几", ["25%"]),
        ("灯塔修缮的市级财政资金是多少", ["150万元"]),
        ("码头清淤企业自筹多少", ["20万元"]),
        ("企业自筹一共多少", ["20万元"]),  # a part of what two pay together is not known
        ("中央水利发展资金一共多少钱", ["110万元"]),  # not the budgets of the projects
        ("中央水利发展资金项目预算合计", ["150万元"]),
        ("各部门的中央水利发展资金合计", ["110万元"]),
        ("中央水利发展资金最多的项目", ["80万元"]),
        ("中央水利发展资金占比最高的项目", ["80%"]),
        ("灯塔修缮拨了多少钱", ["200万元"]),  # a budget, and no cost
    ],
)
def test_the_share_that_a_payer_or_a_fund_gives(harbour: KnowledgeGraph, question: str, values: list[str]) -> None:
    assert [item["value"] for item in harbour.ask(question).json()["answers"]] == values


@pytest.mark.parametrize(
    ("question", "projects"),
    [
        (
            "中央水利发展资金超过50万元的项目有哪些",
            ["码头清淤（2025年中央水利发展资金）"],
        ),  # 渔网更新: 50 in all, 30 of it
        ("中央水利发展资金占比低于70%的项目", ["渔网更新"]),
        ("中央水利发展资金占一半以上的项目", ["码头清淤（2025年中央水利发展资金）", "渔网更新"]),
        ("预算不超过50万元的中央水利发展资金项目", ["渔网更新"]),
        ("只用中央水利发展资金的项目有哪些", []),
    ],
)
def test_projects_by_what_a_fund_gives_them(harbour: KnowledgeGraph, question: str, projects: list[str]) -> None:
    assert [item["label"] for item in harbour.ask(question).json()["answers"]] == projects


def test_a_share_is_proved_by_the_cell_that_tells_it(harbour: KnowledgeGraph) -> None:
    (project,) = harbour.ask("市级资金最多的项目").json()["answers"]
    assert any("市级财政资金安排150万元" in cell["text"] for cell in project["evidence"])


def test_projects_that_a_payer_shares_in_are_listed_also_where_his_part_is_not_known(harbour: KnowledgeGraph) -> None:
    answer = harbour.ask("哪些项目是企业自己也要掏钱的").json()
    assert [item["label"] for item in answer["answers"]] == ["码头清淤（2025年中央水利发展资金）", "渔网更新"]


@pytest.mark.parametrize(
    "question",
    ["灯塔修缮企业自筹多少", "渔网更新企业自筹多少", "码头清淤学校自己出了多少钱", "码头清淤渔民自己承担多少"],
)
def test_another_payer_is_given_no_amount(harbour: KnowledgeGraph, question: str) -> None:
    answer = harbour.ask(question).json()
    assert (answer["answers"], answer["reason"]) == ([], "not_understood")


def test_the_other_money_of_a_project_is_named_as_its_purpose_names_it(harbour: KnowledgeGraph) -> None:
    sources = harbour.ask("灯塔修缮的资金来源有哪些").json()["answers"]
    assert [(s["label"], s["value"]) for s in sources] == [
        ("其他资金", "50.00、乡镇自筹资金"),
        ("市级资金", "市级财政资金"),
    ]
    assert any("乡镇自筹资金" in cell["text"] for cell in sources[0]["evidence"])


def test_of_fiscal_and_other_money_the_one_that_there_is_is_told(harbour: KnowledgeGraph) -> None:
    answer = harbour.ask("航标维护的财政资金和其他资金分别是多少").json()
    assert [item["value"] for item in answer["answers"]] == ["70万元"]
    assert "表里没有其他资金数" in answer["understood"] + "".join(answer["notes"])
