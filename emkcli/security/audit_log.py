"""The local log of sensitive actions: append-only JSON lines, mode 0600, one write each; no identifiers, nothing medical."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.config.private_files import open_private, private_directory, read_private
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.models import AuditEntry
    from emkcli.security.redact import Redactor

NAME = "audit.jsonl"
LONGEST = 4000
"""Bytes of a line; what a program of ours writes is far shorter."""


@dataclass(frozen=True)
class AuditLog:
    """One file for all profiles of a home."""

    path: Path
    redactor: Redactor

    def append(self, entry: Mapping[str, Any]) -> None:
        """One line in one write at the end of the file, so that two processes never mix theirs. `Storage`."""
        text = json.dumps(self.redactor.data(entry), ensure_ascii=False, separators=(",", ":"))
        # a name on the line need not have been UTF-8
        line = text.encode("utf-8", "replace")[:LONGEST] + b"\n"
        private_directory(self.path.parent)
        try:
            handle = open_private(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
            try:
                _write(handle, line)
            finally:
                os.close(handle)
        except OSError as cause:
            raise errors.Storage(
                _("{path} cannot be written: {reason}").format(path=self.path, reason=cause.strerror or cause)
            ) from cause

    def entries(self) -> Iterator[AuditEntry]:
        """What the log holds, oldest first; a line that is no entry is kept as one that says so."""
        content = read_private(self.path) or b""
        for line in content.decode("utf-8", "replace").split("\n"):
            if line.strip("\0 \r"):
                yield self._entry(line)

    def _entry(self, line: str) -> AuditEntry:
        from emkcli.models import AuditEntry

        try:
            return AuditEntry.from_json(line)
        except ValueError:
            return AuditEntry(broken=self.redactor.text(line))


def _write(handle: int, line: bytes) -> None:
    """A line that an earlier run could not finish (disk full, power cut) stays on a line of its own."""
    size = os.fstat(handle).st_size
    if os.name == "posix":
        unfinished = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        line = b"\n" + line if unfinished else line
    if os.write(handle, line) != len(line):
        raise OSError(0, _("the disk is full"))
