"""The card in the layout of FHIR bulk data: a file of lines for every type of resource, as the source sent them."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import compress
from typing import Any

from emkcli.clinical.dates import moscow
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.targets import Writable
from emkcli.locale import _
from emkcli.models import Missing

_TYPE = re.compile(r"[A-Z][A-Za-z]{3,60}")
_MOST_TYPES = 200
_BREAKS = bytes.maketrans(b"\r\n", b"  ")
_WORD = 2**64 - 1


def write(job: ExportJob, output: Writable) -> None:
    """Every resource on a line of one stream."""
    for contents, _kinds in _once(job):
        output.write(_lines(contents))


def write_files(job: ExportJob, opened: Callable[[str], Writable]) -> dict[str, Any]:
    """`Observation.ndjson`, `Patient.ndjson` …; the answer is the output list that readers of bulk data look for."""
    started_at = datetime.now(moscow()).isoformat(timespec="seconds")
    files: dict[str, Writable] = {}
    counts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for contents, kinds in _once(job):
        for kind in dict.fromkeys(kinds):
            matching = [content for content, its_kind in zip(contents, kinds, strict=True) if its_kind == kind]
            if kind not in files and not _fit(kind, files):
                refused["…" if len(refused) > _MOST_TYPES else kind[:60]] += len(matching)
                continue
            if kind not in files:
                files[kind] = opened(f"{kind}.ndjson")
            files[kind].write(_lines(matching))
            counts[kind] += len(matching)
    for name, count in refused.items():
        job.lacks(
            Missing(what=name, why=_("{count} resources of a type that FHIR R4 does not know").format(count=count))
        )
    listed = [{"type": kind, "url": f"{kind}.ndjson", "count": count} for kind, count in sorted(counts.items())]
    return {"transactionTime": started_at, "requiresAccessToken": False, "output": listed, "error": []}


def _fit(kind: str, files: dict[str, Writable]) -> bool:
    """Whether a type may name a file: on a disk that folds case two types must not meet."""
    return bool(_TYPE.fullmatch(kind)) and len(files) < _MOST_TYPES and kind.lower() not in map(str.lower, files)


def _lines(contents: list[bytes]) -> bytes:
    """Between the tokens of JSON a line break is a blank; inside a string it cannot stand."""
    together = b"\n".join([*contents, b""])
    if together.count(b"\n") > len(contents) or b"\r" in together:
        return b"\n".join([*(content.translate(_BREAKS) for content in contents), b""])
    return together


def _once(job: ExportJob) -> Iterator[tuple[list[bytes], list[str]]]:
    """Contents and types of each batch, without what was there before: servers repeat pages."""
    digests = Seen()
    for batch in job.batches():
        fresh = digests.add(batch.contents)
        if all(fresh):
            yield batch.contents, batch.kinds
        elif any(fresh):
            yield list(compress(batch.contents, fresh)), list(compress(batch.kinds, fresh))


class Seen:
    """A table of 64-bit hashes, packed: a large card must need little more memory than a small one."""

    def __init__(self) -> None:
        self._slots = _table(1 << 12, ())
        self._count = 0

    def add(self, contents: list[bytes]) -> list[bool]:
        """Whether each was not there."""
        while (self._count + len(contents)) * 3 > len(self._slots) * 2:
            self._slots = _table(len(self._slots) * 2, self._slots)
        slots, mask = self._slots, len(self._slots) - 1
        fresh = []
        for number in map(hash, contents):
            number = number & _WORD or 1
            place = number & mask
            while (there := slots[place]) and there != number:
                place = (place + 1) & mask
            slots[place] = number
            fresh.append(not there)
        self._count += sum(fresh)
        return fresh


def _table(size: int, numbers: Iterable[int]) -> array[int]:
    """An open table of that many places, a power of two, with these numbers in it."""
    slots = array("Q", bytes(8)) * size
    for number in filter(None, numbers):
        place = number & (size - 1)
        while slots[place]:
            place = (place + 1) & (size - 1)
        slots[place] = number
    return slots
