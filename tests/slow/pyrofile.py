"""pyrofile-validator, a checker that others wrote, fed with the official definitions; and what it gets wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from pyrofile_validator.config import ValidatorConfig
from pyrofile_validator.core.engine import Validator

from tests.slow.walker.definitions import Json

CHUNK = 40
"""Entries validated at once: pyrofile refuses more than 1 MB, and its time grows with the square of a Bundle."""
FALSE = {
    "a required choice inside a backbone element, which it looks for as `name[x]`": re.compile(
        r"cardinality\.min [\w.]+\.\w+\[x\] is required"
    ),
    "a required choice that says by an extension that it is unknown": re.compile(
        r"profile\.(element\.)?(cardinality\.min|required) .*\w+\[x\]$"
    ),
    "a slice told by a profile, which it never finds": re.compile(
        r"profile\.slice\.cardinality\.min Profile slice entry:(composition|patient) "
    ),
    "a section whose code also has a display": re.compile(
        r"profile\.slice\.cardinality\.min Profile slice section:section(Problems|Allergies|Medications) "
    ),
    "a CodeableConcept with more than its pattern": re.compile(
        r"profile\.pattern Profile pattern mismatch for (Composition\.type|Observation\.code)$"
    ),
    "a pattern of an element that is optional and absent": re.compile(
        r"profile\.element\.pattern Profile pattern mismatch for MedicationRequest\.doNotPerform$"
    ),
}
"""Kinds of errors that pyrofile 0.3.0 reports of HL7's own examples too, and why they are none."""


class _Entry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"{}")


class _Bundle(msgspec.Struct):
    entry: list[_Entry] = []


def validator(r4: list[Path], ips: Path, place: Path) -> Validator:
    """It reads single definitions only, so HL7's Bundles of them are taken apart into `place`."""
    place.mkdir(exist_ok=True)
    for path in r4:
        for number, entry in enumerate(msgspec.json.decode(path.read_bytes(), type=_Bundle).entry):
            (place / f"{path.stem}-{number}.json").write_bytes(bytes(entry.resource))
    found = Validator(ValidatorConfig(local_package_paths=[str(place), str(ips)], allow_unknown_extensions=True))
    assert found.loaded_structure_definitions > 600
    return found


def errors(checker: Validator, document: Json) -> list[str]:
    """Every error about a resource, without the places inside lists."""
    found = [one for part in _parts(document) for one in checker.validate_resource(part).issues]
    told = [f"{one.code} {one.message}" for one in found if one.severity.value == "error"]
    return [re.sub(r"\[\d+\]", "", one) for one in told]


def kind_of(error: str) -> str | None:
    """Which known mistake of pyrofile an error is; None when it may be right."""
    return next((why for why, pattern in FALSE.items() if pattern.match(error)), None)


def _parts(document: Json) -> Iterator[Json]:
    entries = document.get("entry", [])
    if document.get("type") != "collection" or len(entries) <= CHUNK:
        yield document
        return
    for start in range(0, len(entries), CHUNK):
        yield {**document, "entry": entries[start : start + CHUNK]}
