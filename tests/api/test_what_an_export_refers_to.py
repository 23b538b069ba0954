"""An export has what its resources refer to, as far as the server gives it: with and without `$everything`."""

from __future__ import annotations

from typing import Any

import pytest

from emkcli import errors
from emkcli.api.fhir.referenced import MOST
from emkcli.api.ports import CardQuery
from tests.invented import BASE, PATIENT, Server, lab

ALL = CardQuery()
DOCTOR = {"resourceType": "Practitioner", "id": "d1", "name": [{"text": "Врачева Ия"}]}
ROLE = {
    "resourceType": "PractitionerRole",
    "id": "w1",
    "practitioner": {"reference": f"{BASE}/Practitioner/d1", "display": "Врачева Ия"},
    "organization": {"reference": "Organization/c1"},
}
CLINIC = {"resourceType": "Organization", "id": "c1", "name": "Поликлиника"}
MEDICINE = {"resourceType": "Medication", "id": "m1", "code": {"text": "Метформин"}}
FILE = {"resourceType": "Binary", "id": "b1", "contentType": "application/pdf", "data": "JVBERg=="}
REQUEST = {
    "resourceType": "MedicationRequest",
    "id": "q1",
    "subject": {"reference": "Patient/p1"},
    "medicationReference": {"reference": "Medication/m1/_history/2", "display": "Метформин"},
    "requester": {"reference": "PractitionerRole/w1", "display": "Врачева Ия"},
    "recorder": {"reference": "https://elsewhere.example/R4/Practitioner/d9"},
    "performer": {"reference": "Patient/p2", "display": "Мать"},
}
DOCUMENT = {
    "resourceType": "DocumentReference",
    "id": "f1",
    "subject": {"reference": "Patient/p1"},
    "content": [{"attachment": {"contentType": "application/pdf", "url": "Binary/b1"}}],
}
OF_OTHER = lab("foreign", subject={"reference": "Patient/p2"})
OWN = [PATIENT, REQUEST, DOCUMENT, lab("o1", hasMember=[{"reference": "Observation/foreign", "display": "x"}])]
ELSEWHERE = [ROLE, DOCTOR, CLINIC, MEDICINE, FILE, OF_OTHER, PATIENT | {"id": "p2", "birthDate": "1950-01-01"}]


class Compartment(Server):
    """`$everything` and the searches give what is in the compartment, and the rest is read by its id."""

    def answer(self, request: Any) -> Any:
        kept = self.resources
        if request.url.path == "/R4/Patient/p1/$everything":
            self.resources = OWN
        try:
            return super().answer(request)
        finally:
            self.resources = kept

    def capability(self) -> Any:
        return self.outcome(404)


def server(*, everything: bool) -> Server:
    served = Compartment(*OWN[1:], *ELSEWHERE)
    served.everything, served.includes, served.size = everything, False, 50
    return served


def exported(served: Server, form: str, query: CardQuery = ALL) -> list[str]:
    card = served.card()
    if form == "resources":
        return [raw.id for raw in card.resources(query)]
    return [kind for batch in card.batches(query) for kind in batch.kinds]


@pytest.mark.parametrize("everything", [True, False])
def test_what_is_referred_to_is_read_also_where_its_name_stands_beside(*, everything: bool) -> None:
    keys = exported(server(everything=everything), "resources")
    assert {f"{one['resourceType']}/{one['id']}" for one in ELSEWHERE[:5]} < set(keys)
    assert len(keys) == len(set(keys))
    assert not {"Patient/p2", "Observation/foreign", "Practitioner/d9"} & set(keys)


@pytest.mark.parametrize("everything", [True, False])
def test_the_same_comes_as_columns(*, everything: bool) -> None:
    keys = exported(server(everything=everything), "resources")
    kinds = exported(server(everything=everything), "batches")
    assert sorted(kinds) == sorted(key.partition("/")[0] for key in keys)


def test_another_person_is_not_asked_for() -> None:
    served = server(everything=True)
    exported(served, "resources")
    paths = [path for path, _params in served.asked]
    assert "Medication/m1" in paths
    assert "Patient/p2" not in paths
    assert len(paths) == len(set(paths))


def test_an_export_of_one_list_has_whom_it_names_and_nothing_of_another_list() -> None:
    keys = exported(server(everything=True), "resources", CardQuery(extra={"categories": "prescriptions"}))
    assert sorted(keys) == [
        "Medication/m1",
        "MedicationRequest/q1",
        "Organization/c1",
        "Patient/p1",
        "Practitioner/d1",
        "PractitionerRole/w1",
    ]


def test_there_is_an_end_to_it() -> None:
    many = [{"reference": f"Practitioner/n{number}", "display": "x"} for number in range(MOST + 100)]
    served = Server(lab("o1", performer=many))
    exported(served, "resources")
    assert sum(path.startswith("Practitioner/") for path, _params in served.asked) <= MOST


def test_what_the_server_announced_and_did_not_send_is_still_said_at_the_end() -> None:
    served = server(everything=True)
    kept = served.page
    served.page = lambda found, *rest: kept([*found, *found[:1]], *rest)  # type: ignore[method-assign]
    yielded: list[str] = []
    with pytest.raises(errors.ServerError):
        yielded.extend(raw.id for raw in served.card().resources(ALL))
    assert "Medication/m1" in yielded
