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
        raise errors.Usage(
            _("--query: {reason}").format(reason=str(error).strip()),
            hint=_("the language is described at jmespath.org"),
        ) from error
