"""Log in at a provider: in a browser that comes back to this machine, or with a code typed in on another one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.api.deadlines import promised
from emkcli.locale import _
from emkcli.loopback import oauth_callback

if TYPE_CHECKING:
    from emkcli.api.ports import Authorization, DeviceAuthorization
    from emkcli.app import App
    from emkcli.models import Tokens

SHORTEST, LONGEST = 1.0, 60.0
LONGEST_LIFE = 1800.0
SLOWER = 5.0


def check_somebody(app: App, *, opens: bool) -> None:
    """Refuse before anything begins: a browser needs somebody in front of it, and so does an address to paste."""
    pastes = not oauth_callback.is_loopback(app.settings.redirect_uri)
    if not app.interactive and (opens or pastes):
        hint = _("pass --method device, --token-stdin, or --no-browser and open the printed address yourself")
        if pastes:
            hint = _("pass --method device or --token-stdin")
        raise errors.Usage(_("A browser login needs a person at a terminal."), hint=hint)


def in_browser(app: App, *, opens: bool) -> Tokens:
    """Authorization code: the address goes to the browser and, for SSH, to stderr; the answer comes to the redirect address."""
    app.probe_storage()
    identity = app.client.identity
    redirect_uri = app.settings.redirect_uri
    if not oauth_callback.is_loopback(redirect_uri):
        authorization = _begun(app, identity.authorize(redirect_uri))
        _invite(app, authorization.url, opens=opens)
        pasted = app.dialogue.secret(_("Address the browser shows afterwards"), option="--method device")
        return identity.exchange_authorization(authorization, oauth_callback.from_address(pasted, redirect_uri))
    with oauth_callback.Receiver(redirect_uri) as receiver:
        authorization = _begun(app, identity.authorize(receiver.redirect_uri))
        receiver.expect(authorization.state)
        _invite(app, authorization.url, opens=opens)
        with app.progress(_("waiting for the browser")):
            parameters = receiver.wait()
        return identity.exchange_authorization(authorization, parameters)


def _begun(app: App, authorization: Authorization) -> Authorization:
    """What ties this login together is never said; only the address to open shows a part of it."""
    app.redactor.learn("secret", [authorization.state, authorization.verifier, authorization.nonce])
    return authorization


def _invite(app: App, url: str, *, opens: bool) -> None:
    """The address is a question to the person rather than a notice: it is never kept back or silenced."""
    app.trace(_("To log in, open in a browser: {address}").format(address=url), verbatim=True)
    if opens:
        open_page(url)


def open_page(url: str) -> None:
    """Open a page without waiting for the browser, whose words would mix with our data."""
    import subprocess
    import sys

    subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", "-m", "webbrowser", url],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def on_device(app: App) -> Tokens:
    """Device flow: address and code on stderr, then asking until the person has agreed."""
    app.probe_storage()
    identity = app.client.identity
    authorization = identity.authorize_device()
    app.redactor.learn("device_code", authorization.device_code)
    app.trace(
        _("On any device open {address} and enter {code}").format(
            address=authorization.verification_uri, code=authorization.user_code
        ),
        verbatim=True,
    )
    if authorization.verification_uri_complete:
        app.trace(_("or open {address}").format(address=authorization.verification_uri_complete), verbatim=True)
    with app.progress(_("waiting for the other device")):
        return poll_for_tokens(lambda: identity.exchange_device(authorization), authorization)


def poll_for_tokens(
    ask: Callable[[], Tokens | None],
    authorization: DeviceAuthorization,
    *,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Tokens:
    """RFC 8628 §3.5: at the provider's pace, slower when told so or when the network fails, until the code expires."""
    pause = min(max(authorization.interval, SHORTEST), LONGEST)
    until = clock() + min(authorization.expires_in, LONGEST_LIFE)
    while clock() + pause <= until:
        sleep(pause)
        try:
            with promised(until - clock()):
                tokens = ask()
        except errors.RateLimited:
            pause = min(pause + SLOWER, LONGEST)
        except errors.Unreachable:
            pause = min(pause * 2, LONGEST)
        else:
            if tokens is not None:
                return tokens
    raise errors.Forbidden(_("Nobody agreed in time: the code has expired."), hint="emk login --method device")
