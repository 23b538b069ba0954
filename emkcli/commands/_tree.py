"""The command tree on Typer: a word's module is imported when the word is used; help and usage in both languages.

Everything that leans on Typer's inner names stands here; `tests/test_tree.py` fails loudly when they move.
"""

import difflib
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from typer._coercion import RuntimeParam
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info
from typer.models import CommandInfo

from emkcli import __version__, errors, locale
from emkcli.commands import COMMANDS, Entry, entries
from emkcli.commands._command import name_of, runner, shared, spec_of
from emkcli.locale import N_, _
from emkcli.presentation.render.spool import deliver

HELP_NAMES = ["-h", "--help"]


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


class Words:
    """What a leaf and a group have in common: the shared options, `--json` as `-o json`, and the layout of help."""

    params: list[Any]
    help: str | None
    shared: list[Any]

    def take_shared(self) -> None:
        self.shared = shared_options()
        self.params.extend(self.shared)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        parsed: list[str] = super().parse_args(ctx, json_as_output(args, self.params))  # type: ignore[misc]
        return parsed

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = _("show this help and exit")
            option.callback = _say_help
            as_written([option])
        return option

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = [_("[OPTIONS]"), *(_argument_word(p) for p in self._arguments()), *self._rest()]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=_("Usage: "))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)  # type: ignore[attr-defined]
        self.format_options(ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        own = [p for p in self.params if p.param_type_name == "option" and p not in self.shared]
        arguments = [(_argument_word(p), str(p.help)) for p in self._arguments() if p.help]
        _section(formatter, _("Arguments"), arguments)
        self.format_words(ctx, formatter)
        _section(formatter, _("Options"), [_option_record(p) for p in own])
        everywhere = [_option_record(p) for p in (*self.shared, self.get_help_option(ctx)) if p is not None]
        if ctx.parent is None:
            _section(formatter, _("Options every command takes"), everywhere)
            return
        formatter.write_paragraph()
        names = ", ".join(name for name, _help in everywhere)
        formatter.write_text(_("Options every command takes (emk --help explains them): {names}").format(names=names))

    def format_words(self, ctx: Any, formatter: Any) -> None:
        """Groups list their words here."""

    def _arguments(self) -> list[Any]:
        return [p for p in self.params if p.param_type_name == "argument"]

    def _rest(self) -> list[str]:
        return []


class Leaf(Words, TyperCommand):
    """One command."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        as_written(self.params)
        self.take_shared()


class Group(Words, TyperGroup):
    """Commands under a word; the word alone prints its help. Of a large group only the module that has the command is
    imported, and those that are written before it."""

    def __init__(self, *args: Any, modules: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._modules = modules
        self.take_shared()

    def invoke(self, ctx: Any) -> Any:
        if not ctx._protected_args:
            deliver(ctx.get_help() + "\n", sys.stdout)
            return None
        return super().invoke(ctx)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_functions(self._modules))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return next((leaf(words[cmd_name]) for words in _by_module(self._modules) if cmd_name in words), None)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        command = self.get_command(ctx, args[0])
        if command is None:
            raise unknown_word(args[0], self.list_commands(ctx), ctx.command_path)
        return args[0], command, args[1:]

    def format_words(self, ctx: Any, formatter: Any) -> None:
        _section(formatter, _("Commands"), [(word, first_line(f)) for word, f in _functions(self._modules).items()])

    def _rest(self) -> list[str]:
        return [_("COMMAND …")]


class Root(Group):
    """`emk` itself; its words come from COMMANDS."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, params=_options(_about), **kwargs)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(entries())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = entries().get(cmd_name)
        return load(entry) if entry else None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta["line"] = [*args]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """A word that is none of ours may be an extension, which gets the words after it as they were typed."""
        if args[0] not in entries():
            become_extension(args[0], ctx.meta["line"][-len(args) + 1 :] if args[1:] else [], ctx.obj)
        return super().resolve_command(ctx, args)

    def format_words(self, ctx: Any, formatter: Any) -> None:
        for section, members in COMMANDS.items():
            _section(formatter, _(section), [(entry.name, _(entry.help)) for entry in members])
        _section(formatter, _("Extensions"), [(name, "") for name in installed_extensions(ctx.obj)])


def root() -> Root:
    """The whole tree; nothing below the root is built before it is used."""
    return Root(
        name="emk",
        help=_(
            "A Moscow patient's electronic medical card in the shell. Unaffiliated with Gosuslugi and the city of Moscow."
        ),
        context_settings={"help_option_names": HELP_NAMES},
        rich_markup_mode=None,
    )


def become_extension(word: str, arguments: list[str], app: Any) -> None:
    """Run the extension of that name in place of this process; return where there is none."""
    from emkcli.security import extensions

    if program := extensions.find(word, app.environ):
        app.guess({})  # its own options say nothing to us
        extensions.execute(program, arguments, app.extension_environment())


def installed_extensions(app: Any) -> list[str]:
    from emkcli.security import extensions

    return [name for name in extensions.names(app.environ) if name not in entries()] if app else []


def load(entry: Entry) -> Any:
    """The command or the group of an entry."""
    if not entry.group:
        return leaf(functions_of(entry)[entry.name])
    return Group(
        name=entry.name,
        help=_(entry.help),
        modules=entry.module.split(),
        context_settings={"help_option_names": HELP_NAMES},
        rich_markup_mode=None,
    )


def functions_of(entry: Entry) -> dict[str, Callable[..., Any]]:
    """The command functions of an entry's modules, by their words, in the order they are written."""
    return _functions(entry.module.split())


def _functions(modules: Sequence[str]) -> dict[str, Callable[..., Any]]:
    return {word: function for words in _by_module(modules) for word, function in words.items()}


def _by_module(modules: Sequence[str]) -> Iterator[dict[str, Callable[..., Any]]]:
    """The commands of one module after the other; a module is imported when its turn comes."""
    for name in modules:
        members = vars(import_module(f"emkcli.commands.{name}")).values()
        yield {name_of(f): f for f in members if callable(f) and spec_of(f) is not None}


def leaf(function: Callable[..., Any]) -> Any:
    info = CommandInfo(
        name=name_of(function),
        cls=Leaf,
        callback=runner(function),
        help=_(documentation(function)),
        context_settings={"help_option_names": HELP_NAMES},
    )
    return get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)


