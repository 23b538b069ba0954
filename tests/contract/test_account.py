"""Open the account, confirm it, log in and out: the same behind both doors."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.contract.world import CODE, PERSON, World

VERIFY = "emk verify --passport-scan FILE --selfie FILE"


def test_registering_keeps_a_limited_session(world: World) -> None:
    account = world.at("new").ok("register", "--from", world.person).item
    assert (account["trust"], account["next"]) == ("simplified", VERIFY)
    assert account["snils"] == "***-***-*** 07"
    assert account["phone"] == "+7 *** ***-**-77"
    assert world.ok("whoami").item["id"] == account["id"]
    assert world.ok("auth", "status").item["logged_in"] is True


def test_the_same_data_again_is_the_same_account(world: World) -> None:
    first = world.at("registered").ok("whoami").item["id"]
    again = world.ok("register", "--from", "-", stdin=json.dumps(PERSON | {"phone": "8 (900) 000-07-77"})).item
    assert again["id"] == first


def test_registering_again_does_not_take_the_session_of_a_confirmed_account(world: World) -> None:
    again = world.at("activated").ok("register", "--from", world.person).item
    assert (again["trust"], again["next"]) == ("confirmed", "emk login")
    assert world.ok("card", "labs", "--limit", "1").items


def test_other_data_for_a_known_snils_is_a_conflict(world: World) -> None:
    world.at("registered")
    error = world.fails(6, "exists", "register", "--from", world.person_file("other.json", first_name="Мария"))
    assert error["hint"] == "emk login"


def test_a_phone_of_somebody_else_is_a_conflict(world: World) -> None:
    other = world.at("registered").person_file("other.json", snils="000-000-108 08")
    assert "07" not in world.fails(6, "conflict", "register", "--from", other)["message"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"snils": "000-000-10"}, "snils"),
        ({"snils": "112-233-445 96"}, "snils"),
        ({"phone": "12345"}, "phone"),
        ({"birth_date": "2984-03-02"}, "birth_date"),
        ({"birth_date": "1984-02-30"}, "birth_date"),
        ({"email": "nobody"}, "email"),
        ({"sex": "yes"}, "sex"),
        ({"passport": PERSON["passport"] | {"series": "42"}}, "passport.series"),
        ({"passport": PERSON["passport"] | {"department_code": "1"}}, "passport.department_code"),
    ],
)
def test_a_malformed_field_is_named_with_its_rule_and_never_shown(
    embedded: World, changes: dict[str, Any], field: str
) -> None:
    error = embedded.fails(2, "invalid_input", "register", "--from", embedded.person_file(**changes))
    assert field in error["message"]
    for value in changes.values():
        if isinstance(value, str) and len(value) > 7 and "date" not in field:
            assert value not in error["message"]


def test_missing_fields_are_all_named(embedded: World) -> None:
    error = embedded.fails(2, "usage", "register", "--from", embedded.person_file(email=None, sex=None))
    assert "email" in error["message"]
    assert "sex" in error["message"]
    assert "--from" in error["hint"]


def test_an_unknown_field_suggests_the_nearest(embedded: World) -> None:
    error = embedded.fails(2, "invalid_input", "register", "--from", embedded.person_file(fone="+79000000777"))
    assert "fone" in error["message"]
    assert "phone" in error["message"] + (error["hint"] or "")


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("p.toml", 'last_name = "Сойкина"\nfirst_name = \n', "line 2"),
        ("p.json", '{"last_name": "Сойкина",\n "first_name" "Алёна"}', "line 2"),
        ("p.yaml", 'last_name: Сойкина\nfirst_name: "Алёна\n', "line"),
    ],
)
def test_a_malformed_person_file_names_the_line(embedded: World, name: str, text: str, where: str) -> None:
    path = embedded.files / name
    path.write_text(text, encoding="utf-8")
    error = embedded.fails(2, "invalid_input", "register", "--from", str(path))
    assert where in error["message"]
    assert name in error["message"]


def test_the_template_registers(world: World) -> None:
    template = world.at("new")("register", "--template")
    assert template.code == 0
    assert world.ok("register", "--from", "-", stdin=template.out).item["trust"] == "simplified"


def test_a_dry_run_registers_nobody(world: World) -> None:
    planned = world.at("new").ok("register", "--from", world.person, "--dry-run")
    assert planned.json["dry_run"] is True
    world.fails(4, "login_required", "whoami")


def test_verification_is_reviewed_within_an_hour(world: World) -> None:
    account = world.at("registered").ok(*world.verify()).item
    assert account["verification"]["status"] == "in_review"
    assert account["next"] == "emk verify --wait"
    assert world.ok(*world.verify()).item["verification"]["status"] == "in_review"
    error = world.fails(5, "not_verified", "connect")
    assert error["details"]["expected_by"] == account["verification"]["expected_by"]
    world.advance("1h")
    assert world.ok("whoami").item["trust"] == "confirmed"
    assert world.ok(*world.verify()).item["next"] == "emk connect"


def test_waiting_for_the_review(embedded: World) -> None:
    account = embedded.at("registered").ok(*embedded.verify("--wait"))
    assert account.item["trust"] == "confirmed"
    assert any("clock" in warning for warning in account.json["warnings"])


def test_waiting_alone_after_the_pictures_were_handed_in(embedded: World) -> None:
    embedded.at("registered").ok(*embedded.verify())
    assert embedded.ok("verify", "--wait").item["trust"] == "confirmed"


def test_a_wait_that_ends_first_is_9_with_the_document(world: World) -> None:
    world.at("registered").ok(*world.verify())
    waited = world("verify", "--wait", "--for", "1s", "--interval", "1s", "--json")
    assert waited.code == 9
    assert waited.item["verification"]["status"] == "in_review"


def test_waiting_without_anything_handed_in_names_the_pictures(world: World) -> None:
    assert "--passport-scan" in world.at("registered").fails(2, "usage", "verify", "--wait")["hint"]


@pytest.mark.parametrize("spoil", ["text", "empty", "small", "cut", "gif", "large", "missing"])
def test_a_bad_picture_is_refused_before_anything_is_sent(embedded: World, spoil: str) -> None:
    embedded.at("registered").ok("mock", "log", "--clear")
    picture = embedded.files / "bad.png"
    if spoil == "text":
        picture.write_text("not a picture at all")
    elif spoil == "empty":
        picture.write_bytes(b"")
    elif spoil == "small":
        Image.new("RGB", (20, 20)).save(picture)
    elif spoil == "cut":
        picture.write_bytes(embedded.passport.read_bytes()[:200])
    elif spoil == "gif":
        Image.new("RGB", (1500, 1050)).save(picture, "GIF")
    elif spoil == "large":
        picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(6 * 1024 * 1024))
    error = embedded.fails(
        2,
        "invalid_input",
        "verify",
        "--passport-scan",
        str(picture),
        "--selfie",
        str(embedded.selfie),
        "--code-command",
        CODE,
    )
    assert "bad.png" in error["message"]
    assert embedded.ok("mock", "log").items == []


def test_a_dry_run_of_the_pictures_sends_nothing(embedded: World) -> None:
    embedded.at("registered").ok("mock", "log", "--clear")
    planned = embedded.ok(*embedded.verify("--dry-run")).item
    assert planned["passport_scan"]["media_type"] == "image/png"
    assert embedded.ok("mock", "log").items == []


def test_three_wrong_codes_close_the_challenge(world: World) -> None:
    world.at("registered")
    for left in (2, 1, 0):
        arguments = [*world.verify()[:-1], "echo 000000x"]
        error = world.fails(2, "invalid_input", *arguments)
        assert error["details"]["reason"] == "code_invalid", left
        world.advance("61s")
    assert world.ok("whoami").item["trust"] == "simplified"


def test_a_second_code_within_a_minute_is_refused_with_the_time(world: World) -> None:
    wrong = [*world.at("registered").verify()[:-1], "echo nonsense"]
    world.fails(2, "invalid_input", *wrong)
    assert world.fails(8, "rate_limited", *wrong)["details"]["reason"] == "resend_too_early"


def test_an_expired_code(world: World) -> None:
    world.at("registered").ok("mock", "scenario", "expired-sms")
    assert world.fails(2, "invalid_input", *world.verify())["details"]["reason"] == "code_expired"


def test_logging_in_by_phone_and_by_snils(world: World) -> None:
    world.at("verified")
    for login in ("phone", "snils"):
        path = world.files / "login.toml"
        path.write_text(f'{login} = "{PERSON[login]}"\n', encoding="utf-8")
        world.ok("logout")
        assert world.ok("login", "--from", str(path), "--code-command", CODE).item["trust"] == "confirmed"
    world.ok("logout")
    assert world.ok("login", "--code-command", CODE).item["next"] == "emk connect"


def test_an_unconfirmed_account_keeps_its_session_but_is_told_what_is_missing(world: World) -> None:
    world.at("registered").ok("logout")
    error = world.fails(5, "not_verified", *world.login())
    assert error["hint"] == VERIFY
    assert world.ok("whoami").item["trust"] == "simplified"
    assert world.ok("next").item["command"] == VERIFY


def test_nobody_learns_who_has_an_account(world: World) -> None:
    stranger = '{"phone": "+79000000999"}'
    error = world.at("new").fails(
        2, "invalid_input", "login", "--from", "-", "--code-command", "echo 123456", stdin=stranger
    )
    assert error["details"]["reason"] == "code_invalid"


def test_a_code_from_standard_input(world: World) -> None:
    world.at("verified").ok("logout")
    wrong = world.fails(2, "invalid_input", "login", "--from", world.person, "--code-stdin", stdin="000000x\n")
    assert wrong["details"]["reason"] == "code_invalid"


def test_a_code_program_that_fails_is_named(world: World) -> None:
    world.at("verified").ok("logout")
    for program, why in (("false", "exit status 1"), ("true", "no answer"), ("no-such-program", "no such program")):
        error = world.fails(2, "invalid_input", "login", "--from", world.person, "--code-command", program)
        assert program in error["message"]
        assert why in error["message"]
        world.advance("61s")


def test_only_a_login_that_worked_is_remembered(world: World) -> None:
    world.at("verified").ok("logout")
    world.fails(
        2, "invalid_input", "login", "--from", "-", "--code-command", "echo 1", stdin='{"phone": "+79000000999"}'
    )
    again = world.ok("login", "--code-command", CODE)
    assert again.item["name"] == "Сойкина Алёна Игоревна", "the phone that registered is remembered"


def test_logging_out_twice(world: World) -> None:
    assert world.at("logged-in").ok("logout").item["ended"] is True
    assert world.ok("logout").item["ended"] is False
    world.fails(4, "login_required", "whoami")
    assert world.ok("next").item["command"] == "emk login"
    world.ok("-p", "fresh", "logout")
    following = world.ok("-p", "fresh", "next").item
    assert following["command"] == "emk register"
    assert "login" in following["why"]


def test_logging_out_of_a_server_that_is_gone_still_removes_the_session(world: World) -> None:
    world.at("logged-in").ok("mock", "fault", "add", "5xx", "--path", "/oauth2/revoke", "--times", "0")
    done = world.ok("logout")
    assert done.json["warnings"]
    world.fails(4, "login_required", "whoami")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-signed certificates that carry a СНИЛС in their subject, as qualified ones do (OID 1.2.643.100.3)."""
    place = tmp_path_factory.mktemp("certificates")
    for name, snils in (("own", "00000010707"), ("other", "00000010808")):
        files = ["-keyout", place / f"{name}.key", "-out", place / f"{name}.pem"]
        subject = ["-subj", f"/CN={name}/1.2.643.100.3={snils}"]
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", *subject, *files]
        subprocess.run(made, check=True, capture_output=True)
    return place


