"""Packed bytes → a stream that is read forward only; nothing is unpacked before it is asked for."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO

from emkcli.importers.archives import limits
from emkcli.importers.archives.limits import Allowance

MEMORY = 80 * 1024 * 1024
"""Of a decoder of xz, whose dictionary may be gigabytes: `xz -9` needs 65 MB."""
STREAMS = 100_000
"""Programs that pack in parallel join streams of 64 KB and more; thousands of empty ones cost time and hold nothing."""


class _Gzip:
    """`zlib` with the interface that `bz2` and `lzma` share."""

    def __init__(self) -> None:
        self._inflating = zlib.decompressobj(wbits=31)
        self._left = b""

    def decompress(self, content: bytes, limit: int) -> bytes:
        unpacked = self._inflating.decompress(self._left + content, limit)
        self._left = self._inflating.unconsumed_tail
        return unpacked

    @property
    def eof(self) -> bool:
        return self._inflating.eof

    @property
    def needs_input(self) -> bool:
        return not self._left

    @property
    def unused_data(self) -> bytes:
        return self._inflating.unused_data


DECODERS: dict[bytes, Callable[[], Any]] = {
    b"\x1f\x8b": _Gzip,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ": partial(lzma.LZMADecompressor, format=lzma.FORMAT_XZ, memlimit=MEMORY),
}


class Forward:
    """Blocks as a stream; more of it than is allowed is `Refused`."""

    def __init__(self, blocks: Iterator[bytes], allowance: Allowance) -> None:
        self._blocks, self._allowance = blocks, allowance
        self._block = b""

    def read(self, count: int) -> bytes:
        """The next bytes; fewer where the stream ends."""
        content = io.BytesIO()
        for piece in self._pieces(count):
            content.write(piece)
        return content.getvalue()

    def skip(self, count: int) -> None:
        for _piece in self._pieces(count):
            pass

    def _pieces(self, count: int) -> Iterator[bytes]:
        while count > 0 and (self._block or self._more()):
            piece, self._block = self._block[:count], self._block[count:]
            count -= len(piece)
            yield piece

    def _more(self) -> bool:
        self._block = next(self._blocks, b"")
        self._allowance.spend(len(self._block))
        return bool(self._block)


def stream(file: BinaryIO, size: int, around: Allowance | None = None) -> Forward:
    """What is packed in a file of that size, or the file itself."""
    head = file.read(6)
    file.seek(0)
    make = next((make for magic, make in DECODERS.items() if head.startswith(magic)), None)
    return Forward(_unpacked(file, make) if make else _blocks(file), Allowance(limits.most(size), around))


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    return iter(partial(file.read, limits.BLOCK), b"")


def _unpacked(file: BinaryIO, make: Callable[[], Any]) -> Iterator[bytes]:
    """One packed stream after the other; zeros may follow the last."""
    packed = file.read(limits.BLOCK)
    for _number in range(STREAMS):
        decoder = make()
        yield from _one(decoder, packed, file)
        packed = decoder.unused_data or file.read(limits.BLOCK)
        if not packed.strip(b"\0"):
            return
    raise ValueError("too many packed streams")


def _one(decoder: Any, packed: bytes, file: BinaryIO) -> Iterator[bytes]:
    while not decoder.eof:
        unpacked = decoder.decompress(packed, limits.BLOCK)
        if unpacked:
            yield unpacked
        packed = b"" if decoder.eof or not decoder.needs_input else file.read(limits.BLOCK)
        if not (packed or unpacked or decoder.eof):
            raise EOFError
