"""Text that waits until it is complete: a little of it in memory, the rest on the disk under a key that only this process knows."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import IO, Any

from emkcli import interruption

IN_MEMORY = 4_000_000
"""Characters kept before a file is opened; most texts never reach it, and neither `tempfile` nor a cipher is imported for them."""


class EncryptedSpool:
    """`write` any number of times, then `pieces` once. The file has no name, and each piece in it is sealed (ChaCha20-Poly1305)
    with its number as the nonce; the key is used for nothing else. `OSError` when the disk is full."""

    def __init__(self, in_memory: int | None = None) -> None:
        self._in_memory = IN_MEMORY if in_memory is None else in_memory
        self._parts: list[str] = []
        self._size = 0
        self._file: IO[bytes] | None = None
        self._cipher: Any = None
        self._lengths: list[int] = []

    def __enter__(self) -> EncryptedSpool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, text: str) -> None:
        self._parts.append(text)
        self._size += len(text)
        if self._size > self._in_memory:
            self._seal()

    def pieces(self) -> Iterator[str]:
        """Everything, in order."""
        if self._file:
            self._file.seek(0)
            for number, length in enumerate(self._lengths):
                yield self._cipher.decrypt(_nonce(number), self._file.read(length), None).decode(
                    "utf-8", "surrogatepass"
                )
        yield "".join(self._parts)

    def close(self) -> None:
        self._parts = []
        if self._file:
            self._file.close()

    def _seal(self) -> None:
        file = self._file or self._open()
        content = "".join(self._parts).encode("utf-8", "surrogatepass")
        sealed = self._cipher.encrypt(_nonce(len(self._lengths)), content, None)
        file.write(sealed)
        self._lengths.append(len(sealed))
        self._parts, self._size = [], 0

    def _open(self) -> IO[bytes]:
        from tempfile import TemporaryFile

        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        self._cipher = ChaCha20Poly1305(ChaCha20Poly1305.generate_key())
        with interruption.deferred():  # what has a name for a moment must lose it
            self._file = TemporaryFile()  # noqa: SIM115
        return self._file


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
