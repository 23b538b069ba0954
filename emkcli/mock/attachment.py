"""Choosing the clinic and the physician: submits a draft, speeds a decision up, changes the physician later."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emkcli.mock import activation, applications, consents, directory, family, fields
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Row

    from emkcli.mock.clinics import Clinic
    from emkcli.mock.physicians import Physician


def attach(call: Call) -> Reply:
    value = fields.body(call, "Attachment")
    person = family.chosen(call)
    doctor = directory.find_doctor(call, value["doctor_id"]) if "doctor_id" in value else None
    clinic = _clinic(call, value.get("clinic_id"), doctor)
    _check(call, person, clinic, doctor)
    row = _application(call, person)
    if row["status"] == "draft":
        submit(call, row["id"], clinic, doctor)
    else:
        _change(call, row, clinic, doctor)
    return answer(applications.shown(call, applications.find(call.db, row["id"])))


def submit(call: Call, name: str, clinic: Clinic, doctor: Physician | None) -> None:
    call.db.execute(
        "UPDATE applications SET clinic = ?, doctor = ? WHERE id = ?",
        (directory.named_clinic(clinic), directory.named_doctor(doctor) if doctor else None, name),
    )
    applications.submit(call, name, clinic, fast=_is_fast(doctor))


def require_fitting(call: Call, person: Row, clinic: Clinic) -> None:
    """One is attached to a polyclinic that accepts one's age."""
    group = "adults" if family.age(call, person) >= 18 else "children"
    if clinic.kind == "hospital":
        raise Problem("conflict", "not_a_polyclinic", id=clinic.id)
    if group not in clinic.accepts:
        raise Problem("conflict", "age_group", id=clinic.id)


def _clinic(call: Call, clinic_id: str | None, doctor: Physician | None) -> Clinic:
    clinic = directory.find_clinic(call, clinic_id or (doctor.clinic_id if doctor else ""))
    if doctor and doctor.clinic_id != clinic.id:
        raise Problem("conflict", "doctor_elsewhere", id=doctor.id)
    return clinic


def _application(call: Call, person: Row) -> Row:
    """The application that the choice is for; after a refusal or a cancellation a new one."""
    row = activation.latest(call.db, person["id"])
    if row is not None and row["status"] in activation.OPEN:
        return row
    consents.require(call, person["id"])
    if row is None:
        raise Problem("conflict", "not_connected")
    return applications.find(call.db, applications.draft(call, person))


def _check(call: Call, person: Row, clinic: Clinic, doctor: Physician | None) -> None:
    require_fitting(call, person, clinic)
    row = activation.current(call.db, person["id"])
    current_doctor = applications.loaded(row["doctor"]) if row else None
    if doctor and doctor.id != (current_doctor or {}).get("id") and not directory.is_open(call, doctor):
        raise Problem("conflict", "panel_closed", id=doctor.id)


def _change(call: Call, row: Row, clinic: Clinic, doctor: Physician | None) -> None:
    if json.loads(row["clinic"])["id"] != clinic.id:
        reason = "attached_elsewhere" if row["status"] == "activated" else "other_clinic"
        raise Problem("conflict", reason, id=row["id"])
    if doctor is None or (applications.loaded(row["doctor"]) or {}).get("id") == doctor.id:
        return
    call.db.execute("UPDATE applications SET doctor = ? WHERE id = ?", (directory.named_doctor(doctor), row["id"]))
    if row["status"] in applications.WAITING and _is_fast(doctor):
        applications.speed_up(call, row)


def _is_fast(doctor: Physician | None) -> bool:
    return doctor is not None and doctor.specialty_code in directory.GENERALISTS
