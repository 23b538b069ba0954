"""The command tree leans on Typer's inner names; these tests fail loudly when they move."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from emkcli.app import App
from emkcli.commands import entries
from emkcli.commands._command import shared, spec_of
from emkcli.commands._parameters import AsWritten, json_as_output, shared_options
from emkcli.commands._tree import Root, functions_of, leaf, load, root
from emkcli.config.settings import SETTING_METADATA
from tests.conftest import Emk


def test_typer_is_the_one_that_was_tried() -> None:
    assert typer.__version__.startswith("0.29.")
    for owner, names in {
        TyperGroup: ("list_commands", "get_command", "resolve_command", "invoke", "parse_args", "format_options"),
        TyperCommand: ("format_help", "format_options", "parse_args", "get_help_option"),
    }.items():
        for name in names:
            assert hasattr(owner, name), f"{owner.__name__}.{name} is gone"


def test_every_option_is_a_text_a_flag_or_has_a_parser_so_that_nothing_asks_pydantic() -> None:
    for command in leaves():
        for param in command.params:
            described = param.type_descriptor
            assert described.annotation in {str, bool, list[str]} or described.parameter_info.parser, param.name
            assert isinstance(param.get_runtime_param(), AsWritten), param.name


def leaves() -> list[Any]:
    return [leaf(function) for entry in entries().values() for function in functions_of(entry).values()]


def test_every_entry_loads_and_every_command_has_help() -> None:
    for entry in entries().values():
        functions = functions_of(entry)
        assert functions, entry.name
        for word, function in functions.items():
            assert function.__doc__, f"{entry.name} {word} has no help"
        if not entry.group:
            assert list(functions) == [entry.name]
        load(entry)


def test_only_the_module_of_the_word_is_imported() -> None:
    code = (
        "import sys, io; sys.stdout = io.StringIO()\n"
        "from emkcli.cli import main; main(['clinic', 'list', '--help'])\n"
        "sys.stderr.write(' '.join(m for m in sys.modules if m.startswith('emkcli.commands.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = {module.rpartition(".")[2] for module in done.stderr.split()}
    assert {name for name in names if not name.startswith("_")} == {"clinic"}
    assert "_suggestions" not in names


def test_bare_words_print_help(emk: Emk) -> None:
    for arguments in ([], ["clinic"], ["card"], ["-o", "json"]):
        run = emk(*arguments)
        assert run.code == 0
        assert run.out.startswith("Usage: emk")
        assert run.err == ""


@pytest.mark.parametrize("level", [0, 1, 2])
def test_shared_options_stand_anywhere(emk: Emk, level: int) -> None:
    words = ["config", "get", "output"]
    run = emk(*words[:level], "-o", "yaml", *words[level:])
    assert (run.code, "yaml" in run.out) == (0, True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["-o", "csv", "config", "-o", "tsv", "get", "output", "-o", "plain"], "plain"),
        (["--lang", "ru", "config", "get", "lang", "--lang", "en"], "en"),
        (["-o", "csv", "config", "get", "output", "--json", "-o", "plain"], "plain"),
        (["-p", "one", "config", "get", "profile", "--profile=two"], "two"),
    ],
)
def test_the_last_one_wins(emk: Emk, line: list[str], expected: str) -> None:
    assert emk(*line).out == f"{expected}\n"


def test_json_is_a_value_after_an_option_that_takes_one() -> None:
    parameters = [*shared_options(), *_options_of("request", "create")]
    assert json_as_output(["--comment", "--json"], parameters) == ["--comment", "--json"]
    assert json_as_output(["--json", "--", "--json"], parameters) == ["--output=json", "--", "--json"]


def _options_of(group: str, word: str) -> list[object]:
    built = load(entries()[group])
    with built.make_context(group, [], obj=App(environ={})) as context:
        return list(built.get_command(context, word).params)


def test_every_shared_option_has_its_variable() -> None:
    import inspect

    without = {"json", "fields", "query"}
    for name in inspect.signature(shared).parameters:
        if name not in without:
            assert SETTING_METADATA[name]["env"].startswith("EMK_")


def test_a_typo_names_the_nearest_command(emk: Emk) -> None:
    for line, near in ((["clinc"], "emk clinic"), (["card", "lab"], "emk card labs"), (["statuss"], "emk status")):
        run = emk(*line)
        assert run.code == 2
        assert f"did you mean {near}?" in run.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["clinic", "list", "--limt", "3"], "There is no option --limt. Did you mean --limit?"),
        (["clinic", "list", "--" + "x" * 100_000], "There is no option --" + "x" * 58 + ".\n"),
        (["clinic", "show"], "ID is missing."),
        (["clinic", "list", "--limit", "many"], "--limit: a whole number above 0"),
        (["clinic", "list", "--limit"], "--limit needs a value."),
        (["clinic", "show", "a", "b"], "There is a word too many on the line."),
        (["clinic", "list", "--near", "moon"], "--near: one of: registration, residence"),
        (["status", "-o", "xml"], "--output: one of: table"),
        (["mock", "clock", "advance", "-5h"], "VALUE must not be negative."),
        (["mock", "clock", "speed", "-1"], "VALUE must not be negative."),
        (["status", "-1"], "There is no option -1."),
    ],
)
def test_usage_errors_are_ours(emk: Emk, line: list[str], said: str) -> None:
    run = emk(*line)
    assert run.code == 2
    assert said in run.err
    assert run.out == ""
    as_json = emk(*line, "--json") if "-o" not in line else emk("--json", *line)
    assert as_json.code == 2


def test_the_root_is_ours_and_every_function_is_marked() -> None:
    assert isinstance(root(), Root)
    assert all(spec_of(f) for e in entries().values() for f in functions_of(e).values())
