"""Dotted names: which ones a model has, what stands under one in an item, and an item cut down to some of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.models import Model


def leaves(model: type[Model]) -> tuple[str, ...]:
    """Every dotted name that holds a value of its own, in model order; lists are passed through."""
    from emkcli.models import fields

    return tuple(leaf.name for leaf in fields.leaves(model))


def table_first(columns: Sequence[str], names: Iterable[str]) -> tuple[str, ...]:
    """The order of csv: what a table shows, then the rest; a column that is no value of its own stands for what is in it."""
    names = tuple(names)
    under = (name for path in (*columns, *names) for name in names if name == path or name.startswith(f"{path}."))
    return tuple(dict.fromkeys(under))


def valid(names: Iterable[str]) -> tuple[str, ...]:
    """The leaves and everything above them, in order."""
    every: dict[str, None] = {}
    for name in names:
        steps = name.split(".")
        every |= {".".join(steps[: end + 1]): None for end in range(len(steps))}
    return tuple(every)


def check(fields: Sequence[str], names: Iterable[str]) -> None:
    """`Usage` for a field that no item can have."""
    allowed = valid(names)
    unknown = [field for field in fields if field not in allowed]
    if unknown or not fields:
        raise errors.Usage(
            _("Unknown field: {fields}").format(fields=", ".join(unknown) or "''"),
            hint=_("valid fields: {fields}").format(fields=", ".join(allowed)),
        )


def pick(value: Any, path: str) -> Any:
    """What stands under `path`; a list gives a list, a gap gives None."""
    for step in path.split("."):
        value = [_step(part, step) for part in value] if isinstance(value, list) else _step(value, step)
    return value


def _step(value: Any, step: str) -> Any:
    if isinstance(value, list):
        return [_step(part, step) for part in value]
    return value.get(step) if isinstance(value, Mapping) else None


def select(item: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """Only `fields`, in their order, nested as they were."""
    tree: dict[str, Any] = {}
    for field in fields:
        if not any(field.startswith(f"{other}.") for other in fields):
            node = tree
            for step in field.split("."):
                node = node.setdefault(step, {})
    return {key: _prune(item.get(key), inner) for key, inner in tree.items()}


def _prune(value: Any, tree: Mapping[str, Any]) -> Any:
    if tree and isinstance(value, list):
        return [_prune(part, tree) for part in value]
    if tree and isinstance(value, Mapping):
        return {key: _prune(value.get(key), inner) for key, inner in tree.items()}
    return value
