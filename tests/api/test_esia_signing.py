"""ESIA's strings to sign, who signs them, and the settings behind it."""

from __future__ import annotations

import json
import re
import shlex
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import errors
from emkcli.api.esia import organisation, signing
from emkcli.api.esia.organisation import Organisation
from emkcli.api.esia.signers import CommandSigner, RsaSigner, signer_for
from emkcli.api.pem import opened
from emkcli.security import external_programs
from tests.api.esia_keys import PASSPHRASE, pair
from tests.api.esia_server import MNEMONIC, REDIRECT

OFFICIAL = {
    "client_id": "TESTAPPLICATION",
    "scope": "openid",
    "scope_org": "org_inf",
    "timestamp": "2021.11.10 12:28:46 +0300",
    "state": "bbf0aef5-5237-41bc-8cba-291e29a3ade8",
    "redirect_uri": "https://test.application.ru/auth/api/v1/esia/return",
}


# strings


def test_the_official_string_of_140_bytes() -> None:
    text = signing.text_to_sign(OFFICIAL, legacy=False)
    assert text == (
        "TESTAPPLICATIONopenidorg_inf2021.11.10 12:28:46 +0300bbf0aef5-5237-41bc-8cba-291e29a3ade8"
        "https://test.application.ru/auth/api/v1/esia/return"
    )
    assert len(text.encode()) == 140


def test_the_other_strings() -> None:
    assert signing.text_to_sign(OFFICIAL | {"code": "the.code"}, legacy=False).endswith("/esia/returnthe.code")
    without = {name: value for name, value in OFFICIAL.items() if name != "scope_org"}
    assert signing.text_to_sign(without, legacy=False).startswith("TESTAPPLICATIONopenid2021.11.10")
    assert signing.text_to_sign(OFFICIAL | {"code": "x"}, legacy=True) == (
        "openid2021.11.10 12:28:46 +0300TESTAPPLICATIONbbf0aef5-5237-41bc-8cba-291e29a3ade8"
    )


def test_the_time_is_written_as_esia_wants_it() -> None:
    moment = datetime(2013, 1, 25, 14, 36, 11, tzinfo=timezone(timedelta(hours=4)))
    assert signing.timestamp(moment) == "2013.01.25 14:36:11 +0400"


def test_a_verifier_is_43_characters_that_are_allowed() -> None:
    made = {signing.verifier() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9._~-]{43}", one) for one in made)


@given(st.binary(max_size=80))
def test_pem_is_opened_and_everything_else_left_alone(content: bytes) -> None:
    import base64

    armoured = b"-----BEGIN CMS-----\n" + base64.encodebytes(content) + b"-----END CMS-----\n"
    assert opened(armoured) == content
    assert opened(b"\x30" + content) == b"\x30" + content


@pytest.mark.parametrize("damaged", [b"-----BEGIN X-----\n?\n-----END X-----", b"-----BEGIN X-----\nAAAA"])
def test_damaged_pem_is_refused(damaged: bytes) -> None:
    with pytest.raises(errors.InvalidInput):
        opened(damaged)


# signers


@pytest.fixture
def rsa(tmp_path: Path) -> Organisation:
    return Organisation(
        client_id=MNEMONIC,
        redirect_uri=REDIRECT,
        signer="openssl",
        engine="none",
        digest="sha256",
        key=pair("system").key_file(tmp_path / "system.key"),
        certificate=pair("system").certificate_file(tmp_path / "system.pem"),
    )


@pytest.mark.parametrize("signer", ["openssl", "rsa"])
@pytest.mark.parametrize("protected", [False, True])
def test_signatures_that_somebody_else_verifies(
    rsa: Organisation, tmp_path: Path, signer: str, protected: bool
) -> None:
    if protected:
        phrase = tmp_path / "passphrase"
        phrase.write_bytes(PASSPHRASE + b"\nmore\n")
        key = pair("system").key_file(tmp_path / "locked.key", PASSPHRASE)
        rsa = replace(rsa, key=key, passphrase_file=str(phrase))
    data = "строка\r\nтекста\n".encode()
    raw = signer_for(replace(rsa, signer=signer, signature="raw"), {}).sign(data)
    cms = signer_for(replace(rsa, signer=signer, signature="cms"), {}).sign(data)
    assert pair("system").verify(data, raw)
    assert pair("system").verify_cms(data, cms)
    assert not pair("system").verify_cms(data + b"!", cms)


def test_any_program_may_sign(rsa: Organisation, tmp_path: Path) -> None:
    program = f"openssl cms -sign -binary -outform PEM -signer {rsa.certificate} -inkey {rsa.key}"
    signer = signer_for(replace(rsa, signer="command", signer_command=program), {})
    assert pair("system").verify_cms(b"data", signer.sign(b"data"))
    told = CommandSigner("sh -c 'cat >/dev/null; printf %s \"$EMK_PROFILE\"'", {"EMK_PROFILE": "work"})
    assert told.sign(b"data") == b"work"


