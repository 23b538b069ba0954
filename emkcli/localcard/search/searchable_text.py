"""What of a record is looked through: a title, and every text in it but ids, dates, the names of its patient, and the
statements that a section of a document says in words as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from emkcli import models
from emkcli.clinical.record_title import title as title_of

_NOT_READ = frozenset(
    {
        *("id", "report_id", "document_id", "source", "patient", "signature", "version", "status", "flag"),
        *("schedule", "sequence", "date", "collected_at", "expires_on", "next_due"),
        *("low", "high", "system", "code_system", "unit_code", "type_code", "value_number", "out_of_range"),
        *("facts", "template", "language", "ids", "snils", "fias_object", "fias_house", "starts_at", "ends_at", "at"),
    }
)
_MEASURED = ("analyte", "display", "value", "unit", "flag")


class Reader(NamedTuple):
    """The texts of one record, in the order a reader meets them."""

    title: str
    texts: tuple[str, ...]


def reader(record: models.Model) -> Reader:
    item = record.to_builtins()
    texts = tuple(dict.fromkeys(_texts(item)))
    title = title_of(item) or (texts[0] if texts else "")
    if isinstance(record, models.LabResult | models.Vital):
        line = " ".join(str(item[name]) for name in _MEASURED if item.get(name))
        texts = (line, *(text for text in texts if text not in {item.get(name) for name in _MEASURED}))
    return Reader(title, texts)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            if part and name not in _NOT_READ:  # most fields of most records are empty
                yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, str) and value.strip():
        yield value
