"""EMK_READ_ONLY stops every command that changes something: the whole tree is walked, and a new command must take sides."""

from __future__ import annotations

import pytest

from emkcli.commands import entries
from emkcli.commands._command import spec_of
from emkcli.commands._tree import functions_of
from tests.contract.world import World
from tools.tree import Node, tree

READING = {
    "": "next whoami status",
    "application": "list show",
    "audit": "show",
    "auth": "status token",
    "card": "summary visits labs studies prescriptions vaccinations prevention documents diagnoses allergies vitals referrals "
    "procedures other show access-log search trend export open",
    "clinic": "list show",
    "config": "list get path",
    "consent": "list show export",
    "doctor": "list show",
    "notification": "list show watch",
    "person": "list",
    "profile": "show",
    "request": "list show",
    "service": "list search",
    "transfer": "list show",
}
"""What only reads, by group."""
OWN = {"": "login logout completion schema help selfcheck", "card": "sync", "config": "set unset edit"}
"""What keeps a session, a copy of the server's card and the tool itself in order: without it nothing could be read."""
THROWN_AWAY = frozenset({"demo", "smoke", "mock"})
"""What works on invented people only; on any other backend `smoke` reads."""
BY_METHOD = frozenset({"api"})


def named(groups: dict[str, str]) -> set[str]:
    return {f"{group} {word}".strip() for group, words in groups.items() for word in words.split()}


def specs() -> dict[str, bool]:
    """Every command with whether it is marked as a change."""
    found = {}
    for entry in entries().values():
        for word, function in functions_of(entry).items():
            spec = spec_of(function)
            assert spec is not None
            found[f"{entry.name} {word}" if entry.group else entry.name] = spec.mutates
    return found


def test_every_command_takes_sides() -> None:
    sides = named(READING) | named(OWN) | BY_METHOD
    for name, mutates in specs().items():
        known = name in sides or name.partition(" ")[0] in THROWN_AWAY
        assert mutates is not known, f"{name}: mark it with mutates=True, or say here why it changes nothing"


def line_of(node: Node) -> list[str]:
    """A line that parses: what must be there is there."""
    needed = {"transfer create": ["--to", "gp-001"], "request create": ["prescription", "--medicine", "x"]}
    arguments = needed.get(" ".join(node.path), ["x" for _argument in node.arguments])
    return [*node.path, *arguments]


WRITING = [node for node in tree().root.walk() if specs().get(" ".join(node.path))]


@pytest.mark.parametrize("node", WRITING, ids=lambda node: "-".join(node.path))
def test_a_writing_command_is_refused(embedded: World, node: Node) -> None:
    embedded.at("activated").ok("mock", "log", "--clear")
    refused = embedded(*line_of(node), "--json", env={"EMK_READ_ONLY": "1"})
    assert (refused.code, refused.out) == (5, ""), refused.err
    assert refused.error["code"] == "read_only"
    assert {entry["method"] for entry in embedded.ok("mock", "log").items} <= {"GET"}


@pytest.mark.parametrize("verb", ["POST", "put", "PATCH", "DELETE"])
def test_a_raw_change_is_refused(embedded: World, verb: str) -> None:
    refused = embedded.at("connected")("api", verb, "/api/v1/account", "--json", env={"EMK_READ_ONLY": "1"})
    assert (refused.code, refused.error["code"]) == (5, "read_only")


def test_the_switch_can_be_left_again(embedded: World) -> None:
    embedded.at("connected").ok("config", "set", "read_only", "1")
    assert embedded("connect").code == 5
    embedded.ok("config", "unset", "read_only")
    assert embedded("connect", "--accept-consent", "medical-data@1", "--accept-consent", "egisz-transfer@1").code == 0
