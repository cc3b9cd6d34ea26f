"""The option parser's own words in Chinese: headings of --help and messages of wrong usage."""

from __future__ import annotations

import re
import sys
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

_HEADINGS = {
    "Usage:": "用法：",
    "Options:": "选项：",
    "Arguments:": "参数：",
    "Commands:": "命令：",
    "Show this message and exit.": "显示本帮助并退出",
    "[required]": "[必填]",
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]…",
}
_USAGE = (
    (
        r"No such option:? '?(?P<x>[^'\s]+?)'? \((?:Possible options|Did you mean):? (?P<near>.*)\)",
        "没有选项 {x}：是不是 {near}？",
    ),
    (r"No such option:? '?(?P<x>[^'\s]+?)'?\.?(?:\s.*)?$", "没有选项 {x}；--help 列出可用选项"),
    (
        r"No such command '(?P<x>.*?)'\. Did you mean (?P<near>.*)\?",
        "没有命令 {x}：是不是 {near}？kg --help 列出全部命令",
    ),
    (r"No such command '(?P<x>.*?)'\..*", "没有命令 {x}；kg --help 列出全部命令"),
    (r"Missing command\.", "缺少命令；kg --help 列出全部命令"),
    (r"Missing argument '?(?P<x>.*?)'?\.(?:.*)", "缺少参数 {x}"),
    (r"Missing option '?(?P<x>.*?)'?\.(?:.*)", "缺少选项 {x}"),
    (r"Got unexpected extra argument(?:s|\(s\))? \((?P<x>.*)\)", "多出的参数：{x}（含空格的文字请加引号）"),
    (r"Option '?(?P<x>\S+?)'? requires an argument\.?", "选项 {x} 后面要有值"),
    (r"Invalid value for '?(?P<x>.*?)'?: (?P<y>.*)", "{x} 的值不合格（{y}）"),
)
_VALUES = (
    (r"Input should be a valid integer.*", "应为整数"),
    (r"Input should be greater than or equal to (\S+)", r"应不小于 \1"),
    (r"Input should be less than or equal to (\S+)", r"应不大于 \1"),
    (r"(?:Value error, )?'.*' is not one of (.*?)\.?", r"应为 \1 之一"),
)


def _chinese(text: str) -> str:
    for english, chinese in _HEADINGS.items():
        text = text.replace(english, chinese)
    text = re.sub(r"\[default: (.*?)\]", r"[默认：\1]", text)
    text = re.sub(r"\[env var: (.*?); default: (.*?)\]", r"[环境变量：\1；默认：\2]", text)
    text = re.sub(r"\[env var: (.*?)\]", r"[环境变量：\1]", text)
    return re.sub(r"\[(\[.*?\])\]", r"\1", text).replace(" <str>", "")


class ChineseCommand(TyperCommand):
    """A command whose --help is in Chinese."""

    def get_help(self, ctx: Any) -> str:
        return _chinese(super().get_help(ctx))


class ChineseGroup(TyperGroup):
    """The group of commands, its --help in Chinese, commands in the order in which they are used."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:  # what completes a command line is not told its usage
            print(self.get_help(ctx), file=sys.stderr)
            ctx.exit(2)
        return list(super().parse_args(ctx, args))

    def get_help(self, ctx: Any) -> str:
        return _chinese(super().get_help(ctx))

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return list(self.commands)


def _value_message(message: str) -> str:
    for pattern, chinese in _VALUES:
        if found := re.fullmatch(pattern, message):
            return found.expand(chinese)
    return message


def usage_message(error: Exception) -> str | None:
    """One Chinese line for an error of the option parser; None for any other exception."""
    if not isinstance(error, TyperException):
        return None
    message = re.sub(r"\s+", " ", error.format_message()).strip()
    for pattern, chinese in _USAGE:
        if found := re.fullmatch(pattern, message):
            said = found.groupdict()
            if "near" in said:
                said["near"] = "、".join(re.findall(r"[\w-]+", said["near"]))
            return chinese.format(**said | {"y": _value_message(said["y"])} if "y" in said else said)
    return message or "缺少命令；kg --help 列出全部命令"
