"""The checks behind `smoke`: the journey on a mock with an invented person, reading only on any other backend."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from emkcli import errors
from emkcli.api.deadlines import promised
from emkcli.api.ports import CardQuery
from emkcli.config import scratch
from emkcli.locale import _
from emkcli.models import CATEGORIES

if TYPE_CHECKING:
    from emkcli.api.documents import Document
    from emkcli.app import App

T = TypeVar("T")
Step = tuple[str, Callable[[], Any]]
LONGEST = 1800.0
"""Seconds for all checks: what runs in CI has to end."""
ATTEMPTS = 20
"""To find a number that nobody has, of the thousand that are never given out."""


@dataclass(frozen=True)
class Check:
    name: str
    seconds: float
    problem: str | None = None


def run(app: App) -> list[Check]:
    """Every check in turn; after the first failure of the journey the rest cannot be meant."""
    with promised(LONGEST):
        return _run(app)


def _run(app: App) -> list[Check]:
    if not app.client.demo:
        return list(_checked(app, _reading(app)))
    from emkcli.app import App as Fresh

    with scratch.directory() as home:
        fresh = Fresh(environ={**app.environ, "EMK_HOME": str(home), "EMK_KEYRING": "off"}, stderr=app.stderr)
        for setting in ("backend", "url", "timeout"):
            fresh.give(setting, getattr(app.settings, setting))
        fresh.give("quiet", True)
        fresh.redactor = app.redactor
        try:
            return list(_checked(fresh, _journey(fresh)))
        finally:
            fresh.close()


def _checked(app: App, steps: Iterator[Step]) -> Iterator[Check]:
    for name, step in steps:
        started = time.monotonic()
        try:
            step()
        except errors.EmkError as error:
            problem = f"{error.slug}: {app.redactor.text(error.message)}"
            yield Check(name, round(time.monotonic() - started, 3), problem)
            return
        yield Check(name, round(time.monotonic() - started, 3))


def _reading(app: App) -> Iterator[Step]:
    """What can be read with the session there is; what the backend cannot do is not checked."""
    client, person = app.client, app.settings.person
    if client.can("accounts.account"):
        yield "account", client.accounts.account
        yield "application", lambda: list(client.portal.applications(person=person))
    if client.can("card.person"):
        yield "card person", lambda: client.card.person(person)
        yield from _lists(client.card, person)


def _lists(card: Any, person: str | None) -> Iterator[Step]:
    query = CardQuery(person=person)
    for category in CATEGORIES:
        yield f"card {category}", partial(_drained, getattr(card, category), query)


def _drained(operation: Callable[[CardQuery], Iterable[Any]], query: CardQuery) -> int:
    return sum(1 for _record in operation(query))


def _journey(app: App) -> Iterator[Step]:
    client = app.client
    state: dict[str, Any] = {}
    yield "register", lambda: _register(app)
    yield "verify", lambda: _verify(app)
    yield "review", lambda: _control(app, "/mock/clock", {"advance": 3600})
    yield "login", lambda: _login(app)
    yield "consents", lambda: _consents(app)
    yield "connect", lambda: client.portal.connect("emk-moscow")
    yield "clinics", lambda: state.update(clinic=_first(client.portal.clinics(near="residence", accepts="adults")))
    yield "choose", lambda: client.portal.attach(clinic=state["clinic"].id)
    yield "decision", lambda: _control(app, "/mock/clock", {"advance": 48 * 3600})
    yield "activated", lambda: _expect(_first(client.portal.applications()).status, "activated")
    yield from _lists(client.card, None)
    yield "request", lambda: client.portal.create_request("prescription", medicine="Аторвастатин")
    yield "logout", lambda: client.identity.revoke(app.session.tokens().access_token)


def _person() -> dict[str, Any]:
    """Somebody who is nobody: a СНИЛС of the range that is never given out, and a phone of zeros."""
    import secrets

    number = secrets.randbelow(998) + 1
    return {
        "last_name": "Проверкина",
        "first_name": "Мария",
        "middle_name": None,
        "birth_date": "1980-05-17",
        "sex": "female",
        "snils": f"001-001-{number:03d} 00",
        "phone": f"+790000{secrets.randbelow(10**5):05d}",
        "email": "smoke@example.org",
        "oms_policy": None,
        "registration_address": "Москва, ул. Тверская, д. 1",
        "residence_address": "Москва, ул. Тверская, д. 1",
        "passport": {
            "series": "0000",
            "number": f"{number:06d}",
            "issued_by": "ОТДЕЛОМ ПРОВЕРОК",
            "issued_on": "2010-01-01",
            "department_code": "000-000",
        },
    }


def _register(app: App) -> None:
    person, opened = _registered(app)
    app.session.begin(opened.tokens)
    app.remember_login_name(person["phone"])


def _registered(app: App) -> tuple[dict[str, Any], Any]:
    """Somebody new: a mock that many runs share knows some of the numbers already."""
    for _attempt in range(ATTEMPTS - 1):
        person = _person()
        with suppress(errors.Exists):
            return person, app.client.accounts.register(person)
    person = _person()
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
    for consent in app.client.portal.consents(service="emk-moscow"):
        app.client.portal.accept_consent(consent.id, consent.version, consent.sha256, "option")


def _code(app: App) -> str:
    messages = _control(app, "/mock/inbox", None).objects("items")
    return next((str(message["code"]) for message in messages if message.get("code")), "")


def _control(app: App, path: str, body: dict[str, Any] | None) -> Document:
    if app.client.wire is None:
        raise errors.Unsupported(_("This backend has no server."))
    return app.client.wire.without_auth().document("POST" if body else "GET", path, json=body)


def _first(items: Iterable[T]) -> T:
    for item in items:
        return item
    raise errors.NotFound(_("The list is empty."))


def _expect(actual: str, expected: str) -> None:
    if actual != expected:
        raise errors.BadResponse(_("{found} instead of {wanted}").format(found=actual, wanted=expected))


def tap(checks: list[Check]) -> str:
    lines = [f"1..{len(checks)}"]
    for number, check in enumerate(checks, 1):
        lines.append(f"{'not ok' if check.problem else 'ok'} {number} - {check.name}")
        if check.problem:
            lines.append(f"  # {' '.join(check.problem.split())}")
    return "\n".join(lines) + "\n"


def write_junit(checks: list[Check], path: str) -> None:
    from pathlib import Path
    from xml.sax.saxutils import quoteattr

    failures = sum(1 for check in checks if check.problem)
    cases = [
        f'<testcase classname="emk" name={quoteattr(check.name)} time="{check.seconds}">'
        + (f"<failure message={quoteattr(check.problem)}/>" if check.problem else "")
        + "</testcase>"
        for check in checks
    ]
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="emk smoke" tests="{len(checks)}" failures="{failures}">\n'
    try:
        Path(path).write_text(text + "\n".join(cases) + "\n</testsuite>\n", encoding="utf-8")
    except OSError as cause:
        raise errors.Storage(
            _("{path} cannot be written: {reason}").format(path=path, reason=cause.strerror)
        ) from cause
