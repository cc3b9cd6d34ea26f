"""What can go wrong with a request, as RFC 9457 problem details in Chinese."""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass, field

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "请求不合格",
    401: "需要口令",
    403: "不允许",
    404: "没有找到",
    405: "方法不对",
    406: "没有可用的格式",
    409: "现在不能写入",
    413: "太大",
    415: "内容类型不支持",
    421: "主机名不被接受",
    422: "参数不合格",
    429: "太频繁",
    431: "请求头太大",
    500: "服务内部出错",
    501: "没有这个功能",
    503: "暂时繁忙",
    504: "超过时限",
    507: "存不下",
}


@dataclass(slots=True)
class Problem(Exception):  # noqa: N818 - the standard's name
    """A refused request: ``detail`` is one line in Chinese that says what is wrong and what to do."""

    status: int
    detail: str
    headers: dict[str, str] = field(default_factory=dict)

    def body(self, instance: str = "") -> bytes:
        said = {
            "type": "about:blank",
            "title": TITLES.get(self.status, "出错"),
            "status": self.status,
            "detail": self.detail,
        }
        if instance:
            said["instance"] = instance
        return json.dumps(said, ensure_ascii=False).encode()


def of_os_error(error: OSError) -> Problem:
    """What a disk or a directory does not let us do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Problem(507, "磁盘已满，没有写入，原有数据没有变化：请腾出空间后再试")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return Problem(507, "数据目录不能写入（只读或没有权限），原有数据没有变化：请检查权限后再试")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return Problem(507, "数据目录不在了，没有写入：请检查磁盘是否挂载")
    return Problem(503, f"系统资源不足或出错（{error.strerror or error}）：请稍后再试")
