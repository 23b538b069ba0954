"""ESIA's wire on the mock: every violation is refused with ESIA's own code, before the page or at the token endpoint."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws, jwt
from joserfc.jwk import RSAKey

from emkcli.mock.application import open_mock
from emkcli.mock.seeding import PERSON

from .conftest import START
from .esia_system import Params, System, cms, raw
from .person import Person, in_process
from .visitor import Visitor

PHONE = PERSON["phone"]
Begin = Callable[..., System]


@pytest.fixture
def system(someone: Person) -> Begin:
    """An information system that is registered, and a confirmed person who may log in."""
    return lambda **more: beside(someone, **more)


def beside(someone: Person, **more: Any) -> System:
    someone.send("POST", "/mock/seed", 201, json={"state": "verified"})
    return System(someone.http, lambda: datetime.fromisoformat(START), **more)


@pytest.fixture(scope="module")
def settled() -> Iterator[tuple[System, Person]]:
    """One such world for the rows of the tables: what is refused changes nothing."""
    mock = open_mock(":memory:", speed=0)
    person = in_process(mock)
    person.clock(set=START)
    yield beside(person), person
    person.close()
    mock.close()


def visit(system: System, someone: Person, params: Params | None = None) -> Params:
    return Visitor(system.http).log_in(system.address(params or system.asking()), PHONE, someone.code)


def code_of(system: System, someone: Person, **more: str) -> str:
    return visit(system, someone, system.asking(**more))["code"]


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("kind", ["rsa", "ec"])
@pytest.mark.parametrize("make", [raw, cms])
def test_a_login_from_the_page_to_person_data(
    system: Begin, someone: Person, legacy: bool, kind: str, make: Callable[[bytes, str], bytes]
) -> None:
    here = system(legacy=legacy, kind=kind)
    here.sign = lambda content: make(content, kind)
    asked = here.asking(**({} if legacy else {"scope_org": "org_inf"}))
    back = visit(here, someone, asked)
    assert back["state"] == asked["state"]
    tokens = here.token(here.exchanging(back["code"], **({} if legacy else {"scope_org": "org_inf"})))
    fresh = here.token(here.renewing(tokens["refresh_token"]))
    assert fresh["refresh_token"] != tokens["refresh_token"]
    own = opened(here, tokens["access_token"], "access")
    assert (own["client_id"], own["iss"]) == (here.name, "http://esia.gosuslugi.ru/")
    person = read(someone, own["urn:esia:sbj_id"], fresh["access_token"])
    assert (person["lastName"], person["birthDate"], person["trusted"]) == ("Снегирёва", "17.04.1986", True)


def opened(here: System, token: str, kind: str) -> dict[str, Any]:
    public = x509.load_pem_x509_certificate(here.esia_certificate.encode()).public_key()
    key = RSAKey.import_key(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    known = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    found = jwt.decode(token, key, registry=known)
    assert (found.header["sbt"], found.header["ver"], found.header["typ"]) == (kind, 0, "JWT")
    return found.claims


def read(someone: Person, oid: int, token: str, path: str = "", status: int = 200, **params: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    answer = someone.http.get(f"/rs/prns/{oid}{path}", params=params, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


BEFORE: list[tuple[str, dict[str, str | None], str]] = [
    ("unknown system", {"client_id": "STRANGER"}, "008010"),
    ("a program without a certificate", {"client_id": "emk"}, "007002"),
    ("no system", {"client_id": None}, "007014"),
    ("another host", {"redirect_uri": "http://evil.example/callback"}, "007023"),
    ("another path", {"redirect_uri": "http://127.0.0.1:4711/other"}, "007023"),
    ("a host that only begins so", {"redirect_uri": "http://127.0.0.1.evil.example/callback"}, "007023"),
    ("somebody before the host", {"redirect_uri": "http://127.0.0.1:1@evil.example/callback"}, "007023"),
    ("no timestamp", {"timestamp": None}, "007014"),
    ("a time of another shape", {"timestamp": "2026-03-02T10:00:00"}, "007003"),
    ("no such day", {"timestamp": "2026.02.31 10:00:00 +0300"}, "007003"),
    ("six minutes late", {"timestamp": "2026.03.02 09:54:00 +0300"}, "007015"),
    ("six minutes early", {"timestamp": "2026.03.02 10:06:00 +0300"}, "007015"),
    ("the right time in another zone", {"timestamp": "2026.03.02 10:00:00 +0500"}, "007015"),
    ("a state that is no UUID", {"state": "x"}, "007003"),
    ("no scope", {"scope": None}, "007013"),
    ("unknown scope", {"scope": "openid everything"}, "007006"),
    ("no hash", {"client_certificate_hash": None}, "007014"),
    ("hash of another certificate", {"client_certificate_hash": "f" * 64}, "007053"),
    ("no signature", {"client_secret": None}, "007014"),
    ("a signature that is no base64", {"client_secret": "%%%"}, "007053"),
    ("a signature of nothing", {"client_secret": base64.urlsafe_b64encode(b"0" * 256).decode()}, "007053"),
]
"""What is changed in a signed call, and ESIA's code; it is signed anew unless the signature itself is changed."""
AUTHORIZATION: list[tuple[str, dict[str, str | None], str]] = [
    ("response_type", {"response_type": "token"}, "007009"),
    ("no response_type", {"response_type": None}, "007014"),
    ("access_type", {"access_type": "sometimes"}, "007003"),
    ("person_filter", {"person_filter": "%"}, "007003"),
    ("PKCE by SHA-256", {"code_challenge_method": "S256", "code_challenge": "a" * 43}, "007039"),
    ("PKCE without a method", {"code_challenge": "a" * 43}, "007039"),
    ("a challenge that is too short", {"code_challenge_method": "GOST3411", "code_challenge": "a"}, "007038"),
]


