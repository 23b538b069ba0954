"""Where a session and the card's key are kept, by commands: encrypted files, moves between places, and what fails closed."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest
from keyring.backends import fail, null

from emkcli.security.keyrings import allowed_backends
from emkcli.security.sessions import encrypted_file
from tests.contract.world import World
from tests.invented import BUNDLE
from tests.security.keyrings import vault
from tests.security.sessions.places import CHEAP

REAL = ("--backend", "http", "--url", "https://example.org")
SEALED = ("--storage", "encrypted-file")


@pytest.fixture(autouse=True)
def keyring_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    vault.forgotten(monkeypatch)
    monkeypatch.setattr(encrypted_file, "COST", CHEAP)


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A passphrase file that the environment names."""
    file = tmp_path / "secret"
    file.touch(0o600)
    file.write_text("верная лошадь\n", encoding="utf-8")
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(file))
    return file


def sessions(embedded: World) -> list[str]:
    return sorted(file.suffix for file in (embedded.home / "state" / "sessions").iterdir())


def test_a_session_under_a_passphrase(embedded: World, secret: Path) -> None:
    embedded.at("verified").ok(*embedded.login(*SEALED))
    assert sessions(embedded) == [".lock", ".sealed"]
    told = embedded.ok("auth", "status").item
    assert (told["token_source"], told["storage"], told["refreshable"]) == ("encrypted_file",) * 2 + (True,)
    embedded.advance("90m")
    assert embedded.ok("whoami").item["trust"] == "confirmed"
    secret.write_text("другая\n", encoding="utf-8")
    for line in (("whoami",), ("auth", "status"), embedded.login()):
        assert "passphrase is another one" in embedded.fails(13, "storage", *line)["message"]
    assert embedded.ok("logout").item["ended"]
    assert not embedded.ok("logout").item["ended"]
    assert sessions(embedded) == [".lock"]


def test_without_the_passphrase_it_is_said_how_to_give_it(embedded: World, secret: Path) -> None:
    embedded.at("verified").ok(*embedded.login(*SEALED))
    for value in ("", "-"):
        code, slug = (4, "no_secret_storage") if value == "" else (2, "invalid_input")
        done = embedded("whoami", "--json", env={"EMK_PASSPHRASE_FILE": value})
        assert (done.code, done.error["code"]) == (code, slug)
    done = embedded("whoami", "--json", env={"EMK_PASSPHRASE_FILE": "-"}, stdin="верная лошадь\n")
    assert done.item["trust"] == "confirmed"


def test_the_passphrase_and_a_token_come_by_one_standard_input(embedded: World, tmp_path: Path) -> None:
    environ = {"EMK_PASSPHRASE_FILE": "-"}
    token = embedded.at("logged-in")("auth", "token", "--show").out
    line = ("login", "--token-stdin", *SEALED, "--profile", "ready")
    assert embedded(*line, stdin=f"лошадь\n{token}", env=environ).code == 0
    shown = embedded("auth", "token", "--show", "--profile", "ready", stdin="лошадь\n", env=environ)
    assert shown.out == token


def test_a_login_elsewhere_takes_the_old_session_along(embedded: World, secret: Path, tmp_path: Path) -> None:
    windows = vault.install(tmp_path / "vault")
    environ = {"EMK_KEYRING": "auto"}
    embedded.at("verified").ok("logout")
    for more, place, files, items in (
        (SEALED, "encrypted_file", [".lock", ".sealed"], 0),
        (("--storage", "keyring"), "keyring", [".lock"], 1),
        (("--insecure-storage",), "plain_file", [".json", ".lock"], 0),
        (SEALED, "encrypted_file", [".lock", ".sealed"], 0),
    ):
        assert embedded(*embedded.login(*more), env=environ).code == 0
        assert (sessions(embedded), len(windows.items())) == (files, items), place
        assert embedded("auth", "status", "--json", env=environ).item["token_source"] == place
    embedded("logout", env=environ)
    assert embedded("whoami", env=environ).code == 4


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring()])
def test_no_sms_is_spent_on_a_session_that_could_not_be_kept(served: World, backend: fail.Keyring) -> None:
    served.at("verified").ok("logout")
    keyring.set_keyring(backend)
    served.ok("mock", "log", "--clear")
    for line in (served.login(), ("register", "--from", served.person)):
        done = served(*line, "--json", env={"EMK_KEYRING": "required"})
        assert (done.code, done.error["code"]) == (4, "no_secret_storage")
        assert type(backend).__module__ in done.error["message"]
        for way in ("--storage encrypted-file", "EMK_TOKEN_FILE", "--insecure-storage"):
            assert way in done.error["hint"]
    asked = [entry for entry in served.ok("mock", "log").items if entry["method"] == "POST"]
    assert asked == []


def test_where_nothing_can_be_kept_nobody_is_logged_in(embedded: World) -> None:
    status = embedded.ok("auth", "status", *REAL).item
    assert (status["logged_in"], status["token_source"], status["storage"]) == (False, None, "keyring")
    for _time in range(2):
        assert not embedded.ok("logout", *REAL).item["ended"]
    embedded.fails(4, "login_required", "auth", "token", "--show", *REAL)
    assert "EMK_KEYRING=off" in embedded.fails(4, "no_secret_storage", *embedded.login(), *REAL)["message"]


