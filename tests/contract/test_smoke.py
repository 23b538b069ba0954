"""`smoke`: it walks the journey and cleans up, fails where something is wrong, and says what it did not try."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as Xml
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from emkcli import errors
from emkcli.usecases.diagnostics.smoke import invented_person, journey
from tests.contract.world import World

SHARED = "moves no clock that others go by; --wait waits for the decision"


def checks(world: World, *more: str) -> dict[str, dict[str, Any]]:
    done = world("smoke", *more, "--json")
    return {check["name"]: check for check in done.json["items"]}


def test_it_walks_the_whole_journey_of_somebody_else(world: World) -> None:
    world.at("new")
    before = world.ok("mock", "clock").item["now"][:13]
    report = world.files / "junit.xml"
    done = world("smoke", "--junit", str(report))
    lines = done.out.splitlines()
    assert done.code == 0, done.out
    assert lines == [f"1..{len(journey.NAMES)}"] + [f"ok {n} - {name}" for n, name in enumerate(journey.NAMES, 1)]
    suite = Xml.parse(report).getroot()
    assert (suite.tag, suite.get("tests"), suite.get("failures")) == ("testsuite", str(len(journey.NAMES)), "0")
    assert (suite.get("errors"), suite.get("skipped")) == ("0", None)
    assert world("auth", "status", "--json").item["logged_in"] is False
    assert world.ok("mock", "clock").item["now"][:13] == before


def test_on_a_server_it_leaves_nothing_behind(served: World) -> None:
    served.at("new")
    assert served("smoke").code == 0
    assert {line["path"] for line in served.ok("mock", "log").items} == {"/.well-known/emk"}
    assert served.server is not None
    assert not list(served.server.state.parent.glob("*.tenants/smoke-*"))


@pytest.mark.parametrize("scenario", ["empty-card", "refusal"])
def test_a_scenario_that_is_no_card_fails(served: World, scenario: str) -> None:
    served.at("new").ok("mock", "scenario", scenario)
    done = served("smoke")
    served.ok("mock", "scenario", "happy")
    assert done.code == 12
    name = {"empty-card": "card labs", "refusal": "activated"}[scenario]
    assert f" - {name}\n" in "".join(line + "\n" for line in done.out.splitlines() if line.startswith("not ok"))
    assert "\nok 1 - register\n" in done.out


def test_a_fault_fails_one_check_and_what_needs_it_is_skipped_by_name(served: World) -> None:
    served.at("new").ok("mock", "fault", "add", "html", "--path", "/api/v1/clinics", "--times", "0")
    report = served.files / "junit.xml"
    done = served("smoke", "--junit", str(report))
    told = checks(served)
    served.ok("mock", "fault", "clear")
    assert done.code == 12
    assert told["clinics"]["problem"].startswith("bad_response: ")
    assert [name for name, check in told.items() if check["problem"]] == ["clinics"]
    assert told["choose"]["skipped"] == "needs clinics"
    assert told["logout"]["skipped"] is None
    cases = {case.get("name"): case for case in Xml.parse(report).getroot().iter("testcase")}
    (failure,) = cases["clinics"]
    (skipped,) = cases["choose"]
    assert (failure.tag, failure.get("type"), skipped.tag) == ("failure", "bad_response", "skipped")
    assert skipped.text == "needs clinics"
    assert not list(cases["register"])


def test_a_server_that_is_gone_is_reported_too(embedded: World) -> None:
    report = embedded.files / "junit.xml"
    done = embedded("smoke", "--url", "http://127.0.0.1:9", "--junit", str(report))
    assert (done.code, done.err) == (12, "")
    assert done.out.splitlines()[:3] == [
        f"1..{len(journey.NAMES) + 1}", "not ok 1 - server", "  # unreachable: 127.0.0.1 cannot be reached."
    ]  # fmt: skip
    assert done.out.count("# SKIP needs ") == len(journey.NAMES)
    assert Xml.parse(report).getroot().get("failures") == "1"


def test_checks_of_another_backend_can_be_chosen_while_the_server_is_gone(embedded: World) -> None:
    url = ("--url", "http://127.0.0.1:9")
    assert list(checks(embedded, *url, "--only", "card person")) == ["server", "card person"]
    assert "logout" in embedded.fails(2, "usage", "smoke", *url, "--only", "card lab")["hint"]


def test_a_file_that_cannot_be_written_is_13(embedded: World) -> None:
    (embedded.files / "file").touch()
    for option in ("--junit", "--record-timings"):
        assert embedded("smoke", "--only", "register", option, str(embedded.files / "file" / "x")).code == 13


def test_within_a_tenant_somebody_elses_clock_stands(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server without tenants, which this one pretends to be."""
    monkeypatch.setattr("emkcli.usecases.diagnostics.smoke.tenant._tenants", lambda _app: None)
    served.at("new")
    before = served.ok("mock", "clock").item["now"][:13]
    told = checks(served)
    assert (told["review"]["skipped"], told["login"]["skipped"]) == (SHARED, "needs review")
    assert [name for name, check in told.items() if check["skipped"] is None] == ["register", "verify"]
    assert served.ok("mock", "clock").item["now"][:13] == before
    (left,) = served("smoke", "--only", "register", "--json").json["warnings"]
    assert re.fullmatch(r"The account \S+ stays on the server, which has no tenants\.", left)
    assert served("smoke", "--skip", "register", "--json").json["warnings"] == []


