"""`emk service`: the catalogue and «Мои услуги»."""

from typing import Annotated

import typer

from emkcli import models
from emkcli.app import App
from emkcli.commands._command import command
from emkcli.commands._options import Limit
from emkcli.locale import N_
from emkcli.results import Listing, Value

Id = Annotated[str, typer.Argument(metavar="ID", help=N_("the service's id"))]


@command(
    needs="portal.services",
    examples=(
        "emk service list",
        "emk service list --pinned",
    ),
)
def list_(
    app: App,
    pinned: Annotated[bool, typer.Option("--pinned", help=N_("only «Мои услуги»"))] = False,
    limit: Limit = None,
) -> Value:
    """The catalogue of services."""
    services = app.client.portal.services(person=app.settings.person)
    if pinned:
        return Listing((s for s in services if s.pinned), models.Service, limit, services.person)
    return Listing(services, models.Service, limit)


@command(
    needs="portal.services",
    examples=(
        "emk service search Москва",
        "emk service search Москва --limit 1 -o json",
    ),
)
def search(
    app: App,
    text: Annotated[str, typer.Argument(metavar="TEXT", help=N_("a part of the title or the region"))],
    limit: Limit = None,
) -> Value:
    """Services by a part of title or region."""
    return Listing(app.client.portal.services(search=text, person=app.settings.person), models.Service, limit)


@command(needs="portal.pin", mutates=True, shows="Service", examples=("emk service pin emk-moscow",), ends=(3,))
def pin(app: App, service: Id) -> Value:
    """Put a service among «Мои услуги»."""
    return app.client.portal.pin(service, True)


@command(needs="portal.pin", mutates=True, shows="Service", examples=("emk service unpin emk-moscow",), ends=(3,))
def unpin(app: App, service: Id) -> Value:
    """Take a service from «Мои услуги»."""
    return app.client.portal.pin(service, False)
