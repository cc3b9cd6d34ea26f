"""Named SPARQL queries: ``*.rq`` files with a title, a description and typed parameters in their head.

The head is comment lines::

    # title: 按资金来源与年度汇总预算
    # description: 每个资金来源每年的项目数与预算（万元）
    # param year integer: 年度，不给则为全部
    # param limit integer = 20: 最多几行

A parameter's value becomes a ``VALUES`` clause at the line ``#params`` inside the WHERE clause; one that is
not given and has no default adds nothing, so its variable stays free.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib import resources

__all__ = ["NamedQuery", "Parameter", "ParameterError", "load", "load_all"]

TYPES = ("integer", "decimal", "string", "date")
_LINE = re.compile(r"#\s*(title|description|param)\s*:?\s*(.*)")
_PARAMETER = re.compile(rf"(\w+)\s+({'|'.join(TYPES)})(?:\s*=\s*(\S+))?\s*[:：]\s*(.*)")


class ParameterError(ValueError):
    """A parameter that the query does not have, or a value of another type; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str
    description: str
    default: str | None = None

    def term(self, value: str) -> str:
        """``value`` as a SPARQL literal. Raises ParameterError where it is not of the parameter's type."""
        try:
            if self.type == "integer":
                return str(int(value))
            if self.type == "decimal":
                number = Decimal(value)
                if not number.is_finite():
                    raise ValueError
                return f'"{number:f}"^^xsd:decimal'
            if self.type == "date":
                return f'"{date.fromisoformat(value)}"^^xsd:date'
        except (ValueError, InvalidOperation):
            raise ParameterError(f"参数 {self.name} 应为 {self.type}，给的是“{value}”") from None
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
        return f'"{escaped}"'


@dataclass(frozen=True, slots=True)
class NamedQuery:
    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    text: str

    def sparql(self, values: dict[str, str] | None = None) -> str:
        """The query with its parameters filled in; it runs as it stands."""
        values = dict(values or {})
        known = {p.name for p in self.parameters}
        for name in values:
            if name not in known:
                has = "、".join(sorted(known)) or "（没有参数）"
                raise ParameterError(f"查询 {self.name} 没有参数 {name}：可用 {has}")
        clauses = [
            f"VALUES ?{p.name} {{ {p.term(value)} }}"
            for p in self.parameters
            if (value := values.get(p.name, p.default)) is not None
        ]
        return self.text.replace("#params", " ".join(clauses))


def load_all() -> list[NamedQuery]:
    """Every named query, in order of name."""
    files = [f for f in resources.files("queries").iterdir() if f.name.endswith(".rq")]
    return [_parse(f.name[:-3], f.read_text("utf-8")) for f in sorted(files, key=lambda f: f.name)]


def load(name: str) -> NamedQuery:
    """The query called ``name``. Raises KeyError where there is none."""
    file = resources.files("queries").joinpath(f"{name}.rq")
    if not re.fullmatch(r"[\w-]+", name) or not file.is_file():
        raise KeyError(name)
    return _parse(name, file.read_text("utf-8"))


def _parse(name: str, text: str) -> NamedQuery:
    head: dict[str, str] = {}
    parameters: list[Parameter] = []
    for line in text.splitlines():
        found = _LINE.match(line)
        if found and found[1] == "param":
            part = _PARAMETER.fullmatch(found[2])
            if part is None:
                raise ValueError(f"{name}.rq: 参数行写法不对：{line}")
            parameters.append(Parameter(part[1], part[2], part[4], part[3]))
        elif found:
            head[found[1]] = found[2]
    return NamedQuery(name, head["title"], head["description"], tuple(parameters), text)
