"""The state of the mock: one SQLite file that several processes may use at once, or memory."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from emkcli import errors
from emkcli.locale import _
from emkcli.mock import schema

Notice = Callable[[str], None]
MEMORY = ":memory:"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class State:
    """One connection behind a lock; every request is one transaction."""

    def __init__(self, place: str | Path, notice: Notice, *, seed: int = 1, timeout: float = 5.0) -> None:
        self.place = place
        self._seed = seed
        self._notice = notice
        self._timeout = timeout
        self._lock = RLock()
        self._db = self._open()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside happens at once or not at all; waits up to the timeout for another process."""
        with self._lock, self._explained():
            # writers from the start: a request reads first and writes later, and two such would refuse each other
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def glance(self, query: str) -> object:
        """One value, read outside of any transaction."""
        with self._lock, self._explained():
            return self._db.execute(query).fetchone()[0]

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if _primary(error) in _DAMAGED and self.place != MEMORY:
                self._db.close()
                self._db = self._afresh()
                raise errors.Storage(
                    _("the mock's state was damaged and has been moved aside"), hint=_("Run the command again.")
                ) from error
            raise _explain(error, self.place) from error

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if _primary(error) in _DAMAGED:
                return self._afresh()
            raise _explain(error, self.place) from error
        except OSError as error:
            raise _unusable(self.place, error.strerror or str(error)) from error

    def _afresh(self) -> sqlite3.Connection:
        """Move a damaged file aside, say so, and begin anew; the old data is never overwritten."""
        path = Path(self.place)
        aside = _aside(path)
        try:
            path.rename(aside)
            for suffix in ("-wal", "-shm"):
                if (journal := path.with_name(path.name + suffix)).exists():
                    journal.rename(aside.with_name(aside.name + suffix))
            self._notice(_("The mock's state was damaged; it was moved to {path}.").format(path=aside))
            return self._connect()
        except OSError as error:
            raise _unusable(path, error.strerror or str(error)) from error

    def _connect(self) -> sqlite3.Connection:
        if self.place != MEMORY:
            _prepare(Path(self.place))
        db = sqlite3.connect(
            self.place, timeout=self._timeout, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        db.row_factory = sqlite3.Row
        try:
            self._upgrade(db)
        except BaseException:
            db.close()
            raise
        return db

    def _upgrade(self, db: sqlite3.Connection) -> None:
        version = schema.version(db)
        if version > schema.VERSION:
            raise errors.Storage(_("the mock's state {path} was written by a newer emk").format(path=self.place))
        if version < schema.VERSION:
            _journal(db, self._timeout)
            schema.upgrade(db, self._seed)
        # a power cut may cost the last request of a mock; an fsync for each costs every test
        db.execute("PRAGMA synchronous = NORMAL")


def _prepare(path: Path) -> None:
    """The directory for the owner alone, and the file too before SQLite writes a byte."""
    for directory in (*reversed(path.parent.parents), path.parent):
        if not directory.is_dir():
            _made(directory)
    with suppress(FileExistsError):  # from before, or another process was faster
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        path.chmod(0o600)
        os.close(handle)


def _made(directory: Path) -> None:
    """For its owner, whose bits too a umask may take."""
    directory.mkdir(mode=0o700, exist_ok=True)
    directory.chmod(0o700)


def _journal(db: sqlite3.Connection, timeout: float) -> None:
    """Switch to write-ahead logging; SQLite does not wait for others here, so we do."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _primary(error) not in _BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _aside(path: Path) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%S")
    names = [f"{path.name}.corrupt-{stamp}"] + [f"{path.name}.corrupt-{stamp}-{turn}" for turn in range(2, 100)]
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())


def _primary(error: sqlite3.Error) -> int:
    """The primary result code: extended ones carry it in the low byte."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _explain(error: sqlite3.Error, place: str | Path) -> errors.EmkError:
    if _primary(error) in _BUSY:
        return errors.Busy(
            _("the mock's state is locked by another process"), hint=_("Wait for the other command to end.")
        )
    return _unusable(place, str(error))


def _unusable(place: str | Path, why: str) -> errors.Storage:
    return errors.Storage(
        _("the mock's state {path} cannot be used: {why}").format(path=place, why=why),
        hint=_("Point EMK_HOME at a directory that you can write to."),
    )
