"""The synced copy: the same card without the server, only what changed, and what is said of what could not be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from emkcli.api import backends
from emkcli.localcard import profile_cards
from tests.contract.test_card import LISTS, with_childs_card
from tests.contract.world import World

EMPTY = {"added": {}, "changed": {}, "removed": {}}


def sync(world: World, *more: str) -> Any:
    return world.ok("card", "sync", "--insecure-storage", *more).item


def news(result: Any) -> dict[str, Any]:
    return {name: result[name] for name in EMPTY}


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No backend can be built any more."""

    def refused(name: str) -> Any:
        raise AssertionError(f"{name} was asked for")

    monkeypatch.setattr(backends, "recipe", refused)


def amend(world: World, record: str, **changes: Any) -> None:
    body = json.dumps(changes, ensure_ascii=False)
    assert world("api", "PATCH", f"/mock/fhir/{record}", "--input", "-", stdin=body).code == 0


def delete(world: World, record: str) -> None:
    assert world("api", "DELETE", f"/mock/fhir/{record}").code == 0


def requests(world: World) -> list[str]:
    """The paths asked for since the log was cleared, tokens apart."""
    return [entry["path"].partition("?")[0] for entry in world.ok("mock", "log").items if "oauth" not in entry["path"]]


def cards(world: World) -> list[str]:
    return sorted(path.name for path in (world.home / "state" / "cards").rglob("*") if path.is_file())


