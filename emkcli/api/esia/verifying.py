"""The signature of a JWT, checked with ESIA's certificate: RS256 through joserfc, GOST through OpenSSL."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from emkcli import errors
from emkcli.api.esia.openssl import OpenSsl
from emkcli.api.esia.organisation import Organisation
from emkcli.api.esia.signers import content_of, openssl_of
from emkcli.api.pem import opened
from emkcli.locale import _

Verifier = Callable[[str, str, bytes], bool]
"""(alg, the whole token, its signature) → whether the signature is ESIA's."""
GOST = {"GOST3410_2012_256": "md_gost12_256", "GOST3410_2012_512": "md_gost12_512"}
LENGTHS = {"md_gost12_256": 64, "md_gost12_512": 128}


def verifier_for(organisation: Organisation) -> Verifier | None:
    """The check with the certificate of the settings; None when there is none."""
    if not organisation.esia_certificate:
        return None
    der = opened(content_of(organisation.esia_certificate))
    return partial(verified, der, openssl_of(organisation))


def verified(der: bytes, openssl: OpenSsl, alg: str, token: str, signature: bytes) -> bool:
    if alg in GOST:
        return _gost(der, openssl, GOST[alg], token.rpartition(".")[0].encode("ascii"), signature)
    return alg == "RS256" and _rsa(der, token)


def _rsa(der: bytes, token: str) -> bool:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    try:
        public = x509.load_der_x509_certificate(der).public_key()
        key = RSAKey.import_key(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    except (ValueError, UnsupportedAlgorithm, JoseError):
        raise errors.InvalidInput(
            _("esia.esia_certificate does not fit: ESIA signed with {alg}.").format(alg="RS256")
        ) from None
    try:
        # ESIA's headers carry `ver` and `sbt`, which no registry knows.
        registry = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
        jws.deserialize_compact(token.encode("ascii"), key, registry=registry)
    except (JoseError, ValueError):
        return False
    return True


def _gost(der: bytes, openssl: OpenSsl, digest: str, signed: bytes, signature: bytes) -> bool:
    """Programs write the two numbers of a GOST signature in either order and direction; each is the same signature."""
    import ssl

    half = LENGTHS[digest] // 2
    if len(signature) != LENGTHS[digest]:
        return False
    layouts = {
        signature,
        signature[::-1],
        signature[half:] + signature[:half],
        (signature[half:] + signature[:half])[::-1],
    }
    certificate = ssl.DER_cert_to_PEM_cert(der)
    return any(openssl.verifies(signed, layout, certificate, digest) for layout in sorted(layouts))
