"""The parameters of a command on Typer: words as they are written, the options every command takes, and how help spells them.

Like `_tree`, this leans on Typer's inner names; `tests/test_tree.py` fails loudly when they move.
"""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import typer
from typer._coercion import RuntimeParam
from typer.main import get_command_from_info
from typer.models import CommandInfo

from emkcli import __version__, locale
from emkcli.commands._command import shared
from emkcli.locale import N_, _
from emkcli.presentation import metavars
from emkcli.presentation.delivery import deliver


@dataclass(frozen=True)
class AsWritten(RuntimeParam):
    """A word as it stands or as the parser of its option makes it. Typer itself would ask pydantic, which every start would
    have to import, although each of our options is a text, a flag or has a parser of its own."""

    def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:
        parse = self.parameter_info.parser or str
        return [parse(word) for word in value] if param.multiple or param.nargs == -1 else parse(value)


def as_written(params: list[Any]) -> None:
    for param in params:
        param._runtime_param = AsWritten(param.type_descriptor.parameter_info, param.type_descriptor.annotation)


def shared_options() -> list[Any]:
    """The shared options, built once per process and language; they speak to the app through their callbacks."""
    return _shared_in(locale.language())


@cache
def _shared_in(_language: str) -> list[Any]:
    return options_of(shared)


def options_of(function: Callable[..., Any]) -> list[Any]:
    """The options a function declares; they act through their callbacks and are no command's arguments."""
    info = CommandInfo(name="shared", callback=function, add_help_option=False)
    built: list[Any] = list(get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None).params)
    as_written(built)
    declared = inspect.signature(function).parameters
    for option in built:
        option.expose_value = False
        option.help = _(declared[option.name].annotation.__metadata__[0].help)  # Typer's own help is a plain text
        option.metavar = metavars.translated(option.metavar) if option.metavar else None
    return built


def _say_version(requested: bool) -> None:
    if requested:
        deliver(f"emk {__version__}\n", sys.stdout)
        raise typer.Exit


def _about(
    version: Annotated[
        bool,
        typer.Option("--version", "-V", help=N_("print the version and exit"), is_eager=True, callback=_say_version),
    ] = False,
) -> None:
    """The one option of `emk` itself."""


def root_options() -> list[Any]:
    """Those of `emk` alone."""
    return options_of(_about)


def json_as_output(args: list[str], params: list[Any]) -> list[str]:
    """`--json` is `-o json`, so that of `-o csv --json -o table` the last one wins."""
    takes_value = {name for p in params if p.param_type_name == "option" and not p.is_flag for name in p.opts}
    replaced: list[str] = []
    for position, word in enumerate(args):
        if word == "--":
            return replaced + args[position:]
        is_value = position > 0 and args[position - 1] in takes_value
        replaced.append("--output=json" if word == "--json" and not is_value else word)
    return replaced


def argument_word(parameter: Any) -> str:
    """An argument as usage shows it: `[SERVICE]`, `FILE…`."""
    word = parameter.metavar or parameter.name.upper()
    if parameter.nargs != 1:
        word += "…"
    return word if parameter.required else f"[{word}]"


def option_record(option: Any) -> tuple[str, str]:
    """An option's names with its value, and its help."""
    names = ", ".join(sorted(option.opts, key=len))
    metavar = "" if option.is_flag else " " + (option.metavar or option.name.upper())
    return names + metavar, option.help or ""
