"""What is written as FHIR has what R4 cannot do without, says whose it is, and keeps the words that do not come back."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest

from emkcli import fhir, models
from emkcli.fhir import CODECS, Identity, Resource, patient
from tests.fhir.test_round_trip import consistent
from tests.fhir.written import WHOSE, reread_one, resources

REQUIRED = {
    "AllergyIntolerance": ("clinicalStatus", "code", "patient"),
    "CarePlan": ("status", "intent", "subject", "activity"),
    "ClinicalImpression": ("status", "subject", "encounter"),
    "Composition": ("status", "type", "subject", "date", "author", "title", "section"),
    "Condition": ("code", "subject"),
    "DiagnosticReport": ("status", "code", "subject"),
    "DocumentReference": ("status", "subject", "content"),
    "Encounter": ("status", "class", "subject"),
    "Immunization": ("status", "vaccineCode", "patient", "occurrenceDateTime"),
    "Medication": ("code",),
    "MedicationRequest": ("status", "intent", "medication", "subject"),
    "Observation": ("status", "code", "subject"),
    "Organization": ("name",),
    "Patient": ("name",),
    "Practitioner": ("name",),
    "PractitionerRole": ("organization",),
    "Procedure": ("status", "subject"),
    "ServiceRequest": ("status", "intent", "subject"),
    "Specimen": ("type",),
}
"""Type → what R4 demands, or what the resource would say nothing without; `medication` in either form."""


def everything(*records: Any) -> Iterator[Resource]:
    for resource in resources(*records):
        yield resource
        yield from resource.get("contained", [])


def has(resource: Resource, name: str) -> bool:
    """As a value, as the reason why there is none, or as one of the forms of a choice."""
    return any(key == name or key in (f"_{name}", f"{name}Reference", f"{name}CodeableConcept") for key in resource)


@pytest.mark.parametrize("kind", CODECS, ids=lambda kind: kind.__name__)
def test_nothing_lacks_what_r4_demands(kind: type[Any]) -> None:
    sections = {"sections": [models.Section(text="слова")]} if kind is models.Document else {}
    for record in (kind(id="a", **sections), consistent(kind)):
        found = list(everything(record))
        missing = [
            (one["resourceType"], name) for one in found for name in REQUIRED[one["resourceType"]] if not has(one, name)
        ]
        assert missing == []
        named = {str(one.get(name)) for one in found for name in ("subject", "patient") if name in one}
        assert named == {"{'reference': 'Patient/p-1'}"}


def test_what_stands_inside_belongs_there() -> None:
    """Every contained resource is referred to, or refers to the one around it (dom-3), by a name that is its own."""
    found: set[str] = set()
    for resource in (one for kind in CODECS for one in resources(consistent(kind)) if "contained" in one):
        names = [inner["id"] for inner in resource["contained"]]
        assert len(names) == len(set(names))
        words = fhir.encode(resource).decode()
        around = [inner["id"] for inner in resource["contained"] if inner.get("encounter") == {"reference": "#"}]
        assert [name for name in names if f'"#{name}"' not in words] == around
        found.update(names)
    assert found == {
        *("role", "medicine", "maker", "specimen", "panel", "panel-in", "sections", "diagnosis-1", "diagnosis-2"),
        *("conclusion", "recommendations", "health-group"),
    }


def test_words_that_have_no_element_are_notes() -> None:
    (condition,) = resources(models.Diagnosis(id="a", status="думали"), kind="Condition")
    (request,) = resources(models.Prescription(id="a", quantity="пачка"), kind="MedicationRequest")
    assert (condition["note"], request["note"]) == ([{"text": "думали"}], [{"text": "пачка"}])
    (stated,) = resources(models.Diagnosis(id="a", status="active"), kind="Condition")
    assert "note" not in stated


def test_people_can_read_what_a_visit_ended_with() -> None:
    (visit,) = resources(
        models.Visit(id="a", conclusion="Здорова & весела", recommendations="Гулять"), kind="Encounter"
    )
    examined = models.Prevention(id="a", health_group="II", next_due="2027")
    (examination,) = resources(examined, kind="Encounter")
    assert visit["text"]["div"].endswith("><p>Здорова &amp; весела</p><p>Гулять</p></div>")
    assert examination["text"]["div"].endswith("><p>II</p><p>2027</p></div>")


def test_a_recipe_without_a_number_is_one() -> None:
    recipe = reread_one(models.Prescription(id="a", type="recipe", medicine="Пробаза"))
    order = reread_one(models.Prescription(id="a", type="order", medicine="Пробаза"))
    assert [(one.type, one.number, one.medicine) for one in (recipe, order)] == [
        ("recipe", None, "Пробаза"),
        ("order", None, "Пробаза"),
    ]


def test_the_document_goes_along_byte_for_byte() -> None:
    source = models.FileSource(file="a.xml", document_id="1.2.3^7", sha256="0")
    (listed,) = resources(models.Document(id="a", title="Протокол", source=source), kind="DocumentReference")
    (content,) = listed["content"]
    assert b64decode(content["attachment"]["data"]) == b"<ClinicalDocument/>"
    assert (content["attachment"]["contentType"], content["attachment"]["size"]) == ("application/xml", 19)
    assert listed["masterIdentifier"] == {"system": "urn:oid:1.2.3", "value": "7"}
    assert listed["description"] == "Протокол"


def test_a_report_says_what_its_results_share() -> None:
    clinic = models.Named(id="1.2.3", name="Лаборатория")
    result = models.LabResult(id="a", panel=["ОАК"], collected_at="2026-03-04", clinic=clinic, status="completed")
    (report,) = resources(result, kind="DiagnosticReport")
    assert (report["code"], report["effectiveDateTime"], report["status"]) == ({"text": "ОАК"}, "2026-03-04", "final")
    assert report["performer"] == [{"reference": "Organization/1.2.3"}]
    categories = [one["category"][0]["coding"][0]["code"] for one in (report, *report["contained"])]
    assert categories == ["LAB", "laboratory"]
    (observation,) = resources(result, kind="Observation")
    assert (observation["performer"], observation["category"]) == (
        report["performer"],
        report["contained"][0]["category"],
    )


@pytest.mark.parametrize("identity", [WHOSE, Identity(name="Пробная", birth_date="1979"), Identity()])
def test_whose_card_it_is_comes_back(identity: Identity) -> None:
    assert patient.identity_of(patient.to_fhir("p-1", identity)) == identity
