"""What the fields of the models say of themselves, and the one walk over them."""

from __future__ import annotations

import pytest
from msgspec.structs import fields

from emkcli import models
from emkcli.exporters import tables
from emkcli.models.fields import described, leaves
from emkcli.presentation.render.schemas import of_kind

MODELS = [one for one in vars(models).values() if isinstance(one, type) and issubclass(one, models.Model)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_says_in_one_line_what_it_means(model: type[models.Model]) -> None:
    for field in fields(model):
        meaning = described(field).meaning
        assert meaning, f"{model.__name__}.{field.name} says nothing"
        assert meaning == meaning.strip()
        assert "\n" not in meaning
        assert not meaning.endswith("."), field.name


def test_a_walk_passes_through_models_and_lists_in_the_order_of_the_fields() -> None:
    names = [leaf.name for leaf in leaves(models.Document)]
    assert names[:4] == ["id", "date", "date_text", "clinic.id"]
    assert names[-4:] == ["signature.present", "signature.signer", "signature.valid", "signature.certificate_checked"]
    assert [name for name in names if name in {"source", "source.file"}] == ["source", "source.file"]
    assert {"diagnoses.code", "sections.text", "sources", "sources.file"} <= {*names}
    assert not {"clinic", "signature", "diagnoses", "sections"} & {*names}


def test_a_walk_that_stops_at_lists_has_each_list_as_one_value() -> None:
    whole = {leaf.name: leaf for leaf in leaves(models.Document, into_lists=False)}
    assert whole["diagnoses"].type == list[models.Coding]
    assert "clinic.id" in whole
    assert not {"diagnoses.code", "sources.file"} & {*whole}


def test_what_is_inside_says_whose_it_is() -> None:
    meanings = {leaf.name: leaf.meaning for leaf in leaves(models.LabResult)}
    assert meanings["reference.low"] == "reference: lower limit as sent (text)"
    assert meanings["unit"] == "unit as printed (FHIR Quantity.unit)"


def test_schemas_and_tables_say_what_the_field_says() -> None:
    said = {leaf.name: leaf.meaning for leaf in leaves(models.Vital)}
    items = of_kind("vital")["properties"]["item"]["properties"]
    assert items["value"]["description"] == said["value"] == "the source's text, untouched"
    columns = {column.name: column.meaning for column in tables.columns("vitals")}
    assert columns["value"] == said["value"]
    assert columns["source_sha256"] == said["source.sha256"]
    assert columns["day"].startswith("calendar day in Moscow")
