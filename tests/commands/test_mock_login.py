"""The browser login against the mock: embedded, on a socket, and as ESIA; what fails leaves the stored session as it was."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from emkcli.mock.seeding import PERSON
from tests.api.esia_keys import pair
from tests.api.esia_server import HASH
from tests.conftest import Emk, Result
from tests.contract.world import Server
from tests.mock.visitor import Visitor

from .mock_login import Browsing, Visit

PHONE, MNEMONIC = PERSON["phone"], "EMK01"


@pytest.fixture
def browsing(emk: Emk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browsing]:
    made = Browsing(emk, monkeypatch)
    yield made
    made.http.close()


@pytest.fixture
def remote(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """The mock on a socket, begun anew, with a confirmed person."""
    monkeypatch.setenv("EMK_URL", server.url)
    with httpx.Client(base_url=server.url, verify=False, trust_env=False) as http:
        http.post("/mock/reset", json={"seed": 1}).raise_for_status()
        http.post("/mock/seed", json={"state": "verified"}).raise_for_status()
        yield http


def codes_from(http: httpx.Client) -> list[str]:
    """Every code that was sent, the newest first."""
    return [one["code"] for one in http.get("/mock/inbox").json()["items"] if one["code"]]


def by(http: httpx.Client, who: str = PHONE) -> Visit:
    """Somebody who logs in, where the page lets them."""

    def visit(visitor: Visitor, address: str) -> str:
        if not visitor.open(address).address:
            visitor.press("send", who=who).press("enter", code=codes_from(http)[0])
        return visitor.address

    return visit


# the portal's own login, through both doors


@pytest.mark.parametrize("agrees", [True, False])
def test_the_embedded_mock_has_an_address_for_one_login(emk: Emk, browsing: Browsing, agrees: bool) -> None:
    assert emk("mock", "seed", "--state", "activated").code == 0
    with httpx.Client(verify=False, trust_env=False) as control:

        def person(visitor: Visitor, address: str) -> str:
            control.base_url = httpx.URL(address).copy_with(path="/", query=None)
            return by(control)(visitor, address) if agrees else visitor.open(address).press("cancel").address

        browsing.person = person
        done = browsing.login()
        assert done.code == (0 if agrees else 5), done.err
        with pytest.raises(httpx.ConnectError):
            control.get("/.well-known/emk")
    status = emk("auth", "status", "--json").item
    assert (status["logged_in"], status.get("issuer")) == (agrees, None)
    assert emk("card", "labs", "--limit", "1", "--json").code == (0 if agrees else 4)


def test_a_server_on_this_machine(remote: httpx.Client, browsing: Browsing, emk: Emk) -> None:
    browsing.person = by(remote, PERSON["snils"])
    done = browsing.login("--backend", "http")
    assert done.code == 0, done.err
    status = emk("auth", "status", "--json", "--backend", "http").item
    assert (status["logged_in"], status["issuer"]) == (True, str(remote.base_url).rstrip("/"))
    assert emk("service", "list", "--json", "--backend", "http").items
    assert emk("logout", "--json", "--backend", "http").item["ended"]


def test_a_smart_app_launch_at_the_fhir_door(
    remote: httpx.Client, browsing: Browsing, emk: Emk, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.post("/mock/seed", json={"state": "activated"}).raise_for_status()
    settings = {"URL": f"{str(remote.base_url).rstrip('/')}/fhir/R4", "CLIENT_ID": "emk"}
    for name, value in (settings | {"BACKEND": "fhir"}).items():
        monkeypatch.setenv(f"EMK_{name}", value)
    browsing.person = by(remote)
    done = browsing.login()
    assert done.code == 0, done.err
    assert emk("card", "labs", "--limit", "1", "--json").items


# ESIA


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificates of the system, and the settings once they were made by commands."""
    return tmp_path_factory.mktemp("papers")


