"""A server may ignore `patient`, as R4 allows: what it sends of somebody else is nobody's result here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.commands.fhir_door import served
from tests.conftest import Emk
from tests.invented import PATIENT, VITAL, Server, lab

OTHER = "Чужеродова"
"""Stands in everything that belongs to the other person."""
STRANGER = {
    "resourceType": "Patient",
    "id": "p2",
    "name": [{"family": OTHER, "given": ["Мария"]}],
    "birthDate": "1990-01-01",
}


def about(ident: str, **more: Any) -> dict[str, Any]:
    return lab(ident, subject={"reference": "Patient/p2"}, note=[{"text": OTHER}], **more)


def card() -> list[dict[str, Any]]:
    """A result and a reading of each person, a vaccination of the other one, and who the other one is."""
    given = {"resourceType": "Immunization", "id": "i2", "status": "completed", "patient": {"reference": "Patient/p2"}}
    vaccine = {**given, "vaccineCode": {"text": OTHER}, "occurrenceDateTime": "2026-01-01"}
    mine = [lab("o1"), lab("v1", category=VITAL)]
    return [*mine, about("o2", code={"text": OTHER}), about("v2", category=VITAL), vaccine, STRANGER]


@pytest.fixture
def passphrase(tmp_path: Path) -> Mapping[str, str]:
    file = tmp_path / "passphrase"
    file.write_text("a quiet word")
    file.chmod(0o600)
    return {"EMK_PASSPHRASE_FILE": str(file)}


@pytest.mark.parametrize(
    ("command", "mine"),
    [(("labs",), "Observation/o1"), (("vitals",), "Observation/v1"), (("search", "глюкоза"), "Observation/o1")],
)
def test_a_list_is_the_persons_alone(emk: Emk, command: tuple[str, ...], mine: str) -> None:
    with served(Server(*card())) as env:
        result = emk("card", *command, "--json", env=env)
    assert result.code == 0, result.err
    assert mine in result.out
    assert OTHER not in result.out
    assert '2"' not in json.dumps([item.get("id") for item in result.items])
    assert any("another person" in warning for warning in result.json["warnings"])


def test_the_summary_and_a_list_of_nothing_else(emk: Emk) -> None:
    with served(Server(*card())) as env:
        summary = emk("card", "summary", "--json", env=env)
        vaccinations = emk("card", "vaccinations", "--json", env=env)
    assert OTHER not in summary.out
    assert vaccinations.items == []
    assert vaccinations.json["total"] == 0
    assert "Immunization 1" in vaccinations.json["warnings"][0]


def test_a_record_of_somebody_else_is_not_shown_and_not_saved(emk: Emk, tmp_path: Path) -> None:
    for record, code in (("Observation/o1", 0), ("Observation/o2", 3), ("Patient/p2", 3)):
        evidence = tmp_path / f"{record[-2:]}.zip"
        with served(Server(*card())) as env:
            shown = emk("card", "show", record, env=env)
            saved = emk("card", "show", record, "--evidence", str(evidence), env=env)
        assert (shown.code, saved.code, evidence.exists()) == (code, code, code == 0)
        assert OTHER not in shown.out + shown.err + saved.out + saved.err


@pytest.mark.parametrize("everything", [True, False])
@pytest.mark.parametrize("form", ["fhir", "ndjson", "csv", "html"])
def test_no_export_has_somebody_else(emk: Emk, tmp_path: Path, form: str, everything: bool) -> None:
    server = Server(*card())
    server.everything = everything
    with served(server) as env:
        result = emk("card", "export", "--format", form, "--to", str(tmp_path / "out"), "--json", env=env)
    assert result.code == 0, result.err
    files = [path for path in [tmp_path / "out", *(tmp_path / "out").rglob("*")] if path.is_file()]
    content = b"".join(path.read_bytes() for path in files).decode()
    assert "Глюкоза" in content
    assert OTHER not in content
    assert "Patient/p2" not in content
    assert any("another person" in warning for warning in result.json["warnings"])


def test_a_copy_has_the_persons_alone_and_is_whole(emk: Emk, passphrase: Mapping[str, str]) -> None:
    with served(Server(*card())) as env:
        results = [emk("card", "sync", "--json", env={**env, **passphrase}) for _again in range(2)]
        labs = emk("card", "labs", "--offline", "--json", env={**env, **passphrase})
    for result in results:
        assert (result.code, result.item["complete"], result.item["missing"]) == (0, True, [])
    assert [warning.rpartition(": ")[2] for warning in results[0].json["warnings"]] == [
        "Observation 2.",
        "Immunization 1.",
    ]
    assert [item["id"] for item in labs.items] == ["Observation/o1"]
    assert OTHER not in labs.out


@pytest.mark.parametrize(
    ("subject", "is_own"),
    [
        ({"reference": "Patient/p1/_history/3"}, True),
        ({"reference": "Patient/p0"}, True),
        ({"reference": "Patient/p3"}, True),
        ({"identifier": {"system": "urn:oid:1.2.643.100.3", "value": "000-000-102 24"}}, True),
        ({"identifier": {"system": "https://fhir.ru/ig/core/systems/snils", "value": "00000010224"}}, True),
        ({"display": "Пробная Анна"}, True),
        ({"display": "Анна Л. Пробная"}, True),
        ({"reference": "#same"}, True),
        (None, True),
        ({"identifier": {"system": "urn:oid:1.2.643.100.3", "value": "000-000-103 25"}}, False),
        ({"reference": "Patient/p11"}, False),
        ({"reference": "Group/g1"}, False),
        ({"display": "Пробная Мария"}, False),
        ({"reference": "https://elsewhere.example/fhir/Patient/p1"}, False),
        ({"reference": "https://elsewhere.example/fhir/Patient/p2"}, False),
        ({"reference": "#inner"}, False),
    ],
)
def test_the_same_person_by_other_words(emk: Emk, subject: Any, is_own: bool) -> None:
    """`p0` is linked from the Patient, `p3` to it; what names nobody stays as it was."""
    links = [{"type": "replaces", "other": {"reference": "Patient/p0"}}]
    later = {"resourceType": "Patient", "id": "p3", "link": [{"type": "seealso", "other": {"reference": "Patient/p1"}}]}
    server = Server(
        lab("o1", subject=subject, contained=[{**STRANGER, "id": "inner"}, {**PATIENT, "id": "same"}]), later
    )
    server.resources[0] = {**PATIENT, "link": links}
    server.extra_entries = [server.entry(later, "include")]
    with served(server) as env:
        labs = emk("card", "labs", "--json", env=env)
    assert [item["id"] for item in labs.items] == (["Observation/o1"] if is_own else [])
    assert bool(labs.json["warnings"]) is not is_own


def test_who_looked_may_be_anybody_but_not_at_another_card(emk: Emk) -> None:
    def event(ident: str, patient: str) -> dict[str, Any]:
        return {
            "resourceType": "AuditEvent",
            "id": ident,
            "recorded": "2026-01-01T10:00:00+03:00",
            "agent": [{"requestor": True, "who": {"reference": "Patient/p2", "display": ident}}],
            "entity": [{"what": {"reference": f"Patient/{patient}"}}],
        }

    with served(Server(event("mine", "p1"), event("theirs", "p2"))) as env:
        result = emk("card", "access-log", "--json", env=env)
    assert "mine" in result.out
    assert "theirs" not in result.out


@pytest.mark.parametrize(
    ("kind", "count"), [("replaced-by", 1), ("replaces", 0), ("refer", 0), ("seealso", 0), (None, 0)]
)
def test_a_patient_that_was_replaced_says_where_the_person_is_now(emk: Emk, kind: str | None, count: int) -> None:
    link = {"other": {"reference": "Patient/p7"}} | ({"type": kind} if kind else {})
    server = Server(lab("o1"))
    server.resources[0] = {**PATIENT, "link": [link]}
    with served(server) as env:
        result = emk("card", "labs", "--json", env=env)
    assert (result.code, [item["id"] for item in result.items]) == (0, ["Observation/o1"])
    assert sum("--person p7" in warning for warning in result.json["warnings"]) == count


@pytest.mark.parametrize(
    ("differs", "mine"),
    [
        ({}, True),
        ({"name": [{"family": "Пробная", "given": ["Анна"]}]}, True),
        ({"birthDate": "1979-06-02"}, False),
        ({"birthDate": None}, False),
        ({"gender": "male"}, False),
        ({"name": [{"family": "Пробная", "given": ["Инна"]}]}, False),
    ],
)
@pytest.mark.parametrize("full_url", [True, False])
def test_a_patient_of_the_same_name_and_birth_date_is_the_same_person(
    emk: Emk, differs: Mapping[str, Any], mine: bool, full_url: bool
) -> None:
    server = Server(lab("o1"), lab("o2", subject={"reference": "Patient/p2"}))
    again = {name: value for name, value in {**PATIENT, "id": "p2", "identifier": [], **differs}.items() if value}
    server.extra_entries = [{"resource": again} | ({"fullUrl": f"{server.base}/Patient/p2"} if full_url else {})]
    with served(server) as env:
        result = emk("card", "labs", "--json", env=env)
    assert {item["id"][-1] for item in result.items} == ({"1", "2"} if mine else {"1"})
    assert any("another person" in warning for warning in result.json["warnings"]) is not mine
