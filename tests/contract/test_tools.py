"""Around it: settings and their origin, the token, raw requests, help, and documents that keep their schema."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from emkcli.models import CATEGORIES
from tests.contract.world import World

TOPICS = ("exit-codes", "environment", "formats", "headless", "cron", "backends", "glossary")


def origin(world: World, key: str, *arguments: str, env: dict[str, str] | None = None) -> tuple[object, str]:
    rows = world("config", "list", "--json", *arguments, env=env or {}).items
    row = next(row for row in rows if row["key"] == key)
    return row["value"], row["origin"]


def test_flag_beats_environment_beats_profile_beats_default(embedded: World) -> None:
    embedded.at("new")
    assert origin(embedded, "timeout") == (30.0, "default")
    embedded.ok("config", "set", "timeout", "20")
    assert origin(embedded, "timeout") == (20.0, "profile default")
    assert origin(embedded, "timeout", env={"EMK_TIMEOUT": "15"}) == (15.0, "env EMK_TIMEOUT")
    assert origin(embedded, "timeout", "--timeout", "10", env={"EMK_TIMEOUT": "15"}) == (10.0, "flag")
    assert embedded("config", "get", "timeout").out == "20\n"
    embedded.ok("config", "unset", "timeout")
    assert origin(embedded, "timeout") == (30.0, "default")


def test_profiles_are_apart(embedded: World) -> None:
    embedded.at("new").ok("config", "set", "lang", "ru", "-p", "work")
    assert origin(embedded, "lang", "-p", "work") == ("ru", "profile work")
    assert origin(embedded, "lang")[1] == "default"
    names = {row["profile"] for row in embedded("config", "list", "--profiles", "--json").items}
    assert names == {"default", "work"}
    assert embedded("whoami", "--json", env={"EMK_PROFILE": "work"}).error["code"] == "login_required"


def test_settings_that_are_wrong_name_where_they_came_from(embedded: World) -> None:
    embedded.at("new")
    assert "env EMK_OUTPUT" in embedded("status", env={"EMK_OUTPUT": "xml"}).err
    assert embedded("status", env={"EMK_OUTPUT": "xml"}).code == 2
    assert "timeout" in embedded("status", "--timeout", "soon").err
    assert embedded.fails(2, "usage", "config", "set", "colour", "never")["hint"] == "did you mean color?"
    assert embedded("config", "set", "timeout", "soon").code == 2
    assert embedded("config", "set", "profile", "x").code == 2
    path = embedded("config", "path").out.strip()
    Path(path).write_text("[profiles.default]\nlang = \n")
    broken = embedded("status", "--json")
    assert (broken.code, broken.error["code"]) == (2, "invalid_input")
    assert path in broken.error["message"]


@pytest.mark.parametrize("content", ['[profiles.default]\nstorage = "plain-file"\n', "[profiles.default"])
def test_a_wrong_settings_file_locks_nobody_out(embedded: World, content: str) -> None:
    file = embedded.home / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    error = embedded.fails(2, "usage" if "storage" in content else "invalid_input", "whoami")
    assert error["hint"] in {"emk config unset storage", "emk config edit"}
    assert "Usage" in embedded("--help").out
    assert embedded("config", "path").out == f"{file}\n"
    editor = f"""{sys.executable} -c 'import sys; open(sys.argv[1], "w").close()'"""
    mended = embedded("config", "unset", "storage").code
    assert mended == (0 if "storage" in content else 2)
    assert mended or embedded("config", "list").code == 0
    assert "terminal" in embedded("config", "edit", env={"EDITOR": editor}).err


def test_the_settings_file_is_the_owners(embedded: World) -> None:
    embedded.at("new").ok("config", "set", "color", "never")
    path = embedded.home / "config.toml"
    assert embedded("config", "path").out == f"{path}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("# mine\n" + path.read_text())
    embedded.ok("config", "set", "lang", "ru")
    assert path.read_text().startswith("# mine")


def test_where_the_token_is(world: World) -> None:
    status = world.at("activated").ok("auth", "status").item
    assert (status["logged_in"], status["token_source"], status["refreshable"]) == (True, "plain_file", True)
    token = world("auth", "token", "--show")
    assert re.fullmatch(r"[\w-]{20,}\n", token.out)
    assert token.out.strip() not in json.dumps(status)
    sessions = list((world.home / "state" / "sessions").glob("*.json"))
    assert sessions
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in sessions)
    world.ok("logout")
    world.fails(4, "login_required", "auth", "token", "--show")


def test_a_raw_request(world: World) -> None:
    world.at("activated")
    account = world("api", "GET", "/api/v1/account")
    assert json.loads(account.out)["trust"] == "confirmed"
    assert json.loads(world("api", "get", "fhir/R4/metadata").out)["resourceType"] == "CapabilityStatement"
    body = '{"medicine": "Аторвастатин", "kind": "prescription"}'
    assert (
        json.loads(world("api", "POST", "/api/v1/requests", "--input", "-", stdin=body).out)["kind"] == "prescription"
    )
    world.fails(3, "not_found", "api", "GET", "/api/v1/nothing")
    world.fails(2, "usage", "api", "PATCH", "http://[")
    assert world("api", "GET", "https://elsewhere.example/api/v1/account").code == 8
    assert world("api", "POST", "/api/v1/requests", "--input", "-", stdin=body, env={"EMK_READ_ONLY": "1"}).code == 5


def test_read_only_refuses_every_change(world: World) -> None:
    world.at("connected")
    for arguments in (
        ("clinic", "choose", "gp-005", "--yes"),
        ("connect",),
        ("consent", "revoke", "medical-data", "--yes"),
    ):
        refused = world(*arguments, "--json", env={"EMK_READ_ONLY": "1"})
        assert (refused.code, refused.error["code"]) == (5, "read_only")
    assert world("clinic", "choose", "gp-005", "--dry-run", env={"EMK_READ_ONLY": "1"}).code == 0
    assert world("status", env={"EMK_READ_ONLY": "1"}).code == 0


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_help_topics(embedded: World, topic: str, language: str) -> None:
    shown = embedded("help", topic, "--lang", language)
    assert shown.code == 0
    assert len(shown.out.splitlines()) > 3


def test_help_on_nothing_known(embedded: World) -> None:
    assert embedded("help", "me").code == 2
    index = embedded("help").out
    assert all(topic in index for topic in TOPICS)


def test_times_the_clock_does_not_know(world: World) -> None:
    world.at("new")
    for action, value in (
        ("speed", "nan"),
        ("speed", "inf"),
        ("speed", "fast"),
        ("speed", "-1"),
        ("set", "soon"),
        ("advance", "x"),
    ):
        assert world("mock", "clock", action, value).code == 2, (action, value)
    assert world.ok("mock", "clock").item["speed"] == 1


def documents(world: World) -> Iterator[tuple[str, ...]]:
    """One line per kind that a journey meets."""
    yield from (("whoami",), ("next",), ("status",), ("application", "list"), ("profile", "show"), ("person", "list"))
    yield from (
        ("consent", "list"),
        ("consent", "show", "medical-data"),
        ("clinic", "list"),
        ("clinic", "show", "gp-005"),
    )
    yield from (
        ("doctor", "list"),
        ("service", "list"),
        ("notification", "list"),
        ("card", "summary"),
        ("card", "access-log"),
    )
    yield from (("card", name) for name in CATEGORIES)
    yield ("request", "create", "prescription", "--medicine", "Аторвастатин", "--yes")
    yield ("request", "create", "prescription", "--medicine", "Аторвастатин", "--dry-run")
    yield ("request", "list")
    yield ("transfer", "create", "--to", "gp-001", "--category", "allergies", "--yes")
    yield ("transfer", "list")
    yield ("clinic", "choose", "gp-005", "--dry-run")
    yield ("auth", "status")
    yield ("config", "list")
    yield ("mock", "clock")
    yield ("mock", "log", "--limit", "3")
    yield ("mock", "fault", "list")
    yield ("mock", "inbox")
    yield ("card", "labs", "--limit", "1")


def test_every_document_keeps_its_schema(world: World) -> None:
    world.at("activated")
    kinds = set()
    for arguments in documents(world):
        document = world.ok(*arguments).json
        schema = json.loads(world("schema", document["kind"]).out)
        Draft202012Validator.check_schema(schema)
        problems = [
            f"{'/'.join(map(str, p.path))}: {p.message}" for p in Draft202012Validator(schema).iter_errors(document)
        ]
        assert not problems, (arguments, problems[:3])
        kinds.add(document["kind"])
    assert len(kinds) >= 30


def test_errors_keep_their_schema(world: World) -> None:
    world.at("connected")
    schema = json.loads(world("schema", "error").out)
    for arguments in (
        ("card", "labs"),
        ("clinic", "show", "x"),
        ("status", "--nonsense"),
        ("nonsense",),
        ("connect", "--yes"),
    ):
        failed = world(*arguments, "--json")
        assert failed.code != 0
        Draft202012Validator(schema).validate(json.loads(failed.err))


def test_a_schema_there_is_not(embedded: World) -> None:
    assert "lab_result" in embedded.fails(3, "not_found", "schema", "nonsense")["hint"]


@pytest.mark.parametrize(
    "line",
    [
        ("status",),
        ("notification", "list"),
        ("consent", "list"),
        ("card", "labs", "--limit", "3"),
        ("clinic", "list", "--limit", "3"),
        ("whoami",),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("form", ["json", "csv", "plain"])
def test_machine_output_does_not_depend_on_the_language(embedded: World, line: tuple[str, ...], form: str) -> None:
    world = embedded.at("activated")
    world("mock", "clock", "speed", "0")
    said = [world(*line, "--lang", language, "-o", form).out for language in ("ru", "en")]
    assert said[0]
    assert said[0] == said[1]
