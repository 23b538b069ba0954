"""`emk schema`: what every output satisfies."""

import json
from typing import Annotated

import typer

from emkcli.app import App
from emkcli.commands._command import command
from emkcli.locale import N_
from emkcli.results import Text, Value


@command(
    examples=(
        "emk schema lab_result_list > labs.schema.json",
        "emk schema error",
    )
)
def schema(
    app: App,
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help=N_("kind of a document: lab_result_list, application, error …"))
    ],
) -> Value:
    """Print the JSON Schema (2020-12) of an output document."""
    from emkcli.presentation.render import schema as schema_of

    return Text(json.dumps(schema_of(kind), ensure_ascii=False, indent=2) + "\n")
