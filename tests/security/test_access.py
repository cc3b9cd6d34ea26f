"""Who knows the token, who may guess it, what is told of those who do not get in, and requests beside the usual."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from command import Run, one_error
from hypothesis import given
from hypothesis import strategies as st
from service import AS_WRITER, TOKEN, Server
from websockets.sync.client import connect

from kg.graph.review import ACCEPTED, NOTED, REJECTED, Reviews, reviewed
from kg.service import access, logs
from kg.service.access import Access
from kg.service.problems import Problem

CHINESE = "口令是中文的 é"


@pytest.fixture(scope="module")
def behind(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that everyone needs the token of, behind a proxy on this machine."""
    log = tmp_path_factory.mktemp("behind") / "log"
    options = ("--host", "0.0.0.0", "--token", CHINESE, "--proxy", "127.0.0.1")
    with Server(sample_data, *options, log=log) as running:
        running.url = running.url.replace("0.0.0.0", "127.0.0.1")
        running.client.base_url = httpx.URL(running.url)
        yield running


def bearer(token: bytes) -> dict[str, bytes]:
    return {"Authorization": b"Bearer " + token}


def from_(client: str) -> dict[str, str]:
    return {"X-Forwarded-For": client}


# -- the token and the session -------------------------------------------------------------------------------------


def test_a_token_that_is_not_ascii_works(behind: Server) -> None:
    assert behind.get("/api/projects", headers=bearer(CHINESE.encode())).status_code == 200
    assert behind.get("/api/projects", headers=bearer(CHINESE.encode()[:-1])).status_code == 401
    entered = httpx.post(f"{behind.url}/login", data={"token": CHINESE}, trust_env=False)
    assert entered.status_code == 303
    cookie = entered.headers["set-cookie"]
    name, _, value = cookie.partition(";")[0].partition("=")
    assert CHINESE not in cookie
    assert behind.get("/api/projects", headers={"Cookie": f"{name}={value}"}).status_code == 200
    assert behind.get("/api/projects", headers={"Cookie": f"a=1; {name}={value} ; b"}).status_code == 200
    for wrong in (
        f"{name}={value}x",
        f"{name}={value[:-1]}",
        f"x{name}={value}",
        f'{name}="{value}"',
        f"{name}=",
        name,
    ):
        assert behind.get("/api/projects", headers={"Cookie": wrong}).status_code == 401, wrong
    assert behind.post("/logout", headers={"Cookie": f"{name}={value}", **_same(behind)}).status_code == 303
    assert behind.get("/api/projects", headers={"Cookie": f"{name}={value}"}).status_code == 401


def _same(server: Server) -> dict[str, str]:
    return {"Origin": server.url}


@pytest.mark.parametrize(
    "token", [" leading-space", "trailing-space ", "line\nfeed-token", "tab\ttab-token", "bell\x07-token", "short"]
)
def test_a_token_that_no_header_can_carry_is_refused_at_the_start(kg_run: Run, sample_data: Path, token: str) -> None:
    one_error(kg_run("serve", "--data", sample_data, "--token", token), "口令")


@pytest.mark.parametrize("proxy", ["localhost", "10.0.0.0/40", "*", "", "10.0.0"])
def test_a_proxy_is_named_by_its_address(kg_run: Run, sample_data: Path, proxy: str) -> None:
    one_error(kg_run("serve", "--data", sample_data, "--token", "long-enough", "--proxy", proxy), "--proxy")


@given(st.text(min_size=8, max_size=30).filter(lambda t: t == t.strip() and t.isprintable()), st.binary(max_size=40))
def test_only_the_token_is_the_token(token: str, other: bytes) -> None:
    who = Access(token)
    assert who.knows(token.encode(), "a")
    same = {token.encode()} | ({token.encode("latin-1")} if all(ord(c) < 256 for c in token) else set())
    assert bool(who.knows(other, "b")) is (other.strip(b" \t") in same)


def test_sessions_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(access.time, "monotonic", lambda: now)
    who = Access("long-enough")
    first = who.enter()
    now += access.SESSION_SECONDS - 1
    assert who.has(first)  # which begins its time anew
    now += access.SESSION_SECONDS - 1
    assert who.has(first)
    now += access.SESSION_SECONDS + 1
    assert not who.has(first)
    names = [who.enter() for _ in range(access.SESSIONS + 5)]
    assert [who.has(name) for name in names].count(None) == 5
    assert not who.has("")


# -- guesses -------------------------------------------------------------------------------------------------------


