"""The card as one FHIR R4 collection Bundle: resources byte for byte as the source sent them."""

from __future__ import annotations

import json
import re
from hashlib import blake2b
from uuid import UUID, uuid5

from emkcli.clinical.dates import order, span
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.targets import Writable
from emkcli.locale import _
from emkcli.models import Missing, Raw

_REFERENCE = re.compile(rb'"(?:reference"\s*:\s*"|url"\s*:\s*"(?=[^"\\]*Binary/))([^"\\]+)"')
"""Of an attachment the address of its file."""
_ADDRESS = re.compile(r"https?://\S+|urn:(?:uuid|oid):\S+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_NAMESPACE = UUID("6f1a8f0e-52a4-5c0c-9e4b-3d0b3c0e7a11")
_MOST_MISSING = 500


def write(job: ExportJob, output: Writable) -> None:
    """Stream the Bundle; references that lead nowhere are told in `missing` and stay as they are. Its time is that of the
    newest part, so that what was imported and not touched since becomes the same bytes again."""
    output.write(b'{"resourceType":"Bundle","type":"collection"')
    entries = _Entries()
    newest = None
    for raw in job.resources():
        newest = max(newest, raw.data.get("as_of") or raw.fetched_at, key=order)
        address = entries.admit(raw)
        if address is not None:
            opening = b',"entry":[\n' if entries.count == 1 else b",\n"
            output.write(b'%s{"fullUrl":%s,"resource":' % (opening, json.dumps(address).encode()))
            output.write(raw.content)  # by itself: a large one is not copied
            output.write(b"}")
    output.write((b"\n]" if entries.count else b"") + _timestamp(newest) + b"}\n")
    dangling = entries.dangling()
    why = _("referred to, but outside of what was asked for") if job.partial else _("referred to, but not in the card")
    job.missing += [Missing(what=name, why=why) for name in dangling[:_MOST_MISSING]]
    if len(dangling) > _MOST_MISSING:
        rest = len(dangling) - _MOST_MISSING
        job.missing.append(Missing(what="…", why=_("{count} more references lead nowhere").format(count=rest)))


def _timestamp(moment: str | None) -> bytes:
    """As it was given, where that is an instant of FHIR."""
    if moment and not _INSTANT.fullmatch(moment):
        bounds = span(moment)
        moment = bounds[0].isoformat() if bounds else None
    return b',"timestamp":"%s"' % moment.encode() if moment else b""


class _Entries:
    """What is in the Bundle already: addresses are unique, and a resource stands there once."""

    def __init__(self) -> None:
        self.count = 0
        self._contents: set[tuple[str, bytes]] = set()
        self._names: set[str] = set()
        self._addresses: set[str] = set()
        self._references: set[str] = set()

    def admit(self, raw: Raw) -> str | None:
        """The fullUrl of a resource that is new; None for one that is there word for word."""
        digest = blake2b(raw.content, digest_size=16).digest()
        if (raw.id, digest) in self._contents:
            return None
        self.count += 1
        self._contents.add((raw.id, digest))
        address = self._address(raw, digest)
        self._addresses.add(address)
        self._names.add(raw.id)
        self._references.update(reference.decode("utf-8", "replace") for reference in _REFERENCE.findall(raw.content))
        return address

    def _address(self, raw: Raw, digest: bytes) -> str:
        full_url = raw.data.get("full_url")
        if isinstance(full_url, str) and _ADDRESS.fullmatch(full_url) and full_url not in self._addresses:
            return full_url
        return uuid5(_NAMESPACE, f"{raw.id} {digest.hex()}").urn

    def dangling(self) -> list[str]:
        """References to nothing in the Bundle; contained resources and versions are no matter of it."""
        return sorted(name for name in self._references if not name.startswith("#") and not self._leads(name))

    def _leads(self, name: str) -> bool:
        bare = name.partition("/_history/")[0]
        return bare in self._addresses or bare in self._names or "/".join(bare.rsplit("/", 2)[-2:]) in self._names
