"""A browser's visits to a server, for the tests of the page."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from service import TOKEN, Server

CHROMIUM = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="没有 Chromium：apt-get install chromium fonts-noto-cjk")
WIDTHS = [pytest.param((1280, 900), id="1280"), pytest.param((390, 844), id="390")]
SHOTS = os.environ.get("KG_SHOTS", "")  # a folder for screenshots, to be looked at
expect.set_options(timeout=20_000)


def sticking(page: Page) -> int:
    """How many pixels stick out at the side, once what is being drawn is fitted."""
    out = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    with contextlib.suppress(PlaywrightTimeout):
        page.wait_for_function(f"() => {out} <= 0", timeout=5000)
    return int(page.evaluate(out))


class Visit:
    """A browser's visit to a server; anything on the console and any request elsewhere counts against it."""

    def __init__(self, browser: Browser, server: Server, size: tuple[int, int], writer: bool = False) -> None:
        self.server, self.width = server, size[0]
        self.began = len(server.text())  # what others provoked before is not ours
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN", accept_downloads=True
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.faults: list[str] = []
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.faults.append(str(e)))
        self.page.on("request", self._asked)
        if writer:
            self.go("login")
            self.page.get_by_label("口令").fill(TOKEN)
            self.page.get_by_role("button", name="进入").click()
            self.page.wait_for_url(f"{server.url}/")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.server.url, self.server.url.replace("http", "ws", 1), "data:", "blob:")):
            self.faults.append(f"asked elsewhere: {request.url}")

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.server.url}/{path}")
        return self.page

    def end(self, name: str = "") -> None:
        """Nothing was wrong, and nothing sticks out at the side."""
        over = sticking(self.page)
        if SHOTS and name:
            self.page.wait_for_timeout(900)  # what fades in is there
            self.page.screenshot(path=f"{SHOTS}/{name}-{self.width}.png")
        assert over <= 0, name
        assert self.faults == []
        said = self.server.text()[self.began :]
        assert "Traceback" not in said, said[-3000:]

    def close(self) -> None:
        self.context.close()
