"""Every IRI of the data opens: the same path on this host gives the thing as a page, Turtle or JSON-LD."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kg.service.formats import GRAPHS, negotiate
from kg.service.problems import Problem
from kg.service.service import Service
from ontology import GRAPH, JX, PREFIXES

VOCABULARY = urlsplit(GRAPH)
OWN = f"{VOCABULARY.scheme}://{VOCABULARY.netloc}"
ROOT = f"{VOCABULARY.path.rpartition('/')[0]}/"  # below it lie the vocabulary's IRIs: /jixiao/

STYLE = (
    "body{font:16px/1.6 system-ui,'Noto Sans CJK SC',sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1c2733}"
    "h1{font-size:1.4rem}table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}td{border-top:1px solid #dde4ea;"
    "padding:.35rem .5rem;vertical-align:top;overflow-wrap:anywhere}td:first-child{width:12rem;color:#52616f}a{color:#0b5c8a}"
    "code{font-size:.8rem;color:#52616f;overflow-wrap:anywhere}"
)
DARK = "@media(prefers-color-scheme:dark){body{background:#12181f;color:#e4eaf0}a{color:#7cc0ea}td:first-child,code{color:#a9b7c4}td{border-color:#33414e}}"


def subject(path: str, query: str, base: str) -> list[str]:
    """The IRIs that a path on this host may stand for."""
    base_parts = urlsplit(base)
    raw = quote(path, safe="/:@!$&'()*+,;=%~-._") + (f"?{query}" if query else "")
    found = []
    if path.startswith(base_parts.path):
        found.append(f"{base_parts.scheme}://{base_parts.netloc}{raw}")
    if path.startswith(ROOT):
        found.append(OWN + raw)
    return list(dict.fromkeys(found))


def local(iri: str, base: str) -> str | None:
    """The path on this host of an IRI of the data, None for one from elsewhere."""
    if iri.startswith((base, OWN + ROOT)):
        parts = urlsplit(iri)
        return (
            parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
        )
    return None


class Resources:
    def __init__(self, service: Service) -> None:
        self.service = service

    async def answer(self, request: Request, iris: list[str]) -> Response:
        """The first of ``iris`` that the graph knows. Raises Problem 404, 406."""
        accept = request.headers.get("accept", "*/*")
        media_type = negotiate(accept, ["text/html", *GRAPHS]) if "text/html" in accept else negotiate(accept, GRAPHS)
        if media_type is None:
            raise Problem(406, f"可用的格式：text/html、{'、'.join(GRAPHS)}")
        missing = Problem(404, "图谱里没有这个 IRI")
        for iri in iris:
            try:
                if media_type == "text/html":
                    return self._page(await self.service.run("properties", subject=iri))
                content_type, body = await self.service.run("resource", subject=iri, media_type=media_type)
                return Response(body, headers={"Content-Type": content_type, "Vary": "Accept"})
            except Problem as problem:
                if problem.status != 404:
                    raise
                missing = problem
        raise missing

    def _page(self, found: dict[str, Any]) -> Response:
        if found["project"]:
            link = f'<p><a href="/project?iri={quote(found["iri"], safe="")}">打开项目页</a></p>'
        else:
            link = ""
        title = escape(str(found["title"]))
        body = (
            f"<h1>{title}</h1><p><code>{escape(found['iri'])}</code></p>{link}"
            f"{self._rows('陈述', found['outgoing'])}{self._rows('被引用', found['incoming'])}"
            f'<p>其他格式：用 Accept 请求 text/turtle 或 application/ld+json · <a href="/">首页</a></p>'
        )
        html = (
            f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}{DARK}</style></head><body><main>{body}</main></body></html>'
        )
        return Response(html, media_type="text/html", headers={"Vary": "Accept"})

    def _rows(self, heading: str, rows: list[dict[str, Any]]) -> str:
        if not rows:
            return ""
        lines = "".join(
            f"<tr><td>{escape(row['name'] or short(row['p']))}</td><td>{self._value(row)}</td></tr>" for row in rows
        )
        return f"<h2>{heading}</h2><table>{lines}</table>"

    def _value(self, row: dict[str, Any]) -> str:
        text = escape(str(row["label"] or (short(row["x"]) if row["link"] else row["x"])))
        if not row["link"]:
            return text
        here = local(row["x"], self.service.base)
        return f'<a href="{escape(here, quote=True)}">{text}</a>' if here else text


def short(iri: str) -> str:
    """An IRI by prefix where one fits."""
    for prefix, start in PREFIXES.items():
        if iri.startswith(start) and start != iri:
            return f"{prefix}:{iri[len(start) :]}"
    return iri


def redirect(iri: str, base: str) -> Response:
    """To the path on this host of any IRI given in full. Raises Problem 404 for one that is not of the data."""
    path = local(iri, base)
    if path is None:
        raise Problem(404, f"<{iri[:200]}> 不是本库的 IRI")
    return RedirectResponse(quote(path, safe="/:@!$&'()*+,;=%~-._?#"), status_code=303)


__all__ = ["JX", "Resources", "local", "redirect", "short", "subject"]
