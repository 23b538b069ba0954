"""`emk completion`: the static completion script of a shell."""

from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import command, words
from emkcli.locale import N_, _
from emkcli.presentation import completion_scripts
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
) -> Value:
    """Print a completion script. Its words stand inside it: no Python is started while you press Tab."""
    if shell != "install":
        return Text(completion_scripts.script(shell))
    used = completion_scripts.shell_in_use(app.environ)
    target = completion_scripts.install(used, app.environ)
    app.notice(_("Open a new shell to use it."))
    return Text(f"{target}\n")
