"""What lists showed is offered on Tab by the shells themselves, with emk not started; a file that is not as it must be is passed over."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.presentation.test_completion_scripts import (
    GIVEN_SHELLS,
    KINDS,
    Fish,
    Terminal,
    home,
    patiently,
    plain,
)

__all__ = ["home"]  # the fixture
HOSTILE = "g$(touch started)`touch started`;touch started&'\""


def keep(home: Path, kind: str, lines: str, owner: str = "default") -> Path:
    file = home / ".local/state/emk/completion" / owner / kind
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(lines, encoding="utf-8")
    file.chmod(0o600)
    return file


@pytest.fixture(params=GIVEN_SHELLS)
def shell(request: pytest.FixtureRequest, home: Path) -> Iterator[Terminal | Fish]:
    (home / "bin" / "find").unlink()
    (home / "bin" / "find").symlink_to(str(shutil.which("find")))
    started = KINDS[request.param](home, request.param)
    yield started
    started.close()


def offers(shell: Terminal | Fish, line: str, words: set[str]) -> bool:
    return patiently(lambda p: {plain(word) for word in shell.offered(line, p)}, words.__eq__)


def test_what_was_listed_is_offered_and_emk_is_not_started(shell: Terminal | Fish, home: Path) -> None:
    keep(home, "clinic", "gp-001\tГП № 901\ngp-002\tГП № 902\nhospital\t\n")
    keep(home, "clinic", "gp-901\tof work\n", "work")
    keep(home, "clinic", "gp-701\tof a server\n", "default@http")
    keep(home, "person", "p-1\toneself\n")
    keep(home, "profile", "work\thttp\n", "@")
    for line, words in {
        "emk clinic show g": {"gp-001", "gp-002"},
        "emk card labs --clinic ": {"gp-001", "gp-002", "hospital"},
        "emk card labs --clinic=gp-": {"gp-001", "gp-002"},
        "emk -p work clinic show g": {"gp-901"},
        "emk clinic show --profile=work g": {"gp-901"},
        "emk --backend http clinic show g": {"gp-701"},
        "emk -p ../../x clinic show g": set(),
        "emk --person p": {"p-1"},
        "emk status --profile w": {"work"},
        "emk doctor show d": set(),
    }.items():
        assert offers(shell, line, words), line
    assert not (home / "started").exists()


def test_a_file_that_others_can_read_is_old_or_no_file_is_passed_over(shell: Terminal | Fish, home: Path) -> None:
    file = keep(home, "clinic", "gp-001\tone\n")
    assert offers(shell, "emk clinic show g", {"gp-001"})
    for mode in (0o604, 0o640, 0o620, 0o602):
        file.chmod(mode)
        assert offers(shell, "emk clinic show g", set()), oct(mode)
    file.chmod(0o600)
    if os.geteuid() == 0:  # only root can give a file away
        os.chown(file, 65534, -1)
        assert offers(shell, "emk clinic show g", set())
        os.chown(file, 0, -1)
    month_ago = time.time() - 31 * 86400
    os.utime(file, (month_ago, month_ago))
    assert offers(shell, "emk clinic show g", set())
    os.utime(file)
    assert offers(shell, "emk clinic show g", {"gp-001"})
    elsewhere = file.rename(home / "elsewhere")
    file.symlink_to(elsewhere)
    assert offers(shell, "emk clinic show g", set())
    file.unlink()
    file.mkdir(mode=0o700)
    assert offers(shell, "emk clinic show g", set())


def test_lines_that_emk_does_not_write_are_passed_over(shell: Terminal | Fish, home: Path) -> None:
    broken = "gp-no-tab\n\tgp-no-value\n-g\toption\ng\x1b[31m\tred\ngp-3\ttoo\tmany\ngp-001\tone\n"
    keep(home, "clinic", broken)
    assert offers(shell, "emk clinic show g", {"gp-001"})
    file = keep(home, "clinic", "")
    file.write_bytes(os.urandom(64).replace(b"\n", b"") + b"\n")
    assert offers(shell, "emk clinic show g", set())


def test_a_value_is_an_argument_and_nothing_else(home: Path) -> None:
    for name in sorted({"bash", "zsh"} & set(GIVEN_SHELLS)):
        keep(home, "clinic", f"{HOSTILE}\t$(touch started)\n")
        for program, code in {
            "find": f'exec {shutil.which("find")} "$@"',
            "emk": f"printf 'argument:%s:\\n' \"$@\" >{home}/arguments",
            "touch": f"echo touch >>{home}/started",
        }.items():
            (home / "bin" / program).write_text(f"#!/bin/sh\n{code}\n")
            (home / "bin" / program).chmod(0o755)
        terminal = KINDS[name](home, name)
        assert isinstance(terminal, Terminal)
        assert patiently(lambda p, t=terminal: entered(t, home, "emk clinic show g", p), f":{HOSTILE}:".__eq__), name
        for quote in "\"'":
            terminal.typed(f"emk clinic show {quote}g", 0.3)
        terminal.close()
        assert not (home / "started").exists(), name


def entered(terminal: Terminal, home: Path, line: str, patience: float) -> str:
    """The last argument that emk got when the completed line was entered."""
    (home / "arguments").unlink(missing_ok=True)
    terminal.completed(line, patience)
    given = (home / "arguments").read_text() if (home / "arguments").exists() else ""
    return given.splitlines()[-1].removeprefix("argument") if given else ""


def test_descriptions_stand_in_the_list_and_not_on_the_line(shell: Terminal | Fish, home: Path) -> None:
    keep(home, "person", "p-1\toneself, 1985\np-2\tchild, 2019\n")
    if isinstance(shell, Fish):
        assert shell.described("emk person use p") == ["p-1\toneself, 1985", "p-2\tchild, 2019"]
        return
    assert patiently(lambda p: shell.typed("emk person use p-\t\t", p), lambda screen: "p-2  child, 2019" in screen)
    assert "child" not in shell.typed("emk person use p-2", 0.3)
