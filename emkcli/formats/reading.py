"""Files, directories and standard input → documents; the content decides which reader takes them, never the name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from emkcli.api.documents import Parsed
from emkcli.locale import _

LARGEST = 200 * 1024 * 1024
READERS = {"fhir": "emkcli.formats.fhir_reader", "semd": "emkcli.formats.semd_reader"}
"""Name → module with `takes(content) -> bool` and `read(file, content) -> Iterator[Parsed]`."""
_KNOWN = {b"PK\x03\x04": "ZIP", b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"\x1f\x8b": "gzip"}


def read(path: str, stdin: BinaryIO | None = None) -> Iterator[Parsed]:
    """The documents of a file, of every file of a directory, or of `-`. What cannot be read is a result too."""
    if path == "-":
        yield from _parsed("-", _stream(stdin))
    elif Path(path).is_dir():
        for inner in _files(Path(path)):
            yield from _parsed(str(inner), _file(inner))
    else:
        yield from _parsed(path, _file(Path(path)))


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


def _stream(stdin: BinaryIO | None) -> bytes | str:
    return _limited(stdin) if stdin else _("there is no standard input")


def _limited(file: BinaryIO) -> bytes | str:
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        return _("larger than {limit} MB").format(limit=LARGEST // 2**20)
    return content


def _parsed(path: str, content: bytes | str) -> Iterator[Parsed]:
    name = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(content, str):
        yield Parsed(name, problem="failed", reason=content)
        return
    if not content.strip():
        yield Parsed(name, problem="failed", reason=_("the file is empty"))
        return
    for module in map(import_module, READERS.values()):
        if module.takes(content):
            yield from module.read(name, content)
            return
    kind = next((kind for start, kind in _KNOWN.items() if content.startswith(start)), None)
    told = _("{kind} is not read yet").format(kind=kind) if kind else _("neither FHIR nor another known format")
    yield Parsed(name, sha256(content).hexdigest(), problem="unsupported", reason=told)
