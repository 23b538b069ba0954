"""Ways to break the official examples: each is one rule of base R4 or of IPS, broken once."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, NamedTuple

from tests.slow.walker.definitions import Json

WHOLE = "Bundle-IPS-examples-Bundle-01"
LAB = "Observation-hemoglobin"
PERSON = "Patient-patient-example-female"
PROBLEMS = "entry.0.resource.section.0"


class Spoil(NamedTuple):
    """`rule` is a part of what the walker must say: a refusal for another reason proves nothing."""

    example: str
    change: Callable[[Json], None]
    rule: str


def put(path: str, value: Any) -> Callable[[Json], None]:
    def change(document: Json) -> None:
        place, last = _place(document, path)
        if isinstance(place, list) and int(last) == len(place):
            place.append(value)
        else:
            place[int(last) if isinstance(place, list) else last] = value

    return change


def drop(path: str) -> Callable[[Json], None]:
    def change(document: Json) -> None:
        place, last = _place(document, path)
        del place[int(last) if isinstance(place, list) else last]

    return change


def _place(document: Json, path: str) -> tuple[Any, str]:
    *inner, last = path.split(".")
    place: Any = document
    for name in inner:
        place = place[int(name)] if isinstance(place, list) else place[name]
    return place, last


def _again(document: Json) -> None:
    document["entry"].append(deepcopy(document["entry"][4]))


def _second_composition(document: Json) -> None:
    other = deepcopy(document["entry"][0])
    document["entry"].append(other | {"fullUrl": "urn:uuid:7d0b1a2e-0000-4000-8000-000000000001"})


def _second_patient(document: Json) -> None:
    other = deepcopy(document["entry"][1])
    document["entry"].append(other | {"fullUrl": "urn:uuid:7d0b1a2e-0000-4000-8000-000000000002"})


def _turned(document: Json) -> None:
    document["entry"].reverse()


EMPTY = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": "unavailable"}]}
R4: dict[str, Spoil] = {
    "no status": Spoil(LAB, drop("status"), ".status: 0 of 1..1"),
    "two statuses": Spoil(LAB, put("status", ["final", "final"]), ".status: should not be a list"),
    "a status that is none": Spoil(LAB, put("status", "done"), "not of the required value set"),
    "one category without its list": Spoil(LAB, put("category", {"text": "x"}), ".category: should be a list"),
    "an unknown element": Spoil(LAB, put("snils", "000"), ".snils: an element that is not known"),
    "an unknown element deep inside": Spoil(LAB, put("code.coding.0.name", "x"), ".name: an element that is not known"),
    "no code": Spoil(LAB, drop("code"), ".code: 0 of 1..1"),
    "a number as text": Spoil(LAB, put("valueQuantity.value", "7.5"), ".valueQuantity.value: no number"),
    "a boolean as text": Spoil(PERSON, put("active", "true"), ".active: no boolean"),
    "a date that is none": Spoil(PERSON, put("birthDate", "13.02.1980"), ".birthDate: no date"),
    "a day no calendar has": Spoil(PERSON, put("birthDate", "1980-02-30"), "no day of the calendar"),
    "a time without a zone": Spoil(LAB, put("effectiveDateTime", "2017-11-10T08:20:00"), "no dateTime"),
    "an id with a blank": Spoil(LAB, put("id", "a b"), ".id: no id"),
    "an id without end": Spoil(LAB, put("id", "a" * 65), ".id: no id"),
    "two values": Spoil(LAB, put("valueString", "x"), ".value[x]: 2 of 0..1"),
    "a value of no allowed type": Spoil(LAB, put("valueMoney", {"value": 1}), ".valueMoney: an element that is not"),
    "a value and the reason of its absence": Spoil(LAB, put("dataAbsentReason", {"text": "x"}), "obs-6"),
    "a range that says nothing": Spoil(LAB, put("referenceRange", [{"appliesTo": [{"text": "x"}]}]), "obs-3"),
    "a unit's code without its system": Spoil(LAB, drop("valueQuantity.system"), "qty-3"),
    "an unknown code of a known system": Spoil(
        LAB,
        put(
            "category.0.coding.1", {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "x"}
        ),
        "is no code of",
    ),
    "a gender that is none": Spoil(PERSON, put("gender", "ж"), "not of the required value set"),
    "a reference to a wrong type": Spoil(
        LAB, put("specimen", {"reference": "Patient/x"}), "may not refer to a Patient"
    ),
    "a contained resource that is not there": Spoil(LAB, put("specimen", {"reference": "#gone"}), "ref-1"),
    "a contained resource nobody needs": Spoil(
        LAB, put("contained", [{"resourceType": "Specimen", "id": "s"}]), "dom-3"
    ),
    "an empty object": Spoil(LAB, put("bodySite", {}), "ele-1"),
    "an empty text": Spoil(LAB, put("code.text", ""), ".code.text: empty"),
    "a null": Spoil(LAB, put("code.text", None), ".code.text"),
    "an extension with both": Spoil(
        LAB,
        put(
            "extension",
            [{"url": "http://x.example/e", "valueString": "x", "extension": [{"url": "y", "valueString": "x"}]}],
        ),
        "ext-1",
    ),
    "an extension without address": Spoil(LAB, put("extension", [{"valueString": "x"}]), ".url: 0 of 1..1"),
    "a period that ends before it begins": Spoil(
        PERSON, put("name.0.period", {"start": "2020-02-01", "end": "2020-01-01"}), "per-1"
    ),
    "a script in the narrative": Spoil(
        LAB, put("text.div", '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>'), "txt-1"
    ),
    "a narrative that breaks off": Spoil(
        LAB, put("text.div", '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</div>'), "malformed XHTML"
    ),
    "no resource of R4": Spoil(WHOLE, put("entry.4.resource.resourceType", "Diagnosis"), "no resource of R4"),
    "a fullUrl twice": Spoil(WHOLE, _again, "bdl-7"),
    "a total in a document": Spoil(WHOLE, put("total", 5), "bdl-1"),
    "a search in a document": Spoil(WHOLE, put("entry.4.search", {"mode": "match"}), "bdl-2"),
    "an entry without anything": Spoil(WHOLE, put("entry.20", {"fullUrl": "urn:uuid:x"}), "bdl-5"),
    "a versioned fullUrl": Spoil(WHOLE, put("entry.4.fullUrl", "http://x.example/Condition/1/_history/2"), "bdl-8"),
    "a reference out of the document": Spoil(
        WHOLE, put(f"{PROBLEMS}.entry.0.reference", "urn:uuid:gone"), "leads nowhere"
    ),
}
IPS: dict[str, Spoil] = {
    "no identifier": Spoil(WHOLE, drop("identifier"), "identifier: 0 of 1..1"),
    "no timestamp": Spoil(WHOLE, drop("timestamp"), "timestamp: 0 of 1..1"),
    "a collection": Spoil(WHOLE, put("type", "collection"), "should be 'document'"),
    "no fullUrl": Spoil(WHOLE, drop("entry.4.fullUrl"), "fullUrl: 0 of 1..1"),
    "the Composition last": Spoil(WHOLE, _turned, "bdl-11"),
    "a second Composition": Spoil(WHOLE, _second_composition, "bdl-ips-1"),
    "a second patient": Spoil(WHOLE, _second_patient, "slice patient: 2 of 1..1"),
    "no patient": Spoil(WHOLE, drop("entry.1"), "slice patient: 0 of 1..1"),
    "no problems": Spoil(WHOLE, drop(PROBLEMS), "slice sectionProblems: 0 of 1..1"),
    "no allergies": Spoil(WHOLE, drop("entry.0.resource.section.2"), "slice sectionAllergies: 0 of 1..1"),
    "no medicines": Spoil(WHOLE, drop("entry.0.resource.section.1"), "slice sectionMedications: 0 of 1..1"),
    "a section twice": Spoil(
        WHOLE, put("entry.0.resource.section.3.code.coding.0.code", "11450-4"), "slice sectionProblems: 2 of 1..1"
    ),
    "a section of a wrong system": Spoil(
        WHOLE, put(f"{PROBLEMS}.code.coding.0.system", "http://snomed.info/sct"), "slice sectionProblems: 0 of 1..1"
    ),
    "a section without narrative": Spoil(WHOLE, drop(f"{PROBLEMS}.text"), ".section[0].text: 0 of 1..1"),
    "a section without title": Spoil(WHOLE, drop(f"{PROBLEMS}.title"), ".section[0].title: 0 of 1..1"),
    "neither entry nor reason": Spoil(WHOLE, drop(f"{PROBLEMS}.entry"), "ips-comp-1"),
    "entry and reason together": Spoil(WHOLE, put(f"{PROBLEMS}.emptyReason", EMPTY), "cmp-2"),
    "an allergy among the problems": Spoil(
        WHOLE,
        put(f"{PROBLEMS}.entry.0.reference", "urn:uuid:72884cad-ebe6-4f43-a51a-2f978275f132"),
        "may not refer to a AllergyIntolerance",
    ),
    "another document type": Spoil(
        WHOLE, put("entry.0.resource.type.coding.0.code", "34133-9"), ".type: does not follow the pattern"
    ),
    "a document without author": Spoil(WHOLE, drop("entry.0.resource.author"), ".author: 0 of 1..*"),
    "a document without title": Spoil(WHOLE, drop("entry.0.resource.title"), ".title: 0 of 1..1"),
    "a patient without a date of birth": Spoil(WHOLE, drop("entry.1.resource.birthDate"), ".birthDate: 0 of 1..1"),
    "a patient without a name": Spoil(WHOLE, drop("entry.1.resource.name"), ".name: 0 of 1..*"),
    "a diagnosis without a code": Spoil(WHOLE, drop("entry.4.resource.code"), ".code: 0 of 1..1"),
    "an allergy without a code": Spoil(WHOLE, drop("entry.9.resource.code"), ".code: 0 of 1..1"),
    "a medicine taken at no time": Spoil(WHOLE, drop("entry.5.resource.effectivePeriod"), ".effective[x]: 0 of 1..1"),
    "a result of no laboratory": Spoil(WHOLE, drop("entry.17.resource.performer"), "Bundle.entry[17]"),
    "a result without a time": Spoil(LAB, drop("effectiveDateTime"), ".effective[x]: 0 of 1..1"),
    "a result without a value": Spoil(LAB, drop("valueQuantity"), "ips-2"),
    "an organisation without a name": Spoil(WHOLE, drop("entry.3.resource.name"), ".name: 0 of 1..1"),
}
