"""What an export is asked for, as the command line says it: one value from the command to the writer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

STDOUT = "-"


@dataclass(frozen=True)
class ExportRequest:
    """`to` is a path, an address that fsspec knows, or `-`; no `categories` are all of them; `since` is a date, a time ago
    or `last`; `encrypt` names recipients of age, files of them, or is the word `passphrase`."""

    format: str
    to: str
    categories: Sequence[str] = ()
    since: str | None = None
    csv_dialect: str = "rfc4180"
    preset: str | None = None
    encrypt: Sequence[str] = ()
    force: bool = False

    @property
    def to_stdout(self) -> bool:
        return self.to == STDOUT
