"""Tar, read forward block by block. `tarfile` reads a header of any size into memory and keeps every one; here each is
counted before it is read, and of what it says only a file's name and size are kept (POSIX.1-2001 pax, GNU long names)."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import BinaryIO

from emkcli.importers.archives import limits
from emkcli.importers.archives.limits import Allowance, Entry, Refused
from emkcli.importers.archives.unpacking import Forward, stream
from emkcli.locale import _

BLOCK = 512
_PAX = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)
_LONG = {tarfile.GNUTYPE_LONGNAME: "path", tarfile.GNUTYPE_LONGLINK: "linkpath"}
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)


def entries(file: BinaryIO, size: int, around: Allowance | None = None) -> Iterator[Entry]:
    """Every file of a tar, packed or not; a single packed file is an archive of one."""
    unpacked = stream(file, size, around)
    first = unpacked.read(BLOCK)
    if first.strip(b"\0") and not _is_header(first):
        yield _single(first, unpacked)
        return
    for number, info in enumerate(_files(first, unpacked), 1):
        limits.check(number, 0, size)
        content = _Content(unpacked, info.size)
        problem = None if info.type in _FILES else _("it is a link, no file")
        yield Entry(info.name, info.size, problem, content)
        content.skip(-info.size % BLOCK)


def _is_header(block: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _single(first: bytes, unpacked: Forward) -> Entry:
    content = first + unpacked.read(limits.LARGEST + 1 - len(first))
    return Entry(
        "document", len(content), None, _Content(Forward(iter([content]), Allowance(len(content))), len(content))
    )


class _Content:
    """What belongs to one file of the stream."""

    def __init__(self, unpacked: Forward, size: int) -> None:
        self._unpacked, self._left = unpacked, size

    def read(self, count: int) -> bytes:
        content = self._unpacked.read(min(count, self._left))
        self._left -= len(content)
        return content

    def skip(self, padding: int) -> None:
        self._unpacked.skip(self._left + padding)


def _files(block: bytes, unpacked: Forward) -> Iterator[tarfile.TarInfo]:
    """The headers of files, each with the name and size that those before it give."""
    attributes: dict[str, str] = {}
    left = limits.HEADERS
    while block.strip(b"\0"):
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        if info.size < 0:
            raise tarfile.HeaderError
        if info.type in _PAX or info.type in _LONG:
            left -= info.size
            attributes |= _attributes(info, unpacked, left)
        else:
            info.name = attributes.get("path", info.name)
            info.size = _size(attributes.get("size"), info)
            attributes = {}
            if not info.isdir():
                yield info
        block = unpacked.read(BLOCK)


def _size(written: str | None, info: tarfile.TarInfo) -> int:
    """Links and directories have no content, whatever they say."""
    size = int(written) if written else info.size
    return size if info.type not in (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE) else 0


def _attributes(info: tarfile.TarInfo, unpacked: Forward, left: int) -> dict[str, str]:
    """What a header says of the next file."""
    if left < 0:
        raise Refused(_("the names in the archive take more than {limit} MB").format(limit=limits.HEADERS // 2**20))
    content = unpacked.read(info.size)
    unpacked.skip(-info.size % BLOCK)
    if info.type in _LONG:
        return {_LONG[info.type]: _text(content.partition(b"\0")[0])}
    return {} if info.type == tarfile.XGLTYPE else dict(_records(content))


def _records(content: bytes) -> Iterator[tuple[str, str]]:
    """`23 path=a long name\\n`: the number is the length of the record."""
    place = 0
    while content[place : place + 1].isdigit():
        length, blank, _rest = content[place : place + 20].partition(b" ")
        if not blank or int(length) <= len(length) + 1:
            raise tarfile.HeaderError
        name, _equals, value = content[place + len(length) + 1 : place + int(length) - 1].partition(b"=")
        if name in (b"path", b"size"):
            yield name.decode(), _text(value)
        place += int(length)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
