"""The guide behind `setup`: ask where the person stands, do that step, ask again."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.locale import _
from emkcli.models import Account, Application
from emkcli.results import Outcome
from emkcli.usecases.onboarding import account as accounts
from emkcli.usecases.onboarding import connect_service, next_step
from emkcli.usecases.onboarding.identity_pictures import IdentityPictures
from emkcli.usecases.onboarding.one_time_codes import CodeSource
from emkcli.usecases.onboarding.waiting import wait

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.models import Clinic
    from emkcli.results import Value

OFFERED = 5
OUTCOMES = {"submitted": 9, "in_progress": 9, "refused": 10, "cancelled": 10}


@dataclass(frozen=True)
class Answers:
    """What was given on the line; whatever is missing is asked for, or named when nobody may be asked."""

    person_file: str | None = None
    passport_scan: str | None = None
    selfie: str | None = None
    code: CodeSource = field(default_factory=CodeSource)
    consents: tuple[str, ...] = ()
    clinic: str | None = None
    doctor: str | None = None
    wait: bool = False
    yes: bool = False


class Guide:
    """One run of the guide; every step it does is on the server, so that stopping loses nothing."""

    def __init__(self, app: App, answers: Answers) -> None:
        self._app = app
        self._answers = answers
        self._pictures = IdentityPictures(app, answers.passport_scan, answers.selfie)

    def run(self) -> Value:
        account = self._confirmed()
        if account is not None:
            return account
        application = next_step.latest(self._app) or self._connected()
        if application.status in {"draft", "refused", "cancelled"}:
            application = self._chosen(application)
        return self._decided(application)

    def _confirmed(self) -> Value:
        """None once the account is confirmed; otherwise the account at which only time helps."""
        try:
            account = self._app.client.accounts.account()
        except errors.LoginRequired:
            account = self._opened()
        if account.trust != "confirmed" and not accounts.in_review(account):
            account = self._verified()
        if accounts.in_review(account) and self._waits(_("The account is reviewed within an hour. Wait for it here?")):
            account = self._waited()
        if account.trust == "confirmed":
            return None
        return Outcome(accounts.with_step(account), 9)

    def _opened(self) -> Account:
        """Register or, when there is an account already, log in."""
        app, answers = self._app, self._answers
        if app.interactive and not answers.person_file and self._has_account():
            return self._logged_in(self._login_name())
        self._pictures.check_named()
        self._say(_("Opening the account"))
        person = accounts.person_from(app, answers.person_file)
        try:
            account = accounts.register(app, person)
        except errors.Exists:
            return self._logged_in(person.snils)
        return self._logged_in(person.snils) if account.trust == "confirmed" else account

    def _has_account(self) -> bool:
        choices = [("register", _("open an account")), ("login", _("log in to the one I have"))]
        return self._app.dialogue.choose(_("Where do we begin?"), choices, option="--from") == "login"

    def _login_name(self) -> str:
        from emkcli.registration import identifiers

        return self._app.dialogue.ask(
            _("Phone or СНИЛС"), option="--from", check=lambda text: identifiers.login_of(text)[1]
        )

    def _logged_in(self, login: str) -> Account:
        try:
            return accounts.log_in_by_sms(self._app, login, self._answers.code)
        except errors.NotVerified:
            return self._app.client.accounts.account()

    def _verified(self) -> Account:
        self._say(_("Confirming who you are"))
        return accounts.verify(self._app, self._pictures, self._answers.code)

    def _waits(self, question: str) -> bool:
        """Where only time helps: as the line says, else as the person does."""
        return self._answers.wait or (self._may_offer and self._app.dialogue.confirm(question, option="--wait"))

    @property
    def _may_offer(self) -> bool:
        """Whether to ask for what may as well be left out."""
        return self._app.interactive and not self._answers.yes

    def _waited(self) -> Account:
        app = self._app
        return wait(
            app,
            app.client.accounts.account,
            lambda account: not accounts.in_review(account),
            lambda _account: _("the account is being reviewed"),
        )

    def _connected(self) -> Application:
        self._say(_("Connecting «ЭМК Москвы»"))
        return connect_service.connect(self._app, connect_service.moscow_card(self._app), self._answers.consents)

    def _chosen(self, application: Application) -> Application:
        """A refused or cancelled application is opened anew by a person or by options that say so."""
        answers = self._answers
        if application.status != "draft" and not (answers.clinic or self._app.interactive):
            return application
        self._say(_("Choosing the clinic"))
        clinic = answers.clinic or (None if answers.doctor else self._offered())
        doctor = answers.doctor or self._offered_doctor(clinic)
        return self._app.client.portal.attach(clinic=clinic, doctor=doctor, person=self._app.settings.person)

    def _offered(self) -> str:
        """One of the nearest clinics that accept the person, by a question."""
        app = self._app
        if not app.interactive:
            raise errors.Usage(_("Say which clinic."), hint="--clinic ID (emk clinic list --near residence)")
        near = app.client.portal.clinics(near="residence", accepts=self._age_group(), person=app.settings.person)
        choices = [(clinic.id, _place(clinic)) for clinic in islice(near, OFFERED)]
        return app.dialogue.choose(_("Clinic"), choices, option="--clinic")

    def _offered_doctor(self, clinic: str | None) -> str | None:
        """One of the clinic's physicians who take new patients, or none of them."""
        app = self._app
        if not self._may_offer:
            return None
        taking = [doctor for doctor in app.client.portal.doctors(clinic=clinic) if doctor.panel_open]
        if not taking:
            return None
        choices = [(doctor.id, f"{doctor.name}, {doctor.specialty}") for doctor in taking]
        none = ("", _("none of them: the clinic appoints one"))
        return (
            app.dialogue.choose(_("Physician (Enter: none)"), [*choices, none], option="--doctor", default="") or None
        )

    def _age_group(self) -> str:
        """Whom the clinic must accept: a child is one until the age of majority, which the server knows."""
        chosen = self._app.settings.person
        persons = self._app.client.portal.persons() if chosen else ()
        return "children" if any(p.id == chosen and p.relation == "child" for p in persons) else "adults"

    def _decided(self, application: Application) -> Value:
        from emkcli.views.columns import application_status

        app = self._app
        undecided = application.status in {"submitted", "in_progress"}
        if undecided and self._waits(_("The application is decided within 48 hours. Wait for it here?")):
            application = wait(
                app,
                lambda: app.client.portal.application(application.id),
                lambda state: state.status not in {"submitted", "in_progress"},
                lambda state: application_status(state.status),
            )
        code = OUTCOMES.get(application.status, 0)
        value = next_step.with_next(app, application)
        return Outcome(value, code) if code else value

    def _say(self, text: str) -> None:
        self._app.notice(text)


def _place(clinic: Clinic) -> str:
    """Its name, where it is, and how far that is where it is known."""
    place = f"{clinic.name}, {clinic.address}"
    if clinic.distance_km is None:
        return place
    return _("{place} ({distance} km)").format(place=place, distance=clinic.distance_km)