def test_guesses_are_slowed_for_who_guesses_only(behind: Server) -> None:
    said = [
        behind.get("/api/projects", headers={**bearer(b"guess%d" % n), **from_("10.1.1.1")}).status_code
        for n in range(30)
    ]
    assert said[:10] == [401] * 10
    assert said.count(429) >= 15
    late = behind.get("/api/projects", headers={**bearer(CHINESE.encode()), **from_("10.1.1.1")})
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) <= 60
    assert behind.get("/api/projects", headers={**bearer(CHINESE.encode()), **from_("10.1.1.2")}).status_code == 200
    pages = [
        behind.post("/login", data={"token": f"guess{n}"}, headers=from_("10.1.1.3")).status_code for n in range(15)
    ]
    assert pages[:10] == [403] * 10
    assert 429 in pages[10:]


def test_time_pays_for_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(access.time, "monotonic", lambda: now)
    who = Access("long-enough")
    right = b"long-enough"
    for _ in range(access.GUESSES):
        assert not who.knows(b"wrong", "1.2.3.4")
    for client in ("1.2.3.4",):
        with pytest.raises(Problem):
            who.knows(right, client)
    assert who.knows(right, "1.2.3.5")
    now += access.GUESS_SECONDS
    assert who.knows(right, "1.2.3.4")
    assert not who.knows(b"wrong", "1.2.3.4")
    with pytest.raises(Problem):
        who.knows(right, "1.2.3.4")
    for n in range(access.GUESSES):  # of IPv6 one network, whatever its addresses
        assert not who.knows(b"wrong", f"2001:db8::{n}")
    with pytest.raises(Problem):
        who.knows(right, "2001:db8::ffff")
    assert who.knows(right, "2001:db8:1::1")
    for n in range(access.CLIENTS + 10):
        who.knows(b"wrong", f"client {n}")
    assert len(who._wrong) <= access.CLIENTS


# -- what is told of it ----------------------------------------------------------------------------------------------


def lines(server: Server, path: str) -> list[dict[str, object]]:
    """The log's lines on a path; they are written when the answer is on its way."""
    for _ in range(100):
        found = [json.loads(line) for line in server.text().splitlines() if line.startswith("{")]
        if mine := [one for one in found if one.get("path") == path]:
            return mine
        time.sleep(0.05)
    return []


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/refused-1", {"Host": "evil.example"}, 421),
        ("/api/refused-2", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        (
            "/api/refused-3",
            {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
            403,
        ),
        ("/api/refused-4", {"Origin": "http://evil.example"}, 403),
        ("/api/refused-5", {"Cookie": "x" * 5000}, 431),
        ("/refused-6", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403),
    ],
)
def test_what_is_refused_is_logged_and_counted(server: Server, path: str, headers: dict[str, str], status: int) -> None:
    def count() -> float:
        found = re.findall(
            rf'kg_requests_total\{{method="GET",route="[^"]*",status="{status}"\}} (\S+)', server.get("/metrics").text
        )
        return sum(map(float, found))

    before = count()
    assert server.get(path, headers=headers).status_code == status
    assert count() == before + 1
    assert [one["status"] for one in lines(server, path)] == [status]


def test_a_token_that_is_wrong_is_logged(behind: Server) -> None:
    behind.get("/api/logged-401", headers={**bearer(b"wrong"), **from_("10.2.2.2")})
    assert [(one["status"], one["client"]) for one in lines(behind, "/api/logged-401")] == [(401, "10.2.2.2")]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP", "X-Forwarded-Host"])
def test_nobody_who_is_not_a_named_proxy_says_who_asks(server: Server, header: str) -> None:
    path = f"/api/from-{header}"
    server.get(path, headers={header: "for=203.0.113.9" if header == "Forwarded" else "203.0.113.9"})
    assert [one["client"] for one in lines(server, path)] == ["127.0.0.1"]


FORGED = '{"time":"2025-01-01T00:00:00.000+00:00","method":"DELETE","path":"/forged","status":200}'
ENDS = ["\n", "\r\n", "\r", "\u2028", "\x85", "\x0b", "\x1b[2K\r"]


@pytest.mark.parametrize("end", ENDS, ids=[repr(e) for e in ENDS])
def test_no_line_of_the_log_is_of_a_clients_making(server: Server, end: str) -> None:
    with connect(
        server.url.replace("http", "ws") + "/_nicegui_ws/socket.io/?EIO=4&transport=websocket",
        origin=server.url,  # type: ignore[arg-type]
        proxy=None,
    ) as line:
        text = end + FORGED + end
        line.recv(5)
        line.send("40")
        line.send("42" + json.dumps([text, {"x": text}]))
        line.send("42" + json.dumps(["event", {"client_id": text, "listener_id": text, "args": [text]}]))
        line.send("42" + json.dumps(["handshake", {"client_id": text, "tab_id": text, "document_id": text}]))
        line.send("42" + json.dumps(["log", {"client_id": text, "level": "error", "message": text}]))
        line.send("9" + text)
        line.send(text)
    server.get(f"/api/{httpx.URL('http://x/').join('?' + 'a').path}", params={"q": end + FORGED})
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 10) as bare:
        bare.sendall(f"GET /api/x{FORGED!r} HTTP/1.1\r\nHost: x{end}{FORGED}\r\n\r\n".encode())
        bare.recv(100)
    written = server.text()
    for each in re.split("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", written):
        assert not each.startswith('{"time":"2025'), each
        assert "\x1b" not in each


