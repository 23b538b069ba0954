"""Every field of every kind of record goes out as FHIR and comes back, but for a few that cannot, each with its reason."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from emkcli import models
from emkcli.fhir import CODECS
from tests.fhir.filling import filled
from tests.fhir.written import PATIENT, reread, reread_one, resources

NAMED_ANEW = "whoever reads a record names it, and says where it was read"
HEADER = "it stands in the document's own bytes, which go along whole"
ALONG = "only a resource of FHIR says more than its record has fields for, and such a one goes along whole"
LOSSES: dict[tuple[str, str], str] = {
    **{(kind.__name__, "details"): ALONG for kind in CODECS},
    **{(kind.__name__, name): NAMED_ANEW for kind in CODECS for name in ("id", "source", "sources")},
    ("LabResult", "report_id"): "the id of another record, which is named anew as well",
    ("Diagnosis", "document_id"): "an export of the diagnoses alone would refer to a document that it leaves out",
    ("Other", "type"): "what a document states is an Observation to FHIR; its own type stands in the category",
    **{("Document", name): HEADER for name in ("edition", "expires_on", "template", "confidentiality", "language")},
    **{("Document", name): HEADER for name in ("participants", "encounter", "services", "orders", "facts")},
    ("Referral", "expires_on"): HEADER,
    ("Document", "signature"): "a signature lies beside its document, and only whoever has the bytes can check it",
}
"""Model and field → why it does not come back."""


def consistent(kind: type[Any]) -> Any:
    """A filled record; the author and the patient of a document are its doctor and whose card it is."""
    if kind is models.Document:
        doctor = filled(models.DoctorRef)
        author = models.Author(name=doctor.name, specialty=doctor.specialty)
        return filled(kind, doctor=doctor, author=author, patient=PATIENT)
    return filled(kind)


def test_there_is_a_codec_for_every_list() -> None:
    assert set(CODECS) == set(models.CATEGORIES.values())


@pytest.mark.parametrize("kind", CODECS, ids=lambda kind: kind.__name__)
def test_every_field_comes_back(kind: type[Any]) -> None:
    record = consistent(kind)
    again = reread_one(record)
    names = [field.name for field in msgspec.structs.fields(kind)]
    assert all(getattr(record, name) not in (None, [], msgspec.UNSET) for name in names), "something in every field"
    lost = {name for name in names if getattr(again, name) != getattr(record, name)}
    assert lost == {name for model, name in LOSSES if model == kind.__name__}


NOWHERE = "R4 wants a status where the document has none"
SAID_OTHERWISE: list[tuple[Any, dict[str, Any], str]] = [
    (models.Visit(id="a"), {"status": "finished"}, NOWHERE),
    (models.Referral(id="a"), {"status": "unknown"}, NOWHERE),
    (models.Vital(id="a"), {"status": "unknown"}, NOWHERE),
    (models.Procedure(id="a"), {"status": "unknown"}, NOWHERE),
    (models.Other(id="a", type="Observation"), {"status": "unknown"}, NOWHERE),
    (models.Vaccination(id="a"), {"status": "completed"}, NOWHERE),
    (models.Document(id="a"), {"status": "current", "patient": PATIENT}, NOWHERE),
    (
        models.Document(id="a", patient=models.DocumentPatient(snils="000-000-102 24"), status="final"),
        {"patient": PATIENT},
        "the patient is the person of the card, whose СНИЛС are digits in RU Core",
    ),
    (models.Prescription(id="a"), {"type": "order", "intent": "order"}, "what is no recipe is an order"),
    (
        models.Prescription(id="a", type="order", number="1"),
        {"type": "recipe", "intent": "order"},
        "only a recipe has a number",
    ),
    (models.LabResult(id="a", status="completed"), {"status": "final"}, "the status of a СЭМД in the words of R4"),
    (
        models.Diagnosis(id="a", status="Предварительный диагноз"),
        {"status": "provisional", "verification_status": "provisional"},
        "a stage of the Russian directory stands under the code that says the same",
    ),
    (
        models.Diagnosis(id="a", status="думали"),
        {"status": None, "note": "думали"},
        "what R4 has no word for is a note",
    ),
    (models.Allergy(id="a", status="думали"), {"status": None}, "R4 knows three states of an allergy"),
    (
        models.LabResult(id="a", value="5,40", unit="г/л", status="final"),
        {"value": "5,40 г/л", "unit": None},
        "what is no number of FHIR is a text, and a text has its unit in it",
    ),
    (models.LabResult(id="a", unit="г/л", status="final"), {"unit": None}, "nothing was measured"),
    (
        models.LabResult(id="a", flag="повышен", status="final"),
        {"flag": None, "interpretation": "повышен"},
        "a word in the place of a code is no flag",
    ),
    (
        models.LabResult(id="a", reference=models.Reference(low="до", high="5,1"), status="final"),
        {"reference": models.Reference(text="до – 5,1")},
        "bounds that are no numbers are told in words",
    ),
    (
        models.Prescription(id="a", type="order", dose="по схеме", instructions="на ночь"),
        {
            "dose": None,
            "instructions": "по схеме; на ночь",
            "dosage": [models.Dosage(text="по схеме; на ночь")],
            "intent": "order",
        },
        "a dose that is no amount is an instruction",
    ),
    (
        models.Vaccination(id="a", dose="по схеме", status="completed"),
        {"dose": None, "details": [models.Detail(element="note", text="по схеме")]},
        "a dose that is no amount is a note",
    ),
    (
        models.Allergy(id="a", criticality="крайняя", category="пыль", reactions=[models.Reaction(severity="шок")]),
        {
            "criticality": None,
            "category": None,
            "note": "пыль; крайняя",
            "reactions": [models.Reaction(note="шок")],
        },
        "what R4 has no code for is a note",
    ),
    (
        models.Prescription(id="a", type="order", quantity="пачка"),
        {"quantity": None, "note": "пачка", "intent": "order"},
        "a quantity that is no amount is a note",
    ),
    (
        models.Vaccination(id="a", date="весной", status="completed"),
        {"date": None, "date_text": "весной"},
        "a time of vaccination that is no date is words",
    ),
    (
        models.Vital(id="a", date="когда-то", status="final"),
        {"date": None, "date_text": "когда-то"},
        "what is no date to FHIR is how the source wrote it",
    ),
    (
        models.Study(id="a", doctor=models.DoctorRef(id="1.2.3.70^1", name="Врачов"), status="final"),
        {"doctor": models.DoctorRef(id="1.2.3.70-1", name="Врачов")},
        "an id of FHIR has no such mark; the Identifier has",
    ),
]
"""A record, what reads otherwise of it, and why."""


@pytest.mark.parametrize(
    ("record", "otherwise", "why"), SAID_OTHERWISE, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_r4_says_otherwise(record: Any, otherwise: dict[str, Any], why: str) -> None:
    again = reread_one(record)
    names = [field.name for field in msgspec.structs.fields(type(record)) if field.name not in ("id", "report_id")]
    differing = {name: getattr(again, name) for name in names if getattr(again, name) != getattr(record, name)}
    assert differing == otherwise, why


def test_the_results_of_a_document_keep_their_panels() -> None:
    """A panel is read from inside the report that lists its results, which stand in the report as well."""
    panels: dict[str, list[str]] = {"a": ["ОАК"], "b": [], "c": ["Биохимия"], "d": ["ОАК"]}
    records = [models.LabResult(id=name, panel=panel, analyte=name) for name, panel in panels.items()]
    assert {one.analyte: one.panel for one in reread(*records)} == panels
    reports = resources(*records, kind="DiagnosticReport")
    listed = [[result["reference"] for result in report["result"]] for report in reports]
    assert listed == [["Observation/b"], ["#panel", "Observation/c"], ["#panel", "Observation/a", "Observation/d"]]


def test_a_visit_refers_to_the_diagnoses_of_its_document() -> None:
    """One that the document has no record of stands inside; of two that say the same, the first is meant."""
    stated = [models.Coding(code="I10", display="Гипертензия"), models.Coding(display="Со слов")]
    diagnoses = [models.Diagnosis(id=name, code="I10", display="Гипертензия") for name in ("d1", "d2")]
    visit = models.Visit(id="v", diagnoses=stated)
    (encounter,) = resources(visit, *diagnoses, kind="Encounter")
    assert [one["condition"]["reference"] for one in encounter["diagnosis"]] == ["Condition/d1", "#diagnosis-1"]
    (again,) = [one for one in reread(visit, *diagnoses) if isinstance(one, models.Visit)]
    assert again.diagnoses == stated


@pytest.mark.parametrize("kind", [models.Diagnosis, models.Allergy, models.Referral, models.Prescription])
@pytest.mark.parametrize("who", ["clinic", "doctor", "both", "nobody"])
def test_where_and_by_whom(kind: type[Any], who: str) -> None:
    """Neither makes the other up."""
    clinic = models.Named(id="1.2.3", name="Поликлиника") if who in ("clinic", "both") else None
    doctor = models.DoctorRef(id="d", name="Врачов", specialty="терапевт") if who in ("doctor", "both") else None
    again = reread_one(kind(id="a", clinic=clinic, doctor=doctor))
    assert (again.clinic, again.doctor) == (clinic, doctor)
