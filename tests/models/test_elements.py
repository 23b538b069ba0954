"""A model is read from JSON and written as JSON, and keeps what it must not show to itself."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from msgspec import UNSET, structs

from emkcli import errors, models
from emkcli.api.documents import Document
from tests.presentation.render.samples import SINGLES

READ = [one for one in SINGLES if not isinstance(one, models.Summary)]
"""A summary is printed only: its `person` is a union that nothing in JSON tells apart."""


@pytest.mark.parametrize("model", READ, ids=lambda model: model.kind)
def test_what_is_written_is_read_as_the_same(model: models.Model) -> None:
    assert type(model).from_json(model.to_json()) == model
    assert type(model).from_builtins(model.to_builtins()) == model
    assert json.loads(model.to_json()) == model.to_builtins()


def test_every_field_is_written_in_its_order_and_a_single_place_leaves_its_list_out() -> None:
    study = models.Study(id="s", type="ecg")
    assert study.to_json() == (
        b'{"id":"s","date":null,"date_text":null,"clinic":null,"doctor":null,"status":null,"source":"server",'
        b'"kind":"ecg","title":null,"description":null,"conclusion":null}'
    )
    assert study.sources is UNSET
    joined = structs.replace(study, sources=["server", models.FileSource(file="a.xml", sha256="0" * 64)])
    assert [str(type(one).__name__) for one in models.Study.from_json(joined.to_json()).sources or ()] == [
        "str",
        "FileSource",
    ]


def test_unknown_fields_and_words_of_a_newer_server_pass() -> None:
    person = models.Person.from_json('{"id":"1","name":"П.","relation":"guardian","shoe_size":38}')
    assert person.relation == "guardian"
    assert "shoe_size" not in person.to_builtins()


@pytest.mark.parametrize(
    ("document", "read"),
    [
        ('{"distance_km":"1.5"}', {"distance_km": 1.5}),
        ('{"distance_km":1}', {"distance_km": 1.0}),
        ('{"approximate":"true"}', {"approximate": True}),
        ('{"approximate":0}', {"approximate": False}),
    ],
)
def test_numbers_and_truths_written_as_texts_are_understood(document: str, read: dict[str, Any]) -> None:
    clinic = models.Clinic.from_json('{"id":"1","name":"ГП",' + document[1:])
    assert {name: getattr(clinic, name) for name in read} == read
    assert [type(getattr(clinic, name)) for name in read] == [type(value) for value in read.values()]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"id":"1"}', '{"id":1,"name":"П.","relation":"self"}', b"\xff"])
def test_what_does_not_fit_is_refused(content: str | bytes) -> None:
    with pytest.raises(ValueError):
        models.Person.from_json(content)


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ([], "."),
        ({}, "id, status, status_name"),
        ({"id": 1, "status": None, "status_name": "В работе"}, "id, status"),
        ({"id": "1", "status": "a", "status_name": "b", "clinic": {"id": "2"}}, "clinic.name"),
        ({"id": "1", "status": "a", "status_name": "b", "history": [{"at": 5}]}, "history.0.at"),
    ],
)
def test_an_answer_that_does_not_fit_names_every_field_and_no_value(document: Any, named: str) -> None:
    with pytest.raises(errors.BadResponse) as caught:
        Document(document).as_struct(models.Application)
    assert caught.value.message == f"The answer does not fit its contract ({named})."


def test_a_model_is_frozen_and_its_fields_are_named() -> None:
    named = models.Named(id="1", name="П.")
    with pytest.raises(AttributeError):
        named.name = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        models.Named("1", "П.")  # type: ignore[call-arg]
    assert structs.replace(named, name="other") == models.Named(id="1", name="other")


def test_no_secret_and_no_number_of_a_document_is_in_a_repr() -> None:
    tokens = models.Tokens(access_token="secret-a", refresh_token="secret-r", id_token="secret-i", scope="openid")
    patient = models.DocumentPatient(name="Пробная Анна", snils="000-000-600 06")
    document = models.Document(id="d", patient=patient)
    assert "openid" in repr(tokens)
    assert "Пробная Анна" in repr(document)
    for shown in (repr(tokens), str(tokens), f"{tokens}", repr(document), str(patient)):
        assert "secret" not in shown
        assert "600" not in shown


def test_half_a_surrogate_pair_is_no_json() -> None:
    with pytest.raises(UnicodeEncodeError):
        models.Named(id="1", name="\ud800").to_json()
    assert issubclass(msgspec.ValidationError, msgspec.DecodeError)
    assert issubclass(msgspec.DecodeError, ValueError)
