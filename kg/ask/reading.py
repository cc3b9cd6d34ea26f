"""The question as text: one normal form, and the amounts, percentages, dates and years that stand in it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from index.text import normalise
from kg.ask.dates import intervals
from kg.tables.numerals import CHINESE, NUMERAL, SCALE, VAGUE, bounds, numeral
from kg.tables.values import approximate_words, period_words

MAX_LENGTH = 500  # characters read of a question; the rest is said to be ignored
QUOTES = re.compile(r"[“”\"'‘’「」『』《》〈〉【】\[\]\s\u200b-\u200f\ufeff]")

BEFORE = {
    "不低于": "≥", "不少于": "≥", "不小于": "≥", "至少": "≥", "大于等于": "≥", "高于等于": "≥", ">=": "≥", "≥": "≥",
    "不超过": "≤", "不得超过": "≤", "不能超过": "≤", "不得高于": "≤", "不能高于": "≤", "不得低于": "≥", "不能低于": "≥", "不得少于": "≥", "不能少于": "≥", "不高于": "≤", "不多于": "≤", "不大于": "≤", "至多": "≤", "最多": "≤", "小于等于": "≤", "<=": "≤", "≤": "≤",
    "超过": ">", "超": ">", "不止": ">", "不只": ">", "大于": ">", "高于": ">", "多于": ">", "超出": ">", "高过": ">", "突破": ">", ">": ">",
    "低于": "<", "少于": "<", "小于": "<", "不到": "<", "不足": "<", "没到": "<", "未到": "<", "不满": "<", "<": "<",
    "不是": "≠", "不等于": "≠", "并非": "≠", "等于": "=", "正好": "=", "刚好": "=", "恰好": "=", "为": "=", "达到": "≥", "够": "≥", "上": "≥", "满": "≥", "没有达到": "<", "达不到": "<", "不够": "<", "没超过": "≤", "未超过": "≤",
}  # fmt: skip
AFTER = {
    "及以上": "≥", "或以上": "≥", "以上": "≥", "之上": "≥", "往上": "≥", "朝上": "≥", "打底": "≥", "起步": "≥", "开外": ">", "都不到": "<", "不到": "<", "不足": "<", "封顶": "≤",
    "及以下": "≤", "或以下": "≤", "以下": "≤", "之下": "≤", "以内": "≤", "之内": "≤", "往下": "≤", "内": "≤", "一上": "≥", "一下": "≤",
}  # fmt: skip

BEFORE_MONEY = {"过": ">"}  # before an amount of money alone: “过五千万的”
HAVING = (
    "设置|设|列|定|填报|填|安排|涉及|包含|包括|含|有"  # “至少设了三个”: stands between the comparison and its number
)

MONTH_OR_DAY = re.compile(
    r"(?<![零一二三四五六七八九十百千万亿年])[一二三四五六七八九十]{1,3}(?=月份|月[底末]?(?:[前内之以及至到\(]|\d|[一二三四五六七八九十]+[日号])|[日号][前之])"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in the question. ``kind``: money (in 元), percent, year, date, span, frequency, count, rank, or
    vague: an amount told so roughly that it is no number.

    ``operator`` is the comparison said with it (``超过`` → ``>``), empty where there is none; ``upper`` the
    other end of a range.
    """

    start: int
    end: int
    kind: str
    text: str
    number: Decimal | None = None
    operator: str = ""
    upper: Decimal | None = None
    upper_operator: str = ""
    unit: str = ""
    first: date | None = None
    last: date | None = None
    period: str = ""
    year: int = 0  # that a date names; one that names none is of the year of whatever it is said of


@lru_cache(32768)
def plain(text: str) -> str:
    """The normal form questions and names are compared in.

    Half-width, lower case, simplified characters, without blanks and quotation marks.
    """
    text = QUOTES.sub("", normalise(text))
    if re.search(r"[\u4e00-\u9fff]", text) and not text.isascii():
        text = simplified(text)
    return MONTH_OR_DAY.sub(lambda found: str(numeral(found[0]) or found[0]), text)


