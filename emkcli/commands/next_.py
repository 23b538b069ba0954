"""`emk next`: the one command that comes next."""

from emkcli.app import App
from emkcli.commands._command import command
from emkcli.models import Next
from emkcli.usecases.onboarding import next_step


@command(
    needs="accounts.account",
    examples=(
        "emk next",
        "emk next --fields command -o plain",
    ),
)
def next_(app: App) -> Next:
    """Print the one command that comes next, and why."""
    return next_step.next_step(app)
