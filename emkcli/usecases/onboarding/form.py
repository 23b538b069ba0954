"""Questions that belong together: each answer is kept as soon as it is given, and offered when the form is asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.clinical.dates import readable
from emkcli.locale import _, language

if TYPE_CHECKING:
    from emkcli.app import App

NOTHING = "-"
"""Empties an optional answer that was kept; Enter would take it."""


class Form:
    """One form of this profile. What is kept lies in its state (0600) until `forget` or `emk logout`."""

    def __init__(self, app: App, name: str) -> None:
        self._app, self._name = app, name
        self._offered = self._kept() if app.interactive else {}
        if self._offered:
            app.notice(
                _("Kept from last time: Enter takes the answer in brackets, - empties one that may be left out.")
            )

    def ask(
        self, name: str, label: str, *, option: str, check: Callable[[str], str], default: str | None = None
    ) -> str:
        """As `Dialogue.ask`, with the answer of last time as the default."""

        def checked(answer: str) -> str:
            return "" if answer == NOTHING and default == "" else check(answer)

        offered = readable(self._offered.get(name) or default or "", language()) or default
        answer = self._app.dialogue.ask(label, option=option, default=offered, check=checked)
        self._app.redactor.learn("", {name: answer})
        self._keep(name, answer)
        return answer

    def _kept(self) -> dict[str, str]:
        kept = self._app.unfinished_answers.fields.get(self._name)
        answers = {name: text for name, text in kept.items() if isinstance(text, str)} if isinstance(kept, dict) else {}
        self._app.redactor.learn("", answers)
        return answers

    def _keep(self, name: str, answer: str) -> None:
        mark = self._app.unfinished_answers
        with suppress(errors.Storage):  # the answer itself is not less good for that
            mark.set({**mark.fields, self._name: {**self._kept(), name: answer}})


def forget(app: App, name: str) -> None:
    """The form came to its end."""
    mark = app.unfinished_answers
    forms: dict[str, Any] = {form: answers for form, answers in mark.fields.items() if form != name}
    if forms:
        mark.set(forms)
    else:
        mark.remove()


@contextmanager
def said_to_be_kept(app: App) -> Iterator[None]:
    """Whatever ends the questions, or refuses what was answered, costs no answer: that is said to whoever gave them."""
    try:
        yield
    except (errors.EmkError, KeyboardInterrupt):
        if app.interactive and app.unfinished_answers.fields:
            with suppress(OSError):  # the terminal hung up
                app.notice(_("What was answered is kept and offered next time; emk logout removes it."))
        raise
