"""What ``kg serve`` may be told, and what bounds it."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from kg.errors import KgError
from kg.service.memory import budget
from kg.service.people import Person, load


def _query_seconds() -> float:
    """The longest time of a query, as KG_QUERY_SECONDS says. Raises KgError for what is no such time."""
    given = os.environ.get("KG_QUERY_SECONDS", "10")
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise KgError(f"变量 KG_QUERY_SECONDS 应为 0 到 3600 之间的秒数，现为“{given[:40]}”")
    return seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of requests and work. Times in seconds, sizes in bytes."""

    query_seconds: float = field(default_factory=_query_seconds)
    ask_seconds: float = 20.0
    build_seconds: float = 1800.0
    slow_seconds: float = 0.25  # a query that takes longer goes on at the lowest priority
    queue_seconds: float = 10.0  # the longest wait for a free worker
    rows: int = 100_000
    result_bytes: int = 32 << 20
    held_bytes: int = 256 << 20  # of all results that clients have not taken yet
    query_bytes: int = 1 << 20
    json_bytes: int = 2 << 20  # of a question with what it leans on
    body_bytes: int = 64 << 10  # of any other request
    upload_bytes: int = 100 << 20
    upload_files: int = 50
    worker_bytes: int = 1 << 30  # memory that a worker's jobs may take beyond what it has when it is ready
    memory_bytes: int = field(default_factory=budget)  # memory that the jobs of all workers may take together
    queue: int = 200
    slow_queries: int = 16


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the service listens and whom it lets in.

    ``token`` opens writing, and on an address other than the loopback everything.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    token: str = ""
    hosts: tuple[str, ...] = ()  # further names under which the service may be called
    proxies: tuple[str, ...] = ()  # addresses whose X-Forwarded-For is believed
    people: tuple[Person, ...] = ()
    sso_header: str = ""  # in which those proxies name the person who has signed on
    limits: Limits = field(default_factory=Limits)

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)

    @classmethod
    def checked(
        cls,
        data: Path,
        host: str,
        port: int,
        token: str | None,
        hosts: tuple[str, ...],
        proxies: tuple[str, ...] = (),
        people: Path | None = None,
        sso_header: str = "",
    ) -> Settings:
        """Settings that are safe. Raises KgError for an open address without a token."""
        if token is not None and len(token) < 8:
            raise KgError("口令（--token 或 KG_TOKEN）至少 8 个字符")
        if token is not None and (token != token.strip() or not token.isprintable()):
            raise KgError("口令（--token 或 KG_TOKEN）前后不能有空格，也不能有换行等控制字符：这样的口令写不进请求头")
        for proxy in proxies:
            try:
                ipaddress.ip_network(proxy)
            except ValueError:
                raise KgError(f"“{proxy}”不是 IP 地址或网段：--proxy 要写反向代理的地址，如 10.0.0.2") from None
        if sso_header and not re.fullmatch(r"[A-Za-z0-9-]{1,60}", sso_header):
            raise KgError(f"“{sso_header}”不是请求头的名称：--sso-header 形如 X-Remote-User")
        if sso_header and not proxies:
            raise KgError("--sso-header 要同时用 --proxy 指明单点登录的代理：别处来的请求头不能信")
        known = load(people) if people else ()
        if token is None and not known and not sso_header and not is_loopback(host):
            raise KgError(
                f"监听 {host} 会让别的机器连进来：请用 --token 或变量 KG_TOKEN 设定口令（或用 --people 人员文件），或改用 --host 127.0.0.1"
            )
        if token is None and not known and not sso_header:
            token = secrets.token_urlsafe(16)
        return cls(data, host, port, token or "", hosts, proxies, known, sso_header)


def is_loopback(host: str) -> bool:
    """Whether ``host`` (a name or an address) is this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
