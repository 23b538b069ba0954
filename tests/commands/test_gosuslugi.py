"""The `gosuslugi` backend as a person meets it: the refusal, the settings, and person data from an invented ESIA."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emkcli.api.esia import tokens
from emkcli.app import App
from emkcli.models import Tokens
from tests.api.esia_keys import pair
from tests.api.esia_server import HASH, MNEMONIC, OID, PHONE, REDIRECT, SNILS, Esia, serving
from tests.conftest import Emk, Result

LISTS = ("clinic", "doctor", "consent", "application", "request", "transfer", "notification", "service")
WANTED = ("--backend", "gosuslugi", "--json")


@pytest.fixture
def esia() -> Iterator[Esia]:
    made = Esia(verify=pair("system").verify, sign=pair("esia").sign)
    with serving(made):
        yield made


@pytest.fixture
def organisation(emk: Emk, esia: Esia, tmp_path: Path) -> Callable[..., Result]:
    """`emk` with everything an organisation has to set; the settings are set by commands."""
    settings = {
        "backend": "gosuslugi",
        "url": esia.base,
        "client_id": MNEMONIC,
        "redirect_uri": REDIRECT,
        "esia.signer": "rsa",
        "esia.key": pair("system").key_file(tmp_path / "system.key"),
        "esia.certificate_hash": HASH,
        "esia.esia_certificate": pair("esia").certificate_file(tmp_path / "esia.pem"),
    }
    for key, value in settings.items():
        done = emk("config", "set", key, value, "--json")
        assert done.code == 0, done.err
    return emk


def keep_session(esia: Esia, **changes: Any) -> Tokens:
    """A session as a login in the browser leaves it."""
    answer = esia.session({"state": "s"}) | {"token_type": "Bearer"}
    kept = Tokens(
        access_token=answer["access_token"], refresh_token=answer["refresh_token"], patient=str(OID), **changes
    )
    app = App(environ=os.environ)
    app.insecure_storage = True
    app.session.begin(kept)
    app.close()
    return kept


# the refusal


@pytest.mark.parametrize("command", ["whoami", "profile show", "person list"])
def test_without_an_organisations_credentials_it_refuses_to_start(emk: Emk, command: str) -> None:
    error = emk(*command.split(), *WANTED).error
    assert (error["code"], error["exit_code"]) == ("usage", 2)
    assert "organisation" in error["message"]
    assert "GOST" in error["message"]
    assert "emk card import" in error["hint"]
    assert error["details"]["missing"] == ["client_id", "esia.key", "esia.certificate"]


@pytest.mark.parametrize(
    "command", ["card labs", "card summary", "connect", "status", *(f"{one} list" for one in LISTS)]
)
def test_everything_else_cannot_be_done_here_before_anything_is_asked(emk: Emk, command: str) -> None:
    assert emk(*command.split(), *WANTED).error["code"] == "unsupported"


def test_ability_comes_before_credentials_and_credentials_before_the_session(
    emk: Emk, organisation: Callable[..., Result]
) -> None:
    assert organisation("card", "labs", "--json").code == 11
    assert organisation("whoami", "--json").error["code"] == "login_required"
    emk("config", "unset", "client_id")
    assert organisation("whoami", "--json").error["details"]["missing"] == ["client_id"]


def test_the_topic_says_who_and_how(emk: Emk) -> None:
    english, russian = emk("help", "backends").out, emk("help", "backends", "--lang", "ru").out
    for text in (english, russian):
        assert "gosuslugi" in text
        assert "emk card import" in text
        assert "esia.certificate" in text


# settings


def test_settings_of_the_backend_are_set_shown_and_taken_away(emk: Emk) -> None:
    assert emk("config", "get", "esia.signer").out == "openssl\n"
    done = emk("config", "set", "esia.pkce", "yes", "--json").item
    assert done == {"key": "esia.pkce", "value": True, "origin": "profile default"}
    listed = {row["key"]: row["value"] for row in emk("config", "list", "--json").items}
    assert listed["esia.pkce"] is True
    assert "esia.engine" not in listed, "only what is set, unless the backend is the one in use"
    assert emk("config", "list", "--json", "--backend", "gosuslugi").items[-1]["key"].startswith("esia.")
    assert emk("config", "unset", "esia.pkce", "--json").item["origin"] == "default"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("esia.signer", "magic", "openssl, command, rsa"),
        ("esia.key", "pkcs11:x?pin-value=1234", "secret"),
        ("esia.sinner", "x", "esia.sinner"),
        ("other.key", "x", "other.key"),
    ],
)
def test_settings_that_are_wrong_are_not_stored(emk: Emk, key: str, value: str, said: str) -> None:
    done = emk("config", "set", key, value, "--json")
    assert (done.code, said in done.error["message"]) == (2, True)
    assert "1234" not in done.err
    assert emk("config", "list", "--json").items


def test_a_wrong_setting_in_the_file_is_named(emk: Emk, tmp_path: Path) -> None:
    (tmp_path / "emk").mkdir()
    (tmp_path / "emk" / "config.toml").write_text('[profiles.default.esia]\nenvironment = "moon"\n')
    assert "esia.environment" in emk("whoami", *WANTED).error["message"]


# person data


def test_a_ready_token_shows_the_person(organisation: Callable[..., Result], esia: Esia) -> None:
    token = esia.access_token()
    assert tokens.oid_of(token) == str(OID)
    assert organisation("login", "--token-stdin", "--insecure-storage", "--json", stdin=token).code == 0
    account = organisation("whoami", "--json").item
    assert account["id"] == str(OID)
    assert (account["trust"], account["snils"], account["next"]) == ("confirmed", "***-***-*** 01", None)
    profile = organisation("profile", "show", "--json")
    assert profile.item["clinic"]["name"] == "Поликлиника № 107"
    assert profile.json["warnings"] == ["Not confirmed in ESIA: e-mail."]
    family = organisation("person", "list", "--json").items
    assert [one["relation"] for one in family] == ["self", "child", "child"]
    assert organisation("profile", "show", "--person", "700", "--json").item["name"] == "Пробный Лев"
    raw = organisation("api", "GET", f"/rs/prns/{OID}/docs?embed=(elements)")
    assert "MDCL_PLCY" in raw.out


def test_an_ended_session_is_renewed_with_a_signed_request(organisation: Callable[..., Result], esia: Esia) -> None:
    before = keep_session(esia)
    esia.tokens.clear()
    assert organisation("whoami", "--json").code == 0
    assert len(esia.states) == 1
    assert before.refresh_token not in esia.refreshes
    shown = organisation("auth", "status", "--json").item
    assert shown["signature_checked"] is True
    esia.tokens.clear()
    esia.refreshes.clear()
    assert organisation("whoami", "--json").error["code"] == "session_lost"
    assert organisation("auth", "status", "--json").item["logged_in"] is False


def test_a_renewal_that_fails_otherwise_keeps_the_session(
    organisation: Callable[..., Result], esia: Esia, emk: Emk
) -> None:
    keep_session(esia)
    esia.tokens.clear()
    emk("config", "set", "esia.certificate_hash", "0" * 64)
    refused = organisation("whoami", "--json").error
    assert (refused["code"], refused["details"]["reason"]) == ("forbidden", "ESIA-007053")
    assert "esia.signature" in refused["hint"]
    assert organisation("auth", "status", "--json").item["logged_in"] is True


@pytest.mark.parametrize("break_", ["nothing", "tokens", "scopes", "refresh", "signer", "claims"])
def test_no_secret_is_seen_anywhere(
    organisation: Callable[..., Result], esia: Esia, emk: Emk, break_: str, tmp_path: Path
) -> None:
    kept = keep_session(esia)
    if break_ in {"tokens", "refresh", "signer", "claims"}:
        esia.tokens.clear()
    if break_ == "refresh":
        esia.refreshes.clear()
    if break_ == "scopes":
        esia.forbidden = {"ctts", "docs", "addrs", "kids"}
    if break_ == "signer":
        (tmp_path / "system.key").write_text("sentinel-key-material")
    if break_ == "claims":
        esia.claims = {"iss": "http://evil.example"}
    secrets = {kept.access_token, kept.refresh_token or "", SNILS, PHONE, "Пробная", "sentinel"}
    for command in ("whoami", "profile show", "person list", "auth status"):
        for more in ([], ["--json"]):
            done = organisation(*command.split(), "--debug", *more)
            seen = done.err + json.dumps(done.out if command == "auth status" else "")
            assert not [one for one in {*secrets, *esia.tokens, *esia.refreshes} if one in seen], done.err
