"""Nothing that is sent without end or without sense takes the service's time or memory from others."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from service import AS_WRITER, Server

from kg.service import turns
from kg.service.access import network
from kg.service.turns import Turn, Turns

QUICK = 5.0  # seconds; the machine may be busy with others
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def attacked(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, with few descriptors, whose queries end after little time."""
    server = Server(sample_data, log=tmp_path_factory.mktemp("attacked") / "log", descriptors=256)
    server.environment["KG_QUERY_SECONDS"] = "3"
    with server as running:
        yield running


def processor(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int, field: str = "VmRSS") -> int:
    lines = dict(line.partition(":")[::2] for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines[field].split()[0]) << 10


def family(pid: int) -> list[int]:
    """A process and all below it."""
    below = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below += [int(child) for child in tasks.read_text().split()]
        except OSError:
            continue
    return [pid, *(p for child in below for p in family(child))]


def anonymous(pid: int) -> int:
    total = 0
    for member in family(pid):
        try:
            total += memory(member, "RssAnon")
        except (OSError, KeyError):
            continue
    return total


def raw(server: Server, data: bytes, seconds: float = 10.0) -> bytes:
    """What comes back for bytes sent as they are, until the server closes or the time is over."""
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.settimeout(seconds)
        got = b""
        try:
            line.sendall(data)
            while more := line.recv(65536):
                got += more
        except (TimeoutError, ConnectionError):
            pass
        return got


# -- headers ---------------------------------------------------------------------------------------------------


HEADERS: list[tuple[str, str]] = [
    ("Cookie", 'kg_session="' + "\\\\" * 30_000 + '"'),
    ("Cookie", 'a="' + "\\" * 7_000 + '"'),
    ("Cookie", "a=b;" * 5_000),
    ("Cookie", 'kg_session="' + '\\"' * 3_500 + '"'),
    ("Cookie", '"=' * 4_000),
    ("Accept", "text/csv;q=0.1," * 4_000),
    ("Accept", "*/*;" + "a=b;" * 8_000),
    ("Authorization", "Bearer " + "x" * 60_000),
    ("Referer", "http://127.0.0.1/" + "%25" * 20_000),
    ("Content-Type", "multipart/form-data; boundary=" + "a" * 30_000),
    ("Content-Type", "application/json; " + 'a="\\' * 10_000),
    ("Origin", "http://" + "[" * 9_000),
    ("X-Forwarded-For", "1.1.1.1," * 9_000),
    ("Host", "a" * 20_000),
    ("Range", "bytes=" + "0-1," * 5_000),
    ("If-None-Match", '"x",' * 5_000),
    ("Accept-Encoding", "gzip;q=0.5," * 900),
    ("Accept-Language", "zh-CN;q=0.9," * 3_000),
    ("Cache-Control", "no-cache," * 2_000),
    ("Forwarded", 'for="[' * 2_000),
    ("Sec-WebSocket-Extensions", "permessage-deflate; " * 3_000),
    ("Mcp-Session-Id", "x" * 30_000),
    ("Content-Disposition", "attachment; filename*=" + "%" * 7_000),
    ("X-Anything", "\xe9" * 9_000),
]


@pytest.mark.parametrize(("name", "value"), HEADERS, ids=[f"{n} {len(v)}" for n, v in HEADERS])
def test_a_long_header_is_refused_before_it_is_read(server: Server, name: str, value: str) -> None:
    before = processor(server.process.pid)
    answer = server.get("/api/projects", headers={name: value.strip().encode("latin-1")})
    assert answer.status_code == 431 if len(value) > 8192 else answer.status_code < 500
    assert processor(server.process.pid) - before < 0.5


def test_many_headers_are_refused(server: Server) -> None:
    for headers in ({f"X-{n}": "x" for n in range(300)}, {f"X-{n}": "x" * 500 for n in range(90)}):
        assert server.get("/healthz", headers=headers).status_code == 431


@pytest.mark.parametrize("name", ["Host", "Content-Length", "Authorization", "Origin", "Sec-Fetch-Site"])
def test_headers_that_may_stand_once_only_are_not_taken_twice(server: Server, name: str) -> None:
    host = server.url.removeprefix("http://")
    first = "" if name == "Host" else f"{name}: 0\r\n"
    said = raw(
        server, f"GET /api/projects HTTP/1.1\r\nHost: {host}\r\n{first}{name}: 1\r\nConnection: close\r\n\r\n".encode()
    )
    assert said.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("length", ["²", "-1", "1e3", "9" * 5000, "0x10", "1, 1", "１"])
