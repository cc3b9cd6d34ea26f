"""The wheel: installed elsewhere and run from an empty directory it does what the checkout does."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import base
import pytest
from command import ROOT, environment, one_error
from conftest import FakeEncoder
from layout import table, write
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from service import Server

from kg import building

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
    """The command of a fresh environment that holds what the wheel requires without extras, and nothing else."""
    return base.environment_of(wheel, tmp_path_factory.mktemp("installed") / "env") / "kg"


def test_the_wheel_holds_every_file_of_the_four_packages(wheel: Path) -> None:
    there = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    here = {
        path.relative_to(ROOT).as_posix()
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and path.suffix in (".py", ".typed", ".ttl", ".rq", ".toml", ".txt", ".css")
    }
    assert there >= here
    assert {name.partition("/")[0] for name in there} == set(PACKAGES)  # no tests, no benchmarks


def test_the_base_installation_does_everything_from_an_empty_directory(
    installed: Path, sample_data: Path, tmp_path: Path
) -> None:
    empty, data = tmp_path / "empty", tmp_path / "data"
    empty.mkdir()
    shutil.copytree(sample_data / "cache", data / "cache")
    env = environment(PYTHONPATH="", KG_DATA=str(data))

    def kg(*args: str) -> str:
        return run(installed, *args, cwd=empty, env=env).stdout

    assert kg("--version").startswith("kg ")
    assert kg("build") == f"已建立 {data}：共 1 份文档、23 个项目、368 个指标\n"
    assert kg("export", "--format", "csv") == run(
        sys.executable, "-m", "kg.cli", "export", "--format", "csv", "--data", sample_data, cwd=empty
    ).stdout  # fmt: skip
    assert "求职创业补贴" in kg("ask", "哪些项目服务高校毕业生？")
    assert "23" in kg("query", "budget-by-department-year", "--format", "csv")
    assert kg("sparql", "ASK { jx:Project rdfs:label '项目'@zh }") == "是\n"
    assert kg("search", "高校毕业生", "--limit", "3", "--json").count("\n") == 3
    with Server(data, log=tmp_path / "log", program=installed) as server:
        asked = server.get("/api/ask", params={"question": "人才专项经费预算多少钱"})
        assert [a["number"] for a in asked.json()["answers"]] == [4340]
        assert server.get("/").status_code == 200
    assert list(empty.iterdir()) == []


def test_another_model_without_its_extra_is_one_line_that_says_what_to_install(
    installed: Path, fake_encoder: FakeEncoder, tmp_path: Path
) -> None:
    env = environment(PYTHONPATH="")
    fresh, there = tmp_path / "fresh", tmp_path / "there"
    document = write(tmp_path / "demo-2025.txt", table())
    building.build(there, [document], model="some/model")  # as it is built where the extra is
    for args in (["build", "--model", "some/model", "--data", fresh], ["search", "高校毕业生", "--data", there]):
        done = subprocess.run(
            [installed, *args], cwd=tmp_path, env=env, capture_output=True, encoding="utf-8", timeout=600, check=False
        )
        one_error(done, "some/model", 'pip install "jixiao-kg[models]"')
    assert not list(fresh.rglob("CURRENT"))


def test_every_package_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {
        canonicalize_name(Requirement(text).name)
        for texts in (project["dependencies"], *project["optional-dependencies"].values())
        for text in texts
    }
    provided = packages_distributions()
    imported = {
        module
        for name in PACKAGES
        for path in (ROOT / name).rglob("*.py")
        for module in imports(ast.parse(path.read_text("utf-8")))
    }
    others = imported - {*PACKAGES, *sys.stdlib_module_names}
    assert {m for m in others if not declared & {canonicalize_name(d) for d in provided.get(m, ())}} == set()


def imports(tree: ast.Module) -> set[str]:
    """The top-level names of what a module imports, wherever it stands in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found
