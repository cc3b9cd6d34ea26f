"""A number as its sheet shows it: the part of Excel's number formats that tables use.

Sections for negative and zero values or by conditions, literals, ``0 # ? , . % E+``, dates and times, ``General``, ``@``;
colours and padding are skipped, fractions are shown as decimals. Source of the rules: ECMA-376 part 1, 18.8.30–31; ``!``
escapes as ``\\`` does, in Chinese Excel.
"""

from __future__ import annotations

import datetime
import operator
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/通用格式)|(?P<ampm>AM/PM|上午/下午|A/P)|(?P<power>[Ee][+-])"
    r"|(?P<date>[yYmMdDhHsS]+|aaaa?)|(?P<digit>[0#?])|(?P<fraction>(?<=[0#?])\s*/\s*(?=[\d#?]))|(?P<point>\.)|(?P<comma>,)"
    r"|(?P<percent>[%％])|(?P<text>@)|(?P<other>.)",
    re.DOTALL,
)
CONDITION = re.compile(r"\[(?P<sign>>=|<=|<>|>|<|=)\s*(?P<limit>-?\d+(?:\.\d+)?)\s*\]")
COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
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
    return _text(str(value), code)


def _text(text: str, code: str) -> str:
    """Words within what their format puts around them: ``@"个"``."""
    section = next((s for s in reversed(_sections(code)) if "@" in s), "")
    tokens = list(TOKEN.finditer(section))
    if not any(token["text"] for token in tokens):
        return text
    return "".join(text if token["text"] else _literal(token) for token in tokens if not token["digit"])


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
    section, value = _section(sections, value)
    tokens = list(TOKEN.finditer(section))
    if not any(t["digit"] or t["general"] or t["text"] or t["date"] for t in tokens):
        literal = _literals(tokens)
        return literal if literal.strip() or len(sections) > 1 else general(value)
    if any(t["date"] for t in tokens) and not any(t["digit"] for t in tokens):
        return general(value)
    value = value.scaleb(2 * sum(bool(t["percent"]) for t in tokens))
    if any(t["digit"] for t in tokens) and not any(t["fraction"] for t in tokens):
        return _filled(value, tokens)
    text = "".join(general(abs(value)) if t["general"] or t["text"] else _literal(t) for t in tokens if not t["digit"])
    return ("-" if value < 0 else "") + (
        text.strip() if any(t["general"] or t["text"] for t in tokens) else general(abs(value))
    )


def _section(sections: list[str], value: Decimal) -> tuple[str, Decimal]:
    """The section that a value is shown by, and the value to fill it with (a section for negatives shows no sign)."""
    conditions = [CONDITION.search(section) for section in sections]
    if not any(conditions):
        if value < 0 and len(sections) > 1:
            return sections[1], -value
        return sections[2] if value == 0 and len(sections) > 2 else sections[0], value
    for number, (section, said) in enumerate(zip(sections[:3], conditions, strict=False)):
        if said and COMPARE[said["sign"]](value, Decimal(said["limit"])):
            below = said["sign"].startswith("<") and said["sign"] != "<>" and Decimal(said["limit"]) <= 0
            return section, abs(value) if below else value
        if not said and number == 1 and len(sections) > 2 and value < 0:
            return section, -value
        if not said and number == min(len(sections), 3) - 1:
            return section, value
    return "General", value


def _filled(value: Decimal, tokens: list[re.Match[str]]) -> str:
    """The section with the figures of ``value`` in its places, ``0 # ?``, whatever stands between these."""
    places = [at for at, token in enumerate(tokens) if token["digit"]]
    power = next((at for at, token in enumerate(tokens) if token["power"]), len(tokens))
    point = next((at for at, token in enumerate(tokens) if token["point"] and at < power), power)
    whole = [at for at in places if at < point]
    decimals = [at for at in places if point < at < power]
    last = max([*whole, *decimals], default=-1)
    commas = [at for at, token in enumerate(tokens) if token["comma"] and at < power]
    grouped = any(whole and whole[0] < at < whole[-1] for at in commas)
    value = value.scaleb(-3 * sum(at > last or bool(whole and whole[-1] < at < point) for at in commas))
    exponent = 0
    if power < len(tokens) and value:
        step = max(1, len(whole))
        exponent = value.adjusted() // step * step
        if _rounded(value.scaleb(-exponent), len(decimals)).adjusted() >= exponent % step + step:
            exponent += step
        value = value.scaleb(-exponent)
    rounded = _rounded(abs(value), len(decimals))
    integer, _, fraction = f"{rounded:f}".partition(".")
    shown = _spread(integer.lstrip("0"), whole, tokens, grouped)
    shown |= dict(zip(decimals, fraction, strict=False))
    for at in reversed(decimals):
        if shown[at] != "0" or tokens[at]["digit"] == "0":
            break
        shown[at] = ""
    shown |= _spread(str(abs(exponent)), [at for at in places if at > power], tokens, False)
    out = []
    for at, token in enumerate(tokens):
        if token["digit"]:
            out.append(shown.get(at, ""))
        elif at == point and token["point"]:
            out.append("." if any(shown[d] for d in decimals) else "")
        elif at == power:
            out.append("E" + ("-" if exponent < 0 else "+" if token["power"].endswith("+") else ""))
        elif not token["comma"]:
            out.append(_literal(token))
    text = "".join(out).strip()
    return f"-{text}" if value < 0 and rounded else text


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _spread(figures: str, places: list[int], tokens: list[re.Match[str]], grouped: bool) -> dict[int, str]:
    """Figures in their places from the right; the first place takes all that are left."""
    out: dict[int, str] = {}
    count = 0
    for at in reversed(places):
        take = figures if at == places[0] else figures[-1:]
        figures = figures[: len(figures) - len(take)]
        take = take or ("0" if tokens[at]["digit"] == "0" else "")
        shown = ""
        for figure in reversed(take):
            shown = figure + ("," if grouped and count and count % 3 == 0 else "") + shown
            count += 1
        out[at] = shown
    return out


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
    for part in re.findall(r'"[^"]*"?|[\\!].|.', code, re.DOTALL):
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
    return (
        token["quoted"]
        or token["escaped"]
        or token["percent"]
        or token["point"]
        or token["comma"]
        or token["other"]
        or ""
    )
