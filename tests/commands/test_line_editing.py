"""Keys at a question: arrows move, nothing is remembered, and the library leaves no trace on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from emkcli.presentation import line_editing
from tests.commands.terminals import Terminal, answer, ended
from tests.contract.world import World

LEFT, UP, HOME, DELETE = "\x1b[D", "\x1b[A", "\x1b[H", "\x1b[3~"
UTF8 = {"LC_ALL": "C.UTF-8", "TERM": "xterm"}


def kept(world: World) -> dict[str, Any]:
    (file,) = (world.home / "state" / "answers").glob("*.json")
    answers: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["person"]
    return answers


def test_a_mistyped_letter_is_mended_where_it_stands(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    child = terminal("register", **UTF8)
    answer(child, "Last name", f"Ябразцва{LEFT}{LEFT}о{HOME}{DELETE}О")
    answer(child, "First name", f"Анна{LEFT}{LEFT}{LEFT}{LEFT}\x7f")
    child.expect("Patronymic")
    child.sendintr()
    assert ended(child)[0] == 130
    assert kept(embedded) == {"last_name": "Образцова", "first_name": "Анна"}


def test_no_history_is_offered(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    child = terminal("register", **UTF8)
    answer(child, "Last name", "Образцова")
    answer(child, "First name", UP)
    child.expect("an answer is needed")
    child.expect("First name")
    child.sendeof()
    code, shown = ended(child)
    assert code == 130
    assert "cancelled: the input ended" in shown


def test_letters_are_whole_in_the_locale_c(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    child = terminal("register", LC_ALL="C", PYTHONUTF8="1")
    answer(child, "Last name", "Образцова")
    child.expect("First name")
    child.sendintr()
    assert ended(child)[0] == 130
    assert kept(embedded) == {"last_name": "Образцова"}


def test_standard_output_has_the_data_alone(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    out = embedded.files / "account.json"
    child = terminal("register", "--from", embedded.person_file(email=None), "-o", "json", stdout=out, **UTF8)
    answer(child, "E-mail", f"anna@example.og{LEFT}r{UP}")
    assert ended(child)[0] == 0
    assert embedded.ok("profile", "show").item["email"] == "anna@example.org"
    assert json.loads(out.read_text(encoding="utf-8"))["kind"] == "account"


def test_nothing_is_loaded_for_it_without_a_question(embedded: World) -> None:
    line = "import sys; from emkcli.cli import main; code = main(['next', '--no-input']); print('readline' in sys.modules, code)"
    run = subprocess.run(
        [sys.executable, "-c", line], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True
    )
    assert run.stdout.splitlines()[-1] == "False 0"


def test_libedit_is_told_the_keys_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[str] = []
    histories: list[bool] = []
    library = SimpleNamespace(
        __doc__="… using libedit readline.", parse_and_bind=bound.append, set_auto_history=histories.append
    )
    monkeypatch.setitem(sys.modules, "readline", library)
    assert line_editing._bound()
    assert histories == [False]
    assert r'bind "\e[3~" ed-delete-next-char' in bound
    library.__doc__, bound[:] = "… using GNU readline.", []
    assert line_editing._bound()
    assert bound == []
    monkeypatch.setitem(sys.modules, "readline", None)
    assert not line_editing._bound()
