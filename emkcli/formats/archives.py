"""Archives → what lies in them, without writing anything to disk: names, sizes and links are checked first."""

from __future__ import annotations

import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from emkcli.locale import _

LARGEST = 200 * 1024 * 1024
LARGEST_TOTAL = 2 * 1024 * 1024 * 1024
MOST = 20_000
RATIO = 200
"""How much larger than the archive its content may be; documents in XML shrink by 10 to 30."""
SMALL = 16 * 1024 * 1024
_TAR = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError)


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


def members(content: bytes) -> Iterator[Member]:
    """Every file in the archive's own order. Raises `Refused`."""
    try:
        found = _zipped(content) if content.startswith(b"PK") else _tarred(content)
        yield from found
    except (*_BROKEN, ValueError, RuntimeError, OverflowError) as cause:
        raise Refused(_("the archive is damaged or of an unknown kind")) from cause


def names(content: bytes) -> list[str]:
    """The names of the files alone. Raises `Refused`."""
    try:
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return [_written(one) for one in archive.infolist() if not one.is_dir()]
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            return [one.name for one in _counted(archive, len(content)) if not one.isdir()]
    except (*_BROKEN, ValueError, RuntimeError, OverflowError) as cause:
        raise Refused(_("the archive is damaged or of an unknown kind")) from cause


def _zipped(content: bytes) -> Iterator[Member]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = archive.infolist()
        _limit(len(infos), sum(one.file_size for one in infos), len(content))
        for one in infos:
            if one.is_dir():
                continue
            name = _written(one)
            refused = _refusal(name, one.file_size, link=stat.S_ISLNK(one.external_attr >> 16))
            if one.flag_bits & 1:
                refused = _("it is encrypted")
            yield Member(name, refused or _unzipped(archive, one))


def _unzipped(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes | str:
    """No more than was announced is unpacked; a member that is damaged, or compressed in a way `zipfile` does not know
    (a RuntimeError), does not cost the others."""
    try:
        with archive.open(one) as file:
            found = file.read(one.file_size + 1)
    except (*_BROKEN, RuntimeError):
        return _("it is damaged")
    return found if len(found) <= one.file_size else _("it is damaged")


def _written(one: zipfile.ZipInfo) -> str:
    """Russian Windows writes names in CP866 and does not say so."""
    if one.flag_bits & 0x800:
        return one.filename
    try:
        return one.filename.encode("cp437").decode("cp866")
    except UnicodeError:
        return one.filename


def _tarred(content: bytes) -> Iterator[Member]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for one in _counted(archive, len(content)):
            if one.isdir():
                continue
            refused = _refusal(one.name, one.size, link=not one.isreg())
            file = None if refused else archive.extractfile(one)
            yield Member(one.name, file.read(LARGEST) if file else refused or _("it is damaged"))


def _counted(archive: tarfile.TarFile, packed: int) -> Iterator[tarfile.TarInfo]:
    total = 0
    for number, one in enumerate(archive, 1):
        total += one.size
        _limit(number, total, packed)
        yield one


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
