"""Output held back until it is complete, so that a failure half-way leaves stdout empty."""

from __future__ import annotations

from types import TracebackType
from typing import TextIO

from emkcli.presentation.delivery import writing
from emkcli.security.encrypted_spool import EncryptedSpool


class Spool:
    """`write` any number of times, then `release` once; leaving without it drops everything. A full disk is `Storage`."""

    def __init__(self) -> None:
        self._text = EncryptedSpool()

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._text.close()

    def write(self, text: str) -> None:
        with writing():
            self._text.write(text)

    def release(self, stream: TextIO) -> None:
        """Copy everything to `stream`; `BrokenPipeError` passes through."""
        with writing():
            for piece in self._text.pieces():
                stream.write(piece)
            stream.flush()
