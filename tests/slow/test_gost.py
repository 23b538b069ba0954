"""GOST signatures and digests: what OpenSSL makes is verified by gostcrypto, what a program makes by OpenSSL."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gostcrypto
import pytest
from asn1crypto import keys, pem, x509

from emkcli import errors
from emkcli.api.esia import problems, signing
from emkcli.api.esia.identity import EsiaIdentity
from emkcli.api.esia.openssl import OpenSsl
from emkcli.api.esia.organisation import Organisation
from emkcli.api.esia.signers import signer_for
from emkcli.api.esia.verifying import verified
from emkcli.api.wire import Wire
from tests.api import esia_server
from tests.api.esia_server import MNEMONIC, OID, REDIRECT, Esia

BASE_STRING = (
    b"TESTAPPLICATIONopenidorg_inf2021.11.10 12:28:46 +0300bbf0aef5-5237-41bc-8cba-291e29a3ade8"
    b"https://test.application.ru/auth/api/v1/esia/return"
)
VECTORS = [
    (BASE_STRING, "a57e9c0c2be9f9b8f30e292585354d529b04c2f252f3d72e2a2cf74abe0ca397"),
    (
        b"012345678901234567890123456789012345678901234567890123456789012",
        "9d151eefd8590b89daa6ba6cb74af9275dd051026bb149a452fd84e5e57b5500",
    ),
]
"""The official base string, and M1 of RFC 6986."""
CURVES = gostcrypto.gostsignature.CURVES_R_1323565_1_024_2019
CURVE = CURVES["id-tc26-gost-3410-2012-256-paramSetA"]
CURVE_512 = CURVES["id-tc26-gost-3410-12-512-paramSetA"]
DATA = "подписываемый\r\nтекст".encode()


def streebog(data: bytes, bits: int = 256) -> bytes:
    return bytes(gostcrypto.gosthash.new(f"streebog{bits}", data=bytearray(data)).digest())


class Pair:
    """A GOST key as OpenSSL makes it, and its certificate."""

    def __init__(self, place: Path, name: str, bits: int = 256, passphrase: Path | None = None) -> None:
        assert shutil.which("openssl"), "install openssl and libengine-gost-openssl: this check needs them"
        self.key, self.certificate = place / f"{name}.key", place / f"{name}.pem"
        self.bits = bits
        locked = ["-aes256", "-pass", f"file:{passphrase}"] if passphrase else []
        opened = ["-passin", f"file:{passphrase}"] if passphrase else []
        kind = ["-algorithm", f"gost2012_{bits}", "-pkeyopt", f"paramset:{'TCA' if bits == 256 else 'A'}"]
        self.run("genpkey", "-engine", "gost", *kind, *locked, "-out", str(self.key))
        request = ["-new", "-x509", "-key", str(self.key), "-subj", f"/CN={name}", "-days", "2", f"-md_gost12_{bits}"]
        self.run("req", "-engine", "gost", *request, *opened, "-out", str(self.certificate))

    @staticmethod
    def run(*arguments: str, stdin: bytes = b"") -> bytes:
        done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    @property
    def der(self) -> bytes:
        _kind, _headers, content = pem.unarmor(self.certificate.read_bytes())
        return bytes(content)

    def public(self) -> bytearray:
        """X and Y, big-endian as gostcrypto takes them; a certificate has them little-endian in an OCTET STRING."""
        info = x509.Certificate.load(self.der)["tbs_certificate"]["subject_public_key_info"]
        point = bytes(info.dump())[-self.bits // 4 :]
        half = len(point) // 2
        return bytearray(point[:half][::-1] + point[half:][::-1])

    def verify(self, data: bytes, signature: bytes) -> bool:
        """By gostcrypto: r before s, where OpenSSL's engine writes s before r."""
        mode = gostcrypto.gostsignature.MODE_256 if self.bits == 256 else gostcrypto.gostsignature.MODE_512
        scheme = gostcrypto.gostsignature.new(mode, CURVE if self.bits == 256 else CURVE_512)
        half = len(signature) // 2
        ordered = bytearray(signature[half:] + signature[:half])
        digest = bytearray(streebog(data, self.bits)[::-1])
        return bool(scheme.verify(self.public(), digest, ordered))

    def sign(self, data: bytes) -> bytes:
        return self.run("dgst", "-engine", "gost", f"-md_gost12_{self.bits}", "-sign", str(self.key), stdin=data)


@pytest.fixture
def gost(tmp_path: Path) -> Callable[..., Pair]:
    return lambda name="system", **more: Pair(tmp_path, name, **more)