def test_a_length_that_is_no_number_is_refused(server: Server, length: str) -> None:
    host = server.url.removeprefix("http://")
    head = f"POST /api/ask HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    assert raw(server, head.encode()).startswith((b"HTTP/1.1 400", b"HTTP/1.1 413"))


# -- bodies ----------------------------------------------------------------------------------------------------


def unknown_keys(size: int) -> bytes:
    return b'{"question":"x",' + b",".join(b'"%x":1' % n for n in range(size // 10)) + b"}"


BODIES: list[tuple[str, str, dict[str, str], bytes]] = [
    ("/api/ask", "application/json", {}, unknown_keys(1_900_000)),
    ("/api/ask", "application/json", {}, unknown_keys(40 * MEGABYTE)),
    ("/api/ask", "application/json", {}, b'{"question":"x","context":[' + b"1," * 900_000 + b"1]}"),
    ("/api/ask", "application/json", {}, b'{"question":' + b"[" * 900_000),
    ("/api/ask", "application/json", {}, b'{"question":' + b'{"a":' * 300_000 + b"1" + b"}" * 300_001),
    ("/api/ask", "application/json", {}, b"[" + b"{}," * 600_000 + b"{}]"),
    ("/api/ask", "application/json", {}, b'{"question":' + b"9" * 1_900_000 + b"}"),
    ("/api/duplicates/reviews", "application/json", AS_WRITER, unknown_keys(60_000)),
    ("/api/duplicates/reviews", "application/json", AS_WRITER, b'{"indicators":[' + b"0," * 25_000 + b"0]}"),
    ("/api/duplicates/reviews", "application/json", AS_WRITER, unknown_keys(5 * MEGABYTE)),
    ("/api/ask", "application/json", {}, b'{"question":"x","\\ud800":1}'),
    ("/api/ask", "application/json", {}, b'{"question":"\\udfff"}'),
    ("/api/ask", "application/json", {"Content-Encoding": "gzip"}, gzip.compress(bytes(30 * MEGABYTE), mtime=0)),
    ("/api/ask", "application/json", {}, b'{"question":"x","year":' + b"9" * 5_000 + b"}"),
    ("/sparql", "application/sparql-query", {"Content-Encoding": "gzip"}, gzip.compress(b"ASK {}", mtime=0)),
    ("/sparql", "application/sparql-query; charset=utf-16", {}, "ASK {}".encode("utf-16")),
    ("/mcp", "application/json", {"Accept": "application/json, text/event-stream", "Content-Encoding": "br"}, b"[]"),
    ("/login", "application/x-www-form-urlencoded; charset=none", {}, b"token=%ff%zz&next=%ed%a0%80"),
    ("/login", "multipart/form-data", {}, b"x"),
    ("/api/documents", "multipart/form-data; boundary=x", AS_WRITER,
     b'--x\r\nContent-Disposition: form-data; name="files"; filename="a\xe2\x80\xaetxt.docx"\r\n\r\nx\r\n--x--\r\n'),
    ("/login", "application/x-www-form-urlencoded", {}, b"token=" + b"%25" * MEGABYTE),
    ("/login", "application/x-www-form-urlencoded", {}, b"a=&" * 20_000),
    ("/sparql", "application/x-www-form-urlencoded", {}, b"a=&" * 900_000),
    ("/sparql", "application/sparql-query", {}, b"ASK {" + b"{" * 900_000),
    ("/mcp", "application/json", {"Accept": "application/json, text/event-stream"}, b"[" * 1_900_000),
    ("/mcp", "application/json", {"Accept": "application/json, text/event-stream"}, unknown_keys(1_900_000)),
    ("/api/documents", "multipart/form-data; boundary=x", AS_WRITER,
     b"".join(b'--x\r\nContent-Disposition: form-data; name="%d"\r\n\r\n1\r\n' % n for n in range(30_000)) + b"--x--\r\n"),
    ("/api/documents", "multipart/form-data; boundary=x", AS_WRITER, b"--x\r\n" + b"A: b\r\n" * 300_000 + b"\r\n\r\n--x--\r\n"),
    ("/api/documents", "multipart/form-data; boundary=x", AS_WRITER,
     b'--x\r\nContent-Disposition: form-data; name="year"\r\n\r\n' + b"1" * (3 * MEGABYTE) + b"\r\n--x--\r\n"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "kind", "headers", "body"), BODIES, ids=[f"{b[0]} {b[3][:24]!r} {len(b[3])}" for b in BODIES]
)
def test_a_body_without_sense_is_refused_cheaply(
    attacked: Server, path: str, kind: str, headers: dict[str, str], body: bytes
) -> None:
    pid = attacked.process.pid
    spent, held = processor(pid), memory(pid)
    for chunked in (False, True):
        content: Any = (body[n : n + 65536] for n in range(0, len(body), 65536)) if chunked else body
        try:
            answer = httpx.post(
                attacked.url + path,
                content=content,
                headers={"Content-Type": kind, **headers},
                timeout=60,
                trust_env=False,
            )
        except httpx.TransportError:
            continue  # refused while it was still being sent
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.headers["content-type"].startswith(("application/problem+json", "application/json", "text/html"))
        assert len(answer.content) < 4000
    assert processor(pid) - spent < 4, "two tries"
    assert memory(pid) - held < 120 * MEGABYTE


def test_unknown_keys_are_named_five_at_most(server: Server) -> None:
    said = server.post("/api/ask", json={"question": "x", **{f"key{n}": 1 for n in range(50)}})
    assert said.status_code == 422
    assert said.json()["detail"].count("key") == 5


# -- connections -----------------------------------------------------------------------------------------------


HEADS = [
    b"GET / HTTP/1.1\r\nX: " + b"a" * (4 * MEGABYTE),
    b"GET /" + b"a" * (4 * MEGABYTE),
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 700_000,
    b"GET / HTTP/1.1\r\n" + b"a" * (4 * MEGABYTE),
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3 + b"GET / HTTP/1.1\r\nCookie: " + b"b" * (4 * MEGABYTE),
    b"POST /sparql HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX: " + b"\t" * (4 * MEGABYTE),
]


@pytest.mark.parametrize("head", HEADS, ids=[repr(h[-20:]) + repr(h[:24]) for h in HEADS])
def test_a_head_without_end_is_cut_off(attacked: Server, head: bytes) -> None:
    before = memory(attacked.process.pid)
    raw(attacked, head, 5)
    assert memory(attacked.process.pid) - before < 20 * MEGABYTE
    assert attacked.get("/healthz").status_code == 200


CHUNKED = b"POST /sparql HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\n"
BESIDE = [
    b"6\r\nASK {}\r\n0\r\n" + b"X: y\r\n" * 900_000,  # trailers
    b"6\r\nASK {}\r\n0\r\nX: " + b"y" * (6 * MEGABYTE),
    b"6\r\nASK {}\r\n0\r\n" + b"y" * (6 * MEGABYTE),
    b"6;a=" + b"b" * (6 * MEGABYTE),  # extensions
    b"6" + b";a=b" * 1_500_000,
    b"0" * (6 * MEGABYTE),
]


@pytest.mark.parametrize("beside", BESIDE, ids=[repr(b[-20:]) for b in BESIDE])
def test_what_comes_beside_a_body_without_end_is_cut_off(attacked: Server, beside: bytes) -> None:
    before, spent = memory(attacked.process.pid), processor(attacked.process.pid)
    began = time.monotonic()
    raw(attacked, CHUNKED.replace(b"HOST", attacked.url.removeprefix("http://").encode()) + beside, 8)
    assert time.monotonic() - began < 8, "not cut off"
    assert memory(attacked.process.pid) - before < 10 * MEGABYTE
    assert processor(attacked.process.pid) - spent < 1
    assert attacked.get("/healthz").status_code == 200


@pytest.mark.parametrize("name", ["Authorization", "Host", "Cookie", "Content-Type", "X"])
def test_a_trailer_is_no_header(attacked: Server, name: str) -> None:
    host = attacked.url.removeprefix("http://").encode()
    value = AS_WRITER["Authorization"] if name == "Authorization" else "x"
    head = CHUNKED.replace(b"HOST", host).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    said = raw(attacked, head + b"6\r\nASK {}\r\n0\r\n" + f"{name}: {value}\r\n\r\n".encode())
    assert said.startswith(b"HTTP/1.1 200")
    writes = head.replace(b"/sparql", b"/api/documents").replace(b"application/sparql-query", b"multipart/form-data")
    said = raw(attacked, writes + b"6\r\nASK {}\r\n0\r\n" + f"{name}: {value}\r\n\r\n".encode())
    assert said.startswith(b"HTTP/1.1 401")


def test_requests_behind_one_another_are_answered_but_not_without_end(attacked: Server) -> None:
    host = attacked.url.removeprefix("http://").encode()
    one = b"GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n" % host
    last = one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert raw(attacked, one * 49 + last).count(b"HTTP/1.1 200") == 50
    before, spent = memory(attacked.process.pid), processor(attacked.process.pid)
    with ThreadPoolExecutor(20) as pool:
        said = list(pool.map(lambda _: raw(attacked, one * 20_000, 20), range(20)))
    assert max(answers.count(b"HTTP/1.1") for answers in said) < 1000
    assert memory(attacked.process.pid) - before < 60 * MEGABYTE
    assert processor(attacked.process.pid) - spent < 10
    assert "Exception in ASGI" not in attacked.text()


STALLS = [
    b"",
    b"GET / HTT",
    b"GET / HTTP/1.1\r\nHost: x\r\n",
    b"POST /sparql HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/sparql-query\r\nContent-Length: 1000\r\n\r\nASK",
    b"POST /sparql HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nAS",
    b"POST /api/ask HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{",
]


def test_connections_that_stall_are_closed(attacked: Server) -> None:
    host = attacked.url.removeprefix("http://").encode()
    began = time.monotonic()
    with ThreadPoolExecutor(len(STALLS)) as pool:
        list(pool.map(lambda sent: raw(attacked, sent.replace(b"HOST", host), 60), STALLS))
    assert time.monotonic() - began < 45


def test_idle_connections_beyond_all_descriptors_stop_nobody(attacked: Server) -> None:
    """The task that watches for new data lives on, and so does everyone else."""
    port = int(attacked.url.rpartition(":")[2])
    idle = [socket.socket() for _ in range(500)]
    try:
        for line in idle:
            line.setblocking(False)
            line.connect_ex(("127.0.0.1", port))
        time.sleep(1.5)
        for _ in range(5):
            assert httpx.get(f"{attacked.url}/healthz", timeout=20, trust_env=False).status_code == 200
        assert attacked.sparql("ASK {}").status_code == 200
    finally:
        for line in idle:
            line.close()
    assert attacked.get("/api/projects").status_code == 200
    assert "background task failed" not in attacked.text()


def test_no_stream_is_held_open(server: Server) -> None:
    for path in ("/mcp", "/mcp?x=1", "/sparql", "/api/ask?question=x", "/metrics"):
        for accept in ("text/event-stream", "application/json, text/event-stream"):
            assert server.get(path, headers={"Accept": accept}, timeout=20).status_code in (200, 405, 406), path


# -- memory and fairness ----------------------------------------------------------------------------------------


SWELL = [
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g",
    "SELECT DISTINCT ?a ?d ?g ?b ?e ?h { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT ?c ?f ?i (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } GROUP BY ?c ?f ?i ?a ?d",
    "SELECT (GROUP_CONCAT(CONCAT(STR(?c), STR(?f))) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "CONSTRUCT { ?a ?b ?f } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?f ?a",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . BIND(CONCAT(STR(?a), STR(?b), STR(?c), STR(?d)) AS ?x) } ORDER BY ?x",
]  # fmt: skip


def test_queries_that_swell_take_no_more_than_all_may_take(attacked: Server) -> None:
    """Six at once; the budget is a quarter of the machine's memory and at most 4 GB."""
    from kg.service.memory import budget

    pid = attacked.process.pid
    rest = anonymous(pid)
    peak = 0
    done = threading.Event()

    def look() -> None:
        nonlocal peak
        while not done.wait(0.05):
            peak = max(peak, anonymous(pid))

    watching = threading.Thread(target=look)
    watching.start()
    with ThreadPoolExecutor(len(SWELL)) as pool:
        answers = list(
            pool.map(
                lambda q: httpx.get(f"{attacked.url}/sparql", params={"query": q}, timeout=60, trust_env=False), SWELL
            )
        )
    done.set()
    watching.join()
    assert {a.status_code for a in answers} <= {503, 504, 413}
    assert peak - rest < budget() * 1.4
    assert attacked.sparql("ASK {}").status_code == 200


LONG = ["的" * 4000, "比" * 4000, "“" * 4000, "绩效指标金额" * 600, "≥90%" * 1000, "2025年项目" * 500]


def test_long_questions_make_nobody_else_wait(server: Server) -> None:
    ask = {"question": "哪些项目服务高校毕业生？"}
    server.get("/api/ask", params=ask)
    with ThreadPoolExecutor(12) as pool:
        jobs = [
            pool.submit(httpx.get, f"{server.url}/api/search", params={"text": text}, timeout=60, trust_env=False)
            for text in LONG * 2
        ]
        time.sleep(0.5)
        for _ in range(3):
            began = time.monotonic()
            answer = httpx.get(f"{server.url}/api/ask", params=ask, timeout=60, trust_env=False)
            assert answer.status_code == 200, answer.text
            assert time.monotonic() - began < QUICK
        assert {job.result().status_code for job in jobs} <= {200, 503}


def order(*waiting: tuple[str, bool], most: int = 100, long_too: bool = True) -> list[str]:
    """Whose turn comes one after the other, for (client, long) in the order they came."""

    async def serve() -> list[str]:
        queue = Turns(most)
        for client, long in waiting:
            queue.add(Turn(client, long))
        return [f"{t.client}{'*' if t.long else ''}" for t in iter(lambda: queue.next(long_too), None)]

    return asyncio.run(serve())


@pytest.mark.parametrize(
    ("waiting", "served"),
    [
        ("aaab", "abaa"),
        ("aabbcc", "abcabc"),
        ("a*a*b", "ba*a*"),
        ("a*a*bbbbbb", "bbbba*bba*"),
        ("a*b*a*", "a*b*a*"),
        ("", ""),
    ],
)
def test_clients_take_turns_and_short_work_goes_first(waiting: str, served: str) -> None:
    came = [(c, waiting[n + 1 : n + 2] == "*") for n, c in enumerate(waiting) if c != "*"]
    assert "".join(order(*came)) == served


def test_a_full_queue_has_room_for_a_client_with_few() -> None:
    assert order(*[("a", False)] * 10, ("b", False), most=5) == ["a", "b", "a", "a", "a"]
    assert len(order(*[(str(n), False) for n in range(10)], most=5)) == 5
    assert order(("a", True), ("a", False), long_too=False) == ["a"]
    assert turns.is_long({"text": "x" * 301, "limit": 1})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("10.0.0.1", "10.0.0.2", False),
        ("::1", "127.0.0.1", False),
        ("", "", True),
        ("unix", "elsewhere", False),
    ],
)
def test_who_has_many_addresses_of_one_network_is_one_client(one: str, other: str, same: bool) -> None:
    assert (network(one) == network(other)) is same


