"""What ESIA answers: its error table, its tokens, a person's data; nothing it sends raises anything of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import errors, models
from emkcli.api.esia import decoding, problems, tokens
from emkcli.api.esia.organisation import Organisation
from emkcli.api.esia.people import People
from emkcli.api.esia.portal import EsiaAccounts, EsiaPortal
from emkcli.api.wire import Wire
from emkcli.security.safe_text import sanitise
from tests.api.esia_server import MNEMONIC, OID, SNILS, Esia

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
TEXTS = (
    "lastName",
    "firstName",
    "birthDate",
    "snils",
    "vrfStu",
    "value",
    "medicalOrg",
    "addressStr",
    "zipCode",
    "house",
)
FIELDS = st.sampled_from([*TEXTS, "trusted", "type", "id", "oid", "_address"])
DOCUMENT = st.dictionaries(FIELDS, JSON | st.sampled_from(["MBT", "EML", "PRG", "MDCL_PLCY"]), max_size=6)


# the error table


@pytest.mark.parametrize("code", problems.KNOWN)
def test_every_code_says_what_to_do(code: str) -> None:
    error = problems.error_of({"error": "x", "error_description": f"ESIA-{code}: text of the server [param]"})
    assert type(error) is problems.KNOWN[code][0]
    assert f"(ESIA-{code}: param)" in error.message
    assert "text of the server" not in error.message
    assert error.hint
    assert error.details == {"reason": f"ESIA-{code}"}


@pytest.mark.parametrize(
    ("document", "status", "kind", "said"),
    [
        (
            {"error": "invalid_grant", "error_description": "ESIA-007999: new"},
            400,
            errors.SessionLost,
            "ESIA-007999: new",
        ),
        ({"error": "temporarily_unavailable"}, 400, errors.ServerError, "temporarily_unavailable"),
        ({"code": "ESIA-005999", "message": "нет"}, 403, errors.Forbidden, "нет"),
        ({"code": "ESIA-005029", "message": "SecurityErrorEnum.scopeNotAllowed"}, 403, errors.Forbidden, "ESIA-005029"),
        ({"code": "ESIA-005013", "message": "Токен отсутствует"}, 401, errors.SessionLost, "ESIA-005013"),
        ({"code": "ESIA-020203"}, 404, errors.NotFound, "ESIA-020203"),
        ({}, 404, errors.NotFound, "404"),
        ({}, 429, errors.RateLimited, "429"),
        ({}, 503, errors.ServerError, "503"),
    ],
)
def test_what_nobody_listed_is_passed_through(
    document: dict[str, str], status: int, kind: type[errors.EmkError], said: str
) -> None:
    error = problems.error_for(httpx.Response(status, json=document))
    assert type(error) is kind
    assert said in error.message


@given(JSON, st.integers(400, 599))
def test_no_error_body_raises(document: Any, status: int) -> None:
    error = problems.error_for(httpx.Response(status, content=json.dumps(document).encode()))
    assert isinstance(error, errors.EmkError)


@given(st.dictionaries(st.sampled_from(["error", "error_description", "code", "message"]), JSON))
def test_no_error_object_raises_and_its_text_is_harmless(document: dict[str, Any]) -> None:
    error = problems.error_of(document)
    assert sanitise(error.message) == error.message
    assert len(error.message) < 400


@given(st.from_regex(r"[A-Za-z0-9_-]{10,40}[0-9][A-Za-z0-9_-]{10,40}", fullmatch=True))
def test_what_looks_like_a_token_is_not_repeated(secret: str) -> None:
    said = problems.error_of({"error": "odd", "error_description": f"bad {secret} and +7 (900) 000-01-01"}).message
    assert secret not in said
    assert "000-01" not in said


# tokens


@given(st.text(max_size=40) | st.from_regex(r"[\w-]{0,9}\.[\w-]{0,9}\.[\w-]{0,9}", fullmatch=True) | JSON)
def test_no_token_raises_anything_else(text: Any) -> None:
    with pytest.raises(errors.BadResponse):
        tokens.read(text)


@given(
    st.dictionaries(st.sampled_from(["alg", "typ", "sbt", "ver"]), JSON.filter(lambda one: one not in (0, 1, 0.0))),
    st.dictionaries(st.sampled_from(["iat", "exp", "iss"]), st.none() | st.text() | st.lists(JSON, max_size=2)),
)
def test_no_claims_raise_anything_else(header: dict[str, Any], claims: dict[str, Any]) -> None:
    made = Esia(verify=lambda text, signature: True, sign=lambda data: b"", header=header, claims=claims)
    expected = tokens.Expected(MNEMONIC, None, datetime.now(timezone(timedelta(hours=3))))
    token = made.access_token()
    if header or claims:
        with pytest.raises(errors.BadResponse, match="access_token"):
            tokens.access(token, expected)
    else:
        assert tokens.access(token, expected) == str(OID)


# person data


class Reader:
    def __init__(self, **quirks: Any) -> None:
        self.esia = Esia(verify=lambda text, signature: True, sign=lambda data: b"", **quirks)
        token = self.esia.access_token()
        self.said: list[str] = []
        self.wire = Wire(self.esia.base, transport=self.esia.transport()).with_problems(problems.error_for)
        self.wire._client.headers["Authorization"] = f"Bearer {token}"
        self.people = People(self.wire, lambda: str(OID))
        full = Organisation(client_id="x", redirect_uri="x", key="x", certificate="x")
        self.portal = EsiaPortal(self.people, full, self.said.append)
        self.accounts = EsiaAccounts(self.people, full)


@pytest.mark.parametrize("size", [1, 2, 50])
@pytest.mark.parametrize("embeds", [True, False])
def test_the_profile_embedded_or_by_addresses_page_by_page(embeds: bool, size: int) -> None:
    reader = Reader(embeds=embeds, size=size)
    profile = reader.portal.profile()
    assert profile.name == "Пробная Вера Львовна"
    assert profile.birth_date == "1979-06-01"
    assert (profile.phone, profile.email) == ("+79000000101", "vera@example.org")
    assert profile.registration_address == "125009, г. Москва, ул. Тверская, д. 8, стр. 1, кв. 12"
    assert profile.residence_address == "г. Москва, ул. Арбат, д. 3"
    assert profile.clinic == models.Named(id="Поликлиника № 107", name="Поликлиника № 107")
    assert reader.said == ["Not confirmed in ESIA: e-mail."]


def test_one_request_is_enough_where_the_server_embeds() -> None:
    reader = Reader(size=50)
    reader.portal.profile()
    assert reader.esia.asked == [f"/rs/prns/{OID}"]


def test_the_account_masks_what_esia_sends_in_full() -> None:
    account = Reader().accounts.account()
    assert (account.id, account.trust, account.snils, account.phone) == (
        str(OID),
        "confirmed",
        "***-***-*** 01",
        "+7 *** ***-**-01",
    )
    assert SNILS.encode() not in account.to_json()


@pytest.mark.parametrize("embeds", [True, False])
def test_oneself_and_ones_children(embeds: bool) -> None:
    reader = Reader(embeds=embeds, size=1)
    family = list(reader.portal.persons())
    assert [(one.id, one.relation, one.birth_date) for one in family] == [
        (str(OID), "self", "1979-06-01"),
        ("700", "child", "2019-03-02"),
        ("701", "child", "не дата"),
    ]
    assert reader.portal.profile("700").name == "Пробный Лев"
    assert reader.portal.profile(str(OID)).name == "Пробная Вера Львовна"
    with pytest.raises(errors.NotFound):
        reader.portal.profile("999")


def test_what_the_scopes_do_not_cover_is_said() -> None:
    reader = Reader(embeds=False, forbidden={"addrs", "kids", "ctts"})
    profile = reader.portal.profile()
    assert (profile.registration_address, profile.phone) == (None, None)
    assert profile.clinic
    assert len(list(reader.portal.persons())) == 1
    assert [said.partition(":")[0] for said in reader.said] == [
        "Not read (contacts)",
        "Not read (addresses)",
        "Children are not shown",
    ]
    assert reader.accounts.account().phone is None


def test_an_address_of_another_origin_is_not_followed() -> None:
    reader = Reader(embeds=False)
    reader.esia.base = "https://evil.example"
    with pytest.raises(errors.BadResponse, match="another address"):
        list(reader.portal.persons())


Pages = Callable[[httpx.Request], Any]


def people(answer: Pages) -> People:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer(request)))
    return People(Wire("https://esia.example", transport=transport), lambda: "1")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda request: {"size": 9, "elements": [{"id": 1}]}, "repeats"),
        (lambda request: {"size": 9, "elements": []}, "fewer"),
        (lambda request: {"size": 1, "elements": [7]}, "elements"),
        (lambda request: {"size": 1, "elements": None}, "elements"),
        (lambda request: [], "contract"),
    ],
)
def test_collections_that_cannot_be_right(answer: Pages, said: str) -> None:
    with pytest.raises(errors.BadResponse, match=said):
        list(people(answer).elements("kids"))


def test_the_last_page_where_no_size_is_told() -> None:
    def answer(request: httpx.Request) -> Any:
        index = int(request.url.params["pageIndex"])
        return {"stateFacts": ["Paginated"] + ["LastPage"] * (index == 2), "elements": [{"id": index}]}

    assert [one["id"] for one in people(answer).elements("kids")] == [0, 1, 2]


@given(DOCUMENT, st.lists(DOCUMENT, max_size=3))
def test_no_person_data_raises(person: dict[str, Any], elements: list[dict[str, Any]]) -> None:
    assert decoding.profile("1", person, elements, elements, elements).person
    assert decoding.account("1", person, elements).trust in {"confirmed", "simplified"}
    ident = decoding.ident(person)
    assert ident is None or ident


@given(JSON)
def test_no_collection_raises_anything_else(document: Any) -> None:
    try:
        list(people(lambda request: document).elements("kids"))
    except errors.BadResponse:
        return
    assert isinstance(document, dict)
