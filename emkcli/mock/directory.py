"""Clinics and physicians as the portal lists them."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from emkcli.mock import clinics as clinic_data
from emkcli.mock import family, fields, places
from emkcli.mock import physicians as physician_data
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem, invalid

if TYPE_CHECKING:
    from emkcli.mock.clinics import Clinic
    from emkcli.mock.physicians import Physician

GENERALISTS = ("therapist", "pediatrician")


@lru_cache(maxsize=2)
def all_clinics(seed: int) -> dict[str, Clinic]:
    return {clinic.id: clinic for clinic in clinic_data.clinics(seed)}


@lru_cache(maxsize=2)
def all_doctors(seed: int) -> dict[str, Physician]:
    return {doctor.id: doctor for doctor in physician_data.physicians(seed, clinic_data.clinics(seed))}


def find_clinic(call: Call, clinic_id: str) -> Clinic:
    clinic = all_clinics(call.seed).get(clinic_id)
    if clinic is None:
        raise Problem("not_found", "no_clinic", names={"id": clinic_id})
    return clinic


def find_doctor(call: Call, doctor_id: str) -> Physician:
    doctor = all_doctors(call.seed).get(doctor_id)
    if doctor is None:
        raise Problem("not_found", "no_doctor", names={"id": doctor_id})
    return doctor


def is_open(call: Call, doctor: Physician) -> bool:
    return doctor.panel_open and call.scenario != "closed-panels"


def clinics(call: Call) -> Reply:
    person = family.chosen(call)
    matches = [clinic for clinic in all_clinics(call.seed).values() if _matches(call, clinic)]
    near = _address(call, family.data_of(person))
    place = places.locate(near) if near else None
    if place:
        matches.sort(key=lambda clinic: (places.distance_km(place, clinic), clinic.id))
    page = fields.page(call, matches, family.named(person))
    page["items"] = [shown_clinic(clinic, place) for clinic in page["items"]]
    return answer(page)


def clinic(call: Call) -> Reply:
    return answer(shown_clinic(find_clinic(call, call.args["id"]), None))


def nearest(call: Call, address: str, group: str) -> Clinic:
    """The polyclinic of the age group that is nearest to the address."""
    place = places.locate(address)
    candidates = [
        clinic for clinic in all_clinics(call.seed).values() if group in clinic.accepts and clinic.kind != "hospital"
    ]
    return min(candidates, key=lambda clinic: (places.distance_km(place, clinic), clinic.id))


def doctors(call: Call) -> Reply:
    clinic = call.request.param("clinic")
    if clinic is not None:
        find_clinic(call, clinic)
    words = _words(call.request.param("search"))
    specialty = (call.request.param("specialty") or "").casefold()
    matches = [
        doctor
        for doctor in all_doctors(call.seed).values()
        if clinic in (None, doctor.clinic_id)
        and _has(words, doctor.name)
        and (specialty == doctor.specialty_code or specialty in doctor.specialty.casefold())
    ]
    page = fields.page(call, matches)
    page["items"] = [_shown_doctor(call, doctor) for doctor in page["items"]]
    return answer(page)


def doctor(call: Call) -> Reply:
    return answer(_shown_doctor(call, find_doctor(call, call.args["id"])))


def named_clinic(clinic: Clinic) -> str:
    """A clinic as it is kept with an application: readable without the whole directory."""
    return json.dumps({"id": clinic.id, "name": clinic.name}, ensure_ascii=False)


def named_doctor(doctor: Physician) -> str:
    return json.dumps({"id": doctor.id, "name": doctor.name, "specialty": doctor.specialty}, ensure_ascii=False)


def shown_clinic(clinic: Clinic, place: places.Place | None) -> dict[str, Any]:
    names = ("id", "oid", "name", "short_name", "address", "district", "phone")
    return {name: getattr(clinic, name) for name in names} | {
        "accepts": list(clinic.accepts),
        "distance_km": round(places.distance_km(place, clinic), 1) if place else None,
        "approximate": place.approximate if place else None,
    }


def _shown_doctor(call: Call, doctor: Physician) -> dict[str, Any]:
    clinic = all_clinics(call.seed)[doctor.clinic_id]
    return {
        "id": doctor.id,
        "name": doctor.name,
        "specialty": doctor.specialty,
        "specialty_code": doctor.specialty_code,
        "clinic": {"id": clinic.id, "name": clinic.name},
        "panel_open": is_open(call, doctor),
    }


def _matches(call: Call, clinic: Clinic) -> bool:
    district, accepts = call.request.param("district"), call.request.param("accepts")
    if accepts not in (None, "adults", "children"):
        raise invalid("accepts", "adults|children")
    return (
        _has(_words(call.request.param("search")), f"{clinic.name} {clinic.short_name} {clinic.address}")
        and (district is None or district.casefold() in _district_names(clinic.district))
        and (accepts is None or accepts in clinic.accepts)
    )


def _district_names(district: str) -> tuple[str, ...]:
    """ЦАО, «Центральный»: a district goes by both."""
    full = next((at.full_name for at in places.districts() if at.name == district), district)
    return district.casefold(), full.casefold()


def _address(call: Call, data: dict[str, Any]) -> str | None:
    near = call.request.param("near")
    if near not in (None, "registration", "residence"):
        raise invalid("near", "registration|residence")
    return str(data[f"{near}_address"]) if near else None


def _words(search: str | None) -> list[str]:
    return _folded(search or "").split()


def _has(words: list[str], text: str) -> bool:
    return all(word in _folded(text) for word in words)


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")
