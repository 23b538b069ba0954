"""Where a session's tokens live: the OS keyring, the mock's file, a plain file when asked for, the environment.

One item per profile and backend address. A real backend without a keyring fails closed before anything is spent.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from emkcli import errors
from emkcli.api.models import Tokens
from emkcli.config import Places, Settings, private_directory, write_private
from emkcli.keyrings import Keyring, NoKeyring
from emkcli.locale import _

LOCK_WAIT = 10.0


@dataclass
class KeyringStore:
    keyring: Keyring
    service: str
    profile: str
    lock_file: Path
    source: str = "keyring"
    writable: bool = True

    def load(self) -> Tokens | None:
        return _tokens(self.keyring.get(self.service, self.profile))

    def save(self, tokens: Tokens) -> None:
        self.keyring.set(self.service, self.profile, tokens.model_dump_json())

    def clear(self) -> None:
        self.keyring.delete(self.service, self.profile)

    def lock(self) -> AbstractContextManager[object]:
        return held(self.lock_file)

    def probe(self) -> None:
        """Write, read back, delete: `NoSecretStorage` before an SMS is spent rather than after."""
        self.keyring.set("emk:probe", self.profile, "probe")
        self.keyring.delete("emk:probe", self.profile)


@dataclass
class FileStore:
    """A 0600 file: for the mock, whose tokens open nothing, and with `--insecure-storage`."""

    path: Path
    lock_file: Path
    source: str = "plain_file"
    writable: bool = True

    def load(self) -> Tokens | None:
        try:
            if os.name == "posix" and self.path.stat().st_mode & 0o077:
                raise errors.Storage(
                    _("{path} can be read by others.").format(path=self.path), hint=f"chmod 600 {self.path}"
                )
            return _tokens(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as cause:
            raise errors.Storage(_("{path} cannot be read.").format(path=self.path)) from cause

    def save(self, tokens: Tokens) -> None:
        write_private(self.path, tokens.model_dump_json())

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)

    def lock(self) -> AbstractContextManager[object]:
        return held(self.lock_file)

    def probe(self) -> None:
        private_directory(self.path.parent)


@dataclass
class GivenToken:
    """A ready token from the environment or a file: read-only, never refreshed."""

    token: str
    source: str
    writable: bool = False

    def load(self) -> Tokens | None:
        return Tokens(access_token=self.token)

    def save(self, tokens: Tokens) -> None:
        self.probe()

    def clear(self) -> None:
        return None

    def lock(self) -> AbstractContextManager[object]:
        return nullcontext()

    def probe(self) -> None:
        raise errors.Usage(
            _("The token comes from the environment ({source}); a login would not be used.").format(source=self.source),
            hint=_("unset EMK_TOKEN and EMK_TOKEN_FILE"),
        )


@dataclass
class MockStore:
    """The mock's session: its file when it is there, else the keyring, else the file; they open nothing."""

    file: FileStore
    keyring: KeyringStore | None
    notice: Callable[[str], None]
    writable: bool = True

    @property
    def source(self) -> str:
        return "plain_file" if self.keyring is None or self.file.path.exists() else "keyring"

    def load(self) -> Tokens | None:
        return self.file.load() or (self._from_keyring() if self.keyring else None)

    def save(self, tokens: Tokens) -> None:
        if self.keyring and not self.file.path.exists():
            try:
                self.keyring.save(tokens)
                return
            except errors.NoSecretStorage:
                self.keyring = None
        if not self.file.path.exists():
            self.notice(_("No keyring: the demo session is kept in a file only you can read; it opens nothing."))
        self.file.save(tokens)

    def clear(self) -> None:
        """Both places: a keyring that was there at login may be away now, and the other way round."""
        if self.keyring and not self.file.path.exists():
            try:
                self.keyring.clear()
            except errors.NoSecretStorage:
                return
        self.file.clear()

    def lock(self) -> AbstractContextManager[object]:
        return self.file.lock()

    def probe(self) -> None:
        self.file.probe()

    def _from_keyring(self) -> Tokens | None:
        try:
            return self.keyring.load() if self.keyring else None
        except errors.NoSecretStorage:
            return None


Store = KeyringStore | FileStore | GivenToken | MockStore


def store_for(
    settings: Settings,
    places: Places,
    environ: Mapping[str, str],
    address: str,
    *,
    demo: bool,
    notice: Callable[[str], None],
) -> Store:
    """The place for this profile's session at `address`: `EMK_TOKEN_FILE` > `EMK_TOKEN` > the stored session."""
    if given := given_token(settings, environ):
        return given
    slot = hashlib.sha256(address.encode()).hexdigest()[:12]
    sessions = places.state / "sessions"
    lock_file = sessions / f"{settings.profile}-{slot}.lock"
    file = FileStore(sessions / f"{settings.profile}-{slot}.json", lock_file)
    if settings.storage == "plain-file" or file.path.exists():
        return file
    service, off = f"emk:{address}", settings.keyring == "off"
    ring = KeyringStore(NoKeyring() if off else Keyring(settings.keyring_timeout), service, settings.profile, lock_file)
    if demo and settings.keyring != "required":
        return MockStore(file, None if off else ring, notice)
    return ring


def given_token(settings: Settings, environ: Mapping[str, str]) -> GivenToken | None:
    if settings.token_file:
        try:
            text = Path(settings.token_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as cause:
            raise errors.Storage(_("{path} cannot be read.").format(path=settings.token_file)) from cause
        return GivenToken(text, "env_file")
    if token := environ.get("EMK_TOKEN", "").strip():
        return GivenToken(token, "env")
    return None


@contextmanager
def held(lock_file: Path) -> Iterator[None]:
    """A lock between processes; the file stays, waiting is bounded."""
    from filelock import FileLock, Timeout

    private_directory(lock_file.parent)
    lock = FileLock(lock_file, timeout=LOCK_WAIT, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise errors.Busy(_("Another emk is refreshing this session."), hint=_("retry later")) from None
    except OSError as cause:
        raise errors.Storage(_("{path} cannot be locked.").format(path=lock_file)) from cause
    try:
        yield
    finally:
        lock.release()


def _tokens(text: str | None) -> Tokens | None:
    if not text:
        return None
    try:
        return Tokens.model_validate_json(text)
    except ValueError:
        raise errors.LoginRequired(_("The stored session cannot be read."), hint="emk logout && emk login") from None
