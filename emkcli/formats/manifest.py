"""What an export consists of: counts, dates, digests, and what is missing and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from emkcli import __version__
from emkcli.api.dates import MOSCOW
from emkcli.api.models import WrittenFile
from emkcli.formats.job import Job


def manifest(job: Job, name: str, files: Sequence[WrittenFile], more: Mapping[str, Any] | None = None) -> bytes:
    """The manifest as JSON; paths are relative to it. `more` is what the format adds of its own."""
    document = {
        **job.envelope,
        "schema_version": 1,
        "kind": "export_manifest",
        "format": name,
        "fhir_version": "4.0.1" if job.types else None,
        "emk_version": __version__,
        "created_at": datetime.now(MOSCOW).isoformat(timespec="seconds"),
        "query": {"since": job.query.since, "until": job.query.until, "categories": list(job.categories)},
        "records": dict(job.counts),
        "resources": dict(job.types),
        "dates": {"first": job.first, "last": job.last},
        "files": [file.model_dump() for file in files],
        "complete": job.complete,
        "missing": [part.model_dump() for part in job.missing],
        **(more or {}),
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
