"""``python -m benchmarks [build] [ask] [search] [queries] [scale] [growth]``"""

from __future__ import annotations

import argparse
import os
import tempfile
from datetime import date
from pathlib import Path

from benchmarks.measure import machine
from benchmarks.parts import PARTS, Workspace

RESULTS = Path(__file__).with_name("RESULTS.md")


def main(arguments: list[str] | None = None) -> None:
    """Run the parts named (all where none is) and print their tables; a run of all is kept in RESULTS.md."""
    parser = argparse.ArgumentParser("python -m benchmarks", description="测量 jixiao-kg；全部运行时写入 RESULTS.md")
    parser.add_argument("parts", nargs="*", metavar="部分", help="、".join(PARTS))
    chosen = parser.parse_args(arguments).parts
    if unknown := [part for part in chosen if part not in PARTS]:
        parser.error(f"没有“{'”“'.join(unknown)}”：可选 {'、'.join(PARTS)}")
    load = f"开始时系统负荷 {os.getloadavg()[0]:.1f}；时间随机器忙闲浮动，比值更稳"
    printed = [f"# 基准测试\n\n{date.today():%Y-%m-%d}，{machine()}。{load}。"]
    print(printed[0], flush=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Workspace(Path(folder))
        for part in chosen or PARTS:
            for table in PARTS[part](work):
                printed.append(str(table))
                print(f"\n{table}", flush=True)
    if not chosen:
        RESULTS.write_text("\n\n".join(printed) + "\n", "utf-8")


if __name__ == "__main__":
    main()
