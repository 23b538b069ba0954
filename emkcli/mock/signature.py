"""Checks a detached CMS signature over a challenge: RSA or ECDSA, certificate inside, self-signed ones accepted."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from asn1crypto import cms  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

SNILS_OID = x509.ObjectIdentifier("1.2.643.100.3")
_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
# Parsing is lazy in both libraries: a broken byte may show anywhere.
_MALFORMED = (
    ValueError, LookupError, TypeError, AttributeError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion,
)  # fmt: skip
_ALGORITHMS = ("rsassa_pkcs1v15", "rsassa_pss", "ecdsa")


def verify(encoded: str, content: bytes) -> str:
    """СНИЛС (11 digits) of the signer's certificate when the signature is good."""
    try:
        return _snils(_verified(base64.b64decode(encoded, validate=True), content))
    except _MALFORMED as error:
        raise _invalid() from error


def signer_of(der: bytes, content: bytes) -> x509.Certificate:
    """The certificate of whoever signed, when the signature is good."""
    try:
        return _verified(der, content)
    except _MALFORMED as error:
        raise _invalid() from error


def _verified(der: bytes, content: bytes) -> x509.Certificate:
    signed, signer = _parse(der)
    digest, algorithm = signer["digest_algorithm"]["algorithm"].native, _algorithm(signer)
    if digest not in _HASHES or algorithm not in _ALGORITHMS:
        raise Problem("invalid_input", "signature_unsupported", names={"algorithm": algorithm})
    certificate = _certificate(signed, signer)
    _check(certificate, signer["signature"].native, _covered(signer, content, digest), digest, algorithm)
    return certificate


def _invalid() -> Problem:
    return Problem("invalid_input", "signature_invalid")


def _parse(der: bytes) -> tuple[Any, Any]:
    """The signed data and its first signer; the content must not be inside."""
    info = cms.ContentInfo.load(der, strict=True)
    signed = info["content"]
    if info["content_type"].native != "signed_data" or signed["encap_content_info"]["content"].native:
        raise _invalid()
    return signed, signed["signer_infos"][0]


def _algorithm(signer: Any) -> str:
    """The family of the signature, or the dotted number of one that is unknown (ГОСТ)."""
    try:
        return str(signer["signature_algorithm"].signature_algo)
    except ValueError:
        return str(signer["signature_algorithm"]["algorithm"].dotted)


def _certificate(signed: Any, signer: Any) -> x509.Certificate:
    wanted = signer["sid"]
    for choice in signed["certificates"] or ():
        candidate = choice.chosen
        if wanted.name == "issuer_and_serial_number":
            number = wanted.chosen["serial_number"].native
            matches = candidate.issuer == wanted.chosen["issuer"] and candidate.serial_number == number
        else:
            matches = candidate.key_identifier == wanted.chosen.native
        if matches:
            return x509.load_der_x509_certificate(candidate.dump())
    raise _invalid()


def _covered(signer: Any, content: bytes, digest: str) -> bytes:
    """The bytes under the signature: the content itself, or the attributes that hold its digest."""
    attributes = signer["signed_attrs"]
    if not attributes:
        return content
    values = {attribute["type"].native: attribute["values"].native for attribute in attributes}
    if values.get("message_digest") != [hashlib.new(digest, content).digest()]:
        raise _invalid()
    # signed as a SET, though it stands in the message under an implicit tag (RFC 5652 §5.4)
    covered: bytes = attributes.untag().dump(force=True)
    return covered


def _check(certificate: x509.Certificate, signature: bytes, covered: bytes, digest: str, algorithm: str) -> None:
    key, hashing = certificate.public_key(), _HASHES[digest]()
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm == "rsassa_pss":
            pss = padding.PSS(mgf=padding.MGF1(hashing), salt_length=padding.PSS.AUTO)
            key.verify(signature, covered, pss, hashing)
        elif isinstance(key, rsa.RSAPublicKey) and algorithm == "rsassa_pkcs1v15":
            key.verify(signature, covered, padding.PKCS1v15(), hashing)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm == "ecdsa":
            key.verify(signature, covered, ec.ECDSA(hashing))
        else:
            raise _invalid()
    except InvalidSignature as error:
        raise _invalid() from error


def _snils(certificate: x509.Certificate) -> str:
    attributes = certificate.subject.get_attributes_for_oid(SNILS_OID)
    if len(attributes) != 1:
        raise _invalid()
    return str(attributes[0].value)
