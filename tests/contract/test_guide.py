"""The guided ways: `next`, and `setup` at every point."""

from __future__ import annotations

import pytest

from tests.contract.world import BOTH, CODE, World

NEXT = {
    "new": "emk register",
    "registered": "emk verify --passport-scan FILE --selfie FILE",
    "verified": "emk connect",
    "logged-in": "emk connect",
    "connected": "emk clinic list --near residence",
    "submitted": "emk status --wait",
    "activated": "emk card summary",
}


def everything(world: World, *more: str) -> tuple[str, ...]:
    """A line that answers every question of the guide."""
    pictures = ("--passport-scan", str(world.passport), "--selfie", str(world.selfie))
    return ("setup", "--from", world.person, *pictures, "--code-command", CODE, *BOTH, "--clinic", "gp-005", *more)


@pytest.mark.parametrize("stage", NEXT)
def test_the_next_command(world: World, stage: str) -> None:
    following = world.at(stage).ok("next").item
    assert following["command"] == NEXT[stage]
    assert following["why"]


def test_a_fresh_home_offers_both_ways(world: World) -> None:
    following = world.at("new").ok("next").item
    assert "emk login" in following["why"]


def test_next_after_a_consent_was_withdrawn(world: World) -> None:
    world.at("activated")
    world.ok("consent", "revoke", "medical-data", "--yes")
    following = world.ok("next").item
    assert following["command"] == "emk connect"
    assert "consent" in following["why"]


def test_next_while_the_account_is_reviewed(world: World) -> None:
    world.at("registered").ok(*world.verify())
    assert world.ok("next").item["command"] == "emk verify --wait"


@pytest.mark.parametrize("stage", NEXT)
def test_setup_goes_on_from_wherever_the_person_stands(embedded: World, stage: str) -> None:
    done = embedded.at(stage)(*everything(embedded, "--wait", "--yes", "--json"))
    assert done.code == 0, done.err
    assert done.item["status"] == "activated"
    assert embedded.ok("card", "labs", "--limit", "1").items


def test_setup_without_waiting_stops_where_only_time_helps(world: World) -> None:
    reviewed = world.at("new")(*everything(world, "--json"))
    assert (reviewed.code, reviewed.json["kind"], reviewed.item["next"]) == (9, "account", "emk verify --wait")
    world.advance("1h")
    submitted = world(*everything(world, "--yes", "--json"))
    assert (submitted.code, submitted.item["status"], submitted.item["next"]) == (9, "submitted", "emk status --wait")
    assert world(*everything(world, "--yes", "--json")).item["id"] == submitted.item["id"]
    world.advance("48h")
    assert world(*everything(world, "--yes", "--json")).item["status"] == "activated"


def test_setup_tells_each_missing_answer(world: World) -> None:
    world.at("new")
    line = list(everything(world, "--yes"))
    assert "--from" in world.fails(2, "usage", "setup")["hint"]
    assert "--passport-scan" in world.fails(2, "usage", "setup", "--from", world.person)["message"]
    without_code = [word for word in line if word not in ("--code-command", CODE)]
    assert "--code-command" in world.fails(2, "usage", *without_code)["hint"]
    assert world(*line).code == 9
    world.advance("1h")
    assert "--accept-consent" in world.fails(5, "consent_required", "setup", "--clinic", "gp-005", "--yes")["hint"]
    assert "--clinic" in world.fails(2, "usage", "setup", *BOTH, "--yes")["hint"]


def test_setup_after_a_refusal(embedded: World) -> None:
    embedded.at("submitted").ok("mock", "scenario", "refusal")
    embedded.advance("48h")
    refused = embedded("setup", "--json")
    assert (refused.code, refused.item["status"]) == (10, "refused")
    embedded.ok("mock", "scenario", "happy")
    assert embedded.ok("setup", "--clinic", "gp-005", "--wait", "--yes").item["status"] == "activated"


def test_setup_on_an_account_that_is_logged_out(embedded: World) -> None:
    embedded.at("submitted").ok("logout")
    assert embedded.ok(*everything(embedded, "--wait", "--yes")).item["status"] == "activated"


def test_setup_with_a_file_that_says_something_else_logs_in(embedded: World) -> None:
    embedded.at("submitted").ok("logout")
    other = embedded.person_file("other.json", email="other@example.org", phone="+79000000999")
    done = embedded.ok("setup", "--from", other, "--code-command", CODE, "--wait", "--yes")
    assert done.item["status"] == "activated"
    assert embedded.ok("profile", "show").item["email"] == "sojkina@example.org"