@given(st.text(max_size=200))
def test_a_line_is_one_line(text: str) -> None:
    said = logs.line(message=text)
    assert len(said.splitlines()) == 1
    assert said.rstrip("\n").isprintable() or all(
        c == "\u3000" or c.isspace() or ord(c) > 159 for c in said if not c.isprintable() and c != "\n"
    )
    assert json.loads(said)["message"].encode("utf-8", "surrogatepass") == text.encode("utf-8", "surrogatepass")


# -- names, pages, paths -----------------------------------------------------------------------------------------------


HOSTS = ["127.0.0.1.evil.example", "localhost.", "127.1", "2130706433", "[::ffff:127.0.0.1]", "PORT:80", "evil@127.0.0.1", "127.0.0.1#x",
         "127.0.0.1:", "", "localhost:8000/x", "127.0.0.1,evil.example", "0.0.0.0", "xn--localhost", "127.0.0.1:８", "lоcalhost", "127.0.0.1 x"]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_only_the_loopback_s_own_names_are_answered(server: Server, host: str) -> None:
    host = host.replace("PORT", server.url.removeprefix("http://"))
    port = int(server.url.rpartition(":")[2])
    for line in ("GET /api/projects HTTP/1.1", f"GET {server.url}/api/projects HTTP/1.1", "GET /api/projects HTTP/1.0"):
        with socket.create_connection(("127.0.0.1", port), 10) as bare:
            bare.sendall(f"{line}\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            assert bare.recv(1000).split(b" ")[1] in (b"421", b"400")
    with socket.create_connection(("127.0.0.1", port), 10) as bare:
        bare.sendall(b"GET /api/projects HTTP/1.0\r\n\r\n")
        assert bare.recv(1000).split(b" ")[1] == b"421"


ORIGINS = ["null", "", "http://HOST.evil.example", "http://HOST@evil.example", "http://evil@HOST", "file://", "//HOST", "ftp://HOST", "http://HOST/",
           "http://HOST#", "http://HOST\\x", "http:///HOST", "http://localhost:PORT", "http://127.0.0.1", "http://[::1]:PORT",
           "http://HOST http://evil.example", "chrome-extension://HOST", "HOST", "http://evil.example#@HOST"]  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_page_of_any_other_origin_is_refused(server: Server, origin: str) -> None:
    host = server.url.removeprefix("http://")
    headers = {
        "Origin": origin.replace("HOST", host).replace("PORT", host.partition(":")[2]),
        "Cookie": server.session(),
    }
    for answer in (
        server.get("/sparql?query=ASK%20%7B%7D", headers=headers),
        server.post("/api/ask", json={"question": "x"}, headers=headers),
        server.post("/logout", headers=headers),
        server.client.delete("/api/documents/x", headers=headers),
    ):
        assert answer.status_code == 403
    own = {"Origin": server.url, "Cookie": headers["Cookie"]}
    assert server.client.delete("/api/documents/x", headers=own).status_code == 404


@pytest.mark.parametrize(
    "given",
    ["Bearer", f"Bearer {TOKEN},x", f'Bearer "{TOKEN}"', f"Token {TOKEN}", f"Bearer\t{TOKEN}", f"Basic {TOKEN}", f"Bearer {TOKEN}\xf1",
     f"Bearer {TOKEN[:-1]}", TOKEN],
)  # fmt: skip
def test_nothing_but_the_token_lets_in(behind: Server, given: str) -> None:
    given = given.replace(TOKEN, "testing-token")
    headers = {"Authorization": given.encode("latin-1"), **from_("10.3.3.3")}
    assert behind.client.delete("/api/documents/x", headers=headers).status_code in (401, 429)
    for path in ("/api/projects?token=", "/api/projects?access_token=", "/?Authorization=Bearer%20"):
        assert behind.get(path + CHINESE).status_code == 401
    for way in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        answer = behind.get("/api/documents/x", headers={way: "DELETE", **bearer(CHINESE.encode())})
        assert answer.status_code == 405


PATHS = ["//sparql?query=ASK{}", "/SPARQL?query=ASK{}", "/sparql;x?query=ASK{}", "/api/../metrics", "/./metrics", "/api/%2e%2e/metrics", "/metrics%00",
         "/%2e%2e/%2e%2e/etc/passwd", "/style.css/../../../etc/passwd", "/_nicegui/x/static/..%2f..%2f..%2fetc%2fpasswd",
         "/_nicegui/x/resources/%2e%2e/%2e%2e/etc/passwd", "/api/documents/..%2f..%2fCURRENT/original", "/api/documents/%2e%2e/original",
         "/jixiao/../../etc/passwd", "/\\..\\..\\etc", "/%ff%fe", "/%ed%a0%80", "/resource?iri=http://evil.example/",
         "/resource?iri=javascript:alert(1)", "/resource?iri=//evil.example", "/.git/config", "/originals/x", "*"]  # fmt: skip


def test_paths_lead_nowhere_else(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    for path in PATHS:
        with socket.create_connection(("127.0.0.1", port), 10) as bare:
            bare.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            said = b"".join(iter(lambda: bare.recv(65536), b""))
        assert said.split(b" ")[1] in (b"404", b"405", b"400"), path
        assert b"root:" not in said


NEXT = ["//evil.example", "/\\evil.example", "https:evil.example", "\n//evil.example", "/\r\nSet-Cookie: a=b", "/\t/evil.example", "\\\\evil.example",
        "javascript:alert(1)", "/\u0000", " //evil.example", "http://evil.example"]  # fmt: skip


@pytest.mark.parametrize("target", NEXT)
def test_after_the_token_one_stays_here(server: Server, target: str) -> None:
    entered = httpx.post(f"{server.url}/login", data={"token": TOKEN, "next": target}, trust_env=False)
    assert entered.status_code == 303
    assert re.fullmatch(r"/(?![/\\])[^\s\\]*", entered.headers["location"])
    assert entered.headers.get_list("set-cookie") == [entered.headers["set-cookie"]]
    assert "a=b" not in entered.headers["set-cookie"]


# -- as the standards say -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/projects", "/api/projects", "/api/documents", "/healthz", "/metrics", "/sparql", "/login",
                                  "/api/openapi.json", "/.well-known/void", "/style.css", "/jixiao/ontology"])  # fmt: skip
