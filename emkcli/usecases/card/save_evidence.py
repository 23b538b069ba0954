"""A record with its raw bytes into an archive: what was sent, from where, when, and how far a signature was checked."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from emkcli import __version__, errors, models
from emkcli.api.ports import Card, CardQuery
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.app import App


def save(app: App, card: Card, record: models.Model, path: str, *, force: bool) -> None:
    """Write the archive. `Exists` without `force`, before anything is fetched."""
    from emkcli.exporters import evidence_archive
    from emkcli.exporters.targets.files import FileTarget

    target = FileTarget(Path(path))
    target.check_free(force=force)
    ident = str(getattr(record, "id", ""))
    raw = card.raw(ident, app.settings.person)
    source = getattr(record, "source", None)
    from_file = source if isinstance(source, models.FileSource) else None
    is_whole = sha256(raw.content).hexdigest() == from_file.sha256 if from_file else None
    details: dict[str, Any] = {
        "id": ident,
        "kind": record.kind,
        "source": from_file.to_builtins() if from_file else _address(raw),
        "signature": _signature(card, app.settings.person, from_file) if from_file else None,
        "backend": app.backend,
        "demo": app.demo,
        "saved_at": app.now().isoformat(timespec="seconds"),
        "emk": __version__,
    }
    written = evidence_archive.write(evidence_archive.Evidence(raw, details, is_whole), target, force=force)
    app.notice(_("Saved as it was sent: {path}, {bytes} bytes.").format(path=written.path, bytes=written.bytes))


def _address(raw: models.Raw) -> str | None:
    """Where the server has it, without a name and a password that somebody wrote into the address."""
    address = raw.data.get("address")
    if not isinstance(address, str):
        return None
    url = urlsplit(address)
    return urlunsplit((url.scheme, url.netloc.rpartition("@")[2], url.path, url.query, ""))


def _signature(card: Card, person: str | None, source: models.FileSource) -> dict[str, Any] | None:
    """What the document that the record was read from says of its signature; None when the card does not know."""
    try:
        for document in card.documents(CardQuery(person=person)):
            document_source = document.source
            if (
                isinstance(document_source, models.FileSource)
                and document_source.sha256 == source.sha256
                and document.signature
            ):
                return document.signature.to_builtins()
    except errors.EmkError:
        return None
    return None
