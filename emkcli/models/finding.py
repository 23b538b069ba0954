"""What is found in a card: hits of a search, its analytes, the series of one."""

from __future__ import annotations

from typing import Annotated, ClassVar

from emkcli.models.elements import Coding, Model, Named
from emkcli.models.records import Reference


class SearchHit(Model, rename={"type": "kind"}):
    """A record that fits; `snippet` is its own text with the words found between `**`, more `score` is better."""

    kind: ClassVar[str] = "search_hit"
    id: Annotated[str, "id of the record; `emk card show` takes it"]
    type: Annotated[str, "kind of the record: visit, lab_result, …"]
    date: Annotated[str | None, "when it happened, as the source wrote it (ISO 8601 of any precision)"] = None
    title: Annotated[str | None, "what the record is about, in its own words"] = None
    snippet: Annotated[str | None, "the place found, in the record's own words; the words found between `**`"] = None
    score: Annotated[float, "how well it fits: more is better, 0 where nothing tells hits apart (BM25)"] = 0.0


class AnalyteSummary(Model):
    """What `emk card trend` takes: an analyte, how many results it has, and the newest of them that was not taken back."""

    kind: ClassVar[str] = "analyte"
    analyte: Annotated[str, "what most of its results call it"]
    code: Annotated[str | None, "code of the newest result"] = None
    code_system: Annotated[str | None, "URI of the code's system"] = None
    specimens: Annotated[list[str], "what was examined, in the source's words"] = []
    count: Annotated[int, "how many results, without those that were taken back"] = 0
    at: Annotated[str | None, "when the newest was taken, as the source wrote it (ISO 8601 of any precision)"] = None
    value: Annotated[str | None, "its text, untouched"] = None
    value_number: Annotated[float | None, "the value where it is a plain number, in the result's own unit"] = None
    unit: Annotated[str | None, "its unit as printed"] = None
    reference: Annotated[Reference | None, "its reference range as sent"] = None
    flag: Annotated[str | None, "HL7 code as sent; null when none was sent"] = None
    interpretation: Annotated[str | None, "the interpretation in the source's words, when it sent words"] = None
    out_of_range: Annotated[bool | None, "computed from a numeric range of the same unit only; otherwise null"] = None
    status: Annotated[str | None, "status as sent"] = None
    record_id: Annotated[str, "id of the newest result"] = ""


class TrendPoint(Model):
    """One result, as it was sent; `segment` is its place in `segments`."""

    at: Annotated[str | None, "when the specimen was taken, as the source wrote it (ISO 8601 of any precision)"] = None
    value: Annotated[str | None, "the source's text, untouched"] = None
    value_number: Annotated[float | None, "the value where it is a plain number, in the result's own unit"] = None
    unit: Annotated[str | None, "unit as printed"] = None
    reference: Annotated[Reference | None, "reference range as sent"] = None
    flag: Annotated[str | None, "HL7 code as sent; null when none was sent"] = None
    interpretation: Annotated[str | None, "the interpretation in the source's words, when it sent words"] = None
    out_of_range: Annotated[bool | None, "computed from a numeric range of the same unit only; otherwise null"] = None
    status: Annotated[str | None, "status as sent"] = None
    clinic: Annotated[Named | None, "where: the laboratory or clinic the source names"] = None
    record_id: Annotated[str, "id of the result"]
    segment: Annotated[int, "place in `segments`, from 0"] = 0


class TrendSegment(Model):
    """Results that can be compared: one code, one unit, one specimen, one method. `factor` takes a number to the trend's unit,
    null where no exact one is known."""

    code: Annotated[str | None, "code of what was measured"] = None
    code_system: Annotated[str | None, "URI of the code's system"] = None
    unit: Annotated[str | None, "unit as printed"] = None
    unit_code: Annotated[str | None, "UCUM code of the unit, where sent"] = None
    specimen: Annotated[str | None, "what was examined, in the source's words"] = None
    method: Annotated[str | None, "how it was measured, where that was said"] = None
    since: Annotated[str | None, "time of its first result"] = None
    until: Annotated[str | None, "time of its last result"] = None
    count: Annotated[int, "how many results"] = 0
    factor: Annotated[float | None, "takes a number to the trend's unit (UCUM, exact); null where none is known"] = None


class Trend(Model):
    """An analyte in time, the oldest result first; `unit` is that of the newest number."""

    kind: ClassVar[str] = "trend"
    analyte: Annotated[str, "what was asked for: a name or a code"]
    codes: Annotated[list[Coding], "codes the analyte was found under: code, system, display"] = []
    unit: Annotated[str | None, "unit of the newest number"] = None
    points: Annotated[list[TrendPoint], "the results, the oldest first"] = []
    segments: Annotated[list[TrendSegment], "results that can be compared, by code, unit, specimen and method"] = []
