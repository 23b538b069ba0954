"""`emk whoami`: whose session this is."""

from emkcli.app import App
from emkcli.commands._command import command
from emkcli.models import Account
from emkcli.usecases.onboarding.next_step import account_with_next


@command(
    needs="accounts.account",
    examples=(
        "emk whoami",
        "emk whoami --fields trust -o plain",
    ),
)
def whoami(app: App) -> Account:
    """Whose session this is: name, masked СНИЛС and phone, and how far the account is trusted."""
    return account_with_next(app, app.client.accounts.account())
