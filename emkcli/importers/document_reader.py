"""Files, directories and standard input → documents; the content decides which reader takes them, never the name."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from emkcli.importers import archives, bulk, sidecars, signature_check
from emkcli.importers.archives import limits
from emkcli.importers.source_document import Parsed
from emkcli.locale import _

NESTED = 1
"""How many archives may lie around another."""
LARGEST = limits.LARGEST
"""Of one document, and of what comes in a pipe; an archive on disk may be larger."""
LARGEST_FOLDER = 2 * LARGEST
"""Of a folder of lines (bulk data): lines are decoded one at a time."""
MOST_SIGNATURES = 10
"""Of one document: each is checked by a program of its own."""
READERS = {"fhir": "emkcli.importers.fhir.reader", "semd": "emkcli.importers.cda.reader"}
"""Name → module with `takes(content) -> bool` and `read(file, content, signatures=…) -> Iterator[Parsed]`."""
_ARCHIVES = {b"7z\xbc\xaf": "7-Zip", b"Rar!": "RAR"}
_OTHERS = {b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"\xd0\xcf\x11\xe0": "Word", b"{\\rtf": "RTF"}

Signatures = Sequence[bytes | None]


def read_all(paths: Sequence[str], stdin: BinaryIO | None = None) -> Iterator[Parsed]:
    """The documents of several paths. Signatures and drawings among them belong to their documents, as with `*`."""
    for path in sidecars.sort(paths).documents:
        yield from read(path, stdin)


def read(path: str, stdin: BinaryIO | None = None) -> Iterator[Parsed]:
    """The documents of a file, of every file of a directory, or of `-`. What cannot be read is a result too."""
    if path == "-":
        yield from _opened("-", stdin) if stdin else _refused("-", _("there is no standard input"))
    elif _is_directory(path):
        yield from _inside(path)
    else:
        yield from _on_disk(path, _signatures(sidecars.beside(path)))


def _inside(path: str) -> Iterator[Parsed]:
    closed: list[OSError] = []
    every = [str(inner) for inner in _files(Path(path), closed)]
    folders = bulk.folders(every)
    for folder, names in folders.items():
        yield from _parsed(folder, _joined(names))
    contents = sidecars.sort(bulk.beside(every, folders))
    for name in contents.documents:
        yield from _on_disk(name, _signatures(contents.signatures.get(name, ())))
    for cause in closed:
        yield from _refused(str(cause.filename), _why(cause))
    if not (folders or contents.documents or closed):
        yield from _refused(path, _("there is no file in it"))


def _is_directory(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except ValueError:
        return False


def _signatures(names: Iterable[str]) -> list[bytes | None]:
    contents = [_file(Path(name), limits.LITTLE) for name in islice(names, MOST_SIGNATURES)]
    return [content if isinstance(content, bytes) else None for content in contents]


def _files(directory: Path, closed: list[OSError]) -> Iterator[Path]:
    """Regular files, in a stable order; hidden ones and links to elsewhere are not the person's documents. Directories
    that may not be read are told in `closed`."""
    for parent, directories, names in os.walk(directory, onerror=closed.append):
        directories[:] = sorted(name for name in directories if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _on_disk(path: str, signatures: Signatures) -> Iterator[Parsed]:
    try:
        with Path(path).open("rb") as file:
            yield from _opened(path, file, signatures)
    except OSError as cause:
        yield from _refused(path, _why(cause))
    except ValueError:
        yield from _refused(path, _("the name is no file name"))


def _opened(name: str, file: BinaryIO, signatures: Signatures = (), depth: int = 0) -> Iterator[Parsed]:
    """An archive stays where it is and is read piece by piece; anything else is read whole, as is what comes in a pipe."""
    if file.seekable() and file.tell() == 0:
        head = file.read(archives.HEAD)
        file.seek(0)
        if archives.is_archive(head):
            yield from _unpacked(name, file, depth)
            return
    yield from _parsed(name, _limited(file), signatures, depth)


def _file(path: Path, limit: int) -> bytes | str:
    """The content, or why there is none."""
    try:
        with path.open("rb") as file:
            return _limited(file, limit)
    except OSError as cause:
        return _why(cause)


def _joined(names: list[str]) -> bytes | str:
    """Files of lines, one after the other."""
    together = io.BytesIO()
    try:
        for name in names:
            with Path(name).open("rb") as file:
                shutil.copyfileobj(file, together, limits.BLOCK)
            together.write(b"\n")
            if together.tell() > LARGEST_FOLDER:
                return _("larger than {limit} MB").format(limit=LARGEST_FOLDER // 2**20)
    except OSError as cause:
        return _why(cause)
    return together.getvalue()


def _why(cause: OSError) -> str:
    if isinstance(cause, FileNotFoundError):
        return _("there is no such file")
    if isinstance(cause, PermissionError):
        return _("you may not read it")
    return cause.strerror or _("cannot be read")


def _limited(file: BinaryIO, limit: int | None = None) -> bytes | str:
    limit = LARGEST if limit is None else limit
    content = file.read(limit + 1)
    return content if len(content) <= limit else _("larger than {limit} MB").format(limit=LARGEST // 2**20)


def _refused(path: str, reason: str) -> Iterator[Parsed]:
    yield Parsed(_shown(path), problem="failed", reason=reason)


def _shown(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _parsed(
    path: str, content: bytes | str, signatures: Signatures = (), depth: int = 0, around: limits.Allowance | None = None
) -> Iterator[Parsed]:
    if isinstance(content, str):
        yield from _refused(path, content)
    elif not content.strip():
        yield from _refused(path, _("the file is empty"))
    elif archives.is_archive(content[: archives.HEAD]):
        yield from _unpacked(path, io.BytesIO(content), depth, around)
    else:
        yield from _document(_shown(path), content, signatures)


def _document(name: str, content: bytes, signatures: Signatures) -> Iterator[Parsed]:
    for module in map(import_module, READERS.values()):
        if module.takes(content):
            yield from module.read(name, content, signatures=signatures)
            return
    inner = signature_check.enclosed(content) if not signatures else None
    if inner:
        yield from _document(name, inner, [content])
        return
    reason = _("a signature without its document") if inner is not None else _unread(content)
    yield Parsed(name, hashlib.sha256(content).hexdigest(), problem="unsupported", reason=reason)


def _unread(content: bytes) -> str:
    """Why, and what to do instead."""
    if content.startswith(b"%PDF"):
        return _("a PDF is a drawing of the document: download the XML, or the archive with it")
    if kind := _kind(content, _ARCHIVES):
        return _("a {kind} archive is not read: unpack it and import the documents").format(kind=kind)
    if kind := _kind(content, _OTHERS):
        return _("{kind} is not read").format(kind=kind)
    return _("neither FHIR nor another known format")


def _kind(content: bytes, kinds: Mapping[bytes, str]) -> str | None:
    return next((kind for start, kind in kinds.items() if content.startswith(start)), None)


def _unpacked(path: str, file: BinaryIO, depth: int, around: limits.Allowance | None = None) -> Iterator[Parsed]:
    """What lies in an archive, one member in memory at a time. Archives in it are read twice as well, and together may
    unpack to no more than it may itself."""
    if depth > NESTED:
        reason = _("an archive in an archive in an archive")
        yield Parsed(_shown(path), problem="unsupported", reason=reason)
        return
    try:
        listing = archives.listing(file, sidecars.is_signature, around)
        contents = sidecars.sort(listing.names, packed=True)
        if not contents.documents:
            yield from _refused(path, _("the archive is empty"))
        inside = limits.Allowance(2 * limits.most(file.seek(0, io.SEEK_END)), around)
        for member in archives.members(file, set(contents.documents), around):
            signatures = contents.signatures.get(member.name, ())
            signed = [listing.small.get(signature) for signature in islice(signatures, MOST_SIGNATURES)]
            yield from _parsed(f"{path}/{member.name}", member.content, signed, depth + 1, inside)
    except archives.Refused as cause:
        yield Parsed(_shown(path), _digest(file), problem="failed", reason=str(cause))


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    for block in iter(partial(file.read, limits.BLOCK), b""):
        digest.update(block)
    return digest.hexdigest()