@pytest.fixture
def organisation(remote: httpx.Client, emk: Emk, papers: Path, tmp_path: Path) -> Callable[..., Result]:
    """An information system registered at the mock, and `emk` set up for it by commands."""
    system = pair("system")
    certificate = system.certificate.public_bytes(Encoding.PEM).decode()
    body = {"redirect_uris": ["http://127.0.0.1/callback"], "certificate": certificate, "certificate_hash": HASH}
    registered = remote.put(f"/mock/clients/{MNEMONIC}", json=body).json()
    (papers / "esia.pem").write_text(registered["esia_certificate"])
    config, made = tmp_path / "emk" / "config.toml", papers / "config.toml"
    if made.exists():
        config.parent.mkdir(mode=0o700)
        shutil.copy(made, config)
        return emk
    configured = {
        "backend": "gosuslugi",
        "url": str(remote.base_url).rstrip("/"),
        "client_id": MNEMONIC,
        "esia.signer": "rsa",
        "esia.key": system.key_file(papers / "system.key"),
        "esia.certificate": system.certificate_file(papers / "system.pem"),
        "esia.certificate_hash": HASH,
        "esia.esia_certificate": str(papers / "esia.pem"),
    }
    for key, value in configured.items():
        assert emk("config", "set", key, value, "--json").code == 0
    shutil.copy(config, made)
    return emk


@pytest.fixture
def logging_in(organisation: Callable[..., Result], remote: httpx.Client, browsing: Browsing) -> Browsing:
    browsing.person = by(remote)
    return browsing


@pytest.mark.parametrize("generation", ["current", "legacy"])
def test_gosuslugi_from_the_login_to_the_logout(
    logging_in: Browsing, emk: Emk, remote: httpx.Client, generation: str, tmp_path: Path
) -> None:
    emk("config", "set", "esia.generation", generation)
    done = logging_in.login()
    assert (done.code, done.item["trust"], done.item["phone"]) == (0, "confirmed", "+7 *** ***-**-01"), done.err
    status = emk("auth", "status", "--json").item
    assert (status["signature_checked"], status["trust"], status["refreshable"]) == (True, "confirmed", True)
    assert emk("profile", "show", "--json").item["email"] == PERSON["email"]
    assert [one["relation"] for one in emk("person", "list", "--json").items] == ["self", "child"]
    kept = stored(tmp_path)
    stale = json.loads(kept.read_bytes()) | {"access_token": "a.b.c"}
    kept.write_text(json.dumps(stale))
    assert emk("whoami", "--json").code == 0, "a stale token is renewed"
    assert json.loads(kept.read_bytes())["refresh_token"] != stale["refresh_token"]
    out = emk("logout", "--json")
    assert out.item == {"logged_in": False, "ended": True}
    [address] = [word for said in out.json["warnings"] for word in said.split() if "/idp/ext/Logout?" in word]
    assert "logged out" in remote.get(address).text
    assert emk("whoami", "--json").error["code"] == "login_required"


def stored(tmp_path: Path) -> Path:
    [path] = (tmp_path / "emk" / "state" / "sessions").glob("*.json")
    return path


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_an_account_that_is_not_confirmed_keeps_its_session(
    logging_in: Browsing, emk: Emk, remote: httpx.Client, lang: str
) -> None:
    simple = {"snils": "000-000-102 02", "phone": "+79000000102", "first_name": "Анна"}
    remote.post("/mock/seed", json={"state": "registered", "person": simple}).raise_for_status()
    logging_in.person = by(remote, simple["phone"])
    done = logging_in.login("--lang", lang)
    assert (done.code, done.error["code"]) == (5, "not_verified")
    assert "emk login" in done.error["hint"]
    assert "emk verify" not in done.err, "nothing here can confirm an account of ESIA"
    status = emk("auth", "status", "--json").item
    assert (status["logged_in"], status["trust"]) == (True, "simplified")
    assert emk("whoami", "--json").item["trust"] == "simplified"


Break = Callable[[httpx.Client, Emk, Browsing, Path], None]


