"""`Patient/$summary`: what of a record stands today, as a document of the International Patient Summary."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.kinds import KINDS, walk
from emkcli.mock.fhir.store import dumps

if TYPE_CHECKING:
    from sqlite3 import Connection

Resource = dict[str, Any]
_LOINC = "http://loinc.org"
_IPS = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
_EMPTY = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
_HTEST = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}
_TITLE = "Международная сводка пациента"
_NOTHING = {"unavailable": "Сведений в карте нет.", "withheld": "Программе не разрешено читать эти сведения."}
# What an entry may bring along; a reference to anything else is left out of the document.
_BROUGHT = ("Organization", "Practitioner", "PractitionerRole", "Specimen")
_WITHDRAWN = ("entered-in-error", "refuted", "cancelled", "not-done")


class Section(NamedTuple):
    """A section of the guide: what of one type stands in it; `latest` keeps the newest of each code only."""

    code: str
    title: str
    kind: str
    stands: Callable[[Resource, date], bool]
    latest: bool = False
    required: bool = False


def _codes(resource: Resource, path: str) -> set[str]:
    return {str(coding.get("code")) for coding in walk(resource, f"{path}.coding")}


def _is_current(resource: Resource, day: date) -> bool:
    return not _codes(resource, "clinicalStatus") & {"resolved", "inactive", "remission"}


def _is_past(resource: Resource, day: date) -> bool:
    return not _is_current(resource, day)


def _is_taken(resource: Resource, day: date) -> bool:
    """A prescription in force: it runs out with its last day."""
    ends = [str(end) for end in walk(resource, "dispenseRequest.validityPeriod.end")]
    return resource["status"] in ("active", "on-hold") and not any(end[:10] < day.isoformat() for end in ends)


def _is_done(resource: Resource, day: date) -> bool:
    return bool(resource["status"] == "completed")


def _is_of(category: str) -> Callable[[Resource, date], bool]:
    return lambda resource, day: category in _codes(resource, "category")


def _is_study(resource: Resource, day: date) -> bool:
    """The results of a laboratory stand for themselves, without the report that lists them."""
    return "result" not in resource


SECTIONS = (
    Section("11450-4", "Текущие заболевания", "Condition", _is_current, required=True),
    Section("48765-2", "Аллергии и непереносимости", "AllergyIntolerance", _is_current, required=True),
    Section("10160-0", "Принимаемые лекарства", "MedicationRequest", _is_taken, required=True),
    Section("11369-6", "Прививки", "Immunization", _is_done),
    Section("30954-2", "Результаты исследований", "Observation", _is_of("laboratory"), latest=True),
    Section("30954-2", "Результаты исследований", "DiagnosticReport", _is_study, latest=True),
    Section("47519-4", "Операции и вмешательства", "Procedure", _is_done),
    Section("8716-3", "Витальные показатели", "Observation", _is_of("vital-signs"), latest=True),
    Section("11348-0", "Перенесённые заболевания", "Condition", _is_past),
)


def summary(db: Connection, patient: str, base_url: str, now: datetime, kinds: Collection[str] | None = None) -> bytes:
    """The document Bundle: the Composition, the Patient, then what the sections list and what that refers to.

    `kinds` are the types that may be read, None all of them. Raises 404 for an unknown patient.
    """
    document = _Document(db, base_url, kinds)
    person = document.add(f"Patient/{patient}")
    if person is None:
        raise FhirError(404, "not-found", f"Patient/{patient} is not known")
    sections = _sections(db, patient, now.date(), document)
    clinic = next(walk(person, "managingOrganization.reference"), None)
    author = clinic if clinic and document.add(clinic) else f"Patient/{patient}"
    moment = now.isoformat(timespec="seconds")
    name = uuid5(NAMESPACE_URL, f"{base_url}/Patient/{patient}/$summary?{moment}")
    composition = {
        "resourceType": "Composition",
        "id": str(name),
        "meta": {"profile": [_IPS + "Composition-uv-ips"], "security": [_HTEST]},
        "language": "ru",
        "text": _narrative([[_TITLE], [moment]]),
        "status": "final",
        "type": {"coding": [{"system": _LOINC, "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": {"reference": f"{base_url}/Patient/{patient}"},
        "date": moment,
        "author": [{"reference": f"{base_url}/{author}"}],
        "title": _TITLE,
        "section": sections,
    }
    bundle = {
        "resourceType": "Bundle",
        "meta": {"profile": [_IPS + "Bundle-uv-ips"], "security": [_HTEST]},
        "language": "ru",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": name.urn},
        "type": "document",
        "timestamp": moment,
        "entry": [{"fullUrl": name.urn, "resource": composition}, *document.entries()],
    }
    return dumps(bundle)


def _sections(db: Connection, patient: str, day: date, document: _Document) -> list[Resource]:
    """A section for each code; a required one that is empty says why."""
    chosen: dict[str, list[Resource]] = {}
    for section in SECTIONS:
        found = _chosen(db, patient, section, day) if document.may_hold(section.kind) else []
        chosen.setdefault(section.code, []).extend(found)
    whole = {section.code: section for section in reversed(SECTIONS)}
    return [
        _section(whole[code], resources, document)
        for code, resources in chosen.items()
        if resources or whole[code].required
    ]


def _section(section: Section, resources: list[Resource], document: _Document) -> Resource:
    content: Resource = {
        "title": section.title,
        "code": {"coding": [{"system": _LOINC, "code": section.code}]},
    }
    if not resources:
        why = "unavailable" if document.may_hold(section.kind) else "withheld"
        empty = {"coding": [{"system": _EMPTY, "code": why}]}
        return content | {"text": _narrative([[_NOTHING[why]]]), "emptyReason": empty}
    entries = [{"reference": document.address(resource)} for resource in resources]
    return content | {"text": _narrative(map(_cells, resources)), "entry": entries}


def _chosen(db: Connection, patient: str, section: Section, day: date) -> list[Resource]:
    """Newest first."""
    rows = db.execute(
        "SELECT json FROM fhir_resource WHERE patient = ? AND type = ? ORDER BY date DESC, id DESC",
        (patient, section.kind),
    )
    resources = (json.loads(row[0], parse_float=Decimal) for row in rows)
    standing = [one for one in resources if not _is_withdrawn(one) and section.stands(one, day)]
    if not section.latest:
        return standing
    newest: dict[str, Resource] = {}
    for resource in standing:
        newest.setdefault(_named(resource), resource)
    return list(newest.values())


def _is_withdrawn(resource: Resource) -> bool:
    return resource.get("status") in _WITHDRAWN or not _codes(resource, "verificationStatus").isdisjoint(_WITHDRAWN)


class _Document:
    """The entries by `Type/id`, in the order in which they were listed or referred to."""

    def __init__(self, db: Connection, base_url: str, kinds: Collection[str] | None) -> None:
        self._db, self._base, self._kinds = db, base_url, kinds
        self._resources: dict[str, Resource] = {}

    def may_hold(self, kind: str) -> bool:
        return self._kinds is None or kind in self._kinds

    def address(self, resource: Resource) -> str:
        """The fullUrl of what a section lists; it stands in the document from now on."""
        name = f"{resource['resourceType']}/{resource['id']}"
        self._resources[name] = resource
        return f"{self._base}/{name}"

    def add(self, reference: str) -> Resource | None:
        """A stored resource by its reference, when it may be read."""
        kind, _, ident = reference.partition("/")
        if reference not in self._resources and self.may_hold(kind):
            sql = "SELECT json FROM fhir_resource WHERE type = ? AND id = ?"
            for (body,) in self._db.execute(sql, (kind, ident)):
                self._resources[reference] = json.loads(body, parse_float=Decimal)
        return self._resources.get(reference)

    def entries(self) -> Iterator[Resource]:
        """What an entry refers to follows it, and what that refers to."""
        done = 0
        while done < len(self._resources):
            name, resource = [*self._resources.items()][done]
            yield {"fullUrl": f"{self._base}/{name}", "resource": self._closed(resource)}
            done += 1

    def _closed(self, node: Any) -> Any:
        """The resource without references that lead out of the document; their displays stay."""
        if isinstance(node, list):
            return [kept for one in node if (kept := self._closed(one)) not in ({}, None)]
        if not isinstance(node, dict):
            return node
        if isinstance(reference := node.get("reference"), str) and not self._holds(reference):
            return {name: value for name, value in node.items() if name != "reference"}
        return {name: kept for name, value in node.items() if (kept := self._closed(value)) not in ({}, [], None)}

    def _holds(self, reference: str) -> bool:
        if reference in self._resources:
            return True
        return reference.partition("/")[0] in _BROUGHT and self.add(reference) is not None


def _cells(resource: Resource) -> list[str]:
    """Day, name and value of a row."""
    dates = (value for path in KINDS[resource["resourceType"]].dates for value in walk(resource, path))
    first = next(dates, "")
    day = str(first.get("start", "") if isinstance(first, dict) else first)[:10]
    return [day, _named(resource), _value(resource)]


def _named(resource: Resource) -> str:
    concepts = (resource.get(name) for name in ("code", "vaccineCode", "medicationCodeableConcept"))
    return next((_text(concept) for concept in concepts if concept), "")


def _value(resource: Resource) -> str:
    parts = [_measured(part) for part in resource.get("component", [])] or [_measured(resource)]
    return " / ".join(filter(None, [*parts, resource.get("conclusion", "")]))


def _measured(part: Resource) -> str:
    quantity = part.get("valueQuantity")
    if quantity:
        return f"{quantity.get('value', '')} {quantity.get('unit', '')}".strip()
    return str(part.get("valueString") or _text(part.get("valueCodeableConcept", {})))


def _text(concept: Resource) -> str:
    shown = (coding.get("display") or coding.get("code") for coding in concept.get("coding", []))
    return str(concept.get("text") or next(filter(None, shown), ""))


def _narrative(rows: Iterable[list[str]]) -> Resource:
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    opening = '<div xmlns="http://www.w3.org/1999/xhtml" lang="ru" xml:lang="ru">'
    return {"status": "generated", "div": f"{opening}<table><tbody>{lines}</tbody></table></div>"}
