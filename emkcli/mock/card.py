"""What the portal writes into a person's record: all of it at activation, then prescriptions and traces of access."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from emkcli.mock import clock, fhir, schema
from emkcli.mock.clock import HOUR, iso

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    from emkcli.mock import directory, family, medical

    data = family.data_of(person) | {"id": person["id"]}
    data["address"] = data["residence_address"]
    clinic = _plain(directory.find_clinic(call, clinic_id))
    doctor_id = json.loads(_chosen_doctor(call, person["id"]) or "{}").get("id")
    staff = [_plain(doctor) for doctor in directory.all_doctors(call.seed).values() if doctor.clinic_id == clinic_id]
    staff.sort(key=lambda doctor: bool(doctor["id"] != doctor_id))
    labs = int(call.settings["records"]) if "records" in call.settings else None
    resources: Iterator[Resource] = medical.card(data, clinic, staff, call.seed, clock.day(call.now), labs)
    if call.scenario == "empty-card":
        resources = (resource for resource in resources if resource["resourceType"] == "Patient")
    fhir.put_all(call.db, (_changed_by(call.now, resource) for resource in resources))


def _changed_by(now: int, resource: Resource) -> Resource:
    """The record covers the whole of today; none of it was changed later than now, or a client would miss what is next."""
    meta = resource["meta"]
    return resource | {"meta": meta | {"lastUpdated": min(meta["lastUpdated"], iso(now), key=clock.parse)}}


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
