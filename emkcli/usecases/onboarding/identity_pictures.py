"""The two pictures that a verification needs: from the line, or asked for one after the other."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.config.named_files import expanded
from emkcli.locale import N_, _
from emkcli.usecases.onboarding.form import Form, forget

if TYPE_CHECKING:
    from pathlib import Path

    from emkcli.app import App
    from emkcli.registration.pictures import Kind, Picture

FORM = "pictures"
LABELS: dict[Kind, str] = {
    "passport_scan": N_("Scan of the passport (file)"),
    "selfie": N_("Photo of yourself (file)"),
}
OPTIONS: dict[Kind, str] = {"passport_scan": "--passport-scan", "selfie": "--selfie"}


class IdentityPictures:
    """Each is read once, checked, and stripped of everything but the image."""

    def __init__(self, app: App, passport_scan: str | None, selfie: str | None) -> None:
        self._app = app
        self._named: dict[Kind, str | None] = {"passport_scan": passport_scan, "selfie": selfie}
        self._prepared: dict[Kind, Picture] = {}

    @property
    def all_named(self) -> bool:
        return all(self._named.values())

    def check_named(self) -> None:
        """What is wrong with a file that the line names is told before anything is asked or sent. `InvalidInput`."""
        from emkcli.registration.pictures import prepare

        for kind, path in self._named.items():
            if path and kind not in self._prepared:
                self._prepared[kind] = prepare(path, kind, self._app.binary_stdin())

    def all(self) -> dict[Kind, Picture]:
        """Both; one that the line does not name is asked for, and asked for again when it is none."""
        self.check_named()
        if lacking := [kind for kind in LABELS if kind not in self._prepared]:
            form = Form(self._app, FORM)
            for kind in lacking:
                self._ask(form, kind)
        return self._prepared

    def forget(self) -> None:
        """They were handed in."""
        forget(self._app, FORM)

    def _ask(self, form: Form, kind: Kind) -> None:
        from emkcli.registration.pictures import prepare

        def check(answer: str) -> str:
            path = str(typed_path(answer))
            try:
                self._prepared[kind] = prepare(path, kind)
            except errors.InvalidInput as refused:
                raise ValueError(refused.message) from None
            return path

        form.ask(kind, _(LABELS[kind]), option=OPTIONS[kind], check=check)


def typed_path(answer: str) -> Path:
    """The file that somebody means who typed its name, or dropped it on the terminal, which quotes it as for a shell."""
    paths = [expanded(text).absolute() for text in (answer, *_unquoted(answer))]
    return next((path for path in paths if path.exists()), paths[0])


def _unquoted(answer: str) -> Iterator[str]:
    try:
        words = shlex.split(answer)
    except ValueError:  # a quote without its end
        return
    if len(words) == 1:
        yield words[0]
