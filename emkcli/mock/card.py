"""What the portal writes into a person's record: all of it at activation, then prescriptions and traces of access."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from emkcli.mock import clock, fhir, schema
from emkcli.mock.clock import HOUR, iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from sqlite3 import Row

    from emkcli.mock.exchange import Call

Resource = dict[str, Any]
MOST_RECORDS = 100_000
"""A card is made within one request: more laboratory results than this take too long to wait for."""
_ACTS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_TEST_DATA = {"system": _ACTS, "code": "HTEST", "display": "test health data"}
_BASIS = "Обращение пациента (законного представителя) к своей карте"
_EVENTS = {
    "read": ("R", "Просмотр медицинской карты"),
    "revoke": ("U", "Отзыв согласия"),
}


def write(call: Call, person: Row, clinic_id: str) -> None:
    """The record as the clinic keeps it up to today; `empty-card` leaves the Patient alone."""
    doctor_id = json.loads(_chosen_doctor(call, person["id"]) or "{}").get("id")
    about = (person["id"], person["data"], clinic_id, doctor_id, call.seed, clock.day(call.now))
    # one of a wished size may be too large to be kept
    labs = call.settings.get("records")
    kept = _usual(*about) if labs is None else map(_kept, _record(*about, int(labs)))
    if call.scenario == "empty-card":
        kept = (one for one in kept if one.resource["resourceType"] == "Patient")
    fhir.put_prepared(call.db, (_by(call.now, one) for one in kept))


class _Kept(NamedTuple):
    """A resource of a record, when it was last changed, and how it is stored."""

    resource: Resource
    updated: int
    prepared: fhir.Prepared


@lru_cache(maxsize=2)
def _usual(person: str, data: str, clinic_id: str, doctor_id: str | None, seed: int, today: date) -> Iterable[_Kept]:
    """Remembered, since each test of a suite opens the same card anew."""
    return tuple(map(_kept, _record(person, data, clinic_id, doctor_id, seed, today)))


def _record(
    person: str, data: str, clinic_id: str, doctor_id: str | None, seed: int, today: date, labs: int | None = None
) -> Iterator[Resource]:
    from emkcli.mock import directory, medical

    patient = json.loads(data) | {"id": person}
    patient["address"] = patient["residence_address"]
    clinic = _plain(directory.all_clinics(seed)[clinic_id])
    staff = [_plain(doctor) for doctor in directory.all_doctors(seed).values() if doctor.clinic_id == clinic_id]
    staff.sort(key=lambda doctor: bool(doctor["id"] != doctor_id))
    return medical.card(patient, clinic, staff, seed, today, labs)


def _kept(resource: Resource) -> _Kept:
    return _Kept(resource, clock.parse(resource["meta"]["lastUpdated"]), fhir.prepared(resource))


def _by(now: int, one: _Kept) -> fhir.Prepared:
    """The record covers the whole of today; none of it was changed later than now, or a client would miss what is next."""
    if one.updated <= now:
        return one.prepared
    return fhir.prepared(one.resource | {"meta": one.resource["meta"] | {"lastUpdated": iso(now)}})


def prescribe(call: Call, request: Row) -> str:
    """A new active MedicationRequest, after the one it repeats where there is one; its reference."""
    from emkcli.mock import family

    row = family.row(call, request["person"])
    prior = owned(call, request["person"], f"MedicationRequest/{request['repeats']}") if request["repeats"] else None
    name = f"recipe-{request['id']}"
    today = clock.day(call.now)
    resource = _head("MedicationRequest", name, call.now) | {
        "status": "active",
        "intent": "order",
        "category": (prior or {}).get("category", [{"text": "Рецепт по запросу пациента"}]),
        "medicationCodeableConcept": (prior or {}).get("medicationCodeableConcept", {"text": request["medicine"]}),
        "subject": {"reference": f"Patient/{row['id']}"},
        "authoredOn": iso(call.now),
        "dosageInstruction": (prior or {}).get("dosageInstruction", [{"text": "По назначению врача"}]),
        "dispenseRequest": {"validityPeriod": {"start": str(today), "end": str(today + timedelta(days=60))}},
    }
    if doctor := json.loads(request["doctor"] or "null"):
        resource["requester"] = {"reference": f"Practitioner/{doctor['id']}", "display": doctor["name"]}
    if prior:
        resource["priorPrescription"] = {"reference": f"MedicationRequest/{prior['id']}"}
    fhir.put_all(call.db, [resource])
    return f"MedicationRequest/{name}"


def audit_read(call: Call, person: str) -> None:
    """The person looked at the card: noted once an hour for each session."""
    session = call.session["id"] if call.session else 0
    row = call.db.execute("SELECT at FROM audited WHERE session = ? AND person = ?", (session, person)).fetchone()
    if row and call.now - row["at"] < HOUR:
        return
    call.db.execute("INSERT OR REPLACE INTO audited VALUES (?, ?, ?)", (session, person, call.now))
    audit(call, person, "read")


def audit(call: Call, person: str, event: str) -> None:
    action, display = _EVENTS[event]
    name = f"access-{person}-{schema.number(call.db, 'audit'):06d}"
    resource = _head("AuditEvent", name, call.now) | {
        "type": {
            "system": "http://dicom.nema.org/resources/ontology/DCM",
            "code": "110110",
            "display": "Patient Record",
        },
        "subtype": [{"display": display}],
        "action": action,
        "recorded": iso(call.now),
        "outcome": "0",
        "purposeOfEvent": [{"coding": [{"system": _ACTS, "code": "PATRQT"}], "text": _BASIS}],
        "agent": [
            {
                "who": _viewer(str(call.owner["id"]), person),
                "requestor": True,
                "purposeOfUse": [{"text": _BASIS}],
            }
        ],
        "source": {"observer": {"display": "Портал"}},
        "entity": [{"what": {"reference": f"Patient/{person}"}, "description": "Электронная медицинская карта"}],
    }
    fhir.put_all(call.db, [resource])


def _viewer(owner: str, person: str) -> Resource:
    """Who reads: the patient, or a parent, whose own Patient is no part of the child's card."""
    if owner == person:
        return {"reference": f"Patient/{owner}", "display": "Пациент (портал)"}
    return {"type": "Patient", "identifier": {"value": owner}, "display": "Представитель (портал)"}


