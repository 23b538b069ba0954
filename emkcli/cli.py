"""The one way in and the one error boundary: a line becomes a value, the value or the error becomes output and an exit code."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from emkcli import errors, interruption, locale
from emkcli.app import App
from emkcli.config.output_formats import OUTPUT_FORMATS
from emkcli.config.settings import SETTING_METADATA
from emkcli.locale import _
from emkcli.presentation import terminal

# httpx imports its own command line where click and rich are installed: 45 ms that nobody here uses
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

EARLY = {
    "-o": "output",
    "--output": "output",
    "--lang": "lang",
    "-p": "profile",
    "--profile": "profile",
    "--color": "color",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one line and return its exit code; nothing but this module turns errors into exit codes."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    gc.disable()  # start-up makes thousands of lasting objects and no garbage; a command collects again
    try:
        return _bounded(lambda app: _listened(app, arguments))
    finally:
        gc.enable()


def ended_by(failure: BaseException, arguments: Sequence[str]) -> int:
    """The exit code of a run that ended outside of `main`: a signal while it was imported, an early answer nobody could take."""

    def raised(app: App) -> int:
        from emkcli.presentation.delivery import writing

        app.guess(early(arguments))
        locale.use(app.language)
        with writing():
            raise failure

    return _bounded(raised)


def _bounded(run: Callable[[App], int]) -> int:
    terminal.prepare_streams()
    app = App()
    try:
        return run(app)
    except BrokenPipeError:
        _close_quietly(app)
        return 141
    except KeyboardInterrupt:
        return _fail(app, _interrupted())
    except errors.EmkError as error:
        return _fail(app, error)
    except SystemExit:
        raise
    except BaseException as bug:  # a library in Rust that panics raises no Exception
        return _fail(app, _unexpected(app, bug))
    finally:
        app.close()
        _close_quietly(app)


def _listened(app: App, arguments: list[str]) -> int:
    from emkcli.security import stderr_guard

    with stderr_guard.caught(lambda text: app.trace(text) if _debugs(app) else None):
        return _run(app, arguments)


def early(arguments: Sequence[str]) -> dict[str, str]:
    """Format, language, profile and colour by a quick look at the line, for what is said before it is parsed."""
    options: dict[str, str] = {}
    for position, word in enumerate(arguments):
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if word == "--json":
            options["output"] = "json"
        elif name in EARLY and (equals or position + 1 < len(arguments)):
            options[EARLY[name]] = value if equals else arguments[position + 1]
        elif word.startswith(("-o", "-p")) and not word.startswith("--") and len(word) > 2:
            options[EARLY[word[:2]]] = word[2:].removeprefix("=")
    return {name: value for name, value in options.items() if _valid(name, value)}


def _valid(name: str, value: str) -> bool:
    try:
        SETTING_METADATA[name]["parse"](value)
    except ValueError:
        return False
    return True


def _run(app: App, arguments: list[str]) -> int:
    app.guess(early(arguments))
    locale.use(app.language)
    finished = _parsed(app, arguments)
    if finished is None:
        return 0
    return _show(app, finished.value)


def _parsed(app: App, arguments: list[str]) -> Any:
    """The command's value; Typer's own complaints become ours."""
    import typer
    from typer.exceptions import TyperException

    from emkcli.commands._command import Finished
    from emkcli.commands._tree import root

    try:
        result = root().main(args=arguments, prog_name="emk", standalone_mode=False, obj=app)
    except TyperException as complaint:
        from emkcli.commands._complaints import usage_error

        raise usage_error(complaint) from None
    except typer.Abort:
        raise errors.Cancelled(_("Interrupted.")) from None
    except SystemExit as ended:  # what Typer makes of a closed pipe, even when it is told to leave that to others
        raise ended.__context__ if isinstance(ended.__context__, BrokenPipeError) else ended from None
    if result == 130:
        raise errors.Cancelled(_("Interrupted."))
    return result if isinstance(result, Finished) else None


def _show(app: App, value: Any) -> int:
    from emkcli.presentation.render import render

    try:
        code = render(value, app.context()).exit_code
        app.stdout.flush()
    except errors.Storage:
        _close_quietly(app)
        raise
    for action in app.afterwards:
        action()
    return code


def _interrupted() -> errors.Cancelled:
    kinds = {signal.SIGTERM: errors.Terminated, getattr(signal, "SIGHUP", None): errors.HungUp}
    return kinds.get(interruption.received(), errors.Cancelled)(_("Interrupted."))


def _fail(app: App, error: errors.EmkError) -> int:
    """Say it. What a library made of a signal, and what went wrong because of one, is that signal."""
    from emkcli.presentation.render import Voice, render_error

    if interruption.received():
        error = _interrupted()
    settings: Any = None
    with suppress(errors.EmkError):
        settings = app.settings
    try:
        render_error(
            error,
            Voice(
                stderr=app.stderr,
                redactor=app.redactor,
                output=settings.output if settings else _output_wanted(app),
                colour_stderr=terminal.colour(settings.color if settings else "auto", app.stderr, app.environ),
                quiet=bool(settings and settings.quiet),
                warnings=app.warnings,
            ),
        )
    except OSError:  # nobody can be told: the terminal hung up, the reader is gone, the disk is full
        _close_quietly(app)
    return error.exit_code


def _output_wanted(app: App) -> str | None:
    """Where the settings are wrong: what the line says, else the environment."""
    wanted = app.environ.get("EMK_OUTPUT")
    return app.given.get("output") or app.early.get("output") or (wanted if wanted in OUTPUT_FORMATS else None)


def _unexpected(app: App, bug: BaseException) -> errors.EmkError:
    """A bug: its kind and place, never its values (a traceback with locals would show tokens)."""
    from emkcli.security import stderr_guard

    frames = stderr_guard.frames(bug.__traceback__)
    if _debugs(app):
        for frame in frames:
            app.trace(frame)
    return errors.EmkError(
        _("Unexpected {kind} at {place}; this is a bug in emk.").format(kind=type(bug).__name__, place=frames[-1]),
        hint=_("run again with EMK_DEBUG=1 and report what it says"),
    )


def _debugs(app: App) -> bool:
    """Whether traces are wanted, also before the settings are known."""
    return bool(app.environ.get("EMK_DEBUG") or app.given.get("debug"))


def _close_quietly(app: App) -> None:
    """What cannot be written is lost: nothing more is said of it, also not by the interpreter on its way out."""
    for stream in (app.stdout, app.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError), open(os.devnull, "wb") as devnull:  # noqa: PTH123
                os.dup2(devnull.fileno(), stream.fileno())
