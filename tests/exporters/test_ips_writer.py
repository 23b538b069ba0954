"""The patient summary: every rule of the document kept, whatever the source lacks; broken ones are recognised."""

from __future__ import annotations

import copy
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli import errors, locale
from emkcli.api.ports import CardQuery
from tests.exporters.ips_rules import Resource, broken, resources
from tests.exporters.running import export_card
from tests.invented import PATIENT, VITAL, Server, lab, plain, quantity

ALL = CardQuery()
TODAY = {"fetched_at": "2026-04-01T10:00:00+03:00"}
P = {"reference": "Patient/p1"}
ICD = "http://hl7.org/fhir/sid/icd-10"
HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m&\"'" + "я" * 1000


def condition(ident: str, code: str, status: str = "active", day: str = "2026-01-01") -> Resource:
    return {
        "resourceType": "Condition",
        "id": ident,
        "clinicalStatus": {"coding": [{"code": status}]},
        "code": {"coding": [{"system": ICD, "code": code, "display": f"Диагноз {code}"}]},
        "subject": P,
        "recordedDate": day,
        "encounter": {"reference": "Encounter/e1"},
    }


def request(ident: str, status: str = "active", **more: Any) -> Resource:
    return {
        "resourceType": "MedicationRequest",
        "id": ident,
        "status": status,
        "intent": "order",
        "medicationReference": {"reference": "Medication/m1"},
        "subject": P,
        "authoredOn": "2026-03-01",
        **more,
    }


