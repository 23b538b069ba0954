"""The connection that reads: what small questions were answered is kept as long as nothing has changed.

A statement of SQLite hands the processor to other threads and waits to get it back, which under load costs more than the statement.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MOST = 1000
"""Answers that are kept, and …"""
MOST_ROWS = 20
"""… rows in each; none with bytes, which are records."""


class MustWriteError(Exception):
    """What was begun as a read has something to write, or the state has moved meanwhile: it is to be done again in a transaction."""


class Rows:
    """An answer that was kept, as a cursor gives it."""

    __slots__ = ("_rows",)

    def __init__(self, rows: list[Any]) -> None:
        self._rows = iter(rows)

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows


class Reader(sqlite3.Connection):
    """For one thread at a time. Outside of `reading` it is a connection like any other."""

    is_shared = True
    """Whether other connections write too; in memory there is none."""
    _is_reading = False
    _moment = (-1, -1)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._kept: dict[tuple[Any, ...], list[Any]] = {}

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Everything inside is of one moment: a transaction begins with the first question that was not kept."""
        self._notice_changes(self._now())
        self._is_reading = True
        try:
            yield self
            if self.in_transaction:
                super().execute("COMMIT")
        except BaseException:
            self._kept.clear()  # what was read may be taken back
            if self.in_transaction:
                super().execute("ROLLBACK")
            raise
        finally:
            self._is_reading = False

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        if not self._is_reading:
            return super().execute(sql, parameters)
        key = (sql, *parameters) if isinstance(parameters, tuple | list) and sql.lstrip().startswith("SELECT") else None
        if key is not None and (kept := self._kept.get(key)) is not None:
            return Rows(kept)
        self._begin()
        cursor = super().execute(sql, parameters)
        if key is None:
            self._notice_changes((self._moment[0], self.total_changes))
            return cursor
        rows = cursor.fetchall()
        if len(rows) <= MOST_ROWS and not any(isinstance(value, bytes) for row in rows for value in row):
            self._kept[key] = rows
        return Rows(rows)

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        if self._is_reading:
            self._begin()
            self._kept.clear()
        return super().executemany(sql, parameters)

    def _begin(self) -> None:
        if self.in_transaction:
            return
        super().execute("BEGIN")
        if self._now() != self._moment:
            raise MustWriteError

    def _now(self) -> tuple[int, int]:
        """Another one after every change: of other connections, and of this one."""
        others = super().execute("PRAGMA data_version").fetchone()[0] if self.is_shared else 0
        return others, self.total_changes

    def _notice_changes(self, moment: tuple[int, int]) -> None:
        if moment != self._moment or len(self._kept) > MOST:
            self._kept.clear()
            self._moment = moment
