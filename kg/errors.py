"""Errors a user can mend: one clear line in Chinese that names the file, the place and the remedy."""

from __future__ import annotations

import os
import traceback


class KgError(Exception):
    """The thing asked for failed (exit code 1); the message is for the user."""


class StorageError(KgError):
    """The place of the data is at fault: full, read-only, gone or damaged. Nothing was changed."""


def unforeseen(error: BaseException) -> str:
    """One line for what no part of the program has foreseen. KG_DEBUG shows where it happened."""
    if os.environ.get("KG_DEBUG"):
        traceback.print_exception(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{f'：“{error.filename}”' if error.filename else ''}；原有数据没有变化，请腾出空间或检查权限后再试"
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}：{first}；请运行 kg verify 检查数据是否完好（设 KG_DEBUG=1 可看详情）"
