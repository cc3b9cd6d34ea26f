"""``kg serve``, ``kg mcp`` and ``kg token``: thin doors on the service."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kg.help import ChineseCommand
from kg.options import DATA, Data


def register(app: typer.Typer) -> None:
    """Put the three commands under ``kg``."""
    app.command("serve", cls=ChineseCommand)(serve)
    app.command("mcp", cls=ChineseCommand)(mcp)
    app.command("token", cls=ChineseCommand)(token_for)


Token = Annotated[
    str | None,
    typer.Option("--token", envvar="KG_TOKEN", metavar="口令", help="写入要用的口令；监听回环以外的地址时读取也要用"),
]


def serve(
    data: Data = DATA,
    host: Annotated[str, typer.Option("--host", metavar="地址", help="监听的地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, metavar="端口", help="监听的端口")] = 8000,
    token: Token = None,
    hosts: Annotated[
        list[str] | None, typer.Option("--allow-host", metavar="主机名", help="还可以用这个主机名访问，可多次")
    ] = None,
    proxies: Annotated[
        list[str] | None,
        typer.Option("--proxy", metavar="地址", help="反向代理的 IP 地址或网段：只信它给的 X-Forwarded-For，可多次"),
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(
            "--people", envvar="KG_PEOPLE", metavar="文件", help="人员文件：各人的姓名、权限和口令（见 kg token）"
        ),
    ] = None,
    sso_header: Annotated[
        str,
        typer.Option(
            "--sso-header", metavar="请求头", help="单点登录的代理（--proxy）写明登录人的请求头，如 X-Remote-User"
        ),
    ] = "",
) -> None:
    """启动服务：网页、JSON 接口、SPARQL 端点和 MCP，离线运行。"""
    from kg.service.serve import serve as run
    from kg.service.settings import Settings

    settings = Settings.checked(data, host, port, token, tuple(hosts or ()), tuple(proxies or ()), people, sso_header)
    run(settings, shown_token=token is None)


class Role(StrEnum):
    read = "read"
    review = "review"
    write = "write"


def token_for(
    name: Annotated[str, typer.Argument(metavar="姓名", help="谁的口令")],
    role: Annotated[
        Role, typer.Option("--role", metavar="权限", help="read 查看、review 复核、write 上传和移除")
    ] = Role.review,
) -> None:
    """为一个人生成口令：人员文件的一段印在标准输出，口令只显示这一次。用法：kg token 张三 >> people.toml"""
    from kg.service.people import entry

    token, lines = entry(name, role.value)
    print(f"{name} 的口令（只显示这一次，文件里只有它的哈希）：{token}", file=sys.stderr)
    print(lines)


def mcp(data: Data = DATA) -> None:
    """以 MCP 协议（标准输入输出）为智能体提供提问、检索、SPARQL 和本体。"""
    from kg.service.serve import mcp as run
    from kg.service.settings import Settings

    run(Settings(data))
