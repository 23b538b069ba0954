"""Servers that ignore `_include`, as R4 lets them: names are read by the references, each once, and within bounds."""

from __future__ import annotations

import operator
from pathlib import Path
from typing import Any

import httpx
import pytest

from emkcli.api.fhir import referenced
from emkcli.api.ports import CardQuery
from tests.commands.fhir_door import served
from tests.conftest import Emk
from tests.invented import Server, lab

ALL = CardQuery()
CLINIC = {"resourceType": "Organization", "id": "c1", "name": "Городская поликлиника"}
DOCTOR = {"resourceType": "Practitioner", "id": "d1", "name": [{"text": "Врачева Ия"}]}
ROLE = {
    "resourceType": "PractitionerRole",
    "id": "r1",
    "practitioner": {"reference": "Practitioner/d1"},
    "organization": {"reference": "Organization/c1"},
}
MEDICATION = {"resourceType": "Medication", "id": "m1", "code": {"text": "Аспирин"}}
VISIT = {
    "resourceType": "Encounter",
    "id": "e1",
    "subject": {"reference": "Patient/p1"},
    "participant": [{"individual": {"reference": "PractitionerRole/r1"}}],
}
PRESCRIPTION = {
    "resourceType": "MedicationRequest",
    "id": "x1",
    "status": "active",
    "subject": {"reference": "Patient/p1"},
    "medicationReference": {"reference": "Medication/m1"},
    "requester": {"reference": "PractitionerRole/r1"},
}
STAFF = [{"reference": "Organization/c1"}, {"reference": "Practitioner/d1"}]


class Ignoring(Server):
    """Ignores `_include`; finds several by `_id`, unless `finds` is off."""

    finds = True
    denied: frozenset[str] = frozenset()
    """Types that are neither found nor read."""

    def __init__(self, *resources: Any) -> None:
        super().__init__(*resources, size=100)
        self.includes = self.everything = False

    def search(self, kind: str, params: list[tuple[str, str]]) -> httpx.Response:
        idents = dict(params).get("_id")
        if idents and (kind in self.denied or not self.finds):
            return self.outcome(403 if kind in self.denied else 400)
        if not idents:
            return super().search(kind, params)
        found = [one for one in self.resources if one["resourceType"] == kind and one["id"] in idents.split(",")]
        return self.page(found, [], kind, params)

    def one(self, path: str) -> httpx.Response:
        return self.outcome(403) if path.partition("/")[0] in self.denied else super().one(path)

    def requests_for(self, *kinds: str) -> list[str]:
        return [path for path, _params in self.asked if path.partition("/")[0] in kinds]


def results(count: int, **more: Any) -> list[dict[str, Any]]:
    return [lab(f"o{number}", **more) for number in range(count)]


@pytest.mark.parametrize("finds", [True, False])
def test_a_list_has_names_and_is_filtered_by_them(emk: Emk, finds: bool) -> None:
    server = Ignoring(*results(3, performer=STAFF), CLINIC, DOCTOR)
    server.finds = finds
    with served(server) as env:
        listed = emk("card", "labs", "--json", env=env)
        by_clinic = emk("card", "labs", "--clinic", "городская", "--json", env=env)
        by_doctor = emk("card", "labs", "--doctor", "Врачева", "--json", env=env)
        by_nobody = emk("card", "labs", "--doctor", "Иванов", "--json", env=env)
    assert {(item["clinic"]["name"], item["doctor"]["name"]) for item in listed.items} == {
        ("Городская поликлиника", "Врачева Ия")
    }
    assert [len(result.items) for result in (listed, by_clinic, by_doctor, by_nobody)] == [3, 3, 3, 0]
    assert [result.json.get("warnings", []) for result in (listed, by_clinic)] == [[], []]


def test_what_is_referred_to_is_followed_to_the_name() -> None:
    server = Ignoring(
        lab("o1", encounter={"reference": "Encounter/e1"}), PRESCRIPTION, VISIT, ROLE, DOCTOR, CLINIC, MEDICATION
    )
    card = server.card()
    (result,) = card.labs(ALL)
    (prescription,) = card.prescriptions(ALL)
    assert (result.doctor.name, prescription.doctor.name) == ("Врачева Ия", "Врачева Ия")
    assert (prescription.medicine, prescription.clinic.name) == ("Аспирин", "Городская поликлиника")
    shown: Any = card.record("MedicationRequest/x1")
    assert shown.medicine == "Аспирин"


def test_each_is_read_once_and_many_at_a_time() -> None:
    doctors = [{**DOCTOR, "id": f"d{number}"} for number in range(60)]
    own = [lab(f"o{number}", performer=[{"reference": f"Practitioner/d{number % 60}"}]) for number in range(120)]
    server = Ignoring(*own, *doctors)
    assert len([result for result in server.card().labs(ALL) if result.doctor.name == "Врачева Ия"]) == 120
    assert server.requests_for("Practitioner") == ["Practitioner", "Practitioner"]


def test_a_name_beside_the_reference_and_what_came_along_are_not_read() -> None:
    named = lab("o1", performer=[{"reference": "Practitioner/d1", "display": "Врач"}])
    server = Ignoring(named, lab("o2", performer=[{"reference": "Organization/c1"}]), CLINIC, DOCTOR)
    server.includes = True
    assert {result.clinic and result.clinic.name for result in server.card().labs(ALL)} == {
        None,
        "Городская поликлиника",
    }
    assert server.requests_for("Practitioner", "Organization") == []


