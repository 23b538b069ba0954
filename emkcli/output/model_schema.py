"""JSON Schema of one model as it is printed: every field is there, unless it is left out where it is not set."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from msgspec import NODEFAULT, UNSET, UnsetType
from msgspec.structs import fields

if TYPE_CHECKING:
    from msgspec.structs import FieldInfo

    from emkcli.models import Model

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    NoneType: {"type": "null"},
}


def of_model(model: type[Model]) -> dict[str, Any]:
    """The schema of an object; `$defs` has the models inside it."""
    inside = {inner.__name__: inner for inner in _inside(model)}
    definitions = {name: _object(inside[name]) for name in sorted(inside)}
    return _object(model) | ({"$defs": definitions} if definitions else {})


def _inside(model: type[Model]) -> Iterator[type[Model]]:
    for field in fields(model):
        for inner in _models(field.type):
            yield inner
            yield from _inside(inner)


def _models(annotation: Any) -> Iterator[type[Model]]:
    if _is_model(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _object(model: type[Model]) -> dict[str, Any]:
    described = {"description": cleandoc(model.__doc__)} if model.__doc__ else {}
    return described | {
        "properties": {field.encode_name: _field(field) for field in fields(model)},
        "required": [field.encode_name for field in fields(model) if field.default is not UNSET],
        "title": model.__name__,
        "type": "object",
    }


def _field(field: FieldInfo) -> dict[str, Any]:
    schema = _type(field.type) | _default(field)
    if not _is_one_model(field.type):
        schema["title"] = field.encode_name.replace("_", " ").title()
    return dict(sorted(schema.items()))


def _default(field: FieldInfo) -> dict[str, Any]:
    if field.default_factory is not NODEFAULT:
        return {"default": field.default_factory()}
    if field.default is UNSET:
        return {"default": []}
    return {} if field.default is NODEFAULT else {"default": field.default}


def _type(annotation: Any) -> dict[str, Any]:
    if _is_model(annotation):
        return {"$ref": f"#/$defs/{annotation.__name__}"}
    arms = _arms(annotation)
    if len(arms) > 1:
        return {"anyOf": [_type(arm) for arm in arms]}
    origin, arguments = get_origin(arms[0]), get_args(arms[0])
    if origin is list:
        return {"items": _type(arguments[0]), "type": "array"}
    if origin is dict:
        return {"additionalProperties": _type(arguments[1]) or True, "type": "object"}
    return _PLAIN.get(arms[0], {})


def _arms(annotation: Any) -> list[Any]:
    """The kinds of value a union allows; what is not set is not there."""
    if get_origin(annotation) in (Union, UnionType):
        return [arm for arm in get_args(annotation) if arm is not UnsetType]
    return [annotation]


def _is_one_model(annotation: Any) -> bool:
    arms = [arm for arm in _arms(annotation) if arm is not NoneType]
    return len(arms) == 1 and _is_model(arms[0])


def _is_model(annotation: Any) -> bool:
    from emkcli.models import Model

    return isinstance(annotation, type) and issubclass(annotation, Model)
