"""The JSON document: its shape, its schema, what never gets into it raw."""

from __future__ import annotations

import io
import json
from typing import Any

import jsonschema
import pytest
import yaml

from emkcli import errors, models
from emkcli.config.output_formats import OUTPUT_FORMATS
from emkcli.presentation.render import notice, render, schema
from emkcli.presentation.render.schemas import kinds, models_by_kind
from emkcli.results import DryRun, Item, Line, Listing, Outcome, Table, Text
from emkcli.views import VIEWS
from tests.presentation.render.samples import CLINIC, FETCHED, SINGLES, context, lab, printed, said


def document(value: Any, **changes: Any) -> Any:
    spoken = context("json", **changes)
    render(value, spoken)
    assert said(spoken) == ""
    return json.loads(printed(spoken))


def test_a_list_has_the_keys_of_the_contract_in_their_order() -> None:
    spoken = context("json")
    render(Listing(iter([lab()]), models.LabResult), spoken)
    text = printed(spoken)
    assert text.startswith(
        '{"schema_version":1,"kind":"lab_result_list","backend":"mock","demo":true,"profile":"default",'
        '"person":{"id":"person-1","name":"Примерова Мария"},"items":[{"id":"lab-00001","report_id":null,'
    )
    assert text.endswith(f'"source":"server"}}],"total":1,"truncated":false,"fetched_at":"{FETCHED}","warnings":[]}}\n')


def test_a_single_thing_has_item_instead_of_items() -> None:
    found = document(lab())
    assert list(found) == [
        *("schema_version", "kind", "backend", "demo", "profile", "person", "item", "fetched_at", "warnings")
    ]
    assert found["kind"] == "lab_result"
    assert found["item"]["value"] == "5.20"


@pytest.mark.parametrize("is_tty", [False, True])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_streamed_document_is_json_however_it_is_laid_out(count: int, is_tty: bool) -> None:
    found = document(Listing((lab(number) for number in range(count)), models.LabResult), is_tty=is_tty)
    assert [item["id"] for item in found["items"]] == [f"lab-{number:05}" for number in range(count)]
    assert (found["total"], found["truncated"]) == (count, False)


@pytest.mark.parametrize("model", SINGLES, ids=lambda model: model.kind)
def test_every_document_satisfies_its_schema(model: models.Model) -> None:
    for value, kind in ((model, model.kind), (Listing([model], type(model)), f"{model.kind}_list")):
        jsonschema.Draft202012Validator.check_schema(schema(kind))
        jsonschema.validate(document(value), schema(kind), cls=jsonschema.Draft202012Validator)


def test_a_schema_refuses_what_is_no_such_document() -> None:
    found = document(lab())
    del found["item"]["value"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, schema("lab_result"))


def test_documents_without_a_model_satisfy_their_schemas() -> None:
    table = Table("setting", ["key", "value"], [{"key": "lang", "value": None}])
    jsonschema.validate(document(table), schema("setting_list"))
    jsonschema.validate(document(Item("clock", {"now": FETCHED})), schema("clock"))
    jsonschema.validate(document(Text("a\n"), output_given=True), schema("text"))
    jsonschema.validate(document(DryRun(would={"clinic": "1"})), schema("plan"))


def test_every_model_has_a_schema_and_a_view_and_every_sample_is_there() -> None:
    assert set(models_by_kind()) == {model.kind for model in SINGLES} == set(VIEWS)
    assert set(models_by_kind()) < set(kinds())
    with pytest.raises(errors.NotFound) as caught:
        schema("nothing_list")
    assert "lab_result" in (caught.value.hint or "")


def test_columns_of_every_view_exist() -> None:
    for kind, model in models_by_kind().items():
        from emkcli.views.paths import leaves, valid

        assert set(VIEWS[kind].columns) <= set(valid(leaves(model))), kind


def test_characters_a_terminal_obeys_are_escaped() -> None:
    nasty = "a\x1b]0;x\x07\x7f\x9b\u202e\u200b\ufeff\u2028\U000e0041я"
    for name in ("json", "jsonl"):
        spoken = context(name)
        render(lab(value=nasty), spoken)
        text = printed(spoken)
        assert not set(nasty[1:-1]) - set("]0;x") & set(text)
        found = json.loads(text)
        assert (found.get("item") or found)["value"] == nasty


