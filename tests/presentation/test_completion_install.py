"""`emk completion install` in a fresh home: what it says is all that is needed, and then Tab works in a shell that reads its settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

SHELLS = ["bash", *(shell for shell in ("zsh", "fish") if shutil.which(shell))]
SETTINGS = {"bash": ".bashrc", "zsh": ".zshrc"}


def environment(home: Path, shell: str) -> dict[str, str]:
    """A person's first login: nothing but a home, a shell and a terminal."""
    return {
        "HOME": str(home), "SHELL": str(shutil.which(shell)), "PATH": f"{home}/bin:{os.environ['PATH']}", "TERM": "dumb",
        "LC_ALL": "C.UTF-8", "EMK_HOME": str(home / "emk"), "EMK_KEYRING": "off",
    }  # fmt: skip


def install(home: Path, shell: str) -> tuple[Path, list[str]]:
    """The file that was written, and the lines that are to be put into the shell's settings."""
    done = subprocess.run(
        [sys.executable, "-m", "emkcli", "completion", "install"],
        env=environment(home, shell), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    lines = [line.removeprefix("emk:     ") for line in done.stderr.splitlines() if line.startswith("emk:     ")]
    return Path(done.stdout.strip()), lines


def run_by_tab(home: Path, shell: str, patience: float) -> str:
    """What `emk statu`, Tab, `--exit`, Tab and Enter run in a shell of that home."""
    child = pexpect.spawn(
        str(shutil.which(shell)), ["-i"], env=environment(home, shell), cwd=home, encoding="utf-8", timeout=60
    )
    child.delaybeforesend = None
    child.send("echo rea''dy\r")
    child.expect_exact("ready\r\n")
    for keys in ("emk statu\t", "--exit\t", "\r"):
        child.send(keys)
        time.sleep(patience)
    child.expect("ran:([^:]*):")
    child.close(force=True)
    return str(child.match[1]).strip()


@pytest.mark.parametrize("shell", SHELLS)
def test_after_what_it_says_tab_works(tmp_path: Path, shell: str) -> None:
    if shell in SETTINGS:
        (tmp_path / SETTINGS[shell]).write_text("# mine\n")
    file, lines = install(tmp_path, shell)
    assert file.is_relative_to(tmp_path)
    if shell in SETTINGS:
        assert (tmp_path / SETTINGS[shell]).read_text() == "# mine\n"
        (tmp_path / SETTINGS[shell]).write_text("\n".join(lines) + "\n")
    program = tmp_path / "bin" / "emk"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "ran:$*:"\n')
    program.chmod(0o755)
    assert "status --exit-code" in (run_by_tab(tmp_path, shell, patience) for patience in (0.3, 1, 3))


KNOWING = [
    (
        "zsh",
        "echo noise\nfpath=(~/functions $fpath)\nautoload -Uz compinit; compinit -D\n",
        "functions/_emk",
        [],
    ),
    ("zsh", "fpath=(~/functions $fpath)\n", "functions/_emk", ["autoload -Uz compinit && compinit"]),
    ("bash", "echo noise\n_completion_loader() { :; }\n", ".local/share/bash-completion/completions/emk", []),
]


@pytest.mark.parametrize(("shell", "settings", "file", "lines"), [case for case in KNOWING if case[0] in SHELLS])
def test_what_the_shell_has_already_is_not_asked_for(
    tmp_path: Path, shell: str, settings: str, file: str, lines: list[str]
) -> None:
    (tmp_path / "functions").mkdir()
    (tmp_path / SETTINGS[shell]).write_text(settings)
    assert install(tmp_path, shell) == (tmp_path / file, lines)


def test_a_shell_that_never_gets_ready_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / ".bashrc").write_text("sleep 300\n")
    file, lines = install(tmp_path, "bash")
    assert lines == [f"source {file}"]
