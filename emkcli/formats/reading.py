"""Files, directories and standard input → documents; the content decides which reader takes them, never the name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from emkcli.api.documents import Parsed
from emkcli.formats import archives, bulk, signatures
from emkcli.locale import _

NESTED = 1
"""How many archives may lie around another."""
LARGEST = 200 * 1024 * 1024
READERS = {"fhir": "emkcli.formats.fhir_reader", "semd": "emkcli.formats.semd_reader"}
"""Name → module with `takes(content) -> bool` and `read(file, content, signed=…) -> Iterator[Parsed]`."""
_KNOWN = {b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG"}


def read(path: str, stdin: BinaryIO | None = None) -> Iterator[Parsed]:
    """The documents of a file, of every file of a directory, or of `-`. What cannot be read is a result too."""
    if path == "-":
        yield from _parsed("-", _stream(stdin))
    elif Path(path).is_dir():
        every = [str(inner) for inner in _files(Path(path))]
        folders = bulk.folders(every)
        for folder, names in folders.items():
            yield from _parsed(folder, _joined(names))
        found = bulk.beside(every, folders)
        for name in signatures.without(found):
            yield from _parsed(name, _file(Path(name)), signed=signatures.is_signed(name, found))
    else:
        yield from _parsed(path, _file(Path(path)), signed=signatures.lies_beside(path))


def _files(directory: Path) -> Iterator[Path]:
    """Regular files, in a stable order; hidden ones and links to elsewhere are not the person's documents."""
    for parent, directories, names in os.walk(directory):
        directories[:] = sorted(name for name in directories if not name.startswith("."))
        for name in sorted(names):
            found = Path(parent, name)
            if not name.startswith(".") and found.is_file() and not found.is_symlink():
                yield found


def _file(path: Path) -> bytes | str:
    """The content, or why there is none."""
    try:
        with path.open("rb") as file:
            return _limited(file)
    except OSError as cause:
        return cause.strerror or _("cannot be read")
    except ValueError:
        return _("the name is no file name")


def _joined(names: list[str]) -> bytes | str:
    """Files of lines, one after the other."""
    contents = [_file(Path(name)) for name in names]
    problem = next((one for one in contents if isinstance(one, str)), None)
    together = b"\n".join(one for one in contents if isinstance(one, bytes))
    if len(together) > LARGEST:
        return _("larger than {limit} MB").format(limit=LARGEST // 2**20)
    return problem or together


def _stream(stdin: BinaryIO | None) -> bytes | str:
    return _limited(stdin) if stdin else _("there is no standard input")


def _limited(file: BinaryIO) -> bytes | str:
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        return _("larger than {limit} MB").format(limit=LARGEST // 2**20)
    return content


def _parsed(path: str, content: bytes | str, *, signed: bool = False, depth: int = 0) -> Iterator[Parsed]:
    name = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(content, str):
        yield Parsed(name, problem="failed", reason=content)
        return
    if not content.strip():
        yield Parsed(name, problem="failed", reason=_("the file is empty"))
        return
    if archives.is_archive(content):
        yield from _unpacked(name, content, depth)
        return
    for module in map(import_module, READERS.values()):
        if module.takes(content):
            yield from module.read(name, content, signed=signed)
            return
    kind = next((kind for start, kind in _KNOWN.items() if content.startswith(start)), None)
    told = _("{kind} is not read yet").format(kind=kind) if kind else _("neither FHIR nor another known format")
    yield Parsed(name, sha256(content).hexdigest(), problem="unsupported", reason=told)


def _unpacked(name: str, content: bytes, depth: int) -> Iterator[Parsed]:
    """What lies in an archive, one member in memory at a time; a PDF beside XML is the same document drawn."""
    if depth > NESTED:
        yield Parsed(name, problem="unsupported", reason=_("an archive in an archive in an archive"))
        return
    try:
        known = archives.names(content)
        wanted = set(signatures.without(known))
        drawn = any(one.lower().endswith(".xml") for one in known)
        if not wanted:
            yield Parsed(name, problem="failed", reason=_("the archive is empty"))
        for member in archives.members(content):
            drawing = drawn and isinstance(member.content, bytes) and member.content.startswith(b"%PDF")
            if member.name in wanted and not drawing:
                signed = signatures.is_signed(member.name, known)
                yield from _parsed(f"{name}/{member.name}", member.content, signed=signed, depth=depth + 1)
    except archives.Refused as cause:
        yield Parsed(name, sha256(content).hexdigest(), problem="failed", reason=str(cause))