@pytest.mark.parametrize("finds", [True, False])
def test_what_cannot_be_read_costs_a_warning(emk: Emk, finds: bool) -> None:
    lost = [{"reference": "Practitioner/lost"}, {"reference": "Practitioner/gone"}]
    server = Ignoring(lab("o1", performer=STAFF), lab("o2", performer=lost), CLINIC, DOCTOR)
    server.denied, server.finds = frozenset({"Organization"}), finds
    with served(server) as env:
        listed = emk("card", "labs", "--json", env=env)
    assert (listed.code, listed.json["truncated"]) == (0, False)
    assert sorted(item["doctor"]["name"] for item in listed.items) == ["lost", "Врачева Ия"]
    assert {item["clinic"] and item["clinic"]["name"] for item in listed.items} == {None, "c1"}
    assert [
        sorted({word for word in ("Practitioner", "Organization") if word in warning})
        for warning in listed.json["warnings"]
    ] in (
        [["Organization"], ["Practitioner"]],
        [["Practitioner"], ["Organization"]],
    )
    assert len(server.requests_for("Organization")) == 1


def test_no_more_is_read_than_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(referenced, "MOST", 50)
    doctors = [{**DOCTOR, "id": f"d{number:03}"} for number in range(99)]
    server = Ignoring(
        *(lab(f"o{one['id']}", performer=[{"reference": f"Practitioner/{one['id']}"}]) for one in doctors), *doctors
    )
    names = [result.doctor.name for result in server.card().labs(ALL)]
    assert (len(names), names.count("Врачева Ия")) == (99, 50)
    assert server.requests_for("Practitioner") == ["Practitioner"]
    monkeypatch.setattr(referenced, "LONGEST", 0.0)
    assert len(list(server.card().labs(ALL))) == 99
    assert server.requests_for("Practitioner") == ["Practitioner"]


def test_what_is_elsewhere_or_inside_is_not_asked_for() -> None:
    inner = {"resourceType": "Practitioner", "id": "in", "name": [{"text": "Внутренняя"}]}
    elsewhere = "https://elsewhere.example/fhir/Practitioner/d1"
    server = Ignoring(
        lab("o1", contained=[inner], performer=[{"reference": "#in"}]),
        lab("o2", performer=[{"reference": elsewhere}]),
        lab("o3", performer=[{"reference": "Practitioner/../../x"}]),
        DOCTOR,
    )
    assert len(list(server.card().labs(ALL))) == 3
    assert server.requests_for("Practitioner") == []


def test_an_address_of_the_server_itself_is_read() -> None:
    server = Ignoring(
        lab("o1", performer=[{"reference": "https://fhir.example/R4/Practitioner/d1/_history/3"}]), DOCTOR
    )
    (result,) = server.card().labs(ALL)
    assert result.doctor.name == "Врачева Ия"


def test_another_persons_visit_is_not_read_into_the_card() -> None:
    other = {**VISIT, "subject": {"reference": "Patient/p2"}}
    for finds in (True, False):
        server = Ignoring(*results(2, encounter={"reference": "Encounter/e1"}), other, ROLE, DOCTOR, CLINIC)
        server.finds = finds
        assert {result.doctor for result in server.card().labs(ALL)} == {None}


@pytest.mark.parametrize("form", ["fhir", "ndjson"])
def test_an_export_has_what_its_resources_refer_to(emk: Emk, tmp_path: Path, form: str) -> None:
    server = Ignoring(*results(2, performer=STAFF), PRESCRIPTION, ROLE, DOCTOR, CLINIC, MEDICATION)
    with served(server) as env:
        export = emk("card", "export", "--format", form, "--to", str(tmp_path / "out"), "--json", env=env)
    files = [tmp_path / "out"] if form == "fhir" else sorted((tmp_path / "out").glob("*.ndjson"))
    written = "".join(file.read_text() for file in files)
    assert export.code == 0
    for resource in (ROLE, DOCTOR, CLINIC, MEDICATION):
        assert written.count(f'"resourceType": "{resource["resourceType"]}"') == 1


def test_a_sync_has_them_too_where_they_may_be_read_and_not_searched(emk: Emk, tmp_path: Path) -> None:
    seen = lab("o9", encounter={"reference": "Encounter/e1"})
    server = Ignoring(*results(2, performer=STAFF), seen, PRESCRIPTION, VISIT, ROLE, CLINIC, DOCTOR, MEDICATION)
    server.finds = False
    file = tmp_path / "passphrase"
    file.write_text("a quiet word")
    file.chmod(0o600)
    with served(server) as env:
        keyed = {**env, "EMK_PASSPHRASE_FILE": str(file)}
        synced = emk("card", "sync", "--json", env=keyed)
        for name in ("labs", "prescriptions", "visits"):
            online = emk("card", name, "--json", env=keyed).items
            offline = emk("card", name, "--offline", "--json", env=keyed).items
            assert {item["doctor"]["name"] for item in offline} == {"Врачева Ия"}
            key = operator.itemgetter("id")
            assert sorted(offline, key=key) == sorted(online, key=key)
    assert (synced.code, synced.item["missing"]) == (0, [])
