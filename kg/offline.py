"""A process that can open no connection, whatever its native code tries.

On Linux the kernel refuses: a seccomp filter over the system calls that make and use sockets, set through
``seccomp(2)`` with the filter written out here, so that no library is needed. Where the kernel allows none, the
process moves into a network name space of its own. Elsewhere an audit hook stops what Python code opens.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from typing import Any

PR_SET_NO_NEW_PRIVS = 38
SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_TSYNC = 1  # all threads of the process
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
AF_UNIX = 1

# Classic BPF: load a word of struct seccomp_data, jump if equal or greater, return
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
_X32 = 0x40000000  # system calls of the x32 ABI, by which the same calls have other numbers

# machine → (AUDIT_ARCH_…, seccomp(2), socket(2), calls that connect, bind, listen, accept, or do so in a ring)
# Sending stays: without a socket of its own the process has only the pair by which its parent speaks to it.
_MACHINES: dict[str, tuple[int, int, int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, 317, 41, (42, 49, 50, 43, 288, 425)),
    "aarch64": (0xC00000B7, 277, 198, (203, 200, 201, 202, 242, 425)),
}


def go_offline(*, local: bool = False) -> str:
    """Shut this process and its children off from every network, for good.

    ``local``: sockets of the file system stay, as LibreOffice needs them. Returns what does it: ``seccomp``,
    ``namespace`` or, of Python code alone, ``hook``.
    """
    sys.addaudithook(_hook if not local else _hook_local)
    if sys.platform == "linux":
        if _filter(local):
            return "seccomp"
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNET) == 0 or libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0:
            return "namespace"
    return "hook"


def _filter(local: bool) -> bool:
    machine = _MACHINES.get(platform.machine())
    if machine is None or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    program = _program(machine, local)
    code = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    whole = Program(len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    done = libc.syscall(machine[1], SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(whole))
    return bool(done == 0)


def _program(machine: tuple[int, int, int, tuple[int, ...]], local: bool) -> bytes:
    """The filter. Jumps count the instructions that are left out."""
    architecture, _, socket_call, others = machine
    refused = others if not local else (425,)
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _REFUSE),
    ]
    for call in refused:
        lines += [(_EQUAL, 0, 1, call), (_RETURN, 0, 0, _REFUSE)]
    lines += [(_EQUAL, 1, 0, socket_call), (_RETURN, 0, 0, _ALLOW)]
    if local:
        lines += [(_LOAD, 0, 0, _FIRST_ARGUMENT), (_EQUAL, 0, 1, AF_UNIX), (_RETURN, 0, 0, _ALLOW)]
    lines.append((_RETURN, 0, 0, _REFUSE))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _hook(event: str, _: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"):
        raise PermissionError(errno.EACCES, "no network here")


def _hook_local(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.bind", "socket.sendto") and isinstance(arguments[1], (str, bytes)):
        return
    _hook(event, arguments)
