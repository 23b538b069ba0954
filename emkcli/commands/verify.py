"""`emk verify`: confirm who one is."""

from datetime import timedelta

from emkcli import errors
from emkcli.app import App
from emkcli.commands._command import DryRun, command
from emkcli.commands._options import CodeCommand, CodeStdin, For, Interval, PassportScan, Selfie, Wait
from emkcli.locale import _
from emkcli.models import Account
from emkcli.results import DryRun as Plan
from emkcli.results import Outcome, Value
from emkcli.usecases.onboarding import account as steps
from emkcli.usecases.onboarding.one_time_codes import CodeSource
from emkcli.usecases.onboarding.waiting import INTERVAL, LONGEST
from emkcli.usecases.onboarding.waiting import wait as waited


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

    Pictures are checked before anything is sent, and stripped of EXIF, GPS and comments. With --wait alone: wait for the review.
    """
    if passport_scan and selfie:
        pictures = steps.pictures_from(passport_scan, selfie, app)
        if dry_run:
            return Plan(would=_described(pictures))
        account = steps.verify(app, pictures, CodeSource(code_stdin, code_command))
    else:
        account = _handed_in(app, waiting=wait)
    if not wait or account.trust == "confirmed":
        return account
    return _reviewed(
        app, for_ if isinstance(for_, timedelta) else LONGEST, interval if isinstance(interval, timedelta) else INTERVAL
    )


def _handed_in(app: App, *, waiting: bool) -> Account:
    """Without pictures there must be something handed in already."""
    if waiting:
        account = steps.with_step(app.client.accounts.account())
        if account.trust == "confirmed" or steps.in_review(account):
            return account
    raise errors.Usage(_("Both pictures are needed."), hint="--passport-scan FILE --selfie FILE")


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


def _described(pictures: steps.Pictures) -> dict[str, object]:
    parts = {"passport_scan": pictures.passport_scan, "selfie": pictures.selfie}
    return {
        part: {"media_type": p.media_type, "width": p.width, "height": p.height, "bytes": len(p.content)}
        for part, p in parts.items()
    }
