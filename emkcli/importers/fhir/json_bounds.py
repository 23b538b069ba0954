"""How many values JSON has, and how much of it is text, told by its bytes before anything of it is decoded."""

from __future__ import annotations

import re

_DATA = re.compile(rb'"data"\s*+:\s*+"([^"]*+)"')
"""The content of an Attachment, a Binary or a Signature; SampledData has its series there."""


def structure(content: bytes) -> int:
    """How many objects and arrays, or how many values in them, there are at most."""
    return max(content.count(b"{") + content.count(b"["), content.count(b","))


def without_attachments(content: bytes | memoryview) -> int:
    """The size of a resource in bytes, without the files in it."""
    return len(content) - sum(len(match[1]) for match in _DATA.finditer(content))
