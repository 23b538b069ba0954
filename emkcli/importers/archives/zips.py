"""Zip: its table of contents is counted before `zipfile` makes an object of each of its lines."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from emkcli.importers.archives import limits
from emkcli.importers.archives.limits import Allowance, Entry, Refused
from emkcli.locale import _

_LINE = b"PK\x01\x02"
_UTF8, _LOCKED = 0x800, 1


class _Counted(io.BufferedIOBase):
    """A file that gives out no table of contents longer than any real one; `zipfile` reads it in one piece."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.opening = file, True

    def read(self, count: int | None = -1, /) -> bytes:
        wanted = -1 if count is None else count
        if self.opening and wanted > limits.HEADERS:
            raise Refused(_("the names in the archive take more than {limit} MB").format(limit=limits.HEADERS // 2**20))
        content = self._file.read(wanted)
        if self.opening and content.count(_LINE) > 2 * limits.MOST:
            limits.check(limits.MOST + 1, 0, 0)
        return content

    def seek(self, place: int, whence: int = 0, /) -> int:
        return self._file.seek(place, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def entries(file: BinaryIO, size: int, around: Allowance | None = None) -> Iterator[Entry]:
    """Every file of a zip, in the order of its table of contents."""
    counted = _Counted(file)
    with zipfile.ZipFile(counted) as archive:
        counted.opening = False
        infos = archive.infolist()
        total = sum(info.file_size for info in infos)
        limits.check(len(infos), total, size)
        if around:
            around.spend(total)
        for info in infos:
            if not info.is_dir():
                yield Entry(_name(info), info.file_size, _problem(info), _Content(archive, info))


@dataclass(frozen=True)
class _Content:
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def read(self, count: int) -> bytes:
        """`zipfile` joins what it unpacks in quadratic time unless it is asked for little."""
        content = io.BytesIO()
        with self.archive.open(self.info) as file:
            while content.tell() < count and (piece := _piece(file, count - content.tell())):
                content.write(piece)
        return content.getvalue()


def _piece(file: Any, left: int) -> bytes:
    piece: bytes = file.read(min(limits.BLOCK, left))
    return piece


def _problem(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & _LOCKED:
        return _("it is locked with a password: unpack it and import the documents")
    return _("it is a link, no file") if stat.S_ISLNK(info.external_attr >> 16) else None


def _name(info: zipfile.ZipInfo) -> str:
    """Russian Windows writes names in CP866 and does not say so."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("cp866")
    except UnicodeError:
        return info.filename
