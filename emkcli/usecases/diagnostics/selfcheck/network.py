"""Whom we would talk to: the backend, the authorities we trust and, only with `--live`, the server itself."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from emkcli.api import backends
from emkcli.locale import _
from emkcli.usecases.diagnostics.selfcheck.check import Check, doubtful, failed, passed, skipped

if TYPE_CHECKING:
    from emkcli.app import App

SKEW_WARN, SKEW_FAIL = 60, 300
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def backend(app: App) -> Iterator[Check]:
    settings = app.settings
    known = [*backends.names(), "local"]
    if settings.backend not in known:
        yield failed("backend", settings.backend, _("one of: {names}").format(names=", ".join(known)))
        return
    if settings.backend != "local":
        backends.recipe(settings.backend)
    parts = urlsplit(settings.url or "")
    at = f" at {parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""
    yield passed("backend", f"{settings.backend}{at}")


def tls(app: App) -> Iterator[Check]:
    """What the system trusts, and what this profile trusts beside it."""
    places = ssl.get_default_verify_paths()
    said = f"{ssl.OPENSSL_VERSION}; {places.cafile or places.capath or 'the system store'}"
    named = app.environ.get("SSL_CERT_FILE")
    if named and not Path(named).is_file():
        yield failed("tls", f"{said}; SSL_CERT_FILE {named} is not there", _("unset SSL_CERT_FILE or correct it"))
    elif os.name == "posix" and not (places.cafile or places.capath):
        yield doubtful("tls", said, _("install the package ca-certificates"))
    else:
        yield passed("tls", said)
    if app.settings.ca_bundle:
        yield _bundle(app.settings.ca_bundle)


def _bundle(path: str) -> Check:
    from cryptography import x509

    from emkcli.api.tls import context

    context(path)
    content = Path(path).expanduser().read_bytes()
    if b"-----BEGIN" in content:
        found = x509.load_pem_x509_certificates(content)
    else:
        found = [x509.load_der_x509_certificate(content)]
    names = ", ".join(one.subject.rfc4514_string() for one in found)
    late = [one for one in found if one.not_valid_after_utc < datetime.now(UTC)]
    said = f"{path}: {names}"
    return doubtful("ca_bundle", said, _("a certificate in it has expired")) if late else passed("ca_bundle", said)


def proxy(app: App) -> Iterator[Check]:
    found = [name for name in PROXIES if app.environ.get(name)]
    if found and app.settings.url:
        yield doubtful("proxy", ", ".join(found), _("emk uses no proxy: it goes to the server directly"))


def server(app: App) -> Iterator[Check]:
    """One request without a token: any answer at all is an answer."""
    url = app.settings.url
    if url is None:
        yield skipped("server", "the backend needs no network")
        return
    started = time.monotonic()
    response = _asked(app, url)
    spent = (time.monotonic() - started) * 1000
    said = f"status {response.status_code}, {spent:.0f} ms"
    if response.status_code >= 500:
        yield doubtful("server", said, _("the server is in trouble; retry later"))
    else:
        yield passed("server", said)
    yield _skew(response.headers.get("Date"))


def _asked(app: App, url: str) -> Any:
    from emkcli.api.wire import Wire

    settings = app.settings
    wire = Wire(url, timeout=settings.timeout, language=app.language, ca_bundle=settings.ca_bundle)
    try:
        return wire.send("GET", "/metadata" if settings.backend == "fhir" else "/", tolerant=True)
    finally:
        wire.close()


def _skew(date: str | None) -> Check:
    """Tokens and codes live by the clock; a mock's clock may be moved on purpose."""
    try:
        served = parsedate_to_datetime(date or "").replace(tzinfo=UTC)
    except ValueError:
        return doubtful("clock skew", "the server sends no Date")
    seconds = round((datetime.now(UTC) - served).total_seconds())
    said = f"{seconds:+d} s against the server"
    if abs(seconds) < SKEW_WARN:
        return passed("clock skew", said)
    how = failed if abs(seconds) >= SKEW_FAIL else doubtful
    return how("clock skew", said, _("set the clock of this machine; a mock's clock may be ahead on purpose"))


STEPS = (backend, tls, proxy)
LIVE = (server,)
