"""Pictures of every tab for docs/service.md: ``python tools/screenshots.py http://127.0.0.1:8000 口令``.

To be run against a service of two years' data, and looked at.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from urllib.parse import quote

import httpx
from PIL import Image
from playwright.sync_api import Page, sync_playwright

OUT = Path(__file__).parents[1] / "docs" / "service"
SIZE, WIDE = {"width": 1280, "height": 860}, 800
QUERY = "SELECT ?部门 ?年度 (SUM(?b)/10000 AS ?预算万元) WHERE {\n  ?p a jx:Project ; jx:department/rdfs:label ?部门 ; jx:fiscalYear ?年度 ; jx:budget ?b\n} GROUP BY ?部门 ?年度"


def main(url: str, token: str) -> None:
    listed = httpx.get(f"{url}/api/projects", params={"limit": 1000}, trust_env=False).json()["items"]
    lines: dict[str, list[dict[str, object]]] = {}
    for project in listed:
        lines.setdefault(str(project["programme"]), []).append(project)
    several = next((found for found in lines.values() if len({p["year"] for p in found}) > 1), listed)
    iri = quote(str(several[0]["iri"]), safe="")
    pages = {
        "ask": "?q=哪些项目服务高校毕业生？", "project": f"project?iri={iri}", "indicators": "indicators?q=满意度",
        "pivot": "pivot?rows=fund&columns=year", "graph": "graph?iri=https://w3id.org/jixiao/fund/central-direct",
        "duplicates": "duplicates", "query": f"query?query={quote(QUERY)}", "data": "data",
    }  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(viewport=SIZE, locale="zh-CN", color_scheme="light").new_page()  # type: ignore[arg-type]
        page.goto(f"{url}/login")
        page.get_by_label("口令").fill(token)
        page.get_by_role("button", name="进入").click()
        page.wait_for_url(f"{url}/")
        for name, path in pages.items():
            page.goto(f"{url}/{path}")
            shoot(page, name)
        browser.close()


def shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2500)  # what is drawn or fades in is there
    if name == "project":
        page.locator("h2", has_text="历年").first.evaluate("e => e.scrollIntoView({block: 'start'})")
        page.evaluate("scrollBy(0, -80)")
        page.wait_for_timeout(300)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = picture.resize((WIDE, round(picture.height * WIDE / picture.width)), Image.Resampling.LANCZOS)
    small.quantize(96).save(OUT / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
