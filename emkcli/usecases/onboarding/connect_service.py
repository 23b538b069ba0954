"""Connect «ЭМК Москвы»: find the service, take the two consents separately, open the application."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.locale import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emkcli.app import App
    from emkcli.models import Application, Consent, Service

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
    matches = [s for s in app.client.portal.services(person=app.settings.person) if s.id == word] or list(
        app.client.portal.services(search=word, person=app.settings.person)
    )
    if not matches:
        raise errors.NotFound(_("There is no service {name}.").format(name=word), hint="emk service list")
    if len(matches) > 1:
        choices = ", ".join(f"{s.id} ({s.region})" for s in matches)
        raise errors.Usage(_("Several services fit: {choices}.").format(choices=choices), hint=_("name one by its id"))
    return matches[0]


def in_force(app: App, service: Service) -> list[Consent]:
    """Every consent the service asks for in its present version; the server names these before older ones."""
    newest: dict[str, Consent] = {}
    for consent in app.client.portal.consents(service=service.id, person=app.settings.person):
        newest.setdefault(consent.id, consent)
    return list(newest.values())


def pending(consents: Sequence[Consent]) -> list[Consent]:
    """Those that are not accepted in their present version."""
    return [consent for consent in consents if consent.status in {"required", "revoked"}]


def accept_all(app: App, consents: Sequence[Consent], accepted: Sequence[str]) -> None:
    """Take each consent by its own act: `ID@VERSION` named on the line, or the word of agreement typed after the text."""
    named = dict(_named(text) for text in accepted)
    check_named(app, consents, named)
    wanted = pending(consents)
    if not app.interactive and any(consent.id not in named for consent in wanted):
        raise consent_required(app, wanted)
    for consent in wanted:
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
    app.audited.setdefault("consents", []).append(f"{consent.id}@{consent.version}")


def check_named(app: App, consents: Sequence[Consent], named: dict[str, str]) -> None:
    """What was named must be asked for, and in the version that is in force."""
    by_id = {consent.id: consent for consent in consents}
    for name, version in named.items():
        if name not in by_id:
            raise errors.Usage(_("The service asks for no consent {id}.").format(id=name), hint="emk consent list")
        if version != by_id[name].version:
            raise other_version(app, by_id[name], version)


def other_version(app: App, consent: Consent, version: str) -> errors.ConsentRequired:
    """The refusal of a version that is not in force; the server is asked what changed."""
    message = _("Consent {id} is in force in version {current}, not {named}.").format(
        id=consent.id, current=consent.version, named=version
    )
    details = {"id": consent.id, "current_version": consent.version}
    try:
        app.client.portal.accept_consent(consent.id, version, consent.sha256, "option", person=app.settings.person)
    except errors.ConsentRequired as refused:
        if changes := refused.details.get("changes"):
            details["changes"] = changes
            message = f"{message} {changes}"
    return errors.ConsentRequired(message, hint=f"emk consent show {consent.id}", details=details)


def consent_required(app: App, consents: Sequence[Consent]) -> errors.ConsentRequired:
    wanted = [f"{consent.id}@{consent.version}" for consent in consents]
    message = ngettext(
        "A consent is needed: {consents}.", "Consents are needed, each by its own act: {consents}.", len(wanted)
    )
    settings = app.settings
    person_option = ["--person", settings.person] if settings.person and settings.origin("person") == "flag" else []
    return errors.ConsentRequired(
        message.format(consents=", ".join(wanted)),
        hint=" ".join(["emk connect", *person_option, *(f"--accept-consent {consent}" for consent in wanted)]),
        details={"consents": wanted},
    )


def connect(app: App, service: Service, accepted: Sequence[str]) -> Application:
    check_confirmed(app)
    accept_all(app, in_force(app, service), accepted)
    return app.client.portal.connect(service.id, person=app.settings.person)


def check_confirmed(app: App) -> None:
    """An account not confirmed is told so before it reads the consents."""
    from emkcli.usecases.onboarding.account import not_verified

    account = app.client.accounts.account()
    if account.trust != "confirmed":
        raise not_verified(account)


def _named(text: str) -> tuple[str, str]:
    consent, at, version = text.partition("@")
    if not at or not consent or not version:
        raise errors.Usage(_("--accept-consent takes ID@VERSION, such as medical-data@1."), hint="emk consent list")
    return consent, version
