"""`emk completion`: the static completion script of a shell, and the man pages."""

from pathlib import Path
from typing import Annotated

import typer

from emkcli import errors, locale
from emkcli.app import App
from emkcli.commands._command import command, words
from emkcli.locale import N_, _
from emkcli.presentation import completion_scripts, man_pages
from emkcli.results import Text, Value


@command(
    examples=(
        "emk completion install",
        "emk completion bash > emk.bash",
    )
)
def completion(
    app: App,
    shell: Annotated[
        str,
        typer.Argument(
            metavar="bash|zsh|fish|powershell|install",
            help=N_("whose script; install writes it where the shell looks"),
            parser=words(*completion_scripts.SHELLS, "install"),
        ),
    ],
    man: Annotated[
        bool, typer.Option("--man", help=N_("with install: the man pages too, where man looks for you"))
    ] = False,
) -> Value:
    """Print a completion script. Its words stand inside it: no Python is started while you press Tab."""
    if man and shell != "install":
        raise errors.Usage(_("--man goes with install."), hint="emk completion install --man")
    if shell != "install":
        return Text(completion_scripts.script(shell, locale.language()))
    return Text(f"{_install(app)}\n" + (f"{_installed_pages(app)}\n" if man else ""))


def _install(app: App) -> Path:
    from emkcli.presentation import completion_install

    used = completion_install.shell_in_use(app.environ)
    installed = completion_install.install(used, app.environ)
    if installed.line:
        if used == "bash":
            app.notice(_("bash finds it by itself where the package bash-completion is installed and loaded."))
        app.notice(_("Put this line at the end of {file}:").format(file=installed.rc))
        app.notice(f"    {installed.line}", verbatim=True)
    app.notice(_("Open a new shell to use it."))
    return installed.file


def _installed_pages(app: App) -> Path:
    target = man_pages.install(app.environ)
    if not man_pages.is_looked_at(app.environ):
        app.notice(_("man looks there when ~/.local/bin is on PATH, else with MANPATH={path}:.").format(path=target))
    return target
