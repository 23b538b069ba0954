"""«Are you sure»: asked on a terminal, answered by --yes, refused (exit 2) where neither is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.app import App


def may_ask(app: App, yes: bool) -> None:
    """Before anything is read from the server: nobody there to answer, and no --yes."""
    if not yes and not app.interactive:
        raise errors.Usage(_("This needs a confirmation and may not ask."), hint=_("pass --yes"))


def make_sure(app: App, question: str, yes: bool) -> None:
    """Go on after a yes; a no is a cancellation."""
    if not yes and not app.dialogue.confirm(question):
        raise errors.Cancelled(_("Nothing was changed."))