def organisation(pair: Pair, **more: Any) -> Organisation:
    own: dict[str, Any] = {"key": str(pair.key), "certificate": str(pair.certificate)}
    return Organisation(client_id=MNEMONIC, redirect_uri=REDIRECT, **{**own, **more})


@pytest.mark.parametrize(("message", "digest"), VECTORS)
def test_streebog_by_openssl_and_by_gostcrypto(message: bytes, digest: str) -> None:
    assert len(BASE_STRING) == 140
    assert OpenSsl().streebog(message).hex() == digest
    assert streebog(message).hex() == digest


def test_the_official_pkce_vector(gost: Callable[..., Pair]) -> None:
    challenge = signing.Requests(organisation(gost()), {}).challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge == {
        "code_challenge_method": "GOST3411",
        "code_challenge": "IMEN9A0Ef9qC85AnKfSXVS_p5e0u3Hs8fwSam2yB0sk",
    }


def test_the_hash_is_that_of_the_der_certificate(gost: Callable[..., Pair], tmp_path: Path) -> None:
    pair = gost()
    der = tmp_path / "system.der"
    der.write_bytes(pair.der)
    expected = streebog(pair.der).hex()
    assert signing.Requests(organisation(pair), {}).certificate_hash() == expected
    assert signing.Requests(organisation(pair, certificate=str(der)), {}).certificate_hash() == expected


@pytest.mark.parametrize("bits", [256, 512])
def test_what_openssl_signs_gostcrypto_verifies(gost: Callable[..., Pair], bits: int) -> None:
    pair = gost(bits=bits)
    signature = signer_for(organisation(pair, digest=f"md_gost12_{bits}"), {}).sign(DATA)
    assert len(signature) == bits // 4
    assert pair.verify(DATA, signature)
    assert not pair.verify(DATA + b"!", signature)


def test_a_locked_key_opens_with_the_passphrase_file_only(gost: Callable[..., Pair], tmp_path: Path) -> None:
    phrase, wrong = tmp_path / "passphrase", tmp_path / "wrong"
    phrase.write_text("sentinel-passphrase\n")
    wrong.write_text("another\n")
    pair = gost(passphrase=phrase)
    assert pair.verify(DATA, signer_for(organisation(pair, passphrase_file=str(phrase)), {}).sign(DATA))
    for other in (None, str(wrong)):
        with pytest.raises(errors.InvalidInput, match="passphrase") as caught:
            signer_for(organisation(pair, passphrase_file=other), {}).sign(DATA)
        assert "sentinel" not in caught.value.message


def test_a_detached_cms(gost: Callable[..., Pair], tmp_path: Path) -> None:
    pair = gost()
    cms = signer_for(organisation(pair, signature="cms"), {}).sign(DATA)
    content = tmp_path / "content"
    content.write_bytes(DATA)
    command = ["cms", "-verify", "-engine", "gost", "-inform", "DER", "-binary", "-content", str(content)]
    assert pair.run(*command, "-CAfile", str(pair.certificate), "-purpose", "any", stdin=cms) == DATA


def test_what_a_program_signs_openssl_verifies(tmp_path: Path) -> None:
    """The program is gostcrypto with a key of its own: no code of ours and none of OpenSSL's."""
    secret = bytearray(range(1, 33))
    program = tmp_path / "sign.py"
    program.write_text(
        "import sys, gostcrypto as g\n"
        "s = g.gostsignature\n"
        "curve = s.CURVES_R_1323565_1_024_2019['id-tc26-gost-3410-2012-256-paramSetA']\n"
        "digest = g.gosthash.new('streebog256', data=bytearray(sys.stdin.buffer.read())).digest()\n"
        f"signed = bytes(s.new(s.MODE_256, curve).sign(bytearray({bytes(secret)!r}), bytearray(bytes(digest)[::-1])))\n"
        "sys.stdout.buffer.write(signed[32:] + signed[:32])\n"
    )
    command = shlex.join([sys.executable, str(program)])
    signature = signer_for(Organisation(signer="command", signer_command=command), {}).sign(DATA)
    public = bytes(gostcrypto.gostsignature.new(gostcrypto.gostsignature.MODE_256, CURVE).public_key_generate(secret))
    key, signed = tmp_path / "public.pem", tmp_path / "signature"
    key.write_bytes(pem.armor("PUBLIC KEY", subject_public_key(public)))
    signed.write_bytes(signature)
    verify = ["dgst", "-engine", "gost", "-md_gost12_256", "-verify", str(key), "-signature", str(signed)]
    assert b"Verified OK" in Pair.run(*verify, stdin=DATA)


