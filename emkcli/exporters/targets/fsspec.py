"""Files at an address that fsspec knows, such as `s3://`: there when all is written, or not at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from emkcli import errors
from emkcli.exporters.extras import need
from emkcli.exporters.manifest import NAME, files_of
from emkcli.exporters.targets import files
from emkcli.exporters.targets.files import Output
from emkcli.locale import _

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://")


@dataclass(frozen=True)
class Remote:
    """A name in a file system, in the manner of `Path`."""

    fs: Any
    path: str
    address: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def with_name(self, name: str) -> Remote:
        return self._at(f"{self.path.rpartition('/')[0]}/{name}", f"{self.address.rpartition('/')[0]}/{name}")

    def __truediv__(self, name: str) -> Remote:
        return self._at(f"{self.path}/{name}", f"{self.address}/{name}")

    def __str__(self) -> str:
        return self.address

    def _at(self, path: str, address: str) -> Remote:
        return Remote(self.fs, path, address)


def is_address(text: str) -> bool:
    return bool(_ADDRESS.match(text))


def target(text: str) -> Path | Remote:
    """A path on this machine, or where an address leads."""
    if not is_address(text):
        return Path(text)
    parts = urlsplit(text)
    if parts.scheme in {"file", "local"}:
        return Path(unquote(parts.path))
    if parts.password:
        told = _("An address must not hold a password: other programs can see it.")
        raise errors.Usage(told, hint=_("the environment or a configuration file of that storage takes it"))
    try:
        fs, path = need("fsspec", "parquet").url_to_fs(text.rstrip("/"), use_listings_cache=False)
    except ImportError as cause:
        raise errors.Usage(
            _("{scheme}:// needs one package more.").format(scheme=parts.scheme), hint=str(cause)
        ) from None
    except ValueError as cause:
        raise errors.Usage(_("{address} cannot be written to: {why}").format(address=text, why=cause)) from None
    return Remote(fs, path, text.rstrip("/"))


def check_free(target: Remote, *, force: bool) -> None:
    with translated(target):
        there = not force and target.fs.exists(target.path)
    if there:
        raise files.exists(target)


@contextmanager
def new_file(target: Remote, *, force: bool) -> Iterator[Output]:
    """A file that appears under its name when all is written; in a directory, when all of that is."""
    check_free(target, force=force)
    with translated(target), _together(target), target.fs.open(target.path, "wb") as file:
        output = Output(file)
        yield output
        output.close()


@contextmanager
def new_directory(target: Remote, *, force: bool) -> Iterator[Remote]:
    """What is written into it appears at the end, in the order in which it was begun."""
    with translated(target):
        if not force and target.fs.exists(target.path) and target.fs.find(target.path):
            raise files.exists(target)
        with _together(target):
            yield target


def retire(directory: Remote, kept: Collection[str]) -> None:
    """The manifest that is there goes before anything is replaced, with the files it names that are not written again."""
    with translated(directory):
        note = directory / NAME
        if not directory.fs.exists(note.path):
            return
        named = files_of(directory.fs.cat_file(note.path))
        directory.fs.rm_file(note.path)
        for name in named - set(kept):
            if directory.fs.exists(found := (directory / name).path):
                directory.fs.rm_file(found)


@contextmanager
def translated(target: Remote) -> Iterator[None]:
    """What the storage refuses, as `Storage`; each has errors of its own."""
    try:
        yield
    except Exception as cause:
        foreign = type(cause).__module__.partition(".")[0] not in {"builtins", "emkcli"}
        if not (foreign or isinstance(cause, (OSError, NotImplementedError))):
            raise
        why = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        raise errors.Storage(_("{path} cannot be written: {why}").format(path=target, why=why)) from cause


def _together(target: Remote) -> AbstractContextManager[object]:
    """The transaction that is under way, or a new one: it drops everything when it ends with an error."""
    inside: bool = target.fs._intrans
    return nullcontext() if inside else target.fs.transaction
