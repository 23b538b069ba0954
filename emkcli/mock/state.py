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
from emkcli.mock import log, schema
from emkcli.mock.log import Waiting
from emkcli.mock.reader import MustWriteError, Reader

Notice = Callable[[str], None]
Connections = tuple[sqlite3.Connection, Reader]
MEMORY = ":memory:"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class State:
    """Two connections, each behind a lock: reads wait for no writer, another process included. In memory both are one."""

    def __init__(self, place: str | Path, notice: Notice, *, seed: int = 1, timeout: float = 5.0) -> None:
        self.place = place
        self._seed = seed
        self._notice = notice
        self._timeout = timeout
        self._writing = RLock()
        self._reading = self._writing if place == MEMORY else RLock()
        self._writer, self._reader = self._open()
        self.log = Waiting(self._write_log)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside happens at once or not at all; waits up to the timeout for another process."""
        with (
            self._explained(),
            self._writing,
            self.log.taken() as (lines, lost),
            # writers from the start: a request reads first and writes later, and two such would refuse each other
            _whole(self._writer, "BEGIN IMMEDIATE") as db,
        ):
            log.write(db, lines, lost)
            yield db

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The state as it is at one moment. Raises `MustWriteError` at the first change, save in memory, where it is made."""
        with self._explained(), self._reading, self._reader.reading() as db:
            try:
                yield db
            except sqlite3.OperationalError as error:
                if _primary(error) == sqlite3.SQLITE_READONLY:
                    raise MustWriteError from error
                raise

    def glance(self, query: str) -> object:
        """One value, read outside of any transaction."""
        with self._explained(), self._reading:
            return self._reader.execute(query).fetchone()[0]

    def close(self) -> None:
        self.log.flush()
        with self._writing, self._reading:
            self._close()

    def _write_log(self) -> None:
        with self.transaction():
            pass

    def _close(self) -> None:
        self._reader.close()
        self._writer.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        at_work = self._writer
        try:
            yield
        except sqlite3.DatabaseError as error:
            if _primary(error) in _DAMAGED and self.place != MEMORY:
                self._begin_anew(at_work)
                raise errors.Storage(
                    _("the mock's state was damaged and has been moved aside"), hint=_("Run the command again.")
                ) from error
            raise _explain(error, self.place) from error

    def _begin_anew(self, damaged: sqlite3.Connection) -> None:
        """Once, however many threads have met the damage."""
        with self._writing, self._reading:
            if self._writer is damaged:
                self._close()
                self._writer, self._reader = self._afresh()

    def _open(self) -> Connections:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if _primary(error) in _DAMAGED:
                return self._afresh()
            raise _explain(error, self.place) from error
        except OSError as error:
            raise _unusable(self.place, error.strerror or str(error)) from error

    def _afresh(self) -> Connections:
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

    def _connect(self) -> Connections:
        """The writer's and the reader's."""
        if self.place != MEMORY:
            _prepare(Path(self.place))
        writer = self._connection()
        try:
            self._upgrade(writer)
            reader = writer if self.place == MEMORY else self._connection()
        except BaseException:
            writer.close()
            raise
        if reader is not writer:
            reader.execute("PRAGMA query_only = 1")
        reader.is_shared = reader is not writer
        return writer, reader

    def _connection(self) -> Reader:
        db = sqlite3.connect(
            self.place,
            timeout=self._timeout,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
            factory=Reader,
        )
        db.row_factory = sqlite3.Row
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


@contextmanager
def _whole(db: sqlite3.Connection, begin: str) -> Iterator[sqlite3.Connection]:
    """One transaction: ended, or taken back."""
    db.execute(begin)
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # what there was no room for, SQLite has taken back itself
            db.execute("ROLLBACK")
        raise


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
