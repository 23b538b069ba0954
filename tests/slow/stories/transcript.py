"""Shell transcripts as tests: `$ command`, below it what it prints, `…` for anything, `[N]` for an exit code that is not 0."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from tests.conftest import TODAY

PROMPT = "$ "


@dataclass
class Step:
    command: str
    expected: list[str] = field(default_factory=list)
    code: int = 0
    line: int = 0


def steps_of(text: str) -> list[Step]:
    """The steps of a transcript; lines before the first prompt and `#` lines are prose."""
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(PROMPT):
            steps.append(Step(line[len(PROMPT) :], line=number))
        elif steps and line.startswith("> "):
            steps[-1].command += "\n" + line[2:]
        elif steps and re.fullmatch(r"\[\d+\]", line):
            steps[-1].code = int(line[1:-1])
        elif steps and not line.startswith("#"):
            steps[-1].expected.append(line)
    for step in steps:
        while step.expected and not step.expected[-1]:
            step.expected.pop()
    return steps


class Shell:
    """One bash that lives through a story, so that variables and the directory stay."""

    def __init__(self, home: Path) -> None:
        self.home = home
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        self._bash = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=home,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def run(self, command: str) -> tuple[int, list[str]]:
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '\\n--end %d--\\n' $?\n")
        self._bash.stdin.flush()
        lines: list[str] = []
        for line in self._bash.stdout:
            if end := re.fullmatch(r"--end (\d+)--\n", line):
                while lines and not lines[-1]:
                    lines.pop()
                return int(end[1]), lines
            lines.append(line.rstrip("\n"))
            if re.fullmatch(r"http://127\.0\.0\.1:\d+/\S+", lines[-1]):
                with urlopen(lines[-1]) as page:  # as the reader would
                    page.read()
        raise AssertionError("the shell ended")

    def close(self) -> None:
        self._bash.kill()
        self._bash.communicate()


def matches(expected: list[str], printed: list[str]) -> bool:
    """`…` alone on a line stands for any lines, inside a line for any text."""
    if not expected:
        return not printed
    if expected[0] == "…":
        return any(matches(expected[1:], printed[skipped:]) for skipped in range(len(printed) + 1))
    if not printed:
        return False
    pattern = ".*".join(re.escape(part) for part in expected[0].split("…"))
    return re.fullmatch(pattern, printed[0]) is not None and matches(expected[1:], printed[1:])


def play(text: str, home: Path) -> None:
    """Run every step and compare."""
    shell = Shell(home)
    try:
        shell.run(
            f"emk mock clock set {TODAY} > /dev/null"
        )  # the mock's card is that of one day, whenever a story is told
        for step in steps_of(text):
            code, printed = shell.run(step.command)
            shown = "\n".join(printed)
            assert code == step.code, f"line {step.line}: {step.command}\nended with {code}\n{shown}"
            assert matches(step.expected, printed), f"line {step.line}: {step.command}\nprinted\n{shown}"
    finally:
        shell.close()
