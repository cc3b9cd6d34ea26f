"""The page: NiceGUI over the same jobs. Its assets travel in its wheel, so nothing is loaded from elsewhere.

Each tab is an address of its own, so every view can be linked to. What comes from data is put into HTML by
``Markup.format`` only, which escapes it.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

from kg.service.faults import say_faults
from kg.service.service import Service

TITLE = "绩效目标表知识图谱"
FILES = re.compile(r"/_nicegui/[^/]+/(static|esm|components|libraries|resources|dynamic_resources)/")


def install(app: FastAPI, service: Service) -> None:
    """Put the pages under the application."""
    # NiceGUI would keep storage in the working directory; nothing here uses it.
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(Path(tempfile.gettempdir()) / f"kg-page-{os.getpid()}"))
    from nicegui import app as nicegui_app
    from nicegui import core, ui

    from kg.service.pages import ask, data, duplicates, graph, indicators, pivot, projects, query

    for module in (ask, projects, indicators, pivot, graph, duplicates, query, data):
        module.pages(service)
    style = Path(__file__).with_name("style.css")
    nicegui_app.add_static_file(local_file=style, url_path="/style.css", max_cache_age=3600)
    version = hashlib.sha256(style.read_bytes()).hexdigest()[:8]
    ui.add_head_html(f'<link rel="stylesheet" href="/style.css?{version}">', shared=True)
    core.app.config.quasar_config["brand"]["primary"] = "#0b5c8a"
    core.sio.eio.cors_allowed_origins = None  # NiceGUI lets any page connect
    core.app.config.socket_io_js_transports = ["websocket"]
    _nonces()
    say_faults(core.app)
    ui.run_with(
        app, title=TITLE, language="zh-CN", tailwind=False, favicon="📊", show_welcome_message=False, reconnect_timeout=10.0,
        dark=None, storage_secret=None, gzip_middleware_factory=Compressed,
    )  # fmt: skip


class Compressed(GZipMiddleware):
    """Compresses the files that are the same for everybody. Pages hold what is one reader's beside what he asked for:
    compressed, their lengths could tell of it.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (FILES.match(scope["path"]) or scope["path"] == "/style.css"):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _nonces() -> None:
    """Give the scripts of NiceGUI's own template the nonce of the response: a script from data would have none."""
    from jinja2 import DictLoader
    from nicegui import client

    environment: Any = client.templates.env
    source = environment.loader.get_source(environment, "index.html")[0]
    source = re.sub(r"<script\b", '<script nonce="{{ request.scope.kg_nonce }}"', source)
    environment.loader = DictLoader({"index.html": source})
    environment.cache.clear()
