"""Who may do what: host names, origins, the token, the sizes of requests, and the headers every answer carries.

- Sizes are looked at before anything is parsed.
- DNS rebinding: only the names the service is meant to be called by are answered.
- CSRF: what comes from a page of another site is refused, but for opening a page. What changes something, and every
  web socket, must come from a page of this very host or carry the token in its header, which no foreign page can add.
- Reading is open on the loopback; elsewhere it needs a token. Reviewing and writing always do, from one of that role.
- A name in the sign-on header counts only where a known proxy is at the other end of the connection.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.service.access import COOKIE, Access
from kg.service.people import CALLED, Person, by_name
from kg.service.problems import MEDIA_TYPE, Problem
from kg.service.settings import Settings
from kg.service.turns import CLIENT

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
READING_POSTS = ("/sparql", "/api/ask", "/mcp")  # POST that changes nothing: programs without an Origin may
PROGRAMS = (
    "/sparql",
    "/api",
    "/mcp",
    "/metrics",
    "/readyz",
)  # for programs, not to be opened from pages of other sites
REVIEWING = ("/api/duplicates/reviews", "/api/scans")  # decisions, which change nothing that was read
OPEN = ("/healthz", "/readyz", "/login")
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

HEADER_BYTES = 8 << 10  # of one header
HEADERS_BYTES = 32 << 10  # of all
COOKIE_BYTES = 4 << 10
HEADERS_COUNT = 100
SINGLE = frozenset({b"host", b"content-length", b"authorization", b"origin", b"content-type", b"sec-fetch-site"})
LENGTH = re.compile(r"[0-9]{1,15}\Z")
ORIGIN = re.compile(r"https?://([^/?#@\\\s]+)\Z", re.IGNORECASE)
SESSION = re.compile(r"[A-Za-z0-9_-]{20,100}\Z")

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Guard:
    """ASGI middleware in front of everything."""

    def __init__(self, app: ASGIApp, settings: Settings, access: Access) -> None:
        self.app, self.settings, self.access = app, settings, access
        limits = settings.limits
        self.bodies = {
            "/api/documents": limits.upload_bytes + (1 << 20),
            "/sparql": limits.query_bytes * 3,
            "/api/ask": limits.json_bytes,
            "/mcp": limits.json_bytes,
        }
        own = settings.host if ":" not in settings.host else f"[{settings.host}]"
        self.names = LOOPBACK_NAMES | {own.lower(), *(h.lower() for h in settings.hosts)}
        self.loopback = settings.loopback
        if not self.loopback:
            self.names |= {socket.gethostname().lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        CLIENT.set(scope["client"][0] if scope.get("client") else "")
        problem = oversized(scope)
        headers = Headers(scope=scope)
        scope["kg_person"], scope["kg_session"] = None, ""
        if not problem:
            problem = self.refusal(scope, headers)
            # Nobody behind this needs cookies, and readers of cookies can be kept busy by them.
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
        if scope["type"] == "websocket":
            if problem:
                await send({"type": "websocket.close", "code": 1008})
                return
            await self.app(scope, receive, send)
            return
        nonce = scope["kg_nonce"] = secrets.token_urlsafe(12)

        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                found = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    found.setdefault(name, value)
                if found.get("content-type", "").startswith("text/html"):
                    found.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce))
                    found["Cache-Control"] = "no-store"
            await send(message)

        if problem:
            await refuse(problem, scope, headers, with_headers)
            return
        try:
            await self.app(scope, self._bounded(scope, receive), with_headers)
        except HTTPException as error:  # of a body that is too long, under what has no handler of its own
            if started:
                raise
            await refuse(Problem(error.status_code, "请求太大"), scope, headers, with_headers)

    def most(self, scope: Scope) -> int:
        """Bytes that the body of a request may have."""
        path = scope["path"]
        if path.startswith("/_nicegui/") and scope["kg_person"] and scope["kg_person"].may("write"):
            return self.bodies["/api/documents"]
        return self.bodies.get(path, self.settings.limits.body_bytes)

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """Requests without a length are cut off where those with one are refused."""
        left = self.most(scope)

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            if message["type"] == "http.request":
                left -= len(message.get("body", b""))
                if left < 0:
                    raise HTTPException(413)
            return message

        return bounded

    def knows(self, scope: Scope, headers: Headers) -> Person | None:
        """Who asks: by a token in the header, the page's session, or the sign-on proxy. Raises Problem for guesses."""
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            client = scope.get("client")
            return self.access.knows(given.encode("latin-1"), client[0] if client else "")
        scope["kg_session"] = session(headers)
        if scope["kg_session"] and (person := self.access.has(scope["kg_session"])):
            return person
        if self.settings.sso_header and scope.get("kg_by_proxy"):
            names = [v for k, v in scope["headers"] if k == self.settings.sso_header.lower().encode()]
            return by_name(self.settings.people, names[0]) if len(names) == 1 else None
        return None

    def refusal(self, scope: Scope, headers: Headers) -> Problem | None:
        """Why a request is not let in, None where it is."""
        host = headers.get("host", "")
        if not self._own(host):
            return Problem(421, f"不接受主机名“{host[:80]}”：请用 --allow-host 允许它")
        try:
            person = scope["kg_person"] = self.knows(scope, headers)
        except Problem as guessed:
            return guessed
        path, method = scope["path"], scope.get("method", "GET")
        if method not in METHODS:
            return Problem(501, f"不支持方法 {method[:20]}")
        length = headers.get("content-length", "0")
        if not LENGTH.match(length):
            return Problem(400, "Content-Length 应为十进制整数")
        if int(length) > self.most(scope):
            return Problem(413, f"请求超过 {self.most(scope) >> 10} KB")
        if problem := self._foreign(scope, headers, host):
            return problem
        if not self.loopback and not person and path not in OPEN:
            return Problem(401, "需要口令：请在请求头 Authorization: Bearer 中给出", {"WWW-Authenticate": "Bearer"})
        if method in SAFE or path in OPEN or path.rstrip("/") in READING_POSTS:
            return None
        if not person:
            return Problem(401, "写入需要口令：请在请求头 Authorization: Bearer 中给出", {"WWW-Authenticate": "Bearer"})
        needed = "review" if path.rstrip("/") in REVIEWING else "read" if path == "/logout" else "write"
        if not person.may(needed):
            return Problem(
                403, f"{person.name}的权限是{CALLED[person.role]}，不能{CALLED[needed]}：请管理员在人员文件里改"
            )
        return None

    def _foreign(self, scope: Scope, headers: Headers, host: str) -> Problem | None:
        """Whether a request comes from a page of another site and is more than the opening of a page of this one."""
        if headers.get("authorization", "").lower().startswith("bearer "):
            return None  # no page of another site can add it
        origin = headers.get("origin")
        if scope["type"] == "websocket" and origin is None:
            return Problem(403, "网页之外的连接需要口令")
        safe = scope.get("method", "GET") in SAFE and scope["type"] == "http"
        programs = f"{scope['path']}/".startswith(tuple(f"{p}/" for p in PROGRAMS))
        crosses = origin is not None and _place(origin) != host.lower()
        elsewhere = headers.get("sec-fetch-site", "none").lower() not in ("same-origin", "none")
        opens = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        if (crosses and (programs or not safe)) or (elsewhere and (programs or not safe or not opens)):
            return Problem(403, "请求来自别的网站，被拒绝")
        return None

    def _own(self, host: str) -> bool:
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and ":" in host else host
        if name.lower() in self.names:
            return True
        if self.loopback:
            return False
        try:  # a bare address cannot be rebound
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True


