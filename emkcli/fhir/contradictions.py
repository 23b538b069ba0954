"""What of a FHIR resource cannot be so, one rule each; what its records say of themselves is told by those."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from emkcli.clinical.contradictions import ends_before, is_upside_down
from emkcli.fhir.elements import Decimal, Resource, codes, elements, text
from emkcli.fhir.graph import Node
from emkcli.fhir.malformed_elements import malformed
from emkcli.fhir.modifiers import may_be_modified, modifiers, name_of
from emkcli.fhir.releases import strays
from emkcli.fhir.status_codes import CLINICAL, STATUSES
from emkcli.locale import _

_END_OR_WORDS = re.compile(rb'"(?:end|value)"\s*:\s*"')
"""The end of a period, or a value that is text: most resources have none; then nothing in them is walked through."""
_LOW = b'"low"'
_QUANTITY = re.compile(r"\w*[qQ]uantity|low|high|numerator|denominator")
_SUBJECTS = ("subject", "patient")


def of_resource(resource: Resource, node: Node) -> Iterator[str]:
    """What is wrong, in words; of an outcome what its source warns of."""
    if node.type == "OperationOutcome":
        yield from _warnings(resource)
    yield from _statuses(resource, node.type)
    if len({name for element in _SUBJECTS if element in resource for name in _named(resource, element)}) > 1:
        yield _("it is about two subjects")
    if len([name for name, value in resource.items() if name.startswith("value") and value not in (None, [], {})]) > 1:
        yield _("it has two values")
    if may_be_modified(bytes(node.content)) and (names := dict.fromkeys(map(name_of, modifiers(resource)))):
        yield _("what is not known changes its meaning: {names}").format(names=", ".join(names))
    for name in malformed(resource, node):
        yield _("its element {name} has not the form that FHIR R4 gives it, and may not be read").format(name=name)
    for stray in sorted(strays(resource, node.type)):
        yield _("it has an element that FHIR R4 does not have and emk does not read: {name}").format(name=stray)
    if _is_worth_a_look(resource, bytes(node.content)):
        yield from _inside(resource)


def _is_worth_a_look(resource: Resource, content: bytes) -> bool:
    """Told by its bytes; the ranges of a result are looked at with the record."""
    own = sum("low" in bounds for bounds in elements(resource, "referenceRange"))
    return content.count(_LOW) > own or _END_OR_WORDS.search(content) is not None


def _warnings(outcome: Resource) -> Iterator[str]:
    for issue in elements(outcome, "issue"):
        if text(issue, "severity") == "warning":
            yield text(issue, "details", "text") or text(issue, "diagnostics") or text(issue, "code") or "?"


def _statuses(resource: Resource, kind: str) -> Iterator[str]:
    status = text(resource, "status")
    if status and kind in STATUSES and status not in STATUSES[kind]:
        yield _("its status is none of FHIR: {status}").format(status=status)
    for name, known in CLINICAL.get(kind, {}).items():
        stated = codes(resource.get(name))
        if stated and stated.isdisjoint(known):
            yield _("its status is none of FHIR: {status}").format(status=", ".join(sorted(stated)))


def _named(resource: Resource, element: str) -> Iterator[str]:
    return (name for reference in elements(resource, element) if (name := text(reference, "reference")))


def _inside(resource: Resource) -> Iterator[str]:
    for name, part in _parts(resource):
        if "end" in part and ends_before(text(part.get("start")), text(part["end"])):
            yield _("it ends before it begins")
        if "high" in part and name != "referenceRange" and is_upside_down(*_bounds(part)):
            yield _("its range is upside down")
        number = part.get("value")
        if isinstance(number, str) and not isinstance(number, Decimal) and _QUANTITY.fullmatch(name):
            yield _("a quantity of it is no number")


def _bounds(part: Resource) -> tuple[str | None, str | None]:
    return text(part, "low", "value"), text(part, "high", "value")


def _parts(resource: Resource) -> Iterator[tuple[str, Resource]]:
    """Every object below with the name of its element; contained resources are other ones."""
    waiting: list[tuple[str, Any]] = [(name, value) for name, value in resource.items() if name != "contained"]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, list):
            waiting.extend((name, part) for part in value)
        elif isinstance(value, dict):
            yield name, value
            waiting.extend(value.items())
