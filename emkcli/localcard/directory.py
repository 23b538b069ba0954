"""One profile's cards and their key: made, used and removed under one lock, by any number of processes.

Whoever has a card open holds the lock shared; whoever puts a key in force or removes anything holds it alone. Nothing is asked of a
person or a keyring and no key is derived while it is held: what was found out without the lock is compared again under it. The order
is: a key before what it encrypts, a card before its key; whatever a killed process leaves is one of the states below.

- a key that is not in force, or a renamed card that was to be removed: swept by the next process that is alone
- a key without a card: used by the next card, or replaced when the keyring lost it
- a card without a key: an error that names `emk card forget`
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import ReadWriteLock, Timeout

from emkcli import errors
from emkcli.config.private_files import make_private, private_directory
from emkcli.localcard.key import NOTE, Key, Keys, Missing, stores, sync_directory
from emkcli.localcard.store import Store
from emkcli.locale import _

LOCK = "card.lock"
LOCK_SECONDS = 5.0
REMOVED = ".removed"


@dataclass
class CardDirectory:
    """Raises `Busy` when another process does not give way within five seconds, `Storage` when files cannot be used."""

    keys: Keys
    place: Path = field(init=False)

    def __post_init__(self) -> None:
        self.place = self.keys.directory

    def open(self, file: str, *, make: bool = True) -> Store:
        """A card in that file; nobody removes it before it is closed. Without `make`, `NotFound` where there is none."""
        while True:
            if not make and not (self.place / file).exists():
                raise _none_here()
            key = self.key(make=make)
            release = self._hold(alone=False)
            try:
                note = self.keys.note
                if note and note["id"] == key.ident and (make or (self.place / file).exists()):
                    return Store(self.place / file, key.content, release)
            except BaseException:
                release()
                raise
            release()

    def key(self, *, make: bool = True) -> Key:
        """The key in force; made when there is none, or `NotFound`. May ask for a passphrase; then no lock is held."""
        private_directory(self.place)
        while True:
            if (note := self.keys.note) is not None:
                try:
                    return self.keys.find(note)
                except Missing:
                    if not self._gave_up_a_key_without_card(note["id"]):
                        raise
            else:
                self._make_key(make=make)

    def remove(self) -> bool:
        """Remove every card and their key; False when there was no card."""
        if not self.place.is_dir():
            return False
        with self._alone():
            removed = self._remove(list(stores(self.place)))
            self.keys.give_up()
            return removed

    def remove_if_empty(self, file: str, key: bytes, is_empty: Callable[[Store], bool]) -> None:
        """Remove a card in which nothing was stored, and the key when no other card needs it.

        Nothing when another process uses the cards: it may be about to store something.
        """
        try:
            with self._alone(seconds=0):
                path = self.place / file
                if path.exists() and _asked(Store(path, key), is_empty):
                    self._remove([path])
                    if not any(stores(self.place)):
                        self.keys.give_up()
        except errors.Busy:
            return

    def _make_key(self, *, make: bool) -> None:
        if self._has_key():
            return
        if not make:
            raise _none_here()
        with _usable(), self.keys.proposed() as proposal, self._alone():
            if self.keys.note is None and not any(stores(self.place)):
                self.keys.accept(proposal)

    def _has_key(self) -> bool:
        """Whether there is one after all. Raises `Storage` when there was one, and its note is gone."""
        release = self._hold(alone=False)
        try:
            if self.keys.note is not None:
                return True
            if any(stores(self.place)):
                # a new key would not open what is there, and its note would hide that another one once did
                raise errors.Storage(
                    _("The note that says where the key of the local card is ({name}) is gone.").format(name=NOTE),
                    hint=_("put it back from a copy; or remove the card that it opened: emk card forget"),
                )
            return False
        finally:
            release()

    def _gave_up_a_key_without_card(self, ident: str) -> bool:
        """What to do about a key that the keyring lost: False when a card needs it."""
        with self._alone():
            note = self.keys.note
            if note is None or note["id"] != ident:
                return True
            if any(stores(self.place)):
                return False
            self.keys.give_up()
            return True

    def _remove(self, paths: list[Path]) -> bool:
        """Each card is gone in one rename; its log must not be taken for that of the next card of the name."""
        for path in paths:
            path.replace(path.with_name(path.name + REMOVED))
        sync_directory(self.place)
        return bool(paths)

    def _sweep(self) -> None:
        left = {path.name for path in stores(self.place)}
        for pattern in (f"*.sqlite3{REMOVED}", "*.sqlite3-wal", "*.sqlite3-shm"):
            for path in self.place.glob(pattern):
                if path.name.rpartition("-")[0] not in left:
                    path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self, seconds: float | None = None) -> Iterator[None]:
        release = self._hold(alone=True, seconds=seconds)
        try:
            with _usable():
                yield
                self._sweep()
        finally:
            release()
        with _usable():
            self.keys.sweep()  # a keyring may take its time, so without the lock

    def _hold(self, *, alone: bool, seconds: float | None = None) -> Callable[[], None]:
        """Take the lock within `seconds`, or those a command waits for; what comes back releases it."""
        with _usable():
            make_private(self.place / LOCK)
            # one for each process, which takes it as often as it has cards open: a second reader of its own would wait for
            # a writer that waits for the first
            try:
                lock = ReadWriteLock(self.place / LOCK)
                (lock.acquire_write if alone else lock.acquire_read)(LOCK_SECONDS if seconds is None else seconds)
            except (Timeout, RuntimeError):  # another process has it, or this one has a card open
                message = _("The local card is in use by another process.")
                raise errors.Busy(message, hint=_("try again when it is done")) from None
            except (
                sqlite3.Error,
                ValueError,
            ) as cause:  # the lock is a database: no room, or something else by its name
                raise errors.Storage(
                    _("{path} cannot be locked.").format(path=self.place / LOCK), hint=_("remove the file")
                ) from cause
        return lock.release


def _none_here() -> errors.NotFound:
    return errors.NotFound(_("There is no local card yet."), hint="emk card import FILE")


def _asked(store: Store, question: Callable[[Store], bool]) -> bool:
    try:
        return question(store)
    finally:
        store.close()


@contextmanager
def _usable() -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise errors.Storage(
            _("The local card's directory cannot be used: {why}").format(why=cause.strerror or cause)
        ) from cause
