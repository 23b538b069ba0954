"""Files at an address that fsspec knows, such as `s3://`: there when all is written, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from emkcli import errors
from emkcli.exporters.extras import need
from emkcli.exporters.manifest import NAME, files_of
from emkcli.exporters.targets import Output, exists
from emkcli.locale import _


@dataclass(frozen=True)
class FsspecTarget:
    """A name in a file system of fsspec (`targets.Target`)."""

    fs: Any
    path: str
    address: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def with_name(self, name: str) -> FsspecTarget:
        return self._at(f"{self.path.rpartition('/')[0]}/{name}", f"{self.address.rpartition('/')[0]}/{name}")

    def __truediv__(self, name: str) -> FsspecTarget:
        return self._at(f"{self.path}/{name}", f"{self.address}/{name}")

    def __str__(self) -> str:
        return self.address

    def check_free(self, *, force: bool) -> None:
        with self._translated():
            occupied = not force and self.fs.exists(self.path)
        if occupied:
            raise exists(self)

    @contextmanager
    def new_file(self, *, force: bool) -> Iterator[Output]:
        """In a directory the file appears when all of that is written."""
        self.check_free(force=force)
        with self._translated(), self._together(), self.fs.open(self.path, "wb") as file:
            output = Output(file)
            yield output
            output.close()

    @contextmanager
    def new_directory(self, *, force: bool) -> Iterator[FsspecTarget]:
        """What is written into it appears at the end, in the order in which it was begun."""
        with self._translated():
            if not force and self.fs.exists(self.path) and self.fs.find(self.path):
                raise exists(self)
            with self._together():
                yield self

    def retire(self, keep: Collection[str]) -> None:
        with self._translated():
            note = self / NAME
            if not self.fs.exists(note.path):
                return
            listed = files_of(self.fs.cat_file(note.path))
            self.fs.rm_file(note.path)
            for name in listed - set(keep):
                if self.fs.exists(old := (self / name).path):
                    self.fs.rm_file(old)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """What the storage refuses, as `Storage`; each has errors of its own, and one that cannot be written to at all says
        so by a `NotImplementedError`."""
        try:
            yield
        except Exception as cause:
            foreign = type(cause).__module__.partition(".")[0] not in {"builtins", "emkcli"}
            if not (foreign or isinstance(cause, (OSError, NotImplementedError))):
                raise
            why = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
            raise errors.Storage(_("{path} cannot be written: {why}").format(path=self, why=why)) from cause

    def _together(self) -> AbstractContextManager[object]:
        """The transaction that is under way, or a new one: it drops everything when it ends with an error."""
        inside: bool = self.fs._intrans
        return nullcontext() if inside else self.fs.transaction

    def _at(self, path: str, address: str) -> FsspecTarget:
        return FsspecTarget(self.fs, path, address)


def at(address: str) -> FsspecTarget:
    """`Usage` when it holds a password, or its scheme is nobody's."""
    parts = urlsplit(address)
    if parts.password:
        message = _("An address must not hold a password: other programs can see it.")
        raise errors.Usage(message, hint=_("the environment or a configuration file of that storage takes it"))
    try:
        fs, path = need("fsspec", "parquet").url_to_fs(address.rstrip("/"), use_listings_cache=False)
    except ImportError as cause:
        raise errors.Usage(
            _("{scheme}:// needs one package more.").format(scheme=parts.scheme), hint=str(cause)
        ) from None
    except ValueError as cause:
        raise errors.Usage(_("{address} cannot be written to: {why}").format(address=address, why=cause)) from None
    return FsspecTarget(fs, path, address.rstrip("/"))
