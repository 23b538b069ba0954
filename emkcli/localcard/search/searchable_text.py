"""What of a record is looked through: a title, and every text in it but ids, dates, the names of its patient, and the
statements that a section of a document says in words as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from emkcli import models

_NOT_READ = frozenset(
    {
        *("id", "report_id", "document_id", "source", "patient", "signature", "version", "status", "flag"),
        *("schedule", "sequence", "date", "collected_at", "expires_on", "next_due"),
        *("low", "high", "system", "code_system", "unit_code", "type_code", "value_number", "out_of_range"),
        *("facts", "template", "language", "ids", "snils", "fias_object", "fias_house", "starts_at", "ends_at", "at"),
    }
)
_MEASURED = ("analyte", "display", "value", "unit", "flag")
_TITLES = ("title", "analyte", "medicine", "vaccine", "display", "reason", "type", "kind")


class Reader(NamedTuple):
    """The texts of one record, in the order a reader meets them."""

    title: str
    texts: tuple[str, ...]


def reader(record: models.Model) -> Reader:
    item = record.to_builtins()
    texts = tuple(dict.fromkeys(_texts(item)))
    title = _title(item) or (texts[0] if texts else "")
    if isinstance(record, models.LabResult | models.Vital):
        line = " ".join(str(item[name]) for name in _MEASURED if item.get(name))
        texts = (line, *(text for text in texts if text not in {item.get(name) for name in _MEASURED}))
    return Reader(title, texts)


def _title(item: dict[str, Any]) -> str:
    for name in _TITLES:
        if isinstance(item.get(name), str) and item[name].strip():
            return str(item[name])
    diagnoses = item.get("diagnoses") or []
    return str(diagnoses[0].get("display") or diagnoses[0].get("code") or "") if diagnoses else ""


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
