"""`emk verify`: confirm who one is."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.app import App
from emkcli.commands._command import DryRun, command
from emkcli.commands._options import CodeCommand, CodeStdin, For, Interval, PassportScan, Selfie, Wait
from emkcli.locale import _
from emkcli.models import Account
from emkcli.results import DryRun as Plan
from emkcli.results import Outcome, Value
from emkcli.usecases.onboarding import account as steps
from emkcli.usecases.onboarding.form import said_to_be_kept
from emkcli.usecases.onboarding.identity_pictures import IdentityPictures
from emkcli.usecases.onboarding.one_time_codes import CodeSource
from emkcli.usecases.onboarding.waiting import INTERVAL, LONGEST
from emkcli.usecases.onboarding.waiting import wait as waited

if TYPE_CHECKING:
    from emkcli.registration.pictures import Kind, Picture


@command(
    needs="accounts.upload",
    mutates=True,
    shows="Account",
    examples=(
        "emk verify --passport-scan passport.png --selfie selfie.jpg",
        "emk verify --passport-scan passport.png --selfie selfie.jpg --dry-run",
        "emk verify --wait --for 1h",
    ),
    ends=(
        6,
        9,
    ),
)
def verify(
    app: App,
    passport_scan: PassportScan = None,
    selfie: Selfie = None,
    code_stdin: CodeStdin = False,
    code_command: CodeCommand = None,
    wait: Wait = False,
    for_: For = None,
    interval: Interval = None,
    dry_run: DryRun = False,
) -> Value:
    """Send a passport scan and a selfie, then the SMS code; the account is reviewed within an hour.

    Pictures are checked before anything is sent, and stripped of EXIF, GPS and comments; on a terminal one that is not named is asked for.

    With --wait alone: wait for the review.
    """
    pictures = IdentityPictures(app, passport_scan, selfie)
    account = _handed_in(app) if wait and not pictures.all_named else None
    if account is None:
        if not (pictures.all_named or app.interactive):
            raise errors.Usage(_("Both pictures are needed."), hint="--passport-scan FILE --selfie FILE")
        if dry_run:
            return Plan(would=_described(pictures.all()))
        with said_to_be_kept(app):
            account = steps.verify(app, pictures, CodeSource(code_stdin, code_command))
    if not wait or account.trust == "confirmed":
        return account
    return _reviewed(
        app, for_ if isinstance(for_, timedelta) else LONGEST, interval if isinstance(interval, timedelta) else INTERVAL
    )


def _handed_in(app: App) -> Account | None:
    """The account when nothing more is needed of the person."""
    account = steps.with_step(app.client.accounts.account())
    return account if account.trust == "confirmed" or steps.in_review(account) else None


def _reviewed(app: App, longest: timedelta, interval: timedelta) -> Value:
    account = waited(
        app,
        app.client.accounts.account,
        lambda state: not steps.in_review(state),
        lambda _state: _("the account is being reviewed"),
        longest=longest,
        interval=interval,
    )
    account = steps.with_step(account)
    return account if account.trust == "confirmed" else Outcome(account, 9 if steps.in_review(account) else 10)


def _described(pictures: "Mapping[Kind, Picture]") -> dict[str, object]:
    return {
        kind: {
            "media_type": picture.media_type,
            "width": picture.width,
            "height": picture.height,
            "bytes": len(picture.content),
        }
        for kind, picture in pictures.items()
    }
