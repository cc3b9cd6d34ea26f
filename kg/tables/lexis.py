"""The words of ``words.toml`` and how cells are compared with them."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from kg.tables.values import plain_form

MONEY = frozenset(
    ("budget", "initial_budget", "adjusted_budget", "executed", "midterm_budget", "total_budget", "department_budget",
     "list_total", "fiscal_funds", "other_funds", "carried_over", "interim_executed")
)  # fmt: skip


@cache
def table_words() -> dict[str, Any]:
    """The tables of ``words.toml``."""
    return tomllib.loads(resources.files("kg.tables").joinpath("words.toml").read_text("utf-8"))


@cache
def pattern(name: str) -> re.Pattern[str]:
    """A pattern of ``[patterns]``."""
    return re.compile(table_words()["patterns"][name])


@lru_cache(65536)
def key(text: str) -> str:
    """What two header words are compared by: half-width, no blanks, no punctuation, no words in brackets, no number."""
    if len(text) > 80:
        return ""
    text = re.sub(r"[(（][^()（）]*[)）]", "", unicodedata.normalize("NFKC", text))
    text = pattern("numbering").sub("", re.sub(r"\s+", "", text))
    return re.sub(r"[^\w]", "", text)


@lru_cache(65536)
def full_key(text: str) -> str:
    """The key with the words in brackets kept: ``单位（项目）名称`` → 单位项目名称."""
    return "" if len(text) > 80 else re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text))


@cache
def _index(table: str) -> dict[str, list[tuple[str, int]]]:
    """Key → (role, rank in the role's list)."""
    found: dict[str, list[tuple[str, int]]] = {}
    for role, names in table_words()[table].items():
        for rank, name in enumerate(names):
            found.setdefault(key(name), []).append((role, rank))
    return found


@lru_cache(16384)
def column_roles(word: str, whole: str = "") -> tuple[list[tuple[str, int]], int | None]:
    """([(role, rank)], year) of a column heading's key (and full key); the lower rank is the surer word.

    A heading is a word of ``[columns]``, of a pattern (``2025年指标值`` → value, 2025), or the label of an amount.
    """
    for form in (whole, word, word.removeprefix("其中")):
        if listed := _index("columns").get(form):
            return listed, None
    for role, rule in table_words()["column_patterns"].items():
        if found := re.search(rule, word):
            years = [y for y in found.groupdict().values() if y]
            return [(role.removeprefix("dated_").removesuffix("_of_year"), 0)], int(years[0]) if years else None
    field = label(word) if len(word) > 2 else ""
    return [(field, 0)] if field in MONEY else [], None


def is_column(text: str) -> bool:
    """Whether a text is the heading of a column."""
    return bool(column_roles(key(text), full_key(text))[0])


@lru_cache(16384)
def label(text: str) -> str:
    """The field that a label cell announces (``项目名称`` → project); empty for any other cell."""
    word = key(text)
    if not word or len(word) > 20:
        return ""
    known = _index("labels")
    if word not in known:  # 项目编码及名称, 项目名称及编码
        word = pattern("with_code").sub("", word) or word
    for prefix in ("", *table_words()["affixes"]["prefixes"]):
        if word.startswith(prefix) and (found := known.get(word.removeprefix(prefix))):
            return found[0][0]
    return next((str(role) for role, rule in table_words()["label_patterns"].items() if re.search(rule, word)), "")


def inline(text: str) -> list[tuple[str, str, str]]:
    """(field, value, label) for every ``label：value`` that a cell or line is made of."""
    found = []
    for part in re.split(r"\n|[；;]|\s{2,}|\t", text.strip()):
        head, colon, value = re.sub(r"^\s+|\s+$", "", part).replace("：", ":", 1).partition(":")
        if label(head) == "" and key(head) in table_words()["affixes"]["prefixes"] and colon:  # 其中：财政拨款：80
            head, colon, value = value.replace("：", ":", 1).partition(":")
        if colon and value.strip() and (field := label(head)):
            found.append((field, value.strip(), head))
            continue
        amount = re.fullmatch(r"(\D{2,12}?)[:：]?\s*([\d,]+(?:\.\d+)?\s*(?:亿|百万|万|千)?元)", part.strip())
        if amount and (field := label(amount[1])) in MONEY:
            found.append((field, amount[2], amount[1]))
    return found


def one_line(text: str) -> str:
    """A cell's words as one line: line breaks go (Chinese needs no blank there), edges are trimmed."""
    return re.sub(r"\s*\n\s*", "", text.strip())


def level_text(text: str) -> str:
    """A level's own word, without line breaks, padding, numbering and scores: ``成 本\\n指标（20分）`` → 成本指标."""
    text = re.sub(r"\s+", "", text)
    return pattern("numbering").sub("", pattern("score").sub("", text)).strip(":：")


def is_ditto(text: str) -> bool:
    """Whether a cell says no more than that it is as the one above."""
    return re.sub(r"\s+", "", text) in table_words()["ditto"]


def is_total(text: str) -> bool:
    return key(text) in table_words()["totals"]["words"]


def is_whole(word: str) -> bool:
    """Whether a heading says no more than that an amount is the whole of its group: ``合计``, ``金额``."""
    return word in table_words()["totals"]["words"] or word in table_words()["totals"]["whole"]


def is_generic_name(name: str) -> bool:
    """Whether an indicator's name says no more than its type: ``其他``, ``成本``."""
    return name in table_words()["generic_names"]


def is_template(text: str) -> bool:
    """Whether a cell holds what a form prints for the writer to replace: ``指标2``, ``……``, ``(100字以内)``."""
    return bool(re.match(table_words()["template"]["words"], re.sub(r"\s+", "", text)))


def is_unfilled(text: str) -> bool:
    """Whether a value cell holds no more than what a form prints around the figure: ``公里``, ``≥   %``."""
    return bool(pattern("unfilled").fullmatch(plain_form(text)))


def heading_unit(text: str) -> str:
    """The unit that a heading of values has in brackets: ``指标值（%）``; empty where the words there are no unit."""
    found = re.search(r"\(([^()\d]{1,5})\)$", plain_form(text))
    return found[1] if found and pattern("unfilled").fullmatch(found[1]) else ""


def declared_unit(text: str) -> str:
    """The money unit that a cell declares: ``金额单位：万元`` or ``预算数（元）``; empty where it declares none."""
    plain = plain_form(text)
    found = pattern("money_unit").search(plain) or pattern("bracket_unit").search(plain)
    return found["unit"] if found else ""


def speaks_of_money(text: str) -> bool:
    """Whether a label or heading is of an amount of money, whichever."""
    return bool(declared_unit(text) or pattern("speaks_of_money").search(key(text)))


def money(text: str, unit: str) -> Decimal | None:
    """An amount cell in 元: ``3540.00`` with unit 万元 → 35400000; None for an empty or unreadable cell."""
    plain = re.sub(r"[(,;]?(?:其中|含|包括).*", "", plain_form(text))  # 168.5万元（其中：…）
    if len(said := re.findall(r"[¥￥]([\d,]+(?:\.\d+)?)(?![\d,.]|[亿万千百元])", plain)) == 1 and not plain.startswith(
        ("¥", "￥")
    ):
        plain, unit = said[0], "元"  # beside the words for it: 壹佰万元整（¥1,000,000.00）
    found = re.fullmatch(
        r"[¥￥]?(-?(?:\d+(?:,\d{3})*)?\.?\d+|-?\d+(?:,\d{3})+)\(?(亿元|百万元|万元|千元|元|万|亿)?\)?", plain
    )
    if not found:
        return None
    try:
        number = Decimal(found[1].replace(",", ""))
    except InvalidOperation:
        return None
    return number * Decimal(table_words()["money"][found[2] or unit or "元"])


def split_code(text: str) -> tuple[str, str]:
    """(code, name): ``820001-某局`` → (820001, 某局); the code is empty where the name carries none."""
    text = one_line(text)
    found = pattern("code").match(text)
    if not found:
        last = pattern("code_last").match(text)
        return (last["code"], last["name"].strip()) if last else ("", text)
    code = found["bracket"] or found["plain"] or found["short"]
    if re.fullmatch(r"20\d\d", code):  # a year is no code
        return "", text
    return code, found["name"].strip()


def split_department(text: str) -> tuple[str, str]:
    """(code, name) of a department's cell, whatever stands between the two."""
    code, name = split_code(text)
    if not code and (found := pattern("department").fullmatch(plain_form(text))):
        code, name = found["code"] or "", found["name"]
    if not code and (found := re.fullmatch(r"(.+?)[\s-]*[\[(（【]?(\d{3,12})[\])）】]?", name)):  # 某局[353]
        code, name = found[2], found[1]
    return code, name


def split_goals(text: str) -> list[str]:
    """The goals of a cell: one for each numbered line, unnumbered lines belong to the goal above."""
    goals: list[str] = []
    for line in filter(None, (line.strip() for line in _numbers_apart(text).splitlines())):
        numbered = pattern("goal_number").match(line)
        if numbered or not goals:
            goals.append(line[numbered.end() :] if numbered else line)
        else:
            goals[-1] += line
    return goals


def _numbers_apart(text: str) -> str:
    """A line break before 2., 3. … where goals are counted on in one line, each after the end of a sentence."""
    number = 2
    at = 0
    while re.match(r"\s*1\s*[.、．]\s*\D", text):
        found = re.compile(rf"(?<=[。；;])\s*(?={number}\s*[.、．]\s*\D)").search(text, at)
        if found is None:
            break
        text = f"{text[: found.start()]}\n{text[found.end() :]}"
        number, at = number + 1, found.start() + 1
    return text
