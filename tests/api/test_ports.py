"""The docstrings of the ports are the scripting reference: each operation says what it returns, what it raises and why."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest

from emkcli import errors, models
from emkcli.api.ports import Accounts, Card, CardQuery, Identity, Portal

OPERATIONS = {
    f"{port.__name__}.{name}": operation
    for port in (Accounts, Identity, Portal, Card)
    for name, operation in vars(port).items()
    if inspect.isfunction(operation)
}
BY_NAME = {
    kind.__name__: kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.EmkError)
}
ON_ANY_REQUEST = {"Unreachable", "TimedOut", "TlsFailed", "ServerError"}
FIELD = re.compile(r"^:(\w+)(?: (\w+))?: (.*(?:\n    .*)*)", re.MULTILINE)


def fields(operation: Callable[..., Any]) -> list[tuple[str, str, str]]:
    """The field list of a docstring: name, argument, text."""
    return [found.groups() for found in FIELD.finditer(inspect.getdoc(operation) or "")]


def test_there_are_operations_to_look_at() -> None:
    assert len(OPERATIONS) == 67
    assert "Card.labs" in OPERATIONS
    assert "Card.unsupported" not in OPERATIONS


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_says_what_it_returns_and_where_the_rule_comes_from(operation: Callable[..., Any]) -> None:
    told = fields(operation)
    assert [name for name, _argument, _text in told if name in {"returns", "source"}] == ["returns", "source"]
    assert {name for name, _argument, _text in told} <= {"param", "returns", "raises", "source"}
    returned = next(text for name, _argument, text in told if name == "returns")
    for model in named_models(operation):
        assert f"`{model}`" in returned, f"the text on what is returned does not name {model}"


def named_models(operation: Callable[..., Any]) -> list[str]:
    """The models in the annotation of what an operation returns; the base of all records is none of them."""
    annotation = str(operation.__annotations__["return"])
    return [name for name in re.findall(r"models\.(\w+)", annotation) if name != "Model"]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_names_its_errors_with_their_exit_codes(operation: Callable[..., Any]) -> None:
    raised = [(name, text) for kind, name, text in fields(operation) if kind == "raises"]
    assert raised
    assert not {name for name, _text in raised} & ON_ANY_REQUEST, (
        "said once, for all of them, at the top of the package"
    )
    for name, text in raised:
        assert name in BY_NAME, f"there is no error {name}"
        assert text.endswith(f"({BY_NAME[name].exit_code})."), f"{name} ends with exit code {BY_NAME[name].exit_code}"


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_describes_no_argument_that_it_has_not(operation: Callable[..., Any]) -> None:
    arguments = set(inspect.signature(operation).parameters) - {"self"}
    described = {argument for name, argument, _text in fields(operation) if name == "param"}
    assert described <= arguments


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_returned_model_exists(operation: Callable[..., Any]) -> None:
    for name in named_models(operation):
        assert inspect.isclass(getattr(models, name))


def test_each_field_of_a_query_says_its_form() -> None:
    source = inspect.getsource(CardQuery)
    for name in get_type_hints(CardQuery):
        assert re.search(rf'^    {name}: .*\n    """.+', source, re.MULTILINE), f"CardQuery.{name} is not described"


@pytest.mark.parametrize("kind", BY_NAME.values(), ids=BY_NAME)
def test_each_error_says_what_it_is(kind: type[errors.EmkError]) -> None:
    told = vars(kind).get("__doc__") or ""
    assert told.rstrip().endswith("."), f"{kind.__name__} has no docstring of its own"
