"""`emk person`: oneself and one's children."""

from typing import Annotated

import typer

from emkcli import errors, models
from emkcli.app import App
from emkcli.commands._command import command
from emkcli.locale import N_, _
from emkcli.results import Listing, Value


@command(
    needs="portal.persons",
    examples=(
        "emk person list",
        "emk person list --fields id,name",
    ),
)
def list_(app: App) -> Value:
    """Oneself and one's children, with how long the child's card stays open to a parent."""
    return Listing(app.client.portal.persons(), models.Person)


@command(
    needs="portal.persons",
    mutates=True,
    examples=(
        "emk person use p-001083",
        "emk person use self",
    ),
    ends=(3,),
)
def use(
    app: App, person: Annotated[str, typer.Argument(metavar="ID", help=N_("the person's id; self for oneself"))]
) -> Value:
    """Remember for this profile whose card the next commands mean; --person overrides it for one."""
    persons = list(app.client.portal.persons())
    chosen = next((p for p in persons if p.id == person or (person == "self" and p.relation == "self")), None)
    if chosen is None:
        raise errors.NotFound(_("There is no person {id}.").format(id=person), hint="emk person list")
    app.config_file.change(app.settings.profile, "person", None if chosen.relation == "self" else chosen.id)
    return chosen
