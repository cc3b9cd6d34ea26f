"""Put each small fault of ``mutants.toml`` into a copy of the code and see that the tests named for it fail.

``python tests/mutants.py [WORD…]`` (``make mutants``): only those whose description or file holds a word.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from command import ROOT, environment

COPIED = ("kg", "index", "ontology", "queries", "tests", "pyproject.toml", "README.md")
PASSED, FAILED = 0, 1  # pytest's exit codes


def chosen(words: Iterable[str]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = tomllib.loads((ROOT / "tests" / "mutants.toml").read_text("utf-8"))["mutant"]
    return [m for m in listed if all(word in f"{m['why']} {m['file']}" for word in words)]


def run(copy: Path, tests: Iterable[str]) -> int:
    """pytest's exit code on the tests of the copy."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *(f"tests/{t}" for t in tests)],
        cwd=copy, env=environment(PYTHONPATH=str(copy), HYPOTHESIS_STORAGE_DIRECTORY=str(copy / ".hypothesis")),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900, check=False,
    )  # fmt: skip
    return done.returncode


def main(words: list[str]) -> int:
    mutants, bad = chosen(words), 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            here = ROOT / name
            if here.is_dir():
                shutil.copytree(here, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(here, copy)
        tests = dict.fromkeys(test for mutant in mutants for test in mutant["tests"])
        if run(copy, tests) != PASSED:
            print("没有改动时这些测试就不通过：先修好它们", file=sys.stderr)
            return 1
        for mutant in mutants:
            file = copy / mutant["file"]
            text = file.read_text("utf-8") if file.exists() else ""
            if text.count(mutant["find"]) != 1:
                said = "过时（原文已不在或不止一处）"
            else:
                file.write_text(text.replace(mutant["find"], mutant["replace"]), "utf-8")
                said = {PASSED: "没有发现", FAILED: "发现"}.get(run(copy, mutant["tests"]), "测试没有跑成")
                file.write_text(text, "utf-8")
            bad += said != "发现"
            print(f"{said}：{mutant['why']}（{mutant['file']}）", flush=True)
    print(f"{len(mutants) - bad}/{len(mutants)} 个改坏的地方被测试发现")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