def changed(here: System, params: Params, change: dict[str, str | None]) -> Params:
    found = {name: value for name, value in (params | change).items() if value is not None}
    return found if "client_secret" in change else here.signed(found)


@pytest.mark.parametrize(("change", "code"), [row[1:] for row in (*BEFORE, *AUTHORIZATION)], ids=str)
def test_a_wrong_authorization_shows_no_login(
    settled: tuple[System, Person], change: dict[str, str | None], code: str
) -> None:
    """Whoever is not known to belong to the address is told on a page; everybody else at the return address."""
    here, _ = settled
    params = changed(here, here.params(response_type="code", access_type="offline"), change)
    visitor = Visitor(here.http).open(here.address(params))
    assert 'name="login"' not in visitor.page
    if {"client_id", "redirect_uri"} & change.keys() and code != "007002":
        assert (visitor.status, visitor.problem.partition(":")[0]) == (400, f"ESIA-{code}")
    else:
        assert visitor.address.startswith("http://127.0.0.1:4711/callback?")
        assert visitor.back["error_description"].startswith(f"ESIA-{code}")
        assert visitor.back["state"] == params["state"]


@pytest.mark.parametrize(("change", "code"), [row[1:] for row in BEFORE], ids=str)
def test_a_wrong_exchange_leaves_the_code_good(
    settled: tuple[System, Person], change: dict[str, str | None], code: str
) -> None:
    here, someone = settled
    good = code_of(here, someone)
    params = here.params(code=good, grant_type="authorization_code")
    assert here.refused(changed(here, params, change)) == code
    assert here.token(here.exchanging(good))["access_token"]


@pytest.mark.parametrize("part", ["scope", "timestamp", "state", "redirect_uri", "code"])
def test_every_part_of_the_string_is_under_the_signature(settled: tuple[System, Person], part: str) -> None:
    here, someone = settled
    form = here.exchanging(code_of(here, someone))
    other = {
        "scope": "openid",
        "timestamp": "2026.03.02 10:00:01 +0300",
        "state": "00000000-0000-4000-8000-000000000001",
        "redirect_uri": "http://127.0.0.1:4712/callback",
        "code": "another",
    }
    assert here.refused(form | {part: other[part]}) == "007053"


