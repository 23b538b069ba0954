"""The man pages: fresh, whole, clean to a checker, and where `man` finds them for a person."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from emkcli.commands import entries
from emkcli.commands._tree import every_line
from emkcli.presentation import man_pages
from tests.conftest import Emk
from tools import man_pages as generator

ENGLISH, RUSSIAN = generator.PLACES["en"], generator.PLACES["ru"]
NAMES = {"emk.1", *(f"emk-{name}.1" for name in entries())}
CHECKER = shutil.which("mandoc") or ""
READER = shutil.which("man") or ""


def test_they_are_fresh() -> None:
    assert generator.stale() == []


@pytest.mark.parametrize("folder", generator.PLACES.values(), ids=generator.PLACES)
def test_every_word_has_its_page(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == NAMES


def test_every_command_of_a_group_stands_in_its_page_with_examples_and_exit_codes() -> None:
    for line in every_line():
        words = line.split()[1:]
        if len(words) == 2:
            text = (ENGLISH / f"emk-{words[0]}.1").read_text(encoding="utf-8")
            section = text.partition(f'.SS "{line.replace("-", chr(92) + "-")} ')[2].partition(".SS")[0]
            assert "\nExamples:\n" in section, line
            assert "\nExit codes: 0, 2" in section, line


def test_an_option_is_the_bytes_a_person_types() -> None:
    text = (ENGLISH / "emk-card.1").read_text(encoding="utf-8")
    assert r"\-\-abnormal" in text
    assert " --abnormal" not in text


@pytest.mark.parametrize("page", sorted(NAMES))
def test_a_checker_has_nothing_to_say(page: str) -> None:
    """Of Russian, that a long word alone is a long line: a letter counts for eight bytes there."""
    for folder in (ENGLISH, RUSSIAN):
        assert (folder / page).read_text(encoding="utf-8").startswith(".TH EMK")
        complaints = _complaints(folder / page)
        assert [one for one in complaints if folder == ENGLISH or "longer than 80 bytes" not in one] == []


def _complaints(page: Path) -> list[str]:
    """What mandoc says of a page, else what groff does behind `man`; nothing where a machine has neither."""
    if CHECKER:
        return _run(CHECKER, "-T", "lint", "-W", "style", str(page)).stdout.splitlines()
    return _run(READER, "--warnings", "--local-file", str(page)).stderr.splitlines() if READER else []


def _run(*line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})


def test_they_are_installed_where_man_looks(emk: Emk, tmp_path: Path) -> None:
    programs = tmp_path / ".local/bin"
    programs.mkdir(parents=True)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    run = emk("completion", "install", "--man", env={"SHELL": "/bin/bash", "PATH": path})
    place = tmp_path / man_pages.PLACE
    assert (run.code, run.out.splitlines()[1:]) == (0, [str(place)])
    assert "MANPATH" not in run.err
    assert {found.name for found in (place / "man1").iterdir()} == NAMES
    assert (place / "ru/man1/emk-card.1").read_bytes() == (RUSSIAN / "emk-card.1").read_bytes()
    if READER:
        found = subprocess.run(
            [READER, "-w", "emk-card"], env={"HOME": str(tmp_path), "PATH": path}, capture_output=True
        )
        assert found.stdout.decode().strip() == str(place / "man1/emk-card.1")


def test_where_man_would_not_look_is_said(emk: Emk, tmp_path: Path) -> None:
    run = emk("completion", "install", "--man", env={"SHELL": "/bin/bash", "PATH": "/usr/bin"})
    assert run.code == 0
    assert f"MANPATH={tmp_path / man_pages.PLACE}:" in run.err


def test_pages_come_with_install_alone(emk: Emk, tmp_path: Path) -> None:
    run = emk("completion", "bash", "--man", "--json")
    assert (run.code, run.error["hint"]) == (2, "emk completion install --man")
    assert emk("completion", "install", env={"SHELL": "/bin/bash"}).code == 0
    assert not (tmp_path / man_pages.PLACE).exists()
