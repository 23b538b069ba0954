"""Records with any of their fields empty and anything FHIR can say in the others, drawn by the type of each field."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from emkcli import models
from emkcli.clinical.dosage_words import instructions
from emkcli.clinical.status import decisive
from emkcli.clinical.timing_words import timing_words
from tests.fhir.written import PATIENT

Strategy = st.SearchStrategy[Any]
_LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\tя<&>;|\"'")
WORDS = st.text(_LETTERS, min_size=1, max_size=6).filter(lambda words: not words.isspace())
LINE = st.text(st.sampled_from("абв;,<&"), min_size=1, max_size=8)
"""Words without blanks that nobody takes for a number."""
NAME = st.text(st.sampled_from("Az09.-"), min_size=1, max_size=8)
DATE = st.sampled_from(["2015", "2015-03", "2026-02-28", "2026-03-04T08:15:00+03:00", "2026-03-04T05:15:00.5Z"])
NUMBER = st.decimals(-9999, 9999, places=2).map("{:f}".format) | st.integers(0, 9999).map(str)
AMOUNT = st.builds("{} {}".format, NUMBER, LINE)
SCHEDULES = (
    '{"repeat":{"frequency":2,"frequencyMax":3,"period":1.50,"periodUnit":"d","offset":30,"when":["AC","X"]}}',
    '{"repeat":{"dayOfWeek":["mon"],"timeOfDay":["08:00:00"],"boundsDuration":{"value":60,"code":"a"}}}',
    '{"code":{"code":"BID","text":"дважды"},"event":["2026-01-01"]}',
)
CODE = st.text(st.sampled_from("IZ09."), min_size=1, max_size=6)


def one_of(*values: str) -> Strategy:
    return st.sampled_from(values)


FORMS: dict[str, Strategy] = {
    "id": NAME,
    "date": st.none() | DATE,
    "collected_at": st.none() | DATE,
    "code": st.none() | CODE,
    "type_code": st.none() | CODE,
    "code_system": st.none() | NAME,
    "system": st.none() | NAME,
    "unit_code": st.none() | NAME,
    "source": st.just("server"),
    "sources": st.just(msgspec.UNSET),
    "details": st.just(msgspec.UNSET),
}
"""Fields that have a form of their own, by name."""
SAYABLE: dict[tuple[str, str], Strategy] = {
    ("Visit", "status"): one_of("planned", "finished", "cancelled", "entered-in-error"),
    ("Prevention", "status"): one_of("planned", "finished", "cancelled", "entered-in-error"),
    ("LabResult", "report_id"): st.none(),
    ("LabResult", "status"): one_of("registered", "preliminary", "final", "corrected", "unknown"),
    ("LabResult", "value"): st.none() | NUMBER | NUMBER.map("<{}".format) | LINE,
    ("LabResult", "flag"): st.none() | one_of("N", "H", "HU", "VH", "<", "DET"),
    ("LabResult", "reference"): st.none()
    | st.builds(models.Reference, low=NUMBER, high=st.none() | NUMBER, text=st.none() | WORDS)
    | st.builds(models.Reference, text=WORDS.filter(lambda words: not re.search(r"\d", words))),
    ("LabResult", "interpretation"): st.none() | LINE.map("слова {}".format),
    ("Dosage", "sequence"): st.just("1"),
    ("Dosage", "schedule"): st.none() | one_of(*SCHEDULES),
    ("Dosage", "timing"): st.none(),
    ("Dosage", "dose"): st.none() | AMOUNT | st.builds("{}–{} {}".format, st.integers(0, 9), st.integers(0, 9), LINE),
    ("Dosage", "rate"): st.none() | AMOUNT | st.builds("{} / {}".format, AMOUNT, AMOUNT),
    ("Dosage", "max"): st.none() | st.builds("{} / {}".format, AMOUNT, AMOUNT),
    ("Dosage", "max_per_administration"): st.none() | AMOUNT,
    ("Dosage", "max_per_lifetime"): st.none() | AMOUNT,
    ("Study", "status"): one_of("registered", "preliminary", "final", "amended"),
    ("Study", "description"): st.none() | LINE,
    ("Vital", "status"): one_of("registered", "preliminary", "final", "corrected", "unknown"),
    ("Vital", "value"): st.none() | NUMBER | LINE,
    **{
        ("Vital", name): st.deferred(lambda name=name: SAYABLE["LabResult", name])  # type: ignore[misc]
        for name in ("reference", "flag", "interpretation")
    },
    ("Prescription", "status"): st.none() | one_of("active", "completed", "stopped", "on_hold", "cancelled"),
    ("Prescription", "type"): one_of("recipe", "order", "statement"),
    ("Prescription", "intent"): one_of("order", "plan", "proposal"),
    ("Prescription", "refills"): st.none() | st.integers(0, 99).map(str),
    ("Prescription", "ends_on"): st.none() | one_of("2030-01-31", "2030", "бессрочно"),
    ("Referral", "planned_for"): st.none() | one_of("2030-01-31", "2030", "весной"),
    ("Prescription", "expires_on"): st.none() | one_of("2030-01-31", "2030", "бессрочно"),
    ("Prescription", "dose"): st.none() | st.builds("{} {}".format, NUMBER, LINE),
    ("Prescription", "quantity"): st.none() | st.builds("{} {}".format, NUMBER, LINE),
    ("Vaccination", "dose"): st.none() | AMOUNT,
    ("Vaccination", "status"): one_of("completed", "not-done", "entered-in-error"),
    ("Document", "status"): one_of("preliminary", "final", "amended", "entered-in-error"),
    ("Document", "version"): st.none() | NAME,
    ("Document", "patient"): st.just(PATIENT),
    ("Document", "signature"): st.none(),
    ("Document", "title"): WORDS,
    ("Diagnosis", "clinical_status"): st.none() | one_of("active", "recurrence", "resolved"),
    ("Diagnosis", "verification_status"): st.none() | one_of("confirmed", "provisional", "refuted"),
    ("Diagnosis", "document_id"): st.none(),
    ("Diagnosis", "onset"): st.none() | DATE | LINE,
    ("Diagnosis", "abatement"): st.none() | DATE | LINE,
    ("Allergy", "category"): st.none() | one_of("food", "medication, environment"),
    ("Allergy", "criticality"): st.none() | one_of("low", "high", "unable-to-assess"),
    ("Reaction", "severity"): st.none() | one_of("mild", "moderate", "severe"),
    ("Allergy", "clinical_status"): st.none() | one_of("active", "inactive", "resolved"),
    ("Allergy", "verification_status"): st.none() | one_of("confirmed", "unconfirmed", "entered-in-error"),
    ("Procedure", "status"): one_of("completed", "not-done", "stopped", "entered-in-error", "unknown"),
    ("Other", "status"): one_of("registered", "preliminary", "final", "corrected", "unknown"),
    ("Other", "value"): st.none() | NUMBER | LINE,
    ("Other", "text"): st.none() | LINE,
    ("Referral", "status"): one_of("draft", "active", "revoked", "unknown"),
}
"""Fields whose values FHIR, or the reader, knows only some of."""


def records(kind: type[Any]) -> Strategy:
    """Records of a kind that do not contradict themselves."""
    known = {field.name: _of_field(kind, field) for field in msgspec.structs.fields(kind)}
    return st.builds(kind, **known).map(CONSISTENT.get(kind, lambda record: record))


def _of_field(kind: type[Any], field: Any) -> Strategy:
    named = SAYABLE.get((kind.__name__, field.name), FORMS.get(field.name))
    return _of_type(field.type) if named is None else named


def _of_type(wanted: Any) -> Strategy:
    origin, parts = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        return _of_type(parts[0])
    if origin in (Union, UnionType):
        return st.one_of([_of_type(part) for part in parts])
    if origin is list:
        return st.lists(_of_type(parts[0]), max_size=3)
    if isinstance(wanted, type) and issubclass(wanted, models.Model):
        return records(wanted)
    drawn: dict[Any, Strategy] = {str: WORDS, float: st.none(), bool: st.none(), type(None): st.none()}
    return drawn[wanted]


def _lab(record: models.LabResult) -> models.LabResult:
    """A unit belongs to a number, a system to a code; what is computed is what the numbers say."""
    number = _number((record.value or "").lstrip("<"))
    bare = replace(record, code_system=record.code and record.code_system)
    if number is None:
        return replace(bare, unit=None, unit_code=None)
    bare = replace(bare, unit=bare.unit or _legible(bare.unit_code))
    if "<" in (record.value or ""):
        return bare
    return replace(bare, value_number=number, out_of_range=_beyond(number, record.reference))


def _legible(code: str | None) -> str | None:
    return None if code and code.isdecimal() else code


def _number(written: str) -> float | None:
    try:
        return float(written)
    except ValueError:
        return None


def _beyond(number: float, reference: models.Reference | None) -> bool | None:
    if reference is None or reference.low is None:
        return None
    return number < float(reference.low) or (reference.high is not None and number > float(reference.high))


def _document(record: models.Document) -> models.Document:
    doctor = record.doctor
    return replace(record, author=doctor and models.Author(name=doctor.name, specialty=doctor.specialty))


def _dosage(record: models.Dosage) -> models.Dosage:
    return replace(record, timing=timing_words(record.schedule, "ru"))


def _one_step(record: models.Prescription) -> models.Dosage:
    """What stands for a dosage where only the prescription itself says how to take the medicine."""
    dated = record.ends_on if record.ends_on != "бессрочно" else None
    schedule = f'{{"repeat":{{"boundsPeriod":{{"end":"{dated}"}}}}}}' if dated else None
    return _dosage(models.Dosage(text=record.instructions, dose=record.dose, schedule=schedule))


def _taken(record: models.Prescription) -> models.Prescription:
    """Its dose and its instructions are those of its steps."""
    steps = [step for step in record.dosage if step != models.Dosage(sequence=step.sequence)]
    if steps:
        record = replace(record, ends_on=None)
    steps = steps or [step for step in [_one_step(record)] if step != models.Dosage()]
    dose = "; ".join(step.dose for step in steps if step.dose) or None
    return replace(record, dosage=steps, dose=dose, instructions=instructions(steps, "ru"))


def _prescription(record: models.Prescription) -> models.Prescription:
    """A recipe alone has a number, and is completed when its medicine was handed out."""
    record = _taken(record)
    if record.type != "recipe":
        return replace(record, number=None)
    return replace(record, status="dispensed" if record.status == "completed" else record.status)


def _begun(record: models.Diagnosis) -> models.Diagnosis:
    """A condition is of the day it began."""
    known = bool(record.onset) and str(record.onset)[0].isdecimal()
    return replace(record, date=record.onset, date_text=None) if known else record


def _caused(record: models.Allergy) -> models.Allergy:
    """One that names no cause is known by that of its first reaction."""
    substance = record.reactions[0].substance if record.reactions else None
    return replace(record, display=record.display or record.code or substance)


def _stated(record: Any) -> Any:
    """The status is the one of both that decides."""
    return replace(record, status=decisive(record.clinical_status, record.verification_status))


def _measured(record: Any) -> Any:
    """A unit belongs to a number."""
    return replace(record, unit=record.unit if _number(record.value or "") is not None else None)


CONSISTENT: dict[type[Any], Callable[[Any], Any]] = {
    models.LabResult: _lab,
    models.Document: _document,
    models.Vital: _measured,
    models.Other: _measured,
    models.Procedure: lambda record: replace(record, system=record.code and record.system),
    models.Prescription: _prescription,
    models.Vaccination: lambda record: replace(record, date_text=record.date and record.date_text),
    models.Coding: lambda coding: replace(coding, system=coding.code and coding.system),
    models.Dosage: _dosage,
    models.Diagnosis: lambda record: _stated(_begun(replace(record, system=record.code and record.system))),
    models.Allergy: lambda record: _stated(_caused(record)),
}
"""What must fit together for a record to be one that somebody could have read."""
