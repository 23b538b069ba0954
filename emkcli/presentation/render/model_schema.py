"""JSON Schema of one model as it is printed: every field is there, unless it is left out where it is not set."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args, get_origin

from msgspec import NODEFAULT, UNSET, to_builtins
from msgspec.structs import fields

from emkcli.models.fields import arms, described, is_model

if TYPE_CHECKING:
    from msgspec.structs import FieldInfo

    from emkcli.models import Model

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
}
_NULL = {"type": "null"}


def of_model(model: type[Model]) -> dict[str, Any]:
    """The schema of an object; `$defs` has the models inside it."""
    inside = {inner.__name__: inner for inner in _inside(model)}
    definitions = {name: _object(inside[name]) for name in sorted(inside)}
    return _object(model) | ({"$defs": definitions} if definitions else {})


def _inside(model: type[Model]) -> Iterator[type[Model]]:
    for field in fields(model):
        for inner in _models(described(field).type):
            yield inner
            yield from _inside(inner)


def _models(annotation: Any) -> Iterator[type[Model]]:
    if is_model(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _object(model: type[Model]) -> dict[str, Any]:
    description = {"description": cleandoc(model.__doc__)} if model.__doc__ else {}
    return description | {
        "properties": {field.encode_name: _field(field) for field in fields(model)},
        "required": [field.encode_name for field in fields(model) if field.default is not UNSET],
        "title": model.__name__,
        "type": "object",
    }


def _field(field: FieldInfo) -> dict[str, Any]:
    annotation, meaning = described(field)
    schema = _type(annotation) | _default(field) | {"description": meaning}
    if not (len(types := arms(annotation)) == 1 and is_model(types[0])):
        schema["title"] = field.encode_name.replace("_", " ").title()
    return dict(sorted(schema.items()))


def _default(field: FieldInfo) -> dict[str, Any]:
    if field.default_factory is not NODEFAULT:
        return {"default": field.default_factory()}
    if field.default is UNSET:
        return {"default": []}
    return {} if field.default is NODEFAULT else {"default": to_builtins(field.default)}


def _type(annotation: Any) -> dict[str, Any]:
    schemas = [_arm(arm) for arm in arms(annotation)]
    if NoneType in get_args(annotation):
        schemas.append(_NULL)
    return {"anyOf": schemas} if len(schemas) > 1 else schemas[0]


def _arm(annotation: Any) -> dict[str, Any]:
    if is_model(annotation):
        return {"$ref": f"#/$defs/{annotation.__name__}"}
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is list:
        return {"items": _type(arguments[0]), "type": "array"}
    if origin is dict:
        return {"additionalProperties": _type(arguments[1]) or True, "type": "object"}
    return _PLAIN.get(annotation, {})
