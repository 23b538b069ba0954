"""The card as a Parquet dataset, `category=labs/year=2026/part-0.parquet`: many cards fit one engine."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from emkcli import __version__, errors
from emkcli.clinical.dates import moscow
from emkcli.exporters import tables
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.extras import need
from emkcli.exporters.ndjson_writer import Seen
from emkcli.exporters.tables import BOOLEAN, DAY, MOMENT, NUMBER
from emkcli.exporters.targets import Output, Writable
from emkcli.locale import _

NOWHEN = "__HIVE_DEFAULT_PARTITION__"
"""Where Hive, DuckDB and Spark expect rows without a value for the partition: here without a date. Arrow (pandas) reads
them with `partitioning=None`, or with a hive partitioning that it is given."""
ROWS = 2000
OPEN = 3
"""Rows of a year that is over wait for nothing; one that comes back after all gets a part of its own."""
pa = need("pyarrow", "parquet")
parquet = need("pyarrow.parquet", "parquet")


def write(job: ExportJob, output: Writable) -> NoReturn:
    """A dataset is a directory."""
    raise errors.Usage(_("parquet is a directory of files."), hint=_("give a directory or an address with --to"))


def write_files(job: ExportJob, opened: Callable[[str], Output]) -> None:
    """Every list asked for; one without records has a file without rows, so that a query over it finds its columns."""
    for category in job.names:
        _Dataset(job, category, opened).write()


@dataclass
class _Dataset:
    """One list. Years come newest first, so that few files are open at a time; a year that comes back gets a new part."""

    job: ExportJob
    category: str
    opened: Callable[[str], Output]
    parts: dict[str, int] = field(default_factory=dict)
    open: OrderedDict[str, _Part] = field(default_factory=OrderedDict)

    def write(self) -> None:
        try:
            self._write()
        except BaseException:
            for part in self.open.values():
                part.give_up()
            raise

    def _write(self) -> None:
        schema, digests = self._schema(), Seen()
        for record in self.job.records(self.category):
            row = [*tables.values(record, self.category), self._person]
            if digests.add([repr(row).encode()])[0]:
                year = tables.year(record)
                self._part(NOWHEN if year is None else f"{year:04d}", schema).add(row)
        if not self.parts:  # readers cannot tell the type of a year that is null everywhere
            self._part(f"{datetime.now(moscow()).year:04d}", schema)
        while self.open:
            self.open.popitem()[1].close()

    def _part(self, year: str, schema: Any) -> _Part:
        if year not in self.open:
            if len(self.open) >= OPEN:
                self.open.popitem(last=False)[1].close()
            number = self.parts[year] = self.parts.get(year, -1) + 1
            target = self.opened(f"category={self.category}/year={year}/part-{number}.parquet")
            self.open[year] = _Part(schema, target)
        self.open.move_to_end(year)
        return self.open[year]

    @property
    def _person(self) -> str | None:
        return (self.job.envelope.get("person") or {}).get("id")

    def _schema(self) -> Any:
        """The same for every file of a list, whatever is empty in it."""
        columns = (*tables.columns(self.category), tables.PERSON)
        about = {name: self.job.envelope.get(name) for name in ("backend", "demo", "fetched_at")}
        metadata = {"emk": json.dumps({"emk_version": __version__, "category": self.category, **about})}
        fields = [
            pa.field(column.name, _type(column.type), metadata={"description": column.meaning}) for column in columns
        ]
        return pa.schema(fields, metadata=metadata)


class _Part:
    """One file; rows are gathered into row groups."""

    def __init__(self, schema: Any, target: Output) -> None:
        self._schema, self._target = schema, target
        self._rows: list[list[Any]] = []
        self._sink = _Sink(target)
        self._writer = parquet.ParquetWriter(self._sink, schema, compression="zstd")

    def add(self, row: list[Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= ROWS:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()
        self._target.close()

    def give_up(self) -> None:
        """pyarrow ends a file it forgets; this one is gone by then."""
        self._sink.open = False

    def _flush(self) -> None:
        arrays = [
            pa.array([row[place] for row in self._rows], column.type) for place, column in enumerate(self._schema)
        ]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        self._rows.clear()


class _Sink:
    """The file as pyarrow sees it, which asks where it stands and closes nothing."""

    closed = False

    def __init__(self, target: Output) -> None:
        self._target, self._length = target, 0
        self.open = True

    def write(self, content: Any) -> int:
        if self.open:
            self._target.write(bytes(content))
        self._length += len(content)
        return len(content)

    def tell(self) -> int:
        return self._length

    def flush(self) -> None:
        """Nothing is held back here."""


def _type(kind: Any) -> Any:
    if isinstance(kind, tuple):
        inner = kind[0]
        if isinstance(inner, tables.Column):
            return pa.list_(pa.struct([(column.name, _type(column.type)) for column in kind]))
        return pa.list_(_type(inner))
    plain = {NUMBER: pa.float64, BOOLEAN: pa.bool_, DAY: pa.date32}
    return pa.timestamp("us", tz="UTC") if kind == MOMENT else plain.get(kind, pa.string)()
