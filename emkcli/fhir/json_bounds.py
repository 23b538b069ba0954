"""What JSON would take in memory, told by its bytes before anything of it is decoded."""

from __future__ import annotations

import re

_DATA = re.compile(rb'"data"\s*+:\s*+"([^"]*+)"')
"""The content of an Attachment, a Binary or a Signature; SampledData has its series there."""


def structure(content: bytes) -> int:
    """How many objects and arrays, or how many values in them, there are at most; decoded, each takes up to 100 bytes, of
    which `[],` shows three."""
    return max(content.count(b"{") + content.count(b"["), content.count(b","))


def memory(content: bytes | memoryview) -> int:
    """How many bytes it takes about, decoded."""
    return 100 * structure(bytes(content)) + len(content)


def without_attachments(content: bytes | memoryview) -> int:
    """The size of a resource in bytes, without the files in it."""
    return len(content) - sum(len(match[1]) for match in _DATA.finditer(content))
