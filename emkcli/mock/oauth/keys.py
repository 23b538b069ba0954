"""The key this server signs its tokens with: made once for each state, published as JWKS and as a certificate."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from joserfc import jws, jwt
from joserfc.jwk import RSAKey

if TYPE_CHECKING:
    from sqlite3 import Connection

ALGORITHM = "RS256"


class Key(NamedTuple):
    """Private key (PEM) and the certificate over its public half (PEM)."""

    private: str
    certificate: str


def signing(db: Connection) -> Key:
    row = db.execute("SELECT private, certificate FROM keys").fetchone()
    if row is None:
        row = _made()
        db.execute("INSERT INTO keys VALUES (?, ?)", row)
    return Key(*row)


def published(db: Connection) -> dict[str, Any]:
    key = _loaded(signing(db).private)
    return {"keys": [key.as_dict(private=False, use="sig", alg=ALGORITHM, kid=key.thumbprint())]}


def signed(db: Connection, claims: dict[str, Any], **header: Any) -> str:
    """A JWT; ESIA's headers hold names that no registry knows."""
    key = _loaded(signing(db).private)
    registry = jws.JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)
    return jwt.encode({"alg": ALGORITHM, "kid": key.thumbprint(), **header}, claims, key, registry=registry)


@cache
def _loaded(private: str) -> RSAKey:
    return RSAKey.import_key(private)


def _made() -> Key:
    from datetime import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emk mock")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    # good for as long as virtual time runs
    lasting = builder.not_valid_before(datetime(1970, 1, 1)).not_valid_after(datetime(2100, 1, 1))
    certificate = lasting.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Key(private.decode(), certificate.decode())