def test_a_server_that_dies_in_the_middle_is_reported(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it had said that it is a mock, and before the first step."""

    def gone(*_given: object, **_more: object) -> None:
        raise errors.Unreachable("nobody answers")

    monkeypatch.setattr("emkcli.usecases.diagnostics.smoke.journey.steps", gone)
    report = served.files / "junit.xml"
    done = served("smoke", "--junit", str(report))
    assert (done.code, done.out.splitlines()[1:3]) == (12, ["not ok 1 - server", "  # unreachable: nobody answers"])
    assert Xml.parse(report).getroot().get("failures") == "1"


def test_a_decision_can_be_waited_for(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emkcli.usecases.diagnostics.smoke.tenant._tenants", lambda _app: None)
    served.at("new")
    monkeypatch.setattr(journey.time, "sleep", lambda _seconds: served.advance("12h"))
    told = checks(served, "--wait", "--only", "card visits")
    assert {check["problem"] or check["skipped"] for check in told.values()} == {None}
    assert list(told)[-1] == "card visits"


def test_only_and_skip(embedded: World) -> None:
    only = list(checks(embedded, "--only", "login", "--only", "clinics"))
    assert only == ["register", "verify", "review", "login", "clinics"]
    skipped = checks(embedded, "--only", "consents", "--skip", "login")
    assert skipped["login"]["skipped"] == "left out by --skip"
    assert skipped["consents"]["skipped"] == "needs login"
    assert all(check["ok"] for check in skipped.values())
    for option in ("--only", "--skip"):
        error = embedded.fails(2, "usage", "smoke", option, "card lab")
        assert "card labs" in error["hint"]


def test_what_became_slower_fails(embedded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    timings = embedded.files / "timings.json"
    chosen = ("--only", "verify")
    assert embedded("smoke", *chosen, "--record-timings", str(timings)).code == 0
    recorded = json.loads(timings.read_text(encoding="utf-8"))
    assert set(recorded) == {"register", "verify"}
    generous = {name: seconds + 3600 for name, seconds in recorded.items()}
    timings.write_text(json.dumps(generous), encoding="utf-8")
    assert embedded("smoke", *chosen, "--baseline", str(timings), "--slower", "2x").code == 0
    monkeypatch.setattr("emkcli.usecases.diagnostics.smoke.check.NOTICEABLE", 0)
    timings.write_text(json.dumps({"verify": 0.0}), encoding="utf-8")
    done = embedded("smoke", *chosen, "--baseline", str(timings), "--slower", "1.5", "--json")
    assert done.code == 12
    assert [check["problem"] is None for check in done.json["items"]] == [True, False]
    assert done.json["items"][1]["problem"].startswith("slower: ")
    assert done.json["warnings"] == ["The baseline has no seconds of: register"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"verify": "soon"}',
        "{",
        '{"verify": "0.1"}',
        '{"verify": NaN}',
        '{"verify": -1}',
        '{"verify": true}',
        "[" * 9999,
        "<testsuite/>",
    ],
    ids=lambda content: content[:20],
)
def test_timings_that_are_none_are_refused(embedded: World, content: str) -> None:
    (embedded.files / "timings.json").write_text(content, encoding="utf-8")
    embedded.fails(2, "invalid_input", "smoke", "--baseline", str(embedded.files / "timings.json"))
    embedded.fails(2, "invalid_input", "smoke", "--baseline", str(embedded.files / "none.json"))


@pytest.mark.parametrize("times", ["fast", "0", "0.5", "-1", "nan", "inf", "2X", ""])
def test_a_ratio_that_is_none_is_refused(embedded: World, times: str) -> None:
    timings = embedded.files / "timings.json"
    timings.write_text("{}", encoding="utf-8")
    embedded.fails(2, "usage", "smoke", "--baseline", str(timings), "--slower", times)


def test_a_ratio_of_nothing_is_refused(embedded: World) -> None:
    assert "--baseline" in embedded.fails(2, "usage", "smoke", "--slower", "2x")["message"]


def test_a_tenant_that_stays_is_named(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its removal fails, which says nothing about the checks; what is busy is asked again."""
    refusals: list[errors.EmkError] = [errors.Conflict("busy"), errors.Unreachable("nobody answers")]

    def refused(_app: object) -> dict[str, str]:
        raise refusals.pop(0)

    served.at("new")
    monkeypatch.setattr("emkcli.usecases.diagnostics.smoke.tenant.permission", refused)
    done = served("smoke", "--only", "register")
    assert (done.code, refusals) == (0, [])
    said = re.fullmatch(r"emk: The tenant (\S+) may be left on the server: nobody answers\n", done.err)
    assert said
    assert said[1].startswith(f"{served.url}/t/smoke-")
    monkeypatch.undo()
    httpx.delete(said[1])


def test_a_run_finds_a_number_that_an_earlier_one_did_not_take(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mock that many runs share: the second one draws the person of the first, and then another."""
    monkeypatch.setattr("emkcli.usecases.diagnostics.smoke.tenant._tenants", lambda _app: None)
    drawn = [invented_person.drawn() for _run in range(2)]
    taken = {**drawn[0], "phone": "+79000000999"}
    people: Iterator[dict[str, Any]] = iter([drawn[0], taken, drawn[1]])
    monkeypatch.setattr(invented_person, "drawn", lambda: next(people))
    served.at("new")
    for _run in range(2):
        assert checks(served, "--only", "register")["register"]["ok"]
    assert next(people, None) is None


def test_people_drawn_are_nobody_and_never_the_same() -> None:
    people = [invented_person.drawn() for _run in range(1000)]
    assert len({person["last_name"] for person in people}) == len(people)
    for person in people:
        digits = person["snils"].replace("-", "").split()
        assert 0 < int(digits[0]) <= 1_001_998
        assert person["phone"].startswith("+790000")
