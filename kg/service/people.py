"""Who may use the service: named people with a role, from a TOML file, known by a token or by the bureau's own sign-on.

::

    [[person]]
    name = "张三"
    role = "review"
    token_sha256 = "…"      # as ``kg token 张三`` prints it; without one only the sign-on proxy can name them
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from kg.characters import clean
from kg.errors import KgError

ROLES = ("read", "review", "write")  # each may do what those before it may
CALLED = {"read": "查看", "review": "复核", "write": "上传和移除"}
LONGEST = 60  # characters of a name
HASH = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Person:
    """``name`` is empty for the one token of the service."""

    name: str
    role: str
    token_sha256: str = ""

    def may(self, role: str) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role)


WRITER = Person("", "write")


def digest(token: bytes) -> str:
    return hashlib.sha256(token).hexdigest()


def load(path: Path) -> tuple[Person, ...]:
    """The people of a file. Raises KgError that names the file and what is wrong."""
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise KgError(f"人员文件“{path}”读不了：{error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KgError(f"人员文件“{path}”不是 UTF-8 的 TOML（{error}）") from None
    entries = said.get("person")
    if set(said) - {"person"} or not isinstance(entries, list) or not entries:
        raise KgError(f"人员文件“{path}”里应当只有 [[person]]：kg token 姓名 会印出一段")
    people = tuple(_person(entry, number, path) for number, entry in enumerate(entries, 1))
    for what, values in (
        ("姓名", [p.name for p in people]),
        ("口令", [p.token_sha256 for p in people if p.token_sha256]),
    ):
        if len(set(values)) < len(values):
            raise KgError(f"人员文件“{path}”里有两个人的{what}相同：每人要有自己的{what}")
    return people


def _person(entry: object, number: int, path: Path) -> Person:
    place = f"人员文件“{path}”的第 {number} 个 [[person]]"
    if not isinstance(entry, dict):
        raise KgError(f"{place}不合格")
    if unknown := sorted(set(entry) - {"name", "role", "token_sha256"}):
        raise KgError(f"{place}：不认识 {'、'.join(unknown)}，可用 name、role、token_sha256")
    name, role, hashed = (entry.get(key, "") for key in ("name", "role", "token_sha256"))
    if not isinstance(name, str) or not checked(name):
        raise KgError(f"{place}：name 应为 1 到 {LONGEST} 个字的姓名")
    if role not in ROLES:
        raise KgError(f"{place}（{name}）：role 应为 {'、'.join(ROLES)} 之一")
    if not isinstance(hashed, str) or (hashed and not HASH.match(hashed)):
        raise KgError(f"{place}（{name}）：token_sha256 应为 64 位十六进制，用 kg token {name} 生成")
    return Person(name, role, hashed)


def checked(name: str) -> str:
    """A name as it may stand in records, empty for what is none."""
    return name if name == clean(name).strip() and 0 < len(name) <= LONGEST and name.isprintable() else ""


def by_token(people: Sequence[Person], token: bytes) -> Person | None:
    """Whose token it is. All are compared, so that the time tells nothing."""
    given, found = digest(token), None
    for person in people:
        if person.token_sha256 and hmac.compare_digest(given, person.token_sha256):
            found = person
    return found


def by_name(people: Sequence[Person], header: bytes) -> Person | None:
    """Who the sign-on proxy says it is: UTF-8, perhaps with percent signs. Who is in no list may read."""
    try:
        name = checked(unquote_to_bytes(header.strip(b" \t")).decode())
    except UnicodeDecodeError:
        return None
    return next((p for p in people if p.name == name), Person(name, "read")) if name else None


def entry(name: str, role: str) -> tuple[str, str]:
    """A new token, and the part of the file that lets its owner in. Raises KgError for a name that is none."""
    if not checked(name):
        raise KgError(f"姓名应为 1 到 {LONGEST} 个字，没有控制字符")
    token = secrets.token_urlsafe(24)
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return token, f'[[person]]\nname = "{quoted}"\nrole = "{role}"\ntoken_sha256 = "{digest(token.encode())}"\n'
