"""What is written about the service for programs is so: the page /docs, and every curl of the documentation runs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest
from command import ROOT, SAMPLE, SECOND, environment
from service import AS_WRITER, TOKEN, Server

NEEDS_CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="没有 curl")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CURL = re.compile(r"^curl .*?(?<!\\)$", re.MULTILINE | re.DOTALL)


def run(line: str, server: Server, folder: Path) -> str:
    """A line of curl in bash, at ``server``; what it prints. Fails where the answer is a refusal."""
    line = re.sub(r"http://127\.0\.0\.1:8000|https://绩效\.example", server.url.rstrip("/"), line)
    line = line.replace("curl ", "curl -sS --fail-with-body --noproxy '*' ", 1)
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment(KG_TOKEN=TOKEN), capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout.decode()}\n{done.stderr.decode()}"
    return done.stdout.decode("utf-8", "replace")


@NEEDS_CURL
def test_every_curl_of_the_documentation_runs(own_server: Server, tmp_path: Path) -> None:
    lines = [line for page in PAGES for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
             for line in CURL.findall(block)]  # fmt: skip
    assert len(lines) >= 5
    shutil.copy(SECOND, tmp_path / "2025年绩效目标表.txt")
    for line in lines:
        run(line, own_server, tmp_path)
    assert "2025年绩效目标表.txt" in own_server.documents()


@NEEDS_CURL
def test_every_line_of_the_page_of_the_interface_runs(server: Server, tmp_path: Path) -> None:
    page = server.get("/docs").text
    lines = [unescape(line) for line in re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)]
    described = server.get("/api/openapi.json").json()["paths"]
    assert len(lines) == sum(map(len, described.values()))
    for line in lines:
        if "$KG_TOKEN" not in line and "<" not in line:  # those write, and <…> stands for what the sample does not have
            assert run(line, server, tmp_path)
    assert sum("<" in line for line in lines) == 1
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="https?://', page)


def test_what_writes_is_said_to_need_the_token(server: Server) -> None:
    described = server.get("/api/openapi.json").json()
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    told = {(method.upper(), path) for path, methods in described["paths"].items() for method, said in methods.items()
            if "security" in said}  # fmt: skip
    refused = {
        (method.upper(), path)
        for path, methods in described["paths"].items()
        for method in methods
        if server.client.request(method, path.replace("{", "").replace("}", "")).status_code == 401
    }
    assert told == refused


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/api/projects?departement=x", ["departement", "是不是 department？"]),
        ("/api/projects?yaer=2025&fudn=x", ["yaer", "year", "fudn", "fund"]),
        ("/api/search?text=档案&limt=3", ["limt", "是不是 limit？"]),
        ("/api/documents?name=x", ["没有参数 name", "这里不用参数"]),
        ("/api/ask?question=预算&zzzz=1", ["没有参数 zzzz。", "可用的参数：question"]),
    ],
)
def test_an_unknown_parameter_is_refused_with_the_nearest_known_one(
    server: Server, address: str, said: list[str]
) -> None:
    answer = server.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [word for word in said if word not in answer.json()["detail"]] == []


def test_an_unknown_field_of_an_upload_is_refused(own_server_kept: Server) -> None:
    with SAMPLE.open("rb") as file:
        answer = own_server_kept.post("/api/documents", files={"files": file}, data={"yaer": "2024"}, headers=AS_WRITER)
    assert answer.status_code == 422
    assert "是不是 year？" in answer.json()["detail"]


# -- one project, one table, facets and pivots -----------------------------------------------------------------


def test_one_project_and_one_table(server: Server) -> None:
    (found,) = server.get("/api/projects", params={"q": "三支一扶"}).json()["items"]
    record = server.get("/api/project", params={"iri": found["iri"]}).json()
    assert (record["budget_wan"], record["tables"]) == (130, [{"document": SAMPLE.name, "table": 18}])
    assert record["links"][0]["quote"]
    (part,) = server.get(f"/api/documents/{SAMPLE.name}/tables/18").json()
    read = {(cell["row"], cell["field"]): cell["text"] for row in part["rows"] for cell in row["cells"]}
    assert read[None, "budget"] == "130.00"
    assert server.get("/api/project", params={"iri": "https://example.org/none"}).status_code == 404


@pytest.mark.parametrize("measure", ["budget", "projects", "indicators"])
@pytest.mark.parametrize(
    ("rows", "columns"), [("department", "year"), ("fund", "group"), ("type", "year"), ("group", "fund")]
)
def test_each_figure_of_a_pivot_is_of_what_the_list_with_its_filters_holds(
    server: Server, rows: str, columns: str, measure: str
) -> None:
    found = server.get("/api/pivot", params={"rows": rows, "columns": columns, "measure": measure}).json()
    whole = {"budget": 70519.24, "projects": 23, "indicators": 368}[measure]
    assert found["total"]["total"] == whole
    if not found["overlaps"]:
        assert sum(item["total"] for item in found["items"]) == whole
    job = "indicators" if measure == "indicators" else "projects"
    for item in found["items"][:3]:
        for head, cell in list(zip(found["heads"], item["cells"], strict=True))[:3]:
            if item["iri"] is None or head["iri"] is None:
                continue
            listed = server.get(f"/api/{job}", params={rows: item["iri"], columns: head["iri"], "limit": 1000}).json()
            if measure != "budget":
                assert (cell or 0) == listed["total"], (item, head)
            elif "fund" not in (rows, columns):
                assert (cell or 0) == pytest.approx(sum(p["budget_wan"] or 0 for p in listed["items"])), (item, head)
            else:  # of a project with other money, too, only what is of this fund
                assert (cell or 0) <= sum(p["budget_wan"] or 0 for p in listed["items"]) + 1e-6


def test_a_pivot_may_be_filtered_and_facets_say_by_what(server: Server) -> None:
    facets = server.get("/api/facets").json()
    fund = next(f for f in facets["funds"] if f["label"] == "中央直达资金")
    found = server.get("/api/pivot", params={"rows": "group", "measure": "projects", "fund": fund["iri"]}).json()
    assert found["total"]["total"] == fund["count"] == 5
    assert server.get("/api/pivot", params={"rows": "sky"}).status_code == 422


def test_what_a_pivot_says_of_funds_is_what_the_named_query_says(
    server: Server, kg_run: object, sample_data: Path
) -> None:
    found = server.get("/api/pivot", params={"rows": "fund"}).json()
    assert callable(kg_run)
    done = kg_run("query", "budget-by-fund-year", "--format", "json", "--data", sample_data)
    rows = json.loads(done.stdout)["results"]["bindings"]
    said = {row["资金来源"]["value"]: float(row["金额万元"]["value"]) for row in rows}
    assert {item["label"]: item["total"] for item in found["items"] if item["iri"]} == pytest.approx(said)
