"""The licences of all that is shipped, as a page: ``python tools/licences.py > docs/licences.md``.

The packages are those of ``requirements.lock``; what they say of themselves is read from what is installed.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
PARTS = ROOT / "tools" / "parts.toml"


def locked() -> dict[str, str]:
    """Version by name of the packages that an installation brings."""
    lines = LOCK.read_text("utf-8").splitlines()
    return dict(found.groups() for line in lines if (found := re.match(r"([\w.-]+)==(\S+)", line)))  # type: ignore[misc]


def licence(name: str) -> str:
    """A package's licence in its own words: its expression, its classifiers, or its first line."""
    about = metadata.metadata(name)
    if expression := about.get("License-Expression"):
        return str(expression)
    classified = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or () if c.startswith("License :: ")]
    first = (about.get("License") or "").strip().splitlines()[:1]
    return "、".join(c for c in classified if c != "OSI Approved") or "".join(first)[:80]


def page() -> Iterator[str]:
    """The page, line by line."""
    parts = tomllib.loads(PARTS.read_text("utf-8"))
    yield "# 许可一览\n"
    yield "本程序：MIT（见 LICENSE）。以下是安装时一并带来的全部软件包（`requirements.lock`），以及包里随带的模型、词典和网页部件。"
    yield "由 `make licences` 生成；可选的 `models`、`ocr`、`pgvector`、`dask` 四组不在基本安装里，装时请另看。\n"
    yield "| 软件包 | 版本 | 许可 |\n| --- | --- | --- |"
    for name, version in sorted(locked().items(), key=lambda item: item[0].lower()):
        yield f"| {name} | {version} | {parts['unstated'].get(name) or licence(name)} |"
    yield "\n## 包里随带的数据和部件\n"
    yield "| 名称 | 在哪里 | 许可 |\n| --- | --- | --- |"
    for part in parts["part"]:
        yield f"| {part['name']} | {part['place']} | {part['licence']} |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(page()) + "\n")
