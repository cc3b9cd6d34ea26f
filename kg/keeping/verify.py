"""Whether everything in a data directory is as it was written."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kg.errors import KgError
from kg.graph import stores
from kg.graph.confirm import Confirmations
from kg.graph.generations import REMEDY, DataDirectory
from kg.graph.review import Reviews


@dataclass(slots=True)
class Verdict:
    """What was compared, and a line for each fault that names the file and what mends it."""

    files: int = 0
    size: int = 0
    originals: int = 0
    decisions: int = 0
    faults: list[str] = field(default_factory=list)


def verify(data: Path) -> Verdict:
    """Compare every file with its checksum. Raises KgError where nothing was built."""
    directory, verdict = DataDirectory(data), Verdict()
    if directory.current() is None:
        directory.open()
    try:
        generation = directory.open(checked=False)
    except KgError as error:
        verdict.faults.append(str(error))
    else:
        try:
            verdict.files = len(generation.manifest.files)
            verdict.size = sum(size for size, _ in generation.manifest.files.values())
            verdict.faults += [str(fault) for fault in directory.faults(generation)]
            if generation.manifest.place:
                _ = stores.opened(generation)  # which asks the engine whether it has it
        except KgError as error:
            verdict.faults.append(str(error))
        finally:
            generation.close()
    _originals(directory, verdict)
    for decisions in (Reviews(data), Confirmations(data)):
        try:
            verdict.decisions += len(decisions.all())
        except KgError as error:
            verdict.faults.append(str(error))
    return verdict


def _originals(directory: DataDirectory, verdict: Verdict) -> None:
    try:
        catalogue = directory.catalogue()
    except KgError as error:
        verdict.faults.append(str(error))
        return
    for name, digest, _ in catalogue.documents:
        verdict.originals += 1
        if fault := directory.originals.fault(digest):
            verdict.faults.append(str(directory.original_damage(name, digest, fault)))
    for path in sorted(directory.originals.folder.glob("*.json")):
        if path.name.partition(".")[0] == directory.current() and directory.copy_fault(path):
            verdict.faults.append(
                f"数据目录“{directory.root}”的 originals/{path.name} 已损坏（内容与文件名不符）：{REMEDY}"
            )
