"""What an export tells the next one: digests of what it wrote, so that nothing comes twice where their times overlap."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

MOST = 5000


class AlreadyExported:
    """`before` is what the last export remembered. Of a very large export nothing is remembered: then what was changed
    in the last minute before it comes again, rather than that anything is lost."""

    def __init__(self, before: Iterable[str] = ()) -> None:
        self._before = frozenset(before)
        self._seen: set[str] | None = set()

    def lacks(self, content: bytes) -> bool:
        """Whether the last export had not written exactly this, which is remembered from now on."""
        if self._seen is None and not self._before:
            return True
        digest = blake2b(content, digest_size=9).hexdigest()
        if self._seen is not None:
            self._seen.add(digest)
            if len(self._seen) > MOST:
                self._seen = None
        return digest not in self._before

    @property
    def remembered(self) -> list[str]:
        return sorted(self._seen or ())