def test_a_signature_of_another_system(system: Begin, someone: Person) -> None:
    here = system()
    for make, code in ((raw, "007053"), (cms, "007002")):
        here.sign = lambda content, make=make: make(content, "rsa", "other")
        visitor = Visitor(here.http).open(here.address(here.asking()))
        assert visitor.back["error_description"].startswith(f"ESIA-{code}")
    here.sign = lambda content: cms(content + b"!")
    assert Visitor(here.http).open(here.address(here.asking())).back["error_description"].startswith("ESIA-007053")


def test_a_state_is_good_once_and_a_parameter_is_there_once(system: Begin, someone: Person) -> None:
    here = system()
    asked = here.asking()
    visit(here, someone, asked)
    again = Visitor(here.http).open(here.address(asked))
    assert "[state]" in again.back["error_description"]
    twice = Visitor(here.http).open(here.address(here.asking()) + "&scope=openid")
    assert (twice.status, "ESIA-007003" in twice.problem) == (400, True)


def test_a_code_is_good_once_for_one_system_and_one_address(system: Begin, someone: Person) -> None:
    here, other = system(), system(kind="ec")
    code = code_of(here, someone)
    assert other.refused(other.exchanging(code)) == "007011"
    assert here.refused(here.exchanging("nothing")) == "007011"
    tokens = here.token(here.exchanging(code))
    assert here.refused(here.exchanging(code)) == "007011"
    assert here.refused(here.renewing(tokens["refresh_token"])) == "007028", "what a stolen code brought is taken back"
    someone.clock(advance=60)
    here.now = lambda: datetime.fromisoformat(START) + timedelta(seconds=60)
    moved = here.exchanging(code_of(here, someone), redirect_uri="http://127.0.0.1:4712/callback")
    assert here.refused(moved) == "007011"


@pytest.mark.parametrize(("seconds", "good"), [(239, True), (240, False)])
def test_a_code_lasts_four_minutes_of_the_mocks_clock(system: Begin, someone: Person, seconds: int, good: bool) -> None:
    here = system()
    code = code_of(here, someone)
    someone.clock(advance=seconds)
    here.now = lambda: datetime.fromisoformat(START) + timedelta(seconds=seconds)
    form = here.exchanging(code)
    assert here.token(form)["access_token"] if good else here.refused(form) == "007011"


def test_refresh_tokens_rotate_expire_and_are_revoked(system: Begin, someone: Person) -> None:
    here = system()
    first = here.token(here.exchanging(code_of(here, someone)))
    assert here.refused(here.renewing("unknown")) == "007011"
    assert here.refused(here.signed(here.params(grant_type="password"))) == "007012"
    second = here.token(here.renewing(first["refresh_token"]))
    block(someone, blocked=True)
    assert here.refused(here.renewing(second["refresh_token"])) == "007036"
    block(someone, blocked=False)
    days = timedelta(days=60)
    someone.clock(advance=days.total_seconds())
    here.now = lambda: datetime.fromisoformat(START) + days
    assert here.refused(here.renewing(second["refresh_token"])) == "007027"
    assert here.refused(here.renewing(first["refresh_token"])) == "007028"
    oid = opened(here, first["access_token"], "access")["urn:esia:sbj_id"]
    assert read(someone, oid, second["access_token"], status=401)["code"] == "ESIA-005013"


def block(someone: Person, *, blocked: bool) -> None:
    someone.send("POST", "/mock/blocked", json={"phone": PHONE, "blocked": blocked})


def test_who_is_not_let_in(system: Begin, someone: Person) -> None:
    """A blocked account, an unconfirmed one where the system wants others, and a person who says no."""
    here = system()
    block(someone, blocked=True)
    blocked = Visitor(here.http, "ru").open(here.address(here.asking())).press("send", who="000-000-101 00")
    blocked.press("enter", code=someone.code())
    assert "заблокирована" in blocked.problem
    assert blocked.press("back").back["error_description"].startswith("ESIA-007036")
    block(someone, blocked=False)

    simple = {"snils": "000-000-102 02", "phone": "+79000000102", "first_name": "Анна"}
    someone.send("POST", "/mock/seed", 201, json={"state": "registered", "person": simple})
    wants = here.asking(person_filter=base64.b64encode(b"conf_acc").decode())
    visitor = Visitor(here.http).open(here.address(wants)).press("send", who="8 (900) 000-01-02")
    visitor.press("enter", code=someone.code())
    assert "confirmed accounts only" in visitor.problem
    assert visitor.press("back").back["error_description"].startswith("ESIA-007055")

    refused = Visitor(here.http).open(here.address(here.asking())).press("cancel")
    assert refused.back["error"] == "access_denied"
    assert refused.back["error_description"].startswith("ESIA-007004")