def test_head_is_get_without_the_body(server: Server, path: str) -> None:
    head, get = server.client.head(path), server.get(path)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/api/ask", 405),
        ("PATCH", "/api/documents", 405),
        ("POST", "/api/projects", 405),
        ("DELETE", "/api/ask", 405),
        ("GET", "/api/documents/x", 405),
        ("GET", "/mcp", 405),
        ("DELETE", "/mcp", 405),
        ("PUT", "/sparql", 405),
        ("OPTIONS", "/api/ask", 405),
        ("PUT", "/api/none", 404),
        ("POST", "/none", 404),
        ("TRACE", "/api/ask", 501),
        ("PROPFIND", "/", 501),
        ("LOCK", "/sparql", 501),
    ],
)
def test_a_method_that_is_not_declared(server: Server, method: str, path: str, status: int) -> None:
    answer = server.client.request(method, path, headers=AS_WRITER)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith(("application/problem+json", "text/html"))
    if status == 405:
        allowed = answer.headers["allow"].split(", ")
        assert method not in allowed
        assert ("GET" in allowed) == ("HEAD" in allowed)
        assert allowed


@pytest.mark.parametrize("path", ["/sparql/", "/mcp/"])
def test_an_endpoint_with_a_slash_at_its_end_is_where_it_always_is(server: Server, path: str) -> None:
    answer = server.get(f"{path}?query=ASK%20%7B%7D", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, f"{path[:-1]}?query=ASK%20%7B%7D")
    posted = server.post("/sparql/", data={"query": "ASK {}"}, follow_redirects=True)
    assert posted.json()["boolean"] is True, posted.text


def test_every_schema_that_is_referred_to_is_there(server: Server) -> None:
    described = server.get("/api/openapi.json").text
    schemas = json.loads(described)["components"]["schemas"]
    assert set(re.findall(r'"#/components/schemas/([^"]+)"', described)) <= set(schemas)
    assert {"status", "title", "detail"} <= set(schemas["Problem"]["properties"])


# -- the last word ---------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.sampled_from([ACCEPTED, REJECTED, NOTED]), st.integers(2000, 2040)), min_size=1, max_size=6)
)
def test_the_last_decision_counts_whatever_the_clock_said(said: list[tuple[str, int]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        kept = Reviews(Path(folder))
        taken = [
            reviewed("urn:a", "urn:b", d, note=str(n), at=f"{year}-01-01T00:00:00+00:00")
            for n, (d, year) in enumerate(said)
        ]
        for one in taken:
            kept.add([one])
        assert [r.note for r in kept.all()] == [r.note for r in taken]
        decided = [r for r in taken if r.decision != NOTED] or taken
        assert kept.latest()["urn:a", "urn:b"].note == decided[-1].note


def test_the_token_of_these_tests_is_not_written_anywhere(server: Server) -> None:
    assert TOKEN not in server.text()