def simplified(text: str) -> str:
    """Traditional characters as simplified ones, with the words of ``regional.toml``; simplified text stays as it is."""
    words, pattern = _regional()
    converter: Any = _converter()
    return str(converter.convert(pattern.sub(lambda found: words[found[0]], text)))


@cache
def _regional() -> tuple[dict[str, str], re.Pattern[str]]:
    words = tomllib.loads(files("kg.ask").joinpath("regional.toml").read_text("utf-8"))["words"]
    return words, re.compile("|".join(sorted(words, key=len, reverse=True)))


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def quoted(text: str) -> list[str]:
    """What stands in quotation marks, in the normal form."""
    return [plain(found) for found in re.findall(r"[“「『《\"]([^“”「」『』《》\"]{2,60})[”」』》\"]", text)]


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    # “有没有达到” asks whether it is reached: its 没有 does not belong to 达到
    before = "|".join(
        re.sub("^没", "(?<!有)没", re.sub("^不是", "(?<!是)不是", re.escape(w)))
        for w in sorted(BEFORE, key=len, reverse=True)
    )
    bare = rf"(?<![经通度不])(?:{'|'.join(BEFORE_MONEY)})"
    after = "|".join(sorted(map(re.escape, AFTER), key=len, reverse=True))
    low, high = (rf"(?P<{name}>{NUMERAL})(?P<{name}u>元|块钱|块)?" for name in "ab")
    about, more = approximate_words()
    periods = "|".join(sorted(period_words(), key=len, reverse=True))
    having = "|".join(f"(?<={w})(?:{HAVING})" for w in sorted(BEFORE, key=len, reverse=True) if len(w) > 1)
    unit = "个工作日|个小时|小时|分钟|工作日|天|日|个月|公里|千米|米|亩|吨|人次|人|名|家|户|场次|场|次|份|套|台|条|个点|个|项(?!目)|头|倍"
    return [
        (name, re.compile(pattern))
        for name, pattern in (
            (
                "frequency",
                rf"(?:每个?|一个?)(?P<q>{periods})(?:都)?(?:[\u4e00-\u9fff]{{1,2}})?[一1](?:次|回)|(?:按|每个?|逐)(?P<p>{periods})(?:都)?(?=发|拨|支付|结算|报|开展|检查|补|付|兑|给|进行|组织|$|的|\?)",
            ),
            (
                "year",
                rf"(?P<y>(?:19|20)\d{{2}}|[一二][〇零九][〇零一二三四五六七八九]{{2}})(?:年度|年份|年|(?=预算|的|和|与|比|、|及|两年|跟|$))|(?<![\d.年月第])(?P<s>2\d)年(?![内前后以之期限间])|(?:^|(?<=[\u4e00-\u9fff])|(?<=\()|(?<=[\u4e00-\u9fff]20[0-4]\d))(?P<bare>20[0-4]\d)(?=$|\)|20[0-4]\d(?!\d)|(?!{unit}|[多余来元块千百万亿])[\u4e00-\u9fff])",
            ),
            (
                "vague",
                (
                    rf"(?P<op>{before})?(?:(?P<a>{VAGUE})(?P<u>元|块钱|块)?|(?P<b>(?P<rough>{about})?{NUMERAL})(?P<bu>元|块钱|块)?"
                    rf"(?P<more>{more})?)(?P<tail>{after})?"
                ),
            ),
            (
                "share",
                r"(?:在|介于|从)?(?P<a>\d+(?:\.\d+)?)%?(?:到|至|-|—|~|和(?=[^,，。]{1,8}之间)|与(?=[^,，。]{1,8}之间))(?P<b>\d+(?:\.\d+)?)%(?:之间|以内|区间)?",
            ),
            (
                "percent",
                rf"(?:(?P<op>{before})(?:了)?)?(?:百分之(?P<c>(?>{NUMERAL})(?![多余几]))|(?P<n>\d+(?:\.\d+)?)%|(?P<t>[一二三四五六七八九])成)(?P<tail>{after})?",
            ),
            (
                "range",
                rf"(?:在|介于|从)?{low}(?:以上(?:到|至|且)?|到|至|-|—|~|和(?=[^,，。]{{1,8}}之间)|与(?=[^,，。]{{1,8}}之间)){high}(?:之间|以内|以下|的|区间)?",
            ),
            ("over", r"(?:上|过)(?P<s>亿|千万|百万|万)(?:元)?"),
            (
                "money",
                rf"(?:(?P<op>{before}|{bare})(?:了)?)?(?P<a>(?>{NUMERAL}))(?P<u>元|块钱|块)?(?!周?岁)(?P<tail>{after})?",
            ),
            (
                "rank",
                rf"(?:排名第|排第|第|排老|老)(?P<n>\d+|{CHINESE}+)(?:(?:到|至|-|~)第?(?P<m>\d+|{CHINESE}+))?(?![方者])(?:名|位|的)?",
            ),
            ("top", rf"(?:排名前|排前|前|头|后|倒数|末)(?P<n>\d+|{CHINESE}+)(?:名|位|个|项|大|的)?"),
            (
                "amount",
                rf"(?:(?P<op>{before})(?:{having})?(?:了)?)?(?P<a>\d+(?:\.\d+)?|{CHINESE}+)(?P<u>{unit})(?:钟)?(?P<tail>{after})?",
            ),
            ("amount", rf"(?P<op>{before})(?:了)?(?P<a>\d+(?:\.\d+)?)(?P<u>)(?P<tail>)(?![\d.%年月日号万亿千百元块])"),
            (
                "amount",
                rf"(?<![\d.年月])(?P<op>)(?P<a>\d+(?:\.\d+)?)(?P<u>)(?P<tail>{after})(?![\u4e00-\u9fff]{{0,3}}(?:完成|办|拨))",
            ),
            ("count", rf"(?P<n>\d+|{CHINESE}+)(?=个|名|项|条|笔|类|种|家)"),
        )
    ]


