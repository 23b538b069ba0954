"""Connect «ЭМК Москвы»: find the service, take the two consents separately, open the application."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.locale import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emkcli.api.models import Application, Consent, Service
    from emkcli.app import App

TITLE = "Электронная медицинская карта"
REGION = "Москва"


def moscow_card(app: App) -> Service:
    """The service of this title that belongs to Moscow."""
    for service in app.client.portal.services(search=TITLE, person=app.settings.person):
        if service.region == REGION:
            return service
    raise errors.NotFound(_("The catalogue has no «{title}» for Moscow.").format(title=TITLE), hint="emk service list")


def service_called(app: App, word: str | None) -> Service:
    """A service by its id or a part of its title; without a word, the Moscow card."""
    if word is None:
        return moscow_card(app)
    found = [s for s in app.client.portal.services(person=app.settings.person) if s.id == word] or list(
        app.client.portal.services(search=word, person=app.settings.person)
    )
    if not found:
        raise errors.NotFound(_("There is no service {name}.").format(name=word), hint="emk service list")
    if len(found) > 1:
        choices = ", ".join(f"{s.id} ({s.region})" for s in found)
        raise errors.Usage(_("Several services fit: {choices}.").format(choices=choices), hint=_("name one by its id"))
    return found[0]


def pending(app: App, service: Service) -> list[Consent]:
    """The consents in force that are not accepted in their present version."""
    asked = app.client.portal.consents(service=service.id, person=app.settings.person)
    return [consent for consent in asked if consent.status in {"required", "revoked"}]


def accept_all(app: App, consents: Sequence[Consent], accepted: Sequence[str]) -> None:
    """Take each consent by its own act: `ID@VERSION` named on the line, or the word of agreement typed after the text."""
    named = dict(_named(text) for text in accepted)
    for consent in consents:
        check_version(consent, named)
        if consent.id not in named and not app.interactive:
            raise consent_required(consents)
    for consent in consents:
        accept(app, consent, "option" if consent.id in named else "terminal")


def accept(app: App, consent: Consent, method: str) -> None:
    if hashlib.sha256(consent.text.encode()).hexdigest() != consent.sha256:
        raise errors.BadResponse(_("The text of consent {id} does not match its checksum.").format(id=consent.id))
    if method == "terminal" and not app.dialogue.consent(
        consent.title, consent.text, option=f"--accept-consent {consent.id}@{consent.version}"
    ):
        raise errors.ConsentRequired(
            _("Without «{title}» the card cannot be connected.").format(title=consent.title), hint="emk connect"
        )
    app.client.portal.accept_consent(consent.id, consent.version, consent.sha256, method, person=app.settings.person)


def check_version(consent: Consent, named: dict[str, str]) -> None:
    """A wrong version is refused; the server says what changed when it is asked with that version."""
    version = named.get(consent.id, consent.version)
    if version != consent.version:
        raise errors.ConsentRequired(
            _("Consent {id} is in force in version {current}, not {named}.").format(
                id=consent.id, current=consent.version, named=version
            ),
            hint=f"emk consent show {consent.id}",
            details={"id": consent.id, "current_version": consent.version},
        )


def consent_required(consents: Sequence[Consent]) -> errors.ConsentRequired:
    wanted = [f"{consent.id}@{consent.version}" for consent in consents]
    return errors.ConsentRequired(
        _("Both consents are needed, each by its own act: {consents}.").format(consents=", ".join(wanted)),
        hint="emk connect " + " ".join(f"--accept-consent {consent}" for consent in wanted),
        details={"consents": wanted},
    )


def connect(app: App, service: Service, accepted: Sequence[str]) -> Application:
    check_confirmed(app)
    accept_all(app, pending(app, service), accepted)
    return app.client.portal.connect(service.id, person=app.settings.person)


def check_confirmed(app: App) -> None:
    """An account not confirmed is told so before it reads the consents."""
    from emkcli.journey.account import not_verified

    account = app.client.accounts.account()
    if account.trust != "confirmed":
        raise not_verified(account)


def _named(text: str) -> tuple[str, str]:
    consent, at, version = text.partition("@")
    if not at or not consent or not version:
        raise errors.Usage(
            _("--accept-consent takes ID@VERSION, such as medical-data@1."), hint="emk consent list"
        )
    return consent, version
