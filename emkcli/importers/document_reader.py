"""Files, directories and standard input → documents; the content decides which reader takes them, never the name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from emkcli.importers import archives, bulk, sidecars, signature_check
from emkcli.importers.source_document import Parsed
from emkcli.locale import _

NESTED = 1
"""How many archives may lie around another."""
LARGEST = 200 * 1024 * 1024
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
        yield from _parsed("-", _limited(stdin) if stdin else _("there is no standard input"))
    elif _is_directory(path):
        yield from _inside(path)
    else:
        yield from _parsed(path, _file(Path(path)), _signatures(sidecars.beside(path)))


def _inside(path: str) -> Iterator[Parsed]:
    closed: list[OSError] = []
    every = [str(inner) for inner in _files(Path(path), closed)]
    folders = bulk.folders(every)
    for folder, names in folders.items():
        yield from _parsed(folder, _joined(names))
    contents = sidecars.sort(bulk.beside(every, folders))
    for name in contents.documents:
        yield from _parsed(name, _file(Path(name)), _signatures(contents.signatures.get(name, ())))
    for cause in closed:
        yield from _parsed(str(cause.filename), _why(cause))
    if not (folders or contents.documents or closed):
        yield from _parsed(path, _("there is no file in it"))


def _is_directory(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except ValueError:
        return False


def _signatures(names: Iterable[str]) -> list[bytes | None]:
    read = [_file(Path(name)) for name in names]
    return [content if isinstance(content, bytes) and len(content) <= archives.LITTLE else None for content in read]


def _files(directory: Path, closed: list[OSError]) -> Iterator[Path]:
    """Regular files, in a stable order; hidden ones and links to elsewhere are not the person's documents. Directories
    that may not be read are told in `closed`."""
    for parent, directories, names in os.walk(directory, onerror=closed.append):
        directories[:] = sorted(name for name in directories if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _file(path: Path) -> bytes | str:
    """The content, or why there is none."""
    try:
        with path.open("rb") as file:
            return _limited(file)
    except OSError as cause:
        return _why(cause)
    except ValueError:
        return _("the name is no file name")


def _joined(names: list[str]) -> bytes | str:
    """Files of lines, one after the other."""
    contents = [_file(Path(name)) for name in names]
    problem = next((content for content in contents if isinstance(content, str)), None)
    together = b"\n".join(content for content in contents if isinstance(content, bytes))
    if len(together) > LARGEST:
        return _("larger than {limit} MB").format(limit=LARGEST // 2**20)
    return problem or together


def _why(cause: OSError) -> str:
    if isinstance(cause, FileNotFoundError):
        return _("there is no such file")
    if isinstance(cause, PermissionError):
        return _("you may not read it")
    return cause.strerror or _("cannot be read")


def _limited(file: BinaryIO) -> bytes | str:
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        return _("larger than {limit} MB").format(limit=LARGEST // 2**20)
    return content


def _parsed(path: str, content: bytes | str, signatures: Signatures = (), depth: int = 0) -> Iterator[Parsed]:
    name = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(content, str):
        yield Parsed(name, problem="failed", reason=content)
    elif not content.strip():
        yield Parsed(name, problem="failed", reason=_("the file is empty"))
    elif archives.is_archive(content):
        yield from _unpacked(name, content, depth)
    else:
        yield from _document(name, content, signatures)


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
    yield Parsed(name, sha256(content).hexdigest(), problem="unsupported", reason=reason)


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


def _unpacked(name: str, content: bytes, depth: int) -> Iterator[Parsed]:
    """What lies in an archive, one member in memory at a time."""
    if depth > NESTED:
        yield Parsed(name, problem="unsupported", reason=_("an archive in an archive in an archive"))
        return
    try:
        contents = sidecars.sort(archives.names(content), packed=True)
        wanted = set(contents.documents)
        signed = archives.few(content, {signature for signs in contents.signatures.values() for signature in signs})
        if not wanted:
            yield Parsed(name, problem="failed", reason=_("the archive is empty"))
        for member in archives.members(content, wanted):
            signatures = [signed.get(signature) for signature in contents.signatures.get(member.name, ())]
            yield from _parsed(f"{name}/{member.name}", member.content, signatures, depth + 1)
    except archives.Refused as cause:
        yield Parsed(name, sha256(content).hexdigest(), problem="failed", reason=str(cause))