def quantities(text: str, year: int | None) -> list[Quantity]:
    """Every quantity in a text in normal form, from left to right, none overlapping another.

    ``year`` dates what names no year.
    """
    found: list[Quantity] = []
    taken = [False] * len(text)
    for one in intervals(text, year) if year else ():
        kind = "span" if one.stated else "date"
        said = text[one.start : one.end]
        found.append(Quantity(one.start, one.end, kind, said, first=one.first, last=one.last, year=one.said_year))
        taken[one.start : one.end] = [True] * (one.end - one.start)
    for name, pattern in _patterns():
        for match in pattern.finditer(text):
            start, end = match.span()
            if start < end and not any(taken[start:end]):
                quantity = _quantity(name, match)
                if quantity is not None:
                    found.append(quantity)
                    taken[start:end] = [True] * (end - start)
    return [_ends_said(q, text) for q in sorted(found, key=lambda q: q.start)]


ENDS = re.compile(
    rf"\((?P<not>不)?(?:均|都)?(?:包含|包括|含)(?:在内)?(?:本数|本级|两端|两头|端点|边界|上下限|首尾|头尾|当数|边界值|{NUMERAL}(?:元|%|个|项|条)?)?\)"
)
OPEN, CLOSED = {"≥": ">", "≤": "<"}, {">": "≥", "<": "≤"}


def _ends_said(q: Quantity, text: str) -> Quantity:
    """“500万到1500万（含两端）”, “10以上（含10）”: with the ends, or without them."""
    said = ENDS.match(text, q.end)
    if said is None or not (q.operator or q.upper_operator):
        return q
    to = OPEN if said["not"] else CLOSED
    return replace(
        q,
        end=said.end(),
        text=text[q.start : said.end()],
        operator=to.get(q.operator, q.operator),
        upper_operator=to.get(q.upper_operator, q.upper_operator),
    )