def test_a_keyring_that_cannot_be_looked_into_is_said(embedded: World) -> None:
    keyring.set_keyring(fail.Keyring())
    assert embedded("logout", *REAL, "--json", env={"EMK_KEYRING": "auto"}).item["ended"] is False
    for line in (("auth", "status"), ("whoami",)):
        done = embedded(*line, *REAL, "--json", env={"EMK_KEYRING": "auto"})
        assert (done.code, done.error["code"]) == (4, "no_secret_storage")
        assert "cannot be looked into" in done.error["message"]


@pytest.mark.usefixtures("impatient")
def test_a_logout_does_not_pass_over_a_locked_keyring(
    embedded: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.install(tmp_path / "vault")
    token = ("login", "--token-stdin", *REAL)
    assert embedded(*token, stdin="one", env={"EMK_KEYRING": "auto"}).code == 0
    with monkeypatch.context() as patch:
        patch.setattr(allowed_backends, "obstacle", lambda _backend: "the keyring is locked")
        assert embedded("logout", *REAL, env={"EMK_KEYRING": "auto"}).code == 4
    assert embedded("logout", *REAL, "--json", env={"EMK_KEYRING": "auto"}).item["ended"]


@pytest.mark.usefixtures("impatient")
def test_a_plain_file_is_asked_for_at_each_login_and_warned_of(embedded: World) -> None:
    token = ("login", "--token-stdin", *REAL)
    assert embedded(*token, "--insecure-storage", stdin="one").err.count("plain file") == 1
    assert embedded("auth", "status", *REAL).err.count("plain file") == 1
    [warning] = embedded.ok("auth", "status", *REAL).json["warnings"]
    assert "plain file" in warning
    assert embedded.fails(4, "no_secret_storage", *token, stdin="two")
    assert embedded("auth", "token", "--show", *REAL).out == "one\n", "a login that failed leaves it alone"
    assert embedded.ok("logout", *REAL).item["ended"]
    assert embedded("auth", "status", *REAL).err == ""


@pytest.mark.parametrize("where", ["option", "environment", "profile"])
def test_no_setting_allows_a_plain_file(embedded: World, where: str) -> None:
    embedded.at("verified")
    if where == "profile":
        (embedded.home / "config.toml").write_text('[profiles.default]\nstorage = "plain-file"\n')
    more = ("--storage", "plain-file") if where == "option" else ()
    done = embedded(*embedded.login(*more), env={"EMK_STORAGE": "plain-file"} if where == "environment" else {})
    assert (done.code, "encrypted-file" in done.err) == (2, True)


def test_a_login_into_another_place_takes_the_plain_file_away(embedded: World, secret: Path) -> None:
    token = ("login", "--token-stdin", *REAL)
    assert embedded(*token, "--insecure-storage", stdin="one").code == 0
    assert embedded(*token, stdin="two", env={"EMK_STORAGE": "encrypted-file"}).code == 0
    assert sessions(embedded) == [".lock", ".sealed"]
    assert embedded("auth", "token", "--show", *REAL).out == "two\n"


@pytest.mark.parametrize("variable", ["EMK_TOKEN", "EMK_TOKEN_FILE"])
def test_a_logout_says_that_a_given_token_stays(embedded: World, tmp_path: Path, variable: str) -> None:
    file = tmp_path / "token"
    file.write_text("given")
    embedded.at("logged-in")
    done = embedded("logout", "--json", env={variable: str(file)})
    assert (done.code, done.item) == (0, {"logged_in": True, "ended": False})
    assert f"unset {variable} " in done.json["warnings"][1]
    assert file.exists()
    assert embedded.ok("logout").item["ended"], "the stored session was not touched"


def test_documents_are_imported_without_a_keyring(embedded: World, tmp_path: Path, secret: Path) -> None:
    file = tmp_path / "bundle.json"
    file.write_text(BUNDLE, encoding="utf-8")
    assert embedded.ok("card", "import", str(file), *SEALED).items[0]["status"] == "added"
    assert embedded.ok("card", "labs", "--backend", "local").items
    assert embedded("card", "labs", "--backend", "local", env={"EMK_PASSPHRASE_FILE": ""}).code == 4
    secret.write_text("другая\n", encoding="utf-8")
    assert embedded.fails(13, "storage", "card", "labs", "--backend", "local")


def test_a_chosen_passphrase_comes_before_a_keyring(embedded: World, tmp_path: Path, secret: Path) -> None:
    windows = vault.install(tmp_path / "vault")
    file = tmp_path / "bundle.json"
    file.write_text(BUNDLE, encoding="utf-8")
    assert embedded("card", "import", str(file), *SEALED, env={"EMK_KEYRING": "auto"}).code == 0
    assert windows.items() == {}


def test_an_export_goes_on_when_the_token_ends_in_the_middle(served: World, tmp_path: Path) -> None:
    served.at("activated")
    served.ok("mock", "fault", "add", "401-mid-paging", "--path", "/fhir/R4/", "--times", "1")
    served.ok("mock", "log", "--clear")
    done = served.ok("card", "export", "--format", "ndjson", "--to", str(tmp_path / "out")).item
    log = served.ok("mock", "log").items
    refused = [index for index, entry in enumerate(log) if entry["status"] == 401]
    assert (done["complete"], len(refused)) == (True, 1)
    assert [entry["path"] for entry in log].count("/oauth2/token") == 1
    later = log[refused[0] + 1 :]
    assert [entry["path"] for entry in later[:2]] == ["/oauth2/token", log[refused[0]]["path"]]
