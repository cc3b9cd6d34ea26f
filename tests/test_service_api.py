"""The JSON API, the IRIs, who is let in, and what happens while data changes."""

from __future__ import annotations

import json
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest
from command import SAMPLE, SECOND, Run, one_error
from service import AS_WRITER, TOKEN, Server

from kg.graph.generations import DataDirectory

PROJECT = "SELECT ?p WHERE { ?p rdfs:label '三支一扶专项经费' }"


def detail(answer: httpx.Response) -> str:
    """The one line in Chinese of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    said = answer.json()
    assert said["status"] == answer.status_code
    assert re.search(r"[\u4e00-\u9fff]", said["title"] + said["detail"])
    return str(said["detail"])


# -- what is read ---------------------------------------------------------------------------------------------


def test_an_answer_has_the_contract_and_its_cells(server: Server) -> None:
    found = server.get("/api/ask", params={"question": "三支一扶专项经费的预算是多少？"}).json()
    assert found["method"] == "graph"
    assert found["answers"][0]["number"] == 130
    cell = found["answers"][0]["evidence"][0]
    assert (cell["document"], cell["table"], cell["text"]) == (SAMPLE.name, 18, "130.00")
    assert next(w["text"] for w in found["words"]) == "三支一扶专项经费"
    run = server.sparql(found["sparql"]).json()["results"]["bindings"]
    assert len(run) == 1


def test_a_question_leans_on_the_answer_before(server: Server) -> None:
    first = server.post("/api/ask", json={"question": "哪些项目服务高校毕业生？"}).json()
    assert len(first["answers"]) == 4
    then = server.post("/api/ask", json={"question": "那其中预算最高的呢？", "context": first["context"]}).json()
    assert [a["value"] for a in then["answers"]] == ["5747.2万元"]


def test_what_the_data_does_not_hold_is_no_answer(server: Server) -> None:
    found = server.get("/api/ask", params={"question": "2018年的人才专项经费预算是多少"}).json()
    assert (found["method"], found["answers"]) == ("none", [])
    assert (found["reason"], found["unmatched"]) == ("not_in_data", ["2018年"])
    assert server.get("/api/ask", params={"question": found["suggestions"]["questions"][0]}).json()["answers"]
    assert found["suggestions"]["cells"][0]["document"] == SAMPLE.name


def test_two_things_asked_are_two_parts(server: Server) -> None:
    found = server.get(
        "/api/ask", params={"question": "中央直达资金项目预算合计是多少？求职创业补贴的预算是多少？"}
    ).json()
    assert [p["answers"][0]["value"] for p in found["parts"]] == ["6795.4万元", "5747.2万元"]


def test_search_finds_rows(server: Server) -> None:
    hits = server.get("/api/search", params={"text": "档案数字化", "limit": 3}).json()
    assert len(hits) == 3
    assert hits[0]["document"] == SAMPLE.name


@pytest.mark.parametrize(
    ("filters", "total"),
    [
        ({}, 23),
        ({"year": 2025}, 23),
        ({"year": 2019}, 0),
        ({"fund": "中央直达资金"}, 5),
        ({"fund": "https://w3id.org/jixiao/fund/central-direct"}, 5),
        ({"fund": "没有这种资金"}, 0),
        ({"group": "高校毕业生"}, 4),
        ({"department": "天津市人力资源和社会保障局财务处"}, 23),
        ({"q": "专项经费"}, 3),
        ({"q": "' } # \" \\"}, 0),
        ({"group": "高校毕业生", "q": "三支一扶"}, 1),
    ],
)
def test_projects_are_filtered(server: Server, filters: dict[str, str], total: int) -> None:
    found = server.get("/api/projects", params=filters).json()
    assert found["total"] == total
    assert len(found["items"]) == min(total, 50)


def test_lists_are_paged_without_gap_or_repetition(server: Server) -> None:
    seen = [
        i["iri"]
        for offset in range(0, 368, 100)
        for i in server.get("/api/indicators", params={"offset": offset, "limit": 100}).json()["items"]
    ]
    assert (len(seen), len(set(seen))) == (368, 368)


def test_indicators_tell_their_place(server: Server) -> None:
    found = server.get("/api/indicators", params={"project": "三支一扶专项经费", "type": "满意度指标"}).json()
    assert {(i["document"], i["table"], i["level1"]) for i in found["items"]} == {(SAMPLE.name, 18, "满意度指标")}


def test_text2sparql_has_the_challenges_form(server: Server) -> None:
    asked = {"dataset": "https://w3id.org/jixiao/id/", "question": "哪些项目服务高校毕业生？"}
    found = server.get("/api/text2sparql", params=asked).json()
    assert {k: found[k] for k in asked} == asked
    assert len(server.sparql(found["query"]).json()["results"]["bindings"]) == 4


def test_checks_and_duplicates_are_those_of_the_command(server: Server, kg_run: Run, sample_data: Path) -> None:
    told = [json.loads(line) for line in kg_run("check", "--json", "--data", sample_data).stdout.splitlines()]
    found = server.get("/api/check", params={"limit": 1000}).json()
    assert [{k: f[k] for k in told[0]} for f in found["items"]] == told
    told = [json.loads(line) for line in kg_run("duplicates", "--json", "--data", sample_data).stdout.splitlines()]
    found = server.get("/api/duplicates", params={"limit": 1000}).json()
    assert [c["concept"] for c in found["items"]] == [c["concept"] for c in told]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/nothing", 404),
        ("/api/search", 422),
        ("/api/search?text=", 422),
        ("/api/projects?year=x", 422),
        ("/api/projects?limit=100000", 422),
        ("/api/projects?department=http://<x>", 404),
        ("/api/ask?question=" + "长" * 5000, 422),
        ("/api/check?severity=grave", 422),
        ("/api/trend?name=没有这个", 400),
        ("/resource?iri=http://elsewhere/x", 404),
        ("/jixiao/id/project/none", 404),
    ],
)
def test_refusals_are_problems_in_chinese(server: Server, address: str, status: int) -> None:
    answer = server.get(address)
    assert answer.status_code == status
    assert detail(answer)


@pytest.mark.parametrize("form", ["csv", "xlsx", "turtle", "nquads"])
def test_exports_are_those_of_the_command(server: Server, kg_run: Run, sample_data: Path, form: str) -> None:
    answer = server.get("/api/export", params={"format": form})
    assert "attachment" in answer.headers["content-disposition"]
    if form != "xlsx":
        assert answer.content == kg_run("export", "--format", form, "--data", sample_data, binary=True).stdout


# -- IRIs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("text/html", "text/html; charset=utf-8"), ("text/turtle", "text/turtle; charset=utf-8"), ("application/ld+json", "application/ld+json"),
     ("*/*", "text/turtle; charset=utf-8"), ("image/png", "application/problem+json")],
)  # fmt: skip
def test_every_kind_of_iri_opens(server: Server, accept: str, content_type: str) -> None:
    query = "SELECT (SAMPLE(?s) AS ?x) WHERE { ?s a ?c FILTER(isIRI(?s) && STRSTARTS(STR(?s), 'https://w3id.org/jixiao/')) } GROUP BY ?c"
    found = [b["x"]["value"] for b in server.sparql(query).json()["results"]["bindings"]]
    assert len(found) > 10
    for iri in found:
        answer = server.get(iri.removeprefix("https://w3id.org").partition("#")[0], headers={"Accept": accept})
        assert answer.headers["content-type"] == content_type, iri
        assert answer.status_code == (406 if accept == "image/png" else 200), iri
        if "turtle" in content_type:
            assert f"<{iri.partition('#')[0]}" in answer.text or "jx" in answer.text


def test_a_page_of_a_thing_escapes_what_it_says(server: Server) -> None:
    project = server.sparql(PROJECT).json()["results"]["bindings"][0]["p"]["value"]
    page = server.get(project.removeprefix("https://w3id.org"), headers={"Accept": "text/html"})
    assert "三支一扶专项经费" in page.text
    assert "<script" not in page.text
    assert server.get("/resource", params={"iri": project}).headers["location"] == project.removeprefix(
        "https://w3id.org"
    )


def test_void_tells_what_there_is(server: Server) -> None:
    store = ox.Store()
    store.load(server.get("/.well-known/void", headers={"Accept": "text/turtle"}).content, format=ox.RdfFormat.TURTLE)
    void = "PREFIX void: <http://rdfs.org/ns/void#> "
    assert bool(
        store.query(void + f"ASK {{ ?d a void:Dataset ; void:sparqlEndpoint <{server.url}/sparql> ; void:triples ?n }}")
    )
    query = (
        void
        + "SELECT ?n { ?d void:classPartition [ void:class <https://w3id.org/jixiao/ontology#Indicator> ; void:entities ?n ] }"
    )
    assert [row["n"].value for row in store.query(query)] == ["368"]  # type: ignore[union-attr]


# -- what it tells of itself ----------------------------------------------------------------------------------


def test_health_metrics_and_one_log_line_a_request(server: Server) -> None:
    assert server.get("/healthz").text == "ok\n"
    assert server.get("/readyz").json()["generation"]
    server.get("/api/search", params={"text": "只出现一次的检索词"})
    metrics = server.get("/metrics").text
    assert re.search(r'kg_requests_total\{method="GET",route="/api/search",status="200"\} [1-9]', metrics)
    assert "kg_request_seconds_bucket" in metrics
    lines = [json.loads(line) for line in server.text().splitlines() if line.startswith("{")]
    last = [line for line in lines if line.get("path") == "/api/search"][-1]
    assert {"time", "method", "path", "status", "bytes", "ms", "client"} <= set(last)
    assert "只出现一次的检索词" not in server.text()


def test_openapi_describes_every_route(server: Server) -> None:
    described = server.get("/api/openapi.json").json()
    assert {"/api/ask", "/api/search", "/api/projects", "/api/indicators", "/api/duplicates", "/api/check", "/api/documents",
            "/api/text2sparql"} <= set(described["paths"])  # fmt: skip


SESSION = "(a session)"


# -- who is let in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/api/projects", {"Host": "evil.example"}, 421),
        ("GET", "/api/projects", {"Host": "127.0.0.1.evil.example:8000"}, 421),
        ("GET", "/", {"Host": "evil.example"}, 421),
        ("GET", "/api/projects", {"Host": "localhost:8000"}, 200),
        ("GET", "/api/projects", {"Host": "[::1]:8000"}, 200),
        ("DELETE", f"/api/documents/{SAMPLE.name}", {}, 401),
        ("DELETE", f"/api/documents/{SAMPLE.name}", {"Authorization": "Bearer wrong-token"}, 401),
        ("DELETE", f"/api/documents/{SAMPLE.name}", {"Cookie": SESSION, "Origin": "http://evil.example"}, 403),
        ("DELETE", "/api/documents/none.txt", {"Cookie": f"kg_session={TOKEN}"}, 401),
        ("DELETE", f"/api/documents/{SAMPLE.name}", {"Cookie": SESSION, "Origin": "null"}, 403),
        ("DELETE", "/api/documents/none.txt", {"Cookie": SESSION}, 404),
        ("DELETE", "/api/documents/none.txt", AS_WRITER, 404),
        ("POST", "/api/documents", {}, 401),
        ("POST", "/api/duplicates/reviews", {}, 401),
        ("POST", "/api/ask", {"Origin": "http://evil.example"}, 403),
        ("POST", "/_nicegui/client/x/upload/1", {}, 401),
    ],
)
def test_who_is_let_in(server: Server, method: str, path: str, headers: dict[str, str], status: int) -> None:
    headers = {k: server.session() if v == SESSION else v for k, v in headers.items()}
    answer = server.client.request(method, path, headers=headers)
    assert answer.status_code == status, answer.text
    assert "access-control-allow-origin" not in answer.headers
    if status >= 400:
        detail(answer)


@pytest.mark.parametrize("path", ["/", "/login", "/jixiao/ontology", "/query"])
def test_pages_have_a_policy_that_lets_nothing_from_elsewhere_in(server: Server, path: str) -> None:
    answer = server.get(path, headers={"Accept": "text/html"})
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    assert not re.findall(r'(?:src|href)="https?://(?!127\.0\.0\.1)[^"]*"', answer.text)
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    assert all(f'nonce="{nonce[1]}"' in tag for tag in re.findall(r"<script\b[^>]*>", answer.text))
    again = server.get(path, headers={"Accept": "text/html"}).headers["content-security-policy"]
    assert again != policy


def test_a_web_socket_from_another_site_is_refused(server: Server) -> None:
    port = int(server.url.rpartition(":")[2].strip("/"))
    for origin, lets_in in ((f"http://127.0.0.1:{port}", True), ("http://evil.example", False), (None, False)):
        with socket.create_connection(("127.0.0.1", port), 10) as link:
            sent = f"Origin: {origin}\r\n" if origin else ""
            link.sendall(
                f"GET /_nicegui_ws/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{sent}Upgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
            )
            answer = link.recv(100)
        assert (b" 101 " in answer) is lets_in, (origin, answer)


def test_an_open_address_demands_a_token(kg_run: Run, sample_data: Path) -> None:
    one_error(kg_run("serve", "--data", sample_data, "--host", "0.0.0.0"), "0.0.0.0", "--token")
    one_error(kg_run("serve", "--data", sample_data, "--token", "short"), "8 个字符")


def test_on_an_open_address_reading_needs_the_token_too(sample_data: Path, tmp_path: Path) -> None:
    with Server(sample_data, "--host", "0.0.0.0", log=tmp_path / "log") as server:
        server.client.base_url = httpx.URL(server.url.replace("0.0.0.0", "127.0.0.1"))
        assert server.get("/healthz").status_code == 200
        for path in ("/api/projects", "/sparql", "/jixiao/ontology", "/metrics"):
            assert server.get(path).status_code == 401, path
        assert server.get("/", headers={"Accept": "text/html"}).headers["location"] == "/login"
        assert server.get("/api/projects", headers=AS_WRITER).status_code == 200
        assert server.post("/login", data={"token": "wrong-token"}).status_code == 403
        entered = server.post("/login", data={"token": TOKEN, "next": "//evil.example/"})
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        cookie = entered.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie


@pytest.mark.parametrize("wrong", ["missing", "not built", "port taken"])
def test_what_is_wrong_at_the_start_is_one_line(
    kg_run: Run, tmp_path: Path, server: Server, sample_data: Path, wrong: str
) -> None:
    port = server.url.rpartition(":")[2].strip("/")
    data = {"missing": tmp_path / "none", "not built": tmp_path, "port taken": sample_data}[wrong]
    one_error(kg_run("serve", "--data", data, "--port", port), "监听" if wrong == "port taken" else "kg build")


# -- changing -------------------------------------------------------------------------------------------------


def upload(server: Server, path: Path, name: str = "", **fields: str) -> httpx.Response:
    with path.open("rb") as file:
        return server.post("/api/documents", files={"files": (name or path.name, file)}, data=fields, headers=AS_WRITER)


@pytest.fixture(scope="module")
def changing(sample_and_more: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("changing")
    shutil.copytree(sample_and_more, folder / "data")
    with Server(folder / "data", log=folder / "log") as running:
        yield running


@pytest.fixture
def changed(changing: Server) -> Iterator[Server]:
    """A server of the sample alone, to be changed: what is added goes with the test."""
    assert set(changing.documents()) == {SAMPLE.name}
    yield changing
    if SECOND.name in changing.documents():
        changing.client.delete(f"/api/documents/{SECOND.name}", headers=AS_WRITER).raise_for_status()


def test_upload_ask_and_remove(changed: Server) -> None:
    answer = upload(changed, SECOND)
    assert answer.status_code == 200, answer.text
    assert answer.json()["changed"] is True
    added = {d["name"]: d["indicators"] for d in answer.json()["documents"]}
    assert changed.documents() == added
    assert set(added) == {SAMPLE.name, SECOND.name}
    assert upload(changed, SECOND).json()["changed"] is False
    removed = changed.client.delete(f"/api/documents/{quote(SECOND.name)}", headers=AS_WRITER)
    assert removed.status_code == 200
    assert set(changed.documents()) == {SAMPLE.name}
    assert list(changed.data.glob("incoming-*")) == []


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("坏.txt", "没有表格", 422),
        ("空.txt", "", 422),
        ("图.png", "x", 422),
        ("../../etc/passwd", "x", 415),
        ("..", "x", 422),
        (".hidden.txt", "x", 422),
        ("坏.docx", "not a zip", 422),
        ("a" * 300 + ".txt", "x", 422),
    ],
)
def test_bad_uploads_are_refused_and_change_nothing(
    own_server_kept: Server, tmp_path: Path, name: str, content: str, status: int
) -> None:
    file = tmp_path / "file"
    file.write_text(content, "utf-8")
    answer = upload(own_server_kept, file, name)
    assert answer.status_code == status, answer.text
    assert str(tmp_path) not in detail(answer)
    assert str(own_server_kept.data) not in detail(answer)
    assert set(own_server_kept.documents()) == {SAMPLE.name}


def test_a_change_while_another_process_writes_is_a_conflict(own_server_kept: Server) -> None:
    with DataDirectory(own_server_kept.data).writing():
        answer = upload(own_server_kept, SECOND)
    assert answer.status_code == 409, answer.text
    assert "稍后再试" in detail(answer)
    assert set(own_server_kept.documents()) == {SAMPLE.name}


def test_an_upload_beyond_the_bounds_is_refused(own_server_kept: Server) -> None:
    def endless() -> object:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
        for _ in range(160):
            yield b"x" * (1 << 20)

    headers = {**AS_WRITER, "Content-Type": "multipart/form-data; boundary=x"}
    try:
        answer = own_server_kept.post("/api/documents", content=endless(), headers=headers)
        assert answer.status_code == 413
    except httpx.TransportError:
        pass  # the connection was closed on what came too much
    assert own_server_kept.get("/healthz").status_code == 200


def test_readers_keep_what_they_read_and_then_see_the_new(changed: Server) -> None:
    stop, failed, seen = threading.Event(), [], set()

    def read(do: Callable[[httpx.Client], httpx.Response]) -> None:
        with httpx.Client(base_url=changed.url, timeout=30, trust_env=False) as client:
            while not stop.is_set():
                answer = do(client)
                if answer.status_code != 200:
                    failed.append(answer.text)
                elif "total" in answer.json():
                    seen.add(answer.json()["total"])
                time.sleep(0.02)

    calls: list[Callable[[httpx.Client], httpx.Response]] = [
        lambda c: c.get("/api/projects?limit=1"),
        lambda c: c.get("/sparql", params={"query": "SELECT * { ?p a jx:Project }"}),
        lambda c: c.get("/api/ask", params={"question": "预算最大的三个项目"}),
    ]
    readers = [threading.Thread(target=read, args=(call,)) for call in calls]
    for reader in readers:
        reader.start()
    before = changed.get("/api/projects?limit=1").json()["total"]
    after = sum(d["projects"] for d in upload(changed, SECOND).json()["documents"])
    assert changed.get("/api/projects?limit=1").json()["total"] == after
    for _ in range(300):
        if after in seen:
            break
        time.sleep(0.1)
    stop.set()
    for reader in readers:
        reader.join()
    assert failed == []
    assert seen == {before, after}


def test_a_build_from_the_command_line_is_seen_too(changed: Server, kg_run: Run) -> None:
    assert kg_run("add", SECOND, "--data", changed.data).returncode == 0
    for _ in range(100):  # requests, however long each takes
        if set(changed.documents()) == {SAMPLE.name, SECOND.name}:
            return
        time.sleep(0.2)
    pytest.fail("the service never saw what was built")


def test_a_review_counts_at_once_and_survives_an_upload(changed: Server) -> None:
    assert upload(changed, SECOND).status_code == 200
    pair = changed.get("/api/duplicates/queue", params={"limit": 1}).json()[0]
    iris = [m["iri"] for m in pair["members"]]
    decision = {"indicators": iris, "decision": "rejected", "note": "量的不是一回事", "by": "审计员"}
    assert changed.post("/api/duplicates/reviews", json=decision).status_code == 401
    kept = changed.post("/api/duplicates/reviews", json=decision, headers=AS_WRITER).json()
    assert (kept["pair"], kept["decision"], kept["by"]) == (pair["pair"], "rejected", "审计员")
    assert pair["pair"] not in {p["pair"] for p in changed.get("/api/duplicates/queue", params={"limit": 50}).json()}
    changed.client.delete(f"/api/documents/{SECOND.name}", headers=AS_WRITER)
    assert [r["pair"] for r in changed.get("/api/duplicates/reviews").json()] == [pair["pair"]]


def test_sigterm_lets_what_runs_finish(own_server: Server) -> None:
    answers: list[int] = []
    slow = "SELECT (COUNT(*) AS ?n) WHERE { ?a jx:indicator ?b . ?c jx:row ?d . ?e jx:table ?f . FILTER(?a != ?e) } "

    def ask() -> None:
        with httpx.Client(base_url=own_server.url, timeout=30, trust_env=False) as client:
            answers.append(client.get("/sparql", params={"query": slow}).status_code)

    asking = threading.Thread(target=ask)
    asking.start()
    while asking.is_alive() and not own_server.working():
        time.sleep(0.05)
    own_server.process.terminate()
    asking.join()
    assert answers in ([200], [504])
    assert own_server.process.wait(30) == 0
    assert "Traceback" not in own_server.text()
