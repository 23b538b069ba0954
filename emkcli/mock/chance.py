"""Everything that looks like luck: decided by the seed and the name of the thing, never by a random generator."""

from __future__ import annotations

import hashlib


def draw(low: int, high: int, *parts: object) -> int:
    """A number from `low` to `high`, the same for the same parts on every machine."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return low + int.from_bytes(digest[:8], "big") % (high - low + 1)
