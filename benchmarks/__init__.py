"""Benchmarks of jixiao-kg: ``python -m benchmarks`` runs all and writes RESULTS.md; named parts run alone.

Every part measures the project beside a plain peer in the same run; ratios hold better than times.
"""

from __future__ import annotations

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the parts named (all where none is) and print their tables."""
    from benchmarks.__main__ import main as run

    run(arguments)
