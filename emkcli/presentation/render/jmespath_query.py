"""`--query`: a JMESPath expression over the whole document."""

from __future__ import annotations

from typing import Any

from emkcli import errors
from emkcli.locale import _


def check(expression: str) -> None:
    """`Usage` for an expression that cannot be read."""
    _run(expression, None)


def search(expression: str, document: dict[str, Any]) -> Any:
    return _run(expression, document)


def _run(expression: str, document: dict[str, Any] | None) -> Any:
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        compiled = jmespath.compile(expression)
        return compiled.search(document) if document is not None else None
    except JMESPathError as error:
        raise _usage(_reason(error)) from error
    except RecursionError as error:
        raise _usage(_("it is nested too deeply")) from error
    except (
        ArithmeticError,
        TypeError,
        ValueError,
    ) as error:  # jmespath lets a step of 0 or the ceiling of infinity through
        raise _usage(_("it cannot be worked out")) from error


def _reason(error: Exception) -> str:
    """What is wrong, in the language of the run, and where."""
    from jmespath import exceptions

    if isinstance(error, exceptions.EmptyExpressionError):
        return _("the expression is empty")
    if isinstance(error, exceptions.IncompleteExpressionError):
        return _("the expression breaks off")
    if isinstance(error, exceptions.ArityError):
        return _("{function}() takes another number of arguments").format(function=error.function_name)
    if isinstance(error, exceptions.ParseError):
        return _("{token} is not expected at character {place}").format(
            token=error.token_value, place=error.lex_position + 1
        )
    if isinstance(error, exceptions.JMESPathTypeError):
        return _("{function}() does not take such a value").format(function=error.function_name)
    return _("there is no such function")


def _usage(reason: str) -> errors.Usage:
    return errors.Usage(
        _("--query: {reason}").format(reason=reason), hint=_("the language is described at jmespath.org")
    )
