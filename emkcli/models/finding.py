"""What is found in a card: hits of a search, the series of an analyte."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from emkcli.models.elements import Coding, Model, Named
from emkcli.models.records import Reference


class SearchHit(Model):
    """A record that fits; `snippet` is its own text with the words found between `**`, more `score` is better."""

    kind: ClassVar[str] = "search_hit"
    id: str
    type: str = msgspec.field(name="kind")
    date: str | None = None
    title: str | None = None
    snippet: str | None = None
    score: float = 0.0


class TrendPoint(Model):
    """One result, as it was sent; `segment` is its place in `segments`."""

    at: str | None = None
    value: str | None = None
    value_number: float | None = None
    unit: str | None = None
    reference: Reference | None = None
    flag: str | None = None
    out_of_range: bool | None = None
    status: str | None = None
    clinic: Named | None = None
    record_id: str
    segment: int = 0


class TrendSegment(Model):
    """Results that can be compared: one code, one unit, one specimen, one method. `factor` takes a number to the trend's unit,
    null where no exact one is known."""

    code: str | None = None
    code_system: str | None = None
    unit: str | None = None
    unit_code: str | None = None
    specimen: str | None = None
    method: str | None = None
    since: str | None = None
    until: str | None = None
    count: int = 0
    factor: float | None = None


class Trend(Model):
    """An analyte in time, the oldest result first; `unit` is that of the newest number."""

    kind: ClassVar[str] = "trend"
    analyte: str
    codes: list[Coding] = []
    unit: str | None = None
    points: list[TrendPoint] = []
    segments: list[TrendSegment] = []
