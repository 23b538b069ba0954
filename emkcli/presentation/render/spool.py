"""Output held back until it is complete, so that a failure half-way leaves stdout empty.

A few megabytes stay in memory; more goes to a nameless file in a directory only its owner can enter.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import IO, TextIO

from emkcli import errors
from emkcli.locale import _

IN_MEMORY = 4_000_000
"""Characters kept before a file is opened; most lists never reach it, and `tempfile` is not imported for them."""


class Spool:
    """`write` any number of times, then `release` once; leaving without it drops everything."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._file: IO[str] | None = None
        self._cleanup = ExitStack()

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def write(self, text: str) -> None:
        self._parts.append(text)
        self._size += len(text)
        if self._size > IN_MEMORY:
            self._to_file()

    def release(self, stream: TextIO) -> None:
        """Copy everything to `stream`; `BrokenPipeError` passes through, a full disk is `Storage`."""
        if self._file is None:
            return deliver("".join(self._parts), stream)
        from shutil import copyfileobj

        self._to_file()
        self._file.seek(0)
        with writing():
            copyfileobj(self._file, stream)
            stream.flush()
        return None

    def _to_file(self) -> None:
        with writing():
            file = self._file or self._open()
            file.write("".join(self._parts))
        self._parts, self._size = [], 0

    def _open(self) -> IO[str]:
        import tempfile

        private = self._cleanup.enter_context(tempfile.TemporaryDirectory(prefix="emk-"))
        self._file = self._cleanup.enter_context(
            tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogatepass", newline="", dir=private)  # noqa: SIM115
        )
        return self._file


def deliver(text: str, stream: TextIO) -> None:
    """Write `text` and flush it, so that what went wrong is known here."""
    with writing():
        stream.write(text)
        stream.flush()


@contextmanager
def writing() -> Iterator[None]:
    """Turns the operating system's refusal to write into `Storage`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise errors.Storage(_("Cannot write the output: {reason}").format(reason=reason)) from error
