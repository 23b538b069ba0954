"""What an export consists of: counts, dates, digests, and what is missing and why."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from emkcli import __version__
from emkcli.clinical.dates import moscow
from emkcli.exporters.export_job import ExportJob
from emkcli.models import WrittenFile

NAME = "manifest.json"
_OURS = re.compile(r"[A-Za-z0-9_=-][A-Za-z0-9_=.-]*(?:/[A-Za-z0-9_=-][A-Za-z0-9_=.-]*)*")


def manifest(job: ExportJob, files: Sequence[WrittenFile], more: Mapping[str, Any] | None = None) -> bytes:
    """The manifest as JSON; paths are relative to it. `more` is what the format adds of its own."""
    document = {
        **job.envelope,
        "schema_version": 1,
        "kind": "export_manifest",
        "format": job.request.format,
        "fhir_version": "4.0.1" if job.types else None,
        "emk_version": __version__,
        "created_at": datetime.now(moscow()).isoformat(timespec="seconds"),
        "query": {
            "since": job.query.since,
            "until": job.query.until,
            "changed_since": job.query.updated_since,
            "categories": list(job.categories),
        },
        "records": dict(job.counts),
        "resources": dict(job.types),
        "dates": {"first": job.first, "last": job.last},
        "files": [file.to_builtins() for file in files],
        "complete": job.complete,
        "missing": [part.to_builtins() for part in job.missing],
        "account": job.holdings.account().to_builtins(),
        "unread": [part.to_builtins() for part in job.unread],
        **(more or {}),
    }
    return _encoded(document)


def public(job: ExportJob, files: Sequence[WrittenFile]) -> bytes:
    """The manifest beside encrypted files, which anybody can read: how much there is, not whose and not what it says."""
    document = {
        "schema_version": 1,
        "kind": "export_manifest",
        "format": job.request.format,
        "encrypted": "age",
        "emk_version": __version__,
        "created_at": datetime.now(moscow()).isoformat(timespec="seconds"),
        "records": dict(job.counts),
        "files": [file.to_builtins() for file in files],
        "complete": job.complete,
        "missing_count": len(job.missing),
        "account": job.holdings.account().to_builtins(),
    }
    return _encoded(document)


def files_of(content: bytes) -> set[str]:
    """The files that a manifest of emk names; nothing where it is none, and no name that leads elsewhere."""
    try:
        document = json.loads(content)
        listed = document["files"] if document["kind"] == "export_manifest" else ()
        return {path for file in listed if _OURS.fullmatch(path := str(file["path"]))}
    except (ValueError, KeyError, TypeError):
        return set()


def _encoded(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
