"""Questions on a real terminal, and their silent twin."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

import emkcli
from emkcli import errors
from emkcli.presentation import prompt

ASKING = """
import sys
from emkcli import errors
from emkcli.registration import identifiers
from emkcli.presentation.prompt import Prompter
prompter = Prompter(sys.stdin, sys.stderr, lambda text: text.replace("\\x1b", "?"))
try:
    print(repr({call}))
except errors.EmkError as error:
    print(error.slug, error.message)
"""
Terminal = Callable[[str], pexpect.spawn]


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    return tmp_path / "stdout"


@pytest.fixture
def terminal(tmp_path: Path, answers: Path) -> Iterator[Terminal]:
    """Runs one call on a pseudo-terminal that is stdin and stderr; stdout is a file, as in a pipe."""
    children = []

    def run(call: str) -> pexpect.spawn:
        script = tmp_path / "asking.py"
        script.write_text(ASKING.replace("{call}", call), encoding="utf-8")
        line = f"exec {sys.executable} -X utf8 {script} > {answers}"
        environment = {**os.environ, "PYTHONPATH": str(Path(emkcli.__file__).parents[1])}
        child = pexpect.spawn("sh", ["-c", line], encoding="utf-8", timeout=60, env=environment)
        child.delaybeforesend = None
        children.append(child)
        return child

    yield run
    for child in children:
        child.close(force=True)


def ended(child: pexpect.spawn, answers: Path) -> str:
    child.expect(pexpect.EOF)
    child.close()
    return answers.read_text(encoding="utf-8").strip()


def test_ask_shows_the_rule_and_asks_again(terminal: Terminal, answers: Path) -> None:
    child = terminal("prompter.ask('Phone', option='--from', check=identifiers.phone)")
    child.expect("Phone: ")
    child.sendline("12")
    child.expect("a Russian mobile number is expected")
    child.expect("Phone: ")
    child.sendline("8 900 000-00-01")
    assert ended(child, answers) == "'+79000000001'"


def test_ask_gives_up_after_three_wrong_answers(terminal: Terminal, answers: Path) -> None:
    child = terminal("prompter.ask('Phone', option='--from', check=identifiers.phone)")
    for wrong in ("1", "", "4510123456"):
        child.expect("Phone: ")
        child.sendline(wrong)
    said = ended(child, answers)
    assert said.startswith("invalid_input Phone: a Russian mobile number")
    assert "4510123456" not in said


def test_ask_takes_the_default(terminal: Terminal, answers: Path) -> None:
    child = terminal("prompter.ask('City', option='--city', default='Москва')")
    child.expect(r"City \[Москва\]: ")
    child.sendline("")
    assert ended(child, answers) == "'Москва'"


def test_ask_may_be_optional(terminal: Terminal, answers: Path) -> None:
    child = terminal("prompter.ask('Patronymic', option='--from', default='', check=identifiers.name)")
    child.expect("Patronymic: ")
    child.sendline("")
    assert ended(child, answers) == "''"


def test_a_secret_is_not_shown(terminal: Terminal, answers: Path) -> None:
    child = terminal("prompter.secret('Code', option='--code-stdin')")
    child.expect("Code: ")
    child.waitnoecho(5)
    child.sendline("314159")
    child.expect(pexpect.EOF)
    assert "314159" not in child.before
    assert ended(child, answers) == "'314159'"


@pytest.mark.parametrize(("typed", "answer"), [("y", "True"), ("ДА", "True"), ("", "False"), ("no", "False")])
def test_confirm(terminal: Terminal, answers: Path, typed: str, answer: str) -> None:
    child = terminal("prompter.confirm('Sure?')")
    child.expect(r"Sure\? \[y/N\] ")
    child.sendline(typed)
    assert ended(child, answers) == answer


def test_choose_by_number_or_value(terminal: Terminal, answers: Path) -> None:
    child = terminal("prompter.choose('Clinic', [('c-1', 'First'), ('c-2', 'Sec\\x1bond')], option='CLINIC')")
    child.expect("1. First")
    child.expect(r"2. Sec\?ond")
    child.expect("Clinic: ")
    child.sendline("3")
    child.expect("a number from 1 to 2")
    child.sendline("2")
    assert ended(child, answers) == "'c-2'"


@pytest.mark.parametrize(
    ("typed", "answer"), [("agree", "True"), ("«Согласна».", "True"), ("", "False"), ("no", "False")]
)
def test_consent_takes_the_word_alone(terminal: Terminal, answers: Path, typed: str, answer: str) -> None:
    child = terminal("prompter.consent('Medical data', 'Line one\\n\\nLast line', option='--accept-consent')")
    child.expect("Medical data")
    child.expect("Line one")
    child.expect("Last line")
    child.expect("to decline: ")
    child.sendline(typed)
    assert ended(child, answers) == answer


def test_yes_is_no_consent(terminal: Terminal, answers: Path) -> None:
    child = terminal("prompter.consent('T', 'text', option='--accept-consent')")
    for _attempt in range(3):
        child.expect("to decline: ")
        child.sendline("yes")
    assert ended(child, answers) == "False"


@pytest.mark.parametrize("call", ["ask('Q', option='-o')", "secret('Q', option='-o')", "confirm('Q')"])
def test_the_end_of_input_cancels(terminal: Terminal, answers: Path, call: str) -> None:
    child = terminal(f"prompter.{call}")
    child.expect("Q")
    if "secret" in call:
        child.waitnoecho(5)
    child.sendeof()
    assert ended(child, answers).startswith("cancelled")


def test_ctrl_c_interrupts(terminal: Terminal, answers: Path) -> None:
    child = terminal("prompter.ask('Q', option='-o')")
    child.expect("Q: ")
    child.sendintr()
    child.expect("KeyboardInterrupt")
    assert ended(child, answers) == ""


def quiet_twin(stdin: str = "") -> prompt.NoInput:
    return prompt.NoInput(io.StringIO(stdin), io.StringIO(), str)


QUESTIONS: dict[str, Callable[[prompt.Dialogue], object]] = {
    "--from FILE": lambda one: one.ask("Phone", option="--from FILE"),
    "--code-stdin": lambda one: one.secret("Code", option="--code-stdin"),
    "--yes": lambda one: one.confirm("Sure?"),
    "CLINIC": lambda one: one.choose("Clinic", [("a", "A")], option="CLINIC"),
    "--accept-consent": lambda one: one.consent("Medical data", "text", option="--accept-consent"),
}


@pytest.mark.parametrize("option", QUESTIONS)
def test_without_input_a_question_names_the_option(option: str) -> None:
    with pytest.raises(errors.Usage) as caught:
        QUESTIONS[option](quiet_twin("y\n"))
    assert option in caught.value.message
    assert caught.value.exit_code == 2


def test_without_input_a_default_is_the_answer() -> None:
    assert quiet_twin().ask("Patronymic", option="--from", default="", check=int) == ""  # type: ignore[arg-type]
    assert quiet_twin().ask("City", option="--city", default="x", check=str.upper) == "X"


def test_a_code_comes_from_standard_input() -> None:
    assert quiet_twin(" 314159 \r\nrest").read_stdin_line() == "314159"
    for empty in ("", "\n"):
        with pytest.raises(errors.InvalidInput, match="--code-stdin"):
            quiet_twin(empty).read_stdin_line()


def test_undecodable_input_is_no_answer() -> None:
    for strictness in ("strict", "surrogateescape"):
        stdin = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8", errors=strictness)
        with pytest.raises(errors.InvalidInput):
            prompt.NoInput(stdin, io.StringIO(), str).read_stdin_line()


def test_a_terminal_that_cannot_hide_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import getpass

    monkeypatch.setattr(getpass, "getpass", getpass.fallback_getpass)  # type: ignore[attr-defined]
    with pytest.raises(errors.Usage, match="--code-stdin"):
        prompt.Prompter(io.StringIO("314159\n"), io.StringIO(), str).secret("Code", option="--code-stdin")
