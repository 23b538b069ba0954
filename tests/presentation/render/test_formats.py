"""Every format of lists and single things; `--fields`, `--query`, limits, and what an error leaves behind."""

from __future__ import annotations

import csv
import io
import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli import errors, models
from emkcli.config.output_formats import OUTPUT_FORMATS
from emkcli.presentation.render import Context, check_options, render, render_error
from emkcli.results import DryRun, Listing, Table
from emkcli.security import encrypted_spool
from tests.presentation.render.samples import (
    APPLICATION,
    DOCUMENT,
    SINGLES,
    context,
    lab,
    printed,
    said,
    terminal_context,
)

CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def shown(value: Any, output: str | None = None, **changes: Any) -> str:
    spoken = context(output, **changes)
    render(value, spoken)
    return printed(spoken)


def labs(count: int, **changes: Any) -> Listing:
    return Listing((lab(number, **changes) for number in range(count)), models.LabResult)


@pytest.mark.parametrize("is_tty", [False, True])
@pytest.mark.parametrize("name", OUTPUT_FORMATS)
@pytest.mark.parametrize("model", SINGLES, ids=lambda model: model.kind)
def test_every_format_shows_every_kind(model: models.Model, name: str, is_tty: bool) -> None:
    assert shown(model, name, is_tty=is_tty, width=80 if is_tty else None)
    assert shown(Listing([model, model], type(model)), name, is_tty=is_tty, width=80 if is_tty else None)


def test_plain_is_the_default_in_a_pipe() -> None:
    line = "lab-00000\t2026-03-02T05:15:00+00:00\tГемоглобин\t5.20\t×10⁹/л\t4.0–9.0\tH\tfinal\n"
    assert shown(labs(1)) == line


def test_plain_of_a_single_thing_is_key_tab_value() -> None:
    lines = dict(line.split("\t") for line in shown(APPLICATION).splitlines())
    assert lines["clinic.name"] == "ГП № 3"
    assert lines["expected_by"] == "2026-11-25T07:00:00Z"
    assert lines["history.0.status_name"] == "Отправлено"
    assert lines["reason"] == ""


def test_plain_keeps_one_record_on_one_line() -> None:
    text = shown(labs(1, value="a\tb\nc\r\nd\u202ee\x1b[31m" + "long " * 100))
    assert text.count("\n") == 1
    assert "a b c d\\u202ee\\x1b[31mlong long" in text


def test_csv_has_the_columns_of_the_table_then_the_rest() -> None:
    header, row = csv.reader(io.StringIO(shown(labs(1), "csv"), newline=""))
    assert header[:10] == [
        *("id", "collected_at", "analyte", "value", "unit", "reference.low", "reference.high", "reference.text"),
        *("flag", "status"),
    ]
    found = dict(zip(header, row, strict=True))
    assert (found["clinic.name"], found["out_of_range"], found["source"]) == ("ГП № 3", "", "server")


def test_csv_joins_lists_and_gives_a_file_its_columns() -> None:
    header, row = csv.reader(io.StringIO(shown(DOCUMENT, "csv"), newline=""))
    found = dict(zip(header, row, strict=True))
    assert found["diagnoses.code"] == "I10; E11"
    assert found["diagnoses.display"] == "Гипертензия; "
    assert (found["source"], found["source.file"]) == ("", "a.xml")
    records = models.ImportResult(file="a", status="added", records={"labs": 3, "visits": 1})
    assert "labs=3; visits=1" in shown(records, "csv")


def test_an_empty_csv_has_a_header() -> None:
    assert shown(labs(0), "csv").startswith("id,collected_at")
    assert shown(labs(0), "tsv").count("\n") == 1


@given(value=CELL, unit=CELL)
def test_csv_comes_back_as_it_went(value: str, unit: str) -> None:
    rows = list(csv.DictReader(io.StringIO(shown(labs(2, value=value, unit=unit), "csv"), newline="")))
    assert [(row["value"], row["unit"]) for row in rows] == [(value, unit)] * 2


@given(value=CELL)
def test_tsv_escapes_what_would_split_a_row(value: str) -> None:
    header, row = (line.split("\t") for line in shown(labs(1, value=value), "tsv").split("\n")[:2])
    cell = dict(zip(header, row, strict=True))["value"]
    back = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\"}
    pairs = iter(range(len(cell)))
    text = "".join(back[cell[at : next(pairs) + 1]] if cell[at] == "\\" else cell[at] for at in pairs)
    assert text == value


