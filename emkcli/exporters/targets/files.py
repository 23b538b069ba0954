"""Files that only their owner can read, which are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from emkcli import errors
from emkcli.config import scratch
from emkcli.config.private_files import make_directories, make_directory, new_private
from emkcli.exporters.manifest import NAME, files_of
from emkcli.exporters.targets import Output, exists
from emkcli.locale import _


@dataclass(frozen=True)
class FileTarget:
    """A path on this machine (`targets.Target`)."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def with_name(self, name: str) -> FileTarget:
        return FileTarget(self.path.with_name(name))

    def __truediv__(self, name: str) -> FileTarget:
        return FileTarget(self.path / name)

    def __str__(self) -> str:
        return str(self.path)

    def check_free(self, *, force: bool) -> None:
        """Devices and directories are never replaced."""
        if "\0" in str(self):
            raise errors.InvalidInput(_("The target's name is no file name."))
        with translated(self.path):
            occupied = self.path.exists()
            special = occupied and not self.path.is_file()
            occupied = occupied or self.path.is_symlink()
        if special:
            raise errors.InvalidInput(_("{path} is no file that could be replaced.").format(path=self))
        if occupied and not force:
            raise exists(self)

    @contextmanager
    def new_file(self, *, force: bool) -> Iterator[Output]:
        """A file in a directory of its own beside the target, which takes its place when all is written."""
        self.check_free(force=force)
        with translated(self.path):
            make_directories(self.path.parent)
            with scratch.directory(self.path.parent) as folder:
                draft = folder / self.name
                handle = new_private(draft)
                with os.fdopen(handle, "wb") as file:
                    output = Output(file, draft)
                    yield output
                    output.close()
                self._take_place(draft, force=force)

    @contextmanager
    def new_directory(self, *, force: bool) -> Iterator[FileTarget]:
        """With `force` one that is not empty, which keeps what else is in it."""
        with translated(self.path):
            if self.path.exists() and not self.path.is_dir():
                raise errors.InvalidInput(_("{path} is no directory.").format(path=self))
            if self.path.is_dir() and any(self.path.iterdir()):
                if not force:
                    raise exists(self)
                _narrow(self.path)
                yield self
                return
            make_directories(self.path.parent)
            with scratch.directory(self.path.parent) as folder:
                draft = folder / self.name
                make_directory(draft)
                with _named(draft, self.path):
                    yield FileTarget(draft)
                draft.replace(self.path)
                _settle(self.path.parent)

    def retire(self, keep: Collection[str]) -> None:
        note = self.path / NAME
        with translated(note):
            if not note.is_file():
                return
            listed = files_of(note.read_bytes())
            note.unlink()
            for name in listed - set(keep):
                old = self.path / name
                if old.is_file() and old.resolve().is_relative_to(self.path.resolve()):
                    old.unlink()

    def _take_place(self, draft: Path, *, force: bool) -> None:
        if force:
            draft.replace(self.path)
        else:
            try:
                self.path.hardlink_to(draft)
            except FileExistsError:
                raise exists(self) from None
            except OSError:  # a file system without links
                draft.replace(self.path)
        _settle(self.path.parent)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """What the operating system refuses, as `Storage`."""
    try:
        yield
    except OSError as cause:
        message = _("{path} cannot be written: {why}").format(path=path, why=cause.strerror or type(cause).__name__)
        raise errors.Storage(message) from cause


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


def _settle(directory: Path) -> None:
    """A name survives a power cut only once its directory is on the disk."""
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
