"""What auditors ask of tables: costs against the budget, indicators that stand twice, names and targets ill written, what
two years have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import small
from layout import Row, table, write
from regression import printed_answer, shown_answer

from kg.knowledge import KnowledgeGraph

CULTURE, CIVIL = "353101云江市文化和旅游局财务处", "354101云江市民政局财务处"
END: Row = ("满意度指标", "服务对象满意度指标", "读者满意度", "读者满意度", "≥90%")


def rows(*said: tuple[str, str, str]) -> list[Row]:
    """(二级指标, 三级指标, 指标值) of the rows of one table."""
    return [("产出指标", level2, name, name, value) for level2, name, value in said]


LIBRARY = rows(
    ("数量指标", "开放场馆数", "≥12个"),
    ("质量指标", "工程验收合格率", "100%"),
    ("质量指标", "其他", "≥99%"),
    ("成本指标", "运行费用", "≤60万元"),
    ("成本指标", "活动费用", "≤40"),
)
STAGE = rows(
    ("数量指标", "演出场次", "≥120场"),
    ("数量指标", "覆盖乡镇数", "≥14个"),
    ("成本指标", "演出费用", "≤30万元"),
    ("成本指标", "单场补贴标准", "≤8000元/场"),
)
CARE = rows(
    ("数量指标", "助餐点个数", "≥10个"),
    ("质量指标", "工程验收合格率", "100%"),
    ("成本指标", "护理补贴标准", "≤300元/人·月"),
    ("成本指标", "改造费用", "≥250万元"),
    ("时效指标", "派单响应时间", "≤2小时"),
    ("时效指标", "派单响应时间", "≤2小时"),
)
WORDS = rows(("质量指标", "服务能力", "不断提升"), ("时效指标", "服务及时性", "及时高效"))
BEFORE = rows(
    ("数量指标", "开放场馆数", "≥10个"),
    ("数量指标", "讲座场次", "≥20场"),
    ("质量指标", "工程验收合格率", "100%"),
    ("成本指标", "运行费用", "≤60万元"),
)


@pytest.fixture(scope="module")
def two_offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    """Two departments in 2025, of one of them a project of the year before."""
    folder = tmp_path_factory.mktemp("offices")
    now = [
        table("图书馆免费开放", [*LIBRARY, END], number=1, department=CULTURE, budget="100.00", fiscal="80.00", other="20.00", purpose="用于开放和培训"),
        table("送戏下乡惠民演出", [*STAGE, (*END[:4], "≥85%")], number=2, department=CULTURE, budget="50.00", purpose="用于演出"),
        table("养老服务体系建设", CARE, number=3, department=CIVIL, budget="200.00", purpose="用于养老"),
        table("社会工作服务", WORDS, number=4, department=CIVIL, budget="20.00", purpose="用于社会工作"),
    ]  # fmt: skip
    before = [table("图书馆免费开放", [*BEFORE, END], department=CULTURE, budget="100.00", purpose="用于开放")]
    documents = [write(folder / "offices-2025.txt", *now), write(folder / "offices-2024.txt", *before)]
    with small(folder / "data", documents) as graph:
        yield graph


ANSWERS = {
    # costs added up: a number without a unit is in that of the head, a standard for one is left out
    "图书馆免费开放的成本指标合计比预算多多少": ["0万元"],
    "送戏下乡惠民演出的成本之和比预算少多少万元": ["20万元"],
    "送戏下乡惠民演出的成本合计占预算的百分之几": ["60%"],
    "图书馆免费开放的运行费用占预算的比重": ["60%"],
    "送戏下乡惠民演出的预算比成本指标合计多出多少": ["20万元"],
    "养老服务体系建设的成本指标加总后，比预算数超出多少万元": ["50万元"],
    "送戏下乡惠民演出预算减去成本指标合计还剩多少": ["20万元"],
    "成本指标合计比预算少20万元以上的项目有哪些": ["送戏下乡惠民演出"],
    "成本指标合计比预算少30万元以上的项目有哪些": [],
    "成本指标合计正好等于预算的有哪些项目": ["图书馆免费开放"],
    "哪些项目的成本指标之和超过了项目预算": ["养老服务体系建设"],
    "成本指标合计与预算不一致的项目有哪些": ["送戏下乡惠民演出", "养老服务体系建设"],
    "哪些项目的成本指标加起来小于预算": ["送戏下乡惠民演出"],
    "成本指标合计超过200万元的项目": ["养老服务体系建设"],
    # how many to each
    "各部门平均每个项目设了几条指标": ["5.5条", "4条"],
    # all departments, by their number
    "两个局的其他资金总共多少万元": ["20万元"],
    "两个局里预算最少的是哪个项目": ["社会工作服务"],
    "三个局里预算最少的是哪个项目": [],
    "民政局项目数占全部项目数的比例": ["50%"],
    "两个局都有的指标是哪些": ["工程验收合格率"],
    "没有量化的指标占全部指标的比例": ["10.526316%"],
    "除养老外，民政局预算最高的项目": ["社会工作服务"],
    "满意度指标目标值在86%到90%之间的有哪些": ["读者满意度"],
    "工程验收合格率出现在几个项目里": ["2个"],
    "图书馆免费开放开在哪两个乡镇": [],  # not how many
    "图书馆免费开放最多开放几个场馆": [],  # at least so many is no most
    # which stand twice, and where
    "哪些指标在不止一个项目里出现": ["工程验收合格率", "读者满意度"],
    "文旅局内部，哪些指标在多个项目里重复出现": ["读者满意度"],
    "文旅局和民政局之间有哪些重复的指标": ["工程验收合格率"],
    "文旅局和民政局2025年之间，有哪些指标名称是一模一样的": ["工程验收合格率"],
    "哪些项目和养老服务体系建设有相同的指标": ["图书馆免费开放"],
    "与送戏下乡惠民演出设了同样指标的项目有哪些": ["图书馆免费开放"],
    "哪个项目里同一条指标写了两遍": ["养老服务体系建设"],
    "有没有哪个项目在同一张表里把同一条指标重复填了两遍": ["养老服务体系建设"],
    "哪些同名指标在不同项目里目标值不一致": ["读者满意度"],
    "指标名称相同但目标值不一样的有哪些": ["读者满意度"],
    "哪个项目里有重复的指标": ["养老服务体系建设"],
    "成本指标没写单位的项目有哪些": ["图书馆免费开放"],  # of one and the same indicator
    "财政资金加其他资金不等于预算的项目有哪些": [],
    "名称里没有“服务”的项目有哪些": ["图书馆免费开放", "送戏下乡惠民演出"],
    "质量指标里既不是100%也不是98%的有哪些": ["其他"],
    "工程验收合格率在不同项目里的目标值是否一致": ["是"],
    "读者满意度在各项目里目标值一样吗": ["否"],
    "读者满意度在不同项目里的目标值分别是多少": ["读者满意度"],
    "按小时计的指标有哪些": ["派单响应时间"],
    # names and targets
    "哪些项目的三级指标名称只填了“其他”两个字": ["图书馆免费开放"],
    "有没有指标名称只写了“其他”的，是哪些项目": ["图书馆免费开放"],
    "哪些指标的指标值只有数字、没写计量单位": ["活动费用"],
    "哪些项目的成本指标用了“≥”，方向写反了": ["养老服务体系建设"],
    "哪个项目的指标全部是定性描述、没有量化": ["社会工作服务"],
    "哪个项目一条量化指标都没有": ["社会工作服务"],
    "按每人每月计算的成本指标有哪些": ["护理补贴标准"],
    "时效指标按小时计的项目": ["养老服务体系建设"],
    "设了2个数量指标的项目有哪些": ["送戏下乡惠民演出"],
    "哪些项目除了财政资金还有其他资金": ["图书馆免费开放"],
    "资金用途里有培训的项目": ["图书馆免费开放"],
    "预算在50万到100万之间（不含两端）的项目有哪些": [],
    "予算50万到100万之间（含两端）的项目": ["图书馆免费开放", "送戏下乡惠民演出"],
    "预祘50万到100万之间（含两端）的项目": ["图书馆免费开放", "送戏下乡惠民演出"],
    "预算低于100万元的项目（不含100万元）有哪些": ["送戏下乡惠民演出", "社会工作服务"],
    "数量指标里目标值在14以上（含14）的有哪些": ["演出场次", "覆盖乡镇数"],
    # two years
    "延续项目有几个": ["1个"],
    "两年都有的项目，2025年预算合计比2024年多多少": ["0万元"],
    "哪个项目的预算两年没有变化": ["图书馆免费开放"],
    "2025年没有再设的指标有哪些": ["讲座场次"],
    "2025年取消了几条指标": ["1条"],
    "2024年取消的项目有哪些": [],  # nothing is known of the year before
    "哪些项目的数量指标目标值2025年比2024年提高了": ["图书馆免费开放"],
    "今年新增开放场馆多少个": [],  # how many there are new is not said, and it is no number of projects
    "图书馆免费开放今年取消了哪些指标": ["讲座场次"],
    "图书馆免费开放有哪些指标两年目标值没有变": ["工程验收合格率", "运行费用", "读者满意度"],
    "图书馆免费开放有哪些指标的目标值比2024年提高了": ["开放场馆数"],
}  # fmt: skip
"""Question → the names of what answers it, or the number; empty where it is not answered."""


@pytest.mark.parametrize("question", ANSWERS)
def test_what_auditors_ask_is_answered(question: str, two_offices: KnowledgeGraph) -> None:
    answer = two_offices.ask(question)
    found = [a.value if answer.kind == "number" else a.label for a in answer.answers]
    assert sorted(set(map(str, found))) == sorted(ANSWERS[question]), answer.understood
    if answer.method == "graph" and answer.answers:
        assert printed_answer(two_offices, answer) == shown_answer(answer)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("领导要一份清单：预算超过100万元的项目有哪些？", "预算超过100万元的项目有哪些？"),
        ("预算超过100万元的项目有哪些？这样安排不太合理。", "预算超过100万元的项目有哪些？"),
    ],
)
def test_what_stands_around_a_question_changes_nothing(question: str, asked: str, two_offices: KnowledgeGraph) -> None:
    assert [a.label for a in two_offices.ask(question).answers] == [a.label for a in two_offices.ask(asked).answers]


@pytest.mark.parametrize(
    "question",
    ["文旅局2025年财政资金和其他资金各是多少", "文旅局2025年财政资金总额和其他资金总额各是多少万元"],
)
def test_amounts_of_one_department_are_told_one_by_one(question: str, two_offices: KnowledgeGraph) -> None:
    assert [a.value for a in two_offices.ask(question).answers] == ["130万元", "20万元"]


def test_a_second_question_is_not_left_out(two_offices: KnowledgeGraph) -> None:
    answer = two_offices.ask("预算最高的项目是哪个？预算是多少万元？")
    assert len(answer.parts) == 2 or not answer.answers
