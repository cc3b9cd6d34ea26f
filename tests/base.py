"""A fresh environment that holds a wheel and what its metadata requires without extras, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email import message_from_bytes
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def environment_of(wheel: Path, folder: Path) -> Path:
    """A virtual environment in ``folder`` with ``wheel`` installed; returns its ``bin``.

    What the wheel requires is linked from the environment of the tests: what pip would install, without a download.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60)
    (site,) = folder.glob("lib/python*/site-packages")
    for found in required(_requires(wheel)):
        _link(found, site)
    subprocess.run(
        [
            sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "-q",
            "--disable-pip-version-check", "--no-index", "--no-deps", wheel,
        ],
        check=True, timeout=120,
    )  # fmt: skip
    return folder / "bin"


def _requires(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as file:
        (name,) = (n for n in file.namelist() if n.endswith(".dist-info/METADATA"))
        return message_from_bytes(file.read(name)).get_all("Requires-Dist", [])


def required(requirements: list[str]) -> list[Distribution]:
    """The distributions that these requirements bring, with all that those bring."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(text, "") for text in requirements]
    while waiting:
        text, extra = waiting.pop()
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(wanted.name)
        for key in ((name, more) for more in ("", *wanted.extras)):
            if key not in seen:
                seen.add(key)
                found[name] = distribution(name)
                waiting += [(further, key[1]) for further in found[name].requires or ()]
    return list(found.values())


def _link(found: Distribution, site: Path) -> None:
    """Its packages and modules, by the list of its files; what lies outside (commands, headers) is left."""
    for top in {Path(file).parts[0] for file in found.files or () if ".." not in Path(file).parts}:
        place = Path(str(found.locate_file(top)))
        if place.exists() and top != "__pycache__" and not (site / top).exists():
            (site / top).symlink_to(place)