# -- what is counted ----------------------------------------------------------------------------------------------


def test_metrics_do_not_grow_with_what_is_asked_for(server: Server) -> None:
    made: list[Callable[[int], tuple[str, str]]] = [
        lambda n: ("GET", f"/api/x{n}"),
        lambda n: ("GET", f"/api/ask{n}/y"),
        lambda n: ("PUT", f"/{n}"),
        lambda n: ("GET", f"/_nicegui/{n}"),
        lambda n: (("PROPFIND", "LOCK", "TRACE", "REPORT", "MKCOL")[n % 5], "/sparql"),
        lambda n: ("DELETE", f"/api/documents/{n}"),
    ]
    for make in made:
        server.client.request(*make(-1))
    before = len(server.get("/metrics").text.splitlines())
    for n in range(15):
        for make in made:
            server.client.request(*make(n))
    assert len(server.get("/metrics").text.splitlines()) - before < 12


@pytest.mark.parametrize("nested", ["{", "(", "FILTER(!", "OPTIONAL {", "EXISTS {", "UNION {} {"])
def test_deep_queries_are_refused_and_kill_nothing(server: Server, nested: str) -> None:
    query = "ASK { " + nested * 20_000 + " }" * 20_001
    answer = server.post("/sparql", content=query, headers={"Content-Type": "application/sparql-query"})
    assert answer.status_code == 400, answer.text
    assert server.sparql("ASK {}").status_code == 200


CHAINS = ["FILTER(1" + "+1" * 60_000 + ")", "{}" + "UNION {}" * 60_000, "OPTIONAL { ?s ?p 1 } " * 9_000, "FILTER(1=1) " * 60_000,
          "FILTER(" + "!" * 60_000 + "1)"]  # fmt: skip


@pytest.mark.parametrize("chain", CHAINS, ids=[c[:20] for c in CHAINS])
def test_a_chain_too_long_for_the_engine_is_refused_at_the_endpoint(attacked: Server, chain: str) -> None:
    answer = attacked.post(
        "/sparql", content=f"ASK {{ {chain} }}", headers={"Content-Type": "application/sparql-query"}
    )
    assert answer.status_code in (200, 400, 413, 503, 504), answer.text
    assert json.loads(answer.text)
    assert attacked.sparql("ASK {}").status_code == 200