def oversized(scope: Scope) -> Problem | None:
    """Headers beyond their bounds, or given twice where only one may be."""
    found: list[tuple[bytes, bytes]] = scope["headers"]
    total, seen = 0, set()
    for name, value in found:
        size = len(name) + len(value)
        total += size
        if size > HEADER_BYTES or (name == b"cookie" and size > COOKIE_BYTES):
            return Problem(431, f"请求头 {name[:40].decode('latin-1')} 太长")
        if name in SINGLE and name in seen:
            return Problem(400, f"请求头 {name.decode('latin-1')} 只能有一个")
        seen.add(name)
    if total > HEADERS_BYTES or len(found) > HEADERS_COUNT:
        return Problem(431, "请求头太多或太长")
    return None


def session(headers: Headers) -> str:
    """The session in the cookie, empty without one."""
    for cookies in headers.getlist("cookie"):
        for part in cookies.split(";"):
            name, _, value = part.partition("=")
            if name.strip() == COOKIE and SESSION.match(value.strip()):
                return value.strip()
    return ""


def _place(origin: str) -> str:
    """Host and port of a page's origin, empty for what is none. A proxy may speak TLS for us: the scheme is either."""
    found = ORIGIN.match(origin)
    return found[1].lower() if found else ""


async def refuse(problem: Problem, scope: Scope, headers: Headers, send: Send) -> None:
    """Answer with a problem; a browser that lacks the token is shown the page that asks for it."""
    if problem.status == 401 and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
        await send({"type": "http.response.start", "status": 303, "headers": [(b"location", b"/login")]})
        await send({"type": "http.response.body", "body": b""})
        return
    fields = [(b"content-type", MEDIA_TYPE.encode())]
    fields += [(k.lower().encode(), v.encode()) for k, v in problem.headers.items()]
    body = problem.body(scope["path"])
    fields.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": problem.status, "headers": fields})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
