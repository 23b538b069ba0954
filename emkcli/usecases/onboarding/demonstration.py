"""The demonstration behind `demo`: real commands, one process each, in a home that is thrown away."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.config import scratch
from emkcli.config.atomic_files import replace_file
from emkcli.config.private_files import make_directories
from emkcli.locale import _
from emkcli.results import Item, Line
from emkcli.security import external_programs

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
)


class Demonstration:
    """Runs the steps in a new directory; the mock's state goes when it ends, the exported card stays."""

    def __init__(self, app: App, to: str | None) -> None:
        self._app = app
        self._to = to
        self._variables: dict[str, str] = {}

    def run(self) -> Value:
        started = time.monotonic()
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
        return Item("demo", {"steps": len(STEPS), "seconds": seconds, "exported_to": str(folder)})

    def _walk(self, folder: Path) -> None:
        with scratch.directory() as home:
            self._prepare(home)
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
        taken = [name for name in ("card.json", "card-csv") if (folder / name).exists()]
        if taken:
            raise errors.Exists(_("{path} holds a card already.").format(path=folder), hint=_("name another directory"))
        return folder

    def _prepare(self, home: Path) -> None:
        """The person file and two pictures that show nobody."""
        from PIL import Image, ImageDraw

        from emkcli.registration.person import template

        replace_file(home / "person.toml", template(self._app.language))
        for name, size in (("passport.png", (1500, 1050)), ("selfie.jpg", (900, 1200))):
            picture = Image.new("RGB", size, "lightgrey")
            ImageDraw.Draw(picture).ellipse((300, 200, 600, 600), fill="grey")
            content = io.BytesIO()
            picture.save(content, "PNG" if name.endswith("png") else "JPEG")
            replace_file(home / name, content.getvalue())

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
            [sys.executable, "-m", "emkcli", *arguments],
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
            return f"{shlex.quote(sys.executable)} -m {CODE.replace('emk', 'emkcli', 1)}"
        if word in {"card.json", "card-csv"}:
            return str(folder / word)
        return self._variables.get(word.removeprefix("$"), word)

    def _environment(self, home: Path) -> dict[str, str]:
        """Nothing of the person's own settings, and no keyring: the demo is nobody's."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("EMK_")}
        settings = {"EMK_HOME": str(home), "EMK_KEYRING": "off", "EMK_OUTPUT": "table", "EMK_LANG": self._app.language}
        return inherited | settings

    def _print(self, text: str) -> None:
        from emkcli.presentation.render import say

        if not self._app.keeps_notices:
            say(Line(text), self._app.stdout)
