"""What stands around a resource while it is read: its neighbours, how records are named, where they come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from emkcli import models
from emkcli.clinical.status import WITHDRAWN
from emkcli.fhir.device import device_name
from emkcli.fhir.elements import (
    Resource,
    concept,
    date_text,
    element,
    elements,
    identifier,
    joined,
    label,
    labels,
    text,
    texts,
    when,
)
from emkcli.fhir.graph import Graph, Node
from emkcli.fhir.medication import ingredients
from emkcli.fhir.narrated_name import narrated

_PEOPLE = frozenset({"recorder", "asserter", "requester", "resultsInterpreter"})
"""Elements that name people; a performer without a type («Acme Laboratory», «Todd Ashby») may be either, and a place is the
safer guess unless it is called as people are."""
_PERSON = re.compile(
    r"\b(?:dr|prof|врач|доктор|д-р|проф)\b|\b(?:m\.?d|d\.?o|rn)\b\.?$|\w(?:вич|вна|ична|инична)\b|\b[А-ЯЁA-Z]\.\s?[А-ЯЁA-Z]\.",
    re.IGNORECASE,
)
"""A title, a patronymic, or two initials."""


def by_key(node: Node) -> str:
    """The id of a server's record: `Type/id`."""
    return node.key


@dataclass(frozen=True)
class Scene:
    """`name` gives a resource its record id; `today` decides what has expired. Of a page, what is not on it may come on
    another."""

    graph: Graph
    name: Callable[[Node], str] = by_key
    source: models.Source = "server"
    today: str | None = None
    is_page: bool = False

    def fields(self, resource: Resource, node: Node, dates: tuple[str, ...], *staff: str) -> dict[str, Any]:
        """What every record says, from the elements that hold its date and whoever made it, in order of preference."""
        clinic, doctor = self.staff(resource, *staff)
        return {
            "id": self.name(node),
            "date": when(resource, *dates),
            "date_text": date_text(resource, *dates),
            "clinic": clinic,
            "doctor": doctor,
            "status": _status(resource),
            "source": self.source,
        }

    def concept_at(self, reference: Any, owner: Resource) -> Resource:
        """The code of a referenced Condition, Medication, Device or Specimen as a CodeableConcept; in words where it has none."""
        if not reference:
            return {}
        target = self.graph.get(reference, owner) or {}
        if text(target, "resourceType") == "Device" and (name := device_name(target)):
            return {"text": name}
        code = element(target, "code") or element(target, "type")
        words = None if concept(code) else text(reference, "display") or self._uncoded(target)
        return {**code, "text": words} if words else code

    def _uncoded(self, target: Resource) -> str | None:
        return ingredients(target, self.graph) or narrated(target)

    def has_any_of(self, references: Sequence[Resource]) -> bool:
        """Whether one of them leads somewhere; of a page nobody knows, and so as if."""
        addresses = [text(reference, "reference") or "" for reference in references]
        return bool(addresses) and (
            self.is_page or any(address.startswith("#") or self.graph.node(address) for address in addresses)
        )

    def reasons(self, resource: Resource) -> str | None:
        """Why, in words: the reasons that stand in the resource, then those it refers to."""
        referred = (concept(self.concept_at(part, resource)) for part in elements(resource, "reasonReference"))
        return joined(dict.fromkeys([*labels(resource, "reasonCode"), *referred]))

    def clinic(self, reference: Any, owner: Resource) -> models.Named | None:
        """An Organization, or the one a PractitionerRole works for."""
        clinic: models.Named | None = self._once("clinic", reference, owner, self._clinic)
        return clinic

    def doctor(self, reference: Any, owner: Resource) -> models.DoctorRef | None:
        """A Practitioner, or the one in a PractitionerRole, with the specialty either states."""
        doctor: models.DoctorRef | None = self._once("doctor", reference, owner, self._doctor)
        return doctor

    def _once(self, kind: str, reference: Any, owner: Resource, read: Callable[[Any, Resource], Any]) -> Any:
        written = text(reference, "reference")
        if written is None or written.startswith("#"):
            return read(reference, owner)
        return self.graph.remembered((kind, written, text(reference, "display")), lambda: read(reference, owner))

    def _clinic(self, reference: Any, owner: Resource) -> models.Named | None:
        target = self.graph.get(reference, owner) or {}
        if kind_of(reference, target) == "PractitionerRole":
            employer = element(target, "organization")
            kind = kind_of(employer, self.graph.get(employer, target) or {})
            return None if kind == "PractitionerRole" else self._clinic(employer, target)
        if kind_of(reference, target) not in ("Organization", None):
            return None
        name = text(target, "name") or text(reference, "display")
        ident = _ident(reference, target) or name
        return models.Named(id=ident, name=name or ident) if ident else None

    def _doctor(self, reference: Any, owner: Resource) -> models.DoctorRef | None:
        target = self.graph.get(reference, owner) or {}
        kind = kind_of(reference, target)
        if kind not in ("Practitioner", "PractitionerRole", None):
            return None
        specialty = _specialty(target)
        person, pointer = target, reference
        if kind == "PractitionerRole":
            pointer = element(target, "practitioner") or reference
            person = self.graph.get(pointer, target) or {}
            specialty = specialty or _specialty(person)
        name = human_name(person) or text(pointer, "display") or text(reference, "display")
        if name is None and _is_vacant(target):
            return None
        ident = _ident(pointer, person) or name
        return models.DoctorRef(id=ident, name=name or ident, specialty=specialty) if ident else None

    def staff(self, resource: Resource, *names: str) -> tuple[models.Named | None, models.DoctorRef | None]:
        """Clinic and doctor from reference elements in order of preference, else from the encounter."""
        references = [(name, reference) for name in names for reference in elements(resource, name)]
        typed = [one for _name, one in references if kind_of(one, self.graph.get(one, resource) or {})]
        clinic = next(filter(None, (self.clinic(candidate, resource) for candidate in typed)), None)
        doctor = next(filter(None, (self.doctor(candidate, resource) for candidate in typed)), None)
        encounter = element(resource, "encounter") or element(resource, "context", "encounter")
        visit = self.graph.get(encounter, resource)
        if visit and text(visit, "resourceType") == "Encounter" and not (clinic and doctor):
            place, seen_by = self.visit_staff(visit)
            clinic, doctor = clinic or place, doctor or seen_by
        for name, untyped in (row for row in references if row[1] not in typed):
            if name in _PEOPLE or _PERSON.search(text(untyped, "display") or ""):
                doctor = doctor or self.doctor(untyped, resource)
            else:
                clinic = clinic or self.clinic(untyped, resource)
        return clinic, doctor

    def visit_staff(self, visit: Resource) -> tuple[models.Named | None, models.DoctorRef | None]:
        """Who saw the patient, and where."""
        people = (
            self.doctor(element(participant, "individual"), visit) for participant in elements(visit, "participant")
        )
        return self.clinic(element(visit, "serviceProvider"), visit), next(filter(None, people), None)


