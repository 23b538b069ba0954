"""What a resource says beside the fields of its record, so that nothing of it is lost in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from emkcli import models
from emkcli.clinical.status import WITHDRAWN
from emkcli.fhir.component_details import with_components
from emkcli.fhir.contained import PARTS
from emkcli.fhir.elements import Resource, concept, element, joined, label, text
from emkcli.fhir.further_codes import further_codes
from emkcli.fhir.graph import Node
from emkcli.fhir.modifiers import may_be_modified, modifiers, name_of
from emkcli.fhir.narrated_name import narrated
from emkcli.fhir.read_elements import CODES, READ, REFERRED, USUAL
from emkcli.fhir.related import composition_of
from emkcli.fhir.resource_words import Line, Walk
from emkcli.fhir.scene import Scene

_MOST = 500
MEDICINES = frozenset({"MedicationRequest", "MedicationStatement", "MedicationOrder"})
NEVER_MEANT = frozenset({"entered-in-error", "not-taken"})
_TOLD_BY = ("date", "date_text", "collected_at_text", "ends_on", "expires_on", "reason", "type", "method", "comment")
"""Fields that are filled from one of several elements."""


def detailed(records: Iterable[Any], resource: Resource, node: Node, scene: Scene) -> Iterator[Any]:
    """The records with all that their fields do not say; what changes the meaning comes first."""
    modifying = [*_modifying(resource, node, scene)]
    lines = list(_first(_lines(resource, node.type, scene))) if node.type in READ else []
    for record, own in with_components(records, resource, scene):
        told = _told(record) if own or lines else ()
        rest = [models.Detail(element=line.heading, text=line.cut) for line in [*own, *lines] if line.words not in told]
        yield replace(record, details=[*modifying, *rest]) if modifying or rest else record


def _first(lines: Iterator[Line]) -> Iterator[Line]:
    """As many as somebody reads, and a sign where there are more."""
    yield from islice(lines, _MOST)
    if next(lines, None):
        yield Line("…", "…")


def _modifying(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Detail]:
    """Its own marks, then those of what it was released with."""
    yield from _overridden(resource, node)
    yield from _erroneous(resource, scene)
    yield from _modified(resource, node, scene)
    for around in scene.graph.around(node):
        released = scene.graph.resource(around)
        if (status := text(released, "status")) in WITHDRAWN:
            yield models.Detail(element=f"{around.type}.status", text=status, modifies=True)
        without_inner = {name: value for name, value in released.items() if name != "contained"}
        yield from _modified(without_inner, around, scene)


def _overridden(resource: Resource, node: Node) -> Iterator[models.Detail]:
    """A status of a medicine for which the card has no word: it says "cancelled" of one that was written by mistake."""
    if node.type in MEDICINES and (status := text(resource, "status")) in NEVER_MEANT:
        yield models.Detail(element="status", text=status, modifies=True)


def _modified(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Detail]:
    if not may_be_modified(bytes(node.content)):
        return
    walk = Walk(resource, scene)
    for extension in modifiers(resource):
        words = joined(line.words for line in walk.extensions("", [extension]))
        yield models.Detail(element=name_of(extension), text=words or text(extension, "url") or "?", modifies=True)


def _erroneous(resource: Resource, scene: Scene) -> Iterator[models.Detail]:
    """A sample or a medicine that was entered by mistake makes what is said with it doubtful."""
    for name, target in _referred(resource, scene):
        if (status := text(target, "status")) in WITHDRAWN:
            yield models.Detail(element=f"{name}.status", text=status, modifies=True)


def _referred(resource: Resource, scene: Scene) -> Iterator[tuple[str, Resource]]:
    """What describes the resource, with the name of the element that refers to it."""
    for name in filter(resource.__contains__, REFERRED):
        if target := scene.graph.get(element(resource, name), resource):
            yield name, target


def _lines(resource: Resource, kind: str, scene: Scene) -> Iterator[Line]:
    walked = Walk(resource, scene, READ[kind] | PARTS.get(kind, frozenset())).lines()
    yield from (line for line in walked if (line.heading, line.words) not in USUAL)
    yield from further_codes(resource, kind)
    if kind == "DocumentReference" and (paper := composition_of(resource, scene)):
        yield from _lines(paper, "Composition", scene)
    for name, target in _referred(resource, scene):
        yield from _described(name, target, REFERRED[name], scene)
    if words := _narrated(resource, kind):
        yield Line("text", words)


def _described(name: str, target: Resource, read: frozenset[str], scene: Scene) -> Iterator[Line]:
    """What a sample or a medicine is beside its name; that it is a mistake was said before."""
    is_named = concept(element(target, "code"))
    without = read | {"text", "contained"} | (set() if is_named else {"ingredient"})
    without |= {"status"} if text(target, "status") in WITHDRAWN else set()
    yield from (Line(f"{name}.{line.heading}", line.words) for line in Walk(target, scene, frozenset(without)).lines())


def _narrated(resource: Resource, kind: str) -> str | None:
    """The narrative where it says more than the elements, or these have no words for what it is about."""
    if "text" not in resource or kind in _TEXTUAL:
        return None
    names = [element(resource, name) for name in CODES if name in resource]
    says_more = text(resource, "text", "status") == "additional" or not any(map(label, names))
    return narrated(resource) if says_more else None


_TEXTUAL = frozenset({"DiagnosticReport", "Encounter"})
"""Types whose narrative is read for what was seen or said, or repeats it."""


def _told(record: Any) -> set[str]:
    """What the fields say that are filled from one of several elements, and the names of the people."""
    stated = [words for name in _TOLD_BY if isinstance(words := getattr(record, name, None), str)]
    diagnoses = [name for diagnosis in getattr(record, "diagnoses", ()) if (name := diagnosis.display)]
    people = [party.name for party in (record.clinic, record.doctor) if party]
    parts = [part for words in stated for part in (*words.split("; "), *words.split(", "), words.replace(" – ", "/"))]
    return {*stated, *parts, *people, *diagnoses, *_names(record)}


def _names(record: Any) -> Iterator[str]:
    """A narrative that is the name of the record is told by it."""
    fields = (getattr(record, name, None) for name in ("display", "analyte", "medicine", "vaccine", "title"))
    return (name for name in fields if name and name is not UNSET)
