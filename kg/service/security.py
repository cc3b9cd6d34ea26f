"""Who may do what: host names, origins, the token, and the headers every answer carries.

- DNS rebinding: only the names the service is meant to be called by are answered.
- CSRF: what changes something, and every web socket, must come from a page of this very host or carry the
  token in its header, which no foreign page can add.
- Reading is open on the loopback; elsewhere it needs the token. Writing always needs it.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.service.problems import MEDIA_TYPE, Problem
from kg.service.settings import Settings

COOKIE = "kg_token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
READING_POSTS = ("/sparql", "/api/ask", "/mcp")  # POST that changes nothing: programs without an Origin may
OPEN = ("/healthz", "/readyz", "/login")
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

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

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self.most = settings.limits.upload_bytes + (1 << 20)
        own = settings.host if ":" not in settings.host else f"[{settings.host}]"
        self.names = LOOPBACK_NAMES | {own.lower(), *(h.lower() for h in settings.hosts)}
        self.loopback = settings.loopback
        if not self.loopback:
            self.names |= {socket.gethostname().lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope["kg_writer"] = self.knows(headers)
        problem = self.refusal(scope, headers)
        if scope["type"] == "websocket":
            if problem:
                await send({"type": "websocket.close", "code": 1008})
                return
            await self.app(scope, receive, send)
            return
        nonce = scope["kg_nonce"] = secrets.token_urlsafe(12)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
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
        await self.app(scope, self._bounded(receive), with_headers)

    def _bounded(self, receive: Receive) -> Receive:
        """Requests without a length are cut off where those with one are refused."""
        left = self.most

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            if message["type"] == "http.request":
                left -= len(message.get("body", b""))
                if left < 0:
                    raise HTTPException(413)
            return message

        return bounded

    def knows(self, headers: Headers) -> bool:
        """Whether the request carries the token, in its header or in the page's cookie."""
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            given = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        return hmac.compare_digest(given.strip().encode(), self.settings.token.encode())

    def refusal(self, scope: Scope, headers: Headers) -> Problem | None:
        """Why a request is not let in, None where it is."""
        host = headers.get("host", "")
        if not self._own(host):
            return Problem(421, f"不接受主机名“{host[:80]}”：请用 --allow-host 允许它")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self.most:
            return Problem(413, f"请求超过 {self.most >> 20} MB")
        path, method = scope["path"], scope.get("method", "GET")
        bearer = headers.get("authorization", "").lower().startswith("bearer ")
        origin = headers.get("origin")
        crosses = origin is not None and urlsplit(origin).netloc.lower() != host.lower()
        if (scope["type"] == "websocket" or method not in SAFE) and crosses and not bearer:
            return Problem(403, "请求来自别的网站，被拒绝")
        if scope["type"] == "websocket" and origin is None and not bearer:
            return Problem(403, "网页之外的连接需要口令")
        if not self.loopback and not scope["kg_writer"] and path not in OPEN:
            return Problem(401, "需要口令：请在请求头 Authorization: Bearer 中给出", {"WWW-Authenticate": "Bearer"})
        writes = method not in SAFE and path not in (*OPEN, *READING_POSTS)
        if writes and not scope["kg_writer"]:
            return Problem(401, "写入需要口令：请在请求头 Authorization: Bearer 中给出", {"WWW-Authenticate": "Bearer"})
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


async def refuse(problem: Problem, scope: Scope, headers: Headers, send: Send) -> None:
    """Answer with a problem; a browser that lacks the token is shown the page that asks for it."""
    if problem.status == 401 and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
        await send({"type": "http.response.start", "status": 303, "headers": [(b"location", b"/login")]})
        await send({"type": "http.response.body", "body": b""})
        return
    fields = [(b"content-type", MEDIA_TYPE.encode())]
    fields += [(k.lower().encode(), v.encode()) for k, v in problem.headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": fields})
    await send({"type": "http.response.body", "body": problem.body(scope["path"])})
