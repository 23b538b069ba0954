"""What a program is granted of what it asked for, and that it gets no further than that."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from emkcli.mock.oauth import scopes
from emkcli.mock.seeding import PERSON

from .person import Person
from .test_login_page import GRANT, address
from .visitor import Visitor

PHONE = PERSON["phone"]


def granted(someone: Person, scope: str | None, **changes: str) -> dict[str, Any]:
    """The tokens of a login that asked for a scope, in use from now on."""
    back = Visitor(someone.http).log_in(address(scope=scope, **changes), PHONE, someone.code)
    someone.clock(advance=61)  # the next code may be sent
    tokens: dict[str, Any] = someone.send("POST", "/oauth2/token", data=GRANT | {"code": back["code"]})
    someone.use(tokens)
    return tokens


@pytest.fixture
def card(someone: Person) -> Person:
    someone.send("POST", "/mock/seed", 201, json={"state": "activated"})
    return someone


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("openid offline_access", "openid offline_access"),
        ("patient/*.cruds launch/patient", "patient/*.rs launch/patient"),
        ("patient/*.* user/Observation.read", "patient/*.read user/Observation.read"),
        ("patient/Observation.rs?category=laboratory patient/Observation.s", "patient/Observation.s"),
        ("patient/Observation.write patient/Observation.cud openid", "openid"),
        ("patient/Observation.sr patient/Nothing.rs profile", "profile"),
        ("system/*.rs launch fhirUser fhirUser", "fhirUser"),
        ("  portal  ", "portal"),
        ("system/*.rs", ""),
        ("", scopes.FULL),
    ],
)
def test_what_is_granted_is_a_part_of_what_was_asked_for(asked: str, given: str) -> None:
    assert scopes.granted(asked) == given


def test_the_answer_tells_what_was_granted(card: Person) -> None:
    tokens = granted(card, "openid fhirUser launch/patient patient/*.cruds system/*.rs online_access")
    assert tokens["scope"] == "openid fhirUser launch/patient patient/*.rs online_access"
    assert tokens["refresh_token"]
    assert granted(card, None)["scope"] == scopes.FULL


@pytest.mark.parametrize("permission", ["rs", "read"])
def test_one_type_and_no_other(card: Person, permission: str) -> None:
    patient = granted(card, f"patient/Observation.{permission}")["patient"]
    found = card.get("/fhir/R4/Observation", _count="1", _include="Observation:performer")
    assert found["total"] > 100
    assert {entry["resource"]["resourceType"] for entry in found["entry"]} == {"Observation"}, (
        "nothing else comes along"
    )
    card.get(f"/fhir/R4/Observation/{found['entry'][0]['resource']['id']}")
    card.send("POST", "/fhir/R4/Observation/_search", data={"_count": "1"})
    refusals = [
        card.get("/fhir/R4/Encounter", 403),
        card.get("/fhir/R4/Encounter/any", 403),
        card.get(f"/fhir/R4/Patient/{patient}", 403),
        card.get("/fhir/R4/Patient/$everything", 403),
        card.get(f"/fhir/R4/Patient/{patient}/$summary", 403),
        card.send("POST", "/fhir/R4/Encounter/_search", 403, data={}),
    ]
    assert {refusal["issue"][0]["code"] for refusal in refusals} == {"forbidden"}
    refused = card.http.get("/fhir/R4/Encounter")
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    assert card.refused("GET", "/services", 403, "forbidden")["reason"] == "scope_lacking"


def test_reading_is_not_searching(card: Person) -> None:
    granted(card, "patient/Observation.s patient/Encounter.r")
    one = card.get("/fhir/R4/Observation", _count="1")["entry"][0]["resource"]
    card.get(f"/fhir/R4/Observation/{one['id']}", 403)
    card.get("/fhir/R4/Encounter", 403)
    card.get(f"/fhir/R4/{one['encounter']['reference']}" if "encounter" in one else "/fhir/R4/Encounter/any", None)
    assert card.http.get("/fhir/R4/Encounter/any").status_code == 404


def test_operations_hold_what_may_be_read(card: Person) -> None:
    granted(card, "patient/Patient.rs patient/Condition.rs")
    whole = card.get("/fhir/R4/Patient/$everything", _count="200")
    assert {entry["resource"]["resourceType"] for entry in whole["entry"]} == {"Patient", "Condition"}
    assert whole["total"] == len(whole["entry"])
    document = card.get("/fhir/R4/Patient/$summary")
    composition, *others = [entry["resource"] for entry in document["entry"]]
    assert {one["resourceType"] for one in others} == {"Patient", "Condition"}
    reasons = [one["emptyReason"]["coding"][0]["code"] for one in composition["section"] if "emptyReason" in one]
    assert reasons == ["withheld", "withheld"], "what is kept back is not said to be missing"


def test_the_portal_without_the_card(card: Person) -> None:
    granted(card, "portal")
    assert card.get("/services")["items"]
    assert card.get("/fhir/R4/Observation", 403)["issue"][0]["code"] == "forbidden"


def test_refreshing_is_asked_for(card: Person) -> None:
    assert "refresh_token" not in granted(card, "patient/*.rs openid")
    for word in ("offline_access", "online_access"):
        granted(card, f"patient/*.rs {word}")
        card.refresh()
        assert card.tokens["scope"] == f"patient/*.rs {word}"
        assert card.get("/fhir/R4/Encounter")["total"]
        card.refused("GET", "/services", 403, "forbidden")


def test_a_refresh_gives_no_more_than_was_granted_and_to_nobody_else(card: Person) -> None:
    card.send("PUT", "/mock/clients/other", json={"redirect_uris": ["http://127.0.0.1/callback"]})
    token = granted(card, "patient/Observation.rs offline_access")["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    for more, error in (
        ({"scope": "patient/*.rs"}, "invalid_scope"),
        ({"client_id": "other"}, "invalid_grant"),
        ({"client_id": "stranger"}, "invalid_grant"),
    ):
        assert card.send("POST", "/oauth2/token", 400, data=form | more)["error"] == error
    kept = card.send("POST", "/oauth2/token", data=form | {"client_id": "emk", "scope": "patient/Observation.rs"})
    assert kept["scope"] == "patient/Observation.rs offline_access"


def test_every_client_refreshes(card: Person) -> None:
    card.send("PUT", "/mock/clients/viewer", json={"redirect_uris": ["http://127.0.0.1/callback"]})
    asked = {"client_id": "viewer", "scope": "patient/*.read offline_access"}
    back = Visitor(card.http).log_in(address(**asked), PHONE, card.code)
    code = GRANT | {"client_id": "viewer", "code": back["code"]}
    token = card.send("POST", "/oauth2/token", data=code)["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": "viewer"}
    for _ in range(3):
        token = card.send("POST", "/oauth2/token", data=form | {"refresh_token": token})["refresh_token"]


def test_who_the_person_is_only_where_it_was_asked_for(card: Person) -> None:
    keys = KeySet.import_key_set(card.get("/oauth2/jwks"))

    def claims(scope: str) -> dict[str, Any]:
        return dict(jwt.decode(granted(card, scope)["id_token"], keys, algorithms=["RS256"]).claims)

    assert "fhirUser" not in claims("openid patient/*.rs")
    told = claims("openid fhirUser patient/*.rs")
    assert told["fhirUser"] == f"http://embedded/fhir/R4/Patient/{told['sub']}"
    assert "id_token" not in granted(card, "fhirUser patient/*.rs")


def test_an_account_that_is_not_confirmed_is_told_what_it_can_do(someone: Person) -> None:
    someone.register()
    assert granted(someone, "openid offline_access patient/*.rs portal")["scope"] == "openid offline_access limited"
    assert someone.get("/account")["trust"] != "confirmed"


@pytest.fixture
def child(someone: Person) -> str:
    """Another of the account, whose card is open too."""
    child = str(someone.seeded()["child_id"])
    someone.connect(person=child)
    doctors = someone.get("/doctors", specialty="pediatrician", page_size=200)["items"]
    someone.attach(person=child, doctor_id=next(one["id"] for one in doctors if one["panel_open"]))
    someone.pass_hours(12)
    return child


def export(someone: Person, query: str = "", status: int = 202) -> dict[str, Any]:
    """The resources of an export by `Type/patient`, nothing where it is refused."""
    headers = {"Prefer": "respond-async", "Authorization": someone.http.headers["Authorization"]}
    with httpx.Client(transport=someone.checking.inner, base_url="http://embedded", headers=headers) as http:
        begun = http.get(f"/fhir/R4/$export{query}")
        assert begun.status_code == status, begun.text
        if status >= 400:
            assert "content-location" not in begun.headers
            assert 'error="insufficient_scope"' in begun.headers["www-authenticate"]
            return {}
        someone.clock(advance=60)
        files = http.get(begun.headers["content-location"]).json()["output"]
        return {file["url"]: http.get(file["url"]).text for file in files}


def test_a_type_granted_of_oneself_is_not_granted_of_others(someone: Person, child: str) -> None:
    granted(someone, "user/*.rs")
    result = someone.get("/fhir/R4/Observation", patient=child, _count="1")["entry"][0]["resource"]["id"]
    made_by_user = someone.http.headers["Authorization"]
    oneself = granted(someone, "patient/Observation.rs patient/Encounter.rs user/Patient.rs")["patient"]

    def tells_of(answer: Any) -> set[str]:
        text = json.dumps(answer) if not isinstance(answer, str) else answer
        return {person for person in (oneself, child) if f"Patient/{person}" in text}

    assert someone.get("/fhir/R4/Patient")["total"] == 2
    assert tells_of(someone.get("/fhir/R4/Observation", _count="200")) == {oneself}
    assert someone.get(f"/fhir/R4/Patient/{child}")["id"] == child
    for path in (
        f"/fhir/R4/Observation?patient={child}",
        f"/fhir/R4/Observation?subject=Patient/{child}",
        f"/fhir/R4/Patient/{child}/Observation",
        f"/fhir/R4/Patient/{child}/$everything?_type=Observation",
    ):
        assert someone.send("GET", path, 403)["issue"][0]["code"] == "forbidden"
        assert 'scope="user/Observation.s"' in someone.http.get(path).headers["www-authenticate"]
    someone.get(f"/fhir/R4/Observation/{result}", 404)
    brought = someone.get("/fhir/R4/Patient", _id=f"{oneself},{child}", _revinclude="Observation:patient")
    kinds = {entry["resource"]["resourceType"] for entry in brought["entry"]}
    assert kinds == {"Patient", "Observation"}
    results = [one["resource"] for one in brought["entry"] if one["resource"]["resourceType"] == "Observation"]
    assert tells_of(results) == {oneself}
    whole = someone.get(f"/fhir/R4/Patient/{child}/$everything", _count="200")
    assert {entry["resource"]["resourceType"] for entry in whole["entry"]} == {"Patient"}
    document = someone.get(f"/fhir/R4/Patient/{child}/$summary")
    assert {entry["resource"]["resourceType"] for entry in document["entry"]} == {"Composition", "Patient"}
    files = export(someone)
    results_of = next(body for url, body in files.items() if "Observation" in url)
    assert tells_of(results_of) == {oneself}
    someone.http.headers["Authorization"] = made_by_user
    assert tells_of(next(body for url, body in export(someone).items() if "Observation" in url)) == {oneself, child}


def test_what_may_not_be_looked_for_is_refused_and_not_missing(card: Person) -> None:
    granted(card, "patient/Observation.r patient/Patient.r")
    for operation in ("$everything", "$summary"):
        refused = card.get(f"/fhir/R4/Patient/{operation}", 403)
        assert refused["issue"][0]["code"] == "forbidden"
        assert "patient/Patient.s" in refused["issue"][0]["diagnostics"]
    export(card, status=403)
    export(card, "?_type=Observation", status=403)
    granted(card, "patient/Observation.rs patient/Patient.rs")
    for narrowed in ("Condition", "Observation,Condition"):
        refused = card.get("/fhir/R4/Patient/$everything", 403, _type=narrowed)
        assert "patient/Condition.s" in refused["issue"][0]["diagnostics"]
    assert card.get("/fhir/R4/Patient/$everything", 400, _type="Nonsense")["issue"][0]["code"] == "not-supported"
    assert card.get("/fhir/R4/Patient/$everything", _type="Observation")["total"] > 0
    export(card, "?_type=Condition", status=403)
    export(card, "?_typeFilter=Condition?code=x", status=403)
    kinds = {url.rpartition("/")[2].partition("-")[0] for url in export(card)}
    assert kinds == {"Observation", "Patient"}


def test_a_patients_scope_is_one_patients(someone: Person, child: str) -> None:

    def open_to(scope: str) -> set[str]:
        granted(someone, scope)
        return {entry["resource"]["id"] for entry in someone.get("/fhir/R4/Patient")["entry"]}

    oneself = someone.tokens["patient"]
    assert open_to("patient/*.rs") == {oneself}
    assert someone.get("/fhir/R4/Immunization", 403, patient=child)["issue"][0]["code"] == "forbidden"
    someone.get(f"/fhir/R4/Patient/{child}/$everything", 403)
    someone.get(f"/fhir/R4/Patient/{child}/$summary", 403)
    assert open_to("user/*.rs") == open_to("patient/*.read portal") == {oneself, child}
    assert someone.get("/fhir/R4/Immunization", patient=child)["total"] > 0
