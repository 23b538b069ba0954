"""Every command of the tree with nobody to ask: it ends at once, says what to pass, and keeps stdout for data."""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Iterator

import pytest

from emkcli.commands import entries
from emkcli.commands._command import spec_of
from emkcli.commands._tree import functions_of
from tests.contract.world import World

ASKING = {
    "register": "--from",
    "verify": "--passport-scan",
    "login": "--code-stdin",
    "setup": "--passport-scan",
    "connect": "--accept-consent",
    "clinic choose": "--yes",
    "doctor choose": "--yes",
    "application cancel": "--yes",
    "request create": "--yes",
    "request cancel": "--yes",
    "transfer create": "--yes",
    "transfer revoke": "--yes",
    "consent revoke": "--yes",
    "profile update": "--from",
    "profile move": "--from",
    "mock reset": "--yes",
    "card forget": "--yes",
    "config edit": "config set",
}
"""What a command that would ask names instead, on a home where it would."""
WITHOUT_SESSION = {"connect"}
"""Asks only a person who is logged in and connected by half."""
ARGUMENTS = {
    "METHOD": "GET",
    "PATH": "/api/v1/account",
    "KEY": "lang",
    "VALUE": "ru",
    "KIND": "status",
    "SHELL": "bash",
    "TEXT": "карта",
    "FILE|DIR|-": "no-such-file.json",
    "add|list|clear": "list",
    "bash|zsh|fish|powershell|install": "bash",
    "prescription": "prescription",
}
"""A value for an argument that must be there."""
OPTIONS = {
    "create": ("--medicine", "Аторвастатин"),
    "transfer create": ("--to", "gp-001", "--category", "labs"),
    "card export": ("--format", "fhir", "--to", "card.json"),
}
LEFT_OUT = {
    "mock pictures",
    "demo",
    "mock serve",
    "notification watch",
    "smoke",
    "card open",
    "card import",
    "card export",
    "card sync",
    "card forget",
}
"""They run on purpose, or are tested where they are at home."""


def lines() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every command with the arguments it cannot do without."""
    for entry in entries().values():
        for word, function in functions_of(entry).items():
            name = f"{entry.name} {word}" if entry.group else entry.name
            if name not in LEFT_OUT:
                options = OPTIONS.get(name) or (OPTIONS["create"] if name == "request create" else ())
                yield name, (*name.split(), *arguments_of(function), *options)


def arguments_of(function: object) -> Iterator[str]:
    for parameter in list(inspect.signature(function).parameters.values())[1:]:  # type: ignore[arg-type]
        metadata = getattr(parameter.annotation, "__metadata__", ())
        is_argument = metadata and type(metadata[0]).__name__ == "ArgumentInfo"
        if is_argument and parameter.default is inspect.Parameter.empty:
            yield ARGUMENTS.get(str(metadata[0].metavar), "no-such-id")


LINES = dict(lines())


def test_the_whole_tree_is_walked() -> None:
    assert len(LINES) > 60
    assert set(ASKING) <= set(LINES) | LEFT_OUT
    changing = {
        f"{entry.name} {word}" if entry.group else entry.name
        for entry in entries().values()
        for word, function in functions_of(entry).items()
        if "yes" in inspect.signature(function).parameters and spec_of(function)
    }
    assert changing - {"setup"} <= set(ASKING)


@pytest.mark.parametrize("name", [name for name in ASKING if name not in LEFT_OUT])
def test_a_command_that_would_ask_names_the_option(embedded: World, name: str) -> None:
    embedded.at(
        "activated" if name not in ("register", "setup", "connect") else "logged-in" if name == "connect" else "new"
    )
    if name == "login":
        embedded.ok("logout")
    begun = time.process_time()
    done = embedded(*LINES[name])
    assert time.process_time() - begun < 5
    assert (done.code, done.out) == (5 if name == "connect" else 2, "")
    if name == "setup":
        assert "--from" in done.err
    else:
        assert ASKING[name] in done.err
    assert embedded(*LINES[name], "--no-input").code == done.code


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("stage", ["new", "activated"])
def test_json_means_one_document(embedded: World, name: str, stage: str) -> None:
    """On stdout when it went well, on stderr when it did not; `EMK_OUTPUT` means the same as `--json`."""
    done = embedded.at(stage)(*LINES[name], "--json")
    if done.code in (0, 9, 10, 12) or done.out:
        document = json.loads(done.out)
        assert document["schema_version"] == 1
        assert ("item" in document) != ("items" in document)
        assert done.err == ""
    else:
        assert done.out == ""
        assert json.loads(done.err)["error"]["exit_code"] == done.code


@pytest.mark.parametrize("name", LINES)
def test_the_variable_means_the_same_as_the_option(embedded: World, name: str) -> None:
    done = embedded.at("connected")(*LINES[name], env={"EMK_OUTPUT": "json"})
    if done.code == 0:
        assert done.err == ""
    else:
        assert done.out == ""
        assert json.loads(done.err)["error"]["exit_code"] == done.code


@pytest.mark.parametrize("name", LINES)
def test_no_escape_byte_reaches_a_pipe(embedded: World, name: str) -> None:
    done = embedded.at("activated")(
        *LINES[name], env={"GITHUB_ACTIONS": "true", "FORCE_COLOR": "1", "CI": "1", "TERM": "xterm-256color"}
    )
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_help_of_every_command(embedded: World, name: str, language: str) -> None:
    words = name.split()
    shown = embedded(*words, "--help", "--lang", language)
    assert (shown.code, shown.err) == (0, "")
    assert f"emk {name}" in shown.out
    assert embedded(*words, "-h", "--lang", language).out == shown.out
    assert shown.out.startswith("Usage: ") is (language == "en")


@pytest.mark.parametrize("name", LINES)
def test_an_option_there_is_not(embedded: World, name: str) -> None:
    done = embedded(*name.split(), "--nonsense", "--json")
    assert (done.code, done.out) == (2, "")
    assert "--nonsense" in done.error["message"]