def subject_public_key(point: bytes) -> bytes:
    """A SubjectPublicKeyInfo for the TC26 curve A: the engine's own DER up to the point."""
    pair = Pair.run("genpkey", "-engine", "gost", "-algorithm", "gost2012_256", "-pkeyopt", "paramset:TCA")
    made = Pair.run("pkey", "-engine", "gost", "-pubout", "-outform", "DER", stdin=pair)
    assert keys.PublicKeyInfo.load(made).dump() == made
    return made[:-64] + point[:32][::-1] + point[32:][::-1]


@pytest.mark.parametrize("bits", [256, 512])
def test_esias_signature_on_a_token_in_every_layout(gost: Callable[..., Pair], bits: int) -> None:
    esia, other = gost("esia", bits=bits), gost("other", bits=bits)
    token, alg = "aGVhZGVy.Y2xhaW1z", f"GOST3410_2012_{bits}"
    signature = esia.sign(token.encode())
    half = len(signature) // 2
    swapped = signature[half:] + signature[:half]
    for layout in (signature, signature[::-1], swapped, swapped[::-1]):
        assert verified(esia.der, OpenSsl(), alg, f"{token}.x", layout)
    assert not verified(other.der, OpenSsl(), alg, f"{token}.x", signature)
    assert not verified(esia.der, OpenSsl(), alg, "aGVhZGVy.b3RoZXI.x", signature)
    for wrong in (b"", signature[1:], bytes(len(signature)), b"\xff" * len(signature)):
        assert not verified(esia.der, OpenSsl(), alg, f"{token}.x", wrong)


@pytest.mark.parametrize(
    "settings", [{}, {"reverse": True, "padding": "strip", "pkce": True}, {"generation": "legacy"}]
)
def test_the_whole_flow_with_gost(
    gost: Callable[..., Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]
) -> None:
    """Signed by OpenSSL and checked by gostcrypto (raw) or OpenSSL's CMS; the token is signed by another GOST key."""
    system, esia = gost(), gost("esia")
    monkeypatch.setattr(esia_server, "HASH", streebog(system.der).hex())
    ours = organisation(system, esia_certificate=str(esia.certificate), **settings)

    def check(text: bytes, signature: bytes) -> bool:
        if not ours.legacy:
            return system.verify(text, signature[::-1] if ours.reverse else signature)
        content = tmp_path / "content"
        content.write_bytes(text)
        command = ["cms", "-verify", "-engine", "gost", "-inform", "DER", "-binary", "-content", str(content)]
        return system.run(*command, "-CAfile", str(system.certificate), "-purpose", "any", stdin=signature) == text

    server = Esia(verify=check, sign=esia.sign, alg="GOST3410_2012_256", legacy=ours.legacy, streebog=streebog)
    wire = Wire(server.base, transport=server.transport()).with_problems(problems.error_for)
    identity = EsiaIdentity(wire, ours, {}, lambda text: None)
    begun = identity.authorize(REDIRECT)
    tokens = identity.exchange_authorization(begun, server.log_in(begun.url))
    assert (tokens.patient, tokens.signature_checked) == (str(OID), True)
    assert identity.refresh(tokens.refresh_token or "").refresh_token != tokens.refresh_token


def test_a_wrong_pkce_proof_is_refused(gost: Callable[..., Pair], monkeypatch: pytest.MonkeyPatch) -> None:
    system = gost()
    monkeypatch.setattr(esia_server, "HASH", streebog(system.der).hex())
    server = Esia(verify=system.verify, sign=lambda data: b"", streebog=streebog)
    wire = Wire(server.base, transport=server.transport()).with_problems(problems.error_for)
    identity = EsiaIdentity(wire, organisation(system, pkce=True), {}, lambda text: None)
    begun, other = identity.authorize(REDIRECT), identity.authorize(REDIRECT)
    answer = server.log_in(begun.url)
    from dataclasses import replace

    with pytest.raises(errors.InvalidInput) as caught:
        identity.exchange_authorization(replace(begun, verifier=other.verifier), answer)
    assert caught.value.details == {"reason": "ESIA-007040"}


def test_without_the_engine_it_is_said_what_is_missing(gost: Callable[..., Pair]) -> None:
    pair = gost()
    with pytest.raises(errors.InvalidInput, match="libengine-gost-openssl"):
        signer_for(organisation(pair, engine="nonesuch"), {}).sign(DATA)