@pytest.mark.parametrize("name", ["csv", "tsv"])
def test_csv_on_a_terminal_moves_no_cursor(name: str) -> None:
    assert "\x1b" not in shown(labs(1, value="\x1b[2J"), name, is_tty=True)
    assert "\x1b" in shown(labs(1, value="\x1b[2J"), name)


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_medical_values_are_untouched(name: str) -> None:
    values = ["5.20", "007", "1e5", "0.123456789012", "1234567890123456", "00123456789", "<0.1", "+++", "80,443"]
    text = shown(Listing([lab(value=value, unit=value) for value in values], models.LabResult), name)
    assert all(text.count(value) >= 2 for value in values)


def test_jsonl_prints_items_only() -> None:
    assert [json.loads(line)["id"] for line in shown(labs(2), "jsonl").splitlines()] == ["lab-00000", "lab-00001"]


@pytest.mark.parametrize("name", ["table", "plain", "csv", "tsv", "jsonl"])
def test_a_cut_list_says_so_on_stderr(name: str) -> None:
    spoken = context(name)
    assert render(Listing([lab(), lab(), lab()], models.LabResult, limit=2), spoken).count == 2
    assert said(spoken) == "showing 2 of 3\n"
    quiet = context(name, quiet=True)
    render(Listing([lab(), lab()], models.LabResult, limit=1), quiet)
    assert said(quiet) == ""


def test_an_empty_list_on_a_terminal_says_so() -> None:
    spoken = terminal_context()
    render(labs(0), spoken)
    assert (printed(spoken), said(spoken)) == ("", "no records\n")
    piped = context()
    render(labs(0), piped)
    assert (printed(piped), said(piped)) == ("", "")


def test_fields_choose_and_order() -> None:
    fields = ["value", "clinic.name"]
    (item,) = json.loads(shown(labs(1), "json", fields=fields))["items"]
    assert item == {"value": "5.20", "clinic": {"name": "ГП № 3"}}
    assert shown(labs(1), "csv", fields=fields) == "value,clinic.name\r\n5.20,ГП № 3\r\n"
    assert shown(labs(1), fields=fields) == "5.20\tГП № 3\n"
    assert shown(lab(), fields=fields) == "value\t5.20\nclinic.name\tГП № 3\n"
    assert shown(lab(), "table", fields=fields) == "Value   5.20\nClinic  ГП № 3\n"
    assert json.loads(shown(DOCUMENT, "jsonl", fields=["diagnoses.code"])) == {
        "diagnoses": [{"code": "I10"}, {"code": "E11"}]
    }


def test_fields_work_without_a_model() -> None:
    table = Table("setting", ["key", ("value", "Value")], [{"key": "lang", "value": "ru"}])
    assert shown(table, fields=["value"]) == "ru\n"
    assert shown(DryRun(would={"clinic": {"id": "1", "name": "X"}}), fields=["clinic.name"]) == "clinic.name\tX\n"


@pytest.mark.parametrize("fields", [["nope"], ["clinic.nope"], []])
@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_an_unknown_field_is_refused_before_anything_is_read(name: str, fields: list[str]) -> None:
    def items() -> Iterator[models.LabResult]:
        raise AssertionError("read")
        yield

    spoken = context(name, fields=fields)
    with pytest.raises(errors.Usage) as caught:
        render(Listing(items(), models.LabResult), spoken)
    assert "clinic.name" in (caught.value.hint or "")
    assert printed(spoken) == ""
    with pytest.raises(errors.Usage):
        check_options(spoken, models.LabResult)


QUERIES = [
    ("json", "items[].id", '["lab-00000","lab-00001"]\n'),
    ("jsonl", "items[].id", '"lab-00000"\n"lab-00001"\n'),
    ("yaml", "items[].id", "- lab-00000\n- lab-00001\n"),
    ("plain", "items[].id", "lab-00000\nlab-00001\n"),
    ("plain", "items[].[id,value]", "lab-00000\t5.20\nlab-00001\t5.20\n"),
    ("plain", "items[].{a:id,b:clinic.name}", "lab-00000\tГП № 3\nlab-00001\tГП № 3\n"),
    ("table", "items[].{a:id}", "a\n---------\nlab-00000\nlab-00001\n"),
    ("csv", "items[].{a:id,b:flag}", "a,b\r\nlab-00000,H\r\nlab-00001,H\r\n"),
    ("tsv", "items[].[id]", "lab-00000\nlab-00001\n"),
    ("plain", "total", "2\n"),
    ("plain", "nothing", ""),
    ("json", "nothing", "null\n"),
]


@pytest.mark.parametrize(("name", "query", "result"), QUERIES)
def test_a_query_sees_the_whole_document(name: str, query: str, result: str) -> None:
    assert shown(labs(2), name, query=query) == result


