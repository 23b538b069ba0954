"""A secret of any length in a keyring whose items are short: parts first, then the manifest that names them.

A secret that fits is one item. A longer one lies in rows of parts, `a` and `b` in turn, so that the row in force stays
whole until the manifest names the other; what a kill left behind is found by counting and removed next time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from emkcli.security.keyrings import Keyring

LIMIT = 2560
"""Bytes of UTF-16 in one item: CRED_MAX_CREDENTIAL_BLOB_SIZE of Windows, 5 · 512."""
MANIFEST = "emk-parts"
ROWS = ("a", "b")
READINGS = 5


@dataclass(frozen=True)
class InParts:
    """One secret, under `service` and `user`."""

    keyring: Keyring
    service: str
    user: str

    def get(self) -> str | None:
        """The secret, whole or not at all. A writer may replace it meanwhile: then what it wrote is read."""
        # a writer between two of our reads leaves a digest that does not fit
        for _reading in range(READINGS):
            head = self.keyring.get(self.service, self.user)
            if head is None or not _is_manifest(head):
                return head
            if (secret := self._joined(head)) is not None:
                return secret
        return None

    def set(self, secret: str) -> None:
        """To be called by one writer at a time."""
        parts = list(split(secret))
        if len(parts) == 1:
            self.keyring.set(self.service, self.user, secret)
            self._trim("a", 0)
            self._trim("b", 0)
            return
        old = self.keyring.get(self.service, self.user)
        # the row that is in force is left alone until the manifest names the other
        row, other = reversed(ROWS) if old and _is_manifest(old) and old.split(":")[1] == "a" else ROWS
        for number, part in enumerate(parts):
            self.keyring.set(self.service, self._part(row, number), part)
        self.keyring.set(self.service, self.user, f"{MANIFEST}:{row}:{len(parts)}:{_digest(secret)}")
        self._trim(row, len(parts))
        self._trim(other, 0)

    def delete(self) -> None:
        self.keyring.delete(self.service, self.user)
        for row in ROWS:
            self._trim(row, 0)

    def _joined(self, manifest: str) -> str | None:
        _name, row, count, digest = manifest.split(":")
        parts = []
        for number in range(int(count)):
            part = self.keyring.get(self.service, self._part(row, number))
            if part is None:
                return None
            parts.append(part)
        secret = "".join(parts)
        return secret if _digest(secret) == digest else None

    def _trim(self, row: str, keep: int) -> None:
        """Remove the parts from `keep` on, the last one first: a row never has a gap, so counting finds its end."""
        end = keep
        while self.keyring.get(self.service, self._part(row, end)) is not None:
            end += 1
        for number in reversed(range(keep, end)):
            self.keyring.delete(self.service, self._part(row, number))

    def _part(self, row: str, number: int) -> str:
        return f"{self.user}#{row}{number}"


def split(secret: str) -> Iterator[str]:
    """Pieces that fit; no character is cut in two."""
    encoded = secret.encode("utf-16-le")
    while len(encoded) > LIMIT:
        # little endian: the last byte is the high one, and D8 to DB begin a surrogate pair
        end = LIMIT - 2 if 0xD8 <= encoded[LIMIT - 1] <= 0xDB else LIMIT
        yield encoded[:end].decode("utf-16-le")
        encoded = encoded[end:]
    yield encoded.decode("utf-16-le")


def _is_manifest(head: str) -> bool:
    name, _colon, rest = head.partition(":")
    fields = rest.split(":")
    return name == MANIFEST and len(fields) == 3 and fields[0] in ROWS and fields[1].isdecimal()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
