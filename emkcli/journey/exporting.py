"""The card out: to files, or to standard output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emkcli.journey import reading
from emkcli.journey.reading import Wanted
from emkcli.results import Outcome

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.results import Value


def export(
    app: App, form: str, to: str, categories: Sequence[str], since: str | None, dialect: str, *, force: bool
) -> Value:
    """Write the card; whatever could not be written is named, and ends with exit 12."""
    from emkcli import formats

    source = reading.card(app)
    reading.whose(app, source)
    wanted = reading.query(app, Wanted(since=since))
    result = formats.export(
        source,
        wanted,
        form,
        to,
        categories=categories,
        force=force,
        dialect=dialect,
        stdout=app.binary_stdout(),
        envelope=_envelope(app),
    )
    shown = None if to == "-" else result
    return shown if result.complete else Outcome(shown, 12)


def _envelope(app: App) -> dict[str, object]:
    """What every exported document says about its origin."""
    whose = app.whose
    return {
        "backend": app.settings.backend,
        "demo": app.client.demo,
        "profile": app.settings.profile,
        "person": whose.model_dump() if whose else None,
        "fetched_at": app.fetched_at(),
    }
