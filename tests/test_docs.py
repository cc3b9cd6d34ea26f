"""What is written about the project is so: generated pages are current, links lead somewhere, examples run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from command import ROOT, environment

import kg
from ontology.docs import page

PAGES = [
    ROOT / name
    for name in (
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/ontology.md",
        "docs/questions.md",
        "docs/service.md",
        "docs/running.md",
        "docs/scale.md",
    )
]
EXAMPLES = {
    "ask_and_prove.py": [
        "查询服务对象为“高校毕业生”的项目",
        "表18 第7行：促进高校毕业生就业",
        "没有答案：数据里没有2018年的表",
    ],
    "budget_by_fund.py": ["资金来源,项目数,预算（万元）", "中央直达资金,5,6795.4"],
    "check_and_search.py": ["value-vague：17 条", "大学生"],
}


def test_the_page_of_the_ontology_is_what_the_turtle_files_say() -> None:
    assert (ROOT / "docs" / "ontology.md").read_text("utf-8") == page(), "请运行 make docs"


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_links_and_paths_lead_to_files_that_are_there(path: Path) -> None:
    text = path.read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []
    named = re.findall(r"`((?:kg|index|ontology|queries|tests|docs|benchmarks|examples)/[\w./-]*)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("example", sorted(p.name for p in (ROOT / "examples").glob("*.py")))
def test_an_example_runs_and_prints_what_it_promises(example: str, sample_data: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / example, sample_data], cwd=tmp_path, env=environment(PYTHONIOENCODING="utf-8"),
        capture_output=True, encoding="utf-8", timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [line for line in EXAMPLES[example] if line not in done.stdout] == []


@pytest.mark.parametrize("name", kg.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    public = getattr(kg, name)
    if name != "__version__":
        assert public.__doc__
        assert not public.__doc__.startswith(f"{name}(")  # a dataclass that says nothing of itself
        assert public.__doc__.endswith((".", "\n    "))


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Nothing"):
        _ = kg.Nothing  # type: ignore[attr-defined]


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import kg, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, encoding="utf-8", timeout=60, check=True
    )
    assert not {"pyoxigraph", "rdflib", "numpy", "faiss", "jieba"} & set(done.stdout.split())


def test_the_compose_file_starts_what_there_is_with_settings_that_are_read() -> None:
    yaml = pytest.importorskip("yaml", reason="没有装 PyYAML（可选组件 dask 里有）")
    text = (ROOT / "deploy" / "compose.yaml").read_text("utf-8")
    services = yaml.safe_load(text)["services"]
    sources = "".join(path.read_text("utf-8") for path in (*ROOT.glob("kg/**/*.py"), *ROOT.glob("index/*.py")))
    for name in re.findall(r"KG_[A-Z]+", text):
        assert f'"{name}"' in sources, name
    commands = [service["command"].split() for service in services.values() if "command" in service]
    assert {words[0] for words in commands} == {"kg", "oxigraph", "dask"}
    for words in (w for w in commands if w[0] == "kg"):
        said = subprocess.run(
            [sys.executable, "-m", "kg.cli", words[1], "--help"], env=environment(), capture_output=True, encoding="utf-8", check=True,
        ).stdout  # fmt: skip
        assert [word for word in words if word.startswith("--") and word not in said] == []
