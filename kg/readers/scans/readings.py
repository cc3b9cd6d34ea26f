"""Several readings of one line of print: which are the same, which one is taken, and what must be read twice."""

from __future__ import annotations

import re
import unicodedata

EMPTY = "（空白）"
SHORT = 8  # characters; a text up to this is read twice whatever it says: units, signs, headings
PROSE = 24  # characters; a longer text is more than a value with its unit
FIGURES = re.compile(r"[\d.%‰≥≤<>=±万亿元]")
WEIGHTY = re.compile(r"[\d%‰≥≤<>=±零〇一二两三四五六七八九十百千万亿元]")
ODD = re.compile(
    r"\d\s*[≥≤]|[%‰]{2}|[%‰]\s*\d|^[\u4e00-\u9fff]{1,2}[≥≤]\s*\d|[\u3040-\u30ff\uac00-\ud7af]"
    r"|(?<!\d)(?:0|1[3-9]|[2-9]\d)月|(?<!\d)(?:0?2月3[01]|(?:0?[469]|11)月31|\d{1,2}月(?:3[2-9]|[4-9]\d))日"
)
"""What no cell says, whatever it means: a sign behind a figure, two signs of percent, kana, a day that is in no calendar."""
IGNORED = re.compile(r"[\s,;:!?、。·…'\"“”‘’()\[\]{}【】《》〈〉「」_]")
ALIKE = str.maketrans({"⩾": "≥", "≧": "≥", "⩽": "≤", "≦": "≤", "＜": "<", "＞": ">", "﹪": "%", "〇": "零", "—": "-", "–": "-", "−": "-"})  # fmt: skip


def same(one: str, two: str) -> bool:
    """Whether two readings are one: punctuation may differ, in prose also what is no figure and no sign."""
    return _core(one) == _core(two) or (
        min(len(one), len(two)) > PROSE and FIGURES.findall(_core(one)) == FIGURES.findall(_core(two))
    )


def _core(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.translate(ALIKE)).translate(ALIKE)
    return IGNORED.sub("", plain).strip(".")


def settled(readings: list[list[str]]) -> tuple[list[str], str]:
    """Of readings, each a text a line, the one that most others are the same as, the first of these; and one that differs.

    One that no cell can say stands behind all that one may.
    """
    texts = ["".join(lines) for lines in readings]
    votes = [(not ODD.search(text), sum(same(text, other) for other in texts)) for text in texts]
    best = votes.index(max(votes))
    return readings[best], next((text or EMPTY for text in texts if not same(texts[best], text)), "")


def twice(text: str) -> bool:
    """Whether a text must be read twice: it holds figures, signs or units, or is short."""
    return bool(WEIGHTY.search(text)) or len(text) <= SHORT
