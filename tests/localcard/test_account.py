"""Where everything in a file went: each resource in one place, by a count that is not the reader's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli import localcard, models
from emkcli.api.ports import CardQuery
from emkcli.importers import document_reader
from emkcli.localcard import stored_placements
from emkcli.localcard.imported_card import LocalCard
from tests.invented import LAB, PATIENT, bundle, encoded, lab
from tests.localcard.test_importer import BORIS

ALL = CardQuery()
Take = Callable[..., models.ImportResult]
UNKNOWN = {"resourceType": "Horoscope", "id": "h", "text": "Скорпион"}
CLINIC = {"resourceType": "Organization", "id": "c", "name": "Поликлиника"}
ASTHMA = {"resourceType": "Condition", "id": "a", "code": {"text": "Астма"}, "subject": {"reference": "Patient/p1"}}
ALIENS = ("Patient/p2", "https://other.example/Patient/p7")
ALIEN = lab("alien", subject={"reference": "Patient/p2"})


@pytest.fixture
def take(card: LocalCard, tmp_path: Path) -> Take:
    def take(document: Any, person: str | None = None) -> models.ImportResult:
        path = tmp_path / "one.json"
        path.write_bytes(document if isinstance(document, bytes) else encoded(document))
        return next(iter(localcard.ingest(card, document_reader.read(str(path)), person)))

    return take


def places(account: models.ContentAccount) -> dict[str, int]:
    """What is not zero, without the total, which is held against the sum."""
    numbers = account.to_builtins()
    total = numbers.pop("total")
    assert total == sum(numbers.values())
    return {place: count for place, count in numbers.items() if count}


def test_each_place(take: Take) -> None:
    result = take(bundle(PATIENT, CLINIC, lab("o1"), UNKNOWN))
    assert places(result.account) == {"records": 1, "supporting": 2, "unread": 1}
    (unread,) = result.unread
    assert (unread.what, unread.count, unread.reason) == ("Horoscope", 1, "FHIR R4 has no such type")
    assert str(unread.where).endswith("one.json")


def test_a_type_that_no_list_reads_is_not_lost(take: Take) -> None:
    account = take(bundle(PATIENT, {"resourceType": "VisionPrescription", "id": "v"})).account
    assert (account.total, account.supporting, account.other + account.unread) == (2, 1, 1)


def test_escaped_letters_hide_nothing(take: Take) -> None:
    content = encoded(bundle(PATIENT, lab("o1"), UNKNOWN)).replace(b"resourceType", rb"resource\u0054ype")
    assert places(take(content).account) == {"records": 1, "supporting": 1, "unread": 1}


def test_the_same_twice_and_again(take: Take) -> None:
    assert places(take(bundle(PATIENT, lab("o1"), lab("o1"))).account) == {
        "records": 1,
        "supporting": 1,
        "duplicate": 1,
    }
    again = take(bundle(PATIENT, lab("o1"), lab("o1")))
    assert (again.status, places(again.account)) == ("duplicate", {"duplicate": 3})


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_states_of_one_resource(take: Take, order: tuple[int, int]) -> None:
    states = [lab("o1", version, meta={"versionId": str(version)}) for version in order]
    account = take(bundle(PATIENT, *states, kind="history")).account
    assert places(account) == {"records": 1, "supporting": 1, "superseded": 1}


def test_other_people(take: Take) -> None:
    composition = {"resourceType": "Composition", "id": "d", "subject": {"reference": "Patient/p1"}, "title": "Выписка"}
    account = take(bundle(composition, PATIENT, BORIS, lab("o1"), ALIEN, kind="document")).account
    assert places(account) == {"records": 2, "supporting": 1, "other_person": 2}


def test_a_file_of_somebody_else(take: Take) -> None:
    take(bundle(PATIENT, lab("o1")))
    refused = take(bundle(BORIS, ALIEN, UNKNOWN))
    assert (refused.status, places(refused.account)) == ("other_person", {"other_person": 3})


def test_a_refused_release_is_counted(take: Take) -> None:
    refused = take(bundle(PATIENT, lab("o1"), fhirVersion="3.0.1"))
    assert (refused.status, places(refused.account)) == ("unsupported", {"unread": 2})
    assert {part.reason for part in refused.unread} == {refused.reason}


@pytest.mark.parametrize(
    "document",
    [
        bundle(bundle(PATIENT, lab("o1")), UNKNOWN),
        [PATIENT, lab("o1"), UNKNOWN],
        b"\n".join(map(encoded, (PATIENT, lab("o1"), UNKNOWN))),
        b"\n".join([*map(encoded, (PATIENT, lab("o1"))), encoded(UNKNOWN)[:-5]]),
    ],
    ids=["a Bundle in a Bundle", "an array", "lines", "a broken line"],
)
def test_forms(take: Take, document: Any) -> None:
    assert places(take(document).account) == {"records": 1, "supporting": 1, "unread": 1}


def test_a_bundle_too_deep_and_parameters_are_counted_through(take: Take) -> None:
    parameters = {"resourceType": "Parameters", "id": "x", "parameter": [{"name": "return", "resource": lab("o9")}]}
    deep = bundle(bundle(bundle(lab("o8"), UNKNOWN)))
    account = take(bundle(PATIENT, lab("o1"), parameters, deep)).account
    assert (account.total, account.records, account.supporting, account.other + account.unread) == (6, 1, 1, 4)


def test_contained_resources(card: LocalCard, take: Take) -> None:
    """What says something is a record of its own; who and where is supporting; a part of its owner is where that is."""
    visit = {
        "resourceType": "Encounter",
        "id": "v",
        "subject": {"reference": "Patient/p1"},
        "contained": [
            ASTHMA | {"id": "in"},
            CLINIC,
            {"resourceType": "ClinicalImpression", "id": "i", "summary": "Здорова", "encounter": {"reference": "#"}},
        ],
        "diagnosis": [{"condition": {"reference": "#in"}}],
    }
    goal = lab("o1", contained=[ASTHMA, {"resourceType": "ServiceRequest", "id": "s", "status": "active"}])
    result = take(bundle(PATIENT, visit, goal))
    assert places(result.account) == {"records": 5, "supporting": 3}
    (diagnosis,) = card.diagnoses(ALL)
    assert diagnosis.display == "Астма"
    assert card.raw(diagnosis.id).content == encoded(goal)
    assert card.record(diagnosis.id) == diagnosis


def test_contained_resources_refer_to_each_other(card: LocalCard, take: Take) -> None:
    clinic = CLINIC | {"id": "in", "name": "Клиника внутри"}
    visit = {"resourceType": "Encounter", "id": "v", "serviceProvider": {"reference": "#in"}}
    take(bundle(PATIENT, lab("o1", contained=[clinic, visit, visit])))
    assert [found.clinic and found.clinic.name for found in card.visits(ALL)] == ["Клиника внутри"] * 2


def test_many_contained_resources_cost_no_square(take: Take) -> None:
    inner = [{"resourceType": "Procedure", "id": f"p{n}", "code": {"text": "Укол"}} for n in range(2000)]
    links = [CLINIC | {"id": f"c{n}"} for n in range(2000)]
    started = process_time()
    result = take(bundle(PATIENT, lab("o1", contained=[*inner, *links])))
    assert places(result.account) == {"records": 2001, "supporting": 2001}
    assert process_time() - started < 20


def test_what_is_contained_and_names_another_person_is_not_shown(card: LocalCard, take: Take) -> None:
    aliens = [ASTHMA | {"id": f"a{number}", "subject": {"reference": name}} for number, name in enumerate(ALIENS)]
    own = [ASTHMA | {"id": "a", "subject": {"reference": name}} for name in ("Patient/p1", "urn:uuid:p1")]
    result = take(bundle(PATIENT, lab("o1", contained=aliens), lab("o2", contained=own)))
    assert places(result.account) == {"records": 4, "supporting": 1, "unread": 2}
    assert {diagnosis.id.partition("#")[0] for diagnosis in card.diagnoses(ALL)} == {
        card.named("Observation/o2", card.owner())
    }


def test_the_card_remembers(card: LocalCard, take: Take) -> None:
    for document in (
        bundle(PATIENT, lab("o1"), UNKNOWN),
        b"\n".join([encoded(PATIENT | {"id": "p9"}), b'{"resourceType":"Goal"']),
    ):
        take(document, person="auto")
    held = card.holdings(ALL)
    assert places(held.account()) == {"records": 1, "supporting": 2, "unread": 2}
    assert {(part.what, part.count) for part in held.unread(str)} == {("Horoscope", 1), ("Goal", 1)}
    assert places(card.holdings(CardQuery(extra={"categories": "visits"})).account()) == {"supporting": 2, "unread": 1}


def test_a_card_of_an_older_emk_is_looked_at_once(card: LocalCard, take: Take) -> None:
    """As if the step of the schema met it; what no resource tells by itself comes when its file is read again."""
    document = bundle(PATIENT, lab("o1", contained=[ASTHMA, UNKNOWN]), UNKNOWN, _report("o1"))
    account = take(document).account
    held = card.holdings(ALL).account()
    assert (held, places(held)) == (account, {"records": 2, "supporting": 2, "unread": 2})
    card.store.run("UPDATE piece SET placements = NULL")
    assert card.holdings(ALL).account() != account
    stored_placements.note_all(card.store.db)
    assert card.holdings(ALL).account() == account


def _report(result: str) -> dict[str, Any]:
    """Nothing but the frame of a result."""
    code, listed = {"text": "Анализ"}, [{"reference": f"Observation/{result}"}]
    return {"resourceType": "DiagnosticReport", "id": "r", "category": LAB, "code": code, "result": listed}


def test_reading_anew_finds_what_an_older_emk_did_not_remember(card: LocalCard, take: Take) -> None:
    lines = b"\n".join([encoded(PATIENT), encoded(_report("o1") | {"id": "x"}), b'{"resourceType":"Goal"'])
    account = take(lines).account
    assert card.holdings(ALL).account() == account
    card.store.db.execute("UPDATE piece SET placements = NULL; UPDATE document SET unread = NULL, reader = 0")
    take(lines)
    assert card.holdings(ALL).account() == account


LEAVES = st.sampled_from(
    [lab("o1"), lab("o2", 7), CLINIC, ASTHMA, UNKNOWN, ALIEN, BORIS, {"resourceType": "Flag", "id": "f"}]
)


def _containing(owner: dict[str, Any], inner: list[dict[str, Any]]) -> dict[str, Any]:
    return owner | {"contained": inner}


RESOURCES = st.one_of(
    LEAVES,
    st.builds(_containing, LEAVES, st.lists(LEAVES, min_size=1, max_size=3)),
    st.builds(lambda inner: bundle(*inner), st.lists(LEAVES, max_size=3)),
    st.builds(lambda inner: {"resourceType": "Parameters", "parameter": [{"resource": inner}]}, LEAVES),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(RESOURCES, max_size=5))
def test_the_numbers_add_up(tmp_path_factory: pytest.TempPathFactory, resources: list[dict[str, Any]]) -> None:
    home = tmp_path_factory.mktemp("card")
    card = localcard.open_card(home, None, insecure=True)
    document = bundle(PATIENT, *resources)
    path = home / "one.json"
    path.write_bytes(encoded(document))
    (result,) = localcard.ingest(card, document_reader.read(str(path)), None)
    written = json.dumps(document).count('"resourceType"') - json.dumps(document).count('"resourceType": "Bundle"')
    assert result.account.total == written == sum(places(result.account).values())
    assert result.account.unread == sum(part.count for part in result.unread)
    if result.status == "added":
        held = card.holdings(ALL).account()
        stored = (
            result.account.total - result.account.duplicate - result.account.superseded - result.account.other_person
        )
        assert (held.total, held.unread) == (stored, result.account.unread)
    card.close()


def outcome(severity: str) -> dict[str, Any]:
    details = {"text": "Часть результатов ещё не готова"}
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": "incomplete", "details": details}],
    }


def test_what_a_source_warns_of_is_a_warning_and_what_failed_is_unread(take: Take) -> None:
    warned = take(bundle(PATIENT, lab("o1"), outcome("warning")))
    assert (warned.account.unread, warned.account.supporting) == (0, 2)
    assert any("Часть результатов ещё не готова" in warning for warning in warned.warnings)
    failed = take(bundle(PATIENT, lab("o2"), outcome("error")))
    assert [one.what for one in failed.unread] == ["OperationOutcome"]
    assert failed.warnings == []


def test_a_patient_who_is_not_in_the_file_is_somebody_else(card: LocalCard, take: Take) -> None:
    absent = lab("o9", subject={"reference": "Patient/absent"})
    result = take(bundle(PATIENT, lab("o1"), absent))
    assert places(result.account) == {"records": 1, "supporting": 1, "other_person": 1}
    assert [one.id for one in card.labs(ALL)] != []
    assert len(list(card.labs(ALL))) == 1


def test_a_patient_whom_nobody_names_is_whom_the_file_is_about(take: Take) -> None:
    result = take(bundle(PATIENT, lab("o9", subject={"reference": "Patient/absent"})))
    assert places(result.account) == {"records": 1, "supporting": 1}


def test_a_linked_patient_who_is_elsewhere_is_the_same(take: Take) -> None:
    before = "https://a.example/fhir/Patient/before"
    linked = {**PATIENT, "link": [{"other": {"reference": before}, "type": "replaces"}]}
    result = take(bundle(linked, lab("o1"), lab("o9", subject={"reference": before})))
    assert places(result.account) == {"records": 2, "supporting": 1}


def test_what_was_unread_is_unread_when_it_comes_again(take: Take) -> None:
    whole = bundle(PATIENT, lab("o1"), bundle(bundle(bundle(lab("o8")))))
    first, second = take(whole), take(whole)
    other = take({**whole, "timestamp": "2026-03-02T00:00:00Z"})
    assert (first.status, second.status) == ("added", "duplicate")
    assert first.account.unread > 0
    for again in (second, other):
        assert [(part.what, part.count) for part in again.unread] == [(part.what, part.count) for part in first.unread]
        assert again.account.total == first.account.total == again.account.duplicate + again.account.unread


def test_what_was_left_out_is_not_in_the_card_when_it_comes_again(take: Take) -> None:
    untold = {"resourceType": "Condition", "id": "u", "code": {"text": "Астма"}}
    mixed = bundle(PATIENT, lab("o1"), ALIEN, untold)
    first, second = take(mixed), take(mixed)
    other = take({**mixed, "timestamp": "2026-03-02T00:00:00Z"})
    assert (first.status, second.status, other.status) == ("added", "duplicate", "duplicate")
    assert places(first.account) == {"records": 1, "supporting": 1, "other_person": 1, "unread": 1}
    for again in (second, other):
        assert places(again.account) == {"duplicate": 2, "other_person": 1, "unread": 1}
        assert [(part.what, part.reason) for part in again.unread] == [("Condition", "it does not tell whose it is")]
        assert again.warnings == first.warnings == ["Records of another person were left out: Observation 1."]


def state_of_patient(version: int, name: str, **more: Any) -> dict[str, Any]:
    meta = {"versionId": str(version), "lastUpdated": f"2026-0{version}-01T10:00:00Z"}
    return PATIENT | {"meta": meta, "name": [{"family": name, "given": ["Анна", "Львовна"]}]} | more


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_newest_state_says_who_a_person_is(card: LocalCard, take: Take, order: tuple[int, int]) -> None:
    states = [
        bundle(state_of_patient(2, "Пробная", deceasedBoolean=True), lab("o1")),
        bundle(state_of_patient(3, "Новаева", deceasedBoolean=False), lab("o2")),
    ]
    for number in order:
        take(states[number])
    person = card.person()
    assert (person.name, person.deceased) == ("Новаева Анна Львовна", None)


def test_a_death_is_told_by_the_newest_state(card: LocalCard, take: Take) -> None:
    take(bundle(state_of_patient(3, "Пробная", deceasedDateTime="2026-02-20"), lab("o1")))
    take(bundle(state_of_patient(2, "Пробная"), lab("o2")))
    assert card.person().deceased == "2026-02-20"


def test_a_deletion_is_told_also_where_nothing_is_new(take: Take) -> None:
    first = {"fullUrl": "https://a.example/Observation/o1", "resource": lab("o1", meta={"versionId": "1"})}
    gone = {"request": {"method": "DELETE", "url": "Observation/o1"}, "response": {"status": "204"}}
    patient = {"fullUrl": "https://a.example/Patient/p1", "resource": PATIENT}
    take({"resourceType": "Bundle", "type": "collection", "entry": [patient, first]})
    again = take({"resourceType": "Bundle", "type": "history", "entry": [patient, gone, first]})
    assert again.status == "duplicate"
    assert any("deleted at the source" in warning for warning in again.warnings)