def _status(resource: Resource) -> str | None:
    """What is asked not to be done is in force as a prohibition."""
    status = text(resource, "status")
    return "prohibited" if resource.get("doNotPerform") is True and status not in WITHDRAWN else status


def human_name(resource: Any) -> str | None:
    """«Фамилия Имя Отчество» of a Patient or Practitioner, the official or current name first."""
    names = elements(resource, "name")
    usable = [name for name in names if text(name, "use") not in ("old", "maiden", "nickname", "anonymous")] or names
    best = sorted(usable, key=lambda name: text(name, "use") != "official")
    return next(filter(None, (written_name(name) for name in best)), None)


def written_name(name: Resource) -> str | None:
    """A HumanName as people write it."""
    return text(name, "text") or joined([text(name, "family"), *texts(name, "given")], " ")


def _specialty(resource: Resource) -> str | None:
    stated = [*elements(resource, "specialty"), *elements(resource, "code")]
    stated += [element(qualification, "code") for qualification in elements(resource, "qualification")]
    return next(filter(None, map(label, stated)), None) or next(filter(None, map(concept, stated)), None)


def _is_vacant(role: Resource) -> bool:
    """A PractitionerRole that tells where somebody works and not who: its own id is nobody's name."""
    return "organization" in role and "practitioner" not in role


def kind_of(reference: Any, target: Resource) -> str | None:
    """The type of what a reference leads to, as far as it or its target says it."""
    written = text(reference, "reference") or ""
    by_path = written.rsplit("/", 2)[-2] if written.count("/") else None
    return text(target, "resourceType") or text(reference, "type") or by_path


def _ident(reference: Any, target: Resource) -> str | None:
    """The logical id: the portal knows its clinics and physicians by it."""
    written = text(reference, "reference")
    bare = written.partition("/_history/")[0].rsplit("/", 1)[-1] if written else None
    named = bare if bare and not bare.startswith("#") else None
    return text(target, "id") or named or identifier(element(reference, "identifier"))
