"""A record as proof: the bytes as the source sent them, what is known of them, and a page that explains both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from emkcli.exporters.targets import Target
from emkcli.locale import _
from emkcli.models import Raw, WrittenFile

NAMES = {"application/fhir+json": "record.json", "application/json": "record.json", "application/xml": "record.xml"}
_ALWAYS = (1980, 1, 1, 0, 0, 0)
"""The archive tells no time of its own; the same evidence is the same bytes."""


@dataclass(frozen=True)
class Evidence:
    """`details` go into the archive beside the bytes; `is_whole` says whether they are the whole source document."""

    raw: Raw
    details: Mapping[str, Any]
    is_whole: bool | None

    @property
    def name(self) -> str:
        return NAMES.get(self.raw.media_type.partition(";")[0].strip(), "record.bin")


def write(evidence: Evidence, target: Target, *, force: bool) -> WrittenFile:
    with target.new_file(force=force) as output:
        draft = _archive(evidence)
        output.write(draft)
    return output.written(str(target))


def _archive(evidence: Evidence) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in _entries(evidence):
            entry = ZipInfo(name, _ALWAYS)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _entries(evidence: Evidence) -> list[tuple[str, bytes]]:
    content = evidence.raw.content
    digest = sha256(content).hexdigest()
    note = {
        "file": evidence.name,
        "bytes": len(content),
        "sha256": digest,
        "media_type": evidence.raw.media_type,
        "fetched_at": evidence.raw.fetched_at,
        "whole_document": evidence.is_whole,
        **evidence.details,
    }
    return [
        ("README.txt", _readme(evidence).encode()),
        ("SHA256SUMS", f"{digest}  {evidence.name}\n".encode()),
        ("evidence.json", (json.dumps(note, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")),
        (evidence.name, content),
    ]


def _readme(evidence: Evidence) -> str:
    paragraphs = [
        _("One record of a medical card, saved by emk {version}.").format(version=evidence.details["emk"]),
        _("{file} holds the bytes exactly as the source gave them; nothing was changed, added or taken out.").format(
            file=evidence.name
        ),
        _("SHA256SUMS holds their hash; `sha256sum -c SHA256SUMS` compares it."),
        _("evidence.json says where and when they were fetched, and what is known of a signature."),
        _whole(evidence.is_whole),
        _("This archive proves what emk received. It is signed by nobody and is not a medical document."),
    ]
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _whole(complete: bool | None) -> str:
    if complete is None:
        return ""
    if complete:
        return _("The record was read from an imported document, and the bytes are that whole document.")
    return _("The record was read from an imported document, of which only this part is kept, not the whole.")
