"""Every console block of README, tutorial, how-to and the mock's page works as it is printed, in order, in a directory that was empty."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.slow.console_blocks import ROOT, environment, run, sections

PAGES = ("README.md", "docs/tutorial.md", "docs/how-to.md", "docs/mock.md")
PROGRAMS = ("age", "age-keygen", "bash", "curl", "jq", "openssl", "sqlite3", "unzip")
FOR_DEVELOPERS = {"Two commands for a developer"}
"""CI runs these by itself, before all else."""


def test_the_programs_that_the_pages_name_are_here() -> None:
    assert [program for program in PROGRAMS if shutil.which(program) is None] == []


@pytest.mark.parametrize("page", PAGES)
def test_what_is_printed_works(page: str, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    environ = environment(tmp_path / "home")
    told = {}
    for heading, commands in sections(ROOT / page):
        if heading in FOR_DEVELOPERS:
            continue
        ran = run(commands, folder, environ)
        told[heading] = ran.printed
        assert ran.code == 0, f"{page}, {heading}:\n{ran.printed[-4000:]}"
        assert "Traceback" not in ran.printed
    assert len(told) >= 2, "a page without commands proves nothing"


def test_a_command_that_fails_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "## One\n\n```console\n$ true   # fine\n$ emk card labz\n$ true\n```\n\n## Two\n\n```sh\nfalse\n```\n"
    )
    ((heading, commands),) = sections(page)
    assert (heading, commands) == ("One", ["true   # fine", "emk card labz", "true"])
    ran = run(commands, tmp_path, environment(tmp_path / "home"))
    assert ran.code == 2
    assert "labz" in ran.printed