def by_id(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {item["id"]: item for item in items}


def test_the_same_card_without_the_server(world: World, request: pytest.FixtureRequest) -> None:
    result = sync(world.at("activated"))
    assert (result["complete"], result["missing"], result["changed"], result["removed"]) == (True, [], {}, {})
    online = {name: world.ok("card", name).json for name in LISTS}
    assert result["added"] == {name: len(found["items"]) for name, found in online.items()}
    one = world.ok("card", "show", online["visits"]["items"][0]["id"]).item
    log = world.ok("card", "access-log").items
    world.ok("logout")
    request.getfixturevalue("no_network")
    for name, found in online.items():
        offline = world.ok("card", name, "--offline").json
        assert by_id(offline["items"]) == by_id(found["items"]), name
        same = ("kind", "backend", "demo", "profile", "person", "total", "truncated")
        assert {key: offline[key] for key in same} == {key: found[key] for key in same}
        assert offline["fetched_at"] == result["synced_at"]
        assert offline["warnings"] == []
    assert world.ok("card", "show", one["id"], "--offline").item == one
    assert world.ok("card", "show", one["id"].partition("/")[2], "--offline").item == one
    assert world.ok("card", "summary", "--offline").item["clinic"]["id"]
    logged = world.ok("card", "access-log", "--offline").items
    assert log[: len(logged)] == logged or log[-len(logged) :] == logged


def test_an_unchanged_card_costs_one_request_per_type(world: World) -> None:
    world.at("synced")
    sync(world)  # the log of the card has the first sync itself
    world.ok("mock", "log", "--clear")
    result = sync(world)
    asked = [path for path in requests(world) if path.startswith("/fhir")]
    assert news(result) == EMPTY
    assert sum(result["unchanged"].values()) > 500
    assert len(asked) == len(set(asked)), "nothing is asked for twice"
    assert "/fhir/R4/Observation" in asked
    assert world("card", "sync", "--if-changed").out == ""
    assert world("card", "sync", "--if-changed", "--json").code == 0


def test_amendments_and_deletions_are_noticed(world: World) -> None:
    labs = world.at("synced").ok("card", "labs").items
    wrong, gone = labs[0]["id"], labs[1]["id"]
    amend(world, wrong, status="entered-in-error", valueQuantity={"value": 99.5})
    delete(world, gone)
    result = sync(world)
    assert news(result) == {"added": {}, "changed": {"labs": 1}, "removed": {"labs": 1}}
    assert result["unchanged"]["labs"] == len(labs) - 2
    offline = by_id(world.ok("card", "labs", "--offline").items)
    assert (offline[wrong]["status"], offline[wrong]["value"]) == ("entered-in-error", "99.5")
    assert offline == by_id(world.ok("card", "labs").items)
    assert world.fails(3, "not_found", "card", "show", gone, "--offline")


def test_as_many_come_as_go(world: World) -> None:
    """The number alone would not tell."""
    old = world.at("synced").ok("card", "prescriptions").items[0]
    world.ok("request", "create", "prescription", "--medicine", "Вымышлин", "--yes")
    world.advance("96h")
    world.ok(*world.login())
    delete(world, old["id"])
    assert news(sync(world)) == {"added": {"prescriptions": 1}, "changed": {}, "removed": {"prescriptions": 1}}
    offline = world.ok("card", "prescriptions", "--offline").items
    assert by_id(offline) == by_id(world.ok("card", "prescriptions").items)


def test_a_record_changes_with_what_it_is_read_with(world: World) -> None:
    world.at("synced")
    amend(world, f"Organization/{world.ok('status').item['clinic']['id']}", name="Поликлиника с новым именем")
    visits = [item for item in world.ok("card", "visits").items if item["clinic"]["name"].endswith("новым именем")]
    result = sync(world)
    assert (result["added"], result["removed"]) == ({}, {})
    assert result["changed"]["visits"] == len(visits) > 0
    for name in ("visits", "labs", "documents", "vaccinations"):
        assert by_id(world.ok("card", name, "--offline").items) == by_id(world.ok("card", name).items), name


def test_what_belongs_to_a_record_is_deleted(world: World) -> None:
    lab = next(item for item in world.at("synced").ok("card", "labs").items if item["report_id"])
    delete(world, lab["report_id"])
    assert sync(world)["changed"]["labs"] >= 1
    assert by_id(world.ok("card", "labs", "--offline").items) == by_id(world.ok("card", "labs").items)


def test_everything_anew_finds_what_the_server_does_not_tell(world: World) -> None:
    world.at("synced")
    assert news(sync(world, "--full")) == EMPTY
    delete(world, world.ok("card", "vitals").items[0]["id"])
    assert news(sync(world, "--full")) == EMPTY | {"removed": {"vitals": 1}}


def test_a_card_that_was_never_synced(world: World, request: pytest.FixtureRequest) -> None:
    world.at("new")
    request.getfixturevalue("no_network")
    error = world.fails(3, "not_found", "card", "labs", "--offline")
    assert error["hint"] == "emk card sync"


def test_without_a_session_the_copy_is_read_and_it_is_said(world: World) -> None:
    world.at("synced").ok("logout")
    listed = world.ok("card", "labs").json
    assert (listed["demo"], len(listed["items"])) == (True, listed["total"])
    assert listed["backend"] == world.ok("card", "labs", "--offline").json["backend"]
    assert "last sync" in listed["warnings"][0]
    assert world.ok("card", "summary").item["allergies"]
    assert world.fails(4, "login_required", "card", "sync", "--insecure-storage")


def test_without_a_safe_place_nothing_is_asked_and_nothing_kept(world: World) -> None:
    world.at("activated").ok("mock", "log", "--clear")
    assert "EMK_PASSPHRASE_FILE" in world.fails(4, "no_secret_storage", "card", "sync")["hint"]
    assert not [path for path in requests(world) if path.startswith("/fhir")]
    assert [name for name in cards(world) if name.endswith(".sqlite3")] == []


def test_a_type_that_fails_is_named_and_the_rest_is_there(world: World) -> None:
    world.at("activated").ok("mock", "fault", "add", "html", "--path", "/fhir/R4/AllergyIntolerance", "--times", "0")
    done = world("card", "sync", "--insecure-storage", "--json")
    assert done.code == 12
    assert (done.item["complete"], [one["what"] for one in done.item["missing"]]) == (False, ["AllergyIntolerance"])
    assert done.item["missing"][0]["why"]
    labs = world.ok("card", "labs", "--offline").json
    assert labs["items"]
    assert "(allergy)" in labs["warnings"][0]
    assert world.ok("card", "allergies", "--offline").items == []
    world.ok("mock", "fault", "clear")
    again = sync(world)
    assert set(again["added"]) == {"allergies"}
    assert (again["complete"], world.ok("card", "labs", "--offline").json["warnings"]) == (True, [])


def test_a_page_in_the_middle_that_fails(world: World) -> None:
    """What came before it is kept, and the next sync goes on there."""
    world.at("activated").ok("mock", "fault", "add", "empty", "--path", "/fhir/R4/Observation", "--after", "2")
    done = world("card", "sync", "--insecure-storage", "--json")
    assert (done.code, [one["what"] for one in done.item["missing"]]) == (12, ["Observation"])
    some = world.ok("card", "labs", "--offline").items + world.ok("card", "vitals", "--offline").items
    assert some
    rest = sync(world)["added"]
    assert rest["labs"] + rest.get("vitals", 0) + len(some) == sum(
        len(world.ok("card", name).items) for name in ("labs", "vitals")
    )


def test_a_token_that_ends_between_two_pages(world: World) -> None:
    world.at("activated").ok("mock", "fault", "add", "401-mid-paging", "--path", "/fhir")
    assert sync(world)["complete"]


def test_a_session_that_ends_in_the_middle(world: World) -> None:
    world.at("activated").ok("mock", "fault", "add", "401-mid-paging", "--path", "/fhir", "--times", "0")
    done = world("card", "sync", "--insecure-storage", "--json")
    assert done.code == 12
    assert "Observation" in [one["what"] for one in done.item["missing"]]
    told = world("card", "sync", "--insecure-storage", "-o", "table").out.partition("Missing")[2].splitlines()
    assert len(told) < 8, "a line for each reason, and not for each of dozens of types"
    (line,) = [line for line in told if "more: " in line]
    assert line.count(",") >= 4
    (warning,) = world.ok("card", "visits", "--offline").json["warnings"]
    assert " more)" in warning
    assert len(warning) < 250
    assert world.ok("card", "visits", "--offline").items
    world.ok("mock", "fault", "clear")
    world.ok(*world.login())
    assert sync(world)["complete"]


def test_new_has_the_same_marks_online_and_offline(world: World) -> None:
    first = world.at("synced").ok("card", "labs", "--new", "--limit", "5").items
    assert first
    rest = world.ok("card", "labs", "--new", "--offline").items
    assert not {item["id"] for item in first} & {item["id"] for item in rest}
    again = world("card", "labs", "--new", "--exit-code", "--offline", "--json")
    assert (again.code, again.items) == (3, [])
    assert world.ok("card", "labs", "--new").items == []
    amend(world, first[0]["id"], status="amended")
    sync(world)
    assert [item["id"] for item in world.ok("card", "labs", "--new", "--offline").items] == [first[0]["id"]]


def test_a_child_is_synced_apart_until_access_ends(world: World) -> None:
    name = with_childs_card(world)
    mine = sync(world)
    theirs = sync(world, "--person", name)
    assert (theirs["person"]["id"], theirs["added"] != mine["added"]) == (name, True)
    online = world.ok("card", "vaccinations", "--person", name).json
    offline = world.ok("card", "vaccinations", "--person", name, "--offline").json
    assert (offline["person"], by_id(offline["items"])) == (online["person"], by_id(online["items"]))
    assert world.ok("card", "labs", "--offline").json["person"]["id"] == mine["person"]["id"]
    both = world.ok("card", "sync", "--person", "all").items
    assert {item["person"]["id"] for item in both} == {name, mine["person"]["id"]}
    assert all(news(item) == EMPTY for item in both)
    assert world("card", "sync", "--person", "all", "--if-changed").out == ""
    world.ok("mock", "clock", "set", "2045-01-01T00:00:00+03:00")
    world.ok(*world.login())
    assert world.fails(5, "forbidden", "card", "sync", "--person", name)
    assert "20" in world.fails(5, "forbidden", "card", "vaccinations", "--person", name, "--offline")["message"]
    assert world.ok("card", "labs", "--offline").items, "one's own card stays"


def test_a_family_is_synced_as_far_as_it_may_be(world: World) -> None:
    done = world.at("activated").ok("card", "sync", "--person", "all", "--insecure-storage")
    assert len(done.items) == 1
    assert "not activated" in done.json["warnings"][-1]


def test_forgetting_leaves_nothing(world: World) -> None:
    world.at("synced")
    assert [name for name in cards(world) if name.endswith(".sqlite3")]
    assert world.ok("card", "forget", "--yes").item == {"removed": True}
    # a lock is never removed: another process may wait for it
    assert all(name.endswith(".lock") for name in cards(world))
    assert world.fails(3, "not_found", "card", "labs", "--offline")
    assert world.ok("card", "labs").items, "what the server holds stays"


def test_a_second_sync_of_the_same_card_waits_its_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.at("synced")
    monkeypatch.setattr(profile_cards, "SYNC_WAITS", 0.1)
    (lock,) = (path for path in (world.home / "state" / "cards").rglob("*.lock") if path.name != "card.lock")
    with FileLock(lock):
        assert world.fails(13, "busy", "card", "sync")["retryable"]
    assert news(sync(world)) == EMPTY


def test_the_files_are_private_and_tell_nothing(world: World) -> None:
    world.at("synced")
    for path in (world.home / "state" / "cards").rglob("*.sqlite3*"):
        assert path.stat().st_mode & 0o777 == 0o600
        assert "Сойкина".encode() not in path.read_bytes()
        assert "127.0.0.1" not in path.name


def exported(world: World, path: Path) -> str:
    world.ok("card", "export", "--format", "fhir", "--to", str(path))
    return str(path)


def test_a_result_of_server_and_document_is_one_record_with_two_sources(world: World, tmp_path: Path) -> None:
    file = exported(world.at("synced"), tmp_path / "card.json")
    before = {name: world.ok("card", name, "--offline").items for name in LISTS}
    assert world.ok("card", "labs", "--new", "--offline").items
    assert world.ok("card", "import", file).items[0]["status"] == "added"
    for name, items in before.items():
        merged = world.ok("card", name, "--offline").json
        assert merged["total"] == len(merged["items"]) == len(items)
        assert [item["source"] for item in merged["items"]] == ["server"] * len(items)
        assert all(item.pop("sources")[1]["file"] == file for item in merged["items"]), name
        assert by_id(merged["items"]) == by_id(items)
    assert world.ok("card", "labs", "--new", "--offline").items == [], "a second source is nothing new"
    one = world.ok("card", "labs", "--backend", "local").items[0]
    assert one["id"].startswith("i-")
    shown = world.ok("card", "show", one["id"], "--offline").item
    assert (shown["source"], len(shown["sources"])) == ("server", 2)
    assert "sources" not in world.ok("card", "labs").items[0], "online is the server's"


def test_what_the_server_removed_stays_as_the_document_has_it(world: World, tmp_path: Path) -> None:
    file = exported(world.at("synced"), tmp_path / "card.json")
    world.ok("card", "import", file)
    labs = world.ok("card", "labs").items
    delete(world, labs[0]["id"])
    amend(world, labs[1]["id"], valueQuantity={"value": 77.7})
    sync(world)
    offline = world.ok("card", "labs", "--offline").items
    assert len(offline) == len(labs) + 1
    kept = {item["value"] for item in offline if item["source"] != "server"}
    assert kept == {labs[0]["value"], labs[1]["value"]}
    assert by_id(offline)[labs[1]["id"]]["value"] == "77.7"
    assert world.ok("card", "show", labs[0]["id"], "--offline").item["source"]["file"] == file


def test_nothing_invented_is_among_the_imports(world: World, tmp_path: Path) -> None:
    file = exported(world.at("synced"), tmp_path / "card.json")
    assert world("card", "labs", "--backend", "local", "--json").code == 3, "a mock's copy is no local card"
    other = json.loads(Path(file).read_text(encoding="utf-8"))
    patient = next(e["resource"] for e in other["entry"] if e["resource"]["resourceType"] == "Patient")
    patient["name"] = [{"family": "Другая", "given": ["Ольга"]}]
    patient["birthDate"], patient["identifier"] = "1970-01-01", []
    elsewhere = tmp_path / "other.json"
    elsewhere.write_text(json.dumps(other), encoding="utf-8")
    world.ok("card", "import", str(elsewhere))
    local = world.ok("card", "labs", "--backend", "local").json
    assert (local["demo"], {item["source"] == "server" for item in local["items"]}) == (False, {False})
    offline = world.ok("card", "labs", "--offline").json
    assert (offline["demo"], {item["source"] for item in offline["items"]}) == (True, {"server"})
    assert not any("sources" in item for item in offline["items"]), "another person's documents are not merged in"
    assert world.fails(11, "unsupported", "card", "sync", "--backend", "local")


def test_an_export_of_the_copy_says_when_it_was_made(world: World, tmp_path: Path, request: Any) -> None:
    at = sync(world.at("activated"))["synced_at"]
    world.ok("card", "export", "--format", "json", "--to", str(tmp_path / "on.json"))
    request.getfixturevalue("no_network")
    result = world.ok("card", "export", "--format", "json", "--to", str(tmp_path / "off.json"), "--offline").item
    assert result["complete"]
    assert json.loads((tmp_path / "off.json").read_text(encoding="utf-8"))["fetched_at"] == at
    whole = world.ok("card", "export", "--format", "fhir", "--to", str(tmp_path / "off-fhir.json"), "--offline").item
    assert (whole["complete"], whole["missing"]) == (True, [])
