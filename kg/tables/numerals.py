"""Numerals as people write them: digits with separators, Chinese numerals, and both together.

``cn2an`` reads Chinese numerals; here stands what a numeral is, and what is none because it names no one number.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

SCALE = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_ONES = "一二两三四五六七八九"
_SCALES = "[十百千万亿]"
CHINESE = r"(?:[零〇二两三四五六七八九十百千万亿]|一(?![共起直些样般旦定致]))"
_ARABIC = r"\d+(?:,\d{3})*(?:\.\d+)?"
_HUNDRED_MILLIONS = r"个亿(?![元级])"  # 3个亿
NUMERAL = (
    rf"(?:(?:{_ARABIC}(?:{_HUNDRED_MILLIONS}|{_SCALES}+(?:[零〇]?(?:\d+|{CHINESE}+?)[十百千万]+(?![几多余]))*"
    rf"(?:\d{{3,4}}(?=元|块))?)?)|{CHINESE}+(?:点[零〇{_ONES}]+{_SCALES}*|{_HUNDRED_MILLIONS})?)"
)
"""Matches the longest numeral; whether it names a number is for ``numeral`` to say."""

VAGUE = rf"(?:(?:数|几[十百千]){_SCALES}+|几[十百千]|{NUMERAL}\d*(?:个?[多余几来](?:{_SCALES}+|(?=元|块))|(?<=[万亿])[多余](?!少)))"
"""Matches an amount that is told roughly: 几百万, 三千多万, 100余万, 十几万. 几亿元 asks how many."""


_BARE = str.maketrans("两壹贰叁肆伍陆柒捌玖拾佰仟", "二一二三四五六七八九十百千", "零〇")


@lru_cache(4096)
def numeral(text: str) -> Decimal | None:
    """The value of a numeral: ``1,200``, ``3千``, ``一百二十万``, ``1亿2千万``, ``1个亿``, ``三点五亿``, ``二〇二五``.

    None for what names no one number: ``几百万``, ``三千多万``, ``二三十``.
    """
    text = text.replace(",", "").replace("个", "")
    if found := re.fullmatch(rf"(\d+(?:\.\d+)?)({_SCALES}*)", text):
        return _scaled(Decimal(found[1]), found[2])
    if found := re.fullmatch(rf"({CHINESE}+)点([零〇{_ONES}]+)({_SCALES}*)", text):
        whole, part = _read(found[1]), "".join(str(_read(digit)) for digit in found[2])
        return None if whole is None else _scaled(Decimal(f"{whole}.{part}"), found[3])
    value = _read(text)
    return None if value is None else Decimal(value)


def bounds(text: str) -> tuple[Decimal, Decimal] | None:
    """What an amount told as so much and more lies between, both ends left out: ``三千多万`` → 3000万, 4000万.

    None where it cannot be said exactly (``几百万``, ``十来万``).
    """
    found = re.fullmatch(rf"(.+?)个?[多余几]({_SCALES}*)", text)
    low = numeral(found[1] + found[2]) if found else None
    last = re.search(rf"(\d[\d.]*)?({_SCALES}*)$", found[1].replace(",", "")) if found else None
    if found is None or last is None or not low or not (last[2] + found[2] or (last[1] or "").endswith("0")):
        return None
    step = Decimal(1)  # the place of the last figure said: 3500多万 is 35 hundreds of 万 and something
    if last[1]:
        step = Decimal(f"1e{Decimal(last[1]).normalize().as_tuple().exponent}")
    return low, low + _scaled(_scaled(step, last[2]), found[2])


def _scaled(value: Decimal, scales: str) -> Decimal:
    for char in scales:
        value *= SCALE[char]
    return value


def _read(text: str) -> int | None:
    """Chinese numerals, also with digits among them; digit for digit only where it can be no “two or three”."""
    from cn2an import an2cn, cn2an

    try:
        if not re.search(_SCALES, text):
            told = len(text) == 1 or len(text) > 3 or re.search("[零〇]", text)
            return int(cn2an(text, "smart")) if told else None
        text = re.sub(r"\d+", lambda digits: an2cn(digits[0]), text)
        text = re.sub(rf"^(?=[百千万亿])|(?<![{_ONES}壹贰叁肆伍陆柒捌玖])(?=[十拾])", "一", text)
        text = re.sub(rf"(?<=亿)([{_ONES}])$", r"\1千万", text)  # 三亿二
        value = int(cn2an(text, "normal"))
        written = _bare(an2cn(value))
    except (ValueError, KeyError):
        return None
    # what does not come out again as it went in was no numeral; 一万二 leaves the last unit out
    return value if _bare(text) in (written, written[:-1]) else None


def _bare(text: str) -> str:
    return text.translate(_BARE).replace("一十", "十")
