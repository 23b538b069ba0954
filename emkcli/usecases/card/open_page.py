"""«Перейти к карте»: the card as a page in the browser, rendered in memory and handed over once."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.locale import _
from emkcli.results import Line, Outcome
from emkcli.usecases.card import records
from emkcli.usecases.card.export_card import envelope, telling

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.results import Value

WAIT_SECONDS = 120.0


def open_(app: App, *, browser: bool) -> Value:
    """Render, serve once, and end when the page was fetched; a card that lacks a part is shown too, with exit 12."""
    from emkcli.exporters import html_writer
    from emkcli.exporters.export import export_card
    from emkcli.exporters.export_job import ExportJob
    from emkcli.exporters.export_request import STDOUT, ExportRequest
    from emkcli.loopback.one_time_page import OneTimePage
    from emkcli.presentation.terminal import is_terminal

    card = records.opened(app)
    page = io.BytesIO()
    request, query = ExportRequest("html", STDOUT), records.query(app, records.Wanted())
    with telling(app, to_stdout=False) as tell:
        result = export_card(ExportJob(request, card, query, envelope(app), tell=tell, redact=app.redactor.text), page)
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": html_writer.policy()}
    with OneTimePage(page.getvalue(), headers) as served:
        _show(app, served.address, browser=browser and app.interactive and is_terminal(app.stdout))
        if not served.wait(WAIT_SECONDS):
            raise errors.TimedOut(_("Nobody fetched the page; its address works no longer."), hint="emk card open")
    return None if result.complete else Outcome(None, 12)


def _show(app: App, address: str, *, browser: bool) -> None:
    """In the browser; where there is none, or nobody sits at the terminal, the address is the output."""
    import webbrowser

    from emkcli.presentation.render import say

    if browser and webbrowser.open(address):
        app.notice(_("The card is open in the browser. Its address worked once; reloading needs emk card open again."))
        return
    say(Line({"url": address} if app.keeps_notices else address), app.stdout)
    app.notice(_("The address works once, for two minutes, on this machine only."))
