"""GOST by the system's OpenSSL with its engine, where there is one: digest, raw signature, CMS."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

ENGINE = ("-engine", "gost")
DIGESTS = {64: "md_gost12_256", 128: "md_gost12_512"}
"""Which digest a raw signature of that length is over."""


def streebog(content: bytes) -> bytes | None:
    """ГОСТ Р 34.11-2012, 256 bits; None without the engine."""
    return _output("dgst", *ENGINE, "-md_gost12_256", "-binary", stdin=content)


def verifies(certificate: bytes, content: bytes, signature: bytes) -> bool:
    """A raw signature by the key of a certificate (DER); cryptographic programs write its bytes in either direction."""
    digest = DIGESTS.get(len(signature))
    with TemporaryDirectory() as place:
        pem, key = _written(Path(place), "certificate", certificate), Path(place) / "key"
        public = _output("x509", *ENGINE, "-in", pem, "-pubkey", "-noout")
        if not digest or not public:
            return False
        key.write_bytes(public)
        (Path(place) / "signature").write_bytes(signature)
        (Path(place) / "reversed").write_bytes(signature[::-1])
        options = ("dgst", *ENGINE, f"-{digest}", "-verify", str(key), "-signature")
        return any(_output(*options, f"{place}/{name}", stdin=content) for name in ("signature", "reversed"))


def verifies_cms(certificate: bytes, content: bytes, cms: bytes) -> bool:
    """A detached CMS by the key of this very certificate, whatever others it brings along."""
    with TemporaryDirectory() as place:
        pem, signed = _written(Path(place), "certificate", certificate), Path(place) / "content"
        signed.write_bytes(content)
        how = ("-verify", "-inform", "DER", "-binary", "-noverify", "-nointern", "-certfile", pem)
        return _output("cms", *ENGINE, *how, "-content", str(signed), stdin=cms) == content


def _written(place: Path, name: str, certificate: bytes) -> str:
    path = place / f"{name}.pem"
    path.write_text(ssl.DER_cert_to_PEM_cert(certificate))
    return str(path)


def _output(*arguments: str, stdin: bytes = b"") -> bytes | None:
    """What OpenSSL printed; None when it failed or is not there."""
    try:
        process = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=False, timeout=10)  # noqa: S603, S607
    except (OSError, subprocess.TimeoutExpired):
        return None
    return process.stdout if process.returncode == 0 else None
