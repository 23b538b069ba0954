"""«ЭМК Москвы» and its two consents: asked for one by one, remembered with version, checksum and time."""

from __future__ import annotations

import hashlib

from tests.contract.world import BOTH, World

MEDICAL, TRANSFER = ("--accept-consent", "medical-data@1"), ("--accept-consent", "egisz-transfer@1")


def statuses(world: World) -> dict[str, str]:
    return {item["id"]: item["status"] for item in world.ok("consent", "list").items if item["status"] != "superseded"}


def test_without_consents_nothing_is_connected_and_the_hint_names_both(world: World) -> None:
    error = world.at("logged-in").fails(5, "consent_required", "connect")
    assert error["hint"] == "emk connect --accept-consent medical-data@1 --accept-consent egisz-transfer@1"
    assert world.ok("application", "list").items == []
    assert statuses(world) == {"medical-data": "required", "egisz-transfer": "required"}


def test_yes_accepts_nothing(world: World) -> None:
    world.at("logged-in")
    assert world("connect", "--yes", "--json").code == 2
    assert set(statuses(world).values()) == {"required"}


def test_the_hint_is_the_command_that_works(world: World) -> None:
    hint = world.at("logged-in").fails(5, "consent_required", "connect")["hint"]
    application = world.ok(*hint.split()[1:]).item
    assert (application["status"], application["next"]) == ("draft", "emk clinic list --near residence")
    assert statuses(world) == {"medical-data": "accepted", "egisz-transfer": "accepted"}


def test_one_consent_is_not_both(world: World) -> None:
    for consent in (MEDICAL, TRANSFER):
        world.at("logged-in").fails(5, "consent_required", "connect", *consent)
        assert world.ok("application", "list").items == []


def test_a_wrong_version_is_refused(world: World) -> None:
    error = world.at("logged-in").fails(
        5, "consent_required", "connect", *MEDICAL, "--accept-consent", "egisz-transfer@7"
    )
    assert error["details"]["current_version"] == "1"
    assert "7" in error["message"]
    assert set(statuses(world).values()) == {"required"}


def test_a_consent_named_by_half_is_a_usage_error(world: World) -> None:
    world.at("logged-in")
    for text in ("medical-data", "@1", "medical-data@"):
        assert world.fails(2, "usage", "connect", "--accept-consent", text)["hint"] == "emk consent list"


def test_a_consent_nobody_asks_for_is_refused(world: World) -> None:
    error = world.at("logged-in").fails(2, "usage", "connect", *BOTH, "--accept-consent", "marketing@1")
    assert "marketing" in error["message"]
    assert set(statuses(world).values()) == {"required"}


def test_what_was_accepted_is_recorded_with_its_checksum(world: World) -> None:
    world.at("connected")
    for item in world.ok("consent", "list").items:
        assert item["sha256"] == hashlib.sha256(item["text"].encode()).hexdigest()
        assert item["accepted_at"].endswith("+03:00")
        text = world("consent", "export", item["id"])
        assert hashlib.sha256(text.out.encode()).hexdigest() == item["sha256"]
        assert world.ok("consent", "show", item["id"]).item == item


def test_connecting_again_changes_nothing(world: World) -> None:
    first = world.at("connected").ok("application", "list").items
    assert world.ok("connect").item["id"] == first[0]["id"]
    assert world.ok("application", "list").items == first


def test_a_dry_run_names_the_consents_and_writes_nothing(world: World) -> None:
    world.at("logged-in").ok("mock", "log", "--clear")
    planned = world.ok("connect", "--dry-run").item
    assert planned["consents"] == ["medical-data@1", "egisz-transfer@1"]
    assert {entry["method"] for entry in world.ok("mock", "log").items} == {"GET"}


def test_a_new_version_of_a_text_asks_again(world: World) -> None:
    world.at("activated").ok("mock", "scenario", "new-consent")
    assert world.fails(5, "consent_required", "card", "labs")["hint"] == "emk connect --accept-consent egisz-transfer@2"
    old = world.fails(5, "consent_required", "connect", *TRANSFER)
    assert old["details"]["current_version"] == "2"
    assert "remote monitoring" in old["message"]
    error = world.fails(5, "consent_required", "connect")
    assert error["hint"] == "emk connect --accept-consent egisz-transfer@2"
    world.ok(*error["hint"].split()[1:])
    versions = {(item["id"], item["version"]): item["status"] for item in world.ok("consent", "list").items}
    assert versions["egisz-transfer", "1"] == "superseded"
    assert versions["egisz-transfer", "2"] == "accepted"
    assert world.ok("card", "labs", "--limit", "1").items


def test_an_old_consent_that_was_revoked_is_not_asked_for_beside_the_new_one(world: World) -> None:
    world.at("activated").ok("consent", "revoke", "egisz-transfer", "--yes")
    world.ok("mock", "scenario", "new-consent")
    assert world.fails(5, "consent_required", "connect")["details"]["consents"] == ["egisz-transfer@2"]
    world.ok("connect", "--accept-consent", "egisz-transfer@2")
    assert world.ok("card", "labs", "--limit", "1").items


def test_a_service_by_its_id_and_by_a_word_that_fits_several(world: World) -> None:
    world.at("logged-in")
    assert world.ok("connect", "emk-moscow", *BOTH).item["service"]["id"] == "emk-moscow"
    several = world.fails(2, "usage", "connect", "медицинская")
    assert "emk-spb" in several["message"]
    assert world.fails(3, "not_found", "connect", "no such service")["hint"] == "emk service list"


def test_a_service_that_emk_cannot_connect(world: World) -> None:
    assert world.at("logged-in").fails(6, "conflict", "connect", "emk-spb")["details"]["reason"] == "service_elsewhere"


def test_revoking_closes_the_card_and_giving_again_opens_it(world: World) -> None:
    world.at("activated")
    world.fails(2, "usage", "consent", "revoke", "medical-data")
    assert world.ok("consent", "revoke", "medical-data", "--dry-run").json["dry_run"] is True
    assert statuses(world)["medical-data"] == "accepted"
    revoked = world.ok("consent", "revoke", "medical-data", "--yes").item
    assert (revoked["status"], bool(revoked["revoked_at"])) == ("revoked", True)
    assert (
        world.fails(5, "consent_required", "card", "summary")["hint"] == "emk connect --accept-consent medical-data@1"
    )
    error = world.fails(5, "consent_required", "connect")
    assert error["hint"] == "emk connect --accept-consent medical-data@1"
    assert world.ok("consent", "revoke", "medical-data", "--yes").item["revoked_at"] == revoked["revoked_at"]
    world.ok(*error["hint"].split()[1:])
    assert world.ok("card", "summary").item["person"]["name"]


def test_a_consent_there_is_not(world: World) -> None:
    world.at("connected").fails(3, "not_found", "consent", "show", "marketing")
    world.fails(3, "not_found", "consent", "revoke", "marketing", "--yes")


def test_nobody_logged_in_can_do_nothing(world: World) -> None:
    world.at("new")
    for arguments in (
        ("connect",),
        ("status",),
        ("consent", "list"),
        ("clinic", "choose", "gp-001", "--yes"),
        ("card", "labs"),
    ):
        assert world.fails(4, "login_required", *arguments)["hint"] == "emk login"
