"""No environment is called a bug of ours: homes that nobody knows, values that are no text, streams that take nothing."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from emkcli.config.settings import SETTING_METADATA
from tests.conftest import Emk
from tests.hostile.runs import Line, check, run

RUBBISH = (
    "\udcff\udcfe",
    "~nosuch",
    "nan",
    "http://[",
    "https://u:p@host",
    "https://h:99999",
    "\x1b[2J",
    "x" * 3000,
    "/dev/full",
)
AROUND = (
    "COLUMNS",
    "LANG",
    "LC_ALL",
    "TZ",
    "TERM",
    "NO_COLOR",
    "HTTPS_PROXY",
    "SSL_CERT_FILE",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
)
NAMES = sorted({*(row["env"] for row in SETTING_METADATA.values()), "EMK_HOME", "EMK_TOKEN", *AROUND})
OUTPUTS = (
    "--version",
    "completion bash",
    "--help",
    "card --help",
    "schema lab_result",
    "config list -o json",
    "status -o json",
)


@pytest.mark.parametrize("name", NAMES)
def test_rubbish_in_a_variable(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for value in RUBBISH:
        line = Line(("whoami", "-o", "json"), env={name: value})
        done = run(line)
        check(line, done)
        assert done.code != 0, "nobody is logged in"
        assert "u:p@" not in done.err


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without a row in the table of users, and no `HOME`."""

    def nobody(_uid: int) -> NoReturn:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    for name in ("HOME", "EMK_HOME"):
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("unknown")
def test_somebody_without_a_home_is_told_what_to_set(emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = emk("whoami", "--json")
    assert (refused.code, refused.error["code"]) == (2, "invalid_input")
    assert "EMK_HOME" in refused.error["hint"]
    assert emk("card", "--help").code == 0
    assert emk("config", "path", env={"EMK_HOME": str(tmp_path)}).code == 0
    assert not (tmp_path / "~").exists()


def test_a_directory_that_is_gone(emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for line in (Line(("whoami", "-o", "json")), Line(("card", "import", "x.xml", "-o", "json"))):
        done = run(line)
        check(line, done)
        assert done.code != 0


@pytest.mark.parametrize(
    "address", ["http://[", "https://user:password@[::", "https://h:99999", "https://", "https://a b/"]
)
def test_an_address_that_is_none(emk: Emk, address: str) -> None:
    refused = emk("whoami", "--url", address, "--json")
    assert (refused.code, refused.error["code"]) == (2, "usage")
    assert "password@" not in refused.err


@pytest.mark.parametrize("line", OUTPUTS)
def test_an_output_that_takes_nothing(line: str) -> None:
    command = [sys.executable, "-m", "emkcli", *line.split()]
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    wanted = 13 if line != "status -o json" else 4
    assert done.returncode == wanted, done.stderr
    reading, writing = os.pipe()
    os.close(reading)
    cut = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert cut.returncode == (141 if wanted == 13 else 4), cut.stderr
    for said in (done.stderr, cut.stderr):
        assert b"Traceback" not in said
        assert b"Exception ignored" not in said


def test_what_is_no_text_on_the_line_is_in_the_log_all_the_same(emk: Emk) -> None:
    done = emk("card", "export", "--format", "json", "--to", "x\udcff", "--json")
    assert done.code == 4, done.err
    assert emk("audit", "show", "--json").items[-1]["action"] == "card export"
