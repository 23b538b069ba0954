"""Whom we would talk to: the backend, the authorities we trust and, only with `--live`, the server itself."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from emkcli.api import backends
from emkcli.api.server_clock import moment
from emkcli.config import named_files
from emkcli.locale import _
from emkcli.usecases.diagnostics.selfcheck.check import Check, doubtful, failed, passed, skipped

if TYPE_CHECKING:
    from emkcli.app import App

SKEW_WARN, SKEW_FAIL = 60, 300
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def backend(app: App) -> Iterator[Check]:
    settings = app.settings
    names = [*backends.names(), "local"]
    if settings.backend not in names:
        yield failed("backend", settings.backend, _("one of: {names}").format(names=", ".join(names)))
        return
    if settings.backend != "local":
        backends.recipe(settings.backend)
    parts = urlsplit(settings.url or "")
    at = f" at {parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""
    yield passed("backend", f"{settings.backend}{at}")


def tls(app: App) -> Iterator[Check]:
    """What the system trusts, and what this profile trusts beside it."""
    places = ssl.get_default_verify_paths()
    detail = f"{ssl.OPENSSL_VERSION}; {places.cafile or places.capath or 'the system store'}"
    cert_file = app.environ.get("SSL_CERT_FILE")
    if cert_file and not Path(cert_file).is_file():
        yield failed("tls", f"{detail}; SSL_CERT_FILE {cert_file} is not there", _("unset SSL_CERT_FILE or correct it"))
    elif os.name == "posix" and not (places.cafile or places.capath):
        yield doubtful("tls", detail, _("install the package ca-certificates"))
    else:
        yield passed("tls", detail)
    if app.settings.ca_bundle:
        yield _bundle(app.settings.ca_bundle)


def _bundle(path: str) -> Check:
    from cryptography import x509

    from emkcli.api.tls import context

    context(path)
    content = named_files.content(path)
    if b"-----BEGIN" in content:
        certificates = x509.load_pem_x509_certificates(content)
    else:
        certificates = [x509.load_der_x509_certificate(content)]
    names = ", ".join(certificate.subject.rfc4514_string() for certificate in certificates)
    expired = [certificate for certificate in certificates if certificate.not_valid_after_utc < datetime.now(UTC)]
    detail = f"{path}: {names}"
    return (
        doubtful("ca_bundle", detail, _("a certificate in it has expired")) if expired else passed("ca_bundle", detail)
    )


def proxy(app: App) -> Iterator[Check]:
    variables = [name for name in PROXIES if app.environ.get(name)]
    if variables and app.settings.url:
        yield doubtful("proxy", ", ".join(variables), _("emk uses no proxy: it goes to the server directly"))


def server(app: App) -> Iterator[Check]:
    """One request without a token: any answer at all is an answer."""
    url = app.settings.url
    if url is None:
        yield skipped("server", "the backend needs no network")
        return
    started = time.monotonic()
    response = _response(app, url)
    milliseconds = (time.monotonic() - started) * 1000
    detail = f"status {response.status_code}, {milliseconds:.0f} ms"
    if response.status_code >= 500:
        yield doubtful("server", detail, _("the server is in trouble; retry later"))
    else:
        yield passed("server", detail)
    yield _skew(response.headers.get("Date"))


def _response(app: App, url: str) -> Any:
    from emkcli.api.wire import Wire

    settings = app.settings
    wire = Wire(url, timeout=settings.timeout, language=app.language, ca_bundle=settings.ca_bundle)
    try:
        return wire.send("GET", "/metadata" if settings.backend == "fhir" else "/", tolerant=True)
    finally:
        wire.close()


def _skew(date: str | None) -> Check:
    """Tokens and codes live by the clock; a mock's clock may be moved on purpose."""
    server_time = moment(date)
    if server_time is None:
        return doubtful("clock skew", "the server sends no Date")
    seconds = round((datetime.now(UTC) - server_time).total_seconds())
    detail = f"{seconds:+d} s against the server"
    if abs(seconds) < SKEW_WARN:
        return passed("clock skew", detail)
    report = failed if abs(seconds) >= SKEW_FAIL else doubtful
    return report("clock skew", detail, _("set the clock of this machine; a mock's clock may be ahead on purpose"))


STEPS = (backend, tls, proxy)
LIVE = (server,)
