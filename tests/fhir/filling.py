"""Records with something in every field, by its type: a field that is added later is filled, written and read as well."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from emkcli import models
from tests.fhir.written import PATIENT

SCHEDULE = '{"repeat":{"frequency":2,"period":1.5,"periodUnit":"wk","boundsPeriod":{"end":"2026-11-30"}}}'
STEP = "слова в Dosage.text; слова в Dosage.patient_instruction; слова в Dosage.additional_instruction"
COMPUTED = {
    models.LabResult: {"value_number": 5.4, "out_of_range": True},
    models.Dosage: {"timing": "2 раза в 1,5 недели, до 30.11.2026"},
    models.Prescription: {"dose": "1–2 таб.; 1–2 таб.", "instructions": f"{STEP}; {STEP}"},
}
"""What the reader computes of the other fields."""
SAYABLE: dict[tuple[str, str], Any] = {
    ("Visit", "status"): "finished",
    ("Prevention", "status"): "finished",
    ("LabResult", "status"): "final",
    ("LabResult", "value"): "5.40",
    ("LabResult", "flag"): "HH",
    ("Study", "status"): "amended",
    ("Vital", "status"): "final",
    ("Vital", "value"): "36.60",
    ("Procedure", "status"): "not-done",
    ("Other", "status"): "final",
    ("Other", "value"): "36.60",
    ("Prescription", "status"): "cancelled",
    ("Prescription", "type"): "recipe",
    ("Dosage", "sequence"): "2",
    ("Dosage", "schedule"): SCHEDULE,
    ("Dosage", "dose"): "1–2 таб.",
    ("Dosage", "rate"): "100 мл / 1 ч",
    ("Dosage", "max"): "8 таб. / 24 h",
    ("Dosage", "max_per_administration"): "2 таб.",
    ("Dosage", "max_per_lifetime"): "500 таб.",
    ("Vaccination", "dose"): "0.5 мл",
    ("Vital", "flag"): "H",
    ("Allergy", "category"): "food, medication",
    ("Allergy", "criticality"): "unable-to-assess",
    ("Reaction", "severity"): "severe",
    ("Prescription", "quantity"): "30 таб.",
    ("Vaccination", "status"): "not-done",
    ("Document", "status"): "final",
    ("Document", "version"): "3",
    ("Document", "patient"): PATIENT,
    ("Prescription", "intent"): "instance-order",
    ("Prescription", "refills"): "2",
    ("Diagnosis", "status"): "remission",
    ("Diagnosis", "clinical_status"): "remission",
    ("Diagnosis", "verification_status"): "differential",
    ("Allergy", "status"): "resolved",
    ("Allergy", "clinical_status"): "resolved",
    ("Allergy", "verification_status"): "unconfirmed",
    ("Referral", "status"): "revoked",
    ("Reference", "low"): "3.9",
    ("Reference", "high"): "5.1",
}
"""Fields whose values are one of a few, or a number."""
FORMS = {
    "id": "1.2.3",
    "date": "2026-03-04T08:15:00+03:00",
    "collected_at": "2026-03-04T08:15:00+03:00",
    "expires_on": "2026-12-31",
    "ends_on": "2026-11-30",
    "next_due": "2027-03-04",
    "planned_for": "2027-01-15",
    "code": "A09.05",
    "code_system": "urn:oid:1.2.643.5.1.13.13.11.1080",
    "system": "http://hl7.org/fhir/sid/icd-10",
    "unit_code": "mmol/l",
}
"""Fields that have a form of their own, by name."""


def filled(model: type[Any], **given: Any) -> Any:
    """A record of the model with a value in each of its fields, all of them different as far as they are words."""
    values = {field.name: _of_field(model, field) for field in msgspec.structs.fields(model)}
    return model(**values | COMPUTED.get(model, {}) | given)


def _of_field(model: type[Any], field: Any) -> Any:
    known = SAYABLE.get((model.__name__, field.name))
    return _of_type(field.type, f"{model.__name__}.{field.name}", FORMS.get(field.name)) if known is None else known


def _of_type(wanted: Any, name: str, form: str | None) -> Any:
    origin, parts = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        return _of_type(parts[0], name, form)
    if origin in (Union, UnionType):
        return _of_type(_richest(parts), name, form)
    if origin is list:
        return [_of_type(parts[0], f"{name} № {number}", form) for number in (1, 2)]
    if isinstance(wanted, type) and issubclass(wanted, models.Model):
        return filled(wanted)
    values: dict[Any, Any] = {str: form or f"слова в {name}", float: 5.4, int: 7, bool: True}
    return values[wanted]


def _richest(parts: tuple[Any, ...]) -> Any:
    """Of what a field may hold, what says most."""
    left = [part for part in parts if part not in (type(None), msgspec.UnsetType)]
    return next((part for part in left if part is not str), left[0])
