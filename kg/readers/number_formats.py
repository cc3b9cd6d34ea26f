"""A number as its sheet shows it: the part of Excel's number formats that tables use.

Sections for negative and zero values, literals, ``0 # , . %``, dates and times, ``General``; colours and padding are
skipped, conditions are not evaluated (the first section applies). Source of the rules: ECMA-376 part 1, 18.8.30–31.
"""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/通用格式)|(?P<ampm>AM/PM|上午/下午|A/P)"
    r"|(?P<date>[yYmMdDhHsS]+|aaaa?)|(?P<number>[0#?][0#?,.]*|\.[0#?]+)|(?P<percent>[%％])|(?P<text>@)|(?P<other>.)",
    re.DOTALL,
)
SHOWN_AS = {
    "m/d/yyyy": "yyyy/m/d",
    "mm-dd-yy": "yyyy/m/d",
    "m/d/yy": "yyyy/m/d",
    "yyyy-mm-dd h:mm:ss": "yyyy/m/d",
    "m/d/yy h:mm": "yyyy/m/d h:mm",
}
RESERVED = {
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    **dict.fromkeys((34, 55), '上午/下午h"时"mm"分"'),
    **dict.fromkeys((35, 56), '上午/下午h"时"mm"分"ss"秒"'),
}
"""Formats that a Chinese Excel knows by number alone (ECMA-376 part 1, 18.8.30, zh-cn)."""
WEEK = "一二三四五六日"


def shown(value: Any, code: str) -> str:
    """The text that a cell with ``value`` and number format ``code`` displays."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return _date(value, code)
    if isinstance(value, int | float | Decimal):
        try:
            return _number(Decimal(repr(value) if isinstance(value, float) else value), code)
        except (InvalidOperation, ValueError):
            return str(value)
    return str(value)


def general(value: Decimal) -> str:
    """Up to 11 figures, no trailing zeros, no exponent."""
    if value == 0:
        return "0"
    places = max(0, 10 - value.adjusted()) if value.adjusted() > -10 else 20
    text = (
        f"{value.quantize(Decimal(1).scaleb(-min(places, 20)), ROUND_HALF_UP):f}"
        if value.adjusted() < 20
        else f"{value:f}"
    )
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(value: Decimal, code: str) -> str:
    sections = _sections(code)
    section = sections[0]
    if value < 0 and len(sections) > 1:
        section, value = sections[1], -value
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    tokens = list(TOKEN.finditer(section))
    if not any(t["number"] or t["general"] or t["text"] or t["date"] for t in tokens):
        literal = _literals(tokens)
        return literal if literal.strip() or len(sections) > 1 else general(value)
    if any(t["date"] for t in tokens) and not any(t["number"] for t in tokens):
        return general(value)
    value = value.scaleb(2 * sum(bool(t["percent"]) for t in tokens))
    out, done = [], False
    for token in tokens:
        if token["number"] and not done:
            out.append(_digits(value, token["number"]))
            done = True
        elif token["general"] or token["text"]:
            out.append(general(value))
        elif not token["number"]:
            out.append(_literal(token))
    text = "".join(out).strip()
    return f"-{text.lstrip('-')}" if value < 0 and not text.startswith("-") else text


def _digits(value: Decimal, pattern: str) -> str:
    plain = pattern.rstrip(",")
    value = value.scaleb(-3 * (len(pattern) - len(plain)))  # each comma at the end divides by a thousand
    whole, _, fraction = plain.partition(".")
    grouped = "," in whole
    places = len(fraction)
    text = f"{abs(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    integer, _, decimals = text.partition(".")
    least = whole.count("0")
    integer = integer.lstrip("0").rjust(least, "0") if least else integer.lstrip("0")
    if grouped:
        integer = f"{int(integer or 0):,}" if integer else integer
    keep = len(fraction.rstrip("#?"))
    while len(decimals) > keep and decimals.endswith("0"):
        decimals = decimals[:-1]
    sign = "-" if value < 0 and (int(integer.replace(",", "") or 0) or decimals.strip("0")) else ""
    return sign + integer + (f".{decimals}" if decimals else "")


def _date(value: Any, code: str) -> str:
    if isinstance(value, datetime.timedelta):
        return str(value)
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        value = datetime.datetime(value.year, value.month, value.day)
    code = _sections(SHOWN_AS.get(code, code))[0]
    tokens = [t for t in TOKEN.finditer(code) if t[0]]
    if not any(t["date"] for t in tokens):
        code = "yyyy/m/d" if isinstance(value, datetime.datetime) else "h:mm"
        tokens = list(TOKEN.finditer(code))
    half = any(t["ampm"] for t in tokens)
    out = []
    for at, token in enumerate(tokens):
        if not token["date"]:
            out.append(_literal(token) if not token["ampm"] else "上午" if value.hour < 12 else "下午")
            continue
        out.append(_date_part(value, token["date"].lower(), _minutes(tokens, at), half))
    return "".join(out).strip()


def _minutes(tokens: list[re.Match[str]], at: int) -> bool:
    """Whether ``m`` at this place stands for minutes: after hours or before seconds."""
    before = next((t["date"] for t in reversed(tokens[:at]) if t["date"]), "")
    after = next((t["date"] for t in tokens[at + 1 :] if t["date"]), "")
    return before[:1].lower() == "h" or after[:1].lower() == "s"


def _date_part(value: Any, part: str, minutes: bool, half: bool) -> str:
    kind, wide = part[0], len(part) > 1
    if kind == "a":
        return ("星期" if len(part) > 3 else "") + WEEK[value.weekday()]
    if kind in "ymd" and not minutes and isinstance(value, datetime.time):
        return ""
    if kind == "y":
        return f"{value.year:04d}" if len(part) > 2 else f"{value.year % 100:02d}"
    if kind == "d" and len(part) > 2:
        return "周" + WEEK[value.weekday()] if len(part) == 3 else "星期" + WEEK[value.weekday()]
    if kind == "m" and not minutes and len(part) > 2:
        return f"{value.month}月"
    number = {"m": value.minute if minutes else getattr(value, "month", 0), "d": getattr(value, "day", 0)}
    number |= {"h": (value.hour % 12 or 12) if half else value.hour, "s": value.second}
    return f"{number[kind]:02d}" if wide else str(number[kind])


def _sections(code: str) -> list[str]:
    """The parts between semicolons that stand outside quotes."""
    return ["".join(parts) for parts in _split(code)] or [code]


def _split(code: str) -> list[list[str]]:
    out: list[list[str]] = [[]]
    for part in re.findall(r'"[^"]*"?|\\.|.', code, re.DOTALL):
        if part == ";":
            out.append([])
        else:
            out[-1].append(part)
    return out


def _literals(tokens: list[re.Match[str]]) -> str:
    return "".join(map(_literal, tokens)).strip()


def _literal(token: re.Match[str]) -> str:
    if token["bracket"] is not None:
        found = re.match(r"\$([^-\]]*)", token["bracket"])
        return found[1] if found else ""
    return token["quoted"] or token["escaped"] or token["percent"] or token["other"] or ""
