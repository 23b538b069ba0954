"""The command tree on Typer: a word's module is imported when the word is used; help and usage in both languages.

What leans on Typer's inner names stands here and in `_parameters`; `tests/test_tree.py` fails loudly when they move.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command_from_info
from typer.models import CommandInfo

from emkcli.commands import COMMANDS, Entry, entries
from emkcli.commands._command import Spec, name_of, runner, spec_of
from emkcli.commands._parameters import (
    argument_word,
    as_written,
    json_as_output,
    option_record,
    root_options,
    shared_options,
)
from emkcli.locale import _
from emkcli.presentation.delivery import deliver

if TYPE_CHECKING:
    from emkcli.commands._help_page import HelpPage

HELP_NAMES = ["-h", "--help"]
EXAMPLES_OF_A_GROUP = 3


class Words:
    """What a leaf and a group have in common: the shared options, `--json` as `-o json`, and the layout of help."""

    params: list[Any]
    help: str | None
    shared: list[Any]

    def take_shared(self) -> None:
        self.shared = shared_options()
        self.params.extend(self.shared)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            parsed: list[str] = super().parse_args(ctx, json_as_output(args, self.params))  # type: ignore[misc]
        except TyperException:
            if not asks_for_help(args):
                raise
            say_page(context_below(ctx, args))
            raise typer.Exit from None
        return parsed

    def get_help(self, ctx: Any) -> str:
        from emkcli.commands import _help_page

        page = _help_page.for_context(ctx)
        self.format_help(ctx, page)
        return page.getvalue().rstrip("\n")

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = _("show this help and exit")
            option.callback = _say_help
            as_written([option])
        return option

    def format_usage(self, ctx: Any, page: Any) -> None:
        pieces = [_("[OPTIONS]"), *(argument_word(p) for p in self._arguments()), *self._rest()]
        page.write_usage(ctx.command_path, " ".join(pieces), prefix=page.paint(_("Usage: ").strip(), "bold") + " ")

    def format_help(self, ctx: Any, page: Any) -> None:
        self.format_usage(ctx, page)
        self.format_help_text(ctx, page)  # type: ignore[attr-defined]
        self.write_parameters(page)
        self.write_shared(ctx, page)
        self.write_more(ctx, page)

    def write_parameters(self, page: "HelpPage") -> None:
        own = [p for p in self.params if p.param_type_name == "option" and p not in self.shared]
        page.write_rows(_("Arguments"), [(argument_word(p), str(p.help)) for p in self._arguments() if p.help])
        self.write_words(page)
        page.write_rows(_("Options"), [option_record(p) for p in own])

    def write_shared(self, ctx: Any, page: "HelpPage") -> None:
        everywhere = [option_record(p) for p in (*self.shared, self.get_help_option(ctx)) if p is not None]
        if ctx.parent is None:
            page.write_rows(_("Options every command takes"), everywhere)
            return
        page.write_paragraph()
        names = ", ".join(name for name, _help in everywhere)
        page.write_text(_("Options every command takes (emk --help explains them): {names}").format(names=names))

    def write_words(self, page: "HelpPage") -> None:
        """Groups list their words here."""

    def write_more(self, ctx: Any, page: "HelpPage") -> None:
        """Examples, exit codes, and where more is written."""

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
        self.spec = Spec()

    def write_more(self, ctx: Any, page: "HelpPage") -> None:
        from emkcli.commands import _help_page

        _help_page.of_command(page, self.spec, ctx.command_path.split()[1])


class Group(Words, TyperGroup):
    """Commands under a word; the word alone prints its help. Of a large group only the module that has the command is
    imported, and those that are written before it."""

    def __init__(self, *args: Any, modules: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._modules = modules
        self.take_shared()

    def invoke(self, ctx: Any) -> Any:
        if not ctx._protected_args:
            say_page(ctx)
            return None
        return super().invoke(ctx)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_functions(self._modules))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return next((leaf(words[cmd_name]) for words in _by_module(self._modules) if cmd_name in words), None)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        command = self.get_command(ctx, args[0])
        if command is None:
            from emkcli.commands import _suggestions

            lines = [*every_line(), *(f"emk {name}" for name in installed_extensions(ctx.obj))]
            raise _suggestions.unknown_word(args[0], ctx.command_path, lines)
        return args[0], command, args[1:]

    def write_words(self, page: "HelpPage") -> None:
        page.write_rows(_("Commands"), [(word, first_line(f)) for word, f in _functions(self._modules).items()])

    def write_more(self, ctx: Any, page: "HelpPage") -> None:
        specs = [spec for f in _functions(self._modules).values() if (spec := spec_of(f))]
        page.write_examples([spec.examples[0] for spec in specs[:EXAMPLES_OF_A_GROUP]])
        page.write_manual(str(self.name))

    def _rest(self) -> list[str]:
        return [_("COMMAND …")]


class Root(Group):
    """`emk` itself; its words come from COMMANDS."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, params=root_options(), **kwargs)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(entries())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = entries().get(cmd_name)
        return load(entry) if entry else None

    def invoke(self, ctx: Any) -> Any:
        if ctx._protected_args:
            return super().invoke(ctx)
        from emkcli.commands import _help_page

        page = _help_page.for_context(ctx)
        self.format_usage(ctx, page)
        _help_page.write_start(page)
        deliver(page.getvalue(), sys.stdout)
        return None

    def write_words(self, page: "HelpPage") -> None:
        for section, members in COMMANDS.items():
            page.write_rows(_(section), [(entry.name, _(entry.help)) for entry in members])

    def write_more(self, ctx: Any, page: "HelpPage") -> None:
        from emkcli.commands import _help_page

        page.write_rows(_("Extensions"), [(name, "") for name in installed_extensions(ctx.obj)])
        page.write_examples(list(_help_page.START))
        page.write_manual("")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta["line"] = [*args]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """A word that is none of ours may be an extension, which gets the words after it as they were typed."""
        if args[0] not in entries():
            become_extension(args[0], ctx.meta["line"][-len(args) + 1 :] if args[1:] else [], ctx.obj)
        return super().resolve_command(ctx, args)


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
    built: Any = get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)
    built.spec = spec_of(function) or Spec()
    return built