@pytest.mark.parametrize("encoding", ["ascii", "cp1251", "cp866"])
@pytest.mark.parametrize("name", ["json", "jsonl", "yaml"])
def test_what_the_stream_cannot_encode_is_escaped_not_lost(encoding: str, name: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    value = "≤ 😀 я"
    render(lab(value=value), context(name, stdout=stream))
    text = raw.getvalue().decode(encoding)
    found = yaml.safe_load(text) if name == "yaml" else json.loads(text)
    assert (found.get("item") or found)["value"] == value


def test_numbers_json_does_not_know_become_null() -> None:
    assert document(lab(value="NaN", value_number=float("nan")))["item"]["value_number"] is None


def test_yaml_keeps_strings_strings() -> None:
    values = ["5.20", "007", "1e5", "0o17", "yes", "null", "12:30", "2026-01-01", "+++", "<0.1", "\u202e", "a\tb", ""]
    spoken = context("yaml")
    render(Listing([lab(number, value=value) for number, value in enumerate(values)], models.LabResult), spoken)
    assert "\u202e" not in printed(spoken)
    assert "value: '1e5'" in printed(spoken)
    found = yaml.safe_load(printed(spoken))
    assert [item["value"] for item in found["items"]] == values
    assert found["kind"] == "lab_result_list"


def test_an_empty_list_is_a_document() -> None:
    for name in ("json", "yaml"):
        spoken = context(name, is_tty=True)
        assert render(Listing([], models.LabResult, exit_when_empty=3), spoken).exit_code == 3
        assert yaml.safe_load(printed(spoken))["items"] == []
        assert said(spoken) == ""


def test_notices_become_warnings() -> None:
    spoken = context("json")
    notice("the keyring is locked", spoken)
    render(lab(), spoken)
    assert json.loads(printed(spoken))["warnings"] == ["the keyring is locked"]
    assert said(spoken) == ""


def test_the_limit_cuts_and_says_so() -> None:
    found = document(Listing((lab(number) for number in range(7)), models.LabResult, limit=3))
    assert (len(found["items"]), found["total"], found["truncated"]) == (3, 7, True)


def test_a_hint_spares_reading_the_rest() -> None:
    read: list[int] = []
    items = (read.append(number) or lab(number) for number in range(100))
    found = document(Listing(items, models.LabResult, limit=3, total_hint=100))
    assert (found["total"], found["truncated"], len(read)) == (100, True, 4)


@pytest.mark.parametrize(("limit", "hint"), [(3, None), (3, 99), (9, 2), (None, 50)])
def test_a_hint_never_claims_what_is_not_there(limit: int | None, hint: int | None) -> None:
    found = document(Listing((lab(number) for number in range(3)), models.LabResult, limit, None, hint))
    assert (found["total"], found["truncated"]) == (3, False)


def test_the_person_of_the_first_page_is_in_the_head() -> None:
    class Items:
        person: models.Named | None = None

        def __iter__(self) -> Any:
            self.person = CLINIC
            yield lab()

    assert document(Listing(Items(), models.LabResult))["person"] == {"id": "clinic-1", "name": "ГП № 3"}


def test_a_dry_run_is_marked() -> None:
    found = document(DryRun(models.Request(status="draft"), would={"medicine": "X"}))
    assert found["dry_run"] is True
    assert found["kind"] == "request"
    assert (found["item"]["kind"], found["item"]["medicine"]) == ("prescription", "X")
    jsonschema.validate(found, schema("request"))


def test_an_outcome_brings_its_exit_code_and_its_document() -> None:
    spoken = context("json")
    assert render(Outcome(lab(), 9), spoken).exit_code == 9
    assert json.loads(printed(spoken))["kind"] == "lab_result"
    assert render(Outcome(None, 10), context("json")).exit_code == 10


def test_text_is_printed_as_it_is_unless_a_format_was_asked_for_on_the_line() -> None:
    for name in OUTPUT_FORMATS:
        spoken = context(name)
        render(Text("a\x1bb\n"), spoken)
        assert printed(spoken) == "a\x1bb\n"
    assert document(Text("a\n"), output_given=True)["item"] == {"text": "a\n"}


def test_a_line_is_said_at_once() -> None:
    spoken = context()
    render(Line({"url": "http://127.0.0.1:1"}), spoken)
    assert printed(spoken) == '{"url":"http://127.0.0.1:1"}\n'
