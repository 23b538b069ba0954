"""`emk next`: the one command that comes next."""

from emkcli.app import App
from emkcli.commands._command import command
from emkcli.journey import standing
from emkcli.models import Next


@command(needs="accounts.account")
def next_(app: App) -> Next:
    """Print the one command that comes next, and why."""
    return standing.next_step(app)