def clock_ahead(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
    remote.post("/mock/clock", json={"advance": 3600})


def other_key(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
    emk("config", "set", "esia.key", pair("other").key_file(place / "other.key"))


def other_hash(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
    emk("config", "set", "esia.certificate_hash", "f" * 64)


def cms_of_another(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
    other_key(remote, emk, browsing, place)
    emk("config", "set", "esia.certificate", pair("other").certificate_file(place / "other.pem"))
    emk("config", "set", "esia.signature", "cms")


def unknown_scope(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
    emk("config", "set", "scope", "openid everything")


def blocked(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
    remote.post("/mock/blocked", json={"phone": PHONE, "blocked": True})

    def person(visitor: Visitor, address: str) -> str:
        visitor.open(address).press("send", who=PHONE).press("enter", code=codes_from(remote)[0])
        assert "blocked" in visitor.problem
        return visitor.press("back").address

    browsing.person = person


def unconfirmed(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
    emk("config", "set", "esia.person_filter", "conf_acc")
    simple = {"snils": "000-000-102 02", "phone": "+79000000102"}
    remote.post("/mock/seed", json={"state": "registered", "person": simple})

    def person(visitor: Visitor, address: str) -> str:
        visitor.open(address).press("send", who=simple["phone"]).press("enter", code=codes_from(remote)[0])
        return visitor.press("back").address

    browsing.person = person


def cancelled(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
    browsing.person = lambda visitor, address: visitor.open(address).press("cancel").address


def edited(**changes: str) -> Break:
    """The browser is sent back with another answer than the mock's."""

    def broken(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
        def person(visitor: Visitor, address: str) -> str:
            parts = urlsplit(by(remote)(visitor, address))
            return parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | changes)).geturl()

        browsing.person = person

    return broken


def too_late(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
    """Four minutes pass before the browser comes back: the code is dead, the client's clock still right."""

    def person(visitor: Visitor, address: str) -> str:
        landed = by(remote)(visitor, address)
        remote.post("/mock/clock", json={"advance": 241})
        return landed

    browsing.person = person


def used_already(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
    """Somebody read the answer on its way and was faster, with the system's own key."""

    def person(visitor: Visitor, address: str) -> str:
        landed = by(remote)(visitor, address)
        query = dict(parse_qsl(urlsplit(address).query))
        form = {name: query[name] for name in ("client_id", "scope", "timestamp", "redirect_uri")}
        form |= {"state": "00000000-0000-4000-8000-000000000001", "code": visitor.back["code"]}
        text = "".join(form[name] for name in ("client_id", "scope", "timestamp", "state", "redirect_uri", "code"))
        secret = base64.urlsafe_b64encode(pair("system").sign(text.encode())).decode()
        form |= {"client_secret": secret, "client_certificate_hash": HASH, "grant_type": "authorization_code"}
        assert remote.post("/aas/oauth2/v3/te", data=form).status_code == 200
        return landed

    browsing.person = person


def failing(kind: str, path: str) -> Break:
    def broken(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
        remote.post("/mock/faults", json={"kind": kind, "path": path}).raise_for_status()

    return broken


def other_certificate(remote: httpx.Client, emk: Emk, browsing: Browsing, place: Path) -> None:
    """The tokens are signed with another key than the one ESIA is known by."""
    emk("config", "set", "esia.esia_certificate", pair("other").certificate_file(place / "other.pem"))


ESIA: dict[str, tuple[Break, str | None, str, int]] = {
    "clock skew": (clock_ahead, "007015", "invalid_input", 2),
    "another key": (other_key, "007053", "forbidden", 5),
    "another hash": (other_hash, "007053", "forbidden", 5),
    "CMS of another certificate": (cms_of_another, "007002", "forbidden", 5),
    "unknown scope": (unknown_scope, "007006", "invalid_input", 2),
    "blocked account": (blocked, "007036", "forbidden", 5),
    "only confirmed accounts": (unconfirmed, "007055", "not_verified", 5),
    "the person says no": (cancelled, "007004", "forbidden", 5),
    "code of nobody": (edited(code="sentinel-code"), "007011", "session_lost", 4),
    "code too late": (too_late, "007011", "session_lost", 4),
    "code used already": (used_already, "007011", "session_lost", 4),
    "wrong state": (edited(state="other"), None, "timeout", 7),
    "HTML with 200": (failing("html", "/aas/oauth2/v3/te"), None, "bad_response", 8),
    "an error with 200": (failing("200-with-error", "/aas/oauth2/v3/te"), None, "bad_response", 8),
    "nothing with 200": (failing("empty", "/aas/oauth2/v3/te"), None, "bad_response", 8),
    "tokens signed by another": (other_certificate, None, "bad_response", 8),
}
"""What is wrong, ESIA's code if it says one, the slug and the exit code of `emk`."""


@pytest.mark.parametrize("name", ESIA)
def test_what_goes_wrong_at_esia_is_said_and_the_session_stays(
    logging_in: Browsing,
    emk: Emk,
    remote: httpx.Client,
    tmp_path: Path,
    name: str,
) -> None:
    wrong, code, slug, status = ESIA[name]
    if slug == "timeout":
        logging_in.give_up_after(3)
    assert emk("login", "--token-stdin", "--insecure-storage", stdin="sentinel.session.token").code == 0
    before = stored(tmp_path).read_bytes()
    wrong(remote, emk, logging_in, tmp_path)
    done = logging_in.login()
    assert (done.code, done.error["code"]) == (status, slug), done.err
    if code:
        assert f"ESIA-{code}" in done.error["message"]
    assert done.error["hint"]
    assert stored(tmp_path).read_bytes() == before
    assert not [secret for secret in ("sentinel", PHONE, *codes_from(remote)) if secret in done.err]


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [("client_id", "STRANGER", "008010"), ("redirect_uri", "http://127.0.0.1/other", "007023")],
)
def test_who_is_unknown_is_told_on_the_page(logging_in: Browsing, emk: Emk, key: str, value: str, code: str) -> None:
    """Nobody can be sent back, so `emk` waits until the person gives up or the time is over."""
    logging_in.give_up_after(0.6)
    emk("config", "set", key, value)
    logging_in.person = lambda visitor, address: visitor.open(address).address
    assert logging_in.login().code == 7
    assert f"ESIA-{code}" in logging_in.visitor.problem


# the portal's own login goes wrong


OPENID: dict[str, tuple[Break, str, int]] = {
    "wrong state": (edited(state="other"), "timeout", 7),
    "another provider": (edited(iss="https://evil.example"), "bad_response", 8),
    "code of nobody": (edited(code="sentinel-code"), "forbidden", 5),
    "code too late": (too_late, "forbidden", 5),
    "the person says no": (cancelled, "forbidden", 5),
    "blocked account": (blocked, "forbidden", 5),
    "HTML with 200": (failing("html", "/oauth2/token"), "bad_response", 8),
    "discovery is HTML": (failing("html", "/.well-known/openid"), "bad_response", 8),
}


@pytest.mark.parametrize("name", OPENID)
def test_what_goes_wrong_at_the_portal_is_said_and_the_session_stays(
    browsing: Browsing,
    emk: Emk,
    remote: httpx.Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    wrong, slug, status = OPENID[name]
    if slug == "timeout":
        browsing.give_up_after(3)
    monkeypatch.setenv("EMK_BACKEND", "http")
    browsing.person = by(remote)
    assert emk("login", "--token-stdin", "--insecure-storage", stdin="sentinel.session.token").code == 0
    before = stored(tmp_path).read_bytes()
    wrong(remote, emk, browsing, tmp_path)
    done = browsing.login()
    assert (done.code, done.error["code"]) == (status, slug), done.err
    assert stored(tmp_path).read_bytes() == before
    assert not [secret for secret in ("sentinel", PHONE, *codes_from(remote)) if secret in done.err]
