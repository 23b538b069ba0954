"""Login by code and by signature; what tokens may do and how they end."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import algos, cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.name import _ASN1Type

from emkcli.mock import sessions
from emkcli.mock.application import Mock
from emkcli.mock.seeding import PERSON

from .person import Person

SIGNATURE_GRANT = "urn:emk:grant-type:signature"
SNILS = PERSON["snils"]
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def test_login_by_phone_and_by_snils(someone: Person) -> None:
    someone.seeded("verified")
    assert someone.login(PERSON["phone"])["trust"] == "confirmed"
    assert someone.login(SNILS)["scope"] == "patient/*.read portal"


def test_an_unverified_account_gets_a_limited_session(someone: Person) -> None:
    someone.seeded("registered")
    assert (someone.tokens["scope"], someone.tokens["trust"]) == ("limited", "simplified")
    someone.get("/profile")
    assert someone.get("/applications")["items"] == []
    someone.refused("GET", "/clinics", 403, "not_verified")


@pytest.mark.parametrize(("known", "unknown"), [(PERSON["phone"], "+79000000999"), (SNILS, "000-000-999 00")])
def test_nobody_learns_who_has_an_account(someone: Person, known: str, unknown: str) -> None:
    someone.send("POST", "/mock/seed", 201, json={"state": "registered"})
    real, fake = someone.challenge(known), someone.challenge(unknown)
    varying = ("id", "phone")
    assert {key: real[key] for key in real if key not in varying} == {
        key: fake[key] for key in fake if key not in varying
    }
    assert (real["phone"] is None) == (fake["phone"] is None)
    assert someone.challenge(unknown, 429)["reason"] == someone.challenge(known, 429)["reason"]
    sent = [item for item in someone.send("GET", "/mock/inbox")["items"] if item["code"]]
    assert len(sent) == 1
    wrong = someone.grant(fake["id"], "000000", 400)
    assert (wrong["error"], wrong["reason"], wrong["attempts_left"]) == ("invalid_grant", "code_invalid", 2)


def test_a_code_wears_out(someone: Person) -> None:
    someone.send("POST", "/mock/seed", 201, json={"state": "verified"})
    challenge, code = someone.challenge()["id"], someone.code()
    assert someone.send("GET", "/mock/inbox")["items"][0]["text"].endswith("Никому не сообщайте код")
    wrong = "111111" if code != "111111" else "222222"
    assert [someone.grant(challenge, wrong, 400)["attempts_left"] for _ in range(3)] == [2, 1, 0]
    refused = someone.grant(challenge, code, 429)
    assert (refused["code"], refused["reason"]) == ("rate_limited", "too_many_attempts")


def test_a_code_expires_and_is_not_sent_twice_a_minute(someone: Person) -> None:
    someone.send("POST", "/mock/seed", 201, json={"state": "verified"})
    challenge, code = someone.challenge(), someone.code()
    body = {"method": "sms", "login": PERSON["phone"]}
    response = someone.http.post("/oauth2/challenges", json=body)
    assert (response.status_code, response.headers["retry-after"]) == (429, "60")
    assert response.json()["reason"] == "resend_too_early"
    someone.clock(advance=60)
    someone.challenge()
    someone.clock(advance=240)
    assert someone.grant(challenge["id"], code, 400)["reason"] == "code_expired"
    someone.use(someone.grant(someone.challenge()["id"], someone.code()))
    someone.login()


def test_expired_sms_scenario(someone: Person) -> None:
    someone.send("POST", "/mock/seed", 201, json={"state": "verified"})
    someone.scenario("expired-sms")
    assert someone.grant(someone.challenge()["id"], someone.code(), 400)["reason"] == "code_expired"


def test_a_code_is_good_once_and_for_its_purpose(someone: Person) -> None:
    someone.send("POST", "/mock/seed", 201, json={"state": "verified"})
    challenge, code = someone.challenge()["id"], someone.code()
    someone.use(someone.grant(challenge, code))
    assert someone.grant(challenge, code, 400)["reason"] == "challenge_used"
    answer = {"challenge_id": challenge, "code": code}
    someone.refused("POST", "/profile/phone/confirmation", 400, "invalid_input", json=answer)


def test_token_requests_that_make_no_sense(someone: Person) -> None:
    for form, error in (
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "nothing"}, "invalid_grant"),
    ):
        response = someone.http.request("POST", "/oauth2/token", data=form, headers={"X-Mock-Fault": "none"})
        assert (response.status_code, response.json()["error"]) == (400, error)


def test_tokens_end(someone: Person) -> None:
    someone.seeded("verified")
    someone.clock(advance=3600)
    assert someone.refused("GET", "/account", 401, "session_lost")["reason"] == "token_expired"
    someone.refresh()
    someone.get("/account")
    someone.send("POST", "/oauth2/revoke", data={"token": someone.tokens["refresh_token"]})
    assert someone.refused("GET", "/account", 401, "session_lost")["reason"] == "session_revoked"
    someone.send("POST", "/oauth2/revoke", data={"token": "unknown"})
    someone.http.headers["Authorization"] = "Bearer nonsense"
    assert someone.refused("GET", "/account", 401, "session_lost")["reason"] == "token_invalid"
    del someone.http.headers["Authorization"]
    response = someone.http.get("/api/v1/account")
    assert (response.json()["code"], response.headers["www-authenticate"]) == ("login_required", "Bearer")


def test_a_refresh_token_lives_sixty_days(someone: Person) -> None:
    someone.seeded("verified")
    someone.clock(advance=60 * 86400)
    form = {"grant_type": "refresh_token", "refresh_token": someone.tokens["refresh_token"]}
    assert someone.send("POST", "/oauth2/token", 400, data=form)["reason"] == "token_expired"


def test_a_refresh_token_used_again_ends_the_session(someone: Person) -> None:
    someone.seeded("verified")
    form = {"grant_type": "refresh_token", "refresh_token": someone.tokens["refresh_token"]}
    someone.use(someone.send("POST", "/oauth2/token", data=form))
    refused = someone.send("POST", "/oauth2/token", 400, data=form)
    assert (refused["error"], refused["reason"]) == ("invalid_grant", "refresh_reused")
    assert someone.refused("GET", "/account", 401, "session_lost")["reason"] == "session_revoked"


def test_an_honest_retry_of_a_refresh_is_no_theft(someone: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    someone.seeded("verified")
    form = {"grant_type": "refresh_token", "refresh_token": someone.tokens["refresh_token"]}
    key = {"Idempotency-Key": "refresh-1"}
    lost = someone.send("POST", "/oauth2/token", data=form, headers=key)
    someone.use(someone.send("POST", "/oauth2/token", data=form, headers=key))
    someone.get("/account")
    someone.http.headers["Authorization"] = f"Bearer {lost['access_token']}"
    someone.refused("GET", "/account", 401, "session_lost")
    monkeypatch.setattr(sessions, "RETRY_WINDOW", -1)
    assert someone.send("POST", "/oauth2/token", 400, data=form, headers=key)["reason"] == "refresh_reused"


def test_the_state_holds_no_token(someone: Person, mock: Mock) -> None:
    someone.seeded("verified")
    someone.send("POST", "/accounts", 200, json=PERSON, headers={"Idempotency-Key": "again"})
    with mock.state.transaction() as db:
        dump = "\n".join(db.iterdump())
    assert someone.tokens["access_token"] not in dump
    assert someone.tokens["refresh_token"] not in dump
    assert "access_token" not in dump


# signatures


def _certificate(key: Key, snils: str = SNILS) -> x509.Certificate:
    digits = "".join(filter(str.isdigit, snils))
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test"),
            x509.NameAttribute(x509.ObjectIdentifier("1.2.643.100.3"), digits, _type=_ASN1Type.NumericString),
        ]
    )
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(4711).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    return builder.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())


def _signed(key: Key, certificate: x509.Certificate, data: bytes) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(data).add_signer(certificate, key, hashes.SHA256())
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    return builder.sign(serialization.Encoding.DER, options)


def _rsa() -> Key:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _elliptic() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def _answer(someone: Person, signer: Callable[[bytes], bytes], status: int = 200) -> dict[str, str]:
    body = {"method": "signature", "login": PERSON["phone"]}
    challenge = someone.send("POST", "/oauth2/challenges", 201, json=body)
    signature = base64.b64encode(signer(base64.b64decode(challenge["data"]))).decode()
    form = {"grant_type": SIGNATURE_GRANT, "challenge_id": challenge["id"], "signature": signature}
    answer: dict[str, str] = someone.send("POST", "/oauth2/token", status, data=form)
    return answer


@pytest.fixture
def verified(someone: Person) -> Person:
    someone.send("POST", "/mock/seed", 201, json={"state": "verified"})
    return someone


@pytest.mark.parametrize("make", [_rsa, _elliptic])
def test_a_signature_logs_in(verified: Person, make: Callable[[], Key]) -> None:
    key = make()
    certificate = _certificate(key)
    tokens = _answer(verified, lambda data: _signed(key, certificate, data))
    assert tokens["trust"] == "confirmed"


def test_a_signature_without_attributes(verified: Person) -> None:
    key = _rsa()
    assert isinstance(key, rsa.RSAPrivateKey)
    certificate = _certificate(key)

    def sign(data: bytes) -> bytes:
        info = cms.ContentInfo.load(_signed(key, certificate, data))
        signer = info["content"]["signer_infos"][0]
        signer["signed_attrs"] = None
        signer["signature"] = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return bytes(info.dump(force=True))

    assert _answer(verified, sign)["token_type"] == "Bearer"


def test_signatures_that_do_not_fit(verified: Person) -> None:
    key, stranger = _elliptic(), _elliptic()
    certificate = _certificate(key)

    def attached(data: bytes) -> bytes:
        builder = pkcs7.PKCS7SignatureBuilder().set_data(data).add_signer(certificate, key, hashes.SHA256())
        return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])

    def bent(data: bytes) -> bytes:
        info = cms.ContentInfo.load(_signed(key, certificate, data))
        info["content"]["signer_infos"][0]["signature"] = b"\x30\x06\x02\x01\x01\x02\x01\x01"
        return bytes(info.dump(force=True))

    for signer in (
        lambda data: _signed(key, certificate, data + b"!"),
        lambda data: _signed(stranger, _certificate(stranger, "000-000-999 00"), data),
        lambda data: _signed(key, x509.load_der_x509_certificate(_anonymous(key)), data),
        lambda data: b"not a CMS",
        lambda data: b"",
        attached,
        bent,
    ):
        refused = _answer(verified, signer, 400)
        assert refused["reason"] in ("signature_invalid", "invalid_request")


def _anonymous(key: Key) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Nobody")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    built = builder.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    return built.public_bytes(serialization.Encoding.DER)


def test_gost_is_refused_in_plain_words(verified: Person) -> None:
    key = _elliptic()
    certificate = _certificate(key)

    def gost(data: bytes) -> bytes:
        info = cms.ContentInfo.load(_signed(key, certificate, data))
        signer = info["content"]["signer_infos"][0]
        signer["digest_algorithm"] = algos.DigestAlgorithm({"algorithm": "1.2.643.7.1.1.2.2"})
        signer["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "1.2.643.7.1.1.1.1"})
        return bytes(info.dump(force=True))

    refused = _answer(verified, gost, 400)
    assert refused["reason"] == "signature_unsupported"
    assert "1.2.643.7.1.1.1.1" in refused["error_description"]


def test_a_signature_challenge_is_good_once(verified: Person) -> None:
    key = _elliptic()
    body = {"method": "signature", "login": SNILS}
    challenge = verified.send("POST", "/oauth2/challenges", 201, json=body)
    signature = _signed(key, _certificate(key), base64.b64decode(challenge["data"]))
    form = {
        "grant_type": SIGNATURE_GRANT,
        "challenge_id": challenge["id"],
        "signature": base64.b64encode(signature).decode(),
    }
    verified.send("POST", "/oauth2/token", 200, data=form)
    assert verified.send("POST", "/oauth2/token", 400, data=form)["reason"] == "challenge_used"


def test_the_openssl_program_signs_too(verified: Person, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    assert openssl, "the tests need the openssl program"
    key = _rsa()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(private)
    (tmp_path / "cert.pem").write_bytes(_certificate(key).public_bytes(serialization.Encoding.PEM))

    def sign(data: bytes) -> bytes:
        command = [openssl, "cms", "-sign", "-binary", "-outform", "DER", "-signer", "cert.pem", "-inkey", "key.pem"]
        return subprocess.run(command, input=data, capture_output=True, check=True, cwd=tmp_path).stdout

    assert _answer(verified, sign)["trust"] == "confirmed"
