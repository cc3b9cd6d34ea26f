"""What a graph was made by."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from ontology import turtle_files


@cache
def fingerprint() -> str:
    """Changes whenever code or knowledge that shapes the graph changes; such data is built anew."""
    digest = hashlib.sha256()
    package = Path(__file__).parent
    for folder in ("readers", "tables", "graph"):
        for path in sorted((package / folder).rglob("*")):
            if path.suffix in (".py", ".toml") and "checks" not in path.parts:  # they read the graph only
                digest.update(path.read_bytes())
    for file in turtle_files():
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
