"""The command ``kg`` in a real process, and the files the tests read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TESTS = Path(__file__).parent
SAMPLE = ROOT / "kg" / "sample" / "tianjin-hrss-2025.txt"
SECOND = TESTS / "data" / "regression" / "second-2025.txt"

STANDING = ("place", "sheet", "cell", "page", "line")
"""The keys that say where a cell stands in its file."""

Run = Callable[..., "subprocess.CompletedProcess[Any]"]
"""What the fixture ``kg_run`` is."""


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without settings of kg's; this checkout is importable from anywhere."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("KG_", "PYTEST", "COV"))}
    return {
        **plain,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        **changes,
    }


def run_kg(
    *args: str | Path,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    stdin: str = "",
    binary: bool = False,
) -> subprocess.CompletedProcess[Any]:
    """``kg ARGS`` in a process of its own."""
    text: dict[str, Any] = {"input": stdin.encode()} if binary else {"input": stdin, "encoding": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "kg.cli", *map(str, args)],
        cwd=cwd, env=environment(**(env or {})), capture_output=True, timeout=600, check=False, **text,
    )  # fmt: skip


def json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def one_error(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit 1, nothing on stdout, and on stderr one line in Chinese that holds ``words``."""
    lines = [line for line in done.stderr.splitlines() if not line.startswith(("读取 ", "建图 ", "向量化 "))]
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("错误：")
    assert "Traceback" not in done.stderr
    missing = [word for word in words if word not in lines[0]]
    assert not missing, f"{missing} not in: {lines[0]}"
