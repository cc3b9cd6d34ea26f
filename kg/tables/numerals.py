"""Numerals as people write them: digits with separators, Chinese numerals, and both together."""

from __future__ import annotations

import re
from decimal import Decimal

DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
SCALE = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
CHINESE = "[零〇一二两三四五六七八九十百千万亿]"
NUMERAL = rf"(?:\d+(?:,\d{{3}})*(?:\.\d+)?(?:[十百千万亿]*)|{CHINESE}+)"


def numeral(text: str) -> Decimal:
    """The value of a numeral: ``1,200``, ``3千``, ``一百二十万``, ``2亿``."""
    head = re.match(r"\d[\d,]*(?:\.\d+)?", text)
    if head:
        value = Decimal(head[0].replace(",", ""))
        for char in text[head.end() :]:
            value *= SCALE[char]
        return value
    if not any(char in SCALE for char in text):  # 二〇二五
        return Decimal("".join(str(DIGIT[char]) for char in text))
    total = section = current = 0
    for char in text:
        if char in DIGIT:
            current = DIGIT[char]
        elif SCALE[char] < 10_000:
            section += (current or 1) * SCALE[char]
            current = 0
        else:
            total = (total + section + current or 1) * SCALE[char]
            section = current = 0
    return Decimal(total + section + current)
