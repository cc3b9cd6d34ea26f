"""/docs: the interface as a page, made from its own OpenAPI description. Works without scripts and without a network."""

from __future__ import annotations

import json
from shlex import quote as quoted
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from kg.service.resources import DARK, STYLE

Json = dict[str, Any]
LOOK = (
    "section{border-top:1px solid #b9c6d0;padding:.5rem 0}code,pre{background:#f4f7f9;color:#1c2733}pre{padding:.6rem;overflow-x:auto;white-space:pre-wrap}"
    "pre code{font-size:.85rem}b.m{font-family:monospace;padding:.1rem .5rem;border-radius:4px;background:#e6f1f8;color:#0b5c8a}b.w{background:#fff7e6;color:#8a5a00}"
    "@media(prefers-color-scheme:dark){code,pre{background:#25313c;color:#e4eaf0}b.m{background:#1d3445;color:#7cc0ea}b.w{background:#2d2513;color:#f0c060}}"
)
KINDS = {
    "integer": "整数",
    "number": "数",
    "string": "文字",
    "boolean": "true 或 false",
    "array": "列表",
    "object": "对象",
}


def page(described: Json, root: str, known: Json) -> str:
    """The description as HTML; ``root`` is the address of the service with its final slash.

    ``known``: examples from the data, by "path name" of a parameter, by "path body" of a body.
    """
    operations = [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    contents = Markup(" · ").join(
        Markup('<a href="#{}">{}</a>').format(_anchor(path, method), operation["summary"])
        for path, method, operation in operations
    )
    body = Markup(
        "<h1>{}：接口</h1><p>{}</p><p>SPARQL 端点 <code>/sparql</code>、MCP <code>/mcp</code>，数据集描述 <a href='/.well-known/void'>/.well-known/void</a>，"
        "机器可读的本页 <a href='/api/openapi.json'>/api/openapi.json</a>。写入要口令：<code>-H \"Authorization: Bearer $KG_TOKEN\"</code>。"
        "不认识的参数一律拒绝，并提示最接近的。<a href='/'>首页</a></p><nav>{}</nav>"
    ).format(described["info"]["title"], described["info"]["description"], contents)
    body += Markup("").join(_operation(described, root, known, *each) for each in operations)
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>接口说明</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}{DARK}{LOOK}</style></head><body><main>{body}</main></body></html>'
    )


def _anchor(path: str, method: str) -> str:
    return f"{method}{path.replace('/', '-').replace('{', '').replace('}', '')}"


def _operation(described: Json, root: str, known: Json, path: str, method: str, operation: Json) -> Markup:
    parameters = [*operation.get("parameters", ()), *_fields(described, operation)]
    rows = Markup("").join(_parameter(described, each) for each in parameters)
    shape = _shape(described, operation)
    return Markup(
        '<section id="{}"><h2>{}</h2><p><b class="m{}">{}</b> <code>{}</code></p>{}{}<pre><code>{}</code></pre>{}</section>'
    ).format(
        _anchor(path, method), operation["summary"], " w" if operation.get("security") else "", method.upper(), path,
        Markup("<p>需要口令。</p>") if operation.get("security") else "",
        Markup("<table>{}</table>").format(rows) if rows else "",
        curl(described, root, path, method, operation, known),
        Markup("<details><summary>应答</summary><table>{}</table></details>").format(shape) if shape else "",
    )  # fmt: skip


def _parameter(described: Json, each: Json) -> Markup:
    schema = _resolved(described, each.get("schema", {}))
    said = [_kind(described, schema), *(f"{word} {schema[key]}" for key, word in _BOUNDS if key in schema)]
    if schema.get("default") not in (None, ""):
        said.append(f"默认 {schema['default']}")
    about = each.get("description") or schema.get("description") or ""
    return Markup("<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td></tr>").format(
        each["name"], "（必填）" if each.get("required") else "", "，".join(said), about
    )


_BOUNDS = (("minimum", "不小于"), ("maximum", "不大于"), ("maxLength", "至多字数"))


def _resolved(described: Json, schema: Json) -> Json:
    """A schema with its reference followed, and without the alternative of nothing at all."""
    if reference := schema.get("$ref"):
        found: Json = described["components"]["schemas"][reference.rpartition("/")[2]]
        return found
    choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return {**schema, **_resolved(described, choices[0])} if len(choices) == 1 else schema


def _kind(described: Json, schema: Json) -> str:
    schema = _resolved(described, schema)
    if "enum" in schema:
        return "、".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"{_kind(described, schema.get('items', {}))}的列表"
    return KINDS.get(str(schema.get("type", "")), "任意")


def _fields(described: Json, operation: Json) -> list[Json]:
    """The fields of a request's body, as parameters are described."""
    content = operation.get("requestBody", {}).get("content", {})
    found = []
    for media in content.values():
        schema = _resolved(described, media["schema"])
        required = schema.get("required", ())
        found += [
            {"name": name, "schema": each, "required": name in required, "description": each.get("description")}
            for name, each in schema.get("properties", {}).items()
        ]
    return found


def _shape(described: Json, operation: Json) -> Markup:
    media = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    schema = _resolved(described, media.get("schema", {}))
    several = schema.get("type") == "array"
    schema = _resolved(described, schema.get("items", {})) if several else schema
    rows = (
        [("每项" if several else "", schema.get("description", ""), "")] if several or schema.get("description") else []
    )
    rows += [
        (name, _resolved(described, each).get("description") or "", _kind(described, each))
        for name, each in schema.get("properties", {}).items()
    ]
    return Markup("").join(
        Markup("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>").format(*row) for row in rows
    )


def curl(described: Json, root: str, path: str, method: str, operation: Json, known: Json) -> str:
    """A line for the shell that calls an operation with an example of each parameter that it must have."""
    words = ["curl", *(() if method == "get" else ("-X", method.upper()))]
    if operation.get("security"):
        words += ["-H", '"Authorization: Bearer $KG_TOKEN"']
    query, address = [], path
    for each in operation.get("parameters", ()):
        if not each.get("required"):
            continue
        value = known.get(f"{path} {each['name']}", _example(described, each))
        if each["in"] == "path":
            given = quote(str(value)) if value is not None else f"<{each['name']}>"
            address = address.replace(f"{{{each['name']}}}", given)
        else:
            query += ["--data-urlencode", quoted(f"{each['name']}={'…' if value is None else value}")]
    words += ["-G", *query] if query else []
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        schema = _resolved(described, content["application/json"]["schema"])
        example = known.get(f"{path} body") or schema["examples"][0]
        words += ["-H", "'Content-Type: application/json'", "-d", quoted(json.dumps(example, ensure_ascii=False))]
    elif content:
        words += ["-F", "files=@绩效目标表.xlsx"]
    return " ".join([*words, quoted(root.rstrip("/") + address)])


def _example(described: Json, parameter: Json) -> Any:
    schema = _resolved(described, parameter.get("schema", {}))
    examples = parameter.get("examples") or schema.get("examples") or [parameter.get("example")]
    first = next(iter(examples.values() if isinstance(examples, dict) else examples), None)
    return first.get("value") if isinstance(first, dict) else first
