"""The fields of a model and of the models inside it: one walk feeds csv, tables, workbooks, schemas and pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from msgspec import UnsetType
from msgspec.structs import FieldInfo
from msgspec.structs import fields as declared

from emkcli.models.elements import Model


class Described(NamedTuple):
    """What the class says of a field: its type, and its meaning in English."""

    type: Any
    meaning: str


@dataclass(frozen=True)
class Leaf:
    """A value of its own: the JSON names on the way to it, its plain type (`str`, `list[Coding]`, …) and its meaning."""

    path: tuple[str, ...]
    type: Any
    meaning: str

    @property
    def name(self) -> str:
        return ".".join(self.path)


def described(field: FieldInfo) -> Described:
    """A field without its annotation around it."""
    if get_origin(field.type) is not Annotated:
        return Described(field.type, "")
    plain, meaning = get_args(field.type)
    return Described(plain, meaning)


@cache
def leaves(model: type[Model], *, into_lists: bool = True) -> tuple[Leaf, ...]:
    """Every value a model holds, in its order. A list is one value or, with `into_lists`, what its models hold; of a union
    of a text and a model both are there, the text first."""
    all_leaves = (leaf for field in declared(model) for leaf in _leaves(field, into_lists))
    return tuple({leaf.path: leaf for leaf in all_leaves}.values())


def _leaves(field: FieldInfo, into_lists: bool) -> Iterator[Leaf]:
    name, (annotation, meaning) = field.encode_name, described(field)
    plain, models = _parted(annotation, into_lists)
    if plain:
        yield Leaf((name,), plain[0], meaning)
    for model in models:
        for leaf in leaves(model, into_lists=into_lists):
            yield replace(leaf, path=(name, *leaf.path), meaning=f"{name.replace('_', ' ')}: {leaf.meaning}")


def _parted(annotation: Any, into_lists: bool) -> tuple[list[Any], list[type[Model]]]:
    """The plain types a value may have, and the models."""
    plain: list[Any] = []
    models: list[type[Model]] = []
    for arm in arms(annotation):
        if is_model(arm):
            models.append(arm)
        elif into_lists and get_origin(arm) is list:
            inside, held = _parted(get_args(arm)[0], into_lists)
            plain += [arm] if inside else []
            models += held
        else:
            plain.append(arm)
    return plain, models


def arms(annotation: Any) -> list[Any]:
    """The types of a union but for null; what is not set is not there."""
    if get_origin(annotation) in (Union, UnionType):
        return [arm for arm in get_args(annotation) if arm not in (NoneType, UnsetType)]
    return [annotation]


def is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Model)
