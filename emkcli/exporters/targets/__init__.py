"""Where an export may be written: what every target can do, and the bytes on their way there."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol

from emkcli import errors
from emkcli.locale import _
from emkcli.models import WrittenFile


class Writable(Protocol):
    """What takes the bytes of a file one after the other."""

    def write(self, content: bytes, /) -> object: ...


class Output:
    """Bytes on their way to a file, counted and hashed. Where `path` is set a library may build the file there itself
    and say so with `built`."""

    def __init__(self, file: BinaryIO, path: Path | None = None) -> None:
        self._file = file
        self._hash = sha256()
        self.bytes = 0
        self.path = path

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self._hash.update(content)
        self.bytes += len(content)

    def built(self, path: Path) -> None:
        """Count and hash what was written to `path` by name."""
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                self._hash.update(piece)
                self.bytes += len(piece)

    def close(self) -> None:
        """Nothing more comes: on the disk, and one open file less."""
        if not self._file.closed:
            self._file.flush()
            if self.path:
                os.fsync(self._file.fileno())
            self._file.close()

    def written(self, path: str) -> WrittenFile:
        return WrittenFile(path=path, bytes=self.bytes, sha256=self._hash.hexdigest())


class Target(Protocol):
    """A name in some storage, in the manner of `Path`; as text what a person would call it. What the storage refuses is
    `Storage`."""

    @property
    def name(self) -> str: ...

    def with_name(self, name: str) -> Target: ...

    def __truediv__(self, name: str) -> Target: ...

    def check_free(self, *, force: bool) -> None:
        """`Exists` without `force` when something is there; `InvalidInput` for what can never be replaced."""

    def new_file(self, *, force: bool) -> AbstractContextManager[Output]:
        """A file that takes this name when all is written, or is not there at all."""

    def new_directory(self, *, force: bool) -> AbstractContextManager[Target]:
        """A directory to write into; `Exists` without `force` when it is not empty."""

    def retire(self, keep: Collection[str]) -> None:
        """The manifest that is in this directory goes before anything is replaced, so that what is half old and half new
        never looks whole; with it go the files it names that are not in `keep`."""


def exists(target: Target) -> errors.Exists:
    return errors.Exists(_("{path} exists already.").format(path=target), hint=_("replace it with --force"))
