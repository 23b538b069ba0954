"""`emk selfcheck`: facts for a bug report, an exit code for a script, and nothing that should not be pasted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.api.tls_world import Authority, serving
from tests.contract.world import World

NAMES = {"emk", "python", "libraries", "extras", "locale", "terminal", "clock", "config", "settings", "environment"}
NAMES |= {"config directory", "state directory", "cache directory", "keyring", "session", "local card", "audit log"}
NAMES |= {"backend", "tls", "disk"}


def checked(world: World, *more: str, env: dict[str, str] | None = None, code: int = 0) -> dict[str, dict[str, Any]]:
    done = world("selfcheck", "--json", *more, env=env or {})
    assert (done.code, done.err) == (code, ""), done.out
    return {check["name"]: check for check in done.items}


def test_a_healthy_installation(embedded: World) -> None:
    found = checked(embedded.at("activated"))
    assert set(found) >= NAMES | {"lock"}
    assert {check["status"] for check in found.values()} <= {"ok", "skip"}
    assert "server" not in found
    assert found["keyring"]["status"] == "skip"


def test_a_fresh_home_stays_as_it_is(embedded: World) -> None:
    embedded.at("new")
    for path in sorted(embedded.home.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    checked(embedded)
    assert list(embedded.home.rglob("*")) == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_facts_are_the_same_in_every_language(embedded: World, language: str) -> None:
    found = checked(embedded.at("new"), "--lang", language)
    assert found["disk"]["detail"].endswith("MB free")
    assert found["session"]["detail"].startswith("storage keyring")


@pytest.mark.usefixtures("impatient")
def test_nothing_of_the_person_is_in_it(embedded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.at("activated")
    monkeypatch.setenv("HOME", str(embedded.home.parent))
    secrets = {
        "EMK_TOKEN": "sentinel-token-value",
        "EMK_URL": "https://emk.invalid/x?user=sojkina&snils=00000010707&token=sentinel-value",
        "EMK_PERSON": "000-000-107 07",
        "EMK_PASSPHRASE_FILE": str(embedded.home / "passphrase"),
    }
    for output in ("json", "plain"):
        said = embedded("selfcheck", "--live", "-o", output, env=secrets)
        assert said.code == 12
        for secret in ("sentinel", "sojkina", "00000010707", "000-000-107", str(embedded.home.parent)):
            assert secret not in said.out + said.err
        assert "~/home" in said.out


def test_what_is_wrong_is_said_with_what_to_do(embedded: World) -> None:
    embedded.at("logged-in")
    embedded.home.joinpath("state").chmod(0o755)
    session = next((embedded.home / "state" / "sessions").glob("*.json"))
    session.chmod(0o644)
    (embedded.home / "state" / "audit.jsonl").write_text("nonsense\n")
    (embedded.home / "config.toml").write_text("[profiles.default]\nlanguage = 'ru'\n")
    found = checked(embedded, env={"EMK_BACKED": "http", "HTTPS_PROXY": "http://proxy"})
    for name in ("state directory", "files", "audit log", "config", "environment"):
        assert found[name]["status"] == "warn", found[name]
        assert found[name]["hint"]
    assert "EMK_BACKED" in found["environment"]["detail"]
    assert "language" in found["config"]["detail"]


def test_a_failure_is_exit_12(embedded: World, tmp_path: Path) -> None:
    embedded.at("new")
    env = {"EMK_KEYRING": "required", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    assert checked(embedded, env=env, code=12)["keyring"]["status"] == "fail"
    found = checked(embedded, env={"EMK_CA_BUNDLE": str(tmp_path / "nowhere.pem")}, code=12)
    assert "ca_bundle" in found["tls"]["detail"]
    assert checked(embedded, env={"EMK_BACKEND": "nonsense"}, code=12)["backend"]["status"] == "fail"


def test_live_against_a_server(served: World) -> None:
    served.at("new").ok("mock", "clock", "set", datetime.now(UTC).isoformat())
    found = checked(served, "--live", "--backend", "http")
    assert found["server"]["status"] == "ok"
    assert found["clock skew"]["status"] == "ok"
    served.advance("36h")
    found = checked(served, "--live", code=12)
    assert found["clock skew"]["status"] == "fail"


@pytest.mark.usefixtures("impatient")
def test_live_against_nobody(embedded: World) -> None:
    found = checked(embedded.at("new"), "--live", "--url", "http://127.0.0.1:9", code=12)
    assert found["server"]["detail"].startswith("unreachable")


def test_live_against_a_private_authority(embedded: World, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with serving(authority.server("localhost")) as (port, _paths):
        url = f"https://localhost:{port}"
        assert checked(embedded.at("new"), "--live", "--url", url, code=12)["server"]["detail"].startswith("tls: ")
        found = checked(embedded, "--live", "--url", url, env={"EMK_CA_BUNDLE": str(authority.bundle)})
    assert found["server"]["status"] == "ok"
    assert "Invented Root CA" in found["ca_bundle"]["detail"]
