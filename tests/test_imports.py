"""Every module can be imported by itself, whatever was imported before it."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Where modules import each other in a circle, importing all of them once meets one that is still being imported.
CIRCLES = """
import builtins, importlib, pkgutil, sys

OURS = ("kg", "index", "ontology", "queries")
plain, circles = builtins.__import__, []

def unready(name):
    module = sys.modules.get(name)
    return module is not None and module.__spec__._initializing

def watched(name, globals=None, locals=None, fromlist=(), level=0):
    if name.partition(".")[0] not in OURS:
        return plain(name, globals, locals, fromlist, level)
    wanted = {part: f"{name}.{part}" for part in fromlist or ()}
    early = {w for w in (name, *wanted.values()) if unready(w)}
    found = plain(name, globals, locals, fromlist, level)
    if fromlist:  # a package may import modules of its own while it is being imported
        early &= {w if w in sys.modules else name for w in wanted.values()}
    circles.extend(f"{globals['__name__']}>{w}" for w in early)
    return found

builtins.__import__ = watched
names = list(OURS)
for package in map(importlib.import_module, OURS):
    names += [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
for name in names:
    importlib.import_module(name)
print(len(names), *circles)
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_two_modules_need_each_other_to_be_imported() -> None:
    count, *circles = run(CIRCLES).split()
    assert int(count) > 100
    assert not circles


@pytest.mark.parametrize("module", ["kg.service.views", "kg.service.worker", "kg.ask", "index.duplicates.found"])
def test_a_module_can_be_imported_alone(module: str) -> None:
    run(f"import {module}")
