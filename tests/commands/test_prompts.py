"""Every question on a real terminal (pexpect): what is asked, how it is answered, and that secrets are not shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.commands.terminals import Terminal, answer, answers, code_of, ended
from tests.contract.world import PERSON, World


def test_registering_by_prompts(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    child = terminal("register")
    for question, reply in answers():
        if question == "СНИЛС":
            answer(child, question, "12")
            child.expect("СНИЛС|digits")
        answer(child, question, reply)
    code, shown = ended(child)
    assert code == 0
    assert "simplified" in shown
    assert embedded.ok("register", "--from", embedded.person).item["id"] == embedded.ok("whoami").item["id"]


def test_only_what_is_missing_is_asked_for(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    child = terminal("register", "--from", embedded.person_file(email=None))
    answer(child, "E-mail", "nowhere")
    answer(child, "E-mail", "sojkina@example.org")
    assert ended(child)[0] == 0


def test_three_bad_answers_end_it(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    child = terminal("register", "--from", embedded.person_file(email=None))
    for _attempt in range(3):
        answer(child, "E-mail", "nowhere")
    assert ended(child)[0] == 2
    assert embedded("whoami").code == 4


def test_the_end_of_input_is_a_cancellation(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    child = terminal("register")
    child.expect("Last name")
    child.sendeof()
    assert ended(child)[0] == 130


def test_ctrl_c_at_a_question_is_130_and_one_line(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    child = terminal("register")
    child.expect("Last name")
    child.sendintr()
    code, shown = ended(child)
    assert code == 130
    assert "Traceback" not in shown


def test_a_code_is_not_shown_and_may_be_mistyped(embedded: World, terminal: Terminal) -> None:
    embedded.at("registered")
    child = terminal("verify", "--passport-scan", str(embedded.passport), "--selfie", str(embedded.selfie))
    answer(child, r"Code from the SMS \(on the mock: emk mock inbox --code\)", "111111x")
    child.expect("Code from the SMS")
    code = code_of(embedded)
    child.sendline(code)
    ended_with, shown = ended(child)
    assert ended_with == 0
    assert code not in shown
    assert "111111x" not in shown


def test_logging_in_asks_for_phone_and_code(embedded: World, terminal: Terminal) -> None:
    embedded.at("verified").ok("logout")
    child = terminal("login", "-p", "another")
    answer(child, "Phone or СНИЛС", "nonsense")
    answer(child, "Phone or СНИЛС", "8 900 000 07 77")
    child.expect("Code from the SMS")
    child.sendline(code_of(embedded))
    assert ended(child)[0] == 0
    embedded.ok("logout", "-p", "another")
    remembered = terminal("login", "-p", "another")
    remembered.expect("Code from the SMS")
    remembered.sendline(code_of(embedded))
    assert ended(remembered)[0] == 0


def test_each_consent_is_shown_whole_and_takes_the_word(embedded: World, terminal: Terminal) -> None:
    embedded.at("logged-in")
    child = terminal("connect")
    child.expect("Согласие на обработку персональных данных, касающихся здоровья")
    answer(child, "Type the word", "yes")
    answer(child, "Type the word", "agree")
    child.expect("Согласие на передачу сведений в ЕГИСЗ")
    answer(child, "Type the word", "Согласна")
    code, shown = ended(child)
    assert code == 0
    assert "Draft" in shown
    assert {item["status"] for item in embedded.ok("consent", "list").items} == {"accepted"}


def test_enter_declines_a_consent(embedded: World, terminal: Terminal) -> None:
    embedded.at("logged-in")
    child = terminal("connect")
    answer(child, "Type the word", "agree")
    answer(child, "Type the word", "")
    code, shown = ended(child)
    assert code == 5
    assert "emk connect" in shown
    assert embedded.ok("application", "list").items == []


@pytest.mark.parametrize(
    ("reply", "code", "status"),
    [("y", 0, "submitted"), ("", 130, "draft"), ("n", 130, "draft"), ("да", 0, "submitted")],
)
def test_a_confirmation(embedded: World, terminal: Terminal, reply: str, code: int, status: str) -> None:
    embedded.at("connected")
    child = terminal("clinic", "choose", "gp-005")
    answer(child, r"Choose .*905.*\[y/N\]", reply)
    assert ended(child)[0] == code
    assert embedded.ok("status").item["status"] == status


def confirmed_commands(world: World) -> Iterator[tuple[str, ...]]:
    made = world.ok("request", "create", "prescription", "--medicine", "Аторвастатин", "--yes").item["id"]
    transfer = world.ok("transfer", "create", "--to", "gp-001", "--category", "allergies", "--yes").item["id"]
    yield ("request", "cancel", made)
    yield ("request", "create", "prescription", "--medicine", "Бисопролол")
    yield ("transfer", "create", "--to", "gp-002", "--category", "allergies")
    yield ("transfer", "revoke", transfer)
    yield ("consent", "revoke", "egisz-transfer")
    yield ("mock", "reset")


def test_every_other_confirmation_takes_no_for_an_answer(embedded: World, terminal: Terminal) -> None:
    embedded.at("activated")
    for line in list(confirmed_commands(embedded)):
        embedded.ok("mock", "log", "--clear")
        child = terminal(*line)
        answer(child, r"\[y/N\]", "n")
        code, shown = ended(child)
        assert code == 130, (line, shown)
        assert {entry["method"] for entry in embedded.ok("mock", "log").items} <= {"GET"}, line
    assert embedded.ok("status").item["status"] == "activated"


def test_my_data_by_prompts(embedded: World, terminal: Terminal) -> None:
    embedded.at("activated")
    child = terminal("profile", "update")
    answer(child, "Mobile phone", "8 900 000 08 88")
    answer(child, "E-mail", "")
    answer(child, "Registration address", "")
    answer(child, "Residence address", "")
    child.expect("Code from the SMS")
    child.sendline(code_of(embedded))
    assert ended(child)[0] == 0
    assert embedded.ok("profile", "show").item["phone"] == "+79000000888"
    move = terminal("profile", "move")
    answer(move, "Residence address", "г. Москва, г. Зеленоград, корп. 401, кв. 5")
    answer(move, r"\[y/N\]", "y")
    assert ended(move)[0] == 0
    assert "Зеленоград" in embedded.ok("profile", "show").item["residence_address"]


def test_setup_from_nothing_to_activated(embedded: World, terminal: Terminal) -> None:
    embedded.at("new")
    child = terminal("setup", "--wait")
    answer(child, "Where do we begin", "1")
    for question, reply in answers():
        answer(child, question, reply)
    answer(child, "passport", str(embedded.passport))
    answer(child, "yourself", str(embedded.selfie))
    child.expect("Code from the SMS")
    child.sendline(code_of(embedded))
    answer(child, "Type the word", "agree")
    answer(child, "Type the word", "agree")
    child.expect(r"1\. .*поликлиника")
    answer(child, "Clinic", "2")
    answer(child, r"Physician \(Enter: none\)", "")
    code, shown = ended(child)
    assert code == 0
    assert "Activated" in shown
    assert embedded.ok("card", "labs", "--limit", "1").items


@pytest.mark.parametrize(("wait", "code"), [("", 9), ("y", 0)])
def test_setup_offers_physicians_and_to_wait(embedded: World, terminal: Terminal, wait: str, code: int) -> None:
    embedded.at("connected")
    child = terminal("setup", "--clinic", "gp-005")
    child.expect(r"1\. .*терапевт")
    child.expect(r"none of them: the clinic appoints one")
    assert "кардиолог" not in (child.before or "")
    answer(child, "Physician", "1")
    answer(child, r"within 48 hours.*\[y/N\]", wait)
    assert ended(child)[0] == code
    first = next(item for item in embedded.ok("doctor", "list", "--clinic", "gp-005").items if item["panel_open"])
    assert embedded.ok("status").item["doctor"]["id"] == first["id"]


def test_setup_waits_for_the_review_too(embedded: World, terminal: Terminal) -> None:
    embedded.at("registered").ok(*embedded.verify())
    child = terminal("setup", EMK_LANG="ru")
    answer(child, r"Дождаться.*\[д/Н\]", "")
    assert ended(child)[0] == 9
    again = terminal("setup", EMK_LANG="ru")
    answer(again, r"Дождаться.*\[д/Н\]", "да")
    again.expect("СОГЛАСИЕ")


def test_setup_offers_nothing_with_yes(embedded: World, terminal: Terminal) -> None:
    embedded.at("connected")
    code, shown = ended(terminal("setup", "--clinic", "gp-005", "--yes"))
    assert code == 9
    assert "Physician" not in shown
    assert "[y/N]" not in shown
    assert embedded.ok("status").item["doctor"] is None


def test_a_prescription_is_asked_for_by_its_medicine(embedded: World, terminal: Terminal) -> None:
    embedded.at("activated")
    child = terminal("request", "create", "prescription")
    answer(child, "Medicine", "")
    child.expect("an answer is needed")
    answer(child, "Medicine", "Аторвастатин 20 мг")
    answer(child, r"\[y/N\]", "y")
    assert ended(child)[0] == 0
    assert embedded.ok("request", "list").items[0]["medicine"] == "Аторвастатин 20 мг"


def test_setup_for_who_has_an_account(embedded: World, terminal: Terminal) -> None:
    embedded.at("submitted").ok("logout")
    child = terminal("setup", "--wait")
    answer(child, "Where do we begin", "login")
    answer(child, "Phone or СНИЛС", PERSON["snils"])
    child.expect("Code from the SMS")
    child.sendline(code_of(embedded))
    code, shown = ended(child)
    assert code == 0
    assert "Activated" in shown


def test_questions_in_russian(embedded: World, terminal: Terminal) -> None:
    embedded.at("connected")
    child = terminal("clinic", "choose", "gp-005", EMK_LANG="ru")
    answer(child, "Выбрать.*905", "да")
    assert ended(child)[0] == 0
    assert embedded.ok("status").item["status"] == "submitted"


def test_no_input_asks_nothing_on_a_terminal(embedded: World, terminal: Terminal) -> None:
    embedded.at("connected")
    code, shown = ended(terminal("clinic", "choose", "gp-005", "--no-input"))
    assert code == 2
    assert "--yes" in shown