CARD = (
    {"resourceType": "Organization", "id": "c1", "name": "Поликлиника"},
    {"resourceType": "Practitioner", "id": "d1"},
    {"resourceType": "Specimen", "id": "s1"},
    {"resourceType": "Medication", "id": "m1", "code": {"text": "Левотироксин"}},
    {"resourceType": "Composition", "id": "own", "status": "final", "subject": P, "title": "Протокол"},
    condition("dx1", "E06.3"),
    condition("dx2", "E06.3", day="2026-02-01"),
    condition("dx3", "J06.9", "resolved"),
    condition("dx4", "E06.3", "resolved", "2020-01-01"),
    {"resourceType": "AllergyIntolerance", "id": "a1", "patient": P, "code": {"text": "Йод"}},
    {
        "resourceType": "AllergyIntolerance",
        "id": "a2",
        "patient": P,
        "verificationStatus": {"coding": [{"code": "entered-in-error"}]},
    },
    request("m1"),
    request("old", dispenseRequest={"validityPeriod": {"end": "2026-03-31"}}),
    request("done", "completed"),
    {
        "resourceType": "Immunization",
        "id": "i1",
        "status": "completed",
        "patient": P,
        "occurrenceDateTime": "2025-09-01",
    },
    lab(
        "o1",
        quantity(5.4),
        performer=[{"reference": "Organization/c1"}, {"reference": "Practitioner/d1/_history/3"}],
        specimen={"reference": "https://fhir.example/R4/Specimen/s1"},
        interpretation=[{"coding": [{"code": "HU"}]}],
        referenceRange=[{"low": {"value": 3}, "text": "3–6"}],
    ),
    lab("o0", effectiveDateTime="2020-01-01"),
    plain(lab("o2", code={"text": "Не сдан"}), "valueQuantity", "effectiveDateTime"),
    plain(
        lab("v1", category=VITAL, code={"text": "АД"}, component=[{"code": {"text": "верхнее"}}]),
        "valueQuantity",
    ),
    {"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "code": {"text": "ЭКГ"}, "subject": P},
    {"resourceType": "Procedure", "id": "pr1", "status": "completed", "subject": P},
)


def exported(path: Path, *known: Resource, **options: Any) -> Resource:
    server = Server(*known, size=options.pop("size", 3))
    server.everything = True
    export_card(server.card(), options.pop("query", ALL), "ips", str(path), force=True, envelope=TODAY, **options)
    return json.loads(path.read_bytes())  # type: ignore[no-any-return]


@pytest.fixture
def document(tmp_path: Path) -> Resource:
    return exported(tmp_path / "ips.json", *CARD)


def section(document: Resource, code: str) -> Resource:
    found: Resource = next(one for one in resources(document)[0]["section"] if one["code"]["coding"][0]["code"] == code)
    return found


def ids(document: Resource, code: str) -> list[str]:
    known = {one["fullUrl"]: one["resource"]["id"] for one in document["entry"]}
    return [known[one["reference"]] for one in section(document, code).get("entry", [])]


def of(document: Resource, ident: str) -> Resource:
    return next(one for one in resources(document) if one["id"] == ident)


def test_every_rule_is_kept(document: Resource) -> None:
    assert broken(document) == set()


def test_what_stands_in_the_sections(document: Resource) -> None:
    assert ids(document, "11450-4") == ["dx2"]
    assert ids(document, "11348-0") == ["dx3"]
    assert ids(document, "48765-2") == ["a1"]
    assert ids(document, "10160-0") == ["m1"]
    assert ids(document, "11369-6") == ["i1"]
    assert set(ids(document, "30954-2")) == {"o1", "o2", "r1"}
    assert ids(document, "47519-4") == ["pr1"]
    assert ids(document, "8716-3") == ["v1"]
    kinds = [one["resourceType"] for one in resources(document)]
    assert {"Organization", "Practitioner", "Specimen", "Medication"} <= set(kinds)


def test_a_panel_stands_once_and_what_was_taken_back_not_at_all(tmp_path: Path) -> None:
    parts = [{"code": {"text": name}, "valueQuantity": quantity(5)} for name in ("Эритроциты", "Лейкоциты")]
    panel = plain(lab("p1", code={"text": "Общий анализ"}, component=parts), "valueQuantity")
    done: Resource = {"resourceType": "Procedure", "status": "completed", "subject": P}
    known = (
        panel,
        {**done, "id": "done"},
        {**done, "id": "mistake", "status": "entered-in-error"},
        {**done, "id": "refused", "status": "not-done"},
    )
    document = exported(tmp_path / "x", *known)
    assert ids(document, "30954-2") == ["p1"]
    assert ids(document, "47519-4") == ["done"]
    assert json.loads((tmp_path / "x.manifest.json").read_bytes())["records"] == {"labs": 1, "procedures": 1}


def test_a_device_in_use_has_a_section(tmp_path: Path) -> None:
    pacemaker = {"resourceType": "Device", "id": "d", "type": {"text": "Кардиостимулятор"}, "patient": P}
    use = {"resourceType": "DeviceUseStatement", "subject": P, "device": {"reference": "Device/d"}}
    known = (
        pacemaker,
        {**use, "id": "in-use", "status": "active"},
        {**use, "id": "over", "status": "completed"},
        {**use, "id": "mistake", "status": "entered-in-error"},
    )
    document = exported(tmp_path / "x", *known)
    assert ids(document, "46264-8") == ["in-use"]
    assert "Кардиостимулятор" in section(document, "46264-8")["text"]["div"]
    assert of(document, "in-use")["device"]["reference"].startswith("urn:uuid:")


def test_values_are_those_of_the_source(document: Resource) -> None:
    found = of(document, "o1")
    given = next(one for one in CARD if one["id"] == "o1")
    for name in ("valueQuantity", "interpretation", "referenceRange", "code", "effectiveDateTime", "status"):
        assert found[name] == given[name]
    assert found["performer"][1]["reference"].startswith("urn:uuid:")


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    document = exported(tmp_path / "x", lab("o1", quantity(5.25)))
    assert of(document, "o1")["valueQuantity"]["value"] == 5.25
    from emkcli.fhir import decode, encode

    odd = b'{"value":5.40,"other":1.0E-7,"whole":100,"big":123456789.1234567890123}'
    assert encode(decode(odd)) == odd


def test_what_is_unknown_is_said_to_be(document: Resource) -> None:
    absent = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
    }
    empty = of(document, "o2")
    assert empty["_effectiveDateTime"] == absent
    assert empty["performer"] == [absent]
    assert empty["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert of(document, "pr1")["_performedDateTime"] == absent


def test_references_to_what_is_not_there_become_identifiers(document: Resource) -> None:
    assert of(document, "dx2")["encounter"] == {"identifier": {"value": "Encounter/e1"}}


def test_what_a_later_section_lists_is_referred_to(tmp_path: Path) -> None:
    reason = [{"reference": "Procedure/pr1"}, {"reference": "Procedure/gone"}]
    document = exported(tmp_path / "x", *CARD, request("m2", reasonReference=reason))
    procedure = next(entry["fullUrl"] for entry in document["entry"] if entry["resource"]["id"] == "pr1")
    assert broken(document) == set()
    assert of(document, "m2")["reasonReference"] == [
        {"reference": procedure},
        {"identifier": {"value": "Procedure/gone"}},
    ]


class Pieces(io.BytesIO):
    """Standard output that remembers how much came at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def write(self, content: Any) -> int:
        self.sizes.append(len(content))
        return super().write(content)


def test_entries_are_written_one_at_a_time() -> None:
    large = [lab(f"large{n}", code={"text": f"{n} " + "я" * 100_000}) for n in range(20)]
    output = Pieces()
    export_card(Server(*large, size=30).card(), ALL, "ips", "-", stdout=output, envelope=TODAY)
    assert len(ids(json.loads(output.getvalue()), "30954-2")) == 20
    assert 200_000 < max(output.sizes) < 250_000


def test_an_empty_card_says_that_nothing_is_known(tmp_path: Path) -> None:
    document = exported(tmp_path / "x")
    assert broken(document) == set()
    for code in ("11450-4", "48765-2", "10160-0"):
        reason = section(document, code)["emptyReason"]["coding"][0]
        assert reason["code"] == "unavailable", "never that there is none: nobody knows"


def test_a_list_that_was_not_asked_for(tmp_path: Path) -> None:
    document = exported(tmp_path / "x", *CARD, categories=["allergies", "labs"])
    assert broken(document) == set()
    assert section(document, "11450-4")["emptyReason"]["coding"][0]["code"] == "notasked"
    assert ids(document, "48765-2") == ["a1"]


def test_since(tmp_path: Path) -> None:
    document = exported(tmp_path / "x", *CARD, query=CardQuery(since="2026-01-15"))
    assert broken(document) == set()
    assert ids(document, "11450-4") == ["dx2"]
    assert "11369-6" not in {one["code"]["coding"][0]["code"] for one in resources(document)[0]["section"]}


def test_a_part_that_cannot_be_read(tmp_path: Path) -> None:
    server = Server(*CARD)
    server.everything = False
    server.failing = {"AllergyIntolerance": 500}
    result = export_card(server.card(), ALL, "ips", str(tmp_path / "x"))
    assert not result.complete
    document = json.loads((tmp_path / "x").read_bytes())
    assert broken(document) == set()
    assert "could not be read" in section(document, "48765-2")["text"]["div"]
    server.failing = {"Patient/p1": 500}
    with pytest.raises(errors.ServerError):
        export_card(server.card(), ALL, "ips", str(tmp_path / "y"))
    assert not (tmp_path / "y").exists()


def test_the_manifest_counts_what_is_in_the_document(tmp_path: Path) -> None:
    exported(tmp_path / "x", *CARD)
    note = json.loads((tmp_path / "x.manifest.json").read_bytes())
    assert note["records"]["labs"] == 2
    assert note["records"]["diagnoses"] == 2
    assert note["resources"]["Condition"] == 2
    assert note["complete"] is True


def test_the_demonstration_says_so(tmp_path: Path) -> None:
    export_card(Server().card(), ALL, "ips", str(tmp_path / "x"), envelope={"demo": True})
    assert json.loads((tmp_path / "x").read_bytes())["meta"]["security"][0]["code"] == "HTEST"


def test_in_russian(tmp_path: Path) -> None:
    locale.use("ru")
    try:
        document = exported(tmp_path / "x", *CARD)
    finally:
        locale.use("en")
    assert broken(document) == set()
    assert section(document, "48765-2")["title"] == "Аллергии и непереносимость"
    assert 'lang="ru"' in section(document, "11450-4")["text"]["div"]
    assert "01.02.2026" in section(document, "11450-4")["text"]["div"]
    assert document["language"] == "ru"


def poisoned(value: Any) -> Any:
    if isinstance(value, dict):
        keep = {"resourceType", "id", "status", "system", "code", "reference", "category", "clinicalStatus", "intent"}
        return {name: one if name in keep and isinstance(one, str) else poisoned(one) for name, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one) for one in value]
    return HOSTILE if isinstance(value, str) and not re.match(r"\d{4}-", value) else value


def test_hostile_text_is_text(tmp_path: Path) -> None:
    document = exported(tmp_path / "x", *map(poisoned, CARD))
    assert broken(document) == set(), "narratives stay well-formed and hold no element of others"
    told = "".join(one["text"]["div"] for one in resources(document)[0]["section"])
    assert "&lt;script&gt;" in told
    assert not re.search("[\u202e\x1b]", told)
    assert len(told) < 60_000


def test_a_narrative_of_the_source_is_not_taken_over(tmp_path: Path) -> None:
    bad = {"status": "generated", "div": "<div><script>alert(1)</script></div>"}
    document = exported(
        tmp_path / "x", {**condition("d", "A00"), "text": bad, "contained": [{"resourceType": "Basic", "text": bad}]}
    )
    assert "script" not in json.dumps(document)


def test_chains_and_depths_without_end(tmp_path: Path) -> None:
    chain = [
        lab(f"o{n}", hasMember=[{"reference": f"Observation/o{n + 1}"}], code={"text": f"a{n}"}) for n in range(1500)
    ]
    deep: Any = {}
    for _level in range(300):
        deep = {"extension": [deep]}
    document = exported(tmp_path / "x", *chain, {**condition("deep", "A00"), **deep}, size=2000)
    assert broken(document) == set()
    assert len(ids(document, "30954-2")) == 1500
    note = json.loads((tmp_path / "x.manifest.json").read_bytes())
    assert [part["what"] for part in note["missing"]] == ["Condition/deep"]
    assert note["complete"] is False


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("aя<&\0", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["code", "coding", "text", "reference"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@settings(max_examples=40)
@given(
    kind=st.sampled_from(["Condition", "Observation", "AllergyIntolerance", "MedicationRequest", "Immunization"]),
    data=st.data(),
)
def test_odd_resources_never_stop_it(tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject) -> None:
    names = [
        "code",
        "subject",
        "category",
        "name",
        "component",
        "valueQuantity",
        "encounter",
        "medicationReference",
        "performer",
    ]
    odd = data.draw(st.dictionaries(st.sampled_from(names), JSON, max_size=5))
    document = exported(tmp_path_factory.mktemp("odd") / "x", {"resourceType": kind, "id": "x", **odd})
    structure = {"bdl-7", "bdl-11", "bdl-ips-1", "fullUrl", "required sections", "ips-comp-1", "cmp-2", "section text"}
    assert not broken(document) & structure


def _dropped(path: str) -> Callable[[Resource], None]:
    def breaking(document: Resource) -> None:
        place: Any = document
        *inner, last = path.split(".")
        for name in inner:
            place = place[int(name)] if isinstance(place, list) else place[name]
        del place[int(last) if isinstance(place, list) else last]

    return breaking


def _each(kind: str, name: str) -> Callable[[Resource], None]:
    def breaking(document: Resource) -> None:
        for one in resources(document):
            if one["resourceType"] == kind:
                for key in [key for key in one if key.lstrip("_").startswith(name)]:
                    del one[key]

    return breaking


def _twice(document: Resource) -> None:
    document["entry"].append(copy.deepcopy(document["entry"][1]))


def _second_composition(document: Resource) -> None:
    document["entry"].append({"fullUrl": "urn:uuid:x", "resource": resources(document)[0]})


def _lost(document: Resource) -> None:
    resources(document)[0]["section"][0]["entry"][0]["reference"] = "urn:uuid:gone"


def _both(document: Resource) -> None:
    resources(document)[0]["section"][0]["emptyReason"] = {"text": "x"}


def _turned(document: Resource) -> None:
    document["entry"].reverse()


def _collection(document: Resource) -> None:
    document["type"] = "collection"


SPOILS: dict[str, tuple[Callable[[Resource], None], str]] = {
    "no identifier": (_dropped("identifier"), "bdl-9"),
    "no system": (_dropped("identifier.system"), "bdl-9"),
    "no timestamp": (_dropped("timestamp"), "bdl-10"),
    "another type": (_collection, "type"),
    "no fullUrl": (_dropped("entry.2.fullUrl"), "fullUrl"),
    "a fullUrl twice": (_twice, "bdl-7"),
    "the composition last": (_turned, "bdl-11"),
    "two compositions": (_second_composition, "bdl-ips-1"),
    "no patient": (_dropped("entry.1"), "patient"),
    "a reference out of it": (_lost, "references"),
    "no composition type": (_dropped("entry.0.resource.type"), "composition type"),
    "no author": (_dropped("entry.0.resource.author"), "composition author"),
    "no title": (_dropped("entry.0.resource.title"), "composition title"),
    "no date": (_dropped("entry.0.resource.date"), "composition date"),
    "no subject": (_dropped("entry.0.resource.subject"), "composition subject"),
    "no allergies": (_dropped("entry.0.resource.section.1"), "required sections"),
    "no narrative": (_dropped("entry.0.resource.section.0.text"), "section text"),
    "no section title": (_dropped("entry.0.resource.section.0.title"), "section title"),
    "neither entry nor reason": (_dropped("entry.0.resource.section.0.entry"), "ips-comp-1"),
    "entry and reason": (_both, "cmp-2"),
    "no name": (_each("Patient", "name"), "ips-pat-1"),
    "no birth date": (_each("Patient", "birthDate"), "birthDate"),
    "no category": (_each("Observation", "category"), "observation category"),
    "no effective": (_each("Observation", "effective"), "observation effective"),
    "no performer": (_each("Observation", "performer"), "observation performer"),
    "no absent reason": (_each("Observation", "dataAbsentReason"), "ips-2"),
    "no diagnosis": (_each("Condition", "code"), "Condition code"),
    "nobody's allergy": (_each("AllergyIntolerance", "patient"), "AllergyIntolerance patient"),
    "no medicine": (_each("MedicationRequest", "medication"), "MedicationRequest medication"),
    "no study date": (_each("DiagnosticReport", "effective"), "DiagnosticReport effective"),
    "no procedure date": (_each("Procedure", "performed"), "Procedure performed"),
    "no organisation name": (_each("Organization", "name"), "Organization name"),
    "no specimen type": (_each("Specimen", "type"), "Specimen type"),
    "no practitioner name": (_each("Practitioner", "name"), "Practitioner name"),
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_broken_documents_are_recognised(document: Resource, spoil: str) -> None:
    breaking, rule = SPOILS[spoil]
    breaking(document)
    assert rule in broken(document)


def test_a_patient_of_whom_little_is_known(tmp_path: Path) -> None:
    server = Server()
    server.resources[0] = plain(PATIENT, "name", "birthDate")
    export_card(server.card(), ALL, "ips", str(tmp_path / "x"))
    assert broken(json.loads((tmp_path / "x").read_bytes())) == set()


def test_a_vaccine_that_was_refused_says_so(tmp_path: Path) -> None:
    vaccine: Resource = {"resourceType": "Immunization", "id": "i2", "patient": P, "occurrenceDateTime": "2026-01-01"}
    refused = {**vaccine, "status": "not-done", "statusReason": {"text": "отказ"}, "vaccineCode": {"text": "Корь"}}
    text = section(exported(tmp_path / "x", refused), "11369-6")["text"]["div"]
    assert "Корь (not done: отказ)" in text
    given = {**vaccine, "status": "completed", "vaccineCode": {"text": "Корь"}}
    assert "(not done" not in section(exported(tmp_path / "y", given), "11369-6")["text"]["div"]
