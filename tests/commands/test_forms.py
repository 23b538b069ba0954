"""What was typed is never lost: kept 0600, offered by the next run, removed by success and by logout."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from tests.commands.terminals import Terminal, answer, answers, ended
from tests.contract.world import PERSON, World

ANSWERS = list(answers())
QUESTIONS = [question for question, _reply in ANSWERS]


def kept(world: World) -> list[Path]:
    return list((world.home / "state" / "answers").glob("*.json"))


def begun(world: World, terminal: Terminal, until: str, **env: str) -> None:
    """A registration whose question `until` gets three wrong answers."""
    child = terminal("register", **env)
    for question, reply in ANSWERS[: QUESTIONS.index(until)]:
        answer(child, question, reply)
    for _attempt in range(3):
        answer(child, until, "!")
    code, shown = ended(child)
    assert code == 2
    assert "emk logout removes it" in shown
    assert "Traceback" not in shown


def test_three_wrong_answers_cost_no_other(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    begun(embedded, terminal, "Passport number")
    (file,) = kept(embedded)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    child = terminal("register")
    child.expect("Enter takes the answer in brackets")
    for question in QUESTIONS[:12]:
        answer(child, question, "")
    for question, reply in ANSWERS[12:]:
        answer(child, rf"{question}[^\[\]]*: ", reply)
    assert ended(child)[0] == 0
    assert kept(embedded) == []
    assert embedded.ok("register", "--from", embedded.person).item["id"] == embedded.ok("whoami").item["id"]


def test_ctrl_c_costs_no_answer(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    child = terminal("register")
    answer(child, "Last name", PERSON["last_name"])
    child.expect("First name")
    child.sendintr()
    code, shown = ended(child)
    assert code == 130
    assert "\nemk: What was answered is kept" in shown.replace("\r", "")
    again = terminal("register")
    again.expect(rf"Last name \[{PERSON['last_name']}\]: ")
    again.sendline("Иначева")
    again.expect("First name: ")
    again.sendeof()
    assert ended(again)[0] == 130
    terminal("register").expect(r"Last name \[Иначева\]: ")


def test_an_optional_answer_that_was_kept_can_be_emptied(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    begun(embedded, terminal, "Date of birth")
    child = terminal("register")
    answer(child, "Last name", "-")
    child.expect("only letters")
    answer(child, "Last name", "")
    answer(child, "First name", "")
    answer(child, rf"Patronymic, if any \[{PERSON['middle_name']}\]", "-")
    child.expect("Date of birth")
    child.sendintr()
    assert ended(child)[0] == 130
    last = terminal("register")
    answer(last, "Last name", "")
    answer(last, "First name", "")
    last.expect("Patronymic, if any: ")


def test_logout_removes_what_was_answered(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    begun(embedded, terminal, "First name")
    assert len(kept(embedded)) == 1
    embedded.ok("logout")
    assert kept(embedded) == []
    terminal("register").expect("Last name: ")


def test_a_trial_keeps_the_answers_and_a_script_is_given_none(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    child = terminal("register", "--dry-run", "--from", embedded.person_file(email=None))
    answer(child, "E-mail", "sojkina@example.org")
    assert ended(child)[0] == 0
    assert "sojkina@example.org" in kept(embedded)[0].read_text(encoding="utf-8")
    embedded.fails(2, "usage", "register", "--from", embedded.person_file(email=None))


def test_a_picture_that_is_none_is_told_at_once(embedded: World, terminal: Terminal, tmp_path: Path) -> None:
    embedded.at("registered")
    spaced = tmp_path / "my passport.png"
    spaced.write_bytes(Path(embedded.passport).read_bytes())
    child = terminal("verify")
    answer(child, "Scan of the passport", str(tmp_path / "nowhere.jpg"))
    child.expect("no such file")
    answer(child, "Scan of the passport", str(embedded.person_file()))
    child.expect("a PNG or JPEG picture is expected")
    answer(child, "Scan of the passport", f"'{spaced}'")
    for _attempt in range(3):
        answer(child, "Photo of yourself", "-")
        child.expect("no such file")
    assert ended(child)[0] == 2
    again = terminal("verify")
    answer(again, rf"Scan of the passport \(file\) \[{re.escape(str(spaced))}\]", "")
    answer(again, "Photo of yourself", str(embedded.selfie))
    again.expect("Code from the SMS")
    again.sendline(embedded("mock", "inbox", "--code").out.strip())
    assert ended(again)[0] == 0
    assert kept(embedded) == []


def test_setup_tells_of_a_picture_before_it_asks_anything(embedded: World, terminal: Terminal, tmp_path: Path) -> None:
    embedded.at("new")
    child = terminal("setup", "--selfie", str(tmp_path / "nowhere.jpg"))
    answer(child, "Where do we begin", "1")
    code, shown = ended(child)
    assert code == 2
    assert "no such file" in shown
    assert "Last name" not in shown


@pytest.mark.parametrize("words", ["same", "как адрес регистрации", "По прописке."])
def test_the_residence_may_be_the_registration(embedded: World, terminal: Terminal, words: str) -> None:
    embedded.at("new")
    child = terminal("register", "--from", embedded.person_file(residence_address=None))
    answer(child, "Residence address", words)
    assert ended(child)[0] == 0
    profile = embedded.ok("profile", "show").item
    assert profile["residence_address"] == profile["registration_address"] == PERSON["registration_address"]


def test_a_passport_older_than_its_holder_is_told_at_its_question(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    child = terminal("register", "--from", embedded.person_file(passport=PERSON["passport"] | {"issued_on": None}))
    answer(child, "Passport issued on", "31.12.1901")
    child.expect("must not be before birth_date")
    answer(child, "Passport issued on", "05.04.2010")
    assert ended(child)[0] == 0


def test_my_data_is_a_form_too(embedded: World, terminal: Terminal) -> None:
    embedded.at("activated")
    child = terminal("profile", "update", EMK_LANG="ru")
    answer(child, "телефон", "8 900 000 08 88")
    for _attempt in range(3):
        answer(child, "Эл. почта", "nowhere")
    assert ended(child)[0] == 2
    again = terminal("profile", "update", EMK_LANG="ru")
    again.expect(r"телефон.*\[\+79000000888\]")
    embedded.ok("logout")
    assert kept(embedded) == []