def owned(call: Call, person: str, reference: str) -> Resource | None:
    """A resource of this person's record, by `Type/id`."""
    kind, _, name = reference.partition("/")
    try:
        resource: Resource = json.loads(fhir.read(call.db, kind, name))
    except fhir.FhirError:
        return None
    return resource if patient_of(resource) == person else None


def patient_of(resource: Resource) -> str | None:
    """Whose record the resource belongs to; None for what is in no record (clinics, physicians)."""
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    patient = resource.get("subject") or resource.get("patient") or resource.get("for")
    if resource["resourceType"] == "AuditEvent":
        patient = resource["entity"][0]["what"]
    return str(patient["reference"]).removeprefix("Patient/") if patient else None


def medicine(prescription: Resource) -> str:
    concept = prescription.get("medicationCodeableConcept", {})
    return str(concept.get("text") or next((coding["display"] for coding in concept.get("coding", ())), ""))


def _chosen_doctor(call: Call, person: str) -> str | None:
    row = call.db.execute("SELECT doctor FROM applications WHERE person = ? ORDER BY id DESC", (person,)).fetchone()
    doctor: str | None = row["doctor"] if row else None
    return doctor


def _head(kind: str, name: str, at: int) -> Resource:
    meta = {"versionId": "1", "lastUpdated": iso(at), "security": [_TEST_DATA]}
    return {"resourceType": kind, "id": name, "meta": meta}


def _plain(thing: Any) -> dict[str, Any]:
    """A clinic or a physician as a dictionary."""
    return {name: getattr(thing, name) for name in thing.__slots__}
