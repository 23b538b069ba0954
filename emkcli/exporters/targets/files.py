"""Files that only their owner can read, which are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import BinaryIO

from emkcli import errors
from emkcli.api.models import WrittenFile
from emkcli.exporters.manifest import NAME, files_of
from emkcli.locale import _


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


def check_free(target: Path, *, force: bool) -> None:
    """`Exists` unless the target may be made; devices and directories are never replaced."""
    if "\0" in str(target):
        raise errors.InvalidInput(_("The target's name is no file name."))
    with translated(target):
        there = target.exists()
        special = there and not target.is_file()
        there = there or target.is_symlink()
    if special:
        raise errors.InvalidInput(_("{path} is no file that could be replaced.").format(path=target))
    if there and not force:
        raise exists(target)


@contextmanager
def new_file(target: Path, *, force: bool) -> Iterator[Output]:
    """A file under a name of its own beside the target, which takes its place when all is written."""
    check_free(target, force=force)
    with translated(target):
        _make(target.parent)
        draft = target.parent / f".emk-{os.urandom(8).hex()}.part"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(file.fileno(), 0o600)
                output = Output(file, draft)
                yield output
                output.close()
            _take_place(draft, target, force=force)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def new_directory(target: Path, *, force: bool) -> Iterator[Path]:
    """A directory to write into; with `force` one that is not empty, which keeps what else is in it."""
    with translated(target):
        if target.exists() and not target.is_dir():
            raise errors.InvalidInput(_("{path} is no directory.").format(path=target))
        if target.is_dir() and any(target.iterdir()):
            if not force:
                raise exists(target)
            _narrow(target)
            yield target
            return
        _make(target.parent)
        draft = target.parent / f".emk-{os.urandom(8).hex()}.part"
        draft.mkdir(mode=0o700)
        try:
            with _named(draft, target):
                yield draft
            draft.replace(target)
            _settle(target.parent)
        finally:
            if draft.exists():
                rmtree(draft)


def retire(directory: Path, kept: Collection[str]) -> None:
    """The manifest that is there goes before anything is replaced, so that what is half old and half new never looks
    whole; with it go the files it names that are not written again."""
    note = directory / NAME
    with translated(note):
        if not note.is_file():
            return
        named = files_of(note.read_bytes())
        note.unlink()
        for name in named - set(kept):
            found = directory / name
            if found.is_file() and found.resolve().is_relative_to(directory.resolve()):
                found.unlink()


@contextmanager
def translated(target: Path) -> Iterator[None]:
    """What the operating system refuses, as `Storage`."""
    try:
        yield
    except OSError as cause:
        told = _("{path} cannot be written: {why}").format(path=target, why=cause.strerror or type(cause).__name__)
        raise errors.Storage(told) from cause


def _take_place(draft: Path, target: Path, *, force: bool) -> None:
    if force:
        draft.replace(target)
    else:
        try:
            target.hardlink_to(draft)
        except FileExistsError:
            raise exists(target) from None
        except OSError:  # a file system without links
            draft.replace(target)
    _settle(target.parent)


def _narrow(directory: Path) -> None:
    """Where an earlier export lies nobody else looks in; a directory of something else keeps its mode."""
    note = directory / NAME
    if note.is_file() and files_of(note.read_bytes()):
        directory.chmod(0o700)


@contextmanager
def _named(draft: Path, target: Path) -> Iterator[None]:
    """A person gave a target and knows of no draft."""
    try:
        yield
    except errors.Storage as cause:
        raise errors.Storage(cause.message.replace(str(draft), str(target)), hint=cause.hint) from cause


def _make(directory: Path) -> None:
    """Every directory on the way that is not there yet is for its owner alone."""
    for one in (*reversed(directory.parents), directory):
        if not one.exists():
            one.mkdir(mode=0o700, exist_ok=True)


def _settle(directory: Path) -> None:
    """A name survives a power cut only once its directory is on the disk."""
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def exists(target: object) -> errors.Exists:
    return errors.Exists(_("{path} exists already.").format(path=target), hint=_("replace it with --force"))
