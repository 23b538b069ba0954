"""The demonstration behind `demo`: real commands, one process each, in a home that is thrown away or in the real one."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from emkcli import errors, one_file
from emkcli.config import scratch
from emkcli.config.private_files import make_directories
from emkcli.locale import _
from emkcli.results import Item, Line
from emkcli.security import external_programs
from emkcli.usecases.onboarding import invented_papers, next_step

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.results import Value

CODE = "emk mock inbox --code"
STEPS = (
    "emk register --from person.toml",
    f"emk verify --passport-scan passport.png --selfie selfie.jpg --code-command '{CODE}' --wait",
    f"emk login --from person.toml --code-command '{CODE}'",
    "emk connect --accept-consent medical-data@1 --accept-consent egisz-transfer@1",
    "emk clinic list --near residence --accepts adults --limit 3",
    "CLINIC=$(emk clinic list --near residence --accepts adults -o plain --query 'items[0].id')",
    "DOCTOR=$(emk doctor list --clinic $CLINIC --specialty therapist -o plain --query 'items[?panel_open]|[0].id')",
    "emk clinic choose $CLINIC --doctor $DOCTOR --yes",
    "emk status --wait",
    "emk notification list --limit 3",
    "emk card summary",
    "emk card labs --abnormal --limit 5",
    "emk request create prescription --medicine Аторвастатин --yes",
    "emk card export --format fhir --to card.json",
    "emk card export --format csv --to card-csv",
    "emk card export --format html --to card.html",
)
EXPORTS = ("card.json", "card-csv", "card.html")


class Demonstration:
    """Runs the steps in a new directory; the exported card stays, and the mock's state where it is to be kept."""

    def __init__(self, app: App, to: str | None, *, keep: bool) -> None:
        self._app = app
        self._to = to
        self._keep = keep
        self._variables: dict[str, str] = {}

    def run(self) -> Value:
        started = time.monotonic()
        if self._keep:
            self._check_home()
        folder = self._folder()
        try:
            self._walk(folder)
        except BaseException:
            with suppress(OSError):  # what was exported stays
                folder.rmdir()
            raise
        self._app.notice(
            _("That was the whole journey, on invented data. The exported card: {path}").format(path=folder)
        )
        seconds = round(time.monotonic() - started, 1)
        following = {"next": next_step.READ} if self._keep else {}
        return Item("demo", {"steps": len(STEPS), "seconds": seconds, "exported_to": str(folder), **following})

    def _check_home(self) -> None:
        """A journey that was begun is not walked over, and one on a real server is none for an invented patient."""
        if self._app.settings.backend != "mock":
            raise errors.Usage(
                _("--keep lives the journey on the mock, and this profile has the backend {backend}.").format(
                    backend=self._app.settings.backend
                ),
                hint="-p NAME",
            )
        if self._app.has_session() or self._app.login_name():
            raise errors.Exists(_("This profile has an account already."), hint="emk next")

    def _walk(self, folder: Path) -> None:
        with scratch.directory() as home:
            invented_papers.write_person(home, self._app.language)
            invented_papers.write_pictures(home)
            for step in STEPS:
                self._step(step, home, folder)

    def _folder(self) -> Path:
        if self._to is None:
            made = Path(tempfile.mkdtemp(prefix="emk-demo-"))
            made.chmod(0o700)
            return made
        folder = Path(self._to).absolute()
        try:
            make_directories(folder)
        except OSError as cause:
            raise errors.Storage(
                _("{path} cannot be created: {reason}").format(path=folder, reason=cause.strerror)
            ) from cause
        taken = [name for name in EXPORTS if (folder / name).exists()]
        if taken:
            raise errors.Exists(_("{path} holds a card already.").format(path=folder), hint=_("name another directory"))
        return folder

    def _step(self, step: str, home: Path, folder: Path) -> None:
        self._print(f"$ {step}")
        name, _equals, inner = step.partition("=$(")
        if inner:
            self._variables[name] = self._run(inner.removesuffix(")"), home, folder, capture=True).strip()
            self._print(self._variables[name])
        else:
            self._run(step, home, folder, capture=False)
        self._print("")

    def _run(self, step: str, home: Path, folder: Path, *, capture: bool) -> str:
        arguments = [self._word(word, folder) for word in shlex.split(step)[1:]]
        quiet = self._app.keeps_notices and not capture
        with external_programs.running(
            [*one_file.this_program(), *arguments],
            cwd=home,
            env=self._environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if capture else subprocess.DEVNULL if quiet else None,
            stderr=subprocess.DEVNULL if quiet else None,
            text=True,
            encoding="utf-8",
        ) as process:
            printed: str | None = process.communicate()[0]
        if process.returncode != 0:
            raise errors.EmkError(
                _("The demonstration stopped: {step} ended with {code}.").format(step=step, code=process.returncode)
            )
        return printed or ""

    def _word(self, word: str, folder: Path) -> str:
        if word == CODE:
            return shlex.join([*one_file.this_program(), *shlex.split(CODE)[1:]])
        if word in EXPORTS:
            return str(folder / word)
        return self._variables.get(word.removeprefix("$"), word)

    def _environment(self, home: Path) -> dict[str, str]:
        """Where nothing is kept, nothing of the person's own settings, and no keyring: the demo is nobody's."""
        shown = {"EMK_OUTPUT": "table", "EMK_LANG": self._app.language}
        if self._keep:
            settings = self._app.settings
            said = {"EMK_BACKEND": settings.backend} if settings.is_said_now("backend") else {}
            return {**os.environ, "EMK_PROFILE": settings.profile, **said, **shown}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("EMK_")}
        return inherited | {"EMK_HOME": str(home), "EMK_KEYRING": "off"} | shown

    def _print(self, text: str) -> None:
        from emkcli.presentation.render import say

        if not self._app.keeps_notices:
            say(Line(text), self._app.stdout)
