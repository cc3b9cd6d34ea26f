"""Departments: one thing under all its writings, found by the short names that people use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.graph.departments import Department, Departments, Written, parent_name, parts, resolve

CITY = [
    "临川市住房和城乡建设局", "临川市自然资源和规划局", "临川市教育体育局", "临川市城市管理局", "临川市水务局", "临川市民政局",
    "临川市卫生健康委员会", "临川市发展和改革委员会", "临川市应急管理局", "临川市市场监督管理局", "临川市文化和旅游局",
    "临川市农业农村局", "临川市生态环境局", "临川市残疾人联合会", "临川市总工会", "临川市人力资源和社会保障局",
    "临川市人力资源和社会保障局财务处",
]  # fmt: skip


def loaded(names: list[str]) -> Departments:
    known = set(names)
    parents = {n: p for n in names if (p := parent_name(n)) in known}
    return Departments(
        Department(n, n, parent=parents.get(n, ""), units=tuple(u for u, p in parents.items() if p == n)) for n in names
    )


SHORT = {
    "住建局": "临川市住房和城乡建设局",
    "住建": "临川市住房和城乡建设局",
    "城建局": "临川市住房和城乡建设局",
    "临川住建局": "临川市住房和城乡建设局",
    "市住建局": "临川市住房和城乡建设局",
    "住房和城乡建设局": "临川市住房和城乡建设局",
    "自规局": "临川市自然资源和规划局",
    "资规局": "临川市自然资源和规划局",
    "教体局": "临川市教育体育局",
    "教育局": "临川市教育体育局",
    "城管": "临川市城市管理局",
    "水务": "临川市水务局",
    "民政": "临川市民政局",
    "卫健委": "临川市卫生健康委员会",
    "卫健局": "临川市卫生健康委员会",
    "发改委": "临川市发展和改革委员会",
    "市监局": "临川市市场监督管理局",
    "市场监管局": "临川市市场监督管理局",
    "文旅局": "临川市文化和旅游局",
    "农业局": "临川市农业农村局",
    "环保局": "临川市生态环境局",
    "残联": "临川市残疾人联合会",
    "工会": "临川市总工会",
    "人社局": "临川市人力资源和社会保障局",
    "人社局财务处": "临川市人力资源和社会保障局财务处",
}


@pytest.mark.parametrize("said", SHORT)
def test_a_short_name_means_one_department(said: str) -> None:
    assert [d.label for d in loaded(CITY).match(said)] == [SHORT[said]]


@pytest.mark.parametrize("said", ["税务局", "林草局", "甲市住建局", "市民", "教育", "城市", "规划", "局", "", "民生"])
def test_what_is_no_name_of_a_loaded_department_means_none(said: str) -> None:
    assert loaded(CITY).match(said) == []


def test_a_short_name_of_several_names_them_all() -> None:
    both = loaded([*CITY, "东山县住房和城乡建设局"])
    assert [d.label for d in both.match("住建局")] == ["临川市住房和城乡建设局", "东山县住房和城乡建设局"]
    assert [d.label for d in both.match("东山县住建局")] == ["东山县住房和城乡建设局"]
    assert {d.label for d in both.match("管理局")} == {
        "临川市城市管理局", "临川市应急管理局", "临川市市场监督管理局"
    }  # fmt: skip


def test_a_bureau_holds_the_projects_of_its_units() -> None:
    (bureau,) = loaded(CITY).match("人社局")
    assert bureau.iris == ("临川市人力资源和社会保障局", "临川市人力资源和社会保障局财务处")


FULL = "临川市住房和城乡建设局"
RESOLVED = {
    "the code does not matter": ([Written(FULL, "301"), Written(FULL)], {FULL}),
    "nor does the place": ([Written(FULL, "301"), Written("住房和城乡建设局")], {FULL}),
    "the level for the place": ([Written(FULL), Written("市住房和城乡建设局")], {FULL}),
    "the title says the place": ([Written("水务局", "", "东山县水务局2025年绩效目标表")], {"东山县水务局"}),
    "two places": ([Written("东山县水务局"), Written("西山县水务局"), Written("水务局")],
                   {"东山县水务局", "西山县水务局", "水务局"}),
    "another code": ([Written(FULL, "301"), Written("住房和城乡建设局", "210")], {FULL, "住房和城乡建设局"}),
    "another body": ([Written("临川市水务局"), Written("临川市城市水务局")], {"临川市水务局", "临川市城市水务局"}),
}  # fmt: skip


@pytest.mark.parametrize("case", RESOLVED)
def test_writings_that_mean_one_department(case: str) -> None:
    written, names = RESOLVED[case]
    assert set(resolve(written).values()) == names


@given(
    st.permutations(
        [Written(FULL, "301"), Written("住房和城乡建设局"), Written("市民政局"), Written("临川市民政局", "5")]
    )
)
def test_the_order_of_the_files_does_not_matter(written: list[Written]) -> None:
    assert set(resolve(written).values()) == {FULL, "临川市民政局"}


@pytest.mark.parametrize(
    ("name", "place", "body"),
    [
        ("临川市城市管理局", "临川市", "城市管理局"),
        ("住房和城乡建设局", "", "住房和城乡建设局"),
        ("江南省临川市东山县教育局", "江南省临川市东山县", "教育局"),
        ("临川市市场监督管理局", "临川市", "市场监督管理局"),
        ("滦县教育局", "滦县", "教育局"),
    ],
)
def test_a_place_is_told_from_a_body(name: str, place: str, body: str) -> None:
    assert (parts(name).place, parts(name).body) == (place, body)


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        ("天津市人力资源和社会保障局财务处", "天津市人力资源和社会保障局"),
        ("临川市教育局电化教育中心", "临川市教育局"),
        ("临川市教育局", ""),
        ("临川市政府办公室", ""),
        ("临川市疾病预防控制中心", ""),
    ],
)
def test_the_unit_of_a_bureau(name: str, parent: str) -> None:
    assert parent_name(name) == parent
