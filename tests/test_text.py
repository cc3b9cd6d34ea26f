"""The forms in which texts are compared: one for each need, and how characters sound."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from command import ROOT
from hypothesis import given
from hypothesis import strategies as st

from index.sounds import near_sounds, sounds
from index.text import YEAR, compact, normalise, without_dated_years, without_first_year, without_years
from kg.ask.reading import plain, simplified


@pytest.mark.parametrize(
    ("name", "anywhere", "first"),
    [
        ("2025年度补助", "补助", "补助"),
        ("2025补助", "补助", "补助"),
        ("1998年援建项目", "援建项目", "援建项目"),
        ("补助(2025年)", "补助()", "补助(2025年)"),
        ("2024年结转2025年补助", "结转补助", "结转2025年补助"),
        ("3025年", "3025年", "3025年"),
    ],
)
def test_years_are_left_out_of_names(name: str, anywhere: str, first: str) -> None:
    assert without_years(name) == anywhere
    assert without_first_year(name) == first


@pytest.mark.parametrize(
    ("value", "rest"),
    [("2025年底前", "底前"), ("2025-12-31", "-12-31"), ("2025", ""), ("2000人", "2000人"), ("≥1950户", "≥1950户")],
)
def test_years_are_left_out_of_values_and_numbers_are_not(value: str, rest: str) -> None:
    assert without_dated_years(value) == rest


@pytest.mark.parametrize("name", ["2025年度补助", "2024年结转2025年补助", "1998年援建项目", "补助"])
def test_a_query_leaves_out_the_same_years(name: str) -> None:
    found = ox.Store().query(f'SELECT (REPLACE("{name}", "{YEAR}", "") AS ?rest) WHERE {{}}')
    assert isinstance(found, ox.QuerySolutions)
    assert [row["rest"].value for row in found] == [without_years(name)]


@given(st.text(st.sampled_from("绩效 预算　１２abＡＢ（）《》，。\t\n％﹪㎡①Ⅲ")))
def test_a_normal_form_stays_as_it_is(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert compact(compact(text)) == compact(text)
    assert not any(character.isspace() for character in compact(text))


@pytest.mark.parametrize(
    ("one", "other", "same", "near"),
    [
        ("官", "管", True, True),
        ("三", "山", False, True),
        ("精", "金", False, True),
        ("长", "常", True, True),
        ("官", "岗", False, False),
        ("a", "a", False, False),
    ],
)
def test_characters_that_sound_alike(one: str, other: str, same: bool, near: bool) -> None:
    assert bool(sounds(one) & sounds(other)) is same
    assert bool(near_sounds(one) & near_sounds(other)) is near


@pytest.mark.parametrize(
    ("traditional", "expected"),
    [
        ("哪些項目服務高校畢業生？", "哪些项目服务高校毕业生？"),
        ("檔案數字化的預算是多少", "档案数字化的预算是多少"),
        ("軟體與網路維護費", "软件与网络维护费"),
        ("資訊系統的滿意度", "信息系统的满意度"),
        ("覆核了多少個帳戶", "复核了多少个账户"),
        ("台帳、臺帳", "台账、台账"),
        ("多數位於農村", "多数位于农村"),
        ("幹部培訓後乾淨的皇后", "干部培训后干净的皇后"),
        ("為甚麼沒有製定計畫", "为什么没有制定计划"),
    ],
)
def test_traditional_text_is_read_as_simplified(traditional: str, expected: str) -> None:
    assert simplified(traditional) == expected
    assert plain(traditional) == plain(expected)


def test_simplified_text_stays_as_it_is() -> None:
    """All that the sample and the vocabularies hold, but for a unit that they list in traditional characters too."""
    files = [*(ROOT / "kg/sample").glob("*.txt"), *(ROOT / "ontology").glob("*.ttl")]
    lines = {line for file in files for line in file.read_text("utf-8").splitlines()}
    assert len(lines) > 5000
    assert {line.strip() for line in lines if simplified(line) != line} == {'skos:altLabel "個"@zh ;'}
