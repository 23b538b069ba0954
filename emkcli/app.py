"""What a command receives: settings, prompter, client and stores, each built on first touch."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Container, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from emkcli import errors, locale
from emkcli.config import ownership, scratch
from emkcli.config.config_file import ConfigFile
from emkcli.config.output_formats import MACHINE
from emkcli.config.places import Places
from emkcli.config.settings import SETTING_METADATA, Settings, resolve_settings
from emkcli.locale import _
from emkcli.security.redact import Redactor

if TYPE_CHECKING:
    from emkcli.api.auth import Session
    from emkcli.api.backends import Setup
    from emkcli.api.client import Client
    from emkcli.config.seen_state import Mark, Marks
    from emkcli.localcard.profile_cards import LocalCards
    from emkcli.models import Named
    from emkcli.presentation.prompt import Dialogue
    from emkcli.presentation.render import Context
    from emkcli.security.audit_log import AuditLog
    from emkcli.security.credentials import Credentials


@dataclass(frozen=True)
class Source:
    """What a card is read from: a back end by its name, with the client for it."""

    backend: str
    client: Client


class App:
    """One run of `emk`. Options arrive through `give` while the line is parsed; everything else is read when touched."""

    def __init__(
        self,
        *,
        environ: Mapping[str, str] | None = None,
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        self.environ = os.environ if environ is None else environ
        self.stdin = stdin or sys.stdin
        self.stdout = stdout or sys.stdout
        self.stderr = stderr or sys.stderr
        self.warnings: list[str] = []
        self.early: Mapping[str, Any] = {}
        self.given: dict[str, Any] = {}
        self.redactor = Redactor()
        self.redactor.learn("token", self.environ.get("EMK_TOKEN"))
        self._owner: Named | None = None
        self.source: Source | None = None
        self.afterwards: list[Callable[[], None]] = []
        self.audited: dict[str, list[str]] = {}
        self.insecure_storage = False
        self._forgiven: Container[str] = ("env", "profile")
        self._said_once: set[str] = set()
        self._before_notice: Callable[[], None] = lambda: None
        self._closers: list[Callable[[], None]] = []

    def guess(self, early: Mapping[str, Any]) -> None:
        """What a quick look at the line said, for help and for errors before and while it is parsed."""
        self.early = early
        self._forget()

    def give(self, setting: str, value: Any) -> None:
        """Note an option of the command line; what was built from older settings is built anew."""
        self.given[setting] = value
        self._forget()

    def start(self, *, mends: bool = False, diagnoses: bool = False) -> None:
        """The line is parsed: from now on only what was really given counts, and a setting that is wrong is an error
        (but to a command that mends those of the profile). One that diagnoses changes no mode of a file."""
        gc.freeze()  # what start-up made stays: the collector need not look at it
        gc.enable()
        self._forgiven = ("profile",) if mends else ("file",) if diagnoses else ()
        self.guess({})
        scratch.begin(self.places.state)
        locale.use(self.language)
        if not diagnoses:
            self._keep_private(mends=mends)

    def _keep_private(self, *, mends: bool) -> None:
        """What lies open of this home is narrowed, and said; `Storage` when it is another user's."""
        ownership.narrow_from_now(self.say_once)
        places = self.places
        for path in (places.config_file, *dict.fromkeys((places.config, places.state, places.cache))):
            with suppress(OSError, *([errors.Storage] if mends else [])):
                ownership.keep_private(path)

    def _forget(self) -> None:
        for built in ("settings", "dialogue", "client", "credentials"):
            self.__dict__.pop(built, None)

    @cached_property
    def places(self) -> Places:
        places = Places.from_environment(self.environ)
        ownership.adopt(places.config if self.environ.get("EMK_HOME") else None)
        return places

    @cached_property
    def config_file(self) -> ConfigFile:
        return ConfigFile(self.places.config_file)

    @cached_property
    def settings(self) -> Settings:
        options = {name: value for name, value in {**self.early, **self.given}.items() if name in SETTING_METADATA}
        return resolve_settings(options, self.environ, self._profiles(), forgiven=self._forgiven)

    def _profiles(self) -> Mapping[str, Mapping[str, Any]]:
        try:
            return self.config_file.profiles()
        except (errors.InvalidInput, errors.Storage) as cause:
            if "profile" in self._forgiven or ("file" in self._forgiven and isinstance(cause, errors.Storage)):
                return {}
            raise

    @property
    def language(self) -> str:
        return self.settings.lang or locale.from_environment(self.environ)

    @property
    def keeps_notices(self) -> bool:
        """Whether notices wait for the document instead of going to stderr at once."""
        return self.settings.output in MACHINE

    @property
    def interactive(self) -> bool:
        from emkcli.presentation.terminal import is_terminal

        return not self.settings.no_input and is_terminal(self.stdin)

    @cached_property
    def dialogue(self) -> Dialogue:
        from emkcli.presentation import prompt
        from emkcli.security.safe_text import sanitise

        kind = prompt.Prompter if self.interactive else prompt.NoInput
        return kind(self.stdin, self.stderr, lambda text: sanitise(text, multiline=True), self.redactor.learn)

    def progress(self, label: str) -> AbstractContextManager[Callable[[str], None]]:
        """A line on stderr while something is waited for; silent with `-q` and machine output."""
        from emkcli.presentation.progress import progress
        from emkcli.security.safe_text import sanitise

        indicator = progress(
            self.stderr,
            lambda text: sanitise(self.redactor.text(text)),
            quiet=self.settings.quiet or self.keeps_notices,
        )
        self._before_notice = indicator.clear
        return indicator(label)

    @cached_property
    def client(self) -> Client:
        client = self._client()
        self._closers.append(client.close)
        return client

    @property
    def backend(self) -> str:
        """The back end that was read, once one was, else the one that is set."""
        return self.source.backend if self.source else self.settings.backend

    @property
    def demo(self) -> bool:
        """Whether what was read is invented."""
        return bool(self._client_in_use and self._client_in_use.demo)

    @property
    def _client_in_use(self) -> Client | None:
        """The client that was read from, else the one that was made; None as long as nobody was asked."""
        return self.source.client if self.source else self.__dict__.get("client")

    @property
    def owner(self) -> Named | None:
        """Whose card is read, once that is known; from then on their name is never said on stderr."""
        return self._owner

    @owner.setter
    def owner(self, owner: Named | None) -> None:
        self.redactor.learn("fullname", owner.name if owner else None)
        self._owner = owner

    @property
    def session(self) -> Session:
        """The session of the client. `Unsupported` on a backend without one."""
        if not self.client.has_session:
            raise errors.Unsupported(_("Backend {backend} has no session.").format(backend=self.settings.backend))
        return self.client.session

    def require(self, operation: str) -> None:
        """`Unsupported` unless the backend implements `port.operation`; then it must have what it needs."""
        if not self.client.can(operation):
            raise errors.Unsupported(
                _("Backend {backend} cannot do that.").format(backend=self.settings.backend), hint="emk help backends"
            )
        self.client.ready()

    def allow_plain_file(self, allowed: bool) -> None:
        """`--insecure-storage`: keep the secret in a plain 0600 file, and say it every time."""
        if allowed:
            self.insecure_storage = True
            self._forget()
            self.warn_of_plain_file()

    def warn_of_plain_file(self) -> None:
        self.say_once(_("The secret is kept in a plain file that only you can read."))

    @cached_property
    def credentials(self) -> Credentials:
        from emkcli.security.credentials import Credentials

        ask = partial(self.dialogue.secret, option="EMK_PASSPHRASE_FILE") if self.interactive else None
        return Credentials(
            self.settings,
            self.places,
            self.environ,
            self.binary_stdin,
            ask,
            self.notice,
            self.redactor.learn,
            self.insecure_storage,
        )

    @cached_property
    def local_cards(self) -> LocalCards:
        from emkcli.localcard.profile_cards import LocalCards

        return LocalCards(self.places, lambda: self.settings, lambda: self.credentials, self._closers.append)

    @property
    def marks(self) -> Marks:
        from emkcli.config.seen_state import Marks

        return Marks(self.places.state / "marks", self.settings.profile, self.settings.url or self.backend)

    @property
    def unfinished_answers(self) -> Mark:
        """Form → question → answer, of the forms that this profile began and did not finish."""
        from emkcli.config.seen_state import Marks

        return Marks(self.places.state / "answers", self.settings.profile, self.settings.url or self.backend).mark()

    @property
    def audit_log(self) -> AuditLog:
        from emkcli.security.audit_log import NAME, AuditLog

        return AuditLog(self.places.state / NAME, self.redactor)

    def login_name(self) -> str | None:
        """The phone or СНИЛС this profile logs in with, as remembered (0600)."""
        value = self.marks.mark("login").value
        self.redactor.learn("login", value)
        return value if isinstance(value, str) else None

    def remember_login_name(self, name: str) -> None:
        self.marks.mark("login").set(name)

    def has_session(self) -> bool:
        """Whether somebody is logged in, as far as the place of the session tells; `False` on a backend without sessions."""
        with suppress(errors.EmkError):
            return self.session.stored() is not None
        return False

    def probe_storage(self) -> None:
        """Try the place for the session before an SMS is spent on it."""
        self.session.store.probe()

    def now(self) -> datetime:
        """The server's clock where one was heard, else the local one; Europe/Moscow."""
        from emkcli.clinical.dates import moscow

        client = self._client_in_use
        clock = client and (client.wire if client.has_wire else client.kept)
        return clock.now() if clock else datetime.now(moscow())

    def fetched_at(self) -> str:
        """When what is shown was fetched: now, or at the last sync."""
        copy = self._client_in_use.kept if self._client_in_use else None
        return (copy and copy.fetched_at(self.settings.person)) or self.now().isoformat(timespec="seconds")

    def notice(self, text: str, *, verbatim: bool = False) -> None:
        """Say something beside the data: a line on stderr, or a warning of the document."""
        message = text if verbatim else self.redactor.text(text)
        if self.keeps_notices:
            self.warnings.append(message)
        elif not self.settings.quiet:
            self.trace(message, verbatim=True)

    def say_once(self, text: str) -> None:
        if text not in self._said_once:
            self._said_once.add(text)
            self.notice(text)

    def trace(self, text: str, *, verbatim: bool = False) -> None:
        """A line on stderr, redacted; `verbatim` is for an address that the person is asked to open."""
        from emkcli.presentation import terminal
        from emkcli.security.safe_text import sanitise

        self._before_notice()
        line = f"emk: {sanitise(text if verbatim else self.redactor.text(text))}"
        self.stderr.write(f"{terminal.fitting(line, self.stderr)}\n")
        self.stderr.flush()

    def context(self) -> Context:
        """Everything the renderer may know."""
        from emkcli.presentation import terminal
        from emkcli.presentation.render import Context

        settings, stdout, environ = self.settings, self.stdout, self.environ
        fields = self.given.get("fields")
        return Context(
            stdout=stdout,
            stderr=self.stderr,
            redactor=self.redactor,
            output=settings.output,
            output_given="output" in self.given,
            colour=terminal.colour(settings.color, stdout, environ),
            colour_stderr=terminal.colour(settings.color, self.stderr, environ),
            quiet=settings.quiet,
            warnings=self.warnings,
            backend=self.backend,
            demo=self.demo,
            profile=settings.profile,
            fetched_at=self.fetched_at(),
            language=self.language,
            fields=None if fields is None else [name.strip() for name in fields.split(",") if name.strip()],
            query=self.given.get("query"),
            width=terminal.columns(stdout, environ),
            person=self.owner,
            is_tty=terminal.is_terminal(stdout),
        )

    def after_output(self, action: Callable[[], None]) -> None:
        """Do something once stdout was flushed, such as moving the mark of `--new`."""
        self.afterwards.append(action)

    def child_environment(self) -> dict[str, str]:
        """What a program we run inherits."""
        from emkcli.profile_client import child_environment

        return child_environment(self.settings)

    def extension_environment(self) -> dict[str, str]:
        """What an `emk-NAME` inherits: everything of ours but tokens, and what the line said of whom, where and in which language."""
        person = {"EMK_PERSON": self.settings.person} if self.settings.person else {}
        return {**self.environ, **self.child_environment(), **person, "EMK_LANG": self.language}

    def binary_stdin(self) -> BinaryIO | None:
        return getattr(self.stdin, "buffer", None)

    def binary_stdout(self) -> BinaryIO:
        """Standard output for a file that is written there as it is."""
        self.stdout.flush()
        return self.stdout.buffer

    def close(self) -> None:
        while self._closers:
            self._closers.pop()()

    def _client(self) -> Client:
        from emkcli import profile_client

        return profile_client.client(
            self.settings, self.local_cards, self._setup, offline=bool(self.given.get("offline"))
        )

    def _setup(self) -> Setup:
        from emkcli import profile_client

        self.login_name()  # a server knows it, whether or not it is needed here
        return profile_client.setup(
            self.settings,
            self.places,
            self.credentials.store,
            language=self.language,
            notice=self.notice,
            learn=self.redactor.learn,
            trace=self.trace if self.settings.debug and not self.keeps_notices else None,
        )
