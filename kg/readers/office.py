"""doc, wps, rtf and other office formats → docx, xlsx or pdf through LibreOffice, where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from kg.readers.file_types import suffix_of
from kg.readers.grid import ReadError

TARGETS = {".xls": "xlsx", ".et": "xlsx", ".ods": "xlsx", ".dps": "pdf", ".ppt": "pdf", ".pptx": "pdf"}
PLACES = (
    "/usr/bin/soffice",
    "/opt/libreoffice/program/soffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
MEMORY = 4 << 30  # bytes of address space: it maps far more than it uses
DATA = 1536 << 20  # bytes of what it can fill; it usually fills some 300 MB
SETTINGS = (
    # No macros, no links to other files, and a proxy that is not there: nothing is fetched.
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "1"),
    ("/org.openoffice.Inet/Settings", "ooInetProxyType", "2"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)


def convert(name: str, data: bytes) -> bytes:
    """The document as docx, xlsx or pdf. Raises ReadError where LibreOffice is missing or cannot open it."""
    program = shutil.which("soffice") or shutil.which("libreoffice") or next(filter(os.path.exists, PLACES), None)
    suffix = suffix_of(name)
    target = TARGETS.get(suffix, "docx")
    if program is None:
        raise ReadError(f"是 {suffix or '旧版 Office'} 文件：请安装 LibreOffice，或用 Word、WPS 另存为 {target} 后再读")
    with tempfile.TemporaryDirectory(prefix="kg-") as folder:
        source = Path(folder) / f"document{suffix or '.doc'}"
        source.write_bytes(data)
        profile = Path(folder) / "profile"
        _settings(profile)
        command = [
            program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck",
            "--convert-to", target, "--outdir", folder, str(source),
        ]  # fmt: skip
        subprocess.run(command, env=_environment(folder), capture_output=True, check=False, preexec_fn=_bounds)
        result = source.with_suffix(f".{target}")
        if not result.exists():
            raise ReadError(f"内容已损坏或格式不明，LibreOffice 也打不开：请用 Word 或 WPS 另存为 {target} 后再读")
        return result.read_bytes()


def _environment(home: str) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": home, "LANG": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp"}


def _bounds() -> None:
    """LibreOffice may map more than its reader may, and fill no more than DATA."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY if hard < 0 else min(MEMORY, hard), hard))
    resource.setrlimit(resource.RLIMIT_DATA, (DATA, DATA))


def _settings(profile: Path) -> None:
    file = profile / "user" / "registrymodifications.xcu"
    file.parent.mkdir(parents=True)
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in SETTINGS
    )
    file.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        f"{items}</oor:items>",
        "utf-8",
    )
