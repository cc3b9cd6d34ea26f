"""The wheel: installed elsewhere and run from an empty directory it does what the checkout does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from command import ROOT, environment

PACKAGES = ("kg", "index", "ontology", "queries")


def run(*args: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        list(map(str, args)), cwd=cwd, env=env or environment(), capture_output=True, encoding="utf-8",
        timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of this checkout: building leaves nothing behind here."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=unwanted)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", source, cwd=folder)
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    run(
        sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-index", "--no-deps",
        "--target", target, wheel, cwd=target,
    )  # fmt: skip
    return target


def test_the_wheel_holds_every_file_of_the_four_packages(wheel: Path) -> None:
    there = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    here = {
        path.relative_to(ROOT).as_posix()
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and path.suffix in (".py", ".ttl", ".rq", ".toml", ".txt", ".css")
    }
    assert there >= here
    assert {name.partition("/")[0] for name in there} == set(PACKAGES)  # no tests, no benchmarks


def test_the_installed_command_builds_asks_and_exports_from_an_empty_directory(
    installed: Path, sample_data: Path, tmp_path: Path
) -> None:
    empty, data = tmp_path / "empty", tmp_path / "data"
    empty.mkdir()
    shutil.copytree(sample_data / "cache", data / "cache")
    env = environment(PYTHONPATH=str(installed), KG_DATA=str(data))

    def kg(*args: str) -> str:
        return run(sys.executable, "-m", "kg.cli", *args, cwd=empty, env=env).stdout

    origin = run(
        sys.executable, "-c", "import kg, index, ontology, queries as q; print(*(m.__file__ for m in (kg, index, ontology, q)))",
        cwd=empty, env=env,
    )  # fmt: skip
    assert all(Path(file).is_relative_to(installed) for file in origin.stdout.split())
    assert kg("build") == f"已建立 {data}：共 1 份文档、23 个项目、368 个指标\n"
    assert kg("export", "--format", "csv") == run(
        sys.executable, "-m", "kg.cli", "export", "--format", "csv", "--data", sample_data, cwd=empty
    ).stdout  # fmt: skip
    assert "求职创业补贴" in kg("ask", "哪些项目服务高校毕业生？")
    assert "23" in kg("query", "budget-by-department-year", "--format", "csv")
    assert kg("sparql", "ASK { jx:Project rdfs:label '项目'@zh }") == "是\n"
    assert kg("search", "高校毕业生", "--limit", "3", "--json").count("\n") == 3
    assert list(empty.iterdir()) == []


def test_the_installed_command_is_called_kg(installed: Path, tmp_path: Path) -> None:
    script = installed / "bin" / "kg"
    assert os.access(script, os.X_OK)
    done = run(sys.executable, script, "--version", cwd=tmp_path, env=environment(PYTHONPATH=str(installed)))
    assert done.stdout.startswith("kg ")
