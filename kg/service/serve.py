"""``kg serve`` and ``kg mcp``: start, say where, stop cleanly."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from kg.errors import KgError
from kg.service import logs
from kg.service.lanes import GoneError
from kg.service.settings import Settings
from kg.service.wire import prepare

DRAIN_SECONDS = 15


def serve(settings: Settings, *, shown_token: bool) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises KgError where the data or the port cannot be opened.

    ``shown_token``: say the token, which was made up for this run.
    """
    _check(settings)
    prepare()
    listener = _listen(settings)
    logs.set_up()
    import uvicorn

    from kg.service.app import create
    from kg.service.connections import bounded

    app = create(settings)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{listener.getsockname()[1]}/"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                print(f"服务已启动：{address}（Ctrl-C 停止）", file=sys.stderr, flush=True)
                if settings.token and shown_token:
                    print(
                        f"写入口令：{settings.token}（上传、移除、审阅时要用；用 --token 固定）",
                        file=sys.stderr,
                        flush=True,
                    )

    config = uvicorn.Config(
        behind_proxies(app, settings.proxies), log_config=None, access_log=False, timeout_graceful_shutdown=DRAIN_SECONDS, server_header=False,
        ws_max_size=4 << 20, ws_max_queue=8, lifespan="on", timeout_keep_alive=30, http=bounded(),
        proxy_headers=False, backlog=512,
    )  # fmt: skip
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # uvicorn raises them once more when it has stopped
    server = Server(config)
    server.run(sockets=[listener])
    if not server.started:
        raise KgError("服务没有启动：原因见上面的日志")


def behind_proxies(app: ASGIApp, proxies: Sequence[str]) -> ASGIApp:
    """Believe the forwarding headers of these addresses, and say (``kg_by_proxy``) that one of them is at the other end."""
    if not proxies:
        return app
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    networks = [ipaddress.ip_network(proxy) for proxy in proxies]
    inner: Any = ProxyHeadersMiddleware(app, trusted_hosts=list(proxies))  # type: ignore[arg-type]

    async def marked(scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client:
            scope["kg_by_proxy"] = any(ipaddress.ip_address(client[0]) in network for network in networks)
        await inner(scope, receive, send)

    return marked


def mcp(settings: Settings) -> None:
    """Speak MCP on standard input and output."""
    _check(settings)
    prepare()
    from kg.service.mcp import stdio
    from kg.service.service import Service

    async def run() -> None:
        await stdio(Service(settings))

    try:
        asyncio.run(run())
    except GoneError as error:
        raise KgError(f"数据打不开：{error}") from None


def _check(settings: Settings) -> None:
    """Open the data once, so that what is wrong with it is said in one line."""
    from kg.graph.generations import DataDirectory

    DataDirectory(settings.data).open().close()


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise KgError(
            f"不能在 {settings.host}:{settings.port} 上监听：{getattr(error, 'strerror', error)}；请换 --host 或 --port"
        ) from None
    return listener
