"""Archives → what lies in them, without writing anything to disk: names, sizes and links are checked first."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from emkcli.locale import _

LARGEST = 200 * 1024 * 1024
LARGEST_TOTAL = 2 * 1024 * 1024 * 1024
MOST = 20_000
RATIO = 200
"""How much larger than the archive its content may be; documents in XML shrink by 10 to 30."""
SMALL = 16 * 1024 * 1024
LITTLE = 1024 * 1024
_SINGLE: dict[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZ": bz2.BZ2File,
    b"\xfd7": lzma.LZMAFile,
}
_TAR = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, ValueError, RuntimeError, OverflowError, LookupError),
)
"""What the standard library raises on archives made to break it, an empty name among them."""


@dataclass(frozen=True)
class Member:
    """One file of an archive; `content` is its bytes, or why there are none."""

    name: str
    content: bytes | str


class Refused(Exception):
    """The archive as a whole cannot be read."""


def is_archive(content: bytes) -> bool:
    """By the first bytes; anything compressed may hold a tar."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06", *_TAR)) or content[257:262] == b"ustar"


def members(content: bytes, only: Collection[str] | None = None) -> Iterator[Member]:
    """Every file in the archive's own order, or those of some names. Raises `Refused`."""
    try:
        yield from _zipped(content, only) if content.startswith(b"PK") else _tarred(content, only)
    except _BROKEN as cause:
        raise Refused(_("the archive is damaged or of an unknown kind")) from cause


def few(content: bytes, wanted: Collection[str]) -> dict[str, bytes | None]:
    """Small files of those names, all at once; None for one that is too large or damaged. Raises `Refused`."""
    if not wanted:
        return {}
    contents: dict[str, bytes | None] = dict.fromkeys(wanted)
    for member in members(content, only=wanted):
        if isinstance(member.content, bytes) and len(member.content) <= LITTLE:
            contents[member.name] = member.content
    return contents


def names(content: bytes) -> list[str]:
    """The names of the files alone. Raises `Refused`."""
    try:
        if content.startswith(b"PK"):
            with _zip(content) as archive:
                return [_written(entry) for entry in archive.infolist() if not entry.is_dir()]
        with _tar(content) as archive:
            return [entry.name for entry in _counted(archive, len(content)) if not entry.isdir()]
    except _BROKEN as cause:
        raise Refused(_("the archive is damaged or of an unknown kind")) from cause


def _zip(content: bytes) -> zipfile.ZipFile:
    """Its table of contents would be read into memory whole: how long it is, is looked at first."""
    if content.count(b"PK\x01\x02") > 2 * MOST:
        raise Refused(_("more than {limit} files in one archive").format(limit=MOST))
    return zipfile.ZipFile(io.BytesIO(content))


def _zipped(content: bytes, only: Collection[str] | None) -> Iterator[Member]:
    with _zip(content) as archive:
        infos = archive.infolist()
        _limit(len(infos), sum(info.file_size for info in infos), len(content))
        for info in infos:
            if info.is_dir():
                continue
            name = _written(info)
            if only is not None and name not in only:
                continue
            refused = _refusal(name, info.file_size, link=stat.S_ISLNK(info.external_attr >> 16))
            if info.flag_bits & 1:
                refused = _("it is locked with a password: unpack it and import the documents")
            yield Member(name, refused or _unzipped(archive, info))


def _unzipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | str:
    """No more than was announced is unpacked; a member that is damaged, or compressed in a way `zipfile` does not know
    (a RuntimeError), does not cost the others."""
    try:
        with archive.open(info) as file:
            content = file.read(info.file_size + 1)
    except _BROKEN:
        return _("it is damaged")
    return content if len(content) <= info.file_size else _("it is damaged")


def _written(info: zipfile.ZipInfo) -> str:
    """Russian Windows writes names in CP866 and does not say so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("cp866")
    except UnicodeError:
        return info.filename


def _tar(content: bytes) -> tarfile.TarFile:
    """A tar, packed or not; a single packed file becomes a tar of one."""
    try:
        return tarfile.open(fileobj=io.BytesIO(content))
    except tarfile.ReadError:
        unpack = _SINGLE.get(content[:2])
        if unpack is None:
            raise
        with unpack(io.BytesIO(content)) as file:
            unpacked = file.read(min(LARGEST, max(SMALL, len(content) * RATIO)) + 1)
        _limit(1, len(unpacked), len(content))
        return _tar_of_one(unpacked)


def _tar_of_one(content: bytes) -> tarfile.TarFile:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("document")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    file.seek(0)
    return tarfile.open(fileobj=file)


def _tarred(content: bytes, only: Collection[str] | None) -> Iterator[Member]:
    with _tar(content) as archive:
        for info in _counted(archive, len(content)):
            if info.isdir() or (only is not None and info.name not in only):
                continue
            refused = _refusal(info.name, info.size, link=not info.isreg())
            file = None if refused else archive.extractfile(info)
            yield Member(info.name, file.read(LARGEST) if file else refused or _("it is damaged"))


def _counted(archive: tarfile.TarFile, packed: int) -> Iterator[tarfile.TarInfo]:
    total = 0
    for number, info in enumerate(archive, 1):
        total += info.size
        _limit(number, total, packed)
        yield info


def _limit(number: int, total: int, packed: int) -> None:
    if number > MOST:
        raise Refused(_("more than {limit} files in one archive").format(limit=MOST))
    if total > LARGEST_TOTAL or (total > SMALL and total > packed * RATIO):
        raise Refused(_("the archive unpacks to far more than it is: it is not read"))


def _refusal(name: str, size: int, *, link: bool) -> str | None:
    path = PurePosixPath(name.replace("\\", "/"))
    if link:
        return _("it is a link, no file")
    if path.is_absolute() or ".." in path.parts or "\0" in name or name[1:2] == ":":
        return _("its name leads out of the archive")
    return _("larger than {limit} MB").format(limit=LARGEST // 2**20) if size > LARGEST else None
