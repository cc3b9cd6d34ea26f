"""Commands in processes forked from one that has imported everything: real ones, without the start-up time."""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

from command import environment

STEPS = ("os.mkdir", "os.rename", "shutil.rmtree")
"""What changes folders as wholes, by the names of Python's audit events."""


class Warm:
    """Starts ``kg ARGS`` in forked processes, which can be waited for and killed like any other."""

    def __enter__(self) -> Warm:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            encoding="utf-8", env=environment(),
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)

    def start(
        self, *args: object, die_at: int | None = None, output: Path | None = None, file_size: int | None = None
    ) -> int:
        """The process id of a new ``kg ARGS``; it kills itself before its ``die_at``-th step (see STEPS).

        ``output``: where what it prints goes. ``file_size``: as if the disk were full when a file reaches it.
        """
        told = {"args": [str(a) for a in args], "die_at": die_at, "file_size": file_size}
        return int(self._ask({**told, "output": str(output or os.devnull)}))

    def run(self, *args: object, output: Path, file_size: int | None = None, seconds: float = 60) -> tuple[int, str]:
        """``kg ARGS`` to its end: its exit code and what it printed. It is killed when it takes too long."""
        pid = self.start(*args, output=output, file_size=file_size)
        until = time.monotonic() + seconds
        while not self.ended(pid):
            if time.monotonic() > until:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)
        return self.wait(pid), output.read_text("utf-8", "replace")

    def wait(self, pid: int) -> int:
        """How it ended: its exit code, or minus the signal that killed it."""
        return int(self._ask({"wait": pid}))

    def ended(self, pid: int) -> bool:
        """Whether it has ended; ``wait`` still tells how."""
        return bool(self._ask({"ended": pid}))

    def kill(self, pid: int) -> int:
        os.kill(pid, signal.SIGKILL)
        return self.wait(pid)

    def _ask(self, what: dict[str, Any]) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(what), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())


def _serve() -> None:
    for needed in ("kg.building", "kg.cli", "faiss", "rjieba", "scipy.optimize"):  # imported once, before any fork
        importlib.import_module(needed)
    for line in sys.stdin:
        told = json.loads(line)
        if "wait" in told:
            answer = os.waitstatus_to_exitcode(os.waitpid(told["wait"], 0)[1])
        elif "ended" in told:
            answer = int(os.waitid(os.P_PID, told["ended"], os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None)
        else:
            answer = os.fork()
            if answer == 0:
                _run(told)
        print(json.dumps(answer), flush=True)


def _run(told: dict[str, Any]) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    out = os.open(told["output"], os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    for descriptor, target in enumerate((null, out, out)):
        os.dup2(target, descriptor)
    sys.stdin, sys.stdout, sys.stderr = (open(n, mode, closefd=False) for n, mode in enumerate("rww"))  # noqa: SIM115
    if told["die_at"] is not None:
        _die_at(told["die_at"])
    if told["file_size"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (told["file_size"], told["file_size"]))
    from kg import cli

    try:
        cli.main(told["args"])
    except SystemExit as error:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(error.code if isinstance(error.code, int) else 1)
    except BaseException:  # noqa: BLE001 - as an interpreter that stops would show it
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(99)
    os._exit(99)


def _die_at(step: int) -> None:
    seen = 0

    def hook(event: str, _: object) -> None:
        nonlocal seen
        if event in STEPS:
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    _serve()
