"""Planted values that must stay where they belong: not in traces, not in the mock's log, not in names of files."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.contract.world import BOTH, CODE, PERSON, World

NEEDLES = (
    "Сойкин",
    "Алёна",
    "000-000-107",
    "00000010707",
    "9000000777",
    "900 000-07-77",
    "424242",
    "sojkina",
    "Тверская",
)


def journey(world: World) -> Iterator[tuple[str, ...]]:
    """The whole way, with a wrong turn at every step."""
    yield ("register", "--from", world.person_file("bad.json", phone="+79000000777x"))
    yield (
        "register",
        "--from",
        world.person_file("bad.json", passport=PERSON["passport"] | {"number": "424242424242"}),
    )
    yield ("register", "--from", world.person)
    yield ("register", "--from", world.person_file("bad.json", first_name="Алёна-Мария"))
    yield (*world.verify()[:-1], "echo 424242")
    yield ("mock", "clock", "advance", "2m")
    yield world.verify("--wait")
    yield ("logout",)
    yield world.login()
    yield ("connect", *BOTH)
    yield ("clinic", "list", "--near", "residence", "--limit", "1")
    yield ("clinic", "choose", "gp-005", "--yes")
    yield ("status", "--wait")
    yield ("card", "labs", "--limit", "1")
    yield ("card", "labs", "--doctor", "Сойкина")
    yield ("doctor", "list", "--search", "Сойкина")
    yield ("profile", "update", "--from", world.person, "--code-command", CODE)
    yield (
        "request",
        "create",
        "prescription",
        "--medicine",
        "Аторвастатин",
        "--comment",
        "Сойкина 9000000777",
        "--yes",
    )
    yield ("notification", "list", "--limit", "1")
    yield ("whoami",)


def leaks(text: str) -> list[str]:
    return [needle for needle in NEEDLES if needle.casefold() in text.casefold()]


@pytest.mark.parametrize("output", ["plain", "json"])
def test_nothing_personal_is_traced_logged_or_named(embedded: World, output: str) -> None:
    embedded.at("new")
    said, secrets = [], set()
    for line in journey(embedded):
        said.append(embedded(*line, "--debug", "-o", output).err)
        secrets.add(embedded("mock", "inbox", "--code").out.strip())
        secrets.add(embedded("auth", "token", "--show").out.strip())
    text = "\n".join(said)
    assert leaks(text) == []
    assert [secret for secret in secrets if secret and re.search(rf"\b{re.escape(secret)}\b", text)] == []
    log = embedded("mock", "log", "--json").out
    assert leaks(log) == []
    assert [secret for secret in secrets if secret and re.search(rf"\b{re.escape(secret)}\b", log)] == []
    names = "\n".join(str(path.relative_to(embedded.home)) for path in embedded.home.rglob("*"))
    assert leaks(names) == []


def test_debug_traces_requests_without_values(embedded: World) -> None:
    said = embedded.at("activated")("doctor", "list", "--search", "Гранатова", "--debug").err
    assert re.search(r"GET /api/v1/doctors 200 \d+ ms", said)
    assert "Гранатова" not in said


def test_a_bug_shows_its_place_and_no_values(embedded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("Сойкина 9000000777")

    embedded.at("activated")
    monkeypatch.setattr("emkcli.usecases.onboarding.next_step.latest", broken)
    for more in ((), ("--debug",), ("--json",)):
        done = embedded("status", *more)
        assert (done.code, done.out) == (1, "")
        assert "RuntimeError" in done.err
        assert leaks(done.err) == []


def test_everything_kept_is_the_owners_alone(embedded: World) -> None:
    embedded.at("activated").ok("card", "labs", "--new")
    embedded.ok("config", "set", "lang", "ru")
    for path in embedded.home.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
