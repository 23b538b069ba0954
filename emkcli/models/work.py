"""What the tool reports about its own work."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from emkcli.models.elements import Model, Named
from emkcli.models.records import Missing


class WrittenFile(Model):
    path: str
    bytes: int
    sha256: str


class ExportResult(Model):
    kind: ClassVar[str] = "export_result"
    format: str
    files: list[WrittenFile] = []
    records: dict[str, int] = {}
    complete: bool = True
    missing: list[Missing] = []
    manifest: str | None = None


class ImportResult(Model):
    """One per document: `added`, `duplicate`, `superseded`, `other_person`, `unsupported` or `failed`; `person` whose
    card took it."""

    kind: ClassVar[str] = "import_result"
    file: str
    status: str
    reason: str | None = None
    document_id: str | None = None
    type: str | None = None
    title: str | None = None
    date: str | None = None
    person: Named | None = None
    records: dict[str, int] = {}


class SyncResult(Model):
    """What one sync did to the local copy of a person's card, in records of each list."""

    kind: ClassVar[str] = "sync_result"
    person: Named | None = None
    added: dict[str, int] = {}
    changed: dict[str, int] = {}
    removed: dict[str, int] = {}
    unchanged: dict[str, int] = {}
    complete: bool = True
    missing: list[Missing] = []
    synced_at: str | None = None


class AuditEntry(Model):
    """One sensitive action of this machine's log; `broken` is a line that could not be read."""

    kind: ClassVar[str] = "audit_entry"
    at: str | None = None
    action: str | None = None
    profile: str | None = None
    backend: str | None = None
    origin: str | None = None
    exit_code: int | None = None
    details: dict[str, Any] = {}
    broken: str | None = None


class Raw(msgspec.Struct, gc=False):
    """A record's own bytes as the source sent them. Nothing here is checked: an export makes one for each resource."""

    id: str
    media_type: str
    content: bytes
    fetched_at: str | None = None
    data: dict[str, Any] | None = None

    def __repr__(self) -> str:
        """Without what is in it."""
        return f"Raw({self.id!r})"