LEAK = shlex.join([sys.executable, "-c", "import sys; print(sys.stdin.read()); sys.exit(3)"])
FAILURES: list[tuple[dict[str, Any], str]] = [
    ({"key": "no-such.key"}, "cannot be read"),
    ({"key": "rubbish"}, "finds no key or no certificate"),
    ({"key": "locked"}, "esia.passphrase_file"),
    ({"engine": "nonesuch", "digest": "md_gost12_256"}, "has no engine nonesuch"),
    ({"digest": "nonesuch"}, "does not know the digest"),
    ({"openssl": "no-such-openssl"}, "there is no such program"),
    ({"openssl": "/"}, "cannot be started"),
    ({"openssl": "true"}, "exit status 0"),
    ({"signer": "command", "signer_command": LEAK}, "exit status 3"),
    ({"signer": "rsa", "key": "no-such.key"}, "cannot be read"),
    ({"signer": "rsa", "key": "rubbish"}, "no RSA key"),
    ({"signer": "rsa", "key": "locked"}, "no RSA key"),
    ({"signer": "rsa", "signature": "cms", "certificate": "rubbish"}, "no certificate"),
    ({"signer": "openssl", "signature": "cms", "certificate": "rubbish"}, "finds no key or no certificate"),
    ({"signer": "openssl", "signature": "cms", "certificate": "no-such.pem"}, "cannot be read"),
]


@pytest.mark.parametrize(("settings", "said"), FAILURES)
def test_a_signer_that_fails_says_why_and_nothing_secret(
    rsa: Organisation, tmp_path: Path, settings: dict[str, Any], said: str
) -> None:
    (tmp_path / "rubbish").write_text("sentinel-key-material")
    pair("system").key_file(tmp_path / "locked", PASSPHRASE)
    placed = {n: str(tmp_path / v) if n in {"key", "certificate"} else v for n, v in settings.items()}
    with pytest.raises(errors.InvalidInput) as caught:
        signer_for(replace(rsa, **placed), {}).sign(b"sentinel-code")
    assert said in caught.value.message + (caught.value.hint or "")
    assert "sentinel" not in json.dumps(caught.value.as_dict())


def test_a_signer_that_never_ends(rsa: Organisation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from emkcli.api.esia import openssl

    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o700)
    monkeypatch.setattr(openssl, "DEADLINE", 0.2)
    with pytest.raises(errors.InvalidInput, match="in time"):
        signer_for(replace(rsa, openssl=str(slow)), {}).sign(b"data")


def test_the_key_and_its_passphrase_stay_out_of_our_process(
    rsa: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSL is handed paths: no argument and no standard input holds a secret."""
    phrase = tmp_path / "passphrase"
    phrase.write_bytes(PASSPHRASE)
    key = pair("system").key_file(tmp_path / "locked.key", PASSPHRASE)
    started: list[Any] = []
    run = external_programs.completed
    monkeypatch.setattr(
        external_programs, "completed", lambda command, *more: started.append((command, more)) or run(command, *more)
    )
    signer_for(replace(rsa, key=key, passphrase_file=str(phrase)), {}).sign(b"data")
    ((command, more),) = started
    assert key in command
    assert f"file:{phrase}" in command
    assert PASSPHRASE.decode() not in str((command, more))
    assert "PRIVATE KEY" not in str((command, more))


def test_a_certificate_hash_that_is_none(rsa: Organisation) -> None:
    with pytest.raises(errors.InvalidInput, match="64"):
        signing.Requests(replace(rsa, certificate_hash="abc"), {}).certificate_hash()
    upper = "A5 7E:" + "0" * 60
    assert signing.Requests(replace(rsa, certificate_hash=upper), {}).certificate_hash() == "A57E" + "0" * 60


def test_an_rsa_key_is_asked_for_nothing_else(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    file = tmp_path / "other.key"
    private = ed25519.Ed25519PrivateKey.generate()
    file.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with pytest.raises(errors.InvalidInput, match="no RSA key"):
        RsaSigner(str(file)).sign(b"data")


# settings


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"signer": "magic"}, "openssl, command, rsa"),
        ({"pkce": "perhaps"}, "1, 0"),
        ({"key": "pkcs11:token=x?pin-value=1234"}, "pin-source"),
        ({"environment": "moon"}, "test, prod"),
    ],
)
def test_settings_that_do_not_fit(table: dict[str, str], said: str) -> None:
    with pytest.raises(errors.Usage) as caught:
        organisation.read(table)
    assert said in caught.value.message
    assert "1234" not in caught.value.message


def test_settings_as_a_hand_may_write_them() -> None:
    read = organisation.read({"pkce": True, "reverse": "off", "scope_org": 7, "unknown": 1}, client_id=MNEMONIC)
    assert (read.pkce, read.reverse, read.scope_org, read.client_id) == (True, False, "7", MNEMONIC)
    assert read.address == "https://esia-portal1.test.gosuslugi.ru"


@pytest.mark.parametrize(
    ("table", "missing"),
    [
        ({}, ["client_id", "esia.key", "esia.certificate"]),
        ({"signer": "command"}, ["client_id", "esia.signer_command", "esia.certificate"]),
        ({"signer": "command", "generation": "legacy"}, ["client_id", "esia.signer_command"]),
        ({"generation": "legacy"}, ["client_id", "esia.key", "esia.certificate"]),
        ({"certificate_hash": "0"}, ["client_id", "esia.key"]),
        ({"certificate_hash": "0", "signature": "cms"}, ["client_id", "esia.key", "esia.certificate"]),
    ],
)
def test_what_is_missing_depends_on_how_it_is_signed(table: dict[str, str], missing: list[str]) -> None:
    assert organisation.read(table).missing() == missing