def documentation(function: Callable[..., Any]) -> str:
    """The docstring as one msgid: lines joined, paragraphs kept."""
    text = (function.__doc__ or "").strip()
    paragraphs = [" ".join(p.split()) for p in text.split("\n\n")]
    return "\n\n".join(paragraphs)


def first_line(function: Callable[..., Any]) -> str:
    return _(documentation(function)).split("\n\n")[0].rstrip(".")


def shared_options() -> list[Any]:
    """The shared options, built once per process and language; they speak to the app through their callbacks."""
    return _shared_in(locale.language())


@cache
def _shared_in(_language: str) -> list[Any]:
    return _options(shared)


def _options(function: Callable[..., Any]) -> list[Any]:
    """The options a function declares; they act through their callbacks and are no command's arguments."""
    info = CommandInfo(name="shared", callback=function, add_help_option=False)
    built: list[Any] = list(get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None).params)
    as_written(built)
    declared = inspect.signature(function).parameters
    for option in built:
        option.expose_value = False
        option.help = _(declared[option.name].annotation.__metadata__[0].help)  # Typer's own help is a plain text
    return built


def _say_help(ctx: Any, option: Any, requested: bool) -> None:
    if requested and not ctx.resilient_parsing:
        deliver(ctx.get_help() + "\n", sys.stdout)
        ctx.exit()


def _say_version(requested: bool) -> None:
    if requested:
        deliver(f"emk {__version__}\n", sys.stdout)
        raise typer.Exit


def _about(
    version: Annotated[
        bool, typer.Option("--version", help=N_("print the version and exit"), is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """The one option of `emk` itself."""


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


def unknown_word(word: str, names: list[str], path: str) -> errors.Usage:
    near = difflib.get_close_matches(word, names, n=1)
    return errors.Usage(
        _("There is no command {word} in {path}.").format(word=word, path=path),
        hint=_("did you mean {near}?").format(near=f"{path} {near[0]}") if near else f"{path} --help",
    )


def _argument_word(parameter: Any) -> str:
    word = parameter.metavar or parameter.name.upper()
    if parameter.nargs != 1:
        word += "…"
    return word if parameter.required else f"[{word}]"


def _option_record(option: Any) -> tuple[str, str]:
    names = ", ".join(sorted(option.opts, key=len))
    metavar = "" if option.is_flag else " " + (option.metavar or option.name.upper())
    return names + metavar, option.help or ""


def _section(formatter: Any, title: str, rows: list[tuple[str, str]]) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows)
