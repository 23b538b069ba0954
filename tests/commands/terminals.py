"""A command as a process on a terminal of its own (pexpect), and how a person answers it."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from tests.contract.world import PERSON, World

Terminal = Callable[..., "pexpect.spawn[str]"]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def terminal(embedded: World) -> Iterator[Terminal]:
    """`terminal("register")`: the command as a process on a terminal of its own, its standard output in a file if one is named."""
    opened: list[pexpect.spawn[str]] = []

    def start(*line: str, stdout: Path | None = None, columns: int = 200, **env: str) -> pexpect.spawn[str]:
        command = shlex.join([sys.executable, "-m", "emkcli", *line])
        child = pexpect.spawn(
            "sh",
            ["-c", f"exec {command}{f' > {shlex.quote(str(stdout))}' if stdout else ''}"],
            env={**os.environ, "EMK_HOME": str(embedded.home), "TERM": "dumb", **env},
            encoding="utf-8",
            timeout=60,
            dimensions=(50, columns),
        )
        opened.append(child)
        return child

    yield start
    for child in opened:
        child.close(force=True)


def ended(child: pexpect.spawn[str]) -> tuple[int, str]:
    """The exit code and what was still printed."""
    child.expect(pexpect.EOF)
    rest = ESCAPES.sub("", child.before or "")
    child.close()
    code = child.exitstatus
    assert code is not None, child.signalstatus
    return code, rest


def answer(child: pexpect.spawn[str], question: str, reply: str) -> None:
    child.expect(question)
    child.sendline(reply)


def answers() -> Iterator[tuple[str, str]]:
    yield "Last name", PERSON["last_name"]
    yield "First name", PERSON["first_name"]
    yield "Patronymic", PERSON["middle_name"]
    yield "Date of birth", PERSON["birth_date"]
    yield "Sex", PERSON["sex"]
    yield "СНИЛС", PERSON["snils"]
    yield "Mobile phone", PERSON["phone"]
    yield "E-mail", PERSON["email"]
    yield "OMS policy", ""
    yield "Registration address", PERSON["registration_address"]
    yield "Residence address", PERSON["residence_address"]
    yield "Passport series", "00 00"
    yield "Passport number", PERSON["passport"]["number"]
    yield "Passport issued by", PERSON["passport"]["issued_by"]
    yield "Passport issued on", PERSON["passport"]["issued_on"]
    yield "Department code", PERSON["passport"]["department_code"]


def code_of(world: World) -> str:
    return world("mock", "inbox", "--code").out.strip()
