"""The card in the layout of FHIR bulk data: a file of lines for every type of resource, as the source sent them."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Protocol

from emkcli.api.dates import MOSCOW
from emkcli.api.models import Missing, Raw
from emkcli.formats.job import Job
from emkcli.locale import _

_TYPE = re.compile(r"[A-Z][A-Za-z]{3,60}")
_MOST_TYPES = 200
_BREAKS = bytes.maketrans(b"\r\n", b"  ")
_AT_ONCE = 128 * 1024
_WORD = 2**64 - 1


class Writable(Protocol):
    def write(self, content: bytes, /) -> object: ...


def write(job: Job, output: Writable) -> None:
    """Every resource on a line of one stream."""
    lines = _Lines(output)
    for raw in _once(job):
        lines.add(raw.content)
    lines.flush()


def write_files(job: Job, opened: Callable[[str], Writable]) -> dict[str, Any]:
    """`Observation.ndjson`, `Patient.ndjson` …; the answer is the output list that readers of bulk data look for."""
    began = datetime.now(MOSCOW).isoformat(timespec="seconds")
    files: dict[str, _Lines] = {}
    refused: Counter[str] = Counter()
    for raw in _once(job):
        kind = _kind(raw)
        if kind not in files:
            if not _fit(kind, files):
                refused["…" if len(refused) > _MOST_TYPES else kind[:60]] += 1
                continue
            files[kind] = _Lines(opened(f"{kind}.ndjson"))
        files[kind].add(raw.content)
    for name, count in refused.items():
        job.lacks(
            Missing(what=name, why=_("{count} resources of a type that FHIR R4 does not know").format(count=count))
        )
    for lines in files.values():
        lines.flush()
    listed = [{"type": kind, "url": f"{kind}.ndjson", "count": files[kind].count} for kind in sorted(files)]
    return {"transactionTime": began, "requiresAccessToken": False, "output": listed, "error": []}


def _kind(raw: Raw) -> str:
    return str((raw.data or {}).get("type") or raw.id.partition("/")[0])


def _fit(kind: str, files: dict[str, _Lines]) -> bool:
    """Whether a type may name a file: on a disk that folds case two types must not meet."""
    return bool(_TYPE.fullmatch(kind)) and len(files) < _MOST_TYPES and kind.lower() not in map(str.lower, files)


class _Lines:
    """Lines on their way to a file, written together: hashing and writing each by itself would cost more than reading it."""

    def __init__(self, output: Writable) -> None:
        self._output = output
        self._waiting: list[bytes] = []
        self._bytes = 0
        self.count = 0

    def add(self, content: bytes) -> None:
        """Between the tokens of JSON a line break is a blank; inside a string it cannot stand."""
        if b"\n" in content or b"\r" in content:
            content = content.translate(_BREAKS)
        self._waiting.append(content)
        self._bytes += len(content)
        self.count += 1
        if self._bytes > _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._waiting.append(b"")
            self._output.write(b"\n".join(self._waiting))
            self._waiting, self._bytes = [], 0


def _once(job: Job) -> Iterator[Raw]:
    """Each resource once: servers repeat pages."""
    seen = _Seen()
    return (raw for raw in job.resources() if seen.add(hash(raw.content)))


class _Seen:
    """A set of 64-bit hashes, packed: a large card must need little more memory than a small one."""

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 << 12))
        self._count = 0

    def add(self, hashed: int) -> bool:
        """False when it was there."""
        number = hashed & _WORD or 1
        if self._count * 3 > len(self._slots) * 2:
            self._grow()
        if self._put(number):
            self._count += 1
            return True
        return False

    def _put(self, number: int) -> bool:
        slots = self._slots
        mask = len(slots) - 1
        place = number & mask
        while there := slots[place]:
            if there == number:
                return False
            place = (place + 1) & mask
        slots[place] = number
        return True

    def _grow(self) -> None:
        old = self._slots
        self._slots = array("Q", bytes(len(old) * 16))
        for number in filter(None, old):
            self._put(number)
