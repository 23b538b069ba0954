"""Whom a connection trusts: the system's authorities and, for one host, those of a file; refusals one can act on."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

from emkcli import errors
from emkcli.config import named_files
from emkcli.locale import _

PATIENCE = 3.0
"""Seconds the look at a refused certificate may take."""
NATIONAL = "russian trusted"
OFFICIAL = "https://www.gosuslugi.ru/crt"
SET = "emk config set ca_bundle FILE"

NOT_YET, EXPIRED, SELF_SIGNED = 9, 10, 18
OTHER_NAME = frozenset({62, 64})
UNKNOWN = frozenset({2, SELF_SIGNED, 19, 20, 21})
"""Codes of X509_V_ERR_… as OpenSSL numbers them."""
NO_COMMON = frozenset({"SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_CIPHERS_AVAILABLE"})


def context(ca_bundle: str | None = None) -> ssl.SSLContext:
    """Always verifying. A bundle (PEM or DER) is added to what the system trusts; `InvalidInput` when it is none."""
    import truststore

    # the system's own verifier, so that what an administrator trusts or distrusts counts here too
    ssl_context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_bundle is None:
        return ssl_context
    try:
        content = named_files.content(ca_bundle)
        # `cadata` is PEM as text, or DER as bytes
        ssl_context.load_verify_locations(
            cadata=content.decode("ascii", "replace") if b"-----BEGIN" in content else content
        )
    except (OSError, ValueError) as cause:  # an SSLError is an OSError
        raise errors.InvalidInput(
            _("ca_bundle cannot be read: {file}").format(file=ca_bundle),
            hint=_("a file with certificates in PEM or DER is expected"),
        ) from cause
    return ssl_context


def failure(cause: BaseException | None) -> ssl.SSLError | None:
    """The refusal of TLS behind an error of the network; a connection that merely broke is none."""
    while cause is not None:
        # httpx wraps httpcore's error, which wraps this one
        if isinstance(cause, ssl.SSLError):
            return None if isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) else cause
        cause = cause.__cause__ or cause.__context__
    return None


def refusal(
    base_url: str, cause: ssl.SSLError, *, has_bundle: bool = False, elsewhere: bool = False
) -> errors.TlsFailed:
    """Why the server at an address is not trusted, and what to do about it; `elsewhere` is a host beside that of --url."""
    host = urlsplit(base_url).hostname or base_url
    code = getattr(cause, "verify_code", 0)
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return _no_tls(host, cause, elsewhere=elsewhere)
    if code in OTHER_NAME:
        return errors.TlsFailed(
            _("The certificate of {host} is for another name.").format(host=host), hint=_check_address(elsewhere)
        )
    if code in {EXPIRED, NOT_YET}:
        message = (
            _("The certificate of {host} has expired.")
            if code == EXPIRED
            else _("The certificate of {host} is not valid yet.")
        )
        return errors.TlsFailed(
            message.format(host=host),
            hint=_("check the clock of this machine; if it is right, only the owner of the server can help"),
        )
    return _unknown_issuer(base_url, host, code, has_bundle=has_bundle, elsewhere=elsewhere)


def _check_address(elsewhere: bool) -> str:
    if elsewhere:
        return _("the address comes from the setting issuer or from the server of --url: ask its owner")
    return _("check the address: emk config get url")


def _unknown_issuer(base_url: str, host: str, code: int, *, has_bundle: bool, elsewhere: bool) -> errors.TlsFailed:
    issuer = issuer_of(base_url)
    if issuer and NATIONAL in issuer.lower():
        return _national(host, issuer, has_bundle=has_bundle, elsewhere=elsewhere)
    message = _("The certificate of {host} is self-signed; nobody vouches for it.")
    if code != SELF_SIGNED:
        message = _("The certificate of {host} was issued by {issuer}, whom this system does not trust.")
    hint = _("if you know whose it is: {command} trusts it for the host of --url only").format(command=SET)
    if has_bundle:
        hint = _(
            "the file of ca_bundle does not lead to it; a missing intermediate certificate may be added to the file"
        )
    if elsewhere:
        hint = _(
            "if you know whose it is, add it to what this system trusts (on Linux SSL_CERT_FILE names such a file too);"
            " ca_bundle counts for the host of --url only"
        )
    return errors.TlsFailed(message.format(host=host, issuer=issuer or _("an unknown authority")), hint=hint)


def _national(host: str, issuer: str, *, has_bundle: bool, elsewhere: bool) -> errors.TlsFailed:
    message = _(
        "The certificate of {host} was issued by the Russian national authority (НУЦ Минцифры, {issuer}), "
        "which this system does not trust."
    )
    hint = _(
        "get «Russian Trusted Root CA» and «Russian Trusted Sub CA» at {page}, then: {command}; "
        "it counts for the host of --url only, the system stays as it is"
    )
    if has_bundle:
        hint = _("the file of ca_bundle lacks a certificate: put root and intermediate from {page} into one PEM file")
    if elsewhere:
        hint = _(
            "get «Russian Trusted Root CA» and «Russian Trusted Sub CA» at {page} and add them to what this system trusts"
            " (on Linux SSL_CERT_FILE names such a file too); ca_bundle counts for the host of --url only"
        )
    return errors.TlsFailed(message.format(host=host, issuer=issuer), hint=hint.format(page=OFFICIAL, command=SET))


def _no_tls(host: str, cause: ssl.SSLError, *, elsewhere: bool) -> errors.TlsFailed:
    if cause.reason in NO_COMMON:
        return errors.TlsFailed(
            _("{host} and this machine have no kind of TLS in common.").format(host=host),
            hint=_(
                "some Russian services accept GOST ciphers only: put a certified local proxy in front and name it by --url"
            ),
        )
    return errors.TlsFailed(
        _("No secure connection to {host} ({reason}).").format(host=host, reason=cause.reason or type(cause).__name__),
        hint=_check_address(elsewhere),
    )


def issuer_of(base_url: str) -> str | None:
    """Who issued the certificate shown at an address: one handshake that sends nothing, so that a refusal can name them."""
    from cryptography import x509

    parts = urlsplit(base_url)
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # nothing is sent, so nobody has to be trusted; in this order, as CERT_NONE is refused while names are checked
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), timeout=PATIENCE) as plain,
            unverified.wrap_socket(plain, server_hostname=parts.hostname) as connection,
        ):
            issuer = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"").issuer
    except (OSError, ValueError):
        return None
    for oid in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME):
        for attribute in issuer.get_attributes_for_oid(oid):
            # whoever is not trusted wrote this text
            return str(attribute.value)[:80]
    return None
