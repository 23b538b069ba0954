"""`--query`: a JMESPath expression over the whole document, and its result in every format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.locale import _
from emkcli.presentation.render import delimited, json_yaml, table
from emkcli.presentation.render.flow import Flow
from emkcli.presentation.render.shape import Shape
from emkcli.results import Table
from emkcli.views import View
from emkcli.views.show import text

if TYPE_CHECKING:
    from emkcli.presentation.render.context import Context

Write = Callable[[str], Any]


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


def write_result(result: Any, context: Context, write: Write) -> None:
    """JSON and YAML as it is; a list of objects as rows, of lists as cells, of values one per line."""
    if context.format == "json":
        json_yaml.json_value(result, context, write)
    elif context.format == "yaml":
        json_yaml.yaml_value(result, context, write)
    elif context.format == "jsonl":
        for value in result if isinstance(result, list) else [result]:
            json_yaml.jsonl_value(value, context, write)
    else:
        _write_text(result, context, write)


def _write_text(result: Any, context: Context, write: Write) -> None:
    if result is None:
        return
    rows = result if isinstance(result, list) else [result]
    if rows and all(isinstance(row, dict) for row in rows):
        _write_objects(rows, context, write)
    else:
        cells = [[text(cell) for cell in row] if isinstance(row, list) else [text(row)] for row in rows]
        {"csv": delimited.csv_rows, "tsv": delimited.tsv_rows}.get(context.format, delimited.plain_rows)(
            cells, context, write
        )


def _write_objects(rows: list[dict[str, Any]], context: Context, write: Write) -> None:
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    flow = Flow(Table("query", names, rows), lambda row: row)
    shape = Shape("query", names, View(names), labels={name: name for name in names})
    writers: dict[str, Any] = {
        "csv": delimited.csv_list,
        "tsv": delimited.tsv_list,
        "plain": delimited.plain_list,
        "table": table.table_list,
    }
    writers[context.format](flow, shape, context, write)