def test_a_query_over_a_single_thing() -> None:
    assert shown(lab(), query="item.clinic.name") == "ГП № 3\n"


def test_a_query_result_decides_whether_something_was_printed() -> None:
    found = context(query="items[?value=='x']")
    assert render(Listing([lab()], models.LabResult, exit_when_empty=3), found).exit_code == 3


@pytest.mark.parametrize(
    "options", [{"query": "items[?"}, {"query": ""}, {"query": "items", "fields": ["id"]}, {"query": "length(total)"}]
)
def test_a_bad_query_is_usage_and_prints_nothing(options: dict[str, Any]) -> None:
    spoken = context("json", **options)
    with pytest.raises(errors.Usage):
        render(labs(1), spoken)
    assert printed(spoken) == ""


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_an_error_in_the_middle_leaves_stdout_empty(name: str) -> None:
    def items() -> Iterator[models.LabResult]:
        yield from (lab(number) for number in range(1500))
        raise errors.ServerError("page 16 failed")

    spoken = context(name)
    with pytest.raises(errors.ServerError) as caught:
        render(Listing(items(), models.LabResult), spoken)
    render_error(caught.value, spoken)
    assert printed(spoken) == ""
    assert "page 16 failed" in said(spoken)


@pytest.mark.parametrize("name", ["table", "plain", "csv", "jsonl"])
def test_a_live_list_prints_each_item_as_it_comes(name: str) -> None:
    spoken = context(name)
    seen: list[str] = []

    def items() -> Iterator[models.LabResult]:
        for number in range(3):
            yield lab(number)
            seen.append(printed(spoken))

    render(Listing(items(), models.LabResult, live=True), spoken)
    assert "lab-00000" in seen[0]
    assert "lab-00001" not in seen[0]
    assert "lab-00001" in seen[1]


class Sink(io.TextIOBase):
    """Counts what it is given."""

    size = 0

    def write(self, text: str) -> int:
        self.size += len(text)
        return len(text)


@pytest.mark.parametrize("name", ["table", "json", "csv"])
def test_twenty_thousand_rows_take_bounded_memory(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encrypted_spool, "IN_MEMORY", 50_000)
    one = lab(value="отрицательно")
    fields = ["id", "value"]
    render(Listing([one], models.LabResult), context(name, fields=fields))  # imports
    sink = Sink()
    tracemalloc.start()
    render(Listing((one for _row in range(20_000)), models.LabResult), context(name, stdout=sink, fields=fields))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sink.size > 20_000 * len("lab-00001отрицательно")
    assert peak < 3_000_000


@pytest.mark.parametrize("value", [lab(), Listing([lab()], models.LabResult)])
def test_a_full_disk_is_a_storage_error(value: Any) -> None:
    with Path("/dev/full").open("w") as full:
        with pytest.raises(errors.Storage):
            render(value, context("json", stdout=full))
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())  # closing flushes again


def test_a_closed_pipe_is_the_callers_business() -> None:
    class Closed(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        render(labs(1), context("json", stdout=Closed()))


def error_in(spoken: Context, error: errors.EmkError) -> str:
    render_error(error, spoken)
    assert printed(spoken) == ""
    return said(spoken)


def test_an_error_is_one_object_with_json_output() -> None:
    import jsonschema

    from emkcli.presentation.render import schema

    for name in ("json", "jsonl"):
        spoken = context(name, warnings=["first"])
        found = json.loads(error_in(spoken, errors.ServerError("нет\x1b\u202e", hint="later", request_id="r-1")))
        jsonschema.validate(found, schema("error"))
        assert found["error"]["code"] == "server_error"
        assert found["error"]["warnings"] == ["first"]
        assert "\u202e" not in said(spoken)


def test_an_error_is_a_message_and_a_hint_for_people() -> None:
    spoken = context("yaml", warnings=["first"])
    text = error_in(spoken, errors.ServerError("bad \x1b[2Janswer\nof two lines", hint="wait", request_id="r-1"))
    assert text == "first\nemk: bad \\x1b[2Janswer\nof two lines\nhint: wait\nrequest: r-1\n"
    assert error_in(context(), errors.Usage("no", request_id="r")) == "emk: no\n"


def test_only_the_name_is_coloured_in_an_error() -> None:
    assert error_in(context(colour_stderr=True), errors.Usage("no")) == "\x1b[31memk: \x1b[0mno\n"


@settings(max_examples=50)
@given(items=st.lists(CELL, max_size=5), name=st.sampled_from([*OUTPUT_FORMATS]))
def test_any_text_is_shown_in_every_format(items: list[str], name: str) -> None:
    records = [lab(analyte=text, value=text[::-1]) for text in items]
    shown(Listing(records, models.LabResult), name)