def documentation(function: Callable[..., Any]) -> str:
    """The docstring as one msgid: lines joined, paragraphs kept."""
    text = (function.__doc__ or "").strip()
    paragraphs = [" ".join(p.split()) for p in text.split("\n\n")]
    return "\n\n".join(paragraphs)


def first_line(function: Callable[..., Any]) -> str:
    return _(documentation(function)).split("\n\n")[0].rstrip(".")


def _say_help(ctx: Any, option: Any, requested: bool) -> None:
    if requested and not ctx.resilient_parsing:
        say_page(ctx)
        ctx.exit()


def say_page(ctx: Any) -> None:
    deliver(ctx.get_help() + "\n", sys.stdout)


def context_below(context: Any, words: Sequence[str]) -> Any:
    """Of the command that `words` lead to; those that are no command (options, their values) are passed over."""
    for word in words:
        command = context.command.get_command(context, word) if isinstance(context.command, Group) else None
        if command is not None:
            context = command.context_class(command, info_name=word, parent=context)
    return context


def asks_for_help(args: Sequence[str]) -> bool:
    words = args[: args.index("--")] if "--" in args else args
    return any(word in HELP_NAMES for word in words)


def every_line() -> list[str]:
    """All that can be typed, `emk card labs` and `emk --version`; every module is imported for it."""
    commands = [f"emk {name}" for name in entries()]
    below = [f"emk {e.name} {word}" for e in entries().values() if e.group for word in functions_of(e)]
    options = [f"emk {option}" for parameter in root_options() for option in parameter.opts if option[1] == "-"]
    return commands + below + options


def help_text(app: Any, words: Sequence[str]) -> str:
    """The help page that `words` name, from the root (`card labs`) or, where only one has that name, from anywhere (`labs`)."""
    with root().make_context("emk", [], obj=app) as context:
        return f"{context_below(context, _full_path(app, words)).get_help()}\n"


def _full_path(app: Any, words: Sequence[str]) -> list[str]:
    lines = every_line()
    if " ".join(["emk", *words]) in lines:
        return list(words)
    ending = [line.split()[1:] for line in lines if line.endswith(" " + " ".join(words))]
    if len(ending) != 1:
        from emkcli.commands import _suggestions
        from emkcli.presentation.topics import TOPICS

        topics = [f"emk help {name}" for name in TOPICS]
        extensions = [f"emk {name}" for name in installed_extensions(app)]
        raise _suggestions.unknown_subject(" ".join(words), [*lines, *topics, *extensions])
    return ending[0]
