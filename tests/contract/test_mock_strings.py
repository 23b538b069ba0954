"""`emk mock`: the journal, faults, scenarios and people, from the command line and behind both doors."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.contract.world import PERSON, World

KEPT = 1000
SENT = ("mock", "log", "--method", "POST", "--path", "/api/v1/requests*")


def test_a_script_asks_whether_it_was_sent_once(world: World) -> None:
    world.at("activated").ok("mock", "log", "--clear")
    assert world(*SENT, "--exit-code").code == 3
    assert world(*SENT).code == 0
    world.ok("request", "create", "prescription", "--medicine", "Ибупрофен", "--yes")
    told = world(*SENT, "--status", "201", "--query", "total")
    assert (told.code, told.out.strip()) == (0, "1")
    found = world(*SENT, "--exit-code", "--json")
    assert found.code == 0
    assert [line["path"] for line in found.items] == ["/api/v1/requests"]
    assert (found.json["total"], found.json["truncated"], found.json["warnings"]) == (1, False, [])
    assert world(*SENT, "--status", "400", "--exit-code").code == 3
    world.ok("profile", "show")
    newest = world.ok("mock", "log", "--limit", "1")
    assert (len(newest.items), newest.json["truncated"]) == (1, True)
    assert newest.json["total"] > 1


@pytest.mark.parametrize(
    "wrong",
    [
        ("--path", "api/v1"),
        ("--status", "12"),
        ("--status", "x"),
        ("--method", "G E T"),
        ("--clear", "--status", "200"),
    ],
)
def test_a_question_to_the_journal_that_is_none(embedded: World, wrong: tuple[str, ...]) -> None:
    embedded.at("registered")
    before = embedded.ok("mock", "log").items
    run = embedded("mock", "log", *wrong, "--json")
    assert (run.code, run.out) == (2, "")
    assert embedded.ok("mock", "log").items == before != []


def test_a_journal_that_lost_its_beginning_never_looks_whole(served: World) -> None:
    served.at("new").ok("mock", "log", "--clear")
    with httpx.Client(base_url=served.url, trust_env=False) as http:
        for _ in range(KEPT + 1):
            http.get("/.well-known/emk")
    served.ok("mock", "log", "--limit", "1")  # what this asks is noted too
    whole = served("mock", "log", "--json")
    assert (whole.code, whole.json["truncated"], whole.json["total"]) == (0, True, KEPT)
    assert "older ones are lost" in whole.json["warnings"][0]
    absent = served(*SENT, "--exit-code", "-o", "plain")
    assert (absent.code, absent.out) == (12, "")
    assert "older ones are lost" in absent.err
    assert served("mock", "log", "--limit", "2", "--exit-code").code == 0


def test_pages_whose_search_has_ended_are_no_list(world: World) -> None:
    whole = world.at("activated").ok("card", "labs").items
    assert len(whole) > 200
    world.ok("mock", "fault", "add", "stale-page")
    assert world.ok("card", "labs").items == whole, "once it is read anew"
    assert world.ok("mock", "fault", "list").items == []
    world.ok("mock", "fault", "add", "stale-page", "--times", "0")
    told = world.fails(8, "bad_response", "card", "labs")
    assert "would be incomplete" in told["message"]
    assert told["retryable"] is True
    assert told["request_id"]
    exported = world("card", "export", "--format", "fhir", "--to", str(world.files / "card.json"), "--json")
    assert exported.code == 12
    assert exported.item["complete"] is False
    assert world("card", "sync", "--insecure-storage", "--json").code in (8, 12)


def test_pages_of_the_portal_too(world: World) -> None:
    whole = world.at("connected").ok("doctor", "list").items
    assert len(whole) > 200
    world.ok("mock", "fault", "add", "stale-page")
    told = world.fails(8, "bad_response", "doctor", "list")
    assert "would be incomplete" in told["message"]
    assert told["retryable"] is True
    assert told["request_id"]
    assert world.ok("doctor", "list").items == whole


def test_faults_at_a_rate(world: World) -> None:
    world.at("new")
    planned = world.ok("mock", "fault", "add", "5xx", "--path", "/api/v1", "--rate", "0.25").item
    assert (planned["rate"], planned["times"]) == (0.25, 0)
    assert world.ok("mock", "fault", "list").items == [planned]
    for wrong in ("0", "1.5", "-1", "nan", "x"):
        assert world("mock", "fault", "add", "5xx", "--rate", wrong).code == 2
    assert world.ok("mock", "fault", "clear").items == []


def test_a_slow_server_is_waited_for_as_long_as_was_said(world: World) -> None:
    world.at("activated").ok("mock", "scenario", "slow")
    told = world.fails(7, "timeout", "--timeout", "1", "profile", "show")
    assert "--timeout" in told["hint"]
    assert world.ok("--timeout", "20", "profile", "show").item["name"]
    world.ok("mock", "scenario", "happy")


def test_the_card_of_a_child(world: World) -> None:
    world.at("activated").ok("mock", "scenario", "child")
    [child] = [person for person in world.ok("person", "list").items if person["relation"] == "child"]
    vaccinations = world.ok("--person", child["id"], "card", "vaccinations")
    assert vaccinations.json["person"]["id"] == child["id"]
    assert len(vaccinations.items) > 5


def test_a_consent_withdrawn_elsewhere(world: World) -> None:
    world.at("activated").ok("mock", "scenario", "consent-withdrawn")
    for line in (("card", "labs"), ("card", "summary"), ("card", "sync", "--insecure-storage")):
        told = world.fails(5, "consent_required", *line)
        assert told["hint"] == "emk connect --accept-consent medical-data@1"
    assert world.ok("status").item["status"] == "activated"
    world.ok("connect", "--accept-consent", "medical-data@1")
    assert world.ok("card", "labs").items


def test_the_person_of_a_file(world: World) -> None:
    file = world.at("new").person_file("other.json", middle_name=None, phone="+79000009901", snils="000-000-109 09")
    made = world.ok("mock", "seed", "--from", file, "--state", "verified").item
    assert (made["phone"], made["trust"]) == ("+79000009901", "confirmed")
    assert made["name"] == f"{PERSON['last_name']} {PERSON['first_name']}", "nothing of the usual one's"
    assert made["next"] == "emk login"
    assert PERSON["snils"] not in json.dumps(made)


def test_somebody_else_at_every_call(world: World) -> None:
    world.at("new")
    people = [world.ok("mock", "seed", "--another", "--records", "5").item for _ in range(3)]
    assert len({person["phone"] for person in people}) == len({person["person_id"] for person in people}) == 3
    world.ok("mock", "reset", "--yes", "--seed", "1")
    assert world.ok("mock", "seed", "--another").item["phone"] == people[0]["phone"], "the same ones from the beginning"
    world.ok("mock", "seed")
    world.fails(6, "conflict", "mock", "seed", "--records", "5")
    for line in (("seed",), ("reset", "--yes"), ("serve",)):
        world.fails(2, "usage", "mock", *line, "--records", "100001")


@pytest.mark.parametrize("content", ["", "phone = 1", "{", "last_name: Ы\nlast_nam: Ы\n", "\x00", '{"phone": "+7"}'])
def test_a_file_that_is_no_person(embedded: World, content: str) -> None:
    file = embedded.at("new").files / "somebody.toml"
    file.write_text(content)
    before = embedded.ok("mock", "inbox").items
    run = embedded("mock", "seed", "--from", str(file), "--no-input", "--json")
    assert (run.code, run.out) == (2, "")
    assert embedded("mock", "seed", "--from", embedded.person, "--another").code == 2
    assert embedded.ok("mock", "inbox").items == before
