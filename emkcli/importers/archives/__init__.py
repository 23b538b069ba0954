"""Archives → what lies in them, without writing anything to disk: names, sizes and links are checked first."""

from __future__ import annotations

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import BinaryIO

from emkcli.importers.archives import limits, tars, zips
from emkcli.importers.archives.limits import Allowance, Entry, Refused
from emkcli.importers.archives.unpacking import DECODERS
from emkcli.locale import _

__all__ = ["HEAD", "Listing", "Member", "Refused", "is_archive", "listing", "members"]

HEAD = 512
"""How many of the first bytes tell what a file is."""
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


@dataclass(frozen=True)
class Listing:
    """The names of all files; the content of the small ones that were asked for, None for one too large or damaged."""

    names: list[str]
    small: dict[str, bytes | None]


def is_archive(head: bytes) -> bool:
    """By the first bytes; anything compressed may hold a tar."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", *DECODERS)) or head[257:262] == b"ustar"


def listing(file: BinaryIO, is_small: Callable[[str], bool], around: Allowance | None = None) -> Listing:
    """Everything that is kept in memory while the archive is read. Raises `Refused`."""
    names: list[str] = []
    small: dict[str, bytes | None] = {}
    left = limits.SIGNATURES
    for entry in _entries(file, around):
        names.append(entry.name)
        if is_small(entry.name):
            content = _content(entry) if entry.size <= min(limits.LITTLE, left) else None
            small[entry.name] = content if isinstance(content, bytes) else None
            left -= len(small[entry.name] or b"")
    return Listing(names, small)


def members(file: BinaryIO, only: Collection[str], around: Allowance | None = None) -> Iterator[Member]:
    """The files of some names in the archive's own order, one in memory at a time. Raises `Refused`."""
    for entry in _entries(file, around):
        if entry.name in only:
            yield Member(entry.name, _content(entry))


def _entries(file: BinaryIO, around: Allowance | None) -> Iterator[Entry]:
    size = file.seek(0, 2)
    file.seek(0)
    is_zip = file.read(2) == b"PK"
    file.seek(0)
    try:
        for entry in (zips if is_zip else tars).entries(file, size, around):
            yield _shortened(entry) if len(entry.name) > limits.LONGEST_NAME else entry
    except _BROKEN as cause:
        raise Refused(_("the archive is damaged or of an unknown kind")) from cause


def _shortened(entry: Entry) -> Entry:
    return replace(entry, name=entry.name[:100] + "…", problem=_("its name is too long"))


def _content(entry: Entry) -> bytes | str:
    """No more than was announced is unpacked; a file that is damaged, or compressed in a way `zipfile` does not know
    (a RuntimeError), does not cost the others."""
    problem = entry.problem or _refusal(entry)
    try:
        content = b"" if problem else entry.file.read(entry.size + 1)
    except _BROKEN:
        return _("it is damaged")
    return problem or (content if len(content) == entry.size else _("it is damaged"))


def _refusal(entry: Entry) -> str | None:
    path = PurePosixPath(entry.name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in entry.name or entry.name[1:2] == ":":
        return _("its name leads out of the archive")
    return _("larger than {limit} MB").format(limit=limits.LARGEST // 2**20) if entry.size > limits.LARGEST else None
