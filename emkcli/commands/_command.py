"""The adapter: one decorator turns a plain function into a Typer command that also takes the shared options.

The function receives the app and its own options, calls one operation and returns a model; a test calls it as it is.
"""

import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Annotated, Any, TypeVar

import typer

from emkcli import errors, locale
from emkcli.app import App
from emkcli.config.output_formats import OUTPUT_FORMATS
from emkcli.config.settings import SETTING_METADATA, parse_option
from emkcli.locale import N_, _
from emkcli.presentation import metavars

F = TypeVar("F", bound=Callable[..., Any])

Yes = Annotated[bool, typer.Option("--yes", "-y", help=N_('do not ask "are you sure"; never accepts a consent'))]
DryRun = Annotated[bool, typer.Option("--dry-run", help=N_("check and show what would be done, change nothing"))]


@dataclass(frozen=True)
class Spec:
    """What the adapter knows of a command: the operation it needs, whether it changes anything, and what its help shows."""

    needs: str | None = None
    mutates: bool = False
    shows: str | None = None
    mends: bool = False
    diagnoses: bool = False
    examples: tuple[str, ...] = ()
    ends: tuple[int, ...] = ()

    @property
    def exit_codes(self) -> list[int]:
        """How it may end, besides what may end any run."""
        asks = (4, 5, 7, 8, 11) if self.needs else ()
        changes = (5,) if self.mutates else ()
        return sorted({0, 2, 13, *asks, *changes, *self.ends})


@dataclass(frozen=True)
class Finished:
    """A command's value on its way to the renderer."""

    app: App
    value: Any


def command(
    *,
    needs: str | None = None,
    mutates: bool = False,
    shows: str | None = None,
    mends: bool = False,
    diagnoses: bool = False,
    examples: tuple[str, ...] = (),
    ends: tuple[int, ...] = (),
) -> Callable[[F], F]:
    """Mark a function as a command.

    `needs` is the client operation (`portal.attach`) without which it is exit 11; `shows` the model a change answers
    with, so that a wrong `--fields` is found before anything is changed; `mends` runs although a setting is wrong;
    `diagnoses` finds every file as it lies. `examples` are whole lines for its help, each run by the tests; `ends` the exit
    codes it has besides those that `Spec.exit_codes` knows from the rest.
    """

    def mark(function: F) -> F:
        function.__emk__ = Spec(needs, mutates, shows, mends, diagnoses, examples, ends)  # type: ignore[attr-defined]
        return function

    return mark


def spec_of(function: Any) -> Spec | None:
    return getattr(function, "__emk__", None)


def name_of(function: Any) -> str:
    """`list_` is written so because `list` is taken; its command is `list`."""
    return str(function.__name__).rstrip("_").replace("_", "-")


def runner(function: Callable[..., Any]) -> Callable[..., Finished]:
    """The function as Typer sees it: a context and its own options instead of the app."""
    spec = spec_of(function) or Spec()

    def run(ctx: typer.Context, **options: Any) -> Finished:
        from emkcli.usecases import tab_values
        from emkcli.usecases.diagnostics import sensitive_actions

        app: App = ctx.find_root().obj
        app.start(mends=spec.mends, diagnoses=spec.diagnoses)
        check_output(app, spec)
        with _promised(options):
            check_ability(app, spec, dry_run=bool(options.get("dry_run")))
        chosen = dict(options)
        value = sensitive_actions.audited(app, _path(ctx), chosen, lambda: function(app, **_gathered(groups, options)))
        return Finished(app, tab_values.kept_for_tab(app, value, chosen))

    declared = list(inspect.signature(function).parameters.values())[1:]
    groups = {p.name: p.annotation for p in declared if is_dataclass(p.annotation)}
    own = [_translated(parameter) for p in declared for parameter in _options_of(p)]
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    run.__signature__ = inspect.Signature([context, *own])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in [context, *own]}
    run.__name__ = name_of(function)
    run.__doc__ = function.__doc__
    return run


def _promised(options: Mapping[str, Any]) -> AbstractContextManager[Any]:
    """What `--wait --for` promises binds also the request that asks what the server can."""
    if not options.get("wait") or not options.get("for_"):
        return nullcontext()
    from emkcli.api.deadlines import promised

    return promised(options["for_"].total_seconds())


def _path(ctx: typer.Context) -> str:
    """The words of the command, without the program's own name."""
    return ctx.command_path.partition(" ")[2]


def _options_of(parameter: inspect.Parameter) -> list[inspect.Parameter]:
    """A parameter that is a dataclass of options stands for its fields, in their order."""
    if not is_dataclass(parameter.annotation):
        return [parameter]
    return [
        parameter.replace(name=field.name, annotation=field.type, default=_default(field))
        for field in fields(parameter.annotation)
    ]


