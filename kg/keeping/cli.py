"""``kg verify``, ``kg backup`` and ``kg restore``: thin doors on kg.keeping."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.help import ChineseCommand
from kg.options import DATA, Data, note


def register(app: typer.Typer) -> None:
    """Put the three commands under ``kg``."""
    app.command("verify", cls=ChineseCommand)(verify)
    app.command("backup", cls=ChineseCommand)(backup)
    app.command("restore", cls=ChineseCommand)(restore)


def verify(data: Data = DATA) -> None:
    """逐个文件核对数据目录是否完好：每处损坏一行，指明文件和补救办法。"""
    from kg.keeping.verify import verify as run

    verdict = run(data)
    for fault in verdict.faults:
        print(fault)
    if verdict.faults:
        raise typer.Exit(1)
    print(
        f"完好：{verdict.files} 个文件（{verdict.size / 1e6:.1f} MB）、"
        f"{verdict.originals} 份原件、{verdict.decisions} 条复核与核对记录"
    )


def backup(
    file: Annotated[Path, typer.Argument(metavar="文件", help="备份写到哪个文件（zip）")],
    data: Data = DATA,
) -> None:
    """把图谱、索引、原件、复核与核对记录备份成一个核对过的文件；服务照常运行。"""
    from kg.keeping.backup import backup as run

    taken = run(data, file)
    print(f"已备份到 {file}：{taken.documents} 份文档、{taken.files} 个文件（{taken.size / 1e6:.1f} MB），已读回核对")


def restore(
    file: Annotated[Path, typer.Argument(metavar="文件", help="kg backup 写的文件")],
    data: Data = DATA,
) -> None:
    """从备份恢复（替换原有图谱，复核与核对记录合并）；先核对整个备份，服务照常运行。"""
    import kg
    from kg.errors import KgError
    from kg.keeping.backup import restore as run

    taken = run(data, file)
    print(f"已恢复到 {data}：{taken.documents} 份文档、{taken.files} 个文件")
    try:
        kg.open(data).close()
    except KgError as error:
        note(f"注意：{error}")
