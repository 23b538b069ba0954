"""Throw-away RSA keys and certificates: one of the information system, one of ESIA itself."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

PASSPHRASE = b"sentinel-passphrase"


@dataclass(frozen=True)
class Pair:
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def verify(self, data: bytes, signature: bytes) -> bool:
        try:
            self.key.public_key().verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True

    def verify_cms(self, data: bytes, cms: bytes) -> bool:
        """With OpenSSL, which had no part in making it."""
        with TemporaryDirectory() as place:
            content, certificate = Path(place) / "content", self.certificate_file(Path(place) / "c.pem")
            content.write_bytes(data)
            command = ["openssl", "cms", "-verify", "-inform", "DER", "-binary", "-content", content, "-CAfile"]
            done = subprocess.run(
                [*command, certificate, "-purpose", "any"], input=cms, capture_output=True, check=False
            )
        return done.returncode == 0 and done.stdout == data

    def certificate_file(self, path: Path) -> str:
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return str(path)

    def key_file(self, path: Path, passphrase: bytes | None = None) -> str:
        kind = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
        path.write_bytes(self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, kind))
        path.chmod(0o600)
        return str(path)


@cache
def pair(name: str) -> Pair:
    key = rsa.generate_private_key(65537, 2048)
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(named, named, key.public_key(), x509.random_serial_number())
    valid = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    return Pair(key, valid.sign(key, hashes.SHA256()))
