"""Signatures beside documents: who signed, and whether the signature is that of these bytes."""

from __future__ import annotations

import base64
import io
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID, ObjectIdentifier
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli import models
from emkcli.importers import signature_check
from emkcli.importers.document_reader import read
from tests.importers import semd_invented as x
from tests.importers.test_archives import signature, zipped

CHECKED = True if shutil.which("openssl") else None
"""What is said of a good signature here: nothing where there is no OpenSSL."""
REFUSED = False if CHECKED else None
SIGNER = "Врачов Иван Ильич, Поликлиника № 0"
CONTENT = x.document()


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def signed(key: rsa.RSAPrivateKey) -> bytes:
    return sign(CONTENT, key, pkcs7.PKCS7Options.DetachedSignature)


def sign(content: bytes, key: rsa.RSAPrivateKey, *options: pkcs7.PKCS7Options) -> bytes:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "Врачов Иван Ильич"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Поликлиника № 0"),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "nobody@example.org"),
            x509.NameAttribute(ObjectIdentifier("1.2.643.100.3"), "00000010124"),
        ]
    )
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    certificate = made.not_valid_after(datetime(2040, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def said(*signatures: bytes, content: bytes = CONTENT) -> models.Signature | None:
    return signature_check.signature_of(content, signatures)


def test_a_good_signature_in_every_wrapping(signed: bytes) -> None:
    bare = base64.b64encode(signed)
    lines = base64.encodebytes(signed)
    for form in (signed, bare, lines, b"-----BEGIN PKCS7-----\n" + lines + b"-----END PKCS7-----\n"):
        assert said(form) == models.Signature(present=True, signer=SIGNER, valid=CHECKED)
    assert said(signed, signed) == said(signed)


def test_what_is_not_the_signature_of_these_bytes(signed: bytes, key: rsa.RSAPrivateKey) -> None:
    foreign = sign(x.document(family="Чужая"), key, pkcs7.PKCS7Options.DetachedSignature)
    damaged = signed[:-9] + bytes([signed[-9] ^ 1]) + signed[-8:]
    for wrong in (foreign, damaged):
        found = said(wrong)
        assert found == models.Signature(present=True, signer=SIGNER, valid=REFUSED)
    assert said(signed, content=CONTENT + b"\n") == models.Signature(present=True, signer=SIGNER, valid=REFUSED)
    for broken in (signed[:400], b"", b"0\x82", b"MIIB", b"0\x00"):
        assert said(broken) == models.Signature(present=True, valid=False)
    assert said(signed, foreign) == models.Signature(present=True, signer=SIGNER, valid=REFUSED)


def test_what_cannot_be_checked_is_not_claimed(signed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(b"<Signature/>") == models.Signature(present=True)
    assert signature_check.signature_of(CONTENT, [None]) == models.Signature(present=True)
    assert signature_check.signature_of(CONTENT, []) is None
    monkeypatch.setattr(signature_check, "which", lambda _name: None)
    assert said(signed) == models.Signature(present=True, signer=SIGNER, valid=None)


def test_openssl_that_hangs(signed: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "openssl"
    program.write_text("#!/bin/sh\nexec sleep 9\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(signature_check, "which", lambda _name: str(program))
    monkeypatch.setattr(signature_check, "SECONDS", 0.1)
    assert said(signed) == models.Signature(present=True, signer=SIGNER, valid=None)


def test_a_document_inside_its_signature(signed: bytes, key: rsa.RSAPrivateKey) -> None:
    whole = sign(CONTENT, key)
    (found,) = read("-", io.BytesIO(whole))
    assert (found.problem, signature(found)) == (None, models.Signature(present=True, signer=SIGNER, valid=CHECKED))
    (alone,) = read("-", io.BytesIO(signed))
    assert (alone.problem, alone.reason) == ("unsupported", "a signature without its document")


def test_signatures_beside_files_and_in_archives(signed: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(CONTENT)
    (tmp_path / "a.xml.sig").write_bytes(signed)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    archive = zipped(("d/b.xml", CONTENT), ("d/b.pdf", b"%PDF-1.4"), ("d/подпись.sig", signed))
    (tmp_path / "c.zip").write_bytes(archive)
    good = models.Signature(present=True, signer=SIGNER, valid=CHECKED)
    for path in (tmp_path / "a.xml", tmp_path / "c.zip"):
        (found,) = read(str(path))
        assert signature(found) == good
    assert [signature(found) for found in read(str(tmp_path))] == [good, good]


@settings(max_examples=60)
@given(st.data())
def test_any_bytes_are_a_signature_or_none(data: st.DataObject) -> None:
    noise = data.draw(st.binary(max_size=30) | st.binary(max_size=20).map(lambda one: b"0\x80" + one))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signature_check, "which", lambda _name: None)
        assert said(noise) is not None
    signature_check.enclosed(noise)


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    written = size.to_bytes(4, "big")
    return bytes([tag, size]) + content if size < 128 else bytes([tag, 0x84]) + written + content


def cms(enclosed: bytes, infos: bytes = b"\x30\x00", certificates: bytes = b"") -> bytes:
    """A signature around some content, as far as anybody looks before it is checked."""
    number = bytes.fromhex("06092a864886f70d0107")
    inner = der(0x30, number + b"\x01" + der(0xA0, enclosed))
    parts = b"\x02\x01\x01" + der(0x31, b"") + inner + (der(0xA0, certificates) if certificates else b"")
    return der(0x30, number + b"\x02" + der(0xA0, der(0x30, parts + der(0x31, infos))))


def test_a_document_written_piece_by_piece_inside_its_signature() -> None:
    """Indefinite length: OpenSSL writes what it reads from a pipe so."""
    pieces = b"".join(der(0x04, CONTENT[place : place + 50]) for place in range(0, len(CONTENT), 50))
    assert signature_check.enclosed(cms(b"\x24\x80" + pieces + b"\0\0")) == CONTENT
    assert signature_check.enclosed(cms(der(0x04, CONTENT))) == CONTENT


@pytest.mark.parametrize(
    "content",
    [
        cms(b"\x24\x80" + der(0x02, b"\x01") + b"\0\0"),
        cms(b"\x24\x80" + b"\x04\x81" + b"\0\0"),
        cms(b"\x24\x80" * 5000),
        b"\x30\x80" * 5000,
        cms(der(0x04, CONTENT), infos=b"\x02\x01\x01" * 400_000),
        cms(der(0x04, CONTENT), certificates=b"\x02\x01\x01" * 400_000),
        b"MI" + b"I " * 100_000,
        b"-----BEGIN A" * 10_000,
    ],
    ids=["no octets", "no length", "nested", "open", "infos", "certificates", "base64", "armour"],
)
def test_what_is_no_signature_is_told_apart_in_bounded_time(content: bytes) -> None:
    assert signature_check.enclosed(content) is None
    assert said(content) == models.Signature(present=True, valid=None if content[:1] == b"-" else False)


def test_a_document_in_its_signature_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = cms(der(0x04, CONTENT))
    monkeypatch.setattr(signature_check, "LARGEST_ENCLOSED", len(whole))
    assert signature_check.enclosed(whole) == CONTENT
    assert signature_check.enclosed(whole + b" ") is None
