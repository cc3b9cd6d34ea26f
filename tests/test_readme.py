"""The README's commands work, and print what it shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from command import ROOT, environment

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def sessions() -> list[tuple[str, list[str]]]:
    """(command, the lines shown below it) of every console block."""
    found: list[tuple[str, list[str]]] = []
    for block in BLOCKS:
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


@pytest.mark.parametrize(("command", "shown"), sessions(), ids=lambda x: x[:40] if isinstance(x, str) else "")
def test_a_command_of_the_readme_prints_what_it_shows(
    command: str, shown: list[str], warm_data: Path, sample_data: Path, tmp_path: Path
) -> None:
    builds = shlex.split(command)[:2] == ["kg", "build"]
    data = warm_data if builds else sample_data
    line = re.sub(r"(?<![\w-])kg(?= )", f"{shlex.quote(sys.executable)} -m kg.cli", command)
    done = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, env=environment(KG_DATA=str(data)),
        capture_output=True, encoding="utf-8", timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed = iter(squeezed(text.replace(str(data), "kg-data")) for text in done.stdout.splitlines())
    for expected in shown:
        assert squeezed(expected) in printed, f"没有按顺序印出：{expected}"


def squeezed(line: str) -> str:
    return " ".join(line.split())


def test_every_command_is_described() -> None:
    from kg.cli import app

    names = {command.name for command in app.registered_commands}
    assert {name for name in names if f"`kg {name}" not in README} == set()
