"""The card in the layout of FHIR bulk data: a file of lines for every type of resource, as the source sent them."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import blake2b
from typing import Any, Protocol

from emkcli.api.dates import MOSCOW
from emkcli.api.models import Missing, Raw
from emkcli.formats.job import Job
from emkcli.locale import _

_TYPE = re.compile(r"[A-Z][A-Za-z]{3,60}")
_MOST_TYPES = 200
_BREAKS = bytes.maketrans(b"\r\n", b"  ")


class Writable(Protocol):
    def write(self, content: bytes, /) -> object: ...


def write(job: Job, output: Writable) -> None:
    """Every resource on a line of one stream."""
    for raw in _once(job):
        output.write(_line(raw))


def write_files(job: Job, opened: Callable[[str], Writable]) -> dict[str, Any]:
    """`Observation.ndjson`, `Patient.ndjson` …; the answer is the output list that readers of bulk data look for."""
    began = datetime.now(MOSCOW).isoformat(timespec="seconds")
    files: dict[str, Writable] = {}
    counts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for raw in _once(job):
        kind = str((raw.data or {}).get("type") or raw.id.partition("/")[0])
        if kind not in files:
            if not _fit(kind, files):
                refused["…" if len(refused) > _MOST_TYPES else kind[:60]] += 1
                continue
            files[kind] = opened(f"{kind}.ndjson")
        files[kind].write(_line(raw))
        counts[kind] += 1
    for name, count in refused.items():
        job.lacks(
            Missing(what=name, why=_("{count} resources of a type that FHIR R4 does not know").format(count=count))
        )
    listed = [{"type": kind, "url": f"{kind}.ndjson", "count": count} for kind, count in sorted(counts.items())]
    return {"transactionTime": began, "requiresAccessToken": False, "output": listed, "error": []}


def _fit(kind: str, files: dict[str, Writable]) -> bool:
    """Whether a type may name a file: on a disk that folds case two types must not meet."""
    return bool(_TYPE.fullmatch(kind)) and len(files) < _MOST_TYPES and kind.lower() not in map(str.lower, files)


def _line(raw: Raw) -> bytes:
    """Between the tokens of JSON a line break is a blank; inside a string it cannot stand."""
    return raw.content.translate(_BREAKS) + b"\n"


def _once(job: Job) -> Iterator[Raw]:
    """Each resource once: servers repeat pages."""
    seen = Seen()
    for raw in job.resources():
        if seen.add(blake2b(raw.content, digest_size=8).digest()):
            yield raw


class Seen:
    """A set of 64-bit digests, packed: a large card must need little more memory than a small one."""

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 << 12))
        self._count = 0

    def add(self, digest: bytes) -> bool:
        """False when it was there."""
        number = int.from_bytes(digest, "big") or 1
        if self._count * 3 > len(self._slots) * 2:
            self._grow()
        place = self._place(number)
        if self._slots[place]:
            return False
        self._slots[place] = number
        self._count += 1
        return True

    def _place(self, number: int) -> int:
        mask = len(self._slots) - 1
        place = number & mask
        while self._slots[place] not in (0, number):
            place = (place + 1) & mask
        return place

    def _grow(self) -> None:
        old = self._slots
        self._slots = array("Q", bytes(len(old) * 16))
        for number in filter(None, old):
            self._slots[self._place(number)] = number
