"""Clicks and keys of a task, counted, and what docs/tasks.md says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from command import ROOT
from playwright.sync_api import Locator, Page

ROW = re.compile(r"^\| ([^|]+?) \| [^|]+ \| (\d+) 次点击、(\d+) 次按键 \|", re.MULTILINE)
PROMISED = {
    name: (int(clicks), int(keys))
    for name, clicks, keys in ROW.findall((ROOT / "docs" / "tasks.md").read_text("utf-8"))
}


class Hands:
    """What a reader does with the mouse and the keyboard."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.keys = page, 0, 0

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.keys += len(text)
        self.page.keyboard.type(text)


@contextmanager
def task(page: Page, name: str) -> Iterator[Hands]:
    """Hands for a task, which in the end needed no more than is written."""
    hands = Hands(page)
    yield hands
    assert (hands.clicks, hands.keys) == PROMISED[name], name
