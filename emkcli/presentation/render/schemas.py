"""JSON Schema (2020-12) of every document `emk` prints, made from the models."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.locale import _
from emkcli.presentation.render.json_document import SCHEMA_VERSION
from emkcli.presentation.render.model_schema import of_model
from emkcli.results import MODELLESS_KINDS

if TYPE_CHECKING:
    from emkcli.models import Model

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}
FLAG = {"type": "boolean"}
COUNT = {"type": "integer", "minimum": 0}
TEXTS = {"type": "array", "items": TEXT}
PERSON = {"type": ["object", "null"], "properties": {"id": TEXT, "name": TEXT}, "required": ["id", "name"]}


@cache
def models_by_kind() -> dict[str, type[Model]]:
    """Every kind that has a model."""
    from emkcli import models

    named = (getattr(models, name) for name in models.__all__)
    return {model.kind: model for model in named if getattr(model, "kind", "")}


def kinds() -> list[str]:
    """Every kind `emk schema` knows; a list of it is `<kind>_list`."""
    return sorted([*models_by_kind(), *MODELLESS_KINDS, "error"])


def of_kind(kind: str) -> dict[str, Any]:
    if kind == "error":
        return _error()
    single = kind.removesuffix("_list")
    if single in models_by_kind():
        item = of_model(models_by_kind()[single])
    elif single in MODELLESS_KINDS:
        item = {"type": "object"}
    else:
        raise errors.NotFound(
            _("There is no kind {kind}.").format(kind=kind), hint=_("one of: {names}").format(names=", ".join(kinds()))
        )
    return _document(kind, item, many=kind != single)


def _document(kind: str, item: dict[str, Any], *, many: bool) -> dict[str, Any]:
    definitions = item.pop("$defs", {})
    held: dict[str, Any] = {"item": item}
    if many:
        held = {"items": {"type": "array", "items": item}, "total": COUNT, "truncated": FLAG}
    properties = {
        "schema_version": {"const": SCHEMA_VERSION},
        "kind": {"const": kind},
        "backend": TEXT,
        "demo": FLAG,
        "profile": TEXT,
        "person": PERSON,
        **held,
        "fetched_at": {"type": "string", "format": "date-time"},
        "warnings": TEXTS,
    }
    optional = {} if many else {"dry_run": {"const": True}}
    return _object(kind, properties, optional) | ({"$defs": definitions} if definitions else {})


def _error() -> dict[str, Any]:
    members = {
        "code": TEXT,
        "exit_code": {"type": "integer"},
        "message": TEXT,
        "hint": TEXT_OR_NULL,
        "retryable": FLAG,
        "request_id": TEXT_OR_NULL,
    }
    inner = {"type": "object", "properties": members | {"details": {"type": "object"}, "warnings": TEXTS}}
    return _object("error", {"error": inner | {"required": list(members)}}, {})


def _object(title: str, required: dict[str, Any], optional: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": DIALECT,
        "title": title,
        "type": "object",
        "properties": required | optional,
        "required": list(required),
    }
