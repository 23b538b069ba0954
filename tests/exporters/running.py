"""An export in one call: what a test asks for, as the request and the job that the command would make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from emkcli.api.ports import Card, CardQuery
from emkcli.exporters import export
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.export_request import ExportRequest
from emkcli.exporters.targets.age_encryption import Encryption
from emkcli.models import ExportResult


def export_card(
    card: Card,
    query: CardQuery,
    format: str,
    to: str,
    *,
    stdout: BinaryIO | None = None,
    envelope: Mapping[str, Any] | None = None,
    encryption: Encryption | None = None,
    **options: Any,
) -> ExportResult:
    """`options` are those of the request: categories, csv_dialect, preset, force."""
    job = ExportJob(ExportRequest(format, to, **options), card, query, envelope or {}, encryption)
    return export.export_card(job, stdout)
