"""The journey of somebody invented, from registration to a request for a prescription."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from emkcli import errors
from emkcli.api.deadlines import Deadline
from emkcli.locale import _
from emkcli.usecases.diagnostics.smoke import invented_person, reading
from emkcli.usecases.diagnostics.smoke.check import Step
from emkcli.usecases.mock_control import pull

if TYPE_CHECKING:
    from emkcli.app import App

T = TypeVar("T")
SERVICE = "emk-moscow"
FILLED = ("visits", "labs", "prescriptions", "vaccinations", "documents")
"""What every card of the mock holds."""
LOOK = 1.0
"""Seconds between two looks at a decision that is waited for."""
LONGEST_WAIT = 1500.0
ATTEMPTS = 20
"""To find a number that nobody has, where runs share a server."""


def steps(app: App, found: dict[str, Any], *, own_clock: bool, wait: bool) -> Iterator[Step]:
    """Every step; decisions are brought about by the clock where it is nobody else's, and elsewhere only waited for.

    `found` is told the `account` that was made."""
    client = app.client
    left_out = None if own_clock or wait else _("moves no clock that others go by; --wait waits for the decision")
    review = partial(_advance, app, 3600) if own_clock else partial(_until, lambda: _is_confirmed(app))
    decide = partial(_advance, app, 48 * 3600) if own_clock else partial(_until, lambda: _is_activated(app))
    yield Step("register", lambda: found.update(account=_register(app)))
    yield Step("verify", lambda: _verify(app), ("register",))
    yield Step("review", review, ("verify",), left_out)
    yield Step("login", lambda: _login(app), ("review",))
    yield Step("consents", lambda: _consents(app), ("login",))
    yield Step("connect", lambda: client.portal.connect(SERVICE), ("consents",))
    yield Step("clinics", lambda: found.update(clinic=_clinic(app)), ("login",))
    yield Step("choose", lambda: client.portal.attach(clinic=found["clinic"].id), ("connect", "clinics"))
    yield Step("decision", decide, ("choose",), left_out)
    yield Step("activated", lambda: _expect(_first(client.portal.applications()).status, "activated"), ("decision",))
    yield from reading.lists(client, None, ("activated",), FILLED)
    yield Step("request", lambda: _request(app), ("activated",))
    yield Step("logout", lambda: client.identity.revoke(app.session.tokens().access_token), ("login",))


NAMES = (
    *("register", "verify", "review", "login", "consents", "connect", "clinics", "choose", "decision", "activated"),
    *(*reading.LISTS, "card records", "request", "logout"),
)


def _register(app: App) -> Any:
    person, opened = _registered(app)
    app.session.begin(opened.tokens)
    app.remember_login_name(person["phone"])
    return opened.account


def _registered(app: App) -> tuple[dict[str, Any], Any]:
    """Somebody new: a mock that many runs share knows some of the numbers already."""
    for _attempt in range(ATTEMPTS - 1):
        person = invented_person.drawn()
        with suppress(errors.Exists):
            return person, app.client.accounts.register(person)
    person = invented_person.drawn()
    return person, app.client.accounts.register(person)


def _verify(app: App) -> None:
    from io import BytesIO

    from PIL import Image

    picture = BytesIO()
    Image.new("RGB", (1500, 1050), "grey").save(picture, "PNG")
    for part in ("passport_scan", "selfie"):
        app.client.accounts.upload(part, picture.getvalue(), "image/png")
    challenge = app.client.accounts.request_verification()
    app.client.accounts.confirm_verification(challenge.id, _code(app))


def _login(app: App) -> None:
    challenge = app.client.identity.challenge("sms", app.login_name() or "")
    app.session.begin(app.client.identity.exchange_code(challenge.id, _code(app)))


def _consents(app: App) -> None:
    for consent in app.client.portal.consents(service=SERVICE):
        app.client.portal.accept_consent(consent.id, consent.version, consent.sha256, "option")


def _clinic(app: App) -> Any:
    return _first(app.client.portal.clinics(near="residence", accepts="adults"))


def _request(app: App) -> None:
    """Asked for and taken back, so that nobody is left with the work."""
    request = app.client.portal.create_request("prescription", medicine="Аторвастатин")
    app.client.portal.cancel_request(str(request.id))


def _is_confirmed(app: App) -> bool:
    return app.client.accounts.account().trust == "confirmed"


def _is_activated(app: App) -> bool:
    return _first(app.client.portal.applications()).status == "activated"


def _until(is_so: Callable[[], bool]) -> None:
    deadline = Deadline.after(LONGEST_WAIT)
    while not is_so():
        if not deadline.left():
            raise errors.NotActivated(_("There is no decision yet."))
        time.sleep(min(LOOK, deadline.left()))


def _advance(app: App, seconds: int) -> None:
    pull(app, "POST", "/mock/clock", {"advance": seconds})


def _code(app: App) -> str:
    """The newest code for this phone, of which the inbox shows the end; on a server that others use theirs are there too."""
    end = (app.login_name() or "")[-2:]
    messages = pull(app, "GET", "/mock/inbox").objects("items")
    codes = (message["code"] for message in messages if message.get("code") and str(message["phone"]).endswith(end))
    return str(next(codes, ""))


def _first(items: Iterable[T]) -> T:
    for item in items:
        return item
    raise errors.NotFound(_("The list is empty."))


def _expect(actual: str, expected: str) -> None:
    if actual != expected:
        raise errors.BadResponse(_("{found} instead of {wanted}").format(found=actual, wanted=expected))
