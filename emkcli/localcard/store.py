"""The file of the local card: SQLite, encrypted page by page, for several processes at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from emkcli import errors
from emkcli.config.private_files import make_private
from emkcli.localcard.schema import VERSION, upgrade
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.localcard.search.index import Index

BUSY_MILLISECONDS = 5000


class Store:
    """Opened with its key; a file that cannot be read is left as it is."""

    def __init__(self, path: Path, key: bytes, on_close: Callable[[], None] = lambda: None) -> None:
        self.path, self.key, self._on_close = path, key, on_close
        with translated(path):
            make_private(path)
            self.db = apsw.Connection(str(path))
            self.db.set_busy_timeout(BUSY_MILLISECONDS)
            # raw: the key is random already, and deriving one at each opening would cost more than reading
            self.db.pragma("key", f"raw:{key.hex()}")
            _journal(self.db)
            self.db.pragma("recursive_triggers", True)  # a row that is replaced leaves the search index too
            self._prepare()
            self.db.pragma("foreign_keys", True)  # not before: a table that is rebuilt must not take others along

    def close(self) -> None:
        self.db.close()
        on_close, self._on_close = self._on_close, lambda: None
        on_close()

    def rows(self, sql: str, *args: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, one at a time."""
        with translated(self.path):
            yield from self.db.execute(sql, args)

    def row(self, sql: str, *args: Any) -> tuple[Any, ...] | None:
        with translated(self.path):
            return self.db.execute(sql, args).fetchone()

    def run(self, sql: str, *args: Any) -> int:
        """Change something inside a transaction; the number of the row inserted last."""
        with translated(self.path):
            self.db.execute(sql, args)
            return self.db.last_insert_rowid()

    def many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """The same change for each row, inside a transaction."""
        with translated(self.path):
            self.db.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a process that dies in between leaves nothing."""
        with translated(self.path):
            # a reader that wants to write later gets "busy" at once, whatever the timeout
            self.db.execute("BEGIN IMMEDIATE")
        try:
            with translated(self.path):
                yield
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise
        with translated(self.path):
            self.db.execute("COMMIT")

    def index(self) -> Index:
        """The search index, brought in step with the records inside the transaction that wrote them."""
        from emkcli.localcard.search.index import Index

        with translated(self.path):
            index = Index(self.db)
            if self.db.in_transaction:
                index.catch_up()
            elif index.behind:
                with self.transaction():
                    index.catch_up()
            return index

    def _prepare(self) -> None:
        version = self.db.pragma("user_version")
        if version > VERSION:
            raise errors.Storage(
                _("The local card was made by another version of emk ({version}).").format(version=version),
                hint=_("update emk"),
            )
        if version < VERSION:
            with self.transaction():
                upgrade(self.db)


def _journal(db: apsw.Connection) -> None:
    """Readers need not wait for a sync, and what is written is encrypted in the log too. SQLite waits for nobody when two
    processes turn a new file to it, so we do."""
    deadline = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            db.pragma("journal_mode", "wal")
        except apsw.BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


class translated:  # noqa: N801  a context manager like those of contextlib
    """SQLite's errors as ours. No generator: a large document enters it a hundred thousand times."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, cause: BaseException | None, _trace: object) -> None:
        if isinstance(cause, (apsw.Error, OSError)):
            raise _translation(cause, self._path) from cause


def _translation(cause: Exception, path: Path) -> errors.EmkError:
    if isinstance(cause, (apsw.BusyError, apsw.LockedError)):
        message = _("The local card is in use by another process.")
        return errors.Busy(message, hint=_("try again when it is done"))
    if isinstance(cause, (apsw.NotADBError, apsw.CorruptError)):
        return errors.Storage(
            _("The local card cannot be read: its key is another one, or the file is damaged. It was left as it is."),
            hint=_("the file is {path}; a copy and the right passphrase or keyring open it again").format(path=path),
        )
    if isinstance(cause, apsw.FullError):
        return errors.Storage(_("The disk is full; nothing was stored."))
    why = cause.strerror if isinstance(cause, OSError) else str(cause)
    return errors.Storage(_("The local card cannot be used: {why}").format(why=why))
