"""Against a foreign OpenID provider (oidc-provider from npm), with a real browser and a FHIR server that asks for its tokens."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from emkcli import errors
from emkcli.api import CardQuery
from emkcli.api.auth import InMemory
from emkcli.api.backends import Setup, recipe
from emkcli.loopback.oauth_callback import Receiver
from tests.conftest import Emk
from tests.slow.at_a_desk import log_in_by_browser
from tests.slow.browsing import CHROMIUM, browser, log_in

PEER = "oidc-provider@9.13.3"
SCRIPT = Path(__file__).parent / "peers" / "openid.mjs"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The peer beside our script: Node looks for modules next to the file that imports them."""
    for program in ("node", "npm", CHROMIUM):
        assert shutil.which(program), f"install {program}: this check needs a foreign provider and a browser"
    place = tmp_path_factory.mktemp("peer")
    install = [
        "npm",
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--prefix",
        str(place),
        PEER,
    ]
    subprocess.run(install, check=True, timeout=300)
    shutil.copy(SCRIPT, place)
    return place


@pytest.fixture
def url(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    peer = subprocess.Popen(
        ["node", SCRIPT.name], cwd=installed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert peer.stdout
    address = peer.stdout.readline().strip()
    settings = {"BACKEND": "fhir", "URL": f"{address}/fhir", "CLIENT_ID": "emk"}
    for name, value in settings.items():
        monkeypatch.setenv(f"EMK_{name}", value)
    yield address
    peer.kill()
    peer.communicate()


def stored(tmp_path: Path) -> Path:
    [path] = (tmp_path / "emk" / "state" / "sessions").glob("*.json")
    return path


def test_a_person_logs_in_by_a_browser(url: str, emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code with PKCE, id token, the card, a refresh with rotation; no secret on the terminal or the page."""
    visit = log_in_by_browser(tmp_path, monkeypatch)
    assert visit.code == 0, visit.said
    assert "You can close this page" in visit.page
    status = emk("auth", "status", "--json").item
    assert (status["logged_in"], status["issuer"], status["person"], status["refreshable"]) == (True, url, "p-1", True)
    assert "offline_access" in status["scope"]
    assert emk("card", "labs", "--fields", "analyte,value,unit").out == "Глюкоза\t5.4\tммоль/л\n"

    before = json.loads(stored(tmp_path).read_bytes())
    stored(tmp_path).write_text(json.dumps(before | {"access_token": "stale"}), encoding="utf-8")
    assert emk("card", "labs").code == 0
    after = json.loads(stored(tmp_path).read_bytes())
    assert after["access_token"] != "stale"
    assert after["refresh_token"] != before["refresh_token"]

    answer = dict(parse_qsl(urlsplit(visit.landed).query))
    secrets = (answer["code"], after["access_token"], after["refresh_token"], after["id_token"])
    assert not [secret for secret in secrets if secret in visit.said + visit.page]


def test_a_code_is_good_once(url: str) -> None:
    """A replay is refused, and the provider takes back what the code had brought: the session is lost, and said to be."""
    store = InMemory()
    setup = Setup(store=lambda *_: store, open_mock=lambda: None, url=f"{url}/fhir", client_id="emk")
    with recipe("fhir")(setup) as client, Receiver("http://127.0.0.1/callback") as receiver, browser() as page:
        begun = client.identity.authorize(receiver.redirect_uri)
        receiver.expect(begun.state)
        page.goto(begun.url)
        log_in(page)
        answer = receiver.wait(patience=20)
        store.save(client.identity.exchange_authorization(begun, answer))
        assert [one.value for one in client.card.labs(CardQuery())] == ["5.4"]
        with pytest.raises(errors.Forbidden, match="invalid_grant") as caught:
            client.identity.exchange_authorization(begun, answer)
        assert answer["code"] not in caught.value.message
        with pytest.raises(errors.SessionLost):
            list(client.card.labs(CardQuery()))
        assert store.load() is None


def test_a_person_refuses(url: str, emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = log_in_by_browser(tmp_path, monkeypatch, "--refuse")
    assert visit.code == 5
    assert "access_denied" in visit.said
    assert emk("auth", "status", "--json").item["logged_in"] is False


def test_logging_out_revokes_at_the_provider(
    url: str, emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert log_in_by_browser(tmp_path, monkeypatch).code == 0
    tokens = json.loads(stored(tmp_path).read_bytes())
    done = emk("logout", "--json")
    assert done.item["ended"] is True
    assert f"{url}/session/end?client_id=emk" in done.json["warnings"][0]
    renewal = {"grant_type": "refresh_token", "client_id": "emk", "refresh_token": tokens["refresh_token"]}
    assert httpx.post(f"{url}/token", data=renewal, trust_env=False).json()["error"] == "invalid_grant"
    assert emk("logout", "--json").item["ended"] is False


@pytest.mark.parametrize("smart", [True, False])
def test_the_device_flow(url: str, emk: Emk, smart: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code is entered in a browser elsewhere while `emk` asks; also where only the issuer is known."""
    if not smart:
        monkeypatch.setenv("EMK_ISSUER", url)
    line = [sys.executable, "-m", "emkcli", "login", "--method", "device", "--insecure-storage", "--json"]
    process = subprocess.Popen(
        line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    said = process.stderr.readline()
    found = re.search(r"open (\S+) and enter (\S+)", said)
    assert found, said + process.stderr.read()
    with browser() as page:
        page.goto(found[1])
        page.fill("input[name=user_code]", found[2])
        page.click("button[type=submit]")
        page.click("button[type=submit]")
        log_in(page)
        page.wait_for_selector("text=Sign-in Success")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out)["item"]["person"] == "p-1"
    assert emk("card", "labs", "--fields", "value").out == "5.4\n"
