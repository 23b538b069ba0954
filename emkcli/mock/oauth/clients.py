"""Who may send a person to the login page: programs and information systems with their return addresses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from emkcli.mock import fields
from emkcli.mock.control import local
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import invalid

if TYPE_CHECKING:
    from sqlite3 import Row

PROGRAM = "emk"
LOOPBACK = tuple(f"http://{host}/callback" for host in ("127.0.0.1", "localhost", "[::1]"))
_PORT = re.compile(r"(http://(?:127\.0\.0\.1|localhost|\[::1\])):\d{1,5}(?=/|$)")


class Client(NamedTuple):
    """A program (no certificate) or an information system; the hash is Streebog's, None where nobody could compute it."""

    name: str
    redirects: tuple[str, ...]
    certificate: bytes | None = None
    certificate_hash: str | None = None

    def allows(self, redirect_uri: str) -> bool:
        """Exactly as registered; on this machine any port will do (RFC 8252 §7.3)."""
        return _portless(redirect_uri) in map(_portless, self.redirects)


def find(call: Call, name: str) -> Client | None:
    row: Row | None = call.db.execute("SELECT * FROM clients WHERE name = ?", (name,)).fetchone()
    if row is None:
        return Client(PROGRAM, LOOPBACK) if name == PROGRAM else None
    return Client(row["name"], tuple(json.loads(row["redirects"])), row["certificate"], row["certificate_hash"])


@local
def register(call: Call) -> Reply:
    """What an organisation does on a provider's portal; the answer tells the certificate our tokens are signed with."""
    from emkcli.mock.oauth import keys

    value = fields.body(call, "Client")
    certificate = _der(value["certificate"]) if value.get("certificate") else None
    digest = value.get("certificate_hash") or (_streebog(certificate) if certificate else None)
    name = call.args["name"]
    row = (name, json.dumps(value["redirect_uris"]), certificate, digest)
    call.db.execute("INSERT OR REPLACE INTO clients VALUES (?, ?, ?, ?)", row)
    registration = {"client_id": name, "redirect_uris": value["redirect_uris"], "certificate_hash": digest}
    return answer(registration | {"esia_certificate": keys.signing(call.db).certificate})


def _portless(address: str) -> str:
    return _PORT.sub(r"\1", address)


def _der(pem: str) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    except ValueError as error:
        raise invalid("certificate", "PEM") from error


def _streebog(certificate: bytes) -> str | None:
    from emkcli.mock.esia import gost

    digest = gost.streebog(certificate)
    return digest.hex() if digest else None
