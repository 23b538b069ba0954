"""What the tool reports about its own work."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from emkcli.models.content_account import ContentAccount, Unread
from emkcli.models.elements import Model, Named
from emkcli.models.records import Missing


class WrittenFile(Model):
    path: Annotated[str, "where it was written: a path or an address"]
    bytes: Annotated[int, "its size in bytes"]
    sha256: Annotated[str, "SHA-256 of its content, 64 hexadecimal digits"]


class ExportResult(Model):
    kind: ClassVar[str] = "export_result"
    format: Annotated[str, "format of the export"]
    files: Annotated[list[WrittenFile], "the files written"] = []
    records: Annotated[dict[str, int], "how many records, by list"] = {}
    complete: Annotated[bool, "whether everything asked for is in it"] = True
    missing: Annotated[list[Missing], "what is not in it, and why"] = []
    manifest: Annotated[str | None, "path of its manifest, where one was written"] = None
    account: Annotated[ContentAccount, "where everything asked for went"] = ContentAccount()
    unread: Annotated[list[Unread], "what is in no place of it"] = []


class ImportResult(Model):
    """One per document: `added`, `duplicate`, `superseded`, `other_person`, `unsupported` or `failed`; `person` whose
    card took it."""

    kind: ClassVar[str] = "import_result"
    file: Annotated[str, "name of the file, with its place in an archive"]
    status: Annotated[str, "added, duplicate, superseded, other_person, unsupported or failed"]
    reason: Annotated[str | None, "why, in the language of the run"] = None
    document_id: Annotated[str | None, "the document's own id"] = None
    type: Annotated[str | None, "type of the document, in its own words"] = None
    title: Annotated[str | None, "its title"] = None
    date: Annotated[str | None, "its date, as written (ISO 8601 of any precision)"] = None
    person: Annotated[Named | None, "whose card took it"] = None
    records: Annotated[dict[str, int], "how many records it has, by list"] = {}
    warnings: Annotated[
        list[str], "what in it cannot be so, in the language of the run, after the id of the record"
    ] = []
    account: Annotated[ContentAccount, "where everything in it went"] = ContentAccount()
    unread: Annotated[list[Unread], "what in it has no place in the card"] = []


class SyncResult(Model):
    """What one sync did to the local copy of a person's card, in records of each list."""

    kind: ClassVar[str] = "sync_result"
    person: Annotated[Named | None, "whose card was synced"] = None
    added: Annotated[dict[str, int], "records that are new, by list"] = {}
    changed: Annotated[dict[str, int], "records that say something else now, by list"] = {}
    removed: Annotated[dict[str, int], "records that are gone, by list"] = {}
    unchanged: Annotated[dict[str, int], "records that are as they were, by list"] = {}
    complete: Annotated[bool, "whether everything was brought"] = True
    missing: Annotated[list[Missing], "what was not brought, and why"] = []
    warnings: Annotated[
        list[str], "what in it cannot be so, in the language of the run, after the id of the record"
    ] = []
    synced_at: Annotated[str | None, "when it ended (ISO 8601)"] = None
    account: Annotated[ContentAccount, "where everything of the server went"] = ContentAccount()
    unread: Annotated[list[Unread], "what of it has no place in the card"] = []


class AuditEntry(Model):
    """One sensitive action of this machine's log; `broken` is a line that could not be read."""

    kind: ClassVar[str] = "audit_entry"
    at: Annotated[str | None, "when (ISO 8601)"] = None
    action: Annotated[str | None, "the sensitive action: login, export, …"] = None
    profile: Annotated[str | None, "the profile it was done in"] = None
    backend: Annotated[str | None, "the backend it was done with"] = None
    origin: Annotated[str | None, "address of the server, without anything secret"] = None
    exit_code: Annotated[int | None, "how it ended"] = None
    details: Annotated[dict[str, Any], "what else is known of the action; no identifiers, nothing medical"] = {}
    broken: Annotated[str | None, "a line of the log that could not be read, redacted"] = None


class Raw(msgspec.Struct, gc=False):
    """A record's own bytes as the source sent them. Nothing here is checked: an export makes one for each resource."""

    id: str
    media_type: str
    content: bytes
    fetched_at: str | None = None
    data: dict[str, Any] = {}
    """What an operation says of it beside, such as `type`, `category` and `date` of a resource."""

    def __repr__(self) -> str:
        """Without what is in it."""
        return f"Raw({self.id!r})"