def test_online_access_and_no_openid(system: Begin, someone: Person) -> None:
    here = system()
    asked = here.signed(here.params(response_type="code", access_type="online", scope="fullname"))
    tokens = here.token(here.exchanging(visit(here, someone, asked)["code"]))
    assert "refresh_token" not in tokens
    assert "id_token" not in tokens


def test_person_data_as_far_as_the_scopes_reach(system: Begin, someone: Person) -> None:
    here = system()
    narrow = here.signed(here.params(response_type="code", access_type="online", scope="openid fullname mobile"))
    token = here.token(here.exchanging(visit(here, someone, narrow)["code"]))["access_token"]
    oid = opened(here, token, "access")["urn:esia:sbj_id"]
    person = read(someone, oid, token, embed="(contacts.elements,documents.elements)")
    assert "snils" not in person
    assert [one["type"] for one in person["contacts"]["elements"]] == ["MBT"]
    assert "documents" not in person
    assert read(someone, oid, token, "/docs", 403)["code"] == "ESIA-005029"
    for wrong, status in ((f"/{'cars'}", 404), ("/ctts/9", 404)):
        assert read(someone, oid, token, wrong, status)["code"] == "ESIA-020203"
    assert read(someone, oid + 1, token, status=404)["code"] == "ESIA-020203"
    assert read(someone, oid, "nonsense", status=401)["code"] == "ESIA-005013"
    ordinary = someone.login()["access_token"]
    assert read(someone, oid, ordinary, status=401)["code"] == "ESIA-005013", "a token of the portal is none of ESIA's"
    someone.http.headers["Authorization"] = f"Bearer {token}"
    someone.refused("GET", "/account", 401, "session_lost")


def test_collections_as_addresses_and_page_by_page(system: Begin, someone: Person) -> None:
    here = system()
    someone.send("POST", "/mock/seed", 201, json={"state": "activated"})
    token = here.token(here.exchanging(code_of(here, someone)))["access_token"]
    oid = opened(here, token, "access")["urn:esia:sbj_id"]
    plain = read(someone, oid, token, "/addrs", pageSize="1", pageIndex="1")
    assert (plain["size"], plain["stateFacts"]) == (2, ["Paginated", "hasSize", "LastPage"])
    [address] = plain["elements"]
    assert address.endswith(f"/rs/prns/{oid}/addrs/2")
    assert read(someone, oid, token, "/addrs/2")["type"] == "PLV"
    whole = read(someone, oid, token, "/docs", embed="(elements)")
    assert [one["type"] for one in whole["elements"]] == ["RF_PASSPORT", "MDCL_PLCY"]
    assert whole["elements"][1]["medicalOrg"]
    kids = read(someone, oid, token, "/kids", embed="(elements)")["elements"]
    assert (kids[0]["lastName"], "gender" in kids[0]) == ("Снегирёв", False)


def test_the_way_out(system: Begin, someone: Person) -> None:
    here = system()
    away = {"client_id": here.name, "redirect_url": "http://127.0.0.1/callback"}
    answer = here.http.get("/idp/ext/Logout", params=away)
    assert (answer.status_code, answer.headers["location"]) == (302, away["redirect_url"])
    assert "logged out" in here.http.get("/idp/ext/Logout", params={"client_id": here.name}).text
    for change, status in (
        ({"client_id": ""}, 400),
        ({"client_id": "STRANGER"}, 403),
        ({"redirect_url": "https://evil.example/"}, 403),
    ):
        assert here.http.get("/idp/ext/Logout", params=away | change).status_code == status
