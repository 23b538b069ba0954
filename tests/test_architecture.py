"""The house, held against its drawing."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from emkcli.api.ports import Accounts, Card, Identity, Portal
from emkcli.commands import entries
from emkcli.commands._command import spec_of
from emkcli.commands._tree import functions_of
from tests.conftest import ROOT

SOURCE = sorted((ROOT / "emkcli").rglob("*.py"))
PORTS = {"accounts": Accounts, "identity": Identity, "portal": Portal, "card": Card}


def test_imports_point_down_only() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_every_room_stands_in_the_contract() -> None:
    """`exhaustive` lets lint-imports say the same; a contract that lost the word is noticed here."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    named = [room.strip() for layer in layers for room in layer.split("|")]
    assert sorted(named) == sorted(rooms(ROOT / "emkcli"))


def rooms(house: Path) -> set[str]:
    """Its modules and packages; data without a module is no room."""
    packages = {file.parent.relative_to(house).parts[0] for file in house.rglob("*.py") if file.parent != house}
    return packages | {file.stem for file in house.glob("*.py")} - {"__init__"}


@pytest.mark.parametrize("port", PORTS.values(), ids=PORTS)
def test_every_operation_is_documented_and_raises_unsupported(port: type) -> None:
    from emkcli import errors

    for name, operation in inspect.getmembers(port, inspect.isfunction):
        if name.startswith("_") or name == "unsupported":
            continue
        assert operation.__doc__, f"{port.__name__}.{name}"
        arguments = {name: None for name in inspect.signature(operation).parameters if name != "self"}
        with pytest.raises(errors.Unsupported):
            operation(port(), **arguments)


def test_every_operation_has_an_implementation_and_a_route() -> None:
    """The REST dialect implements accounts, identity and portal; FHIR implements the card. What begins in a browser or on
    another device is the OpenID provider's."""
    elsewhere = {"authorize", "exchange_authorization", "authorize_device", "exchange_device", "logout_address"}
    from emkcli.api.fhir.card import FhirCard
    from emkcli.api.rest.accounts import RestAccounts
    from emkcli.api.rest.identity import RestIdentity
    from emkcli.api.rest.portal import RestPortal

    for port, implementation in (
        (Accounts, RestAccounts),
        (Identity, RestIdentity),
        (Portal, RestPortal),
        (Card, FhirCard),
    ):
        for name, _operation in inspect.getmembers(port, inspect.isfunction):
            if not name.startswith("_") and name != "unsupported" and name not in elsewhere:
                assert getattr(implementation, name) is not getattr(port, name), (
                    f"{implementation.__name__}.{name} is missing"
                )


def test_every_operation_of_the_portal_is_behind_a_command() -> None:
    """An operation nobody can reach was forgotten on the way up."""
    used = "\n".join(
        p.read_text(encoding="utf-8")
        for p in SOURCE
        if p.parts[-2] in {"commands", "onboarding", "card", "diagnostics"}
    )
    for name, _operation in inspect.getmembers(Portal, inspect.isfunction):
        if not name.startswith("_") and name != "unsupported":
            assert re.search(rf"portal\.{name}\b", used), f"no command reaches portal.{name}"


def test_what_a_command_needs_is_an_operation() -> None:
    for entry in entries().values():
        for word, function in functions_of(entry).items():
            spec = spec_of(function)
            if spec and spec.needs:
                port, _, operation = spec.needs.partition(".")
                assert hasattr(PORTS[port], operation), f"{entry.name} {word} needs {spec.needs}"


def test_no_drawers_and_no_prompt_in_an_option() -> None:
    for path in SOURCE:
        assert path.stem not in {"utils", "helpers", "common", "base_utils", "misc"}, path
        text = path.read_text(encoding="utf-8")
        assert "prompt=True" not in text, path
        assert "import click" not in text, path


def test_only_the_renderer_and_what_starts_the_process_write_to_stdout() -> None:
    allowed = {"__main__.py", "_tree.py", "terminal.py", "cli.py", "app.py"}
    for path in SOURCE:
        if path.parts[-2] == "render" or path.name in allowed:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [
            n
            for n in ast.walk(tree)
            if isinstance(n, ast.Call) and ast.unparse(n.func) in {"print", "sys.stdout.write"}
        ]
        assert not calls, f"{path} writes to stdout"


def test_modules_say_what_they_are_for() -> None:
    for path in SOURCE:
        text = path.read_text(encoding="utf-8")
        if text.strip():
            assert ast.get_docstring(ast.parse(text)), f"{path} has no line at its top"


def test_no_secret_is_an_option_value() -> None:
    secret = re.compile(r"^--(token|password|passphrase|secret|code|pin)$")
    for entry in entries().values():
        for word, function in functions_of(entry).items():
            for parameter in inspect.signature(function).parameters.values():
                for info in getattr(parameter.annotation, "__metadata__", ()):
                    names = getattr(info, "param_decls", None) or ()
                    assert not any(secret.match(name) for name in names), f"{entry.name} {word} {names}"
