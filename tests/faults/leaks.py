"""What was planted, where it must not be, and a line for every command that could spill it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tests.contract.world import BOTH, CODE, World
from tools.tree import Node, tree

PLANTED = (
    "Сойкин",
    "Алёна",
    "Игоревн",
    "000-000-107",
    "000 000 107",
    "00000010707",
    "9000000777",
    "900 000-07-77",
    "(900) 000",
    "424242",
    "0000 42",
    "sojkina",
    "Тверская",
)
SPOKEN = "Сойкина Алёна Игоревна, 000-000-107 07, +7 900 000-07-77, 0000 424242, sojkina@example.org"
"""Typed where an id or a text is expected, as people do."""
ASIDE = {"mock serve", "demo", "smoke", "config edit", "card open", "completion", "notification watch"}
"""What serves, waits, walks a world of its own or needs an editor."""
OTHERS = 0o077


def planted_in(text: str, secrets: set[str]) -> list[str]:
    folded = text.casefold()
    found = [needle for needle in PLANTED if needle.casefold() in folded]
    return found + [secret for secret in secrets if re.search(rf"(?<!\d){re.escape(secret)}(?!\d)", text)]


def secrets_of(world: World) -> set[str]:
    """The tokens of the session and the codes that were sent."""
    found = set()
    for path in (world.home / "state" / "sessions").glob("*.json"):
        kept = json.loads(path.read_text())
        found |= {value for name in ("access_token", "refresh_token") if (value := kept.get(name))}
    code = world("mock", "inbox", "--code").out.strip()
    return found | ({code} if code else set())


def spilt(world: World, secrets: set[str]) -> list[str]:
    """Files that hold a planted value and are the audit log, readable by others, or named after it."""
    found = []
    for path in world.home.rglob("*"):
        name = str(path.relative_to(world.home))
        if planted_in(name, secrets):
            found.append(f"the name of {name}")
        if path.is_file() and (path.stat().st_mode & OTHERS or path.name.startswith("audit") or "cache" in path.parts):
            found += [
                f"{needle} in {name}" for needle in planted_in(path.read_bytes().decode("utf-8", "replace"), secrets)
            ]
    return found


def lines(world: World) -> Iterator[tuple[str, ...]]:
    """Every command once as it is meant and once with what must not be repeated; the whole tree is walked."""
    meant = _meant(world)
    leaves = [node for node in tree().root.walk() if node.path and not node.words]
    unknown = set(meant) - {" ".join(node.path) for node in leaves}
    assert not unknown, unknown
    for node in leaves:
        name = " ".join(node.path)
        if name in ASIDE:
            continue
        yield (*node.path, *meant.get(name, _needed(node, "1")))
        if node.arguments and node.path[0] != "mock":
            yield (*node.path, *_needed(node, SPOKEN))


def _needed(node: Node, word: str) -> tuple[str, ...]:
    return tuple(word for _argument in node.arguments)


def _meant(world: World) -> dict[str, tuple[str, ...]]:
    target, sms = str(world.files / "out"), ("--code-command", CODE)
    pictures = ("--passport-scan", str(world.passport), "--selfie", str(world.selfie))
    return {
        "setup": ("--from", world.person, *pictures, *sms, *BOTH, "--clinic", "gp-005", "--yes"),
        "register": ("--from", world.person),
        "verify": (*pictures, *sms),
        "login": ("--from", world.person, *sms),
        "connect": BOTH,
        "clinic list": ("--near", "residence", "--limit", "2"),
        "clinic choose": ("gp-005", "--yes"),
        "doctor list": ("--search", "Сойкина"),
        "doctor choose": ("x", "--yes"),
        "application cancel": ("x", "--yes"),
        "card labs": ("--doctor", SPOKEN),
        "card trend": ("Глюкоза",),
        "card search": ("глюкоза",),
        "card export": ("--format", "csv", "--to", target, "--force"),
        "card import": (world.person, "--insecure-storage"),
        "card sync": ("--person", "all", "--insecure-storage"),
        "card forget": ("--yes",),
        "request create": ("prescription", "--medicine", "Аторвастатин", "--comment", SPOKEN, "--yes"),
        "request cancel": ("x", "--yes"),
        "transfer create": ("--to", "gp-001", "--category", "allergies", "--yes"),
        "transfer revoke": ("x", "--yes"),
        "profile update": ("--from", world.person_file("other.json", phone="+79000000778"), *sms),
        "profile move": ("--from", world.person, "--yes"),
        "consent show": ("medical-data",),
        "consent export": ("medical-data",),
        "consent revoke": ("egisz-transfer", "--yes"),
        "person use": ("self",),
        "api": ("GET", f"/api/v1/doctors?search={SPOKEN.replace(' ', '+')}"),
        "config get": ("url",),
        "config set": ("lang", "en"),
        "config unset": ("lang",),
        "auth token": ("--show",),
        "selfcheck": ("--live",),
        "schema": ("lab_result",),
        "help": ("exit-codes",),
        "mock reset": (),
        "mock clock": (),
        "mock fault": ("list",),
        "mock scenario": (),
    }
