"""Kill -9 the server in the middle of uploads: it restarts, nothing is lost, nothing is half there.

``python -m benchmarks.service_kills [--times 30] DATA``: DATA is copied and left alone.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

from benchmarks.generate import documents
from benchmarks.service_load import Server

HEADERS = {"Authorization": "Bearer bench-token"}


def _send(url: str, file: Path, answers: list[int]) -> None:
    with contextlib.suppress(httpx.HTTPError), file.open("rb") as out:
        answers.append(
            httpx.post(
                f"{url}/api/documents", files={"files": out}, headers=HEADERS, timeout=60, trust_env=False
            ).status_code
        )


def _state(url: str) -> dict[str, int]:
    found = httpx.get(f"{url}/api/documents", timeout=60, trust_env=False).json()
    counted = httpx.get(
        f"{url}/sparql", params={"query": "SELECT (COUNT(DISTINCT ?i) AS ?n) { GRAPH ?g { ?i a jx:Indicator } }"}, timeout=60, trust_env=False
    ).json()["results"]["bindings"][0]["n"]["value"]  # fmt: skip
    documents = {d["name"]: int(d["indicators"]) for d in found["documents"]}
    if int(counted) != sum(documents.values()):
        raise SystemExit(f"half there: {counted} indicators in the graph, {documents}")
    return documents


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("data", type=Path)
    options.add_argument("--times", type=int, default=30)
    given = options.parse_args()
    choose = random.Random(1)
    outcomes = {"old": 0, "new": 0}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(given.data, data)
        files = documents(Path(folder) / "files", 3)[1:]
        # both are embedded beforehand: what is tested is the writing
        subprocess.run(
            [sys.executable, "-m", "kg.cli", "add", "--data", str(data), *map(str, files)],
            check=True,
            capture_output=True,
        )
        for n in range(min(given.times, 100)):
            server = Server(data)
            before = _state(server.url)
            file = files[n % 2]
            if file.name in before:
                httpx.delete(
                    f"{server.url}/api/documents/{file.name}", headers=HEADERS, timeout=60, trust_env=False
                ).raise_for_status()
                before = _state(server.url)
            answers: list[int] = []
            sending = threading.Thread(target=_send, args=(server.url, file, answers))
            sending.start()
            time.sleep(choose.uniform(0.0, 6.0))
            server.process.kill()
            server.process.wait()
            sending.join()
            again = Server(data)
            after = _state(again.url)
            again.stop()
            if after != before and set(after) - set(before) != {file.name}:
                raise SystemExit(f"lost: {before} → {after}")
            outcomes["old" if after == before else "new"] += 1
            if answers == [200] and after == before:
                raise SystemExit("an upload that was confirmed is gone")
            print(n + 1, outcomes, flush=True)
        left = [p.name for p in data.glob("incoming-*")] + [p.name for p in (data / "generations").glob("building-*")]
        print("left behind after the last start:", left)


if __name__ == "__main__":
    main()
