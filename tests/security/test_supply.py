"""What is installed is what was locked, down to each file's hash, and its licence is listed."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata

import pytest
from command import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import licences

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PACKAGES = licences.locked()


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    text = (ROOT / "constraints.txt").read_text("utf-8")
    lines = text.splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+!]+", line)] == []
    return {plain(name): version for name, _, version in (line.partition("==") for line in lines)}


def test_every_package_is_locked_to_the_version_of_the_constraints() -> None:
    pinned = pins()
    assert {name: version for name, version in PACKAGES.items() if pinned.get(plain(name)) != version} == {}


def test_every_package_of_the_lock_has_hashes_and_no_other_source() -> None:
    for entry in re.split(r"\n(?=\S)", LOCK.strip()):
        assert re.fullmatch(
            r"[\w.-]+==[\w.]+(?: ; [^\\\n]+)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\\n|$))+", entry
        ), entry[:80]


def test_whatever_the_program_needs_is_locked() -> None:
    """The closure of its requirements, as the installed packages state them."""
    known = {plain(name) for name in PACKAGES}
    with (ROOT / "pyproject.toml").open("rb") as file:
        todo = [re.split(r"[^\w.-]", line)[0] for line in tomllib.load(file)["project"]["dependencies"]]
    assert {plain(name) for name in todo} <= known
    from packaging.requirements import Requirement

    for name in PACKAGES:
        for line in metadata.requires(name) or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                assert plain(requirement.name) in known, f"{name} needs {requirement.name}"


@pytest.mark.parametrize("heavy", ["torch", "sentence-transformers", "huggingface-hub", "transformers"])
def test_nothing_that_calls_a_model_hub_is_in_the_basic_installation(heavy: str) -> None:
    assert heavy not in {plain(name) for name in PACKAGES}


def test_no_licence_asks_more_of_who_passes_the_program_on_than_its_own() -> None:
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    strict = re.compile(
        r"(?<!Lesser )General Public License|(?<![A-Z])A?GPL|SSPL|Commons Clause|NonCommercial|NC-", re.IGNORECASE
    )
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert [row for row in rows if strict.search(row) and "不在包里" not in row] == []


def test_the_licence_of_everything_is_listed() -> None:
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([\w.-]+) \| (\S+ \| .*?) \|$", page, re.MULTILINE))
    for name, version in PACKAGES.items():
        listed, _, licence = rows[name].partition(" | ")
        assert listed == version
        assert len(licence) >= 3, name
    assert page == "\n".join(licences.page()) + "\n"
