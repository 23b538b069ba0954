"""How far the application is: every state, its exit code, waiting, and what cron asks."""

from __future__ import annotations

import socket
import time
from datetime import datetime, timedelta
from threading import Timer

import httpx

from tests.conftest import Emk
from tests.contract.world import World


def test_exit_codes_of_every_state(world: World) -> None:
    assert world.at("logged-in").fails(3, "not_found", "status", "--exit-code")["hint"] == "emk connect"
    for stage, code, status in (
        ("connected", 5, "draft"),
        ("submitted", 9, "submitted"),
        ("activated", 0, "activated"),
    ):
        world.at(stage)
        shown = world("status", "--exit-code", "--json")
        assert (shown.code, shown.item["status"]) == (code, status)
        assert world("status").code == 0


def test_in_progress_and_its_history(world: World) -> None:
    world.at("submitted").advance("7h")
    shown = world("status", "--exit-code", "--json")
    assert (shown.code, shown.item["status_name"]) == (9, "В работе")
    assert [step["status"] for step in shown.item["history"]] == ["draft", "submitted", "in_progress"]
    assert shown.item["expected_by"] > shown.json["fetched_at"]


def test_a_refusal_says_why_and_is_opened_anew_by_choosing(world: World) -> None:
    world.at("submitted").ok("mock", "scenario", "refusal")
    world.advance("48h")
    refused = world("status", "--exit-code", "--json")
    assert (refused.code, refused.item["status_name"]) == (10, "Отказано")
    assert refused.item["reason"]
    assert refused.item["next"] == "emk clinic list --near residence"
    assert world.fails(5, "not_activated", "card", "labs")
    world.ok("mock", "scenario", "happy")
    again = world.ok("clinic", "choose", world.clinic(), "--yes").item
    assert again["id"] != refused.item["id"]
    assert [a["status"] for a in world.ok("application", "list").items] == ["submitted", "refused"]


def test_cancelling(world: World) -> None:
    name = world.at("submitted").ok("status").item["id"]
    world.fails(2, "usage", "application", "cancel", name)
    assert world.ok("application", "cancel", name, "--dry-run").json["dry_run"] is True
    assert world.ok("application", "show", name).item["status"] == "submitted"
    cancelled = world.ok("application", "cancel", name, "--yes").item
    assert (cancelled["status"], cancelled["status_name"]) == ("cancelled", "Отменено")
    assert world.ok("application", "cancel", name, "--yes").item["history"] == cancelled["history"]
    assert world("status", "--exit-code").code == 10
    world.advance("48h")
    assert world.ok("status").item["status"] == "cancelled"


def test_cancelling_what_is_decided_is_a_conflict(world: World) -> None:
    name = world.at("activated").ok("status").item["id"]
    assert (
        world.fails(6, "conflict", "application", "cancel", name, "--yes")["details"]["reason"] == "already_activated"
    )
    world.fails(3, "not_found", "application", "cancel", "2026-9999999", "--yes")
    world.fails(3, "not_found", "application", "show", "2026-9999999")


def test_if_changed_speaks_once_per_state(world: World) -> None:
    world.at("submitted")
    first = world("status", "--if-changed", "--exit-code", "--json")
    assert (first.code, first.item["status"]) == (9, "submitted")
    again = world("status", "--if-changed", "--exit-code", "--json")
    assert (again.code, again.out, again.err) == (9, "", "")
    other_profile = world(
        "status", "--if-changed", env={"EMK_PROFILE": "other", "EMK_TOKEN": world("auth", "token", "--show").out}
    )
    assert other_profile.out
    world.advance("48h")
    assert world("status", "--if-changed", "--exit-code", "--json").item["status"] == "activated"
    assert world("status", "--if-changed", "--exit-code").out == ""


def test_waiting_on_the_embedded_mock_moves_its_clock(embedded: World) -> None:
    waited = embedded.at("submitted")("status", "--wait", "--json")
    assert (waited.code, waited.item["status"]) == (0, "activated")
    assert any("clock" in text for text in waited.json["warnings"])


def test_waiting_on_a_server_asks_again(served: World) -> None:
    two_days = Timer(0.3, httpx.post, [f"{served.at('submitted').url}/mock/clock"], {"json": {"advance": 48 * 3600}})
    two_days.start()
    waited = served("status", "--wait", "--interval", "1s", "--json")
    two_days.join()
    assert (waited.code, waited.item["status"]) == (0, "activated")


def test_a_wait_that_ends_first_keeps_the_document(world: World) -> None:
    waited = world.at("submitted")("status", "--wait", "--for", "1s", "--interval", "1s", "--json")
    assert (waited.code, waited.item["status"]) == (9, "submitted")


def test_a_wait_of_no_time_is_one_look(world: World) -> None:
    started = time.monotonic()
    waited = world.at("submitted")("status", "--wait", "--for", "0s", "--json")
    assert (waited.code, waited.item["status"], waited.err) == (9, "submitted", "")
    assert time.monotonic() - started < 60
    assert world.at("connected")("status", "--wait", "--for", "0s").code == 5


def test_a_server_that_hangs_from_the_first_request_on_holds_up_no_promise(emk: Emk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        run = emk("status", "--wait", "--for", "1s", "--timeout", "60", "--backend", "http", "--url", url, "--json")
        assert (run.code, run.error["code"]) == (7, "timeout")
        assert time.monotonic() - started < 30


def test_waiting_for_a_refusal_is_10(embedded: World) -> None:
    embedded.at("submitted").ok("mock", "scenario", "refusal")
    waited = embedded("status", "--wait", "--json")
    assert (waited.code, waited.item["status"]) == (10, "refused")


def test_waiting_where_there_is_nothing_to_wait_for(world: World) -> None:
    draft = world.at("connected")("status", "--wait", "--for", "1s", "--interval", "1s", "--json")
    assert (draft.code, draft.item["next"]) == (5, "emk clinic list --near residence")
    world.at("activated")
    assert world("status", "--wait").code == 0


def test_without_an_application_nothing_is_waited_for(world: World) -> None:
    before = world.at("logged-in").ok("mock", "clock").item["now"]
    world.fails(3, "not_found", "status", "--wait")
    after = world.ok("mock", "clock").item["now"]
    assert datetime.fromisoformat(after) - datetime.fromisoformat(before) < timedelta(minutes=1)


def test_before_activation_the_card_is_closed_with_the_expected_time(world: World) -> None:
    expected = world.at("submitted").ok("status").item["expected_by"]
    for arguments in (("labs",), ("summary",), ("visits",), ("show", "x"), ("access-log",)):
        error = world.fails(5, "not_activated", "card", *arguments)
        assert error["details"]["expected_by"] == expected, arguments
        assert error["hint"] == "emk status"
        assert error["message"] != "not_activated"


def test_a_draft_has_no_card_and_a_readable_message(world: World) -> None:
    error = world.at("connected").fails(5, "not_activated", "card", "labs")
    assert error["message"] != "not_activated"
    assert error["hint"] == "emk next"


def test_durations_that_are_none(world: World) -> None:
    world.at("connected")
    for option in ("--for", "--interval"):
        assert option in world.fails(2, "usage", "status", "--wait", option, "soon")["message"]
