"""`emk logout`: end the session."""

from emkcli.app import App
from emkcli.commands._command import command
from emkcli.locale import _
from emkcli.results import Item, Value
from emkcli.usecases import tab_values
from emkcli.usecases.onboarding import account


@command(
    examples=(
        "emk logout",
        "emk logout --profile work",
    ),
    ends=(
        4,
        7,
        8,
    ),
)
def logout(app: App) -> Value:
    """End the session on the server and here. The local card and its key stay; answers kept of a form that was not
    finished go, and what Tab offered of lists. A second logout is no error."""
    tab_values.forget(app)
    if not app.session.store.writable:
        variable = "EMK_TOKEN_FILE" if app.settings.token_file else "EMK_TOKEN"
        app.notice(_("The token of {variable} stays in force, and a stored session too.").format(variable=variable))
        app.notice(_("To log out, unset {variable} and run emk logout.").format(variable=variable))
        return Item("auth", {"logged_in": True, "ended": False})
    ended = account.log_out(app)
    app.notice(_("Logged out.") if ended else _("Nobody was logged in."))
    return Item("auth", {"logged_in": False, "ended": ended})
