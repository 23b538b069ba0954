"""What a command's help says is so: it ends with no other exit codes than it names; tests/slow runs its examples."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator
from typing import Any

import pexpect
import pytest

from emkcli import __version__, errors
from emkcli.commands import entries
from emkcli.commands._command import Spec, spec_of
from emkcli.commands._help_page import HelpPage
from emkcli.commands._tree import functions_of
from emkcli.presentation.topics import exit_code_table
from tests.conftest import ROOT, Emk
from tests.contract.test_exit_codes import ROWS


def _leaves() -> Iterator[tuple[str, Spec]]:
    for entry in entries().values():
        for word, function in functions_of(entry).items():
            spec = spec_of(function)
            assert spec is not None
            yield (f"{entry.name} {word}" if entry.group else entry.name), spec


LEAVES = dict(_leaves())


def test_every_command_has_examples_of_its_own() -> None:
    for path, spec in LEAVES.items():
        assert 1 <= len(spec.examples) <= 4, path
        assert any(f"emk {path}" in line for line in spec.examples), path
        assert len(set(spec.examples)) == len(spec.examples), path


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_command_ends_with_no_other_codes_than_it_names(row: Any) -> None:
    words = [word for word in row.line if not word.startswith("-")]
    path = " ".join(words[:2]) if entries()[words[0]].group else words[0]
    assert row.code in LEAVES[path].exit_codes


def test_what_a_module_raises_one_of_its_commands_names() -> None:
    for entry in entries().values():
        named = {code for path, spec in LEAVES.items() if path.split()[0] == entry.name for code in spec.exit_codes}
        for module in entry.module.split():
            text = (ROOT / "emkcli" / "commands" / f"{module}.py").read_text(encoding="utf-8")
            for name in re.findall(r"raise errors\.(\w+)", text):
                assert getattr(errors, name).exit_code in named | set(exit_code_table.ANY_RUN), (entry.name, name)


def test_every_code_of_the_table_has_one_meaning() -> None:
    assert {code for code, _slug, _when in exit_code_table.rows()} == set(exit_code_table.MEANINGS)
    assert all(set(spec.exit_codes) <= set(exit_code_table.MEANINGS) for spec in LEAVES.values())


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_help_page_has_examples_exit_codes_and_the_manual(emk: Emk, language: str) -> None:
    page = emk("clinic", "choose", "--help", "--lang", language).out
    assert "  emk clinic choose gp-001 --yes\n" in page
    assert re.search(r"^  6   \S", page, re.M)
    assert not re.search(r"^  (9|10|12)  ", page, re.M)
    assert "man emk-clinic" in page
    assert "\x1b" not in page


def test_colour_takes_no_room() -> None:
    plain, coloured = (HelpPage(width=78, max_width=78, coloured=coloured) for coloured in (False, True))
    for page in (plain, coloured):
        page.write_names(
            "Around the card", ["request", "transfer", "profile", "consent", "notification", "service", "person"]
        )
    assert coloured.getvalue().startswith("\x1b")
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured.getvalue()) == plain.getvalue()
    assert len(plain.getvalue().splitlines()) == 1


@pytest.mark.parametrize("language", ["en", "ru"])
def test_emk_alone_fits_a_screen(emk: Emk, language: str) -> None:
    run = emk(env={"EMK_LANG": language, "COLUMNS": "80"})
    lines = run.out.splitlines()
    assert len(lines) <= 23
    assert max(map(len, lines)) <= 80
    assert all(re.search(rf"\b{name}\b", run.out) for name in entries())
    assert "emk demo --keep" in run.out
    assert "--profile" not in run.out
    assert "--profile" in emk("--help").out


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("labs", "emk card labs"),
        ("lasb", "emk card labs"),
        ("acces-log", "emk card access-log"),
        ("access_log", "emk card access-log"),
        ("CARD", "emk card"),
        ("card-labs", "emk card labs"),
        ("card clinc", "emk clinic"),
        ("card lab", "emk card labs"),
        ("prescription", "emk card prescriptions"),
        ("version", "emk --version"),
        ("help lasb", "emk card labs"),
        ("help exit-code", "emk help exit-codes"),
        ("card get", "emk card show"),
        ("config show", "emk config list or emk config get"),
        ("show", "emk clinic show or emk doctor show or emk application show"),
    ],
)
def test_did_you_mean_knows_the_whole_tree(emk: Emk, line: str, near: str) -> None:
    run = emk(*line.split(), "--json")
    assert (run.code, run.out) == (2, "")
    assert run.error["hint"] == f"did you mean {near}?"


def test_what_is_like_nothing_is_not_guessed_at(emk: Emk) -> None:
    assert emk("xyzzy", "--json").error["hint"] == "emk --help"
    for word in ("xyzzy", "nonsense"):
        assert emk("help", word, "--json").error["hint"] == "emk help"
    for group, word in (("card", "list"), ("card", "lst"), ("config", "view")):
        assert emk(group, word, "--json").error["hint"] == f"emk {group} --help"


@pytest.mark.parametrize(
    "line",
    ["card labs --bogus -h", "card labs -h --bogus", "card labs -h", "card labs x --help", "--bogus card labs -h"],
)
def test_help_is_given_beside_a_wrong_option(emk: Emk, line: str) -> None:
    run = emk(*line.split())
    assert (run.code, run.err) == (0, "")
    assert run.out == emk("card", "labs", "--help").out


def test_after_two_dashes_nobody_asks_for_help(emk: Emk) -> None:
    run = emk("card", "labs", "--bogus", "--", "-h")
    assert (run.code, run.out) == (2, "")


@pytest.mark.parametrize(("subject", "page"), [("labs", "card labs"), ("card labs", "card labs"), ("card", "card")])
def test_help_of_a_command(emk: Emk, subject: str, page: str) -> None:
    assert emk("help", *subject.split()).out == emk(*page.split(), "--help").out


def test_help_of_a_command_as_a_document(emk: Emk) -> None:
    assert emk("help", "card", "labs", "--json").item["text"].startswith("Usage: emk card labs")


@pytest.mark.parametrize("line", ["-V", "--version", "-o json -V"])
def test_the_version(process: Emk, line: str) -> None:
    run = process(*line.split())
    assert (run.code, run.out) == (0, f"emk {__version__}\n")


@pytest.mark.parametrize("columns", range(50, 82, 4))
def test_no_line_ends_within_an_option(emk: Emk, columns: int) -> None:
    for line in (["--help"], ["card", "labs", "-h"], ["help", "-h"]):
        page = emk(*line, env={"COLUMNS": str(columns)}).out
        assert not re.search(r"\w-$|--$", page, re.M)
        assert "\N{NON-BREAKING HYPHEN}" not in page


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("columns", [60, 80])
def test_no_page_is_wider_than_the_terminal(emk: Emk, columns: int, language: str) -> None:
    groups = {(path.split()[0],) for path in LEAVES}
    for line in sorted({(), *groups, *(tuple(path.split()) for path in LEAVES)}):
        page = emk(*line, "--help", env={"COLUMNS": str(columns), "EMK_LANG": language}).out
        assert [text for text in page.splitlines() if len(text) > columns] == [], line


@pytest.mark.parametrize("columns", [60, 80])
def test_an_example_is_copied_as_it_stands_however_it_is_broken(emk: Emk, columns: int) -> None:
    for path, spec in LEAVES.items():
        page = emk(*path.split(), "--help", env={"COLUMNS": str(columns)}).out
        joined = re.sub(r"\\\n +", "", page)
        assert all(f"\n  {example}\n" in joined for example in spec.examples), path
        assert "\\ " not in page


ESCAPES = re.compile(r"\x1b(\[\d+m|\]8;;[^\x1b]*\x1b\\)")


def test_colours_and_links_where_colour_is_on(emk: Emk) -> None:
    page = emk("card", "labs", "--color", "always", "-h").out
    assert "\x1b[1mExamples:\x1b[0m" in page
    assert "\x1b]8;;man:emk-card(1)\x1b\\man emk-card\x1b]8;;\x1b\\" in page
    assert f"\x1b]8;;{(ROOT / 'docs/reference/commands.md').as_uri()}\x1b\\docs/reference/commands.md" in page
    assert ESCAPES.sub("", page) == emk("card", "labs", "-h").out
    assert emk("help", "labs", "--color", "always").out == page


@pytest.mark.parametrize(("language", "heading"), [("en", "EXPORT"), ("ru", "ВЫГРУЗКА")])
def test_a_topic_has_headings_where_colour_is_on(emk: Emk, language: str, heading: str) -> None:
    topic = emk("help", "formats", "--color", "always", "--lang", language).out
    assert f"\x1b[1m{heading}\x1b[0m (" in topic
    assert ESCAPES.sub("", topic) == emk("help", "formats", "--lang", language).out


@pytest.mark.parametrize("subject", ["labs", "formats"])
def test_a_document_has_no_colours(emk: Emk, subject: str) -> None:
    text = emk("help", subject, "--color", "always", "--json").item["text"]
    assert "\x1b" not in text


@pytest.mark.parametrize("line", [["-h"], ["help", "labs"], ["card", "labs", "-h"], []])
def test_a_terminal_shows_colours_and_a_modest_one_does_not(line: list[str]) -> None:
    assert "\x1b[1m" in _on_a_terminal(line, TERM="xterm")
    for plain in ({"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "xterm", "EMK_COLOR": "never"}):
        assert "\x1b" not in _on_a_terminal(line, **plain)


def _on_a_terminal(line: list[str], **environment: str) -> str:
    output, _status = pexpect.run(
        shlex.join([sys.executable, "-m", "emkcli", *line]),
        env={**os.environ, "EMK_LANG": "en", **environment},
        withexitstatus=True,
        encoding="utf-8",
    )
    assert "Usage:" in output
    return str(output)