def ends_beside(text: str) -> str:
    """“低于90%的项目(不含90%)” with what is said of the ends beside the limit, as “低于90%(不含90%)的项目”."""
    said = ENDS.search(text)
    if said is None:
        return text
    limits = [q for q in quantities(text[: said.start()], None) if q.operator or q.upper_operator]
    if len(limits) != 1:
        return text
    at = limits[0].end
    return text[:at] + said[0] + text[at : said.start()] + text[said.end() :]


def _quantity(name: str, match: re.Match[str]) -> Quantity | None:
    start, end = match.span()
    text = match[0]
    group = match.groupdict().get
    if name == "frequency":
        return Quantity(start, end, "frequency", text, period=period_words()[match["p"] or match["q"]])
    if name == "year":
        return Quantity(start, end, "year", text, number=numeral(match["y"] or match["bare"] or f"20{match['s']}"))
    if name == "rank" and match["m"]:
        low, high = numeral(match["n"]), numeral(match["m"])
        return Quantity(start, end, name, text, low, upper=high) if low is not None and high is not None else None
    if name == "over":
        return Quantity(start, end, "money", text, numeral("一" + match["s"]), "≥")
    if name == "vague":
        return _vague(match)
    if name == "range":
        return _range(match)
    if name == "share":
        low, high = sorted((Decimal(match["a"]), Decimal(match["b"])))
        return Quantity(start, end, "percent", text, low, "≥", high, "≤") if low < high else None
    if name == "money":
        return _money(match)
    if name == "percent" and not match["c"]:
        share = Decimal(match["n"]) if match["n"] else (numeral(match["t"]) or 0) * Decimal(10)
        return Quantity(start, end, "percent", text, share, _operator(match))
    number = numeral(group("n") or group("c") or group("a") or "")
    if number is None:
        return None
    if name in ("rank", "top", "count"):
        return Quantity(start, end, name, text, number=number)
    return Quantity(start, end, name, text, number, _operator(match), unit=group("u") or "")


def _operator(match: re.Match[str]) -> str:
    return (BEFORE | BEFORE_MONEY).get(match["op"] or "") or AFTER.get(match["tail"] or "") or ""


def _is_money(number: str, unit: str | None) -> bool:
    return bool(unit) or number[-1] in "万亿" or (number[-1] == "千" and len(number) > 1)


def _vague(match: re.Match[str]) -> Quantity | None:
    """An amount told roughly: money between bounds (三千多万), else a “vague” one, which is no number (几百万, 约3000万)."""
    said, start, end = match["a"], *match.span()
    if not said:
        rough = (match["rough"] or match["more"]) and _is_money(match["b"], match["bu"])
        return Quantity(start, end, "vague", match[0]) if rough else None
    low, high = bounds(said) or (None, None)
    if low is None or _operator(match) or not _is_money(said.rstrip("多余"), match["u"]):
        return Quantity(start, end, "vague", match[0])
    return Quantity(start, end, "money", match[0], low, ">", high, "<")


def _money(match: re.Match[str]) -> Quantity | None:
    number, operator = match["a"], _operator(match)
    if number in ("万", "亿") and not operator:
        return None  # “折成亿元”: a unit, no amount
    if not _is_money(number, match["u"]) and not (operator and len(number) > 1 and number[-1] in "千百"):
        return None
    value = numeral(number)
    return None if value is None else Quantity(match.start(), match.end(), "money", match[0], value, operator)


def _range(match: re.Match[str]) -> Quantity | None:
    low, high = match["a"], match["b"]
    if not _is_money(high, match["bu"]):
        return None
    upper = numeral(high)
    lower = numeral(low)
    if lower is None or upper is None:
        return None
    scale = re.search(r"[万亿]+$", high)
    if not match["au"] and low[-1] not in "万亿":  # “100到300万”: the unit is said once
        for char in scale[0] if scale else "":
            lower *= SCALE[char]
        if lower >= upper:
            return Quantity(match.start(), match.end(), "vague", match[0])  # “五千至1亿” may be of 元 or 万元
    lower, upper = sorted((lower, upper))
    return Quantity(match.start(), match.end(), "money", match[0], lower, "≥", upper, "≤") if lower < upper else None