def _default(option: Field[Any]) -> Any:
    return inspect.Parameter.empty if option.default is MISSING else option.default


def _gathered(groups: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """The options as the function takes them: those of a group are one value."""
    gathered = {name: group(**{f.name: options.pop(f.name) for f in fields(group)}) for name, group in groups.items()}
    return options | gathered


def check_output(app: App, spec: Spec) -> None:
    """A wrong `--fields` or `--query` is usage: exit 2 before anything happens."""
    if app.given.get("fields") is None and app.given.get("query") is None:
        return
    from emkcli import models
    from emkcli.presentation.render import check_options

    check_options(app.context(), getattr(models, spec.shows) if spec.shows else None)


def check_ability(app: App, spec: Spec, *, dry_run: bool) -> None:
    """Ability 11, then read-only 5; what comes after is the command's own."""
    if spec.needs:
        app.require(spec.needs)
    if spec.mutates and not dry_run and app.settings.read_only:
        raise errors.ReadOnly(_("EMK_READ_ONLY forbids every change."), hint=_("unset EMK_READ_ONLY"))


def _translated(parameter: inspect.Parameter) -> inspect.Parameter:
    """The same parameter with its help in the language in force; the original stays as written."""
    metadata = getattr(parameter.annotation, "__metadata__", ())
    if not metadata:
        return parameter
    import copy

    info = copy.copy(metadata[0])
    info.help = _(info.help or "")
    info.metavar = metavars.translated(info.metavar) if info.metavar else info.metavar
    info.show_default = False
    return parameter.replace(annotation=Annotated[parameter.annotation.__origin__, info])


def words(*allowed: str) -> Callable[[str], str]:
    """A parser for an option that takes one of a few words."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise typer.BadParameter(_("one of: {choices}").format(choices=", ".join(allowed)))
        return text

    parse.__name__ = "|".join(allowed)
    return parse


def checked(check: Callable[[str], Any], metavar: str) -> Callable[[str], Any]:
    """A parser from a function that raises ValueError with the rule."""

    def parse(text: Any) -> Any:
        if not isinstance(text, str):  # a default has its type already
            return text
        try:
            return check(text)
        except ValueError as rule:
            raise typer.BadParameter(str(rule)) from None

    parse.__name__ = metavar
    return parse


def given(name: str, parse: Callable[[str], Any] = str) -> Callable[[typer.Context, Any], Any]:
    """A callback that notes a shared option; levels are parsed from the root down, so the last one wins."""

    def note(ctx: typer.Context, value: Any) -> Any:
        if value is not None and value is not False:
            app: App = ctx.find_root().obj
            app.give(name, parse_option(name, value) if isinstance(value, str) and name in SETTING_METADATA else value)
        return value

    return note


def shared(
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            "-p",
            metavar="NAME",
            help=N_("profile: its settings and its session"),
            callback=given("profile"),
        ),
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option(
            "--backend",
            metavar="NAME",
            help=N_("mock, http, fhir, local or one that a package added"),
            callback=given("backend"),
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            metavar="URL",
            help=N_("address of the server; without a backend named it means http"),
            callback=given("url"),
        ),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="ID",
            help=N_("whose card: a person's id, see emk person list"),
            callback=given("person"),
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FORMAT",
            help=locale.either(OUTPUT_FORMATS),
            callback=given("output"),
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help=N_("the same as -o json"))] = False,
    fields: Annotated[
        str | None,
        typer.Option("--fields", metavar="A,B", help=N_("only these fields of the items"), callback=given("fields")),
    ] = None,
    query: Annotated[
        str | None,
        typer.Option(
            "--query",
            metavar="JMESPATH",
            help=N_("a JMESPath expression over the whole JSON document"),
            callback=given("query"),
        ),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="ru|en",
            help=N_("language of what people read; machine output never changes"),
            callback=given("lang"),
        ),
    ] = None,
    color: Annotated[
        str | None,
        typer.Option("--color", metavar="auto|always|never", help=N_("colour on a terminal"), callback=given("color")),
    ] = None,
    no_input: Annotated[
        bool,
        typer.Option("--no-input", help=N_("never ask; implied when stdin is no terminal"), callback=given("no_input")),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help=N_("no notices and no progress"), callback=given("quiet"))
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help=N_("trace requests on stderr, without values"), callback=given("debug"))
    ] = False,
    timeout: Annotated[
        str | None,
        typer.Option(
            "--timeout", metavar="SECONDS", help=N_("seconds one request may take (30)"), callback=given("timeout")
        ),
    ] = None,
) -> None:
    """The options every command takes, anywhere on the line; the last one wins."""
