"""Zip files within bounds: nothing is unpacked to disk, and what would be too big is refused before it is held."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from kg.readers.grid import ReadError

MAX_MEMBERS = 20_000
MAX_MEMBER = 200 << 20  # bytes of one member, unpacked
RATIO = 400  # real text packs some 20 to 1, blank sheets 100 to 1
SMALL = 20 << 20  # a member below this is not worth suspecting
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, OverflowError, IndexError, OSError)


class Package:
    """A zip file in memory. Raises ReadError where it is damaged, locked, or bigger inside than it may be."""

    def __init__(self, data: bytes) -> None:
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(data))
        except (*DAMAGED, NotImplementedError):
            raise ReadError("压缩结构已损坏：请重新导出或下载") from None
        infos = self.zip.infolist()
        if len(infos) > MAX_MEMBERS:
            raise ReadError(f"压缩包里有 {len(infos)} 个文件，超过 {MAX_MEMBERS} 个：请先拆分")
        self.members = {info.filename.lstrip("/"): info for info in infos}

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def check(self) -> None:
        """Refuse a package whose members declare more than may be held: for libraries that unpack by themselves."""
        total = 0
        for info in self.members.values():
            self._check(info)
            total += info.file_size
        if total > 2 * MAX_MEMBER:
            raise ReadError(f"解压后超过 {2 * MAX_MEMBER >> 20} MB：请先拆分")

    def _check(self, info: zipfile.ZipInfo) -> None:
        if info.file_size > MAX_MEMBER:
            raise ReadError(f"“{info.filename}”解压后超过 {MAX_MEMBER >> 20} MB：请先拆分")
        if info.file_size > SMALL and info.file_size > RATIO * max(info.compress_size, 1):
            raise ReadError(f"“{info.filename}”的压缩比异常（疑为压缩炸弹）：未解压")

    def read(self, name: str) -> bytes:
        """The bytes of a member."""
        info = self.members.get(name)
        if info is None:
            raise ReadError(f"缺少部件“{name}”，文件已损坏：请重新导出")
        if info.flag_bits & 1:
            raise ReadError("有密码：请先去掉密码")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ReadError("压缩方法不支持：请用普通 zip 重新压缩")
        self._check(info)
        try:
            with self.zip.open(info) as member:
                return member.read(info.file_size + 1)
        except (*DAMAGED, NotImplementedError, RuntimeError):
            raise ReadError(f"部件“{name}”已损坏：请重新导出或下载") from None


def parse_xml(data: bytes) -> Any:
    """The root element; entities are not expanded, nothing is fetched. Raises ReadError where it is malformed."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise ReadError("内部 XML 已损坏：请重新导出") from None
    if root.getroottree().docinfo.doctype:
        raise ReadError("内部 XML 带有 DTD 声明（可能是实体攻击）：未读")
    return root


def relations(package: Package, part: str) -> Iterator[tuple[str, str, str]]:
    """(type, target, id) of what a part of an Office file refers to; targets are names of members."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", name + ".rels")
    if path in package:
        for node in parse_xml(package.read(path)):
            target = posixpath.normpath(posixpath.join("/", folder, node.get("Target", ""))).lstrip("/")
            yield node.get("Type", ""), target, node.get("Id", "")


class Archive(Package):
    """A zip of documents. Names that were written in a Chinese code page are read as such."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.members = {_name(info): info for info in self.members.values() if info.filename.strip("/")}

    def documents(self) -> list[str]:
        """Names of the files, in order, without what systems leave behind."""
        return sorted(name for name in self.members if not name.endswith("/") and not is_litter(name))


def is_litter(name: str) -> bool:
    """Lock files, thumbnails, resource forks: files that nobody means by a folder's documents."""
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1].startswith((".", "~$")) or parts[-1].lower() in ("thumbs.db", "desktop.ini")


def _name(info: zipfile.ZipInfo) -> str:
    name = info.filename.replace("\\", "/")
    if not info.flag_bits & 0x800:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            return name
        for encoding in ("utf-8", "gb18030"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return name