def signer(certificates: Path, name: str, form: str = "DER") -> str:
    place = shlex.quote(str(certificates))
    return f"openssl cms -sign -binary -signer {place}/{name}.pem -inkey {place}/{name}.key -outform {form}"


@pytest.mark.parametrize("form", ["DER", "PEM"])
def test_an_electronic_signature(world: World, certificates: Path, form: str) -> None:
    world.at("verified").ok("logout")
    account = world.ok(
        "login", "--method", "signature", "--from", world.person, "--signer", signer(certificates, "own", form)
    )
    assert account.item["trust"] == "confirmed"


def test_the_signature_of_somebody_else(world: World, certificates: Path) -> None:
    world.at("verified").ok("logout")
    arguments = ("login", "--method", "signature", "--from", world.person, "--signer")
    assert (
        world.fails(2, "invalid_input", *arguments, signer(certificates, "other"))["details"]["reason"]
        == "signature_invalid"
    )
    world.fails(2, "invalid_input", *arguments, "echo no signature")
    world.fails(4, "login_required", "whoami")
    assert world.fails(2, "usage", *arguments[:-1])["hint"] == "--signer CMD"


def test_a_ready_token(world: World) -> None:
    token = world.at("logged-in")("auth", "token", "--show").out
    assert world.fails(2, "usage", "auth", "token")["hint"] == "emk auth token --show"
    world("login", "--token-stdin", stdin=token, env={"EMK_PROFILE": "ready"})
    status = world("auth", "status", "--json", env={"EMK_PROFILE": "ready"}).item
    assert (status["logged_in"], status["refreshable"]) == (True, False)
    assert (
        world("whoami", "--json", env={"EMK_PROFILE": "third", "EMK_TOKEN": token.strip()}).item["trust"] == "confirmed"
    )
    assert world("login", "--code-command", CODE, "--from", world.person, env={"EMK_TOKEN": "x"}).code == 2
    unknown = world("card", "labs", env={"EMK_PROFILE": "third", "EMK_TOKEN": token.strip()})
    assert (unknown.code, "not activated" in unknown.err or "not active" in unknown.err) == (5, True), unknown.err
    for bad in ("", "two words", "кириллица"):
        assert world("login", "--token-stdin", stdin=bad, env={"EMK_PROFILE": "ready"}).code == 2


def test_a_token_file(world: World) -> None:
    token = world.at("logged-in")("auth", "token", "--show").out
    path = world.files / "token"
    path.write_text(token)
    assert world("whoami", env={"EMK_PROFILE": "ready", "EMK_TOKEN_FILE": str(path)}).code == 0
    assert world("whoami", env={"EMK_PROFILE": "ready", "EMK_TOKEN_FILE": str(path) + "x"}).code == 13
    path.write_text("expired")
    assert world("whoami", env={"EMK_PROFILE": "ready", "EMK_TOKEN_FILE": str(path)}).code == 4
